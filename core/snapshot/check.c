/* check.c - rules across tables. Faults are gathered first and rejected in the order
 * of their lines, so that the first one named is the first in the file. */
#include "snapshot/check.h"
#include "base/clock.h"
#include "snapshot/table_sort.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NONE SIZE_MAX
#define MICRO 1000000 /* cards are added up in millionths, so sums are exact */

typedef struct hold {       /* a pod that holds whole cards of a node */
	size_t pod, node;
	int64_t from_s, to_s;
	int64_t cards;      /* millionths */
	bool held;          /* not refused */
} hold;

enum fault_kind { UNKNOWN_NODE, OUTSIDE_NODE, TOO_FEW_CARDS, TWO_ON_ONE_CARD };

typedef struct fault {
	enum fault_kind kind;
	size_t pod, node, other; /* other: pod that holds the cards */
	int64_t at_s, held, line;
} fault;

typedef struct checking {
	tt_rows *nodes, *pods;
	int64_t start_s, end_s;
	hold *holds;
	size_t n_holds, cap_holds;
	fault *faults;
	size_t n_faults, cap_faults;
} checking;

static const tt_pod_row *pod_at(const checking *c, size_t i)
{
	return TT_ROW(c->pods, const tt_pod_row, i);
}

static const tt_node_row *node_at(const checking *c, size_t i)
{
	return TT_ROW(c->nodes, const tt_node_row, i);
}

static long long line_of(const tt_rows *r, size_t i)
{
	return r->line ? (long long)r->line[i] : 0;
}

static int add_fault(checking *c, fault f, tt_err *err)
{
	if (!TT_GROW(c->faults, c->n_faults, c->cap_faults))
		return tt_no_memory(err);
	f.line = line_of(c->pods, f.pod);
	c->faults[c->n_faults++] = f;
	return TT_OK;
}

/* --- Pods and their nodes ----------------------------------------------------------- */
/* An end that is not known is after everything; a start that is not is before it. */
static int64_t end_of(int64_t ended_at)
{
	return ended_at == TT_TIME_MISSING ? INT64_MAX : ended_at;
}

static bool lives_apart(const tt_pod_row *p, const tt_node_row *n)
{
	const int64_t from = p->started_at, to = end_of(p->ended_at);
	return from >= end_of(n->ended_at) || to < n->started_at
		|| (to == n->started_at && from < to);
}

