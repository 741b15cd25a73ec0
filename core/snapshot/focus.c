#include "snapshot/focus.h"
#include <stdio.h>
#include <string.h>

/* --- Versions ------------------------------------------------------------------------- */

enum { OTHERS_MOST = 500 }; /* bytes of names in a note */

static const char *const versions[] = { "1.0", "1.1", "1.2", "1.3", "1.4" };

/* Columns of Cost and Usage by the version that has them first. */
static const struct { int version; const char *name; } columns[] = {
	{ 0, "AvailabilityZone" }, { 0, "BilledCost" }, { 0, "BillingAccountId" },
	{ 0, "BillingAccountName" }, { 0, "BillingCurrency" }, { 0, "BillingPeriodEnd" },
	{ 0, "BillingPeriodStart" }, { 0, "ChargeCategory" }, { 0, "ChargeClass" },
	{ 0, "ChargeDescription" }, { 0, "ChargeFrequency" }, { 0, "ChargePeriodEnd" },
	{ 0, "ChargePeriodStart" }, { 0, "CommitmentDiscountCategory" },
	{ 0, "CommitmentDiscountId" }, { 0, "CommitmentDiscountName" },
	{ 0, "CommitmentDiscountStatus" }, { 0, "CommitmentDiscountType" },
	{ 0, "ConsumedQuantity" }, { 0, "ConsumedUnit" }, { 0, "ContractedCost" },
	{ 0, "ContractedUnitPrice" }, { 0, "EffectiveCost" }, { 0, "InvoiceIssuerName" },
	{ 0, "ListCost" }, { 0, "ListUnitPrice" }, { 0, "PricingCategory" },
	{ 0, "PricingQuantity" }, { 0, "PricingUnit" }, { 0, "ProviderName" },
	{ 0, "PublisherName" }, { 0, "RegionId" }, { 0, "RegionName" }, { 0, "ResourceId" },
	{ 0, "ResourceName" }, { 0, "ResourceType" }, { 0, "ServiceCategory" },
	{ 0, "ServiceName" }, { 0, "SkuId" }, { 0, "SkuPriceId" }, { 0, "SubAccountId" },
	{ 0, "SubAccountName" }, { 0, "Tags" },
	{ 1, "CapacityReservationId" }, { 1, "CapacityReservationStatus" },
	{ 1, "CommitmentDiscountQuantity" }, { 1, "CommitmentDiscountUnit" },
	{ 1, "ServiceSubcategory" }, { 1, "SkuMeter" }, { 1, "SkuPriceDetails" },
	{ 2, "BillingAccountType" }, { 2, "InvoiceId" }, { 2, "PricingCurrency" },
	{ 2, "PricingCurrencyContractedUnitPrice" }, { 2, "PricingCurrencyEffectiveCost" },
	{ 2, "PricingCurrencyListUnitPrice" }, { 2, "SubAccountType" },
	{ 3, "AllocatedMethodDetails" }, { 3, "AllocatedMethodId" },
	{ 3, "AllocatedResourceId" }, { 3, "AllocatedResourceName" }, { 3, "AllocatedTags" },
	{ 3, "ContractApplied" }, { 3, "HostProviderName" }, { 3, "ServiceProviderName" },
	{ 4, "CommitmentProgramEligibilityDetails" }, { 4, "InvoiceDetailId" },
};

static int version_of(const char *name)
{
	for (size_t i = 0; i < TT_COUNT(columns); i++)
		if (strcmp(columns[i].name, name) == 0)
			return columns[i].version;
	return -1;
}

bool tt_focus_is_column(const char *name)
{
	return version_of(name) >= 0;
}

void tt_focus_note(const tt_csv *csv, const char *file, tt_buf *notes)
{
	TT_CLEANUP(tt_buf_free) tt_buf others = { 0 };
	int version = 0;
	size_t unnamed = 0;

	for (size_t i = 0; i < tt_csv_columns(csv); i++) {
		const char *s = tt_csv_column(csv, i);
		const int of = version_of(s);

		version = of > version ? of : version;
		if (of >= 0)
			continue;
		if (!*s || others.n > OTHERS_MOST)
			unnamed++;
		else
			tt_buf_printf(&others, "%s%.*s", others.n ? ", " : "",
			              tt_utf8_shown(s, strlen(s)), s);
	}
	tt_buf_printf(notes, "%s: a bill in columns of FOCUS %s", file, versions[version]);
	if (others.n)
		tt_buf_printf(notes, "; passed over, as none of its: %s", tt_buf_text(&others));
	if (unnamed)
		tt_buf_printf(notes, "; passed over: %zu more", unnamed);
	tt_buf_puts(notes, "\n");
	notes->failed |= others.failed;
}

/* --- Values --------------------------------------------------------------------------- */

