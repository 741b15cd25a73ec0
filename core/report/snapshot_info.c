#include "report/snapshot_info.h"
#include "base/json.h"
#include "bill/residents.h"
#include "report/json_fields.h"
#include "report/layout.h"
#include "snapshot/metrics.h"
#include "snapshot/pack.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* --- One metric over all carriers ------------------------------------------------------ */

/* Seconds by code over all carriers: wider than one carrier's, hence its own quantile. */
static double quantile(const uint64_t *seconds, size_t n, uint64_t total, uint64_t q_millionths,
                       enum tt_scale scale)
{
	tt_u128 sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum += seconds[i];
		if (sum && sum * 1000000 >= (tt_u128)total * q_millionths)
			return (double)tt_code_micro(scale, (uint16_t)i) / 1e6;
	}
	return NAN;
}

static double within(double v, double min, double max)
{
	return v < min ? min : v > max ? max : v; /* NaN stays NaN */
}

static int add_measure(const tt_measure *m, tt_weight *codes, size_t n, uint64_t *seconds,
                       tt_err *err)
{
	TT_TRY(tt_unpack_histogram(m->histogram, m->histogram_bytes, codes, n, err));
	for (size_t i = 0; i < n; i++)
		seconds[i] += codes[i].seconds;
	return TT_OK;
}

static bool is_card(const tt_carrier *c)
{
	return *c->gpu && !*c->slice;
}

static int see_metric(const tt_snapshot *s, const tt_metric_def *def, tt_metric_info *ret,
                      tt_err *err)
{
	size_t n = tt_codes(def->scale);
	TT_CLEANUP(tt_freep) tt_weight *codes = tt_zalloc(n, sizeof *codes);
	TT_CLEANUP(tt_freep) uint64_t *seconds = tt_zalloc(n, sizeof *seconds);
	tt_metric_info out = { .metric = def->metric, .p50 = NAN, .p95 = NAN, .p99 = NAN,
		               .max = NAN };
	int64_t measured_s = 0, alive_s = 0, min_micro = INT64_MAX, max_micro = INT64_MIN;
	double sum = 0;
	uint64_t total = 0;

	if (!codes || !seconds)
		return tt_no_memory(err);
	for (size_t i = 0; i < s->n_measures; i++) {
		const tt_measure *m = &s->measures[i];

		if (m->metric != def->metric)
			continue;
		TT_TRY(add_measure(m, codes, n, seconds, err));
		tt_span life = tt_node_life(s, s->carriers[m->carrier].node_index);
		out.carriers++;
		out.cards += is_card(&s->carriers[m->carrier]);
		out.slices += *s->carriers[m->carrier].slice != '\0';
		out.n += m->n;
		measured_s += m->seconds;
		alive_s += life.to_s - life.from_s;
		sum += (double)m->sum_micro_s / 1e6;
		min_micro = m->min_micro < min_micro ? m->min_micro : min_micro;
		max_micro = m->max_micro > max_micro ? m->max_micro : max_micro;
	}
	for (size_t i = 0; i < n; i++)
		total += seconds[i];
	out.measured_hours = (double)measured_s / 3600;
	out.coverage_ratio = alive_s > 0 ? (double)measured_s / (double)alive_s : NAN;
	out.mean = measured_s > 0 ? sum / (double)measured_s : NAN;
	if (out.carriers) {
		double min = (double)min_micro / 1e6;

		/* what stands for a code may lie outside of what was ever read */
		out.max = (double)max_micro / 1e6;
		out.p50 = within(quantile(seconds, n, total, 500000, def->scale), min, out.max);
		out.p95 = within(quantile(seconds, n, total, 950000, def->scale), min, out.max);
		out.p99 = within(quantile(seconds, n, total, 990000, def->scale), min, out.max);
	}
	*ret = out;
	return TT_OK;
}

/* Cards, each once: one in slices may have a row of its own or not. */
static void count_cards(const tt_snapshot *s, size_t *ret_cards, size_t *ret_slices)
{
	*ret_cards = *ret_slices = 0;
	for (size_t i = 0; i < s->n_cards; i++) {
		const tt_carrier *c = &s->carriers[i], *before = i ? c - 1 : NULL;

		*ret_slices += *c->slice != '\0';
		*ret_cards += !before || strcmp(c->node, before->node) != 0 ||
		              strcmp(c->gpu, before->gpu) != 0;
	}
}

int tt_snapshot_info_make(const tt_snapshot *s, tt_snapshot_info *ret, tt_err *err)
{
	tt_snapshot_info out = { .snapshot = s, .file_bytes = -1 };
	struct stat st;

	count_cards(s, &out.cards, &out.slices);
	if (s->path && stat(s->path, &st) == 0)
		out.file_bytes = (int64_t)st.st_size;
	for (size_t i = 0; i < TT_METRIC_DEFS; i++) {
		tt_metric_info *m = &out.metrics[out.n_metrics];

		TT_TRY(see_metric(s, &tt_metrics[i], m, err));
		out.n_metrics += m->carriers > 0;
	}
	*ret = out;
	return TT_OK;
}

