/* Sharing one card: published series, what is missing, and each way to fail. */
#include "maths/sharing.h"
#include "t.h"

enum { HOURS = 336 };

static double a[HOURS], b[HOURS], c[HOURS];

/* Shares of the card; the published figures are percent. */
static void make_published(void)
{
	for (int t = 0; t < HOURS; t++) {
		const int h = t % 24;

		a[t] = h >= 8 && h < 18 ? 0.70 : 0.05;
		b[t] = h < 6 ? 0.60 : 0.08;
		c[t] = h == 3 || h == 12 ? 0.90 : 0.02;
	}
}

static tt_sharing_member member(const double *sm, int64_t memory_mib)
{
	return (tt_sharing_member){ .activity = { sm }, .memory_mib = memory_mib,
	                            .processes = 1 };
}

static const tt_sharing_card card = {
	.memory_mib = 40000, .context_mib = 400, .memory_margin_millionths = 100000,
	.activity_most_ratio = 0.9, .quantile_millionths = 950000,
	.known_least_millionths = 900000, .resources = 1u << TT_SHARING_SM, .step_s = 3600,
};

static tt_sharing_result judged(const tt_sharing_member *m, size_t n, size_t n_steps,
                                const tt_sharing_card *on)
{
	double room[HOURS];
	tt_sharing_result r;

	tt_sharing_judge(m, n, n_steps, on, room, &r);
	T_INT(r.verdict == TT_SHARING_FITS, tt_sharing_fits(m, n, n_steps, on));
	return r;
}

static double p95(const double *v, size_t n)
{
	double copy[HOURS];

	memcpy(copy, v, n * sizeof *v);
	return tt_sharing_quantile(copy, n, 950000);
}

/* Far below the sum of quantiles, and of maxima where peaks do not meet. */
static void test_published(void)
{
	const tt_sharing_member ab[] = { member(a, 0), member(b, 0) };
	const tt_sharing_member ac[] = { member(a, 0), member(c, 0) };
	const tt_sharing_member abc[] = { member(a, 0), member(b, 0), member(c, 0) };
	tt_sharing_result r = judged(ab, 2, HOURS, &card);

	T_F64(0.78, r.sum[0].quantile_ratio, 1e-12);
	T_F64(0.78, r.sum[0].max_ratio, 1e-12);
	T_F64(1.30, p95(a, HOURS) + p95(b, HOURS), 1e-12);
	T_INT(TT_SHARING_FITS, r.verdict);
	T_INT(0, r.sum[0].co_peak_s);
	T_INT(HOURS, r.sum[0].n_known);
	r = judged(ac, 2, HOURS, &card);
	T_F64(0.95, r.sum[0].quantile_ratio, 1e-12);
	T_F64(1.60, r.sum[0].max_ratio, 1e-12);
	T_F64(1.60, p95(a, HOURS) + p95(c, HOURS), 1e-12);
	T_INT(TT_SHARING_FAILS, r.verdict);
	T_INT(2 * 14 * 3600, r.sum[0].co_peak_s); /* at 3 and at 12 */
	r = judged(abc, 3, HOURS, &card);
	T_F64(1.55, r.sum[0].quantile_ratio, 1e-12);
	T_F64(1.68, r.sum[0].max_ratio, 1e-12);
	T_F64(2.20, p95(a, HOURS) + p95(b, HOURS) + p95(c, HOURS), 1e-12);
}

/* Quantiles of 1 and 1 whose sum has one of 101. */
static void test_not_sub_additive(void)
{
	double x[100], y[100];

	for (int i = 0; i < 100; i++) {
		x[i] = i < 96 ? 1 : 100;
		y[i] = i < 4 ? 100 : 1;
	}

	const tt_sharing_member both[] = { member(x, 0), member(y, 0) };

	T_F64(1, p95(x, 100), 0);
	T_F64(1, p95(y, 100), 0);
	T_F64(101, judged(both, 2, 100, &card).sum[0].quantile_ratio, 0);
}

static void test_quantile(void)
{
	double v[] = { 5, (double)NAN, 1, 3, (double)NAN, 2, 4 };
	double none[] = { (double)NAN };

	T_F64(5, tt_sharing_quantile(v, 7, 1000000), 0);
	T_F64(1, v[0], 0);
	T_F64(1, tt_sharing_quantile(v, 7, 0), 0);
	T_F64(1, tt_sharing_quantile(v, 7, 200000), 0);
	T_F64(2, tt_sharing_quantile(v, 7, 200001), 0);
	T_F64(3, tt_sharing_quantile(v, 7, 500000), 0);
	T_F64((double)NAN, tt_sharing_quantile(none, 1, 500000), 0);
	T_F64((double)NAN, tt_sharing_quantile(NULL, 0, 500000), 0);
}

