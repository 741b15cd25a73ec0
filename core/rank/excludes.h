/* excludes.h - which findings can't stand beside each other: what the changes in the plan
 * exclude by id, and what excludes one of the plan. Subjects are not looked at: what two
 * changes do to one node is priced. */
#ifndef TT_RANK_EXCLUDES_H
#define TT_RANK_EXCLUDES_H
#include "rank/order.h"

#define TT_WHY_MAX 160 /* room for a reason */

typedef struct tt_excludes {
	tt_names *taken, *banned; /* ids in the plan, and ids that these exclude */
} tt_excludes;

/* Nothing is taken yet. Close it even when this fails. Errors: TT_ENOMEM. */
int tt_excludes_open(tt_excludes *e, tt_err *err);
void tt_excludes_close(tt_excludes *e);

/* Whether `r` may not stand beside what is taken; `why` then says so. */
int tt_excludes_why(const tt_excludes *e, const tt_ranked *r, char why[TT_WHY_MAX]);
/* It is in the plan from now on. Errors: TT_ENOMEM. */
int tt_excludes_take(tt_excludes *e, const tt_ranked *r, tt_err *err);

int tt_exclude_each_other(const tt_ranked *a, const tt_ranked *b);

/* Put those that go together with all before them first; how many. The others have to wait
 * for what becomes of these. */
size_t tt_excludes_set_apart(tt_candidate **c, size_t n);
#endif
