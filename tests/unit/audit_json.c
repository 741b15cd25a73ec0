/* The machine-readable audit: what is not known is null, what is known adds up, and no
 * text breaks the document. The whole of it is in tests/golden. */
#include "fleet.h"
#include "report/audit_csv.h"
#include "report/audit_json.h"
#include "report/audit_table.h"

static tt_settings *settings;

typedef struct run {
	tt_case base;
	tt_bill *bill;
	tt_findings findings;
	tt_plan *plan;
	tt_audit audit;
	tt_buf out;
} run;

static void run_open(run *r, const fleet *f)
{
	tt_err err = { 0 };

	tt_case_init(&r->base, &f->s, settings);
	FLEET_MUST(tt_bill_make(&r->base, settings, &r->bill, &err) == TT_OK);
	FLEET_MUST(tt_plan_make(r->bill, settings, &r->findings, NULL, &r->plan, &err) == TT_OK);
	r->audit = (tt_audit){ .snapshot = &f->s, .settings = settings, .bill = r->bill,
		               .findings = &r->findings, .plan = r->plan, .seed = 1 };
	FLEET_MUST(tt_audit_make(&r->audit, &err) == TT_OK);
	tt_audit_json(&r->audit, &r->out);
	T_OK(!r->out.failed);
}

static void run_close(run *r)
{
	tt_buf_free(&r->out);
	tt_audit_reset(&r->audit);
	tt_plan_free(r->plan);
	tt_bill_free(r->bill);
	tt_case_reset(&r->base);
}

/* No table but the window: nothing is known, so nothing is 0. */
static void test_nothing_known(void)
{
	fleet f;
	run r = { 0 };

	fleet_open(&f, 0, 30 * 86400);
	fleet_ready(&f);
	run_open(&r, &f);
	T_HAS("\"nodes\": null", r.out.p);
	T_HAS("\"gpus\": null", r.out.p);
	T_HAS("\"gpu_hours\": null", r.out.p);
	T_HAS("\"total\": null", r.out.p);
	T_HAS("\"productive\": null", r.out.p);
	T_HAS("\"by_owner\": []", r.out.p);
	T_HAS("nodes.csv is missing", r.out.p);
	T_HAS("\"p50\": null", r.out.p); /* a saving needs a bill */
	T_HAS("\"standalone_sum_per_month\": null", r.out.p);
	run_close(&r);
	fleet_close(&f);
}

/* A node without a price among those that have one. */
static void test_unknown_price(void)
{
	fleet f;
	run r = { 0 };

	fleet_open(&f, 0, 36000);
	fleet_node(&f, "a", 2)->price_per_hour = TT_DECIMAL_ONE;
	fleet_node(&f, "b", 4)->node_group = "free";
	fleet_ready(&f);
	run_open(&r, &f);
	T_HAS("\"total\": \"10.000000\"", r.out.p);
	T_HAS("\"unknown_gpu_hours\": 40", r.out.p);
	T_HAS("{ \"node_group\": \"free\", \"total\": null, \"buckets\": { \"productive\": null",
	      r.out.p);
	T_HAS("1 node with 40 GPU-hours has no price", r.out.p);
	T_HAS("below 14 days", r.out.p);
	run_close(&r);
	fleet_close(&f);
}

#define KNOWN_IDLE "\"productive\": null, \"allocated_idle\": null, \"unallocated_idle\": "

