/* What explain gathers about a finding: the pods and cards behind it, whose they are and
 * why, how many cards were held when, and what its changes do to the bill. Sums are held
 * against the bill and the plan, and against counting second by second. */
#include "change/apply.h"
#include "fleet.h"
#include "report/explain.h"
#include "report/explain_json.h"
#include "report/explain_table.h"
#include "report/layout.h"

static tt_settings *settings;

typedef struct run {
	tt_case base;
	tt_bill *bill;
	tt_found found[8];
	tt_findings findings;
	tt_plan *plan;
	tt_audit audit;
	tt_plugins plugins;      /* none: a finding is explained without its detector too */
	tt_arena *arena;
} run;

/* A finding that proposes `change` (NULL: nothing) about kind:id. */
static void run_add(run *r, const char *kind, const char *id, const char *owner,
                    const char *change)
{
	tt_finding f = { .size = sizeof f, .verdict = "v", .title = "t", .subject_kind = kind,
		         .subject_id = id, .owner = owner, .spend_concerned_micro = 1000000,
		         .coverage_ratio = 1, .confidence_ratio = 1, .effort_days = 1,
		         .risk_note = "", .changes = &change, .n_changes = change != NULL };
	tt_err err = { 0 };

	if (!r->arena)
		FLEET_MUST(r->arena = tt_arena_new());
	if (tt_found_check("det", &f, r->arena, &r->found[r->findings.n], &err) < 0)
		printf("%s\n", err.text);
	T_INT(TT_OK, err.status);
	r->findings.n++;
}

static void run_open(run *r, const fleet *f)
{
	tt_err err = { 0 };

	r->findings.v = r->found;
	if (r->findings.n)
		qsort(r->found, r->findings.n, sizeof *r->found, tt_found_compare);
	tt_case_init(&r->base, &f->s, settings);
	FLEET_MUST(tt_bill_make(&r->base, settings, &r->bill, &err) == TT_OK);
	FLEET_MUST(tt_plan_make(r->bill, settings, &r->findings, NULL, &r->plan, &err) == TT_OK);
	r->audit = (tt_audit){ .snapshot = &f->s, .settings = settings, .bill = r->bill,
		               .findings = &r->findings, .plan = r->plan, .seed = 1 };
	FLEET_MUST(tt_audit_make(&r->audit, &err) == TT_OK);
}

static void run_close(run *r)
{
	tt_audit_reset(&r->audit);
	tt_plan_free(r->plan);
	tt_bill_free(r->bill);
	tt_case_reset(&r->base);
	tt_arena_free(r->arena);
}

/* The finding about `id`, explained. */
static tt_explanation explain(const run *r, const char *id)
{
	tt_explanation e = { 0 };
	tt_err err = { 0 };

	for (size_t i = 0; i < r->plan->n; i++)
		if (strcmp(r->plan->v[i]->found->subject_id, id) == 0)
			T_INT(TT_OK, tt_explain_make(&r->audit, &r->plugins, r->plan->v[i], 84, &e,
			                             &err));
	T_OK(e.arena);
	return e;
}

/* Three nodes: `a` with two cards, `b` reserved, `c` without a price; ten hours. */
static void open_fleet(fleet *f)
{
	tt_node_row *n;

	fleet_open(f, 0, 36000);
	n = fleet_node(f, "a", 2);
	n->node_group = "g";
	n->price_per_hour = 3 * TT_DECIMAL_ONE + 1;
	n->ended_at = 18001; /* half its life, and a second that does not divide */
	n = fleet_node(f, "b", 1);
	n->node_group = "g";
	n->pricing = "reserved";
	n->price_per_hour = 2 * TT_DECIMAL_ONE;
	n->labels = "team=infra";
	fleet_node(f, "c", 1)->node_group = "h";
	fleet_pod(f, "p1", "a", 1)->labels = "team=ml";
	fleet_pod(f, "p2", "a", 1)->namespace_ = "lab";
	fleet_pod(f, "p3", "b", 1)->namespace_ = "prod";
	fleet_pod(f, "cpu", "a", 0)->namespace_ = "lab";
	fleet_hold(f, fleet_card(f, "a", "0", ""), "p1", 0, 7200, 7200, 50);
	fleet_hold(f, fleet_card(f, "a", "1", ""), "p2", 3600, 18001, 14401, 10);
	fleet_hold(f, fleet_card(f, "a", "1", ""), "ghost", 0, 3600, 3600, 10);
	fleet_card(f, "b", "0", "");
	fleet_card(f, "c", "0", "1g");
	fleet_ready(f);
}

