/* money.h - what planted things cost, for the truth: nodes at their price, no bill.
 *
 * Whole micro-units; -1 where no price is known. Commitments, sharing and what a remedy really
 * saves are for the bill of whoever reads the fleet: here is only what is plain. */
#ifndef FLEET_MONEY_H
#define FLEET_MONEY_H
#include "fleet.h"

#define MICRO INT64_C(1000000)

/* "48.00" as 48,000,000. */
int64_t money_parse(const char *decimal);

/* An hour of such an instance today, "on_demand" or "spot"; -1: not in the list. */
int64_t money_list_price(const char *instance_type, const char *pricing);

/* An hour of the node. */
int64_t money_node_price(const struct node *n);

/* `cards` of the node's (0: all of it) from one time to another, within the window. */
int64_t money_spend(const struct fleet *f, const struct node *n, int cards, int64_t from_s,
	int64_t to_s);

/* All nodes of a group, or the fleet, over their lives in the window; those without a price
 * are left out. */
int64_t money_group(const struct fleet *f, int group);
int64_t money_fleet(const struct fleet *f);
#endif