static void test_memory(void)
{
	tt_sharing_member m[] = { member(a, 17600), member(b, 17600) };
	tt_sharing_card on = card;

	tt_sharing_result r = judged(m, 2, HOURS, &on); /* 36,000 of 40,000 with 10 % free */
	T_INT(36000, r.memory_mib);
	T_INT(TT_SHARING_FITS, r.memory);
	m[1].memory_mib++;
	r = judged(m, 2, HOURS, &on);
	T_INT(TT_SHARING_FAILS, r.memory);
	T_INT(TT_SHARING_FAILS, r.verdict);
	T_INT(TT_SHARING_FITS, r.sum[0].verdict);
	m[1].memory_mib--;
	m[1].processes = 2;
	T_INT(TT_SHARING_FAILS, judged(m, 2, HOURS, &on).memory);
	m[1].processes = 1;
	m[1].memory_mib = -1; /* not known is not 0 */
	r = judged(m, 2, HOURS, &on);
	T_INT(-1, r.memory_mib);
	T_INT(TT_SHARING_UNKNOWN, r.memory);
	T_INT(TT_SHARING_UNKNOWN, r.verdict);
	m[0].memory_mib = 35201; /* too much whatever the other needs */
	T_INT(TT_SHARING_FAILS, judged(m, 2, HOURS, &on).memory);
	m[0].memory_mib = 1;
	m[1].memory_mib = 1;
	on.memory_mib = -1;
	T_INT(TT_SHARING_UNKNOWN, judged(m, 2, HOURS, &on).memory);
}

/* Any one resource that fails is enough; one that nobody measured is not known. */
static void test_resources(void)
{
	double low[HOURS], high[HOURS];
	tt_sharing_card on = card;

	for (int t = 0; t < HOURS; t++) {
		low[t] = 0.1;
		high[t] = 0.5;
	}

	tt_sharing_member m[] = { { .activity = { low, low, high }, .processes = 1 },
	                          { .activity = { low, low, high }, .processes = 1 } };

	T_INT(TT_SHARING_FITS, judged(m, 2, HOURS, &on).verdict); /* of SM alone */
	on.resources = 7;
	tt_sharing_result r = judged(m, 2, HOURS, &on);
	T_INT(TT_SHARING_FITS, r.sum[TT_SHARING_SM].verdict);
	T_INT(TT_SHARING_FITS, r.sum[TT_SHARING_TENSOR].verdict);
	T_INT(TT_SHARING_FAILS, r.sum[TT_SHARING_DRAM].verdict);
	T_INT(TT_SHARING_FAILS, r.verdict);
	m[1].activity[TT_SHARING_DRAM] = NULL;
	r = judged(m, 2, HOURS, &on);
	T_INT(TT_SHARING_UNKNOWN, r.sum[TT_SHARING_DRAM].verdict);
	T_INT(HOURS, r.sum[TT_SHARING_DRAM].n_missing);
	T_F64((double)NAN, r.sum[TT_SHARING_DRAM].quantile_ratio, 0);
	T_F64((double)NAN, r.sum[TT_SHARING_DRAM].max_ratio, 0);
	T_INT(TT_SHARING_UNKNOWN, r.verdict);
	m[1].activity[TT_SHARING_SM] = a; /* .8 most of the working day */
	on.activity_most_ratio = 0.79;
	T_INT(TT_SHARING_FAILS, judged(m, 2, HOURS, &on).verdict);
	on.activity_most_ratio = 0.8; /* .1 + .7 is not above it */
	T_INT(TT_SHARING_FITS, judged(m, 2, HOURS, &on).sum[TT_SHARING_SM].verdict);
	T_INT(0, judged(m, 2, HOURS, &on).sum[TT_SHARING_SM].co_peak_s);
}

/* A step that one of them lacks is missing for the sum. */
static void test_missing(void)
{
	double x[100], y[100], sum[100];
	tt_sharing_member m[] = { member(x, 0), member(y, 0) };
	tt_sharing_result r;

	for (int i = 0; i < 100; i++) {
		x[i] = i < 4 ? (double)NAN : 0.25;
		y[i] = i >= 94 ? (double)NAN : 0.5;
	}
	T_INT(90, tt_sharing_add(m, 2, 100, TT_SHARING_SM, sum));
	T_F64((double)NAN, sum[0], 0);
	T_F64(0.75, sum[4], 0);
	T_F64((double)NAN, sum[99], 0);
	r = judged(m, 2, 100, &card);
	T_INT(90, r.sum[0].n_known);
	T_INT(10, r.sum[0].n_missing);
	T_F64(0.75, r.sum[0].quantile_ratio, 0);
	T_INT(TT_SHARING_FITS, r.verdict);
	y[4] = (double)NAN; /* 89 of 100 known: less than the card asks */
	r = judged(m, 2, 100, &card);
	T_INT(TT_SHARING_UNKNOWN, r.verdict);
	T_INT(TT_SHARING_UNKNOWN, judged(m, 2, 0, &card).verdict);
}

