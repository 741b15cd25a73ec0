/* catalogue.c - see catalogue.h. */
#include "catalogue.h"
#include <stddef.h>

const char *const kind_names[] = {
	[KIND_TRAINING] = "training", [KIND_INFERENCE] = "inference",
	[KIND_NOTEBOOK] = "notebook", [KIND_BATCH] = "batch", [KIND_SYSTEM] = "system",
};

const struct team teams[N_TEAMS] = {
	[TEAM_RESEARCH] = { "research", "cc-1010", 40, 32 },
	[TEAM_ASSISTANT] = { "assistant", "cc-1020", 20, 18 },
	[TEAM_SEARCH] = { "search", "cc-1030", 15, 12 },
	[TEAM_VISION] = { "vision", "cc-1040", 10, 14 },
	[TEAM_ADS] = { "ads", "cc-1050", 10, 10 },
	[TEAM_FORECASTING] = { "forecasting", "cc-1060", 5, 2 },
	[TEAM_PLATFORM] = { "platform", "cc-1090", 0, 3 },
};

#define NORTH .provider = "example", .region = "north"

const struct group groups[N_GROUPS] = {
	[GROUP_H100] = { "train-h100", NORTH, .instance_type = "ex.h100x8", .gpu_model = "h100",
		.pricing = "reserved", .price_per_hour = "34.00", .gpus = 8,
		.gpu_memory_mib = 81559, .cpus = 192, .memory_mib = 2097152, .idle_w = 70,
		.max_w = 700, .autoscaler = "none", .boot_s = 600, .drain_s = 300,
		.profiling = true, .deep = true, .taints = "gpu=h100:NoSchedule" },
	[GROUP_A100] = { "train-a100", NORTH, .instance_type = "ex.a100x8",
		.gpu_model = "a100-80gb", .pricing = "reserved", .price_per_hour = "17.00",
		.gpus = 8, .gpu_memory_mib = 81920, .cpus = 96, .memory_mib = 1048576,
		.idle_w = 60, .max_w = 400, .autoscaler = "none", .boot_s = 600, .drain_s = 300,
		.profiling = true, .taints = "gpu=a100:NoSchedule" },
	[GROUP_V100] = { "legacy-v100", NORTH, .instance_type = "ex.v100x8", .gpu_model = "v100",
		.pricing = "on_demand", .price_per_hour = "", .gpus = 8, .gpu_memory_mib = 32768,
		.cpus = 64, .memory_mib = 524288, .idle_w = 45, .max_w = 300,
		.autoscaler = "none", .boot_s = 420, .drain_s = 180, .profiling = true,
		.taints = "" },
	[GROUP_L40S] = { "serve-l40s", NORTH, .instance_type = "ex.l40sx4", .gpu_model = "l40s",
		.pricing = "on_demand", .price_per_hour = "", .gpus = 4, .gpu_memory_mib = 46068,
		.cpus = 64, .memory_mib = 524288, .idle_w = 35, .max_w = 350,
		.autoscaler = "cluster_autoscaler", .boot_s = 300, .drain_s = 120,
		.profiling = true, .taints = "serving=true:NoSchedule" },
	[GROUP_L4] = { "serve-l4", NORTH, .instance_type = "ex.l4x1", .gpu_model = "l4",
		.pricing = "on_demand", .price_per_hour = "", .gpus = 1, .gpu_memory_mib = 23034,
		.cpus = 8, .memory_mib = 32768, .idle_w = 14, .max_w = 72,
		.autoscaler = "karpenter", .consolidates = true, .boot_s = 150, .drain_s = 60,
		.profiling = true, .taints = "" },
	[GROUP_A10] = { "batch-a10", NORTH, .instance_type = "ex.a10x4", .gpu_model = "a10",
		.pricing = "spot", .price_per_hour = "", .gpus = 4, .gpu_memory_mib = 23028,
		.cpus = 48, .memory_mib = 196608, .idle_w = 20, .max_w = 150,
		.autoscaler = "karpenter", .consolidates = true, .boot_s = 180, .drain_s = 30,
		.profiling = true, .taints = "spot=true:NoSchedule;gpu=a10:NoSchedule" },
	[GROUP_LAB] = { "lab-a100", NORTH, .instance_type = "ex.a100x4",
		.gpu_model = "a100-80gb", .pricing = "on_demand", .price_per_hour = "",
		.gpus = 4, .gpu_memory_mib = 81920, .cpus = 48, .memory_mib = 524288,
		.idle_w = 60, .max_w = 400, .autoscaler = "none", .boot_s = 480, .drain_s = 120,
		.profiling = true, .taints = "" },
	[GROUP_COLO] = { "colo-a40", .provider = "colo", .region = "cellar",
		.instance_type = "rack.a40x4", .gpu_model = "a40", .pricing = "owned",
		.price_per_hour = "", .gpus = 4, .gpu_memory_mib = 46068, .cpus = 64,
		.memory_mib = 262144, .idle_w = 30, .max_w = 300, .autoscaler = "none",
		.boot_s = 900, .drain_s = 300, .taints = "" },
	[GROUP_CPU] = { "system-cpu", NORTH, .instance_type = "ex.cpu16", .gpu_model = "",
		.pricing = "on_demand", .price_per_hour = "", .cpus = 16, .memory_mib = 65536,
		.autoscaler = "cluster_autoscaler", .boot_s = 120, .drain_s = 60, .taints = "" },
	[GROUP_BURST] = { "burst-h100", NORTH, .instance_type = "ex.h100x8", .gpu_model = "h100",
		.pricing = "on_demand", .price_per_hour = "", .gpus = 8, .gpu_memory_mib = 81559,
		.cpus = 192, .memory_mib = 2097152, .idle_w = 70, .max_w = 700,
		.autoscaler = "karpenter", .consolidates = true, .boot_s = 600, .drain_s = 60,
		.profiling = true, .deep = true, .taints = "gpu=h100:NoSchedule" },
	[GROUP_CI] = { "ci-l40s", NORTH, .instance_type = "ex.l40sx4", .gpu_model = "l40s",
		.pricing = "on_demand", .price_per_hour = "", .gpus = 4, .gpu_memory_mib = 46068,
		.cpus = 64, .memory_mib = 524288, .idle_w = 35, .max_w = 350,
		.autoscaler = "karpenter", .consolidates = true, .boot_s = 300, .drain_s = 120,
		.profiling = true, .taints = "ci=true:NoSchedule" },
	[GROUP_WEB] = { "web-cpu", NORTH, .instance_type = "ex.cpu16", .gpu_model = "",
		.pricing = "on_demand", .price_per_hour = "", .cpus = 16, .memory_mib = 65536,
		.autoscaler = "none", .boot_s = 120, .drain_s = 60, .taints = "" },
	[GROUP_SHOP] = { "shop-l4", NORTH, .instance_type = "ex.l4x1", .gpu_model = "l4",
		.pricing = "on_demand", .price_per_hour = "", .gpus = 1, .gpu_memory_mib = 23034,
		.cpus = 8, .memory_mib = 32768, .idle_w = 14, .max_w = 72, .autoscaler = "none",
		.boot_s = 150, .drain_s = 60, .profiling = true, .taints = "" },
};

