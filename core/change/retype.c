#include "change/retype.h"
#include "base/memory.h"
#include "change/needs.h"
#include "change/pace.h"
#include "change/targets.h"
#include "change/there.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct retype {
	const tt_change *c;
	tt_case *cs;
	const tt_snapshot *s;
	tt_span force;
	const char *instance_type, *gpu_model;  /* NULL: not said */
	double throughput_ratio, gpus, cpus, memory_mib; /* NaN likewise */
	tt_needs *needs;
	tt_residents residents;
	const tt_terms **made; size_t n_made, cap_made;
};

struct mover {                  /* a pod or node that is there while the change is in force */
	uint32_t row, node;
	tt_there there;
	tt_pace pace;
	double cards;           /* of a node */
};

struct movers {
	struct mover *v;
	size_t n, cap;
};

static void free_movers(struct movers *m)
{
	tt_free(m->v);
}

static double number(const tt_change *c, const char *key)
{
	const tt_change_arg *arg = tt_change_get(c, key);

	return arg ? arg->number : (double)NAN;
}

static const char *word(const tt_change *c, const char *key)
{
	const tt_change_arg *arg = tt_change_get(c, key);

	return arg ? arg->text : NULL;
}

static double or_else(double a, double b)
{
	return isnan(a) ? b : a;
}

static bool in_force(const struct retype *p, tt_span life)
{
	return life.from_s < p->force.to_s && life.to_s > p->force.from_s;
}

/* Whether the node is what the change asks for. */
static bool is_there(const struct retype *p, const tt_node_row *n)
{
	return (!p->instance_type || strcmp(n->instance_type, p->instance_type) == 0) &&
	       (!p->gpu_model || tt_there_same_gpu(p->cs, n->gpu_model, p->gpu_model));
}

/* --- Whether a pod fits ---------------------------------------------------------------- */

static tt_room room_for(const struct retype *p, const tt_pod_row *pod)
{
	return (tt_room){ or_else(p->gpus, pod->gpus), or_else(p->cpus, pod->cpus),
		          or_else(p->memory_mib, pod->memory_mib) };
}

static void widen(tt_room *most, const tt_room *one)
{
	most->gpus = fmax(most->gpus, one->gpus);
	most->cpus = fmax(most->cpus, one->cpus);
	most->memory_mib = fmax(most->memory_mib, one->memory_mib);
}

/* The memory that it was seen to use has to fit into 90 % of as many cards there. Where none
 * was measured, cards with no less memory do, and so does a change that says how many. */
static int check_memory(struct retype *p, uint32_t pod, const tt_node_row *from,
                        const tt_there *t, tt_err *err)
{
	const tt_pod_row *row = tt_pod_at(p->s, pod);
	const double now = row->gpus > 1 ? row->gpus : 1;
	const double there = isnan(p->gpus) ? now : p->gpus > 1 ? ceil(p->gpus) : 1;
	const double most_mib = t->card_mib * TT_GPU_MEMORY_USABLE_RATIO * there / now;
	double mib;

	if (tt_there_same_gpu(p->cs, from->gpu_model, t->gpu_model) && there >= now)
		return TT_OK;
	TT_TRY(tt_needs_memory(p->needs, pod, most_mib, &mib, err));
	if (isnan(mib)) {
		if (!isnan(p->gpus) || from->gpu_memory_mib <= t->card_mib)
			return TT_OK;
		return tt_fail(err, TT_ENODATA,
		               "retype: how much memory of its cards pod \"%s\" uses was not "
		               "measured, and it is not known that %s has as much as now "
		               "(gpus says how many it takes)", row->pod, t->gpu_model);
	}
	if (isnan(t->card_mib))
		return tt_fail(err, TT_ENODATA,
		               "retype: pod \"%s\" needs %.0f MiB on a card, and the memory of "
		               "%s is not known", row->pod, mib, t->gpu_model);
	if (mib > most_mib)
		return tt_fail(err, TT_EINVAL,
		               "retype: pod \"%s\" needs %.0f MiB on a card, and 90 %% of what "
		               "there is of %s is %.0f MiB", row->pod, mib, t->gpu_model, most_mib);
	return TT_OK;
}

