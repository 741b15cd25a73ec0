/* experiment_sprawl on made-up volumes and pods: what it says, when it is silent. */
#include "detector_test.h"

enum { DAY = 24 * 3600 };

#define VOLUMES "volume,owner,size_mib,storage_class,price_per_hour,last_read_at," \
	"last_written_at,attached_to\n"

static void open_scene(dt *d)
{
	dt_open(d, 7, 3600);
	dt_table(d, "nodes", "node,gpus,price_per_hour\n" "n1,4,8\n");
	dt_table(d, "pods", "pod,namespace,node,workload,gpus,workload_kind,labels\n"
	         "lab,ml,n1,nb,1,notebook,team=ml\n" "work,ml,n1,run,1,training,team=ml\n");
	dt_usage(d, "n1/0", "lab", 0, 24, 30, 4000);
	dt_usage(d, "n1/0", "lab", 24, DT_END, 0.5, 4000);
	dt_usage(d, "n1/1", "work", 0, DT_END, 80, 4000);
}

static void volume(dt *d, const char *name, double read_d, const char *attached)
{
	const long end_s = DT_START_S + 7L * DAY;

	dt_row(d, "volumes", "%s,ml,2097152,ssd,0.25,%ld,%ld,%s", name,
	       end_s - (long)(read_d * DAY), end_s - (long)(read_d * DAY) - 60, attached);
}

/* An owner has one finding of each kind. */
static const tt_found *with(const dt *d, const char *verdict, const char *about)
{
	for (size_t i = 0; i < d->found->n; i++)
		if (strcmp(d->found->v[i].verdict, verdict) == 0 &&
		    strcmp(d->found->v[i].subject_id, about) == 0)
			return &d->found->v[i];
	T_STR(verdict, "not found");
	return &d->found->v[0];
}

