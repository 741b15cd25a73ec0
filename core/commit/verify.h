/* verify.h - whether a plan that somebody hands over is what it says: its cost is that of its
 * purchases on what this fleet is expected to use, and its certificate proves that none costs
 * less. The ladder is made anew from the fleet, and nothing is searched for. Dates, rates and
 * sums of purchases and sales, the certificate and the total are compared; worlds, risk and
 * quarters are not. */
#ifndef TT_COMMIT_VERIFY_H
#define TT_COMMIT_VERIFY_H
#include "base/yaml.h"
#include "commit/net.h"
#include "commit/plans.h"

typedef struct tt_verify_file {     /* the JSON of a plan, as far as it is looked at */
	const char *path, *pool_by, *unit, *gaps;
	const char *rate_ratio;     /* NULL: the price book */
	const char *offers, *digest; /* the file of offers and what it was; NULL: none */
	size_t quarters;
	tt_caution caution;
	uint32_t discount_millionths;
	bool resale;
	uint32_t resale_millionths;
	tt_net net;                 /* what its demand is net of */
	bool is_net;
	size_t n_beside;            /* purchases of money and of days */
	const tt_yaml *pools, *horizon, *total;
} tt_verify_file;

/* Read it. Errors: TT_EIO, TT_EDATA with path:line:column, TT_ENOMEM. */
int tt_verify_read(const char *path, tt_arena *arena, tt_verify_file *ret, tt_err *err);

typedef struct tt_verdict {
	const char *pool;
	int64_t cost_micro;         /* TT_MONEY_UNKNOWN: nothing is planned for it */
	int64_t says_micro, says_none_micro; /* what it says of its cost, and without a plan; 0 */
	const char *why;            /* it does not hold; NULL: it does */
	const char *why_none;       /* by this fleet nothing can be planned: no proof was looked at;
	                             * NULL: it can */
	bool limited;               /* none costs less within the limits of its conditions; what
	                             * they cost is for the plan to say */
} tt_verdict;

typedef struct tt_verdicts {
	tt_verdict *v;              /* [n] by pool */
	size_t n, n_wrong, n_none;  /* none: nothing is planned, rightly */
	const char *why;            /* dates or sums over pools don't hold, where all pools do;
	                             * NULL: they do */
	size_t n_unchecked;         /* purchases of money and of capacity blocks: they are in no
	                             * ladder of a pool */
} tt_verdicts;

/* `p` is what tt_plans_ask() made with the options of the file. In `arena`. Errors: TT_EDATA (a
 * pool, offer or number that is not what it must be), TT_ENOMEM. */
int tt_verify_plans(const tt_verify_file *f, const tt_plans *p, tt_arena *arena,
                    tt_verdicts *ret, tt_err *err);
#endif
