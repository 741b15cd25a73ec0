/* Lifetimes with an age: computed figures, closed forms, chains of plans, fits to draws. */
#include "maths/lifetime.h"
#include "base/memory.h"
#include "t.h"

#define INF ((double)INFINITY)
#define UNKNOWN ((double)NAN)

static tt_lifetime kadupitiya(void)
{
	return tt_lifetime_bathtub(0.475, 1, 0.8, 24);
}

/* Jobs of 4 h on machines that live 5 h on average. */
static void test_restart(void)
{
	static const struct {
		double shape, job_h, gang_scale_h, gang_mean_h;
	} known[] = {
		{ 0.7, 6.28638002, 0.20252018, 0.25635480 },
		{ 1.5, 5.87707291, 1.38466521, 1.25 },
	};
	const tt_lifetime plain = tt_lifetime_weibull(1, 5);

	T_F64(6.74047511, tt_lifetime_restart_h(&plain, 4, 0.5), 5e-9);
	T_F64(5.5 * expm1(0.8), tt_lifetime_restart_h(&plain, 4, 0.5), 1e-9);
	T_F64(5, tt_lifetime_mean_h(&plain), 1e-12);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		double scale = tt_lifetime_weibull_scale_h(known[i].shape, 5);
		const tt_lifetime l = tt_lifetime_weibull(known[i].shape, scale);
		const tt_lifetime gang = tt_lifetime_first_of(&l, 8);

		T_F64(5, tt_lifetime_mean_h(&l), 1e-12);
		T_F64(known[i].job_h, tt_lifetime_restart_h(&l, 4, 0), 5e-9);
		T_F64(known[i].gang_scale_h, gang.scale_h, 5e-9);
		T_F64(known[i].gang_mean_h, tt_lifetime_mean_h(&gang), 5e-9);
		for (double t = 0; t < 3; t += 0.25)
			T_F64(pow(tt_lifetime_survival_ratio(&l, t), 8),
			      tt_lifetime_survival_ratio(&gang, t), 1e-12);
	}
	T_F64(INF, tt_lifetime_restart_h(&plain, 1e5, 0), 0);
	T_F64(0, tt_lifetime_restart_h(&plain, 0, 1), 0);
}

static void test_bathtub(void)
{
	static const double restart[][2] = { { 2, 2.47879647 }, { 6, 6.88707372 },
		                             { 12, 12.90468796 } };
	static const double finish[][2] = { { 0, 0.52617741 }, { 2, 0.89118169 },
		                            { 8, 0.99969396 }, { 16, 0.92577055 } };
	const tt_lifetime l = kadupitiya(), gang = tt_lifetime_first_of(&l, 4);

	T_F64(24.08006677, l.end_h, 5e-9);
	T_F64(1, tt_lifetime_survival_ratio(&l, 0), 0);
	T_F64(0, tt_lifetime_survival_ratio(&l, 24.1), 0);
	T_F64(12.69703505, tt_lifetime_mean_h(&l), 5e-9);
	for (size_t i = 0; i < sizeof restart / sizeof *restart; i++)
		T_F64(restart[i][1], tt_lifetime_restart_h(&l, restart[i][0], 0), 5e-9);
	for (size_t i = 0; i < sizeof finish / sizeof *finish; i++)
		T_F64(finish[i][1], tt_lifetime_finish_ratio(&l, 6, finish[i][0]), 5e-9);
	T_F64(INF, tt_lifetime_restart_h(&l, 25, 0), 0);
	T_F64(0, tt_lifetime_finish_ratio(&l, 6, 20), 0);
	T_OK(isnan(tt_lifetime_finish_ratio(&l, 6, 25)));
	T_F64(l.end_h, gang.end_h, 0);
	T_F64(pow(tt_lifetime_survival_ratio(&l, 3), 4), tt_lifetime_survival_ratio(&gang, 3),
	      1e-15);
	T_OK(tt_lifetime_mean_h(&gang) < tt_lifetime_mean_h(&l) / 2);
}

/* Survival past x and the hours below it, once by quadrature and once from the closed form
 * of shape 2, for which the error function is at hand. */
