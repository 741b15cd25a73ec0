/* Changes on a case: names looked up, savings exact, the order without effect. */
#include "change/apply.h"
#include "fleet.h"

static tt_settings *settings;
static tt_arena *arena;

enum { END = 36000, HOUR = 1000000 }; /* a node-hour costs 1 */

static tt_change *parse(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_STR("", err.text);
	return change;
}

/* Two nodes of two cards and one of one, ten hours; a pod on each card of n0, one on a
 * slice of n2. */
static void open_fleet(fleet *f)
{
	fleet_open(f, 0, END);
	for (int i = 0; i < 3; i++) {
		tt_node_row *n = fleet_node(f, fleet_text(f, "n%d", i), i < 2 ? 2 : 1);

		n->node_group = i < 2 ? "big" : "small";
		n->price_per_hour = TT_DECIMAL_ONE;
	}
	for (int i = 0; i < 4; i++) {
		const char *node = fleet_text(f, "n%d", i / 2);
		const char *pod = fleet_text(f, "p%d", i);
		uint32_t card = fleet_card(f, node, fleet_text(f, "%d", i % 2), "");

		if (i < 2) {
			tt_pod_row *p = fleet_pod(f, pod, node, 1);

			p->workload = "w";
			p->namespace_ = "lab";
			p->started_at = 3600 * (1 + i);
			fleet_hold(f, card, pod, p->started_at, END, 60, 1);
		}
	}
	tt_pod_row *p = fleet_pod(f, "slice", "n2", 0.5);
	p->namespace_ = "web";
	fleet_hold(f, fleet_card(f, "n2", "0", "1"), "slice", 0, END, 60, 1);
	fleet_card(f, "n2", "0", "2");
	fleet_ready(f);
}

static int64_t cost(const fleet *f, const char *a, const char *b)
{
	const tt_change *changes[] = { a ? parse(a) : NULL, b ? parse(b) : NULL };
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(TT_OK, tt_changes_cost(&f->s, settings, changes, (size_t)(a != NULL) + (b != NULL),
				     &micro, &err));
	T_STR("", err.text);
	return micro;
}

static void test_release(const fleet *f)
{
	T_INT(30 * HOUR, cost(f, NULL, NULL));
	T_INT(20 * HOUR, cost(f, "release node:n0", NULL));
	T_INT(10 * HOUR, cost(f, "release node_group:big", NULL));
	T_INT(10 * HOUR, cost(f, "release node_group:big", "release node:n0"));
	T_INT(30 * HOUR, cost(f, "release card:n1/0", NULL));
	T_INT(20 * HOUR, cost(f, "release card:n1/0", "release card:n1/1"));
	T_INT(20 * HOUR, cost(f, "release card:n1/0,card:n1/1", NULL));
	T_INT(20 * HOUR, cost(f, "release card:n2/0", NULL)); /* with both its slices */
	T_INT(30 * HOUR, cost(f, "release pod:p0", NULL));
	T_INT(22 * HOUR, cost(f, "release pod:p0", "release pod:p1"));
	T_INT(22 * HOUR, cost(f, "release workload:w", NULL));
	T_INT(28 * HOUR, cost(f, "release node:n0 from=1970-01-01T01:00:00Z "
				 "until=1970-01-01T03:00:00Z", NULL));
	T_INT(30 * HOUR, cost(f, "label node_group:big owner=ml", "label pod:p0 owner=ml"));
}

#define PRICED "release, resize, schedule, retype, share, scale, reprice, commit, label"

static void refused(const fleet *f, const char *text, int status, const char *why)
{
	const tt_change *change = parse(text);
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(status, tt_changes_cost(&f->s, settings, &change, 1, &micro, &err));
	T_STR(why, err.text);
	T_INT(-1, micro);
}

static void test_refused(const fleet *f)
{
	refused(f, "release node:x", TT_EDATA, "release: node \"x\" is not in the fleet");
	refused(f, "release node_group:x", TT_EDATA,
		"release: node_group \"x\" is not in the fleet");
	refused(f, "release pod:x", TT_EDATA, "release: pod \"x\" is not in the fleet");
	refused(f, "release workload:x", TT_EDATA, "release: workload \"x\" is not in the fleet");
	refused(f, "release card:n0/7", TT_EDATA, "release: card \"n0/7\" is not in the fleet");
	refused(f, "release card:n9/0", TT_EDATA, "release: card \"n9/0\" is not in the fleet");
	refused(f, "release card:n2/0/1", TT_EDATA,
		"release: \"n2/0/1\" is a slice, which is not released alone; expected a card "
		"like \"n2/0\"");
	refused(f, "label namespace:x owner=ml", TT_EDATA,
		"label: namespace \"x\" is not in the fleet");
	refused(f, "label pod:x owner=ml", TT_EDATA, "label: pod \"x\" is not in the fleet");
	refused(f, "release card:n0/0 repack=true", TT_EINVAL,
		"release of a card with repack is not priced yet; priced are " PRICED);
	refused(f, "label pod:p0 owner=ml from=1970-01-01T01:00:00Z", TT_EINVAL,
		"label with from or until is not priced yet; priced are " PRICED);
	refused(f, "label pod:p0 owner=ml until=1970-01-01T01:00:00Z", TT_EINVAL,
		"label with from or until is not priced yet; priced are " PRICED);
	T_OK(tt_change_unpriced(parse("release node:n0")) == NULL);
	T_OK(tt_change_unpriced(parse("label pod:p0 owner=ml")) == NULL);
	T_OK(tt_change_unpriced(parse("retype workload:w gpu_model=l4")) == NULL);
	T_OK(tt_change_unpriced(parse("release node:n0 repack=true")) == NULL);
}

