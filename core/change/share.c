#include "change/share.h"
#include "base/memory.h"
#include "bill/activity.h"
#include "bill/moved.h"
#include "change/card_sets.h"
#include "change/mig_there.h"
#include "change/pace.h"
#include "change/targets.h"
#include "change/there.h"
#include "maths/sharing.h"
#include "snapshot/catalogue.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PODS = 64 };
static const uint32_t QUANTILE = 950000;
static const uint64_t PAID_SETS = UINT64_C(1) << 32; /* sets of the two kinds are apart */

struct share {
	const tt_change *c;
	tt_case *cs;
	const tt_snapshot *s;
	tt_span force;
	const char *mode, *gpu_model;   /* gpu_model NULL: not said */
	double slowdown_ratio;          /* NaN likewise */
	tt_needs *needs;
	tt_residents residents;
	bool *chosen;                   /* [pods] */
	double *activity;               /* [steps] of one pod */
	tt_share_seen seen;
};

struct giving {                         /* a node that can be given up, or not */
	uint32_t node;
	tt_there type;
	size_t first, n;                /* its sharers */
	int64_t from_s;                 /* from then on nobody else is on it */
	int64_t freed_s;
};

struct plan {
	tt_sharer *v; size_t n, cap;    /* by node */
	struct giving *nodes; size_t n_nodes, cap_nodes;
	size_t measured;
};

static void free_plan(struct plan *p)
{
	tt_free(p->v);
	tt_free(p->nodes);
}

/* --- Who may share ---------------------------------------- */

static bool shares_now(const tt_pod_row *row)
{
	return row->gpus < 1 || (*row->gpu_sharing && strcmp(row->gpu_sharing, "none") != 0);
}

static int check_pod(const struct share *p, const tt_pod_row *row, const tt_node_row *node,
                     tt_err *err)
{
	if (row->gpus > 1)
		return tt_fail(err, TT_EINVAL,
		               "share: pod \"%s\" has %g cards; one that shares has one", row->pod,
		               row->gpus);
	if (p->gpu_model && !tt_there_same_gpu(p->cs, node->gpu_model, p->gpu_model))
		return tt_fail(err, TT_EINVAL,
		               "share: pod \"%s\" runs on %s, not on %s; to go there is a change "
		               "of its own (retype)", row->pod,
		               *node->gpu_model ? node->gpu_model : "an unknown card",
		               p->gpu_model);
	if (strcmp(p->mode, "time_slice") == 0 && isnan(p->slowdown_ratio) &&
	    strcmp(row->workload_kind, "notebook") != 0)
		return tt_fail(err, TT_EINVAL,
		               "share: pod \"%s\" is no notebook; without isolation of memory "
		               "time-slicing is for these (slowdown_ratio says that it is meant)",
		               row->pod);
	return TT_OK;
}

/* What it was seen to use; false where that was not measured. */
static int measure(struct share *p, tt_sharer *one, bool *ret, tt_err *err)
{
	double mib;
	bool any;

	*ret = false;
	TT_TRY(tt_needs_memory(p->needs, one->pod, 0, &mib, err));
	TT_TRY(tt_card_activity(p->s, p->needs, one->pod, TT_METRIC_NONE, p->activity, &any,
	                        err));
	*ret = !isnan(mib) && any;
	one->memory_mib = *ret ? (int64_t)ceil(mib) : -1;
	return TT_OK;
}

static int add_sharer(struct plan *to, const tt_sharer *one, tt_err *err)
{
	if (!TT_GROW(to->v, to->n, to->cap))
		return tt_no_memory(err);
	to->v[to->n++] = *one;
	return TT_OK;
}

/* Pods of one card on the node, which were measured. They are taken off p->chosen. */
static int find_sharers(struct share *p, uint32_t node, struct plan *to, tt_err *err)
{
	const tt_node_row *row = tt_node_at(p->s, node);

	for (size_t i = p->residents.first[node]; i < p->residents.first[node + 1]; i++) {
		const uint32_t pod = p->residents.pod[i];
		const tt_pod_row *of = tt_pod_at(p->s, pod);
		tt_sharer one = { .pod = pod, .cpus = of->cpus, .host_mib = of->memory_mib };
		bool known;

		if (!p->chosen[pod])
			continue;
		p->chosen[pod] = false;
		if (!(of->gpus > 0) || shares_now(of) || !tt_pod_ran(p->s, of, &one.when) ||
		    one.when.from_s >= p->force.to_s || one.when.to_s <= p->force.from_s)
			continue;
		TT_TRY(check_pod(p, of, row, err));
		TT_TRY(measure(p, &one, &known, err));
		p->chosen[pod] = known;
		if (known)
			TT_TRY(add_sharer(to, &one, err));
	}
	return TT_OK;
}

