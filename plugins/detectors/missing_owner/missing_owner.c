/* missing_owner - spend that nobody answers for.
 *
 * Rule: lines of the bill without an owner, by namespace; where that is not known by
 * node group, else for the fleet. What is below `min_spend_ratio` is one finding.
 * Proposes: a label, where nearly all other spend of that place, or nearly all that its
 * creator has running elsewhere, is one owner's.
 * Blind spot: a namespace that two teams share looks plain when one of them labels. */
#include <trimtab/plugin.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS_MAX = 200 };

struct params {
	double plain_owner_ratio, min_spend_ratio, effort_days;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, plain_owner_ratio, "ratio", 0.95, 0.5, 1,
	             "Share of the owned spend from which its owner is plain."),
	TT_PARAM_F64(struct params, min_spend_ratio, "ratio", 0.001, 0, 1,
	             "Places below this share of the bill are one finding together."),
	TT_PARAM_F64(struct params, effort_days, "d", 0.25, 0, 100,
	             "Engineer-days to find the owner of one place and label it."),
};

static const tt_need needs[] = { { .table = "pods", .required = 1 } };

struct line { tt_spend s; size_t at; };
struct lines { struct line *v; size_t n; };

/* Lines of one place that nobody owns: a namespace, a node group, or the rest. */
struct place {
	const char *kind, *id;
	int64_t cost_micro, pods;
	double gpu_hours;
	const char *creator, *node_group; /* of the costliest line */
	int64_t top_micro, places;
};

static const char *kind_of(const tt_spend *s)
{
	return *s->namespace_ ? "namespace" : *s->node_group ? "node_group" : "fleet";
}

static const char *id_of(const tt_spend *s)
{
	return *s->namespace_ ? s->namespace_ : s->node_group;
}

static int by_place(const tt_spend *a, const tt_spend *b)
{
	int order = strcmp(kind_of(a), kind_of(b));

	return order ? order : strcmp(id_of(a), id_of(b));
}

/* Lines of one place keep the host's order, so that sums don't depend on qsort(). */
static int compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = by_place(&x->s, &y->s);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static int is_unowned(const tt_spend *s)
{
	return strcmp(s->reason, "no_owner") == 0;
}

static void merge(struct place *to, const struct place *p)
{
	if (!to->places || p->top_micro > to->top_micro) {
		to->creator = p->creator;
		to->node_group = p->node_group;
		to->top_micro = p->top_micro;
	}
	to->cost_micro += p->cost_micro;
	to->gpu_hours += p->gpu_hours;
	to->pods += p->pods;
	to->places += p->places;
}

static void add(struct place *p, const tt_spend *s)
{
	if (!p->creator || s->cost_micro > p->top_micro) {
		p->creator = s->creator;
		p->node_group = s->node_group;
		p->top_micro = s->cost_micro;
	}
	p->cost_micro += s->cost_micro;
	p->gpu_hours += s->gpu_hours;
	p->pods += s->pods;
}

/* Weight of a line: money, or card-hours in a fleet without prices. */
static double weight(const tt_spend *s, int priced)
{
	return priced ? (double)s->cost_micro : s->gpu_hours;
}

/* The owner of at least `plain_owner_ratio` of what is owned in a place, or, with a
 * creator, of what that one has running anywhere; NULL when there is none. A candidate by
 * majority vote first, then its true share. */
static const char *plain_owner(const struct lines *l, const tt_spend *place,
                               const char *creator, double ratio, int priced)
{
	const char *owner = NULL;
	double lead = 0, own = 0, all = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < l->n; i++) {
			const tt_spend *s = &l->v[i].s;
			double w = weight(s, priced);

			if (!*s->owner || (creator ? strcmp(s->creator, creator) != 0
			                           : by_place(s, place) != 0))
				continue;
			if (pass) {
				own += strcmp(owner, s->owner) == 0 ? w : 0;
				continue;
			}
			all += w;
			lead += owner && strcmp(owner, s->owner) == 0 ? w : -w;
			if (!owner || lead < 0) {
				owner = s->owner;
				lead = lead < 0 ? -lead : lead;
			}
		}
	}
	return all > 0 && own >= ratio * all ? owner : NULL;
}