/* --- For people ------------------------------------------------------------------------- */

static void put_row(tt_page *p, const char *name, int64_t rows)
{
	char n[TT_CELL_TEXT];

	if (!rows)
		return;
	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, name, 22);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_count(rows, n), 14);
	tt_page_line(p);
}

static void put_tables(tt_page *p, const tt_snapshot *s)
{
	tt_page_heading(p, "Tables");
	tt_page_to(p, 24);
	tt_page_right(p, TT_TONE_DIM, "rows", 14);
	tt_page_line(p);
	for (int i = 0; i < TT_TABLE_COUNT; i++)
		put_row(p, tt_table_def_at((enum tt_table_id)i)->name, (int64_t)s->table[i].n);
	put_row(p, "gpu_usage", s->usage_rows);
	put_row(p, "node_usage", s->node_usage_rows);
}

static void put_value(tt_page *p, double v)
{
	char text[TT_CELL_TEXT];

	tt_page_right(p, TT_TONE_PLAIN, tt_cell_value(v, text), 9);
}

/* "8 cards", "1,064 cards, 14 slices", "239 nodes" */
static void put_carriers(tt_page *p, const tt_metric_info *m)
{
	size_t nodes = m->carriers - m->cards - m->slices;
	const struct { size_t n; const char *what; } of[] = {
		{ m->cards, "card" }, { m->slices, "slice" }, { nodes, "node" },
	};
	char text[TT_CELL_TEXT] = "", n[TT_CELL_TEXT];
	size_t used = 0;

	for (size_t i = 0; i < sizeof of / sizeof *of && used < sizeof text; i++)
		if (of[i].n)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s%s",
			                         used ? ", " : "",
			                         tt_cell_count((int64_t)of[i].n, n), of[i].what,
			                         of[i].n == 1 ? "" : "s");
	tt_page_right(p, TT_TONE_PLAIN, text, 23);
}

static void put_metrics(tt_page *p, const tt_snapshot_info *info)
{
	static const char *const heads[] = { "mean", "p50", "p95", "p99", "max" };
	char text[TT_CELL_TEXT];

	if (!info->n_metrics)
		return;
	tt_page_heading(p, "Metrics");
	tt_page_to(p, 22);
	tt_page_right(p, TT_TONE_DIM, "measured on", 23);
	tt_page_right(p, TT_TONE_DIM, "coverage", 10);
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		tt_page_right(p, TT_TONE_DIM, heads[i], 9);
	tt_page_line(p);
	for (size_t i = 0; i < info->n_metrics; i++) {
		const tt_metric_info *m = &info->metrics[i];

		tt_page_to(p, 2);
		tt_page_left(p, TT_TONE_PLAIN, tt_metric_text(m->metric), 20);
		put_carriers(p, m);
		tt_page_right(p, TT_TONE_PLAIN,
		              isnan(m->coverage_ratio)
		                      ? "" : tt_cell_pct(llround(m->coverage_ratio * 1e6),
		                                         1000000, text), 10);
		put_value(p, m->mean);
		put_value(p, m->p50);
		put_value(p, m->p95);
		put_value(p, m->p99);
		put_value(p, m->max);
		tt_page_line(p);
	}
}

