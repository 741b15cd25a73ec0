/* idle_quota - capacity that a team holds and does not use while others wait for it.
 *
 * Rule: of a quota, `min_unused_ratio` or more was in use at no sampled hour, while pods of
 * others that can take such cards waited for `min_waited_card_h` card-hours.
 * Proposes: the node group that this team alone uses, sized for what it used at most.
 * Blind spot: a quota that is kept for a date to come. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double min_unused_ratio, min_unused_cards, min_waited_card_h, min_window_h;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, min_unused_ratio, "ratio", 0.4, 0.01, 1,
	             "Nothing is said where a smaller share was never in use."),
	TT_PARAM_F64(struct params, min_unused_cards, "", 4, 0, 1000000,
	             "Nothing is said where fewer cards were never in use."),
	TT_PARAM_F64(struct params, min_waited_card_h, "h", 24, 0, 1000000000,
	             "Nothing is said where others waited for fewer card-hours."),
	TT_PARAM_F64(struct params, min_window_h, "h", 168, 1, 87600,
	             "Nothing is said of a quota that was in force for less."),
};

static const tt_need needs[] = {
	{ .table = "quotas" }, { .table = "pods", .required = 1 },
};

static const tt_ground grounds[] = {
	{ "idle_quota", "unused_ratio", ">=", "min_unused_ratio", TT_METRIC_NONE },
	{ "idle_quota", "unused_cards", ">=", "min_unused_cards", TT_METRIC_NONE },
	{ "idle_quota", "waited_h", ">=", "min_waited_card_h", TT_METRIC_NONE },
};

enum { HOUR_S = 3600 };

struct quota {
	const char *owner, *model;
	double cards;
	int64_t from_s, to_s;    /* in the window */
};

struct use {                     /* of a quota */
	double most, mean;       /* cards of the owner in use */
	double waited_card_h, micro_per_card_h; /* of others; NaN: not known */
	size_t n_waited;
	const char *group;       /* that the owner alone used; "" none */
	double group_most;
};

