/* packing_exact.h - the least of all packings, by branch and bound. Only packing*.c includes
 * this. */
#ifndef TT_MATHS_PACKING_EXACT_H
#define TT_MATHS_PACKING_EXACT_H
#include "maths/packing_plan.h"

/* Make `best`, a packing by a heuristic, the best there is. Into ret_proven whether that is
 * known: the search gives up after p->steps, and ends when the cost is `bound`. With
 * all_or_nothing only a packing of everything is looked for. */
int tt_pack_exact(tt_packing *best, int64_t bound, bool *ret_proven, uint64_t *ret_steps,
                  tt_err *err);
#endif
