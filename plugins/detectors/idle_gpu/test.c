/* idle_gpu on made-up nodes: what it says, what it proposes, and when it is silent. */
#include "detector_test.h"

enum { STEPS = 14 * 24, DAY = 24 }; /* two weeks of hours */

#define NODES "node,node_group,gpu_model,gpus,gpu_memory_mib,price_per_hour,started_at,ended_at," \
	"labels\n"
/* n1 has cards at 0.50 an hour each; of n2 a pod keeps the only one busy. */
#define N1(gpus) "n1,g,A100," #gpus ",40960,1,,,team=ml\n"
#define N2 "n2,g,A100,1,40960,1,,,\n"
#define PODS "pod,namespace,node,workload,workload_kind,gpus,labels\n" \
	"busy,research,n2,train,training,1,team=ml\n"

/* The first n cards of n1, of two, idle with little in them, and are read all the time but
 * for three hours. */
static void open_scene(dt *d, int n)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", n == 1 ? NODES N1(1) N2 : NODES N1(2) N2);
	dt_table(d, "pods", PODS);
	dt_usage(d, "n2/0", "busy", 0, DT_END, 90, 30000);
	for (int i = 0; i < n; i++) {
		const char *card = i ? "n1/1" : "n1/0";

		dt_usage(d, card, "", 0, DT_END, 0, 400);
		dt_usage(d, card, "", 10, 50, 0.2, 400);
		dt_usage(d, card, "", 60, 61, 0.5, 400);
		dt_usage(d, card, "", STEPS - 3, DT_END, (double)NAN, (double)NAN);
	}
}

static const double coverage = (STEPS - 3.0) / STEPS;

static void test_node(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, 2);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "n1");
	T_STR("idle", f->verdict);
	T_STR("release node:n1", dt_change(&d, f, 0));
	T_STR("", dt_change(&d, f, 1));
	T_STR("", dt_alternative(&d, f, 0));
	T_STR("2 idle cards (A100) of node n1: p99 activity 0.2 %, framebuffer at most 1 %, "
	      "coverage 99 %", f->title);
	T_INT(STEPS * 1000000LL, f->spend_concerned_micro);
	T_STR("ml", f->owner);
	T_INT(TT_RISK_LOW, f->risk);
	T_STR("", f->risk_note);
	T_F64(0.25, f->effort_days, 0);
	T_F64(coverage, f->coverage_ratio, 1e-12);
	T_F64(coverage * 0.96, f->confidence_ratio, 1e-12);
	T_F64(2, dt_number(f, "cards"), 0);
	T_F64(0.2, dt_number(f, "p99_activity_pct"), 1e-9);
	T_F64(0.5, dt_number(f, "max_activity_pct"), 1e-9);
	T_STR("gpu_util", dt_text(f, "activity_metric"));
	T_F64(400, dt_number(f, "max_fb_used_mib"), 2);
	T_F64(2 * (STEPS - 3), dt_number(f, "measured_h"), 1e-9);
	T_F64(0, dt_number(f, "held_h"), 0);

	/* SM activity counts where it was collected */
	d.activity = "sm_active_ratio";
	T_INT(1, dt_run(&d, ""));
	T_STR("sm_active", dt_text(dt_about(&d, "node", "n1"), "activity_metric"));
	dt_close(&d);
}

/* One card, idle and empty, that draws 60 W and in one hour of four `peak_w`. */
static void open_power(dt *d, const char *fb_mib, int peak_w)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", NODES N1(1) N2);
	dt_table(d, "pods", PODS);
	dt_table(d, "gpu_usage", "time,node,gpu,pod,gpu_util_pct,fb_used_mib,power_w\n");
	for (int i = 0; i < STEPS; i++) {
		dt_row(d, "gpu_usage", "%d,n1,0,,0,%s,%d", DT_START_S + 3600 * i, fb_mib,
		       i % 4 ? 60 : peak_w);
		dt_row(d, "gpu_usage", "%d,n2,0,busy,90,30000,300", DT_START_S + 3600 * i);
	}
}

