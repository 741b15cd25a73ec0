#include "maths/packing_plan.h"
#include "base/memory.h"
#include "base/money.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int check_vector(const int64_t *v, size_t n, const char *what, size_t i, tt_err *err)
{
	for (size_t d = 0; d < n; d++)
		if (v[d] < 0 || v[d] > TT_PACK_LARGEST)
			return tt_fail(err, TT_EINVAL,
			               "%s %zu, dimension %zu: %" PRId64 ", expected 0 to 2^44",
			               what, i, d, v[d]);
	return TT_OK;
}

static int check_bins(const tt_pack_problem *p, tt_err *err)
{
	for (size_t k = 0; k < p->n_kinds; k++) {
		const tt_pack_kind *kind = &p->kinds[k];

		TT_TRY(check_vector(kind->capacity, p->n_dims, "capacity of kind", k, err));
		TT_TRY(check_vector(kind->fixed, p->n_dims, "fixed load of kind", k, err));
		if (kind->cost < 0 || kind->cost > TT_PACK_LARGEST)
			return tt_fail(err, TT_EINVAL,
			               "cost of kind %zu: %" PRId64 ", expected 0 to 2^44", k,
			               kind->cost);
	}
	for (size_t b = 0; b < p->n_bins; b++) {
		if (p->bins[b].kind >= p->n_kinds)
			return tt_fail(err, TT_EINVAL, "bin %zu: kind %zu of %zu", b,
			               p->bins[b].kind, p->n_kinds);
		TT_TRY(check_vector(p->bins[b].load, p->n_dims, "load of bin", b, err));
	}
	return TT_OK;
}

static int check(const tt_pack_problem *p, tt_err *err)
{
	if (p->n_dims < 1 || p->n_dims > TT_PACK_DIMS)
		return tt_fail(err, TT_EINVAL, "%zu dimensions, expected 1 to %d", p->n_dims,
		               TT_PACK_DIMS);
	if (p->n_kinds > TT_PACK_KINDS)
		return tt_fail(err, TT_EINVAL, "%zu kinds of bins, at most %d are allowed",
		               p->n_kinds, TT_PACK_KINDS);
	if (p->n_items > TT_PACK_MANY || p->n_bins > TT_PACK_MANY)
		return tt_fail(err, TT_EINVAL, "%zu items and %zu bins, at most %zu are allowed",
		               p->n_items, p->n_bins, TT_PACK_MANY);
	TT_TRY(check_bins(p, err));
	for (size_t i = 0; i < p->n_items; i++)
		TT_TRY(check_vector(p->items[i].size, p->n_dims, "item", i, err));
	return TT_OK;
}

/* Rounded to 2^-30 only at the end, so that equal sums of different terms stay equal. */
uint64_t tt_pack_share(const tt_pack_plan *plan, const int64_t *v)
{
	uint64_t sum = 1u << 19;

	for (size_t d = 0; d < plan->p->n_dims; d++) {
		const int64_t largest = plan->largest[d];

		if (largest > 0 && v[d] / 8 >= largest)
			sum += UINT64_C(8) << 50;
		else if (largest > 0 && v[d] > 0)
			sum += (uint64_t)(((tt_u128)v[d] << 50) / (tt_u128)largest);
	}
	return sum >> 20;
}

static void measure_kinds(tt_pack_plan *plan)
{
	const tt_pack_problem *p = plan->p;
	uint64_t used = 0;

	for (size_t b = 0; b < p->n_bins; b++)
		used |= UINT64_C(1) << p->bins[b].kind;
	for (size_t k = 0; k < p->n_kinds; k++)
		for (size_t d = 0; d < p->n_dims; d++) {
			int64_t net = p->kinds[k].capacity[d] - p->kinds[k].fixed[d];

			plan->net[k][d] = net;
			if ((p->kinds[k].most || tt_pack_allowed(used, k)) &&
			    net > plan->largest[d])
				plan->largest[d] = net;
		}
}

