/* table_sort.c - merge sort of row numbers, then one pass over groups of one key. */
#include "snapshot/table_sort.h"
#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- Lines ------------------------------------------------------------------------- */
#define SHARD_SHIFT 40

int64_t tt_shard_line(size_t shard, int64_t line)
{
	return (int64_t)shard << SHARD_SHIFT | line;
}

size_t tt_shard_of_line(int64_t line)
{
	return (size_t)(line >> SHARD_SHIFT);
}

static long long line_in_file(const tt_rows *r, size_t i)
{
	const int64_t line = r->line ? r->line[i] : 0;

	return (long long)(r->shard ? line & (((int64_t)1 << SHARD_SHIFT) - 1) : line);
}

char *tt_row_place(const tt_rows *r, size_t i, char buf[TT_ROW_PLACE])
{
	const char *shard = r->shard ? r->shard[tt_shard_of_line(r->line[i])] : "";

	snprintf(buf, TT_ROW_PLACE, "%.300s%s%.60s:%lld", shard, *shard ? ": " : "", r->file,
	         line_in_file(r, i));
	return buf;
}

char *tt_row_line(const tt_rows *r, size_t i, char buf[TT_ROW_PLACE])
{
	if (r->shard)
		snprintf(buf, TT_ROW_PLACE, "line %lld in %.300s", line_in_file(r, i),
		         r->shard[tt_shard_of_line(r->line[i])]);
	else
		snprintf(buf, TT_ROW_PLACE, "line %lld", line_in_file(r, i));
	return buf;
}

/* --- Order ------------------------------------------------------------------------- */
int tt_sort_index(size_t n, int (*compare)(const void *ctx, size_t a, size_t b),
                  const void *ctx, size_t **ret, tt_err *err)
{
	size_t *from = tt_zalloc(n, sizeof *from), *to = tt_zalloc(n, sizeof *to);
	if (!from || !to) {
		tt_free(from);
		tt_free(to);
		return tt_no_memory(err);
	}
	bool sorted = true; /* as files mostly are */
	for (size_t i = 0; i < n; i++) {
		from[i] = i;
		sorted = sorted && (i == 0 || compare(ctx, i - 1, i) <= 0);
	}
	for (size_t width = 1; !sorted && width < n; width *= 2) {
		for (size_t lo = 0; lo < n; lo += 2 * width) {
			const size_t mid = n - lo < width ? n : lo + width;
			const size_t hi = n - mid < width ? n : mid + width;
			size_t a = lo, b = mid;
			for (size_t k = lo; k < hi; k++)
				to[k] = b == hi || (a < mid && compare(ctx, from[a], from[b]) <= 0)
					? from[a++] : from[b++];
		}
		size_t *t = from;
		from = to;
		to = t;
	}
	tt_free(to);
	*ret = from;
	return TT_OK;
}

static const void *row_at(const tt_rows *r, size_t i)
{
	return r->p + i * r->def->row_size;
}

static int compare_rows(const void *ctx, size_t a, size_t b)
{
	const tt_rows *r = ctx;
	return tt_row_compare_all(r->def, row_at(r, a), row_at(r, b));
}

static int sort_rows(tt_rows *r, tt_err *err)
{
	TT_CLEANUP(tt_freep) size_t *order = NULL;
	TT_TRY(tt_sort_index(r->n, compare_rows, r, &order, err));
	char *p = tt_zalloc(r->n, r->def->row_size);
	int64_t *line = tt_zalloc(r->n, sizeof *line);
	if (!p || !line) {
		tt_free(p);
		tt_free(line);
		return tt_no_memory(err);
	}
	for (size_t i = 0; i < r->n; i++) {
		memcpy(p + i * r->def->row_size, row_at(r, order[i]), r->def->row_size);
		line[i] = r->line[order[i]];
	}
	tt_free(r->p);
	tt_free(r->line);
	r->p = p;
	r->line = line;
	r->cap = r->line_cap = r->n;
	return TT_OK;
}

