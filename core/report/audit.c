#include "report/audit.h"
#include "bill/residents.h"
#include "report/layout.h"
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORT_WINDOW_S (14 * 86400)

static int no_memory(tt_err *err)
{
	return tt_fail(err, TT_ENOMEM, "writing the report: %s", tt_status_text(TT_ENOMEM));
}

static int say(tt_audit *a, tt_texts *to, tt_err *err, const char *fmt, ...) TT_PRINTF(4, 5);
static int say(tt_audit *a, tt_texts *to, tt_err *err, const char *fmt, ...)
{
	char text[1600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (!TT_GROW(to->v, to->n, to->cap))
		return no_memory(err);
	to->v[to->n] = tt_arena_text(a->arena, text, strlen(text));
	if (!to->v[to->n])
		return no_memory(err);
	to->n++;
	return TT_OK;
}

int64_t tt_audit_per_month(const tt_audit *a, int64_t micro)
{
	if (micro == TT_MONEY_UNKNOWN || a->window_s <= 0)
		return TT_MONEY_UNKNOWN;
	return tt_per_month(micro, a->window_s);
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

static void sum_hours(tt_audit *a)
{
	for (int r = 0; r < TT_RULES; r++) {
		for (size_t i = 0; i < a->bill->n_cells[r]; i++) {
			const tt_cell *c = &a->bill->cells[r][i];

			a->bucket_gpu_hours[r][c->bucket] += c->gpu_hours;
		}
	}
	for (size_t i = 0; i < a->snapshot->table[TT_NODES].n && !a->known; i++)
		a->known = a->bill->nodes[i].cost_micro != TT_MONEY_UNKNOWN;
}

struct hour {
	int64_t time;
	double units;
};

static int compare_hours(const void *pa, const void *pb)
{
	const struct hour *a = pa, *b = pb;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return (a->units > b->units) - (a->units < b->units); /* sums then never differ */
}

static int same_key(const tt_demand_row *a, const tt_demand_row *b)
{
	return strcmp(a->provider, b->provider) == 0 && strcmp(a->region, b->region) == 0 &&
	       strcmp(a->instance_type, b->instance_type) == 0 &&
	       strcmp(a->gpu_model, b->gpu_model) == 0 && strcmp(a->owner, b->owner) == 0;
}

/* Demand over all keys, hour by hour. */
static int see_demand(tt_audit *a, tt_err *err)
{
	const tt_rows *rows = &a->snapshot->table[TT_DEMAND];
	tt_demand_seen *d = &a->demand;
	TT_CLEANUP(tt_freep) struct hour *h = tt_zalloc(rows->n + 1, sizeof *h);
	double sum = 0;

	*d = (tt_demand_seen){ .mean_units = NAN, .peak_units = NAN, .peak_s = TT_TIME_MISSING };
	if (!h)
		return no_memory(err);
	for (size_t i = 0; i < rows->n; i++) {
		const tt_demand_row *r = TT_ROW(rows, tt_demand_row, i);

		h[i] = (struct hour){ r->time, r->units };
		if (!i || !same_key(r, TT_ROW(rows, tt_demand_row, i - 1)))
			d->keys++;
	}
	if (rows->n)
		qsort(h, rows->n, sizeof *h, compare_hours);
	for (size_t i = 0; i < rows->n;) {
		double units = 0;
		int64_t time = h[i].time;

		for (; i < rows->n && h[i].time == time; i++)
			units += h[i].units;
		sum += units;
		d->hours++;
		if (!(units <= d->peak_units)) {
			d->peak_units = units;
			d->peak_s = time;
		}
	}
	if (d->hours)
		d->mean_units = sum / (double)d->hours;
	return TT_OK;
}

/* --- Notes ----------------------------------------------------------------------------- */

static int note_prices(tt_audit *a, tt_err *err)
{
	const tt_bill *b = a->bill;
	char when[TT_CELL_TEXT], hours[TT_CELL_TEXT], held[TT_CELL_TEXT];
	size_t commitments = a->snapshot->table[TT_COMMITMENTS].n;

	if (b->priced_after_s != TT_TIME_MISSING)
		TT_TRY(say(a, &a->notes, err, "prices are newer than the window: the latest one "
		           "used is of %.10s, the window ends on %.10s",
		           tt_cell_time(b->priced_after_s, when),
		           tt_cell_time(a->snapshot->end_s, held)));
	if (b->unknown_nodes)
		TT_TRY(say(a, &a->notes, err, "%s node%s with %s GPU-hours %s no price: their cost "
		           "is unknown and in no sum", tt_cell_count(b->unknown_nodes, when),
		           b->unknown_nodes == 1 ? "" : "s",
		           tt_cell_hours(b->unknown_gpu_hours, hours),
		           b->unknown_nodes == 1 ? "has" : "have"));
	if (commitments)
		TT_TRY(say(a, &a->notes, err, "%s commitment%s held, not metered yet: what of them "
		           "goes unused is not in the total",
		           tt_cell_count((int64_t)commitments, held),
		           commitments == 1 ? " is" : "s are"));
	return TT_OK;
}

static int note_reading(tt_audit *a, tt_err *err)
{
	const tt_snapshot *s = a->snapshot;

	for (size_t i = 0; i < s->rejects.n_kinds; i++) {
		const tt_reject *r = &s->rejects.kinds[i];

		TT_TRY(say(a, &a->notes, err, "%" PRId64 " row%s of %s rejected (%s); the first: "
		           "%s", r->n, r->n == 1 ? "" : "s", r->table, r->kind, r->first));
	}
	for (size_t i = 0; i < s->n_notes; i++)
		TT_TRY(say(a, &a->notes, err, "%s", s->notes[i]));
	return TT_OK;
}

static int make_notes(tt_audit *a, tt_err *err)
{
	char span[TT_CELL_TEXT];

	if (a->window_s < SHORT_WINDOW_S)
		TT_TRY(say(a, &a->notes, err, "the window is %s, below 14 days: figures per month "
		           "stretch it and may mislead", tt_cell_span(a->window_s, span)));
	TT_TRY(note_prices(a, err));
	TT_TRY(note_reading(a, err));
	for (size_t i = 0; i < a->findings->n_failed; i++)
		TT_TRY(say(a, &a->notes, err, "detector %s failed and its findings are not here: "
		           "%s", a->findings->failed[i].detector, a->findings->failed[i].why));
	return TT_OK;
}

/* --- Gaps ------------------------------------------------------------------------------ */

static int gap_of_nodes(tt_audit *a, tt_err *err)
{
	const tt_snapshot *s = a->snapshot;

	if (s->table[TT_DEMAND].n)
		TT_TRY(say(a, &a->gaps, err, "nodes.csv is missing: what was in use is known from "
		           "demand.csv, not what was paid for, so there is no bill and nothing "
		           "that is idle"));
	else
		TT_TRY(say(a, &a->gaps, err, "nodes.csv is missing: without the machines that are "
		           "paid for there is no bill"));
	return TT_OK;
}

/* Pods whose node is not known leave the cost of every node open. */
static int gap_of_places(tt_audit *a, tt_err *err)
{
	size_t pods = a->snapshot->table[TT_PODS].n, n = 0;
	char some[TT_CELL_TEXT], all[TT_CELL_TEXT];

	for (size_t i = 0; i < pods; i++) {
		const tt_pod_row *p = tt_pod_at(a->snapshot, i);

		n += !p->node[0] && tt_pod_started(p) && p->gpus > 0;
	}
	if (n && a->bill->reason_micro[a->settings->rule][TT_NO_ALLOCATION_DATA])
		return say(a, &a->gaps, err, "pods.csv does not say on which node %s of %s pods "
		           "ran, so what was allocated and what was idle is not known",
		           tt_cell_count((int64_t)n, some), tt_cell_count((int64_t)pods, all));
	return TT_OK;
}

static int make_gaps(tt_audit *a, tt_err *err)
{
	const tt_rows *t = a->snapshot->table;

	if (!t[TT_NODES].n)
		return gap_of_nodes(a, err);
	if (!a->known)
		TT_TRY(say(a, &a->gaps, err, "no node has a price, in nodes.csv or prices.csv: "
		           "only GPU-hours can be told"));
	if (!a->snapshot->usage_rows)
		TT_TRY(say(a, &a->gaps, err, "gpu_usage.csv is missing: how busy the cards were is "
		           "not known, so nothing is called productive and no idle card is found"));
	if (!t[TT_PODS].n && t[TT_DEMAND].n)
		TT_TRY(say(a, &a->gaps, err, "pods.csv is missing: demand.csv tells how much was "
		           "in use and by whom, not on which node"));
	else if (!t[TT_PODS].n)
		TT_TRY(say(a, &a->gaps, err, "pods.csv is missing: what ran on the nodes and for "
		           "whom is not known"));
	return gap_of_places(a, err);
}

int tt_audit_make(tt_audit *a, tt_err *err)
{
	a->window_s = a->snapshot->end_s - a->snapshot->start_s;
	a->arena = tt_arena_new();
	if (!a->arena)
		return no_memory(err);
	count_cards(a);
	sum_hours(a);
	for (int d = 0; d < TT_DIMENSIONS; d++)
		TT_TRY(tt_breakdown_make(a->bill, a->settings->rule, (enum tt_dimension)d, a->arena,
		                         &a->by[d], err));
	TT_TRY(see_demand(a, err));
	TT_TRY(make_notes(a, err));
	return make_gaps(a, err);
}

void tt_audit_reset(tt_audit *a)
{
	tt_free(a->notes.v);
	tt_free(a->gaps.v);
	tt_arena_free(a->arena);
	*a = (tt_audit){ 0 };
}
