/* Scenario files: what is read, each way to get it wrong with the very words that are said,
 * files that include others, and that the pages for people say what the tables say. */
#include "simulate/scenario.h"
#include "base/file.h"
#include "change/change.h"
#include "oom.h"
#include "simulate/scenario_change.h"
#include <limits.h>

static char folder[256], source[PATH_MAX];

static const char *put(const char *name, const char *text)
{
	static char path[400];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	T_INT(TT_OK, tt_file_write(path, text, strlen(text), NULL));
	return path;
}

static tt_scenario *load(const char *path)
{
	tt_scenario *s = NULL;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_scenario_load(path, &s, &err));
	T_STR("", err.text);
	return s;
}

static tt_scenario *load_text(const char *text)
{
	return load(put("s.yaml", text));
}

/* --- What is read ---------------------------------------------------------------- */

static void test_empty(void)
{
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = load_text("# nothing\n");

	if (!s)
		return;
	T_STR("s", s->name);
	T_STR("", s->note);
	T_INT(0, s->n_changes + s->n_growth + s->n_cuts + s->n_budgets + s->n_profiles);
	T_F64(12, s->horizon.months, 0);
	T_OK(!s->horizon.not_renewed && !s->horizon.prices_stay);
	T_OK(s->horizon.from_s == TT_TIME_MISSING && s->horizon.until_s == TT_TIME_MISSING);
	for (int i = 0; i < TT_ASSUMPTIONS; i++) {
		const tt_assumption_def *d = &tt_assumption_defs[i];

		T_INT(TT_DIST_FIXED, s->assumed[i].spec.kind);
		T_F64(d->standard, s->assumed[i].spec.a, 0);
		T_OK(isnan(d->standard) || (d->standard >= d->min && d->standard <= d->max));
		T_OK(s->assumed[i].at.file == NULL);
		T_STR(d->name, tt_assumption_names[i]);
	}
	/* fleet-wide draws have their places by name */
	for (int i = 1; i < TT_ADOPTION; i++)
		T_OK(strcmp(tt_assumption_names[i - 1], tt_assumption_names[i]) < 0);
}

static void test_changes(void)
{
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = load_text(
		"changes:\n"
		"  - change: release node:b,node:a effort_days=2\n"
		"    name: two nodes\n"
		"    start_delay_days: 30\n"
		"  - verb: share\n"
		"    select: { workload: [a, \"b*\"], labels: { team: x, env: [p, q] } }\n"
		"    mode: mig\n"
		"    profile: [2g.20gb, 1g.10gb]\n"
		"    each: true\n"
		"    optional: true\n"
		"    adoption_ratio: 0.5\n"
		"    realisation_ratio: { distribution: beta, alpha: 8, beta: 2 }\n"
		"    excludes: [x-1, y-2]\n"
		"  - verb: reprice\n"
		"    as: fleet\n"
		"    discount_ratio: 0.2\n"
		"    from: +30d\n"
		"    until: 2030-01-01T00:00:00Z\n");
	tt_buf text = { 0 };

	if (!s || s->n_changes != 3) {
		T_STR("three changes", "something else");
		return;
	}
	const tt_scenario_change *c = s->changes;
	tt_change_text(&c[0].change, &text);
	T_STR("release node:a,node:b effort_days=2", tt_buf_text(&text));
	T_STR("two nodes", c[0].name);
	T_F64(30, c[0].assumed[TT_START_DELAY]->spec.a, 0);
	T_OK(!c[0].assumed[TT_ADOPTION] && c[0].text && c[0].verb == TT_RELEASE);
	T_INT(2, c[0].at.line);

	T_OK(!c[1].text && c[1].verb == TT_SHARE && c[1].each && c[1].optional);
	T_INT(TT_SUBJECT_WORKLOAD, c[1].select.as);
	T_STR("b*", c[1].select.any[TT_BY_WORKLOAD][1]);
	T_OK(c[1].select.any[TT_BY_WORKLOAD][2] == NULL);
	T_INT(2, c[1].select.n_labels);
	T_STR("q", c[1].select.labels[1].any[1]);
	T_STR("2g.20gb|1g.10gb", tt_scenario_change_arg(&c[1], "profile")->text);
	T_STR("x-1,y-2", tt_scenario_change_arg(&c[1], "excludes")->text);
	/* a plain number is an argument too, a distribution is not */
	T_STR("0.5", tt_scenario_change_arg(&c[1], "adoption_ratio")->text);
	T_F64(0.5, c[1].assumed[TT_ADOPTION]->spec.a, 0);
	T_OK(!tt_scenario_change_arg(&c[1], "realisation_ratio"));
	T_INT(TT_DIST_BETA, c[1].assumed[TT_REALISATION]->spec.kind);

	T_INT(TT_SUBJECT_FLEET, c[2].select.as);
	T_STR("+30d", tt_scenario_change_arg(&c[2], "from")->text);
	tt_buf_free(&text);
}

