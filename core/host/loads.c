/* loads.c - what the cards of workloads did while their pods had them, for detectors. Activity
 * is that of the holdings, which the snapshot has ready by whole percent; engines and memory
 * are read step by step, as retyping is priced (change/needs.h). See tt_load in plugin.h. */
#include "bill/activity.h"
#include "change/card_sets.h"
#include "change/there.h"
#include "change/traffic.h"
#include "host/detector_services.h"
#include "host/kept.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 1001 }; /* of 0.1 point */

struct tally {                   /* of the time that pods had cards, in percent */
	double bins[BINS];       /* seconds */
	double s, sum;           /* of percent x seconds */
};

struct reading {
	const tt_snapshot *s;
	tt_needs *needs;         /* the worker's */
	double *step;            /* [steps] of one pod */
	const uint32_t *node_of_pod;
	uint32_t *pods; size_t n; /* of the subject, by name, then by node and row */
	struct tally activity, tensor, dram;
	bool fb_missing;         /* of one of them: not made up for by others */
};

static const char *name_of(const tt_pod_row *p)
{
	return *p->workload ? p->workload : p->pod;
}

static int by_name(const void *pa, const void *pb, void *ctx)
{
	const struct reading *r = ctx;
	const uint32_t *a = pa, *b = pb;
	const tt_pod_row *x = tt_pod_at(r->s, *a), *y = tt_pod_at(r->s, *b);
	int by = strcmp(name_of(x), name_of(y));

	if (!by)
		by = (*x->workload == '\0') - (*y->workload == '\0');
	if (!by) /* those of a node one after the other: they have its cards' series in common */
		by = (r->node_of_pod[*a] > r->node_of_pod[*b]) -
		     (r->node_of_pod[*a] < r->node_of_pod[*b]);
	return by ? by : (*a > *b) - (*a < *b);
}

/* --- Whose ------------------------------------------------------------------------------ */

static void add_run(struct reading *r, uint32_t pod)
{
	const tt_pod_row *p = tt_pod_at(r->s, pod);
	tt_span ran;

	if (p->gpus > 0 && tt_pod_ran(r->s, p, &ran) && ran.from_s < ran.to_s)
		r->pods[r->n++] = pod;
}

/* Of a workload, or on the nodes of a node group. */
static void find_pods(const tt_call *c, const tt_subject *s, struct reading *r)
{
	const tt_residents *on = &c->subjects->residents;
	size_t n;

	if (s->scope == TT_SCOPE_WORKLOAD) {
		const uint32_t *pods = tt_placed_workload(&r->s->placed, s->id, &n);

		for (size_t i = 0; i < n; i++)
			add_run(r, pods[i]);
		return;
	}
	for (size_t node = 0; node < r->s->table[TT_NODES].n; node++)
		for (size_t i = on->first[node]; i < on->first[node + 1] &&
		     strcmp(tt_node_at(r->s, node)->node_group, s->id) == 0; i++)
			add_run(r, on->pod[i]);
}

static int open_reading(tt_call *c, const tt_subject *s, struct reading *r, tt_err *err)
{
	const tt_snapshot *sn = c->subjects->snapshot;

	r->s = sn;
	r->node_of_pod = c->subjects->residents.node_of_pod;
	TT_TRY(tt_kept_needs(c->kept, sn, &r->needs, err));
	r->step = tt_zalloc(tt_snapshot_steps(sn) + 1, sizeof *r->step);
	r->pods = tt_zalloc(sn->table[TT_PODS].n + 1, sizeof *r->pods);
	if (!r->step || !r->pods)
		return tt_no_memory(err);
	find_pods(c, s, r);
	if (r->n > 1)
		qsort_r(r->pods, r->n, sizeof *r->pods, by_name, r);
	return TT_OK;
}

static void close_reading(struct reading *r)
{
	tt_free(r->step);
	tt_free(r->pods);
}

/* --- What they did ------------------------------------------------------------------------ */

