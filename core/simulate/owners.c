#include "simulate/owners.h"
#include <math.h>
#include <string.h>

enum { MONTH_S = 730 * 3600 };

struct owning {
	const tt_bound_scenario *sc;
	const tt_bill *bill;
	const tt_settings *st;
	tt_effects *effects;
	tt_arena *arena;
	tt_owners *to;
	double *of_all;         /* [n] of the whole bill */
};

/* --- Budgets -------------------------------------------------------------------------- */

/* The lower, the nearer to the horizon's begin: in force, to come, over. */
static double distance_s(const tt_budget_row *r, int64_t from_s)
{
	if (r->starts_at != TT_TIME_MISSING && r->starts_at > from_s)
		return (double)(r->starts_at - from_s);
	if (r->ends_at != TT_TIME_MISSING && r->ends_at <= from_s)
		return 1e15 + (double)(from_s - r->ends_at);
	return 0;
}

/* The budget of its owner that counts. */
static bool counts(const struct owning *w, size_t row)
{
	const tt_rows *t = &w->sc->snapshot->table[TT_BUDGETS];
	const tt_budget_row *own = TT_ROW(t, tt_budget_row, row);
	const double d = distance_s(own, w->sc->from_s);

	for (size_t i = 0; i < w->sc->scenario->n_budgets; i++) {
		if (strcmp(w->sc->scenario->budgets[i].owner, own->owner) == 0)
			return false;
	}
	for (size_t i = 0; i < t->n; i++) {
		const tt_budget_row *r = TT_ROW(t, tt_budget_row, i);
		const double other = distance_s(r, w->sc->from_s);

		if (i != row && strcmp(r->owner, own->owner) == 0 &&
		    (other < d || (other == d && i < row)))
			return false;
	}
	return *own->owner != '\0';
}

/* Of a month of 730 hours; one without both dates is of a month. */
static tt_scenario_budget *of_row(const struct owning *w, const tt_budget_row *r)
{
	tt_scenario_budget *b = tt_arena_alloc(w->arena, sizeof *b);

	if (!b)
		return NULL;
	*b = (tt_scenario_budget){ .owner = r->owner, .amount_per_month = r->amount,
				   .probability_ratio = 0.9 };
	if (r->starts_at != TT_TIME_MISSING && r->ends_at != TT_TIME_MISSING &&
	    r->ends_at > r->starts_at && r->amount < INT64_MAX)
		b->amount_per_month = tt_div_half_even(r->amount * MONTH_S,
						       r->ends_at - r->starts_at);
	return b;
}

static int list_budgets(struct owning *w, tt_err *err)
{
	const tt_scenario *s = w->sc->scenario;
	const tt_rows *t = &w->sc->snapshot->table[TT_BUDGETS];
	tt_owners *to = w->to;

	to->budgets = tt_arena_alloc(w->arena, (s->n_budgets + t->n + 1) * sizeof *to->budgets);
	if (!to->budgets)
		return tt_no_memory(err);
	for (size_t i = 0; i < s->n_budgets; i++)
		to->budgets[to->n++] = &s->budgets[i];
	for (size_t i = 0; i < t->n; i++) {
		if (!counts(w, i))
			continue;
		to->budgets[to->n] = of_row(w, TT_ROW(t, tt_budget_row, i));
		if (!to->budgets[to->n++])
			return tt_no_memory(err);
	}
	return TT_OK;
}

/* --- Shares --------------------------------------------------------------------------- */

/* Of budget `i`; the whole fleet's have everything. */
static bool is_owners(const struct owning *w, size_t i, const char *owner)
{
	return !*w->to->budgets[i]->owner || strcmp(w->to->budgets[i]->owner, owner) == 0;
}

static double cost_of(const tt_cell *c)
{
	return (double)c->cost_micro;
}

