#include "maths/checkpoint.h"
#include "maths/elementary.h"
#include "maths/powers.h"
#include <math.h>

/* Below this share of checkpoint in mtti the equation loses digits (it subtracts nearly
 * equal numbers) and the series has more of them. Above the other one the root is 1. */
#define SERIES_BELOW 1e-5
#define ROOT_IS_1_ABOVE 37

static double paid_h(double run_h, double recovery_h, double mtti_h)
{
	if (isinf(mtti_h))
		return run_h; /* the limit; the formula would be INFINITY * 0 */
	return tt_exp(recovery_h / mtti_h) * mtti_h * tt_expm1(run_h / mtti_h);
}

/* Waiting comes once with each interruption, and these come with the hours that run. */
static double wall_of(const tt_interruptions *t, double paid)
{
	if (isinf(t->mtti_h) || t->wait_h == 0)
		return paid;
	return paid + paid / t->mtti_h * t->wait_h;
}

double tt_checkpoint_paid_h(const tt_interruptions *t, double work_h)
{
	return paid_h(work_h + t->checkpoint_h, t->recovery_h, t->mtti_h);
}

double tt_checkpoint_wall_h(const tt_interruptions *t, double work_h)
{
	return wall_of(t, tt_checkpoint_paid_h(t, work_h));
}

/* Root of ln(1 - x) + x + d = 0 near d = 0, by powers of the share lost to a checkpoint. */
static double series(double d)
{
	double q = sqrt(-2 * tt_expm1(-d));

	return q * (1 + q * (-1.0 / 3 + q * (11.0 / 72 + q * (-43.0 / 540 + q * 769 / 17280))));
}

/* The same root by Newton's steps from above, where they can't overshoot: the left side
 * falls and is concave. Not by a library's W0, whose last bits depend on the machine. */
static double root(double d)
{
	double x = 1 - tt_exp(-1 - d);

	for (int i = 0; i < 100; i++) {
		double next = x + (tt_log1p(-x) + x + d) * (1 - x) / x;

		if (!(next < x))
			break;
		x = next;
	}
	return x;
}

double tt_checkpoint_interval_h(double checkpoint_h, double mtti_h)
{
	double d = checkpoint_h / mtti_h;

	if (isinf(mtti_h) && !isnan(checkpoint_h))
		return mtti_h;
	if (isnan(d) || d < 0)
		return (double)NAN;
	if (d < SERIES_BELOW)
		return mtti_h * series(d);
	return d > ROOT_IS_1_ABOVE ? mtti_h : mtti_h * root(d);
}

double tt_checkpoint_young_h(double checkpoint_h, double mtti_h)
{
	return sqrt(2 * checkpoint_h * mtti_h);
}

double tt_checkpoint_daly_h(double checkpoint_h, double mtti_h)
{
	double half = checkpoint_h / (2 * mtti_h);

	if (checkpoint_h >= 2 * mtti_h)
		return mtti_h;
	return tt_checkpoint_young_h(checkpoint_h, mtti_h) * (1 + sqrt(half) / 3 + half / 9) -
	       checkpoint_h;
}

/* --- A whole job ------------------------------------------------------------------------ */

double tt_checkpoint_paid_ratio(const tt_interruptions *t, double interval_h)
{
	if (interval_h == 0 && t->checkpoint_h == 0) /* the limit: only recovery is lost */
		return isinf(t->mtti_h) ? 1 : tt_exp(t->recovery_h / t->mtti_h);
	return tt_checkpoint_paid_h(t, interval_h) / interval_h;
}

void tt_checkpoint_job_expect(const tt_interruptions *t, double work_h, double interval_h,
                              tt_checkpoint_job *ret)
{
	double paid;

	if (isinf(interval_h))
		paid = paid_h(work_h, t->recovery_h, t->mtti_h);
	else if (interval_h >= work_h)
		paid = tt_checkpoint_paid_h(t, work_h);
	else
		paid = work_h * tt_checkpoint_paid_ratio(t, interval_h);
	if (work_h == 0)
		paid = 0; /* no result to save either */
	*ret = (tt_checkpoint_job){
		.segments = interval_h >= work_h ? (work_h > 0) : work_h / interval_h,
		.wall_h = wall_of(t, paid),
		.paid_h = paid,
		.waste_ratio = 1 - work_h / paid,
		.interruptions = isinf(t->mtti_h) ? 0 : paid / t->mtti_h,
	};
}

/* --- Rates and prices ------------------------------------------------------------------- */

double tt_checkpoint_gang_mtti_h(double n, double mtti_h, double zone_mtti_h)
{
	return 1 / (1 / zone_mtti_h + n / mtti_h);
}

double tt_checkpoint_exposed_mtti_h(double interrupted_ratio, double exposure_h)
{
	if (!(interrupted_ratio >= 0 && interrupted_ratio <= 1))
		return (double)NAN;
	return exposure_h / -tt_log1p(-interrupted_ratio);
}

double tt_checkpoint_price_ratio(double price_ratio, double paid_ratio, double on_demand_ratio)
{
	return price_ratio * paid_ratio / on_demand_ratio;
}

double tt_checkpoint_break_even_ratio(double paid_ratio, double on_demand_ratio)
{
	return on_demand_ratio / paid_ratio;
}

/* --- Notice ----------------------------------------------------------------------------- */

double tt_checkpoint_notice_success_ratio(const tt_notice *n)
{
	return n->checkpoint_h > n->notice_h ? 0 : n->success_ratio;
}

double tt_checkpoint_notice_interval_h(const tt_interruptions *t, const tt_notice *n)
{
	double fails_ratio = 1 - tt_checkpoint_notice_success_ratio(n);

	if (fails_ratio == 0)
		return (double)INFINITY;
	return sqrt(2 * t->checkpoint_h * t->mtti_h / fails_ratio);
}

double tt_checkpoint_notice_overhead_ratio(const tt_interruptions *t, const tt_notice *n,
                                           double interval_h)
{
	double saved = tt_checkpoint_notice_success_ratio(n);
	double emergency_h = saved > 0 ? saved * n->checkpoint_h : 0;
	double lost_h = saved == 1 ? 0 : (1 - saved) * (interval_h + t->checkpoint_h) / 2;

	return t->checkpoint_h / interval_h + (t->recovery_h + emergency_h + lost_h) / t->mtti_h;
}
