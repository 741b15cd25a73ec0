/* offers.c - any bytes as a file of offers. What is accepted keeps its limits, and is read the
 * same twice. */
#include "commit/offer_file.h"
#include "fuzz.h"

static void check_money(tt_decimal v)
{
	FUZZ_MUST(v == TT_DECIMAL_MISSING || v >= 0);
}

static void check(const tt_listed_offer *o)
{
	FUZZ_MUST(*o->id && tt_utf8_ok(o->id, strlen(o->id)));
	FUZZ_MUST(o->term_h > 0 && o->lot > 0 && o->least >= 0);
	FUZZ_MUST(!o->most || (o->most >= o->least && o->most >= o->lot));
	FUZZ_MUST(o->from_s == TT_TIME_MISSING || o->until_s == TT_TIME_MISSING ||
	          o->from_s < o->until_s);
	FUZZ_MUST(o->sold != TT_SOLD_IN_DAYS || o->starts_s != TT_TIME_MISSING);
	FUZZ_MUST(o->sold == TT_SOLD_IN_MONEY || *o->scope.instance_type || *o->scope.gpu_model);
	check_money(o->rate_per_hour);
	check_money(o->upfront);
	for (size_t i = 0; i < o->n_rates; i++) {
		const tt_offer_rate *r = &o->rates[i];

		FUZZ_MUST((r->price_per_hour == TT_DECIMAL_MISSING) !=
		          (r->discount_ratio == TT_DECIMAL_MISSING));
		FUZZ_MUST(r->price_per_hour == TT_DECIMAL_MISSING || r->price_per_hour > 0);
		FUZZ_MUST(r->discount_ratio == TT_DECIMAL_MISSING ||
		          (r->discount_ratio > 0 && r->discount_ratio < TT_DECIMAL_ONE));
	}
}

static void load(const char *path, tt_buf *out)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_offer_file f = { .path = "" };
	tt_err err = { 0 };
	int rc;

	FUZZ_MUST(arena != NULL);
	rc = tt_offer_file_read(path, arena, &f, &err);
	fuzz_status(rc, TT_EDATA, &err);
	tt_buf_puts(out, err.text);
	if (rc < 0)
		return;
	FUZZ_MUST(f.n > 0 && strlen(f.digest) == 16);
	for (size_t i = 0; i < f.n; i++) {
		check(&f.v[i]);
		tt_buf_printf(out, "%s %s %lld %lld\n", f.v[i].id, f.v[i].kind,
		              (long long)f.v[i].term_h, (long long)f.v[i].most);
	}
	for (size_t i = 0; i < f.n_needs; i++)
		FUZZ_MUST(f.needs[i].units > 0 && f.needs[i].from_s < f.needs[i].until_s);
	tt_buf_puts(out, f.digest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_file file;
	tt_buf out[2] = { { 0 } };

	fuzz_file_open(&file, data, size);
	for (int i = 0; i < 2; i++)
		load(file.path, &out[i]);
	fuzz_same(&out[0], &out[1]);
	for (int i = 0; i < 2; i++)
		tt_buf_free(&out[i]);
	close(file.fd);
	return 0;
}
