/* The bill: exact amounts worked out by hand, each in one bucket. */
#include "bill_check.h"

static const tt_decimal PRICE = 98320000000000; /* 98.32 an hour: 98320000 micro-units */

static tt_node_row *node(fleet *f, const char *name, double gpus)
{
	tt_node_row *n = fleet_node(f, name, gpus);

	n->price_per_hour = PRICE;
	return n;
}

static tt_pod_row *pod(fleet *f, const char *name, double gpus, const char *owner)
{
	tt_pod_row *p = fleet_pod(f, name, "n", gpus);

	p->labels = *owner ? fleet_text(f, "team=%s", owner) : "";
	p->started_at = f->s.start_s;
	p->ended_at = f->s.end_s;
	return p;
}

/* Sum of the cells of a bucket (and reason) and owner. */
static int64_t cost(const tt_bill *b, enum tt_rule rule, enum tt_bucket bucket,
		    enum tt_reason reason, const char *owner)
{
	int64_t sum = 0;

	for (size_t i = 0; i < b->n_cells[rule]; i++) {
		const tt_cell *c = &b->cells[rule][i];

		if (c->bucket == bucket && c->reason == reason && strcmp(c->owner, owner) == 0)
			sum += c->cost_micro;
	}
	return sum;
}

static int64_t share(const tt_bill *b, enum tt_bucket bucket, enum tt_reason reason,
		     const char *owner)
{
	return cost(b, TT_RULE_SHARE, bucket, reason, owner);
}

/* --- An 8-card node-hour, worked out by hand in exact fractions ----------------------- */

static void node_hour(fleet *f)
{
	static const struct {
		const char *owner;
		int64_t s;
		double pct;
	} of[] = { { "ml", 3600, 81.2 }, { "ml", 3600, 64 }, { "search", 1800, 3.5 },
		   { "search", 900, 100 }, { "", 3600, 50 }, { "ml", 3600, -1 } };

	fleet_open(f, 0, 3600);
	node(f, "n", 8);
	for (int i = 0; i < 6; i++) {
		const char *name = fleet_text(f, "p%d", i);
		uint32_t card = fleet_card(f, "n", fleet_text(f, "%d", i), "");

		pod(f, name, 1, of[i].owner)->ended_at = of[i].s;
		if (of[i].pct >= 0)
			fleet_hold(f, card, name, 0, of[i].s, of[i].s, of[i].pct);
	}
}

static void test_node_hour(void)
{
	fleet f;

	node_hour(&f);
	tt_bill *b = make(&f);
	const int64_t *bucket = b->bucket_micro[TT_RULE_SHARE];
	T_INT(98320000, b->total_micro);
	T_INT(21132655, bucket[TT_PRODUCTIVE]);
	T_INT(12664845, bucket[TT_ALLOCATED_IDLE]);
	T_INT(24580000, bucket[TT_UNATTRIBUTED]);
	T_INT(39942500, bucket[TT_UNALLOCATED_IDLE]);
	T_INT(0, bucket[TT_TAX]);
	T_INT(17845080, share(b, TT_PRODUCTIVE, TT_REASON_NONE, "ml"));
	T_INT(3287575, share(b, TT_PRODUCTIVE, TT_REASON_NONE, "search"));
	T_INT(6734920, share(b, TT_ALLOCATED_IDLE, TT_REASON_NONE, "ml"));
	T_INT(5929925, share(b, TT_ALLOCATED_IDLE, TT_REASON_NONE, "search"));
	T_INT(12290000, share(b, TT_UNATTRIBUTED, TT_NO_OWNER, ""));
	T_INT(12290000, share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "ml"));
	/* above 10 %: ml's two cards whole, search's 900 s; 3.5 % is idle */
	T_INT(2 * 12290000 + 3072500, b->bucket_micro[TT_RULE_THRESHOLD][TT_PRODUCTIVE]);
	T_INT(6145000, b->bucket_micro[TT_RULE_THRESHOLD][TT_ALLOCATED_IDLE]);
	T_INT(24580000, b->bucket_micro[TT_RULE_THRESHOLD][TT_UNATTRIBUTED]);
	T_F64(8, b->gpu_hours, 0);
	T_F64(0, b->unknown_gpu_hours, 0);
	T_STR("ml", b->nodes[0].owner);
	T_STR("unknown", b->nodes[0].workload_kind);
	T_INT(5, b->n_gpu_util);
	T_INT(0, b->n_sm_active);
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_system_and_creators(void)
{
	fleet f;

	fleet_open(&f, 0, 3600);
	node(&f, "n", 4)->labels = "team=infra";
	pod(&f, "check", 1, "x")->namespace_ = "gpu-operator";
	tt_pod_row *p = pod(&f, "run", 2, "");
	p->namespace_ = "lab";
	p->labels = "created-by=ann";
	tt_bill *b = make(&f);
	T_INT(98320000 / 4, b->bucket_micro[TT_RULE_SHARE][TT_TAX]);
	T_INT(98320000 / 2, share(b, TT_UNATTRIBUTED, TT_NO_OWNER, ""));
	T_INT(98320000 / 4, share(b, TT_UNALLOCATED_IDLE, TT_REASON_NONE, "infra"));
	T_STR("", b->nodes[0].owner);

	tt_spend *lines = NULL;
	T_INT(3, tt_bill_lines(b, settings, &lines, NULL));
	T_STR("ann", lines[0].creator);
	T_STR("lab", lines[0].namespace_);
	T_STR("unattributed", lines[0].bucket);
	T_STR("no_owner", lines[0].reason);
	T_INT(1, lines[0].pods);
	T_F64(2, lines[0].gpu_hours, 1e-12);
	T_STR("unallocated_idle", lines[1].bucket);
	T_STR("", lines[1].workload_kind);
	T_INT(0, lines[1].pods);
	T_STR("tax", lines[2].bucket);
	T_STR("system", lines[2].workload_kind);
	tt_bill_free(b);
	fleet_close(&f);
}

