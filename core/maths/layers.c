#include "maths/layers.h"

/* What of a demand lies in the first `units` layers. */
static int64_t within(const tt_layers_demand *d, size_t i, int64_t units)
{
	const int64_t v = d->v[i] > 0 ? d->v[i] : 0;

	return v / d->unit >= units ? units * d->unit : v;
}

static tt_i128 busy_within(const tt_layers_demand *d, int64_t units)
{
	tt_i128 sum = 0;

	for (size_t i = 0; units > 0 && i < d->n; i++)
		sum += within(d, i, units);
	return sum;
}

tt_i128 tt_layers_busy(const tt_layers_demand *d, int64_t layer)
{
	return layer > 0 ? busy_within(d, layer) - busy_within(d, layer - 1) : 0;
}

static tt_i128 all_busy(const tt_layers_demand *d)
{
	tt_i128 sum = 0;

	for (size_t i = 0; i < d->n; i++)
		sum += d->v[i] > 0 ? d->v[i] : 0;
	return sum;
}

tt_i128 tt_layers_cost(const tt_layers_demand *d, int64_t units, tt_i128 rate, tt_i128 price)
{
	return rate * units * (tt_i128)d->n * d->unit +
	       price * (all_busy(d) - busy_within(d, units));
}

void tt_layers_best(const tt_layers_demand *d, tt_i128 rate, tt_i128 price, tt_layers *ret)
{
	int64_t low = 0, high = 0;

	*ret = (tt_layers){ .rank = price > 0 ? (size_t)(rate * (tt_i128)d->n / price) + 1 : 0 };
	for (size_t i = 0; i < d->n; i++) {
		const int64_t units = d->v[i] / d->unit + (d->v[i] % d->unit > 0);

		high = units > high ? units : high;
	}
	if (price <= 0)
		high = 0;
	while (low < high) { /* layer `low` pays (or is none), those above `high` do not */
		const int64_t mid = low + (high - low + 1) / 2;

		if (price * tt_layers_busy(d, mid) > rate * (tt_i128)d->n * d->unit)
			low = mid;
		else
			high = mid - 1;
	}
	ret->units = low;
	ret->last_busy = tt_layers_busy(d, low);
	ret->next_busy = tt_layers_busy(d, low + 1);
	ret->cost = tt_layers_cost(d, low, rate, price);
	ret->none_cost = tt_layers_cost(d, 0, rate, price);
	ret->busy = busy_within(d, low);
	ret->all_busy = all_busy(d);
}
