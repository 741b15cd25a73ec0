#include "maths/online_commit.h"
#include "maths/elementary.h"
#include "maths/powers.h"
#include <math.h>
#include <string.h>

enum { ALL = 1000000, DEMAND_MOST = 1 << 24 };
static const double e = 0x1.5bf0a8b145769p1;

int64_t tt_online_patience(const tt_online_task *t)
{
	const tt_i128 slots = (tt_i128)t->fee_micro * ALL /
	                      ((tt_i128)t->price_micro * (ALL - t->used_millionths));

	return slots < TT_ONLINE_NEVER ? (int64_t)slots : TT_ONLINE_NEVER;
}

double tt_online_random_patience(double u, double used_ratio)
{
	const double all = e - 1 + used_ratio;

	return u >= (e - 1) / all ? (double)INFINITY : tt_log1p(u * all) / (1 - used_ratio);
}

static int check(const tt_online_task *t, tt_err *err)
{
	double most = 0;

	if (!t->term || t->fee_micro <= 0 || t->price_micro <= 0 || t->used_millionths >= ALL)
		return tt_fail(err, TT_EINVAL, "a reservation of %zu slots for %lld, at %lld or "
		               "%u millionths of it: expected more than 0, the part less than "
		               "1,000,000", t->term, (long long)t->fee_micro,
		               (long long)t->price_micro, (unsigned)t->used_millionths);
	for (size_t i = 0; i < t->n; i++) {
		if (t->demand[i] > DEMAND_MOST)
			return tt_fail(err, TT_EINVAL, "slot %zu uses %lld units, expected at most "
			               "%d", i, (long long)t->demand[i], DEMAND_MOST);
		most += t->demand[i] > 0 ? (double)t->demand[i] : 0;
	}
	/* each reservation has a slot that made it buy */
	if (most * ((double)t->fee_micro + (double)t->price_micro) >= 0x1p62)
		return tt_fail(err, TT_EINVAL, "%g unit-slots at %lld, and %lld for a reservation, "
		               "are more than can be counted", most, (long long)t->price_micro,
		               (long long)t->fee_micro);
	return TT_OK;
}

/* With all purchases so far counted as if they had always been there, a slot uses a unit above
 * them if its key is above their number: its demand and those that had ended before it. */
typedef struct run {
	const tt_online_task *t;
	int64_t *key, *until;       /* [n] and all bought up to and with a slot */
	int64_t *held_by;           /* how many slots of the window have this key */
	size_t keys;
	tt_i128 cost;               /* x 10^6 */
	int64_t reserved, on_demand;
} run;

static int need_key(run *r, int64_t key, tt_err *err)
{
	const size_t keys = (size_t)key + (size_t)key / 2 + 16;

	if ((size_t)key < r->keys)
		return TT_OK;
	int64_t *grown = tt_realloc(r->held_by, keys, sizeof *grown);

	if (!grown)
		return tt_no_memory(err);
	memset(grown + r->keys, 0, (keys - r->keys) * sizeof *grown);
	r->held_by = grown;
	r->keys = keys;
	return TT_OK;
}

static void pay(run *r, size_t i, int64_t held)
{
	const tt_online_task *t = r->t;
	const int64_t d = t->demand[i] > 0 ? t->demand[i] : 0, served = d < held ? d : held;

	r->reserved += served;
	r->on_demand += d - served;
}

static int go(run *r, int64_t patience, tt_err *err)
{
	const tt_online_task *t = r->t;
	int64_t all = 0, above = 0;

	if (r->held_by)
		memset(r->held_by, 0, r->keys * sizeof *r->held_by);
	r->reserved = r->on_demand = 0;
	for (size_t i = 0; i < t->n; i++) {
		const int64_t ended = i >= t->term ? r->until[i - t->term] : 0;

		if (i >= t->term) {
			r->held_by[r->key[i - t->term]]--;
			above -= r->key[i - t->term] > all;
		}
		r->key[i] = ended + (t->demand[i] > 0 ? t->demand[i] : 0);
		TT_TRY(need_key(r, r->key[i] > all ? r->key[i] : all, err));
		r->held_by[r->key[i]]++;
		above += r->key[i] > all;
		while (i >= t->first && above > patience && r->key[i] > all)
			above -= r->held_by[++all];
		r->until[i] = all;
		if (i >= t->first)
			pay(r, i, all - ended);
	}
	r->cost = (tt_i128)all * t->fee_micro * ALL +
	          (tt_i128)r->reserved * t->price_micro * t->used_millionths +
	          (tt_i128)r->on_demand * t->price_micro * ALL;
	return TT_OK;
}

static int open_run(const tt_online_task *t, run *r, tt_err *err)
{
	*r = (run){ .t = t };
	TT_TRY(check(t, err));
	r->key = tt_zalloc(t->n + 1, sizeof *r->key);
	r->until = tt_zalloc(t->n + 1, sizeof *r->until);
	return r->key && r->until ? TT_OK : tt_no_memory(err);
}

static void close_run(run *r)
{
	tt_free(r->key);
	tt_free(r->until);
	tt_free(r->held_by);
}

int tt_online_run(const tt_online_task *t, int64_t patience, tt_arena *arena, tt_online *ret,
                  tt_err *err)
{
	TT_CLEANUP(close_run) run r;
	tt_online o = { .bought = tt_arena_alloc(arena, (t->n + 1) * sizeof *o.bought),
		        .held = tt_arena_alloc(arena, (t->n + 1) * sizeof *o.held) };

	TT_TRY(open_run(t, &r, err));
	if (!o.bought || !o.held)
		return tt_no_memory(err);
	TT_TRY(go(&r, patience, err));
	for (size_t i = 0; i < t->n; i++) {
		o.bought[i] = r.until[i] - (i ? r.until[i - 1] : 0);
		o.held[i] = r.until[i] - (i >= t->term ? r.until[i - t->term] : 0);
		o.n_bought += o.bought[i];
	}
	o.reserved_slots = r.reserved;
	o.on_demand_slots = r.on_demand;
	o.cost_micro = (int64_t)tt_div_half_even(r.cost, ALL);
	*ret = o;
	return TT_OK;
}

int tt_online_expected(const tt_online_task *t, bool never, double *ret_micro, tt_err *err)
{
	TT_CLEANUP(close_run) run r;
	const double part = (double)t->used_millionths / ALL, all = e - 1 + part;
	double mean = 0, before = 0;

	TT_TRY(open_run(t, &r, err));
	const int64_t longest = tt_online_patience(t);

	/* a threshold of z fees is a patience of floor(z fee / price) slots */
	for (int64_t patience = 0; patience <= longest && before < (e - 1) / all; patience++) {
		const double z = (double)(patience + 1) * (double)t->price_micro /
		                 (double)t->fee_micro;
		const double until = patience == longest ? (e - 1) / all
		                     : tt_expm1((1 - part) * z) / all;

		TT_TRY(go(&r, patience, err));
		mean += (fmin(until, (e - 1) / all) - before) * (double)r.cost;
		before = fmin(until, (e - 1) / all);
	}
	TT_TRY(go(&r, never ? TT_ONLINE_NEVER : longest, err));
	*ret_micro = (mean + part / all * (double)r.cost) / ALL;
	return TT_OK;
}
