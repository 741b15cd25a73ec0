/* Demand that falls, rises and appears, by hand. */
#include "change/apply.h"
#include "change/scale.h"
#include "fleet.h"

static tt_settings *settings;
static tt_arena *arena;

enum { HOUR = 3600, UNIT = 1000000, DAYS = 7, WEEK = 7 * 24 };
#define MONDAY INT64_C(1767571200) /* 2026-01-05T00:00:00Z */

static tt_change *parse(const char *text)
{
	tt_change *change = tt_arena_alloc(arena, sizeof *change);
	tt_err err = { 0 };

	T_INT(TT_OK, tt_change_parse(text, arena, change, &err));
	T_STR("", err.text);
	return change;
}

/* What the change adds to what the fleet costs, in units of money. */
static double more(const fleet *f, const char *text)
{
	const tt_change *change = parse(text);
	int64_t now = 0, then = 0;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_changes_cost(&f->s, settings, NULL, 0, &now, &err));
	T_INT(TT_OK, tt_changes_cost(&f->s, settings, &change, 1, &then, &err));
	T_STR("", err.text);
	return (double)(then - now) / UNIT;
}

static void refused(const fleet *f, const char *text, int status, const char *why)
{
	const tt_change *change = parse(text);
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(status, tt_changes_cost(&f->s, settings, &change, 1, &micro, &err));
	T_STR(why, err.text);
	T_INT(-1, micro);
}

static tt_node_row *node(fleet *f, const char *name, const char *group, double gpus, int64_t price)
{
	tt_node_row *n = fleet_node(f, name, gpus);

	n->node_group = group;
	n->instance_type = "x";
	n->gpu_model = "A100";
	n->pricing = "on_demand";
	n->price_per_hour = price * TT_DECIMAL_ONE;
	return n;
}

static tt_pod_row *pod(fleet *f, const char *name, const char *on, const char *ns,
		       const char *workload, double gpus)
{
	tt_pod_row *p = fleet_pod(f, name, on, gpus);

	p->namespace_ = ns;
	p->workload = workload;
	return p;
}

/* Ten replicas of chat in web and four of rank in ads, each alone on a node at 1 an hour; of
 * rank two are there in the first day only. A pod of the system on a node of its own. */
static void open_web(fleet *f)
{
	fleet_open(f, MONDAY, MONDAY + DAYS * 24 * HOUR);
	for (int i = 0; i < 14; i++) {
		const char *name = fleet_text(f, "n%02d", i);
		tt_pod_row *p;

		node(f, name, i < 10 ? "chat" : "rank", 1, 1);
		p = pod(f, fleet_text(f, "p%02d", i), name, i < 10 ? "web" : "ads",
			i < 10 ? "chat" : "rank", 1);
		p->started_at = MONDAY;
		p->ended_at = i < 12 ? TT_TIME_MISSING : MONDAY + 24 * HOUR;
	}
	node(f, "system", "s", 1, 1);
	pod(f, "dns", "system", "kube-system", "dns", 1);
	fleet_ready(f);
}

static void test_factor(void)
{
	fleet f;

	open_web(&f);
	T_F64(0, more(&f, "scale workload:chat factor=1"), 0);
	T_F64(-5 * WEEK, more(&f, "scale workload:chat factor=0.5"), 0);
	/* whole pods: 9.1 and 9.9 take ten */
	T_F64(0, more(&f, "scale workload:chat factor=0.91"), 0);
	T_F64(-1 * WEEK, more(&f, "scale workload:chat factor=0.9"), 0);
	T_F64(-7 * WEEK, more(&f, "scale workload:chat factor=0.3"), 0);
	T_F64(-10 * WEEK, more(&f, "scale workload:chat factor=0"), 0);
	T_F64(-5 * 24, more(&f, "scale workload:chat factor=0.5 until=2026-01-06T00:00:00Z"), 0);
	/* half of four in the first day, half of two after it */
	T_F64(-2 * 24 - 144, more(&f, "scale workload:rank factor=0.5"), 0);
	T_F64(-5 * WEEK, more(&f, "scale namespace:web factor=0.5"), 0);
	/* more: nodes of a card at 1 an hour */
	T_F64(5 * WEEK, more(&f, "scale workload:chat factor=1.5"), 0);
	T_F64(1 * WEEK, more(&f, "scale workload:chat factor=1.01"), 0);
	/* two more all the time, for which nothing is free in the first day, and two in it; the
	 * same two from then on have the nodes that became free */
	T_F64(2 * WEEK + 2 * 24, more(&f, "scale workload:rank factor=2"), 0);
	T_F64(0, more(&f, "scale workload:rank factor=2 from=2026-01-06T00:00:00Z"), 0);
	fleet_close(&f);
}

