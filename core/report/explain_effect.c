#include "report/explain_effect.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NODES_SHOWN = 10, GROUPS_SHOWN = 6, CHANGES_SHOWN = 4 };
enum { NAME = 30, HOURS = 10, PRICE = 11, AMOUNT = 14 };

static void put_changes(tt_page *p, const tt_explanation *e)
{
	const tt_ranked *r = e->ranked;
	const tt_found *f = r->found;
	const tt_change *c;
	size_t n = 0;
	tt_buf text = { 0 };

	for (; (c = tt_audit_change(r, n)); n++) {
		if (n >= CHANGES_SHOWN)
			continue;
		tt_change_text(c, &text);
		tt_page_paragraph(p, TT_TONE_STRONG, 2, &text);
	}
	if (n > CHANGES_SHOWN) {
		tt_buf_printf(&text, "and %zu more", n - CHANGES_SHOWN);
		tt_page_paragraph(p, TT_TONE_DIM, 2, &text);
	}
	for (size_t i = 0; i < f->n_alternatives && i < CHANGES_SHOWN; i++) {
		if (r->n_changes && r->changes[0] == &f->alternatives[i])
			continue;
		tt_buf_puts(&text, "or else ");
		tt_change_text(&f->alternatives[i], &text);
		tt_page_paragraph(p, TT_TONE_DIM, 2, &text);
	}
	if (!n) {
		tt_buf_puts(&text, "nothing is proposed");
		tt_page_paragraph(p, TT_TONE_PLAIN, 2, &text);
	}
}

/* --- Nodes ---------------------------------------------------------------------------- */

static void put_columns(tt_page *p, const char *what)
{
	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_DIM, what, NAME);
	tt_page_right(p, TT_TONE_DIM, "hours gone", HOURS);
	tt_page_right(p, TT_TONE_DIM, "of", HOURS - 2);
	tt_page_right(p, TT_TONE_DIM, "price/h", PRICE);
	tt_page_right(p, TT_TONE_DIM, "cost before", AMOUNT);
	tt_page_right(p, TT_TONE_DIM, "after", AMOUNT - 1);
	tt_page_line(p);
}

static void put_amounts(tt_page *p, int64_t freed_s, int64_t alive_s, const char *price,
                        int64_t before, int64_t after)
{
	char text[TT_CELL_TEXT];

	tt_page_right(p, TT_TONE_PLAIN, tt_cell_hours((double)freed_s / 3600, text), HOURS);
	tt_page_right(p, TT_TONE_DIM, tt_cell_hours((double)alive_s / 3600, text), HOURS - 2);
	tt_page_right(p, TT_TONE_PLAIN, price, PRICE);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(before, text), AMOUNT);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(after, text), AMOUNT - 1);
	tt_page_line(p);
}

/* When the node is gone, or what keeps it. */
static void put_when(tt_page *p, const tt_effect_node *n)
{
	char from[TT_CELL_TEXT], to[TT_CELL_TEXT];
	tt_buf text = { 0 };

	if (*n->kept_by)
		tt_buf_printf(&text, "stays: %s", n->kept_by);
	else if (n->stretches == 1)
		tt_buf_printf(&text, "gone from %s to %s", tt_cell_time(n->from_s, from),
		              tt_cell_time(n->to_s, to));
	else
		tt_buf_printf(&text, "gone in %zu stretches between %s and %s", n->stretches,
		              tt_cell_time(n->from_s, from), tt_cell_time(n->to_s, to));
	tt_page_paragraph(p, TT_TONE_DIM, 4, &text);
}

static void put_node(tt_page *p, const tt_explanation *e, const tt_effect_node *n)
{
	const tt_node_bill *b = &e->audit->bill->nodes[n->node];
	const char *price = "unknown";
	char text[64];

	if (b->price_per_hour != TT_DECIMAL_MISSING)
		price = tt_decimal_format(b->price_per_hour, text, sizeof text);
	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, tt_node_at(e->audit->snapshot, n->node)->node, NAME);
	put_amounts(p, n->alone.freed_s, n->alive_s, price, n->alone.before_micro,
	            n->alone.after_micro);
	put_when(p, n);
}

/* --- Node groups ------------------------------------------------------------------------- */

struct group {
	const char *name;
	size_t nodes, gone;
	int64_t freed_s, alive_s;
	int64_t before_micro, after_micro; /* of what has a price */
	int known;
};

