#include "report/json_fields.h"
#include "snapshot/tables.h"

void tt_put_text(tt_json *j, const char *key, const char *s)
{
	tt_json_key(j, key);
	tt_json_string(j, s && *s ? s : NULL);
}

void tt_put_money(tt_json *j, const char *key, int64_t micro)
{
	tt_json_key(j, key);
	tt_json_money(j, micro);
}

void tt_put_decimal(tt_json *j, const char *key, tt_decimal v)
{
	char text[64];

	tt_put_text(j, key, v == TT_DECIMAL_MISSING ? NULL
	                                            : tt_decimal_format(v, text, sizeof text));
}

void tt_put_f64(tt_json *j, const char *key, double v)
{
	tt_json_key(j, key);
	tt_json_f64(j, v, TT_JSON_DECIMALS);
}

void tt_put_i64(tt_json *j, const char *key, int64_t v)
{
	tt_json_key(j, key);
	tt_json_i64(j, v);
}

void tt_put_time(tt_json *j, const char *key, int64_t t)
{
	tt_json_key(j, key);
	if (t == TT_TIME_MISSING)
		tt_json_null(j);
	else
		tt_json_time(j, t);
}
