/* Running detectors: the same findings for any number of workers, and detectors that
 * crash, loop, flood or lie lose theirs and are named while the others go on. The
 * snapshot is made by hand; the detectors are the fixtures beside the tests. */
#include "host/detect.h"
#include "t.h"
#include <limits.h>
#include <sys/wait.h>
#include <time.h>

enum { NODES = 5, CARDS = 4, PODS = 4, DAY_S = 86400 };

struct fleet {
	tt_snapshot snapshot;
	tt_node_row nodes[NODES];
	tt_pod_row pods[PODS];
	tt_carrier carriers[CARDS + 1];
	tt_measure measure;
	tt_holding holdings[3];
	tt_node_bill node_bills[NODES];
	tt_bill bill;
	tt_settings *settings;
};

static struct fleet fleet;

static void make_nodes(void)
{
	static const char *const ids[NODES] = { "n0", "n1", "n2", "n3", "n4" };

	for (size_t i = 0; i < NODES; i++) {
		fleet.nodes[i] = (tt_node_row){
			.node = ids[i], .cluster = "c", .node_group = i < 2 ? "a" : "b",
			.provider = "", .region = "", .instance_type = "x", .resource_id = "",
			.gpu_model = "A100", .gpus = i == 4 ? 0 : 2, .gpu_memory_mib = 40960,
			.cpus = 8, .memory_mib = 65536, .pricing = "on_demand", .taints = "",
			.started_at = TT_TIME_MISSING, .ended_at = TT_TIME_MISSING,
			.labels = "",
		};
		fleet.node_bills[i] = (tt_node_bill){ .alive_s = DAY_S, .paid_s = DAY_S,
			.cost_micro = 1000001, .owner = "ml", .workload_kind = "batch" };
	}
	fleet.node_bills[3].alive_s = 0; /* not there in the window: no subject */
	fleet.node_bills[2].cost_micro = TT_MONEY_UNKNOWN;
}

static tt_pod_row pod(const char *id, const char *ns, const char *node, double gpus,
                      const char *labels)
{
	return (tt_pod_row){ .pod = id, .namespace_ = ns, .cluster = "c", .node = node,
		.workload = "", .workload_kind = "training", .gpus = gpus, .gpu_sharing = "",
		.gpu_model = "", .cpus = 1, .memory_mib = 1, .node_selector = "",
		.submitted_at = TT_TIME_MISSING, .started_at = 0, .ended_at = TT_TIME_MISSING,
		.outcome = "running", .labels = labels };
}

static void make_pods(void)
{
	fleet.pods[0] = pod("p0", "team-a", "n0", 1, "team=vision");
	fleet.pods[1] = pod("p1", "team-a", "n0", (double)NAN, "team=ml"); /* holds a card */
	fleet.pods[2] = pod("p2", "team-a", "n0", 0, "");
	fleet.pods[3] = pod("p3", "kube-system", "n0", 0, "");
}

/* n0 has both of its cards, n1 the first only and a slice of the second. */
static void make_carriers(void)
{
	fleet.carriers[0] = (tt_carrier){ .id = "n0/0", .node = "n0", .gpu = "0", .slice = "",
		.node_index = 0, .usual_step_s = 60, .n_holdings = 2 };
	fleet.carriers[1] = (tt_carrier){ .id = "n0/1", .node = "n0", .gpu = "1", .slice = "",
		.node_index = 0, .usual_step_s = 60, .first_holding = 2, .n_holdings = 1 };
	fleet.carriers[2] = (tt_carrier){ .id = "n1/0", .node = "n1", .gpu = "0", .slice = "",
		.node_index = 1, .usual_step_s = 60, .first_holding = 3 };
	fleet.carriers[3] = (tt_carrier){ .id = "n1/1/7", .node = "n1", .gpu = "1", .slice = "7",
		.node_index = 1, .usual_step_s = 60, .first_holding = 3 };
	fleet.carriers[4] = (tt_carrier){ .id = "n0", .node = "n0", .gpu = "", .slice = "",
		.node_index = 0, .first_holding = 3 };
	fleet.holdings[0] = (tt_holding){ .carrier = 0, .pod = "p0", .pod_index = 0,
		.from_s = 0, .to_s = 40000 };
	fleet.holdings[1] = (tt_holding){ .carrier = 0, .pod = "p1", .pod_index = 1,
		.from_s = 30000, .to_s = DAY_S - 60 };
	fleet.holdings[2] = (tt_holding){ .carrier = 1, .pod = "gone", .pod_index = SIZE_MAX,
		.from_s = 0, .to_s = 100 };
}

