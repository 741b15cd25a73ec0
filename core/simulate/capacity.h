/* capacity.h - which instances a case pays for, pool by pool and hour by hour of the window:
 * the stage between usage and money.
 *
 * A pool is what has one price for one reason: node group, place, instance type, pricing,
 * terms. What held commitments could cover is metered (bill/held.h) for every epoch of the
 * horizon: they are one pool of it, what they leave of each kind of capacity is another. Pools
 * are numbered as they are met and never go; a case other than the baseline is kept as what it
 * takes from some pools and adds to others, so that a change costs what it touches and not what
 * the fleet has. For one thread.
 *
 * Lines of the bill that are of no node are pools, too, by service and stream: as many instances
 * of a thousandth an hour as they cost, spread evenly over the window. */
#ifndef TT_SIMULATE_CAPACITY_H
#define TT_SIMULATE_CAPACITY_H
#include "base/text.h"
#include "bill/bill.h"
#include "bill/cost.h"
#include "bill/held.h"
#include "simulate/epochs.h"

#define TT_ALWAYS SIZE_MAX
/* Prices are in 10^-12 an hour, paid hours in 10^-9: what a micro-unit is in both. */
#define TT_CAPACITY_MICRO ((tt_i128)1000000 * 3600 * (tt_i128)TT_U9_ONE)

typedef struct tt_pool {
	const char *node_group, *provider, *region, *instance_type, *gpu_model, *pricing;
	tt_decimal price_per_hour;      /* TT_DECIMAL_MISSING: in no amount */
	uint64_t paid_u9;               /* see tt_terms */
	const tt_terms *terms;          /* NULL: as it was */
	bool follows_demand;            /* an autoscaler runs it: more demand, more instances */
	bool is_charge;                 /* lines of the bill: an instance is a bit of money */
	bool is_beside;                 /* what commitments leave of nodes, of any group; if it
	                                 * follows demand: what other levels of a group's demand
	                                 * change of that */
	size_t epoch;                   /* it is there in this one alone; TT_ALWAYS: in all */
} tt_pool;

typedef struct tt_pools {
	tt_pool *v; size_t n, cap;
	uint32_t *of_node;              /* [nodes] pool as it was */
	int64_t start_s, end_s;         /* the window */
	size_t hours;                   /* of it; the last may be cut */
	tt_epochs epochs;               /* of the horizon */
	tt_held **held;                 /* [epochs] of the baseline, with all its nodes; NULL:
	                                 * nothing is held */
	const char **groups; size_t n_groups; /* whose demand moves; none where nothing's does */
	tt_held_levels *levels;         /* [epochs * groups] of the baseline */
	tt_arena *arena;                /* of both */
} tt_pools;

typedef struct tt_pool_hours {          /* of one pool, what there is or what changes */
	uint32_t pool;
	int32_t *nodes;                 /* [hours] instances of which some of the hour is paid */
	int64_t *seconds;               /* [hours] of instances, paid */
	tt_i128 *extra;                 /* [hours] what an hour costs beside them, in parts of
	                                 * TT_CAPACITY_MICRO: what the bill rounds, and hours
	                                 * that are no whole seconds; NULL: nothing */
	double *more;                   /* [hours][TT_HELD_LEVELS] micro-units that an hour costs
	                                 * more at other levels of demand; NULL: nothing */
} tt_pool_hours;

typedef struct tt_capacity {            /* zero-initialise */
	tt_pool_hours *v; size_t n, cap; /* by pool */
} tt_capacity;

/* All nodes as they were; `epochs` has to outlive the pools. `follows`: demand may move. Errors:
 * TT_ENOMEM, those of tt_node_segments() and tt_metering_add(). */
int tt_capacity_baseline(const tt_bill *b, const tt_case *baseline, const tt_residents *r,
                         const tt_epochs *epochs, bool follows, tt_pools *pools,
                         tt_capacity *ret, tt_err *err);
/* What `c` changes of that: hours of the pools that its releases touch, with their signs. */
int tt_capacity_delta(const tt_bill *b, const tt_case *baseline, const tt_case *c,
                      const tt_residents *r, tt_pools *pools, tt_capacity *ret, tt_err *err);
/* The pool that a line of the bill is in. */
int tt_pools_of_line(tt_pools *p, const tt_billed_line *l, uint32_t *ret, tt_err *err);
/* Instances of all pools of a node group that move with its demand, in each hour of `base` and
 * `delta`; of the groups of `delta`, or where it is NULL, of `base`. Charges of nodes make as many
 * pools as nodes, so each is looked at once. */
typedef struct tt_together {            /* zero-initialise */
	const char **groups; size_t n, cap;
	int32_t *nodes;                 /* [n * hours] */
	size_t hours;
} tt_together;
/* Errors: TT_ENOMEM; free it all the same. */
int tt_together_make(const tt_pools *p, const tt_capacity *base, const tt_capacity *delta,
                     tt_together *ret, tt_err *err);
const int32_t *tt_together_of(const tt_together *t, const char *group); /* NULL: not there */
void tt_together_free(tt_together *t);
/* Hours of `pool`; NULL: none. */
const tt_pool_hours *tt_capacity_of(const tt_capacity *c, uint32_t pool);
void tt_capacity_free(tt_capacity *c);
void tt_pools_free(tt_pools *p);

/* Whether a pool is there at a moment of the horizon. */
bool tt_pool_is_there(const tt_pools *p, uint32_t pool, int64_t at_s);
/* "train-h100 · on_demand", as people call it: node group, else instance type, and pricing. */
int tt_pool_name(const tt_pool *p, tt_buf *to);
/* A pool of each name, names[n], and the number of the name of each pool, of[pools]. */
int tt_pools_names(const tt_pools *p, uint32_t *names, size_t *n, size_t *of, tt_err *err);
#endif
