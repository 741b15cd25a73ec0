#include "occupancy.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* --- Which pod had which card when -------------------------------------------------- */

static int by_pod(const void *pa, const void *pb)
{
	const tt_held *a = pa, *b = pb;
	int by;

	if (a->pod != b->pod)
		return a->pod < b->pod ? -1 : 1;
	by = strcmp(a->name, b->name);
	if (by)
		return by;
	if (a->card != b->card)
		return a->card < b->card ? -1 : 1;
	return (a->seen.from_s > b->seen.from_s) - (a->seen.from_s < b->seen.from_s);
}

static size_t number_of(const tt_occupancy *o, const char *gpu)
{
	const char **at = bsearch(&gpu, o->names, o->n_names, sizeof *o->names,
				  tt_compare_texts);

	return (size_t)(at - o->names);
}

/* Names of cards: those with telemetry, and those that are released by name. */
static int name_cards(tt_occupancy *o, size_t first, size_t n, tt_err *err)
{
	const tt_snapshot *s = o->c->snapshot;
	size_t all = 0;

	o->names = tt_zalloc(n + o->n_releases + 1, sizeof *o->names);
	if (!o->names)
		return tt_no_memory(err);
	for (size_t i = first; i < first + n; i++) { /* sorted by name */
		o->n_measured += i == first ||
				 strcmp(s->carriers[i].gpu, s->carriers[i - 1].gpu) != 0;
		o->names[all++] = s->carriers[i].gpu;
	}
	for (size_t i = 0; i < o->n_releases; i++) {
		if (o->releases[i].pod == TT_NO_POD && o->releases[i].gpu)
			o->names[all++] = o->releases[i].gpu;
	}
	if (all)
		qsort(o->names, all, sizeof *o->names, tt_compare_texts);
	for (size_t i = 0; i < all; i++) {
		if (!i || strcmp(o->names[i], o->names[o->n_names - 1]) != 0)
			o->names[o->n_names++] = o->names[i];
	}
	return TT_OK;
}

static int gather_holdings(tt_occupancy *o, size_t first, size_t n, tt_err *err)
{
	const tt_snapshot *s = o->c->snapshot;
	size_t all = 0;

	for (size_t i = first; i < first + n; i++)
		all += s->carriers[i].n_holdings;
	o->held = tt_zalloc(all + 1, sizeof *o->held);
	if (!o->held)
		return tt_no_memory(err);
	for (size_t i = first; i < first + n; i++) {
		const tt_carrier *k = &s->carriers[i];
		const size_t card = number_of(o, k->gpu);

		for (size_t j = k->first_holding; j < k->first_holding + k->n_holdings; j++) {
			const tt_holding *h = &s->holdings[j];

			o->held[o->n_held++] = (tt_held){ h->pod_index, card, h->pod,
							  { h->from_s, h->to_s } };
		}
	}
	if (o->n_held)
		qsort(o->held, o->n_held, sizeof *o->held, by_pod);
	return TT_OK;
}

int tt_occupancy_open(tt_occupancy *o, const tt_case *c, const tt_residents *r, size_t node,
		      const tt_release *releases, size_t n, tt_err *err)
{
	size_t first, carriers;

	*o = (tt_occupancy){ .c = c, .node = node, .releases = releases, .n_releases = n,
			     .cards_u6 = tt_node_cards_u6(c->snapshot, node) };

	const tt_residents of = r ? *r : tt_residents_of(c->snapshot);

	o->pods = of.pod + of.first[node];
	o->n_pods = of.first[node + 1] - of.first[node];
	tt_node_carriers(c->snapshot, node, &first, &carriers);
	TT_TRY(name_cards(o, first, carriers, err));
	return gather_holdings(o, first, carriers, err);
}

void tt_occupancy_close(tt_occupancy *o)
{
	tt_free(o->held);
	tt_free(o->names);
	tt_spans_free(&o->gone);
}

