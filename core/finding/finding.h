/* finding.h - what a detector noticed, checked and owned by the core.
 *
 * A finding carries evidence, owner, effort, risk, the spend concerned and changes;
 * it carries no saving: that is priced (rank/). Its id is stable: a hash of detector,
 * verdict and subject, so the same fleet a week later gives the same id. */
#ifndef TT_FINDING_FINDING_H
#define TT_FINDING_FINDING_H
#include "change/change.h"

typedef struct tt_found_evidence {
	const char *key;
	double value;        /* NaN: not known, or a text */
	const char *text;    /* NULL for a number */
} tt_found_evidence;

typedef struct tt_found {       /* the core's copy of a tt_finding */
	char id[64];            /* "idle_gpu-1f3a9c2e4b7d" */
	const char *detector, *verdict, *title;
	enum tt_subject_kind subject_kind;
	const char *subject_id, *owner;
	int64_t spend_concerned_micro;  /* of the window; TT_MONEY_UNKNOWN */
	double coverage_ratio, confidence_ratio, effort_days;
	int risk;
	const char *risk_note;
	tt_found_evidence *evidence;
	size_t n_evidence;
	tt_change *changes;     /* [n_changes] taken together */
	size_t n_changes;
	tt_change *alternatives; /* [n_alternatives] single changes, in order */
	size_t n_alternatives;
} tt_found;

/* Check a plugin's finding and copy it into `arena` as *ret: every rule of
 * tt_finding in plugin.h (finite numbers where asked, ranges, words, [a-z_]+ verdict,
 * UTF-8, one line, lengths up to 1024, evidence keys distinct, changes parse).
 * A finding struct shorter than ours (an older header) reads as zeros past its size.
 * Errors: TT_EINVAL saying which field and what was expected; TT_ENOMEM. */
int tt_found_check(const char *detector, const tt_finding *f, tt_arena *arena,
                   tt_found *ret, tt_err *err);

/* The stable id. */
void tt_found_id(const char *detector, const char *verdict, enum tt_subject_kind kind,
                 const char *subject_id, char ret[64]);

/* Bytes for the pipe between a worker and the core, and back; checked again on the
 * way in, since a worker may have been damaged. */
void tt_found_write(const tt_found *f, tt_buf *out);
int tt_found_read(const char *p, size_t n, tt_arena *arena, tt_found *ret, tt_err *err);

int tt_found_compare(const void *a, const void *b); /* qsort by id, then title */

/* Whether what its changes do can be undone: "yes" (another setting, another label), "partly" (it
 * comes back, but not what it held; or the way back costs again), "no" (it is gone, or paid for
 * its term). Of several changes the least; "" where it has none. */
const char *tt_found_reversible(const tt_found *f);

/* "quick_win" up to 5 engineer-days, "medium" up to 20, "long" above. */
const char *tt_wave(double effort_days);
/* Severity from the larger of saving and spend concerned as a share of the total:
 * critical from 10 %, high from 3 %, medium from 0.5 %, else low. */
const char *tt_severity(int64_t larger_micro, int64_t total_micro);
#endif
