/* repack.h - pools that are packed anew, as releases of whole nodes in stretches of time: after
 * a release that asks for it, under an autoscaler that consolidates, and what packing alone
 * would save.
 *
 * What packing saves is credited to the change that asks for it and to no other. How pods
 * move is repack_course.h's, what one packing does repack_pass.h's. */
#ifndef TT_CHANGE_REPACK_H
#define TT_CHANGE_REPACK_H
#include "change/repack_course.h"

/* When the nodes `m` of a pool are not paid for, into m->gone, packed in the tidy times `when`
 * by the rules, with what `released` has gone; nodes are back `boot_s` before they are needed.
 * Errors: TT_ENODATA (of none of the nodes it is known who was there; `ret` stays as it was),
 * TT_ENOMEM. */
int tt_repack_members(const tt_case *released, const tt_spans *when,
                      const tt_repack_rules *rules, int64_t boot_s, tt_members *m,
                      tt_repack_result *ret, tt_err *err);

/* Pack in the times `when` what the change's own releases `released` leave of their pools, and
 * put the nodes that go into `cs`. Errors: TT_EINVAL (a node is in no group; a pod of a
 * released node fits nowhere else), TT_ENODATA, TT_ENOMEM. */
int tt_repack_released(const tt_case *released, const tt_spans *when, tt_case *cs, tt_err *err);

typedef struct tt_repack_worth {
	size_t nodes;           /* that are gone at some time */
	int64_t freed_s;        /* node-seconds */
	size_t moves;           /* of pods that run */
	int64_t saving_micro;   /* by the bill; TT_MONEY_UNKNOWN: a node without a price */
	int64_t gap_micro;      /* that packing otherwise saves at most besides, hour by hour */
	bool proven;            /* nothing */
} tt_repack_worth;

/* What packing the pool anew every hour of the window saves, nothing else being changed.
 * Errors: TT_EDATA (no such group), TT_ENODATA, those of tt_bill_total(). */
int tt_repack_saving(const tt_snapshot *s, const tt_settings *st, const char *node_group,
                     tt_repack_worth *ret, tt_err *err);
#endif
