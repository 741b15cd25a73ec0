#include "rank/order.h"
#include "rank/excludes.h"
#include "rank/lost.h"
#include "rank/paid.h"
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
	tt_node_saving *freed;     /* what a unit frees, by row of the node */
	size_t n_freed, cap_freed;
	int64_t moved_micro;       /* what it moves to costs; */
	int dear;                  /* no less than what goes */
	int risk_allowed;
	size_t unit;              /* of what is taken next */
	tt_unit *units; size_t n_units;
	tt_candidate **members;   /* [n] of all units, one after the other */
	tt_excludes excludes;     /* by what is in the plan */
};

static int leave_out(struct walk *w, tt_candidate *c, const char *why, tt_err *err)
{
	c->r->place = TT_LEFT_OUT;
	c->r->why = tt_arena_text(w->plan->arena, why, strlen(why));
	return c->r->why ? TT_OK : tt_no_memory(err);
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
		return tt_no_memory(err);
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
	w->n_units = 0;
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

/* --- What is lost to another ------------------------------------------------------- */

/* Who has what `c` would save alone and does not save in the plan: the finding that
 * saved on the node before. `got` is what it does save, on its nodes or on none. */
static int find_lost(struct walk *w, const tt_candidate *c, const tt_saving *got, tt_err *err)
{
	tt_lost *lost = tt_arena_alloc(w->plan->arena, (c->n_nodes + 1) * sizeof *lost);
	size_t n = 0;

	if (!lost)
		return tt_no_memory(err);
	for (size_t i = 0; i < c->n_nodes; i++) {
		uint32_t node = c->nodes[i].node;
		int64_t was = c->nodes[i].saving_micro;
		int64_t is = i < got->n ? got->nodes[i].saving_micro : 0;
		int gone = tt_pricer_paid_s(w->joint, node) == 0;

		/* no price, or none of it: an amount can't be lost */
		if (!w->earner[node] || was == TT_MONEY_UNKNOWN || is == TT_MONEY_UNKNOWN)
			continue;
		if (was > is || (was == 0 && gone))
			lost[n++] = (tt_lost){ .to = w->earner[node], .why = "the same node",
			                     .micro = was - is };
	}
	tt_lost_tidy(lost, &n);
	c->r->lost = lost;
	c->r->n_lost = n;
	return TT_OK;
}

/* --- Why something is not taken ------------------------------------------------------ */

/* Whether the plan as it is takes all the nodes of `c` off the bill for good. */
static int is_gone(const struct walk *w, const tt_candidate *c)
{
	for (size_t i = 0; i < c->n_nodes; i++) {
		uint32_t node = c->nodes[i].node;

		if (!w->earner[node] || tt_pricer_paid_s(w->joint, node) > 0)
			return 0;
	}
	return c->n_nodes > 0;
}

/* Saving on a node among those of a try, sorted by row; 0 where it is not touched. */
static int64_t saving_on(const tt_node_saving *v, size_t n, uint32_t node)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v[mid].node < node)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && v[lo].node == node ? v[lo].saving_micro : 0;
}

/* Whether what was tried frees a node of `c` that costs something, or one without a
 * price (`priced` 0). */
static int frees(const struct walk *w, const tt_candidate *c, int priced)
{
	for (size_t i = 0; i < c->n_nodes; i++) {
		int64_t saving = saving_on(w->freed, w->n_freed, c->nodes[i].node);

		if (priced ? saving > 0 : saving == TT_MONEY_UNKNOWN)
			return 1;
	}
	return 0;
}

/* What would have to go with `c` for its nodes to empty. */
static int name_keepers(struct walk *w, tt_candidate *c, tt_err *err)
{
	enum { NAMED = 3 };
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };
	TT_CLEANUP(tt_freep) tt_keeper *v = NULL;
	tt_saving s;
	size_t n = 0;

	TT_TRY(tt_pricer_try(w->joint, c->r->changes, c->r->n_changes, &s, err));
	TT_TRY(tt_pricer_keepers(w->joint, &v, &n, err));
	for (size_t i = 0; i < n && i < NAMED; i++) {
		tt_buf_puts(&text, i ? ", " : "");
		if (strcmp(v[i].kind, "card") != 0)
			tt_buf_printf(&text, "%s %s", v[i].kind, v[i].id);
		else if (*v[i].id)
			tt_buf_printf(&text, "card %s/%s", v[i].node, v[i].id);
		else
			tt_buf_printf(&text, "cards of %s without telemetry", v[i].node);
	}
	if (n > NAMED)
		tt_buf_printf(&text, " and %zu more", n - NAMED);
	c->r->kept_by = tt_arena_text(w->plan->arena, tt_buf_text(&text), text.n);
	return c->r->kept_by && !text.failed ? TT_OK : tt_no_memory(err);
}

