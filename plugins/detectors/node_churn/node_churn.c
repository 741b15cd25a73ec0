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

static const char *change(const tt_host *h, tt_call *c, const char *group, const tt_churn *k)
{
	const char *what = h->subject(c, "", "node_group", group), *more = "";

	if (k->best.floor && !((double)k->best.floor <= k->min_nodes))
		more = h->text(c, " min_nodes=%zu", k->best.floor);
	if (!k->told)
		more = h->text(c, "%s boot_s=%.0f drain_s=%.0f", more, ceil(k->boot_s),
		               ceil(k->drain_s));
	return h->text(c, "resize %s%s idle_timeout_s=%.0f", what, more, ceil(k->best.timeout_s));
}

/* Boots and drains, all of them. */
static double starts_s(const tt_churn *k)
{
	return (double)k->came * k->boot_s + (double)k->went * k->drain_s;
}

static const char *title(const tt_host *h, tt_call *c, const char *group, const tt_churn *k,
                         double went, int churns)
{
	if (churns)
		return h->text(c, "node group %s makes and loses %.1f nodes a day: waits, boots "
		               "and drains took %.1f h, kept for %.0f s they would take %.1f h",
		               group, went, k->gaps_paid_s / 3600, ceil(k->best.timeout_s),
		               k->best.cost_s / 3600);
	return h->text(c, "node group %s lost %.1f nodes a day, most to the spot market: %zu runs "
	               "broke off after %.1f node-hours, boots and drains took %.1f h", group, went,
	               k->runs_lost, k->lost_s / 3600, starts_s(k) / 3600);
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *subject,
                  const tt_churn *k, double days, int churns)
{
	double waste = (starts_s(k) + k->lost_s) / k->paid_s, went = (double)k->went / days;
	double avoidable = fmax(0, (k->gaps_paid_s - k->best.cost_s) / k->paid_s);
	const char *resize = churns ? change(h, c, subject->id, k) : "";
	const tt_evidence evidence[] = {
		{ "nodes_came", (double)k->came, NULL },
		{ "nodes_went", (double)k->went, NULL },
		{ "nodes_taken", (double)k->taken, NULL },
		{ "went_per_day", went, NULL },
		{ "boot_s", k->boot_s, NULL },
		{ "drain_s", k->drain_s, NULL },
		{ "boot_drain_from", 0, k->told ? "node_groups.csv" : "boot_s, drain_s" },
		{ "boot_drain_min", starts_s(k) / 60, NULL },
		{ "empty_at_ends_min", k->empty_s / 60, NULL },
		{ "runs_lost", (double)k->runs_lost, NULL },
		{ "lost_node_h", k->lost_s / 3600, NULL },
		{ "paid_node_h", k->paid_s / 3600, NULL },
		{ "waste_ratio", waste, NULL },
		{ "gaps", (double)k->n_gaps, NULL },
		{ "avoidable_ratio", avoidable, NULL },
		{ "idle_timeout_s", ceil(k->best.timeout_s), NULL },
		{ "min_nodes", (double)k->best.floor, NULL },
	};

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = churns ? "churns" : "taken",
		.title = title(h, c, subject->id, k, went, churns),
		.subject_kind = "node_group", .subject_id = subject->id, .owner = "",
		.spend_concerned_micro = k->cost_micro == TT_MONEY_UNKNOWN ? TT_MONEY_UNKNOWN
			: (int64_t)(fmin(1, waste) * (double)k->cost_micro),
		.coverage_ratio = 1,
		.confidence_ratio = (k->told ? 1 : 0.8) * h->confidence(c, 1, days * 86400,
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
	tt_churn k;
	int rc = h->churn(c, subject, p->boot_s, p->drain_s, &k);

	if (rc < 0 || !(k.paid_s > 0)) /* no cards */
		return rc < 0 ? rc : TT_NOT_ABOUT;
	if (!k.went)
		return TT_OK; /* nothing to weigh */
	if (days * 24 < p->min_window_h)
		return h->fail(c, TT_ENODATA, "the window is shorter than %.0f h",
		               p->min_window_h);
	if ((double)k.went < p->min_per_day * days)
		return TT_OK;
	if (k.gaps_paid_s - k.best.cost_s >= p->min_waste_ratio * k.paid_s)
		return report(h, c, p, subject, &k, days, 1);
	if (2 * k.taken >= k.went && starts_s(&k) + k.lost_s >= p->min_waste_ratio * k.paid_s)
		return report(h, c, p, subject, &k, days, 0);
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
