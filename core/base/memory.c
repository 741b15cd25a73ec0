/* memory.c - malloc with a hook that makes the n-th allocation fail, and arenas.
 *
 * The hook is all that is writable and global here. It is for tests alone; switched off
 * it costs one relaxed load for each allocation. */
#include "memory.h"
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static _Atomic uint64_t fail_in;     /* allocations until the one that fails; 0: off */
static _Atomic int fail_sticky;
static _Atomic uint64_t n_failed;

void tt_alloc_fail_at(uint64_t nth, int sticky)
{
	if (nth)
		atomic_store(&n_failed, 0);
	atomic_store(&fail_sticky, sticky);
	atomic_store(&fail_in, nth);
}

uint64_t tt_alloc_failed(void)
{
	return atomic_load(&n_failed);
}

static bool must_fail(void)
{
	uint64_t left = atomic_load_explicit(&fail_in, memory_order_relaxed);

	while (left) {
		uint64_t next = left > 1 ? left - 1 : atomic_load(&fail_sticky) ? 1 : 0;

		if (!atomic_compare_exchange_weak(&fail_in, &left, next))
			continue;
		if (left == 1)
			atomic_fetch_add(&n_failed, 1);
		return left == 1;
	}
	return false;
}

void *tt_alloc(size_t bytes)
{
	if (bytes > PTRDIFF_MAX || must_fail())
		return NULL;
	return malloc(bytes ? bytes : 1);
}

void *tt_zalloc(size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > PTRDIFF_MAX || must_fail())
		return NULL;
	return calloc(bytes ? bytes : 1, 1);
}

void *tt_realloc(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > PTRDIFF_MAX || must_fail())
		return NULL;
	return realloc(p, bytes ? bytes : 1);
}

void tt_free(void *p)
{
	free(p);
}

char *tt_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = tt_alloc(n);

	if (copy)
		memcpy(copy, s, n);
	return copy;
}

int tt_grow_(void **p, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap : 8;
	void *old, *fresh;

	if (more > SIZE_MAX - *cap)
		return 0;
	/* by memcpy, because what *p really is, is a pointer to some other type */
	memcpy(&old, (const void *)p, sizeof old);
	fresh = tt_realloc(old, *cap + more, size);
	if (!fresh)
		return 0;
	memcpy((void *)p, &fresh, sizeof fresh);
	*cap += more;
	return 1;
}

enum { BLOCK_BYTES = 64 * 1024, ALIGN = 16 };

typedef struct block {
	struct block *next;
	size_t used, size;
	alignas(ALIGN) unsigned char data[];
} block;

struct tt_arena {
	block *first;       /* the one that is being filled; full ones behind it */
	size_t used_bytes;
	tt_arena *within;   /* the first that is freed with it */
	tt_arena *next;     /* of those */
};

tt_arena *tt_arena_new(void)
{
	return tt_zalloc(1, sizeof(tt_arena));
}

tt_arena *tt_arena_within(tt_arena *a)
{
	tt_arena *b = tt_arena_new();

	if (b) {
		b->next = a->within;
		a->within = b;
	}
	return b;
}

void tt_arena_free(tt_arena *a)
{
	if (!a)
		return;
	for (tt_arena *b = a->within; b;) {
		tt_arena *next = b->next;

		tt_arena_free(b);
		b = next;
	}
	for (block *b = a->first; b;) {
		block *next = b->next;

		tt_free(b);
		b = next;
	}
	tt_free(a);
}

static block *add_block(tt_arena *a, size_t bytes)
{
	bool big = bytes > BLOCK_BYTES / 4;
	size_t size = big ? bytes : BLOCK_BYTES - sizeof(block);
	block *b = tt_alloc(sizeof *b + size);

	if (!b)
		return NULL;
	b->used = 0;
	b->size = size;
	if (big && a->first) { /* full at once: the first one keeps its free room */
		b->next = a->first->next;
		a->first->next = b;
	} else {
		b->next = a->first;
		a->first = b;
	}
	return b;
}

static void *take(tt_arena *a, size_t bytes)
{
	if (bytes > PTRDIFF_MAX - sizeof(block) - ALIGN)
		return NULL;
	bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;

	block *b = a->first;
	if (!b || b->size - b->used < bytes)
		b = add_block(a, bytes);
	if (!b)
		return NULL;

	void *p = b->data + b->used;
	b->used += bytes;
	a->used_bytes += bytes;
	return p;
}

void *tt_arena_alloc(tt_arena *a, size_t bytes)
{
	void *p = take(a, bytes ? bytes : 1);

	if (p)
		memset(p, 0, bytes);
	return p;
}

char *tt_arena_text(tt_arena *a, const char *s, size_t n)
{
	char *p = n < PTRDIFF_MAX ? take(a, n + 1) : NULL;

	if (!p)
		return NULL;
	if (n)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

size_t tt_arena_used_bytes(const tt_arena *a)
{
	return a->used_bytes;
}

void tt_freep(void *pp)
{
	void *p;

	memcpy(&p, pp, sizeof p);
	tt_free(p);
}

void tt_arena_freep(tt_arena **a)
{
	tt_arena_free(*a);
}
