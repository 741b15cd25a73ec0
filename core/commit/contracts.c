#include "commit/contracts.h"
#include "bill/residents.h"
#include <math.h>
#include <string.h>
#include <strings.h>

enum { HOUR_S = 3600, MICRO = 1000000 };
#define MONTH_S INT64_C(2628000) /* 730 hours */

/* The row says money and no units. */
static bool is_of_money(const tt_commitment_row *r)
{
	return !(r->units > 0) && (strcmp(r->kind, "savings_plan") == 0 ||
	                           strcmp(r->kind, "committed_use") == 0 ||
	                           r->commitment_per_hour != TT_DECIMAL_MISSING);
}

static bool says(const char *wanted, const char *is)
{
	return !*wanted || strcmp(wanted, is) == 0;
}

static bool is_in_scope(const tt_commitment_row *r, const tt_node_row *n)
{
	return strcmp(n->pricing, "owned") != 0 && says(r->provider, n->provider) &&
	       says(r->region, n->region) && says(r->instance_type, n->instance_type) &&
	       (!*r->gpu_model || strcasecmp(r->gpu_model, n->gpu_model) == 0);
}

/* amount x part / whole, half-even. */
static int64_t share(int64_t amount, int64_t part, int64_t whole)
{
	return whole > 0 ? (int64_t)tt_div_half_even((tt_i128)amount * part, whole) : 0;
}

