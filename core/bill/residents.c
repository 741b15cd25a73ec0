/* residents.c - lookups over the sorted tables; see residents.h. */
#include "residents.h"
#include <math.h>
#include <string.h>

const tt_node_row *tt_node_at(const tt_snapshot *s, size_t node)
{
	return TT_ROW(&s->table[TT_NODES], tt_node_row, node);
}

const tt_pod_row *tt_pod_at(const tt_snapshot *s, size_t pod)
{
	return TT_ROW(&s->table[TT_PODS], tt_pod_row, pod);
}

tt_residents tt_residents_of(const tt_snapshot *s)
{
	return (tt_residents){ .first = s->placed.first_pod, .pod = s->placed.pods,
			       .node_of_pod = s->placed.node_of_pod };
}

static tt_span in_window(const tt_snapshot *s, int64_t from_s, int64_t to_s)
{
	tt_span span = { s->start_s, s->end_s };

	if (from_s != TT_TIME_MISSING && from_s > span.from_s)
		span.from_s = from_s;
	if (to_s != TT_TIME_MISSING && to_s < span.to_s)
		span.to_s = to_s;
	if (span.from_s > span.to_s)
		span.from_s = span.to_s;
	return span;
}

tt_span tt_node_life(const tt_snapshot *s, size_t node)
{
	const tt_node_row *row = tt_node_at(s, node);

	return in_window(s, row->started_at, row->ended_at);
}

bool tt_pod_ran(const tt_snapshot *s, const tt_pod_row *p, tt_span *ret)
{
	if (!tt_pod_started(p))
		return false;
	*ret = in_window(s, p->started_at, p->ended_at);
	return ret->from_s < ret->to_s;
}

void tt_node_carriers(const tt_snapshot *s, size_t node, size_t *ret_first, size_t *ret_n)
{
	*ret_first = s->placed.first_card[node];
	*ret_n = s->placed.end_card[node] - *ret_first;
}

const tt_workload_row *tt_workload_row_of(const tt_snapshot *s, const char *workload)
{
	const size_t at = tt_rows_find(&s->table[TT_WORKLOADS], workload);

	return at == SIZE_MAX ? NULL : TT_ROW(&s->table[TT_WORKLOADS], tt_workload_row, at);
}

const tt_node_group_row *tt_node_group_row_of(const tt_snapshot *s, const char *node_group)
{
	const size_t at = tt_rows_find(&s->table[TT_NODE_GROUPS], node_group);

	return at == SIZE_MAX ? NULL : TT_ROW(&s->table[TT_NODE_GROUPS], tt_node_group_row, at);
}

uint64_t tt_millionths(double count)
{
	return count > 0 ? (uint64_t)llround(fmin(count, 1e12) * 1e6) : 0;
}

uint64_t tt_node_cards_u6(const tt_snapshot *s, size_t node)
{
	double gpus = tt_node_at(s, node)->gpus;
	size_t first, n, cards = 0;

	if (!isnan(gpus))
		return tt_millionths(gpus);
	tt_node_carriers(s, node, &first, &n);
	for (size_t i = first; i < first + n; i++) {
		if (i == first || strcmp(s->carriers[i].gpu, s->carriers[i - 1].gpu) != 0)
			cards++;
	}
	return cards * 1000000;
}