static int check_pod(struct retype *p, uint32_t pod, const tt_node_row *from, const tt_there *t,
                     tt_err *err)
{
	const tt_pod_row *row = tt_pod_at(p->s, pod);
	const tt_room room = room_for(p, row);

	if (isnan(room.gpus))
		return tt_fail(err, TT_ENODATA,
		               "retype: how many cards pod \"%s\" has is not known", row->pod);
	if (isnan(t->gpus))
		return tt_fail(err, TT_ENODATA, "retype: how many cards %s has is not known",
		               t->instance_type);
	if (!tt_there_has_room(t, &room))
		return tt_fail(err, TT_EINVAL,
		               "retype: pod \"%s\" needs %g cards, %g CPUs and %g MiB, and %s has "
		               "%g, %g and %g", row->pod, room.gpus, room.cpus, room.memory_mib,
		               t->instance_type, t->gpus, t->cpus, t->memory_mib);
	return room.gpus > 0 ? check_memory(p, pod, from, t, err) : TT_OK;
}

/* --- How fast it is ------------------------------------------------------------------------ */

static int unknown_pace(const tt_pod_row *row, const tt_there *t, tt_err *err)
{
	return tt_fail(err, TT_ENODATA,
	               "retype: how fast %s \"%s\" runs on %s is not known: neither the catalogue "
	               "nor tensor and DRAM activity tell, and the change has no throughput_ratio",
	               *row->workload ? "workload" : "pod",
	               *row->workload ? row->workload : row->pod, t->gpu_model);
}

/* Of pods[n], of one workload and kind and on cards of one model. */
static int find_pace(struct retype *p, const uint32_t *pods, size_t n, const char *here,
                     const tt_there *t, tt_pace *ret, tt_err *err)
{
	const tt_pod_row *row = tt_pod_at(p->s, pods[0]);

	if (!(row->gpus > 0)) { /* nothing of it is on a card */
		*ret = (tt_pace){ 1, 1, 1 };
		return TT_OK;
	}
	TT_TRY(tt_pace_find(p->cs, p->needs, pods, n, here, t->gpu_model, p->throughput_ratio, ret,
	                    err));
	if (isnan(ret->paid_ratio) || isnan(ret->pods_ratio) || isnan(ret->cards_ratio))
		return unknown_pace(row, t, err);
	return TT_OK;
}

static int by_work(const void *pa, const void *pb, void *ctx)
{
	const struct retype *p = ctx;
	const struct mover *a = pa, *b = pb;
	const tt_pod_row *x = tt_pod_at(p->s, a->row), *y = tt_pod_at(p->s, b->row);
	int by = strcmp(x->workload, y->workload);

	if (!by)
		by = strcmp(x->workload_kind, y->workload_kind);
	if (!by)
		by = strcmp(tt_node_at(p->s, a->node)->gpu_model,
		            tt_node_at(p->s, b->node)->gpu_model);
	if (!by)
		by = strcmp(a->there.instance_type, b->there.instance_type);
	return by ? by : (a->row > b->row) - (a->row < b->row);
}

static bool same_work(const struct retype *p, const struct mover *a, const struct mover *b)
{
	const tt_pod_row *x = tt_pod_at(p->s, a->row), *y = tt_pod_at(p->s, b->row);

	return *x->workload && strcmp(x->workload, y->workload) == 0 &&
	       strcmp(x->workload_kind, y->workload_kind) == 0 && (x->gpus > 0) == (y->gpus > 0) &&
	       strcmp(tt_node_at(p->s, a->node)->gpu_model,
	              tt_node_at(p->s, b->node)->gpu_model) == 0 &&
	       strcmp(a->there.instance_type, b->there.instance_type) == 0;
}

