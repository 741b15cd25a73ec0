#include "snapshot/usage_rows.h"
#include "base/file.h"
#include "snapshot/usage_parse.h"
#include <stdio.h>
#include <string.h>

#define BLOCK_BYTES (2u << 20)
#define LINE_MOST (1u << 20)

typedef struct reading {
	const tt_usage_input *in;
	tt_usage_rows *to;
	tt_rejects *rejects;
	tt_usage_parser *parser;
	tt_reader *reader;
	tt_usage_block block;
	char *buf;             /* [n], lines from its start on */
	size_t n;
	char kept[TT_USAGE_PAD]; /* what stood where the parser wants zeros */
	bool at_end;
	bool careful;          /* line ends may stand inside quotes */
	int64_t line;          /* in the file, of the block's first */
	int64_t blank;         /* lines since the last that is not blank */
} reading;

/* --- Blocks -------------------------------------------------------------------------- */

/* Where the last whole line of buf[n] ends; 0: there is none. */
static size_t whole_lines(const reading *r)
{
	const char *last = memrchr(r->buf, '\n', r->n);
	bool quoted = false;

	if (!r->careful || !memchr(r->buf, '"', r->n))
		return last ? (size_t)(last - r->buf) + 1 : 0;
	last = NULL;
	for (size_t i = 0; i < r->n; i++) {
		quoted ^= r->buf[i] == '"';
		if (r->buf[i] == '\n' && !quoted)
			last = r->buf + i;
	}
	return last ? (size_t)(last - r->buf) + 1 : 0;
}

static int too_long(const reading *r, size_t whole, tt_err *err)
{
	int64_t line = r->line;

	for (const char *q = r->buf; (q = memchr(q, '\n', whole - (size_t)(q - r->buf))); q++)
		line++;
	return tt_fail(err, TT_EDATA, "%s:%lld: line longer than %u bytes%s", r->in->file,
	               (long long)line, LINE_MOST,
	               r->careful ? " (is there a quote without its end?)" : "");
}

/* Fill the buffer; *ret_n bytes of it are whole lines, 0 at the end of the file. */
static int next_block(reading *r, size_t *ret_n, tt_err *err)
{
	size_t got = 0, whole = 0;

	if (!r->at_end) {
		TT_TRY(tt_reader_read(r->reader, r->buf + r->n, BLOCK_BYTES - r->n, &got, err));
		r->at_end = got < BLOCK_BYTES - r->n;
		r->n += got;
		whole = whole_lines(r);
	}
	if (r->n - whole > LINE_MOST)
		return too_long(r, whole, err);
	if (r->at_end && whole < r->n) { /* the last line has no end of its own */
		r->buf[r->n++] = '\n';
		whole = r->n;
	}
	memcpy(r->kept, r->buf + whole, sizeof r->kept);
	memset(r->buf + whole, 0, TT_USAGE_PAD);
	*ret_n = whole;
	return TT_OK;
}

static void block_done(reading *r, size_t n)
{
	memcpy(r->buf + n, r->kept, sizeof r->kept);
	memmove(r->buf, r->buf + n, r->n - n);
	r->n -= n;
	r->line += r->block.lines;
	r->to->lines = r->line;
	if (r->in->options && r->in->options->progress)
		r->in->options->progress(r->in->options->progress_ctx, r->in->file,
		                         tt_reader_offset_bytes(r->reader),
		                         tt_reader_size_bytes(r->reader));
}

/* --- Faults --------------------------------------------------------------------------- */

static int report_fault(reading *r, const tt_usage_fault *f, int64_t line, tt_err *err)
{
	char at[32] = "";

	if (f->column)
		snprintf(at, sizeof at, ":%zu", f->column);
	for (uint32_t i = 0; i < f->n; i++)
		TT_TRY(tt_reject_row(r->rejects, err, r->in->table, f->kind, "%s:%lld%s: %s",
		                     r->in->file, (long long)(line + f->line), at, f->text));
	r->to->rows += f->n;
	return TT_OK;
}

/* Blank lines before this block turn out not to be at the end of the file. */
static int report_blank(reading *r, tt_err *err)
{
	const tt_usage_block *b = &r->block;
	tt_usage_fault f = { .kind = TT_USAGE_WRONG_COUNT, .n = (uint32_t)r->blank };

	if (b->lines == b->blank) {
		r->blank += b->blank;
		return TT_OK;
	}
	tt_usage_blank_text(&r->to->layout, f.text);
	if (r->blank > 0)
		TT_TRY(report_fault(r, &f, r->line - r->blank, err));
	r->blank = b->blank;
	return TT_OK;
}

static int report(reading *r, tt_err *err)
{
	const tt_usage_block *b = &r->block;

	r->to->rows += b->rows;
	TT_TRY(report_blank(r, err));
	for (size_t k = 0; k < b->n_faults; k++)
		TT_TRY(report_fault(r, &b->fault[k], r->line, err));
	if (b->open_quote && r->careful)
		return tt_fail(err, TT_EDATA, "%s:%lld: quote that is never closed", r->in->file,
		               (long long)(r->line + b->lines));
	return b->err.status < 0 ? tt_fail(err, b->err.status, "%s", b->err.text) : TT_OK;
}

/* --- A pass ---------------------------------------------------------------------------- */

