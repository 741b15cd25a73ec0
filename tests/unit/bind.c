/* Scenarios bound to a fleet: what each key of a selector means, when nothing is meant, and
 * that the ready ones fit a fleet that has something of each kind. */
#include "simulate/bind.h"
#include "base/file.h"
#include "change/change.h"
#include "fleet.h"
#include "measured.h"
#include "oom.h"
#include <limits.h>

enum { DAYS = 10, END_S = DAYS * 86400 };

static char folder[256];
static fleet f;
static tt_settings *settings;

static void add_node(const char *name, const char *group, const char *model, const char *type,
		     const char *pricing, const char *labels)
{
	tt_node_row *n = fleet_node(&f, name, 2);

	n->node_group = group;
	n->gpu_model = model;
	n->provider = "p";
	n->region = "r";
	n->instance_type = type;
	n->pricing = pricing;
	n->labels = labels;
}

static tt_pod_row *add_pod(const char *name, const char *node, const char *ns, const char *workload,
			   const char *kind, double pct)
{
	tt_pod_row *p = fleet_pod(&f, name, node, 1);

	p->namespace_ = ns;
	p->workload = workload;
	p->workload_kind = kind;
	p->gpu_sharing = "none";
	if (pct >= 0)
		fleet_hold(&f, fleet_card(&f, node, strchr(name, '0') ? "0" : "1", ""), name, 0,
			   END_S, END_S, pct);
	return p;
}

static void add_price(const char *type, const char *model, const char *pricing,
		      const char *payment)
{
	tt_price_row *p = fleet_row(&f, TT_PRICES);

	*p = (tt_price_row){ .provider = "p", .region = "r", .instance_type = type,
			     .gpu_model = model, .gpus = NAN, .pricing = pricing,
			     .payment = payment, .price_per_hour = TT_DECIMAL_ONE,
			     .upfront = TT_DECIMAL_MISSING, .egress_per_gib = TT_DECIMAL_MISSING,
			     .interruptions_per_h = NAN, .as_of = TT_TIME_MISSING };
}

/* serve: a0 (chat, 40 %) and a1 (forgotten, 0.5 %) on one node, b0 (chat, 20 %) on another;
 * train: on spot and reserved; lab: A100s with notebooks at 5 %; idle: nothing; old: silent. */
static void make_fleet(void)
{
	fleet_open(&f, 0, END_S);
	add_node("s1", "serve", "l40s", "l40sx2", "on_demand", "team=web");
	add_node("s2", "serve", "l40s", "l40sx2", "on_demand", "team=web");
	add_node("t1", "train", "H100", "h100x2", "reserved", "team=ml;zone=a");
	add_node("t2", "train", "H100", "h100x2", "spot", "zone=b");
	add_node("l1", "lab", "a100-80gb", "a100x2", "", "");
	add_node("i1", "idle", "h100", "h100x2", "on_demand", "zone=a");
	tt_node_row *late = fleet_node(&f, "late", 2);
	late->node_group = "serve";
	late->gpu_model = "l40s";
	late->provider = "p";
	late->region = "r";
	late->instance_type = "l40sx2";
	late->started_at = 86400;

	add_pod("a0", "s1", "web", "chat", "inference", 40);
	add_pod("a1", "s1", "web", "forgotten", "inference", 0.5)->labels = "team=old";
	add_pod("b0", "s2", "web", "chat", "", 20);
	add_pod("t0", "t1", "ml", "train", "training", 80);
	add_pod("t1", "t2", "ml", "train", "training", 90);
	add_pod("n0", "l1", "lab", "nb", "notebook", 5)->labels = "team=lab";
	add_pod("n1", "l1", "lab", "etl", "batch", 50);
	add_pod("k0", "s1", "kube-system", "proxy", "system", -1);
	add_pod("lost", "", "web", "lost", "inference", -1);
	add_pod("never", "s1", "web", "chat", "batch", -1)->outcome = "pending";
	fleet_hold(&f, fleet_card(&f, "i1", "0", ""), "", 0, END_S, END_S, 0.2);

	tt_workload_row *w = fleet_row(&f, TT_WORKLOADS);
	w->workload = "chat";
	w->workload_kind = "inference";
	for (int i = 0; i < 2; i++) {
		tt_traffic_row *t = fleet_row(&f, TT_TRAFFIC);

		*t = (tt_traffic_row){ .time = i * 3600, .workload = i ? "chat" : "forgotten",
				       .requests = i ? 5 : 0, .input_tokens = i ? 7 : NAN,
				       .output_tokens = i ? 9 : NAN, .cached_tokens = NAN,
				       .latency_p95_ms = NAN };
	}
	add_price("l40sx2", "l40s", "on_demand", "");
	add_price("l40sx2", "l40s", "commit_1y", "none");
	add_price("l40sx2", "l40s", "commit_1y", "all");
	add_price("h100x2", "h100", "commit_1y", "none");
	add_price("a100x2", "a100-80gb", "commit_3y", "none");
	add_price("h100x2", "h100", "spot", "");
	tt_commitment_row *c = fleet_row(&f, TT_COMMITMENTS);
	c->commitment = "ri-1";
	c->kind = "reserved_instance";
	c->gpu_model = "h100";
	for (int i = 0; i < 3; i++) {
		tt_quota_row *q = fleet_row(&f, TT_QUOTAS);

		q->owner = i == 0 ? "a" : i == 1 ? "b" : "c";
		q->gpu_model = i < 2 ? "a100-80gb" : "h100";
		q->gpus = 20 + i;
	}
	fleet_ready(&f);
}

