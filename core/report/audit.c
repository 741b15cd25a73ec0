#include "report/audit.h"
#include "bill/residents.h"
#include "change/repack_worth.h"
#include "report/facts.h"
#include "report/judged.h"
#include "report/layout.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>


enum tt_rule tt_audit_other_rule(const tt_audit *a)
{
	return a->settings->rule == TT_RULE_SHARE ? TT_RULE_THRESHOLD : TT_RULE_SHARE;
}

int64_t tt_audit_per_month(const tt_audit *a, int64_t micro)
{
	return tt_per_month(micro, a->window_s);
}

int64_t tt_audit_saving(const tt_audit *a, int64_t micro)
{
	return a->known ? micro : TT_MONEY_UNKNOWN;
}

tt_spread tt_audit_savings(const tt_audit *a, tt_spread s)
{
	return (tt_spread){ tt_audit_saving(a, s.point), tt_audit_saving(a, s.p10),
		            tt_audit_saving(a, s.p50), tt_audit_saving(a, s.p90) };
}

const tt_change *tt_audit_change(const tt_ranked *r, size_t i)
{
	if (r->n_changes)
		return i < r->n_changes ? r->changes[i] : NULL;
	return i < r->found->n_changes ? &r->found->changes[i] : NULL;
}

void tt_audit_activity(const tt_audit *a, char *buf, size_t size)
{
	const tt_bill *b = a->bill;
	const struct { const char *name; size_t n; } by[] = {
		{ "sm_active_ratio", b->n_sm_active }, { "gpu_util_pct", b->n_gpu_util },
	};
	char cards[TT_CELL_TEXT];
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof by / sizeof *by && n < size; i++) {
		if (by[i].n)
			n += (size_t)snprintf(buf + n, size - n, "%s %s on %s card%s",
			                      n ? "," : "activity from", by[i].name,
			                      tt_cell_count((int64_t)by[i].n, cards),
			                      by[i].n == 1 ? "" : "s");
	}
	if (n && n < size && b->n_without)
		snprintf(buf + n, size - n, ", not known on %s",
		         tt_cell_count((int64_t)b->n_without, cards));
}

/* --- What is made ------------------------------------------------------------------- */

static void count_cards(tt_audit *a)
{
	const tt_snapshot *s = a->snapshot;
	uint64_t cards_u6 = 0;

	a->gpus = NAN;
	if (!s->table[TT_NODES].n)
		return;
	for (size_t i = 0; i < s->table[TT_NODES].n; i++)
		cards_u6 += tt_node_cards_u6(s, i);
	a->gpus = (double)cards_u6 / 1e6;
}

struct odd {            /* nodes whose telemetry names more cards than they have */
	size_t n;
	const char *first;
	size_t first_cards;
};

/* Hours that the card at *i was measured for, a card in slices for the mean of them; *i
 * goes on to the next card. */
static double card_hours(const tt_snapshot *s, size_t *i)
{
	const tt_carrier *first = &s->carriers[*i];
	int64_t card_s = 0, slices_s = 0, slices = 0;

	for (; *i < s->n_cards; ++*i) {
		const tt_carrier *c = &s->carriers[*i];
		const tt_measure *m = tt_snapshot_measure(s, c, tt_snapshot_activity(s, c));

		if (strcmp(c->node, first->node) != 0 || strcmp(c->gpu, first->gpu) != 0)
			break;
		slices += *c->slice != '\0';
		if (m && *c->slice)
			slices_s += m->seconds;
		else if (m)
			card_s += m->seconds;
	}
	return card_s  ? (double)card_s / 3600
	       : slices ? (double)slices_s / (double)slices / 3600
	                : 0;
}

/* A node is measured for at most the time that its cards were paid for, however many its
 * telemetry names. */
