/* What the host lends to detectors, seen from inside of one: this program is a detector
 * whose detect() is the check that is set at the time. */
#include "detector_test.h"

static void (*check)(const tt_host *h, tt_call *c, const tt_subject *s);
static int calls;

static int detect(const tt_host *h, tt_call *c, const tt_subject *s, const void *params)
{
	(void)params;
	calls++;
	check(h, c, s);
	return TT_OK;
}

static tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "services", .version = "1.0.0", .summary = "made for the tests" },
	.detect = detect,
};
TT_REGISTER(self)

/* Run the check for each subject of the scope; how often it was called. */
static int run(dt *d, int32_t scope,
               void (*what)(const tt_host *h, tt_call *c, const tt_subject *s))
{
	self.scope = scope;
	check = what;
	calls = 0;
	dt_run(d, "");
	return calls;
}

/* What it is broken for, though it returned TT_OK. */
static void breaks(dt *d, int32_t scope,
                   void (*what)(const tt_host *h, tt_call *c, const tt_subject *s),
                   const char *why)
{
	d->may_fail = 1;
	run(d, scope, what);
	T_HAS(why, d->failed);
	d->may_fail = 0;
}

/* --- Cards ------------------------------------------------------------------------- */

enum { STEPS = 48 };

/* A card that is busy in hours 10 and 30, one in slices that is in hour 20, and a node of
 * which only the framebuffer is known, and one of which nothing is. */
static void open_cards(dt *d)
{
	dt_open(d, 2, 3600);
	dt_table(d, "nodes", "node,gpu_model,gpus,gpu_memory_mib,price_per_hour,labels\n"
	                     "n1,A100,2,1000,1,team=ml\n"
	                     "n2,A100,1,1000,1,\n"
	                     "n3,A100,1,1000,1,\n");
	dt_table(d, "pods", "pod,node,workload_kind,gpus,labels\n"
	                    "a,n1,inference,1,team=search\n");
	dt_usage(d, "n1/0", "a", 0, DT_END, 0, 100);
	dt_usage(d, "n1/0", "a", 10, 11, 50, 100);
	dt_usage(d, "n1/0", "a", 30, 31, 50, 100);
	dt_usage(d, "n1/1/1", "", 0, DT_END, 2, 200);
	dt_usage(d, "n1/1/2", "b", 24, DT_END, 0, 400);
	dt_usage(d, "n1/1/2", "", 20, 21, 70, 400);
	dt_usage(d, "n2/0", "", 0, DT_END, (double)NAN, 400);
}

static void see_node(const tt_host *h, tt_call *c, const tt_subject *s)
{
	double gap_s = 0;
	tt_uses u;

	if (strcmp(s->id, "n1") != 0) {
		T_INT(TT_ENODATA, h->cards(c, s, 0, 0, &u));
		T_INT(strcmp(s->id, "n2") == 0, u.n);
		T_OK(isnan(u.all.p95_activity_pct));
		return;
	}
	T_INT(TT_ENODATA, h->cards(c, s, 49, 0, &u));
	T_INT(TT_OK, h->cards(c, s, 48, 0.9, &u));
	T_INT(2, u.n);
	T_STR("n1/0", u.v[0].id);
	T_STR("card", u.v[0].kind);
	T_STR("search", u.v[0].owner);
	T_STR("pod:\"a\"", u.v[0].pods);
	T_INT(1, u.v[0].known);
	T_INT(1, u.v[0].serves);
	T_INT(24000000, u.v[0].cost_micro);
	T_F64(50, u.v[0].max_activity_pct, 1e-9);
	T_F64(0, u.v[0].p95_activity_pct, 1e-9);
	T_F64(0.1, u.v[0].max_fb_used_ratio, 0.001);
	T_F64(STEPS * 3600, u.v[0].held_s, 0);

	T_STR("n1/1", u.v[1].id); /* slices together: memory and cost add up */
	T_INT(2, u.v[1].n_carriers);
	T_INT(0, u.v[1].known); /* one slice was measured for 28 hours */
	T_INT(0, u.v[1].serves);
	T_INT(24000000, u.v[1].cost_micro);
	T_STR("pod:\"b\"", u.v[1].pods);
	T_F64(70, u.v[1].max_activity_pct, 1e-9);
	T_F64(0.6, u.v[1].max_fb_used_ratio, 0.006);
	T_F64(28.0 / STEPS, u.v[1].coverage_ratio, 1e-12);
	T_F64(STEPS * 3600, u.v[1].measured_s, 0);

	T_STR("node", u.all.kind); /* the busiest, the fullest, the least measured */
	T_STR("n1", u.all.id);
	T_INT(3, u.all.n_carriers);
	T_INT(0, u.all.known);
	T_INT(1, u.all.serves);
	T_INT(48000000, u.all.cost_micro);
	T_STR("pod:\"a\",pod:\"b\"", u.all.pods);
	T_F64(70, u.all.max_activity_pct, 1e-9);
	T_F64(0.6, u.all.max_fb_used_ratio, 0.006);
	T_F64(28.0 / STEPS, u.all.coverage_ratio, 1e-12);
	T_F64(2 * STEPS * 3600, u.all.measured_s, 0);
	T_F64((STEPS + 24) * 3600, u.all.held_s, 0);

	T_INT(TT_OK, h->longest_gap(c, &u.v[0], TT_ACTIVITY_PCT, 50, &gap_s));
	T_F64(19 * 3600, gap_s, 0);
	T_INT(TT_OK, h->longest_gap(c, &u.v[0], TT_ACTIVITY_PCT, 51, &gap_s));
	T_F64((double)INFINITY, gap_s, 0);
	T_INT(TT_OK, h->longest_gap(c, &u.all, TT_ACTIVITY_PCT, 50, &gap_s));
	T_F64(17 * 3600, gap_s, 0); /* from hour 31 on, 20 being busy with a slice */
	T_INT(TT_ENODATA, h->longest_gap(c, &u.all, TT_POWER_W, 50, &gap_s));
	T_OK(isnan(gap_s));
}

