/* pack.c - everything that is packed unpacks to the same; a damaged blob is refused or
 * unpacks to something, and nothing is read or written out of bounds. */
#include "snapshot/pack.h"
#include "base/memory.h"
#include "t.h"

static uint64_t seed = 7;
static tt_err err;

static uint64_t next(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* --- Round trips --------------------------------------------------------------------- */

enum { CONSTANT, WALK, NOISE, EXTREMES, MISSING, EDGES, NOTHING, SHAPES };

static uint16_t a_code(int shape, size_t i, size_t n, uint16_t last)
{
	switch (shape) {
	case EDGES: /* a card that came late and went early */
		return i < n / 3 || i >= n - n / 4 ? TT_CODE_MISSING : (uint16_t)(i % 7 * 100);
	case NOTHING:
		return TT_CODE_MISSING;
	case CONSTANT:
		return 345;
	case WALK:
		return (uint16_t)(last + next() % 9 - 4);
	case NOISE:
		return (uint16_t)next();
	case EXTREMES:
		return next() % 2 ? 0 : UINT16_MAX;
	default:
		return next() % 3 ? TT_CODE_MISSING : (uint16_t)(next() % 1002);
	}
}

/* How many are not what they were; those that are not kept are missing, and stay. */
static size_t wrong(const uint16_t *v, const uint16_t *got, size_t n, tt_stretch kept)
{
	size_t ret = 0;

	for (size_t i = 0; i < n; i++) {
		int is_kept = i >= kept.first && i < kept.end;

		ret += got[i] != (is_kept ? v[i] : 0xa5a5) || (!is_kept && v[i] != TT_CODE_MISSING);
	}
	return ret;
}

static void codes(void)
{
	static const size_t sizes[] = { 0, 1, 2, 511, 512, 513, 40320 };
	static uint16_t v[40320], got[40320];

	for (int shape = 0; shape < SHAPES; shape++)
		for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
			size_t n = sizes[k];
			tt_stretch kept;
			tt_buf out = { 0 }, again = { 0 };
			for (size_t i = 0; i < n; i++)
				v[i] = a_code(shape, i, n, i ? v[i - 1] : 500);
			T_INT(TT_OK, tt_pack_codes(v, n, &out, &err));
			T_INT(TT_OK, tt_pack_codes(v, n, &again, &err));
			T_OK(out.n == again.n && memcmp(out.p, again.p, out.n) == 0);
			memset(got, 0xa5, sizeof got);
			T_INT(TT_OK, tt_unpack_codes(out.p, out.n, got, n, &kept, &err));
			T_INT(0, wrong(v, got, n, kept));
			T_OK(shape != EDGES || n < 512 ||
			     (kept.first == n / 3 && kept.end == n - n / 4));
			T_OK(shape != NOTHING || (kept.first == kept.end && out.n < 8));
			T_INT(0xa5a5, n < 40320 ? got[n] : 0xa5a5); /* not one more */
			err = (tt_err){ 0 };
			T_INT(TT_EDATA, tt_unpack_codes(out.p, out.n, got, n + 1, &kept, &err));
			T_HAS("damaged", err.text);
			T_OK(shape > WALK || n < 512 || out.n < n);
			tt_buf_free(&out);
			tt_buf_free(&again);
		}
}

static void hours(void)
{
	static tt_packed_hour v[720], got[720];
	tt_stretch kept;
	tt_buf out = { 0 };

	for (size_t i = 0; i < 720; i++)
		if (i >= 100 && i < 600 && (next() % 5 || i == 100 || i == 599))
			v[i] = (tt_packed_hour){ (uint16_t)next(), (uint16_t)next(),
				(uint16_t)next(), (uint16_t)(1 + next() % 3600) };
	T_INT(TT_OK, tt_pack_hours(v, 720, &out, &err));
	T_INT(TT_OK, tt_unpack_hours(out.p, out.n, got, 720, &kept, &err));
	T_OK(kept.first == 100 && kept.end == 600);
	T_OK(memcmp(v, got, sizeof v) == 0); /* those that are not kept stayed zero */
	err = (tt_err){ 0 };
	T_INT(TT_EDATA, tt_unpack_hours(out.p, out.n, got, 719, &kept, &err));
	tt_buf_free(&out);
}

