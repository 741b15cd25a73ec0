/* members.h - the replicas of a workload or the nodes of a group, in the order in which they
 * stay: those that started first, then by name. */
#ifndef TT_CHANGE_MEMBERS_H
#define TT_CHANGE_MEMBERS_H
#include "change/targets.h"

typedef struct tt_member {
	tt_release what;        /* of the case */
	bool can_go;            /* not so of a pod whose node is not known */
	int64_t started_s;      /* TT_TIME_MISSING: before all others */
	const char *name;
	tt_span life;           /* in the window */
	tt_spans gone;          /* tidy when asked to be released */
} tt_member;

typedef struct tt_members {     /* zero-initialise */
	tt_member *v;           /* [n] in their order */
	size_t n;
} tt_members;

/* Those targets that were there in the window. Errors: TT_ENOMEM. */
int tt_members_make(const tt_targets *t, const tt_snapshot *s, tt_members *ret, tt_err *err);
void tt_members_free(tt_members *m);

/* The most that were there at once. Errors: TT_ENOMEM. */
int tt_members_most(const tt_members *m, size_t *ret, tt_err *err);

typedef struct tt_edge {        /* so many come, or go (negative) */
	int64_t at_s, step;
} tt_edge;
/* By time; who goes, goes before another comes. */
void tt_edges_sort(tt_edge *v, size_t n);
/* When members come and go, sorted: a fresh array. Errors: TT_ENOMEM. */
int tt_members_edges(const tt_members *m, tt_edge **ret, size_t *ret_n, tt_err *err);

/* One pass over stretches of time that follow each other. */
typedef struct tt_sitting {     /* zero-initialise */
	size_t *there; size_t n; /* members in the stretch at hand, in their order */
	size_t next;
} tt_sitting;
void tt_sitting_free(tt_sitting *s);

/* Go on to `stretch`, which does not begin before the last one; s->n is how many members
 * are there in it. Errors: TT_ENOMEM. */
int tt_sitting_move(tt_sitting *s, const tt_members *m, tt_span stretch, tt_err *err);
/* Of those that are there at any moment of `stretch`, all but the first `wanted` are gone. */
int tt_sitting_keep(const tt_sitting *s, tt_members *m, tt_span stretch, int64_t wanted,
                    tt_err *err);

/* Put what is gone into the case. */
int tt_members_release(tt_members *m, tt_case *cs, tt_err *err);
#endif