static int bind(const char *yaml, tt_scenario **ret_s, tt_bound_scenario **ret, tt_err *err)
{
	char path[400];

	snprintf(path, sizeof path, "%s/s.yaml", folder);
	T_INT(TT_OK, tt_file_write(path, yaml, strlen(yaml), NULL));
	T_INT(TT_OK, tt_scenario_load(path, ret_s, err));
	T_STR("", err->text);
	return *ret_s ? tt_scenario_bind(*ret_s, &f.s, settings, ret, err) : TT_EINTERNAL;
}

/* The texts of a scenario's changes, on a line each. */
static void binds(const char *yaml, const char *want)
{
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = NULL;
	TT_CLEANUP(tt_bound_scenario_freep) tt_bound_scenario *b = NULL;
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };
	tt_err err = { 0 };

	T_INT(TT_OK, bind(yaml, &s, &b, &err));
	T_STR("", err.text);
	for (size_t i = 0; b && i < b->n_changes; i++) {
		tt_buf_puts(&text, i ? "\n" : "");
		tt_change_text(&b->changes[i].change, &text);
	}
	T_STR(want, tt_buf_text(&text));
}

/* The subjects that `as` and `select` mean. */
static void means(const char *as, const char *select, const char *want)
{
	char yaml[500], text[500];

	snprintf(yaml, sizeof yaml,
		 "changes: [{ verb: label, as: %s, select: { %s }, owner: x }]\n",
		 as, select);
	snprintf(text, sizeof text, "label %s owner=x", want);
	binds(yaml, text);
}

static void nothing(const char *yaml, int status, const char *why)
{
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = NULL;
	tt_bound_scenario *b = NULL;
	tt_err err = { 0 };

	T_INT(status, bind(yaml, &s, &b, &err));
	T_HAS(why, err.text);
	T_OK(b == NULL);
}

static void test_nodes(void)
{
	means("node", "node: \"s*\"", "node:s1,node:s2");
	means("node", "node: [s1, \"t?\", \"*2\"]", "node:s1,node:s2,node:t2");
	means("node", "model: \"*h100\"", "node:i1,node:t1,node:t2"); /* whatever the case */
	means("node", "pricing: [spot, reserved]", "node:t1,node:t2");
	means("node", "pricing: on_demand, node_group: [\"la*\", serve]",
	      "node:l1,node:late,node:s1,node:s2");
	means("node", "labels: { zone: \"*\" }", "node:i1,node:t1,node:t2");
	means("node", "labels: { zone: a, team: [x, ml] }", "node:t1");
	means("node", "owner: web", "node:s1,node:s2");
	means("node", "owner: \"\", model: a100*", "node:l1");
	means("node", "busy_below_pct: 1", "node:i1");
	means("node", "busy_above_pct: 50", "node:t1,node:t2");
	means("node", "workload_kind: inference", "node:s1,node:s2");
	means("node", "workload: chat", "node:s2"); /* another runs on s1, too */
	means("node", "namespace: [web, kube-system]", "node:s1,node:s2");
	means("node", "namespace: web", "node:s2"); /* the system counts where it is asked for */
	/* a group only when all of its nodes are meant */
	means("node_group", "model: \"*h100\"", "node_group:idle,node_group:train");
	means("node_group", "model: h100, pricing: [spot, on_demand]", "node_group:idle");
	means("node_group", "busy_below_pct: 25, busy_above_pct: 20", "node_group:serve");
}