/* Columns that apply to every workload of a kind. */
#define NO_SERVICE .min_replicas = -1, .max_replicas = -1, .slo_latency_ms = -1, \
	.capacity_milli = -1
#define NO_CHECKPOINT .checkpoint_interval_s = -1, .checkpoint_s = -1
#define TRAINING(model, every, took, restart) .kind = KIND_TRAINING, NO_SERVICE, \
	.priority = 100, .model_mib = (model), .image_mib = 14336, \
	.checkpoint_interval_s = (every), .checkpoint_s = (took), .restart_s = (restart), \
	.interruptible = true
#define SERVICE(low, high, slo, capacity, model) .kind = KIND_INFERENCE, NO_CHECKPOINT, \
	.priority = 1000, .min_replicas = (low), .max_replicas = (high), \
	.slo_latency_ms = (slo), .capacity_milli = (capacity), .model_mib = (model), \
	.image_mib = 9216, .restart_s = 120
#define NOTEBOOK .kind = KIND_NOTEBOOK, NO_SERVICE, NO_CHECKPOINT, .priority = 50, \
	.model_mib = -1, .image_mib = 12288, .restart_s = 90
#define BATCH .kind = KIND_BATCH, NO_SERVICE, NO_CHECKPOINT, .priority = 10, \
	.model_mib = -1, .image_mib = 6144, .restart_s = 60, .interruptible = true
#define SYSTEM .kind = KIND_SYSTEM, NO_SERVICE, NO_CHECKPOINT, .priority = 2000000, \
	.model_mib = -1, .image_mib = -1, .restart_s = -1, .team = N_TEAMS
#define OF(t, ns) .team = (t), .namespace = (ns), .labelled = true
#define NOBODYS(t, ns) .team = (t), .namespace = (ns)

