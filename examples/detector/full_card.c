/* full_card - a card whose memory is taken and whose processors are hardly used.
 *
 * Rule: at least half of the time more than `full_above_ratio` of the memory is in use, and
 * activity at p95 is below `quiet_below_pct`, but not below `idle_below_pct`: what does
 * nothing at all is for the detector idle_gpu to say.
 * Proposes: its pods share cards, two on each, once they take no more memory than they use.
 * Blind spot: a model that really needs all of it can't share, only move to a cheaper card. */
#include <trimtab/plugin.h>
#include <math.h>

/* 1. What users may set. The host reads and checks it, and fills this struct. */
struct params {
	double full_above_ratio, quiet_below_pct, idle_below_pct, min_coverage_ratio;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, full_above_ratio, "ratio", 0.9, 0.5, 1,
	             "A card is full when more than this share of its memory is in use."),
	TT_PARAM_F64(struct params, quiet_below_pct, "pct", 25, 1, 100,
	             "It is quiet when its activity at p95 is below this."),
	TT_PARAM_F64(struct params, idle_below_pct, "pct", 1, 0, 100,
	             "Below this it is idle, which idle_gpu says."),
	TT_PARAM_F64(struct params, min_coverage_ratio, "ratio", 0.8, 0, 1,
	             "Nothing is said of a card that was measured for a smaller share."),
};

/* 2. What has to be there. Where it is not, the audit says so, and detect() is not called. */
static const tt_need needs[] = {
	{ .metric = TT_ACTIVITY_PCT, .required = 1 },
	{ .metric = TT_FB_USED_MIB, .required = 1 },
};

/* 3. What a finding rests on, for `trimtab explain`: evidence held against a parameter. */
static const tt_ground grounds[] = {
	{ "full", "p50_fb_used_ratio", ">", "full_above_ratio", TT_METRIC_NONE },
	{ "full", "p95_activity_pct", "<", "quiet_below_pct", TT_ACTIVITY_PCT },
};

/* 4. Memory in use for half of the time, of all. NaN, which compares as false with anything,
 * where it is not known; so it is for a card cut into slices. */
static double fullness(const tt_host *h, tt_call *c, const tt_use *u)
{
	tt_stats fb;

	if (u->n_carriers != 1 || h->stats(c, u->carriers[0].id, TT_FB_USED_MIB, &fb) != TT_OK)
		return (double)NAN;
	return fb.p50 / u->carriers[0].gpu_memory_mib;
}

/* 5. One finding: what it is about, the numbers behind it, and what to change. */
static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_use *u,
                  double full_ratio)
{
	const char *change = h->text(c, "share %s mode=mps pods_per_card=2", u->pods);
	const tt_evidence evidence[] = {
		TT_EVIDENCE_OF(u), /* what every detector of cards tells */
		{ "p50_fb_used_ratio", full_ratio, NULL },
		{ "full_above_ratio", p->full_above_ratio, NULL },
		{ "quiet_below_pct", p->quiet_below_pct, NULL },
	};

	return h->emit(c, &(tt_finding){
		TT_FINDING_OF(u), .verdict = "full",
		.title = h->text(c, "%.0f %% of the memory of %s %s is taken, for a p95 activity "
		                 "of %.1f %%", 100 * full_ratio, u->kind, u->id,
		                 u->p95_activity_pct),
		.confidence_ratio = h->confidence(c, u->coverage_ratio, u->measured_s,
		                                  u->p95_activity_pct / p->quiet_below_pct),
		.effort_days = 2, .risk = u->serves ? TT_RISK_MEDIUM : TT_RISK_LOW,
		.risk_note = "its pods have to be told to reserve less memory first",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = *u->pods != '\0',
	});
}

/* 6. Called once for each node; nothing is kept from one call to the next. */
static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	tt_uses uses;
	int rc;

	if (subject->node->gone || !(subject->node->gpus > 0))
		return TT_OK;
	rc = h->cards(c, subject, 6, p->min_coverage_ratio, &uses);
	for (size_t i = 0; rc == TT_OK && i < uses.n; i++) {
		const tt_use *u = &uses.v[i];
		double full_ratio = fullness(h, c, u);

		if (u->known && full_ratio > p->full_above_ratio &&
		    u->p95_activity_pct < p->quiet_below_pct &&
		    u->p99_activity_pct >= p->idle_below_pct)
			rc = report(h, c, p, u, full_ratio);
	}
	return rc;
}

/* 7. Who it is. TT_REGISTER exports the one symbol that the host looks for. */
static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "full_card", .version = "1.0.0",
	          .summary = "Cards whose memory is taken and whose processors are hardly used",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_NODE,
	TT_NEEDS(needs), TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
