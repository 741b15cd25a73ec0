/* eligible.h - usage that a commitment could cover, by pool and hour of the window.
 *
 * Of a fleet with demand.csv it is what that says (cards, or instances where no GPU model is
 * named); of one without, the lives of its nodes that are on demand or reserved. A pool is
 * what one commitment could be for: one instance type in one place, or, for who has
 * commitments that float, all of a region, an owner or the fleet. Cards and instances are
 * never added up. In 10^-9 of a unit, whole hours of the clock; an hour that the window cuts is
 * left out, and so is a gap, in which nothing at all was used by anybody: a collector that was
 * down, most likely. Where nobody uses anything in that hour of most weeks, though, it is no
 * outage; whoever plans ahead takes it for the demand that it is. */
#ifndef TT_COMMIT_ELIGIBLE_H
#define TT_COMMIT_ELIGIBLE_H
#include "bill/price.h"
#include "maths/layers.h"
#include "maths/outages.h"
#include <stdbool.h>

#define TT_ELIGIBLE_ONE INT64_C(1000000000) /* a card or an instance */

enum tt_pool_by { TT_POOL_BY_INSTANCE_TYPE, TT_POOL_BY_REGION, TT_POOL_BY_OWNER,
	TT_POOL_BY_FLEET };

typedef struct tt_later {           /* what accepted changes do from a date on (net.h) */
	int64_t from_s, until_s;    /* INT64_MAX: for good */
	double parts;               /* 10^-9 of a unit: more; below 0: less */
} tt_later;

typedef struct tt_eligible_pool {
	const char *name;           /* "aws us-east-1 p3.16xlarge v100"; distinct, but for cards */
	const char *owner;          /* of by_owner; else "" */
	bool cards;                 /* of used and units; else instances */
	int64_t *used;              /* [hours] 10^-9 */
	/* Where changes were accepted (net.h): `used` is net of those in force at the end. */
	double gross_units, net_units; /* mean of the window, before and after */
	bool changed;
	tt_later *later; size_t n_later;
	double *net;                /* [hours] what was added to `used` */
	tt_node_row *likes;         /* [n_likes] what is in it: provider, region, type, model */
	size_t n_likes, cap_likes;
	double *like_used;          /* [n_likes] 10^-9 unit hours of each in the last four weeks */
	size_t cap_used;
} tt_eligible_pool;

typedef struct tt_eligible {
	int64_t start_s;            /* of the first hour */
	size_t hours;
	bool *gap;                  /* [hours] nothing used by anybody, or no row */
	size_t n_gaps;
	tt_outage *stretches;       /* [n_stretches] the same as stretches of hours, usual in a week
	                             * or not */
	size_t n_stretches;
	enum tt_pool_by by;
	bool is_net;                /* of accepted changes (net.h); else gross */
	bool of_nodes;              /* by lives of nodes; else demand.csv */
	tt_eligible_pool *v;        /* [n] by name, instances before cards */
	size_t n, cap;
	tt_arena *arena;
} tt_eligible;

/* Errors: TT_ENODATA (neither demand nor nodes that could be covered, or not one whole hour),
 * TT_EDATA (more than 9 x 10^9 units in an hour), TT_ENOMEM. */
int tt_eligible_make(const tt_snapshot *s, enum tt_pool_by by, tt_eligible **ret, tt_err *err);
void tt_eligible_free(tt_eligible *e);
void tt_eligible_freep(tt_eligible **e);

/* What a pool used in each hour, in units of `unit` parts, into ret[hours]; NaN in gaps that are
 * not usual, unless they are kept. */
void tt_eligible_units(const tt_eligible *e, const tt_eligible_pool *p, int64_t unit,
                       bool keep_gaps, double *ret);

/* The part of the pool that is like `like`, by the last four weeks; NaN: nothing was used then. */
double tt_eligible_share(const tt_eligible_pool *p, size_t like);
/* What the pool used of late: the mean of those weeks without gaps, in 10^-9 of a unit. */
double tt_eligible_recent(const tt_eligible *e, const tt_eligible_pool *p);

/* Whether a node of that pricing is counted at all. */
bool tt_eligible_could_be(const tt_node_row *n);
/* The number of the pool that an instance like that is in, made at the end of v where there is
 * none yet, and what it counts there, in units. Errors: TT_ENOMEM. */
int tt_eligible_pool_of(tt_eligible *e, const tt_node_row *like, const char *owner, size_t *ret,
                        double *ret_units, tt_err *err);
/* After that: by name again. */
void tt_eligible_sort(tt_eligible *e);

/* The words of enum tt_pool_by, for options: "instance_type", ..., NULL. */
extern const char *const tt_pool_by_words[];
#endif