const struct workload workloads[N_WORKLOADS] = {
	[WORK_PRETRAIN] = { "llm-pretrain", TRAINING(286720, 3600, 180, 900),
		OF(TEAM_RESEARCH, "research") },
	[WORK_FINETUNE] = { "llm-finetune", TRAINING(143360, 1800, 120, 600),
		OF(TEAM_ASSISTANT, "assistant") },
	[WORK_DIFFUSION] = { "diffusion-train", TRAINING(24576, 1800, 60, 420),
		OF(TEAM_VISION, "vision") },
	[WORK_RANKER] = { "ranker-train", TRAINING(8192, 1200, 30, 300),
		OF(TEAM_SEARCH, "search"), .creator = "alice" },
	[WORK_ADS] = { "ads-train", TRAINING(16384, 1800, 45, 300), OF(TEAM_ADS, "ads"),
		.creator = "bob" },
	[WORK_SPEECH] = { "speech-train", TRAINING(12288, 3600, 60, 480),
		OF(TEAM_RESEARCH, "research") },
	[WORK_ONEOFF_TRAIN] = { "oneoff-train", TRAINING(12288, 3600, 60, 480),
		NOBODYS(TEAM_RESEARCH, "default") },
	[WORK_LEGACY_VISION] = { "legacy-vision", TRAINING(4096, 3600, 60, 300),
		OF(TEAM_VISION, "vision") },
	[WORK_WEEKEND] = { "weekend-sweep", TRAINING(24576, 3600, 90, 600),
		NOBODYS(TEAM_RESEARCH, "scratch") },
	[WORK_IMAGE_GEN] = { "image-gen", SERVICE(4, 40, 8000, 500, 14336),
		OF(TEAM_VISION, "vision"), .revenue_micro = 9000 },
	[WORK_CHAT] = { "chat-small", SERVICE(4, 30, 1500, 2000, 16384),
		OF(TEAM_ASSISTANT, "assistant"), .input_tokens = 1150, .output_tokens = 210,
		.revenue_micro = 2500 },
	[WORK_EMBED] = { "rank-embed", SERVICE(2, 20, 200, 40000, 2048),
		OF(TEAM_SEARCH, "search"), .input_tokens = 320, .revenue_micro = 90 },
	[WORK_CREATIVE] = { "ad-creative", SERVICE(2, 20, 5000, 800, 10240),
		OF(TEAM_ADS, "ads"), .revenue_micro = 6000 },
	[WORK_LEGACY_EMBED] = { "legacy-embed", SERVICE(1, 4, 400, 20000, 2048),
		OF(TEAM_SEARCH, "search") },
	[WORK_DUAL] = { "dual-encoder", SERVICE(1, 4, 300, 20000, 4096),
		OF(TEAM_SEARCH, "search") },
	[WORK_STANDBY] = { "chat-standby", SERVICE(1, 4, 1500, 2000, 16384),
		OF(TEAM_ASSISTANT, "assistant"), .input_tokens = 900, .output_tokens = 180 },
	[WORK_SPELL] = { "spell-fix", SERVICE(2, 24, 150, 60000, 1024),
		OF(TEAM_SEARCH, "search"), .input_tokens = 40, .output_tokens = 40,
		.revenue_micro = 20 },
	[WORK_TAGGER] = { "tagger", SERVICE(2, 24, 250, 50000, 1536), OF(TEAM_ADS, "ads"),
		.revenue_micro = 30 },
	[WORK_SHOP] = { "shop-search", SERVICE(1, 24, 400, 30000, 3072), OF(TEAM_SEARCH, "search"),
		.revenue_micro = 60 },
	[WORK_NB_RESEARCH] = { "nb-research", NOTEBOOK, OF(TEAM_RESEARCH, "research"),
		.creator = "carol" },
	[WORK_NB_VISION] = { "nb-vision", NOTEBOOK, OF(TEAM_VISION, "vision"),
		.creator = "dana" },
	[WORK_NB_ADS] = { "nb-ads", NOTEBOOK, OF(TEAM_ADS, "ads"), .creator = "bob" },
	[WORK_NB_FORECAST] = { "nb-forecast", NOTEBOOK, OF(TEAM_FORECASTING, "forecasting"),
		.creator = "erin" },
	[WORK_DEV] = { "dev-session", NOTEBOOK, OF(TEAM_ASSISTANT, "assistant") },
	[WORK_FEATURES] = { "feature-build", BATCH, OF(TEAM_ADS, "ads") },
	[WORK_TRANSCODE] = { "transcode", BATCH, OF(TEAM_VISION, "vision") },
	[WORK_EVAL] = { "eval-sweep", BATCH, OF(TEAM_RESEARCH, "research") },
	[WORK_LABELLING] = { "auto-label", BATCH, NOBODYS(TEAM_VISION, "vision") },
	[WORK_ALICE] = { "adhoc-rerank", BATCH, NOBODYS(TEAM_SEARCH, "default"),
		.creator = "alice" },
	[WORK_BOB] = { "adhoc-ctr", BATCH, NOBODYS(TEAM_ADS, "default"), .creator = "bob" },
	[WORK_ONEOFF] = { "oneoff", BATCH, NOBODYS(TEAM_PLATFORM, "default") },
	[WORK_GPU_TEST] = { "gpu-test", BATCH, OF(TEAM_PLATFORM, "platform") },
	[WORK_SIMULATE] = { "load-simulate", BATCH, OF(TEAM_FORECASTING, "forecasting") },
	[WORK_ETL] = { "etl-nightly", BATCH, OF(TEAM_FORECASTING, "forecasting") },
	[WORK_GATEWAY] = { "api-gateway", BATCH, OF(TEAM_PLATFORM, "platform") },
	[WORK_PROXY] = { "kube-proxy", SYSTEM, .namespace = "kube-system" },
	[WORK_DNS] = { "coredns", SYSTEM, .namespace = "kube-system" },
	[WORK_METRICS] = { "metrics-server", SYSTEM, .namespace = "kube-system" },
	[WORK_VALIDATOR] = { "gpu-validator", SYSTEM, .namespace = "gpu-operator" },
};

