/* json_fields.h - one field of an object with its key, in the form that all documents give
 * it: 6 decimals, and null for what is not known or an empty text. */
#ifndef TT_REPORT_JSON_FIELDS_H
#define TT_REPORT_JSON_FIELDS_H
#include "base/json.h"
#include "base/money.h"

enum { TT_JSON_DECIMALS = 6 }; /* of a ratio, an effort, an evidence */

void tt_put_text(tt_json *j, const char *key, const char *s);     /* NULL, "": null */
void tt_put_money(tt_json *j, const char *key, int64_t micro);    /* unknown: null */
void tt_put_decimal(tt_json *j, const char *key, tt_decimal v); /* exact; missing: null */
void tt_put_f64(tt_json *j, const char *key, double v);           /* NaN: null */
void tt_put_i64(tt_json *j, const char *key, int64_t v);
void tt_put_time(tt_json *j, const char *key, int64_t t);         /* missing: null */
#endif
