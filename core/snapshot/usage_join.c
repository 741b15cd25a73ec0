#include "snapshot/usage_join.h"
#include "base/threads.h"
#include "snapshot/table_sort.h"
#include "snapshot/usage_step.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct piece {         /* the rows of one carrier in one shard */
	uint32_t carrier;      /* its number in the tt_usage */
	uint32_t shard;
	const tt_shard_carrier *from;
} piece;

typedef struct cursor {        /* where the merge is in a piece */
	const piece *of;
	int64_t t;             /* of the next row; INT64_MAX at the end */
	int64_t next_part, left;
	size_t at;
	tt_shard_part part;    /* there is memory for it only while it is read from */
} cursor;

typedef struct joining {
	const tt_usage_join *in;
	tt_usage *u;
	const tt_metric_def *metric[TT_METRIC_DEFS]; /* of all shards */
	size_t n_metrics;
	int8_t (*column)[TT_METRIC_DEFS]; /* [shard][metric of the shard]: which of ours */
	uint32_t *line_base;   /* [shard] added to its lines: one after the other */
	piece *pieces; size_t n, cap; /* by carrier, then shard */
	_Atomic uint32_t **pod; /* [shard][its pod] 1 + our number; 0: not met yet */
} joining;

static const tt_shard_usage *usage_of(const joining *j, size_t shard)
{
	return &j->in->shards[shard]->usage[j->in->table];
}

/* --- What there is -------------------------------------------------------------------- */

/* The metrics of all shards in the order of the catalogue, and where theirs are in it. */
static void find_metrics(joining *j)
{
	for (size_t k = 0; k < TT_METRIC_DEFS; k++) {
		bool used = false;
		for (size_t i = 0; i < j->in->n_shards; i++) {
			const tt_shard_usage *u = usage_of(j, i);
			for (size_t m = 0; m < u->n_metrics; m++) {
				if (u->metric[m] != &tt_metrics[k])
					continue;
				used = true;
				j->column[i][m] = (int8_t)j->n_metrics;
			}
		}
		if (used)
			j->metric[j->n_metrics++] = &tt_metrics[k];
	}
}

/* Lines are told apart by counting them through all shards; modulo 2^32, for messages. */
static void find_lines(joining *j)
{
	uint32_t base = 0;

	for (size_t i = 0; i < j->in->n_shards; i++) {
		j->line_base[i] = base;
		base += (uint32_t)usage_of(j, i)->lines + 1;
	}
}

static int compare_pieces(const void *pa, const void *pb)
{
	const piece *a = pa, *b = pb;

	if (a->carrier != b->carrier)
		return a->carrier < b->carrier ? -1 : 1;
	return (a->shard > b->shard) - (a->shard < b->shard);
}

static bool node_known(const joining *j, const char *key)
{
	char node[1024];
	const size_t n = strcspn(key, "\x1f");

	if (!j->in->nodes)
		return true;
	if (n >= sizeof node)
		return false;
	memcpy(node, key, n);
	node[n] = 0;
	return tt_rows_find(j->in->nodes, node) != SIZE_MAX;
}

static int find_pieces(joining *j, tt_err *err)
{
	j->n = 0;
	for (size_t i = 0; i < j->in->n_shards; i++) {
		const tt_shard_usage *u = usage_of(j, i);
		for (size_t k = 0; k < u->n_carriers; k++) {
			const char *key = u->carriers[k].key;
			if (!node_known(j, key))
				continue;
			const int64_t id = tt_usage_carrier_number(j->u, key, strlen(key));
			if (id < 0 || !TT_GROW(j->pieces, j->n, j->cap))
				return tt_no_memory(err);
			j->pieces[j->n++] = (piece){ (uint32_t)id, (uint32_t)i, &u->carriers[k] };
		}
	}
	if (j->n > 0)
		qsort(j->pieces, j->n, sizeof *j->pieces, compare_pieces);
	return TT_OK;
}

/* --- Merging a carrier ------------------------------------------------------------------ */

/* Read the next part; at the end there is none. */
static int cursor_fill(const joining *j, cursor *c, tt_err *err)
{
	const tt_shard *s = j->in->shards[c->of->shard];

	c->at = 0;
	if (c->left == 0) {
		tt_shard_part_free(&c->part);
		c->t = INT64_MAX;
		return TT_OK;
	}
	if (!c->part.buf)
		TT_TRY(tt_shard_part_new(usage_of(j, c->of->shard), &c->part, err));
	TT_TRY(tt_shard_part_read(s, usage_of(j, c->of->shard), c->next_part++, &c->part, err));
	c->left--;
	if (c->part.t[0] < c->t)
		return tt_fail(err, TT_EDATA, "%s: damaged: rows are out of order", s->label);
	c->t = c->part.t[0];
	return TT_OK;
}

