/* missing_owner - spend that nobody answers for.
 *
 * Rule: lines of the bill without an owner, by namespace; where that is not known by
 * node group, else for the fleet. What is below `min_spend_ratio` is one finding.
 * Proposes: a label, where nearly all other spend of that place, or nearly all that its
 * creator has running elsewhere, is one owner's.
 * Blind spot: a namespace that two teams share looks plain when one of them labels. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

enum { LABELS_MAX = 200, PLACES_MAX = 20 }; /* in a finding; that effort is counted for */

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

static const tt_ground grounds[] = {
	{ "no_owner", "largest_place_ratio", ">=", "min_spend_ratio", TT_METRIC_NONE },
	{ "no_owner_small", "largest_place_ratio", "<", "min_spend_ratio", TT_METRIC_NONE },
};

/* A namespace, a node group, what is in neither, or all small ones of these. */
struct place {
	const char *kind, *id, *name;
	tt_spend lines;              /* nobody's; words are those of the costliest */
	int64_t top_micro, places;
	double top_ratio;            /* of the bill, of the largest of them */
	double of_place_ratio;       /* nobody's share of what the place costs; of all of them */
	double creator_ratio;        /* of that, what the creator of the costliest line made */
	const char *labels[LABELS_MAX]; /* who fixes most is first */
	const char *owners[LABELS_MAX];
	double fixes_h[LABELS_MAX];
	size_t n_labels;
	double plain_h;
};

struct audit {
	const tt_host *h;
	tt_call *c;
	const struct params *p;
	tt_spend total, unowned;
};

static void put_label(struct place *to, const char *label, const char *owner, double gpu_hours)
{
	size_t i = to->n_labels;

	if (i == LABELS_MAX)
		return;
	to->n_labels++;
	to->plain_h += gpu_hours;
	for (; i && to->fixes_h[i - 1] < gpu_hours; i--) {
		to->labels[i] = to->labels[i - 1];
		to->owners[i] = to->owners[i - 1];
		to->fixes_h[i] = to->fixes_h[i - 1];
	}
	to->labels[i] = label;
	to->owners[i] = owner;
	to->fixes_h[i] = gpu_hours;
}

static void add_label(const struct audit *a, struct place *to, const char *subjects,
                      const char *owner, double gpu_hours)
{
	if (to->n_labels < LABELS_MAX)
		put_label(to, a->h->text(a->c, "label %s owner=%s", subjects,
		                         a->h->quote(a->c, owner)), owner, gpu_hours);
}

/* The pods of one creator in a place, by what its pods anywhere are labelled. */
static void label_creator(const struct audit *a, const tt_spend *line, struct place *to)
{
	const tt_spend anywhere = { .creator = line->creator };
	const char *owner = *line->creator
		? a->h->plain_owner(a->c, &anywhere, a->p->plain_owner_ratio) : "", *pods;

	for (size_t k = 0; *owner && a->h->spenders(a->c, line->namespace_, line->creator, k,
	                                            &pods) == TT_OK; k++)
		add_label(a, to, pods, owner, k ? 0 : line->gpu_hours);
}

/* Labels for a place, which is where these words are: one for all of it, or one for each
 * creator. */
static void find_labels(const struct audit *a, tt_spend where, struct place *to)
{
	const char *owner = *to->id
		? a->h->plain_owner(a->c, &where, a->p->plain_owner_ratio) : "";
	const tt_spend *v;
	size_t n;

	if (*owner) {
		add_label(a, to, a->h->subject(a->c, "", to->kind, to->id), owner,
		          to->lines.gpu_hours);
		return;
	}
	where.reason = "no_owner";
	a->h->spend(a->c, TT_WORD_CREATOR, &where, &v, &n);
	for (size_t i = 0; i < n; i++)
		label_creator(a, &v[i], to);
}

static double ratio_of(const struct audit *a, const tt_spend *s)
{
	return s->cost_micro > 0 ? (double)s->cost_micro / (double)a->total.cost_micro
	                         : s->gpu_hours / a->total.gpu_hours;
}

static int report(const struct audit *a, const struct place *at, const char *verdict)
{
	const tt_spend *l = &at->lines;
	const char *who = at->n_labels == 0 ? "owner not plain"
		: at->n_labels == 1 ? a->h->text(a->c, "%.1f of them plainly of %s", at->plain_h,
		                                 at->owners[0])
		: a->h->text(a->c, "%.1f of them have a plain owner", at->plain_h);
	const tt_evidence evidence[] = {
		{ "unowned_gpu_hours", l->gpu_hours, NULL },
		{ "plain_gpu_hours", at->plain_h, NULL },
		{ "unowned_pods", (double)l->pods, NULL },
		{ "places", (double)at->places, NULL },
		{ "largest_place_ratio", at->top_ratio, NULL },
		{ "unowned_of_place_ratio", at->of_place_ratio, NULL },
		{ "unowned_of_bill_ratio", ratio_of(a, &a->unowned), NULL },
		{ "most_by_creator", 0, l->creator },
		{ "creator_ratio", at->creator_ratio, NULL },
		{ "best_label_owner", 0, at->n_labels ? at->owners[0] : "" },
		{ "best_label_fixes_ratio", at->n_labels && l->gpu_hours > 0
			? fmin(1, at->fixes_h[0] / l->gpu_hours) : 0, NULL },
		{ "most_on_node_group", 0, l->node_group },
		{ "plain_owner_ratio", a->p->plain_owner_ratio, NULL },
	};

	return a->h->emit(a->c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = verdict,
		.title = l->pods == 0 && l->gpu_hours == 0
			? a->h->text(a->c, "nobody owns %s", at->name)
			: a->h->text(a->c, "nobody owns %.1f GPU-hours of %lld pod%s in %s (%s)",
			             l->gpu_hours, (long long)l->pods,
			             l->pods == 1 ? "" : "s", at->name, who),
		.subject_kind = at->kind, .subject_id = at->id, .owner = "",
		/* 0 would say that it was free, but only its price is not known */
		.spend_concerned_micro = l->cost_micro > 0 ? l->cost_micro : TT_MONEY_UNKNOWN,
		.coverage_ratio = 1, .confidence_ratio = at->n_labels ? a->p->plain_owner_ratio : 1,
		.effort_days = a->p->effort_days *
		               (double)(at->places < PLACES_MAX ? at->places : PLACES_MAX),
		.risk = TT_RISK_NONE, .risk_note = "",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = at->labels, .n_changes = at->n_labels,
	});
}

