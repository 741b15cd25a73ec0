/* What leaves a node and what stays on it: the cases that are easy to get wrong, and all
 * of it against a second, slow way of saying it. */
#include "bill/emptying.h"
#include "fleet.h"

static tt_settings *settings;

enum { END = 10000 };

static uint32_t card(fleet *f, const char *gpu)
{
	return fleet_card(f, "n", gpu, "");
}

static void open_node(fleet *f, double gpus)
{
	fleet_open(f, 0, END);
	fleet_node(f, "n", gpus);
}

/* Seconds that the node is paid for without what `releases` names: pods, and cards in
 * brackets; closes the fleet where `last`. */
static int64_t paid_without(fleet *f, const char *releases, int last)
{
	int64_t s = -1;
	tt_case c;

	fleet_ready(f);
	tt_case_init(&c, &f->s, settings);
	for (const char *p = releases; *p; p++) {
		if (*p == '[')
			T_INT(TT_OK, tt_case_release_card(&c, 0, fleet_text(f, "%c", *++p), 0, END,
							  NULL));
		else if (*p != ']') {
			size_t pod = tt_snapshot_find_pod(&f->s, fleet_text(f, "%c", *p));

			T_INT(TT_OK, tt_case_release_pod(&c, pod, 0, END, NULL));
		}
	}
	T_INT(TT_OK, tt_case_paid_s(&c, 0, &s, NULL));
	tt_case_reset(&c);
	if (last)
		fleet_close(f);
	return s;
}

/* The exporter names one of the pods that share a card: the others are there too. */
static void test_unnamed(void)
{
	fleet f;

	open_node(&f, 1);
	fleet_pod(&f, "a", "n", 0.5);
	fleet_pod(&f, "b", "n", 0.5)->ended_at = 7000;
	fleet_hold(&f, card(&f, "0"), "a", 0, END, END, 5);
	T_INT(7000, paid_without(&f, "a", 0));
	T_INT(END, paid_without(&f, "b", 0));
	T_INT(0, paid_without(&f, "ab", 0));
	T_INT(0, paid_without(&f, "[0]", 1)); /* a card goes, whoever is on it */

	/* named for a while only: it had the card all its run */
	open_node(&f, 1);
	fleet_pod(&f, "a", "n", 0.5);
	fleet_pod(&f, "b", "n", 0.5);
	fleet_hold(&f, card(&f, "0"), "a", 0, END, END, 5);
	fleet_hold(&f, card(&f, "0"), "b", 2000, 3000, 1000, 5);
	T_INT(END, paid_without(&f, "a", 0));
	T_INT(END, paid_without(&f, "b", 0));
	T_INT(0, paid_without(&f, "ab", 1));

	/* the whole node asked for, while telemetry places somebody else on it */
	open_node(&f, 1);
	fleet_pod(&f, "a", "n", 1);
	fleet_hold(&f, card(&f, "0"), "stranger", 1000, 4000, 1000, 5);
	T_INT(3000, paid_without(&f, "a", 1));
	open_node(&f, 1);
	fleet_pod(&f, "a", "n", 1);
	fleet_pod(&f, "c", "n", (double)NAN)->ended_at = 6000; /* doesn't say, but holds */
	fleet_hold(&f, card(&f, "0"), "c", 1000, 4000, 1000, 5);
	T_INT(6000, paid_without(&f, "a", 0));
	T_INT(0, paid_without(&f, "ac", 1));
}

