/* ownership.h - whose a finding's subject is and why: the labels, namespaces and settings
 * that say so, with the card-hours behind each. It repeats no decision: owners are those
 * of tt_settings_owner(), here only traced back to what told them. */
#ifndef TT_REPORT_OWNERSHIP_H
#define TT_REPORT_OWNERSHIP_H
#include "bill/settings.h"
#include "report/reach.h"

enum tt_told_by { TT_TOLD_NOBODY, TT_TOLD_LABEL, TT_TOLD_NAMESPACE, TT_TOLD_NODE_LABEL,
	TT_TOLD_RULE, TT_TOLD_NODE_RULE };

typedef struct tt_claim {        /* an owner, and one way in which it is told */
	const char *owner;       /* "" nobody */
	enum tt_told_by by;
	const char *key;         /* the label's key or the namespace */
	size_t pods;             /* that tell it; of NODE_... nodes */
	double held_s;           /* card-seconds of these pods */
	const char *example;     /* the one of them with most, as in its table */
} tt_claim;

typedef struct tt_ownership {
	tt_claim *v; size_t n;   /* most card-seconds first, then by owner and key */
	double held_s;           /* of all pods with cards */
	double unknown_held_s;   /* of pods that pods.csv does not have, beside these */
	size_t pods;             /* with cards */
} tt_ownership;

/* Into `arena`. Pods of the system count as any other. Errors: TT_ENOMEM. */
int tt_ownership_make(const tt_snapshot *s, const tt_settings *st, const tt_reach *r,
                      tt_arena *arena, tt_ownership *ret, tt_err *err);
#endif
