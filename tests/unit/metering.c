/* Metering against hours that AWS prints, hours worked out by hand, a biller that looks for
 * the best pair again and again with fractions, and what must hold whatever is held. */
#include "bill/metering.h"
#include "base/memory.h"
#include "t.h"

enum { H = 3600, MOST = 8 };
#define HOUR_MICRO_S ((int64_t)H * 1000000)
#define ANY TT_TIME_MISSING
#define NONE TT_DECIMAL_MISSING

static tt_decimal dec(const char *text)
{
	tt_decimal d = NONE;

	T_OK(tt_decimal_parse(text, strlen(text), &d) == TT_DECIMAL_OK);
	return d;
}

static const char *json(int64_t micro)
{
	static char text[8][32];
	static int at;

	return tt_money_json(micro, text[at = (at + 1) % 8], sizeof text[0]);
}

static tt_metering_item item(const char *id, const char *price)
{
	return (tt_metering_item){ .id = id, .price_per_hour = price ? dec(price) : NONE };
}

static tt_metering_commitment plan(const char *id, enum tt_metering_kind kind, const char *per_h,
				   const tt_decimal *rates)
{
	return (tt_metering_commitment){ .id = id, .kind = kind, .starts_s = ANY, .ends_s = ANY,
					 .commitment_per_hour = dec(per_h), .rates = rates };
}

static tt_metering_commitment units(const char *id, enum tt_metering_kind kind, int64_t n,
				    const char *price)
{
	return (tt_metering_commitment){ .id = id, .kind = kind, .starts_s = ANY, .ends_s = ANY,
					 .units_micro = n * 1000000, .commitment_per_hour = NONE,
					 .price_per_hour = price ? dec(price) : NONE };
}

struct run {
	tt_metering *m;
	tt_metering_sums *s;
	tt_metering_bill b;
};

static void start(struct run *r, const tt_metering_item *v, size_t n,
		  const tt_metering_commitment *c, size_t n_c)
{
	tt_err err = { 0 };

	*r = (struct run){ 0 };
	T_INT(TT_OK, tt_metering_make(v, n, c, n_c, &r->m, &err));
	T_STR("", err.text);
	T_INT(TT_OK, tt_metering_sums_make(r->m, &r->s, &err));
}

static void add_s(struct run *r, const int64_t *used, int64_t from_s, int64_t to_s)
{
	tt_err err = { 0 };

	T_INT(TT_OK, tt_metering_add(r->s, used, from_s, to_s, &err));
	T_STR("", err.text);
}

/* The `n`-th hour with so many units of each item in use. */
static void add_hour(struct run *r, int64_t n, const int64_t *in_use, size_t n_items)
{
	int64_t used[MOST];

	for (size_t i = 0; i < n_items; i++)
		used[i] = in_use[i] * HOUR_MICRO_S;
	add_s(r, used, n * H, (n + 1) * H);
}

/* All parts of a bill add up. */
static void check_sums(const tt_metering_bill *b)
{
	int64_t on_demand = 0, cost = 0, unused = 0, covered = 0;

	for (size_t i = 0; i < b->n_items; i++) {
		on_demand += b->items[i].on_demand_micro;
		covered += b->items[i].covered_micro;
	}
	for (size_t k = 0; k < b->n_commitments; k++) {
		const tt_metered_commitment *c = &b->commitments[k];

		T_OK(c->used_micro >= 0 && c->unused_micro >= 0 && c->unused_micro_s >= 0);
		T_INT(c->cost_micro, c->used_micro + c->unused_micro);
		cost += c->cost_micro;
		unused += c->unused_micro;
	}
	T_INT(on_demand, b->on_demand_micro);
	T_INT(cost, b->commitment_micro);
	T_INT(unused, b->unused_micro);
	T_INT(cost - unused, covered);
	T_INT(on_demand + cost, b->total_micro);
	for (size_t i = 0; i < b->n_items; i++) {
		tt_i128 sum = b->items[i].on_demand_micro_s;

		for (size_t j = 0; j < b->n_covers; j++)
			sum += b->covers[j].item == i ? b->covers[j].units_micro_s : 0;
		T_OK(sum == b->items[i].used_micro_s);
	}
}

static const tt_metering_bill *read_bill(struct run *r)
{
	tt_err err = { 0 };
	int64_t total;

	tt_metering_bill_free(&r->b);
	T_INT(TT_OK, tt_metering_read(r->s, &r->b, &err));
	T_INT(TT_OK, tt_metering_total(r->s, &total, &err));
	T_STR("", err.text);
	T_INT(total, r->b.total_micro);
	return &r->b;
}

static void end(struct run *r)
{
	tt_metering_bill_free(&r->b);
	tt_metering_sums_free(r->s);
	tt_metering_free(r->m);
}

/* --- Hours that AWS prints ---------------------------------------------------------------- */

