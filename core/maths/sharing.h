/* sharing.h - whether a set of workloads can share one card, and how much slower they get.
 *
 * Memory is hard: the sum of everybody's maximum and of a context for each process. Activity
 * is judged on the sum at the same steps, in each resource apart: quantiles do not add up, in
 * either direction. A step at which anybody's activity is missing is missing (and counted).
 * What a card may not be shared for (isolation, NVLink) is not known here. Which fraction of
 * a card an instance has is mig.h's. Pure functions, any thread. */
#ifndef TT_MATHS_SHARING_H
#define TT_MATHS_SHARING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tt_sharing_resource {
	TT_SHARING_SM,                  /* multiprocessors active, not "GPU utilisation" */
	TT_SHARING_TENSOR,
	TT_SHARING_DRAM,                /* memory bandwidth */
	TT_SHARING_RESOURCES
};

typedef struct tt_sharing_member {
	/* Share of the card (1: all of it) at each step; NaN: not measured. NULL: never. */
	const double *activity[TT_SHARING_RESOURCES];
	int64_t memory_mib;             /* its maximum; -1: not known */
	uint32_t processes;
} tt_sharing_member;

typedef struct tt_sharing_card {
	int64_t memory_mib;             /* -1: not known */
	int64_t context_mib;            /* of one process */
	uint32_t memory_margin_millionths; /* of the memory that stay free */
	double activity_most_ratio;     /* what the quantile of the sum may be */
	uint32_t quantile_millionths;   /* which quantile: 950000 for p95 */
	uint32_t known_least_millionths; /* of all steps, to judge at all */
	unsigned resources;             /* bit r: resource r is judged */
	int64_t step_s;
} tt_sharing_card;

enum tt_sharing_verdict { TT_SHARING_FITS, TT_SHARING_FAILS, TT_SHARING_UNKNOWN };

typedef struct tt_sharing_sum {         /* of one resource */
	enum tt_sharing_verdict verdict;
	size_t n_known, n_missing;      /* steps */
	double quantile_ratio, max_ratio; /* of known steps; NaN: there are none */
	int64_t co_peak_s;              /* time in which the sum is above what it may be */
} tt_sharing_sum;

typedef struct tt_sharing_result {
	enum tt_sharing_verdict verdict; /* fails where anything does, then unknown */
	enum tt_sharing_verdict memory;
	int64_t memory_mib;             /* needed; -1: not known */
	tt_sharing_sum sum[TT_SHARING_RESOURCES]; /* of those that are judged */
} tt_sharing_result;

/* Judge members[n] over n_steps steps. `room` is for n_steps numbers. */
void tt_sharing_judge(const tt_sharing_member *members, size_t n, size_t n_steps,
                      const tt_sharing_card *card, double *room, tt_sharing_result *ret);

/* Whether that says TT_SHARING_FITS, without sorting anything: for those who try many sets. */
bool tt_sharing_fits(const tt_sharing_member *members, size_t n, size_t n_steps,
                     const tt_sharing_card *card);

/* Into ret[n_steps] the sum of one resource at each step; NaN where anybody's is. Returns how
 * many steps are known. */
size_t tt_sharing_add(const tt_sharing_member *members, size_t n, size_t n_steps,
                      enum tt_sharing_resource resource, double *ret);

/* The smallest of v[n] that at least q (950000: p95) of them do not exceed; NaNs do not count
 * (nothing else: NaN). Sorts v in place. */
double tt_sharing_quantile(double *v, size_t n, uint32_t q_millionths);

/* --- How much slower --------------------------------------------------------------
 *
 * Conservative models: time for the same work, 1: as alone. Overheads are ratios (0.05: 5 %).
 * NaN where an activity is. */

/* By turns: only one runs at a time, so the sum of activity is what counts. */
double tt_sharing_slowdown_turns(double sum_sm_ratio, double overhead_ratio);
/* At the same time (MPS): the resource that is most in demand; those in `resources`. */
double tt_sharing_slowdown_mps(const double *sum_ratio, unsigned resources,
                               double overhead_ratio);
/* In an instance of `compute` of `slices` slices (MIG): what was more than that takes longer.
 * NaN for no slice. */
double tt_sharing_slowdown_mig(double activity_ratio, unsigned compute, unsigned slices);

/* The mean over work done: steps count by the sum of activity in the first of `resources`.
 * `turns`: as by turns, of that resource alone; else as MPS. 1 where nothing runs; NaN where
 * no step is known in all of `resources`. Into ret_n_known how many are. */
double tt_sharing_slowdown_mean(const tt_sharing_member *members, size_t n, size_t n_steps,
                                unsigned resources, bool turns, double overhead_ratio,
                                size_t *ret_n_known);
#endif
