/* Nodes of a group that go and come back: by hand, and second by second. */
#include "change/apply.h"
#include "fleet.h"

static tt_settings *settings;
static tt_arena *arena;

enum { END = 10000 };

static tt_change *parse(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_STR("", err.text);
	return change;
}

/* Seconds of nodes that are paid for. */
static int64_t cost(const fleet *f, const char *a, const char *b)
{
	const tt_change *changes[] = { a ? parse(a) : NULL, b ? parse(b) : NULL };
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(TT_OK, tt_changes_cost(&f->s, settings, changes, (size_t)(a != NULL) + (b != NULL),
				     &micro, &err));
	T_STR("", err.text);
	return micro / 1000000;
}

static void refused(const fleet *f, const char *text, int status, const char *why)
{
	const tt_change *change = parse(text);
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(status, tt_changes_cost(&f->s, settings, &change, 1, &micro, &err));
	T_STR(why, err.text);
	T_INT(-1, micro);
}

static tt_node_row *node(fleet *f, const char *name)
{
	tt_node_row *n = fleet_node(f, name, 1);

	n->node_group = "g";
	n->price_per_hour = 3600 * TT_DECIMAL_ONE;
	return n;
}

static void run(fleet *f, const char *name, const char *on, int64_t from_s, int64_t to_s)
{
	tt_pod_row *p = fleet_pod(f, name, on, 1);

	p->started_at = from_s;
	p->ended_at = to_s;
}

static void test_numbers(void)
{
	fleet f;

	fleet_open(&f, 0, END);
	node(&f, "b")->started_at = -5;
	node(&f, "a")->started_at = -5;
	node(&f, "c")->started_at = 2000;
	node(&f, "c")->ended_at = 8000;
	TT_ROW(&f.s.table[TT_NODES], tt_node_row, 2)->node = "d";
	fleet_node(&f, "other", 1)->price_per_hour = 3600 * TT_DECIMAL_ONE;
	fleet_ready(&f);
	/* a and b all the time, c until 8000, d from 2000, and the other group */
	T_INT(10000 * 3 + 8000 + 8000, cost(&f, NULL, NULL));
	/* three at least, four from 2000 to 8000 */
	T_INT(10000 + 40000, cost(&f, "resize node_group:g nodes=4", NULL));
	T_INT(10000 + 50000, cost(&f, "resize node_group:g nodes=5", NULL));
	T_INT(10000 + 40000, cost(&f, "resize node_group:g autoscaler=none", NULL));
	T_INT(10000 + 60000, cost(&f, "resize node_group:g autoscaler=none min_nodes=6", NULL));
	T_INT(10000 + 40000, cost(&f, "resize node_group:g min_nodes=4", NULL));
	T_INT(10000 * 3 + 8000 + 8000, cost(&f, "resize node_group:g max_nodes=4", NULL));
	T_INT(10000 * 3 + 8000 + 2000, cost(&f, "resize node_group:g nodes=3", NULL));
	T_INT(10000 * 3, cost(&f, "resize node_group:g nodes=2", NULL));
	T_INT(10000, cost(&f, "resize node_group:g nodes=0", NULL));
	refused(&f, "resize node_group:g max_nodes=3", TT_EINVAL,
		"resize with max_nodes=3 is not priced: 4 nodes are needed at once, and pods "
		"without a place would have to wait");
	refused(&f, "resize node_group:g autoscaler=none max_nodes=3", TT_EINVAL,
		"resize with max_nodes=3 is not priced: 4 nodes are needed at once, and pods "
		"without a place would have to wait");
	refused(&f, "resize node_group:g autoscaler=other", TT_ENODATA,
		"resize: it is not known which pods ran on the nodes of node_group \"g\", so not "
		"when they were empty");
	refused(&f, "resize node_group:x nodes=1", TT_EDATA,
		"resize: node_group \"x\" is not in the fleet");
	fleet_close(&f);
}

/* target_ratio is about nodes whose pods could be moved. Where there are none, it changes
 * nothing; where there are, what would move is not made up. */
