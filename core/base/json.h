/* json.h - writes JSON: two-space indent, keys in the order given, same input same
 * bytes. Errors (out of memory) collect in the buffer's `failed`. */
#ifndef TT_BASE_JSON_H
#define TT_BASE_JSON_H
#include "text.h"

typedef struct tt_json { /* zero-initialise, set out */
	tt_buf *out;
	int depth;
	bool first, after_key;
	uint64_t compact;     /* bit d: what is open at depth d stays on one line */
} tt_json;

void tt_json_object(tt_json *j);
void tt_json_object_line(tt_json *j);   /* the whole object on one line */
void tt_json_end_object(tt_json *j);
void tt_json_array(tt_json *j);
void tt_json_array_line(tt_json *j);
void tt_json_end_array(tt_json *j);
void tt_json_key(tt_json *j, const char *key);
void tt_json_string(tt_json *j, const char *s);      /* NULL: null */
void tt_json_i64(tt_json *j, int64_t v);
void tt_json_f64(tt_json *j, double v, int decimals); /* NaN: null */
void tt_json_bool(tt_json *j, bool v);
void tt_json_null(tt_json *j);
void tt_json_money(tt_json *j, int64_t micro); /* "12.340000"; UNKNOWN: null */
void tt_json_time(tt_json *j, int64_t t);
#endif
