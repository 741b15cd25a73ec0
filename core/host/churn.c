/* churn.c - how often the nodes of a group came and went, for detectors: the lives and gaps
 * that a resize is priced by (change/bridge.h), so that what a detector proposes is what the
 * bill then says. See tt_churn in plugin.h. */
#include "change/bridge.h"
#include "host/detector_services.h"
#include <math.h>
#include <string.h>

struct pool {
	tt_targets targets;
	tt_members members;
	tt_life *lives;
	tt_bridge_gap *gaps;
	size_t n_gaps;
};

static void close_pool(struct pool *p)
{
	tt_targets_free(&p->targets);
	tt_members_free(&p->members);
	tt_free(p->lives);
	tt_free(p->gaps);
}

/* Its nodes with cards. */
static int find_nodes(const tt_snapshot *s, const char *group, tt_targets *to, tt_err *err)
{
	to->nodes = true;
	for (size_t i = 0; i < s->table[TT_NODES].n; i++) {
		if (strcmp(tt_node_at(s, i)->node_group, group) != 0 || !tt_node_cards_u6(s, i))
			continue;
		if (!TT_GROW(to->v, to->n, to->cap))
			return tt_no_memory(err);
		to->v[to->n++] = (uint32_t)i;
	}
	return TT_OK;
}

static int find_gaps(tt_call *c, const tt_subject *s, struct pool *p, const tt_churn *to,
                     tt_err *err)
{
	const tt_subjects *of = c->subjects;

	TT_TRY(find_nodes(of->snapshot, s->id, &p->targets, err));
	TT_TRY(tt_members_make(&p->targets, of->snapshot, &p->members, err));
	p->lives = tt_zalloc(p->members.n + 1, sizeof *p->lives);
	if (!p->lives)
		return tt_no_memory(err);
	TT_TRY(tt_lives_find(of->snapshot, of->settings, &of->residents, &p->members, to->drain_s,
	                     p->lives, err));
	return tt_bridge_gaps(&p->members, p->lives, (int64_t)ceil(to->boot_s),
	                      (int64_t)ceil(to->drain_s), &p->gaps, &p->n_gaps, err);
}

static int weigh(tt_call *c, const struct pool *p, tt_churn *to)
{
	tt_level_gap *v = tt_call_alloc(c, (p->n_gaps + 1) * sizeof *v);
	const tt_best_floor *best;

	if (!v)
		return TT_ENOMEM;
	for (size_t i = 0; i < p->members.n; i++)
		to->taken += p->lives[i].taken;
	for (size_t i = 0; i < p->n_gaps; i++) {
		v[i] = (tt_level_gap){ (size_t)p->gaps[i].level, (double)p->gaps[i].gap_s };
		to->gaps_paid_s += (double)p->gaps[i].paid_s;
	}
	to->n_gaps = p->n_gaps;
	best = tt_lend_best_floor(c, v, p->n_gaps, ceil(to->boot_s) + ceil(to->drain_s));
	if (!best)
		return TT_ENOMEM;
	to->best = *best;
	return TT_OK;
}

static void sum_up(const tt_group_nodes *g, tt_churn *to)
{
	for (size_t i = 0; i < g->n; i++) {
		const tt_group_node *n = g->v[i];

		if (!(n->cards > 0))
			continue;
		to->came += n->came != 0;
		to->went += n->went != 0;
		to->runs_lost += n->n_lost;
		to->paid_s += (double)(n->to_s - n->from_s);
		to->lost_s += n->lost_card_s / n->cards;
		to->empty_s += (n->came ? (double)n->empty_first_s : 0) +
			(n->went ? (double)n->empty_last_s : 0);
		to->cost_micro = n->cost_micro == TT_MONEY_UNKNOWN ||
			to->cost_micro == TT_MONEY_UNKNOWN ? TT_MONEY_UNKNOWN
			: to->cost_micro + n->cost_micro;
	}
}

int tt_lend_churn(tt_call *c, const tt_subject *s, double boot_s, double drain_s, tt_churn *ret)
{
	TT_CLEANUP(close_pool) struct pool p = { 0 };
	const tt_group_nodes *g;
	tt_err err = { 0 };
	int rc;

	*ret = (tt_churn){ .size = sizeof *ret, .best.size = sizeof ret->best };
	TT_TRY(tt_call_of_detector(c, "churn"));
	if (s->scope != TT_SCOPE_NODE_GROUP)
		return tt_call_break(c, TT_EINVAL, "called churn(), which is for scope node_group");
	g = tt_lend_nodes(c, s);
	if (!g)
		return TT_ENOMEM;
	ret->told = !isnan(g->boot_s) && !isnan(g->drain_s);
	ret->boot_s = isnan(g->boot_s) ? boot_s : g->boot_s;
	ret->drain_s = isnan(g->drain_s) ? drain_s : g->drain_s;
	ret->min_nodes = g->min_nodes;
	sum_up(g, ret);
	rc = find_gaps(c, s, &p, ret, &err);
	return rc < 0 ? tt_call_break(c, rc, "%s", err.text) : weigh(c, &p, ret);
}
