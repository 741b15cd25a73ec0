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
	FLEET_MUST(tt_plan_make(r->bill, settings, &r->findings, &r->plan, &err) == TT_OK);
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
			total += by->v[i].total_micro;
			for (int b = 0; b < TT_BUCKETS; b++)
				buckets += by->v[i].bucket_micro[b];
			T_OK(!i || by->v[i - 1].total_micro >= by->v[i].total_micro);
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
	const tt_finding in = {
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
	test_adds_up();
	test_texts();
	tt_settings_free(settings);
	return T_END();
}
