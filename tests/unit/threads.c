/* threads.c - every share runs exactly once, with threads and without. */
#include "base/memory.h"
#include "base/threads.h"
#include "t.h"
#include <pthread.h>

enum { N = 40 };

struct seen {
	int runs[N];
	pthread_t by[N];
};

static void note(void *ctx, int i)
{
	struct seen *seen = ctx;

	seen->runs[i]++;
	seen->by[i] = pthread_self();
}

static void run(int n, struct seen *ret)
{
	*ret = (struct seen){ 0 };
	tt_run_threads(n, note, ret);
	for (int i = 0; i < N; i++)
		T_INT(i < n, ret->runs[i]);
}

static void meet(void *ctx, int i)
{
	(void)i;
	pthread_barrier_wait(ctx);
}

/* Shares that wait for each other all run, or none does. */
static void together(void)
{
	pthread_barrier_t all;
	tt_err err = { 0 };

	pthread_barrier_init(&all, NULL, 5);
	T_INT(TT_OK, tt_run_together(5, meet, &all, &err));
	tt_alloc_fail_at(1, 0);
	T_INT(TT_ENOMEM, tt_run_together(5, meet, &all, &err));
	tt_alloc_fail_at(0, 0);
	pthread_barrier_destroy(&all);
}

int main(void)
{
	struct seen seen;

	together();

	run(0, &seen);
	run(1, &seen);
	run(N, &seen);
	T_OK(pthread_equal(seen.by[0], pthread_self()));
	T_OK(!pthread_equal(seen.by[1], pthread_self()));

	tt_alloc_fail_at(1, 0);
	run(N, &seen);
	tt_alloc_fail_at(0, 0);
	T_OK(pthread_equal(seen.by[1], pthread_self()));

	T_OK(tt_processors() >= 1 && tt_processors() <= 64);
	return T_END();
}