static void test_quadrature(void)
{
	const tt_lifetime l = tt_lifetime_weibull(2, 3);

	for (double job = 0.1; job < 12; job *= 1.7) {
		double lived = 3 * sqrt(acos(-1)) / 2 * erf(job / 3);

		T_F64(lived / exp(-job * job / 9), tt_lifetime_restart_h(&l, job, 0),
		      1e-9 * exp(job * job / 9));
	}
}

static void test_unknown(void)
{
	const tt_lifetime all[] = {
		tt_lifetime_weibull(0, 5), tt_lifetime_weibull(1, -5),
		tt_lifetime_weibull(UNKNOWN, 5),
		tt_lifetime_bathtub(0, 1, 1, 24), tt_lifetime_bathtub(0.5, 1, UNKNOWN, 24),
		tt_lifetime_bathtub(-1, 1, 1, 24),
	};
	tt_lifetime_job job = { .step_h = 1, .work_steps = 1 };
	tt_lifetime_plan plan;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		tt_err err = { 0 };

		T_OK(isnan(tt_lifetime_survival_ratio(&all[i], 1)));
		T_OK(isnan(tt_lifetime_mean_h(&all[i])));
		T_OK(isnan(tt_lifetime_restart_h(&all[i], 4, 0)));
		T_INT(TT_EINVAL, tt_lifetime_plan_make(&all[i], &job, &plan, &err));
		T_STR("the lifetime is not known", err.text);
	}
}

/* --- Plans ------------------------------------------------------------------------------ */

static const tt_lifetime_plan *plan_of(const tt_lifetime *l, tt_lifetime_job job)
{
	static tt_lifetime_plan plan;
	tt_err err = { 0 };

	plan = (tt_lifetime_plan){ .paid_h = UNKNOWN };
	T_INT(TT_OK, tt_lifetime_plan_make(l, &job, &plan, &err));
	return &plan;
}

static void test_plan_bathtub(void)
{
	static const double known[][2] = { { 0, 4.879347 }, { 3, 4.236659 }, { 12, 4.166882 } };
	const tt_lifetime l = kadupitiya();
	const tt_lifetime_plan *plan;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		int64_t sum = 0;

		plan = plan_of(&l, (tt_lifetime_job){ .step_h = 1 / 6.0, .work_steps = 24,
			.checkpoint_steps = 1, .age_steps = (int64_t)(6 * known[i][0]) });
		T_F64(known[i][1], plan->paid_h, 5e-7);
		for (size_t k = 0; k < plan->n; k++)
			sum += plan->steps[k];
		T_INT(24, sum);
	}
	/* A new machine is checkpointed early and then left alone; an old one ever oftener. */
	plan = plan_of(&l, (tt_lifetime_job){ .step_h = 1 / 6.0, .work_steps = 60,
		.checkpoint_steps = 1 });
	T_INT(2, plan->n);
	T_OK(plan->steps[0] < 12);
	plan = plan_of(&l, (tt_lifetime_job){ .step_h = 1 / 6.0, .work_steps = 60,
		.checkpoint_steps = 1, .age_steps = 90 });
	T_OK(plan->n > 2);
	for (size_t k = 1; k < plan->n; k++)
		T_OK(plan->steps[k] < plan->steps[k - 1]);

	/* The last hour of the longest-lived machine: too short for a step and a checkpoint. */
	plan = plan_of(&l, (tt_lifetime_job){ .step_h = 1, .work_steps = 3, .checkpoint_steps = 1,
		.age_steps = 23 });
	T_INT(0, plan->n);
	double fresh = plan->paid_h;
	T_F64(fresh, plan_of(&l, (tt_lifetime_job){ .step_h = 1, .work_steps = 3,
		.checkpoint_steps = 1 })->paid_h, 1e-12);
	/* A recovery that no machine lives through, and a job that needs none. */
	plan = plan_of(&l, (tt_lifetime_job){ .step_h = 1, .work_steps = 3, .checkpoint_steps = 1,
		.recovery_steps = 24 });
	T_F64(INF, plan->paid_h, 0);
}

/* One policy of segments of `every` work steps, expected cost from age 0 and for ever the
 * same whatever the age: on machines without memory, where a grid has a closed form. */
