#include "commit/positions.h"
#include "base/text.h"
#include "bill/metering.h"
#include "bill/price.h"
#include "bill/residents.h"
#include "snapshot/billed.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_S = 3600, MICRO = 1000000 };

#define MICRO_S_H 3600e6        /* a unit for an hour, in micro_s */
#define MONEY (1e6 * (double)TT_METERING_MICRO)

typedef struct maker {
	const tt_bill *b;
	const tt_settings *st;
	tt_positions *to;
	tt_names *owners;
	double *weights;            /* [kinds][owners] who the nodes of a kind were of */
	size_t n_owners;
} maker;

void tt_positions_free(tt_positions *h)
{
	if (!h)
		return;
	tt_held_free(h->held);
	tt_arena_free(h->arena);
	tt_free(h);
}

void tt_positions_freep(tt_positions **h)
{
	tt_positions_free(*h);
}

double tt_positions_ratio(const double *part, const double *all, size_t from, size_t to)
{
	double parts = 0, sum = 0;

	for (size_t h = from; h < to; h++) {
		parts += part[h];
		sum += all[h];
	}
	return sum > 0 ? parts / sum : (double)NAN;
}

double tt_positions_coverage(const double *listed, const double *on_demand, size_t from, size_t to)
{
	return 1 - tt_positions_ratio(on_demand, listed, from, to);
}

/* --- Rows -------------------------------------------------------------------------------- */

static const tt_commitment_row *row_at(const maker *m, size_t i)
{
	return TT_ROW(&m->b->snapshot->table[TT_COMMITMENTS], tt_commitment_row, i);
}

static double used_ratio(double held_h, double unused_h, int64_t cost_micro, int64_t unused_micro)
{
	if (held_h > 0)
		return 1 - unused_h / held_h;
	return cost_micro ? 1 - (double)unused_micro / (double)cost_micro : (double)NAN;
}

static size_t group_of(maker *m, const tt_commitment_row *row)
{
	tt_positions *to = m->to;
	size_t g = 0;

	while (g < to->n_groups && !tt_held_alike(to->groups[g].like, row))
		g++;
	if (g == to->n_groups)
		to->groups[to->n_groups++].like = row;
	return g;
}

static int add_row(maker *m, const tt_commitment_row *row, size_t i, tt_err *err)
{
	tt_positions *to = m->to;
	const tt_held_cost *cost = &m->b->held.costs[i];
	tt_position *v = &to->v[to->n++];

	*v = (tt_position){ .row = row, .cost = cost, .course = &to->of.v[i],
		.group = group_of(m, row) };

	tt_position_group *g = &to->groups[v->group];
	const double held_h = (double)cost->held_micro_s / MICRO_S_H;
	const double unused_h = (double)cost->unused_micro_s / MICRO_S_H;

	g->money = v->course->money;
	g->n++;
	g->held_h += held_h;
	g->unused_h += unused_h;
	v->used_ratio = used_ratio(held_h, unused_h, cost->cost_micro, cost->unused_micro);
	TT_TRY(tt_money_add(&g->cost_micro, cost->cost_micro, "what is held", err));
	TT_TRY(tt_money_add(&g->unused_micro, cost->unused_micro, "what is held", err));
	TT_TRY(tt_money_add(&to->cost_micro, cost->cost_micro, "what is held", err));
	return tt_money_add(&to->unused_micro, cost->unused_micro, "what is held", err);
}

/* Of a charge, the part of its time that is in the window. */
static tt_decimal in_window(const tt_snapshot *s, const tt_charge_row *r)
{
	const int64_t from_s = r->ChargePeriodStart, to_s = r->ChargePeriodEnd;
	const int64_t a = from_s > s->start_s ? from_s : s->start_s;
	const int64_t b = to_s < s->end_s ? to_s : s->end_s;

	if (r->EffectiveCost == TT_DECIMAL_MISSING || to_s <= from_s || b <= a)
		return 0;
	return tt_div_half_even(r->EffectiveCost * (b - a), to_s - from_s);
}

