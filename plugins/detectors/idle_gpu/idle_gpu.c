/* idle_gpu - a card that is paid for and does nothing.
 *
 * Rule: activity below `idle_below_pct` at p99. *idle*: its framebuffer is empty too;
 * *holding*: something sits in it; *burst_reserve*: p95 is as low, but work comes at
 * least once in `burst_within_d` days.
 * Proposes: release of the node when all of its cards are idle, else of the card; for
 * holding also a schedule; for a burst reserve nothing.
 * Blind spot: a cold spare that has never been needed looks like waste. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

#define UNSURE 0.7 /* confidence where only the framebuffer could tell idle from held */
#define WEEK_S 604800.0

struct params {
	double idle_below_pct, held_above_ratio, burst_above_pct, burst_within_d;
	double min_coverage_ratio, min_alive_h, idle_timeout_s;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, idle_below_pct, "pct", 1, 0.1, 100,
	             "A card is idle when its activity at p99 is below this."),
	TT_PARAM_F64(struct params, held_above_ratio, "ratio", 0.05, 0, 1,
	             "Above this share of its memory an idle card is held by something."),
	TT_PARAM_F64(struct params, burst_above_pct, "pct", 20, 0, 100,
	             "Activity from which a short burst counts as work."),
	TT_PARAM_F64(struct params, burst_within_d, "d", 7, 1, 366,
	             "A burst at least this often makes a card a reserve, not waste."),
	TT_PARAM_F64(struct params, min_coverage_ratio, "ratio", 0.8, 0, 1,
	             "Nothing is said of a card that was measured for a smaller share."),
	TT_PARAM_F64(struct params, min_alive_h, "h", 6, 0, 8760,
	             "Nothing is said of a node that lived for less."),
	TT_PARAM_F64(struct params, idle_timeout_s, "s", 1800, 60, 604800,
	             "Proposed for pods that hold cards without using them."),
};

static const tt_need needs[] = {
	{ .metric = TT_ACTIVITY_PCT, .required = 1 },
	{ .metric = TT_FB_USED_MIB },
	{ .metric = TT_ACTIVITY_PCT, .series = 1 },
};

enum verdict { UNKNOWN, BUSY, IDLE, HOLDING, BURST };
static const char *const verdicts[] = { "", "", "idle", "holding", "burst_reserve" };
static const char *const states[] = { "", "", "idle", "idle but held", "bursting" };

struct facts {                   /* of a card with its slices, or of all cards of a node */
	const tt_card *card;     /* the first carrier */
	size_t n;                /* carriers; of a node: cards */
	double p95, p99, max;    /* of the busiest */
	double fb_mib, fb_ratio; /* at most; NaN unknown */
	double coverage, measured_s, held_s, sure;
	int64_t cost_micro;
	int32_t metric;
	int inference;           /* some of it is held for inference */
	const char *pods;        /* that hold it, as subjects of a change; "" none */
	enum verdict verdict;
};

/* What is the same for slices of a card and for cards of a node. */
static void merge(struct facts *to, const struct facts *one)
{
	to->p95 = fmax(to->p95, one->p95);
	to->p99 = fmax(to->p99, one->p99);
	to->max = fmax(to->max, one->max);
	to->coverage = fmin(to->coverage, one->coverage);
	to->sure = fmin(to->sure, one->sure);
	to->inference |= one->inference;
}

/* One subject of a change; NULL when out of memory. */
static const char *subject(const tt_host *h, tt_call *c, const char *kind, const char *id)
{
	const char *quoted = h->quote(c, id);

	return quoted ? h->text(c, "%s:%s", kind, quoted) : NULL;
}

/* "a,b" of what changes a and b name; NULL when out of memory. */
static const char *joined(const tt_host *h, tt_call *c, const char *a, const char *b)
{
	return !a || !b ? NULL : !*a || !*b ? h->text(c, "%s%s", a, b) : h->text(c, "%s,%s", a, b);
}

