/* price.h - what one hour of a node costs, and where that is written.
 *
 * What charges.csv charged for it, by the hour; else nodes.csv itself, else prices.csv (for
 * on-demand and spot nodes), else the commitment that covers a reserved node. Found nowhere it
 * is unknown, never 0. */
#ifndef TT_BILL_PRICE_H
#define TT_BILL_PRICE_H
#include "snapshot/snapshot.h"

typedef struct tt_node_price {
	tt_decimal price_per_hour;  /* TT_DECIMAL_MISSING: unknown */
	const char *table;          /* "charges", "nodes", "prices", "commitments"; NULL: nowhere */
	const char *commitment;     /* of "commitments" */
	int64_t as_of_s;            /* of "prices"; TT_TIME_MISSING: undated */
} tt_node_price;

void tt_price_of_node(const tt_snapshot *s, size_t node, tt_node_price *ret);
/* What one more like it would cost: as listed, whatever was charged for this one. */
void tt_price_of_another(const tt_snapshot *s, size_t node, tt_node_price *ret);

/* The row of prices.csv for a node like this one: its provider, region, instance type, GPU
 * model and pricing count. NULL: there is none, or several that do not agree. */
const tt_price_row *tt_price_listed(const tt_snapshot *s, const tt_node_row *like);

/* The same for the price of an offer: `pricing` and `payment` ("" as "none") instead of the
 * node's own pricing. */
const tt_price_row *tt_price_offered(const tt_snapshot *s, const tt_node_row *like,
                                     const char *pricing, const char *payment);

/* The same as it counts at another time than the window's end: the newest row not after it. */
const tt_price_row *tt_price_offered_at(const tt_snapshot *s, const tt_node_row *like,
                                        const char *pricing, const char *payment, int64_t at_s);

/* Whether the units of a commitment that is held in the window are for such a node. */
bool tt_price_covers(const tt_snapshot *s, const tt_commitment_row *c, const tt_node_row *n);
/* Recurring price of a unit and its part of the sum paid at the start, per hour;
 * TT_DECIMAL_MISSING when something that it takes is not known. */
tt_decimal tt_price_committed(const tt_commitment_row *c);

/* "nodes.csv", "prices.csv 2026-01-01T00:00:00Z", "commitments.csv ri-1", ""; in the
 * arena where it has to be made. NULL when out of memory. */
const char *tt_price_from(const tt_node_price *p, tt_arena *arena);
#endif
