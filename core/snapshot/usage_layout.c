#include "snapshot/usage_layout.h"
#include "base/near.h"
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

/* Bytes of the field at s, up to its comma or the line's end. */
static size_t field_bytes(const char *s, size_t n)
{
	size_t at = 0;

	if (n > 0 && s[0] == '"')
		for (at = 1; at < n && (s[at] != '"' || (at + 1 < n && s[at + 1] == '"'));)
			at += s[at] == '"' ? 2 : 1;
	const char *comma = at < n ? memchr(s + at, ',', n - at) : NULL;
	return comma ? (size_t)(comma - s) : n;
}

/* Unquote a header name into buf; one that is none of ours anyway may be cut. */
static void header_name(const char *s, size_t n, char *buf, size_t size)
{
	if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
		s++;
		n -= 2;
	}
	if (n + 1 > size)
		n = (size_t)tt_utf8_shown(s, n);
	bool sound = tt_utf8_ok(s, n);
	for (size_t i = 0; i < n; i++)
		buf[i] = (unsigned char)s[i] < ' ' || (!sound && s[i] < 0) ? '?' : s[i];
	buf[n] = 0;
}

/* The known column that an unknown one may stand for, if the file lacks it. */
static const char *meant(const char *name, int of_node)
{
	static const char *const keys[] = { "time", "node", "gpu", "slice", "pod" };
	const char *words[TT_COUNT(keys) + TT_METRIC_DEFS + 1];
	size_t n = 0;

	for (size_t i = 0; i < (of_node ? 2 : TT_COUNT(keys)); i++)
		words[n++] = keys[i];
	for (size_t i = 0; i < TT_METRIC_DEFS; i++)
		if (tt_metrics[i].of_node == of_node)
			words[n++] = tt_metrics[i].column;
	words[n] = NULL;
	return tt_nearest_word(name, words);
}

static bool has_column(const tt_usage_layout *l, const char *name, int of_node)
{
	const tt_metric_def *metric = NULL;
	enum tt_usage_role role = role_of(name, of_node, &metric);

	for (size_t i = 0; i < l->n; i++)
		if (role != TT_ROLE_SKIP && l->column[i].role == role &&
		    (role != TT_ROLE_METRIC || l->metric[l->column[i].metric] == metric))
			return true;
	return false;
}

/* Add to the list of columns passed over, which ends in "..." when they are too many. */
static void list_unknown(tt_usage_layout *l, const char *name, int of_node)
{
	const char *near = meant(name, of_node), *comma = l->unknown[0] ? ", " : "";
	size_t at = strlen(l->unknown), n = strlen(name);
	char one[256];

	if (near && has_column(l, near, of_node))
		near = NULL;
	snprintf(one, sizeof one, "%s\"%.*s\"%s%s%s", comma, tt_utf8_shown(name, n), name,
	         near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
	if (at + strlen(one) + 6 < sizeof l->unknown)
		memcpy(l->unknown + at, one, strlen(one) + 1);
	else if (at > 0 && l->unknown[at - 1] != '.')
		memcpy(l->unknown + at, ", ...", 6);
}

static int layout_column(tt_usage_layout *l, const char *name, int of_node, tt_err *err)
{
	const tt_metric_def *metric = NULL;
	enum tt_usage_role role = role_of(name, of_node, &metric);

	if (has_column(l, name, of_node))
		return tt_fail(err, TT_EDATA, "column \"%s\" is there twice", name);
	l->column[l->n].role = role;
	if (role == TT_ROLE_METRIC) {
		l->column[l->n].metric = l->n_metrics;
		l->metric[l->n_metrics++] = metric;
	}
	l->has_gpu |= role == TT_ROLE_GPU;
	l->has_pod |= role == TT_ROLE_POD;
	l->n++;
	return TT_OK;
}

/* How many columns stand between the time, which is first, and the values: the keys, and
 * unknown ones among them. 0: the layout is another one. */
static size_t keys_in_front(const tt_usage_layout *l)
{
	size_t n = 0;

	if (l->column[0].role != TT_ROLE_TIME)
		return 0;
	for (size_t i = 1; i < l->n; i++)
		if (l->column[i].role != TT_ROLE_METRIC && l->column[i].role != TT_ROLE_SKIP)
			n = i;
	for (size_t i = 1; i < n; i++)
		if (l->column[i].role == TT_ROLE_METRIC)
			return 0;
	return 1 + n < l->n ? n : 0;
}

/* What the snapshot calls the column whose header is at s. */
static void layout_name(const char *s, size_t n, const tt_column *renames, size_t n_renames,
                        char *buf, size_t size)
{
	header_name(s, n, buf, size);
	for (size_t i = 0; i < n_renames; i++)
		if (strcmp(renames[i].file, buf) == 0) {
			snprintf(buf, size, "%s", renames[i].field);
			return;
		}
}

/* Excel separates by ';' where it writes 0,5, and capitals are easily typed. */
static int no_column(const char *line, size_t n, const char *name, tt_err *err)
{
	size_t shown = 0;

	while (shown < n && shown < 200)
		shown += (size_t)tt_utf8_shown(line + shown, n - shown);
	return tt_fail(err, TT_EDATA, "no column \"%s\"; found %.*s%s", name, (int)shown, line,
	               memchr(line, ',', n) || !memchr(line, ';', n) ? ""
	               : " (columns are separated by ',', not ';')");
}

int tt_usage_layout_read(const char *line, size_t n, int of_node, const tt_column *renames,
                         size_t n_renames, tt_usage_layout *ret, tt_err *err)
{
	tt_usage_layout l = { .n = 0 };
	char name[128];
	bool time = false, node = false;

	for (size_t at = 0, len; at <= n; at += len + 1) {
		if (l.n == TT_USAGE_COLUMNS)
			return tt_fail(err, TT_EDATA, "more than %d columns", TT_USAGE_COLUMNS);
		len = field_bytes(line + at, n - at);
		layout_name(line + at, len, renames, n_renames, name, sizeof name);
		TT_TRY(layout_column(&l, name, of_node, err));
	}
	for (size_t i = 0; i < l.n; i++) {
		time |= l.column[i].role == TT_ROLE_TIME;
		node |= l.column[i].role == TT_ROLE_NODE;
	}
	if (!time || !node || (!of_node && !l.has_gpu))
		return no_column(line, n, !time ? "time" : !node ? "node" : "gpu", err);
	/* only now: what is there is not what another one was meant for */
	for (size_t at = 0, len, i = 0; at <= n; at += len + 1, i++) {
		len = field_bytes(line + at, n - at);
		layout_name(line + at, len, renames, n_renames, name, sizeof name);
		if (l.column[i].role == TT_ROLE_SKIP)
			list_unknown(&l, name, of_node);
	}
	l.n_keys = keys_in_front(&l);
	*ret = l;
	return TT_OK;
}