static void test_reach(void)
{
	static const struct {
		enum tt_subject_kind kind;
		const char *id;
		size_t nodes, carriers, pods;
		double held_s;
	} cases[] = {
		{ TT_SUBJECT_CARD, "a/0", 1, 1, 1, 7200 },
		{ TT_SUBJECT_CARD, "c/0", 1, 1, 0, 0 },   /* a card by its slice */
		{ TT_SUBJECT_CARD, "a/", 0, 0, 0, 0 },
		{ TT_SUBJECT_NODE, "a", 1, 2, 3, 7200 + 14401 },
		{ TT_SUBJECT_NODE, "b", 1, 1, 1, 36000 },  /* telemetry never names p3 */
		{ TT_SUBJECT_NODE_GROUP, "g", 2, 3, 4, 7200 + 14401 + 36000 },
		{ TT_SUBJECT_POD, "p1", 1, 1, 1, 7200 },
		{ TT_SUBJECT_NAMESPACE, "lab", 1, 1, 2, 14401 },
		{ TT_SUBJECT_NAMESPACE, "nowhere", 0, 0, 0, 0 },
		{ TT_SUBJECT_FLEET, "small", 0, 0, 0, 0 },
	};
	fleet f;

	open_fleet(&f);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		tt_arena *arena = tt_arena_new();
		double held_s = 0;
		tt_reach r;
		tt_err err = { 0 };

		T_INT(TT_OK, tt_reach_make(&f.s, cases[i].kind, cases[i].id, arena, &r, &err));
		T_INT(cases[i].nodes, r.n_nodes);
		T_INT(cases[i].carriers, r.n_carriers);
		T_INT(cases[i].pods, r.n_pods);
		for (size_t k = 0; k < r.n_pods; k++)
			held_s += r.pods[k].held_s;
		T_F64(cases[i].held_s, held_s, 0);
		T_F64(strcmp(cases[i].id, "a") == 0 || strcmp(cases[i].id, "g") == 0 ? 3600 : 0,
		      r.unknown_held_s, 0);
		tt_arena_free(arena);
	}
	fleet_close(&f);
}

static void test_owner(void)
{
	fleet f;
	run r = { 0 };
	tt_explanation e;

	open_fleet(&f);
	run_add(&r, "node_group", "g", "", NULL);
	run_open(&r, &f);
	e = explain(&r, "g");
	T_INT(4, e.ownership.n);
	T_INT(3, e.ownership.pods);
	T_F64(7200 + 14401 + 36000, e.ownership.held_s, 0);
	T_STR("", e.ownership.v[0].owner);
	T_STR("prod", e.ownership.v[0].key);
	T_STR("p3", e.ownership.v[0].example);
	T_INT(TT_TOLD_NOBODY, e.ownership.v[0].by);
	T_STR("lab", e.ownership.v[1].key);
	T_STR("ml", e.ownership.v[2].owner);
	T_STR("team", e.ownership.v[2].key);
	T_F64(7200, e.ownership.v[2].held_s, 0);
	T_STR("infra", e.ownership.v[3].owner);
	T_INT(TT_TOLD_NODE_LABEL, e.ownership.v[3].by);
	tt_explain_reset(&e);
	run_close(&r);
	fleet_close(&f);
}

