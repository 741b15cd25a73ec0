/* failed_runs - card-hours of runs that came to nothing.
 *
 * Rule: of what the runs of a workload took, the share that went into runs that failed, were
 * preempted or cancelled, less what their checkpoints kept, is `min_lost_ratio` or more. The
 * verdict is the outcome that lost most.
 * Proposes: a smaller demand; on demand for what spot takes away more often than not.
 * Blind spot: a run that failed may have said what was to be learnt. See README.md. */
#include <trimtab/plugin.h>
#include <math.h>
#include <string.h>

struct params {
	double min_lost_ratio, min_lost_h, min_lost_runs, realisation_ratio, min_known_ratio;
};

static const tt_param params[] = {
	TT_PARAM_F64(struct params, min_lost_ratio, "ratio", 0.4, 0.01, 1,
	             "Nothing is said where a smaller share of the card-hours was lost."),
	TT_PARAM_F64(struct params, min_lost_h, "h", 168, 0.1, 1000000,
	             "Nothing is said where fewer card-hours were lost."),
	TT_PARAM_F64(struct params, min_lost_runs, "", 3, 1, 1000000,
	             "Nothing is said of fewer runs than this that came to nothing."),
	TT_PARAM_F64(struct params, realisation_ratio, "ratio", 0.5, 0.01, 1,
	             "Share of what was lost that retry limits, short tests or checkpoints save."),
	TT_PARAM_F64(struct params, min_known_ratio, "ratio", 0.5, 0.01, 1,
	             "Nothing is said where fewer of the card-hours are of runs with an outcome."),
};

static const tt_need needs[] = { { .table = "pods", .required = 1 } };

static const tt_ground grounds[] = {
	{ NULL, "lost_ratio", ">=", "min_lost_ratio", TT_METRIC_NONE },
	{ NULL, "lost_h", ">=", "min_lost_h", TT_METRIC_NONE },
	{ NULL, "lost_runs", ">=", "min_lost_runs", TT_METRIC_NONE },
};

enum { FAILED, PREEMPTED, CANCELLED, OUTCOMES };
static const char *const outcomes[] = { "failed", "preempted", "cancelled" };
static const double efforts_d[] = { 2, 3, 0.5 };
static const char *const notes[] = {
	"a retry limit also ends runs that the next try would have finished",
	"checkpoints take time and storage of their own",
	"whoever cancels late may have learnt what was wanted",
};

struct sums {                    /* of one workload, or of what has none in a namespace */
	const tt_pod_run *first;
	double gpu_h, known_h, lost_h[OUTCOMES], all_lost_h, spot_h, restarts;
	size_t n, n_lost[OUTCOMES], all_lost;
	double lost_micro;       /* NaN: not known of one of them */
	const char *owner;
	double restart_s;        /* of workloads.csv; 0 not known */
};

/* Services and notebooks end when somebody is done with them. */
static int is_meant(const tt_pod_run *r)
{
	return r->to_s > r->from_s && strcmp(r->workload_kind, "inference") != 0 &&
	       strcmp(r->workload_kind, "notebook") != 0;
}

/* What was done since the last checkpoint, on average, and what it takes to be there again;
 * whoever cancels wants none of it. */
static double lost_s(const tt_pod_run *r, double restart_s, int outcome)
{
	double ran_s = (double)(r->to_s - r->from_s);

	return outcome == CANCELLED || isnan(r->checkpoint_interval_s) ? ran_s
		: fmin(ran_s, r->checkpoint_interval_s / 2 + restart_s);
}

static double restart_s(const tt_host *h, tt_call *c, const char *workload)
{
	for (size_t i = 0; i < h->rows(c, "workloads"); i++)
		if (*workload && strcmp(h->word(c, "workloads", i, "workload"), workload) == 0)
			return fmax(0, h->number(c, "workloads", i, "restart_s"));
	return 0;
}

static void add(struct sums *to, const tt_pod_run *r)
{
	double hours = r->gpus * (double)(r->to_s - r->from_s) / 3600, lost = 0;

	to->owner = !to->n++ ? r->owner : strcmp(to->owner, r->owner) == 0 ? r->owner : "";
	to->gpu_h += hours;
	to->known_h += *r->outcome ? hours : 0;
	to->spot_h += strcmp(r->pricing, "spot") == 0 ? hours : 0;
	to->restarts += r->restarts > 0 ? r->restarts : 0;
	for (int i = 0; i < OUTCOMES; i++) {
		if (strcmp(r->outcome, outcomes[i]) != 0)
			continue;
		lost = r->gpus * lost_s(r, to->restart_s, i) / 3600;
		to->lost_h[i] += lost;
		to->n_lost[i]++;
		to->all_lost++;
	}
	to->all_lost_h += lost;
	if (lost > 0)
		to->lost_micro += r->cost_micro == TT_MONEY_UNKNOWN ? (double)NAN
			: (double)r->cost_micro * lost / hours;
}