struct audit {
	const tt_host *h;
	tt_call *c;
	const tt_subject *subject;
	const tt_pod_runs *runs;
	struct quota *quotas; size_t n_quotas;
	double *used;            /* [n_quotas x (n + 1)] cards, at full hours of each */
	double *hours;           /* [n + 1] scratch */
	size_t n;
};

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Whether `a` begins like all of `b`, in small letters. */
static int begins(const char *a, const char *b)
{
	while (*b && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return *b == '\0';
}

/* "" is any model; several that a pod asks for are split by bars. */
static int is_of(const char *wanted, const char *model)
{
	size_t n = strlen(model);

	for (const char *at = wanted; n && *wanted; at = strchr(at, '|')) {
		at += at != wanted;
		if (begins(at, model) && (at[n] == '\0' || at[n] == '|'))
			return 1;
		if (!strchr(at, '|'))
			return 0;
	}
	return 1;
}

static double overlap_h(const struct quota *q, int64_t from_s, int64_t to_s)
{
	from_s = from_s > q->from_s ? from_s : q->from_s;
	to_s = to_s < q->to_s ? to_s : q->to_s;
	return from_s < to_s ? (double)(to_s - from_s) / HOUR_S : 0;
}

/* The first full hour of the quota at or after that time. */
static size_t hour_of(const struct audit *a, const struct quota *q, int64_t at_s)
{
	const int64_t i = at_s <= q->from_s ? 0 : (at_s - q->from_s + HOUR_S - 1) / HOUR_S;
	const int64_t n = (q->to_s - q->from_s + HOUR_S - 1) / HOUR_S;

	return (size_t)(i < n ? i : n) < a->n ? (size_t)(i < n ? i : n) : a->n;
}

/* Cards of the owner that are in use at full hours of the quota; in one group, or NULL. */
static void count(const struct audit *a, const struct quota *q, const char *group,
                  double *ret_most, double *ret_mean)
{
	double sum = 0;

	*ret_most = 0;
	memset(a->hours, 0, a->n * sizeof *a->hours);
	for (size_t i = 0; i < a->runs->n; i++) {
		const tt_pod_run *r = &a->runs->v[i];

		if (strcmp(r->owner, q->owner) != 0 || !is_of(q->model, r->card_model) ||
		    (group && strcmp(r->node_group, group) != 0))
			continue;
		for (size_t k = hour_of(a, q, r->from_s); k < hour_of(a, q, r->to_s); k++)
			a->hours[k] += r->gpus;
	}
	for (size_t k = 0; k < a->n; k++) {
		*ret_most = fmax(*ret_most, a->hours[k]);
		sum += a->hours[k];
	}
	*ret_mean = sum * HOUR_S / (double)(q->to_s - q->from_s);
}

/* A group with such cards in which nobody else ran; "" where there is none. */
static const char *own_group(const struct audit *a, const struct quota *q)
{
	const tt_pod_runs *all = a->runs;

	const char *shared = "";

	for (size_t i = 0; i < all->n; i++) {
		const tt_pod_run *r = &all->v[i];
		int alone = *r->node_group && strcmp(r->node_group, shared) != 0 &&
			strcmp(r->owner, q->owner) == 0 && is_of(q->model, r->card_model) &&
			r->from_s < r->to_s;

		if (!alone)
			continue;

		for (size_t k = 0; k < all->n && alone; k++)
			alone = strcmp(all->v[k].node_group, r->node_group) != 0 ||
				strcmp(all->v[k].owner, q->owner) == 0;
		if (alone)
			return r->node_group;
		shared = r->node_group;
	}
	return "";
}

/* Whether the owner of a pod that waits would have been above a quota of its own; one without
 * a quota for such cards can only borrow. */
static int is_held_back(const struct audit *a, const struct quota *q, const tt_pod_run *r,
                        int64_t until_s)
{
	for (size_t i = 0; i < a->n_quotas; i++) {
		const struct quota *own = &a->quotas[i];
		const double *used = &a->used[i * (a->n + 1)];
		size_t k = hour_of(a, own, r->submitted_s), end = hour_of(a, own, until_s);

		if (strcmp(own->owner, r->owner) != 0 || !begins(own->model, q->model))
			continue;
		while (k < end && used[k] + r->gpus <= own->cards)
			k++;
		return k < end;
	}
	return 1;
}

static void look_at_others(const struct audit *a, const struct quota *q, struct use *u)
{
	double hours = 0, micro = 0;

	for (size_t i = 0; i < a->runs->n; i++) {
		const tt_pod_run *r = &a->runs->v[i];
		int ran = r->from_s < r->to_s;
		int64_t until_s = !ran ? r->gave_up_s : r->began ? r->from_s : r->submitted_s;
		double waited_h = r->submitted_s == INT64_MIN ? 0
			: overlap_h(q, r->submitted_s, until_s);

		if (ran && r->cost_micro != TT_MONEY_UNKNOWN && is_of(q->model, r->card_model)) {
			hours += r->gpus * (double)(r->to_s - r->from_s) / HOUR_S;
			micro += (double)r->cost_micro;
		}
		if (waited_h < 1 || strcmp(r->owner, q->owner) == 0 ||
		    !is_of(r->gpu_model, q->model) || !is_held_back(a, q, r, until_s))
			continue;
		u->n_waited++;
		u->waited_card_h += r->gpus * waited_h;
	}
	u->micro_per_card_h = micro / hours;
}

/* The group with as many nodes as hold what the team used at most; "" where that is none
 * less. */
static const char *resize(const struct audit *a, const struct use *u)
{
	const tt_group_nodes *g = *u->group ? a->h->nodes(a->c, a->subject) : NULL;
	double nodes = 0, cards = 0, wanted;

	for (size_t i = 0; g && i < g->n; i++) {
		if (strcmp(g->v[i]->node_group, u->group) != 0 || g->v[i]->went)
			continue;
		nodes++;
		cards += g->v[i]->cards;
	}
	wanted = cards > 0 ? ceil(u->group_most * nodes / cards) : nodes;
	return wanted >= nodes ? ""
		: a->h->text(a->c, "resize %s nodes=%.0f",
		             a->h->subject(a->c, "", "node_group", u->group), wanted);
}

/* Names of findings are unique, also of quotas that follow each other. */
static const char *name(const struct audit *a, const struct quota *q, const char *model)
{
	size_t nth = 1;

	for (const struct quota *k = a->quotas; k < q; k++)
		nth += strcmp(k->owner, q->owner) == 0 && strcmp(k->model, q->model) == 0;
	return nth == 1 ? a->h->text(a->c, "quota of %s for %s", q->owner, model)
		: a->h->text(a->c, "quota of %s for %s (%zu)", q->owner, model, nth);
}

static int report(const struct audit *a, const struct params *p, const struct quota *q,
                  const struct use *u)
{
	double unused = 1 - u->most / q->cards, hours = overlap_h(q, q->from_s, q->to_s);
	double micro = u->micro_per_card_h * (q->cards - u->most) * hours;
	const char *model = *q->model ? q->model : "any", *change = resize(a, u);
	const tt_spend *all;
	size_t n;
	int rc = a->h->spend(a->c, 0, NULL, &all, &n);
	const tt_evidence evidence[] = {
		{ "owner", 0, q->owner },
		{ "gpu_model", 0, model },
		{ "quota_cards", q->cards, NULL },
		{ "most_used_cards", u->most, NULL },
		{ "mean_used_cards", u->mean, NULL },
		{ "unused_ratio", unused, NULL },
		{ "unused_cards", q->cards - u->most, NULL },
		{ "others_waiting", (double)u->n_waited, NULL },
		{ "waited_h", u->waited_card_h, NULL },
		{ "own_node_group", 0, u->group },
		{ "in_force_h", hours, NULL },
	};

	return rc < 0 ? rc : a->h->emit(a->c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "idle_quota",
		.title = a->h->text(a->c, "%s holds a quota of %.0f %s cards and used at most "
		                    "%.0f, while %zu pod%s of others waited for %.0f "
		                    "card-hours", q->owner,
		                    q->cards, model, u->most, u->n_waited,
		                    u->n_waited == 1 ? "" : "s", u->waited_card_h),
		.subject_kind = "fleet",
		.subject_id = name(a, q, model),
		.owner = q->owner,
		.spend_concerned_micro = isnan(micro) || !n ? TT_MONEY_UNKNOWN
			: (int64_t)fmin(micro, (double)all->cost_micro),
		.coverage_ratio = 1,
		.confidence_ratio = a->h->confidence(a->c, 1, hours * HOUR_S,
		                                     p->min_unused_ratio / unused),
		.effort_days = 0.5, .risk = TT_RISK_LOW,
		.risk_note = "the quota may be for a date to come: ask its owner",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = *change != '\0',
	});
}

