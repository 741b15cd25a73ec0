#include "snapshot/pack.h"
#include "base/memory.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <zstd.h>

#define LEVEL 1 /* higher ones gain under 1 % on delta-split codes and cost 3x the time */

/* --- zstd ---------------------------------------------------------------------- */

static int squeeze(const void *p, size_t n, tt_buf *out, tt_err *err)
{
	size_t bound = ZSTD_compressBound(n);
	char *buf = tt_alloc(bound);
	size_t got = buf ? ZSTD_compress(buf, bound, p, n, LEVEL) : 0;

	if (!buf)
		return tt_no_memory(err);
	if (ZSTD_isError(got)) {
		tt_free(buf);
		return tt_fail(err, TT_EINTERNAL, "zstd: %s", ZSTD_getErrorName(got));
	}
	tt_buf_add(out, buf, got);
	tt_free(buf);
	return out->failed ? tt_no_memory(err) : TT_OK;
}

/* Whether it says that it holds n numbers of `size` bytes, and could: a block of zstd takes
 * four bytes at least and gives 128 KiB at most. Asked before there is memory for them: both
 * n and what it says may come from a damaged file. */
static bool holds(const void *p, size_t bytes, uint64_t n, size_t size)
{
	return bytes > 0 && n <= SIZE_MAX / size && n * size <= (uint64_t)bytes / 4 << 17 &&
		ZSTD_getFrameContentSize(p, bytes) == n * size;
}

static int not_held(size_t n, tt_err *err)
{
	return tt_fail(err, TT_EDATA, "damaged: packed data does not hold %zu values", n);
}

/* Making a context asks the processor what it can, which takes longer than most of what is
 * unpacked, so those that are not in use are kept. */
static _Atomic(ZSTD_DCtx *) idle[16];

static ZSTD_DCtx *take_context(void)
{
	ZSTD_DCtx *c = NULL;

	for (size_t i = 0; i < sizeof idle / sizeof *idle && !c; i++)
		c = atomic_exchange(&idle[i], NULL);
	return c ? c : ZSTD_createDCtx();
}

static void keep_context(ZSTD_DCtx *c)
{
	for (size_t i = 0; i < sizeof idle / sizeof *idle && c; i++) {
		ZSTD_DCtx *none = NULL;

		if (atomic_compare_exchange_strong(&idle[i], &none, c))
			return;
	}
	ZSTD_freeDCtx(c);
}

static int expand(const void *p, size_t bytes, void *ret, size_t n, size_t size, tt_err *err)
{
	ZSTD_DCtx *c = take_context();
	size_t got = c ? ZSTD_decompressDCtx(c, ret, n * size, p, bytes) : 0;

	if (!c)
		return tt_no_memory(err);
	keep_context(c);
	return ZSTD_isError(got) || got != n * size ? not_held(n, err) : TT_OK;
}

/* --- Varints ------------------------------------------------------------------------ */

static void put(tt_buf *out, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		tt_buf_putc(out, (char)(v | 0x80));
	tt_buf_putc(out, (char)v);
}

static uint64_t zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

typedef struct bytes { const unsigned char *p, *end; int bad; } bytes;

static uint64_t get(bytes *b)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (b->p == b->end)
			break;
		v |= (uint64_t)(*b->p & 0x7f) << shift;
		if (!(*b->p++ & 0x80))
			return v;
	}
	b->bad = 1;
	return 0;
}

static int damaged(tt_err *err, const char *what)
{
	return tt_fail(err, TT_EDATA, "damaged: packed %s", what);
}

/* --- Codes ----------------------------------------------------------------------- */

/* Differences of v[0], v[stride] ... with the sign in the lowest bit, so that the high
 * bytes of small steps up and down are alike: low bytes to lo[n], high bytes to hi[n]. */
static void split_bytes(const uint16_t *v, size_t n, size_t stride, uint8_t *lo, uint8_t *hi)
{
	uint16_t last = 0;

	for (size_t i = 0; i < n; i++) {
		uint16_t d = (uint16_t)(v[i * stride] - last);
		d = (uint16_t)(d << 1 ^ (d & 0x8000 ? 0xffff : 0));
		last = v[i * stride];
		lo[i] = (uint8_t)d;
		hi[i] = (uint8_t)(d >> 8);
	}
}

/* Whether the next eight are as the one before: most of a card's window lies before it came or
 * after it went. */
static bool is_still(const uint8_t *lo, const uint8_t *hi)
{
	uint64_t a, b;

	memcpy(&a, lo, sizeof a);
	memcpy(&b, hi, sizeof b);
	return !(a | b);
}

