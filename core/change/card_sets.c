#include "change/card_sets.h"
#include "base/memory.h"
#include "bill/activity.h"
#include "maths/sharing.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What has to fit, beside the memory: the 95th percentile of the sum, with a tenth to spare. */
enum { CONTEXT_MIB = 500 };
static const uint32_t MEMORY_MARGIN = 100000, QUANTILE = 950000, WORST = 990000,
                      KNOWN_LEAST = 500000;
static const double ACTIVITY_MOST = 0.9;

struct card {
	uint64_t set;
	size_t *there; size_t n, cap;           /* sharers that have not left */
	double *sum[TT_SHARING_RESOURCES];      /* [steps] of all that were ever on it; NULL
	                                         * where the first of them has none */
	unsigned known;                         /* resources that all of them have */
	size_t first, end;                      /* steps in which anybody is on it */
	bool several;
};

struct forming {
	const tt_snapshot *s;
	tt_needs *needs;
	const tt_card_rules *rules;
	tt_sharer *v;
	size_t steps;
	struct card *cards; size_t n, cap;      /* that are open, in the order of opening */
	uint64_t sets;
	double *own[TT_SHARING_RESOURCES];      /* [steps] of the pod at hand */
	unsigned own_known;
	tt_card_sums worst;
};

/* Slices of a profile, of compute and of memory; 0 without MIG. */
static int slices(const struct forming *f, const tt_sharer *v)
{
	const tt_mig_geometry *g = f->rules->mig;

	return g ? g->profiles[v->profile].compute + g->profiles[v->profile].memory : 0;
}

/* Of those that come together what takes most of a card first. */
static int by_arrival(const void *pa, const void *pb, void *ctx)
{
	const tt_sharer *a = pa, *b = pb;
	const struct forming *f = ctx;
	int by = (a->when.from_s > b->when.from_s) - (a->when.from_s < b->when.from_s);

	if (!by)
		by = slices(f, b) - slices(f, a);
	if (!by)
		by = (a->memory_mib < b->memory_mib) - (a->memory_mib > b->memory_mib);
	return by ? by : strcmp(tt_pod_at(f->s, a->pod)->pod, tt_pod_at(f->s, b->pod)->pod);
}

/* --- Activity ---------------------------------------------------------------------------- */

/* The largest of any of its cards, of what is in `ret` and of this one. */
static void add_card(const tt_needs *needs, uint32_t pod, uint32_t card, const double *pct,
                     size_t first, size_t end, double *ret)
{
	tt_needs_steps had = { 0 };

	while (tt_needs_had(needs, pod, card, &had))
		for (size_t k = had.first > first ? had.first : first; k < had.end && k < end; k++)
			ret[k] = fmax(ret[k], pct[k] / 100);
}

int tt_card_activity_ran(const tt_snapshot *s, tt_needs *needs, uint32_t pod, int metric,
                         double *ret, size_t *ret_first, size_t *ret_end, bool *ret_any,
                         tt_err *err)
{
	const uint32_t *cards;
	size_t n;
	tt_span ran = { 0 };

	*ret_any = false;
	*ret_first = *ret_end = 0;
	if (!tt_snapshot_steps(s))
		return TT_OK;
	TT_TRY(tt_needs_cards(needs, pod, &cards, &n, err));
	tt_pod_ran(s, tt_pod_at(s, pod), &ran);
	tt_activity_range(s, ran, ret_first, ret_end);
	for (size_t i = *ret_first; i < *ret_end; i++)
		ret[i] = (double)NAN;
	for (size_t i = 0; i < n; i++) {
		const int of = metric != TT_METRIC_NONE ? metric :
		               tt_snapshot_activity(s, &s->carriers[cards[i]]);
		const double *mean, *max;

		TT_TRY(tt_needs_lend(needs, cards[i], of, &mean, &max, err));
		*ret_any |= mean != NULL;
		if (mean)
			add_card(needs, pod, cards[i], mean, *ret_first, *ret_end, ret);
	}
	return TT_OK;
}

int tt_card_activity(const tt_snapshot *s, tt_needs *needs, uint32_t pod, int metric,
                     double *ret, bool *ret_any, tt_err *err)
{
	const size_t steps = tt_snapshot_steps(s);
	size_t first, end;

	TT_TRY(tt_card_activity_ran(s, needs, pod, metric, ret, &first, &end, ret_any, err));
	for (size_t i = 0; i < first; i++)
		ret[i] = 0;
	for (size_t i = end; i < steps; i++)
		ret[i] = 0;
	return TT_OK;
}