static struct quota quota_at(const struct audit *a, size_t i)
{
	const tt_window *w = a->subject->window;
	double from_s = a->h->number(a->c, "quotas", i, "starts_at");
	double to_s = a->h->number(a->c, "quotas", i, "ends_at");

	return (struct quota){
		.owner = a->h->word(a->c, "quotas", i, "owner"),
		.model = a->h->word(a->c, "quotas", i, "gpu_model"),
		.cards = a->h->number(a->c, "quotas", i, "gpus"),
		.from_s = from_s > (double)w->start_s ? (int64_t)from_s : w->start_s,
		.to_s = to_s < (double)w->end_s ? (int64_t)to_s : w->end_s,
	};
}

/* Whether a node has such cards, by that name: what nobody has nobody could use. */
static int is_there(const struct audit *a, const struct quota *q)
{
	const size_t n = a->h->rows(a->c, "nodes");

	for (size_t i = 0; i < n; i++) {
		const char *model = a->h->word(a->c, "nodes", i, "gpu_model");

		if (*model && is_of(q->model, model))
			return 1;
	}
	return *q->model == '\0';
}

static int look_at(const struct audit *a, const struct params *p, size_t i)
{
	const struct quota *q = &a->quotas[i];
	struct use u = { .group = "" };
	double mean;

	count(a, q, NULL, &u.most, &u.mean);
	look_at_others(a, q, &u);
	if (u.most > (1 - p->min_unused_ratio) * q->cards ||
	    q->cards - u.most < p->min_unused_cards ||
	    u.waited_card_h < p->min_waited_card_h || !is_there(a, q))
		return TT_OK;
	u.group = own_group(a, q);
	if (*u.group)
		count(a, q, u.group, &u.group_most, &mean);
	return report(a, p, q, &u);
}

/* Quotas that were in force for long enough, and what was used of them. */
static int read_quotas(struct audit *a, const struct params *p)
{
	const size_t n = a->h->rows(a->c, "quotas");
	double most, mean;

	a->quotas = a->h->alloc(a->c, (n + 1) * sizeof *a->quotas);
	a->used = a->h->alloc(a->c, (n * (a->n + 1) + 1) * sizeof *a->used);
	a->hours = a->h->alloc(a->c, (a->n + 1) * sizeof *a->hours);
	if (!a->quotas || !a->used || !a->hours)
		return TT_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct quota q = quota_at(a, i);

		if (!(q.cards > 0) || overlap_h(&q, q.from_s, q.to_s) < p->min_window_h)
			continue;
		count(a, &q, NULL, &most, &mean);
		memcpy(&a->used[a->n_quotas * (a->n + 1)], a->hours, a->n * sizeof *a->hours);
		a->quotas[a->n_quotas++] = q;
	}
	return a->n_quotas ? TT_OK : a->h->fail(a->c, TT_ENODATA, "no quota was in force for "
	                                        "%.0f h", p->min_window_h);
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const tt_window *w = subject->window;
	struct audit a = { .h = h, .c = c, .subject = subject };
	tt_pod_runs runs;
	int rc = h->runs(c, subject, &runs);

	if (rc < 0 || !h->rows(c, "quotas"))
		return rc; /* nobody holds anything */
	a.runs = &runs;
	a.n = (size_t)((w->end_s - w->start_s + HOUR_S - 1) / HOUR_S);
	rc = read_quotas(&a, params_);
	for (size_t i = 0; i < a.n_quotas && rc == TT_OK; i++)
		rc = look_at(&a, params_, i);
	return rc;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "idle_quota", .version = "1.0.0",
	          .summary = "Quotas that nobody uses while others wait",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_FLEET,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