static void make_fleet(void)
{
	tt_err err = { 0 };

	T_INT(TT_OK, tt_settings_load(NULL, &fleet.settings, &err));
	make_nodes();
	make_pods();
	make_carriers();
	for (int i = 0; i < TT_TABLE_COUNT; i++)
		fleet.snapshot.table[i].def = tt_table_def_at((enum tt_table_id)i);
	fleet.snapshot.table[TT_NODES].p = (char *)fleet.nodes;
	fleet.snapshot.table[TT_NODES].n = NODES;
	fleet.snapshot.table[TT_PODS].p = (char *)fleet.pods;
	fleet.snapshot.table[TT_PODS].n = PODS;
	fleet.snapshot.start_s = 0;
	fleet.snapshot.end_s = DAY_S;
	fleet.snapshot.currency = "USD";
	fleet.snapshot.carriers = fleet.carriers;
	fleet.snapshot.n_carriers = CARDS + 1;
	fleet.snapshot.n_cards = CARDS;
	fleet.measure = (tt_measure){ .carrier = 0, .metric = TT_GPU_UTIL_PCT, .n = 1 };
	fleet.snapshot.measures = &fleet.measure;
	fleet.snapshot.n_measures = 1;
	fleet.snapshot.holdings = fleet.holdings;
	fleet.snapshot.n_holdings = 3;
	fleet.snapshot.usage_rows = 1;
	fleet.snapshot.usage_has_pods = 1;
	fleet.snapshot.arena = tt_arena_new();
	T_INT(TT_OK, tt_placed_make(&fleet.snapshot, fleet.snapshot.arena,
	                            &fleet.snapshot.placed, &err));
	fleet.bill = (tt_bill){ .snapshot = &fleet.snapshot, .nodes = fleet.node_bills,
		                .total_micro = 4000004 };
}

/* --- Running fixtures -------------------------------------------------------------- */

struct plugins { tt_plugins set; tt_plugin v[16]; tt_arena *arena; };

/* The fixtures of that name, which must come sorted. */
static void load(struct plugins *p, const char *const *names)
{
	const char *own = getenv("TT_FIXTURES"), *build = getenv("TT_BUILD");

	*p = (struct plugins){ .arena = tt_arena_new() };
	p->set.v = p->v;
	for (; *names; names++) {
		char path[PATH_MAX];
		tt_err err = { 0 };

		snprintf(path, sizeof path, "%s%s/%s.so", own ? own : build ? build : ".",
		         own ? "" : "/fixtures/plugins", *names);
		T_INT(TT_OK, tt_plugin_load(path, p->arena, &p->v[p->set.n], &err));
		T_STR("", err.text);
		if (err.status == TT_OK)
			p->set.n++;
	}
}

static tt_findings *detect(struct plugins *p, tt_detect_options o)
{
	tt_findings *f = NULL;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_detect(&p->set, &fleet.snapshot, &fleet.bill, fleet.settings, &o, &f,
	                       &err));
	T_STR("", err.text);
	if (!f)
		exit(1);
	return f;
}

/* Everything that came out, as text, to compare runs by. */
static void print(const tt_findings *f, tt_buf *out)
{
	for (size_t i = 0; i < f->n; i++) {
		tt_buf_printf(out, "%s: ", f->v[i].id);
		tt_found_write(&f->v[i], out);
	}
	for (size_t i = 0; i < f->n_unexamined; i++)
		tt_buf_printf(out, "unexamined %s: %s\n", f->unexamined[i].detector,
		              f->unexamined[i].why);
	for (size_t i = 0; i < f->n_failed; i++)
		tt_buf_printf(out, "failed %s: %s\n", f->failed[i].detector, f->failed[i].why);
}

static const tt_found_evidence *evidence(const tt_findings *f, const char *node, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < f->v[i].n_evidence; k++)
			if (strcmp(f->v[i].subject_id, node) == 0 &&
			    strcmp(f->v[i].evidence[k].key, key) == 0)
				return &f->v[i].evidence[k];
	return NULL;
}

static void number(const tt_findings *f, const char *node, const char *key, double want)
{
	const tt_found_evidence *e = evidence(f, node, key);

	T_OK(e != NULL);
	if (e)
		T_F64(want, e->value, 0);
}

/* What a node and its cards are told to be. */
static void test_decoding(void)
{
	struct plugins p;
	TT_CLEANUP(tt_findings_freep) tt_findings *f = NULL;

	load(&p, (const char *const[]){ "well_behaved", NULL });
	f = detect(&p, (tt_detect_options){ .workers = 1 });
	T_INT(3, f->n); /* n3 was not there, n4 has no cards */
	number(f, "n0", "carriers", 2);
	number(f, "n0", "first_card_cost_micro", 500001); /* the odd micro-unit goes first */
	number(f, "n1", "first_card_cost_micro", 500001);
	number(f, "n0", "first_card_held_s", DAY_S - 60); /* overlaps count once */
	number(f, "n0", "other_pods", 1); /* p2: p1 holds a card, p3 is the system's */
	T_STR("p1", evidence(f, "n0", "first_card_pod")->text);
	T_STR("n0/0", evidence(f, "n0", "first_card")->text);
	T_STR("", evidence(f, "n2", "first_card")->text);
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].subject_id, "n2") == 0)
			T_OK(f->v[i].spend_concerned_micro == TT_MONEY_UNKNOWN);
	tt_arena_free(p.arena);
}