/* What an argument's change is, with subjects and a horizon. */
static void test_make(void)
{
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = load_text(
		"profiles: { p: { hours: \"mon 00:00-24:00\" } }\n"
		"changes:\n"
		"  - { verb: scale, as: fleet, profile: p, gpus: quota,\n"
		"      gpu_model: \"a \\\"b\\\\\" }\n"
		"  - { verb: commit, as: offer, select: { model: x }, action: buy,\n"
		"      units: standing, each: true, from: +1d }\n");
	const tt_change_subject offer = { TT_SUBJECT_OFFER, "a/b \"c\"" };
	const tt_change_subject fleet = { TT_SUBJECT_FLEET, "" };
	const tt_change_setting set = { .from_s = 86400, .standing = 7, .quota_gpus = 12.5 };
	tt_buf text = { 0 };
	tt_err err = { 0 };
	tt_change c;

	if (!s || s->n_changes != 2) {
		T_STR("two changes", "something else");
		return;
	}
	T_INT(TT_OK, tt_scenario_change_make(&s->changes[0], &fleet, 1, &set, s->arena, &c, &err));
	tt_change_text(&c, &text);
	T_STR("scale fleet profile=p gpus=12.5 gpu_model=\"a \\\"b\\\\\"", tt_buf_text(&text));
	text.n = 0;
	T_INT(TT_OK, tt_scenario_change_make(&s->changes[1], &offer, 1, &set, s->arena, &c, &err));
	tt_change_text(&c, &text);
	T_STR("commit offer:\"a/b \\\"c\\\"\" action=buy units=7 from=1970-01-03T00:00:00Z",
	      tt_buf_text(&text));
	T_STR("", err.text);
	tt_buf_free(&text);
}

static void dist(const char *text, enum tt_dist_kind kind, double a, double b, double c, double min,
		 double max)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	char yaml[300];
	tt_err err = { 0 };
	tt_dist d;

	snprintf(yaml, sizeof yaml, "assumptions: { spot_price_ratio: %s }\n", text);
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = load_text(yaml);
	if (!s)
		return;
	const tt_dist_spec *v = &s->assumed[TT_SPOT_PRICE].spec;
	T_INT(kind, v->kind);
	T_F64(a, v->a, 0);
	T_F64(b, v->b, 0);
	T_F64(c, v->c, 0);
	T_F64(min, v->min, 0);
	T_F64(max, v->max, 0);
	/* what is read can be drawn from, and stays within its bounds */
	T_INT(TT_OK, tt_dist_make(v, arena, &d, &err));
	T_STR("", err.text);
	if (err.status == TT_OK) {
		T_OK(tt_dist_quantile(&d, 1e-9) >= min);
		T_OK(tt_dist_quantile(&d, 1 - 1e-9) <= max);
	}
}

