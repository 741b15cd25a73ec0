#include "change/charges.h"
#include "base/memory.h"
#include "bill/rescale.h"
#include "change/targets.h"
#include "snapshot/labels.h"
#include "snapshot/table_sort.h"
#include <math.h>
#include <string.h>

static const tt_billed_line *line_at(const tt_case *cs, size_t i)
{
	return &cs->snapshot->billed.lines[i];
}

static int rescale(const tt_change *c, size_t line, double factor, tt_case *cs, tt_err *err)
{
	const tt_span force = tt_change_force(c, cs->snapshot);

	return tt_case_rescale(cs, &(tt_rescale){ .line = (uint32_t)line,
		.address = tt_change_hash(c), .from_s = force.from_s, .to_s = force.to_s,
		.factor_u9 = (uint64_t)llround(factor * 1e9) }, err);
}

/* --- By name -------------------------------------------------------------------------- */

static int not_there(const tt_change *c, const tt_change_subject *subject, const tt_snapshot *s,
		     tt_err *err)
{
	for (size_t i = 0; i < s->table[TT_NODES].n; i++) {
		const tt_node_row *n = TT_ROW(&s->table[TT_NODES], tt_node_row, i);

		if (strcmp(n->resource_id, subject->id) == 0)
			return tt_fail(err, TT_EDATA, "%s: charges of \"%s\" are what node \"%s\" "
				       "costs: name the node", tt_verb_text(c->verb), subject->id,
				       n->node);
	}
	return tt_fail(err, TT_EDATA, "%s: no charge has \"%s\" as its ResourceId, ServiceName, "
		       "ServiceSubcategory, ServiceCategory, SkuMeter or feature, nor has "
		       "volumes.csv a price of such a volume", tt_verb_text(c->verb), subject->id);
}

/* What the change makes of lines that cost `micro` now. */
static int factor_of(const tt_change *c, int64_t micro, const tt_snapshot *s, double *ret,
		     tt_err *err)
{
	const tt_change_arg *factor = tt_change_get(c, "factor");
	const tt_change_arg *discount = tt_change_get(c, "discount_ratio");
	const tt_change_arg *price = tt_change_get(c, "price_per_hour");
	const double hours = (double)(s->end_s - s->start_s) / 3600;
	tt_decimal per_h;

	if (factor)
		*ret = factor->number;
	else if (discount)
		*ret = 1 - discount->number;
	else if (!price || tt_decimal_parse(price->text, strlen(price->text), &per_h))
		return tt_fail(err, TT_EINVAL, "%s of a charge takes a price_per_hour or a "
			       "discount_ratio", tt_verb_text(c->verb));
	else if (micro <= 0)
		return tt_fail(err, TT_EINVAL, "%s: the charge costs nothing in the window, so "
			       "it has no price to replace", tt_verb_text(c->verb));
	else
		*ret = tt_decimal_f64(per_h) * hours / ((double)micro / 1e6);
	if (*ret > 1e6)
		return tt_fail(err, TT_EINVAL, "%s: a million times what the charge costs",
			       tt_verb_text(c->verb));
	return TT_OK;
}

int tt_charges_apply(const tt_change *c, const tt_change_subject *subject, tt_case *cs,
		     tt_err *err)
{
	const size_t n = cs->snapshot->billed.n;
	int64_t micro = 0;
	size_t found = 0;
	double factor = 1;
	int by = 0;

	for (; by < TT_BILLED_NAMES; by++) {
		for (size_t i = 0; i < n; i++) {
			if (!tt_billed_called(line_at(cs, i), by, subject->id))
				continue;
			TT_TRY(tt_money_add(&micro, line_at(cs, i)->micro, "charges", err));
			found++;
		}
		if (found)
			break;
	}
	if (!found)
		return not_there(c, subject, cs->snapshot, err);
	TT_TRY(factor_of(c, micro, cs->snapshot, &factor, err));
	for (size_t i = 0; i < n; i++) {
		if (tt_billed_called(line_at(cs, i), by, subject->id))
			TT_TRY(rescale(c, i, factor, cs, err));
	}
	return TT_OK;
}

/* --- By stream ------------------------------------------------------------------------ */

