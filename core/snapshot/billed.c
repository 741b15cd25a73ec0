/* billed.c - charges to nodes by resource, the others to lines; exact sums at 10^-12, each
 * rounded once. */
#include "snapshot/billed.h"
#include "snapshot/billed_stream.h"
#include "snapshot/labels.h"
#include "snapshot/snapshot.h"
#include "snapshot/table_sort.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct part {           /* of a row of charges.csv or volumes.csv, in the window */
	tt_billed_line key;     /* its words, stream and kind */
	tt_decimal cost, early;
	double quantity;
	int64_t charges;        /* 1; 0: a volume */
} part;

typedef struct owned_id {       /* a resource that a node is */
	const char *resource;
	size_t node;
} owned_id;

typedef struct making {
	tt_snapshot *s;
	part *parts; size_t n_parts, cap_parts;
	owned_id *ids; size_t n_ids;
	tt_decimal *node_cost;  /* [nodes] of ids[i].node: of the first node of a resource */
	bool *node_charged;
} making;

/* --- Rows ----------------------------------------------------------------------------- */

static tt_i128 share(tt_decimal cost, int64_t part_s, int64_t all_s)
{
	/* a cost is below 10^27, a length of time below 2^39 */
	return part_s == all_s ? cost : tt_div_half_even(cost * part_s, all_s);
}

static int64_t overlap_s(int64_t from_a, int64_t to_a, int64_t from_b, int64_t to_b)
{
	const int64_t from = from_a > from_b ? from_a : from_b, to = to_a < to_b ? to_a : to_b;

	return to > from ? to - from : 0;
}

/* What of the row lies in the window; false: nothing. A moment is a second long. */
static bool cut_row(tt_snapshot *s, const tt_charge_row *r, part *ret)
{
	const int64_t from_s = r->ChargePeriodStart;
	const int64_t to_s = r->ChargePeriodEnd > from_s ? r->ChargePeriodEnd : from_s + 1;
	const int64_t half_s = s->start_s + (s->end_s - s->start_s) / 2;
	const int64_t in_s = overlap_s(from_s, to_s, s->start_s, s->end_s);
	const double quantity = *r->ConsumedUnit ? r->ConsumedQuantity : r->PricingQuantity;

	if (!in_s) {
		s->billed.rows_outside++;
		return false;
	}
	s->billed.rows_cut += in_s < to_s - from_s;
	ret->cost = share(r->EffectiveCost, in_s, to_s - from_s);
	ret->early = share(r->EffectiveCost, overlap_s(from_s, to_s, s->start_s, half_s),
	                   to_s - from_s);
	ret->quantity = quantity * (double)in_s / (double)(to_s - from_s);
	ret->charges = 1;
	return true;
}

static void name_part(const tt_charge_row *r, tt_billed_line *key)
{
	*key = (tt_billed_line){ .resource = r->ResourceId, .category = r->ServiceCategory,
		.subcategory = r->ServiceSubcategory, .service = r->ServiceName,
		.meter = *r->SkuMeter ? r->SkuMeter : r->ChargeDescription,
		.unit = *r->ConsumedUnit ? r->ConsumedUnit : r->PricingUnit, .labels = r->Tags,
		.stream = tt_billed_stream_of(r), .volume = SIZE_MAX,
		.kind = strcmp(r->ChargeCategory, "Tax") == 0 ? TT_BILLED_TAX
			: strcmp(r->CommitmentDiscountStatus, "Unused") == 0 ? TT_BILLED_UNUSED
			                                                     : TT_BILLED_USE };
}

static int compare_ids(const void *pa, const void *pb)
{
	const owned_id *a = pa, *b = pb;
	const int by = strcmp(a->resource, b->resource);

	return by ? by : (a->node > b->node) - (a->node < b->node);
}

static int64_t life_s(const tt_snapshot *s, size_t node)
{
	const tt_node_row *n = TT_ROW(&s->table[TT_NODES], tt_node_row, node);
	const int64_t to_s = n->ended_at == TT_TIME_MISSING ? s->end_s : n->ended_at;

	return overlap_s(n->started_at == TT_TIME_MISSING ? s->start_s : n->started_at, to_s,
	                 s->start_s, s->end_s);
}

/* Nodes with a resource, and life in the window: what is charged for one that had none is
 * no node's. */
