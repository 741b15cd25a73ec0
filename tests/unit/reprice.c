/* The same capacity at another price: discounts, spot with interruptions, elsewhere. */
#include "change/apply.h"
#include "change/spot_trace.h"
#include "fleet.h"
#include <math.h>

static tt_settings *settings;
static tt_arena *arena;

enum { END = 36000 };
static const int64_t HOUR = 1000000; /* a node-hour at a price of 1 */

static tt_change *parse(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_STR("", err.text);
	return change;
}

static tt_price_row *add_price(fleet *f, const char *region, const char *pricing, int64_t units)
{
	tt_price_row *p = fleet_row(f, TT_PRICES);

	p->provider = "cloud";
	p->region = region;
	p->instance_type = "x2";
	p->pricing = pricing;
	p->price_per_hour = units * TT_DECIMAL_ONE;
	return p;
}

/* Three nodes of two cards at 10 an hour for ten hours, one of them reserved. Training on
 * both cards of n0, a service and training on n1. */
static void open_fleet(fleet *f)
{
	static const char *const on[] = { "n0", "n0", "n1", "n1" };
	static const char *const work[] = { "train", "train", "chat", "train2" };
	static const char *const kind[] = { "training", "training", "inference", "training" };

	fleet_open(f, 0, END);
	for (int i = 0; i < 3; i++) {
		tt_node_row *n = fleet_node(f, fleet_text(f, "n%d", i), 2);

		n->provider = "cloud";
		n->region = "north";
		n->instance_type = "x2";
		n->node_group = "pool";
		n->pricing = i < 2 ? "on_demand" : "reserved";
		n->price_per_hour = 10 * TT_DECIMAL_ONE;
	}
	for (int i = 0; i < 4; i++) {
		const char *pod = fleet_text(f, "p%d", i);
		tt_pod_row *p = fleet_pod(f, pod, on[i], 1);

		p->workload = work[i];
		p->workload_kind = kind[i];
		p->started_at = 0;
		fleet_hold(f, fleet_card(f, on[i], fleet_text(f, "%d", i % 2), ""), pod, 0, END,
			   60, 1);
	}
	add_price(f, "north", "on_demand", 10)->egress_per_gib = TT_DECIMAL_ONE / 10;
	add_price(f, "north", "spot", 4)->interruptions_per_h = 0.01;
	add_price(f, "south", "on_demand", 7);
	tt_workload_row *w = fleet_row(f, TT_WORKLOADS);
	w->workload = "train2";
	w->checkpoint_interval_s = 1800;
	w->checkpoint_s = 60;
	w->restart_s = 300;
	fleet_ready(f);
}

static int64_t cost(const fleet *f, const char *a, const char *b)
{
	const tt_change *changes[] = { a ? parse(a) : NULL, b ? parse(b) : NULL };
	tt_err err = { 0 };
	int64_t micro = -1, other = -2;
	const size_t n = (size_t)(a != NULL) + (b != NULL);

	T_INT(TT_OK, tt_changes_cost(&f->s, settings, changes, n, &micro, &err));
	T_STR("", err.text);
	if (n == 2) { /* in whatever order */
		const tt_change *turned[] = { changes[1], changes[0] };

		T_INT(TT_OK, tt_changes_cost(&f->s, settings, turned, n, &other, &err));
		T_INT(micro, other);
	}
	return micro;
}

static void test_discount(const fleet *f)
{
	T_INT(300 * HOUR, cost(f, NULL, NULL));
	/* what is reserved is paid for all the same */
	T_INT(210 * HOUR, cost(f, "reprice fleet discount_ratio=0.45", NULL));
	T_INT(300 * HOUR, cost(f, "reprice node:n2 price_per_hour=1", NULL));
	T_INT(250 * HOUR, cost(f, "reprice node:n0 price_per_hour=5", NULL));
	T_INT(280 * HOUR, cost(f, "reprice node:n0 price_per_hour=5 until=1970-01-01T04:00:00Z",
			       NULL));
	/* a price and a discount on top of it */
	T_INT(225 * HOUR, cost(f, "reprice node:n0 price_per_hour=5",
			       "reprice node:n0 discount_ratio=0.5"));
	/* of two prices the higher, and what is gone is not repriced */
	T_INT(280 * HOUR, cost(f, "reprice node:n0 price_per_hour=5",
			       "reprice node:n0 price_per_hour=8"));
	T_INT(200 * HOUR, cost(f, "reprice node:n0 price_per_hour=5", "release node:n0"));
}

/* A node has one price: pods get another where nothing else is left on their node. */
static void test_pods(const fleet *f)
{
	T_INT(250 * HOUR, cost(f, "reprice workload:train discount_ratio=0.5", NULL));
	T_INT(300 * HOUR, cost(f, "reprice pod:p0 discount_ratio=0.5", NULL));
	T_INT(250 * HOUR, cost(f, "reprice pod:p0 discount_ratio=0.5", "release pod:p1"));
	T_INT(300 * HOUR, cost(f, "reprice workload:chat discount_ratio=0.5", NULL));
	T_INT(250 * HOUR,
	      cost(f, "reprice workload:chat,workload:train2 discount_ratio=0.5", NULL));
	T_INT(200 * HOUR, cost(f, "reprice workload:train discount_ratio=0.5",
			       "release workload:train"));
}

