/* A bill of charges: each micro-unit of it is a node's or a line's, and no node is paid for
 * twice. What changes of charges save, alone and together. */
#include "fleet.h"
#include "held_fleet.h"
#include <time.h>

enum { DAY = 86400, START = 1767571200 /* 2026-01-05, a Monday */ };

static tt_charge_row *charge(fleet *f, const char *resource, const char *cost)
{
	tt_charge_row *r = fleet_row(f, TT_CHARGES);

	r->ResourceId = resource;
	r->ChargePeriodStart = f->s.start_s;
	r->ChargePeriodEnd = f->s.end_s;
	r->ChargeCategory = "Usage";
	r->BillingCurrency = "USD";
	r->EffectiveCost = dec(cost);
	r->record = (double)f->s.table[TT_CHARGES].n;
	return r;
}

static tt_charge_row *stream(fleet *f, const char *service, const char *meter, const char *unit,
			     const char *cost)
{
	tt_charge_row *r = charge(f, "", cost);

	r->ServiceName = service;
	r->ServiceCategory = strstr(unit, "oken") ? "AI and Machine Learning" :
			     strstr(unit, "-") ? "Storage" : "Networking";
	r->SkuMeter = meter;
	r->ConsumedUnit = unit;
	return r;
}

static void check_cells(const tt_bill *b)
{
	for (int r = 0; r < TT_RULES; r++) {
		int64_t sum = 0, buckets = 0, lines = 0;

		for (size_t i = 0; i < b->n_cells[r]; i++) {
			const tt_cell *c = &b->cells[r][i];

			sum += c->cost_micro;
			if (c->node == TT_NO_NODE && c->held == TT_NO_HELD)
				lines += c->cost_micro;
		}
		for (int i = 0; i < TT_BUCKETS; i++)
			buckets += b->bucket_micro[r][i];
		T_INT(b->total_micro, sum);
		T_INT(b->total_micro, buckets);
		T_INT(b->lines_micro, lines);
	}
}

static tt_bill *bill_of(fleet *f)
{
	tt_bill *b = NULL;
	tt_err err = { 0 };
	tt_case c;
	int64_t micro = -1;

	fleet_ready(f);
	tt_case_init(&c, &f->s, settings);
	T_INT(TT_OK, tt_bill_make(&c, settings, &b, &err));
	T_STR("", err.text);
	if (!b)
		exit(1);
	T_INT(TT_OK, tt_bill_total(&c, &micro, &err));
	T_INT(b->total_micro, micro);
	check_cells(b);
	return b;
}

/* --- Nodes ---------------------------------------------------------------------------- */

