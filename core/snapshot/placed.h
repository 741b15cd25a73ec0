/* placed.h - which rows of a snapshot belong together: the pods and cards of each node, the
 * pods of each workload.
 *
 * Found once, when a snapshot is loaded; whoever asks for them again and again would look for
 * every pod's node by name each time. Only what the tables say: where telemetry saw a pod is
 * in its holdings. */
#ifndef TT_SNAPSHOT_PLACED_H
#define TT_SNAPSHOT_PLACED_H
#include "base/error.h"
#include "base/memory.h"
#include <stddef.h>
#include <stdint.h>

typedef struct tt_snapshot tt_snapshot;

typedef struct tt_placed {
	const uint32_t *node_of_pod; /* [pods] UINT32_MAX: no node, or not one of TT_NODES */
	const size_t *first_pod;     /* [nodes + 1] those of node i are pods[first_pod[i]] .. */
	const uint32_t *pods;        /* rows of TT_PODS, ascending within a node */
	const size_t *first_card, *end_card; /* [nodes] of carriers, slices among them */
	const char **workloads;      /* [n_workloads] of pods, sorted; "" among them */
	size_t n_workloads;
	const size_t *first_of;      /* [n_workloads + 1] into of_workload */
	const uint32_t *of_workload; /* rows of TT_PODS, ascending within a workload */
} tt_placed;

/* All of it in `arena`. Errors: TT_ENOMEM. */
int tt_placed_make(const tt_snapshot *s, tt_arena *arena, tt_placed *ret, tt_err *err);

/* The pods of a workload, ascending; *ret_n of them, maybe none. */
const uint32_t *tt_placed_workload(const tt_placed *p, const char *workload, size_t *ret_n);
#endif
