/* portfolio.c - what is held, how well it is used, and by whom. */
#include "cli/portfolio.h"
#include "cli/command.h"
#include "cli/session.h"
#include "report/portfolio.h"
#include <string.h>

static const double USUAL_ALARM = 0.75;

typedef struct run {
	tt_plugins *plugins;
	tt_settings *settings;
	tt_snapshot *snapshot;
	tt_case baseline;
	tt_bill *bill;
	tt_positions *positions;
	tt_arena *arena;
	tt_stranded stranded;
	tt_expiries expiries;
	tt_contracts contracts;
	tt_findings *findings;
	tt_plan *plan;
	double alarm_ratio;
} run;

static void run_close(run *r)
{
	tt_plan_free(r->plan);
	tt_findings_free(r->findings);
	tt_arena_free(r->arena);
	tt_positions_free(r->positions);
	tt_bill_free(r->bill);
	tt_case_reset(&r->baseline);
	tt_snapshot_close(r->snapshot);
	tt_settings_free(r->settings);
	tt_plugins_free(r->plugins);
}

static int read_options(run *r, const tt_options *o, tt_err *err)
{
	r->alarm_ratio = USUAL_ALARM;
	if (!o->portfolio)
		return tt_fail(err, TT_EINVAL, "--alarm is for --portfolio alone");
	if (o->once || o->replay || o->verify)
		return tt_fail(err, TT_EINVAL, "commit takes one of --portfolio (what is held) and "
		               "--%s", o->once ? "once" : o->replay ? "replay" : "verify");
	if (o->alarm && (!tt_parse_f64(o->alarm, strlen(o->alarm), &r->alarm_ratio) ||
	                 !(r->alarm_ratio >= 0 && r->alarm_ratio <= 1)))
		return tt_fail(err, TT_EINVAL, "--alarm is \"%.*s\", expected a number from 0 to 1",
		               TT_SHOWN(o->alarm));
	return TT_OK;
}

/* What detectors of commitments find, each priced alone: as the audit has it. */
static int find(run *r, const tt_options *o, tt_err *err)
{
	const tt_detect_options d = { .workers = (int)o->threads,
		.scopes = 1u << TT_SCOPE_COMMITMENT };
	const tt_plan_options p = { .threads = (int)o->threads };

	TT_TRY(tt_detect(r->plugins, r->snapshot, r->bill, r->settings, &d, &r->findings, err));
	for (size_t i = 0; i < r->findings->n_failed; i++)
		tt_remark(o, "detector %s failed: %s", r->findings->failed[i].detector,
		          r->findings->failed[i].why);
	return tt_plan_make(r->bill, r->settings, r->findings, &p, &r->plan, err);
}

static int run_make(run *r, const tt_options *o, tt_err *err)
{
	r->arena = tt_arena_new();
	if (!r->arena)
		return tt_no_memory(err);
	TT_TRY(read_options(r, o, err));
	TT_TRY(tt_session_settings(o, &r->settings, err));
	TT_TRY(tt_session_plugins(o, &r->plugins, err));
	TT_TRY(tt_session_fleet(o, r->plugins, &r->snapshot, err));
	tt_case_init(&r->baseline, r->snapshot, r->settings);
	TT_TRY(tt_bill_make(&r->baseline, r->settings, &r->bill, err));
	TT_TRY(tt_positions_make(r->bill, r->settings, &r->positions, err));
	TT_TRY(tt_stranded_make(r->bill, r->settings, r->positions, r->arena, &r->stranded, err));
	TT_TRY(tt_expiries_make(r->bill, r->settings, r->arena, &r->expiries, err));
	TT_TRY(tt_contracts_make(r->bill, r->arena, &r->contracts, err));
	return find(r, o, err);
}

int tt_cmd_portfolio(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(run_close) run r = { 0 };
	tt_buf out = { 0 };
	int rc;

	TT_TRY(run_make(&r, o, err));

	const tt_portfolio_report report = { r.snapshot, r.positions, &r.stranded,
		&r.expiries, &r.contracts, r.plan, r.alarm_ratio };

	if (strcmp(o->format, "json") == 0)
		tt_portfolio_json(&report, &out);
	else if (strcmp(o->format, "csv") == 0)
		tt_portfolio_csv(&report, &out);
	else
		tt_portfolio_table(&report, tt_wants_color(o), &out);
	rc = tt_print(&out, err);
	tt_buf_free(&out);
	return rc < 0 ? rc : TT_EXIT_DONE;
}