/* Held, but not measured: neither productive nor idle is known, here or in any part. */
static void test_not_measured(void)
{
	fleet f;
	run r = { 0 };
	tt_buf out = { 0 };

	fleet_open(&f, 0, 36000);
	fleet_node(&f, "a", 2)->price_per_hour = 2 * TT_DECIMAL_ONE;
	fleet_pod(&f, "p", "a", 1)->labels = "team=ml";
	fleet_ready(&f);
	run_open(&r, &f);
	T_HAS("\"buckets\": { " KNOWN_IDLE "\"10.000000\", \"unattributed\": \"10.000000\", "
	      "\"tax\": \"0.000000\" }", r.out.p);
	T_HAS("\"rule\": \"threshold\",\n      \"buckets\": { " KNOWN_IDLE "\"10", r.out.p);
	T_HAS("{ \"owner\": \"ml\", \"total\": \"10.000000\", \"buckets\": { " KNOWN_IDLE
	      "\"0.000000\", \"unattributed\": \"10", r.out.p);
	/* what nobody held is known to do nothing */
	T_HAS("{ \"owner\": null, \"total\": \"10.000000\", \"buckets\": { \"productive\": "
	      "\"0.000000\", \"allocated_idle\": \"0.000000\", \"unallocated_idle\": \"10",
	      r.out.p);
	T_HAS("\"bucket_gpu_hours\": { \"productive\": null, \"allocated_idle\": null, "
	      "\"unallocated_idle\": 10, \"unattributed\": 10, \"tax\": 0 }", r.out.p);
	T_HAS("\"no_telemetry\": 10, ", r.out.p);
	tt_audit_csv(&r.audit, &out);
	T_HAS(",share,fleet,,productive,,,,,", tt_buf_text(&out));
	T_HAS(",share,owner,ml,allocated_idle,,,,,", tt_buf_text(&out));
	T_HAS(",share,owner,ml,unattributed,no_telemetry,10.000000,10,0,", tt_buf_text(&out));
	tt_buf_free(&out);
	tt_audit_table(&r.audit, 0, &out);
	T_HAS("  productive                 not known", tt_buf_text(&out));
	tt_buf_free(&out);
	run_close(&r);
	fleet_close(&f);
}

/* Nobody says what ran: then tax and idle capacity are not known either. */
static void test_not_placed(void)
{
	fleet f;
	run r = { 0 };

	fleet_open(&f, 0, 36000);
	fleet_node(&f, "a", 2)->price_per_hour = 2 * TT_DECIMAL_ONE;
	fleet_ready(&f);
	run_open(&r, &f);
	T_HAS("\"buckets\": { " KNOWN_IDLE "null, \"unattributed\": \"20.000000\", "
	      "\"tax\": null }", r.out.p);
	T_HAS("{ \"node_group\": null, \"total\": \"20.000000\", \"buckets\": { " KNOWN_IDLE
	      "null, ", r.out.p);
	run_close(&r);
	fleet_close(&f);
}

/* A price of a node that was gone before the window is a price of nothing; and what a
 * bucket holds on nodes without a price alone has none, though others have. */
static void test_price_of_nothing(void)
{
	fleet f;
	run r = { 0 };
	tt_buf out = { 0 };
	tt_node_row *gone;

	fleet_open(&f, 36000, 72000);
	gone = fleet_node(&f, "a", 2);
	gone->price_per_hour = TT_DECIMAL_ONE;
	gone->started_at = 0;
	gone->ended_at = 36000;
	fleet_node(&f, "b", 4);
	fleet_pod(&f, "p", "b", 4)->namespace_ = "lab";
	fleet_ready(&f);
	run_open(&r, &f);
	T_HAS("\"total\": null", r.out.p);
	T_OK(!strstr(r.out.p, "0.000000"));
	T_HAS("no node has a price", r.out.p);
	tt_audit_table(&r.audit, 0, &out); /* reasons, by hours */
	T_HAS("    no owner                   unknown  100.0 %", tt_buf_text(&out));
	tt_buf_free(&out);
	run_close(&r);
	fleet_close(&f);

	r = (run){ 0 };
	fleet_open(&f, 0, 36000);
	fleet_node(&f, "a", 2)->price_per_hour = TT_DECIMAL_ONE;
	fleet_pod(&f, "p", "a", 2)->labels = "team=ml";
	fleet_node(&f, "b", 4);
	fleet_pod(&f, "q", "b", 1)->labels = "team=ml";
	fleet_ready(&f);
	run_open(&r, &f);
	T_HAS("\"unallocated_idle\": null, \"unattributed\": \"10.000000\"", r.out.p);
	T_HAS("\"unallocated_idle\": 30, \"unattributed\": 30", r.out.p);
	tt_audit_table(&r.audit, 0, &out); /* hours without a price are beside no money */
	T_HAS("  total                          10.00                        "
	      "                     20", tt_buf_text(&out));
	T_HAS("  and without a price          unknown                        "
	      "                     40", tt_buf_text(&out));
	T_HAS("66.7 % of the GPU-hours have", tt_buf_text(&out));
	tt_buf_free(&out);
	run_close(&r);
	fleet_close(&f);
}

