#include "report/course_json.h"
#include "base/json.h"
#include <math.h>

#define DECIMALS 6 /* of a ratio, of instances */

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

static void put_head(tt_json *j, const tt_course *c)
{
	const tt_scenario *sc = c->scenario->scenario;
	const tt_snapshot *s = c->scenario->snapshot;

	string_or_null(j, "schema", "trimtab.simulate.course/1");
	string_or_null(j, "version", TT_VERSION);
	whole(j, "seed", (int64_t)c->seed);
	string_or_null(j, "scenario", sc->name);
	string_or_null(j, "scenario_note", sc->note);
	tt_json_key(j, "snapshot");
	tt_json_object_line(j);
	string_or_null(j, "name", s->name);
	time_at(j, "start", s->start_s);
	time_at(j, "end", s->end_s);
	string_or_null(j, "currency", s->currency);
	tt_json_end_object(j);
	tt_json_key(j, "world");
	if (c->world == TT_WORLD_POINT)
		tt_json_null(j);
	else
		tt_json_i64(j, (int64_t)c->world);
	tt_json_key(j, "horizon");
	tt_json_object_line(j);
	time_at(j, "start", c->from_s);
	time_at(j, "end", c->until_s);
	tt_json_end_object(j);
	money(j, "baseline", c->baseline_micro);
	money(j, "after", c->after_micro);
	money(j, "saving", c->baseline_micro - c->after_micro);
}

static void put_change(tt_json *j, const tt_course *c, size_t i)
{
	const tt_course_change *x = &c->changes[i];

	tt_json_object_line(j);
	whole(j, "number", (int64_t)i + 1);
	string_or_null(j, "name", c->scenario->changes[i].from->name);
	string_or_null(j, "text", x->text);
	tt_json_key(j, "adopted");
	tt_json_bool(j, x->adopted);
	if (x->adopted) {
		number(j, "realised_ratio", x->realised_ratio);
		time_at(j, "start", x->start_s);
		time_at(j, "end", x->end_s);
	} else {
		number(j, "realised_ratio", NAN);
		string_or_null(j, "start", NULL);
		string_or_null(j, "end", NULL);
	}
	money(j, "saving", x->saving_micro);
	tt_json_end_object(j);
}

static void put_hour(tt_json *j, const tt_course_hour *h)
{
	tt_json_object_line(j);
	time_at(j, "start", h->at_s);
	time_at(j, "measured_start", h->measured_s);
	number(j, "baseline_instances", h->baseline_instances);
	number(j, "after_instances", h->after_instances);
	money(j, "baseline", h->baseline_micro);
	money(j, "after", h->after_micro);
	money(j, "saving", h->baseline_micro - h->after_micro);
	tt_json_end_object(j);
}

void tt_course_json(const tt_course *c, tt_buf *out)
{
	tt_json j = { .out = out };

	tt_json_object(&j);
	put_head(&j, c);
	tt_json_key(&j, "changes");
	tt_json_array(&j);
	for (size_t i = 0; i < c->n_changes; i++)
		put_change(&j, c, i);
	tt_json_end_array(&j);
	tt_json_key(&j, "hours");
	tt_json_array(&j);
	for (size_t i = 0; i < c->n_hours; i++)
		put_hour(&j, &c->hours[i]);
	tt_json_end_array(&j);
	tt_json_end_object(&j);
	tt_buf_putc(out, '\n');
}
