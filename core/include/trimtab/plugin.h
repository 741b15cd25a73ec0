/* trimtab/plugin.h - the complete contract between the core and a plugin.
 *
 * Two kinds of plugin come through one loader. A *detector* is a pure function
 * from one subject and its parameters to findings: it keeps no state, opens no
 * file, prints nothing, and never states a saving (it proposes changes; the
 * core prices them). A *source* says where bytes come from and which field
 * goes where; the host reads, checks and stores them.
 *
 * Read this file once and you can write a detector of about 80 lines; real ones
 * are in plugins/detectors/, one folder each. What two detectors would both do is
 * a service of the host (tt_host, below), so that a detector only notices.
 *
 * Rules that hold for everything below
 *   strings    UTF-8, NUL-terminated, never NULL unless the comment says so
 *   missing    a number that was not measured is NaN; money that is not known
 *              is TT_MONEY_UNKNOWN; never 0, never -1
 *   time       int64_t seconds since 1970-01-01T00:00:00Z
 *   money      int64_t micro-units of the snapshot's currency
 *   units      stand in the name: _s _h _mib _w _pct (0..100) _ratio (0..1)
 *   ownership  the host owns every pointer it hands out; all of them stay
 *              valid until the plugin's function returns, none of them after
 *   memory     a call that goes over its budget has failed, whatever it goes on
 *              to do; so only alloc() needs to be looked at
 *   threads    the host calls one plugin from one thread at a time, each time
 *              with its own tt_call; keep no writable globals
 *   growth     structs grow at the end only; `size` says how much is there
 */
#ifndef TT_PLUGIN_H
#define TT_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Version handshake ---------------------------------------------------- *
 * MAJOR changes when an old plugin can no longer run, MINOR when something is
 * appended. The host loads a plugin when magic and MAJOR are equal and the
 * plugin's MINOR is at most the host's. */
#define TT_ABI_MAGIC 0x42545254u /* bytes 'T' 'R' 'T' 'B' */
#define TT_ABI_MAJOR 1
#define TT_ABI_MINOR 3

#if defined(__GNUC__)
#define TT_EXPORT __attribute__((visibility("default")))
#define TT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define TT_EXPORT
#define TT_PRINTF(fmt, args)
#endif

/* --- Status codes: 0 is success, every failure is negative ----------------- */
#define TT_STATUS_MAP(X)                                                  \
	X(TT_OK, 0, "ok")                                                 \
	X(TT_ENOMEM, -1, "out of memory")                                 \
	X(TT_EINVAL, -2, "invalid argument or parameter")                 \
	X(TT_ENODATA, -3, "not enough data to decide")                    \
	X(TT_ECANCELLED, -4, "cancelled or over its budget")              \
	X(TT_EABI, -5, "plugin and core do not fit together")             \
	X(TT_EIO, -6, "input/output error")                               \
	X(TT_EDATA, -7, "input is not as it must be")                     \
	X(TT_EINTERNAL, -8, "internal error")
enum {
#define X(name, value, text) name = (value),
	TT_STATUS_MAP(X)
#undef X
};

/* Since 1.3, from detect(): it is not about this subject (a pool without cards, where it is
 * about cards), which counts neither as looked at nor as a lack of data. */
enum { TT_NOT_ABOUT = 1 };

#define TT_MONEY_UNKNOWN INT64_MIN
#define TT_COUNT(array) (sizeof(array) / sizeof *(array))

/* --- Declared parameters ---------------------------------------------------- *
 * The host checks them, fills a struct of the plugin's own and passes it in: a
 * plugin never parses configuration. Binding a field of the wrong C type is a
 * compile error. */
enum { TT_F64 = 1, TT_I64 = 2, TT_STR = 3 };

typedef struct tt_param {
	const char *key;      /* name in configuration: [a-z][a-z0-9_]*     */
	const char *unit;     /* "h", "ratio", "pct", as the key ends; ""    */
	const char *help;     /* one line; the manual is made from it        */
	int32_t type;         /* TT_F64, TT_I64 or TT_STR                    */
	uint32_t offset;      /* of the field in the plugin's struct         */
	double def, min, max; /* inclusive; numbers only                     */
	const char *def_str;  /* TT_STR only                                 */
} tt_param;

#ifndef __cplusplus
#define TT_FIELD_(T, f, ctype) \
	((uint32_t)_Generic(((T *)0)->f, ctype: offsetof(T, f)))
