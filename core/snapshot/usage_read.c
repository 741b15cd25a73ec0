#include "snapshot/usage_read.h"
#include "base/file.h"
#include "base/threads.h"
#include "snapshot/usage_parse.h"
#include "snapshot/usage_sort.h"
#include <stdio.h>
#include <string.h>

/* Small enough for a block and its rows to stay in a processor's own cache. */
#define BLOCK_BYTES (1024u << 10)
#define LINE_MOST (1u << 20)

typedef struct pass {          /* one reading of the file */
	const tt_usage_input *in;
	tt_usage *u;
	tt_usage_layout layout;
	bool sorted;           /* rows go through sorters */
	bool careful;          /* line ends may stand inside quotes */
	tt_reader *reader;
	pthread_mutex_t lock;  /* of the reader and what follows */
	char *carry; size_t n_carry; /* the begun line behind the last block */
	bool at_end;
	int64_t next_block, first_line;
	int64_t long_after;    /* too long a line: lines before it in its block; -1: none */
	pthread_barrier_t barrier;
	tt_usage_sorter *sorter[TT_USAGE_SHARDS];
	struct worker {
		tt_usage_parser *parser;
		char *buf; size_t n;   /* the block that is to be parsed */
		tt_usage_block block[2];
		bool halt[2];          /* after the round of that block there is no other */
	} worker[TT_USAGE_SHARDS];
	/* outcome; written by worker 0 between barriers */
	bool unordered, quoted;
	int64_t rows, blank;   /* blank: lines since the last that is not */
	tt_rejects *rejects;
	tt_err err;            /* of reading; under lock */
	tt_err first;          /* the first fault in the order of the file */
	int64_t first_at;      /* its line */
} pass;

/* --- Blocks -------------------------------------------------------------------------- */

/* Where the last line of buf[n] that is whole ends; 0: none does. Careful: line ends inside
 * quotes are none. */
static size_t whole_lines(const char *buf, size_t n, bool careful)
{
	const char *last = NULL;
	bool quoted = false;

	if (!careful) {
		last = memrchr(buf, '\n', n);
		return last ? (size_t)(last - buf) + 1 : 0;
	}
	for (size_t i = 0; i < n; i++) {
		quoted ^= buf[i] == '"';
		if (buf[i] == '\n' && !quoted)
			last = buf + i;
	}
	return last ? (size_t)(last - buf) + 1 : 0;
}

/* The next block into w->buf; *ret_n 0 at the end. Under the lock. */
static int next_block(pass *p, struct worker *w, size_t *ret_n)
{
	size_t n = p->n_carry, whole = 0;

	memcpy(w->buf, p->carry, n);
	while (whole == 0 && !p->at_end && n <= LINE_MOST) {
		size_t got = 0;
		TT_TRY(tt_reader_read(p->reader, w->buf + n, BLOCK_BYTES, &got, &p->err));
		p->at_end = got < BLOCK_BYTES;
		n += got;
		whole = whole_lines(w->buf, n, p->careful);
	}
	if (n - whole > LINE_MOST) {
		p->long_after = 0;
		const char *q = w->buf, *end = q + whole;
		for (; (q = memchr(q, '\n', (size_t)(end - q))); q++)
			p->long_after++;
		return tt_fail(&p->err, TT_EDATA, "line longer than %u bytes%s", LINE_MOST,
		               p->careful ? " (is there a quote without its end?)" : "");
	}
	if (p->at_end && whole < n) { /* the last line has no end of its own */
		w->buf[n++] = '\n';
		whole = n;
	}
	p->n_carry = n - whole;
	memcpy(p->carry, w->buf + whole, p->n_carry);
	memset(w->buf + whole, 0, TT_USAGE_PAD);
	*ret_n = whole;
	return TT_OK;
}

static void read_block(pass *p, struct worker *w, tt_usage_block *b)
{
	w->n = 0;
	b->number = -1;
	b->n_faults = 0;
	b->lines = b->rows = 0;
	b->open_quote = false;
	memset(b->out_n, 0, sizeof b->out_n);
	pthread_mutex_lock(&p->lock);
	if (p->err.status == TT_OK && next_block(p, w, &w->n) == TT_OK && w->n > 0)
		b->number = p->next_block++;
	if (p->in->options && p->in->options->progress)
		p->in->options->progress(p->in->options->progress_ctx, p->in->file,
		                         tt_reader_offset_bytes(p->reader),
		                         tt_reader_size_bytes(p->reader));
	pthread_mutex_unlock(&p->lock);
}

