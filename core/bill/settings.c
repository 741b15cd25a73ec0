/* settings.c - trimtab.yaml into tt_settings, and who owns what by it. */
#include "settings.h"
#include "base/text.h"
#include "snapshot/labels.h"
#include <stdlib.h>
#include <string.h>

const char *const tt_workload_kinds[TT_WORKLOAD_KINDS + 1] = {
	"training", "inference", "notebook", "batch", "system", "unknown", NULL
};

/* Why these: examples/trimtab.yaml. */
static const char *const owner_keys[] = { "team", "owner", "cost_center", "cost-center",
					  "squad", NULL };
static const char *const creator_keys[] = { "created-by", "user", "creator", "submitted-by",
					    NULL };
static const char *const system_namespaces[] = {
	"kube-*", "gpu-operator", "nvidia-*", "network-operator", "node-feature-discovery",
	"openshift-*", "monitoring", "istio-system", "cert-manager", "ingress-nginx", NULL
};
static const int busy_above_pct[TT_WORKLOAD_KINDS] = { 20, 5, 5, 10, 0, 10 };

static const char *const rules[] = { "share", "threshold", NULL };
static const char *const risks[] = { "none", "low", "medium", "high", NULL };

static int find_word(const char *const *words, const char *s)
{
	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], s) == 0)
			return i;
	}
	return -1;
}

size_t tt_workload_kind(const char *s)
{
	int at = find_word(tt_workload_kinds, s);

	return at < 0 ? TT_WORKLOAD_KINDS - 1 : (size_t)at;
}

/* --- Loading ------------------------------------------------------------------ */

struct loading {
	const char *path;
	tt_settings *st;
};

/* TT_EDATA for what is written at `at`: "path:line:column: ...". */
static int wrong(const struct loading *l, const tt_yaml *at, const char *what,
		 const char *expected, tt_err *err)
{
	if (at->kind == TT_YAML_SCALAR)
		return tt_fail(err, TT_EDATA, "%s:%d:%d: %s is \"%s\", expected %s", l->path,
			       at->line, at->column, what, at->text, expected);
	return tt_fail(err, TT_EDATA, "%s:%d:%d: %s is a %s, expected %s", l->path, at->line,
		       at->column, what, at->kind == TT_YAML_LIST ? "list" : "map", expected);
}

static int only(const struct loading *l, const tt_yaml *map, const char *what,
		const char *const *keys, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf known = { 0 };

	if (map->kind != TT_YAML_MAP)
		return wrong(l, map, what, "keys with values", err);
	for (size_t i = 0; i < map->n; i++) {
		const tt_yaml *key = map->keys[i];

		if (find_word(keys, key->text) >= 0)
			continue;
		for (size_t k = 0; keys[k]; k++)
			tt_buf_printf(&known, "%s%s", k ? ", " : "", keys[k]);
		if (known.failed)
			return tt_no_memory(err);
		return tt_fail(err, TT_EDATA, "%s:%d:%d: \"%s\" is not a setting%s%s; known: %s",
			       l->path, key->line, key->column, key->text,
			       strcmp(what, "the file") == 0 ? "" : " of ",
			       strcmp(what, "the file") == 0 ? "" : what, tt_buf_text(&known));
	}
	return TT_OK;
}

static int read_list(const struct loading *l, const tt_yaml *map, const char *key,
		     const char ***ret, tt_err *err)
{
	const tt_yaml *list = tt_yaml_get(map, key);

	if (!list)
		return TT_OK;
	if (list->kind != TT_YAML_LIST)
		return wrong(l, list, key, "a list like [a, b]", err);

	const char **v = tt_arena_alloc(l->st->arena, (list->n + 1) * sizeof *v);
	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < list->n; i++) {
		if (list->items[i]->kind != TT_YAML_SCALAR || !*list->items[i]->text)
			return wrong(l, list->items[i], key, "a text that is not empty", err);
		v[i] = list->items[i]->text;
	}
	*ret = v;
	return TT_OK;
}

static int read_word(const struct loading *l, const tt_yaml *map, const char *key,
		     const char *const *words, const char *expected, int *ret, tt_err *err)
{
	const tt_yaml *v = tt_yaml_get(map, key);
	int at;

	if (!v)
		return TT_OK;
	at = v->kind == TT_YAML_SCALAR ? find_word(words, v->text) : -1;
	if (at < 0)
		return wrong(l, v, key, expected, err);
	*ret = at;
	return TT_OK;
}

