/* table_csv.c - the CSV file of a table into rows. */
#include "snapshot/table_csv.h"
#include "base/clock.h"
#include "base/csv.h"
#include "base/near.h"
#include "snapshot/focus.h"
#include "snapshot/labels.h"
#include "snapshot/table_sort.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NONE SIZE_MAX
#define FIELDS_MOST 32 /* of any table */
#define REJECTED 1 /* the row is counted and left out; not a failure */

typedef struct reading {
	const tt_table_def *def;
	tt_field_pairs pairs;   /* of def */
	const char *file;       /* without its folder */
	tt_csv *csv;
	tt_rows *rows;
	tt_rejects *rejects;
	size_t *column_of;      /* [def->n_fields] column in the file; NONE */
	tt_names *names;        /* distinct texts, so that each is kept once */
	tt_buf scratch;         /* a value in another form than the file's */
	const char **texts;     /* [n_texts] their copies in rows->text */
	size_t n_texts, cap_texts;
} reading;

/* --- Columns ------------------------------------------------------------------------ */
static size_t field_find(const tt_table_def *d, const char *name)
{
	for (size_t i = 0; i < d->n_fields; i++)
		if (strcmp(d->fields[i].name, name) == 0 && !(d->fields[i].flags & TT_FIELD_MADE))
			return i;
	return NONE;
}

static const char *renamed(const char *column, const tt_column *renames, size_t n_renames)
{
	for (size_t i = 0; i < n_renames; i++)
		if (strcmp(renames[i].file, column) == 0)
			return renames[i].field;
	return column;
}

static int no_column(reading *g, const char *name, tt_err *err)
{
	tt_buf found = { 0 };
	for (size_t i = 0; i < tt_csv_columns(g->csv) && found.n < 500; i++) {
		const char *s = tt_csv_column(g->csv, i);
		tt_buf_printf(&found, "%s\"%.*s\"", i ? ", " : "", tt_utf8_shown(s, strlen(s)), s);
	}
	const char *only = tt_csv_columns(g->csv) == 1 ? tt_csv_column(g->csv, 0) : "";
	const int rc = found.failed ? tt_no_memory(err)
		: tt_fail(err, TT_EDATA, "%s:1: no column \"%s\"; found %s%s", g->file, name,
			tt_buf_text(&found), strchr(only, ';')
			? " (columns are separated by ',', not ';')" : "");
	tt_buf_free(&found);
	return rc;
}

/* The field of the table that the file has no column for and that `s` may stand for. */
static const char *meant(const reading *g, const char *s)
{
	const char *words[FIELDS_MOST + 1];
	size_t n = 0;
	for (size_t i = 0; i < g->def->n_fields && n < FIELDS_MOST; i++)
		if (g->column_of[i] == NONE && !(g->def->fields[i].flags & TT_FIELD_MADE))
			words[n++] = g->def->fields[i].name;
	words[n] = NULL;
	return tt_nearest_word(s, words);
}

