/* match.c - members first, then what they belong to, then what was measured of it.
 *
 * A thing is numbered when its first member is seen. Members that do not match put their
 * thing out; what never ran in the window is no member, nor is, where something is asked
 * of a node, a pod whose node is not known. */
#include "simulate/match.h"
#include "simulate/matching.h"
#include "snapshot/labels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tt_matching_done(struct tt_matching *m)
{
	tt_names_free(m->names);
	tt_free(m->things);
	tt_free(m->of);
	tt_free(m->hosts);
	tt_arena_free(m->scratch);
}

int tt_matching_open(struct tt_matching *m, tt_err *err)
{
	size_t n = m->s->table[TT_NODES].n;

	m->err = err;
	if (m->s->table[TT_PODS].n > n)
		n = m->s->table[TT_PODS].n;
	m->scratch = tt_arena_new();
	m->names = tt_names_new();
	m->of = tt_alloc((n + 1) * sizeof *m->of);
	if (!m->scratch || !m->names || !m->of)
		return tt_no_memory(err);
	memset(m->of, 0xff, (n + 1) * sizeof *m->of);
	return TT_OK;
}

static int fail_nothing(const tt_select *sel, const char *why, tt_err *err)
{
	return tt_fail(err, TT_ENODATA, "%s:%d:%d: select matches no %s%s", sel->at.file,
		       sel->at.line, sel->at.column,
		       sel->as == TT_SUBJECT_END ? "price" : tt_subject_kind_text(sel->as), why);
}

/* A table that is needed and is not there; NULL: it is. */
static const char *lacking(const tt_select *sel, const tt_snapshot *s)
{
	static const struct { int key; enum tt_table_id table; const char *why; } needs[] = {
		{ TT_BY_TRAFFIC, TT_TRAFFIC, ": the fleet has no traffic.csv" },
		{ TT_BY_POD, TT_PODS, ": the fleet has no pods.csv" },
		{ TT_BY_WORKLOAD, TT_PODS, ": the fleet has no pods.csv" },
		{ TT_BY_WORKLOAD_KIND, TT_PODS, ": the fleet has no pods.csv" },
		{ TT_BY_NAMESPACE, TT_PODS, ": the fleet has no pods.csv" },
		{ TT_BY_NODE_GROUP, TT_NODES, ": the fleet has no nodes.csv" },
	};

	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
		if (sel->any[needs[i].key] && !s->table[needs[i].table].n)
			return needs[i].why;
	}
	if (sel->as == TT_SUBJECT_COMMITMENT && !s->table[TT_COMMITMENTS].n)
		return ": the fleet has no commitments.csv";
	if ((sel->as == TT_SUBJECT_OFFER || sel->as == TT_SUBJECT_END) && !s->table[TT_PRICES].n)
		return ": the fleet has no prices.csv";
	if (!isnan(sel->busy_below_pct) || !isnan(sel->busy_above_pct) || !isnan(sel->silent_h))
		return s->n_measures ? NULL : ": the fleet has no gpu_usage.csv";
	return NULL;
}

/* --- Members ------------------------------------------------------------------- */

/* Whether the labels are those asked for. */
static int has_labels(struct tt_matching *m, const char *labels, bool *ret)
{
	for (size_t i = 0; i < m->sel->n_labels; i++) {
		const tt_select_label *l = &m->sel->labels[i];
		const char **v = l->any;
		bool failed = false;
		const char *value = tt_labels_get(labels, l->key, m->scratch, &failed);

		if (failed)
			return tt_no_memory(m->err);
		while (value && *v && !tt_pattern_match(*v, value, false))
			v++;
		if (!value || !*v) {
			*ret = false;
			return TT_OK;
		}
	}
	*ret = true;
	return TT_OK;
}

static int has_owner(struct tt_matching *m, const char *labels, const char *ns, bool *ret)
{
	const char *owner;

	*ret = true;
	if (!m->sel->any[TT_BY_OWNER])
		return TT_OK;
	owner = tt_settings_owner(m->st, labels, ns, m->scratch);
	if (!owner)
		return tt_no_memory(m->err);
	*ret = tt_select_takes(m->sel, TT_BY_OWNER, owner);
	return TT_OK;
}