static void test_published_hour(void)
{
	const tt_metering_item v[] = { item("r5.4xlarge", "1.00"), item("m5.24xlarge", "10.00"),
		item("fargate-vcpu", "0.04"), item("fargate-gb", "0.004"),
		item("lambda-gb-s", "0.000015"), item("lambda-requests", "0.20") };
	const tt_decimal rates[] = { dec("0.70"), dec("8.20"), dec("0.03"), dec("0.003"),
		dec("0.00001275"), NONE };
	const int64_t in_use[] = { 4, 1, 400, 1600, 1500000, 1 };
	char text[32];
	struct run r;

	tt_metering_commitment c = plan("sp", TT_METERING_COMPUTE_PLAN, "50", rates);
	start(&r, v, 6, &c, 1);
	add_hour(&r, 0, in_use, 6);
	const tt_metering_bill *b = read_bill(&r);
	check_sums(b);
	T_STR("46.925000", json(b->commitments[0].used_micro));
	T_STR("3.075000", json(b->commitments[0].unused_micro));
	T_STR("47.125000", json(b->commitments[0].used_micro + b->on_demand_micro));
	T_STR("47.13", tt_money_text(b->commitments[0].used_micro + b->on_demand_micro, 2, text,
				     sizeof text));
	T_STR("2.800000", json(b->items[0].covered_micro));
	T_STR("19.125000", json(b->items[4].covered_micro));
	end(&r);

	c = plan("sp", TT_METERING_COMPUTE_PLAN, "2", rates);
	start(&r, v, 6, &c, 1);
	add_hour(&r, 0, in_use, 6);
	b = read_bill(&r);
	check_sums(b);
	T_STR("56.242857", json(b->on_demand_micro));
	T_STR("58.242857", json(b->total_micro));
	T_STR("0.000000", json(b->unused_micro));
	T_INT(1, b->n_covers); /* 2 / 0.70 units of the 30 % one */
	T_INT(0, b->covers[0].item);
	T_INT((2 * HOUR_MICRO_S * 10 + 3) / 7, b->covers[0].units_micro_s);
	end(&r);
}

static void test_older_published_hour(void)
{
	const tt_metering_item v[] = { item("a", "4"), item("b", "10"), item("c", "1.5"),
		item("d", "2") };
	const tt_decimal rates[] = { dec("2"), dec("8"), dec("1"), dec("1") };
	const tt_metering_commitment c = plan("sp", TT_METERING_COMPUTE_PLAN, "25", rates);
	const int64_t in_use[] = { 1, 1, 10, 5 };
	struct run r;

	start(&r, v, 4, &c, 1);
	add_hour(&r, 0, in_use, 4);
	const tt_metering_bill *b = read_bill(&r);
	check_sums(b);
	T_STR("25.000000", json(b->commitments[0].used_micro));
	T_STR("0.000000", json(b->on_demand_micro));
	T_STR("25.000000", json(b->total_micro));
	T_STR("39.000000", json(b->list_micro));
	/* 50 %: the lower rate first, then by id; 33 %; 20 % */
	const uint32_t order[] = { 3, 0, 2, 1 };
	for (size_t i = 0; i < 4; i++)
		T_INT(order[i], b->covers[i].item);
	end(&r);
}

/* --- A week ------------------------------------------------------------------------------- */

static void add_week(struct run *r)
{
	for (int64_t t = 0; t < 168; t++) {
		const int64_t in_use[] = { 3 + t % 5, t % 24 >= 8 && t % 24 < 18 ? 2 : 1,
			10 + t * 7 % 13 };

		add_hour(r, t, in_use, 3);
	}
}

static void test_week(void)
{
	const tt_metering_item v[] = { item("a", "4"), item("b", "10"), item("c", "1") };
	const tt_decimal rates[] = { dec("2.4"), dec("7"), dec("0.8") };
	const tt_decimal first[] = { dec("2"), NONE, NONE };
	tt_metering_commitment c[] = { plan("sp", TT_METERING_COMPUTE_PLAN, "29.4", rates), { 0 } };
	struct run r;

	start(&r, v, 3, c, 1);
	add_week(&r);
	const tt_metering_bill *b = read_bill(&r);
	check_sums(b);
	T_STR("6147.700000", json(b->total_micro));
	T_STR("8416.000000", json(b->list_micro));
	T_F64(26.952234, 100 * (1 - (double)b->total_micro / (double)b->list_micro), 5e-7);
	T_F64(98.420797, 100 * (double)b->commitments[0].used_micro /
	      (double)b->commitments[0].cost_micro, 5e-7);
	end(&r);

	/* An instance plan before it: what it leaves of an item is a fraction for the other. */
	c[0] = plan("compute", TT_METERING_COMPUTE_PLAN, "21.5", rates);
	c[1] = plan("instance", TT_METERING_INSTANCE_PLAN, "7.5", first);
	start(&r, v, 3, c, 2);
	add_week(&r);
	b = read_bill(&r);
	check_sums(b);
	T_STR("5941.625000", json(b->total_micro));
	end(&r);
	c[0] = plan("compute", TT_METERING_COMPUTE_PLAN, "21.4", rates);
	c[1] = plan("instance", TT_METERING_INSTANCE_PLAN, "7.333333333333", first);
	start(&r, v, 3, c, 2);
	add_week(&r);
	T_STR("5941.200000", json(read_bill(&r)->total_micro));
	end(&r);
}

/* The published order is not the best assignment, but it is what is billed. */
static void test_stacked(void)
{
	const tt_metering_item v[] = { item("a1", "2"), item("a2", "1.818181818182") };
	const tt_decimal instance[] = { dec("1"), dec("1") };
	const tt_decimal compute[] = { dec("1.04"), dec("1.727272727273") };
	const tt_metering_commitment c[] = {
		plan("c", TT_METERING_COMPUTE_PLAN, "1.04", compute),
		plan("i", TT_METERING_INSTANCE_PLAN, "1", instance) };
	const int64_t used[] = { 100 * HOUR_MICRO_S, 100 * HOUR_MICRO_S };
	struct run r;

	start(&r, v, 2, c, 2);
	add_s(&r, used, 0, 100 * H); /* a hundred hours alike, for two digits more */
	const tt_metering_bill *b = read_bill(&r);
	check_sums(b);
	T_STR("276.344498", json(b->total_micro));
	end(&r);
}

