/* llm_api - tokens that are bought: what of them need not be.
 *
 * Rule: prompts much longer than answers, of which hardly any are read from the cache
 * (`repeated_prompts`); work that can wait, by the name of its feature, at the price of what
 * can't (`no_batching`); a dear model that does nearly all, beside one in use that costs a
 * fraction a token (`dear_model`); a feature whose spend grows fast, for each request where
 * traffic.csv counts them (`growth`).
 * Proposes: these charges times what caching, batches or tiering leave; of growth nothing.
 * Blind spot: whether answers stay good enough is not in a bill. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double min_per_month, max_cached_ratio, min_input_per_output, cacheable_ratio;
	double cached_price_ratio, batch_price_ratio, min_dear_ratio, tiered_ratio;
	double min_growth_ratio, min_growth_days;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, min_per_month, "", 100, 0, 1e9,
	             "Nothing is said of charges that come to less in 730 hours."),
	TT_PARAM_F64(struct params, max_cached_ratio, "ratio", 0.1, 0, 1,
	             "Hardly any prompt is cached when less than this of its tokens is."),
	TT_PARAM_F64(struct params, min_input_per_output, "ratio", 10, 1, 1e6,
	             "Prompts repeat when they have this many tokens for each of an answer."),
	TT_PARAM_F64(struct params, cacheable_ratio, "ratio", 0.5, 0, 1,
	             "Of such prompts, the part that begins alike."),
	TT_PARAM_F64(struct params, cached_price_ratio, "ratio", 0.25, 0, 1,
	             "What a cached token costs of one that is read anew."),
	TT_PARAM_F64(struct params, batch_price_ratio, "ratio", 0.5, 0, 1,
	             "What a token costs in a batch of one at once."),
	TT_PARAM_F64(struct params, min_dear_ratio, "ratio", 5, 1, 1e6,
	             "A model is dear when a token of it costs this many of another in use."),
	TT_PARAM_F64(struct params, tiered_ratio, "ratio", 0.3, 0, 1,
	             "Of the dear model's work, what the other could do."),
	TT_PARAM_F64(struct params, min_growth_ratio, "ratio", 0.5, 0, 1e6,
	             "A feature grows fast when the second half of the window cost this more."),
	TT_PARAM_F64(struct params, min_growth_days, "days", 14, 1, 3660,
	             "No growth is told of a shorter window."),
};

static const tt_ground grounds[] = {
	{ "repeated_prompts", "cached_ratio", "<", "max_cached_ratio", TT_METRIC_NONE },
	{ "repeated_prompts", "input_per_output_times", ">=", "min_input_per_output",
	  TT_METRIC_NONE },
	{ "dear_model", "price_of_other_times", ">=", "min_dear_ratio", TT_METRIC_NONE },
	{ "growth", "growth_ratio", ">=", "min_growth_ratio", TT_METRIC_NONE },
	{ NULL, "cost_per_month", ">=", "min_per_month", TT_METRIC_NONE },
};

struct audit {
	const tt_host *h;
	tt_call *c;
	const struct params *p;
	const tt_charge_line *v;
	size_t n;
	double window_h;
	int64_t half_s;          /* the middle of the window */
	int64_t total_micro;
};

static double money(const tt_charge_line *l)
{
	return (double)l->cost_micro / 1e6;
}

static int is_stream(const tt_charge_line *l, const char *stream)
{
	return strcmp(l->stream, stream) == 0;
}

static int is_token(const tt_charge_line *l)
{
	return strstr(l->stream, "tokens") != NULL;
}

static double per_month(const struct audit *a, double cost)
{
	return cost * 730 / a->window_h;
}

static int is_enough(const struct audit *a, double cost)
{
	return per_month(a, cost) >= a->p->min_per_month;
}

/* Whether `s` begins with `word`, which is in lower case. */
static int starts_with(const char *s, const char *word)
{
	while (*word && (*s | 0x20) == *word)
		s++, word++;
	return !*word;
}

static int says(const char *s, const char *word)
{
	for (; *s; s++)
		if (starts_with(s, word))
			return 1;
	return 0;
}

