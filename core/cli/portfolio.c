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
	double alarm_ratio;
} run;

static void run_close(run *r)
{
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

static int run_make(run *r, const tt_options *o, tt_err *err)
{
	TT_TRY(read_options(r, o, err));
	TT_TRY(tt_session_settings(o, &r->settings, err));
	TT_TRY(tt_session_plugins(o, &r->plugins, err));
	TT_TRY(tt_session_fleet(o, r->plugins, &r->snapshot, err));
	tt_case_init(&r->baseline, r->snapshot, r->settings);
	TT_TRY(tt_bill_make(&r->baseline, r->settings, &r->bill, err));
	return tt_positions_make(r->bill, r->settings, &r->positions, err);
}

int tt_cmd_portfolio(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(run_close) run r = { 0 };
	tt_buf out = { 0 };
	int rc;

	TT_TRY(run_make(&r, o, err));

	const tt_portfolio_report report = { r.snapshot, r.positions, r.alarm_ratio };

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