static double memoryless_h(double step_h, double mean_h, int64_t every, int64_t checkpoint,
                           int64_t recovery)
{
	const double p = exp(-step_h / mean_h); /* a step is survived */
	const double n = (double)(every + checkpoint);
	double lost = 0, lost_recovering = 0;

	for (int64_t u = 0; u < every + checkpoint; u++)
		lost += pow(p, (double)u) * (1 - p) * ((double)u + 0.5) * step_h;
	for (int64_t u = 0; u < recovery; u++)
		lost_recovering += pow(p, (double)u) * (1 - p) * ((double)u + 0.5) * step_h;
	/* Recovering until it is done, r; then the segment s = lost + p^n n + (1 - p^n)(r + s) */
	double done = pow(p, (double)recovery);
	double r = (lost_recovering + done * (double)recovery * step_h) / done;
	double there = pow(p, n);

	return (lost + there * n * step_h + (1 - there) * r) / there;
}

static void test_plan_memoryless(void)
{
	const tt_lifetime l = tt_lifetime_weibull(1, 5);

	for (int64_t recovery = 0; recovery < 4; recovery += 3) {
		for (int64_t work = 1; work <= 12; work++) {
			const tt_lifetime_plan *plan = plan_of(&l, (tt_lifetime_job){
				.step_h = 0.5, .work_steps = work, .checkpoint_steps = 1,
				.recovery_steps = recovery });
			double best[13] = { 0 }, sum = 0;

			for (int64_t w = 1; w <= work; w++) {
				best[w] = INF;
				for (int64_t i = 1; i <= w; i++) {
					double cost = best[w - i] +
						memoryless_h(0.5, 5, i, 1, recovery);

					best[w] = cost < best[w] ? cost : best[w];
				}
			}
			T_F64(best[work], plan->paid_h, 1e-9);
			for (size_t k = 0; k < plan->n; k++)
				sum += memoryless_h(0.5, 5, plan->steps[k], 1, recovery);
			T_F64(best[work], sum, 1e-9);
		}
	}
}

static void test_plan_refused(void)
{
	static const struct {
		tt_lifetime_job job;
		const char *text;
	} bad[] = {
		{ { .step_h = 0, .work_steps = 1 }, "step_h is 0, expected a number above 0" },
		{ { .step_h = 1 }, "work_steps is 0, expected 1 to 512" },
		{ { .step_h = 1, .work_steps = 513 }, "work_steps is 513, expected 1 to 512" },
		{ { .step_h = 1, .work_steps = 5, .checkpoint_steps = -1 },
		  "checkpoint_steps is -1, expected 0 to 512" },
		{ { .step_h = 1, .work_steps = 5, .age_steps = 25 },
		  "age_steps is 25, but no machine lives longer than 24" },
		{ { .step_h = 1e-4, .work_steps = 500, .checkpoint_steps = 500 },
		  "at most 1048576 are possible" },
	};
	const tt_lifetime l = kadupitiya();
	tt_lifetime_plan plan = { .paid_h = 7 };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		tt_err err = { 0 };

		T_INT(TT_EINVAL, tt_lifetime_plan_make(&l, &bad[i].job, &plan, &err));
		T_HAS(bad[i].text, err.text);
		T_F64(7, plan.paid_h, 0);
	}

	const tt_lifetime_job job = { .step_h = 1, .work_steps = 3 };
	uint64_t nth = 0;
	int rc;

	do {
		tt_err err = { 0 };

		tt_alloc_fail_at(++nth, 0);
		rc = tt_lifetime_plan_make(&l, &job, &plan, &err);
		T_OK(rc == TT_OK || rc == TT_ENOMEM);
	} while (rc != TT_OK);
	tt_alloc_fail_at(0, 0);
	T_INT(4, nth);
}

/* --- Runs and fits ---------------------------------------------------------------------- */