void tt_rows_drop(tt_rows *r, const bool *drop)
{
	const size_t size = r->def->row_size;
	size_t w = 0;
	for (size_t i = 0; i < r->n; i++) {
		if (drop[i])
			continue;
		if (w != i) {
			memcpy(r->p + w * size, r->p + i * size, size);
			if (r->line)
				r->line[w] = r->line[i];
		}
		w++;
	}
	r->n = w;
}

static void describe_f64(double v, tt_buf *ret)
{
	char text[64];
	tt_buf_puts(ret, isnan(v) ? "empty" : tt_format_f64(v, 9, text, sizeof text));
}

void tt_field_describe(const tt_field *f, const void *row, tt_buf *ret)
{
	const void *at = (const char *)row + f->offset;
	char text[64];
	switch (f->type) {
	case TT_FIELD_TEXT:
	case TT_FIELD_WORD:
	case TT_FIELD_LABELS: {
		const char *s = *(const char *const *)at;
		if (*s)
			tt_buf_printf(ret, "\"%.*s\"", tt_utf8_shown(s, strlen(s)), s);
		else
			tt_buf_puts(ret, "empty");
		break;
	}
	case TT_FIELD_F64:
		describe_f64(*(const double *)at, ret);
		break;
	case TT_FIELD_BOOL: {
		const double v = *(const double *)at;
		tt_buf_puts(ret, isnan(v) ? "empty" : v != 0 ? "true" : "false");
		break;
	}
	case TT_FIELD_TIME: {
		const int64_t t = *(const int64_t *)at;
		tt_buf_puts(ret, t == TT_TIME_MISSING ? "empty" : tt_time_format(t, text));
		break;
	}
	case TT_FIELD_DECIMAL: {
		const tt_decimal d = *(const tt_decimal *)at;
		tt_buf_puts(ret, d == TT_DECIMAL_MISSING ? "empty"
			: tt_decimal_format(d, text, sizeof text));
		break;
	}
	}
}

/* --- One key, several rows ---------------------------------------------------------- */
typedef struct conflict {
	size_t row, other;
	int64_t line, other_line;
} conflict;

typedef struct conflicts {
	conflict *p;
	size_t n, cap;
} conflicts;

/* By the line at which the two are seen to conflict; the later row speaks first. */
static int compare_conflicts(const void *ctx, size_t a, size_t b)
{
	const conflict *x = (const conflict *)ctx + a, *y = (const conflict *)ctx + b;
	const int64_t s = x->line > x->other_line ? x->line : x->other_line;
	const int64_t t = y->line > y->other_line ? y->line : y->other_line;
	return s != t ? (s > t) - (s < t) : (x->line < y->line) - (x->line > y->line);
}

/* The key as in: provider "aws", pricing "spot". Empty parts are left out. */
static void describe_key(const tt_table_def *d, const void *row, tt_buf *ret)
{
	const char *comma = "";
	for (size_t i = 0; i < d->n_fields; i++) {
		const tt_field *f = &d->fields[i];
		if (!(f->flags & TT_FIELD_KEY) && !(d->curve && i == 0))
			continue;
		const size_t before = ret->n;
		tt_buf_printf(ret, "%s%s ", comma, f->name);
		const size_t value = ret->n;
		tt_field_describe(f, row, ret);
		if (ret->failed)
			return;
		if (strcmp(ret->p + value, "empty") == 0)
			ret->n = before; /* what follows is written over it */
		else
			comma = ", ";
	}
	if (ret->p)
		ret->p[ret->n] = '\0';
}

static int reject_conflict(tt_rows *r, const conflict *k, tt_rejects *rejects, tt_err *err)
{
	const tt_table_def *d = r->def;
	const void *a = row_at(r, k->row), *b = row_at(r, k->other);
	const char *kind = d == tt_table_def_at(TT_PRICES)
		? "two prices for one key and date" : "conflicting duplicate";
	const tt_field *f = d->fields;
	while (tt_field_compare(f, a, b) == 0)
		f++; /* the two do differ */
	tt_buf key = { 0 }, value = { 0 }, other = { 0 };
	char here[TT_ROW_PLACE], there[TT_ROW_PLACE];
	describe_key(d, a, &key);
	tt_field_describe(f, a, &value);
	tt_field_describe(f, b, &other);
	const int rc = key.failed || value.failed || other.failed ? tt_no_memory(err)
		: tt_reject_row(rejects, err, d->name, kind,
			"%s: %s, %s: %s is %s, in %s it is %s", tt_row_place(r, k->row, here), kind,
			tt_buf_text(&key), f->name, tt_buf_text(&value),
			tt_row_line(r, k->other, there), tt_buf_text(&other));
	tt_buf_free(&key);
	tt_buf_free(&value);
	tt_buf_free(&other);
	return rc;
}

