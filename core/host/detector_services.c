/* detector_services.c - see detector_services.h: measurements by id, lists of subjects, and
 * the checks that a finding passes before it leaves the worker. */
#include "host/detector_services.h"
#include <math.h>
#include <string.h>

int tt_call_of_detector(tt_call *c, const char *service)
{
	return c->kind == TT_CALL_DETECT ? TT_OK
		: tt_call_break(c, TT_EINVAL, "called %s(), which is for detectors", service);
}

/* Whether `id` is a node's, or has one before its '/': a card that nothing was measured of. */
static int is_of_a_node(const tt_snapshot *s, const char *id)
{
	char node[1024];
	size_t n = strlen(id);

	if (n >= sizeof node)
		return 0;
	for (memcpy(node, id, n + 1);; node[n] = '\0') {
		if (tt_snapshot_find_node(s, node) < s->table[TT_NODES].n)
			return 1;
		while (n && node[--n] != '/')
			;
		if (!n)
			return 0;
	}
}

/* The measure behind (carrier, metric); NULL when it was not collected. */
static int find_measure(tt_call *c, const char *service, const char *id, int32_t metric,
                        const tt_measure **ret)
{
	const tt_snapshot *s;
	size_t at;

	*ret = NULL;
	TT_TRY(tt_call_of_detector(c, service));
	s = c->subjects->snapshot;
	if (!id || metric <= TT_METRIC_NONE ||
	    (metric >= TT_METRIC_COUNT && metric != TT_ACTIVITY_PCT))
		return tt_call_break(c, TT_EINVAL, "asked %s() for metric %d of \"%.*s\", which "
		                     "is none", service, metric, TT_SHOWN(id ? id : ""));
	at = tt_snapshot_find_carrier(s, id);
	if (at >= s->n_carriers && !is_of_a_node(s, id))
		return tt_call_break(c, TT_EINVAL, "asked %s() for \"%.*s\", which is no card and "
		                     "no node of the fleet", service, TT_SHOWN(id));
	if (at >= s->n_carriers)
		return TT_ENODATA; /* nothing was measured of it */
	if (metric == TT_ACTIVITY_PCT)
		metric = tt_snapshot_activity(s, &s->carriers[at]);
	if (metric != TT_METRIC_NONE)
		*ret = tt_snapshot_measure(s, &s->carriers[at], metric);
	return *ret ? TT_OK : TT_ENODATA;
}

int tt_call_unreadable(tt_call *c, const tt_measure *m, int rc, const tt_err *err)
{
	const tt_snapshot *s = c->subjects->snapshot;

	c->unreadable |= rc == TT_EDATA || rc == TT_EIO;
	return tt_call_break(c, rc, "%s: %s of %s: %s", s->path, tt_metric_text(m->metric),
	                     s->carriers[m->carrier].id, err->text);
}

int tt_call_refused(tt_call *c, const char *service, int rc, const tt_err *err)
{
	if (rc == TT_ENODATA)
		return tt_host_table.fail(c, rc, "%s", err->text);
	c->unreadable |= rc == TT_EDATA || rc == TT_EIO;
	return tt_call_break(c, rc, "called %s(): %s", service, err->text);
}

int tt_lend_stats(tt_call *c, const char *carrier_id, int32_t metric, tt_stats *ret)
{
	const tt_measure *m;
	int rc = find_measure(c, "stats", carrier_id, metric, &m);
	tt_err err = { 0 };

	*ret = (tt_stats){ .size = sizeof *ret, .metric = TT_METRIC_NONE, .measured_s = (double)NAN,
		           .mean = (double)NAN, .min = (double)NAN, .max = (double)NAN,
		           .p50 = (double)NAN, .p95 = (double)NAN, .p99 = (double)NAN };
	if (rc < 0)
		return rc;
	rc = tt_measure_stats(m, ret, &err);
	return rc < 0 && rc != TT_ENODATA ? tt_call_unreadable(c, m, rc, &err) : rc;
}

struct tt_call_series {
	const tt_measure *measure;
	tt_series series;
	tt_call_series *next;
};

static int read_series(tt_call *c, const tt_measure *m, tt_series *ret)
{
	const tt_snapshot *s = c->subjects->snapshot;
	size_t n = tt_snapshot_steps(s);
	tt_call_series *one = tt_call_alloc(c, sizeof *one);
	double *mean = tt_call_alloc(c, n * sizeof *mean), *max = tt_call_alloc(c, n * sizeof *max);
	tt_err err = { 0 };

	if (!one || !mean || !max)
		return TT_ENOMEM;

	int rc = tt_snapshot_series(s, m, mean, max, &err);

	if (rc < 0)
		return rc == TT_ENODATA ? rc : tt_call_unreadable(c, m, rc, &err);
	*one = (tt_call_series){ m, { mean, max, n, s->start_s, s->step_s }, c->series };
	c->series = one;
	*ret = one->series;
	return TT_OK;
}