static void test_power(void)
{
	const tt_found *f;
	double sure;
	dt d;

	open_power(&d, "300", 70);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "n1");
	T_STR("idle", f->verdict);
	T_STR("yes", dt_text(f, "zombie"));
	T_F64(70, dt_number(f, "p99_power_w"), 0.5);
	T_F64(60, dt_number(f, "floor_power_w"), 0.5);
	sure = f->confidence_ratio;
	T_INT(1, dt_run(&d, "detectors:\n  idle_gpu:\n    floor_power_ratio: 1.1\n"));
	T_STR("no", dt_text(dt_about(&d, "node", "n1"), "zombie"));
	dt_close(&d);

	open_power(&d, "500", 70); /* a process is there */
	T_INT(1, dt_run(&d, ""));
	T_STR("no", dt_text(dt_about(&d, "node", "n1"), "zombie"));
	dt_close(&d);

	open_power(&d, "300", 200); /* something is done that no counter shows */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "n1");
	T_STR("no", dt_text(f, "zombie"));
	T_F64(0.7 * sure, f->confidence_ratio, 1e-9);
	T_HAS("W, at rest 60 W: copies and video show in no counter", f->risk_note);
	dt_close(&d);
}

/* Pods without cards keep the node: cards go, and it is said. */
static void test_other_pods(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, 2);
	dt_row(&d, "pods", "web,shop,n1,web,inference,0,team=shop");
	dt_row(&d, "pods", "cron,shop,n1,cron,batch,0,team=shop");
	dt_row(&d, "pods", "exporter,kube-system,n1,exporter,system,0,"); /* this one does not */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "n1");
	T_STR("release card:n1/0,card:n1/1", dt_change(&d, f, 0));
	T_HAS("2 pods without cards keep this node", f->risk_note);
	T_F64(2, dt_number(f, "other_pods"), 0);
	dt_close(&d);
}

static void test_cards(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, 2);
	dt_usage(&d, "n1/1", "", 100, STEPS, 99, 30000); /* works */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "card", "n1/0");
	T_STR("release card:n1/0", dt_change(&d, f, 0));
	T_INT(STEPS * 500000LL, f->spend_concerned_micro);
	T_STR("", f->owner); /* that of its pods, not of the node */
	T_STR("the node stays for its other cards", f->risk_note);
	T_STR("idle card n1/0 (A100): p99 activity 0.2 %, framebuffer at most 1 %, coverage 99 %",
	      f->title);
	dt_close(&d);

	open_scene(&d, 2); /* a third card reports nothing: the node is not known to be idle */
	dt_table(&d, "nodes", NODES "n1,g,,3,40960,1,,,\n" N2);
	T_INT(2, dt_run(&d, ""));
	T_HAS("(model not known)", dt_about(&d, "card", "n1/0")->title);
	T_STR("idle", dt_about(&d, "card", "n1/1")->verdict);
	dt_close(&d);
}

/* A pod that holds n1/1 and does nothing with it, from day 9 on. */
static void hold(dt *d, const char *kind, double fb_mib)
{
	dt_table(d, "pods", PODS);
	dt_row(d, "pods", "\"note \"\"7\"\"\",lab,n1,nb,%s,1,team=vision", kind);
	dt_usage(d, "n1/1", "note \"7\"", 9 * DAY, DT_END, 0.2, fb_mib);
}