static void room_of(const tt_pack_plan *plan, size_t b, tt_pack_open *ret)
{
	const tt_pack_bin *bin = &plan->p->bins[b];

	*ret = (tt_pack_open){ .kind = bin->kind };
	for (size_t d = 0; d < plan->p->n_dims; d++)
		ret->room[d] = plan->net[bin->kind][d] - bin->load[d];
}

static bool fits_somewhere(const tt_pack_plan *plan, const tt_pack_group *g)
{
	const tt_pack_problem *p = plan->p;

	for (size_t k = 0; k < p->n_kinds; k++)
		if (tt_pack_allowed(g->kinds, k) && p->kinds[k].most &&
		    tt_pack_fits(g->item->size, plan->net[k], p->n_dims))
			return true;
	for (size_t b = 0; b < p->n_bins; b++) {
		tt_pack_open open;

		room_of(plan, b, &open);
		if (tt_pack_allowed(g->kinds, open.kind) &&
		    tt_pack_fits(g->item->size, open.room, p->n_dims))
			return true;
	}
	return false;
}

typedef struct ref {
	size_t item, n_dims;
	const tt_pack_item *it;
} ref;

static int compare_kind_of_item(const ref *a, const ref *b)
{
	for (size_t d = 0; d < a->n_dims; d++)
		if (a->it->size[d] != b->it->size[d])
			return a->it->size[d] < b->it->size[d] ? -1 : 1;
	return (a->it->kinds > b->it->kinds) - (a->it->kinds < b->it->kinds);
}

static int by_item(const void *pa, const void *pb)
{
	const ref *a = pa, *b = pb;
	const int c = compare_kind_of_item(a, b);

	return c ? c : (a->item > b->item) - (a->item < b->item);
}