/* Lines have no node, but a pool and an owner. */
static int share_lines(struct owning *w, double *sum, tt_err *err)
{
	tt_pools *pools = tt_effects_pools(w->effects);
	const tt_billed *b = &w->sc->snapshot->billed;
	uint32_t pool;
	tt_case base;

	tt_case_init(&base, w->sc->snapshot, w->st);
	for (size_t k = 0; k < b->n && w->to->n; k++) {
		const double cost = (double)b->lines[k].micro;
		const char *owner = tt_line_owner(&base, k, w->arena);

		if (!owner)
			return tt_no_memory(err);
		TT_TRY(tt_pools_of_line(pools, &b->lines[k], &pool, err));
		sum[pool] += cost;
		for (size_t i = 0; i < w->to->n; i++) {
			if (is_owners(w, i, owner))
				w->to->of_pool[i * w->to->n_pools + pool] += cost;
		}
	}
	return TT_OK;
}

static int share_pools(struct owning *w, tt_err *err)
{
	const tt_pools *pools = tt_effects_pools(w->effects);
	const enum tt_rule rule = w->st->rule;
	double *sum = tt_arena_alloc(w->arena, (pools->n + 1) * sizeof *sum), all = 0;

	if (!sum)
		return tt_no_memory(err);
	for (size_t p = 0; p < pools->n; p++)
		sum[p] = 0;
	for (size_t k = 0; k < w->bill->n_cells[rule]; k++) {
		const tt_cell *c = &w->bill->cells[rule][k];

		all += cost_of(c);
		if (c->node != TT_NO_NODE)
			sum[pools->of_node[c->node]] += cost_of(c);
		for (size_t i = 0; i < w->to->n; i++) {
			if (!is_owners(w, i, c->owner))
				continue;
			w->of_all[i] += cost_of(c);
			if (c->node != TT_NO_NODE)
				w->to->of_pool[i * pools->n + pools->of_node[c->node]] +=
					cost_of(c);
		}
	}
	TT_TRY(share_lines(w, sum, err));
	for (size_t i = 0; i < w->to->n; i++) {
		w->to->known[i] = w->of_all[i] > 0;
		w->of_all[i] = all > 0 ? w->of_all[i] / all : 0;
		for (size_t p = 0; p < pools->n; p++) {
			double *v = &w->to->of_pool[i * pools->n + p];

			/* what is held is no node's */
			*v = sum[p] > 0 || sum[p] < 0 ? *v / sum[p] : w->of_all[i];
		}
	}
	return TT_OK;
}

/* Of a node, what of it was the owner's in the window. */
static double share_of_node(const struct owning *w, size_t i, uint32_t node)
{
	const tt_node_bill *n = &w->bill->nodes[node];
	const enum tt_rule rule = w->st->rule;
	double own = 0, sum = 0;

	for (size_t k = 0; k < n->n_cells[rule]; k++) {
		const tt_cell *c = &w->bill->cells[rule][n->first_cell[rule] + k];

		sum += c->gpu_hours;
		own += is_owners(w, i, c->owner) ? c->gpu_hours : 0;
	}
	return sum > 0 ? own / sum : is_owners(w, i, n->owner) ? 1 : 0;
}

static int share_of_release(const struct owning *w, size_t i, const tt_release *r, double *ret,
			    tt_err *err)
{
	*ret = share_of_node(w, i, r->node);
	if (r->pod == TT_NO_POD)
		return TT_OK;
	const tt_pod_row *p = tt_pod_at(w->sc->snapshot, r->pod);
	const char *owner = tt_settings_owner(w->st, p->labels, p->namespace_, w->arena);
	if (!owner)
		return tt_no_memory(err);
	if (*owner)
		*ret = is_owners(w, i, owner) ? 1 : 0;
	return TT_OK;
}