static void see_card(const tt_host *h, tt_call *c, const tt_subject *s)
{
	tt_uses u;

	if (strcmp(s->node->id, "n1") != 0)
		return;
	T_INT(strcmp(s->id, "n1/1/2") == 0 ? TT_ENODATA : TT_OK, h->cards(c, s, 0, 0.9, &u));
	T_INT(1, u.n);
	T_STR(s->id, u.v[0].id); /* slices are subjects of their own */
	T_STR(s->id, u.all.id);
	T_F64(strcmp(s->id, "n1/0") == 0 ? 0.1 : strcmp(s->id, "n1/1/1") == 0 ? 0.2 : 0.4,
	      u.all.max_fb_used_ratio, 0.004);
}

static void ask_group(const tt_host *h, tt_call *c, const tt_subject *s)
{
	tt_group g;

	T_INT(TT_EINVAL, h->group(c, s, &g));
	T_INT(0, (long long)g.n_hours);
	T_STR("1970-01-01T00:00:01Z", h->time(c, 1));
}

static void ask_workload(const tt_host *h, tt_call *c, const tt_subject *s)
{
	tt_workload w;

	T_INT(TT_EINVAL, h->workload(c, s, &w));
	T_STR("", w.workload_kind);
}

static void ask_gaps(const tt_host *h, tt_call *c, const tt_subject *s)
{
	tt_gaps g;

	T_INT(TT_EINVAL, h->gaps(c, s, &g));
	T_INT(0, (long long)g.n);
}

static void ask_cards(const tt_host *h, tt_call *c, const tt_subject *s)
{
	tt_uses u;

	T_INT(TT_EINVAL, h->cards(c, s, 0, 0, &u));
}

/* A card that nothing is known of has no data; an id that is none is a slip. */
static void ask_stats(const tt_host *h, tt_call *c, const tt_subject *s)
{
	static const char *const unmeasured[] = { "n1", "n1/7", "n3/0", "n3/0/1" };
	tt_series series;
	tt_stats stats;

	(void)s;
	for (size_t i = 0; i < TT_COUNT(unmeasured); i++) {
		T_INT(TT_ENODATA, h->stats(c, unmeasured[i], TT_POWER_W, &stats));
		T_INT(TT_METRIC_NONE, stats.metric);
		T_INT(TT_ENODATA, h->series(c, unmeasured[i], TT_POWER_W, &series));
	}
	T_INT(TT_OK, h->stats(c, "n1/0", TT_ACTIVITY_PCT, &stats));
}

static void ask_stats_of_none(const tt_host *h, tt_call *c, const tt_subject *s)
{
	tt_stats stats;

	(void)s;
	T_INT(TT_EINVAL, h->stats(c, "nope", TT_POWER_W, &stats));
	T_OK(isnan(stats.mean));
}