static void add_to_group(struct group *g, const tt_effect_node *n)
{
	g->nodes++;
	g->gone += n->alone.freed_s > 0;
	g->freed_s += n->alone.freed_s;
	g->alive_s += n->alive_s;
	if (n->alone.before_micro == TT_MONEY_UNKNOWN)
		return;
	g->known = 1;
	g->before_micro += n->alone.before_micro;
	g->after_micro += n->alone.after_micro;
}

static void put_groups(tt_page *p, const tt_explanation *e)
{
	const tt_effect *f = &e->effect;
	TT_CLEANUP(tt_freep) struct group *v = tt_zalloc(f->n + 1, sizeof *v);
	size_t n = 0;

	p->out->failed |= !v;
	for (size_t i = 0; v && i < f->n; i++) {
		const char *name = tt_node_at(e->audit->snapshot, f->v[i].node)->node_group;
		size_t k = 0;

		while (k < n && strcmp(v[k].name, name) != 0)
			k++;
		if (k == n)
			v[n++].name = name;
		add_to_group(&v[k], &f->v[i]);
	}
	put_columns(p, "node group");
	for (size_t i = 0; i < n && i < GROUPS_SHOWN; i++) {
		char text[128];

		snprintf(text, sizeof text, "%.64s, %zu of %zu node%s go",
		         *v[i].name ? v[i].name : "(no node group)", v[i].gone, v[i].nodes,
		         v[i].nodes == 1 ? "" : "s");
		tt_page_to(p, 2);
		tt_page_left(p, TT_TONE_PLAIN, text, NAME);
		put_amounts(p, v[i].freed_s, v[i].alive_s, "",
		            v[i].known ? v[i].before_micro : TT_MONEY_UNKNOWN,
		            v[i].known ? v[i].after_micro : TT_MONEY_UNKNOWN);
	}
}

static void put_nodes(tt_page *p, const tt_explanation *e)
{
	const tt_effect *f = &e->effect;
	size_t shown = f->n < NODES_SHOWN ? f->n : NODES_SHOWN;
	tt_buf text = { 0 };

	if (!f->n)
		return;
	if (f->n > 1)
		put_groups(p, e);
	put_columns(p, "node");
	for (size_t i = 0; i < shown; i++)
		put_node(p, e, &f->v[i]);
	if (shown < f->n) {
		tt_buf_printf(&text, "and %zu more nodes: --format json has all of them",
		              f->n - shown);
		tt_page_paragraph(p, TT_TONE_DIM, 2, &text);
	}
}

/* What they move to, and what that costs. */
static void put_moves(tt_page *p, const tt_explanation *e)
{
	const char *currency = e->audit->snapshot->currency;
	char hours[TT_CELL_TEXT], cost[TT_CELL_TEXT];
	tt_buf text = { 0 };

	for (size_t i = 0; i < e->effect.n_moves; i++) {
		const tt_effect_move *m = &e->effect.moves[i];
		const size_t n = m->pods + m->nodes;

		tt_buf_printf(&text, "%zu %s%s move%s to up to %" PRId64 " x %s", n,
		              m->nodes ? "node" : "pod", n == 1 ? "" : "s", n == 1 ? "s" : "",
		              m->most,
		              *m->instance_type ? m->instance_type : "such a node");
		if (*m->gpu_model)
			tt_buf_printf(&text, " (%s)", m->gpu_model);
		tt_buf_printf(&text, ": %s instance-hours",
		              tt_cell_hours((double)m->length_s / 3600, hours));
		if (m->paid_ratio != 1)
			tt_buf_printf(&text, ", each paid %.3g times", m->paid_ratio);
		if (m->cost_micro == TT_MONEY_UNKNOWN)
			tt_buf_puts(&text, ", at a price that is not known");
		else
			tt_buf_printf(&text, ", %s %s", tt_cell_money(m->cost_micro, cost),
			              currency);
		if (m->metered)
			tt_buf_puts(&text, ", and what commitments and the rest on demand make of "
			            "it, in what the nodes save");
		tt_page_paragraph(p, TT_TONE_PLAIN, 2, &text);
	}
}

/* What is not of the nodes above, so that the reader can add up. */
static void put_elsewhere(tt_page *p, const tt_explanation *e)
{
	const int64_t micro = e->effect.elsewhere_micro;
	char amount[TT_CELL_TEXT];
	tt_buf text = { 0 };

	if (micro == TT_MONEY_UNKNOWN || !micro)
		return;
	tt_buf_printf(&text, "%s %s %s is not of nodes: charges, commitments, or capacity that "
	              "comes or is kept instead", tt_cell_money(micro < 0 ? -micro : micro, amount),
	              e->audit->snapshot->currency, micro < 0 ? "of cost" : "of the saving");
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &text);
}

