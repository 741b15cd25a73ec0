#include "report/simulate_json.h"
#include "base/json.h"
#include "report/assumed.h"
#include "report/json_fields.h"
#include <math.h>

#define LEVEL 0.95 /* of every interval: maths/order_stats.h */

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
	tt_put_money(j, "p10", w->p10.value);
	tt_put_money(j, "p50", w->p50.value);
	tt_put_money(j, "p90", w->p90.value);
	tt_put_money(j, "mean", w->mean);
	if (kind == SAVING)
		tt_put_f64(j, "probability_of_loss", loss_of(w));
	tt_put_money(j, "point", r->point);
	tt_json_end_object(j);
}

static void put_monthly(tt_json *j, const tt_simulation *s, const char *key,
                        const tt_sim_range *r)
{
	tt_json_key(j, key);
	tt_json_object_line(j);
	tt_put_money(j, "p10", monthly(s, r->worlds.p10.value));
	tt_put_money(j, "p50", monthly(s, r->worlds.p50.value));
	tt_put_money(j, "p90", monthly(s, r->worlds.p90.value));
	tt_put_money(j, "mean", monthly(s, r->worlds.mean));
	tt_put_money(j, "point", monthly(s, r->point));
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
	tt_put_f64(j, "level", LEVEL);
	tt_put_money(j, "half_width", known ? (int64_t)llround(w->half_width) : TT_MONEY_UNKNOWN);
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

	tt_put_text(j, "schema", "trimtab.simulate/1");
	tt_put_text(j, "version", TT_VERSION);
	tt_put_i64(j, "seed", (int64_t)s->seed);
	tt_put_text(j, "scenario", sc->name);
	tt_put_text(j, "scenario_note", sc->note);
	tt_json_key(j, "snapshot");
	tt_json_object_line(j);
	tt_put_text(j, "name", snapshot->name);
	tt_put_time(j, "start", snapshot->start_s);
	tt_put_time(j, "end", snapshot->end_s);
	tt_put_text(j, "currency", snapshot->currency);
	tt_json_end_object(j);
	tt_put_i64(j, "worlds", (int64_t)s->n_worlds);
	put_interval(j, s);
	tt_json_key(j, "horizon");
	tt_json_object_line(j);
	tt_put_time(j, "start", s->from_s);
	tt_put_time(j, "end", s->until_s);
	tt_put_i64(j, "whole_weeks_drawn_from", (int64_t)s->weeks_measured);
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
	tt_put_f64(j, "unknown_gpu_hours", s->unknown_gpu_hours);
}

/* --- Parts ------------------------------------------------------------------------------- */

