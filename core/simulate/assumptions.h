/* assumptions.h - what a scenario assumes about the future, and how sure it is: the names
 * that may be assumed, as data, and one assumption read from YAML.
 *
 * The one place to touch for a new name; scenarios/README.md shows the same table to people
 * and a test keeps the two equal. Not for drawing from one (distributions.h). */
#ifndef TT_SIMULATE_ASSUMPTIONS_H
#define TT_SIMULATE_ASSUMPTIONS_H
#include "simulate/distributions.h"
#include "simulate/strict.h"

/* Distributions come with the bounds of their name: a normal or lognormal one is cut off
 * there, where nothing narrower is said; the others can't get outside. */
typedef struct tt_assumed {
	tt_dist_spec spec;       /* FIXED at NaN: nothing is assumed, changes and prices say */
	tt_at at;                /* file NULL: the default                                */
} tt_assumed;

/* In the order of their names within a scope, which is the order of fleet-wide draws. */
enum tt_assumption {
	/* of the whole fleet */
	TT_DEMAND_GROWTH, TT_DEMAND_LEVEL, TT_DEMAND_PERSISTENCE, TT_DEMAND_REGION_SHARE,
	TT_DEMAND_VOLATILITY, TT_INTERRUPTION_LEVEL, TT_INTERRUPTIONS, TT_ON_DEMAND_PRICE,
	TT_PRICE_CHANGE, TT_SPOT_PRICE, TT_ZONE_INTERRUPTIONS,
	/* of each change; what is said of the fleet holds where the change says nothing */
	TT_ADOPTION, TT_REALISATION, TT_START_DELAY,
	TT_ASSUMPTIONS,
	/* of a part of the scenario, where they are a key */
	TT_GROWTH = TT_ASSUMPTIONS, TT_CUT, TT_RUNS, TT_RUN_GPU_HOURS, TT_RUN_FAILURE,
	TT_ASSUMPTION_DEFS
};

typedef struct tt_assumption_def {
	const char *name, *unit;
	double standard;         /* where nothing is said; NaN: as changes and prices say */
	double min, max;         /* no value outside is believed                          */
	bool tails;              /* may be normal or lognormal                            */
} tt_assumption_def;

extern const tt_assumption_def tt_assumption_defs[TT_ASSUMPTION_DEFS];
/* The names that stand below `assumptions:`, NULL-terminated. */
extern const char *const tt_assumption_names[TT_ASSUMPTIONS + 1];

/* What holds where nothing is said: fixed, at NaN where the default is none. */
tt_assumed tt_assumed_default(enum tt_assumption of);
tt_assumed tt_assumed_fixed(enum tt_assumption of, double value);

/* A number, or a map with a distribution and its parameters. Errors: TT_EDATA, TT_ENOMEM. */
int tt_assumed_read(const tt_strict *r, const tt_yaml *y, enum tt_assumption of,
                    tt_assumed *ret);
#endif
