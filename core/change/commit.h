/* commit.h - commitments that are bought, sold, exchanged or not renewed, as deals of a case.
 *
 * What is held from then on is metered by the bill, over what the case uses; nothing here
 * knows what that saves. */
#ifndef TT_CHANGE_COMMIT_H
#define TT_CHANGE_COMMIT_H
#include "base/text.h"
#include "bill/case.h"
#include "change/change.h"

/* What of it is not priced; NULL: nothing. */
const char *tt_commit_unpriced(const tt_change *c);
/* Errors: those of tt_change_apply(); TT_ENODATA (an offer or a price that is needed is not
 * in prices.csv, what a commitment costs is not known). */
int tt_commit_apply(const tt_change *c, tt_case *cs, tt_err *err);

/* What a row of prices.csv with a commitment is called: all that tells it from others but its
 * date, "example/north/ex.h100x8 commit_1y all". */
void tt_offer_name(const tt_price_row *p, tt_buf *out);
#endif
