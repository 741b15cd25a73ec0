/* The facts of a negotiation: steady base, weekly swing, growth, what could move, and how much a
 * rate would make us commit to, in numbers that are known. */
#include "commit/pack.h"
#include "held_fleet.h"

enum { DAY = 24 * H, WEEKS = 10, HOURS = WEEKS * 168, MONDAY = 4 * DAY };

static tt_pack make(fleet *f, bool owners, tt_eligible **e)
{
	tt_pack p = { 0 };
	tt_err err = { 0 };

	fleet_ready(f);
	T_INT(TT_OK, tt_eligible_make(&f->s, TT_POOL_BY_INSTANCE_TYPE, e, &err));
	T_INT(TT_OK, tt_pack_make(&f->s, *e, owners, arena, &p, &err));
	T_STR("", err.text);
	return p;
}

static void demand(fleet *f, int h, const char *owner, double units)
{
	tt_demand_row *d = fleet_row(f, TT_DEMAND);

	d->time = f->s.start_s + (int64_t)h * H;
	d->provider = "cloud";
	d->region = "north";
	d->instance_type = "x2";
	d->owner = owner;
	d->units = units;
}

/* Ten from Monday to Friday, and ten more from 8 to 20 h; ten at the weekend; in the very first
 * hour four. */
static void test_use(void)
{
	tt_eligible *e;
	fleet f;

	fleet_open(&f, MONDAY, MONDAY + HOURS * (int64_t)H);
	for (int h = 0; h < HOURS; h++) {
		const bool work = h % 24 >= 8 && h % 24 < 20 && h / 24 % 7 < 5;

		demand(&f, h, "red", h ? 10 : 4);
		if (work)
			demand(&f, h, "blue", 10);
	}
	price(&f, "x2", "on_demand", "", "10");
	price(&f, "x2", "commit_1y", "none", "6");

	tt_pack p = make(&f, true, &e);
	const tt_pack_pool *v = &p.v[0];

	T_INT(1, p.n);
	T_INT(HOURS, p.hours);
	T_F64((10. * HOURS + 600. * WEEKS - 6) / HOURS, v->mean, 1e-9);
	T_F64(20, v->peak, 0);
	T_F64(4, v->always, 0);
	T_F64(10, v->steady, 0);
	T_F64(10, v->profile[1], 0);
	T_F64(20, v->profile[12], 0);
	T_F64(10, v->profile[6 * 24 + 12], 0);
	T_F64(10. / (15 - 6. / (120 * WEEKS)), v->weekend_ratio, 1e-9);
	T_F64(0, v->growth_ratio, 0.02);
	/* the second ten are in use in 60 of 168 hours */
	T_INT(80, tt_pack_rates_pct[0]);
	T_INT(10, v->rates[0].units);
	T_INT(40, tt_pack_rates_pct[4]);
	T_INT(10, v->rates[4].units);
	T_INT(20, v->rates[5].units);
	T_F64(v->mean / 20, v->rates[5].used_ratio, 1e-9);
	T_F64(1, v->rates[5].covers_ratio, 1e-9);
	T_INT(3 * 20 * 8760 * UNIT, v->rates[5].year_micro);
	T_INT(1, v->n_offered);
	T_F64(0.6, v->offered[0].at.ratio, 1e-12);
	T_INT(10, v->offered[0].at.units);
	T_INT(6 * 10 * 8760 * UNIT, v->offered[0].at.year_micro);
	T_INT(2, p.n_owners);
	T_STR("red", p.owners[0].owner);
	T_F64(10. * HOURS - 6, p.owners[0].unit_h, 1e-6);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* What is held is off before anything is committed; a few weeks say nothing of growth; without a
 * price rates are told in units alone. */
static void test_little(void)
{
	tt_eligible *e;
	fleet f;

	fleet_open(&f, MONDAY, MONDAY + 14 * DAY);
	for (int h = 0; h < 336; h++)
		demand(&f, h, "", 10);
	units(&f, "ri", "x2", 4, "6")->gpu_model = "";
	price(&f, "x2", "on_demand", "", "10");

	tt_pack p = make(&f, false, &e);

	T_F64(0.4, p.v[0].held_ratio, 1e-12);
	T_INT(6, p.v[0].rates[0].units);
	T_F64((double)NAN, p.v[0].growth_ratio, 0);
	T_INT(0, p.n_owners);
	T_INT(7300 * 10 * UNIT, p.v[0].month_micro);
	tt_eligible_free(e);
	fleet_close(&f);

	fleet_open(&f, MONDAY, MONDAY + 14 * DAY);
	for (int h = 0; h < 336; h++)
		demand(&f, h, "", 10);
	p = make(&f, false, &e);
	T_INT(10, p.v[0].rates[0].units);
	T_OK(p.v[0].rates[0].year_micro == TT_MONEY_UNKNOWN);
	T_OK(p.v[0].month_micro == TT_MONEY_UNKNOWN);
	T_INT(0, p.v[0].n_offered);
	tt_eligible_free(e);
	fleet_close(&f);
}

static tt_pod_row *pod(fleet *f, const char *name, const char *kind, double gpus)
{
	tt_pod_row *p = fleet_row(f, TT_PODS);

	p->pod = name;
	p->node = "n00000";
	p->gpus = gpus;
	p->workload_kind = kind;
	p->started_at = f->s.start_s;
	return p;
}

/* Of 400 days of one pod and the first ten of another the last year counts. */
static void test_year(void)
{
	tt_eligible *e;
	fleet f;

	fleet_open(&f, MONDAY, MONDAY + 400 * (int64_t)DAY);
	node(&f, "x2", "on_demand", "10");
	pod(&f, "a", "training", 1);
	pod(&f, "b", "training", 1)->ended_at = MONDAY + 10 * DAY;

	tt_pack p = make(&f, false, &e);

	T_F64(8760, p.work.all_h, 1e-9);
	T_F64(8760, p.v[0].work.all_h, 1e-9);
	tt_eligible_free(e);
	fleet_close(&f);
}

static void test_work(void)
{
	tt_eligible *e;
	fleet f;

	fleet_open(&f, MONDAY, MONDAY + 14 * DAY);
	node(&f, "x2", "on_demand", "10");
	node(&f, "x4", "on_demand", "20");
	pod(&f, "a", "training", 1);
	pod(&f, "b", "inference", 0.5);
	pod(&f, "c", "batch", 0.25)->gpu_model = "a100";
	pod(&f, "d", "notebook", 0.25)->node_selector = "zone=a";

	tt_pack p = make(&f, false, &e);
	const tt_pack_work *w = &p.v[1].work;

	T_F64(2 * 336, p.work.all_h, 1e-9);
	T_F64(2 * 336, w->all_h, 1e-9);
	T_F64(0, p.v[0].work.all_h, 0); /* of the dearer pool */
	T_F64(1.25 * 336, w->wait_h, 1e-9);
	T_F64(1.5 * 336, w->type_h, 1e-9);
	T_F64(1.25 * 336, w->region_h, 1e-9);
	tt_eligible_free(e);
	fleet_close(&f);
}

int main(void)
{
	tt_err err = { 0 };

	arena = tt_arena_new();
	if (!arena || tt_settings_load(NULL, &settings, &err) != TT_OK)
		return 1;
	test_use();
	test_little();
	test_work();
	test_year();
	tt_settings_free(settings);
	tt_arena_free(arena);
	return T_END();
}
