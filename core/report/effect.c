#include "report/effect.h"
#include "bill/cost.h"
#include "bill/moved.h"
#include "bill/residents.h"
#include "change/apply.h"
#include "rank/pricer.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NAMED = 3 }; /* of what keeps a node */

struct pricing {
	const tt_bill *b;
	const tt_settings *st;
	tt_residents residents;
	tt_case baseline, alone, before, after; /* none; the change; the steps before it; both */
	tt_arena *arena;
	tt_effect *ret;
};

static int keep_text(struct pricing *p, const char *text, const char **ret, tt_err *err)
{
	*ret = tt_arena_text(p->arena, text, strlen(text));
	return *ret ? TT_OK : tt_no_memory(err);
}

static int apply(const tt_ranked *r, tt_case *to, tt_err *err)
{
	for (size_t i = 0; i < r->n_changes; i++)
		TT_TRY(tt_change_apply(r->changes[i], to, err));
	return TT_OK;
}

/* --- What keeps a node ------------------------------------------------------------ */

/* Whether a release names the card (`pod` TT_NO_POD), or this pod on it. */
static int is_released(const tt_case *c, uint32_t node, const char *gpu, size_t pod)
{
	for (size_t i = 0; i < c->n_releases; i++) {
		const tt_release *r = &c->releases[i];

		if (r->node == node && r->pod == pod && (!r->gpu || !strcmp(r->gpu, gpu)))
			return 1;
	}
	return 0;
}

/* Whether card `from` [of its carriers, up to `to`] stays: no release names it, and not all
 * pods that are on it at the window's end. *ret is the last to come of those that stay, ""
 * where there is none. */
static int card_stays(const struct pricing *p, uint32_t node, size_t from, size_t to,
                      const char **ret)
{
	const tt_snapshot *s = p->b->snapshot;
	const tt_holding *last = NULL;
	size_t leaving = 0;

	for (size_t i = from; i < to; i++) {
		const tt_carrier *k = &s->carriers[i];

		for (size_t j = 0; j < k->n_holdings; j++) {
			const tt_holding *h = &s->holdings[k->first_holding + j];

			if (h->to_s + k->usual_step_s < s->end_s)
				continue;
			if (is_released(&p->alone, node, k->gpu, h->pod_index))
				leaving++;
			else if (!last || h->from_s > last->from_s)
				last = h;
		}
	}
	*ret = last ? last->pod : "";
	return (last || !leaving) && !is_released(&p->alone, node, s->carriers[from].gpu,
	                                          TT_NO_POD);
}

/* "card 1 (pod chat-00001), card 2 and 1 more". */
static void name_cards(const struct pricing *p, uint32_t node, tt_buf *to)
{
	const tt_snapshot *s = p->b->snapshot;
	size_t first, n, staying = 0;
	const char *pod;

	tt_node_carriers(s, node, &first, &n);
	for (size_t i = first, next; i < first + n; i = next) {
		const char *gpu = s->carriers[i].gpu;

		for (next = i + 1; next < first + n; next++)
			if (strcmp(s->carriers[next].gpu, gpu) != 0)
				break;
		if (!card_stays(p, node, i, next, &pod) || ++staying > NAMED)
			continue;
		tt_buf_printf(to, "%scard %s", staying > 1 ? ", " : "", gpu);
		if (*pod)
			tt_buf_printf(to, " (pod %s)", pod);
	}
	if (staying > NAMED)
		tt_buf_printf(to, " and %zu more", staying - NAMED);
}

static int held_on(const tt_snapshot *s, size_t pod, uint32_t node)
{
	size_t first, n;

	tt_node_carriers(s, node, &first, &n);
	for (size_t i = first; i < first + n; i++) {
		const tt_carrier *k = &s->carriers[i];

		for (size_t j = 0; j < k->n_holdings; j++)
			if (s->holdings[k->first_holding + j].pod_index == pod)
				return 1;
	}
	return 0;
}

