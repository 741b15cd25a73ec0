/* gpu_bottleneck on made-up workloads: each cause, when it is silent, what was not measured. */
#include "detector_test.h"

enum { STEPS = 14 * 24, PODS = 2 }; /* two weeks of hours */

struct readings {                /* shares; below 0: no such column */
	double util_pct, sm, tensor, dram, pcie, cpu;
};

static void put(tt_buf *out, double v)
{
	tt_buf_printf(out, v < 0 ? "," : ",%.9g", v);
}

/* Two nodes of a card at 2 an hour, a pod of "train" on each; `later` from the middle on. */
static void open_scene(dt *d, const struct readings *r, const struct readings *later)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", "node,gpu_model,gpus,price_per_hour\n" "n0,h100,1,2\n"
	         "n1,h100,1,2\n");
	dt_table(d, "pods", "pod,node,workload,gpus,workload_kind,labels\n"
	         "p0,n0,train,1,training,team=ml\n" "p1,n1,train,1,training,team=ml\n");
	dt_table(d, "gpu_usage", "time,node,gpu,pod,gpu_util_pct,sm_active_ratio,"
	         "tensor_active_ratio,dram_active_ratio,pcie_bytes_per_s\n");
	dt_table(d, "node_usage", r->cpu < 0 ? "" : "time,node,cpu_util_ratio\n");
	for (long long k = 0; k < STEPS * PODS; k++) {
		const struct readings *now = k / PODS < STEPS / 2 ? r : later;
		long long at = DT_START_S + k / PODS * 3600, i = k % PODS;
		tt_buf row = { 0 };

		put(&row, now->util_pct);
		put(&row, now->sm);
		put(&row, now->tensor);
		put(&row, now->dram);
		put(&row, now->pcie);
		dt_row(d, "gpu_usage", "%lld,n%lld,0,p%lld%s", at, i, i, tt_buf_text(&row));
		tt_buf_free(&row);
		if (now->cpu >= 0)
			dt_row(d, "node_usage", "%lld,n%lld,%g", at, i, now->cpu);
	}
}

static void test_causes(void)
{
	static const struct { struct readings r; const char *verdict; } cases[] = {
		{ { 97, 0.2, 0.1, 0.7, 1e9, 0.99 }, "memory_bound" },
		{ { 97, 0.2, 0.1, 0.3, 30e9, 0.95 }, "cpu_bound" },
		{ { 97, 0.2, 0.1, 0.3, 30e9, 0.3 }, "input_bound" },
		{ { 97, 0.2, 0.1, 0.1, 1e9, 0.3 }, "small_batches" },
		{ { 97, 0.2, 0.1, 0.3, 1e9, 0.3 }, "low_activity" },
		{ { 97, 0.2, -1, -1, -1, -1 }, "low_activity" },
		{ { 97, 0.2, -1, 0.1, -1, -1 }, "low_activity" },
	};
	const tt_found *f;
	dt d;

	for (size_t i = 0; i < TT_COUNT(cases); i++) {
		open_scene(&d, &cases[i].r, &cases[i].r);
		T_INT(1, dt_run(&d, ""));
		f = dt_about(&d, "workload", "train");
		T_STR(cases[i].verdict, f->verdict);
		T_STR("", dt_change(&d, f, 0));
		T_F64(20, dt_number(f, "sm_active_pct"), 0.2);
		T_F64(cases[i].r.cpu < 0 ? (double)NAN : 100 * cases[i].r.cpu,
		      dt_number(f, "cpu_util_pct"), 1);
		T_F64(cases[i].r.pcie < 0 ? (double)NAN : cases[i].r.pcie,
		      dt_number(f, "pcie_bytes_per_s"), 0.01 * fabs(cases[i].r.pcie));
		T_F64(1, dt_number(f, "low_ratio"), 1e-9);
		T_F64(STEPS, dt_number(f, "low_h"), 1e-9);
		T_INT(2 * STEPS * INT64_C(2000000), f->spend_concerned_micro);
		T_STR("ml", f->owner);
		T_INT(TT_RISK_NONE, f->risk);
		dt_close(&d);
	}
}

/* Only the steps that are busy by the clock count, and of them the low ones for the cause. */
static void test_steps(void)
{
	static const struct readings low = { 97, 0.2, 0.1, 0.7, 1e9, 0.3 };
	static const struct readings fine = { 97, 0.7, 0.6, 0.2, 1e9, 0.3 };
	static const struct readings idle = { 10, 0.02, 0.01, 0.01, 1e9, 0.3 };
	const tt_found *f;
	dt d;

	open_scene(&d, &low, &idle);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "train");
	T_STR("memory_bound", f->verdict);
	T_F64(STEPS / 2, dt_number(f, "busy_h"), 1e-9);
	T_F64(1, dt_number(f, "low_ratio"), 1e-9);
	T_STR("train (training, 2 pods) is busy by the clock and does 20 % in 100 % of that time: "
	      "its memory's bandwidth is in use, coverage 100 %", f->title);
	T_INT(STEPS * INT64_C(2000000), f->spend_concerned_micro);
	dt_close(&d);

	open_scene(&d, &low, &fine);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "train");
	T_F64(0.5, dt_number(f, "low_ratio"), 1e-9);
	T_F64(70, dt_number(f, "dram_active_pct"), 0.5); /* of the low half */
	T_INT(0, dt_run(&d, "detectors:\n  gpu_bottleneck:\n    min_low_ratio: 0.6\n"));
	dt_close(&d);
}

static void test_silence(void)
{
	static const struct readings fine = { 97, 0.7, 0.6, 0.2, 1e9, 0.3 };
	static const struct readings idle = { 10, 0.02, 0.01, 0.01, 1e9, 0.3 };
	static const struct readings no_sm = { 97, -1, 0.1, 0.7, 1e9, 0.3 };
	static const struct readings low = { 97, 0.2, 0.1, 0.7, 1e9, 0.3 };
	dt d;

	open_scene(&d, &fine, &fine);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
	open_scene(&d, &idle, &idle);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
	open_scene(&d, &no_sm, &no_sm);
	T_INT(0, dt_run(&d, ""));
	T_HAS("no sm_active_ratio", d.why);
	dt_close(&d);
	open_scene(&d, &low, &no_sm);
	T_INT(0, dt_run(&d, ""));
	T_STR("sm_active_ratio of no workload is known for 80 % of the time in which it was busy",
	      d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	static const struct readings low = { 97, 0.2, 0.1, 0.7, 1e9, 0.3 };
	dt d;

	open_scene(&d, &low, &low);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 50);
	dt_close(&d);
}

int main(void)
{
	test_causes();
	test_steps();
	test_silence();
	test_out_of_memory();
	return T_END();
}