static void test_target(void)
{
	fleet f;

	fleet_open(&f, 0, END);
	for (int i = 0; i < 2; i++) {
		tt_node_row *n = fleet_node(&f, i ? "b" : "a", 4);

		n->node_group = "g";
		n->price_per_hour = 3600 * TT_DECIMAL_ONE;
	}
	run(&f, "p", "a", 1000, 3000);
	TT_ROW(&f.s.table[TT_PODS], tt_pod_row, 0)->gpus = 4;
	run(&f, "q", "b", 0, 2000);
	TT_ROW(&f.s.table[TT_PODS], tt_pod_row, 1)->gpus = 2;
	fleet_ready(&f);
	T_INT(2000 + 2000, cost(&f, "resize node_group:g idle_timeout_s=0", NULL));
	T_INT(2000 + 2000, cost(&f, "resize node_group:g idle_timeout_s=0 target_ratio=0.5", NULL));
	/* half of b is less than 0.6 of it, but the autoscaler waits for longer than it was so */
	T_INT(5000 + 4000, cost(&f, "resize node_group:g idle_timeout_s=2000 "
					       "target_ratio=0.6", NULL));
	refused(&f, "resize node_group:g idle_timeout_s=1999 target_ratio=0.6", TT_EINVAL,
		"resize with target_ratio=0.6 is not priced: node \"b\" is asked for less during "
		"2000 s at once, and its pods would have to be packed anew");
	/* both are needed from 1000 to 2000, and then one is enough */
	T_INT(4000, cost(&f, "resize node_group:g idle_timeout_s=0 max_nodes=2", NULL));
	refused(&f, "resize node_group:g idle_timeout_s=0 max_nodes=1", TT_EINVAL,
		"resize with max_nodes=1 is not priced: 2 nodes are needed at once, and pods "
		"without a place would have to wait");
	TT_ROW(&f.s.table[TT_PODS], tt_pod_row, 1)->gpus = (double)NAN;
	refused(&f, "resize node_group:g idle_timeout_s=0 target_ratio=0.5", TT_ENODATA,
		"resize: what the pods of node \"b\" ask for is not known, which target_ratio "
		"needs");
	fleet_close(&f);
}

static void test_delays(void)
{
	fleet f;

	fleet_open(&f, 0, END);
	node(&f, "a")->pricing = "on_demand";
	run(&f, "p", "a", 1000, 3000);
	run(&f, "q", "a", 5000, 6000);
	tt_pod_row *sys = fleet_pod(&f, "dns", "a", 0); /* never keeps a node */
	sys->namespace_ = "kube-system";
	fleet_ready(&f);
	T_INT(3000, cost(&f, "resize node_group:g idle_timeout_s=0", NULL));
	/* it goes 300 s after it emptied, three times, and is back 200 s before, twice */
	T_INT(3000 + 3 * 300 + 2 * 200,
	      cost(&f, "resize node_group:g autoscaler=karpenter idle_timeout_s=200 drain_s=100 "
		       "boot_s=200", NULL));
	T_INT(3000 + 3 * 600, cost(&f, "resize node_group:g autoscaler=cluster_autoscaler", NULL));
	T_INT(END, cost(&f, "resize node_group:g autoscaler=karpenter min_nodes=1", NULL));
	T_INT(3000 + 1000, cost(&f, "resize node_group:g idle_timeout_s=0 "
				    "from=1970-01-01T00:50:00Z", NULL));
	fleet_close(&f);

	fleet_open(&f, 0, END); /* the group says what the change doesn't */
	tt_node_group_row *g = fleet_row(&f, TT_NODE_GROUPS);
	g->node_group = "g";
	g->boot_s = 100;
	g->drain_s = 50;
	g->min_nodes = 1;
	node(&f, "a");
	node(&f, "b");
	run(&f, "p", "a", 5000, 6000);
	fleet_ready(&f);
	/* b, of two that emptied at once the last, goes after 50 s; a stays as the floor */
	T_INT(END + 50, cost(&f, "resize node_group:g idle_timeout_s=0", NULL));
	/* without the floor a goes too, and boots */
	T_INT(50 + 1000 + 2 * 50 + 100,
	      cost(&f, "resize node_group:g idle_timeout_s=0 min_nodes=0", NULL));
	/* freed once, whoever says so */
	T_INT(1000 + 2 * 50 + 100, cost(&f, "resize node_group:g idle_timeout_s=0 min_nodes=0",
					"release node:b"));
	T_INT(1000 + 2 * 50 + 100, cost(&f, "release node:b",
					"resize node_group:g idle_timeout_s=0 min_nodes=0"));
	fleet_close(&f);
}