#else
#define TT_FIELD_(T, f, ctype) ((uint32_t)offsetof(T, f))
#endif
#define TT_PARAM_F64(T, f, unit, def, min, max, help) \
	{ #f, unit, help, TT_F64, TT_FIELD_(T, f, double), def, min, max, NULL }
#define TT_PARAM_I64(T, f, unit, def, min, max, help) \
	{ #f, unit, help, TT_I64, TT_FIELD_(T, f, int64_t), def, min, max, NULL }
#define TT_PARAM_STR(T, f, def, help) \
	{ #f, "", help, TT_STR, TT_FIELD_(T, f, const char *), 0, 0, 0, def }

/* Of tt_plugin_info: the parameters in `table`, which fill a T. */
#define TT_PARAMS(T, table) \
	.params = (table), .n_params = TT_COUNT(table), .params_size = sizeof(T)

/* --- What is measured -------------------------------------------------------- *
 * Append only. TT_ACTIVITY_PCT is the card's sm_active_ratio x 100 where it was
 * collected, else its gpu_util_pct; tt_stats.metric says which. */
enum tt_metric {
	TT_METRIC_NONE = 0,
	TT_GPU_UTIL_PCT = 1,       /* share of time any kernel ran, 0..100   */
	TT_SM_ACTIVE_PCT = 2,      /* sm_active_ratio x 100                  */
	TT_TENSOR_ACTIVE_PCT = 3,  /* tensor_active_ratio x 100              */
	TT_DRAM_ACTIVE_PCT = 4,    /* dram_active_ratio x 100                */
	TT_FB_USED_MIB = 5,        /* framebuffer in use                     */
	TT_POWER_W = 6,
	TT_PCIE_BYTES_PER_S = 7,   /* both directions together               */
	TT_CPU_UTIL_PCT = 8,       /* of the node; cpu_util_ratio x 100      */
	TT_MEMORY_USED_MIB = 9,    /* of the node                            */
	TT_NETWORK_BYTES_PER_S = 10, /* of the node                          */
	TT_METRIC_COUNT = 11,
	TT_ACTIVITY_PCT = 100      /* see above: resolved card by card       */
};

/* Statistics of one metric of one card or node over the whole window, weighted
 * by the time that each reading stands for. Quantiles of 0..100 metrics are
 * exact to 0.05 point, of others to 0.5 %; all are the smallest value whose
 * cumulative weight is at least q. */
typedef struct tt_stats {
	uint32_t size;
	int32_t metric;        /* which metric these are; TT_METRIC_NONE: none  */
	int64_t n;             /* readings                                      */
	double measured_s;     /* seconds that the readings stand for           */
	double mean, min, max; /* NaN when n == 0                               */
	double p50, p95, p99;  /* NaN when n == 0                               */
} tt_stats;

/* An aligned series: one value per `step_s` from the window's start. */
typedef struct tt_series {
	const double *mean;  /* [n] mean of the step, NaN where nothing is known */
	const double *max;   /* [n] maximum of the step, likewise                */
	size_t n;            /* 0 when the metric was not collected              */
	int64_t start_s, step_s;
} tt_series;

/* --- Subjects ----------------------------------------------------------------- */
enum tt_scope { /* what detect() is called with, once for each */
	TT_SCOPE_FLEET = 1,
	TT_SCOPE_NODE = 2,
	TT_SCOPE_CARD = 3,
	TT_SCOPE_POD = 4,
	TT_SCOPE_WORKLOAD = 5,
	TT_SCOPE_NODE_GROUP = 6,
	TT_SCOPE_COMMITMENT = 7
};

typedef struct tt_window {
	int64_t start_s, end_s, step_s;
	const char *currency;
} tt_window;

/* Lines of the bill, summed, as host->spend() hands them out. */
enum {                               /* words to tell lines apart by         */
	TT_WORD_OWNER = 1 << 0,
	TT_WORD_NAMESPACE = 1 << 1,
	TT_WORD_NODE_GROUP = 1 << 2,
	TT_WORD_CREATOR = 1 << 3,
	TT_WORD_WORKLOAD_KIND = 1 << 4,
	TT_WORD_BUCKET = 1 << 5,
	TT_WORD_REASON = 1 << 6
};

typedef struct tt_spend {
	uint32_t size;
	const char *owner;         /* "" when nobody owns it                     */
	const char *namespace_;    /* "" when not known                          */
	const char *node_group;    /* "" when not known                          */
	const char *creator;       /* who made the pods, from their labels; ""   */
	const char *workload_kind; /* "" outside of any pod                      */
	const char *bucket;        /* "productive", "unattributed", ...          */
	const char *reason;        /* of unattributed: "no_owner", ...; else ""  */
	int64_t cost_micro;        /* exact, in the window                       */
	double gpu_hours;
	int64_t pods;              /* pods that it was spent by                  */
} tt_spend;

typedef struct tt_card {
	uint32_t size;
	const char *id;              /* "node/gpu" or "node/gpu/slice"           */
	const char *node, *gpu, *slice;
	const char *node_group, *gpu_model;
	double gpu_memory_mib;       /* of the whole card; NaN unknown           */
	const char *pricing;         /* on_demand, spot, reserved, owned or ""   */
	int64_t alive_s;             /* seconds of life inside the window        */
	int64_t cost_micro;          /* of the card in the window, or UNKNOWN;
	                              * of a card with slices beside it 0: they
	                              * share what it costs                      */
	const char *owner;           /* of most of its pod time; "" none         */
	const char *pod;             /* holding it at the window's end; "" none  */
	const char *workload_kind;   /* of most of its pod time; "" none         */
	double held_s;               /* seconds that any pod held it; NaN unknown*/
} tt_card;

/* What a card did in the window, with all of its MIG slices, or all cards of a
 * node: taken as one. Of several, the busiest, the fullest and the one that was
 * measured least count, so that what is said holds for each of them. */
typedef struct tt_use {
	uint32_t size;
	int32_t known;               /* non-zero: measured for enough of its life*/
	int32_t serves;              /* non-zero: held for inference at the
	                              * window's end, so a release is a risk     */
	const char *kind, *id;       /* "card" or "node", and its id             */
	const char *owner;           /* "" none                                  */
	int64_t cost_micro;          /* in the window, or TT_MONEY_UNKNOWN       */
	const tt_card *carriers;     /* [n_carriers] cards or slices in it       */
	size_t n_carriers;
	const char *pods;            /* that hold it at the window's end, as the
	                              * subjects of a change; "" none            */
	double held_s;               /* card-seconds that any pod held; NaN unknown*/
	const char *activity_metric; /* "sm_active" or "gpu_util"; "" none       */
	double coverage_ratio;       /* of its life with activity measured, 0..1 */
	double measured_s;           /* card-seconds of that                     */
	double p95_activity_pct, p99_activity_pct, max_activity_pct; /* NaN: none*/
	double max_fb_used_mib;      /* of one card; NaN when not measured for
	                              * enough of the time that activity was     */
	double max_fb_used_ratio;    /* of the card's memory; NaN likewise       */
} tt_use;

typedef struct tt_uses {             /* as host->cards() hands them out      */
	uint32_t size;
	const tt_use *v;             /* [n] card by card                         */
	size_t n;
	tt_use all;                  /* the subject: all of them as one          */
} tt_uses;

typedef struct tt_node {
	uint32_t size;
	const char *id, *node_group, *cluster, *instance_type, *gpu_model, *pricing;
	double gpus;                 /* whole cards; 0 for a CPU node            */
	double cpus, memory_mib;     /* NaN unknown                              */
	int64_t alive_s;             /* seconds of life inside the window        */
	int64_t cost_micro;          /* in the window, or TT_MONEY_UNKNOWN       */
	const char *owner;           /* of most of its pod time; "" none         */
	const tt_card *cards;        /* [n_cards] those with any telemetry; MIG
	                              * slices are cards of their own here       */
	size_t n_cards;
	size_t n_other_pods;         /* pods without cards, outside the system
	                              * namespaces, alive at the window's end    */
	int32_t gone;                /* non-zero: no longer there at the window's
	                              * end, so there is nothing to release      */
} tt_node;

/* One hour of the window, as all cards of a node group were in it. */
typedef struct tt_group_hour {
	double alive_s;              /* card-seconds that there were             */
	double measured_s;           /* of them, with activity measured          */
	double mean_pct;             /* activity in those; NaN none              */
	double max_pct;              /* highest reading of any card; NaN none    */
} tt_group_hour;

/* A node group: its hours are of all its cards, those since gone among them, the rest
 * is of its nodes with cards that are there at the window's end. */
typedef struct tt_group {
	uint32_t size;
	const tt_group_hour *hours;  /* [n_hours] from the window's start        */
	size_t n_hours;              /* the last may be cut by its end           */
	size_t n_nodes;
	double cards;
	size_t n_held;               /* cards that a pod holds then              */
	int64_t alive_s;             /* in the window, of the node that came last*/
	int64_t cost_micro;          /* in the window, or TT_MONEY_UNKNOWN       */
	const char *owner;           /* of all of the nodes; "" none, or several */
	const char *free_nodes;      /* those that no pod without cards outside the
	                              * system namespaces is on, as the subjects
	                              * of a change; "" none                     */
	size_t n_free;
} tt_group;

/* A node, there or gone, as host->nodes() hands it out. What is asked for counts system
 * pods too, all else is of those outside the system namespaces. */
typedef struct tt_group_node {
	uint32_t size;
	const char *id, *node_group, *pricing, *owner;
	double cards;                /* whole ones; 0 for a CPU node             */
	double cpus, memory_mib;     /* NaN unknown                              */
	int64_t from_s, to_s;        /* its life, cut to the window              */
	int32_t came, went;          /* non-zero: it began, ended in the window  */
	int64_t cost_micro;          /* in the window, or TT_MONEY_UNKNOWN       */
	int32_t pods_known;          /* non-zero: it is known which were on it; else
	                              * all below but for cards is 0 or NaN      */
	int64_t empty_first_s;       /* before the first pod; all, where none ran*/
	int64_t empty_last_s;        /* after the last one                       */
	double asked_cpus;           /* the most that pods asked for at once; NaN */
	double asked_memory_mib;     /* where one of them does not say           */
	size_t n_lost;               /* runs that broke off when it went, services apart */
	double lost_card_s;          /* what they had done; of those with checkpoints half
	                              * an interval and a restart at most        */
	size_t n_other_pods;         /* as in tt_node, at the window's end, and what */
	double other_cpus, other_memory_mib; /* they ask for; NaN as above       */
	int64_t idle_since_s;        /* only where those alone are on a node of cards: since
	                              * when no card was held or reached 1 %; else to_s */
	double idle_coverage_ratio;  /* of that time, 0..1; NaN                  */
} tt_group_node;

typedef struct tt_group_nodes {
	uint32_t size;
	const tt_group_node *const *v; /* [n] by node group, then by name        */
	size_t n;
	/* of node_groups.csv; for FLEET, and where it does not say, "" or NaN   */
	const char *autoscaler;
	double min_nodes, max_nodes, boot_s, drain_s;
} tt_group_nodes;

/* A stretch in which there was one node less than before: it begins when one goes, and ends
 * when there are `level` again. */
typedef struct tt_level_gap {
	size_t level;
	double s;
} tt_level_gap;

/* The floor and the idle timeout that would have been best for known gaps. */
typedef struct tt_best_floor {
	uint32_t size;
	size_t floor;                /* nodes that never go; 0: none             */
	double timeout_s;            /* of the others: 0, or one of the gaps     */
	double cost_s;               /* paid in gaps so: min(gap, timeout), a start for
	                              * each longer one, all gaps of the floor   */
} tt_best_floor;

/* --- since 1.3 --- */

/* Comings and goings of a group's nodes with cards, by the lives and gaps that a resize is
 * priced by (core/change/bridge.h). Times are node-seconds. */
typedef struct tt_churn {
	uint32_t size;
	size_t came, went, taken;    /* taken: spot, and runs broke off with it  */
	size_t runs_lost;
	double lost_s;               /* that those had worked                    */
	double paid_s, empty_s;      /* lives; of those that came or went, without a pod */
	int64_t cost_micro;          /* or TT_MONEY_UNKNOWN                      */
	double boot_s, drain_s;      /* of node_groups.csv, else as called       */
	int32_t told;                /* non-zero: both are of node_groups.csv    */
	double min_nodes;            /* of node_groups.csv; NaN                  */
	size_t n_gaps;               /* a node went, and later one came for it   */
	double gaps_paid_s;          /* in them: waiting, drains and boots       */
	tt_best_floor best;          /* for them                                 */
} tt_churn;

/* Charges that are equal in all these words and in their tags, in the window. */
typedef struct tt_charge_line {
	uint32_t size;
	const char *resource, *category, *service, *meter; /* FOCUS's; meter: SkuMeter,
	                              * else ChargeDescription; "" none          */
	const char *unit;            /* of `quantity`                            */
	const char *stream;          /* "input_tokens", "output_tokens", "cached_tokens",
	                              * "tokens", "requests", "storage", "egress", "" */
	const char *feature;         /* what it is for, by its tags; "" none     */
	const char *source;          /* volume that it is a copy of, likewise    */
	const char *owner;           /* "" nobody                                */
	int64_t cost_micro;          /* may be below 0                           */
	int64_t early_micro;         /* of it, in the first half of the window   */
	double quantity;             /* NaN not known                            */
	int32_t is_volume;           /* non-zero: a row of volumes.csv           */
} tt_charge_line;

/* A pod that asks for cards and was there in the window, or waited in it. */
typedef struct tt_pod_run {
	uint32_t size;
	const char *id, *namespace_, *workload, *owner, *creator; /* "" not known */
	const char *workload_kind;   /* its own, else of workloads.csv           */
	const char *node, *node_group, *pricing; /* where it was; "" not known   */
	const char *gpu_model;       /* that it asks for; "" any                 */
	const char *outcome;         /* "succeeded", "failed", ...; "" not known */
	double gpus, cpus, memory_mib; /* asked for; NaN not known, gpus never   */
	double restarts;             /* NaN not known                            */
	int64_t submitted_s;         /* INT64_MIN not known                      */
	int64_t from_s, to_s;        /* that it ran in the window; equal: never  */
	int32_t began, ended;        /* non-zero: inside the window              */
	int64_t gave_up_s;           /* of one that never ran: the end of waiting*/
	int64_t cost_micro;          /* its share of its node's cards and life; UNKNOWN */
	double checkpoint_interval_s; /* of workloads.csv; NaN                   */
	/* of one that is there at the window's end: since which full hour no reading of a
	 * card that it holds reached 1 % (INT64_MIN: nothing was measured; to_s: it is
	 * busy), and how much of that was measured; NaN */
	int64_t idle_since_s;
	double idle_coverage_ratio;
	const char *card_model;      /* GPU model of the node; "" not known      */
} tt_pod_run;

typedef struct tt_pod_runs {
	uint32_t size;
	const tt_pod_run *v;             /* [n] by workload, namespace, begin, id    */
	size_t n;
} tt_pod_runs;

/* What is free on a node group's nodes with cards, sampled at full hours (in large fleets of
 * every few); only nodes of which it is known who was there. Waiting for it are pods that
 * came to the group later, and those that never started and ask for no other model. */
typedef struct tt_slack {
	uint32_t size;
	size_t n_nodes, n_known;     /* with cards; of which it is known         */
	double sample_h;             /* hours between two samples                */
	double card_h, asked_h;      /* of the known ones; asked for by pods     */
	double dark_h;               /* free, but the node's CPUs or memory left are too
	                              * few for the least that a pod here takes with a card */
	double least_cpus, least_memory_mib; /* that; NaN not known              */
	size_t n_waited;             /* pods that waited for a sample or more    */
	double waited_card_h;        /* cards that they asked for x waiting      */
	double scattered_card_h;     /* of that: enough was free, on no one node */
	double beside_card_h;        /* of that: a node had room for them        */
	size_t packed_nodes;         /* that are gone at some time when pods are packed anew
	                              * each hour (core/change/repack.h)         */
	double packed_node_h;        /* how long; NaN: not known, reserved, or it does so */
	size_t packed_moves;
	int64_t cost_micro;          /* of the group in the window, or UNKNOWN   */
	const char *owner;           /* of all of its nodes; "" none, or several */
	const char *autoscaler;      /* of node_groups.csv; ""                   */
} tt_slack;

/* A workload: those of its pods that hold cards and ran in the window. */
typedef struct tt_workload {
	uint32_t size;
	const char *workload_kind;   /* of its first pod, else of workloads.csv  */
	const char *owner;           /* of all of the pods; "" none, or several  */
	size_t n_pods;
	double restart_s;            /* of workloads.csv; NaN not known          */
} tt_workload;

/* What a resize with a policy would have run of a workload, in steps from the window's start.
 * Replicas are pods that hold cards; wanted are those of the policy within its limits. */
typedef struct tt_sized {
	uint32_t size;
	size_t n;
	int64_t step_s;
	const double *load;          /* [n] in replicas that are busy in full; NaN where it
	                              * is not known, and what ran is wanted     */
	const double *ran, *wanted;  /* [n]                                      */
	double overloaded_s;         /* in which the policy had too few, delays counted in;
	                              * NaN where it is not by traffic.csv       */
	double requests;             /* of traffic.csv in the window; NaN none   */
	double max_replicas;         /* of workloads.csv; NaN                    */
	double min_replicas, slo_latency_ms, restart_s; /* likewise              */
	int64_t cost_micro;          /* of the pods, by their share of each node's cards and
	                              * life; or TT_MONEY_UNKNOWN                */
} tt_sized;

/* When its pods did nothing: activity below 1 %, the limit of every idle timeout. */
typedef struct tt_gaps {
	uint32_t size;
	double *gaps_s;              /* [n] of all pods, one after the other; for
	                              * the plugin to sort or change             */
	size_t n;
	double alive_s, measured_s;  /* pod-seconds                              */
} tt_gaps;

/* --- since 1.3 --- */

enum {                               /* what is read for a tt_load besides   */
	TT_LOAD_ENGINES = 1 << 0,    /* tensor and DRAM activity             */
	TT_LOAD_MEMORY = 1 << 1      /* framebuffer in use                   */
};

/* Pods of one workload that hold cards and ran, and what those cards did meanwhile: of cards
 * that pods share, all that is on them. Quantiles are over time; of activity the next whole
 * percent, of engines by steps of the aligned series. */
typedef struct tt_load {
	uint32_t size;
	const char *name;            /* of the workload; of a pod without one, its own */
	const char *subject;         /* the same, as the subject of a change     */
	const char *workload_kind, *owner; /* as in tt_workload                  */
	const char *gpu_model, *instance_type; /* "" not known, or several       */
	size_t n_pods;
	double most_gpus;            /* cards that one of them asked for         */
	int32_t shares;              /* non-zero: one has less than a card, or says so */
	double alive_s, measured_s;  /* pod-seconds, of them with activity known */
	const char *activity_metric; /* "sm_active", "gpu_util", "" none or both */
	double mean_activity_pct, p95_activity_pct, p99_activity_pct; /* NaN: none */
	double mean_tensor_pct, p95_tensor_pct, mean_dram_pct, p95_dram_pct; /* likewise */
	double max_fb_used_mib;      /* of one card; NaN when of one of the pods it is not known */
	double gpu_memory_mib;       /* the least of a card; NaN unknown         */
	int64_t cost_micro;          /* as in tt_sized                           */
	double requests, tokens;     /* of traffic.csv in the window; NaN none   */
	double latency_p95_ms;       /* highest of them; NaN                     */
	double slo_latency_ms;       /* of workloads.csv; NaN                    */
} tt_load;

typedef struct tt_loads {            /* as host->loads() hands them out */
	uint32_t size;
	const tt_load *v;            /* [n] by name                              */
	size_t n;
} tt_loads;

/* An instance type: as prices.csv, the nodes of that type and the catalogue have it. */
typedef struct tt_type {
	uint32_t size;
	const char *instance_type, *gpu_model, *pricing;
	double gpus, cpus, memory_mib, gpu_memory_mib; /* NaN: not known         */
	double tensor_tflops, dram_gb_per_s;           /* of a card, fp16; NaN   */
	int64_t price_per_hour_micro; /* or TT_MONEY_UNKNOWN                     */
	int32_t same_gpu;            /* non-zero: as the subject has             */
	double throughput_ratio;     /* work of a card there over one here, where the catalogue
	                              * lists it for the subject's model; NaN    */
} tt_type;

typedef struct tt_types {            /* as host->types() hands them out */
	uint32_t size;
	tt_type here;                /* of the node that most of its card time is on */
	const tt_type *v;            /* [n] with cards, that prices.csv has for that provider,
	                              * region and pricing (on demand, if reserved or owned);
	                              * by price of a card, then by name         */
	size_t n;
} tt_types;

/* A change made alone, as its price goes by. Money is evidence: no finding says a saving. */
typedef struct tt_tried {
	uint32_t size;
	const char *why_not;         /* it can't be made, or has no price; "": it can, else
	                              * nothing below is told                    */
	size_t nodes;                /* that are there for less time than now    */
	double freed_node_s;         /* by so much                               */
	double taken_node_s;         /* of new capacity, not longer by slower work */
	double most_new_nodes;       /* of it at once                            */
	const char *instance_type, *gpu_model; /* of the first of it; "" none    */
	double paid_ratio, pods_ratio; /* hours, and pods of services, there for one of now: the
	                              * highest; NaN: nothing moves              */
	int64_t before_micro;        /* those nodes now, or all, if none; in the window */
	int64_t after_micro;         /* and with the change                      */
	/* of share, the cards that several then have; else NaN or 0 */
	size_t n_sharing;            /* pods                                     */
	double slowdown_ratio;       /* time for the same work, of the worst     */
	double p99_cards;            /* of the sum of activity at the same steps, of the worst */
	double least_part_ratio;     /* compute of the smallest instance of MIG, of a card */
} tt_tried;
/* --- What capacity costs, here and elsewhere; since 1.3 --------------------------- */

/* A row of prices.csv: of several dates the one that the bill goes by. */
typedef struct tt_price {
	uint32_t size;
	const char *provider, *region, *instance_type, *gpu_model;
	const char *pricing, *payment; /* "on_demand", "spot", "commit_1y", ...  */
	const char *offer;           /* its id in a change; "" when it is none   */
	double gpus;                 /* of an instance; NaN                      */
	double price_per_hour;       /* of an instance                           */
	const char *price;           /* the same, as the text of a change has it */
	double egress_per_gib, interruptions_per_h; /* NaN                       */
} tt_price;

enum { TT_POOL_HOURS = 1 << 0, TT_POOL_NETWORK = 1 << 1 }; /* what is to be looked up */

/* Nodes on average in an hour. */
typedef struct tt_node_pool_hour {
	double alive;
	double used;                 /* a card of theirs was busy (1 %), or, where that
	                              * was not measured, a pod had one          */
	double uncovered;            /* paid on demand: what no commitment covers*/
} tt_node_pool_hour;

/* Nodes with cards that are had on the same terms at the same price. */
typedef struct tt_node_pool {
	uint32_t size;
	const char *provider, *region, *instance_type, *gpu_model;
	const char *pricing;         /* "on_demand" where nothing is said        */
	double gpus;                 /* of a node                                */
	double cpus, memory_mib;     /* likewise; NaN where a node does not say  */
	double price_per_hour;       /* of a node; NaN not known; of charges the mean */
	const char *price_from;      /* "charges.csv", "nodes.csv", "prices.csv 2026..." */
	const char *nodes;           /* the subjects of a change: whole node groups
	                              * where all of their nodes are in it       */
	const char *node_group;      /* "" none, or several                      */
	const char *owner;           /* of all of the nodes; "" none, or several */
	size_t n_nodes, n_now;       /* in the window, at its end                */
	double alive_h;              /* of all nodes                             */
	double known_ratio;          /* of that, with use known: HOURS, else NaN */
	int64_t cost_micro;          /* in the window, or TT_MONEY_UNKNOWN       */
	double network_gib;          /* in and out, in the window; NETWORK, else NaN */
	double network_ratio;        /* share of alive_h in which it was measured*/
	const tt_node_pool_hour *hours;   /* [n_hours]; HOURS, else none              */
	size_t n_hours;
	const char *subject_kind, *subject_id; /* of a finding about it: its node group where
	                              * it is all of that, else "fleet" and what tells it
	                              * from all other pools                     */
} tt_node_pool;

/* A workload, by those of its pods that ask for cards. */
typedef struct tt_card_work {
	uint32_t size;
	const char *workload, *workload_kind;
	const char *owner;           /* of all of the pods; "" none, or several  */
	int32_t interruptible;       /* 1, 0; -1 workloads.csv does not say      */
	double checkpoint_interval_s, checkpoint_s, restart_s, slo_latency_ms; /* NaN */
	double on_demand_card_h, spot_card_h, other_card_h; /* on which nodes    */
	size_t n_pods;
	int64_t cost_micro;          /* by their share of each node's cards and life;
	                              * or TT_MONEY_UNKNOWN                      */
	double requests;             /* of traffic.csv in the window; NaN none   */
} tt_card_work;

/* What a reprice does to what it is about. */
typedef struct tt_repriced {
	uint32_t size;
	double node_h;               /* on the new terms: only where nothing else is
	                              * on the nodes                             */
	int64_t now_micro;           /* what that cost in the window at the nodes'
	                              * prices, commitments apart                */
	int64_t there_micro;         /* the same on the new terms, longer paid hours
	                              * counted in                               */
	int64_t less_micro;          /* what the fleet's bill has less, covered hours
	                              * and egress counted in; may be below 0    */
	double now_per_node_h, there_per_node_h; /* mean prices                  */
	double paid_ratio;           /* paid hours for one of now: interruptions */
	double interruptions_per_h;  /* of a node; the highest                   */
	double gang;                 /* nodes that stop together; the most       */
	double checkpoint_interval_s, checkpoint_s, recovery_s, wait_s; /* NaN none */
} tt_repriced;

/* How much of a demand is worth a fixed rate: a layer of one unit that costs `rate` in
 * every hour pays when more than rate / price of the hours use it. */
typedef struct tt_layer_rule {
	uint32_t size;
	int64_t units;               /* all layers that pay; exact               */
	double last_busy_ratio;      /* of the hours that the last of them is used in */
	double next_busy_ratio;      /* and the one above it                     */
	double used_ratio;           /* of what is committed then                */
	double covered_ratio;        /* of the demand then; NaN without demand   */
	double cost_ratio;           /* of all at the rate of the fewest, over all at
	                              * the price; NaN without demand            */
} tt_layer_rule;

typedef struct tt_held_one {         /* a commitment                             */
	const char *id, *payment;
	double units;                /* NaN of money                             */
	double rate_per_hour;        /* of a unit, all it costs; of money: all   */
	double recurring_per_hour;   /* of that, what ends with the commitment   */
	double left;                 /* of what was paid at the start, for the term
	                              * from the window's start on, in money     */
	double ends_in_s;            /* from the window's end; NaN open          */
	int64_t cost_micro, unused_micro; /* in the window                       */
} tt_held_one;

/* A commitment and all others that are for the same capacity: they are filled in an order of
 * the provider's, so what one of them alone strands says little. */
typedef struct tt_commitment {
	uint32_t size;
	const char *kind, *provider, *region, *instance_type, *gpu_model;
	const char *unmetered;       /* why its use is not known; "" it is       */
	const tt_held_one *v;        /* [n] that are known, by id                */
	size_t n;
	double price_per_hour;       /* of a unit on demand; NaN                 */
	int64_t cost_micro, unused_micro; /* in the window, of all of them       */
	double held_h, unused_h;     /* unit-hours likewise; 0 of money          */
	const double *used;          /* [n_hours] units in use on average        */
	size_t n_hours;              /* of the clock; 0 of money, and where the subject
	                              * is not the first of v                    */
} tt_commitment;

typedef struct tt_subject {
	uint32_t size;
	int32_t scope;               /* enum tt_scope                            */
	const char *id;
	const tt_window *window;
	const tt_node *node;         /* NODE, CARD; NULL otherwise               */
	const tt_card *card;         /* CARD; NULL otherwise                     */
	const void *opaque;          /* the host's                               */
} tt_subject;

/* --- What a detector says ------------------------------------------------------ */
enum { TT_RISK_NONE = 0, TT_RISK_LOW = 1, TT_RISK_MEDIUM = 2, TT_RISK_HIGH = 3 };

typedef struct tt_evidence {
	const char *key;  /* ends in its unit: "p99_activity_pct". That of a
	                   * parameter is for the parameter as it was given   */
	double value;     /* NaN: not known; never infinite                   */
	const char *text; /* instead of a number; NULL for a number           */
} tt_evidence;

typedef struct tt_finding {
	uint32_t size;             /* sizeof(tt_finding), set by the caller    */
	const char *verdict;       /* what kind of finding: "idle", "holding";
	                            * part of the stable id, [a-z_]+           */
	const char *title;         /* one line with the numbers behind it      */
	const char *subject_kind;  /* card node node_group pod workload
	                            * namespace commitment charge fleet        */
	const char *subject_id;    /* that there is; "" or a part of the fleet */
	const char *owner;         /* "" when nobody is known                  */
	int64_t spend_concerned_micro; /* in the window; or TT_MONEY_UNKNOWN   */
	double coverage_ratio;     /* 0..1 share of the subject that was measured */
	double confidence_ratio;   /* 0..1                                     */
	double effort_days;        /* engineer-days, >= 0                      */
	int32_t risk;              /* TT_RISK_*: to the service                */
	const char *risk_note;     /* one line; "" none                        */
	const tt_evidence *evidence; /* [n_evidence]                           */
	size_t n_evidence;
	const char *const *changes;  /* [n_changes] canonical text of each;
	                              * see core/change/README.md              */
	size_t n_changes;
	/* Other ways to remedy the same thing, in order of preference. The first
	 * way that this core can price is the one that is taken: `changes`, then
	 * each of these. A list of single changes that ends with NULL; NULL for
	 * none. */
	const char *const *alternatives;
} tt_finding;

/* A finding about what a tt_use tells: who and what it is about, and the evidence
 * that each detector of cards gives under the same keys, as items of an array. */
#define TT_FINDING_OF(u) \
	.size = sizeof(tt_finding), .subject_kind = (u)->kind, \
	.subject_id = (u)->id, .owner = (u)->owner, \
	.spend_concerned_micro = (u)->cost_micro, \
	.coverage_ratio = (u)->coverage_ratio
#define TT_EVIDENCE_OF(u) \
	{ "p95_activity_pct", (u)->p95_activity_pct, NULL }, \
	{ "p99_activity_pct", (u)->p99_activity_pct, NULL }, \
	{ "max_activity_pct", (u)->max_activity_pct, NULL }, \
	{ "activity_metric", 0, (u)->activity_metric }, \
	{ "max_fb_used_mib", (u)->max_fb_used_mib, NULL }, \
	{ "max_fb_used_ratio", (u)->max_fb_used_ratio, NULL }, \
	{ "measured_h", (u)->measured_s / 3600, NULL }, \
	{ "held_h", (u)->held_s / 3600, NULL }

/* --- What the host does for a plugin -------------------------------------------- *
 * Append only. `size` is what this host fills in. */
typedef struct tt_call tt_call; /* opaque, one per running call */
struct tt_table; /* below */

typedef struct tt_host {
	uint32_t size;
	uint16_t abi_major, abi_minor;

	/* Zeroed scratch memory, aligned for any type, freed by the host after
	 * the call. NULL when over the call's memory budget. */
	void *(*alloc)(tt_call *c, size_t bytes);

	/* Printf into scratch memory; "" when over its budget. Decimal point
	 * is '.'. */
	const char *(*text)(tt_call *c, const char *fmt, ...) TT_PRINTF(2, 3);

	/* `s` in double quotes, as the text of a change writes an id or a name;
	 * "" when over the budget. */
	const char *(*quote)(tt_call *c, const char *s);

	/* Record why the call gives up; returns `status`, so that
	 * `return h->fail(c, TT_ENODATA, "...")` reads as one step. */
	int (*fail)(tt_call *c, int status, const char *fmt, ...) TT_PRINTF(3, 4);

	/* Non-zero when the call should stop soon and return TT_ECANCELLED. */
	int (*cancelled)(const tt_call *c);

	/* --- for detectors --- */

	/* Statistics of `metric` of a card, slice or node, by its id as tt_card
	 * and tt_node have it: meant for those of the subject, though any of the
	 * fleet is answered for. Returns TT_OK, or TT_ENODATA when it was not
	 * collected (ret->metric is then TT_METRIC_NONE and every number NaN).
	 * An id that nothing in the fleet has is a failure of the call. */
	int (*stats)(tt_call *c, const char *carrier_id, int32_t metric,
	             tt_stats *ret);

	/* Aligned series of the same; TT_ENODATA and n == 0 when it was not
	 * collected. NULL pointers never. Declare it as a need: it is the costly one. */
	int (*series)(tt_call *c, const char *carrier_id, int32_t metric,
	              tt_series *ret);

	/* What each card of the subject (scope NODE or CARD) did, and all of them
	 * together. It is enough to go by when the node lived for `min_alive_h`
	 * and the card was measured for `min_coverage_ratio` of that; TT_ENODATA,
	 * with the reason as by fail(), when there is no such card. */
	int (*cards)(tt_call *c, const tt_subject *s, double min_alive_h,
	             double min_coverage_ratio, tt_uses *ret);

	/* Longest stretch of the window in which `metric` of no carrier of `u`
	 * reached `at_least`; infinite where none ever did. Evidence has to be
	 * finite: then take the window, also for what is held against it.
	 * Declare the series as a need. TT_ENODATA (and NaN) when one of them
	 * has none. */
	int (*longest_gap)(tt_call *c, const tt_use *u, int32_t metric,
	                   double at_least, double *ret_s);

	/* How sure one may be of what was measured for `coverage_ratio` of
	 * `seen_s` seconds and is `of_limit_ratio` of its threshold away from
	 * nothing: the coverage, half of it for a window of hours, rising to
	 * all of it at a week, and up to a fifth less close to the threshold. */
	double (*confidence)(const tt_call *c, double coverage_ratio,
	                     double seen_s, double of_limit_ratio);

	/* `list` ("" for none yet) with one more subject of a change, kind:"id",
	 * split by commas; "" when over the budget. `list` is used up by this. */
	const char *(*subject)(tt_call *c, const char *list, const char *kind,
	                       const char *id);

	/* The bill's lines, those that have all words that `where` gives (NULL:
	 * any; `where` NULL: all lines), summed by the words TT_WORD_* in `by` (0:
	 * one sum) and sorted by them. A word not in `by` is that of the
	 * costliest line in the sum. FLEET scope only. */
	int (*spend)(tt_call *c, uint32_t by, const tt_spend *where,
	             const tt_spend **ret, size_t *ret_n);

	/* Whose at least `ratio` of the owned spend is that `where` chooses, by
	 * cost, or by card-hours in a fleet without prices; "" when it is no
	 * single owner's. FLEET scope only. */
	const char *(*plain_owner)(tt_call *c, const tt_spend *where,
	                           double ratio);

	/* Whose pods nobody's spend in this namespace by this creator was: list
	 * `k` of subjects of a change ("workload:..." where all of its pods are
	 * meant, else "pod:..."; a list is never too long for a change), or
	 * TT_ENODATA when k is past the last. FLEET scope only. */
	int (*spenders)(tt_call *c, const char *namespace_, const char *creator,
	                size_t k, const char **ret);

	/* Report one finding; the host copies it, strings included.
	 * Returns TT_OK, TT_EINVAL (a field breaks its rule; fail() text says
	 * which), TT_ENOMEM or TT_ECANCELLED (over the output budget). */
	int (*emit)(tt_call *c, const tt_finding *f);

	/* --- for sources --- */

	/* Whether `name` or `name`.gz is a regular file, or a link to one, in
	 * the folder at `location`; 1 or 0. */
	int (*has_file)(tt_call *c, const char *location, const char *name);

	/* Read table `t`, a CSV file of a folder, into the snapshot being built.
	 * A missing file is not an error. */
	int (*read_csv)(tt_call *c, const char *location,
	                const struct tt_table *t);

	/* Read the window (name, start, end, currency, step, note) from a YAML
	 * file of a folder. Must come before any table. */
	int (*read_window)(tt_call *c, const char *location, const char *name);

	/* Add a line to the snapshot's notes, which every report shows. */
	int (*note)(tt_call *c, const char *fmt, ...) TT_PRINTF(2, 3);

	/* --- for detectors; since 1.1 --- */

	/* What the cards of the subject did, hour by hour. NODE_GROUP scope only. */
	int (*group)(tt_call *c, const tt_subject *s, tt_group *ret);

	/* A time as the text of a change writes it; "" when over the budget. */
	const char *(*time)(tt_call *c, int64_t at_s);

	/* What the subject is. WORKLOAD scope only. */
	int (*workload)(tt_call *c, const tt_subject *s, tt_workload *ret);

	/* When it was idle; reads series, so declare them as a need. TT_ENODATA
	 * when there are none. WORKLOAD scope only. */
	int (*gaps)(tt_call *c, const tt_subject *s, tt_gaps *ret);

	/* The idle timeout with the least of min(gap, timeout), and of
	 * `cold_start_s` for each longer gap, summed: 0 or one of the gaps. */
	double (*best_timeout)(tt_call *c, const tt_gaps *g, double cold_start_s);

	/* --- for detectors; since 1.2 --- */

	/* All nodes with life in the window, of the subject; NULL when over the budget, or
	 * the call has failed. NODE_GROUP and FLEET scope only. */
	const tt_group_nodes *(*nodes)(tt_call *c, const tt_subject *s);

	/* What is best for n gaps where a start (boot and drain) costs `start_s`; the lowest
	 * floor of several. NULL when over the budget. */
	const tt_best_floor *(*best_floor)(tt_call *c, const tt_level_gap *gaps, size_t n,
	                                   double start_s);

	/* What `change`, a resize of the workload with a policy, would have run, as its
	 * price goes by. TT_ENODATA (and NULL) when what the policy needs was not measured
	 * or is in no table. WORKLOAD scope only. */
	int (*sized)(tt_call *c, const tt_subject *s, const char *change,
	             const tt_sized **ret);

	/* --- for detectors; since 1.3 --- */

	/* How nodes of the subject came and went; `boot_s` and `drain_s` where
	 * node_groups.csv has none. NODE_GROUP scope only. */
	int (*churn)(tt_call *c, const tt_subject *s, double boot_s, double drain_s,
	             tt_churn *ret);

	/* All pods with cards, outside the system namespaces. FLEET scope only. */
	int (*runs)(tt_call *c, const tt_subject *s, tt_pod_runs *ret);

	/* Rows of a table as snapshot folders have them, by name, and field `field` of row
	 * `i`: as text ("" missing), or as a number (NaN missing; a time in seconds, money
	 * in units of the currency). 0 rows: the fleet has none. */
	size_t (*rows)(tt_call *c, const char *table);
	const char *(*word)(tt_call *c, const char *table, size_t i, const char *field);
	double (*number)(tt_call *c, const char *table, size_t i, const char *field);

	/* The pods with cards of the workload, or of each workload on the nodes of the group
	 * (those of its pods that are there). Activity is always told; what else is in `what`
	 * (TT_LOAD_*) reads series, so declare them as a need. NULL when over the budget.
	 * WORKLOAD and NODE_GROUP scope only. */
	const tt_loads *(*loads)(tt_call *c, const tt_subject *s, uint32_t what);

	/* The mean of a metric over the cards (of a node's, over the nodes) that the subject's
	 * pods have, step by step, with the highest of their maxima. TT_ENODATA (and n == 0)
	 * when it was not collected. WORKLOAD scope only. */
	int (*course)(tt_call *c, const tt_subject *s, int32_t metric, tt_series *ret);

	/* The instance types that it could be on. WORKLOAD and NODE_GROUP scope only;
	 * TT_ENODATA (and NULL) when it is not known where it is. */
	int (*types)(tt_call *c, const tt_subject *s, const tt_types **ret);

	/* What `change` would make of the fleet as it was in the window, alone. */
	int (*tried)(tt_call *c, const char *change, const tt_tried **ret);
	/* The rows of prices.csv, by provider, region, type, pricing and payment. */
	int (*prices)(tt_call *c, const tt_price *const **ret, size_t *ret_n);

	/* Nodes with cards and life in the window by their terms, sorted by provider, region,
	 * type, model, pricing and price; `look_up` is TT_POOL_* or 0. Pods of workloads in
	 * `without` ([n_without]) leave their nodes unused. */
	int (*pools)(tt_call *c, uint32_t look_up, const char *const *without,
	             size_t n_without, const tt_node_pool *const **ret, size_t *ret_n);

	/* All workloads with pods that ask for cards and ran, by name. */
	int (*works)(tt_call *c, const tt_card_work *const **ret, size_t *ret_n);

	/* What `change`, a reprice, comes to. TT_ENODATA (and NULL), with the reason as by
	 * fail(), when a price or rate that it needs is in no table. */
	int (*repriced)(tt_call *c, const char *change, const tt_repriced **ret);

	/* The layer rule for units in use hour by hour; NaN counts as none. Of prices nine
	 * digits after the point count. */
	int (*layers)(tt_call *c, const double *units, size_t n, double rate_per_hour,
	              double price_per_hour, tt_layer_rule *ret);

	/* The subject and all that are for the same capacity. COMMITMENT scope only. */
	int (*commitment)(tt_call *c, const tt_subject *s, const tt_commitment **ret);

	/* What is free on the nodes of the subject. NODE_GROUP scope only. */
	int (*slack)(tt_call *c, const tt_subject *s, tt_slack *ret);

	/* Charges of charges.csv that are no node's, and volumes that have a price and no
	 * charge, by resource, category and service. */
	int (*charges)(tt_call *c, const tt_charge_line **ret, size_t *ret_n);
} tt_host;

/* --- Descriptors ------------------------------------------------------------------ *
 * The first 16 bytes keep their layout for ever; the rest may grow. */
enum { TT_KIND_DETECTOR = 1, TT_KIND_SOURCE = 2 };

typedef struct tt_head {
	uint32_t magic;                /* TT_ABI_MAGIC                       */
	uint16_t abi_major, abi_minor; /* of the header it was built with    */
	uint32_t size;                 /* of the whole descriptor            */
	uint32_t kind;                 /* TT_KIND_*                          */
} tt_head;

typedef struct tt_plugin_info {    /* shared by both kinds               */
	const char *id;                /* "idle_gpu": [a-z][a-z0-9_]*, <= 48 */
	const char *version;           /* of the plugin: "1.2.0"             */
	const char *summary;           /* one line for `plugins list`        */
	const tt_param *params;        /* [n_params]; NULL when none         */
	uint32_t n_params;
	uint32_t params_size;          /* sizeof the struct they fill        */
} tt_plugin_info;

/* A need: a metric whose statistics (or aligned series) the detector reads, or
 * a table it cannot do without. When a fleet has none of what `required` needs
 * name, the detector is not run and the audit says so. */
typedef struct tt_need {
	int32_t metric;       /* enum tt_metric; TT_METRIC_NONE for a table    */
	int32_t series;       /* non-zero: the aligned series, not statistics  */
	const char *table;    /* "pods", ...; NULL for a metric                */
	int32_t required;
} tt_need;

/* Of tt_detector: the needs in `table`. */
#define TT_NEEDS(table) .needs = (table), .n_needs = TT_COUNT(table)

/* What a verdict rests on, for people who ask why: evidence held against a
 * parameter. `trimtab explain` fills in the numbers of a case. */
typedef struct tt_ground {
	const char *verdict;  /* of the findings it is about; NULL: all         */
	const char *evidence; /* its key, to the letter: "p99_activity_pct"     */
	const char *relation; /* "<", "<=", ">" or ">="                         */
	const char *param;    /* key of a parameter, in the unit of the evidence*/
	int32_t metric;       /* whose course is drawn against the parameter, in
	                       * the same unit; TT_METRIC_NONE: not drawn       */
} tt_ground;

/* Of tt_detector: the grounds in `table`. */
#define TT_GROUNDS(table) .grounds = (table), .n_grounds = TT_COUNT(table)

typedef struct tt_detector {
	tt_head head;
	tt_plugin_info info;
	int32_t scope;         /* enum tt_scope                               */
	uint32_t n_needs;
	const tt_need *needs;
	int (*detect)(const tt_host *h, tt_call *c, const tt_subject *s,
	              const void *params);
	const tt_ground *grounds; /* [n_grounds]; may be none                 */
	uint32_t n_grounds;
} tt_detector;

typedef struct tt_column {
	const char *file;     /* name in the file                             */
	const char *field;    /* name in the snapshot's table                 */
} tt_column;

typedef struct tt_table {
	const char *name;          /* of the snapshot: "nodes", "gpu_usage"   */
	const char *file;          /* "nodes.csv"; "nodes.csv.gz" stands for it */
	const tt_column *columns;  /* [n_columns] where the two names differ;
	                            * NULL when every field has its own name  */
	uint32_t n_columns;
} tt_table;

typedef struct tt_source {
	tt_head head;
	tt_plugin_info info;
	/* Whether `location` (a path or URL as the user gave it) is one that
	 * this source reads: 1 or 0. Must be cheap. What fail() is told of one
	 * that it does not read is shown when no source does. */
	int (*probe)(const tt_host *h, tt_call *c, const char *location);
	/* Read everything at `location` into the snapshot being built. */
	int (*read)(const tt_host *h, tt_call *c, const char *location,
	            const void *params);
} tt_source;

#define TT_HEAD(type, kind_) { TT_ABI_MAGIC, TT_ABI_MAJOR, TT_ABI_MINOR, \
	(uint32_t)sizeof(type), kind_ }
#define TT_DETECTOR_HEAD .head = TT_HEAD(tt_detector, TT_KIND_DETECTOR)
#define TT_SOURCE_HEAD .head = TT_HEAD(tt_source, TT_KIND_SOURCE)

/* The one symbol a plugin exports. It is a function, not an object, because
 * only functions are sure to come through dlsym() on every platform. */
TT_EXPORT const tt_head *tt_plugin_entry(void);

#define TT_REGISTER(descriptor) \
	const tt_head *tt_plugin_entry(void) { return &(descriptor).head; }

#ifdef __cplusplus
}
#endif
#endif /* TT_PLUGIN_H */
