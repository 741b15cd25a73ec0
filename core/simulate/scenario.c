/* scenario.c - the keys of a scenario file, and files that include others.
 *
 * Files are numbered as they are opened, those that a file includes behind it. What has a
 * name (an assumption, a profile, the horizon) can be said once: again only in a file that
 * includes the other, which then holds. Two files side by side that say the same name, and
 * nobody above them that settles it, are an error; so nothing depends on their order but the
 * order of what has no name. */
#include "simulate/scenario.h"
#include "simulate/scenario_change.h"
#include "simulate/scenario_include.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct said {          /* who said something that has a name */
	size_t file;   /* number; TT_SCENARIO_FILES: nobody */
	tt_at at;
	tt_at again;   /* by a file beside it; file NULL: nobody */
};

struct loading {
	tt_scenario *s;
	const char *folder;  /* of the first file, with its '/'; "": here */
	const char *rel[TT_SCENARIO_FILES];
	bool open[TT_SCENARIO_FILES];
	size_t n_files;
	struct said assumed[TT_ASSUMPTIONS], horizon, *profiles;
	/* growing arrays of s, in the arena once all is read */
	tt_scenario_change *changes; size_t cap_changes;
	tt_scenario_growth *growth; size_t cap_growth;
	tt_scenario_cut *cuts; size_t cap_cuts;
	tt_scenario_budget *budgets; size_t cap_budgets;
	tt_profile *all_profiles; size_t cap_profiles, cap_said;
	tt_err *err;
};

static void loading_done(struct loading *l)
{
	tt_free(l->changes);
	tt_free(l->growth);
	tt_free(l->cuts);
	tt_free(l->budgets);
	tt_free(l->all_profiles);
	tt_free(l->profiles);
}

/* Whether what is said at `at` in file `file` holds; else it clashes, and that is kept. */
static bool says(struct said *s, size_t file, tt_at at)
{
	if (s->file == TT_SCENARIO_FILES || s->file > file) {
		*s = (struct said){ .file = file, .at = at };
		return true;
	}
	if (!s->again.file)
		s->again = at;
	return false;
}

/* --- Sections ------------------------------------------------------------------ */

static int read_horizon(struct loading *l, const tt_strict *r, const tt_yaml *map, size_t file)
{
	static const char *const keys[] = { "months", "from", "until", "renew", "known_prices",
					    NULL };
	const tt_yaml *months = tt_yaml_get(map, "months"), *from = tt_yaml_get(map, "from");
	const tt_yaml *until = tt_yaml_get(map, "until"), *renew = tt_yaml_get(map, "renew");
	const tt_yaml *known = tt_yaml_get(map, "known_prices");
	bool renewed = true, follows = true;
	tt_horizon h = { .from_s = TT_TIME_MISSING, .until_s = TT_TIME_MISSING, .months = 12,
			 .at = tt_strict_at(r, map) };

	TT_TRY(tt_strict_only(r, map, "horizon", keys));
	if (months && until)
		return tt_strict_fail(r, tt_strict_at(r, until),
				      "until and months exclude each other");
	if (months)
		TT_TRY(tt_strict_number(r, months, "months", 0.03, 120, &h.months));
	if (from)
		TT_TRY(tt_strict_time(r, from, "from", &h.from_s));
	if (until)
		TT_TRY(tt_strict_time(r, until, "until", &h.until_s));
	if (renew)
		TT_TRY(tt_strict_bool(r, renew, "renew", &renewed));
	if (known)
		TT_TRY(tt_strict_bool(r, known, "known_prices", &follows));
	h.not_renewed = !renewed;
	h.prices_stay = !follows;
	if (until && from && h.until_s <= h.from_s)
		return tt_strict_wrong(r, until, "until", "a time after from");
	if (says(&l->horizon, file, h.at))
		l->s->horizon = h;
	return TT_OK;
}

static int read_change(struct loading *l, const tt_strict *r, const tt_yaml *y)
{
	tt_scenario *s = l->s;

	if (!TT_GROW(l->changes, s->n_changes, l->cap_changes))
		return tt_no_memory(l->err);
	TT_TRY(tt_scenario_change_read(r, y, &l->changes[s->n_changes]));
	s->n_changes++;
	return TT_OK;
}

