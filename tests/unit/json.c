/* json.c - the exact bytes: indents, lines, escapes, unknowns. */
#include "base/json.h"
#include "base/memory.h"
#include "base/money.h"
#include "t.h"

static void report(tt_json *j)
{
	tt_json_object(j);
	tt_json_key(j, "name");
	tt_json_string(j, "a \"b\" \\ \n\t\x01 \xe2\x82\xac /");
	tt_json_key(j, "none");
	tt_json_string(j, NULL);
	tt_json_key(j, "empty");
	tt_json_object(j);
	tt_json_end_object(j);
	tt_json_key(j, "line");
	tt_json_object_line(j);
	tt_json_key(j, "a");
	tt_json_i64(j, 1);
	tt_json_key(j, "b");
	tt_json_array(j);
	tt_json_i64(j, 1);
	tt_json_i64(j, INT64_MIN);
	tt_json_object(j);
	tt_json_key(j, "c");
	tt_json_bool(j, true);
	tt_json_end_object(j);
	tt_json_end_array(j);
	tt_json_end_object(j);
	tt_json_key(j, "list");
	tt_json_array(j);
	tt_json_array_line(j);
	tt_json_end_array(j);
	tt_json_array_line(j);
	tt_json_f64(j, 0.5, 3);
	tt_json_f64(j, NAN, 3);
	tt_json_end_array(j);
	tt_json_object_line(j);
	tt_json_end_object(j);
	tt_json_object(j);
	tt_json_key(j, "deep");
	tt_json_null(j);
	tt_json_key(j, "deeper");
	tt_json_bool(j, false);
	tt_json_end_object(j);
	tt_json_end_array(j);
	tt_json_key(j, "money");
	tt_json_money(j, 12340000);
	tt_json_key(j, "unknown");
	tt_json_money(j, TT_MONEY_UNKNOWN);
	tt_json_key(j, "time");
	tt_json_time(j, 0);
	tt_json_end_object(j);
}

static const char want[] =
	"{\n"
	"  \"name\": \"a \\\"b\\\" \\\\ \\u000a\\u0009\\u0001 \xe2\x82\xac /\",\n"
	"  \"none\": null,\n"
	"  \"empty\": {},\n"
	"  \"line\": { \"a\": 1, \"b\": [1, -9223372036854775808, { \"c\": true }] },\n"
	"  \"list\": [\n"
	"    [],\n"
	"    [0.5, null],\n"
	"    {},\n"
	"    {\n"
	"      \"deep\": null,\n"
	"      \"deeper\": false\n"
	"    }\n"
	"  ],\n"
	"  \"money\": \"12.340000\",\n"
	"  \"unknown\": null,\n"
	"  \"time\": \"1970-01-01T00:00:00Z\"\n"
	"}";

static void exact_bytes(void)
{
	TT_CLEANUP(tt_buf_free) tt_buf out = { 0 };
	tt_json j = { .out = &out };

	report(&j);
	T_STR(want, tt_buf_text(&out));
	T_INT(0, j.depth);
	T_OK(!out.failed);
}

static void one_value(void)
{
	TT_CLEANUP(tt_buf_free) tt_buf out = { 0 };
	tt_json j = { .out = &out };

	tt_json_string(&j, "bad \xff\xe2\x82 utf-8");
	T_STR("\"bad \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd utf-8\"", tt_buf_text(&out));
}

static void largest_double(void)
{
	TT_CLEANUP(tt_buf_free) tt_buf out = { 0 };
	tt_json j = { .out = &out };

	tt_json_array_line(&j);
	tt_json_f64(&j, -1.7976931348623157e308, 6);
	tt_json_f64(&j, INFINITY, 6);
	tt_json_end_array(&j);
	T_HAS("[-179769313486231570", tt_buf_text(&out));
	T_HAS("24858368, null]", tt_buf_text(&out));
}

static void out_of_memory(void)
{
	for (uint64_t nth = 1;; nth++) {
		TT_CLEANUP(tt_buf_free) tt_buf out = { 0 };
		tt_json j = { .out = &out };

		tt_alloc_fail_at(nth, 1);
		report(&j);
		tt_alloc_fail_at(0, 0);
		if (!out.failed) {
			T_OK(nth > 1);
			T_STR(want, tt_buf_text(&out));
			break;
		}
	}
}

int main(void)
{
	exact_bytes();
	one_value();
	largest_double();
	out_of_memory();
	return T_END();
}
