/* portfolio.c - what is held, how well it is used, and by whom. */
#include "cli/portfolio.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/commit_options.h"
#include "cli/session.h"
#include "report/pack_html.h"
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
	tt_eligible *eligible;
	tt_pack pack;
	tt_findings *findings;
	tt_plan *plan;
	double alarm_ratio;
} run;

static void run_close(run *r)
{
	tt_plan_free(r->plan);
	tt_findings_free(r->findings);
	tt_eligible_free(r->eligible);
	tt_arena_free(r->arena);
	tt_positions_free(r->positions);
	tt_bill_free(r->bill);
	tt_case_reset(&r->baseline);
	tt_snapshot_close(r->snapshot);
	tt_settings_free(r->settings);
	tt_plugins_free(r->plugins);
}

static bool is_html(const char *path)
{
	const size_t n = strlen(path);

	return n > 5 && strcmp(path + n - 5, ".html") == 0;
}

/* The first option that says how to plan or what to buy; NULL: none is given. */
static const char *of_purchases(const tt_options *o)
{
	const struct { const char *name; bool given; } all[] = {
		{ "once", o->once != 0 }, { "replay", o->replay != 0 },
		{ "verify", o->verify != NULL }, { "quarters", o->quarters != 0 },
		{ "demand", o->demand != NULL }, { "rate-ratio", o->rate_ratio != NULL },
		{ "utilization", o->utilization != NULL }, { "coverage", o->coverage != NULL },
		{ "offers", o->offers != NULL },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].given)
			return all[i].name;
	return tt_commit_of_plans(o);
}

static int read_options(run *r, const tt_options *o, tt_err *err)
{
	r->alarm_ratio = USUAL_ALARM;
	if (!o->portfolio)
		return tt_fail(err, TT_EINVAL, "--%s is for --portfolio alone",
		               o->alarm ? "alarm" : o->pack ? "pack" : "owners");
	if (o->owners && !o->pack)
		return tt_fail(err, TT_EINVAL, "--owners names owners in a --pack, and none is "
		               "asked for");
	if (o->pack && !is_html(o->pack))
		return tt_fail(err, TT_EINVAL, "--pack is \"%.*s\", expected the name of a file "
		               "that ends in .html", TT_SHOWN(o->pack));
	if (of_purchases(o))
		return tt_fail(err, TT_EINVAL, "--%s is for what to buy, and --portfolio shows "
		               "what is held", of_purchases(o));
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
	tt_session_failed(o, r->findings);
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
	if (o->pack) {
		TT_TRY(tt_eligible_make(r->snapshot, TT_POOL_BY_INSTANCE_TYPE, &r->eligible, err));
		TT_TRY(tt_pack_make(r->snapshot, r->eligible, o->owners, r->arena, &r->pack, err));
	}
	return find(r, o, err);
}

static int write_pack(const run *r, const tt_options *o, tt_err *err)
{
	const tt_pack_report report = { r->snapshot, r->eligible, &r->pack, &r->expiries,
		o->owners ? &r->positions->owners : NULL };
	tt_buf out = { 0 };
	int rc;

	tt_pack_html(&report, &out);
	rc = out.failed ? tt_no_memory(err)
		: tt_file_write(o->pack, tt_buf_text(&out), out.n, err);
	tt_buf_free(&out);
	return rc;
}

int tt_cmd_portfolio(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(run_close) run r = { 0 };
	tt_buf out = { 0 };
	int rc;

	TT_TRY(run_make(&r, o, err));
	if (o->pack)
		TT_TRY(write_pack(&r, o, err));

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
