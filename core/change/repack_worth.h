/* repack_worth.h - what packing the pools that changes touch would save by itself, beside what
 * the changes save: priced apart, nothing else being changed, and credited to none of them. */
#ifndef TT_CHANGE_REPACK_WORTH_H
#define TT_CHANGE_REPACK_WORTH_H
#include "change/repack.h"

typedef struct tt_repack_group {
	const char *node_group;
	tt_repack_worth worth;  /* of the window; where why is not "": nothing is known */
	const char *why;        /* it can't be packed: "release: of none of the nodes ..."; "" */
} tt_repack_group;

typedef struct tt_repack_groups {
	tt_repack_group *v; size_t n; /* by saving, largest first, then by name */
} tt_repack_groups;

/* Add the node group of a node of which something is released. Errors: TT_ENOMEM. */
int tt_repack_touched(const tt_snapshot *s, size_t node, tt_names *groups, tt_err *err);

/* Texts and rows in the arena. Errors: TT_ENOMEM. */
int tt_repack_worths(const tt_snapshot *s, const tt_settings *st, const tt_names *groups,
                     tt_arena *arena, tt_repack_groups *ret, tt_err *err);
#endif
