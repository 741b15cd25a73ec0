#include "bill/instances.h"
#include "base/memory.h"
#include "maths/packing.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Bins that the search looks at for one time at which many come. */
static const uint64_t SEARCH_STEPS = 100000;

struct instance {
	int64_t load[TT_VISIT_DIMS];
	size_t visits;
};

struct placing {
	const int64_t *capacity;
	tt_visit *v; size_t n;
	size_t *by_end;             /* [n] */
	size_t *at;                 /* [n] instance of each visit */
	struct instance *all; size_t n_all, cap_all;
	size_t *open; size_t n_open, cap_open; /* of them, in the order of opening */
	int64_t load[TT_VISIT_DIMS];           /* of all that are there */
	tt_openings *ret;
};

void tt_openings_free(tt_openings *o)
{
	tt_free(o->v);
	*o = (tt_openings){ 0 };
}

int tt_openings_add(tt_openings *o, int64_t at_s, int64_t instances, tt_err *err)
{
	if (!instances)
		return TT_OK;
	if (!TT_GROW(o->v, o->n, o->cap))
		return tt_no_memory(err);
	o->v[o->n++] = (tt_opening){ at_s, instances };
	return TT_OK;
}

static int by_arrival(const void *pa, const void *pb)
{
	const tt_visit *a = pa, *b = pb;
	int by = (a->from_s > b->from_s) - (a->from_s < b->from_s);

	if (!by)
		by = strcmp(a->name, b->name);
	if (!by)
		by = (a->number > b->number) - (a->number < b->number);
	return by ? by : (a->to_s > b->to_s) - (a->to_s < b->to_s);
}

static int by_end(const void *pa, const void *pb, void *ctx)
{
	const tt_visit *v = ctx;
	const size_t a = *(const size_t *)pa, b = *(const size_t *)pb;
	int by = (v[a].to_s > v[b].to_s) - (v[a].to_s < v[b].to_s);

	return by ? by : (a > b) - (a < b);
}

/* Fewest instances that could hold all that is there, if it could be cut. */
static int64_t least(const struct placing *p)
{
	int64_t most = 0;

	for (int d = 0; d < TT_VISIT_DIMS; d++) {
		const int64_t c = p->capacity[d];
		const int64_t need = p->load[d] ? (p->load[d] - 1) / c + 1 : 0;

		most = need > most ? need : most;
	}
	return most;
}

static bool has_room(const struct placing *p, const struct instance *to, const tt_visit *v)
{
	for (int d = 0; d < TT_VISIT_DIMS; d++) {
		if (v->size[d] > p->capacity[d] - (to ? to->load[d] : 0))
			return false;
	}
	return true;
}

/* --- Leaving ------------------------------------------------------------------------ */

static int close_instance(struct placing *p, size_t instance, int64_t at_s, tt_err *err)
{
	size_t i = 0;

	while (p->open[i] != instance)
		i++;
	p->n_open--;
	memmove(p->open + i, p->open + i + 1, (p->n_open - i) * sizeof *p->open);
	return tt_openings_add(p->ret, at_s, -1, err);
}

static int leave(struct placing *p, size_t visit, tt_err *err)
{
	struct instance *from = &p->all[p->at[visit]];

	for (int d = 0; d < TT_VISIT_DIMS; d++) {
		from->load[d] -= p->v[visit].size[d];
		p->load[d] -= p->v[visit].size[d];
	}
	if (--from->visits)
		return TT_OK;
	return close_instance(p, p->at[visit], p->v[visit].to_s, err);
}

/* --- Arriving ------------------------------------------------------------------------ */

/* Put a visit on number k of those that are open; k == n_open: on a new one. */
static int put(struct placing *p, size_t visit, size_t k, tt_err *err)
{
	const tt_visit *v = &p->v[visit];

	if (k == p->n_open) {
		if (!TT_GROW(p->all, p->n_all, p->cap_all) ||
		    !TT_GROW(p->open, p->n_open, p->cap_open))
			return tt_no_memory(err);
		p->all[p->n_all] = (struct instance){ 0 };
		p->open[p->n_open++] = p->n_all++;
		TT_TRY(tt_openings_add(p->ret, v->from_s, 1, err));
	}
	p->at[visit] = p->open[k];
	p->all[p->at[visit]].visits++;
	for (int d = 0; d < TT_VISIT_DIMS; d++) {
		p->all[p->at[visit]].load[d] += v->size[d];
		p->load[d] += v->size[d];
	}
	return TT_OK;
}

static int put_first_fit(struct placing *p, size_t visit, tt_err *err)
{
	size_t k = 0;

	while (k < p->n_open && !has_room(p, &p->all[p->open[k]], &p->v[visit]))
		k++;
	return put(p, visit, k, err);
}

