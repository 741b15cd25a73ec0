/* Demand less what is accepted: what goes from pools and comes to others, when, how likely, and
 * what is bought then. */
#include "commit/net.h"
#include "commit/plans.h"
#include "fleet.h"

enum { WEEK_H = 168, WEEKS = 30, HOURS = WEEKS * WEEK_H, QUARTER_H = 2190 };
#define END (HOURS * INT64_C(3600))
#define ONE ((double)TT_ELIGIBLE_ONE)

static tt_err err;
static tt_settings *settings;

/* --- A fleet ------------------------------------------------------------------------------- */

static tt_node_row *node(fleet *f, const char *name, const char *pricing)
{
	tt_node_row *n = fleet_node(f, name, 8);

	n->node_group = "g";
	n->provider = "p";
	n->region = "r";
	n->instance_type = "t";
	n->gpu_model = "m";
	n->pricing = pricing;
	n->price_per_hour = TT_DECIMAL_ONE;
	n->started_at = 0;
	return n;
}

static void price(fleet *f, const char *type, const char *pricing, tt_decimal rate)
{
	tt_price_row *p = fleet_row(f, TT_PRICES);

	p->provider = "p";
	p->region = "r";
	p->instance_type = type;
	p->gpu_model = "m";
	p->gpus = 4;
	p->pricing = pricing;
	p->payment = *pricing == 'c' ? "none" : "";
	p->price_per_hour = rate;
}

static void demand(fleet *f, int64_t hour, const char *region, double units)
{
	tt_demand_row *d = fleet_row(f, TT_DEMAND);

	d->time = hour * 3600;
	d->provider = "p";
	d->region = region;
	d->instance_type = "t";
	d->units = units;
}

static void open_nodes(fleet *f)
{
	fleet_open(f, 0, END);
	node(f, "a", "on_demand");
	node(f, "b", "on_demand")->ended_at = END / 2;
	node(f, "c", "reserved");
	node(f, "d", "spot");
	price(f, "t", "on_demand", TT_DECIMAL_ONE);
	price(f, "u", "on_demand", TT_DECIMAL_ONE);
	fleet_ready(f);
}

static tt_eligible *eligible(fleet *f, enum tt_pool_by by)
{
	tt_eligible *e = NULL;

	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_eligible_make(&f->s, by, &e, &err));
	return e;
}

static tt_net_item item(fleet *f, uint32_t weight, const char *text)
{
	tt_change *c = tt_arena_alloc(f->s.arena, sizeof *c);
	const tt_change **list = tt_arena_alloc(f->s.arena, sizeof *list);

	T_INT(TT_OK, tt_change_parse(text, f->s.arena, c, &err));
	list[0] = c;
	return (tt_net_item){ .name = text, .changes = list, .n_changes = 1,
		.weight_millionths = weight };
}

/* Of pool `name` the units in the first and the last hour. */
static void same(const tt_eligible *e, const char *name, double first, double last)
{
	for (size_t i = 0; i < e->n; i++) {
		if (strcmp(e->v[i].name, name) != 0)
			continue;
		T_F64(first, (double)e->v[i].used[0] / ONE, 1e-9);
		T_F64(last, (double)e->v[i].used[HOURS - 1] / ONE, 1e-9);
		return;
	}
	T_STR(name, "not there");
}

/* --- Nodes --------------------------------------------------------------------------------- */

