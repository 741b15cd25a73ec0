/* experiment_sprawl - what experiments leave behind.
 *
 * Rule: volumes with a price that are attached to nothing and were not read for
 * `orphaned_after_d` days (`orphaned_volume`), or attached and not read for `unread_after_d`
 * (`unread_volume`), those of an owner together; a pod that is there, is no service, and whose
 * cards have done nothing for `abandoned_after_h` up to now (`abandoned`).
 * Proposes: no charge for the volumes, that of a cold tier; release of the pod.
 * Blind spot: what is kept on purpose, a dataset or a last model. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECTS_MAX = 100, CHANGES_MAX = 200, NAMES_MAX = 900 };

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
	int unread_unknown;      /* none says when it was read */
};

struct volume { const char *id, *owner, *class; double days, price, size_mib; int orphaned; };

static int by_owner(const void *pa, const void *pb)
{
	const struct volume *a = pa, *b = pb;
	const int by = strcmp(a->owner, b->owner);

	return by ? by : a->orphaned != b->orphaned ? b->orphaned - a->orphaned
	     : strcmp(a->id, b->id);
}

struct together {                /* volumes of one owner, forgotten in one way */
	const char *names, *class;
	double size_mib, price, least_days, most_days;
	const char **changes;
	size_t n_changes, n;     /* volumes that the changes name */
};

static int add_up(const struct audit *a, const struct volume *v, size_t n, struct together *to)
{
	const tt_host *h = a->h;

	*to = (struct together){ .names = "", .class = v->class, .least_days = v->days };
	to->changes = h->alloc(a->c, (n / SUBJECTS_MAX + 1) * sizeof *to->changes);
	if (!to->changes)
		return TT_ENOMEM;
	while (to->n < n && to->n_changes < CHANGES_MAX) {
		const char *subjects = "";

		for (size_t k = 0; k < SUBJECTS_MAX && to->n < n; k++, to->n++) {
			const struct volume *one = &v[to->n];

			subjects = h->subject(a->c, subjects, "charge", one->id);
			if (strlen(to->names) + strlen(one->id) < NAMES_MAX)
				to->names = h->text(a->c, "%s%s%s", to->names,
				                    *to->names ? " " : "", one->id);
			to->size_mib += one->size_mib;
			to->price += one->price;
			to->least_days = fmin(to->least_days, one->days);
			to->most_days = fmax(to->most_days, one->days);
			to->class = strcmp(to->class, one->class) == 0 ? to->class : "";
		}
		to->changes[to->n_changes++] = h->text(a->c, "scale %s factor=%g", subjects,
			v->orphaned ? 0 : a->p->cold_ratio);
	}
	return TT_OK;
}

static const char *title(const struct audit *a, const struct volume *v, const struct together *g)
{
	const char *how = v->orphaned ? "attached to nothing" : "attached";

	if (g->n == 1)
		return a->h->text(a->c, "volume %s (%.0f GiB) was not read for %.0f days and is %s",
		                  v->id, g->size_mib / 1024, g->most_days, how);
	return a->h->text(a->c, "%zu volumes%s%s (%.0f GiB) were not read for %.0f to %.0f days "
	                  "and are %s", g->n, *v->owner ? " of " : " without an owner", v->owner,
	                  g->size_mib / 1024, g->least_days, g->most_days, how);
}