/* Telemetry of more cards than the node has measures no more than all of it. */
static void test_too_many_cards(void)
{
	fleet f;
	run r = { 0 };

	fleet_open(&f, 0, 36000);
	fleet_node(&f, "a", 1)->price_per_hour = TT_DECIMAL_ONE;
	fleet_pod(&f, "p", "a", 1)->labels = "team=ml";
	for (int i = 0; i < 3; i++)
		fleet_hold(&f, fleet_card(&f, "a", fleet_text(&f, "%d", i), ""), "p", 0, 36000,
		           36000, 50);
	fleet_ready(&f);
	run_open(&r, &f);
	T_HAS("\"gpu_hours_measured\": 10,", r.out.p);
	T_HAS("names more cards than nodes.csv on 1 node, 3 on a to begin with", r.out.p);
	run_close(&r);
	fleet_close(&f);
}

/* Where prices are from, and of when. */
static void test_price_sources(void)
{
	fleet f;
	run r = { 0 };

	fleet_open(&f, 1767571200, 1767571200 + 36000); /* 2026-01-05 */
	fleet_node(&f, "a", 1)->price_per_hour = TT_DECIMAL_ONE;
	for (int i = 0; i < 3; i++) {
		tt_node_row *n = fleet_node(&f, fleet_text(&f, "n%d", i), 1);
		tt_price_row *p = fleet_row(&f, TT_PRICES);

		n->provider = p->provider = "aws";
		n->region = p->region = "r";
		n->instance_type = p->instance_type = fleet_text(&f, "t%d", i);
		n->pricing = p->pricing = "on_demand";
		p->price_per_hour = TT_DECIMAL_ONE;
		p->as_of = i == 2 ? TT_TIME_MISSING : 1751328000 + i * 86400 * 31; /* July */
	}
	f.s.note = "by hand";
	fleet_ready(&f);
	run_open(&r, &f);
	T_HAS("\"prices: nodes.csv on 1 node, prices.csv of 2025-07-01 to 2025-08-01 on 2 nodes, "
	      "prices.csv without a date on 1 node\"", r.out.p);
	T_HAS("\"note of the snapshot: by hand\"", r.out.p);
	run_close(&r);
	fleet_close(&f);
}

enum { FINDINGS = 12 };

/* A plan by hand: what is left out has reasons "why 0", "why 1" ... */
static void left_out(tt_plan *p, tt_ranked *r, tt_found *found, tt_change *c, size_t n)
{
	static const char *const why[] = { "why 0", "why 1", "why 2", "why 3", "why 4", "why 5",
		                           "why 6", "why 7", "why 8", "why 9", "why a", "why b" };
	static const tt_ranked *list[FINDINGS];
	static tt_ranked *all[FINDINGS];
	const tt_spread none = { TT_MONEY_UNKNOWN, TT_MONEY_UNKNOWN, TT_MONEY_UNKNOWN,
				 TT_MONEY_UNKNOWN };

	for (size_t i = 0; i < n; i++) {
		found[i] = (tt_found){ .detector = "odd", .title = "something", .subject_id = "n",
			               .owner = "", .confidence_ratio = 0.57, .risk_note = "",
			               .spend_concerned_micro = 1000000, .changes = c,
			               .n_changes = c ? 1 : 0 };
		snprintf(found[i].id, sizeof found[i].id, "odd-%zu", i);
		r[i] = (tt_ranked){ .found = &found[i], .place = TT_LEFT_OUT, .why = why[i],
			            .note = "", .kept_by = "",
			            .severity = "low", .wave = "quick_win",
			            .standalone_micro = 0,
			            .in_plan_micro = TT_MONEY_UNKNOWN,
			            .in_plan_per_month = none };
		list[i] = all[i] = &r[i];
	}
	*p = (tt_plan){ .worlds = { .why = "" }, .v = all, .n = n,
		        .left_out = list, .n_left_out = n,
		        .waves = { { .wave = "quick_win" }, { .wave = "medium" },
				   { .wave = "long" } } };
}

static const char *table_of(run *r, const tt_plan *p, tt_buf *out)
{
	r->audit.plan = p;
	tt_buf_free(out);
	tt_audit_table(&r->audit, 0, out);
	return tt_buf_text(out);
}