/* All but labels and owner, which a node and its pods each have their own of. */
static bool is_on(const tt_select *sel, const tt_node_row *n, bool with_pricing)
{
	return tt_select_takes(sel, TT_BY_NODE, n->node) &&
	       tt_select_takes(sel, TT_BY_NODE_GROUP, n->node_group) &&
	       tt_select_takes(sel, TT_BY_MODEL, n->gpu_model) &&
	       tt_select_takes(sel, TT_BY_INSTANCE_TYPE, n->instance_type) &&
	       tt_select_takes(sel, TT_BY_PROVIDER, n->provider) &&
	       tt_select_takes(sel, TT_BY_REGION, n->region) &&
	       (!with_pricing || tt_select_takes(sel, TT_BY_PRICING,
						 *n->pricing ? n->pricing : "on_demand"));
}

int tt_matching_node(struct tt_matching *m, size_t i, bool with_pricing, bool *ret)
{
	const tt_node_row *n = tt_node_at(m->s, i);
	bool owner = false;

	TT_TRY(has_labels(m, n->labels, ret));
	TT_TRY(has_owner(m, n->labels, "", &owner));
	*ret = *ret && owner && is_on(m->sel, n, with_pricing) &&
	       tt_select_takes(m->sel, TT_BY_CLUSTER, n->cluster) &&
	       (!m->hosts || m->hosts[i] == 1);
	return TT_OK;
}

static bool asks_of_nodes(const tt_select *sel)
{
	for (int k = TT_BY_NODE; k <= TT_BY_PRICING; k++) {
		if (sel->any[k])
			return true;
	}
	return false;
}

static const char *kind_of(const struct tt_matching *m, const tt_pod_row *p)
{
	const tt_rows *w = &m->s->table[TT_WORKLOADS];
	size_t i = *p->workload_kind || !*p->workload ? SIZE_MAX : tt_rows_find(w, p->workload);
	const char *kind = i == SIZE_MAX ? p->workload_kind
					 : TT_ROW(w, tt_workload_row, i)->workload_kind;

	return *kind ? kind : "unknown";
}

/* What a pod is asked of whatever is meant: the pod, or the node where it ran. */
static bool is_work(const struct tt_matching *m, const tt_pod_row *p)
{
	return tt_select_takes(m->sel, TT_BY_WORKLOAD, p->workload) &&
	       tt_select_takes(m->sel, TT_BY_WORKLOAD_KIND, kind_of(m, p)) &&
	       tt_select_takes(m->sel, TT_BY_NAMESPACE, p->namespace_) &&
	       tt_select_takes(m->sel, TT_BY_GPU_SHARING, p->gpu_sharing);
}

/* Pods of the system are everywhere: they count where their namespace is asked for. */
static bool counts(const struct tt_matching *m, const tt_pod_row *p)
{
	tt_span ran;

	return tt_pod_ran(m->s, p, &ran) &&
	       (m->sel->any[TT_BY_NAMESPACE] || !tt_settings_is_system(m->st, p->namespace_));
}

static int is_pod(struct tt_matching *m, const tt_pod_row *p, const tt_node_row *on, bool *ret)
{
	const tt_select *sel = m->sel;
	bool owner = false;

	TT_TRY(has_labels(m, p->labels, ret));
	TT_TRY(has_owner(m, p->labels, p->namespace_, &owner));
	*ret = *ret && owner && (!on || is_on(sel, on, true)) && is_work(m, p) &&
	       tt_select_takes(sel, TT_BY_POD, p->pod) &&
	       tt_select_takes(sel, TT_BY_CLUSTER, p->cluster);
	return TT_OK;
}

/* --- Things -------------------------------------------------------------------- */