static void test_distributions(void)
{
	dist("1.5", TT_DIST_FIXED, 1.5, NAN, NAN, 0, 100);
	dist("{ distribution: fixed, value: 2, unit: ratio }", TT_DIST_FIXED, 2, NAN, NAN, 0, 100);
	dist("{ distribution: normal, mean: 1, sd: 0.5 }", TT_DIST_NORMAL, 1, 0.5, NAN, 0, 100);
	dist("{ distribution: normal, mean: 1, sd: 0.5, min: 0.9, max: 2 }", TT_DIST_NORMAL, 1, 0.5,
	     NAN, 0.9, 2);
	dist("{ distribution: lognormal, median: 2, sigma: 0.3 }", TT_DIST_LOGNORMAL, 2, 0.3, NAN,
	     0, 100);
	dist("{ distribution: triangular, low: 0, mode: 0, high: 3 }", TT_DIST_TRIANGULAR, 0, 0, 3,
	     0, 3);
	dist("{ distribution: beta, alpha: 8, beta: 2 }", TT_DIST_BETA, 8, 2, NAN, 0, 1);
	dist("{ distribution: beta, alpha: 8, beta: 2, low: 0.5, high: 4 }", TT_DIST_BETA, 8, 2,
	     NAN, 0.5, 4);
	dist("{ distribution: empirical, values: [3, 1, 2], weights: [1, 0, 1] }",
	     TT_DIST_EMPIRICAL, NAN, NAN, NAN, 1, 3);
}

static void test_profiles(void)
{
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = load_text(
		"profiles:\n"
		"  night: { by_hour_of_day: [8, 8, 8, 8, 8, 8, 0, 0, 0, 0, 0, 0,\n"
		"                            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }\n"
		"  half: { hours: \"tue 08:30-09:15\", gpus: 8, gpus_outside: 2, note: so }\n"
		"  jobs: { runs_per_month: 20, gpu_hours_per_run: 40 }\n");

	if (!s || s->n_profiles != 3) {
		T_STR("three profiles", "something else");
		return;
	}
	const tt_profile *half = tt_scenario_profile(s, "half"), *jobs = &s->profiles[1];
	T_STR("half", s->profiles[0].name); /* by name */
	T_STR("so", half->note);
	T_F64(2, half->cards[0], 0);
	T_F64(5, half->cards[24 + 8], 0);    /* half of the hour 8, half 2 */
	T_F64(3.5, half->cards[24 + 9], 0);  /* a quarter */
	T_F64(2, half->cards[24 + 10], 0);
	T_F64((166 * 2 + 8.5) / 168, half->mean_cards, 1e-12);
	T_F64(8, tt_scenario_profile(s, "night")->cards[6 * 24 + 5], 0);
	T_F64(0, tt_scenario_profile(s, "night")->cards[6 * 24 + 6], 0);
	T_F64(2, tt_scenario_profile(s, "night")->mean_cards, 1e-12);
	T_OK(jobs->runs && isnan(jobs->mean_cards) && tt_scenario_profile(s, "x") == NULL);
	T_F64(20, jobs->runs_per_month.spec.a, 0);
	T_F64(0, jobs->failure_ratio.spec.a, 0);
}

static void test_rest(void)
{
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = load_text(
		"name: rest\nnote: of it\n"
		"horizon: { from: 2026-04-01T00:00:00Z, until: 2026-05-01T00:00:00Z,\n"
		"           renew: false, known_prices: false }\n"
		"growth:\n  - { select: { workload: a }, ratio_per_month: 0.03 }\n"
		"price_cuts:\n  - { at: +30d, cut_ratio: 0.2 }\n"
		"  - { at: 2026-04-10T00:00:00Z, cut_ratio: 0.1, select: { model: h100 } }\n"
		"budgets:\n  - { amount_per_month: 10.5 }\n"
		"  - { amount_per_month: 7, owner: ml, probability_ratio: 0.5 }\n");

	if (!s || s->n_growth != 1 || s->n_cuts != 2 || s->n_budgets != 2) {
		T_STR("all of it", "something else");
		return;
	}
	T_STR("rest", s->name);
	T_STR("of it", s->note);
	T_OK(s->horizon.not_renewed && s->horizon.prices_stay);
	T_INT(1775001600, s->horizon.from_s);
	T_INT(1777593600, s->horizon.until_s);
	T_F64(0.03, s->growth[0].ratio_per_month.spec.a, 0);
	T_OK(s->cuts[0].when.relative && s->cuts[0].when.s == 30 * 86400);
	T_INT(TT_SUBJECT_END, s->cuts[0].select.as);
	T_STR("h100", s->cuts[1].select.any[TT_BY_MODEL][0]);
	T_OK(s->budgets[0].amount_per_month == 105 * TT_DECIMAL_ONE / 10);
	T_F64(0.9, s->budgets[0].probability_ratio, 0);
	T_STR("ml", s->budgets[1].owner);
}