static void note_unknown(const reading *g, size_t column, tt_buf *notes)
{
	const char *s = tt_csv_column(g->csv, column), *near = meant(g, s);
	if (*s)
		tt_buf_printf(notes, "%s: column \"%.*s\" is not known and was passed over%s%s%s\n",
			g->file, tt_utf8_shown(s, strlen(s)), s,
			near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	else
		tt_buf_printf(notes, "%s: column %zu has no name and was passed over\n", g->file,
			column + 1);
}

/* The name in the file that stands for a field, for messages of missing columns. */
static const char *name_in_file(const char *field, const tt_column *renames, size_t n_renames)
{
	for (size_t i = 0; i < n_renames; i++)
		if (strcmp(renames[i].field, field) == 0)
			return renames[i].file;
	return field;
}

static int match_columns(reading *g, const tt_column *renames, size_t n_renames, tt_buf *notes,
                         tt_err *err)
{
	const tt_table_def *d = g->def;
	for (size_t i = 0; i < d->n_fields; i++)
		g->column_of[i] = NONE;
	for (size_t c = 0; c < tt_csv_columns(g->csv); c++) {
		const char *name = tt_csv_column(g->csv, c);
		const size_t i = field_find(d, renamed(name, renames, n_renames));
		if (i == NONE)
			continue;
		if (g->column_of[i] != NONE)
			return tt_fail(err, TT_EDATA,
				"%s:1: columns \"%s\" and \"%s\" both stand for %s", g->file,
				tt_csv_column(g->csv, g->column_of[i]), name, d->fields[i].name);
		g->column_of[i] = c;
	}
	if (d->focus)
		tt_focus_note(g->csv, g->file, notes);
	for (size_t c = 0; c < tt_csv_columns(g->csv) && !d->focus; c++)
		if (field_find(d, renamed(tt_csv_column(g->csv, c), renames, n_renames)) == NONE)
			note_unknown(g, c, notes);
	if (notes->failed)
		return tt_no_memory(err);
	for (size_t i = 0; i < d->n_fields; i++)
		if ((d->fields[i].flags & TT_FIELD_REQUIRED) && g->column_of[i] == NONE &&
		    !(d->fields[i].flags & TT_FIELD_MADE))
			return no_column(g, name_in_file(d->fields[i].name, renames, n_renames),
				err);
	return TT_OK;
}

/* --- Values -------------------------------------------------------------------------- */
static int reject(reading *g, const tt_csv_field *at, const char *kind, const char *text,
                  tt_err *err)
{
	const int rc = tt_reject_row(g->rejects, err, g->def->name, kind, "%s:%lld:%lld: %s",
		g->file, (long long)at->line, (long long)at->column, text);
	return rc < 0 ? rc : REJECTED;
}

/* Reject for a value: `gpus is "two", expected a decimal number of at least 0`. */
static int reject_value(reading *g, const tt_field *f, const tt_csv_field *at, const char *kind,
                        const char *expected, tt_err *err)
{
	char text[1408]; /* room for the reason why labels are not right */
	snprintf(text, sizeof text, "%s is \"%.*s\", expected %s", f->name,
		tt_utf8_shown(at->p, at->n), at->p, expected);
	return reject(g, at, kind, text, err);
}

static char *expected_number(const tt_field *f, double v, char *buf, size_t size)
{
	char lo[40], hi[40];
	const char *what = f->flags & TT_FIELD_WHOLE ? "a whole number" : "a decimal number";
	tt_format_f64(f->min, 6, lo, sizeof lo);
	tt_format_f64(f->max, 6, hi, sizeof hi);
	if (v > f->max)
		snprintf(buf, size, "%s of at most %s", what, hi);
	else if (f->min <= -f->max && !(v < f->min))
		snprintf(buf, size, "%s", what);
	else
		snprintf(buf, size, "%s of at least %s", what, lo);
	return buf;
}

static int take_f64(reading *g, const tt_field *f, const tt_csv_field *s, void *row, tt_err *err)
{
	char expected[128];
	double v = (double)NAN;
	if (!tt_parse_f64(s->p, s->n, &v))
		return reject_value(g, f, s, "wrong type",
			expected_number(f, (double)NAN, expected, sizeof expected), err);
	*(double *)(void *)((char *)row + f->offset) = v + 0.0; /* -0 is 0 */
	const enum tt_field_fault fault = tt_field_check(f, row);
	if (fault == TT_FIELD_FINE)
		return TT_OK;
	return reject_value(g, f, s, fault == TT_FIELD_NOT_WHOLE ? "wrong type" : "out of range",
		expected_number(f, v, expected, sizeof expected), err);
}

static size_t digits_after_point(const tt_csv_field *s)
{
	const char *point = memchr(s->p, '.', s->n);
	return point ? s->n - (size_t)(point - s->p) - 1 : 0;
}

static int take_decimal(reading *g, const tt_field *f, const tt_csv_field *s, void *row,
                        tt_err *err)
{
	char text[256];
	tt_decimal v = 0;
	switch (tt_decimal_parse(s->p, s->n, &v)) {
	case TT_DECIMAL_OK:
		break;
	case TT_DECIMAL_SYNTAX:
		return reject_value(g, f, s, "wrong type",
			expected_number(f, (double)NAN, text, sizeof text), err);
	case TT_DECIMAL_DIGITS:
		snprintf(text, sizeof text, "%s is \"%.*s\", which has %zu digits after the point, "
			"at most 12 are kept exactly", f->name, tt_utf8_shown(s->p, s->n), s->p,
			digits_after_point(s));
		return reject(g, s, "too many digits", text, err);
	case TT_DECIMAL_RANGE:
		return reject_value(g, f, s, "out of range",
			tt_decimal_fault_text(TT_DECIMAL_RANGE), err);
	}
	*(tt_decimal *)(void *)((char *)row + f->offset) = v;
	if (tt_field_check(f, row) == TT_FIELD_FINE)
		return TT_OK;
	return reject_value(g, f, s, "out of range",
		expected_number(f, v < 0 ? f->min - 1 : f->max + 1, text, sizeof text), err);
}

static int keep_text(reading *g, const char *p, size_t n, const char **ret, tt_err *err)
{
	const int64_t id = tt_names_add(g->names, p, n);
	if (id < 0)
		return tt_no_memory(err);
	if ((size_t)id == g->n_texts) {
		if (!TT_GROW(g->texts, g->n_texts, g->cap_texts))
			return tt_no_memory(err);
		const char *copy = tt_arena_text(g->rows->text, p, n);
		if (!copy)
			return tt_no_memory(err);
		g->texts[g->n_texts++] = copy;
	}
	*ret = g->texts[id];
	return TT_OK;
}

static int take_word(reading *g, const tt_field *f, const tt_csv_field *s, void *row,
                     tt_err *err)
{
	char expected[256] = "";
	size_t used = 0;
	TT_TRY(keep_text(g, s->p, s->n, (void *)((char *)row + f->offset), err));
	if (tt_field_check(f, row) == TT_FIELD_FINE)
		return TT_OK;
	for (size_t i = 0; f->words[i]; i++) {
		const char *w = f->words[i];
		used += (size_t)snprintf(expected + used, sizeof expected - used, "%s%s%s",
			i == 0 ? "" : f->words[i + 1] ? ", " : " or ", w,
			w[strlen(w) - 1] == ':' ? "<profile>" : "");
	}
	return reject_value(g, f, s, "unknown word", expected, err);
}

static int take_labels(reading *g, const tt_field *f, const tt_csv_field *s, const char **ret,
                       tt_err *err)
{
	tt_buf canonical = { 0 };
	tt_err why = { 0 };
	int rc = tt_labels_canonical(s->p, s->n, &canonical, &why);
	if (rc == TT_OK) {
		rc = keep_text(g, canonical.p, canonical.n, ret, err);
	} else if (rc == TT_EDATA) {
		char expected[sizeof why.text + 64];
		snprintf(expected, sizeof expected, "key=value;key=value: %s", why.text);
		rc = reject_value(g, f, s, "bad labels", expected, err);
	} else {
		rc = tt_no_memory(err);
	}
	tt_buf_free(&canonical);
	return rc;
}

static int take_time(reading *g, const tt_field *f, const tt_csv_field *s, int64_t *ret,
                     tt_err *err)
{
	if (tt_time_parse(s->p, s->n, ret))
		return TT_OK;
	return reject_value(g, f, s, "wrong type",
		"a time like 2026-01-05T08:00:00Z or whole Unix seconds", err);
}

static int take_bool(reading *g, const tt_field *f, const tt_csv_field *s, double *ret,
                     tt_err *err)
{
	bool v = false;
	if (!tt_parse_bool(s->p, s->n, &v))
		return reject_value(g, f, s, "wrong type", "true or false", err);
	*ret = v ? 1 : 0;
	return TT_OK;
}

/* One field that is not empty into the row. */
static int take_field(reading *g, const tt_field *f, const tt_csv_field *s, void *row, tt_err *err)
{
	void *at = (char *)row + f->offset;
	switch (f->type) {
	case TT_FIELD_TEXT:
		return keep_text(g, s->p, s->n, at, err);
	case TT_FIELD_WORD:
		return take_word(g, f, s, row, err);
	case TT_FIELD_LABELS:
		return take_labels(g, f, s, at, err);
	case TT_FIELD_F64:
		return take_f64(g, f, s, row, err);
	case TT_FIELD_TIME:
		return take_time(g, f, s, at, err);
	case TT_FIELD_DECIMAL:
		return take_decimal(g, f, s, row, err);
	case TT_FIELD_BOOL:
		return take_bool(g, f, s, at, err);
	}
	return TT_OK;
}

/* --- Rows ------------------------------------------------------------------------------ */
static int check_pair(reading *g, const tt_field_pair *p, const tt_csv_field *s, const void *row,
                      tt_err *err)
{
	const tt_field *a = p->low, *b = p->high;
	if (!tt_row_contradicts(p, row))
		return TT_OK;
	tt_buf text = { 0 };
	const tt_csv_field *at = &s[g->column_of[b - g->def->fields]];
	tt_buf_printf(&text, "%s is \"%.*s\", which is %s %s ", b->name,
		tt_utf8_shown(at->p, at->n), at->p, p->relation, a->name);
	tt_field_describe(a, row, &text);
	const int rc = text.failed ? tt_no_memory(err)
		: reject(g, at, a->type == TT_FIELD_TIME ? "end before start" : "least above most",
			text.p, err);
	tt_buf_free(&text);
	return rc;
}

/* The value in the form of the tables, where a bill has one of its own. */
static int focus_value(reading *g, const tt_field *f, tt_csv_field *at, tt_err *err)
{
	tt_err why = { 0 };
	const int rc = tt_focus_value(f, at, &g->scratch, &why);
	char expected[sizeof why.text + 64];
	if (rc == TT_OK)
		return TT_OK;
	if (rc != TT_EDATA)
		return tt_no_memory(err);
	snprintf(expected, sizeof expected, "a JSON map: %s", why.text);
	return reject_value(g, f, at, "bad labels", expected, err);
}

static int take_column(reading *g, const tt_field *f, tt_csv_field at, void *row, tt_err *err)
{
	if (g->def->focus) {
		const int rc = focus_value(g, f, &at, err);
		if (rc != TT_OK)
			return rc;
	}
	if (at.n)
		return take_field(g, f, &at, row, err);
	return f->flags & TT_FIELD_REQUIRED
		? reject_value(g, f, &at, "missing value", "a value", err) : TT_OK;
}

static int take_row(reading *g, const tt_csv_field *s, void *row, tt_err *err)
{
	const tt_table_def *d = g->def;
	for (size_t i = 0; i < d->n_fields; i++) {
		const tt_field *f = &d->fields[i];
		if (f->flags & TT_FIELD_MADE)
			*(double *)(void *)((char *)row + f->offset) =
				tt_focus_record(g->csv, s);
		if (g->column_of[i] == NONE)
			continue;
		const int rc = take_column(g, f, s[g->column_of[i]], row, err);
		if (rc != TT_OK)
			return rc;
	}
	for (size_t i = 0; i < g->pairs.n; i++) {
		const int rc = check_pair(g, &g->pairs.v[i], s, row, err);
		if (rc != TT_OK)
			return rc;
	}
	return TT_OK;
}

/* A record that is no row at all: the CSV reader's message is the reason. */
static int reject_record(reading *g, const tt_err *why, tt_err *err)
{
	if (why->status != TT_EDATA || !tt_csv_resumable(g->csv))
		return tt_fail(err, why->status, "%s", why->text);
	const int rc = tt_reject_row(g->rejects, err, g->def->name, "malformed row", "%s",
		why->text);
	return rc < 0 ? rc : REJECTED;
}

static int read_rows(reading *g, tt_err *err)
{
	for (;;) {
		const tt_csv_field *s = NULL;
		tt_err why = { 0 };
		int rc = tt_csv_next(g->csv, &s, &why);
		if (rc == 0)
			return TT_OK;
		if (rc < 0) {
			TT_TRY(reject_record(g, &why, err));
			g->rows->read++;
			continue;
		}
		g->rows->read++;
		void *row = tt_rows_add(g->rows, tt_csv_line(g->csv));
		if (!row)
			return tt_no_memory(err);
		rc = take_row(g, s, row, err);
		if (rc < 0)
			return rc;
		g->rows->n -= rc == REJECTED;
	}
}

static int read_table(reading *g, const char *path, const tt_column *renames, size_t n_renames,
                      tt_buf *notes, tt_err *err)
{
	g->names = tt_names_new();
	g->column_of = tt_zalloc(g->def->n_fields, sizeof *g->column_of);
	g->rows->file = tt_arena_text(g->rows->text, g->file, strlen(g->file));
	if (!g->names || !g->column_of || !g->rows->file)
		return tt_no_memory(err);
	TT_TRY(tt_csv_open(path, g->file, &g->csv, err));
	TT_TRY(match_columns(g, renames, n_renames, notes, err));
	return read_rows(g, err);
}

int tt_table_read_rows(const char *path, const tt_table_def *def, const tt_column *renames,
                       size_t n_renames, tt_rows *rows, tt_rejects *rejects, tt_buf *notes,
                       tt_err *err)
{
	if (rows->def != def || rows->file)
		return tt_fail(err, TT_EINVAL, "table %s is read a second time, from %s", def->name,
			path);
	const char *slash = strrchr(path, '/');
	reading g = { .def = def, .pairs = tt_table_pairs(def), .file = slash ? slash + 1 : path,
		.rows = rows, .rejects = rejects };
	const int rc = read_table(&g, path, renames, n_renames, notes, err);
	tt_csv_close(g.csv);
	tt_names_free(g.names);
	tt_free(g.column_of);
	tt_free(g.texts);
	tt_buf_free(&g.scratch);
	return rc;
}

void tt_table_note_equal(const tt_rows *rows, tt_buf *notes)
{
	const long long twice = rows->duplicates;
	if (twice)
		tt_buf_printf(notes, "%s: %lld row%s equal to another and counted once\n",
			rows->file, twice, twice == 1 ? " is" : "s are");
}

int tt_table_read_csv(const char *path, const tt_table_def *def, const tt_column *renames,
                      size_t n_renames, tt_rows *rows, tt_rejects *rejects, tt_buf *notes,
                      tt_err *err)
{
	TT_TRY(tt_table_read_rows(path, def, renames, n_renames, rows, rejects, notes, err));
	TT_TRY(tt_rows_sort(rows, rejects, err));
	tt_table_note_equal(rows, notes);
	return notes->failed ? tt_no_memory(err) : TT_OK;
}
