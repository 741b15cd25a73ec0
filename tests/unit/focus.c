/* A bill in FOCUS columns: values as exporters write them, versions, rows that look alike,
 * and what is refused. */
#include "snapshot/builder.h"
#include "snapshot/focus.h"
#include "snapshot/snapshot.h"
#include "t.h"

static char folder[256];
static tt_err err;

static const char *in_folder(const char *name)
{
	static char path[4][512];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
	return path[turn];
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in_folder(name), "w");

	T_OK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* --- Values --------------------------------------------------------------------------- */

static const char *value(enum tt_field_type type, const char *text)
{
	static char shown[2048];
	const tt_field f = { .type = type };
	tt_csv_field at = { .p = text, .n = strlen(text) };
	tt_buf scratch = { 0 };
	tt_err why = { 0 };

	if (tt_focus_value(&f, &at, &scratch, &why) < 0)
		snprintf(shown, sizeof shown, "! %s", why.text);
	else
		snprintf(shown, sizeof shown, "%.*s", (int)at.n, at.p);
	tt_buf_free(&scratch);
	return shown;
}

static void test_values(void)
{
	T_STR("", value(TT_FIELD_TEXT, "NULL"));
	T_STR("", value(TT_FIELD_DECIMAL, "null"));
	T_STR("Null", value(TT_FIELD_TEXT, "Null"));

	T_STR("2024-09-18T23:00:00Z", value(TT_FIELD_TIME, "2024-09-18 23:00:00"));
	T_STR("2024-09-18T23:00:00Z", value(TT_FIELD_TIME, "2024-09-18T23:00Z"));
	T_STR("2024-09-18T23:00:00Z", value(TT_FIELD_TIME, "2024-09-18T23:00:00.000Z"));
	T_STR("2024-09-18T23:00:00Z", value(TT_FIELD_TIME, "2024-09-18T23:00:00Z"));
	T_STR("2024-09-18T23:00:00.5Z", value(TT_FIELD_TIME, "2024-09-18T23:00:00.5Z"));
	T_STR("1726700400", value(TT_FIELD_TIME, "1726700400"));
	T_STR("2024-09-18", value(TT_FIELD_TIME, "2024-09-18"));

	T_STR("0.0000008", value(TT_FIELD_DECIMAL, "0.00000080000"));
	T_STR("0.000012", value(TT_FIELD_DECIMAL, "1.2E-05"));
	T_STR("-0.000012", value(TT_FIELD_DECIMAL, "-12e-6"));
	T_STR("1200", value(TT_FIELD_DECIMAL, "1.2e+3"));
	T_STR("12.5", value(TT_FIELD_DECIMAL, "0.125e2"));
	T_STR("1", value(TT_FIELD_DECIMAL, "1.000000000000000"));
	T_STR("0", value(TT_FIELD_DECIMAL, "0.00"));
	T_STR("0.001", value(TT_FIELD_DECIMAL, "0.1e-2"));
	T_STR("1e", value(TT_FIELD_DECIMAL, "1e"));
	T_STR("1.2.3", value(TT_FIELD_DECIMAL, "1.2.3"));
	T_STR("1.", value(TT_FIELD_DECIMAL, "1."));
	T_STR("-", value(TT_FIELD_DECIMAL, "-"));
	T_STR("1e99", value(TT_FIELD_DECIMAL, "1e99"));
}

static void test_tags(void)
{
	T_STR("", value(TT_FIELD_LABELS, "{}"));
	T_STR("team=ml;env=dev", value(TT_FIELD_LABELS, "{\"team\": \"ml\", \"env\":\"dev\"}"));
	T_STR("a=1;b=true", value(TT_FIELD_LABELS, "{\"a\":1,\"b\":true,\"c\":null,\"d\":\"\"}"));
	T_STR("a_b=x\\;y\\\\", value(TT_FIELD_LABELS, "{\"a=b\":\"x;y\\\\\"}"));
	T_STR("k=\xc3\xa9\xf0\x9f\x98\x80", value(TT_FIELD_LABELS,
		"{ \"k\" : \"\\u00e9\\uD83D\\ude00\" }"));
	T_STR("team=ml", value(TT_FIELD_LABELS, "team=ml"));
	T_HAS("! it is no JSON map", value(TT_FIELD_LABELS, "{\"a\":[1]}"));
	T_HAS("! it is no JSON map", value(TT_FIELD_LABELS, "{\"a\":\"1\""));
	T_HAS("! it is no JSON map", value(TT_FIELD_LABELS, "{\"a\"}"));
	T_HAS("! it is no JSON map", value(TT_FIELD_LABELS, "{\"a\":\"\\u12\"}"));
	T_HAS("! it is no JSON map", value(TT_FIELD_LABELS, "{\"a\":\"b\"} x"));
}

/* --- Files ---------------------------------------------------------------------------- */

#define HEAD "ResourceId,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,BillingCurrency," \
	"EffectiveCost,Tags"
#define HOUR "2026-01-05T00:00:00Z,2026-01-05T01:00:00Z"

