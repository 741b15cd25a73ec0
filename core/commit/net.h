/* net.h - demand less what accepted changes remove, and more of what they move: waste first, rate
 * second. Never is something committed to for what is about to go.
 *
 * An item is taken up as a whole, with a probability. Items are put on top of one another in their
 * order, each is applied to the window as if it had always been in force, and what it takes from
 * a pool or adds to one in each hour beside those before it counts with that probability. The
 * history of an item that is in force when the plan begins is changed; one with a later date, or an
 * end, changes the quarters from its date on by as much as it would be of the last four weeks.
 *
 * Where demand is the lives of nodes, it is their presence that counts, not who pays: a node
 * under a reservation that goes leaves the reservation to others. Where it is demand.csv, changes
 * name pools: as workload, namespace or node group with the name of the pool. */
#ifndef TT_COMMIT_NET_H
#define TT_COMMIT_NET_H
#include "bill/settings.h"
#include "change/change.h"
#include "commit/eligible.h"

enum { TT_NET_ALL = 1000000 };
#define TT_NET_DELAY_MOST_S (INT64_C(3660) * 86400)

typedef struct tt_net_item {
	const char *name;           /* id of a finding; name or text in a scenario */
	const tt_change **changes;  /* [n_changes] taken together */
	size_t n_changes;
	uint32_t weight_millionths; /* how likely, and how much of it then: up to TT_NET_ALL */
	int64_t delay_s;            /* it begins so much later than it says */
	/* What came of it: mean units of the window that go from pools and come to some, times
	 * how likely; whole and parts of instances or cards, as pools have it. */
	double goes_units, comes_units;
} tt_net_item;

typedef struct tt_net {
	tt_net_item *v;             /* [n] */
	size_t n;
} tt_net;

/* Of all items the effect, into `e`, which nobody may point into yet. Errors: TT_EINVAL,
 * TT_EDATA (an item that can't be applied, with its name), TT_ENOMEM. */
int tt_net_apply(const tt_snapshot *s, const tt_settings *st, tt_net *net, tt_eligible *e,
                 tt_err *err);

/* Of a pool's demand what is still there, or more, in each quarter from `start_s` on, for dates
 * that come: ret[quarters]. 1: all. False where that is so in all of them. */
bool tt_net_shares(const tt_eligible *e, const tt_eligible_pool *p, int64_t start_s,
                   size_t quarters, int64_t quarter_s, double *ret);
#endif
