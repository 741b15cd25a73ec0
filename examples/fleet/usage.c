/* usage.c - gpu_usage.csv and node_usage.csv; see usage.h. */
#include "usage.h"
#include "reading.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A node that is alive: who holds its cards, and who comes next. */
struct live {
	int next, end;                      /* into the order of pods by node and start */
	int holders[MAX_CARDS][MAX_SHARERS];
	int n_holders[MAX_CARDS];
};

struct sweep {
	const struct fleet *f;
	struct out *o;
	int *order;                         /* pods with cards, by node and start */
	struct live *live;                  /* [n_nodes] */
	struct moment now;
	char time[OUT_TIME_SIZE];
};

/* Pods are appended lane by lane; sort them by node, start and number. */
static int by_node_and_start(const void *a, const void *b, void *pods)
{
	int i = *(const int *)a, k = *(const int *)b;
	const struct pod *p = (const struct pod *)pods + i, *q = (const struct pod *)pods + k;

	if (p->node != q->node)
		return p->node < q->node ? -1 : 1;
	if (p->started_s != q->started_s)
		return p->started_s < q->started_s ? -1 : 1;
	return (i > k) - (i < k);
}

static bool prepare(struct sweep *s)
{
	const struct fleet *f = s->f;
	int n = 0;

	s->order = malloc(((size_t)f->n_pods + 1) * sizeof *s->order);
	s->live = calloc((size_t)f->n_nodes + 1, sizeof *s->live);
	if (!s->order || !s->live)
		return false;
	for (int i = 0; i < f->n_pods; i++)
		if (f->pods[i].node >= 0 && f->pods[i].cards)
			s->order[n++] = i;
	qsort_r(s->order, (size_t)n, sizeof *s->order, by_node_and_start, f->pods);
	for (int i = 0; i < n; i++) {
		struct live *l = &s->live[f->pods[s->order[i]].node];

		if (l->end == 0)
			l->next = i;
		l->end = i + 1;
	}
	return true;
}

/* Bring the holders of a node's cards up to now. */
static void advance(const struct sweep *s, struct live *l)
{
	const struct pod *pods = s->f->pods;

	for (int card = 0; card < MAX_CARDS; card++) {
		int kept = 0;

		for (int i = 0; i < l->n_holders[card]; i++)
			if (pods[l->holders[card][i]].ended_s > s->now.t_s)
				l->holders[card][kept++] = l->holders[card][i];
		l->n_holders[card] = kept;
	}
	for (; l->next < l->end; l->next++) {
		int pod = s->order[l->next];

		if (pods[pod].started_s > s->now.t_s)
			return;
		if (pods[pod].ended_s <= s->now.t_s)
			continue;
		for (int card = 0; card < MAX_CARDS; card++)
			if (pods[pod].cards >> card & 1 && l->n_holders[card] < MAX_SHARERS)
				l->holders[card][l->n_holders[card]++] = pod;
	}
}

/* One row; `pod` NULL where nobody holds the card, `lost` the number of the field that the
 * exporter left out, or more than there are. */
static void row(const struct sweep *s, const struct node *n, int card, const struct pod *pod,
	const struct reading *r, unsigned lost, unsigned noise)
{
	const struct group *g = &groups[n->group];
	int slice = pod ? pod->slice : 0;
	struct out *o = s->o;

	out_bytes(o, s->time, sizeof s->time);
	out_char(o, ',');
	out_text(o, n->name);
	out_char(o, ',');
	out_char(o, (char)('0' + card));
	out_char(o, ',');
	if (slice)
		out_int(o, slice);
	out_char(o, ',');
	if (pod)
		out_text(o, pod->name);
	out_char(o, ',');
	if (!slice && lost != 0) /* GPU_UTIL is not defined under MIG */
		out_fixed(o, r->util_deci, 1);
	out_char(o, ',');
	if (g->profiling && lost != 1)
		out_fixed(o, r->sm_milli, 3);
	out_char(o, ',');
	if (g->deep && lost != 1)
		out_fixed(o, r->tensor_milli, 3);
	out_char(o, ',');
	if (g->deep && lost != 1)
		out_fixed(o, r->dram_milli, 3);
	out_char(o, ',');
	if (lost != 2)
		out_int(o, (int64_t)g->gpu_memory_mib * (r->fb_milli + 4) / 1000);
	out_char(o, ',');
	if (!slice && lost != 3) {
		int busy = (r->util_deci > 20 ? 80 : 0) + r->sm_milli * 9 / 10;

		out_int(o, g->idle_w + (g->max_w - g->idle_w) * busy / 1000 + (int)(noise & 3));
	}
	out_char(o, ',');
	if (g->deep)
		out_int(o, (int64_t)r->sm_milli * 9000000 + (int64_t)noise * 4000 +
			(int64_t)r->pcie_mb_per_s * 1000000);
	out_char(o, '\n');
}