static int money_of(tt_decimal v, int64_t times, int64_t by, int64_t *ret, tt_err *err)
{
	const tt_i128 micro = tt_div_half_even(v / by * times + v % by * times / by, MICRO);

	if (micro > INT64_MAX || micro < 0)
		return tt_fail(err, TT_EDATA, "the sum of a commitment does not fit: more than "
		               "9,223,372,036,854 units of money");
	*ret = (int64_t)micro;
	return TT_OK;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* --- By the hour ------------------------------------------------------------------------- */

static const tt_held_cost *cost_of(const tt_bill *b, const char *id)
{
	for (size_t i = 0; i < b->held.n_costs; i++)
		if (strcmp(b->held.costs[i].commitment, id) == 0)
			return &b->held.costs[i];
	return NULL;
}

static int by_hour(const tt_bill *b, tt_contract *c, tt_err *err)
{
	const tt_commitment_row *r = c->row;
	const tt_held_cost *cost = cost_of(b, r->commitment);
	const int64_t now_s = sooner(later(b->snapshot->end_s, r->starts_at), r->ends_at);
	int64_t left;

	c->by_hour = true;
	TT_TRY(money_of(r->commitment_per_hour, r->ends_at - r->starts_at, HOUR_S, &c->total_micro,
	                err));
	TT_TRY(money_of(r->commitment_per_hour, now_s - r->starts_at, HOUR_S, &c->so_far_micro,
	                err));
	TT_TRY(money_of(r->commitment_per_hour, MONTH_S, HOUR_S, &c->needed_micro, err));
	left = c->total_micro - c->so_far_micro;
	if (!cost || cost->cost_micro <= 0) {
		c->missing = "it was not in force in the window";
		return TT_OK;
	}
	c->used_ratio = 1 - (double)cost->unused_micro / (double)cost->cost_micro;
	c->lost_micro = share(left, cost->unused_micro, cost->cost_micro);
	c->pace_micro = share(c->needed_micro, cost->cost_micro - cost->unused_micro,
	                      cost->cost_micro);
	return TT_OK;
}

/* --- A sum ------------------------------------------------------------------------------- */

/* What nodes in its scope cost in the part of the window that is of its term. */
static int drawn(const tt_bill *b, const tt_commitment_row *r, int64_t from_s, int64_t to_s,
                 int64_t *ret, bool *ret_any, tt_err *err)
{
	*ret = 0;
	*ret_any = false;
	for (size_t i = 0; i < b->snapshot->table[TT_NODES].n; i++) {
		const tt_span life = tt_node_life(b->snapshot, i);
		const int64_t in_s = sooner(life.to_s, to_s) - later(life.from_s, from_s);

		if (!is_in_scope(r, tt_node_at(b->snapshot, i)))
			continue;
		*ret_any = true;
		if (in_s > 0 && b->nodes[i].cost_micro != TT_MONEY_UNKNOWN)
			TT_TRY(tt_money_add(ret, share(b->nodes[i].cost_micro, in_s,
			                               life.to_s - life.from_s),
			                    "what is drawn", err));
	}
	return TT_OK;
}

static int of_sum(const tt_bill *b, tt_contract *c, tt_err *err)
{
	const tt_commitment_row *r = c->row;
	const int64_t from_s = later(b->snapshot->start_s, r->starts_at);
	const int64_t now_s = sooner(b->snapshot->end_s, r->ends_at);
	int64_t in_window, left;
	bool any;

	TT_TRY(money_of(r->upfront, 1, 1, &c->total_micro, err));
	if (now_s <= from_s) {
		c->missing = "its term is not in the window";
		return TT_OK;
	}
	TT_TRY(drawn(b, r, from_s, now_s, &in_window, &any, err));
	if (!any) {
		c->missing = "no node is in its scope";
		return TT_OK;
	}
	c->assumed = r->starts_at < b->snapshot->start_s;
	c->so_far_micro = c->assumed ? share(in_window, now_s - r->starts_at, now_s - from_s)
		: in_window;
	c->pace_micro = share(in_window, MONTH_S, now_s - from_s);
	left = c->total_micro - c->so_far_micro;
	if (left <= 0) {
		c->used_up_s = c->assumed && in_window > 0 ? r->starts_at +
			share(now_s - from_s, c->total_micro, in_window) : now_s;
		return TT_OK;
	}
	c->needed_micro = share(left, MONTH_S, r->ends_at - now_s);
	c->lost_micro = left - share(in_window, r->ends_at - now_s, now_s - from_s);
	if (c->lost_micro < 0) {
		c->used_up_s = now_s + share(now_s - from_s, left, in_window);
		c->lost_micro = 0;
	}
	return TT_OK;
}

/* --- All of them ------------------------------------------------------------------------- */

static const char *missing_of(const tt_snapshot *s, size_t i)
{
	const tt_commitment_row *r = TT_ROW(&s->table[TT_COMMITMENTS], tt_commitment_row, i);
	const bool by_hour = r->commitment_per_hour != TT_DECIMAL_MISSING;

	if (r->starts_at == TT_TIME_MISSING || r->ends_at == TT_TIME_MISSING)
		return "commitments.csv has no starts_at and ends_at of it: without a term there "
		       "is neither a pace nor an end";
	if (r->ends_at <= r->starts_at)
		return "its term ends before it starts";
	if (by_hour)
		return tt_held_unmetered(s, i);
	if (r->upfront == TT_DECIMAL_MISSING || r->upfront <= 0)
		return "commitments.csv has neither a commitment_per_hour nor a sum (upfront) of "
		       "it";
	return NULL;
}

int tt_contracts_make(const tt_bill *b, tt_arena *arena, tt_contracts *ret, tt_err *err)
{
	const size_t n = b->snapshot->table[TT_COMMITMENTS].n;
	tt_contracts to = { .v = tt_arena_alloc(arena, (n + 1) * sizeof *to.v) };

	if (!to.v)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const tt_commitment_row *r =
			TT_ROW(&b->snapshot->table[TT_COMMITMENTS], tt_commitment_row, i);
		tt_contract c = { .row = r, .used_ratio = (double)NAN,
			.used_up_s = TT_TIME_MISSING };

		if (!is_of_money(r))
			continue;
		c.missing = missing_of(b->snapshot, i);
		if (!c.missing)
			TT_TRY(r->commitment_per_hour != TT_DECIMAL_MISSING ? by_hour(b, &c, err)
			                                                    : of_sum(b, &c, err));
		to.v[to.n++] = c;
	}
	*ret = to;
	return TT_OK;
}
