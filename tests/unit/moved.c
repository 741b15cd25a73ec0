/* What pods and nodes that move need at their new place, worked by hand, and that a pricer
 * says the same as whole bills. */
#include "bill/bill.h"
#include "bill/moved.h"
#include "fleet.h"
#include "rank/moves.h"

static tt_settings *settings;
static tt_residents residents;

enum { END = 36000, HOUR = 3600 };
static const int64_t ONE = 1000000; /* an hour at a price of 1 */

/* Two nodes of two cards at 10 an hour for ten hours: p0 and p1 (all the time) on n0, p2
 * (until hour 4) and p3 (from hour 6) on n1. */
static void open_fleet(fleet *f)
{
	fleet_open(f, 0, END);
	for (int i = 0; i < 2; i++) {
		tt_node_row *n = fleet_node(f, fleet_text(f, "n%d", i), 2);

		n->pricing = "on_demand";
		n->node_group = "pool";
		n->price_per_hour = 10 * TT_DECIMAL_ONE;
	}
	for (int i = 0; i < 4; i++) {
		const char *node = i < 2 ? "n0" : "n1", *pod = fleet_text(f, "p%d", i);
		tt_pod_row *p = fleet_pod(f, pod, node, 1);

		p->workload = i < 2 ? "a" : "b";
		p->cpus = 2;
		p->memory_mib = 100;
		p->started_at = i == 3 ? 6 * HOUR : 0;
		p->ended_at = i == 2 ? 4 * HOUR : END;
		fleet_hold(f, fleet_card(f, node, fleet_text(f, "%d", i % 2), ""), pod,
			   p->started_at, p->ended_at, 60, 1);
	}
	fleet_ready(f);
}

static tt_terms two_cards(int64_t price)
{
	tt_terms t;

	tt_terms_init(&t);
	t.instance_type = "small";
	t.price_per_hour = price * TT_DECIMAL_ONE;
	t.gpus = 2;
	return t;
}

static void release(tt_case *c, uint32_t node, uint32_t pod, enum tt_leave leave,
		    const tt_terms *t, uint64_t set, int64_t from_h, int64_t to_h)
{
	tt_span when = { from_h * HOUR, to_h * HOUR };
	tt_release what = { .node = node, .pod = pod, .leave = leave, .set = set };

	if (t)
		T_OK((what.terms = tt_case_terms(c, t, NULL)) != NULL);
	T_INT(TT_OK, tt_case_release(c, &what, &(tt_spans){ .v = &when, .n = 1 }, NULL));
}

static void move(tt_case *c, uint32_t pod, const tt_terms *t)
{
	release(c, pod < 2 ? 0 : 1, pod, TT_MOVES, t, 0, 0, 10);
}

/* All of the case, which is reset. */
static int64_t total(tt_case *c)
{
	int64_t micro = -1, other = -2;
	tt_err err = { 0 };
	TT_CLEANUP(tt_moved_free) tt_moved_list l = { 0 };

	T_INT(TT_OK, tt_bill_total(c, &micro, &err));
	T_STR("", err.text);
	/* the same with an index of pods */
	T_INT(TT_OK, tt_moved_make(c, &residents, NULL, 0, &l, &err));
	T_INT(TT_OK, tt_moved_cost(&l, NULL, &other, &err));
	for (size_t i = 0; i < c->snapshot->table[TT_NODES].n && other != TT_MONEY_UNKNOWN; i++) {
		int64_t one = 0;

		T_INT(TT_OK, tt_node_cost(c, &residents, i, 10 * TT_DECIMAL_ONE, &one, NULL, &err));
		other += one;
	}
	T_INT(other, micro);
	for (size_t i = 0; i < l.n; i++)
		T_OK(l.v[i].least_s <= l.v[i].length_s);
	tt_case_reset(c);
	return micro;
}

static void test_pods(const fleet *f)
{
	tt_terms t = two_cards(3), u = two_cards(4), none = two_cards(0);
	tt_case c;

	none.price_per_hour = TT_DECIMAL_MISSING;
	tt_case_init(&c, &f->s, settings);
	T_INT(200 * ONE, total(&c));
	/* both of n0 on one small one, and n0 goes */
	move(&c, 0, &t);
	move(&c, 1, &t);
	T_INT((100 + 30) * ONE, total(&c));
	/* one alone: paid twice */
	move(&c, 0, &t);
	T_INT((200 + 30) * ONE, total(&c));
	/* p2 and p3 are there for eight hours; n1 stays, it always has a card that was nobody's */
	move(&c, 2, &t);
	move(&c, 3, &t);
	T_INT((200 + 24) * ONE, total(&c));
	/* all four: two small ones for eight hours, one for two */
	for (uint32_t pod = 0; pod < 4; pod++)
		move(&c, pod, &t);
	T_INT((100 + 30 + 24) * ONE, total(&c));
	/* of two places the first by its terms; n0 goes all the same */
	move(&c, 0, &u);
	move(&c, 0, &t);
	move(&c, 1, &u);
	T_INT((100 + 30 + 40) * ONE, total(&c));
	/* gone anyway from hour 5 on */
	move(&c, 0, &t);
	move(&c, 1, &t);
	release(&c, 0, 0, TT_GOES, NULL, 0, 5, 10);
	release(&c, 0, 1, TT_GOES, NULL, 0, 5, 10);
	T_INT((100 + 15) * ONE, total(&c));
	/* without a price there is no total */
	move(&c, 0, &none);
	T_INT(TT_MONEY_UNKNOWN, total(&c));
}

