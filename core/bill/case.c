/* case.c - collects releases and labels, and tells when a node is still paid for. */
#include "case.h"
#include "base/memory.h"
#include "bill/emptying.h"
#include "bill/held.h"
#include <stdlib.h>
#include <string.h>

void tt_case_init(tt_case *c, const tt_snapshot *s, const tt_settings *st)
{
	*c = (tt_case){ .snapshot = s, .settings = st };
}

void tt_case_reset(tt_case *c)
{
	tt_free(c->releases);
	tt_free(c->relabels);
	tt_free(c->charges);
	tt_free(c->added);
	tt_free(c->deals);
	tt_free(c->rescales);
	tt_arena_free(c->arena);
	tt_case_init(c, c->snapshot, c->settings);
}

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

int tt_release_compare(const void *pa, const void *pb)
{
	const tt_release *a = pa, *b = pb;
	int by = order(a->node, b->node);

	if (!by)
		by = order(a->pod, b->pod);
	if (!by && (!a->gpu || !b->gpu))
		by = (a->gpu != NULL) - (b->gpu != NULL);
	else if (!by)
		by = strcmp(a->gpu, b->gpu);
	if (!by)
		by = order(a->from_s, b->from_s);
	if (!by)
		by = order(a->to_s, b->to_s);
	if (!by)
		by = (int)a->leave - (int)b->leave;
	if (!by)
		by = tt_terms_compare(a->terms, b->terms);
	return by ? by : (a->set > b->set) - (a->set < b->set);
}

static int compare_relabels(const void *pa, const void *pb)
{
	const tt_relabel *a = pa, *b = pb;
	int by = (int)a->by - (int)b->by;

	if (!by)
		by = strcmp(a->id, b->id);
	return by ? by : strcmp(a->owner, b->owner);
}

