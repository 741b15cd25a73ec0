/* room.c - per node that is asked about: steps of time with what is free in each. */
#include "change/room.h"
#include "base/memory.h"
#include "bill/places.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CARD_U6 = 1000000 };

static const int64_t plenty = INT64_MAX / 4; /* of what is not known */

struct step {                   /* free from here to the next step */
	int64_t at_s;
	tt_takes free;
};

struct node_room {
	bool made;
	struct step *v;         /* [n] by time; nothing is free behind the last */
	size_t n, cap;
};

struct tt_room {
	const tt_snapshot *s;
	tt_residents residents;
	tt_places *places;
	struct node_room *nodes; /* [rows of TT_NODES] */
};

int64_t tt_takes_cards_u6(double gpus)
{
	if (!(gpus > 0))
		return 0;
	return gpus >= 1 ? (int64_t)ceil(fmin(gpus, 1e6)) * CARD_U6 :
	       (int64_t)(CARD_U6 / floor(1 / fmax(gpus, 1e-6) + 1e-9));
}

int64_t tt_takes_fit(const tt_takes *of, const tt_takes *one)
{
	int64_t n = INT64_MAX;

	if (one->cards_u6 && of->cards_u6 / one->cards_u6 < n)
		n = of->cards_u6 / one->cards_u6;
	if (one->cpus_u6 && of->cpus_u6 / one->cpus_u6 < n)
		n = of->cpus_u6 / one->cpus_u6;
	if (one->memory_u6 && of->memory_u6 / one->memory_u6 < n)
		n = of->memory_u6 / one->memory_u6;
	return n > 0 ? n : 0;
}

int tt_room_make(const tt_snapshot *s, tt_room **ret, tt_err *err)
{
	tt_room *r = tt_zalloc(1, sizeof *r);
	int rc = TT_OK;

	if (!r)
		return tt_no_memory(err);
	r->s = s;
	r->residents = tt_residents_of(s);
	r->nodes = tt_zalloc(s->table[TT_NODES].n + 1, sizeof *r->nodes);
	if (!r->nodes)
		rc = tt_no_memory(err);
	if (rc == TT_OK)
		rc = tt_places_make(s, &r->residents, &r->places, err);
	if (rc < 0) {
		tt_room_free(r);
		return rc;
	}
	*ret = r;
	return TT_OK;
}

void tt_room_free(tt_room *r)
{
	if (!r)
		return;
	for (size_t i = 0; r->nodes && i < r->s->table[TT_NODES].n; i++)
		tt_free(r->nodes[i].v);
	tt_free(r->nodes);
	tt_places_free(r->places);
	tt_free(r);
}

/* --- What is free on a node ------------------------------------------------------------ */

struct edge {
	int64_t at_s;
	tt_takes asked;         /* by pods that come (or, negative, go) */
	int64_t seen;           /* cards on which somebody appears */
};

struct edges {
	struct edge *v;
	size_t n, cap;
};

static int add_edges(struct edges *e, tt_span when, tt_takes asked, int64_t seen, tt_err *err)
{
	const tt_takes back = { -asked.cards_u6, -asked.cpus_u6, -asked.memory_u6 };

	for (int i = 0; i < 2; i++) {
		if (!TT_GROW(e->v, e->n, e->cap))
			return tt_no_memory(err);
		e->v[e->n++] = (struct edge){ i ? when.to_s : when.from_s, i ? back : asked,
					      i ? -seen : seen };
	}
	return TT_OK;
}

static int by_time(const void *pa, const void *pb)
{
	const struct edge *a = pa, *b = pb;

	return (a->at_s > b->at_s) - (a->at_s < b->at_s);
}

static int64_t u6(double count)
{
	return isnan(count) ? 0 : (int64_t)tt_millionths(fmin(count, 1e9));
}

static int add_pods(const tt_room *r, size_t node, int64_t cards_u6, struct edges *e,
		    tt_err *err)
{
	for (size_t i = r->residents.first[node]; i < r->residents.first[node + 1]; i++) {
		const tt_pod_row *p = tt_pod_at(r->s, r->residents.pod[i]);
		const tt_takes asked = {
			isnan(p->gpus) ? cards_u6 : (int64_t)ceil(fmin(p->gpus, 1e6)) * CARD_U6,
			u6(p->cpus), u6(p->memory_mib)
		};
		tt_span ran;

		if (tt_pod_ran(r->s, p, &ran))
			TT_TRY(add_edges(e, ran, asked, 0, err));
	}
	return TT_OK;
}

