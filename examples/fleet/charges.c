/* charges.c - charges.csv: what is paid for besides nodes, as a bill in FOCUS columns.
 *
 * One row a day of each line. Some lines are in every fleet; the others are planted: tokens of a
 * large model for each question, data that leave the region, a bucket that nobody asks for
 * anything, snapshots of volumes that are gone. What a remedy takes off follows from what the
 * tokens and bytes are, below, and not from what is usual. */
#include "money.h"
#include "tables.h"
#include <stddef.h>

/* What is wrong with a line: whose verdict, how far past its threshold, and what share of the line
 * goes. */
struct wrong {
	const char *detector, *kind, *subject;
	int factor_milli, saving_milli;     /* -1: nothing is proposed */
	int days_min;
};

/* What is behind the planted lines, in percent, and what the same provider takes for it. */
enum {
	EASY_PCT = 40,          /* of the questions: a small model answers them as well */
	ALIKE_PCT = 68,         /* of a prompt: instructions, the same in each */
	CACHED_PRICE_PCT = 25,
	UNHURRIED_PCT = 90,     /* of the evaluation: the rest is waited for by a release */
	BATCH_PRICE_PCT = 50,
	NEVER_READ_PCT = 95,    /* of the bucket */
	COLD_PRICE_PCT = 30,
	SENT_AGAIN_PCT = 40,    /* of the pictures: unchanged, to who had them */
};

struct line {
	const char *resource, *category, *subcategory, *service, *meter, *unit, *tags;
	int64_t a_day, price_nano;          /* units, and what one costs */
	int grows_milli;                    /* a day, in 1/1000 of the first day */
	bool planted;
	struct wrong is;                    /* detector NULL: nothing that a case is made of */
	int of_nodes_milli;                 /* 0, or `a_day` is so much of what nodes cost; with
	                                     * --every-kind alone */
};

#define AI(service) "AI and Machine Learning", "Generative AI", service
#define NETWORK "Networking", "Network Connectivity", "Example Network"
#define OBJECTS "Storage", "Object Storage", "Example Object Store"
#define BLOCKS "Storage", "Block Storage", "Example Volumes"
#define TAG(key, value) "\"\"" key "\"\": \"\"" value "\"\""
#define TAGS(team, feature) "\"{" TAG("team", team) ", " TAG("feature", feature) "}\""
#define OF_VOLUME(team, volume) "\"{" TAG("team", team) ", " TAG("volume", volume) "}\""
#define SNAPSHOT(name, team, volume, gb) { name, BLOCKS, "snapshot storage", "GB-Hours", \
	OF_VOLUME(team, volume), (gb) * 24, 68493, 0, true, \
	{ "data_cost", "orphaned_snapshot", name, 2500, 1000, 0 }, 0 }

