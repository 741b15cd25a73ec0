/* rules_parts.h - what loading, asking and judging share: the rules that are loaded. */
#ifndef TT_RULES_RULES_PARTS_H
#define TT_RULES_RULES_PARTS_H
#include "rules/rules.h"
#include "rules/script.h"
#include "rules/views.h"

enum tt_rule_kind_id { TT_RULE_OWN, TT_RULE_EXEMPT, TT_RULE_GUARD, TT_RULE_KINDS };
extern const tt_rule_kind tt_rule_kinds[TT_RULE_KINDS];
enum { TT_GUARD_ON_POD, TT_GUARD_ON_NODE, TT_GUARD_ON_FINDING, TT_GUARD_ON };
extern const char *const tt_guard_on[TT_GUARD_ON + 1]; /* NULL at the end */

typedef struct tt_loaded_rule {
	tt_script *script;
	size_t at;              /* in it */
	enum tt_rule_kind_id kind;
	tt_rule_name name;
	bool failed, asks;      /* asks: it has a function */
	/* "" where it has none */
	const char *detector, *subject, *reason, *author, *until, *message, *help;
	int64_t until_s;        /* INT64_MAX: for good */
	size_t on;              /* of tt_guard_on */
} tt_loaded_rule;

struct tt_rules {
	tt_script **scripts; size_t n_scripts, cap_scripts;
	tt_loaded_rule *v; size_t n, cap;
	tt_arena *arena;
	tt_views views;         /* once bound */
	tt_owned *owned; size_t n_owned; /* distinct, in order */
	tt_rules_said said;
	size_t calls;
};

/* What the rule says of one thing; it has failed when that returns missing and `failed` is set.
 * Texts last until the next call. Errors: TT_ENOMEM. */
int tt_rules_ask(tt_rules *r, tt_loaded_rule *rule, tt_value of, tt_value *ret, tt_err *err);
/* It answered what it can't: all it said is dropped. */
int tt_rules_fail(tt_rules *r, tt_loaded_rule *rule, tt_err *err, const char *fmt, ...)
	TT_PRINTF(4, 5);
#endif
