#include "change/members.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

static int in_order(const void *pa, const void *pb)
{
	const tt_member *a = pa, *b = pb;

	if (a->started_s != b->started_s)
		return a->started_s < b->started_s ? -1 : 1;
	return strcmp(a->name, b->name);
}

int tt_members_make(const tt_targets *t, const tt_snapshot *s, tt_members *ret, tt_err *err)
{
	tt_members m = { .v = tt_zalloc(t->n + 1, sizeof *m.v) };

	if (!m.v)
		return tt_no_memory(err);
	for (size_t i = 0; i < t->n; i++) {
		tt_member *to = &m.v[m.n];

		to->can_go = tt_targets_release(t, s, i, &to->what, &to->life);
		if (to->life.from_s >= to->life.to_s)
			continue;
		to->started_s = t->nodes ? tt_node_at(s, t->v[i])->started_at :
					   tt_pod_at(s, t->v[i])->started_at;
		to->name = t->nodes ? tt_node_at(s, t->v[i])->node : tt_pod_at(s, t->v[i])->pod;
		m.n++;
	}
	if (m.n)
		qsort(m.v, m.n, sizeof *m.v, in_order);
	*ret = m;
	return TT_OK;
}

void tt_members_free(tt_members *m)
{
	for (size_t i = 0; i < m->n; i++)
		tt_spans_free(&m->v[i].gone);
	tt_free(m->v);
	*m = (tt_members){ 0 };
}

void tt_sitting_free(tt_sitting *s)
{
	tt_free(s->there);
	*s = (tt_sitting){ 0 };
}

int tt_sitting_move(tt_sitting *s, const tt_members *m, tt_span stretch, tt_err *err)
{
	size_t kept = 0;

	if (!s->there && !(s->there = tt_zalloc(m->n + 1, sizeof *s->there)))
		return tt_no_memory(err);
	while (s->next < m->n && m->v[s->next].life.from_s < stretch.to_s)
		s->there[s->n++] = s->next++;
	for (size_t i = 0; i < s->n; i++) {
		if (m->v[s->there[i]].life.to_s > stretch.from_s)
			s->there[kept++] = s->there[i];
	}
	s->n = kept;
	return TT_OK;
}

/* The next moment after at_s at which a member comes or goes, at most to_s. */
static int64_t next_edge(const tt_sitting *s, const tt_members *m, int64_t at_s, int64_t to_s)
{
	for (size_t i = 0; i < s->n; i++) {
		const tt_span *l = &m->v[s->there[i]].life;

		if (l->from_s > at_s && l->from_s < to_s)
			to_s = l->from_s;
		if (l->to_s > at_s && l->to_s < to_s)
			to_s = l->to_s;
	}
	return to_s;
}

int tt_sitting_keep(const tt_sitting *s, tt_members *m, tt_span stretch, int64_t wanted,
		    tt_err *err)
{
	if (wanted >= (int64_t)s->n)
		return TT_OK;
	for (int64_t from_s = stretch.from_s, to_s; from_s < stretch.to_s; from_s = to_s) {
		int64_t there = 0;

		to_s = next_edge(s, m, from_s, stretch.to_s);
		for (size_t i = 0; i < s->n; i++) {
			tt_member *one = &m->v[s->there[i]];

			if (one->life.from_s > from_s || one->life.to_s <= from_s)
				continue;
			if (there++ >= wanted)
				TT_TRY(tt_spans_extend(&one->gone, from_s, to_s, err));
		}
	}
	return TT_OK;
}

static int by_time(const void *pa, const void *pb)
{
	const tt_edge *a = pa, *b = pb;

	if (a->at_s != b->at_s)
		return a->at_s < b->at_s ? -1 : 1;
	return (a->step > b->step) - (a->step < b->step);
}

void tt_edges_sort(tt_edge *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof *v, by_time);
}

int tt_members_edges(const tt_members *m, tt_edge **ret, size_t *ret_n, tt_err *err)
{
	tt_edge *v = tt_zalloc(2 * m->n + 1, sizeof *v);

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < m->n; i++) {
		v[2 * i] = (tt_edge){ m->v[i].life.from_s, 1 };
		v[2 * i + 1] = (tt_edge){ m->v[i].life.to_s, -1 };
	}
	tt_edges_sort(v, 2 * m->n);
	*ret = v;
	*ret_n = 2 * m->n;
	return TT_OK;
}

int tt_members_most(const tt_members *m, size_t *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_edge *v = NULL;
	int64_t now = 0, most = 0;
	size_t n;

	TT_TRY(tt_members_edges(m, &v, &n, err));
	for (size_t i = 0; i < n; i++) {
		now += v[i].step;
		most = now > most ? now : most;
	}
	*ret = (size_t)most;
	return TT_OK;
}

static int by_release(const void *pa, const void *pb)
{
	const tt_member *const *a = pa, *const *b = pb;

	return tt_release_compare(&(*a)->what, &(*b)->what);
}

/* In the order of the case, so that nothing in it has to be moved. */
int tt_members_release(tt_members *m, tt_case *cs, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_member **v = tt_alloc((m->n + 1) * sizeof *v);
	size_t n = 0;

	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].can_go && m->v[i].gone.n)
			v[n++] = &m->v[i];
	}
	if (n)
		qsort(v, n, sizeof(tt_member *), by_release);
	for (size_t i = 0; i < n; i++) {
		tt_spans_tidy(&v[i]->gone);
		TT_TRY(tt_case_release(cs, &v[i]->what, &v[i]->gone, err));
	}
	return TT_OK;
}