/* Of n codes from lo; seconds are mostly count x step. */
static tt_histogram a_histogram(uint32_t lo, uint32_t n, int64_t step_s)
{
	tt_histogram h = { .v = tt_zalloc(n, sizeof *h.v), .lo = lo, .n = n };

	for (uint32_t i = 0; i < n; i++) {
		uint32_t count = next() % 3 ? (uint32_t)(next() % 200) : 0;
		uint32_t seconds = (uint32_t)(count * step_s);
		if (count && next() % 4 == 0)
			seconds = (uint32_t)(next() % (5 * (uint64_t)seconds + 1));
		h.v[i] = (tt_weight){ count, seconds };
	}
	return h;
}

static void histograms(void)
{
	static tt_weight got[TT_LOG_CODES + 1];

	for (int turn = 0; turn < 200; turn++) {
		int64_t step_s = turn % 4 == 0 ? 1 : (int64_t)(next() % 86400);
		uint32_t lo = (uint32_t)(next() % 3000), n = (uint32_t)(next() % 700);
		tt_histogram h = a_histogram(lo, n, step_s);
		tt_buf out = { 0 };
		int wrong = 0;
		if (n > 0 && turn % 7 == 0)
			h.v[n - 1] = (tt_weight){ 1, UINT32_MAX };
		tt_pack_histogram(&h, step_s, &out);
		T_INT(TT_OK, tt_unpack_histogram(out.p, out.n, got, TT_LOG_CODES + 1, &err));
		for (uint32_t i = 0; i < TT_LOG_CODES + 1; i++) {
			tt_weight want = i >= lo && i - lo < n ? h.v[i - lo] : (tt_weight){ 0, 0 };
			wrong += got[i].n != want.n || (want.n && got[i].seconds != want.seconds);
		}
		T_INT(0, wrong);
		tt_buf_free(&out);
		tt_free(h.v);
	}
}

static void bins(void)
{
	for (int turn = 0; turn < 200; turn++) {
		uint32_t v[102], got[102];
		int64_t step_s = turn % 3 == 0 ? 1 : 1 + (int64_t)(next() % 3600);
		tt_buf out = { 0 };
		for (size_t i = 0; i < 102; i++)
			v[i] = next() % 3 ? 0 :
				next() % 2 ? (uint32_t)(step_s * (int64_t)(next() % 1000))
				: (uint32_t)next();
		tt_pack_bins(v, 102, step_s, &out);
		T_INT(TT_OK, tt_unpack_bins(out.p, out.n, got, 102, &err));
		T_OK(memcmp(v, got, sizeof v) == 0);
		tt_buf_free(&out);
	}
}

static void curves(void)
{
	static int64_t t[3000], got_t[3000];
	static double f[3000], got_f[3000];
	static const double odd[] = { 0, -0.0, 1e300, -1e-300, 5e-324, 0.1, 1 / 3.0 };
	tt_buf times = { 0 }, values = { 0 };

	for (size_t i = 0; i < 3000; i++) {
		t[i] = (i ? t[i - 1] : -5000000000) + (int64_t)(next() % 7200);
		f[i] = next() % 9 == 0 ? (double)NAN : next() % 2 ? odd[next() % 7]
			: (double)(next() % 100000) / 8;
	}
	t[0] = INT64_MIN; /* differences wrap and come back */
	t[2999] = INT64_MAX;
	T_INT(TT_OK, tt_pack_times(t, 3000, &times, &err));
	T_INT(TT_OK, tt_unpack_times(times.p, times.n, got_t, 3000, &err));
	T_OK(memcmp(t, got_t, sizeof t) == 0);
	T_INT(TT_OK, tt_pack_f64(f, 3000, &values, &err));
	T_INT(TT_OK, tt_unpack_f64(values.p, values.n, got_f, 3000, &err));
	T_OK(memcmp(f, got_f, sizeof f) == 0); /* to the bit, NaN and -0 too */

	T_INT(1, tt_packed_words(times.p, times.n, 3000));
	T_INT(0, tt_packed_words(times.p, times.n, 2999));
	T_INT(0, tt_packed_words(times.p, times.n, UINT64_MAX / 8 + 3001)); /* x 8 wraps */
	T_INT(0, tt_packed_words(times.p, 3, 3000));
	T_INT(0, tt_packed_words(NULL, 0, 0));
	tt_buf_free(&times);
	tt_buf_free(&values);
}

