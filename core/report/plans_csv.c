#include "base/clock.h"
#include "commit/blocks.h"
#include "commit/plan_cash.h"
#include "maths/payments.h"
#include "report/csv_field.h"
#include "report/plans.h"
#include "report/plans_money.h"
#include <stddef.h>
#include <string.h>

#define MONTH_S (TT_PAYMENTS_MONTH_H * INT64_C(3600))

static void put_text(tt_buf *out, const char *s)
{
	tt_buf_putc(out, ',');
	tt_csv_field(out, s, true);
}

/* A column of nodes where all that is in the pool has the same; else nothing. */
static void put_common(tt_buf *out, const tt_eligible_pool *p, size_t offset)
{
	const char *first = NULL;

	for (size_t i = 0; i < p->n_likes; i++) {
		const char *const *field =
			(const char *const *)(const void *)((const char *)&p->likes[i] + offset);
		const char *text = *field ? *field : "";

		if (i && strcmp(text, first) != 0)
			first = "";
		else if (!i)
			first = text;
	}
	put_text(out, first ? first : "");
}

static void put_pool(tt_buf *out, const char *action, const tt_plans_pool *p)
{
	tt_buf_puts(out, action);
	put_text(out, p->pool->name);
	put_common(out, p->pool, offsetof(tt_node_row, provider));
	put_common(out, p->pool, offsetof(tt_node_row, region));
	put_common(out, p->pool, offsetof(tt_node_row, instance_type));
	put_common(out, p->pool, offsetof(tt_node_row, gpu_model));
	tt_buf_printf(out, ",%s,%lld", p->pool->cards ? "card" : "instance",
	              (long long)p->offers.unit_cards);
}

static void put_money(tt_buf *out, int64_t micro)
{
	char text[64];

	tt_buf_printf(out, ",%s", micro == TT_MONEY_UNKNOWN ? "" :
	              tt_money_json(micro, text, sizeof text));
}

static void put_row(tt_buf *out, const tt_plans_pool *p, const tt_purchase *b, const char *currency)
{
	char starts[TT_TIME_TEXT], ends[TT_TIME_TEXT], rate[64];
	int64_t upfront, monthly;

	tt_purchase_cash(b, &upfront, &monthly);
	put_pool(out, "buy", p);
	put_text(out, b->offer->name);
	put_text(out, b->offer->pricing);
	put_text(out, b->offer->payment);
	tt_buf_printf(out, ",%zu,%s,%s,%lld,%lld,%s", b->quarter + 1,
	              tt_time_format(b->starts_s, starts), tt_time_format(b->ends_s, ends),
	              (long long)((b->ends_s - b->starts_s) / MONTH_S), (long long)b->units,
	              tt_decimal_format(b->offer->rate_per_hour, rate, sizeof rate));
	put_money(out, upfront);
	put_money(out, monthly);
	put_money(out, b->cost_micro);
	put_text(out, currency ? currency : "");
	tt_buf_putc(out, '\n');
}

/* A sale has a commitment for an offer, and what it costs is below 0. */
static void put_sale(tt_buf *out, const tt_plans_pool *p, const tt_sale *v,
                     const char *currency)
{
	const size_t quarter = p->rolling.segments[v->segment].quarter;
	char at[TT_TIME_TEXT];

	put_pool(out, "sell", p);
	put_text(out, v->commitment);
	tt_buf_printf(out, ",,,%zu,%s,,,%lld,,,", quarter + 1, tt_time_format(v->at_s, at),
	              (long long)v->units);
	put_money(out, -v->proceeds_micro);
	put_text(out, currency ? currency : "");
	tt_buf_putc(out, '\n');
}

static void put_block(tt_buf *out, const tt_plans_report *r, const tt_block_purchase *v)
{
	char starts[TT_TIME_TEXT], ends[TT_TIME_TEXT];

	put_pool(out, "buy", v->pool);
	put_text(out, v->offer->id);
	put_text(out, v->offer->kind);
	put_text(out, v->offer->payment);
	tt_buf_printf(out, ",%lld,%s,%s,,%lld,",
	              (long long)((v->starts_s - r->plans->start_s) / TT_QUARTER_H / 3600 + 1),
	              tt_time_format(v->starts_s, starts), tt_time_format(v->ends_s, ends),
	              (long long)v->units);
	put_money(out, v->cost_micro);
	put_money(out, 0);
	put_money(out, v->cost_micro);
	put_text(out, r->snapshot->currency ? r->snapshot->currency : "");
	tt_buf_putc(out, '\n');
}

void tt_plans_csv(const tt_plans_report *r, tt_buf *out)
{
	tt_buf_puts(out, "action,pool,provider,region,instance_type,gpu_model,usage_in,"
	                 "unit_cards,offer,"
	                 "pricing,payment,quarter,starts_at,ends_at,term_months,units,"
	                 "rate_per_hour,upfront,monthly,cost,currency\n");
	for (size_t i = 0; i < r->plans->n; i++) {
		const tt_plans_pool *p = &r->plans->v[i];

		for (size_t k = 0; k < p->n_sales; k++)
			put_sale(out, p, &p->sales[k], r->snapshot->currency);
		for (size_t k = 0; k < p->n_purchases; k++)
			put_row(out, p, &p->purchases[k], r->snapshot->currency);
	}
	for (size_t i = 0; r->plans->blocks && i < r->plans->blocks->n; i++)
		put_block(out, r, &r->plans->blocks->v[i]);
	tt_plans_money_csv(r->plans->money, r->snapshot->currency, out);
}