/* --- Who was there is known, or not ---------------------------------------------------- */

static enum tt_reason reason_of_n(fleet *f)
{
	tt_bill *b = make(f);
	const tt_node_bill *nb = &b->nodes[tt_snapshot_find_node(&f->s, "n")];
	enum tt_reason reason = b->cells[0][nb->first_cell[0]].reason;

	T_INT(1, nb->n_cells[0]);
	tt_bill_free(b);
	fleet_close(f);
	return reason;
}

static void test_unknown_allocation(void)
{
	fleet f;

	fleet_open(&f, 0, 3600); /* no pods, no demand: not idle, but not known */
	node(&f, "n", 8);
	T_INT(TT_NO_ALLOCATION_DATA, reason_of_n(&f));
	fleet_open(&f, 0, 3600); /* pods elsewhere in its cluster: it was free */
	node(&f, "n", 8)->cluster = "c";
	node(&f, "m", 8)->cluster = "c";
	fleet_pod(&f, "p", "m", 1);
	T_INT(TT_REASON_NONE, reason_of_n(&f));
	fleet_open(&f, 0, 3600); /* in another cluster: not known */
	node(&f, "n", 8)->cluster = "c";
	node(&f, "m", 8)->cluster = "d";
	fleet_pod(&f, "p", "m", 1);
	T_INT(TT_NO_ALLOCATION_DATA, reason_of_n(&f));
	fleet_open(&f, 0, 3600); /* a pod that may be here */
	node(&f, "n", 8)->cluster = "c";
	node(&f, "m", 8)->cluster = "c";
	fleet_pod(&f, "p", "m", 1);
	fleet_pod(&f, "q", "", 1)->cluster = "c";
	T_INT(TT_NO_ALLOCATION_DATA, reason_of_n(&f));
	fleet_open(&f, 0, 3600); /* one that never started, and one seen in telemetry */
	node(&f, "n", 8)->cluster = "c";
	node(&f, "m", 8)->cluster = "c";
	fleet_pod(&f, "p", "m", 1);
	fleet_pod(&f, "q", "", 1)->submitted_at = 5;
	fleet_pod(&f, "r", "", 1)->cluster = "c";
	fleet_hold(&f, fleet_card(&f, "m", "1", ""), "r", 0, 60, 60, 1);
	T_INT(TT_REASON_NONE, reason_of_n(&f));
	fleet_open(&f, 0, 3600); /* telemetry that names no pod on this node */
	node(&f, "n", 1);
	fleet_measure(&f, fleet_card(&f, "n", "0", ""), TT_GPU_UTIL_PCT, 3600, 0);
	f.s.usage_has_pods = 1;
	T_INT(TT_REASON_NONE, reason_of_n(&f));
	fleet_open(&f, 0, 3600); /* nor on any other */
	node(&f, "n", 1);
	fleet_measure(&f, fleet_card(&f, "n", "0", ""), TT_GPU_UTIL_PCT, 3600, 0);
	T_INT(TT_NO_ALLOCATION_DATA, reason_of_n(&f));
	fleet_open(&f, 0, 3600); /* a pod that doesn't say what it holds */
	node(&f, "n", 1);
	fleet_pod(&f, "p", "n", (double)NAN);
	T_INT(TT_NO_ALLOCATION_DATA, reason_of_n(&f));
}

