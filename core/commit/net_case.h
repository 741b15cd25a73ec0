/* net_case.h - what a set of changes does to the demand of pools, hour by hour (net.h). */
#ifndef TT_COMMIT_NET_CASE_H
#define TT_COMMIT_NET_CASE_H
#include "bill/case.h"
#include "change/change.h"
#include "commit/eligible.h"

/* Of each pool in each hour, more (below 0: less) than before, in 10^-9 of a unit. */
typedef struct tt_net_delta {       /* zero-initialise */
	double **v;                 /* [n][hours] as the pools stand; NULL: nothing */
	size_t n, cap;
} tt_net_delta;

void tt_net_delta_free(tt_net_delta *d);
/* Errors: TT_ENOMEM; free it all the same. */
int tt_net_delta_copy(const tt_net_delta *d, size_t hours, tt_net_delta *ret, tt_err *err);

/* Nodes that are there in the case and were not, or the other way round. Pools that nobody was
 * in are made at the end of `e`. Errors: TT_EDATA, TT_ENOMEM. */
int tt_net_of_case(const tt_case *c, tt_eligible *e, tt_net_delta *ret, tt_err *err);

/* One change of demand.csv on top of what is in `to`. Errors: TT_EINVAL (a change that does
 * not say what it does to a pool), TT_EDATA (no such pool), TT_ENOMEM. */
int tt_net_of_pools(const tt_change *c, tt_eligible *e, tt_net_delta *to, tt_err *err);
#endif
