/* csv.c - an entity table from any bytes, strict and lenient. The first byte picks the
 * table: 'a' is nodes, 'b' pods, and so on; the rest is the file. */
#include "fuzz.h"
#include "snapshot/table_csv.h"
#include <math.h>

static void dump_field(const tt_field *f, const char *row, tt_buf *out)
{
	const void *p = row + f->offset;
	char text[64];
	const char *s;
	int64_t t;
	double v;
	tt_decimal d;

	switch (f->type) {
	case TT_FIELD_TEXT:
	case TT_FIELD_WORD:
	case TT_FIELD_LABELS:
		memcpy(&s, p, sizeof s);
		FUZZ_MUST(s && tt_utf8_ok(s, strlen(s)));
		tt_buf_printf(out, "%s=%s|", f->name, s);
		break;
	case TT_FIELD_TIME:
		memcpy(&t, p, sizeof t);
		tt_buf_printf(out, "%s=%lld|", f->name, (long long)t);
		break;
	case TT_FIELD_F64:
	case TT_FIELD_BOOL:
		memcpy(&v, p, sizeof v);
		FUZZ_MUST(isnan(v) || f->type == TT_FIELD_BOOL || (v >= f->min && v <= f->max));
		FUZZ_MUST(f->type == TT_FIELD_F64 || isnan(v) || v == 0 || v == 1);
		tt_buf_printf(out, "%s=%a|", f->name, v);
		break;
	case TT_FIELD_DECIMAL:
		memcpy(&d, p, sizeof d);
		if (d != TT_DECIMAL_MISSING)
			tt_buf_printf(out, "%s=%s|", f->name,
			              tt_decimal_format(d, text, sizeof text));
		break;
	}
}

static void dump_rows(const tt_rows *rows, tt_buf *out)
{
	const tt_table_def *d = rows->def;

	for (size_t i = 0; i < rows->n; i++) {
		const char *row = rows->p + i * d->row_size;
		FUZZ_MUST(i == 0 || tt_row_compare_key(d, row - d->row_size, row) < 0);
		tt_buf_printf(out, "%lld ", (long long)rows->line[i]);
		for (size_t k = 0; k < d->n_fields; k++)
			dump_field(&d->fields[k], row, out);
		tt_buf_putc(out, '\n');
	}
}

/* Rows, notes and whatever went wrong, as text. */
static int read_table(const char *path, const tt_table_def *d, int lenient, int64_t *ret_rejected,
                      tt_buf *out)
{
	tt_rows rows;
	tt_rejects rejects = { .lenient = lenient };
	tt_buf notes = { 0 };
	tt_err err = { 0 };

	FUZZ_MUST(tt_rows_init(&rows, (enum tt_table_id)tt_table_find(d->name), &err) == TT_OK);
	int rc = tt_table_read_csv(path, d, NULL, 0, &rows, &rejects, &notes, &err);
	fuzz_status(rc, TT_EDATA, &err);
	if (rc == TT_OK) {
		FUZZ_MUST(lenient || rejects.n == 0);
		FUZZ_MUST((int64_t)rows.n + rows.duplicates + rejects.n == rows.read);
		dump_rows(&rows, out);
	}
	tt_buf_printf(out, "%d %s\n%s", rc, err.text, tt_buf_text(&notes));
	for (size_t i = 0; i < rejects.n_kinds; i++) {
		const tt_reject *r = &rejects.kinds[i];
		FUZZ_MUST(r->n > 0 && tt_utf8_ok(r->first, strlen(r->first)));
		if (lenient)
			tt_buf_printf(out, "%s: %lld, %s\n", r->kind, (long long)r->n, r->first);
	}
	*ret_rejected = rejects.n;
	tt_rows_free(&rows);
	tt_rejects_free(&rejects);
	tt_buf_free(&notes);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_file file;
	tt_buf out[4] = { { 0 } };
	int64_t rejected[4];
	int rc[4];

	if (size == 0)
		return 0;
	const tt_table_def *d = tt_table_def_at((enum tt_table_id)(
		(unsigned)(data[0] - 'a') % TT_TABLE_COUNT));
	fuzz_file_open(&file, data + 1, size - 1);
	for (int i = 0; i < 4; i++)
		rc[i] = read_table(file.path, d, i / 2, &rejected[i], &out[i]);
	fuzz_same(&out[0], &out[1]);
	fuzz_same(&out[2], &out[3]);
	/* lenient is strict, but for the rows that are rejected */
	if (rc[0] == TT_OK)
		fuzz_same(&out[0], &out[2]);
	FUZZ_MUST(rc[0] == TT_OK || rc[2] < 0 || rejected[2] > 0);
	for (int i = 0; i < 4; i++)
		tt_buf_free(&out[i]);
	close(file.fd);
	return 0;
}
