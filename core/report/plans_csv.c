#include "base/clock.h"
#include "report/csv_field.h"
#include "report/plans.h"

static void put_row(tt_buf *out, const tt_plans_pool *p, const tt_purchase *b)
{
	char starts[TT_TIME_TEXT], ends[TT_TIME_TEXT], rate[64], cost[64];

	tt_csv_field(out, p->pool->name, true);
	tt_buf_printf(out, ",%s,", p->pool->cards ? "card" : "instance");
	tt_buf_printf(out, "%lld,", (long long)p->offers.unit_cards);
	tt_csv_field(out, b->offer->name, false);
	tt_buf_printf(out, ",%zu,%s,%s,%lld,%s,%s\n", b->quarter + 1,
	              tt_time_format(b->starts_s, starts), tt_time_format(b->ends_s, ends),
	              (long long)b->units,
	              tt_decimal_format(b->offer->rate_per_hour, rate, sizeof rate),
	              tt_money_json(b->cost_micro, cost, sizeof cost));
}

void tt_plans_csv(const tt_plans_report *r, tt_buf *out)
{
	tt_buf_puts(out, "pool,usage_in,unit_cards,offer,quarter,starts_at,ends_at,units,"
	                 "rate_per_hour,cost\n");
	for (size_t i = 0; i < r->plans->n; i++)
		for (size_t k = 0; k < r->plans->v[i].n_purchases; k++)
			put_row(out, &r->plans->v[i], &r->plans->v[i].purchases[k]);
}