/* The card that starts at cards[i], with all of its slices. */
static int read_card(const tt_host *h, tt_call *c, const struct params *p, const tt_node *node,
                     size_t i, struct facts *ret)
{
	struct facts f = { .card = &node->cards[i], .coverage = 1, .sure = 1, .pods = "",
		           .held_s = NAN, .cost_micro = node->cards[i].cost_micro };

	for (; i < node->n_cards && strcmp(node->cards[i].gpu, f.card->gpu) == 0; i++, f.n++) {
		const tt_card *k = &node->cards[i];
		tt_stats a, fb;

		h->stats(c, k->id, TT_ACTIVITY_PCT, &a);
		h->stats(c, k->id, TT_FB_USED_MIB, &fb);
		merge(&f, &(struct facts){
			.p95 = a.p95, .p99 = a.p99, .max = a.max, .sure = 1,
			.coverage = a.measured_s > 0 ? a.measured_s / (double)k->alive_s : 0,
			.inference = *k->pod && strcmp(k->workload_kind, "inference") == 0 });
		if (!(fb.measured_s >= p->min_coverage_ratio * a.measured_s))
			fb.max = NAN; /* too little to say that it was empty */
		f.metric = a.metric;
		f.measured_s = fmax(f.measured_s, a.measured_s);
		f.held_s = fmax(f.held_s, k->held_s); /* fmax() passes over NaN */
		if (!k->slice[0])
			f.fb_mib = fb.max; /* of the whole card; slices count where there is none */
		else if (f.card->slice[0])
			f.fb_mib += fb.max;
		if (f.n && f.card->slice[0] && k->cost_micro != TT_MONEY_UNKNOWN)
			f.cost_micro += k->cost_micro;
		if (*k->pod)
			f.pods = joined(h, c, f.pods, subject(h, c, "pod", k->pod));
		if (!f.pods)
			return TT_ENOMEM;
	}
	f.fb_ratio = f.fb_mib / f.card->gpu_memory_mib;
	*ret = f;
	return TT_OK;
}

/* Work at least once in every `burst_within_d` days? Where there is no series, one burst
 * is taken for a habit: what may be needed is not called waste. */
static int bursts(const tt_host *h, tt_call *c, const struct params *p, const struct facts *f)
{
	double *since_s = NULL, limit_s = p->burst_within_d * 86400, now_s = 0;
	int any = 0;
	tt_series s;

	for (size_t k = 0; k < f->n; k++) {
		if (h->series(c, f->card[k].id, TT_ACTIVITY_PCT, &s) != TT_OK)
			return 1;
		if (!since_s && !(since_s = h->alloc(c, s.n * sizeof *since_s)))
			return 1;
		for (size_t i = 0; i < s.n; i++) /* first as a flag for each step */
			if (s.max[i] >= p->burst_above_pct)
				since_s[i] = any = 1;
	}
	for (size_t i = 0; since_s && i < s.n; i++) {
		now_s = since_s[i] > 0 ? 0 : now_s + (double)s.step_s;
		if (now_s > limit_s)
			return 0;
	}
	return any;
}

static void judge(const tt_host *h, tt_call *c, const struct params *p, struct facts *f)
{
	if (!(f->coverage >= p->min_coverage_ratio))
		f->verdict = UNKNOWN;
	else if (!(f->p95 < p->idle_below_pct))
		f->verdict = BUSY;
	else if (f->max >= p->burst_above_pct && bursts(h, c, p, f))
		f->verdict = BURST;
	else if (!(f->p99 < p->idle_below_pct))
		f->verdict = BUSY;
	else if (!isnan(f->fb_ratio))
		f->verdict = f->fb_ratio > p->held_above_ratio ? HOLDING : IDLE;
	else {
		f->verdict = f->held_s > 0 ? HOLDING : IDLE;
		f->sure = f->held_s <= 0 ? 1 : UNSURE; /* NaN is not sure either */
	}
}

