/* plans.h - what to commit to in each of the next quarters, pool by pool, and what may come of
 * it.
 *
 * Demand is forecast from the window (rolling.h); what is held is in force to the end of its
 * terms; the ladder is exact on that. Then the plan as it stands is priced in sampled worlds:
 * levels of demand that wander, half of it with the region, so that pools of a region rise
 * and fall together. A term that runs on beyond what is planned is paid pro rata, so a plan is
 * as long as the longest term where nobody says otherwise. Nobody has to buy next year what is
 * planned for next year: what is to be bought now is looked at by itself, too. Quarters have
 * 2,190 hours, from the end of the window on. */
#ifndef TT_COMMIT_PLANS_H
#define TT_COMMIT_PLANS_H
#include "commit/conditions.h"
#include "commit/portfolio.h"
#include "commit/track.h"
#include "maths/order_stats.h"

enum { TT_PLAN_FALLS = 2 };

typedef struct tt_plans_options {
	bool keep_gaps, whole;      /* see tt_once_options */
	const char *ratios;
	size_t quarters;            /* up to 40; 0: as many as the longest term, at least 8 */
	uint64_t seed;
	size_t worlds;              /* > 0 */
	int threads;                /* 0: as many as processors; no figure depends on it */
	tt_caution caution;
	int64_t over_micro;         /* see tt_plans_now; UNKNOWN: a quarter of what is bought */
	uint32_t discount_millionths; /* a year: what it is worth to pay later */
	bool resale;                /* what is held may be sold, for */
	uint32_t resale_millionths; /* of what is left of an upfront sum */
	bool risk;                  /* also what plan_risk.h has */
	const tt_offer_file *listed; /* offers beside the price book; NULL: none */
	bool by_owner;              /* pools are */
} tt_plans_options;

typedef struct tt_purchase {
	const tt_offer *offer;
	size_t quarter;
	size_t first, end;          /* segments of the plan that it covers: [first, end) */
	int64_t starts_s, ends_s;   /* of the term; it may end after what is planned */
	int64_t units;
	int64_t cost_micro;         /* within what is planned */
} tt_purchase;

typedef struct tt_sale {
	const char *commitment;
	size_t held, segment;       /* of the ladder: at the start of this segment */
	int64_t at_s, units;
	int64_t proceeds_micro;     /* what it frees and brings within what is planned */
} tt_sale;

typedef struct tt_plans_fall {  /* of what is bought now, should demand be lower at once */
	double fall_ratio;
	int64_t saving_micro, unused_micro;
} tt_plans_fall;

/* What is bought now, by itself: nobody is bound to the rest. */
typedef struct tt_plans_now {
	int64_t cost_micro;         /* within what is planned */
	tt_worlds saving;
	int64_t *savings, *unused;  /* [worlds]; unused: paid for what nothing uses */
	int64_t tail_micro;         /* mean saving in the worst tenth; below 0: a loss */
	int64_t unused_micro;       /* mean */
	int64_t over_micro;         /* more than so much is paid for what nothing uses: */
	double over_ratio;          /* how likely that is */
	double utilization_ratio;   /* mean; NaN: nothing is bought */
} tt_plans_now;

typedef struct tt_plans_pool {
	const tt_eligible_pool *pool;
	tt_offers offers;
	const char *why;            /* nothing is planned; NULL: see below */
	tt_rolling rolling;         /* what was asked */
	tt_rolling_plan plan;       /* and answered, with its proof */
	tt_conditions conditions;   /* what offers allow that no ladder knows of */
	tt_track track;             /* how forecasts did in the past */
	tt_purchase *purchases;     /* [n_purchases] by quarter, then offer */
	size_t n_purchases;
	const tt_lot *lots;         /* [n_lots] what is or will be held */
	size_t n_lots;
	const char **held_names;    /* [rolling.n_for_sale] */
	tt_sale *sales;             /* [n_sales] by commitment, then time */
	size_t n_sales;
	tt_worlds saving;           /* of the plan over all quarters, in the worlds */
	int64_t *savings;           /* [worlds] */
	int64_t none_micro;         /* expected: all that is not held, on demand */
	int64_t cost_micro;         /* expected: with the plan */
	int64_t caution_micro;      /* of that, what caution adds to the least; 0: there is none */
	int64_t unused_micro;       /* mean: paid for what nothing uses */
	int64_t tail_micro;         /* mean saving in the worst tenth; below 0: a loss */
	double utilization_ratio;   /* mean, of what is bought; NaN: nothing is */
	double coverage_ratio;      /* mean, of usage, with what is held; NaN without usage */
	tt_plans_fall falls[TT_PLAN_FALLS]; /* by 20 and 40 % */
	tt_plans_now now;           /* zeros where nothing is */
	const struct tt_plan_quarter *by_quarter; /* [quarters] plan_cash.h; NULL: no plan */
	const struct tt_plan_risk *risk; /* NULL: not asked for */
	int32_t back_months;        /* until that has paid; 0: not within what is planned; -1: not
	                             * known */
} tt_plans_pool;

typedef struct tt_plans {
	int64_t start_s, end_s;     /* of what is planned */
	size_t quarters;
	tt_plans_pool *v;           /* [n] as the eligible pools stand */
	size_t n;
	tt_worlds saving;           /* of all pools, summed within worlds */
	int64_t none_micro, cost_micro, tail_micro, unused_micro, caution_micro;
	tt_plans_now now;           /* likewise; utilization_ratio is by cost */
	tt_plans_fall falls[TT_PLAN_FALLS];
	const struct tt_plan_quarter *by_quarter; /* [quarters] of all pools */
	const struct tt_blocks *blocks; /* for dates (blocks.h); NULL: nothing of that kind */
	const struct tt_money_plan *money; /* beside units (money.h); NULL: none is offered */
	const char **notes;
	size_t n_notes;
} tt_plans;

/* Offers, horizon, what is held and what is asked for each pool; nothing is planned yet. In
 * `arena`; snapshot and `e` must outlive it. Errors: TT_EINVAL (ratios; a horizon shorter than
 * every term), TT_EDATA (a listed offer for no pool), TT_ENODATA (less than two weeks of
 * history), TT_ENOMEM. */
int tt_plans_ask(const tt_snapshot *s, const tt_eligible *e, const tt_plans_options *o,
                 tt_arena *arena, tt_plans *ret, tt_err *err);

/* All of it. Errors: these, and TT_EINVAL where sums don't fit. */
int tt_plans_make(const tt_snapshot *s, const tt_eligible *e, const tt_plans_options *o,
                  tt_arena *arena, tt_plans *ret, tt_err *err);
#endif