static void test_sizes(const fleet *f)
{
	tt_terms t = two_cards(3);
	tt_case c;

	tt_case_init(&c, &f->s, settings);
	t.cpus = 3; /* of 2 each */
	move(&c, 0, &t);
	move(&c, 1, &t);
	T_INT((100 + 60) * ONE, total(&c));
	t.pod_cpus = 1;
	move(&c, 0, &t);
	move(&c, 1, &t);
	T_INT((100 + 30) * ONE, total(&c));
	t.memory_mib = 150;
	move(&c, 0, &t);
	move(&c, 1, &t);
	T_INT((100 + 60) * ONE, total(&c));
	/* longer, and at a discount */
	t = two_cards(3);
	t.paid_u9 = TT_U9_ONE * 5 / 2;
	t.price_u9 = TT_U9_ONE / 2;
	move(&c, 0, &t);
	move(&c, 1, &t);
	T_INT(100 * ONE + 30 * ONE * 5 / 4, total(&c));
	/* two cards each, or half of one */
	t = two_cards(3);
	t.pod_gpus = 2;
	move(&c, 0, &t);
	move(&c, 1, &t);
	T_INT((100 + 60) * ONE, total(&c));
	t.gpus = 1;
	t.pod_gpus = 0.5;
	move(&c, 0, &t);
	move(&c, 1, &t);
	T_INT((100 + 60) * ONE, total(&c));
	t.pods_per_card = 2;
	move(&c, 0, &t);
	move(&c, 1, &t);
	T_INT((100 + 30) * ONE, total(&c));
}

/* Two pods there for each of now: four of them, two on each instance. */
static void test_replicas(const fleet *f)
{
	tt_terms t = two_cards(3);
	tt_case c;

	tt_case_init(&c, &f->s, settings);
	t.pods_u9 = TT_U9_ONE * 2;
	move(&c, 0, &t);
	move(&c, 1, &t);
	T_INT((100 + 60) * ONE, total(&c));
	/* 1.5 each: 3 of workload a, 2 of b while it has one */
	t.pods_u9 = TT_U9_ONE * 3 / 2;
	for (uint32_t pod = 0; pod < 4; pod++)
		move(&c, pod, &t);
	/* 5 in hours 0..4 and 6..10: three instances, else 3: two */
	T_INT((100 + 60 + 24) * ONE, total(&c));
	/* a faster card: one is enough for two */
	t.pods_u9 = TT_U9_ONE / 2;
	t.gpus = 1;
	move(&c, 0, &t);
	move(&c, 1, &t);
	T_INT((100 + 30) * ONE, total(&c));
}

static void test_sets(const fleet *f)
{
	tt_terms t = two_cards(3);
	tt_case c;

	tt_case_init(&c, &f->s, settings);
	t.gpus = 1;
	t.cpus = 4;
	/* three on one card, one after the other on n1, never more CPUs than 4 at once */
	release(&c, 0, 0, TT_MOVES, &t, 7, 0, 10);
	release(&c, 1, 2, TT_MOVES, &t, 7, 0, 10);
	release(&c, 1, 3, TT_MOVES, &t, 7, 0, 10);
	T_INT((200 + 30) * ONE, total(&c)); /* p1 keeps n0 */
	/* two sets, two cards */
	release(&c, 0, 0, TT_MOVES, &t, 7, 0, 10);
	release(&c, 0, 1, TT_MOVES, &t, 8, 0, 10);
	T_INT((100 + 60) * ONE, total(&c));
	/* a set that is empty for two hours is not paid for then */
	release(&c, 1, 2, TT_MOVES, &t, 7, 0, 10);
	release(&c, 1, 3, TT_MOVES, &t, 7, 0, 10);
	T_INT((200 + 24) * ONE, total(&c));
}

