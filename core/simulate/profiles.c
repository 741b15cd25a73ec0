/* profiles.c - the four ways to write a profile: cards in some hours, by the hour of the day,
 * by the hour of the week, and runs of a job. */
#include "simulate/profiles.h"
#include "change/hours.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DAY_HOURS = 24, MINUTES = 60 };

#define MOST_CARDS 1e6

static const char *const ways[] = { "hours", "by_hour_of_day", "by_hour_of_week",
				    "runs_per_month", NULL };

/* Minutes of hour `h` of the week that are inside. */
static int minutes_inside(const tt_hours *hours, int h)
{
	int n = 0;

	for (int m = h * MINUTES; m < (h + 1) * MINUTES; m++)
		n += (int)(hours->bits[m / 64] >> (m % 64) & 1);
	return n;
}

static int read_cards(const tt_strict *r, const tt_yaml *map, const char *key, double *ret)
{
	const tt_yaml *y = tt_yaml_get(map, key);

	return y ? tt_strict_number(r, y, key, 0, MOST_CARDS, ret) : TT_OK;
}

/* `gpus` cards in some hours, `gpus_outside` in the others. */
static int read_hours(const tt_strict *r, const tt_yaml *map, tt_profile *to)
{
	static const char *const keys[] = { "note", "hours", "gpus", "gpus_outside", NULL };
	const tt_yaml *y = tt_yaml_get(map, "hours");
	const char *expected = "";
	double in = 1, out = 0;
	char what[160];
	tt_hours hours;
	size_t at = 0;

	TT_TRY(tt_strict_only(r, map, "a profile with hours", keys));
	if (y->kind != TT_YAML_SCALAR)
		return tt_strict_wrong(r, y, "hours", "a text like \"mon-fri 08:00-18:00\"");
	if (!tt_hours_parse(y->text, strlen(y->text), &hours, &at, &expected)) {
		snprintf(what, sizeof what, "%s at its byte %zu", expected, at + 1);
		return tt_strict_wrong(r, y, "hours", what);
	}
	TT_TRY(read_cards(r, map, "gpus", &in));
	TT_TRY(read_cards(r, map, "gpus_outside", &out));
	for (int h = 0; h < TT_WEEK_HOURS; h++) {
		const int inside = minutes_inside(&hours, h);

		to->cards[h] = (in * inside + out * (MINUTES - inside)) / MINUTES;
	}
	return TT_OK;
}

/* `n` numbers, over and over through the week. */
static int read_numbers(const tt_strict *r, const tt_yaml *map, const char *key, int n,
			tt_profile *to)
{
	const char *const keys[] = { "note", key, NULL };
	const tt_yaml *y = tt_yaml_get(map, key);
	char what[80];

	snprintf(what, sizeof what, "a profile %s", key);
	TT_TRY(tt_strict_only(r, map, what, keys));
	TT_TRY(tt_strict_list(r, y, key, TT_WEEK_HOURS));
	if (y->n != (size_t)n)
		return tt_strict_fail(r, tt_strict_at(r, y), "%s has %zu numbers, expected %d", key,
				      y->n, n);
	for (int h = 0; h < TT_WEEK_HOURS; h++)
		TT_TRY(tt_strict_number(r, y->items[h % n], key, 0, MOST_CARDS, &to->cards[h]));
	return TT_OK;
}

static int read_runs(const tt_strict *r, const tt_yaml *map, tt_profile *to)
{
	static const char *const keys[] = { "note", "runs_per_month", "gpu_hours_per_run",
					    "failure_ratio", NULL };
	const tt_yaml *each = NULL, *failure = tt_yaml_get(map, "failure_ratio");

	to->runs = true;
	TT_TRY(tt_strict_only(r, map, "a profile of runs", keys));
	TT_TRY(tt_strict_need(r, map, "a profile of runs", "gpu_hours_per_run", &each));
	TT_TRY(tt_assumed_read(r, tt_yaml_get(map, "runs_per_month"), TT_RUNS,
			       &to->runs_per_month));
	TT_TRY(tt_assumed_read(r, each, TT_RUN_GPU_HOURS, &to->gpu_hours_per_run));
	to->failure_ratio = tt_assumed_default(TT_RUN_FAILURE);
	return failure ? tt_assumed_read(r, failure, TT_RUN_FAILURE, &to->failure_ratio) : TT_OK;
}

static int read_way(const tt_strict *r, const tt_yaml *map, tt_profile *to)
{
	int way = 0, n = 0;

	for (int i = 0; ways[i]; i++) {
		if (tt_yaml_get(map, ways[i])) {
			way = i;
			n++;
		}
	}
	if (n != 1)
		return tt_strict_fail(r, to->at, "profile \"%s\" has %s, expected one of hours, "
				      "by_hour_of_day, by_hour_of_week or runs_per_month", to->name,
				      n ? "several shapes" : "no shape");
	if (way == 0)
		return read_hours(r, map, to);
	if (way == 3)
		return read_runs(r, map, to);
	return read_numbers(r, map, ways[way], way == 1 ? DAY_HOURS : TT_WEEK_HOURS, to);
}

int tt_profile_read(const tt_strict *r, const tt_yaml *name, const tt_yaml *y, tt_profile *ret)
{
	tt_profile to = { .note = "", .at = tt_strict_at(r, name), .mean_cards = NAN };
	const tt_yaml *note;
	double sum = 0;

	TT_TRY(tt_strict_text(r, name, "a profile's name", &to.name));
	if (y->kind != TT_YAML_MAP)
		return tt_strict_wrong(r, y, to.name, "a profile, like { hours: \"sat-sun "
				       "00:00-24:00\", gpus: 8 }");
	note = tt_yaml_get(y, "note");
	if (note)
		TT_TRY(tt_strict_text(r, note, "note", &to.note));
	TT_TRY(read_way(r, y, &to));
	if (!to.runs) {
		for (int h = 0; h < TT_WEEK_HOURS; h++)
			sum += to.cards[h];
		if (!(sum > 0))
			return tt_strict_fail(r, to.at, "profile \"%s\" has no card in any hour",
					      to.name);
		to.mean_cards = sum / TT_WEEK_HOURS;
	}
	*ret = to;
	return TT_OK;
}
