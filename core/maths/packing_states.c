#include "maths/packing_states.h"
#include "base/memory.h"
#include <string.h>

#define MOST_GROUPS 16

typedef struct fill {                   /* of one bin; no more has room in it */
	uint32_t count[MOST_GROUPS];
	size_t kind;
} fill;

typedef struct table {
	const tt_pack_plan *plan;
	size_t n_groups, n_states;
	size_t stride[MOST_GROUPS];     /* of each group in the number of a state */
	fill *fills;
	size_t n_fills, cap_fills;
	fill now;
	int64_t room[TT_PACK_DIMS];
	uint64_t visits, most_visits;
	int64_t *cost;                  /* of each state */
	uint32_t *choice;
} table;

static void table_free(table *t)
{
	tt_free(t->fills);
	tt_free(t->cost);
	tt_free(t->choice);
}

static bool count_states(table *t)
{
	const tt_pack_problem *p = t->plan->p;

	if (p->n_bins || t->n_groups > MOST_GROUPS)
		return false;
	for (size_t k = 0; k < p->n_kinds; k++)
		if (p->kinds[k].most && p->kinds[k].most < t->plan->n)
			return false;
	t->n_states = 1;
	for (size_t g = 0; g < t->n_groups; g++) {
		t->stride[g] = t->n_states;
		if (t->plan->groups[g].n + 1 > TT_PACK_STATES / t->n_states)
			return false;
		t->n_states *= t->plan->groups[g].n + 1;
	}
	return true;
}

static bool one_more_fits(const table *t, size_t g)
{
	const tt_pack_group *group = &t->plan->groups[g];

	return t->now.count[g] < group->n && tt_pack_allowed(group->kinds, t->now.kind) &&
	       tt_pack_fits(group->item->size, t->room, t->plan->p->n_dims);
}

static void change_room(table *t, size_t g, int64_t sign)
{
	for (size_t d = 0; d < t->plan->p->n_dims; d++)
		t->room[d] += sign * t->plan->groups[g].item->size[d];
}

/* All fills of a bin of the kind that hold what `now` does and more of groups g..; those that
 * are not full are passed over. TT_ECANCELLED: they are too many. */
static int find_fills(table *t, size_t g, tt_err *err)
{
	uint32_t added = 0;
	int rc = TT_OK;

	if (++t->visits > t->most_visits)
		return TT_ECANCELLED;
	if (g == t->n_groups) {
		for (size_t i = 0; i < g; i++)
			if (one_more_fits(t, i))
				return TT_OK;
		if (!TT_GROW(t->fills, t->n_fills, t->cap_fills))
			return tt_no_memory(err);
		t->fills[t->n_fills++] = t->now;
		return TT_OK;
	}
	for (; one_more_fits(t, g); added++) {
		t->now.count[g]++;
		change_room(t, g, -1);
	}
	for (; rc == TT_OK; added--) {
		rc = find_fills(t, g + 1, err);
		if (added == 0)
			break;
		t->now.count[g]--;
		change_room(t, g, 1);
	}
	for (; added; added--) {
		t->now.count[g]--;
		change_room(t, g, 1);
	}
	return rc;
}

/* The largest item that is left has to be in some bin, so one that holds it comes next. */
static void fill_table(table *t)
{
	uint32_t left[MOST_GROUPS] = { 0 };

	t->cost[0] = 0;
	for (size_t at = 1; at < t->n_states; at++) {
		size_t first = 0;

		for (size_t g = 0; ++left[g] > t->plan->groups[g].n; g++)
			left[g] = 0;
		while (left[first] == 0)
			first++;
		t->cost[at] = INT64_MAX;
		for (size_t i = 0; i < t->n_fills; i++) {
			const fill *f = &t->fills[i];
			size_t to = at;

			if (f->count[first] == 0)
				continue;
			for (size_t g = first; g < t->n_groups; g++)
				to -= t->stride[g] *
				      (f->count[g] < left[g] ? f->count[g] : left[g]);

			const int64_t cost = t->cost[to] + t->plan->p->kinds[f->kind].cost;

			if (cost < t->cost[at]) {
				t->cost[at] = cost;
				t->choice[at] = (uint32_t)i;
			}
		}
	}
}

static int follow(const table *t, tt_packing *best, tt_err *err)
{
	TT_CLEANUP(tt_packing_free) tt_packing s = { 0 };
	size_t used[MOST_GROUPS] = { 0 };

	TT_TRY(tt_packing_make(t->plan, &s, err));
	for (size_t at = t->n_states - 1; at;) {
		const fill *f = &t->fills[t->choice[at]];
		const size_t bin = tt_packing_open(&s, f->kind);

		for (size_t g = 0; g < t->n_groups; g++) {
			const tt_pack_group *group = &t->plan->groups[g];

			for (uint32_t i = 0; i < f->count[g] && used[g] < group->n; i++) {
				tt_packing_put(&s, group->first + used[g]++, bin);
				at -= t->stride[g];
			}
		}
	}
	tt_packing_copy(best, &s);
	return TT_OK;
}

int tt_pack_by_states(tt_packing *best, bool *ret_done, uint64_t *ret_steps, tt_err *err)
{
	const tt_pack_plan *plan = best->plan;
	TT_CLEANUP(table_free) table t = { .plan = plan, .n_groups = plan->n_groups };

	*ret_done = false;
	if (!count_states(&t))
		return TT_OK;
	t.most_visits = plan->p->steps / t.n_states;
	for (size_t k = 0; k < plan->p->n_kinds; k++) {
		if (plan->p->kinds[k].most == 0)
			continue;
		t.now.kind = k;
		memcpy(t.room, plan->net[k], sizeof t.room);

		const int rc = find_fills(&t, 0, err);

		if (rc == TT_ECANCELLED)
			return TT_OK;
		TT_TRY(rc);
	}
	t.cost = tt_alloc(t.n_states * sizeof *t.cost);
	t.choice = tt_alloc(t.n_states * sizeof *t.choice);
	if (!t.cost || !t.choice)
		return tt_no_memory(err);
	fill_table(&t);
	*ret_steps += t.n_states * (uint64_t)t.n_fills;
	if (t.cost[t.n_states - 1] < best->cost)
		TT_TRY(follow(&t, best, err));
	*ret_done = true;
	return TT_OK;
}
