#include "report/reach.h"
#include <stdlib.h>
#include <string.h>

struct marks {                   /* what is reached, by row */
	const tt_snapshot *s;
	const char *id;
	unsigned char *node, *carrier, *pod, *seen;
	double *held_s;          /* [pods] */
	double unknown_held_s;
};

/* A card, or one of its slices: "node/gpu" also stands for "node/gpu/slice". */
static bool is_of_card(const tt_carrier *c, const char *id)
{
	size_t n = strlen(id);

	return strncmp(c->id, id, n) == 0 && (c->id[n] == '\0' || c->id[n] == '/');
}

static void mark_nodes(struct marks *m, enum tt_subject_kind kind)
{
	const tt_rows *t = &m->s->table[TT_NODES];

	for (size_t i = 0; i < t->n; i++) {
		const tt_node_row *row = TT_ROW(t, tt_node_row, i);

		m->node[i] = strcmp(kind == TT_SUBJECT_NODE ? row->node : row->node_group,
		                    m->id) == 0;
	}
}

/* Carriers of nodes, or of a card; and the node that a card is in. */
static void mark_carriers(struct marks *m, enum tt_subject_kind kind)
{
	for (size_t i = 0; i < m->s->n_cards; i++) {
		const tt_carrier *c = &m->s->carriers[i];
		int known = c->node_index < m->s->table[TT_NODES].n;

		if (kind == TT_SUBJECT_CARD)
			m->carrier[i] = is_of_card(c, m->id);
		else
			m->carrier[i] = known && m->node[c->node_index];
		if (m->carrier[i] && known)
			m->node[c->node_index] = 1;
	}
}

static void mark_pods(struct marks *m, enum tt_subject_kind kind)
{
	const tt_rows *t = &m->s->table[TT_PODS];

	for (size_t i = 0; i < t->n; i++) {
		const tt_pod_row *p = TT_ROW(t, tt_pod_row, i);
		const char *name = kind == TT_SUBJECT_POD ? p->pod
		                 : kind == TT_SUBJECT_WORKLOAD ? p->workload : p->namespace_;

		m->pod[i] = strcmp(name, m->id) == 0;
	}
}

/* From carriers to the pods that held them, or the other way round. */
static void follow_holdings(struct marks *m, int by_pods)
{
	size_t n_pods = m->s->table[TT_PODS].n;

	for (size_t i = 0; i < m->s->n_holdings; i++) {
		const tt_holding *h = &m->s->holdings[i];
		int known = h->pod_index < n_pods;

		if (known)
			m->seen[h->pod_index] = 1;
		if (by_pods ? !known || !m->pod[h->pod_index] : !m->carrier[h->carrier])
			continue;
		if (known) {
			m->pod[h->pod_index] = 1;
			m->held_s[h->pod_index] += (double)(h->to_s - h->from_s);
		} else {
			m->unknown_held_s += (double)(h->to_s - h->from_s);
		}
		m->carrier[h->carrier] = 1;
		if (m->s->carriers[h->carrier].node_index < m->s->table[TT_NODES].n)
			m->node[m->s->carriers[h->carrier].node_index] = 1;
	}
}

/* Where pods.csv places a pod: which of a node's cards it had is not said there. */
static void follow_places(struct marks *m, enum tt_subject_kind kind, int by_pods)
{
	const tt_residents r = tt_residents_of(m->s);
	tt_span ran;

	for (size_t i = 0; i < m->s->table[TT_PODS].n; i++) {
		uint32_t node = r.node_of_pod[i];
		const tt_pod_row *p = tt_pod_at(m->s, i);

		if (!by_pods && (kind == TT_SUBJECT_CARD || node == UINT32_MAX || !m->node[node]))
			continue;
		if ((by_pods && !m->pod[i]) || !tt_pod_ran(m->s, p, &ran))
			continue;
		m->pod[i] = 1;
		if (node != UINT32_MAX)
			m->node[node] = 1;
		if (!m->seen[i] && p->gpus > 0)
			m->held_s[i] = p->gpus * (double)(ran.to_s - ran.from_s);
	}
}

static uint32_t *rows_of(const unsigned char *mark, size_t n, tt_arena *arena, size_t *ret_n)
{
	uint32_t *v = tt_arena_alloc(arena, (n + 1) * sizeof *v);

	*ret_n = 0;
	for (size_t i = 0; v && i < n; i++)
		if (mark[i])
			v[(*ret_n)++] = (uint32_t)i;
	return v;
}

static int list(const struct marks *m, tt_arena *arena, tt_reach *ret, tt_err *err)
{
	size_t n_pods = m->s->table[TT_PODS].n;
	uint32_t *pods = rows_of(m->pod, n_pods, arena, &ret->n_pods);

	ret->nodes = rows_of(m->node, m->s->table[TT_NODES].n, arena, &ret->n_nodes);
	ret->carriers = rows_of(m->carrier, m->s->n_cards, arena, &ret->n_carriers);
	ret->pods = tt_arena_alloc(arena, (ret->n_pods + 1) * sizeof *ret->pods);
	if (!pods || !ret->nodes || !ret->carriers || !ret->pods)
		return tt_no_memory(err);
	for (size_t i = 0; i < ret->n_pods; i++)
		ret->pods[i] = (tt_reach_pod){ pods[i], m->held_s[pods[i]], m->seen[pods[i]] };
	ret->is_pod = m->pod;
	ret->unknown_held_s = m->unknown_held_s;
	return TT_OK;
}

int tt_reach_make(const tt_snapshot *s, enum tt_subject_kind kind, const char *id,
                  tt_arena *arena, tt_reach *ret, tt_err *err)
{
	size_t n_pods = s->table[TT_PODS].n;
	struct marks m = {
		.s = s, .id = id,
		.node = tt_arena_alloc(arena, s->table[TT_NODES].n + 1),
		.carrier = tt_arena_alloc(arena, s->n_carriers + 1),
		.pod = tt_arena_alloc(arena, n_pods + 1),
		.seen = tt_arena_alloc(arena, n_pods + 1),
		.held_s = tt_arena_alloc(arena, (n_pods + 1) * sizeof(double)),
	};

	*ret = (tt_reach){ .kind = kind };
	if (!m.node || !m.carrier || !m.pod || !m.seen || !m.held_s)
		return tt_no_memory(err);
	switch (kind) {
	case TT_SUBJECT_NODE:
	case TT_SUBJECT_NODE_GROUP:
		mark_nodes(&m, kind);
		mark_carriers(&m, kind);
		break;
	case TT_SUBJECT_CARD:
		mark_carriers(&m, kind);
		break;
	case TT_SUBJECT_POD:
	case TT_SUBJECT_WORKLOAD:
	case TT_SUBJECT_NAMESPACE:
		ret->by_pods = 1;
		mark_pods(&m, kind);
		break;
	case TT_SUBJECT_COMMITMENT:
	case TT_SUBJECT_OFFER:
	case TT_SUBJECT_CHARGE:
	case TT_SUBJECT_FLEET:
	case TT_SUBJECT_END:
		break;
	}
	follow_holdings(&m, ret->by_pods);
	follow_places(&m, kind, ret->by_pods);
	return list(&m, arena, ret, err);
}
