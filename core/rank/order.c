#include "rank/order.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is taken or left as one: a candidate that saves something alone, or those that
 * touch the same nodes and save nothing one by one. */
typedef struct tt_unit {
	tt_candidate **c;
	size_t n;
	int64_t saving_micro;    /* of the unit alone */
	double effort_days;
} tt_unit;

struct walk {
	tt_plan *plan;
	const tt_bill *bill;
	tt_pricer *alone, *joint;
	const tt_ranked **earner; /* [nodes] that saved last on it; NULL: nobody yet */
	const tt_change **changes; /* room for those of a unit */
	tt_unit *units; size_t n_units;
	tt_candidate **members;   /* [n] of all units, one after the other */
	tt_names *taken, *banned; /* ids in the plan, and ids that these exclude */
};

static int no_memory(tt_err *err)
{
	return tt_fail(err, TT_ENOMEM, "ranking findings: %s", tt_status_text(TT_ENOMEM));
}

static int leave_out(struct walk *w, tt_candidate *c, const char *why, tt_err *err)
{
	c->r->place = TT_LEFT_OUT;
	c->r->why = tt_arena_text(w->plan->arena, why, strlen(why));
	return c->r->why ? TT_OK : no_memory(err);
}

/* --- Units --------------------------------------------------------------------- */

static size_t root_of(tt_candidate *c, size_t i)
{
	while (c[i].group != i) {
		c[i].group = c[c[i].group].group;
		i = c[i].group;
	}
	return i;
}

/* Join candidates that save nothing alone and touch one node; the group's number is that
 * of its first. */
static int join_groups(struct walk *w, tt_candidate *c, size_t n, tt_err *err)
{
	size_t nodes = w->bill->snapshot->table[TT_NODES].n;
	TT_CLEANUP(tt_freep) size_t *first = tt_zalloc(nodes + 1, sizeof *first);

	if (!first)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		c[i].group = i;
		if (c[i].r->standalone_micro != 0)
			continue;
		for (size_t j = 0; j < c[i].n_nodes; j++) {
			uint32_t node = c[i].nodes[j].node;

			if (!first[node])
				first[node] = i + 1;
			size_t a = root_of(c, first[node] - 1), b = root_of(c, i);
			if (a != b)
				c[a > b ? a : b].group = a > b ? b : a;
		}
	}
	for (size_t i = 0; i < n; i++)
		c[i].group = root_of(c, i);
	return TT_OK;
}

static int compare_members(const void *pa, const void *pb)
{
	const tt_candidate *a = *(tt_candidate *const *)pa, *b = *(tt_candidate *const *)pb;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return strcmp(a->r->found->id, b->r->found->id);
}

static size_t gather_changes(struct walk *w, tt_candidate *const *c, size_t n)
{
	size_t n_changes = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < c[i]->r->n_changes; j++)
			w->changes[n_changes++] = c[i]->r->changes[j];
	return n_changes;
}

static int weigh_unit(struct walk *w, tt_unit *u, tt_err *err)
{
	for (size_t i = 0; i < u->n; i++)
		u->effort_days += u->c[i]->r->found->effort_days;
	u->saving_micro = u->c[0]->r->standalone_micro;
	if (u->n == 1)
		return TT_OK;

	tt_saving s;

	TT_TRY(tt_pricer_try(w->alone, w->changes, gather_changes(w, u->c, u->n), &s, err));
	u->saving_micro = s.known_micro;
	return TT_OK;
}

/* Largest saving per engineer-day first; what needs no work before everything else. */
static int compare_units(const void *pa, const void *pb)
{
	const tt_unit *a = pa, *b = pb;
	double ra = a->effort_days > 0 ? (double)a->saving_micro / a->effort_days : INFINITY;
	double rb = b->effort_days > 0 ? (double)b->saving_micro / b->effort_days : INFINITY;

	/* a unit without a saving of its own waits for what the others leave */
	if ((a->saving_micro > 0) != (b->saving_micro > 0))
		return a->saving_micro > 0 ? -1 : 1;
	if (ra != rb)
		return ra > rb ? -1 : 1;
	if (a->saving_micro != b->saving_micro)
		return a->saving_micro > b->saving_micro ? -1 : 1;
	return strcmp(a->c[0]->r->found->id, b->c[0]->r->found->id);
}

static int make_units(struct walk *w, tt_candidate *c, size_t n, tt_err *err)
{
	TT_TRY(join_groups(w, c, n, err));
	for (size_t i = 0; i < n; i++)
		w->members[i] = &c[i];
	if (n)
		qsort(w->members, n, sizeof(tt_candidate *), compare_members);
	for (size_t i = 0; i < n; i++) {
		if (!i || w->members[i]->group != w->members[i - 1]->group)
			w->units[w->n_units++] = (tt_unit){ .c = &w->members[i] };
		w->units[w->n_units - 1].n++;
	}
	for (size_t i = 0; i < w->n_units; i++)
		TT_TRY(weigh_unit(w, &w->units[i], err));
	if (w->n_units)
		qsort(w->units, w->n_units, sizeof *w->units, compare_units);
	return TT_OK;
}

