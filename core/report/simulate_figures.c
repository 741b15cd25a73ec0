#include "report/simulate_figures.h"
#include "report/histogram.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define CENTS_BELOW INT64_C(10000000000) /* 10,000 in micro-units */
#define MONTH_S (730 * 3600)
enum { LABEL_END = 26, AMOUNT = 14, BAR = 40, EDGE = 13, BAR_AT = 34 };

void tt_sim_page_make(tt_sim_page *p, const tt_simulation *s, int color, tt_buf *out)
{
	const tt_worlds *b = &s->baseline.worlds, *a = &s->after.worlds;
	int cents = s->baseline.point < CENTS_BELOW && s->after.point < CENTS_BELOW &&
	            b->p90.value < CENTS_BELOW && a->p90.value < CENTS_BELOW;

	*p = (tt_sim_page){ .page = { .out = out, .color = color }, .s = s,
		            .decimals = cents ? 2 : 0 };
}

/* --- Cells ---------------------------------------------------------------------------- */

const char *tt_sim_unit(const tt_simulation *s)
{
	return tt_unit_text(s->scenario->snapshot->currency);
}

char *tt_sim_span(const tt_simulation *s, char *buf)
{
	int64_t span_s = s->until_s - s->from_s;

	if (span_s % MONTH_S)
		return tt_cell_span(span_s, buf);
	return tt_sim_count((size_t)(span_s / MONTH_S), "month", "months", buf);
}

int64_t tt_sim_monthly(const tt_simulation *s, int64_t micro)
{
	return micro == TT_MONEY_UNKNOWN ? micro : tt_per_month(micro, s->until_s - s->from_s);
}

char *tt_sim_money(const tt_sim_page *p, int64_t micro, char *buf)
{
	return tt_money_text(micro, p->decimals, buf, TT_CELL_TEXT);
}

char *tt_sim_pct(double ratio, char *buf)
{
	buf[0] = '\0';
	if (isnan(ratio))
		return buf;
	return tt_cell_pct((int64_t)llround(ratio * 1e9), INT64_C(1000000000), buf);
}

char *tt_sim_count(size_t n, const char *one, const char *many, char *buf)
{
	char text[TT_CELL_TEXT];

	snprintf(buf, TT_CELL_TEXT, "%.30s %.30s", tt_cell_count((int64_t)n, text),
	         n == 1 ? one : many);
	return buf;
}

enum tt_tone tt_sim_tone(const tt_worlds *w)
{
	if (w->p50.value < 0)
		return TT_TONE_BAD;
	if (w->p10.value > 0)
		return TT_TONE_GOOD;
	return w->n_below_0 ? TT_TONE_WARN : TT_TONE_PLAIN;
}

void tt_sim_cell(tt_sim_page *p, enum tt_tone tone, int64_t micro)
{
	char text[TT_CELL_TEXT];

	tt_page_right(&p->page, tone, tt_sim_money(p, micro, text), TT_SIM_AMOUNT);
}

void tt_sim_saving(tt_sim_page *p, const tt_worlds *w, int monthly)
{
	const int64_t amounts[] = { w->p10.value, w->p50.value, w->p90.value };
	char text[TT_CELL_TEXT];

	for (size_t i = 0; i < 3; i++)
		tt_sim_cell(p, i == 1 ? tt_sim_tone(w) : TT_TONE_PLAIN,
		            monthly ? tt_sim_monthly(p->s, amounts[i]) : amounts[i]);
	if (w->n_below_0)
		tt_page_right(&p->page, TT_TONE_WARN,
		              w->n_below_0 == w->n ? "all" :
		              tt_cell_pct((int64_t)w->n_below_0, (int64_t)w->n, text),
		              TT_SIM_LOSS);
	else
		tt_page_right(&p->page, TT_TONE_DIM, w->n ? "none" : "", TT_SIM_LOSS);
}

void tt_sim_more(tt_sim_page *p, size_t n, const char *one, const char *many)
{
	char count[TT_CELL_TEXT], text[160];

	snprintf(text, sizeof text, "and %s: --format json has all of them",
	         tt_sim_count(n, one, many, count));
	tt_page_to(&p->page, 6);
	tt_page_text(&p->page, TT_TONE_DIM, text);
	tt_page_line(&p->page);
}

/* --- The sentence ------------------------------------------------------------------------ */

static int is_nothing(const tt_worlds *w)
{
	return !w->p10.value && !w->p50.value && !w->p90.value && !w->mean && !w->n_below_0;
}

static int64_t negated(int64_t v)
{
	return v == TT_MONEY_UNKNOWN ? v : -v;
}

static int64_t absolute(int64_t v)
{
	return v < 0 ? negated(v) : v;
}

