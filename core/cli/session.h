/* session.h - what commands on a fleet start with: plugins, settings, the snapshot, and
 * progress on a terminal while something takes long. */
#ifndef TT_CLI_SESSION_H
#define TT_CLI_SESSION_H
#include "bill/settings.h"
#include "cli/options.h"
#include "host/detect.h"
#include "host/fleet.h"

/* A line on stderr that shows how far the work has got: only on a terminal, only after a
 * second, and gone at the end. Zero-initialise. */
typedef struct tt_progress {
	int on, shown;
	int64_t started_ns, last_ns;
} tt_progress;

void tt_progress_open(tt_progress *p, const tt_options *o);
/* For tt_build_options.progress; ctx is the tt_progress. */
void tt_progress_report(void *ctx, const char *file, int64_t done_bytes, int64_t all_bytes);
/* For tt_sim_options.progress. */
void tt_progress_worlds(void *ctx, size_t done, size_t most);
void tt_progress_close(tt_progress *p);

/* Plugins of the program's own folder and of --plugins. Those that are refused are
 * remarked upon. Errors: TT_EIO (a folder that is not there), TT_ENOMEM. */
int tt_session_plugins(const tt_options *o, tt_plugins **ret, tt_err *err);

/* Settings from --config, else from ./trimtab.yaml where that is there (which is
 * remarked upon), else defaults. */
int tt_session_settings(const tt_options *o, tt_settings **ret, tt_err *err);

/* How a snapshot is to be built, with progress `p`. */
tt_build_options tt_session_build(const tt_options *o, tt_progress *p);

/* The fleet at `location`. */
int tt_session_open(const tt_options *o, const tt_plugins *p, const char *location,
                    tt_snapshot **ret, tt_err *err);
/* The fleet at o->args[0]. */
int tt_session_fleet(const tt_options *o, const tt_plugins *p, tt_snapshot **ret, tt_err *err);

/* A remark for each detector that failed. */
void tt_session_failed(const tt_options *o, const tt_findings *f);

/* Worlds are enough once the mean of what is saved is known so well. */
#define TT_NARROW_RATIO 0.01
/* Whether --worlds is a number of worlds; `or_none`: it may be 0. Errors: TT_EINVAL. */
int tt_session_worlds(const tt_options *o, int or_none, tt_err *err);
#endif
