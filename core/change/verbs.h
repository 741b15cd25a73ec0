/* verbs.h - what each verb takes, as data: the kinds of subject, the arguments with
 * type, unit, range and words, and which of them need or refuse each other.
 *
 * The one place to touch for a new argument; README.md shows the same tables to
 * people and a test keeps the two equal. Not for parsing or printing (change.c), and
 * not for what a change does (apply.c). */
#ifndef TT_CHANGE_VERBS_H
#define TT_CHANGE_VERBS_H
#include "change/change.h"

enum tt_arg_type {
	TT_ARG_WHOLE,    /* whole number                                         */
	TT_ARG_NUMBER,   /* decimal number, kept to 9 digits after the point     */
	TT_ARG_DECIMAL,  /* exact amount of money, as in prices.csv              */
	TT_ARG_WORD,     /* one of `words`                                       */
	TT_ARG_TEXT,     /* any text of one line, not empty                      */
	TT_ARG_LIST,     /* names split by `words`[0]; sorted and distinct       */
	TT_ARG_HOURS,    /* hours.h                                              */
	TT_ARG_TIME      /* RFC 3339 UTC                                         */
};

typedef struct tt_arg_def {
	enum tt_verb verb;      /* TT_VERB_END: common to all                    */
	const char *key;
	enum tt_arg_type type;
	unsigned kinds;         /* bit k: for subjects of kind k                 */
	double min, max;        /* inclusive; numbers only                       */
	const char *words;      /* split by '|'                                  */
} tt_arg_def;

extern const tt_arg_def tt_arg_defs[];   /* by verb, in canonical order; common last */
extern const size_t tt_arg_defs_n;
#define TT_ARG_DEFS_MAX 96               /* no fewer than tt_arg_defs_n         */

/* What a change gives, while it is being read: argument i is of tt_arg_defs[i]. */
typedef struct tt_arg_set {
	enum tt_verb verb;
	unsigned kinds;                        /* of the subjects, as bits       */
	tt_change_arg args[TT_ARG_DEFS_MAX];   /* key NULL: not given            */
	size_t columns[TT_ARG_DEFS_MAX];       /* where, from 1                  */
} tt_arg_set;

/* Definition of `key` for the verb, or one common to all; tt_arg_defs_n: none. */
size_t tt_arg_find(const tt_arg_set *a, const char *key, size_t n);
/* Whether argument i is one for each of the subjects. */
bool tt_arg_fits(const tt_arg_set *a, size_t i);
/* The verb's own keys for these subjects, appended to out: "hours, repack". */
void tt_arg_list(const tt_arg_set *a, tt_buf *out);
/* Whether what is given goes together. Errors: TT_EDATA "column 1: ...". */
int tt_arg_check(const tt_arg_set *a, tt_err *err);

int tt_verb_find(const char *s, size_t n); /* -1: no such verb */
int tt_risk_find(const char *s, size_t n); /* -1: no such word */

/* Kinds of subject that the verb takes, as bits; and bits as "card, node". */
unsigned tt_verb_kinds(enum tt_verb v);
void tt_kinds_list(unsigned kinds, tt_buf *out);
#endif
