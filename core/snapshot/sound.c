#include "snapshot/sound.h"
#include "snapshot/metrics.h"
#include "snapshot/usage_pack.h"
#include "snapshot/window.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FULL_MICRO 100000000 /* 100 % */

static int damaged(const tt_snapshot *s, tt_err *err, const char *fmt, ...) TT_PRINTF(3, 4);
static int damaged(const tt_snapshot *s, tt_err *err, const char *fmt, ...)
{
	char why[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	return tt_fail(err, TT_EDATA, "%s: damaged: %s", s->path, why);
}

/* --- Tables ---------------------------------------------------------------------------- */

static int check_rows(const tt_snapshot *s, const tt_rows *t, tt_err *err)
{
	const size_t size = t->def->row_size;
	const tt_field_pairs pairs = tt_table_pairs(t->def);

	for (size_t i = 0; i < t->n; i++) {
		const char *row = t->p + i * size;
		const tt_field *f = tt_row_check(t->def, &pairs, row);
		if (f)
			return damaged(s, err, "row %zu of %s: %s has a value that it can't have",
			               i + 1, t->def->name, f->name);
		if (i > 0 && tt_row_compare_key(t->def, row - size, row) >= 0)
			return damaged(s, err, "row %zu of %s is out of order", i + 1,
			               t->def->name);
	}
	if (t->read < 0 || t->read > TT_COUNT_MOST || t->duplicates < 0 ||
	    t->duplicates > TT_COUNT_MOST)
		return damaged(s, err, "a count of rows of %s", t->def->name);
	return TT_OK;
}

static int check_pods(const tt_snapshot *s, tt_err *err)
{
	const tt_rows *pods = &s->table[TT_PODS];

	for (size_t i = 0; s->table[TT_NODES].file && i < pods->n; i++) {
		const tt_pod_row *p = TT_ROW(pods, tt_pod_row, i);
		if (*p->node && tt_snapshot_find_node(s, p->node) == SIZE_MAX)
			return damaged(s, err, "pod \"%.100s\" runs on a node that is not there",
			               p->pod);
	}
	return TT_OK;
}

/* --- What is measured ---------------------------------------------------------------------- */

static int compare_carriers(const tt_carrier *a, const tt_carrier *b)
{
	int order = !*a->gpu - !*b->gpu;

	order = order ? order : strcmp(a->node, b->node);
	if (order == 0)
		order = tt_card_name_compare(a->gpu, strlen(a->gpu), b->gpu, strlen(b->gpu));
	return order ? order : tt_card_name_compare(a->slice, strlen(a->slice), b->slice,
	                                            strlen(b->slice));
}

static int check_carrier(const tt_snapshot *s, size_t i, tt_err *err)
{
	const tt_carrier *c = &s->carriers[i];

	if (!*c->node || (*c->slice && !*c->gpu) || (i < s->n_cards) != (*c->gpu != 0))
		return damaged(s, err, "carrier %zu has no name", i + 1);
	if (i > 0 && compare_carriers(c - 1, c) >= 0)
		return damaged(s, err, "carrier \"%.200s\" is out of order", c->id);
	if (s->table[TT_NODES].file && c->node_index == SIZE_MAX)
		return damaged(s, err, "carrier \"%.200s\" is of a node that is not there", c->id);
	if (c->usual_step_s < 1 || c->usual_step_s > TT_WINDOW_MOST_S ||
	    c->first_s < s->start_s || c->first_s > c->last_s || c->last_s >= s->end_s)
		return damaged(s, err, "the times of carrier \"%.200s\"", c->id);
	return TT_OK;
}

/* Whether `sum` can be that of n values from min to max. */
static bool is_sum(tt_i128 sum, int64_t n, int64_t min, int64_t max)
{
	return sum >= (tt_i128)min * n && sum <= (tt_i128)max * n;
}

static int check_measure(const tt_snapshot *s, const tt_measure *m, tt_err *err)
{
	const tt_metric_def *def = tt_metric_def_at(m->metric);

	if (!def || m->n < 1 || m->seconds < 1 || m->n > TT_COUNT_MOST ||
	    m->seconds > s->end_s - s->start_s || m->min_micro < 0 ||
	    m->min_micro > m->max_micro || m->max_micro > def->max_micro ||
	    !is_sum(m->sum_micro, m->n, m->min_micro, m->max_micro) ||
	    !is_sum(m->sum_micro_s, m->seconds, m->min_micro, m->max_micro))
		return damaged(s, err, "%s of \"%.200s\" is not what readings can give",
		               tt_metric_text(m->metric), s->carriers[m->carrier].id);
	return TT_OK;
}

static bool are_bins(const uint32_t *bins, int64_t seconds)
{
	uint64_t sum = 0;

	for (int i = 0; bins && i < TT_BUSY_BINS; i++)
		sum += bins[i];
	return sum == (uint64_t)seconds;
}

static int check_holding(const tt_snapshot *s, size_t i, tt_err *err)
{
	const tt_holding *h = &s->holdings[i];
	bool sound = h->from_s >= s->start_s && h->from_s < h->to_s && h->to_s <= s->end_s &&
	             (i == 0 || h[-1].carrier < h->carrier ||
	              (h[-1].carrier == h->carrier && h[-1].from_s <= h->from_s));

	for (int b = 0; sound && b < TT_BUSY_METRICS; b++)
		sound = h->measured_s[b] >= 0 && h->measured_s[b] <= h->to_s - h->from_s &&
		        is_sum(h->busy_micro_s[b], h->measured_s[b], 0, FULL_MICRO) &&
		        are_bins(h->bins_s[b], h->measured_s[b]);
	return sound ? TT_OK
		: damaged(s, err, "holding %zu, of \"%.200s\" by pod \"%.100s\"", i + 1,
		          s->carriers[h->carrier].id, h->pod);
}

int tt_snapshot_sound(const tt_snapshot *s, tt_err *err)
{
	for (int t = 0; t < TT_TABLE_COUNT; t++)
		TT_TRY(check_rows(s, &s->table[t], err));
	TT_TRY(check_pods(s, err));
	if (strlen(s->currency) != 3)
		return damaged(s, err, "the currency is \"%.20s\"", s->currency);
	if (s->usage_rows < 0 || s->usage_rows > TT_COUNT_MOST || s->node_usage_rows < 0 ||
	    s->node_usage_rows > TT_COUNT_MOST)
		return damaged(s, err, "a count of rows");
	for (size_t i = 0; i < s->n_carriers; i++)
		TT_TRY(check_carrier(s, i, err));
	for (size_t i = 0; i < s->n_carriers; i++) /* now that they are in order */
		if (tt_snapshot_find_carrier(s, s->carriers[i].id) != i)
			return damaged(s, err, "two carriers are called \"%.200s\"",
			               s->carriers[i].id);
	for (size_t i = 0; i < s->n_measures; i++)
		TT_TRY(check_measure(s, &s->measures[i], err));
	for (size_t i = 0; i < s->n_holdings; i++)
		TT_TRY(check_holding(s, i, err));
	return TT_OK;
}
