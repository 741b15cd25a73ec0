/* simulate.c - `trimtab simulate FLEET SCENARIO.yaml`: a scenario's changes priced in many
 * sampled futures, side by side with the fleet as it is. */
#include "cli/command.h"
#include "cli/session.h"
#include "report/simulate_csv.h"
#include "report/simulate_json.h"
#include "report/simulate_table.h"
#include "simulate/trim.h"
#include <string.h>

typedef struct run {
	tt_settings *settings;
	tt_scenario *scenario;
	tt_plugins *plugins;
	tt_snapshot *snapshot;
	tt_bound_scenario *bound;
	tt_case baseline;
	tt_bill *bill;
	tt_simulation *simulation;
} run;

static void run_close(run *r)
{
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
static int simulate(const tt_options *o, run *r, tt_err *err)
{
	tt_progress progress;
	const tt_sim_options so = { .seed = (uint64_t)o->seed, .most_worlds = (size_t)o->worlds,
		                    .threads = (int)o->threads, .narrow_ratio = TT_NARROW_RATIO,
		                    .progress = tt_progress_worlds, .progress_ctx = &progress };

	tt_progress_open(&progress, o);

	int rc = tt_simulate(r->bound, r->bill, r->settings, &so, &r->simulation, err);

	tt_progress_close(&progress);
	if (rc < 0)
		tt_context(err, "%s", r->scenario->path);
	return rc == TT_EINVAL ? TT_EDATA : rc;
}

/* A fleet of which nothing has a price costs not 0, it costs nobody knows what. */
static int check_bill(const tt_bill *b, tt_err *err)
{
	const tt_snapshot *s = b->snapshot;

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
	return simulate(o, r, err);
}

int tt_cmd_simulate(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(run_close) run r = { 0 };
	tt_buf out = { 0 };

	TT_TRY(tt_session_worlds(o, 0, err));
	TT_TRY(run_make(&r, o, err));
	if (strcmp(o->format, "json") == 0)
		tt_simulate_json(r.simulation, &out);
	else if (strcmp(o->format, "csv") == 0)
		tt_simulate_csv(r.simulation, &out);
	else
		tt_simulate_table(r.simulation, tt_wants_color(o), &out);

	int rc = tt_print(&out, err);

	tt_buf_free(&out);
	return rc;
}
