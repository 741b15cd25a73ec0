/* remembered.c - a node's paid time is the same when it is remembered, and when it was
 * forgotten, as when it is worked out anew. */
#include "rank/remembered.h"
#include "bill/case.h"
#include "fleet.h"

static tt_settings *settings;

static const tt_terms spot = { .pricing = "spot", .region = "", .provider = "",
			       .instance_type = "", .gpu_model = "" };

/* Way number `i` of releasing something of node 0. */
static void release(tt_case *c, int i)
{
	tt_span when = { 60 * i, 3600 };
	tt_release whole = { .node = 0, .pod = TT_NO_POD };

	if (i % 3 == 2)
		T_INT(TT_OK, tt_case_release_pod(c, 0, 0, 600 * i, NULL));
	else if (i % 3 == 1)
		T_INT(TT_OK, tt_case_release_node(c, 0, 60 * i, 1800, NULL));
	whole.leave = TT_REPRICED;
	whole.terms = &spot;
	T_INT(TT_OK, tt_case_release(c, &whole, &(tt_spans){ .v = &when, .n = 1 }, NULL));
}

static void check(tt_remembered *m, const tt_case *c, size_t node)
{
	TT_CLEANUP(tt_segments_free) tt_segments anew = { 0 };
	const tt_residents r = tt_residents_of(c->snapshot);
	const tt_segments *is = NULL;

	T_INT(TT_OK, tt_node_segments(c, &r, node, TT_DECIMAL_ONE, &anew, NULL));
	T_INT(TT_OK, tt_remembered_segments(m, c, node, TT_DECIMAL_ONE, &is, NULL));
	T_INT(anew.n, is->n);
	for (size_t i = 0; i < anew.n && i < is->n; i++) {
		T_INT(anew.v[i].from_s, is->v[i].from_s);
		T_INT(anew.v[i].to_s, is->v[i].to_s);
		T_OK(anew.v[i].terms == is->v[i].terms);
		T_OK(anew.v[i].price_per_hour == is->v[i].price_per_hour);
	}
}

int main(void)
{
	tt_remembered *m = NULL;
	fleet f;
	tt_case c;

	if (tt_settings_load(NULL, &settings, NULL) < 0)
		return 1;
	fleet_open(&f, 0, 3600);
	fleet_node(&f, "a", 1);
	fleet_node(&f, "b", 1);
	fleet_pod(&f, "p", "a", 1);
	fleet_hold(&f, fleet_card(&f, "a", "0", ""), "p", 0, 3600, 3600, 50);
	fleet_ready(&f);
	T_INT(TT_OK, tt_remembered_open(&f.s, &m, NULL));
	tt_case_init(&c, &f.s, settings);
	for (int round = 0; round < 3; round++) { /* more ways than are remembered, and again */
		for (int i = 0; i < 6; i++) {
			release(&c, i);
			check(m, &c, 0);
			check(m, &c, 0);
			check(m, &c, 1);
			tt_case_reset(&c);
			check(m, &c, 0);
		}
	}
	tt_remembered_close(m);
	fleet_close(&f);
	tt_settings_free(settings);
	return T_END();
}
