/* When a node is paid for: what is released, what keeps it, and in which order. */
#include "bill/case.h"
#include "fleet.h"

static tt_settings *settings;

enum { END = 10000 };

static uint32_t card(fleet *f, const char *gpu)
{
	return fleet_card(f, "n", gpu, "");
}

/* A node of two cards, both with telemetry. */
static void two_cards(fleet *f)
{
	fleet_open(f, 0, END);
	fleet_node(f, "n", 2)->pricing = "on_demand";
	card(f, "0");
	card(f, "1");
}

static tt_case c;

static void start(fleet *f)
{
	fleet_ready(f);
	tt_case_init(&c, &f->s, settings);
}

/* Seconds paid for node 0, with and without an index of pods; resets the case. */
static int64_t paid(void)
{
	const tt_residents r = tt_residents_of(c.snapshot);
	TT_CLEANUP(tt_spans_free) tt_spans spans = { 0 };
	int64_t s = -1;

	T_INT(TT_OK, tt_case_paid_s(&c, 0, &s, NULL));
	T_INT(TT_OK, tt_case_paid(&c, &r, 0, &spans, NULL));
	T_INT(s, tt_spans_length_s(&spans));
	tt_case_reset(&c);
	return s;
}

static void release_cards(int64_t from_s, int64_t to_s)
{
	T_INT(TT_OK, tt_case_release_card(&c, 0, "1", from_s, to_s, NULL));
	T_INT(TT_OK, tt_case_release_card(&c, 0, "0", from_s, to_s, NULL));
}

static void test_life(void)
{
	fleet f;

	two_cards(&f);
	start(&f);
	T_INT(END, paid());
	TT_ROW(&f.s.table[TT_NODES], tt_node_row, 0)->started_at = -50;
	TT_ROW(&f.s.table[TT_NODES], tt_node_row, 0)->ended_at = 4000;
	T_INT(4000, paid());
	TT_ROW(&f.s.table[TT_NODES], tt_node_row, 0)->started_at = 1000;
	T_INT(3000, paid());
	TT_ROW(&f.s.table[TT_NODES], tt_node_row, 0)->started_at = END;
	TT_ROW(&f.s.table[TT_NODES], tt_node_row, 0)->ended_at = END + 5;
	T_INT(0, paid());
	fleet_close(&f);
}

static void test_nodes(void)
{
	fleet f;

	two_cards(&f);
	start(&f);
	T_INT(TT_OK, tt_case_release_node(&c, 0, TT_TIME_MISSING, TT_TIME_MISSING, NULL));
	T_INT(0, paid());
	T_INT(TT_OK, tt_case_release_node(&c, 0, 9000, 99999, NULL));
	T_INT(TT_OK, tt_case_release_node(&c, 0, 1000, 2000, NULL));
	T_INT(TT_OK, tt_case_release_node(&c, 0, 1500, 2500, NULL));
	T_INT(TT_OK, tt_case_release_node(&c, 0, 1000, 2000, NULL));
	T_INT(3, c.n_releases);
	T_INT(7500, paid());
	TT_ROW(&f.s.table[TT_NODES], tt_node_row, 0)->pricing = "reserved";
	T_INT(TT_OK, tt_case_release_node(&c, 0, 0, END, NULL));
	T_INT(END, paid());
	fleet_close(&f);
}

static void test_cards(void)
{
	fleet f;

	two_cards(&f);
	start(&f);
	T_INT(TT_OK, tt_case_release_card(&c, 0, "0", 0, END, NULL));
	T_INT(END, paid()); /* half a node is not less than a node */
	T_INT(TT_OK, tt_case_release_card(&c, 0, "0", 0, END, NULL));
	T_INT(TT_OK, tt_case_release_card(&c, 0, "0", 10, 20, NULL));
	T_INT(END, paid()); /* nor is one card twice */
	T_INT(TT_OK, tt_case_release_card(&c, 0, "0", 1000, 3000, NULL));
	T_INT(TT_OK, tt_case_release_card(&c, 0, "1", 2000, 5000, NULL));
	T_INT(END - 1000, paid());
	release_cards(0, END);
	T_INT(0, paid());
	fleet_close(&f);
}

static void test_keepers(void)
{
	fleet f;

	two_cards(&f);
	fleet_pod(&f, "web", "n", 0)->ended_at = 6000;
	fleet_pod(&f, "dns", "n", (double)NAN)->namespace_ = "kube-system";
	fleet_pod(&f, "never", "n", 0)->outcome = "pending";
	fleet_pod(&f, "train", "n", 2)->started_at = 7000; /* goes with its cards */
	fleet_pod(&f, "held", "n", (double)NAN);           /* and so does this one */
	fleet_hold(&f, card(&f, "0"), "held", 0, END, 0, 0);
	start(&f);
	release_cards(0, END);
	T_INT(6000, paid());
	release_cards(5000, 8000);
	T_INT(END - 2000, paid());
	T_INT(TT_OK, tt_case_release_node(&c, 0, 0, 5000, NULL)); /* with all that is on it */
	T_INT(5000, paid());
	release_cards(0, END);
	T_INT(TT_OK, tt_case_release_pod(&c, tt_snapshot_find_pod(&f.s, "web"), 0, 4000, NULL));
	T_INT(2000, paid());
	fleet_close(&f);
}

