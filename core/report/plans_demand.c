#include "report/plans_demand.h"
#include "maths/elementary.h"
#include "report/json_fields.h"
#include "report/layout.h"
#include <math.h>

enum { HOUR_S = 3600 };

static const char *const names[TT_FORECASTS] = {
	[TT_FORECAST_NAIVE] = "the week before",
	[TT_FORECAST_DRIFT] = "the week before with a fading growth",
	[TT_FORECAST_HOLT_WINTERS] = "Holt-Winters",
	[TT_FORECAST_LEVEL] = "this one",
	[TT_FORECAST_MEDIAN] = "the median of all",
};

static int64_t from_s(const tt_eligible *e, const tt_look_back *b)
{
	return e->start_s + (int64_t)b->from * HOUR_S;
}

/* What the forecast would have cost at dates of the past, beside the best that was tried. */
static void put_track(const tt_track *t, tt_buf *out)
{
	const double cost = t->scores[TT_FORECAST_LEVEL].cost;
	const int64_t mine = isnan(cost) ? TT_MONEY_UNKNOWN : llround(cost);
	char text[TT_CELL_TEXT], best[TT_CELL_TEXT];

	if (!t->origins) {
		tt_buf_puts(out, "The history is too short to try the forecast on its own past.");
		return;
	}
	tt_buf_printf(out, "At %zu %s of the past, with this forecast of the quarter after, "
	              "what was bought would have cost %s an hour more than it had to", t->origins,
	              t->origins == 1 ? "date" : "dates", tt_cell_money(mine, text));
	if (t->scores[t->best].cost < t->scores[TT_FORECAST_LEVEL].cost)
		tt_buf_printf(out, " (%s, best of those tried: %s)", names[t->best],
		              tt_cell_money(llround(t->scores[t->best].cost), best));
	tt_buf_putc(out, '.');
	if (!t->n_quarters)
		return;
	tt_buf_printf(out, " Four of five times the mean of that quarter was within %s of it",
	              tt_cell_ratio(tt_exp(t->off_ratio[0]) - 1, 0, text));
	if (!isnan(t->held_ratio))
		tt_buf_printf(out, "; an interval made so without the latest dates would have held "
		              "%s of them", tt_cell_ratio(t->held_ratio, 0, text));
	tt_buf_putc(out, '.');
}

void tt_plans_net_text(const tt_eligible_pool *p, tt_buf *out)
{
	char a[TT_CELL_TEXT], b[TT_CELL_TEXT];

	if (!p->changed)
		return;
	tt_buf_printf(out, "With what is accepted its mean use in the window is %s",
	              tt_cell_value(p->net_units, a));
	if (p->net_units < p->gross_units || p->net_units > p->gross_units)
		tt_buf_printf(out, ", not %s", tt_cell_value(p->gross_units, b));
	tt_buf_puts(out, p->n_later ? ";" : ". ");
	for (size_t k = 0; k < p->n_later; k++) {
		const tt_later *l = &p->later[k];
		const double units = l->parts / (double)TT_ELIGIBLE_ONE;

		tt_buf_printf(out, "%s %s %s from %.10s", k ? "," : "",
		              tt_cell_value(fabs(units), a), units < 0 ? "go" : "come",
		              tt_cell_time(l->from_s, b));
		if (l->until_s < INT64_MAX)
			tt_buf_printf(out, " to %.10s", tt_cell_time(l->until_s, b));
	}
	if (p->n_later)
		tt_buf_puts(out, p->net_units > 0 ? ". " :
		            "; of what was never used nothing is planned. ");
}

void tt_plans_demand_text(const tt_eligible *e, const tt_plans_pool *p, tt_buf *out)
{
	const tt_look_back *b = &p->plan.look_back;
	char at[TT_CELL_TEXT], before[TT_CELL_TEXT], after[TT_CELL_TEXT];

	if (b->from)
		tt_buf_printf(out, "The use went from %s to %s about %.10s, and stayed there: what "
		              "was before is not looked at. ", tt_cell_value(b->before, before),
		              tt_cell_value(b->after, after), tt_cell_time(from_s(e, b), at));
	tt_plans_net_text(p->pool, out);
	put_track(&p->track, out);
}

static void put_later(const tt_eligible_pool *p, tt_json *j)
{
	if (!p->changed)
		return;
	tt_put_f64(j, "gross_units", p->gross_units);
	tt_put_f64(j, "net_units", p->net_units);
	tt_json_key(j, "later");
	tt_json_array(j);
	for (size_t k = 0; k < p->n_later; k++) {
		tt_json_object_line(j);
		tt_put_time(j, "from", p->later[k].from_s);
		if (p->later[k].until_s < INT64_MAX)
			tt_put_time(j, "until", p->later[k].until_s);
		else
			tt_put_text(j, "until", NULL);
		tt_put_f64(j, "units", p->later[k].parts / (double)TT_ELIGIBLE_ONE);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_tried(const tt_track *t, tt_json *j)
{
	tt_json_key(j, "tried");
	tt_json_array(j);
	for (size_t i = 0; t->origins && i < TT_FORECASTS; i++) {
		tt_json_object_line(j);
		tt_put_text(j, "forecast", tt_track_words[i]);
		tt_put_f64(j, "cost_per_hour", t->scores[i].cost / 1e6);
		tt_put_f64(j, "mase", t->scores[i].mase);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_intervals(const tt_track *t, tt_json *j)
{
	tt_json_key(j, "intervals");
	tt_json_array(j);
	for (size_t q = 0; q < t->n_quarters; q++) {
		tt_json_object_line(j);
		tt_put_i64(j, "quarter", (int64_t)q + 1);
		tt_put_i64(j, "dates", (int64_t)t->n_errors[q]);
		tt_put_f64(j, "off_ratio", tt_exp(t->off_ratio[q]) - 1);
		tt_put_f64(j, "widens", t->widens[q]);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

void tt_plans_demand_json(const tt_eligible *e, const tt_plans_pool *p, tt_json *j)
{
	const tt_look_back *b = &p->plan.look_back;

	tt_json_key(j, "demand");
	tt_json_object(j);
	tt_put_time(j, "from", from_s(e, b));
	tt_put_f64(j, "level_before", b->before);
	tt_put_f64(j, "level_after", b->after);
	tt_put_text(j, "forecast", tt_track_words[TT_FORECAST_LEVEL]);
	tt_put_i64(j, "dates", (int64_t)p->track.origins);
	put_later(p->pool, j);
	put_tried(&p->track, j);
	put_intervals(&p->track, j);
	tt_put_f64(j, "held_ratio", p->track.held_ratio);
	tt_json_end_object(j);
}