/* Each workload by itself: halves of three and of three are two and two. */
static void test_many(void)
{
	fleet f;

	fleet_open(&f, MONDAY, MONDAY + 10 * HOUR);
	for (int i = 0; i < 7; i++) {
		const char *name = fleet_text(&f, "n%d", i);

		node(&f, name, "g", 1, 1);
		pod(&f, fleet_text(&f, "p%d", i), name, i < 6 ? "ns" : "kube-system",
		    i < 3 ? "a" : i < 6 ? "" : "sys", 1);
	}
	fleet_ready(&f);
	T_F64(-20, more(&f, "scale namespace:ns factor=0.5"), 0);
	T_F64(-20, more(&f, "scale fleet factor=0.5"), 0);
	T_F64(-60, more(&f, "scale fleet factor=0"), 0);
	T_F64(60, more(&f, "scale fleet factor=2"), 0);
	T_F64(60, more(&f, "scale namespace:ns factor=2"), 0);
	refused(&f, "scale workload:nobody factor=2", TT_EDATA,
		"scale: workload \"nobody\" is not in the fleet");
	refused(&f, "scale charge:storage factor=0.5", TT_EDATA, "scale: no charge has "
		"\"storage\" as its ResourceId, ServiceName, ServiceSubcategory, ServiceCategory, "
		"SkuMeter or feature, nor has volumes.csv a price of such a volume");
	refused(&f, "scale fleet factor=2 stream=egress", TT_ENODATA, "scale: no charge of fleet "
		"is known to be egress: charges.csv tells by ServiceCategory, ConsumedUnit and "
		"Tags, volumes.csv by its prices");
	fleet_close(&f);
}

static void traffic(fleet *f, const char *workload, double requests, double input, double output,
		    double cached)
{
	for (int i = 0; i < 2; i++) { /* halves */
		tt_traffic_row *t = fleet_row(f, TT_TRAFFIC);

		t->workload = workload;
		t->time = MONDAY + i * HOUR;
		t->requests = requests / 2;
		t->input_tokens = input / 2;
		t->output_tokens = output / 2;
		t->cached_tokens = cached / 2;
	}
}

static double by_stream(const fleet *f, const char *workload, const char *stream, double factor)
{
	double ret = -1;

	T_INT(TT_OK, tt_scale_by_stream(&f->s, workload, stream, factor, &ret, NULL));
	return ret;
}

/* 600 tokens in, 100 of them out of the cache, and 500 out: 1,000 that are worked for. */
static void test_streams(void)
{
	fleet f;

	open_web(&f);
	traffic(&f, "chat", 50, 600, 500, 100);
	traffic(&f, "rank", 50, (double)NAN, (double)NAN, (double)NAN);
	traffic(&f, "embed", 50, 500, (double)NAN, 100);
	fleet_ready(&f);
	T_F64(0.5, by_stream(&f, "chat", "requests", 0.5), 0);
	T_F64(0.75, by_stream(&f, "chat", "output_tokens", 0.5), 1e-12);
	T_F64(0.75, by_stream(&f, "chat", "input_tokens", 0.5), 1e-12);
	T_F64(0.9, by_stream(&f, "chat", "cached_tokens", 2), 1e-12);
	T_F64(1.1, by_stream(&f, "chat", "cached_tokens", 0), 1e-12);
	T_F64(0.5, by_stream(&f, "chat", "cached_tokens", 99), 1e-12); /* all of the input */
	/* what reads and never writes is all input */
	T_F64(0.5, by_stream(&f, "embed", "input_tokens", 0.5), 0);
	T_F64(0.75, by_stream(&f, "embed", "cached_tokens", 2), 1e-12);
	/* 7.5, 9 and 11 pods */
	T_F64(-2 * WEEK, more(&f, "scale workload:chat factor=0.5 stream=output_tokens"), 0);
	T_F64(-1 * WEEK, more(&f, "scale workload:chat factor=2 stream=cached_tokens"), 0);
	T_F64(1 * WEEK, more(&f, "scale workload:chat factor=0 stream=cached_tokens"), 0);
	refused(&f, "scale workload:rank factor=0.5 stream=output_tokens", TT_ENODATA,
		"scale: traffic.csv does not tell which part of workload \"rank\" its "
		"output_tokens are: it has no input_tokens and output_tokens");
	/* of many, those that have the stream */
	T_F64(-2 * WEEK, more(&f, "scale fleet factor=0.5 stream=output_tokens"), 0);
	refused(&f, "scale namespace:ads factor=0.5 stream=output_tokens", TT_ENODATA,
		"scale: traffic.csv has no output_tokens of any workload of namespace ads");
	fleet_close(&f);
}

