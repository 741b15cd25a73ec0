#include "commit/offer_dates.h"

enum { HOUR_S = 3600 };

static int64_t ceil_h(int64_t span_s)
{
	return span_s / HOUR_S + (span_s % HOUR_S > 0);
}

void tt_offer_dates(const tt_listed_offer *o, int64_t start_s, tt_rolling_offer *ret)
{
	ret->term_h = o->term_h;
	if (o->from_s == TT_TIME_MISSING && o->until_s == TT_TIME_MISSING)
		return;
	ret->from_h = o->from_s == TT_TIME_MISSING || o->from_s <= start_s
		? INT32_MIN : ceil_h(o->from_s - start_s);
	ret->until_h = o->until_s == TT_TIME_MISSING ? INT64_MAX : ceil_h(o->until_s - start_s);
}

size_t tt_offer_cuts(const tt_rolling_offer *o, size_t quarters, int64_t *cuts)
{
	const int64_t all_h = (int64_t)quarters * TT_QUARTER_H;
	size_t n = 0;

	if (!o->term_h)
		return 0;
	if (o->from_h > 0 && o->from_h < all_h)
		cuts[n++] = o->from_h;
	for (int64_t at_h = 0; at_h < all_h; at_h += TT_QUARTER_H) {
		if (o->from_h > at_h && o->from_h < at_h + TT_QUARTER_H &&
		    o->from_h + o->term_h < all_h)
			cuts[n++] = o->from_h + o->term_h;
		if (at_h + o->term_h < all_h)
			cuts[n++] = at_h + o->term_h;
	}
	return n;
}