/* v[0..n) are of one owner, who gets one line. */
static int report_volumes(const struct audit *a, const struct volume *v, size_t n)
{
	const double hours = (double)(a->window->end_s - a->window->start_s) / 3600;
	const double limit_d = v->orphaned ? a->p->orphaned_after_d : a->p->unread_after_d;
	struct together g;
	int rc = add_up(a, v, n, &g);
	const tt_evidence evidence[] = {
		{ "volumes", (double)g.n, NULL },
		{ "unread_days", g.least_days, NULL },
		{ "most_unread_days", g.most_days, NULL },
		{ "size_mib", g.size_mib, NULL },
		{ "price_per_hour", g.price, NULL },
		{ "storage_class", 0, g.class },
		{ "names", 0, g.names },
	};

	return rc < 0 ? rc : a->h->emit(a->c, &(tt_finding){
		.size = sizeof(tt_finding),
		.verdict = v->orphaned ? "orphaned_volume" : "unread_volume",
		.title = title(a, v, &g), .subject_kind = "fleet",
		.subject_id = *v->owner ? a->h->text(a->c, "volumes of %s", v->owner)
			: "volumes without an owner",
		.owner = v->owner,
		.spend_concerned_micro = (int64_t)fmin(g.price * hours * 1e6,
		                                       (double)a->total_micro),
		.coverage_ratio = 1,
		.confidence_ratio = 1 - 0.2 * fmin(1, limit_d / g.least_days),
		.effort_days = 0.24 + 0.01 * (double)g.n, .risk = TT_RISK_LOW,
		.risk_note = v->orphaned
			? "ask their owner: a snapshot is cheaper than a mistake"
			: "reading from a cold tier is slow and costs by the byte",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = g.changes, .n_changes = g.n_changes,
	});
}

/* Whether volume i is forgotten; `ret_read` is whether it says when it was read. */
static int is_forgotten(const struct audit *a, size_t i, struct volume *ret, int *ret_read)
{
	const tt_host *h = a->h;
	const double read_at_s = h->number(a->c, "volumes", i, "last_read_at");
	const int attached = *h->word(a->c, "volumes", i, "attached_to") != '\0';

	*ret = (struct volume){
		.id = h->word(a->c, "volumes", i, "volume"),
		.owner = h->word(a->c, "volumes", i, "owner"),
		.class = h->word(a->c, "volumes", i, "storage_class"),
		.price = h->number(a->c, "volumes", i, "price_per_hour"),
		.size_mib = h->number(a->c, "volumes", i, "size_mib"),
		.days = ((double)a->window->end_s - fmax(read_at_s,
			h->number(a->c, "volumes", i, "last_written_at"))) / 86400,
		.orphaned = !attached,
	};
	*ret_read |= !isnan(read_at_s);
	if (isnan(read_at_s) || !(ret->price * 730 >= a->p->min_per_month))
		return 0;
	return attached ? ret->days >= a->p->unread_after_d
		: a->attached_known && ret->days >= a->p->orphaned_after_d;
}

static int look_at_volumes(struct audit *a, size_t rows)
{
	struct volume *v = a->h->alloc(a->c, (rows + 1) * sizeof *v);
	size_t n = 0;
	int rc = TT_OK, read = 0;

	if (!v)
		return TT_ENOMEM;
	for (size_t i = 0; i < rows && !a->attached_known; i++)
		a->attached_known = *a->h->word(a->c, "volumes", i, "attached_to") != '\0';
	for (size_t i = 0; i < rows; i++)
		n += is_forgotten(a, i, &v[n], &read) != 0;
	if (n)
		qsort(v, n, sizeof *v, by_owner);
	for (size_t i = 0, k; i < n && rc == TT_OK; i += k) {
		for (k = 1; i + k < n && v[i + k].orphaned == v[i].orphaned &&
		     strcmp(v[i + k].owner, v[i].owner) == 0;)
			k++;
		rc = report_volumes(a, &v[i], k);
	}
	a->unread_unknown = rows && !read;
	return rc;
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
	struct audit a = { .h = h, .c = c, .p = params_, .window = subject->window };
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
	rc = look_at_volumes(&a, n_volumes);
	for (size_t i = 0; i < runs.n && rc == TT_OK; i++)
		if (is_abandoned(&a, &runs.v[i], &idle_h))
			rc = report_run(&a, &runs.v[i], idle_h);
	return rc < 0 || !a.unread_unknown ? rc
		: h->fail(c, TT_ENODATA, "which volumes nobody reads is not known: no "
		          "last_read_at in volumes.csv");
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
