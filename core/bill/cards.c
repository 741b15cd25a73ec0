/* cards.c - from pods and holdings of one node to shares; the steps are README.md's. */
#include "cards.h"
#include "bill/sweep.h"
#include "snapshot/pack.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PER_UNIT 1000000u       /* millionths */

struct claim {                  /* one pod that had cards of the node */
	tt_allotted got;
	size_t pod;             /* row of TT_PODS; SIZE_MAX: telemetry's alone */
	tt_span ran;
	int64_t held_s, union_s, until_s; /* all its holdings, and joined in time */
};

struct dividing {
	tt_allocator *a;
	const tt_snapshot *s;
	size_t node;
	uint64_t cards_u6;
	const tt_spans *paid;
	size_t first, n;        /* carriers */
	size_t n_holdings;
	struct claim *claims;
	tt_ask *asks;           /* [n_asks] of the claims before the strangers */
	size_t n_claims, n_asks;
	int full;
	tt_u128 all, given;     /* weight of the node, and of all that is allocated */
};

/* A card in slices has a row of its own in some exports; what its slices say is the
 * same time again. So of a card whose slices were held, its own holdings don't count. */
static const tt_carrier *holder(const struct dividing *d, size_t carrier)
{
	const tt_carrier *k = &d->s->carriers[carrier];

	for (size_t i = carrier + 1; !*k->slice && i < d->first + d->n; i++) {
		const tt_carrier *slice = &d->s->carriers[i]; /* sorted right behind it */

		if (strcmp(slice->gpu, k->gpu) != 0)
			break;
		if (slice->n_holdings)
			return NULL;
	}
	return k;
}

/* --- Pods that the table places here ------------------------------------------- */

static struct claim *add_claim(struct dividing *d, size_t pod, uint32_t words)
{
	struct claim *c = &d->claims[d->n_claims];

	*c = (struct claim){ .got = { .words = words, .pods = 1 }, .pod = pod,
			     .until_s = INT64_MIN };
	if (pod != SIZE_MAX)
		d->a->claim_of_pod[pod] = (uint32_t)d->n_claims;
	d->n_claims++;
	return c;
}

static int ask_all(struct dividing *d, tt_err *err)
{
	const tt_residents *r = &d->a->residents;

	for (size_t i = r->first[d->node]; i < r->first[d->node + 1]; i++) {
		const tt_pod_row *p = tt_pod_at(d->s, r->pod[i]);
		uint64_t asked_u6 = tt_millionths(p->gpus);
		tt_span ran;

		if (!asked_u6 || !tt_pod_ran(d->s, p, &ran))
			continue;
		d->asks[d->n_asks++] = (tt_ask){ .ran = ran, .asked_u6 = asked_u6 };
		add_claim(d, r->pod[i], d->a->words.of_pod[r->pod[i]])->ran = ran;
	}
	TT_TRY(tt_sweep(d->asks, d->n_asks, d->cards_u6, d->paid, &d->full, err));
	for (size_t i = 0; i < d->n_asks; i++) {
		d->claims[i].got.allocated = d->asks[i].allocated;
		d->given += d->asks[i].allocated;
	}
	return TT_OK;
}

/* --- What a holding says --------------------------------------------------------- */

static int busy_metric(const struct dividing *d, size_t carrier)
{
	switch (tt_snapshot_activity(d->s, &d->s->carriers[carrier])) {
	case TT_SM_ACTIVE_PCT:
		return TT_BUSY_SM_ACTIVE;
	case TT_GPU_UTIL_PCT:
		return TT_BUSY_GPU_UTIL;
	default:
		return -1;
	}
}

/* Seconds of the holding's readings above the threshold of the pod's kind. */
static tt_u128 seconds_above(const struct dividing *d, const tt_holding *h, int metric,
			     uint32_t words)
{
	const char *kind = d->a->words.v[words].workload_kind;
	const uint32_t *bins = h->bins_s[metric];
	tt_u128 seconds = 0;

	if (!bins)
		return 0;
	for (int k = d->a->st->busy_above_pct[tt_workload_kind(kind)] + 1; k < TT_BUSY_BINS; k++)
		seconds += bins[k];
	return seconds;
}

