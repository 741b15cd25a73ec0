#include "maths/packing_bound.h"
#include "base/memory.h"
#include "base/money.h"
#include <stdlib.h>

static tt_i128 divide_up(tt_i128 a, int64_t b)
{
	return (a + b - 1) / b;
}

typedef struct demand {                 /* of what is left in one part */
	int64_t sum[TT_PACK_DIMS];
	bool any;                       /* something is left */
	uint64_t kinds;                 /* that can still be opened */
	int64_t cheapest;               /* cost of a bin of these; INT64_MAX: there is none */
} demand;

static demand demand_of(const tt_packing *s, uint64_t part, const size_t *left)
{
	const tt_pack_plan *plan = s->plan;
	const tt_pack_problem *p = plan->p;
	demand ret = { .cheapest = INT64_MAX };

	for (size_t g = 0; g < plan->n_groups; g++) {
		const tt_pack_group *group = &plan->groups[g];

		if (!left[g] || !(group->kinds & part))
			continue;
		ret.any = true;
		ret.kinds |= group->kinds;
		for (size_t d = 0; d < p->n_dims; d++)
			ret.sum[d] += (int64_t)left[g] * group->item->size[d];
	}
	for (size_t k = 0; k < p->n_kinds; k++) {
		if (s->opened[k] >= p->kinds[k].most)
			ret.kinds &= ~(UINT64_C(1) << k);
		if (tt_pack_allowed(ret.kinds, k) && p->kinds[k].cost < ret.cheapest)
			ret.cheapest = p->kinds[k].cost;
	}
	return ret;
}

/* Take off the room in open bins that something left still fits; the rest of it is lost.
 * False: nothing left fits any of them. */
static bool subtract_room(const tt_packing *s, uint64_t part, const size_t *left, demand *dem)
{
	const tt_pack_plan *plan = s->plan;
	bool any = false;

	for (size_t b = 0; b < s->n_bins; b++) {
		size_t g = plan->n_groups;

		if (!tt_pack_allowed(part, s->bins[b].kind))
			continue;
		while (g && !(left[g - 1] && tt_packing_fits(s, &plan->groups[g - 1], b)))
			g--;
		any |= g > 0;
		for (size_t d = 0; g && d < plan->p->n_dims; d++)
			if (s->bins[b].room[d] > 0)
				dem->sum[d] -= s->bins[b].room[d];
	}
	return any;
}

/* Cost of room for `excess` in dimension d. */
static int64_t cost_of(const tt_pack_plan *plan, const demand *dem, int64_t excess, size_t d)
{
	const tt_pack_problem *p = plan->p;
	tt_i128 least = -1, whole;
	int64_t largest = 0;

	for (size_t k = 0; k < p->n_kinds; k++) {
		const int64_t net = plan->net[k][d];

		if (!tt_pack_allowed(dem->kinds, k) || net <= 0)
			continue;

		const tt_i128 cost = divide_up((tt_i128)excess * p->kinds[k].cost, net);

		if (least < 0 || cost < least)
			least = cost;
		largest = net > largest ? net : largest;
	}
	if (least < 0)
		return INT64_MAX;
	whole = divide_up(excess, largest) * dem->cheapest;
	least = whole > least ? whole : least;
	return least < INT64_MAX ? (int64_t)least : INT64_MAX;
}

static int64_t bound_part(const tt_packing *s, uint64_t part, const size_t *left, uint64_t *looked)
{
	demand dem = demand_of(s, part, left);
	const bool fits = subtract_room(s, part, left, &dem);
	int64_t most = dem.any && !fits ? dem.cheapest : 0;

	*looked += s->n_bins + 1;
	for (size_t d = 0; d < s->plan->p->n_dims; d++) {
		if (dem.sum[d] <= 0)
			continue;

		const int64_t cost = cost_of(s->plan, &dem, dem.sum[d], d);

		most = cost > most ? cost : most;
	}
	return most;
}

static int64_t add(int64_t a, int64_t b)
{
	return a == INT64_MAX || b > INT64_MAX - a ? INT64_MAX : a + b;
}

int64_t tt_pack_bound_rest(const tt_packing *s, const size_t *left, uint64_t *looked)
{
	int64_t sum = 0;

	for (size_t i = 0; i < s->plan->n_parts; i++)
		sum = add(sum, bound_part(s, s->plan->parts[i], left, looked));
	return sum;
}

/* --- L2, at the start only ----------------------------------------------------- */

typedef struct sizes {
	int64_t *size;          /* falling, one per group */
	size_t *count;          /* how many items up to and with this one */
	int64_t *sum;           /* of these */
	size_t n;
} sizes;

typedef struct counted {
	int64_t size;
	size_t n;
} counted;

static int falling(const void *pa, const void *pb)
{
	const counted *a = pa, *b = pb;

	return (a->size < b->size) - (a->size > b->size);
}

