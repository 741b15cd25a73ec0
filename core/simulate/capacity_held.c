/* capacity_held.c - what is held, and what it leaves on demand, as pools of each epoch.
 *
 * The cost of a clock hour is exact, and so it stays: seconds of instances are what it comes
 * to at the price, and what is left of it goes beside them. Where the window does not begin
 * on a whole hour, a clock hour is split by how much of it lies in which hour of the window. */
#include "bill/metering.h"
#include "simulate/capacity_parts.h"

enum { HOUR_S = 3600 };

int tt_pools_hold(const tt_pools *p, const tt_case *c, tt_held **ret, tt_err *err)
{
	for (size_t i = 0; i < p->epochs.n; i++) {
		const tt_held_ahead ahead = tt_epochs_ahead(&p->epochs, i);

		TT_TRY(tt_held_make_ahead(c, &ahead, &ret[i], err));
	}
	return TT_OK;
}

static size_t epoch_of(const tt_pools *p, size_t i)
{
	return p->epochs.n == 1 ? TT_ALWAYS : i;
}

/* So much of an hour of the window, in parts. */
static int add_parts(const tt_pools *p, tt_decimal price, tt_i128 parts, int sign, size_t hour,
		     tt_pool_hours *to, tt_err *err)
{
	const tt_i128 a_second = price * (tt_i128)TT_U9_ONE;
	const int64_t seconds = (int64_t)tt_div_half_even(parts, a_second);

	to->seconds[hour] += sign * seconds;
	to->nodes[hour] += (int32_t)(sign * ((seconds + HOUR_S - 1) / HOUR_S));
	return tt_capacity_extra(p, to, hour, sign * (parts - seconds * a_second), err);
}

/* A clock hour, in the one or two hours of the window that it lies in. */
static int add_clock_hour(const tt_pools *p, const tt_held_beside *x, size_t i, int sign,
			  tt_pool_hours *to, tt_err *err)
{
	const tt_i128 parts = x->cost[i] * 1000; /* of TT_METERING_MICRO */
	int64_t from_s = x->first_s + (int64_t)i * HOUR_S, to_s = from_s + HOUR_S, cut_s;
	tt_i128 early;

	if (!parts)
		return TT_OK;
	from_s = from_s > p->start_s ? from_s : p->start_s;
	to_s = to_s < p->end_s ? to_s : p->end_s;
	const size_t hour = (size_t)((from_s - p->start_s) / HOUR_S);
	cut_s = p->start_s + ((int64_t)hour + 1) * HOUR_S;
	if (cut_s >= to_s)
		return add_parts(p, x->price_per_hour, parts, sign, hour, to, err);
	early = parts / (to_s - from_s) * (cut_s - from_s);
	TT_TRY(add_parts(p, x->price_per_hour, early, sign, hour, to, err));
	return add_parts(p, x->price_per_hour, parts - early, sign, hour + 1, to, err);
}

/* What commitments leave of one kind of capacity, rounded once as in the bill. */
static int add_beside(const tt_held_beside *x, size_t epoch, int sign, tt_pools *p,
		      tt_capacity *to, tt_err *err)
{
	const tt_pool like = { .node_group = "", .provider = x->like->provider,
			       .region = x->like->region,
			       .instance_type = x->like->instance_type,
			       .gpu_model = x->like->gpu_model, .pricing = "on_demand",
			       .price_per_hour = x->price_per_hour, .paid_u9 = TT_U9_ONE,
			       .epoch = epoch, .is_beside = true };
	tt_pool_hours *hours = NULL;
	tt_i128 sum = 0;
	size_t last = 0;
	uint32_t pool;

	if (x->price_per_hour <= 0)
		return TT_OK;
	TT_TRY(tt_pools_find(p, &like, &pool, err));
	TT_TRY(tt_capacity_hours(to, p, pool, &hours, err));
	for (size_t i = 0; i < x->hours; i++) {
		TT_TRY(add_clock_hour(p, x, i, sign, hours, err));
		sum += x->cost[i];
		last = x->cost[i] ? i : last;
	}
	const int64_t at_s = x->first_s + (int64_t)last * HOUR_S - p->start_s;
	const tt_i128 rounded = tt_div_half_even(sum, TT_METERING_MICRO) * TT_METERING_MICRO;
	return tt_capacity_extra(p, hours, at_s > 0 ? (size_t)(at_s / HOUR_S) : 0,
				 sign * (rounded - sum) * 1000, err);
}

/* Commitments as one instance that costs as much as all of them, at all times. */
static int add_fixed(const tt_held *h, size_t epoch, int sign, tt_pools *p, tt_capacity *to,
		     tt_err *err)
{
	const int64_t window_s = p->end_s - p->start_s;
	const tt_i128 all = (tt_i128)tt_held_fixed_micro(h) * TT_CAPACITY_MICRO;
	const tt_pool like = { .node_group = "commitments", .provider = "", .region = "",
			       .instance_type = "", .gpu_model = "", .pricing = "committed",
			       .price_per_hour = all / window_s / (tt_i128)TT_U9_ONE,
			       .paid_u9 = TT_U9_ONE, .epoch = epoch };
	tt_pool_hours *hours = NULL;
	uint32_t pool;

	if (!all)
		return TT_OK;
	TT_TRY(tt_pools_find(p, &like, &pool, err));
	TT_TRY(tt_capacity_hours(to, p, pool, &hours, err));
	for (size_t i = 0; i < p->hours; i++) {
		const int64_t left_s = window_s - (int64_t)i * HOUR_S;

		hours->nodes[i] += sign;
		hours->seconds[i] += sign * (left_s < HOUR_S ? left_s : HOUR_S);
	}
	return tt_capacity_extra(p, hours, p->hours - 1, sign *
				 (all - like.price_per_hour * window_s * (tt_i128)TT_U9_ONE), err);
}

int tt_capacity_held(tt_held *const *held, int sign, tt_pools *p, tt_capacity *to, tt_err *err)
{
	tt_held_beside beside;
	int64_t total;

	for (size_t i = 0; i < p->epochs.n && held[i]; i++) {
		TT_TRY(tt_held_total(held[i], &total, err));
		for (size_t k = 0; tt_held_beside_of(held[i], k, &beside); k++)
			TT_TRY(add_beside(&beside, epoch_of(p, i), sign, p, to, err));
		TT_TRY(add_fixed(held[i], epoch_of(p, i), sign, p, to, err));
	}
	return TT_OK;
}
