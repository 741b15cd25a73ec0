#include "snapshot/usage_report.h"
#include <stdio.h>

static void report_fault(tt_usage_report *r, const tt_usage_fault *f, int64_t line)
{
	char at[32] = "";

	if (f->column)
		snprintf(at, sizeof at, ":%zu", f->column);
	r->first_at = line + f->line;
	for (uint32_t i = 0; i < f->n && r->first.status == TT_OK; i++)
		tt_reject_row(r->rejects, &r->first, r->table, f->kind, "%s:%lld%s: %s", r->file,
		              (long long)r->first_at, at, f->text);
	r->rows += f->n;
}

/* Blank lines before this block turn out not to be at the end of the file. */
static void report_blank(tt_usage_report *r, const tt_usage_block *b, int64_t line)
{
	tt_usage_fault f = { .kind = TT_USAGE_WRONG_COUNT, .n = (uint32_t)r->blank };

	if (b->lines == b->blank) {
		r->blank += b->blank;
		return;
	}
	if (r->blank > 0) {
		tt_usage_blank_text(r->layout, f.text);
		report_fault(r, &f, line - r->blank);
	}
	r->blank = b->blank;
}

void tt_usage_report_block(tt_usage_report *r, const tt_usage_block *b, int64_t line)
{
	r->rows += b->rows;
	report_blank(r, b, line);
	for (size_t k = 0; k < b->n_faults && r->first.status == TT_OK; k++)
		report_fault(r, &b->fault[k], line);
	r->quoted |= b->open_quote && !r->careful;
	if (b->open_quote && r->careful && r->first.status == TT_OK) {
		r->first_at = line + b->lines;
		tt_fail(&r->first, TT_EDATA, "%s:%lld: quote that is never closed", r->file,
		        (long long)r->first_at);
	}
	if (b->err.status < 0) {
		r->first = b->err;
		r->first_at = 0;
	}
}
