/* growth.h - pods and nodes that a change adds: where they find room, and what is bought for
 * those that find none.
 *
 * What is added looks as shape.h says. Pods take room that is known to be free on nodes of
 * that group first, each for its whole stretch of time, and nobody is moved for them; the
 * others fill whole new nodes, and since of them who came last goes first, as many nodes are
 * there as they fill. */
#ifndef TT_CHANGE_GROWTH_H
#define TT_CHANGE_GROWTH_H
#include "change/shape.h"

typedef struct tt_extra {        /* so many more in [from, to) */
	int64_t from_s, to_s, n;
} tt_extra;

typedef struct tt_extras {       /* zero-initialise; in order, disjoint */
	tt_extra *v;
	size_t n, cap;
} tt_extras;

void tt_extras_free(tt_extras *n);
/* Not before the last; joined with it where it goes on. */
int tt_extras_add(tt_extras *n, int64_t from_s, int64_t to_s, int64_t more, tt_err *err);
/* What there is less than `wanted` members, in `when`. */
int tt_extras_of(const tt_members *m, tt_span when, int64_t wanted, tt_extras *ret, tt_err *err);

typedef struct tt_growth {      /* of one change */
	const tt_change *c;
	tt_case *cs;
	tt_room *room;          /* NULL: not looked at yet */
	uint32_t part;
} tt_growth;

void tt_growth_close(tt_growth *g);

int tt_growth_nodes(tt_growth *g, const tt_shape *shape, const tt_extras *extras, tt_err *err);
int tt_growth_pods(tt_growth *g, const tt_shape *shape, const tt_extras *extras, tt_err *err);
#endif