/* Pods without cards, outside of the system, that are there at the window's end. */
static void name_pods(const struct pricing *p, uint32_t node, tt_buf *to)
{
	const tt_snapshot *s = p->b->snapshot;
	size_t named = 0, had = to->n;
	tt_span ran;

	for (size_t i = p->residents.first[node]; i < p->residents.first[node + 1]; i++) {
		const tt_pod_row *row = tt_pod_at(s, p->residents.pod[i]);

		if (row->gpus > 0 || !tt_pod_ran(s, row, &ran) || ran.to_s < s->end_s ||
		    tt_settings_is_system(p->st, row->namespace_) ||
		    held_on(s, p->residents.pod[i], node))
			continue;
		if (++named <= NAMED)
			tt_buf_printf(to, "%spod %s without a card", named > 1 || had ? ", " : "",
			              row->pod);
	}
	if (named > NAMED)
		tt_buf_printf(to, " and %zu more", named - NAMED);
}

static int say_kept(struct pricing *p, tt_effect_node *n, tt_err *err)
{
	const char *pricing = tt_node_at(p->b->snapshot, n->node)->pricing;
	tt_buf text = { 0 };
	int rc;

	if (strcmp(pricing, "reserved") == 0 || strcmp(pricing, "owned") == 0) {
		tt_buf_printf(&text, "%s: paid for all the same", pricing);
	} else {
		name_cards(p, n->node, &text);
		name_pods(p, n->node, &text);
		if (!text.n)
			tt_buf_puts(&text, "others that were on it in those hours");
	}
	rc = text.failed ? tt_no_memory(err) : keep_text(p, tt_buf_text(&text), &n->kept_by, err);
	tt_buf_free(&text);
	return rc;
}

/* --- Nodes ------------------------------------------------------------------------ */

/* From one case to another. */
static int price_part(const struct pricing *p, uint32_t node, const tt_case *from,
                      const tt_case *to, tt_effect_part *ret, tt_err *err)
{
	const tt_decimal price = p->b->nodes[node].price_per_hour;
	int64_t before_s, after_s;

	TT_TRY(tt_node_cost(from, &p->residents, node, price, &ret->before_micro, &before_s, err));
	TT_TRY(tt_node_cost(to, &p->residents, node, price, &ret->after_micro, &after_s, err));
	ret->freed_s = before_s - after_s;
	ret->saving_micro = TT_MONEY_UNKNOWN;
	if (ret->before_micro != TT_MONEY_UNKNOWN && ret->after_micro != TT_MONEY_UNKNOWN)
		ret->saving_micro = ret->before_micro - ret->after_micro;
	return TT_OK;
}

static int price_node(struct pricing *p, tt_effect_node *n, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans was = { 0 }, is = { 0 }, gone = { 0 };
	tt_span life = tt_node_life(p->b->snapshot, n->node);

	n->alive_s = life.to_s - life.from_s;
	n->kept_by = "";
	TT_TRY(tt_spans_add(&was, life.from_s, life.to_s, err));
	TT_TRY(tt_case_paid(&p->alone, &p->residents, n->node, &is, err));
	TT_TRY(tt_spans_subtract(&was, &is, &gone, err));
	TT_TRY(price_part(p, n->node, &p->baseline, &p->alone, &n->alone, err));
	n->stretches = gone.n;
	if (gone.n) {
		n->from_s = gone.v[0].from_s;
		n->to_s = gone.v[gone.n - 1].to_s;
	} else {
		TT_TRY(say_kept(p, n, err));
	}
	return p->ret->step ? price_part(p, n->node, &p->before, &p->after, &n->plan, err) : TT_OK;
}

static int price_nodes(struct pricing *p, tt_err *err)
{
	tt_effect *e = p->ret;

	e->v = tt_arena_alloc(p->arena, (p->alone.n_releases + 1) * sizeof *e->v);
	if (!e->v)
		return tt_no_memory(err);
	for (size_t i = 0; i < p->alone.n_releases; i++) { /* sorted by node */
		uint32_t node = p->alone.releases[i].node;

		if (!e->n || e->v[e->n - 1].node != node)
			e->v[e->n++].node = node;
	}
	for (size_t i = 0; i < e->n; i++)
		TT_TRY(price_node(p, &e->v[i], err));
	return TT_OK;
}

/* --- What is moved to ------------------------------------------------------------- */

