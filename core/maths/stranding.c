#include "maths/stranding.h"
#include "base/memory.h"
#include <math.h>
#include <stdlib.h>

enum { ALL = 1000000, DECILE = 900000 };

double tt_stranding_fractile(double rate_to_price, double weight, double level)
{
	const double tail = 1 - level;

	if (!(rate_to_price >= 0 && rate_to_price <= 1 && weight >= 0 && weight <= 1 &&
	      level >= 0 && level < 1))
		return (double)NAN;
	const double within = (1 - rate_to_price) / ((1 - weight) + weight / tail);

	/* else the quantile lies above the tail, where the tail no longer cares */
	if (within <= tail || weight == 1)
		return within;
	return fmax(tail, 1 - rate_to_price / (1 - weight));
}

typedef struct loss {
	tt_i128 v;                  /* micro-units of money x parts */
	int64_t chance;
} loss;

typedef struct room {
	const tt_stranding_task *t;
	loss *v;                    /* [n] */
	tt_i128 chances;
} room;

static tt_i128 busy(const tt_layer_curve *c, int64_t units)
{
	tt_i128 sum = 0;

	for (size_t i = 0; i < c->n && units > 0; i++) {
		const int64_t here = c->v[i].units < units ? c->v[i].units : units;

		sum += (tt_i128)here * c->v[i].busy;
		units -= here;
	}
	return sum;
}

static tt_i128 busy_of(const tt_stranding_task *t, size_t s, int64_t units)
{
	return busy(&t->scenarios[s].demand, units);
}

/* What there is to sum up, at most, has to fit with all weights. */
static int check(const tt_stranding_task *t, int64_t units, tt_i128 *ret_chances, tt_err *err)
{
	double paid = (double)t->rate_micro * (double)units * (double)t->hours * (double)t->unit;
	double chances = 0, most = paid;

	*ret_chances = 0;
	if (!t->n || t->hours <= 0 || t->unit <= 0 || t->rate_micro < 0 || t->price_micro < 0 ||
	    units < 0)
		return tt_fail(err, TT_EINVAL, "%lld units for %lld h in %zu scenarios, at %lld, "
		               "or %lld on demand: expected none below 0, hours and scenarios",
		               (long long)units, (long long)t->hours, t->n,
		               (long long)t->rate_micro, (long long)t->price_micro);
	if (t->weight_millionths > ALL || t->level_millionths >= ALL)
		return tt_fail(err, TT_EINVAL, "a weight of %u and a level of %u millionths, "
		               "expected at most 1,000,000, and less than that",
		               (unsigned)t->weight_millionths, (unsigned)t->level_millionths);
	for (size_t s = 0; s < t->n; s++) {
		const double all = (double)busy_of(t, s, INT64_MAX) * (double)t->price_micro;

		if (t->scenarios[s].chance <= 0)
			return tt_fail(err, TT_EINVAL, "scenario %zu has a chance of %lld, "
			               "expected more than 0", s,
			               (long long)t->scenarios[s].chance);
		chances += (double)t->scenarios[s].chance;
		*ret_chances += t->scenarios[s].chance;
		most = fmax(most, all);
	}
	if (most * chances * ALL * ALL >= 0x1p124 || most / (double)t->unit >= 0x1p62)
		return tt_fail(err, TT_EINVAL, "%lld units for %lld h in %zu scenarios: more than "
		               "can be summed up", (long long)units, (long long)t->hours, t->n);
	return TT_OK;
}

static int64_t units_most(const tt_stranding_task *t)
{
	int64_t most = 0;

	for (size_t s = 0; s < t->n; s++)
		most = t->scenarios[s].demand.units > most ? t->scenarios[s].demand.units : most;
	return most;
}

static int by_loss(const void *a, const void *b)
{
	const tt_i128 x = ((const loss *)a)->v, y = ((const loss *)b)->v;

	return (x < y) - (x > y);
}