/* --- Units -------------------------------------------------------------------------------- */

/* A 4xlarge reserved over two 2xlarge and one xlarge: 32 of 40, smallest size first. */
static void test_sizes(void)
{
	tt_metering_item v[] = { item("2xlarge", "0.4"), item("xlarge", "0.2"),
		item("other", "0.4") };
	tt_metering_commitment c = units("ri", TT_METERING_RESERVED, 1, "0.5");
	const int64_t in_use[] = { 2, 1, 1 };
	struct run r;

	v[0].size = 1600;
	v[1].size = 800;
	v[2].size = 1600;
	v[0].key.family = v[1].key.family = c.key.family = 7;
	v[2].key.family = 8;
	c.unit = TT_METERING_SIZES;
	c.size = 3200;
	start(&r, v, 3, &c, 1);
	add_hour(&r, 0, in_use, 3);
	const tt_metering_bill *b = read_bill(&r);
	check_sums(b);
	T_INT(HOUR_MICRO_S / 2, b->items[0].on_demand_micro_s); /* 8 of 16 */
	T_INT(0, b->items[1].on_demand_micro_s);
	T_INT(HOUR_MICRO_S, b->items[2].on_demand_micro_s);
	T_INT(1, b->covers[0].item);
	T_STR("0.125000", json(b->covers[0].cost_micro));
	T_STR("0.375000", json(b->covers[1].cost_micro));
	T_STR("1.100000", json(b->total_micro)); /* 0.5 + 0.2 + 0.4 */
	end(&r);

	c.unit = TT_METERING_INSTANCES; /* not flexible: an instance of its own type */
	c.key.instance_type = 3;
	v[1].key.instance_type = 3;
	start(&r, v, 3, &c, 1);
	add_hour(&r, 0, in_use, 3);
	b = read_bill(&r);
	T_INT(1, b->n_covers);
	T_INT(1, b->covers[0].item);
	T_INT(HOUR_MICRO_S, b->covers[0].units_micro_s);
	end(&r);
}

/* Cards, in the order of kinds: blocks, reserved, committed use, then money. */
static void test_kinds(void)
{
	tt_metering_item v[] = { item("8 cards", "80"), item("1 card", "12") };
	const tt_decimal rates[] = { dec("40"), dec("6") };
	tt_metering_commitment c[] = {
		plan("a", TT_METERING_INSTANCE_PLAN, "10", rates),
		units("b", TT_METERING_COMMITTED_USE, 4, "5"),
		units("c", TT_METERING_RESERVED, 1, "60"),
		units("d", TT_METERING_CAPACITY_BLOCK, 1, "70") };
	const int64_t in_use[] = { 4, 3 };
	struct run r;

	v[0].cards_micro = 8000000;
	v[1].cards_micro = 1000000;
	v[0].key.gpu_model = v[1].key.gpu_model = c[1].key.gpu_model = 5;
	v[0].key.instance_type = c[2].key.instance_type = c[3].key.instance_type = 9;
	c[1].unit = TT_METERING_CARDS;
	start(&r, v, 2, c, 4);
	add_hour(&r, 0, in_use, 2);
	const tt_metering_bill *b = read_bill(&r);
	check_sums(b);
	const uint32_t order[][2] = { { 3, 0 }, { 2, 0 }, { 1, 1 }, { 1, 0 }, { 0, 0 } };
	T_INT(5, b->n_covers); /* 12 > 80 / 8: three single cards, then one of eight */
	for (size_t i = 0; i < b->n_covers && i < 5; i++) {
		T_INT(order[i][0], b->covers[i].commitment);
		T_INT(order[i][1], b->covers[i].item);
	}
	T_INT(HOUR_MICRO_S / 8, b->covers[3].units_micro_s);
	T_INT(HOUR_MICRO_S / 4, b->covers[4].units_micro_s); /* 10 of 40 */
	T_STR("130.000000", json(b->on_demand_micro));       /* 2 - 1/8 - 1/4 */
	T_STR("290.000000", json(b->total_micro));
	end(&r);
}

/* Of one kind the higher saving goes first, whoever holds it. */
static void test_saving_first(void)
{
	const tt_metering_item v[] = { item("a", "3"), item("b", "2") };
	const tt_decimal one_year[] = { dec("2"), dec("1.5") };
	const tt_decimal three[] = { dec("1.5"), dec("1.2") };
	const tt_metering_commitment c[] = {
		plan("1y", TT_METERING_COMPUTE_PLAN, "3", one_year),
		plan("3y", TT_METERING_COMPUTE_PLAN, "3", three) };
	const int64_t in_use[] = { 1, 3 };
	struct run r;

	start(&r, v, 2, c, 2);
	add_hour(&r, 0, in_use, 2);
	const tt_metering_bill *b = read_bill(&r);
	check_sums(b);
	/* 3y a 50 %, 3y b 40 %, (1y a 33 %: nothing left), 1y b 25 % */
	T_INT(3, b->n_covers);
	T_STR("1.500000", json(b->covers[0].cost_micro));
	T_INT(1, b->covers[1].item);
	T_INT(HOUR_MICRO_S * 5 / 4, b->covers[1].units_micro_s);
	T_INT(0, b->covers[2].commitment);
	T_STR("2.625000", json(b->covers[2].cost_micro)); /* 1.75 units */
	T_STR("0.375000", json(b->unused_micro));
	end(&r);
}

