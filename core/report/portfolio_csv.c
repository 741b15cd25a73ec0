#include "report/csv_field.h"
#include "report/portfolio.h"
#include "base/clock.h"
#include <string.h>

static void put_text(tt_buf *out, const char *s)
{
	tt_csv_field(out, s, true);
	tt_buf_putc(out, ',');
}

static void put_time(tt_buf *out, int64_t t)
{
	char text[64];

	if (t != TT_TIME_MISSING)
		tt_buf_puts(out, tt_time_format(t, text));
	tt_buf_putc(out, ',');
}

static void put_words(tt_buf *out, const tt_commitment_row *c)
{
	char text[64];

	put_text(out, c->commitment);
	put_text(out, c->kind);
	put_text(out, c->provider);
	put_text(out, c->region);
	put_text(out, c->instance_type);
	put_text(out, c->gpu_model);
	tt_buf_printf(out, "%s,", tt_format_f64(c->units, 6, text, sizeof text));
	if (c->commitment_per_hour != TT_DECIMAL_MISSING)
		tt_buf_puts(out, tt_decimal_format(c->commitment_per_hour, text, sizeof text));
	tt_buf_putc(out, ',');
	put_time(out, c->starts_at);
	put_time(out, c->ends_at);
}

void tt_portfolio_csv(const tt_portfolio_report *r, tt_buf *out)
{
	const tt_positions *x = r->positions;
	char text[64];

	tt_buf_puts(out, "commitment,kind,provider,region,instance_type,gpu_model,units,"
	                 "commitment_per_hour,starts_at,ends_at,cost,unused_cost,used_ratio,"
	                 "kind_used_ratio,alarm,why_not_metered\n");
	for (size_t i = 0; i < x->n; i++) {
		const tt_position *v = &x->v[i];
		const tt_position_group *g = &x->groups[v->group];

		put_words(out, v->row);
		tt_buf_printf(out, "%s,", tt_money_json(v->cost->cost_micro, text, sizeof text));
		tt_buf_printf(out, "%s,", tt_money_json(v->cost->unused_micro, text, sizeof text));
		tt_buf_printf(out, "%s,", tt_format_f64(v->used_ratio, 6, text, sizeof text));
		tt_buf_printf(out, "%s,%s,\n", tt_format_f64(g->used_ratio, 6, text, sizeof text),
		              tt_portfolio_alarms(r, g) ? "true" : "false");
	}
	for (size_t i = 0; i < x->n_unmetered; i++) {
		put_words(out, x->unmetered[i].row);
		tt_buf_puts(out, ",,,,,");
		tt_csv_field(out, x->unmetered[i].why, false);
		tt_buf_putc(out, '\n');
	}
}
