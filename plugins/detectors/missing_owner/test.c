/* missing_owner on made-up bills: where it finds nobody's spend, and whose label it proposes. */
#include "detector_test.h"

enum { HOURS = 24 };
#define NO_PRICE (-1.0)

static void open_bill(dt *d)
{
	dt_open(d, 1, 3600);
	dt_table(d, "nodes", "node,node_group,gpus,price_per_hour\n");
	dt_table(d, "pods", "pod,namespace,node,workload,gpus,labels\n");
}

/* Pod `name` holds a node of that many cards for the whole day, at `price` an hour. */
static void spend(dt *d, const char *name, const char *owner, const char *namespace_,
                  const char *group, const char *creator, double price, int gpus)
{
	char price_text[32] = "", labels[128] = "";

	if (price > 0)
		snprintf(price_text, sizeof price_text, "%.6f", price);
	if (*owner || *creator)
		snprintf(labels, sizeof labels, "%s%s%s%s%s", *owner ? "team=" : "", owner,
		         *owner && *creator ? ";" : "", *creator ? "created-by=" : "", creator);
	dt_row(d, "nodes", "node-%s,%s,%d,%s", name, group, gpus, price_text);
	dt_row(d, "pods", "%s,%s,node-%s,,%d,%s", name, namespace_, name, gpus, labels);
}

static int64_t day_micro(double price)
{
	return llround(price * HOURS * 1e6);
}

static void test_places(void)
{
	const tt_found *f;
	dt d;

	open_bill(&d);
	spend(&d, "a", "", "", "", "", 3, 3);       /* neither namespace nor group */
	spend(&d, "b", "", "", "g-spot", "", 4, 4);
	spend(&d, "c", "", "runs", "g-a", "ann", 1, 1);
	spend(&d, "d", "", "runs", "g-b", "bob", 2.5, 2); /* the costliest of runs */
	spend(&d, "e", "ml", "other", "g-a", "", 90, 90);
	spend(&d, "f", "", "kube-system", "g-a", "", 90, 90); /* the system is no waste */
	T_INT(3, dt_run(&d, ""));
	f = dt_about(&d, "namespace", "runs");
	T_STR("nobody owns 72.0 GPU-hours of 2 pods in namespace runs (owner not plain)", f->title);
	T_STR("", dt_change(&d, f, 0));
	T_INT(day_micro(3.5), f->spend_concerned_micro);
	T_STR("bob", dt_text(f, "most_by_creator"));
	T_F64(2.5 / 3.5, dt_number(f, "creator_ratio"), 1e-9);
	T_F64(1, dt_number(f, "unowned_of_place_ratio"), 1e-9);
	T_STR("", dt_text(f, "best_label_owner"));
	T_STR("g-b", dt_text(f, "most_on_node_group"));
	T_F64(2, dt_number(f, "unowned_pods"), 0);
	T_F64(1, f->confidence_ratio, 0);
	f = dt_about(&d, "node_group", "g-spot");
	T_HAS(" GPU-hours of 1 pod in node group g-spot", f->title);
	T_INT(day_micro(4), f->spend_concerned_micro);
	f = dt_about(&d, "fleet", "");
	T_HAS("in pods outside of any namespace", f->title);
	T_INT(day_micro(3), f->spend_concerned_micro);
	for (size_t i = 0; i < d.found->n; i++) {
		T_STR("no_owner", d.found->v[i].verdict);
		T_INT(TT_RISK_NONE, d.found->v[i].risk);
		T_STR("", d.found->v[i].owner);
		T_F64(0.25, d.found->v[i].effort_days, 0);
	}
	T_INT(3, dt_run(&d, "detectors:\n  missing_owner:\n    effort_days: 2\n"));
	T_F64(2, dt_about(&d, "namespace", "runs")->effort_days, 0);
	dt_close(&d);
}

/* Of 100 that are owned in chat, search has `searchs`. */
static void open_chat(dt *d, double searchs)
{
	open_bill(d);
	spend(d, "a", "", "chat", "g", "", 10, 1);
	spend(d, "b", "search", "chat", "g", "", searchs, 2);
	spend(d, "c", "ads", "chat", "g", "", 100 - searchs, 2);
}