/* A name may hold what an id is put together with. */
static void test_slashes(void)
{
	fleet f;

	fleet_open(&f, 0, END);
	fleet_node(&f, "rack/1", 1)->price_per_hour = TT_DECIMAL_ONE;
	fleet_node(&f, "n", 1)->price_per_hour = TT_DECIMAL_ONE;
	fleet_node(&f, "m", 1)->price_per_hour = TT_DECIMAL_ONE;
	fleet_card(&f, "rack/1", "0", "");
	fleet_card(&f, "n", "pci/0", "");
	fleet_card(&f, "m", "pci/0", "1"); /* a card that has slices only */
	fleet_ready(&f);
	T_INT(20 * HOUR, cost(&f, "release card:rack/1/0", NULL));
	T_INT(20 * HOUR, cost(&f, "release card:n/pci/0", NULL));
	T_INT(20 * HOUR, cost(&f, "release card:m/pci/0", NULL));
	refused(&f, "release card:m/pci/0/1", TT_EDATA,
		"release: \"m/pci/0/1\" is a slice, which is not released alone; expected a card "
		"like \"m/pci/0\"");
	refused(&f, "release card:n/pci", TT_EDATA, "release: card \"n/pci\" is not in the fleet");
	fleet_close(&f);
}

static void test_label(const fleet *f)
{
	const tt_change *change = parse("label workload:w,namespace:web owner=ml");
	tt_bill *b = NULL;
	tt_case cs;

	tt_case_init(&cs, &f->s, settings);
	T_INT(TT_OK, tt_bill_make(&cs, settings, &b, NULL));
	T_INT(0, b->bucket_micro[0][TT_PRODUCTIVE]);
	T_OK(b->reason_micro[0][TT_NO_OWNER] > 0);
	const int64_t total = b->total_micro;
	tt_bill_free(b);
	b = NULL;
	T_INT(TT_OK, tt_change_apply(change, &cs, NULL));
	T_INT(TT_OK, tt_bill_make(&cs, settings, &b, NULL));
	T_INT(total, b->total_micro);
	T_OK(b->bucket_micro[0][TT_PRODUCTIVE] > 0);
	T_INT(0, b->reason_micro[0][TT_NO_OWNER]);
	T_STR("ml", b->nodes[0].owner);
	tt_bill_free(b);
	tt_case_reset(&cs);
}

/* Any set in any order: the cost is the same, that of the bill, and never above the
 * baseline or below what a larger set costs. */
static void test_orders(const fleet *f)
{
	static const char *const texts[] = {
		"release card:n1/0", "release pod:p0", "label pod:p0 owner=a", "release card:n1/1",
		"label node:n0 owner=b", "release pod:p1 from=1970-01-01T04:00:00Z",
		"release card:n0/1 until=1970-01-01T05:00:00Z", "release card:n2/0",
		"schedule workload:w hours=\"thu 02:00-06:30\"", "resize workload:w replicas=1",
		"release node_group:big hours=01:00-03:00", "resize node_group:big nodes=1"
	};
	enum { N = sizeof texts / sizeof *texts };
	const tt_change *all[N];

	for (int i = 0; i < N; i++)
		all[i] = parse(texts[i]);
	for (unsigned set = 0; set < 1u << N; set++) {
		const tt_change *up[N], *down[N];
		size_t n = 0;
		int64_t first = -1, second = -1, fewer = -1;
		tt_bill *b = NULL;
		tt_case cs;

		for (int i = 0; i < N; i++)
			if (set >> i & 1)
				up[n++] = all[i];
		for (size_t i = 0; i < n; i++)
			down[i] = up[n - 1 - i];
		T_INT(TT_OK, tt_changes_cost(&f->s, settings, up, n, &first, NULL));
		T_INT(TT_OK, tt_changes_cost(&f->s, settings, down, n, &second, NULL));
		T_INT(first, second);
		if (n)
			T_INT(TT_OK, tt_changes_cost(&f->s, settings, up, n - 1, &fewer, NULL));
		T_(!n || first <= fewer, "set %x costs more than without its last", set);
		tt_case_init(&cs, &f->s, settings);
		for (size_t i = 0; i < n; i++)
			T_INT(TT_OK, tt_change_apply(up[i], &cs, NULL));
		T_INT(TT_OK, tt_bill_make(&cs, settings, &b, NULL));
		T_INT(first, b->total_micro);
		tt_bill_free(b);
		tt_case_reset(&cs);
	}
}

int main(void)
{
	fleet f;

	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	open_fleet(&f);
	test_release(&f);
	test_refused(&f);
	test_slashes();
	test_label(&f);
	test_orders(&f);
	fleet_close(&f);
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
