/* memory.c - overflows are refused, the n-th allocation fails when told to, arenas
 * hand out aligned and zeroed memory that does not move. */
#include "base/error.h"
#include "base/memory.h"
#include "t.h"

static void sizes(void)
{
	void *p = tt_alloc(0), *q = tt_zalloc(0, 8);

	T_OK(p && q);
	tt_free(p);
	tt_free(q);
	tt_free(NULL);
	T_OK(tt_alloc(SIZE_MAX) == NULL);
	T_OK(tt_zalloc(SIZE_MAX / 2, 3) == NULL);
	T_OK(tt_zalloc(SIZE_MAX / 8, 8) == NULL);

	unsigned char *z = tt_zalloc(100, 3);
	int sum = 0;
	for (int i = 0; i < 300; i++)
		sum += z[i];
	T_INT(0, sum);
	z[0] = 7;
	T_OK(tt_realloc(z, SIZE_MAX / 2, 4) == NULL);
	T_INT(7, z[0]);
	z = tt_realloc(z, 1000, 10);
	T_INT(7, z[0]);
	tt_free(z);

	char *s = tt_strdup("text");
	T_STR("text", s);
	tt_freep(&s);
}

static void fails_when_told(void)
{
	tt_alloc_fail_at(3, 0);
	for (int i = 1; i <= 5; i++) {
		void *p = i % 2 ? tt_alloc(8) : tt_zalloc(1, 8);

		T_INT(i != 3, p != NULL);
		tt_free(p);
	}
	tt_alloc_fail_at(2, 1);
	for (int i = 1; i <= 4; i++) {
		void *p = tt_realloc(NULL, 1, 8);

		T_INT(i < 2, p != NULL);
		tt_free(p);
	}
	T_OK(tt_strdup("x") == NULL);
	T_OK(tt_arena_new() == NULL);
	tt_alloc_fail_at(0, 0);

	void *p = tt_alloc(8);
	T_OK(p != NULL);
	tt_free(p);
}

static void grow(void)
{
	int *v = NULL;
	size_t n = 0, cap = 0;

	for (int i = 0; i < 1000; i++) {
		if (!TT_GROW(v, n, cap))
			break;
		v[n++] = i;
	}
	T_INT(1000, n);
	T_INT(999, v[999]);
	T_INT(0, v[0]);

	while (n < cap)
		v[n++] = 1;
	size_t was = cap;
	const int *at = v;
	tt_alloc_fail_at(1, 0);
	T_INT(0, TT_GROW(v, n, cap));
	T_INT(was, cap);
	T_OK(at == v);
	tt_alloc_fail_at(0, 0);
	tt_free(v);
}

static void arena(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *a = tt_arena_new();
	unsigned char *all[3000];
	size_t sizes_bytes = 0, not_zero = 0;

	for (size_t i = 0; i < 3000; i++) {
		size_t n = i % 97 ? i % 97 : 50000; /* now and then one with its own block */

		all[i] = tt_arena_alloc(a, n);
		T_OK(all[i] && (uintptr_t)all[i] % 16 == 0);
		for (size_t k = 0; k < n; k++) {
			not_zero += all[i][k] != 0;
			all[i][k] = (unsigned char)i;
		}
		sizes_bytes += n;
	}
	T_INT(0, not_zero);
	int wrong = 0;
	for (size_t i = 0; i < 3000; i++)
		for (size_t k = 0; k < (i % 97 ? i % 97 : 50000); k++)
			wrong += all[i][k] != (unsigned char)i;
	T_INT(0, wrong);
	T_OK(tt_arena_used_bytes(a) >= sizes_bytes);
	T_OK(tt_arena_used_bytes(a) < sizes_bytes + 3000 * 16);

	T_STR("abc", tt_arena_text(a, "abcdef", 3));
	T_STR("", tt_arena_text(a, NULL, 0));
	T_OK(tt_arena_alloc(a, 0) != NULL);
	T_OK(tt_arena_alloc(a, SIZE_MAX) == NULL);
	T_OK(tt_arena_text(a, "", SIZE_MAX) == NULL);
	tt_arena_free(NULL);
}

static void arena_out_of_memory(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *a = tt_arena_new();

	char *s = tt_arena_text(a, "kept", 4);
	tt_alloc_fail_at(1, 1);
	T_OK(tt_arena_alloc(a, 1000000) == NULL);
	T_OK(tt_arena_alloc(a, 100) != NULL); /* room in the block that is there */
	tt_alloc_fail_at(0, 0);
	T_STR("kept", s);
}

int main(void)
{
	sizes();
	fails_when_told();
	grow();
	arena();
	arena_out_of_memory();
	return T_END();
}
