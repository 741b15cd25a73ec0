/* packing_plan.h - a packing problem made ready: what its parts have in common.
 *
 * Equal items form a group; groups go by falling size (sum of their shares of the largest
 * bin), then by first item. Items that fit no bin at all are set apart. Only packing*.c
 * and consolidate.c include this. */
#ifndef TT_MATHS_PACKING_PLAN_H
#define TT_MATHS_PACKING_PLAN_H
#include "maths/packing.h"

typedef struct tt_pack_group {
	const tt_pack_item *item;
	uint64_t kinds;         /* of those that there are */
	uint64_t share;         /* sum over dimensions of size / largest, in 2^-30 */
	size_t first, n;        /* positions in `order` */
} tt_pack_group;

typedef struct tt_pack_plan {
	const tt_pack_problem *p;
	size_t *order;          /* items that fit somewhere, group by group */
	size_t *group_of;       /* of each position */
	size_t n;               /* positions */
	tt_pack_group *groups; size_t n_groups;
	int64_t net[TT_PACK_KINDS][TT_PACK_DIMS]; /* capacity - fixed */
	int64_t largest[TT_PACK_DIMS];            /* of any bin; 0: none has any */
	uint64_t parts[TT_PACK_KINDS];  /* kinds that no item joins to other kinds */
	size_t n_parts;
} tt_pack_plan;

typedef struct tt_pack_open {
	int64_t room[TT_PACK_DIMS];     /* below 0 where more is there than fits */
	size_t kind;
} tt_pack_open;

/* A state of packing: positions have places, new bins are open. */
typedef struct tt_packing {
	const tt_pack_plan *plan;
	tt_pack_open *bins;     /* those that exist, then new ones; room for one per item */
	size_t n_bins;
	size_t *at;             /* bin of each position, or TT_PACK_NOWHERE */
	size_t opened[TT_PACK_KINDS];
	int64_t cost;
	size_t n_left;
} tt_packing;

int tt_pack_plan_make(const tt_pack_problem *p, tt_pack_plan *ret, tt_err *err);
void tt_pack_plan_free(tt_pack_plan *plan);

/* Nothing is placed yet. */
int tt_packing_make(const tt_pack_plan *plan, tt_packing *ret, tt_err *err);
void tt_packing_free(tt_packing *s);
void tt_packing_copy(tt_packing *to, const tt_packing *from); /* of one plan */

/* Share of the largest bin that a vector takes, in 2^-30, summed over dimensions; at most 8
 * in each. */
uint64_t tt_pack_share(const tt_pack_plan *plan, const int64_t *v);

void tt_packing_put(tt_packing *s, size_t pos, size_t bin);
void tt_packing_take(tt_packing *s, size_t pos);
size_t tt_packing_open(tt_packing *s, size_t kind);
void tt_packing_close_last(tt_packing *s);

/* What takes nothing fits even where too much is already. */
static inline bool tt_pack_fits(const int64_t *size, const int64_t *room, size_t n_dims)
{
	for (size_t d = 0; d < n_dims; d++)
		if (size[d] > room[d] && size[d] > 0)
			return false;
	return true;
}

static inline bool tt_pack_allowed(uint64_t kinds, size_t kind)
{
	return kinds >> kind & 1;
}

static inline bool tt_packing_fits(const tt_packing *s, const tt_pack_group *g, size_t bin)
{
	return tt_pack_allowed(g->kinds, s->bins[bin].kind) &&
	       tt_pack_fits(g->item->size, s->bins[bin].room, s->plan->p->n_dims);
}

/* Whether an item of the group can have a new bin of the kind. */
static inline bool tt_packing_may_open(const tt_packing *s, const tt_pack_group *g, size_t kind)
{
	return tt_pack_allowed(g->kinds, kind) && s->opened[kind] < s->plan->p->kinds[kind].most &&
	       tt_pack_fits(g->item->size, s->plan->net[kind], s->plan->p->n_dims);
}
#endif
