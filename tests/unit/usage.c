/* usage.c - what a usage table says, against an oracle that follows the definition of
 * an interval word by word: random fleets through the builder and back out of the file,
 * and the same bytes whatever the order of rows and columns, the quotes, the compression
 * and the number of threads. */
#include "base/file.h"
#include "snapshot/builder.h"
#include "snapshot/metrics.h"
#include "snapshot/snapshot.h"
#include "t.h"
#include <zlib.h>

#define METRICS 3
#define MISSING INT64_MIN
#define CARDS 60
#define PODS 8

static const int metric_of[METRICS] = { TT_GPU_UTIL_PCT, TT_SM_ACTIVE_PCT, TT_FB_USED_MIB };

typedef struct row { int card, pod; int64_t t, v[METRICS]; } row;

typedef struct fleet {
	char id[CARDS][3][24];  /* node, gpu, slice */
	int n_cards;
	row *rows;
	size_t n_rows, cap_rows;
	int64_t start_s, end_s, given_s;
} fleet;

static uint64_t seed;
static char folder[512];

static uint64_t next(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int64_t any(int64_t from, int64_t to)
{
	return from + (int64_t)(next() % (uint64_t)(to - from + 1));
}

static bool one_in(int n)
{
	return any(1, n) == 1;
}

/* --- Making fleets ---------------------------------------------------------------- */

static int64_t a_value(int m)
{
	if (one_in(12))
		return MISSING;
	if (one_in(4))
		return 0;
	if (m == 2) /* MiB: whole, with a fraction, or with many digits */
		return one_in(3) ? any(0, 80000) * 1000000 : one_in(2) ? any(0, 99999999999)
			: any(0, 9000000000000) * 1000000;
	if (one_in(6))
		return 100000000;
	return one_in(2) ? any(0, 1000) * 100000 : any(0, 100000000);
}

static void add(fleet *f, row r)
{
	T_OK(TT_GROW(f->rows, f->n_rows, f->cap_rows));
	f->rows[f->n_rows++] = r;
}

/* The rows of one card and time: one; or several pods, which know the same reading or
 * parts of it, or (rarely) differ; and now and then one of them twice. */
static void add_time(fleet *f, int card, int64_t t, int pod, int pods, bool differ)
{
	row r = { .card = card, .pod = pod, .t = t };

	for (int m = 0; m < METRICS; m++)
		r.v[m] = a_value(m);
	for (int p = 0; p < pods; p++) {
		row one = r;
		one.pod = pods > 1 ? 1 + (pod + p) % PODS : pod;
		for (int m = 0; p > 0 && m < METRICS; m++)
			one.v[m] = differ && one_in(2) ? a_value(m)
				: one_in(8) ? MISSING : one.v[m];
		add(f, one);
		if (one_in(40))
			add(f, one);
	}
}

static void add_card(fleet *f, int64_t n, int64_t step_s)
{
	int card = f->n_cards++, pod = (int)any(0, PODS), pods = 1;
	int64_t jitter_s = one_in(2) ? 0 : step_s / 8, turn = one_in(5) ? n / 3 : n;
	int64_t t = f->start_s + any(-3 * step_s, 3 * step_s);
	bool shared = one_in(3), differ = one_in(4), holes = one_in(2);

	snprintf(f->id[card][0], sizeof f->id[card][0], "node-%d", card / 4);
	snprintf(f->id[card][1], sizeof f->id[card][1], "%d", 6 + card % 4 * 3);
	snprintf(f->id[card][2], sizeof f->id[card][2], "%s", one_in(5) ? "2" : "");
	for (int64_t i = 0; i < n; i++) {
		if (one_in(60))
			pod = one_in(3) ? 0 : (int)any(1, PODS);
		if (one_in(50))
			pods = shared ? (int)any(1, 4) : 1;
		add_time(f, card, t, pod, pods, differ);
		t += (i < turn || step_s < 3 ? step_s : step_s / 3) *
			(holes && one_in(25) ? any(2, 9) : 1);
		t += jitter_s ? any(-jitter_s, jitter_s) : 0;
	}
}

static void fleet_free(fleet *f)
{
	tt_free(f->rows);
	*f = (fleet){ .n_rows = 0 };
}

/* --- Writing it down ----------------------------------------------------------------- */

typedef struct style { int order, quoted, columns, gz, threads; } style;
enum { BY_TIME, BY_CARD, SHUFFLED };

static int compare_rows(const void *pa, const void *pb)
{
	const row *a = pa, *b = pb;

	return a->t != b->t ? (a->t > b->t) - (a->t < b->t) : a->card - b->card;
}

static int compare_cards(const void *pa, const void *pb)
{
	const row *a = pa, *b = pb;

	return a->card != b->card ? a->card - b->card : (a->t > b->t) - (a->t < b->t);
}

static void arrange(fleet *f, int order)
{
	for (size_t i = f->n_rows; order == SHUFFLED && i > 1; i--) {
		size_t k = (size_t)any(0, (int64_t)i - 1);
		row swap = f->rows[k];
		f->rows[k] = f->rows[i - 1];
		f->rows[i - 1] = swap;
	}
	if (order != SHUFFLED)
		qsort(f->rows, f->n_rows, sizeof *f->rows,
		      order == BY_TIME ? compare_rows : compare_cards);
}

/* Millionths of the column's unit, with all digits that are needed. */
static void put_value(tt_buf *out, int m, int64_t v)
{
	int digits = m == 1 ? 8 : 6; /* a ratio's millionth of a percent */
	int64_t one = m == 1 ? 100000000 : 1000000, rest = v % one;

	if (v == MISSING)
		return;
	tt_buf_printf(out, "%lld", (long long)(v / one));
	if (rest == 0)
		return;
	for (; rest % 10 == 0; digits--)
		rest /= 10;
	tt_buf_printf(out, ".%0*lld", digits, (long long)rest);
}

static void put_field(tt_buf *out, const fleet *f, const row *r, int column)
{
	if (column == 0)
		tt_buf_printf(out, "%lld", (long long)r->t);
	else if (column <= 3)
		tt_buf_puts(out, f->id[r->card][column - 1]);
	else if (column == 4 && r->pod)
		tt_buf_printf(out, "pod-%d", r->pod);
	else if (column >= 5 && column < 5 + METRICS)
		put_value(out, column - 5, r->v[column - 5]);
}

static void put_line(tt_buf *out, const fleet *f, const row *r, const style *s)
{
	static const int order[2][5 + METRICS] = { { 0, 1, 2, 3, 4, 5, 6, 7 },
		{ 7, 4, 2, 0, 6, 1, 3, 5 } };
	static const char *const name[] = { "time", "node", "gpu", "slice", "pod",
		"gpu_util_pct", "sm_active_ratio", "fb_used_mib" };

	for (int i = 0; i < 5 + METRICS; i++) {
		int column = order[s->columns][i];
		bool quote = s->quoted && (s->quoted > 1 || one_in(3));
		tt_buf_puts(out, i ? "," : "");
		tt_buf_puts(out, quote ? "\"" : "");
		if (r)
			put_field(out, f, r, column);
		else
			tt_buf_puts(out, name[column]);
		tt_buf_puts(out, quote ? "\"" : "");
	}
	tt_buf_puts(out, s->quoted == 1 && one_in(2) ? "\r\n" : "\n");
}

static void save(const char *name, const tt_buf *b, int gz)
{
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (gz) {
		gzFile z = gzopen(path, "wb1");
		T_INT((long long)b->n, gzwrite(z, b->p, (unsigned)b->n));
		T_INT(Z_OK, gzclose(z));
		return;
	}
	FILE *out = fopen(path, "w");
	T_OK(out && fwrite(b->p, 1, b->n, out) == b->n);
	fclose(out);
}

static void save_fleet(fleet *f, const style *s)
{
	tt_buf csv = { 0 }, yaml = { 0 };

	tt_buf_printf(&yaml, "name: made up\nstart: %lld\nend: %lld\ncurrency: USD\n",
	              (long long)f->start_s, (long long)f->end_s);
	if (f->given_s)
		tt_buf_printf(&yaml, "step: %llds\n", (long long)f->given_s);
	arrange(f, s->order);
	put_line(&csv, f, NULL, s);
	for (size_t i = 0; i < f->n_rows; i++)
		put_line(&csv, f, &f->rows[i], s);
	save("snapshot.yaml", &yaml, 0);
	save("gpu_usage.csv", &csv, s->gz);
	tt_buf_free(&csv);
	tt_buf_free(&yaml);
}

static int build(const char *out, int threads)
{
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;
	tt_build_options o = { .threads = threads };
	tt_err err = { 0 };
	char path[1024];

	int rc = tt_builder_open(out, &o, &b, &err);
	snprintf(path, sizeof path, "%s/snapshot.yaml", folder);
	if (rc == TT_OK)
		rc = tt_builder_window(b, path, &err);
	snprintf(path, sizeof path, "%s/gpu_usage.csv", folder);
	if (rc == TT_OK)
		rc = tt_builder_read_csv(b, path, "gpu_usage", NULL, 0, &err);
	if (rc == TT_OK)
		rc = tt_builder_finish(b, NULL, &err);
	T_STR("", err.text);
	return rc;
}

/* --- The oracle ---------------------------------------------------------------------- */

typedef struct reading { int64_t t, d, v[METRICS]; unsigned pods; } reading;

typedef struct truth {         /* of one card */
	reading *r;
	size_t n;
	int64_t usual_s;
} truth;

static int compare_i64(const void *pa, const void *pb)
{
	int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return (a > b) - (a < b);
}

static int64_t lower_median(int64_t *v, size_t n)
{
	qsort(v, n, sizeof *v, compare_i64);
	return n ? v[(n - 1) / 2] : 0;
}

/* One reading for each time inside the window. The rows are sorted by card and time. */
static void readings_of(const fleet *f, int card, truth *ret)
{
	ret->r = tt_zalloc(f->n_rows, sizeof *ret->r);
	for (size_t i = 0; i < f->n_rows; i++) {
		const row *w = &f->rows[i];
		if (w->card != card || w->t < f->start_s || w->t >= f->end_s)
			continue;
		if (ret->n == 0 || ret->r[ret->n - 1].t != w->t)
			ret->r[ret->n++] = (reading){ w->t, 0, { MISSING, MISSING, MISSING }, 0 };
		reading *r = &ret->r[ret->n - 1];
		r->pods |= w->pod ? 1u << w->pod : 0;
		for (int m = 0; m < METRICS; m++)
			r->v[m] = w->v[m] > r->v[m] ? w->v[m] : r->v[m];
	}
}

/* Usual steps and how long every reading stands. Returns the step of all cards. */
static int64_t intervals(const fleet *f, truth *cards)
{
	int64_t *all = tt_zalloc(f->n_rows, sizeof *all), *own = tt_zalloc(f->n_rows, sizeof *own);
	size_t n = 0;

	for (int c = 0; c < f->n_cards; c++)
		for (size_t i = 1; i < cards[c].n; i++)
			all[n++] = cards[c].r[i].t - cards[c].r[i - 1].t;
	int64_t fleet_s = n ? lower_median(all, n) : f->given_s ? f->given_s : 60;
	for (int c = 0; c < f->n_cards; c++) {
		truth *x = &cards[c];
		for (size_t i = 1; i < x->n; i++)
			own[i - 1] = x->r[i].t - x->r[i - 1].t;
		x->usual_s = x->n > 1 ? lower_median(own, x->n - 1) : fleet_s;
		for (size_t i = 0; i < x->n; i++) {
			int64_t to_next = i + 1 < x->n ? x->r[i + 1].t - x->r[i].t : INT64_MAX;
			int64_t d = to_next > 5 * x->usual_s ? x->usual_s : to_next;
			int64_t left = f->end_s - x->r[i].t;
			x->r[i].d = d < left ? d : left;
		}
	}
	tt_free(all);
	tt_free(own);
	return f->given_s ? f->given_s : fleet_s;
}

typedef struct weighted { int64_t v, s; } weighted;

static int compare_weighted(const void *pa, const void *pb)
{
	return compare_i64(&((const weighted *)pa)->v, &((const weighted *)pb)->v);
}

static double quantile(weighted *w, size_t n, int percent)
{
	int64_t total = 0, sum = 0;

	qsort(w, n, sizeof *w, compare_weighted);
	for (size_t i = 0; i < n; i++)
		total += w[i].s;
	for (size_t i = 0; i < n; i++) {
		sum += w[i].s;
		if (sum * 100 >= total * percent)
			return (double)w[i].v / 1e6;
	}
	return (double)NAN;
}

/* --- Holding one against the other --------------------------------------------------- */

/* How far the file's value may be off. */
static double slack(int m, double v)
{
	return m == 2 ? v * 0.005 + 1e-6 : 0.05 + 1e-6;
}

#define T_NEAR(m, want, got)                                       \
	do {                                                       \
		double near_ = (want);                             \
		T_F64(near_, got, slack(m, near_));                \
	} while (0)

static void check_statistics(const truth *x, const tt_measure *got, int m)
{
	weighted *w = tt_zalloc(x->n, sizeof *w);
	size_t n = 0;
	int64_t seconds = 0, min = INT64_MAX, max = 0;
	tt_i128 sum = 0, sum_s = 0;
	tt_stats stats;
	tt_err err = { 0 };

	for (size_t i = 0; i < x->n; i++) {
		int64_t v = x->r[i].v[m];
		if (v == MISSING)
			continue;
		w[n++] = (weighted){ v, x->r[i].d };
		seconds += x->r[i].d;
		sum += v;
		sum_s += (tt_i128)v * x->r[i].d;
		min = v < min ? v : min;
		max = v > max ? v : max;
	}
	T_OK((n > 0) == (got != NULL));
	if (got) {
		T_INT(n, got->n);
		T_INT(seconds, got->seconds);
		T_OK(sum == got->sum_micro && sum_s == got->sum_micro_s);
		T_INT(min, got->min_micro);
		T_INT(max, got->max_micro);
		T_INT(TT_OK, tt_measure_stats(got, &stats, &err));
		T_NEAR(m, quantile(w, n, 50), stats.p50);
		T_NEAR(m, quantile(w, n, 95), stats.p95);
		T_NEAR(m, quantile(w, n, 99), stats.p99);
		T_F64((double)sum_s / (double)seconds / 1e6, stats.mean, 1e-9);
	}
	tt_free(w);
}

/* Readings of metric `m` within [from, to): pairs of value and seconds. */
static size_t cut(const truth *x, int m, int64_t from, int64_t to, size_t *at, weighted *ret)
{
	size_t n = 0;

	while (*at < x->n && x->r[*at].t + x->r[*at].d <= from)
		++*at;
	for (size_t i = *at; i < x->n && x->r[i].t < to; i++) {
		int64_t a = x->r[i].t > from ? x->r[i].t : from;
		int64_t b = x->r[i].t + x->r[i].d < to ? x->r[i].t + x->r[i].d : to;
		if (b > a && x->r[i].v[m] != MISSING)
			ret[n++] = (weighted){ x->r[i].v[m], b - a };
	}
	return n;
}

static void sum_up(const weighted *w, size_t n, double *ret_mean, double *ret_max, int64_t *ret_s)
{
	tt_i128 sum = 0;
	int64_t max = 0, seconds = 0;

	for (size_t i = 0; i < n; i++) {
		sum += (tt_i128)w[i].v * w[i].s;
		seconds += w[i].s;
		max = w[i].v > max ? w[i].v : max;
	}
	*ret_mean = n ? (double)sum / (double)seconds / 1e6 : (double)NAN;
	*ret_max = n ? (double)max / 1e6 : (double)NAN;
	*ret_s = seconds;
}

static void check_hours(const tt_snapshot *s, const truth *x, const tt_measure *got, int m)
{
	size_t n = tt_snapshot_hours(s), at = 0;
	tt_hour *hour = tt_zalloc(n, sizeof *hour);
	weighted *w = tt_zalloc(x->n, sizeof *w);
	tt_err err = { 0 };

	T_INT((s->end_s - s->start_s + 3599) / 3600, n);
	T_INT(TT_OK, tt_measure_hourly(s, got, hour, &err));
	for (size_t i = 0; i < n; i++) {
		int64_t from = s->start_s + (int64_t)i * 3600, seconds;
		double mean, max;
		size_t k = cut(x, m, from, from + 3600, &at, w);
		sum_up(w, k, &mean, &max, &seconds);
		T_INT(seconds, hour[i].seconds);
		T_F64(mean, hour[i].mean, m == 2 ? slack(m, mean) : 0.005 + 1e-6);
		T_NEAR(m, max, hour[i].max);
		T_NEAR(m, quantile(w, k, 95), hour[i].p95);
	}
	tt_free(hour);
	tt_free(w);
}

static void check_series(const tt_snapshot *s, const truth *x, const tt_measure *got, int m)
{
	size_t n = tt_snapshot_steps(s), at = 0;
	double *mean = tt_alloc(n * sizeof *mean), *max = tt_alloc(n * sizeof *max);
	weighted *w = tt_zalloc(x->n, sizeof *w);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_snapshot_series(s, got, mean, max, &err));
	for (size_t i = 0; i < n; i++) {
		int64_t from = s->start_s + (int64_t)i * s->step_s, seconds;
		double want_mean, want_max;
		sum_up(w, cut(x, m, from, from + s->step_s, &at, w), &want_mean, &want_max,
		       &seconds);
		T_NEAR(m, want_mean, mean[i]);
		T_NEAR(m, want_max, max[i]);
	}
	tt_free(mean);
	tt_free(max);
	tt_free(w);
}