static void add_unmetered(maker *m, const tt_commitment_row *row, const char *why)
{
	const tt_snapshot *s = m->b->snapshot;
	tt_unmetered *to = &m->to->unmetered[m->to->n_unmetered++];
	tt_decimal all = 0, unused = 0;

	*to = (tt_unmetered){ row, why ? why : "its term is not in the window", TT_MONEY_UNKNOWN,
		TT_MONEY_UNKNOWN };
	if (!tt_billed_holds(s, row->commitment))
		return;
	for (size_t i = 0; i < s->table[TT_CHARGES].n; i++) {
		const tt_charge_row *r = TT_ROW(&s->table[TT_CHARGES], tt_charge_row, i);
		const bool is_its = strcmp(r->CommitmentDiscountId, row->commitment) == 0;
		const tt_decimal cost = is_its ? in_window(s, r) : 0;

		all += cost;
		unused += strcmp(r->CommitmentDiscountStatus, "Unused") == 0 ? cost : 0;
	}
	to->charged_micro = (int64_t)tt_div_half_even(all, MICRO);
	to->charged_unused_micro = (int64_t)tt_div_half_even(unused, MICRO);
}

/* The bill has them by id, and so has the table. */
static int list_rows(maker *m, tt_err *err)
{
	const tt_snapshot *s = m->b->snapshot;
	const size_t n = s->table[TT_COMMITMENTS].n;
	tt_positions *to = m->to;

	if (to->of.n != m->b->held.n_costs)
		return tt_fail(err, TT_EINTERNAL, "%zu commitments are metered, and the bill has "
		               "%zu", to->of.n, m->b->held.n_costs);
	to->v = tt_arena_alloc(to->arena, (n + 1) * sizeof *to->v);
	to->groups = tt_arena_alloc(to->arena, (n + 1) * sizeof *to->groups);
	to->unmetered = tt_arena_alloc(to->arena, (n + 1) * sizeof *to->unmetered);
	if (!to->v || !to->groups || !to->unmetered)
		return tt_no_memory(err);
	for (size_t i = 0, k = 0; i < n; i++) {
		const tt_commitment_row *row = row_at(m, i);
		const char *why = tt_held_unmetered(s, i);

		while (k < to->of.n && strcmp(to->of.v[k].commitment, row->commitment) < 0)
			k++;
		if (k < to->of.n && strcmp(to->of.v[k].commitment, row->commitment) == 0)
			TT_TRY(add_row(m, row, k, err));
		else
			add_unmetered(m, row, why);
	}
	for (size_t g = 0; g < to->n_groups; g++) {
		tt_position_group *x = &to->groups[g];

		x->used_ratio = used_ratio(x->held_h, x->unused_h, x->cost_micro,
		                           x->unused_micro);
	}
	return TT_OK;
}

/* --- Hours ------------------------------------------------------------------------------- */

static double *hours(const maker *m)
{
	return tt_arena_alloc(m->to->arena, (m->to->hours + 1) * sizeof(double));
}

static void add_kind(const maker *m, const tt_held_kind *k, double *listed, double *on_demand)
{
	const double price = tt_decimal_f64(k->price_per_hour);

	for (size_t h = 0; h < m->to->hours; h++) {
		listed[h] += (double)k->used[h] / MICRO_S_H * price;
		if (!k->own_price)
			on_demand[h] += (double)k->on_demand[h] / MONEY;
	}
}

static bool has_price(const tt_held_kind *k)
{
	return k->price_per_hour != TT_DECIMAL_MISSING && k->price_per_hour > 0;
}

/* Kinds that at least one of its rows could cover. */
static bool could_cover(const maker *m, size_t group, size_t kind)
{
	const tt_positions *to = m->to;

	for (size_t i = 0; i < to->n; i++)
		if (to->v[i].group == group &&
		    tt_held_could(to->held, &to->of, (size_t)(to->v[i].course - to->of.v), kind))
			return true;
	return false;
}

static void add_use(const maker *m, size_t group, double *held, double *used)
{
	for (size_t i = 0; i < m->to->n; i++)
		for (size_t h = 0; m->to->v[i].group == group && h < m->to->hours; h++) {
			held[h] += (double)m->to->v[i].course->held[h] / MICRO_S_H;
			used[h] += (double)m->to->v[i].course->used[h] / MICRO_S_H;
		}
}