static void sum_measured(tt_audit *a, struct odd *odd)
{
	const tt_snapshot *s = a->snapshot;

	for (size_t i = 0; i < s->n_cards;) {
		size_t node = s->carriers[i].node_index, cards = 0;
		double hours = 0;

		for (; i < s->n_cards && s->carriers[i].node_index == node; cards++)
			hours += card_hours(s, &i);
		if (node >= s->table[TT_NODES].n)
			continue;

		double has = (double)tt_node_cards_u6(s, node) / 1e6;

		if ((double)cards > has && !odd->n++) {
			odd->first = tt_node_at(s, node)->node;
			odd->first_cards = cards;
		}
		a->measured_gpu_hours +=
			fmin(hours, has * (double)a->bill->nodes[node].alive_s / 3600);
	}
}

/* --- Notes ----------------------------------------------------------------------------- */

struct sources {        /* where the prices of nodes are from */
	int64_t nodes, dated, undated, commitments, charges;
	const char *first, *last; /* date, as text */
};

static void see_source(struct sources *to, const char *from)
{
	static const char listed[] = "prices.csv", held[] = "commitments.csv";
	const char *date;

	if (strncmp(from, held, sizeof held - 1) == 0) {
		to->commitments++;
		return;
	}
	if (strcmp(from, "charges.csv") == 0) {
		to->charges++;
		return;
	}
	if (strncmp(from, listed, sizeof listed - 1) != 0) {
		to->nodes++;
		return;
	}
	date = from + sizeof listed - 1;
	if (*date++ != ' ') {
		to->undated++;
		return;
	}
	to->dated++;
	if (!to->first || strcmp(date, to->first) < 0)
		to->first = date;
	if (!to->last || strcmp(date, to->last) > 0)
		to->last = date;
}

static void put_source(tt_buf *to, const char *what, int64_t nodes)
{
	char n[TT_CELL_TEXT];

	if (nodes)
		tt_buf_printf(to, "%s%s on %s node%s", to->n ? ", " : "", what,
		              tt_cell_count(nodes, n), nodes == 1 ? "" : "s");
}

/* "prices: nodes.csv on 4 nodes, prices.csv of 2025-06-01 to 2026-01-01 on 120 nodes" */
static int note_sources(tt_audit *a, tt_err *err)
{
	struct sources s = { 0 };
	char dated[128] = "";
	tt_buf text = { 0 };
	int rc = TT_OK;

	for (size_t i = 0; i < a->snapshot->table[TT_NODES].n; i++) {
		const tt_node_bill *node = &a->bill->nodes[i];

		if (node->alive_s && node->cost_micro != TT_MONEY_UNKNOWN)
			see_source(&s, node->price_from);
	}
	if (s.first && strncmp(s.first, s.last, 10) == 0)
		snprintf(dated, sizeof dated, "prices.csv of %.10s", s.first);
	else if (s.first)
		snprintf(dated, sizeof dated, "prices.csv of %.10s to %.10s", s.first, s.last);
	put_source(&text, "nodes.csv", s.nodes);
	put_source(&text, dated, s.dated);
	put_source(&text, "prices.csv without a date", s.undated);
	put_source(&text, "commitments.csv", s.commitments);
	put_source(&text, "charges.csv", s.charges);
	if (text.failed)
		rc = tt_no_memory(err);
	else if (text.n)
		rc = tt_texts_add(&a->notes, a->arena, err, "prices: %s", tt_buf_text(&text));
	tt_buf_free(&text);
	return rc;
}

/* "of 1,234.56 committed in the window, 617.28 was not used: ..." */
static int note_held(tt_audit *a, tt_err *err)
{
	const tt_bill *b = a->bill;
	char all[TT_CELL_TEXT], unused[TT_CELL_TEXT], n[TT_CELL_TEXT];
	int64_t micro = 0;

	for (size_t i = 0; i < b->held.n_costs; i++)
		TT_TRY(tt_money_add(&micro, b->held.costs[i].cost_micro, "what is committed", err));
	if (b->held.n_costs)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "%s commitment%s held cost%s %s in "
		                    "the window, used or not; %s of it nothing used, which is in "
		                    "\"unallocated idle\" without GPU-hours",
		                    tt_cell_count((int64_t)b->held.n_costs, n),
		                    b->held.n_costs == 1 ? "" : "s",
		                    b->held.n_costs == 1 ? "s" : "", tt_cell_money(micro, all),
		                    tt_cell_money(b->unused_micro, unused)));
	for (size_t i = 0; i < b->held.n_notes; i++)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "%s", b->held.notes[i]));
	return TT_OK;
}

