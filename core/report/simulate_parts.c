#include "report/simulate_parts.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A page is for reading; everything is in the JSON. */
enum { POOLS_SHOWN = 12, MONTHS_SHOWN = 24, CHANGES_SHOWN = 20, LOST_SHOWN = 3,
	SUBJECTS_SHOWN = 5 };
enum { NAMES_END = TT_SIM_NAME_END + 2 * TT_SIM_AMOUNT }; /* where nothing stands before */

/* --- Levers, pools, months --------------------------------------------------------------- */

static void put_heads(tt_sim_page *p, int with_amounts)
{
	static const char *const heads[] = { "saving P10", "P50", "P90" };

	tt_page_to(&p->page, with_amounts ? TT_SIM_NAME_END : NAMES_END);
	if (with_amounts) {
		tt_page_right(&p->page, TT_TONE_DIM, "baseline P50", TT_SIM_AMOUNT);
		tt_page_right(&p->page, TT_TONE_DIM, "after P50", TT_SIM_AMOUNT);
	}
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		tt_page_right(&p->page, TT_TONE_DIM, heads[i], TT_SIM_AMOUNT);
	tt_page_right(&p->page, TT_TONE_DIM, "loss", TT_SIM_LOSS);
	tt_page_line(&p->page);
}

void tt_sim_put_levers(tt_sim_page *p)
{
	static const char *const names[] = {
		[TT_LEVER_USAGE] = "usage: less, or other, capacity",
		[TT_LEVER_RATE] = "rate: the same capacity for less",
	};

	tt_page_heading(&p->page, "By lever, a month");
	put_heads(p, 0);
	for (int i = TT_LEVER_USAGE; i <= TT_LEVER_RATE; i++) {
		tt_page_to(&p->page, 2);
		tt_page_left(&p->page, TT_TONE_PLAIN, names[i], NAMES_END - 2);
		tt_sim_saving(p, &p->s->by_lever[i].worlds, 1);
		tt_page_line(&p->page);
	}
}

static bool is_touched(const tt_sim_part *x)
{
	const tt_worlds *w = &x->saving.worlds;

	return x->saving.point || w->p10.value || w->p50.value || w->p90.value || w->mean ||
	       w->n_below_0;
}

void tt_sim_put_pools(tt_sim_page *p)
{
	const tt_simulation *s = p->s;
	size_t touched = 0, shown = 0;
	char text[TT_CELL_TEXT], line[TT_CELL_TEXT + 32];

	for (size_t i = 0; i < s->n_pools; i++)
		touched += is_touched(&s->pools[i]);
	if (!touched)
		return;
	tt_page_heading(&p->page, "By pool, a month");
	put_heads(p, 1);
	for (size_t i = 0; i < s->n_pools && shown < POOLS_SHOWN; i++) {
		const tt_sim_part *x = &s->pools[i];

		if (!is_touched(x))
			continue;
		shown++;
		tt_page_to(&p->page, 2);
		tt_page_left(&p->page, TT_TONE_PLAIN, x->name, TT_SIM_NAME_END - 3);
		tt_page_to(&p->page, TT_SIM_NAME_END);
		tt_sim_cell(p, TT_TONE_PLAIN, tt_sim_monthly(s, x->baseline.worlds.p50.value));
		tt_sim_cell(p, TT_TONE_PLAIN, tt_sim_monthly(s, x->after.worlds.p50.value));
		tt_sim_saving(p, &x->saving.worlds, 1);
		tt_page_line(&p->page);
	}
	if (shown < touched)
		tt_sim_more(p, touched - shown, "more pool", "more pools");
	if (touched == s->n_pools)
		return;
	snprintf(line, sizeof line, "%s as %s",
	         tt_sim_count(s->n_pools - touched, "pool stays", "pools stay", text),
	         s->n_pools - touched == 1 ? "it is" : "they are");
	tt_page_to(&p->page, 2);
	tt_page_text(&p->page, TT_TONE_DIM, line);
	tt_page_line(&p->page);
}

