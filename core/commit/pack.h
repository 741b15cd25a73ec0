/* pack.h - what there is to say of a demand in talks about a commitment: how steady it is, how it
 * grows and swings, what of it could move, and how much each rate would make us commit to.
 *
 * Facts and the layer rule (maths/layers.h) on what is beyond what is held; nothing is forecast but
 * growth, and nothing is said that the tables do not have. The last year of the window counts
 * (growth looks at all of it); hours without any use by anybody are left out, as in all of
 * commit. */
#ifndef TT_COMMIT_PACK_H
#define TT_COMMIT_PACK_H
#include "commit/offers.h"

enum { TT_PACK_RATES = 6, TT_PACK_WEEK_H = 168 };
extern const int tt_pack_rates_pct[TT_PACK_RATES]; /* of the price on demand: 80, 70, ... 30 */

typedef struct tt_pack_level {      /* what a rate would make us commit to */
	double ratio;               /* of the price on demand: the use from which a unit pays */
	int64_t units;
	double used_ratio, covers_ratio; /* of units, of what is not covered; NaN: of none */
	int64_t year_micro;         /* rate x units x 8,760 hours; UNKNOWN without a price */
} tt_pack_level;

typedef struct tt_pack_offer { const tt_offer *offer; tt_pack_level at; } tt_pack_offer;

typedef struct tt_pack_work {       /* card-hours of pods, for what could move */
	double all_h;
	double wait_h;              /* training and batch: could run at another hour */
	double type_h;              /* names no GPU model and selects no node */
	double region_h;            /* no service, and selects no node */
} tt_pack_work;

typedef struct tt_pack_pool {
	const tt_eligible_pool *pool;
	tt_offers offers;
	/* units (cards or instances, see offers.unit_cards) in use, in hours that count */
	double mean, peak;
	double steady, always;      /* in 95 % of the hours, in all of them, at least */
	double month_h;             /* unit-hours of a month of 730 hours */
	double held_ratio;          /* of use, covered by what is held */
	double growth_ratio;        /* in a quarter; NaN: not enough weeks */
	double profile[TT_PACK_WEEK_H]; /* mean use by hour of the week (UTC, from Monday); NaN */
	double weekend_ratio;       /* mean of Saturday and Sunday over that of other days; NaN */
	int64_t month_micro;        /* a month of it on demand; UNKNOWN */
	tt_pack_work work;          /* of pods that are placed on its nodes */
	tt_pack_level rates[TT_PACK_RATES];
	tt_pack_offer *offered;     /* [n_offered] of the price book */
	size_t n_offered;
} tt_pack_pool;

typedef struct tt_pack_owner { const char *owner; bool cards; double unit_h; } tt_pack_owner;

typedef struct tt_pack {
	int64_t start_s;            /* of what counts: at most the last year of the window */
	size_t hours;               /* that count */
	tt_pack_pool *v; size_t n;  /* by what a month costs on demand, most first */
	tt_pack_work work;          /* of all pods */
	tt_pack_owner *owners; size_t n_owners; /* of demand.csv, most first; if asked for */
} tt_pack;

/* In `arena`; snapshot and `e`, pools by instance type, have to outlive it. Errors: TT_ENODATA,
 * TT_EDATA, TT_ENOMEM. */
int tt_pack_make(const tt_snapshot *s, const tt_eligible *e, bool with_owners, tt_arena *arena,
                 tt_pack *ret, tt_err *err);
#endif