static void put_parts(tt_json *j, const char *key, const char *name, const tt_sim_part *v,
                      size_t n, int with_times)
{
	tt_json_key(j, key);
	tt_json_array(j);
	for (size_t i = 0; i < n; i++) {
		tt_json_object(j);
		tt_put_text(j, name, v[i].name);
		if (with_times) {
			tt_put_time(j, "start", v[i].from_s);
			tt_put_time(j, "end", v[i].to_s);
		}
		put_range(j, "baseline", &v[i].baseline, AMOUNT);
		put_range(j, "after", &v[i].after, AMOUNT);
		put_range(j, "saving", &v[i].saving, SAVING);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_service_of(tt_json *j, const tt_sim_service *s, const char *latency)
{
	tt_put_f64(j, "overload_minutes", s->overload_service_minutes);
	tt_put_f64(j, "cold_starts", s->cold_starts);
	tt_put_f64(j, "interruptions", s->interruptions);
	tt_put_f64(j, latency, s->p95_latency_ms);
}

static void put_service(tt_json *j, const tt_simulation *s)
{
	tt_json_key(j, "service");
	tt_json_object(j);
	put_service_of(j, &s->after_service, "p95_latency_ms");
	tt_json_key(j, "baseline");
	tt_json_object_line(j);
	put_service_of(j, &s->baseline_service, "p95_latency_ms");
	tt_json_end_object(j);
	tt_json_key(j, "added");
	tt_json_object_line(j);
	put_service_of(j, &s->added_service, "p95_latency_change_ms");
	tt_json_end_object(j);
	tt_json_end_object(j);
}

/* What one change adds. */
static void put_added(tt_json *j, const tt_sim_change *c)
{
	tt_json_key(j, "service");
	tt_json_object_line(j);
	put_service_of(j, &c->added, "p95_latency_change_ms");
	tt_put_f64(j, "p95_latency_before_ms", c->service.p95_before_ms);
	tt_put_f64(j, "p95_latency_after_ms", c->service.p95_after_ms);
	tt_json_end_object(j);
}

/* --- Changes -------------------------------------------------------------------------------- */

static const char *lever_text(enum tt_verb v)
{
	static const char *const texts[] = { [TT_LEVER_USAGE] = "usage",
		                             [TT_LEVER_RATE] = "rate", [TT_LEVER_NONE] = NULL };

	return texts[tt_verb_lever(v)];
}

static void put_others(tt_json *j, const char *key, const tt_sim_lost *v, size_t n)
{
	tt_json_key(j, key);
	tt_json_array(j);
	for (size_t i = 0; i < n; i++) {
		tt_json_object_line(j);
		tt_put_i64(j, "change", (int64_t)v[i].to + 1);
		tt_put_text(j, "why", v[i].why);
		tt_put_money(j, "p50", v[i].micro);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}

static void put_change(tt_json *j, const tt_sim_change *c, size_t i)
{
	const tt_change *x = &c->of->change;

	tt_json_object(j);
	tt_put_i64(j, "number", (int64_t)i + 1);
	tt_put_text(j, "name", c->of->from->name);
	tt_put_text(j, "text", c->text);
	tt_put_text(j, "verb", tt_verb_text(x->verb));
	tt_put_text(j, "lever", lever_text(x->verb));
	put_range(j, "standalone", &c->standalone, SAVING);
	put_range(j, "in_set", &c->in_set, SAVING);
	put_others(j, "lost_to", c->lost, c->n_lost);
	put_others(j, "together_with", c->together, c->n_together);
	put_added(j, c);
	tt_put_f64(j, "adopted_ratio", c->adopted_ratio);
	tt_put_f64(j, "effort_days", x->effort_days);
	tt_put_text(j, "risk", tt_risk_text(x->risk));
	tt_put_text(j, "note", c->note);
	tt_json_end_object(j);
}

/* --- Rest ---------------------------------------------------------------------------------- */

static void put_budget(tt_json *j, const tt_sim_budget *b)
{
	tt_decimal micro = tt_div_half_even(b->of->amount_per_month, 1000000);
	char text[64];

	tt_json_object_line(j);
	tt_put_text(j, "owner", b->of->owner);
	tt_put_text(j, "source", b->of->at.file ? "scenario" : "budgets.csv");
	if (micro <= INT64_MAX)
		tt_put_money(j, "amount_per_month", (int64_t)micro);
	else
		tt_put_text(j, "amount_per_month",
			    tt_decimal_format(b->of->amount_per_month, text, sizeof text));
	tt_put_f64(j, "probability_ratio", b->of->probability_ratio);
	tt_put_f64(j, "within_ratio", b->within_ratio);
	tt_put_f64(j, "baseline_within_ratio", b->baseline_within_ratio);
	tt_put_money(j, "p90_per_month", b->p90_per_month);
	tt_json_end_object(j);
}

static void put_left_out(tt_json *j, const tt_bound_scenario *b)
{
	tt_json_key(j, "left_out");
	tt_json_array(j);
	for (size_t i = 0; i < b->n_left_out; i++) {
		tt_json_object_line(j);
		tt_put_text(j, "name", b->left_out[i].from->name);
		tt_put_text(j, "why", b->left_out[i].why);
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

/* Of the window, a month. */
static void put_repacking(tt_json *j, const tt_simulation *s)
{
	const tt_snapshot *of = s->scenario->snapshot;

	tt_json_key(j, "repacking");
	tt_json_array(j);
	for (size_t i = 0; i < s->repacking.n; i++) {
		const tt_repack_group *g = &s->repacking.v[i];
		const bool known = g->worth.saving_micro != TT_MONEY_UNKNOWN;
		const int64_t window_s = of->end_s - of->start_s;

		tt_json_object_line(j);
		tt_put_text(j, "node_group", g->node_group);
		tt_put_money(j, "saving_per_month",
			     known ? tt_per_month(g->worth.saving_micro, window_s) :
				     TT_MONEY_UNKNOWN);
		tt_put_money(j, "gap_per_month", *g->why ? TT_MONEY_UNKNOWN :
			     tt_per_month(g->worth.gap_micro, window_s));
		tt_put_i64(j, "nodes", (int64_t)g->worth.nodes);
		tt_put_i64(j, "moves", (int64_t)g->worth.moves);
		tt_put_text(j, "why", g->why);
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
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
	put_repacking(&j, s);
	tt_json_key(&j, "stranded");
	tt_json_money(&j, s->bill ? s->bill->unused_micro : TT_MONEY_UNKNOWN);
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
