/* repack_pool.h - who is on the nodes of a pool when, what each needs, and where else it could
 * be: what packing them anew has to know.
 *
 * A pod goes only where everything that it asks for is known to be: cards (a fraction only
 * where it says how it shares), CPUs and memory where the pool records them, GPU model,
 * labels, taints that its node had, MIG slices as they were seen. What is not known keeps it
 * where it is. What the pods then do is repack_course.h's. */
#ifndef TT_CHANGE_REPACK_POOL_H
#define TT_CHANGE_REPACK_POOL_H
#include "change/members.h"
#include "maths/packing.h"

#define TT_REPACK_HERE UINT32_MAX /* a need: not known, so it stays and nobody joins it */

enum { /* dimensions; the last are MIG profiles */
	TT_REPACK_CARDS, TT_REPACK_CPUS, TT_REPACK_MEMORY, TT_REPACK_SLICES,
	TT_REPACK_PROFILES = TT_PACK_DIMS - TT_REPACK_SLICES
};

typedef struct tt_repack_node {
	size_t kind;                    /* TT_PACK_KINDS: one too many, takes nobody */
	int64_t capacity[TT_PACK_DIMS]; /* without what system pods take */
	int64_t saving;                 /* micro-units per hour; 0: it never goes */
	bool takes;                     /* pods of other nodes */
	tt_span life;
	tt_spans there;                 /* tidy; without what is released */
} tt_repack_node;

typedef struct tt_repack_need {
	int64_t size[TT_PACK_DIMS];
	uint64_t kinds;                 /* bit k: nodes of kind k have what it asks for */
} tt_repack_need;

typedef struct tt_repack_pod {  /* one stretch of its run, or of someone unknown */
	tt_span there;
	uint32_t home;          /* number of the node where it was seen */
	uint32_t need;          /* TT_REPACK_HERE */
	const char *name;
} tt_repack_pod;

typedef struct tt_repack_pool { /* zero-initialise */
	tt_repack_node *nodes; size_t n_nodes; /* as the members */
	tt_repack_need *needs; size_t n_needs, cap_needs;
	tt_repack_pod *pods; size_t n_pods, cap_pods; /* by time, then by name */
	size_t n_kinds, n_dims, n_known; /* nodes of which it is known who was there */
} tt_repack_pool;

/* Of the nodes `m`, with what `released` has gone. Errors: TT_ENOMEM. */
int tt_repack_pool_make(const tt_case *released, const tt_members *m, tt_repack_pool *ret,
                        tt_err *err);
void tt_repack_pool_free(tt_repack_pool *p);

/* Whether the pod may be on nodes of that kind. */
bool tt_repack_may(const tt_repack_pool *p, const tt_repack_pod *pod, size_t kind);
/* Whether `size` fits into `room`. */
bool tt_repack_fits(const int64_t *size, const int64_t *room);
#endif