/* --- Second by second ---------------------------------------------------------------------- */

static uint64_t seed;

static int64_t draw(int64_t n)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (int64_t)((z ^ z >> 31) % (uint64_t)n);
}

enum { SECONDS = 300, NODES = 5 };

static int is_busy(const fleet *f, int at, int64_t s)
{
	for (size_t i = 0; i < f->s.table[TT_PODS].n; i++) {
		const tt_pod_row *p = TT_ROW(&f->s.table[TT_PODS], tt_pod_row, i);

		if (p->node[1] == '0' + at && p->started_at <= s && s < p->ended_at)
			return 1;
	}
	return 0;
}

struct policy {
	int64_t idle_s, drain_s, boot_s, floor;
};

/* When node `at` got its first pod, and when it was left by the last. */
static tt_span busy_of(const fleet *f, int at, tt_span life)
{
	tt_span busy = { life.to_s, life.from_s };

	for (int64_t s = life.from_s; s < life.to_s; s++)
		if (is_busy(f, at, s)) {
			busy.from_s = s < busy.from_s ? s : busy.from_s;
			busy.to_s = s + 1;
		}
	return busy;
}

struct waiting {                /* nodes that are kept, the last that emptied last */
	int64_t until_s[NODES], drained_s[NODES];
	int n, n_drained;
};

/* Nodes that went wait for those that come; seconds of boot that this saves. */
static int64_t bridge_by_hand(const fleet *f, const struct policy *p, int64_t s,
			      struct waiting *w, int64_t alive)
{
	int64_t saved_s = 0, short_of;
	int n = 0;

	for (int i = 0; i < NODES; i++) {
		const tt_span life = tt_node_life(&f->s, (size_t)i);
		const int64_t until_s = busy_of(f, i, life).to_s + p->idle_s;

		if (life.to_s != s || life.to_s == SECONDS || until_s + p->drain_s <= s)
			continue;
		if (until_s > s)
			w->until_s[w->n++] = until_s;
		else
			w->drained_s[w->n_drained++] = until_s + p->drain_s;
	}
	for (int i = 0; i < NODES; i++) {
		const tt_span life = tt_node_life(&f->s, (size_t)i);
		const int64_t head_s = busy_of(f, i, life).from_s - life.from_s;

		/* who came before it is there, too: it is short of less */
		short_of = p->floor - (alive - 1);
		if (life.from_s != s || s == 0 || (!w->n && short_of <= 0))
			continue;
		w->n -= w->n > 0;
		saved_s += head_s < p->boot_s ? head_s : p->boot_s;
	}
	for (int i = 0; i < w->n; i++) {
		if (w->until_s[i] > s)
			w->until_s[n++] = w->until_s[i];
		else if (alive + n + (w->n - i) > p->floor)
			w->drained_s[w->n_drained++] = s + p->drain_s;
	}
	w->n = n;
	return saved_s;
}

/* Paid seconds: those of nodes that are there. The node that has been free to
 * go for longest goes while more than `floor` are there; the first comes back when fewer are. */