/* --- What a finding excludes ------------------------------------------------------ */

/* The next id in a comma separated list, or NULL at its end. */
static const char *next_id(const char **at, size_t *ret_n)
{
	while (**at == ',' || **at == ' ')
		(*at)++;
	if (!**at)
		return NULL;

	const char *id = *at;

	*ret_n = strcspn(id, ", ");
	*at = id + *ret_n;
	return id;
}

/* Returns 1 when it may not stand beside what is taken, and says why. */
static int is_excluded(struct walk *w, const tt_ranked *r, char *why, size_t size)
{
	const char *id;
	size_t n;

	if (tt_names_find(w->banned, r->found->id, strlen(r->found->id)) >= 0) {
		snprintf(why, size, "a finding in the plan excludes it");
		return 1;
	}
	for (size_t i = 0; i < r->n_changes; i++) {
		for (const char *at = r->changes[i]->excludes; (id = next_id(&at, &n));) {
			if (tt_names_find(w->taken, id, n) < 0)
				continue;
			snprintf(why, size, "it excludes %.*s, which is in the plan", (int)n, id);
			return 1;
		}
	}
	return 0;
}

static int note_taken(struct walk *w, const tt_ranked *r, tt_err *err)
{
	const char *id;
	size_t n;

	if (tt_names_add(w->taken, r->found->id, strlen(r->found->id)) < 0)
		return no_memory(err);
	for (size_t i = 0; i < r->n_changes; i++)
		for (const char *at = r->changes[i]->excludes; (id = next_id(&at, &n));)
			if (tt_names_add(w->banned, id, n) < 0)
				return no_memory(err);
	return TT_OK;
}

/* --- What is lost to another ------------------------------------------------------- */

static int compare_lost(const void *pa, const void *pb)
{
	const tt_lost *a = pa, *b = pb;

	if (a->micro != b->micro)
		return a->micro > b->micro ? -1 : 1;
	return strcmp(a->to->found->id, b->to->found->id);
}

/* Add up by finding, and sort. */
static void tidy_lost(tt_lost *lost, size_t *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		size_t j = 0;

		while (j < kept && lost[j].to != lost[i].to)
			j++;
		if (j < kept)
			lost[j].micro += lost[i].micro;
		else
			lost[kept++] = lost[i];
	}
	*n = kept;
	if (kept)
		qsort(lost, kept, sizeof *lost, compare_lost);
}

/* Who has what `c` would save alone and does not save in the plan: the finding that
 * saved on the node before. `got` is what it does save, on the same nodes. */
static int find_lost(struct walk *w, const tt_candidate *c, const tt_saving *got, tt_err *err)
{
	tt_lost *lost = tt_arena_alloc(w->plan->arena, (c->n_nodes + 1) * sizeof *lost);
	size_t n = 0;

	if (!lost)
		return no_memory(err);
	for (size_t i = 0; i < c->n_nodes && i < got->n; i++) {
		const tt_node_saving *was = &c->nodes[i];
		const tt_ranked *to = w->earner[was->node];
		int64_t gap = was->saving_micro - got->nodes[i].saving_micro;

		if (was->saving_micro == TT_MONEY_UNKNOWN || !to || gap <= 0)
			continue;
		lost[n++] = (tt_lost){ to, "the same node", gap };
	}
	tidy_lost(lost, &n);
	c->r->lost = lost;
	c->r->n_lost = n;
	return TT_OK;
}

/* --- Taking ------------------------------------------------------------------------- */

/* Take one candidate as the next step. */
static int take(struct walk *w, tt_candidate *c, tt_err *err)
{
	char why[160];
	tt_saving s;

	if (is_excluded(w, c->r, why, sizeof why))
		return leave_out(w, c, why, err);
	TT_TRY(tt_pricer_try(w->joint, c->r->changes, c->r->n_changes, &s, err));
	TT_TRY(find_lost(w, c, &s, err));
	if (!s.n_new)
		return leave_out(w, c, "the plan releases the same already", err);
	c->r->place = TT_IN_PLAN;
	c->r->in_plan_micro = s.known_micro;
	for (size_t i = 0; i < s.n; i++)
		if (s.nodes[i].saving_micro > 0)
			w->earner[s.nodes[i].node] = c->r;
	TT_TRY(tt_pricer_keep(w->joint, err));
	TT_TRY(note_taken(w, c->r, err));
	w->plan->steps[w->plan->n_steps++] = (tt_step){ .finding = c->r };
	return TT_OK;
}

