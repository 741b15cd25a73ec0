#include "report/simulate_json.h"
#include "base/json.h"
#include "report/assumed.h"
#include <math.h>

#define DECIMALS 6 /* of a ratio, an effort, a count */
#define LEVEL 0.95 /* of every interval: maths/order_stats.h */

static void string_or_null(tt_json *j, const char *key, const char *s)
{
	tt_json_key(j, key);
	tt_json_string(j, s && *s ? s : NULL);
}

static void money(tt_json *j, const char *key, int64_t micro)
{
	tt_json_key(j, key);
	tt_json_money(j, micro);
}

static void number(tt_json *j, const char *key, double v)
{
	tt_json_key(j, key);
	tt_json_f64(j, v, DECIMALS);
}

static void whole(tt_json *j, const char *key, int64_t v)
{
	tt_json_key(j, key);
	tt_json_i64(j, v);
}

static void time_at(tt_json *j, const char *key, int64_t t)
{
	tt_json_key(j, key);
	tt_json_time(j, t);
}

static double loss_of(const tt_worlds *w)
{
	return w->n ? (double)w->n_below_0 / (double)w->n : NAN;
}

/* --- Ranges ---------------------------------------------------------------------------- */

enum range_kind { AMOUNT, SAVING };

static int64_t monthly(const tt_simulation *s, int64_t micro)
{
	return micro == TT_MONEY_UNKNOWN ? micro : tt_per_month(micro, s->until_s - s->from_s);
}

static void put_range(tt_json *j, const char *key, const tt_sim_range *r, enum range_kind kind)
{
	const tt_worlds *w = &r->worlds;

	tt_json_key(j, key);
	tt_json_object_line(j);
	money(j, "p10", w->p10.value);
	money(j, "p50", w->p50.value);
	money(j, "p90", w->p90.value);
	money(j, "mean", w->mean);
	if (kind == SAVING)
		number(j, "probability_of_loss", loss_of(w));
	money(j, "point", r->point);
	tt_json_end_object(j);
}

static void put_monthly(tt_json *j, const tt_simulation *s, const char *key,
                        const tt_sim_range *r)
{
	tt_json_key(j, key);
	tt_json_object_line(j);
	money(j, "p10", monthly(s, r->worlds.p10.value));
	money(j, "p50", monthly(s, r->worlds.p50.value));
	money(j, "p90", monthly(s, r->worlds.p90.value));
	money(j, "mean", monthly(s, r->worlds.mean));
	money(j, "point", monthly(s, r->point));
	tt_json_end_object(j);
}

static void put_bounds(tt_json *j, const char *key, const tt_amount_range *r)
{
	tt_json_key(j, key);
	tt_json_array_line(j);
	tt_json_money(j, r->low);
	tt_json_money(j, r->high);
	tt_json_end_array(j);
}

/* How sure the saving's mean and quantiles are. */
static void put_interval(tt_json *j, const tt_simulation *s)
{
	const tt_worlds *w = &s->saving.worlds;
	int known = w->half_width >= 0 && w->half_width < 9e18; /* NaN: few worlds */

	tt_json_key(j, "interval");
	tt_json_object_line(j);
	number(j, "level", LEVEL);
	money(j, "half_width", known ? (int64_t)llround(w->half_width) : TT_MONEY_UNKNOWN);
	tt_json_key(j, "enough");
	tt_json_bool(j, s->enough);
	put_bounds(j, "p10", &w->p10);
	put_bounds(j, "p50", &w->p50);
	put_bounds(j, "p90", &w->p90);
	tt_json_end_object(j);
}

/* --- Head ------------------------------------------------------------------------------ */

static void put_head(tt_json *j, const tt_simulation *s)
{
	const tt_scenario *sc = s->scenario->scenario;
	const tt_snapshot *snapshot = s->scenario->snapshot;

	string_or_null(j, "schema", "trimtab.simulate/1");
	string_or_null(j, "version", TT_VERSION);
	whole(j, "seed", (int64_t)s->seed);
	string_or_null(j, "scenario", sc->name);
	string_or_null(j, "scenario_note", sc->note);
	tt_json_key(j, "snapshot");
	tt_json_object_line(j);
	string_or_null(j, "name", snapshot->name);
	time_at(j, "start", snapshot->start_s);
	time_at(j, "end", snapshot->end_s);
	string_or_null(j, "currency", snapshot->currency);
	tt_json_end_object(j);
	whole(j, "worlds", (int64_t)s->n_worlds);
	put_interval(j, s);
	tt_json_key(j, "horizon");
	tt_json_object_line(j);
	time_at(j, "start", s->from_s);
	time_at(j, "end", s->until_s);
	whole(j, "whole_weeks_drawn_from", (int64_t)s->weeks_measured);
	tt_json_end_object(j);
}

static void put_totals(tt_json *j, const tt_simulation *s)
{
	put_range(j, "baseline", &s->baseline, AMOUNT);
	put_range(j, "after", &s->after, AMOUNT);
	put_range(j, "saving", &s->saving, SAVING);
	put_monthly(j, s, "baseline_per_month", &s->baseline);
	put_monthly(j, s, "after_per_month", &s->after);
	put_monthly(j, s, "saving_per_month", &s->saving);
	number(j, "unknown_gpu_hours", s->unknown_gpu_hours);
}

/* --- Parts ------------------------------------------------------------------------------- */