/* Add num/den of what the holding measured, for one whole card. */
static void add_measured(const struct dividing *d, tt_allotted *g, const tt_holding *h,
			 int metric, tt_u128 num, tt_u128 den)
{
	tt_u128 measured, busy, above;

	if (metric < 0 || h->measured_s[metric] <= 0 || !num)
		return;
	measured = tt_count(h->measured_s[metric]) * TT_SHARE_SECOND;
	busy = h->busy_micro_s[metric] > 0 ? (tt_u128)h->busy_micro_s[metric] : 0;
	above = seconds_above(d, h, metric, g->words) * TT_SHARE_SECOND;
	if (busy > measured) /* several processes can be counted at once */
		busy = measured;
	if (above > measured)
		above = measured;
	g->measured += tt_scaled(measured, num, den);
	g->busy[TT_RULE_SHARE] += tt_scaled(busy, num, den);
	g->busy[TT_RULE_THRESHOLD] += tt_scaled(above, num, den);
}

static void multiply(tt_allotted *g, tt_u128 by, tt_u128 den)
{
	g->measured = g->measured * by / den;
	for (int r = 0; r < TT_RULES; r++)
		g->busy[r] = g->busy[r] * by / den;
}

/* A pod can't have been measured for longer than it was allocated. */
static void fit(tt_allotted *g)
{
	if (g->measured <= g->allocated)
		return;
	for (int r = 0; r < TT_RULES; r++)
		g->busy[r] = tt_scaled(g->busy[r], g->allocated, g->measured);
	g->measured = g->allocated;
}

struct held {
	uint32_t claim;
	size_t carrier;
	const tt_holding *h;
};

static int by_claim(const void *pa, const void *pb)
{
	const struct held *a = pa, *b = pb;

	if (a->claim != b->claim)
		return a->claim < b->claim ? -1 : 1;
	return (a->h->from_s > b->h->from_s) - (a->h->from_s < b->h->from_s);
}

static void add_own(struct dividing *d, const struct held *held)
{
	struct claim *c = &d->claims[held->claim];
	const tt_holding *h = held->h;
	int64_t from_s = h->from_s > c->ran.from_s ? h->from_s : c->ran.from_s;
	int64_t to_s = h->to_s < c->ran.to_s ? h->to_s : c->ran.to_s;

	if (h->from_s >= h->to_s)
		return;
	c->held_s += h->to_s - h->from_s;
	if (h->to_s > c->until_s) {
		c->union_s += h->to_s - (h->from_s > c->until_s ? h->from_s : c->until_s);
		c->until_s = h->to_s;
	}
	add_measured(d, &c->got, h, busy_metric(d, held->carrier),
		     tt_count(tt_spans_overlap_s(d->paid, from_s, to_s)),
		     tt_count(h->to_s - h->from_s));
}

/* Holdings of pods that asked: measured time per card, times the pod's part of each
 * card that it held. How many those were at a time is told by the holdings. */
static int measure_own(struct dividing *d, tt_err *err)
{
	size_t n = 0;
	TT_CLEANUP(tt_freep) struct held *v = tt_zalloc(d->n_holdings + 1, sizeof *v);

	if (!v)
		return tt_no_memory(err);
	for (size_t i = d->first; i < d->first + d->n; i++) {
		const tt_carrier *k = holder(d, i);

		for (size_t j = k ? k->first_holding : 0;
		     k && j < k->first_holding + k->n_holdings; j++) {
			size_t pod = d->s->holdings[j].pod_index;
			uint32_t at = pod == SIZE_MAX ? UINT32_MAX : d->a->claim_of_pod[pod];

			if (at < d->n_asks)
				v[n++] = (struct held){ at, i, &d->s->holdings[j] };
		}
	}
	if (n)
		qsort(v, n, sizeof *v, by_claim);
	for (size_t i = 0; i < n; i++)
		add_own(d, &v[i]);
	for (size_t i = 0; i < d->n_asks; i++) {
		struct claim *c = &d->claims[i];
		int64_t at_once = c->union_s ? (c->held_s + c->union_s / 2) / c->union_s : 1;
		uint64_t asked_u6 = d->asks[i].asked_u6;
		uint64_t most_u6 = (uint64_t)at_once * PER_UNIT;

		multiply(&c->got, asked_u6 < most_u6 ? asked_u6 : most_u6, (tt_u128)at_once);
		fit(&c->got);
	}
	return TT_OK;
}

