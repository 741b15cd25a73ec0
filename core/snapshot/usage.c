#include "snapshot/usage_clash.h"
#include "snapshot/usage_hold.h"
#include "snapshot/usage_step.h"
#include "base/clock.h"
#include "base/threads.h"
#include <stdlib.h>
#include <string.h>

/* --- Names and life ------------------------------------------------------------ */

int tt_usage_new(const char *table, const char *file, int64_t start_s, int64_t end_s,
                 int32_t step_s, int n_shards, const tt_metric_def *const *metric,
                 size_t n_metrics, const tt_rows *pods, const char *folder, int lenient,
                 const tt_usage *known, tt_usage **ret, tt_err *err)
{
	tt_usage *u = tt_zalloc(1, sizeof *u);

	if (!u)
		return tt_no_memory(err);
	*u = (tt_usage){ .table = table, .file = file, .start_s = start_s, .end_s = end_s,
		.step_s = step_s, .n_shards = n_shards, .n_metrics = n_metrics,
		.row_bytes = sizeof(tt_usage_row) + n_metrics * sizeof(int64_t),
		.busy = { -1, -1 }, .pod_rows = pods, .lenient = lenient, .known = known };
	pthread_mutex_init(&u->lock, NULL);
	for (size_t i = 0; i < n_metrics; i++) {
		u->metric[i] = metric[i];
		if (metric[i]->metric == TT_GPU_UTIL_PCT)
			u->busy[TT_BUSY_GPU_UTIL] = (int)i;
		if (metric[i]->metric == TT_SM_ACTIVE_PCT)
			u->busy[TT_BUSY_SM_ACTIVE] = (int)i;
	}
	u->carriers = tt_names_new();
	u->pods = tt_names_new();
	u->state = tt_zalloc(TT_USAGE_CARRIERS, sizeof *u->state);
	u->pod_whole = tt_zalloc(TT_USAGE_PODS, 1);
	int rc = u->carriers && u->pods && u->state && u->pod_whole
		? TT_OK : tt_no_memory(err);
	for (int i = 0; rc == TT_OK && i < n_shards; i++) {
		u->shard[i].scratch.step_s = step_s;
		rc = tt_spill_open(folder, &u->shard[i].scratch.spill, err);
	}
	if (rc < 0) {
		tt_usage_free(u);
		return rc;
	}
	*ret = u;
	return TT_OK;
}

static void carrier_free(const tt_usage *u, tt_usage_carrier *c)
{
	if (!c)
		return;
	for (size_t m = 0; m < u->n_metrics; m++)
		tt_series_state_free(c->series[m]);
	tt_free(c->distances);
	tt_free(c->extras);
	tt_free(c->seen);
	tt_free(c->runs);
	tt_free(c);
}

void tt_usage_free(tt_usage *u)
{
	if (!u)
		return;
	for (size_t i = 0; u->carriers && u->state && i < tt_names_count(u->carriers); i++)
		carrier_free(u, u->state[i]);
	for (int i = 0; i < u->n_shards; i++)
		tt_spill_close(u->shard[i].scratch.spill);
	tt_free(u->state);
	tt_free(u->pod_whole);
	tt_names_free(u->carriers);
	tt_names_free(u->pods);
	pthread_mutex_destroy(&u->lock);
	tt_free(u);
}

int64_t tt_usage_carrier_number(tt_usage *u, const char *key, size_t n)
{
	pthread_mutex_lock(&u->lock);
	int64_t id = tt_names_count(u->carriers) < TT_USAGE_CARRIERS
		? tt_names_add(u->carriers, key, n) : tt_names_find(u->carriers, key, n);
	pthread_mutex_unlock(&u->lock);
	return id;
}

