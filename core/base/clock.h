/* clock.h - points in time as text and back. Always UTC, always whole seconds. */
#ifndef TT_BASE_CLOCK_H
#define TT_BASE_CLOCK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TT_TIME_LAST INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* "YYYY-MM-DDTHH:MM:SSZ" or whole Unix seconds. Years 1970..9999, real dates only. */
bool tt_time_parse(const char *s, size_t n, int64_t *ret);
#define TT_TIME_TEXT 32
char *tt_time_format(int64_t t, char buf[TT_TIME_TEXT]); /* RFC 3339, 'Z' */
/* A duration for people and YAML: "90s" "60s" "5m" "24h" "7d" to seconds. */
bool tt_duration_parse(const char *s, size_t n, int64_t *ret);
#endif
