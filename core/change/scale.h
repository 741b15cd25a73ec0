/* scale.h - demand that falls, rises or appears: pods that go, and capacity that is added.
 *
 * Every workload by itself. Whole pods only: those that started first stay, and a fraction
 * that frees no pod saves nothing. How much of a workload a stream of tokens drives, and
 * where added demand runs: README.md. Charges of its streams: charges.h. */
#ifndef TT_CHANGE_SCALE_H
#define TT_CHANGE_SCALE_H
#include "bill/case.h"
#include "change/change.h"

/* Errors: TT_EDATA (a subject is not in the fleet; no such profile), TT_ENODATA (traffic.csv
 * lacks the stream; what more demand costs is not known), TT_ENOMEM. */
int tt_scale_apply(const tt_change *c, tt_case *cs, tt_err *err);

/* By how much the work of a workload changes when one of its streams changes by `factor`, by
 * what traffic.csv says of the window. Errors: TT_ENODATA. */
int tt_scale_by_stream(const tt_snapshot *s, const char *workload, const char *stream,
                       double factor, double *ret, tt_err *err);
#endif
