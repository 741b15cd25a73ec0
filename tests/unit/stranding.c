/* Stranding: the closed form, many levels of demand against it, and every number of units. */
#include "maths/elementary.h"
#include "maths/stranding.h"
#include "t.h"

enum { LEVELS = 4000 };

static tt_err err;

static const struct {
	double weight, level, fractile, units;
} known[] = {
	{ 0, .9, .37, 90.523925 },
	{ .25, .9, .16, 74.205096 },
	{ .5, .9, .06727273, 63.831422 },
	{ 1, .9, .037, 58.509327 },
	{ .2, .5, .30833333, 86.05582 },
};

static double level_at(double p)
{
	return 100 * tt_exp(.3 * tt_normal_quantile(p));
}

static void test_closed(void)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const double f = tt_stranding_fractile(.63, known[i].weight, known[i].level);

		T_F64(known[i].fractile, f, 5e-9);
		T_F64(known[i].units, level_at(f), 5e-7);
	}
	/* above the tail: what saves on average, but not below it */
	T_F64(1 - .3 / .9, tt_stranding_fractile(.3, .1, .9), 1e-12);
	T_OK(isnan(tt_stranding_fractile(1.1, 0, .9)));
	T_OK(isnan(tt_stranding_fractile(.5, 0, 1)));
	T_OK(isnan(tt_stranding_fractile(.5, -1, .9)));
}

/* 4,000 levels of demand, in hundredths of a unit, are the same distribution. */
static void test_levels(void)
{
	static tt_layer layers[LEVELS];
	static tt_stranding_scenario s[LEVELS];
	tt_stranding_task t = { s, LEVELS, 1, 1, 630, 1000, 0, 0 };
	tt_stranding r, other;

	for (int i = 0; i < LEVELS; i++) {
		layers[i] = (tt_layer){ llround(100 * level_at((i + .5) / LEVELS)), 1 };
		s[i] = (tt_stranding_scenario){ { &layers[i], 1, layers[i].units }, 1 };
	}
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		t.weight_millionths = (uint32_t)lround(known[i].weight * 1e6);
		t.level_millionths = (uint32_t)lround(known[i].level * 1e6);
		T_INT(TT_OK, tt_stranding_best(&t, &r, &err));
		T_F64(known[i].units, (double)r.units / 100, .1);
		T_INT(TT_OK, tt_stranding_of(&t, r.units, &other, &err));
		T_INT(other.tail_loss_micro, r.tail_loss_micro);
	}
}

/* --- Small ones, by hand ---------------------------------------------------------------- */

enum { SCENARIOS = 5, PIECES = 3, HOURS = 10 };

static uint64_t state = 11;

static int64_t below(int64_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (int64_t)(state >> 33) % n;
}

typedef struct made {
	tt_layer layers[SCENARIOS][PIECES];
	tt_stranding_scenario s[SCENARIOS];
	tt_stranding_task t;
} made;

static void make(made *m, uint32_t weight, uint32_t level)
{
	*m = (made){ .t = { m->s, SCENARIOS, HOURS, 2, 63, 100, weight, level } };
	for (int s = 0; s < SCENARIOS; s++) {
		int64_t busy = 1 + below(2 * HOURS), units = 0;
		size_t n = 0;

		for (; n < PIECES && busy > 0; n++, busy -= 1 + below(6)) {
			m->layers[s][n] = (tt_layer){ 1 + below(4), busy };
			units += m->layers[s][n].units;
		}
		m->s[s] = (tt_stranding_scenario){ { m->layers[s], n, units }, 1 + below(5) };
	}
}

/* In micro-units, of one scenario; and what is paid for nothing. */
static double loss(const made *m, int s, int64_t units, double *ret_stranded)
{
	double used = 0;
	int64_t k = 0;

	for (size_t i = 0; i < m->s[s].demand.n; i++)
		for (int64_t j = 0; j < m->layers[s][i].units && k < units; j++, k++)
			used += (double)m->layers[s][i].busy / 2;
	*ret_stranded = 63 * ((double)units * HOURS - used);
	return 63. * (double)units * HOURS - 100 * used;
}

