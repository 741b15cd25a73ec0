/* commit.c - `trimtab commit FLEET`: how much of the usage to commit to. */
#include "base/file.h"
#include "cli/accept.h"
#include "cli/command.h"
#include "cli/commit_options.h"
#include "cli/portfolio.h"
#include "cli/session.h"
#include "report/once.h"
#include "report/plan_chart.h"
#include "report/plans.h"
#include "report/replay.h"
#include "report/verify.h"
#include <math.h>
#include <string.h>

enum { REPLAY_QUARTERS = 8 };

typedef struct run {
	tt_plugins *plugins;
	tt_snapshot *snapshot;
	tt_eligible *eligible;
	tt_arena *arena;
	tt_once once;
	tt_replays replays;
	tt_plans plans;
	tt_verify_file file;
	tt_verdicts verdicts;
	tt_plans_options asked;
	tt_offer_file listed;
	tt_accepted accepted;
} run;

static void run_close(run *r)
{
	tt_arena_free(r->arena);
	tt_eligible_free(r->eligible);
	tt_accept_close(&r->accepted);
	tt_snapshot_close(r->snapshot);
	tt_plugins_free(r->plugins);
}

static int read_options(const tt_options *o, tt_once_options *ret, tt_err *err)
{
	*ret = (tt_once_options){ .keep_gaps = strcmp(o->gaps, "keep") == 0,
		.whole = strcmp(o->unit, "instance") == 0, .ratios = o->rate_ratio };
	if (o->once && o->replay)
		return tt_fail(err, TT_EINVAL, "commit takes one of --once (one purchase for the "
		               "window) and --replay (what rules would have bought)");
	if (o->verify && (o->once || o->replay))
		return tt_fail(err, TT_EINVAL, "--verify is for plans over quarters, not for --%s",
		               o->once ? "once" : "replay");
	if (!o->once && (o->utilization || o->coverage))
		return tt_fail(err, TT_EINVAL, "--%s is for --once alone",
		               o->utilization ? "utilization" : "coverage");
	if (o->demand && (strcmp(o->demand, "history") == 0) != (o->once || o->replay))
		return tt_fail(err, TT_EINVAL, "--demand is \"%s\", but %s", o->demand,
		               o->once || o->replay ? "--once and --replay look back at history" :
		               "a plan is made on a forecast; --once looks back at history");
	TT_TRY(tt_session_worlds(o, 0, err));
	TT_TRY(tt_commit_ratio("utilization", o->utilization, &ret->least_utilization_ratio, err));
	return tt_commit_ratio("coverage", o->coverage, &ret->least_coverage_ratio, err);
}

static enum tt_pool_by pool_by(const char *word)
{
	int by = 0;

	while (strcmp(tt_pool_by_words[by], word) != 0)
		by++;
	return (enum tt_pool_by)by;
}

static int check_ratios(const tt_once_options *o, tt_arena *arena, tt_err *err)
{
	tt_offers offers;

	return o->ratios ? tt_offers_at_ratios(o->ratios, NULL, arena, &offers, err) : TT_OK;
}

static int ask(run *r, const tt_options *o, const tt_once_options *oo, tt_err *err)
{
	const size_t quarters = (size_t)o->quarters;

	if (o->once)
		return tt_once_make(r->snapshot, r->eligible, oo, r->arena, &r->once, err);
	if (o->replay)
		return tt_replays_make(r->snapshot, r->eligible, &(tt_replays_options){
			oo->keep_gaps, oo->whole, oo->ratios,
			quarters ? quarters : REPLAY_QUARTERS }, r->arena, &r->replays, err);

	if (!o->verify)
		return tt_plans_make(r->snapshot, r->eligible, &r->asked, r->arena, &r->plans, err);
	TT_TRY(tt_plans_ask(r->snapshot, r->eligible, &r->asked, r->arena, &r->plans, err));
	return tt_verify_plans(&r->file, &r->plans, r->arena, &r->verdicts, err);
}

/* A plan is checked as it was made. */
static int take_options(run *r, tt_options *o, tt_err *err)
{
	TT_TRY(tt_verify_read(o->verify, r->arena, &r->file, err));
	o->pool_by = r->file.pool_by;
	o->unit = r->file.unit;
	o->gaps = r->file.gaps;
	o->rate_ratio = r->file.rate_ratio;
	o->quarters = (int64_t)r->file.quarters;
	if (!r->file.offers || !o->offers) /* where a copy of the file is may be said */
		o->offers = r->file.offers;
	return TT_OK;
}

static int read_offers(run *r, const tt_options *o, tt_err *err)
{
	if (!o->offers)
		return TT_OK;
	if (o->once || o->replay || o->rate_ratio)
		return tt_fail(err, TT_EINVAL, "--offers is for plans over quarters, not for --%s",
		               o->once ? "once" : o->replay ? "replay" : "rate-ratio");
	TT_TRY(tt_offer_file_read(o->offers, r->arena, &r->listed, err));
	r->asked.listed = &r->listed;
	if (o->verify && strcmp(r->listed.digest, r->file.digest) != 0)
		return tt_fail(err, TT_EDATA, "%s: it has the digest %s, expected %s: it is not "
		               "the file that the plan was made with", o->offers,
		               r->listed.digest, r->file.digest);
	return TT_OK;
}

