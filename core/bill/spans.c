/* spans.c - sweeps over sorted edges; see spans.h. */
#include "spans.h"
#include "base/memory.h"
#include <stdbool.h>

void tt_spans_free(tt_spans *s)
{
	tt_free(s->v);
	*s = (tt_spans){ 0 };
}

int tt_spans_add(tt_spans *s, int64_t from_s, int64_t to_s, tt_err *err)
{
	if (from_s >= to_s)
		return TT_OK;
	if (!TT_GROW(s->v, s->n, s->cap))
		return tt_no_memory(err);
	s->v[s->n++] = (tt_span){ from_s, to_s };
	return TT_OK;
}

int tt_spans_extend(tt_spans *s, int64_t from_s, int64_t to_s, tt_err *err)
{
	if (!s->n || s->v[s->n - 1].to_s != from_s || from_s >= to_s)
		return tt_spans_add(s, from_s, to_s, err);
	s->v[s->n - 1].to_s = to_s;
	return TT_OK;
}

static bool before(const tt_span *a, const tt_span *b)
{
	return a->from_s < b->from_s || (a->from_s == b->from_s && a->to_s < b->to_s);
}

/* Most come in order: step by step, or from other tidy spans. */
static bool in_order(const tt_spans *s)
{
	for (size_t i = 1; i < s->n; i++)
		if (before(&s->v[i], &s->v[i - 1]))
			return false;
	return true;
}

/* v[at] goes down to where it is no earlier than those below it, of n. */
static void sift(tt_span *v, size_t at, size_t n)
{
	const tt_span one = v[at];

	for (size_t below; (below = 2 * at + 1) < n; at = below) {
		below += below + 1 < n && before(&v[below], &v[below + 1]);
		if (!before(&one, &v[below]))
			break;
		v[at] = v[below];
	}
	v[at] = one;
}

/* In place, since tidying can't fail; qsort() would take three times as long over calls to
 * compare two numbers. */
static void sort(tt_span *v, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(v, i, n);
	for (size_t i = n; i-- > 1;) {
		const tt_span last = v[0];

		v[0] = v[i];
		v[i] = last;
		sift(v, 0, i);
	}
}

void tt_spans_tidy(tt_spans *s)
{
	size_t kept = 0;

	if (!in_order(s))
		sort(s->v, s->n);
	for (size_t i = 0; i < s->n; i++) {
		if (kept && s->v[i].from_s <= s->v[kept - 1].to_s) {
			if (s->v[i].to_s > s->v[kept - 1].to_s)
				s->v[kept - 1].to_s = s->v[i].to_s;
		} else {
			s->v[kept++] = s->v[i];
		}
	}
	s->n = kept;
}

int tt_spans_subtract(const tt_spans *a, const tt_spans *b, tt_spans *ret, tt_err *err)
{
	size_t j = 0;

	ret->n = 0;
	for (size_t i = 0; i < a->n; i++) {
		int64_t at = a->v[i].from_s;

		while (j < b->n && b->v[j].to_s <= at)
			j++;
		for (size_t k = j; k < b->n && b->v[k].from_s < a->v[i].to_s; k++) {
			TT_TRY(tt_spans_add(ret, at, b->v[k].from_s, err));
			at = b->v[k].to_s;
		}
		TT_TRY(tt_spans_add(ret, at, a->v[i].to_s, err));
	}
	return TT_OK;
}

/* Edge number `i` of a tidy list: its spans begin and end in turn. */
static int64_t edge_of(const tt_spans *s, size_t i)
{
	return i / 2 >= s->n ? INT64_MAX : i % 2 ? s->v[i / 2].to_s : s->v[i / 2].from_s;
}

int tt_spans_common(const tt_spans *lists, size_t n, size_t k, tt_spans *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) size_t *edges = tt_zalloc(n + 1, sizeof *edges); /* passed */
	int64_t last_s = INT64_MIN, at_s;
	size_t held = 0;

	if (!edges)
		return tt_no_memory(err);
	for (;; last_s = at_s) {
		at_s = INT64_MAX;
		for (size_t i = 0; i < n; i++) {
			const int64_t next_s = edge_of(&lists[i], edges[i]);

			at_s = next_s < at_s ? next_s : at_s;
		}
		if (at_s == INT64_MAX)
			return TT_OK;
		if (held >= k)
			TT_TRY(tt_spans_extend(ret, last_s, at_s, err));
		for (size_t i = 0; i < n; i++) {
			if (edge_of(&lists[i], edges[i]) == at_s)
				held = edges[i]++ % 2 ? held - 1 : held + 1;
		}
	}
}

int64_t tt_spans_length_s(const tt_spans *s)
{
	int64_t length_s = 0;

	for (size_t i = 0; i < s->n; i++)
		length_s += s->v[i].to_s - s->v[i].from_s;
	return length_s;
}

int64_t tt_spans_overlap_s(const tt_spans *s, int64_t from_s, int64_t to_s)
{
	int64_t length_s = 0;

	for (size_t i = 0; i < s->n && s->v[i].from_s < to_s; i++) {
		int64_t a = s->v[i].from_s > from_s ? s->v[i].from_s : from_s;
		int64_t b = s->v[i].to_s < to_s ? s->v[i].to_s : to_s;

		if (a < b)
			length_s += b - a;
	}
	return length_s;
}
