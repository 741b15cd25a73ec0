#include "report/explain_table.h"
#include "report/explain_course.h"
#include "report/explain_effect.h"
#include "report/layout.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { KEY = 24, VALUE = 16, RELATION = 4, CLAIMS_SHOWN = 6, PRICES_SHOWN = 5 };

/* --- Small things -------------------------------------------------------------------- */

static void heading(tt_page *p, const char *text)
{
	tt_page_heading(p, text);
	tt_page_line(p);
}

static void and_more(tt_page *p, size_t n, const char *what)
{
	char text[128], count[TT_CELL_TEXT];

	snprintf(text, sizeof text, "and %s more %s: --format json has all of them",
	         tt_cell_count((int64_t)n, count), what);
	tt_page_to(p, 2);
	tt_page_text(p, TT_TONE_DIM, text);
	tt_page_line(p);
}

/* --- Head and evidence ----------------------------------------------------------------- */

static void put_head(tt_page *p, const tt_explanation *e)
{
	const tt_ranked *r = e->ranked;
	enum tt_tone tone = strcmp(r->severity, "critical") == 0 ? TT_TONE_BAD
	                  : strcmp(r->severity, "high") == 0     ? TT_TONE_WARN
	                                                         : TT_TONE_PLAIN;
	char text[128];

	tt_page_text(p, TT_TONE_STRONG, r->found->id);
	tt_page_text(p, TT_TONE_PLAIN, "  ");
	tt_page_text(p, tone, r->severity);
	if (e->effect.step)
		snprintf(text, sizeof text, " · step %zu of %zu of the plan", e->effect.step,
		         e->audit->plan->n_steps);
	else
		snprintf(text, sizeof text, " · %s", r->place == TT_ENABLER ? "an enabler"
		                                                          : "not in the plan");
	tt_page_text(p, TT_TONE_PLAIN, text);
	tt_page_line(p);
	tt_page_wrap(p, TT_TONE_PLAIN, r->found->title, 0, TT_PAGE_COLUMNS);
	tt_page_line(p);
}

static void put_remarks(tt_page *p, const tt_explanation *e)
{
	const tt_found *f = e->ranked->found;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];
	tt_buf text = { 0 };

	if (f->spend_concerned_micro != TT_MONEY_UNKNOWN)
		tt_buf_printf(&text, "%s %s in the window is concerned, %s a month; ",
		              tt_cell_money(f->spend_concerned_micro, a),
		              e->audit->snapshot->currency,
		              tt_cell_money(e->ranked->concerned_per_month, b));
	else
		tt_buf_puts(&text, "what it costs is not known; ");
	tt_buf_printf(&text, "confidence %s, effort %s, risk %s",
	              tt_format_f64(f->confidence_ratio, 2, a, sizeof a),
	              tt_cell_days(f->effort_days, b), tt_risk_text(e->ranked->risk));
	if (*f->risk_note)
		tt_buf_printf(&text, " (%s)", f->risk_note);
	if (f->n_changes)
		tt_buf_printf(&text, "; to be undone: %s", tt_found_reversible(f));
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &text);
}

static void put_noticed(tt_page *p, const tt_explanation *e)
{
	const tt_found *f = e->ranked->found;
	char value[TT_CELL_TEXT];
	tt_buf text = { 0 };

	heading(p, "What was noticed");
	tt_buf_printf(&text, "\"%s\" of %s%s%s, by %s", f->verdict,
	              tt_subject_kind_text(f->subject_kind), *f->subject_id ? " " : "",
	              f->subject_id, f->detector);
	if (e->plugin)
		tt_buf_printf(&text, " %s: %s", e->plugin->info.version, e->plugin->info.summary);
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &text);
	for (size_t i = 0; i < f->n_evidence; i++) {
		const tt_found_evidence *v = &f->evidence[i];

		if (tt_told_as_param(e, v)) /* stands below */
			continue;
		tt_page_to(p, 2);
		tt_page_left(p, TT_TONE_PLAIN, v->key, KEY);
		tt_page_text(p, TT_TONE_PLAIN, " ");
		if (v->text) {
			tt_page_wrap(p, TT_TONE_PLAIN, *v->text ? v->text : "none", KEY + 4,
			             TT_PAGE_COLUMNS);
		} else {
			tt_page_right(p, TT_TONE_PLAIN, tt_value_text(v->key, v->value, 3, value),
			              VALUE);
			tt_page_text(p, TT_TONE_DIM, "   ");
			tt_page_text(p, TT_TONE_DIM, e->evidence_from[i]);
		}
		tt_page_line(p);
	}
	put_remarks(p, e);
}