/* All cards of a node as one; one held card makes the node a held one. */
static int read_node(const tt_host *h, tt_call *c, const tt_node *node, const struct facts *cards,
                     size_t n, struct facts *ret)
{
	struct facts f = cards[0];

	for (size_t i = 1; i < n; i++) {
		merge(&f, &cards[i]);
		f.fb_mib = fmax(f.fb_mib, cards[i].fb_mib);
		f.fb_ratio = fmax(f.fb_ratio, cards[i].fb_ratio);
		f.measured_s += cards[i].measured_s;
		f.held_s += cards[i].held_s;
		f.verdict = cards[i].verdict > f.verdict ? cards[i].verdict : f.verdict;
		f.pods = joined(h, c, f.pods, cards[i].pods);
		if (!f.pods)
			return TT_ENOMEM;
	}
	f.n = n;
	f.cost_micro = node->cost_micro;
	*ret = f;
	return TT_OK;
}

/* --- Saying it ------------------------------------------------------------------- */

struct words {                   /* of one finding */
	const char *id, *title, *risk_note, *release, *schedule;
};

/* The cards of a node that other pods need are released one by one: the node then stays,
 * and the bill will say so. */
static const char *release(const tt_host *h, tt_call *c, const tt_node *node,
                           const struct facts *cards, size_t n, int whole)
{
	int node_too = whole && node->n_other_pods == 0;
	const char *all = node_too ? subject(h, c, "node", node->id) : "";

	for (size_t i = 0; !node_too && i < n; i++)
		all = joined(h, c, all, subject(h, c, "card", h->text(c, "%s/%s", node->id,
		                                                      cards[i].card->gpu)));
	return all ? h->text(c, "release %s", all) : NULL;
}

static const char *title(const tt_host *h, tt_call *c, const tt_node *node, const struct facts *f,
                         const char *id, int whole)
{
	const char *model = *node->gpu_model ? node->gpu_model : "model not known";
	const char *what = whole
		? h->text(c, "%zu %s card%s (%s) of node %s", f->n, states[f->verdict],
		          f->n == 1 ? "" : "s", model, id)
		: h->text(c, "%s card %s (%s)", states[f->verdict], id, model);
	const char *fb = isnan(f->fb_ratio) ? "framebuffer not known"
		: h->text(c, "framebuffer at most %.0f %%", 100 * f->fb_ratio);

	if (!what || !fb)
		return NULL;
	if (f->verdict == BURST)
		return h->text(c, "%s: p95 activity %.1f %%, but up to %.0f %%, coverage %.0f %%",
		               what, f->p95, f->max, 100 * fmin(1, f->coverage));
	return h->text(c, "%s: p99 activity %.1f %%, %s, coverage %.0f %%", what, f->p99, fb,
	               100 * fmin(1, f->coverage));
}

static const char *risk_note(const tt_host *h, tt_call *c, const tt_node *node,
                             const struct facts *f, int whole)
{
	if (f->verdict == BURST)
		return "it does short work again and again: ask before it goes";
	if (f->inference)
		return "held for inference: may be a spare for peaks that the window does not show";
	if (whole && node->n_other_pods)
		return h->text(c, "%zu pods without cards keep this node: nothing is saved until "
		               "they move", node->n_other_pods);
	return whole ? "" : "the node stays for its other cards";
}

