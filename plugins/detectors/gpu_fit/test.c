/* gpu_fit on made-up workloads: where they would go, what is refused, when it is silent. */
#include "detector_test.h"

enum { STEPS = 14 * 24, PODS = 4 }; /* two weeks of hours */

#define PRICES "provider,region,instance_type,gpu_model,gpus,pricing,price_per_hour\n"

/* Four nodes of one card at 4 an hour with a pod of "chat" each; rows of nodes [0, measured). */
static void open_scene(dt *d, const char *kind, const char *model, const char *labels,
                       double tensor, double dram, int mib)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", "node,provider,region,instance_type,gpu_model,gpu_memory_mib,gpus,"
	         "pricing,price_per_hour\n");
	dt_table(d, "pods", "pod,node,workload,gpus,workload_kind,labels\n");
	dt_table(d, "gpu_usage", tensor < 0 ? "time,node,gpu,pod,sm_active_ratio,fb_used_mib\n" :
	         "time,node,gpu,pod,sm_active_ratio,fb_used_mib,tensor_active_ratio,"
	         "dram_active_ratio\n");
	dt_table(d, "prices", PRICES "cloud,east,big,a100-80gb,1,on_demand,4\n"
	         "cloud,east,g1,l4,1,on_demand,0.8\n" "cloud,east,g2,l40s,1,on_demand,2\n"
	         "cloud,east,g4,t4,1,on_demand,0.4\n" "cloud,east,g9,h100,1,on_demand,10\n"
	         "cloud,east,h9,h200,1,on_demand,8\n" "cloud,west,g1,l4,1,on_demand,0.1\n");
	for (int i = 0; i < PODS; i++) {
		dt_row(d, "nodes", "n%d,cloud,east,big,%s,81920,1,on_demand,%d", i, model,
		       strcmp(model, "h100") == 0 ? 10 : 4);
		dt_row(d, "pods", "p%d,n%d,chat,1,%s,%s", i, i, kind, labels);
		for (long long k = 0; k < STEPS; k++) {
			if (tensor < 0)
				dt_row(d, "gpu_usage", "%lld,n%d,0,p%d,0.15,%d",
				       DT_START_S + k * 3600, i, i, mib);
			else
				dt_row(d, "gpu_usage", "%lld,n%d,0,p%d,0.15,%d,%g,%g",
				       DT_START_S + k * 3600, i, i, mib, tensor, dram);
		}
	}
}

/* 5 % of an A100 is 34 % of an L4 (by its memory's speed), 12 % of an L40S; a T4 has 16 GB. */
static void test_service(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "inference", "a100-80gb", "team=ml", 0.05, 0.05, 20000);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("wrong_card", f->verdict);
	T_STR("chat (inference, 4 pods) uses a100-80gb at 15 % (p95); on l4 it would cost 20 % of "
	      "now, coverage 100 %", f->title);
	T_STR("retype workload:chat gpu_model=l4", dt_change(&d, f, 0));
	T_STR("retype workload:chat gpu_model=l40s", dt_alternative(&d, f, 0));
	T_STR("", dt_alternative(&d, f, 1));
	T_STR("retype: pod \"p0\" needs 20000 MiB on a card, and 90 % of what there is of t4 is "
	      "13733 MiB; neither can p1, p2, p3", dt_text(f, "cheaper_but_refused"));
	T_F64(0.2, dt_number(f, "cost_ratio"), 1e-9);
	T_F64(1, dt_number(f, "then_pods_times"), 1e-9);
	T_F64(0.8, dt_number(f, "then_price_per_card_h"), 1e-9);
	T_F64(5, dt_number(f, "p95_tensor_pct"), 0.11);
	T_F64(20000, dt_number(f, "max_fb_used_mib"), 200);
	T_STR("activity, a bound", dt_text(f, "pace_from"));
	T_STR("ml", f->owner);
	T_INT(4 * STEPS * INT64_C(4000000), f->spend_concerned_micro);
	T_INT(TT_RISK_MEDIUM, f->risk);
	T_STR("how much slower a request may be is not known: no latency_p95_ms or no "
	      "slo_latency_ms", f->risk_note);

	/* up to 6.8 times as long by the memory's speed; 5,376 for 10,000 requests of 500 tokens */
	dt_table(&d, "traffic", "time,workload,requests,input_tokens,output_tokens,latency_p95_ms\n"
	         "2026-01-05T00:00:00Z,chat,10000,4000000,1000000,100\n");
	dt_table(&d, "workloads", "workload,slo_latency_ms\n" "chat,700\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_INT(TT_RISK_LOW, f->risk);
	T_F64(537.6, dt_number(f, "cost_per_1000_requests"), 1e-6);
	T_F64(107.52, dt_number(f, "cost_per_1000_requests_then"), 1e-6);
	T_F64(1075.2, dt_number(f, "cost_per_mtok"), 1e-6);
	T_F64(215.04, dt_number(f, "cost_per_mtok_then"), 1e-6);
	dt_table(&d, "workloads", "workload,slo_latency_ms\n" "chat,500\n");
	T_INT(1, dt_run(&d, ""));
	T_INT(TT_RISK_MEDIUM, dt_about(&d, "workload", "chat")->risk);
	T_INT(0, dt_run(&d, "detectors:\n  gpu_fit:\n    max_cost_ratio: 0.1\n"));
	dt_close(&d);

	/* 35 % of the memory's speed: 14 L4 for four A100, or five L40S */
	open_scene(&d, "inference", "a100-80gb", "team=ml", 0.05, 0.35, 20000);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("retype workload:chat gpu_model=l40s", dt_change(&d, f, 0));
	T_STR("retype workload:chat gpu_model=l4", dt_alternative(&d, f, 0));
	T_F64(5 * 2.0 / 16, dt_number(f, "cost_ratio"), 1e-9);
	dt_close(&d);
}

/* An H200 does 17,744 tokens a second where an H100 does 15,220. */
static void test_listed(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, "batch", "h100", "model=llama-3.1-8b", -1, -1, 70000);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "chat");
	T_STR("retype workload:chat gpu_model=h200", dt_change(&d, f, 0));
	T_STR("throughput of the catalogue", dt_text(f, "pace_from"));
	T_F64(0.8 * 15220 / 17744, dt_number(f, "cost_ratio"), 1e-6);
	T_F64(15220.0 / 17744, dt_number(f, "then_hours_times"), 1e-6);
	T_INT(TT_RISK_LOW, f->risk);
	T_F64(1, f->effort_days, 0);
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d, "inference", "a100-80gb", "", 0.6, 0.6, 20000); /* it needs its card */
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);

	open_scene(&d, "inference", "a100-80gb", "", 0.05, 0.05, 70000); /* its memory, too */
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);

	open_scene(&d, "inference", "a100-80gb", "", -1, -1, 20000); /* not measured */
	T_INT(0, dt_run(&d, ""));
	T_HAS("how fast other cards are is not known", d.why);
	dt_table(&d, "prices", PRICES "cloud,west,g1,l4,1,on_demand,0.1\n"); /* none here */
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_table(&d, "prices", "");
	T_INT(0, dt_run(&d, ""));
	T_STR("no rows of prices.csv", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d, "inference", "a100-80gb", "team=ml", 0.05, 0.05, 20000);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 50);
	dt_close(&d);
}

int main(void)
{
	test_service();
	test_listed();
	test_silence();
	test_out_of_memory();
	return T_END();
}
