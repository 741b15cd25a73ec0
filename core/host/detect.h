/* detect.h - runs the detectors over a snapshot in worker processes.
 *
 * Workers are forked while the process has one thread. Subjects are dealt to them in
 * stretches; a worker decodes each subject once and calls every detector that asked for
 * its scope. Findings come back as bytes over a pipe and are sorted by id, so the answer
 * does not depend on the number of workers. A detector that crashes, loops, exhausts
 * memory, floods or emits what breaks a rule loses all its findings and is named in
 * `failed`; the others are run again without it. */
#ifndef TT_HOST_DETECT_H
#define TT_HOST_DETECT_H
#include "bill/bill.h"
#include "finding/finding.h"
#include "host/plugins.h"

typedef struct tt_detect_options {
	int workers;            /* 0: as many as processors */
	int in_process;         /* no fork, for debugging */
	int cpu_limit_s;        /* of one detector in one worker; default 60 */
	int64_t memory_limit_mib; /* beyond what the core itself holds; default 1024 */
	int64_t output_limit;   /* findings of one detector; default 100000 */
	unsigned scopes;        /* run those of these scopes alone: 1u << TT_SCOPE_...; 0: all */
} tt_detect_options;

typedef struct tt_unexamined { const char *detector, *why; } tt_unexamined;

typedef struct tt_findings {
	tt_found *v; size_t n;              /* sorted by id */
	tt_unexamined *unexamined; size_t n_unexamined; /* data is missing; sorted */
	tt_unexamined *failed; size_t n_failed;         /* crashed and so on; sorted */
	tt_arena *arena;
} tt_findings;

int tt_detect(const tt_plugins *p, const tt_snapshot *s, const tt_bill *b,
              const tt_settings *st, const tt_detect_options *o, tt_findings **ret, tt_err *err);
/* Why a detector can't look at this snapshot: a required need that is not met, in words of
 * the input; "" when it can. */
void tt_detect_why_not(const tt_detector *d, const tt_snapshot *s, char why[256]);
void tt_findings_free(tt_findings *f);
void tt_findings_freep(tt_findings **f);
#endif