static int read_namespace_owners(const struct loading *l, const tt_yaml *top, tt_err *err)
{
	const tt_yaml *map = tt_yaml_get(top, "namespace_owners");

	if (!map)
		return TT_OK;
	if (map->kind != TT_YAML_MAP)
		return wrong(l, map, "namespace_owners", "lines like web-prod: web", err);

	const char **v = tt_arena_alloc(l->st->arena, (2 * map->n + 1) * sizeof *v);
	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < map->n; i++) {
		if (!*map->keys[i]->text)
			return wrong(l, map->keys[i], "namespace_owners",
				     "a namespace before the colon", err);
		if (map->items[i]->kind != TT_YAML_SCALAR || !*map->items[i]->text)
			return wrong(l, map->items[i], "namespace_owners", "an owner's name", err);
		v[2 * i] = map->keys[i]->text;
		v[2 * i + 1] = map->items[i]->text;
	}
	l->st->namespace_owner = v;
	return TT_OK;
}

static int read_thresholds(const struct loading *l, const tt_yaml *top, tt_err *err)
{
	const tt_yaml *map = tt_yaml_get(top, "busy_above_pct");

	if (!map)
		return TT_OK;
	TT_TRY(only(l, map, "busy_above_pct", tt_workload_kinds, err));
	for (size_t i = 0; i < map->n; i++) {
		const tt_yaml *v = map->items[i];
		int64_t pct;

		if (v->kind != TT_YAML_SCALAR || !tt_parse_i64(v->text, strlen(v->text), &pct) ||
		    pct < 0 || pct > 99)
			return wrong(l, v, map->keys[i]->text, "a whole number from 0 to 99", err);
		l->st->busy_above_pct[tt_workload_kind(map->keys[i]->text)] = (int)pct;
	}
	return TT_OK;
}

static int read_plan(const struct loading *l, const tt_yaml *top, tt_err *err)
{
	static const char *const keys[] = { "risk_allowed", NULL };
	const tt_yaml *map = tt_yaml_get(top, "plan");

	if (!map)
		return TT_OK;
	TT_TRY(only(l, map, "plan", keys, err));
	return read_word(l, map, "risk_allowed", risks, "none, low, medium or high",
			 &l->st->risk_allowed, err);
}

/* The parameters are checked where the detectors are known; here only the shape. */
static int read_detectors(const struct loading *l, const tt_yaml *top, tt_err *err)
{
	const tt_yaml *map = tt_yaml_get(top, "detectors");

	if (!map)
		return TT_OK;
	if (map->kind != TT_YAML_MAP)
		return wrong(l, map, "detectors", "a detector's name with its parameters", err);
	for (size_t i = 0; i < map->n; i++) {
		if (map->items[i]->kind != TT_YAML_MAP)
			return wrong(l, map->items[i], map->keys[i]->text,
				     "lines like idle_below_pct: 1", err);
	}
	l->st->detectors = map;
	return TT_OK;
}

static int read_settings(const struct loading *l, const tt_yaml *top, tt_err *err)
{
	static const char *const keys[] = {
		"owner_keys", "creator_keys", "system_namespaces", "namespace_owners",
		"bucket_rule", "busy_above_pct", "plan", "detectors", NULL
	};
	int rule = (int)l->st->rule;

	TT_TRY(only(l, top, "the file", keys, err));
	TT_TRY(read_list(l, top, "owner_keys", &l->st->owner_keys, err));
	TT_TRY(read_list(l, top, "creator_keys", &l->st->creator_keys, err));
	TT_TRY(read_list(l, top, "system_namespaces", &l->st->system_namespaces, err));
	TT_TRY(read_namespace_owners(l, top, err));
	TT_TRY(read_word(l, top, "bucket_rule", rules, "share or threshold", &rule, err));
	l->st->rule = (enum tt_rule)rule;
	TT_TRY(read_thresholds(l, top, err));
	TT_TRY(read_plan(l, top, err));
	return read_detectors(l, top, err);
}

/* A NULL-terminated list in the arena; NULL when out of memory. */
static const char **copy_list(tt_arena *arena, const char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;

	const char **v = tt_arena_alloc(arena, (n + 1) * sizeof *v);
	for (size_t i = 0; v && i < n; i++)
		v[i] = list[i];
	return v;
}

