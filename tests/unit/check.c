/* Rules across tables: nodes that are not there, lives that do not meet, cards held twice. */
#include "snapshot/check.h"
#include "snapshot/table_csv.h"
#include "base/file.h"
#include "t.h"

#define START 1767571200 /* 2026-01-05T00:00:00Z */
#define END (START + 7 * 86400)

static char folder[256];
static tt_rows tables[TT_TABLE_COUNT];
static tt_rejects rejects;
static tt_err err;

static void clear(void)
{
	for (int i = 0; i < TT_TABLE_COUNT; i++)
		tt_rows_free(&tables[i]);
	tt_rejects_free(&rejects);
	err = (tt_err){ 0 };
}

static void put(enum tt_table_id id, const char *text)
{
	char path[320];
	tt_buf notes = { 0 };
	if (!text)
		return;
	snprintf(path, sizeof path, "%s/%s.csv", folder, tt_table_def_at(id)->name);
	T_INT(TT_OK, tt_file_write(path, text, strlen(text), &err));
	T_INT(TT_OK, tt_table_read_csv(path, tt_table_def_at(id), NULL, 0, &tables[id], &rejects,
		&notes,
		&err));
	tt_buf_free(&notes);
}

/* Check a fleet of these two files; NULL: there is no such file. */
static int check(const char *nodes, const char *pods, int lenient)
{
	clear();
	rejects.lenient = lenient;
	for (int i = 0; i < TT_TABLE_COUNT; i++)
		T_INT(TT_OK, tt_rows_init(&tables[i], (enum tt_table_id)i, &err));
	put(TT_NODES, nodes);
	put(TT_PODS, pods);
	return tt_check_tables(tables, START, END, &rejects, &err);
}

#define NODES "node,gpus,started_at,ended_at\n"
#define PODS "pod,node,gpus,gpu_sharing,submitted_at,started_at,ended_at,outcome\n"
/* Hours of the window's first day. */
#define T0 "2026-01-05T00:00:00Z"
#define T1 "2026-01-05T01:00:00Z"
#define T2 "2026-01-05T02:00:00Z"
#define T3 "2026-01-05T03:00:00Z"

static const char *refused(const char *nodes, const char *pods)
{
	T_INT(TT_EDATA, check(nodes, pods, 0));
	return err.text;
}

static void accepted(const char *nodes, const char *pods)
{
	T_INT(TT_OK, check(nodes, pods, 0));
	T_STR("", err.text);
}

static void test_nodes(void)
{
	T_STR("pods.csv:3: node \"x\" of pod \"b\" is not in nodes.csv",
		refused(NODES "n,8,,\n", PODS "a,n,1,,,,,\nb,x,1,,,,,\n"));
	accepted(NULL, PODS "a,n,1,,,,,\n");
	accepted(NODES "n,8,,\n", PODS "a,,1,,,,,\n"); /* placement not known */
	accepted(NODES "n,8,,\n", NULL);
	T_HAS("is not in nodes.csv", refused(NODES, PODS "a,n,1,,,,,\n"));
}

static void test_lives(void)
{
	T_STR("pods.csv:2: pod \"a\" started at " T2 ", but its node \"n\" ended at " T1
		" (line 2 of nodes.csv)", refused(NODES "n,8,," T1 "\n",
		PODS "a,n,1,,," T2 ",,\n"));
	T_STR("pods.csv:2: pod \"a\" ended at " T1 ", but its node \"n\" started at " T2
		" (line 2 of nodes.csv)", refused(NODES "n,8," T2 ",\n",
		PODS "a,n,1,,,," T1 ",failed\n"));
	T_HAS("started at " T1, refused(NODES "n,8,," T1 "\n", PODS "a,n,1,,," T1 "," T1 ",\n"));
	/* Overlap in part, or an edge that is not known: cut, not refused. */
	accepted(NODES "n,8," T1 "," T2 "\n", PODS "a,n,1,,," T0 "," T3 ",\n");
	accepted(NODES "n,8,," T1 "\n", PODS "a,n,1,,,,,\n");
	accepted(NODES "n,8," T1 ",\n", PODS "a,n,1,,," T1 "," T1 ",\n");
	/* One that never started was nowhere. */
	accepted(NODES "n,8,," T1 "\n", PODS "a,n,1,," T2 ",,,\n");
}

