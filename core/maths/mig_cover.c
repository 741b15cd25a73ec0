#include "maths/mig_cover.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

typedef struct pattern {
	uint32_t count[TT_MIG_PROFILES]; /* of the profiles that are asked for */
	size_t layout;
} pattern;

typedef struct weights {
	int64_t w[TT_MIG_PROFILES];
	int64_t most;                   /* of a layout */
} weights;

typedef struct cover {
	size_t n;                       /* profiles that are asked for */
	size_t profile[TT_MIG_PROFILES]; /* which these are */
	uint32_t left[TT_MIG_PROFILES]; /* of each, not covered yet */
	pattern *patterns;              /* none is part of another */
	size_t n_patterns;
	weights *weights;
	size_t n_weights;
	size_t *cards;
	size_t n_cards;
} cover;

static bool is_part(const cover *c, const pattern *a, const pattern *b)
{
	for (size_t i = 0; i < c->n; i++)
		if (a->count[i] > b->count[i])
			return false;
	return true;
}

/* Of equal ones the first stays. */
static void add_pattern(cover *c, const pattern *new)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_patterns; i++)
		if (is_part(c, new, &c->patterns[i]))
			return;
	for (size_t i = 0; i < c->n_patterns; i++)
		if (!is_part(c, &c->patterns[i], new))
			c->patterns[n++] = c->patterns[i];
	c->patterns[n++] = *new;
	c->n_patterns = n;
}

static int find_patterns(cover *c, const tt_mig_layouts *l, tt_err *err)
{
	for (size_t i = 0; i < l->n; i++) {
		pattern p = { .layout = i };

		for (size_t k = 0; k < c->n; k++)
			p.count[k] = l->layouts[i].count[c->profile[k]];
		add_pattern(c, &p);
	}
	for (size_t k = 0; k < c->n; k++) {
		bool any = false;

		for (size_t i = 0; i < c->n_patterns; i++)
			any |= c->patterns[i].count[k] > 0;
		if (!any)
			return tt_fail(err, TT_EINVAL, "profile %zu: no layout has it",
			               c->profile[k]);
	}
	return TT_OK;
}

static void use(cover *c, const pattern *p, size_t times)
{
	for (size_t k = 0; k < c->n; k++) {
		const uint64_t n = (uint64_t)p->count[k] * times;

		c->left[k] = n < c->left[k] ? c->left[k] - (uint32_t)n : 0;
	}
	c->cards[p->layout] += times;
	c->n_cards += times;
}

/* --- The bound: weights of profiles --------------------------------------------------
 *
 * Give each profile a weight. If no layout weighs more than W, a demand that weighs w needs
 * w / W cards. Small weights are all tried, each raised while no layout gets heavier; so are
 * the slices of memory and of compute. */

static int64_t weigh(const cover *c, const int64_t *w, const uint32_t *count)
{
	int64_t sum = 0;

	for (size_t k = 0; k < c->n; k++)
		sum += w[k] * count[k];
	return sum;
}

static void raise_weights(const cover *c, weights *w)
{
	for (size_t k = 0; k < c->n; k++) {
		int64_t least = INT64_MAX;

		for (size_t i = 0; i < c->n_patterns; i++) {
			const pattern *p = &c->patterns[i];

			if (p->count[k] == 0)
				continue;

			const int64_t more = (w->most - weigh(c, w->w, p->count)) / p->count[k];

			least = more < least ? more : least;
		}
		w->w[k] += least;
	}
}

static void add_weights(cover *c, weights w)
{
	int64_t divisor;

	w.most = 0;
	for (size_t i = 0; i < c->n_patterns; i++) {
		const int64_t sum = weigh(c, w.w, c->patterns[i].count);

		w.most = sum > w.most ? sum : w.most;
	}
	if (w.most == 0)
		return;
	raise_weights(c, &w);
	divisor = w.most;
	for (size_t k = 0; k < c->n; k++)
		for (int64_t a = w.w[k], b; a; a = b) { /* Euclid's */
			b = divisor % a;
			divisor = a;
		}
	for (size_t k = 0; k < c->n; k++)
		w.w[k] /= divisor;
	w.most /= divisor;
	c->weights[c->n_weights++] = w;
}