/* 11 hours of a weekend on 200 cards: 25 nodes of eight. */
static void test_profiles(void)
{
	static tt_demand_profile profiles[3] = { { .name = "burst" }, { .name = "day" },
						 { .name = "none" } };
	tt_price_row *p;
	fleet f;

	for (int h = 5 * 24 + 8; h < 5 * 24 + 19; h++)
		profiles[0].cards[h] = 200;
	for (int h = 0; h < WEEK; h++)
		profiles[1].cards[h] = h % 24 >= 8 && h % 24 < 20 ? 2 : 0;
	settings->profiles = profiles;
	settings->n_profiles = 3;

	fleet_open(&f, MONDAY, MONDAY + DAYS * 24 * HOUR);
	node(&f, "a", "g", 8, 80);
	pod(&f, "w-1", "a", "ns", "w", 4);
	node(&f, "cpu", "c", 0, 1)->gpu_model = "";
	for (int i = 0; i < 2; i++) {
		p = fleet_row(&f, TT_PRICES);
		p->provider = "cloud";
		p->region = "north";
		p->instance_type = i ? "h8" : "h1";
		p->gpu_model = "H100";
		p->gpus = i ? 8 : 1;
		p->pricing = "on_demand";
		p->price_per_hour = (i ? 20 : 3) * TT_DECIMAL_ONE;
	}
	fleet_ready(&f);
	/* a has no cards free for two hundred, but four for the first of them */
	T_F64(11 * 25 * 80, more(&f, "scale workload:new profile=burst gpu_model=a100"), 0);
	/* pods of four cards each: fifty of them, of which one is on a */
	T_F64(11 * 25 * 80, more(&f, "scale workload:w profile=burst"), 0);
	T_F64(11 * 25 * 20, more(&f, "scale fleet profile=burst gpu_model=H100"), 0);
	/* two cards by day are one of mean; four of mean are eight by day */
	T_F64(0, more(&f, "scale namespace:ns profile=day"), 0);
	T_F64(7 * 12 * 80, more(&f, "scale namespace:ns profile=day gpus=4"), 0);
	T_F64(7 * 12 * 20, more(&f, "scale workload:x profile=day gpus=3.5 gpu_model=H100"), 0);
	/* eight hours of the Monday */
	T_F64(6 * 12 * 80 + 8 * 80, more(&f, "scale namespace:ns profile=day gpus=4 "
					     "from=2026-01-05T12:00:00Z"), 0);
	/* both: one pod more on the four cards that are free, and nothing of the profile yet */
	T_F64(0, more(&f, "scale workload:w factor=2 profile=day until=2026-01-05T08:00:00Z"), 0);
	refused(&f, "scale workload:w profile=nothing", TT_EDATA,
		"scale: there is no profile \"nothing\": profiles are those of a scenario");
	refused(&f, "scale workload:w profile=none gpus=1", TT_EDATA,
		"scale: profile \"none\" has no card in any hour, so gpus=1 has no shape");
	refused(&f, "scale workload:w profile=day gpu_model=B200", TT_ENODATA,
		"scale: the fleet has no node with gpu_model=B200, and prices.csv no on_demand "
		"price of one");
	refused(&f, "scale workload:x profile=day", TT_EDATA,
		"scale: workload \"x\" is not in the fleet");
	fleet_close(&f);
	settings->profiles = NULL;
	settings->n_profiles = 0;
}

static void test_memory(void)
{
	const tt_change *change = parse("scale fleet factor=1.5");
	fleet f;

	open_web(&f);
	for (uint64_t nth = 1; nth < 1000; nth++) {
		int64_t micro = -1;
		tt_err err = { 0 };

		tt_alloc_fail_at(nth, 0);
		int rc = tt_changes_cost(&f.s, settings, &change, 1, &micro, &err);
		tt_alloc_fail_at(0, 0);
		if (rc == TT_OK) {
			T_OK(nth > 10);
			break;
		}
		T_INT(TT_ENOMEM, rc);
	}
	fleet_close(&f);
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()))
		return 1;
	test_factor();
	test_many();
	test_streams();
	test_profiles();
	test_memory();
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