/* The pace of each, workload by workload. */
static int find_paces(struct retype *p, struct movers *m, tt_err *err)
{
	TT_CLEANUP(tt_freep) uint32_t *pods = tt_alloc((m->n + 1) * sizeof *pods);

	if (!pods)
		return tt_no_memory(err);
	if (m->n > 1)
		qsort_r(m->v, m->n, sizeof *m->v, by_work, p);
	for (size_t i = 0, n; i < m->n; i += n) {
		struct mover *v = m->v + i;
		tt_pace pace;

		for (n = 0; i + n < m->n && (!n || same_work(p, v, &v[n])); n++)
			pods[n] = v[n].row;
		TT_TRY(find_pace(p, pods, n, tt_node_at(p->s, v->node)->gpu_model, &v->there, &pace,
		                 err));
		for (size_t k = 0; k < n; k++)
			v[k].pace = pace;
	}
	return TT_OK;
}

/* --- Terms --------------------------------------------------------------------------------- */

static uint64_t u9(double ratio)
{
	return (uint64_t)llround(ratio * 1e9);
}

/* The case's own copy, one for equal terms. */
static int keep_terms(struct retype *p, const tt_terms *t, const tt_terms **ret, tt_err *err)
{
	for (size_t i = 0; i < p->n_made; i++) {
		if (tt_terms_compare(p->made[i], t) == 0) {
			*ret = p->made[i];
			return TT_OK;
		}
	}
	if (!TT_GROW(p->made, p->n_made, p->cap_made))
		return tt_no_memory(err);
	*ret = tt_case_terms(p->cs, t, err);
	if (!*ret)
		return TT_ENOMEM;
	p->made[p->n_made++] = *ret;
	return TT_OK;
}

/* Pods that share a card go on sharing one with as many: what the whole card was seen to
 * use fits there. */
static int64_t pods_per_card(const tt_pod_row *row)
{
	const bool shares = strcmp(row->gpu_sharing, "time_slice") == 0 ||
	                    strcmp(row->gpu_sharing, "mps") == 0;

	if (!shares || !(row->gpus > 0) || row->gpus > 0.5)
		return 0;
	return (int64_t)fmin(floor(1 / row->gpus + 1e-9), 64);
}

static int move_pod(struct retype *p, const struct mover *m, tt_err *err)
{
	const tt_pod_row *row = tt_pod_at(p->s, m->row);
	tt_release what = { .node = m->node, .pod = m->row, .leave = TT_MOVES };
	tt_terms t = tt_there_terms(&m->there);

	t.pod_gpus = p->gpus;
	t.pod_cpus = p->cpus;
	t.pod_memory_mib = p->memory_mib;
	t.pods_per_card = isnan(p->gpus) ? pods_per_card(row) : 0;
	t.paid_u9 = u9(m->pace.paid_ratio);
	t.pods_u9 = u9(m->pace.pods_ratio);
	TT_TRY(keep_terms(p, &t, &what.terms, err));
	return tt_case_release(p->cs, &what, &(tt_spans){ .v = &p->force, .n = 1 }, err);
}

/* --- Pods ---------------------------------------------------------------------------------- */

static int add_mover(struct movers *to, const struct mover *one, tt_err *err)
{
	if (!TT_GROW(to->v, to->n, to->cap))
		return tt_no_memory(err);
	to->v[to->n++] = *one;
	return TT_OK;
}

/* The pods that are elsewhere in force, and what the largest of them needs. */
static int find_pods(const struct retype *p, const tt_targets *t, struct movers *to,
                     tt_room *most, tt_err *err)
{
	for (size_t i = 0; i < t->n; i++) {
		tt_release what;
		tt_span life;
		tt_room room;

		if (!tt_targets_release(t, p->s, i, &what, &life) || !in_force(p, life) ||
		    is_there(p, tt_node_at(p->s, what.node)))
			continue;
		TT_TRY(add_mover(to, &(struct mover){ .row = t->v[i], .node = what.node }, err));
		room = room_for(p, tt_pod_at(p->s, t->v[i]));
		widen(most, &room);
	}
	return TT_OK;
}

