/* shape.h - what one more pod or node of something looks like, and what it costs: like what
 * is there.
 *
 * The node type, price, cards, CPUs and memory of what ran longest. One node more of what is
 * reserved or owned is bought on demand. What is not known is refused, never free. */
#ifndef TT_CHANGE_SHAPE_H
#define TT_CHANGE_SHAPE_H
#include "change/members.h"
#include "change/room.h"

typedef struct tt_shape {
	tt_terms node;          /* one more node, with its price */
	const char *node_group; /* "": none */
	size_t like;            /* row of TT_NODES; SIZE_MAX: the fleet has none like it */
	tt_takes pod;           /* what one more pod takes */
	int64_t pods_per_node;
} tt_shape;

/* Of members of a subject (`c`, `id`: for messages), which are pods on their nodes, or nodes.
 * Errors: TT_ENODATA (where none ran; on which nodes, what a pod takes or what a node costs
 * is not known). */
int tt_shape_of_pods(const tt_change *c, const char *id, const tt_snapshot *s,
                     const tt_members *m, tt_shape *ret, tt_err *err);
int tt_shape_of_nodes(const tt_change *c, const char *id, const tt_snapshot *s,
                      const tt_members *m, tt_shape *ret, tt_err *err);

/* Which members, nodes, are of the kind that ran longest and bought by the hour, so that one
 * more costs what each of them did: ret[m->n]. Errors: TT_ENODATA. */
int tt_shape_alike(const tt_change *c, const char *id, const tt_snapshot *s, const tt_members *m,
                   bool *ret, tt_err *err);

/* Cards, one by one: on nodes like those that the members are on; of a GPU model, on nodes of
 * which the fleet has most, else on the cheapest per card in prices.csv. Errors: TT_ENODATA. */
int tt_shape_of_cards(const tt_change *c, const char *id, const tt_snapshot *s,
                      const tt_members *m, tt_shape *ret, tt_err *err);
int tt_shape_of_model(const tt_change *c, const char *gpu_model, const tt_snapshot *s,
                      tt_shape *ret, tt_err *err);
#endif