/* What fell silent half-way: measured at least half of the time, and never at 1 %. */
static void test_silent(void)
{
	const fleet whole = f;
	measured m;

	measured_open(&m, 8 * 3600, 60);
	measured_put(&m, "nodes", "a1,a,1,on_demand,1,,");
	measured_put(&m, "nodes", "a2,a,1,on_demand,1,,");
	measured_put(&m, "nodes", "b1,b,1,on_demand,1,,");
	measured_put(&m, "nodes", "c1,c,1,on_demand,1,,");
	measured_put(&m, "nodes", "d1,d,1,on_demand,1,,");
	measured_use(&m, 0, 4 * 3600, "a1", "0", "", 50);
	measured_use(&m, 4 * 3600, 8 * 3600, "a1", "0", "", 0.4);
	measured_use(&m, 0, 8 * 3600, "a2", "0", "", 0);
	measured_use(&m, 0, 8 * 3600, "b1", "0", "", 0);
	measured_use(&m, 0, 7 * 3600, "c1", "0", "", 0);
	measured_use(&m, 7 * 3600, 8 * 3600, "c1", "0", "", 1);
	measured_use(&m, 0, 5 * 3600, "d1", "0", "", 0);
	f.s = *measured_ready(&m);
	means("node", "silent_h: 4", "node:a1,node:a2,node:b1");
	means("node", "silent_h: 6", "node:a2,node:b1,node:d1");
	means("node_group", "silent_h: 4", "node_group:a,node_group:b");
	means("node_group", "silent_h: 5", "node_group:b");
	binds("changes:\n"
	      "  - { verb: release, as: card, select: { silent_h: 8, node: \"a*\" } }\n"
	      "  - { verb: release, as: card, select: { busy_above_pct: 10 } }\n",
	      "release card:a2/0\nrelease card:a1/0");
	nothing("changes: [{ verb: label, as: node, owner: x, select: { silent_h: 9 } }]\n",
		TT_ENODATA, "select matches no node of the fleet"); /* longer than the window */
	f = whole;
	measured_close(&m);
}

static void test_pods(void)
{
	means("pod", "workload_kind: inference, node_group: serve", "pod:a0,pod:a1,pod:b0");
	means("pod", "workload_kind: inference", "pod:a0,pod:a1,pod:b0,pod:lost");
	means("pod", "owner: [lab, old]", "pod:a1,pod:n0");
	means("pod", "gpu_sharing: none, model: a100-80GB", "pod:n0,pod:n1");
	means("pod", "busy_below_pct: 10", "pod:a1,pod:n0");
	means("pod", "namespace: kube-system", "pod:k0");
	means("workload", "model: \"*\"", "workload:chat,workload:etl,workload:forgotten,"
					  "workload:nb,workload:train");
}

static void test_workloads(void)
{
	means("workload", "workload_kind: inference",
	      "workload:chat,workload:forgotten,workload:lost");
	means("workload", "busy_below_pct: 31, busy_above_pct: 29", "workload:chat");
	means("workload", "traffic: requests", "workload:chat");
	means("workload", "traffic: [cached_tokens, output_tokens]", "workload:chat");
	means("namespace", "namespace: [\"w*\", ml]", "namespace:ml,namespace:web");
	means("namespace", "workload_kind: [notebook, batch]", "namespace:lab");
	/* train is on spot and reserved: not all of it is on spot */
	nothing("changes: [{ verb: label, as: workload, owner: x,\n"
		"  select: { pricing: spot, workload: train } }]\n", TT_ENODATA,
		"/s.yaml:2:11: select matches no workload of the fleet: \"pricing\" alone matches "
		"none");
}

/* Each of the keys matches something, all of them together nothing. */
static void test_together(void)
{
	nothing("changes: [{ verb: label, as: node, owner: x, select: { model: h100,\n"
		"  node_group: serve } }]\n", TT_ENODATA, "select matches no node of the fleet");
	nothing("changes: [{ verb: label, as: node, owner: x, select: { model: h100,\n"
		"  region: q } }]\n", TT_ENODATA,
		"no node of the fleet: \"region\" alone matches none");
}

