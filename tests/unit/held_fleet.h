/* held_fleet.h - fleets that hold commitments, and what every way of pricing them agrees on. */
#ifndef HELD_FLEET_H
#define HELD_FLEET_H
#include "base/text.h"
#include "bill/bill.h"
#include "change/apply.h"
#include "fleet.h"
#include "rank/pricer.h"

enum { H = 3600 };
#define UNIT INT64_C(1000000)

static tt_settings *settings; /* of the program; loaded by its main() */
static tt_arena *arena;

static inline tt_decimal dec(const char *text)
{
	tt_decimal d = 0;

	T_OK(tt_decimal_parse(text, strlen(text), &d) == TT_DECIMAL_OK);
	return d;
}

static inline tt_node_row *node(fleet *f, const char *type, const char *pricing, const char *price)
{
	tt_node_row *n = fleet_node(f, fleet_text(f, "n%05zu", f->s.table[TT_NODES].n), 2);

	n->provider = "cloud";
	n->region = "north";
	n->instance_type = type;
	n->gpu_model = "a100";
	n->pricing = pricing;
	if (price)
		n->price_per_hour = dec(price);
	return n;
}

static inline tt_price_row *price(fleet *f, const char *type, const char *pricing,
				  const char *payment, const char *per_h)
{
	tt_price_row *p = fleet_row(f, TT_PRICES);

	p->provider = "cloud";
	p->region = "north";
	p->instance_type = type;
	p->gpu_model = "a100";
	p->pricing = pricing;
	p->payment = payment;
	p->price_per_hour = dec(per_h);
	return p;
}

/* One of units; its term is the day before the window until a day after it. */
static inline tt_commitment_row *units(fleet *f, const char *id, const char *type, double n,
				       const char *per_h)
{
	tt_commitment_row *c = fleet_row(f, TT_COMMITMENTS);

	c->commitment = id;
	c->kind = "reserved_instance";
	c->provider = "cloud";
	c->region = "north";
	c->instance_type = type;
	c->gpu_model = "a100";
	c->units = n;
	c->payment = "none";
	c->price_per_hour = dec(per_h);
	c->starts_at = f->s.start_s - 24 * H;
	c->ends_at = f->s.end_s + 24 * H;
	return c;
}

static inline tt_commitment_row *plan(fleet *f, const char *id, const char *type,
				      const char *per_h)
{
	tt_commitment_row *c = units(f, id, type, NAN, "0");

	c->kind = "savings_plan";
	c->units = NAN;
	c->price_per_hour = TT_DECIMAL_MISSING;
	c->commitment_per_hour = dec(per_h);
	c->gpu_model = "";
	return c;
}

/* Nodes that come and go so that use[h] of them are there in hour h. */
static inline void curve(fleet *f, const char *type, const char *pricing, const int *use,
			 int hours)
{
	int most = 0;

	for (int h = 0; h < hours; h++)
		most = use[h] > most ? use[h] : most;
	for (int level = 0; level < most; level++) {
		for (int h = 0, to; h < hours; h = to) {
			for (to = h; to < hours && (use[to] > level) == (use[h] > level);)
				to++;
			if (use[h] <= level)
				continue;
			tt_node_row *n = node(f, type, pricing, NULL);
			n->started_at = f->s.start_s + (int64_t)h * H;
			n->ended_at = f->s.start_s + (int64_t)to * H;
		}
	}
}

static inline tt_change *parse(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_STR("", err.text);
	return change;
}

static inline int64_t cost_of(const fleet *f, const tt_change *const *v, size_t n)
{
	int64_t micro = -1;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_changes_cost(&f->s, settings, v, n, &micro, &err));
	T_STR("", err.text);
	return micro;
}

/* With one change (NULL: none). The pricer, which looks only at what changes, agrees. */
static inline int64_t cost(const fleet *f, const char *text)
{
	const tt_change *change = text ? parse(text) : NULL;

	return cost_of(f, &change, text ? 1 : 0);
}

static inline const char *refused(const fleet *f, const char *text)
{
	static tt_err err;
	const tt_change *change = parse(text);
	int64_t micro;

	err = (tt_err){ 0 };
	T_OK(tt_changes_cost(&f->s, settings, &change, 1, &micro, &err) < 0);
	return err.text;
}

/* Every sum over the cells is the bill. */
static inline void check_sums(const tt_bill *b)
{
	for (int r = 0; r < TT_RULES; r++) {
		int64_t sum = 0, buckets = 0, unused = 0;

		for (size_t i = 0; i < b->n_cells[r]; i++) {
			const tt_cell *c = &b->cells[r][i];

			sum += c->cost_micro;
			unused += c->node == TT_NO_NODE ? c->cost_micro : 0;
			T_OK(c->node != TT_NO_NODE || c->bucket == TT_UNALLOCATED_IDLE);
		}
		for (int i = 0; i < TT_BUCKETS; i++)
			buckets += b->bucket_micro[r][i];
		T_INT(b->total_micro, sum);
		T_INT(b->total_micro, buckets);
		T_INT(b->unused_micro, unused);
	}
}

/* The whole bill, which is freed by the caller; it has the total that is said without it. */
static inline tt_bill *bill(const fleet *f, const tt_case *of)
{
	tt_bill *b = NULL;
	tt_err err = { 0 };
	tt_case c;
	int64_t micro = -1;

	tt_case_init(&c, &f->s, settings);
	T_INT(TT_OK, tt_bill_make(of ? of : &c, settings, &b, &err));
	T_STR("", err.text);
	if (!b)
		exit(1);
	T_INT(TT_OK, tt_bill_total(of ? of : &c, &micro, &err));
	if (!of || !of->n_charges)
		T_INT(micro, b->total_micro);
	check_sums(b);
	return b;
}
#endif