/* Losses at so many units, the worst first. */
static void find_losses(room *r, int64_t units)
{
	const tt_stranding_task *t = r->t;
	const tt_i128 paid = (tt_i128)t->rate_micro * units * t->hours * t->unit;

	for (size_t s = 0; s < t->n; s++)
		r->v[s] = (loss){ paid - t->price_micro * busy_of(t, s, units),
			t->scenarios[s].chance };
	qsort(r->v, t->n, sizeof *r->v, by_loss);
}

static tt_i128 sum_all(const room *r)
{
	tt_i128 sum = 0;

	for (size_t s = 0; s < r->t->n; s++)
		sum += r->v[s].v * r->v[s].chance;
	return sum;
}

/* Of the worst, with as much of the last one as belongs to them: x 10^6. */
static tt_i128 sum_worst(const room *r, uint32_t level_millionths)
{
	tt_i128 left = r->chances * (ALL - level_millionths), sum = 0;

	for (size_t s = 0; s < r->t->n && left > 0; s++) {
		const tt_i128 all = (tt_i128)r->v[s].chance * ALL, here = all < left ? all : left;

		sum += r->v[s].v * here;
		left -= here;
	}
	return sum;
}

/* What is to be least, up to a factor. */
static tt_i128 worth(room *r, int64_t units)
{
	const tt_stranding_task *t = r->t;
	const tt_i128 tail = ALL - t->level_millionths;

	find_losses(r, units);
	return sum_all(r) * tail * (ALL - t->weight_millionths) +
	       sum_worst(r, t->level_millionths) * t->weight_millionths;
}

static int open_room(const tt_stranding_task *t, int64_t units, room *r, tt_err *err)
{
	*r = (room){ .t = t };
	TT_TRY(check(t, units, &r->chances, err));
	r->v = tt_zalloc(t->n, sizeof *r->v);
	return r->v ? TT_OK : tt_no_memory(err);
}

static void describe(room *r, int64_t units, tt_stranding *ret)
{
	const tt_stranding_task *t = r->t;
	const tt_i128 all = r->chances * t->unit, tail = ALL - t->level_millionths;
	tt_i128 stranded = 0;

	find_losses(r, units);
	for (size_t s = 0; s < t->n; s++)
		stranded += ((tt_i128)units * t->hours * t->unit - busy_of(t, s, units)) *
		            t->rate_micro * t->scenarios[s].chance;
	*ret = (tt_stranding){
		.units = units,
		.saving_micro = -(int64_t)tt_div_half_even(sum_all(r), all),
		.tail_loss_micro = (int64_t)tt_div_half_even(sum_worst(r, t->level_millionths),
		                                             all * tail),
		.decile_loss_micro = (int64_t)tt_div_half_even(sum_worst(r, DECILE),
		                                               all * (ALL - DECILE)),
		.stranded_micro = (int64_t)tt_div_half_even(stranded, all)
	};
}

int tt_stranding_best(const tt_stranding_task *t, tt_stranding *ret, tt_err *err)
{
	int64_t low = 0, high = units_most(t);
	room r;

	TT_TRY(open_room(t, high, &r, err));
	while (low < high) { /* one more helps below `low`, and not from `high` on */
		const int64_t mid = low + (high - low) / 2;

		if (worth(&r, mid + 1) < worth(&r, mid))
			low = mid + 1;
		else
			high = mid;
	}
	describe(&r, low, ret);
	tt_free(r.v);
	return TT_OK;
}

int tt_stranding_of(const tt_stranding_task *t, int64_t units, tt_stranding *ret, tt_err *err)
{
	room r;

	TT_TRY(open_room(t, units, &r, err));
	describe(&r, units, ret);
	tt_free(r.v);
	return TT_OK;
}

int tt_stranding_chance(const tt_stranding_task *t, int64_t units, int64_t more_than_micro,
                        double *ret, tt_err *err)
{
	tt_i128 chances, more = 0;

	TT_TRY(check(t, units, &chances, err));
	for (size_t s = 0; s < t->n; s++) {
		const tt_i128 unused = (tt_i128)units * t->hours * t->unit - busy_of(t, s, units);

		if (unused * t->rate_micro > (tt_i128)more_than_micro * t->unit)
			more += t->scenarios[s].chance;
	}
	*ret = (double)more / (double)chances;
	return TT_OK;
}