static const tt_holding *find_holding(const tt_snapshot *s, const tt_carrier *c, int pod,
                                      int64_t from_s)
{
	char name[16];

	snprintf(name, sizeof name, "pod-%d", pod);
	for (size_t i = 0; i < c->n_holdings; i++) {
		const tt_holding *h = &s->holdings[c->first_holding + i];
		if (h->from_s == from_s && strcmp(h->pod, name) == 0)
			return h;
	}
	return NULL;
}

/* Readings [from, to) are one holding of `pod`. */
static void check_holding(const tt_snapshot *s, const truth *x, const tt_carrier *c, int pod,
                          size_t from, size_t to)
{
	const tt_holding *h = find_holding(s, c, pod, x->r[from].t);

	T_OK(h != NULL);
	if (!h)
		return;
	T_INT(x->r[to - 1].t + x->r[to - 1].d, h->to_s);
	T_OK(h->pod_index == SIZE_MAX);
	for (int b = 0; b < TT_BUSY_METRICS; b++) {
		int64_t seconds = 0, bins[TT_BUSY_BINS] = { 0 };
		tt_i128 busy = 0;
		int wrong = 0;
		for (size_t i = from; i < to; i++) {
			int64_t v = x->r[i].v[b];
			if (v == MISSING)
				continue;
			seconds += x->r[i].d;
			busy += (tt_i128)v * x->r[i].d;
			bins[(v + 999999) / 1000000] += x->r[i].d;
		}
		T_INT(seconds, h->measured_s[b]);
		T_OK(busy == h->busy_micro_s[b]);
		T_OK((h->bins_s[b] != NULL) == (seconds > 0));
		for (int i = 0; h->bins_s[b] && i < TT_BUSY_BINS; i++)
			wrong += h->bins_s[b][i] != bins[i];
		T_INT(0, wrong);
	}
}