/* Member `row` (UINT32_MAX: none to remember) belongs to `id`. */
int tt_matching_add(struct tt_matching *m, const char *id, uint32_t row, bool in)
{
	const size_t before = tt_names_count(m->names);
	int64_t at;

	if (!*id)
		return TT_OK;
	at = tt_names_add(m->names, id, strlen(id));
	if (at < 0 || !TT_GROW(m->things, (size_t)at, m->cap))
		return tt_no_memory(m->err);
	if ((size_t)at == before)
		m->things[at] = (struct tt_thing){ 0 };
	if (!in)
		m->things[at].out = true;
	if (row != UINT32_MAX)
		m->of[row] = (uint32_t)at;
	return TT_OK;
}

/* Which nodes ran the work that is asked for, and nothing else; for things that are nodes. */
int tt_matching_hosts(struct tt_matching *m)
{
	const tt_select *sel = m->sel;

	if (!sel->any[TT_BY_WORKLOAD] && !sel->any[TT_BY_WORKLOAD_KIND] &&
	    !sel->any[TT_BY_NAMESPACE] && !sel->any[TT_BY_GPU_SHARING])
		return TT_OK;
	m->hosts = tt_zalloc(m->s->table[TT_NODES].n + 1, sizeof *m->hosts);
	if (!m->hosts)
		return tt_no_memory(m->err);
	for (size_t i = 0; i < m->s->table[TT_PODS].n; i++) {
		const tt_pod_row *p = tt_pod_at(m->s, i);
		const size_t node = *p->node ? tt_snapshot_find_node(m->s, p->node) : SIZE_MAX;

		if (node != SIZE_MAX && counts(m, p))
			m->hosts[node] |= is_work(m, p) ? 1 : 2;
	}
	return TT_OK;
}

static int add_nodes(struct tt_matching *m)
{
	TT_TRY(tt_matching_hosts(m));
	for (size_t i = 0; i < m->s->table[TT_NODES].n; i++) {
		const tt_node_row *n = tt_node_at(m->s, i);
		const tt_span life = tt_node_life(m->s, i);
		size_t first = 0, cards = 0;
		bool in = false;

		if (life.from_s >= life.to_s)
			continue;
		TT_TRY(tt_matching_node(m, i, true, &in));
		if (m->sel->as == TT_SUBJECT_NODE_GROUP)
			TT_TRY(tt_matching_add(m, n->node_group, (uint32_t)i, in));
		if (m->sel->as == TT_SUBJECT_NODE)
			TT_TRY(tt_matching_add(m, n->node, (uint32_t)i, in));
		if (m->sel->as != TT_SUBJECT_CARD)
			continue;
		tt_node_carriers(m->s, i, &first, &cards);
		for (size_t c = first; c < first + cards; c++) {
			if (!*m->s->carriers[c].slice)
				TT_TRY(tt_matching_add(m, m->s->carriers[c].id, UINT32_MAX, in));
		}
	}
	return TT_OK;
}

static const char *subject_of(const tt_select *sel, const tt_pod_row *p)
{
	if (sel->as == TT_SUBJECT_POD)
		return p->pod;
	return sel->as == TT_SUBJECT_WORKLOAD ? p->workload : p->namespace_;
}

static int add_pods(struct tt_matching *m)
{
	const tt_select *sel = m->sel;
	const bool on_nodes = asks_of_nodes(sel);

	for (size_t i = 0; i < m->s->table[TT_PODS].n; i++) {
		const tt_pod_row *p = tt_pod_at(m->s, i);
		size_t node = SIZE_MAX;
		bool in = false;

		if (!counts(m, p))
			continue;
		if (on_nodes)
			node = *p->node ? tt_snapshot_find_node(m->s, p->node) : SIZE_MAX;
		if (on_nodes && node == SIZE_MAX)
			continue;
		TT_TRY(is_pod(m, p, on_nodes ? tt_node_at(m->s, node) : NULL, &in));
		TT_TRY(tt_matching_add(m, subject_of(sel, p), (uint32_t)i, in));
	}
	return TT_OK;
}