static const struct line lines[] = {
	{ "", AI("Example Models"), "small model input tokens", "Tokens",
		TAGS("ads", "product-copy"), 20000000, 150, 0, false, { 0 }, 0 },
	{ "", AI("Example Models"), "small model cached input tokens", "Tokens",
		TAGS("ads", "product-copy"), 30000000, 75, 0, false, { 0 }, 0 },
	{ "", AI("Example Models"), "small model output tokens", "Tokens",
		TAGS("ads", "product-copy"), 4000000, 600, 0, false, { 0 }, 0 },
	/* sixteen times the price of the small one */
	{ "", AI("Example Models"), "premium model output tokens", "Tokens",
		TAGS("ads", "product-copy"), 2000000, 10000, 0, true,
		{ "llm_api", "dear_model", "premium model output tokens", 3300,
		  EASY_PCT * (100 - 6) / 10, 0 }, 0 },
	/* the same prompt again and again: 25 times the answer, nothing cached; and it grows */
	{ "", AI("Example Answers"), "large model input tokens", "Tokens",
		TAGS("assistant", "support-bot"), 25000000, 2500, 300, true,
		{ "llm_api", "repeated_prompts", "large model input tokens", 2500,
		  ALIKE_PCT * (100 - CACHED_PRICE_PCT) / 10, 0 }, 0 },
	{ "", AI("Example Answers"), "large model output tokens", "Tokens",
		TAGS("assistant", "support-bot"), 1000000, 10000, 300, true,
		{ "llm_api", "growth", "support-bot", 2000, -1, 14 }, 0 },
	/* nobody waits for it, and it is not asked for in batches */
	{ "", AI("Example Judge"), "judge model output tokens", "Tokens",
		TAGS("research", "nightly-eval"), 1500000, 10000, 0, true,
		{ "llm_api", "no_batching", "nightly-eval", 2250,
		  UNHURRIED_PCT * (100 - BATCH_PRICE_PCT) / 10, 0 }, 0 },
	{ "", NETWORK, "data transfer out to internet", "GB", TAGS("platform", "gateway"),
		30, 90000000, 0, false, { 0 }, 0 },
	{ "", NETWORK, "data transfer out to internet", "GB", TAGS("vision", "exports"),
		1200, 90000000, 0, true, { 0 }, 0 },
	{ "", NETWORK, "inter-region data transfer out", "GB", TAGS("research", "replicas"),
		2000, 20000000, 0, true, { 0 }, 0 },
	/* pictures for everybody, from the servers themselves; 5 % of all spend is much */
	{ "", NETWORK, "cross-provider data transfer out", "GB", TAGS("vision", "pictures"),
		0, 80000000, 0, true,
		{ "data_cost", "egress", "cross-provider data transfer out", 2500,
		  SENT_AGAIN_PCT * 10, 0 }, 180 },
	{ "bucket-datasets", OBJECTS, "standard storage", "GB-Hours", TAGS("research", "data"),
		40000 * 24, 31507, 0, false, { 0 }, 0 },
	{ "bucket-datasets", OBJECTS, "standard storage requests", "Requests",
		TAGS("research", "data"), 5000000, 400, 0, false, { 0 }, 0 },
	/* hot, and next to never asked for anything */
	{ "bucket-runs-2024", OBJECTS, "standard storage", "GB-Hours", TAGS("research", "runs"),
		150000 * 24, 31507, 0, true,
		{ "data_cost", "cold_data", "bucket-runs-2024", 5000,
		  NEVER_READ_PCT * (100 - COLD_PRICE_PCT) / 10, 0 }, 0 },
	{ "bucket-runs-2024", OBJECTS, "standard storage requests", "Requests",
		TAGS("research", "runs"), 1000, 400, 0, true, { 0 }, 0 },
	SNAPSHOT("snap-0001", "search", "vol-0007", 8000),
	SNAPSHOT("snap-0002", "search", "vol-0008", 8000),
	SNAPSHOT("snap-0003", "ads", "vol-0009", 16000),
};
#define N_LINES (sizeof lines / sizeof *lines)

static int64_t quantity(const struct fleet *f, const struct line *l, int64_t day)
{
	if (l->of_nodes_milli)
		return money_fleet(f) / f->o.days * l->of_nodes_milli / l->price_nano;
	return l->a_day + l->a_day / 1000 * l->grows_milli * day;
}

/* Micro-units of a day. */
static int64_t cost(const struct fleet *f, const struct line *l, int64_t day)
{
	return quantity(f, l, day) * l->price_nano / 1000;
}

static bool is_there(const struct fleet *f, const struct line *l)
{
	return !(l->planted && f->o.clean) && !(l->of_nodes_milli && !f->o.every_kind);
}

void charges_tell(struct fleet *f)
{
	for (size_t i = 0; i < N_LINES; i++) {
		const struct line *l = &lines[i];
		int64_t spend = 0;

		for (int64_t day = 0; day < f->o.days; day++)
			spend += cost(f, l, day);
		if (l->is.detector && is_there(f, l) && f->o.days >= l->is.days_min)
			fleet_plant(f, &(struct planted){ l->is.detector, l->is.kind, "charge",
				l->is.subject, l->is.factor_milli,
				l->is.saving_milli < 0 ? -1 : spend,
				l->is.saving_milli < 0 ? -1 : spend * l->is.saving_milli / 1000 },
				"service: %s", l->service);
	}
}

static void row(const struct fleet *f, struct out *o, const struct line *l, int64_t day)
{
	const char *const names[] = { l->category, l->subcategory, l->service, l->meter };

	out_text(o, l->resource);
	out_char(o, ',');
	out_time(o, f->start_s + day * DAY_S);
	out_char(o, ',');
	out_time(o, f->start_s + (day + 1) * DAY_S);
	out_text(o, ",Usage,");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		out_text(o, names[i]);
		out_char(o, ',');
	}
	out_text(o, "north,");
	out_int(o, quantity(f, l, day));
	out_char(o, ',');
	out_text(o, l->unit);
	out_text(o, ",USD,");
	out_fixed(o, cost(f, l, day), 6);
	out_char(o, ',');
	out_text(o, l->tags);
	out_char(o, '\n');
}

void charges_write(const struct fleet *f, struct out *o)
{
	out_text(o, "ResourceId,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,"
		"ServiceCategory,ServiceSubcategory,ServiceName,SkuMeter,RegionId,"
		"ConsumedQuantity,ConsumedUnit,BillingCurrency,EffectiveCost,Tags\n");
	for (int64_t day = 0; day < f->o.days && !o->error; day++)
		for (size_t i = 0; i < N_LINES; i++)
			if (is_there(f, &lines[i]))
				row(f, o, &lines[i], day);
}