static int read_growth(struct loading *l, const tt_strict *r, const tt_yaml *y)
{
	static const char *const keys[] = { "select", "as", "ratio_per_month", NULL };
	static const unsigned kinds = 1u << TT_SUBJECT_WORKLOAD | 1u << TT_SUBJECT_NAMESPACE |
				      1u << TT_SUBJECT_NODE_GROUP;
	tt_scenario_growth g = { .at = tt_strict_at(r, y) };
	const tt_yaml *ratio = NULL;

	TT_TRY(tt_strict_only(r, y, "growth", keys));
	TT_TRY(tt_strict_need(r, y, "growth", "ratio_per_month", &ratio));
	TT_TRY(tt_assumed_read(r, ratio, TT_GROWTH, &g.ratio_per_month));
	TT_TRY(tt_select_read(r, y, "growth", kinds, &g.select));
	if (!TT_GROW(l->growth, l->s->n_growth, l->cap_growth))
		return tt_no_memory(l->err);
	l->growth[l->s->n_growth++] = g;
	return TT_OK;
}

static int read_price_cut(struct loading *l, const tt_strict *r, const tt_yaml *y)
{
	static const char *const keys[] = { "at", "select", "cut_ratio", NULL };
	tt_scenario_cut c = { .at = tt_strict_at(r, y) };
	const tt_yaml *at = NULL, *ratio = NULL;

	TT_TRY(tt_strict_only(r, y, "a price cut", keys));
	TT_TRY(tt_strict_need(r, y, "a price cut", "at", &at));
	TT_TRY(tt_strict_need(r, y, "a price cut", "cut_ratio", &ratio));
	TT_TRY(tt_strict_when(r, at, "at", &c.when));
	TT_TRY(tt_assumed_read(r, ratio, TT_CUT, &c.cut_ratio));
	TT_TRY(tt_select_read(r, y, "a price cut", 0, &c.select));
	if (!TT_GROW(l->cuts, l->s->n_cuts, l->cap_cuts))
		return tt_no_memory(l->err);
	l->cuts[l->s->n_cuts++] = c;
	return TT_OK;
}

static int read_budget(struct loading *l, const tt_strict *r, const tt_yaml *y)
{
	static const char *const keys[] = { "owner", "amount_per_month", "probability_ratio",
					    NULL };
	tt_scenario_budget b = { .at = tt_strict_at(r, y), .owner = "",
				 .probability_ratio = 0.9 };
	const tt_yaml *amount = NULL, *owner, *probability;

	TT_TRY(tt_strict_only(r, y, "a budget", keys));
	TT_TRY(tt_strict_need(r, y, "a budget", "amount_per_month", &amount));
	TT_TRY(tt_strict_money(r, amount, "amount_per_month", &b.amount_per_month));
	owner = tt_yaml_get(y, "owner");
	probability = tt_yaml_get(y, "probability_ratio");
	if (owner)
		TT_TRY(tt_strict_text(r, owner, "owner", &b.owner));
	if (probability)
		TT_TRY(tt_strict_number(r, probability, "probability_ratio", 0.01, 0.99,
					&b.probability_ratio));
	if (!TT_GROW(l->budgets, l->s->n_budgets, l->cap_budgets))
		return tt_no_memory(l->err);
	l->budgets[l->s->n_budgets++] = b;
	return TT_OK;
}

static bool is_hourly(const char *name)
{
	return strcmp(name, "demand_hour_volatility_ratio") == 0 ||
	       strcmp(name, "demand_hour_persistence_ratio") == 0;
}

static int read_assumptions(struct loading *l, const tt_strict *r, const tt_yaml *map,
			    size_t file)
{
	if (map->kind != TT_YAML_MAP)
		return tt_strict_wrong(r, map, "assumptions", "names with numbers or "
				       "distributions");
	for (size_t i = 0; i < map->n; i++) {
		const tt_yaml *key = map->keys[i];
		size_t of = 0;
		tt_assumed a;

		while (of < TT_ASSUMPTIONS && strcmp(tt_assumption_names[of], key->text) != 0)
			of++;
		if (of == TT_ASSUMPTIONS)
			return is_hourly(key->text) ?
			       tt_strict_fail(r, tt_strict_at(r, key), "%s is not drawn: futures "
					      "repeat measured hours, whose ups and downs are in "
					      "them; demand_volatility_ratio moves whole weeks",
					      key->text) :
			       tt_strict_unknown(r, key, "assumption", tt_assumption_names);
		TT_TRY(tt_assumed_read(r, map->items[i], (enum tt_assumption)of, &a));
		if (says(&l->assumed[of], file, tt_strict_at(r, key)))
			l->s->assumed[of] = a;
	}
	return TT_OK;
}

