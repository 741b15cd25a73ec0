#include "report/pack_html.h"
#include "report/layout.h"
#include "report/markup.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_POOLS = 5, MOST_ASKS = 3, MOST_DATES = 4, MOST_OWNERS = 10, CHART_W = 168, CHART_H = 24,
	DAY_H = 24 };

/* --- Cells ----------------------------------------------------------------------------------- */

static void put_f(tt_buf *out, const char *before, double v, int decimals, const char *behind)
{
	if (isnan(v))
		tt_buf_printf(out, "%s-", before);
	else
		tt_buf_printf(out, "%s%.*f%s", before, decimals, v, behind);
}

static void put_units(tt_buf *out, double v)
{
	char text[TT_CELL_TEXT];

	tt_buf_puts(out, v < 100 && v > floor(v) ? tt_cell_value(round(v * 10) / 10, text)
	            : tt_cell_count(llround(v), text));
}

static void cell(tt_buf *out, const char *text)
{
	tt_buf_puts(out, "<td>");
	tt_put_markup(out, text);
	tt_buf_puts(out, "</td>");
}

static void cell_units(tt_buf *out, double v)
{
	tt_buf_puts(out, "<td>");
	put_units(out, v);
	tt_buf_puts(out, "</td>");
}

static void cell_ratio(tt_buf *out, double v)
{
	char text[TT_CELL_TEXT];

	cell(out, tt_cell_ratio(v, 0, text));
}

/* Whole money: nobody talks about cents here. */
static void put_money(tt_buf *out, int64_t micro)
{
	char text[TT_CELL_TEXT];

	tt_buf_puts(out, micro == TT_MONEY_UNKNOWN ? "not known"
	            : tt_cell_count(llround((double)micro / 1e6), text));
}

static const char *unit_of(const tt_pack_pool *p)
{
	return p->pool->cards ? "card" : "instance";
}

static void put_count(int64_t units, const tt_pack_pool *p, tt_buf *out)
{
	char text[TT_CELL_TEXT];

	tt_buf_printf(out, "%s %s%s", tt_cell_count(units, text), unit_of(p),
	              units == 1 ? "" : "s");
}

static const char *day(int64_t t, char *buf)
{
	tt_cell_time(t, buf);
	buf[10] = '\0';
	return buf;
}

/* --- The page -------------------------------------------------------------------------------- */

