#include "report/simulate_csv.h"
#include "base/clock.h"
#include "report/assumed.h"
#include "report/csv_field.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* One table of several records, so every row has every column and most are empty. */
enum column {
	RECORD, SNAPSHOT, SCENARIO, HORIZON_START, HORIZON_END, CURRENCY, SEED, WORLDS,
	DIMENSION, NAME, START, END, AMOUNT_OF, P10, P50, P90, MEAN, POINT, LOSS,
	CHANGE, TEXT, LOST_TO, TOGETHER_WITH, WHY, ADOPTED, EFFORT, RISK,
	BUDGET, ASKED, WITHIN, WITHIN_BASELINE, COUNT, COLUMNS
};

static const char *const names[COLUMNS] = {
	[RECORD] = "record", [SNAPSHOT] = "snapshot", [SCENARIO] = "scenario",
	[HORIZON_START] = "horizon_start", [HORIZON_END] = "horizon_end",
	[CURRENCY] = "currency", [SEED] = "seed", [WORLDS] = "worlds",
	[DIMENSION] = "dimension", [NAME] = "name", [START] = "start", [END] = "end",
	[AMOUNT_OF] = "amount_of", [P10] = "p10", [P50] = "p50", [P90] = "p90",
	[MEAN] = "mean", [POINT] = "point", [LOSS] = "probability_of_loss",
	[CHANGE] = "change", [TEXT] = "text", [LOST_TO] = "lost_to",
	[TOGETHER_WITH] = "together_with", [WHY] = "why",
	[ADOPTED] = "adopted_ratio", [EFFORT] = "effort_days", [RISK] = "risk",
	[BUDGET] = "budget_per_month", [ASKED] = "probability_ratio",
	[WITHIN] = "within_ratio", [WITHIN_BASELINE] = "baseline_within_ratio",
	[COUNT] = "count",
};

#define VALUE 64 /* room for a number, an amount, a time */

typedef struct row {
	const char *text[COLUMNS];      /* NULL: empty */
	char value[COLUMNS][VALUE];
} row;

/* --- Fields ----------------------------------------------------------------------------- */

static void set_money(row *r, enum column c, int64_t micro)
{
	if (micro != TT_MONEY_UNKNOWN)
		r->text[c] = tt_money_json(micro, r->value[c], VALUE);
}

static void set_number(row *r, enum column c, double v)
{
	r->text[c] = tt_format_f64(v, 6, r->value[c], VALUE); /* NaN: empty */
}

static void set_time(row *r, enum column c, int64_t t)
{
	r->text[c] = tt_time_format(t, r->value[c]);
}

/* Whether `c` holds what somebody else wrote. Numbers and words are ours. */
static bool is_foreign(enum column c)
{
	return c == SNAPSHOT || c == SCENARIO || c == NAME || c == TEXT || c == WHY;
}

static void put_row(const tt_simulation *s, row *r, tt_buf *out)
{
	const tt_snapshot *snapshot = s->scenario->snapshot;

	r->text[SNAPSHOT] = snapshot->name;
	r->text[SCENARIO] = s->scenario->scenario->name;
	r->text[CURRENCY] = snapshot->currency;
	set_time(r, HORIZON_START, s->from_s);
	set_time(r, HORIZON_END, s->until_s);
	r->text[SEED] = r->value[SEED];
	snprintf(r->value[SEED], VALUE, "%" PRIu64, s->seed);
	set_number(r, WORLDS, (double)s->n_worlds);
	for (int c = 0; c < COLUMNS; c++) {
		if (c)
			tt_buf_putc(out, ',');
		if (r->text[c])
			tt_csv_field(out, r->text[c], is_foreign((enum column)c));
	}
	tt_buf_putc(out, '\n');
}

/* --- Amounts ----------------------------------------------------------------------------- */

static void set_range(row *r, const tt_sim_range *x, bool is_saving)
{
	const tt_worlds *w = &x->worlds;

	set_money(r, P10, w->p10.value);
	set_money(r, P50, w->p50.value);
	set_money(r, P90, w->p90.value);
	set_money(r, MEAN, w->mean);
	set_money(r, POINT, x->point);
	if (is_saving && w->n)
		set_number(r, LOSS, (double)w->n_below_0 / (double)w->n);
}

