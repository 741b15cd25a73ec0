/* positions.h - what is held and how well it is used: hour by hour, by kind of commitment and
 * by who used it, beside what is on demand where it could have been covered.
 *
 * Everything is read off the bill's own metering (bill/held.h): used and unused add up to what
 * is held in every hour, and all of them to the bill. Decides nothing, proposes nothing. */
#ifndef TT_COMMIT_POSITIONS_H
#define TT_COMMIT_POSITIONS_H
#include "bill/bill.h"

typedef struct tt_position {     /* a row of commitments.csv that is metered */
	const tt_commitment_row *row;
	const tt_held_cost *cost;
	const tt_held_course *course;
	size_t group;
	double used_ratio;          /* of its units (of its money) in the window */
} tt_position;

typedef struct tt_position_owner {
	const char *owner;          /* "": nobody */
	int64_t committed_micro;    /* what was used of commitments, as the bill has it */
	int64_t on_demand_micro;    /* what was paid beside them; 0 in a group */
	double unit_h;              /* unit-hours of the commitments of a group; 0 of money */
} tt_position_owner;

typedef struct tt_position_owners { tt_position_owner *v; size_t n; } tt_position_owners;

typedef struct tt_position_group { /* all that is held of one kind for the same capacity */
	const tt_commitment_row *like; /* its first row */
	bool money;
	size_t n;                   /* rows */
	double units;               /* at the end of the window; of money: an hour */
	int64_t cost_micro, unused_micro;
	double held_h, unused_h;    /* unit-hours; of money: of its currency */
	double used_ratio;          /* over the window, all of them together */
	const double *held, *used;  /* [hours] units on average; of money: an hour */
	const double *listed, *on_demand; /* [hours] money: all that they could cover at the
	                             * price on demand, and what of it nothing covered */
	tt_position_owners owners;   /* by what they used, most first */
} tt_position_group;

typedef struct tt_unmetered {
	const tt_commitment_row *row;
	const char *why;
	/* what charges.csv says of it in the window; UNKNOWN: nothing */
	int64_t charged_micro, charged_unused_micro;
} tt_unmetered;

typedef struct tt_positions {
	int64_t start_s;            /* of the first hour of the clock */
	size_t hours;
	tt_position *v; size_t n;    /* by id */
	tt_position_group *groups; size_t n_groups; /* as their first rows stand */
	tt_unmetered *unmetered; size_t n_unmetered;
	int64_t cost_micro, unused_micro;
	const double *listed, *on_demand; /* [hours] of everything on demand or reserved */
	double coverage_ratio;      /* of it, in money at prices on demand; NaN: nothing */
	tt_position_owners owners;
	tt_held_hours of;           /* what all of this is read off */
	tt_held *held;              /* the baseline; NULL: nothing is held */
	tt_arena *arena;
} tt_positions;

/* `b` has to outlive it. Errors: TT_EDATA, TT_ENOMEM. */
int tt_positions_make(const tt_bill *b, const tt_settings *st, tt_positions **ret, tt_err *err);
void tt_positions_free(tt_positions *h);
void tt_positions_freep(tt_positions **h);

/* part / all summed over hours [from, to); NaN where all is 0. */
double tt_positions_ratio(const double *part, const double *all, size_t from, size_t to);
/* 1 - the same: of what is listed and what is left of it, the coverage. */
double tt_positions_coverage(const double *listed, const double *on_demand, size_t from,
                            size_t to);
#endif