static bool is_null(const tt_csv_field *at)
{
	return at->n == 4 && (memcmp(at->p, "NULL", 4) == 0 || memcmp(at->p, "null", 4) == 0);
}

static bool is_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

/* 2026-01-05 08:00, 2026-01-05T08:00Z, 2026-01-05T08:00:00.000Z and the like, all UTC. */
static void take_time(tt_csv_field *at, tt_buf *scratch)
{
	const char *s = at->p;
	size_t n = at->n;

	if (n < 16 || s[4] != '-' || s[7] != '-' || (s[10] != 'T' && s[10] != ' ') ||
	    s[13] != ':')
		return;
	n -= s[n - 1] == 'Z';
	if (n > 19 && s[19] == '.' && is_digits(s + 20, n - 20)) {
		while (n > 20 && s[n - 1] == '0')
			n--;
		n -= n == 20; /* else it is within a second: none of ours */
	}
	if (n != 16 && n != 19)
		return;
	tt_buf_add(scratch, s, 10);
	tt_buf_putc(scratch, 'T');
	tt_buf_add(scratch, s + 11, n - 11);
	tt_buf_puts(scratch, n == 16 ? ":00Z" : "Z");
}

enum { DIGITS_MOST = 60, EXPONENT_MOST = 60 };

/* All of digits[.digits] into `ret`; how many, and where the point is. 0: another form. */
static size_t read_digits(const char *s, size_t n, char ret[DIGITS_MOST], int64_t *ret_point)
{
	size_t found = 0;
	bool point = false;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '.' && !point && found) {
			point = true;
			*ret_point = (int64_t)found;
			continue;
		}
		if (s[i] < '0' || s[i] > '9' || found == DIGITS_MOST)
			return 0;
		ret[found++] = s[i];
	}
	if (!point)
		*ret_point = (int64_t)found;
	return n && s[n - 1] == '.' ? 0 : found;
}

/* A number with an exponent as a plain decimal, without zeros that say nothing. */
static void take_decimal(tt_csv_field *at, tt_buf *scratch)
{
	const char *e = memchr(at->p, 'e', at->n);
	const size_t minus = *at->p == '-';
	char digits[DIGITS_MOST];
	int64_t shift = 0, point = 0;

	e = e ? e : memchr(at->p, 'E', at->n);
	const size_t n = e ? (size_t)(e - at->p) : at->n;
	const size_t plus = e && n + 1 < at->n && e[1] == '+';
	if (e && (!tt_parse_i64(e + 1 + plus, at->n - n - 1 - plus, &shift) ||
	          shift < -EXPONENT_MOST || shift > EXPONENT_MOST))
		return;
	size_t all = read_digits(at->p + minus, n - minus, digits, &point);
	int64_t first = 0;
	if (!all)
		return;
	point += shift;
	while (point - first > 1 && first < (int64_t)all && digits[first] == '0')
		first++;
	while (all > 0 && (int64_t)all > point && digits[all - 1] == '0')
		all--;
	tt_buf_add(scratch, "-", minus);
	if (point <= 0)
		tt_buf_puts(scratch, "0");
	for (int64_t i = point < 0 ? point : first; i < (int64_t)all || i < point; i++) {
		if (i == point)
			tt_buf_putc(scratch, '.');
		tt_buf_putc(scratch, i < 0 || i >= (int64_t)all ? '0' : digits[i]);
	}
}

/* --- Tags ----------------------------------------------------------------------------- */

typedef struct json_text {
	const char *p, *end;
} json_text;

static void skip_blanks(json_text *j)
{
	while (j->p < j->end && strchr(" \t\r\n", *j->p) && *j->p)
		j->p++;
}

static bool take_char(json_text *j, char c)
{
	skip_blanks(j);
	if (j->p == j->end || *j->p != c)
		return false;
	j->p++;
	return true;
}

static void put_code_point(uint32_t c, tt_buf *to)
{
	if (c < 0x20 || (c >= 0xd800 && c < 0xe000)) {
		tt_buf_putc(to, ' ');
	} else if (c < 0x80) {
		tt_buf_putc(to, (char)c);
	} else {
		const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;

		tt_buf_putc(to, (char)((0xff00u >> (more + 1) & 0xff) | c >> 6 * more));
		for (int i = more - 1; i >= 0; i--)
			tt_buf_putc(to, (char)(0x80 | (c >> 6 * i & 0x3f)));
	}
}

static bool take_hex(json_text *j, uint32_t *ret)
{
	*ret = 0;
	for (int i = 0; i < 4; i++, j->p++) {
		static const char hex[] = "0123456789abcdef";
		const char *at = j->p == j->end || !*j->p ? NULL : strchr(hex, *j->p | 0x20);

		if (!at || *j->p < '0')
			return false;
		*ret = *ret << 4 | (uint32_t)(at - hex);
	}
	return true;
}

