#include "bill/terms.h"
#include "maths/checkpoint.h"
#include <math.h>
#include <string.h>

void tt_terms_init(tt_terms *t)
{
	*t = (tt_terms){ .provider = "", .region = "", .instance_type = "", .gpu_model = "",
			 .pricing = "", .price_per_hour = TT_DECIMAL_MISSING,
			 .price_u9 = TT_U9_ONE, .paid_u9 = TT_U9_ONE,
			 .pods_u9 = TT_U9_ONE, .gang = 1,
			 .gpus = NAN, .cpus = NAN, .memory_mib = NAN,
			 .pod_gpus = NAN, .pod_cpus = NAN, .pod_memory_mib = NAN,
			 .slower_ratio = NAN };
}

static int by_number(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(b) - isnan(a);
	return (a > b) - (a < b);
}

static int by_numbers(const tt_terms *a, const tt_terms *b)
{
	const double of_a[] = { a->interruptions_per_h, a->zone_interruptions_per_h, a->gang,
				a->checkpoint_interval_s, a->checkpoint_s, a->recovery_s,
				a->wait_s, a->work_is_lost, a->run_s, a->gpus, a->cpus,
				a->memory_mib, a->pod_gpus, a->pod_cpus, a->pod_memory_mib,
				a->slower_ratio, a->rate_is_assumed,
				a->zone_rate_is_assumed };
	const double of_b[] = { b->interruptions_per_h, b->zone_interruptions_per_h, b->gang,
				b->checkpoint_interval_s, b->checkpoint_s, b->recovery_s,
				b->wait_s, b->work_is_lost, b->run_s, b->gpus, b->cpus,
				b->memory_mib, b->pod_gpus, b->pod_cpus, b->pod_memory_mib,
				b->slower_ratio, b->rate_is_assumed,
				b->zone_rate_is_assumed };
	int by = 0;

	for (size_t i = 0; i < sizeof of_a / sizeof *of_a && !by; i++)
		by = by_number(of_a[i], of_b[i]);
	return by;
}

int tt_terms_compare(const tt_terms *a, const tt_terms *b)
{
	if (a == b || !a || !b)
		return (a != NULL) - (b != NULL);

	int by = strcmp(a->provider, b->provider);

	if (!by)
		by = strcmp(a->region, b->region);
	if (!by)
		by = strcmp(a->instance_type, b->instance_type);
	if (!by)
		by = strcmp(a->gpu_model, b->gpu_model);
	if (!by)
		by = strcmp(a->pricing, b->pricing);
	if (!by)
		by = (a->price_per_hour > b->price_per_hour) -
		     (a->price_per_hour < b->price_per_hour);
	if (!by)
		by = (a->price_u9 > b->price_u9) - (a->price_u9 < b->price_u9);
	if (!by)
		by = (a->paid_u9 > b->paid_u9) - (a->paid_u9 < b->paid_u9);
	if (!by)
		by = by_numbers(a, b);
	if (!by)
		by = (a->pods_per_card > b->pods_per_card) - (a->pods_per_card < b->pods_per_card);
	if (!by)
		by = (a->pods_u9 > b->pods_u9) - (a->pods_u9 < b->pods_u9);
	return by ? by : (a->address > b->address) - (a->address < b->address);
}

static double per_h(double rate)
{
	return rate > 0 ? 1 / rate : INFINITY;
}

double tt_terms_paid_ratio(const tt_terms *t, double interruptions_per_h,
			   double zone_interruptions_per_h)
{
	const tt_interruptions i = {
		.mtti_h = tt_checkpoint_gang_mtti_h(t->gang, per_h(interruptions_per_h),
						    per_h(zone_interruptions_per_h)),
		.checkpoint_h = t->checkpoint_s / 3600, .recovery_h = t->recovery_s / 3600,
		.wait_h = t->wait_s / 3600
	};
	tt_checkpoint_job job;

	if (isinf(i.mtti_h) && isinf(t->checkpoint_interval_s))
		return 1;
	if (!t->work_is_lost) /* it comes back, and that is paid */
		return 1 + i.recovery_h / i.mtti_h;
	if (isfinite(t->checkpoint_interval_s))
		return tt_checkpoint_paid_ratio(&i, t->checkpoint_interval_s / 3600);
	tt_checkpoint_job_expect(&i, t->run_s / 3600, INFINITY, &job);
	return job.paid_h / (t->run_s / 3600);
}

int tt_terms_price(const tt_terms *const *t, size_t n, tt_decimal price_per_hour,
                   tt_decimal *ret, tt_err *err)
{
	tt_decimal price = TT_DECIMAL_MISSING;

	for (size_t i = 0; i < n; i++) {
		const tt_decimal named = t[i]->price_per_hour;

		if (named != TT_DECIMAL_MISSING && (price == TT_DECIMAL_MISSING || named > price))
			price = named;
	}
	if (price == TT_DECIMAL_MISSING)
		price = price_per_hour;
	for (size_t i = 0; i < n && price != TT_DECIMAL_MISSING; i++) {
		tt_i128 product;

		if (t[i]->price_u9 == TT_U9_ONE)
			continue;
		if (__builtin_mul_overflow(price, (tt_i128)t[i]->price_u9, &product))
			return tt_fail(err, TT_EDATA, "a price with its discount does not fit");
		price = tt_div_half_even(product, (tt_i128)TT_U9_ONE);
	}
	*ret = price;
	return TT_OK;
}

int tt_terms_paid_u9(const tt_terms *const *t, size_t n, uint64_t *ret, tt_err *err)
{
	tt_i128 paid = (tt_i128)TT_U9_ONE;

	for (size_t i = 0; i < n; i++) {
		if (t[i]->paid_u9 == TT_U9_ONE)
			continue;
		paid = tt_div_half_even(paid * (tt_i128)t[i]->paid_u9, (tt_i128)TT_U9_ONE);
		if (paid > (tt_i128)INT64_MAX)
			return tt_fail(err, TT_EDATA, "paid hours for an hour of work do not fit");
	}
	*ret = (uint64_t)paid;
	return TT_OK;
}