static void check_holdings(const tt_snapshot *s, const truth *x, const tt_carrier *c)
{
	size_t n = 0;

	for (int pod = 1; pod <= PODS; pod++)
		for (size_t i = 0, j; i < x->n; i = j) {
			unsigned bit = 1u << pod;
			for (j = i + 1;
			     j < x->n && !(x->r[i].pods & bit) == !(x->r[j].pods & bit); j++)
				;
			if (!(x->r[i].pods & bit))
				continue;
			check_holding(s, x, c, pod, i, j);
			n++;
		}
	T_INT(n, c->n_holdings);
	for (size_t i = 1; i < c->n_holdings; i++)
		T_OK(s->holdings[c->first_holding + i].from_s >=
		     s->holdings[c->first_holding + i - 1].from_s);
}

static void check_notes(const tt_snapshot *s, const fleet *f)
{
	int64_t outside = 0, duplicates = 0;
	char text[160];
	size_t found = 0;

	for (size_t i = 0; i < f->n_rows; i++) {
		const row *a = &f->rows[i];
		if (a->t < f->start_s || a->t >= f->end_s) {
			outside++;
			continue;
		}
		for (size_t k = i; k-- > 0 && f->rows[k].card == a->card && f->rows[k].t == a->t;)
			if (f->rows[k].pod == a->pod &&
			    memcmp(f->rows[k].v, a->v, sizeof a->v) == 0) {
				duplicates++;
				break;
			}
	}
	snprintf(text, sizeof text, "gpu_usage.csv: %lld rows outside of the window were passed "
	         "over", (long long)outside);
	for (size_t i = 0; i < s->n_notes; i++)
		found += strcmp(s->notes[i], text) == 0;
	T_INT(outside > 0, found);
	snprintf(text, sizeof text, "gpu_usage.csv: %lld equal rows counted once",
	         (long long)duplicates);
	found = 0;
	for (size_t i = 0; i < s->n_notes; i++)
		found += strcmp(s->notes[i], text) == 0;
	T_INT(duplicates > 0, found);
	T_INT(f->n_rows, s->usage_rows);
}

