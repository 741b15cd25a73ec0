/* fragmentation - cards that are free and of no use to anybody.
 *
 * Rule, pool by pool: pods that are packed anew each hour would leave nodes empty (`sparse`);
 * pods waited for cards that were free, on no one node (`scattered`), or beside a node that
 * had room for them (`beside`); cards were free whose host had no CPUs or memory left for the
 * least that a pod here takes with one (`dark`).
 * Proposes: a pool that consolidates, where it is sparse or scattered.
 * Blind spot: what scheduling rules forbid, tolerations, gangs. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double min_packed_ratio, min_waited_card_h, min_dark_ratio, min_known_ratio;
	double idle_timeout_s;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, min_packed_ratio, "ratio", 0.1, 0.001, 1,
	             "A pool is sparse when packing frees this share of its node-hours."),
	TT_PARAM_F64(struct params, min_waited_card_h, "h", 168, 0, 1000000000,
	             "Card-hours that pods have to wait beside free cards."),
	TT_PARAM_F64(struct params, min_dark_ratio, "ratio", 0.1, 0.001, 1,
	             "Share of the card-hours that has to be free and of no use."),
	TT_PARAM_F64(struct params, min_known_ratio, "ratio", 0.8, 0.01, 1,
	             "Nothing is said where pods are known of a smaller share of the nodes."),
	TT_PARAM_F64(struct params, idle_timeout_s, "s", 600, 0, 604800,
	             "Proposed for nodes that are empty."),
};

static const tt_need needs[] = {
	{ .table = "nodes", .required = 1 }, { .table = "pods", .required = 1 },
};

static const tt_ground grounds[] = {
	{ "sparse", "packed_ratio", ">=", "min_packed_ratio", TT_METRIC_NONE },
	{ "scattered", "scattered_h", ">=", "min_waited_card_h", TT_METRIC_NONE },
	{ "beside", "beside_h", ">=", "min_waited_card_h", TT_METRIC_NONE },
	{ "dark", "dark_ratio", ">=", "min_dark_ratio", TT_METRIC_NONE },
};

enum { SPARSE, SCATTERED, BESIDE, DARK };
static const char *const verdicts[] = { "sparse", "scattered", "beside", "dark" };
static const char *const notes[] = {
	"pods that move start again: what they lose by that is not in the price",
	"pods that move start again: what they lose by that is not in the price",
	"taints, quotas and gangs hold pods back as well: ask the scheduler why",
	"smaller requests for CPUs and memory take from who is there now",
};

struct pool {
	const tt_host *h;
	tt_call *c;
	const struct params *p;
	const tt_subject *subject;
	tt_slack s;
	double hours, free_ratio, dark_ratio, packed_ratio;
	int consolidates;        /* already */
};

static int does_consolidate(const struct pool *k)
{
	for (size_t i = 0; i < k->h->rows(k->c, "node_groups"); i++)
		if (strcmp(k->h->word(k->c, "node_groups", i, "node_group"), k->subject->id) == 0)
			return k->h->number(k->c, "node_groups", i, "consolidates") > 0;
	return 0;
}

static const char *title(const struct pool *k, int verdict)
{
	const char *group = k->subject->id;

	switch (verdict) {
	case SPARSE:
		return k->h->text(k->c, "node group %s is asked for %.0f %% of its cards; packed "
		                  "anew each hour %zu of its %zu nodes would go for %.0f "
		                  "node-hours", group, 100 * (1 - k->free_ratio), k->s.packed_nodes,
		                  k->s.n_nodes, k->s.packed_node_h);
	case SCATTERED:
		return k->h->text(k->c, "pods waited %.0f card-hours for node group %s while "
		                  "enough of its cards were free, on no one node",
		                  k->s.scattered_card_h, group);
	case BESIDE:
		return k->h->text(k->c, "pods waited %.0f card-hours for node group %s beside "
		                  "nodes that had room for them", k->s.beside_card_h, group);
	default:
		return k->h->text(k->c, "%.0f %% of the card-hours of node group %s were free "
		                  "without the CPUs or memory that a pod needs with a card",
		                  100 * k->dark_ratio, group);
	}
}