/* --- Nodes that this can empty ---------------------------------------- */

/* When the last pod that stays leaves the node, in force. */
static int64_t last_other_s(const struct share *p, uint32_t node)
{
	int64_t last_s = p->force.from_s;
	tt_span ran;

	for (size_t i = p->residents.first[node]; i < p->residents.first[node + 1]; i++) {
		const tt_pod_row *row = tt_pod_at(p->s, p->residents.pod[i]);

		if (!p->chosen[p->residents.pod[i]] && tt_pod_ran(p->s, row, &ran) &&
		    ran.from_s < p->force.to_s && ran.to_s > last_s &&
		    !tt_settings_is_system(p->cs->settings, row->namespace_))
			last_s = ran.to_s;
	}
	return last_s;
}

/* Release the sharers of a node from g->from_s on. */
static int release(const struct share *p, const struct plan *plan, const struct giving *g,
                   const tt_terms *const terms[2], tt_case *to, tt_err *err)
{
	tt_span when = { g->from_s, p->force.to_s };

	for (size_t i = g->first; i < g->first + g->n; i++) {
		const tt_sharer *v = &plan->v[i];
		const tt_pod_row *row = tt_pod_at(p->s, v->pod);
		const tt_release what = {
			.node = g->node, .pod = v->pod, .leave = TT_MOVES, .set = v->set,
			.terms = terms ? terms[tt_pace_is_paid_longer(row)] : NULL
		};

		TT_TRY(tt_case_release(to, &what, &(tt_spans){ .v = &when, .n = 1 }, err));
	}
	return TT_OK;
}

static int find_freed(const struct share *p, const struct plan *plan, struct giving *g,
                      tt_err *err)
{
	TT_CLEANUP(tt_spans_free) tt_spans paid = { 0 };
	const tt_span life = tt_node_life(p->s, g->node);
	tt_case c;
	int rc;

	tt_case_init(&c, p->s, p->cs->settings);
	rc = release(p, plan, g, NULL, &c, err);
	if (rc == TT_OK)
		rc = tt_case_paid(&c, &p->residents, g->node, &paid, err);
	tt_case_reset(&c);
	g->freed_s = life.to_s - life.from_s - tt_spans_length_s(&paid);
	return rc;
}

static int add_node(struct share *p, uint32_t node, struct plan *to, tt_err *err)
{
	struct giving g = { .node = node, .first = to->n };

	TT_TRY(find_sharers(p, node, to, err));
	g.n = to->n - g.first;
	to->measured += g.n;
	g.from_s = last_other_s(p, node);
	if (g.n)
		TT_TRY(find_freed(p, to, &g, err));
	if (!g.freed_s) { /* they stay where they are */
		to->n = g.first;
		return TT_OK;
	}
	tt_there_same(p->cs, node, &g.type);
	if (!TT_GROW(to->nodes, to->n_nodes, to->cap_nodes))
		return tt_no_memory(err);
	to->nodes[to->n_nodes++] = g;
	return TT_OK;
}

/* --- Cards ---------------------------------------- */

/* What sharing itself costs, from what was measured elsewhere; NaN: nothing was. */
static double overhead_of(const struct share *p)
{
	const tt_catalogue *c = p->cs->settings->catalogue;
	double most = (double)NAN;

	for (size_t i = 0; c && i < c->sharing.n; i++) {
		const tt_sharing_row *r = TT_ROW(&c->sharing, tt_sharing_row, i);

		if (strcmp(r->mode, p->mode) == 0 && strcmp(r->measure, "throughput") == 0)
			most = fmax(most, r->alone / r->shared - 1);
	}
	return most;
}