static int64_t paid_by_hand(const fleet *f, const struct policy *p)
{
	int64_t empty_s[NODES] = { 0 }, paid = 0;
	int gone[NODES] = { 0 };
	struct waiting w = { .n = 0 };

	for (int64_t s = 0; s < SECONDS; s++) {
		int64_t there = 0, n_alive = 0;
		int alive[NODES], may_go[NODES];

		for (int i = 0; i < NODES; i++) {
			tt_span life = tt_node_life(&f->s, (size_t)i);

			alive[i] = life.from_s <= s && s < life.to_s;
			if (!alive[i] || is_busy(f, i, s))
				empty_s[i] = 0;
			else
				empty_s[i]++;
			may_go[i] = empty_s[i] > p->idle_s + p->drain_s;
			gone[i] = gone[i] && may_go[i];
			there += alive[i] && !gone[i];
			n_alive += alive[i];
		}
		for (int i = 0; i < NODES && there < p->floor; i++) {
			there += gone[i];
			gone[i] = 0;
		}
		while (there > p->floor) {
			int best = -1;

			for (int i = 0; i < NODES; i++)
				if (may_go[i] && !gone[i] &&
				    (best < 0 || empty_s[i] >= empty_s[best]))
					best = i;
			if (best < 0)
				break;
			gone[best] = 1;
			there--;
		}
		paid += there - bridge_by_hand(f, p, s, &w, n_alive);
		paid += p->floor - n_alive > w.n ? p->floor - n_alive : w.n;
		for (int i = 0; i < w.n_drained; i++)
			paid += w.drained_s[i] > s;
	}
	return paid;
}

static int64_t check(const fleet *f, const struct policy *p, uint64_t round)
{
	const int64_t want = paid_by_hand(f, p);
	int64_t got;
	char text[160];

	snprintf(text, sizeof text, "resize node_group:g idle_timeout_s=%d min_nodes=%d "
		 "drain_s=%d boot_s=%d", (int)p->idle_s, (int)p->floor, (int)p->drain_s,
		 (int)p->boot_s);
	got = cost(f, text, NULL);
	T_(want == got, "round %llu, %s: paid for %lld s, want %lld", (unsigned long long)round,
	   text, (long long)got, (long long)want);
	return cost(f, NULL, NULL) - got;
}

/* Nodes with one pod each, that go and come: what is paid hangs on whom they wait for. */
static void test_bridges(void)
{
	int saved = 0, dearer = 0;

	for (uint64_t round = 1; round <= 400; round++) {
		struct policy p;
		fleet f;

		seed = round * 7919;
		p = (struct policy){ draw(40), draw(12), draw(40), draw(2) };
		fleet_open(&f, 0, SECONDS);
		for (int i = 0; i < NODES; i++) {
			tt_node_row *n = node(&f, fleet_text(&f, "n%d", i));
			const int64_t most_s = p.idle_s + p.drain_s;
			const int64_t head_s = p.boot_s < most_s ? p.boot_s : most_s;

			n->started_at = 1 + 40 * i + i; /* no two at once */
			n->ended_at = n->started_at + head_s + 10 + draw(30);
			run(&f, fleet_text(&f, "p%d", i), fleet_text(&f, "n%d", i),
			    n->started_at + head_s, n->ended_at - draw(9));
		}
		fleet_ready(&f);
		const int64_t gain = check(&f, &p, round);
		saved += gain > 0;
		dearer += gain < 0;
		fleet_close(&f);
	}
	T_OK(saved > 10);
	T_OK(dearer > 40);
}

/* Two runs of 1000 s with 500 s between them, boot 300, drain 100: kept for 400 s after the
 * 100 of the drain the node saves the boot, which is less. */
