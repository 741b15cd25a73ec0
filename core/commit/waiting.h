/* waiting.h - what it is worth to decide later: how much to buy today if the rest can be
 * bought once it is known how demand goes.
 *
 * Demand takes one of several courses. Today one number has to be chosen, how many units of
 * one offer to buy; from the next segment on the course is known and the rest is bought for
 * it. For each number that is a ladder for each course with so many units held (ladder.h),
 * and their mean cost is convex in the number, so the best is found by halving, on what the
 * ladders' proofs say that one unit more would be worth; exactly. Beside it stand who knows
 * the course today, who plans for the mean of them, and who has to fix everything today:
 * the differences are what foresight, thinking in courses and waiting are worth.
 *
 * Real purchases learn bit by bit, not all at once after a quarter, so what waiting is worth
 * is told from above. Money is int64 micro-units. Pure functions, any thread. */
#ifndef TT_COMMIT_WAITING_H
#define TT_COMMIT_WAITING_H
#include "commit/ladder.h"

typedef struct tt_waiting_course {
	const tt_ladder_segment *segments; /* [n_segments] of the task */
	int64_t chance;             /* in proportion, > 0 */
} tt_waiting_course;

typedef struct tt_waiting_task {
	const tt_waiting_course *courses;
	size_t n_courses, n_segments;
	const tt_ladder_offer *offers;
	size_t n_offers;
	size_t now;                 /* the one to decide on: it starts at 0, no other does */
	const tt_ladder_held *held;
	size_t n_held;
} tt_waiting_task;

/* All means over the courses, rounded half-even. */
typedef struct tt_waiting {
	int64_t units;              /* to buy today; of equals the fewest */
	int64_t cost_micro;         /* with these */
	int64_t none_micro;         /* nothing bought at all */
	int64_t foresight_micro;    /* course known today: nobody can do better */
	int64_t mean_units, mean_micro;   /* best for the mean of the courses, and with these */
	int64_t fixed_units, fixed_micro; /* all purchases fixed today, whatever comes */
	int64_t of_courses_micro;   /* mean_micro - cost_micro, >= 0 (VSS) */
	int64_t of_foresight_micro; /* cost_micro - foresight_micro, >= 0 (EVPI) */
	int64_t of_waiting_micro;   /* fixed_micro - cost_micro, >= 0 (recourse) */
} tt_waiting;

/* TT_EINVAL for a task against the rules above or those of ladders, or chances that make sums
 * too large (a cost of one unit times all chances stays below 2^52); TT_ENOMEM. As many
 * ladders as courses, times the logarithm of units. */
int tt_waiting_value(const tt_waiting_task *t, tt_waiting *ret, tt_err *err);
#endif
