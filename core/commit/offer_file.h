/* offer_file.h - offers that somebody has in hand, as YAML: what prices.csv has no columns for.
 *
 *     offers:
 *       - id: h100-1y
 *         kind: reserved_instance        # a word of commitments.csv
 *         provider: p                    # what it is for; what is not said is any
 *         instance_type: g8              # the price is of an instance; else of a card
 *         term_months: 12
 *         price_per_hour: 20             # or upfront and monthly
 *         most_units: 16                 # of one purchase
 *         until: 2026-03-31T00:00:00Z    # when it can be bought
 *
 * Of units (reserved_instance, committed_use), of money (savings_plan; committed_use with rates),
 * or of days (capacity_block, for what is written under `needs`). Each fault is one line with
 * file:line:column. What it means for a fleet is for offers_listed.h, money.h and blocks.h. */
#ifndef TT_COMMIT_OFFER_FILE_H
#define TT_COMMIT_OFFER_FILE_H
#include "simulate/strict.h"
#include "snapshot/snapshot.h"

enum tt_offer_sold { TT_SOLD_IN_UNITS, TT_SOLD_IN_MONEY, TT_SOLD_IN_DAYS };

typedef struct tt_offer_scope {     /* "": any */
	const char *provider, *region, *instance_type, *gpu_model, *owner;
} tt_offer_scope;

typedef struct tt_offer_rate {      /* of money: what it buys, and at what price */
	tt_offer_scope scope;       /* without owner */
	tt_decimal price_per_hour;  /* TT_DECIMAL_MISSING: by the discount */
	tt_decimal discount_ratio;  /* off the price on demand; TT_DECIMAL_MISSING: by price */
} tt_offer_rate;

typedef struct tt_listed_offer {
	const char *id;
	tt_at at;
	enum tt_offer_sold sold;
	const char *kind;           /* as in commitments.csv */
	tt_offer_scope scope;
	const char *payment;        /* "none", "partial", "all" */
	int64_t term_h;             /* a month has 730 */
	tt_decimal rate_per_hour;   /* of one unit, all that is paid over its term;
	                             * TT_DECIMAL_MISSING: no price is said */
	tt_decimal upfront;         /* of that, paid at the start, of one unit */
	int64_t gpus;               /* cards of an instance; 0: as the price book says */
	int64_t least, most, lot;   /* of one purchase, in units; most 0: no limit */
	tt_decimal least_per_hour, most_per_hour; /* the same of money; 0: no limit */
	int64_t from_s, until_s;    /* can be bought from, and before; TT_TIME_MISSING: open */
	int64_t starts_s;           /* of days: the first of them */
	int64_t as_of_s;            /* TT_TIME_MISSING: undated */
	const tt_offer_rate *rates; /* [n_rates] of money; the first that fits counts */
	size_t n_rates;
} tt_listed_offer;

typedef struct tt_dated_need {            /* capacity that is wanted between two dates */
	const char *id;
	tt_at at;
	tt_offer_scope scope;
	int64_t units;              /* cards where no instance type is said */
	int64_t from_s, until_s;
} tt_dated_need;

typedef struct tt_offer_file {
	const char *path;
	char digest[17];            /* of its bytes: FNV-1a, in hexadecimal */
	const char *currency;       /* "": not said */
	tt_listed_offer *v;         /* [n] as they stand there */
	size_t n;
	tt_dated_need *needs;             /* [n_needs] */
	size_t n_needs;
} tt_offer_file;

/* In `arena`. Errors: TT_EIO, TT_EDATA with path:line:column, TT_ENOMEM. */
int tt_offer_file_read(const char *path, tt_arena *arena, tt_offer_file *ret, tt_err *err);

/* Whether something like `like` is within the scope, whoever owns it. */
bool tt_offer_scope_has(const tt_offer_scope *scope, const tt_node_row *like);
#endif