static void ask_series_of_none(const tt_host *h, tt_call *c, const tt_subject *s)
{
	tt_series series;

	(void)s;
	T_INT(TT_EINVAL, h->series(c, "n9/0", TT_POWER_W, &series));
}

static void test_cards(void)
{
	dt d;

	open_cards(&d);
	T_INT(3, run(&d, TT_SCOPE_NODE, see_node));
	T_INT(4, run(&d, TT_SCOPE_CARD, see_card));
	T_INT(1, run(&d, TT_SCOPE_FLEET, ask_stats));
	breaks(&d, TT_SCOPE_FLEET, ask_stats_of_none, "asked stats() for \"nope\", which is no "
	       "card and no node of the fleet");
	breaks(&d, TT_SCOPE_FLEET, ask_series_of_none, "asked series() for \"n9/0\"");
	breaks(&d, TT_SCOPE_FLEET, ask_cards, "called cards(), which is for scopes node and card");
	breaks(&d, TT_SCOPE_NODE, ask_group, "called group(), which is for scope node_group");
	breaks(&d, TT_SCOPE_NODE, ask_workload, "called workload(), which is for scope workload");
	breaks(&d, TT_SCOPE_NODE, ask_gaps, "called gaps(), which is for scope workload");
	dt_close(&d);
}

/* --- Texts ------------------------------------------------------------------------- */

static void see_texts(const tt_host *h, tt_call *c, const tt_subject *s)
{
	const char *a = "", *b = "";
	size_t n = 0;

	(void)s;
	T_STR("\"a \\\"b\\\" \\\\\"", h->quote(c, "a \"b\" \\"));
	for (int i = 0; i < 1000; i++) { /* two lists that grow side by side */
		a = h->subject(c, a, "pod", "x");
		b = i < 3 ? h->subject(c, b, "card", "n/0") : b;
	}
	for (const char *p = a; (p = strstr(p, "pod:\"x\"")); p++)
		n++;
	T_INT(1000, n);
	T_INT(1000 * 8 - 1, strlen(a));
	T_STR("card:\"n/0\",card:\"n/0\",card:\"n/0\"", b);

	T_F64(0.5, h->confidence(c, 0.5, 1e9, 0), 1e-12);
	T_F64(0.4, h->confidence(c, 0.5, 1e9, 1), 1e-12);
	T_F64(0.4, h->confidence(c, 0.5, 1e9, 7), 1e-12);
	T_F64(0.6, h->confidence(c, 1, 302400, (double)NAN), 1e-12);
	T_F64(1, h->confidence(c, 1.1, 1e9, -1), 1e-12);
}

/* Everything after the budget was passed is in vain, and nothing of it crashes. */
static void take_too_much(const tt_host *h, tt_call *c, const tt_subject *s)
{
	const char *text;

	(void)s;
	while (h->alloc(c, 1 << 20))
		;
	text = h->alloc(c, 1 << 20);
	T_OK(!text);
	while (*h->text(c, "%65536d", 1))
		;
	T_STR("", h->text(c, "%65536d", 1));
	T_INT(TT_ENOMEM, h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "half", .title = "half",
		.subject_kind = "fleet", .subject_id = "", .owner = "", .coverage_ratio = 1,
		.confidence_ratio = 1, .risk_note = "" }));
}

static void quote_nothing(const tt_host *h, tt_call *c, const tt_subject *s)
{
	(void)s;
	T_STR("", h->quote(c, NULL));
}

static void test_texts(void)
{
	dt d;

	open_cards(&d);
	T_INT(1, run(&d, TT_SCOPE_FLEET, see_texts));
	breaks(&d, TT_SCOPE_FLEET, take_too_much, "asked for more than 64 MiB of memory");
	T_INT(0, d.found->n);
	breaks(&d, TT_SCOPE_FLEET, quote_nothing, "the text of NULL");
	dt_close(&d);
}

/* --- Spend ------------------------------------------------------------------------- */