static void put_lines(tt_page *p, const tt_snapshot *s)
{
	char n[TT_CELL_TEXT], text[800];

	if (s->rejects.n_kinds) {
		tt_page_heading(p, "Rejected rows");
		tt_page_line(p);
	}
	for (size_t i = 0; i < s->rejects.n_kinds; i++) {
		const tt_reject *r = &s->rejects.kinds[i];

		snprintf(text, sizeof text, "%s of %s (%s), the first: %s", tt_cell_count(r->n, n),
		         r->table, r->kind, r->first);
		tt_page_to(p, 2);
		tt_page_wrap(p, TT_TONE_PLAIN, text, 4, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
	if (s->n_notes) {
		tt_page_heading(p, "Notes");
		tt_page_line(p);
	}
	for (size_t i = 0; i < s->n_notes; i++) {
		tt_page_text(p, TT_TONE_DIM, "  - ");
		tt_page_wrap(p, TT_TONE_PLAIN, s->notes[i], 4, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
}

void tt_snapshot_info_table(const tt_snapshot_info *info, int color, tt_buf *out)
{
	const tt_snapshot *s = info->snapshot;
	tt_page p = { .out = out, .color = color };
	char from[TT_CELL_TEXT], to[TT_CELL_TEXT], span[TT_CELL_TEXT], n[TT_CELL_TEXT], text[256];

	tt_page_text(&p, TT_TONE_STRONG, s->name);
	snprintf(text, sizeof text, "  %s to %s UTC, %s", tt_cell_time(s->start_s, from),
	         tt_cell_time(s->end_s, to), tt_cell_span(s->end_s - s->start_s, span));
	tt_page_text(&p, TT_TONE_PLAIN, text);
	tt_page_line(&p);
	snprintf(text, sizeof text, "%s, read by %s", s->currency,
	         s->source && *s->source ? s->source : "an unknown source");
	tt_page_text(&p, TT_TONE_PLAIN, text);
	if (s->step_s) {
		snprintf(text, sizeof text, ", a step is %s", tt_cell_span(s->step_s, span));
		tt_page_text(&p, TT_TONE_PLAIN, text);
	}
	if (info->file_bytes >= 0) {
		snprintf(text, sizeof text, ", %s bytes", tt_cell_count(info->file_bytes, n));
		tt_page_text(&p, TT_TONE_PLAIN, text);
	}
	tt_page_line(&p);
	if (s->note && *s->note) {
		tt_page_wrap(&p, TT_TONE_DIM, s->note, 0, TT_PAGE_COLUMNS);
		tt_page_line(&p);
	}
	put_tables(&p, s);
	put_metrics(&p, info);
	put_lines(&p, s);
}

/* --- For machines ------------------------------------------------------------------------ */

static void json_table(tt_json *j, const char *name, int64_t rows)
{
	tt_json_object_line(j);
	tt_put_text(j, "table", name);
	tt_put_i64(j, "rows", rows);
	tt_json_end_object(j);
}

static void json_metrics(tt_json *j, const tt_snapshot_info *info)
{
	tt_json_key(j, "metrics");
	tt_json_array(j);
	for (size_t i = 0; i < info->n_metrics; i++) {
		const tt_metric_info *m = &info->metrics[i];

		tt_json_object_line(j);
		tt_put_text(j, "metric", tt_metric_text(m->metric));
		tt_put_i64(j, "carriers", (int64_t)m->carriers);
		tt_put_i64(j, "cards", (int64_t)m->cards);
		tt_put_i64(j, "slices", (int64_t)m->slices);
		tt_put_i64(j, "n", m->n);
		tt_put_f64(j, "measured_hours", m->measured_hours);
		tt_put_f64(j, "coverage_ratio", m->coverage_ratio);
		tt_put_f64(j, "mean", m->mean);
		tt_put_f64(j, "p50", m->p50);
		tt_put_f64(j, "p95", m->p95);
		tt_put_f64(j, "p99", m->p99);
		tt_put_f64(j, "max", m->max);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void json_rejects(tt_json *j, const tt_snapshot *s)
{
	tt_json_key(j, "rejected");
	tt_json_array(j);
	for (size_t i = 0; i < s->rejects.n_kinds; i++) {
		const tt_reject *r = &s->rejects.kinds[i];

		tt_json_object_line(j);
		tt_put_text(j, "table", r->table);
		tt_put_text(j, "kind", r->kind);
		tt_put_i64(j, "rows", r->n);
		tt_put_text(j, "first", r->first);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_key(j, "notes");
	tt_json_array(j);
	for (size_t i = 0; i < s->n_notes; i++)
		tt_json_string(j, s->notes[i]);
	tt_json_end_array(j);
}

void tt_snapshot_info_json(const tt_snapshot_info *info, tt_buf *out)
{
	const tt_snapshot *s = info->snapshot;
	tt_json j = { .out = out };

	tt_json_object(&j);
	tt_put_text(&j, "schema", "trimtab.snapshot_info/1");
	tt_put_text(&j, "version", TT_VERSION);
	tt_put_text(&j, "name", s->name);
	tt_put_text(&j, "source", s->source);
	tt_put_text(&j, "note", s->note);
	tt_json_key(&j, "start");
	tt_json_time(&j, s->start_s);
	tt_json_key(&j, "end");
	tt_json_time(&j, s->end_s);
	tt_put_text(&j, "currency", s->currency);
	tt_json_key(&j, "step_s");
	if (s->step_s)
		tt_json_i64(&j, s->step_s);
	else
		tt_json_null(&j);
	tt_json_key(&j, "file_size_bytes");
	if (info->file_bytes >= 0)
		tt_json_i64(&j, info->file_bytes);
	else
		tt_json_null(&j);
	tt_json_key(&j, "tables");
	tt_json_array(&j);
	for (int i = 0; i < TT_TABLE_COUNT; i++)
		json_table(&j, tt_table_def_at((enum tt_table_id)i)->name, (int64_t)s->table[i].n);
	json_table(&j, "gpu_usage", s->usage_rows);
	json_table(&j, "node_usage", s->node_usage_rows);
	tt_json_end_array(&j);
	tt_put_i64(&j, "cards", (int64_t)info->cards);
	tt_put_i64(&j, "slices", (int64_t)info->slices);
	json_metrics(&j, info);
	tt_put_i64(&j, "rejected_rows", s->rejects.n);
	json_rejects(&j, s);
	tt_json_end_object(&j);
	tt_buf_putc(out, '\n');
}