/* Amounts of a month are as they fall in it: not per 730 hours. */
static void put_month(tt_sim_page *p, const tt_sim_part *x)
{
	char days[TT_CELL_TEXT], name[TT_CELL_TEXT];

	tt_format_f64((double)(x->to_s - x->from_s) / 86400, 1, days, sizeof days);
	snprintf(name, sizeof name, "%.20s %6.12s day%s", x->name, days,
	         strcmp(days, "1") == 0 ? "" : "s");
	tt_page_to(&p->page, 2);
	tt_page_left(&p->page, TT_TONE_PLAIN, name, TT_SIM_NAME_END - 2);
	tt_sim_cell(p, TT_TONE_PLAIN, x->baseline.worlds.p50.value);
	tt_sim_cell(p, TT_TONE_PLAIN, x->after.worlds.p50.value);
	tt_sim_saving(p, &x->saving.worlds, 0);
	tt_page_line(&p->page);
}

void tt_sim_put_months(tt_sim_page *p)
{
	const tt_simulation *s = p->s;

	if (!s->n_months)
		return;
	tt_page_heading(&p->page, "Month by month");
	put_heads(p, 1);
	for (size_t i = 0; i < s->n_months && i < MONTHS_SHOWN; i++)
		put_month(p, &s->months[i]);
	if (s->n_months > MONTHS_SHOWN)
		tt_sim_more(p, s->n_months - MONTHS_SHOWN, "more month", "more months");
}

/* --- Changes ------------------------------------------------------------------------------ */

/* Append text of a change, with a blank behind commas, where a line can be broken. */
static void add_loosely(tt_buf *to, const char *text)
{
	bool quoted = false;

	for (; *text; text++) {
		quoted ^= *text == '"';
		tt_buf_putc(to, *text);
		if (*text == ',' && !quoted)
			tt_buf_putc(to, ' ');
	}
}

/* "release node:a, node:b and 398 more from=..." : a change may be about a thousand nodes.
 * Effort, risk and what is drawn stand below. */
static void list_what(const tt_change *c, tt_buf *to)
{
	tt_change some = *c, bare;
	tt_buf head = { 0 }, all = { 0 };

	if (some.n_subjects > SUBJECTS_SHOWN)
		some.n_subjects = SUBJECTS_SHOWN;
	some.effort_days = 0;
	some.adoption_ratio = some.realisation_ratio = 1;
	some.risk = TT_RISK_NONE;
	bare = some;
	bare.n_args = 0;
	bare.from_s = bare.until_s = TT_TIME_MISSING;
	bare.excludes = "";
	tt_change_text(&bare, &head);
	tt_change_text(&some, &all);
	to->failed |= head.failed || all.failed;
	if (!to->failed) {
		add_loosely(to, tt_buf_text(&head));
		if (some.n_subjects < c->n_subjects)
			tt_buf_printf(to, " and %zu more", c->n_subjects - some.n_subjects);
		add_loosely(to, tt_buf_text(&all) + head.n);
	}
	tt_buf_free(&head);
	tt_buf_free(&all);
}