static double quantile(const struct tally *t, double ratio)
{
	const double want = ratio * t->s * (1 - 1e-12);
	double sum = 0;

	for (size_t i = 0; i < BINS && t->s > 0; i++) {
		sum += t->bins[i];
		if (sum >= want)
			return (double)i / 10;
	}
	return (double)NAN;
}

static double mean(const struct tally *t)
{
	return t->s > 0 ? t->sum / t->s : (double)NAN;
}

/* Steps of one pod: of the busiest of its cards. */
static int add_steps(struct reading *r, uint32_t pod, int metric, struct tally *t, tt_err *err)
{
	const double step_s = (double)r->s->step_s;
	size_t first, end;
	bool any;

	TT_TRY(tt_card_activity_ran(r->s, r->needs, pod, metric, r->step, &first, &end, &any, err));
	if (!any)
		return TT_OK;
	for (size_t i = first; i < end; i++) {
		const double pct = 100 * r->step[i], bin = ceil(10 * pct - 1e-6);

		if (isnan(pct))
			continue;
		t->bins[bin < BINS - 1 ? (size_t)fmax(bin, 0) : BINS - 1] += step_s;
		t->s += step_s;
		t->sum += pct * step_s;
	}
	return TT_OK;
}

static void note_metric(const char *text, tt_load *to)
{
	to->activity_metric = !to->activity_metric || strcmp(to->activity_metric, text) == 0 ?
		text : "";
}

/* What a card did while the pod had it. */
static void add_holding(const tt_holding *h, int busy, struct tally *t)
{
	for (size_t k = 0; h->bins_s[busy] && k < TT_BUSY_BINS; k++)
		t->bins[k < 100 ? 10 * k : BINS - 1] += h->bins_s[busy][k];
	t->s += (double)h->measured_s[busy];
	t->sum += (double)h->busy_micro_s[busy] / 1e6;
}

/* Into ret_s for how long it is known, as one card. */
static int add_activity(struct reading *r, uint32_t pod, tt_load *to, double *ret_s, tt_err *err)
{
	const double cards = fmax(1, ceil(tt_pod_at(r->s, pod)->gpus - 1e-9));
	const double before_s = r->activity.s;
	const uint32_t *own;
	bool named = false;
	size_t n;

	TT_TRY(tt_needs_cards(r->needs, pod, &own, &n, err));
	for (size_t i = 0; i < n; i++) {
		const tt_carrier *k = &r->s->carriers[own[i]];
		const int metric = tt_snapshot_activity(r->s, k);

		if (metric == TT_METRIC_NONE)
			continue;
		note_metric(metric == TT_SM_ACTIVE_PCT ? "sm_active" : "gpu_util", to);
		for (size_t j = 0; j < k->n_holdings; j++) {
			const tt_holding *h = &r->s->holdings[k->first_holding + j];

			if (h->pod_index != pod)
				continue;
			named = true;
			add_holding(h, metric == TT_SM_ACTIVE_PCT ? TT_BUSY_SM_ACTIVE :
			            TT_BUSY_GPU_UTIL, &r->activity);
		}
	}
	*ret_s = (r->activity.s - before_s) / cards;
	if (named || !n)
		return TT_OK;
	TT_TRY(add_steps(r, pod, TT_METRIC_NONE, &r->activity, err)); /* all of its node */
	*ret_s = r->activity.s - before_s;
	return TT_OK;
}

static int add_measured(struct reading *r, uint32_t pod, tt_span ran, uint32_t what, tt_load *to,
                        tt_err *err)
{
	double mib, measured_s;

	TT_TRY(add_activity(r, pod, to, &measured_s, err));
	to->measured_s += fmin(measured_s, (double)(ran.to_s - ran.from_s));
	if (what & TT_LOAD_ENGINES) {
		TT_TRY(add_steps(r, pod, TT_TENSOR_ACTIVE_PCT, &r->tensor, err));
		TT_TRY(add_steps(r, pod, TT_DRAM_ACTIVE_PCT, &r->dram, err));
	}
	if (what & TT_LOAD_MEMORY) {
		TT_TRY(tt_needs_memory(r->needs, pod, 0, &mib, err));
		to->max_fb_used_mib = fmax(to->max_fb_used_mib, mib);
		r->fb_missing |= isnan(mib);
	}
	return TT_OK;
}