static void test_spot(const fleet *f)
{
	/* no checkpoint: ten hours from the start each time, e^{R/M} M (e^{J/M} - 1) / J with
	 * M = 100 h, J = 10 h: 1.0517091808 */
	T_INT(200 * HOUR + 42068367, cost(f, "reprice workload:train pricing=spot", NULL));
	T_INT(200 * HOUR + 40 * HOUR, cost(f, "reprice workload:train pricing=spot "
					     "interruptions_per_h=0", NULL));
	/* a service is not repeated, it comes back: 1 + 0.01 * 0.1 */
	T_INT(200 * HOUR + 40 * HOUR * 1001 / 1000,
	      cost(f, "reprice workload:chat pricing=spot recovery_s=360",
		   "release workload:train2"));
	/* M = 100, tau 0.5, delta 1/60, R 1/12: 100 e^{1/1200} (e^{0.00516666667} - 1) / 0.5 */
	T_INT(200 * HOUR + 41474843, cost(f, "reprice workload:train2 pricing=spot",
					  "release workload:chat"));
	/* half of the time to the next interruption where the zone fails as often */
	T_OK(cost(f, "reprice workload:train pricing=spot zone_interruptions_per_h=0.01", NULL) >
	     cost(f, "reprice workload:train pricing=spot", NULL));
}

static void test_elsewhere(const fleet *f)
{
	T_INT(270 * HOUR, cost(f, "reprice node:n0 region=south", NULL));
	T_INT(270 * HOUR + 50 * HOUR, cost(f, "reprice node:n0 region=south egress_gib=500", NULL));
	/* a place without a price of its own: so much less than here */
	T_INT(280 * HOUR, cost(f, "reprice node:n0 region=west discount_ratio=0.2", NULL));
	/* ten hours of a month of 730 */
	T_INT(270 * HOUR + 73 * HOUR, cost(f, "reprice node:n0 region=south "
					     "egress_gib_per_month=53290", NULL));
}

static void probe(fleet *f, const char *zone, int64_t at_s, double units)
{
	tt_spot_row *r = fleet_row(f, TT_SPOT_AVAILABILITY);

	r->time = at_s;
	r->provider = "cloud";
	r->region = "south";
	r->zone = zone;
	r->instance_type = "x2";
	r->available_units = units;
}

/* Two zones, an hour between probes: there for 3 h until it is gone, and for 5 h with two
 * ends: 3 ends in 8 h. */
static void test_trace(void)
{
	static const double a[] = { 1, 2, 1, 0, 0 }, b[] = { 1, 1, 0, 1, 1, 1, 0 };
	tt_spot_trace t;
	fleet f;

	fleet_open(&f, 0, END);
	for (int i = 6; i >= 0; i--) {
		if (i < 5)
			probe(&f, "a", i * 3600, a[i]);
		probe(&f, "b", i * 3600, b[i]);
	}
	fleet_ready(&f);
	T_INT(TT_OK, tt_spot_trace_read(&f.s, "cloud", "south", "x2", &t, NULL));
	T_F64(3.0 / 8, t.interruptions_per_h, 1e-12);
	T_INT(TT_OK, tt_spot_trace_read(&f.s, "cloud", "north", "x2", &t, NULL));
	T_OK(isnan(t.interruptions_per_h) && isnan(t.wait_s));
	fleet_close(&f);
}

static void refused(const fleet *f, const char *text, int status, const char *why)
{
	const tt_change *change = parse(text);
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(status, tt_changes_cost(&f->s, settings, &change, 1, &micro, &err));
	T_STR(why, err.text);
	T_INT(-1, micro);
}

static void test_refused(const fleet *f)
{
	refused(f, "reprice node:n0 region=west", TT_ENODATA,
		"reprice: prices.csv has no price of cloud west x2 (on_demand), and the change "
		"says none");
	refused(f, "reprice node:n0 region=south pricing=spot price_per_hour=1", TT_ENODATA,
		"reprice: prices.csv has no interruptions_per_h of cloud south x2 (spot), and the "
		"change says none");
	refused(f, "reprice workload:train pricing=spot interruptions_per_h=1000", TT_EINVAL,
		"reprice: workload \"train\" would hardly ever end: inf paid hours for an hour of "
		"work");
	refused(f, "reprice node:x discount_ratio=0.1", TT_EDATA,
		"reprice: node \"x\" is not in the fleet");
	refused(f, "reprice charge:x discount_ratio=0.1", TT_EDATA, "reprice: no charge has "
		"\"x\" as its ResourceId, ServiceName, ServiceSubcategory, ServiceCategory, "
		"SkuMeter or feature, nor has volumes.csv a price of such a volume");
}

int main(void)
{
	fleet f;

	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	open_fleet(&f);
	test_discount(&f);
	test_pods(&f);
	test_spot(&f);
	test_elsewhere(&f);
	test_refused(&f);
	test_trace();
	fleet_close(&f);
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