static int find_ids(making *m, tt_err *err)
{
	const tt_rows *nodes = &m->s->table[TT_NODES];

	m->ids = tt_zalloc(nodes->n + 1, sizeof *m->ids);
	m->node_cost = tt_zalloc(nodes->n + 1, sizeof *m->node_cost);
	m->node_charged = tt_zalloc(nodes->n + 1, sizeof *m->node_charged);
	if (!m->ids || !m->node_cost || !m->node_charged)
		return tt_no_memory(err);
	for (size_t i = 0; i < nodes->n; i++) {
		const char *resource = TT_ROW(nodes, tt_node_row, i)->resource_id;

		if (*resource && life_s(m->s, i))
			m->ids[m->n_ids++] = (owned_id){ resource, i };
	}
	if (m->n_ids)
		qsort(m->ids, m->n_ids, sizeof *m->ids, compare_ids);
	return TT_OK;
}

/* The first of ids[] that is the resource; SIZE_MAX: no node is. */
static size_t find_id(const making *m, const char *resource)
{
	size_t lo = 0, hi = m->n_ids;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (strcmp(m->ids[mid].resource, resource) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < m->n_ids && strcmp(m->ids[lo].resource, resource) == 0 ? lo : SIZE_MAX;
}

static int read_charges(making *m, tt_err *err)
{
	const tt_rows *t = &m->s->table[TT_CHARGES];

	for (size_t i = 0; i < t->n; i++) {
		const tt_charge_row *r = TT_ROW(t, tt_charge_row, i);
		const size_t id = *r->ResourceId ? find_id(m, r->ResourceId) : SIZE_MAX;
		part one = { 0 };

		if (!cut_row(m->s, r, &one))
			continue;
		if (id != SIZE_MAX) {
			m->node_charged[m->ids[id].node] = true;
			if (__builtin_add_overflow(m->node_cost[m->ids[id].node], one.cost,
			                           &m->node_cost[m->ids[id].node]))
				return tt_fail(err, TT_EDATA, "charges do not fit");
			continue;
		}
		name_part(r, &one.key);
		if (!TT_GROW(m->parts, m->n_parts, m->cap_parts))
			return tt_no_memory(err);
		m->parts[m->n_parts++] = one;
	}
	return TT_OK;
}

/* --- Nodes ---------------------------------------------------------------------------- */

static int to_micro(tt_decimal cost, int64_t *ret, tt_err *err)
{
	const tt_i128 micro = tt_div_half_even(cost, 1000000);

	if (micro > INT64_MAX || micro < -INT64_MAX)
		return tt_fail(err, TT_EDATA, "charges are more money than can be counted (limit "
		               "9223372036854.775807)");
	*ret = (int64_t)micro;
	return TT_OK;
}

/* What is below 0 is no node's: nothing costs less than nothing while it runs. */
static int keep_credit(making *m, const char *resource, tt_decimal cost, tt_err *err)
{
	if (!TT_GROW(m->parts, m->n_parts, m->cap_parts))
		return tt_no_memory(err);
	m->parts[m->n_parts++] = (part){ .cost = cost, .quantity = NAN, .charges = 1,
		.key = { .resource = resource, .category = "", .subcategory = "",
		         .service = "credit of a node", .meter = "", .unit = "", .labels = "",
		         .volume = SIZE_MAX } };
	return TT_OK;
}

/* Nodes ids[first, end) are one resource: by their life. */
static int share_nodes(making *m, size_t first, size_t end, tt_err *err)
{
	const size_t n = end - first;
	TT_CLEANUP(tt_freep) tt_u128 *weight = tt_zalloc(n, sizeof *weight);
	TT_CLEANUP(tt_freep) int64_t *micro = tt_zalloc(n, sizeof *micro);
	int64_t sum = 0;

	if (!weight || !micro)
		return tt_no_memory(err);
	if (!m->node_charged[m->ids[first].node])
		return TT_OK;
	TT_TRY(to_micro(m->node_cost[m->ids[first].node], &sum, err));
	if (sum < 0) {
		TT_TRY(keep_credit(m, m->ids[first].resource, m->node_cost[m->ids[first].node],
		                   err));
		sum = 0;
	}
	for (size_t i = 0; i < n; i++)
		weight[i] = (tt_u128)life_s(m->s, m->ids[first + i].node);
	TT_TRY(tt_split(sum, weight, n, micro, err));
	for (size_t i = 0; i < n; i++)
		m->s->billed.node_micro[m->ids[first + i].node] = micro[i];
	return TT_OK;
}

static int bill_nodes(making *m, tt_err *err)
{
	const size_t nodes = m->s->table[TT_NODES].n;

	if (!m->s->table[TT_CHARGES].n || !m->n_ids)
		return TT_OK;
	m->s->billed.node_micro = tt_arena_alloc(m->s->arena, nodes * sizeof(int64_t));
	if (!m->s->billed.node_micro)
		return tt_no_memory(err);
	for (size_t i = 0; i < nodes; i++)
		m->s->billed.node_micro[i] = TT_MONEY_UNKNOWN;
	for (size_t i = 0, end; i < m->n_ids; i = end) {
		for (end = i + 1; end < m->n_ids; end++)
			if (strcmp(m->ids[end].resource, m->ids[i].resource) != 0)
				break;
		TT_TRY(share_nodes(m, i, end, err));
	}
	return TT_OK;
}

/* --- Lines ---------------------------------------------------------------------------- */

static int compare_words(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a, b);
}

