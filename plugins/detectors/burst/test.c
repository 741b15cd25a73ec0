/* burst on made-up runs: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

enum { HOUR = 3600, SATURDAY = 5 * 24 };

#define PODS "pod,namespace,node,workload,workload_kind,gpus,started_at,ended_at,outcome,labels\n"

/* Five nodes of eight cards, all taken for ten hours from that hour of the week on. */
static void open_scene(dt *d, int hour, const char *kind, const char *labels)
{
	dt_open(d, 14, HOUR);
	dt_table(d, "nodes", "node,gpus,price_per_hour\n");
	dt_table(d, "pods", PODS);
	for (int i = 0; i < 5; i++) {
		dt_row(d, "nodes", "n%d,8,16", i);
		dt_row(d, "pods", "p%d,scratch,n%d,sweep,%s,8,%d,%d,cancelled,%s", i, i, kind,
		       DT_START_S + hour * HOUR + i * 300,
		       DT_START_S + (hour + 10) * HOUR + i * 300, labels);
	}
}

static void test_unowned(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, SATURDAY + 6, "training", "created-by=ann");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "sweep");
	T_STR("unowned", f->verdict);
	T_STR("sweep took 40 cards at once out of hours, 400 card-hours in 1 burst, and has no "
	      "owner", f->title);
	T_STR("", dt_change(&d, f, 0));
	T_F64(40, dt_number(f, "cards"), 0);
	T_F64(400, dt_number(f, "card_h"), 1e-9);
	T_STR("2026-01-10T06:00:00Z", dt_text(f, "began_at"));
	T_STR("admit no more than 32 cards without an owner and a budget outside of mon-fri 06-20 "
	      "h UTC", dt_text(f, "guard"));
	T_INT(800 * 1000000, f->spend_concerned_micro);
	T_INT(0, dt_run(&d, "detectors:\n  burst:\n    min_cards: 41\n"));
	T_INT(0, dt_run(&d, "detectors:\n  burst:\n    min_card_h: 401\n"));
	/* what the namespace has otherwise says whose it is */
	dt_row(&d, "pods", "q,scratch,n0,other,batch,8,%d,%d,succeeded,team=ml", DT_START_S,
	       DT_START_S + 8 * HOUR);
	T_INT(1, dt_run(&d, ""));
	T_STR("label workload:sweep owner=ml", dt_change(&d, dt_about(&d, "workload", "sweep"), 0));
	dt_close(&d);
}

static void test_unbudgeted(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d, 24 + 22, "batch", "team=ml"); /* Tuesday night */
	T_INT(0, dt_run(&d, "")); /* nobody has a budget */
	dt_table(&d, "budgets", "owner,starts_at,ends_at,amount\n"
	         "ads,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,5\n");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "workload", "sweep");
	T_STR("unbudgeted", f->verdict);
	T_STR("ml", f->owner);
	T_STR("", dt_change(&d, f, 0));
	dt_table(&d, "budgets", "owner,starts_at,ends_at,amount\n"
	         "ml,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,5\n");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d, 24 + 10, "batch", ""); /* Tuesday at ten */
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	T_INT(1, dt_run(&d, "detectors:\n  burst:\n    work_from_h: 11\n"));
	dt_close(&d);
	open_scene(&d, SATURDAY, "inference", "");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);

	open_scene(&d, SATURDAY, "batch", ""); /* one after the other */
	dt_table(&d, "pods", PODS);
	for (int i = 0; i < 5; i++)
		dt_row(&d, "pods", "p%d,scratch,n%d,sweep,batch,8,%d,%d,failed,", i, i,
		       DT_START_S + (SATURDAY + 2 * i) * HOUR,
		       DT_START_S + (SATURDAY + 2 * i + 20) * HOUR);
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

/* Tries of one node that each end before the next begins are never at once. */
static void test_tries(void)
{
	dt d;

	open_scene(&d, SATURDAY, "batch", "");
	dt_table(&d, "pods", PODS);
	for (int i = 0; i < 6; i++)
		dt_row(&d, "pods", "p%d,scratch,n0,sweep,batch,8,%d,%d,%s,", i,
		       DT_START_S + SATURDAY * HOUR + i * 600,
		       DT_START_S + SATURDAY * HOUR + (i < 5 ? i * 600 + 600 : 20 * HOUR),
		       i < 5 ? "failed" : "succeeded");
	T_INT(0, dt_run(&d, ""));
	T_INT(1, dt_run(&d, "detectors:\n  burst:\n    min_cards: 8\n"));
	T_F64(8, dt_number(dt_about(&d, "workload", "sweep"), "cards"), 0);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d, SATURDAY, "batch", "");
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 5);
	dt_close(&d);
}

int main(void)
{
	test_unowned();
	test_unbudgeted();
	test_silence();
	test_tries();
	test_out_of_memory();
	return T_END();
}
