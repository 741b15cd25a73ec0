/* stranded_commitment on made-up fleets: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

#define NODES "node,node_group,provider,region,instance_type,gpu_model,gpus,pricing\n"
#define PRICES "provider,region,instance_type,gpu_model,gpus,pricing,payment,price_per_hour\n" \
	"x,north,big,h100,8,on_demand,,10\n"
#define HELD "commitment,kind,provider,region,instance_type,gpu_model,units,starts_at,ends_at," \
	"payment,upfront,price_per_hour\n"
#define TERM "2025-07-01T00:00:00Z,2026-07-01T00:00:00Z"

enum { HOURS = 14 * 24 };

/* Two nodes in use, and five units held. */
static void open_scene(dt *d)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", NODES "n1,train,x,north,big,h100,8,reserved\n"
	         "n2,train,x,north,big,h100,8,reserved\n");
	dt_table(d, "prices", PRICES);
	dt_table(d, "commitments", HELD
	         "a,reserved_instance,x,north,big,h100,2," TERM ",none,0,6\n"
	         "b,reserved_instance,x,north,big,h100,3," TERM ",none,0,6\n");
}

static void test_stranded(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "commitment", "a"); /* the first speaks for both */
	T_STR("stranded", f->verdict);
	T_STR("2 commitments for big (a and others) are used 40 %: 6048.00 of 10080.00 is paid for "
	      "nothing", f->title);
	T_F64(0.4, dt_number(f, "used_ratio"), 1e-12);
	T_F64(3 * 6 * HOURS, dt_number(f, "unused_cost"), 1e-9);
	T_F64(5 * HOURS, dt_number(f, "held_unit_h"), 1e-9);
	T_F64(3 * HOURS, dt_number(f, "unused_unit_h"), 1e-9);
	T_F64(3, dt_number(f, "sold_units"), 0);
	T_F64((1782864000 - (DT_START_S + HOURS * 3600)) / 86400.0, dt_number(f, "ends_in_days"),
	      1e-9);
	T_INT(3 * 6 * HOURS * INT64_C(1000000), f->spend_concerned_micro);
	T_STR("commit commitment:b action=sell proceeds=0 adoption_ratio=0.5", dt_change(&d, f, 0));
	T_STR("", dt_change(&d, f, 1));
	T_INT(0, dt_run(&d, "detectors:\n  stranded_commitment:\n    max_used_ratio: 0.4\n"));
	T_INT(1, dt_run(&d, "detectors:\n  stranded_commitment:\n    max_used_ratio: 0.41\n"));

	/* what can't be given back is let go at its end */
	dt_table(&d, "commitments", HELD
	         "a,committed_use,x,north,big,h100,5," TERM ",none,0,6\n");
	T_INT(1, dt_run(&d, ""));
	T_STR("commit commitment:a action=lapse",
	      dt_change(&d, dt_about(&d, "commitment", "a"), 0));
	dt_close(&d);
}

/* A third node for 40 % of the hours: kept while the sale of its unit would bring less than it
 * saves. */