/* --- The rule --------------------------------------------------------------------------- */

static void put_ground(tt_page *p, const tt_told_ground *g)
{
	static const char *const says[] = { "not known", "does not hold", "holds" };
	char value[TT_CELL_TEXT], threshold[TT_CELL_TEXT];

	tt_value_text(g->def->evidence, g->value, 3, value);
	tt_value_text(g->def->param, g->threshold, 3, threshold);
	if (strcmp(value, threshold) == 0) /* not equal, only when rounded */
		tt_value_text(g->def->evidence, g->value, 9, value);
	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_STRONG, g->def->evidence, KEY);
	tt_page_text(p, TT_TONE_PLAIN, " ");
	tt_page_right(p, TT_TONE_STRONG, value, VALUE);
	tt_page_right(p, TT_TONE_STRONG, g->def->relation, RELATION);
	tt_page_text(p, TT_TONE_PLAIN, "  ");
	tt_page_left(p, TT_TONE_STRONG, g->def->param, KEY - 4);
	tt_page_text(p, TT_TONE_PLAIN, " ");
	tt_page_right(p, TT_TONE_STRONG, threshold, VALUE - 4);
	tt_page_text(p, TT_TONE_PLAIN, "   ");
	tt_page_text(p, g->holds == 1 ? TT_TONE_GOOD : TT_TONE_WARN, says[g->holds + 1]);
	tt_page_line(p);
}

static void put_param(tt_page *p, const tt_explanation *e, const tt_told_param *q)
{
	const char *path = e->audit->settings->path;
	char value[TT_CELL_TEXT], from[TT_CELL_TEXT];

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, q->def->key, KEY);
	tt_page_text(p, TT_TONE_PLAIN, " ");
	tt_page_right(p, TT_TONE_PLAIN,
	              q->text ? q->text : tt_value_text(q->def->key, q->number, 6, value), VALUE);
	tt_page_text(p, TT_TONE_PLAIN, "   ");
	if (q->line) {
		snprintf(from, sizeof from, "%.40s:%d", path ? path : "", q->line);
		tt_page_text(p, TT_TONE_WARN, from);
		if (!q->text) {
			tt_page_text(p, TT_TONE_DIM, " (default ");
			tt_page_text(p, TT_TONE_DIM,
			             tt_value_text(q->def->key, q->def->def, 6, value));
			tt_page_text(p, TT_TONE_DIM, ")");
		}
	} else {
		tt_page_text(p, TT_TONE_DIM, "default");
	}
	tt_page_text(p, TT_TONE_DIM, ". ");
	tt_page_wrap(p, TT_TONE_DIM, q->def->help, KEY + VALUE + 6, TT_PAGE_COLUMNS);
	tt_page_line(p);
}

static void put_rule(tt_page *p, const tt_explanation *e)
{
	tt_buf text = { 0 };
	int unknown = 0;

	heading(p, "The rule");
	for (size_t i = 0; i < e->n_grounds; i++) {
		put_ground(p, &e->grounds[i]);
		unknown |= e->grounds[i].holds < 0;
	}
	if (unknown)
		tt_page_wrap(p, TT_TONE_DIM, "  What is not known did not decide; what does then "
		             "is in the detector's README.", 2, TT_PAGE_COLUMNS);
	if (unknown)
		tt_page_line(p);
	if (!e->n_grounds) {
		tt_buf_printf(&text, "%s does not say which number it holds against which "
		              "parameter; these are its parameters:", e->ranked->found->detector);
		tt_page_paragraph(p, TT_TONE_DIM, 2, &text);
	} else if (e->n_params) {
		tt_page_line(p);
	}
	for (size_t i = 0; i < e->n_params; i++)
		put_param(p, e, &e->params[i]);
}