static void put_head(const tt_pack_report *r, tt_buf *out)
{
	tt_buf_puts(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
	tt_put_markup(out, r->snapshot->name);
	tt_buf_puts(out, ": what we would commit to</title>\n<style>\n"
		"@page{size:A4;margin:9mm}\n"
		"body{font:9pt/1.3 system-ui,sans-serif;color:#1f2328;background:#fff;"
		"max-width:188mm;margin:0 auto;padding:4mm}\n"
		"h1{font-size:15pt;margin:0 0 1mm}h2{font-size:10.5pt;margin:3mm 0 1mm;"
		"border-bottom:1px solid #d1d9e0}\n"
		"p{margin:1mm 0}ul{margin:1mm 0;padding-left:5mm}li{margin:.6mm 0}\n"
		"table{border-collapse:collapse;width:100%;font-size:8pt}\n"
		"th{font-weight:600;text-align:right;color:#59636e;vertical-align:bottom;"
		"padding:.4mm 1.2mm}\n"
		"td{text-align:right;white-space:nowrap;padding:.5mm 1.2mm;border-top:1px "
		"solid #eaeef2;font-variant-numeric:tabular-nums}\n"
		"th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal}"
		"td small{color:#59636e;display:block}\n"
		".dim{color:#59636e}.area{fill:#0969da;opacity:.25}.base{stroke:#1a7f37;"
		"stroke-width:1.4}.days{stroke:#d1d9e0}\n"
		"svg{display:block;margin-left:auto}\n"
		"@media print{body{padding:0;max-width:none;font-size:8.5pt}}\n"
		"</style>\n</head>\n<body>\n");
}

static void put_summary(const tt_pack_report *r, tt_buf *out)
{
	const tt_pack *x = r->pack;
	char from[TT_CELL_TEXT], to[TT_CELL_TEXT];
	int64_t month = 0;
	bool known = x->n > 0;

	for (size_t i = 0; i < x->n; i++) {
		known = known && x->v[i].month_micro != TT_MONEY_UNKNOWN &&
			!__builtin_add_overflow(month, x->v[i].month_micro, &month);
	}
	tt_buf_puts(out, "<h1>");
	tt_put_markup(out, r->snapshot->name);
	tt_buf_puts(out, ": what we would commit to</h1>\n<p class=\"dim\">");
	tt_buf_printf(out, "Measured from %s to %s, %zu hours; a month is 730 hours.",
	              day(x->start_s, from), day(r->snapshot->end_s, to), x->hours);
	tt_buf_printf(out, " Use is %s. Amounts are in ", r->eligible->of_nodes ?
	              "the life of nodes on demand or reserved" : "recorded demand");
	tt_put_markup(out, tt_unit_text(r->snapshot->currency));
	tt_buf_puts(out, ".</p>\n");
	if (known) {
		tt_buf_puts(out, "<p>At prices on demand our use comes to <b>");
		put_money(out, month);
		tt_buf_printf(out, "</b> a month, in %zu %s.</p>\n", x->n,
		              x->n == 1 ? "pool" : "pools");
	}
}

/* The mean week, and the line above which use is for 95 % of the hours. */
static void put_week(const tt_pack_pool *p, tt_buf *out)
{
	double top = fmax(p->steady, 1e-9);

	for (size_t i = 0; i < TT_PACK_WEEK_H; i++)
		top = fmax(top, p->profile[i]);
	tt_buf_printf(out, "<svg width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"mean "
		"week\">",
	              CHART_W, CHART_H);
	for (int d = 1; d < 7; d++)
		tt_buf_printf(out, "<path class=\"days\" d=\"M%d 0V%d\"/>", d * DAY_H, CHART_H);
	tt_buf_printf(out, "<path class=\"area\" d=\"M0 %d", CHART_H);
	for (size_t i = 0; i < TT_PACK_WEEK_H; i++) {
		const double v = isnan(p->profile[i]) ? 0 : p->profile[i] / top;
		const int tenths = (int)lround((CHART_H - 2) * 10 * v);

		tt_buf_printf(out, "V%d.%dh1", (CHART_H * 10 - tenths) / 10,
		              (CHART_H * 10 - tenths) % 10);
	}
	tt_buf_printf(out, "V%dZ\"/>", CHART_H);

	const int tenths = CHART_H * 10 - (int)lround((CHART_H - 2) * 10 * p->steady / top);

	tt_buf_printf(out, "<path class=\"base\" d=\"M0 %d.%dH%d\"/></svg>", tenths / 10,
	              tenths % 10, CHART_W);
}

static void put_name(const tt_pack_pool *p, tt_buf *out)
{
	tt_buf_puts(out, "<tr><td>");
	tt_put_markup(out, p->pool->name);
	tt_buf_printf(out, " <span class=\"dim\">%ss</span></td>", unit_of(p));
}

static void put_rest(const tt_pack *x, int columns, tt_buf *out)
{
	if (x->n > MOST_POOLS)
		tt_buf_printf(out, "<tr><td colspan=\"%d\" class=\"dim\">and %zu smaller pools"
		              "</td></tr>\n", columns, x->n - MOST_POOLS);
	tt_buf_puts(out, "</table>\n");
}

static void put_base(const tt_pack_report *r, tt_buf *out)
{
	const tt_pack *x = r->pack;

	tt_buf_puts(out, "<h2>The steady base, and what moves on top of it</h2>\n<table>\n<tr>"
		"<th>pool</th><th>mean</th><th>steady<br>(95 % of hours)</th><th>always</th>"
		"<th>peak</th><th>growth<br>a quarter</th><th>weekend to<br>weekday</th>"
		"<th>held<br>already</th><th>mean week, Mon to Sun</th></tr>\n");
	for (size_t i = 0; i < x->n && i < MOST_POOLS; i++) {
		const tt_pack_pool *p = &x->v[i];

		put_name(p, out);
		cell_units(out, p->mean);
		cell_units(out, p->steady);
		cell_units(out, p->always);
		cell_units(out, p->peak);
		put_f(out, "<td>", 100 * p->growth_ratio, 0, " %");
		tt_buf_puts(out, "</td>");
		cell_ratio(out, p->weekend_ratio);
		cell_ratio(out, p->held_ratio);
		tt_buf_puts(out, "<td>");
		put_week(p, out);
		tt_buf_puts(out, "</td></tr>\n");
	}
	put_rest(x, 9, out);
	tt_buf_puts(out, "<p class=\"dim\">The green line is the steady base; hours are "
		"UTC. Growth is said where eight weeks in a row are known and used.</p>\n");
}

static void put_level(const tt_pack_level *l, tt_buf *out)
{
	char units[TT_CELL_TEXT], used[TT_CELL_TEXT];

	if (!l->units)
		tt_buf_puts(out, "<td class=\"dim\">0</td>");
	else
		tt_buf_printf(out, "<td>%s<small>%s</small></td>", tt_cell_count(l->units, units),
		              tt_cell_ratio(l->used_ratio, 0, used));
}

static void put_offers(const tt_pack_pool *p, tt_buf *out)
{
	char text[TT_CELL_TEXT];

	tt_buf_puts(out, "<td>");
	for (size_t i = 0; i < p->n_offered; i++) {
		const tt_pack_offer *o = &p->offered[i];

		tt_buf_puts(out, i ? "<br>" : "");
		tt_put_markup(out, o->offer->name);
		tt_buf_printf(out, ": %s", tt_cell_ratio(o->at.ratio, 0, text));
		tt_buf_printf(out, " &rarr; %s", tt_cell_count(o->at.units, text));
	}
	tt_buf_puts(out, p->n_offered ? "</td>" : "none known</td>");
}

static void put_rates(const tt_pack_report *r, tt_buf *out)
{
	const tt_pack *x = r->pack;
	char text[TT_CELL_TEXT];

	tt_buf_puts(out, "<h2>What each rate would make us commit to, beyond what is held</h2>\n"
		"<table>\n<tr><th>pool</th><th>an hour<br>on demand</th><th>offered: break-even"
		"<br>&rarr; what we would take</th>");
	for (size_t i = 0; i < TT_PACK_RATES; i++)
		tt_buf_printf(out, "<th>at<br>%d&nbsp;%%</th>", tt_pack_rates_pct[i]);
	tt_buf_puts(out, "</tr>\n");
	for (size_t i = 0; i < x->n && i < MOST_POOLS; i++) {
		const tt_pack_pool *p = &x->v[i];

		put_name(p, out);
		cell(out, p->offers.price_per_hour == TT_DECIMAL_MISSING ? "not known" :
		     tt_decimal_format(p->offers.price_per_hour, text, sizeof text));
		put_offers(p, out);
		for (size_t k = 0; k < TT_PACK_RATES; k++)
			put_level(&p->rates[k], out);
		tt_buf_puts(out, "</tr>\n");
	}
	put_rest(x, 3 + TT_PACK_RATES, out);
	tt_buf_puts(out, "<p class=\"dim\">A rate is a share of the price on demand; a unit "
		"pays from "
		"as large a share of the hours in use (break-even). Below each number: how much of "
		"what is committed would have been used.</p>\n");
}

static void put_share(tt_buf *out, const char *what, double part, double all)
{
	char text[TT_CELL_TEXT];

	tt_buf_printf(out, "%s %s",
	              tt_cell_ratio(all > 0 ? part / all : (double)NAN, 0, text), what);
}

static void put_flexible(const tt_pack_report *r, tt_buf *out)
{
	const tt_pack_work *w = &r->pack->work;

	tt_buf_puts(out, "<h2>What could move</h2>\n<p>");
	if (!(w->all_h > 0)) {
		tt_buf_puts(out, "Not known: no pod with cards is recorded.</p>\n");
		return;
	}
	tt_buf_puts(out, "Of all card-hours that pods asked for, ");
	put_share(out, "could run at another hour (training and batch), ", w->wait_h, w->all_h);
	put_share(out, "on another type (they name no GPU model and select no node), ", w->type_h,
	          w->all_h);
	put_share(out, "in another region (no service, and they select no node).</p>\n",
	          w->region_h, w->all_h);
}

/* --- What a vendor asks, and what we ask for -------------------------------------------------- */

static void put_terms(const tt_pack_report *r, tt_buf *out)
{
	const tt_expiries *e = r->expiries;
	char text[TT_CELL_TEXT];

	for (size_t i = 0; i < e->n && i < MOST_DATES; i++) {
		tt_buf_printf(out, "%s%s", i ? ", " : "<li>What we hold ends on ",
		              day(e->v[i].at_s, text));
		tt_buf_printf(out, " (%zu %s)", e->v[i].n, e->v[i].n == 1 ? "commitment"
		              : "commitments");
	}
	if (e->n > MOST_DATES)
		tt_buf_printf(out, " and %zu later dates", e->n - MOST_DATES);
	tt_buf_puts(out, e->n ? ": a term could start then.</li>\n" : "");
}

static void put_vendor(const tt_pack_report *r, tt_buf *out)
{
	const tt_pack *x = r->pack;

	tt_buf_puts(out, "<h2>What a vendor will want to know</h2>\n<ul>\n");
	for (size_t i = 0; i < x->n && i < MOST_ASKS; i++) {
		const tt_pack_pool *p = &x->v[i];

		tt_buf_puts(out, "<li>");
		tt_put_markup(out, p->pool->name);
		tt_buf_puts(out, ": ");
		put_units(out, p->month_h);
		tt_buf_printf(out, " %s-hours a month, at most ", unit_of(p));
		put_units(out, p->peak);
		tt_buf_puts(out, " at once; on demand ");
		put_money(out, p->month_micro);
		tt_buf_puts(out, " a month.</li>\n");
	}
	put_terms(r, out);
	tt_buf_puts(out, "</ul>\n");
}

/* What the lowest rate that is offered is worth to us, and the rate from which more is. */
static void put_ask(const tt_pack_pool *p, tt_buf *out)
{
	const tt_pack_offer *best = NULL;
	const tt_pack_level *next = NULL;
	char text[TT_CELL_TEXT];

	for (size_t i = 0; i < p->n_offered; i++)
		if (p->offered[i].at.units && (!best || p->offered[i].at.ratio < best->at.ratio))
			best = &p->offered[i];
	for (size_t i = 0; i < TT_PACK_RATES && !next; i++)
		if (p->rates[i].units > (best ? best->at.units : 0) &&
		    (!best || p->rates[i].ratio < best->at.ratio))
			next = &p->rates[i];
	if (!best && !next)
		return;
	tt_buf_puts(out, "<li><b>");
	tt_put_markup(out, p->pool->name);
	tt_buf_puts(out, "</b>: ");
	if (best) {
		put_count(best->at.units, p, out);
		tt_buf_puts(out, " at the lowest rate that is offered (");
		tt_put_markup(out, best->offer->name);
		tt_buf_puts(out, "), ");
		put_money(out, best->at.year_micro);
		tt_buf_puts(out, next ? " a year; " : " a year.");
	}
	if (next) {
		put_count(next->units, p, out);
		tt_buf_printf(out, " at %s of the price on demand",
		              tt_cell_ratio(next->ratio, 0, text));
		if (next->year_micro != TT_MONEY_UNKNOWN) {
			tt_buf_puts(out, ", ");
			put_money(out, next->year_micro);
			tt_buf_puts(out, " a year");
		}
		tt_buf_puts(out, ".");
	}
	tt_buf_puts(out, "</li>\n");
}

static void put_asks(const tt_pack_report *r, tt_buf *out)
{
	const tt_pack *x = r->pack;
	const tt_pack_work *w = &x->work;
	size_t asks = 0;

	tt_buf_puts(out, "<h2>What to ask for</h2>\n<ul>\n");
	for (size_t i = 0; i < x->n && asks < MOST_ASKS; i++) {
		const size_t before = out->n;

		put_ask(&x->v[i], out);
		asks += out->n > before;
	}
	if (!asks)
		tt_buf_puts(out, "<li>Nothing is worth committing to beyond what is held, "
			"at any rate down to 30 % of the price on demand.</li>\n");
	if (w->all_h > 0 && w->type_h >= w->all_h / 4)
		tt_buf_puts(out, "<li>The right to exchange types within a family: work "
			"that names no type can follow.</li>\n");
	if (w->all_h > 0 && w->region_h >= w->all_h / 4)
		tt_buf_puts(out, "<li>Capacity in any of several regions, at the price of "
			"the cheapest.</li>\n");
	if (w->all_h > 0 && w->wait_h >= w->all_h / 4)
		tt_buf_puts(out, "<li>A lower rate for hours that the vendor chooses: training and "
			"batch can wait.</li>\n");
	for (size_t i = 0; i < x->n && i < MOST_POOLS; i++) {
		if (!(x->v[i].growth_ratio >= 0.05))
			continue;
		tt_buf_puts(out, "<li>A commitment that steps up each quarter instead of "
			"its peak from the first day: use grows.</li>\n");
		break;
	}
	tt_buf_puts(out, "</ul>\n");
}

/* By demand.csv in hours; else by the bill in money. */
static void put_owners(const tt_pack_report *r, tt_buf *out)
{
	const tt_pack *x = r->pack;
	const size_t n = x->n_owners ? x->n_owners : r->owners ? r->owners->n : 0;

	if (!n)
		return;
	tt_buf_puts(out, "<h2>Whose use it is</h2>\n<p>");
	for (size_t i = 0; i < n && i < MOST_OWNERS; i++) {
		const char *name = x->n_owners ? x->owners[i].owner : r->owners->v[i].owner;

		tt_buf_puts(out, i ? "; " : "");
		tt_put_markup(out, *name ? name : "nobody");
		tt_buf_puts(out, ": ");
		if (x->n_owners) {
			put_units(out, x->owners[i].unit_h);
			tt_buf_printf(out, " %s-hours", x->owners[i].cards ? "card" : "instance");
		} else {
			put_money(out, r->owners->v[i].committed_micro +
			          r->owners->v[i].on_demand_micro);
		}
	}
	if (n > MOST_OWNERS)
		tt_buf_printf(out, "; and %zu more", n - MOST_OWNERS);
	tt_buf_puts(out, x->n_owners ? ".</p>\n" : ", as paid in the window.</p>\n");
}

void tt_pack_html(const tt_pack_report *r, tt_buf *out)
{
	put_head(r, out);
	put_summary(r, out);
	put_base(r, out);
	put_rates(r, out);
	put_flexible(r, out);
	put_vendor(r, out);
	put_asks(r, out);
	put_owners(r, out);
	tt_buf_puts(out, "</body>\n</html>\n");
}
