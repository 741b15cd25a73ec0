/* simulation.h - what a scenario's changes would really save: baseline and changed case side
 * by side in many sampled futures.
 *
 * Every amount is int64, summed within a world before any quantile is taken; a saving is
 * baseline less after in the same world. The point figure (no assumption drawn, all adopted)
 * is there beside it. Not for showing anything: report/simulate_*. */
#ifndef TT_SIMULATE_SIMULATION_H
#define TT_SIMULATE_SIMULATION_H
#include "bill/bill.h"
#include "change/repack_worth.h"
#include "change/service.h"
#include "maths/order_stats.h"
#include "simulate/bind.h"
#include "simulate/results.h"

typedef struct tt_sim_range {       /* an amount of money over the horizon, micro-units */
	int64_t point;              /* at what is most plain: levels 1, all changes adopted */
	tt_worlds worlds;
} tt_sim_range;

typedef struct tt_sim_part {        /* a month or a pool */
	const char *name;           /* "2026-02", "train-h100 (on_demand)" */
	int64_t from_s, to_s;       /* of a month, cut to the horizon; else of the horizon */
	tt_sim_range baseline, after, saving;
} tt_sim_part;

typedef struct tt_sim_lost {
	size_t to;                  /* number of the other change */
	const char *why;
	int64_t micro;              /* at the point */
} tt_sim_lost;

typedef struct tt_sim_service {     /* over the horizon; mean over worlds, NaN: not known */
	double interruptions;       /* of instances on terms that can be taken away */
	double cold_starts;
	double overload_service_minutes; /* service.h */
	double p95_latency_ms;      /* of requests of services that the changes touch, while they
	                             * are in force; INFINITY: without limit; of a change and of
	                             * what is added: so much more */
} tt_sim_service;

typedef struct tt_sim_change {
	const tt_bound_change *of;
	const char *text;           /* canonical */
	tt_sim_range standalone;    /* saving of this change alone */
	tt_sim_range in_set;        /* on top of those before it in the order of composition */
	tt_sim_lost *lost; size_t n_lost; /* largest first, then by number */
	tt_sim_lost *together; size_t n_together; /* with whom it saves more than each of them
	                             * alone: so much more; largest first, then by number */
	double adopted_ratio;       /* of the worlds */
	const char *note;           /* why it saves nothing; "" */
	tt_service service;         /* what it makes users wait for, in the window */
	tt_sim_service added;       /* by it, as far as it is adopted and in force */
} tt_sim_change;

typedef struct tt_sim_budget {
	const tt_scenario_budget *of; /* its `at` without a file: out of budgets.csv */
	double within_ratio;        /* of months and worlds after the changes; NaN: not known */
	double baseline_within_ratio;
	int64_t p90_per_month;      /* of what a month costs after the changes */
} tt_sim_budget;

typedef struct tt_simulation {
	const tt_bound_scenario *scenario;
	const tt_bill *bill;
	uint64_t seed;
	size_t n_worlds;
	bool enough;                /* the interval is as narrow as asked; else worlds ran out */
	int64_t from_s, until_s;    /* the horizon */
	size_t weeks_measured;      /* whole weeks that are drawn from; 0: the window itself */
	tt_sim_range baseline, after, saving;
	tt_sim_range by_lever[2];   /* saving, by enum tt_lever: usage, rate */
	tt_sim_part *months; size_t n_months;
	tt_sim_part *pools; size_t n_pools; /* largest baseline first, then by name */
	tt_sim_change *changes; size_t n_changes; /* as in the scenario */
	tt_sim_budget *budgets; size_t n_budgets;
	tt_sim_service baseline_service, after_service;
	tt_sim_service added_service; /* by the changes, as far as each can tell */
	tt_repack_groups repacking; /* of node groups that changes touch: in no saving here */
	size_t service_unknown;     /* changes that can't tell all cold starts and overload */
	size_t interruptions_untold; /* changes of spot of which nobody said how often it is
	                             * interrupted now: they add at most what is said */
	size_t latency_unknown;     /* changes that can't tell p95 */
	double unknown_gpu_hours;   /* of the window, without a price: in no amount */
	int64_t *savings;           /* [n_worlds] in the order of worlds */
	tt_results *by_world;       /* NULL unless asked for; rows of the n_worlds first */
	const char **notes; size_t n_notes;
	tt_arena *arena;
} tt_simulation;

typedef struct tt_sim_options {
	uint64_t seed;
	size_t most_worlds;         /* a power of two; 0: 4096 */
	int threads;                /* 0: one for each processor */
	double narrow_ratio;        /* of the mean or P90: when to stop; 0: never before */
	bool by_world;              /* keep what each change saves in each world, for a caller
	                             * that sums up itself: months, pools, changes, budgets and
	                             * notes are left empty */
	/* NULL, or told how far it is, on the caller's thread: of worlds that may be sampled,
	 * sampling may stop before the last */
	void (*progress)(void *ctx, size_t done, size_t most);
	void *progress_ctx;
} tt_sim_options;

/* Errors: those of tt_change_apply() ("change 2: ..."), TT_ENODATA (what the fleet lacks),
 * TT_EDATA (an amount that does not fit), TT_ENOMEM. The same bytes for any threads. */
int tt_simulate(const tt_bound_scenario *sc, const tt_bill *baseline, const tt_settings *st,
                const tt_sim_options *o, tt_simulation **ret, tt_err *err);
void tt_simulation_free(tt_simulation *s);
void tt_simulation_freep(tt_simulation **s);
#endif
