#include "change/scale.h"
#include "base/memory.h"
#include "change/charges.h"
#include "change/growth.h"
#include "change/traffic.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_S = 3600, WEEK_H = 168, MONDAY_H = 72 }; /* 1970-01-01 was a Thursday */

/* --- Streams ------------------------------------------------------------------------------- */

/* Work before and after: a request is as much work as any other, and a token that is not read
 * from the cache as much as any other. Who counts what it reads and never what it writes, like
 * an embedding, writes nothing. */
static double work_ratio(const tt_streams *t, const char *stream, double factor)
{
	const bool writes = strcmp(stream, "output_tokens") == 0 || !isnan(t->output_tokens);
	const double cached = isnan(t->cached_tokens) ? 0 : t->cached_tokens;
	const double input = fmax(t->input_tokens - cached, 0);
	const double output = writes ? t->output_tokens : 0;
	const double now = input + output;
	double then = now;

	if (strcmp(stream, "requests") == 0)
		return t->requests > 0 ? factor : NAN;
	if (strcmp(stream, "input_tokens") == 0) /* as much of them is cached as now */
		then = factor * input + output;
	else if (strcmp(stream, "output_tokens") == 0)
		then = input + factor * output;
	else
		then = isnan(t->cached_tokens) ? NAN :
		       fmax(t->input_tokens - factor * cached, 0) + output;
	return now > 0 ? then / now : NAN;
}

int tt_scale_by_stream(const tt_snapshot *s, const char *workload, const char *stream,
		       double factor, double *ret, tt_err *err)
{
	tt_streams t;
	double ratio;

	tt_traffic_sum(s, workload, (tt_span){ s->start_s, s->end_s }, &t);
	ratio = work_ratio(&t, stream, factor);
	if (isnan(ratio))
		return tt_fail(err, TT_ENODATA,
			       "scale: traffic.csv does not tell which part of workload \"%s\" its "
			       "%s are: it has no %s", workload, stream,
			       strcmp(stream, "requests") == 0 ? "requests" :
			       strcmp(stream, "cached_tokens") == 0 ?
			       "input_tokens and cached_tokens" :
			       strcmp(stream, "input_tokens") == 0 ? "input_tokens" :
			       "input_tokens and output_tokens");
	*ret = ratio;
	return TT_OK;
}

/* --- A factor -------------------------------------------------------------------------------- */

struct scaling {
	const tt_change *c;
	tt_case *cs;
	tt_growth growth;
	tt_span force;
};

/* Whole pods that carry `factor` times what n pods carry. */
static int64_t carry(int64_t n, double factor)
{
	const tt_i128 u9 = (tt_i128)llround(factor * 1e9) * n;

	return (int64_t)((u9 + 999999999) / 1000000000);
}

/* Of the pods that are there at each moment, those that started last go; what is too few is
 * needed besides. */
static int scale_members(const struct scaling *p, tt_members *m, double factor, tt_extras *extras,
			 tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_edge *edges = NULL;
	TT_CLEANUP(tt_sitting_free) tt_sitting now = { 0 };
	size_t n;

	TT_TRY(tt_members_edges(m, &edges, &n, err));
	for (size_t i = 0; i + 1 < n; i++) {
		tt_span stretch = { edges[i].at_s, edges[i + 1].at_s };
		int64_t wanted;

		if (stretch.from_s < p->force.from_s)
			stretch.from_s = p->force.from_s;
		if (stretch.to_s > p->force.to_s)
			stretch.to_s = p->force.to_s;
		if (stretch.from_s >= stretch.to_s)
			continue;
		TT_TRY(tt_sitting_move(&now, m, stretch, err));
		wanted = carry((int64_t)now.n, factor);
		TT_TRY(tt_extras_add(extras, stretch.from_s, stretch.to_s, wanted - (int64_t)now.n,
				    err));
		for (size_t k = (size_t)wanted; k < now.n; k++)
			TT_TRY(tt_spans_add(&m->v[now.there[k]].gone, stretch.from_s,
					    stretch.to_s, err));
	}
	return TT_OK;
}