static void check(fleet *f, const char *path)
{
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;
	truth *x = tt_zalloc((size_t)f->n_cards, sizeof *x);
	tt_err err = { 0 };
	size_t with_rows = 0;

	arrange(f, BY_CARD);
	for (int c = 0; c < f->n_cards; c++)
		readings_of(f, c, &x[c]);
	int64_t step_s = intervals(f, x);
	T_INT(TT_OK, tt_snapshot_load(path, &s, &err));
	T_STR("", err.text);
	for (int c = 0; s && c < f->n_cards; c++) {
		char id[80];
		snprintf(id, sizeof id, "%s/%s%s%s", f->id[c][0], f->id[c][1],
		         f->id[c][2][0] ? "/" : "", f->id[c][2]);
		size_t at = tt_snapshot_find_carrier(s, id);
		T_OK((at != SIZE_MAX) == (x[c].n > 0));
		if (at == SIZE_MAX || x[c].n == 0)
			continue;
		const tt_carrier *got = &s->carriers[at];
		with_rows++;
		T_INT(x[c].usual_s, got->usual_step_s);
		T_INT(x[c].r[0].t, got->first_s);
		T_INT(x[c].r[x[c].n - 1].t, got->last_s);
		for (int m = 0; m < METRICS; m++) {
			const tt_measure *measure = tt_snapshot_measure(s, got, metric_of[m]);
			check_statistics(&x[c], measure, m);
			if (!measure)
				continue;
			check_hours(s, &x[c], measure, m);
			check_series(s, &x[c], measure, m);
		}
		check_holdings(s, &x[c], got);
	}
	if (s) {
		T_INT(with_rows, s->n_carriers);
		T_INT(step_s, s->step_s);
		check_notes(s, f);
	}
	for (int c = 0; c < f->n_cards; c++)
		tt_free(x[c].r);
	tt_free(x);
}

