#include "snapshot/usage_series.h"
#include "base/memory.h"
#include <string.h>

#define MISSING INT64_MIN
#define RUN_MOST 256 /* readings at once: their codes stay in the nearest cache */

int tt_series_state_new(const tt_metric_def *def, const int64_t *value, tt_series_state **ret,
                        tt_err *err)
{
	tt_series_state *s = tt_zalloc(1, sizeof *s);

	if (!s)
		return tt_no_memory(err);
	s->def = def;
	s->value = value;
	s->mean = tt_alloc(TT_PART_CELLS * sizeof *s->mean);
	s->max = tt_alloc(TT_PART_CELLS * sizeof *s->max);
	s->hours = tt_zalloc(TT_PART_HOURS, sizeof *s->hours);
	if (!s->mean || !s->max || !s->hours) {
		tt_series_state_free(s);
		return tt_no_memory(err);
	}
	s->min_micro = INT64_MAX;
	s->cell = s->hour = -1;
	*ret = s;
	return TT_OK;
}

void tt_series_state_free(tt_series_state *s)
{
	if (!s)
		return;
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
		return tt_no_memory(err);
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

/* Make cell `k` the next of the part; cells that were passed over are missing. */
static inline int part_reach(tt_series_state *s, tt_series_scratch *x, int32_t k, tt_err *err)
{
	if (s->part_n == TT_PART_CELLS || (s->part_n > 0 && k - s->part_first >= TT_PART_CELLS))
		TT_TRY(part_flush(s, x, err));
	if (s->part_n == 0)
		s->part_first = k;
	for (; s->part_first + s->part_n < k; s->part_n++)
		s->mean[s->part_n] = s->max[s->part_n] = TT_CODE_MISSING;
	return TT_OK;
}

static inline int put_cell(tt_series_state *s, tt_series_scratch *x, int32_t k,
                           uint16_t mean, uint16_t max, tt_err *err)
{
	TT_TRY(part_reach(s, x, k, err));
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

/* Codes of n cells from `k` on, all of them whole. */
static int align_cells(tt_series_state *s, tt_series_scratch *x, int32_t k, const uint16_t *code,
                       size_t n, tt_err *err)
{
	TT_TRY(cell_end(s, x, err));
	for (size_t some; n > 0; n -= some, code += some, k += (int32_t)some) {
		TT_TRY(part_reach(s, x, k, err));
		some = (size_t)(TT_PART_CELLS - s->part_n);
		some = some < n ? some : n;
		memcpy(s->mean + s->part_n, code, some * sizeof *code);
		memcpy(s->max + s->part_n, code, some * sizeof *code);
		s->part_n += (int32_t)some;
	}
	s->cell_end_s = 0; /* no cell is begun */
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

static int hour_begin(tt_series_state *s, tt_series_scratch *x, int32_t t, tt_err *err)
{
	if (t < s->hour_end_s && s->hour >= 0)
		return TT_OK;
	TT_TRY(hour_end(s, x, err));
	s->hour = t / 3600;
	s->hour_end_s = (s->hour + 1) * 3600;
	return TT_OK;
}

/* `code` for `part` seconds of the hour being filled. */
static inline int pair_add(tt_series_state *s, uint16_t code, int32_t part, tt_err *err)
{
	if (s->n_pairs > 0 && s->pairs[s->n_pairs - 1].code == code) {
		tt_code_s *last = &s->pairs[s->n_pairs - 1];
		last->seconds = (uint16_t)(last->seconds + part);
		return TT_OK;
	}
	if (!TT_GROW(s->pairs, s->n_pairs, s->cap_pairs))
		return tt_no_memory(err);
	s->pairs[s->n_pairs++] = (tt_code_s){ code, (uint16_t)part };
	return TT_OK;
}

static inline int roll_up(tt_series_state *s, tt_series_scratch *x, int32_t t, int32_t d,
                          int64_t v, uint16_t code, tt_err *err)
{
	while (d > 0) {
		TT_TRY(hour_begin(s, x, t, err));
		int32_t part = s->hour_end_s - t < d ? s->hour_end_s - t : d;
		s->hour_sum += (tt_i128)v * part;
		s->hour_s += part;
		TT_TRY(pair_add(s, code, part, err));
		t += part;
		d -= part;
	}
	return TT_OK;
}

/* --- Readings ------------------------------------------------------------------- */

static inline int weigh(tt_series_state *s, uint16_t code, uint32_t n, uint32_t seconds,
                        tt_err *err)
{
	if (code - s->histogram.lo >= s->histogram.n)
		TT_TRY(histogram_reach(&s->histogram, code, err));
	s->histogram.v[code - s->histogram.lo].n += n;
	s->histogram.v[code - s->histogram.lo].seconds += seconds;
	return TT_OK;
}

static void encode(enum tt_scale scale, const int64_t *value, uint16_t *code, size_t n)
{
	for (size_t i = 0; scale == TT_SCALE_PCT && i < n; i++)
		code[i] = tt_code_pct(value[i]);
	for (size_t i = 0; scale != TT_SCALE_PCT && i < n; i++) /* many repeat the last one */
		code[i] = i > 0 && value[i] == value[i - 1] ? code[i - 1] : tt_code_log(value[i]);
}

/* What most readings are: n of them without a hole, d seconds each, back to back, all in
 * the hour that is being filled. */
static int take_run(tt_series_state *s, tt_series_scratch *x, int32_t t, int32_t d,
                    const int64_t *value, size_t n, tt_err *err)
{
	int64_t least = s->min_micro, most = s->max_micro;
	uint16_t code[RUN_MOST];
	tt_i128 sum = 0;

	encode(s->def->scale, value, code, n);
	for (size_t i = 0; i < n; i++) {
		sum += value[i];
		least = value[i] < least ? value[i] : least;
		most = value[i] > most ? value[i] : most;
	}
	s->min_micro = least;
	s->max_micro = most;
	s->n += (int64_t)n;
	s->seconds += (int64_t)n * d;
	s->sum_micro += sum;
	s->sum_micro_s += sum * d;
	s->hour_sum += sum * d;
	s->hour_s += (int32_t)n * d;
	for (size_t i = 0, from = 0; i < n; from = i) {
		while (++i < n && code[i] == code[from])
			;
		const int32_t seconds = (int32_t)(i - from) * d;
		TT_TRY(weigh(s, code[from], (uint32_t)(i - from), (uint32_t)seconds, err));
		TT_TRY(pair_add(s, code[from], seconds, err));
	}
	if (x->step_s > 0 && d == x->step_s && t % d == 0)
		return align_cells(s, x, t / d, code, n, err);
	for (size_t i = 0; x->step_s > 0 && i < n; i++)
		TT_TRY(align(s, x, t + (int32_t)i * d, d, value[i], code[i], err));
	return TT_OK;
}

static int take_one(tt_series_state *s, tt_series_scratch *x, int32_t t, int32_t d, int64_t v,
                    tt_err *err)
{
	uint16_t code = tt_code_of(s->def->scale, v);

	TT_TRY(weigh(s, code, 1, (uint32_t)d, err));
	s->n++;
	s->seconds += d;
	s->sum_micro += v;
	s->sum_micro_s += (tt_i128)v * d;
	s->min_micro = v < s->min_micro ? v : s->min_micro;
	s->max_micro = v > s->max_micro ? v : s->max_micro;
	TT_TRY(roll_up(s, x, t, d, v, code, err));
	return x->step_s > 0 ? align(s, x, t, d, v, code, err) : TT_OK;
}

/* How many readings from the first on are alike and back to back, none missing. */
static inline size_t run_length(const int32_t *t, const int32_t *d, const int64_t *value, size_t n)
{
	uint32_t differs = 0; /* wraps where the distances differ anyway */
	int64_t any = 0;
	size_t i = 0;

	for (size_t k = 0; k < n; k++) { /* mostly all: several at a time, without a branch */
		differs |= (uint32_t)(d[k] ^ d[0]) |
			((uint32_t)(t[k] - t[0]) - (uint32_t)k * (uint32_t)d[0]);
		any |= value[k]; /* only one that is missing is negative */
	}
	if (differs == 0 && any >= 0)
		return n;
	while (i < n && value[i] != MISSING && d[i] == d[0] && t[i] - t[0] == (int32_t)i * d[0])
		i++;
	return i;
}

int tt_series_take(tt_series_state *s, tt_series_scratch *x, const int32_t *t,
                   const int32_t *d, size_t n, tt_err *err)
{
	for (size_t i = 0, run; i < n; i += run) {
		TT_TRY(hour_begin(s, x, t[i], err));
		size_t most = n - i < RUN_MOST ? n - i : RUN_MOST;
		size_t fit = (size_t)((s->hour_end_s - t[i]) / d[i]);
		run = run_length(t + i, d + i, s->value + i, fit < most ? fit : most);
		if (run >= 4) {
			TT_TRY(take_run(s, x, t[i], d[i], s->value + i, run, err));
			continue;
		}
		run = 1;
		if (s->value[i] != MISSING)
			TT_TRY(take_one(s, x, t[i], d[i], s->value[i], err));
	}
	return TT_OK;
}

int tt_series_end(tt_series_state *s, tt_series_scratch *x, tt_err *err)
{
	TT_TRY(cell_end(s, x, err));
	TT_TRY(part_flush(s, x, err));
	TT_TRY(hour_end(s, x, err));
	return hours_flush(s, x, err);
}
