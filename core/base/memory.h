/* memory.h - the one way the core gets memory.
 *
 * Every allocation goes through these four, so that a test can fail the n-th
 * one. Arenas hold what is many and small and dies together; growing arrays use
 * TT_GROW. Nothing here aborts: NULL means out of memory. Any thread. */
#ifndef TT_BASE_MEMORY_H
#define TT_BASE_MEMORY_H
#include <stddef.h>
#include <stdint.h>

void *tt_alloc(size_t bytes);              /* uninitialised; never NULL for 0 */
void *tt_zalloc(size_t n, size_t size);    /* zeroed; NULL on overflow of n*size */
void *tt_realloc(void *p, size_t n, size_t size); /* like realloc to n*size   */
void tt_free(void *p);                     /* NULL is fine */
char *tt_strdup(const char *s);

/* For tests: let allocation number `nth` (1 = the next) fail, and, when
 * `sticky`, every one after it. 0 switches it off. */
void tt_alloc_fail_at(uint64_t nth, int sticky);
uint64_t tt_alloc_failed(void); /* how many have failed so since it was last switched on */

/* Make room for one more element: array `p` of `n` used and `cap` allocated.
 * False when out of memory; `p` is then as it was. */
#define TT_GROW(p, n, cap) \
	((n) < (cap) || tt_grow_((void **)&(p), &(cap), sizeof *(p)))
int tt_grow_(void **p, size_t *cap, size_t size);

/* An arena: freed as a whole. Not for several threads at once. */
typedef struct tt_arena tt_arena;
tt_arena *tt_arena_new(void);
tt_arena *tt_arena_within(tt_arena *a);    /* one of its own that is freed with `a` */
void tt_arena_free(tt_arena *a);           /* NULL is fine */
void *tt_arena_alloc(tt_arena *a, size_t bytes); /* zeroed, aligned to 16 */
char *tt_arena_text(tt_arena *a, const char *s, size_t n); /* copy + NUL */
size_t tt_arena_used_bytes(const tt_arena *a);

/* For TT_CLEANUP. */
void tt_freep(void *pp);
void tt_arena_freep(tt_arena **a);
#endif
