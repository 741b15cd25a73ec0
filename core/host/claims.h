/* claims.h - whether what a detector declares and what it says fit together: units, the
 * grounds of its verdicts, and that what a change names is there. For `plugins check`, so
 * that an author hears of it; an audit takes what emit() takes, since a plugin that ran
 * yesterday has to run tomorrow. */
#ifndef TT_HOST_CLAIMS_H
#define TT_HOST_CLAIMS_H
#include "finding/finding.h"
#include "host/subjects.h"

/* What it declares: a parameter's unit is the one that its key ends in, and a ground holds
 * evidence against a parameter in the same unit. TT_EINVAL. */
int tt_claims_declared(const tt_detector *d, tt_err *err);

/* One finding that it made with `params`: evidence is in the range of its unit, each ground
 * of its verdict has its evidence and holds, and its changes name what is there.
 * TT_EINVAL. */
int tt_claims_found(const tt_detector *d, const void *params, const tt_subjects *s,
                    const tt_found *f, tt_err *err);

/* Whether a ground is about findings with this verdict. */
int tt_ground_is_about(const tt_ground *g, const char *verdict);

/* The number among `params` that `key` names. Every key of a ground is one. */
double tt_claims_number(const tt_detector *d, const void *params, const char *key);
#endif
