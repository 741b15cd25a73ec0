#include "snapshot/usage_series.h"
#include "base/memory.h"
#include <string.h>

#define MISSING INT64_MIN

int tt_series_state_new(const tt_metric_def *def, size_t chunk, tt_series_state **ret,
                        tt_err *err)
{
	tt_series_state *s = tt_zalloc(1, sizeof *s);

	if (!s)
		return tt_fail(err, TT_ENOMEM, "out of memory");
	s->def = def;
	s->value = tt_alloc(chunk * sizeof *s->value);
	s->mean = tt_alloc(TT_PART_CELLS * sizeof *s->mean);
	s->max = tt_alloc(TT_PART_CELLS * sizeof *s->max);
	s->hours = tt_zalloc(TT_PART_HOURS, sizeof *s->hours);
	if (!s->value || !s->mean || !s->max || !s->hours) {
		tt_series_state_free(s);
		return tt_fail(err, TT_ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < chunk; i++)
		s->value[i] = MISSING;
	s->min_micro = INT64_MAX;
	s->cell = s->hour = -1;
	*ret = s;
	return TT_OK;
}

void tt_series_state_free(tt_series_state *s)
{
	if (!s)
		return;
	tt_free(s->value);
	tt_free(s->histogram.v);
	tt_free(s->mean);
	tt_free(s->max);
	tt_free(s->pairs);
	tt_free(s->hours);
	tt_free(s);
}

/* Make the histogram reach `code`, with room to spare on that side. */
static int histogram_reach(tt_histogram *h, uint32_t code, tt_err *err)
{
	uint32_t lo = h->n ? h->lo : code, hi = h->n ? h->lo + h->n : code;

	if (code < lo)
		lo = code > 16 ? code - 16 : 0;
	if (code >= hi)
		hi = code + 17;
	tt_weight *v = tt_zalloc(hi - lo, sizeof *v);
	if (!v)
		return tt_fail(err, TT_ENOMEM, "out of memory");
	if (h->n)
		memcpy(v + (h->lo - lo), h->v, h->n * sizeof *v);
	tt_free(h->v);
	*h = (tt_histogram){ .v = v, .lo = lo, .n = hi - lo };
	return TT_OK;
}

/* --- Aligned cells ---------------------------------------------------------- */

static int part_flush(tt_series_state *s, tt_series_scratch *x, tt_err *err)
{
	struct {
		tt_part_head head;
		uint16_t v[2 * TT_PART_CELLS];
	} out;
	size_t bytes = (size_t)s->part_n * sizeof *out.v;

	if (s->part_n == 0)
		return TT_OK;
	out.head = (tt_part_head){ s->part_first, s->part_n, s->part_max };
	memcpy(out.v, s->mean, bytes);
	if (s->part_max)
		memcpy(out.v + s->part_n, s->max, bytes);
	TT_TRY(tt_spill_put(x->spill, &s->parts, &out,
	                    (uint32_t)(sizeof out.head + bytes * (s->part_max ? 2 : 1)), err));
	s->part_n = 0;
	s->part_max = false;
	return TT_OK;
}

/* Cell `k` gets these codes; cells that were passed over are missing. */
static inline int put_cell(tt_series_state *s, tt_series_scratch *x, int32_t k,
                           uint16_t mean, uint16_t max, tt_err *err)
{
	if (s->part_n == TT_PART_CELLS || (s->part_n > 0 && k - s->part_first >= TT_PART_CELLS))
		TT_TRY(part_flush(s, x, err));
	if (s->part_n == 0)
		s->part_first = k;
	for (; s->part_first + s->part_n < k; s->part_n++)
		s->mean[s->part_n] = s->max[s->part_n] = TT_CODE_MISSING;
	s->mean[s->part_n] = mean;
	s->max[s->part_n] = max;
	s->part_max |= mean != max;
	s->part_n++;
	return TT_OK;
}

static int cell_end(tt_series_state *s, tt_series_scratch *x, tt_err *err)
{
	if (s->cell_s == 0)
		return TT_OK;
	int64_t mean = (int64_t)((s->cell_sum + s->cell_s / 2) / s->cell_s);
	TT_TRY(put_cell(s, x, s->cell, tt_code_of(s->def->scale, mean),
	                tt_code_of(s->def->scale, s->cell_max), err));
	s->cell_s = 0;
	s->cell_sum = 0;
	s->cell_max = 0;
	return TT_OK;
}

static inline int align(tt_series_state *s, tt_series_scratch *x, int32_t t, int32_t d,
                        int64_t v, uint16_t code, tt_err *err)
{
	while (d > 0) {
		if (t >= s->cell_end_s || s->cell < 0) {
			TT_TRY(cell_end(s, x, err));
			s->cell = t / x->step_s;
			s->cell_end_s = x->step_s <= INT32_MAX - s->cell * x->step_s
				? (s->cell + 1) * x->step_s : INT32_MAX;
		}
		int32_t part = s->cell_end_s - t;
		if (part == x->step_s && d >= part) { /* the usual case: a whole cell */
			TT_TRY(put_cell(s, x, s->cell, code, code, err));
			s->cell_end_s = t; /* done with this cell */
		} else {
			part = d < part ? d : part;
			s->cell_sum += (tt_i128)v * part;
			s->cell_s += part;
			s->cell_max = v > s->cell_max ? v : s->cell_max;
		}
		t += part;
		d -= part;
	}
	return TT_OK;
}

/* --- Hours -------------------------------------------------------------------- */

static int hours_flush(tt_series_state *s, tt_series_scratch *x, tt_err *err)
{
	struct {
		tt_part_head head;
		tt_packed_hour v[TT_PART_HOURS];
	} out;

	if (s->hours_n == 0)
		return TT_OK;
	out.head = (tt_part_head){ s->hours_first, s->hours_n, 0 };
	memcpy(out.v, s->hours, (size_t)s->hours_n * sizeof *out.v);
	TT_TRY(tt_spill_put(x->spill, &s->hour_parts, &out,
	                    (uint32_t)(sizeof out.head + (size_t)s->hours_n * sizeof *out.v),
	                    err));
	s->hours_n = 0;
	return TT_OK;
}

/* The 95th percentile and the maximum of the hour's codes, by seconds. Counting goes
 * from the top: above a p95 there is little. */
static void hour_codes(tt_series_state *s, tt_series_scratch *x, uint16_t *ret_p95,
                       uint16_t *ret_max)
{
	uint32_t need = (uint32_t)(((uint64_t)s->hour_s * 95 + 99) / 100);
	uint32_t above = 0, max = 0;

	for (size_t i = 0; i < s->n_pairs; i++) {
		x->weight[s->pairs[i].code] += s->pairs[i].seconds;
		max = s->pairs[i].code > max ? s->pairs[i].code : max;
	}
	uint32_t c = max;
	while (c > 0 && (uint32_t)s->hour_s - above - x->weight[c] >= need)
		above += x->weight[c--];
	*ret_p95 = (uint16_t)c;
	*ret_max = (uint16_t)max;
	for (size_t i = 0; i < s->n_pairs; i++)
		x->weight[s->pairs[i].code] = 0;
	s->n_pairs = 0;
}

static int hour_end(tt_series_state *s, tt_series_scratch *x, tt_err *err)
{
	if (s->hour_s == 0)
		return TT_OK;
	tt_packed_hour h = { .seconds = (uint16_t)s->hour_s };
	int64_t mean = (int64_t)((s->hour_sum + s->hour_s / 2) / s->hour_s);

	h.mean = (uint16_t)(s->def->scale == TT_SCALE_PCT ? (mean + 5000) / 10000
	                                                  : tt_code_log(mean));
	hour_codes(s, x, &h.p95, &h.max);
	if (s->hours_n == TT_PART_HOURS || s->hour - s->hours_first >= TT_PART_HOURS)
		TT_TRY(hours_flush(s, x, err));
	if (s->hours_n == 0)
		s->hours_first = s->hour;
	for (; s->hours_first + s->hours_n < s->hour; s->hours_n++)
		s->hours[s->hours_n] = (tt_packed_hour){ 0, 0, 0, 0 };
	s->hours[s->hours_n++] = h;
	s->hour_s = 0;
	s->hour_sum = 0;
	return TT_OK;
}

static inline int roll_up(tt_series_state *s, tt_series_scratch *x, int32_t t, int32_t d,
                          int64_t v, uint16_t code, tt_err *err)
{
	while (d > 0) {
		if (t >= s->hour_end_s || s->hour < 0) {
			TT_TRY(hour_end(s, x, err));
			s->hour = t / 3600;
			s->hour_end_s = (s->hour + 1) * 3600;
		}
		int32_t part = s->hour_end_s - t < d ? s->hour_end_s - t : d;
		s->hour_sum += (tt_i128)v * part;
		s->hour_s += part;
		if (s->n_pairs > 0 && s->pairs[s->n_pairs - 1].code == code) {
			s->pairs[s->n_pairs - 1].seconds =
				(uint16_t)(s->pairs[s->n_pairs - 1].seconds + part);
		} else {
			if (!TT_GROW(s->pairs, s->n_pairs, s->cap_pairs))
				return tt_fail(err, TT_ENOMEM, "out of memory");
			s->pairs[s->n_pairs++] = (tt_code_s){ code, (uint16_t)part };
		}
		t += part;
		d -= part;
	}
	return TT_OK;
}

/* --- Readings ------------------------------------------------------------------- */

int tt_series_take(tt_series_state *s, tt_series_scratch *x, const int32_t *t,
                   const int32_t *d, size_t n, tt_err *err)
{
	const enum tt_scale scale = s->def->scale;
	tt_i128 sum_micro_s = 0;
	tt_i128 sum_micro = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t v = s->value[i];
		if (v == MISSING)
			continue;
		uint16_t code = tt_code_of(scale, v);
		uint32_t at = code - s->histogram.lo;
		if (at >= s->histogram.n) {
			TT_TRY(histogram_reach(&s->histogram, code, err));
			at = code - s->histogram.lo;
		}
		s->histogram.v[at].n++;
		s->histogram.v[at].seconds += (uint32_t)d[i];
		s->n++;
		s->seconds += d[i];
		sum_micro += v;
		sum_micro_s += (tt_i128)v * d[i];
		s->min_micro = v < s->min_micro ? v : s->min_micro;
		s->max_micro = v > s->max_micro ? v : s->max_micro;
		TT_TRY(roll_up(s, x, t[i], d[i], v, code, err));
		if (x->step_s > 0)
			TT_TRY(align(s, x, t[i], d[i], v, code, err));
	}
	s->sum_micro += sum_micro;
	s->sum_micro_s += sum_micro_s;
	return TT_OK;
}

int tt_series_end(tt_series_state *s, tt_series_scratch *x, tt_err *err)
{
	TT_TRY(cell_end(s, x, err));
	TT_TRY(part_flush(s, x, err));
	TT_TRY(hour_end(s, x, err));
	return hours_flush(s, x, err);
}
