/* metering.h - what usage costs under the commitments that are held, exactly.
 *
 * Items are kinds of capacity in use (one per pool and price, not one per node);
 * commitments are paid for whether they are used or not. Prepared once, a metering takes
 * the usage of one hour after the other without allocating, and may be shared by threads;
 * each has sums of its own. It knows no snapshot and no clock: which items there are and
 * what they cost is for who calls (bill.h), whether to commit at all for core/commit.
 *
 * In every hour commitments apply kind after kind in the order of enum tt_metering_kind,
 * and all of one kind together: the pair of item and commitment that saves the highest
 * percentage of the on-demand price first, of equals the one with the lowest rate, then
 * by id of commitment and of item. What is left is on demand; what is left of a commitment
 * is lost with the hour. See README.md, "Held commitments".
 *
 * Quantities are millionths of a unit x seconds (micro_s): one instance for one hour is
 * 3,600,000,000. Whatever divides unevenly is carried as a fraction through the hour. Only
 * what an item costs on demand in an hour is then put, half-even, on a scale of
 * TT_METERING_MICRO steps to a micro-unit of money, where it does not divide; sums on that
 * scale are exact, and are rounded to micro-units once, when they are read. */
#ifndef TT_BILL_METERING_H
#define TT_BILL_METERING_H
#include "base/money.h"
#include "snapshot/tables.h"
#include <stddef.h>
#include <stdint.h>

/* A price per hour (10^-12) x micro_s: what one micro-unit of money is in these. */
#define TT_METERING_MICRO ((tt_i128)3600 * 1000000000000)

enum tt_metering_kind {         /* in the order in which they apply */
	TT_METERING_CAPACITY_BLOCK, /* bound to its own machines, so before any discount */
	TT_METERING_RESERVED,
	TT_METERING_COMMITTED_USE,
	TT_METERING_INSTANCE_PLAN,
	TT_METERING_COMPUTE_PLAN,
	TT_METERING_KINDS
};

/* Words as numbers of the caller's. Of an item, 0 is "not known" and matches only what
 * asks for nothing there; of a commitment, 0 is "any". */
typedef struct tt_metering_key {
	uint32_t provider, region, instance_type, gpu_model, family;
} tt_metering_key;

typedef struct tt_metering_item {
	const char *id;             /* distinct; settles what is otherwise equal */
	tt_metering_key key;
	tt_decimal price_per_hour;  /* of one unit, on demand; TT_DECIMAL_MISSING: unknown */
	uint32_t size;              /* of one unit within its family, in hundredths (nano 25,
	                             * small 100, xlarge 800); 0: not known */
	uint32_t cards_micro;       /* cards of one unit, millionths */
} tt_metering_item;

enum tt_metering_unit {         /* what `units_micro` counts */
	TT_METERING_INSTANCES,      /* units of an item, each as good as the other */
	TT_METERING_CARDS,          /* an item's unit takes as many as it has cards */
	TT_METERING_SIZES           /* size-flexible: an item's unit takes its size / `size` */
};

/* Of units (`commitment_per_hour` missing), or of money. Money buys each item at its rate
 * under the plan. What a plan was prepaid is part of its money and not added to it. */
typedef struct tt_metering_commitment {
	const char *id;             /* distinct */
	enum tt_metering_kind kind;
	tt_metering_key key;
	int64_t starts_s, ends_s;   /* TT_TIME_MISSING: open */
	int64_t units_micro;        /* held at every moment of the term */
	enum tt_metering_unit unit;
	uint32_t size;              /* TT_METERING_SIZES: of the size that was bought */
	tt_decimal price_per_hour;  /* recurring, of one unit; TT_DECIMAL_MISSING: unknown */
	tt_decimal upfront;         /* for all units and the whole term; as above */
	tt_decimal commitment_per_hour; /* TT_DECIMAL_MISSING: of units */
	const tt_decimal *rates;    /* [items] of money: an hour of one unit under the plan,
	                             * TT_DECIMAL_MISSING or 0: not covered */
} tt_metering_commitment;

typedef struct tt_metering tt_metering;
typedef struct tt_metering_sums tt_metering_sums;

