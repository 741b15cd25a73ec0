/* once.h - one purchase at the window's start, for all of the window: the layer rule, pool by
 * pool and offer by offer, on what the commitments that are held leave.
 *
 * History as it was, not a forecast: the simplest question, exactly answered. Units are
 * whole. A layer that only breaks even is not bought. */
#ifndef TT_COMMIT_ONCE_H
#define TT_COMMIT_ONCE_H
#include "commit/offers.h"

typedef struct tt_once_options {
	bool keep_gaps;             /* count hours in which nothing was used by anybody */
	bool whole;                 /* whole instances, where usage is in cards */
	const char *ratios;         /* offers instead of the price book; NULL: none */
	double least_utilization_ratio, least_coverage_ratio; /* to aim at; NaN: neither */
} tt_once_options;

typedef struct tt_once_level {      /* a number of units, and what it would be */
	int64_t units;
	int64_t cost_micro;         /* committed and on demand */
	double utilization_ratio;   /* of what is committed; NaN where that is nothing */
	double coverage_ratio;      /* of usage; NaN where that is nothing */
} tt_once_level;

typedef struct tt_once_answer {     /* one offer for one pool */
	const tt_offer *offer;
	tt_once_level best;
	/* Hours in which a unit has to be used for it to pay, of all hours. */
	size_t pays_from_h;
	/* What one unit more than the best, and the last of it, add to the cost. */
	int64_t one_more_micro, last_micro; /* >= 0; < 0, or 0 where there is none */
	/* The most units that are used for so much, the fewest that cover so much. */
	bool has_utilization, has_coverage;
	tt_once_level at_utilization, at_coverage;
} tt_once_answer;

typedef struct tt_once_pool {
	const tt_eligible_pool *pool;
	tt_offers offers;
	double used_unit_hours;     /* in hours that count, in units */
	double held_unit_hours;     /* of them, covered by what is held */
	int64_t on_demand_micro;    /* all that is left, on demand; UNKNOWN without a price */
	tt_once_answer *answers;    /* [offers.n] */
} tt_once_pool;

typedef struct tt_once {
	size_t hours;               /* that count */
	tt_once_pool *v;            /* [n] as the eligible pools stand */
	size_t n;
	const char **notes;
	size_t n_notes;
} tt_once;

/* Lives in `arena`; `e` must outlive it. Errors: TT_EINVAL (ratios), TT_EDATA (sums that don't
 * fit), TT_ENOMEM. */
int tt_once_make(const tt_snapshot *s, const tt_eligible *e, const tt_once_options *o,
                 tt_arena *arena, tt_once *ret, tt_err *err);
#endif
