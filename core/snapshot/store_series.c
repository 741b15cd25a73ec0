/* store_series.c - aligned series out of the snapshot file, where they stay until somebody
 * asks. Opening the file takes longer than reading a series does, so readers are kept open
 * when they are done, each for the next who asks. One that was open before a fork() is its
 * maker's alone: SQLite allows the other process not even to close it. */
#include "snapshot/pack.h"
#include "snapshot/store.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { SCALES = TT_SCALE_LOG + 1 };

struct tt_series_reader {
	const tt_snapshot *s;
	pid_t maker;
	sqlite3 *db;
	sqlite3_stmt *query;
	uint16_t *codes;         /* [steps] */
	double *value[SCALES];   /* [tt_codes()] of a scale; NULL: not asked for yet */
};

enum { KEPT = 64 };              /* threads; more open the file each time */

struct tt_series_readers {
	_Atomic(tt_series_reader *) idle[KEPT];
};

void tt_series_reader_closep(tt_series_reader **r)
{
	if (!*r)
		return;
	sqlite3_finalize((*r)->query);
	sqlite3_close((*r)->db);
	for (int i = 0; i < SCALES; i++)
		tt_free((*r)->value[i]);
	tt_free((*r)->codes);
	tt_free(*r);
}

int tt_series_reader_open(const tt_snapshot *s, tt_series_reader **ret, tt_err *err)
{
	TT_CLEANUP(tt_series_reader_closep) tt_series_reader *r = tt_zalloc(1, sizeof *r);

	if (!r || !(r->codes = tt_alloc((tt_snapshot_steps(s) + 1) * sizeof *r->codes)))
		return tt_no_memory(err);
	r->s = s;
	r->maker = getpid();
	TT_TRY(tt_store_open(s->path, &r->db, err));
	/* what is read is one state of the file, and it is not locked anew for each series */
	if (sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return tt_store_error(r->db, s->path, err);
	TT_TRY(tt_store_prepare(r->db, s->path, "SELECT mean, max FROM aligned WHERE measure = ?1",
	                        &r->query, err));
	*ret = r;
	r = NULL;
	return TT_OK;
}

/* --- One series ----------------------------------------------------------------------- */

/* What the codes of a scale stand for: worked out once, not for each of a million steps. */
static const double *values(tt_series_reader *r, enum tt_scale scale)
{
	size_t n = tt_codes(scale);
	double *v = r->value[scale];

	if (v || !(v = tt_alloc(n * sizeof *v)))
		return v;
	for (size_t i = 0; i < n; i++)
		v[i] = (double)tt_code_micro(scale, (uint16_t)i) / 1e6;
	r->value[scale] = v;
	return v;
}

/* Column `at` of the row: what is known of it into ret[n], and where that is. */
static int read_codes(tt_series_reader *r, int at, enum tt_scale scale, double *ret, size_t n,
                      tt_stretch *ret_known, tt_err *err)
{
	const double *value = values(r, scale);
	const size_t codes = tt_codes(scale);

	if (!value)
		return tt_no_memory(err);
	if (tt_unpack_codes(sqlite3_column_blob(r->query, at),
	                    (size_t)sqlite3_column_bytes(r->query, at), r->codes, n, ret_known,
	                    err) < 0)
		return tt_context(err, "aligned series");
	for (size_t i = ret_known->first; i < ret_known->end; i++) {
		uint16_t code = r->codes[i];

		if (code >= codes && code != TT_CODE_MISSING)
			return tt_fail(err, TT_EDATA, "damaged: aligned series");
		ret[i] = code == TT_CODE_MISSING ? (double)NAN : value[code];
	}
	return TT_OK;
}

static int read_row(tt_series_reader *r, const tt_measure *m, double *mean, double *max,
                    tt_stretch *ret_known, tt_err *err)
{
	enum tt_scale scale = tt_metric_def_at(m->metric)->scale;
	size_t n = tt_snapshot_steps(r->s);
	tt_stretch known = { 0, 0 }, also;

	sqlite3_bind_int64(r->query, 1, m->rowid);
	int rc = sqlite3_step(r->query);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return tt_store_error(r->db, r->s->path, err);
	if (rc == SQLITE_ROW)
		TT_TRY(read_codes(r, 0, scale, mean, n, &known, err));
	if (rc == SQLITE_ROW && sqlite3_column_type(r->query, 1) != SQLITE_NULL) {
		TT_TRY(read_codes(r, 1, scale, max, n, &also, err));
		if (also.first != known.first || also.end != known.end)
			return tt_fail(err, TT_EDATA, "damaged: aligned series");
	} else { /* equal: stored once */
		memcpy(max + known.first, mean + known.first,
		       (known.end - known.first) * sizeof *max);
	}
	*ret_known = known;
	return TT_OK;
}

static int read_known(tt_series_reader *r, const tt_measure *m, double *mean, double *max,
                      tt_stretch *ret_known, tt_err *err)
{
	int rc = read_row(r, m, mean, max, ret_known, err);

	sqlite3_reset(r->query);
	return rc;
}

static void forget(double *v, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		v[i] = (double)NAN;
}

/* What is not known of a whole series. */
static void complete(double *mean, double *max, size_t n, tt_stretch known)
{
	forget(mean, 0, known.first);
	forget(mean, known.end, n);
	forget(max, 0, known.first);
	forget(max, known.end, n);
}

int tt_series_read(tt_series_reader *r, const tt_measure *m, double *mean, double *max,
                   tt_err *err)
{
	tt_stretch known;

	TT_TRY(read_known(r, m, mean, max, &known, err));
	complete(mean, max, tt_snapshot_steps(r->s), known);
	return TT_OK;
}

/* --- Readers that are kept ------------------------------------------------------------ */

int tt_series_readers_make(tt_arena *a, tt_series_readers **ret, tt_err *err)
{
	*ret = tt_arena_alloc(a, sizeof **ret);
	if (!*ret)
		return tt_no_memory(err);
	for (size_t i = 0; i < KEPT; i++)
		atomic_init(&(*ret)->idle[i], NULL);
	return TT_OK;
}

/* One that nobody reads from; NULL: there is none. */
static tt_series_reader *take(tt_series_readers *of)
{
	for (size_t i = 0; i < KEPT; i++) {
		tt_series_reader *r = atomic_exchange(&of->idle[i], NULL);

		if (r && r->maker == getpid())
			return r;
	}
	return NULL;
}

static void keep(tt_series_readers *of, tt_series_reader *r)
{
	for (size_t i = 0; i < KEPT; i++) {
		tt_series_reader *none = NULL;

		if (atomic_compare_exchange_strong(&of->idle[i], &none, r))
			return;
	}
	tt_series_reader_closep(&r);
}

void tt_series_readers_close(tt_series_readers *of)
{
	tt_series_reader *r;

	while (of && (r = take(of)) != NULL)
		tt_series_reader_closep(&r);
}

static int read_kept(const tt_snapshot *s, const tt_measure *m, double *mean, double *max,
                     tt_stretch *ret_known, tt_err *err)
{
	tt_series_reader *r = take(s->readers);

	if (!r)
		TT_TRY(tt_series_reader_open(s, &r, err));
	int rc = read_known(r, m, mean, max, ret_known, err);
	keep(s->readers, r);
	return rc;
}

int tt_snapshot_series(const tt_snapshot *s, const tt_measure *m, double *mean, double *max,
                       tt_err *err)
{
	tt_stretch known;

	TT_TRY(read_kept(s, m, mean, max, &known, err));
	complete(mean, max, tt_snapshot_steps(s), known);
	return TT_OK;
}

int tt_snapshot_series_anew(const tt_snapshot *s, const tt_measure *m, double *mean, double *max,
                            tt_stretch *known, tt_err *err)
{
	forget(mean, known->first, known->end);
	forget(max, known->first, known->end);
	*known = (tt_stretch){ 0, tt_snapshot_steps(s) }; /* where it fails */
	return read_kept(s, m, mean, max, known, err);
}
