#include "change/traffic.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

enum { MINUTE_S = 60 };

static const tt_traffic_row *row_at(const tt_snapshot *s, size_t i)
{
	return TT_ROW(&s->table[TT_TRAFFIC], tt_traffic_row, i);
}

/* Rows of the workload, which follow each other by time: the first; *ret_end behind them. */
static size_t rows_of(const tt_snapshot *s, const char *workload, size_t *ret_end)
{
	const size_t n = s->table[TT_TRAFFIC].n;
	size_t first = 0, end;

	while (first < n && strcmp(row_at(s, first)->workload, workload) != 0)
		first++;
	for (end = first; end < n && strcmp(row_at(s, end)->workload, workload) == 0; end++)
		;
	*ret_end = end;
	return first;
}

void tt_traffic_free(tt_traffic *t)
{
	tt_free(t->per_s);
	*t = (tt_traffic){ 0 };
}

/* How long a row stands; 0 where there are no two. */
static int64_t interval_of(const tt_snapshot *s, size_t first, size_t end)
{
	int64_t shortest_s = 0;

	for (size_t i = first + 1; i < end; i++) {
		const int64_t apart_s = row_at(s, i)->time - row_at(s, i - 1)->time;

		if (apart_s > 0 && (!shortest_s || apart_s < shortest_s))
			shortest_s = apart_s;
	}
	return shortest_s;
}

int tt_traffic_requests(const tt_snapshot *s, const char *workload, tt_traffic *ret,
			tt_err *err)
{
	size_t end, i = rows_of(s, workload, &end), known = 0;
	const int64_t interval_s = interval_of(s, i, end);
	tt_traffic t = { .step_s = interval_s % MINUTE_S ? interval_s : MINUTE_S };

	if (interval_s) {
		t.n = (size_t)((s->end_s - s->start_s + t.step_s - 1) / t.step_s);
		t.per_s = tt_zalloc(t.n + 1, sizeof *t.per_s);
		if (!t.per_s)
			return tt_no_memory(err);
	}
	for (size_t k = 0; k < t.n; k++) {
		const int64_t mid_s = s->start_s + (int64_t)k * t.step_s + t.step_s / 2;

		while (i + 1 < end && row_at(s, i + 1)->time <= mid_s)
			i++;
		t.per_s[k] = row_at(s, i)->time <= mid_s &&
			     mid_s < row_at(s, i)->time + interval_s ?
			     row_at(s, i)->requests / (double)interval_s : NAN;
		known += isnan(t.per_s[k]) ? 0 : 1;
	}
	if (!known) {
		tt_traffic_free(&t);
		return tt_fail(err, TT_ENODATA, "traffic.csv has no requests of workload \"%s\"",
			       workload);
	}
	*ret = t;
	return TT_OK;
}

static void add(double *sum, double v)
{
	if (!isnan(v))
		*sum = isnan(*sum) ? v : *sum + v;
}

void tt_traffic_sum(const tt_snapshot *s, const char *workload, tt_span when, tt_streams *ret)
{
	size_t end, first = rows_of(s, workload, &end);

	*ret = (tt_streams){ NAN, NAN, NAN, NAN };
	for (size_t i = first; i < end; i++) {
		const tt_traffic_row *r = row_at(s, i);

		if (r->time < when.from_s || r->time >= when.to_s)
			continue;
		add(&ret->requests, r->requests);
		add(&ret->input_tokens, r->input_tokens);
		add(&ret->output_tokens, r->output_tokens);
		add(&ret->cached_tokens, r->cached_tokens);
	}
}

double tt_traffic_latency_ms(const tt_snapshot *s, const char *workload)
{
	size_t end, first = rows_of(s, workload, &end);
	double most = NAN;

	for (size_t i = first; i < end; i++) {
		const tt_traffic_row *r = row_at(s, i);

		if (r->time >= s->start_s && r->time < s->end_s)
			most = fmax(most, r->latency_p95_ms);
	}
	return most;
}
