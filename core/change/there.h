/* there.h - an instance type that a change moves work to: what it costs at a place, and what
 * it has.
 *
 * Prices are the fleet's own (prices.csv); what an instance has is told by prices.csv, by
 * nodes of that type, and for the memory of a card by the catalogue. Nothing is taken from a
 * type that looks like it. */
#ifndef TT_CHANGE_THERE_H
#define TT_CHANGE_THERE_H
#include "bill/case.h"

typedef struct tt_there {
	const char *provider, *region, *instance_type, *gpu_model, *pricing;
	tt_decimal price_per_hour;
	double gpus, cpus, memory_mib;  /* NaN: not known */
	double card_mib;                /* of one card */
} tt_there;

typedef struct tt_room {                /* that the largest pod needs; NaN: not known */
	double gpus, cpus, memory_mib;
} tt_room;

/* Where a node's work goes that gets another instance type: to that type (`instance_type`),
 * else to the cheapest instance with cards of that model that has the room, of the node's
 * provider and region and paid in the same way (on demand, if that is reserved or owned).
 * Either may be NULL. Errors: TT_ENODATA (prices.csv has none), TT_EINVAL (the type has
 * other cards). */
int tt_there_find(const tt_case *cs, const tt_node_row *node, const char *instance_type,
                  const char *gpu_model, const tt_room *room, tt_there *ret, tt_err *err);
/* All types that prices.csv has at the node's place, by name: a fresh array. Errors: TT_ENOMEM. */
int tt_there_list(const tt_case *cs, const tt_node_row *node, tt_there **ret, size_t *ret_n,
                  tt_err *err);
/* As tt_there_find(), the type that the node has; the price is that of the node, or missing. */
void tt_there_same(const tt_case *cs, size_t node, tt_there *ret);

/* Terms on which capacity is had there; as many pods and hours as now. */
tt_terms tt_there_terms(const tt_there *t);

/* Whether two names mean one GPU: equal, whatever their case, or of one row of the catalogue. */
bool tt_there_same_gpu(const tt_case *cs, const char *a, const char *b);
/* Whether it has room for a pod; what is not known has. */
bool tt_there_has_room(const tt_there *t, const tt_room *room);
#endif