static void test_unknown_price(void)
{
	fleet f;

	fleet_open(&f, 0, 3600);
	fleet_node(&f, "n", 8);
	node(&f, "m", 2);
	pod(&f, "p", 2, "ml");
	tt_bill *b = make(&f);
	T_INT(98320000, b->total_micro);
	T_INT(1, b->unknown_nodes);
	T_F64(8, b->unknown_gpu_hours, 0);
	T_F64(10, b->gpu_hours, 0);
	T_OK(b->nodes[1].cost_micro == TT_MONEY_UNKNOWN);
	T_INT(2, b->nodes[1].n_cells[0]);
	T_F64(2, b->cells[0][b->nodes[1].first_cell[0]].gpu_hours, 1e-12);
	T_STR("", b->nodes[1].price_from);
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_overflow(void)
{
	fleet f;
	tt_case c;
	tt_bill *b = NULL;
	tt_err err = { 0 };
	int64_t total = 7;

	fleet_open(&f, 0, 36000);
	for (int i = 0; i < 3; i++)
		fleet_node(&f, fleet_text(&f, "n%d", i), 1)->price_per_hour =
			400000000000 * TT_DECIMAL_ONE;
	fleet_ready(&f);
	tt_case_init(&c, &f.s, settings);
	T_INT(TT_EDATA, tt_bill_make(&c, settings, &b, &err));
	T_HAS("node \"n2\": ", err.text);
	T_OK(b == NULL);
	T_INT(TT_EDATA, tt_bill_total(&c, &total, NULL));
	T_INT(7, total);
	fleet_close(&f);
}

/* --- Shares of cards ---------------------------------------------------------------------- */

static void test_overbooked(void)
{
	fleet f;

	/* 3 cards asked for on 2 in the first half hour, 1 in the second */
	fleet_open(&f, 0, 3600);
	node(&f, "n", 2);
	pod(&f, "a", 1, "ml");
	pod(&f, "b", 2, "web")->ended_at = 1800;
	tt_bill *b = make(&f);
	/* twelfths of the node-hour: ml 2 + 3, web 4, free 3 */
	T_F64(98320000.0 / 12 * 5, (double)share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "ml"), 1);
	T_F64(98320000.0 / 12 * 4, (double)share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "web"), 1);
	T_F64(98320000.0 / 12 * 3, (double)b->bucket_micro[0][TT_UNALLOCATED_IDLE], 1);
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_time_sliced(void)
{
	fleet f;

	/* two quarters of one card, both with the card's one reading of 40 % */
	fleet_open(&f, 0, 3600);
	node(&f, "n", 1);
	pod(&f, "a", 0.25, "ml");
	pod(&f, "b", 0.25, "web");
	uint32_t card = fleet_card(&f, "n", "0", "");
	fleet_hold(&f, card, "a", 0, 3600, 3600, 40);
	fleet_hold(&f, card, "b", 0, 3600, 1800, 40);
	tt_bill *b = make(&f);
	T_INT(9832000, share(b, TT_PRODUCTIVE, TT_REASON_NONE, "ml"));
	T_INT(14748000, share(b, TT_ALLOCATED_IDLE, TT_REASON_NONE, "ml"));
	T_INT(4916000, share(b, TT_PRODUCTIVE, TT_REASON_NONE, "web"));
	T_INT(12290000, share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "web"));
	T_INT(49160000, b->bucket_micro[0][TT_UNALLOCATED_IDLE]);
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_moved_between_cards(void)
{
	fleet f;

	/* one card at a time, first 0 and then 1: one card's worth, all of it measured */
	fleet_open(&f, 0, 3600);
	node(&f, "n", 2);
	pod(&f, "a", 1, "ml");
	fleet_hold(&f, fleet_card(&f, "n", "0", ""), "a", 0, 1800, 1800, 100);
	fleet_hold(&f, fleet_card(&f, "n", "1", ""), "a", 1800, 3600, 1800, 50);
	tt_bill *b = make(&f);
	T_INT(36870000, share(b, TT_PRODUCTIVE, TT_REASON_NONE, "ml"));
	T_INT(12290000, share(b, TT_ALLOCATED_IDLE, TT_REASON_NONE, "ml"));
	T_INT(0, share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "ml"));
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_strangers(void)
{
	fleet f;

	/* no table has x and y, who share a card for an hour; z's node is not known */
	fleet_open(&f, 0, 3600);
	node(&f, "n", 4);
	fleet_pod(&f, "z", "", 1)->labels = "team=ml";
	uint32_t card = fleet_card(&f, "n", "0", "");
	fleet_hold(&f, card, "x", 0, 3600, 3600, 40);
	fleet_hold(&f, card, "y", 0, 3600, 3600, 40);
	fleet_hold(&f, fleet_card(&f, "n", "1", ""), "z", 0, 1800, 1800, 20);
	/* three slices of a card, one of them held */
	fleet_hold(&f, fleet_card(&f, "n", "2", "7"), "x", 0, 3600, 3600, 40);
	fleet_card(&f, "n", "2", "8");
	fleet_card(&f, "n", "2", "9");
	tt_bill *b = make(&f);
	T_F64(98320000.0 / 4 * 4 / 3, (double)share(b, TT_UNATTRIBUTED, TT_NO_OWNER, ""), 20);
	T_INT(98320000 / 4 / 2 / 5, share(b, TT_PRODUCTIVE, TT_REASON_NONE, "ml"));
	T_INT(98320000 / 4 / 2 / 5 * 4, share(b, TT_ALLOCATED_IDLE, TT_REASON_NONE, "ml"));
	T_INT(2, b->cells[0][0].pods);
	tt_bill_free(b);
	fleet_close(&f);

	/* together they can't have more than there is */
	fleet_open(&f, 0, 3600);
	node(&f, "n", 1);
	fleet_hold(&f, fleet_card(&f, "n", "0", ""), "x", 0, 3600, 3600, 40);
	fleet_hold(&f, fleet_card(&f, "n", "1", ""), "y", 0, 3600, 3600, 40);
	pod(&f, "a", 0.5, "ml");
	b = make(&f);
	T_INT(49160000, share(b, TT_UNATTRIBUTED, TT_NO_OWNER, ""));
	T_INT(49160000, share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "ml"));
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_telemetry_without_pods(void)
{
	fleet f;

	/* two pods hold the whole node, the cards are 100 % and 50 % busy, one half measured */
	fleet_open(&f, 0, 3600);
	node(&f, "n", 2);
	pod(&f, "a", 1, "ml");
	pod(&f, "b", 1, "web");
	fleet_measure(&f, fleet_card(&f, "n", "0", ""), TT_GPU_UTIL_PCT, 3600, 100);
	fleet_measure(&f, fleet_card(&f, "n", "1", ""), TT_GPU_UTIL_PCT, 1800, 50);
	tt_bill *b = make(&f);
	T_INT(98320000 * 5 / 16, share(b, TT_PRODUCTIVE, TT_REASON_NONE, "ml"));
	T_INT(98320000 * 1 / 16, share(b, TT_ALLOCATED_IDLE, TT_REASON_NONE, "ml"));
	T_INT(98320000 * 2 / 16, share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "ml"));
	T_F64(1.5, b->measured_gpu_hours, 1e-12);
	tt_bill_free(b);
	/* as soon as a card is free, nobody can tell whose the activity was */
	TT_ROW(&f.s.table[TT_PODS], tt_pod_row, 0)->ended_at = 3000;
	b = make(&f);
	T_INT(0, b->bucket_micro[0][TT_PRODUCTIVE]);
	tt_bill_free(b);
	fleet_close(&f);
}