/* Number of sizes[] above `limit`. */
static size_t above(const sizes *z, int64_t limit)
{
	size_t lo = 0, hi = z->n;

	while (lo < hi) {
		const size_t mid = (lo + hi) / 2;

		if (z->size[mid] > limit)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Bins of `room` for the sizes: each of those above room / 2 needs one, and beside one above
 * room - alpha nothing from alpha on has a place. The best alpha counts. */
static int64_t l2(const sizes *z, int64_t room)
{
	const size_t half = above(z, room / 2);
	int64_t most = 0;

	for (size_t i = half; i <= z->n; i++) {
		const int64_t alpha = i < z->n ? z->size[i] : room / 2 + 1;
		const size_t end = i < z->n ? above(z, alpha - 1) : half;
		const size_t alone = above(z, room - alpha) < half ? above(z, room - alpha) : half;
		const int64_t large = half ? (int64_t)z->count[half - 1] : 0;
		const int64_t n2 = large - (alone ? (int64_t)z->count[alone - 1] : 0);
		const int64_t sum_half = half ? z->sum[half - 1] : 0;
		const int64_t sum2 = sum_half - (alone ? z->sum[alone - 1] : 0);
		const int64_t sum3 = (end ? z->sum[end - 1] : 0) - sum_half;
		const tt_i128 over = sum3 - ((tt_i128)n2 * room - sum2);
		const int64_t need = large + (over > 0 ? (int64_t)divide_up(over, room) : 0);

		most = need > most ? need : most;
	}
	return most;
}

static void collect(const tt_pack_plan *plan, uint64_t part, size_t d, counted *room, sizes *z)
{
	size_t n = 0;

	for (size_t g = 0; g < plan->n_groups; g++)
		if (plan->groups[g].kinds & part)
			room[n++] = (counted){ .size = plan->groups[g].item->size[d],
			                       .n = plan->groups[g].n };
	if (n)
		qsort(room, n, sizeof *room, falling);
	z->n = n;
	for (size_t i = 0; i < n; i++) {
		z->size[i] = room[i].size;
		z->count[i] = room[i].n + (i ? z->count[i - 1] : 0);
		z->sum[i] = (int64_t)room[i].n * room[i].size + (i ? z->sum[i - 1] : 0);
	}
}

/* L2 less the bins that exist, at the price of the cheapest. */
static int64_t bound_l2(const tt_packing *s, uint64_t part, const size_t *left, counted *room,
                        sizes *z)
{
	const tt_pack_plan *plan = s->plan;
	const demand dem = demand_of(s, part, left);
	int64_t exist = 0, most = 0;

	for (size_t b = 0; b < s->n_bins; b++)
		exist += tt_pack_allowed(part, s->bins[b].kind);
	for (size_t d = 0; d < plan->p->n_dims && dem.cheapest < INT64_MAX; d++) {
		int64_t largest = 0, need;

		for (size_t k = 0; k < plan->p->n_kinds; k++)
			if (tt_pack_allowed(dem.kinds, k) && plan->net[k][d] > largest)
				largest = plan->net[k][d];
		for (size_t b = 0; b < s->n_bins; b++)
			if (tt_pack_allowed(part, s->bins[b].kind) &&
			    s->bins[b].room[d] > largest)
				largest = s->bins[b].room[d];
		if (largest == 0)
			continue;
		collect(plan, part, d, room, z);
		need = l2(z, largest) - exist;
		if (need > 0 && need * (tt_i128)dem.cheapest > most)
			most = need * dem.cheapest;
	}
	return most;
}

int tt_pack_bound(const tt_pack_plan *plan, int64_t *ret, tt_err *err)
{
	const size_t n = plan->n_groups;
	TT_CLEANUP(tt_packing_free) tt_packing s = { 0 };
	TT_CLEANUP(tt_freep) size_t *left = tt_alloc(n * sizeof *left);
	TT_CLEANUP(tt_freep) counted *room = tt_alloc(n * sizeof *room);
	TT_CLEANUP(tt_freep) int64_t *size = tt_alloc(n * sizeof *size);
	TT_CLEANUP(tt_freep) int64_t *sum = tt_alloc(n * sizeof *sum);
	TT_CLEANUP(tt_freep) size_t *count = tt_alloc(n * sizeof *count);
	sizes z = { .size = size, .sum = sum, .count = count };
	int64_t bound = 0;
	uint64_t looked = 0;

	if (!left || !room || !size || !sum || !count)
		return tt_no_memory(err);
	TT_TRY(tt_packing_make(plan, &s, err));
	for (size_t g = 0; g < n; g++)
		left[g] = plan->groups[g].n;
	for (size_t i = 0; i < plan->n_parts; i++) {
		const int64_t plain = bound_part(&s, plan->parts[i], left, &looked);
		const int64_t sharp = bound_l2(&s, plan->parts[i], left, room, &z);

		bound = add(bound, plain > sharp ? plain : sharp);
	}
	*ret = bound;
	return TT_OK;
}