/* Pods are numbered as they are met, so that only those of rows that count are there. */
static int64_t pod_number(joining *j, size_t shard, int64_t pod)
{
	/* acquire: what was found out about the pod when it got its number */
	uint32_t number = atomic_load_explicit(&j->pod[shard][pod], memory_order_acquire);
	const char *name = j->in->shards[shard]->pods[pod];

	if (number)
		return number;
	const int64_t id = tt_usage_pod_number(j->u, name, strlen(name));
	if (id >= 0)
		atomic_store_explicit(&j->pod[shard][pod], (uint32_t)id + 1, memory_order_release);
	return id < 0 ? id : id + 1;
}

static int take_row(joining *j, const cursor *c, int shard, tt_err *err)
{
	const size_t i = c->at, from = c->of->shard;
	const int64_t t = c->part.t[i] - j->in->start_s;
	tt_usage_row row = { .carrier = c->of->carrier,
		.t = t < 0 || t > INT32_MAX ? -1 : (int32_t)t, /* outside is outside */
		.line = j->line_base[from] + (uint32_t)c->part.line[i] };
	int64_t value[TT_METRIC_DEFS];

	if (c->part.pod[i] > 0) {
		const int64_t pod = pod_number(j, from, c->part.pod[i] - 1);
		if (pod < 0)
			return tt_no_memory(err);
		row.pod = (uint32_t)pod;
	}
	for (size_t m = 0; m < j->n_metrics; m++)
		value[m] = TT_USAGE_MISSING;
	for (size_t m = 0; m < usage_of(j, from)->n_metrics; m++)
		value[j->column[from][m]] = c->part.value[m][i];
	if (tt_usage_take(j->u, shard, &row, value) < 0)
		return j->u->shard[shard].err.status;
	return TT_OK;
}

/* Rows of the piece that comes first as long as no other is before it. */
static int take_run(joining *j, cursor *c, size_t n, int shard, tt_err *err)
{
	cursor *first = &c[0];
	int64_t until = INT64_MAX; /* exclusive but for pieces before the one it belongs to */
	size_t whose = n;

	for (size_t i = 1; i < n; i++)
		if (c[i].t < first->t)
			first = &c[i];
	for (size_t i = 0; i < n; i++)
		if (&c[i] != first && c[i].t < until) {
			until = c[i].t;
			whose = i;
		}
	if (!first->part.buf)
		TT_TRY(cursor_fill(j, first, err));
	while (first->t < until || (first->t == until && first->t != INT64_MAX &&
	                            (size_t)(first - c) < whose)) {
		TT_TRY(take_row(j, first, shard, err));
		if (++first->at == first->part.n)
			TT_TRY(cursor_fill(j, first, err));
		else
			first->t = first->part.t[first->at];
	}
	return TT_OK;
}

/* Pieces [p, p + n) are of one carrier. */
static int join_carrier(joining *j, const piece *p, size_t n, int shard, tt_err *err)
{
	cursor *c = tt_zalloc(n, sizeof *c);
	int rc = c ? TT_OK : tt_no_memory(err);

	for (size_t i = 0; rc == TT_OK && i < n; i++)
		c[i] = (cursor){ .of = &p[i], .t = p[i].from->first_s,
			.next_part = p[i].from->first_part, .left = p[i].from->parts };
	for (size_t left = n; rc == TT_OK && left > 0;) {
		rc = take_run(j, c, n, shard, err);
		left = 0;
		for (size_t i = 0; i < n; i++)
			left += c[i].t != INT64_MAX;
	}
	for (size_t i = 0; c && i < n; i++)
		tt_shard_part_free(&c[i].part);
	tt_free(c);
	return rc;
}

static size_t same_carrier(const joining *j, size_t from)
{
	size_t to = from + 1;

	while (to < j->n && j->pieces[to].carrier == j->pieces[from].carrier)
		to++;
	return to;
}

/* The carriers of shard `me` of the tt_usage. */
static void join_some(void *ctx, int me)
{
	joining *j = ctx;
	tt_err *err = &j->u->shard[me].err;
	const tt_build_options *o = j->in->options;

	for (size_t from = 0, to; from < j->n && err->status == TT_OK; from = to) {
		to = same_carrier(j, from);
		if (tt_usage_shard_of(j->u, j->pieces[from].carrier) == me)
			join_carrier(j, j->pieces + from, to - from, me, err);
		if (me == 0 && o && o->progress)
			o->progress(o->progress_ctx, j->in->file, (int64_t)to, (int64_t)j->n);
	}
}

/* --- Rows that can't stand -------------------------------------------------------------- */

typedef struct unknown {
	int64_t rows, line;     /* how many; the first of them in the file */
	const char *key;        /* that it is of */
} unknown;

