#include "change/repack_worth.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

int tt_repack_touched(const tt_snapshot *s, size_t node, tt_names *groups, tt_err *err)
{
	const char *group = tt_node_at(s, node)->node_group;

	if (*group && tt_names_add(groups, group, strlen(group)) < 0)
		return tt_no_memory(err);
	return TT_OK;
}

static int most_first(const void *pa, const void *pb)
{
	const tt_repack_group *a = pa, *b = pb;

	if (a->worth.saving_micro != b->worth.saving_micro)
		return a->worth.saving_micro > b->worth.saving_micro ? -1 : 1;
	return strcmp(a->node_group, b->node_group);
}

int tt_repack_worths(const tt_snapshot *s, const tt_settings *st, const tt_names *groups,
		     tt_arena *arena, tt_repack_groups *ret, tt_err *err)
{
	const size_t n = tt_names_count(groups);

	*ret = (tt_repack_groups){ .v = tt_arena_alloc(arena, (n + 1) * sizeof *ret->v) };
	if (!ret->v)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const char *group = tt_names_at(groups, i);
		tt_repack_group *to = &ret->v[ret->n++];
		tt_err why = { 0 };

		*to = (tt_repack_group){ .why = "",
			.node_group = tt_arena_text(arena, group, strlen(group)) };
		if (tt_repack_saving(s, st, group, &to->worth, &why) < 0) {
			if (why.status == TT_ENOMEM)
				return tt_no_memory(err);
			to->worth = (tt_repack_worth){ .saving_micro = TT_MONEY_UNKNOWN };
			to->why = tt_arena_text(arena, why.text, strlen(why.text));
		}
		if (!to->node_group || !to->why)
			return tt_no_memory(err);
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof *ret->v, most_first);
	return TT_OK;
}