static void join_bytes(const uint8_t *lo, const uint8_t *hi, uint16_t *ret, size_t n,
                       size_t stride)
{
	uint16_t last = 0;

	for (size_t i = 0; i < n;) {
		if (i + 8 <= n && is_still(lo + i, hi + i)) {
			for (size_t end = i + 8; i < end; i++)
				ret[i * stride] = last;
			continue;
		}
		unsigned d = lo[i] | (unsigned)hi[i] << 8;
		last = (uint16_t)(last + (d >> 1 ^ (d & 1 ? 0xffffu : 0u)));
		ret[i++ * stride] = last;
	}
}

/* Rows that are empty at both ends are not kept: `keeps` of them from `first` are. */
static int pack_columns(const uint16_t *v, size_t n, size_t columns, tt_stretch kept, tt_buf *out,
                        tt_err *err)
{
	const size_t keeps = kept.end - kept.first;
	uint8_t *buf;

	put(out, n);
	put(out, kept.first);
	put(out, keeps);
	if (!keeps)
		return out->failed ? tt_no_memory(err) : TT_OK;
	buf = tt_alloc(keeps * columns * 2);
	if (!buf)
		return tt_no_memory(err);
	for (size_t c = 0; c < columns; c++)
		split_bytes(v + kept.first * columns + c, keeps, columns, buf + 2 * c * keeps,
		            buf + (2 * c + 1) * keeps);
	int rc = squeeze(buf, keeps * columns * 2, out, err);
	tt_free(buf);
	return rc;
}

static int unpack_columns(const void *p, size_t n_bytes, uint16_t *ret, size_t n, size_t columns,
                          tt_stretch *ret_kept, tt_err *err)
{
	bytes b = { p, p ? (const unsigned char *)p + n_bytes : NULL, 0 };
	const uint64_t of = get(&b), first = get(&b), keeps = get(&b);
	const size_t left = (size_t)(b.end - b.p);

	*ret_kept = (tt_stretch){ 0, 0 };
	if (b.bad || of != n || first > n || keeps > n - first ||
	    (keeps ? !holds(b.p, left, keeps, columns * 2) : left > 0))
		return not_held(n, err);
	if (!keeps)
		return TT_OK;
	uint8_t *buf = tt_alloc(keeps * columns * 2);
	if (!buf)
		return tt_no_memory(err);
	int rc = expand(b.p, left, buf, keeps, columns * 2, err);
	for (size_t c = 0; rc == TT_OK && c < columns; c++)
		join_bytes(buf + 2 * c * keeps, buf + (2 * c + 1) * keeps,
		           ret + first * columns + c, keeps, columns);
	tt_free(buf);
	*ret_kept = (tt_stretch){ first, first + keeps };
	return rc;
}

int tt_pack_codes(const uint16_t *v, size_t n, tt_buf *out, tt_err *err)
{
	tt_stretch kept = { 0, n };

	while (kept.first < kept.end && v[kept.first] == TT_CODE_MISSING)
		kept.first++;
	while (kept.end > kept.first && v[kept.end - 1] == TT_CODE_MISSING)
		kept.end--;
	return pack_columns(v, n, 1, kept, out, err);
}

int tt_unpack_codes(const void *p, size_t n_bytes, uint16_t *ret, size_t n, tt_stretch *ret_kept,
                    tt_err *err)
{
	return unpack_columns(p, n_bytes, ret, n, 1, ret_kept, err);
}

_Static_assert(sizeof(tt_packed_hour) == 4 * sizeof(uint16_t), "an hour is four codes");

static bool is_empty(const tt_packed_hour *h)
{
	return !(h->mean | h->p95 | h->max | h->seconds);
}

int tt_pack_hours(const tt_packed_hour *v, size_t n, tt_buf *out, tt_err *err)
{
	tt_stretch kept = { 0, n };

	while (kept.first < kept.end && is_empty(&v[kept.first]))
		kept.first++;
	while (kept.end > kept.first && is_empty(&v[kept.end - 1]))
		kept.end--;
	return pack_columns((const uint16_t *)v, n, 4, kept, out, err);
}

int tt_unpack_hours(const void *p, size_t n_bytes, tt_packed_hour *ret, size_t n,
                    tt_stretch *ret_kept, tt_err *err)
{
	return unpack_columns(p, n_bytes, (uint16_t *)ret, n, 4, ret_kept, err);
}

/* Codes with their counts; then, for the few whose seconds are not count x step, where
 * they stand in that list and the difference. */
void tt_pack_histogram(const tt_histogram *h, int64_t step_s, tt_buf *out)
{
	uint32_t last = 0;
	uint64_t used = 0, at = 0;

	for (uint32_t i = 0; i < h->n; i++)
		used += h->v[i].n > 0;
	put(out, (uint64_t)step_s);
	put(out, used);
	for (uint32_t i = 0; i < h->n; i++) {
		if (h->v[i].n == 0)
			continue;
		put(out, h->lo + i - last);
		put(out, h->v[i].n);
		last = h->lo + i;
	}
	for (uint32_t i = 0; i < h->n; i++) {
		int64_t more = (int64_t)h->v[i].seconds - step_s * h->v[i].n;
		if (h->v[i].n == 0)
			continue;
		if (more != 0) {
			put(out, at);
			put(out, zigzag(more));
			at = 0;
		}
		at++;
	}
}

