/* profiles.h - demand that is added by `scale ... profile=`: so many cards in each hour of
 * the week, or so many runs of a job each month.
 *
 * Hours are UTC, as everywhere. Not for where the demand is placed or what it costs. */
#ifndef TT_SIMULATE_PROFILES_H
#define TT_SIMULATE_PROFILES_H
#include "simulate/assumptions.h"

#define TT_WEEK_HOURS 168

typedef struct tt_profile {
	const char *name, *note;       /* note "": none                                  */
	tt_at at;
	bool runs;                     /* runs of a job, spread evenly; else by the hour */
	double cards[TT_WEEK_HOURS];   /* mean of the hour; hour 0: Monday 00:00. Not all 0 */
	double mean_cards;             /* of `cards`; what `gpus=` of the change replaces,
	                                * the shape staying as it is. NaN for runs       */
	tt_assumed runs_per_month;     /* for runs                                       */
	tt_assumed gpu_hours_per_run;  /* card-hours of one that succeeds                */
	tt_assumed failure_ratio;      /* runs that fail and are run again: n successes
	                                * take n / (1 - failure_ratio) runs              */
} tt_profile;

/* Read the profile `name` from `y`. Errors: TT_EDATA, TT_ENOMEM. */
int tt_profile_read(const tt_strict *r, const tt_yaml *name, const tt_yaml *y, tt_profile *ret);
#endif