/* An owner that trimtab.yaml gives to a namespace. */
static void test_namespace_owner(void)
{
	tt_settings *plain = settings;
	char folder[256], path[300];
	fleet f;
	run r = { 0 };
	tt_explanation e;
	FILE *out;

	snprintf(path, sizeof path, "%s/trimtab.yaml", t_folder(folder, sizeof folder));
	FLEET_MUST(out = fopen(path, "w"));
	fputs("namespace_owners:\n  lab: vision\n", out);
	fclose(out);
	FLEET_MUST(tt_settings_load(path, &settings, NULL) == TT_OK);
	open_fleet(&f);
	run_add(&r, "card", "a/1", "vision", NULL);
	run_open(&r, &f);
	e = explain(&r, "a/1");
	T_INT(1, e.ownership.n);
	T_STR("vision", e.ownership.v[0].owner);
	T_STR("lab", e.ownership.v[0].key);
	T_INT(TT_TOLD_NAMESPACE, e.ownership.v[0].by);
	T_F64(3600, e.ownership.unknown_held_s, 0);
	tt_explain_reset(&e);
	run_close(&r);
	fleet_close(&f);
	tt_settings_free(settings);
	settings = plain;
	t_folder_remove(folder);
}

/* Cards held by the pods of a namespace, against counting the seconds. */
static void test_held(void)
{
	fleet f;
	run r = { 0 };
	tt_explanation e;

	open_fleet(&f);
	run_add(&r, "namespace", "lab", "", NULL);
	run_open(&r, &f);
	e = explain(&r, "lab");
	T_INT(TT_COURSE_HELD, e.course.kind);
	T_INT(10, e.course.n);
	T_INT(3600, e.course.column_s);
	T_INT(1, e.course.nobodys);
	for (int64_t i = 0; i < 10; i++) {
		int64_t seconds = 0;

		for (int64_t t = i * 3600; t < (i + 1) * 3600; t++)
			seconds += t >= 3600 && t < 18001;
		T_F64((double)seconds / 3600, e.course.v[i].mean, 1e-12);
		T_F64((double)seconds / 3600, e.course.v[i].max, 1e-12);
	}
	tt_explain_reset(&e);
	run_close(&r);
	fleet_close(&f);
}

/* The parts of each node add up to the bill's difference, alone and in the plan. */
static void test_effect(void)
{
	static const struct { const char *kind, *id, *change; } cases[] = {
		{ "card", "a/0", "release card:\"a/0\"" },
		{ "card", "a/1", "release card:\"a/1\"" },
		{ "node", "a", "release node:\"a\" from=1970-01-01T01:00:00Z" },
		{ "node", "b", "release node:\"b\"" },
		{ "node", "c", "release node:\"c\"" },
		{ "namespace", "lab", "label namespace:\"lab\" owner=ml" },
	};
	int64_t in_plan = 0, cost;
	fleet f;
	run r = { 0 };
	tt_err err = { 0 };

	open_fleet(&f);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		run_add(&r, cases[i].kind, cases[i].id, "", cases[i].change);
	run_open(&r, &f);
	for (size_t i = 0; i < r.plan->n; i++) {
		const tt_ranked *k = r.plan->v[i];
		tt_explanation e = explain(&r, k->found->subject_id);
		int64_t alone = 0;

		T_OK(e.effect.priced);
		T_INT(TT_OK, tt_changes_cost(&f.s, settings, k->changes, k->n_changes, &cost,
		                             &err));
		for (size_t n = 0; n < e.effect.n; n++) {
			const tt_effect_node *v = &e.effect.v[n];

			T_INT(v->alone.freed_s == 0, *v->kept_by != '\0');
			T_INT(v->alone.freed_s > 0, v->stretches > 0);
			if (v->alone.saving_micro != TT_MONEY_UNKNOWN) {
				T_INT(v->alone.before_micro - v->alone.after_micro,
				      v->alone.saving_micro);
				alone += v->alone.saving_micro;
			}
			if (e.effect.step && v->plan.saving_micro != TT_MONEY_UNKNOWN)
				in_plan += v->plan.saving_micro;
		}
		T_INT(r.bill->total_micro - cost, alone);
		T_INT(k->place == TT_IN_PLAN, e.effect.step > 0);
		tt_explain_reset(&e);
	}
	T_OK(in_plan > 0);
	T_INT(r.plan->saving_micro, in_plan);
	run_close(&r);
	fleet_close(&f);
}