/* A card in slices has a row for the whole card too: the same time again. Card 1 is free. */
static void test_slices_and_card(void)
{
	fleet f;

	for (int placed = 0; placed < 2; placed++) {
		fleet_open(&f, 0, 3600);
		node(&f, "n", 2);
		fleet_pod(&f, "a", placed ? "n" : "", placed ? 0.5 : 1)->labels = "team=ml";
		fleet_pod(&f, "b", placed ? "n" : "", placed ? 0.5 : 1)->labels = "team=web";
		fleet_hold(&f, fleet_card(&f, "n", "0", ""), "a", 0, 3600, 3600, 50);
		fleet_hold(&f, fleet_card(&f, "n", "0", "1"), "a", 0, 3600, 3600, 80);
		fleet_hold(&f, fleet_card(&f, "n", "0", "2"), "b", 0, 3600, 3600, 20);
		fleet_measure(&f, fleet_card(&f, "n", "1", ""), TT_GPU_UTIL_PCT, 3600, 0);
		tt_bill *b = make(&f);
		T_INT(49160000, b->bucket_micro[0][TT_UNALLOCATED_IDLE]);
		T_INT(19664000, share(b, TT_PRODUCTIVE, TT_REASON_NONE, "ml"));
		T_INT(4916000, share(b, TT_ALLOCATED_IDLE, TT_REASON_NONE, "ml"));
		T_INT(4916000, share(b, TT_PRODUCTIVE, TT_REASON_NONE, "web"));
		T_INT(19664000, share(b, TT_ALLOCATED_IDLE, TT_REASON_NONE, "web"));
		tt_bill_free(b);
		fleet_close(&f);
	}

	/* readings without pods: those of the card, not those of its slices on top */
	fleet_open(&f, 0, 3600);
	node(&f, "n", 1);
	pod(&f, "a", 1, "ml");
	fleet_measure(&f, fleet_card(&f, "n", "0", ""), TT_GPU_UTIL_PCT, 1800, 50);
	fleet_measure(&f, fleet_card(&f, "n", "0", "1"), TT_GPU_UTIL_PCT, 3600, 90);
	fleet_measure(&f, fleet_card(&f, "n", "0", "2"), TT_GPU_UTIL_PCT, 3600, 90);
	tt_bill *b = make(&f);
	T_INT(98320000 / 4, share(b, TT_PRODUCTIVE, TT_REASON_NONE, "ml"));
	T_INT(98320000 / 4, share(b, TT_ALLOCATED_IDLE, TT_REASON_NONE, "ml"));
	T_INT(98320000 / 2, share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "ml"));
	tt_bill_free(b);
	fleet_close(&f);
}

