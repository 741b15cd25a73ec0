/* lost.h - savings that other findings have already, as a list of a finding. Who has them is
 * order.h's. */
#ifndef TT_RANK_LOST_H
#define TT_RANK_LOST_H
#include "rank/plan.h"

/* Add up by finding, and sort: the largest first, then by id. */
void tt_lost_tidy(tt_lost *lost, size_t *n);
#endif
