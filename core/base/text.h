/* text.h - growing text, strict parsing of numbers, names and sets of names.
 *
 * The decimal point is '.' here whatever the locale says. Parsers take the whole
 * string or fail: no leading space, no trailing rubbish, no "nan" or "inf". */
#ifndef TT_BASE_TEXT_H
#define TT_BASE_TEXT_H
#include "error.h"
#include <stdbool.h>
#include <stdarg.h>

/* A growing, always NUL-terminated text. Zero-initialise; `failed` stays set
 * after an allocation failed and is checked once, at the end. */
typedef struct tt_buf {
	char *p;        /* NULL while empty */
	size_t n, cap;
	bool failed;
} tt_buf;

void tt_buf_add(tt_buf *b, const char *s, size_t n);
void tt_buf_puts(tt_buf *b, const char *s);
void tt_buf_putc(tt_buf *b, char c);
void tt_buf_printf(tt_buf *b, const char *fmt, ...) TT_PRINTF(2, 3);
const char *tt_buf_text(const tt_buf *b);  /* "" while empty */
void tt_buf_free(tt_buf *b);

/* Parse the n bytes at `s` entirely. Return false on anything else or overflow. */
bool tt_parse_i64(const char *s, size_t n, int64_t *ret);
bool tt_parse_f64(const char *s, size_t n, double *ret); /* [-]digits[.digits][e|E[+-]d] */
bool tt_parse_bool(const char *s, size_t n, bool *ret);  /* true | false */

/* Write `v` in the shortest decimal form with at most `decimals` digits after the
 * point, half away from zero, no exponent, no "-0": into buf, which is returned.
 * NaN gives "". */
char *tt_format_f64(double v, int decimals, char *buf, size_t size);

/* Whole number with thin grouping for people: 1,234,567. */
char *tt_format_grouped(int64_t v, char *buf, size_t size);

/* Bytes of the code point at `s`; 0 when it is NUL, cut off or not valid. */
size_t tt_utf8_next(const char *s, size_t n);
bool tt_utf8_ok(const char *s, size_t n);  /* valid UTF-8 without NUL */
bool tt_id_ok(const char *s);              /* [a-z][a-z0-9_]* up to 48 */
size_t tt_utf8_width(const char *s);       /* code points, for padding columns */
/* Bytes of whole code points of the n at `s`, at most `most`. */
size_t tt_utf8_cut(const char *s, size_t n, size_t most);
/* Bytes of a value to show in a message, for "%.*s": at most 60. */
int tt_utf8_shown(const char *s, size_t n);
/* The two arguments of "%.*s" that show the text `s`. */
#define TT_SHOWN(s) tt_utf8_shown((s), strnlen((s), 64)), (s)

/* For qsort() and bsearch() over texts (const char *), by bytes. */
int tt_compare_texts(const void *a, const void *b);

/* FNV-1a of n bytes, continued from `h` (start with TT_HASH_START). Stable for
 * ever: finding ids are made from it. */
#define TT_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t tt_hash(uint64_t h, const void *p, size_t n);

/* Distinct texts numbered 0,1,2... in the order of first sight. */
typedef struct tt_names tt_names;
tt_names *tt_names_new(void);
void tt_names_free(tt_names *s);
/* Number of `s`, added when new; -1 when out of memory. */
int64_t tt_names_add(tt_names *t, const char *s, size_t n);
int64_t tt_names_find(const tt_names *t, const char *s, size_t n); /* -1: not there */
const char *tt_names_at(const tt_names *t, size_t i);
size_t tt_names_count(const tt_names *t);
#endif
