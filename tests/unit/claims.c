/* What the field says of savings, held against fleets for which it is so and for which it is
 * not. The ready scenarios say which claim they are about. */
#include "change/apply.h"
#include "fleet.h"
#include "measured.h"
#include "simulate/simulation.h"
#include "simulate/trim.h"
#include "snapshot/catalogue.h"

enum { DAYS = 14, END = DAYS * 86400 };

static tt_settings *settings;
static tt_arena *arena;

/* Training on `gang` nodes together, at 1 an hour on demand and 0.35 on spot. */
static void open_fleet(fleet *f, int gang)
{
	fleet_open(f, 0, END);
	for (int i = 0; i < gang; i++) {
		const char *name = fleet_text(f, "n%02d", i), *pod = fleet_text(f, "p%02d", i);
		tt_node_row *n = fleet_node(f, name, 8);
		tt_pod_row *p = fleet_pod(f, pod, name, 8);

		n->provider = "cloud";
		n->region = "north";
		n->instance_type = "x8";
		n->pricing = "on_demand";
		n->price_per_hour = TT_DECIMAL_ONE;
		p->workload = "pretrain";
		p->workload_kind = "training";
		p->started_at = 0;
		for (int k = 0; k < 8; k++)
			fleet_hold(f, fleet_card(f, name, fleet_text(f, "%d", k), ""), pod, 0, END,
				   60, 90);
	}
	tt_price_row *spot = fleet_row(f, TT_PRICES);
	spot->provider = "cloud";
	spot->region = "north";
	spot->instance_type = "x8";
	spot->pricing = "spot";
	spot->price_per_hour = TT_DECIMAL_ONE * 35 / 100;
	fleet_ready(f);
}

/* How far below the advertised saving (65 %) the effective one is, as scenarios/
 * spot-training.yaml has it. */
static double shortfall(int gang, int checkpoint_interval_s)
{
	tt_change *c = tt_arena_alloc(arena, sizeof *c);
	tt_err err = { 0 };
	int64_t micro = -1;
	char text[256];
	fleet f;

	snprintf(text, sizeof text,
		 "reprice workload:pretrain pricing=spot interruptions_per_h=0.05 "
		 "checkpoint_interval_s=%d checkpoint_s=90 recovery_s=300", checkpoint_interval_s);
	open_fleet(&f, gang);
	T_INT(TT_OK, tt_change_parse(text, arena, c, &err));
	T_INT(TT_OK, tt_changes_cost(&f.s, settings, (const tt_change *const[]){ c }, 1, &micro,
				     &err));
	T_STR("", err.text);
	const double before = (double)gang * DAYS * 24 * 1e6;
	fleet_close(&f);
	return 1 - (before - (double)micro) / before / 0.65;
}

/* "The effective saving of spot is 20 to 30 % below the advertised one": of gangs of about
 * twenty nodes it is. One node hardly loses any of it; a gang without checkpoints loses all. */
static void test_spot(void)
{
	const double one = shortfall(1, 1200), eight = shortfall(8, 1200);
	const double twenty = shortfall(20, 1200), often = shortfall(20, 900);

	T_(one > 0.02 && one < 0.08, "one node: %g below", one);
	T_(eight > one && eight < 0.2, "eight nodes: %g below", eight);
	T_(twenty > 0.2 && twenty < 0.3, "twenty nodes: %g below", twenty);
	T_(often < twenty, "checkpoints each 15 minutes: %g below, each 20: %g", often, twenty);
	T_(shortfall(2, 86400) > 1, "a checkpoint a day: it costs more than on demand");
}

/* --- Ready scenarios on made-up fleets ------------------------------------------------ */

struct ran {                    /* a scenario on a fleet; done() */
	tt_scenario *scenario;
	tt_bound_scenario *bound;
	tt_bill *bill;
	tt_case base;
	tt_simulation *s;
};

