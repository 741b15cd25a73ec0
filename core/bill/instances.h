/* instances.h - how many whole instances of one kind it takes to hold what visits them, over
 * time.
 *
 * Placement is sticky: what is placed stays where it is until it leaves, and an instance is
 * there from its first visit until it is empty. What comes at one time is packed together
 * into the room that there is and new instances (maths/packing.h); what comes alone goes to
 * the instance that was opened first and has room. Never packed again: that would be another
 * change. */
#ifndef TT_BILL_INSTANCES_H
#define TT_BILL_INSTANCES_H
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

enum { TT_VISIT_CARDS, TT_VISIT_CPUS, TT_VISIT_MEMORY, TT_VISIT_DIMS };

typedef struct tt_visit {
	int64_t from_s, to_s;           /* from < to */
	const char *name;               /* those that come together go by it, */
	uint64_t number;                /* then by this */
	int64_t size[TT_VISIT_DIMS];    /* 0: not known, or none */
} tt_visit;

typedef struct tt_opening {             /* so many more, or fewer, from then on */
	int64_t at_s, instances;
} tt_opening;

typedef struct tt_openings {            /* zero-initialise */
	tt_opening *v; size_t n, cap;
	int64_t least_s;                /* instance-seconds that any placement needs */
} tt_openings;

void tt_openings_free(tt_openings *o);
int tt_openings_add(tt_openings *o, int64_t at_s, int64_t instances, tt_err *err);

/* Place v[n], which is put in order of arrival, and append what opens and closes. Errors:
 * TT_EINVAL (one needs more than an instance has, by name), TT_ENOMEM. */
int tt_instances_place(const int64_t capacity[TT_VISIT_DIMS], tt_visit *v, size_t n,
                       tt_openings *ret, tt_err *err);
#endif