static int group_hours(maker *m, size_t group, tt_err *err)
{
	double *held = hours(m), *used = hours(m), *listed = hours(m), *on_demand = hours(m);
	tt_position_group *g = &m->to->groups[group];

	if (!held || !used || !listed || !on_demand)
		return tt_no_memory(err);
	add_use(m, group, held, used);
	for (size_t k = 0; k < m->to->of.n_kinds; k++)
		if (has_price(&m->to->of.kinds[k]) && could_cover(m, group, k))
			add_kind(m, &m->to->of.kinds[k], listed, on_demand);
	g->held = held;
	g->used = used;
	g->listed = listed;
	g->on_demand = on_demand;
	g->units = m->to->hours ? held[m->to->hours - 1] : 0;
	return TT_OK;
}

/* Nodes on demand that nothing held is for. */
static bool is_beside(const maker *m, size_t node)
{
	const tt_node_row *n = tt_node_at(m->b->snapshot, node);

	return (!*n->pricing || strcmp(n->pricing, "on_demand") == 0) &&
	       (!m->to->held || !tt_held_meters(m->to->held, node)) &&
	       m->b->nodes[node].cost_micro != TT_MONEY_UNKNOWN && m->b->nodes[node].paid_s > 0;
}

static void add_node(const maker *m, size_t node, double *v)
{
	const tt_span life = tt_node_life(m->b->snapshot, node);
	const double per_s = (double)m->b->nodes[node].cost_micro / 1e6 /
		(double)(life.to_s - life.from_s);

	for (int64_t at = life.from_s; at < life.to_s;) {
		const size_t h = (size_t)((at - m->to->start_s) / HOUR_S);
		int64_t end = m->to->start_s + (int64_t)(h + 1) * HOUR_S;

		if (h >= m->to->hours)
			return;
		end = end < life.to_s ? end : life.to_s;
		v[h] += per_s * (double)(end - at);
		at = end;
	}
}

static int all_hours(maker *m, tt_err *err)
{
	double *listed = hours(m), *on_demand = hours(m), *beside = hours(m);
	tt_positions *to = m->to;

	if (!listed || !on_demand || !beside)
		return tt_no_memory(err);
	for (size_t k = 0; k < to->of.n_kinds; k++)
		if (has_price(&to->of.kinds[k]))
			add_kind(m, &to->of.kinds[k], listed, on_demand);
	for (size_t i = 0; i < m->b->snapshot->table[TT_NODES].n; i++)
		if (is_beside(m, i))
			add_node(m, i, beside);
	for (size_t h = 0; h < to->hours; h++) {
		listed[h] += beside[h];
		on_demand[h] += beside[h];
	}
	to->listed = listed;
	to->on_demand = on_demand;
	to->coverage_ratio = tt_positions_coverage(listed, on_demand, 0, to->hours);
	return TT_OK;
}

/* --- Owners ------------------------------------------------------------------------------ */

static int owner_of(maker *m, const char *owner, size_t *ret, tt_err *err)
{
	const int64_t at = tt_names_add(m->owners, owner, strlen(owner));

	if (at < 0)
		return tt_no_memory(err);
	*ret = (size_t)at;
	return TT_OK;
}

static int name_owners(maker *m, tt_err *err)
{
	size_t at;

	m->owners = tt_names_new();
	if (!m->owners)
		return tt_no_memory(err);
	TT_TRY(owner_of(m, "", &at, err));
	for (size_t i = 0; i < m->b->n_cells[m->st->rule]; i++)
		TT_TRY(owner_of(m, m->b->cells[m->st->rule][i].owner, &at, err));
	m->n_owners = tt_names_count(m->owners);
	m->weights = tt_zalloc((m->to->of.n_kinds + 1) * m->n_owners, sizeof *m->weights);
	return m->weights ? TT_OK : tt_no_memory(err);
}

/* A node is of those whom its cells are of, by their cost; one that costs nothing, by card. */
static void add_share(maker *m, uint32_t node, double amount, double *weights)
{
	const tt_node_bill *n = &m->b->nodes[node];
	const tt_cell *v = m->b->cells[m->st->rule] + n->first_cell[m->st->rule];
	const size_t n_cells = n->n_cells[m->st->rule];
	double all = 0, by_card = 0;

	for (size_t i = 0; i < n_cells; i++) {
		all += (double)v[i].cost_micro;
		by_card += v[i].gpu_hours;
	}
	for (size_t i = 0; i < n_cells; i++) {
		const int64_t at = tt_names_find(m->owners, v[i].owner, strlen(v[i].owner));

		if (at >= 0 && all > 0)
			weights[at] += amount * (double)v[i].cost_micro / all;
		else if (at >= 0 && by_card > 0)
			weights[at] += amount * v[i].gpu_hours / by_card;
	}
	if (!(all > 0) && !(by_card > 0))
		weights[0] += amount;
}

