#include "snapshot/usage_layout.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

static enum tt_usage_role role_of(const char *name, int of_node, const tt_metric_def **ret)
{
	static const struct { const char *name; enum tt_usage_role role; } key[] = {
		{ "time", TT_ROLE_TIME }, { "node", TT_ROLE_NODE }, { "gpu", TT_ROLE_GPU },
		{ "slice", TT_ROLE_SLICE }, { "pod", TT_ROLE_POD },
	};

	for (size_t i = 0; i < (of_node ? 2 : sizeof key / sizeof *key); i++)
		if (strcmp(key[i].name, name) == 0)
			return key[i].role;
	for (size_t i = 0; i < TT_METRIC_DEFS; i++)
		if (tt_metrics[i].of_node == of_node && strcmp(tt_metrics[i].column, name) == 0) {
			*ret = &tt_metrics[i];
			return TT_ROLE_METRIC;
		}
	return TT_ROLE_SKIP;
}

/* Unquote a header name into buf. */
static bool header_name(const char *s, size_t n, char *buf, size_t size)
{
	if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
		s++;
		n -= 2;
	}
	if (n + 1 > size || memchr(s, '"', n) || !tt_utf8_ok(s, n))
		return false;
	memcpy(buf, s, n);
	buf[n] = 0;
	return true;
}

static int layout_column(tt_usage_layout *l, const char *name, int of_node, tt_err *err)
{
	const tt_metric_def *metric = NULL;
	enum tt_usage_role role = role_of(name, of_node, &metric);

	for (size_t i = 0; i < l->n; i++)
		if (role != TT_ROLE_SKIP && l->column[i].role == role &&
		    (role != TT_ROLE_METRIC || l->metric[l->column[i].metric] == metric))
			return tt_fail(err, TT_EDATA, "column \"%s\" is there twice", name);
	l->column[l->n].role = role;
	if (role == TT_ROLE_METRIC) {
		l->column[l->n].metric = l->n_metrics;
		l->metric[l->n_metrics++] = metric;
	}
	if (role == TT_ROLE_SKIP) {
		size_t at = strlen(l->unknown);
		snprintf(l->unknown + at, sizeof l->unknown - at, "%s\"%s\"", at ? ", " : "",
		         name);
	}
	l->has_gpu |= role == TT_ROLE_GPU;
	l->has_pod |= role == TT_ROLE_POD;
	l->n++;
	return TT_OK;
}

/* Whether the layout is the usual one: time, then key columns, then the rest. */
static size_t keys_in_front(const tt_usage_layout *l)
{
	size_t n = 0;

	if (l->column[0].role != TT_ROLE_TIME)
		return 0;
	while (1 + n < l->n && (l->column[1 + n].role == TT_ROLE_NODE ||
	                        l->column[1 + n].role == TT_ROLE_GPU ||
	                        l->column[1 + n].role == TT_ROLE_SLICE ||
	                        l->column[1 + n].role == TT_ROLE_POD))
		n++;
	for (size_t i = 1 + n; i < l->n; i++)
		if (l->column[i].role != TT_ROLE_METRIC && l->column[i].role != TT_ROLE_SKIP)
			return 0;
	return 1 + n < l->n ? n : 0;
}

int tt_usage_layout_read(const char *line, size_t n, int of_node, const tt_column *renames,
                         size_t n_renames, tt_usage_layout *ret, tt_err *err)
{
	tt_usage_layout l = { .n = 0 };
	char name[128];
	bool time = false, node = false;

	for (size_t at = 0; at <= n;) {
		const char *comma = memchr(line + at, ',', n - at);
		size_t len = comma ? (size_t)(comma - line) - at : n - at;
		if (l.n == TT_USAGE_COLUMNS || !header_name(line + at, len, name, sizeof name))
			return tt_fail(err, TT_EDATA, "column %zu: expected a column name, at most "
			               "%d of them", at + 1, TT_USAGE_COLUMNS);
		for (size_t i = 0; i < n_renames; i++)
			if (strcmp(renames[i].file, name) == 0)
				snprintf(name, sizeof name, "%s", renames[i].field);
		TT_TRY(layout_column(&l, name, of_node, err));
		at += len + 1;
	}
	for (size_t i = 0; i < l.n; i++) {
		time |= l.column[i].role == TT_ROLE_TIME;
		node |= l.column[i].role == TT_ROLE_NODE;
	}
	if (!time || !node || (!of_node && !l.has_gpu))
		return tt_fail(err, TT_EDATA, "no column \"%s\"; found %.*s",
		               !time ? "time" : !node ? "node" : "gpu", (int)(n < 200 ? n : 200),
		               line);
	l.n_keys = keys_in_front(&l);
	*ret = l;
	return TT_OK;
}
