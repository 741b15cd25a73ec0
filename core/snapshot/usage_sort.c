#include "snapshot/usage_sort.h"
#include <string.h>

#define BUFFER_BYTES (6u << 20)   /* of rows in memory, by sorter */
#define MERGE_BYTES (16u << 10)   /* read ahead for each run      */

typedef struct run { uint64_t offset, n; } run;
typedef struct item { uint64_t key; uint32_t at; } item;

struct tt_usage_sorter {
	size_t row_bytes, n, cap;
	char *rows;               /* [cap] */
	char *sorted;             /* [cap] */
	item *order, *other;      /* [cap] */
	tt_spill *spill;
	run *runs; size_t n_runs, cap_runs;
};

int tt_usage_sorter_new(size_t row_bytes, const char *folder, tt_usage_sorter **ret, tt_err *err)
{
	tt_usage_sorter *s = tt_zalloc(1, sizeof *s);

	if (!s)
		return tt_no_memory(err);
	s->row_bytes = row_bytes;
	s->cap = BUFFER_BYTES / row_bytes;
	s->rows = tt_alloc(s->cap * row_bytes);
	s->sorted = tt_alloc(s->cap * row_bytes);
	s->order = tt_zalloc(s->cap, sizeof *s->order);
	s->other = tt_zalloc(s->cap, sizeof *s->other);
	int rc = s->rows && s->sorted && s->order && s->other
		? tt_spill_open(folder, &s->spill, err)
		: tt_no_memory(err);
	if (rc < 0) {
		tt_usage_sorter_free(s);
		return rc;
	}
	*ret = s;
	return TT_OK;
}

void tt_usage_sorter_free(tt_usage_sorter *s)
{
	if (!s)
		return;
	tt_free(s->rows);
	tt_free(s->sorted);
	tt_free(s->order);
	tt_free(s->other);
	tt_free(s->runs);
	tt_spill_close(s->spill);
	tt_free(s);
}

static uint64_t key_of(const tt_usage_row *row)
{
	return (uint64_t)row->carrier << 32 | (uint32_t)row->t;
}

/* Stable radix sort of order[n] by key; bytes that are the same everywhere are skipped. */
static void sort_items(tt_usage_sorter *s)
{
	for (int shift = 0; shift < 64; shift += 8) {
		size_t count[257] = { 0 };
		for (size_t i = 0; i < s->n; i++)
			count[1 + (s->order[i].key >> shift & 255)]++;
		if (count[1 + (s->order[0].key >> shift & 255)] == s->n)
			continue;
		for (size_t i = 0; i < 256; i++)
			count[i + 1] += count[i];
		for (size_t i = 0; i < s->n; i++)
			s->other[count[s->order[i].key >> shift & 255]++] = s->order[i];
		item *swap = s->order;
		s->order = s->other;
		s->other = swap;
	}
}

static int spill_run(tt_usage_sorter *s, tt_err *err)
{
	if (s->n == 0)
		return TT_OK;
	for (size_t i = 0; i < s->n; i++) {
		const tt_usage_row *row = (const void *)(s->rows + i * s->row_bytes);
		s->order[i] = (item){ .key = key_of(row), .at = (uint32_t)i };
	}
	sort_items(s);
	for (size_t i = 0; i < s->n; i++)
		memcpy(s->sorted + i * s->row_bytes, s->rows + s->order[i].at * s->row_bytes,
		       s->row_bytes);
	if (!TT_GROW(s->runs, s->n_runs, s->cap_runs))
		return tt_no_memory(err);
	run *r = &s->runs[s->n_runs];
	r->n = s->n;
	TT_TRY(tt_spill_append(s->spill, s->sorted, s->n * s->row_bytes, &r->offset, err));
	s->n_runs++;
	s->n = 0;
	return TT_OK;
}