static int any_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(weights));
}

static int find_weights(cover *c, const tt_mig_geometry *g, tt_err *err)
{
	const int64_t levels = c->n <= 6 ? 5 : c->n <= 10 ? 3 : 2;
	weights memory = { 0 }, compute = { 0 }, w = { 0 };
	size_t k = 0, n = 2, distinct = 0;

	for (size_t i = 0, all = 1; i < c->n; i++, n = all + 2)
		all *= (size_t)levels;
	c->weights = tt_alloc(n * sizeof *c->weights);
	if (!c->weights)
		return tt_no_memory(err);
	for (size_t i = 0; i < c->n; i++) {
		memory.w[i] = g->profiles[c->profile[i]].memory;
		compute.w[i] = g->profiles[c->profile[i]].compute;
	}
	add_weights(c, memory);
	add_weights(c, compute);
	while (k < c->n) { /* counts up in base `levels` */
		for (k = 0; k < c->n && ++w.w[k] == levels; k++)
			w.w[k] = 0;
		if (k < c->n)
			add_weights(c, w);
	}
	qsort(c->weights, c->n_weights, sizeof *c->weights, any_order);
	for (size_t i = 0; i < c->n_weights; i++)
		if (i == 0 || any_order(&c->weights[i], &c->weights[i - 1]) != 0)
			c->weights[distinct++] = c->weights[i];
	c->n_weights = distinct;
	return TT_OK;
}

/* Cards for what is left once the pattern is used so often. */
static size_t need(const cover *c, const pattern *p, size_t times)
{
	uint32_t left[TT_MIG_PROFILES];
	int64_t most = 0;

	for (size_t k = 0; k < c->n; k++) {
		const uint64_t n = (uint64_t)p->count[k] * times;

		left[k] = n < c->left[k] ? c->left[k] - (uint32_t)n : 0;
	}
	for (size_t i = 0; i < c->n_weights; i++) {
		const weights *w = &c->weights[i];
		const int64_t cards = (weigh(c, w->w, left) + w->most - 1) / w->most;

		most = cards > most ? cards : most;
	}
	return (size_t)most;
}

/* --- Whole layouts off a large demand ---------------------------------------------------- */

static size_t states(const cover *c, size_t most)
{
	size_t n = 1;

	for (size_t k = 0; k < c->n; k++) {
		if (c->left[k] + (size_t)1 > most / n)
			return SIZE_MAX;
		n *= c->left[k] + (size_t)1;
	}
	return n;
}

/* How often the pattern can be used while the bound falls by a card each time. (With each use
 * it falls by at most one, and never again by more than before.) */