static bool is_token(enum tt_billed_stream s)
{
	return s == TT_BILLED_INPUT_TOKENS || s == TT_BILLED_OUTPUT_TOKENS ||
	       s == TT_BILLED_CACHED_TOKENS || s == TT_BILLED_TOKENS;
}

/* Fewer requests are fewer tokens, too; all demand is these and what leaves the region. */
static bool is_of_stream(const tt_billed_line *l, const char *stream)
{
	if (!stream)
		return is_token(l->stream) || l->stream == TT_BILLED_REQUESTS ||
		       l->stream == TT_BILLED_EGRESS;
	if (strcmp(stream, "requests") == 0)
		return is_token(l->stream) || l->stream == TT_BILLED_REQUESTS;
	return l->stream == tt_billed_stream_find(stream);
}

static bool is_of_subject(const tt_billed_line *l, const tt_change_subject *subject)
{
	char value[1100];
	tt_label label;

	if (subject->kind == TT_SUBJECT_FLEET)
		return true;
	if (!tt_labels_find(l->labels, subject->kind == TT_SUBJECT_NAMESPACE ? "namespace" :
			    "workload", &label))
		return false;
	return strcmp(tt_label_value(&label, value, sizeof value), subject->id) == 0;
}

/* Equal where two lines are of one service for one payer, so that what one reads from the
 * cache the other need not read. */
static int compare_payers(const void *ctx, size_t ia, size_t ib)
{
	const tt_billed_line *a = (const tt_billed_line *)ctx + ia;
	const tt_billed_line *b = (const tt_billed_line *)ctx + ib;
	int by = strcmp(a->resource, b->resource);

	if (!by)
		by = strcmp(a->service, b->service);
	if (!by)
		by = strcmp(a->unit, b->unit);
	return by ? by : strcmp(a->labels, b->labels);
}

/* What is read from the cache besides is not read at the full price: by what factor the input
 * of these n lines of one payer changes. */
static double uncached_factor(const tt_case *cs, const size_t *lines, size_t n, double factor)
{
	double cached = 0, read = 0;

	for (size_t i = 0; i < n; i++) {
		const tt_billed_line *l = line_at(cs, lines[i]);

		if (l->stream == TT_BILLED_CACHED_TOKENS)
			cached += l->quantity;
		if (l->stream == TT_BILLED_INPUT_TOKENS)
			read += l->quantity;
	}
	if (!(cached > 0) || !(read > 0))
		return 1;
	return fmax(0, 1 - (factor - 1) * cached / read);
}

/* The same of every line: ret[lines]. */
static int uncached_factors(const tt_case *cs, double factor, double *ret, tt_err *err)
{
	const tt_billed *b = &cs->snapshot->billed;
	TT_CLEANUP(tt_freep) size_t *order = NULL;

	TT_TRY(tt_sort_index(b->n, compare_payers, b->lines, &order, err));
	for (size_t from = 0, to; from < b->n; from = to) {
		for (to = from + 1; to < b->n && compare_payers(b->lines, order[from],
								order[to]) == 0;)
			to++;
		const double of = uncached_factor(cs, order + from, to - from, factor);

		for (size_t i = from; i < to; i++)
			ret[order[i]] = of;
	}
	return TT_OK;
}

int tt_charges_scale(const tt_change *c, const tt_change_subject *subject, const char *stream,
		     double factor, tt_case *cs, size_t *ret_n, tt_err *err)
{
	const bool cached = stream && strcmp(stream, "cached_tokens") == 0;
	TT_CLEANUP(tt_freep) double *uncached = NULL;

	*ret_n = 0;
	if (cached && cs->snapshot->billed.n) {
		uncached = tt_zalloc(cs->snapshot->billed.n, sizeof *uncached);
		if (!uncached)
			return tt_no_memory(err);
		TT_TRY(uncached_factors(cs, factor, uncached, err));
	}
	for (size_t i = 0; i < cs->snapshot->billed.n; i++) {
		const tt_billed_line *l = line_at(cs, i);

		if (l->kind != TT_BILLED_USE || !is_of_subject(l, subject))
			continue;
		if (is_of_stream(l, stream)) {
			TT_TRY(rescale(c, i, factor, cs, err));
			++*ret_n;
		} else if (uncached && l->stream == TT_BILLED_INPUT_TOKENS) {
			TT_TRY(rescale(c, i, uncached[i], cs, err));
		}
	}
	return TT_OK;
}
