/* bill.c - prices every node of a case and splits its cost over its shares.
 *
 * Each amount is rounded once, at the node; everything below is a split by largest
 * remainder and everything above is a sum. */
#include "bill.h"
#include "bill/added.h"
#include "bill/allocate.h"
#include "bill/cost.h"
#include "bill/moved.h"
#include "bill/price.h"
#include <stdlib.h>
#include <string.h>

const char *tt_bucket_text(enum tt_bucket b)
{
	static const char *const text[TT_BUCKETS] = {
		"productive", "allocated_idle", "unallocated_idle", "unattributed", "tax"
	};

	return b < TT_BUCKETS ? text[b] : "";
}

const char *tt_reason_text(enum tt_reason r)
{
	static const char *const text[TT_REASONS] = {
		"", "no_owner", "no_telemetry", "no_allocation_data"
	};

	return r < TT_REASONS ? text[r] : "";
}

const char *tt_rule_text(enum tt_rule r)
{
	return r == TT_RULE_THRESHOLD ? "threshold" : "share";
}

const char *tt_cell_node_group(const tt_bill *b, const tt_cell *c)
{
	return c->node == TT_NO_NODE ? "" : tt_node_at(b->snapshot, c->node)->node_group;
}

const char *tt_cell_gpu_model(const tt_bill *b, const tt_cell *c)
{
	if (c->node != TT_NO_NODE)
		return tt_node_at(b->snapshot, c->node)->gpu_model;
	return c->held == TT_NO_HELD ? "" : b->held.costs[c->held].gpu_model;
}

/* --- What a node costs --------------------------------------------------------------- */

/* What of its cost is not metered, added to *total; TT_MONEY_UNKNOWN without a price. */
static int node_cost(const tt_case *c, tt_held *h, const tt_residents *r, size_t node,
		     tt_decimal price_per_hour, int64_t *total, tt_held_taken *ret, tt_err *err)
{
	int rc = tt_held_node(h, c, r, node, price_per_hour, 1, ret, err);

	if (rc == TT_OK && ret->cost_micro != TT_MONEY_UNKNOWN)
		rc = tt_money_add(total, ret->cost_micro, "cost of all nodes", err);
	if (rc < 0)
		tt_context(err, "node \"%s\"", tt_node_at(c->snapshot, node)->node);
	return rc;
}

int tt_bill_total(const tt_case *c, int64_t *ret_micro, tt_err *err)
{
	const tt_residents r = tt_residents_of(c->snapshot);
	TT_CLEANUP(tt_moved_free) tt_moved_list moved = { 0 };
	TT_CLEANUP(tt_held_freep) tt_held *held = NULL;
	tt_held_taken taken;
	int64_t total = 0, metered, cost;

	TT_TRY(tt_held_make(c, &held, err));
	for (size_t i = 0; i < c->snapshot->table[TT_NODES].n; i++) {
		tt_node_price price;

		tt_price_of_node(c->snapshot, i, &price);
		TT_TRY(node_cost(c, held, &r, i, price.price_per_hour, &total, &taken, err));
	}
	for (size_t i = 0; i < c->n_charges; i++)
		TT_TRY(tt_money_add(&total, c->charges[i].micro, "charges of changes", err));
	TT_TRY(tt_case_added_cost(c, held, &cost, err));
	TT_TRY(tt_money_add(&total, cost, "capacity that changes add", err));
	TT_TRY(tt_lines_cost(c, &cost, err));
	TT_TRY(tt_money_add(&total, cost, "charges", err));
	TT_TRY(tt_moved_make(c, &r, NULL, 0, &moved, err));
	TT_TRY(tt_moved_cost(&moved, held, &cost, err));
	if (cost == TT_MONEY_UNKNOWN) {
		*ret_micro = TT_MONEY_UNKNOWN;
		return TT_OK;
	}
	TT_TRY(tt_money_add(&total, cost, "what is moved to", err));
	TT_TRY(tt_held_total(held, &metered, err));
	TT_TRY(tt_money_add(&total, metered, "cost of all nodes", err));
	*ret_micro = total;
	return TT_OK;
}

/* --- Cells ---------------------------------------------------------------------------- */

struct making {
	const tt_case *c;
	tt_bill *b;
	tt_allocator *a;
	size_t cap_cells[TT_RULES];
	tt_u128 *weight; size_t cap_weight;  /* scratch of split_node() */
	int64_t *cost; size_t cap_cost;
	tt_spans paid;
};