static int add_profile(struct loading *l, const tt_profile *p, size_t file)
{
	size_t i = 0;

	while (i < l->s->n_profiles && strcmp(l->all_profiles[i].name, p->name) != 0)
		i++;
	if (i == l->s->n_profiles) {
		if (!TT_GROW(l->all_profiles, i, l->cap_profiles) ||
		    !TT_GROW(l->profiles, i, l->cap_said))
			return tt_no_memory(l->err);
		l->profiles[i] = (struct said){ .file = TT_SCENARIO_FILES };
		l->s->n_profiles++;
	}
	if (says(&l->profiles[i], file, p->at))
		l->all_profiles[i] = *p;
	return TT_OK;
}

static int read_profiles(struct loading *l, const tt_strict *r, const tt_yaml *map, size_t file)
{
	if (map->kind != TT_YAML_MAP)
		return tt_strict_wrong(r, map, "profiles", "names with profiles");
	for (size_t i = 0; i < map->n; i++) {
		tt_profile p;

		if (l->s->n_profiles >= TT_SCENARIO_ITEMS)
			return tt_strict_fail(r, tt_strict_at(r, map->keys[i]),
					      "more than %d profiles", TT_SCENARIO_ITEMS);
		TT_TRY(tt_profile_read(r, map->keys[i], map->items[i], &p));
		TT_TRY(add_profile(l, &p, file));
	}
	return TT_OK;
}

/* --- Files --------------------------------------------------------------------- */

static int load_file(struct loading *l, const char *rel, int depth);

static int include(struct loading *l, const tt_strict *r, const tt_yaml *y, size_t file, int depth)
{
	const char *path, *rel;
	enum tt_include_fault fault;

	TT_TRY(tt_strict_text(r, y, "include", &path));
	fault = tt_include_resolve(l->rel[file], path, l->s->arena, &rel);
	if (fault == TT_INCLUDE_NO_MEMORY)
		return tt_no_memory(l->err);
	if (fault != TT_INCLUDE_OK)
		return tt_strict_wrong(r, y, "include", tt_include_fault_text(fault));
	if (depth == TT_SCENARIO_DEPTH)
		return tt_strict_fail(r, tt_strict_at(r, y), "files include each other more than "
				      "%d deep", TT_SCENARIO_DEPTH);
	for (size_t i = 0; i < l->n_files; i++) {
		if (strcmp(l->rel[i], rel) == 0)
			return tt_strict_wrong(r, y, "include", l->open[i]
					       ? "a file that does not include this one"
					       : "each file once, and it is included already");
	}
	if (l->n_files == TT_SCENARIO_FILES)
		return tt_strict_fail(r, tt_strict_at(r, y), "more than %d files",
				      TT_SCENARIO_FILES);
	if (load_file(l, rel, depth + 1) == TT_OK)
		return TT_OK;
	/* the fault says where it is itself, unless the file could not be read at all */
	return l->err && l->err->status == TT_EIO
		       ? tt_context(l->err, "%s:%d:%d: include", r->file, y->line, y->column)
		       : l->err->status;
}

/* Each item of the list at `key`. */
static int read_each(struct loading *l, const tt_strict *r, const tt_yaml *top, const char *key,
		     const size_t *n,
		     int (*read)(struct loading *l, const tt_strict *r, const tt_yaml *y))
{
	const tt_yaml *list = tt_yaml_get(top, key);

	if (!list)
		return TT_OK;
	TT_TRY(tt_strict_list(r, list, key, TT_SCENARIO_ITEMS));
	if (*n + list->n > TT_SCENARIO_ITEMS)
		return tt_strict_fail(r, tt_strict_at(r, list),
				      "%s has %zu items with those of other files, expected at "
				      "most %d", key, *n + list->n, TT_SCENARIO_ITEMS);
	for (size_t i = 0; i < list->n; i++)
		TT_TRY(read(l, r, list->items[i]));
	return TT_OK;
}

