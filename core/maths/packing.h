/* packing.h - items of several dimensions into as few, or as cheap, whole bins as can be.
 *
 * Items are vectors of int64 (card millis, CPU millis, MiB, ...), bins come in kinds with a
 * capacity, a load that every bin of the kind carries anyway (system pods) and a cost; a cost
 * of 1 each counts bins. Bins that exist already cost nothing and are filled first. Every
 * answer carries a lower bound of the cost and says whether it is proven to be the least.
 * What may share a bin beyond capacity (anti-affinity) is not known here.
 *
 * Equal choices go to the lower index; nothing depends on time or machine. Pure functions,
 * any thread. */
#ifndef TT_MATHS_PACKING_H
#define TT_MATHS_PACKING_H
#include "base/error.h"
#include <stdbool.h>

#define TT_PACK_DIMS 8
#define TT_PACK_KINDS 64
#define TT_PACK_LARGEST (INT64_C(1) << 44) /* of a size, capacity, load or cost */
#define TT_PACK_MANY ((size_t)1 << 18)     /* items; bins that exist */
#define TT_PACK_NOWHERE SIZE_MAX

/* Up to how many groups of equal items the search is tried, and how far it goes before it
 * gives up (bins looked at: the same on every machine). */
#define TT_PACK_EXACT_GROUPS 14
#define TT_PACK_STEPS UINT64_C(20000000)

typedef struct tt_pack_item {
	int64_t size[TT_PACK_DIMS];     /* >= 0 */
	uint64_t kinds;                 /* bit k: may be in a bin of kind k */
} tt_pack_item;

typedef struct tt_pack_kind {
	int64_t capacity[TT_PACK_DIMS];
	int64_t fixed[TT_PACK_DIMS];    /* on every bin of the kind; may exceed the capacity */
	int64_t cost;                   /* of a new bin, >= 0 */
	size_t most;                    /* new bins there can be; SIZE_MAX: any number */
} tt_pack_kind;

typedef struct tt_pack_bin {            /* exists and is paid for */
	int64_t load[TT_PACK_DIMS];     /* there besides `fixed`; may exceed the capacity */
	size_t kind;
} tt_pack_bin;

typedef struct tt_pack_problem {
	size_t n_dims, n_kinds, n_bins, n_items;
	const tt_pack_kind *kinds;
	const tt_pack_bin *bins;
	const tt_pack_item *items;
	size_t exact_groups;            /* search up to so many groups; 0: never */
	uint64_t steps;
	bool all_or_nothing;            /* the search asks only whether all items have a place */
} tt_pack_problem;

enum tt_pack_how {
	TT_PACK_FFD,                    /* first fit, largest sum of shares first */
	TT_PACK_DOT,                    /* bin by bin, what points where the room is */
	TT_PACK_BEST                    /* both, then removal of bins, then the search */
};

typedef struct tt_pack_result {
	size_t *bin;      /* of each item: those that exist, then new ones; TT_PACK_NOWHERE */
	size_t *kind;     /* of each new bin */
	size_t n_new;
	size_t n_left;    /* items that have no place */
	int64_t cost;     /* of the new bins */
	int64_t bound;    /* no way to place as many items costs less; the gap is cost - bound */
	bool proven;      /* no other way leaves fewer items, or as few for less */
	uint64_t steps;   /* of the search */
} tt_pack_result;

/* Fewest items without a place, then least cost. With all_or_nothing, `proven` and n_left
 * above 0 say that not all items can have one. Free the result with tt_pack_result_free().
 * Errors: TT_EINVAL (what is out of the limits above), TT_ENOMEM. */
int tt_pack(const tt_pack_problem *p, enum tt_pack_how how, tt_pack_result *ret, tt_err *err);
void tt_pack_result_free(tt_pack_result *r);
#endif