static int is_useful(const tt_candidate *c, const tt_saving *s)
{
	size_t i = 0;

	for (size_t j = 0; j < c->n_nodes; j++) { /* both by row of the node */
		while (i < s->n && s->nodes[i].node < c->nodes[j].node)
			i++;
		if (i < s->n && s->nodes[i].node == c->nodes[j].node &&
		    s->nodes[i].saving_micro > 0)
			return 1;
	}
	return 0;
}

/* Why a candidate that saves nothing does so. The node is not named: its finding does
 * that, and equal reasons can be counted. */
static void say_why_nothing(const struct walk *w, const tt_candidate *c, char *why, size_t size)
{
	const tt_snapshot *s = w->bill->snapshot;
	const char *paid = "", *nodes = c->n_nodes == 1 ? "the node" : "their nodes";

	for (size_t i = 0; i < c->n_nodes; i++) {
		const tt_node_row *row = TT_ROW(&s->table[TT_NODES], tt_node_row, c->nodes[i].node);

		if (strcmp(row->pricing, "reserved") == 0 || strcmp(row->pricing, "owned") == 0)
			paid = row->pricing;
	}
	if (*paid)
		snprintf(why, size, "saves nothing: %s stay%s paid for (%s)", nodes,
		         c->n_nodes == 1 ? "s" : "", paid);
	else if (c->n_nodes)
		snprintf(why, size, "saves nothing alone or with the others: %s do%s not empty",
		         nodes, c->n_nodes == 1 ? "es" : "");
	else
		snprintf(why, size, "saves nothing in this window");
}

/* Nothing of the unit helps: say so, and who saves the same if somebody does. */
static int leave_unit(struct walk *w, tt_unit *u, const tt_saving *s, tt_err *err)
{
	char why[512];

	if (u->n == 1 && u->c[0]->r->standalone_micro > 0) {
		TT_TRY(find_lost(w, u->c[0], s, err));
		return leave_out(w, u->c[0], "the plan saves the same already", err);
	}
	for (size_t i = 0; i < u->n; i++) {
		say_why_nothing(w, u->c[i], why, sizeof why);
		TT_TRY(leave_out(w, u->c[i], why, err));
	}
	return TT_OK;
}

static int take_unit(struct walk *w, tt_unit *u, tt_err *err)
{
	char why[512];
	tt_saving s;
	size_t n = 0;

	TT_TRY(tt_pricer_try(w->joint, w->changes, gather_changes(w, u->c, u->n), &s, err));
	if (s.known_micro <= 0)
		return leave_unit(w, u, &s, err);
	if (u->n == 1)
		return take(w, u->c[0], err);
	/* decided for all before the first is taken, since that reuses `s` */
	for (size_t i = 0; i < u->n; i++) {
		if (is_useful(u->c[i], &s)) {
			u->c[n++] = u->c[i];
			continue;
		}
		say_why_nothing(w, u->c[i], why, sizeof why);
		TT_TRY(leave_out(w, u->c[i], why, err));
	}
	for (size_t i = 0; i < n; i++)
		TT_TRY(take(w, u->c[i], err));
	return TT_OK;
}

static int walk_open(struct walk *w, size_t n_changes, size_t n, const tt_settings *st,
                     tt_err *err)
{
	tt_arena *arena = w->plan->arena;
	size_t nodes = w->bill->snapshot->table[TT_NODES].n;

	w->earner = tt_arena_alloc(arena, (nodes + 1) * sizeof(tt_ranked *));
	w->changes = tt_arena_alloc(arena, (n_changes + 1) * sizeof(tt_change *));
	w->units = tt_arena_alloc(arena, (n + 1) * sizeof *w->units);
	w->members = tt_arena_alloc(arena, (n + 1) * sizeof(tt_candidate *));
	w->plan->steps = tt_arena_alloc(arena, (n + 1) * sizeof *w->plan->steps);
	w->taken = tt_names_new();
	w->banned = tt_names_new();
	if (!w->earner || !w->changes || !w->units || !w->members || !w->plan->steps ||
	    !w->taken || !w->banned)
		return no_memory(err);
	return tt_pricer_open(w->bill, st, &w->joint, err);
}

static void walk_close(struct walk *w)
{
	tt_pricer_close(w->joint);
	tt_names_free(w->taken);
	tt_names_free(w->banned);
}

int tt_order_make(tt_plan *plan, const tt_bill *b, const tt_settings *st, tt_pricer *alone,
                  tt_candidate *c, size_t n, tt_err *err)
{
	TT_CLEANUP(walk_close) struct walk w = { .plan = plan, .bill = b, .alone = alone };
	size_t n_changes = 0;

	for (size_t i = 0; i < n; i++)
		n_changes += c[i].r->n_changes;
	TT_TRY(walk_open(&w, n_changes, n, st, err));
	TT_TRY(make_units(&w, c, n, err));
	for (size_t i = 0; i < w.n_units; i++)
		TT_TRY(take_unit(&w, &w.units[i], err));
	return TT_OK;
}