static void test_slowdown(void)
{
	const double half[] = { 0.5, 0.2, 0.4 }, dram[] = { 0.9, 0.2, 1.25 };
	const double gap[] = { 0.9, (double)NAN, 1.25 };

	T_F64(1, tt_sharing_slowdown_turns(0.78, 0), 0);
	T_F64(1.55, tt_sharing_slowdown_turns(1.55, 0), 0);
	T_F64(1.705, tt_sharing_slowdown_turns(1.55, 0.1), 1e-12);
	T_F64(1.1, tt_sharing_slowdown_turns(0.2, 0.1), 1e-12);
	T_F64((double)NAN, tt_sharing_slowdown_turns((double)NAN, 0.1), 0);
	T_F64(1, tt_sharing_slowdown_mps(half, 7, 0), 0);
	T_F64(1.25, tt_sharing_slowdown_mps(dram, 7, 0), 0);
	T_F64(1.3125, tt_sharing_slowdown_mps(dram, 7, 0.05), 1e-12);
	T_F64(1, tt_sharing_slowdown_mps(dram, 3, 0), 0);
	T_F64((double)NAN, tt_sharing_slowdown_mps(gap, 7, 0), 0);
	T_F64(1.25, tt_sharing_slowdown_mps(gap, 5, 0), 0);
	T_F64(7.0 / 3 * 0.6, tt_sharing_slowdown_mig(0.6, 3, 7), 1e-12);
	T_F64(1, tt_sharing_slowdown_mig(3.0 / 7, 3, 7), 1e-12);
	T_F64(1, tt_sharing_slowdown_mig(0.1, 1, 7), 0);
	T_F64(7, tt_sharing_slowdown_mig(1, 1, 7), 0);
	T_F64((double)NAN, tt_sharing_slowdown_mig((double)NAN, 1, 7), 0);
	T_F64((double)NAN, tt_sharing_slowdown_mig(0.5, 0, 7), 0);
}

/* Two hours of 1.5 and two of .5: work of 3 at 1.5 and of 1 at 1. */
static void test_slowdown_mean(void)
{
	const double x[] = { 1, 1, 0.5, 0.5, (double)NAN }, y[] = { 0.5, 0.5, 0, 0, 1 };
	const double d[] = { 1, 1, 1, 1, 1 }, none[] = { 0, 0, 0, 0, 0 };
	tt_sharing_member m[] = { { .activity = { x, NULL, d } }, { .activity = { y, NULL, d } } };
	const tt_sharing_member idle = { .activity = { none } };
	size_t known;

	T_F64((3 * 1.5 + 1) / 4, tt_sharing_slowdown_mean(m, 2, 5, 5, true, 0, &known), 1e-12);
	T_INT(4, known);
	T_F64(2, tt_sharing_slowdown_mean(m, 2, 5, 5, false, 0, &known), 1e-12);
	T_F64(2.2, tt_sharing_slowdown_mean(m, 2, 5, 5, false, 0.1, &known), 1e-12);
	T_F64((double)NAN, tt_sharing_slowdown_mean(m, 2, 5, 7, false, 0, &known), 0);
	T_INT(0, known);
	T_F64((double)NAN, tt_sharing_slowdown_mean(m, 2, 5, 0, false, 0, &known), 0);
	T_F64(1, tt_sharing_slowdown_mean(&idle, 1, 5, 1, true, 0, &known), 0);
	T_INT(5, known);
}

/* Quickly as in full, on sets of which about half fit, with gaps, ties and any quantile. */
static void test_fits(void)
{
	static double v[3][HOURS];
	size_t fits = 0;

	for (unsigned i = 0; i < 2000; i++) {
		const size_t n = i * 7 % HOURS;
		tt_sharing_member m[] = { member(v[0], 10000), member(v[1], 10000) };
		tt_sharing_card on = card;

		for (size_t k = 0; k < 3; k++)
			for (size_t t = 0; t < n; t++)
				v[k][t] = rand() % 12 ? (double)(rand() % 8) / 10 : (double)NAN;
		m[0].activity[TT_SHARING_DRAM] = i % 3 ? v[2] : NULL;
		m[1].activity[TT_SHARING_DRAM] = v[1];
		on.quantile_millionths = (uint32_t)(rand() % 1100000);
		on.known_least_millionths = i % 2 ? 0 : 850000;
		on.activity_most_ratio = 0.8 + 0.1 * (i % 4);
		on.resources = i % 5 ? 1u << TT_SHARING_SM : i % 4;
		fits += judged(m, 2, n, &on).verdict == TT_SHARING_FITS;
	}
	T_OK(fits > 400 && fits < 1600);
}

int main(void)
{
	make_published();
	test_published();
	test_not_sub_additive();
	test_quantile();
	test_memory();
	test_resources();
	test_missing();
	test_slowdown();
	test_slowdown_mean();
	test_fits();
	return T_END();
}
