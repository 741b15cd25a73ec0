#include "maths/lifetime.h"
#include "base/memory.h"
#include "maths/elementary.h"
#include "maths/powers.h"
#include <math.h>

/* --- Shapes ----------------------------------------------------------------------------- */

tt_lifetime tt_lifetime_weibull(double shape, double scale_h)
{
	return (tt_lifetime){ .kind = TT_LIFETIME_WEIBULL, .n = 1, .end_h = (double)INFINITY,
		              .shape = shape > 0 ? shape : (double)NAN,
		              .scale_h = scale_h > 0 ? scale_h : (double)NAN };
}

double tt_lifetime_weibull_scale_h(double shape, double mean_h)
{
	return mean_h / tt_gamma(1 + 1 / shape);
}

/* Interrupted by this age, counted from age 0. Rises from 0 without end. */
static double bathtub(const tt_lifetime *l, double age_h)
{
	double old = tt_exp((age_h - l->limit_h) / l->late_h) - tt_exp(-l->limit_h / l->late_h);

	return l->level * (old - tt_expm1(-age_h / l->early_h));
}

tt_lifetime tt_lifetime_bathtub(double level, double early_h, double late_h, double limit_h)
{
	tt_lifetime l = { .kind = TT_LIFETIME_BATHTUB, .n = 1, .level = level,
		          .early_h = early_h, .late_h = late_h, .limit_h = limit_h };
	double low = 0, high = limit_h + late_h;

	if (!(level > 0 && early_h > 0 && late_h > 0 && limit_h >= 0)) {
		l.level = l.end_h = (double)NAN;
		return l;
	}
	while (bathtub(&l, high) < 1)
		high += high;
	for (int i = 0; i < 200; i++) {
		double middle = low + (high - low) / 2;

		if (bathtub(&l, middle) < 1)
			low = middle;
		else
			high = middle;
	}
	l.end_h = low;
	return l;
}

tt_lifetime tt_lifetime_first_of(const tt_lifetime *l, double n)
{
	tt_lifetime first = *l;

	if (l->kind == TT_LIFETIME_WEIBULL)
		first.scale_h = l->scale_h * tt_power(n, -1 / l->shape);
	else
		first.n = l->n * n;
	return first;
}

double tt_lifetime_survival_ratio(const tt_lifetime *l, double age_h)
{
	if (age_h >= l->end_h)
		return 0;
	if (l->kind == TT_LIFETIME_WEIBULL)
		return tt_exp(-tt_power(age_h / l->scale_h, l->shape));

	double gone = bathtub(l, age_h);

	return gone >= 1 ? 0 : tt_power(1 - gone, l->n);
}

double tt_lifetime_finish_ratio(const tt_lifetime *l, double job_h, double age_h)
{
	double there = tt_lifetime_survival_ratio(l, age_h);

	return there == 0 ? (double)NAN : tt_lifetime_survival_ratio(l, age_h + job_h) / there;
}

/* --- Integrals -------------------------------------------------------------------------- */

/* Gauss-Kronrod, 7 and 15 points: abscissae, weights of the 15, weights of the 7 (those of
 * every second abscissa). QUADPACK, public domain. */
static const double at15[] = {
	0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
	0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
	0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
	0.207784955007898467600689403773245, 0,
};
static const double w15[] = {
	0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
	0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
	0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
	0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
};
static const double w7[] = {
	0, 0.129484966168869693270611432679082, 0, 0.279705391489276667901467771423780,
	0, 0.381830050505118944950369775488975, 0, 0.417959183673469387755102040816327,
};

enum { MIDDLE = 7, HALVINGS = 48 };

/* Integral of survival from `from` to `to`, halved until both rules agree to `tolerance_h`.
 * An infinite slope at 0 (shape below 1) costs halvings and no digits. */
