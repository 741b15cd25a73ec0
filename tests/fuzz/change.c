/* change.c - a change from any text: its canonical text parses back to the same change,
 * and is its own canonical text. */
#include "change/change.h"
#include "fuzz.h"
#include <math.h>

static void check(const tt_change *c)
{
	FUZZ_MUST(tt_verb_text(c->verb)[0] && c->n_subjects > 0 && c->n_args <= TT_CHANGE_ARGS);
	FUZZ_MUST(c->effort_days >= 0 && c->effort_days <= 100000);
	FUZZ_MUST(c->adoption_ratio >= 0 && c->adoption_ratio <= 1);
	FUZZ_MUST(c->realisation_ratio >= 0 && c->realisation_ratio <= 1);
	FUZZ_MUST(c->risk >= TT_RISK_NONE && c->risk <= TT_RISK_HIGH);
	for (size_t i = 0; i < c->n_subjects; i++) {
		const tt_change_subject *s = &c->subjects[i], *last = i ? s - 1 : NULL;
		FUZZ_MUST(s->kind < TT_SUBJECT_END && strlen(s->id) <= TT_CHANGE_VALUE_MAX);
		FUZZ_MUST(tt_line_span(s->id, strlen(s->id)) == strlen(s->id));
		FUZZ_MUST(!last || last->kind < s->kind ||
		          (last->kind == s->kind && strcmp(last->id, s->id) < 0));
	}
	for (size_t i = 0; i < c->n_args; i++)
		FUZZ_MUST(c->args[i].text && tt_change_get(c, c->args[i].key) == &c->args[i]);
}

static bool same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static void check_same(const tt_change *a, const tt_change *b)
{
	FUZZ_MUST(a->verb == b->verb && a->n_subjects == b->n_subjects && a->n_args == b->n_args);
	for (size_t i = 0; i < a->n_subjects; i++)
		FUZZ_MUST(a->subjects[i].kind == b->subjects[i].kind &&
		          strcmp(a->subjects[i].id, b->subjects[i].id) == 0);
	for (size_t i = 0; i < a->n_args; i++)
		FUZZ_MUST(a->args[i].key == b->args[i].key &&
		          strcmp(a->args[i].text, b->args[i].text) == 0 &&
		          same_number(a->args[i].number, b->args[i].number));
	FUZZ_MUST(a->from_s == b->from_s && a->until_s == b->until_s && a->risk == b->risk);
	FUZZ_MUST(same_number(a->effort_days, b->effort_days));
	FUZZ_MUST(same_number(a->adoption_ratio, b->adoption_ratio));
	FUZZ_MUST(same_number(a->realisation_ratio, b->realisation_ratio));
	FUZZ_MUST(strcmp(a->excludes, b->excludes) == 0);
	FUZZ_MUST(tt_change_hash(a) == tt_change_hash(b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	tt_arena *arena = tt_arena_new();
	tt_err err[3] = { { 0 } };
	tt_buf text = { 0 }, again = { 0 };
	tt_change c = { 0 }, d = { 0 };
	char *s = malloc(size + 1); /* exact, so that one byte too far is seen */

	FUZZ_MUST(s && arena);
	memcpy(s, data, size);
	s[size] = 0;
	int rc = tt_change_parse(s, arena, &c, &err[0]);
	fuzz_status(rc, TT_EDATA, &err[0]);
	FUZZ_MUST(tt_change_parse(s, arena, &d, &err[1]) == rc);
	FUZZ_MUST(strcmp(err[0].text, err[1].text) == 0);
	if (rc == TT_OK) {
		check(&c);
		check_same(&c, &d);
		tt_change_text(&c, &text);
		FUZZ_MUST(!text.failed && tt_line_span(tt_buf_text(&text), text.n) == text.n);
		rc = tt_change_parse(tt_buf_text(&text), arena, &d, &err[2]);
		if (rc < 0)
			fprintf(stderr, "%s\n%s\n", tt_buf_text(&text), err[2].text);
		FUZZ_MUST(rc == TT_OK);
		check_same(&c, &d);
		tt_change_text(&d, &again);
		fuzz_same(&text, &again);
	}
	tt_buf_free(&text);
	tt_buf_free(&again);
	free(s);
	tt_arena_free(arena);
	return 0;
}