static void test_includes(void)
{
	char path[400];

	snprintf(path, sizeof path, "%s/sub", folder);
	mkdir(path, 0700);
	put("sub/a.yaml", "name: a\nhorizon: { months: 3 }\ninclude: [../sub/b.yaml]\n"
			  "changes: [{ change: release node:a }]\n"
			  "assumptions: { adoption_ratio: 0.5, spot_price_ratio: 2 }\n");
	put("sub/b.yaml", "changes: [{ change: release node:b }]\n"
			  "assumptions: { adoption_ratio: 0.25, demand_level_ratio: 3 }\n"
			  "profiles: { p: { hours: \"mon 00:00-24:00\" } }\n");
	put("c.yaml", "assumptions: { adoption_ratio: 0.75 }\nhorizon: { months: 4 }\n"
		      "changes: [{ change: release node:c }]\n");
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = load_text(
		"include: [sub/a.yaml, c.yaml]\n"
		"assumptions: { adoption_ratio: 0.125 }\nhorizon: { months: 5 }\n"
		"changes: [{ change: release node:s }, { change: scale fleet profile=p }]\n");

	if (!s || s->n_changes != 5) {
		T_STR("five changes", "something else");
		return;
	}
	T_STR("s", s->name); /* not that of an included file */
	for (size_t i = 0; i < 4; i++) { /* b is in a, a before c, and own ones last */
		const char want[] = { "bacs"[i], 0 };

		T_STR(want, s->changes[i].change.subjects[0].id);
	}
	T_F64(0.125, s->assumed[TT_ADOPTION].spec.a, 0);
	T_F64(2, s->assumed[TT_SPOT_PRICE].spec.a, 0);
	T_F64(3, s->assumed[TT_DEMAND_LEVEL].spec.a, 0);
	T_F64(5, s->horizon.months, 0);
	T_INT(4, s->n_files);
	T_HAS("/sub/b.yaml", s->files[2]);
	T_HAS("/sub/b.yaml", s->changes[0].at.file);
	T_OK(tt_scenario_profile(s, "p") != NULL);
}

/* --- What is refused --------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files of a folder that end so, sorted; how many. */
static size_t list(const char *path, const char *end, char *names[], size_t most)
{
	DIR *d = opendir(path);
	size_t n = 0;

	for (struct dirent *e; d && n < most && (e = readdir(d));) {
		const size_t len = strlen(e->d_name), tail = strlen(end);

		if (len > tail && strcmp(e->d_name + len - tail, end) == 0)
			names[n++] = strdup(e->d_name);
	}
	if (d)
		closedir(d);
	qsort(names, n, sizeof *names, compare_names);
	return n;
}

/* Each bad scenario says what stands beside it. */
static void test_fixtures(void)
{
	char path[PATH_MAX + 64], *names[400];
	size_t n;

	snprintf(path, sizeof path, "%s/tests/fixtures/scenarios", source);
	T_INT(0, chdir(path)); /* so that messages have short paths */
	n = list(".", ".yaml", names, 400);
	T_OK(n > 80);
	for (size_t i = 0; i < n; i++) {
		tt_scenario *s = NULL;
		tt_err err = { 0 };
		char *want = NULL, got[1100];
		size_t want_n = 0;
		int rc = tt_scenario_load(names[i], &s, &err);

		snprintf(path, sizeof path, "%.*s.err", (int)strlen(names[i]) - 5, names[i]);
		T_OK(rc == TT_EDATA || rc == TT_EIO);
		T_INT(rc, err.status);
		T_OK(s == NULL);
		snprintf(got, sizeof got, "%s\n", err.text);
		T_INT(TT_OK, tt_file_read(path, 4096, &want, &want_n, NULL));
		T_STR(want ? want : "", got);
		tt_free(want);
		free(names[i]);
	}
}