static size_t free_uses(const cover *c, const pattern *p, size_t bound)
{
	size_t lo = 0, hi = bound;

	while (lo < hi) {
		const size_t mid = hi - (hi - lo) / 2;

		if (need(c, p, mid) + mid <= bound)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

/* The pattern that can be used most often for nothing; where none can, the one after which
 * least is needed. */
static void take_off(cover *c)
{
	const size_t bound = need(c, &c->patterns[0], 0);
	const pattern *best = NULL;
	size_t often = 0, least = SIZE_MAX;

	for (size_t i = 0; i < c->n_patterns; i++) {
		const size_t times = free_uses(c, &c->patterns[i], bound);

		if (times > often) {
			best = &c->patterns[i];
			often = times;
		}
	}
	for (size_t i = 0; !often && i < c->n_patterns; i++) {
		const size_t after_it = need(c, &c->patterns[i], 1);

		if (after_it < least) {
			best = &c->patterns[i];
			least = after_it;
		}
	}
	use(c, best, often ? often : 1);
}

/* --- Exact ------------------------------------------------------------------------------- */

typedef struct state {
	uint32_t cards;
	uint32_t pattern;
} state;

/* Number of the state that is left once the pattern is used. */
static size_t after(const cover *c, const uint32_t *left, const pattern *p)
{
	size_t ret = 0;

	for (size_t k = c->n; k-- > 0;)
		ret = ret * (c->left[k] + (size_t)1) +
		      (left[k] > p->count[k] ? left[k] - p->count[k] : 0);
	return ret;
}

/* The fewest cards for everything up to c->left, from nothing on; a state's number is that of
 * its digits. */
static void fill_states(const cover *c, state *s, size_t n)
{
	uint32_t left[TT_MIG_PROFILES] = { 0 };

	s[0] = (state){ 0 };
	for (size_t at = 1; at < n; at++) {
		for (size_t k = 0; ++left[k] > c->left[k]; k++)
			left[k] = 0;
		s[at].cards = UINT32_MAX;
		for (size_t i = 0; i < c->n_patterns; i++) {
			const size_t to = after(c, left, &c->patterns[i]);

			if (to != at && s[to].cards + 1 < s[at].cards)
				s[at] = (state){ s[to].cards + 1, (uint32_t)i };
		}
	}
}

static int cover_exactly(cover *c, size_t n, tt_err *err)
{
	TT_CLEANUP(tt_freep) state *s = tt_alloc(n * sizeof *s);
	uint32_t left[TT_MIG_PROFILES];

	if (!s)
		return tt_no_memory(err);
	fill_states(c, s, n);
	memcpy(left, c->left, sizeof left);
	for (size_t at = n - 1; at;) {
		const pattern *p = &c->patterns[s[at].pattern];

		at = after(c, left, p);
		for (size_t k = 0; k < c->n; k++)
			left[k] = left[k] > p->count[k] ? left[k] - p->count[k] : 0;
		c->cards[p->layout]++;
		c->n_cards++;
	}
	return TT_OK;
}

static int run(cover *c, const tt_mig_geometry *g, const tt_mig_layouts *l, size_t most_states,
               tt_mig_cover *ret, tt_err *err)
{
	size_t n, bound = 0;

	TT_TRY(find_patterns(c, l, err));
	while ((n = states(c, most_states)) == SIZE_MAX) {
		if (c->n_cards == 0) {
			TT_TRY(find_weights(c, g, err));
			bound = need(c, &c->patterns[0], 0);
		}
		take_off(c);
	}

	const bool whole = c->n_cards == 0;

	TT_TRY(cover_exactly(c, n, err));
	ret->proven = whole || c->n_cards == bound;
	ret->bound = ret->proven ? c->n_cards : bound;
	ret->n_cards = c->n_cards;
	ret->cards = c->cards;
	return TT_OK;
}

int tt_mig_cover_make(const tt_mig_geometry *g, const tt_mig_layouts *l, const uint32_t *demand,
                      size_t most_states, tt_mig_cover *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) pattern *patterns = tt_alloc((l->n + 1) * sizeof *patterns);
	TT_CLEANUP(tt_freep) size_t *cards = tt_zalloc(l->n, sizeof *cards);
	cover c = { .patterns = patterns, .cards = cards };

	if (!patterns || !cards)
		return tt_no_memory(err);
	for (size_t k = 0; k < g->n_profiles; k++) {
		if (demand[k] > TT_MIG_MANY)
			return tt_fail(err, TT_EINVAL,
			               "profile %zu: %u instances, at most %d are allowed", k,
			               demand[k], TT_MIG_MANY);
		if (demand[k] == 0)
			continue;
		c.left[c.n] = demand[k];
		c.profile[c.n++] = k;
	}

	const int rc = run(&c, g, l, most_states ? most_states : 1, ret, err);

	tt_free(c.weights);
	if (rc == TT_OK)
		cards = NULL;
	return rc;
}

void tt_mig_cover_free(tt_mig_cover *c)
{
	tt_free(c->cards);
	*c = (tt_mig_cover){ 0 };
}
