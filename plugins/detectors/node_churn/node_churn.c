/* node_churn - nodes with cards that come and go more often than it pays.
 *
 * Rule: the nodes of a group that came and went paid for so much boot and drain that keeping
 * them, by the floor and the idle timeout which the gaps between going and coming make best,
 * would have been cheaper (`churns`); or they were spot and were taken away, and boot, drain
 * and the work that broke off are too much of what was paid (`taken`).
 * Proposes: that floor and idle timeout; nothing for nodes that were taken.
 * Blind spot: nodes that are replaced while the old ones are still there. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct params {
	double boot_s, drain_s, min_per_day, min_waste_ratio, min_window_h;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, boot_s, "s", 300, 0, 86400,
	             "What a node takes to come up where node_groups.csv has no boot_s."),
	TT_PARAM_F64(struct params, drain_s, "s", 60, 0, 86400,
	             "What a node takes to go where node_groups.csv has no drain_s."),
	TT_PARAM_F64(struct params, min_per_day, "", 2, 0.01, 1000000,
	             "Nothing is said where fewer nodes went in a day."),
	TT_PARAM_F64(struct params, min_waste_ratio, "ratio", 0.02, 0.001, 1,
	             "Nothing is said where churn is a smaller share of the nodes' time."),
	TT_PARAM_F64(struct params, min_window_h, "h", 24, 1, 8760,
	             "Nothing is said of a shorter window."),
};

static const tt_need needs[] = {
	{ .table = "nodes", .required = 1 },
};

static const tt_ground grounds[] = {
	{ "churns", "went_per_day", ">=", "min_per_day", TT_METRIC_NONE },
	{ "churns", "avoidable_ratio", ">=", "min_waste_ratio", TT_METRIC_NONE },
	{ "taken", "went_per_day", ">=", "min_per_day", TT_METRIC_NONE },
	{ "taken", "waste_ratio", ">=", "min_waste_ratio", TT_METRIC_NONE },
};

struct churn {
	const tt_group_nodes *g;
	double boot_s, drain_s, days;
	size_t came, went, taken, runs_lost;
	double paid_s, boot_drain_s, lost_s, empty_s; /* node-seconds            */
	int64_t cost_micro;
	tt_level_gap *gaps; size_t n_gaps;
	double gaps_s;           /* paid for starts in them */
	const tt_best_floor *best;
};

/* A market took it: nobody of ours would have broken off what ran. */
static int was_taken(const tt_group_node *n)
{
	return n->went && n->n_lost && strcmp(n->pricing, "spot") == 0;
}

static void sum(struct churn *k)
{
	for (size_t i = 0; i < k->g->n; i++) {
		const tt_group_node *n = k->g->v[i];

		if (!(n->cards > 0))
			continue;
		k->came += n->came != 0;
		k->went += n->went != 0;
		k->taken += was_taken(n) != 0;
		k->runs_lost += n->n_lost;
		k->paid_s += (double)(n->to_s - n->from_s);
		k->lost_s += n->lost_card_s / n->cards;
		k->empty_s += (n->came ? (double)n->empty_first_s : 0) +
			(n->went ? (double)n->empty_last_s : 0);
		k->cost_micro = n->cost_micro == TT_MONEY_UNKNOWN ||
			k->cost_micro == TT_MONEY_UNKNOWN ? TT_MONEY_UNKNOWN
			: k->cost_micro + n->cost_micro;
	}
	k->boot_drain_s = (double)k->came * k->boot_s + (double)k->went * k->drain_s;
}

struct event {
	int64_t at_s;
	int comes, taken;
};

static int by_time(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;

	if (a->at_s != b->at_s)
		return a->at_s < b->at_s ? -1 : 1;
	return a->comes != b->comes ? a->comes - b->comes : a->taken - b->taken;
}

/* The last that went is the first that was missed again: a gap ends when there are as many
 * nodes as before it. Those that a market opened are not ours to close. */
static int find_gaps(const tt_host *h, tt_call *c, struct churn *k)
{
	struct event *v = h->alloc(c, (2 * k->g->n + 1) * sizeof *v);
	struct event *open = h->alloc(c, (k->g->n + 1) * sizeof *open);
	size_t n = 0, n_open = 0, there = 0;

	k->gaps = h->alloc(c, (k->g->n + 1) * sizeof *k->gaps);
	if (!v || !open || !k->gaps)
		return TT_ENOMEM;
	for (size_t i = 0; i < k->g->n; i++) {
		const tt_group_node *node = k->g->v[i];

		if (!(node->cards > 0))
			continue;
		there += !node->came;
		if (node->came)
			v[n++] = (struct event){ node->from_s, 1, 0 };
		if (node->went)
			v[n++] = (struct event){ node->to_s, 0, was_taken(node) };
	}
	if (n)
		qsort(v, n, sizeof *v, by_time);
	for (size_t i = 0; i < n; i++) {
		if (!v[i].comes) {
			open[n_open++] = v[i];
			there--;
			continue;
		}
		there++;
		if (n_open && !open[--n_open].taken)
			k->gaps[k->n_gaps++] = (tt_level_gap){
				there, (double)(v[i].at_s - open[n_open].at_s) };
	}
	k->gaps_s = (double)k->n_gaps * (k->boot_s + k->drain_s);
	k->best = h->best_floor(c, k->gaps, k->n_gaps, k->boot_s + k->drain_s);
	return k->best ? TT_OK : TT_ENOMEM;
}