/* --- What they are ------------------------------------------------------------------------ */

static const char *same(const char *a, const char *b, bool first)
{
	return first || strcmp(a, b) == 0 ? b : "";
}

static int add_pod(tt_call *c, uint32_t pod, tt_span ran, tt_load *to, tt_err *err)
{
	const tt_snapshot *s = c->subjects->snapshot;
	const tt_pod_row *p = tt_pod_at(s, pod);
	const uint32_t node = c->subjects->residents.node_of_pod[pod];
	const tt_node_row *on = node == UINT32_MAX ? NULL : tt_node_at(s, node);
	const char *owner = tt_settings_owner(c->subjects->settings, p->labels, p->namespace_,
	                                      c->arena);
	const bool first = !to->n_pods++;

	if (!owner)
		return tt_no_memory(err);
	to->owner = same(to->owner, owner, first);
	to->gpu_model = same(to->gpu_model, on ? on->gpu_model : "", first);
	to->instance_type = same(to->instance_type, on ? on->instance_type : "", first);
	if (!*to->workload_kind)
		to->workload_kind = p->workload_kind;
	to->most_gpus = fmax(to->most_gpus, p->gpus);
	to->shares |= p->gpus < 1 || (*p->gpu_sharing && strcmp(p->gpu_sharing, "none") != 0);
	to->gpu_memory_mib = on && on->gpu_memory_mib > 0 ?
		fmin(to->gpu_memory_mib, on->gpu_memory_mib) : to->gpu_memory_mib;
	to->alive_s += (double)(ran.to_s - ran.from_s);
	return TT_OK;
}

static void say_tables(const tt_snapshot *s, tt_load *to)
{
	const tt_workload_row *row = tt_workload_row_of(s, to->name);
	tt_streams sum;

	tt_traffic_sum(s, to->name, (tt_span){ s->start_s, s->end_s }, &sum);
	to->requests = sum.requests;
	to->tokens = isnan(sum.input_tokens) ? sum.output_tokens :
	             isnan(sum.output_tokens) ? sum.input_tokens :
	             sum.input_tokens + sum.output_tokens;
	to->latency_p95_ms = tt_traffic_latency_ms(s, to->name);
	if (row && !*to->workload_kind)
		to->workload_kind = row->workload_kind;
	to->slo_latency_ms = row ? row->slo_latency_ms : (double)NAN;
}

/* Pods r->pods[first .. end), of one name. */
static int add_load(tt_call *c, struct reading *r, size_t first, size_t end, uint32_t what,
                    tt_load *to, tt_err *err)
{
	const tt_pod_row *p = tt_pod_at(r->s, r->pods[first]);
	double micro = 0;
	tt_span ran;

	*to = (tt_load){ .size = sizeof *to, .name = name_of(p), .workload_kind = "", .owner = "",
		         .gpu_model = "", .instance_type = "",
		         .max_fb_used_mib = (double)NAN, .gpu_memory_mib = (double)NAN,
		         .requests = (double)NAN, .tokens = (double)NAN,
		         .latency_p95_ms = (double)NAN, .slo_latency_ms = (double)NAN };
	to->subject = tt_lend_subject(c, "", *p->workload ? "workload" : "pod", to->name);
	memset(&r->activity, 0, sizeof r->activity);
	memset(&r->tensor, 0, sizeof r->tensor);
	memset(&r->dram, 0, sizeof r->dram);
	r->fb_missing = false;
	for (size_t i = first; i < end; i++) {
		tt_pod_ran(r->s, tt_pod_at(r->s, r->pods[i]), &ran);
		TT_TRY(add_pod(c, r->pods[i], ran, to, err));
		TT_TRY(add_measured(r, r->pods[i], ran, what, to, err));
		micro += tt_call_pod_micro(c, r->pods[i], ran);
	}
	if (r->fb_missing)
		to->max_fb_used_mib = (double)NAN;
	to->activity_metric = to->activity_metric ? to->activity_metric : "";
	to->mean_activity_pct = mean(&r->activity);
	to->p95_activity_pct = quantile(&r->activity, 0.95);
	to->p99_activity_pct = quantile(&r->activity, 0.99);
	to->mean_tensor_pct = mean(&r->tensor);
	to->p95_tensor_pct = quantile(&r->tensor, 0.95);
	to->mean_dram_pct = mean(&r->dram);
	to->p95_dram_pct = quantile(&r->dram, 0.95);
	to->cost_micro = isnan(micro) ? TT_MONEY_UNKNOWN
		: (int64_t)fmin(micro, (double)c->subjects->bill->total_micro);
	if (*p->workload)
		say_tables(r->s, to);
	return TT_OK;
}