/* Their words are the snapshot's and the changes' own. */
static int price_moves(struct pricing *p, tt_err *err)
{
	TT_CLEANUP(tt_moved_free) tt_moved_list l = { 0 };
	TT_CLEANUP(tt_held_freep) tt_held *held = NULL;
	int64_t cost_micro, listed_micro;
	tt_effect *e = p->ret;

	TT_TRY(tt_held_make(&p->alone, &held, err));
	TT_TRY(tt_moved_make(&p->alone, &p->residents, NULL, 0, &l, err));
	e->moves = tt_arena_alloc(p->arena, (l.n + 1) * sizeof *e->moves);
	if (!e->moves)
		return tt_no_memory(err);
	for (size_t i = 0; i < l.n; i++) {
		const tt_moved *m = &l.v[i];
		const tt_terms *t = m->terms;

		TT_TRY(tt_held_capacity_cost(held, &m->segments, 1, &cost_micro, &listed_micro,
					     err));
		e->moves[e->n_moves++] = (tt_effect_move){
			.instance_type = t->instance_type, .gpu_model = t->gpu_model,
			.pricing = t->pricing, .region = t->region, .pods = m->pods,
			.nodes = m->nodes, .most = m->most, .length_s = m->length_s,
			.paid_ratio = (double)t->paid_u9 / (double)TT_U9_ONE,
			.cost_micro = cost_micro, .metered = listed_micro > 0
		};
	}
	return TT_OK;
}

/* --- What is committed ------------------------------------------------------------- */

/* What a try saves on a node; 0 where it is not touched. */
static tt_node_saving saving_on(const tt_saving *s, uint32_t node)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->nodes[i].node == node)
			return s->nodes[i];
	return (tt_node_saving){ .node = node };
}

static int try_steps(tt_pricer *x, const tt_plan *plan, size_t n, tt_saving *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) const tt_change **v = NULL;
	size_t n_v = 0, at = 0;

	for (size_t i = 0; i < n; i++)
		n_v += plan->steps[i].finding->n_changes;
	v = tt_zalloc(n_v + 1, sizeof *v);
	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < plan->steps[i].finding->n_changes; k++)
			v[at++] = plan->steps[i].finding->changes[k];
	TT_TRY(tt_pricer_try(x, v, n_v, ret, err));
	return tt_pricer_keep(x, err);
}

static void set_part(const tt_bill *b, const tt_node_saving *s, int64_t saved_before,
                     tt_effect_part *ret)
{
	const int64_t cost = b->nodes[s->node].cost_micro;

	*ret = (tt_effect_part){ .freed_s = s->freed_s, .before_micro = TT_MONEY_UNKNOWN,
		                 .after_micro = TT_MONEY_UNKNOWN,
		                 .saving_micro = TT_MONEY_UNKNOWN };
	if (cost == TT_MONEY_UNKNOWN || s->saving_micro == TT_MONEY_UNKNOWN ||
	    saved_before == TT_MONEY_UNKNOWN)
		return;
	ret->before_micro = cost - saved_before;
	ret->saving_micro = s->saving_micro;
	ret->after_micro = ret->before_micro - s->saving_micro;
}

/* A commitment covers whatever is there: what a node saves is known from the whole. */
static int price_held(struct pricing *p, const tt_plan *plan, const tt_ranked *r, tt_err *err)
{
	TT_CLEANUP(tt_pricer_closep) tt_pricer *x = NULL;
	tt_effect *e = p->ret;
	tt_saving s;

	if (!p->b->held.n_costs && !p->alone.n_deals)
		return TT_OK;
	TT_TRY(tt_pricer_open(p->b, p->st, NULL, &x, err));
	TT_TRY(tt_pricer_try(x, r->changes, r->n_changes, &s, err));
	for (size_t i = 0; i < e->n; i++) {
		const tt_node_saving on = saving_on(&s, e->v[i].node);

		set_part(p->b, &on, 0, &e->v[i].alone);
		if (on.freed_s > 0 && on.saving_micro == 0 && e->v[i].alone.before_micro > 0)
			e->v[i].kept_by = "the commitment that covers it is paid for all the same";
	}
	if (!e->step)
		return TT_OK;
	TT_TRY(try_steps(x, plan, e->step - 1, &s, err));
	for (size_t i = 0; i < e->n; i++)
		e->v[i].plan.before_micro = saving_on(&s, e->v[i].node).saving_micro;
	TT_TRY(tt_pricer_try(x, r->changes, r->n_changes, &s, err));
	for (size_t i = 0; i < e->n; i++) {
		const tt_node_saving on = saving_on(&s, e->v[i].node);

		set_part(p->b, &on, e->v[i].plan.before_micro, &e->v[i].plan);
	}
	return TT_OK;
}