static uint32_t slices_for(const struct share *p, const tt_sharer *v, uint8_t slices)
{
	size_t first, end;

	if (!isnan(p->slowdown_ratio))
		return 1;
	tt_activity_range(p->s, v->when, &first, &end);
	return (uint32_t)ceil(tt_sharing_quantile(p->activity + first, end - first, QUANTILE) *
	                      slices - 1e-9);
}

/* Give each the smallest profile that holds it; those that none holds go behind the *n. */
static int choose_profiles(struct share *p, const tt_mig_geometry *g, tt_sharer *v, size_t *n,
                           tt_err *err)
{
	bool any;

	for (size_t i = 0; i < *n;) {
		TT_TRY(tt_card_activity(p->s, p->needs, v[i].pod, TT_METRIC_NONE, p->activity, &any,
		                        err));
		v[i].profile = tt_mig_smallest(g, v[i].memory_mib,
		                               slices_for(p, &v[i], g->compute));
		if (v[i].profile < g->n_profiles) {
			i++;
			continue;
		}
		const tt_sharer none = v[i];
		v[i] = v[--*n];
		v[*n] = none;
	}
	return TT_OK;
}

/* Sets of those in v[n] that are paid until they are done, or of the others, behind those
 * that were numbered before. */
static int make_sets(struct share *p, const tt_there *type, tt_sharer *v, size_t n,
                     tt_card_sums *ret, tt_err *err)
{
	TT_CLEANUP(tt_mig_there_free) tt_mig_there mig = { 0 };
	const tt_change_arg *most = tt_change_get(p->c, "pods_per_card");
	tt_card_rules rules = {
		.turns = strcmp(p->mode, "time_slice") == 0,
		.most = most ? (size_t)most->number : MOST_PODS,
		.memory_mib = isnan(type->card_mib) ? -1 : (int64_t)type->card_mib,
		.cpus = type->cpus, .host_mib = type->memory_mib,
		.overhead_ratio = isnan(p->slowdown_ratio) ? overhead_of(p) : (double)NAN
	};
	size_t sharing = n;

	if (strcmp(p->mode, "mig") == 0) {
		TT_TRY(tt_mig_there_find(p->cs, type->gpu_model, tt_change_get(p->c, "profile"),
		                         &mig, err));
		rules.mig = &mig.geometry;
		rules.layouts = &mig.layouts;
		TT_TRY(choose_profiles(p, &mig.geometry, v, &sharing, err));
	} else if (rules.memory_mib < 0) {
		return tt_fail(err, TT_ENODATA, "share: the memory of %s is not known",
		               *type->gpu_model ? type->gpu_model : "a card of unknown model");
	}
	TT_TRY(tt_card_sets_make(p->s, p->needs, &rules, v, sharing, ret, err));
	if (!rules.mig && isnan(rules.overhead_ratio))
		ret->slowdown_ratio = (double)NAN;
	for (size_t i = sharing; i < n; i++) /* a card alone */
		v[i].set = n + i;
	return TT_OK;
}

static int make_terms(struct share *p, const tt_there *type, double paid_ratio,
                      double slower_ratio, const tt_terms **ret, tt_err *err)
{
	tt_terms t = tt_there_terms(type);

	t.paid_u9 = (uint64_t)llround(paid_ratio * 1e9);
	t.slower_ratio = slower_ratio;
	t.address = tt_change_hash(p->c);
	*ret = tt_case_terms(p->cs, &t, err);
	return *ret ? TT_OK : TT_ENOMEM;
}

/* A slow-down that is not known stays so. */
static void widen(tt_card_sums *most, const tt_card_sums *one)
{
	if (!isnan(most->slowdown_ratio) && !(one->slowdown_ratio <= most->slowdown_ratio))
		most->slowdown_ratio = one->slowdown_ratio;
	most->p99_ratio = fmax(most->p99_ratio, one->p99_ratio);
	most->least_part_ratio = fmin(most->least_part_ratio, one->least_part_ratio);
}

static int unknown_slowdown(const struct share *p, const tt_sharer *v, tt_err *err)
{
	return tt_fail(err, TT_ENODATA,
	               "share: how much slower \"%s\" gets is not known: neither what the cards "
	               "did nor the catalogue tell, and the change has no slowdown_ratio",
	               tt_pod_at(p->s, v->pod)->pod);
}

/* --- What is given up ---------------------------------------- */