/* Too little to be looked into alone. What has no price is measured by its hours. */
static int is_small(const struct audit *a, const tt_spend *s)
{
	return s->cost_micro > 0
		? (double)s->cost_micro < a->p->min_spend_ratio * (double)a->total.cost_micro
		: s->gpu_hours <= a->p->min_spend_ratio * a->total.gpu_hours;
}

static void merge(struct place *to, const struct place *one)
{
	const tt_spend has = to->lines;

	if (!to->places++ || one->lines.cost_micro > to->top_micro) {
		to->lines = one->lines;
		to->top_micro = one->lines.cost_micro;
	}
	to->lines.cost_micro = has.cost_micro + one->lines.cost_micro;
	to->lines.gpu_hours = has.gpu_hours + one->lines.gpu_hours;
	to->lines.pods = has.pods + one->lines.pods;
	to->of_place_ratio = fmax(to->of_place_ratio, one->of_place_ratio);
	to->creator_ratio = fmax(to->creator_ratio, one->creator_ratio);
	if (!one->n_labels || to->n_labels + one->n_labels > LABELS_MAX)
		return;
	to->top_ratio = one->top_ratio > to->top_ratio ? one->top_ratio : to->top_ratio;
	for (size_t i = 0; i < one->n_labels; i++)
		put_label(to, one->labels[i], one->owners[i], one->fixes_h[i]);
}

static double part_of(const tt_spend *part, const tt_spend *all)
{
	return all->cost_micro > 0 ? (double)part->cost_micro / (double)all->cost_micro
		: all->gpu_hours > 0 ? part->gpu_hours / all->gpu_hours : 0;
}

/* What share of the place is nobody's, and of that the costliest creator's. */
static void find_shares(const struct audit *a, tt_spend where, struct place *at)
{
	const tt_spend *v;
	size_t n;

	if (a->h->spend(a->c, 0, &where, &v, &n) == TT_OK && n)
		at->of_place_ratio = fmin(1, part_of(&at->lines, v));
	where.reason = "no_owner";
	where.creator = at->lines.creator;
	if (*where.creator && a->h->spend(a->c, 0, &where, &v, &n) == TT_OK && n)
		at->creator_ratio = fmin(1, part_of(v, &at->lines));
}

static int look_at(const struct audit *a, const tt_spend *lines, struct place *small)
{
	tt_spend where = { .namespace_ = lines->namespace_ };
	struct place at = { .kind = "namespace", .id = lines->namespace_, .lines = *lines };

	if (!*lines->namespace_) {
		at.kind = *lines->node_group ? "node_group" : "fleet";
		at.id = where.node_group = lines->node_group;
	}
	find_labels(a, where, &at);
	find_shares(a, where, &at);
	at.places = 1;
	at.top_ratio = ratio_of(a, lines);
	at.name = *lines->namespace_ ? a->h->text(a->c, "namespace %s", at.id)
		: *at.id ? a->h->text(a->c, "node group %s", at.id)
		: lines->pods ? "pods outside of any namespace"
		: "charges of no node: none of their tags names an owner";
	if (!is_small(a, lines))
		return report(a, &at, "no_owner");
	merge(small, &at);
	return TT_OK;
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *s, const void *params_)
{
	const tt_spend any = { .reason = "no_owner" }, nowhere = { .reason = "no_owner",
		                                                   .namespace_ = "" };
	struct place small = { .kind = "fleet", .id = "small" };
	struct audit a = { .h = h, .c = c, .p = params_ };
	const tt_spend *v;
	size_t n;
	int rc = h->spend(c, 0, NULL, &v, &n);

	(void)s;
	if (n)
		a.total = *v;
	if (rc == TT_OK)
		rc = h->spend(c, 0, &any, &v, &n);
	if (n)
		a.unowned = *v;
	for (int grouped = 0; grouped < 2 && rc == TT_OK; grouped++) {
		rc = grouped ? h->spend(c, TT_WORD_NODE_GROUP, &nowhere, &v, &n)
		             : h->spend(c, TT_WORD_NAMESPACE, &any, &v, &n);
		for (size_t i = 0; i < n && rc == TT_OK; i++)
			if (grouped || *v[i].namespace_)
				rc = look_at(&a, &v[i], &small);
	}
	if (rc < 0 || !small.places)
		return rc;
	small.name = h->text(c, "%lld small place%s", (long long)small.places,
	                     small.places == 1 ? "" : "s");
	return report(&a, &small, "no_owner_small");
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "missing_owner", .version = "1.0.0",
	          .summary = "Spend that nobody owns, and whose it plainly is",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_FLEET,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
