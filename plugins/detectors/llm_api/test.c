/* llm_api on made-up bills: what it says, what it proposes, when it is silent. */
#include "detector_test.h"

#define HEAD "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,BillingCurrency,EffectiveCost," \
	"ServiceCategory,ServiceName,SkuMeter,ConsumedQuantity,ConsumedUnit,Tags\n"

static void open_scene(dt *d)
{
	dt_open(d, 14, 3600);
	dt_table(d, "nodes", "node,gpus,price_per_hour\n" "n1,8,10\n");
	dt_table(d, "charges", HEAD);
}

/* In days [from, to) of the window. */
static void add_days(dt *d, int from, int to, double cost, const char *meter, double quantity,
		     const char *tags)
{
	dt_row(d, "charges", "%d,%d,Usage,USD,%.2f,AI and Machine Learning,LLM,%s,%.0f,"
	       "1K tokens,%s", DT_START_S + from * 86400, DT_START_S + to * 86400, cost, meter,
	       quantity, tags);
}

static void add(dt *d, double cost, const char *meter, double quantity, const char *tags)
{
	add_days(d, 0, 14, cost, meter, quantity, tags);
}

static void test_prompts(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	add(&d, 500, "Large input", 200000, "team=ml");
	add(&d, 10, "Large cached input", 10000, "team=ml");
	add(&d, 150, "Large output", 10000, "team=ml");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "charge", "Large input");
	T_STR("repeated_prompts", f->verdict);
	T_STR("prompts of LLM have 21 tokens for each of an answer, and 5 % of them are read from "
	      "the cache", f->title);
	T_STR("scale charge:\"Large input\" factor=0.625", dt_change(&d, f, 0));
	T_F64(21, dt_number(f, "input_per_output_times"), 1e-9);
	T_INT(500000000, f->spend_concerned_micro);
	T_STR("ml", f->owner);
	T_INT(0, dt_run(&d, "detectors:\n  llm_api:\n    max_cached_ratio: 0.04\n"));
	T_INT(0, dt_run(&d, "detectors:\n  llm_api:\n    min_input_per_output: 22\n"));
	T_INT(0, dt_run(&d, "detectors:\n  llm_api:\n    min_per_month: 2000\n"));
	dt_close(&d);
}

static void test_models(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	add(&d, 600, "Large output", 10000, "");
	add(&d, 60, "Small output", 10000, "");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "charge", "Large output");
	T_STR("dear_model", f->verdict);
	T_STR("scale charge:\"Large output\" factor=0.73", dt_change(&d, f, 0));
	T_F64(10, dt_number(f, "price_of_other_times"), 1e-9);
	T_STR("Small output", dt_text(f, "other_model"));
	T_INT(0, dt_run(&d, "detectors:\n  llm_api:\n    min_dear_ratio: 10.1\n"));
	dt_close(&d);
}

