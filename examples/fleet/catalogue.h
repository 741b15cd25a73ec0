/* catalogue.h - the made-up company: teams, node groups, workloads and prices.
 *
 * Constant tables only. Provider, instance types and prices are invented, in round numbers;
 * card models are real so that their memory and power are plausible. */
#ifndef FLEET_CATALOGUE_H
#define FLEET_CATALOGUE_H
#include <stdbool.h>
#include <stdint.h>

enum kind {
	KIND_TRAINING, KIND_INFERENCE, KIND_NOTEBOOK, KIND_BATCH, KIND_SYSTEM,
};
extern const char *const kind_names[];

/* Of scarce-train: what it takes up again after an interruption, and from where. */
#define SCARCE_INTERVAL_S 3600
#define SCARCE_RESTART_S 5400

enum { TEAM_NONE = -1, TEAM_RESEARCH, TEAM_ASSISTANT, TEAM_SEARCH, TEAM_VISION, TEAM_ADS,
       TEAM_FORECASTING, TEAM_PLATFORM, N_TEAMS,
       TEAM_SYSTEM = N_TEAMS, TEAM_GUESTS /* without a budget, with --every-kind */ };
struct team {
	const char *name, *cost_center;
	int budget_pct;       /* of a month of the fleet */
};
extern const struct team teams[TEAM_GUESTS + 1];

enum { GROUP_H100, GROUP_A100, GROUP_V100, GROUP_L40S, GROUP_L4, GROUP_A10, GROUP_LAB,
       GROUP_COLO, GROUP_CPU, GROUP_BURST, GROUP_CI,
       GROUP_WEB, GROUP_SHOP,
       /* for one kind of waste each */
       GROUP_TUNE, GROUP_EDGE, GROUP_CAPTION, GROUP_MINI, GROUP_FLAKY, GROUP_WIDE,
       GROUP_FEED, GROUP_ASR, GROUP_RENDER, GROUP_DENSE,
       /* with --every-kind alone */
       GROUP_TERM, GROUP_DESK, GROUP_TAB, GROUP_GUEST, GROUP_PREP, GROUP_ROOMY, GROUP_SCARCE,
       GROUP_LOOSE, GROUP_SPLIT, GROUP_BESIDE, GROUP_OLD, GROUP_NEW, N_GROUPS };
struct group {
	const char *name, *provider, *region, *instance_type, *gpu_model, *pricing;
	const char *price_per_hour;   /* "" where prices.csv has it, or nobody does */
	int gpus, gpu_memory_mib, cpus, memory_mib, idle_w, max_w;
	const char *autoscaler;
	bool consolidates;
	int boot_s, drain_s;
	bool profiling;               /* the exporter gives sm_active_ratio */
	bool deep;                    /* and tensor, dram and pcie as well */
	const char *taints;
};
extern const struct group groups[N_GROUPS];

enum {
	/* training */
	WORK_PRETRAIN, WORK_FINETUNE, WORK_DIFFUSION, WORK_RANKER, WORK_ADS, WORK_SPEECH,
	WORK_ONEOFF_TRAIN, WORK_LEGACY_VISION, WORK_WEEKEND, WORK_TUNER, WORK_FLAKY, WORK_LOADER,
	/* inference */
	WORK_IMAGE_GEN, WORK_CHAT, WORK_EMBED, WORK_CREATIVE, WORK_LEGACY_EMBED, WORK_DUAL,
	WORK_STANDBY, WORK_SPELL, WORK_TAGGER, WORK_SHOP, WORK_EDGE, WORK_CAPTION, WORK_MINI,
	WORK_VOICE, WORK_ASR, WORK_RENDER, WORK_JOIN,
	/* notebooks and development */
	WORK_NB_RESEARCH, WORK_NB_VISION, WORK_NB_ADS, WORK_NB_FORECAST, WORK_DEV,
	/* batch */
	WORK_FEATURES, WORK_TRANSCODE, WORK_EVAL, WORK_LABELLING, WORK_ALICE, WORK_BOB,
	WORK_ONEOFF, WORK_GPU_TEST, WORK_SIMULATE, WORK_ETL, WORK_GATEWAY,
	/* system */
	WORK_PROXY, WORK_DNS, WORK_METRICS, WORK_VALIDATOR,
	/* with --every-kind alone */
	WORK_TERM, WORK_DESK, WORK_TAB, WORK_GUEST, WORK_PREP, WORK_ROOMY, WORK_SCARCE,
	WORK_LOOSE, WORK_SPLIT, WORK_BESIDE, WORK_OLD, WORK_NEW,
	N_WORKLOADS
};
struct workload {
	const char *name;
	enum kind kind;
	int team;               /* whose work it is */
	bool labelled;          /* false: the team label is forgotten */
	const char *namespace, *creator;
	int priority;
	int min_replicas, max_replicas;      /* -1: does not apply, for this and all below */
	int slo_latency_ms, capacity_milli;  /* requests a second and replica, in 1/1000 */
	int model_mib, image_mib, checkpoint_interval_s, checkpoint_s, restart_s;
	bool interruptible;
	int input_tokens, output_tokens;     /* of one request; 0: not a text model */
	int revenue_micro;                   /* of one request */
};
extern const struct workload workloads[N_WORKLOADS];

struct price {
	const char *instance_type, *gpu_model;
	int gpus;
	const char *pricing, *payment, *price_per_hour;
	const char *as_of;      /* NULL: a month after the window's end */
	const char *interruptions_per_h; /* of spot; NULL: none */
	const char *region;     /* NULL: north */
	bool every_kind;        /* in fleets with --every-kind alone */
};
extern const struct price prices[];
extern const int n_prices;
#endif