/* Baseline, after and saving of a part. */
static void put_part(const tt_simulation *s, const char *dimension, const tt_sim_part *x,
                     tt_buf *out)
{
	const struct { const char *of; const tt_sim_range *range; bool is_saving; } rows[] = {
		{ "baseline", &x->baseline, false }, { "after", &x->after, false },
		{ "saving", &x->saving, true },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		row r = { .text = { [RECORD] = "amount", [DIMENSION] = dimension,
			            [NAME] = x->name, [AMOUNT_OF] = rows[i].of } };

		set_time(&r, START, x->from_s);
		set_time(&r, END, x->to_s);
		set_range(&r, rows[i].range, rows[i].is_saving);
		put_row(s, &r, out);
	}
}

static void put_amounts(const tt_simulation *s, tt_buf *out)
{
	static const char *const levers[] = { [TT_LEVER_USAGE] = "usage",
		                              [TT_LEVER_RATE] = "rate" };
	const tt_sim_part fleet = { .from_s = s->from_s, .to_s = s->until_s,
		                    .baseline = s->baseline, .after = s->after,
		                    .saving = s->saving };

	put_part(s, "fleet", &fleet, out);
	for (int i = TT_LEVER_USAGE; i <= TT_LEVER_RATE; i++) {
		row r = { .text = { [RECORD] = "amount", [DIMENSION] = "lever",
			            [NAME] = levers[i], [AMOUNT_OF] = "saving" } };

		set_time(&r, START, s->from_s);
		set_time(&r, END, s->until_s);
		set_range(&r, &s->by_lever[i], true);
		put_row(s, &r, out);
	}
	for (size_t i = 0; i < s->n_pools; i++)
		put_part(s, "pool", &s->pools[i], out);
	for (size_t i = 0; i < s->n_months; i++)
		put_part(s, "month", &s->months[i], out);
}

/* --- Changes ------------------------------------------------------------------------------ */

static void put_change(const tt_simulation *s, size_t i, tt_buf *out)
{
	const tt_sim_change *c = &s->changes[i];
	const tt_change *x = &c->of->change;
	const struct { const char *of; const tt_sim_range *range; } rows[] = {
		{ "standalone", &c->standalone }, { "in_set", &c->in_set },
	};

	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		row r = { .text = { [RECORD] = "change", [NAME] = c->of->from->name,
			            [AMOUNT_OF] = rows[k].of, [TEXT] = c->text,
			            [WHY] = c->note, [RISK] = tt_risk_text(x->risk) } };

		set_number(&r, CHANGE, (double)i + 1);
		set_range(&r, rows[k].range, true);
		set_number(&r, ADOPTED, c->adopted_ratio);
		set_number(&r, EFFORT, x->effort_days);
		put_row(s, &r, out);
	}
	for (size_t k = 0; k < c->n_lost; k++) {
		row r = { .text = { [RECORD] = "lost", [WHY] = c->lost[k].why } };

		set_number(&r, CHANGE, (double)i + 1);
		set_number(&r, LOST_TO, (double)c->lost[k].to + 1);
		set_money(&r, POINT, c->lost[k].micro);
		put_row(s, &r, out);
	}
	for (size_t k = 0; k < c->n_together; k++) {
		row r = { .text = { [RECORD] = "together", [WHY] = c->together[k].why } };

		set_number(&r, CHANGE, (double)i + 1);
		set_number(&r, TOGETHER_WITH, (double)c->together[k].to + 1);
		set_money(&r, POINT, c->together[k].micro);
		put_row(s, &r, out);
	}
}

/* --- The rest ------------------------------------------------------------------------------- */