/* --- What comes of it ------------------------------------------------------------------- */

/* " (P10 to P90: 33,900 to 36,100)"; "" where there is no range. */
static const char *between(const tt_spread *s, char *buf, size_t size)
{
	char range[TT_CELL_TEXT];

	buf[0] = '\0';
	if (*tt_cell_range(s->p10, s->p90, range))
		snprintf(buf, size, " (P10 to P90: %s)", range);
	return buf;
}

static void put_alone(tt_page *p, const tt_explanation *e)
{
	const tt_ranked *r = e->ranked;
	const char *currency = e->audit->snapshot->currency;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT], c[TT_CELL_TEXT * 2];
	tt_buf text = { 0 };

	if (r->standalone_micro == TT_MONEY_UNKNOWN)
		tt_buf_puts(&text, "alone: what it saves is not known");
	else if (r->standalone_micro < 0)
		tt_buf_printf(&text, "alone: costs %s %s more in the window",
		              tt_cell_money(-r->standalone_micro, a), currency);
	else if (!r->standalone_micro)
		tt_buf_puts(&text, "alone: saves nothing");
	else
		tt_buf_printf(&text, "alone: saves %s %s in the window, %s a month%s",
		              tt_cell_money(r->standalone_micro, a), currency,
		              tt_cell_money(r->standalone_per_month.p50, b),
		              between(&r->standalone_per_month, c, sizeof c));
	tt_page_paragraph(p, r->standalone_micro > 0 ? TT_TONE_GOOD : TT_TONE_PLAIN, 2, &text);
}

static void put_in_plan(tt_page *p, const tt_explanation *e)
{
	const tt_ranked *r = e->ranked;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT], c[TT_CELL_TEXT * 2];
	tt_buf text = { 0 };

	if (r->place == TT_IN_PLAN)
		tt_buf_printf(&text, "in the plan: saves %s %s in the window, %s a month%s, as its "
		              "step %zu%s", tt_cell_money(r->in_plan_micro, a),
		              e->audit->snapshot->currency,
		              tt_cell_money(r->in_plan_per_month.p50, b),
		              between(&r->in_plan_per_month, c, sizeof c), e->effect.step,
		              e->effect.step > 1 ? " on top of those before" : "");
	else if (r->place == TT_ENABLER)
		tt_buf_puts(&text, "in the plan: an enabler: it saves nothing itself");
	else
		tt_buf_printf(&text, "not in the plan: %s", r->why);
	if (*r->note)
		tt_buf_printf(&text, "; %s", r->note);
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &text);
	for (size_t i = 0; i < r->n_lost; i++) {
		tt_buf_printf(&text, "%s of it has %s: %s", tt_cell_money(r->lost[i].micro, a),
		              r->lost[i].to->found->id, r->lost[i].why);
		tt_page_paragraph(p, TT_TONE_DIM, 4, &text);
	}
}

static void put_labels(tt_page *p, const tt_explanation *e)
{
	const tt_effect *f = &e->effect;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT], c[TT_CELL_TEXT], d[TT_CELL_TEXT];
	tt_buf text = { 0 };

	if (!f->labels)
		return;
	tt_buf_printf(&text, "the bill stays what it is; of it nobody owns %s GPU-hours instead of "
	              "%s (%s instead of %s %s)", tt_cell_hours(f->unowned_after_h, a),
	              tt_cell_hours(f->unowned_before_h, b),
	              tt_cell_money(f->unowned_after_micro, c),
	              tt_cell_money(f->unowned_before_micro, d), e->audit->snapshot->currency);
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &text);
}

void tt_explain_effect(tt_page *p, const tt_explanation *e)
{
	tt_buf text = { 0 };

	tt_page_heading(p, e->ranked->n_changes > 1 ? "What the changes do"
	                                            : "What the change does");
	tt_page_line(p);
	put_changes(p, e);
	put_nodes(p, e);
	put_moves(p, e);
	put_elsewhere(p, e);
	put_labels(p, e);
	if (*e->effect.why_not) {
		tt_buf_printf(&text, "it can't be priced: %s", e->effect.why_not);
		tt_page_paragraph(p, TT_TONE_WARN, 2, &text);
	}
	if (e->ranked->n_changes && e->ranked->place != TT_ENABLER)
		put_alone(p, e);
	put_in_plan(p, e);
}