/* Each pod has a node of that price and as many cards to itself, for a day. */
static void open_spend(dt *d)
{
	static const char *const rows[][5] = {
		{ "a", "x", "g", "1", "team=ml;user=ann" }, { "b", "x", "h", "2", "team=ml" },
		{ "c", "x", "h", "4", "user=ann" },         { "d", "y", "g", "8", "team=ads" },
		{ "e", "", "h", "3", "user=bob" },          { "f", "y", "g", "8", "team=web" },
	};

	dt_open(d, 1, 3600);
	dt_table(d, "nodes", "node,node_group,gpus,price_per_hour\n");
	dt_table(d, "pods", "pod,namespace,node,gpus,labels\n");
	for (size_t i = 0; i < TT_COUNT(rows); i++) {
		const char *const *r = rows[i];

		dt_row(d, "nodes", "n%s,%s,%s,%s", r[0], r[2], r[3], r[3]);
		dt_row(d, "pods", "%s,%s,n%s,%s,%s", r[0], r[1], r[0], r[3], r[4]);
	}
}

static void see_spend(const tt_host *h, tt_call *c, const tt_subject *s)
{
	const tt_spend *v = NULL;
	size_t n = 0;

	(void)s;
	T_INT(TT_OK, h->spend(c, 0, NULL, &v, &n));
	T_INT(1, n);
	T_INT(26 * 24000000, v[0].cost_micro);
	T_F64(26 * 24, v[0].gpu_hours, 1e-9);
	T_INT(6, v[0].pods);

	T_INT(TT_OK, h->spend(c, TT_WORD_NAMESPACE, NULL, &v, &n));
	T_INT(3, n);
	T_STR("", v[0].namespace_);
	T_STR("x", v[1].namespace_);
	T_INT(7 * 24000000, v[1].cost_micro);
	T_STR("h", v[1].node_group); /* of the costliest line in it */
	T_STR("ann", v[1].creator);
	T_STR("no_owner", v[1].reason);
	T_STR("ads", v[2].owner); /* of two that cost the same, the first */

	T_INT(TT_OK, h->spend(c, TT_WORD_OWNER | TT_WORD_NODE_GROUP,
	                      &(tt_spend){ .namespace_ = "x" }, &v, &n));
	T_INT(3, n);
	T_STR("h", v[0].node_group);
	T_STR("ml", v[1].owner);
	T_STR("g", v[1].node_group);
	T_INT(24000000, v[1].cost_micro);
	T_STR("ml", v[2].owner);
	T_INT(TT_OK, h->spend(c, 0, &(tt_spend){ .owner = "", .creator = "ann" }, &v, &n));
	T_INT(4 * 24000000, v[0].cost_micro);
	T_INT(TT_OK, h->spend(c, 0, &(tt_spend){ .owner = "nobody" }, &v, &n));
	T_INT(0, n);
}

static void see_owners(const tt_host *h, tt_call *c, const tt_subject *s)
{
	const char *list = NULL;

	(void)s;
	T_STR("ml", h->plain_owner(c, &(tt_spend){ .namespace_ = "x" }, 1));
	T_STR("", h->plain_owner(c, &(tt_spend){ .namespace_ = "y" }, 0.51));
	T_STR("ads", h->plain_owner(c, &(tt_spend){ .namespace_ = "y" }, 0.5)); /* as "web" has */
	T_STR("", h->plain_owner(c, &(tt_spend){ .namespace_ = "" }, 0.5));
	T_INT(TT_OK, h->spenders(c, "x", "ann", 0, &list));
	T_STR("pod:\"c\"", list);
	T_INT(TT_ENODATA, h->spenders(c, "x", "ann", 1, &list));
	T_STR("", list);
	T_INT(TT_ENODATA, h->spenders(c, "x", "ann", SIZE_MAX, &list));
	T_INT(TT_ENODATA, h->spenders(c, "x", "bob", 0, &list));
}

static void spend_by_none(const tt_host *h, tt_call *c, const tt_subject *s)
{
	const tt_spend *v;
	size_t n;

	(void)s;
	T_INT(TT_EINVAL, h->spend(c, 1u << 7, NULL, &v, &n));
	T_INT(0, n);
}

static void spend_of_node(const tt_host *h, tt_call *c, const tt_subject *s)
{
	const tt_spend *v;
	size_t n;

	(void)s;
	T_INT(TT_EINVAL, h->spend(c, 0, NULL, &v, &n));
	T_STR("", h->plain_owner(c, NULL, 1));
}

static void spenders_of_null(const tt_host *h, tt_call *c, const tt_subject *s)
{
	const char *list;

	(void)s;
	T_INT(TT_EINVAL, h->spenders(c, "x", NULL, 0, &list));
}