static int load(struct forming *f, const tt_sharer *one, tt_err *err)
{
	static const int metric[TT_SHARING_RESOURCES] = {
		[TT_SHARING_SM] = TT_METRIC_NONE, [TT_SHARING_TENSOR] = TT_TENSOR_ACTIVE_PCT,
		[TT_SHARING_DRAM] = TT_DRAM_ACTIVE_PCT
	};

	f->own_known = 0;
	for (int r = 0; r < TT_SHARING_RESOURCES; r++) {
		bool any;

		TT_TRY(tt_card_activity(f->s, f->needs, one->pod, metric[r], f->own[r], &any, err));
		f->own_known |= any ? 1u << r : 0;
	}
	return TT_OK;
}

/* --- Whether it fits ---------------------------------------------------------------------- */

/* Whether some layout has an instance for everybody. */
static bool has_instance(const struct forming *f, const struct card *c, const tt_sharer *one)
{
	uint8_t want[TT_MIG_PROFILES] = { 0 };

	want[one->profile]++;
	for (size_t i = 0; i < c->n; i++)
		want[f->v[c->there[i]].profile]++;
	for (size_t i = 0; i < f->rules->layouts->n; i++) {
		size_t p = 0;

		while (p < f->rules->mig->n_profiles &&
		       f->rules->layouts->layouts[i].count[p] >= want[p])
			p++;
		if (p == f->rules->mig->n_profiles)
			return true;
	}
	return false;
}

/* Whether memory and the activity of those on the card while `one` is there allow it. */
static bool is_quiet(const struct forming *f, const struct card *c, const tt_sharer *one)
{
	const unsigned sm = 1u << TT_SHARING_SM;
	tt_sharing_card card = {
		.memory_mib = f->rules->memory_mib, .context_mib = CONTEXT_MIB,
		.memory_margin_millionths = MEMORY_MARGIN, .activity_most_ratio = ACTIVITY_MOST,
		.quantile_millionths = QUANTILE, .known_least_millionths = KNOWN_LEAST,
		.resources = (c->known & f->own_known) | sm, .step_s = f->s->step_s
	};
	tt_sharing_member both[2] = { { .processes = 1 }, { .processes = 1 } };
	size_t first, end;

	tt_activity_range(f->s, one->when, &first, &end);
	for (int r = 0; r < TT_SHARING_RESOURCES; r++) {
		both[0].activity[r] = c->known >> r & 1 ? c->sum[r] + first : NULL;
		both[1].activity[r] = f->own_known >> r & 1 ? f->own[r] + first : NULL;
	}
	both[1].memory_mib = one->memory_mib;
	both[0].processes = (uint32_t)c->n;
	for (size_t i = 0; i < c->n; i++)
		both[0].memory_mib += f->v[c->there[i]].memory_mib;
	return tt_sharing_fits(both, 2, end - first, &card);
}

static double or_nothing(double x)
{
	return isnan(x) ? 0 : x;
}

static bool fits(const struct forming *f, const struct card *c, const tt_sharer *one)
{
	double cpus = or_nothing(one->cpus), mib = or_nothing(one->host_mib);

	for (size_t i = 0; i < c->n; i++) {
		cpus += or_nothing(f->v[c->there[i]].cpus);
		mib += or_nothing(f->v[c->there[i]].host_mib);
	}
	if (c->n >= f->rules->most || cpus > f->rules->cpus || mib > f->rules->host_mib)
		return false;
	return f->rules->mig ? has_instance(f, c, one) : is_quiet(f, c, one);
}

/* --- Cards ---------------------------------------------------------------------------------- */

/* What the card was slowed down over all of its time; of one that has it alone not at all. */
static double slowdown_of(const struct forming *f, const struct card *c)
{
	const unsigned resources = c->known & (f->rules->turns ? 1u << TT_SHARING_SM : ~0u);
	tt_sharing_member all = { .processes = 1 };
	size_t n_known;

	if (f->rules->mig)
		return 1;
	for (int r = 0; r < TT_SHARING_RESOURCES; r++)
		all.activity[r] = c->sum[r];
	return !resources ? (double)NAN
		: tt_sharing_slowdown_mean(&all, 1, f->steps, resources, f->rules->turns,
		                           f->rules->overhead_ratio, &n_known);
}

