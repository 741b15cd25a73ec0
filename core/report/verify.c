#include "report/verify.h"
#include "report/csv_field.h"
#include "report/json_fields.h"
#include "report/layout.h"

enum { NAME_END = 40, MONEY = 18 };

static void put_pool(tt_page *p, const tt_verdict *x)
{
	char text[TT_CELL_TEXT];

	tt_page_left(p, TT_TONE_PLAIN, x->pool, NAME_END);
	tt_page_right(p, TT_TONE_PLAIN, x->cost_micro == TT_MONEY_UNKNOWN ? "-" :
	              tt_cell_money(x->cost_micro, text), MONEY);
	tt_page_text(p, x->why ? TT_TONE_BAD : x->why_none ? TT_TONE_PLAIN : TT_TONE_GOOD,
	             x->why ? "  does not hold" : x->why_none ? "  no plan, not checked" :
	             x->limited ? "  none costs less within its conditions" : "  none costs less");
	tt_page_line(p);
	for (int i = 0; i < 2; i++) {
		const char *why = i ? x->why_none : x->why;

		if (!why)
			continue;
		tt_page_to(p, 4);
		tt_page_wrap(p, TT_TONE_PLAIN, why, 4, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
}

static void put_end(const tt_verdicts *v, bool limited, tt_buf *line)
{
	const char *within = limited ? " within the conditions that it names" : "";

	if (v->n_wrong)
		tt_buf_printf(line, "%zu of %zu pools don't hold.", v->n_wrong, v->n);
	else if (v->why)
		tt_buf_printf(line, "All pools hold, and what it says of them together does not: "
		              "%s.", v->why);
	else if (v->n_none)
		tt_buf_printf(line, "In %zu of %zu pools the plan costs what it says, and no plan "
		              "costs less%s. Not checked, as nothing can be planned: %zu.",
		              v->n - v->n_none, v->n, within, v->n_none);
	else
		tt_buf_printf(line, "In all of %zu pools the plan costs what it says, and no plan "
		              "costs less%s.", v->n, within);
}

void tt_verify_table(const tt_verdicts *v, int color, tt_buf *out)
{
	tt_page p = { .out = out, .color = color };
	tt_buf line = { 0 };
	bool limited = false;

	for (size_t i = 0; i < v->n; i++) {
		put_pool(&p, &v->v[i]);
		limited = limited || v->v[i].limited;
	}
	put_end(v, limited, &line);
	if (v->n_unchecked)
		tt_buf_printf(&line, " Its %zu %s of money and of capacity blocks %s not checked.",
		              v->n_unchecked, v->n_unchecked == 1 ? "purchase" : "purchases",
		              v->n_unchecked == 1 ? "is" : "are");
	tt_page_paragraph(&p, TT_TONE_STRONG, 0, &line);
}

void tt_verify_json(const tt_verdicts *v, tt_buf *out)
{
	tt_json j = { .out = out };

	tt_json_object(&j);
	tt_put_text(&j, "schema", "trimtab.commit.verify/1");
	tt_put_text(&j, "version", TT_VERSION);
	tt_json_key(&j, "holds");
	tt_json_bool(&j, !v->n_wrong && !v->why);
	tt_put_text(&j, "why", v->why);
	tt_put_i64(&j, "purchases_not_checked", (int64_t)v->n_unchecked);
	tt_json_key(&j, "pools");
	tt_json_array(&j);
	for (size_t i = 0; i < v->n; i++) {
		tt_json_object_line(&j);
		tt_put_text(&j, "pool", v->v[i].pool);
		tt_put_money(&j, "cost", v->v[i].cost_micro);
		tt_json_key(&j, "holds");
		tt_json_bool(&j, !v->v[i].why);
		tt_json_key(&j, "within_conditions");
		tt_json_bool(&j, v->v[i].limited);
		tt_put_text(&j, "why", v->v[i].why);
		tt_put_text(&j, "why_not_checked", v->v[i].why_none);
		tt_json_end_object(&j);
	}
	tt_json_end_array(&j);
	tt_json_end_object(&j);
	tt_buf_putc(out, '\n');
}

void tt_verify_csv(const tt_verdicts *v, tt_buf *out)
{
	char text[64];

	tt_buf_puts(out, "pool,cost,holds,why\n");
	for (size_t i = 0; i < v->n; i++) {
		const tt_verdict *x = &v->v[i];

		tt_csv_field(out, x->pool, true);
		tt_buf_printf(out, ",%s,%s,", x->cost_micro == TT_MONEY_UNKNOWN ? "" :
		              tt_money_json(x->cost_micro, text, sizeof text),
		              x->why ? "false" : x->why_none ? "" : "true");
		tt_csv_field(out, x->why ? x->why : x->why_none ? x->why_none : "", false);
		tt_buf_putc(out, '\n');
	}
	if (v->why) {
		tt_buf_puts(out, ",,false,");
		tt_csv_field(out, v->why, false);
		tt_buf_putc(out, '\n');
	}
}
