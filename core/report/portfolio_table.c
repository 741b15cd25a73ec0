#include "report/layout.h"
#include "report/portfolio.h"
#include "report/portfolio_moves.h"
#include "report/portfolio_terms.h"
#include "report/portfolio_use.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { OWNER = 32, MONEY = 18, RATIO = 10, HOURS = 14, MOST_OWNERS = 8, MOST_ROWS = 12, ID = 34,
	DAY = 12, AMOUNT = 16 };

static const char *day(int64_t t, char *buf)
{
	if (t == TT_TIME_MISSING)
		return "open";
	tt_cell_time(t, buf);
	buf[10] = '\0';
	return buf;
}

void tt_portfolio_scope(const tt_commitment_row *c, tt_buf *out)
{
	const char *const words[] = { c->provider, c->region, c->instance_type, c->gpu_model };
	size_t n = 0;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (*words[i])
			tt_buf_printf(out, "%s%s", n++ ? " " : "", words[i]);
	if (!n)
		tt_buf_puts(out, "anything");
}

bool tt_portfolio_alarms(const tt_portfolio_report *r, const tt_position_group *g)
{
	return g->used_ratio < r->alarm_ratio;
}

static void paragraph(tt_page *p, enum tt_tone tone, tt_buf *line)
{
	tt_page_to(p, 2);
	tt_page_paragraph(p, tone, 2, line);
}

/* --- A kind ------------------------------------------------------------------------------- */

static void put_row(tt_page *p, const tt_portfolio_report *r, const tt_position *v)
{
	char text[TT_CELL_TEXT];

	tt_page_left(p, TT_TONE_PLAIN, "  ", 2);
	tt_page_left(p, TT_TONE_PLAIN, v->row->commitment, ID - 2);
	tt_page_right(p, TT_TONE_PLAIN, day(v->row->starts_at, text), DAY);
	tt_page_right(p, TT_TONE_PLAIN, day(v->row->ends_at, text), DAY);
	tt_page_right(p, v->used_ratio < r->alarm_ratio ? TT_TONE_WARN : TT_TONE_PLAIN,
	              tt_cell_ratio(v->used_ratio, 1, text), RATIO);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(v->cost->cost_micro, text), AMOUNT);
	tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(v->cost->unused_micro, text), AMOUNT);
	tt_page_line(p);
}

/* The least used row of the group that is used no less than `after`, and behind it. */
static const tt_position *next_row(const tt_positions *x, size_t group, const tt_position *after)
{
	const tt_position *best = NULL;

	for (const tt_position *v = x->v; v < x->v + x->n; v++)
		if (v->group == group && (!best || v->used_ratio < best->used_ratio) &&
		    (!after || v->used_ratio > after->used_ratio ||
		     (!(v->used_ratio < after->used_ratio) && v > after)))
			best = v;
	return best;
}

static void put_rows(tt_page *p, const tt_portfolio_report *r, size_t group)
{
	const tt_positions *x = r->positions;
	const tt_position *v = NULL;
	char text[TT_CELL_TEXT];
	size_t shown = 0;

	tt_page_left(p, TT_TONE_DIM, "  commitment", ID);
	tt_page_right(p, TT_TONE_DIM, "from", DAY);
	tt_page_right(p, TT_TONE_DIM, "until", DAY);
	tt_page_right(p, TT_TONE_DIM, "used", RATIO);
	tt_page_right(p, TT_TONE_DIM, "cost", AMOUNT);
	tt_page_right(p, TT_TONE_DIM, "unused", AMOUNT);
	tt_page_line(p);
	while (shown < MOST_ROWS && (v = next_row(x, group, v))) {
		put_row(p, r, v);
		shown++;
	}
	if (x->groups[group].n > shown) {
		snprintf(text, sizeof text, "  and %zu more", x->groups[group].n - shown);
		tt_page_text(p, TT_TONE_DIM, text);
		tt_page_line(p);
	}
}