static int header(reading *r, tt_err *err)
{
	const tt_usage_input *in = r->in;
	size_t got = 1;

	while (got > 0 && r->n < LINE_MOST && !memchr(r->buf, '\n', r->n)) {
		const size_t want = r->n + 4096 < LINE_MOST ? 4096 : LINE_MOST - r->n;
		TT_TRY(tt_reader_read(r->reader, r->buf + r->n, want, &got, err));
		r->n += got;
	}
	if (r->n == 0)
		return tt_fail(err, TT_EDATA, "%s:1:1: the file is empty, expected a header line",
		               in->file);
	const size_t bom = r->n >= 3 && memcmp(r->buf, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	const char *end = memchr(r->buf, '\n', r->n);
	size_t n = end ? (size_t)(end - r->buf) : r->n;
	const size_t after = end ? n + 1 : n;
	if (!end && n >= LINE_MOST)
		return tt_fail(err, TT_EDATA, "%s:1: line longer than %u bytes", in->file,
		               LINE_MOST);
	if (n > 0 && r->buf[n - 1] == '\r')
		n--;
	if (tt_usage_layout_read(r->buf + bom, n - bom, in->of_node, in->renames, in->n_renames,
	                         &r->to->layout, err) < 0)
		return tt_context(err, "%s:1", in->file);
	r->n -= after;
	memmove(r->buf, r->buf + after, r->n);
	r->line = 2;
	return TT_OK;
}

static int start(reading *r, tt_err *err)
{
	const tt_usage_input *in = r->in;
	tt_usage_rows *to = r->to;

	r->buf = tt_zalloc(1, BLOCK_BYTES + LINE_MOST + TT_USAGE_PAD + 1);
	if (!r->buf)
		return tt_no_memory(err);
	TT_TRY(tt_reader_open(in->path, &r->reader, err));
	TT_TRY(header(r, err));
	TT_TRY(tt_usage_new(in->table, in->file, in->start_s - TT_USAGE_ROWS_BEFORE_S, in->end_s,
	                    0, 1, to->layout.metric, to->layout.n_metrics, NULL,
	                    in->temp_folder, r->rejects->lenient, NULL, &to->names, err));
	TT_TRY(tt_usage_sorter_new(to->names->row_bytes, in->temp_folder, &to->sorter, err));
	return tt_usage_parser_new(to->names, &to->layout, NULL, &r->parser, err);
}

static int sort_block(reading *r, tt_err *err)
{
	const tt_usage_block *b = &r->block;

	for (size_t at = 0; at < b->out_n[0]; at += r->to->names->row_bytes) {
		tt_usage_row *row = (tt_usage_row *)(void *)(b->out[0] + at);
		row->line += (uint32_t)r->line;
		row->t = row->t < 0 ? 0 : row->t;
		TT_TRY(tt_usage_sorter_add(r->to->sorter, row, err));
	}
	return TT_OK;
}

/* Read the file once; *ret_again when a quoted field went on past a line's end. */
static int pass(reading *r, bool *ret_again, tt_err *err)
{
	size_t n = 0;

	TT_TRY(start(r, err));
	for (;; block_done(r, n)) {
		TT_TRY(next_block(r, &n, err));
		if (n == 0)
			return TT_OK;
		tt_usage_parse(r->parser, r->buf, n, &r->block);
		if (r->block.open_quote && !r->careful) {
			*ret_again = true;
			return TT_OK;
		}
		TT_TRY(report(r, err));
		TT_TRY(sort_block(r, err));
	}
}

int tt_usage_rows_read(const tt_usage_input *in, tt_rejects *rejects, tt_usage_rows *ret,
                       tt_err *err)
{
	bool careful = false, again = true;
	int rc = TT_OK;

	*ret = (tt_usage_rows){ .rows = 0 };
	while (again && rc == TT_OK) {
		tt_rejects seen = { .lenient = rejects->lenient };
		reading *r = tt_zalloc(1, sizeof *r);
		again = false;
		if (!r)
			return tt_no_memory(err);
		*r = (reading){ .in = in, .to = ret, .careful = careful, .rejects = &seen };
		rc = pass(r, &again, err);
		careful = again;
		if (again)
			tt_usage_rows_free(ret);
		for (size_t k = 0; rc == TT_OK && !again && k < seen.n_kinds; k++)
			for (int64_t i = 0; rc == TT_OK && i < seen.kinds[k].n; i++)
				rc = tt_reject_row(rejects, err, seen.kinds[k].table,
				                   seen.kinds[k].kind, "%s", seen.kinds[k].first);
		tt_usage_parser_free(r->parser);
		tt_usage_block_free(&r->block);
		tt_reader_close(r->reader);
		tt_free(r->buf);
		tt_free(r);
		tt_rejects_free(&seen);
	}
	if (rc < 0)
		tt_usage_rows_free(ret);
	return rc;
}

void tt_usage_rows_free(tt_usage_rows *r)
{
	tt_usage_sorter_free(r->sorter);
	tt_usage_free(r->names);
	*r = (tt_usage_rows){ .rows = 0 };
}

int tt_usage_rows_each(tt_usage_rows *r,
                       int (*take)(void *ctx, const tt_usage_row *row, const int64_t *value),
                       void *ctx, tt_err *err)
{
	return tt_usage_sorter_merge(r->sorter, take, ctx, err);
}
