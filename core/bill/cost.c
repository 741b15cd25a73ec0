/* cost.c - cuts a node's paid time at the edges of its terms, and adds up what the pieces
 * cost. */
#include "bill/cost.h"
#include "base/memory.h"
#include <inttypes.h>
#include <string.h>

void tt_segments_free(tt_segments *s)
{
	tt_free(s->v);
	*s = (tt_segments){ 0 };
}

int tt_segments_add(tt_segments *s, const tt_segment *one, tt_err *err)
{
	if (one->from_s >= one->to_s || one->nodes < 1)
		return TT_OK;
	if (!TT_GROW(s->v, s->n, s->cap))
		return tt_no_memory(err);
	s->v[s->n++] = *one;
	return TT_OK;
}

/* --- Terms of a node ----------------------------------------------------------------- */

struct on_terms {
	const tt_terms *terms;
	tt_spans when;          /* tidy */
};

struct terms_of_node {
	struct on_terms *v;
	size_t n;
};

static void free_terms(struct terms_of_node *t)
{
	for (size_t i = 0; i < t->n; i++)
		tt_spans_free(&t->v[i].when);
	tt_free(t->v);
}

static struct on_terms *find_terms(struct terms_of_node *t, const tt_terms *terms)
{
	for (size_t i = 0; i < t->n; i++) {
		if (tt_terms_compare(t->v[i].terms, terms) == 0)
			return &t->v[i];
	}
	t->v[t->n] = (struct on_terms){ .terms = terms };
	return &t->v[t->n++];
}

/* Add what of [from_s, to_s) lies in `in`, which is tidy and has thousands of stretches where as
 * many pods ran on the node. */
static int add_common(tt_spans *to, int64_t from_s, int64_t to_s, const tt_spans *in, tt_err *err)
{
	size_t lo = 0, hi = in->n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (in->v[mid].to_s <= from_s)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < in->n && in->v[lo].from_s < to_s; lo++) {
		const tt_span *w = &in->v[lo];

		TT_TRY(tt_spans_add(to, w->from_s > from_s ? w->from_s : from_s,
				    w->to_s < to_s ? w->to_s : to_s, err));
	}
	return TT_OK;
}

/* When each of the terms counts: whole nodes in their time, parts of a node where nothing
 * but such parts is left on it. */
static int find_when(const tt_case *c, const tt_residents *r, size_t node, const tt_release *v,
		     size_t n, struct terms_of_node *t, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans alone = { 0 };

	TT_TRY(tt_case_left(c, r, node, v, n, TT_REPRICED + 1, &alone, err));
	for (size_t i = 0; i < n; i++) {
		if (v[i].leave != TT_REPRICED)
			continue;
		struct on_terms *on = find_terms(t, v[i].terms);
		const bool whole = !v[i].gpu && v[i].pod == TT_NO_POD;

		if (whole)
			TT_TRY(tt_spans_add(&on->when, v[i].from_s, v[i].to_s, err));
		else
			TT_TRY(add_common(&on->when, v[i].from_s, v[i].to_s, &alone, err));
	}
	for (size_t i = 0; i < t->n; i++)
		tt_spans_tidy(&t->v[i].when);
	return TT_OK;
}

/* --- Cutting ---------------------------------------------------------------------------- */

/* The next edge of any terms after at_s, at most to_s. */
static int64_t next_edge(const struct terms_of_node *t, int64_t at_s, int64_t to_s)
{
	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < t->v[i].when.n; k++) {
			const tt_span *w = &t->v[i].when.v[k];

			if (w->from_s > at_s && w->from_s < to_s)
				to_s = w->from_s;
			if (w->to_s > at_s && w->to_s < to_s)
				to_s = w->to_s;
		}
	}
	return to_s;
}

/* The terms that count at a time, in order of content, into `ret`. */
static size_t terms_at(const struct terms_of_node *t, int64_t at_s, const tt_terms **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		size_t k = n;

		if (!tt_spans_overlap_s(&t->v[i].when, at_s, at_s + 1))
			continue;
		for (; k && tt_terms_compare(ret[k - 1], t->v[i].terms) > 0; k--)
			ret[k] = ret[k - 1];
		ret[k] = t->v[i].terms;
		n++;
	}
	return n;
}

/* Of several terms the one that says most of how the node is had: as what it is paid (spot,
 * with its interruptions), else where; a discount alone says nothing of that. */
static const tt_terms *telling(const tt_terms *const *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (*at[i]->pricing)
			return at[i];
	}
	for (size_t i = 0; i < n; i++) {
		if (*at[i]->region || *at[i]->provider)
			return at[i];
	}
	return n ? at[0] : NULL;
}