static bool same_place(const tt_node_row *a, const tt_node_row *b)
{
	return strcmp(a->provider, b->provider) == 0 && strcmp(a->region, b->region) == 0 &&
	       strcmp(a->pricing, b->pricing) == 0;
}

/* Where each goes: looked for once for each place. */
static int find_places(struct retype *p, struct movers *m, const tt_room *most, tt_err *err)
{
	TT_CLEANUP(tt_freep) size_t *first = tt_alloc((m->n + 1) * sizeof *first);
	size_t places = 0;

	if (!first)
		return tt_no_memory(err);
	for (size_t i = 0; i < m->n; i++) {
		const tt_node_row *from = tt_node_at(p->s, m->v[i].node);
		size_t k = 0;

		while (k < places && !same_place(from, tt_node_at(p->s, m->v[first[k]].node)))
			k++;
		if (k < places) {
			m->v[i].there = m->v[first[k]].there;
			continue;
		}
		TT_TRY(tt_there_find(p->cs, from, p->instance_type, p->gpu_model, most,
		                     &m->v[i].there, err));
		first[places++] = i;
	}
	return TT_OK;
}

/* Whether all fit. Where some do not, the first of them is refused with its reason, and how
 * many others there are is said with it, so that they can be left out at once. */
static int check_pods(struct retype *p, const struct movers *m, tt_err *err)
{
	enum { NAMED = 5 };
	TT_CLEANUP(tt_buf_free) tt_buf others = { 0 };
	tt_err first = { 0 };
	size_t failed = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct mover *v = &m->v[i];
		tt_err why = { 0 };
		const int rc = check_pod(p, v->row, tt_node_at(p->s, v->node), &v->there, &why);

		if (rc < 0 && rc != TT_EINVAL && rc != TT_ENODATA)
			return tt_fail(err, rc, "%s", why.text);
		if (rc < 0 && !failed++)
			first = why;
		else if (rc < 0 && failed <= NAMED + 1)
			tt_buf_printf(&others, "%s%s", others.n ? ", " : "",
			              tt_pod_at(p->s, v->row)->pod);
	}
	if (others.failed)
		return tt_no_memory(err);
	if (failed < 2)
		return failed ? tt_fail(err, first.status, "%s", first.text) : TT_OK;
	if (failed > NAMED + 1)
		tt_buf_printf(&others, " and %zu more", failed - NAMED - 1);
	return others.failed ? tt_no_memory(err) :
	       tt_fail(err, first.status, "%s; neither can %s", first.text, tt_buf_text(&others));
}

static int retype_pods(struct retype *p, const tt_targets *t, tt_err *err)
{
	TT_CLEANUP(free_movers) struct movers m = { 0 };
	tt_room most = { (double)NAN, (double)NAN, (double)NAN };

	TT_TRY(find_pods(p, t, &m, &most, err));
	TT_TRY(find_places(p, &m, &most, err));
	TT_TRY(check_pods(p, &m, err));
	TT_TRY(find_paces(p, &m, err));
	for (size_t i = 0; i < m.n; i++)
		TT_TRY(move_pod(p, &m.v[i], err));
	return TT_OK;
}

/* --- Nodes ---------------------------------------------------------------------------------- */

/* The pods with cards, outside the system namespaces, that are on the node in force. */
static int find_residents(const struct retype *p, uint32_t node, struct movers *to,
                          tt_room *most, tt_err *err)
{
	const tt_residents *r = &p->residents;
	tt_span ran;

	for (size_t i = r->first[node]; i < r->first[node + 1]; i++) {
		const tt_pod_row *row = tt_pod_at(p->s, r->pod[i]);
		const tt_room room = room_for(p, row);

		if (!tt_pod_ran(p->s, row, &ran) || !in_force(p, ran) || !(row->gpus > 0) ||
		    tt_settings_is_system(p->cs->settings, row->namespace_))
			continue;
		TT_TRY(add_mover(to, &(struct mover){ .row = r->pod[i], .node = node }, err));
		widen(most, &room);
	}
	return TT_OK;
}