/* --- Pods that only the telemetry places here -------------------------------------- */

static uint32_t part_of_card_u6(const struct dividing *d, size_t carrier)
{
	const tt_carrier *c = &d->s->carriers[carrier];
	uint32_t slices = 0;

	if (!*c->slice)
		return PER_UNIT;
	for (size_t i = d->first; i < d->first + d->n; i++) {
		const tt_carrier *other = &d->s->carriers[i];

		slices += *other->slice && strcmp(other->gpu, c->gpu) == 0;
	}
	return PER_UNIT / slices;
}

static struct claim *stranger(struct dividing *d, const tt_holding *h, size_t *anonymous)
{
	if (h->pod_index == SIZE_MAX) {
		if (*anonymous == SIZE_MAX) {
			*anonymous = d->n_claims;
			add_claim(d, SIZE_MAX, d->a->words.nobody)->got.pods = 0;
		}
		return &d->claims[*anonymous];
	}

	uint32_t at = d->a->claim_of_pod[h->pod_index];
	if (at != UINT32_MAX)
		return &d->claims[at];
	return add_claim(d, h->pod_index, d->a->words.of_pod[h->pod_index]);
}

static bool is_stranger(const struct dividing *d, const tt_holding *h)
{
	return h->pod_index == SIZE_MAX || d->a->claim_of_pod[h->pod_index] >= d->n_asks;
}

/* Add part x num/den of `one`, which is of a whole card, to the claim. */
static void add_part(tt_allotted *to, const tt_allotted *one, uint32_t part_u6, tt_u128 num,
		     tt_u128 den)
{
	to->allocated += part_u6 * tt_scaled(one->allocated, num, den);
	to->measured += part_u6 * tt_scaled(one->measured, num, den);
	for (int r = 0; r < TT_RULES; r++)
		to->busy[r] += part_u6 * tt_scaled(one->busy[r], num, den);
}

/* Each gets the card for as long as it held it; where several held it at once, the
 * time in which anybody did is divided by how long each did. */
static int add_strangers_of(struct dividing *d, size_t carrier, size_t *anonymous, tt_err *err)
{
	const tt_carrier *k = &d->s->carriers[carrier];
	const uint32_t part_u6 = part_of_card_u6(d, carrier);
	const int metric = busy_metric(d, carrier);
	TT_CLEANUP(tt_spans_free) tt_spans joined = { 0 };
	tt_u128 sum_s = 0, joined_s = 0;

	for (size_t j = k->first_holding; j < k->first_holding + k->n_holdings; j++) {
		const tt_holding *h = &d->s->holdings[j];

		if (!is_stranger(d, h))
			continue;
		sum_s += tt_count(tt_spans_overlap_s(d->paid, h->from_s, h->to_s));
		TT_TRY(tt_spans_add(&joined, h->from_s, h->to_s, err));
	}
	tt_spans_tidy(&joined);
	for (size_t i = 0; i < joined.n; i++)
		joined_s += tt_count(tt_spans_overlap_s(d->paid, joined.v[i].from_s,
							joined.v[i].to_s));
	for (size_t j = k->first_holding; j < k->first_holding + k->n_holdings; j++) {
		const tt_holding *h = &d->s->holdings[j];
		tt_u128 own_s = tt_count(tt_spans_overlap_s(d->paid, h->from_s, h->to_s));

		if (!own_s || !is_stranger(d, h))
			continue;

		struct claim *c = stranger(d, h, anonymous);
		tt_allotted one = { .words = c->got.words,
				    .allocated = own_s * TT_SHARE_SECOND };
		add_measured(d, &one, h, metric, own_s, tt_count(h->to_s - h->from_s));
		add_part(&c->got, &one, part_u6, joined_s, sum_s);
	}
	return TT_OK;
}

