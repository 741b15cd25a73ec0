/* labels.c - reading and sorting labels. */
#include "snapshot/labels.h"

#include <string.h>

/* Length of the item at `s`: up to the next ';' that is not escaped. */
static size_t item_length(const char *s, size_t n)
{
	size_t i = 0;
	while (i < n && s[i] != ';')
		i += s[i] == '\\' && i + 1 < n ? 2 : 1;
	return i;
}

static int check_value(const char *s, size_t n, tt_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] != '\\')
			continue;
		if (i + 1 == n || (s[i + 1] != ';' && s[i + 1] != '\\'))
			return tt_fail(err, TT_EDATA,
				"in the value \"%.*s\" a \\ stands before something else than "
				"; or \\", tt_utf8_shown(s, n), s);
		i++;
	}
	return TT_OK;
}

static int parse_label(const char *s, size_t n, tt_label *ret, tt_err *err)
{
	const char *eq = memchr(s, '=', n);
	if (!n)
		return tt_fail(err, TT_EDATA, "an empty label");
	if (!eq)
		return tt_fail(err, TT_EDATA, "there is no \"=\" in \"%.*s\"",
			tt_utf8_shown(s, n), s);
	*ret = (tt_label){ .key = s, .key_n = (size_t)(eq - s), .value = eq + 1,
		.value_n = n - (size_t)(eq - s) - 1 };
	if (!ret->key_n)
		return tt_fail(err, TT_EDATA, "no key before the \"=\" of \"%.*s\"",
			tt_utf8_shown(s, n), s);
	if (memchr(ret->key, '\\', ret->key_n))
		return tt_fail(err, TT_EDATA, "a \\ in the key of \"%.*s\"",
			tt_utf8_shown(s, n), s);
	return check_value(ret->value, ret->value_n, err);
}

static int compare_keys(const tt_label *a, const tt_label *b)
{
	const size_t n = a->key_n < b->key_n ? a->key_n : b->key_n;
	const int c = memcmp(a->key, b->key, n);
	return c ? c : (a->key_n > b->key_n) - (a->key_n < b->key_n);
}

/* Heap sort: no recursion and n log n even for a row of 100,000 labels made to hurt. */
static void sift(tt_label *l, size_t root, size_t n)
{
	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && compare_keys(&l[child], &l[child + 1]) < 0)
			child++;
		if (compare_keys(&l[root], &l[child]) >= 0)
			return;
		const tt_label t = l[root];
		l[root] = l[child];
		l[child] = t;
	}
}

static void sort_labels(tt_label *l, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(l, i, n);
	for (size_t i = n; i-- > 1;) {
		const tt_label t = l[0];
		l[0] = l[i];
		l[i] = t;
		sift(l, 0, i);
	}
}

int tt_labels_canonical(const char *s, size_t n, tt_buf *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_label *all = NULL;
	size_t count = 0, cap = 0;
	for (size_t i = 0; n && i <= n;) {
		const size_t width = item_length(s + i, n - i);
		if (!TT_GROW(all, count, cap))
			return tt_no_memory(err);
		TT_TRY(parse_label(s + i, width, &all[count++], err));
		i += width + 1;
	}
	sort_labels(all, count);
	for (size_t i = 0; i < count; i++) {
		if (i && compare_keys(&all[i - 1], &all[i]) == 0)
			return tt_fail(err, TT_EDATA, "key \"%.*s\" is there twice",
				tt_utf8_shown(all[i].key, all[i].key_n), all[i].key);
		if (i)
			tt_buf_putc(ret, ';');
		tt_buf_add(ret, all[i].key, all[i].key_n);
		tt_buf_putc(ret, '=');
		tt_buf_add(ret, all[i].value, all[i].value_n);
	}
	if (ret->failed)
		return tt_no_memory(err);
	return TT_OK;
}

bool tt_labels_next(const char **at, tt_label *ret)
{
	const char *s = *at;
	if (!*s)
		return false;
	const size_t n = item_length(s, strlen(s));
	const char *eq = memchr(s, '=', n);
	if (!eq)
		return false; /* not canonical */
	*ret = (tt_label){ .key = s, .key_n = (size_t)(eq - s), .value = eq + 1,
		.value_n = n - (size_t)(eq - s) - 1 };
	*at = s + n + (s[n] == ';');
	return true;
}

bool tt_labels_find(const char *labels, const char *key, tt_label *ret)
{
	const size_t n = strlen(key);
	tt_label l;
	while (tt_labels_next(&labels, &l)) {
		if (l.key_n == n && memcmp(l.key, key, n) == 0) {
			*ret = l;
			return true;
		}
	}
	return false;
}

char *tt_label_value(const tt_label *l, char *buf, size_t size)
{
	size_t w = 0;
	for (size_t i = 0; i < l->value_n && w + 1 < size; i++) {
		i += l->value[i] == '\\' && i + 1 < l->value_n;
		buf[w++] = l->value[i];
	}
	buf[w] = '\0';
	return buf;
}

const char *tt_labels_get(const char *labels, const char *key, tt_arena *arena,
                          bool *ret_failed)
{
	tt_label l;
	const bool there = tt_labels_find(labels, key, &l);
	char *s = there ? tt_arena_alloc(arena, l.value_n + 1) : NULL;
	if (ret_failed)
		*ret_failed = there && !s;
	return s ? tt_label_value(&l, s, l.value_n + 1) : NULL;
}