static void test_offers(void)
{
	binds("changes: [{ verb: commit, select: { kind: reserved_instance, model: H100 },\n"
	      "  action: lapse }]\n", "commit commitment:ri-1 action=lapse");
	binds("changes: [{ verb: commit, as: offer, action: buy, units: 3,\n"
	      "  select: { node_group: serve, payment: none } }]\n",
	      "commit offer:\"p/r/l40sx2 commit_1y none\" action=buy units=3");
	/* late came after the begin: two stood all the time; t1 and t2 don't pay on demand */
	binds("changes: [{ verb: commit, as: offer, action: buy, units: standing, each: true,\n"
	      "  select: { pricing: \"commit_*\", payment: none } }]\n",
	      "commit offer:\"p/r/a100x2 commit_3y none\" action=buy units=1\n"
	      "commit offer:\"p/r/h100x2 commit_1y none\" action=buy units=1\n"
	      "commit offer:\"p/r/l40sx2 commit_1y none\" action=buy units=2");
	nothing("changes: [{ verb: commit, as: offer, action: buy, units: standing, each: true,\n"
		"  select: { node: late, pricing: commit_1y } }]\n", TT_ENODATA,
		":1:58: units is \"standing\", and no on-demand node that an offer would cover "
		"stood all through the window");
	nothing("changes: [{ verb: commit, as: offer, action: buy, units: 1,\n"
		"  select: { pricing: commit_3y, model: h100 } }]\n", TT_ENODATA,
		"select matches no offer of the fleet");
}

static void test_changes(void)
{
	binds("horizon: { from: 2026-04-01T00:00:00Z }\n"
	      "changes:\n"
	      "  - { verb: release, select: { node: \"s*\" }, each: true, from: +1d, until: +2d }\n"
	      "  - change: release node:zz\n"
	      "  - { verb: release, select: { node: \"s*\" }, hours: sat 00:00-24:00 }\n"
	      "  - { verb: reprice, as: fleet, discount_ratio: 0.2 }\n",
	      "release node:s1 from=2026-04-02T00:00:00Z until=2026-04-03T00:00:00Z\n"
	      "release node:s2 from=2026-04-02T00:00:00Z until=2026-04-03T00:00:00Z\n"
	      "release node:zz\n"
	      "release node:s1,node:s2 hours=\"sat 00:00-24:00\"\n"
	      "reprice fleet discount_ratio=0.2");
	/* 41 cards on two of seven days, or in every hour; other models have their own */
	binds("profiles:\n  w: { hours: \"sat-sun 00:00-24:00\", gpus: 3 }\n"
	      "  a: { hours: \"mon-sun 00:00-24:00\", gpus: 3 }\n"
	      "changes:\n"
	      "  - { verb: scale, as: fleet, profile: w, gpus: quota, gpu_model: a100-80gb }\n"
	      "  - { verb: scale, as: fleet, profile: a, gpus: quota }\n",
	      "scale fleet profile=w gpus=11.714285714 gpu_model=a100-80gb\n"
	      "scale fleet profile=a gpus=63");
	nothing("profiles: { a: { hours: \"mon 00:00-24:00\" } }\n"
		"changes: [{ verb: scale, as: fleet, profile: a, gpus: quota, gpu_model: t4 }]\n",
		TT_ENODATA, ":2:55: gpus is \"quota\", and no quota of the model holds");
	nothing("changes:\n  - change: release node:s1\n"
		"  - { verb: release, select: { node: s1 } }\n", TT_EDATA,
		"/s.yaml:3:5: the same change as at ");
	nothing("changes:\n  - { verb: release, select: { node: s1 },\n"
		"      until: 2026-01-01T00:00:00Z, from: +90d }\n"
		"horizon: { from: 2026-01-01T00:00:00Z }\n", TT_EDATA,
		"/s.yaml:2:5: until is not after from");
	nothing("horizon: { until: 1970-01-02T00:00:00Z }\n", TT_EDATA,
		":1:10: the horizon ends at 1970-01-02T00:00:00Z, expected a time after its begin "
		"at 1970-01-11T00:00:00Z");
}

static void test_optional(void)
{
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = NULL;
	TT_CLEANUP(tt_bound_scenario_freep) tt_bound_scenario *b = NULL;
	tt_err err = { 0 };

	T_INT(TT_OK, bind("changes:\n"
			  "  - { verb: release, select: { node: zz }, optional: true }\n"
			  "  - change: release node:s1\n", &s, &b, &err));
	T_OK(b && b->n_changes == 1 && b->n_left_out == 1);
	T_HAS("/s.yaml:2:30: select matches no node of the fleet", b ? b->left_out[0].why : "");
	nothing("changes: [{ verb: release, select: { node: zz }, optional: true }]\n", TT_ENODATA,
		"nothing is left of the scenario: ");
}