static void test_plain_owner(void)
{
	const tt_found *f;
	dt d;

	open_chat(&d, 95); /* just enough */
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "namespace", "chat");
	T_STR("label namespace:chat owner=search", dt_change(&d, f, 0));
	T_HAS("(24.0 of them plainly of search)", f->title);
	T_F64(0.95, f->confidence_ratio, 0);
	T_F64(24, dt_number(f, "plain_gpu_hours"), 1e-9);
	T_F64(10.0 / 110, dt_number(f, "unowned_of_place_ratio"), 1e-9);
	T_F64(10.0 / 110, dt_number(f, "unowned_of_bill_ratio"), 1e-9);
	T_F64(0, dt_number(f, "creator_ratio"), 0); /* nobody says who made it */
	T_STR("search", dt_text(f, "best_label_owner"));
	T_F64(1, dt_number(f, "best_label_fixes_ratio"), 1e-9);
	dt_close(&d);

	open_chat(&d, 94.9);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "namespace", "chat");
	T_STR("", dt_change(&d, f, 0));
	T_HAS("owner not plain", f->title);
	T_INT(1, dt_run(&d, "detectors:\n  missing_owner:\n    plain_owner_ratio: 0.6\n"));
	T_STR("label namespace:chat owner=search",
	      dt_change(&d, dt_about(&d, "namespace", "chat"), 0));
	dt_close(&d);

	open_bill(&d); /* a group, where no namespace is known; what a text of a change needs */
	spend(&d, "a", "", "", "g", "", 10, 1);
	spend(&d, "b", "R & D", "", "g", "", 10, 1);
	spend(&d, "c", "ml", "elsewhere", "g", "", 50, 1);
	spend(&d, "d", "web", "", "h", "", 50, 1);
	T_INT(1, dt_run(&d, ""));
	T_STR("label node_group:g owner=\"R & D\"",
	      dt_change(&d, dt_about(&d, "node_group", "g"), 0));
	dt_close(&d);

	open_bill(&d); /* but not for what is nowhere: that is no place to put a label on */
	spend(&d, "a", "", "", "", "", 10, 1);
	spend(&d, "b", "ml", "", "", "", 10, 1);
	T_INT(1, dt_run(&d, ""));
	T_STR("", dt_change(&d, dt_about(&d, "fleet", ""), 0));
	dt_close(&d);
}

/* Nobody else in the namespace, but its creator's other pods have an owner. */
static void test_plain_creator(void)
{
	const tt_found *f;
	dt d;

	open_bill(&d);
	spend(&d, "p 1", "", "chat", "g", "ann", 10, 1);
	spend(&d, "zed", "", "chat", "g", "bob", 10, 1); /* who has none elsewhere */
	spend(&d, "b", "search", "elsewhere", "g", "ann", 95, 1);
	spend(&d, "c", "ads", "elsewhere", "g", "", 500, 1);
	dt_row(&d, "nodes", "w,g,2,4");
	for (int i = 0; i < 2; i++) /* both pods of this workload are ann's */
		dt_row(&d, "pods", "w-%d,chat,w,w,1,created-by=ann", i);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "namespace", "chat");
	T_STR("label pod:\"p 1\",workload:w owner=search", dt_change(&d, f, 0));
	T_STR("", dt_change(&d, f, 1));
	T_HAS("96.0 GPU-hours of 4 pods", f->title);
	T_HAS("(72.0 of them plainly of search)", f->title);

	spend(&d, "e", "ads", "elsewhere", "g", "ann", 95, 1); /* hers is no longer plain */
	T_INT(1, dt_run(&d, ""));
	T_STR("", dt_change(&d, dt_about(&d, "namespace", "chat"), 0));
	dt_close(&d);

	open_bill(&d); /* two creators, two labels */
	spend(&d, "a", "", "chat", "g", "ann", 10, 1);
	spend(&d, "b", "", "chat", "g", "bob", 10, 2);
	spend(&d, "c", "search", "elsewhere", "g", "ann", 1, 1);
	spend(&d, "d", "ads", "elsewhere", "g", "bob", 1, 1);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "namespace", "chat");
	T_STR("label pod:b owner=ads", dt_change(&d, f, 0)); /* fixes most */
	T_STR("label pod:a owner=search", dt_change(&d, f, 1));
	T_STR("ads", dt_text(f, "best_label_owner"));
	T_F64(48.0 / 72, dt_number(f, "best_label_fixes_ratio"), 1e-9);
	T_HAS("(72.0 of them have a plain owner)", f->title);

	spend(&d, "e", "search", "chat", "g", "ann", 10, 4); /* what is labelled is not meant */
	spend(&d, "f", "ads", "chat", "g", "bob", 10, 4);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "namespace", "chat");
	T_STR("label pod:b owner=ads", dt_change(&d, f, 0));
	T_F64(72, dt_number(f, "plain_gpu_hours"), 1e-9);
	dt_close(&d);
}

