/* finding.c - the bytes of a finding as a damaged worker may send them: refused, or a
 * finding within its rules whose bytes read back as the same. */
#include "finding/finding.h"
#include "fuzz.h"
#include <math.h>

static void check_text(const char *s)
{
	FUZZ_MUST(s && strlen(s) <= 1024 && tt_line_span(s, strlen(s)) == strlen(s));
}

static void check(const tt_found *f)
{
	char id[64];

	tt_found_id(f->detector, f->verdict, f->subject_kind, f->subject_id, id);
	FUZZ_MUST(strcmp(id, f->id) == 0 && tt_id_ok(f->detector) && f->title[0]);
	check_text(f->verdict);
	check_text(f->title);
	check_text(f->subject_id);
	check_text(f->owner);
	check_text(f->risk_note);
	FUZZ_MUST(f->coverage_ratio >= 0 && f->coverage_ratio <= 1);
	FUZZ_MUST(f->confidence_ratio >= 0 && f->confidence_ratio <= 1);
	FUZZ_MUST(f->effort_days >= 0 && f->risk >= TT_RISK_NONE && f->risk <= TT_RISK_HIGH);
	FUZZ_MUST(f->n_evidence <= 64 && f->n_changes <= 256 && f->n_alternatives <= 256);
	for (size_t i = 0; i < f->n_evidence; i++) {
		FUZZ_MUST(tt_id_ok(f->evidence[i].key) && !isinf(f->evidence[i].value));
		if (f->evidence[i].text)
			check_text(f->evidence[i].text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	tt_arena *arena = tt_arena_new();
	tt_err err[3] = { { 0 } };
	tt_buf bytes = { 0 }, again = { 0 };
	tt_found f = { .id = "" }, g = { .id = "" };

	int rc = tt_found_read((const char *)data, size, arena, &f, &err[0]);
	fuzz_status(rc, TT_EINVAL, &err[0]);
	FUZZ_MUST(tt_found_read((const char *)data, size, arena, &g, &err[1]) == rc);
	FUZZ_MUST(strcmp(err[0].text, err[1].text) == 0);
	if (rc == TT_OK) {
		check(&f);
		tt_found_write(&f, &bytes);
		rc = tt_found_read(tt_buf_text(&bytes), bytes.n, arena, &g, &err[2]);
		if (rc < 0)
			fprintf(stderr, "%s\n", err[2].text);
		FUZZ_MUST(rc == TT_OK && strcmp(f.id, g.id) == 0);
		tt_found_write(&g, &again);
		fuzz_same(&bytes, &again);
	}
	tt_buf_free(&bytes);
	tt_buf_free(&again);
	tt_arena_free(arena);
	return 0;
}