static int scale_workload(struct scaling *p, const char *name, tt_members *m, double factor,
			  tt_err *err)
{
	TT_CLEANUP(tt_extras_free) tt_extras extras = { 0 };
	tt_shape shape;

	TT_TRY(scale_members(p, m, factor, &extras, err));
	TT_TRY(tt_members_release(m, p->cs, err));
	if (!extras.n)
		return TT_OK;
	TT_TRY(tt_shape_of_pods(p->c, name, p->cs->snapshot, m, &shape, err));
	return tt_growth_pods(&p->growth, &shape, &extras, err);
}

/* Pods without a workload are, per namespace, one. */
static int by_workload(const void *pa, const void *pb, void *ctx)
{
	const tt_snapshot *s = ctx;
	const uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	const tt_pod_row *p = tt_pod_at(s, a), *q = tt_pod_at(s, b);
	int by = strcmp(p->workload, q->workload);

	if (!by && !*p->workload)
		by = strcmp(p->namespace_, q->namespace_);
	return by;
}

static int by_workload_then_row(const void *pa, const void *pb, void *ctx)
{
	const uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	int by = by_workload(pa, pb, ctx);

	return by ? by : (a > b) - (a < b);
}

/* Where workloads are many, those without the stream are not driven by it; but one at least
 * has to be. */
static int factor_of(const struct scaling *p, const char *workload, bool one_of_many,
		     double *ret, bool *ret_driven, tt_err *err)
{
	const tt_change_arg *stream = tt_change_get(p->c, "stream");
	const double factor = tt_change_get(p->c, "factor")->number;
	tt_err none = { 0 };

	*ret = factor;
	*ret_driven = true;
	if (!stream)
		return TT_OK;
	if (!one_of_many)
		return tt_scale_by_stream(p->cs->snapshot, workload, stream->text, factor, ret,
					  err);
	*ret_driven = tt_scale_by_stream(p->cs->snapshot, workload, stream->text, factor, ret,
					 &none) == TT_OK;
	return TT_OK;
}

/* `charged`: charges have the stream already, so that no workload has to be driven by it. */
static int scale_by_factor(struct scaling *p, const tt_change_subject *subject, tt_targets *t,
			   bool charged, tt_err *err)
{
	tt_snapshot *s = (tt_snapshot *)(uintptr_t)p->cs->snapshot;
	const bool many = charged || subject->kind != TT_SUBJECT_WORKLOAD;
	size_t scaled = 0;

	if (t->n > 1)
		qsort_r(t->v, t->n, sizeof *t->v, by_workload_then_row, s);
	for (size_t i = 0, next; i < t->n; i = next) {
		TT_CLEANUP(tt_members_free) tt_members m = { 0 };
		const tt_pod_row *first = tt_pod_at(s, t->v[i]);
		tt_targets of = { .v = t->v + i }; /* not its own */
		double factor = 1;
		bool driven;

		for (next = i; next < t->n && !by_workload(&t->v[i], &t->v[next], s); next++)
			of.n++;
		TT_TRY(factor_of(p, first->workload, many, &factor, &driven, err));
		scaled += driven;
		if (!driven)
			continue;
		TT_TRY(tt_members_make(&of, s, &m, err));
		TT_TRY(scale_workload(p, *first->workload ? first->workload : first->namespace_,
				      &m, factor, err));
	}
	if (scaled || charged || !t->n)
		return TT_OK;
	return tt_fail(err, TT_ENODATA, "scale: traffic.csv has no %s of any workload of %s%s%s",
		       tt_change_get(p->c, "stream")->text, tt_subject_kind_text(subject->kind),
		       *subject->id ? " " : "", subject->id);
}

/* --- A profile -------------------------------------------------------------------------------- */