/* `first` is still the first item here, not a position. */
static int by_share(const void *pa, const void *pb)
{
	const tt_pack_group *a = pa, *b = pb;

	if (a->share != b->share)
		return a->share > b->share ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

/* Groups of refs[] that fit somewhere, sorted; `n` of each stays, `first` is its item. */
static void find_groups(tt_pack_plan *plan, const ref *refs)
{
	const size_t n_items = plan->p->n_items, n_kinds = plan->p->n_kinds;
	const uint64_t all = n_kinds == 64 ? UINT64_MAX : (UINT64_C(1) << n_kinds) - 1;

	for (size_t i = 0, end; i < n_items; i = end) {
		tt_pack_group g = { .item = refs[i].it, .kinds = refs[i].it->kinds & all,
		                    .first = refs[i].item };

		for (end = i + 1; end < n_items && !compare_kind_of_item(&refs[i], &refs[end]);)
			end++;
		g.n = end - i;
		if (!fits_somewhere(plan, &g))
			continue;
		g.share = tt_pack_share(plan, g.item->size);
		plan->groups[plan->n_groups++] = g;
	}
	if (plan->n_groups)
		qsort(plan->groups, plan->n_groups, sizeof *plan->groups, by_share);
}

/* Positions of the items, group by group, each by index. */
static void find_positions(tt_pack_plan *plan, const ref *refs)
{
	for (size_t g = 0; g < plan->n_groups; g++) {
		tt_pack_group *group = &plan->groups[g];
		const ref key = { .item = group->first, .n_dims = plan->p->n_dims,
		                  .it = group->item };
		const ref *at = bsearch(&key, refs, plan->p->n_items, sizeof *refs, by_item);

		group->first = plan->n;
		for (size_t i = 0; i < group->n; i++) {
			plan->group_of[plan->n] = g;
			plan->order[plan->n++] = at[i].item;
		}
	}
}

/* Kinds that some item may be in either of are in one part. */
static void find_parts(tt_pack_plan *plan)
{
	uint64_t left = 0;

	for (size_t g = 0; g < plan->n_groups; g++)
		left |= plan->groups[g].kinds;
	while (left) {
		uint64_t part = left & -left, before;

		do {
			before = part;
			for (size_t g = 0; g < plan->n_groups; g++)
				if (plan->groups[g].kinds & part)
					part |= plan->groups[g].kinds;
		} while (part != before);
		plan->parts[plan->n_parts++] = part;
		left &= ~part;
	}
}

int tt_pack_plan_make(const tt_pack_problem *p, tt_pack_plan *ret, tt_err *err)
{
	TT_TRY(check(p, err));

	tt_pack_plan plan = { .p = p };
	TT_CLEANUP(tt_freep) ref *refs = tt_alloc(p->n_items * sizeof *refs);

	plan.order = tt_alloc(p->n_items * sizeof *plan.order);
	plan.group_of = tt_alloc(p->n_items * sizeof *plan.group_of);
	plan.groups = tt_alloc(p->n_items * sizeof *plan.groups);
	if (!refs || !plan.order || !plan.group_of || !plan.groups) {
		tt_pack_plan_free(&plan);
		return tt_no_memory(err);
	}
	for (size_t i = 0; i < p->n_items; i++)
		refs[i] = (ref){ .item = i, .n_dims = p->n_dims, .it = &p->items[i] };
	if (p->n_items)
		qsort(refs, p->n_items, sizeof *refs, by_item);
	measure_kinds(&plan);
	find_groups(&plan, refs);
	find_positions(&plan, refs);
	find_parts(&plan);
	*ret = plan;
	return TT_OK;
}

void tt_pack_plan_free(tt_pack_plan *plan)
{
	tt_free(plan->order);
	tt_free(plan->group_of);
	tt_free(plan->groups);
	*plan = (tt_pack_plan){ 0 };
}

int tt_packing_make(const tt_pack_plan *plan, tt_packing *ret, tt_err *err)
{
	tt_packing s = { .plan = plan, .n_bins = plan->p->n_bins, .n_left = plan->n };

	s.bins = tt_alloc((s.n_bins + plan->n) * sizeof *s.bins);
	s.at = tt_alloc(plan->n * sizeof *s.at);
	if (!s.bins || !s.at) {
		tt_packing_free(&s);
		return tt_no_memory(err);
	}
	for (size_t b = 0; b < s.n_bins; b++)
		room_of(plan, b, &s.bins[b]);
	for (size_t i = 0; i < plan->n; i++)
		s.at[i] = TT_PACK_NOWHERE;
	*ret = s;
	return TT_OK;
}

void tt_packing_free(tt_packing *s)
{
	tt_free(s->bins);
	tt_free(s->at);
	*s = (tt_packing){ 0 };
}

void tt_packing_copy(tt_packing *to, const tt_packing *from)
{
	memcpy(to->bins, from->bins, from->n_bins * sizeof *from->bins);
	memcpy(to->at, from->at, from->plan->n * sizeof *from->at);
	memcpy(to->opened, from->opened, sizeof to->opened);
	to->n_bins = from->n_bins;
	to->cost = from->cost;
	to->n_left = from->n_left;
}

static const int64_t *size_at(const tt_packing *s, size_t pos)
{
	return s->plan->groups[s->plan->group_of[pos]].item->size;
}

void tt_packing_put(tt_packing *s, size_t pos, size_t bin)
{
	const int64_t *size = size_at(s, pos);

	for (size_t d = 0; d < s->plan->p->n_dims; d++)
		s->bins[bin].room[d] -= size[d];
	s->at[pos] = bin;
	s->n_left--;
}

void tt_packing_take(tt_packing *s, size_t pos)
{
	const int64_t *size = size_at(s, pos);

	for (size_t d = 0; d < s->plan->p->n_dims; d++)
		s->bins[s->at[pos]].room[d] += size[d];
	s->at[pos] = TT_PACK_NOWHERE;
	s->n_left++;
}

size_t tt_packing_open(tt_packing *s, size_t kind)
{
	tt_pack_open *bin = &s->bins[s->n_bins];

	bin->kind = kind;
	memcpy(bin->room, s->plan->net[kind], sizeof bin->room);
	s->opened[kind]++;
	s->cost += s->plan->p->kinds[kind].cost;
	return s->n_bins++;
}

void tt_packing_close_last(tt_packing *s)
{
	const size_t kind = s->bins[--s->n_bins].kind;

	s->opened[kind]--;
	s->cost -= s->plan->p->kinds[kind].cost;
}
