#include "report/plans_blocks.h"
#include "report/json_fields.h"
#include "report/plans_pool.h"

enum { POOL = 30, OFFER = 22, DAY = 12, NUMBER = 8, MONEY = 16 };

static void put_purchases(const tt_blocks *b, tt_page *p)
{
	char text[TT_CELL_TEXT];

	tt_page_left(p, TT_TONE_DIM, "  pool", POOL);
	tt_page_left(p, TT_TONE_DIM, "block", OFFER);
	tt_page_left(p, TT_TONE_DIM, "from", DAY);
	tt_page_left(p, TT_TONE_DIM, "until", DAY);
	tt_page_right(p, TT_TONE_DIM, "units", NUMBER);
	tt_page_right(p, TT_TONE_DIM, "paid upfront", MONEY);
	tt_page_line(p);
	for (size_t i = 0; i < b->n; i++) {
		const tt_block_purchase *v = &b->v[i];

		tt_page_left(p, TT_TONE_PLAIN, "  ", 2);
		tt_page_left(p, TT_TONE_PLAIN, v->pool->pool->name, POOL - 3);
		tt_page_left(p, TT_TONE_PLAIN, "", 1);
		tt_page_left(p, TT_TONE_PLAIN, v->offer->id, OFFER);
		tt_page_left(p, TT_TONE_PLAIN, tt_plans_day(v->starts_s, text), DAY);
		tt_page_left(p, TT_TONE_PLAIN, tt_plans_day(v->ends_s, text), DAY);
		tt_page_right(p, TT_TONE_STRONG, tt_cell_count(v->units, text), NUMBER);
		tt_page_right(p, TT_TONE_PLAIN, tt_cell_amount(v->cost_micro, text), MONEY);
		tt_page_line(p);
	}
}

void tt_plans_blocks_table(const tt_blocks *b, tt_page *p)
{
	char before[TT_CELL_TEXT], after[TT_CELL_TEXT];
	tt_buf line = { 0 };

	if (!b)
		return;
	tt_page_heading(p, "Capacity blocks, for what is needed at dates");
	tt_page_line(p);
	if (b->n)
		put_purchases(b, p);
	if (b->n_needs)
		tt_buf_printf(&line, "%zu %s, beside what is forecast: %s on demand, %s with %s.",
		              b->n_needs, b->n_needs == 1 ? "need" : "needs",
		              tt_cell_amount(b->none_micro, before),
		              tt_cell_amount(b->cost_micro, after),
		              b->n ? "these blocks" : "the blocks that pay, which are none");
	else
		tt_buf_puts(&line, "Nothing is needed at dates, and blocks are planned for nothing "
		            "else.");
	tt_page_to(p, 2);
	tt_page_paragraph(p, TT_TONE_PLAIN, 2, &line);
	for (size_t i = 0; i < b->n_notes; i++) {
		tt_page_text(p, TT_TONE_DIM, "  - ");
		tt_page_wrap(p, TT_TONE_PLAIN, b->notes[i], 4, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
}

void tt_plans_blocks_json(const tt_blocks *b, tt_json *j)
{
	if (!b) {
		tt_put_text(j, "blocks", NULL);
		return;
	}
	tt_json_key(j, "blocks");
	tt_json_object(j);
	tt_put_i64(j, "needs", (int64_t)b->n_needs);
	tt_put_money(j, "on_demand_cost", b->none_micro);
	tt_put_money(j, "cost", b->cost_micro);
	tt_json_key(j, "purchases");
	tt_json_array(j);
	for (size_t i = 0; i < b->n; i++) {
		const tt_block_purchase *v = &b->v[i];

		tt_json_object_line(j);
		tt_put_text(j, "pool", v->pool->pool->name);
		tt_put_text(j, "offer", v->offer->id);
		tt_put_time(j, "starts_at", v->starts_s);
		tt_put_time(j, "ends_at", v->ends_s);
		tt_put_i64(j, "units", v->units);
		tt_put_money(j, "cost", v->cost_micro);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
	tt_json_key(j, "notes");
	tt_json_array(j);
	for (size_t i = 0; i < b->n_notes; i++)
		tt_json_string(j, b->notes[i]);
	tt_json_end_array(j);
	tt_json_end_object(j);
}