size_t tt_occupancy_group(const tt_occupancy *o, size_t first)
{
	const tt_held *h = &o->held[first];
	size_t n = 1;

	while (first + n < o->n_held && h[n].pod == h->pod &&
	       (h->pod != SIZE_MAX || strcmp(h[n].name, h->name) == 0))
		n++;
	return n;
}

bool tt_occupancy_saw(const tt_occupancy *o, size_t pod)
{
	size_t lo = 0, hi = o->n_held;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->held[mid].pod < pod)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < o->n_held && o->held[lo].pod == pod;
}

/* --- What leaves and what stays ------------------------------------------------------ */

size_t tt_occupancy_release(const tt_occupancy *o, size_t pod)
{
	size_t lo = 0, hi = o->n_releases;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->releases[mid].pod < pod)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The release times of `pod` into o->gone, tidy. */
static int find_gone(tt_occupancy *o, size_t pod, tt_err *err)
{
	o->gone.n = 0;
	if (pod == SIZE_MAX)
		return TT_OK;
	for (size_t i = tt_occupancy_release(o, pod); i < o->n_releases; i++) {
		if (o->releases[i].pod != pod)
			break;
		TT_TRY(tt_spans_add(&o->gone, o->releases[i].from_s, o->releases[i].to_s, err));
	}
	tt_spans_tidy(&o->gone);
	return TT_OK;
}

/* The same as tt_occupancy_divide() with o->gone as it is. */
static int divide(const tt_occupancy *o, tt_span had, tt_spans *leaving, tt_spans *staying,
		  tt_err *err)
{
	int64_t at_s = had.from_s;

	if (had.from_s >= had.to_s)
		return TT_OK;
	for (size_t i = 0; i < o->gone.n && o->gone.v[i].from_s < had.to_s; i++) {
		tt_span g = o->gone.v[i];

		if (g.to_s <= at_s)
			continue;
		if (g.from_s < at_s)
			g.from_s = at_s;
		if (g.to_s > had.to_s)
			g.to_s = had.to_s;
		if (leaving)
			TT_TRY(tt_spans_add(leaving, g.from_s, g.to_s, err));
		if (staying)
			TT_TRY(tt_spans_add(staying, at_s, g.from_s, err));
		at_s = g.to_s;
	}
	return staying ? tt_spans_add(staying, at_s, had.to_s, err) : TT_OK;
}

int tt_occupancy_divide(tt_occupancy *o, size_t pod, tt_span had, tt_spans *leaving,
			tt_spans *staying, tt_err *err)
{
	TT_TRY(find_gone(o, pod, err));
	return divide(o, had, leaving, staying, err);
}

static tt_span common(tt_span a, tt_span b)
{
	return (tt_span){ a.from_s > b.from_s ? a.from_s : b.from_s,
			  a.to_s < b.to_s ? a.to_s : b.to_s };
}

int tt_occupancy_divide_held(tt_occupancy *o, size_t first, size_t n, tt_spans *leaving,
			     tt_spans *staying, tt_err *err)
{
	const tt_held *held = &o->held[first];
	const tt_pod_row *p =
		held->pod == SIZE_MAX ? NULL : tt_pod_at(o->c->snapshot, held->pod);
	uint64_t asked = p ? (tt_millionths(p->gpus) + 999999) / 1000000 : 0, cards = 0;
	tt_span ran;
	const bool runs = p && tt_pod_ran(o->c->snapshot, p, &ran);

	for (size_t i = 0; i < n; i++)
		cards += !i || held[i].card != held[i - 1].card;
	TT_TRY(find_gone(o, held->pod, err));
	for (size_t i = 0; i < n; i++) {
		const bool moved = cards > (asked ? asked : 1);
		tt_spans *go = &leaving[held[i].card], *stay = &staying[held[i].card];

		if (!runs)
			TT_TRY(tt_spans_add(stay, held[i].seen.from_s, held[i].seen.to_s, err));
		else if (moved)
			TT_TRY(divide(o, common(held[i].seen, ran), go, NULL, err));
		if (runs && (!i || held[i].card != held[i - 1].card))
			TT_TRY(divide(o, ran, moved ? NULL : go, stay, err));
	}
	return TT_OK;
}
