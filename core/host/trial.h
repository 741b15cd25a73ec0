/* trial.h - one detector over one fleet, every call kept: what a check of a plugin is made
 * of. Calls it as a worker does, but for what a trial takes away: memory, time, or being
 * alone. Runs in whatever process it is called in; conformance.h forks. */
#ifndef TT_HOST_TRIAL_H
#define TT_HOST_TRIAL_H
#include "host/detect.h"
#include "host/services.h"

enum { TT_TRIAL_CPU_S = 2 };     /* of one call; made-up fleets are small */

typedef struct tt_trial_fleet {
	tt_snapshot *snapshot;
	tt_settings *settings;
	tt_case baseline;
	tt_bill *bill;
	tt_arena *arena;
	tt_subjects subjects;    /* of the detector's scope */
	tt_spend *lines; size_t n_lines;
} tt_trial_fleet;

/* The snapshot `file` with what a detector of `scope` is called with. Closed also when this
 * failed. */
int tt_trial_fleet_open(const char *file, int32_t scope, tt_trial_fleet *ret, tt_err *err);
void tt_trial_fleet_close(tt_trial_fleet *f);

typedef struct tt_trial {
	const tt_detector *detector;
	const void *params;
	const tt_trial_fleet *fleet;
	/* what is taken away */
	uint64_t refuse_at;      /* this request for memory of each call; 0: none */
	int refuse_after;        /* and all after it */
	int cancelled;           /* from the start */
	int backwards;           /* the last subject first */
	void (*pause)(void *ctx); void *pause_ctx; /* at each request; NULL: none */
	char *at;                /* [256] where it is, for who watches it; NULL: nobody */
	/* what came of it */
	tt_buf *said;            /* [subjects.n] findings and verdict, as bytes */
	tt_found *found; size_t n_found, cap_found;
	tt_arena *arena;         /* of `found` */
	uint64_t most_requests;  /* of one call */
	size_t most_bytes;
	int64_t most_cpu_ns;
} tt_trial;

/* Call it for each subject. A negative status says that the detector failed, and *err at
 * what; a call that was refused memory may. Zero-initialise, and free afterwards. */
int tt_trial_run(tt_trial *t, tt_err *err);
void tt_trial_free(tt_trial *t);

/* TT_EINVAL, and *err names the first subject, when two trials of one fleet did not say the
 * same. */
int tt_trial_same(const tt_trial *a, const tt_trial *b, tt_err *err);
#endif