/* --- Damage ---------------------------------------------------------------------------- */

typedef struct kind {
	const char *name;
	int (*unpack)(const void *p, size_t bytes, void *ret, size_t n, tt_err *err);
	size_t n, size;   /* what the blob holds; bytes of one of them */
	tt_buf blob;
} kind;

static int codes_of(const void *p, size_t bytes, void *ret, size_t n, tt_err *e)
{
	tt_stretch kept;

	return tt_unpack_codes(p, bytes, ret, n, &kept, e);
}

static int hours_of(const void *p, size_t bytes, void *ret, size_t n, tt_err *e)
{
	tt_stretch kept;

	return tt_unpack_hours(p, bytes, ret, n, &kept, e);
}

static int histogram_of(const void *p, size_t bytes, void *ret, size_t n, tt_err *e)
{
	return tt_unpack_histogram(p, bytes, ret, n, e);
}

static int bins_of(const void *p, size_t bytes, void *ret, size_t n, tt_err *e)
{
	return tt_unpack_bins(p, bytes, ret, n, e);
}

static int times_of(const void *p, size_t bytes, void *ret, size_t n, tt_err *e)
{
	return tt_unpack_times(p, bytes, ret, n, e);
}

static int f64_of(const void *p, size_t bytes, void *ret, size_t n, tt_err *e)
{
	return tt_unpack_f64(p, bytes, ret, n, e);
}

/* The blob is copied to memory of its own size, so that a sanitizer sees every byte
 * beyond it. Returns the status, which has to fit what is said. */
static int try(const kind *k, const char *p, size_t bytes)
{
	char *copy = tt_alloc(bytes), *ret = tt_alloc(k->n * k->size);
	tt_err e = { 0 };

	memcpy(copy, p, bytes);
	int rc = k->unpack(copy, bytes, ret, k->n, &e);
	T_OK((rc == TT_OK && e.text[0] == 0) || (rc == TT_EDATA && strstr(e.text, "damaged")));
	tt_free(copy);
	tt_free(ret);
	return rc;
}

static void damage(kind *k)
{
	size_t refused = 0;

	T_INT(TT_OK, try(k, k->blob.p, k->blob.n));
	for (size_t n = 0; n < k->blob.n; n++)
		refused += try(k, k->blob.p, n) < 0;
	/* zstd notices a missing end; a list of varints may end between two of them */
	T_(refused == k->blob.n || k->unpack == histogram_of || k->unpack == bins_of,
	   "%s: %zu of %zu cut off were refused", k->name, refused, k->blob.n);
	for (size_t i = 0; i < k->blob.n; i++)
		for (int bit = 0; bit < 8; bit++) {
			k->blob.p[i] ^= (char)(1 << bit);
			refused += try(k, k->blob.p, k->blob.n) < 0;
			k->blob.p[i] ^= (char)(1 << bit);
		}
	T_OK(refused > 0);
	for (int turn = 0; turn < 2000; turn++) { /* rubbish, and behind a good start */
		char rubbish[64];
		for (size_t i = 0; i < sizeof rubbish; i++)
			rubbish[i] = (char)next();
		size_t keep = next() % 6 < 3 ? 0 : next() % 20;
		memcpy(rubbish, k->blob.p, keep < k->blob.n ? keep : k->blob.n);
		try(k, rubbish, next() % (sizeof rubbish + 1));
	}
	tt_buf_free(&k->blob);
}