/* --- Where the numbers are from ------------------------------------------------------------ */

static void put_source(tt_page *p, const tt_told_source *s)
{
	char used[TT_CELL_TEXT], all[TT_CELL_TEXT], text[256];

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, s->file ? s->file : s->table, KEY);
	snprintf(text, sizeof text, "%s %s%s %s %s row%s", tt_cell_count(s->used, used),
	         s->used_as, s->used == 1 ? "" : "s",
	         strcmp(s->used_as, "card") == 0 ? "held by its pods, in" : "of",
	         tt_cell_count(s->rows, all), s->rows == 1 ? "" : "s");
	tt_page_text(p, TT_TONE_PLAIN, " ");
	tt_page_wrap(p, TT_TONE_PLAIN, text, KEY + 3, TT_PAGE_COLUMNS);
	tt_page_line(p);
}

static void put_price(tt_page *p, const tt_explanation *e, const tt_told_price *t)
{
	const tt_node_bill *b = &e->audit->bill->nodes[t->node];
	const tt_node_row *row = tt_node_at(e->audit->snapshot, t->node);
	char price[64], text[1024];
	size_t used;

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, "price of an hour", KEY);
	tt_page_text(p, TT_TONE_PLAIN, " ");
	if (b->price_per_hour == TT_DECIMAL_MISSING)
		snprintf(text, 960, "not known: %s %s %s", *row->instance_type
		         ? row->instance_type : "no instance type", row->region, row->pricing);
	else
		snprintf(text, 960, "%s %s for %s %s %s: %s",
		         tt_decimal_format(b->price_per_hour, price, sizeof price),
		         e->audit->snapshot->currency, row->instance_type, row->region,
		         *row->pricing ? row->pricing : "on_demand", b->price_from);
	used = strlen(text);
	snprintf(text + used, sizeof text - used, " (%zu node%s)", t->nodes,
	         t->nodes == 1 ? "" : "s");
	tt_page_wrap(p, TT_TONE_PLAIN, text, KEY + 3, TT_PAGE_COLUMNS);
	tt_page_line(p);
}

static void put_sources(tt_page *p, const tt_explanation *e)
{
	const char *path = e->audit->settings->path;
	size_t shown = e->n_prices < PRICES_SHOWN ? e->n_prices : PRICES_SHOWN;

	heading(p, "Where the numbers are from");
	for (size_t i = 0; i < e->n_sources; i++)
		put_source(p, &e->sources[i]);
	for (size_t i = 0; i < shown; i++)
		put_price(p, e, &e->prices[i]);
	if (shown < e->n_prices)
		and_more(p, e->n_prices - shown, "prices");
	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, "settings", KEY);
	tt_page_text(p, TT_TONE_PLAIN, " ");
	tt_page_text(p, TT_TONE_PLAIN, path ? path : "defaults");
	tt_page_line(p);
}

/* --- Whose it is -------------------------------------------------------------------------- */

static void claim_text(const tt_explanation *e, const tt_claim *c, tt_buf *to)
{
	switch (c->by) {
	case TT_TOLD_LABEL:
		tt_buf_printf(to, "label %s=%s of ", c->key, c->owner);
		break;
	case TT_TOLD_NAMESPACE:
		tt_buf_printf(to, "%s says so for namespace %s, of ", e->audit->settings->path,
		              c->key);
		break;
	case TT_TOLD_NODE_LABEL:
		tt_buf_printf(to, "label %s=%s of node %s, for what no pod held", c->key, c->owner,
		              c->example);
		return;
	case TT_TOLD_RULE:
		tt_buf_printf(to, "a rule says so, in namespace %s: ",
		              *c->key ? c->key : "(none)");
		break;
	case TT_TOLD_NODE_RULE:
		tt_buf_printf(to, "a rule says so of node %s, for what no pod held", c->example);
		return;
	case TT_TOLD_NOBODY:
		tt_buf_printf(to, "no owner's label, and namespace %s has no owner: ",
		              *c->key ? c->key : "(none)");
		break;
	}
	if (c->pods == 1)
		tt_buf_printf(to, "pod %s", c->example);
	else
		tt_buf_printf(to, "%zu pods, such as %s", c->pods, c->example);
}

