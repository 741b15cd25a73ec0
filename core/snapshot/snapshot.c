#include "snapshot/snapshot.h"
#include "base/leftovers.h"
#include "snapshot/metrics.h"
#include "snapshot/pack.h"
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* The file, and the folder that was made for it. */
static void remove_temporary(const char *path)
{
	char folder[4200];
	const char *slash = strrchr(path, '/');

	unlink(path);
	tt_leftover_done(path);
	if (slash && (size_t)(slash - path) < sizeof folder) {
		memcpy(folder, path, (size_t)(slash - path));
		folder[slash - path] = 0;
		rmdir(folder);
		tt_leftover_done(folder);
	}
}

void tt_snapshot_close(tt_snapshot *s)
{
	if (!s)
		return;
	tt_series_readers_close(s->readers);
	for (int t = 0; t < TT_TABLE_COUNT; t++)
		tt_rows_free(&s->table[t]);
	tt_free(s->carriers);
	tt_free(s->measures);
	tt_free(s->holdings);
	tt_free(s->notes);
	tt_rejects_free(&s->rejects);
	if (s->temporary)
		remove_temporary(s->path);
	tt_arena_free(s->arena);
	tt_free(s);
}

void tt_snapshot_closep(tt_snapshot **s)
{
	tt_snapshot_close(*s);
}

/* Whether the `size` bytes that the file starts with were read. */
static bool read_head(const char *path, char *head, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, head, size);

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)size;
}

static const char magic[] = "SQLite format 3";

int tt_snapshot_is_file(const char *path)
{
	char head[sizeof magic];

	return read_head(path, head, sizeof head) && memcmp(head, magic, sizeof magic) == 0;
}

/* Where SQLite keeps a file's application_id. */
#define APPLICATION_AT 68

int tt_snapshot_is_ours(const char *path)
{
	char head[APPLICATION_AT + 4];

	return read_head(path, head, sizeof head) && memcmp(head, magic, sizeof magic) == 0 &&
	       (memcmp(head + APPLICATION_AT, "TRTB", 4) == 0 ||
	        memcmp(head + APPLICATION_AT, "TRTS", 4) == 0);
}

/* --- Finding -------------------------------------------------------------------------- */

size_t tt_snapshot_find_node(const tt_snapshot *s, const char *node)
{
	return tt_rows_find(&s->table[TT_NODES], node);
}

size_t tt_snapshot_find_pod(const tt_snapshot *s, const char *pod)
{
	return tt_rows_find(&s->table[TT_PODS], pod);
}

/* First of the carriers [lo, hi), which are sorted by node, whose node is not below the n
 * bytes at `node`; `above`: strictly behind them. */