/* A pod of one card that was on two had never both. */
static void test_moved(void)
{
	fleet f;

	open_node(&f, 2);
	fleet_pod(&f, "a", "n", 1);
	fleet_hold(&f, card(&f, "0"), "a", 0, 5000, 5000, 5);
	fleet_hold(&f, card(&f, "1"), "a", 5000, END, 5000, 5);
	T_INT(END, paid_without(&f, "a", 0));
	T_INT(5000, paid_without(&f, "a[0]", 0));
	T_INT(5000, paid_without(&f, "a[1]", 0));
	T_INT(0, paid_without(&f, "[0][1]", 1));

	/* both at once, with holes in the telemetry */
	open_node(&f, 2);
	fleet_pod(&f, "a", "n", 2);
	fleet_hold(&f, card(&f, "0"), "a", 100, 4000, 3000, 5);
	fleet_hold(&f, card(&f, "0"), "a", 6000, END, 3000, 5);
	fleet_hold(&f, card(&f, "1"), "a", 0, 9000, 9000, 5);
	T_INT(0, paid_without(&f, "a", 1));

	/* one that stays may be on either */
	open_node(&f, 2);
	fleet_pod(&f, "a", "n", 1);
	fleet_pod(&f, "b", "n", 1);
	fleet_hold(&f, card(&f, "0"), "a", 0, 5000, 5000, 5);
	fleet_hold(&f, card(&f, "1"), "a", 5000, END, 5000, 5);
	fleet_hold(&f, card(&f, "0"), "b", 5000, END, 5000, 5);
	T_INT(END, paid_without(&f, "b[1]", 1));
}

/* More names than the node has cards: one was replaced, or is told by index and UUID. */
static void test_names(void)
{
	fleet f;

	open_node(&f, 1);
	fleet_pod(&f, "a", "n", 1);
	fleet_measure(&f, card(&f, "0"), TT_GPU_UTIL_PCT, END, 0);
	fleet_hold(&f, card(&f, "U"), "a", 0, END, END, 90);
	T_INT(END, paid_without(&f, "[0]", 0));
	T_INT(0, paid_without(&f, "[0][U]", 0));
	T_INT(0, paid_without(&f, "[0]a", 1));
}

/* --- Said again, second by second -------------------------------------------------------- */

static uint64_t seed;

static int64_t draw(int64_t n)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (int64_t)((z ^ z >> 31) % (uint64_t)n);
}

enum { SECONDS = 60, CARDS = 3 };

static int is_released(const tt_case *c, size_t pod, const char *gpu, int64_t at_s)
{
	for (size_t i = 0; i < c->n_releases; i++) {
		const tt_release *r = &c->releases[i];

		if (at_s < r->from_s || at_s >= r->to_s)
			continue;
		if (pod == TT_NO_POD ? r->gpu && strcmp(r->gpu, gpu) == 0 : r->pod == pod)
			return 1;
	}
	return 0;
}

/* Whether pod `pod` was seen on the card; at any time with at_s < 0. */
static int was_seen(const tt_snapshot *s, size_t pod, const char *gpu, int64_t at_s)
{
	for (size_t i = 0; i < s->n_holdings; i++) {
		const tt_holding *h = &s->holdings[i];

		if (h->pod_index == pod && strcmp(s->carriers[h->carrier].gpu, gpu) == 0 &&
		    (at_s < 0 || (h->from_s <= at_s && at_s < h->to_s)))
			return 1;
	}
	return 0;
}

static int is_running(const tt_pod_row *p, int64_t at_s)
{
	return (p->started_at == TT_TIME_MISSING || p->started_at <= at_s) &&
	       (p->ended_at == TT_TIME_MISSING || at_s < p->ended_at);
}

/* 1 when the card is free for somebody who releases it, because of a pod that left. */
static int card_left(const tt_case *c, const char *gpu, int64_t at_s)
{
	const tt_snapshot *s = c->snapshot;
	int left = 0;

	for (size_t i = 0; i < s->table[TT_PODS].n; i++) {
		const tt_pod_row *p = tt_pod_at(s, i);
		int cards = 0, here = was_seen(s, i, gpu, -1);

		for (int k = 0; k < CARDS; k++)
			cards += was_seen(s, i, (char[]){ (char)('0' + k), 0 }, -1);
		if (!is_running(p, at_s) || (!here && (cards || !(p->gpus > 0))))
			continue;
		if (!is_released(c, i, NULL, at_s))
			return 0; /* it stays, here or it may be */
		if (here)
			left |= cards <= (p->gpus > 1 ? (int)ceil(p->gpus) : 1) ||
				was_seen(s, i, gpu, at_s);
	}
	if (was_seen(s, SIZE_MAX, gpu, at_s))
		return 0;
	return left;
}

