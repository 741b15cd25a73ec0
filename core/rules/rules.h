/* rules.h - rules of an organisation at work on an audit: files of them, and what they said.
 *
 * Three kinds: `own` says whose something is, `exempt` takes a finding out of the plan, `guard`
 * says what a policy thinks of a pod, a node or a finding. rules/README.md shows each. What they
 * said is plain data. A rule that fails is named and all it said is dropped: the audit goes on
 * without it. One thread at a time. */
#ifndef TT_RULES_RULES_H
#define TT_RULES_RULES_H
#include "host/detect.h"

typedef struct tt_rules tt_rules;

enum tt_guard_verdict { TT_GUARD_ALLOW, TT_GUARD_WARN, TT_GUARD_APPROVE, TT_GUARD_DENY };
const char *tt_guard_verdict_text(enum tt_guard_verdict v); /* "allow" "warn" "approve" "deny" */

typedef struct tt_rule_name {
	const char *kind, *id, *file;
	int line;
} tt_rule_name;

typedef struct tt_owning {         /* a rule of `own` that found somebody */
	tt_rule_name rule;
	size_t pods;
} tt_owning;

typedef struct tt_exempted {       /* a finding that is not to be acted on */
	tt_found found;
	tt_rule_name rule;
	const char *reason, *author;
	const char *until;         /* as written; "" for good */
} tt_exempted;

typedef struct tt_lapsed {         /* an exemption that ended before the window did */
	tt_rule_name rule;
	const char *author, *until;
	size_t findings;           /* that it was for */
} tt_lapsed;

typedef struct tt_guarded {        /* one verdict of a guard, and what it is of */
	tt_rule_name rule;
	enum tt_guard_verdict verdict;
	const char *on;            /* "pod", "node", "finding" */
	const char *first;         /* the first of them */
	const char *why;           /* of the first; "" */
	size_t n;
} tt_guarded;

typedef struct tt_rule_failed { tt_rule_name rule; const char *why; } tt_rule_failed;

typedef struct tt_rules_said {
	size_t files, rules;
	tt_owning *owning; size_t n_owning;
	tt_exempted *exempted; size_t n_exempted; /* by id of the finding */
	tt_lapsed *lapsed; size_t n_lapsed;
	tt_guarded *guarded; size_t n_guarded; /* worst first, then as declared */
	tt_rule_failed *failed; size_t n_failed;
} tt_rules_said;

/* Files, and of folders all *.lua but *_test.lua by name. Errors: TT_EIO, TT_EINVAL ("path:line:
 * reason"), TT_ECANCELLED, TT_ENOMEM. */
int tt_rules_load(const char *const *paths, size_t n, tt_rules **ret, tt_err *err);
void tt_rules_free(tt_rules *r);   /* before what it was bound to; NULL is fine */
void tt_rules_freep(tt_rules **r);

size_t tt_rules_count(const tt_rules *r);
tt_rule_name tt_rules_name(const tt_rules *r, size_t i);
/* What it is for, in its own words: `help`, `reason` or `message`; "". */
const char *tt_rules_about(const tt_rules *r, size_t i);

/* Ask `own` about all of the snapshot, and let the settings know the answers, which live as long
 * as the rules do. Before a bill is made. Errors: TT_ENOMEM. */
int tt_rules_own(tt_rules *r, const tt_snapshot *s, tt_settings *st, tt_err *err);
/* After that: take what is exempt out of the findings; then ask the guards about the pods, the
 * nodes and the findings that are left. Errors: TT_ENOMEM. */
int tt_rules_judge(tt_rules *r, tt_findings *f, tt_err *err);
/* As long as the rules. */
const tt_rules_said *tt_rules_said_of(const tt_rules *r);
#endif
