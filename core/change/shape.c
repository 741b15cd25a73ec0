#include "change/shape.h"
#include "base/memory.h"
#include "bill/price.h"
#include <math.h>
#include <string.h>
#include <strings.h>

enum { CARD_U6 = 1000000 };

struct kind {                   /* of members that are alike */
	size_t node, pod;       /* rows of the first of them; pod TT_NO_POD: a node */
	int64_t seconds;
};

static bool same_node(const tt_node_row *a, const tt_node_row *b)
{
	return strcmp(a->node_group, b->node_group) == 0 && strcmp(a->cluster, b->cluster) == 0 &&
	       strcmp(a->provider, b->provider) == 0 && strcmp(a->region, b->region) == 0 &&
	       strcmp(a->instance_type, b->instance_type) == 0 &&
	       strcmp(a->gpu_model, b->gpu_model) == 0 && strcmp(a->pricing, b->pricing) == 0 &&
	       a->price_per_hour == b->price_per_hour &&
	       tt_millionths(a->gpus) == tt_millionths(b->gpus);
}

static bool same_kind(const tt_snapshot *s, const struct kind *a, const struct kind *b)
{
	const tt_pod_row *p, *q;

	if (a->node != b->node &&
	    !same_node(tt_node_at(s, a->node), tt_node_at(s, b->node)))
		return false;
	if (a->pod == TT_NO_POD || b->pod == TT_NO_POD)
		return a->pod == b->pod;
	p = tt_pod_at(s, a->pod);
	q = tt_pod_at(s, b->pod);
	return tt_millionths(p->gpus) == tt_millionths(q->gpus) &&
	       tt_millionths(p->cpus) == tt_millionths(q->cpus) &&
	       tt_millionths(p->memory_mib) == tt_millionths(q->memory_mib);
}

/* The kind that ran longest, of several the first. */
static int find_kind(const tt_change *c, const char *id, const tt_snapshot *s,
		     const tt_members *m, bool pods, struct kind *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) struct kind *v = NULL;
	size_t n = 0, cap = 0, best = 0;

	for (size_t i = 0; i < m->n; i++) {
		const tt_member *one = &m->v[i];
		struct kind k = { one->what.node, pods ? one->what.pod : TT_NO_POD,
				  one->life.to_s - one->life.from_s };
		size_t at = 0;

		if (!one->can_go) /* nobody knows where it is */
			continue;
		while (at < n && !same_kind(s, &v[at], &k))
			at++;
		if (at == n) {
			if (!TT_GROW(v, n, cap))
				return tt_no_memory(err);
			v[n++] = (struct kind){ k.node, k.pod, 0 };
		}
		v[at].seconds += k.seconds;
	}
	if (!n)
		return tt_fail(err, TT_ENODATA,
			       "%s: it is not known on which nodes \"%s\" ran, so not what more of "
			       "it takes", tt_verb_text(c->verb), id);
	for (size_t i = 1; i < n; i++)
		best = v[i].seconds > v[best].seconds ? i : best;
	*ret = v[best];
	return TT_OK;
}

int tt_shape_alike(const tt_change *c, const char *id, const tt_snapshot *s, const tt_members *m,
		   bool *ret, tt_err *err)
{
	struct kind k;

	if (!m->n)
		return TT_OK;
	TT_TRY(find_kind(c, id, s, m, false, &k, err));
	for (size_t i = 0; i < m->n; i++) {
		const tt_node_row *row = tt_node_at(s, m->v[i].what.node);

		ret[i] = same_node(row, tt_node_at(s, k.node)) &&
			strcmp(row->pricing, "reserved") != 0 && strcmp(row->pricing, "owned") != 0;
	}
	return TT_OK;
}

/* --- What a node costs -------------------------------------------------------------------- */

