/* repack_course.h - where the pods of a pool are over time when it is packed anew every hour,
 * and which nodes are gone meanwhile.
 *
 * Placement is sticky: a pod that runs stays where it is until a packing moves it, the room
 * is needed by those who were seen there, or its node goes. One that comes goes to the node
 * where it was seen while that is up and has room, else where there is room first, else its
 * node is up again. At the begin everything is where it was seen. */
#ifndef TT_CHANGE_REPACK_COURSE_H
#define TT_CHANGE_REPACK_COURSE_H
#include "change/repack_pool.h"

typedef struct tt_repack_rules {
	int64_t min_nodes;      /* never fewer are up */
	int64_t idle_timeout_s; /* a node goes so long after it emptied, */
	int64_t drain_s;        /* and is paid for so long after that */
	int64_t target_u6;      /* nodes are emptied that are asked for less of their cards,
	                         * else CPUs, in millionths; not with `anew` */
	bool anew;              /* pods may move that empty no node by leaving it */
} tt_repack_rules;

typedef struct tt_repack_result {  /* zero-initialise */
	size_t moves;           /* of pods that ran */
	tt_repack_pod homeless; /* whose node is released and that fits nowhere else, the
	                         * first; without a name: nobody */
	tt_i128 gap;            /* micro-units times 3600: what other packings save at most
	                         * besides */
	bool unproven;          /* some packing may not be the best */
} tt_repack_result;

/* Go through `stretch` and append to gone[nodes] when each is not up. Adds to `ret`. Errors:
 * TT_ENOMEM. */
int tt_repack_course(const tt_repack_pool *p, const tt_repack_rules *rules, tt_span stretch,
                     tt_spans *gone, tt_repack_result *ret, tt_err *err);
#endif
