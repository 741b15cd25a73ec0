/* spenders.h - the pods that have no owner but a creator, in as few subjects of a change
 * as will name them. For host->spenders(): what a label can be put on. */
#ifndef TT_HOST_SPENDERS_H
#define TT_HOST_SPENDERS_H
#include "bill/settings.h"
#include "snapshot/snapshot.h"

typedef struct tt_spender {
	const char *namespace_, *creator; /* creator never "" */
	const char *subject;     /* "workload:\"a\"" or "pod:\"b\"" */
} tt_spender;

typedef struct tt_spenders {
	const tt_spender *v; size_t n; /* sorted by namespace, creator, subject */
} tt_spenders;

/* All of them, into `arena`. System namespaces have none. Errors: TT_ENOMEM. */
int tt_spenders_make(const tt_snapshot *s, const tt_settings *st, tt_arena *arena,
                     tt_spenders *ret, tt_err *err);

/* Number `k` of those in this namespace by this creator; NULL past the last. */
const char *tt_spenders_at(const tt_spenders *s, const char *namespace_, const char *creator,
                           size_t k);
#endif
