/* threads.h - run one function on several threads and wait for all of them. */
#ifndef TT_BASE_THREADS_H
#define TT_BASE_THREADS_H
#include "error.h"

/* Call f(ctx, i) for i in 0..n-1, each on its own thread (i == 0 on the caller's).
 * When a thread can't be made its share runs on the caller's, so results never
 * depend on it. Do not use a barrier of n in f. */
void tt_run_threads(int n, void (*f)(void *ctx, int i), void *ctx);

/* The same for functions that wait for each other (a barrier of n): either all n run at
 * once, or none does and the status is TT_ENOMEM. */
int tt_run_together(int n, void (*f)(void *ctx, int i), void *ctx, tt_err *err);

/* Number of usable processors, at least 1, at most 64. */
int tt_processors(void);
#endif
