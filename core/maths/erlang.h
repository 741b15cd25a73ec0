/* erlang.h - how long requests wait for one of m servers.
 *
 * Requests arrive at random (Poisson) at `arrivals_per_s`, each server serves `served_per_s`
 * of them at random (exponential), and whoever finds all of them taken waits in line: M/M/m.
 * load = arrivals_per_s / served_per_s is in Erlangs: the servers busy on average. By
 * recursion, without factorials; O(sqrt(load) + servers above the load). A server is one slot:
 * of a replica that serves 16 requests at once these are 16, and served_per_s is its measured
 * throughput within the objective / 16, not 1 / latency.
 *
 * Pure functions, any thread, with the same bits on every machine (elementary.h), because
 * numbers of servers are chosen by comparing these. NaN or a negative argument gives NaN. */
#ifndef TT_MATHS_ERLANG_H
#define TT_MATHS_ERLANG_H
#include <stdint.h>

/* Share of requests that are lost where nobody waits (Erlang B). 1 for no server. */
double tt_erlang_lost_ratio(int64_t servers, double load);

/* Share of requests that have to wait (Erlang C). 1 when the load is not below `servers`;
 * without any load 0. */
double tt_erlang_waiting_ratio(int64_t servers, double load);

/* Share of requests that wait longer than wait_s. */
double tt_erlang_late_ratio(int64_t servers, double arrivals_per_s, double served_per_s,
                            double wait_s);

/* Mean wait of all requests, seconds; INFINITY when the load is not below `servers`. */
double tt_erlang_wait_s(int64_t servers, double arrivals_per_s, double served_per_s);

/* APPROXIMATE: the mean wait where the time between arrivals and the time that serving takes
 * have these squared coefficients of variation (1 and 1: as random as above) - that mean wait
 * times half their sum. Exact for one server with random arrivals. */
double tt_erlang_wait_approx_s(int64_t servers, double arrivals_per_s, double served_per_s,
                               double arrivals_cv2, double serving_cv2);

/* The fewest servers, more than the load, with a late ratio of at most late_ratio. 0 when
 * nothing arrives; -1 when there are none up to `most`, or an argument makes no sense. */
int64_t tt_erlang_servers(double arrivals_per_s, double served_per_s, double wait_s,
                          double late_ratio, int64_t most);

/* The beta > 0 at which load + beta x sqrt(load) servers let waiting_ratio (between 0 and 1)
 * of requests wait, in the limit of a large load (Halfin, Whitt 1981). */
double tt_erlang_beta(double waiting_ratio);

/* Square-root staffing: load + beta x sqrt(load), rounded up. One server off at times where
 * the load is small; tt_erlang_servers() is exact. -1 when an argument makes no sense. */
int64_t tt_erlang_staffing(double load, double waiting_ratio);
#endif