static int make_room(struct making *m, size_t n, tt_err *err)
{
	while (m->cap_weight < n) {
		if (!TT_GROW(m->weight, m->cap_weight, m->cap_weight))
			return tt_no_memory(err);
	}
	while (m->cap_cost < n) {
		if (!TT_GROW(m->cost, m->cap_cost, m->cap_cost))
			return tt_no_memory(err);
	}
	return TT_OK;
}

/* Weights of the shares into m->weight, small enough to be split exactly. */
static void take_weights(struct making *m, const tt_shares *s)
{
	tt_u128 sum = 0;
	int shift = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += s->v[i].weight;
	while (sum >> shift >> 95)
		shift++;
	for (size_t i = 0; i < s->n; i++)
		m->weight[i] = s->v[i].weight >> shift ? s->v[i].weight >> shift : 1;
}

static int split_node(struct making *m, size_t node, enum tt_rule rule, tt_u128 per_card_s,
		      tt_err *err)
{
	tt_bill *b = m->b;
	tt_node_bill *nb = &b->nodes[node];
	const tt_shares *s = &m->a->shares[rule];
	const int64_t cost = nb->cost_micro == TT_MONEY_UNKNOWN ? 0 : nb->cost_micro;

	nb->first_cell[rule] = b->n_cells[rule];
	nb->n_cells[rule] = s->n;
	if (!s->n)
		return TT_OK;
	TT_TRY(make_room(m, s->n, err));
	take_weights(m, s);
	int rc = tt_split(cost, m->weight, s->n, m->cost, err);
	if (rc < 0 && rc != TT_ENOMEM && err) /* nothing that was typed can do this */
		err->status = rc = TT_EINTERNAL;
	if (rc < 0)
		return tt_context(err, "node \"%s\"", tt_node_at(b->snapshot, node)->node);
	for (size_t i = 0; i < s->n; i++) {
		const tt_share *share = &s->v[i];
		const tt_words *w = &m->a->words.v[share->words];

		if (!TT_GROW(b->cells[rule], b->n_cells[rule], m->cap_cells[rule]))
			return tt_no_memory(err);
		b->cells[rule][b->n_cells[rule]++] = (tt_cell){
			.node = (uint32_t)node, .bucket = share->bucket,
			.reason = share->reason, .owner = w->owner,
			.namespace_ = w->namespace_, .creator = w->creator,
			.workload_kind = w->workload_kind, .cost_micro = m->cost[i],
			.gpu_hours = per_card_s ? (double)share->weight / (double)per_card_s /
						  3600 : 0,
			.pods = share->pods
		};
		b->bucket_micro[rule][share->bucket] += m->cost[i];
		b->reason_micro[rule][share->reason] += m->cost[i];
	}
	return TT_OK;
}

/* --- Whose a node mostly was ------------------------------------------------------------ */

static int by_words(const void *pa, const void *pb)
{
	const tt_share *a = pa, *b = pb;

	return (a->words > b->words) - (a->words < b->words);
}

static int is_allocated(const tt_share *s)
{
	return s->bucket == TT_PRODUCTIVE || s->bucket == TT_ALLOCATED_IDLE ||
	       (s->bucket == TT_UNATTRIBUTED && s->reason != TT_NO_ALLOCATION_DATA);
}

/* Owner and kind of most of the allocated time; of none, the node's own owner. Puts the
 * shares into the order of words, so it comes last. */
static void name_node(struct making *m, size_t node)
{
	tt_shares *s = &m->a->shares[TT_RULE_SHARE];
	const tt_words *words = m->a->words.v;
	tt_node_bill *nb = &m->b->nodes[node];
	tt_u128 best = 0, sum = 0, by_kind[TT_WORKLOAD_KINDS] = { 0 }, best_kind = 0;
	const char *owner = NULL;

	nb->owner = words[m->a->words.of_node[node]].owner;
	nb->workload_kind = "";
	if (s->n) /* none: the node lived outside the window */
		qsort(s->v, s->n, sizeof *s->v, by_words);
	for (size_t i = 0; i < s->n; i++) {
		const tt_words *w = &words[s->v[i].words];

		if (!is_allocated(&s->v[i]))
			continue;
		sum = owner == w->owner ? sum + s->v[i].weight : s->v[i].weight;
		owner = w->owner;
		if (sum > best) {
			best = sum;
			nb->owner = owner;
		}
		if (*w->workload_kind)
			by_kind[tt_workload_kind(w->workload_kind)] += s->v[i].weight;
	}
	for (size_t k = 0; k < TT_WORKLOAD_KINDS; k++) {
		if (by_kind[k] > best_kind) {
			best_kind = by_kind[k];
			nb->workload_kind = tt_workload_kinds[k];
		}
	}
}

