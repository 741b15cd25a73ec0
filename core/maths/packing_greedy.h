/* packing_greedy.h - the heuristics of packing. Only packing*.c includes this. */
#ifndef TT_MATHS_PACKING_GREEDY_H
#define TT_MATHS_PACKING_GREEDY_H
#include "maths/packing_plan.h"

enum tt_pack_rule {             /* which kind of bin is opened for an item */
	TT_PACK_CHEAPEST_BIN,
	TT_PACK_CHEAPEST_SHARE  /* of its cost, by the largest share that the item takes */
};

/* Place what has no place: groups in order, each item in the first bin that has room. */
void tt_pack_first_fit(tt_packing *s, enum tt_pack_rule rule);

/* Place what has no place bin by bin: of what fits, each time the item with the greatest sum
 * of size x room x what is left in all (each as a share of the largest bin). Of several kinds
 * the one whose fill costs least is opened. */
int tt_pack_dot(tt_packing *s, tt_err *err);

/* Close each new bin whose items have room in other bins, exchange bins for cheaper ones that
 * hold the same, and place what had no place. Never dearer after than before. */
int tt_pack_remove(tt_packing *s, tt_err *err);
#endif
