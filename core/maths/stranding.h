/* stranding.h - how much to commit to when demand may fall: the commitment that weighs what it
 * saves on average against what it loses when it is stranded.
 *
 * Scenarios each say how their demand fills layers (layer_curve.h). What a commitment loses in
 * one is what it costs less what the same use would cost on demand: negative where it saves.
 * The answer is the least
 *
 *     (1 - weight) x mean loss + weight x mean of the worst (1 - level) of losses (CVaR)
 *
 * A weight of 0 is the layer rule over all scenarios; more weight never commits to more. (The
 * CVaR of cost instead of loss would: its bad cases are those of high demand.) Losses are
 * convex in the units, sums are whole numbers, so the answer is exact; of equals the
 * smallest. Pure functions, any thread. */
#ifndef TT_MATHS_STRANDING_H
#define TT_MATHS_STRANDING_H
#include "base/error.h"
#include "maths/layer_curve.h"

/* The quantile of demand to commit to when one level of demand lasts for the whole term: its
 * distribution is all there is to know. rate / price, weight and level 0 to 1, level below 1;
 * NaN outside. */
double tt_stranding_fractile(double rate_to_price, double weight, double level);

typedef struct tt_stranding_scenario {
	tt_layer_curve demand;      /* of the whole term */
	int64_t chance;             /* in proportion, > 0 */
} tt_stranding_scenario;

typedef struct tt_stranding_task {
	const tt_stranding_scenario *scenarios;
	size_t n;
	int64_t hours, unit;        /* of the term; parts of one unit in the curves; > 0 */
	int64_t rate_micro, price_micro; /* of one unit for an hour, >= 0 */
	uint32_t weight_millionths; /* 0 to 1000000 */
	uint32_t level_millionths;  /* 0 to 999999; 900000: the worst tenth */
} tt_stranding_task;

typedef struct tt_stranding {
	int64_t units;
	int64_t saving_micro;       /* mean; negative: a loss */
	int64_t tail_loss_micro;    /* mean of the worst, by `level` */
	int64_t decile_loss_micro;  /* mean of the worst tenth */
	int64_t stranded_micro;     /* mean paid for hours that nothing used */
} tt_stranding;

/* The best whole number of units. TT_EINVAL for a task against the rules above or sums that
 * don't fit, TT_ENOMEM. O((scenarios log scenarios + pieces) log units). */
int tt_stranding_best(const tt_stranding_task *t, tt_stranding *ret, tt_err *err);

/* What so many units, >= 0, do. Errors as above. */
int tt_stranding_of(const tt_stranding_task *t, int64_t units, tt_stranding *ret, tt_err *err);

/* How likely more than so much money is paid for hours that nothing uses, 0 to 1. */
int tt_stranding_chance(const tt_stranding_task *t, int64_t units, int64_t more_than_micro,
                        double *ret, tt_err *err);
#endif