static int price_node(const tt_change *c, const tt_snapshot *s, size_t node, tt_terms *t,
		      tt_err *err)
{
	tt_node_row like = *tt_node_at(s, node);
	tt_node_price price;

	tt_price_of_another(s, node, &price);
	t->price_per_hour = price.price_per_hour;
	if (strcmp(like.pricing, "reserved") == 0 || strcmp(like.pricing, "owned") == 0) {
		const tt_price_row *listed;

		like.pricing = "on_demand";
		listed = tt_price_listed(s, &like);
		t->price_per_hour = listed ? listed->price_per_hour : TT_DECIMAL_MISSING;
	}
	if (t->price_per_hour == TT_DECIMAL_MISSING)
		return tt_fail(err, TT_ENODATA,
			       "%s: it is not known what one more node like \"%s\" costs: "
			       "prices.csv has no %s price of %s %s %s", tt_verb_text(c->verb),
			       like.node, *like.pricing ? like.pricing : "on_demand", like.provider,
			       like.region, like.instance_type);
	t->provider = like.provider;
	t->region = like.region;
	t->instance_type = like.instance_type;
	t->gpu_model = like.gpu_model;
	t->pricing = like.pricing;
	t->gpus = (double)tt_node_cards_u6(s, node) / CARD_U6;
	t->cpus = like.cpus;
	t->memory_mib = like.memory_mib;
	return TT_OK;
}

static int64_t u6(double count)
{
	return isnan(count) ? 0 : (int64_t)tt_millionths(fmin(count, 1e9));
}

/* What of it a node has; all that counts where it does not say. */
static tt_takes size_of(const tt_terms *node, tt_takes *pod)
{
	if (isnan(node->cpus))
		pod->cpus_u6 = 0;
	if (isnan(node->memory_mib))
		pod->memory_u6 = 0;
	return (tt_takes){ u6(node->gpus), u6(node->cpus), u6(node->memory_mib) };
}

int tt_shape_of_nodes(const tt_change *c, const char *id, const tt_snapshot *s,
		      const tt_members *m, tt_shape *ret, tt_err *err)
{
	struct kind k;

	*ret = (tt_shape){ .pods_per_node = 1, .node_group = "" };
	tt_terms_init(&ret->node);
	TT_TRY(find_kind(c, id, s, m, false, &k, err));
	ret->like = k.node;
	ret->node_group = tt_node_at(s, k.node)->node_group;
	return price_node(c, s, k.node, &ret->node, err);
}

int tt_shape_of_pods(const tt_change *c, const char *id, const tt_snapshot *s,
		     const tt_members *m, tt_shape *ret, tt_err *err)
{
	const tt_pod_row *p;
	struct kind k;
	tt_takes node;

	*ret = (tt_shape){ .pods_per_node = 1, .node_group = "" };
	tt_terms_init(&ret->node);
	TT_TRY(find_kind(c, id, s, m, true, &k, err));
	p = tt_pod_at(s, k.pod);
	ret->like = k.node;
	ret->node_group = tt_node_at(s, k.node)->node_group;
	TT_TRY(price_node(c, s, k.node, &ret->node, err));
	ret->pod = (tt_takes){ tt_takes_cards_u6(p->gpus), u6(p->cpus), u6(p->memory_mib) };
	node = size_of(&ret->node, &ret->pod);
	if (isnan(p->gpus) ||
	    (!ret->pod.cards_u6 && !ret->pod.cpus_u6 && !ret->pod.memory_u6))
		return tt_fail(err, TT_ENODATA,
			       "%s: it is not known what one more pod like \"%s\" takes of a node",
			       tt_verb_text(c->verb), p->pod);
	ret->node.pod_gpus = p->gpus;
	ret->pods_per_node = tt_takes_fit(&node, &ret->pod);
	if (ret->pods_per_node < 1)
		ret->pods_per_node = 1; /* it ran there, whatever it asked for */
	return TT_OK;
}

/* --- Cards -------------------------------------------------------------------------------- */