static bool holds_whole_cards(const tt_pod_row *p)
{
	return p->gpus >= 1 && strcmp(p->gpu_sharing, "time_slice") != 0
		&& strcmp(p->gpu_sharing, "mps") != 0 && strncmp(p->gpu_sharing, "mig:", 4) != 0;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What the pod holds within the window and the life of its node, if anything. */
static int add_hold(checking *c, size_t pod, size_t node, tt_err *err)
{
	const tt_pod_row *p = pod_at(c, pod);
	const tt_node_row *n = node_at(c, node);
	if (!holds_whole_cards(p) || isnan(n->gpus))
		return TT_OK;
	const hold h = { .pod = pod, .node = node,
		.from_s = later(later(p->started_at, n->started_at), c->start_s),
		.to_s = earlier(earlier(end_of(p->ended_at), end_of(n->ended_at)), c->end_s),
		.cards = (int64_t)llround(p->gpus * MICRO) };
	if (h.from_s >= h.to_s)
		return TT_OK;
	if (p->gpus > n->gpus)
		return add_fault(c, (fault){ .kind = TOO_FEW_CARDS, .pod = pod,
			.node = node }, err);
	if (!TT_GROW(c->holds, c->n_holds, c->cap_holds))
		return tt_no_memory(err);
	c->holds[c->n_holds++] = h;
	return TT_OK;
}

static int look_at_pods(checking *c, tt_err *err)
{
	for (size_t i = 0; i < c->pods->n; i++) {
		const tt_pod_row *p = pod_at(c, i);
		if (!*p->node)
			continue;
		const size_t node = tt_rows_find(c->nodes, p->node);
		if (node == NONE)
			TT_TRY(add_fault(c, (fault){ .kind = UNKNOWN_NODE, .pod = i }, err));
		else if (!tt_pod_started(p))
			continue;
		else if (lives_apart(p, node_at(c, node)))
			TT_TRY(add_fault(c, (fault){ .kind = OUTSIDE_NODE, .pod = i,
				.node = node }, err));
		else
			TT_TRY(add_hold(c, i, node, err));
	}
	return TT_OK;
}

/* --- Two whole pods on one card -------------------------------------------------------- */
/* Pods are sorted by name, so ties do not depend on the order in the file. */
static int compare_starts(const void *ctx, size_t a, size_t b)
{
	const hold *x = (const hold *)ctx + a, *y = (const hold *)ctx + b;
	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

static int compare_ends(const void *ctx, size_t a, size_t b)
{
	const hold *x = (const hold *)ctx + a, *y = (const hold *)ctx + b;
	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (x->to_s > y->to_s) - (x->to_s < y->to_s);
}

/* Both orders hold the same pods of each node in the same range. Whoever comes when
 * the cards are taken is refused and holds nothing. */
static int sweep_node(checking *c, const size_t *starts, const size_t *ends, size_t n, tt_err *err)
{
	const hold *longest = NULL; /* of those that hold: the last to end */
	int64_t used = 0;
	size_t ended = 0;
	for (size_t i = 0; i < n; i++) {
		hold *h = &c->holds[starts[i]];
		for (; ended < n && c->holds[ends[ended]].to_s <= h->from_s; ended++)
			if (c->holds[ends[ended]].held)
				used -= c->holds[ends[ended]].cards;
		const int64_t all = (int64_t)llround(node_at(c, h->node)->gpus * MICRO);
		if (used + h->cards > all) {
			TT_TRY(add_fault(c, (fault){ .kind = TWO_ON_ONE_CARD, .pod = h->pod,
				.node = h->node, .other = longest->pod, .at_s = h->from_s,
				.held = used }, err));
			continue;
		}
		h->held = true;
		used += h->cards;
		if (!longest || h->to_s > longest->to_s)
			longest = h;
	}
	return TT_OK;
}

static int sweep(checking *c, tt_err *err)
{
	TT_CLEANUP(tt_freep) size_t *starts = NULL;
	TT_CLEANUP(tt_freep) size_t *ends = NULL;
	TT_TRY(tt_sort_index(c->n_holds, compare_starts, c->holds, &starts, err));
	TT_TRY(tt_sort_index(c->n_holds, compare_ends, c->holds, &ends, err));
	for (size_t lo = 0, hi; lo < c->n_holds; lo = hi) {
		const size_t node = c->holds[starts[lo]].node;
		for (hi = lo + 1; hi < c->n_holds && c->holds[starts[hi]].node == node; hi++)
			;
		TT_TRY(sweep_node(c, starts + lo, ends + lo, hi - lo, err));
	}
	return TT_OK;
}

/* --- Saying so ------------------------------------------------------------------------- */
static int reject_life(checking *c, const fault *f, tt_rejects *rejects, tt_err *err)
{
	const tt_pod_row *p = pod_at(c, f->pod);
	const tt_node_row *n = node_at(c, f->node);
	char pod[TT_TIME_TEXT], node[TT_TIME_TEXT];
	char place[TT_ROW_PLACE], line[TT_ROW_PLACE];
	const bool late = p->started_at >= end_of(n->ended_at);
	return tt_reject_row(rejects, err, "pods", "outside the life of its node",
		"%s: pod \"%s\" %s at %s, but its node \"%s\" %s at %s (%s of %s)",
		tt_row_place(c->pods, f->pod, place), p->pod, late ? "started" : "ended",
		tt_time_format(late ? p->started_at : p->ended_at, pod), n->node,
		late ? "ended" : "started",
		tt_time_format(late ? n->ended_at : n->started_at, node),
		tt_row_line(c->nodes, f->node, line), c->nodes->file);
}

static int reject_cards(checking *c, const fault *f, tt_rejects *rejects, tt_err *err)
{
	const tt_pod_row *p = pod_at(c, f->pod), *q = pod_at(c, f->other);
	const tt_node_row *n = node_at(c, f->node);
	char needs[40], has[40], held[40], at[TT_TIME_TEXT];
	char place[TT_ROW_PLACE], line[TT_ROW_PLACE];
	tt_format_f64(p->gpus, 6, needs, sizeof needs);
	tt_format_f64(n->gpus, 6, has, sizeof has);
	tt_format_f64((double)f->held / MICRO, 6, held, sizeof held);
	if (f->kind == TOO_FEW_CARDS)
		return tt_reject_row(rejects, err, "pods", "more cards than its node has",
			"%s: pod \"%s\" needs %s cards, but its node \"%s\" has %s",
			tt_row_place(c->pods, f->pod, place), p->pod, needs, n->node, has);
	const bool alone = f->held == (int64_t)llround(q->gpus * MICRO);
	return tt_reject_row(rejects, err, "pods", "two whole pods on one card",
		"%s: pod \"%s\" needs %s card%s of node \"%s\" at %s, but pod \"%s\" (%s)%s %s of "
		"its %s", tt_row_place(c->pods, f->pod, place), p->pod, needs,
		p->gpus > 1 ? "s" : "", n->node, tt_time_format(f->at_s, at), q->pod,
		tt_row_line(c->pods, f->other, line), alone ? " holds" : " and others hold", held,
		has);
}

static int reject_fault(checking *c, const fault *f, tt_rejects *rejects, tt_err *err)
{
	char place[TT_ROW_PLACE];
	switch (f->kind) {
	case UNKNOWN_NODE:
		return tt_reject_row(rejects, err, "pods", "unknown node",
			"%s: node \"%s\" of pod \"%s\" is not in %s",
			tt_row_place(c->pods, f->pod, place), pod_at(c, f->pod)->node,
			pod_at(c, f->pod)->pod, c->nodes->file);
	case OUTSIDE_NODE:
		return reject_life(c, f, rejects, err);
	case TOO_FEW_CARDS:
	case TWO_ON_ONE_CARD:
		return reject_cards(c, f, rejects, err);
	}
	return TT_OK;
}

static int compare_faults(const void *ctx, size_t a, size_t b)
{
	const fault *x = (const fault *)ctx + a, *y = (const fault *)ctx + b;
	return (x->line > y->line) - (x->line < y->line);
}

static int check_pods(checking *c, tt_rejects *rejects, tt_err *err)
{
	TT_TRY(look_at_pods(c, err));
	TT_TRY(sweep(c, err));
	if (!c->n_faults)
		return TT_OK;
	TT_CLEANUP(tt_freep) size_t *order = NULL;
	TT_CLEANUP(tt_freep) bool *drop = tt_zalloc(c->pods->n, sizeof *drop);
	if (!drop)
		return tt_no_memory(err);
	TT_TRY(tt_sort_index(c->n_faults, compare_faults, c->faults, &order, err));
	for (size_t i = 0; i < c->n_faults; i++) {
		const fault *f = &c->faults[order[i]];
		TT_TRY(reject_fault(c, f, rejects, err));
		drop[f->pod] = true;
	}
	tt_rows_drop(c->pods, drop);
	return TT_OK;
}

int tt_check_tables(tt_rows tables[TT_TABLE_COUNT], int64_t start_s, int64_t end_s,
                    tt_rejects *rejects, tt_err *err)
{
	/* Without nodes.csv the names of nodes in other tables stand for themselves. */
	if (!tables[TT_NODES].file || !tables[TT_PODS].file)
		return TT_OK;
	checking c = { .nodes = &tables[TT_NODES], .pods = &tables[TT_PODS], .start_s = start_s,
		.end_s = end_s };
	const int rc = check_pods(&c, rejects, err);
	tt_free(c.holds);
	tt_free(c.faults);
	return rc;
}

/* --- Charges ---------------------------------------------------------------------------- */
static int compare_charge_lines(const void *ctx, size_t a, size_t b)
{
	const int64_t *line = ctx;
	return (line[a] > line[b]) - (line[a] < line[b]);
}

int tt_check_currency(tt_rows *charges, const char *currency, tt_rejects *rejects, tt_err *err)
{
	TT_CLEANUP(tt_freep) bool *drop = tt_zalloc(charges->n + 1, sizeof *drop);
	TT_CLEANUP(tt_freep) size_t *order = NULL;
	char place[TT_ROW_PLACE];
	bool any = false;
	if (!drop)
		return tt_no_memory(err);
	for (size_t i = 0; i < charges->n; i++) {
		drop[i] = strcmp(TT_ROW(charges, tt_charge_row, i)->BillingCurrency, currency) != 0;
		any = any || drop[i];
	}
	if (!any)
		return TT_OK;
	TT_TRY(tt_sort_index(charges->n, compare_charge_lines, charges->line, &order, err));
	for (size_t i = 0; i < charges->n; i++) {
		const char *is = TT_ROW(charges, tt_charge_row, order[i])->BillingCurrency;
		if (drop[order[i]])
			TT_TRY(tt_reject_row(rejects, err, "charges", "another currency",
				"%s: BillingCurrency is \"%.*s\", expected \"%s\", the currency of "
				"the snapshot", tt_row_place(charges, order[i], place),
				TT_SHOWN(is), currency));
	}
	tt_rows_drop(charges, drop);
	return TT_OK;
}
