/* offer_dates.h - when a listed offer can be bought and ends, in hours of a plan. */
#ifndef TT_COMMIT_OFFER_DATES_H
#define TT_COMMIT_OFFER_DATES_H
#include "commit/offers.h"
#include "commit/rolling.h"

/* Its term, from and until, into `ret`. */
void tt_offer_dates(const tt_listed_offer *o, int64_t start_s, tt_rolling_offer *ret);

/* Hours within the plan at which one that has dates can be bought within a quarter or ends, into
 * cuts[2 x quarters + 1]; returns how many. */
size_t tt_offer_cuts(const tt_rolling_offer *o, size_t quarters, int64_t *cuts);
#endif