static int by_card(const tt_change *c, tt_shape *shape, tt_err *err)
{
	shape->pod = (tt_takes){ .cards_u6 = CARD_U6 };
	shape->pods_per_node = u6(shape->node.gpus) / CARD_U6;
	if (shape->pods_per_node >= 1)
		return TT_OK;
	return tt_fail(err, TT_ENODATA, "%s: demand in cards needs nodes with cards, and %s has "
		       "none", tt_verb_text(c->verb), *shape->node.instance_type ?
		       shape->node.instance_type : "that node");
}

int tt_shape_of_cards(const tt_change *c, const char *id, const tt_snapshot *s,
		      const tt_members *m, tt_shape *ret, tt_err *err)
{
	struct kind k;

	*ret = (tt_shape){ .pods_per_node = 1, .node_group = "" };
	tt_terms_init(&ret->node);
	TT_TRY(find_kind(c, id, s, m, true, &k, err));
	ret->like = k.node;
	ret->node_group = tt_node_at(s, k.node)->node_group;
	TT_TRY(price_node(c, s, k.node, &ret->node, err));
	return by_card(c, ret, err);
}

/* Whether a is cheaper per card than b. */
static bool cheaper(const tt_price_row *a, const tt_price_row *b)
{
	return a->price_per_hour * (tt_i128)llround(b->gpus * 1e3) <
	       b->price_per_hour * (tt_i128)llround(a->gpus * 1e3);
}

static int cheapest_of_model(const tt_change *c, const char *gpu_model, const tt_snapshot *s,
			     tt_shape *ret, tt_err *err)
{
	const tt_price_row *best = NULL;

	for (size_t i = 0; i < s->table[TT_PRICES].n; i++) {
		const tt_price_row *p = TT_ROW(&s->table[TT_PRICES], tt_price_row, i);
		const tt_node_row like = { .provider = p->provider, .region = p->region,
					   .instance_type = p->instance_type,
					   .gpu_model = p->gpu_model, .pricing = "on_demand" };

		if (strcasecmp(p->gpu_model, gpu_model) != 0 || !(p->gpus >= 1) ||
		    tt_price_listed(s, &like) != p)
			continue;
		if (!best || cheaper(p, best))
			best = p;
	}
	if (!best)
		return tt_fail(err, TT_ENODATA,
			       "%s: the fleet has no node with gpu_model=%s, and prices.csv no "
			       "on_demand price of one", tt_verb_text(c->verb), gpu_model);
	ret->like = SIZE_MAX;
	ret->node.provider = best->provider;
	ret->node.region = best->region;
	ret->node.instance_type = best->instance_type;
	ret->node.gpu_model = best->gpu_model;
	ret->node.pricing = "on_demand";
	ret->node.price_per_hour = best->price_per_hour;
	ret->node.gpus = best->gpus;
	return by_card(c, ret, err);
}

int tt_shape_of_model(const tt_change *c, const char *gpu_model, const tt_snapshot *s,
		      tt_shape *ret, tt_err *err)
{
	TT_CLEANUP(tt_members_free) tt_members m = { 0 };
	TT_CLEANUP(tt_targets_free) tt_targets t = { .nodes = true };

	for (size_t i = 0; i < s->table[TT_NODES].n; i++) {
		if (strcasecmp(tt_node_at(s, i)->gpu_model, gpu_model) != 0)
			continue;
		if (!TT_GROW(t.v, t.n, t.cap))
			return tt_no_memory(err);
		t.v[t.n++] = (uint32_t)i;
	}
	TT_TRY(tt_members_make(&t, s, &m, err));
	if (m.n) {
		TT_TRY(tt_shape_of_nodes(c, gpu_model, s, &m, ret, err));
		return by_card(c, ret, err);
	}
	*ret = (tt_shape){ .pods_per_node = 1, .node_group = "" };
	tt_terms_init(&ret->node);
	return cheapest_of_model(c, gpu_model, s, ret, err);
}
