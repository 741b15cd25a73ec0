/* charges.c - charges.csv: what is paid for besides nodes, as a bill in FOCUS columns.
 *
 * One row a day of each line. Some lines are in every fleet; the others are planted: tokens of a
 * large model for each question, data that leave the region, a bucket that nobody asks for
 * anything, snapshots of volumes that are gone. */
#include "tables.h"
#include <stddef.h>

struct line {
	const char *resource, *category, *subcategory, *service, *meter, *unit, *tags;
	int64_t a_day, price_nano;          /* units, and what one costs */
	int grows_milli;                    /* a day, in 1/1000 of the first day */
	bool planted;
};

#define MODELS "AI and Machine Learning", "Generative AI", "Example Models"
#define NETWORK "Networking", "Network Connectivity", "Example Network"
#define OBJECTS "Storage", "Object Storage", "Example Object Store"
#define BLOCKS "Storage", "Block Storage", "Example Volumes"
#define TAGS(team, feature) \
	"\"{\"\"team\"\": \"\"" team "\"\", \"\"feature\"\": \"\"" feature "\"\"}\""

static const struct line lines[] = {
	{ "", MODELS, "small model input tokens", "Tokens", TAGS("ads", "product-copy"),
		20000000, 150, 0, false },
	{ "", MODELS, "small model cached input tokens", "Tokens", TAGS("ads", "product-copy"),
		30000000, 75, 0, false },
	{ "", MODELS, "small model output tokens", "Tokens", TAGS("ads", "product-copy"),
		4000000, 600, 0, false },
	{ "", MODELS, "large model input tokens", "Tokens", TAGS("assistant", "support-bot"),
		60000000, 2500, 30, true },
	{ "", MODELS, "large model output tokens", "Tokens", TAGS("assistant", "support-bot"),
		8000000, 10000, 30, true },
	{ "", NETWORK, "data transfer out to internet", "GB", TAGS("platform", "gateway"),
		30, 90000000, 0, false },
	{ "", NETWORK, "data transfer out to internet", "GB", TAGS("vision", "exports"),
		1200, 90000000, 0, true },
	{ "", NETWORK, "inter-region data transfer out", "GB", TAGS("research", "replicas"),
		2000, 20000000, 0, true },
	{ "bucket-datasets", OBJECTS, "standard storage", "GB-Hours", TAGS("research", "data"),
		40000 * 24, 31507, 0, false },
	{ "bucket-datasets", OBJECTS, "standard storage requests", "Requests",
		TAGS("research", "data"), 5000000, 400, 0, false },
	{ "bucket-runs-2024", OBJECTS, "standard storage", "GB-Hours", TAGS("research", "runs"),
		150000 * 24, 31507, 0, true },
	{ "snap-0001", BLOCKS, "snapshot storage", "GB-Hours", TAGS("search", "backup"),
		8000 * 24, 68493, 0, true },
	{ "snap-0002", BLOCKS, "snapshot storage", "GB-Hours", TAGS("search", "backup"),
		8000 * 24, 68493, 0, true },
	{ "snap-0003", BLOCKS, "snapshot storage", "GB-Hours", TAGS("ads", "backup"),
		16000 * 24, 68493, 0, true },
};
#define N_LINES (sizeof lines / sizeof *lines)

static int64_t quantity(const struct line *l, int64_t day)
{
	return l->a_day + l->a_day / 1000 * l->grows_milli * day;
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
	out_int(o, quantity(l, day));
	out_char(o, ',');
	out_text(o, l->unit);
	out_text(o, ",USD,");
	out_fixed(o, quantity(l, day) * l->price_nano / 1000, 6);
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
			if (!lines[i].planted || !f->o.clean)
				row(f, o, &lines[i], day);
}