static int say(const tt_host *h, tt_call *c, const struct params *p, const tt_node *node,
               const struct facts *f, const struct words *w, int whole)
{
	double low = (f->verdict == BURST ? f->p95 : f->p99) / p->idle_below_pct;
	double seen = 0.5 + 0.5 * fmin(1, (double)node->alive_s / WEEK_S);
	const char *const alternatives[] = { w->schedule, NULL };
	const tt_evidence evidence[] = {
		{ "cards", whole ? (double)f->n : 1, NULL },
		{ "p95_activity_pct", f->p95, NULL },
		{ "p99_activity_pct", f->p99, NULL },
		{ "max_activity_pct", f->max, NULL },
		{ "activity_metric", 0, f->metric == TT_SM_ACTIVE_PCT ? "sm_active" : "gpu_util" },
		{ "max_fb_used_mib", f->fb_mib, NULL },
		{ "max_fb_used_ratio", f->fb_ratio, NULL },
		{ "measured_h", f->measured_s / 3600, NULL },
		{ "held_h", f->held_s / 3600, NULL },
		{ "other_pods", (double)node->n_other_pods, NULL },
		{ "idle_below_pct", p->idle_below_pct, NULL },
		{ "held_above_ratio", p->held_above_ratio, NULL },
	};

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = verdicts[f->verdict], .title = w->title,
		.subject_kind = whole ? "node" : "card", .subject_id = w->id,
		.owner = whole ? node->owner : f->card->owner,
		.spend_concerned_micro = f->cost_micro,
		.coverage_ratio = fmin(1, f->coverage),
		.confidence_ratio = fmin(1, f->coverage) * f->sure * seen * (1 - 0.2 * low),
		.effort_days = f->verdict == HOLDING ? 1 : *f->pods ? 0.5 : 0.25,
		.risk = f->inference ? TT_RISK_MEDIUM : TT_RISK_LOW, .risk_note = w->risk_note,
		.evidence = evidence, .n_evidence = sizeof evidence / sizeof *evidence,
		.changes = &w->release, .n_changes = f->verdict != BURST,
		.alternatives = alternatives,
	});
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_node *node,
                  const struct facts *cards, size_t n, int whole)
{
	struct facts f = cards[0];

	if (whole && read_node(h, c, node, cards, n, &f) < 0)
		return TT_ENOMEM;
	struct words w = {
		.id = whole ? node->id : h->text(c, "%s/%s", node->id, cards->card->gpu),
		.risk_note = risk_note(h, c, node, &f, whole),
		.release = release(h, c, node, cards, n, whole),
	};
	w.title = w.id ? title(h, c, node, &f, w.id, whole) : NULL;
	if (f.verdict == HOLDING && *f.pods) {
		w.schedule = h->text(c, "schedule %s idle_timeout_s=%.0f", f.pods,
		                     p->idle_timeout_s);
		if (!w.schedule)
			return TT_ENOMEM;
	}
	if (!w.title || !w.risk_note || !w.release)
		return TT_ENOMEM;
	return say(h, c, p, node, &f, &w, whole);
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *s, const void *params_)
{
	const struct params *p = params_;
	const tt_node *node = s->node;
	struct facts *cards = h->alloc(c, (node->n_cards + 1) * sizeof *cards);
	size_t n = 0, n_of[BURST + 1] = { 0 };

	if (!cards)
		return TT_ENOMEM;
	if (node->gone || !(node->gpus > 0)) /* gone: nothing is left to release */
		return TT_OK;
	if ((double)node->alive_s < p->min_alive_h * 3600)
		return h->fail(c, TT_ENODATA, "no node lived for %.0f h in the window",
		               p->min_alive_h);
	for (size_t i = 0; i < node->n_cards; i += cards[n++].n) {
		if (read_card(h, c, p, node, i, &cards[n]) < 0)
			return TT_ENOMEM;
		judge(h, c, p, &cards[n]);
		n_of[cards[n].verdict]++;
		if (h->cancelled(c))
			return TT_ECANCELLED;
	}
	if (n_of[UNKNOWN] == n)
		return h->fail(c, TT_ENODATA, "no card was measured for %.0f %% of its life",
		               100 * p->min_coverage_ratio);
	if ((double)n >= node->gpus && (n_of[IDLE] + n_of[HOLDING] == n || n_of[BURST] == n))
		return report(h, c, p, node, cards, n, 1);
	for (size_t i = 0; i < n; i++) {
		int rc = cards[i].verdict >= IDLE ? report(h, c, p, node, &cards[i], 1, 0) : TT_OK;

		if (rc < 0)
			return rc;
	}
	return TT_OK;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "idle_gpu", .version = "1.0.0",
	          .summary = "Cards that are paid for and do nothing",
	          .params = params, .n_params = sizeof params / sizeof *params,
	          .params_size = sizeof(struct params) },
	.scope = TT_SCOPE_NODE,
	.needs = needs, .n_needs = sizeof needs / sizeof *needs,
	.detect = detect,
};
TT_REGISTER(self)
