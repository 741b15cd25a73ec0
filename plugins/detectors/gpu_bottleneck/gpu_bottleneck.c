/* gpu_bottleneck - work that keeps a card busy by the clock and leaves most of it empty.
 *
 * Rule: in `min_low_ratio` of the time in which kernels run (GPU utilisation), few of the
 * multiprocessors do. What was high, or low, at the same steps says what it waits for.
 * Proposes: nothing; it is evidence for who owns the code.
 * Blind spot: what no counter of the card or the node shows. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double min_util_pct, max_sm_pct, min_low_ratio, min_dram_pct, min_cpu_pct;
	double min_pcie_gb_per_s, max_quiet_pct, min_busy_h, min_coverage_ratio;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, min_util_pct, "pct", 80, 10, 100,
	             "GPU utilisation from which a step counts as busy."),
	TT_PARAM_F64(struct params, max_sm_pct, "pct", 30, 1, 90,
	             "SM activity up to which a busy step counts as low."),
	TT_PARAM_F64(struct params, min_low_ratio, "ratio", 0.5, 0.05, 1,
	             "Nothing is said where a smaller share of the busy time is low."),
	TT_PARAM_F64(struct params, min_dram_pct, "pct", 50, 5, 100,
	             "DRAM activity in low steps from which it is bound by memory."),
	TT_PARAM_F64(struct params, min_cpu_pct, "pct", 85, 5, 100,
	             "CPU use of its nodes in low steps from which it is bound by them."),
	TT_PARAM_F64(struct params, min_pcie_gb_per_s, "", 16, 0.1, 1000,
	             "Traffic on a card's bus in low steps from which it is bound by input, GB/s."),
	TT_PARAM_F64(struct params, max_quiet_pct, "pct", 20, 1, 100,
	             "Tensor and DRAM activity up to which batches are small."),
	TT_PARAM_F64(struct params, min_busy_h, "h", 12, 0.1, 8760,
	             "Nothing is said of work that was busy for less."),
	TT_PARAM_F64(struct params, min_coverage_ratio, "ratio", 0.8, 0.1, 1,
	             "Nothing is said where SM activity of less of the busy time is known."),
};

static const tt_need needs[] = {
	{ .metric = TT_GPU_UTIL_PCT, .series = 1, .required = 1 },
	{ .metric = TT_SM_ACTIVE_PCT, .series = 1, .required = 1 },
	{ .metric = TT_TENSOR_ACTIVE_PCT, .series = 1 },
	{ .metric = TT_DRAM_ACTIVE_PCT, .series = 1 },
	{ .metric = TT_PCIE_BYTES_PER_S, .series = 1 },
	{ .metric = TT_CPU_UTIL_PCT, .series = 1 },
	{ .table = "pods", .required = 1 },
};

static const tt_ground grounds[] = {
	{ NULL, "gpu_util_pct", ">=", "min_util_pct", TT_METRIC_NONE },
	{ NULL, "sm_active_pct", "<=", "max_sm_pct", TT_METRIC_NONE },
	{ NULL, "low_ratio", ">=", "min_low_ratio", TT_METRIC_NONE },
	{ "memory_bound", "dram_active_pct", ">=", "min_dram_pct", TT_METRIC_NONE },
	{ "cpu_bound", "cpu_util_pct", ">=", "min_cpu_pct", TT_METRIC_NONE },
	{ "small_batches", "tensor_active_pct", "<=", "max_quiet_pct", TT_METRIC_NONE },
	{ "small_batches", "dram_active_pct", "<=", "max_quiet_pct", TT_METRIC_NONE },
};

struct low {                     /* busy steps in which few multiprocessors are */
	char *at;                /* [n] whether it is one                    */
	double busy_s, known_s, low_s; /* busy; with SM activity known; low  */
	double util, sm, tensor, dram, cpu, pcie; /* means of them; NaN: not measured */
};

/* Mean of a metric over the low steps; NaN where it is known for less than half of them. */
static int mean_of(const tt_host *h, tt_call *c, const tt_subject *s, int metric,
                   const struct low *low, double *ret)
{
	double sum = 0, n = 0, all = 0;
	tt_series v;
	int rc = h->course(c, s, metric, &v);

	*ret = (double)NAN;
	for (size_t i = 0; i < v.n; i++) {
		all += low->at[i];
		if (!low->at[i] || isnan(v.mean[i]))
			continue;
		sum += v.mean[i];
		n++;
	}
	if (n > 0 && 2 * n >= all)
		*ret = sum / n;
	return rc == TT_ENODATA ? TT_OK : rc;
}

static int find_low(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *s,
                    struct low *low)
{
	tt_series util, sm;
	int rc = h->course(c, s, TT_GPU_UTIL_PCT, &util);

	if (rc == TT_OK)
		rc = h->course(c, s, TT_SM_ACTIVE_PCT, &sm);
	if (rc < 0)
		return rc;
	low->at = h->alloc(c, util.n + 1);
	if (!low->at)
		return TT_ENOMEM;
	for (size_t i = 0; i < util.n; i++) {
		double step_s = (double)util.step_s;

		if (!(util.mean[i] >= p->min_util_pct))
			continue;
		low->busy_s += step_s;
		low->known_s += isnan(sm.mean[i]) ? 0 : step_s;
		low->at[i] = sm.mean[i] <= p->max_sm_pct;
		low->low_s += low->at[i] ? step_s : 0;
	}
	return TT_OK;
}

