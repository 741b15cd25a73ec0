/* residents.h - where the snapshot says that things are: which pods ran on which
 * node and when, which carriers a node has, how long it lived.
 *
 * Only facts of the snapshot, clipped to its window; what a case changes is case.h. */
#ifndef TT_BILL_RESIDENTS_H
#define TT_BILL_RESIDENTS_H
#include "bill/spans.h"
#include "snapshot/snapshot.h"
#include <stdbool.h>

/* Pods by node: those of node i are pod[first[i]] .. pod[first[i + 1] - 1]. The snapshot's own,
 * which has to outlive it. */
typedef struct tt_residents {
	const size_t *first;         /* [nodes + 1] */
	const uint32_t *pod;         /* rows of TT_PODS, ascending within a node */
	const uint32_t *node_of_pod; /* [pods] UINT32_MAX: no node, or not one of TT_NODES */
} tt_residents;

tt_residents tt_residents_of(const tt_snapshot *s);

const tt_node_row *tt_node_at(const tt_snapshot *s, size_t node);
const tt_pod_row *tt_pod_at(const tt_snapshot *s, size_t pod);

/* What workloads.csv and node_groups.csv say of that name; NULL: nothing. */
const tt_workload_row *tt_workload_row_of(const tt_snapshot *s, const char *workload);
const tt_node_group_row *tt_node_group_row_of(const tt_snapshot *s, const char *node_group);

/* Life of a node inside the window; from == to when it has none. */
tt_span tt_node_life(const tt_snapshot *s, size_t node);

/* The time that a pod ran inside the window; false when it never did. One with a
 * submitted_at and no started_at, or still pending, has never started. */
bool tt_pod_ran(const tt_snapshot *s, const tt_pod_row *p, tt_span *ret);

/* The node's cards and slices: carriers [first, first + n). */
void tt_node_carriers(const tt_snapshot *s, size_t node, size_t *ret_first, size_t *ret_n);

/* A count as millionths; 0 when missing or negative. */
uint64_t tt_millionths(double count);

/* Cards of a node in millionths; where the table does not say, as many as have
 * telemetry. 0: a node without cards. */
uint64_t tt_node_cards_u6(const tt_snapshot *s, size_t node);
#endif