static int add_commitments(struct tt_matching *m)
{
	const tt_rows *t = &m->s->table[TT_COMMITMENTS];
	const tt_select *sel = m->sel;

	for (size_t i = 0; i < t->n; i++) {
		const tt_commitment_row *c = TT_ROW(t, tt_commitment_row, i);

		if (tt_select_takes(sel, TT_BY_COMMITMENT, c->commitment) &&
		    tt_select_takes(sel, TT_BY_KIND, c->kind) &&
		    tt_select_takes(sel, TT_BY_PROVIDER, c->provider) &&
		    tt_select_takes(sel, TT_BY_REGION, c->region) &&
		    tt_select_takes(sel, TT_BY_INSTANCE_TYPE, c->instance_type) &&
		    tt_select_takes(sel, TT_BY_MODEL, c->gpu_model) &&
		    tt_select_takes(sel, TT_BY_PAYMENT, c->payment))
			TT_TRY(tt_matching_add(m, c->commitment, UINT32_MAX, true));
	}
	return TT_OK;
}

/* --- All of it ----------------------------------------------------------------- */

static int add_members(struct tt_matching *m)
{
	switch (m->sel->as) {
	case TT_SUBJECT_NODE:
	case TT_SUBJECT_NODE_GROUP:
	case TT_SUBJECT_CARD: return add_nodes(m);
	case TT_SUBJECT_POD:
	case TT_SUBJECT_WORKLOAD:
	case TT_SUBJECT_NAMESPACE: return add_pods(m);
	case TT_SUBJECT_COMMITMENT: return add_commitments(m);
	case TT_SUBJECT_OFFER: return tt_matching_offers(m);
	case TT_SUBJECT_CHARGE: /* charges can't be selected: no table has them yet */
	case TT_SUBJECT_FLEET:
	case TT_SUBJECT_END:
	default: break;
	}
	return tt_fail(m->err, TT_EINVAL, "a %s can't be selected",
		       m->sel->as == TT_SUBJECT_END ? "price" : tt_subject_kind_text(m->sel->as));
}

static int compare_subjects(const void *a, const void *b)
{
	return strcmp(((const tt_change_subject *)a)->id, ((const tt_change_subject *)b)->id);
}

/* How many things a key matches by itself. */
static int count_alone(const struct tt_matching *m, enum tt_select_key k, size_t *ret)
{
	tt_select one = { .as = m->sel->as, .busy_below_pct = NAN, .busy_above_pct = NAN,
			  .silent_h = NAN, .at = m->sel->at };
	TT_CLEANUP(tt_matching_done) struct tt_matching alone = { .sel = &one, .s = m->s,
								  .st = m->st };

	one.any[k] = m->sel->any[k];
	TT_TRY(tt_matching_open(&alone, m->err));
	TT_TRY(add_members(&alone));
	TT_TRY(tt_matching_measured(&alone));
	*ret = 0;
	for (size_t i = 0; i < tt_names_count(alone.names); i++)
		*ret += !alone.things[i].out;
	return TT_OK;
}

/* Nothing was found: say which of several keys is enough for that. */
static int refuse(const struct tt_matching *m)
{
	const char *why = lacking(m->sel, m->s);
	char text[100];
	size_t n = 1;
	int asked = m->sel->n_labels || !isnan(m->sel->busy_below_pct) ||
		    !isnan(m->sel->busy_above_pct) || !isnan(m->sel->silent_h);

	for (int k = 0; k < TT_SELECT_WORDS; k++)
		asked += m->sel->any[k] != NULL;
	for (int k = 0; !why && asked > 1 && n > 0 && k < TT_SELECT_WORDS; k++) {
		if (!m->sel->any[k])
			continue;
		TT_TRY(count_alone(m, (enum tt_select_key)k, &n));
		if (n == 0)
			snprintf(text, sizeof text, " of the fleet: \"%s\" alone matches none",
				 tt_select_key_text((enum tt_select_key)k));
	}
	return fail_nothing(m->sel, why ? why : n == 0 ? text : " of the fleet", m->err);
}

