/* error.c - first reason wins, context in front, one clean line whatever went in. */
#include "base/error.h"
#include "base/text.h"
#include "t.h"

static int inner(int v, tt_err *err)
{
	if (v > 3)
		return tt_fail(err, TT_EDATA, "%d is above %d", v, 3);
	return TT_OK;
}

static int outer(int v, tt_err *err)
{
	TT_TRY(inner(v, err));
	return 7;
}

static void first_wins(void)
{
	tt_err err = { 0 };

	T_INT(7, outer(3, &err));
	T_INT(TT_OK, err.status);
	T_INT(TT_EDATA, outer(5, &err));
	T_STR("5 is above 3", err.text);
	T_INT(TT_EIO, tt_fail(&err, TT_EIO, "later"));
	T_INT(TT_EDATA, err.status);
	T_STR("5 is above 3", err.text);
	T_INT(TT_EDATA, tt_context(&err, "%s:%d", "nodes.csv", 2));
	T_INT(TT_EDATA, tt_context(&err, "fleet"));
	T_STR("fleet: nodes.csv:2: 5 is above 3", err.text);
	T_INT(TT_ENOMEM, tt_fail(NULL, TT_ENOMEM, "nobody listens"));
	T_OK(tt_context(NULL, "nobody listens") < 0);
}

static void stays_one_clean_line(void)
{
	tt_err err = { 0 };

	tt_fail(&err, TT_EDATA, "a\nb\tc\x1b[31m \x7f \xc2\x9b! \xff\xc3( \xe2\x82\xac");
	T_STR("a?b?c?[31m ? ?! \?\?( \xe2\x82\xac", err.text);

	tt_err second = { 0 };
	tt_fail(&second, TT_EDATA, "reason");
	tt_context(&second, "x\ny");
	T_STR("x?y: reason", second.text);
}

/* For every length around the end of the buffer: no half code point stays. */
static void cut_at_a_boundary(void)
{
	char text[1200];
	const char *euro = "\xe2\x82\xac";

	for (size_t pad = 0; pad < 4; pad++) {
		size_t n = pad;

		memset(text, 'x', pad);
		for (; n + 3 < sizeof text; n += 3)
			memcpy(text + n, euro, 3);
		text[n] = '\0';

		tt_err err = { 0 };
		tt_fail(&err, TT_EDATA, "%s", text);
		size_t len = strlen(err.text);
		T_OK(len >= sizeof err.text - 3 && len < sizeof err.text);
		T_INT(0, (len - pad) % 3);
		T_OK(tt_utf8_ok(err.text, len));
		T_OK(strchr(err.text, '?') == NULL);

		tt_context(&err, "ab");
		len = strlen(err.text);
		T_OK(len >= sizeof err.text - 3 && len < sizeof err.text);
		T_OK(tt_utf8_ok(err.text, len));
		T_INT(0, strncmp(err.text, "ab: ", 4));
	}

	memset(text, 'y', sizeof text);
	text[sizeof text - 1] = '\0';
	tt_err err = { 0 };
	tt_fail(&err, TT_EDATA, "%s", text);
	T_INT(sizeof err.text - 1, strlen(err.text));
}

int main(void)
{
	first_wins();
	stays_one_clean_line();
	cut_at_a_boundary();
	T_STR("out of memory", tt_status_text(TT_ENOMEM));
	T_STR("ok", tt_status_text(TT_OK));
	T_STR("unknown status", tt_status_text(-99));
	return T_END();
}
