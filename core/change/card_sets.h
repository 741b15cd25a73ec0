/* card_sets.h - which pods have one card together, when several may: pods that come find the
 * first card that they fit on beside those that are there, and stay on it.
 *
 * By time-slicing and MPS a set fits while its memory does (the sum of everybody's largest)
 * and the sum of what its pods do at the same time (maths/sharing.h); as MIG instances while
 * some layout of the card has them all (maths/mig.h). What was not measured fits nowhere. */
#ifndef TT_CHANGE_CARD_SETS_H
#define TT_CHANGE_CARD_SETS_H
#include "change/needs.h"
#include "maths/mig.h"

typedef struct tt_sharer {
	uint32_t pod;
	tt_span when;               /* on the card, from < to */
	int64_t memory_mib;         /* the most that it was seen to use */
	double cpus, host_mib;      /* NaN: not known */
	size_t profile;             /* of MIG */
	uint64_t set;               /* out: from 1 */
} tt_sharer;

typedef struct tt_card_rules {
	bool turns;                 /* time-slicing */
	size_t most;                /* pods on a card */
	int64_t memory_mib;         /* of the card */
	double cpus, host_mib;      /* of the instance; NaN: not looked at */
	const tt_mig_geometry *mig; /* NULL: no MIG */
	const tt_mig_layouts *layouts;
	double overhead_ratio;      /* of the mode; NaN: not known */
} tt_card_rules;

typedef struct tt_card_sums {       /* of the cards that several have, what is worst of any */
	double slowdown_ratio;      /* time for the same work, over alone; NaN: not known */
	double p99_ratio;           /* of the sum of what is done at the same steps; NaN: no card */
	double least_part_ratio;    /* compute of the smallest instance (MIG); NaN: no instance */
} tt_card_sums;

/* Put v[n] into the order of arrival and give each a set. ret->slowdown_ratio is 1 where no
 * card is had by several, and always of MIG. Errors: those of tt_snapshot_series(). */
int tt_card_sets_make(const tt_snapshot *s, tt_needs *needs, const tt_card_rules *rules,
                      tt_sharer *v, size_t n, tt_card_sums *ret, tt_err *err);
/* The activity of a pod's card, 0..1: in its run NaN where it is not known, outside 0.
 * ret[steps]. `metric` TT_METRIC_NONE: SM activity, else GPU utilisation, which is never
 * less. False into ret_any: of no card of it is there any. */
int tt_card_activity(const tt_snapshot *s, tt_needs *needs, uint32_t pod, int metric,
                     double *ret, bool *ret_any, tt_err *err);
/* The same of its run alone, steps [*ret_first, *ret_end) of ret[steps]; others stay as they
 * are. */
int tt_card_activity_ran(const tt_snapshot *s, tt_needs *needs, uint32_t pod, int metric,
                         double *ret, size_t *ret_first, size_t *ret_end, bool *ret_any,
                         tt_err *err);
#endif