static int list(tt_call *c, const tt_subject *s, uint32_t what, tt_loads *to, tt_err *err)
{
	TT_CLEANUP(close_reading) struct reading r = { 0 };
	tt_load *v;

	TT_TRY(open_reading(c, s, &r, err));
	v = tt_call_alloc(c, (r.n + 1) * sizeof *v);
	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0, n; i < r.n; i += n) {
		const tt_pod_row *p = tt_pod_at(r.s, r.pods[i]);

		for (n = 1; *p->workload && i + n < r.n &&
		            strcmp(tt_pod_at(r.s, r.pods[i + n])->workload, p->workload) == 0; n++)
			;
		TT_TRY(add_load(c, &r, i, i + n, what, &v[to->n++], err));
	}
	to->v = v;
	return TT_OK;
}

const tt_loads *tt_lend_loads(tt_call *c, const tt_subject *s, uint32_t what)
{
	tt_loads *to;
	tt_err err = { 0 };
	int rc;

	if (tt_call_of_detector(c, "loads") < 0)
		return NULL;
	if (s->scope != TT_SCOPE_WORKLOAD && s->scope != TT_SCOPE_NODE_GROUP) {
		tt_call_break(c, TT_EINVAL, "called loads(), which is for scopes workload and "
		              "node_group");
		return NULL;
	}
	to = tt_call_alloc(c, sizeof *to);
	if (!to)
		return NULL;
	*to = (tt_loads){ .size = sizeof *to };
	rc = list(c, s, what, to, &err);
	if (rc < 0)
		tt_call_refused(c, "loads", rc, &err);
	return rc < 0 ? NULL : to;
}

int tt_lend_course(tt_call *c, const tt_subject *s, int32_t metric, tt_series *ret)
{
	static const double nothing = 0;
	const tt_snapshot *sn;
	const tt_course *of;
	tt_err err = { 0 };
	size_t workload;
	int rc;

	*ret = (tt_series){ .mean = &nothing, .max = &nothing };
	TT_TRY(tt_call_of_detector(c, "course"));
	if (s->scope != TT_SCOPE_WORKLOAD ||
	    ((metric <= TT_METRIC_NONE || metric >= TT_METRIC_COUNT) && metric != TT_ACTIVITY_PCT))
		return tt_call_break(c, TT_EINVAL, "called course() for metric %d, or out of scope "
		                     "workload", metric);
	sn = c->subjects->snapshot;
	workload = tt_subjects_workload(c->subjects, s->id);
	if (workload == SIZE_MAX || !tt_snapshot_steps(sn))
		return TT_ENODATA;
	rc = tt_kept_course(c->kept, c->subjects, workload, metric, &of, &err);
	if (rc < 0)
		return tt_call_refused(c, "course", rc, &err);
	if (!of->any)
		return TT_ENODATA;
	*ret = (tt_series){ of->mean, of->max, tt_snapshot_steps(sn), sn->start_s, sn->step_s };
	return TT_OK;
}
