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

#define UNSURE 0.7 /* confidence where only the framebuffer could tell idle from held */

struct params {
	double idle_below_pct, held_above_ratio, burst_above_pct, burst_within_d;
	double min_coverage_ratio, min_alive_h, idle_timeout_s, floor_power_ratio;
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
	TT_PARAM_F64(struct params, floor_power_ratio, "ratio", 1.25, 1, 10,
	             "Power is near its floor when its p99 is at most this times its least."),
};

static const tt_need needs[] = {
	{ .metric = TT_ACTIVITY_PCT, .required = 1 },
	{ .metric = TT_FB_USED_MIB },
	{ .metric = TT_POWER_W },
	{ .metric = TT_ACTIVITY_PCT, .series = 1 },
};

static const tt_ground grounds[] = {
	{ "idle", "p99_activity_pct", "<", "idle_below_pct", TT_ACTIVITY_PCT },
	{ "idle", "max_fb_used_ratio", "<=", "held_above_ratio", TT_METRIC_NONE },
	{ "holding", "p99_activity_pct", "<", "idle_below_pct", TT_ACTIVITY_PCT },
	{ "holding", "max_fb_used_ratio", ">", "held_above_ratio", TT_METRIC_NONE },
	{ "burst_reserve", "p95_activity_pct", "<", "idle_below_pct", TT_ACTIVITY_PCT },
	{ "burst_reserve", "max_activity_pct", ">=", "burst_above_pct", TT_ACTIVITY_PCT },
};

enum verdict { UNKNOWN, BUSY, IDLE, HOLDING, BURST };
static const char *const verdicts[] = { "", "", "idle", "holding", "burst_reserve" };
static const char *const states[] = { "", "", "idle", "idle but held", "bursting" };

struct said {                    /* of one card, or of all cards of a node as one */
	const tt_use *use;
	const tt_uses *of;       /* the node's cards; NULL for a card */
	enum verdict verdict;
	double sure;
	double p99_power_w, floor_power_w; /* of the card furthest above its own floor; NaN */
	const char *zombie;      /* "yes", "no" or "not known" */
};

enum { MUCH = 2 };               /* times its floor: something is done that no counter shows */
#define NO_PROCESS 0.01          /* of the memory: what the driver takes for itself */

/* A card without a pod, a process or more power than at rest is nobody's. */
static void look_at_power(const tt_host *h, tt_call *c, const struct params *p, struct said *s)
{
	const tt_use *u = s->use;
	tt_stats power;

	s->p99_power_w = s->floor_power_w = (double)NAN;
	for (size_t i = 0; i < u->n_carriers; i++) {
		if (h->stats(c, u->carriers[i].id, TT_POWER_W, &power) != TT_OK || !(power.min > 0))
			continue;
		if (!isnan(s->p99_power_w) &&
		    power.p99 * s->floor_power_w <= s->p99_power_w * power.min)
			continue;
		s->p99_power_w = power.p99;
		s->floor_power_w = power.min;
	}
	s->zombie = isnan(s->p99_power_w) || isnan(u->held_s) || isnan(u->max_fb_used_ratio)
		? "not known"
		: s->verdict == IDLE && u->held_s <= 0 && u->max_fb_used_ratio <= NO_PROCESS &&
		  s->p99_power_w <= p->floor_power_ratio * s->floor_power_w ? "yes" : "no";
	if (s->verdict == IDLE && s->p99_power_w > MUCH * s->floor_power_w)
		s->sure *= UNSURE;
}

/* Work at least once in every `burst_within_d` days? Where there is no series, one burst
 * is taken for a habit: what may be needed is not called waste. */
static int bursts(const tt_host *h, tt_call *c, const struct params *p, const tt_use *u)
{
	double gap_s;

	return u->max_activity_pct >= p->burst_above_pct &&
	       (h->longest_gap(c, u, TT_ACTIVITY_PCT, p->burst_above_pct, &gap_s) != TT_OK ||
	        gap_s <= p->burst_within_d * 86400);
}

static struct said judge(const tt_host *h, tt_call *c, const struct params *p, const tt_use *u)
{
	struct said s = { .use = u, .sure = 1 };

	if (!u->known)
		s.verdict = UNKNOWN;
	else if (!(u->p95_activity_pct < p->idle_below_pct))
		s.verdict = BUSY;
	else if (bursts(h, c, p, u))
		s.verdict = BURST;
	else if (!(u->p99_activity_pct < p->idle_below_pct))
		s.verdict = BUSY;
	else if (!isnan(u->max_fb_used_ratio))
		s.verdict = u->max_fb_used_ratio > p->held_above_ratio ? HOLDING : IDLE;
	else {
		s.verdict = u->held_s > 0 ? HOLDING : IDLE;
		s.sure = u->held_s <= 0 ? 1 : UNSURE; /* NaN is not sure either */
	}
	return s;
}