static void put_budget(const tt_simulation *s, const tt_sim_budget *b, tt_buf *out)
{
	row r = { .text = { [RECORD] = "budget", [NAME] = b->of->owner } };

	r.text[BUDGET] = tt_decimal_format(b->of->amount_per_month, r.value[BUDGET], VALUE);
	set_number(&r, ASKED, b->of->probability_ratio);
	set_number(&r, WITHIN, b->within_ratio);
	set_number(&r, WITHIN_BASELINE, b->baseline_within_ratio);
	set_money(&r, P90, b->p90_per_month);
	put_row(s, &r, out);
}

/* `change` SIZE_MAX: of all of them. */
static void put_service(const tt_simulation *s, const char *of, const tt_sim_service *x,
                        size_t change, tt_buf *out)
{
	const bool is_more = strcmp(of, "added") == 0;
	const struct { const char *name; double n; } rows[] = {
		{ "overload_minutes", x->overload_service_minutes },
		{ "cold_starts", x->cold_starts }, { "interruptions", x->interruptions },
		{ is_more ? "p95_latency_change_ms" : "p95_latency_ms", x->p95_latency_ms },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		row r = { .text = { [RECORD] = "service", [NAME] = rows[i].name,
			            [AMOUNT_OF] = of } };

		if (change != SIZE_MAX)
			set_number(&r, CHANGE, (double)change + 1);
		if (isfinite(rows[i].n))
			set_number(&r, COUNT, rows[i].n);
		put_row(s, &r, out);
	}
}

/* Of the window, a month. */
static void put_repacking(const tt_simulation *s, const tt_repack_group *g, tt_buf *out)
{
	const tt_snapshot *of = s->scenario->snapshot;
	row r = { .text = { [RECORD] = "repacking", [DIMENSION] = "node_group",
		            [NAME] = g->node_group, [AMOUNT_OF] = "saving_per_month",
		            [WHY] = g->why } };

	set_time(&r, START, of->start_s);
	set_time(&r, END, of->end_s);
	if (g->worth.saving_micro != TT_MONEY_UNKNOWN)
		set_money(&r, POINT, tt_per_month(g->worth.saving_micro, of->end_s - of->start_s));
	set_number(&r, COUNT, (double)g->worth.moves);
	put_row(s, &r, out);
}

static void put_text(const tt_simulation *s, const char *record, const char *name,
                     const char *text, enum column where, tt_buf *out)
{
	row r = { .text = { [RECORD] = record, [NAME] = name } };

	r.text[where] = text;
	put_row(s, &r, out);
}

static void put_assumed(const tt_simulation *s, tt_buf *out)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_texts texts = { 0 };

	if (!arena || tt_assumed_list(s->scenario, arena, &texts, NULL) < 0)
		out->failed = true;
	for (size_t i = 0; i < texts.n; i++)
		put_text(s, "assumed", NULL, texts.v[i], TEXT, out);
	tt_texts_free(&texts);
}

void tt_simulate_csv(const tt_simulation *s, tt_buf *out)
{
	const tt_bound_scenario *b = s->scenario;

	for (int c = 0; c < COLUMNS; c++)
		tt_buf_printf(out, "%s%s", c ? "," : "", names[c]);
	tt_buf_putc(out, '\n');
	put_amounts(s, out);
	for (size_t i = 0; i < s->n_changes; i++)
		put_change(s, i, out);
	put_service(s, "baseline", &s->baseline_service, SIZE_MAX, out);
	put_service(s, "after", &s->after_service, SIZE_MAX, out);
	put_service(s, "added", &s->added_service, SIZE_MAX, out);
	for (size_t i = 0; i < s->n_changes; i++)
		put_service(s, "added", &s->changes[i].added, i, out);
	for (size_t i = 0; i < s->repacking.n; i++)
		put_repacking(s, &s->repacking.v[i], out);
	for (size_t i = 0; i < s->n_budgets; i++)
		put_budget(s, &s->budgets[i], out);
	put_assumed(s, out);
	for (size_t i = 0; i < b->n_left_out; i++)
		put_text(s, "left_out", b->left_out[i].from->name, b->left_out[i].why, WHY, out);
	for (size_t i = 0; i < s->n_notes; i++)
		put_text(s, "note", NULL, s->notes[i], TEXT, out);
}
