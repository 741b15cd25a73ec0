#include "report/simulate_table.h"
#include "report/assumed.h"
#include "report/simulate_parts.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BUDGET = 16, SHARE = 12 };

/* --- Head ------------------------------------------------------------------------------ */

/* "2026-01-19", with the hour where it is not midnight. */
static const char *day_text(int64_t t, char *buf)
{
	tt_cell_time(t, buf);
	if (t % 86400 == 0)
		buf[10] = '\0';
	else
		strncat(buf, " UTC", TT_CELL_TEXT - strlen(buf) - 1);
	return buf;
}

static void put_head(tt_sim_page *p)
{
	const tt_simulation *s = p->s;
	const tt_scenario *sc = s->scenario->scenario;
	const char *fleet = s->scenario->snapshot->name;
	char span[TT_CELL_TEXT], from[TT_CELL_TEXT], worlds[TT_CELL_TEXT], weeks[TT_CELL_TEXT];
	tt_buf line = { 0 };

	tt_page_text(&p->page, TT_TONE_STRONG, sc->name);
	if (*sc->note) {
		tt_page_text(&p->page, TT_TONE_PLAIN, "  ");
		tt_page_wrap(&p->page, TT_TONE_PLAIN, sc->note, 0, TT_PAGE_COLUMNS);
	}
	tt_page_line(&p->page);
	tt_buf_printf(&line, "%s · %s from %s · %s, seed %llu",
	              fleet && *fleet ? fleet : "fleet",
	              tt_sim_span(s, span), day_text(s->from_s, from),
	              tt_sim_count(s->n_worlds, "world", "worlds", worlds),
	              (unsigned long long)s->seed);
	if (s->weeks_measured)
		tt_buf_printf(&line, " · demand drawn from %s",
		              tt_sim_count(s->weeks_measured, "whole week", "whole weeks", weeks));
	else
		tt_buf_puts(&line, " · demand as in the window");
	tt_page_paragraph(&p->page, TT_TONE_PLAIN, 0, &line);
}

/* --- Budgets ------------------------------------------------------------------------------ */

/* Budgets may be larger than any bill. */
static const char *budget_text(const tt_sim_page *p, tt_decimal amount, char *buf)
{
	tt_decimal micro = tt_div_half_even(amount, 1000000);

	if (micro <= INT64_MAX)
		return tt_sim_money(p, (int64_t)micro, buf);
	return tt_cell_count((int64_t)(amount / TT_DECIMAL_ONE), buf);
}

static void put_budget(tt_sim_page *p, const tt_sim_budget *b)
{
	double asked = b->of->probability_ratio;
	int known = !isnan(b->within_ratio), kept = known && b->within_ratio >= asked;
	enum tt_tone tone = !known ? TT_TONE_DIM : kept ? TT_TONE_GOOD : TT_TONE_BAD;
	char text[TT_CELL_TEXT];

	tt_page_to(&p->page, 2);
	tt_page_left(&p->page, TT_TONE_PLAIN, *b->of->owner ? b->of->owner : "the whole fleet",
	             TT_SIM_NAME_END - 4);
	tt_page_to(&p->page, TT_SIM_NAME_END - 2);
	tt_page_right(&p->page, TT_TONE_PLAIN, budget_text(p, b->of->amount_per_month, text),
	              BUDGET - 2);
	tt_page_right(&p->page, TT_TONE_PLAIN, tt_sim_money(p, b->p90_per_month, text), BUDGET);
	tt_page_right(&p->page, TT_TONE_PLAIN, tt_sim_pct(asked, text), SHARE - 4);
	tt_page_right(&p->page, TT_TONE_PLAIN, tt_sim_pct(b->baseline_within_ratio, text), SHARE);
	tt_page_right(&p->page, tone, known ? tt_sim_pct(b->within_ratio, text) : "not known",
	              SHARE);
	tt_page_right(&p->page, tone, !known ? "" : kept ? "kept" : "broken", 9);
	tt_page_line(&p->page);
}