static void test_spend(void)
{
	dt d;

	open_spend(&d);
	T_INT(1, run(&d, TT_SCOPE_FLEET, see_spend));
	T_INT(1, run(&d, TT_SCOPE_FLEET, see_owners));
	breaks(&d, TT_SCOPE_FLEET, spend_by_none, "called spend() by 0x80, which are no words");
	breaks(&d, TT_SCOPE_NODE, spend_of_node, "called spend(), which is for scope fleet");
	breaks(&d, TT_SCOPE_FLEET, spenders_of_null, "called spenders() with NULL for a word");
	dt_close(&d);
}

/* --- Runs, tables, pools ---------------------------------------------------------------- */

/* Two nodes of four cards, the second one lived in hours 10 to 20 and was 2 hours empty at
 * its ends, and the third came 3 hours after it was. */
static void open_runs(dt *d)
{
	dt_open(d, 2, 3600);
	dt_table(d, "nodes", "node,node_group,gpu_model,gpus,cpus,price_per_hour,started_at,"
	         "ended_at\n");
	dt_row(d, "nodes", "n1,g,A100,4,32,8,,");
	dt_row(d, "nodes", "n2,g,A100,4,32,8,%d,%d", DT_START_S + 10 * 3600,
	       DT_START_S + 20 * 3600);
	dt_row(d, "nodes", "n3,g,A100,4,32,8,%d,", DT_START_S + 21 * 3600);
	dt_table(d, "pods", "pod,namespace,node,workload,gpus,cpus,submitted_at,started_at,"
	         "ended_at,outcome,labels\n");
	dt_row(d, "pods", "a,x,n1,w,2,30,,%d,,running,team=ml", DT_START_S + 3600);
	dt_row(d, "pods", "b,x,n2,w,4,4,,%d,%d,failed,created-by=ann", DT_START_S + 12 * 3600,
	       DT_START_S + 18 * 3600);
	dt_row(d, "pods", "c,x,,,4,4,%d,,%d,pending,", DT_START_S + 3600, DT_START_S + 5 * 3600);
	dt_row(d, "pods", "d,x,n3,w,1,4,%d,%d,,running,team=ml", DT_START_S + 20 * 3600,
	       DT_START_S + 22 * 3600);
	dt_table(d, "node_groups", "node_group,boot_s,drain_s,min_nodes\n" "g,3600,1800,1\n");
	dt_table(d, "volumes", "volume,owner,price_per_hour,last_read_at\n"
	         "v1,ml,0.25,1767571200\n" "v2,,,\n");
	dt_usage(d, "n1/0", "a", 1, 20, 50, 100);
	dt_usage(d, "n1/0", "a", 20, 48, 0.5, 100);
}

static void see_runs(const tt_host *h, tt_call *c, const tt_subject *s)
{
	tt_pod_runs r;

	T_INT(TT_OK, h->runs(c, s, &r));
	T_INT(4, r.n);
	T_STR("c", r.v[0].id); /* who has no workload is first */
	T_INT(0, r.v[0].to_s - r.v[0].from_s);
	T_INT(DT_START_S + 3600, r.v[0].submitted_s);
	T_INT(DT_START_S + 5 * 3600, r.v[0].gave_up_s);
	T_STR("", r.v[0].node);
	T_INT(TT_MONEY_UNKNOWN, r.v[0].cost_micro);
	T_STR("a", r.v[1].id);
	T_STR("ml", r.v[1].owner);
	T_STR("A100", r.v[1].card_model);
	T_INT(1, r.v[1].began);
	T_INT(0, r.v[1].ended);
	T_INT(47 * 4 * 1000000, r.v[1].cost_micro); /* half of the node */
	T_INT(DT_START_S + 20 * 3600, r.v[1].idle_since_s);
	T_F64(1, r.v[1].idle_coverage_ratio, 1e-9);
	T_STR("b", r.v[2].id);
	T_STR("ann", r.v[2].creator);
	T_STR("failed", r.v[2].outcome);
	T_INT(1, r.v[2].ended);
	T_OK(r.v[2].idle_since_s == INT64_MIN);
	T_OK(r.v[3].idle_since_s == INT64_MIN); /* nothing was measured there */
}

