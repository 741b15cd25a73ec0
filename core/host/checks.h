/* checks.h - what is asked of a detector by conformance.h, one function for each; of a
 * source, how it probes. Each runs in a process that it may bring down. */
#ifndef TT_HOST_CHECKS_H
#define TT_HOST_CHECKS_H
#include "host/plugins.h"
#include "host/made_up.h"
#include <limits.h>

enum {
	TT_CHECK_MADE_UP = TT_MADE_UP_COUNT + 1, /* two random ones */
	TT_CHECK_FLEETS                          /* and one that was given */
};

typedef struct tt_check_report { /* shared with the process of a check */
	int done, failed;
	char at[256];            /* which call */
	char with[128];          /* "with x = 1", "" for defaults */
	char fleet[64];          /* "in fleet "random"", "" where the check is about one */
	char text[640];          /* what was seen, or why it failed */
	int64_t most_cpu_ns, most_bytes; /* of one call */
	int64_t n_calls;
	int64_t n_found;         /* findings, all of them looked at */
	uint64_t grounds;        /* bit i: a finding with the verdict of ground i */
} tt_check_report;

typedef struct tt_checker {
	const char *path;        /* of the plugin's file */
	const tt_plugin *plugin; /* NULL while it is not loaded */
	char folder[PATH_MAX];   /* of the fleets */
	char file[TT_CHECK_FLEETS][PATH_MAX + 16]; /* [n_fleets] */
	size_t n_fleets;
	tt_check_report *report;
	int hangs;               /* one check was ended because it did not return */
	size_t which;            /* fleet or parameter that the check is about */
} tt_checker;

/* A negative status is the plugin's failure, and *err says why. */
typedef int (*tt_check)(tt_checker *k, tt_err *err);

int tt_check_load(tt_checker *k, tt_err *err);
/* of a detector */
int tt_check_declared(tt_checker *k, tt_err *err);
int tt_check_fleet(tt_checker *k, tt_err *err);
int tt_check_bounds(tt_checker *k, tt_err *err);
int tt_check_loose(tt_checker *k, tt_err *err);
int tt_check_twice(tt_checker *k, tt_err *err);
int tt_check_memory(tt_checker *k, tt_err *err);
int tt_check_cancelled(tt_checker *k, tt_err *err);
int tt_check_both(tt_checker *k, tt_err *err);
/* of a source */
int tt_check_probe(tt_checker *k, tt_err *err);

/* "one card", "random, again", "the given one" */
const char *tt_check_fleet_text(size_t i, char buf[32]);
#endif
