/* online_commit.h - committing without a forecast: when what was paid on demand would have
 * bought it.
 *
 * A reservation costs a fee and serves one unit for a term of slots (hours), in which what is
 * used costs a part of the price, or nothing. The rule watches the last term: as long as more
 * slots than it has patience for used a unit above all that is reserved, it reserves one, and
 * counts that one as if it had been there all the time. With patience for what a reservation
 * is worth, this never costs more than 2 - (that part) times what one could have paid knowing
 * the future, and no rule without chance does better; with patience drawn at random the
 * expected cost is at most e / (e - 1 + part) times that (Wang, Li and Liang 2013).
 * Such a bound is a guard rail, not a plan: a planner that looks ahead saves more.
 *
 * There the patience is drawn with a part of "never": putting that chance on the longest finite
 * patience, as it is often told, breaks the bound (tests/unit/online_commit.c). Whole
 * numbers but for probabilities, which have the same bits everywhere. Pure functions. */
#ifndef TT_MATHS_ONLINE_COMMIT_H
#define TT_MATHS_ONLINE_COMMIT_H
#include "base/error.h"
#include "base/memory.h"
#include "base/money.h"

#define TT_ONLINE_NEVER INT64_MAX

typedef struct tt_online_task {
	const int64_t *demand;      /* [n] of each slot, in whole units, at most 2^24; below 0:
	                             * not known, and nobody's reason to reserve */
	size_t n;
	size_t first;               /* slots before this are known, and paid by others */
	size_t term;                /* slots, > 0 */
	int64_t fee_micro, price_micro; /* of a reservation, and of a slot of one unit; > 0 */
	uint32_t used_millionths;   /* part of the price that a reserved slot costs if used,
	                             * 0 to 999999 */
} tt_online_task;

typedef struct tt_online {
	int64_t *bought;            /* [n] in each slot */
	int64_t *held;              /* [n] in force */
	int64_t n_bought;
	int64_t reserved_slots, on_demand_slots; /* units x slots used, from `first` on */
	int64_t cost_micro;         /* fees and use from `first` on, rounded half-even */
} tt_online;

/* Slots to wait for: as many as make up for the fee, rounded down. */
int64_t tt_online_patience(const tt_online_task *t);

/* At a random u in [0, 1) the patience in fees of the randomised rule; INFINITY: never. */
double tt_online_random_patience(double u, double used_ratio);

/* The course with this patience, in `arena`. TT_EINVAL for a task against the rules above or
 * costs that don't fit, TT_ENOMEM. O(n + bought). */
int tt_online_run(const tt_online_task *t, int64_t patience, tt_arena *arena, tt_online *ret,
                  tt_err *err);

/* The exact expected cost of the randomised rule, in micro-units: a run for each patience that
 * makes a difference. With `never` its chance of never, else of the longest finite one. */
int tt_online_expected(const tt_online_task *t, bool never, double *ret_micro, tt_err *err);
#endif