static double integral_h(const tt_lifetime *l, double from, double to, double tolerance_h,
                         int halvings)
{
	double half = (to - from) / 2, centre = from + half, by15 = 0, by7 = 0;

	for (int i = 0; i <= MIDDLE; i++) {
		double y = tt_lifetime_survival_ratio(l, centre - half * at15[i]);

		if (i < MIDDLE)
			y += tt_lifetime_survival_ratio(l, centre + half * at15[i]);
		by15 += w15[i] * y;
		by7 += w7[i] * y;
	}
	if (!(fabs(by15 - by7) * half > tolerance_h) || halvings == 0)
		return by15 * half;
	return integral_h(l, from, centre, tolerance_h / 2, halvings - 1) +
	       integral_h(l, centre, to, tolerance_h / 2, halvings - 1);
}

/* Expected hours that one of age 0 is there within its first `to` hours. */
static double lived_h(const tt_lifetime *l, double to)
{
	if (to > l->end_h)
		to = l->end_h;
	return integral_h(l, 0, to, 1e-11 * to, HALVINGS);
}

double tt_lifetime_mean_h(const tt_lifetime *l)
{
	if (l->kind == TT_LIFETIME_WEIBULL)
		return l->scale_h * tt_gamma(1 + 1 / l->shape);
	return lived_h(l, l->end_h);
}

double tt_lifetime_restart_h(const tt_lifetime *l, double job_h, double wait_h)
{
	double there = tt_lifetime_survival_ratio(l, job_h);

	if (there == 0)
		return (double)INFINITY;
	return (lived_h(l, job_h) + (1 - there) * wait_h) / there;
}

/* --- Checkpoints by dynamic programming ------------------------------------------------- */

#define CELLS_MAX ((size_t)1 << 20)

typedef struct grid {
	const tt_lifetime_job *job;
	int64_t n_ages;   /* 0 .. n_ages steps */
	double *survival; /* [n_ages + 1] */
	double *paid_h;   /* [work_steps + 1][n_ages + 1] expected, from there */
	int64_t *segment; /* the same: work steps up to the next checkpoint; 0: a new machine */
} grid;

/* One way to go on: until the next checkpoint, or until interrupted. */
typedef struct stretch {
	double there;  /* probability to get there */
	double paid_h; /* expected in the stretch itself */
} stretch;

static size_t cell(const grid *g, int64_t work, int64_t age)
{
	return (size_t)work * ((size_t)g->n_ages + 1) + (size_t)age;
}

/* Makes `s`, which is up to now `steps` long from `age` on, one step longer. */
static void lengthen(const grid *g, int64_t age, int64_t steps, double *lost_h, stretch *s)
{
	const double *v = g->survival + age;

	*lost_h += (v[steps] - v[steps + 1]) / v[0] * ((double)steps + 0.5) * g->job->step_h;
	s->there = v[steps + 1] / v[0];
	s->paid_h = *lost_h + s->there * (double)(steps + 1) * g->job->step_h;
}

/* Best segment from an age with `work` left, when a new machine costs fresh_h from its
 * recovery on. With fresh_h NaN it is what is looked for: the segment that, chosen every
 * time, costs least; each gives an equation of its own and the least solution is it.
 * `before` comes first on a new machine. Returns INFINITY where none fits. */
static double best_segment(const grid *g, int64_t work, int64_t age, double fresh_h,
                           stretch before, int64_t *ret)
{
	double best = (double)INFINITY, lost_h = 0;
	stretch s = { 1, 0 };
	int64_t steps = 0;

	*ret = 0;
	if (g->survival[age] <= 1e-12)
		return best;
	for (int64_t i = 1; i <= work && age + i + g->job->checkpoint_steps <= g->n_ages; i++) {
		double paid;

		while (steps < i + g->job->checkpoint_steps)
			lengthen(g, age, steps++, &lost_h, &s);
		paid = s.paid_h + s.there * g->paid_h[cell(g, work - i, age + steps)];
		if (isnan(fresh_h))
			paid = (before.paid_h + before.there * paid) / (before.there * s.there);
		else if (s.there < 1)
			paid += (1 - s.there) * fresh_h;
		if (paid < best) {
			best = paid;
			*ret = i;
		}
	}
	return best;
}

