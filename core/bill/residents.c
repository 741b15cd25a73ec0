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

int tt_residents_make(const tt_snapshot *s, tt_residents *ret, tt_err *err)
{
	size_t nodes = s->table[TT_NODES].n, pods = s->table[TT_PODS].n;
	tt_residents r = { .first = tt_zalloc(nodes + 2, sizeof *r.first),
			   .pod = tt_zalloc(pods + 1, sizeof *r.pod),
			   .node_of_pod = tt_zalloc(pods + 1, sizeof *r.node_of_pod) };

	if (!r.first || !r.pod || !r.node_of_pod) {
		tt_residents_free(&r);
		return tt_no_memory(err);
	}
	/* counted one place up, so that filling moves each start to where it belongs */
	for (size_t i = 0; i < pods; i++) {
		const char *node = tt_pod_at(s, i)->node;
		size_t at = *node ? tt_snapshot_find_node(s, node) : SIZE_MAX;

		r.node_of_pod[i] = at == SIZE_MAX ? UINT32_MAX : (uint32_t)at;
		if (at != SIZE_MAX)
			r.first[at + 2]++;
	}
	for (size_t i = 2; i < nodes + 2; i++)
		r.first[i] += r.first[i - 1];
	for (size_t i = 0; i < pods; i++) {
		if (r.node_of_pod[i] != UINT32_MAX)
			r.pod[r.first[r.node_of_pod[i] + 1]++] = (uint32_t)i;
	}
	*ret = r;
	return TT_OK;
}

void tt_residents_free(tt_residents *r)
{
	tt_free(r->first);
	tt_free(r->pod);
	tt_free(r->node_of_pod);
	*r = (tt_residents){ 0 };
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

/* First card whose node is not below `node` (above: strictly behind it). */
static size_t bound(const tt_snapshot *s, const char *node, int above)
{
	size_t lo = 0, hi = s->n_cards;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = strcmp(s->carriers[mid].node, node);

		if (order < 0 || (above && order == 0))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void tt_node_carriers(const tt_snapshot *s, size_t node, size_t *ret_first, size_t *ret_n)
{
	const char *name = tt_node_at(s, node)->node;

	*ret_first = bound(s, name, 0);
	*ret_n = bound(s, name, 1) - *ret_first;
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
