/* spans.c - sweeps over sorted edges; see spans.h. */
#include "spans.h"
#include "base/memory.h"
#include <stdlib.h>

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

static int by_from(const void *a, const void *b)
{
	const tt_span *x = a, *y = b;

	if (x->from_s != y->from_s)
		return x->from_s < y->from_s ? -1 : 1;
	return (x->to_s > y->to_s) - (x->to_s < y->to_s);
}

/* Most come in order: step by step, or from other tidy spans. */
static int in_order(const tt_spans *s)
{
	for (size_t i = 1; i < s->n; i++)
		if (by_from(&s->v[i - 1], &s->v[i]) > 0)
			return 0;
	return 1;
}

void tt_spans_tidy(tt_spans *s)
{
	size_t kept = 0;

	if (!in_order(s))
		qsort(s->v, s->n, sizeof *s->v, by_from);
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

struct edge {
	int64_t at_s;
	int step;
};

static int by_time(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return (x->at_s > y->at_s) - (x->at_s < y->at_s);
}

int tt_spans_common(const tt_spans *lists, size_t n, size_t k, tt_spans *ret, tt_err *err)
{
	size_t edges_n = 0, at = 0, held = 0;

	for (size_t i = 0; i < n; i++)
		edges_n += 2 * lists[i].n;
	TT_CLEANUP(tt_freep) struct edge *edges = tt_zalloc(edges_n + 1, sizeof *edges);
	if (!edges)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < lists[i].n; j++) {
			edges[at++] = (struct edge){ lists[i].v[j].from_s, 1 };
			edges[at++] = (struct edge){ lists[i].v[j].to_s, -1 };
		}
	}
	qsort(edges, edges_n, sizeof *edges, by_time);
	for (size_t i = 0; i < edges_n; i++) {
		held = edges[i].step > 0 ? held + 1 : held - 1;
		if (held >= k && i + 1 < edges_n)
			TT_TRY(tt_spans_add(ret, edges[i].at_s, edges[i + 1].at_s, err));
	}
	return TT_OK;
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