/* ", 10.2 % of the baseline" */
static void say_share(const tt_simulation *s, tt_buf *to)
{
	char pct[TT_CELL_TEXT];
	int64_t base = s->baseline.worlds.p50.value;

	if (base > 0)
		tt_buf_printf(to, ", %s of the baseline",
		              tt_cell_pct(absolute(s->saving.worlds.p50.value), base, pct));
}

static void say_chance(const tt_worlds *w, tt_buf *to)
{
	char pct[TT_CELL_TEXT];

	if (!w->n_below_0)
		tt_buf_puts(to, "; a loss in no world");
	else if (w->n_below_0 == w->n)
		tt_buf_puts(to, "; a loss in every world");
	else
		tt_buf_printf(to, "; a loss in %s of worlds",
		              tt_cell_pct((int64_t)w->n_below_0, (int64_t)w->n, pct));
}

/* Where less than half of the worlds take up what saves, the median says nothing of it. */
static void say_adoption(const tt_simulation *s, tt_buf *to)
{
	const tt_worlds *w = &s->saving.worlds;
	char pct[TT_CELL_TEXT], amount[TT_CELL_TEXT];
	size_t none = 0;

	for (size_t i = 0; i < s->n_worlds; i++)
		none += s->savings[i] == 0;
	if (w->p50.value || 2 * none < s->n_worlds || none == s->n_worlds || s->saving.point <= 0)
		return;
	tt_buf_printf(to, ". Nothing of it is taken up in %s of worlds; taken up as planned, it "
	              "saves %s a month", tt_cell_pct((int64_t)none, (int64_t)s->n_worlds, pct),
	              tt_money_text(tt_sim_monthly(s, s->saving.point), 0, amount, sizeof amount));
}

static void say_work(const tt_simulation *s, tt_buf *to)
{
	double days = 0;
	int risk = 0;
	char number[TT_CELL_TEXT];

	for (size_t i = 0; i < s->n_changes; i++) {
		days += s->changes[i].of->change.effort_days;
		if (s->changes[i].of->change.risk > risk)
			risk = s->changes[i].of->change.risk;
	}
	if (days == 0 && !risk)
		return;
	tt_format_f64(days, 2, number, sizeof number);
	tt_buf_printf(to, ". It takes %s engineer-day%s", number,
	              strcmp(number, "1") == 0 ? "" : "s");
	if (risk)
		tt_buf_printf(to, ", at %s risk", tt_risk_text(risk));
	tt_buf_putc(to, '.');
}

/* "90 to 410 in eight worlds of ten": P10 to P90, of a cost the other way round. */
static void say_spread(const tt_sim_page *p, tt_buf *to)
{
	const tt_worlds *w = &p->s->saving.worlds;
	int64_t low = w->p50.value < 0 ? negated(w->p90.value) : w->p10.value;
	int64_t high = w->p50.value < 0 ? negated(w->p10.value) : w->p90.value;
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];
	size_t same = 1;

	while (same < p->s->n_worlds && p->s->savings[same] == p->s->savings[0])
		same++;
	if (low != high)
		tt_buf_printf(to, "; %s to %s in eight worlds of ten",
		              tt_sim_money(p, tt_sim_monthly(p->s, low), a),
		              tt_sim_money(p, tt_sim_monthly(p->s, high), b));
	else
		tt_buf_printf(to, ", the same in %s", same == p->s->n_worlds ?
		              "every world" : "eight worlds of ten");
}

static void put_sentence(tt_sim_page *p)
{
	const tt_simulation *s = p->s;
	const tt_worlds *w = &s->saving.worlds;
	char amount[TT_CELL_TEXT];
	tt_buf text = { 0 };

	if (is_nothing(w)) {
		tt_buf_puts(&text, "saves nothing in any world");
	} else {
		tt_sim_money(p, absolute(tt_sim_monthly(s, w->p50.value)), amount);
		tt_buf_printf(&text, "%s %s %s a month%s", w->p50.value < 0 ? "costs" : "saves",
		              amount, tt_sim_unit(s), w->p50.value < 0 ? " more" : "");
		say_share(s, &text);
		say_spread(p, &text);
		say_chance(w, &text);
	}
	say_adoption(s, &text);
	say_work(s, &text);
	tt_page_line(&p->page);
	tt_page_paragraph(&p->page, tt_sim_tone(w), 2, &text);
}

/* --- The whole ------------------------------------------------------------------------- */

