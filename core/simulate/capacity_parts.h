/* capacity_parts.h - what pools, cases and what is held share; for capacity*.c alone. */
#ifndef TT_SIMULATE_CAPACITY_PARTS_H
#define TT_SIMULATE_CAPACITY_PARTS_H
#include "base/memory.h"
#include "simulate/capacity.h"

/* --- capacity.c --- */
/* The number of a pool like that, made where there is none. */
int tt_pools_find(tt_pools *p, const tt_pool *like, uint32_t *ret, tt_err *err);
/* The pool of a segment of what is in pool `own` otherwise. */
int tt_pools_of_segment(tt_pools *p, uint32_t own, const tt_segment *g, uint32_t *ret,
                        tt_err *err);
bool tt_pools_autoscaled(const tt_snapshot *s, const char *node_group);
/* The hours of a pool, made where there are none; until the next is made. */
int tt_capacity_hours(tt_capacity *c, const tt_pools *p, uint32_t pool, tt_pool_hours **ret,
                      tt_err *err);
/* A segment, as differences until tt_capacity_settle(). */
void tt_capacity_add(const tt_pools *p, const tt_segment *g, int sign, tt_pool_hours *to);
void tt_capacity_settle(tt_capacity *c, const tt_pools *p);
/* Money beside seconds x price in an hour. Errors: TT_ENOMEM. */
int tt_capacity_extra(const tt_pools *p, tt_pool_hours *to, size_t hour, tt_i128 parts,
                      tt_err *err);
/* What segments cost, exactly, in parts; UNKNOWN prices are in none. Errors: TT_EDATA. */
int tt_capacity_parts(const tt_segments *s, tt_i128 *ret, tt_err *err);

/* --- capacity_lines.c --- */
/* Once hours are settled: all lines of the bill, and what `c` changes of them. */
int tt_capacity_lines(const tt_case *c, tt_pools *p, tt_capacity *to, tt_err *err);
int tt_capacity_lines_delta(const tt_case *c, tt_pools *p, tt_capacity *to, tt_err *err);

/* --- capacity_held.c --- */
/* What is held in each epoch with its deals: [epochs], NULL where nothing is. */
int tt_pools_hold(const tt_pools *p, const tt_case *c, tt_held **ret, tt_err *err);
/* Once hours are settled: what is held and what it leaves, in every epoch. */
int tt_capacity_held(tt_held *const *held, int sign, tt_pools *p, tt_capacity *to, tt_err *err);

/* --- capacity_levels.c --- */
/* Groups whose demand moves, once: those with an autoscaler. Errors: TT_ENOMEM. */
int tt_pools_find_groups(tt_pools *p, const tt_snapshot *s, tt_err *err);
/* What is taken from now on belongs to `group`, if demand moves it. */
void tt_pools_take_for(const tt_pools *p, tt_held *const *held, const char *group);
/* Behind tt_capacity_held(): what other levels of their demand make of it. The first time it is
 * that of the baseline, which is what sign -1 takes out. */
int tt_capacity_levels(tt_held *const *held, int sign, tt_pools *p, tt_capacity *to, tt_err *err);
/* That of another case on top (NULL: nothing). Errors: TT_ENOMEM. */
int tt_capacity_more(const tt_pools *p, tt_pool_hours *to, const double *more, tt_err *err);
#endif