static void test_cards(void)
{
	T_STR("pods.csv:3: pod \"b\" needs 8 cards of node \"n\" at " T1
		", but pod \"a\" (line 2) holds 8 of its 8",
		refused(NODES "n,8,,\n", PODS "a,n,8,none,," T0 "," T2 ",\n"
		"b,n,8,,," T1 "," T3 ",\n"));
	/* Rows the other way round: the same pod is refused. */
	T_STR("pods.csv:2: pod \"b\" needs 8 cards of node \"n\" at " T1
		", but pod \"a\" (line 3) holds 8 of its 8",
		refused(NODES "n,8,,\n", PODS "b,n,8,,," T1 "," T3 ",\n"
		"a,n,8,none,," T0 "," T2 ",\n"));
	T_STR("pods.csv:4: pod \"c\" needs 1 card of node \"n\" at " T1
		", but pod \"b\" (line 3) and others hold 8 of its 8",
		refused(NODES "n,8,,\n", PODS "a,n,4,,," T0 "," T2 ",\nb,n,4,,," T0 "," T3 ",\n"
			"c,n,1,,," T1 ",,\n"));
	T_STR("pods.csv:2: pod \"a\" needs 8 cards, but its node \"n\" has 4",
		refused(NODES "n,4,,\n", PODS "a,n,8,,,,,\n"));
	/* One goes as the other comes; other nodes; not known how many cards. */
	accepted(NODES "n,8,,\n", PODS "a,n,8,,," T0 "," T1 ",\nb,n,8,,," T1 "," T2 ",\n");
	accepted(NODES "n,8,,\nm,8,,\n", PODS "a,n,8,,,,,\nb,m,8,,,,,\n");
	accepted(NODES "n,,,\n", PODS "a,n,8,,,,,\nb,n,8,,,,,\n");
	accepted(NODES "n,8,,\n", PODS "a,n,3,,,,,\nb,n,3,,,,,\nc,n,2,,,,,\n");
	/* Shared cards are not whole ones. */
	accepted(NODES "n,1,,\n", PODS "a,n,1,time_slice,,,,\nb,n,1,mps,,,,\nc,n,1,mig:1g.5gb,,,,\n"
		"d,n,0.5,,,,,\ne,n,0.75,,,,,\nf,n,1,,,,,\n");
	/* Never started, or outside of the window. */
	accepted(NODES "n,8,,\n", PODS "a,n,8,,,,,\nb,n,8,,,,,pending\nc,n,8,," T0 ",,,running\n");
	accepted(NODES "n,8,,\n", PODS "a,n,8,,,,,\nb,n,8,,,100,200,\nc,n,8,,,100," T0 ",\n");
	/* An empty start with another outcome: since before the window. */
	T_HAS("pods.csv:3: pod \"b\" needs 8 cards of node \"n\" at " T0 ", but",
		refused(NODES "n,8,,\n", PODS "a,n,8,,,,,\nb,n,8,,,,,succeeded\n"));
}

static void test_lenient(void)
{
	T_INT(TT_OK, check(NODES "n,8,,\n", PODS "a,n,8,,," T0 "," T2 ",\nb,n,8,,," T1 "," T3 ",\n"
		"c,x,1,,,,,\nd,n,8,,," T2 ",,\ne,y,1,,,,,\nf,n,1,,," T3 ",,\ng,,2,,,,,\n", 1));
	/* b was refused, so at T2 only d holds: it is f that comes too late. */
	T_INT(3, tables[TT_PODS].n);
	T_STR("a", TT_ROW(&tables[TT_PODS], tt_pod_row, 0)->pod);
	T_STR("d", TT_ROW(&tables[TT_PODS], tt_pod_row, 1)->pod);
	T_INT(5, tables[TT_PODS].line[1]);
	T_STR("g", TT_ROW(&tables[TT_PODS], tt_pod_row, 2)->pod);
	T_INT(4, rejects.n);
	T_INT(2, rejects.n_kinds);
	T_STR("two whole pods on one card", rejects.kinds[0].kind);
	T_INT(2, rejects.kinds[0].n);
	T_STR("unknown node", rejects.kinds[1].kind);
	T_STR("pods.csv:4: node \"x\" of pod \"c\" is not in nodes.csv", rejects.kinds[1].first);
}

/* --- Against the plain way: count the cards held in every hour ---------------------------- */
static uint64_t state = 7;
static unsigned draw(unsigned n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(state >> 33) % n;
}

static int held_everywhere(int hours)
{
	int most = 0;
	for (int h = 0; h < hours; h++) {
		double sum = 0;
		for (size_t i = 0; i < tables[TT_PODS].n; i++) {
			const tt_pod_row *p = TT_ROW(&tables[TT_PODS], tt_pod_row, i);
			const int64_t t = START + 3600 * h;
			sum += p->started_at <= t && t < p->ended_at ? p->gpus : 0;
		}
		most = sum > most ? (int)sum : most;
	}
	return most;
}

static void test_random(void)
{
	for (int round = 0; round < 60; round++) {
		tt_buf pods = { 0 };
		const int n = 40;
		tt_buf_puts(&pods, "pod,node,gpus,started_at,ended_at\n");
		for (int i = 0; i < n; i++) {
			const unsigned from = draw(40), cards = 1 + draw(4);
			tt_buf_printf(&pods, "p%02d,n,%u,%u,%u\n", i, cards, START + 3600 * from,
				START + 3600 * (from + draw(3)));
		}
		T_INT(TT_OK, check(NODES "n,8,,\n", pods.p, 1));
		const int most = held_everywhere(50);
		T_OK(most <= 8);
		const int64_t refused_pods = rejects.n;
		const size_t kept = tables[TT_PODS].n;
		T_INT(n, (int64_t)kept + refused_pods);
		/* Each pod that was refused is so with reason: all together are too many. */
		T_INT(TT_OK, check(NODES "n,200,,\n", pods.p, 0));
		T_OK((held_everywhere(50) > 8) == (refused_pods > 0));
		tt_buf_free(&pods);
	}
}

static void test_memory(void)
{
	for (int sticky = 0; sticky < 2; sticky++) {
		int rc = TT_ENOMEM;
		for (uint64_t nth = 1; rc == TT_ENOMEM && nth < 100; nth++) {
			T_INT(TT_OK, check(NODES "n,8,,\n", PODS "a,n,8,,,,,\nd,n,0,,,,,\n", 1));
			TT_ROW(&tables[TT_PODS], tt_pod_row, 1)->gpus = 8; /* now they conflict */
			tt_alloc_fail_at(nth, sticky);
			rc = tt_check_tables(tables, START, END, &rejects, &err);
			tt_alloc_fail_at(0, 0);
		}
		T_INT(TT_OK, rc);
		T_INT(1, rejects.n);
	}
}

int main(void)
{
	t_folder(folder, sizeof folder);
	test_nodes();
	test_lives();
	test_cards();
	test_lenient();
	test_random();
	test_memory();
	clear();
	t_folder_remove(folder);
	return T_END();
}
