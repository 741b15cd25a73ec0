#include "report/course_csv.h"
#include "base/clock.h"
#include "report/csv_field.h"
#include <inttypes.h>
#include <stdio.h>

/* One table of two records, so every row has every column and some are empty. */
enum column {
	RECORD, SNAPSHOT, SCENARIO, HORIZON_START, HORIZON_END, CURRENCY, SEED, WORLD,
	START, END, MEASURED_START, BASELINE_INSTANCES, AFTER_INSTANCES, BASELINE, AFTER, SAVING,
	CHANGE, NAME, TEXT, ADOPTED, REALISED, COLUMNS
};

static const char *const names[COLUMNS] = {
	[RECORD] = "record", [SNAPSHOT] = "snapshot", [SCENARIO] = "scenario",
	[HORIZON_START] = "horizon_start", [HORIZON_END] = "horizon_end",
	[CURRENCY] = "currency", [SEED] = "seed", [WORLD] = "world", [START] = "start",
	[END] = "end", [MEASURED_START] = "measured_start",
	[BASELINE_INSTANCES] = "baseline_instances", [AFTER_INSTANCES] = "after_instances",
	[BASELINE] = "baseline", [AFTER] = "after", [SAVING] = "saving", [CHANGE] = "change",
	[NAME] = "name", [TEXT] = "text", [ADOPTED] = "adopted", [REALISED] = "realised_ratio",
};

#define VALUE 64 /* room for a number, an amount, a time */

typedef struct row {
	const char *text[COLUMNS];      /* NULL: empty */
	char value[COLUMNS][VALUE];
} row;

static void set_money(row *r, enum column c, int64_t micro)
{
	r->text[c] = tt_money_json(micro, r->value[c], VALUE);
}

static void set_number(row *r, enum column c, double v)
{
	r->text[c] = tt_format_f64(v, 6, r->value[c], VALUE);
}

static void set_time(row *r, enum column c, int64_t t)
{
	r->text[c] = tt_time_format(t, r->value[c]);
}

/* Whether `c` holds what somebody else wrote. Numbers and words are ours. */
static bool is_foreign(enum column c)
{
	return c == SNAPSHOT || c == SCENARIO || c == NAME || c == TEXT;
}

static void put_row(const tt_course *of, row *r, tt_buf *out)
{
	r->text[SNAPSHOT] = of->scenario->snapshot->name;
	r->text[SCENARIO] = of->scenario->scenario->name;
	r->text[CURRENCY] = of->scenario->snapshot->currency;
	set_time(r, HORIZON_START, of->from_s);
	set_time(r, HORIZON_END, of->until_s);
	snprintf(r->value[SEED], VALUE, "%" PRIu64, of->seed);
	r->text[SEED] = r->value[SEED];
	snprintf(r->value[WORLD], VALUE, "%" PRIu64, of->world);
	r->text[WORLD] = of->world == TT_WORLD_POINT ? "point" : r->value[WORLD];
	for (int c = 0; c < COLUMNS; c++) {
		if (c)
			tt_buf_putc(out, ',');
		if (r->text[c])
			tt_csv_field(out, r->text[c], is_foreign((enum column)c));
	}
	tt_buf_putc(out, '\n');
}

static void put_change(const tt_course *c, size_t i, tt_buf *out)
{
	const tt_course_change *x = &c->changes[i];
	row r = { .text = { [RECORD] = "change", [NAME] = c->scenario->changes[i].from->name,
		            [TEXT] = x->text, [ADOPTED] = x->adopted ? "true" : "false" } };

	set_number(&r, CHANGE, (double)i + 1);
	if (x->adopted) {
		set_time(&r, START, x->start_s);
		set_time(&r, END, x->end_s);
		set_number(&r, REALISED, x->realised_ratio);
	}
	set_money(&r, SAVING, x->saving_micro);
	put_row(c, &r, out);
}

static void put_hour(const tt_course *c, const tt_course_hour *h, tt_buf *out)
{
	row r = { .text = { [RECORD] = "hour" } };

	set_time(&r, START, h->at_s);
	set_time(&r, END, h->at_s + 3600);
	set_time(&r, MEASURED_START, h->measured_s);
	set_number(&r, BASELINE_INSTANCES, h->baseline_instances);
	set_number(&r, AFTER_INSTANCES, h->after_instances);
	set_money(&r, BASELINE, h->baseline_micro);
	set_money(&r, AFTER, h->after_micro);
	set_money(&r, SAVING, h->baseline_micro - h->after_micro);
	put_row(c, &r, out);
}

void tt_course_csv(const tt_course *c, tt_buf *out)
{
	for (int i = 0; i < COLUMNS; i++)
		tt_buf_printf(out, "%s%s", i ? "," : "", names[i]);
	tt_buf_putc(out, '\n');
	for (size_t i = 0; i < c->n_changes; i++)
		put_change(c, i, out);
	for (size_t i = 0; i < c->n_hours; i++)
		put_hour(c, &c->hours[i], out);
}