int tt_lend_series(tt_call *c, const char *carrier_id, int32_t metric, tt_series *ret)
{
	static const double nothing = 0;
	const tt_measure *m;
	int rc = find_measure(c, "series", carrier_id, metric, &m);

	*ret = (tt_series){ .mean = &nothing, .max = &nothing };
	if (rc < 0)
		return rc;
	ret->start_s = c->subjects->snapshot->start_s;
	ret->step_s = c->subjects->snapshot->step_s;
	if (ret->step_s <= 0)
		return TT_ENODATA;
	for (const tt_call_series *k = c->series; k; k = k->next)
		if (k->measure == m) {
			*ret = k->series;
			return TT_OK;
		}
	return read_series(c, m, ret);
}

/* Steps in which `metric` of any carrier reached `at_least` are marked in busy[]. */
static int mark_busy(tt_call *c, const tt_use *u, int32_t metric, double at_least, char **ret,
                     size_t *ret_n)
{
	char *busy = NULL;
	tt_series s = { .n = 0 };

	for (size_t k = 0; k < u->n_carriers; k++) {
		TT_TRY(tt_lend_series(c, u->carriers[k].id, metric, &s));
		if (!busy && !(busy = tt_call_alloc(c, s.n + 1)))
			return TT_ENOMEM;
		for (size_t i = 0; i < s.n; i++)
			busy[i] |= s.max[i] >= at_least; /* not when it is NaN */
	}
	*ret = busy;
	*ret_n = s.n;
	return busy ? TT_OK : TT_ENODATA;
}

int tt_lend_longest_gap(tt_call *c, const tt_use *u, int32_t metric, double at_least,
                        double *ret_s)
{
	size_t n, gap = 0, longest = 0;
	int any = 0;
	char *busy;

	*ret_s = (double)NAN;
	TT_TRY(tt_call_of_detector(c, "longest_gap"));
	TT_TRY(mark_busy(c, u, metric, at_least, &busy, &n));
	for (size_t i = 0; i < n; i++) {
		gap = busy[i] ? 0 : gap + 1;
		longest = gap > longest ? gap : longest;
		any |= busy[i];
	}
	*ret_s = any ? (double)longest * (double)c->subjects->snapshot->step_s : (double)INFINITY;
	return TT_OK;
}

/* --- Lists of subjects -------------------------------------------------------------- */

/* The last list that was made longer has room behind it, so one that grows by thousands
 * of parts is not copied for each. */
const char *tt_call_append(tt_call *c, const char *list, const char *part)
{
	size_t has = strlen(list), more = strlen(part), n = has + (has != 0) + more;

	if (!c->list.text || list != c->list.text || n >= c->list.cap) {
		size_t cap = n < 64 ? 128 : 2 * n;
		char *text = tt_call_alloc(c, cap);

		if (!text)
			return "";
		memcpy(text, list, has);
		c->list.text = text;
		c->list.cap = cap;
	}
	if (has)
		c->list.text[has] = ',';
	memcpy(c->list.text + n - more, part, more + 1);
	return c->list.text;
}

const char *tt_lend_subject(tt_call *c, const char *list, const char *kind, const char *id)
{
	const char *quoted = tt_call_quote(c, id);
	size_t n = strlen(kind), more = strlen(quoted);
	char *part = tt_call_alloc(c, n + more + 2);

	if (!part)
		return "";
	memcpy(part, kind, n);
	part[n] = ':';
	memcpy(part + n + 1, quoted, more + 1);
	return tt_call_append(c, list, part);
}

/* --- The way out -------------------------------------------------------------------- */

/* What finding.h can't check, because it knows no fleet. */
static int check_found(tt_call *c, const tt_found *f)
{
	int64_t total = c->subjects->bill->total_micro;

	if (!tt_subjects_has(c->subjects, f->subject_kind, f->subject_id))
		return tt_call_break(c, TT_EINVAL, "its finding \"%s\" is about %s \"%.*s\", "
		                     "which the snapshot does not have", f->verdict,
		                     tt_subject_kind_text(f->subject_kind),
		                     TT_SHOWN(f->subject_id));
	if (f->spend_concerned_micro != TT_MONEY_UNKNOWN &&
	    (f->spend_concerned_micro < 0 || f->spend_concerned_micro > total))
		return tt_call_break(c, TT_EINVAL, "its finding \"%s\" about %.*s concerns a "
		                     "spend of %lld micro-units, expected 0 to %lld, what the "
		                     "fleet costs", f->verdict, TT_SHOWN(f->subject_id),
		                     (long long)f->spend_concerned_micro, (long long)total);
	return TT_OK;
}

int tt_lend_emit(tt_call *c, const tt_finding *f)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = NULL;
	TT_CLEANUP(tt_buf_free) tt_buf bytes = { 0 };
	tt_err err = { 0 };
	tt_found found;
	int rc;

	TT_TRY(tt_call_of_detector(c, "emit"));
	if (c->broken.status < 0)
		return c->broken.status; /* its words may have lost their middle */
	if (c->left_findings <= 0)
		return tt_call_break(c, TT_ECANCELLED, "has more than %lld findings",
		              (long long)c->limit_findings);
	c->left_findings--;
	arena = tt_arena_new();
	if (!arena)
		return tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
	rc = tt_found_check(c->detector, f, arena, &found, &err);
	if (rc < 0)
		return tt_call_break(c, rc, "%s", err.text);
	TT_TRY(check_found(c, &found));
	tt_found_write(&found, &bytes);
	if (bytes.failed)
		return tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
	return c->put(c->put_ctx, &bytes);
}
