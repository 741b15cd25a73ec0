#include "rank/remembered.h"
#include "base/memory.h"
#include <string.h>

enum { WAYS = 4 };              /* that are remembered of a node */

struct way {                    /* one list of releases and what it leaves to pay */
	tt_release *v; size_t n, cap;
	tt_segments paid;
};

struct ways {
	struct way v[WAYS];
	unsigned next;          /* to be forgotten */
};

struct tt_remembered {
	struct ways *nodes;     /* [n] */
	size_t n;
	tt_residents residents;
	tt_segments plain;      /* scratch: of a node of which nothing is released */
};

int tt_remembered_open(const tt_snapshot *s, tt_remembered **ret, tt_err *err)
{
	tt_remembered *m = tt_zalloc(1, sizeof *m);

	if (m)
		m->nodes = tt_zalloc(s->table[TT_NODES].n + 1, sizeof *m->nodes);
	if (!m || !m->nodes) {
		tt_free(m);
		return tt_no_memory(err);
	}
	m->n = s->table[TT_NODES].n;
	m->residents = tt_residents_of(s);
	*ret = m;
	return TT_OK;
}

void tt_remembered_close(tt_remembered *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++) {
		for (size_t k = 0; k < WAYS; k++) {
			tt_free(m->nodes[i].v[k].v);
			tt_segments_free(&m->nodes[i].v[k].paid);
		}
	}
	tt_free(m->nodes);
	tt_segments_free(&m->plain);
	tt_free(m);
}

static bool same(const tt_release *a, const tt_release *b)
{
	return a->gpu == b->gpu && a->pod == b->pod && a->from_s == b->from_s &&
	       a->to_s == b->to_s && a->leave == b->leave && a->terms == b->terms &&
	       a->set == b->set;
}

static bool is_way(const struct way *w, const tt_release *v, size_t n)
{
	if (w->n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!same(&w->v[i], &v[i]))
			return false;
	}
	return true;
}

/* Known only when its paid time is: until then it has no releases, which no way has. */
static int work_out(tt_remembered *m, const tt_case *c, size_t node, tt_decimal price_per_hour,
                    const tt_release *v, size_t n, struct way *to, tt_err *err)
{
	to->n = 0;
	TT_TRY(tt_node_segments(c, &m->residents, node, price_per_hour, &to->paid, err));
	while (to->cap < n) {
		if (!TT_GROW(to->v, to->cap, to->cap))
			return tt_no_memory(err);
	}
	memcpy(to->v, v, n * sizeof *v);
	to->n = n;
	return TT_OK;
}

int tt_remembered_segments(tt_remembered *m, const tt_case *c, size_t node,
                           tt_decimal price_per_hour, const tt_segments **ret, tt_err *err)
{
	struct ways *of = &m->nodes[node];
	size_t n, first = tt_case_releases(c, node, &n);

	if (!n) {
		*ret = &m->plain;
		return tt_node_segments(c, &m->residents, node, price_per_hour, &m->plain, err);
	}
	for (size_t k = 0; k < WAYS; k++) {
		if (is_way(&of->v[k], c->releases + first, n)) {
			*ret = &of->v[k].paid;
			return TT_OK;
		}
	}
	struct way *to = &of->v[of->next++ % WAYS];
	*ret = &to->paid;
	return work_out(m, c, node, price_per_hour, c->releases + first, n, to, err);
}
