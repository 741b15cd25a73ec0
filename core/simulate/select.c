/* select.c - selectors from YAML: which keys there are, of what, and with which words. */
#include "simulate/select.h"
#include "change/verbs.h"
#include <math.h>
#include <string.h>

enum { MOST_WORDS = 1000, MOST_LABELS = 32 };

#define BIT(kind) (1u << TT_SUBJECT_##kind)

enum {
	NODES = BIT(NODE) | BIT(NODE_GROUP) | BIT(CARD),
	PODS = BIT(POD) | BIT(WORKLOAD) | BIT(NAMESPACE),
	HELD = BIT(COMMITMENT),
	OFFERS = BIT(OFFER),
	PRICES = BIT(END)
};

static const char *const pricings[] = { "on_demand", "spot", "reserved", "owned", "commit_1y",
					"commit_3y", NULL };
static const char *const streams[] = { "requests", "input_tokens", "output_tokens",
				       "cached_tokens", NULL };
static const char *const held_kinds[] = { "reserved_instance", "savings_plan", "committed_use",
					  "capacity_block", NULL };
static const char *const payments[] = { "none", "partial", "all", NULL };

static const struct def {
	const char *name;
	unsigned kinds;            /* bit k: for subjects of kind k          */
	unsigned implies;          /* the one kind that it says alone; 0     */
	const char *const *words;  /* all there are; NULL: any text          */
} defs[TT_SELECT_WORDS] = {
	[TT_BY_NODE] = { "node", NODES | PODS | OFFERS, TT_SUBJECT_NODE, NULL },
	[TT_BY_NODE_GROUP] = { "node_group", NODES | PODS | OFFERS, TT_SUBJECT_NODE_GROUP, NULL },
	[TT_BY_MODEL] = { "model", NODES | PODS | HELD | OFFERS | PRICES, 0, NULL },
	[TT_BY_INSTANCE_TYPE] = { "instance_type", NODES | PODS | HELD | OFFERS | PRICES, 0,
				  NULL },
	[TT_BY_PROVIDER] = { "provider", NODES | PODS | HELD | OFFERS | PRICES, 0, NULL },
	[TT_BY_REGION] = { "region", NODES | PODS | HELD | OFFERS | PRICES, 0, NULL },
	[TT_BY_PRICING] = { "pricing", NODES | PODS | OFFERS | PRICES, 0, pricings },
	[TT_BY_POD] = { "pod", PODS, TT_SUBJECT_POD, NULL },
	[TT_BY_WORKLOAD] = { "workload", PODS | NODES | OFFERS, TT_SUBJECT_WORKLOAD, NULL },
	[TT_BY_WORKLOAD_KIND] = { "workload_kind", PODS | NODES | OFFERS, TT_SUBJECT_WORKLOAD,
				  tt_workload_kinds },
	[TT_BY_NAMESPACE] = { "namespace", PODS | NODES | OFFERS, TT_SUBJECT_NAMESPACE, NULL },
	[TT_BY_GPU_SHARING] = { "gpu_sharing", PODS | NODES | OFFERS, 0, NULL },
	[TT_BY_CLUSTER] = { "cluster", NODES | PODS | OFFERS, 0, NULL },
	[TT_BY_OWNER] = { "owner", NODES | PODS | OFFERS, 0, NULL },
	[TT_BY_TRAFFIC] = { "traffic", BIT(WORKLOAD), TT_SUBJECT_WORKLOAD, streams },
	[TT_BY_COMMITMENT] = { "commitment", HELD, TT_SUBJECT_COMMITMENT, NULL },
	[TT_BY_KIND] = { "kind", HELD, TT_SUBJECT_COMMITMENT, held_kinds },
	[TT_BY_PAYMENT] = { "payment", HELD | OFFERS | PRICES, 0, payments },
};

static const struct { const char *name; unsigned kinds; } others[] = {
	{ "labels", NODES | PODS | OFFERS },
	{ "busy_below_pct", NODES | PODS },
	{ "busy_above_pct", NODES | PODS },
	{ "silent_h", NODES },
};