static void refused(const char *text, const char *why)
{
	tt_scenario *s = NULL;
	tt_err err = { 0 };

	T_INT(TT_EDATA, tt_scenario_load(put("s.yaml", text), &s, &err));
	T_HAS(why, err.text);
	T_OK(s == NULL);
}

static void test_limits(void)
{
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };
	tt_scenario *s = NULL;
	tt_err err = { 0 };

	tt_buf_puts(&text, "budgets:\n");
	for (int i = 0; i < 1001; i++)
		tt_buf_puts(&text, "  - amount_per_month: 1\n");
	refused(tt_buf_text(&text), ":2:3: budgets has 1001 items, expected at most 1000");
	text.n = 0;
	tt_buf_puts(&text, "assumptions: { spot_price_ratio: { distribution: empirical, values: [");
	for (int i = 0; i < 10001; i++)
		tt_buf_printf(&text, "%s1", i ? "," : "");
	tt_buf_puts(&text, "] } }\n");
	refused(tt_buf_text(&text), "values has 10001 items, expected at most 10000");
	text.n = 0;
	tt_buf_puts(&text, "include:\n");
	for (int i = 0; i < 64; i++) {
		char name[20];

		snprintf(name, sizeof name, "i%d.yaml", i);
		put(name, "# nothing\n");
		tt_buf_printf(&text, "  - i%d.yaml\n", i);
	}
	refused(tt_buf_text(&text), ":65:5: more than 64 files");
	text.n = 0;
	tt_buf_puts(&text, "name: ");
	for (int i = 0; i < 1025; i++)
		tt_buf_putc(&text, 'x');
	refused(tt_buf_text(&text), ":1:7: name has 1025 bytes, expected at most 1024");
	T_INT(TT_EIO, tt_scenario_load("/nowhere/s.yaml", &s, &err));
	T_STR("/nowhere/s.yaml: No such file or directory", err.text);
	T_INT(TT_EIO, tt_scenario_load("/nowhere/s.yaml", &s, NULL));
}

/* --- What is written for people ------------------------------------------------------ */

static void test_ready(void)
{
	char folder_path[PATH_MAX + 32], path[PATH_MAX + 400], *names[100], *readme = NULL;
	size_t n, readme_n;

	snprintf(folder_path, sizeof folder_path, "%s/scenarios", source);
	snprintf(path, sizeof path, "%s/README.md", folder_path);
	T_INT(TT_OK, tt_file_read(path, 1 << 20, &readme, &readme_n, NULL));
	n = list(folder_path, ".yaml", names, 100);
	T_OK(n >= 18 && readme);
	for (size_t i = 0; readme && i < n; i++) {
		char *text = NULL;
		size_t text_n;

		snprintf(path, sizeof path, "%s/%s", folder_path, names[i]);
		TT_CLEANUP(tt_scenario_freep) tt_scenario *s = load(path);
		T_OK(s && s->n_changes > 0 && *s->note && s->horizon.at.file);
		T_HAS(names[i], readme);
		T_INT(TT_OK, tt_file_read(path, 1 << 20, &text, &text_n, NULL));
		T_OK(text && strncmp(text, "# ", 2) == 0); /* says what it is for */
		tt_free(text);
		free(names[i]);
	}
	tt_free(readme);
}

