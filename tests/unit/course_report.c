/* What one world of a simulation looks like: the table by days and by weeks, the JSON and the
 * CSV of a course that is filled by hand. What the engine fills in is in tests/golden. */
#include "report/course_csv.h"
#include "report/course_json.h"
#include "report/course_table.h"
#include "t.h"
#include <math.h>

#define UNIT INT64_C(1000000)
#define START_S (INT64_C(1767225600) + 6 * 3600) /* Thursday 2026-01-01 06:00 */

enum { HOURS = 100 * 24, CHANGES = 2 };

typedef struct made {
	tt_course c;
	tt_course_hour hours[HOURS];
	tt_course_change changes[CHANGES];
	tt_snapshot snapshot;
	tt_scenario scenario;
	tt_bound_scenario bound;
	tt_scenario_change items[CHANGES];
	tt_bound_change of[CHANGES];
	tt_arena *arena;
	tt_buf out;
} made;

/* `n` hours at 10 an hour, of which nothing is saved. */
static made *make(size_t n)
{
	static const char *const texts[] = { "release node:a", "release node:b" };
	made *m = calloc(1, sizeof *m);

	if (!m || !(m->arena = tt_arena_new()))
		exit(1);
	m->snapshot = (tt_snapshot){ .name = "=example", .currency = "USD",
		                     .start_s = START_S - 14 * 86400, .end_s = START_S };
	m->scenario = (tt_scenario){ .name = "spot", .note = "a note" };
	m->bound = (tt_bound_scenario){ .scenario = &m->scenario, .snapshot = &m->snapshot,
		                        .changes = m->of, .n_changes = CHANGES };
	for (size_t i = 0; i < CHANGES; i++) {
		m->items[i].name = i ? "" : "the old one";
		m->of[i].from = &m->items[i];
		T_INT(TT_OK, tt_change_parse(texts[i], m->arena, &m->of[i].change, NULL));
	}
	m->changes[0] = (tt_course_change){ .text = texts[0], .adopted = true,
		                            .realised_ratio = 0.825, .start_s = START_S + 1800,
		                            .end_s = START_S + 86400, .saving_micro = 7 * UNIT };
	m->changes[1] = (tt_course_change){ .text = texts[1], .realised_ratio = 1,
		                            .start_s = START_S, .end_s = START_S + 86400 };
	for (size_t i = 0; i < n; i++)
		m->hours[i] = (tt_course_hour){
			.at_s = START_S + (int64_t)i * 3600,
			.measured_s = START_S + (int64_t)i * 3600 - 14 * 86400,
			.baseline_micro = 10 * UNIT, .after_micro = 10 * UNIT,
			.baseline_instances = 4, .after_instances = 4 };
	m->c = (tt_course){ .scenario = &m->bound, .seed = 7, .world = 3, .from_s = START_S,
		            .until_s = START_S + (int64_t)n * 3600, .hours = m->hours,
		            .n_hours = n, .changes = m->changes, .n_changes = CHANGES,
		            .baseline_micro = (int64_t)n * 10 * UNIT,
		            .after_micro = (int64_t)n * 10 * UNIT };
	return m;
}

static void save(made *m, size_t hour, int64_t units)
{
	m->hours[hour].after_micro -= units * UNIT;
	m->hours[hour].after_instances = 3;
	m->c.after_micro -= units * UNIT;
}

static void drop(made *m)
{
	tt_buf_free(&m->out);
	tt_arena_free(m->arena);
	free(m);
}

static const char *told(made *m, void (*f)(const tt_course *c, tt_buf *out))
{
	tt_buf_free(&m->out);
	m->out = (tt_buf){ 0 };
	f(&m->c, &m->out);
	T_OK(!m->out.failed);
	return tt_buf_text(&m->out);
}

static void table(const tt_course *c, tt_buf *out)
{
	tt_course_table(c, 0, out);
}

/* Marks stand for hours of the day; the first and the last day are cut. */
static void test_days(void)
{
	made *m = make(4 * 24);
	const char *t;

	save(m, 0, 8);
	save(m, 1, 1);
	save(m, 2, -1);
	save(m, 4, 4);
	t = told(m, table);
	T_HAS("spot  a note\n=example · 2026-01-01 06:00 to 2026-01-05 06:00 · world 3, seed 7\n\n"
	      "  costs 960.00 USD, and 948.00 with the changes: 12.00 saved, 1.3 %\n", t);
	T_HAS("   1  the old one\n      release node:a\n"
	      "      2026-01-01 06:30 to 2026-01-02 06:00 · 82.5 % of it realised · saves 7.00\n"
	      "   2  release node:b\n      not taken up in this world\n", t);
	T_HAS("\nDay by day ", t);
	T_HAS("\n  Thu 2026-01-01  12-18 06h       █▁-·▄·············      4    3.8     180.00     "
	      "168.00      12.00\n", t);
	/* a full day is told once */
	T_HAS("\n  Fri 2026-01-02  12-19     ························      4      4     240.00     "
	      "240.00       0.00\n                            and 2 days alike", t);
	drop(m);
}