static int cut(const tt_spans *paid, const struct terms_of_node *t, tt_decimal price_per_hour,
	       tt_segments *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) const tt_terms **at = tt_zalloc(t->n + 1, sizeof *at);

	if (!at)
		return tt_no_memory(err);
	for (size_t i = 0; i < paid->n; i++) {
		int64_t to_s;

		for (int64_t from_s = paid->v[i].from_s; from_s < paid->v[i].to_s; from_s = to_s) {
			const size_t n = terms_at(t, from_s, at);
			tt_segment one = { .from_s = from_s, .nodes = 1,
					   .terms = telling(at, n) };

			to_s = one.to_s = next_edge(t, from_s, paid->v[i].to_s);
			TT_TRY(tt_terms_price(at, n, price_per_hour, &one.price_per_hour, err));
			TT_TRY(tt_terms_paid_u9(at, n, &one.paid_u9, err));
			TT_TRY(tt_segments_add(ret, &one, err));
		}
	}
	return TT_OK;
}

/* What is committed or owned has no other price. */
static bool keeps_its_price(const tt_case *c, size_t node)
{
	const char *pricing = tt_node_at(c->snapshot, node)->pricing;

	return strcmp(pricing, "reserved") == 0 || strcmp(pricing, "owned") == 0;
}

int tt_node_segments(const tt_case *c, const tt_residents *r, size_t node,
		     tt_decimal price_per_hour, tt_segments *ret, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans paid = { 0 };
	TT_CLEANUP(free_terms) struct terms_of_node t = { 0 };
	size_t n, repriced = 0, first = tt_case_releases(c, node, &n);
	const tt_release *v = n ? c->releases + first : NULL;

	ret->n = 0;
	TT_TRY(tt_case_paid(c, r, node, &paid, err));
	for (size_t i = 0; i < n && !keeps_its_price(c, node); i++)
		repriced += v[i].leave == TT_REPRICED;
	t.v = tt_zalloc(repriced + 1, sizeof *t.v);
	if (!t.v)
		return tt_no_memory(err);
	if (repriced)
		TT_TRY(find_when(c, r, node, v, n, &t, err));
	return cut(&paid, &t, price_per_hour, ret, err);
}

/* --- Money -------------------------------------------------------------------------------- */

/* Of one price the price is said, of several the first. */
static int too_much(const tt_segments *s, tt_err *err)
{
	char text[64];

	return tt_fail(err, TT_EDATA,
		       "%s per hour for %" PRId64 " s is more money than can be counted "
		       "(limit 9223372036854.775807)",
		       tt_decimal_format(s->v[0].price_per_hour, text, sizeof text),
		       tt_segments_length_s(s));
}

int tt_segments_cost(const tt_segments *s, int64_t *ret_micro, tt_err *err)
{
	/* price in 10^-12 an hour, paid in 10^-9: to 10^-6, rounded once */
	const tt_i128 per = (tt_i128)1000000 * 3600 * (tt_i128)TT_U9_ONE;
	tt_i128 sum = 0;

	*ret_micro = TT_MONEY_UNKNOWN;
	for (size_t i = 0; i < s->n; i++) {
		const tt_segment *g = &s->v[i];
		tt_i128 a;

		if (g->price_per_hour == TT_DECIMAL_MISSING)
			return TT_OK;
		if (__builtin_mul_overflow(g->price_per_hour,
					   (tt_i128)(g->to_s - g->from_s) * g->nodes, &a) ||
		    __builtin_mul_overflow(a, (tt_i128)g->paid_u9, &a) ||
		    __builtin_add_overflow(sum, a, &sum))
			return too_much(s, err);
	}
	sum = tt_div_half_even(sum, per);
	if (sum > INT64_MAX || sum < -INT64_MAX)
		return too_much(s, err);
	*ret_micro = (int64_t)sum;
	return TT_OK;
}

int64_t tt_segments_length_s(const tt_segments *s)
{
	int64_t length_s = 0;

	for (size_t i = 0; i < s->n; i++)
		length_s += (s->v[i].to_s - s->v[i].from_s) * s->v[i].nodes;
	return length_s;
}

int tt_node_cost(const tt_case *c, const tt_residents *r, size_t node,
		 tt_decimal price_per_hour, int64_t *ret_micro, int64_t *ret_paid_s, tt_err *err)
{
	TT_CLEANUP(tt_segments_free) tt_segments s = { 0 };

	TT_TRY(tt_node_segments(c, r, node, price_per_hour, &s, err));
	if (ret_paid_s)
		*ret_paid_s = tt_segments_length_s(&s);
	return ret_micro ? tt_segments_cost(&s, ret_micro, err) : TT_OK;
}