static void see_tables(const tt_host *h, tt_call *c, const tt_subject *s)
{
	(void)s;
	T_INT(2, h->rows(c, "volumes"));
	T_INT(0, h->rows(c, "quotas"));
	T_STR("ml", h->word(c, "volumes", 0, "owner"));
	T_STR("", h->word(c, "volumes", 1, "owner"));
	T_F64(0.25, h->number(c, "volumes", 0, "price_per_hour"), 1e-12);
	T_F64(DT_START_S, h->number(c, "volumes", 0, "last_read_at"), 0);
	T_OK(isnan(h->number(c, "volumes", 1, "price_per_hour")));
	T_OK(isnan(h->number(c, "volumes", 1, "size_mib")));
}

static void see_pool(const tt_host *h, tt_call *c, const tt_subject *s)
{
	tt_churn k;
	tt_slack l;

	T_INT(TT_OK, h->churn(c, s, 1, 1, &k));
	T_INT(2, k.came);
	T_INT(1, k.went);
	T_INT(1, k.told);
	T_INT(1, k.n_gaps);
	T_F64(2 * 3600 + 3600, k.gaps_paid_s, 0); /* b's end to its node's, and the boot */
	T_F64(3600 + 1800, k.best.cost_s, 0); /* three hours are too long to wait */
	T_F64(0, k.best.timeout_s, 0);
	T_INT(0, k.best.floor);

	T_INT(TT_OK, h->slack(c, s, &l));
	T_INT(3, l.n_nodes);
	T_INT(3, l.n_known);
	T_F64(4 * (48 + 10 + 27), l.card_h, 1e-9);
	T_F64(2 * 47 + 4 * 6 + 26, l.asked_h, 1e-9);
	T_F64(1, l.least_cpus, 1e-9);  /* b: four with four */
	T_F64(0, l.dark_h, 1e-9);      /* two CPUs are left for the two cards beside a */
	T_INT(1, l.n_waited);          /* d, on n1's hours; c names no model */
	T_F64(2, l.waited_card_h, 1e-9);
	T_F64(1, l.scattered_card_h, 1e-9); /* two CPUs are not enough, */
	T_F64(1, l.beside_card_h, 1e-9); /* then n3 is there */
}

static void rows_of_none(const tt_host *h, tt_call *c, const tt_subject *s)
{
	(void)s;
	T_INT(0, h->rows(c, "nothing"));
}

static void field_of_none(const tt_host *h, tt_call *c, const tt_subject *s)
{
	(void)s;
	T_STR("", h->word(c, "volumes", 0, "colour"));
}

static void row_of_none(const tt_host *h, tt_call *c, const tt_subject *s)
{
	(void)s;
	T_OK(isnan(h->number(c, "volumes", 2, "size_mib")));
}

static void text_as_number(const tt_host *h, tt_call *c, const tt_subject *s)
{
	(void)s;
	T_OK(isnan(h->number(c, "volumes", 0, "owner")));
}

static void pool_of_fleet(const tt_host *h, tt_call *c, const tt_subject *s)
{
	tt_slack l;

	T_INT(TT_EINVAL, h->slack(c, s, &l));
}

static void runs_of_pool(const tt_host *h, tt_call *c, const tt_subject *s)
{
	tt_pod_runs r;

	T_INT(TT_EINVAL, h->runs(c, s, &r));
	T_INT(0, r.n);
}

static void test_runs(void)
{
	dt d;

	open_runs(&d);
	T_INT(1, run(&d, TT_SCOPE_FLEET, see_runs));
	T_INT(1, run(&d, TT_SCOPE_FLEET, see_tables));
	T_INT(1, run(&d, TT_SCOPE_NODE_GROUP, see_pool));
	breaks(&d, TT_SCOPE_FLEET, rows_of_none, "asked for the rows of table \"nothing\"");
	breaks(&d, TT_SCOPE_FLEET, field_of_none, "asked for \"colour\" of row 0 of table");
	breaks(&d, TT_SCOPE_FLEET, row_of_none, "asked for \"size_mib\" of row 2");
	breaks(&d, TT_SCOPE_FLEET, text_as_number, "called number() for owner of volumes");
	breaks(&d, TT_SCOPE_FLEET, pool_of_fleet, "called slack(), which is for scope node_group");
	breaks(&d, TT_SCOPE_NODE_GROUP, runs_of_pool, "called runs(), which is for scope fleet");
	dt_close(&d);
}

int main(void)
{
	test_cards();
	test_texts();
	test_spend();
	test_runs();
	return T_END();
}
