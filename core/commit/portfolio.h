/* portfolio.h - what is held already: which of the usage of each pool it covers, hour by hour,
 * with its terms.
 *
 * Units only; what is committed in money covers by price and not by number, and is said in a
 * note. A commitment that could cover several pools covers them in the order of their
 * names, each hour anew. */
#ifndef TT_COMMIT_PORTFOLIO_H
#define TT_COMMIT_PORTFOLIO_H
#include "commit/eligible.h"

typedef struct tt_portfolio {
	int64_t **covered;          /* [pools][hours] of used, in 10^-9; never more than used */
	const char **notes;         /* what is held and not counted */
	size_t n_notes;
} tt_portfolio;

/* In `arena`. Errors: TT_ENOMEM. */
int tt_portfolio_cover(const tt_snapshot *s, const tt_eligible *e, tt_arena *arena,
                       tt_portfolio *ret, tt_err *err);
#endif