/* --- Labels ------------------------------------------------------------------------ */

static void sum_unowned(const tt_bill *b, enum tt_rule rule, int64_t *ret_micro, double *ret_h)
{
	*ret_micro = b->reason_micro[rule][TT_NO_OWNER];
	*ret_h = 0;
	for (size_t i = 0; i < b->n_cells[rule]; i++)
		if (b->cells[rule][i].reason == TT_NO_OWNER)
			*ret_h += b->cells[rule][i].gpu_hours;
}

static int price_labels(struct pricing *p, tt_err *err)
{
	TT_CLEANUP(tt_bill_freep) tt_bill *after = NULL;
	tt_effect *e = p->ret;

	if (!p->alone.n_relabels)
		return TT_OK;
	e->labels = 1;
	TT_TRY(tt_bill_make(&p->alone, p->st, &after, err));
	sum_unowned(p->b, p->st->rule, &e->unowned_before_micro, &e->unowned_before_h);
	sum_unowned(after, p->st->rule, &e->unowned_after_micro, &e->unowned_after_h);
	return TT_OK;
}

/* --- All ------------------------------------------------------------------------------ */

/* The plan up to the finding's own step, which is in `after` alone. */
static int apply_steps(struct pricing *p, const tt_plan *plan, const tt_ranked *r, tt_err *err)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].finding == r)
			p->ret->step = i + 1;
	for (size_t i = 0; i < p->ret->step; i++) {
		const tt_ranked *one = plan->steps[i].finding;

		if (one != r)
			TT_TRY(apply(one, &p->before, err));
		TT_TRY(apply(one, &p->after, err));
	}
	return TT_OK;
}

static int price(struct pricing *p, const tt_plan *plan, const tt_ranked *r, tt_err *err)
{
	tt_err why = { 0 };

	if (!r->n_changes)
		return TT_OK;
	if (apply(r, &p->alone, &why) < 0) {
		if (why.status != TT_EDATA && why.status != TT_EINVAL && why.status != TT_ENODATA)
			return tt_fail(err, why.status, "%s", why.text);
		return keep_text(p, why.text, &p->ret->why_not, err);
	}
	p->ret->priced = 1;
	TT_TRY(apply_steps(p, plan, r, err));
	TT_TRY(price_nodes(p, err));
	TT_TRY(price_moves(p, err));
	TT_TRY(price_held(p, plan, r, err));
	return price_labels(p, err);
}

/* The saving less what nodes save; those without a price are in no saving. */
static void add_up(const tt_ranked *r, tt_effect *e)
{
	e->elsewhere_micro = r->standalone_micro;
	e->elsewhere_plan_micro = e->step ? r->in_plan_micro : TT_MONEY_UNKNOWN;
	for (size_t i = 0; i < e->n; i++) {
		const tt_effect_node *n = &e->v[i];

		if (e->elsewhere_micro != TT_MONEY_UNKNOWN &&
		    n->alone.saving_micro != TT_MONEY_UNKNOWN)
			e->elsewhere_micro -= n->alone.saving_micro;
		if (e->elsewhere_plan_micro != TT_MONEY_UNKNOWN &&
		    n->plan.saving_micro != TT_MONEY_UNKNOWN)
			e->elsewhere_plan_micro -= n->plan.saving_micro;
	}
}

int tt_effect_make(const tt_bill *b, const tt_settings *st, const tt_plan *plan,
                   const tt_ranked *r, tt_arena *arena, tt_effect *ret, tt_err *err)
{
	struct pricing p = { .b = b, .st = st, .arena = arena, .ret = ret };
	int rc;

	*ret = (tt_effect){ .why_not = "" };
	tt_case_init(&p.baseline, b->snapshot, st);
	tt_case_init(&p.alone, b->snapshot, st);
	tt_case_init(&p.before, b->snapshot, st);
	tt_case_init(&p.after, b->snapshot, st);
	p.residents = tt_residents_of(b->snapshot);
	rc = price(&p, plan, r, err);
	add_up(r, ret);
	tt_case_reset(&p.alone);
	tt_case_reset(&p.before);
	tt_case_reset(&p.after);
	return rc;
}