static void test_kept_by(void)
{
	fleet f;
	run r = { 0 };
	tt_explanation e;

	open_fleet(&f);
	run_add(&r, "card", "a/0", "", "release card:\"a/0\"");
	run_add(&r, "node", "b", "", "release node:\"b\"");
	run_add(&r, "node", "c", "", "release node:\"c\"");
	run_add(&r, "namespace", "lab", "", "label namespace:\"lab\" owner=ml");
	run_open(&r, &f);
	e = explain(&r, "a/0");
	T_HAS("card 1", e.effect.v[0].kept_by);
	T_OK(!strstr(e.effect.v[0].kept_by, "card 0"));
	tt_explain_reset(&e);
	e = explain(&r, "b");
	T_HAS("reserved", e.effect.v[0].kept_by);
	T_INT(0, e.effect.v[0].alone.saving_micro);
	tt_explain_reset(&e);
	e = explain(&r, "c"); /* freed, but what it costs is not known */
	T_INT(36000, e.effect.v[0].alone.freed_s);
	T_OK(e.effect.v[0].alone.saving_micro == TT_MONEY_UNKNOWN);
	tt_explain_reset(&e);
	e = explain(&r, "lab");
	T_INT(0, e.effect.n);
	T_INT(1, e.effect.labels);
	T_OK(e.effect.unowned_after_h < e.effect.unowned_before_h);
	T_OK(e.effect.unowned_after_micro < e.effect.unowned_before_micro);
	tt_explain_reset(&e);
	run_close(&r);
	fleet_close(&f);
}

/* One pod on each card, and a second one on the last: what goes is not what keeps. */
static void test_kept_by_pods(void)
{
	static const struct { const char *change, *kept_by; } cases[] = {
		{ "release pod:\"p0\"", "card 1 (pod p1), card 2 (pod p3)" },
		{ "release pod:\"p0\",pod:\"p1\"", "card 2 (pod p3)" },
		{ "release pod:\"p3\"", "card 0 (pod p0), card 1 (pod p1), card 2 (pod p2)" },
		{ "release pod:\"p0\",pod:\"p2\",pod:\"p3\"", "card 1 (pod p1)" },
		{ "release card:\"n/1\"", "card 0 (pod p0), card 2 (pod p3)" },
	};
	static const char *const gpus[] = { "0", "1", "2", "2" };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		fleet f;
		run r = { 0 };
		tt_explanation e;

		fleet_open(&f, 0, 36000);
		fleet_node(&f, "n", 3)->price_per_hour = TT_DECIMAL_ONE;
		for (int k = 0; k < 4; k++) {
			const char *pod = fleet_text(&f, "p%d", k);

			fleet_pod(&f, pod, "n", k < 2 ? 1 : 0.5);
			fleet_hold(&f, fleet_card(&f, "n", gpus[k], ""), pod, k * 600, 36000,
			           36000 - k * 600, 50);
		}
		fleet_ready(&f);
		run_add(&r, "node", "n", "", cases[i].change);
		run_open(&r, &f);
		e = explain(&r, "n");
		T_INT(1, e.effect.n);
		T_STR(cases[i].kept_by, e.effect.v[0].kept_by);
		tt_explain_reset(&e);
		run_close(&r);
		fleet_close(&f);
	}
}