static void put_range(tt_sim_page *p, const char *label, const tt_sim_range *r, int monthly,
                      int is_saving)
{
	const int64_t amounts[] = { r->worlds.p10.value, r->worlds.p50.value,
		                    r->worlds.p90.value, r->worlds.mean, r->point };
	enum tt_tone tone = is_saving ? tt_sim_tone(&r->worlds) : TT_TONE_PLAIN;
	char text[TT_CELL_TEXT];

	tt_page_to(&p->page, 2);
	tt_page_left(&p->page, is_saving ? TT_TONE_STRONG : TT_TONE_PLAIN, label, LABEL_END - 2);
	for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
		int64_t micro = monthly ? tt_sim_monthly(p->s, amounts[i]) : amounts[i];

		tt_page_right(&p->page, tone, tt_sim_money(p, micro, text), AMOUNT);
	}
	tt_page_line(&p->page);
}

static void put_ranges(tt_sim_page *p, const char *heading, int monthly)
{
	static const char *const heads[] = { "P10", "P50", "P90", "mean", "as planned" };

	tt_page_heading(&p->page, heading);
	tt_page_to(&p->page, LABEL_END);
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		tt_page_right(&p->page, TT_TONE_DIM, heads[i], AMOUNT);
	tt_page_line(&p->page);
	put_range(p, "baseline", &p->s->baseline, monthly, 0);
	put_range(p, "after", &p->s->after, monthly, 0);
	put_range(p, "saving", &p->s->saving, monthly, 1);
}

void tt_sim_put_figures(tt_sim_page *p)
{
	char span[TT_CELL_TEXT], heading[TT_CELL_TEXT * 2];

	put_sentence(p);
	put_ranges(p, "A month", 1);
	if (p->s->until_s - p->s->from_s == MONTH_S)
		return;
	snprintf(heading, sizeof heading, "Over %s", tt_sim_span(p->s, span));
	put_ranges(p, heading, 0);
}

/* --- Service ------------------------------------------------------------------------------ */

static void put_number(tt_sim_page *p, double v, int with_sign)
{
	char text[TT_CELL_TEXT], signed_[TT_CELL_TEXT];

	if (isnan(v))
		snprintf(signed_, sizeof signed_, "%s", "not known");
	else if (isinf(v))
		snprintf(signed_, sizeof signed_, "%s", "no limit");
	else
		snprintf(signed_, sizeof signed_, "%s%.60s", with_sign && v > 0 ? "+" : "",
		         tt_cell_value(v, text));
	tt_page_right(&p->page, isnan(v) ? TT_TONE_DIM :
	              with_sign && v > 0 ? TT_TONE_WARN : TT_TONE_PLAIN, signed_, AMOUNT);
}

struct service { const char *label; double before, after, more; bool is_count; };

static void put_row(tt_sim_page *p, const struct service *r)
{
	double months = (double)(p->s->until_s - p->s->from_s) / MONTH_S;

	tt_page_to(&p->page, 2);
	tt_page_left(&p->page, TT_TONE_PLAIN, r->label, LABEL_END - 2);
	put_number(p, r->before, 0);
	put_number(p, r->after, 0);
	put_number(p, r->more, 1);
	if (r->is_count)
		put_number(p, r->more / months, 1);
	tt_page_line(&p->page);
}

void tt_sim_put_service(tt_sim_page *p)
{
	static const char *const heads[] = { "baseline", "after", "more", "more a month" };
	const tt_sim_service *b = &p->s->baseline_service, *a = &p->s->after_service;
	const tt_sim_service *m = &p->s->added_service;
	const struct service rows[] = {
		{ "interruptions", b->interruptions, a->interruptions, m->interruptions, true },
		{ "cold starts", b->cold_starts, a->cold_starts, m->cold_starts, true },
		{ "overload service-minutes", b->overload_service_minutes,
		  a->overload_service_minutes, m->overload_service_minutes, true },
		{ "p95 latency (ms)", b->p95_latency_ms, a->p95_latency_ms, m->p95_latency_ms,
		  false },
	};
	/* no service is touched: nothing to say of its latency */
	const bool any_requests = !isnan(a->p95_latency_ms) || isnan(m->p95_latency_ms);
	size_t n = sizeof rows / sizeof *rows - !any_requests, known = 0;
	tt_buf text = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (!isnan(rows[i].before) || !isnan(rows[i].after) || !isnan(rows[i].more))
			known++;
		else
			tt_buf_printf(&text, "%s%s", text.n ? ", " : "not known: ", rows[i].label);
	}
	tt_page_heading(&p->page, "What it does to service");
	tt_page_to(&p->page, LABEL_END);
	for (size_t i = 0; known && i < sizeof heads / sizeof *heads; i++)
		tt_page_right(&p->page, TT_TONE_DIM, heads[i], AMOUNT);
	tt_page_line(&p->page);
	for (size_t i = 0; i < n; i++)
		if (!isnan(rows[i].before) || !isnan(rows[i].after) || !isnan(rows[i].more))
			put_row(p, &rows[i]);
	if (text.n || text.failed)
		tt_page_paragraph(&p->page, TT_TONE_DIM, 2, &text);
}