static const char *change(const tt_host *h, tt_call *c, const tt_subject *subject,
                          const struct churn *k)
{
	const char *what = h->subject(c, "", "node_group", subject->id), *more = "";

	if (k->best->floor && !((double)k->best->floor <= k->g->min_nodes))
		more = h->text(c, " min_nodes=%zu", k->best->floor);
	if (isnan(k->g->boot_s))
		more = h->text(c, "%s boot_s=%.0f", more, ceil(k->boot_s));
	if (isnan(k->g->drain_s))
		more = h->text(c, "%s drain_s=%.0f", more, ceil(k->drain_s));
	return h->text(c, "resize %s%s idle_timeout_s=%.0f", what, more, ceil(k->best->timeout_s));
}

static const char *title(const tt_host *h, tt_call *c, const char *group, const struct churn *k,
                         int churns)
{
	double went = (double)k->went / k->days, timeout_s = ceil(k->best->timeout_s);

	if (churns)
		return h->text(c, "node group %s makes and loses %.1f nodes a day: boots and "
		               "drains took %.1f h, kept for %.0f s they would take %.1f h", group,
		               went, k->gaps_s / 3600, timeout_s, k->best->cost_s / 3600);
	return h->text(c, "node group %s lost %.1f nodes a day, most to the spot market: %zu runs "
	               "broke off after %.1f node-hours, boots and drains took %.1f h", group, went,
	               k->runs_lost, k->lost_s / 3600, k->boot_drain_s / 3600);
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *subject,
                  const struct churn *k, int churns)
{
	double waste = (k->boot_drain_s + k->lost_s) / k->paid_s;
	double avoidable = (k->gaps_s - k->best->cost_s) / k->paid_s;
	int told = !isnan(k->g->boot_s) && !isnan(k->g->drain_s);
	const char *resize = churns ? change(h, c, subject, k) : "";
	const tt_evidence evidence[] = {
		{ "nodes_came", (double)k->came, NULL },
		{ "nodes_went", (double)k->went, NULL },
		{ "nodes_taken", (double)k->taken, NULL },
		{ "went_per_day", (double)k->went / k->days, NULL },
		{ "boot_s", k->boot_s, NULL },
		{ "drain_s", k->drain_s, NULL },
		{ "boot_drain_from", 0, told ? "node_groups.csv" : "boot_s, drain_s" },
		{ "boot_drain_min", k->boot_drain_s / 60, NULL },
		{ "empty_at_ends_min", k->empty_s / 60, NULL },
		{ "runs_lost", (double)k->runs_lost, NULL },
		{ "lost_node_h", k->lost_s / 3600, NULL },
		{ "paid_node_h", k->paid_s / 3600, NULL },
		{ "waste_ratio", waste, NULL },
		{ "gaps", (double)k->n_gaps, NULL },
		{ "avoidable_ratio", avoidable, NULL },
		{ "idle_timeout_s", ceil(k->best->timeout_s), NULL },
		{ "min_nodes", (double)k->best->floor, NULL },
	};

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = churns ? "churns" : "taken",
		.title = title(h, c, subject->id, k, churns),
		.subject_kind = "node_group", .subject_id = subject->id, .owner = "",
		.spend_concerned_micro = k->cost_micro == TT_MONEY_UNKNOWN ? TT_MONEY_UNKNOWN
			: (int64_t)(fmin(1, waste) * (double)k->cost_micro),
		.coverage_ratio = 1,
		.confidence_ratio = (told ? 1 : 0.8) * h->confidence(c, 1, k->days * 86400,
			p->min_waste_ratio / (churns ? avoidable : waste)),
		.effort_days = 0.5, .risk = TT_RISK_NONE,
		.risk_note = churns ? "" : "the market takes them: no floor and no timeout helps",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &resize, .n_changes = churns != 0,
	});
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	double days = (double)(subject->window->end_s - subject->window->start_s) / 86400;
	struct churn k = { .g = h->nodes(c, subject), .days = days };

	if (!k.g)
		return TT_ENOMEM;
	k.boot_s = isnan(k.g->boot_s) ? p->boot_s : k.g->boot_s;
	k.drain_s = isnan(k.g->drain_s) ? p->drain_s : k.g->drain_s;
	sum(&k);
	if (!(k.paid_s > 0) || !k.went) /* no cards, or nothing to weigh */
		return TT_OK;
	if (days * 24 < p->min_window_h)
		return h->fail(c, TT_ENODATA, "the window is shorter than %.0f h",
		               p->min_window_h);
	if ((double)k.went < p->min_per_day * days)
		return TT_OK;
	if (find_gaps(h, c, &k) < 0)
		return TT_ENOMEM;
	if (k.gaps_s - k.best->cost_s >= p->min_waste_ratio * k.paid_s)
		return report(h, c, p, subject, &k, 1);
	if (2 * k.taken >= k.went &&
	    k.boot_drain_s + k.lost_s >= p->min_waste_ratio * k.paid_s)
		return report(h, c, p, subject, &k, 0);
	return TT_OK;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "node_churn", .version = "1.0.0",
	          .summary = "Nodes that come and go more often than it pays",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_NODE_GROUP,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