static void expect_find(const run *r, const char *typed, const char *id, const char *says)
{
	const tt_ranked *found = NULL;
	tt_err err = { 0 };
	int rc = tt_explain_find(&r->audit, typed, &found, &err);

	T_INT(id ? TT_OK : TT_ENODATA, rc);
	T_STR(id ? id : "", rc == TT_OK ? found->found->id : "");
	T_HAS(says, err.text);
}

static void test_find(void)
{
	char prefix[80];
	const char *id;
	fleet f;
	run r = { 0 };

	open_fleet(&f);
	run_add(&r, "node", "a", "", NULL);
	run_add(&r, "node", "b", "", NULL);
	run_add(&r, "node", "c", "", NULL);
	run_add(&r, "node_group", "g", "", NULL);
	run_open(&r, &f);
	id = r.plan->v[1]->found->id;
	expect_find(&r, id, id, "");
	snprintf(prefix, sizeof prefix, "%.*s", (int)strlen(id) - 2, id);
	expect_find(&r, prefix, id, "");
	expect_find(&r, strrchr(id, '-') + 1, id, "");
	expect_find(&r, "det-", NULL, "\"det-\" begins the ids of 4 findings: det-");
	expect_find(&r, "", NULL, "4 findings");
	expect_find(&r, "det", NULL, " ...");
	snprintf(prefix, sizeof prefix, "%.*sx", (int)strlen(id) - 1, id);
	expect_find(&r, prefix, NULL, "the nearest of 4: ");
	expect_find(&r, prefix, NULL, id);
	expect_find(&r, "\xff", NULL, "no finding");
	run_close(&r);
	fleet_close(&f);
}

static void test_silent(void)
{
	tt_unexamined silent = { "idle_gpu", "no rows of gpu_usage.csv" };
	fleet f;
	run r = { 0 };

	open_fleet(&f);
	r.findings.unexamined = &silent;
	r.findings.n_unexamined = 1;
	run_open(&r, &f);
	expect_find(&r, "idle_gpu-12", NULL,
	            "this fleet has none; idle_gpu could not run: no rows");
	expect_find(&r, "idle-12", NULL, "this fleet has none");
	run_close(&r);
	fleet_close(&f);
}

/* Out of memory at every allocation is said, and nothing leaks. */
static void test_memory(void)
{
	fleet f;
	run r = { 0 };
	int rc = TT_ENOMEM;

	open_fleet(&f);
	run_add(&r, "node", "a", "", "release node:\"a\"");
	run_open(&r, &f);
	for (uint64_t at = 1; rc != TT_OK && at < 100000; at++) {
		tt_explanation e = { 0 };
		tt_err err = { 0 };

		tt_alloc_fail_at(at, 1);
		rc = tt_explain_make(&r.audit, &r.plugins, r.plan->v[0], 84, &e, &err);
		tt_alloc_fail_at(0, 0);
		if (rc != TT_OK)
			T_INT(TT_ENOMEM, rc);
		tt_explain_reset(&e);
	}
	T_INT(TT_OK, rc);
	run_close(&r);
	fleet_close(&f);
}

static void test_values(void)
{
	static const struct { const char *key; double v; const char *text; } cases[] = {
		{ "p99_activity_pct", 0.25, "0.25 %" }, { "held_h", 12345.6, "12,346 h" },
		{ "max_fb_used_mib", 512, "512 MiB" }, { "cards", 8, "8" },
		{ "spend_ratio", 0.5, "0.5" }, { "idle_timeout_s", 1800, "1800 s" },
		{ "held_h", (double)NAN, "not known" }, { "pcie_bytes_per_s", 2, "2 B/s" },
		{ "interruptions_per_h", 0.1, "0.1 per hour" }, { "_h", 1, "1" },
		{ "price_per_hour", 2.5, "2.5 an hour" },
		{ "cost_per_month", 12345, "12,345 a month" },
		{ "moved_gib_per_month", 7, "7 GiB a month" }, { "went_per_day", 2, "2 a day" },
	};
	char buf[TT_CELL_TEXT];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		T_STR(cases[i].text, tt_value_text(cases[i].key, cases[i].v, 3, buf));
}

