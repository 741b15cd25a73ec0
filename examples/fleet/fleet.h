/* fleet.h - the planned fleet: nodes, pods and what was planted, before anything is written.
 *
 * plan.c fills it, tables.c, market.c, usage.c and truth.c write it. Times are seconds since
 * 1970 in UTC; cards of a node are bits of a mask. */
#ifndef FLEET_FLEET_H
#define FLEET_FLEET_H
#include "catalogue.h"
#include "rng.h"
#include <stdbool.h>
#include <stdint.h>

#define WINDOW_START_S INT64_C(1767571200)  /* 2026-01-05T00:00:00Z, a Monday */
#define DAY_S INT64_C(86400)
#define HOUR_S INT64_C(3600)
#define ALWAYS INT64_MIN                    /* there since before the window */
#define FOREVER INT64_MAX                   /* still there at the window's end */
#define WEEKEND_DAY 5                       /* the window's first Saturday */
#define CI_GAP_S 240                        /* longest pause between two of its runs */
#define ASR_BYTES_PER_S 160000              /* what a node of asr-t4 sends */
#define MAX_CARDS 8
#define MAX_SHARERS 4
#define N_ZONES 3

struct options {
	int64_t gpus, days, step_s, seed;
	bool clean, every_kind;
	const char *folder;
};

struct node {
	char name[40];
	int group;
	const char *pricing, *zone;
	int64_t started_s, ended_s;
	int64_t dark_from_s, dark_to_s;     /* its exporter gives nothing */
	uint64_t key;
};

/* What a pod's cards do over time; reading.c draws them. */
enum behaviour {
	DOES_NOTHING,    /* a process without activity, next to no memory */
	DOES_HOLD,       /* a model loaded and never asked */
	DOES_TRAIN, DOES_SERVE, DOES_NOTEBOOK, DOES_BATCH,
	DOES_BURST,      /* a standby that is needed for an hour and a half every two days */
	DOES_CHECK,      /* the validator's self-test */
	DOES_STEADY,     /* the same at all times, but for the spread of its `steady` */
	DOES_DESK,       /* the same, and a third of a card in people's working hours */
};

/* In 1/1000 of the card; readings lie within a tenth of them above or below. */
struct steady {
	int sm, util, tensor, dram;
	int pcie_mb_per_s;                  /* 0: as usual */
};

enum outcome {
	OUT_RUNNING, OUT_SUCCEEDED, OUT_FAILED, OUT_CANCELLED, OUT_PREEMPTED, OUT_PENDING,
};

struct pod {
	char name[56];
	int workload, node;                 /* node -1: never placed */
	uint8_t cards, idle_cards;          /* idle_cards: held and never used */
	int slice;                          /* MIG instance id, 0: whole card */
	const char *sharing;
	int gpus_milli, cpus_milli, memory_mib;
	enum behaviour behaviour;
	enum outcome outcome;
	int64_t submitted_s, started_s, ended_s;
	int run, restarts;
	const struct steady *steady;        /* of DOES_STEADY */
	int rank, fb_milli;                 /* how well it computes, 0..65535; its memory */
	uint64_t key;
};

/* A stretch in which spot capacity of a zone can be had. */
struct run {
	int64_t from_s, to_s;
};

struct runs {
	struct run *v;
	int n, cap;
};

struct fleet {
	struct options o;
	int64_t start_s, end_s;
	struct node *nodes;
	int n_nodes, cap_nodes;
	int first[N_GROUPS], count[N_GROUPS]; /* standing nodes of each group */
	int weekend_nodes;
	int kept_node;                      /* which only pods without cards need; -1: none */
	struct pod *pods;
	int n_pods, cap_pods;
	int next_name[N_WORKLOADS], next_run[N_WORKLOADS];
	struct runs spot[N_ZONES];
	char *truth;                        /* the planted cases as YAML */
	int n_truth, cap_truth;
	struct node spare_node;             /* handed out when memory is not to be had */
	struct pod spare_pod;
	bool failed;                        /* out of memory; what was added since is lost */
};

extern const char *const zone_names[N_ZONES];

/* New entities with everything that has a usual value set; on failure a spare one that
 * nobody reads, so that callers check f->failed once, at the end. */
struct node *fleet_add_node(struct fleet *f, int group);
struct pod *fleet_add_pod(struct fleet *f, int workload, int node, unsigned cards);
void fleet_add_run(struct fleet *f, int zone, int64_t from_s, int64_t to_s);

/* A planted case. Its kind is the verdict of the detector that should see it. */
struct planted {
	const char *detector, *kind, *subject_kind, *subject;
	int64_t factor_milli;      /* how many times past its threshold, in 1/1000 */
	int64_t spend_micro;       /* paid in the window for what it is about; -1: not known */
	int64_t saving_micro;      /* what a remedy takes off the window's bill; -1: not plain */
};

/* Add a case to the truth, and what else is known of it as "key: value, key: value". */
void fleet_plant(struct fleet *f, const struct planted *p, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Add a line to the truth. */
void fleet_tell(struct fleet *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void fleet_free(struct fleet *f);

/* The time as in the tables, with a terminator. */
#define TIME_TEXT 21
void fleet_time(int64_t t_s, char ret[TIME_TEXT]);

/* Seconds of [from, to) within the window. */
int64_t fleet_within(const struct fleet *f, int64_t from_s, int64_t to_s);

/* Demand of the hour, 0..1000, for people's working hours. */
int fleet_load(int64_t t_s);
bool fleet_work_hours(int64_t t_s);
#endif