static int by_row(const void *pa, const void *pb)
{
	const tt_sharer *a = pa, *b = pb;

	return (a->pod > b->pod) - (a->pod < b->pod);
}

/* The sharers of nodes[n] that are paid until they are done, or the others, into v, each in
 * the time in which it moves; how many. */
static size_t collect(const struct share *p, const struct plan *plan,
                      const struct giving *nodes, size_t n, bool paid, tt_sharer *v)
{
	size_t n_v = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = nodes[i].first; k < nodes[i].first + nodes[i].n; k++) {
			tt_sharer one = plan->v[k];

			if (tt_pace_is_paid_longer(tt_pod_at(p->s, one.pod)) != paid)
				continue;
			if (one.when.from_s < nodes[i].from_s)
				one.when.from_s = nodes[i].from_s;
			if (one.when.to_s > p->force.to_s)
				one.when.to_s = p->force.to_s;
			if (one.when.from_s < one.when.to_s)
				v[n_v++] = one;
		}
	}
	return n_v;
}

/* Sets and terms of the sharers of nodes[n], of one type: [1] of those that are paid until
 * they are done. */
static int arrange(struct share *p, struct plan *plan, const struct giving *nodes, size_t n,
                   const tt_terms *terms[2], tt_card_sums *worst, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_sharer *v = tt_alloc((plan->n + 1) * sizeof *v);

	if (!v)
		return tt_no_memory(err);
	for (int paid = 0; paid < 2; paid++) {
		const size_t n_v = collect(p, plan, nodes, n, paid, v);
		tt_card_sums sums = { 1, (double)NAN, (double)NAN };
		double ratio;

		terms[paid] = NULL;
		if (n_v)
			TT_TRY(make_sets(p, &nodes->type, v, n_v, &sums, err));
		ratio = isnan(p->slowdown_ratio) ? sums.slowdown_ratio : p->slowdown_ratio;
		sums.slowdown_ratio = ratio;
		widen(worst, &sums);
		if (strcmp(p->mode, "mig") == 0 && !paid && isnan(p->slowdown_ratio))
			ratio = (double)NAN; /* a slice is slower for one request, or not */
		if (paid && n_v && isnan(ratio))
			return unknown_slowdown(p, v, err);
		TT_TRY(make_terms(p, &nodes->type, paid ? ratio : 1, paid ? (double)NAN : ratio,
		                  &terms[paid], err));
		if (n_v)
			qsort(v, n_v, sizeof *v, by_row);
		for (size_t k = 0; k < plan->n && n_v; k++) {
			const tt_sharer *of = bsearch(&plan->v[k], v, n_v, sizeof *v, by_row);

			if (of)
				plan->v[k].set = of->set + (paid ? PAID_SETS : 0);
		}
	}
	return TT_OK;
}

/* Whether giving up nodes[n], of one type, frees more than it takes; if so it is done. */
static int give_up(struct share *p, struct plan *plan, const struct giving *nodes, size_t n,
                   bool *ret, tt_err *err)
{
	TT_CLEANUP(tt_moved_free) tt_moved_list moved = { 0 };
	tt_card_sums worst = { 1, (double)NAN, (double)NAN };
	const tt_terms *terms[2];
	double freed_s = 0, taken_s = 0;
	tt_case c;
	int rc = TT_OK;

	TT_TRY(arrange(p, plan, nodes, n, terms, &worst, err));
	tt_case_init(&c, p->s, p->cs->settings);
	for (size_t i = 0; i < n && rc == TT_OK; i++) {
		freed_s += (double)nodes[i].freed_s;
		rc = release(p, plan, &nodes[i], terms, &c, err);
	}
	if (rc == TT_OK)
		rc = tt_moved_make(&c, &p->residents, NULL, 0, &moved, err);
	tt_case_reset(&c);
	for (size_t i = 0; i < moved.n; i++)
		taken_s += (double)moved.v[i].length_s * (double)moved.v[i].terms->paid_u9 / 1e9;
	*ret = rc == TT_OK && taken_s < freed_s;
	for (size_t i = 0; i < n && *ret && rc == TT_OK; i++) {
		rc = release(p, plan, &nodes[i], terms, p->cs, err);
		p->seen.sharing += nodes[i].n;
	}
	if (*ret)
		widen(&p->seen.worst, &worst);
	return rc;
}