/* "of charges.csv 1,234.56 is the cost of 12 nodes; 617.28 is no node's: ..." */
static int note_charges(tt_audit *a, tt_err *err)
{
	const tt_bill *b = a->bill;
	const tt_billed *of = &a->snapshot->billed;
	char nodes[TT_CELL_TEXT], n[TT_CELL_TEXT], lines[TT_CELL_TEXT], all[TT_CELL_TEXT];

	if (b->charged_nodes)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "charges.csv has %s of %s node%s: "
		                    "that is what %s cost, and prices are for what-ifs alone",
		                    tt_cell_money(b->charged_micro, nodes),
		                    tt_cell_count(b->charged_nodes, n),
		                    b->charged_nodes == 1 ? "" : "s",
		                    b->charged_nodes == 1 ? "it" : "they"));
	if (b->lines_micro)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "%s %s of no node (charges.csv, "
		                    "volumes.csv): \"unattributed\", for nobody measures it, but "
		                    "for taxes and unused commitments",
		                    tt_cell_money(b->lines_micro, lines),
		                    b->charged_nodes ? "more is" : "is"));
	if (of->rows_outside || of->rows_cut)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "charges.csv: %s row%s outside of "
		                    "the window count%s for nothing, %s that %s in it in part "
		                    "for that part", tt_cell_count(of->rows_outside, n),
		                    of->rows_outside == 1 ? "" : "s",
		                    of->rows_outside == 1 ? "s" : "",
		                    tt_cell_count(of->rows_cut, all),
		                    of->rows_cut == 1 ? "lies" : "lie"));
	return TT_OK;
}

static int note_prices(tt_audit *a, tt_err *err)
{
	const tt_bill *b = a->bill;
	char when[TT_CELL_TEXT], hours[TT_CELL_TEXT], held[TT_CELL_TEXT];

	TT_TRY(note_sources(a, err));
	if (b->priced_after_s != TT_TIME_MISSING)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "prices are newer than the window: "
		                    "the latest one used is of %.10s, the window ends on %.10s",
		                    tt_cell_time(b->priced_after_s, when),
		                    tt_cell_time(a->snapshot->end_s, held)));
	if (b->unknown_nodes)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "%s node%s with %s GPU-hours %s no "
		                    "price: their cost is unknown and in no sum",
		                    tt_cell_count(b->unknown_nodes, when),
		                    b->unknown_nodes == 1 ? "" : "s",
		                    tt_cell_hours(b->unknown_gpu_hours, hours),
		                    b->unknown_nodes == 1 ? "has" : "have"));
	TT_TRY(note_held(a, err));
	return note_charges(a, err);
}

/* What the quantiles of savings are from. */
static int note_worlds(tt_audit *a, tt_err *err)
{
	const tt_plan_worlds *w = &a->plan->worlds;
	char n[TT_CELL_TEXT], rest[96] = "";

	if (*w->why)
		return tt_texts_add(&a->notes, a->arena, err, "savings are those of the window, "
		                    "without P10 and P90: %s", w->why);
	if (!w->n)
		return TT_OK;
	tt_cell_count((int64_t)w->n, n);
	if (!w->weeks)
		return tt_texts_add(&a->notes, a->arena, err, "savings are P50 of %s sampled "
		                    "months; the window is shorter than a week and its whole "
		                    "hours stand for a month as they are, so P10 and P90 hardly "
		                    "differ", n);
	if (w->rest_h)
		snprintf(rest, sizeof rest, "; %" PRId64 " h of the window make no whole week and "
		         "are not drawn", w->rest_h);
	return tt_texts_add(&a->notes, a->arena, err, "savings are P50 of %s sampled months, each "
	                    "made of the %zu whole week%s that %s measured, with demand and "
	                    "prices as they were%s", n, w->weeks, w->weeks == 1 ? "" : "s",
	                    w->weeks == 1 ? "was" : "were", rest);
}