/* The example of every key is one, and the tables are those of the code. */
static void test_readme(void)
{
	static const char *const keys[] = { "name", "note", "include", "horizon", "changes",
					    "assumptions", "growth", "price_cuts", "budgets",
					    "profiles" };
	char path[PATH_MAX + 64], row[300], *readme = NULL, *yaml, *end;
	size_t n;

	snprintf(path, sizeof path, "%s/scenarios/README.md", source);
	T_INT(TT_OK, tt_file_read(path, 1 << 20, &readme, &n, NULL));
	yaml = readme ? strstr(readme, "```yaml\n") : NULL;
	end = yaml ? strstr(yaml + 8, "```\n") : NULL;
	if (!end) {
		T_STR("the example", "something else");
		return;
	}
	for (int i = 0; i < TT_ASSUMPTIONS; i++) {
		const tt_assumption_def *d = &tt_assumption_defs[i];
		char standard[32], min[32], max[32];

		snprintf(row, sizeof row, "| `%s` | %s | %s", d->name, d->unit,
			 isnan(d->standard) ? "as changes" :
			 tt_format_f64(d->standard, 9, standard, sizeof standard));
		T_HAS(row, readme);
		snprintf(row, sizeof row, " | %s | %s | ",
			 tt_format_f64(d->min, 9, min, sizeof min),
			 tt_format_f64(d->max, 9, max, sizeof max));
		T_HAS(row, strstr(readme, d->name) ? strstr(end, d->name) : "");
	}
	for (int i = TT_ASSUMPTIONS; i < TT_ASSUMPTION_DEFS; i++) {
		snprintf(row, sizeof row, "`%s`", tt_assumption_defs[i].name);
		T_HAS(row, readme);
	}
	for (int i = 0; i < TT_SELECT_WORDS; i++) {
		snprintf(row, sizeof row, "`%s`", tt_select_key_text((enum tt_select_key)i));
		T_HAS(row, strstr(readme, "## Selectors"));
	}
	*end = '\0';
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		snprintf(row, sizeof row, "\n%s:", keys[i]);
		T_HAS(row, yaml);
	}
	snprintf(path, sizeof path, "%s/parts", folder);
	mkdir(path, 0700);
	put("parts/spot-market.yaml", "assumptions: { spot_price_ratio: 1 }\n");
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = load_text(yaml + 8);
	T_OK(s && s->n_changes == 4 && s->n_profiles == 3);
	tt_free(readme);
}

/* --- Memory runs out --------------------------------------------------------------- */

static tt_scenario *scenario;

static int oom_load(tt_err *err)
{
	char path[400];

	snprintf(path, sizeof path, "%s/s.yaml", folder);
	return tt_scenario_load(path, &scenario, err);
}

static void oom_answer(tt_buf *out)
{
	tt_buf_printf(out, "%s %zu %zu %g\n", scenario->name, scenario->n_changes,
		      scenario->n_profiles, scenario->assumed[TT_ADOPTION].spec.a);
}

static void oom_reset(void)
{
	tt_scenario_free(scenario);
	scenario = NULL;
}

static void test_oom(void)
{
	static const char *const texts[] = {
		"include: [c.yaml]\nname: x\n"
		"profiles: { p: { hours: \"mon 00:00-24:00\" } }\n"
		"growth: [{ select: { workload: [a, b] }, ratio_per_month: 0.1 }]\n"
		"price_cuts:\n"
		"  - { at: +3d, cut_ratio: { distribution: empirical, values: [0, 1] } }\n"
		"budgets: [{ amount_per_month: 3 }]\n"
		"changes:\n"
		"  - { verb: scale, as: fleet, profile: p, excludes: [a, b],\n"
		"      adoption_ratio: 0.5 }\n"
		"  - { verb: label, as: pod, select: { labels: { a: b } }, owner: x }\n",
		"changes: [{ verb: label, as: card, select: { model: x }, owner: x }]\n",
		"changes: [{ verb: release, select: { node: x }, hourz: x }]\n",
		"changes: [{ verb: resize, select: { workload: x }, nodes: 3 }]\n",
		"assumptions: { zzz: 3 }\n", "include: [nowhere.yaml]\n",
		"changes: [{ change: release nod }]\n",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		put("s.yaml", texts[i]);
		oom((oom_try){ .what = "scenario", .run = oom_load, .answer = oom_answer,
			       .reset = oom_reset, .folder = folder });
	}
}

int main(void)
{
	const char *at = getenv("TT_SOURCE");

	if (!realpath(at ? at : ".", source))
		return 1;
	t_folder(folder, sizeof folder);
	test_empty();
	test_changes();
	test_make();
	test_distributions();
	test_profiles();
	test_rest();
	test_includes();
	test_limits();
	test_fixtures();
	test_ready();
	test_readme();
	test_oom();
	t_folder_remove(folder);
	return T_END();
}