/* --- Runs --------------------------------------------------------------------------------- */

static void same_bytes(const char *a, const char *b)
{
	char *x = NULL, *y = NULL;
	size_t nx = 0, ny = 0;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_file_read(a, 1u << 28, &x, &nx, &err));
	T_INT(TT_OK, tt_file_read(b, 1u << 28, &y, &ny, &err));
	T_OK(nx == ny && memcmp(x, y, nx) == 0);
	tt_free(x);
	tt_free(y);
}

static void run(fleet *f, uint64_t number)
{
	static const style plain = { BY_TIME, 0, 0, 0, 1 };
	static const style other[] = {
		{ BY_TIME, 0, 0, 0, 2 }, { BY_CARD, 1, 0, 1, 3 }, { SHUFFLED, 0, 0, 0, 4 },
		{ SHUFFLED, 2, 1, 1, 2 }, { BY_TIME, 0, 1, 0, 4 }, { SHUFFLED, 0, 0, 0, 1 },
	};
	char want[600], got[600];

	snprintf(want, sizeof want, "%s/want.tt", folder);
	snprintf(got, sizeof got, "%s/got.tt", folder);
	save_fleet(f, &plain);
	T_INT(TT_OK, build(want, plain.threads));
	check(f, want);
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		int before = t_failed_;
		save_fleet(f, &other[i]);
		T_INT(TT_OK, build(got, other[i].threads));
		same_bytes(want, got);
		if (t_failed_ > before)
			printf("in fleet %llu, style %zu\n", (unsigned long long)number, i);
	}
}