static void put_users(tt_page *p, const tt_position_group *g)
{
	const int64_t used = g->cost_micro - g->unused_micro;
	char text[TT_CELL_TEXT];

	if (!g->owners.n)
		return;
	tt_page_left(p, TT_TONE_DIM, "  used by", OWNER);
	tt_page_right(p, TT_TONE_DIM, g->money ? "" : "unit-hours", HOURS);
	tt_page_right(p, TT_TONE_DIM, "cost", MONEY);
	tt_page_right(p, TT_TONE_DIM, "of it", RATIO);
	tt_page_line(p);
	for (size_t i = 0; i < g->owners.n && i < MOST_OWNERS; i++) {
		const tt_position_owner *o = &g->owners.v[i];

		tt_page_left(p, TT_TONE_PLAIN, "  ", 2);
		tt_page_left(p, TT_TONE_PLAIN, *o->owner ? o->owner : "nobody", OWNER - 2);
		tt_page_right(p, TT_TONE_PLAIN, g->money ? "" : tt_cell_hours(o->unit_h, text),
		              HOURS);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(o->committed_micro, text), MONEY);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_pct(o->committed_micro, used, text),
		              RATIO);
		tt_page_line(p);
	}
	if (g->owners.n > MOST_OWNERS) {
		snprintf(text, sizeof text, "  and %zu more", g->owners.n - MOST_OWNERS);
		tt_page_text(p, TT_TONE_DIM, text);
		tt_page_line(p);
	}
}

static void put_group(tt_page *p, const tt_portfolio_report *r, size_t group)
{
	const tt_positions *x = r->positions;
	const tt_position_group *g = &x->groups[group];
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT], c[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "%s · ", g->like->kind);
	tt_portfolio_scope(g->like, &line);
	tt_page_heading(p, tt_buf_text(&line));
	p->out->failed |= line.failed;
	tt_buf_free(&line);
	line = (tt_buf){ 0 };
	tt_page_line(p);
	tt_buf_printf(&line, "%s %s in %zu %s, used for %s: %s",
	              tt_cell_value(g->units, a), g->money ? "an hour" :
	              *g->like->instance_type ? "instances" : "cards", g->n,
	              g->n == 1 ? "commitment" : "commitments",
	              tt_cell_ratio(g->used_ratio, 1, b), tt_cell_money(g->cost_micro, c));
	tt_buf_printf(&line, " in the window, of which nothing used %s. ",
	              tt_cell_money(g->unused_micro, a));
	tt_buf_printf(&line, "Of what it could cover, it or others cover %s.",
	              tt_cell_ratio(tt_positions_coverage(g->listed, g->on_demand, 0, x->hours),
	                            1, a));
	paragraph(p, TT_TONE_PLAIN, &line);
	if (tt_portfolio_alarms(r, g)) {
		tt_buf_printf(&line, "That is less than %s.",
		              tt_cell_ratio(r->alarm_ratio, 0, a));
		paragraph(p, TT_TONE_BAD, &line);
	}
	tt_portfolio_course(r, g, p);
	put_rows(p, r, group);
	put_users(p, g);
}

/* --- All of it ---------------------------------------------------------------------------- */

static void put_owners(tt_page *p, const tt_positions *x)
{
	char text[TT_CELL_TEXT];

	tt_page_heading(p, "Who uses what is held, and what each has on demand beside it");
	tt_page_line(p);
	tt_page_left(p, TT_TONE_DIM, "  owner", OWNER);
	tt_page_right(p, TT_TONE_DIM, "of commitments", MONEY);
	tt_page_right(p, TT_TONE_DIM, "on demand", MONEY);
	tt_page_line(p);
	for (size_t i = 0; i < x->owners.n; i++) {
		const tt_position_owner *o = &x->owners.v[i];

		tt_page_left(p, TT_TONE_PLAIN, "  ", 2);
		tt_page_left(p, TT_TONE_PLAIN, *o->owner ? o->owner : "nobody", OWNER - 2);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(o->committed_micro, text), MONEY);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_money(o->on_demand_micro, text), MONEY);
		tt_page_line(p);
	}
}

