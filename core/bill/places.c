/* places.c - one pass over the pods says which clusters can be trusted. */
#include "places.h"
#include "base/text.h"
#include <string.h>

enum { PLACED_CARDS = 1, PLACED_CPUS = 2, CARDS_LACK_NODE = 4, CPUS_LACK_NODE = 8 };

struct tt_places {
	const tt_snapshot *s;
	const tt_residents *r;
	tt_names *clusters;
	unsigned char *flags;   /* [clusters] */
	unsigned anywhere;      /* of pods without a node and a cluster */
};

void tt_places_free(tt_places *p)
{
	if (!p)
		return;
	tt_names_free(p->clusters);
	tt_free(p->flags);
	tt_free(p);
}

static unsigned placed(const tt_pod_row *p)
{
	return (p->gpus >= 0 ? PLACED_CARDS : 0u) | (p->cpus >= 0 ? PLACED_CPUS : 0u);
}

static unsigned lacks(const tt_pod_row *p, bool held)
{
	if (!tt_pod_started(p))
		return 0;
	return (tt_millionths(p->gpus) && !held ? CARDS_LACK_NODE : 0u) |
	       (tt_millionths(p->cpus) ? CPUS_LACK_NODE : 0u);
}

static int64_t cluster(tt_places *p, const char *name)
{
	return tt_names_add(p->clusters, name, strlen(name));
}

static int add_pods(tt_places *p, const bool *held)
{
	for (size_t i = 0; i < p->s->table[TT_PODS].n; i++) {
		const tt_pod_row *pod = tt_pod_at(p->s, i);
		uint32_t node = p->r->node_of_pod[i];
		unsigned flags = node != UINT32_MAX ? placed(pod) : lacks(pod, held[i]);
		const char *name = node != UINT32_MAX ? tt_node_at(p->s, node)->cluster :
							pod->cluster;
		int64_t at = cluster(p, name);

		if (at < 0)
			return TT_ENOMEM;
		p->flags[at] |= (unsigned char)flags;
		if (!*name) /* without a cluster it may be in any of them */
			p->anywhere |= flags & (CARDS_LACK_NODE | CPUS_LACK_NODE);
	}
	return TT_OK;
}

static int make(tt_places *p)
{
	size_t nodes = p->s->table[TT_NODES].n, pods = p->s->table[TT_PODS].n;
	TT_CLEANUP(tt_freep) bool *held = tt_zalloc(pods + 1, sizeof *held);

	p->clusters = tt_names_new();
	p->flags = tt_zalloc(nodes + pods + 1, sizeof *p->flags);
	if (!held || !p->clusters || !p->flags)
		return TT_ENOMEM;
	for (size_t i = 0; i < p->s->n_holdings; i++) {
		if (p->s->holdings[i].pod_index != SIZE_MAX)
			held[p->s->holdings[i].pod_index] = true;
	}
	return add_pods(p, held);
}

int tt_places_make(const tt_snapshot *s, const tt_residents *r, tt_places **ret, tt_err *err)
{
	tt_places *p = tt_zalloc(1, sizeof *p);

	if (p) {
		p->s = s;
		p->r = r;
	}
	if (!p || make(p) < 0) {
		tt_places_free(p);
		return tt_no_memory(err);
	}
	*ret = p;
	return TT_OK;
}

bool tt_places_known(const tt_places *p, size_t node, bool cards)
{
	const unsigned told = cards ? PLACED_CARDS : PLACED_CPUS;
	const unsigned lack = cards ? CARDS_LACK_NODE : CPUS_LACK_NODE;
	const char *name = tt_node_at(p->s, node)->cluster;
	int64_t at = tt_names_find(p->clusters, name, strlen(name));
	size_t first = p->r->first[node], n = p->r->first[node + 1];

	for (size_t i = first; i < n; i++) {
		if (placed(tt_pod_at(p->s, p->r->pod[i])) & told)
			return true;
	}
	if (first == n && at >= 0 && (p->flags[at] & told) &&
	    !((p->flags[at] | p->anywhere) & lack))
		return true;
	if (!cards || !p->s->usage_has_pods)
		return false;
	tt_node_carriers(p->s, node, &first, &n);
	return n > 0;
}
