#include "maths/forecast_errors.h"
#include "maths/nth.h"
#include <math.h>

typedef struct mean {
	double sum;
	size_t n;
} mean;

/* What is NaN was not known. */
static void add(mean *m, double v)
{
	if (isnan(v))
		return;
	m->sum += v;
	m->n++;
}

static double value(const mean *m)
{
	return m->n ? m->sum / (double)m->n : (double)NAN;
}

double tt_mase(const double *history, size_t n, size_t m, const double *actual,
               const double *forecast, size_t horizon)
{
	mean error = { 0 }, scale = { 0 };

	for (size_t h = 0; h < horizon; h++)
		add(&error, fabs(actual[h] - forecast[h]));
	for (size_t t = m; t < n; t++)
		add(&scale, fabs(history[t] - history[t - m]));
	return value(&scale) > 0 ? value(&error) / value(&scale) : (double)NAN;
}

double tt_smape(const double *actual, const double *forecast, size_t horizon)
{
	mean error = { 0 };

	for (size_t h = 0; h < horizon; h++) {
		const double of = fabs(actual[h]) + fabs(forecast[h]);

		add(&error, of == 0 ? 0 : 200 * fabs(actual[h] - forecast[h]) / of);
	}
	return value(&error);
}

double tt_pinball(double y, double q, double tau)
{
	return y >= q ? tau * (y - q) : (1 - tau) * (q - y);
}

double tt_pinball_mean(const double *actual, const double *forecast, size_t horizon, double tau)
{
	mean loss = { 0 };

	for (size_t h = 0; h < horizon; h++)
		add(&loss, tt_pinball(actual[h], forecast[h], tau));
	return value(&loss);
}

size_t tt_conformal_rank(size_t n, uint32_t alpha_millionths)
{
	const uint64_t millionths = (uint64_t)(n + 1) * (1000000 - alpha_millionths);

	return (size_t)((millionths + 999999) / 1000000);
}

double tt_conformal_width(double *errors, size_t n, uint32_t alpha_millionths)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(errors[i]))
			errors[known++] = errors[i];
	const size_t rank = tt_conformal_rank(known, alpha_millionths);

	if (!known || rank > known)
		return (double)INFINITY;
	return tt_nth_largest(errors, known, known - rank);
}