static void parse_block(struct worker *w, tt_usage_block *b)
{
	if (b->number >= 0)
		tt_usage_parse(w->parser, w->buf, w->n, b);
}

/* --- Rounds ---------------------------------------------------------------------------- */

/* The blocks of this round in the order of the file; how many. */
static int in_order(pass *p, int turn, tt_usage_block *ret[])
{
	int n = 0;

	for (int i = 0; i < p->u->n_shards; i++) {
		tt_usage_block *b = &p->worker[i].block[turn];
		if (b->number < 0)
			continue;
		int k = n++;
		for (; k > 0 && ret[k - 1]->number > b->number; k--)
			ret[k] = ret[k - 1];
		ret[k] = b;
	}
	return n;
}

static void report_fault(pass *p, const tt_usage_fault *f, int64_t line)
{
	char at[32] = "";

	if (f->column)
		snprintf(at, sizeof at, ":%zu", f->column);
	p->first_at = line + f->line;
	for (uint32_t x = 0; x < f->n && p->first.status == TT_OK; x++)
		tt_reject_row(p->rejects, &p->first, p->in->table, f->kind, "%s:%lld%s: %s",
		              p->in->file, (long long)p->first_at, at, f->text);
	p->rows += f->n;
}

/* Blank lines before this block turn out not to be at the end of the file. */
static void report_blank(pass *p, const tt_usage_block *b, int64_t line)
{
	tt_usage_fault f = { .kind = TT_USAGE_WRONG_COUNT, .n = (uint32_t)p->blank };

	if (b->lines == b->blank) {
		p->blank += b->blank;
		return;
	}
	if (p->blank > 0) {
		tt_usage_blank_text(&p->layout, f.text);
		report_fault(p, &f, line - p->blank);
	}
	p->blank = b->blank;
}

/* Faults of the blocks into messages, with the line in the file. */
static void report(pass *p, tt_usage_block *const *b, int n)
{
	int64_t line = p->first_line;

	for (int i = 0; i < n && p->first.status == TT_OK; line += b[i++]->lines) {
		p->rows += b[i]->rows;
		report_blank(p, b[i], line);
		for (size_t k = 0; k < b[i]->n_faults && p->first.status == TT_OK; k++)
			report_fault(p, &b[i]->fault[k], line);
		p->quoted |= b[i]->open_quote && !p->careful;
		if (b[i]->open_quote && p->careful && p->first.status == TT_OK) {
			p->first_at = line + b[i]->lines;
			tt_fail(&p->first, TT_EDATA, "%s:%lld: quote that is never closed",
			        p->in->file, (long long)p->first_at);
		}
		if (b[i]->err.status < 0) {
			p->first = b[i]->err;
			p->first_at = 0;
		}
	}
}

static int take_sorted(void *ctx, const tt_usage_row *row, const int64_t *value)
{
	void **c = ctx;
	pass *p = c[0];
	return tt_usage_take(p->u, *(int *)c[1], row, value);
}

/* Rows of shard `sh` out of block `b`, whose first line is `line` of the file. */
static int take_rows(pass *p, int sh, const tt_usage_block *b, int64_t line)
{
	if (!p->sorted)
		return tt_usage_take_rows(p->u, sh, b->out[sh], b->out_n[sh], (uint32_t)line);
	for (size_t at = 0; at < b->out_n[sh]; at += p->u->row_bytes) {
		tt_usage_row *row = (tt_usage_row *)(void *)(b->out[sh] + at);
		row->line += (uint32_t)line;
		/* those outside of the window are only counted */
		TT_TRY(row->t >= 0 && row->t < p->u->end_s - p->u->start_s
		       ? tt_usage_sorter_add(p->sorter[sh], row, &p->u->shard[sh].err)
		       : tt_usage_take(p->u, sh, row, (const int64_t *)(const void *)(row + 1)));
	}
	return TT_OK;
}

static int64_t clashes(const tt_usage_shard *sh)
{
	int64_t n = 0;

	for (int k = 0; k < TT_CLASH_KINDS; k++)
		n += sh->clash[k].n;
	return n;
}