static void test_holding(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, 2);
	hold(&d, "notebook", 4096); /* a tenth of the memory */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "n1"); /* one held card makes it a held node */
	T_STR("holding", f->verdict);
	T_STR("release node:n1", dt_change(&d, f, 0));
	T_STR("schedule pod:\"note \\\"7\\\"\" idle_timeout_s=1800", dt_alternative(&d, f, 0));
	T_HAS("2 idle but held cards", f->title);
	T_INT(TT_RISK_LOW, f->risk);
	T_F64(1, f->effort_days, 0);
	T_F64(5 * DAY, dt_number(f, "held_h"), 1e-9);
	T_INT(1, dt_run(&d, "detectors:\n  idle_gpu:\n    idle_timeout_s: 600\n"));
	T_HAS("idle_timeout_s=600", dt_alternative(&d, dt_about(&d, "node", "n1"), 0));

	hold(&d, "inference", 4096); /* could be a cold spare */
	T_INT(1, dt_run(&d, ""));
	T_INT(TT_RISK_MEDIUM, dt_about(&d, "node", "n1")->risk);
	T_HAS("may be a spare", dt_about(&d, "node", "n1")->risk_note);

	dt_usage(&d, "n1/1", "", STEPS - 30, DT_END, 0.2, 4096); /* it is gone */
	T_INT(1, dt_run(&d, ""));
	T_INT(TT_RISK_LOW, dt_about(&d, "node", "n1")->risk);

	hold(&d, "notebook", 0.05 * 40960); /* not above the limit */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "n1");
	T_STR("idle", f->verdict);
	T_STR("", dt_alternative(&d, f, 0));
	T_F64(0.5, f->effort_days, 0); /* somebody has to be asked */

	dt_usage(&d, "n1/0", "", 0, DT_END, 50, 400); /* its own owner, when it is one card */
	T_INT(1, dt_run(&d, ""));
	T_STR("vision", dt_about(&d, "card", "n1/1")->owner);
	dt_close(&d);
}

static void test_without_framebuffer(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, 1);
	dt_usage(&d, "n1/0", "", 0, DT_END, 0.2, (double)NAN);
	T_INT(1, dt_run(&d, "")); /* nobody held it: sure all the same */
	f = dt_about(&d, "node", "n1");
	T_STR("idle", f->verdict);
	T_F64(0.96, f->confidence_ratio, 1e-12);
	T_HAS("framebuffer not known", f->title);
	T_F64((double)NAN, dt_number(f, "max_fb_used_ratio"), 0);

	dt_usage(&d, "n1/0", "", 0, DAY, 0.2, 400); /* too little to say that it was empty */
	T_INT(1, dt_run(&d, ""));
	T_HAS("framebuffer not known", dt_about(&d, "node", "n1")->title);

	dt_usage(&d, "n1/0", "p", 0, 1, 0.2, (double)NAN);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "n1");
	T_STR("holding", f->verdict);
	T_F64(0.96 * 0.7, f->confidence_ratio, 1e-12);

	dt_usage(&d, "n1/0", "", 0, 1, 0.2, (double)NAN);
	dt_usage(&d, "n2/0", "", 0, DT_END, 90, 30000);
	T_INT(1, dt_run(&d, "")); /* no pod is named at all: not known whether one held it */
	f = dt_about(&d, "node", "n1");
	T_STR("idle", f->verdict);
	T_F64(0.96 * 0.7, f->confidence_ratio, 1e-12);
	dt_close(&d);
}

static void burst(dt *d, size_t day, double pct, size_t hours)
{
	dt_usage(d, "n1/0", "", day * DAY, day * DAY + hours, pct, 400);
}

