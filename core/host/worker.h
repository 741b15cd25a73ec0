/* worker.h - what one worker does: goes through a stretch of subjects, calls every
 * detector that asked for their scope, and hands out frames. Runs in whatever process
 * it is called in; forking and collecting is pool.h. */
#ifndef TT_HOST_WORKER_H
#define TT_HOST_WORKER_H
#include "host/detect.h"
#include "host/services.h"
#include <stdatomic.h>

typedef struct tt_job {          /* the same for all workers; read-only while they run */
	const tt_subjects *subjects;
	const tt_plugin *const *detectors; /* [n_detectors] */
	void *const *params;     /* [n_detectors] */
	unsigned char *active;   /* [n_detectors] 0: is left out */
	size_t n_detectors;
	const tt_spend *lines; size_t n_lines;
	tt_detect_options o;     /* no field 0 */
} tt_job;

enum tt_frame_type {
	TT_FRAME_FOUND = 1,      /* bytes of a finding                            */
	TT_FRAME_FAILED,         /* why a detector failed, at `subject`           */
	TT_FRAME_UNDECIDED,      /* why not one of its calls had enough data      */
	TT_FRAME_DECIDED,        /* at least one call had                         */
	TT_FRAME_ERROR,          /* a failure of the host, no detector's          */
	TT_FRAME_UNREADABLE,     /* the snapshot can't be read: why               */
	TT_FRAME_END             /* everything was said                           */
};

typedef struct tt_frame {        /* what goes over the pipe before its bytes */
	uint32_t type, detector;
	uint64_t subject;
	uint64_t n_bytes;
} tt_frame;
#define TT_FRAME_BYTES_MAX (1u << 24)

/* Where a worker is, in memory that it shares with the parent: who to blame when it
 * dies. -1 outside of any detector. */
typedef struct tt_watch {
	_Atomic int64_t detector, subject;
	_Atomic int64_t since_ms;     /* monotonic; when the call began */
	_Atomic int64_t since_cpu_ns; /* of the worker, then */
} tt_watch;

/* Takes one frame and its bytes; a negative status ends the worker. */
typedef int (*tt_put)(void *ctx, const tt_frame *f, const void *bytes);

/* Subjects [from, to) of the job. `watch` NULL: no limits are set, which is for running
 * inside the program. Ends with TT_FRAME_END, or TT_FRAME_ERROR when the host failed.
 * Returns a negative status only when `put` did, or TT_ENOMEM without limits. */
int tt_worker_run(const tt_job *job, size_t from, size_t to, tt_watch *watch, tt_put put,
                  void *ctx);

int64_t tt_now_ms(void); /* monotonic */
#endif