static int find_unknown(const joining *j, size_t shard, unknown *ret, tt_err *err)
{
	const tt_shard_usage *u = usage_of(j, shard);
	tt_shard_part part;
	int rc = TT_OK;

	TT_TRY(tt_shard_part_new(u, &part, err));
	for (size_t k = 0; k < u->n_carriers; k++) {
		const tt_shard_carrier *c = &u->carriers[k];
		if (node_known(j, c->key))
			continue;
		ret->rows += c->rows;
		for (int64_t p = 0; p < c->parts && rc == TT_OK; p++) {
			rc = tt_shard_part_read(j->in->shards[shard], u, c->first_part + p, &part,
			                        err);
			for (size_t i = 0; rc == TT_OK && i < part.n; i++)
				if (!ret->key || part.line[i] < ret->line) {
					ret->line = part.line[i];
					ret->key = c->key;
				}
		}
	}
	tt_shard_part_free(&part);
	return rc;
}

/* Rows of nodes that no shard knows. */
static int reject_unknown(const joining *j, tt_rejects *to, tt_err *err)
{
	for (size_t i = 0; i < j->in->n_shards; i++) {
		unknown x = { .rows = 0 };
		TT_TRY(find_unknown(j, i, &x, err));
		const size_t n = x.key ? strcspn(x.key, "\x1f") : 0;
		for (; x.rows > 0; x.rows--)
			TT_TRY(tt_reject_row(to, err, tt_usage_tables[j->in->table], "unknown node",
			                     "%s: %s:%lld: node is \"%.*s\", expected a node of "
			                     "nodes.csv", j->in->shards[i]->label,
			                     usage_of(j, i)->file, (long long)x.line,
			                     tt_utf8_shown(x.key, n), x.key));
	}
	return TT_OK;
}

/* Shard and line of a line that was counted through all shards. */
static size_t shard_of_line(const joining *j, uint32_t line, uint32_t *ret)
{
	size_t i = j->in->n_shards - 1;

	while (i > 0 && line < j->line_base[i])
		i--;
	*ret = line - j->line_base[i];
	return i;
}

/* The engine's message with lines as they are in the shards: "line N" is the last number
 * after that word. */
static void clash_text(const joining *j, const tt_clash *c, char *buf, size_t size)
{
	const char *at = NULL, *rest;
	uint32_t here, there = 0;
	int64_t line = 0;

	for (const char *p = c->text; (p = strstr(p, "line ")) != NULL; p++)
		at = p + 5;
	const size_t digits = at ? strspn(at, "0123456789") : 0;
	const size_t a = shard_of_line(j, c->line, &here);
	rest = at ? at + digits : "";
	if (at && !tt_parse_i64(at, digits, &line))
		line = 0;
	const size_t b = shard_of_line(j, (uint32_t)line, &there);
	const char *other = j->in->shards[b]->label;
	snprintf(buf, size, "%.200s: %s:%u: %.*s%u%s%.200s%s", j->in->shards[a]->label,
	         j->in->file, here, (int)(at ? (size_t)(at - c->text) : strlen(c->text)), c->text,
	         there, a == b ? "" : " in ", a == b ? "" : other, rest);
}

static int reject_clashes(const joining *j, tt_rejects *to, tt_err *err)
{
	static const char *const kind[TT_CLASH_KINDS] = {
		[TT_CLASH_PODS] = "two whole pods on one card",
		[TT_CLASH_VALUES] = "conflicting duplicate",
	};
	char text[1000];

	for (int k = 0; k < TT_CLASH_KINDS; k++) {
		tt_clash first = { .n = 0 };
		int64_t n = 0;
		for (int i = 0; i < j->u->n_shards; i++) {
			const tt_clash *c = &j->u->shard[i].clash[k];
			n += c->n;
			if (c->n > 0 && (first.n == 0 || c->line < first.line))
				first = *c;
		}
		if (n > 0)
			clash_text(j, &first, text, sizeof text);
		for (; n > 0; n--)
			TT_TRY(tt_reject_row(to, err, tt_usage_tables[j->in->table], kind[k], "%s",
			                     text));
	}
	return TT_OK;
}

/* --- Passes -------------------------------------------------------------------------------- */

static void forget_pods(joining *j)
{
	for (size_t i = 0; i < j->in->n_shards; i++)
		for (size_t k = 0; k < j->in->shards[i]->n_pods; k++)
			atomic_init(&j->pod[i][k], 0);
}

