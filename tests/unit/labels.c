/* Labels: canonical form, what is refused, values without escapes. */
#include "snapshot/labels.h"
#include "t.h"

static const char *canonical(const char *s)
{
	static char out[1200];
	tt_buf b = { 0 };
	tt_err err = { 0 };
	if (tt_labels_canonical(s, strlen(s), &b, &err) < 0)
		snprintf(out, sizeof out, "!%s", err.text);
	else
		snprintf(out, sizeof out, "%s", tt_buf_text(&b));
	tt_buf_free(&b);
	return out;
}

static void test_canonical(void)
{
	T_STR("", canonical(""));
	T_STR("a=1", canonical("a=1"));
	T_STR("a=1;b=2;c=", canonical("c=;b=2;a=1"));
	T_STR("a=1;ab=2;b=3", canonical("b=3;ab=2;a=1"));
	T_STR("a=x=y", canonical("a=x=y"));
	T_STR("a=1\\;2;b=c:\\\\d", canonical("b=c:\\\\d;a=1\\;2"));
	T_STR("a=\\\\;b=1", canonical("a=\\\\;b=1"));
	T_STR(canonical("b=2;a=1"), canonical("a=1;b=2"));
	T_STR("k\xc3\xa9y=\xe2\x82\xac", canonical("k\xc3\xa9y=\xe2\x82\xac"));
}

static void test_refused(void)
{
	T_STR("!there is no \"=\" in \"x\"", canonical("a=1;x"));
	T_STR("!an empty label", canonical("a=1;"));
	T_STR("!an empty label", canonical(";a=1"));
	T_STR("!an empty label", canonical("a=1;;b=2"));
	T_STR("!no key before the \"=\" of \"=1\"", canonical("=1"));
	T_STR("!key \"a\" is there twice", canonical("a=1;b=2;a=1"));
	T_HAS("a \\ stands before something else", canonical("a=c:\\temp"));
	T_HAS("a \\ stands before something else", canonical("a=1\\"));
	T_HAS("a \\ in the key", canonical("a\\;=1"));
}

static void test_values(void)
{
	const char *s = "a=1\\;2;b=c:\\\\d;c=", *at = s;
	tt_label l;
	char buf[16];
	T_OK(tt_labels_next(&at, &l));
	T_INT(1, l.key_n);
	T_STR("1;2", tt_label_value(&l, buf, sizeof buf));
	T_STR("1", tt_label_value(&l, buf, 2));
	T_OK(tt_labels_next(&at, &l));
	T_STR("c:\\d", tt_label_value(&l, buf, sizeof buf));
	T_OK(tt_labels_next(&at, &l));
	T_STR("", tt_label_value(&l, buf, sizeof buf));
	T_OK(!tt_labels_next(&at, &l));

	tt_arena *arena = tt_arena_new();
	bool failed = true;
	T_STR("c:\\d", tt_labels_get(s, "b", arena, &failed));
	T_STR("", tt_labels_get(s, "c", arena, NULL));
	T_OK(!tt_labels_get(s, "d", arena, &failed));
	T_OK(!failed);
	T_OK(!tt_labels_get("", "a", arena, NULL));
	T_OK(!tt_labels_find("ab=1", "a", &l));
	tt_arena_free(arena);
}

int main(void)
{
	test_canonical();
	test_refused();
	test_values();
	return T_END();
}