static void put_budgets(tt_sim_page *p)
{
	if (!p->s->n_budgets)
		return;
	tt_page_heading(&p->page, "Budgets, by calendar month");
	tt_page_to(&p->page, TT_SIM_NAME_END - 2);
	tt_page_right(&p->page, TT_TONE_DIM, "a month", BUDGET - 2);
	tt_page_right(&p->page, TT_TONE_DIM, "P90 after", BUDGET);
	tt_page_right(&p->page, TT_TONE_DIM, "asked", SHARE - 4);
	tt_page_right(&p->page, TT_TONE_DIM, "baseline", SHARE);
	tt_page_right(&p->page, TT_TONE_DIM, "after", SHARE);
	tt_page_line(&p->page);
	for (size_t i = 0; i < p->s->n_budgets; i++)
		put_budget(p, &p->s->budgets[i]);
}

/* --- Sentences ------------------------------------------------------------------------------ */

static void put_item(tt_sim_page *p, const char *text)
{
	tt_page_text(&p->page, TT_TONE_DIM, "  - ");
	tt_page_wrap(&p->page, TT_TONE_PLAIN, text, 4, TT_PAGE_COLUMNS);
	tt_page_line(&p->page);
}

static void put_assumed(tt_sim_page *p)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_texts texts = { 0 };

	if (!arena || tt_assumed_list(p->s->scenario, arena, &texts, NULL) < 0)
		p->page.out->failed = true;
	if (texts.n) {
		tt_page_heading(&p->page, "What is assumed");
		tt_page_line(&p->page);
	}
	for (size_t i = 0; i < texts.n; i++)
		put_item(p, texts.v[i]);
	tt_texts_free(&texts);
}

static void put_left_out(tt_sim_page *p)
{
	const tt_bound_scenario *b = p->s->scenario;
	tt_buf text = { 0 };

	if (!b->n_left_out)
		return;
	tt_page_heading(&p->page, "Left out");
	tt_page_line(&p->page);
	for (size_t i = 0; i < b->n_left_out; i++) {
		const tt_left_out *l = &b->left_out[i];

		tt_buf_printf(&text, "%s%s%s", l->from->name, *l->from->name ? ": " : "", l->why);
		put_item(p, tt_buf_text(&text));
		p->page.out->failed |= text.failed;
		tt_buf_free(&text);
		text = (tt_buf){ 0 };
	}
}

/* How sure the mean is. */
static void put_interval(tt_sim_page *p)
{
	const tt_simulation *s = p->s;
	double half = s->saving.worlds.half_width;
	char amount[TT_CELL_TEXT];
	tt_buf text = { 0 };

	if (isnan(half) || half == 0 || !(half < 9e18))
		return;
	tt_buf_printf(&text, "the mean saving a month is known to ± %s, with 95 %% certainty",
	              tt_sim_money(p, tt_sim_monthly(s, (int64_t)llround(half)), amount));
	if (!s->enough)
		tt_buf_puts(&text, "; that is wider than asked, and --worlds asks for more worlds");
	put_item(p, tt_buf_text(&text));
	p->page.out->failed |= text.failed;
	tt_buf_free(&text);
}

static void put_notes(tt_sim_page *p)
{
	const tt_simulation *s = p->s;

	tt_page_heading(&p->page, "Notes");
	tt_page_line(&p->page);
	for (size_t i = 0; i < s->n_notes; i++)
		put_item(p, s->notes[i]);
	put_interval(p);
	put_item(p, "P10, P50 and P90 are taken over worlds (sampled futures), each amount by "
	            "itself: they add up neither down a column nor from baseline and after to the "
	            "saving");
	put_item(p, "as planned: all that is assumed is at its median, and every change is taken "
	            "up");
}

void tt_simulate_table(const tt_simulation *s, int color, tt_buf *out)
{
	tt_sim_page p;

	tt_sim_page_make(&p, s, color, out);
	put_head(&p);
	tt_sim_put_figures(&p);
	tt_sim_put_service(&p);
	tt_sim_put_spread(&p);
	tt_sim_put_changes(&p);
	put_budgets(&p);
	tt_sim_put_levers(&p);
	tt_sim_put_pools(&p);
	tt_sim_put_months(&p);
	tt_sim_put_repacking(&p);
	put_assumed(&p);
	put_left_out(&p);
	put_notes(&p);
}