static void test_bursts(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, 1);
	burst(&d, 3, 85, 1);
	burst(&d, 9, 85, 1);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "n1");
	T_STR("burst_reserve", f->verdict);
	T_STR("", dt_change(&d, f, 0)); /* said, not released */
	T_F64(0, f->effort_days, 0);
	T_HAS("p95 activity 0.2 %, but up to 85 %", f->title);
	T_INT(STEPS * 1000000LL, f->spend_concerned_micro);
	T_HAS("ask before it goes", f->risk_note);

	burst(&d, 9, 30, 4); /* a burst reserve may be above the limit at p99 */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "n1");
	T_STR("burst_reserve", f->verdict);
	T_F64(coverage * 0.96, f->confidence_ratio, 1e-12); /* by its p95, then */

	burst(&d, 9, 19, 4); /* that was no burst, so there is a week without; busy at p99 */
	T_INT(0, dt_run(&d, ""));
	T_INT(1, dt_run(&d, "detectors:\n  idle_gpu:\n    burst_within_d: 12\n"));
	T_STR("burst_reserve", dt_about(&d, "node", "n1")->verdict);

	burst(&d, 9, 0, 4); /* once in two weeks is no habit */
	T_INT(1, dt_run(&d, ""));
	T_STR("idle", dt_about(&d, "node", "n1")->verdict);
	dt_close(&d);

	/* where there is more than one card, each goes by its own bursts */
	open_scene(&d, 2);
	burst(&d, 3, 85, 1);
	burst(&d, 9, 85, 1);
	T_INT(2, dt_run(&d, ""));
	T_STR("burst_reserve", dt_about(&d, "card", "n1/0")->verdict);
	T_STR("idle", dt_about(&d, "card", "n1/1")->verdict);
	dt_close(&d);
}

/* Of a day one can't tell how often: one burst is taken for a habit. */
static void test_short_window(void)
{
	const tt_found *f;
	dt d;

	dt_open(&d, 1, 600);
	dt_table(&d, "nodes", NODES N1(1));
	dt_usage(&d, "n1/0", "", 0, DT_END, 0, 400);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "n1");
	T_STR("idle", f->verdict);
	T_F64(0.5 + 0.5 / 7, f->confidence_ratio, 1e-12); /* and not so sure */
	dt_usage(&d, "n1/0", "", 3, 4, 20, 400);
	T_INT(1, dt_run(&d, ""));
	T_STR("burst_reserve", dt_about(&d, "node", "n1")->verdict);
	dt_usage(&d, "n1/0", "", 3, 4, 19.5, 400);
	T_INT(1, dt_run(&d, ""));
	T_STR("idle", dt_about(&d, "node", "n1")->verdict);
	dt_close(&d);
}

/* The same where the snapshot has no aligned series to look into. */
static void test_without_series(void)
{
	dt d;

	open_scene(&d, 1);
	burst(&d, 3, 85, 1);
	T_INT(1, dt_run(&d, ""));
	T_STR("idle", dt_about(&d, "node", "n1")->verdict);
	d.aligned = 0;
	T_INT(1, dt_run(&d, ""));
	T_STR("burst_reserve", dt_about(&d, "node", "n1")->verdict);
	dt_close(&d);
}

