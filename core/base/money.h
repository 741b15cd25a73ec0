/* money.h - exact decimals and money.
 *
 * Prices and bill rows are decimals: 128-bit integers at scale 10^-12; more
 * digits are refused, never rounded. Amounts are int64 micro-units (10^-6),
 * reached from decimals by exactly one half-even rounding. Splits are by largest
 * remainder, so parts always add up. Vectors: tests/unit/money.c. */
#ifndef TT_BASE_MONEY_H
#define TT_BASE_MONEY_H
#include "error.h"
#include <stdbool.h>

__extension__ typedef __int128 tt_i128;
__extension__ typedef unsigned __int128 tt_u128;

typedef tt_i128 tt_decimal;          /* value x 10^12 */
#define TT_DECIMAL_ONE ((tt_decimal)1000000000000)

enum tt_decimal_fault {              /* why a text is no decimal */
	TT_DECIMAL_OK = 0,
	TT_DECIMAL_SYNTAX,           /* not [-]digits[.digits]; also "nan", "1e3" */
	TT_DECIMAL_DIGITS,           /* more than 12 digits after the point */
	TT_DECIMAL_RANGE             /* |value| >= 10^15 */
};
enum tt_decimal_fault tt_decimal_parse(const char *s, size_t n, tt_decimal *ret);
/* What was expected, for messages: "a decimal number like 12.34". */
const char *tt_decimal_fault_text(enum tt_decimal_fault f);

/* Shortest exact text: "98.32", "0.000001". */
char *tt_decimal_format(tt_decimal d, char *buf, size_t size);
double tt_decimal_f64(tt_decimal d);

/* Price per hour x seconds, rounded half-even to micro-units. TT_EDATA when it
 * does not fit. 1001 s at 98.32/h is 27338422. */
int tt_cost_micro(tt_decimal price_per_hour, int64_t seconds, int64_t *ret, tt_err *err);

/* Half-even division of any a by b > 0. */
tt_i128 tt_div_half_even(tt_i128 a, tt_i128 b);

/* Split `total` over weights w[n] by largest remainder into ret[n]; ties go to the
 * lower index. Parts add up to total exactly; negative totals by symmetry. Returns
 * TT_EINVAL when every weight is 0 (and total is not) or they add up to more than
 * 2^96, TT_ENOMEM. */
int tt_split(int64_t total, const tt_u128 *w, size_t n, int64_t *ret, tt_err *err);

/* a + b; TT_EDATA on overflow, naming `what`. */
int tt_money_add(int64_t *sum, int64_t v, const char *what, tt_err *err);

/* "12.340000" (JSON), and for people, half away from zero: "12.34", "1,234.56". */
char *tt_money_json(int64_t micro, char *buf, size_t size);
char *tt_money_text(int64_t micro, int decimals, char *buf, size_t size);

/* Figure of the window per month of 730 h: micro x 730 x 3600 / window_s, half-even. */
int64_t tt_per_month(int64_t micro, int64_t window_s);
#endif