static int compare_types(const tt_there *a, const tt_there *b)
{
	int by = strcmp(a->provider, b->provider);

	if (!by)
		by = strcmp(a->region, b->region);
	if (!by)
		by = strcmp(a->instance_type, b->instance_type);
	if (!by)
		by = strcmp(a->gpu_model, b->gpu_model);
	if (!by)
		by = strcmp(a->pricing, b->pricing);
	if (!by)
		by = (a->gpus > b->gpus) - (a->gpus < b->gpus);
	return by ? by : (a->price_per_hour > b->price_per_hour) -
	                 (a->price_per_hour < b->price_per_hour);
}

/* Types together, of them first what frees most. */
static int by_type(const void *pa, const void *pb)
{
	const struct giving *a = pa, *b = pb;
	int by = compare_types(&a->type, &b->type);

	if (!by)
		by = (a->freed_s < b->freed_s) - (a->freed_s > b->freed_s);
	return by ? by : (a->node > b->node) - (a->node < b->node);
}

/* As many of the nodes as pay, those first that free most: all, else half of them ... */
static int give_up_types(struct share *p, struct plan *plan, tt_err *err)
{
	if (plan->n_nodes > 1)
		qsort(plan->nodes, plan->n_nodes, sizeof *plan->nodes, by_type);
	for (size_t i = 0, n; i < plan->n_nodes; i += n) {
		bool done = false;

		for (n = 1; i + n < plan->n_nodes &&
		            compare_types(&plan->nodes[i].type, &plan->nodes[i + n].type) == 0;)
			n++;
		for (size_t some = n; some && !done; some /= 2)
			TT_TRY(give_up(p, plan, plan->nodes + i, some, &done, err));
	}
	return TT_OK;
}

/* --- All ---------------------------------------- */

static int choose(struct share *p, tt_err *err)
{
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };

	for (size_t i = 0; i < p->c->n_subjects; i++) {
		TT_TRY(tt_targets_find(p->c, &p->c->subjects[i], p->s, &t, err));
		if (t.nodes)
			return tt_targets_refuse(p->c, &p->c->subjects[i], err);
		for (size_t k = 0; k < t.n; k++)
			p->chosen[t.v[k]] = true;
	}
	return TT_OK;
}

static int apply(struct share *p, tt_err *err)
{
	TT_CLEANUP(free_plan) struct plan plan = { 0 };

	p->chosen = tt_zalloc(p->s->table[TT_PODS].n + 1, sizeof *p->chosen);
	p->activity = tt_zalloc(tt_snapshot_steps(p->s) + 1, sizeof *p->activity);
	if (!p->chosen || !p->activity)
		return tt_no_memory(err);
	TT_TRY(choose(p, err));
	for (size_t node = 0; node < p->s->table[TT_NODES].n; node++)
		TT_TRY(add_node(p, (uint32_t)node, &plan, err));
	if (!plan.measured)
		return tt_fail(err, TT_ENODATA,
		               "share: of no pod with a card of its own both memory and activity "
		               "were measured");
	p->seen.measured = plan.measured;
	return give_up_types(p, &plan, err);
}

int tt_share_find(const tt_change *c, tt_case *cs, tt_share_seen *ret, tt_err *err)
{
	const tt_change_arg *model = tt_change_get(c, "gpu_model");
	const tt_change_arg *slowdown = tt_change_get(c, "slowdown_ratio");
	struct share p = { .c = c, .cs = cs, .s = cs->snapshot,
		           .residents = tt_residents_of(cs->snapshot),
		           .force = tt_change_force(c, cs->snapshot),
		           .mode = tt_change_get(c, "mode")->text,
		           .gpu_model = model ? model->text : NULL,
		           .slowdown_ratio = slowdown ? slowdown->number : (double)NAN,
		           .seen.worst = { 1, (double)NAN, (double)NAN } };
	int rc = tt_needs_open(cs->snapshot, &p.needs, err);

	if (rc == TT_OK)
		rc = apply(&p, err);
	tt_needs_close(p.needs);
	tt_free(p.chosen);
	tt_free(p.activity);
	*ret = p.seen;
	return rc;
}

int tt_share_apply(const tt_change *c, tt_case *cs, tt_err *err)
{
	tt_share_seen seen;

	return tt_share_find(c, cs, &seen, err);
}