/* --- The whole bill ----------------------------------------------------------------------- */

static int price_node(struct making *m, tt_held *held, size_t node, tt_err *err)
{
	const tt_snapshot *s = m->c->snapshot;
	tt_node_bill *nb = &m->b->nodes[node];
	const tt_span life = tt_node_life(s, node);
	tt_node_price price;
	tt_held_taken taken;

	tt_price_of_node(s, node, &price);
	nb->alive_s = life.to_s - life.from_s;
	nb->price_per_hour = price.price_per_hour;
	nb->price_from = tt_price_from(&price, m->b->arena);
	if (!nb->price_from)
		return tt_no_memory(err);
	TT_TRY(node_cost(m->c, held, &m->a->residents, node, price.price_per_hour,
			 &m->b->total_micro, &taken, err));
	nb->cost_micro = taken.cost_micro;
	if (price.table && strcmp(price.table, "charges") == 0) {
		m->b->charged_nodes++;
		m->b->charged_micro += taken.cost_micro; /* parts of a sum that did fit */
	}
	nb->paid_s = taken.paid_s;
	if (price.as_of_s != TT_TIME_MISSING && price.as_of_s > s->end_s && nb->alive_s &&
	    (m->b->priced_after_s == TT_TIME_MISSING || price.as_of_s > m->b->priced_after_s))
		m->b->priced_after_s = price.as_of_s;
	return TT_OK;
}

/* Its part of what is metered. */
static int add_held(tt_bill *b, size_t node, tt_err *err)
{
	/* money and seconds to 10^-12 an hour */
	const tt_i128 to_price = (tt_i128)3600 * 1000000;
	tt_node_bill *nb = &b->nodes[node];
	const int64_t micro = b->held.node_micro[node];

	if (b->held.node_from[node])
		nb->price_from = b->held.node_from[node];
	if (!micro)
		return TT_OK;
	if (nb->cost_micro == TT_MONEY_UNKNOWN)
		nb->cost_micro = 0;
	TT_TRY(tt_money_add(&nb->cost_micro, micro, "cost of a node", err));
	if (nb->price_per_hour == TT_DECIMAL_MISSING) /* of several that differ: the mean */
		nb->price_per_hour = tt_div_half_even(micro * to_price, nb->paid_s);
	return TT_OK;
}

/* What all nodes cost, and what is held beside them. */
static int price_nodes(struct making *m, tt_err *err)
{
	TT_CLEANUP(tt_held_freep) tt_held *held = NULL;
	tt_bill *b = m->b;
	const size_t nodes = b->snapshot->table[TT_NODES].n;
	int64_t metered;

	TT_TRY(tt_held_make(m->c, &held, err));
	for (size_t i = 0; i < nodes; i++)
		TT_TRY(price_node(m, held, i, err));
	if (!held)
		return TT_OK;
	TT_TRY(tt_held_total(held, &metered, err));
	TT_TRY(tt_money_add(&b->total_micro, metered, "cost of all nodes", err));
	TT_TRY(tt_held_read(held, b->arena, &b->held, err));
	for (size_t i = 0; i < nodes; i++)
		TT_TRY(add_held(b, i, err));
	return TT_OK;
}

static int bill_node(struct making *m, size_t node, tt_err *err)
{
	const tt_snapshot *s = m->c->snapshot;
	tt_node_bill *nb = &m->b->nodes[node];
	tt_u128 per_card_s = 0;

	TT_TRY(tt_case_paid(m->c, &m->a->residents, node, &m->paid, err));

	const double gpu_hours = (double)tt_node_cards_u6(s, node) / 1e6 * (double)nb->paid_s /
				 3600;
	m->b->gpu_hours += gpu_hours;
	if (nb->cost_micro == TT_MONEY_UNKNOWN && nb->alive_s) {
		m->b->unknown_gpu_hours += gpu_hours;
		m->b->unknown_nodes++;
	}
	TT_TRY(tt_allocate_node(m->a, node, &m->paid, &per_card_s, err));
	for (int r = 0; r < TT_RULES; r++)
		TT_TRY(split_node(m, node, (enum tt_rule)r, per_card_s, err));
	name_node(m, node);
	return TT_OK;
}

