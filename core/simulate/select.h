/* select.h - which things of a fleet a part of a scenario is about, said by what they are
 * instead of by name: kept as data when a scenario is read, matched when a fleet is there.
 *
 * A selector asks for members (nodes, pods, rows of commitments.csv and prices.csv), every
 * key has to hold, and of several words of a key one. A thing that has members (a node group,
 * a workload, a namespace) is meant when all of its members are: nothing that was not asked for
 * is ever changed. What is measured (busy, silent) is asked of the thing as a whole. Matching is
 * in match.h. */
#ifndef TT_SIMULATE_SELECT_H
#define TT_SIMULATE_SELECT_H
#include "bill/settings.h"
#include "change/change.h"
#include "simulate/strict.h"

enum tt_select_key {
	/* of nodes (and of the node that a pod ran on) */
	TT_BY_NODE, TT_BY_NODE_GROUP, TT_BY_MODEL, TT_BY_INSTANCE_TYPE, TT_BY_PROVIDER,
	TT_BY_REGION, TT_BY_PRICING,
	/* of pods (and of nodes: of all pods that ran there, outside the system's) */
	TT_BY_POD, TT_BY_WORKLOAD, TT_BY_WORKLOAD_KIND, TT_BY_NAMESPACE, TT_BY_GPU_SHARING,
	/* of both */
	TT_BY_CLUSTER, TT_BY_OWNER,
	/* of workloads: what traffic.csv counts */
	TT_BY_TRAFFIC,
	/* of commitments and offers */
	TT_BY_COMMITMENT, TT_BY_KIND, TT_BY_PAYMENT,
	TT_SELECT_WORDS
};

typedef struct tt_select_label {
	const char *key;
	const char **any;        /* NULL-terminated patterns */
} tt_select_label;

typedef struct tt_select {
	enum tt_subject_kind as; /* what is meant; TT_SUBJECT_FLEET: all, without selector;
	                          * TT_SUBJECT_END: prices, by the keys that prices.csv has */
	const char **any[TT_SELECT_WORDS]; /* NULL-terminated patterns with *; NULL: any  */
	tt_select_label *labels; size_t n_labels;
	double busy_below_pct, busy_above_pct; /* mean activity of cards; NaN: any        */
	double silent_h;         /* below 1 % for the last so many hours; NaN: any         */
	tt_at at;
} tt_select;

/* Read `select:` and `as:` of `item`. `allowed`: kinds of subject, as bits; 0: prices. What
 * has no `select` is the fleet, where that is allowed, and else an error.
 * Errors: TT_EDATA, TT_ENOMEM. */
int tt_select_read(const tt_strict *r, const tt_yaml *item, const char *what, unsigned allowed,
                   tt_select *ret);

/* Whether the text is of the pattern, where * is any run of bytes. */
bool tt_pattern_match(const char *pattern, const char *text, bool ignore_case);

/* Whether the text is one of those asked for by this key, or none is. */
bool tt_select_takes(const tt_select *sel, enum tt_select_key k, const char *text);
/* The name of a key as in YAML, "node_group". */
const char *tt_select_key_text(enum tt_select_key k);
#endif
