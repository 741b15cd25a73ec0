#include "report/csv_field.h"
#include "report/once.h"
#include <math.h>
#include <stdio.h>

static void number(tt_buf *out, double v)
{
	char text[64];

	tt_buf_printf(out, ",%s", tt_format_f64(v, 6, text, sizeof text));
}

static void amount(tt_buf *out, int64_t micro)
{
	char text[64];

	tt_buf_printf(out, ",%s", micro == TT_MONEY_UNKNOWN ? ""
	                          : tt_money_json(micro, text, sizeof text));
}

static void put_row(tt_buf *out, const tt_once_pool *p, const char *target,
                    const tt_once_answer *a, const tt_once_level *l)
{
	char text[64];

	tt_csv_field(out, p->pool->name, true);
	tt_buf_putc(out, ',');
	tt_csv_field(out, tt_once_unit(p, text, sizeof text), false);
	tt_buf_putc(out, ',');
	tt_csv_field(out, a->offer->name, false);
	tt_buf_printf(out, ",%s,%s,%lld", target,
	              tt_decimal_format(a->offer->rate_per_hour, text, sizeof text),
	              (long long)l->units);
	amount(out, p->on_demand_micro);
	amount(out, l->cost_micro);
	amount(out, p->on_demand_micro - l->cost_micro);
	number(out, l->utilization_ratio);
	number(out, l->coverage_ratio);
	tt_buf_printf(out, ",%zu\n", a->pays_from_h);
}

void tt_once_csv(const tt_once_report *r, tt_buf *out)
{
	tt_buf_puts(out, "pool,unit,offer,target,rate_per_hour,units,on_demand_cost,cost,saving,"
	                 "utilization_ratio,coverage_ratio,pays_from_h\n");
	for (size_t i = 0; i < r->once->n; i++) {
		const tt_once_pool *p = &r->once->v[i];

		for (size_t k = 0; p->on_demand_micro != TT_MONEY_UNKNOWN && k < p->offers.n; k++) {
			const tt_once_answer *a = &p->answers[k];

			put_row(out, p, "least_cost", a, &a->best);
			if (a->has_utilization)
				put_row(out, p, "utilization", a, &a->at_utilization);
			if (a->has_coverage)
				put_row(out, p, "coverage", a, &a->at_coverage);
		}
	}
}