static void test_pods(void)
{
	fleet f;

	/* a and b share card 0, c has card 1, d is elsewhere */
	two_cards(&f);
	for (int i = 0; i < 4; i++) {
		tt_pod_row *p = fleet_pod(&f, fleet_text(&f, "%c", 'a' + i), i < 3 ? "n" : "",
					  i < 2 ? 0.5 : 1);

		p->started_at = 1000;
		p->ended_at = 9000;
	}
	TT_ROW(&f.s.table[TT_PODS], tt_pod_row, 1)->ended_at = 5000;
	fleet_hold(&f, card(&f, "0"), "a", 1000, 9000, 0, 0);
	fleet_hold(&f, card(&f, "0"), "b", 1000, 5000, 0, 0);
	fleet_hold(&f, card(&f, "1"), "c", 1000, 9000, 0, 0);
	start(&f);
	const size_t a = 0, b = 1, pod_c = 2, d = 3;
	T_INT(TT_OK, tt_case_release_pod(&c, a, TT_TIME_MISSING, TT_TIME_MISSING, NULL));
	T_INT(TT_OK, tt_case_release_pod(&c, b, TT_TIME_MISSING, TT_TIME_MISSING, NULL));
	T_INT(END, paid());
	T_INT(TT_OK, tt_case_release_pod(&c, a, TT_TIME_MISSING, TT_TIME_MISSING, NULL));
	T_INT(TT_OK, tt_case_release_pod(&c, pod_c, TT_TIME_MISSING, TT_TIME_MISSING, NULL));
	T_INT(END - 4000, paid()); /* b stays on card 0 until 5000 */
	T_INT(TT_OK, tt_case_release_pod(&c, pod_c, TT_TIME_MISSING, TT_TIME_MISSING, NULL));
	T_INT(TT_OK, tt_case_release_pod(&c, b, 2000, 4000, NULL));
	T_INT(TT_OK, tt_case_release_pod(&c, a, TT_TIME_MISSING, TT_TIME_MISSING, NULL));
	T_INT(END - 6000, paid());
	T_INT(TT_OK, tt_case_release_pod(&c, d, TT_TIME_MISSING, TT_TIME_MISSING, NULL));
	T_INT(0, c.n_releases);
	T_INT(END, paid());
	fleet_close(&f);

	/* the whole node by its request, without telemetry */
	fleet_open(&f, 0, END);
	fleet_node(&f, "n", 2);
	fleet_pod(&f, "a", "n", 2)->ended_at = 6000;
	fleet_pod(&f, "b", "n", 1)->started_at = 6000;
	start(&f);
	T_INT(TT_OK, tt_case_release_pod(&c, 0, TT_TIME_MISSING, TT_TIME_MISSING, NULL));
	T_INT(TT_OK, tt_case_release_pod(&c, 1, TT_TIME_MISSING, TT_TIME_MISSING, NULL));
	T_INT(END - 6000, paid());
	fleet_close(&f);
}

static void test_relabels(void)
{
	fleet f;

	two_cards(&f);
	start(&f);
	T_OK(tt_case_owner(&c, TT_RELABEL_POD, "p") == NULL);
	for (int i = 0; i < 2; i++) {
		T_INT(TT_OK, tt_case_relabel(&c, &(tt_relabel){ TT_RELABEL_POD, "p", "z" }, NULL));
		T_INT(TT_OK, tt_case_relabel(&c, &(tt_relabel){ TT_RELABEL_NODE, "p", "b" }, NULL));
		T_INT(TT_OK, tt_case_relabel(&c, &(tt_relabel){ TT_RELABEL_POD, "p", "y" }, NULL));
	}
	T_INT(3, c.n_relabels);
	T_STR("y", tt_case_owner(&c, TT_RELABEL_POD, "p"));
	T_STR("b", tt_case_owner(&c, TT_RELABEL_NODE, "p"));
	T_OK(tt_case_owner(&c, TT_RELABEL_WORKLOAD, "p") == NULL);
	T_OK(tt_case_owner(&c, TT_RELABEL_POD, "q") == NULL);
	tt_case_reset(&c);
	fleet_close(&f);
}

static void test_no_memory(void)
{
	fleet f;

	two_cards(&f);
	fleet_pod(&f, "a", "n", 1);
	fleet_hold(&f, card(&f, "0"), "a", 0, END, 0, 0);
	start(&f);
	for (uint64_t nth = 1; nth < 1000; nth++) {
		int64_t s = -1;

		tt_alloc_fail_at(nth, 0);
		int rc = tt_case_release_card(&c, 0, "1", 0, END, NULL);
		if (rc == TT_OK)
			rc = tt_case_release_pod(&c, 0, 0, END, NULL);
		if (rc == TT_OK)
			rc = tt_case_paid_s(&c, 0, &s, NULL);
		tt_alloc_fail_at(0, 0);
		tt_case_reset(&c);
		if (rc == TT_OK) {
			T_INT(0, s);
			T_OK(nth > 5);
			break;
		}
		T_INT(TT_ENOMEM, rc);
		T_INT(-1, s);
	}
	fleet_close(&f);
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0)
		return 1;
	test_life();
	test_nodes();
	test_cards();
	test_keepers();
	test_pods();
	test_relabels();
	test_no_memory();
	tt_settings_free(settings);
	return T_END();
}