static int pass(joining *j, int n_threads, int32_t step_s, const tt_usage *known, int lenient,
                tt_err *err)
{
	const tt_usage_join *in = j->in;

	TT_TRY(tt_usage_new(tt_usage_tables[in->table], in->file, in->start_s, in->end_s, step_s,
	                    n_threads, j->metric, j->n_metrics, in->pods, in->temp_folder, lenient,
	                    known, &j->u, err));
	TT_TRY(find_pieces(j, err));
	forget_pods(j);
	tt_run_threads(n_threads, join_some, j);
	for (int i = 0; i < n_threads; i++) {
		if (j->u->shard[i].err.status < 0) {
			*err = j->u->shard[i].err;
			return err->status;
		}
		if (j->u->shard[i].unordered)
			return tt_fail(err, TT_EINTERNAL, "rows of shards are not in order");
	}
	return TT_OK;
}

/* The usual step of the first carrier, all of whose rows are read: what the first pass
 * assumes. Another one costs another pass, no more. */
static int32_t peek_step_s(joining *j)
{
	tt_err err = { .status = TT_OK };
	int32_t step_s = 60;

	forget_pods(j);
	if (tt_usage_new("", "", j->in->start_s, j->in->end_s, 0, 1, j->metric, j->n_metrics, NULL,
	                 j->in->temp_folder, 1, NULL, &j->u, &err) == TT_OK &&
	    find_pieces(j, &err) == TT_OK && j->n > 0 &&
	    join_carrier(j, j->pieces, same_carrier(j, 0), 0, &err) == TT_OK)
		step_s = tt_usage_fleet_step(j->u, 60);
	tt_usage_free(j->u);
	j->u = NULL;
	return step_s;
}

static int join_passes(joining *j, int lenient, tt_usage_result *ret, tt_err *err)
{
	const tt_usage_join *in = j->in;
	const int threads = in->threads < TT_USAGE_SHARDS ? in->threads : TT_USAGE_SHARDS;
	int32_t step_s = in->step_s > 0 ? in->step_s : peek_step_s(j);
	tt_usage *known = NULL;
	bool again = true;
	int rc = TT_OK;

	for (int turn = 0; rc == TT_OK && again && turn < 8; turn++) {
		rc = pass(j, threads, step_s, known, lenient, err);
		again = false;
		if (rc == TT_OK)
			rc = tt_usage_end(j->u, in->step_s > 0, &again, &step_s, err);
		again = again && turn < 7;
		tt_usage_free(known);
		known = NULL;
		if (again && rc == TT_OK) {
			known = j->u;
			j->u = NULL;
		}
	}
	tt_usage_free(known);
	if (rc == TT_OK) {
		j->u->known = NULL;
		ret->step_s = step_s;
	}
	return rc;
}

static void fill_result(joining *j, tt_usage_result *ret)
{
	ret->has_pods = tt_names_count(j->u->pods) > 0;
	for (size_t i = 0; i < j->in->n_shards; i++)
		ret->rows += usage_of(j, i)->rows;
	for (int i = 0; i < j->u->n_shards; i++) {
		ret->duplicates += j->u->shard[i].duplicates;
		ret->outside += j->u->shard[i].outside;
		ret->differing |= j->u->shard[i].differing > 0;
	}
	ret->usage = j->u;
	j->u = NULL;
}

static int joining_new(joining *j, const tt_usage_join *in, tt_err *err)
{
	*j = (joining){ .in = in, .column = tt_zalloc(in->n_shards, sizeof *j->column),
		.line_base = tt_zalloc(in->n_shards, sizeof *j->line_base),
		.pod = tt_zalloc(in->n_shards, sizeof *j->pod) };
	if (!j->column || !j->line_base || !j->pod)
		return tt_no_memory(err);
	for (size_t i = 0; i < in->n_shards; i++) {
		j->pod[i] = tt_zalloc(in->shards[i]->n_pods, sizeof **j->pod);
		if (!j->pod[i])
			return tt_no_memory(err);
	}
	find_metrics(j);
	find_lines(j);
	return TT_OK;
}

static void joining_free(joining *j)
{
	for (size_t i = 0; j->pod && i < j->in->n_shards; i++)
		tt_free(j->pod[i]);
	tt_usage_free(j->u);
	tt_free(j->pieces);
	tt_free(j->column);
	tt_free(j->line_base);
	tt_free(j->pod);
}

int tt_usage_join_shards(const tt_usage_join *in, tt_rejects *rejects, tt_usage_result *ret,
                         tt_err *err)
{
	joining j;
	int rc = joining_new(&j, in, err);

	*ret = (tt_usage_result){ .usage = NULL };
	if (rc == TT_OK)
		rc = reject_unknown(&j, rejects, err);
	if (rc == TT_OK)
		rc = join_passes(&j, rejects->lenient, ret, err);
	if (rc == TT_OK)
		rc = reject_clashes(&j, rejects, err);
	if (rc == TT_OK)
		fill_result(&j, ret);
	joining_free(&j);
	return rc;
}
