/* What an hour of a node costs: the rule of prices.csv, and what is unknown. */
#include "bill/price.h"
#include "fleet.h"

enum { START = 1000000, END = 2000000 };

static tt_node_row *node(fleet *f, const char *pricing)
{
	tt_node_row *n = fleet_node(f, "n", 8);

	n->provider = "p";
	n->region = "r";
	n->instance_type = "t";
	n->gpu_model = "A100";
	n->pricing = pricing;
	return n;
}

static tt_price_row *price(fleet *f, const char *pricing, int64_t as_of, int per_hour)
{
	tt_price_row *p = fleet_row(f, TT_PRICES);

	p->provider = "p";
	p->region = "r";
	p->instance_type = "t";
	p->pricing = pricing;
	p->as_of = as_of;
	p->price_per_hour = per_hour * TT_DECIMAL_ONE;
	return p;
}

static tt_commitment_row *commitment(fleet *f, const char *id, int per_hour)
{
	tt_commitment_row *c = fleet_row(f, TT_COMMITMENTS);

	c->commitment = id;
	c->kind = "reserved_instance";
	c->instance_type = "t";
	c->units = 2;
	c->starts_at = START;
	c->ends_at = START + 100 * 3600;
	c->price_per_hour = per_hour < 0 ? TT_DECIMAL_MISSING : per_hour * TT_DECIMAL_ONE;
	return c;
}

/* Price and origin of the only node as "price from", and closes the fleet. */
static const char *found(fleet *f)
{
	static char text[128];
	char decimal[64];
	tt_node_price p;

	fleet_ready(f);
	tt_price_of_node(&f->s, 0, &p);
	if (p.price_per_hour == TT_DECIMAL_MISSING)
		snprintf(text, sizeof text, "unknown");
	else
		snprintf(text, sizeof text, "%s %s",
			 tt_decimal_format(p.price_per_hour, decimal, sizeof decimal),
			 tt_price_from(&p, f->s.arena));
	fleet_close(f);
	return text;
}

static void test_own(void)
{
	fleet f;

	fleet_open(&f, START, END);
	node(&f, "owned")->price_per_hour = 3 * TT_DECIMAL_ONE / 2;
	T_STR("1.5 nodes.csv", found(&f));
	fleet_open(&f, START, END);
	node(&f, "on_demand")->price_per_hour = 0;
	price(&f, "on_demand", START, 7);
	T_STR("0 nodes.csv", found(&f)); /* the price says 0 */
	fleet_open(&f, START, END);
	node(&f, "owned");
	price(&f, "on_demand", START, 7);
	T_STR("unknown", found(&f));
}

static void test_dates(void)
{
	fleet f;

	fleet_open(&f, START, END);
	node(&f, "");
	price(&f, "on_demand", TT_TIME_MISSING, 1);
	price(&f, "on_demand", START - 10, 2);
	price(&f, "on_demand", END, 3);
	price(&f, "on_demand", END + 1, 4);
	price(&f, "spot", END, 5);
	T_STR("3 prices.csv 1970-01-24T03:33:20Z", found(&f));
	fleet_open(&f, START, END);
	node(&f, "on_demand");
	price(&f, "on_demand", TT_TIME_MISSING, 1);
	price(&f, "on_demand", END + 9, 5);
	price(&f, "on_demand", END + 1, 4);
	T_STR("4 prices.csv 1970-01-24T03:33:21Z", found(&f));
	fleet_open(&f, START, END);
	node(&f, "spot");
	price(&f, "spot", TT_TIME_MISSING, 1);
	price(&f, "on_demand", START, 2);
	T_STR("1 prices.csv", found(&f));
}

