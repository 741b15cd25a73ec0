/* experiment_sprawl - what experiments leave behind.
 *
 * Rule: a volume with a price that is attached to nothing and was not read for
 * `orphaned_after_d` days (`orphaned_volume`), or attached and not read for `unread_after_d`
 * (`unread_volume`); a pod that is there, is no service, and whose cards have done nothing for
 * `abandoned_after_h` up to now (`abandoned`).
 * Proposes: no charge for the volume, that of a cold tier; release of the pod.
 * Blind spot: what is kept on purpose, a dataset or a last model. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double orphaned_after_d, unread_after_d, min_per_month, cold_ratio;
	double abandoned_after_h, min_coverage_ratio;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, orphaned_after_d, "d", 30, 1, 3660,
	             "A volume attached to nothing is orphaned when unread for this long."),
	TT_PARAM_F64(struct params, unread_after_d, "d", 90, 1, 3660,
	             "An attached volume is for a cold tier when unread for this long."),
	TT_PARAM_F64(struct params, min_per_month, "", 5, 0, 1000000,
	             "Nothing is said of a volume that costs less in 730 hours."),
	TT_PARAM_F64(struct params, cold_ratio, "ratio", 0.2, 0, 1,
	             "What a cold tier costs of what an unread volume does."),
	TT_PARAM_F64(struct params, abandoned_after_h, "h", 72, 1, 8760,
	             "A pod is abandoned when its cards have been idle for this long."),
	TT_PARAM_F64(struct params, min_coverage_ratio, "ratio", 0.8, 0, 1,
	             "Nothing is said of a pod that was measured for less of that time."),
};

static const tt_need needs[] = {
	{ .table = "volumes" }, { .table = "pods" }, { .metric = TT_ACTIVITY_PCT },
};

static const tt_ground grounds[] = {
	{ "orphaned_volume", "unread_days", ">=", "orphaned_after_d", TT_METRIC_NONE },
	{ "unread_volume", "unread_days", ">=", "unread_after_d", TT_METRIC_NONE },
	{ "abandoned", "idle_h", ">=", "abandoned_after_h", TT_METRIC_NONE },
	{ "abandoned", "idle_coverage_ratio", ">=", "min_coverage_ratio", TT_METRIC_NONE },
};

struct audit {
	const tt_host *h;
	tt_call *c;
	const struct params *p;
	const tt_window *window;
	int64_t total_micro;
	int attached_known;      /* a volume says what has it */
};

struct volume { const char *id, *owner, *class, *attached; double days, price, size_mib; };

static int report_volume(const struct audit *a, const struct volume *v, int orphaned)
{
	double hours = (double)(a->window->end_s - a->window->start_s) / 3600;
	double limit_d = orphaned ? a->p->orphaned_after_d : a->p->unread_after_d;
	const char *change = a->h->text(a->c, "scale %s factor=%g",
	                                a->h->subject(a->c, "", "charge", v->id),
	                                orphaned ? 0 : a->p->cold_ratio);
	const tt_evidence evidence[] = {
		{ "unread_days", v->days, NULL },
		{ "size_mib", v->size_mib, NULL },
		{ "price_per_hour", v->price, NULL },
		{ "storage_class", 0, v->class },
		{ "attached_to", 0, v->attached },
	};

	return a->h->emit(a->c, &(tt_finding){
		.size = sizeof(tt_finding),
		.verdict = orphaned ? "orphaned_volume" : "unread_volume",
		.title = a->h->text(a->c, "volume %s (%.0f GiB) was not read for %.0f days%s%s",
		                    v->id, v->size_mib / 1024, v->days, orphaned
		                    ? " and is attached to nothing" : "; attached to ",
		                    v->attached),
		.subject_kind = "charge", .subject_id = v->id, .owner = v->owner,
		.spend_concerned_micro = (int64_t)fmin(v->price * hours * 1e6,
		                                       (double)a->total_micro),
		.coverage_ratio = 1,
		.confidence_ratio = 1 - 0.2 * fmin(1, limit_d / v->days),
		.effort_days = 0.25, .risk = TT_RISK_LOW,
		.risk_note = orphaned ? "ask its owner: a snapshot of it is cheaper than a mistake"
			: "reading from a cold tier is slow and costs by the byte",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = 1,
	});
}