static void test_features(void)
{
	const tt_found *f;
	dt d;

	open_scene(&d);
	add(&d, 600, "Large output", 10000, "feature=nightly-summary;team=docs");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "charge", "nightly-summary");
	T_STR("no_batching", f->verdict);
	T_STR("scale charge:nightly-summary factor=0.5", dt_change(&d, f, 0));
	T_STR("docs", f->owner);
	add(&d, 1, "Large output batch", 10, "feature=nightly-summary;team=docs");
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);

	open_scene(&d);
	add_days(&d, 0, 7, 100, "Large output", 1000, "feature=chat");
	add_days(&d, 7, 14, 180, "Large output", 1800, "feature=chat");
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "charge", "chat");
	T_STR("growth", f->verdict);
	T_F64(0.8, dt_number(f, "growth_ratio"), 1e-9);
	T_STR("", dt_change(&d, f, 0));
	T_INT(0, dt_run(&d, "detectors:\n  llm_api:\n    min_growth_ratio: 0.81\n"));
	T_INT(1, dt_run(&d, ""));
	T_F64(280 * 730.0 / 336, dt_number(dt_about(&d, "charge", "chat"), "cost_per_month"), 1e-6);

	/* its own requests tell whether there are more of them, or one costs more */
	dt_table(&d, "traffic", "time,workload,requests\n");
	for (int day = 0; day < 14; day++)
		dt_row(&d, "traffic", "%d,chat,%d", DT_START_S + day * 86400, day < 7 ? 1000
		       : 1800);
	dt_row(&d, "traffic", "%d,other,1", DT_START_S);
	T_INT(0, dt_run(&d, ""));
	dt_table(&d, "traffic", "time,workload,requests\n");
	for (int day = 0; day < 14; day++)
		dt_row(&d, "traffic", "%d,chat,%d", DT_START_S + day * 86400, day < 7 ? 1000
		       : 1125);
	T_INT(1, dt_run(&d, ""));
	f = dt_about(&d, "charge", "chat");
	T_F64(0.6, dt_number(f, "growth_ratio"), 1e-9);
	T_F64(1.8, dt_number(f, "spend_growth_times"), 1e-9);
	T_F64(1.125, dt_number(f, "requests_growth_times"), 1e-9);
	T_F64(1e5 / 7000, dt_number(f, "cost_per_1000_requests_before"), 1e-6);
	T_F64(180e3 / 7875, dt_number(f, "cost_per_1000_requests"), 1e-6);
	T_STR("tokens of feature chat cost 60 % more a request in the second half of the window",
	      f->title);
	dt_row(&d, "traffic", "%d,chat,", DT_START_S + 3600); /* not all are known */
	T_INT(1, dt_run(&d, ""));
	T_F64(0.8, dt_number(dt_about(&d, "charge", "chat"), "growth_ratio"), 1e-9);
	dt_close(&d);

	dt_open(&d, 10, 3600); /* its halves have not the same days of the week */
	dt_table(&d, "nodes", "node,gpus,price_per_hour\n" "n1,8,10\n");
	dt_table(&d, "charges", HEAD);
	add_days(&d, 0, 5, 100, "Large output", 1000, "feature=chat");
	add_days(&d, 5, 10, 180, "Large output", 1800, "feature=chat");
	T_INT(0, dt_run(&d, ""));
	T_INT(1, dt_run(&d, "detectors:\n  llm_api:\n    min_growth_days: 10\n"));
	dt_close(&d);
}

/* A word inside of another says nothing; what is of several owners is nobody's alone. */
static void test_names(void)
{
	dt d;

	open_scene(&d);
	add(&d, 600, "Large output", 10000, "feature=doc-retrieval;team=docs");
	T_INT(0, dt_run(&d, ""));
	add(&d, 600, "Large output", 10000, "feature=nightlyEval;team=ml");
	T_INT(1, dt_run(&d, ""));
	T_STR("ml", dt_about(&d, "charge", "nightlyEval")->owner);
	add(&d, 600, "Small output", 100000, "feature=nightlyEval;team=docs");
	T_INT(2, dt_run(&d, ""));
	T_STR("", dt_about(&d, "charge", "nightlyEval")->owner);
	T_STR("", dt_about(&d, "charge", "Large output")->owner);
	for (int i = 0; i < 2; i++) /* of two services: one finding about the meter */
		dt_row(&d, "charges", "%d,%d,Usage,USD,%d,AI and Machine Learning,Other,%s,10000,"
		       "1K tokens,team=ml", DT_START_S, DT_START_S + 14 * 86400,
		       i ? 60 : 600, i ? "Tiny output" : "Large output");
	T_INT(2, dt_run(&d, ""));
	dt_close(&d);
}

static void test_silence(void)
{
	dt d;

	open_scene(&d);
	T_INT(0, dt_run(&d, ""));
	T_STR("no rows of charges.csv", d.why);
	add(&d, 500, "Large input", 100000, "feature=chat");
	add(&d, 300, "Large cached input", 100000, "feature=chat");
	add(&d, 900, "Large output", 60000, "feature=chat");
	T_INT(0, dt_run(&d, ""));
	T_STR("", d.why);
	dt_close(&d);
	open_scene(&d); /* nobody counted: nothing is said */
	dt_row(&d, "charges", "%d,%d,Usage,USD,500,AI and Machine Learning,LLM,Large input,,"
	       "1K tokens,", DT_START_S, DT_START_S + 14 * 86400);
	T_INT(0, dt_run(&d, ""));
	dt_close(&d);
}

static void test_out_of_memory(void)
{
	dt d;

	open_scene(&d);
	add(&d, 600, "Large output", 10000, "feature=nightly-summary");
	T_INT(1, dt_run(&d, ""));
	T_OK(dt_starve(&d) > 3);
	dt_close(&d);
}

int main(void)
{
	test_prompts();
	test_models();
	test_features();
	test_names();
	test_silence();
	test_out_of_memory();
	return T_END();
}