/* --- Spread -------------------------------------------------------------------------------- */

struct spread {
	tt_histogram h;
	size_t zeros;    /* worlds in which nothing is saved, not a little: no bin counts them */
	size_t most;     /* of a bar */
};

static void put_marks(tt_sim_page *p, const struct spread *x, int is_zero, size_t bin)
{
	const tt_worlds *w = &p->s->saving.worlds;
	const struct { const char *name; int64_t micro; } marks[] = {
		{ " P10", tt_sim_monthly(p->s, w->p10.value) },
		{ " P50", tt_sim_monthly(p->s, w->p50.value) },
		{ " P90", tt_sim_monthly(p->s, w->p90.value) },
	};

	tt_page_text(&p->page, TT_TONE_PLAIN, " ");
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (x->zeros && !marks[i].micro ? is_zero :
		    !is_zero && tt_histogram_bin(&x->h, marks[i].micro) == bin)
			tt_page_text(&p->page, TT_TONE_STRONG, marks[i].name);
}

static void put_bar(tt_sim_page *p, const struct spread *x, enum tt_tone tone, size_t n)
{
	char text[TT_CELL_TEXT];

	tt_page_to(&p->page, BAR_AT);
	tt_page_bar(&p->page, tone, (int64_t)n, (int64_t)x->most, BAR);
	tt_page_right(&p->page, TT_TONE_PLAIN,
	              n ? tt_cell_pct((int64_t)n, (int64_t)p->s->n_worlds, text) : "", 8);
}

static void put_zeros(tt_sim_page *p, const struct spread *x)
{
	tt_page_to(&p->page, 2);
	tt_page_right(&p->page, TT_TONE_PLAIN, "nothing", EDGE);
	put_bar(p, x, TT_TONE_PLAIN, x->zeros);
	put_marks(p, x, 1, 0);
	tt_page_line(&p->page);
}

static void put_bin(tt_sim_page *p, const struct spread *x, size_t bin)
{
	const tt_histogram *h = &x->h;
	int64_t from = tt_histogram_edge(h, bin), to = tt_histogram_edge(h, bin + 1);
	int up_to = h->below && bin == 0, and_up = h->above && bin + 1 == h->bins && !up_to;
	char text[TT_CELL_TEXT];

	tt_page_to(&p->page, 2);
	tt_page_right(&p->page, TT_TONE_PLAIN, up_to ? "up" : tt_sim_money(p, from, text), EDGE);
	tt_page_text(&p->page, TT_TONE_DIM, and_up ? " and " : " to ");
	tt_page_text(&p->page, TT_TONE_PLAIN, and_up ? "up" : tt_sim_money(p, to, text));
	put_bar(p, x, from < 0 ? TT_TONE_BAD : TT_TONE_GOOD, h->n[bin]);
	put_marks(p, x, 0, bin);
	tt_page_line(&p->page);
}

/* Worlds in which no change was taken up save exactly nothing, often many: they would make
 * a little saving look likely. */
static void take_zeros(struct spread *x, const int64_t *sorted, size_t n)
{
	for (size_t i = 0; i < x->h.bins; i++) {
		if (tt_histogram_edge(&x->h, i) != 0)
			continue;
		for (size_t k = 0; k < n; k++)
			x->zeros += sorted[k] == 0;
		x->h.n[i] -= x->zeros;
	}
	x->most = x->zeros;
	for (size_t i = 0; i < x->h.bins; i++)
		x->most = x->h.n[i] > x->most ? x->h.n[i] : x->most;
}

void tt_sim_put_spread(tt_sim_page *p)
{
	const tt_simulation *s = p->s;
	TT_CLEANUP(tt_freep) int64_t *v = tt_zalloc(s->n_worlds + 1, sizeof *v);
	char worlds[TT_CELL_TEXT], heading[TT_CELL_TEXT + 64];
	struct spread x = { .zeros = 0 };

	p->page.out->failed |= !v;
	if (!v || !s->n_worlds)
		return;
	for (size_t i = 0; i < s->n_worlds; i++)
		v[i] = tt_sim_monthly(s, s->savings[i]);
	tt_order_sort(v, s->n_worlds);
	tt_histogram_make(v, s->n_worlds, &x.h);
	if (!x.h.bins)
		return;
	take_zeros(&x, v, s->n_worlds);
	snprintf(heading, sizeof heading, "The saving a month in %s",
	         tt_sim_count(s->n_worlds, "world", "worlds", worlds));
	tt_page_heading(&p->page, heading);
	tt_page_line(&p->page);
	for (size_t i = 0; i < x.h.bins; i++) {
		if (x.zeros && tt_histogram_edge(&x.h, i) == 0)
			put_zeros(p, &x);
		put_bin(p, &x, i);
	}
}
