/* pace.h - how much longer work takes on another card, or how many more replicas it needs
 * there, by its kind.
 *
 * From what the change says, else from what was measured of the model (catalogue), else from
 * the tensor and DRAM activity of the work and the speeds of both cards, a bound. Nothing
 * else counts: where none of these tells, the pace is not known. */
#ifndef TT_CHANGE_PACE_H
#define TT_CHANGE_PACE_H
#include "bill/case.h"
#include "change/needs.h"

typedef struct tt_pace {
	double paid_ratio;      /* hours there for one of now: training and batch */
	double pods_ratio;      /* pods there for one of now: services */
	double cards_ratio;     /* cards there for one of now, whatever the kind */
} tt_pace;

/* Of pods[n] of one workload and kind, which are on cards `here`. throughput_ratio: NaN where
 * the change does not say. NaNs into ret where it is not known. Errors: those of
 * tt_snapshot_series(). */
int tt_pace_find(const tt_case *cs, tt_needs *needs, const uint32_t *pods, size_t n,
                 const char *here, const char *there, double throughput_ratio, tt_pace *ret,
                 tt_err *err);

/* Work of a card there over one here, as the catalogue lists it for the model that the pod's
 * label `model` names, measured in the same way; NaN where it does not. */
double tt_pace_listed(const tt_case *cs, const tt_pod_row *p, const char *here,
                      const char *there);

/* Training, batch, and what is not known as anything else: paid until it is done. */
bool tt_pace_is_paid_longer(const tt_pod_row *p);
bool tt_pace_is_service(const tt_pod_row *p);
#endif