static int is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Whether one of the words in `s`, as in "nightly-eval" or "nightlyEval", begins so: there is
 * an "eval" in "retrieval". */
static int says_word(const char *s, const char *word)
{
	for (size_t i = 0; s[i]; i++) {
		const char before = (char)(i ? s[i - 1] | 0x20 : ' ');
		const int inside = before >= 'a' && before <= 'z' &&
			!(is_upper(s[i]) && !is_upper(s[i - 1]));

		if (!inside && starts_with(s + i, word))
			return 1;
	}
	return 0;
}

/* Of lines together: that of all of them, "" where they have several. */
static const char *one_owner(const char *so_far, const tt_charge_line *l)
{
	return !so_far || strcmp(so_far, l->owner) == 0 ? l->owner : "";
}

/* What a finding of charge `id` has in common with all; `factor` NaN: no change. */
static int emit(const struct audit *a, tt_finding f, double cost, double factor)
{
	const char *change = isnan(factor) ? NULL
		: a->h->text(a->c, "scale %s factor=%.3g",
		             a->h->subject(a->c, "", "charge", f.subject_id), factor);

	f.size = sizeof f;
	f.subject_kind = "charge";
	f.spend_concerned_micro = (int64_t)fmin(cost * 1e6, (double)a->total_micro);
	f.coverage_ratio = 1;
	f.changes = change ? &change : NULL;
	f.n_changes = change != NULL;
	return a->h->emit(a->c, &f);
}

/* --- Prompts -------------------------------------------------------------------------- */

/* Of the service of line i, the first input line of its meter. */
static int look_at_prompts(const struct audit *a, size_t i)
{
	const tt_charge_line *l = &a->v[i];
	double input = 0, cached = 0, output = 0, cost = 0;
	const char *owner = NULL;

	for (size_t k = 0; k < a->n; k++) {
		const tt_charge_line *o = &a->v[k];
		const int same = strcmp(o->meter, l->meter) == 0 && is_stream(o, "input_tokens");

		if (same && k < i)
			return TT_OK;
		cost += same ? money(o) : 0;
		owner = same ? one_owner(owner, o) : owner;
		if (strcmp(o->service, l->service) != 0 || strcmp(o->unit, l->unit) != 0)
			continue;
		input += is_stream(o, "input_tokens") ? o->quantity : 0;
		cached += is_stream(o, "cached_tokens") ? o->quantity : 0;
		output += is_stream(o, "output_tokens") ? o->quantity : 0;
	}

	const double share = cached / (input + cached), per = (input + cached) / output;
	const tt_evidence evidence[] = {
		{ "cached_ratio", share, NULL },
		{ "input_per_output_times", per, NULL },
		{ "cost_per_month", per_month(a, cost), NULL },
		{ "service", 0, l->service },
	};
	if (!is_enough(a, cost) || !(share < a->p->max_cached_ratio) || !(output > 0) ||
	    !(per >= a->p->min_input_per_output) || !*l->meter)
		return TT_OK;
	return emit(a, (tt_finding){
		.verdict = "repeated_prompts", .subject_id = l->meter, .owner = owner,
		.title = a->h->text(a->c, "prompts of %s have %.0f tokens for each of an answer, "
		                    "and %.0f %% of them are read from the cache", l->service, per,
		                    100 * share),
		.confidence_ratio = 0.6 * (1 - 0.2 * a->p->min_input_per_output / per),
		.effort_days = 3, .risk = TT_RISK_LOW,
		.risk_note = "what changes in every prompt has to come last in it",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence) }, cost,
		1 - a->p->cacheable_ratio * (1 - a->p->cached_price_ratio));
}

/* --- Models --------------------------------------------------------------------------- */

/* What a unit of the meter costs, all its lines together; NaN where nobody counted. */
static double price_of(const struct audit *a, const char *meter, double *ret_cost,
                       const char **ret_owner)
{
	double quantity = 0;

	*ret_cost = 0;
	*ret_owner = NULL;
	for (size_t k = 0; k < a->n; k++)
		if (is_stream(&a->v[k], "output_tokens") && !strcmp(a->v[k].meter, meter)) {
			*ret_cost += money(&a->v[k]);
			*ret_owner = one_owner(*ret_owner, &a->v[k]);
			quantity += a->v[k].quantity;
		}
	return quantity > 0 ? *ret_cost / quantity : (double)NAN;
}

