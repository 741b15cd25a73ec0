/* idle_quota on made-up quotas: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

enum { HOUR = 3600 };

#define PODS "pod,namespace,node,workload,workload_kind,gpus,gpu_model,submitted_at,started_at," \
	"ended_at,outcome,labels\n"

/* Team a has four nodes of eight cards and uses one of them; a pod of b waits for 20 hours. */
static void open_scene(dt *d)
{
	dt_open(d, 14, HOUR);
	dt_table(d, "nodes", "node,node_group,gpus,gpu_model,price_per_hour\n" "n1,own,8,H100,16\n"
	         "n2,own,8,H100,16\n" "n3,own,8,H100,16\n" "n4,own,8,H100,16\n"
	         "m1,other,8,H100,16\n");
	dt_table(d, "pods", PODS);
	dt_row(d, "pods", "p1,a,n1,train,training,8,h100,%d,%d,,running,team=a", DT_START_S,
	       DT_START_S);
	dt_row(d, "pods", "q1,b,m1,tune,training,8,h100|a100,%d,%d,,running,team=b", DT_START_S,
	       DT_START_S + 10 * HOUR);
	dt_row(d, "pods", "q2,b,,tune,training,8,,%d,,%d,pending,team=b", DT_START_S + HOUR,
	       DT_START_S + 21 * HOUR);
	dt_table(d, "quotas", "owner,gpu_model,gpus,starts_at,ends_at\n" "a,h100,32,,\n"
	         "b,h100,8,,\n");
}

static void test_idle(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "fleet", "quota of a for h100");
	T_STR("idle_quota", f->verdict);
	T_STR("a holds a quota of 32 h100 cards and used at most 8, while 1 pod of others waited "
	      "for 160 card-hours", f->title);
	T_STR("resize node_group:own nodes=1", dt_change(&d, f, 0));
	T_F64(0.75, dt_number(f, "unused_ratio"), 1e-9);
	T_F64(8, dt_number(f, "mean_used_cards"), 1e-9);
	T_INT(24 * 2 * 336 * (int64_t)1000000, f->spend_concerned_micro);
	T_STR("a", f->owner);
	T_INT(0, dt_run(&d, "detectors:\n  idle_quota:\n    min_unused_ratio: 0.76\n"));
	T_INT(0, dt_run(&d, "detectors:\n  idle_quota:\n    min_waited_card_h: 161\n"));
	/* b has room of its own for who waits: the other waited for something else */
	dt_table(&d, "quotas", "owner,gpu_model,gpus,starts_at,ends_at\n" "a,h100,32,,\n"
	         "b,h100,16,,\n");
	T_INT(0, dt_run(&d, ""));
	dt_table(&d, "quotas", "owner,gpu_model,gpus,starts_at,ends_at\n" "a,h100,32,,\n"
	         "b,h100,8,,\n");
	/* somebody else is on its nodes, too */
	/* two that follow each other are two findings */
	dt_table(&d, "quotas", "owner,gpu_model,gpus,starts_at,ends_at\n"
	         "a,h100,32,,2026-01-12T06:00:00Z\n" "a,h100,24,2026-01-05T00:00:00Z,\n"
	         "b,h100,8,,\n");
	T_INT(2, dt_run(&d, "detectors:\n  idle_quota:\n    min_waited_card_h: 8\n"));
	T_OK(dt_about(&d, "fleet", "quota of a for h100 (2)") != NULL);
	dt_table(&d, "quotas", "owner,gpu_model,gpus,starts_at,ends_at\n" "a,h100,32,,\n"
	         "b,h100,8,,\n");
	dt_row(&d, "pods", "q3,b,n2,tune,training,1,,%d,%d,%d,failed,team=b", DT_START_S,
	       DT_START_S, DT_START_S + HOUR);
	T_INT(1, dt_run(&d, ""));
	T_STR("", dt_change(&d, dt_about(&d, "fleet", "quota of a for h100"), 0));
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d); /* who waits asks for other cards */
	dt_table(&d, "quotas", "owner,gpu_model,gpus,starts_at,ends_at\n" "a,l4,32,,\n");
	T_INT(0, dt_run(&d, "")); /* no node has such cards, by this name: nobody waits for them */
	T_STR("", d.why);
	dt_row(&d, "nodes", "k1,l,8,L4,8");
	T_INT(1, dt_run(&d, ""));
	T_F64(160, dt_number(dt_about(&d, "fleet", "quota of a for l4"), "waited_h"), 1e-9);
	T_INT(0, dt_run(&d, "detectors:\n  idle_quota:\n    min_waited_card_h: 161\n"));
	T_STR("", d.why);
	dt_table(&d, "quotas", "owner,gpu_model,gpus,starts_at,ends_at\n"
	         "a,h100,32,2026-01-01T00:00:00Z,2026-01-06T00:00:00Z\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("no quota was in force for 168 h", d.why);
	dt_table(&d, "quotas", "");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 8);
	dt_close(&d);
}

int main(void)
{
	test_idle();
	test_silence();
	test_out_of_memory();
	return T_END();
}
