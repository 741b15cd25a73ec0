/* billed_stream.c - what a charge is of, told by FOCUS columns: category and unit, and where
 * these do not say it, words that providers write into meter and description. */
#include "snapshot/billed_stream.h"
#include <ctype.h>
#include <string.h>

static const char *const texts[TT_BILLED_STREAMS] = {
	"", "requests", "input_tokens", "output_tokens", "cached_tokens", "tokens", "storage",
	"egress"
};

const char *tt_billed_stream_text(enum tt_billed_stream s)
{
	return s < TT_BILLED_STREAMS ? texts[s] : "";
}

enum tt_billed_stream tt_billed_stream_find(const char *s)
{
	for (int i = 1; i < TT_BILLED_STREAMS; i++)
		if (strcmp(texts[i], s) == 0)
			return (enum tt_billed_stream)i;
	return TT_BILLED_STREAMS;
}

static bool starts_with(const char *s, const char *word)
{
	for (; *word; s++, word++)
		if (tolower((unsigned char)*s) != *word)
			return false;
	return true;
}

/* Whether any of `words`, in lower case, is in `s`. */
static bool says(const char *s, const char *const *words)
{
	for (; *s; s++)
		for (const char *const *w = words; *w; w++)
			if (starts_with(s, *w))
				return true;
	return false;
}

static const char *unit_of(const tt_charge_row *r)
{
	return *r->ConsumedUnit ? r->ConsumedUnit : r->PricingUnit;
}

static bool any_says(const tt_charge_row *r, const char *const *words)
{
	return says(r->SkuMeter, words) || says(r->ChargeDescription, words) ||
	       says(r->ConsumedUnit, words) || says(r->ServiceSubcategory, words);
}

/* What is written to a cache is read by nobody yet: it is input, dearer than other input. */
static enum tt_billed_stream tokens_of(const tt_charge_row *r)
{
	static const char *const cached[] = { "cache", NULL }, *const written[] = { "write",
		"creation", NULL }, *const output[] = { "output", "completion", "generated", NULL },
		*const input[] = { "input", "prompt", NULL };

	if (any_says(r, cached))
		return any_says(r, written) ? TT_BILLED_INPUT_TOKENS : TT_BILLED_CACHED_TOKENS;
	if (any_says(r, output))
		return TT_BILLED_OUTPUT_TOKENS;
	return any_says(r, input) ? TT_BILLED_INPUT_TOKENS : TT_BILLED_TOKENS;
}

/* Bytes of any size, "GB" or "10 GiB"; with a time behind them, "GB-Months". */
static bool is_size(const char *unit, bool *ret_over_time)
{
	static const char *const over_time[] = { "month", "mo", "hour", "hr", "day", "second",
		"week", "year", NULL };

	while (isdigit((unsigned char)*unit) || *unit == ' ' || *unit == '.')
		unit++;
	const size_t prefix = strchr("kKMGTP", *unit) && *unit ? 1 : 0;
	const char *rest = unit + prefix;

	rest += *rest == 'i' && prefix;
	if (!starts_with(rest, "b"))
		return false;
	rest += starts_with(rest, "bytes") ? 5 : starts_with(rest, "byte") ? 4 : 1;
	*ret_over_time = says(rest, over_time);
	return !isalnum((unsigned char)*rest);
}

enum tt_billed_stream tt_billed_stream_of(const tt_charge_row *r)
{
	static const char *const token[] = { "token", NULL }, *const request[] = { "request",
		"call", NULL }, *const out[] = { "transfer out", "egress", "out-bytes", "outbound",
		"transfer to ", "regional data transfer", "inter-region", "inter region",
		"interregion", NULL };
	const char *unit = unit_of(r);
	bool ai = starts_with(r->ServiceCategory, "ai and machine learning"), over_time = false;

	if (strcmp(r->ChargeCategory, "Usage") != 0)
		return TT_BILLED_OTHER;
	if (says(unit, token) || says(r->PricingUnit, token) || (ai && any_says(r, token)))
		return tokens_of(r);
	if (ai && says(unit, request))
		return TT_BILLED_REQUESTS;
	if (!is_size(unit, &over_time))
		return TT_BILLED_OTHER;
	if (over_time)
		return starts_with(r->ServiceCategory, "storage") ? TT_BILLED_STORAGE
		                                                  : TT_BILLED_OTHER;
	return any_says(r, out) ? TT_BILLED_EGRESS : TT_BILLED_OTHER;
}