static int set_defaults(tt_settings *st, tt_err *err)
{
	static const char *const none[] = { NULL };

	st->owner_keys = copy_list(st->arena, owner_keys);
	st->creator_keys = copy_list(st->arena, creator_keys);
	st->system_namespaces = copy_list(st->arena, system_namespaces);
	st->namespace_owner = copy_list(st->arena, none);
	if (!st->owner_keys || !st->creator_keys || !st->system_namespaces ||
	    !st->namespace_owner)
		return tt_no_memory(err);
	st->rule = TT_RULE_SHARE;
	memcpy(st->busy_above_pct, busy_above_pct, sizeof busy_above_pct);
	st->risk_allowed = TT_RISK_LOW;
	return TT_OK;
}

int tt_settings_load(const char *path, tt_settings **ret, tt_err *err)
{
	TT_CLEANUP(tt_settings_freep) tt_settings *st = tt_zalloc(1, sizeof *st);

	if (!st || !(st->arena = tt_arena_new()))
		return tt_no_memory(err);
	TT_TRY(set_defaults(st, err));
	if (path) {
		struct loading l = { .path = path, .st = st };
		tt_yaml *top;

		st->path = tt_arena_text(st->arena, path, strlen(path));
		if (!st->path)
			return tt_no_memory(err);
		TT_TRY(tt_yaml_load(path, st->arena, &top, err));
		TT_TRY(read_settings(&l, top, err));
	}
	*ret = st;
	st = NULL;
	return TT_OK;
}

void tt_settings_free(tt_settings *s)
{
	if (!s)
		return;
	tt_catalogue_free(s->catalogue);
	tt_arena_free(s->arena);
	tt_free(s);
}

void tt_settings_freep(tt_settings **s)
{
	tt_settings_free(*s);
}

/* --- Who owns what ------------------------------------------------------------- */

int tt_settings_is_system(const tt_settings *s, const char *ns)
{
	for (const char *const *p = s->system_namespaces; *p; p++) {
		size_t n = strlen(*p);

		if ((*p)[n - 1] == '*' ? strncmp(*p, ns, n - 1) == 0 : strcmp(*p, ns) == 0)
			return 1;
	}
	return 0;
}

/* The label with the earliest of `keys` and a value, in one pass: pods by the ten
 * thousands go through here. False: none. */
static bool find_label(const char *labels, const char *const *keys, tt_label *ret)
{
	size_t best = SIZE_MAX;
	tt_label l;

	for (const char *at = labels; tt_labels_next(&at, &l);) {
		for (size_t k = 0; k < best && keys[k]; k++) {
			if (l.value_n && keys[k][0] == l.key[0] &&
			    strncmp(keys[k], l.key, l.key_n) == 0 && !keys[k][l.key_n]) {
				best = k;
				*ret = l;
			}
		}
	}
	return best != SIZE_MAX;
}

static const char *label_text(const tt_label *l, tt_arena *arena)
{
	char *text = tt_arena_alloc(arena, l->value_n + 1);

	return text ? tt_label_value(l, text, l->value_n + 1) : NULL;
}

static int compare_told(const void *pa, const void *pb)
{
	const tt_told_owner *a = pa, *b = pb;
	int by = strcmp(a->labels, b->labels);

	return by ? by : strcmp(a->namespace_, b->namespace_);
}

const char *tt_settings_told(const tt_settings *s, const char *labels, const char *ns)
{
	const tt_told_owner key = { labels, ns, NULL };
	const tt_told_owner *told = s->n_told ? bsearch(&key, s->told, s->n_told, sizeof key,
							compare_told) : NULL;

	return told ? told->owner : NULL;
}

const char *tt_settings_label_owner(const tt_settings *s, const char *labels, tt_arena *arena)
{
	tt_label l;

	return find_label(labels, s->owner_keys, &l) ? label_text(&l, arena) : "";
}

const char *tt_settings_owner(const tt_settings *s, const char *labels, const char *ns,
			      tt_arena *arena)
{
	const char *owner = tt_settings_told(s, labels, ns);

	if (!owner)
		owner = tt_settings_label_owner(s, labels, arena);
	if (!owner || *owner)
		return owner;
	for (const char *const *p = s->namespace_owner; *ns && *p; p += 2) {
		if (strcmp(p[0], ns) == 0)
			return p[1];
	}
	return "";
}

const char *tt_settings_creator(const tt_settings *s, const char *labels, tt_arena *arena)
{
	tt_label l;

	return find_label(labels, s->creator_keys, &l) ? label_text(&l, arena) : "";
}