static int read_sections(struct loading *l, const tt_strict *r, const tt_yaml *top, size_t file)
{
	const tt_yaml *horizon = tt_yaml_get(top, "horizon");
	const tt_yaml *assumptions = tt_yaml_get(top, "assumptions");
	const tt_yaml *profiles = tt_yaml_get(top, "profiles");

	if (horizon)
		TT_TRY(read_horizon(l, r, horizon, file));
	TT_TRY(read_each(l, r, top, "changes", &l->s->n_changes, read_change));
	if (assumptions)
		TT_TRY(read_assumptions(l, r, assumptions, file));
	TT_TRY(read_each(l, r, top, "growth", &l->s->n_growth, read_growth));
	TT_TRY(read_each(l, r, top, "price_cuts", &l->s->n_cuts, read_price_cut));
	TT_TRY(read_each(l, r, top, "budgets", &l->s->n_budgets, read_budget));
	return profiles ? read_profiles(l, r, profiles, file) : TT_OK;
}

static int read_file(struct loading *l, const tt_strict *r, size_t file, int depth)
{
	static const char *const keys[] = { "name", "note", "include", "horizon", "changes",
					    "assumptions", "growth", "price_cuts", "budgets",
					    "profiles", NULL };
	const tt_yaml *name, *note, *includes;
	const char *text = "";
	tt_yaml *top;

	TT_TRY(tt_yaml_load(r->file, r->arena, &top, r->err));
	TT_TRY(tt_strict_only(r, top, "a scenario", keys));
	name = tt_yaml_get(top, "name");
	note = tt_yaml_get(top, "note");
	includes = tt_yaml_get(top, "include");
	if (name)
		TT_TRY(tt_strict_text(r, name, "name", &text));
	if (name && file == 0)
		l->s->name = text;
	text = "";
	if (note)
		TT_TRY(tt_strict_text(r, note, "note", &text));
	if (file == 0)
		l->s->note = text;
	if (includes)
		TT_TRY(tt_strict_list(r, includes, "include", TT_SCENARIO_FILES));
	for (size_t i = 0; includes && i < includes->n; i++)
		TT_TRY(include(l, r, includes->items[i], file, depth));
	return read_sections(l, r, top, file);
}

/* `folder` and `rel` as one path. */
static const char *full_path(const struct loading *l, const char *rel)
{
	const size_t n = strlen(l->folder), m = strlen(rel);
	char *path = tt_arena_alloc(l->s->arena, n + m + 1);

	if (!path)
		return NULL;
	memcpy(path, l->folder, n);
	memcpy(path + n, rel, m);
	return path;
}

static int load_file(struct loading *l, const char *rel, int depth)
{
	const size_t file = l->n_files++;
	tt_strict r = { .file = full_path(l, rel), .arena = l->s->arena, .err = l->err };

	if (!r.file)
		return tt_no_memory(l->err);
	l->rel[file] = rel;
	l->open[file] = true;
	l->s->files[l->s->n_files++] = r.file;
	TT_TRY(read_file(l, &r, file, depth));
	l->open[file] = false;
	return TT_OK;
}

/* --- All together -------------------------------------------------------------- */

static int check_said(const struct said *s, const char *what, const char *name, tt_err *err)
{
	if (!s->again.file)
		return TT_OK;
	return tt_fail(err, TT_EDATA, "%s:%d:%d: %s%s%s is in %s:%d, too; a file that includes "
		       "both has to say which", s->again.file, s->again.line, s->again.column, what,
		       *name ? " " : "", name, s->at.file, s->at.line);
}

/* A change that adds a profile finds it. */
static int check_profile(const struct loading *l, const tt_scenario_change *c)
{
	const tt_scenario_arg *arg = c->text ? NULL : tt_scenario_change_arg(c, "profile");
	const tt_change_arg *text = c->text ? tt_change_get(&c->change, "profile") : NULL;
	const char *name = arg ? arg->text : text ? text->text : NULL;
	const tt_at at = arg ? arg->at : c->at;
	const tt_yaml word = { .kind = TT_YAML_SCALAR, .text = name, .line = at.line,
			       .column = at.column };
	const tt_strict r = { .file = at.file, .err = l->err };
	const char *names[TT_SCENARIO_ITEMS + 1];

	if (c->verb != TT_SCALE || !name)
		return TT_OK;
	for (size_t i = 0; i < l->s->n_profiles; i++) {
		if (strcmp(l->all_profiles[i].name, name) == 0)
			return TT_OK;
		names[i] = l->all_profiles[i].name;
	}
	names[l->s->n_profiles] = NULL;
	return tt_strict_unknown(&r, &word, "profile of the scenario", names);
}