/* --- What was paid and not used ------------------------------------------------------------ */

enum { YEAR_H = 8760, HELD = 100 };

/* Units in use in hour t, in the mean of two hours exactly `pct`. */
static int64_t in_use_at(int64_t t, int64_t pct)
{
	const int64_t by = t / 2 * 7 % 38;

	return t % 2 ? pct - by : pct + by;
}

static void test_stranded(int64_t pct, int rows, const char *want)
{
	const tt_metering_item v[] = { item("p4d", "32.77") };
	tt_metering_commitment c[HELD];
	char ids[HELD][8], upfront[16];
	int64_t at_month_end = 0, sum = 0;
	struct run r;

	snprintf(upfront, sizeof upfront, "%d.00", 20000 * HELD / rows);
	for (int k = 0; k < rows; k++) {
		snprintf(ids[k], sizeof ids[k], "ri%03d", k);
		c[k] = units(ids[k], TT_METERING_RESERVED, HELD / rows, "0");
		c[k].upfront = dec(upfront);
		c[k].starts_s = 0;
		c[k].ends_s = (int64_t)YEAR_H * H;
	}
	start(&r, v, 1, c, (size_t)rows);
	for (int64_t t = 0; t < YEAR_H; t++) {
		const int64_t in_use = in_use_at(t, pct);

		add_hour(&r, t, &in_use, 1);
		if (rows > 1 || (t + 1) % 730)
			continue;
		/* months are differences, so they add up */
		const tt_metering_bill *b = read_bill(&r);
		T_OK(llabs(b->total_micro - at_month_end - 166666666667) <= 1);
		sum += b->total_micro - at_month_end;
		at_month_end = b->total_micro;
	}
	const tt_metering_bill *b = read_bill(&r);
	check_sums(b);
	T_STR(want, json(b->unused_micro));
	T_STR("2000000.000000", json(b->commitment_micro));
	T_STR("2000000.000000", json(b->total_micro));
	T_INT(rows > 1 ? 0 : b->total_micro, sum);
	tt_i128 unused = 0;
	for (int k = 0; k < rows; k++)
		unused += b->commitments[k].unused_micro_s;
	T_OK(unused == (tt_i128)(100 - pct) * YEAR_H * HOUR_MICRO_S);
	end(&r);
}

/* A term that starts and ends within the hours; a year is what lies in it, no more. */
static void test_terms(void)
{
	const tt_metering_item v[] = { item("a", "10") };
	tt_metering_commitment c = units("ri", TT_METERING_RESERVED, 2, "3.6");
	const int64_t in_use = 1;
	struct run r;

	c.starts_s = H + 900;
	c.ends_s = 3 * H + 1800;
	c.upfront = dec("0.01");
	start(&r, v, 1, &c, 1);
	for (int64_t t = 0; t < 5; t++)
		add_hour(&r, t, &in_use, 1);
	const tt_metering_bill *b = read_bill(&r);
	check_sums(b);
	/* 8100 s held: in the hour it starts and the one it ends two cover what one used */
	T_INT((int64_t)2 * 8100 * 1000000, b->commitments[0].held_micro_s);
	T_INT((int64_t)(1800 + 3600) * 1000000, b->commitments[0].unused_micro_s);
	T_STR("16.210000", json(b->commitment_micro));
	T_STR("20.000000", json(b->on_demand_micro));
	T_STR("5.403333", json(b->unused_micro));
	tt_metering_sums_clear(r.s);
	b = read_bill(&r);
	T_INT(0, b->total_micro + b->list_micro);
	T_INT(0, b->n_covers);
	end(&r);
}

static void test_unknown(void)
{
	tt_metering_item v[] = { item("a", NULL), item("b", "2") };
	tt_metering_commitment c[] = { units("ri", TT_METERING_RESERVED, 1, NULL),
		units("up", TT_METERING_RESERVED, 1, "1") };
	int64_t in_use[] = { 1, 1 };
	struct run r;

	c[0].key.instance_type = c[1].key.instance_type = 1;
	v[0].key.instance_type = 1;
	c[1].upfront = dec("5"); /* over a term that is not known */
	start(&r, v, 2, c, 2);
	add_hour(&r, 0, in_use, 2);
	const tt_metering_bill *b = read_bill(&r);
	T_INT(2, b->unknown_commitments);
	T_INT(TT_MONEY_UNKNOWN, b->commitments[0].cost_micro);
	T_INT(TT_MONEY_UNKNOWN, b->commitments[1].unused_micro);
	T_INT(TT_MONEY_UNKNOWN, b->items[0].covered_micro);
	T_INT(0, b->items[0].on_demand_micro); /* covered, so no price is missed */
	T_INT(TT_MONEY_UNKNOWN, b->items[0].list_micro);
	T_INT(0, b->unknown_items);
	T_STR("2.000000", json(b->total_micro));
	in_use[0] = 4;
	add_hour(&r, 1, in_use, 2);
	b = read_bill(&r);
	T_INT(TT_MONEY_UNKNOWN, b->items[0].on_demand_micro);
	T_INT(2 * HOUR_MICRO_S, b->items[0].on_demand_micro_s);
	T_INT(1, b->unknown_items);
	T_STR("4.000000", json(b->total_micro));
	end(&r);
}

