/* Rosner's data against the published test, and Student's quantiles against tables. */
#include "base/memory.h"
#include "maths/robust.h"
#include "t.h"

static const double rosner[] = { -.25, .68, .94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49,
	1.49, 1.55, 1.56, 1.58, 1.65, 1.69, 1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06,
	2.09, 2.10, 2.14, 2.15, 2.23, 2.24, 2.26, 2.35, 2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90,
	2.92, 2.92, 2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01 };

enum { N = sizeof rosner / sizeof *rosner };

static tt_err err;

static void test_outliers(void)
{
	static const double far[] = { 3.119, 2.943, 3.179, 2.81, 2.816, 2.848, 2.279, 2.31, 2.102,
		2.067 };
	static const double limit[] = { 3.159, 3.151, 3.144, 3.136, 3.128, 3.12, 3.112, 3.103,
		3.094, 3.085 };
	static const double robust[] = { 4.845, 4.159, 4.116, 3.412, 3.1, 3.022, 2.375, 2.453,
		2.103, 2.139 };
	tt_outlier o[10];
	double v[N + 2];
	size_t tried, n;

	T_INT(TT_OK, tt_outliers_find(rosner, N, 10, .05, false, o, &tried, &n, &err));
	T_INT(3, n);
	T_INT(10, tried);
	T_INT(53, o[0].at);
	for (int i = 0; i < 10; i++) {
		T_F64(far[i], o[i].distance, 5.0001e-4);
		T_F64(limit[i], o[i].limit, 5.0001e-4);
	}
	T_INT(TT_OK, tt_outliers_find(rosner, N, 10, .05, true, o, &tried, &n, &err));
	T_INT(4, n);
	for (int i = 0; i < 10; i++)
		T_F64(robust[i], o[i].distance, 5.0001e-4);
	v[0] = v[20] = (double)NAN; /* missing values change nothing but places */
	for (int i = 0, k = 1; i < N; i++, k++) {
		k += k == 20;
		v[k] = rosner[i];
	}
	T_INT(TT_OK, tt_outliers_find(v, N + 2, 10, .05, false, o, &tried, &n, &err));
	T_INT(3, n);
	T_INT(55, o[0].at);
	v[1] = v[2] = v[3] = v[4] = 7; /* four of the same: none is out */
	T_INT(TT_OK, tt_outliers_find(v, 5, 10, .05, false, o, &tried, &n, &err));
	T_INT(0, n);
	T_INT(0, tried);
	tt_alloc_fail_at(2, 0);
	T_INT(TT_ENOMEM, tt_outliers_find(v, 5, 10, .05, false, o, &tried, &n, &err));
	tt_alloc_fail_at(0, 0);
}

static void test_student(void)
{
	static const struct {
		double p;
		size_t degrees;
		double t;
	} known[] = {
		{ .975, 1, 12.706204736174707 }, { .975, 2, 4.302652729696142 },
		{ .975, 3, 3.182446305284263 }, { .975, 10, 2.2281388519649385 },
		{ .995, 30, 2.7499956535670 }, { .975, 120, 1.9799304050824 },
		{ .975, 1000, 1.9623390808264 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		T_F64(known[i].t, tt_student_quantile(known[i].p, known[i].degrees), 1e-10);
		T_F64(-known[i].t, tt_student_quantile(1 - known[i].p, known[i].degrees), 1e-10);
	}
	T_F64(0, tt_student_quantile(.5, 7), 1e-15);
	/* no step where the sums give way to the expansion */
	for (double p = .6; p < .99999; p += .01)
		T_F64(tt_student_quantile(p, 200), tt_student_quantile(p, 201) * 2 -
		      tt_student_quantile(p, 202), 2e-6);
	T_OK(isnan(tt_student_quantile(1, 5)) && isnan(tt_student_quantile(0, 5)));
	T_OK(isnan(tt_student_quantile(.9, 0)));
}

static void test_scale(void)
{
	double v[] = { 3, (double)NAN, 1, 2 }, w[] = { 0, 0, 0, -8 }, none[] = { (double)NAN };

	T_F64(2, tt_median_known(v, 4), 0);
	T_F64(1.5, tt_median_known(v, 2), 0);
	T_OK(isnan(tt_median_known(v, 0)));
	T_F64(1.2533141373155 * 2, tt_robust_scale(w, 4), 1e-12);
	T_OK(isnan(tt_robust_scale(none, 1)));
}

int main(void)
{
	test_outliers();
	test_student();
	test_scale();
	return T_END();
}