/* Number of pods that telemetry names and no table has. */
static int count_anonymous(const struct dividing *d, uint32_t *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) const char **name = tt_zalloc(d->n_holdings + 1, sizeof *name);
	size_t n = 0;

	if (!name)
		return tt_no_memory(err);
	for (size_t i = d->first; i < d->first + d->n; i++) {
		const tt_carrier *k = holder(d, i);

		for (size_t j = k ? k->first_holding : 0;
		     k && j < k->first_holding + k->n_holdings; j++) {
			if (d->s->holdings[j].pod_index == SIZE_MAX)
				name[n++] = d->s->holdings[j].pod;
		}
	}
	if (n)
		qsort(name, n, sizeof *name, tt_compare_texts);
	for (size_t i = 0; i < n; i++)
		*ret += i == 0 || strcmp(name[i], name[i - 1]) != 0;
	return TT_OK;
}

static int add_strangers(struct dividing *d, tt_err *err)
{
	size_t anonymous = SIZE_MAX;
	tt_u128 wanted = 0, room = d->all - d->given;

	assert(d->given <= d->all);

	for (size_t i = d->first; i < d->first + d->n; i++) {
		if (holder(d, i))
			TT_TRY(add_strangers_of(d, i, &anonymous, err));
	}
	if (anonymous != SIZE_MAX)
		TT_TRY(count_anonymous(d, &d->claims[anonymous].got.pods, err));
	for (size_t i = d->n_asks; i < d->n_claims; i++)
		wanted += d->claims[i].got.allocated;
	for (size_t i = d->n_asks; i < d->n_claims; i++) {
		tt_allotted *g = &d->claims[i].got;

		if (wanted > room)
			g->allocated = tt_scaled(g->allocated, room, wanted);
		fit(g);
		d->given += g->allocated;
	}
	return TT_OK;
}

/* --- Cards whose telemetry names no pod --------------------------------------------- */

/* One card's measured seconds, busy seconds and seconds above each kind's threshold, all
 * times 10^6 of a card; busy ones times 10^8 too. */
struct together {
	tt_u128 measured, busy, above[TT_WORKLOAD_KINDS];
};

/* Seconds by code into w; zeros where the file has no histogram of it. */
static int unpack(const tt_measure *m, tt_weight *w, tt_err *err)
{
	memset(w, 0, TT_PCT_CODES * sizeof *w);
	return m->histogram ? tt_unpack_histogram(m->histogram, m->histogram_bytes, w,
						  TT_PCT_CODES, err) : TT_OK;
}

static int add_card(const struct dividing *d, size_t carrier, tt_weight *w,
		    struct together *t, tt_err *err)
{
	const tt_carrier *k = &d->s->carriers[carrier];
	const tt_measure *m = tt_snapshot_measure(d->s, k, tt_snapshot_activity(d->s, k));
	const tt_u128 part_u6 = part_of_card_u6(d, carrier);

	if (!m || m->seconds <= 0)
		return TT_OK;

	const tt_u128 most = tt_count(m->seconds) * TT_SHARE_SECOND;
	const tt_u128 sum = m->sum_micro_s > 0 ? (tt_u128)m->sum_micro_s : 0;
	t->measured += part_u6 * tt_count(m->seconds);
	t->busy += part_u6 * (sum < most ? sum : most);
	TT_TRY(unpack(m, w, err));
	for (size_t kind = 0; kind < TT_WORKLOAD_KINDS; kind++) {
		const int64_t above_micro = (int64_t)d->a->st->busy_above_pct[kind] * PER_UNIT;

		for (size_t code = 0; code < TT_PCT_CODES; code++) {
			if (tt_code_micro(TT_SCALE_PCT, (uint16_t)code) > above_micro)
				t->above[kind] += part_u6 * w[code].seconds;
		}
	}
	return TT_OK;
}

