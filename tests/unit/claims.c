/* Whether what a detector declares and says fits together: each slip that an author can make
 * in a unit, a ground or the subject of a change, and what is right and looks like one. */
#include "fleet.h"
#include "host/claims.h"

struct fields {
	double quiet_below_pct;
	int64_t least;
};

static tt_param params[] = {
	TT_PARAM_F64(struct fields, quiet_below_pct, "pct", 25, 1, 100, "A limit."),
	TT_PARAM_I64(struct fields, least, "", 3, 1, 10, "A whole number."),
};
static tt_ground grounds[] = {
	{ "quiet", "p95_activity_pct", "<", "quiet_below_pct", TT_METRIC_NONE },
	{ NULL, "cards", ">=", "least", TT_METRIC_NONE },
};
static const tt_detector self = { .info = { .id = "d", TT_PARAMS(struct fields, params) },
	                          TT_GROUNDS(grounds) };
static const struct fields values = { .quiet_below_pct = 25, .least = 3 };

static void declared(const char *why)
{
	tt_err err = { 0 };

	T_INT(why ? TT_EINVAL : TT_OK, tt_claims_declared(&self, &err));
	T_HAS(why ? why : "", err.text);
}

static void test_declared(void)
{
	const tt_param sound = params[0];

	declared(NULL);
	params[0].unit = "ratio";
	declared("parameter quiet_below_pct: its unit is \"ratio\", expected \"pct\", which its");
	params[0].unit = "percent";
	declared("its unit is \"percent\"");
	params[0].unit = "";
	declared("its unit is \"\"");
	params[0].unit = "PCT";
	declared(NULL);
	params[0] = sound;
	params[1].key = "least_days", params[1].unit = "d";
	declared(NULL);
	params[1].unit = "days";
	declared(NULL);
	params[1].key = "stops_per_h", params[1].unit = "per hour"; /* a unit of its own */
	declared(NULL);
	params[1].key = "least", params[1].unit = "";
	grounds[0].evidence = "p95_activity_ratio";
	declared("ground 1: evidence p95_activity_ratio is held against quiet_below_pct, which is "
	         "in another unit");
	grounds[0].evidence = "activity"; /* whose unit is not said */
	declared(NULL);
	grounds[0].evidence = "p95_activity_pct";
}

/* A finding with two numbers and a change, on a fleet of node n with card 0 and pod p. */
static void found(const char *verdict, double pct, double cards, const char *key,
                  const char *change, const char *why)
{
	const tt_evidence evidence[] = { { key, pct, NULL }, { "cards", cards, NULL },
		                         { "note", 0, "a text" } };
	tt_finding f = { .size = sizeof f, .verdict = verdict, .title = "t",
		         .subject_kind = "node", .subject_id = "n", .owner = "",
		         .confidence_ratio = 1, .risk_note = "", .evidence = evidence,
		         .n_evidence = 3, .changes = &change, .n_changes = change != NULL };
	tt_arena *arena = tt_arena_new();
	tt_settings *settings = NULL;
	tt_subjects subjects;
	tt_bill *bill = NULL;
	tt_err err = { 0 };
	tt_found read;
	tt_case base;
	fleet fl;

	fleet_open(&fl, 0, 36000);
	fleet_node(&fl, "n", 1)->price_per_hour = TT_DECIMAL_ONE;
	fleet_pod(&fl, "p", "n", 1);
	fleet_hold(&fl, fleet_card(&fl, "n", "0", ""), "p", 0, 36000, 36000, 5);
	fleet_ready(&fl);
	FLEET_MUST(tt_settings_load(NULL, &settings, &err) == TT_OK);
	tt_case_init(&base, &fl.s, settings);
	FLEET_MUST(tt_bill_make(&base, settings, &bill, &err) == TT_OK);
	FLEET_MUST(tt_subjects_make(bill, settings, ~0u, arena, &subjects, &err) == TT_OK);
	T_INT(TT_OK, tt_found_check("d", &f, arena, &read, &err));
	T_INT(why ? TT_EINVAL : TT_OK, tt_claims_found(&self, &values, &subjects, &read, &err));
	if (why)
		T_HAS("\" about node \"n\": ", err.text);
	T_HAS(why ? why : "", err.text);
	tt_bill_free(bill);
	tt_case_reset(&base);
	tt_settings_free(settings);
	tt_arena_free(arena);
	fleet_close(&fl);
}

static void test_found(void)
{
	const char *const key = "p95_activity_pct";

	found("quiet", 24, 3, key, NULL, NULL);
	found("quiet", 25, 3, key, NULL, "ground 1 does not hold: p95_activity_pct 25 < "
	      "quiet_below_pct 25");
	found("loud", 25, 3, key, NULL, NULL); /* ground 1 is not about it */
	found("loud", 25, 2, key, NULL, "ground 2 does not hold: cards 2 >= least 3");
	found("quiet", (double)NAN, (double)NAN, key, NULL, NULL); /* not known is not false */
	found("quiet", 24, 3, "p95_activity", NULL, "ground 1 rests on the evidence "
	      "\"p95_activity_pct\", which is not among it");
	found("loud", 9800, 3, "p50_gpu_util_pct", NULL, "evidence p50_gpu_util_pct is 9800, "
	      "expected a number from 0 to 100, as its key ends in _pct");
	found("loud", 29.721, 3, "p95_power_ratio", NULL, "p95_power_ratio is 29.721, expected a "
	      "number from 0 to 1");
	found("loud", -0.5, 3, "saved_ratio", NULL, "saved_ratio is -0.5");
	found("loud", 1 + 1e-12, 3, "whole_ratio", NULL, NULL);
	found("loud", 9800, 3, "held_h", NULL, NULL);
	grounds[0].evidence = "note";
	found("quiet", 24, 3, key, NULL, "ground 1 rests on the evidence \"note\", which is a "
	      "text");
	grounds[0].evidence = key;
	found("loud", 1, 3, key, "release pod:p,card:\"n/0\",node:n", NULL);
	found("loud", 1, 3, key, "release pod:nobody", "its change is to pod \"nobody\", which the "
	      "fleet does not have");
	found("loud", 1, 3, key, "release card:\"n/1\"", "its change is to card \"n/1\"");
	T_F64(25, tt_claims_number(&self, &values, "quiet_below_pct"), 0);
	T_F64(3, tt_claims_number(&self, &values, "least"), 0);
	T_OK(isnan(tt_claims_number(&self, &values, "nothing")));
}

int main(void)
{
	test_declared();
	test_found();
	return T_END();
}
