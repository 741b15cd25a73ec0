#include "simulate/beta_table.h"
#include "maths/elementary.h"
#include <math.h>

/* Logarithm of the density of t, but for a constant: x^alpha (1 - x)^beta. */
static double log_density(double alpha, double beta, double t)
{
	double small = tt_log(1 + tt_exp(-fabs(t))); /* -log of the larger of x and 1 - x */

	return t < 0 ? alpha * (t - small) - beta * small : -alpha * small - beta * (t + small);
}

/* How far to one side of the peak the density falls to e^-42 of it: what lies beyond is
 * below the last bit of any uniform. The logarithm is concave: there is one such place. */
static double reach(double alpha, double beta, double peak, double side)
{
	double least = log_density(alpha, beta, peak) - 42, near = 0, far = 1;

	while (log_density(alpha, beta, peak + side * far) > least)
		far *= 2;
	for (int i = 0; i < 30; i++) {
		double middle = (near + far) / 2;
		if (log_density(alpha, beta, peak + side * middle) > least)
			near = middle;
		else
			far = middle;
	}
	return far;
}

/* Where cell j starts. */
static double start(const tt_beta_table *table, size_t j)
{
	double w = ((double)j - TT_BETA_CELLS / 2) / (TT_BETA_CELLS / 2);

	return table->peak + w * fabs(w) * (w < 0 ? table->left : table->right);
}

/* Five points of Gauss and Legendre in each cell. */
void tt_beta_table_make(double alpha, double beta, tt_beta_table *ret)
{
	static const double at[] = { 0.046910077030668004, 0.23076534494715845, 0.5,
		0.76923465505284155, 0.95308992296933200 };
	static const double weight[] = { 0.11846344252809454, 0.23931433524968324,
		0.28444444444444444, 0.23931433524968324, 0.11846344252809454 };
	double peak = tt_log(alpha / beta), top = log_density(alpha, beta, peak), sum = 0;

	ret->peak = peak;
	ret->left = reach(alpha, beta, peak, -1);
	ret->right = reach(alpha, beta, peak, 1);
	for (size_t j = 0; j <= TT_BETA_CELLS; j++) {
		double t = start(ret, j), step = start(ret, j + 1) - t;

		ret->sum[j] = sum;
		ret->density[j] = tt_exp(log_density(alpha, beta, t) - top);
		for (int i = 0; i < 5; i++) {
			double f = log_density(alpha, beta, t + at[i] * step);
			sum += weight[i] * tt_exp(f - top) * step;
		}
	}
	sum = ret->sum[TT_BETA_CELLS];
	for (size_t j = 0; j <= TT_BETA_CELLS; j++) {
		ret->sum[j] /= sum;
		ret->density[j] /= sum;
	}
	/* above three times a neighbouring cell's mean, the cubic would turn back */
	for (size_t j = 0; j < TT_BETA_CELLS; j++) {
		double step = start(ret, j + 1) - start(ret, j);
		double most = 3 * (ret->sum[j + 1] - ret->sum[j]) / step;

		ret->density[j] = fmin(ret->density[j], most);
		ret->density[j + 1] = fmin(ret->density[j + 1], most);
	}
}

/* v from 0 to 1 with c(v) = goal, for a cubic that rises from 0 to 1 with slopes s0 and s1 at
 * the ends: Newton's steps, halving where one leaves the interval that holds the answer. */
static double solve(double s0, double s1, double goal)
{
	double c2 = 3 - 2 * s0 - s1, c3 = s0 + s1 - 2, left = 0, right = 1, v = goal;

	for (int i = 0; i < 60; i++) {
		double off = ((c3 * v + c2) * v + s0) * v - goal;

		if (off < 0)
			left = v;
		else
			right = v;
		double next = v - off / ((3 * c3 * v + 2 * c2) * v + s0);
		if (!(next >= left && next <= right))
			next = (left + right) / 2;
		if (fabs(next - v) < 0x1p-45)
			return next;
		v = next;
	}
	return v;
}

double tt_beta_table_quantile(const tt_beta_table *table, double p)
{
	size_t low = 0, high = TT_BETA_CELLS;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		if (table->sum[middle] < p)
			low = middle;
		else
			high = middle;
	}
	double rise = table->sum[high] - table->sum[low], from = start(table, low);
	double step = start(table, high) - from;
	/* In 2^32 steps of a cell, far larger than what solve() is off by: so it never falls. */
	double goal = floor((p - table->sum[low]) / rise * 0x1p32) * 0x1p-32;
	double unit = step / rise;
	double v = solve(table->density[low] * unit, table->density[high] * unit, goal);

	return 1 / (1 + tt_exp(-(from + v * step)));
}