static int check_all(const struct loading *l)
{
	for (size_t i = 0; i < TT_ASSUMPTIONS; i++)
		TT_TRY(check_said(&l->assumed[i], "assumption", tt_assumption_names[i], l->err));
	TT_TRY(check_said(&l->horizon, "the horizon", "", l->err));
	for (size_t i = 0; i < l->s->n_profiles; i++)
		TT_TRY(check_said(&l->profiles[i], "profile", l->all_profiles[i].name, l->err));
	for (size_t i = 0; i < l->s->n_changes; i++)
		TT_TRY(check_profile(l, &l->changes[i]));
	return TT_OK;
}

static int compare_profiles(const void *a, const void *b)
{
	return strcmp(((const tt_profile *)a)->name, ((const tt_profile *)b)->name);
}

static void *kept(tt_arena *arena, const void *v, size_t n, size_t size, bool *failed)
{
	void *p = tt_arena_alloc(arena, n * size + 1);

	if (!p)
		*failed = true;
	else if (n)
		memcpy(p, v, n * size);
	return p;
}

/* The growing arrays into the arena. */
static int keep(struct loading *l)
{
	tt_scenario *s = l->s;
	bool failed = false;

	if (s->n_profiles)
		qsort(l->all_profiles, s->n_profiles, sizeof *l->all_profiles, compare_profiles);
	s->changes = kept(s->arena, l->changes, s->n_changes, sizeof *s->changes, &failed);
	s->growth = kept(s->arena, l->growth, s->n_growth, sizeof *s->growth, &failed);
	s->cuts = kept(s->arena, l->cuts, s->n_cuts, sizeof *s->cuts, &failed);
	s->budgets = kept(s->arena, l->budgets, s->n_budgets, sizeof *s->budgets, &failed);
	s->profiles = kept(s->arena, l->all_profiles, s->n_profiles, sizeof *s->profiles, &failed);
	return failed ? tt_no_memory(l->err) : TT_OK;
}

/* The scenario's own name where it says none: that of its file without ".yaml". */
static int set_names(struct loading *l, const char *path, const char **ret_rel)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	const size_t n = dot && dot > base ? (size_t)(dot - base) : strlen(base);
	tt_scenario *s = l->s;

	s->note = "";
	s->path = tt_arena_text(s->arena, path, strlen(path));
	s->name = tt_arena_text(s->arena, base, n);
	l->folder = tt_arena_text(s->arena, path, (size_t)(base - path));
	*ret_rel = tt_arena_text(s->arena, base, strlen(base));
	s->files = tt_arena_alloc(s->arena, TT_SCENARIO_FILES * sizeof *s->files);
	return s->path && s->name && l->folder && *ret_rel && s->files ? TT_OK
								       : tt_no_memory(l->err);
}

int tt_scenario_load(const char *path, tt_scenario **ret, tt_err *err)
{
	TT_CLEANUP(tt_scenario_freep) tt_scenario *s = tt_zalloc(1, sizeof *s);
	tt_err own = { 0 };
	TT_CLEANUP(loading_done) struct loading l = { .s = s, .err = err ? err : &own };
	const char *rel = "";

	if (!s || !(s->arena = tt_arena_new()))
		return tt_no_memory(err);
	s->horizon = (tt_horizon){ .from_s = TT_TIME_MISSING, .until_s = TT_TIME_MISSING,
				   .months = 12 };
	l.horizon.file = TT_SCENARIO_FILES;
	for (size_t i = 0; i < TT_ASSUMPTIONS; i++) {
		l.assumed[i].file = TT_SCENARIO_FILES;
		s->assumed[i] = tt_assumed_default((enum tt_assumption)i);
	}
	TT_TRY(set_names(&l, path, &rel));
	TT_TRY(load_file(&l, rel, 0));
	TT_TRY(check_all(&l));
	TT_TRY(keep(&l));
	*ret = s;
	s = NULL;
	return TT_OK;
}

void tt_scenario_free(tt_scenario *s)
{
	if (!s)
		return;
	tt_arena_free(s->arena);
	tt_free(s);
}

void tt_scenario_freep(tt_scenario **s)
{
	tt_scenario_free(*s);
}

const tt_profile *tt_scenario_profile(const tt_scenario *s, const char *name)
{
	for (size_t i = 0; i < s->n_profiles; i++) {
		if (strcmp(s->profiles[i].name, name) == 0)
			return &s->profiles[i];
	}
	return NULL;
}