static int build(const char *charges, int lenient, tt_snapshot **ret)
{
	const tt_build_options o = { .lenient = lenient, .threads = 1 };
	tt_builder *b = NULL;
	int rc;

	put("charges.csv", charges);
	put("snapshot.yaml", "name: f\nstart: 2026-01-05T00:00:00Z\nend: 2026-01-06T00:00:00Z\n"
	    "currency: USD\n");
	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_builder_open(in_folder("out.tt"), &o, &b, &err));
	T_INT(TT_OK, tt_builder_window(b, in_folder("snapshot.yaml"), &err));
	rc = tt_builder_read_csv(b, in_folder("charges.csv"), "charges", NULL, 0, &err);
	if (rc == TT_OK)
		rc = tt_builder_finish(b, NULL, &err);
	tt_builder_close(b);
	*ret = NULL;
	return rc == TT_OK ? tt_snapshot_load(in_folder("out.tt"), ret, &err) : rc;
}

static void test_rows(void)
{
	tt_snapshot *s;

	T_INT(TT_OK, build(HEAD ",ListCost,x_Id\n"
		"\"i-1\",2026-01-05 00:00:00,2026-01-05 01:00:00,Usage,USD,1.5e-1,"
		"\"{\"\"team\"\": \"\"ml\"\"}\",9,1\n"
		"i-1," HOUR ",Usage,USD,0.15,team=ml,9,2\n" /* the same but for its x_Id */
		"NULL," HOUR ",Tax,USD,-0.01,NULL,NULL,NULL\n"
		"i-1," HOUR ",Usage,USD,0.15,team=ml,9,2\n" /* once more */, 0, &s));
	T_INT(3, s->table[TT_CHARGES].n);
	T_INT(4, s->table[TT_CHARGES].read);
	T_INT(1, s->table[TT_CHARGES].duplicates);
	const tt_charge_row *r = TT_ROW(&s->table[TT_CHARGES], tt_charge_row, 0);
	T_STR("", r->ResourceId);
	T_STR("Tax", r->ChargeCategory);
	T_STR("", r->Tags);
	T_OK(r->EffectiveCost == -10000000000);
	T_OK(r->ConsumedQuantity != r->ConsumedQuantity);
	T_STR("i-1", r[1].ResourceId);
	T_STR("team=ml", r[1].Tags);
	T_OK(r[1].EffectiveCost == 150000000000 && r[2].EffectiveCost == 150000000000);
	T_OK(r[1].record != r[2].record);
	T_INT(2, s->n_notes);
	T_STR("charges.csv: a bill in columns of FOCUS 1.0; passed over, as none of its: x_Id",
	      s->notes[0]);
	T_STR("charges.csv: 1 row is equal to another and counted once", s->notes[1]);
	tt_snapshot_close(s);
}

static void test_versions(void)
{
	static const struct { const char *column, *version; } v[] = {
		{ "SkuMeter", "1.1" }, { "InvoiceId", "1.2" }, { "ServiceProviderName", "1.3" },
		{ "InvoiceDetailId", "1.4" }
	};
	char text[512];
	tt_snapshot *s;

	for (size_t i = 0; i < TT_COUNT(v); i++) {
		snprintf(text, sizeof text, HEAD ",%s\ni," HOUR ",Usage,USD,1,,x\n", v[i].column);
		T_INT(TT_OK, build(text, 0, &s));
		snprintf(text, sizeof text, "charges.csv: a bill in columns of FOCUS %s",
		         v[i].version);
		T_STR(text, s->notes[0]);
		tt_snapshot_close(s);
	}
}

static void test_refused(void)
{
	tt_snapshot *s;

	T_INT(TT_EDATA, build(HEAD "\ni," HOUR ",Usage,USD,1,\ni," HOUR ",Usage,EUR,1,\n", 0, &s));
	T_STR("charges.csv:3: BillingCurrency is \"EUR\", expected \"USD\", the currency of the "
	      "snapshot", err.text);
	T_INT(TT_OK, build(HEAD "\ni," HOUR ",Usage,USD,1,\ni," HOUR ",Usage,EUR,1,\n", 1, &s));
	T_INT(1, s->table[TT_CHARGES].n);
	T_INT(1, s->rejects.n);
	tt_snapshot_close(s);
	T_INT(TT_EDATA, build(HEAD "\ni," HOUR ",Usage,USD,,\n", 0, &s));
	T_HAS("charges.csv:2:55: EffectiveCost is \"\", expected a value", err.text);
	T_INT(TT_EDATA, build(HEAD "\ni," HOUR ",Gift,USD,1,\n", 0, &s));
	T_HAS("ChargeCategory is \"Gift\", expected Usage, Purchase, Tax, Credit or Adjustment",
	      err.text);
	T_INT(TT_EDATA, build(HEAD "\ni," HOUR ",Usage,USD,0.1234567890123,\n", 0, &s));
	T_HAS("has 13 digits after the point, at most 12 are kept exactly", err.text);
	T_INT(TT_EDATA, build(HEAD "\ni,2026-01-05T01:00:00Z,2026-01-05T00:00:00Z,Usage,USD,1,\n",
	                      0, &s));
	T_HAS("which is before ChargePeriodStart", err.text);
	T_INT(TT_EDATA, build(HEAD "\ni," HOUR ",Usage,USD,1,\"{\"\"a\"\":{}}\"\n", 0, &s));
	T_HAS("a JSON map: it is no JSON map of names to texts", err.text);
	T_INT(TT_EDATA, build("ResourceId,EffectiveCost\ni,1\n", 0, &s));
	T_HAS("no column \"ChargePeriodStart\"", err.text);
}

int main(void)
{
	t_folder(folder, sizeof folder);
	test_values();
	test_tags();
	test_rows();
	test_versions();
	test_refused();
	t_folder_remove(folder);
	return T_END();
}
