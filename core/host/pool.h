/* pool.h - forks workers, gives each a stretch of the subjects, and collects their
 * frames. Says which detector a dead worker died of; what to do then is detect.c's. */
#ifndef TT_HOST_POOL_H
#define TT_HOST_POOL_H
#include "host/worker.h"

typedef struct tt_harvest_of {   /* of one detector */
	int64_t n_found, n_bytes;
	int failed, decided;
	uint64_t failed_at, undecided_at; /* subject; the first one counts */
	char failed_why[512], undecided_why[512];
} tt_harvest_of;

typedef struct tt_raw { size_t detector, at, n_bytes; } tt_raw;

typedef struct tt_harvest {
	const tt_job *job;
	tt_harvest_of *of;       /* [n_detectors] */
	tt_buf bytes;            /* of all findings, one after the other */
	tt_raw *raw; size_t n_raw, cap_raw;
} tt_harvest;

int tt_harvest_init(tt_harvest *h, const tt_job *job, tt_err *err);
void tt_harvest_clear(tt_harvest *h); /* what was collected, not the room for it */
void tt_harvest_free(tt_harvest *h);

enum { TT_BLAME_NOBODY = -1, TT_BLAME_HOST = -2, TT_BLAME_SNAPSHOT = -3 };
typedef struct tt_blame {
	int64_t detector;        /* its number, or TT_BLAME_* */
	char why[512];
} tt_blame;

/* One round over all subjects with the job's active detectors, results added to `h`.
 * When a worker did not come to its end, *blame says of what; the harvest is then
 * incomplete. The first such worker counts, so the answer does not depend on how many
 * there are. Errors: TT_ENOMEM. */
int tt_pool_round(const tt_job *job, tt_harvest *h, tt_blame *blame, tt_err *err);
#endif