static void put_parts(tt_json *j, const char *key, const char *name, const tt_sim_part *v,
                      size_t n, int with_times)
{
	tt_json_key(j, key);
	tt_json_array(j);
	for (size_t i = 0; i < n; i++) {
		tt_json_object(j);
		string_or_null(j, name, v[i].name);
		if (with_times) {
			time_at(j, "start", v[i].from_s);
			time_at(j, "end", v[i].to_s);
		}
		put_range(j, "baseline", &v[i].baseline, AMOUNT);
		put_range(j, "after", &v[i].after, AMOUNT);
		put_range(j, "saving", &v[i].saving, SAVING);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_service_of(tt_json *j, const tt_sim_service *s)
{
	number(j, "overload_minutes", s->overload_minutes);
	number(j, "cold_starts", s->cold_starts);
	number(j, "interruptions", s->interruptions);
}

static void put_service(tt_json *j, const tt_simulation *s)
{
	tt_json_key(j, "service");
	tt_json_object(j);
	put_service_of(j, &s->after_service);
	tt_json_key(j, "baseline");
	tt_json_object_line(j);
	put_service_of(j, &s->baseline_service);
	tt_json_end_object(j);
	tt_json_key(j, "added");
	tt_json_object_line(j);
	put_service_of(j, &s->added_service);
	tt_json_end_object(j);
	tt_json_end_object(j);
}

/* --- Changes -------------------------------------------------------------------------------- */

static const char *lever_text(enum tt_verb v)
{
	static const char *const texts[] = { [TT_LEVER_USAGE] = "usage",
		                             [TT_LEVER_RATE] = "rate", [TT_LEVER_NONE] = NULL };

	return texts[tt_verb_lever(v)];
}

static void put_lost(tt_json *j, const tt_sim_change *c)
{
	tt_json_key(j, "lost_to");
	tt_json_array(j);
	for (size_t i = 0; i < c->n_lost; i++) {
		tt_json_object_line(j);
		whole(j, "change", (int64_t)c->lost[i].to + 1);
		string_or_null(j, "why", c->lost[i].why);
		money(j, "p50", c->lost[i].micro);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_change(tt_json *j, const tt_sim_change *c, size_t i)
{
	const tt_change *x = &c->of->change;

	tt_json_object(j);
	whole(j, "number", (int64_t)i + 1);
	string_or_null(j, "name", c->of->from->name);
	string_or_null(j, "text", c->text);
	string_or_null(j, "verb", tt_verb_text(x->verb));
	string_or_null(j, "lever", lever_text(x->verb));
	put_range(j, "standalone", &c->standalone, SAVING);
	put_range(j, "in_set", &c->in_set, SAVING);
	put_lost(j, c);
	number(j, "adopted_ratio", c->adopted_ratio);
	number(j, "effort_days", x->effort_days);
	string_or_null(j, "risk", tt_risk_text(x->risk));
	string_or_null(j, "note", c->note);
	tt_json_end_object(j);
}

/* --- Rest ---------------------------------------------------------------------------------- */

static void put_budget(tt_json *j, const tt_sim_budget *b)
{
	tt_decimal micro = tt_div_half_even(b->of->amount_per_month, 1000000);
	char text[64];

	tt_json_object_line(j);
	string_or_null(j, "owner", b->of->owner);
	if (micro <= INT64_MAX)
		money(j, "amount_per_month", (int64_t)micro);
	else
		string_or_null(j, "amount_per_month",
		               tt_decimal_format(b->of->amount_per_month, text, sizeof text));
	number(j, "probability_ratio", b->of->probability_ratio);
	number(j, "within_ratio", b->within_ratio);
	number(j, "baseline_within_ratio", b->baseline_within_ratio);
	money(j, "p90_per_month", b->p90_per_month);
	tt_json_end_object(j);
}

static void put_left_out(tt_json *j, const tt_bound_scenario *b)
{
	tt_json_key(j, "left_out");
	tt_json_array(j);
	for (size_t i = 0; i < b->n_left_out; i++) {
		tt_json_object_line(j);
		string_or_null(j, "name", b->left_out[i].from->name);
		string_or_null(j, "why", b->left_out[i].why);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_texts(tt_json *j, const char *key, const char *const *v, size_t n)
{
	tt_json_key(j, key);
	tt_json_array(j);
	for (size_t i = 0; i < n; i++)
		tt_json_string(j, v[i]);
	tt_json_end_array(j);
}

static void put_assumed(tt_json *j, const tt_simulation *s)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_texts texts = { 0 };

	if (!arena || tt_assumed_list(s->scenario, arena, &texts, NULL) < 0)
		j->out->failed = true;
	put_texts(j, "assumed", texts.v, texts.n);
	tt_texts_free(&texts);
}

void tt_simulate_json(const tt_simulation *s, tt_buf *out)
{
	tt_json j = { .out = out };

	tt_json_object(&j);
	put_head(&j, s);
	put_totals(&j, s);
	put_parts(&j, "by_month", "month", s->months, s->n_months, 1);
	put_parts(&j, "by_pool", "pool", s->pools, s->n_pools, 0);
	tt_json_key(&j, "by_lever");
	tt_json_object(&j);
	put_range(&j, "usage", &s->by_lever[TT_LEVER_USAGE], SAVING);
	put_range(&j, "rate", &s->by_lever[TT_LEVER_RATE], SAVING);
	tt_json_end_object(&j);
	put_service(&j, s);
	tt_json_key(&j, "changes");
	tt_json_array(&j);
	for (size_t i = 0; i < s->n_changes; i++)
		put_change(&j, &s->changes[i], i);
	tt_json_end_array(&j);
	tt_json_key(&j, "budgets");
	tt_json_array(&j);
	for (size_t i = 0; i < s->n_budgets; i++)
		put_budget(&j, &s->budgets[i]);
	tt_json_end_array(&j);
	put_assumed(&j, s);
	put_left_out(&j, s->scenario);
	put_texts(&j, "notes", s->notes, s->n_notes);
	tt_json_end_object(&j);
	tt_buf_putc(out, '\n');
}