/* The answers of line i's meter, against the cheapest other meter of its service and unit. */
static int look_at_model(const struct audit *a, size_t i)
{
	const tt_charge_line *l = &a->v[i], *other = NULL;
	const char *owner, *of_other;
	double cost, unused, price, least = (double)NAN;

	for (size_t k = 0; k < i; k++)
		if (is_stream(&a->v[k], "output_tokens") && !strcmp(a->v[k].meter, l->meter))
			return TT_OK;
	price = price_of(a, l->meter, &cost, &owner);
	for (size_t k = 0; k < a->n; k++) {
		const tt_charge_line *o = &a->v[k];

		if (!is_stream(o, "output_tokens") || strcmp(o->service, l->service) ||
		    strcmp(o->unit, l->unit) || says(o->meter, "batch"))
			continue;
		double p = price_of(a, o->meter, &unused, &of_other);
		if (p > 0 && !(p >= least)) {
			least = p;
			other = o;
		}
	}

	const double ratio = price / least;
	const tt_evidence evidence[] = {
		{ "price_of_other_times", ratio, NULL },
		{ "other_model", 0, other ? other->meter : "" },
		{ "cost_per_month", per_month(a, cost), NULL },
	};
	if (!other || !*l->meter || !is_enough(a, cost) || !(ratio >= a->p->min_dear_ratio))
		return TT_OK;
	return emit(a, (tt_finding){
		.verdict = "dear_model", .subject_id = l->meter, .owner = owner,
		.title = a->h->text(a->c, "a token of %s costs %.1f times one of %s, which is in "
		                    "use, too", l->meter, ratio, other->meter),
		.confidence_ratio = 0.5 * (1 - 0.2 * a->p->min_dear_ratio / ratio),
		.effort_days = 8, .risk = TT_RISK_MEDIUM,
		.risk_note = "answers to hard questions get worse: compare before",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence) }, cost,
		1 - a->p->tiered_ratio * (1 - 1 / ratio));
}

/* --- Features ------------------------------------------------------------------------- */

static int can_wait(const char *feature)
{
	static const char *const words[] = { "batch", "offline", "nightly", "backfill", "eval",
		"index", "etl", "report" };

	for (size_t i = 0; i < TT_COUNT(words); i++)
		if (says_word(feature, words[i]))
			return 1;
	return 0;
}

static int report_waiting(const struct audit *a, const tt_charge_line *l, const char *owner,
                          double cost, int alone)
{
	const tt_evidence evidence[] = {
		{ "cost_per_month", per_month(a, cost), NULL },
		{ "service", 0, l->service },
	};

	return emit(a, (tt_finding){
		.verdict = "no_batching", .subject_id = l->feature, .owner = owner,
		.title = a->h->text(a->c, "feature %s sounds as if it could wait, and none of its "
		                    "tokens is bought in batches", l->feature),
		.confidence_ratio = 0.5, .effort_days = 2, .risk = TT_RISK_LOW,
		.risk_note = "a batch may take a day",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence) }, cost,
		alone ? a->p->batch_price_ratio : (double)NAN);
}

struct halves { double early, late; };

/* Requests of the workload that is called as the feature is; NaN where a row does not say. */
static struct halves requests_of(const struct audit *a, const char *feature)
{
	struct halves r = { 0, 0 };
	const size_t n = a->h->rows(a->c, "traffic");

	for (size_t i = 0; i < n; i++) {
		if (strcmp(a->h->word(a->c, "traffic", i, "workload"), feature) != 0)
			continue;
		*(a->h->number(a->c, "traffic", i, "time") < (double)a->half_s
			? &r.early : &r.late) += a->h->number(a->c, "traffic", i, "requests");
	}
	return r;
}

/* What more requests cost more is no growth of what one costs. */
static int report_growth(const struct audit *a, const tt_charge_line *l, const char *owner,
                         struct halves cost)
{
	const double spend = cost.late / cost.early - 1;
	struct halves r;
	double growth = spend;
	int counted;