/* Where `x` belongs in the sorted v[n]; *ret_there when it is there already. */
static size_t place(const void *v, size_t n, size_t size, const void *x,
		    int (*compare)(const void *, const void *), int *ret_there)
{
	size_t lo = 0, hi = n;

	*ret_there = 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int by = compare((const char *)v + mid * size, x);

		if (by == 0)
			*ret_there = 1;
		if (by < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The m behind the end are sorted and follow all others: equal ones once. */
static void append_releases(tt_case *c, size_t m)
{
	const tt_release *fresh = c->releases + c->n_releases;

	for (size_t i = 0; i < m; i++) {
		if (!i || tt_release_compare(&c->releases[c->n_releases - 1], &fresh[i]) != 0)
			c->releases[c->n_releases++] = fresh[i];
	}
}

/* Merge the n sorted releases at c->releases[at] .. with the m behind the end, equal ones
 * once. Those behind the end are sorted too and belong right there. */
static int merge_releases(tt_case *c, size_t at, size_t n, size_t m, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_release *was = tt_alloc(n * sizeof *was);
	tt_release *to = c->releases + at;
	const size_t behind = c->n_releases - at - n;
	const tt_release *fresh = to + n + behind;
	TT_CLEANUP(tt_freep) tt_release *is = tt_alloc(m * sizeof *is);
	size_t i = 0, j = 0, kept = 0;

	if (!was || !is)
		return tt_no_memory(err);
	memcpy(is, fresh, m * sizeof *is);
	if (n)
		memcpy(was, to, n * sizeof *was);
	memmove(to + n + m, to + n, behind * sizeof *to);
	while (i < n || j < m) {
		int by = i == n ? 1 : j == m ? -1 : tt_release_compare(&was[i], &is[j]);
		const tt_release *next = by <= 0 ? &was[i++] : &is[j++];

		if (!kept || tt_release_compare(&to[kept - 1], next) != 0)
			to[kept++] = *next;
	}
	memmove(to + kept, to + n + m, behind * sizeof *to);
	c->n_releases = at + kept + behind;
	return TT_OK;
}

static tt_span in_window(const tt_snapshot *s, tt_span span)
{
	if (span.from_s == TT_TIME_MISSING || span.from_s < s->start_s)
		span.from_s = s->start_s;
	if (span.to_s == TT_TIME_MISSING || span.to_s > s->end_s)
		span.to_s = s->end_s;
	return span;
}

int tt_case_release(tt_case *c, const tt_release *what, const tt_spans *when, tt_err *err)
{
	tt_release first = *what, last = *what;
	size_t at, end, m = 0;
	int there;

	for (size_t i = 0; i < when->n; i++) {
		tt_span span = in_window(c->snapshot, when->v[i]);
		tt_release *to;

		if (span.from_s >= span.to_s)
			continue;
		while (c->cap_releases <= c->n_releases + m) {
			if (!TT_GROW(c->releases, c->cap_releases, c->cap_releases))
				return tt_no_memory(err);
		}
		to = &c->releases[c->n_releases + m++];
		*to = *what;
		to->from_s = span.from_s;
		to->to_s = span.to_s;
	}
	if (!m)
		return TT_OK;
	first.from_s = first.to_s = INT64_MIN;
	last.from_s = last.to_s = INT64_MAX;
	at = place(c->releases, c->n_releases, sizeof first, &first, tt_release_compare, &there);
	end = place(c->releases, c->n_releases, sizeof last, &last, tt_release_compare, &there);
	if (m > 1)
		qsort(c->releases + c->n_releases, m, sizeof first, tt_release_compare);
	if (at == c->n_releases) {
		append_releases(c, m);
		return TT_OK;
	}
	return merge_releases(c, at, end - at, m, err);
}

static int release_once(tt_case *c, tt_release what, int64_t from_s, int64_t to_s, tt_err *err)
{
	tt_span span = { from_s, to_s };

	return tt_case_release(c, &what, &(tt_spans){ .v = &span, .n = 1 }, err);
}

int tt_case_release_node(tt_case *c, size_t node, int64_t from_s, int64_t to_s, tt_err *err)
{
	return release_once(c, (tt_release){ .node = (uint32_t)node, .pod = TT_NO_POD }, from_s,
			    to_s, err);
}

int tt_case_release_card(tt_case *c, size_t node, const char *gpu, int64_t from_s,
			 int64_t to_s, tt_err *err)
{
	return release_once(c, (tt_release){ .node = (uint32_t)node, .gpu = gpu,
					     .pod = TT_NO_POD }, from_s, to_s, err);
}

int tt_case_release_pod(tt_case *c, size_t pod, int64_t from_s, int64_t to_s, tt_err *err)
{
	const uint32_t node = c->snapshot->placed.node_of_pod[pod];

	if (node == UINT32_MAX)
		return TT_OK;
	return release_once(c, (tt_release){ .node = node, .pod = (uint32_t)pod },
			    from_s, to_s, err);
}

int tt_case_relabel(tt_case *c, const tt_relabel *r, tt_err *err)
{
	int there;
	size_t at = place(c->relabels, c->n_relabels, sizeof *r, r, compare_relabels, &there);

	if (there)
		return TT_OK;
	if (!TT_GROW(c->relabels, c->n_relabels, c->cap_relabels))
		return tt_no_memory(err);
	memmove(c->relabels + at + 1, c->relabels + at, (c->n_relabels - at) * sizeof *r);
	c->relabels[at] = *r;
	c->n_relabels++;
	return TT_OK;
}

int tt_charge_compare(const void *pa, const void *pb)
{
	const tt_charge *a = pa, *b = pb;
	int by = (a->address > b->address) - (a->address < b->address);

	if (!by)
		by = strcmp(a->what, b->what);
	if (!by)
		by = order(a->from_s, b->from_s);
	if (!by)
		by = order(a->to_s, b->to_s);
	return by ? by : order(a->micro, b->micro);
}

int tt_case_charge(tt_case *c, const tt_charge *charge, tt_err *err)
{
	int there;
	size_t at = place(c->charges, c->n_charges, sizeof *charge, charge, tt_charge_compare,
			  &there);

	if (there)
		return TT_OK;
	if (!TT_GROW(c->charges, c->n_charges, c->cap_charges))
		return tt_no_memory(err);
	memmove(c->charges + at + 1, c->charges + at, (c->n_charges - at) * sizeof *charge);
	c->charges[at] = *charge;
	c->n_charges++;
	return TT_OK;
}

int tt_rescale_compare(const void *pa, const void *pb)
{
	const tt_rescale *a = pa, *b = pb;
	int by = order(a->line, b->line);

	if (!by)
		by = (a->address > b->address) - (a->address < b->address);
	if (!by)
		by = order(a->from_s, b->from_s);
	if (!by)
		by = order(a->to_s, b->to_s);
	return by ? by : (a->factor_u9 > b->factor_u9) - (a->factor_u9 < b->factor_u9);
}

int tt_case_rescale(tt_case *c, const tt_rescale *r, tt_err *err)
{
	int there;
	size_t at = place(c->rescales, c->n_rescales, sizeof *r, r, tt_rescale_compare, &there);

	if (there || r->from_s >= r->to_s)
		return TT_OK;
	if (!TT_GROW(c->rescales, c->n_rescales, c->cap_rescales))
		return tt_no_memory(err);
	memmove(c->rescales + at + 1, c->rescales + at, (c->n_rescales - at) * sizeof *r);
	c->rescales[at] = *r;
	c->n_rescales++;
	return TT_OK;
}

int tt_deal_compare(const void *pa, const void *pb)
{
	const tt_deal *a = pa, *b = pb;
	int by = (a->address > b->address) - (a->address < b->address);

	if (!by)
		by = (int)a->kind - (int)b->kind;
	if (!by)
		by = order(a->row, b->row);
	if (!by)
		by = order(a->from_s, b->from_s);
	if (!by)
		by = order(a->to_s, b->to_s);
	if (!by)
		by = order(a->units_micro, b->units_micro);
	return by ? by : (a->commitment_per_hour > b->commitment_per_hour) -
			 (a->commitment_per_hour < b->commitment_per_hour);
}

int tt_case_deal(tt_case *c, const tt_deal *deal, tt_err *err)
{
	int there;
	size_t at = place(c->deals, c->n_deals, sizeof *deal, deal, tt_deal_compare, &there);

	if (there)
		return TT_OK;
	if (!TT_GROW(c->deals, c->n_deals, c->cap_deals))
		return tt_no_memory(err);
	memmove(c->deals + at + 1, c->deals + at, (c->n_deals - at) * sizeof *deal);
	c->deals[at] = *deal;
	c->n_deals++;
	return TT_OK;
}

int tt_added_compare(const void *pa, const void *pb)
{
	const tt_added *a = pa, *b = pb;
	int by = (a->address > b->address) - (a->address < b->address);

	if (!by)
		by = order(a->part, b->part);
	if (!by)
		by = strcmp(a->node_group, b->node_group);
	if (!by)
		by = order(a->from_s, b->from_s);
	if (!by)
		by = order(a->to_s, b->to_s);
	if (!by)
		by = order(a->nodes, b->nodes);
	return by ? by : tt_terms_compare(a->terms, b->terms);
}

int tt_case_add(tt_case *c, const tt_added *added, tt_err *err)
{
	const tt_span span = in_window(c->snapshot, (tt_span){ added->from_s, added->to_s });
	tt_added one = *added;
	size_t at;
	int there;

	if (one.terms->price_per_hour == TT_DECIMAL_MISSING)
		return tt_fail(err, TT_ENODATA, "what one more %s costs is not known",
			       *one.terms->instance_type ? one.terms->instance_type : "node");
	one.from_s = span.from_s;
	one.to_s = span.to_s;
	if (span.from_s >= span.to_s || one.nodes < 1)
		return TT_OK;
	at = place(c->added, c->n_added, sizeof one, &one, tt_added_compare, &there);
	if (there)
		return TT_OK;
	if (!TT_GROW(c->added, c->n_added, c->cap_added))
		return tt_no_memory(err);
	memmove(c->added + at + 1, c->added + at, (c->n_added - at) * sizeof one);
	c->added[at] = one;
	c->n_added++;
	return TT_OK;
}

const tt_terms *tt_case_terms(tt_case *c, const tt_terms *t, tt_err *err)
{
	tt_terms *copy = NULL;

	if (c->arena || (c->arena = tt_arena_new()))
		copy = tt_arena_alloc(c->arena, sizeof *copy);
	if (!copy) {
		tt_no_memory(err);
		return NULL;
	}
	*copy = *t;
	return copy;
}

/* All at once, since they can be many. */
static int join_added(tt_case *c, const tt_case *from, tt_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < from->n_added; i++) {
		if (!TT_GROW(c->added, c->n_added, c->cap_added))
			return tt_no_memory(err);
		c->added[c->n_added++] = from->added[i];
	}
	if (c->n_added)
		qsort(c->added, c->n_added, sizeof *c->added, tt_added_compare);
	for (size_t i = 0; i < c->n_added; i++) {
		if (!kept || tt_added_compare(&c->added[kept - 1], &c->added[i]) != 0)
			c->added[kept++] = c->added[i];
	}
	c->n_added = kept;
	return TT_OK;
}

/* Both are in order already. */
static int join_releases(tt_case *c, const tt_case *from, tt_err *err)
{
	const size_t m = from->n_releases;

	if (!m)
		return TT_OK;
	while (c->cap_releases <= c->n_releases + m) {
		if (!TT_GROW(c->releases, c->cap_releases, c->cap_releases))
			return tt_no_memory(err);
	}
	memcpy(c->releases + c->n_releases, from->releases, m * sizeof *from->releases);
	return merge_releases(c, 0, c->n_releases, m, err);
}

int tt_case_join(tt_case *c, const tt_case *from, tt_err *err)
{
	TT_TRY(join_releases(c, from, err));
	for (size_t i = 0; i < from->n_relabels; i++)
		TT_TRY(tt_case_relabel(c, &from->relabels[i], err));
	for (size_t i = 0; i < from->n_charges; i++)
		TT_TRY(tt_case_charge(c, &from->charges[i], err));
	for (size_t i = 0; i < from->n_deals; i++)
		TT_TRY(tt_case_deal(c, &from->deals[i], err));
	for (size_t i = 0; i < from->n_rescales; i++)
		TT_TRY(tt_case_rescale(c, &from->rescales[i], err));
	return join_added(c, from, err);
}

const char *tt_case_owner(const tt_case *c, enum tt_relabel_by by, const char *id)
{
	tt_relabel lowest = { .by = by, .id = id, .owner = "" };
	int there;
	size_t at = place(c->relabels, c->n_relabels, sizeof lowest, &lowest,
			  compare_relabels, &there);

	if (at == c->n_relabels || c->relabels[at].by != by || strcmp(c->relabels[at].id, id) != 0)
		return NULL;
	return c->relabels[at].owner;
}

/* --- When a node is still paid ------------------------------------------------ */

size_t tt_case_releases(const tt_case *c, size_t node, size_t *ret_n)
{
	tt_release lowest = { .node = (uint32_t)node, .from_s = INT64_MIN };
	size_t first, n = 0;
	int there;

	first = place(c->releases, c->n_releases, sizeof lowest, &lowest, tt_release_compare,
		      &there);
	while (first + n < c->n_releases && c->releases[first + n].node == node)
		n++;
	*ret_n = n;
	return first;
}

int tt_case_left(const tt_case *c, const tt_residents *r, size_t node, const tt_release *v,
		 size_t n, int ways, tt_spans *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_release *of = tt_alloc((n + 1) * sizeof *of);
	size_t n_of = 0, parts = 0;

	if (!of)
		return tt_no_memory(err);
	ret->n = 0;
	for (size_t i = 0; i < n; i++) {
		if ((int)v[i].leave >= ways)
			continue;
		of[n_of++] = v[i];
		if (v[i].gpu || v[i].pod != TT_NO_POD)
			parts++;
		else
			TT_TRY(tt_spans_add(ret, v[i].from_s, v[i].to_s, err));
	}
	if (parts)
		TT_TRY(tt_emptied(c, r, node, of, n_of, ret, err));
	tt_spans_tidy(ret);
	return TT_OK;
}

bool tt_case_paid_anyway(const tt_case *c, size_t node)
{
	const char *pricing = tt_node_at(c->snapshot, node)->pricing;

	if (strcmp(pricing, "reserved") == 0)
		return tt_held_way_of(c->snapshot, node) != TT_HELD_RESERVED;
	return strcmp(pricing, "owned") == 0;
}

int tt_case_paid(const tt_case *c, const tt_residents *r, size_t node, tt_spans *ret,
		 tt_err *err)
{
	tt_span life = tt_node_life(c->snapshot, node);
	size_t n, first = tt_case_releases(c, node, &n);

	ret->n = 0;
	if (!n || tt_case_paid_anyway(c, node))
		return tt_spans_add(ret, life.from_s, life.to_s, err);

	TT_CLEANUP(tt_spans_free) tt_spans gone = { 0 };
	tt_spans all = { .v = &life, .n = life.from_s < life.to_s };
	TT_TRY(tt_case_left(c, r, node, c->releases + first, n, TT_REPRICED, &gone, err));
	return tt_spans_subtract(&all, &gone, ret, err);
}

int tt_case_paid_s(const tt_case *c, size_t node, int64_t *ret_s, tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans paid = { 0 };

	TT_TRY(tt_case_paid(c, NULL, node, &paid, err));
	*ret_s = tt_spans_length_s(&paid);
	return TT_OK;
}
