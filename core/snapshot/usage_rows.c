#include "snapshot/usage_rows.h"
#include "snapshot/usage_blocks.h"
#include "snapshot/usage_report.h"
#include <string.h>

typedef struct reading {
	const tt_usage_input *in;
	tt_usage_rows *to;
	tt_usage_parser *parser;
	tt_usage_blocks blocks;
	tt_usage_block block;
	tt_usage_report report;
	char *buf;
	int64_t line;          /* in the file, of the block's first */
} reading;

static int next_block(reading *r, size_t *ret_n, tt_err *err)
{
	const tt_build_options *o = r->in->options;
	int rc = tt_usage_blocks_next(&r->blocks, r->buf, ret_n, err);

	if (rc < 0 && r->blocks.too_long)
		tt_context(err, "%s:%lld", r->in->file, (long long)r->line);
	if (o && o->progress)
		o->progress(o->progress_ctx, r->in->file, tt_reader_offset_bytes(r->blocks.reader),
		            tt_reader_size_bytes(r->blocks.reader));
	return rc;
}

static int start(reading *r, tt_err *err)
{
	const tt_usage_input *in = r->in;
	tt_usage_rows *to = r->to;

	r->buf = tt_alloc(TT_USAGE_BUF_BYTES);
	if (!r->buf)
		return tt_no_memory(err);
	TT_TRY(tt_usage_blocks_open(&r->blocks, in->path, r->report.careful, err));
	TT_TRY(tt_usage_blocks_header(&r->blocks, in->file, in->of_node, in->renames,
	                              in->n_renames, &to->layout, err));
	r->line = 2;
	r->report.layout = &to->layout;
	TT_TRY(tt_usage_new(in->table, in->file, in->start_s - TT_USAGE_ROWS_BEFORE_S, in->end_s,
	                    0, 1, to->layout.metric, to->layout.n_metrics, NULL,
	                    in->temp_folder, r->report.rejects->lenient, NULL, &to->names, err));
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

/* Read the file once; report.quoted when a quoted field went on past a line's end. */
static int pass(reading *r, tt_err *err)
{
	tt_usage_report *report = &r->report;
	size_t n = 0;

	TT_TRY(start(r, err));
	for (;; r->line += r->block.lines) {
		r->to->lines = r->line;
		r->to->rows = report->rows;
		TT_TRY(next_block(r, &n, err));
		if (n == 0)
			return TT_OK;
		tt_usage_parse(r->parser, r->buf, n, &r->block);
		tt_usage_report_block(report, &r->block, r->line);
		if (report->quoted)
			return TT_OK;
		if (report->first.status < 0)
			return tt_fail(err, report->first.status, "%s", report->first.text);
		TT_TRY(sort_block(r, err));
	}
}

static void reading_free(reading *r)
{
	tt_usage_parser_free(r->parser);
	tt_usage_block_free(&r->block);
	tt_usage_blocks_close(&r->blocks);
	tt_free(r->buf);
	tt_free(r);
}

/* *careful: how to read it; in the end, how it should have been read. */
static int read_once(const tt_usage_input *in, bool *careful, tt_rejects *rejects,
                     tt_usage_rows *ret, tt_err *err)
{
	tt_rejects seen = { .lenient = rejects->lenient };
	reading *r = tt_zalloc(1, sizeof *r);
	int rc;

	if (!r)
		return tt_no_memory(err);
	*r = (reading){ .in = in, .to = ret, .report = { .table = in->table, .file = in->file,
		.rejects = &seen, .careful = *careful } };
	rc = pass(r, err);
	*careful |= r->report.quoted;
	if (rc == TT_OK && !r->report.quoted)
		rc = tt_rejects_pass_on(&seen, rejects, err);
	reading_free(r);
	tt_rejects_free(&seen);
	return rc;
}

int tt_usage_rows_read(const tt_usage_input *in, tt_rejects *rejects, tt_usage_rows *ret,
                       tt_err *err)
{
	bool careful = false, was;
	int rc;

	*ret = (tt_usage_rows){ .rows = 0 };
	do {
		tt_usage_rows_free(ret);
		was = careful;
		rc = read_once(in, &careful, rejects, ret, err);
	} while (rc == TT_OK && careful != was);
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