/* All rows of one card: one for each pod on it, or one without a pod. */
static void card_rows(const struct sweep *s, const struct node *n, const struct live *l, int card)
{
	uint64_t key = n->key + (uint64_t)(card + 1) * 0xA24BAED4963EE407u;
	uint64_t draw = rng_mix(key ^ (uint64_t)s->now.t_s * 0x9FB21C651E98DF25u);
	unsigned lost = (draw >> 16 & 0xffff) < 98 ? (unsigned)(draw >> 60 & 3) : 99;
	unsigned noise = (unsigned)(draw >> 32 & 0xfff);
	struct reading whole = { 0 };

	if ((draw & 0xffff) < 98) /* 0.15 % of the rows never came */
		return;
	if (l->n_holders[card] == 0)
		reading_idle(draw >> 40, &whole);
	for (int i = 0; i < l->n_holders[card]; i++) {
		const struct pod *p = &s->f->pods[l->holders[card][i]];

		if (!p->slice)
			reading_add(p, (unsigned)card, key, &s->now, &whole);
	}
	for (int i = 0; i < l->n_holders[card]; i++) {
		const struct pod *p = &s->f->pods[l->holders[card][i]];
		struct reading part = { 0 };

		if (p->slice)
			reading_add(p, (unsigned)card, key, &s->now, &part);
		row(s, n, card, p, p->slice ? &part : &whole, lost, noise);
	}
	if (l->n_holders[card] == 0)
		row(s, n, card, NULL, &whole, lost, noise);
}

static void tick(struct sweep *s)
{
	const struct fleet *f = s->f;

	time_text(s->now.t_s, s->time);
	for (int i = 0; i < f->n_nodes; i++) {
		const struct node *n = &f->nodes[i];
		struct live *l = &s->live[i];

		if (n->started_s > s->now.t_s || n->ended_s <= s->now.t_s)
			continue;
		advance(s, l);
		if (s->now.t_s >= n->dark_from_s && s->now.t_s < n->dark_to_s)
			continue;
		for (int card = 0; card < groups[n->group].gpus; card++)
			card_rows(s, n, l, card);
	}
}

void usage_cards(const struct fleet *f, struct out *o)
{
	struct sweep s = { .f = f, .o = o, .now.step_s = f->o.step_s };

	out_text(o, "time,node,gpu,slice,pod,gpu_util_pct,sm_active_ratio,tensor_active_ratio,"
		"dram_active_ratio,fb_used_mib,power_w,pcie_bytes_per_s\n");
	if (!prepare(&s))
		o->error = ENOMEM;
	for (int64_t t = f->start_s; t < f->end_s && !o->error; t += f->o.step_s) {
		s.now.t_s = t;
		s.now.load = fleet_load(t);
		s.now.work_hours = fleet_work_hours(t);
		tick(&s);
	}
	free(s.order);
	free(s.live);
}

/* Share of the host's processors in use, in 1/1000. */
static int cpu_milli(const struct node *n, int64_t t_s, uint64_t draw)
{
	int64_t hour = t_s / HOUR_S % 24;

	if (n->group == GROUP_WEB)
		return 8 + (int)(draw & 15);
	if (n->group == GROUP_WIDE) /* sixteen times the host that its card needs */
		return 14 + (int)(draw & 15);
	if (n->group == GROUP_FEED || n->group == GROUP_PREP) /* data are made ready there */
		return 960 + (int)(draw & 31);
	if (n->group == GROUP_ROOMY || n->group == GROUP_OLD || n->group == GROUP_NEW)
		return 420 + (int)(draw & 127);
	if (n->group != GROUP_CPU)
		return 60 + (int)(n->key & 127) + (int)(draw & 63);
	return 180 + fleet_load(t_s) / 8 + (int)(draw & 63) + (hour >= 2 && hour < 5 ? 380 : 0);
}

void usage_nodes(const struct fleet *f, struct out *o)
{
	int64_t step = f->o.step_s > 900 ? f->o.step_s : 900;

	out_text(o, "time,node,cpu_util_ratio,memory_used_mib,network_bytes_per_s\n");
	for (int64_t t = f->start_s; t < f->end_s && !o->error; t += step) {
		for (int i = 0; i < f->n_nodes; i++) {
			const struct node *n = &f->nodes[i];
			uint64_t draw = rng_mix(n->key ^ (uint64_t)t * RNG_GOLDEN);
			int64_t memory = groups[n->group].memory_mib;

			if (n->started_s > t || n->ended_s <= t)
				continue;
			out_time(o, t);
			out_char(o, ',');
			out_text(o, n->name);
			out_char(o, ',');
			out_fixed(o, cpu_milli(n, t, draw), 3);
			out_char(o, ',');
			out_int(o, memory * (n->group == GROUP_WIDE ? 30 :
				150 + (int)(n->key >> 16 & 255)) / 1000 +
				(int64_t)(draw >> 8 & 1023));
			out_char(o, ',');
			out_int(o, n->group == GROUP_ASR ? ASR_BYTES_PER_S :
				2000000 + (int64_t)(draw >> 20 & 0xffffff));
			out_char(o, '\n');
		}
	}
}
