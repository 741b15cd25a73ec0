/* value.h - what passes between the program and a rule, in terms that need no Lua.
 *
 * A value is missing, a truth, a whole number, a real one, a text, a table, or a view: a thing
 * of the program that a rule may read and not change. Money is whole micro-units, times are
 * whole seconds; what is not known is missing, and never 0. */
#ifndef TT_RULES_VALUE_H
#define TT_RULES_VALUE_H
#include "base/money.h"
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tt_value_kind {
	TT_VALUE_MISSING, TT_VALUE_TRUTH, TT_VALUE_WHOLE, TT_VALUE_REAL, TT_VALUE_TEXT,
	TT_VALUE_TABLE, TT_VALUE_VIEW,
	TT_VALUE_FUNCTION           /* of a rule; only said to be there */
};

typedef struct tt_view_class tt_view_class;
typedef struct tt_entries tt_entries;

/* One thing: `of` and `at` mean what its class says; they outlive the script. */
typedef struct tt_view {
	const tt_view_class *class;
	const void *of;
	size_t at;
} tt_view;

typedef struct tt_value {
	enum tt_value_kind kind;
	union {
		bool truth;
		int64_t whole;
		double real;
		const char *text;
		const tt_entries *table;
		tt_view view;
	};
} tt_value;

/* By key: whole numbers, rising, then texts by bytes. */
struct tt_entries {
	struct tt_entry {
		tt_value key, value;
	} *v;                       /* [n] */
	size_t n;
};

typedef struct tt_view_field {
	const char *name, *help;
} tt_view_field;

/* What a rule may see of a thing. All of it is read when asked for; a text must stay as long
 * as the thing does. No function may fail or allocate what it does not own already. */
struct tt_view_class {
	const char *name;           /* "workload" */
	const tt_view_field *fields; /* [n] */
	size_t n;
	tt_value (*get)(tt_view v, size_t field);
	/* Where it is a list, too: NULL, or how many there are and the one at i < count. */
	size_t (*count)(tt_view v);
	tt_value (*item)(tt_view v, size_t i);
	/* Where it has keys of its own (labels): NULL, or the value of one; missing is nil. */
	tt_value (*find)(tt_view v, const char *key);
};

static inline tt_value tt_value_truth(bool v)
{
	return (tt_value){ TT_VALUE_TRUTH, .truth = v };
}

static inline tt_value tt_value_whole(int64_t v)
{
	return (tt_value){ TT_VALUE_WHOLE, .whole = v };
}

/* Money, or a time: the one value that says "unknown" is missing. */
static inline tt_value tt_value_known(int64_t v, int64_t unknown)
{
	return v == unknown ? (tt_value){ 0 } : tt_value_whole(v);
}

static inline tt_value tt_value_real(double v)
{
	return isnan(v) ? (tt_value){ 0 } : (tt_value){ TT_VALUE_REAL, .real = v };
}

/* "" and NULL are missing. */
static inline tt_value tt_value_text(const char *v)
{
	return v && *v ? (tt_value){ TT_VALUE_TEXT, .text = v } : (tt_value){ 0 };
}

static inline tt_value tt_value_view(const tt_view_class *class, const void *of, size_t at)
{
	return (tt_value){ TT_VALUE_VIEW, .view = { class, of, at } };
}

/* Of a table: the value of a text key, missing where it has none. */
const tt_value *tt_entries_find(const tt_entries *t, const char *key);
#endif
