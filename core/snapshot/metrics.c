#include "snapshot/metrics.h"
#include "snapshot/snapshot.h"
#include <string.h>

#define FULL_PCT INT64_C(100000000)      /* 100 % in millionths */
#define LARGEST INT64_C(9000000000000000000)
#define PCT "a number from 0 to 100"
#define RATIO "a number from 0 to 1"
#define ANY "a number of at least 0"

/* A ratio is kept as percent: two more digits of it make a millionth. */
const tt_metric_def tt_metrics[TT_METRIC_DEFS] = {
	{ TT_GPU_UTIL_PCT, "gpu_util_pct", "gpu_util_pct", 6, TT_SCALE_PCT, FULL_PCT, PCT, 0 },
	{ TT_SM_ACTIVE_PCT, "sm_active_pct", "sm_active_ratio", 8, TT_SCALE_PCT, FULL_PCT,
	  RATIO, 0 },
	{ TT_TENSOR_ACTIVE_PCT, "tensor_active_pct", "tensor_active_ratio", 8, TT_SCALE_PCT,
	  FULL_PCT, RATIO, 0 },
	{ TT_DRAM_ACTIVE_PCT, "dram_active_pct", "dram_active_ratio", 8, TT_SCALE_PCT,
	  FULL_PCT, RATIO, 0 },
	{ TT_FB_USED_MIB, "fb_used_mib", "fb_used_mib", 6, TT_SCALE_LOG, LARGEST, ANY, 0 },
	{ TT_POWER_W, "power_w", "power_w", 6, TT_SCALE_LOG, LARGEST, ANY, 0 },
	{ TT_PCIE_BYTES_PER_S, "pcie_bytes_per_s", "pcie_bytes_per_s", 6, TT_SCALE_LOG,
	  LARGEST, ANY, 0 },
	{ TT_CPU_UTIL_PCT, "cpu_util_pct", "cpu_util_ratio", 8, TT_SCALE_PCT, FULL_PCT, RATIO, 1 },
	{ TT_MEMORY_USED_MIB, "memory_used_mib", "memory_used_mib", 6, TT_SCALE_LOG, LARGEST,
	  ANY, 1 },
	{ TT_NETWORK_BYTES_PER_S, "network_bytes_per_s", "network_bytes_per_s", 6,
	  TT_SCALE_LOG, LARGEST, ANY, 1 },
};

const tt_metric_def *tt_metric_def_at(int metric)
{
	return metric >= 1 && metric <= TT_METRIC_DEFS ? &tt_metrics[metric - 1] : NULL;
}

const char *tt_metric_text(int metric)
{
	if (metric == TT_ACTIVITY_PCT)
		return "activity_pct";
	return tt_metric_def_at(metric) ? tt_metric_def_at(metric)->name : "";
}

int tt_metric_find(const char *s)
{
	for (size_t i = 0; i < TT_METRIC_DEFS; i++)
		if (strcmp(tt_metrics[i].name, s) == 0)
			return tt_metrics[i].metric;
	return TT_METRIC_NONE;
}
