#include "report/stretches.h"
#include "report/json_fields.h"
#include "report/layout.h"

enum { HOUR_S = 3600, SHOWN = 3 };

static bool is_counted(const tt_outage *o, tt_stretches_use use)
{
	return use.keep || (use.keep_usual && o->usual);
}

static int64_t time_of(const tt_eligible *e, size_t hour)
{
	return e->start_s + (int64_t)hour * HOUR_S;
}

/* Of those that are (not) counted: how many hours, and how many stretches. */
static size_t hours_of(const tt_eligible *e, tt_stretches_use use, bool counted, size_t *ret_n)
{
	size_t hours = 0;

	*ret_n = 0;
	for (size_t i = 0; i < e->n_stretches; i++) {
		if (is_counted(&e->stretches[i], use) != counted)
			continue;
		hours += e->stretches[i].to - e->stretches[i].from;
		++*ret_n;
	}
	return hours;
}

/* Whether `o` is among the longest of its kind; of equals the first ones are. */
static bool is_shown(const tt_eligible *e, tt_stretches_use use, const tt_outage *o)
{
	size_t longer = 0;

	for (size_t i = 0; i < e->n_stretches; i++) {
		const tt_outage *x = &e->stretches[i];
		const size_t n = x->to - x->from, mine = o->to - o->from;

		if (is_counted(x, use) == is_counted(o, use))
			longer += n > mine || (n == mine && x < o);
	}
	return longer < SHOWN;
}

static void put_list(const tt_eligible *e, tt_stretches_use use, bool counted, size_t n,
                     tt_buf *out)
{
	char from[TT_CELL_TEXT], span[TT_CELL_TEXT];
	const char *before = ": ";

	for (size_t i = 0; i < e->n_stretches; i++) {
		const tt_outage *o = &e->stretches[i];

		if (is_counted(o, use) != counted || !is_shown(e, use, o))
			continue;
		tt_buf_printf(out, "%s%s from %s", before,
		              tt_cell_span((int64_t)(o->to - o->from) * HOUR_S, span),
		              tt_cell_time(time_of(e, o->from), from));
		before = ", ";
	}
	if (n > SHOWN)
		tt_buf_printf(out, ", and %zu more times", n - SHOWN);
}

void tt_stretches_text(const tt_eligible *e, tt_stretches_use use, tt_buf *out)
{
	const tt_outage *last = e->n_stretches ? &e->stretches[e->n_stretches - 1] : NULL;
	size_t n, kept, usual = 0;
	const size_t left_out = hours_of(e, use, false, &n);
	const size_t counted = hours_of(e, use, true, &kept);
	char hours[TT_CELL_TEXT];

	if (left_out) {
		tt_buf_printf(out, " In %s of the hours nobody used anything; they are taken for "
		              "gaps in what was collected and left out (--gaps keep counts them)",
		              tt_cell_count((int64_t)left_out, hours));
		put_list(e, use, false, n, out);
		tt_buf_putc(out, '.');
	}
	if (counted) {
		tt_buf_printf(out, " In %s%s hours nobody used anything; they count as no use (%s)",
		              tt_cell_count((int64_t)counted, hours), left_out ? " more" : "",
		              use.keep ? "--gaps keep" : "as in most weeks");
		put_list(e, use, true, kept, out);
		tt_buf_putc(out, '.');
	}
	for (size_t i = 0; i < e->n_stretches && !use.keep_usual && !use.keep; i++)
		if (e->stretches[i].usual)
			usual += e->stretches[i].to - e->stretches[i].from;
	if (usual)
		tt_buf_printf(out, " In %s of them nobody does in most weeks: rather a stop than a "
		              "gap, which counts with --gaps keep.",
		              tt_cell_count((int64_t)usual, hours));
	if (last && last->to == e->hours && !last->usual && !use.keep)
		tt_buf_puts(out, " Nothing is known after the last of them: whether the fleet is "
		            "gone or what collects is not for this to say.");
}

void tt_stretches_json(const tt_eligible *e, tt_stretches_use use, tt_json *j)
{
	tt_json_key(j, "unused_stretches");
	tt_json_array(j);
	for (size_t i = 0; i < e->n_stretches; i++) {
		const tt_outage *o = &e->stretches[i];

		tt_json_object_line(j);
		tt_put_time(j, "from", time_of(e, o->from));
		tt_put_time(j, "until", time_of(e, o->to));
		tt_put_i64(j, "hours", (int64_t)(o->to - o->from));
		tt_json_key(j, "usual");
		tt_json_bool(j, o->usual);
		tt_json_key(j, "counted");
		tt_json_bool(j, is_counted(o, use));
		tt_json_end_object(j);
	}
	tt_json_end_array(j);
}