static void test_assumed(void)
{
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = NULL;
	TT_CLEANUP(tt_bound_scenario_freep) tt_bound_scenario *b = NULL;
	tt_err err = { 0 };

	T_INT(TT_OK, bind("assumptions: { adoption_ratio: 0.25, start_delay_days: 3 }\n"
			  "changes:\n"
			  "  - change: release node:s1\n"
			  "  - change: release node:s2 adoption_ratio=0.5 realisation_ratio=0.75\n"
			  "  - { verb: release, select: { node: t1 }, adoption_ratio: 0.125 }\n",
			  &s, &b, &err));
	if (!b || b->n_changes != 3) {
		T_STR("three changes", "something else");
		return;
	}
	T_F64(0.25, b->changes[0].adoption_ratio->spec.a, 0);
	T_F64(1, b->changes[0].realisation_ratio->spec.a, 0);
	T_F64(3, b->changes[0].start_delay_days->spec.a, 0);
	T_F64(0.5, b->changes[1].adoption_ratio->spec.a, 0);
	T_F64(0.75, b->changes[1].realisation_ratio->spec.a, 0);
	T_F64(0.125, b->changes[2].adoption_ratio->spec.a, 0);
	T_F64(0.125, b->changes[2].change.adoption_ratio, 0);
	T_INT(END_S, b->from_s);
	T_INT(END_S + 12 * 730 * 3600, b->until_s);
}

static void test_prices(void)
{
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = NULL;
	TT_CLEANUP(tt_bound_scenario_freep) tt_bound_scenario *b = NULL;
	tt_err err = { 0 };

	T_INT(TT_OK, bind("price_cuts:\n"
			  "  - { at: +60d, cut_ratio: 0.1 }\n"
			  "  - { at: +30d, cut_ratio: 0.2, select: { model: h100 } }\n"
			  "growth: [{ select: { workload: \"*\" }, ratio_per_month: 0.01 }]\n",
			  &s, &b, &err));
	if (!b || b->n_cuts != 2 || b->n_growth != 1) {
		T_STR("two cuts and growth", "something else");
		return;
	}
	T_INT(END_S + 30 * 86400, b->cuts[0].at_s); /* by date */
	T_INT(2, b->cuts[0].prices.n_nodes);        /* i1 and t2, but not what is reserved */
	T_INT(1, b->cuts[0].prices.n_prices);       /* spot, but no commitment */
	T_INT(6, b->cuts[1].prices.n_nodes);
	T_INT(2, b->cuts[1].prices.n_prices);
	T_INT(6, b->growth[0].n_subjects);
	nothing("price_cuts: [{ at: +400d, cut_ratio: 0.1 }]\n", TT_EDATA,
		":1:14: a price cut at 1971-02-15T00:00:00Z is not within the horizon");
	nothing("price_cuts: [{ at: +4d, cut_ratio: 0.1, select: { model: b200 } }]\n", TT_ENODATA,
		":1:49: select matches no price of the fleet");
}

/* A fleet without tables says which it lacks. */
static void test_lacks(void)
{
	const fleet whole = f;

	fleet_open(&f, 0, END_S);
	fleet_ready(&f);
	nothing("changes: [{ verb: label, owner: x, select: { workload: x } }]\n", TT_ENODATA,
		"select matches no workload: the fleet has no pods.csv");
	nothing("changes: [{ verb: label, owner: x, select: { node_group: x } }]\n", TT_ENODATA,
		"the fleet has no nodes.csv");
	nothing("changes: [{ verb: label, owner: x, select: { traffic: requests } }]\n",
		TT_ENODATA, "the fleet has no traffic.csv");
	nothing("changes: [{ verb: commit, action: lapse, select: { commitment: x } }]\n",
		TT_ENODATA, "the fleet has no commitments.csv");
	nothing("changes: [{ verb: label, owner: x, as: node, select: { busy_below_pct: 1 } }]\n",
		TT_ENODATA, "select matches no node: the fleet has no gpu_usage.csv");
	nothing("price_cuts: [{ at: +4d, cut_ratio: 0.1 }]\n", TT_ENODATA,
		"select matches no price: the fleet has no prices.csv");
	nothing("profiles: { a: { hours: \"mon 00:00-24:00\" } }\n"
		"changes: [{ verb: scale, as: fleet, profile: a, gpus: quota }]\n", TT_ENODATA,
		"gpus is \"quota\", and the fleet has no quotas.csv");
	fleet_close(&f);
	f = whole;
}