static int look_at_volume(const struct audit *a, size_t i)
{
	const tt_host *h = a->h;
	const struct volume v = {
		.id = h->word(a->c, "volumes", i, "volume"),
		.owner = h->word(a->c, "volumes", i, "owner"),
		.class = h->word(a->c, "volumes", i, "storage_class"),
		.attached = h->word(a->c, "volumes", i, "attached_to"),
		.price = h->number(a->c, "volumes", i, "price_per_hour"),
		.size_mib = h->number(a->c, "volumes", i, "size_mib"),
		.days = ((double)a->window->end_s -
		         fmax(h->number(a->c, "volumes", i, "last_read_at"),
		              h->number(a->c, "volumes", i, "last_written_at"))) / 86400,
	};
	double read_at_s = h->number(a->c, "volumes", i, "last_read_at");

	if (isnan(read_at_s) || !(v.price * 730 >= a->p->min_per_month))
		return TT_OK;
	if (!*v.attached && a->attached_known && v.days >= a->p->orphaned_after_d)
		return report_volume(a, &v, 1);
	return *v.attached && v.days >= a->p->unread_after_d ? report_volume(a, &v, 0) : TT_OK;
}

/* Whether it is a run that nobody looks at: a service may wait for its users. */
static int is_abandoned(const struct audit *a, const tt_pod_run *r, double *ret_h)
{
	*ret_h = r->idle_since_s == INT64_MIN ? 0 : (double)(r->to_s - r->idle_since_s) / 3600;
	return strcmp(r->workload_kind, "inference") != 0 && *r->workload_kind &&
	       *ret_h >= a->p->abandoned_after_h &&
	       r->idle_coverage_ratio >= a->p->min_coverage_ratio;
}

static int report_run(const struct audit *a, const tt_pod_run *r, double idle_h)
{
	double life_s = (double)(r->to_s - r->from_s), share = idle_h * 3600 / life_s;
	const char *change = a->h->text(a->c, "release %s from=%s",
	                                a->h->subject(a->c, "", "pod", r->id),
	                                a->h->time(a->c, r->idle_since_s));
	const tt_evidence evidence[] = {
		{ "workload_kind", 0, r->workload_kind },
		{ "workload", 0, r->workload },
		{ "cards", r->gpus, NULL },
		{ "idle_h", idle_h, NULL },
		{ "idle_coverage_ratio", r->idle_coverage_ratio, NULL },
	};

	return a->h->emit(a->c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = "abandoned",
		.title = a->h->text(a->c, "%s pod %s holds %g card%s and has done nothing for %.0f "
		                    "h, coverage %.0f %%", r->workload_kind, r->id, r->gpus,
		                    r->gpus == 1 ? "" : "s", idle_h,
		                    100 * r->idle_coverage_ratio),
		.subject_kind = "pod", .subject_id = r->id, .owner = r->owner,
		.spend_concerned_micro = r->cost_micro == TT_MONEY_UNKNOWN ? TT_MONEY_UNKNOWN
			: (int64_t)((double)r->cost_micro * fmin(1, share)),
		.coverage_ratio = r->idle_coverage_ratio,
		.confidence_ratio = a->h->confidence(a->c, r->idle_coverage_ratio, idle_h * 3600,
		                                     a->p->abandoned_after_h / idle_h),
		.effort_days = 0.25, .risk = TT_RISK_LOW,
		.risk_note = "what it holds in memory is lost: ask its owner first",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &change, .n_changes = 1,
	});
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	struct audit a = { h, c, params_, subject->window, 0, 0 };
	size_t n_volumes = h->rows(c, "volumes"), n_lines;
	const tt_spend *lines;
	tt_pod_runs runs;
	double idle_h;
	int rc = h->spend(c, 0, NULL, &lines, &n_lines);

	if (rc == TT_OK)
		rc = h->runs(c, subject, &runs);
	if (rc < 0)
		return rc;
	a.total_micro = n_lines ? lines->cost_micro : 0;
	if (!n_volumes && !runs.n)
		return h->fail(c, TT_ENODATA, "no rows of volumes.csv, and of no pod with cards");
	for (size_t i = 0; i < n_volumes && !a.attached_known; i++)
		a.attached_known = *h->word(c, "volumes", i, "attached_to") != '\0';
	for (size_t i = 0; i < n_volumes && rc == TT_OK; i++)
		rc = look_at_volume(&a, i);
	for (size_t i = 0; i < runs.n && rc == TT_OK; i++)
		if (is_abandoned(&a, &runs.v[i], &idle_h))
			rc = report_run(&a, &runs.v[i], idle_h);
	return rc;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "experiment_sprawl", .version = "1.0.0",
	          .summary = "Volumes nobody reads and pods nobody comes back to",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_FLEET,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
