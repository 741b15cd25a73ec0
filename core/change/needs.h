/* needs.h - what pods were seen to need of a card: memory, and how busy another card would be
 * with what they did.
 *
 * What was not measured is NaN. A card's readings are those of all that are on it, so what
 * a pod that shares one is seen to need is an upper bound. */
#ifndef TT_CHANGE_NEEDS_H
#define TT_CHANGE_NEEDS_H
#include "bill/residents.h"
#include "maths/gpu_fit.h"

enum { TT_NEEDS_BINS = 4096 }; /* of 1/512 of a card: up to 8 of them */

typedef struct tt_needs tt_needs;

typedef struct tt_needs_busy {          /* zero-initialise; adds up over pods */
	uint32_t bins[TT_NEEDS_BINS];   /* steps by how busy the other card would be */
	uint64_t steps;                 /* that are known */
	double here, there;             /* sums of how busy the cards are */
} tt_needs_busy;

int tt_needs_open(const tt_snapshot *s, tt_needs **ret, tt_err *err);
void tt_needs_close(tt_needs *n);
void tt_needs_closep(tt_needs **n);

/* The cards and slices that the pod was seen on, as numbers of carriers: ret[*ret_n], the
 * needs' own until the next question. One that asked for the whole node has all of its cards
 * where telemetry names no pod. Errors: TT_ENOMEM. */
int tt_needs_cards(tt_needs *n, size_t pod, const uint32_t **ret, size_t *ret_n, tt_err *err);
/* Largest reading of the memory of any card while the pod was on it, MiB. With aligned series
 * no other times count, else its largest of all is taken, as it is where that is no more
 * than `enough_mib`. Errors: those of tt_snapshot_series(). */
int tt_needs_memory(tt_needs *n, size_t pod, double enough_mib, double *ret_mib, tt_err *err);
/* Add the steps in which the tensor and the DRAM activity of all its cards are known. */
int tt_needs_add_busy(tt_needs *n, size_t pod, const tt_gpu_speed *here,
                      const tt_gpu_speed *there, tt_needs_busy *sum, tt_err *err);
/* The smallest that `ratio` of the steps do not exceed; NaN of none. */
double tt_needs_busy_quantile(const tt_needs_busy *b, double ratio);

typedef struct tt_needs_steps {          /* zero-initialise */
	size_t first, end;              /* steps in which the pod had the carrier */
	size_t holding;                 /* the next to look at */
} tt_needs_steps;

/* The next of these, in order and apart; false: there are no more. */
bool tt_needs_had(const tt_needs *n, size_t pod, uint32_t carrier, tt_needs_steps *at);
/* The series of one metric of a carrier, whoever had it, [steps], the needs' own until the next
 * question; NULL: there is none. */
int tt_needs_lend(tt_needs *n, uint32_t carrier, int metric, const double **ret_mean,
                  const double **ret_max, tt_err *err);
/* The means of it in the steps in which the pod had it, NaN elsewhere: ret_mean[steps]. False:
 * there is none. */
int tt_needs_series(tt_needs *n, size_t pod, uint32_t carrier, int metric, double *ret_mean,
                    bool *ret_any, tt_err *err);
#endif