static void put_charged(const tt_unmetered *u, tt_buf *out)
{
	char text[TT_CELL_TEXT];

	if (u->charged_micro == TT_MONEY_UNKNOWN || u->charged_micro <= 0)
		return;
	tt_buf_printf(out, ": %s", tt_cell_money(u->charged_micro, text));
	tt_buf_printf(out, ", of which nothing used %s",
	              tt_cell_money(u->charged_unused_micro, text));
	tt_buf_printf(out, " (%s used)", tt_cell_pct(u->charged_micro - u->charged_unused_micro,
	                                             u->charged_micro, text));
}

static void put_unmetered(tt_page *p, const tt_positions *x)
{
	tt_buf line = { 0 };

	for (size_t i = 0; i < x->n_unmetered; i++) {
		if (!i) {
			tt_page_heading(p, "Not metered");
			tt_page_line(p);
		}
		tt_buf_printf(&line, "%s: %s", x->unmetered[i].row->commitment,
		              x->unmetered[i].why);
		put_charged(&x->unmetered[i], &line);
		tt_page_text(p, TT_TONE_DIM, "  - ");
		tt_page_paragraph(p, TT_TONE_PLAIN, 4, &line);
	}
}

static void put_alarm(tt_page *p, const tt_portfolio_report *r)
{
	const tt_positions *x = r->positions;
	size_t n = 0, rows = 0;
	int64_t unused = 0;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];
	tt_buf line = { 0 };

	for (size_t i = 0; i < x->n_groups; i++) {
		if (!tt_portfolio_alarms(r, &x->groups[i]))
			continue;
		n++;
		rows += x->groups[i].n;
		unused += x->groups[i].unused_micro;
	}
	if (!n)
		return;
	tt_buf_printf(&line, "Used for less than %s: %zu of %zu kinds, with %zu %s; nothing used "
	              "%s of what they cost.", tt_cell_ratio(r->alarm_ratio, 0, a), n, x->n_groups,
	              rows, rows == 1 ? "commitment" : "commitments", tt_cell_money(unused, b));
	tt_page_paragraph(p, TT_TONE_BAD, 0, &line);
}

static void put_head(tt_page *p, const tt_portfolio_report *r)
{
	const tt_positions *x = r->positions;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "%s · what is held, from %s", r->snapshot->name,
	              tt_cell_time(r->snapshot->start_s, a));
	tt_buf_printf(&line, " to %s", tt_cell_time(r->snapshot->end_s, a));
	tt_page_paragraph(p, TT_TONE_STRONG, 0, &line);
	if (!x->n_groups)
		tt_buf_puts(&line, "Nothing is held that can be metered.");
	else
		tt_buf_printf(&line, "What is held costs %s; nothing used %s of it.",
		              tt_cell_money(x->cost_micro, a), tt_cell_money(x->unused_micro, b));
	tt_buf_printf(&line, " Of all that runs on demand or reserved, at prices on demand, %s is "
	              "covered.", tt_cell_ratio(x->coverage_ratio, 1, a));
	tt_page_paragraph(p, TT_TONE_PLAIN, 0, &line);
	put_alarm(p, r);
}

void tt_portfolio_table(const tt_portfolio_report *r, int color, tt_buf *out)
{
	tt_page p = { .out = out, .color = color };

	put_head(&p, r);
	for (size_t i = 0; i < r->positions->n_groups; i++)
		put_group(&p, r, i);
	put_owners(&p, r->positions);
	tt_portfolio_moves_table(r, &p);
	tt_portfolio_terms_table(r, &p);
	put_unmetered(&p, r->positions);
}