static int find_means(const tt_host *h, tt_call *c, const tt_subject *s, struct low *low)
{
	const struct { int metric; double *to; } all[] = {
		{ TT_GPU_UTIL_PCT, &low->util }, { TT_SM_ACTIVE_PCT, &low->sm },
		{ TT_TENSOR_ACTIVE_PCT, &low->tensor }, { TT_DRAM_ACTIVE_PCT, &low->dram },
		{ TT_CPU_UTIL_PCT, &low->cpu }, { TT_PCIE_BYTES_PER_S, &low->pcie },
	};

	for (size_t i = 0; i < TT_COUNT(all); i++) {
		int rc = mean_of(h, c, s, all[i].metric, low, all[i].to);

		if (rc < 0)
			return rc;
	}
	return TT_OK;
}

/* What was high at the same time, else what was low with it. */
static const char *cause_of(const struct params *p, const struct low *low, const char **ret_why)
{
	if (low->dram >= p->min_dram_pct) {
		*ret_why = "its memory's bandwidth is in use";
		return "memory_bound";
	}
	if (low->cpu >= p->min_cpu_pct) {
		*ret_why = "the CPUs of its nodes are in use";
		return "cpu_bound";
	}
	if (low->pcie >= p->min_pcie_gb_per_s * 1e9) {
		*ret_why = "its bus is in use";
		return "input_bound";
	}
	if (low->dram <= p->max_quiet_pct && low->tensor <= p->max_quiet_pct) {
		*ret_why = "no engine is: small batches, or many small kernels";
		return "small_batches";
	}
	*ret_why = "what else is in use was not measured, or tells nothing";
	return "low_activity";
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *subject,
                  const tt_load *l, const struct low *low)
{
	double coverage = low->known_s / low->busy_s, ratio = low->low_s / low->known_s;
	double window_s = (double)(subject->window->end_s - subject->window->start_s);
	double cost = l->cost_micro == TT_MONEY_UNKNOWN ? (double)NAN : (double)l->cost_micro;
	const char *why, *verdict = cause_of(p, low, &why);
	const tt_evidence evidence[] = {
		{ "workload_kind", 0, l->workload_kind },
		{ "pods", (double)l->n_pods, NULL },
		{ "gpu_model", 0, l->gpu_model },
		{ "busy_h", low->busy_s / 3600, NULL },
		{ "low_h", low->low_s / 3600, NULL },
		{ "low_ratio", ratio, NULL },
		{ "gpu_util_pct", low->util, NULL },
		{ "sm_active_pct", low->sm, NULL },
		{ "tensor_active_pct", low->tensor, NULL },
		{ "dram_active_pct", low->dram, NULL },
		{ "cpu_util_pct", low->cpu, NULL },
		{ "pcie_bytes_per_s", low->pcie, NULL },
		{ "cost_per_1000_requests", l->requests > 0 ? cost / 1e3 / l->requests :
		  (double)NAN, NULL },
		{ "coverage_ratio", coverage, NULL },
	};

	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = verdict,
		.title = h->text(c, "%s (%s, %zu pod%s) is busy by the clock and does %.0f %% in "
		                 "%.0f %% of that time: %s, coverage %.0f %%", subject->id,
		                 *l->workload_kind ? l->workload_kind : "unknown", l->n_pods,
		                 l->n_pods == 1 ? "" : "s", low->sm, 100 * ratio, why,
		                 100 * coverage),
		.subject_kind = "workload", .subject_id = subject->id, .owner = l->owner,
		.spend_concerned_micro = isnan(cost) ? TT_MONEY_UNKNOWN
			: (int64_t)(cost * fmin(1, low->low_s / window_s)),
		.coverage_ratio = coverage,
		.confidence_ratio = h->confidence(c, coverage, low->busy_s,
		                                  p->min_low_ratio / ratio),
		.effort_days = 3, .risk = TT_RISK_NONE, .risk_note = "",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
	});
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	struct low low = { .at = NULL };
	const tt_loads *all;
	int rc = find_low(h, c, p, subject, &low);

	if (rc == TT_ENODATA)
		return h->fail(c, rc, "of no workload both gpu_util_pct and sm_active_ratio were "
		               "measured");
	if (rc < 0 || low.busy_s < p->min_busy_h * 3600)
		return rc;
	if (low.known_s < p->min_coverage_ratio * low.busy_s)
		return h->fail(c, TT_ENODATA, "sm_active_ratio of no workload is known for %.0f %% "
		               "of the time in which it was busy", 100 * p->min_coverage_ratio);
	if (low.low_s < p->min_low_ratio * low.known_s)
		return TT_OK;
	rc = find_means(h, c, subject, &low);
	all = rc == TT_OK ? h->loads(c, subject, 0) : NULL;
	if (rc < 0 || !all)
		return rc < 0 ? rc : TT_ENOMEM;
	return all->n ? report(h, c, p, subject, all->v, &low) : TT_OK;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "gpu_bottleneck", .version = "1.0.0",
	          .summary = "Work that keeps cards busy and leaves most of them empty",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_WORKLOAD,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