/* Whether this is a slice of a card that has readings of its own, so its are the same
 * time again. */
static bool is_told_by_card(const struct dividing *d, size_t carrier)
{
	const tt_carrier *k = &d->s->carriers[carrier];

	if (!*k->slice)
		return false;
	while (carrier > d->first && strcmp(d->s->carriers[carrier - 1].gpu, k->gpu) == 0)
		carrier--;

	const tt_carrier *first = &d->s->carriers[carrier]; /* the card, where it has a row */
	const tt_measure *m = tt_snapshot_measure(d->s, first, tt_snapshot_activity(d->s, first));
	return !*first->slice && m && m->seconds > 0;
}

/* When pods held the whole node all the time and nothing says which card was whose,
 * each was as active as all the cards together. */
static int measure_together(struct dividing *d, tt_err *err)
{
	const tt_span life = tt_node_life(d->s, d->node);
	const tt_u128 alive = d->cards_u6 * tt_count(life.to_s - life.from_s);
	TT_CLEANUP(tt_freep) tt_weight *w = tt_alloc(TT_PCT_CODES * sizeof *w);
	struct together t = { 0 };

	if (!w)
		return tt_no_memory(err);
	for (size_t i = d->first; i < d->first + d->n; i++) {
		if (!is_told_by_card(d, i))
			TT_TRY(add_card(d, i, w, &t, err));
	}
	if (!t.measured || !alive)
		return TT_OK;
	for (size_t c = 0; c < d->n_asks; c++) {
		tt_allotted *g = &d->claims[c].got;
		size_t kind = tt_workload_kind(d->a->words.v[g->words].workload_kind);

		g->measured = tt_scaled(g->allocated, t.measured, alive);
		g->busy[TT_RULE_SHARE] =
			tt_scaled(g->measured, t.busy, t.measured * TT_SHARE_SECOND);
		g->busy[TT_RULE_THRESHOLD] = tt_scaled(g->measured, t.above[kind], t.measured);
	}
	return TT_OK;
}

/* --- All of it ------------------------------------------------------------------------ */

static int divide(struct dividing *d, tt_err *err)
{
	TT_TRY(ask_all(d, err));
	if (d->n_holdings) {
		TT_TRY(measure_own(d, err));
		TT_TRY(add_strangers(d, err));
	} else if (d->full) {
		TT_TRY(measure_together(d, err));
	}
	assert(d->given <= d->all);
	for (size_t i = 0; i < d->n_claims; i++)
		TT_TRY(tt_allocator_add_pod(d->a, &d->claims[i].got, err));
	return tt_allocator_add(d->a, (tt_share){ .bucket = TT_UNALLOCATED_IDLE,
						 .words = d->a->words.of_node[d->node],
						 .weight = d->all - d->given }, err);
}

int tt_allocate_cards(tt_allocator *a, size_t node, uint64_t cards_u6, const tt_spans *paid,
		      tt_err *err)
{
	struct dividing d = { .a = a, .s = a->s, .node = node, .cards_u6 = cards_u6,
			      .paid = paid };
	size_t most = a->residents.first[node + 1] - a->residents.first[node];
	int rc;

	tt_node_carriers(a->s, node, &d.first, &d.n);
	for (size_t i = d.first; i < d.first + d.n; i++)
		d.n_holdings += a->s->carriers[i].n_holdings;
	d.all = (tt_u128)cards_u6 * tt_count(tt_spans_length_s(paid)) * TT_SHARE_SECOND;
	d.claims = tt_zalloc(most + d.n_holdings + 1, sizeof *d.claims);
	d.asks = tt_zalloc(most + 1, sizeof *d.asks);
	rc = d.claims && d.asks ? divide(&d, err) : tt_no_memory(err);
	for (size_t i = 0; i < d.n_claims; i++) {
		if (d.claims[i].pod != SIZE_MAX)
			a->claim_of_pod[d.claims[i].pod] = UINT32_MAX;
	}
	tt_free(d.claims);
	tt_free(d.asks);
	return rc;
}