/* Cards there for one of now, by what needs the most of them. */
static double most_cards(const struct movers *pods)
{
	double most = pods->n ? 0 : 1;

	for (size_t i = 0; i < pods->n; i++)
		most = fmax(most, pods->v[i].pace.cards_ratio);
	return most;
}

static int move_node(struct retype *p, const struct mover *m, double cards_ratio, tt_err *err)
{
	tt_release what = { .node = m->node, .pod = TT_NO_POD, .leave = TT_MOVES };
	tt_terms t = tt_there_terms(&m->there);

	if (!(m->cards > 0))
		return tt_fail(err, TT_EINVAL, "retype: node \"%s\" has no cards",
		               tt_node_at(p->s, m->node)->node);
	if (!(t.gpus > 0))
		return tt_fail(err, TT_ENODATA, "retype: how many cards %s has is not known",
		               t.instance_type);
	t.pod_gpus = m->cards * cards_ratio;
	TT_TRY(keep_terms(p, &t, &what.terms, err));
	return tt_case_release(p->cs, &what, &(tt_spans){ .v = &p->force, .n = 1 }, err);
}

static int retype_nodes(struct retype *p, const tt_targets *t, tt_err *err)
{
	TT_CLEANUP(free_movers) struct movers nodes = { 0 }, pods = { 0 };
	tt_room most = { (double)NAN, (double)NAN, (double)NAN };

	for (size_t i = 0; i < t->n; i++) {
		const struct mover one = {
			.node = t->v[i], .cards = (double)tt_node_cards_u6(p->s, t->v[i]) / 1e6
		};

		if (!in_force(p, tt_node_life(p->s, one.node)) ||
		    is_there(p, tt_node_at(p->s, one.node)))
			continue;
		TT_TRY(add_mover(&nodes, &one, err));
		TT_TRY(find_residents(p, one.node, &pods, &most, err));
	}
	TT_TRY(find_places(p, &nodes, &most, err));
	TT_TRY(find_places(p, &pods, &most, err));
	TT_TRY(check_pods(p, &pods, err));
	TT_TRY(find_paces(p, &pods, err));
	for (size_t i = 0; i < nodes.n; i++)
		TT_TRY(move_node(p, &nodes.v[i], most_cards(&pods), err));
	return TT_OK;
}

/* --- All ------------------------------------------------------------------------------------- */

static int apply(struct retype *p, tt_err *err)
{
	TT_CLEANUP(tt_targets_free) tt_targets t = { 0 };

	for (size_t i = 0; i < p->c->n_subjects; i++) {
		const tt_change_subject *subject = &p->c->subjects[i];

		if (subject->kind == TT_SUBJECT_NAMESPACE)
			return tt_targets_refuse(p->c, subject, err);
		TT_TRY(tt_targets_find(p->c, subject, p->s, &t, err));
		TT_TRY(t.nodes ? retype_nodes(p, &t, err) : retype_pods(p, &t, err));
	}
	return TT_OK;
}

int tt_retype_apply(const tt_change *c, tt_case *cs, tt_err *err)
{
	struct retype p = {
		.c = c, .cs = cs, .s = cs->snapshot, .force = tt_change_force(c, cs->snapshot),
		.residents = tt_residents_of(cs->snapshot),
		.instance_type = word(c, "instance_type"), .gpu_model = word(c, "gpu_model"),
		.throughput_ratio = number(c, "throughput_ratio"), .gpus = number(c, "gpus"),
		.cpus = number(c, "cpus"), .memory_mib = number(c, "memory_mib")
	};
	int rc = tt_needs_open(cs->snapshot, &p.needs, err);

	if (rc == TT_OK)
		rc = apply(&p, err);
	tt_needs_close(p.needs);
	tt_free(p.made);
	return rc;
}