/* Charges take the place of the price; a node without any keeps its price. */
static void test_nodes(void)
{
	fleet f;

	fleet_open(&f, START, START + DAY);
	node(&f, "a8", "on_demand", "10")->resource_id = "i-0";
	node(&f, "a8", "on_demand", "10")->resource_id = "i-1";
	tt_node_row *late = node(&f, "a8", "on_demand", "10");
	late->started_at = START - DAY;
	late->ended_at = START; /* gone before the window */
	late->resource_id = "i-2";
	charge(&f, "i-0", "200.0000004");
	charge(&f, "i-0", "0.0000003"); /* one sum, rounded once: 200.000001 */
	charge(&f, "i-2", "7");
	charge(&f, "", "5")->ChargeCategory = "Tax";
	charge(&f, "", "-3");
	tt_bill *b = bill_of(&f);
	T_INT(200000001, b->nodes[0].cost_micro);
	T_STR("charges.csv", b->nodes[0].price_from);
	T_INT(240000000, b->nodes[1].cost_micro);
	T_STR("nodes.csv", b->nodes[1].price_from);
	T_INT(1, b->charged_nodes);
	T_INT(200000001, b->charged_micro);
	T_INT(9000000, b->lines_micro);
	T_INT(449000001, b->total_micro);
	T_INT(5000000, b->bucket_micro[0][TT_TAX]);
	T_INT(4000000, b->reason_micro[0][TT_NO_OWNER]); /* 7 - 3, and free cards are idle */
	/* half of the day: half of the charges, not of the price */
	T_INT(349000000, cost(&f, "release node:n00000 from=2026-01-05T12:00:00Z"));
	T_INT(449000001 - 200000001, cost(&f, "release node:n00000"));
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_shared_resource(void)
{
	fleet f;

	fleet_open(&f, START, START + DAY);
	node(&f, "a8", "on_demand", "10")->resource_id = "i";
	tt_node_row *n = node(&f, "a8", "on_demand", "10");
	n->resource_id = "i";
	n->started_at = START + DAY / 2;
	charge(&f, "i", "100");
	tt_bill *b = bill_of(&f);
	T_INT(66666667, b->nodes[0].cost_micro);
	T_INT(33333333, b->nodes[1].cost_micro);
	T_INT(100000000, b->total_micro);
	tt_bill_free(b);
	fleet_close(&f);

	fleet_open(&f, START, START + DAY); /* a credit above what it cost */
	node(&f, "a8", "on_demand", "10")->resource_id = "i";
	charge(&f, "i", "10");
	charge(&f, "i", "-12.5");
	b = bill_of(&f);
	T_INT(0, b->nodes[0].cost_micro);
	T_INT(-2500000, b->lines_micro);
	T_INT(-2500000, b->total_micro);
	tt_bill_free(b);
	fleet_close(&f);
}

/* What charges say of a commitment is in no sum a second time. */
static void test_commitments(void)
{
	fleet f;

	fleet_open(&f, START, START + DAY);
	price(&f, "a8", "on_demand", "", "10");
	tt_node_row *n = node(&f, "a8", "reserved", NULL);
	n->resource_id = "i-0";
	node(&f, "a8", "on_demand", NULL)->resource_id = "i-1";
	node(&f, "a8", "on_demand", NULL); /* not in the charges */
	units(&f, "ri", "a8", 2, "6");
	tt_charge_row *r = charge(&f, "i-0", "144");
	r->CommitmentDiscountId = "ri";
	r->CommitmentDiscountStatus = "Used";
	r = charge(&f, "ri", "144");
	r->CommitmentDiscountId = "ri";
	r->CommitmentDiscountStatus = "Unused";
	charge(&f, "i-1", "240");
	tt_bill *b = bill_of(&f);
	T_INT(144000000, b->nodes[0].cost_micro);
	T_INT(240000000, b->nodes[1].cost_micro);
	T_INT(240000000, b->nodes[2].cost_micro);
	T_INT(144000000, b->lines_micro);
	T_INT(768000000, b->total_micro);
	T_INT(0, b->held.n_costs);
	T_HAS("charges.csv has what it costs", b->held.n_notes ? b->held.notes[0] : "");
	T_INT(768000000, cost(&f, "release node:n00000")); /* paid all the same */
	T_INT(528000000, cost(&f, "release node:n00001"));
	tt_bill_free(b);
	fleet_close(&f);

	fleet_open(&f, START, START + DAY); /* one that charges do not know is metered */
	price(&f, "a8", "on_demand", "", "10");
	node(&f, "a8", "on_demand", NULL)->resource_id = "i-1";
	node(&f, "a8", "on_demand", NULL);
	units(&f, "ri", "a8", 2, "6");
	charge(&f, "i-1", "230");
	b = bill_of(&f);
	T_INT(230000000, b->nodes[0].cost_micro);
	T_INT(230000000 + 2 * 144000000, b->total_micro);
	tt_bill_free(b);
	fleet_close(&f);
}

/* --- Lines ---------------------------------------------------------------------------- */

static const tt_billed_line *line(const fleet *f, const char *service)
{
	for (size_t i = 0; i < f->s.billed.n; i++)
		if (strcmp(f->s.billed.lines[i].service, service) == 0)
			return &f->s.billed.lines[i];
	T_STR(service, "no line");
	exit(1);
}

static void test_window(void)
{
	fleet f;

	fleet_open(&f, START, START + DAY);
	tt_charge_row *r = charge(&f, "", "31"); /* of a month */
	r->ServiceName = "month";
	r->ChargePeriodStart = START - 4 * DAY;
	r->ChargePeriodEnd = START + 27 * DAY;
	r->ConsumedUnit = "GB";
	r->ConsumedQuantity = 62;
	r = charge(&f, "", "8");
	r->ServiceName = "before";
	r->ChargePeriodStart = START - DAY;
	r->ChargePeriodEnd = START;
	r = charge(&f, "", "2.5");
	r->ServiceName = "moment";
	r->ChargePeriodStart = r->ChargePeriodEnd = START + 3600;
	tt_bill *b = bill_of(&f);
	T_INT(3500000, b->total_micro);
	T_INT(1000000, line(&f, "month")->micro);
	T_INT(500000, line(&f, "month")->early_micro);
	T_F64(2, line(&f, "month")->quantity, 1e-12);
	T_INT(2500000, line(&f, "moment")->early_micro);
	T_INT(2, f.s.billed.n);
	T_INT(1, f.s.billed.rows_outside);
	T_INT(1, f.s.billed.rows_cut);
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_streams(void)
{
	static const struct { const char *category, *meter, *unit, *stream; } v[] = {
		{ "AI and Machine Learning", "Large Input Tokens", "1K tokens", "input_tokens" },
		{ "AI and Machine Learning", "Large output", "Tokens", "output_tokens" },
		{ "AI and Machine Learning", "Cached input tokens", "Tokens", "cached_tokens" },
		{ "AI and Machine Learning", "Cache write input", "Tokens", "input_tokens" },
		{ "AI and Machine Learning", "Large", "Tokens", "tokens" },
		{ "AI and Machine Learning", "Prompt tokens", "Units", "input_tokens" },
		{ "AI and Machine Learning", "Images", "Requests", "requests" },
		{ "AI and Machine Learning", "Training", "Hours", "" },
		{ "Storage", "Standard", "GB-Months", "storage" },
		{ "Storage", "LRS Data Stored", "10 GB/Month", "storage" },
		{ "Storage", "SSD", "GiB Hours", "storage" },
		{ "Storage", "Puts", "Requests", "" },
		{ "Compute", "Memory", "GB Hours", "" },
		{ "Compute", "0.09 per GB - first 10 TB of data transfer out", "GB", "egress" },
		{ "Compute", "$0.00 per GB - data transfer in per month", "GB", "" },
		{ "Networking", "US West data transfer to US East", "GiB", "egress" },
		{ "Networking", "US West data transfer from US East", "GB", "" },
		{ "Networking", "EUN1-AWS-Out-Bytes", "GB", "egress" },
		{ "Networking", "Load balancer", "LCU-Hours", "" },
	};
	fleet f;

	fleet_open(&f, START, START + DAY);
	for (size_t i = 0; i < TT_COUNT(v); i++) {
		tt_charge_row *r = stream(&f, fleet_text(&f, "s%02zu", i), v[i].meter, v[i].unit,
					  "1");

		r->ServiceCategory = v[i].category;
	}
	fleet_ready(&f);
	for (size_t i = 0; i < TT_COUNT(v); i++) {
		const tt_billed_line *l = line(&f, fleet_text(&f, "s%02zu", i));

		if (strcmp(v[i].stream, tt_billed_stream_text(l->stream)) != 0)
			T_STR(v[i].stream, fleet_text(&f, "%s (%s, %s)",
				tt_billed_stream_text(l->stream), v[i].meter, v[i].unit));
	}
	fleet_close(&f);
}

static tt_volume_row *volume(fleet *f, const char *id, const char *per_h)
{
	tt_volume_row *v = fleet_row(f, TT_VOLUMES);

	v->volume = id;
	v->size_mib = 1024 * 1024;
	v->owner = "ml";
	if (per_h)
		v->price_per_hour = dec(per_h);
	return v;
}

static void test_volumes(void)
{
	fleet f;

	fleet_open(&f, START, START + DAY);
	volume(&f, "v-0", "0.5");
	volume(&f, "v-1", "0.5"); /* charges say it, too */
	volume(&f, "v-2", NULL);
	tt_charge_row *r = charge(&f, "v-1", "10");
	r->ServiceName = "Disks";
	r->Tags = "team=vision";
	r = charge(&f, "i-9", "4");
	r->ServiceName = "Disks";
	tt_bill *b = bill_of(&f);
	T_INT(26000000, b->total_micro);
	T_INT(12000000, line(&f, "volumes.csv")->micro);
	T_INT(0, line(&f, "volumes.csv")->rows);
	T_INT(22000000, b->reason_micro[0][TT_NO_TELEMETRY]); /* they have owners */
	T_INT(4000000, b->reason_micro[0][TT_NO_OWNER]);
	for (size_t i = 0; i < b->n_cells[0]; i++)
		if (b->cells[0][i].cost_micro != 4000000)
			T_STR(b->cells[0][i].cost_micro == 12000000 ? "ml" : "vision",
			      b->cells[0][i].owner);
	tt_bill_free(b);
	fleet_close(&f);
}

/* --- Changes -------------------------------------------------------------------------- */

static void open_streams(fleet *f)
{
	fleet_open(f, START, START + DAY);
	node(f, "a8", "on_demand", "10")->resource_id = "i-0";
	charge(f, "i-0", "240");
	tt_charge_row *r = stream(f, "LLM", "Large input", "Tokens", "30");
	r->ConsumedQuantity = 1000;
	r->Tags = "namespace=shop";
	r = stream(f, "LLM", "Large cached input", "Tokens", "2");
	r->ConsumedQuantity = 250;
	r->Tags = "namespace=shop";
	stream(f, "LLM", "Large output", "Tokens", "50")->Tags = "namespace=shop";
	stream(f, "LLM", "Small output", "Tokens", "8")->Tags = "namespace=docs";
	stream(f, "Bucket", "Standard", "GB-Months", "12");
	stream(f, "Network", "data transfer out", "GB", "6");
	charge(f, "", "10")->ChargeCategory = "Tax";
	volume(f, "v-0", "0.5");
	fleet_ready(f);
}

/* By the bill and by the pricer that looks only at what changes. */
static int64_t saved(fleet *f, const char *text)
{
	const int64_t micro = cost(f, NULL) - cost(f, text);
	const tt_change *change = parse(text);
	tt_pricer *p = NULL;
	tt_saving s = { 0 };
	tt_err err = { 0 };
	tt_bill *b = bill_of(f);

	T_INT(TT_OK, tt_pricer_open(b, settings, NULL, &p, &err));
	T_INT(TT_OK, tt_pricer_try(p, &change, 1, &s, &err));
	T_INT(micro, s.known_micro);
	T_INT(TT_OK, tt_pricer_keep(p, &err));
	T_INT(TT_OK, tt_pricer_try(p, &change, 1, &s, &err));
	T_INT(0, s.known_micro); /* it is there already */
	tt_pricer_close(p);
	tt_bill_free(b);
	return micro;
}

static void test_changes(void)
{
	fleet f;

	open_streams(&f);
	T_INT(370000000, cost(&f, NULL));
	T_INT(6000000, saved(&f, "scale charge:Bucket factor=0.5"));
	T_INT(3000000, saved(&f, "scale charge:Bucket factor=0.5 from=2026-01-05T12:00:00Z"));
	T_INT(6000000, saved(&f, "scale charge:v-0 factor=0.5"));
	T_INT(24000000, saved(&f, "scale charge:Storage factor=0"));
	T_INT(-12000000, saved(&f, "scale charge:Bucket factor=2"));
	T_INT(22500000, saved(&f, "reprice charge:LLM discount_ratio=0.25"));
	T_INT(2400000, saved(&f, "reprice charge:Bucket price_per_hour=0.4"));
	T_INT(0, saved(&f, "scale charge:Bucket factor=1"));
	T_INT(24000000, saved(&f, "scale fleet stream=storage factor=0"));
	T_INT(1500000, saved(&f, "scale fleet stream=egress factor=0.75"));
	T_INT(29000000, saved(&f, "scale fleet stream=output_tokens factor=0.5"));
	T_INT(25000000, saved(&f, "scale namespace:shop stream=output_tokens factor=0.5"));
	T_INT(45000000, saved(&f, "scale fleet stream=requests factor=0.5"));
	/* twice as much of the input from the cache: 250 of 1000 are not read again */
	T_INT(7500000 - 2000000, saved(&f, "scale fleet stream=cached_tokens factor=2"));
	T_HAS("charges of \"i-0\" are what node \"n00000\" costs: name the node",
	      refused(&f, "scale charge:i-0 factor=0.5"));
	T_HAS("no charge has \"x\"", refused(&f, "scale charge:x factor=0.5"));
	T_HAS("no charge of namespace docs is known to be egress",
	      refused(&f, "scale namespace:docs stream=egress factor=0.5"));
	fleet_close(&f);
}

/* A payer each, all without a ResourceId: what a line goes with is not looked for among all. */
static void test_many_payers(void)
{
	enum { PAYERS = 20000 };
	struct timespec a, z;
	fleet f;

	fleet_open(&f, START, START + DAY);
	for (int i = 0; i < PAYERS; i++) {
		const char *tags = fleet_text(&f, "feature=f%d", i);
		tt_charge_row *r = stream(&f, "LLM", "Large input", "Tokens", "3");

		r->ConsumedQuantity = 1000;
		r->Tags = tags;
		r = stream(&f, "LLM", "Large cached input", "Tokens", "1");
		r->ConsumedQuantity = i % 2 ? 500 : 250;
		r->Tags = tags;
	}
	fleet_ready(&f);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	const int64_t after = cost(&f, "scale fleet stream=cached_tokens factor=2");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &z);
	/* 3 x 0.75 or 3 x 0.5, and twice 1 */
	T_INT(PAYERS / 2 * INT64_C(4250000) + PAYERS / 2 * INT64_C(3500000), after);
	T_OK(z.tv_sec - a.tv_sec < 2);
	fleet_close(&f);
}

/* Two changes of one line multiply, in any order: they never save more than there is. */
static void test_together(void)
{
	const char *const text[] = { "scale fleet stream=output_tokens factor=0.7",
		"scale fleet stream=requests factor=0.9", "reprice charge:LLM discount_ratio=0.5",
		"scale charge:LLM factor=0.1" };
	const tt_change *v[TT_COUNT(text)], *w[TT_COUNT(text)];
	fleet f;

	open_streams(&f);
	for (size_t i = 0; i < TT_COUNT(text); i++)
		v[i] = w[TT_COUNT(text) - 1 - i] = parse(text[i]);
	/* 58 x 0.7 x 0.9 + 32 x 0.9 */
	T_INT(280000000 + 36540000 + 28800000, cost_of(&f, v, 2));
	T_INT(280000000 + (36540000 + 28800000) / 20, cost_of(&f, v, 4));
	T_INT(cost_of(&f, v, 4), cost_of(&f, w, 4));
	fleet_close(&f);
}

/* Twice the demand is twice the tokens and a node more: that nobody knows what the node costs
 * is said, whatever is known of the tokens. */
static void test_no_price(void)
{
	fleet f;

	fleet_open(&f, START, START + DAY);
	node(&f, "a8", "on_demand", NULL);
	fleet_pod(&f, "p", "n00000", 2)->started_at = START;
	stream(&f, "LLM", "Large output", "Tokens", "50")->Tags = "workload=x";
	fleet_ready(&f);
	T_HAS("it is not known what one more node", refused(&f, "scale fleet factor=2"));
	T_INT(cost(&f, NULL) - 25000000, cost(&f, "scale fleet stream=output_tokens factor=0.5"));
	T_INT(cost(&f, NULL) - 25000000, cost(&f, "scale workload:x stream=output_tokens "
						  "factor=0.5"));
	fleet_close(&f);
}

int main(void)
{
	T_INT(TT_OK, tt_settings_load(NULL, &settings, NULL));
	arena = tt_arena_new();
	test_nodes();
	test_shared_resource();
	test_commitments();
	test_window();
	test_streams();
	test_volumes();
	test_changes();
	test_many_payers();
	test_together();
	test_no_price();
	tt_settings_free(settings);
	tt_arena_free(arena);
	return T_END();
}