/* Weighed by the money that it moves. */
static int share_of_lines(const struct owning *w, size_t i, const tt_case *c, double *ret,
			  tt_err *err)
{
	double own = 0, sum = 0;

	for (size_t j = 0; j < c->n_rescales; j++) {
		const tt_rescale *r = &c->rescales[j];
		const double moved = fabs((double)w->sc->snapshot->billed.lines[r->line].micro *
					  ((double)r->factor_u9 / 1e9 - 1)) *
				     (double)(r->to_s - r->from_s);
		const char *owner = tt_line_owner(c, r->line, w->arena);

		if (!owner)
			return tt_no_memory(err);
		own += is_owners(w, i, owner) ? moved : 0;
		sum += moved;
	}
	*ret = sum > 0 ? own / sum : w->of_all[i];
	return TT_OK;
}

/* Weighed by the time for which it takes something away. */
static int share_changes(struct owning *w, tt_err *err)
{
	for (size_t i = 0; i < w->to->n; i++) {
		for (size_t k = 0; k < w->to->n_changes; k++) {
			const tt_case *c = &tt_effects_applied(w->effects, k)->of;
			double own = 0, sum = 0, share = 0;

			for (size_t j = 0; j < c->n_releases; j++) {
				const tt_release *r = &c->releases[j];

				TT_TRY(share_of_release(w, i, r, &share, err));
				own += share * (double)(r->to_s - r->from_s);
				sum += (double)(r->to_s - r->from_s);
			}
			w->to->of_change[i * w->to->n_changes + k] =
				sum > 0 ? own / sum : w->of_all[i];
			TT_TRY(share_of_lines(w, i, c, &share, err));
			w->to->of_lines[i * w->to->n_changes + k] = share;
		}
	}
	return TT_OK;
}

static double *zeros(const struct owning *w, size_t n)
{
	double *v = tt_arena_alloc(w->arena, (n + 1) * sizeof *v);

	for (size_t i = 0; v && i < n; i++)
		v[i] = 0;
	return v;
}

int tt_owners_make(const tt_bound_scenario *sc, const tt_bill *b, const tt_settings *st,
		   tt_effects *e, tt_arena *arena, tt_owners *ret, tt_err *err)
{
	struct owning w = { .sc = sc, .bill = b, .st = st, .effects = e, .arena = arena,
			    .to = ret };

	*ret = (tt_owners){ .n_pools = tt_effects_pools(e)->n, .n_changes = sc->n_changes };
	TT_TRY(list_budgets(&w, err));
	ret->of_pool = zeros(&w, ret->n * ret->n_pools);
	ret->of_change = zeros(&w, ret->n * ret->n_changes);
	ret->of_lines = zeros(&w, ret->n * ret->n_changes);
	w.of_all = zeros(&w, ret->n);
	ret->known = tt_arena_alloc(arena, (ret->n + 1) * sizeof *ret->known);
	if (!ret->of_pool || !ret->of_change || !ret->of_lines || !w.of_all || !ret->known)
		return tt_no_memory(err);
	TT_TRY(share_pools(&w, err));
	return share_changes(&w, err);
}

/* --- In worlds ------------------------------------------------------------------------ */

static size_t cell_of(const tt_results *r, size_t row, size_t i, size_t month)
{
	return (row * r->n_budgets + i) * r->n_months + month;
}

void tt_owners_add(const tt_owners *o, tt_results *r, size_t row, size_t pool, size_t month,
		   int64_t micro)
{
	for (size_t i = 0; i < r->n_budgets && pool < o->n_pools; i++) {
		const int64_t part = llround((double)micro * o->of_pool[i * o->n_pools + pool]);

		r->budget_baseline[cell_of(r, row, i, month)] += part;
		r->budget_after[cell_of(r, row, i, month)] += part;
	}
}

void tt_owners_save(const tt_owners *o, tt_results *r, size_t row, size_t change, size_t month,
		    int64_t micro, int64_t lines_micro)
{
	for (size_t i = 0; i < r->n_budgets; i++)
		r->budget_after[cell_of(r, row, i, month)] -=
			llround((double)micro * o->of_change[i * o->n_changes + change] +
				(double)lines_micro * o->of_lines[i * o->n_changes + change]);
}
