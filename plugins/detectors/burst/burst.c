/* burst - many cards at once, out of hours, that nobody answers for.
 *
 * Rule: runs of a workload that began within an hour of each other, outside of working hours,
 * had `min_cards` cards or more at one time and `min_card_h` card-hours; they have no owner
 * (`unowned`), or one without a budget where others have one (`unbudgeted`).
 * Proposes: a label, where the owner is plain; a guard, as evidence.
 * Blind spot: who works at night by habit. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct params {
	double min_cards, min_card_h, work_from_h, work_to_h, plain_owner_ratio;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, min_cards, "", 32, 1, 1000000,
	             "Cards that runs have to take together."),
	TT_PARAM_F64(struct params, min_card_h, "h", 100, 0, 1000000000,
	             "Nothing is said of bursts with fewer card-hours in all."),
	TT_PARAM_F64(struct params, work_from_h, "h", 6, 0, 24,
	             "Working hours begin at this hour of Monday to Friday, UTC."),
	TT_PARAM_F64(struct params, work_to_h, "h", 20, 0, 24,
	             "They end at this hour."),
	TT_PARAM_F64(struct params, plain_owner_ratio, "ratio", 0.95, 0.5, 1,
	             "Share of the owned spend from which its owner is plain."),
};

static const tt_need needs[] = { { .table = "pods", .required = 1 }, { .table = "budgets" } };

static const tt_ground grounds[] = {
	{ NULL, "cards", ">=", "min_cards", TT_METRIC_NONE },
	{ NULL, "card_h", ">=", "min_card_h", TT_METRIC_NONE },
};

enum { TOGETHER_S = 3600, DAY_S = 86400 };

struct bursts {                  /* of one workload */
	const tt_pod_run *first;
	size_t n, runs;
	double cards, card_h, longest_h; /* most at once; all; the longest run */
	double micro;            /* NaN: not known of one */
};

static int is_off_hours(const struct params *p, int64_t at_s)
{
	const double hour = (double)(at_s % DAY_S) / 3600;
	const int64_t day = (at_s / DAY_S + 4) % 7; /* of the week; 0 is Sunday */

	return day == 0 || day == 6 || hour < p->work_from_h || hour >= p->work_to_h;
}

/* Whether it came to do a job and end. */
static int is_job(const tt_pod_run *r)
{
	return r->began && r->to_s > r->from_s && strcmp(r->workload_kind, "inference") != 0 &&
	       strcmp(r->workload_kind, "notebook") != 0;
}

struct end { int64_t at_s; double cards; };

static int by_time(const void *pa, const void *pb)
{
	const struct end *a = pa, *b = pb;

	return (a->at_s > b->at_s) - (a->at_s < b->at_s);
}

/* The most cards that jobs among v[0..n), by begin, had at one time: a job that is tried again
 * and again has no more than one of its tries. */
static int find_most(const tt_host *h, tt_call *c, const tt_pod_run *v, size_t n, double *ret)
{
	struct end *ends = h->alloc(c, (n + 1) * sizeof *ends);
	size_t n_ends = 0, gone = 0;
	double cards = 0;

	*ret = 0;
	if (!ends)
		return TT_ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (is_job(&v[i]))
			ends[n_ends++] = (struct end){ v[i].to_s, v[i].gpus };
	qsort(ends, n_ends, sizeof *ends, by_time);
	for (size_t i = 0; i < n; i++) {
		if (!is_job(&v[i]))
			continue;
		for (; ends[gone].at_s <= v[i].from_s; gone++)
			cards -= ends[gone].cards;
		cards += v[i].gpus;
		*ret = fmax(*ret, cards);
	}
	return TT_OK;
}

/* v[0..n) began together. */
static int add(const tt_host *h, tt_call *c, struct bursts *to, const struct params *p,
               const tt_pod_run *v, size_t n)
{
	const tt_pod_run *first = NULL;
	struct bursts one = *to;
	double cards = 0;
	int rc;

	for (size_t i = 0; i < n; i++) {
		const double hours = (double)(v[i].to_s - v[i].from_s) / 3600;

		if (!is_job(&v[i]))
			continue;
		first = first ? first : &v[i];
		cards += v[i].gpus;
		one.runs++;
		one.card_h += v[i].gpus * hours;
		one.longest_h = fmax(one.longest_h, hours);
		one.micro += v[i].cost_micro == TT_MONEY_UNKNOWN ? (double)NAN
			: (double)v[i].cost_micro;
	}
	if (!first || cards < p->min_cards || !is_off_hours(p, first->from_s))
		return TT_OK;
	rc = find_most(h, c, v, n, &cards);
	if (rc < 0 || cards < p->min_cards)
		return rc;
	one.first = one.n ? one.first : first;
	one.cards = fmax(one.cards, cards);
	one.n++;
	*to = one;
	return TT_OK;
}