/* Prepare. Ids, keys and rates are copied. TT_EINVAL names what is wrong: a negative
 * amount, a price of 9,223,372 or more, a size that is missing, a term that ends before it
 * starts. */
int tt_metering_make(const tt_metering_item *items, size_t n_items,
                     const tt_metering_commitment *commitments, size_t n_commitments,
                     tt_metering **ret, tt_err *err);
void tt_metering_free(tt_metering *m);
void tt_metering_freep(tt_metering **m);

/* Sums from nothing, for one thread; `m` must outlive them. */
int tt_metering_sums_make(const tt_metering *m, tt_metering_sums **ret, tt_err *err);
void tt_metering_sums_clear(tt_metering_sums *s);
void tt_metering_sums_free(tt_metering_sums *s);
void tt_metering_sums_freep(tt_metering_sums **s);

/* Add what [from, to) cost: used[i] is how much of item i was in use, in micro_s. A
 * commitment covers usage anywhere within the stretch, so a stretch is the hour of the
 * provider's bill (or less, at an end); a longer one is the same as hours only where usage
 * is even. Allocates nothing. After TT_EDATA (more than can be counted) the sums are worth
 * nothing until they are cleared. */
int tt_metering_add(tt_metering_sums *s, const int64_t *used, int64_t from_s, int64_t to_s,
                    tt_err *err);

/* What each item cost on demand since the sums were made or cleared: [items], exact, in
 * parts of TT_METERING_MICRO; only of those with a price. Valid as long as the sums are. */
const tt_i128 *tt_metering_on_demand(const tt_metering_sums *s);

/* What of a commitment's units nothing used since then, in micro_s to the nearest whole one. */
tt_i128 tt_metering_unused_micro_s(const tt_metering_sums *s, size_t commitment);
/* What part of it nothing used, of units or of money; 1 where there was none of it. */
double tt_metering_unused_ratio(const tt_metering_sums *s, size_t commitment);

/* --- Reading: metering_bill.c --------------------------------------------------------- */

typedef struct tt_metered_item {
	tt_i128 used_micro_s, on_demand_micro_s; /* the latter to the nearest whole one */
	int64_t on_demand_micro;    /* what no commitment covered; UNKNOWN without a price */
	int64_t covered_micro;      /* its part of what commitments cost; UNKNOWN if one is */
	int64_t list_micro;         /* all of it on demand; UNKNOWN without a price */
} tt_metered_item;

typedef struct tt_metered_commitment {
	tt_i128 held_micro_s;       /* units x seconds of its term; 0 for money */
	tt_i128 unused_micro_s;     /* of them, stranded */
	int64_t cost_micro;         /* recurring and upfront over the term; UNKNOWN */
	int64_t unused_micro;       /* of it, for what nothing used */
	int64_t used_micro;         /* the rest of it */
} tt_metered_commitment;

typedef struct tt_metered_cover { /* of one item, by one commitment */
	uint32_t item, commitment;
	tt_i128 units_micro_s;      /* of the item; to the nearest whole one */
	int64_t cost_micro;         /* part of the commitment's used_micro; UNKNOWN if that is */
} tt_metered_cover;

typedef struct tt_metering_bill {
	tt_metered_item *items;
	tt_metered_commitment *commitments;
	tt_metered_cover *covers;   /* of some length, in the order in which they apply */
	size_t n_items, n_commitments, n_covers;
	int64_t total_micro;        /* on_demand + commitment */
	int64_t on_demand_micro, commitment_micro, unused_micro; /* of those that are known */
	int64_t list_micro;
	size_t unknown_items, unknown_commitments; /* left out of the sums above */
} tt_metering_bill;

/* All since the sums were made or cleared. To split a year into months, read at the end of
 * each and subtract: parts then add up to the whole, as no rounding is carried on. */
int tt_metering_read(const tt_metering_sums *s, tt_metering_bill *ret, tt_err *err);
void tt_metering_bill_free(tt_metering_bill *b);

/* Only the total. Allocates nothing. */
int tt_metering_total(const tt_metering_sums *s, int64_t *ret_micro, tt_err *err);
#endif