/* What nothing used of a commitment. No card stood for it, so it has no hours. */
static int bill_unused(struct making *m, size_t held, tt_err *err)
{
	tt_bill *b = m->b;
	const int64_t micro = b->held.costs[held].unused_micro;

	if (!micro)
		return TT_OK;
	b->unused_micro += micro; /* parts of a sum that did fit */
	for (int r = 0; r < TT_RULES; r++) {
		if (!TT_GROW(b->cells[r], b->n_cells[r], m->cap_cells[r]))
			return tt_no_memory(err);
		b->cells[r][b->n_cells[r]++] = (tt_cell){
			.node = TT_NO_NODE, .held = (uint32_t)held,
			.bucket = TT_UNALLOCATED_IDLE, .owner = "", .namespace_ = "",
			.creator = "", .workload_kind = "", .cost_micro = micro
		};
		b->bucket_micro[r][TT_UNALLOCATED_IDLE] += micro;
		b->reason_micro[r][TT_REASON_NONE] += micro;
	}
	return TT_OK;
}

/* Nobody measures what a line is of, so it is never productive: what is owned is without
 * telemetry, tax is tax, and what nothing used of a commitment is idle. */
static int bill_line(struct making *m, size_t i, tt_err *err)
{
	static const enum tt_bucket buckets[] = { [TT_BILLED_USE] = TT_UNATTRIBUTED,
		[TT_BILLED_TAX] = TT_TAX, [TT_BILLED_UNUSED] = TT_UNALLOCATED_IDLE };
	tt_bill *b = m->b;
	const tt_billed_line *line = &b->snapshot->billed.lines[i];
	tt_cell cell = { .node = TT_NO_NODE, .held = TT_NO_HELD, .bucket = buckets[line->kind],
			 .namespace_ = "", .creator = "", .workload_kind = "" };

	TT_TRY(tt_line_cost(m->c, i, &cell.cost_micro, err));
	if (!cell.cost_micro)
		return TT_OK;
	cell.owner = tt_line_owner(m->c, i, b->arena);
	if (!cell.owner)
		return tt_no_memory(err);
	if (line->kind == TT_BILLED_USE)
		cell.reason = *cell.owner ? TT_NO_TELEMETRY : TT_NO_OWNER;
	TT_TRY(tt_money_add(&b->lines_micro, cell.cost_micro, "charges", err));
	TT_TRY(tt_money_add(&b->total_micro, cell.cost_micro, "charges", err));
	for (int r = 0; r < TT_RULES; r++) {
		if (!TT_GROW(b->cells[r], b->n_cells[r], m->cap_cells[r]))
			return tt_no_memory(err);
		b->cells[r][b->n_cells[r]++] = cell;
		b->bucket_micro[r][cell.bucket] += cell.cost_micro;
		b->reason_micro[r][cell.reason] += cell.cost_micro;
	}
	return TT_OK;
}

/* Cards by the metric that tells their activity, and how long it was measured. A card
 * in slices was measured for the mean of its slices. */
static void count_cards(tt_bill *b)
{
	const tt_snapshot *s = b->snapshot;

	for (size_t i = 0, next; i < s->n_cards; i = next) {
		const tt_carrier *first = &s->carriers[i];
		int64_t card_s = 0, slices_s = 0, slices = 0;
		int sm_active = 0, gpu_util = 0;

		for (next = i; next < s->n_cards; next++) {
			const tt_carrier *c = &s->carriers[next];
			int metric = tt_snapshot_activity(s, c);
			const tt_measure *m = tt_snapshot_measure(s, c, metric);

			if (strcmp(c->node, first->node) != 0 || strcmp(c->gpu, first->gpu) != 0)
				break;
			sm_active |= metric == TT_SM_ACTIVE_PCT;
			gpu_util |= metric == TT_GPU_UTIL_PCT;
			slices += *c->slice != '\0';
			if (m && *c->slice)
				slices_s += m->seconds;
			else if (m)
				card_s += m->seconds;
		}
		b->n_sm_active += (size_t)sm_active;
		b->n_gpu_util += (size_t)(!sm_active && gpu_util);
		b->n_without += (size_t)(!sm_active && !gpu_util);
		b->measured_gpu_hours += card_s ? (double)card_s / 3600 :
				slices ? (double)slices_s / (double)slices / 3600 : 0;
	}
}

