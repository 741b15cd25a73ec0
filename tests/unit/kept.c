/* kept.c - what the cards of workloads did step by step is the same whether one workload is
 * asked for or all of them are read at once, and what it is told to be. */
#include "host/kept.h"
#include "host/trial.h"
#include "measured.h"

enum { STEPS = 60, WORKS = 3 };

/* Two cards of one node and one of another; a has both, then b has one of them and a later the
 * other; c is elsewhere. */
static void put_fleet(measured *m)
{
	static const struct { const char *pod, *node, *gpu; int from, to; double pct; } run[] = {
		{ "a1", "n1", "0", 0, 30, 10 }, { "a1", "n1", "1", 0, 30, 30 },
		{ "b1", "n1", "0", 30, 60, 70 }, { "c1", "n2", "0", 10, 40, 50 },
		{ "a2", "n1", "1", 35, 50, 90 },
	};

	measured_put(m, "nodes", "n1,g,2,on_demand,1,,");
	measured_put(m, "nodes", "n2,g,1,on_demand,1,,");
	measured_put(m, "pods", "a1,,n1,a,2,,%s,%s", measured_time(0), measured_time(1800));
	measured_put(m, "pods", "a2,,n1,a,1,,%s,%s", measured_time(2100), measured_time(3000));
	measured_put(m, "pods", "b1,,n1,b,1,,%s,", measured_time(1800));
	measured_put(m, "pods", "c1,,n2,c,1,,%s,%s", measured_time(600), measured_time(2400));
	for (int i = 0; i < STEPS; i++)
		for (size_t k = 0; k < sizeof run / sizeof *run; k++)
			if (i >= run[k].from && i < run[k].to)
				measured_put(m, "gpu_usage", "%lld,%s,%s,%s,%g",
				             (long long)(m->start_s + 60 * i), run[k].node,
				             run[k].gpu, run[k].pod, run[k].pct);
	measured_ready(m);
}

static size_t unlike(const double *a, const double *b)
{
	size_t n = 0;

	for (size_t i = 0; i < STEPS; i++)
		n += isnan(a[i]) != isnan(b[i]) || (!isnan(a[i]) && a[i] != b[i]);
	return n;
}

int main(void)
{
	tt_kept all = { .until_workload = WORKS };
	const tt_course *one, *of;
	tt_trial_fleet f;
	tt_err err = { 0 };
	measured m;

	measured_open(&m, STEPS * 60, 60);
	put_fleet(&m);
	T_INT(TT_OK, tt_trial_fleet_open(measured_path(&m, "out.tt"), TT_SCOPE_WORKLOAD, &f, &err));
	T_INT(WORKS, f.subjects.workloads.n);
	T_INT(1, tt_subjects_workload(&f.subjects, "b"));
	T_OK(tt_subjects_workload(&f.subjects, "d") == SIZE_MAX);
	for (size_t w = 0; w < WORKS; w++) {
		tt_kept alone = { 0 };

		T_INT(TT_OK, tt_kept_course(&alone, &f.subjects, w, TT_ACTIVITY_PCT, &one, &err));
		T_INT(TT_OK, tt_kept_course(&all, &f.subjects, w, TT_ACTIVITY_PCT, &of, &err));
		T_OK(one->any && of->any);
		T_INT(0, unlike(one->mean, of->mean));
		T_INT(0, unlike(one->max, of->max));
		T_INT(1, alone.courses[TT_METRIC_COUNT].n);
		tt_kept_free(&alone);
	}
	T_INT(WORKS, all.courses[TT_METRIC_COUNT].n);
	T_INT(TT_OK, tt_kept_course(&all, &f.subjects, 0, TT_ACTIVITY_PCT, &of, &err));
	T_F64(20, of->mean[5], 0.06);
	T_F64(30, of->max[5], 0.06);
	T_F64(90, of->mean[40], 0.06);
	T_OK(isnan(of->mean[32]) && isnan(of->mean[55]));
	T_INT(TT_OK, tt_kept_course(&all, &f.subjects, 2, TT_ACTIVITY_PCT, &of, &err));
	T_F64(50, of->mean[20], 0.06);
	T_OK(isnan(of->mean[5]) && isnan(of->mean[50]));
	T_INT(TT_OK, tt_kept_course(&all, &f.subjects, 0, TT_FB_USED_MIB, &of, &err));
	T_OK(!of->any);
	tt_kept_free(&all);
	tt_trial_fleet_close(&f);
	measured_close(&m);
	return T_END();
}