/* More pods than one change should name. */
static void test_many_pods(void)
{
	const tt_found *f;
	size_t pods = 0;
	dt d;

	open_bill(&d);
	dt_row(&d, "nodes", "many,g,10,10");
	for (int i = 0; i < 1000; i++)
		dt_row(&d, "pods", "a-pod-of-ann-%04d,chat,many,,0.01,created-by=ann", i);
	spend(&d, "b", "search", "elsewhere", "g", "ann", 9, 1);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "namespace", "chat");
	T_OK(f->n_changes > 1);
	for (size_t i = 0; i < f->n_changes; i++) {
		const char *text = dt_change(&d, f, i);

		T_HAS(" owner=search", text);
		for (const char *p = text; (p = strstr(p, "pod:a-pod")); p++)
			pods++;
	}
	T_INT(1000, pods);
	T_F64(240, dt_number(f, "plain_gpu_hours"), 1e-6);
	dt_close(&d);
}

static void test_small(void)
{
	const tt_found *f;
	dt d;

	open_bill(&d);
	spend(&d, "a", "", "a", "", "", 0.10, 1);
	spend(&d, "b", "", "b", "", "bob", 0.20, 1);
	spend(&d, "c", "ml", "b", "", "", 0.05, 1);
	spend(&d, "d", "", "large", "", "", 50, 1);
	spend(&d, "e", "ml", "rest", "", "", 10000, 1000);
	T_INT(2, dt_run(&d, ""));
	T_STR("no_owner", dt_about(&d, "namespace", "large")->verdict);
	f = dt_about(&d, "fleet", "small");
	T_STR("no_owner_small", f->verdict);
	T_STR("label namespace:b owner=ml", dt_change(&d, f, 0)); /* plain is plain */
	T_STR("", dt_change(&d, f, 1));
	T_INT(day_micro(0.30), f->spend_concerned_micro);
	T_F64(2, dt_number(f, "places"), 0);
	T_STR("bob", dt_text(f, "most_by_creator"));
	T_HAS("nobody owns 48.0 GPU-hours of 2 pods in 2 small places (24.0 of them plainly of ml)",
	      f->title);
	T_F64(0.5, f->effort_days, 0);
	T_INT(3, dt_run(&d, "detectors:\n  missing_owner:\n    min_spend_ratio: 0\n"));
	dt_close(&d);

	open_bill(&d); /* nobody looks at a thousand places */
	for (int i = 0; i < 25; i++) {
		char name[16];

		snprintf(name, sizeof name, "s%d", i);
		spend(&d, name, "", name, "", "", 0.01, 1);
	}
	spend(&d, "e", "ml", "rest", "", "", 10000, 1000);
	T_INT(1, dt_run(&d, ""));
	T_F64(20 * 0.25, dt_about(&d, "fleet", "small")->effort_days, 0);
	dt_close(&d);
}

/* Card-hours take the place of money where there are no prices; 0 is never said. */
static void test_without_prices(void)
{
	const tt_found *f;
	dt d;

	open_bill(&d);
	spend(&d, "a", "", "a", "", "", NO_PRICE, 400);
	spend(&d, "b", "search", "a", "", "", NO_PRICE, 3000);
	spend(&d, "c", "ads", "a", "", "", NO_PRICE, 1);
	spend(&d, "d", "", "tiny", "", "", NO_PRICE, 1);
	T_INT(2, dt_run(&d, ""));
	f = dt_about(&d, "namespace", "a");
	T_OK(f->spend_concerned_micro == TT_MONEY_UNKNOWN);
	T_F64(400 * HOURS, dt_number(f, "unowned_gpu_hours"), 1e-6);
	T_STR("label namespace:a owner=search", dt_change(&d, f, 0));
	T_STR("no_owner_small", dt_about(&d, "fleet", "small")->verdict);
	T_HAS("1 small place (", dt_about(&d, "fleet", "small")->title);
	dt_close(&d);
}

static void test_all_owned(void)
{
	dt d;

	open_bill(&d);
	spend(&d, "a", "ml", "a", "g", "ann", 1, 1);
	spend(&d, "b", "ml", "", "g", "ann", 1, 1);
	spend(&d, "c", "ml", "", "", "", 1, 1);
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_table(&d, "pods", ""); /* nothing is known of who was there */
	T_INT(0, dt_run(&d, ""));
	T_STR("no rows of pods.csv", d.why);
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_chat(&d, 95);
	spend(&d, "x", "", "tiny", "g", "ann", 0.01, 1);
	spend(&d, "y", "ml", "elsewhere", "g", "ann", 1, 1);
	T_INT(2, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 50);
	T_STR("label pod:x owner=ml", dt_change(&d, dt_about(&d, "fleet", "small"), 0));
	dt_close(&d);
}

int main(void)
{
	test_places();
	test_plain_owner();
	test_plain_creator();
	test_many_pods();
	test_small();
	test_without_prices();
	test_all_owned();
	test_out_of_memory();
	return T_END();
}
