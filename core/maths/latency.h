/* latency.h - how long requests take until they are served, over times with different load
 * and different numbers of servers: waiting in line by Erlang-C (erlang.h) and being served.
 *
 * What begins with a delay (a cold start) waits for that first. Where there is more load than
 * servers, nobody is ever done: there is no limit to how long it takes. Pure functions, any
 * thread, the same bits on every machine. */
#ifndef TT_MATHS_LATENCY_H
#define TT_MATHS_LATENCY_H
#include <stddef.h>
#include <stdint.h>

typedef struct tt_latency_time {    /* a time in which nothing changes */
	double requests;            /* that came in it: its weight */
	double arrivals_per_s, served_per_s; /* served_per_s: by one server */
	int64_t servers;
	double delay_s;             /* before one is there for them; INFINITY: never */
	double waiting_ratio;       /* filled in by tt_latency_quantile_s() */
} tt_latency_time;

/* Share of the requests of one time that take longer than `latency_s`, where `waiting_ratio`
 * of them have to wait (tt_erlang_waiting_ratio()). */
double tt_latency_late_ratio(const tt_latency_time *t, double latency_s);

/* The shortest latency within which all but `late_ratio` of the requests of v[n] are served.
 * INFINITY: more of them come while there is no limit; NaN: none came. */
double tt_latency_quantile_s(tt_latency_time *v, size_t n, double late_ratio);
#endif
