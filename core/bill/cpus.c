/* cpus.c - requested CPUs and the node's own utilisation; see cpus.h. */
#include "cpus.h"
#include "bill/sweep.h"
#include <stdlib.h>
#include <string.h>

/* The node's CPU measure; NULL when it has none. */
static const tt_measure *cpu_measure(const tt_snapshot *s, const char *node)
{
	size_t lo = s->n_cards, hi = s->n_carriers;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int by = strcmp(s->carriers[mid].node, node);

		if (by == 0)
			return tt_snapshot_measure(s, &s->carriers[mid], TT_CPU_UTIL_PCT);
		if (by < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

struct dividing {
	tt_allocator *a;
	size_t node;
	const tt_measure *cpu;
	tt_u128 all, given;
};

/* The node's utilisation is all its pods' doing: of what was allocated, that share
 * was active, at most all of it. */
static tt_allotted measure(const struct dividing *d, uint32_t words, tt_u128 allocated)
{
	const tt_span life = tt_node_life(d->a->s, d->node);
	const char *kind = d->a->words.v[words].workload_kind;
	const int above_pct = d->a->st->busy_above_pct[tt_workload_kind(kind)];
	tt_allotted g = { .words = words, .pods = 1, .allocated = allocated };

	if (!d->cpu || d->cpu->seconds <= 0 || !d->given)
		return g;

	const tt_u128 s = tt_count(d->cpu->seconds);
	const tt_u128 sum = d->cpu->sum_micro_s > 0 ? (tt_u128)d->cpu->sum_micro_s : 0;
	/* of the node in 10^-8, then of the part of it that was allocated */
	const tt_u128 whole = tt_scaled(TT_SHARE_SECOND, sum, s * TT_SHARE_SECOND);
	tt_u128 active = tt_scaled(d->all, whole, TT_SHARE_SECOND);

	g.measured = tt_scaled(allocated, s, tt_count(life.to_s - life.from_s));
	active = tt_scaled(TT_SHARE_SECOND, active, d->given);
	g.busy[TT_RULE_SHARE] = tt_scaled(g.measured, active, TT_SHARE_SECOND);
	if (active > tt_count(above_pct) * 1000000)
		g.busy[TT_RULE_THRESHOLD] = g.measured;
	return g;
}

static int emit(struct dividing *d, const tt_ask *asks, const uint32_t *words, size_t n,
		tt_err *err)
{
	for (size_t i = 0; i < n; i++)
		d->given += asks[i].allocated;
	for (size_t i = 0; i < n; i++) {
		tt_allotted g = measure(d, words[i], asks[i].allocated);

		TT_TRY(tt_allocator_add_pod(d->a, &g, err));
	}
	return tt_allocator_add(d->a, (tt_share){ .bucket = TT_UNALLOCATED_IDLE,
						 .words = d->a->words.of_node[d->node],
						 .weight = d->all - d->given }, err);
}

int tt_allocate_cpus(tt_allocator *a, size_t node, uint64_t cpus_u6, const tt_spans *paid,
		     tt_err *err)
{
	const tt_residents *r = &a->residents;
	struct dividing d = { .a = a, .node = node,
			      .cpu = cpu_measure(a->s, tt_node_at(a->s, node)->node) };
	size_t most = r->first[node + 1] - r->first[node], n = 0;
	TT_CLEANUP(tt_freep) tt_ask *asks = tt_zalloc(most + 1, sizeof *asks);
	TT_CLEANUP(tt_freep) uint32_t *words = tt_zalloc(most + 1, sizeof *words);
	int full;

	if (!asks || !words)
		return tt_no_memory(err);
	for (size_t i = r->first[node]; i < r->first[node + 1]; i++) {
		const tt_pod_row *p = tt_pod_at(a->s, r->pod[i]);
		uint64_t asked_u6 = tt_millionths(p->cpus);
		tt_span ran;

		if (!asked_u6 || !tt_pod_ran(a->s, p, &ran))
			continue;
		words[n] = a->words.of_pod[r->pod[i]];
		asks[n++] = (tt_ask){ .ran = ran, .asked_u6 = asked_u6 };
	}
	d.all = (tt_u128)cpus_u6 * tt_count(tt_spans_length_s(paid)) * TT_SHARE_SECOND;
	TT_TRY(tt_sweep(asks, n, cpus_u6, paid, &full, err));
	return emit(&d, asks, words, n, err);
}
