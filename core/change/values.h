/* values.h - the value of one argument: checked against its type and range, and
 * rewritten in the one form that its meaning has. Not for which argument a verb
 * takes (verbs.h) or how it is quoted (change.c). */
#ifndef TT_CHANGE_VALUES_H
#define TT_CHANGE_VALUES_H
#include "change/verbs.h"

typedef struct tt_piece {   /* an id or a value as it was written, without quotes */
	const char *text;
	size_t n;           /* 1..TT_CHANGE_VALUE_MAX */
	size_t column;      /* in the change, from 1, for messages */
} tt_piece;

/* Whether the byte may stand in an id or value without quotes. */
bool tt_value_bare(char c);

/* The fewest digits, at most 9 after the point, that read as `*v` again, in buf. What
 * 9 can't hold is cut off *v too, so that a number and its text never differ. */
#define TT_VALUE_NUMBER 64
char *tt_value_number(double *v, char buf[TT_VALUE_NUMBER]);

/* Read `v` as an argument of `d`; the text belongs to `arena` or is v's own.
 * A time's number is seconds since 1970; other words and texts have NaN.
 * Errors: TT_EDATA "column 9: replicas is ...", TT_ENOMEM. */
int tt_value_read(const tt_arg_def *d, const tt_piece *v, tt_arena *arena, tt_change_arg *ret,
                  tt_err *err);
#endif