static void test_refused(void)
{
	tt_metering_item v[] = { item("a", "1") };
	tt_metering_commitment c = units("ri", TT_METERING_RESERVED, 1, "1");
	const int64_t minus = -1, most = INT64_MAX;
	tt_metering *m = NULL;
	tt_err err = { 0 };
	struct run r;

	v[0].price_per_hour = dec("9223373");
	T_INT(TT_EINVAL, tt_metering_make(v, 1, &c, 1, &m, &err));
	T_STR("item \"a\": price_per_hour is 9223373, want 0 or more and less than "
	      "9223372.036854775808", err.text);
	v[0].price_per_hour = dec("9223372");
	err = (tt_err){ 0 };
	c.unit = TT_METERING_SIZES;
	T_INT(TT_EINVAL, tt_metering_make(v, 1, &c, 1, &m, &err));
	T_STR("commitment \"ri\": size-flexible, but of which size is not known", err.text);
	c.unit = TT_METERING_INSTANCES;
	c.starts_s = c.ends_s = 5;
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_metering_make(v, 1, &c, 1, &m, &err));
	T_STR("commitment \"ri\": ends_at 5 is not after starts_at 5", err.text);
	c.starts_s = c.ends_s = ANY;
	c.units_micro = -1;
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_metering_make(v, 1, &c, 1, &m, &err));
	T_STR("commitment \"ri\": -1 millionths of a unit, want 0 or more", err.text);
	T_OK(!m);

	start(&r, v, 1, NULL, 0);
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_metering_add(r.s, &minus, 0, H, &err));
	T_STR("usage of item 0 is -1, want 0 or more", err.text);
	err = (tt_err){ 0 };
	T_INT(TT_EINVAL, tt_metering_add(r.s, &most, H, H, &err));
	T_STR("a stretch from 3600 to 3600 has no length", err.text);
	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_metering_add(r.s, &most, 0, H, &err));
	T_INT(TT_EDATA, tt_metering_read(r.s, &r.b, &err));
	T_STR("more usage or money than can be metered", err.text);
	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_metering_add(r.s, &most, 0, H, &err));
	T_INT(TT_EDATA, tt_metering_add(r.s, &most, 0, H, &err));
	end(&r);
}

/* --- A biller that looks for the best pair again and again ---------------------------------- */

typedef struct frac { tt_i128 n, d; } frac;

static frac fraction(tt_i128 n, tt_i128 d)
{
	tt_i128 a = n < 0 ? -n : n, b = d;

	while (b) {
		tt_i128 rest = a % b;

		a = b;
		b = rest;
	}
	return a ? (frac){ n / a, d / a } : (frac){ 0, 1 };
}

static frac times(frac a, frac b) { return fraction(a.n * b.n, a.d * b.d); }
static frac over(frac a, frac b) { return fraction(a.n * b.d, a.d * b.n); }
static frac plus(frac a, frac b) { return fraction(a.n * b.d + b.n * a.d, a.d * b.d); }
static frac minus(frac a, frac b) { return plus(a, (frac){ -b.n, b.d }); }
static int compare(frac a, frac b)
{
	const tt_i128 by = minus(a, b).n;

	return (by > 0) - (by < 0);
}

static int64_t micro_of(frac v)
{
	return (int64_t)tt_div_half_even(v.n * 1000000, v.d);
}

static uint64_t seed;

static int64_t draw(int64_t n) /* 0 .. n - 1 */
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (int64_t)((z ^ z >> 31) % (uint64_t)n);
}

enum { ITEMS = 4, COMMITMENTS = 4, HOURS = 3 };

struct fleet {
	size_t n_items, n_commitments;
	char item_id[ITEMS][4], id[COMMITMENTS][4];
	tt_metering_item item[ITEMS];
	tt_metering_commitment c[COMMITMENTS];
	tt_decimal rates[COMMITMENTS][ITEMS];
	int64_t in_use[HOURS][ITEMS];
};

static void random_commitment(struct fleet *f, size_t k)
{
	tt_metering_commitment *c = &f->c[k];

	snprintf(f->id[k], sizeof f->id[k], "c%zu", k);
	*c = (tt_metering_commitment){
		.id = f->id[k], .kind = (enum tt_metering_kind)draw(TT_METERING_KINDS),
		.starts_s = ANY, .ends_s = ANY, .commitment_per_hour = NONE,
		.key = { .region = (uint32_t)draw(3), .family = (uint32_t)draw(2) }
	};
	if (c->kind >= TT_METERING_INSTANCE_PLAN) {
		c->commitment_per_hour = (1 + draw(12)) * TT_DECIMAL_ONE;
		for (size_t i = 0; i < ITEMS; i++)
			f->rates[k][i] = draw(5) ? (1 + draw(9)) * TT_DECIMAL_ONE :
					 draw(2) ? NONE : 0;
		c->rates = f->rates[k];
		return;
	}
	c->units_micro = draw(4) * 1000000;
	c->unit = (enum tt_metering_unit)draw(3);
	c->size = (uint32_t)(1 + draw(4)) * 400;
	c->price_per_hour = draw(9) * TT_DECIMAL_ONE;
}

