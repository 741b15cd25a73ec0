/* detector_services.h - what the host lends to detectors: measurements, what cards did,
 * lines of the bill, and the way out for findings. What each does is said in plugin.h;
 * here they are only named, for the tt_host table. Each of them fails, and with it the
 * call, where the plugin has no right to it or breaks a rule. */
#ifndef TT_HOST_DETECTOR_SERVICES_H
#define TT_HOST_DETECTOR_SERVICES_H
#include "bill/spans.h"
#include "host/services.h"

int tt_lend_stats(tt_call *c, const char *carrier_id, int32_t metric, tt_stats *ret);
int tt_lend_series(tt_call *c, const char *carrier_id, int32_t metric, tt_series *ret);
int tt_lend_cards(tt_call *c, const tt_subject *s, double min_alive_h, double min_coverage_ratio,
                  tt_uses *ret);
int tt_lend_longest_gap(tt_call *c, const tt_use *u, int32_t metric, double at_least,
                        double *ret_s);
double tt_lend_confidence(const tt_call *c, double coverage_ratio, double seen_s,
                          double of_limit_ratio);
const char *tt_lend_subject(tt_call *c, const char *list, const char *kind, const char *id);
int tt_lend_spend(tt_call *c, uint32_t by, const tt_spend *where, const tt_spend **ret,
                  size_t *ret_n);
const char *tt_lend_plain_owner(tt_call *c, const tt_spend *where, double ratio);
int tt_lend_spenders(tt_call *c, const char *namespace_, const char *creator, size_t k,
                     const char **ret);
int tt_lend_emit(tt_call *c, const tt_finding *f);
int tt_lend_group(tt_call *c, const tt_subject *s, tt_group *ret);
const char *tt_lend_time(tt_call *c, int64_t at_s);
int tt_lend_workload(tt_call *c, const tt_subject *s, tt_workload *ret);
int tt_lend_gaps(tt_call *c, const tt_subject *s, tt_gaps *ret);
double tt_lend_best_timeout(tt_call *c, const tt_gaps *g, double cold_start_s);
const tt_group_nodes *tt_lend_nodes(tt_call *c, const tt_subject *s);
int tt_lend_sized(tt_call *c, const tt_subject *s, const char *change, const tt_sized **ret);
const tt_best_floor *tt_lend_best_floor(tt_call *c, const tt_level_gap *gaps, size_t n,
                                        double start_s);
int tt_lend_churn(tt_call *c, const tt_subject *s, double boot_s, double drain_s, tt_churn *ret);
int tt_lend_runs(tt_call *c, const tt_subject *s, tt_pod_runs *ret);
int tt_lend_charges(tt_call *c, const tt_charge_line **ret, size_t *ret_n);
int tt_lend_slack(tt_call *c, const tt_subject *s, tt_slack *ret);
size_t tt_lend_rows(tt_call *c, const char *table);
const char *tt_lend_word(tt_call *c, const char *table, size_t i, const char *field);
double tt_lend_number(tt_call *c, const char *table, size_t i, const char *field);
const tt_loads *tt_lend_loads(tt_call *c, const tt_subject *s, uint32_t what);
int tt_lend_course(tt_call *c, const tt_subject *s, int32_t metric, tt_series *ret);
int tt_lend_types(tt_call *c, const tt_subject *s, const tt_types **ret);
int tt_lend_tried(tt_call *c, const char *change, const tt_tried **ret);
int tt_lend_prices(tt_call *c, const tt_price *const **ret, size_t *ret_n);
int tt_lend_pools(tt_call *c, uint32_t look_up, const char *const *without, size_t n_without,
                  const tt_node_pool *const **ret, size_t *ret_n);
int tt_lend_works(tt_call *c, const tt_card_work *const **ret, size_t *ret_n);
int tt_lend_repriced(tt_call *c, const char *change, const tt_repriced **ret);
int tt_lend_layers(tt_call *c, const double *units, size_t n, double rate_per_hour,
                   double price_per_hour, tt_layer_rule *ret);
int tt_lend_commitment(tt_call *c, const tt_subject *s, const tt_commitment **ret);

/* What a pod cost by its share of its node's cards and life: micro-units, or NaN. */
double tt_call_pod_micro(const tt_call *c, size_t pod, tt_span ran);
/* What a service of detectors can't do, by status: TT_ENODATA is its answer, all else breaks
 * the call. */
int tt_call_refused(tt_call *c, const char *service, int rc, const tt_err *err);
/* What a card did hour by hour, into card[tt_snapshot_hours()]: of its slices, the carriers
 * [first, end), the busiest, and the one measured least. `one` is scratch of that size. */
int tt_call_card_hours(tt_call *c, size_t first, size_t end, tt_hour *card, tt_hour *one);
/* TT_OK when the call is a detector's. */
int tt_call_of_detector(tt_call *c, const char *service);
/* What was asked for can't be had from the snapshot, which is no detector's fault. */
int tt_call_unreadable(tt_call *c, const tt_measure *m, int rc, const tt_err *err);
/* `list` with `part` behind it, after a comma; "" when over the budget. */
const char *tt_call_append(tt_call *c, const char *list, const char *part);
#endif
