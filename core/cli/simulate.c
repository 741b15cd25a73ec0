/* simulate.c - `trimtab simulate FLEET SCENARIO.yaml`: a scenario's changes priced in many
 * sampled futures, side by side with the fleet as it is. */
#include "cli/command.h"
#include "cli/session.h"
#include "report/course_csv.h"
#include "report/course_json.h"
#include "report/course_table.h"
#include "report/simulate_csv.h"
#include "report/simulate_json.h"
#include "report/simulate_table.h"
#include "simulate/trim.h"
#include <inttypes.h>
#include <string.h>

enum { WORLD_LAST = (1 << 20) - 1 }; /* that --explain takes by its number */

typedef struct run {
	tt_settings *settings;
	tt_scenario *scenario;
	tt_plugins *plugins;
	tt_snapshot *snapshot;
	tt_bound_scenario *bound;
	tt_case baseline;
	tt_bill *bill;
	tt_simulation *simulation; /* NULL where one world is asked for by its number */
	tt_course *course;         /* NULL unless one world is asked for */
} run;

static void run_close(run *r)
{
	tt_course_free(r->course);
	tt_simulation_free(r->simulation);
	tt_bill_free(r->bill);
	tt_case_reset(&r->baseline);
	tt_bound_scenario_free(r->bound);
	tt_snapshot_close(r->snapshot);
	tt_plugins_free(r->plugins);
	tt_scenario_free(r->scenario);
	tt_settings_free(r->settings);
}

/* What can't be priced is a fault of the scenario, not of the command line. */
static int blame_scenario(const run *r, int rc, tt_err *err)
{
	if (rc < 0)
		tt_context(err, "%s", r->scenario->path);
	return rc == TT_EINVAL ? TT_EDATA : rc;
}

static int simulate(const tt_options *o, run *r, tt_err *err)
{
	tt_progress progress;
	const tt_sim_options so = { .seed = (uint64_t)o->seed, .most_worlds = (size_t)o->worlds,
		                    .threads = (int)o->threads, .narrow_ratio = TT_NARROW_RATIO,
		                    .progress = tt_progress_worlds, .progress_ctx = &progress };

	tt_progress_open(&progress, o);

	int rc = tt_simulate(r->bound, r->bill, r->settings, &so, &r->simulation, err);

	tt_progress_close(&progress);
	return blame_scenario(r, rc, err);
}

/* --- One world ------------------------------------------------------------------------ */

/* --explain p10, p50, p90: the quantile of the saving, in percent; 0: none of them. */
static int quantile_of(const char *world)
{
	static const struct { const char *text; int pct; } quantiles[] = {
		{ "p10", 10 }, { "p50", 50 }, { "p90", 90 },
	};

	for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
		if (strcmp(world, quantiles[i].text) == 0)
			return quantiles[i].pct;
	return 0;
}

/* The number that --explain says; TT_WORLD_POINT where it says none. */
static int number_of(const char *world, uint64_t *ret, tt_err *err)
{
	int64_t n;

	*ret = TT_WORLD_POINT;
	if (strcmp(world, "point") == 0 || quantile_of(world))
		return TT_OK;
	if (!tt_parse_i64(world, strlen(world), &n) || n < 0 || n > WORLD_LAST)
		return tt_fail(err, TT_EINVAL, "--explain is \"%.*s\", expected point, p10, p50, "
		               "p90 or a number from 0 to %d", TT_SHOWN(world), WORLD_LAST);
	*ret = (uint64_t)n;
	return TT_OK;
}

/* The first world whose saving is the quantile. */
static uint64_t world_at(const tt_simulation *s, int pct)
{
	const tt_worlds *w = &s->saving.worlds;
	const int64_t at = pct == 10 ? w->p10.value : pct == 50 ? w->p50.value : w->p90.value;
	uint64_t i = 0;

	while (i + 1 < s->n_worlds && s->savings[i] != at)
		i++;
	return i;
}

static int explain(const tt_options *o, run *r, tt_err *err)
{
	const int pct = quantile_of(o->world);
	uint64_t world;

	TT_TRY(number_of(o->world, &world, err));
	if (pct) {
		TT_TRY(simulate(o, r, err));
		world = world_at(r->simulation, pct);
		tt_remark(o, "the P%d of the saving in %zu worlds is that of world %" PRIu64, pct,
		          r->simulation->n_worlds, world);
	}
	return blame_scenario(r, tt_simulate_course(r->bound, r->bill, r->settings,
	                                            (uint64_t)o->seed, world, &r->course, err),
	                      err);
}

/* --- All of it ------------------------------------------------------------------------ */

/* A fleet of which nothing has a price costs not 0, it costs nobody knows what. */
static int check_bill(const tt_bill *b, tt_err *err)
{
	const tt_snapshot *s = b->snapshot;

	if (b->lines_micro)
		return TT_OK;
	if (!s->table[TT_NODES].n)
		return tt_fail(err, TT_ENODATA, "%s: nodes.csv is missing: without the machines "
		               "that are paid for there is no bill to compare", s->name);
	for (size_t i = 0; i < s->table[TT_NODES].n; i++)
		if (b->nodes[i].alive_s > 0 && b->nodes[i].cost_micro != TT_MONEY_UNKNOWN)
			return TT_OK;
	return tt_fail(err, TT_ENODATA, "%s: no node has a price, in nodes.csv or prices.csv: "
	               "there is no bill to compare", s->name);
}

/* The scenario comes first: it is read in no time, a fleet may take minutes. */
static int run_make(run *r, const tt_options *o, tt_err *err)
{
	TT_TRY(tt_session_settings(o, &r->settings, err));
	TT_TRY(tt_scenario_load(o->args[1], &r->scenario, err));
	TT_TRY(tt_session_plugins(o, &r->plugins, err));
	TT_TRY(tt_session_fleet(o, r->plugins, &r->snapshot, err));
	tt_case_init(&r->baseline, r->snapshot, r->settings);
	TT_TRY(tt_bill_make(&r->baseline, r->settings, &r->bill, err));
	TT_TRY(check_bill(r->bill, err));
	TT_TRY(tt_scenario_bind(r->scenario, r->snapshot, r->settings, &r->bound, err));
	TT_TRY(tt_scenario_trim(r->bound, r->settings, err));
	return o->world ? explain(o, r, err) : simulate(o, r, err);
}

static void show(const tt_options *o, const run *r, tt_buf *out)
{
	const bool is_json = strcmp(o->format, "json") == 0, is_csv = strcmp(o->format, "csv") == 0;

	if (r->course && is_json)
		tt_course_json(r->course, out);
	else if (r->course && is_csv)
		tt_course_csv(r->course, out);
	else if (r->course)
		tt_course_table(r->course, tt_wants_color(o), out);
	else if (is_json)
		tt_simulate_json(r->simulation, out);
	else if (is_csv)
		tt_simulate_csv(r->simulation, out);
	else
		tt_simulate_table(r->simulation, tt_wants_color(o), out);
}

int tt_cmd_simulate(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(run_close) run r = { 0 };
	tt_buf out = { 0 };
	uint64_t world;

	TT_TRY(tt_session_worlds(o, 0, err));
	if (o->world)
		TT_TRY(number_of(o->world, &world, err));
	TT_TRY(run_make(&r, o, err));
	show(o, &r, &out);

	int rc = tt_print(&out, err);

	tt_buf_free(&out);
	return rc;
}