static void test_left_out(void)
{
	fleet f;
	run r = { 0 };
	tt_buf out = { 0 };
	tt_plan plan;
	tt_ranked ranked[FINDINGS];
	tt_found found[FINDINGS];
	tt_change change = { 0 };
	tt_arena *arena = tt_arena_new();
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse("release node:n", arena, &change, &err));
	fleet_open(&f, 0, 36000);
	fleet_node(&f, "n", 1)->price_per_hour = TT_DECIMAL_ONE;
	fleet_ready(&f);
	run_open(&r, &f);
	left_out(&plan, ranked, found, &change, 8);
	T_HAS("why 7", table_of(&r, &plan, &out));
	T_HAS("confidence 57 %", tt_buf_text(&out));
	ranked[0].risk = TT_RISK_HIGH; /* of a change of it */
	ranked[0].kept_by = "pod q on n";
	ranked[0].note = "at least: 1 node that it frees has no price";
	T_HAS("odd-0 · severity low · risk high · confidence 57 % · at least: 1 node that",
	      table_of(&r, &plan, &out));
	T_HAS("would have to go with it: pod q on n", tt_buf_text(&out));
	tt_buf_free(&out);
	tt_audit_json(&r.audit, &out);
	T_HAS("\"risk\": \"high\"", tt_buf_text(&out));
	T_HAS("\"kept_by\": \"pod q on n\"", tt_buf_text(&out));
	T_HAS("\"saving_note\": \"at least: 1 node", tt_buf_text(&out));
	tt_buf_free(&out);
	tt_audit_csv(&r.audit, &out);
	T_HAS(",quick_win,high,,at least: 1 node that it frees has no price,", tt_buf_text(&out));
	T_HAS("why 7", table_of(&r, &plan, &out));
	T_OK(!strstr(tt_buf_text(&out), "further")); /* eight are all */
	left_out(&plan, ranked, found, &change, 9);
	T_HAS("and 1 further reason with 1 finding:", table_of(&r, &plan, &out));
	left_out(&plan, ranked, found, &change, 12);
	ranked[8].why = ranked[9].why;
	T_HAS("and 3 further reasons with 4 findings:", table_of(&r, &plan, &out));
	/* what proposes nothing is not left out of anything */
	left_out(&plan, ranked, found, NULL, 2);
	T_HAS("Noticed, nothing to do\n    - something\n", table_of(&r, &plan, &out));
	T_OK(!strstr(tt_buf_text(&out), "Left out"));
	T_OK(!strstr(tt_buf_text(&out), "why 0"));
	r.audit.plan = r.plan;
	tt_buf_free(&out);
	tt_arena_free(arena);
	run_close(&r);
	fleet_close(&f);
}

/* Names from outside: no orders to a terminal, no formulas, one line a row. */
static void test_hostile_names(void)
{
	fleet f;
	run r = { 0 };
	tt_buf out = { 0 };

	fleet_open(&f, 0, 36000);
	fleet_node(&f, "n", 2)->price_per_hour = TT_DECIMAL_ONE;
	fleet_pod(&f, "p", "n", 1)->labels = "team=\033[31mred\xc2\x9b 2J\n";
	fleet_pod(&f, "q", "n", 1)->labels = "team==HYPERLINK(\"x\")";
	f.s.name = "-1";
	fleet_ready(&f);
	run_open(&r, &f);
	tt_audit_csv(&r.audit, &out);
	T_HAS(",owner,\xef\xbf\xbd[31mred\xef\xbf\xbd 2J\xef\xbf\xbd,tax,", tt_buf_text(&out));
	T_HAS(",owner,\"'=HYPERLINK(\"\"x\"\")\",tax,", tt_buf_text(&out));
	T_HAS("\nspend,'-1,1970-01-01T00:00:00Z,", tt_buf_text(&out));
	tt_buf_free(&out);
	tt_audit_table(&r.audit, 0, &out);
	T_HAS("  \xef\xbf\xbd[31mred\xef\xbf\xbd 2J\xef\xbf\xbd ", tt_buf_text(&out));
	T_OK(!strchr(tt_buf_text(&out), '\033'));
	tt_buf_free(&out);
	run_close(&r);
	fleet_close(&f);
}