const char *tt_select_key_text(enum tt_select_key k)
{
	return defs[k].name;
}

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool tt_pattern_match(const char *pattern, const char *text, bool ignore_case)
{
	const char *star = NULL, *from = text;

	while (*text) {
		const bool same = ignore_case ? small(*pattern) == small(*text)
					      : *pattern == *text;

		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (same) {
			pattern++;
			text++;
		} else if (star) { /* the last star takes one byte more */
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool tt_select_takes(const tt_select *sel, enum tt_select_key k, const char *text)
{
	const char **v = sel->any[k];

	for (; v && *v; v++) {
		if (tt_pattern_match(*v, text, k == TT_BY_MODEL))
			return true;
	}
	return !sel->any[k];
}

/* One pattern into *to; "" is what has no value. */
static int read_word(const tt_strict *r, const tt_yaml *y, const char *what,
		     const char *const *words, const char **to)
{
	if (y->kind == TT_YAML_SCALAR && !*y->text && !y->plain) {
		*to = "";
		return TT_OK;
	}
	TT_TRY(tt_strict_text(r, y, what, to));
	if (!words || strchr(*to, '*'))
		return TT_OK;
	for (size_t i = 0; words[i]; i++) {
		if (strcmp(words[i], *to) == 0)
			return TT_OK;
	}
	return tt_strict_unknown(r, y, what, words);
}

/* A word or a list of them. */
static int read_words(const tt_strict *r, const tt_yaml *y, const char *what,
		      const char *const *words, const char ***ret)
{
	const size_t n = y->kind == TT_YAML_LIST ? y->n : 1;
	const char **v = tt_arena_alloc(r->arena, (n + 1) * sizeof *v);

	if (!v)
		return tt_no_memory(r->err);
	if (y->kind == TT_YAML_MAP)
		return tt_strict_wrong(r, y, what, "a text or a list of them");
	if (n == 0)
		return tt_strict_fail(r, tt_strict_at(r, y),
				      "%s is an empty list, which matches nothing", what);
	if (n > MOST_WORDS)
		return tt_strict_list(r, y, what, MOST_WORDS);
	for (size_t i = 0; i < n; i++)
		TT_TRY(read_word(r, y->kind == TT_YAML_LIST ? y->items[i] : y, what, words, &v[i]));
	*ret = v;
	return TT_OK;
}

static int read_labels(const tt_strict *r, const tt_yaml *map, tt_select *to)
{
	if (map->kind != TT_YAML_MAP)
		return tt_strict_wrong(r, map, "labels", "lines like team: vision");
	if (map->n == 0 || map->n > MOST_LABELS)
		return tt_strict_fail(r, tt_strict_at(r, map),
				      "labels has %zu keys, expected 1 to %d", map->n,
				      MOST_LABELS);
	to->labels = tt_arena_alloc(r->arena, map->n * sizeof *to->labels);
	if (!to->labels)
		return tt_no_memory(r->err);
	for (size_t i = 0; i < map->n; i++) {
		tt_select_label *l = &to->labels[to->n_labels++];

		TT_TRY(tt_strict_text(r, map->keys[i], "a label's key", &l->key));
		TT_TRY(read_words(r, map->items[i], l->key, NULL, &l->any));
	}
	return TT_OK;
}

static int read_measured(const tt_strict *r, const tt_yaml *map, tt_select *to)
{
	const struct { const char *key; double min, max, *to; } v[] = {
		{ "busy_below_pct", 0, 100, &to->busy_below_pct },
		{ "busy_above_pct", 0, 100, &to->busy_above_pct },
		{ "silent_h", 1, 8784, &to->silent_h },
	};

	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		const tt_yaml *y = tt_yaml_get(map, v[i].key);

		if (y)
			TT_TRY(tt_strict_number(r, y, v[i].key, v[i].min, v[i].max, v[i].to));
	}
	if (to->busy_above_pct >= to->busy_below_pct)
		return tt_strict_wrong(r, tt_yaml_get(map, "busy_above_pct"), "busy_above_pct",
				       "less than busy_below_pct");
	return TT_OK;
}

/* Every key of `map` is one of a selector. */
static int check_keys(const tt_strict *r, const tt_yaml *map)
{
	const char *keys[TT_SELECT_WORDS + sizeof others / sizeof *others + 1];
	size_t n = 0;

	for (size_t i = 0; i < TT_SELECT_WORDS; i++)
		keys[n++] = defs[i].name;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		keys[n++] = others[i].name;
	keys[n] = NULL;
	TT_TRY(tt_strict_only(r, map, "select", keys));
	if (map->n == 0)
		return tt_strict_fail(r, tt_strict_at(r, map),
				      "select is empty, expected what is meant");
	return TT_OK;
}

/* Every key of `map` is one for things of kind `as`. */
static int check_fit(const tt_strict *r, const tt_yaml *map, unsigned as)
{
	const char *kind = as == TT_SUBJECT_END ? "price"
				: tt_subject_kind_text((enum tt_subject_kind)as);

	for (size_t i = 0; i < map->n; i++) {
		const char *key = map->keys[i]->text;
		unsigned kinds = 0;

		for (size_t k = 0; k < TT_SELECT_WORDS; k++)
			kinds |= strcmp(defs[k].name, key) == 0 ? defs[k].kinds : 0;
		for (size_t k = 0; k < sizeof others / sizeof *others; k++)
			kinds |= strcmp(others[k].name, key) == 0 ? others[k].kinds : 0;
		if (!(kinds >> as & 1))
			return tt_strict_fail(r, tt_strict_at(r, map->keys[i]),
					      "a %s has no \"%s\" to be selected by", kind, key);
	}
	return TT_OK;
}

/* `as` is none of those that are allowed, or is needed and not there. */
static int refuse_as(const tt_strict *r, const tt_yaml *item, unsigned allowed)
{
	TT_CLEANUP(tt_buf_free) tt_buf kinds = { 0 };
	const tt_yaml *as = tt_yaml_get(item, "as");

	tt_kinds_list(allowed, &kinds);
	if (kinds.failed)
		return tt_no_memory(r->err);
	if (as)
		return tt_strict_wrong(r, as, "as", tt_buf_text(&kinds));
	return tt_strict_fail(r, tt_strict_at(r, item),
			      "\"as\" has to say what is meant, expected one of %s",
			      tt_buf_text(&kinds));
}

/* What is meant: as it says, else as the keys of the selector say. */
static int read_as(const tt_strict *r, const tt_yaml *item, const tt_yaml *select,
		   unsigned allowed, tt_select *to)
{
	const tt_yaml *as = tt_yaml_get(item, "as");
	unsigned implied = 0;

	if (as) {
		int k = as->kind == TT_YAML_SCALAR
				? tt_subject_kind_find(as->text, strlen(as->text)) : -1;

		if (k < 0 || !(allowed >> k & 1))
			return refuse_as(r, item, allowed);
		to->as = (enum tt_subject_kind)k;
		return TT_OK;
	}
	for (size_t k = 0; select && k < TT_SELECT_WORDS; k++)
		implied |= defs[k].implies && tt_yaml_get(select, defs[k].name)
				   ? 1u << defs[k].implies : 0;
	for (unsigned k = 1; k < TT_SUBJECT_END; k++) {
		if (implied == 1u << k && allowed >> k & 1) {
			to->as = (enum tt_subject_kind)k;
			return TT_OK;
		}
	}
	return refuse_as(r, item, allowed);
}

static int read_all(const tt_strict *r, const tt_yaml *map, tt_select *to)
{
	for (size_t k = 0; k < TT_SELECT_WORDS; k++) {
		const tt_yaml *y = tt_yaml_get(map, defs[k].name);

		if (y)
			TT_TRY(read_words(r, y, defs[k].name, defs[k].words, &to->any[k]));
	}
	if (tt_yaml_get(map, "labels"))
		TT_TRY(read_labels(r, tt_yaml_get(map, "labels"), to));
	return read_measured(r, map, to);
}

int tt_select_read(const tt_strict *r, const tt_yaml *item, const char *what, unsigned allowed,
		   tt_select *ret)
{
	const tt_yaml *map = tt_yaml_get(item, "select");
	tt_select to = { .as = TT_SUBJECT_END, .busy_below_pct = NAN, .busy_above_pct = NAN,
			 .silent_h = NAN };

	to.at = tt_strict_at(r, map ? map : item);
	if (map)
		TT_TRY(check_keys(r, map));
	if (allowed)
		TT_TRY(read_as(r, item, map, allowed, &to));
	if (to.as == TT_SUBJECT_FLEET && map)
		return tt_strict_fail(r, to.at, "the fleet is all there is and takes no select");
	if (!map && to.as != TT_SUBJECT_FLEET && to.as != TT_SUBJECT_END)
		return tt_strict_fail(r, to.at, "%s has no \"select\"", what);
	if (map) {
		TT_TRY(check_fit(r, map, to.as));
		TT_TRY(read_all(r, map, &to));
	}
	*ret = to;
	return TT_OK;
}