/* Those of other scopes are not asked, and not said to be missing either. */
static void test_scopes(void)
{
	struct plugins p;
	TT_CLEANUP(tt_findings_freep) tt_findings *none = NULL;
	TT_CLEANUP(tt_findings_freep) tt_findings *some = NULL;

	load(&p, (const char *const[]){ "well_behaved", NULL });
	none = detect(&p, (tt_detect_options){ .workers = 1,
		.scopes = 1u << TT_SCOPE_COMMITMENT });
	T_INT(0, none->n + none->n_unexamined + none->n_failed);
	some = detect(&p, (tt_detect_options){ .workers = 1,
		.scopes = 1u << TT_SCOPE_NODE | 1u << TT_SCOPE_FLEET });
	T_INT(3, some->n);
	tt_arena_free(p.arena);
}

static void test_workers(void)
{
	const char *const names[] = { "broken_change", "crash", "gives_up",
		                      "undecided", "well_behaved", NULL };
	TT_CLEANUP(tt_buf_free) tt_buf first = { 0 };
	struct plugins p;

	load(&p, names);
	for (int n = 1; n <= 4; n++) {
		TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };
		TT_CLEANUP(tt_findings_freep) tt_findings *f =
			detect(&p, (tt_detect_options){ .workers = n, .cpu_limit_s = 1 });

		print(f, n == 1 ? &first : &text);
		if (n == 1) {
			T_INT(3, f->n);
			T_INT(3, f->n_failed);
			T_INT(1, f->n_unexamined);
			T_STR("a week is too short", f->unexamined[0].why);
		} else {
			T_OK(first.n == text.n && memcmp(first.p, text.p, text.n) == 0);
		}
	}
	tt_arena_free(p.arena);
}

/* `name` alone and beside a good one: it fails for the reason, the other goes on. */
static void fails(const char *name, const char *why, tt_detect_options o)
{
	const char *const names[] = { name, "well_behaved", NULL };
	TT_CLEANUP(tt_findings_freep) tt_findings *f = NULL;
	struct plugins p;

	load(&p, names);
	f = detect(&p, o);
	T_INT(1, f->n_failed);
	if (f->n_failed) {
		T_STR(name, f->failed[0].detector);
		T_HAS(why, f->failed[0].why);
	}
	T_INT(3, f->n);
	for (size_t i = 0; i < f->n; i++)
		T_STR("well_behaved", f->v[i].detector);
	tt_arena_free(p.arena);
}

/* With a sanitizer a crash is an exit with a code. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CRASHED "ended its process with code"
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CRASHED "ended its process with code"
#endif
#endif
#ifndef CRASHED
#define CRASHED "crashed: signal 11"
#endif

static void test_failures(void)
{
	const tt_detect_options o = { .workers = 2, .cpu_limit_s = 1, .memory_limit_mib = 64,
		                      .output_limit = 10 };
	const tt_detect_options roomy = { .workers = 2 };

	fails("crash", CRASHED, o);
	fails("exits", "ended its process with code 0 at node \"n0\"", o);
	fails("loops", "used more than 1 s of CPU time", o);
	fails("asks", "cancelled or over its budget", o);
	fails("host_memory", "asked for more than 64 MiB of memory", roomy);
	fails("own_memory", "", o); /* how it ends is the C library's affair */
	fails("floods", "has more than 10 findings", o);
	fails("nan_confidence", "confidence_ratio is NaN, expected a number from 0 to 1", o);
	fails("unknown_kind", "subject_kind is \"planet\"", o);
	fails("unknown_subject", "is about node \"nowhere\", which the snapshot does not have", o);
	fails("too_much_spend", "expected 0 to 4000004, what the fleet costs", o);
	fails("broken_change", "changes[0]: column 1", o);
	fails("same_id", "has two findings \"bad\" about node", o);
	fails("gives_up", "node n0 is not to its liking", o);
}

/* The same rules without a fork, as far as nothing crashes. */
static void test_in_process(void)
{
	const tt_detect_options o = { .in_process = 1, .output_limit = 10 };

	fails("floods", "has more than 10 findings", o);
	fails("nan_confidence", "confidence_ratio is NaN", o);
	fails("gives_up", "node n0 is not to its liking", o);
}