/* `micro` among owners by weight, exactly, added to their sums. */
static int give(const maker *m, const double *weights, int64_t micro, int64_t *sums, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_u128 *w = tt_zalloc(m->n_owners, sizeof *w);
	TT_CLEANUP(tt_freep) int64_t *part = tt_zalloc(m->n_owners, sizeof *part);
	double all = 0;

	if (!w || !part)
		return tt_no_memory(err);
	for (size_t o = 0; o < m->n_owners; o++)
		all += weights[o];
	for (size_t o = 0; all > 0 && o < m->n_owners; o++)
		w[o] = (tt_u128)(weights[o] / all * 0x1p60);
	if (!(all > 0))
		w[0] = 1;
	TT_TRY(tt_split(micro, w, m->n_owners, part, err));
	for (size_t o = 0; o < m->n_owners; o++)
		TT_TRY(tt_money_add(&sums[o], part[o], "what owners use", err));
	return TT_OK;
}

static int by_use(const void *pa, const void *pb)
{
	const tt_position_owner *a = pa, *b = pb;

	if (a->committed_micro != b->committed_micro)
		return a->committed_micro > b->committed_micro ? -1 : 1;
	if (a->on_demand_micro != b->on_demand_micro)
		return a->on_demand_micro > b->on_demand_micro ? -1 : 1;
	return strcmp(a->owner, b->owner);
}

static int keep_owners(const maker *m, const int64_t *committed, const int64_t *on_demand,
                       const double *unit_h, tt_position_owners *ret, tt_err *err)
{
	ret->v = tt_arena_alloc(m->to->arena, (m->n_owners + 1) * sizeof *ret->v);
	if (!ret->v)
		return tt_no_memory(err);
	for (size_t o = 0; o < m->n_owners; o++) {
		const char *name = tt_names_at(m->owners, o);

		if (!committed[o] && !(on_demand && on_demand[o]) && !(unit_h && unit_h[o] > 0))
			continue;
		ret->v[ret->n++] = (tt_position_owner){
			tt_arena_text(m->to->arena, name, strlen(name)), committed[o],
			on_demand ? on_demand[o] : 0, unit_h ? unit_h[o] : 0 };
		if (!ret->v[ret->n - 1].owner)
			return tt_no_memory(err);
	}
	qsort(ret->v, ret->n, sizeof *ret->v, by_use);
	return TT_OK;
}

/* Units of the commitment that a cover takes, but for a factor: those of cards count cards. */
static double taken(const maker *m, const tt_position *v, const tt_held_cover *c)
{
	const double cards = m->to->of.kinds[c->kind].like->gpus;

	return (double)c->micro_s * (!*v->row->instance_type && cards > 0 ? cards : 1);
}

static int row_owners(maker *m, const tt_position *v, int64_t *sums, double *unit_h, tt_err *err)
{
	const tt_held_hours *of = &m->to->of;
	const size_t course = (size_t)(v->course - of->v);
	const double used_h = (double)(v->cost->held_micro_s - v->cost->unused_micro_s) /
		MICRO_S_H;
	double all = 0;

	for (size_t k = 0; k < of->n_covers; k++)
		all += of->covers[k].course == course ? taken(m, v, &of->covers[k]) : 0;
	for (size_t k = 0; k < of->n_covers; k++) {
		const tt_held_cover *c = &of->covers[k];
		const double *w = m->weights + c->kind * m->n_owners;
		double sum = 0;

		if (c->course != course)
			continue;
		TT_TRY(give(m, w, c->micro, sums, err));
		for (size_t o = 0; o < m->n_owners; o++)
			sum += w[o];
		for (size_t o = 0; sum > 0 && all > 0 && o < m->n_owners; o++)
			unit_h[o] += used_h * taken(m, v, c) / all * w[o] / sum;
	}
	return TT_OK;
}