/* A node that comes after the window has a line and no second. */
static void test_after_window(void)
{
	fleet f;

	fleet_open(&f, 0, 3600);
	node(&f, "a", 8)->started_at = 3600;
	node(&f, "n", 8);
	tt_bill *b = make(&f);
	T_INT(98320000, b->total_micro);
	T_INT(0, b->nodes[0].n_cells[0]);
	T_INT(0, b->nodes[0].alive_s);
	T_STR("", b->nodes[0].owner);
	tt_bill_free(b);
	fleet_close(&f);
}

/* --- CPU nodes ----------------------------------------------------------------------------- */

static void test_cpu_node(void)
{
	fleet f;

	fleet_open(&f, 0, 3600);
	tt_node_row *n = node(&f, "n", 0);
	n->cpus = 16;
	n->labels = "team=infra";
	pod(&f, "a", 0, "ml")->cpus = 8;
	tt_pod_row *s = pod(&f, "dns", 0, "");
	s->cpus = 4;
	s->namespace_ = "kube-system";
	fleet_measure(&f, fleet_card(&f, "n", "", ""), TT_CPU_UTIL_PCT, 3600, 37.5);
	tt_bill *b = make(&f);
	/* 37.5 % of the node is half of the 75 % that was asked for */
	T_INT(98320000 / 4, share(b, TT_PRODUCTIVE, TT_REASON_NONE, "ml"));
	T_INT(98320000 / 4, share(b, TT_ALLOCATED_IDLE, TT_REASON_NONE, "ml"));
	T_INT(98320000 / 4, b->bucket_micro[0][TT_TAX]);
	T_INT(98320000 / 4, share(b, TT_UNALLOCATED_IDLE, TT_REASON_NONE, "infra"));
	T_INT(98320000 / 2, cost(b, TT_RULE_THRESHOLD, TT_PRODUCTIVE, TT_REASON_NONE, "ml"));
	T_F64(0, b->gpu_hours, 0);
	T_F64(0, b->cells[0][0].gpu_hours, 0);
	tt_bill_free(b);
	fleet_close(&f);
	fleet_open(&f, 0, 3600);
	node(&f, "n", 0)->cpus = 16;
	pod(&f, "a", 0, "ml"); /* does not say how many */
	T_INT(TT_NO_ALLOCATION_DATA, reason_of_n(&f));
}