static void random_fleet(struct fleet *f)
{
	*f = (struct fleet){ .n_items = (size_t)(1 + draw(ITEMS)),
			     .n_commitments = (size_t)(1 + draw(COMMITMENTS)) };
	for (size_t i = 0; i < f->n_items; i++) {
		snprintf(f->item_id[i], sizeof f->item_id[i], "i%zu", i);
		f->item[i] = (tt_metering_item){
			.id = f->item_id[i], .size = (uint32_t)draw(4) * 400,
			.cards_micro = (uint32_t)draw(4) * 1000000,
			.price_per_hour = (1 + draw(12)) * TT_DECIMAL_ONE,
			.key = { .region = (uint32_t)(1 + draw(2)), .family = (uint32_t)draw(2) }
		};
	}
	for (size_t k = 0; k < f->n_commitments; k++)
		random_commitment(f, k);
	for (size_t t = 0; t < HOURS; t++)
		for (size_t i = 0; i < f->n_items; i++)
			f->in_use[t][i] = draw(6);
}

/* Parts of a commitment's unit (or of its money) that a unit of the item takes; 0: none. */
static frac takes(const struct fleet *f, size_t k, size_t i)
{
	const tt_metering_commitment *c = &f->c[k];
	const tt_metering_item *v = &f->item[i];

	if ((c->key.region && c->key.region != v->key.region) ||
	    (c->key.family && c->key.family != v->key.family))
		return (frac){ 0, 1 };
	if (c->rates)
		return c->rates[i] == NONE || !c->rates[i] ? (frac){ 0, 1 } :
		       fraction(c->rates[i], c->commitment_per_hour);
	if (c->unit == TT_METERING_CARDS)
		return fraction(v->cards_micro, 1000000);
	return c->unit == TT_METERING_SIZES ? fraction(v->size, c->size) : (frac){ 1, 1 };
}

static frac price_of(const struct fleet *f, size_t k) /* of what `takes` counts */
{
	return fraction(f->c[k].rates ? f->c[k].commitment_per_hour : f->c[k].price_per_hour,
			TT_DECIMAL_ONE);
}

static frac list_of(const struct fleet *f, size_t i)
{
	return fraction(f->item[i].price_per_hour, TT_DECIMAL_ONE);
}

/* Is pair (k, i) before pair (l, j)? */
static bool goes_before(const struct fleet *f, size_t k, size_t i, size_t l, size_t j)
{
	const frac a = times(takes(f, k, i), price_of(f, k)), b = times(takes(f, l, j),
									price_of(f, l));
	int by = (int)f->c[k].kind - (int)f->c[l].kind;

	if (!by)
		by = compare(over(a, list_of(f, i)), over(b, list_of(f, j)));
	if (!by)
		by = compare(a, b);
	if (!by)
		by = strcmp(f->c[k].id, f->c[l].id);
	return by ? by < 0 : strcmp(f->item[i].id, f->item[j].id) < 0;
}

static bool best_pair(const struct fleet *f, bool done[COMMITMENTS][ITEMS], size_t *ret_k,
		      size_t *ret_i)
{
	bool found = false;

	for (size_t k = 0; k < f->n_commitments; k++) {
		for (size_t i = 0; i < f->n_items; i++) {
			if (done[k][i] || takes(f, k, i).n == 0 ||
			    (found && !goes_before(f, k, i, *ret_k, *ret_i)))
				continue;
			*ret_k = k;
			*ret_i = i;
			found = true;
		}
	}
	return found;
}

static int fractions; /* hours in which something did not divide */

static void bill_hour(const struct fleet *f, size_t t, frac *on_demand, frac *unused)
{
	bool done[COMMITMENTS][ITEMS] = { 0 };
	frac left[ITEMS], held[COMMITMENTS];
	size_t k, i;

	for (i = 0; i < f->n_items; i++)
		left[i] = (frac){ f->in_use[t][i], 1 };
	for (k = 0; k < f->n_commitments; k++)
		held[k] = f->c[k].rates ? (frac){ 1, 1 } : fraction(f->c[k].units_micro, 1000000);
	while (best_pair(f, done, &k, &i)) {
		frac part = over(held[k], takes(f, k, i));

		if (compare(part, left[i]) > 0)
			part = left[i];
		held[k] = minus(held[k], times(part, takes(f, k, i)));
		left[i] = minus(left[i], part);
		fractions += left[i].d > 1 && held[k].n == 0;
		done[k][i] = true;
	}
	for (i = 0; i < f->n_items; i++)
		on_demand[i] = plus(on_demand[i], times(left[i], list_of(f, i)));
	for (k = 0; k < f->n_commitments; k++)
		unused[k] = plus(unused[k], times(held[k], price_of(f, k)));
}

static void open_fleet(struct run *r, const struct fleet *f)
{
	start(r, f->item, f->n_items, f->c, f->n_commitments);
	for (size_t t = 0; t < HOURS; t++)
		add_hour(r, (int64_t)t, f->in_use[t], f->n_items);
}