static bool take_escape(json_text *j, tt_buf *to)
{
	static const char from[] = "\"\\/bfnrt", is[] = "\"\\/     ";
	uint32_t c, low;

	if (j->p == j->end)
		return false;
	if (*j->p != 'u') {
		const char *at = *j->p ? strchr(from, *j->p) : NULL;

		j->p++;
		if (at)
			tt_buf_putc(to, is[at - from]);
		return at != NULL;
	}
	j->p++;
	if (!take_hex(j, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00 && j->end - j->p > 2 && j->p[0] == '\\' && j->p[1] == 'u') {
		j->p += 2;
		if (!take_hex(j, &low))
			return false;
		if (low >= 0xdc00 && low < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	put_code_point(c, to);
	return true;
}

static bool take_string(json_text *j, tt_buf *to)
{
	to->n = 0;
	if (!take_char(j, '"'))
		return false;
	while (j->p < j->end && *j->p != '"') {
		const char c = *j->p++;

		if (c != '\\')
			tt_buf_putc(to, c);
		else if (!take_escape(j, to))
			return false;
	}
	return take_char(j, '"');
}

/* A text, or a number, true or false as they stand; `ret_null`: nothing. */
static bool take_value(json_text *j, tt_buf *to, bool *ret_null)
{
	skip_blanks(j);
	*ret_null = false;
	if (j->p < j->end && *j->p == '"')
		return take_string(j, to);
	to->n = 0;
	while (j->p < j->end && *j->p && !strchr(",} \t\r\n", *j->p)) {
		if (strchr("{[\"", *j->p))
			return false;
		tt_buf_putc(to, *j->p++);
	}
	*ret_null = to->n == 4 && memcmp(to->p, "null", 4) == 0;
	return to->n > 0;
}

/* As a label: what a key can't hold becomes '_', what a value can't is escaped. */
static void put_label(const tt_buf *key, const tt_buf *value, tt_buf *to)
{
	if (to->n)
		tt_buf_putc(to, ';');
	for (size_t i = 0; i < key->n; i++)
		tt_buf_putc(to, strchr(";=\\", key->p[i]) ? '_' : key->p[i]);
	tt_buf_putc(to, '=');
	for (size_t i = 0; i < value->n; i++) {
		if (value->p[i] == ';' || value->p[i] == '\\')
			tt_buf_putc(to, '\\');
		tt_buf_putc(to, value->p[i]);
	}
}

static bool take_map(json_text *j, tt_buf *key, tt_buf *value, tt_buf *to)
{
	bool null;

	if (!take_char(j, '{'))
		return false;
	if (!take_char(j, '}')) {
		do {
			if (!take_string(j, key) || !take_char(j, ':') ||
			    !take_value(j, value, &null))
				return false;
			if (key->n && value->n && !null)
				put_label(key, value, to);
		} while (take_char(j, ','));
		if (!take_char(j, '}'))
			return false;
	}
	skip_blanks(j);
	return j->p == j->end;
}

static int take_tags(tt_csv_field *at, tt_buf *scratch, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf key = { 0 }, value = { 0 };
	json_text j = { at->p, at->p + at->n };

	if (*at->p != '{')
		return TT_OK;
	const bool is_map = take_map(&j, &key, &value, scratch);
	if (key.failed || value.failed || scratch->failed)
		return tt_no_memory(err);
	if (!is_map)
		return tt_fail(err, TT_EDATA, "it is no JSON map of names to texts");
	at->n = scratch->n;
	if (scratch->n)
		at->p = scratch->p;
	scratch->n = 0; /* taken */
	return TT_OK;
}

/* --- Fields --------------------------------------------------------------------------- */

int tt_focus_value(const tt_field *f, tt_csv_field *at, tt_buf *scratch, tt_err *err)
{
	scratch->n = 0;
	if (is_null(at))
		at->n = 0;
	if (!at->n)
		return TT_OK;
	if (f->type == TT_FIELD_TIME)
		take_time(at, scratch);
	else if (f->type == TT_FIELD_DECIMAL)
		take_decimal(at, scratch);
	else if (f->type == TT_FIELD_LABELS)
		TT_TRY(take_tags(at, scratch, err));
	if (scratch->failed)
		return tt_no_memory(err);
	if (scratch->n) {
		at->p = scratch->p;
		at->n = scratch->n;
	}
	return TT_OK;
}

/* --- Records -------------------------------------------------------------------------- */

double tt_focus_record(const tt_csv *csv, const tt_csv_field *record)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < tt_csv_columns(csv); i++) {
		const char *name = tt_csv_column(csv, i);

		if (!record[i].n || is_null(&record[i]))
			continue;
		/* added up, so that no order counts */
		sum += tt_hash(tt_hash(TT_HASH_START, name, strlen(name) + 1), record[i].p,
		               record[i].n);
	}
	return (double)((sum ^ sum >> 53) & ((UINT64_C(1) << 53) - 1));
}
