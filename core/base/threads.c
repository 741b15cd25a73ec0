/* threads.c - plain pthreads, made for one call and joined before it returns. There
 * is no pool: the few places that use threads run for seconds. */
#include "threads.h"
#include "memory.h"
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <unistd.h>

struct job {
	pthread_t thread;
	void (*f)(void *ctx, int i);
	void *ctx;
	int i;
	bool started;
};

static void *run_job(void *p)
{
	const struct job *job = p;

	job->f(job->ctx, job->i);
	return NULL;
}

void tt_run_threads(int n, void (*f)(void *ctx, int i), void *ctx)
{
	struct job *jobs = n > 1 ? tt_zalloc((size_t)n, sizeof *jobs) : NULL;

	if (!jobs) {
		for (int i = 0; i < n; i++)
			f(ctx, i);
		return;
	}
	for (int i = 1; i < n; i++) {
		struct job *job = &jobs[i];

		job->f = f;
		job->ctx = ctx;
		job->i = i;
		job->started = pthread_create(&job->thread, NULL, run_job, job) == 0;
	}
	f(ctx, 0);
	for (int i = 1; i < n; i++)
		if (!jobs[i].started)
			f(ctx, i);
	for (int i = 1; i < n; i++)
		if (jobs[i].started)
			pthread_join(jobs[i].thread, NULL);
	tt_free(jobs);
}

int tt_processors(void)
{
	cpu_set_t set; /* what this process may use, not what the machine has */
	long n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
							     : sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > 64 ? 64 : (int)n;
}

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	int go; /* 0: wait, 1: run, -1: go home */
	void (*f)(void *ctx, int i);
	void *ctx;
};

struct gated {
	struct gate *gate;
	pthread_t thread;
	int i;
};

static void *run_gated(void *p)
{
	struct gated *job = p;
	struct gate *g = job->gate;

	pthread_mutex_lock(&g->lock);
	while (g->go == 0)
		pthread_cond_wait(&g->moved, &g->lock);
	int go = g->go;
	pthread_mutex_unlock(&g->lock);
	if (go > 0)
		g->f(g->ctx, job->i);
	return NULL;
}

int tt_run_together(int n, void (*f)(void *ctx, int i), void *ctx, tt_err *err)
{
	struct gate g = { .f = f, .ctx = ctx };
	struct gated *jobs = tt_zalloc((size_t)n, sizeof *jobs);
	int started = 1;

	if (!jobs)
		return tt_no_memory(err);
	pthread_mutex_init(&g.lock, NULL);
	pthread_cond_init(&g.moved, NULL);
	for (; started < n; started++) {
		jobs[started] = (struct gated){ .gate = &g, .i = started };
		if (pthread_create(&jobs[started].thread, NULL, run_gated, &jobs[started]) != 0)
			break;
	}
	pthread_mutex_lock(&g.lock);
	g.go = started == n ? 1 : -1;
	pthread_cond_broadcast(&g.moved);
	pthread_mutex_unlock(&g.lock);
	if (started == n)
		f(ctx, 0);
	for (int i = 1; i < started; i++)
		pthread_join(jobs[i].thread, NULL);
	pthread_cond_destroy(&g.moved);
	pthread_mutex_destroy(&g.lock);
	tt_free(jobs);
	if (started < n)
		return tt_fail(err, TT_ENOMEM, "can't start %d threads", n);
	return TT_OK;
}