/* Leave out a candidate that adds nothing to the plan as it is, w->freed being what it
 * was tried with. The node is not named: its finding does that, and equal reasons can be
 * counted. */
static int leave_useless(struct walk *w, tt_candidate *c, tt_err *err)
{
	const char *paid = tt_paid_pricing(w->bill->snapshot, c->nodes, c->n_nodes);
	const char *s = c->n_nodes == 1 ? "s" : "";
	const char *nodes = c->n_nodes == 1 ? "the node" : "their nodes";
	const tt_saving none = { .nodes = NULL };
	char why[TT_WHY_MAX];

	if (*paid)
		snprintf(why, sizeof why, "saves nothing: %s stay%s paid for (%s)", nodes, s, paid);
	else if (c->r->standalone_micro < 0)
		snprintf(why, sizeof why, "saves nothing: it costs more than it saves");
	else if (!c->n_nodes)
		snprintf(why, sizeof why, c->r->standalone_micro ?
		         "saves nothing on what the plan leaves" : "saves nothing in this window");
	else if (is_gone(w, c))
		snprintf(why, sizeof why, "the plan releases %s already", nodes);
	else if (frees(w, c, 1) && w->dear)
		snprintf(why, sizeof why, "saves nothing: what it moves to costs no less than what "
		         "goes");
	else if (frees(w, c, 1))
		snprintf(why, sizeof why, "the plan saves the same already");
	else if (frees(w, c, 0))
		snprintf(why, sizeof why, TT_WHY_NO_PRICE);
	else if (tt_paid_strands(c->nodes, c->n_nodes, w->freed, w->n_freed))
		snprintf(why, sizeof why, "saves nothing: the commitment that covers %s stays paid "
		         "for", nodes);
	else {
		snprintf(why, sizeof why, "saves nothing alone or with the others: %s do%s not "
		         "empty", nodes, c->n_nodes == 1 ? "es" : "");
		TT_TRY(name_keepers(w, c, err));
	}
	TT_TRY(find_lost(w, c, &none, err));
	return leave_out(w, c, why, err);
}

/* --- Taking -------------------------------------------------------------------------- */

/* Price these on top of what is taken, into w->freed. */
static int try_together(struct walk *w, tt_candidate *const *c, size_t n, tt_saving *ret,
                        tt_err *err)
{
	TT_TRY(tt_pricer_try(w->joint, w->changes, gather_changes(w, c, n), ret, err));
	w->n_freed = 0;
	w->moved_micro = ret->moved_micro;
	w->dear = ret->moved_micro > 0 && ret->known_micro <= 0;
	for (size_t i = 0; i < ret->n; i++) {
		if (!TT_GROW(w->freed, w->n_freed, w->cap_freed))
			return tt_no_memory(err);
		w->freed[w->n_freed++] = ret->nodes[i];
	}
	return TT_OK;
}

/* Take one candidate as the next step. */
static int take(struct walk *w, tt_candidate *c, tt_err *err)
{
	tt_saving s;

	TT_TRY(tt_pricer_try(w->joint, c->r->changes, c->r->n_changes, &s, err));
	TT_TRY(find_lost(w, c, &s, err));
	c->r->place = TT_IN_PLAN;
	c->r->in_plan_micro = s.known_micro;
	for (size_t i = 0; i < s.n; i++)
		if (s.nodes[i].saving_micro > 0)
			w->earner[s.nodes[i].node] = c->r;
	TT_TRY(tt_pricer_keep(w->joint, err));
	TT_TRY(tt_excludes_take(&w->excludes, c->r, err));
	w->plan->steps[w->plan->n_steps++] = (tt_step){ .finding = c->r, .unit = w->unit };
	return TT_OK;
}

static int shares_node(const tt_candidate *a, const tt_candidate *b)
{
	for (size_t i = 0, j = 0; i < a->n_nodes && j < b->n_nodes;) {
		if (a->nodes[i].node == b->nodes[j].node)
			return 1;
		if (a->nodes[i].node < b->nodes[j].node)
			i++;
		else
			j++;
	}
	return 0;
}

/* Whether less would be saved on the nodes of c[i] without it. Only the others on these
 * nodes matter for that. */
