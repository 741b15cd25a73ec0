/* match_measured.c - how busy, silent or visited the things were that a selector found.
 *
 * What was not measured is neither busy nor idle: it matches neither question. */
#include "bill/activity.h"
#include "simulate/matching.h"
#include <math.h>
#include <string.h>

static bool is_visited(const tt_select *sel, const struct tt_thing *t)
{
	(void)sel;
	return t->traffic;
}

static void put_out(struct tt_matching *m, bool (*keep)(const tt_select *, const struct tt_thing *))
{
	for (size_t i = 0; i < tt_names_count(m->names); i++) {
		if (!keep(m->sel, &m->things[i]))
			m->things[i].out = true;
	}
}

static bool is_busy(const tt_select *sel, const struct tt_thing *t)
{
	const double pct = t->busy_s ? (double)t->busy / (double)t->busy_s / 1e6 : NAN;

	return (isnan(sel->busy_below_pct) || pct < sel->busy_below_pct) &&
	       (isnan(sel->busy_above_pct) || pct > sel->busy_above_pct);
}

/* The thing that a carrier is, or is part of; NULL: none that may be meant. */
static struct tt_thing *thing_of(const struct tt_matching *m, const tt_carrier *c)
{
	int64_t at = -1;

	if (m->sel->as == TT_SUBJECT_CARD)
		at = *c->slice ? -1 : tt_names_find(m->names, c->id, strlen(c->id));
	else if (c->node_index != SIZE_MAX && m->of[c->node_index] != UINT32_MAX)
		at = m->of[c->node_index];
	return at < 0 || m->things[at].out ? NULL : &m->things[at];
}

static void sum_cards(struct tt_matching *m)
{
	for (size_t i = 0; i < m->s->n_cards; i++) {
		const tt_carrier *c = &m->s->carriers[i];
		struct tt_thing *t = thing_of(m, c);
		const int metric = t ? tt_snapshot_activity(m->s, c) : TT_METRIC_NONE;
		const tt_measure *v = metric == TT_METRIC_NONE
					      ? NULL : tt_snapshot_measure(m->s, c, metric);

		if (v) {
			t->busy += v->sum_micro_s;
			t->busy_s += v->seconds;
		}
	}
}

static void sum_holdings(struct tt_matching *m)
{
	for (size_t i = 0; i < m->s->n_holdings; i++) {
		const tt_holding *h = &m->s->holdings[i];
		const int k = h->measured_s[TT_BUSY_SM_ACTIVE] ? TT_BUSY_SM_ACTIVE
							       : TT_BUSY_GPU_UTIL;

		if (h->pod_index == SIZE_MAX || m->of[h->pod_index] == UINT32_MAX)
			continue;
		m->things[m->of[h->pod_index]].busy += h->busy_micro_s[k];
		m->things[m->of[h->pod_index]].busy_s += h->measured_s[k];
	}
}

/* Silent: measured for half of the hours at least, and never above what is idle. */
static bool is_silent(const tt_select *sel, const struct tt_thing *t)
{
	(void)sel;
	return t->needed_s > 0 && 2 * t->last_s >= t->needed_s && t->peak_pct < TT_IDLE_BELOW_PCT;
}

static int add_last_hours(struct tt_matching *m, const tt_carrier *c, size_t from, tt_hour *hours,
			  struct tt_thing *t)
{
	const int metric = tt_snapshot_activity(m->s, c);
	const tt_measure *v = metric == TT_METRIC_NONE ? NULL
						       : tt_snapshot_measure(m->s, c, metric);

	if (!v || !v->hourly)
		return TT_OK;
	TT_TRY(tt_measure_hourly(m->s, v, hours, m->err));
	for (size_t h = from; h < tt_snapshot_hours(m->s); h++) {
		t->last_s += hours[h].seconds;
		if (hours[h].seconds && hours[h].max > t->peak_pct)
			t->peak_pct = hours[h].max;
	}
	return TT_OK;
}

static int sum_silence(struct tt_matching *m)
{
	const size_t n = tt_snapshot_hours(m->s), asked = (size_t)ceil(m->sel->silent_h);
	const int64_t from_s = m->s->start_s + (int64_t)(n - (asked < n ? asked : n)) * 3600;
	tt_hour *hours = tt_arena_alloc(m->scratch, (n + 1) * sizeof *hours);

	if (!hours)
		return tt_no_memory(m->err);
	for (size_t i = 0; asked <= n && i < m->s->n_cards; i++) {
		const tt_carrier *c = &m->s->carriers[i];
		struct tt_thing *t = thing_of(m, c);

		if (!t)
			continue;
		TT_TRY(add_last_hours(m, c, n - asked, hours, t));
		if (!*c->slice && c->node_index != SIZE_MAX) {
			const tt_span life = tt_node_life(m->s, c->node_index);
			const int64_t there_s = life.from_s > from_s ? life.from_s : from_s;

			t->needed_s += life.to_s > there_s ? (double)(life.to_s - there_s) : 0;
		}
	}
	return TT_OK;
}

/* Workloads that have counts of a stream that is asked for. */
static void keep_visited(struct tt_matching *m)
{
	const tt_rows *t = &m->s->table[TT_TRAFFIC];

	for (size_t i = 0; i < t->n; i++) {
		const tt_traffic_row *r = TT_ROW(t, tt_traffic_row, i);
		const struct { const char *name; double count; } v[] = {
			{ "requests", r->requests }, { "input_tokens", r->input_tokens },
			{ "output_tokens", r->output_tokens },
			{ "cached_tokens", r->cached_tokens },
		};
		int64_t at = tt_names_find(m->names, r->workload, strlen(r->workload));

		for (size_t k = 0; at >= 0 && k < sizeof v / sizeof *v; k++) {
			if (v[k].count > 0 && tt_select_takes(m->sel, TT_BY_TRAFFIC, v[k].name))
				m->things[at].traffic = true;
		}
	}
	put_out(m, is_visited);
}

int tt_matching_measured(struct tt_matching *m)
{
	const tt_select *sel = m->sel;

	if (sel->any[TT_BY_TRAFFIC])
		keep_visited(m);
	if (!isnan(sel->busy_below_pct) || !isnan(sel->busy_above_pct)) {
		if (sel->as == TT_SUBJECT_POD || sel->as == TT_SUBJECT_WORKLOAD ||
		    sel->as == TT_SUBJECT_NAMESPACE)
			sum_holdings(m);
		else
			sum_cards(m);
		put_out(m, is_busy);
	}
	if (!isnan(sel->silent_h)) {
		TT_TRY(sum_silence(m));
		put_out(m, is_silent);
	}
	return TT_OK;
}