static void test_patterns(void)
{
	T_OK(tt_pattern_match("", "", false) && !tt_pattern_match("", "a", false));
	T_OK(tt_pattern_match("*", "", false) && tt_pattern_match("**", "abc", false));
	T_OK(tt_pattern_match("a*c", "abc", false) && !tt_pattern_match("a*c", "abd", false));
	T_OK(tt_pattern_match("*ab", "aab", false) && tt_pattern_match("*a*b*", "xxaxxbxx", false));
	T_OK(!tt_pattern_match("*a*b", "xxaxxbxx", false));
	T_OK(tt_pattern_match("H1*", "h100", true) && !tt_pattern_match("H1*", "h100", false));
	T_OK(!tt_pattern_match("a.c", "abc", false) && !tt_pattern_match("a?c", "abc", false));
}

/* --- The ready ones ---------------------------------------------------------------- */

static void test_ready(void)
{
	const char *source = getenv("TT_SOURCE");
	char path[PATH_MAX], file[PATH_MAX + 300];
	size_t n = 0;

	snprintf(path, sizeof path, "%s/scenarios", source ? source : ".");
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		TT_CLEANUP(tt_scenario_freep) tt_scenario *s = NULL;
		TT_CLEANUP(tt_bound_scenario_freep) tt_bound_scenario *b = NULL;
		tt_err err = { 0 };
		const char *dot = strrchr(e->d_name, '.');

		if (!dot || strcmp(dot, ".yaml") != 0)
			continue;
		snprintf(file, sizeof file, "%s/%s", path, e->d_name);
		T_INT(TT_OK, tt_scenario_load(file, &s, &err));
		if (s && tt_scenario_bind(s, &f.s, settings, &b, &err) < 0)
			/* nothing here was silent: hourly rollups are not made up */
			T_HAS(strcmp(e->d_name, "stale-groups.yaml") == 0 ? "matches no node_group"
									  : "not so", err.text);
		n++;
	}
	if (d)
		closedir(d);
	T_OK(n >= 18);
}

/* --- Memory runs out --------------------------------------------------------------- */

static tt_scenario *scenario;
static tt_bound_scenario *bound;

static int oom_bind(tt_err *err)
{
	return tt_scenario_bind(scenario, &f.s, settings, &bound, err);
}

static void oom_answer(tt_buf *out)
{
	for (size_t i = 0; i < bound->n_changes; i++) {
		tt_change_text(&bound->changes[i].change, out);
		tt_buf_putc(out, '\n');
	}
}

static void oom_reset(void)
{
	tt_bound_scenario_free(bound);
	bound = NULL;
}

static void test_oom(void)
{
	tt_err err = { 0 };

	T_INT(TT_OK, bind("profiles: { a: { hours: \"mon 00:00-24:00\" } }\n"
			  "growth: [{ select: { workload: \"*\" }, ratio_per_month: 0.01 }]\n"
			  "price_cuts: [{ at: +60d, cut_ratio: 0.1 }]\n"
			  "changes:\n"
			  "  - { verb: scale, as: fleet, profile: a, gpus: quota }\n"
			  "  - { verb: release, select: { node: zz }, optional: true }\n"
			  "  - { verb: label, as: pod, owner: x,\n"
			  "      select: { labels: { team: \"*\" }, owner: [lab, old] } }\n"
			  "  - { verb: label, as: node, owner: x, select: { workload: chat } }\n"
			  "  - { verb: commit, as: offer, action: buy, units: standing,\n"
			  "      each: true, select: { payment: none } }\n", &scenario, &bound,
			  &err));
	oom_reset();
	oom((oom_try){ .what = "bind", .run = oom_bind, .answer = oom_answer, .reset = oom_reset });
	tt_scenario_free(scenario);
}

int main(void)
{
	t_folder(folder, sizeof folder);
	T_INT(TT_OK, tt_settings_load(NULL, &settings, NULL));
	make_fleet();
	test_patterns();
	test_nodes();
	test_silent();
	test_pods();
	test_workloads();
	test_together();
	test_offers();
	test_changes();
	test_optional();
	test_assumed();
	test_prices();
	test_lacks();
	test_ready();
	test_oom();
	fleet_close(&f);
	tt_settings_free(settings);
	t_folder_remove(folder);
	return T_END();
}