static int is_needed(struct walk *w, tt_candidate *const *c, size_t n, size_t i, int *ret,
                     tt_err *err)
{
	size_t n_changes = 0;
	tt_saving s;

	*ret = 0;
	for (size_t j = 0; j < n; j++) {
		if (j == i || !shares_node(c[i], c[j]))
			continue;
		for (size_t k = 0; k < c[j]->r->n_changes; k++)
			w->changes[n_changes++] = c[j]->r->changes[k];
	}
	TT_TRY(tt_pricer_try(w->joint, w->changes, n_changes, &s, err));
	for (size_t k = 0; k < c[i]->n_nodes && !*ret; k++) {
		uint32_t node = c[i]->nodes[k].node;
		int64_t with = saving_on(w->freed, w->n_freed, node);
		int64_t without = saving_on(s.nodes, s.n, node);

		*ret = with > 0 && with > without; /* no price: not for its sake */
	}
	return TT_OK;
}

/* Whether all of c[n] save more than all but c[i], with what they move to. */
static int is_worth_it(struct walk *w, tt_candidate *const *c, size_t n, size_t i, int *ret,
                       tt_err *err)
{
	size_t n_changes = 0;
	tt_saving with, without;

	TT_TRY(tt_pricer_try(w->joint, w->changes, gather_changes(w, c, n), &with, err));
	for (size_t j = 0; j < n; j++)
		for (size_t k = 0; j != i && k < c[j]->r->n_changes; k++)
			w->changes[n_changes++] = c[j]->r->changes[k];
	TT_TRY(tt_pricer_try(w->joint, w->changes, n_changes, &without, err));
	*ret = with.known_micro > without.known_micro;
	return TT_OK;
}

/* Put those that add nothing, the dearest first, behind the *n that do. */
static int trim(struct walk *w, tt_candidate **c, size_t *n, tt_err *err)
{
	for (size_t i = *n; i-- > 0 && *n > 1;) {
		tt_candidate *spare = c[i];
		int needed;

		TT_TRY(is_needed(w, c, *n, i, &needed, err));
		if (needed && w->moved_micro)
			TT_TRY(is_worth_it(w, c, *n, i, &needed, err));
		if (needed)
			continue;
		(*n)--;
		memmove(c + i, c + i + 1, (*n - i) * sizeof(tt_candidate *));
		c[*n] = spare;
	}
	return TT_OK;
}

/* Take those of c[n] that are needed, and leave out the rest. None excludes another. */
static int take_together(struct walk *w, tt_candidate **c, size_t n, tt_err *err)
{
	size_t needed = n;
	tt_saving s;

	if (!n)
		return TT_OK;
	TT_TRY(try_together(w, c, n, &s, err));
	if (s.known_micro > 0)
		TT_TRY(trim(w, c, &needed, err));
	else
		needed = 0;
	for (size_t i = 0; i < needed; i++)
		TT_TRY(take(w, c[i], err));
	w->unit++;
	for (size_t i = needed; i < n; i++)
		TT_TRY(leave_useless(w, c[i], err));
	return TT_OK;
}

/* Leave out those that what is taken excludes; the others come first in c, *n of them. */
static int drop_excluded(struct walk *w, tt_candidate **c, size_t *n, tt_err *err)
{
	size_t kept = 0;
	char why[TT_WHY_MAX];

	for (size_t i = 0; i < *n; i++) {
		if (tt_excludes_why(&w->excludes, c[i]->r, why))
			TT_TRY(leave_out(w, c[i], why, err));
		else
			c[kept++] = c[i];
	}
	*n = kept;
	return TT_OK;
}

static int by_effort(const void *pa, const void *pb)
{
	const tt_candidate *a = *(tt_candidate *const *)pa, *b = *(tt_candidate *const *)pb;
	double x = a->r->found->effort_days, y = b->r->found->effort_days;

	if (x != y)
		return x < y ? -1 : 1;
	return strcmp(a->r->found->id, b->r->found->id);
}

static int take_unit(struct walk *w, tt_unit *u, tt_err *err)
{
	tt_candidate **c = u->c;
	size_t left = u->n;

	qsort(c, left, sizeof(tt_candidate *), by_effort);
	while (left) {
		size_t n = tt_excludes_set_apart(c, left), going = n;

		TT_TRY(drop_excluded(w, c, &going, err));
		TT_TRY(take_together(w, c, going, err));
		c += n;
		left -= n;
	}
	return TT_OK;
}