/* A fleet in which a notebook (one card at 10 an hour) moves to a card at `tenths` / 10, a
 * second one is left where it does not pay, and neither pays for a node that is paid anyway. */
static void open_movers(fleet *f, int64_t tenths)
{
	fleet_open(f, 0, 36000);
	for (int i = 0; i < 2; i++) {
		const char *node = fleet_text(f, "n%d", i), *pod = fleet_text(f, "p%d", i);
		tt_node_row *n = fleet_node(f, node, 1);

		n->provider = "cloud";
		n->region = "north";
		n->instance_type = "a1";
		n->pricing = i ? "owned" : "on_demand";
		n->price_per_hour = 10 * TT_DECIMAL_ONE;
		fleet_pod(f, pod, node, 1)->workload_kind = "notebook";
		fleet_hold(f, fleet_card(f, node, "0", ""), pod, 0, 36000, 36000, 5);
	}
	tt_price_row *p = fleet_row(f, TT_PRICES);
	p->provider = "cloud";
	p->region = "north";
	p->instance_type = "g1";
	p->gpu_model = "l4";
	p->gpus = 1;
	p->pricing = "on_demand";
	p->price_per_hour = tenths * TT_DECIMAL_ONE / 10;
	fleet_ready(f);
}

static void test_moves(void)
{
	static const struct { int64_t tenths, alone[2]; const char *why; } cases[] = {
		{ 8, { 92000000, -8000000 }, "" },
		{ 100, { 0, -100000000 }, "saves nothing: what it moves to costs no less than what "
		                          "goes" },
	};

	for (size_t i = 0; i < 2; i++) {
		TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };
		fleet f;
		run r = { 0 };

		open_movers(&f, cases[i].tenths);
		run_add(&r, "pod", "p0", "", "retype pod:p0 gpu_model=l4 gpus=1");
		run_add(&r, "pod", "p1", "", "retype pod:p1 gpu_model=l4 gpus=1");
		run_open(&r, &f);
		tt_explanation e = explain(&r, "p0"), other = explain(&r, "p1");
		T_INT(cases[i].alone[0], e.ranked->standalone_micro);
		T_INT(cases[i].alone[1], other.ranked->standalone_micro);
		T_INT(i ? TT_LEFT_OUT : TT_IN_PLAN, e.ranked->place);
		T_STR(cases[i].why, e.ranked->why);
		T_INT(TT_LEFT_OUT, other.ranked->place);
		T_INT(i ? 0 : 92000000, r.plan->saving_micro);
		T_INT(1, e.effect.n_moves);
		T_INT(1, e.effect.moves[0].most);
		T_INT(36000, e.effect.moves[0].length_s);
		T_INT(cases[i].tenths * 1000000, e.effect.moves[0].cost_micro);
		tt_explain_table(&e, 0, &text);
		T_HAS("1 pod moves to up to 1 x g1 (l4): 10 instance-hours, ", tt_buf_text(&text));
		text.n = 0;
		tt_explain_json(&e, &text);
		T_HAS("\"moved_to\": [", tt_buf_text(&text));
		T_HAS("\"instance_type\": \"g1\"", tt_buf_text(&text));
		text.n = 0;
		tt_explain_table(&other, 0, &text);
		T_HAS(i ? "alone: costs 100.00 USD more in the window" :
		          "alone: costs 8.00 USD more in the window", tt_buf_text(&text));
		tt_explain_reset(&e);
		tt_explain_reset(&other);
		run_close(&r);
		fleet_close(&f);
	}
}

int main(void)
{
	FLEET_MUST(tt_settings_load(NULL, &settings, NULL) == TT_OK);
	test_reach();
	test_owner();
	test_namespace_owner();
	test_held();
	test_effect();
	test_kept_by();
	test_kept_by_pods();
	test_find();
	test_silent();
	test_memory();
	test_values();
	test_moves();
	tt_settings_free(settings);
	return T_END();
}