static int find_profile(const struct scaling *p, const tt_demand_profile **ret, double *ret_times,
			tt_err *err)
{
	const char *name = tt_change_get(p->c, "profile")->text;
	const tt_change_arg *gpus = tt_change_get(p->c, "gpus");
	const tt_settings *st = p->cs->settings;
	const tt_demand_profile *found = NULL;
	double sum = 0;

	for (size_t i = 0; i < st->n_profiles && !found; i++) {
		if (strcmp(st->profiles[i].name, name) == 0)
			found = &st->profiles[i];
	}
	if (!found)
		return tt_fail(err, TT_EDATA, "scale: there is no profile \"%s\": profiles are "
			       "those of a scenario", name);
	for (int h = 0; h < WEEK_H; h++)
		sum += found->cards[h];
	if (gpus && !(sum > 0))
		return tt_fail(err, TT_EDATA, "scale: profile \"%s\" has no card in any hour, so "
			       "gpus=%s has no shape", name, gpus->text);
	*ret = found;
	*ret_times = gpus ? gpus->number * WEEK_H / sum : 1;
	return TT_OK;
}

/* Pods of so many cards each that the profile takes, hour by hour. */
static int follow_profile(const struct scaling *p, const tt_demand_profile *profile,
			  double times, double cards_each, tt_extras *ret, tt_err *err)
{
	for (int64_t from_s = p->force.from_s, to_s; from_s < p->force.to_s; from_s = to_s) {
		const int64_t hour = from_s / HOUR_S - (from_s % HOUR_S < 0);
		const int64_t of_week = ((hour + MONDAY_H) % WEEK_H + WEEK_H) % WEEK_H;
		const double pods = profile->cards[of_week] * times / cards_each;

		to_s = (hour + 1) * HOUR_S < p->force.to_s ? (hour + 1) * HOUR_S : p->force.to_s;
		TT_TRY(tt_extras_add(ret, from_s, to_s, (int64_t)ceil(fmin(pods, 1e9) - 1e-9),
				    err));
	}
	return TT_OK;
}

/* What runs the added demand: the cards that are named, else more of what the subject is. */
static int find_shape(const struct scaling *p, const tt_change_subject *subject,
		      const tt_targets *t, tt_shape *ret, double *ret_cards, tt_err *err)
{
	TT_CLEANUP(tt_members_free) tt_members m = { 0 };
	TT_CLEANUP(tt_targets_free) tt_targets with_cards = { 0 };
	const tt_change_arg *model = tt_change_get(p->c, "gpu_model");
	const tt_snapshot *s = p->cs->snapshot;
	const char *id = *subject->id ? subject->id : "fleet";

	*ret_cards = 1;
	if (model)
		return tt_shape_of_model(p->c, model->text, s, ret, err);
	for (size_t i = 0; i < t->n; i++) {
		if (!(tt_pod_at(s, t->v[i])->gpus > 0))
			continue;
		if (!TT_GROW(with_cards.v, with_cards.n, with_cards.cap))
			return tt_no_memory(err);
		with_cards.v[with_cards.n++] = t->v[i];
	}
	TT_TRY(tt_members_make(&with_cards, s, &m, err));
	if (subject->kind != TT_SUBJECT_WORKLOAD)
		return tt_shape_of_cards(p->c, id, s, &m, ret, err);
	TT_TRY(tt_shape_of_pods(p->c, id, s, &m, ret, err));
	*ret_cards = ret->node.pod_gpus;
	return TT_OK;
}

static int add_profile(struct scaling *p, const tt_change_subject *subject, const tt_targets *t,
		       tt_err *err)
{
	TT_CLEANUP(tt_extras_free) tt_extras extras = { 0 };
	const tt_demand_profile *profile = NULL;
	double times = 1, cards_each = 1;
	tt_shape shape;

	TT_TRY(find_profile(p, &profile, &times, err));
	TT_TRY(find_shape(p, subject, t, &shape, &cards_each, err));
	TT_TRY(follow_profile(p, profile, times, cards_each, &extras, err));
	return tt_growth_pods(&p->growth, &shape, &extras, err);
}

/* --- Subjects --------------------------------------------------------------------------------- */