static void done(struct ran *r)
{
	tt_simulation_free(r->s);
	tt_bill_free(r->bill);
	tt_case_reset(&r->base);
	tt_bound_scenario_free(r->bound);
	tt_scenario_free(r->scenario);
}

/* `at_once`: without the days until changes begin. */
static void run(const fleet *f, const char *name, bool at_once, struct ran *ret)
{
	const char *source = getenv("TT_SOURCE");
	const tt_sim_options o = { .seed = 1, .most_worlds = 1024, .threads = 2 };
	tt_err err = { 0 };
	char path[512];

	*ret = (struct ran){ 0 };
	snprintf(path, sizeof path, "%s/scenarios/%s.yaml", source ? source : ".", name);
	tt_case_init(&ret->base, &f->s, settings);
	if (tt_scenario_load(path, &ret->scenario, &err) == TT_OK && at_once)
		ret->scenario->assumed[TT_START_DELAY] = tt_assumed_fixed(TT_START_DELAY, 0);
	if (!ret->scenario ||
	    tt_scenario_bind(ret->scenario, &f->s, settings, &ret->bound, &err) < 0 ||
	    tt_scenario_trim(ret->bound, settings, &err) < 0 ||
	    tt_bill_make(&ret->base, settings, &ret->bill, &err) < 0 ||
	    tt_simulate(ret->bound, ret->bill, settings, &o, &ret->s, &err) < 0) {
		printf("claims.c: %s: %s\n", name, err.text);
		exit(1);
	}
}

static tt_node_row *one_node(fleet *f, const char *name, const char *pricing, double price)
{
	tt_node_row *n = fleet_node(f, name, 8);

	n->provider = "cloud";
	n->region = "north";
	n->instance_type = "x8";
	n->gpu_model = "a100-80gb";
	n->node_group = "g";
	n->pricing = pricing;
	n->price_per_hour = (tt_decimal)llround(price * 1e6) * (TT_DECIMAL_ONE / 1000000);
	return n;
}

/* --- Scale to zero ---------------------------------------------------------------------- */

/* What stopping saves of a service that works from 00:00 for `busy_h` hours a day, on a node of
 * its own or beside one that never sleeps; in `pieces` equal parts of the day. */
static double slept(int busy_h, int pieces, bool shared)
{
	const int64_t piece_s = 86400 / pieces, work_s = (int64_t)busy_h * 3600 / pieces;
	const char *text = "schedule workload:chat idle_timeout_s=600 cold_start_s=210";
	tt_change *c = tt_arena_alloc(arena, sizeof *c);
	int64_t before = 0, after = 0;
	tt_err err = { 0 };
	measured m;

	measured_open(&m, 7 * 86400, 300);
	measured_put(&m, "nodes", "n,g,%d,on_demand,1,,", shared ? 2 : 1);
	measured_put(&m, "pods", "p,web,n,chat,1,none,%s,", measured_time(0));
	if (shared)
		measured_put(&m, "pods", "q,web,n,other,1,none,%s,", measured_time(0));
	for (int64_t t = 0; t < 7 * 86400; t += 300) {
		measured_use(&m, t, t + 300, "n", "0", "p", t % piece_s < work_s ? 60 : 0);
		if (shared)
			measured_use(&m, t, t + 300, "n", "1", "q", 60);
	}
	const tt_snapshot *s = measured_ready(&m);
	T_INT(TT_OK, tt_change_parse(text, arena, c, &err));
	T_INT(TT_OK, tt_changes_cost(s, settings, NULL, 0, &before, &err));
	T_INT(TT_OK, tt_changes_cost(s, settings, (const tt_change *const[]){ c }, 1, &after,
				     &err));
	T_STR("", err.text);
	measured_close(&m);
	return 1 - (double)after / (double)before;
}

/* "Scale to zero saves 30 to 50 %": a service that works 12 to 16 hours a day at a stretch, on a
 * node of its own. Beside another that never sleeps it is nothing, and the same hours in pieces
 * save the less the more they are. */