static int note_reading(tt_audit *a, const struct odd *odd, tt_err *err)
{
	const tt_snapshot *s = a->snapshot;
	char n[TT_CELL_TEXT];

	if (odd->n)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "gpu_usage.csv names more cards than "
		                    "nodes.csv on %s node%s, %zu on %s to begin with: a node "
		                    "counts as measured for at most the cards that it has",
		                    tt_cell_count((int64_t)odd->n, n), odd->n == 1 ? "" : "s",
		                    odd->first_cards, odd->first));
	for (size_t i = 0; i < s->rejects.n_kinds; i++) {
		const tt_reject *r = &s->rejects.kinds[i];

		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "%" PRId64 " row%s of %s rejected "
		                    "(%s); the first: %s", r->n, r->n == 1 ? "" : "s", r->table,
		                    r->kind, r->first));
	}
	for (size_t i = 0; i < s->n_notes; i++)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "%s", s->notes[i]));
	return TT_OK;
}

static void free_names(tt_names **names)
{
	tt_names_free(*names);
}

/* Node groups that the plan's steps touch. */
static int find_touched(const tt_audit *a, tt_names *groups, tt_err *err)
{
	for (size_t i = 0; i < a->plan->n_steps; i++) {
		const tt_ranked *r = a->plan->steps[i].finding;

		for (size_t k = 0; k < r->n_nodes; k++)
			TT_TRY(tt_repack_touched(a->snapshot, r->nodes[k], groups, err));
	}
	return TT_OK;
}

/* What moving pods within these groups would save by itself: no finding has it. */
static int note_repacking(tt_audit *a, tt_err *err)
{
	TT_CLEANUP(free_names) tt_names *groups = tt_names_new();
	char money[TT_CELL_TEXT], moves[TT_CELL_TEXT];
	tt_repack_groups g;

	if (!groups)
		return tt_no_memory(err);
	TT_TRY(find_touched(a, groups, err));
	TT_TRY(tt_repack_worths(a->snapshot, a->settings, groups, a->arena, &g, err));
	for (size_t i = 0; i < g.n; i++) {
		const tt_repack_worth *w = &g.v[i].worth;

		if (!w->moves || w->saving_micro == TT_MONEY_UNKNOWN || w->saving_micro <= 0)
			continue;
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "packing the pods of node group %s "
				    "anew would by itself save %s a month (%s pods move); it is in "
				    "no step of the plan", g.v[i].node_group,
				    tt_money_text(tt_audit_per_month(a, w->saving_micro), 2, money,
						  sizeof money),
				    tt_cell_count((int64_t)w->moves, moves)));
	}
	return TT_OK;
}

static int make_notes(tt_audit *a, const struct odd *odd, tt_err *err)
{
	const tt_findings *f = a->findings;
	char span[TT_CELL_TEXT];

	if (a->snapshot->note && *a->snapshot->note)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "note of the snapshot: %s",
		                    a->snapshot->note));
	if (a->window_s < TT_AUDIT_SHORT_S)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "the window is %s, below 14 days: "
		                    "figures per month stretch it and may mislead",
		                    tt_cell_span(a->window_s, span)));
	TT_TRY(note_worlds(a, err));
	TT_TRY(note_prices(a, err));
	TT_TRY(note_reading(a, odd, err));
	TT_TRY(note_repacking(a, err));
	for (size_t i = 0; i < f->n_failed; i++)
		TT_TRY(tt_texts_add(&a->notes, a->arena, err, "detector %s failed and its findings "
		                    "are not here: %s", f->failed[i].detector, f->failed[i].why));
	return tt_judged_notes(a, err);
}

/* --- Gaps ------------------------------------------------------------------------------ */

