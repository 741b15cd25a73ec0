/* explain.c - `trimtab explain FLEET ID`: everything behind one finding of an audit. */
#include "cli/command.h"
#include "cli/run.h"
#include "report/explain_json.h"
#include "report/explain_table.h"
#include "report/plot.h"
#include <string.h>

int tt_cmd_explain(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(tt_run_close) tt_audit_run r = { 0 };
	TT_CLEANUP(tt_explain_reset) tt_explanation e = { 0 };
	TT_CLEANUP(tt_buf_free) tt_buf out = { 0 };
	const tt_ranked *finding;

	TT_TRY(tt_run_make(&r, o, err));
	TT_TRY(tt_explain_find(&r.audit, o->args[1], &finding, err));
	TT_TRY(tt_explain_make(&r.audit, r.plugins, finding, TT_PLOT_CELLS, &e, err));
	if (strcmp(o->format, "json") == 0)
		tt_explain_json(&e, &out);
	else
		tt_explain_table(&e, tt_wants_color(o), &out);
	TT_TRY(tt_print(&out, err));
	return TT_EXIT_DONE;
}
