/* held.h - the commitments that a fleet holds, metered over what a case uses.
 *
 * Usage is kept by kind of capacity and clock hour. Reserved nodes that a row of
 * commitments.csv is for, and nodes on demand that something held could cover, are metered;
 * all others (spot, owned, what no row is for, what has no price) cost what cost.h says.
 * Which commitment covers what is metering.h's; which cells the money goes into is bill.h's.
 *
 * A tt_held is for one thread. Usage is added node by node; it can be tried out: after
 * tt_held_begin() everything that is taken can be kept or undone as one. */
#ifndef TT_BILL_HELD_H
#define TT_BILL_HELD_H
#include "bill/case.h"
#include "bill/cost.h"
#include "bill/metering.h"

enum tt_held_way {
	TT_HELD_NOT,            /* not metered */
	TT_HELD_ON_DEMAND,      /* where something that is held can cover it */
	TT_HELD_RESERVED,       /* uses the units of a row; a release frees them */
	TT_HELD_OWN_PRICE       /* uses them, but nodes.csv has another price, and that is paid */
};
/* By the snapshot alone. */
enum tt_held_way tt_held_way_of(const tt_snapshot *s, size_t node);

/* Why row `row` of commitments.csv is not metered; NULL: it is. */
const char *tt_held_unmetered(const tt_snapshot *s, size_t row);

/* As what a row applies, and what an hour of a node like this one costs under a row of money;
 * TT_DECIMAL_MISSING: it is none, is not known well enough, or is not for such nodes. */
enum tt_metering_kind tt_held_applies_as(const tt_commitment_row *r);
tt_decimal tt_held_money_rate(const tt_snapshot *s, const tt_commitment_row *r,
                              const tt_node_row *like);

typedef struct tt_held tt_held;

/* What the snapshot holds and the deals of `c` change, with nothing in use. *ret is NULL
 * where nothing is held. The case is not kept, its snapshot is. Errors: TT_EDATA, TT_ENOMEM. */
int tt_held_make(const tt_case *c, tt_held **ret, tt_err *err);

/* A moment of the time that the window stands for. What is held then is held in all of the
 * window, at its cost for so long; what is not, in none of it, though what it could cover is
 * metered all the same: the same usage at every moment. */
typedef struct tt_held_ahead {
	int64_t from_s, until_s, at_s;  /* the horizon, and the moment */
	bool renew;                     /* what had not ended within the window goes on after
	                                 * its term, unless it lapses */
} tt_held_ahead;
int tt_held_make_ahead(const tt_case *c, const tt_held_ahead *ahead, tt_held **ret, tt_err *err);
/* A block of capacity is bought for its days, and never renewed. */
bool tt_held_is_block(const tt_commitment_row *r);
/* Whether a row that can be metered is held then. */
bool tt_held_in_force(const tt_snapshot *s, const tt_held_ahead *ahead, size_t row);
void tt_held_free(tt_held *h);
void tt_held_freep(tt_held **h);

typedef struct tt_held_taken {
	int64_t cost_micro;     /* of what is not metered; TT_MONEY_UNKNOWN */
	int64_t paid_s;         /* node-seconds in all */
	bool metered;           /* some of it is */
	tt_i128 list;           /* of that, on demand, in parts of TT_METERING_MICRO */
} tt_held_taken;

/* Take what node `node` uses in the case into account, or (sign -1) out of it. `h` NULL:
 * nothing is metered. */
int tt_held_node(tt_held *h, const tt_case *c, const tt_residents *r, size_t node,
                 tt_decimal price_per_hour, int sign, tt_held_taken *ret, tt_err *err);

/* The same of its paid time. */
int tt_held_segments(tt_held *h, size_t node, const tt_segments *s, int sign, tt_held_taken *ret,
                     tt_err *err);

/* And for the simulator: what is metered is taken into account, all else
 * appended to `rest`. */
int tt_held_take(tt_held *h, size_t node, const tt_segments *s, int sign, tt_segments *rest,
                 tt_err *err);

/* Capacity that is no node of the snapshot (what is moved to, what is added), as its terms
 * say: what of it is metered is taken into account (`ret_listed_micro`: on demand it would
 * cost so much), all else appended to `rest`. `h` NULL: all of it. */
int tt_held_capacity(tt_held *h, const tt_segments *s, int sign, tt_segments *rest,
                     int64_t *ret_listed_micro, tt_err *err);
/* The same, and what the rest costs, rounded once; TT_MONEY_UNKNOWN without a price. */
int tt_held_capacity_cost(tt_held *h, const tt_segments *s, int sign, int64_t *ret_micro,
                          int64_t *ret_listed_micro, tt_err *err);

/* Of n groups of nodes (the same n whenever it is said) what is taken from now on belongs to
 * group `group`; n: to none of them. */
void tt_held_of_group(tt_held *h, size_t group, size_t n);

/* What an hour costs at other levels of a group's demand than as it was. */
enum { TT_HELD_LEVELS = 49, TT_HELD_LEVEL_ONE = 24 };   /* number i: i / 24 times as much */
typedef struct tt_held_levels {
	const tt_node_row *like;        /* one kind of what it uses; NULL: nothing is metered */
	tt_decimal price_per_hour;      /* of that */
	int64_t first_s;                /* begin of the first hour */
	size_t hours;
	int64_t *used_micro_s;          /* [hours] of the group */
	double *more_micro;             /* [hours][TT_HELD_LEVELS] than at level 1 */
} tt_held_levels;
/* Into the arena. After tt_held_total(). Errors: those of tt_metering_add(), TT_ENOMEM. */
int tt_held_levels_of(tt_held *h, size_t group, tt_arena *arena, tt_held_levels *ret, tt_err *err);