	if (!(cost.early > 0) || a->window_h < 24 * a->p->min_growth_days ||
	    !(spend >= a->p->min_growth_ratio))
		return TT_OK;
	r = requests_of(a, l->feature);
	counted = r.early > 0 && r.late > 0;
	if (counted)
		growth = (1 + spend) / (r.late / r.early) - 1;

	const tt_evidence evidence[] = {
		{ "growth_ratio", growth, NULL },
		{ "spend_growth_times", 1 + spend, NULL },
		{ "requests_growth_times", counted ? r.late / r.early : (double)NAN, NULL },
		{ "cost_per_1000_requests_before", counted ? 1000 * cost.early / r.early
			: (double)NAN, NULL },
		{ "cost_per_1000_requests", counted ? 1000 * cost.late / r.late : (double)NAN,
		  NULL },
		{ "first_half_per_month", 2 * per_month(a, cost.early), NULL },
		{ "second_half_per_month", 2 * per_month(a, cost.late), NULL },
		{ "cost_per_month", per_month(a, cost.early + cost.late), NULL },
	};
	return !(growth >= a->p->min_growth_ratio) ? TT_OK : emit(a, (tt_finding){
		.verdict = "growth", .subject_id = l->feature, .owner = owner,
		.title = a->h->text(a->c, "tokens of feature %s cost %.0f %% more%s in the second "
		                    "half of the window", l->feature, 100 * growth,
		                    counted ? " a request" : ""),
		.confidence_ratio = counted ? 0.8 : 0.6, .effort_days = 1, .risk = TT_RISK_NONE,
		.risk_note = "", .evidence = evidence, .n_evidence = TT_COUNT(evidence) },
		cost.early + cost.late, (double)NAN);
}

/* All tokens of line i's feature, where it is the first of them. */
static int look_at_feature(const struct audit *a, size_t i)
{
	const tt_charge_line *l = &a->v[i];
	const char *owner = NULL;
	double cost = 0, early = 0;
	int alone = 1, batched = 0, rc = TT_OK;

	if (!*l->feature)
		return TT_OK;
	for (size_t k = 0; k < a->n; k++) {
		const tt_charge_line *o = &a->v[k];

		if (strcmp(o->feature, l->feature) != 0)
			continue;
		if (k < i && is_token(o))
			return TT_OK;
		alone = alone && is_token(o);
		batched = batched || says(o->meter, "batch");
		cost += is_token(o) ? money(o) : 0;
		owner = is_token(o) ? one_owner(owner, o) : owner;
		early += is_token(o) ? (double)o->early_micro / 1e6 : 0;
	}
	if (!is_enough(a, cost))
		return TT_OK;
	if (can_wait(l->feature) && !batched)
		rc = report_waiting(a, l, owner, cost, alone);
	return rc < 0 ? rc : report_growth(a, l, owner,
	                                   (struct halves){ early, cost - early });
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	struct audit a = { .h = h, .c = c, .p = params_, .window_h =
		(double)(subject->window->end_s - subject->window->start_s) / 3600 };
	const tt_spend *lines;
	size_t n_lines;
	int rc = h->spend(c, 0, NULL, &lines, &n_lines);

	if (rc == TT_OK)
		rc = h->charges(c, &a.v, &a.n);
	if (rc < 0)
		return rc;
	a.half_s = subject->window->start_s +
		(subject->window->end_s - subject->window->start_s) / 2;
	a.total_micro = n_lines ? lines->cost_micro : 0;
	if (!h->rows(c, "charges"))
		return h->fail(c, TT_ENODATA, "no rows of charges.csv");
	for (size_t i = 0; i < a.n && rc == TT_OK; i++) {
		if (!is_token(&a.v[i]))
			continue;
		if (is_stream(&a.v[i], "input_tokens"))
			rc = look_at_prompts(&a, i);
		if (is_stream(&a.v[i], "output_tokens") && rc == TT_OK)
			rc = look_at_model(&a, i);
		if (rc == TT_OK)
			rc = look_at_feature(&a, i);
	}
	return rc;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "llm_api", .version = "1.0.0",
	          .summary = "Bought tokens: caching, batches, smaller models, growth",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_FLEET,
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
