#include "snapshot/placed.h"
#include "base/text.h"
#include "snapshot/snapshot.h"
#include <stdlib.h>
#include <string.h>

static const tt_pod_row *pod_at(const tt_snapshot *s, size_t i)
{
	return TT_ROW(&s->table[TT_PODS], tt_pod_row, i);
}

/* Pods i with of[i] < n in lists by of[i], those of k from first[k]; first[] has n + 2 places,
 * all 0, of which the last is scratch. */
static void list_by(const uint32_t *of, size_t pods, size_t n, size_t *first, uint32_t *rows)
{
	/* counted one place up, so that filling moves each start to where it belongs */
	for (size_t i = 0; i < pods; i++) {
		if (of[i] < n)
			first[of[i] + 2]++;
	}
	for (size_t k = 2; k < n + 2; k++)
		first[k] += first[k - 1];
	for (size_t i = 0; i < pods; i++) {
		if (of[i] < n)
			rows[first[of[i] + 1]++] = (uint32_t)i;
	}
}

static int place_pods(const tt_snapshot *s, tt_arena *arena, tt_placed *ret, tt_err *err)
{
	const size_t nodes = s->table[TT_NODES].n, pods = s->table[TT_PODS].n;
	uint32_t *node_of_pod = tt_arena_alloc(arena, (pods + 1) * sizeof *node_of_pod);
	uint32_t *rows = tt_arena_alloc(arena, (pods + 1) * sizeof *rows);
	size_t *first = tt_arena_alloc(arena, (nodes + 2) * sizeof *first);

	if (!node_of_pod || !rows || !first)
		return tt_no_memory(err);
	for (size_t i = 0; i < pods; i++) {
		const char *node = pod_at(s, i)->node;
		const size_t at = *node ? tt_snapshot_find_node(s, node) : SIZE_MAX;

		node_of_pod[i] = at == SIZE_MAX ? UINT32_MAX : (uint32_t)at;
	}
	list_by(node_of_pod, pods, nodes, first, rows);
	ret->node_of_pod = node_of_pod;
	ret->first_pod = first;
	ret->pods = rows;
	return TT_OK;
}

static int place_cards(const tt_snapshot *s, tt_arena *arena, tt_placed *ret, tt_err *err)
{
	const size_t nodes = s->table[TT_NODES].n;
	size_t *first = tt_arena_alloc(arena, (nodes + 1) * sizeof *first);
	size_t *end = tt_arena_alloc(arena, (nodes + 1) * sizeof *end);

	if (!first || !end)
		return tt_no_memory(err);
	for (size_t i = 0; i < s->n_cards; i++) {
		const size_t node = s->carriers[i].node_index;

		if (node >= nodes)
			continue;
		first[node] = end[node] ? first[node] : i;
		end[node] = i + 1;
	}
	ret->first_card = first;
	ret->end_card = end;
	return TT_OK;
}

/* Workloads as they come in the table of pods: which of them each pod is of. */
static int name_workloads(const tt_snapshot *s, tt_names *names, uint32_t *of, tt_err *err)
{
	for (size_t i = 0; i < s->table[TT_PODS].n; i++) {
		const char *name = pod_at(s, i)->workload;
		const int64_t at = tt_names_add(names, name, strlen(name));

		if (at < 0)
			return tt_no_memory(err);
		of[i] = (uint32_t)at;
	}
	return TT_OK;
}

/* The workloads' names, sorted; number i of the names becomes place[i]. */
static int sort_workloads(const tt_snapshot *s, const tt_names *names, const uint32_t *of,
			  const char **v, uint32_t *place, tt_err *err)
{
	const size_t n = tt_names_count(names);

	for (size_t i = s->table[TT_PODS].n; i-- > 0;)
		v[of[i]] = pod_at(s, i)->workload; /* the snapshot's own text */
	if (n)
		qsort(v, n, sizeof *v, tt_compare_texts);
	for (size_t i = 0; i < n; i++) {
		const int64_t at = tt_names_find(names, v[i], strlen(v[i]));

		if (at < 0)
			return tt_no_memory(err);
		place[at] = (uint32_t)i;
	}
	return TT_OK;
}

static void free_names(tt_names **names)
{
	tt_names_free(*names);
}

static int place_workloads(const tt_snapshot *s, tt_arena *arena, tt_placed *ret, tt_err *err)
{
	const size_t pods = s->table[TT_PODS].n;
	TT_CLEANUP(free_names) tt_names *names = tt_names_new();
	TT_CLEANUP(tt_freep) uint32_t *of = tt_alloc((pods + 1) * sizeof *of);
	TT_CLEANUP(tt_freep) uint32_t *place = tt_alloc((pods + 1) * sizeof *place);
	uint32_t *rows = tt_arena_alloc(arena, (pods + 1) * sizeof *rows);

	if (!names || !of || !place || !rows)
		return tt_no_memory(err);
	TT_TRY(name_workloads(s, names, of, err));
	ret->n_workloads = tt_names_count(names);
	ret->workloads = tt_arena_alloc(arena, (ret->n_workloads + 1) * sizeof *ret->workloads);
	size_t *first = tt_arena_alloc(arena, (ret->n_workloads + 2) * sizeof *first);
	if (!ret->workloads || !first)
		return tt_no_memory(err);
	TT_TRY(sort_workloads(s, names, of, ret->workloads, place, err));
	for (size_t i = 0; i < pods; i++)
		of[i] = place[of[i]];
	list_by(of, pods, ret->n_workloads, first, rows);
	ret->first_of = first;
	ret->of_workload = rows;
	return TT_OK;
}

int tt_placed_make(const tt_snapshot *s, tt_arena *arena, tt_placed *ret, tt_err *err)
{
	tt_placed p = { .n_workloads = 0 };

	TT_TRY(place_pods(s, arena, &p, err));
	TT_TRY(place_cards(s, arena, &p, err));
	TT_TRY(place_workloads(s, arena, &p, err));
	*ret = p;
	return TT_OK;
}

const uint32_t *tt_placed_workload(const tt_placed *p, const char *workload, size_t *ret_n)
{
	const char **at = bsearch(&workload, p->workloads, p->n_workloads, sizeof *p->workloads,
				  tt_compare_texts);
	const size_t i = at ? (size_t)(at - p->workloads) : 0;

	*ret_n = at ? p->first_of[i + 1] - p->first_of[i] : 0;
	return at ? p->of_workload + p->first_of[i] : NULL;
}
