#include "report/breakdown.h"
#include "base/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *tt_dimension_text(enum tt_dimension d)
{
	static const char *const text[] = { "owner", "node_group", "gpu_model",
		                            "workload_kind" };

	return d < TT_DIMENSIONS ? text[d] : "";
}

/* --- What is known of a part -------------------------------------------------------- */

static bool holds(const tt_amount *a)
{
	return a->gpu_hours > 0 || a->micro != 0;
}

/* Whether an empty bucket is empty because nobody looked. */
static bool is_open(const tt_portion *p, enum tt_bucket b)
{
	bool unplaced = holds(&p->reason[TT_NO_ALLOCATION_DATA]);
	bool unmeasured = unplaced || holds(&p->reason[TT_NO_TELEMETRY]);
	bool measured = holds(&p->bucket[TT_PRODUCTIVE]) || holds(&p->bucket[TT_ALLOCATED_IDLE]);
	bool placed = measured || holds(&p->bucket[TT_UNALLOCATED_IDLE]) ||
	              holds(&p->bucket[TT_TAX]) || holds(&p->reason[TT_NO_OWNER]) ||
	              holds(&p->reason[TT_NO_TELEMETRY]);

	switch (b) {
	case TT_PRODUCTIVE:
	case TT_ALLOCATED_IDLE:
		return unmeasured && !measured;
	case TT_UNALLOCATED_IDLE:
	case TT_TAX:
		return unplaced && !placed;
	case TT_UNATTRIBUTED:
	case TT_BUCKETS:
		break;
	}
	return false;
}

static int64_t known_micro(const tt_portion *p, const tt_amount *a)
{
	return p->total.priced && (a->priced || !a->unpriced) ? a->micro : TT_MONEY_UNKNOWN;
}

int64_t tt_portion_total(const tt_portion *p)
{
	return known_micro(p, &p->total);
}

int64_t tt_portion_bucket(const tt_portion *p, enum tt_bucket b)
{
	return is_open(p, b) ? TT_MONEY_UNKNOWN : known_micro(p, &p->bucket[b]);
}

static bool is_nothing(const tt_portion *p)
{
	return !p->total.priced && !p->total.unpriced;
}

double tt_portion_bucket_gpu_hours(const tt_portion *p, enum tt_bucket b)
{
	return is_nothing(p) || is_open(p, b) ? NAN : p->bucket[b].gpu_hours;
}

int64_t tt_portion_reason(const tt_portion *p, enum tt_reason r)
{
	return known_micro(p, &p->reason[r]);
}

double tt_portion_reason_gpu_hours(const tt_portion *p, enum tt_reason r)
{
	return is_nothing(p) ? NAN : p->reason[r].gpu_hours;
}

/* --- Sums --------------------------------------------------------------------------- */

static int add_cell(const tt_bill *b, const tt_cell *c, tt_portion *to, tt_err *err)
{
	const tt_node_bill *node = c->node == TT_NO_NODE ? NULL : &b->nodes[c->node];
	bool priced = !node || node->cost_micro != TT_MONEY_UNKNOWN;
	tt_amount *sums[] = { &to->total, &to->bucket[c->bucket],
		              c->reason == TT_REASON_NONE ? NULL : &to->reason[c->reason] };

	if (node && !node->alive_s) /* a price, but nothing that it was paid for */
		return TT_OK;
	for (size_t i = 0; i < sizeof sums / sizeof *sums && sums[i]; i++) {
		sums[i]->priced |= priced;
		sums[i]->unpriced |= !priced;
		sums[i]->gpu_hours += c->gpu_hours;
		if (priced)
			TT_TRY(tt_money_add(&sums[i]->micro, c->cost_micro,
			                    "a breakdown of the bill", err));
		else
			sums[i]->unpriced_gpu_hours += c->gpu_hours;
	}
	return TT_OK;
}

static void add_amount(tt_amount *to, const tt_amount *a)
{
	to->micro += a->micro; /* parts of a sum that did fit */
	to->gpu_hours += a->gpu_hours;
	to->unpriced_gpu_hours += a->unpriced_gpu_hours;
	to->priced |= a->priced;
	to->unpriced |= a->unpriced;
}

tt_portion tt_portion_sum(const tt_portion *v, size_t n)
{
	tt_portion sum = { .name = "" };

	for (size_t i = 0; i < n; i++) {
		add_amount(&sum.total, &v[i].total);
		for (int b = 0; b < TT_BUCKETS; b++)
			add_amount(&sum.bucket[b], &v[i].bucket[b]);
		for (int r = 0; r < TT_REASONS; r++)
			add_amount(&sum.reason[r], &v[i].reason[r]);
	}
	return sum;
}

int tt_portion_whole(const tt_bill *b, enum tt_rule rule, tt_portion *ret, tt_err *err)
{
	*ret = (tt_portion){ .name = "" };
	for (size_t i = 0; i < b->n_cells[rule]; i++)
		TT_TRY(add_cell(b, &b->cells[rule][i], ret, err));
	return TT_OK;
}

/* --- By a dimension ----------------------------------------------------------------- */

static const char *name_of(const tt_bill *b, const tt_cell *c, enum tt_dimension d)
{
	switch (d) {
	case TT_BY_OWNER:
		return c->owner;
	case TT_BY_NODE_GROUP:
		return tt_cell_node_group(b, c);
	case TT_BY_GPU_MODEL:
		return tt_cell_gpu_model(b, c);
	case TT_BY_WORKLOAD_KIND:
	case TT_DIMENSIONS:
		break;
	}
	return c->workload_kind;
}

int tt_portion_compare(const void *pa, const void *pb)
{
	const tt_portion *a = pa, *b = pb;

	if (a->total.priced != b->total.priced)
		return a->total.priced ? -1 : 1;
	if (a->total.micro != b->total.micro)
		return a->total.micro > b->total.micro ? -1 : 1;
	if (!a->total.priced && a->total.gpu_hours != b->total.gpu_hours)
		return a->total.gpu_hours > b->total.gpu_hours ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void names_freep(tt_names **names)
{
	tt_names_free(*names);
}

int tt_breakdown_make(const tt_bill *b, enum tt_rule rule, enum tt_dimension d,
                      tt_arena *arena, tt_breakdown *ret, tt_err *err)
{
	TT_CLEANUP(names_freep) tt_names *names = tt_names_new();
	tt_breakdown out = { 0 };

	if (!names)
		return tt_no_memory(err);
	for (size_t i = 0; i < b->n_cells[rule]; i++) {
		const char *name = name_of(b, &b->cells[rule][i], d);

		if (tt_names_add(names, name, strlen(name)) < 0)
			return tt_no_memory(err);
	}
	out.n = tt_names_count(names);
	out.v = tt_arena_alloc(arena, (out.n + 1) * sizeof *out.v);
	if (!out.v)
		return tt_no_memory(err);
	for (size_t i = 0; i < b->n_cells[rule]; i++) {
		const tt_cell *c = &b->cells[rule][i];
		const char *name = name_of(b, c, d);
		tt_portion *to = &out.v[tt_names_find(names, name, strlen(name))];

		to->name = name;
		TT_TRY(add_cell(b, c, to, err));
	}
	if (out.n)
		qsort(out.v, out.n, sizeof *out.v, tt_portion_compare);
	*ret = out;
	return TT_OK;
}