static int add_seen(const tt_room *r, size_t node, struct edges *e, tt_err *err)
{
	const tt_snapshot *s = r->s;
	TT_CLEANUP(tt_spans_free) tt_spans held = { 0 };
	size_t first, n;

	tt_node_carriers(s, node, &first, &n);
	for (size_t i = first, next; i < first + n; i = next) { /* slices: one card */
		held.n = 0;
		for (next = i; next < first + n &&
			       strcmp(s->carriers[next].gpu, s->carriers[i].gpu) == 0; next++) {
			const tt_carrier *k = &s->carriers[next];

			for (size_t j = 0; j < k->n_holdings; j++) {
				const tt_holding *h = &s->holdings[k->first_holding + j];

				TT_TRY(tt_spans_add(&held, h->from_s, h->to_s, err));
			}
		}
		tt_spans_tidy(&held);
		for (size_t j = 0; j < held.n; j++)
			TT_TRY(add_edges(e, held.v[j], (tt_takes){ 0 }, 1, err));
	}
	return TT_OK;
}

static int64_t left_of(double has, int64_t asked_u6)
{
	return isnan(has) ? plenty : u6(has) - asked_u6;
}

static int add_step(struct node_room *of, int64_t at_s, tt_takes free, tt_err *err)
{
	if (of->n && of->v[of->n - 1].at_s == at_s)
		of->n--;
	if (!TT_GROW(of->v, of->n, of->cap))
		return tt_no_memory(err);
	of->v[of->n++] = (struct step){ at_s, free };
	return TT_OK;
}

static int fill(const tt_room *r, size_t node, struct edges *e, struct node_room *to,
		tt_err *err)
{
	const tt_node_row *row = tt_node_at(r->s, node);
	const int64_t cards_u6 = (int64_t)tt_node_cards_u6(r->s, node);
	const tt_span life = tt_node_life(r->s, node);
	tt_takes asked = { 0 };
	int64_t seen = 0;

	TT_TRY(add_edges(e, life, (tt_takes){ 0 }, 0, err));
	TT_TRY(add_pods(r, node, cards_u6, e, err));
	TT_TRY(add_seen(r, node, e, err));
	qsort(e->v, e->n, sizeof *e->v, by_time);
	for (size_t i = 0; i < e->n; i++) {
		const struct edge *at = &e->v[i];
		tt_takes free = { 0 };

		asked.cards_u6 += at->asked.cards_u6;
		asked.cpus_u6 += at->asked.cpus_u6;
		asked.memory_u6 += at->asked.memory_u6;
		seen += at->seen;
		if (at->at_s >= life.from_s && at->at_s < life.to_s)
			free = (tt_takes){
				cards_u6 - (asked.cards_u6 > seen * CARD_U6 ? asked.cards_u6 :
					    seen * CARD_U6),
				left_of(row->cpus, asked.cpus_u6),
				left_of(row->memory_mib, asked.memory_u6)
			};
		TT_TRY(add_step(to, at->at_s, free, err));
	}
	return TT_OK;
}

static int make_node(tt_room *r, size_t node, tt_err *err)
{
	struct edges e = { 0 };
	int rc = TT_OK;

	r->nodes[node].made = true;
	if (tt_places_known(r->places, node, tt_node_cards_u6(r->s, node) > 0))
		rc = fill(r, node, &e, &r->nodes[node], err);
	tt_free(e.v);
	return rc;
}

/* --- Taking it -------------------------------------------------------------------------- */

/* The step in which at_s is, made to begin there; SIZE_MAX: before the first, or behind the
 * last. */
static int cut(struct node_room *of, int64_t at_s, size_t *ret, tt_err *err)
{
	size_t lo = 0, hi = of->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (of->v[mid].at_s <= at_s)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret = lo - 1; /* SIZE_MAX before the first */
	if (!lo || of->v[lo - 1].at_s == at_s)
		return TT_OK;
	if (!TT_GROW(of->v, of->n, of->cap))
		return tt_no_memory(err);
	memmove(of->v + lo + 1, of->v + lo, (of->n - lo) * sizeof *of->v);
	of->v[lo] = of->v[lo - 1];
	of->v[lo].at_s = at_s;
	of->n++;
	*ret = lo;
	return TT_OK;
}

int tt_room_take(tt_room *r, size_t node, const tt_takes *one, tt_span when, int64_t n,
		 int64_t *ret, tt_err *err)
{
	struct node_room *of = &r->nodes[node];
	size_t first, end;

	*ret = 0;
	if (!of->made)
		TT_TRY(make_node(r, node, err));
	if (!of->n || when.from_s < of->v[0].at_s)
		return TT_OK;
	TT_TRY(cut(of, when.from_s, &first, err));
	TT_TRY(cut(of, when.to_s, &end, err));
	for (size_t i = first; i < end && n > 0; i++) {
		const int64_t fit = tt_takes_fit(&of->v[i].free, one);

		n = fit < n ? fit : n;
	}
	for (size_t i = first; i < end && n > 0; i++) {
		of->v[i].free.cards_u6 -= n * one->cards_u6;
		of->v[i].free.cpus_u6 -= n * one->cpus_u6;
		of->v[i].free.memory_u6 -= n * one->memory_u6;
	}
	*ret = n > 0 ? n : 0;
	return TT_OK;
}