static void test_scale_to_zero(void)
{
	const double half = slept(12, 1, false), two_thirds = slept(16, 1, false);

	T_(half > 0.48 && half < 0.5, "12 hours a day: %g", half);
	T_(two_thirds > 0.31 && two_thirds < 0.335, "16 hours a day: %g", two_thirds);
	T_(slept(20, 1, false) < 0.17, "20 hours a day: %g", slept(20, 1, false));
	T_(slept(6, 1, false) > 0.7, "6 hours a day: %g", slept(6, 1, false));
	T_F64(0, slept(12, 1, true), 0);
	T_(slept(12, 24, false) < 0.3, "in 24 pieces: %g", slept(12, 24, false));
	T_F64(0, slept(12, 72, false), 0); /* ten minutes of work, ten without */
}

/* --- Arbitrage --------------------------------------------------------------------------- */

/* A batch job on a node of this price, all the time; egress at 0.09 a GiB. Of the first year, or
 * of its last month. */
static double moved(double price, bool last)
{
	fleet f;

	fleet_open(&f, 0, END);
	one_node(&f, "n", "on_demand", price);
	tt_pod_row *p = fleet_pod(&f, "p", "n", 8);
	p->workload = "nightly";
	p->workload_kind = "batch";
	p->started_at = 0;
	for (int k = 0; k < 8; k++)
		fleet_hold(&f, fleet_card(&f, "n", fleet_text(&f, "%d", k), ""), "p", 0, END, 60,
			   90);
	tt_price_row *out = fleet_row(&f, TT_PRICES);
	out->provider = "cloud";
	out->region = "north";
	out->instance_type = "x8";
	out->pricing = "on_demand";
	out->price_per_hour = TT_DECIMAL_ONE;
	out->egress_per_gib = TT_DECIMAL_ONE * 9 / 100;
	fleet_ready(&f);

	struct ran r;
	run(&f, "arbitrage", false, &r);
	const tt_sim_part *m = &r.s->months[r.s->n_months - 2]; /* the last is no whole one */
	const double ratio = last ? (double)m->saving.point / (double)m->baseline.point :
				    (double)r.s->saving.point / (double)r.s->baseline.point;
	done(&r);
	fleet_close(&f);
	return ratio;
}

/* "Arbitrage saves 15 to 25 %": 20 % before egress. With 2,000 GiB at once and 200 a month it is
 * so from the month on in which it has moved, of work of 2 an hour and more; of the first year,
 * in which it moves after one to six months, less is left. Small work pays more for egress than
 * it saves. */
static void test_arbitrage(void)
{
	const double dear = moved(30, false), some = moved(2, false);

	T_(moved(30, true) > 0.15 && moved(30, true) < 0.25, "a month: %g", moved(30, true));
	T_(moved(2, true) > 0.15 && moved(2, true) < 0.25, "a month at 2: %g", moved(2, true));
	T_(dear > 0.13 && dear < 0.15, "the first year at 30 an hour: %g", dear);
	T_(some < dear && some > 0.12, "the first year at 2 an hour: %g", some);
	T_(moved(0.1, true) < 0.15, "a month at 0.10: %g", moved(0.1, true));
	T_(moved(0.1, false) < 0, "the first year at 0.10 an hour: %g", moved(0.1, false));
}

/* --- Negotiated discount ----------------------------------------------------------------- */

static double negotiated(int reserved)
{
	struct ran r;
	fleet f;

	fleet_open(&f, 0, END);
	for (int i = 0; i < 4; i++)
		one_node(&f, fleet_text(&f, "n%d", i), i < reserved ? "reserved" : "on_demand", 1);
	fleet_ready(&f);
	run(&f, "negotiated-discount", false, &r);
	/* of a month in which it is signed and all of it comes true: as planned, the last */
	const tt_sim_part *m = &r.s->months[r.s->n_months - 1];
	const double ratio = (double)m->saving.point / (double)m->baseline.point;
	done(&r);
	fleet_close(&f);
	return ratio;
}