static int gap(tt_audit *a, const char *text, tt_err *err)
{
	return tt_texts_add(&a->gaps, a->arena, err, "%s", text);
}

/* Pods whose node is not known leave the cost of every node open. */
static int gap_of_places(tt_audit *a, tt_err *err)
{
	const tt_portion *whole = &a->whole[a->settings->rule];
	size_t pods = a->snapshot->table[TT_PODS].n, n = 0;
	char some[TT_CELL_TEXT], all[TT_CELL_TEXT];

	for (size_t i = 0; i < pods; i++) {
		const tt_pod_row *p = tt_pod_at(a->snapshot, i);

		n += !p->node[0] && tt_pod_started(p) && p->gpus > 0;
	}
	if (n && whole->reason[TT_NO_ALLOCATION_DATA].gpu_hours > 0)
		return tt_texts_add(&a->gaps, a->arena, err, "pods.csv does not say on which node "
		                    "%s of %s pods ran, so what was allocated and what was idle is "
		                    "not known", tt_cell_count((int64_t)n, some),
		                    tt_cell_count((int64_t)pods, all));
	return TT_OK;
}

static int make_gaps(tt_audit *a, tt_err *err)
{
	const tt_rows *t = a->snapshot->table;

	if (!t[TT_NODES].n && a->bill->lines_micro)
		return gap(a, "nodes.csv is missing: the bill is that of charges.csv and "
		              "volumes.csv alone", err);
	if (!t[TT_NODES].n)
		return gap(a, t[TT_DEMAND].n
		                      ? "nodes.csv is missing: what was in use is known from "
		                        "demand.csv, not what was paid for, so there is no bill "
		                        "and nothing that is idle"
		                      : "nodes.csv is missing: without the machines that are paid "
		                        "for there is no bill", err);
	if (!a->known)
		TT_TRY(gap(a, "no node has a price, in nodes.csv or prices.csv: only GPU-hours can "
		              "be told", err));
	if (!a->snapshot->usage_rows)
		TT_TRY(gap(a, "gpu_usage.csv is missing: how busy the cards were is not known, so "
		              "nothing is called productive and no idle card is found", err));
	if (!t[TT_PODS].n && t[TT_DEMAND].n)
		TT_TRY(gap(a, "pods.csv is missing: demand.csv tells how much was in use and by "
		              "whom, not on which node", err));
	else if (!t[TT_PODS].n)
		TT_TRY(gap(a, "pods.csv is missing: what ran on the nodes and for whom is not "
		              "known", err));
	return gap_of_places(a, err);
}

int tt_audit_make(tt_audit *a, tt_err *err)
{
	struct odd odd = { 0 };

	a->window_s = a->snapshot->end_s - a->snapshot->start_s;
	a->arena = tt_arena_new();
	if (!a->arena)
		return tt_no_memory(err);
	count_cards(a);
	sum_measured(a, &odd);
	for (int r = 0; r < TT_RULES; r++)
		TT_TRY(tt_portion_whole(a->bill, (enum tt_rule)r, &a->whole[r], err));
	a->known = a->whole[a->settings->rule].total.priced;
	for (int d = 0; d < TT_DIMENSIONS; d++)
		TT_TRY(tt_breakdown_make(a->bill, a->settings->rule, (enum tt_dimension)d, a->arena,
		                         &a->by[d], err));
	TT_TRY(tt_facts_make(a->snapshot, a->arena, &a->facts, err));
	TT_TRY(make_notes(a, &odd, err));
	TT_TRY(tt_judged_policy(a, err));
	TT_TRY(tt_judged_exempt(a, err));
	return make_gaps(a, err);
}

void tt_audit_reset(tt_audit *a)
{
	tt_texts_free(&a->facts);
	tt_texts_free(&a->notes);
	tt_texts_free(&a->gaps);
	tt_texts_free(&a->policy);
	tt_texts_free(&a->exempt);
	tt_arena_free(a->arena);
	*a = (tt_audit){ 0 };
}
