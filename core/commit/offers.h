/* offers.h - on which terms a pool can be had: on demand, and committed, by the unit.
 *
 * Out of prices.csv (and nodes.csv, where that has the price on demand), as ratios of a
 * price of 1, or as somebody has listed them (offer_file.h). A pool of several types has
 * offers only where all of them cost the same, for one commitment has one price. Knows no
 * provider: terms are those of the words of prices.csv, or as listed. */
#ifndef TT_COMMIT_OFFERS_H
#define TT_COMMIT_OFFERS_H
#include "commit/eligible.h"
#include "commit/offer_file.h"

enum { TT_QUARTER_H = 2190 };

typedef struct tt_offer {
	const char *name;           /* "commit_1y none"; "0.63" for a ratio */
	const char *pricing, *payment; /* as in prices.csv; "" for a ratio */
	int64_t term_h;             /* 8760, 26280; 0: not said */
	tt_decimal rate_per_hour;   /* of one unit, upfront spread over the term */
	tt_decimal upfront;         /* of that, paid at the start; TT_DECIMAL_MISSING: unknown */
	int64_t as_of_s;            /* TT_TIME_MISSING: undated */
	const tt_listed_offer *listed; /* where it is from, with its dates; NULL: the price book */
	int64_t least, most, lot;   /* units of one purchase; 0: no limit, one by one */
} tt_offer;

typedef struct tt_offers {
	tt_decimal price_per_hour;  /* on demand, of one unit; TT_DECIMAL_MISSING: unknown */
	int64_t unit;               /* what of tt_eligible_pool.used one unit is */
	int64_t unit_cards;         /* 0: an instance, of however many */
	tt_offer *v;                /* [n] by pricing, then payment */
	size_t n;
	const char *why;            /* there are none; NULL: there are */
} tt_offers;

/* Whole quarters within which an offer's term is. Of a ratio nothing says how long: a year. */
size_t tt_offer_quarters(const tt_offer *o);

/* What can be had for the pool: at `ratios` (below) where there are any, else what the price
 * book has; `whole` instances, where usage is in cards. In `arena`. Errors: TT_EINVAL
 * (ratios), TT_ENOMEM. */
int tt_offers_make(const tt_snapshot *s, const tt_eligible_pool *p, bool whole,
                   const char *ratios, tt_arena *arena, tt_offers *ret, tt_err *err);

/* Cards of each instance of the pool; 0: not known, or they differ. */
int64_t tt_offers_cards(const tt_snapshot *s, const tt_eligible_pool *p);

/* Append one. Errors: TT_ENOMEM. */
int tt_offers_add(tt_offers *o, tt_arena *arena, const tt_offer *offer, tt_err *err);

/* A price of 1 on demand for a card or an instance, as usage of `p` is in (NULL: whatever it
 * is), and one offer for each of the ratios in `text`: "0.63,0.35". Errors: TT_EINVAL (not a
 * ratio between 0 and 1), TT_ENOMEM. */
int tt_offers_at_ratios(const char *text, const tt_eligible_pool *p, tt_arena *arena,
                        tt_offers *ret, tt_err *err);
#endif