/* Labels that can be proposed: no more than one finding may carry. */
struct labels { const char *v[LABELS_MAX]; size_t n; double gpu_hours; const char *owner; };

static int add_label(const tt_host *h, tt_call *c, const char *subjects, const char *owner,
                     double gpu_hours, struct labels *ret)
{
	const char *name = h->quote(c, owner);

	ret->v[ret->n] = name ? h->text(c, "label %s owner=%s", subjects, name) : NULL;
	if (!ret->v[ret->n++])
		return TT_ENOMEM;
	ret->owner = owner;
	ret->gpu_hours += gpu_hours;
	return TT_OK;
}

/* The pods of one creator in a namespace, by what its other pods are labelled. */
static int label_creator(const tt_host *h, tt_call *c, const struct lines *l, size_t from,
                         size_t to, const tt_spend *line, struct labels *ret,
                         const struct params *p, int priced)
{
	const char *owner = plain_owner(l, line, line->creator, p->plain_owner_ratio, priced);
	const char *all = "", *one;
	double gpu_hours = 0;

	if (!owner)
		return TT_OK;
	for (size_t k = 0; h->spender(c, line->namespace_, line->creator, k, &one) == TT_OK; k++) {
		all = h->text(c, "%s%s%s", all, *all ? "," : "", one);
		if (!all)
			return TT_ENOMEM;
	}
	for (size_t i = from; i < to; i++)
		if (is_unowned(&l->v[i].s) && strcmp(l->v[i].s.creator, line->creator) == 0)
			gpu_hours += l->v[i].s.gpu_hours;
	return *all ? add_label(h, c, all, owner, gpu_hours, ret) : TT_OK;
}

/* Labels for the place of lines [from, to): one for all of it, or one for each creator. */
static int find_labels(const tt_host *h, tt_call *c, const struct lines *l, size_t from,
                       size_t to, const struct place *at, struct labels *ret,
                       const struct params *p, int priced)
{
	const char *owner = !*at->id || ret->n == LABELS_MAX ? NULL
		: plain_owner(l, &l->v[from].s, NULL, p->plain_owner_ratio, priced);

	if (owner) {
		const char *id = h->quote(c, at->id);

		id = id ? h->text(c, "%s:%s", at->kind, id) : NULL;
		return id ? add_label(h, c, id, owner, at->gpu_hours, ret) : TT_ENOMEM;
	}
	for (size_t i = from; i < to && ret->n < LABELS_MAX; i++) {
		const tt_spend *s = &l->v[i].s;
		size_t k = from;

		if (!*s->creator || !is_unowned(s))
			continue;
		while (!is_unowned(&l->v[k].s) || strcmp(l->v[k].s.creator, s->creator) != 0)
			k++;
		if (k == i && label_creator(h, c, l, from, to, s, ret, p, priced) < 0)
			return TT_ENOMEM; /* at its creator's first line */
	}
	return TT_OK;
}

/* All small places together; what is in no namespace is the fleet's too, but without id. */
static int is_rest(const struct place *p)
{
	return strcmp(p->kind, "fleet") == 0 && *p->id;
}