static int compare_parts(const void *ctx, size_t a, size_t b)
{
	const tt_billed_line *x = &((const part *)ctx)[a].key, *y = &((const part *)ctx)[b].key;
	const char *const *p[] = { &x->resource, &x->category, &x->service, &x->subcategory,
		&x->meter, &x->unit, &x->labels }, *const *q[] = { &y->resource, &y->category,
		&y->service, &y->subcategory, &y->meter, &y->unit, &y->labels };
	int by = 0;

	for (size_t i = 0; i < TT_COUNT(p) && !by; i++)
		by = compare_words(*p[i], *q[i]);
	if (!by)
		by = (int)x->stream - (int)y->stream;
	return by ? by : (int)x->kind - (int)y->kind;
}

static bool has_part(const making *m, const size_t *order, size_t n, const char *resource)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const int by = strcmp(m->parts[order[mid]].key.resource, resource);

		if (!by)
			return true;
		if (by < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

/* Volumes with a price that no charge is of. */
static int add_volumes(making *m, const size_t *order, size_t n, tt_err *err)
{
	const tt_rows *t = &m->s->table[TT_VOLUMES];
	const int64_t window_s = m->s->end_s - m->s->start_s;

	for (size_t i = 0; i < t->n; i++) {
		const tt_volume_row *v = TT_ROW(t, tt_volume_row, i);
		part one = { .quantity = v->size_mib / 1024, .key = { .resource = v->volume,
			.category = "Storage", .subcategory = "", .service = "volumes.csv",
			.meter = v->storage_class, .unit = "GiB", .labels = "",
			.stream = TT_BILLED_STORAGE, .volume = i } };

		if (v->price_per_hour == TT_DECIMAL_MISSING || v->price_per_hour == 0 ||
		    has_part(m, order, n, v->volume))
			continue;
		one.cost = tt_div_half_even(v->price_per_hour * window_s, 3600);
		one.early = tt_div_half_even(v->price_per_hour * (window_s / 2), 3600);
		if (!TT_GROW(m->parts, m->n_parts, m->cap_parts))
			return tt_no_memory(err);
		m->parts[m->n_parts++] = one;
	}
	return TT_OK;
}

static int find_feature(const making *m, tt_billed_line *l, tt_err *err)
{
	static const char *const keys[] = { "feature", "product", "application", "app", "workload",
		"service" };

	l->feature = "";
	for (size_t i = 0; i < TT_COUNT(keys) && !*l->feature; i++) {
		bool failed = false;
		const char *value = tt_labels_get(l->labels, keys[i], m->s->arena, &failed);

		if (failed)
			return tt_no_memory(err);
		l->feature = value ? value : "";
	}
	return TT_OK;
}

/* Parts order[from, to) are one line. */
static int make_line(const making *m, const size_t *order, size_t from, size_t to,
                     tt_billed_line *ret, tt_err *err)
{
	tt_decimal cost = 0, early = 0;

	*ret = m->parts[order[from]].key;
	TT_TRY(find_feature(m, ret, err));
	for (size_t i = from; i < to; i++) {
		const part *p = &m->parts[order[i]];

		if (__builtin_add_overflow(cost, p->cost, &cost) ||
		    __builtin_add_overflow(early, p->early, &early))
			return tt_fail(err, TT_EDATA, "charges do not fit");
		ret->quantity += p->quantity;
		ret->rows += p->charges;
	}
	if (ret->volume == SIZE_MAX && *ret->resource)
		ret->volume = tt_rows_find(&m->s->table[TT_VOLUMES], ret->resource);
	TT_TRY(to_micro(cost, &ret->micro, err));
	return to_micro(early, &ret->early_micro, err);
}

static int bill_lines(making *m, tt_err *err)
{
	TT_CLEANUP(tt_freep) size_t *order = NULL;
	tt_billed *b = &m->s->billed;

	TT_TRY(tt_sort_index(m->n_parts, compare_parts, m->parts, &order, err));
	TT_TRY(add_volumes(m, order, m->n_parts, err));
	tt_free(order);
	order = NULL;
	TT_TRY(tt_sort_index(m->n_parts, compare_parts, m->parts, &order, err));
	b->lines = tt_arena_alloc(m->s->arena, (m->n_parts + 1) * sizeof *b->lines);
	if (!b->lines)
		return tt_no_memory(err);
	for (size_t i = 0, end; i < m->n_parts; i = end) {
		for (end = i + 1; end < m->n_parts; end++)
			if (compare_parts(m->parts, order[i], order[end]) != 0)
				break;
		TT_TRY(make_line(m, order, i, end, &b->lines[b->n++], err));
	}
	return TT_OK;
}

/* --- Commitments ---------------------------------------------------------------------- */

static int bill_commitments(making *m, tt_err *err)
{
	const tt_rows *t = &m->s->table[TT_CHARGES], *held = &m->s->table[TT_COMMITMENTS];
	tt_billed *b = &m->s->billed;
	size_t kept = 0;

	b->commitments = tt_arena_alloc(m->s->arena, (t->n + 1) * sizeof *b->commitments);
	if (!b->commitments)
		return tt_no_memory(err);
	for (size_t i = 0; i < t->n; i++) {
		const char *id = TT_ROW(t, tt_charge_row, i)->CommitmentDiscountId;

		if (*id && (!kept || strcmp(b->commitments[kept - 1], id) != 0))
			b->commitments[kept++] = id;
	}
	if (kept)
		qsort(b->commitments, kept, sizeof *b->commitments, tt_compare_texts);
	for (size_t i = 0; i < kept; i++)
		if (!i || strcmp(b->commitments[i], b->commitments[b->n_commitments - 1]) != 0)
			b->commitments[b->n_commitments++] = b->commitments[i];
	b->holds_all = true;
	for (size_t i = 0; i < held->n && b->holds_all; i++)
		b->holds_all = tt_billed_holds(m->s,
			TT_ROW(held, tt_commitment_row, i)->commitment);
	return TT_OK;
}

static int make(making *m, tt_err *err)
{
	TT_TRY(bill_commitments(m, err));
	TT_TRY(find_ids(m, err));
	TT_TRY(read_charges(m, err));
	TT_TRY(bill_nodes(m, err));
	return bill_lines(m, err);
}

int tt_billed_make(tt_snapshot *s, tt_err *err)
{
	making m = { .s = s };

	s->billed = (tt_billed){ 0 };
	const int rc = make(&m, err);
	tt_free(m.parts);
	tt_free(m.ids);
	tt_free(m.node_cost);
	tt_free(m.node_charged);
	return rc < 0 ? tt_context(err, "%s", s->path) : TT_OK;
}

int64_t tt_billed_node(const tt_snapshot *s, size_t node)
{
	return s->billed.node_micro ? s->billed.node_micro[node] : TT_MONEY_UNKNOWN;
}

bool tt_billed_holds(const tt_snapshot *s, const char *commitment)
{
	return s->billed.n_commitments &&
	       bsearch(&commitment, s->billed.commitments, s->billed.n_commitments,
	               sizeof *s->billed.commitments, tt_compare_texts);
}

bool tt_billed_called(const tt_billed_line *l, int by, const char *id)
{
	const char *const names[TT_BILLED_NAMES] = { l->resource, l->service, l->subcategory,
		l->category, l->meter, l->feature };

	return strcmp(names[by], id) == 0;
}
