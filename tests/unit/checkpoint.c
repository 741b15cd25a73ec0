/* Interrupted work: published and computed figures, a simulation, and every interval tried. */
#include "maths/checkpoint.h"
#include "t.h"
#include <stdint.h>

#define INF ((double)INFINITY)

static const double minute = 1.0 / 60;

static void test_interval(void)
{
	/* Daly 2006 prints 117, 57 and 9.1 minutes for a checkpoint of 5. */
	static const struct {
		double mtti, exact, daly, young;
	} known[] = {
		{ 1440, 116.690073, 116.689815, 120 },
		{ 360, 56.714002, 56.712963, 60 },
		{ 15, 9.166503, 9.140920, 12.247449 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		T_F64(known[i].exact, tt_checkpoint_interval_h(5, known[i].mtti), 5e-7);
		T_F64(known[i].daly, tt_checkpoint_daly_h(5, known[i].mtti), 5e-7);
		T_F64(known[i].young, tt_checkpoint_young_h(5, known[i].mtti), 5e-7);
	}
	T_F64(2, tt_checkpoint_daly_h(4, 2), 0);
	T_F64(2, tt_checkpoint_daly_h(9, 2), 0);
}

/* Roots of ln(1 - x) + x + d = 0 to 16 digits, from 60-digit arithmetic. */
static void test_interval_digits(void)
{
	static const struct {
		double d, x, tolerance_ratio;
	} known[] = {
		{ 1e-9, 4.472069288581366e-5, 1e-14 },
		{ 1e-6, 1.413546974288665e-3, 1e-14 },
		{ 1e-5, 4.465471774334783e-3, 1e-12 },
		{ 1e-4, 1.407554767276304e-2, 1e-12 },
		{ 0.5, 6.982904373156640e-1, 1e-14 },
		{ 3, 9.813393709113167e-1, 1e-14 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		T_F64(known[i].x, tt_checkpoint_interval_h(known[i].d, 1),
		      known[i].x * known[i].tolerance_ratio);

	/* The series and the formula meet. */
	double below = tt_checkpoint_interval_h(nextafter(1e-5, 0), 1);
	double at = tt_checkpoint_interval_h(1e-5, 1);

	T_F64(1, below / at, 1e-11);
	T_F64(0, tt_checkpoint_interval_h(0, 7), 0);
	T_F64(7, tt_checkpoint_interval_h(1e9, 7), 0);
	T_F64(INF, tt_checkpoint_interval_h(1, INF), 0);
	T_OK(isnan(tt_checkpoint_interval_h((double)NAN, 7)));
	T_OK(isnan(tt_checkpoint_interval_h((double)NAN, INF)));
	T_OK(isnan(tt_checkpoint_interval_h(1, (double)NAN)));
	T_OK(isnan(tt_checkpoint_interval_h(-1, 7)));
}

static void test_jobs(void)
{
	static const struct {
		tt_interruptions t;
		double work_h, interval_h, wall_h, paid_h, waste_pct, young_paid_h, regret_pct;
	} known[] = {
		{ { 24, 5 / 60.0, 10 / 60.0, 0 }, 500, 1.944835, 547.881782, 547.881782, 8.739437,
		  547.899164, 0.003172 },
		{ { 6, 5 / 60.0, 10 / 60.0, 0.25 }, 500, 0.945233, 635.642090, 610.216407,
		  18.061856, 610.369395, 0.025071 },
		{ { 3, 2 / 60.0, 0.1, 0.5 }, 100, 0.425273, 140.544332, 120.466570, 16.989419,
		  120.488235, 0.017984 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const tt_interruptions *t = &known[i].t;
		double best = tt_checkpoint_interval_h(t->checkpoint_h, t->mtti_h);
		double young = tt_checkpoint_young_h(t->checkpoint_h, t->mtti_h);
		tt_checkpoint_job job, other;

		T_F64(known[i].interval_h, best, 5e-7);
		tt_checkpoint_job_expect(t, known[i].work_h, best, &job);
		T_F64(known[i].wall_h, job.wall_h, 5e-7);
		T_F64(known[i].paid_h, job.paid_h, 5e-7);
		T_F64(known[i].waste_pct, 100 * job.waste_ratio, 5e-7);
		T_F64(known[i].work_h / best, job.segments, 1e-9);
		T_F64(job.paid_h / t->mtti_h, job.interruptions, 1e-9);
		T_F64(job.wall_h - job.paid_h, job.interruptions * t->wait_h, 1e-9);
		T_F64(job.paid_h, known[i].work_h * tt_checkpoint_paid_ratio(t, best), 1e-9);

		tt_checkpoint_job_expect(t, known[i].work_h, young, &other);
		T_F64(known[i].young_paid_h, other.paid_h, 5e-7);
		T_F64(known[i].regret_pct, 100 * (other.paid_h / job.paid_h - 1), 5e-7);
	}
}

static double uniform(uint64_t *x)
{
	*x = *x * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return ((double)(*x >> 12) + 0.5) * 0x1p-52;
}

/* A segment with every interruption played through, those of recovery among them. */
static void test_simulated(void)
{
	const tt_interruptions t = { 2, 0.1, 0.2, 0.3 };
	const int runs = 400000;
	uint64_t x = 5;
	double wall = 0, paid = 0;

	for (int i = 0; i < runs; i++) {
		double need = 0.9 + t.checkpoint_h;

		for (int recovering = 0;;) {
			double life = -t.mtti_h * log(uniform(&x));

			if (life < need) {
				paid += life;
				wall += life + t.wait_h;
				recovering = 1;
				need = t.recovery_h;
				continue;
			}
			paid += need;
			wall += need;
			if (!recovering)
				break;
			recovering = 0;
			need = 0.9 + t.checkpoint_h;
		}
	}
	T_F64(1.648980, tt_checkpoint_wall_h(&t, 0.9), 5e-7);
	T_F64(tt_checkpoint_wall_h(&t, 0.9), wall / runs, 0.01);
	T_F64(tt_checkpoint_paid_h(&t, 0.9), paid / runs, 0.01);
	T_OK(paid < wall);
}

/* No other interval costs less, whatever the terms. */
static void test_best(void)
{
	uint64_t x = 11;

	for (int round = 0; round < 300; round++) {
		const tt_interruptions t = {
			.mtti_h = exp(8 * uniform(&x) - 2),
			.checkpoint_h = exp(6 * uniform(&x) - 6),
			.recovery_h = uniform(&x),
			.wait_h = uniform(&x),
		};
		double best_h = tt_checkpoint_interval_h(t.checkpoint_h, t.mtti_h);
		double best = tt_checkpoint_paid_ratio(&t, best_h);

		T_OK(best_h > 0 && best_h <= t.mtti_h);
		for (double f = 0.05; f < 20; f *= 1.1)
			T_OK(best <= tt_checkpoint_paid_ratio(&t, best_h * f) * (1 + 1e-12));
	}
}

static void test_edges(void)
{
	const tt_interruptions never = { INF, 0.1, 0.2, 0.3 }, free_of_cost = { 4, 0, 0.5, 1 };
	const tt_interruptions t = { 5, 0.1, 0, 0.5 }, hopeless = { 0.01, 0.1, 1, 0 };
	tt_checkpoint_job job;

	tt_checkpoint_job_expect(&never, 10, 2.5, &job);
	T_F64(10.4, job.paid_h, 1e-12);
	T_F64(10.4, job.wall_h, 1e-12);
	T_F64(0, job.interruptions, 0);
	tt_checkpoint_job_expect(&never, 10, INF, &job);
	T_F64(10, job.wall_h, 0);
	T_F64(0, job.waste_ratio, 0);

	/* A checkpoint that takes no time: all the time, and only recovery is lost. */
	tt_checkpoint_job_expect(&free_of_cost, 10, 0, &job);
	T_F64(10 * exp(0.125), job.paid_h, 1e-12);
	T_F64(10 * exp(0.125) * 1.25, job.wall_h, 1e-12);

	/* Without checkpoints: all over again each time. (5 + 0.5) (e^0.8 - 1) */
	tt_checkpoint_job_expect(&t, 4, INF, &job);
	T_F64(6.74047511, job.wall_h, 5e-9);
	/* Shorter than the interval: one segment, saved at its end. */
	tt_checkpoint_job_expect(&t, 4, 9, &job);
	T_F64(tt_checkpoint_wall_h(&t, 4), job.wall_h, 0);
	T_F64(1, job.segments, 0);
	double just = nextafter(4, 0);
	tt_checkpoint_job_expect(&t, 4, just, &job);
	T_F64(tt_checkpoint_wall_h(&t, 4), job.wall_h, 1e-12);
	tt_checkpoint_job_expect(&t, 0, 1, &job);
	T_F64(0, job.paid_h, 0);
	T_F64(0, job.segments, 0);
	T_OK(isnan(job.waste_ratio));

	tt_checkpoint_job_expect(&hopeless, 1000, INF, &job);
	T_F64(INF, job.paid_h, 0);
	T_F64(INF, job.wall_h, 0);
	T_F64(1, job.waste_ratio, 0);
	tt_checkpoint_job_expect(&t, (double)NAN, 1, &job);
	T_OK(isnan(job.paid_h) && isnan(job.wall_h) && isnan(job.interruptions));
}

static void test_gangs(void)
{
	static const struct {
		double n, mtti_h, interval_min, paid_ratio;
	} known[] = {
		{ 1, 240, 336.749843, 1.02479902 },
		{ 8, 30, 117.348280, 1.07689551 },
		{ 32, 7.5, 57.363494, 1.17707199 },
	};
	tt_interruptions t = { .checkpoint_h = 4 * minute, .recovery_h = 12 * minute };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		t.mtti_h = tt_checkpoint_gang_mtti_h(known[i].n, 240, INF);
		T_F64(known[i].mtti_h, t.mtti_h, 1e-12);
		double best = tt_checkpoint_interval_h(t.checkpoint_h, t.mtti_h);
		T_F64(known[i].interval_min, 60 * best, 5e-7);
		T_F64(known[i].paid_ratio, tt_checkpoint_paid_ratio(&t, best), 5e-9);
	}
	T_F64(28.301887, tt_checkpoint_gang_mtti_h(8, 240, 500), 5e-7);
	T_F64(500, tt_checkpoint_gang_mtti_h(8, INF, 500), 0);
	T_F64(INF, tt_checkpoint_gang_mtti_h(8, INF, INF), 0);
	T_OK(isnan(tt_checkpoint_gang_mtti_h(8, 240, (double)NAN)));
}

/* Spot at 35 % of on demand; hardware on demand fails once in 3000 h per node. */
static void test_prices(void)
{
	static const struct {
		double n, price_ratio, break_even_ratio;
	} known[] = {
		{ 8, 0.36965368, 0.94683218 },
		{ 64, 0.42320931, 0.82701395 },
	};
	tt_interruptions t = { .checkpoint_h = 4 * minute, .recovery_h = 12 * minute };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		double paid[2];

		for (int k = 0; k < 2; k++) {
			t.mtti_h = tt_checkpoint_gang_mtti_h(known[i].n, k ? 3000 : 240, INF);
			paid[k] = tt_checkpoint_paid_ratio(
				&t, tt_checkpoint_interval_h(t.checkpoint_h, t.mtti_h));
		}
		T_F64(known[i].price_ratio, tt_checkpoint_price_ratio(0.35, paid[0], paid[1]),
		      5e-9);
		double even = tt_checkpoint_break_even_ratio(paid[0], paid[1]);
		T_F64(known[i].break_even_ratio, even, 5e-9);
		T_F64(1, tt_checkpoint_price_ratio(even, paid[0], paid[1]), 1e-12);
	}
}

static void test_exposed(void)
{
	static const double known[][3] = {
		{ 0.05, 14231.8798, 233.9487 },
		{ 0.10, 6928.5918, 113.8947 },
		{ 0.15, 4491.7844, 73.8376 },
		{ 0.20, 3271.4367, 53.7770 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		T_F64(known[i][1], tt_checkpoint_exposed_mtti_h(known[i][0], 730), 5e-5);
		T_F64(known[i][2], tt_checkpoint_exposed_mtti_h(known[i][0], 12), 5e-5);
	}
	T_F64(INF, tt_checkpoint_exposed_mtti_h(0, 730), 0);
	T_F64(0, tt_checkpoint_exposed_mtti_h(1, 730), 0);
	T_OK(isnan(tt_checkpoint_exposed_mtti_h(1.1, 730)));
	T_OK(isnan(tt_checkpoint_exposed_mtti_h((double)NAN, 730)));
}

static void test_notice(void)
{
	const tt_interruptions t = { 30, 4 * minute, 12 * minute, 0 };
	tt_notice n = { 2 * minute, 1 * minute, 0.9 };
	double best = tt_checkpoint_notice_interval_h(&t, &n);
	double least = tt_checkpoint_notice_overhead_ratio(&t, &n, best);

	T_F64(6.324555, best, 5e-7);
	/* 4/60/tau + (0.2 + 0.9/60 + 0.05 (tau + 4/60)) / 30 */
	T_F64(0.028359629, least, 5e-9);
	for (double f = 0.1; f < 10; f *= 1.1)
		T_OK(least <= tt_checkpoint_notice_overhead_ratio(&t, &n, best * f) * (1 + 1e-12));

	n.success_ratio = 1; /* no regular checkpoints at all */
	T_F64(INF, tt_checkpoint_notice_interval_h(&t, &n), 0);
	T_F64((0.2 + 1 * minute) / 30, tt_checkpoint_notice_overhead_ratio(&t, &n, INF), 1e-12);

	n.checkpoint_h = 3 * minute; /* too long for the notice: as good as none */
	T_F64(0, tt_checkpoint_notice_success_ratio(&n), 0);
	T_F64(tt_checkpoint_young_h(t.checkpoint_h, t.mtti_h),
	      tt_checkpoint_notice_interval_h(&t, &n), 1e-12);
	T_F64(INF, tt_checkpoint_notice_overhead_ratio(&t, &n, INF), 0);
}

int main(void)
{
	test_interval();
	test_interval_digits();
	test_jobs();
	test_simulated();
	test_best();
	test_edges();
	test_gangs();
	test_prices();
	test_exposed();
	test_notice();
	return T_END();
}