/* "40 to 60 %": of what is on demand, once it is signed. Of a fleet of which half is reserved it
 * is half of that, and of reserved nodes alone nothing. */
static void test_discount(void)
{
	T_(negotiated(0) > 0.4 && negotiated(0) < 0.6, "on demand: %g", negotiated(0));
	T_(negotiated(2) > 0.2 && negotiated(2) < 0.3, "half reserved: %g", negotiated(2));
	T_F64(0, negotiated(4), 0);
}

/* --- Quick wins --------------------------------------------------------------------------- */

/* Of `idle` nodes on which nothing happens and `low` that a job keeps at 10 %, which is waste,
 * too, but none that a quick win takes away: what share of the waste is saved in the month. */
static double recovered(int idle, int low, bool at_once)
{
	struct ran r;
	fleet f;

	fleet_open(&f, 0, END);
	for (int i = 0; i < idle + low; i++) {
		const char *name = fleet_text(&f, "n%02d", i);

		one_node(&f, name, "on_demand", 1);
		for (int k = 0; k < 8; k++) {
			const uint32_t card = fleet_card(&f, name, fleet_text(&f, "%d", k), "");

			fleet_measure(&f, card, TT_GPU_UTIL_PCT, END, i < idle ? 0 : 10);
		}
	}
	fleet_ready(&f);
	run(&f, "quick-wins", at_once, &r);
	const double hours = (double)(r.s->until_s - r.s->from_s) / 3600;
	const double waste = hours * (idle + 0.9 * low);
	const double ratio = (double)r.s->saving.worlds.mean / 1e6 / waste;
	done(&r);
	fleet_close(&f);
	return ratio;
}

/* "Quick wins recover 50 to 60 % of waste in the first month": not even where all of the waste
 * is nodes that do nothing: adopted and realised to four fifths each, and begun after nine days
 * on average, 46 % are left. Where half of the waste is cards that are busy for a tenth, it is
 * half of that. Begun on the first day it is 64 % of what is idle, so it holds for fleets of which
 * idle nodes are four fifths and more of the waste. */
static void test_quick_wins(void)
{
	const double all = recovered(20, 0, false), half = recovered(9, 10, false);
	const double first_day = recovered(20, 0, true), most = recovered(18, 4, true);

	T_(all > 0.42 && all < 0.5, "nothing but idle nodes: %g", all);
	T_(half > 0.2 && half < 0.25, "half of the waste: %g", half);
	T_(first_day > 0.6 && first_day < 0.68, "on the first day: %g", first_day);
	T_(most > 0.5 && most < 0.6, "on the first day, five sixths of the waste: %g", most);
}

/* --- Ten instances ------------------------------------------------------------------------ */

static double ten_instances(double price)
{
	struct ran r;
	fleet f;

	fleet_open(&f, 0, END);
	one_node(&f, "n", "on_demand", price);
	for (int k = 0; k < 8; k++)
		fleet_card(&f, "n", fleet_text(&f, "%d", k), "");
	fleet_ready(&f);
	run(&f, "ten-instances", false, &r);
	const double micro = -(double)r.s->saving.point;
	done(&r);
	fleet_close(&f);
	return micro / 1e6;
}

/* "Ten p4d for a year are over $2.8M": at 32.7726 an hour; below 31.96 they are not. */
static void test_ten_instances(void)
{
	T_F64(32.7726 * 10 * 8760, ten_instances(32.7726), 1);
	T_OK(ten_instances(32.7726) > 2.8e6);
	T_OK(ten_instances(31.9) < 2.8e6);
}

int main(void)
{
	const char *source = getenv("TT_SOURCE");
	char folder[512];
	tt_err err = { 0 };

	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	snprintf(folder, sizeof folder, "%s/core/snapshot/catalogue", source ? source : ".");
	T_INT(TT_OK, tt_catalogue_load(folder, &settings->catalogue, &err));
	test_spot();
	test_scale_to_zero();
	test_arbitrage();
	test_discount();
	test_quick_wins();
	test_ten_instances();
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