/* Waste first: demand less what is accepted, or what a plan says was. */
static int take_off(run *r, const tt_options *o, tt_err *err)
{
	tt_accepted *a = &r->accepted;

	if (!o->accept && !o->scenario && !r->file.is_net)
		return TT_OK;
	TT_TRY(tt_accept_make(a, o, r->plugins, r->snapshot, err));
	if (r->file.is_net)
		a->net = r->file.net;

	const int rc = tt_net_apply(r->snapshot, a->settings, &a->net, r->eligible, err);

	if (rc < 0 && (o->scenario || o->verify))
		tt_context(err, "%s", o->scenario ? o->scenario : o->verify);
	return rc == TT_EINVAL && !o->accept ? TT_EDATA : rc; /* the file's fault */
}

/* Files and ratios are looked at before the fleet is read. */
static int run_make(run *r, tt_options *o, tt_err *err)
{
	tt_once_options oo;

	r->arena = tt_arena_new();
	if (!r->arena)
		return tt_no_memory(err);
	if (o->verify)
		TT_TRY(take_options(r, o, err));
	TT_TRY(read_options(o, &oo, err));
	TT_TRY(tt_commit_asked(o, &oo, &r->asked, err));
	if (o->verify) {
		r->asked.caution = r->file.caution;
		r->asked.discount_millionths = r->file.discount_millionths;
		r->asked.resale = r->file.resale;
		r->asked.resale_millionths = r->file.resale_millionths;
	}
	TT_TRY(check_ratios(&oo, r->arena, err));
	TT_TRY(read_offers(r, o, err));
	TT_TRY(tt_accept_open(&r->accepted, o, err));
	if (o->config && !o->accept && !o->scenario && !r->file.is_net)
		return tt_fail(err, TT_EINVAL, "--config is for --portfolio, --accept and "
		               "--scenario: all else that commit looks at takes no settings");
	TT_TRY(tt_session_plugins(o, &r->plugins, err));
	TT_TRY(tt_session_fleet(o, r->plugins, &r->snapshot, err));
	TT_TRY(tt_eligible_make(r->snapshot, pool_by(o->pool_by), &r->eligible, err));
	TT_TRY(take_off(r, o, err));
	return ask(r, o, &oo, err);
}

static void show_once(const tt_options *o, const run *r, tt_buf *out)
{
	const tt_once_report report = { r->snapshot, r->eligible, &r->once, o->pool_by,
		strcmp(o->gaps, "keep") == 0 };

	if (strcmp(o->format, "json") == 0)
		tt_once_json(&report, out);
	else if (strcmp(o->format, "csv") == 0)
		tt_once_csv(&report, out);
	else
		tt_once_table(&report, tt_wants_color(o), out);
}

static void show_plans(const tt_options *o, const run *r, tt_buf *out)
{
	const tt_plans_report report = { r->snapshot, r->eligible, &r->plans, o->pool_by, o->unit,
		o->gaps, o->rate_ratio, &r->asked,
		r->eligible->is_net ? &r->accepted.net : NULL };

	if (strcmp(o->format, "json") == 0)
		tt_plans_json(&report, out);
	else if (strcmp(o->format, "csv") == 0)
		tt_plans_csv(&report, out);
	else
		tt_plans_table(&report, tt_wants_color(o), out);
}

static void show_replay(const tt_options *o, const run *r, tt_buf *out)
{
	const tt_replay_report report = { r->snapshot, &r->replays, o->pool_by };

	if (strcmp(o->format, "json") == 0)
		tt_replay_json(&report, out);
	else if (strcmp(o->format, "csv") == 0)
		tt_replay_csv(&report, out);
	else
		tt_replay_table(&report, tt_wants_color(o), out);
}

static void show(const tt_options *o, const run *r, tt_buf *out)
{
	if (o->replay)
		show_replay(o, r, out);
	else if (o->once)
		show_once(o, r, out);
	else if (!o->verify)
		show_plans(o, r, out);
	else if (strcmp(o->format, "json") == 0)
		tt_verify_json(&r->verdicts, out);
	else if (strcmp(o->format, "csv") == 0)
		tt_verify_csv(&r->verdicts, out);
	else
		tt_verify_table(&r->verdicts, tt_wants_color(o), out);
}

static int draw(const tt_options *o, const run *r, tt_err *err)
{
	tt_buf svg = { 0 };
	int rc = tt_plans_svg(&r->plans, r->snapshot->name, &svg, err);

	if (rc == TT_OK)
		rc = tt_file_write(o->chart, tt_buf_text(&svg), svg.n, err);
	tt_buf_free(&svg);
	return rc;
}

int tt_cmd_commit(const tt_options *given, tt_err *err)
{
	TT_CLEANUP(run_close) run r = { 0 };
	tt_options o = *given;
	tt_buf out = { 0 };

	if (o.portfolio || o.alarm || o.pack || o.owners)
		return tt_cmd_portfolio(&o, err);
	TT_TRY(run_make(&r, &o, err));
	if (o.chart)
		TT_TRY(draw(&o, &r, err));
	show(&o, &r, &out);

	int rc = tt_print(&out, err);

	tt_buf_free(&out);
	return rc < 0 ? rc : r.verdicts.n_wrong || r.verdicts.why ? TT_EXIT_NEGATIVE
	                                                            : TT_EXIT_DONE;
}