/* Visits [first, first + n) come together. */
static int pack(struct placing *p, size_t first, size_t n, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_pack_item *items = tt_zalloc(n, sizeof *items);
	TT_CLEANUP(tt_freep) tt_pack_bin *bins = tt_zalloc(p->n_open + 1, sizeof *bins);
	TT_CLEANUP(tt_pack_result_free) tt_pack_result r = { 0 };
	tt_pack_kind kind = { .cost = 1, .most = SIZE_MAX };
	const size_t had = p->n_open;
	tt_pack_problem problem = {
		.n_dims = TT_VISIT_DIMS, .n_kinds = 1, .n_bins = had, .n_items = n, .kinds = &kind,
		.bins = bins, .items = items, .exact_groups = TT_PACK_EXACT_GROUPS,
		.steps = SEARCH_STEPS
	};

	if (!items || !bins)
		return tt_no_memory(err);
	memcpy(kind.capacity, p->capacity, TT_VISIT_DIMS * sizeof *p->capacity);
	for (size_t i = 0; i < n; i++) {
		memcpy(items[i].size, p->v[first + i].size, sizeof p->v->size);
		items[i].kinds = 1;
	}
	for (size_t i = 0; i < had; i++)
		memcpy(bins[i].load, p->all[p->open[i]].load, sizeof p->all->load);
	TT_TRY(tt_pack(&problem, TT_PACK_BEST, &r, err));
	/* new ones in the order in which they are named, so that each is one more than are open */
	for (size_t bin = 0; bin < had + r.n_new; bin++) {
		const size_t k = bin < had ? bin : p->n_open;

		for (size_t i = 0; i < n; i++)
			if (r.bin[i] == bin)
				TT_TRY(put(p, first + i, k, err));
	}
	return TT_OK;
}

static int arrive(struct placing *p, size_t first, size_t n, tt_err *err)
{
	for (size_t i = first; i < first + n; i++) {
		if (!has_room(p, NULL, &p->v[i]))
			return tt_fail(err, TT_EINVAL,
			               "%s needs more than one instance has: %" PRId64
			               " of %" PRId64 " cards, %" PRId64 " of %" PRId64
			               " milli-CPUs, %" PRId64 " of %" PRId64 " MiB",
			               p->v[i].name, p->v[i].size[TT_VISIT_CARDS],
			               p->capacity[TT_VISIT_CARDS], p->v[i].size[TT_VISIT_CPUS],
			               p->capacity[TT_VISIT_CPUS], p->v[i].size[TT_VISIT_MEMORY],
			               p->capacity[TT_VISIT_MEMORY]);
	}
	if (n > 1 && n <= TT_PACK_MANY && p->n_open <= TT_PACK_MANY)
		return pack(p, first, n, err);
	for (size_t i = first; i < first + n; i++)
		TT_TRY(put_first_fit(p, i, err));
	return TT_OK;
}

static int place(struct placing *p, tt_err *err)
{
	size_t come = 0, gone = 0;
	int64_t last_s = 0;

	while (gone < p->n) {
		int64_t at_s = p->v[p->by_end[gone]].to_s;
		size_t n = 0;

		if (come < p->n && p->v[come].from_s < at_s)
			at_s = p->v[come].from_s;
		p->ret->least_s += least(p) * (at_s - last_s);
		last_s = at_s;
		for (; gone < p->n && p->v[p->by_end[gone]].to_s == at_s; gone++)
			TT_TRY(leave(p, p->by_end[gone], err));
		while (come + n < p->n && p->v[come + n].from_s == at_s)
			n++;
		if (n)
			TT_TRY(arrive(p, come, n, err));
		come += n;
	}
	return TT_OK;
}

int tt_instances_place(const int64_t capacity[TT_VISIT_DIMS], tt_visit *v, size_t n,
                       tt_openings *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) size_t *ends = tt_alloc((n + 1) * sizeof *ends);
	TT_CLEANUP(tt_freep) size_t *at = tt_alloc((n + 1) * sizeof *at);
	struct placing p = { .capacity = capacity, .v = v, .n = n, .by_end = ends, .at = at,
		             .ret = ret };
	int rc;

	if (!ends || !at)
		return tt_no_memory(err);
	if (!n)
		return TT_OK;
	qsort(v, n, sizeof *v, by_arrival);
	for (size_t i = 0; i < n; i++)
		ends[i] = i;
	qsort_r(ends, n, sizeof *ends, by_end, v);
	rc = place(&p, err);
	tt_free(p.all);
	tt_free(p.open);
	return rc;
}