/* Whether what node `node` uses as the snapshot has it, and was taken, is metered. */
bool tt_held_meters(const tt_held *h, size_t node);

/* The same of capacity on such terms. */
int tt_held_meters_capacity(tt_held *h, const tt_terms *t, bool *ret, tt_err *err);

/* Capacity of one kind that was taken, hour by hour. */
typedef struct tt_held_beside {
	const tt_node_row *like;        /* its words */
	tt_decimal price_per_hour;      /* on demand */
	int64_t first_s;                /* begin of the first hour */
	size_t hours;
	const tt_i128 *cost;            /* [hours] of what nothing covers, in parts of
	                                 * TT_METERING_MICRO; until the next hour is taken */
} tt_held_beside;
/* Kind `i`; false: there are no more. After tt_held_total(). */
bool tt_held_beside_of(const tt_held *h, size_t i, tt_held_beside *ret);
/* What is held costs itself, in the window, used or not. After tt_held_total(). */
int64_t tt_held_fixed_micro(const tt_held *h);

/* The fleet as the snapshot has it, all nodes taken into account; NULL where nothing is held. */
int tt_held_baseline(const tt_snapshot *s, const tt_settings *st, const tt_residents *r,
                     tt_held **ret, tt_err *err);
/* The same at a moment ahead; NULL: the window itself. */
int tt_held_baseline_ahead(const tt_snapshot *s, const tt_settings *st, const tt_residents *r,
                           const tt_held_ahead *ahead, tt_held **ret, tt_err *err);
/* --- Who uses what, hour by hour: held_hours.c ------------------------------------------ *
 * Units are counted in micro_s (metering.h); of money a "unit" is one of the currency an hour,
 * so that an hour of 1.50 is 5,400,000,000 of them. What is held in an hour is what was used of
 * it and what was not, exactly. */
typedef struct tt_held_course { /* of one commitment */
	const char *commitment;
	bool money;
	const int64_t *held, *used; /* [hours] micro_s */
} tt_held_course;

typedef struct tt_held_kind {   /* of capacity that something held could cover */
	const tt_node_row *like;
	tt_decimal price_per_hour;  /* on demand */
	bool own_price;             /* reserved, and nodes.csv has another price */
	const int64_t *used;        /* [hours] micro_s */
	const tt_i128 *on_demand;   /* [hours] money in parts of TT_METERING_MICRO */
} tt_held_kind;

typedef struct tt_held_cover {  /* of one kind, by one commitment, over all hours */
	size_t kind, course;
	tt_i128 micro_s;            /* of the kind's nodes */
	int64_t micro;              /* of what the commitment costs */
} tt_held_cover;

typedef struct tt_held_share { uint32_t node; size_t kind; int64_t micro_s; } tt_held_share;

typedef struct tt_held_hours {
	int64_t first_s;            /* begin of the first hour of the clock */
	size_t hours;
	tt_held_course *v; size_t n; /* all that is metered, by id */
	tt_held_kind *kinds; size_t n_kinds;
	tt_held_cover *covers; size_t n_covers; /* a commitment's add up to what is used of it */
	tt_held_share *shares; size_t n_shares; /* how much of a kind a node was */
} tt_held_hours;

/* In `arena`, but for kinds, which live as long as `h` and until something is taken. After
 * tt_held_total(). */
int tt_held_hours_read(const tt_held *h, tt_arena *arena, tt_held_hours *ret, tt_err *err);
/* Whether a commitment of `h` (number in v) could cover a kind. */
bool tt_held_could(const tt_held *h, const tt_held_hours *v, size_t course, size_t kind);

/* Whether two rows are for the same capacity, under the same kind of commitment. */
bool tt_held_alike(const tt_commitment_row *a, const tt_commitment_row *b);

/* Units in use of the n commitments with these ids, together and on average in each hour of
 * the clock, into used[*ret_n], the arena's. After tt_held_total(). */
int tt_held_used(const tt_held *h, const char *const *ids, size_t n, tt_arena *arena,
                 double **ret, size_t *ret_n, tt_err *err);

/* What all that is held costs, and what is on demand beside it; 0 for NULL. */
int tt_held_total(tt_held *h, int64_t *ret_micro, tt_err *err);

void tt_held_begin(tt_held *h);
void tt_held_keep(tt_held *h);
void tt_held_undo(tt_held *h);

typedef struct tt_held_cost {   /* of one commitment, in the window */
	const char *commitment, *gpu_model;
	int64_t cost_micro, unused_micro; /* all of it, and for what nothing used */
	tt_i128 held_micro_s, unused_micro_s; /* units; 0 of money */
} tt_held_cost;

typedef struct tt_held_bill {
	int64_t *node_micro;    /* [nodes] of what is metered */
	const char **node_from; /* [nodes] "commitments.csv res-1, prices.csv"; NULL: nothing
	                         * covers it */
	tt_held_cost *costs;    /* by id */
	size_t n_costs;
	const char **notes;     /* what is held, but could not be metered */
	size_t n_notes;
} tt_held_bill;

/* All of it, into the arena: the nodes' money and what is unused add up to tt_held_total(). */
int tt_held_read(tt_held *h, tt_arena *arena, tt_held_bill *ret, tt_err *err);
#endif