int tt_unpack_histogram(const void *p, size_t n, tt_weight *ret, size_t n_codes, tt_err *err)
{
	bytes b = { p, (const unsigned char *)p + n, 0 };
	uint64_t code = 0, step_s = get(&b), used = get(&b), at = 0;

	memset(ret, 0, n_codes * sizeof *ret);
	if (b.bad || used > n_codes || step_s > UINT32_MAX)
		return damaged(err, "histogram");
	for (uint64_t i = 0; i < used; i++) {
		code += get(&b);
		uint64_t count = get(&b);
		if (b.bad || code >= n_codes || count > UINT32_MAX || step_s * count > UINT32_MAX)
			return damaged(err, "histogram");
		ret[code] = (tt_weight){ (uint32_t)count, (uint32_t)(step_s * count) };
	}
	code = 0;
	while (b.p < b.end && !b.bad) {
		at = get(&b);
		int64_t more = unzigzag(get(&b));
		while (code < n_codes && (ret[code].n == 0 || at-- > 0))
			code++;
		if (b.bad || code >= n_codes || more < -(int64_t)ret[code].seconds ||
		    more > UINT32_MAX - (int64_t)ret[code].seconds)
			return damaged(err, "histogram");
		ret[code].seconds = (uint32_t)(ret[code].seconds + more);
	}
	return b.bad ? damaged(err, "histogram") : TT_OK;
}

/* Seconds are mostly whole steps: those are written as the number of steps. */
void tt_pack_bins(const uint32_t *v, size_t n, int64_t step_s, tt_buf *out)
{
	size_t last = 0;

	put(out, (uint64_t)step_s);
	for (size_t i = 0; i < n; i++) {
		if (v[i] == 0)
			continue;
		put(out, i - last);
		put(out, v[i] % step_s == 0 ? (uint64_t)(v[i] / step_s) << 1
		                            : (uint64_t)v[i] << 1 | 1);
		last = i;
	}
}

int tt_unpack_bins(const void *p, size_t n_bytes, uint32_t *ret, size_t n, tt_err *err)
{
	bytes b = { p, p ? (const unsigned char *)p + n_bytes : NULL, 0 };
	uint64_t at = 0, step_s = get(&b);

	memset(ret, 0, n * sizeof *ret);
	while (b.p < b.end && !b.bad) {
		at += get(&b);
		uint64_t v = get(&b), seconds = v & 1 ? v >> 1 : (v >> 1) * step_s;
		if (b.bad || at >= n || (v >> 1) > UINT32_MAX || step_s > UINT32_MAX ||
		    seconds > UINT32_MAX)
			return damaged(err, "bins");
		ret[at] = (uint32_t)seconds;
	}
	return b.bad ? damaged(err, "bins") : TT_OK;
}

/* --- Curves ---------------------------------------------------------------------------- */

/* Eight-byte numbers with their bytes apart: what changes slowly compresses well. */
static int pack_words(const uint64_t *v, size_t n, tt_buf *out, tt_err *err)
{
	uint8_t *buf = tt_alloc(n * 8);

	if (!buf)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < 8; k++)
			buf[k * n + i] = (uint8_t)(v[i] >> (8 * k));
	int rc = squeeze(buf, n * 8, out, err);
	tt_free(buf);
	return rc;
}

/* Into n numbers of eight bytes, whatever their type. */
static int unpack_words(const void *p, size_t n_bytes, void *ret, size_t n, tt_err *err)
{
	if (!holds(p, n_bytes, n, 8))
		return not_held(n, err);
	uint8_t *buf = tt_alloc(n * 8);
	if (!buf)
		return tt_no_memory(err);
	int rc = expand(p, n_bytes, buf, n, 8, err);
	for (size_t i = 0; rc == TT_OK && i < n; i++) {
		uint64_t w = 0;
		for (size_t k = 0; k < 8; k++)
			w |= (uint64_t)buf[k * n + i] << (8 * k);
		memcpy((char *)ret + i * sizeof w, &w, sizeof w);
	}
	tt_free(buf);
	return rc;
}

int tt_packed_words(const void *p, size_t n_bytes, uint64_t n)
{
	return holds(p, n_bytes, n, 8);
}

int tt_pack_times(const int64_t *v, size_t n, tt_buf *out, tt_err *err)
{
	uint64_t *d = tt_alloc(n * sizeof *d);

	if (!d)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		d[i] = (uint64_t)v[i] - (i ? (uint64_t)v[i - 1] : 0);
	int rc = pack_words(d, n, out, err);
	tt_free(d);
	return rc;
}