static void test_bridge(void)
{
	fleet f;

	fleet_open(&f, 0, END);
	for (int i = 0; i < 2; i++) {
		tt_node_row *n = node(&f, i ? "b" : "a");
		const int64_t at_s = i ? 2000 : 100;

		n->started_at = at_s;
		n->ended_at = at_s + 300 + 1000 + 100;
		run(&f, i ? "q" : "p", i ? "b" : "a", at_s + 300, at_s + 1300);
	}
	fleet_ready(&f);
	T_INT(2800, cost(&f, NULL, NULL));
	/* nobody waits for longer than today */
	T_INT(2800, cost(&f, "resize node_group:g idle_timeout_s=0 boot_s=300 drain_s=100", NULL));
	T_INT(2800 + 2 * 100, cost(&f, "resize node_group:g idle_timeout_s=100 boot_s=300 "
				       "drain_s=100", NULL));
	/* from 1500 to 2000 it is kept, and the last one for 600 s and its drain */
	T_INT(2800 + 500 - 300 + 600, cost(&f, "resize node_group:g idle_timeout_s=600 boot_s=300 "
					       "drain_s=100", NULL));
	/* just in vain */
	T_INT(2800 + 2 * 599, cost(&f, "resize node_group:g idle_timeout_s=599 boot_s=300 "
				       "drain_s=100", NULL));
	/* one always: those that come find it */
	T_INT(END - 2 * 300, cost(&f, "resize node_group:g min_nodes=1 boot_s=300", NULL));
	/* another kind of node can't stand for it */
	TT_ROW(&f.s.table[TT_NODES], tt_node_row, 1)->instance_type = "other";
	T_INT(2800 + 600, cost(&f, "resize node_group:g idle_timeout_s=600 boot_s=300 "
				   "drain_s=100", NULL));
	TT_ROW(&f.s.table[TT_NODES], tt_node_row, 1)->instance_type = "";
	/* a market that took it does not let it wait */
	for (size_t i = 0; i < 2; i++)
		TT_ROW(&f.s.table[TT_NODES], tt_node_row, i)->pricing = "spot";
	TT_ROW(&f.s.table[TT_PODS], tt_pod_row, 0)->outcome = "preempted";
	T_INT(2800 + 600, cost(&f, "resize node_group:g idle_timeout_s=600 boot_s=300 "
				   "drain_s=100", NULL));
	fleet_close(&f);
}

static void test_random(void)
{
	int64_t freed = 0;

	for (uint64_t round = 1; round <= 400; round++) {
		fleet f;

		seed = round * 104729;
		fleet_open(&f, 0, SECONDS);
		for (int i = 0; i < NODES; i++) { /* in the order of their names */
			tt_node_row *n = node(&f, fleet_text(&f, "n%d", i));

			n->started_at = i < 3 ? -100 + i : 20 * i;
			n->ended_at = draw(3) ? TT_TIME_MISSING : SECONDS / 2 + draw(SECONDS);
		}
		for (int i = 0; i < 12; i++) {
			int64_t from_s = draw(SECONDS);

			run(&f, fleet_text(&f, "p%02d", i), fleet_text(&f, "n%d", (int)draw(NODES)),
			    from_s, from_s + 1 + draw(60));
		}
		fleet_ready(&f);
		const int64_t timeout = draw(40), floor = draw(4);
		freed += check(&f, &(struct policy){ timeout - timeout / 3, timeout / 3, 0, floor },
			       round);
		fleet_close(&f);
	}
	T_OK(freed > 400 * 100);
}

static void test_no_memory(void)
{
	fleet f;

	fleet_open(&f, 0, END);
	node(&f, "a");
	node(&f, "b");
	run(&f, "p", "a", 5000, 6000);
	fleet_ready(&f);
	const tt_change *change = parse("resize node_group:g idle_timeout_s=0 min_nodes=1");
	for (uint64_t nth = 1; nth < 1000; nth++) {
		int64_t micro = -1;
		tt_err err = { 0 };

		tt_alloc_fail_at(nth, 0);
		int rc = tt_changes_cost(&f.s, settings, &change, 1, &micro, &err);
		tt_alloc_fail_at(0, 0);
		if (rc == TT_OK) {
			T_OK(nth > 10);
			break;
		}
		T_INT(TT_ENOMEM, rc);
	}
	fleet_close(&f);
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	test_numbers();
	test_target();
	test_delays();
	test_random();
	test_bridge();
	test_bridges();
	test_no_memory();
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
