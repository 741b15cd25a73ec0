/* placed.c - the pods and cards of a node, and the pods of a workload, are those that a walk
 * over all rows finds. */
#include "snapshot/placed.h"
#include "fleet.h"

static void open_fleet(fleet *f)
{
	static const char *const nodes[] = { "a", "b", "", "b", "a", "gone", "b" };
	static const char *const workloads[] = { "train", "", "serve", "train", "z", "", "train" };

	fleet_open(f, 0, 3600);
	fleet_node(f, "b", 2);
	fleet_node(f, "a", 2);
	fleet_node(f, "empty", 2);
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		fleet_pod(f, fleet_text(f, "p%zu", i), nodes[i], 1)->workload = workloads[i];
	fleet_hold(f, fleet_card(f, "b", "0", ""), "p1", 0, 3600, 3600, 50);
	fleet_hold(f, fleet_card(f, "b", "1", "x"), "p3", 0, 3600, 3600, 50);
	fleet_hold(f, fleet_card(f, "b", "1", ""), "p3", 0, 3600, 3600, 50);
	fleet_hold(f, fleet_card(f, "a", "0", ""), "p0", 0, 3600, 3600, 50);
	fleet_hold(f, fleet_card(f, "aa", "0", ""), "p0", 0, 3600, 3600, 50);
	fleet_card(f, "empty", "", "");
	fleet_ready(f);
}

static const tt_pod_row *pod_at(const fleet *f, size_t i)
{
	return TT_ROW(&f->s.table[TT_PODS], tt_pod_row, i);
}

static void test_nodes(const fleet *f)
{
	const tt_placed *p = &f->s.placed;

	for (size_t node = 0; node < f->s.table[TT_NODES].n; node++) {
		const char *name = TT_ROW(&f->s.table[TT_NODES], tt_node_row, node)->node;
		size_t at = p->first_pod[node], first, n;

		for (size_t i = 0; i < f->s.table[TT_PODS].n; i++) {
			const bool here = strcmp(pod_at(f, i)->node, name) == 0;

			T_INT(here, p->node_of_pod[i] == node);
			if (here && at < p->first_pod[node + 1])
				T_INT(i, p->pods[at++]);
		}
		T_INT(p->first_pod[node + 1], at);
		tt_snapshot_cards_of(&f->s, name, &first, &n);
		T_INT(n, p->end_card[node] - p->first_card[node]);
		if (n)
			T_INT(first, p->first_card[node]);
	}
	T_INT(5, p->first_pod[3]); /* "" and "gone" are nobody's */
	T_INT(UINT32_MAX, p->node_of_pod[2]);
	T_INT(UINT32_MAX, p->node_of_pod[5]);
	T_INT(3, p->end_card[1] - p->first_card[1]); /* of "b": a slice counts too */
	T_INT(0, p->end_card[2] - p->first_card[2]); /* a node itself is no card */
}

static void test_workloads(const fleet *f)
{
	static const char *const names[] = { "", "serve", "train", "z", "trai", "zz" };
	size_t n;

	for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
		const uint32_t *v = tt_placed_workload(&f->s.placed, names[k], &n);
		size_t at = 0;

		for (size_t i = 0; i < f->s.table[TT_PODS].n; i++) {
			if (strcmp(pod_at(f, i)->workload, names[k]) != 0)
				continue;
			T_OK(at < n && v[at] == i);
			at++;
		}
		T_INT(at, n);
	}
	tt_placed_workload(&f->s.placed, "train", &n);
	T_INT(3, n);
}

static void test_nothing(void)
{
	fleet f;
	size_t n;

	fleet_open(&f, 0, 3600);
	fleet_ready(&f);
	T_OK(!tt_placed_workload(&f.s.placed, "train", &n));
	T_INT(0, n);
	fleet_close(&f);
}

int main(void)
{
	fleet f;

	open_fleet(&f);
	test_nodes(&f);
	test_workloads(&f);
	test_nothing();
	fleet_close(&f);
	return T_END();
}