/* --- What is barred ------------------------------------------------------------------- */

/* Say of each barred member whether its risk keeps it out, or that it saves nothing. */
static int judge_unit(struct walk *w, tt_unit *u, tt_err *err)
{
	size_t n = 0;
	char why[TT_WHY_MAX];
	tt_saving s;

	for (size_t i = 0; i < u->n; i++) {
		if (!tt_excludes_why(&w->excludes, u->c[i]->r, why))
			u->c[n++] = u->c[i];
		else if (u->c[i]->barred)
			TT_TRY(leave_out(w, u->c[i], why, err));
	}
	TT_TRY(try_together(w, u->c, n, &s, err));
	for (size_t i = 0; i < n; i++) {
		const tt_candidate *c = u->c[i];

		if (!c->barred)
			continue;
		if (c->n_nodes ? !frees(w, c, 1) : s.known_micro <= 0) {
			TT_TRY(leave_useless(w, u->c[i], err));
			continue;
		}
		snprintf(why, sizeof why, "risk %s is above the allowed %s",
		         tt_risk_text(c->r->risk), tt_risk_text(w->risk_allowed));
		TT_TRY(leave_out(w, u->c[i], why, err));
	}
	return TT_OK;
}

/* Try what is barred on top of the plan, together with what was left out because it
 * saves nothing without. */
static int judge_barred(struct walk *w, tt_candidate *c, size_t n, tt_err *err)
{
	tt_candidate *late = tt_arena_alloc(w->plan->arena, (n + 1) * sizeof *late);
	size_t n_late = 0, n_barred = 0;

	if (!late)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		n_barred += c[i].barred != 0;
		if (c[i].barred || (c[i].r->place == TT_LEFT_OUT && !c[i].r->standalone_micro))
			late[n_late++] = c[i];
	}
	if (!n_barred)
		return TT_OK;
	TT_TRY(make_units(w, late, n_late, err));
	for (size_t i = 0; i < w->n_units; i++)
		TT_TRY(judge_unit(w, &w->units[i], err));
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
	if (!w->earner || !w->changes || !w->units || !w->members || !w->plan->steps)
		return tt_no_memory(err);
	TT_TRY(tt_excludes_open(&w->excludes, err));
	return tt_pricer_open(w->bill, st, w->alone, &w->joint, err);
}

static void walk_close(struct walk *w)
{
	tt_free(w->freed);
	tt_pricer_close(w->joint);
	tt_excludes_close(&w->excludes);
}

/* --- All of it ------------------------------------------------------------------------ */

/* Whether it is about what is held, and nothing else. */
static int commits(const tt_ranked *r)
{
	for (size_t i = 0; i < r->n_changes; i++)
		if (r->changes[i]->verb != TT_COMMIT)
			return 0;
	return 1;
}

/* Those that commit, or the others, on top of what is taken. */
static int take_all(struct walk *w, const tt_candidate *c, size_t n, int committing, tt_err *err)
{
	tt_candidate *some = tt_arena_alloc(w->plan->arena, (n + 1) * sizeof *some);
	tt_candidate *allowed = tt_arena_alloc(w->plan->arena, (n + 1) * sizeof *allowed);
	size_t n_some = 0, n_allowed = 0;

	if (!some || !allowed)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		if (commits(c[i].r) != committing)
			continue;
		some[n_some++] = c[i];
		if (!c[i].barred)
			allowed[n_allowed++] = c[i];
	}
	TT_TRY(make_units(w, allowed, n_allowed, err));
	for (size_t i = 0; i < w->n_units; i++)
		TT_TRY(take_unit(w, &w->units[i], err));
	return judge_barred(w, some, n_some, err);
}

int tt_order_make(tt_plan *plan, const tt_bill *b, const tt_settings *st, tt_pricer *alone,
                  tt_candidate *c, size_t n, tt_err *err)
{
	TT_CLEANUP(walk_close) struct walk w = { .plan = plan, .bill = b, .alone = alone,
		                                 .risk_allowed = st->risk_allowed };
	size_t n_changes = 0;

	for (size_t i = 0; i < n; i++)
		n_changes += c[i].r->n_changes;
	TT_TRY(walk_open(&w, n_changes, n, st, err));
	/* what is committed is for what the others leave: first less use, then its price; who
	 * allows a higher risk has less use, too, and commits less */
	TT_TRY(take_all(&w, c, n, 0, err));
	return take_all(&w, c, n, 1, err);
}
