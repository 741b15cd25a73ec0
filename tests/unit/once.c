/* One purchase for a window: the published fortnight as demand and as nodes, targets, what is
 * held already, prices by the card and by the instance, pools, gaps. */
#include "commit/once.h"
#include "fleet.h"

enum { HOURS = 336 };

static tt_err err;
static const tt_once_options plain = { .keep_gaps = true,
	.least_utilization_ratio = (double)NAN, .least_coverage_ratio = (double)NAN };

static int64_t usage(int t)
{
	const int hour = t % 24, day = t / 24 % 7;

	return 40 + (hour >= 8 && hour < 20 && day < 5 ? 25 : 0) + 7919 * t % 11 - 5;
}

static tt_demand_row *demand(fleet *f, int64_t hour, const char *type, const char *model,
                             double units)
{
	tt_demand_row *d = fleet_row(f, TT_DEMAND);

	d->time = hour * 3600;
	d->provider = "p";
	d->region = "r";
	d->instance_type = type;
	d->gpu_model = model;
	d->units = units;
	return d;
}

static void price(fleet *f, const char *type, const char *model, double gpus, const char *pricing,
                  int64_t micro)
{
	tt_price_row *p = fleet_row(f, TT_PRICES);

	p->provider = "p";
	p->region = "r";
	p->instance_type = type;
	p->gpu_model = model;
	p->gpus = gpus;
	p->pricing = pricing;
	p->price_per_hour = (tt_decimal)micro * 1000000;
}

static void fortnight(fleet *f)
{
	fleet_open(f, 0, HOURS * 3600);
	for (int t = 0; t < HOURS; t++)
		demand(f, t, "t", "", (double)usage(t));
	price(f, "t", "", (double)NAN, "on_demand", 4000000);
	price(f, "t", "", (double)NAN, "commit_1y", 2520000);
}

static tt_once make(fleet *f, enum tt_pool_by by, tt_once_options o, tt_eligible **e)
{
	tt_once r = { 0 };

	err = (tt_err){ 0 };
	*e = NULL;
	fleet_ready(f);
	T_INT(TT_OK, tt_eligible_make(&f->s, by, e, &err));
	if (*e)
		T_INT(TT_OK, tt_once_make(&f->s, *e, &o, f->s.arena, &r, &err));
	T_STR("", err.text);
	return r;
}

static void test_published(void)
{
	static const struct { double ratio; int64_t units; } used[] = {
		{ .99, 38 }, { .97, 41 }, { .95, 43 } }, covered[] = {
		{ .7, 35 }, { .8, 41 }, { .9, 52 } };
	tt_eligible *e;
	fleet f;

	fortnight(&f);
	tt_once r = make(&f, TT_POOL_BY_INSTANCE_TYPE, plain, &e);
	const tt_once_answer *a = r.v[0].answers;

	T_INT(1, r.n);
	T_STR("p r t", r.v[0].pool->name);
	T_STR("commit_1y none", a->offer->name);
	T_INT(8760, a->offer->term_h);
	T_INT(41, a->best.units);
	T_INT(47043520000, a->best.cost_micro);
	T_INT(65800000000, r.v[0].on_demand_micro);
	T_F64(.970383, a->best.utilization_ratio, 5e-7);
	T_F64(.812644, a->best.coverage_ratio, 5e-7);
	T_INT(336 * 2520000 / 4000000 + 1, a->pays_from_h);
	for (size_t i = 0; i < 3; i++) {
		tt_once_options o = plain;
		tt_once t;

		o.least_utilization_ratio = used[i].ratio;
		o.least_coverage_ratio = covered[i].ratio;
		T_INT(TT_OK, tt_once_make(&f.s, e, &o, f.s.arena, &t, &err));
		T_INT(used[i].units, t.v[0].answers[0].at_utilization.units);
		T_INT(covered[i].units, t.v[0].answers[0].at_coverage.units);
		T_OK(t.v[0].answers[0].at_coverage.cost_micro >= a->best.cost_micro);
	}
	tt_eligible_free(e);
	fleet_close(&f);
}