static int report(const struct pool *k, int verdict, double share, double of_limit)
{
	const int packs = (verdict == SPARSE || verdict == SCATTERED) && !k->consolidates;
	const double known = (double)k->s.n_known / (double)k->s.n_nodes;
	const char *change = k->h->text(k->c, "resize %s idle_timeout_s=%.0f consolidates=true",
	                                k->h->subject(k->c, "", "node_group", k->subject->id),
	                                k->p->idle_timeout_s);
	const tt_evidence evidence[] = {
		{ "nodes", (double)k->s.n_nodes, NULL },
		{ "card_h", k->s.card_h, NULL },
		{ "free_ratio", k->free_ratio, NULL },
		{ "dark_h", k->s.dark_h, NULL },
		{ "dark_ratio", k->dark_ratio, NULL },
		{ "least_cpus", k->s.least_cpus, NULL },
		{ "least_memory_mib", k->s.least_memory_mib, NULL },
		{ "pods_that_waited", (double)k->s.n_waited, NULL },
		{ "waited_h", k->s.waited_card_h, NULL },
		{ "scattered_h", k->s.scattered_card_h, NULL },
		{ "beside_h", k->s.beside_card_h, NULL },
		{ "packed_nodes", (double)k->s.packed_nodes, NULL },
		{ "packed_node_h", k->s.packed_node_h, NULL },
		{ "packed_ratio", k->packed_ratio, NULL },
		{ "packed_moves", (double)k->s.packed_moves, NULL },
		{ "autoscaler", 0, k->s.autoscaler },
		{ "sampled_every_h", k->s.sample_h, NULL },
	};

	return k->h->emit(k->c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = verdicts[verdict],
		.title = title(k, verdict), .subject_kind = "node_group",
		.subject_id = k->subject->id, .owner = k->s.owner,
		.spend_concerned_micro = k->s.cost_micro == TT_MONEY_UNKNOWN ? TT_MONEY_UNKNOWN
			: (int64_t)(fmin(1, share) * (double)k->s.cost_micro),
		.coverage_ratio = known,
		.confidence_ratio = k->h->confidence(k->c, known, k->hours * 3600, of_limit),
		.effort_days = packs ? 2 : 1,
		.risk = packs && k->s.packed_moves ? TT_RISK_MEDIUM : TT_RISK_LOW,
		.risk_note = notes[verdict],
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = (size_t)packs,
	});
}

/* Many may wait for the same free card, which is paid once. */
static double waited_share(const struct pool *k, double waited_card_h)
{
	return fmin(k->free_ratio, waited_card_h / k->s.card_h);
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	struct pool k = { .h = h, .c = c, .p = p, .subject = subject };
	int rc = h->slack(c, subject, &k.s);

	if (rc < 0 || !k.s.n_nodes)
		return rc < 0 ? rc : TT_NOT_ABOUT;
	if ((double)k.s.n_known < p->min_known_ratio * (double)k.s.n_nodes)
		return h->fail(c, TT_ENODATA, "it is not known which pods were on the nodes");
	if (!(k.s.card_h > 0))
		return TT_OK; /* it lived between two samples */
	k.hours = (double)(subject->window->end_s - subject->window->start_s) / 3600;
	k.free_ratio = 1 - k.s.asked_h / k.s.card_h;
	k.dark_ratio = fmin(1, k.s.dark_h / k.s.card_h);
	k.packed_ratio = k.s.packed_node_h / (k.hours * (double)k.s.n_known);
	k.consolidates = does_consolidate(&k);
	if (!k.consolidates && k.packed_ratio >= p->min_packed_ratio)
		rc = report(&k, SPARSE, k.packed_ratio, p->min_packed_ratio / k.packed_ratio);
	if (rc == TT_OK && k.s.scattered_card_h > 0 &&
	    k.s.scattered_card_h >= p->min_waited_card_h)
		rc = report(&k, SCATTERED, waited_share(&k, k.s.scattered_card_h),
		            p->min_waited_card_h / k.s.scattered_card_h);
	if (rc == TT_OK && k.s.beside_card_h > 0 && k.s.beside_card_h >= p->min_waited_card_h)
		rc = report(&k, BESIDE, waited_share(&k, k.s.beside_card_h),
		            p->min_waited_card_h / k.s.beside_card_h);
	if (rc == TT_OK && k.dark_ratio >= p->min_dark_ratio)
		rc = report(&k, DARK, k.dark_ratio, p->min_dark_ratio / k.dark_ratio);
	return rc;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "fragmentation", .version = "1.0.0",
	          .summary = "Cards that are free and of no use to anybody",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_NODE_GROUP,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