static void fill(grid *g)
{
	const int64_t recovery = g->job->recovery_steps;
	stretch before = { 1, 0 };
	double lost_h = 0;

	if (recovery > g->n_ages)
		before.there = 0;
	for (int64_t i = 0; i < recovery && recovery <= g->n_ages; i++)
		lengthen(g, 0, i, &lost_h, &before);
	for (int64_t work = 1; work <= g->job->work_steps; work++) {
		double fresh_h = (double)INFINITY;
		int64_t first;

		if (before.there > 0)
			fresh_h = best_segment(g, work, recovery, (double)NAN, before, &first);
		for (int64_t age = 0; age <= g->n_ages; age++) {
			size_t at = cell(g, work, age);

			g->paid_h[at] = best_segment(g, work, age, fresh_h, before,
			                             &g->segment[at]);
			if (g->segment[at] == 0)
				g->paid_h[at] = fresh_h;
		}
	}
}

static void follow(const grid *g, tt_lifetime_plan *ret)
{
	int64_t work = g->job->work_steps, age = g->job->age_steps;

	ret->paid_h = g->paid_h[cell(g, work, age)];
	ret->n = 0;
	while (work > 0) {
		int64_t steps = g->segment[cell(g, work, age)];

		if (steps == 0)
			break;
		ret->steps[ret->n++] = steps;
		work -= steps;
		age += steps + g->job->checkpoint_steps;
	}
}

static int check_job(const tt_lifetime_job *j, tt_err *err)
{
	const struct {
		const char *name;
		int64_t steps, least, most;
	} all[] = {
		{ "work_steps", j->work_steps, 1, TT_LIFETIME_STEPS_MAX },
		{ "checkpoint_steps", j->checkpoint_steps, 0, TT_LIFETIME_STEPS_MAX },
		{ "recovery_steps", j->recovery_steps, 0, TT_LIFETIME_STEPS_MAX },
		{ "age_steps", j->age_steps, 0, 100000 },
	};

	if (!(j->step_h > 0) || isinf(j->step_h))
		return tt_fail(err, TT_EINVAL, "step_h is %g, expected a number above 0",
		               j->step_h);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].steps < all[i].least || all[i].steps > all[i].most)
			return tt_fail(err, TT_EINVAL, "%s is %lld, expected %lld to %lld",
			               all[i].name, (long long)all[i].steps,
			               (long long)all[i].least, (long long)all[i].most);
	return TT_OK;
}

int tt_lifetime_plan_make(const tt_lifetime *l, const tt_lifetime_job *job,
                          tt_lifetime_plan *ret, tt_err *err)
{
	TT_TRY(check_job(job, err));

	/* No machine gets older than its lifetime, nor than all segments in a row: those
	 * with one step each are the longest way to the end. */
	int64_t reach = job->work_steps * (1 + job->checkpoint_steps) +
	                (job->age_steps > job->recovery_steps ? job->age_steps
	                                                      : job->recovery_steps);
	double end_steps = floor(l->end_h / job->step_h + 1e-9);
	grid g = { .job = job, .n_ages = end_steps < (double)reach ? (int64_t)end_steps : reach };
	size_t n_ages = (size_t)g.n_ages + 1, n_cells = ((size_t)job->work_steps + 1) * n_ages;

	if (isnan(tt_lifetime_survival_ratio(l, 0)))
		return tt_fail(err, TT_EINVAL, "the lifetime is not known");
	if (job->age_steps > g.n_ages)
		return tt_fail(err, TT_EINVAL, "age_steps is %lld, but no machine lives longer "
		               "than %lld", (long long)job->age_steps, (long long)g.n_ages);
	if (n_cells > CELLS_MAX)
		return tt_fail(err, TT_EINVAL, "%zu pairs of work and age, at most %zu are "
		               "possible: longer steps make fewer", n_cells, CELLS_MAX);
	TT_CLEANUP(tt_freep) double *survival = tt_zalloc(n_ages, sizeof *survival);
	TT_CLEANUP(tt_freep) double *paid_h = tt_zalloc(n_cells, sizeof *paid_h);
	TT_CLEANUP(tt_freep) int64_t *segment = tt_zalloc(n_cells, sizeof *segment);

	if (!survival || !paid_h || !segment)
		return tt_no_memory(err);
	for (size_t i = 0; i < n_ages; i++)
		survival[i] = tt_lifetime_survival_ratio(l, (double)i * job->step_h);
	g.survival = survival;
	g.paid_h = paid_h;
	g.segment = segment;
	fill(&g);
	follow(&g, ret);
	return TT_OK;
}