/* Each breakdown and the buckets add up to the total, whatever the fleet. */
static void test_adds_up(void)
{
	fleet f;
	run r = { 0 };

	fleet_open(&f, 0, 36000);
	for (int i = 0; i < 7; i++) {
		tt_node_row *n = fleet_node(&f, fleet_text(&f, "n%d", i), 3);

		n->price_per_hour = TT_DECIMAL_ONE / 3 * (i + 1);
		n->node_group = fleet_text(&f, "g%d", i % 3);
		tt_pod_row *p = fleet_pod(&f, fleet_text(&f, "p%d", i), n->node, 1);
		p->labels = i % 2 ? "team=ml" : "";
		p->namespace_ = fleet_text(&f, "space%d", i % 4);
		fleet_hold(&f, fleet_card(&f, n->node, "0", ""), p->pod, 0, 36000, 20000 + i, 33);
	}
	fleet_ready(&f);
	run_open(&r, &f);
	int64_t sum = 0;
	for (int b = 0; b < TT_BUCKETS; b++)
		sum += r.bill->bucket_micro[settings->rule][b];
	T_INT(r.bill->total_micro, sum);
	for (int d = 0; d < TT_DIMENSIONS; d++) {
		const tt_breakdown *by = &r.audit.by[d];
		int64_t total = 0, buckets = 0;

		for (size_t i = 0; i < by->n; i++) {
			total += by->v[i].total.micro;
			for (int b = 0; b < TT_BUCKETS; b++)
				buckets += by->v[i].bucket[b].micro;
			T_OK(!i || by->v[i - 1].total.micro >= by->v[i].total.micro);
		}
		T_INT(r.bill->total_micro, total);
		T_INT(r.bill->total_micro, buckets);
	}
	run_close(&r);
	fleet_close(&f);
}

/* Texts that would break a document or a page if they were passed on as they are. */
static void test_texts(void)
{
	static const char *const changes[] = {
		"release pod:p hours=\"mon 08:00-18:00; sat 00:00-24:00\"" };
	const tt_finding in = {
		.changes = changes, .n_changes = 1,
		.size = sizeof in, .verdict = "idle", .subject_kind = "node",
		.title = "a \"quoted\", long title with a comma and 80 % of words that go "
		         "on and on until the line of a page of one hundred columns has "
		         "long come to its end",
		.subject_id = "n\\1", .owner = "ml, infra", .spend_concerned_micro = 1000000,
		.coverage_ratio = 1, .confidence_ratio = 0.5, .effort_days = 1,
		.risk = TT_RISK_LOW, .risk_note = "", .evidence = NULL };
	tt_arena *arena = tt_arena_new();
	tt_found found;
	tt_err err = { 0 };
	fleet f;
	run r = { .findings = { .v = &found, .n = 1 } };
	tt_buf csv = { 0 }, table = { 0 };

	T_INT(TT_OK, tt_found_check("odd", &in, arena, &found, &err));
	T_STR("", err.text);
	fleet_open(&f, 0, 36000);
	fleet_node(&f, "n\\1", 1)->price_per_hour = TT_DECIMAL_ONE;
	fleet_ready(&f);
	run_open(&r, &f);
	T_HAS("\"a \\\"quoted\\\", long title", r.out.p);
	T_HAS("\"id\": \"n\\\\1\"", r.out.p);
	tt_audit_csv(&r.audit, &csv);
	T_HAS(",\"ml, infra\",\"a \"\"quoted\"\", long title", tt_buf_text(&csv));
	T_HAS(",\"[\"\"release pod:p hours=\\\"\"mon 08:"
	      "00-18:00; sat 00:00-24:00\\\"\"\"\"]\",,,,,,partly\n", tt_buf_text(&csv));
	tt_audit_table(&r.audit, 0, &table);
	for (const char *line = tt_buf_text(&table); *line; line += strcspn(line, "\n") + 1) {
		char one[1024];

		snprintf(one, sizeof one, "%.*s", (int)strcspn(line, "\n"), line);
		T_OK(tt_utf8_width(one) <= 100);
	}
	T_OK(!strchr(tt_buf_text(&table), '\033'));
	tt_buf_free(&table);
	tt_audit_table(&r.audit, 1, &table);
	T_OK(strchr(tt_buf_text(&table), '\033') != NULL);
	tt_buf_free(&table);
	tt_buf_free(&csv);
	run_close(&r);
	fleet_close(&f);
	tt_arena_free(arena);
}

int main(void)
{
	tt_err err = { 0 };

	FLEET_MUST(tt_settings_load(NULL, &settings, &err) == TT_OK);
	test_nothing_known();
	test_unknown_price();
	test_not_measured();
	test_not_placed();
	test_price_of_nothing();
	test_too_many_cards();
	test_price_sources();
	test_left_out();
	test_hostile_names();
	test_adds_up();
	test_texts();
	tt_settings_free(settings);
	return T_END();
}
