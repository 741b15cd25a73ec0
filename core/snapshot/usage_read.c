#include "snapshot/usage_read.h"
#include "base/threads.h"
#include "snapshot/usage_blocks.h"
#include "snapshot/usage_report.h"
#include "snapshot/usage_sort.h"
#include "snapshot/usage_step.h"
#include <stdio.h>
#include <string.h>

typedef struct pass {          /* one reading of the file */
	const tt_usage_input *in;
	tt_usage *u;
	tt_usage_layout layout;
	bool sorted;           /* rows go through sorters */
	pthread_mutex_t lock;  /* of the blocks and what follows */
	tt_usage_blocks blocks;
	tt_err err;            /* of reading */
	int64_t next_block, first_line;
	pthread_barrier_t barrier;
	tt_usage_sorter *sorter[TT_USAGE_SHARDS];
	struct worker {
		tt_usage_parser *parser;
		char *buf; size_t n;   /* the block that is to be parsed */
		tt_usage_block block[2];
		bool halt[2];          /* after the round of that block there is no other */
	} worker[TT_USAGE_SHARDS];
	/* outcome; written by worker 0 between barriers */
	bool unordered;
	tt_usage_report report;
} pass;

/* --- Blocks -------------------------------------------------------------------------- */

static void read_block(pass *p, struct worker *w, tt_usage_block *b)
{
	w->n = 0;
	b->number = -1;
	b->n_faults = 0;
	b->lines = b->rows = 0;
	b->open_quote = false;
	memset(b->out_n, 0, sizeof b->out_n);
	pthread_mutex_lock(&p->lock);
	if (p->err.status == TT_OK &&
	    tt_usage_blocks_next(&p->blocks, w->buf, &w->n, &p->err) == TT_OK && w->n > 0)
		b->number = p->next_block++;
	if (p->in->options && p->in->options->progress)
		p->in->options->progress(p->in->options->progress_ctx, p->in->file,
		                         tt_reader_offset_bytes(p->blocks.reader),
		                         tt_reader_size_bytes(p->blocks.reader));
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

/* Faults of the blocks, as far as the reading goes on. */
static void report(pass *p, tt_usage_block *const *b, int n)
{
	int64_t line = p->first_line;

	for (int i = 0; i < n && p->report.first.status == TT_OK; line += b[i++]->lines)
		tt_usage_report_block(&p->report, b[i], line);
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
		(me == 0 && (p->report.first.status < 0 || p->report.quoted));
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
	if (p->sorted && sh->err.status == TT_OK && !p->report.quoted) {
		void *c[2] = { p, &me };
		tt_usage_sorter_merge(p->sorter[me], take_sorted, c, &sh->err);
	}
}

/* --- A pass ---------------------------------------------------------------------------------- */

static void pass_end(pass *p)
{
	for (int i = 0; i < TT_USAGE_SHARDS; i++) {
		tt_usage_parser_free(p->worker[i].parser);
		tt_free(p->worker[i].buf);
		tt_usage_block_free(&p->worker[i].block[0]);
		tt_usage_block_free(&p->worker[i].block[1]);
		tt_usage_sorter_free(p->sorter[i]);
	}
	tt_usage_blocks_close(&p->blocks);
	pthread_mutex_destroy(&p->lock);
}

static int pass_start(pass *p, const tt_usage *known, int32_t step_s, tt_err *err)
{
	const tt_usage_input *in = p->in;
	int threads = in->threads < TT_USAGE_SHARDS ? in->threads : TT_USAGE_SHARDS;

	TT_TRY(tt_usage_blocks_open(&p->blocks, in->path, p->report.careful, err));
	TT_TRY(tt_usage_blocks_header(&p->blocks, in->file, in->of_node, in->renames,
	                              in->n_renames, &p->layout, err));
	p->first_line = 2;
	p->report.layout = &p->layout;
	TT_TRY(tt_usage_new(in->table, in->file, in->start_s, in->end_s, step_s, threads,
	                    p->layout.metric, p->layout.n_metrics, in->pods, in->temp_folder,
	                    p->report.rejects->lenient, known, &p->u, err));
	for (int i = 0; i < threads; i++) {
		p->worker[i].buf = tt_alloc(TT_USAGE_BUF_BYTES);
		if (!p->worker[i].buf)
			return tt_no_memory(err);
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
	const tt_usage_report *r = &p->report;
	if (first.n > 0 && (r->first.status == TT_OK || first.line < r->first_at))
		return tt_fail(err, TT_EDATA, "%s:%u: %s", p->in->file, first.line, first.text);
	if (r->first.status == TT_OK && p->err.status == TT_OK)
		return TT_OK;
	*err = r->first.status < 0 ? r->first : p->err;
	if (r->first.status == TT_OK && p->blocks.too_long) /* all before it is counted */
		tt_context(err, "%s:%lld", p->in->file, (long long)p->first_line);
	return err->status;
}

/* Read the file once. On TT_OK either p->unordered / report.quoted ask for another pass, or
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
	if (p->report.quoted || p->unordered)
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

static void fill_result(const pass *p, tt_usage_result *ret)
{
	ret->usage = p->u;
	ret->rows = p->report.rows;
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
	pass p = { .in = &one, .report = { .rejects = &none } };
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
		pass p = { .in = in, .sorted = sorted, .report = { .table = in->table,
			.file = in->file, .rejects = &seen, .careful = careful } };

		pthread_mutex_init(&p.lock, NULL);
		rc = pass_run(&p, known, step_s, err);
		sorted |= p.unordered;
		careful |= p.report.quoted;
		again = p.unordered || p.report.quoted;
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
					rc = tt_rejects_pass_on(&seen, rejects, err);
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