static void test_layers(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	dt_table(&d, "commitments", HELD
	         "a,reserved_instance,x,north,big,h100,5,2026-01-05T00:00:00Z,"
	         "2027-01-05T00:00:00Z,all,219000,\n"); /* 5 an hour and unit */
	dt_table(&d, "nodes", "node,node_group,provider,region,instance_type,gpu_model,gpus,"
	         "pricing,ended_at\n" "n1,train,x,north,big,h100,8,reserved,\n"
	         "n2,train,x,north,big,h100,8,reserved,\n"
	         "n3,train,x,north,big,h100,8,reserved,2026-01-10T14:24:00Z\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "commitment", "a");
	T_F64(0.48, dt_number(f, "used_ratio"), 1e-9);
	/* a sale at a half brings 2.5 an hour, less than 4 of 10 */
	T_STR("commit commitment:a action=sell units=2 proceeds=43800 adoption_ratio=0.5",
	      dt_change(&d, f, 0));
	T_INT(1, dt_run(&d, "detectors:\n  stranded_commitment:\n    resale_ratio: 0.9\n"));
	T_STR("commit commitment:a action=sell units=3 proceeds=118260 adoption_ratio=0.5",
	      dt_change(&d, dt_about(&d, "commitment", "a"), 0));
	dt_close(&d);
}

/* The same card on demand in another size: half of what is stranded is exchanged for it, or it
 * moves. */
static void test_elsewhere(void)
{
	const tt_found *f;
	size_t movable = SIZE_MAX, stranded = SIZE_MAX;
	dt d;

	open_scene(&d);
	dt_row(&d, "nodes", "n3,lab,x,north,small,h100,4,on_demand");
	dt_row(&d, "prices", "x,north,small,h100,4,on_demand,,5.5");
	dt_row(&d, "prices", "x,north,small,h100,4,commit_1y,none,3");
	dt_table(&d, "pods", "pod,node,workload,gpus,workload_kind\n" "p,n3,lab,4,notebook\n");
	dt_usage(&d, "n3/0", "p", 0, DT_END, 50, 400);
	T_INT(2, dt_run(&d, ""));
	for (size_t i = 0; i < d.found->n; i++) {
		movable = strcmp(d.found->v[i].verdict, "movable") == 0 ? i : movable;
		stranded = strcmp(d.found->v[i].verdict, "stranded") == 0 ? i : stranded;
	}
	T_OK(movable != SIZE_MAX && stranded != SIZE_MAX);
	f = &d.found->v[stranded];
	T_STR("commit commitment:b action=exchange units=1 into_offer=\"x/north/small commit_1y "
	      "none\"", dt_change(&d, f, 0));
	T_STR("commit commitment:b action=sell units=2 proceeds=0 adoption_ratio=0.5",
	      dt_change(&d, f, 1));
	f = &d.found->v[movable];
	T_STR("retype node_group:lab instance_type=big", dt_change(&d, f, 0));
	T_F64(1, dt_number(f, "moved_saved_ratio"), 1e-9); /* it is covered there */
	T_INT(TT_RISK_MEDIUM, f->risk);

	/* the same type in another region */
	dt_table(&d, "nodes", NODES "n1,train,x,north,big,h100,8,reserved\n"
	         "n2,train,x,north,big,h100,8,reserved\n" "n3,lab,x,south,big,h100,8,on_demand\n");
	dt_row(&d, "prices", "x,south,big,h100,8,on_demand,,9");
	T_INT(2, dt_run(&d, ""));
	for (size_t i = 0; i < d.found->n; i++)
		if (strcmp(d.found->v[i].verdict, "movable") == 0)
			T_STR("reprice node_group:lab region=north",
			      dt_change(&d, &d.found->v[i], 0));
	dt_close(&d);
}

static void test_money(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	dt_table(&d, "nodes", NODES "n1,train,x,north,big,h100,8,on_demand\n");
	dt_row(&d, "prices", "x,north,big,h100,8,commit_1y,none,6");
	dt_table(&d, "commitments",
	         "commitment,kind,provider,commitment_per_hour,starts_at,ends_at,payment\n"
	         "plan,savings_plan,x,12," TERM ",none\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "commitment", "plan");
	T_F64(0.5, dt_number(f, "used_ratio"), 1e-9);
	T_STR("commit commitment:plan action=lapse", dt_change(&d, f, 0));
	dt_close(&d);
}

static void test_expiring(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	dt_table(&d, "commitments", HELD "a,reserved_instance,x,north,big,h100,2,"
	         "2025-02-01T00:00:00Z,2026-02-01T00:00:00Z,none,0,6\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "commitment", "a");
	T_STR("expiring", f->verdict);
	T_F64(13, dt_number(f, "ends_in_days"), 1e-9);
	T_STR("", dt_change(&d, f, 0));
	T_F64(0.5, f->effort_days, 0);
	T_INT(0, dt_run(&d, "detectors:\n  stranded_commitment:\n    expiring_days: 12\n"));
	/* what ended a week ago does not end soon */
	dt_table(&d, "commitments", HELD "a,reserved_instance,x,north,big,h100,2,"
	         "2025-01-12T00:00:00Z,2026-01-12T00:00:00Z,none,0,6\n"
	         "b,reserved_instance,x,north,big,h100,2,"
	         "2026-01-12T00:00:00Z,2027-01-12T00:00:00Z,none,0,6\n");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d);
	dt_table(&d, "commitments", HELD "a,reserved_instance,x,north,big,h100,2," TERM
	         ",none,0,6\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_table(&d, "commitments", "commitment,kind,instance_type\n" "a,reserved_instance,big\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("commitment a: it says no units", d.why);
	dt_close(&d);

	dt_open(&d, 2, 3600);
	dt_table(&d, "nodes", NODES "n1,train,x,north,big,h100,8,reserved\n");
	dt_table(&d, "prices", PRICES);
	dt_table(&d, "commitments", HELD "a,reserved_instance,x,north,big,h100,5," TERM
	         ",none,0,6\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("the window is shorter than 7 days", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d);
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 20);
	dt_close(&d);
}

int main(void)
{
	test_stranded();
	test_layers();
	test_elsewhere();
	test_money();
	test_expiring();
	test_silence();
	test_out_of_memory();
	return T_END();
}