int tt_bill_make(const tt_case *c, const tt_settings *st, tt_bill **ret, tt_err *err)
{
	TT_CLEANUP(tt_bill_freep) tt_bill *b = tt_zalloc(1, sizeof *b);
	TT_CLEANUP(tt_allocator_freep) tt_allocator *a = NULL;
	const size_t nodes = c->snapshot->table[TT_NODES].n;
	tt_case own = *c;
	int rc;

	own.settings = st; /* what is asked for counts, whatever the case was made with */
	if (!b || !(b->arena = tt_arena_new()) ||
	    !(b->nodes = tt_zalloc(nodes + 1, sizeof *b->nodes)))
		return tt_no_memory(err);
	b->snapshot = c->snapshot;
	b->priced_after_s = TT_TIME_MISSING;
	TT_TRY(tt_allocator_make(&own, b->arena, &a, err));

	struct making m = { .c = &own, .b = b, .a = a };
	rc = price_nodes(&m, err);
	for (size_t i = 0; i < nodes && rc == TT_OK; i++)
		rc = bill_node(&m, i, err);
	for (size_t i = 0; i < b->held.n_costs && rc == TT_OK; i++)
		rc = bill_unused(&m, i, err);
	for (size_t i = 0; i < c->snapshot->billed.n && rc == TT_OK; i++)
		rc = bill_line(&m, i, err);
	tt_free(m.weight);
	tt_free(m.cost);
	tt_spans_free(&m.paid);
	if (rc < 0)
		return rc;
	count_cards(b);
	*ret = b;
	b = NULL;
	return TT_OK;
}

void tt_bill_free(tt_bill *b)
{
	if (!b)
		return;
	tt_free(b->nodes);
	for (int r = 0; r < TT_RULES; r++)
		tt_free(b->cells[r]);
	tt_arena_free(b->arena);
	tt_free(b);
}

void tt_bill_freep(tt_bill **b)
{
	tt_bill_free(*b);
}

/* --- Lines of the bill ----------------------------------------------------------------- */

struct line {
	tt_spend spend;
	size_t cell;
};

static int compare_words(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a, b); /* most are one and the same text */
}

static int compare_spend(const tt_spend *a, const tt_spend *b)
{
	int by = compare_words(a->owner, b->owner);

	if (!by)
		by = compare_words(a->namespace_, b->namespace_);
	if (!by)
		by = compare_words(a->node_group, b->node_group);
	if (!by)
		by = compare_words(a->creator, b->creator);
	if (!by)
		by = compare_words(a->workload_kind, b->workload_kind);
	if (!by)
		by = compare_words(a->bucket, b->bucket);
	return by ? by : compare_words(a->reason, b->reason);
}

/* Down to the cell, so that doubles are always summed in one order. */
static int compare_lines(const void *pa, const void *pb)
{
	const struct line *a = pa, *b = pb;
	int by = compare_spend(&a->spend, &b->spend);

	return by ? by : (a->cell > b->cell) - (a->cell < b->cell);
}

static tt_spend spend_of(const tt_bill *b, const tt_cell *c)
{
	return (tt_spend){ .size = sizeof(tt_spend), .owner = c->owner,
			   .namespace_ = c->namespace_,
			   .node_group = tt_cell_node_group(b, c),
			   .creator = c->creator, .workload_kind = c->workload_kind,
			   .bucket = tt_bucket_text(c->bucket),
			   .reason = tt_reason_text(c->reason), .cost_micro = c->cost_micro,
			   .gpu_hours = c->gpu_hours, .pods = c->pods };
}

size_t tt_bill_lines(const tt_bill *b, const tt_settings *st, tt_spend **ret, tt_err *err)
{
	const size_t n = b->n_cells[st->rule];
	TT_CLEANUP(tt_freep) struct line *lines = tt_zalloc(n + 1, sizeof *lines);
	tt_spend *v = tt_arena_alloc(b->arena, n * sizeof *v);
	size_t kept = 0;

	*ret = NULL;
	if (!lines || !v) {
		tt_no_memory(err);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		lines[i] = (struct line){ spend_of(b, &b->cells[st->rule][i]), i };
	qsort(lines, n, sizeof *lines, compare_lines);
	for (size_t i = 0; i < n; i++) {
		const tt_spend *s = &lines[i].spend;

		if (!kept || compare_spend(&v[kept - 1], s) != 0) {
			v[kept++] = *s;
			continue;
		}
		v[kept - 1].cost_micro += s->cost_micro;
		v[kept - 1].gpu_hours += s->gpu_hours;
		v[kept - 1].pods += s->pods;
	}
	*ret = v;
	return kept;
}
