#include "report/course_json.h"
#include "base/json.h"
#include "report/json_fields.h"
#include <math.h>

static void put_head(tt_json *j, const tt_course *c)
{
	const tt_scenario *sc = c->scenario->scenario;
	const tt_snapshot *s = c->scenario->snapshot;

	tt_put_text(j, "schema", "trimtab.simulate.course/1");
	tt_put_text(j, "version", TT_VERSION);
	tt_put_i64(j, "seed", (int64_t)c->seed);
	tt_put_text(j, "scenario", sc->name);
	tt_put_text(j, "scenario_note", sc->note);
	tt_json_key(j, "snapshot");
	tt_json_object_line(j);
	tt_put_text(j, "name", s->name);
	tt_put_time(j, "start", s->start_s);
	tt_put_time(j, "end", s->end_s);
	tt_put_text(j, "currency", s->currency);
	tt_json_end_object(j);
	tt_json_key(j, "world");
	if (c->world == TT_WORLD_POINT)
		tt_json_null(j);
	else
		tt_json_i64(j, (int64_t)c->world);
	tt_json_key(j, "horizon");
	tt_json_object_line(j);
	tt_put_time(j, "start", c->from_s);
	tt_put_time(j, "end", c->until_s);
	tt_json_end_object(j);
	tt_put_money(j, "baseline", c->baseline_micro);
	tt_put_money(j, "after", c->after_micro);
	tt_put_money(j, "saving", c->baseline_micro - c->after_micro);
}

static void put_change(tt_json *j, const tt_course *c, size_t i)
{
	const tt_course_change *x = &c->changes[i];

	tt_json_object_line(j);
	tt_put_i64(j, "number", (int64_t)i + 1);
	tt_put_text(j, "name", c->scenario->changes[i].from->name);
	tt_put_text(j, "text", x->text);
	tt_json_key(j, "adopted");
	tt_json_bool(j, x->adopted);
	if (x->adopted) {
		tt_put_f64(j, "realised_ratio", x->realised_ratio);
		tt_put_time(j, "start", x->start_s);
		tt_put_time(j, "end", x->end_s);
	} else {
		tt_put_f64(j, "realised_ratio", NAN);
		tt_put_text(j, "start", NULL);
		tt_put_text(j, "end", NULL);
	}
	tt_put_money(j, "saving", x->saving_micro);
	tt_json_end_object(j);
}

static void put_hour(tt_json *j, const tt_course_hour *h)
{
	tt_json_object_line(j);
	tt_put_time(j, "start", h->at_s);
	tt_put_time(j, "measured_start", h->measured_s);
	tt_put_f64(j, "baseline_instances", h->baseline_instances);
	tt_put_f64(j, "after_instances", h->after_instances);
	tt_put_money(j, "baseline", h->baseline_micro);
	tt_put_money(j, "after", h->after_micro);
	tt_put_money(j, "saving", h->baseline_micro - h->after_micro);
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
