/* groups.c - what the cards of a node group did hour by hour, for detectors. It goes by the
 * hourly values that the snapshot holds ready, so that a group of thousands of cards takes
 * no more memory than one card. See tt_group in plugin.h. */
#include "base/clock.h"
#include "bill/residents.h"
#include "host/detector_services.h"
#include <math.h>
#include <string.h>

struct reading {
	const tt_snapshot *s;
	tt_group_hour *hours;
	size_t n;
	tt_hour *card, *one;     /* [n] scratch */
};

int tt_call_card_hours(tt_call *c, size_t first, size_t end, tt_hour *card, tt_hour *one)
{
	const tt_snapshot *s = c->subjects->snapshot;
	const size_t n = tt_snapshot_hours(s);

	for (size_t k = first; k < end; k++) {
		const tt_carrier *carrier = &s->carriers[k];
		const tt_measure *m = tt_snapshot_measure(s, carrier,
		                                          tt_snapshot_activity(s, carrier));
		tt_hour *to = k == first ? card : one;
		tt_err err = { 0 };
		int rc = m ? tt_measure_hourly(s, m, to, &err) : TT_OK;

		if (rc < 0)
			return tt_call_unreadable(c, m, rc, &err);
		for (size_t i = 0; !m && i < n; i++)
			to[i] = (tt_hour){ (double)NAN, (double)NAN, (double)NAN, 0 };
		for (size_t i = 0; k != first && i < n; i++) {
			card[i].mean = fmax(card[i].mean, to[i].mean);
			card[i].max = fmax(card[i].max, to[i].max);
			if (to[i].seconds < card[i].seconds)
				card[i].seconds = to[i].seconds;
		}
	}
	return TT_OK;
}

/* While they are read, mean_pct holds percent-seconds. What a slice did counts for the
 * highest reading even where another one was not measured. */
static void add_card(struct reading *r)
{
	for (size_t i = 0; i < r->n; i++) {
		tt_group_hour *h = &r->hours[i];

		h->max_pct = fmax(h->max_pct, r->card[i].max);
		if (r->card[i].seconds <= 0)
			continue;
		h->measured_s += r->card[i].seconds;
		h->mean_pct += r->card[i].mean * r->card[i].seconds;
	}
}

static void add_life(struct reading *r, tt_span life, double cards)
{
	for (size_t i = 0; i < r->n; i++) {
		int64_t from_s = r->s->start_s + (int64_t)i * 3600, to_s = from_s + 3600;

		from_s = from_s > life.from_s ? from_s : life.from_s;
		to_s = to_s < life.to_s ? to_s : life.to_s;
		if (to_s > from_s)
			r->hours[i].alive_s += cards * (double)(to_s - from_s);
	}
}

/* Whether a pod holds the carrier at the window's end, of which the last reading may stand
 * a step short. */
static int is_held(const tt_snapshot *s, const tt_carrier *k)
{
	for (size_t i = k->first_holding; i < k->first_holding + k->n_holdings; i++)
		if (s->holdings[i].to_s + k->usual_step_s >= s->end_s)
			return 1;
	return 0;
}

/* A node that is there at the window's end. */
static void add_node(tt_call *c, size_t node, tt_span life, double cards, tt_group *g)
{
	const tt_subjects *of = c->subjects;
	const tt_node_bill *b = &of->bill->nodes[node];

	g->owner = !g->n_nodes ? b->owner : strcmp(g->owner, b->owner) == 0 ? g->owner : "";
	if (!g->n_nodes || life.to_s - life.from_s < g->alive_s)
		g->alive_s = life.to_s - life.from_s;
	if (b->cost_micro == TT_MONEY_UNKNOWN || g->cost_micro == TT_MONEY_UNKNOWN)
		g->cost_micro = TT_MONEY_UNKNOWN;
	else
		g->cost_micro += b->cost_micro;
	g->n_nodes++;
	g->cards += cards;
	if (of->n_other_pods[node])
		return;
	g->n_free++;
	g->free_nodes = tt_lend_subject(c, g->free_nodes, "node",
	                                tt_node_at(of->snapshot, node)->node);
}

static int read_node(tt_call *c, struct reading *r, size_t node, tt_group *g)
{
	const tt_node_row *row = tt_node_at(r->s, node);
	const tt_span life = tt_node_life(r->s, node);
	double cards = (double)tt_node_cards_u6(r->s, node) / 1e6;
	int there = row->ended_at == TT_TIME_MISSING || row->ended_at >= r->s->end_s;
	size_t first, n;

	if (!(cards > 0) || life.from_s >= life.to_s)
		return TT_OK;
	tt_node_carriers(r->s, node, &first, &n);
	for (size_t i = first, end; i < first + n; i = end) {
		int held = 0;

		for (end = i; end < first + n && strcmp(r->s->carriers[end].gpu,
		                                        r->s->carriers[i].gpu) == 0; end++)
			held |= is_held(r->s, &r->s->carriers[end]);
		g->n_held += there && held;
		TT_TRY(tt_call_card_hours(c, i, end, r->card, r->one));
		add_card(r);
	}
	add_life(r, life, cards);
	if (there)
		add_node(c, node, life, cards, g);
	return TT_OK;
}

int tt_lend_group(tt_call *c, const tt_subject *s, tt_group *ret)
{
	tt_group g = { .size = sizeof g, .owner = "", .free_nodes = "" };
	struct reading r = { 0 };

	*ret = g;
	TT_TRY(tt_call_of_detector(c, "group"));
	if (s->scope != TT_SCOPE_NODE_GROUP)
		return tt_call_break(c, TT_EINVAL, "called group(), which is for scope node_group");
	r.s = c->subjects->snapshot;
	r.n = tt_snapshot_hours(r.s);
	r.hours = tt_call_alloc(c, r.n * sizeof *r.hours);
	r.card = tt_call_alloc(c, r.n * sizeof *r.card);
	r.one = tt_call_alloc(c, r.n * sizeof *r.one);
	if (!r.hours || !r.card || !r.one)
		return TT_ENOMEM;
	for (size_t i = 0; i < r.n; i++)
		r.hours[i].max_pct = (double)NAN;
	for (size_t i = 0; i < r.s->table[TT_NODES].n; i++)
		if (strcmp(tt_node_at(r.s, i)->node_group, s->id) == 0)
			TT_TRY(read_node(c, &r, i, &g));
	for (size_t i = 0; i < r.n; i++)
		r.hours[i].mean_pct = r.hours[i].measured_s > 0
			? r.hours[i].mean_pct / r.hours[i].measured_s : (double)NAN;
	g.hours = r.hours;
	g.n_hours = r.n;
	*ret = g;
	return TT_OK;
}

const char *tt_lend_time(tt_call *c, int64_t at_s)
{
	char text[TT_TIME_TEXT];

	return tt_host_table.text(c, "%s", tt_time_format(at_s, text));
}
