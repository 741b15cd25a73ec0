/* data_cost - data that is kept and moved for more than it need cost.
 *
 * Rule: a resource whose storage is in a hot class and that hardly any request touches
 * (`cold_data`); a copy of a volume that volumes.csv no longer has (`orphaned_snapshot`); what
 * one service pays for data that leaves, where that is much of the bill (`egress`).
 * Proposes: the charges times what a cold tier, no copy, or less transfer come to.
 * Blind spot: what is kept for the law; what users download. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double min_per_month, cold_touched_ratio, cold_ratio, egress_share_ratio;
	double avoidable_ratio;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, min_per_month, "", 50, 0, 1e9,
	             "Nothing is said of charges that come to less in 730 hours."),
	TT_PARAM_F64(struct params, cold_touched_ratio, "ratio", 0.01, 0, 1,
	             "Data is cold when its requests cost less than this of keeping it."),
	TT_PARAM_F64(struct params, cold_ratio, "ratio", 0.4, 0, 1,
	             "What a cold tier costs of the hot one, with what is still read."),
	TT_PARAM_F64(struct params, egress_share_ratio, "ratio", 0.05, 0, 1,
	             "Egress of a service is much when it is this share of all spend."),
	TT_PARAM_F64(struct params, avoidable_ratio, "ratio", 0.3, 0, 1,
	             "Of such egress, what caching and keeping traffic in the region avoid."),
};

static const tt_ground grounds[] = {
	{ "cold_data", "touched_ratio", "<", "cold_touched_ratio", TT_METRIC_NONE },
	{ "cold_data", "storage_per_month", ">=", "min_per_month", TT_METRIC_NONE },
	{ "orphaned_snapshot", "cost_per_month", ">=", "min_per_month", TT_METRIC_NONE },
	{ "egress", "cost_per_month", ">=", "min_per_month", TT_METRIC_NONE },
	{ "egress", "share_of_spend_ratio", ">=", "egress_share_ratio", TT_METRIC_NONE },
};

struct audit {
	const tt_host *h;
	tt_call *c;
	const struct params *p;
	const tt_charge_line *v;
	size_t n;
	double window_h, total;
};

static const char *quoted(const struct audit *a, const char *id)
{
	return a->h->subject(a->c, "", "charge", id);
}

static double per_month(const struct audit *a, double cost)
{
	return cost * 730 / a->window_h;
}

static int is_enough(const struct audit *a, double cost)
{
	return cost > 0 && per_month(a, cost) >= a->p->min_per_month;
}

static double money(const tt_charge_line *l)
{
	return (double)l->cost_micro / 1e6;
}

/* Whether `s` begins with `word`, which is in lower case. */
static int starts_with(const char *s, const char *word)
{
	while (*word && (*s | 0x20) == *word)
		s++, word++;
	return !*word;
}

/* A class that is cold already, or none that a tier takes. */
static int says(const char *s, const char *const *words)
{
	for (; *s; s++)
		for (const char *const *w = words; *w; w++)
			if (starts_with(s, *w))
				return 1;
	return 0;
}

static int emit(const struct audit *a, tt_finding f, double cost, const char *change)
{
	f.size = sizeof f;
	f.subject_kind = "charge";
	f.spend_concerned_micro = (int64_t)(fmin(cost, a->total) * 1e6);
	f.coverage_ratio = 1;
	f.changes = &change;
	f.n_changes = 1;
	return a->h->emit(a->c, &f);
}

/* --- Cold data ------------------------------------------------------------------------ */

/* Lines [i, end) are all of one resource. */
static int look_at_resource(const struct audit *a, size_t i, size_t end)
{
	static const char *const colder[] = { "cold", "cool", "archive", "glacier", "infrequent",
		"nearline", "snapshot", "backup", "provisioned", "ssd", "gp2", "gp3", "disk",
		NULL };
	const tt_charge_line *l = &a->v[i];
	double kept = 0, touched = 0, ratio;

	for (size_t k = i; k < end; k++) {
		if (a->v[k].is_volume || (!strcmp(a->v[k].stream, "storage") &&
		                          says(a->v[k].meter, colder)))
			return TT_OK;
		*(strcmp(a->v[k].stream, "storage") ? &touched : &kept) += money(&a->v[k]);
	}
	ratio = touched / kept;
	if (!*l->resource || !is_enough(a, kept) || touched < 0 ||
	    !(ratio < a->p->cold_touched_ratio) || end == i + 1)
		return TT_OK; /* where no request is billed at all, nobody knows */

	const tt_evidence evidence[] = {
		{ "touched_ratio", ratio, NULL },
		{ "storage_per_month", per_month(a, kept), NULL },
		{ "other_per_month", per_month(a, touched), NULL },
		{ "service", 0, l->service },
	};
	return emit(a, (tt_finding){
		.verdict = "cold_data", .subject_id = l->resource, .owner = l->owner,
		.title = a->h->text(a->c, "data in %s of %s is hardly touched: requests and "
		                    "transfer cost %.2f %% of keeping it", l->resource, l->service,
		                    100 * ratio),
		.confidence_ratio = 0.7 * (1 - 0.2 * ratio / a->p->cold_touched_ratio),
		.effort_days = 0.5, .risk = TT_RISK_LOW,
		.risk_note = "reading from a cold tier is slow and costs by the byte",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence) }, kept + touched,
		a->h->text(a->c, "scale %s factor=%g", quoted(a, l->resource), a->p->cold_ratio));
}