/* Whether this worker's part of the round says that it was the last. */
static bool halts(const pass *p, int me)
{
	const tt_usage_shard *sh = &p->u->shard[me];

	return sh->err.status < 0 || sh->unordered || (!p->u->lenient && clashes(sh) > 0) ||
		(me == 0 && (p->first.status < 0 || p->quoted));
}

/* The blocks of this round, in the order of the file: what is wrong, and the rows of my
 * shard. *line: of the first block. */
static void take_round(pass *p, int me, tt_usage_block *const *b, int n, int64_t *line)
{
	const tt_usage_shard *sh = &p->u->shard[me];

	if (me == 0)
		report(p, b, n);
	for (int i = 0; i < n; *line += b[i++]->lines)
		if (sh->err.status == TT_OK && !sh->unordered)
			take_rows(p, me, b[i], *line);
	if (me == 0)
		p->first_line = *line;
}

/* A round: everybody parses a block; when all are done, everybody takes the rows of its
 * shard out of all of them. Rows of one round are taken while the next is parsed, so each
 * worker has two sets of them. Workers read their next block at different ends of taking:
 * only one at a time can. */
static void work(void *ctx, int me)
{
	pass *p = ctx;
	struct worker *w = &p->worker[me];
	tt_usage_block *b[TT_USAGE_SHARDS];
	int64_t line = p->first_line;

	read_block(p, w, &w->block[0]);
	for (int turn = 0;; turn ^= 1) {
		bool stop = false;

		parse_block(w, &w->block[turn]);
		pthread_barrier_wait(&p->barrier);
		/* nobody writes what was said about the last round before the next barrier */
		for (int i = 0; i < p->u->n_shards; i++)
			stop |= p->worker[i].halt[turn ^ 1];
		int n = in_order(p, turn, b);
		if (stop || n == 0)
			break;
		if (me % 2 == 0)
			read_block(p, w, &w->block[turn ^ 1]);
		take_round(p, me, b, n, &line);
		w->halt[turn] = halts(p, me);
		if (me % 2 == 1)
			read_block(p, w, &w->block[turn ^ 1]);
	}
	/* after a fault as well: a clash may stand before it in the file */
	tt_usage_shard *sh = &p->u->shard[me];
	if (p->sorted && sh->err.status == TT_OK && !p->quoted) {
		void *c[2] = { p, &me };
		tt_usage_sorter_merge(p->sorter[me], take_sorted, c, &sh->err);
	}
}

/* --- A pass ---------------------------------------------------------------------------------- */