/* Mean of the worst tail, by taking the worst left again and again. */
static double worst(const double *v, const double *chance, double tail)
{
	double left = tail, sum = 0;
	int taken[SCENARIOS] = { 0 };

	while (left > 1e-12) {
		int w = -1;

		for (int s = 0; s < SCENARIOS; s++)
			if (!taken[s] && (w < 0 || v[s] > v[w]))
				w = s;
		const double here = fmin(left, chance[w]);

		taken[w] = 1;
		sum += here * v[w];
		left -= here;
	}
	return sum / tail;
}

static void test_every_number(void)
{
	for (int round = 0; round < 400; round++) {
		const uint32_t weight = (uint32_t)below(5) * 250000;
		const uint32_t level = (uint32_t)below(10) * 100000;
		double best = (double)INFINITY, chosen = (double)INFINITY, chance[SCENARIOS];
		double chances = 0;
		tt_stranding r;
		made m;

		make(&m, weight, level);
		T_INT(TT_OK, tt_stranding_best(&m.t, &r, &err));
		for (int s = 0; s < SCENARIOS; s++)
			chances += (double)m.s[s].chance;
		for (int64_t k = 0; k < 13; k++) {
			double v[SCENARIOS], stranded[SCENARIOS], mean = 0, lost = 0, more = 0, got;
			tt_stranding of;

			for (int s = 0; s < SCENARIOS; s++) {
				chance[s] = (double)m.s[s].chance / chances;
				v[s] = loss(&m, s, k, &stranded[s]);
				mean += chance[s] * v[s];
				lost += chance[s] * stranded[s];
				more += stranded[s] > 500 ? chance[s] : 0;
			}
			const double tail = worst(v, chance, 1 - level / 1e6);
			const double worth = mean + weight / 1e6 * (tail - mean);

			best = fmin(best, worth);
			chosen = k == r.units ? worth : chosen;
			T_INT(TT_OK, tt_stranding_of(&m.t, k, &of, &err));
			T_F64(-mean, (double)of.saving_micro, .501);
			T_F64(tail, (double)of.tail_loss_micro, .501);
			T_F64(worst(v, chance, .1), (double)of.decile_loss_micro, .501);
			T_F64(lost, (double)of.stranded_micro, .501);
			T_INT(TT_OK, tt_stranding_chance(&m.t, k, 500, &got, &err));
			T_F64(more, got, 1e-12);
		}
		T_F64(best, chosen, 1e-9);
	}
}

/* More weight never commits to more; none at all is the layer rule. */
static void test_weight(void)
{
	for (int round = 0; round < 50; round++) {
		tt_stranding r;
		int64_t last = INT64_MAX;
		made m;

		make(&m, 0, 800000);
		for (uint32_t weight = 0; weight <= 1000000; weight += 100000) {
			m.t.weight_millionths = weight;
			T_INT(TT_OK, tt_stranding_best(&m.t, &r, &err));
			T_OK(r.units <= last);
			last = r.units;
		}
	}
}

static void test_refused(void)
{
	tt_stranding r;
	double chance;
	made m;

	make(&m, 0, 1000000);
	T_INT(TT_EINVAL, tt_stranding_best(&m.t, &r, &err));
	make(&m, 1000001, 0);
	T_INT(TT_EINVAL, tt_stranding_best(&m.t, &r, &err));
	make(&m, 0, 0);
	T_INT(TT_EINVAL, tt_stranding_of(&m.t, -1, &r, &err));
	T_INT(TT_EINVAL, tt_stranding_of(&m.t, INT64_C(1) << 61, &r, &err));
	m.s[2].chance = 0;
	T_INT(TT_EINVAL, tt_stranding_chance(&m.t, 1, 0, &chance, &err));
	make(&m, 0, 0);
	m.t.n = 0;
	T_INT(TT_EINVAL, tt_stranding_best(&m.t, &r, &err));
	make(&m, 0, 0);
	tt_alloc_fail_at(1, 0);
	T_INT(TT_ENOMEM, tt_stranding_best(&m.t, &r, &err));
	tt_alloc_fail_at(0, 0);
}

int main(void)
{
	test_closed();
	test_levels();
	test_every_number();
	test_weight();
	test_refused();
	return T_END();
}