static void test_nodes(void)
{
	tt_eligible *e;
	fleet f;

	open_nodes(&f);
	e = eligible(&f, TT_POOL_BY_INSTANCE_TYPE);
	same(e, "p r t m", 3, 2);
	tt_net_item v[] = { item(&f, 500000, "release node:a"),
		/* a again: nothing of it is left to go; b is gone half of the time; whoever
		 * pays for c, it is not needed; d could not be covered anyway */
		item(&f, TT_NET_ALL, "release node:a,node:b from=1970-01-20T00:00:00Z"),
		item(&f, 800000, "release node:c"), item(&f, TT_NET_ALL, "release node:d") };
	tt_net net = { v, 4 };

	T_INT(TT_OK, tt_net_apply(&f.s, settings, &net, e, &err));
	T_STR("", err.text);
	same(e, "p r t m", 3 - .5 - 1 - .8, 2 - .5 - .8);
	T_F64(.5, v[0].goes_units, 1e-9);
	T_F64(.5, v[1].goes_units, 1e-9);
	T_F64(.8, v[2].goes_units, 1e-9);
	T_F64(0, v[3].goes_units, 0);
	T_F64(2.5, e->v[0].gross_units, 1e-6);
	T_F64(2.5 - 1.8, e->v[0].net_units, 1e-6);
	T_OK(e->is_net && e->v[0].changed && !e->v[0].n_later);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* In cards, of a region; to a type that nobody had; a card alone empties no node. */
static void test_pools(void)
{
	tt_eligible *e;
	fleet f;

	open_nodes(&f);
	e = eligible(&f, TT_POOL_BY_REGION);
	same(e, "p r", 24, 16);
	tt_net_item v[] = { item(&f, TT_NET_ALL, "release node:a") };
	tt_net net = { v, 1 };

	T_INT(TT_OK, tt_net_apply(&f.s, settings, &net, e, &err));
	same(e, "p r", 16, 8);
	T_F64(8, v[0].goes_units, 1e-9);
	tt_eligible_free(e);

	e = eligible(&f, TT_POOL_BY_INSTANCE_TYPE);
	v[0] = item(&f, TT_NET_ALL, "retype node:a instance_type=u throughput_ratio=1");
	T_INT(TT_OK, tt_net_apply(&f.s, settings, &net, e, &err));
	T_STR("", err.text);
	T_INT(2, e->n);
	same(e, "p r t m", 2, 1);
	same(e, "p r u m", 2, 2); /* of four cards each */
	T_F64(1, v[0].goes_units, 1e-9);
	T_F64(2, v[0].comes_units, 1e-9);
	tt_eligible_free(e);

	e = eligible(&f, TT_POOL_BY_INSTANCE_TYPE);
	v[0] = item(&f, TT_NET_ALL, "reprice node:a pricing=spot interruptions_per_h=0 "
	            "price_per_hour=0.5");
	T_INT(TT_OK, tt_net_apply(&f.s, settings, &net, e, &err));
	same(e, "p r t m", 2, 1);
	tt_eligible_free(e);

	e = eligible(&f, TT_POOL_BY_INSTANCE_TYPE);
	v[0] = item(&f, TT_NET_ALL, "release node:nowhere");
	T_INT(TT_EDATA, tt_net_apply(&f.s, settings, &net, e, &err));
	T_HAS("release node:nowhere: ", err.text);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* Dates that come change quarters, not the history. */
static void test_later(void)
{
	double share[3];
	tt_eligible *e;
	fleet f;

	open_nodes(&f);
	e = eligible(&f, TT_POOL_BY_INSTANCE_TYPE);
	/* half of what stands at the end goes half a quarter later, with a delay of a half */
	tt_net_item v[] = { item(&f, TT_NET_ALL, "release node:a from=1970-10-01T00:00:00Z") };
	tt_net net = { v, 1 };

	v[0].delay_s = END + 1095 * 3600 + 1095 * 3600 - v[0].changes[0]->from_s;
	T_INT(TT_OK, tt_net_apply(&f.s, settings, &net, e, &err));
	same(e, "p r t m", 3, 2);
	T_INT(1, e->v[0].n_later);
	T_INT(END + QUARTER_H * 3600, e->v[0].later[0].from_s);
	T_F64(-ONE, e->v[0].later[0].parts, 1e-3);
	T_OK(tt_net_shares(e, e->v, END, 3, QUARTER_H * 3600, share));
	T_F64(1, share[0], 1e-9);
	T_F64(.5, share[1], 1e-9);
	T_F64(.5, share[2], 1e-9);
	T_OK(tt_net_shares(e, e->v, END + 1095 * 3600, 3, QUARTER_H * 3600, share));
	T_F64(.75, share[0], 1e-9);
	tt_eligible_free(e);

	e = eligible(&f, TT_POOL_BY_INSTANCE_TYPE);
	v[0] = item(&f, TT_NET_ALL, "release node:a until=1970-01-20T00:00:00Z"); /* is over */
	T_INT(TT_OK, tt_net_apply(&f.s, settings, &net, e, &err));
	same(e, "p r t m", 3, 2);
	T_OK(!tt_net_shares(e, e->v, END, 3, QUARTER_H * 3600, share));
	T_F64(1, share[1], 0);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* --- Pools of demand.csv ------------------------------------------------------------------- */

static void test_demand(void)
{
	tt_eligible *e;
	fleet f;

	fleet_open(&f, 0, END);
	for (int64_t t = 0; t < HOURS; t++) {
		demand(&f, t, "north", 10);
		demand(&f, t, "south", 6);
	}
	fleet_ready(&f);
	e = eligible(&f, TT_POOL_BY_INSTANCE_TYPE);
	tt_net_item v[] = { item(&f, TT_NET_ALL, "scale fleet factor=0.5"),
		item(&f, 500000, "reprice node_group:\"p south t\" region=north"),
		item(&f, TT_NET_ALL, "retype workload:\"p north t\" instance_type=u "
		     "gpu_model=h throughput_ratio=2") };
	tt_net net = { v, 2 };

	T_INT(TT_OK, tt_net_apply(&f.s, settings, &net, e, &err));
	same(e, "p north t", 5 + 1.5, 5 + 1.5);
	same(e, "p south t", 1.5, 1.5);
	T_F64(8, v[0].goes_units, 1e-9);
	T_F64(1.5, v[1].goes_units, 1e-9);
	T_F64(1.5, v[1].comes_units, 1e-9);
	tt_eligible_free(e);

	e = eligible(&f, TT_POOL_BY_INSTANCE_TYPE);
	net = (tt_net){ v + 2, 1 };
	T_INT(TT_OK, tt_net_apply(&f.s, settings, &net, e, &err));
	same(e, "p north t", 0, 0);
	T_F64(10, v[2].goes_units, 1e-9);
	T_F64(5, v[2].comes_units, 1e-9);
	tt_eligible_free(e);

	e = eligible(&f, TT_POOL_BY_INSTANCE_TYPE);
	v[2] = item(&f, TT_NET_ALL, "release node_group:east");
	T_INT(TT_EDATA, tt_net_apply(&f.s, settings, &net, e, &err));
	T_HAS("demand.csv has no pool \"east\"; expected a name like \"p north t\"", err.text);
	err = (tt_err){ 0 };
	v[2] = item(&f, TT_NET_ALL, "resize node_group:\"p north t\" nodes=3");
	T_INT(TT_EINVAL, tt_net_apply(&f.s, settings, &net, e, &err));
	T_HAS("not known: expected release, scale", err.text);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* --- Waste first, rate second -------------------------------------------------------------- */

/* A hundred, of which thirty go after one of four quarters, at 0.63 of the price. Published:
 * committing to 70 costs 206.4, to 100 252.0, to nothing 310. */
static void test_published(void)
{
	const tt_plans_options o = { .ratios = "0.63", .quarters = 4, .seed = 1, .worlds = 32 };
	tt_eligible *e;
	tt_plans x;
	fleet f;

	fleet_open(&f, 0, END);
	for (int64_t t = 0; t < HOURS; t++)
		demand(&f, t, "north", 100);
	fleet_ready(&f);
	e = eligible(&f, TT_POOL_BY_INSTANCE_TYPE);
	T_INT(TT_OK, tt_plans_make(&f.s, e, &o, f.s.arena, &x, &err));
	T_INT(100, x.v[0].purchases[0].units); /* gross */
	T_F64(252, (double)x.v[0].cost_micro / 1e6 / QUARTER_H, 1e-6);
	tt_net_item v[] = { item(&f, TT_NET_ALL, "scale fleet factor=0.7 "
	                         "from=1970-10-01T00:00:00Z") };
	tt_net net = { v, 1 };

	v[0].delay_s = END + QUARTER_H * 3600 - v[0].changes[0]->from_s;
	T_INT(TT_OK, tt_net_apply(&f.s, settings, &net, e, &err));
	T_INT(TT_OK, tt_plans_make(&f.s, e, &o, f.s.arena, &x, &err));
	T_STR("", err.text);
	T_INT(1, x.v[0].n_purchases);
	T_INT(70, x.v[0].purchases[0].units);
	T_F64(310, (double)x.v[0].none_micro / 1e6 / QUARTER_H, 1e-6);
	T_F64(206.4, (double)x.v[0].cost_micro / 1e6 / QUARTER_H, 1e-6);
	T_INT(TT_OK, tt_ladder_check(&x.v[0].plan.ladder, &x.v[0].plan.plan, &err));
	tt_eligible_free(e);
	fleet_close(&f);
}

int main(void)
{
	T_INT(TT_OK, tt_settings_load(NULL, &settings, &err));
	test_nodes();
	test_pools();
	test_later();
	test_demand();
	test_published();
	tt_settings_free(settings);
	return T_END();
}