/* A flood spread over workers is one flood. */
static void test_limit_over_workers(void)
{
	struct plugins p;

	load(&p, (const char *const[]){ "well_behaved", NULL });
	for (int n = 1; n <= 3; n++) {
		TT_CLEANUP(tt_findings_freep) tt_findings *f =
			detect(&p, (tt_detect_options){ .workers = n, .output_limit = 2 });

		T_INT(0, f->n);
		T_INT(1, f->n_failed);
		T_HAS("has more than 2 findings", f->failed[0].why);
	}
	tt_arena_free(p.arena);
}

static int nothing(const tt_host *h, tt_call *c, const tt_subject *s, const void *params)
{
	(void)h;
	(void)c;
	(void)s;
	(void)params;
	return TT_OK;
}

/* What is needed and not there is said, in words of the input. */
static void unexamined(const tt_need *needs, uint32_t n, int32_t scope, const char *why)
{
	const tt_plugin_info info = { .id = "needy", .version = "1", .summary = "s" };
	struct plugins p = { .v = { { .kind = TT_KIND_DETECTOR, .info = info,
		.d.detector = { TT_DETECTOR_HEAD, .info = info, .scope = scope,
		                .needs = needs, .n_needs = n, .detect = nothing } } } };
	TT_CLEANUP(tt_findings_freep) tt_findings *f = NULL;

	p.set.v = p.v;
	p.set.n = 1;
	f = detect(&p, (tt_detect_options){ .in_process = 1 });
	T_INT(why ? 1 : 0, f->n_unexamined);
	T_INT(0, f->n_failed);
	if (why && f->n_unexamined)
		T_STR(why, f->unexamined[0].why);
}

#define NEED(why, ...) \
	unexamined(&(const tt_need){ __VA_ARGS__ }, 1, TT_SCOPE_NODE, why)

static void test_needs(void)
{
	NEED(NULL, .metric = TT_ACTIVITY_PCT, .required = 1);
	NEED(NULL, .metric = TT_FB_USED_MIB, .required = 0);
	NEED(NULL, .table = "pods", .required = 1);
	NEED(NULL, .table = "gpu_usage", .required = 1);
	NEED("no rows of traffic.csv", .table = "traffic", .required = 1);
	NEED("no rows of node_usage.csv", .table = "node_usage", .required = 1);
	NEED("no rows of node_usage.csv", .metric = TT_CPU_UTIL_PCT, .required = 1);
	NEED("no fb_used_mib: gpu_usage.csv has none", .metric = TT_FB_USED_MIB, .required = 1);
	NEED("no aligned series: the snapshot has no step", .metric = TT_GPU_UTIL_PCT,
	     .series = 1, .required = 1);
	fleet.measure.metric = TT_POWER_W;
	NEED("no gpu_util_pct or sm_active_ratio: gpu_usage.csv has neither",
	     .metric = TT_ACTIVITY_PCT, .required = 1);
	fleet.measure.metric = TT_GPU_UTIL_PCT;
	unexamined(NULL, 0, TT_SCOPE_CARD, NULL);
	unexamined(NULL, 0, TT_SCOPE_WORKLOAD, "the snapshot has no workload to look at");
	unexamined(NULL, 0, TT_SCOPE_COMMITMENT, NULL); /* none held, none stranded */
}

static void test_settings(void)
{
	const char *const names[] = { "well_behaved", NULL };
	const char *text = "well_behaved:\n  word: here\n  above_gpus: 1\n";
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_settings st = *fleet.settings;
	tt_findings *f = NULL;
	tt_yaml *map = NULL;
	struct plugins p;
	tt_err err = { 0 };

	load(&p, names);
	st.path = "trimtab.yaml";
	T_INT(TT_OK, tt_yaml_parse(st.path, text, strlen(text), arena, &map, &err));
	st.detectors = map;
	T_INT(TT_OK, tt_detect(&p.set, &fleet.snapshot, &fleet.bill, &st, NULL, &f, &err));
	T_INT(3, f->n);
	T_STR("here", f->v[0].title);
	tt_findings_free(f);

	text = "wel_behaved:\n  word: here\n";
	T_INT(TT_OK, tt_yaml_parse(st.path, text, strlen(text), arena, &map, &err));
	st.detectors = map;
	T_INT(TT_EDATA, tt_detect(&p.set, &fleet.snapshot, &fleet.bill, &st, NULL, &f, &err));
	T_STR("trimtab.yaml:1:1: no detector is called \"wel_behaved\"; there are well_behaved",
	      err.text);
	tt_arena_free(p.arena);
}

/* No child is left behind, whatever happened above. */
static void test_children(void)
{
	T_INT(-1, waitpid(-1, NULL, WNOHANG));
}

int main(void)
{
	make_fleet();
	test_decoding();
	test_scopes();
	test_workers();
	test_failures();
	test_in_process();
	test_limit_over_workers();
	test_needs();
	test_settings();
	test_children();
	tt_settings_free(fleet.settings);
	tt_arena_free(fleet.snapshot.arena);
	return T_END();
}