static int take(struct tt_matching *m, tt_arena *arena, tt_change_subject **ret, size_t *ret_n)
{
	const size_t most = tt_names_count(m->names);
	tt_change_subject *v = tt_arena_alloc(arena, (most + 1) * sizeof *v);
	size_t n = 0;

	if (!v)
		return tt_no_memory(m->err);
	for (size_t i = 0; i < most; i++) {
		const char *id = tt_names_at(m->names, i);

		if (m->things[i].out)
			continue;
		v[n] = (tt_change_subject){ m->sel->as, tt_arena_text(arena, id, strlen(id)) };
		if (!v[n++].id)
			return tt_no_memory(m->err);
	}
	if (n == 0)
		return refuse(m);
	qsort(v, n, sizeof *v, compare_subjects);
	*ret = v;
	*ret_n = n;
	return TT_OK;
}

int tt_match_subjects(const tt_select *sel, const tt_snapshot *s, const tt_settings *st,
		      tt_arena *arena, tt_change_subject **ret, size_t *ret_n, tt_err *err)
{
	TT_CLEANUP(tt_matching_done) struct tt_matching m = { .sel = sel, .s = s, .st = st };
	tt_change_subject *fleet;

	if (sel->as == TT_SUBJECT_FLEET) {
		fleet = tt_arena_alloc(arena, sizeof *fleet);
		if (!fleet)
			return tt_no_memory(err);
		*fleet = (tt_change_subject){ TT_SUBJECT_FLEET, "" };
		*ret = fleet;
		*ret_n = 1;
		return TT_OK;
	}
	TT_TRY(tt_matching_open(&m, err));
	TT_TRY(add_members(&m));
	TT_TRY(tt_matching_measured(&m));
	return take(&m, arena, ret, ret_n);
}

/* --- Prices -------------------------------------------------------------------- */

static bool is_market(const tt_select *sel, const char *pricing)
{
	if (!*pricing)
		pricing = "on_demand";
	if (sel->any[TT_BY_PRICING])
		return tt_select_takes(sel, TT_BY_PRICING, pricing);
	return strcmp(pricing, "on_demand") == 0 || strcmp(pricing, "spot") == 0;
}

static bool is_price(const tt_select *sel, const tt_price_row *p)
{
	return is_market(sel, p->pricing) && tt_select_takes(sel, TT_BY_PROVIDER, p->provider) &&
	       tt_select_takes(sel, TT_BY_REGION, p->region) &&
	       tt_select_takes(sel, TT_BY_INSTANCE_TYPE, p->instance_type) &&
	       tt_select_takes(sel, TT_BY_MODEL, p->gpu_model) &&
	       tt_select_takes(sel, TT_BY_PAYMENT, p->payment);
}

int tt_match_prices(const tt_select *sel, const tt_snapshot *s, tt_arena *arena,
		    tt_matched_prices *ret, tt_err *err)
{
	const size_t nodes = s->table[TT_NODES].n, prices = s->table[TT_PRICES].n;
	tt_matched_prices v = { .nodes = tt_arena_alloc(arena, (nodes + 1) * sizeof *v.nodes),
				.prices = tt_arena_alloc(arena, (prices + 1) * sizeof *v.prices) };

	if (!v.nodes || !v.prices)
		return tt_no_memory(err);
	for (size_t i = 0; i < nodes && !sel->any[TT_BY_PAYMENT]; i++) {
		const tt_node_row *n = tt_node_at(s, i);

		if (is_on(sel, n, false) && is_market(sel, n->pricing))
			v.nodes[v.n_nodes++] = (uint32_t)i;
	}
	for (size_t i = 0; i < prices; i++) {
		if (is_price(sel, TT_ROW(&s->table[TT_PRICES], tt_price_row, i)))
			v.prices[v.n_prices++] = (uint32_t)i;
	}
	if (v.n_nodes + v.n_prices == 0)
		return fail_nothing(sel, lacking(sel, s) ? lacking(sel, s) : " of the fleet", err);
	*ret = v;
	return TT_OK;
}
