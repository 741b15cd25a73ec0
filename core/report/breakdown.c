#include "report/breakdown.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

const char *tt_dimension_text(enum tt_dimension d)
{
	static const char *const text[] = { "owner", "node_group", "gpu_model",
		                            "workload_kind" };

	return d < TT_DIMENSIONS ? text[d] : "";
}

static int no_memory(tt_err *err)
{
	return tt_fail(err, TT_ENOMEM, "breaking down the bill: %s", tt_status_text(TT_ENOMEM));
}

static const char *name_of(const tt_bill *b, const tt_cell *c, enum tt_dimension d)
{
	const tt_node_row *node = TT_ROW(&b->snapshot->table[TT_NODES], tt_node_row, c->node);

	switch (d) {
	case TT_BY_OWNER:
		return c->owner;
	case TT_BY_NODE_GROUP:
		return node->node_group;
	case TT_BY_GPU_MODEL:
		return node->gpu_model;
	case TT_BY_WORKLOAD_KIND:
	case TT_DIMENSIONS:
		break;
	}
	return c->workload_kind;
}

static int compare_parts(const void *pa, const void *pb)
{
	const tt_part *a = pa, *b = pb;

	if (a->known != b->known)
		return a->known ? -1 : 1;
	if (a->total_micro != b->total_micro)
		return a->total_micro > b->total_micro ? -1 : 1;
	if (!a->known && a->gpu_hours != b->gpu_hours)
		return a->gpu_hours > b->gpu_hours ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int add_cell(const tt_bill *b, const tt_cell *c, tt_part *to, tt_err *err)
{
	to->gpu_hours += c->gpu_hours;
	if (b->nodes[c->node].cost_micro == TT_MONEY_UNKNOWN) {
		to->unknown_gpu_hours += c->gpu_hours;
		return TT_OK;
	}
	to->known = 1;
	TT_TRY(tt_money_add(&to->total_micro, c->cost_micro, "a breakdown of the bill", err));
	return tt_money_add(&to->bucket_micro[c->bucket], c->cost_micro,
	                    "a breakdown of the bill", err);
}

static void names_freep(tt_names **names)
{
	tt_names_free(*names);
}

int tt_breakdown_make(const tt_bill *b, enum tt_rule rule, enum tt_dimension d,
                      tt_arena *arena, tt_breakdown *ret, tt_err *err)
{
	TT_CLEANUP(names_freep) tt_names *names = tt_names_new();
	tt_breakdown out = { 0 };

	if (!names)
		return no_memory(err);
	for (size_t i = 0; i < b->n_cells[rule]; i++) {
		const char *name = name_of(b, &b->cells[rule][i], d);

		if (tt_names_add(names, name, strlen(name)) < 0)
			return no_memory(err);
	}
	out.n = tt_names_count(names);
	out.v = tt_arena_alloc(arena, (out.n + 1) * sizeof *out.v);
	if (!out.v)
		return no_memory(err);
	for (size_t i = 0; i < b->n_cells[rule]; i++) {
		const tt_cell *c = &b->cells[rule][i];
		const char *name = name_of(b, c, d);
		tt_part *to = &out.v[tt_names_find(names, name, strlen(name))];

		to->name = name;
		TT_TRY(add_cell(b, c, to, err));
	}
	if (out.n)
		qsort(out.v, out.n, sizeof *out.v, compare_parts);
	*ret = out;
	return TT_OK;
}