static const char *title(const tt_host *h, tt_call *c, const struct place *p,
                         const struct labels *labels)
{
	const char *where = is_rest(p)
		? h->text(c, "%lld small place%s", (long long)p->places, p->places == 1 ? "" : "s")
		: *p->id ? h->text(c, "%s %s", strcmp(p->kind, "namespace") == 0 ? "namespace"
		                   : "node group", p->id)
		: "pods outside of any namespace";
	const char *who = labels->n == 0 ? "owner not plain"
		: labels->n == 1 ? h->text(c, "%.1f of them plainly of %s", labels->gpu_hours,
		                           labels->owner)
		: h->text(c, "%.1f of them have a plain owner", labels->gpu_hours);

	if (!where || !who)
		return NULL;
	return h->text(c, "nobody owns %.1f GPU-hours of %lld pods in %s (%s)", p->gpu_hours,
	               (long long)p->pods, where, who);
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const struct place *at,
                  const struct labels *labels)
{
	const char *line = title(h, c, at, labels);
	const tt_evidence evidence[] = {
		{ "unowned_gpu_hours", at->gpu_hours, NULL },
		{ "plain_gpu_hours", labels->gpu_hours, NULL },
		{ "unowned_pods", (double)at->pods, NULL },
		{ "places", (double)at->places, NULL },
		{ "most_by_creator", 0, at->creator },
		{ "most_on_node_group", 0, at->node_group },
		{ "plain_owner_ratio", p->plain_owner_ratio, NULL },
	};

	if (!line)
		return TT_ENOMEM;
	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding),
		.verdict = is_rest(at) ? "no_owner_small" : "no_owner",
		.title = line, .subject_kind = at->kind, .subject_id = at->id, .owner = "",
		/* 0 would say that it was free, but only its price is not known */
		.spend_concerned_micro = at->cost_micro > 0 ? at->cost_micro : TT_MONEY_UNKNOWN,
		.coverage_ratio = 1, .confidence_ratio = labels->n ? p->plain_owner_ratio : 1,
		.effort_days = p->effort_days * (double)(at->places < 20 ? at->places : 20),
		.risk = TT_RISK_NONE, .risk_note = "",
		.evidence = evidence, .n_evidence = sizeof evidence / sizeof *evidence,
		.changes = labels->v, .n_changes = labels->n,
	});
}

static int read_lines(const tt_host *h, tt_call *c, struct lines *ret)
{
	tt_spend s;
	size_t n = 0;

	while (h->spend(c, n, &s) == TT_OK)
		n++;
	*ret = (struct lines){ h->alloc(c, (n + 1) * sizeof *ret->v), n };
	if (!ret->v)
		return TT_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		h->spend(c, i, &ret->v[i].s);
		ret->v[i].at = i;
	}
	qsort(ret->v, n, sizeof *ret->v, compare);
	return TT_OK;
}

/* Too little to be looked into alone. What has no price is measured by its hours. */
static int is_small(const struct place *p, const struct params *q, double total_micro,
                    double total_h)
{
	return p->cost_micro > 0 ? (double)p->cost_micro < q->min_spend_ratio * total_micro
	                         : p->gpu_hours <= q->min_spend_ratio * total_h;
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *s, const void *params_)
{
	const struct params *p = params_;
	struct place small = { .kind = "fleet", .id = "small" };
	struct labels small_labels = { .n = 0 };
	double total_micro = 0, total_h = 0;
	struct lines l;
	int rc = read_lines(h, c, &l);

	(void)s;
	for (size_t i = 0; rc == TT_OK && i < l.n; i++) {
		total_micro += (double)l.v[i].s.cost_micro;
		total_h += l.v[i].s.gpu_hours;
	}
	for (size_t i = 0, end; rc == TT_OK && i < l.n; i = end) {
		const tt_spend *first = &l.v[i].s;
		struct place at = { .kind = kind_of(first), .id = id_of(first), .places = 1 };

		for (end = i; end < l.n && by_place(first, &l.v[end].s) == 0; end++)
			if (is_unowned(&l.v[end].s))
				add(&at, &l.v[end].s);
		if (at.pods + at.cost_micro <= 0 && !(at.gpu_hours > 0))
			continue; /* all of it has an owner */
		int small_one = is_small(&at, p, total_micro, total_h);
		struct labels own = { .n = 0 };

		rc = find_labels(h, c, &l, i, end, &at, small_one ? &small_labels : &own, p,
		                 total_micro > 0);
		if (small_one)
			merge(&small, &at);
		else if (rc == TT_OK)
			rc = report(h, c, p, &at, &own);
	}
	if (rc == TT_OK && small.places)
		rc = report(h, c, p, &small, &small_labels);
	return rc;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "missing_owner", .version = "1.0.0",
	          .summary = "Spend that nobody owns, and whose it plainly is",
	          .params = params, .n_params = sizeof params / sizeof *params,
	          .params_size = sizeof(struct params) },
	.scope = TT_SCOPE_FLEET,
	.needs = needs, .n_needs = sizeof needs / sizeof *needs,
	.detect = detect,
};
TT_REGISTER(self)