int tt_unpack_times(const void *p, size_t n_bytes, int64_t *ret, size_t n, tt_err *err)
{
	uint64_t sum = 0;

	TT_TRY(unpack_words(p, n_bytes, ret, n, err));
	for (size_t i = 0; i < n; i++) {
		sum += (uint64_t)ret[i];
		ret[i] = (int64_t)sum;
	}
	return TT_OK;
}

int tt_pack_f64(const double *v, size_t n, tt_buf *out, tt_err *err)
{
	uint64_t *w = tt_alloc(n * sizeof *w);

	if (!w)
		return tt_no_memory(err);
	memcpy(w, v, n * sizeof *w);
	int rc = pack_words(w, n, out, err);
	tt_free(w);
	return rc;
}

int tt_unpack_f64(const void *p, size_t n_bytes, double *ret, size_t n, tt_err *err)
{
	return unpack_words(p, n_bytes, ret, n, err);
}

/* --- Rows ------------------------------------------------------------------------------ */

static uint64_t divisor(uint64_t a, uint64_t b)
{
	while (b) {
		const uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/* What codes are made of: above the least value, in units of what divides all of them. */
static void column_scale(const int64_t *v, size_t n, int64_t *ret_least, uint64_t *ret_unit)
{
	int64_t least = INT64_MAX;
	uint64_t unit = 0;

	for (size_t i = 0; i < n; i++)
		if (v[i] != INT64_MIN && v[i] < least)
			least = v[i];
	for (size_t i = 0; i < n && unit != 1; i++)
		if (v[i] != INT64_MIN)
			unit = divisor((uint64_t)v[i] - (uint64_t)least, unit);
	*ret_least = least == INT64_MAX ? 0 : least;
	*ret_unit = unit ? unit : 1;
}

/* Least value, unit and bytes of a code; then differences of codes (0: missing), their
 * bytes apart. Readings have few digits, times and lines few distances: small codes. */
void tt_pack_column(const int64_t *v, size_t n, tt_buf *out)
{
	uint64_t code[TT_PACK_ROWS], unit, last = 0, all = 0;
	char plane[TT_PACK_ROWS];
	unsigned width = 0;
	int64_t least;

	column_scale(v, n, &least, &unit);
	for (size_t i = 0; i < n; i++) {
		const uint64_t x = v[i] == INT64_MIN ? 0
			: ((uint64_t)v[i] - (uint64_t)least) / unit + 1;
		code[i] = zigzag((int64_t)(x - last));
		last = x;
		all |= code[i];
	}
	for (; width < 8 && all >> (8 * width); width++)
		;
	put(out, zigzag(least));
	put(out, unit);
	put(out, width);
	for (unsigned k = 0; k < width; k++) {
		for (size_t i = 0; i < n; i++)
			plane[i] = (char)(code[i] >> (8 * k));
		tt_buf_add(out, plane, n);
	}
}

int tt_unpack_column(const unsigned char **at, const unsigned char *end, int64_t *ret, size_t n,
                     tt_err *err)
{
	bytes b = { *at, end, 0 };
	const uint64_t least = (uint64_t)unzigzag(get(&b)), unit = get(&b), width = get(&b);
	uint64_t last = 0;

	if (b.bad || width > 8 || (size_t)(b.end - b.p) < width * n)
		return damaged(err, "rows");
	for (size_t i = 0; i < n; i++) {
		uint64_t code = 0;
		for (size_t k = 0; k < width; k++)
			code |= (uint64_t)b.p[k * n + i] << (8 * k);
		last += (uint64_t)unzigzag(code);
		ret[i] = last ? (int64_t)(least + (last - 1) * unit) : INT64_MIN;
	}
	*at = b.p + width * n;
	return TT_OK;
}

int tt_pack_piece(const tt_buf *columns, tt_buf *out, tt_err *err)
{
	if (columns->failed)
		return tt_no_memory(err);
	put(out, tt_hash(TT_HASH_START, tt_buf_text(columns), columns->n));
	return squeeze(tt_buf_text(columns), columns->n, out, err);
}

int tt_unpack_piece(const void *p, size_t n_bytes, void *buf, size_t cap, size_t *ret_n,
                    tt_err *err)
{
	bytes b = { p, p ? (const unsigned char *)p + n_bytes : NULL, 0 };
	const uint64_t sum = get(&b);

	if (b.bad)
		return damaged(err, "rows");
	size_t got = ZSTD_decompress(buf, cap, b.p, (size_t)(b.end - b.p));
	if (ZSTD_isError(got) || tt_hash(TT_HASH_START, buf, got) != sum)
		return damaged(err, "rows");
	*ret_n = got;
	return TT_OK;
}