static void test_oracle(void)
{
	frac on_demand[ITEMS], unused[COMMITMENTS];
	struct fleet f;
	struct run r;

	random_fleet(&f);
	for (size_t i = 0; i < ITEMS; i++)
		on_demand[i] = (frac){ 0, 1 };
	for (size_t k = 0; k < COMMITMENTS; k++)
		unused[k] = (frac){ 0, 1 };
	for (size_t t = 0; t < HOURS; t++)
		bill_hour(&f, t, on_demand, unused);
	open_fleet(&r, &f);

	const tt_metering_bill *b = read_bill(&r);
	int64_t total = 0;
	check_sums(b);
	for (size_t i = 0; i < f.n_items; i++) {
		total += micro_of(on_demand[i]);
		T_INT(micro_of(on_demand[i]), b->items[i].on_demand_micro);
	}
	for (size_t k = 0; k < f.n_commitments; k++) {
		const frac units_held = fraction(f.c[k].rates ? 1000000 : f.c[k].units_micro,
						 1000000);

		total += micro_of(times(times(units_held, price_of(&f, k)), (frac){ HOURS, 1 }));
		T_OK(llabs(micro_of(unused[k]) - b->commitments[k].unused_micro) <= 1);
	}
	T_INT(total, b->total_micro);
	end(&r);
}

/* --- What holds whatever is held -------------------------------------------------------------- */

/* Items and commitments in another order: the same of each. */
static void test_order(void)
{
	struct fleet f, g;
	struct run r, turned;

	random_fleet(&f);
	g = f;
	for (size_t i = 0; i < f.n_items; i++) {
		g.item[i] = f.item[f.n_items - 1 - i];
		for (size_t t = 0; t < HOURS; t++)
			g.in_use[t][i] = f.in_use[t][f.n_items - 1 - i];
	}
	for (size_t k = 0; k < f.n_commitments; k++) {
		g.c[k] = f.c[f.n_commitments - 1 - k];
		for (size_t i = 0; i < f.n_items; i++)
			g.rates[k][i] = f.rates[f.n_commitments - 1 - k][f.n_items - 1 - i];
		if (g.c[k].rates)
			g.c[k].rates = g.rates[k];
	}
	open_fleet(&r, &f);
	open_fleet(&turned, &g);
	const tt_metering_bill *b = read_bill(&r), *c = read_bill(&turned);
	T_INT(b->total_micro, c->total_micro);
	T_INT(b->unused_micro, c->unused_micro);
	T_INT(b->n_covers, c->n_covers);
	for (size_t i = 0; i < b->n_items; i++) {
		const tt_metered_item *v = &c->items[b->n_items - 1 - i];

		T_INT(b->items[i].on_demand_micro, v->on_demand_micro);
		T_INT(b->items[i].covered_micro, v->covered_micro);
	}
	for (size_t j = 0; j < b->n_covers && j < c->n_covers; j++) {
		T_INT(b->n_items - 1 - b->covers[j].item, c->covers[j].item);
		T_OK(b->covers[j].units_micro_s == c->covers[j].units_micro_s);
		T_INT(b->covers[j].cost_micro, c->covers[j].cost_micro);
	}
	end(&r);
	end(&turned);
}

static int64_t total_of(const struct fleet *f)
{
	struct run r;

	open_fleet(&r, f);
	const int64_t total = read_bill(&r)->total_micro;
	end(&r);
	return total;
}

/* All on-demand prices alike; or any price at all where one commitment is held. */
static void test_lower_price(void)
{
	struct fleet f;

	random_fleet(&f);
	const int64_t was = total_of(&f);
	for (size_t i = 0; i < f.n_items; i++)
		f.item[i].price_per_hour /= 2;
	T_OK(total_of(&f) <= was);

	random_fleet(&f);
	f.n_commitments = 1;
	const int64_t held = total_of(&f);
	const size_t i = (size_t)draw((int64_t)f.n_items);
	if (f.c[0].rates && f.rates[0][i] != NONE && draw(2))
		f.rates[0][i] /= 1 + draw(3);
	else
		f.item[i].price_per_hour /= 1 + draw(3);
	T_OK(total_of(&f) <= held);
}

/* More of a commitment leaves no item with less covered, and none of its kind less used. */
static void test_more_commitment(void)
{
	struct fleet f, g;
	struct run r, more;

	random_fleet(&f);
	g = f;
	const size_t k = (size_t)draw((int64_t)f.n_commitments);
	if (g.c[k].rates)
		g.c[k].commitment_per_hour += draw(5) * TT_DECIMAL_ONE / 2;
	else
		g.c[k].units_micro += draw(5) * 500000;
	for (size_t j = 0; j < COMMITMENTS; j++)
		if (g.c[j].rates)
			g.c[j].rates = g.rates[j];
	open_fleet(&r, &f);
	open_fleet(&more, &g);
	const tt_metering_bill *b = read_bill(&r), *c = read_bill(&more);
	for (size_t i = 0; i < f.n_items; i++)
		T_OK(c->items[i].on_demand_micro_s <= b->items[i].on_demand_micro_s + HOURS);
	if (f.c[k].rates)
		T_OK(c->commitments[k].used_micro + 1 >= b->commitments[k].used_micro);
	else
		T_OK(c->commitments[k].held_micro_s - c->commitments[k].unused_micro_s + HOURS >=
		     b->commitments[k].held_micro_s - b->commitments[k].unused_micro_s);
	end(&r);
	end(&more);
}

/* The published order does not promise more: a reservation that gets cheaper goes first,
 * and takes what the other could have covered, which can cover nothing else. */
