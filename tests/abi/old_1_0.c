/* A detector built against the header as it was at ABI 1.0. It uses something of every struct
 * and every kind of service, so that a field that has moved shows in what it says. */
#include "plugin_1_0.h"

struct params {
	double ratio;
	int64_t whole;
	const char *word;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, ratio, "ratio", 0.5, 0, 1, "A number."),
	TT_PARAM_I64(struct params, whole, "", 7, 0, 100, "A whole number."),
	TT_PARAM_STR(struct params, word, "old", "A word."),
};

static const tt_need needs[] = {
	{ .metric = TT_ACTIVITY_PCT, .required = 1 },
	{ .metric = TT_ACTIVITY_PCT, .series = 1, .required = 1 },
	{ .table = "pods", .required = 1 },
};

static int detect(const tt_host *h, tt_call *c, const tt_subject *s, const void *params_)
{
	const struct params *p = params_;
	const tt_node *n = s->node;
	const char *change = h->text(c, "release %s", h->subject(c, "", "node", s->id));
	const char **copy = h->alloc(c, sizeof *copy);
	tt_uses uses;
	tt_stats stats;
	tt_series series;
	double gap_s;

	if (!copy || h->cancelled(c) || h->cards(c, s, 0, 0, &uses) != TT_OK ||
	    h->stats(c, n->cards[0].id, TT_FB_USED_MIB, &stats) != TT_OK ||
	    h->series(c, n->cards[0].id, TT_ACTIVITY_PCT, &series) != TT_OK ||
	    h->longest_gap(c, &uses.all, TT_ACTIVITY_PCT, 0, &gap_s) != TT_OK)
		return h->fail(c, TT_ENODATA, "of node %s something is not known", s->id);
	*copy = change;

	const tt_evidence evidence[] = {
		{ "ratio", p->ratio, NULL },
		{ "whole", (double)p->whole, NULL },
		{ "word", 0, p->word },
		{ "gpus", n->gpus, NULL },
		{ "group", 0, n->node_group },
		{ "other_pods", (double)n->n_other_pods, NULL },
		{ "card", 0, n->cards[0].id },
		{ "memory_mib", n->cards[0].gpu_memory_mib, NULL },
		{ "cards", (double)uses.n, NULL },
		{ "max_activity_pct", uses.all.max_activity_pct, NULL },
		{ "fb_p50_mib", stats.p50, NULL },
		{ "steps", (double)series.n, NULL },
		{ "step_s", (double)series.step_s, NULL },
		{ "gap_s", gap_s, NULL },
		{ "window_s", (double)(s->window->end_s - s->window->start_s), NULL },
		{ "currency", 0, s->window->currency },
	};

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "seen", .title = "seen by an old plugin",
		.subject_kind = "node", .subject_id = s->id, .owner = n->owner,
		.spend_concerned_micro = n->cost_micro, .coverage_ratio = 1,
		.confidence_ratio = h->confidence(c, 1, 604800, 0), .effort_days = 2,
		.risk = TT_RISK_HIGH, .risk_note = "none known",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = copy, .n_changes = 1,
	});
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "old_1_0", .version = "1.0.0", .summary = "built against ABI 1.0",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_NODE,
	TT_NEEDS(needs),
	.detect = detect,
};
TT_REGISTER(self)