/* Pods outside the system namespaces. */
static int all_pods(const tt_case *cs, tt_targets *t, tt_err *err)
{
	t->n = 0;
	for (size_t i = 0; i < cs->snapshot->table[TT_PODS].n; i++) {
		if (tt_settings_is_system(cs->settings, tt_pod_at(cs->snapshot, i)->namespace_))
			continue;
		if (!TT_GROW(t->v, t->n, t->cap))
			return tt_no_memory(err);
		t->v[t->n++] = (uint32_t)i;
	}
	return TT_OK;
}

/* Demand that appears on cards of its own may be of something that is not there yet. */
static int find_pods(const struct scaling *p, const tt_change_subject *subject, tt_targets *t,
		     tt_err *err)
{
	tt_err missing = { 0 };
	int rc;

	if (subject->kind == TT_SUBJECT_FLEET)
		return all_pods(p->cs, t, err);
	if (tt_change_get(p->c, "factor") || !tt_change_get(p->c, "gpu_model"))
		return tt_targets_find(p->c, subject, p->cs->snapshot, t, err);
	rc = tt_targets_find(p->c, subject, p->cs->snapshot, t, &missing);
	return rc == TT_OK || rc == TT_EDATA ? TT_OK : tt_fail(err, rc, "%s", missing.text);
}

static bool is_bought(const char *stream)
{
	return strcmp(stream, "storage") == 0 || strcmp(stream, "egress") == 0;
}

/* Charges of the subject's streams, and the pods that it drives: one of them has to be there.
 * What is stored and what leaves are charges alone. */
static int scale_demand(struct scaling *p, const tt_change_subject *subject, tt_targets *t,
			tt_err *err)
{
	const tt_change_arg *stream = tt_change_get(p->c, "stream");
	const double factor = tt_change_get(p->c, "factor")->number;
	const char *text = stream ? stream->text : NULL;
	tt_err none = { 0 };
	size_t n;

	TT_TRY(tt_charges_scale(p->c, subject, text, factor, p->cs, &n, err));
	if (text && is_bought(text))
		return n ? TT_OK : tt_fail(err, TT_ENODATA, "scale: no charge of %s%s%s is known "
			"to be %s: charges.csv tells by ServiceCategory, ConsumedUnit and Tags, "
			"volumes.csv by its prices", tt_subject_kind_text(subject->kind),
			*subject->id ? " " : "", subject->id, text);
	const int rc = find_pods(p, subject, t, &none);
	if (rc == TT_EDATA && n)
		return TT_OK; /* it is paid for by what it uses, and nothing of it runs here */
	if (rc < 0)
		return tt_fail(err, rc, "%s", none.text);
	if (text && !t->n && !n)
		return tt_fail(err, TT_ENODATA, "scale: neither traffic.csv nor charges.csv has %s "
			       "of anything in %s", text, tt_subject_kind_text(subject->kind));
	return scale_by_factor(p, subject, t, n > 0, err);
}

static int scale(struct scaling *p, tt_err *err)
{
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };

	for (size_t i = 0; i < p->c->n_subjects; i++) {
		const tt_change_subject *subject = &p->c->subjects[i];

		if (subject->kind == TT_SUBJECT_CHARGE) {
			TT_TRY(tt_charges_apply(p->c, subject, p->cs, err));
			continue;
		}
		if (tt_change_get(p->c, "factor"))
			TT_TRY(scale_demand(p, subject, &t, err));
		if (!tt_change_get(p->c, "profile"))
			continue;
		TT_TRY(find_pods(p, subject, &t, err));
		if (tt_change_get(p->c, "profile"))
			TT_TRY(add_profile(p, subject, &t, err));
	}
	return TT_OK;
}

int tt_scale_apply(const tt_change *c, tt_case *cs, tt_err *err)
{
	struct scaling p = { .c = c, .cs = cs, .growth = { .c = c, .cs = cs },
			     .force = tt_change_force(c, cs->snapshot) };
	int rc = scale(&p, err);

	tt_growth_close(&p.growth);
	return rc;
}
