/* resale.h - what is held and could be sold: which reservations, and what each unit would free at
 * each date.
 *
 * A sale ends what recurs, and brings a part of what is left of the sum that was paid at the
 * start; both up to the end of what is planned. Which part buyers give is for the user to
 * say. Whole units of reservations alone, and where a unit of the pool is one of theirs;
 * whether a provider lets one be sold is not in any table. */
#ifndef TT_COMMIT_RESALE_H
#define TT_COMMIT_RESALE_H
#include "commit/portfolio.h"
#include "commit/rolling.h"

typedef struct tt_resale_terms {
	int64_t unit;               /* of the pool, in 10^-9 */
	int64_t start_s;            /* of what is planned */
	uint32_t ratio_millionths;  /* of what is left of the upfront sum */
} tt_resale_terms;

/* Set for_sale of `r` and of its segments, which are `segments`; names of the commitments in
 * ret_names[n_for_sale]. In `arena`. Errors: TT_EDATA (does not fit), TT_ENOMEM. */
int tt_resale_find(const tt_lot *lots, size_t n, const tt_resale_terms *t, tt_arena *arena,
                   tt_rolling *r, tt_rolling_segment *segments, const char ***ret_names,
                   tt_err *err);

/* Units that have been sold by segment `s` and would be in force there; `quarters`: by sales
 * before that quarter alone. */
int64_t tt_resale_sold(const tt_rolling *r, const tt_ladder_plan *p, size_t s, size_t quarters);
#endif