/* --- Orphaned snapshots --------------------------------------------------------------- */

static int has_volume(const struct audit *a, const char *id)
{
	size_t n = a->h->rows(a->c, "volumes");

	for (size_t i = 0; i < n; i++)
		if (strcmp(a->h->word(a->c, "volumes", i, "volume"), id) == 0)
			return 1;
	return n == 0; /* without the table nobody knows */
}

/* Lines [i, end) are all of one resource. */
static int look_at_snapshot(const struct audit *a, size_t i, size_t end)
{
	static const char *const copies[] = { "snapshot", NULL };
	const tt_charge_line *l = NULL; /* the first that says of what it is */
	double cost = 0, early = 0;
	const char *owner = "";

	for (size_t k = i; k < end; k++) {
		const tt_charge_line *o = &a->v[k];

		if (strcmp(o->stream, "storage") != 0 || !says(o->meter, copies))
			continue;
		cost += money(o);
		early += (double)o->early_micro / 1e6;
		if (!*o->source)
			continue;
		if (has_volume(a, o->source))
			return TT_OK;
		owner = !l || strcmp(owner, o->owner) == 0 ? o->owner : "";
		l = l ? l : o;
	}
	if (!l || !*l->resource || !is_enough(a, cost))
		return TT_OK;

	const tt_evidence evidence[] = {
		{ "source_volume", 0, l->source },
		{ "cost_per_month", per_month(a, cost), NULL },
		{ "first_half_per_month", 2 * per_month(a, early), NULL },
	};
	return emit(a, (tt_finding){
		.verdict = "orphaned_snapshot", .subject_id = l->resource, .owner = owner,
		.title = a->h->text(a->c, "snapshot %s is of volume %s, which is not there any "
		                    "more", l->resource, l->source),
		.confidence_ratio = 0.8, .effort_days = 0.25, .risk = TT_RISK_MEDIUM,
		.risk_note = "it may be the only copy left: ask its owner first",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence) }, cost,
		a->h->text(a->c, "scale %s factor=0", quoted(a, l->resource)));
}

/* --- Egress --------------------------------------------------------------------------- */

/* Of all egress lines those of the meter of line i, where it is the first of them. */
static int look_at_egress(const struct audit *a, size_t i)
{
	const tt_charge_line *l = &a->v[i];
	double cost = 0;

	if (strcmp(l->stream, "egress") != 0 || !*l->meter)
		return TT_OK;
	for (size_t k = 0; k < a->n; k++) {
		if (strcmp(a->v[k].stream, "egress") != 0 || strcmp(a->v[k].meter, l->meter) != 0)
			continue;
		if (k < i)
			return TT_OK;
		cost += money(&a->v[k]);
	}

	const double share = cost / a->total;
	const tt_evidence evidence[] = {
		{ "share_of_spend_ratio", share, NULL },
		{ "cost_per_month", per_month(a, cost), NULL },
		{ "service", 0, l->service },
	};
	if (!is_enough(a, cost) || !(share >= a->p->egress_share_ratio))
		return TT_OK;
	return emit(a, (tt_finding){
		.verdict = "egress", .subject_id = l->meter, .owner = l->owner,
		.title = a->h->text(a->c, "%.1f %% of all spend is data that leaves: %s",
		                    100 * share, l->meter),
		.confidence_ratio = 0.6 * (1 - 0.2 * a->p->egress_share_ratio / share),
		.effort_days = 5, .risk = TT_RISK_LOW,
		.risk_note = "a cache in front may serve what is old",
		.evidence = evidence, .n_evidence = TT_COUNT(evidence) }, cost,
		a->h->text(a->c, "scale %s factor=%g", quoted(a, l->meter),
		           1 - a->p->avoidable_ratio));
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	struct audit a = { .h = h, .c = c, .p = params_, .window_h =
		(double)(subject->window->end_s - subject->window->start_s) / 3600 };
	const tt_spend *lines;
	size_t n_lines;
	int rc = h->spend(c, 0, NULL, &lines, &n_lines);

	if (rc == TT_OK)
		rc = h->charges(c, &a.v, &a.n);
	if (rc < 0)
		return rc;
	a.total = n_lines ? (double)lines->cost_micro / 1e6 : 0;
	if (!h->rows(c, "charges"))
		return h->fail(c, TT_ENODATA, "no rows of charges.csv");
	for (size_t i = 0, end; i < a.n && rc == TT_OK; i = end) {
		for (end = i + 1; end < a.n; end++)
			if (strcmp(a.v[end].resource, a.v[i].resource) != 0)
				break;
		rc = look_at_resource(&a, i, end);
		if (rc == TT_OK)
			rc = look_at_snapshot(&a, i, end);
		for (size_t k = i; k < end && rc == TT_OK; k++)
			rc = look_at_egress(&a, k);
	}
	return rc;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "data_cost", .version = "1.0.0",
	          .summary = "Cold data in hot storage, orphaned snapshots, egress",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_FLEET,
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