static const char *title(const tt_host *h, tt_call *c, const tt_node *node, const struct said *s)
{
	const tt_use *u = s->use;
	const char *model = *node->gpu_model ? node->gpu_model : "model not known";
	const char *state = states[s->verdict], *what = s->of
		? h->text(c, "%zu %s card%s (%s) of node %s", s->of->n, state,
		          s->of->n == 1 ? "" : "s", model, u->id)
		: h->text(c, "%s card %s (%s)", state, u->id, model);
	const char *fb = isnan(u->max_fb_used_ratio) ? "framebuffer not known"
		: h->text(c, "framebuffer at most %.0f %%", 100 * u->max_fb_used_ratio);
	const char *low = s->verdict == BURST
		? h->text(c, "p95 activity %.1f %%, but up to %.0f %%", u->p95_activity_pct,
		          u->max_activity_pct)
		: h->text(c, "p99 activity %.1f %%, %s", u->p99_activity_pct, fb);

	return h->text(c, "%s: %s, coverage %.0f %%", what, low, 100 * u->coverage_ratio);
}

static const char *risk_note(const tt_host *h, tt_call *c, const tt_node *node,
                             const struct said *s)
{
	if (s->verdict == BURST)
		return "it does short work again and again: ask before it goes";
	if (s->verdict == IDLE && s->p99_power_w > MUCH * s->floor_power_w)
		return h->text(c, "it draws up to %.0f W, at rest %.0f W: copies and video show in "
		               "no counter of activity", s->p99_power_w, s->floor_power_w);
	if (s->use->serves)
		return "held for inference: may be a spare for peaks that the window does not show";
	if (s->of && node->n_other_pods)
		return h->text(c, "%zu pods without cards keep this node: nothing is saved until "
		               "they move", node->n_other_pods);
	return s->of ? "" : "the node stays for its other cards";
}

/* The cards of a node that other pods need are released one by one: the node then stays,
 * and the bill will say so. */
static const char *release(const tt_host *h, tt_call *c, const tt_node *node,
                           const struct said *s)
{
	size_t n = s->of && node->n_other_pods ? s->of->n : 0;
	const char *all = n ? "" : h->subject(c, "", s->use->kind, s->use->id);

	for (size_t i = 0; i < n; i++)
		all = h->subject(c, all, s->of->v[i].kind, s->of->v[i].id);
	return h->text(c, "release %s", all);
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_node *node,
                  struct said *s)
{
	const tt_use *u = s->use;
	double pct = s->verdict == BURST ? u->p95_activity_pct : u->p99_activity_pct;

	look_at_power(h, c, p, s);

	const char *change = release(h, c, node, s), *alternatives[2] = { NULL };
	const tt_evidence evidence[] = {
		{ "cards", s->of ? (double)s->of->n : 1, NULL },
		TT_EVIDENCE_OF(u),
		{ "other_pods", (double)node->n_other_pods, NULL },
		{ "p99_power_w", s->p99_power_w, NULL },
		{ "floor_power_w", s->floor_power_w, NULL },
		{ "zombie", 0, s->zombie },
		{ "idle_below_pct", p->idle_below_pct, NULL },
		{ "held_above_ratio", p->held_above_ratio, NULL },
	};

	if (s->verdict == HOLDING && *u->pods)
		alternatives[0] = h->text(c, "schedule %s idle_timeout_s=%.0f", u->pods,
		                          p->idle_timeout_s);
	return h->emit(c, &(tt_finding){
		TT_FINDING_OF(u), .verdict = verdicts[s->verdict], .title = title(h, c, node, s),
		.confidence_ratio = s->sure * h->confidence(c, u->coverage_ratio,
			(double)node->alive_s, pct / p->idle_below_pct),
		.effort_days = s->verdict == BURST ? 0 : s->verdict == HOLDING ? 1 :
			*u->pods ? 0.5 : 0.25,
		.risk = u->serves ? TT_RISK_MEDIUM : TT_RISK_LOW,
		.risk_note = risk_note(h, c, node, s),
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = s->verdict != BURST, .alternatives = alternatives,
	});
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	const tt_node *node = subject->node;
	size_t n_of[BURST + 1] = { 0 };
	tt_uses uses;

	if (node->gone || !(node->gpus > 0)) /* gone: nothing is left to release */
		return TT_NOT_ABOUT;
	int rc = h->cards(c, subject, p->min_alive_h, p->min_coverage_ratio, &uses);
	struct said *cards = rc < 0 ? NULL : h->alloc(c, uses.n * sizeof *cards);
	struct said whole = { .use = &uses.all, .of = &uses, .sure = 1 };

	if (!cards)
		return rc < 0 ? rc : TT_ENOMEM;
	for (size_t i = 0; i < uses.n; i++) {
		cards[i] = judge(h, c, p, &uses.v[i]);
		n_of[cards[i].verdict]++;
		whole.sure = fmin(whole.sure, cards[i].sure);
		if (cards[i].verdict > whole.verdict)
			whole.verdict = cards[i].verdict;
	}
	if ((double)uses.n >= node->gpus &&
	    (n_of[IDLE] + n_of[HOLDING] == uses.n || n_of[BURST] == uses.n))
		return report(h, c, p, node, &whole);
	for (size_t i = 0; i < uses.n && rc == TT_OK; i++)
		if (cards[i].verdict >= IDLE)
			rc = report(h, c, p, node, &cards[i]);
	return rc;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "idle_gpu", .version = "1.0.0",
	          .summary = "Cards that are paid for and do nothing",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_NODE,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