static int is_empty(const tt_case *c, int names, double gpus, int64_t at_s)
{
	const tt_snapshot *s = c->snapshot;
	int gone = 0, most = names > (int)gpus ? names : (int)gpus, whole = 0, others = 0;

	for (int k = 0; k < CARDS; k++) {
		const char gpu[] = { (char)('0' + k), 0 };

		gone += is_released(c, TT_NO_POD, gpu, at_s) || card_left(c, gpu, at_s);
		others |= was_seen(s, SIZE_MAX, gpu, at_s);
	}
	for (size_t i = 0; i < s->table[TT_PODS].n; i++) {
		const tt_pod_row *p = tt_pod_at(s, i);
		int seen = 0;

		for (int k = 0; k < CARDS; k++)
			seen |= was_seen(s, i, (char[]){ (char)('0' + k), 0 }, -1);
		if (!is_running(p, at_s))
			continue;
		if (is_released(c, i, NULL, at_s))
			whole |= !seen && p->gpus >= gpus;
		else if (!seen && !(p->gpus > 0))
			return 0; /* works without a card */
		else
			others = 1;
	}
	return gone >= most || (whole && !others);
}

static void random_node(fleet *f, double gpus)
{
	fleet_open(f, 0, SECONDS);
	fleet_node(f, "n", gpus);
	for (int i = 0; i < 5; i++) {
		static const double asks[] = { 0, 0.5, 1, 1, 2 };
		const char *name = fleet_text(f, "%c", 'a' + i);
		tt_pod_row *p = fleet_pod(f, name, "n", draw(8) ? asks[draw(5)] : (double)NAN);

		p->started_at = draw(3) ? draw(SECONDS) : TT_TIME_MISSING;
		if (draw(2))
			p->ended_at = (p->started_at > 0 ? p->started_at : 0) + 1 + draw(SECONDS);
	}
	for (int64_t n = draw(9); n > 0; n--) {
		int64_t from_s = draw(SECONDS - 1);

		fleet_hold(f, card(f, fleet_text(f, "%d", (int)draw(CARDS))),
			   fleet_text(f, "%c", 'a' + (int)draw(6)), from_s,
			   from_s + 1 + draw(SECONDS - from_s), 0, 0);
	}
}

static void test_random(void)
{
	int64_t freed = 0;

	for (uint64_t round = 1; round <= 3000; round++) {
		fleet f;
		tt_case c;
		int64_t want = 0, got = -1;
		double gpus;
		int names = 0;

		seed = round * 999983;
		gpus = (double)(1 + draw(3));
		random_node(&f, gpus);
		fleet_ready(&f);
		tt_case_init(&c, &f.s, settings);
		for (int64_t n = 2 + draw(10); n > 0; n--) {
			int64_t from_s = draw(2) ? 0 : draw(SECONDS);
			int64_t to_s = draw(2) ? SECONDS : from_s + 1 + draw(SECONDS);
			int64_t pod = draw(5 + CARDS);

			if (pod < 5)
				T_INT(TT_OK, tt_case_release_pod(&c, (size_t)pod, from_s, to_s,
								 NULL));
			else
				T_INT(TT_OK, tt_case_release_card(
						     &c, 0, fleet_text(&f, "%d", (int)pod - 5),
						     from_s, to_s, NULL));
		}
		for (int k = 0; k < CARDS; k++)
			names += tt_snapshot_find_carrier(&f.s, fleet_text(&f, "n/%d", k)) !=
				 SIZE_MAX;
		for (int64_t s = 0; s < SECONDS; s++)
			want += !is_empty(&c, names, gpus, s);
		T_INT(TT_OK, tt_case_paid_s(&c, 0, &got, NULL));
		T_(want == got, "round %llu: paid for %lld s, want %lld",
		   (unsigned long long)round, (long long)got, (long long)want);
		freed += SECONDS - want;
		tt_case_reset(&c);
		fleet_close(&f);
	}
	T_OK(freed > 3000); /* some of it was about something */
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0)
		return 1;
	test_unnamed();
	test_moved();
	test_names();
	test_random();
	tt_settings_free(settings);
	return T_END();
}