/* Its sums are used up. */
static void note_card(struct forming *f, struct card *c)
{
	const double slowdown = slowdown_of(f, c);

	/* what is not known stays so */
	if (!isnan(f->worst.slowdown_ratio) && !(slowdown <= f->worst.slowdown_ratio))
		f->worst.slowdown_ratio = slowdown;
	if (c->several && f->steps && c->sum[TT_SHARING_SM])
		f->worst.p99_ratio = fmax(f->worst.p99_ratio, tt_sharing_quantile(
			c->sum[TT_SHARING_SM] + c->first, c->end - c->first, WORST));
}

static void free_card(struct card *c)
{
	tt_free(c->there);
	for (int r = 0; r < TT_SHARING_RESOURCES; r++)
		tt_free(c->sum[r]);
}

/* Who has left by then; cards that are empty close. */
static void leave(struct forming *f, int64_t at_s)
{
	size_t open = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct card *c = &f->cards[i];
		size_t kept = 0;

		for (size_t k = 0; k < c->n; k++)
			if (f->v[c->there[k]].when.to_s > at_s)
				c->there[kept++] = c->there[k];
		c->n = kept;
		if (kept) {
			f->cards[open++] = *c;
			continue;
		}
		note_card(f, c);
		free_card(c);
	}
	f->n = open;
}

static int open_card(struct forming *f, tt_err *err)
{
	struct card *c;

	if (!TT_GROW(f->cards, f->n, f->cap))
		return tt_no_memory(err);
	c = &f->cards[f->n++];
	*c = (struct card){ .set = ++f->sets, .known = f->own_known, .first = SIZE_MAX };
	for (int r = 0; r < TT_SHARING_RESOURCES; r++) {
		if (!(c->known >> r & 1))
			continue;
		c->sum[r] = tt_zalloc(f->steps + 1, sizeof *c->sum[r]);
		if (!c->sum[r])
			return tt_no_memory(err);
	}
	return TT_OK;
}

static void note_steps(struct forming *f, struct card *c, const tt_sharer *one)
{
	const tt_mig_geometry *g = f->rules->mig;
	size_t first, end;

	if (g)
		f->worst.least_part_ratio = fmin(f->worst.least_part_ratio,
			(double)g->profiles[one->profile].compute / g->compute);
	if (!f->steps)
		return;
	tt_activity_range(f->s, one->when, &first, &end);
	c->first = first < c->first ? first : c->first;
	c->end = end > c->end ? end : c->end;
}

static int put(struct forming *f, size_t i, tt_err *err)
{
	struct card *c;
	size_t k = 0;

	TT_TRY(load(f, &f->v[i], err));
	while (k < f->n && !fits(f, &f->cards[k], &f->v[i]))
		k++;
	if (k == f->n)
		TT_TRY(open_card(f, err));
	c = &f->cards[k];
	if (!TT_GROW(c->there, c->n, c->cap))
		return tt_no_memory(err);
	c->there[c->n++] = i;
	c->several |= c->n > 1;
	c->known &= f->own_known;
	note_steps(f, c, &f->v[i]);
	for (int r = 0; r < TT_SHARING_RESOURCES; r++)
		for (size_t step = 0; c->known >> r & 1 && step < f->steps; step++)
			c->sum[r][step] += f->own[r][step];
	f->v[i].set = c->set;
	return TT_OK;
}

int tt_card_sets_make(const tt_snapshot *s, tt_needs *needs, const tt_card_rules *rules,
                      tt_sharer *v, size_t n, tt_card_sums *ret, tt_err *err)
{
	struct forming f = { .s = s, .needs = needs, .rules = rules, .v = v,
		             .steps = tt_snapshot_steps(s),
		             .worst = { 1, (double)NAN, (double)NAN } };
	int rc = TT_OK;

	if (n > 1)
		qsort_r(v, n, sizeof *v, by_arrival, &f);
	for (int r = 0; r < TT_SHARING_RESOURCES; r++)
		if (!(f.own[r] = tt_zalloc(f.steps + 1, sizeof *f.own[r])))
			rc = tt_no_memory(err);
	for (size_t i = 0; i < n && rc == TT_OK; i++) {
		leave(&f, v[i].when.from_s);
		rc = put(&f, i, err);
	}
	for (size_t i = 0; i < f.n; i++) {
		if (rc == TT_OK)
			note_card(&f, &f.cards[i]);
		free_card(&f.cards[i]);
	}
	tt_free(f.cards);
	for (int r = 0; r < TT_SHARING_RESOURCES; r++)
		tt_free(f.own[r]);
	*ret = f.worst;
	return rc;
}