static void test_sentences(void)
{
	made *m = make(24);
	const char *t = told(m, table);

	T_HAS(": nothing is saved\n", t);
	T_OK(!strstr(t, "the most that"));
	m->c.world = TT_WORLD_POINT;
	save(m, 3, -24);
	m->changes[0].end_s = m->changes[0].start_s;
	m->snapshot.currency = "XXX";
	t = told(m, table);
	T_HAS("2026-01-02 06:00 · the point: all that is assumed is at its median", t);
	T_HAS("costs 240.00 units, and 264.00 with the changes: 24.00 lost, 10.0 %\n", t);
	T_HAS("taken up, but not before its end, or that of the horizon\n", t);
	T_HAS("   ···-····", t);
	m->c.n_changes = 0;
	T_OK(!strstr(told(m, table), "Changes in this world"));
	drop(m);
}

/* More than 62 days are shown by weeks of the horizon, a mark for 8 hours. */
static void test_weeks(void)
{
	made *m = make(64 * 24);
	const char *t;

	save(m, 7, 2);
	save(m, 8, 4);
	save(m, 15, 4);
	t = told(m, table);
	T_HAS("\nWeek by week ", t);
	T_HAS("costs 15,360 USD, and 15,350 with", t); /* cents are noise here */
	T_HAS("\n  Thu 2026-01-01  12-18 06h ▂█···················         4      4      1,680"
	      "      1,670         10\n", t);
	T_HAS("and 7 weeks alike, the last from Thu 2026-02-26\n", t);
	T_HAS("█ the most that 8 hours save, 8; ", t);
	drop(m);
	m = make(62 * 24);
	T_HAS("\nDay by day ", told(m, table));
	drop(m);
}

static void test_json(void)
{
	made *m = make(2);
	const char *t;

	save(m, 1, 3);
	t = told(m, tt_course_json);
	T_HAS("  \"schema\": \"trimtab.simulate.course/1\",\n", t);
	T_HAS("  \"world\": 3,\n  \"horizon\": { \"start\": \"2026-01-01T06:00:00Z\", \"end\": "
	      "\"2026-01-01T08:00:00Z\" },\n  \"baseline\": \"20.000000\",\n  \"after\": "
	      "\"17.000000\",\n  \"saving\": \"3.000000\",\n", t);
	T_HAS("{ \"number\": 1, \"name\": \"the old one\", \"text\": \"release node:a\", "
	      "\"adopted\": true, \"realised_ratio\": 0.825, \"start\": \"2026-01-01T06:30:00Z\", "
	      "\"end\": \"2026-01-02T06:00:00Z\", \"saving\": \"7.000000\" }", t);
	T_HAS("{ \"number\": 2, \"name\": null, \"text\": \"release node:b\", \"adopted\": false, "
	      "\"realised_ratio\": null, \"start\": null, \"end\": null, "
	      "\"saving\": \"0.000000\" }",
	      t);
	T_HAS("{ \"start\": \"2026-01-01T07:00:00Z\", \"measured_start\": "
	      "\"2025-12-18T07:00:00Z\", \"baseline_instances\": 4, \"after_instances\": 3, "
	      "\"baseline\": \"10.000000\", \"after\": \"7.000000\", \"saving\": \"3.000000\" }",
	      t);
	m->c.world = TT_WORLD_POINT;
	T_HAS("  \"world\": null,\n", told(m, tt_course_json));
	drop(m);
}

static void test_csv(void)
{
	made *m = make(2);
	const char *t;

	save(m, 1, 3);
	t = told(m, tt_course_csv);
	T_HAS("record,snapshot,scenario,horizon_start,horizon_end,currency,seed,world,start,end,"
	      "measured_start,baseline_instances,after_instances,baseline,after,saving,change,name,"
	      "text,adopted,realised_ratio\n", t);
	T_HAS("\nchange,'=example,spot,2026-01-01T06:00:00Z,2026-01-01T08:00:00Z,USD,7,3,"
	      "2026-01-01T06:30:00Z,2026-01-02T06:00:00Z,,,,,,7.000000,1,the old one,"
	      "release node:a,true,0.825\n", t);
	T_HAS("\nchange,'=example,spot,2026-01-01T06:00:00Z,2026-01-01T08:00:00Z,USD,7,3,,,,,,,,"
	      "0.000000,2,,release node:b,false,\n", t);
	T_HAS("\nhour,'=example,spot,2026-01-01T06:00:00Z,2026-01-01T08:00:00Z,USD,7,3,"
	      "2026-01-01T07:00:00Z,2026-01-01T08:00:00Z,2025-12-18T07:00:00Z,4,3,10.000000,"
	      "7.000000,3.000000,,,,,\n", t);
	m->c.world = TT_WORLD_POINT;
	T_HAS(",USD,7,point,", told(m, tt_course_csv));
	drop(m);
}

int main(void)
{
	test_days();
	test_sentences();
	test_weeks();
	test_json();
	test_csv();
	return T_END();
}