static int add_conflict(tt_rows *r, conflicts *all, size_t row, size_t other, tt_err *err)
{
	if (!TT_GROW(all->p, all->n, all->cap))
		return tt_no_memory(err);
	all->p[all->n++] = (conflict){ .row = row, .other = other, .line = r->line[row],
		.other_line = r->line[other] };
	return TT_OK;
}

/* Rows [lo, hi) have one key and those with drop[] are equal to one before them. */
static int look_at_group(tt_rows *r, size_t lo, size_t hi, bool *drop, conflicts *all,
                         tt_err *err)
{
	size_t first = lo, second = hi; /* by line, of the rows that differ */
	for (size_t i = lo + 1; i < hi; i++) {
		if (drop[i])
			continue;
		if (r->line[i] < r->line[first]) {
			second = first;
			first = i;
		} else if (second == hi || r->line[i] < r->line[second]) {
			second = i;
		}
	}
	if (second == hi)
		return TT_OK;
	for (size_t i = lo; i < hi; i++) {
		if (drop[i])
			continue;
		TT_TRY(add_conflict(r, all, i, i == first ? second : first, err));
		drop[i] = true;
	}
	return TT_OK;
}

/* Rows [lo, hi) are equal, those of one shard together: all but the shard that has most of
 * them repeat what others know. */
static void count_equal(tt_rows *r, size_t lo, size_t hi)
{
	size_t most = r->shard ? 0 : hi - lo;
	for (size_t i = lo, from = lo; r->shard && i < hi; i++) {
		if (tt_shard_of_line(r->line[i]) != tt_shard_of_line(r->line[from]))
			from = i;
		most = i + 1 - from > most ? i + 1 - from : most;
	}
	r->duplicates += (int64_t)most - 1;
	r->copies += (int64_t)(hi - lo - most);
	r->read -= (int64_t)(hi - lo - most);
}

static int find_conflicts(tt_rows *r, bool *drop, conflicts *all, tt_err *err)
{
	for (size_t lo = 0, hi; lo < r->n; lo = hi) {
		size_t equal = lo; /* the first of those equal to the last */
		for (hi = lo + 1; hi < r->n; hi++) {
			if (tt_row_compare_key(r->def, row_at(r, lo), row_at(r, hi)) != 0)
				break;
			drop[hi] = compare_rows(r, hi - 1, hi) == 0;
			if (drop[hi])
				continue;
			count_equal(r, equal, hi);
			equal = hi;
		}
		count_equal(r, equal, hi);
		TT_TRY(look_at_group(r, lo, hi, drop, all, err));
	}
	return TT_OK;
}

int tt_rows_sort(tt_rows *r, tt_rejects *rejects, tt_err *err)
{
	TT_TRY(sort_rows(r, err));
	TT_CLEANUP(tt_freep) bool *drop = tt_zalloc(r->n, sizeof *drop);
	TT_CLEANUP(tt_freep) size_t *order = NULL;
	TT_CLEANUP(tt_freep) conflict *found = NULL;
	if (!drop)
		return tt_no_memory(err);
	conflicts all = { 0 };
	int rc = find_conflicts(r, drop, &all, err);
	found = all.p;
	if (rc == TT_OK)
		rc = tt_sort_index(all.n, compare_conflicts, all.p, &order, err);
	for (size_t i = 0; rc == TT_OK && i < all.n; i++)
		rc = reject_conflict(r, &all.p[order[i]], rejects, err);
	if (rc == TT_OK)
		tt_rows_drop(r, drop);
	return rc;
}
