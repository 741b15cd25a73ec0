#include "report/ownership.h"
#include "snapshot/labels.h"
#include <stdlib.h>
#include <string.h>

struct tracing {
	const tt_snapshot *s;
	const tt_settings *st;
	tt_arena *arena;
	tt_ownership *ret;
	double *most_s;          /* [n] of each claim's example */
	size_t cap, most_cap;
};

/* The first of the organisation's keys that the labels have with a value. */
static const char *owner_key(const tt_settings *st, const char *labels)
{
	tt_label l;

	for (size_t i = 0; st->owner_keys[i]; i++)
		if (tt_labels_find(labels, st->owner_keys[i], &l) && l.value_n)
			return st->owner_keys[i];
	return NULL;
}

static int add(struct tracing *t, tt_claim one, double held_s, tt_err *err)
{
	tt_ownership *o = t->ret;
	size_t i = 0;

	while (i < o->n && (strcmp(o->v[i].owner, one.owner) != 0 || o->v[i].by != one.by ||
	                    strcmp(o->v[i].key, one.key) != 0))
		i++;
	if (i == o->n) {
		if (!TT_GROW(o->v, o->n, t->cap) || !TT_GROW(t->most_s, o->n, t->most_cap))
			return tt_no_memory(err);
		t->most_s[o->n] = -1;
		o->v[o->n++] = one;
	}
	o->v[i].pods++;
	o->v[i].held_s += held_s;
	if (held_s > t->most_s[i]) {
		t->most_s[i] = held_s;
		o->v[i].example = one.example;
	}
	return TT_OK;
}

static int trace_pod(struct tracing *t, const tt_reach_pod *p, tt_err *err)
{
	const tt_pod_row *row = tt_pod_at(t->s, p->pod);
	const char *key = owner_key(t->st, row->labels);
	tt_claim c = { .by = key ? TT_TOLD_LABEL : TT_TOLD_NAMESPACE, .example = row->pod,
		       .key = key ? key : row->namespace_,
		       .owner = tt_settings_owner(t->st, row->labels, row->namespace_,
		                                  t->arena) };

	if (!c.owner)
		return tt_no_memory(err);
	if (!*c.owner)
		c.by = TT_TOLD_NOBODY;
	if (tt_settings_told(t->st, row->labels, row->namespace_)) {
		c.by = TT_TOLD_RULE;
		c.key = row->namespace_;
	}
	t->ret->held_s += p->held_s;
	t->ret->pods++;
	return add(t, c, p->held_s, err);
}

/* What nobody held has the owner of the node's own labels. */
static int trace_node(struct tracing *t, uint32_t node, tt_err *err)
{
	const tt_node_row *row = tt_node_at(t->s, node);
	const char *key = owner_key(t->st, row->labels);
	tt_claim c = { .by = TT_TOLD_NODE_LABEL, .example = row->node, .key = key };

	if (tt_settings_told(t->st, row->labels, "")) {
		c.by = TT_TOLD_NODE_RULE;
		c.key = "";
	} else if (!key) {
		return TT_OK;
	}
	c.owner = tt_settings_owner(t->st, row->labels, "", t->arena);
	return c.owner ? add(t, c, 0, err) : tt_no_memory(err);
}

static int compare_claims(const void *pa, const void *pb)
{
	const tt_claim *a = pa, *b = pb;
	int by = strcmp(a->owner, b->owner);

	if (a->held_s != b->held_s)
		return a->held_s > b->held_s ? -1 : 1;
	if (!by)
		by = (int)a->by - (int)b->by;
	return by ? by : strcmp(a->key, b->key);
}

static int trace(struct tracing *t, const tt_reach *r, tt_err *err)
{
	for (size_t i = 0; i < r->n_pods; i++)
		if (r->pods[i].held_s > 0)
			TT_TRY(trace_pod(t, &r->pods[i], err));
	for (size_t i = 0; !r->by_pods && i < r->n_nodes; i++)
		TT_TRY(trace_node(t, r->nodes[i], err));
	return TT_OK;
}

int tt_ownership_make(const tt_snapshot *s, const tt_settings *st, const tt_reach *r,
                      tt_arena *arena, tt_ownership *ret, tt_err *err)
{
	tt_ownership o = { .unknown_held_s = r->unknown_held_s };
	struct tracing t = { .s = s, .st = st, .arena = arena, .ret = &o };
	int rc = trace(&t, r, err);
	tt_claim *v = rc == TT_OK ? tt_arena_alloc(arena, (o.n + 1) * sizeof *v) : NULL;

	if (v && o.n) {
		qsort(o.v, o.n, sizeof *o.v, compare_claims);
		memcpy(v, o.v, o.n * sizeof *v);
	}
	tt_free(o.v);
	tt_free(t.most_s);
	if (rc < 0)
		return rc;
	if (!v)
		return tt_no_memory(err);
	o.v = v;
	*ret = o;
	return TT_OK;
}