static int has_budget(const tt_host *h, tt_call *c, const char *owner)
{
	const size_t n = h->rows(c, "budgets");

	for (size_t i = 0; i < n; i++)
		if (strcmp(h->word(c, "budgets", i, "owner"), owner) == 0)
			return 1;
	return n == 0; /* nobody has one, so nobody misses it */
}

/* Whose it plainly is: by what its creator, else its namespace, has with an owner; "". */
static const char *plain_owner(const tt_host *h, tt_call *c, const struct params *p,
                               const tt_pod_run *r)
{
	const tt_spend by_creator = { .creator = r->creator }, in = { .namespace_ = r->namespace_ };
	const char *owner = *r->creator ? h->plain_owner(c, &by_creator, p->plain_owner_ratio) : "";

	return *owner || !*r->namespace_ ? owner : h->plain_owner(c, &in, p->plain_owner_ratio);
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *s,
                  const struct bursts *b, const char *verdict)
{
	const tt_pod_run *r = b->first;
	const char *owner = *r->owner ? "" : plain_owner(h, c, p, r);
	const char *label = *owner ? h->text(c, "label %s owner=%s",
	                                     h->subject(c, "", "workload", r->workload),
	                                     h->quote(c, owner)) : "";
	const tt_evidence evidence[] = {
		{ "bursts", (double)b->n, NULL },
		{ "runs", (double)b->runs, NULL },
		{ "cards", b->cards, NULL },
		{ "card_h", b->card_h, NULL },
		{ "longest_h", b->longest_h, NULL },
		{ "began_at", 0, h->time(c, r->from_s) },
		{ "outcome", 0, r->outcome },
		{ "namespace", 0, r->namespace_ },
		{ "creator", 0, r->creator },
		{ "guard", 0, h->text(c, "admit no more than %.0f cards without an owner and a "
		                      "budget outside of mon-fri %02.0f-%02.0f h UTC",
		                      p->min_cards, p->work_from_h, p->work_to_h) },
	};

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = verdict,
		.title = h->text(c, "%s took %.0f cards at once out of hours, %.0f card-hours in "
		                 "%zu burst%s, and has no %s", r->workload, b->cards, b->card_h,
		                 b->n, b->n == 1 ? "" : "s", *r->owner ? "budget" : "owner"),
		.subject_kind = "workload", .subject_id = r->workload, .owner = r->owner,
		.spend_concerned_micro = isnan(b->micro) ? TT_MONEY_UNKNOWN : (int64_t)b->micro,
		.coverage_ratio = 1,
		.confidence_ratio = h->confidence(c, 1, (double)(s->window->end_s -
			s->window->start_s), p->min_cards / b->cards),
		.effort_days = 0.5, .risk = TT_RISK_NONE,
		.risk_note = "a guard at admission asks before the next one starts",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &label, .n_changes = *label != '\0',
	});
}

static int same(const tt_pod_run *a, const tt_pod_run *b)
{
	return strcmp(a->workload, b->workload) == 0 && strcmp(a->namespace_, b->namespace_) == 0;
}

/* The runs of one workload in one namespace. */
static int look_at(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *s,
                   const tt_pod_run *v, size_t n)
{
	struct bursts b = { .n = 0 };

	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && v[end].from_s <= v[i].from_s + TOGETHER_S;)
			end++;

		int rc = add(h, c, &b, p, &v[i], end - i);

		if (rc < 0)
			return rc;
	}
	if (!b.n || b.card_h < p->min_card_h || !*b.first->workload)
		return TT_OK;
	if (!*b.first->owner)
		return report(h, c, p, s, &b, "unowned");
	return has_budget(h, c, b.first->owner) ? TT_OK : report(h, c, p, s, &b, "unbudgeted");
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	tt_pod_runs runs;
	int rc = h->runs(c, subject, &runs);
	const char *said = "";   /* of a workload in several namespaces the first counts */

	for (size_t i = 0, end; i < runs.n && rc == TT_OK; i = end) {
		for (end = i + 1; end < runs.n && same(&runs.v[end], &runs.v[i]);)
			end++;
		if (strcmp(said, runs.v[i].workload) != 0 || !*said)
			rc = look_at(h, c, params_, subject, &runs.v[i], end - i);
		said = runs.v[i].workload;
	}
	return rc;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "burst", .version = "1.0.0",
	          .summary = "Many cards at once, out of hours, that nobody answers for",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_FLEET,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