/* --- Labels of the case ---------------------------------------------------------------------- */

static int64_t owned(fleet *f, enum tt_relabel_by by, const char *id, const char *owner)
{
	tt_bill *b = NULL;
	tt_case c;
	int64_t sum = 0;

	fleet_ready(f);
	tt_case_init(&c, &f->s, settings);
	T_INT(TT_OK, tt_case_relabel(&c, &(tt_relabel){ by, id, owner }, NULL));
	T_INT(TT_OK, tt_bill_make(&c, settings, &b, NULL));
	T_INT(98320000, b->total_micro);
	for (size_t i = 0; i < b->n_cells[0]; i++)
		sum += strcmp(b->cells[0][i].owner, owner) == 0 ? b->cells[0][i].cost_micro : 0;
	tt_bill_free(b);
	tt_case_reset(&c);
	return sum;
}

static void test_relabel(void)
{
	fleet f;
	const int64_t part = 98320000 / 4;

	fleet_open(&f, 0, 3600);
	tt_node_row *n = node(&f, "n", 4);
	n->node_group = "g";
	tt_pod_row *p = pod(&f, "a", 1, "web");
	p->namespace_ = "lab";
	p->workload = "w";
	p = pod(&f, "b", 2, "");
	p->namespace_ = "lab";
	T_INT(part, owned(&f, TT_RELABEL_POD, "a", "ml"));
	T_INT(part, owned(&f, TT_RELABEL_WORKLOAD, "w", "ml"));
	T_INT(2 * part, owned(&f, TT_RELABEL_POD, "b", "ml"));
	T_INT(2 * part, owned(&f, TT_RELABEL_NAMESPACE, "lab", "ml")); /* a says who it is */
	T_INT(3 * part, owned(&f, TT_RELABEL_NODE, "n", "ml"));        /* and what was free */
	T_INT(3 * part, owned(&f, TT_RELABEL_NODE_GROUP, "g", "ml"));
	TT_ROW(&f.s.table[TT_NODES], tt_node_row, 0)->labels = "team=infra";
	T_INT(3 * part, owned(&f, TT_RELABEL_NODE, "n", "ml"));
	T_INT(2 * part, owned(&f, TT_RELABEL_NODE_GROUP, "g", "ml"));
	fleet_close(&f);
}

static void test_no_memory(void)
{
	fleet f;
	tt_case c;

	node_hour(&f);
	fleet_ready(&f);
	tt_case_init(&c, &f.s, settings);
	for (uint64_t nth = 1; nth < 10000; nth++) {
		tt_bill *b = NULL;
		tt_err err = { 0 };

		tt_alloc_fail_at(nth, nth % 2 == 0);
		int rc = tt_bill_make(&c, settings, &b, &err);
		tt_alloc_fail_at(0, 0);
		if (rc == TT_OK) {
			T_OK(nth > 20);
			tt_bill_free(b);
			break;
		}
		T_INT(TT_ENOMEM, rc);
		T_OK(b == NULL);
	}
	fleet_close(&f);
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0)
		return 1;
	test_node_hour();
	test_system_and_creators();
	test_unknown_allocation();
	test_unknown_price();
	test_overflow();
	test_overbooked();
	test_time_sliced();
	test_moved_between_cards();
	test_strangers();
	test_telemetry_without_pods();
	test_slices_and_card();
	test_after_window();
	test_cpu_node();
	test_relabel();
	test_no_memory();
	tt_settings_free(settings);
	return T_END();
}