static void put_claim(tt_page *p, const tt_explanation *e, const tt_claim *c)
{
	char hours[TT_CELL_TEXT], text[TT_CELL_TEXT + 16];
	tt_buf why = { 0 };

	tt_page_to(p, 2);
	tt_page_left(p, TT_TONE_PLAIN, *c->owner ? c->owner : "(nobody)", KEY - 4);
	snprintf(text, sizeof text, "%s card-h", tt_cell_hours(c->held_s / 3600, hours));
	tt_page_right(p, TT_TONE_PLAIN, c->held_s > 0 ? text : "", VALUE + 2);
	tt_page_text(p, TT_TONE_PLAIN, "   ");
	claim_text(e, c, &why);
	tt_page_wrap(p, TT_TONE_DIM, tt_buf_text(&why), KEY + VALUE + 3, TT_PAGE_COLUMNS);
	tt_page_line(p);
	p->out->failed |= why.failed;
	tt_buf_free(&why);
}

/* Which labels would tell, where some pods have none of them. */
static void put_owner_keys(tt_page *p, const tt_explanation *e)
{
	const char **keys = e->audit->settings->owner_keys;
	tt_buf text = { 0 };
	size_t i = 0;

	while (i < e->ownership.n && e->ownership.v[i].by != TT_TOLD_NOBODY)
		i++;
	if (i == e->ownership.n || !keys[0])
		return;
	tt_buf_puts(&text, "labels that name an owner (owner_keys): ");
	for (i = 0; keys[i]; i++)
		tt_buf_printf(&text, "%s%s", i ? ", " : "", keys[i]);
	tt_page_paragraph(p, TT_TONE_DIM, 2, &text);
}

static void put_owner(tt_page *p, const tt_explanation *e)
{
	const tt_ownership *o = &e->ownership;
	size_t shown = o->n < CLAIMS_SHOWN ? o->n : CLAIMS_SHOWN;
	const char *owner = e->ranked->found->owner;
	char hours[TT_CELL_TEXT];
	tt_buf text = { 0 };

	heading(p, "Whose it is");
	tt_buf_puts(&text, *owner ? owner : "nobody's");
	if (!e->reach.n_nodes && !e->reach.n_pods)
		tt_buf_puts(&text, ", as the detector says: it is about no single place");
	else if (!o->n)
		tt_buf_puts(&text, ": no pod held any of it, and no label of a node names an "
		            "owner");
	else if (!o->pods)
		tt_buf_puts(&text, ": no pod held any of it");
	else
		tt_buf_puts(&text, *owner ? ": by the time that pods held cards"
		                          : ": nothing says whose the pods are");
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &text);
	for (size_t i = 0; i < shown; i++)
		put_claim(p, e, &o->v[i]);
	if (shown < o->n)
		and_more(p, o->n - shown, "ways to tell");
	put_owner_keys(p, e);
	if (o->unknown_held_s > 0) {
		tt_buf_printf(&text, "and %s card-h of pods that are not in pods.csv",
		              tt_cell_hours(o->unknown_held_s / 3600, hours));
		tt_page_paragraph(p, TT_TONE_DIM, 2, &text);
	}
}

void tt_explain_table(const tt_explanation *e, int color, tt_buf *out)
{
	tt_page p = { .out = out, .color = color };

	put_head(&p, e);
	put_noticed(&p, e);
	put_rule(&p, e);
	tt_explain_course(&p, e);
	tt_explain_measured(&p, e);
	put_sources(&p, e);
	put_owner(&p, e);
	tt_explain_effect(&p, e);
}
