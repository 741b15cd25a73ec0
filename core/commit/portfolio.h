/* portfolio.h - what is held already: which of the usage of each pool it covers, hour by hour,
 * with its terms.
 *
 * Units only; what is committed in money covers by price and not by number, and is said in a
 * note. A commitment that could cover several pools covers them in the order of their
 * names, each hour anew; of a pool of several types the part that it is for, as in the last four
 * weeks. */
#ifndef TT_COMMIT_PORTFOLIO_H
#define TT_COMMIT_PORTFOLIO_H
#include "commit/eligible.h"

typedef struct tt_portfolio {
	int64_t **covered;          /* [pools][hours] of used, in 10^-9; never more than used */
	const char **notes;         /* what is held and not counted */
	size_t n_notes;
} tt_portfolio;

typedef struct tt_lot {             /* units in force over a term, ends open where missing */
	const char *commitment;
	const tt_commitment_row *row;
	int64_t starts_s, ends_s;
	int64_t units_u9;           /* cards or instances of the pool, in 10^-9 */
} tt_lot;

typedef struct tt_pool_lots {
	tt_lot *v;                  /* [n] by id */
	size_t n;
} tt_pool_lots;

/* What is or will be in force for each of e->n pools after the window. A commitment that is good
 * for several has parts in them: in the order of their names, up to what each used of late
 * (tt_eligible_recent) when the commitment begins; the rest is the first one's that it is good
 * for wholly. Of a pool that has other types too it covers no more than what is used of its
 * own. Where that isn't plain, at most a note for each commitment. In `arena`. Errors:
 * TT_ENOMEM. */
int tt_portfolio_lots(const tt_snapshot *s, const tt_eligible *e, tt_arena *arena,
                      tt_pool_lots **ret, const char **notes, size_t *n_notes, tt_err *err);

/* In `arena`. Errors: TT_ENOMEM. */
int tt_portfolio_cover(const tt_snapshot *s, const tt_eligible *e, tt_arena *arena,
                       tt_portfolio *ret, tt_err *err);
#endif
