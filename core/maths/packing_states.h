/* packing_states.h - the least of all packings where items are many but few kinds of them:
 * by dynamic programming over how many of each group are left. Only packing*.c includes
 * this. */
#ifndef TT_MATHS_PACKING_STATES_H
#define TT_MATHS_PACKING_STATES_H
#include "maths/packing_plan.h"

#define TT_PACK_STATES ((size_t)1 << 20)

/* Make `best`, a packing of everything that fits somewhere, the best there is, and *ret_done
 * true. Left alone, and false, where bins exist, new ones are limited in number, or there are
 * more than TT_PACK_STATES states or p->steps pairs of a state and a way to fill a bin. */
int tt_pack_by_states(tt_packing *best, bool *ret_done, uint64_t *ret_steps, tt_err *err);
#endif