/* On demand may have no price: then what is left is to lose less. */
static const char *change(const tt_host *h, tt_call *c, const struct params *p,
                          const struct sums *s, int worst, double ratio, const char **ret_else)
{
	const char *what = h->subject(c, "", "workload", s->first->workload);
	const char *less = h->text(c, "scale %s factor=%.4f realisation_ratio=%g", what,
	                           fmax(0, 1 - ratio), p->realisation_ratio);

	if (!(worst == PREEMPTED && ratio > 0.5 && s->spot_h > 0.5 * s->gpu_h))
		return less;
	*ret_else = less;
	return h->text(c, "reprice %s pricing=on_demand",
	               h->subject(c, "", "workload", s->first->workload));
}

static int report(const tt_host *h, tt_call *c, const struct params *p, const tt_subject *subject,
                  const struct sums *s)
{
	const tt_pod_run *r = s->first;
	double ratio = s->all_lost_h / s->gpu_h, known = fmin(1, s->known_h / s->gpu_h);
	double window_s = (double)(subject->window->end_s - subject->window->start_s);
	int worst = FAILED, named = *r->workload != '\0';
	const char *kind = named ? "workload" : *r->namespace_ ? "namespace" : "fleet", *id, *text;
	const char *alternatives[2] = { NULL };

	for (int i = PREEMPTED; i < OUTCOMES; i++)
		worst = s->lost_h[i] > s->lost_h[worst] ? i : worst;
	id = named ? r->workload : *r->namespace_ ? r->namespace_ : "runs";
	text = named ? change(h, c, p, s, worst, ratio, alternatives) : "";

	const tt_evidence evidence[] = {
		{ "runs", (double)s->n, NULL },
		{ "lost_runs", (double)s->all_lost, NULL },
		{ "failed_runs", (double)s->n_lost[FAILED], NULL },
		{ "preempted_runs", (double)s->n_lost[PREEMPTED], NULL },
		{ "cancelled_runs", (double)s->n_lost[CANCELLED], NULL },
		{ "restarts", s->restarts, NULL },
		{ "card_h", s->gpu_h, NULL },
		{ "lost_h", s->all_lost_h, NULL },
		{ "failed_h", s->lost_h[FAILED], NULL },
		{ "preempted_h", s->lost_h[PREEMPTED], NULL },
		{ "cancelled_h", s->lost_h[CANCELLED], NULL },
		{ "lost_ratio", ratio, NULL },
		{ "known_ratio", known, NULL },
		{ "checkpoint_interval_s", r->checkpoint_interval_s, NULL },
	};
	return h->emit(c, &(tt_finding){
		.size = sizeof(tt_finding), .verdict = outcomes[worst],
		.title = h->text(c, "%.0f %% of %.0f GPU-hours of %s %s came to nothing: %zu of "
		                 "%zu runs failed, %zu were preempted, %zu cancelled", 100 * ratio,
		                 s->gpu_h, kind, id, s->n_lost[FAILED], s->n,
		                 s->n_lost[PREEMPTED], s->n_lost[CANCELLED]),
		.subject_kind = kind, .subject_id = id, .owner = s->owner,
		.spend_concerned_micro = isnan(s->lost_micro) ? TT_MONEY_UNKNOWN
			: (int64_t)s->lost_micro,
		.coverage_ratio = known,
		.confidence_ratio = h->confidence(c, known, window_s, p->min_lost_ratio / ratio),
		.effort_days = efforts_d[worst], .risk = TT_RISK_LOW, .risk_note = notes[worst],
		.evidence = evidence, .n_evidence = TT_COUNT(evidence),
		.changes = &text, .n_changes = (size_t)named, .alternatives = alternatives,
	});
}

/* Of one workload, else of one namespace. */
static int together(const tt_pod_run *a, const tt_pod_run *b)
{
	return strcmp(a->workload, b->workload) == 0 &&
	       (*a->workload || strcmp(a->namespace_, b->namespace_) == 0);
}

static int detect(const tt_host *h, tt_call *c, const tt_subject *subject, const void *params_)
{
	const struct params *p = params_;
	double known_h = 0, all_h = 0;
	tt_pod_runs runs;
	int rc = h->runs(c, subject, &runs);

	for (size_t i = 0, end; i < runs.n && rc == TT_OK; i = end) {
		struct sums s = { .first = &runs.v[i], .owner = "",
			.restart_s = restart_s(h, c, runs.v[i].workload) };

		for (end = i; end < runs.n && together(&runs.v[end], s.first); end++)
			if (is_meant(&runs.v[end]))
				add(&s, &runs.v[end]);
		known_h += s.known_h;
		all_h += s.gpu_h;
		if (s.all_lost_h >= p->min_lost_ratio * s.gpu_h && s.all_lost_h >= p->min_lost_h &&
		    (double)s.all_lost >= p->min_lost_runs &&
		    s.known_h >= p->min_known_ratio * s.gpu_h)
			rc = report(h, c, p, subject, &s);
	}
	return rc == TT_OK && all_h > 0 && !(known_h > 0)
		? h->fail(c, TT_ENODATA, "no run says how it ended: pods.csv has no outcome") : rc;
}

static const tt_detector self = {
	TT_DETECTOR_HEAD,
	.info = { .id = "failed_runs", .version = "1.0.0",
	          .summary = "Card-hours of runs that failed, were preempted or cancelled",
	          TT_PARAMS(struct params, params) },
	.scope = TT_SCOPE_FLEET,
	TT_NEEDS(needs),
	TT_GROUNDS(grounds),
	.detect = detect,
};
TT_REGISTER(self)