#define SUMMER "2025-07-01T00:00:00Z"
#define WINTER "2025-12-01T00:00:00Z"

const struct price prices[] = {
	{ "ex.h100x8", "h100", 8, "on_demand", "", "52.00", SUMMER, NULL },
	{ "ex.h100x8", "h100", 8, "on_demand", "", "48.00", WINTER, NULL },
	{ "ex.h100x8", "h100", 8, "on_demand", "", "44.00", NULL, NULL },
	{ "ex.h100x8", "h100", 8, "spot", "", "20.00", WINTER, "0.03" },
	{ "ex.h100x8", "h100", 8, "commit_1y", "none", "34.00", WINTER, NULL },
	{ "ex.h100x8", "h100", 8, "commit_1y", "all", "31.20", WINTER, NULL },
	{ "ex.h100x8", "h100", 8, "commit_3y", "none", "24.00", WINTER, NULL },
	{ "ex.h100x8", "h100", 8, "commit_3y", "all", "21.60", WINTER, NULL },
	{ "ex.a100x8", "a100-80gb", 8, "on_demand", "", "26.00", SUMMER, NULL },
	{ "ex.a100x8", "a100-80gb", 8, "on_demand", "", "24.00", WINTER, NULL },
	{ "ex.a100x8", "a100-80gb", 8, "spot", "", "9.60", WINTER, "0.02" },
	{ "ex.a100x8", "a100-80gb", 8, "commit_1y", "none", "17.00", WINTER, NULL },
	{ "ex.a100x8", "a100-80gb", 8, "commit_3y", "none", "12.00", WINTER, NULL },
	{ "ex.a100x4", "a100-80gb", 4, "on_demand", "", "12.40", WINTER, NULL },
	{ "ex.a100x4", "a100-80gb", 4, "spot", "", "5.00", WINTER, "0.02" },
	{ "ex.a100x4", "a100-80gb", 4, "commit_1y", "none", "8.80", WINTER, NULL },
	{ "ex.v100x8", "v100", 8, "on_demand", "", "16.00", SUMMER, NULL },
	{ "ex.l40sx4", "l40s", 4, "on_demand", "", "8.40", SUMMER, NULL },
	{ "ex.l40sx4", "l40s", 4, "on_demand", "", "8.00", WINTER, NULL },
	{ "ex.l40sx4", "l40s", 4, "spot", "", "3.20", WINTER, "0.01" },
	{ "ex.l40sx4", "l40s", 4, "commit_1y", "none", "5.60", WINTER, NULL },
	{ "ex.l40sx4", "l40s", 4, "commit_3y", "none", "4.00", WINTER, NULL },
	{ "ex.l4x1", "l4", 1, "on_demand", "", "0.80", WINTER, NULL },
	{ "ex.l4x1", "l4", 1, "spot", "", "0.32", WINTER, "0.005" },
	{ "ex.l4x1", "l4", 1, "commit_1y", "none", "0.56", WINTER, NULL },
	{ "ex.a10x4", "a10", 4, "on_demand", "", "4.80", WINTER, NULL },
	{ "ex.a10x4", "a10", 4, "spot", "", "1.90", WINTER, "0.02" },
	{ "ex.a10x4", "a10", 4, "commit_1y", "none", "3.40", WINTER, NULL },
	{ "ex.cpu16", "", 0, "on_demand", "", "0.64", WINTER, NULL },
	{ "ex.cpu16", "", 0, "spot", "", "0.22", WINTER, "0.003" },
	{ "ex.cpu16", "", 0, "commit_1y", "none", "0.44", WINTER, NULL },
};
const int n_prices = sizeof prices / sizeof *prices;