/* --- Observed runs ---------------------------------------------------------------------- */

size_t tt_lifetime_runs(const int64_t *time_s, const double *units, size_t n, double wanted,
                        tt_lifetime_run *ret)
{
	size_t n_runs = 0;
	bool running = false;

	for (size_t i = 0; i < n; i++) {
		const bool last = i + 1 == n;
		const int64_t stood_s = !last ? time_s[i + 1] - time_s[i]
			: n > 1 ? time_s[i] - time_s[i - 1] : 0;
		tt_lifetime_run *run;

		if (!(units[i] >= wanted)) {
			if (running && !isnan(units[i]))
				ret[n_runs - 1].ended = true;
			running = false;
			continue;
		}
		if (!running)
			ret[n_runs++] = (tt_lifetime_run){
				.began = i > 0 && !isnan(units[i - 1]) };
		running = true;
		run = &ret[n_runs - 1];
		run->h += (double)stood_s / 3600;
	}
	return n_runs;
}

/* What the likeliest shape makes 0; it rises with the shape. Lengths are shares of the
 * longest, so that no power overflows. */
static double shape_slope(const tt_lifetime_run *runs, size_t n, double longest_h,
                          double mean_log, double shape)
{
	double sum = 0, sum_log = 0;

	for (size_t i = 0; i < n; i++) {
		if (!runs[i].began || !(runs[i].h > 0))
			continue;

		double log_h = tt_log(runs[i].h / longest_h), power = tt_exp(shape * log_h);

		sum += power;
		sum_log += power * log_h;
	}
	return sum_log / sum - 1 / shape - mean_log;
}

static double power_sum(const tt_lifetime_run *runs, size_t n, double longest_h, double shape)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		if (runs[i].began && runs[i].h > 0)
			sum += tt_power(runs[i].h / longest_h, shape);
	return sum;
}

tt_lifetime_fit tt_lifetime_fit_weibull(const tt_lifetime_run *runs, size_t n)
{
	tt_lifetime_fit fit = { (double)NAN, (double)NAN, (double)NAN, 0, 0 };
	double longest_h = 0, mean_log = 0, low = 1e-3, high = 1e3;

	for (size_t i = 0; i < n; i++)
		if (runs[i].began && runs[i].h > longest_h)
			longest_h = runs[i].h;
	for (size_t i = 0; i < n; i++) {
		if (!runs[i].began || !(runs[i].h > 0))
			continue;
		fit.ended += runs[i].ended;
		fit.censored += !runs[i].ended;
		if (runs[i].ended)
			mean_log += tt_log(runs[i].h / longest_h);
	}
	if (fit.ended < 2)
		return fit;
	mean_log /= (double)fit.ended;
	if (!(shape_slope(runs, n, longest_h, mean_log, low) < 0) ||
	    !(shape_slope(runs, n, longest_h, mean_log, high) > 0))
		return fit; /* all but equal: any shape is too flat */
	for (int i = 0; i < 200; i++) {
		double middle = sqrt(low * high);

		if (shape_slope(runs, n, longest_h, mean_log, middle) < 0)
			low = middle;
		else
			high = middle;
	}
	fit.shape = low;
	fit.scale_h = longest_h * tt_power(power_sum(runs, n, longest_h, low) / (double)fit.ended,
	                              1 / low);
	fit.mean_h = fit.scale_h * tt_gamma(1 + 1 / low);
	return fit;
}
