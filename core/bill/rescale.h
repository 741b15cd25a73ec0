/* rescale.h - what the lines of the bill that are of no node cost in a case, and whose they
 * are.
 *
 * A line costs what the snapshot bills for it (snapshot/billed.h), spread evenly over the
 * window, times the factors of all changes that are in force: two changes of one line multiply,
 * so together they never save more than there is. Rounded half-even, stretches one after the
 * other, so that they add up to what all of the line comes to rounded once. */
#ifndef TT_BILL_RESCALE_H
#define TT_BILL_RESCALE_H
#include "bill/case.h"

typedef struct tt_line_part {   /* a stretch in which a line is so many times as much */
	int64_t from_s, to_s;
	uint64_t factor_u9;
	int64_t more_micro;             /* than without the changes */
} tt_line_part;

/* The stretches of the line that are changed, in order: a fresh array. Errors: TT_EDATA
 * (factors or money that do not fit), TT_ENOMEM. */
int tt_line_parts(const tt_case *c, size_t line, tt_line_part **ret, size_t *ret_n, tt_err *err);

/* Errors: TT_EDATA (does not fit), TT_ENOMEM. */
int tt_line_cost(const tt_case *c, size_t line, int64_t *ret_micro, tt_err *err);
/* Of all lines. */
int tt_lines_cost(const tt_case *c, int64_t *ret_micro, tt_err *err);

/* By its tags (owner_keys), else that of its volume; "" nobody. Into the arena where it has to
 * be made; NULL when out of memory. */
const char *tt_line_owner(const tt_case *c, size_t line, tt_arena *arena);

/* Rescales of one line, as a range of c->rescales. */
size_t tt_case_rescales(const tt_case *c, size_t line, size_t *ret_n);
#endif