static size_t bound(const tt_snapshot *s, size_t lo, size_t hi, const char *node, size_t n,
                    bool above)
{
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const char *is = s->carriers[mid].node;
		int order = strncmp(is, node, n);
		if (order == 0)
			order = is[n] != 0;
		if (order < 0 || (above && order == 0))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void tt_snapshot_cards_of(const tt_snapshot *s, const char *node, size_t *ret_first,
                          size_t *ret_n)
{
	*ret_first = bound(s, 0, s->n_cards, node, strlen(node), false);
	*ret_n = bound(s, *ret_first, s->n_cards, node, strlen(node), true) - *ret_first;
}

size_t tt_snapshot_node_carrier(const tt_snapshot *s, const char *node)
{
	size_t at = bound(s, s->n_cards, s->n_carriers, node, strlen(node), false);

	return at < s->n_carriers && strcmp(s->carriers[at].node, node) == 0 ? at : SIZE_MAX;
}

/* A name may hold a '/' itself, so every one of the id's may be where the node ends. */
size_t tt_snapshot_find_carrier(const tt_snapshot *s, const char *id)
{
	for (const char *slash = strchr(id, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t n = (size_t)(slash - id);
		size_t at = bound(s, 0, s->n_cards, id, n, false);
		size_t end = bound(s, at, s->n_cards, id, n, true);
		for (; at < end; at++)
			if (strcmp(s->carriers[at].id, id) == 0)
				return at;
	}
	return tt_snapshot_node_carrier(s, id);
}

const tt_measure *tt_snapshot_measure(const tt_snapshot *s, const tt_carrier *c, int metric)
{
	if (metric == TT_ACTIVITY_PCT)
		metric = tt_snapshot_activity(s, c);
	if (metric <= TT_METRIC_NONE || metric >= TT_METRIC_COUNT || c->measure[metric] == 0)
		return NULL;
	return &s->measures[c->measure[metric] - 1];
}

int tt_snapshot_activity(const tt_snapshot *s, const tt_carrier *c)
{
	(void)s;
	return c->measure[TT_SM_ACTIVE_PCT] ? TT_SM_ACTIVE_PCT
		: c->measure[TT_GPU_UTIL_PCT] ? TT_GPU_UTIL_PCT : TT_METRIC_NONE;
}

/* --- What is measured --------------------------------------------------------------------- */

static double clamped(const tt_measure *m, enum tt_scale scale, size_t code)
{
	int64_t micro = tt_code_micro(scale, (uint16_t)code);

	micro = micro < m->min_micro ? m->min_micro : micro;
	micro = micro > m->max_micro ? m->max_micro : micro;
	return (double)micro / 1e6;
}

int tt_measure_stats(const tt_measure *m, tt_stats *ret, tt_err *err)
{
	static const uint32_t q[3] = { 500000, 950000, 990000 };
	const double none = (double)NAN;

	*ret = (tt_stats){ .size = sizeof *ret, .measured_s = 0, .mean = none, .min = none,
		.max = none, .p50 = none, .p95 = none, .p99 = none };
	if (!m || m->n == 0)
		return TT_ENODATA;
	enum tt_scale scale = tt_metric_def_at(m->metric)->scale;
	size_t n = tt_codes(scale);
	tt_weight *w = tt_alloc(n * sizeof *w);
	if (!w)
		return tt_fail(err, TT_ENOMEM, "out of memory");
	int rc = tt_unpack_histogram(m->histogram, m->histogram_bytes, w, n, err);
	double *const to[3] = { &ret->p50, &ret->p95, &ret->p99 };
	for (int i = 0; rc == TT_OK && i < 3; i++)
		*to[i] = clamped(m, scale, tt_quantile_code(&w[0].seconds, 2, n,
		                                            (uint64_t)m->seconds, q[i]));
	tt_free(w);
	ret->metric = m->metric;
	ret->n = m->n;
	ret->measured_s = (double)m->seconds;
	ret->mean = m->seconds > 0 ? (double)m->sum_micro_s / (double)m->seconds / 1e6 : none;
	ret->min = (double)m->min_micro / 1e6;
	ret->max = (double)m->max_micro / 1e6;
	return rc;
}

size_t tt_snapshot_steps(const tt_snapshot *s)
{
	return s->step_s > 0 ? (size_t)((s->end_s - s->start_s + s->step_s - 1) / s->step_s) : 0;
}

size_t tt_snapshot_hours(const tt_snapshot *s)
{
	return (size_t)((s->end_s - s->start_s + 3599) / 3600);
}

/* One hour; false: no build writes that. */
static bool read_hour(const tt_packed_hour *v, enum tt_scale scale, tt_hour *ret)
{
	const size_t codes = tt_codes(scale);
	const size_t most = scale == TT_SCALE_PCT ? 10000 : codes - 1; /* of mean */

	*ret = (tt_hour){ (double)NAN, (double)NAN, (double)NAN, v->seconds };
	if (v->seconds == 0)
		return true;
	if (v->seconds > 3600 || v->p95 >= codes || v->max >= codes || v->mean > most)
		return false;
	ret->mean = scale == TT_SCALE_PCT ? v->mean / 100.0
		: (double)tt_code_micro(scale, v->mean) / 1e6;
	ret->p95 = (double)tt_code_micro(scale, v->p95) / 1e6;
	ret->max = (double)tt_code_micro(scale, v->max) / 1e6;
	return true;
}

int tt_measure_hourly(const tt_snapshot *s, const tt_measure *m, tt_hour *ret, tt_err *err)
{
	const tt_packed_hour nothing = { 0, 0, 0, 0 };
	enum tt_scale scale = tt_metric_def_at(m->metric)->scale;
	size_t n = tt_snapshot_hours(s);
	tt_packed_hour *v = tt_alloc(n * sizeof *v);
	tt_stretch kept;
	int rc = v ? tt_unpack_hours(m->hourly, m->hourly_bytes, v, n, &kept, err)
		: tt_fail(err, TT_ENOMEM, "out of memory");

	for (size_t i = 0; rc == TT_OK && i < n; i++)
		if (!read_hour(i >= kept.first && i < kept.end ? &v[i] : &nothing, scale, &ret[i]))
			rc = tt_fail(err, TT_EDATA, "damaged: hourly values");
	tt_free(v);
	return rc;
}
