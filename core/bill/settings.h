/* settings.h - what an organisation says in trimtab.yaml, with defaults without one.
 *
 * Strict: an unknown key, a wrong type or a value out of range is one line with
 * file:line:column. The documented example is examples/trimtab.yaml. */
#ifndef TT_BILL_SETTINGS_H
#define TT_BILL_SETTINGS_H
#include "base/memory.h"
#include "base/yaml.h"
#include "snapshot/catalogue.h"

enum tt_rule { TT_RULE_SHARE, TT_RULE_THRESHOLD, TT_RULES };

/* "training", "inference", "notebook", "batch", "system", "unknown" */
#define TT_WORKLOAD_KINDS 6
extern const char *const tt_workload_kinds[TT_WORKLOAD_KINDS + 1]; /* NULL at the end */
size_t tt_workload_kind(const char *s); /* its number; that of "unknown" for "" */

typedef struct tt_demand_profile { /* demand that a change adds by this name */
	const char *name;
	double cards[168];      /* at once, mean of each hour of the week from Monday 00:00 UTC;
	                         * NaN: it is not known how many */
} tt_demand_profile;

typedef struct tt_told_owner {     /* what rules say of these labels in that namespace */
	const char *labels, *namespace_, *owner;
} tt_told_owner;

typedef struct tt_settings {
	const char **owner_keys;        /* NULL-terminated label keys, first wins     */
	const char **creator_keys;
	const char **system_namespaces; /* NULL-terminated; a trailing * is a prefix  */
	const char **namespace_owner;   /* NULL-terminated pairs: namespace, owner    */
	enum tt_rule rule;              /* the one that heads the report              */
	int busy_above_pct[TT_WORKLOAD_KINDS]; /* threshold rule; whole percent       */
	int risk_allowed;               /* TT_RISK_*: above it, not in the plan       */
	const tt_yaml *detectors;       /* MAP id -> MAP of parameters; NULL none     */
	const char *path;               /* NULL: defaults                             */
	tt_catalogue *catalogue;        /* what is known of GPUs anywhere, freed with
	                                 * the settings; NULL: nothing                */
	/* not in the file: a scenario's, put into a copy by who runs it, and not owned */
	const tt_demand_profile *profiles; size_t n_profiles;
	bool assumes_interruptions;     /* of spot, where neither change nor prices say  */
	double interruptions_per_h;
	/* nor is this: what rules told, sorted by labels, then namespace; theirs  */
	const tt_told_owner *told; size_t n_told;
	tt_arena *arena;
} tt_settings;

/* path NULL: the defaults. */
int tt_settings_load(const char *path, tt_settings **ret, tt_err *err);
void tt_settings_free(tt_settings *s);
void tt_settings_freep(tt_settings **s);
/* Whether `ns` is one of the system namespaces. */
int tt_settings_is_system(const tt_settings *s, const char *ns);
/* What rules told of exactly these; NULL: nothing. */
const char *tt_settings_told(const tt_settings *s, const char *labels, const char *ns);
/* By a label alone. "" nobody. Into the arena; NULL when out of memory. */
const char *tt_settings_label_owner(const tt_settings *s, const char *labels, tt_arena *arena);
/* Owner from canonical labels and namespace: what rules told, else by a label, else that of
 * the namespace; "" nobody. Into the arena; NULL when out of memory. */
const char *tt_settings_owner(const tt_settings *s, const char *labels, const char *ns,
                              tt_arena *arena);
const char *tt_settings_creator(const tt_settings *s, const char *labels, tt_arena *arena);
#endif
