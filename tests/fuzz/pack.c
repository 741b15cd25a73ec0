/* pack.c - packed data, as bytes of any kind, and as what was packed from any values.
 *
 * The first byte picks the kind of data (its low three bits), whether the rest is packed
 * data (bit 3 clear) or values (set), and how many values are asked for (the next two
 * bytes). Values unpack to what they were. Packed data is refused, or unpacks to values
 * that survive packing. */
#include "fuzz.h"
#include "snapshot/pack.h"

enum { CODES, HOURS, HISTOGRAM, BINS, TIMES, F64, KINDS };
static const size_t size_of[KINDS] = {
	[CODES] = sizeof(uint16_t), [HOURS] = sizeof(tt_packed_hour),
	[HISTOGRAM] = sizeof(tt_weight), [BINS] = sizeof(uint32_t),
	[TIMES] = sizeof(int64_t), [F64] = sizeof(double),
};

static int unpack(int kind, const void *p, size_t bytes, void *ret, size_t n, tt_err *err)
{
	tt_stretch kept; /* what is outside of it is missing */

	if (kind == CODES || kind == HOURS)
		memset(ret, kind == CODES ? 0xff : 0, n * size_of[kind]);
	switch (kind) {
	case CODES: return tt_unpack_codes(p, bytes, ret, n, &kept, err);
	case HOURS: return tt_unpack_hours(p, bytes, ret, n, &kept, err);
	case HISTOGRAM: return tt_unpack_histogram(p, bytes, ret, n, err);
	case BINS: return tt_unpack_bins(p, bytes, ret, n, err);
	case TIMES: return tt_unpack_times(p, bytes, ret, n, err);
	default: return tt_unpack_f64(p, bytes, ret, n, err);
	}
}

static int pack(int kind, void *v, size_t n, int64_t step_s, tt_buf *out, tt_err *err)
{
	const tt_histogram h = { .v = v, .lo = 0, .n = (uint32_t)n };

	switch (kind) {
	case CODES: return tt_pack_codes(v, n, out, err);
	case HOURS: return tt_pack_hours(v, n, out, err);
	case HISTOGRAM: tt_pack_histogram(&h, step_s, out); return TT_OK;
	case BINS: tt_pack_bins(v, n, step_s, out); return TT_OK;
	case TIMES: return tt_pack_times(v, n, out, err);
	default: return tt_pack_f64(v, n, out, err);
	}
}

/* A code that was never seen has no seconds. */
static void clean(int kind, tt_weight *w, size_t n)
{
	for (size_t i = 0; kind == HISTOGRAM && i < n; i++)
		if (w[i].n == 0)
			w[i].seconds = 0;
}

static void round_trip(int kind, void *v, size_t n, int64_t step_s)
{
	void *got = malloc(n * size_of[kind] + 1);
	tt_buf out = { 0 };
	tt_err err = { 0 };

	clean(kind, v, n);
	/* as they are packed: what a count may stand for fits its seconds */
	for (size_t i = 0; kind == HISTOGRAM && i < n; i++)
		if (((tt_weight *)v)[i].n > UINT32_MAX / step_s)
			step_s = 1;
	FUZZ_MUST(got && pack(kind, v, n, step_s, &out, &err) == TT_OK && !out.failed);
	FUZZ_MUST(unpack(kind, tt_buf_text(&out), out.n, got, n, &err) == TT_OK);
	FUZZ_MUST(memcmp(got, v, n * size_of[kind]) == 0);
	tt_buf_free(&out);
	free(got);
}

static void damaged(int kind, const uint8_t *p, size_t bytes, size_t n)
{
	void *v[2];
	tt_err err[2] = { { 0 } };
	int rc[2];

	for (int i = 0; i < 2; i++) {
		v[i] = calloc(n * size_of[kind] + 1, 1);
		FUZZ_MUST(v[i]);
		rc[i] = unpack(kind, p, bytes, v[i], n, &err[i]);
		fuzz_status(rc[i], TT_EDATA, &err[i]);
	}
	FUZZ_MUST(rc[0] == rc[1] && strcmp(err[0].text, err[1].text) == 0);
	if (rc[0] == TT_OK) {
		FUZZ_MUST(memcmp(v[0], v[1], n * size_of[kind]) == 0);
		round_trip(kind, v[0], n, 60);
		round_trip(kind, v[1], n, 1);
	}
	free(v[0]);
	free(v[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3 || (data[0] & 7) >= KINDS)
		return 0;
	int kind = data[0] & 7;
	size_t n = (size_t)(data[1] | data[2] << 8), room = (size - 3) / size_of[kind];

	if (!(data[0] & 8)) {
		damaged(kind, data + 3, size - 3, n);
		return 0;
	}
	void *v = malloc(room * size_of[kind] + 1);
	FUZZ_MUST(v);
	memcpy(v, data + 3, room * size_of[kind]);
	round_trip(kind, v, room, 1 + (int64_t)n);
	free(v);
	return 0;
}