static void test_coverage(void)
{
	dt d;

	open_scene(&d, 2);
	dt_usage(&d, "n1/0", "", 100, DT_END, (double)NAN, 400);
	T_INT(1, dt_run(&d, "")); /* one is known: it is said, for the card alone */
	T_STR("idle", dt_about(&d, "card", "n1/1")->verdict);
	T_INT(1, dt_run(&d, "detectors:\n  idle_gpu:\n    min_coverage_ratio: 0.25\n"));
	T_STR("idle", dt_about(&d, "node", "n1")->verdict);

	dt_usage(&d, "n1/1", "", 100, DT_END, (double)NAN, 400);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why); /* n2 was looked at */
	dt_usage(&d, "n2/0", "busy", 100, DT_END, (double)NAN, 400);
	T_INT(0, dt_run(&d, ""));
	T_STR("no card was measured for 80 % of its life", d.why);
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d, 2);
	dt_usage(&d, "n1/0", "", 0, DT_END, 1, 400); /* not below */
	dt_usage(&d, "n1/1", "", 0, DT_END, 1, 400);
	T_INT(0, dt_run(&d, ""));
	T_INT(1, dt_run(&d, "detectors:\n  idle_gpu:\n    idle_below_pct: 1.1\n"));
	dt_usage(&d, "n1/0", "", 4, DT_END, 0, 400); /* at p95 it would be */
	dt_usage(&d, "n1/1", "", 4, DT_END, 0, 400);
	T_INT(0, dt_run(&d, ""));
	dt_usage(&d, "n1/1", "", 3, 4, 0, 400);
	T_INT(1, dt_run(&d, ""));

	/* nothing was collected of it */
	dt_usage(&d, "n1/0", "", 0, DT_END, (double)NAN, 400);
	dt_usage(&d, "n1/1", "", 0, DT_END, (double)NAN, 400);
	T_INT(0, dt_run(&d, "detectors:\n  idle_gpu:\n    min_coverage_ratio: 0\n"));
	dt_usage(&d, "n2/0", "busy", 0, DT_END, (double)NAN, 400);
	T_INT(0, dt_run(&d, ""));
	T_HAS("no gpu_util_pct or sm_active_ratio", d.why);
	dt_close(&d);

	open_scene(&d, 2); /* it is gone: there is nothing left to release */
	dt_table(&d, "nodes", NODES "n1,g,A100,2,40960,1,,2026-01-18T00:00:00Z,\n" N2);
	T_INT(0, dt_run(&d, ""));
	dt_table(&d, "nodes", NODES "n1,g,A100,2,40960,1,2026-01-18T18:01:00Z,,\n" N2);
	T_INT(0, dt_run(&d, "")); /* it has just come */
	T_STR("", d.why);
	T_INT(0, dt_run(&d, "detectors:\n  idle_gpu:\n    min_alive_h: 400\n"));
	T_STR("no node lived for 400 h in the window", d.why);
	dt_close(&d);
}

static void open_slices(dt *d, double fb_mib)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", NODES "n1,g,A100,1,40960,0.3,,,\n");
	for (int i = 1; i <= 3; i++)
		dt_usage(d, i == 1 ? "n1/0/1" : i == 2 ? "n1/0/2" : "n1/0/3", "", 0, DT_END, 0.2,
		         fb_mib);
}

/* Slices are one card: idle only when each of them is. */
static void test_slices(void)
{
	const tt_found *f;
	dt d;

	open_slices(&d, 400);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "node", "n1");
	T_STR("release node:n1", dt_change(&d, f, 0));
	T_F64(1, dt_number(f, "cards"), 0);
	T_F64(STEPS, dt_number(f, "measured_h"), 1e-9);
	T_F64(1200, dt_number(f, "max_fb_used_mib"), 6);

	dt_table(&d, "nodes", NODES "n1,g,A100,2,40960,0.6,,,\n"); /* the other is not known */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "card", "n1/0");
	T_STR("release card:n1/0", dt_change(&d, f, 0));
	T_INT(STEPS * 300000LL, f->spend_concerned_micro);
	dt_usage(&d, "n1/0/3", "", 0, DT_END, 50, 400);
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);

	open_slices(&d, 800); /* 2 % of the card each, 6 % together */
	T_INT(1, dt_run(&d, ""));
	T_STR("holding", dt_about(&d, "node", "n1")->verdict);
	dt_close(&d);
}

/* Without a price there is a finding without a spend, not one for nothing. */
static void test_unknown_price(void)
{
	dt d;

	open_scene(&d, 2);
	dt_table(&d, "nodes", NODES "n1,g,A100,2,40960,,,,\n" N2);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_about(&d, "node", "n1")->spend_concerned_micro == TT_MONEY_UNKNOWN);
	dt_close(&d);
}

/* The host's memory may end anywhere: it fails then, and nothing is half said. */
static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d, 2);
	hold(&d, "notebook", 4096);
	burst(&d, 3, 85, 1);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 50);
	dt_close(&d);
}

int main(void)
{
	test_node();
	test_power();
	test_other_pods();
	test_cards();
	test_holding();
	test_without_framebuffer();
	test_bursts();
	test_short_window();
	test_without_series();
	test_coverage();
	test_silence();
	test_slices();
	test_unknown_price();
	test_out_of_memory();
	return T_END();
}