static void test_volumes(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	dt_usage(&d, "n1/0", "lab", 0, DT_END, 30, 4000);
	dt_table(&d, "volumes", VOLUMES);
	volume(&d, "fresh", 1, "");
	volume(&d, "old", 60, "");
	volume(&d, "kept", 60, "n1");
	volume(&d, "cold", 100, "n1");
	T_INT(2, dt_run(&d, ""));
	f = with(&d, "orphaned_volume", "volumes of ml");
	T_STR("scale charge:old factor=0", dt_change(&d, f, 0));
	T_STR("volume old (2048 GiB) was not read for 60 days and is attached to nothing",
	      f->title);
	T_F64(60, dt_number(f, "unread_days"), 1e-9);
	T_INT(42 * 1000000, f->spend_concerned_micro);
	T_STR("ml", f->owner);
	T_F64(0.9, f->confidence_ratio, 1e-9);
	f = with(&d, "unread_volume", "volumes of ml");
	T_STR("scale charge:cold factor=0.2", dt_change(&d, f, 0));
	T_INT(1, dt_run(&d, "detectors:\n  experiment_sprawl:\n    orphaned_after_d: 61\n"));
	T_INT(0, dt_run(&d, "detectors:\n  experiment_sprawl:\n    min_per_month: 183\n"));
	/* who is written to is used; nobody knows when it was read; nobody knows its price */
	dt_table(&d, "volumes", VOLUMES "a,,1024,ssd,1,1700000000,1768000000,\n"
	         "b,,1024,ssd,1,,1700000000,\n" "c,,1024,ssd,,1700000000,1700000000,\n");
	T_INT(0, dt_run(&d, ""));
	/* where no volume says what has it, none is known to be left behind */
	dt_table(&d, "volumes", VOLUMES);
	volume(&d, "old", 60, "");
	volume(&d, "cold", 100, "");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

/* What an owner left behind is one line, and one step of the plan. */
static void test_owners(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	dt_usage(&d, "n1/0", "lab", 0, DT_END, 30, 4000);
	dt_table(&d, "volumes", VOLUMES "z,,1024,ssd,0.5,1700000000,1700000000,\n");
	volume(&d, "b", 60, "");
	volume(&d, "kept", 1, "n1");
	volume(&d, "a", 40, "");
	T_INT(2, dt_run(&d, ""));
	f = with(&d, "orphaned_volume", "volumes of ml");
	T_STR("scale charge:a,charge:b factor=0", dt_change(&d, f, 0));
	T_STR("2 volumes of ml (4096 GiB) were not read for 40 to 60 days and are attached to "
	      "nothing", f->title);
	T_F64(40, dt_number(f, "unread_days"), 1e-9);
	T_F64(60, dt_number(f, "most_unread_days"), 1e-9);
	T_F64(2, dt_number(f, "volumes"), 0);
	T_F64(0.5, dt_number(f, "price_per_hour"), 1e-9);
	T_INT(84 * 1000000, f->spend_concerned_micro);
	T_F64(0.26, f->effort_days, 1e-9);
	T_F64(0.85, f->confidence_ratio, 1e-9); /* of the one that is closest */
	f = with(&d, "orphaned_volume", "volumes without an owner");
	T_STR("scale charge:z factor=0", dt_change(&d, f, 0));
	T_STR("", f->owner);

	dt_table(&d, "volumes", VOLUMES);
	volume(&d, "kept", 1, "n1");
	for (int i = 0; i < 150; i++) {
		char name[16];

		snprintf(name, sizeof name, "v%03d", i);
		volume(&d, name, 60, "");
	}
	T_INT(1, dt_run(&d, ""));
	f = with(&d, "orphaned_volume", "volumes of ml");
	T_F64(150, dt_number(f, "volumes"), 0);
	T_HAS("charge:v000,", dt_change(&d, f, 0));
	T_HAS("charge:v149 factor=0", dt_change(&d, f, 1));
	dt_close(&d);
}

/* Where no volume says when it was read the audit says so, whatever is found of pods. */
static void test_unknown(void)
{
	const char *why = "which volumes nobody reads is not known: no last_read_at in volumes.csv";
	dt d;

	open_scene(&d);
	dt_table(&d, "volumes", "volume,owner,size_mib,price_per_hour,attached_to\n"
	         "a,ml,1024,1,\n" "b,ml,1024,1,n1\n");
	T_INT(1, dt_run(&d, ""));
	T_STR("abandoned", dt_about(&d, "pod", "lab")->verdict);
	T_STR(why, d.why);
	dt_usage(&d, "n1/0", "lab", 0, DT_END, 30, 4000);
	T_INT(0, dt_run(&d, ""));
	T_STR(why, d.why);
	dt_close(&d);
}

static void test_pods(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "pod", "lab");
	T_STR("abandoned", f->verdict);
	T_STR("release pod:lab from=2026-01-06T00:00:00Z", dt_change(&d, f, 0));
	T_STR("notebook pod lab holds 1 card and has done nothing for 144 h, coverage 100 %",
	      f->title);
	T_F64(144, dt_number(f, "idle_h"), 1e-9);
	T_INT(2 * 144 * 1000000, f->spend_concerned_micro); /* a quarter of 8 an hour */
	T_INT(0, dt_run(&d, "detectors:\n  experiment_sprawl:\n    abandoned_after_h: 145\n"));
	/* half of it was not measured */
	dt_usage(&d, "n1/0", "lab", 60, 140, (double)NAN, (double)NAN);
	T_INT(0, dt_run(&d, ""));
	T_INT(1, dt_run(&d, "detectors:\n  experiment_sprawl:\n    min_coverage_ratio: 0.4\n"));
	dt_usage(&d, "n1/0", "lab", 24, DT_END, 0.5, 4000);
	dt_usage(&d, "n1/0", "lab", 120, 121, 3, 4000); /* somebody came back */
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d);
	dt_table(&d, "pods", "pod,namespace,node,workload,gpus,workload_kind,ended_at\n"
	         "lab,ml,n1,nb,1,inference,\n" "work,ml,n1,run,1,training,\n");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_table(&d, "pods", "pod,namespace,node,workload,gpus,workload_kind,ended_at\n");
	dt_row(&d, "pods", "lab,ml,n1,nb,1,notebook,%d", DT_START_S + 6 * DAY); /* gone */
	T_INT(0, dt_run(&d, ""));
	dt_table(&d, "pods", "");
	T_INT(0, dt_run(&d, ""));
	T_STR("no rows of volumes.csv, and of no pod with cards", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d);
	dt_table(&d, "volumes", VOLUMES);
	volume(&d, "old", 60, "");
	volume(&d, "used", 1, "n1");
	T_INT(2, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 10);
	dt_close(&d);
}

int main(void)
{
	test_volumes();
	test_owners();
	test_unknown();
	test_pods();
	test_silence();
	test_out_of_memory();
	return T_END();
}