static void test_lower_price_in_a_stack(void)
{
	tt_metering_item v[] = { item("x", "2"), item("y", "2") };
	tt_metering_commitment c[] = { units("any", TT_METERING_RESERVED, 1, "1.5"),
		units("x only", TT_METERING_RESERVED, 1, "1") };
	const int64_t in_use[] = { 1, 1 };
	struct run r;

	v[0].key.instance_type = c[1].key.instance_type = 1;
	start(&r, v, 2, c, 2);
	add_hour(&r, 0, in_use, 2);
	T_STR("2.500000", json(read_bill(&r)->total_micro));
	end(&r);
	c[0].price_per_hour = dec("0.5");
	start(&r, v, 2, c, 2);
	add_hour(&r, 0, in_use, 2);
	T_STR("3.500000", json(read_bill(&r)->total_micro));
	T_STR("1.000000", json(r.b.unused_micro));
	end(&r);
}

/* Prices of 43 bits and plans upon plans: fractions of many factors, and still all adds up. */
static void test_many_plans(void)
{
	enum { PLANS = 20, KINDS = 8 };
	tt_metering_item v[KINDS];
	tt_metering_commitment c[PLANS];
	tt_decimal rates[PLANS][KINDS];
	char ids[PLANS][4], item_ids[KINDS][4];
	int64_t used[KINDS];
	struct run r;

	for (int i = 0; i < KINDS; i++) {
		snprintf(item_ids[i], sizeof item_ids[i], "i%d", i);
		v[i] = item(item_ids[i], "7");
		v[i].price_per_hour = 7 * TT_DECIMAL_ONE + draw(1000000) * 999983;
	}
	for (int k = 0; k < PLANS; k++) {
		snprintf(ids[k], sizeof ids[k], "p%d", k);
		for (int i = 0; i < KINDS; i++)
			rates[k][i] = TT_DECIMAL_ONE + draw(INT64_C(4000000000000));
		c[k] = plan(ids[k], k % 2 ? TT_METERING_INSTANCE_PLAN : TT_METERING_COMPUTE_PLAN,
			    "0.123456789123", rates[k]);
	}
	start(&r, v, KINDS, c, PLANS);
	for (int64_t t = 0; t < 50; t++) {
		for (int i = 0; i < KINDS; i++)
			used[i] = 1 + draw(HOUR_MICRO_S / 8);
		add_s(&r, used, t * H, (t + 1) * H);
		if (t % 10 == 9)
			check_sums(read_bill(&r));
	}
	end(&r);
}

/* As many digits as prices can have, and still to the last micro-unit. */
static void test_widest(void)
{
	tt_metering_item v[] = { item("a", "1") };
	const tt_decimal rates[] = { ((tt_decimal)1 << 62) - 57 };
	const tt_metering_commitment c = plan("sp", TT_METERING_COMPUTE_PLAN,
					      "1234567.891011121317", rates);
	const int64_t used[] = { (INT64_C(1) << 51) - 1 };
	struct run r;

	v[0].price_per_hour = 2 * rates[0]; /* so what is left costs twice what it takes */
	start(&r, v, 1, &c, 1);
	add_s(&r, used, 0, H);
	const tt_i128 left = used[0] * rates[0] - c.commitment_per_hour * HOUR_MICRO_S;
	T_INT(tt_div_half_even(2 * left, TT_METERING_MICRO), read_bill(&r)->on_demand_micro);
	check_sums(&r.b);
	end(&r);
}

static void test_no_memory(void)
{
	struct fleet f;
	tt_metering_bill b = { 0 };

	do
		random_fleet(&f);
	while (f.n_items < ITEMS || f.n_commitments < COMMITMENTS);
	for (uint64_t nth = 1;; nth++) {
		tt_metering *m = NULL;
		tt_metering_sums *s = NULL;
		tt_err err = { 0 };
		int64_t used[ITEMS] = { HOUR_MICRO_S, HOUR_MICRO_S, HOUR_MICRO_S, HOUR_MICRO_S };

		tt_alloc_fail_at(nth, 0);
		int rc = tt_metering_make(f.item, f.n_items, f.c, f.n_commitments, &m, &err);
		if (rc == TT_OK)
			rc = tt_metering_sums_make(m, &s, &err);
		if (rc == TT_OK)
			rc = tt_metering_add(s, used, 0, H, &err);
		if (rc == TT_OK)
			rc = tt_metering_read(s, &b, &err);
		const bool failed = tt_alloc_failed() > 0;
		tt_alloc_fail_at(0, 0);
		tt_metering_bill_free(&b);
		tt_metering_sums_free(s);
		tt_metering_free(m);
		T_INT(failed ? TT_ENOMEM : TT_OK, rc);
		if (!failed)
			break;
	}
}

int main(void)
{
	test_published_hour();
	test_older_published_hour();
	test_week();
	test_stacked();
	test_sizes();
	test_kinds();
	test_saving_first();
	test_stranded(61, 1, "780000.000000");
	test_stranded(61, HELD, "780000.000000");
	test_stranded(60, HELD, "800000.000000");
	test_stranded(62, HELD, "760000.000000");
	test_terms();
	test_unknown();
	test_refused();
	test_lower_price_in_a_stack();
	for (uint64_t s = 0; s < 3000; s++) {
		seed = s * 1000003;
		test_oracle();
		test_order();
		test_lower_price();
		test_more_commitment();
	}
	T_OK(fractions > 1000);
	test_many_plans();
	test_widest();
	test_no_memory();
	return T_END();
}
