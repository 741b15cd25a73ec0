/* conformance.h - whether a plugin keeps to plugin.h: it is called with made-up fleets, each
 * of its parameters at both bounds, without memory, cancelled, and twice at once, in
 * processes of their own, so that a crash is a verdict. Says nothing about whether what
 * the plugin notices is true. */
#ifndef TT_HOST_CONFORMANCE_H
#define TT_HOST_CONFORMANCE_H
#include "host/plugins.h"

enum tt_verdict { TT_CHECK_OK, TT_CHECK_FAILED, TT_CHECK_LEFT_OUT };

typedef struct tt_check_line {
	char what[80];           /* "fleet: one card" */
	enum tt_verdict verdict;
	char text[640];          /* why it failed or was left out, or how much was seen */
} tt_check_line;

typedef struct tt_conformance {
	tt_arena *arena;
	tt_plugin plugin;        /* where loaded */
	int loaded;
	tt_check_line *v; size_t n, cap;
	size_t n_failed, n_failed_plain; /* all; those with its defaults */
	size_t n_left_out;
	int64_t n_calls, n_found; /* in all fleets and checks */
	uint64_t grounds;        /* bit i: one of them had the verdict of ground i */
	int64_t most_cpu_ns;     /* of one call, with defaults */
	int64_t most_bytes;      /* of scratch memory of one call, likewise */
} tt_conformance;

/* Check the plugin in the file `path`, a detector also with the fleet of the snapshot file
 * `fleet` (NULL: none). What is wrong with it is in the lines; a negative status says that
 * it could not be checked. Free *ret also then. */
int tt_conformance_check(const char *path, const char *fleet, tt_conformance *ret,
                         tt_err *err);
void tt_conformance_free(tt_conformance *c);
#endif