static void test_runs(void)
{
	const int64_t time_s[] = { 0, 3600, 7200, 14400, 18000, 21600, 25200, 28800, 32400, 36000 };
	const double units[] = { 2, 2, 0, 1, 2, UNKNOWN, 2, 1, 2, 3 };
	tt_lifetime_run run[10];

	/* 0-2 h met half-way; 5-6 h lost from sight; 7-8 h first seen then, so not its
	 * beginning; 9 h on: goes on */
	T_INT(4, tt_lifetime_runs(time_s, units, 10, 2, run));
	T_F64(2, run[0].h, 0);
	T_OK(!run[0].began && run[0].ended);
	T_F64(1, run[1].h, 0);
	T_OK(run[1].began && !run[1].ended);
	T_F64(1, run[2].h, 0);
	T_OK(!run[2].began && run[2].ended);
	T_F64(2, run[3].h, 0);
	T_OK(run[3].began && !run[3].ended);
	T_INT(3, tt_lifetime_runs(time_s, units, 10, 1, run));
	T_F64(2, run[1].h, 0);
	T_INT(0, tt_lifetime_runs(time_s, units, 0, 1, run));
	T_INT(1, tt_lifetime_runs(time_s, units, 1, 1, run));
	T_F64(0, run[0].h, 0);
}

static double uniform(uint64_t *x)
{
	*x = *x * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return ((double)(*x >> 12) + 0.5) * 0x1p-52;
}

/* The log-likelihood that the fit has to be the top of. */
static double likelihood(const tt_lifetime_run *runs, size_t n, double shape, double scale_h)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double z = runs[i].h / scale_h;

		if (!runs[i].began)
			continue;
		sum -= pow(z, shape);
		if (runs[i].ended)
			sum += log(shape / scale_h) + (shape - 1) * log(z);
	}
	return sum;
}

static void test_fit(void)
{
	enum { N = 4000 };
	static tt_lifetime_run runs[N];
	uint64_t x = 17;

	for (double shape = 0.5; shape < 3; shape *= 1.6) {
		for (int censored = 0; censored < 2; censored++) {
			for (int i = 0; i < N; i++) {
				double h = 6 * pow(-log(uniform(&x)), 1 / shape);
				double seen = 8 * uniform(&x);

				runs[i] = (tt_lifetime_run){ h, i % 10 != 0, true };
				if (i % 10 == 0)
					runs[i].h += 100; /* met half-way: not to be used */
				else if (censored && seen < h)
					runs[i] = (tt_lifetime_run){ .h = seen, .began = true };
			}
			tt_lifetime_fit fit = tt_lifetime_fit_weibull(runs, N);

			T_INT(N - N / 10, fit.ended + fit.censored);
			T_OK(censored ? fit.censored > 100 : fit.censored == 0);
			T_F64(1, fit.shape / shape, 0.06);
			T_F64(1, fit.scale_h / 6, 0.1);
			double top = likelihood(runs, N, fit.shape, fit.scale_h);
			T_OK(top >= likelihood(runs, N, fit.shape * 1.001, fit.scale_h));
			T_OK(top >= likelihood(runs, N, fit.shape * 0.999, fit.scale_h));
			T_OK(top >= likelihood(runs, N, fit.shape, fit.scale_h * 1.001));
			T_OK(top >= likelihood(runs, N, fit.shape, fit.scale_h * 0.999));
		}
	}
}

static void test_fit_too_little(void)
{
	enum { NO, YES };
	const tt_lifetime_run equal[] = { { 2, YES, YES }, { 2, YES, YES }, { 1, YES, NO } };
	const tt_lifetime_run one[] = { { 2, YES, YES }, { 7, YES, NO }, { 3, NO, YES } };
	const tt_lifetime_run two[] = { { 2, YES, YES }, { 2, YES, YES }, { 7, YES, NO } };

	T_OK(isnan(tt_lifetime_fit_weibull(equal, 3).shape));
	T_INT(2, tt_lifetime_fit_weibull(equal, 3).ended);
	T_OK(isnan(tt_lifetime_fit_weibull(one, 3).mean_h));
	T_INT(1, tt_lifetime_fit_weibull(one, 3).ended);
	T_OK(tt_lifetime_fit_weibull(two, 3).shape > 0);
	T_OK(isnan(tt_lifetime_fit_weibull(NULL, 0).scale_h));
}

int main(void)
{
	test_restart();
	test_bathtub();
	test_quadrature();
	test_unknown();
	test_plan_bathtub();
	test_plan_memoryless();
	test_plan_refused();
	test_runs();
	test_fit();
	test_fit_too_little();
	return T_END();
}