static int group_owners(maker *m, size_t group, int64_t *all, tt_err *err)
{
	TT_CLEANUP(tt_freep) int64_t *sums = tt_zalloc(m->n_owners, sizeof *sums);
	TT_CLEANUP(tt_freep) double *unit_h = tt_zalloc(m->n_owners, sizeof *unit_h);

	if (!sums || !unit_h)
		return tt_no_memory(err);
	for (size_t i = 0; i < m->to->n; i++)
		if (m->to->v[i].group == group)
			TT_TRY(row_owners(m, &m->to->v[i], sums, unit_h, err));
	for (size_t o = 0; o < m->n_owners; o++)
		TT_TRY(tt_money_add(&all[o], sums[o], "what owners use", err));
	return keep_owners(m, sums, NULL, unit_h, &m->to->groups[group].owners, err);
}

/* What nothing covered, of kinds that something could, and of all other nodes on demand. */
static int beside_owners(maker *m, int64_t *sums, tt_err *err)
{
	const tt_held_hours *of = &m->to->of;
	TT_CLEANUP(tt_freep) double *node = tt_zalloc(m->n_owners, sizeof *node);

	if (!node)
		return tt_no_memory(err);
	for (size_t k = 0; k < of->n_kinds; k++) {
		tt_i128 sum = 0;

		for (size_t h = 0; !of->kinds[k].own_price && h < of->hours; h++)
			sum += of->kinds[k].on_demand[h];
		TT_TRY(give(m, m->weights + k * m->n_owners,
		            (int64_t)tt_div_half_even(sum, TT_METERING_MICRO), sums, err));
	}
	for (size_t i = 0; i < m->b->snapshot->table[TT_NODES].n; i++) {
		if (!is_beside(m, i))
			continue;
		memset(node, 0, m->n_owners * sizeof *node);
		add_share(m, (uint32_t)i, 1, node);
		TT_TRY(give(m, node, m->b->nodes[i].cost_micro, sums, err));
	}
	return TT_OK;
}

static int list_owners(maker *m, tt_err *err)
{
	const tt_held_hours *of = &m->to->of;
	TT_CLEANUP(tt_freep) int64_t *committed = NULL;
	TT_CLEANUP(tt_freep) int64_t *on_demand = NULL;

	TT_TRY(name_owners(m, err));
	committed = tt_zalloc(m->n_owners, sizeof *committed);
	on_demand = tt_zalloc(m->n_owners, sizeof *on_demand);
	if (!committed || !on_demand)
		return tt_no_memory(err);
	for (size_t i = 0; i < of->n_shares; i++)
		add_share(m, of->shares[i].node, (double)of->shares[i].micro_s,
		          m->weights + of->shares[i].kind * m->n_owners);
	for (size_t g = 0; g < m->to->n_groups; g++)
		TT_TRY(group_owners(m, g, committed, err));
	TT_TRY(beside_owners(m, on_demand, err));
	return keep_owners(m, committed, on_demand, NULL, &m->to->owners, err);
}

/* --- All of it --------------------------------------------------------------------------- */

static int open_held(maker *m, tt_err *err)
{
	const tt_snapshot *s = m->b->snapshot;
	const tt_residents r = tt_residents_of(s);
	tt_positions *to = m->to;

	TT_TRY(tt_held_baseline(s, m->st, &r, &to->held, err));
	if (to->held)
		TT_TRY(tt_held_hours_read(to->held, to->arena, &to->of, err));
	to->start_s = s->start_s / HOUR_S * HOUR_S;
	to->hours = (size_t)((s->end_s - to->start_s + HOUR_S - 1) / HOUR_S);
	return TT_OK;
}

static int make(maker *m, tt_err *err)
{
	TT_TRY(open_held(m, err));
	TT_TRY(list_rows(m, err));
	for (size_t g = 0; g < m->to->n_groups; g++)
		TT_TRY(group_hours(m, g, err));
	TT_TRY(all_hours(m, err));
	return list_owners(m, err);
}

int tt_positions_make(const tt_bill *b, const tt_settings *st, tt_positions **ret, tt_err *err)
{
	TT_CLEANUP(tt_positions_freep) tt_positions *to = tt_zalloc(1, sizeof *to);
	maker m = { .b = b, .st = st, .to = to };
	int rc;

	if (!to || !(to->arena = tt_arena_new()))
		return tt_no_memory(err);
	rc = make(&m, err);
	tt_names_free(m.owners);
	tt_free(m.weights);
	if (rc < 0)
		return rc;
	*ret = to;
	to = NULL;
	return TT_OK;
}