int tt_usage_sorter_add(tt_usage_sorter *s, const tt_usage_row *row, tt_err *err)
{
	if (row->t < 0)
		return TT_OK; /* before the window: the engine would only count it */
	if (s->n == s->cap)
		TT_TRY(spill_run(s, err));
	memcpy(s->rows + s->n++ * s->row_bytes, row, s->row_bytes);
	return TT_OK;
}

/* --- Merging ------------------------------------------------------------------------- */

typedef struct cursor {      /* where the merge is in one run */
	uint64_t offset, left, key;
	size_t at, n;        /* rows read ahead: next and how many */
	uint32_t run;
	char *buf;
} cursor;

static int cursor_fill(tt_usage_sorter *s, cursor *c, size_t ahead, tt_err *err)
{
	c->n = c->left < ahead ? (size_t)c->left : ahead;
	c->at = 0;
	if (c->n == 0)
		return TT_OK;
	TT_TRY(tt_spill_read(s->spill, c->offset, c->buf, c->n * s->row_bytes, err));
	c->offset += c->n * s->row_bytes;
	c->left -= c->n;
	c->key = key_of((const void *)c->buf);
	return TT_OK;
}

static bool before(const cursor *a, const cursor *b)
{
	return a->key != b->key ? a->key < b->key : a->run < b->run;
}

static void sift(cursor **heap, size_t n, size_t i)
{
	for (;;) {
		size_t least = i, l = 2 * i + 1;
		if (l < n && before(heap[l], heap[least]))
			least = l;
		if (l + 1 < n && before(heap[l + 1], heap[least]))
			least = l + 1;
		if (least == i)
			return;
		cursor *swap = heap[i];
		heap[i] = heap[least];
		heap[least] = swap;
		i = least;
	}
}

static int merge(tt_usage_sorter *s, cursor **heap, size_t n, size_t ahead,
                 int (*take)(void *ctx, const tt_usage_row *row, const int64_t *value),
                 void *ctx, tt_err *err)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(heap, n, i);
	while (n > 0) {
		cursor *c = heap[0];
		const tt_usage_row *row = (const void *)(c->buf + c->at * s->row_bytes);
		TT_TRY(take(ctx, row, (const int64_t *)(const void *)(row + 1)));
		if (++c->at == c->n)
			TT_TRY(cursor_fill(s, c, ahead, err));
		if (c->n == 0)
			heap[0] = heap[--n];
		else
			c->key = key_of((const void *)(c->buf + c->at * s->row_bytes));
		sift(heap, n, 0);
	}
	return TT_OK;
}

int tt_usage_sorter_merge(tt_usage_sorter *s,
                          int (*take)(void *ctx, const tt_usage_row *row, const int64_t *value),
                          void *ctx, tt_err *err)
{
	TT_TRY(spill_run(s, err));
	TT_TRY(tt_spill_flush(s->spill, err));
	/* the sort's memory is not needed any more; the merge's is of the same order */
	tt_free(s->sorted);
	tt_free(s->other);
	s->sorted = NULL;
	s->other = NULL;
	size_t ahead = MERGE_BYTES / s->row_bytes, n = s->n_runs;
	cursor *c = tt_zalloc(n, sizeof *c);
	cursor **heap = tt_zalloc(n, sizeof *heap);
	char *buf = tt_alloc(n * ahead * s->row_bytes);
	int rc = c && heap && buf ? TT_OK : tt_no_memory(err);

	for (size_t i = 0; rc == TT_OK && i < n; i++) {
		c[i] = (cursor){ .offset = s->runs[i].offset, .left = s->runs[i].n,
			.run = (uint32_t)i, .buf = buf + i * ahead * s->row_bytes };
		heap[i] = &c[i];
		rc = cursor_fill(s, &c[i], ahead, err);
	}
	if (rc == TT_OK)
		rc = merge(s, heap, n, ahead, take, ctx, err);
	tt_free(c);
	tt_free(heap);
	tt_free(buf);
	return rc;
}