/* What one unit more or less would add is what the rule goes by. */
static void test_slopes(void)
{
	tt_eligible *e;
	fleet f;

	fortnight(&f);
	tt_once r = make(&f, TT_POOL_BY_INSTANCE_TYPE, plain, &e);
	const tt_once_answer *a = r.v[0].answers;
	int64_t busy[2] = { 0 };

	for (int t = 0; t < HOURS; t++)
		for (int k = 0; k < 2; k++)
			busy[k] += usage(t) >= 41 + k;
	T_INT(336 * INT64_C(2520000) - busy[0] * 4000000, a->last_micro);
	T_INT(336 * INT64_C(2520000) - busy[1] * 4000000, a->one_more_micro);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* 30 held until hour 168, then 10: 26 more, 32934.72 */
static void test_held(void)
{
	tt_eligible *e;
	fleet f;

	fortnight(&f);
	for (int i = 0; i < 3; i++) {
		tt_commitment_row *c = fleet_row(&f, TT_COMMITMENTS);

		c->commitment = i == 0 ? "a" : i == 1 ? "b" : "money";
		c->kind = i < 2 ? "reserved_instance" : "savings_plan";
		c->instance_type = i < 2 ? "t" : "";
		c->units = i == 0 ? 10 : i == 1 ? 20 : (double)NAN;
		c->ends_at = i == 0 ? TT_TIME_MISSING : 168 * 3600;
		c->starts_at = TT_TIME_MISSING;
		c->commitment_per_hour = i < 2 ? TT_DECIMAL_MISSING : TT_DECIMAL_ONE;
	}
	tt_once r = make(&f, TT_POOL_BY_INSTANCE_TYPE, plain, &e);

	T_INT(26, r.v[0].answers[0].best.units);
	T_INT(32934720000, r.v[0].answers[0].best.cost_micro);
	T_F64(30 * 168 + 10 * 168, r.v[0].held_unit_hours, 0);
	T_INT(1, r.n_notes);
	T_STR("commitment money is not taken off the usage: it is of money, not of units",
	      r.notes[0]);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* 3.5 cards of 8-card instances, by the card and by the instance; a gap, and another owner. */
static void test_cards(void)
{
	tt_once_options o = plain;
	tt_eligible *e;
	fleet f;

	fleet_open(&f, 0, 4 * 3600);
	for (int64_t h = 0; h < 4; h++)
		if (h != 2) {
			demand(&f, h, "x8", h ? "V100" : "v100", 3.5)->owner = "ml";
			demand(&f, h, "x8", "v100", 8)->owner = "web";
		}
	price(&f, "x8", "v100", 8, "on_demand", 24480000);
	price(&f, "x8", "v100", 8, "commit_3y", 12000000);
	o.keep_gaps = false;
	tt_once r = make(&f, TT_POOL_BY_INSTANCE_TYPE, o, &e);

	T_INT(1, r.n);
	T_STR("p r x8 v100", r.v[0].pool->name);
	T_INT(1, e->n_gaps);
	T_OK(e->gap[2]);
	T_INT(3, r.hours);
	T_INT(3 * 3060000 * INT64_C(23) / 2, r.v[0].on_demand_micro);
	/* at 1.5 a card: eleven, and half of one is not worth it (1.53 against 1.5: it is) */
	T_INT(12, r.v[0].answers[0].best.units);
	T_INT(3 * 12 * 1500000, r.v[0].answers[0].best.cost_micro);
	o.whole = true;
	T_INT(TT_OK, tt_once_make(&f.s, e, &o, f.s.arena, &r, &err));
	T_INT(1, r.v[0].answers[0].best.units);
	T_INT(3 * (12000000 + 3060000 * INT64_C(7) / 2), r.v[0].answers[0].best.cost_micro);
	tt_eligible_free(e);
	r = make(&f, TT_POOL_BY_OWNER, o, &e);
	T_INT(2, r.n);
	T_STR("ml", r.v[0].pool->name);
	T_STR("web", r.v[1].pool->owner);
	tt_eligible_free(e);
	fleet_close(&f);
}

static tt_node_row *node(fleet *f, const char *name, const char *type, const char *pricing)
{
	tt_node_row *n = fleet_node(f, name, 8);

	n->provider = "p";
	n->region = "r";
	n->instance_type = type;
	n->gpu_model = "h100";
	n->pricing = pricing;
	return n;
}

/* Lives of nodes: half of an hour is half of a unit; spot and owned ones are nobody's to
 * commit to; types that cost different amounts have no commitment together. */
static void test_nodes(void)
{
	tt_eligible *e;
	fleet f;

	fleet_open(&f, 1800, 5 * 3600 + 900);
	node(&f, "a", "small", "on_demand")->started_at = 2 * 3600 + 1800;
	node(&f, "b", "small", "")->ended_at = 4 * 3600;
	node(&f, "c", "small", "spot");
	node(&f, "d", "small", "owned");
	node(&f, "e", "large", "on_demand")->price_per_hour = 9 * TT_DECIMAL_ONE;
	price(&f, "small", "h100", 8, "on_demand", 8000000);
	price(&f, "small", "h100", 8, "commit_1y", 5000000);
	tt_once r = make(&f, TT_POOL_BY_INSTANCE_TYPE, plain, &e);

	T_INT(4, e->hours); /* those that the window cuts are left out */
	T_INT(3600, e->start_s);
	T_OK(e->of_nodes);
	T_INT(2, r.n);
	T_STR("p r large h100", r.v[0].pool->name);
	T_STR("prices.csv has no commit_1y or commit_3y for it", r.v[0].offers.why);
	T_INT(36000000, r.v[0].on_demand_micro);
	T_F64(2.5 + 3, r.v[1].used_unit_hours, 0);
	T_INT(1, r.v[1].answers[0].best.units);
	tt_eligible_free(e);
	r = make(&f, TT_POOL_BY_FLEET, plain, &e);
	T_INT(1, r.n);
	T_OK(r.v[0].pool->cards);
	T_F64(8 * 9.5, r.v[0].used_unit_hours, 0);
	T_HAS("costs different amounts on demand", r.v[0].offers.why);
	T_INT(TT_MONEY_UNKNOWN, r.v[0].on_demand_micro);
	tt_eligible_free(e);
	fleet_close(&f);
}

static void test_refused(void)
{
	tt_offers offers;
	tt_eligible *e;
	fleet f;

	fleet_open(&f, 100, 3700);
	fleet_ready(&f);
	T_INT(TT_ENODATA, tt_eligible_make(&f.s, TT_POOL_BY_FLEET, &e, &err));
	T_STR("test: the window has no whole hour", err.text);
	f.s.end_s = 9000;
	err = (tt_err){ 0 };
	T_INT(TT_ENODATA, tt_eligible_make(&f.s, TT_POOL_BY_FLEET, &e, &err));
	T_HAS("nothing that a commitment could cover", err.text);
	for (size_t i = 0; i < 5; i++) {
		static const char *const bad[] = { "", "1", "0.5,", "0,0.5", "half" };

		err = (tt_err){ 0 };
		T_INT(TT_EINVAL, tt_offers_at_ratios(bad[i], NULL, f.s.arena, &offers, &err));
	}
	T_HAS("--rate-ratio has \"half\", expected numbers between 0 and 1", err.text);
	fleet_close(&f);
}

int main(void)
{
	test_published();
	test_slopes();
	test_held();
	test_cards();
	test_nodes();
	test_refused();
	return T_END();
}