static void test_nodes(const fleet *f)
{
	tt_terms t = two_cards(3);
	tt_case c;

	tt_case_init(&c, &f->s, settings);
	t.pod_gpus = 3; /* a card there does two thirds of one here: 1.5 instances, 3 for both */
	release(&c, 0, TT_NO_POD, TT_MOVES, &t, 0, 0, 10);
	T_INT((100 + 60) * ONE, total(&c));
	release(&c, 0, TT_NO_POD, TT_MOVES, &t, 0, 0, 10);
	release(&c, 1, TT_NO_POD, TT_MOVES, &t, 0, 0, 10);
	T_INT(90 * ONE, total(&c));
	/* from hour 5 on, and not while it would be gone anyway */
	release(&c, 0, TT_NO_POD, TT_MOVES, &t, 0, 5, 10);
	T_INT((150 + 30) * ONE, total(&c));
	release(&c, 0, TT_NO_POD, TT_MOVES, &t, 0, 5, 10);
	release(&c, 0, TT_NO_POD, TT_GOES, NULL, 0, 8, 10);
	T_INT((150 + 18) * ONE, total(&c));
	/* what moves by itself is not moved with the node */
	release(&c, 0, TT_NO_POD, TT_MOVES, &t, 0, 0, 10);
	t.pod_gpus = NAN;
	move(&c, 0, &t);
	move(&c, 1, &t);
	T_INT((100 + 30) * ONE, total(&c));
}

static void test_segments(const fleet *f)
{
	const tt_terms t = two_cards(3), u = two_cards(4);
	TT_CLEANUP(tt_moved_free) tt_moved_list l = { 0 };
	const tt_terms *only = &t;
	tt_case c;

	tt_case_init(&c, &f->s, settings);
	for (uint32_t pod = 0; pod < 4; pod++)
		move(&c, pod, pod ? &t : &u);
	T_INT(TT_OK, tt_moved_make(&c, NULL, &only, 1, &l, NULL));
	T_INT(1, l.n); /* p1 all the time, beside it p2, then p3 */
	T_INT(3, l.v[0].pods);
	T_INT(0, l.v[0].nodes);
	T_INT(1, l.v[0].most);
	T_INT(END, l.v[0].length_s);
	T_INT(END, l.v[0].least_s);
	T_INT(1, l.v[0].segments.n);
	T_INT(30 * ONE, l.v[0].cost_micro);
	tt_moved_free(&l);
	T_INT(TT_OK, tt_moved_make(&c, NULL, NULL, 0, &l, NULL));
	T_INT(2, l.n);
	tt_case_reset(&c);
}

/* Random edits, and edits on top: what the tries add up to is the difference of the whole. */
static void test_tries(const fleet *f)
{
	uint32_t state = 3;

	for (int round = 0; round < 200; round++) {
		TT_CLEANUP(tt_moves_free) tt_moves m = { 0 };
		int64_t sum = 0;
		tt_case all;

		tt_case_init(&all, &f->s, settings);
		for (int step = 0; step < 5; step++) {
			TT_CLEANUP(tt_moved_free) tt_moved_list l = { 0 };
			int64_t micro = -1, whole = -2, listed = -1;

			for (int i = 0; i < 2; i++) {
				const uint32_t x = (state = state * 1664525u + 1013904223u) >> 8;
				const tt_terms t = two_cards(3 + x % 2);

				release(&all, x / 2 % 4 < 2 ? 0 : 1, x / 2 % 4,
					x / 8 % 4 ? TT_MOVES : TT_GOES, x / 8 % 4 ? &t : NULL, 0,
					x / 32 % 5, 5 + x / 160 % 6);
			}
			tt_moves_begin(&m);
			T_INT(TT_OK, tt_moves_touch(&m, all.releases, all.n_releases, NULL));
			T_INT(TT_OK, tt_moves_try(&m, &all, &residents, NULL, &micro, &listed,
						  NULL));
			if (step % 2 == 0) {
				T_INT(TT_OK, tt_moves_keep(&m, false, NULL));
				sum += micro;
				T_INT(TT_OK, tt_moved_make(&all, NULL, NULL, 0, &l, NULL));
				T_INT(TT_OK, tt_moved_cost(&l, NULL, &whole, NULL));
				T_INT(whole, sum);
			}
		}
		tt_case_reset(&all);
	}
}

int main(void)
{
	fleet f;

	if (tt_settings_load(NULL, &settings, NULL) < 0)
		return 1;
	open_fleet(&f);
	residents = tt_residents_of(&f.s);
	test_pods(&f);
	test_sizes(&f);
	test_replicas(&f);
	test_sets(&f);
	test_nodes(&f);
	test_segments(&f);
	test_tries(&f);
	fleet_close(&f);
	tt_settings_free(settings);
	return T_END();
}