static void random_fleets(void)
{
	static const int64_t sizes[] = { 1, 2, 3, 30, 255, 256, 257, 258, 259, 511, 512, 513, 514,
		515, 770, 1000 };
	static const int64_t steps[] = { 1, 15, 57, 60, 300, 700 };

	for (uint64_t i = 0; i < 16; i++) {
		int64_t step_s = steps[i % 6], start_s = 1700000000 + any(0, 7200);
		seed = i;
		fleet f = { .start_s = start_s,
			.end_s = start_s + step_s * any(40, 900) + any(0, 50),
			.given_s = i % 3 == 0 ? steps[any(1, 4)] : i % 3 == 1 ? step_s : 0 };
		for (int64_t n = any(1, 9); n > 0; n--)
			add_card(&f, sizes[any(0, 15)], one_in(6) ? 3 * step_s : step_s);
		int before = t_failed_;
		run(&f, i);
		if (t_failed_ > before)
			printf("in fleet %llu\n", (unsigned long long)i);
		fleet_free(&f);
	}
}

/* Only rows of one time: no distance is known anywhere. */
static void lonely_rows(void)
{
	for (int64_t given_s = 0; given_s <= 57; given_s += 57) {
		fleet f = { .start_s = 1700000000, .end_s = 1700007300, .given_s = given_s };
		seed = 99;
		f.n_cards = 2;
		snprintf(f.id[0][0], 24, "a");
		snprintf(f.id[0][1], 24, "0");
		snprintf(f.id[1][0], 24, "a");
		snprintf(f.id[1][1], 24, "1");
		add_time(&f, 0, 1700000100, 1, 1, false);
		add_time(&f, 1, 1700007290, 0, 2, false);
		run(&f, 0);
		fleet_free(&f);
	}
}

/* Several blocks, more key texts than a parser keeps at first, sorted runs on disk. */
static void large_fleet(void)
{
	fleet f = { .start_s = 1700000000, .end_s = 1700000000 + 700 * 60 };

	seed = 4711;
	while (f.n_cards < CARDS)
		add_card(&f, 1000, 60);
	run(&f, 1000);
	fleet_free(&f);
}

int main(void)
{
	t_folder(folder, sizeof folder);
	random_fleets();
	lonely_rows();
	large_fleet();
	t_folder_remove(folder);
	return T_END();
}
