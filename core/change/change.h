/* change.h - one edit to a case: the nine verbs as one type, and its canonical text.
 *
 * The text is one line that parses back to the same change; findings, scenarios,
 * rules and the planner all exchange that text. Grammar and an example for each
 * verb: README.md. Parsing checks words, types, ranges and which keys a verb takes;
 * it does not know any fleet. */
#ifndef TT_CHANGE_CHANGE_H
#define TT_CHANGE_CHANGE_H
#include "base/memory.h"
#include "base/money.h"
#include "base/text.h"
#include "snapshot/tables.h"

enum tt_verb {
	TT_RELEASE = 1, TT_RESIZE, TT_SCHEDULE, TT_RETYPE, TT_SHARE, TT_SCALE,
	TT_REPRICE, TT_COMMIT, TT_LABEL, TT_VERB_END
};
enum tt_lever { TT_LEVER_USAGE, TT_LEVER_RATE, TT_LEVER_NONE };

enum tt_subject_kind {
	TT_SUBJECT_CARD = 1, TT_SUBJECT_NODE, TT_SUBJECT_NODE_GROUP, TT_SUBJECT_POD,
	TT_SUBJECT_WORKLOAD, TT_SUBJECT_NAMESPACE, TT_SUBJECT_COMMITMENT,
	TT_SUBJECT_OFFER, TT_SUBJECT_CHARGE, TT_SUBJECT_FLEET, TT_SUBJECT_END
};

typedef struct tt_change_subject {
	enum tt_subject_kind kind;
	const char *id;          /* "node/gpu" for a card; "" for fleet */
} tt_change_subject;

/* An argument of a verb: `key=value`. Exactly the keys that the verb's table allows. */
typedef struct tt_change_arg {
	const char *key;         /* literal from the verb's table */
	const char *text;        /* in its canonical form, unquoted */
	double number;           /* NaN unless the key takes a number */
} tt_change_arg;

#define TT_CHANGE_ARGS 16

typedef struct tt_change {
	enum tt_verb verb;
	tt_change_subject *subjects;  /* [n_subjects] sorted, distinct */
	size_t n_subjects;
	tt_change_arg args[TT_CHANGE_ARGS]; /* in the order of the verb's table */
	size_t n_args;
	/* common to all verbs */
	int64_t from_s, until_s;      /* in force [from, until); TT_TIME_MISSING: always */
	double effort_days;           /* >= 0 */
	double adoption_ratio, realisation_ratio; /* 0..1; default 1 */
	int risk;                     /* TT_RISK_* */
	const char *excludes;         /* ids of changes or findings, comma separated; "" */
	uint64_t known_as;            /* the hash by which it goes, where it is another change
	                               * without its dates; 0: its own */
} tt_change;

const char *tt_verb_text(enum tt_verb v);
enum tt_lever tt_verb_lever(enum tt_verb v);
const char *tt_subject_kind_text(enum tt_subject_kind k);
int tt_subject_kind_find(const char *s, size_t n); /* -1: no such kind */
const char *tt_risk_text(int risk); /* "none" "low" "medium" "high" */

/* Limits of what is parsed: the whole text, and one id or value in it. */
#define TT_CHANGE_TEXT_MAX ((size_t)1 << 20)
#define TT_CHANGE_VALUE_MAX 1024

/* Parse one line into `ret`, strings owned by `arena`.
 * Errors: TT_EDATA "column 9: ...", TT_ENOMEM. */
int tt_change_parse(const char *text, tt_arena *arena, tt_change *ret, tt_err *err);

/* Canonical text, appended to out. Defaults are left out; subjects in order;
 * parse(text(c)) == c and text(parse(t)) is the canonical form of t. */
void tt_change_text(const tt_change *c, tt_buf *out);

/* Argument `key` of the change; NULL when it has none. */
const tt_change_arg *tt_change_get(const tt_change *c, const char *key);
/* The same without the argument. */
tt_change tt_change_without(const tt_change *c, const char *key);

/* How many of the n bytes at `s` are text of one line: valid UTF-8 without control
 * characters and line separators. Every id, value and title has to be that. */
size_t tt_line_span(const char *s, size_t n);

/* 64-bit address of the change's random draws, and of what it adds: a hash of its canonical
 * text, or what it is known as. */
uint64_t tt_change_hash(const tt_change *c);
#endif