static void damaged(void)
{
	uint16_t code[300];
	tt_packed_hour hour[50];
	uint32_t bin[102] = { 0 };
	int64_t time[200];
	double f[200];
	kind codes_kind = { "codes", codes_of, 300, 2, { 0 } };
	kind hours_kind = { "hours", hours_of, 50, sizeof *hour, { 0 } };
	kind histogram_kind = { "histogram", histogram_of, 1002, sizeof(tt_weight), { 0 } };
	kind bins_kind = { "bins", bins_of, 102, 4, { 0 } };
	kind times_kind = { "times", times_of, 200, 8, { 0 } };
	kind f64_kind = { "f64", f64_of, 200, 8, { 0 } };
	tt_histogram h = a_histogram(30, 200, 60);

	for (size_t i = 0; i < 300; i++)
		code[i] = a_code(WALK, i, 300, i ? code[i - 1] : 500);
	for (size_t i = 0; i < 50; i++)
		hour[i] = (tt_packed_hour){ 1, (uint16_t)(i % 7), (uint16_t)next(), 3600 };
	for (size_t i = 0; i < 102; i += 5)
		bin[i] = (uint32_t)next();
	for (size_t i = 0; i < 200; i++) {
		time[i] = 1700000000 + (int64_t)i * 3600 + (int64_t)(next() % 3);
		f[i] = (double)(next() % 50) / 4;
	}
	tt_pack_codes(code, 300, &codes_kind.blob, &err);
	tt_pack_hours(hour, 50, &hours_kind.blob, &err);
	tt_pack_histogram(&h, 60, &histogram_kind.blob);
	tt_pack_bins(bin, 102, 60, &bins_kind.blob);
	tt_pack_times(time, 200, &times_kind.blob, &err);
	tt_pack_f64(f, 200, &f64_kind.blob, &err);
	damage(&codes_kind);
	damage(&hours_kind);
	damage(&histogram_kind);
	damage(&bins_kind);
	damage(&times_kind);
	damage(&f64_kind);
	tt_free(h.v);
}

/* Columns of one piece, one of them empty; a changed byte is found by the checksum. */
static void rows(void)
{
	static const int64_t column[][4] = { { 0, 0, 0, 0 }, { INT64_MIN, INT64_MIN, 5, INT64_MIN },
		{ INT64_MAX, INT64_MIN + 1, 0, -1 }, { 1700000000, 1700000060, 1700000120, 7 },
		{ 100000, 300000, INT64_MIN, 1000000 } };
	enum { COLUMNS = sizeof column / sizeof *column };
	tt_buf raw = { 0 }, out = { 0 };
	unsigned char buf[1024];
	int64_t got[TT_PACK_ROWS];
	size_t n = 0;

	for (size_t c = 0; c < COLUMNS; c++)
		tt_pack_column(column[c], 4, &raw);
	T_INT(TT_OK, tt_pack_piece(&raw, &out, &err));
	T_INT(TT_OK, tt_unpack_piece(out.p, out.n, buf, sizeof buf, &n, &err));
	const unsigned char *at = buf;
	for (size_t c = 0; c < COLUMNS; c++) {
		T_INT(TT_OK, tt_unpack_column(&at, buf + n, got, 4, &err));
		T_OK(memcmp(column[c], got, sizeof column[c]) == 0);
	}
	T_OK(at == buf + n);
	for (size_t i = 0; i < out.n; i++) {
		tt_err why = { 0 };
		out.p[i] = (char)(out.p[i] ^ 1);
		const int rc = tt_unpack_piece(out.p, out.n, buf, sizeof buf, &n, &why);
		/* or it is a bit that says nothing */
		T_OK(rc == TT_EDATA || memcmp(buf, raw.p, raw.n) == 0);
		out.p[i] = (char)(out.p[i] ^ 1);
	}
	for (size_t cut = 0; cut < raw.n; cut++) { /* columns that end too early */
		const unsigned char *from = (const unsigned char *)raw.p, *end = from + cut;
		tt_err why = { 0 };
		int rc = TT_OK;
		for (size_t c = 0; c < COLUMNS && rc == TT_OK; c++)
			rc = tt_unpack_column(&from, end, got, 4, &why);
		T_INT(TT_EDATA, rc);
	}
	tt_buf_free(&raw);
	tt_buf_free(&out);
}

/* A length from a damaged file must not cost its memory. */
static void claims(void)
{
	const size_t n = (size_t)1 << 40;
	uint16_t code = 1;
	tt_stretch kept;
	tt_buf out = { 0 };

	T_INT(TT_OK, tt_pack_codes(&code, 1, &out, &err));
	err = (tt_err){ 0 };
	T_OK(tt_unpack_codes(out.p, out.n, &code, n, &kept, &err) < 0);
	err = (tt_err){ 0 };
	T_OK(tt_unpack_hours(out.p, out.n, (tt_packed_hour *)(void *)&code, n, &kept, &err) < 0);
	err = (tt_err){ 0 };
	T_INT(0, tt_packed_words(out.p, out.n, n));
	tt_buf_free(&out);
}

int main(void)
{
	codes();
	hours();
	err = (tt_err){ 0 };
	histograms();
	bins();
	curves();
	rows();
	T_STR("", err.text);
	damaged();
	claims();
	return T_END();
}