static void test_keys(void)
{
	fleet f;

	fleet_open(&f, START, END);
	node(&f, "")->instance_type = "u";
	price(&f, "on_demand", START, 1);
	T_STR("unknown", found(&f));
	fleet_open(&f, START, END); /* an empty key fits nothing, not even an empty one */
	node(&f, "")->instance_type = "";
	price(&f, "on_demand", START, 1)->instance_type = "";
	T_STR("unknown", found(&f));
	fleet_open(&f, START, END);
	node(&f, "");
	price(&f, "on_demand", START, 1)->payment = "all";
	price(&f, "commit_1y", START, 2);
	T_STR("unknown", found(&f));
	fleet_open(&f, START, END); /* the same date twice: the model tells */
	node(&f, "");
	price(&f, "on_demand", START, 1)->gpu_model = "h100";
	price(&f, "on_demand", START, 2)->gpu_model = "a100";
	T_STR("2 prices.csv 1970-01-12T13:46:40Z", found(&f));
	fleet_open(&f, START, END); /* or nothing does */
	node(&f, "");
	price(&f, "on_demand", START, 1)->gpu_model = "h100";
	price(&f, "on_demand", START, 2)->gpu_model = "l4";
	T_STR("unknown", found(&f));
}

static void test_reserved(void)
{
	fleet f;

	fleet_open(&f, START, END);
	node(&f, "reserved");
	price(&f, "on_demand", START, 1);
	T_STR("unknown", found(&f));
	fleet_open(&f, START, END); /* 3 + 500 / (2 units x 100 h) */
	node(&f, "reserved");
	tt_commitment_row *c = commitment(&f, "ri-1", 3);
	c->payment = "partial";
	c->upfront = 500 * TT_DECIMAL_ONE;
	T_STR("5.5 commitments.csv ri-1", found(&f));
	fleet_open(&f, START, END); /* all at once: nothing recurs */
	node(&f, "reserved");
	c = commitment(&f, "ri-1", -1);
	c->payment = "all";
	c->upfront = 500 * TT_DECIMAL_ONE;
	T_STR("2.5 commitments.csv ri-1", found(&f));
	fleet_open(&f, START, END); /* part of the price is not known */
	node(&f, "reserved");
	commitment(&f, "ri-1", 3)->payment = "partial";
	T_STR("unknown", found(&f));
	fleet_open(&f, START, END); /* by the card */
	node(&f, "reserved");
	c = commitment(&f, "ri-1", 3);
	c->instance_type = "";
	c->gpu_model = "a100";
	T_STR("24 commitments.csv ri-1", found(&f));
	fleet_open(&f, START, END); /* two that agree, two that don't, one that is over */
	node(&f, "reserved");
	commitment(&f, "ri-1", 3);
	commitment(&f, "ri-2", 3);
	c = commitment(&f, "ri-0", 4);
	c->starts_at = 0;
	c->ends_at = START;
	T_STR("3 commitments.csv ri-1", found(&f));
	fleet_open(&f, START, END);
	node(&f, "reserved");
	commitment(&f, "ri-1", 3);
	commitment(&f, "ri-2", 4);
	T_STR("unknown", found(&f));
	fleet_open(&f, START, END);
	node(&f, "reserved");
	commitment(&f, "ri-1", 3)->region = "elsewhere";
	T_STR("unknown", found(&f));
}

/* What can't be worked out is unknown, and nothing falls over. */
static void test_extremes(void)
{
	fleet f;

	fleet_open(&f, START, END); /* no millionth of a unit */
	node(&f, "reserved");
	tt_commitment_row *c = commitment(&f, "ri-1", 3);
	c->units = 1e-7;
	c->payment = "all";
	c->upfront = TT_DECIMAL_ONE;
	T_STR("unknown", found(&f));
	fleet_open(&f, START, END); /* a millionth of one is some */
	node(&f, "reserved");
	c = commitment(&f, "ri-1", 0);
	c->units = 1e-6;
	c->payment = "all";
	c->upfront = TT_DECIMAL_ONE;
	T_STR("10000 commitments.csv ri-1", found(&f));
	fleet_open(&f, START, END); /* the largest sum, for a second, times a million cards */
	node(&f, "reserved")->gpus = 1e6;
	c = commitment(&f, "ri-1", 3);
	c->instance_type = "";
	c->gpu_model = "A100";
	c->units = 1e-6;
	c->payment = "all";
	c->upfront = (tt_decimal)999999999999999 * TT_DECIMAL_ONE;
	c->ends_at = START + 1;
	T_STR("unknown", found(&f));
}

int main(void)
{
	test_own();
	test_dates();
	test_keys();
	test_reserved();
	test_extremes();
	return T_END();
}