void tt_sim_put_what(tt_page *p, size_t number, const tt_bound_change *c)
{
	char text[TT_CELL_TEXT];
	tt_buf what = { 0 };

	snprintf(text, sizeof text, "%zu", number);
	tt_page_right(p, TT_TONE_STRONG, text, 4);
	tt_page_to(p, 6);
	if (*c->from->name) {
		tt_page_wrap(p, TT_TONE_PLAIN, c->from->name, 6, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
	list_what(&c->change, &what);
	tt_page_paragraph(p, TT_TONE_COOL, 6, &what);
}

static void put_saving(tt_sim_page *p, const char *label, const tt_worlds *w)
{
	tt_page_to(&p->page, 6);
	tt_page_left(&p->page, TT_TONE_PLAIN, label, NAMES_END - 6);
	tt_sim_saving(p, w, 1);
	tt_page_line(&p->page);
}

static int is_same(const tt_worlds *a, const tt_worlds *b)
{
	return a->p10.value == b->p10.value && a->p50.value == b->p50.value &&
	       a->p90.value == b->p90.value && a->mean == b->mean &&
	       a->n_below_0 == b->n_below_0;
}

static void put_lost(tt_sim_page *p, const tt_sim_lost *l)
{
	char amount[TT_CELL_TEXT];
	tt_buf text = { 0 };

	tt_buf_printf(&text, "loses %s a month to change %zu: %s",
	              tt_sim_money(p, tt_sim_monthly(p->s, l->micro), amount), l->to + 1, l->why);
	tt_page_paragraph(&p->page, TT_TONE_WARN, 8, &text);
}

static void put_together(tt_sim_page *p, const tt_sim_lost *l)
{
	char amount[TT_CELL_TEXT];
	tt_buf text = { 0 };

	tt_buf_printf(&text, "saves %s a month more together with change %zu: %s",
	              tt_sim_money(p, tt_sim_monthly(p->s, l->micro), amount), l->to + 1, l->why);
	tt_page_paragraph(&p->page, TT_TONE_GOOD, 8, &text);
}

static void put_latency(const tt_service *s, tt_buf *line)
{
	char before[TT_CELL_TEXT], after[TT_CELL_TEXT];

	if (!(s->requests > 0) || isnan(s->p95_after_ms - s->p95_before_ms))
		return;
	tt_buf_printf(line, " · p95 latency %s ms, then %s",
	              tt_cell_value(s->p95_before_ms, before), isinf(s->p95_after_ms) ?
	              "without limit" : tt_cell_value(s->p95_after_ms, after));
}

/* What the change makes users wait for, a month of its being in force; interruptions as the
 * worlds have them. */
static void put_waiting(const tt_sim_page *p, const tt_sim_change *c, tt_buf *line)
{
	const tt_snapshot *s = p->s->scenario->snapshot;
	const double months = (double)(s->end_s - s->start_s) / (730.0 * 3600);
	const double horizon = (double)(p->s->until_s - p->s->from_s) / (730.0 * 3600);
	char text[TT_CELL_TEXT];

	if (c->service.cold_starts > 0)
		tt_buf_printf(line, " · %s cold starts a month",
		              tt_cell_value(c->service.cold_starts / months, text));
	if (c->service.cold_starts > 0 && c->service.cold_start_s > 0)
		tt_buf_printf(line, " of %s s", tt_cell_value(c->service.cold_start_s, text));
	if (c->service.overload_service_minutes > 0)
		tt_buf_printf(line, " · %s service-minutes of overload a month",
		              tt_cell_value(c->service.overload_service_minutes / months, text));
	if (c->added.interruptions > 0)
		tt_buf_printf(line, " · %s interruptions a month",
		              tt_cell_value(c->added.interruptions / horizon, text));
	put_latency(&c->service, line);
}

static void put_remarks(tt_sim_page *p, const tt_sim_change *c)
{
	const tt_change *x = &c->of->change;
	char number[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_buf_printf(&line, "effort %s · risk %s", tt_cell_days(x->effort_days, number),
	              tt_risk_text(x->risk));
	if (!isnan(c->adopted_ratio) && c->adopted_ratio < 1)
		tt_buf_printf(&line, " · adopted in %s of worlds",
		              tt_sim_pct(c->adopted_ratio, number));
	put_waiting(p, c, &line);
	if (c->note && *c->note)
		tt_buf_printf(&line, " · %s", c->note);
	tt_page_paragraph(&p->page, TT_TONE_DIM, 6, &line);
}

static void put_change(tt_sim_page *p, size_t i)
{
	const tt_sim_change *c = &p->s->changes[i];
	size_t shown = c->n_lost < LOST_SHOWN ? c->n_lost : LOST_SHOWN;

	tt_sim_put_what(&p->page, i + 1, c->of);
	if (is_same(&c->standalone.worlds, &c->in_set.worlds)) {
		put_saving(p, "alone and in the set", &c->standalone.worlds);
	} else {
		put_saving(p, "alone", &c->standalone.worlds);
		put_saving(p, "in the set", &c->in_set.worlds);
	}
	for (size_t k = 0; k < shown; k++)
		put_lost(p, &c->lost[k]);
	if (shown < c->n_lost)
		tt_sim_more(p, c->n_lost - shown, "more change that saves the same",
		            "more changes that save the same");
	for (size_t k = 0; k < c->n_together && k < LOST_SHOWN; k++)
		put_together(p, &c->together[k]);
	if (c->n_together > LOST_SHOWN)
		tt_sim_more(p, c->n_together - LOST_SHOWN, "more change that it saves more with",
		            "more changes that it saves more with");
	put_remarks(p, c);
}

/* What the changes would save if each were alone: the sum that peers report. Points add
 * up, quantiles don't. */
static void put_sum(tt_sim_page *p)
{
	const tt_simulation *s = p->s;
	tt_i128 sum = 0;
	char alone[TT_CELL_TEXT], joint[TT_CELL_TEXT], text[256];

	for (size_t i = 0; i < s->n_changes; i++) {
		if (s->changes[i].standalone.point == TT_MONEY_UNKNOWN)
			return;
		sum += s->changes[i].standalone.point;
	}
	if (s->n_changes < 2 || s->saving.point == TT_MONEY_UNKNOWN || sum > INT64_MAX ||
	    sum <= INT64_MIN)
		return;
	snprintf(text, sizeof text, "as planned: each alone, added up, %.40s a month; all "
	         "together %.40s", tt_sim_money(p, tt_sim_monthly(s, (int64_t)sum), alone),
	         tt_sim_money(p, tt_sim_monthly(s, s->saving.point), joint));
	tt_page_to(&p->page, 2);
	tt_page_wrap(&p->page, TT_TONE_STRONG, text, 2, TT_PAGE_COLUMNS);
	tt_page_line(&p->page);
}

void tt_sim_put_changes(tt_sim_page *p)
{
	const tt_simulation *s = p->s;

	if (!s->n_changes)
		return;
	tt_page_heading(&p->page, "Each change, a month");
	put_heads(p, 0);
	for (size_t i = 0; i < s->n_changes && i < CHANGES_SHOWN; i++)
		put_change(p, i);
	if (s->n_changes > CHANGES_SHOWN)
		tt_sim_more(p, s->n_changes - CHANGES_SHOWN, "more change", "more changes");
	put_sum(p);
}

/* --- Packing by itself ----------------------------------------------------------------------- */

static void put_group(tt_sim_page *p, const tt_repack_group *g)
{
	const tt_snapshot *s = p->s->scenario->snapshot;
	const tt_repack_worth *w = &g->worth;
	const int64_t window_s = s->end_s - s->start_s;
	char nodes[TT_CELL_TEXT], moves[TT_CELL_TEXT], gap[TT_CELL_TEXT], money[TT_CELL_TEXT];
	tt_buf text = { 0 };

	tt_page_to(&p->page, 2);
	tt_page_left(&p->page, TT_TONE_PLAIN, g->node_group, TT_SIM_NAME_END - 3);
	tt_page_to(&p->page, TT_SIM_NAME_END);
	tt_page_right(&p->page, TT_TONE_PLAIN, w->saving_micro == TT_MONEY_UNKNOWN ? "not known" :
		      tt_sim_money(p, tt_per_month(w->saving_micro, window_s), money),
		      TT_SIM_AMOUNT);
	tt_page_text(&p->page, TT_TONE_PLAIN, "  ");
	if (*g->why)
		tt_buf_puts(&text, g->why);
	else
		tt_buf_printf(&text, "%s at times without pods, %s; %s%s",
			      tt_sim_count(w->nodes, "node", "nodes", nodes),
			      tt_sim_count(w->moves, "pod moves", "pods move", moves),
			      w->proven ? "no packing saves more" : "at most ",
			      w->proven ? "" : tt_sim_money(p, tt_per_month(w->gap_micro, window_s),
							    gap));
	if (!*g->why && !w->proven)
		tt_buf_puts(&text, " more by another packing");
	tt_page_wrap(&p->page, TT_TONE_DIM, tt_buf_text(&text), TT_SIM_NAME_END + 15,
		     TT_PAGE_COLUMNS);
	tt_page_line(&p->page);
	p->page.out->failed |= text.failed;
	tt_buf_free(&text);
}

void tt_sim_put_repacking(tt_sim_page *p)
{
	const tt_repack_groups *g = &p->s->repacking;
	size_t shown = 0;

	for (size_t i = 0; i < g->n && shown < POOLS_SHOWN; i++) {
		if (g->v[i].worth.saving_micro == 0)
			continue; /* it is packed, or its nodes are paid for all the same */
		if (!shown++) {
			tt_page_heading(&p->page, "Packing by itself, a month: in no saving above");
			tt_page_line(&p->page);
		}
		put_group(p, &g->v[i]);
	}
}