/* Whether the pod needs whole cards that nobody else can hold. */
static uint8_t is_whole(const tt_rows *pods, const char *pod)
{
	size_t lo = 0, hi = pods ? pods->n : 0;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const tt_pod_row *p = TT_ROW(pods, tt_pod_row, mid);
		int order = strcmp(p->pod, pod);
		if (order == 0)
			return p->gpus >= 1 && (p->gpu_sharing[0] == 0 ||
			                        strcmp(p->gpu_sharing, "none") == 0);
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

int64_t tt_usage_pod_number(tt_usage *u, const char *pod, size_t n)
{
	pthread_mutex_lock(&u->lock);
	size_t before = tt_names_count(u->pods);
	int64_t id = before < TT_USAGE_PODS ? tt_names_add(u->pods, pod, n)
		: tt_names_find(u->pods, pod, n);
	if (id == (int64_t)before)
		u->pod_whole[id] = is_whole(u->pod_rows, tt_names_at(u->pods, before));
	pthread_mutex_unlock(&u->lock);
	return id;
}

int tt_usage_shard_of(const tt_usage *u, uint32_t carrier)
{
	return (int)(carrier % (uint32_t)u->n_shards);
}

/* Where the waiting readings of metric `m` stand. */
static inline int64_t *waiting(const tt_usage *u, tt_usage_carrier *c, size_t m)
{
	return (int64_t *)(void *)(c->series + u->n_metrics) + m * (TT_USAGE_CHUNK + 1);
}

static tt_usage_carrier *carrier_new(tt_usage *u, uint32_t id)
{
	const size_t n_values = u->n_metrics * (TT_USAGE_CHUNK + 1);
	tt_usage_carrier *c = tt_zalloc(1, sizeof *c + u->n_metrics * sizeof c->series[0] +
	                                n_values * sizeof(int64_t));

	if (!c)
		return NULL;
	for (size_t i = 0; i < n_values; i++)
		waiting(u, c, 0)[i] = TT_USAGE_MISSING;
	if (u->known) {
		pthread_mutex_lock(&u->lock);
		const char *key = tt_names_at(u->carriers, id);
		int64_t old = tt_names_find(u->known->carriers, key, strlen(key));
		pthread_mutex_unlock(&u->lock);
		if (old >= 0 && u->known->state[old])
			c->usual_s = u->known->state[old]->usual_s;
	}
	u->state[id] = c;
	return c;
}

/* --- Chunks --------------------------------------------------------------------------- */

/* The distance of each of n + 1 times to the next, if it is always the same; else 0. */
static int32_t even_distance(const int32_t *t, size_t n)
{
	const int32_t s = n > 0 ? t[1] - t[0] : 0;
	int32_t differs = 0;

	for (size_t i = 0; i < n; i++)
		differs |= (t[i + 1] - t[i]) ^ s;
	return differs == 0 ? s : 0;
}

/* How long each of rows [0, n) stands, into d. Row n, if any, is the next time; at the end
 * of the data there is none. */
static int measure(const tt_usage *u, tt_usage_carrier *c, int32_t *d, size_t n, bool last,
                   tt_err *err)
{
	const int32_t end_s = (int32_t)(u->end_s - u->start_s);
	const size_t known = last ? n - 1 : n;
	const int32_t even_s = even_distance(c->t, known);

	for (size_t i = 0; i < (even_s > 0 ? 1 : known); i++)
		if (tt_distance_add(&c->distances, &c->n_distances, &c->cap_distances,
		                 c->t[i + 1] - c->t[i], even_s > 0 ? (uint32_t)known : 1) < 0)
			return tt_no_memory(err);
	if (c->usual_s == 0)
		c->usual_s = tt_distance_median(c->distances, c->n_distances);
	const int64_t far_s = TT_USAGE_TOO_FAR * (int64_t)c->usual_s;
	if (even_s > 0 && even_s <= far_s && !last) {
		for (size_t i = 0; i < n; i++)
			d[i] = even_s;
		return TT_OK;
	}
	for (size_t i = 0; i < n; i++) {
		int64_t s = i + 1 == n && last ? INT64_MAX : c->t[i + 1] - c->t[i];
		if (s > far_s)
			s = c->usual_s;
		d[i] = s < end_s - c->t[i] ? (int32_t)s : end_s - c->t[i];
	}
	return TT_OK;
}

/* Work off rows [0, n): how long each stands, then series and holdings. */
static int work_off(tt_usage *u, tt_usage_carrier *c, tt_usage_shard *sh, size_t n, bool last,
                    tt_err *err)
{
	TT_TRY(measure(u, c, sh->d, n, last, err));
	c->d = sh->d;
	for (size_t m = 0; m < u->n_metrics; m++)
		if (c->series[m])
			TT_TRY(tt_series_take(c->series[m], &sh->scratch, c->t, c->d, n, err));
	return tt_usage_hold(u, c, sh, n, err);
}

/* The chunk is full: work it off but for the last row, whose end is not known. */
static int chunk_turn(tt_usage *u, tt_usage_carrier *c, tt_usage_shard *sh, tt_err *err)
{
	size_t last = c->n - 1, kept = 0;

	TT_TRY(work_off(u, c, sh, last, false, err));
	c->t[0] = c->t[last];
	c->pod[0] = c->pod[last];
	for (size_t m = 0; m < u->n_metrics; m++) {
		int64_t *v = waiting(u, c, m);
		for (size_t i = 0; c->series[m] && i <= last; i++)
			v[i] = i == 0 ? v[last] : TT_USAGE_MISSING;
	}
	for (size_t i = 0; i < c->n_extras; i++)
		if (c->extras[i].at == last)
			c->extras[kept++] = (struct tt_extra){ 0, c->extras[i].pod };
	c->n_extras = kept;
	c->n = 1;
	return TT_OK;
}

/* --- Rows -------------------------------------------------------------------------------- */

/* Value `v` of metric `m` for waiting row `at`. */
static int set_value(tt_usage_carrier *c, const tt_usage *u, size_t m, size_t at, int64_t v,
                     tt_err *err)
{
	if (!c->series[m]) {
		TT_TRY(tt_series_state_new(u->metric[m], waiting(u, c, m), &c->series[m], err));
		c->n_series++;
	}
	waiting(u, c, m)[at] = v;
	return TT_OK;
}

/* The first metric of which both know a value, and not the same; n_metrics: none. */
static size_t differing(const tt_usage *u, const int64_t *a, const int64_t *b)
{
	size_t m = 0;

	while (m < u->n_metrics &&
	       (a[m] == b[m] || a[m] == TT_USAGE_MISSING || b[m] == TT_USAGE_MISSING))
		m++;
	return m;
}

static int see(const tt_usage *u, tt_usage_shard *sh, tt_usage_carrier *c, uint32_t pod,
               uint32_t line, const int64_t *value)
{
	if (!TT_GROW(c->seen, c->n_seen, c->cap_seen))
		return tt_fail(&sh->err, TT_ENOMEM, "out of memory");
	tt_seen *s = &c->seen[c->n_seen++];
	*s = (tt_seen){ .pod = pod, .line = line };
	for (size_t m = 0; m < u->n_metrics; m++)
		s->value[m] = value ? value[m]
			: waiting(u, c, m)[c->n - 1];
	return TT_OK;
}

/* Hold a further row of the last time against those seen: *ret_new when it says
 * something that they don't. */
static int compare_row(tt_usage *u, tt_usage_shard *sh, const tt_usage_carrier *c,
                       const tt_usage_row *row, const int64_t *value, bool *ret_new)
{
	bool differs = false;
	char when[TT_TIME_TEXT];

	*ret_new = false;
	tt_time_format(u->start_s + row->t, when);
	for (size_t i = 0; i < c->n_seen; i++) {
		const tt_seen *s = &c->seen[i];
		size_t m = differing(u, s->value, value);
		if (s->pod == row->pod) {
			if (m < u->n_metrics)
				return tt_usage_clash_values(u, sh, row, s, value, m, when);
			if (memcmp(s->value, value, u->n_metrics * sizeof *value) == 0) {
				sh->duplicates++;
				return TT_OK;
			}
		} else if (row->pod && s->pod && u->pod_whole[row->pod - 1] &&
		           u->pod_whole[s->pod - 1]) {
			return tt_usage_clash_pods(u, sh, row, s, when);
		} else {
			differs |= m < u->n_metrics;
		}
	}
	sh->differing += differs;
	*ret_new = true;
	return TT_OK;
}

/* A further row for the carrier's last time: a duplicate, another pod of a shared card,
 * or a contradiction. The card's fields are one reading: what one row knows holds for
 * all; where two pods' rows differ the larger counts. */
static int merge_row(tt_usage *u, tt_usage_shard *sh, tt_usage_carrier *c,
                     const tt_usage_row *row, const int64_t *value)
{
	uint32_t at = c->n - 1;
	bool is_new;

	if (c->n_seen == 0)
		TT_TRY(see(u, sh, c, c->pod[at], c->line, NULL));
	TT_TRY(compare_row(u, sh, c, row, value, &is_new));
	if (!is_new)
		return TT_OK;
	TT_TRY(see(u, sh, c, row->pod, row->line, value));
	for (size_t m = 0; m < u->n_metrics; m++)
		if (value[m] > waiting(u, c, m)[at])
			TT_TRY(set_value(c, u, m, at, value[m], &sh->err));
	if (row->pod == 0 || tt_usage_holds(c, at, row->pod))
		return TT_OK;
	if (c->pod[at] == 0) {
		c->pod[at] = row->pod;
		return TT_OK;
	}
	if (!TT_GROW(c->extras, c->n_extras, c->cap_extras))
		return tt_fail(&sh->err, TT_ENOMEM, "out of memory");
	c->extras[c->n_extras++] = (struct tt_extra){ at, row->pod };
	return TT_OK;
}

static inline void put_row(tt_usage_carrier *c, const tt_usage_row *row)
{
	c->t[c->n] = row->t;
	c->pod[c->n] = row->pod;
	c->n++;
	c->n_seen = 0;
	c->line = row->line;
	c->last_s = row->t;
	c->times++;
}

int tt_usage_take(tt_usage *u, int shard, const tt_usage_row *row, const int64_t *value)
{
	tt_usage_shard *sh = &u->shard[shard];
	tt_usage_carrier *c = u->state[row->carrier];

	if (row->t < 0 || row->t >= u->end_s - u->start_s) {
		sh->outside++;
		return TT_OK;
	}
	if (!c) {
		c = carrier_new(u, row->carrier);
		if (!c)
			return tt_fail(&sh->err, TT_ENOMEM, "out of memory");
		c->first_s = row->t;
		c->last_s = -1;
	}
	if (row->t <= c->last_s) {
		if (row->t == c->last_s)
			return merge_row(u, sh, c, row, value);
		sh->unordered = true;
		return TT_OK;
	}
	if (c->n == TT_USAGE_CHUNK + 1)
		TT_TRY(chunk_turn(u, c, sh, &sh->err));
	for (size_t m = 0; m < u->n_metrics; m++)
		if (value[m] != TT_USAGE_MISSING)
			TT_TRY(set_value(c, u, m, c->n, value[m], &sh->err));
	put_row(c, row);
	return TT_OK;
}

/* The carrier of a row that is nothing special: the next one in time order of a carrier
 * that has room for it and whose series are all there. */
static inline tt_usage_carrier *ordinary(const tt_usage *u, const tt_usage_row *row, int32_t span_s)
{
	tt_usage_carrier *c = u->state[row->carrier];

	return c && row->t > c->last_s && row->t < span_s && c->n <= TT_USAGE_CHUNK &&
		c->n_series == u->n_metrics ? c : NULL;
}

int tt_usage_take_rows(tt_usage *u, int shard, const char *rows, size_t bytes, uint32_t line)
{
	const size_t ahead = 8 * u->row_bytes;
	const int32_t span_s = (int32_t)(u->end_s - u->start_s);

	for (size_t at = 0; at < bytes; at += u->row_bytes) {
		tt_usage_row row;
		memcpy(&row, rows + at, sizeof row);
		const int64_t *value = (const int64_t *)(const void *)(rows + at + sizeof row);
		if (at + ahead < bytes) {
			const tt_usage_row *next = (const void *)(rows + at + ahead);
			const tt_usage_carrier *c = u->state[next->carrier];
			__builtin_prefetch(c ? &c->last_s : NULL);
		}
		row.line += line;
		tt_usage_carrier *c = ordinary(u, &row, span_s);
		if (!c) {
			TT_TRY(tt_usage_take(u, shard, &row, value));
			continue;
		}
		for (size_t m = 0; m < u->n_metrics; m++)
			waiting(u, c, m)[c->n] = value[m];
		put_row(c, &row);
	}
	return TT_OK;
}

/* --- The end ------------------------------------------------------------------------------ */

static int end_carrier(tt_usage *u, tt_usage_shard *sh, tt_usage_carrier *c, int32_t fleet_s,
                       bool *ret_again)
{
	int32_t assumed = c->usual_s;

	if (c->times == 1 && c->usual_s == 0)
		c->usual_s = fleet_s;
	TT_TRY(work_off(u, c, sh, c->n, true, &sh->err));
	while (c->n_runs > 0)
		TT_TRY(tt_usage_run_close(c, c->n_runs - 1, sh, &sh->err));
	for (size_t m = 0; m < u->n_metrics; m++)
		if (c->series[m])
			TT_TRY(tt_series_end(c->series[m], &sh->scratch, &sh->err));
	int32_t median = c->times == 1 ? fleet_s : tt_distance_median(c->distances, c->n_distances);
	if (assumed != 0 && assumed != median)
		*ret_again = true;
	c->usual_s = median;
	return TT_OK;
}

typedef struct ending {
	tt_usage *u;
	int32_t fleet_s;
	bool again[TT_USAGE_SHARDS];
} ending;

static void end_shard(void *ctx, int sh)
{
	ending *e = ctx;
	tt_usage *u = e->u;
	int rc = TT_OK;

	for (size_t i = (size_t)sh; rc == TT_OK && i < tt_names_count(u->carriers);
	     i += (size_t)u->n_shards)
		if (u->state[i])
			rc = end_carrier(u, &u->shard[sh], u->state[i], e->fleet_s, &e->again[sh]);
	if (rc == TT_OK)
		tt_spill_flush(u->shard[sh].scratch.spill, &u->shard[sh].err);
}

int tt_usage_end(tt_usage *u, bool fixed_step, bool *ret_again, int32_t *ret_step_s,
                 tt_err *err)
{
	ending e = { .u = u };

	TT_TRY(tt_usage_fleet_median(u, &e.fleet_s, err));
	if (e.fleet_s == 0)
		e.fleet_s = u->step_s > 0 ? u->step_s : 60; /* one time only in all the data */
	tt_run_threads(u->n_shards, end_shard, &e);
	*ret_step_s = fixed_step ? u->step_s : e.fleet_s;
	*ret_again = *ret_step_s != u->step_s;
	for (int i = 0; i < u->n_shards; i++) {
		if (u->shard[i].err.status < 0) {
			*err = u->shard[i].err;
			return err->status;
		}
		*ret_again |= e.again[i];
	}
	return TT_OK;
}