static int header(pass *p, const tt_usage_input *in, tt_err *err)
{
	size_t n = 0, got = 1;

	/* the header line: read up to its end, keep the rest as the first begun line */
	while (got > 0 && n < LINE_MOST && !memchr(p->carry, '\n', n)) {
		size_t want = n + 4096 < LINE_MOST ? 4096 : LINE_MOST - n;
		TT_TRY(tt_reader_read(p->reader, p->carry + n, want, &got, err));
		n += got;
	}
	if (n == 0)
		return tt_fail(err, TT_EDATA, "%s:1:1: the file is empty, expected a header line",
		               in->file);
	size_t bom = n >= 3 && memcmp(p->carry, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	const char *end = memchr(p->carry, '\n', n);
	size_t len = end ? (size_t)(end - p->carry) : n, after = end ? len + 1 : n;
	if (!end && n >= LINE_MOST)
		return tt_fail(err, TT_EDATA, "%s:1: line longer than %u bytes", in->file,
		               LINE_MOST);
	if (len > 0 && p->carry[len - 1] == '\r')
		len--;
	if (tt_usage_layout_read(p->carry + bom, len - bom, in->of_node, in->renames,
	                         in->n_renames, &p->layout, err) < 0)
		return tt_context(err, "%s:1", in->file);
	p->n_carry = n - after;
	memmove(p->carry, p->carry + after, p->n_carry);
	p->first_line = 2;
	return TT_OK;
}

static void pass_end(pass *p)
{
	for (int i = 0; i < TT_USAGE_SHARDS; i++) {
		tt_usage_parser_free(p->worker[i].parser);
		tt_free(p->worker[i].buf);
		tt_usage_block_free(&p->worker[i].block[0]);
		tt_usage_block_free(&p->worker[i].block[1]);
		tt_usage_sorter_free(p->sorter[i]);
	}
	tt_free(p->carry);
	tt_reader_close(p->reader);
	pthread_mutex_destroy(&p->lock);
}

static int pass_start(pass *p, const tt_usage *known, int32_t step_s, tt_err *err)
{
	const tt_usage_input *in = p->in;
	int threads = in->threads < TT_USAGE_SHARDS ? in->threads : TT_USAGE_SHARDS;

	TT_TRY(tt_reader_open(in->path, &p->reader, err));
	p->carry = tt_alloc(LINE_MOST);
	if (!p->carry)
		return tt_fail(err, TT_ENOMEM, "out of memory");
	TT_TRY(header(p, in, err));
	TT_TRY(tt_usage_new(in->table, in->file, in->start_s, in->end_s, step_s, threads,
	                    p->layout.metric, p->layout.n_metrics, in->pods, in->temp_folder,
	                    p->rejects->lenient, known, &p->u, err));
	for (int i = 0; i < threads; i++) {
		p->worker[i].buf = tt_alloc(BLOCK_BYTES + LINE_MOST + TT_USAGE_PAD + 1);
		if (!p->worker[i].buf)
			return tt_fail(err, TT_ENOMEM, "out of memory");
		TT_TRY(tt_usage_parser_new(p->u, &p->layout, in->nodes, &p->worker[i].parser, err));
		if (p->sorted)
			TT_TRY(tt_usage_sorter_new(p->u->row_bytes, in->temp_folder, &p->sorter[i],
			                           err));
	}
	return TT_OK;
}

/* Of all shards: how many rows clash in this way, and the first of them in the file. */
static tt_clash clashes_of(const tt_usage *u, int kind)
{
	tt_clash all = { .n = 0 };

	for (int i = 0; i < u->n_shards; i++) {
		const tt_clash *c = &u->shard[i].clash[kind];
		int64_t n = all.n + c->n;
		if (c->n > 0 && (all.n == 0 || c->line < all.line))
			all = *c;
		all.n = n;
	}
	return all;
}

/* The failure that stands first in the file, whatever was found first. */
static int first_fault(const pass *p, tt_err *err)
{
	tt_clash first = { .n = 0 };

	for (int k = 0; k < TT_CLASH_KINDS && !p->u->lenient; k++) {
		tt_clash c = clashes_of(p->u, k);
		if (c.n > 0 && (first.n == 0 || c.line < first.line))
			first = c;
	}
	if (first.n > 0 && (p->first.status == TT_OK || first.line < p->first_at))
		return tt_fail(err, TT_EDATA, "%s:%u: %s", p->in->file, first.line, first.text);
	if (p->first.status == TT_OK && p->err.status == TT_OK)
		return TT_OK;
	*err = p->first.status < 0 ? p->first : p->err;
	if (p->first.status == TT_OK && p->long_after >= 0) /* the blocks before it are counted */
		tt_context(err, "%s:%lld", p->in->file, (long long)(p->first_line + p->long_after));
	return err->status;
}

/* Read the file once. On TT_OK either p->unordered / p->quoted ask for another pass, or
 * every row is in p->u. */
static int pass_run(pass *p, const tt_usage *known, int32_t step_s, tt_err *err)
{
	TT_TRY(pass_start(p, known, step_s, err));
	pthread_barrier_init(&p->barrier, NULL, (unsigned)p->u->n_shards);
	int rc = tt_run_together(p->u->n_shards, work, p, err);
	pthread_barrier_destroy(&p->barrier);
	TT_TRY(rc);
	for (int i = 0; i < p->u->n_shards; i++)
		p->unordered |= p->u->shard[i].unordered;
	if (p->quoted || p->unordered)
		return TT_OK;
	for (int i = 0; i < p->u->n_shards; i++)
		if (p->u->shard[i].err.status < 0) {
			*err = p->u->shard[i].err;
			return err->status;
		}
	return first_fault(p, err);
}

/* --- Passes ---------------------------------------------------------------------------- */

/* Rows that clash, after what the parser rejected. */
static int collect_clashes(const tt_usage_input *in, const tt_usage *u, tt_rejects *to, tt_err *err)
{
	static const char *const kind[TT_CLASH_KINDS] = {
		[TT_CLASH_PODS] = "two whole pods on one card",
		[TT_CLASH_VALUES] = "conflicting duplicate",
	};

	for (int k = 0; k < TT_CLASH_KINDS; k++) {
		tt_clash c = clashes_of(u, k);
		for (int64_t n = 0; n < c.n; n++)
			TT_TRY(tt_reject_row(to, err, in->table, kind[k], "%s:%u: %s", in->file,
			                     c.line, c.text));
	}
	return TT_OK;
}

/* What was rejected in the pass that counts. */
static int pass_on(const tt_rejects *seen, tt_rejects *to, tt_err *err)
{
	for (size_t k = 0; k < seen->n_kinds; k++)
		for (int64_t n = 0; n < seen->kinds[k].n; n++)
			TT_TRY(tt_reject_row(to, err, seen->kinds[k].table, seen->kinds[k].kind,
			                     "%s", seen->kinds[k].first));
	return TT_OK;
}

static void fill_result(const pass *p, tt_usage_result *ret)
{
	ret->usage = p->u;
	ret->rows = p->rows;
	ret->has_pods = tt_names_count(p->u->pods) > 0;
	snprintf(ret->unknown, sizeof ret->unknown, "%s", p->layout.unknown);
	for (int i = 0; i < p->u->n_shards; i++) {
		ret->duplicates += p->u->shard[i].duplicates;
		ret->outside += p->u->shard[i].outside;
		ret->differing |= p->u->shard[i].differing > 0;
	}
}

/* The usual step of the first block: what the first pass assumes. Whatever is wrong there
 * is for that pass to report. */
static int32_t peek_step_s(const tt_usage_input *in)
{
	tt_rejects none = { .lenient = 1 };
	tt_usage_input one = *in;
	pass p = { .in = &one, .long_after = -1, .rejects = &none };
	tt_err err = { .status = TT_OK };
	int32_t step_s = 60;

	one.threads = 1;
	one.options = NULL;
	pthread_mutex_init(&p.lock, NULL);
	if (pass_start(&p, NULL, 0, &err) == TT_OK) {
		read_block(&p, &p.worker[0], &p.worker[0].block[0]);
		parse_block(&p.worker[0], &p.worker[0].block[0]);
		if (take_rows(&p, 0, &p.worker[0].block[0], 0) == TT_OK)
			step_s = tt_usage_fleet_step(p.u, 60);
	}
	tt_usage_free(p.u);
	pass_end(&p);
	tt_rejects_free(&none);
	return step_s;
}

int tt_usage_read(const tt_usage_input *in, tt_rejects *rejects, tt_usage_result *ret,
                  tt_err *err)
{
	bool sorted = false, careful = false, again = true;
	int32_t step_s = in->step_s > 0 ? in->step_s : peek_step_s(in);
	tt_usage *known = NULL;
	int rc = TT_OK;

	*ret = (tt_usage_result){ .usage = NULL };
	for (int turn = 0; rc == TT_OK && again && turn < 8; turn++) {
		tt_rejects seen = { .lenient = rejects->lenient };
		pass p = { .in = in, .sorted = sorted, .careful = careful, .long_after = -1,
			.rejects = &seen };

		pthread_mutex_init(&p.lock, NULL);
		rc = pass_run(&p, known, step_s, err);
		sorted |= p.unordered;
		careful |= p.quoted;
		again = p.unordered || p.quoted;
		if (rc == TT_OK && !again) {
			bool refit = false;
			rc = tt_usage_end(p.u, in->step_s > 0, &refit, &step_s, err);
			again = refit && turn < 7;
			if (rc == TT_OK && !again) {
				rc = collect_clashes(in, p.u, &seen, err);
				fill_result(&p, ret);
				ret->step_s = step_s;
				p.u = NULL;
				if (rc == TT_OK)
					rc = pass_on(&seen, rejects, err);
			}
			if (again) { /* keep what was learnt */
				tt_usage_free(known);
				known = p.u;
				p.u = NULL;
			}
		}
		tt_usage_free(p.u);
		pass_end(&p);
		tt_rejects_free(&seen);
	}
	if (ret->usage)
		ret->usage->known = NULL;
	tt_usage_free(known);
	return rc;
}
