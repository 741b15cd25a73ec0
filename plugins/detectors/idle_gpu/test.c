/* idle_gpu with a made-up node: what it says, what it proposes, and when it is silent. */
#include "idle_gpu.c"
#include "t.h"
#include <stdarg.h>
#include <stdio.h>

#define DAY_S 86400

struct measured { double p95, p99, max, fb_mib, coverage; };

struct tt_call {
	const tt_node *node;
	struct measured m[8];
	double series[8][28];    /* steps of half a day; empty when has_series is 0 */
	int has_series;
	size_t used;
	char memory[65536];
	/* what came out */
	int n;
	tt_finding f[8];
	char change[8][256], alternative[8][256], why[256];
};

static void *host_alloc(tt_call *c, size_t bytes)
{
	size_t at = (c->used + 15) & ~(size_t)15;

	if (at + bytes > sizeof c->memory)
		return NULL;
	c->used = at + bytes;
	return memset(c->memory + at, 0, bytes);
}

static const char *host_text(tt_call *c, const char *fmt, ...) TT_PRINTF(2, 3);
static const char *host_text(tt_call *c, const char *fmt, ...)
{
	char *p = host_alloc(c, 512);
	va_list args;

	va_start(args, fmt);
	if (p)
		vsnprintf(p, 512, fmt, args);
	va_end(args);
	return p;
}

static const char *host_quote(tt_call *c, const char *s)
{
	char *out = s ? host_alloc(c, 2 * strlen(s) + 3) : NULL, *q = out;

	if (!out)
		return NULL;
	*q++ = '"';
	for (; *s; *q++ = *s++)
		if (*s == '"' || *s == '\\')
			*q++ = '\\';
	*q = '"';
	return out;
}

static int host_fail(tt_call *c, int status, const char *fmt, ...) TT_PRINTF(3, 4);
static int host_fail(tt_call *c, int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->why, sizeof c->why, fmt, args);
	va_end(args);
	return status;
}

static int host_cancelled(const tt_call *c)
{
	(void)c;
	return 0;
}

static size_t index_of(const tt_call *c, const char *id)
{
	size_t i = 0;

	while (strcmp(c->node->cards[i].id, id) != 0)
		i++;
	return i;
}

static int host_stats(tt_call *c, const char *id, int32_t metric, tt_stats *ret)
{
	const struct measured *m = &c->m[index_of(c, id)];
	int fb = metric == TT_FB_USED_MIB;
	double max = fb ? m->fb_mib : m->max;

	*ret = (tt_stats){ .size = sizeof *ret, .measured_s = NAN, .mean = NAN, .min = NAN,
		           .max = NAN, .p50 = NAN, .p95 = NAN, .p99 = NAN };
	if (isnan(max))
		return TT_ENODATA;
	ret->metric = fb ? metric : TT_GPU_UTIL_PCT;
	ret->n = 1000;
	ret->measured_s = m->coverage * (double)c->node->alive_s;
	ret->max = max;
	ret->p95 = fb ? max : m->p95;
	ret->p99 = fb ? max : m->p99;
	return TT_OK;
}

static int host_series(tt_call *c, const char *id, int32_t metric, tt_series *ret)
{
	const double *v = c->series[index_of(c, id)];

	(void)metric;
	*ret = (tt_series){ v, v, c->has_series ? 28 : 0, 0, DAY_S / 2 };
	return c->has_series ? TT_OK : TT_ENODATA;
}

static int host_emit(tt_call *c, const tt_finding *f)
{
	T_OK(c->n < 8);
	c->f[c->n] = *f;
	for (size_t i = 0; i < f->n_evidence; i++)
		T_OK(f->evidence[i].text || !isinf(f->evidence[i].value));
	T_OK(f->n_changes <= 1);
	snprintf(c->change[c->n], 256, "%s", f->n_changes ? f->changes[0] : "");
	snprintf(c->alternative[c->n], 256, "%s", f->alternatives[0] ? f->alternatives[0] : "");
	c->n++;
	return TT_OK;
}

static const tt_host host = {
	.size = sizeof host, .abi_major = 1, .alloc = host_alloc, .text = host_text,
	.quote = host_quote,
	.fail = host_fail, .cancelled = host_cancelled, .stats = host_stats,
	.series = host_series, .emit = host_emit,
};

static const struct params defaults = { 1, 0.05, 20, 7, 0.8, 6, 1800 };

/* A node of two cards, 14 days, both idle and empty; tests change what they are about. */
struct scene { tt_card cards[4]; tt_node node; tt_window window; tt_call call; };

static struct scene scene_of(size_t n)
{
	static const char *const ids[] = { "n1/0", "n1/1", "n1/2", "n1/3" };
	static const char *const gpus[] = { "0", "1", "2", "3" };
	struct scene s = { .window = { 0, 14 * DAY_S, DAY_S / 2, "USD" } };

	s.node = (tt_node){ .size = sizeof s.node, .id = "n1", .node_group = "g",
		            .gpu_model = "A100", .gpus = (double)n, .alive_s = 14 * DAY_S,
		            .cost_micro = 1000000, .owner = "team", .n_cards = n };
	for (size_t i = 0; i < n; i++) {
		s.cards[i] = (tt_card){ .size = sizeof *s.cards, .id = ids[i], .node = "n1",
			                .gpu = gpus[i], .slice = "", .gpu_memory_mib = 40960,
			                .alive_s = 14 * DAY_S, .owner = "card-owner", .pod = "",
			                .cost_micro = 500000, .workload_kind = "", .held_s = 0 };
		s.call.m[i] = (struct measured){ 0, 0.2, 0.5, 400, 0.99 };
	}
	s.call.has_series = 1;
	return s;
}

static int run(struct scene *s, const struct params *p)
{
	s->node.cards = s->cards;
	s->call.node = &s->node;
	s->call.n = 0;
	s->call.used = 0;
	return detect(&host, &s->call, &(tt_subject){ .size = sizeof(tt_subject),
		.scope = TT_SCOPE_NODE, .id = "n1", .window = &s->window, .node = &s->node }, p);
}

static void test_node(void)
{
	struct scene s = scene_of(2);

	T_INT(TT_OK, run(&s, &defaults));
	T_INT(1, s.call.n);
	T_STR("idle", s.call.f[0].verdict);
	T_STR("node", s.call.f[0].subject_kind);
	T_STR("n1", s.call.f[0].subject_id);
	T_STR("release node:\"n1\"", s.call.change[0]);
	T_STR("", s.call.alternative[0]);
	T_STR("2 idle cards (A100) of node n1: p99 activity 0.2 %, framebuffer at most 1 %, "
	      "coverage 99 %", s.call.f[0].title);
	T_INT(1000000, s.call.f[0].spend_concerned_micro);
	T_STR("team", s.call.f[0].owner);
	T_INT(TT_RISK_LOW, s.call.f[0].risk);
	T_F64(0.25, s.call.f[0].effort_days, 0);
	T_F64(0.99 * 0.96, s.call.f[0].confidence_ratio, 1e-12);

	s.node.n_other_pods = 3; /* they keep the node: cards go, and it is said */
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(1, s.call.n);
	T_STR("release card:\"n1/0\",card:\"n1/1\"", s.call.change[0]);
	T_HAS("3 pods without cards keep this node", s.call.f[0].risk_note);

	s.node.gone = 1;
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(0, s.call.n);
}

static void test_cards(void)
{
	struct scene s = scene_of(2);

	s.call.m[1] = (struct measured){ 90, 99, 100, 30000, 0.99 };
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(1, s.call.n);
	T_STR("card", s.call.f[0].subject_kind);
	T_STR("n1/0", s.call.f[0].subject_id);
	T_STR("release card:\"n1/0\"", s.call.change[0]);
	T_INT(500000, s.call.f[0].spend_concerned_micro);
	T_STR("card-owner", s.call.f[0].owner);
	T_HAS("the node stays", s.call.f[0].risk_note);

	s = scene_of(2); /* a third card reports nothing: the node is not known to be idle */
	s.node.gpus = 3;
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(2, s.call.n);
	T_STR("card", s.call.f[1].subject_kind);
}

static void test_holding(void)
{
	struct scene s = scene_of(2);

	s.call.m[1].fb_mib = 4096; /* a tenth of the memory */
	s.cards[1].pod = "notebook \"7\"";
	s.cards[1].workload_kind = "notebook";
	s.cards[1].held_s = 5 * DAY_S;
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(1, s.call.n);
	T_STR("holding", s.call.f[0].verdict);
	T_STR("release node:\"n1\"", s.call.change[0]);
	T_STR("schedule pod:\"notebook \\\"7\\\"\" idle_timeout_s=1800", s.call.alternative[0]);
	T_INT(TT_RISK_LOW, s.call.f[0].risk);
	T_F64(1, s.call.f[0].effort_days, 0);

	s.cards[1].workload_kind = "inference"; /* could be a cold spare */
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(TT_RISK_MEDIUM, s.call.f[0].risk);

	s.call.m[1].fb_mib = 0.05 * 40960; /* not above the limit */
	T_INT(TT_OK, run(&s, &defaults));
	T_STR("idle", s.call.f[0].verdict);
}

static void test_without_framebuffer(void)
{
	struct scene s = scene_of(1);

	s.call.m[0].fb_mib = NAN;
	T_INT(TT_OK, run(&s, &defaults)); /* nobody held it: sure all the same */
	T_STR("idle", s.call.f[0].verdict);
	T_F64(0.99 * 0.96, s.call.f[0].confidence_ratio, 1e-12);
	T_HAS("framebuffer not known", s.call.f[0].title);
	s.cards[0].held_s = 3600;
	T_INT(TT_OK, run(&s, &defaults));
	T_STR("holding", s.call.f[0].verdict);
	T_F64(0.99 * 0.96 * UNSURE, s.call.f[0].confidence_ratio, 1e-12);
	s.cards[0].held_s = NAN; /* not known whether anybody did */
	T_INT(TT_OK, run(&s, &defaults));
	T_STR("idle", s.call.f[0].verdict);
	T_F64(0.99 * 0.96 * UNSURE, s.call.f[0].confidence_ratio, 1e-12);
}

static void test_bursts(void)
{
	struct scene s = scene_of(1);

	s.call.m[0].max = 85;
	s.call.series[0][6] = s.call.series[0][20] = 85; /* day 3 and day 10 */
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(1, s.call.n);
	T_STR("burst_reserve", s.call.f[0].verdict);
	T_INT(0, s.call.f[0].n_changes); /* said, not released */
	T_HAS("up to 85 %", s.call.f[0].title);
	T_INT(1000000, s.call.f[0].spend_concerned_micro);

	s.call.m[0].p99 = 30; /* a burst reserve may be above the limit at p99 */
	T_INT(TT_OK, run(&s, &defaults));
	T_STR("burst_reserve", s.call.f[0].verdict);
	s.call.m[0].p99 = 0.2;

	s.call.series[0][20] = 0; /* once in two weeks is no habit */
	T_INT(TT_OK, run(&s, &defaults));
	T_STR("idle", s.call.f[0].verdict);
	s.call.m[0].p99 = 30; /* and what is busy at p99 is not idle either */
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(0, s.call.n);

	s.call.has_series = 0; /* can't tell how often: taken for a reserve */
	T_INT(TT_OK, run(&s, &defaults));
	T_STR("burst_reserve", s.call.f[0].verdict);
}

static void test_silence(void)
{
	struct scene s = scene_of(2);

	s.call.m[0].coverage = s.call.m[1].coverage = 0.5;
	T_INT(TT_ENODATA, run(&s, &defaults));
	T_INT(0, s.call.n);
	T_HAS("80 %", s.call.why);
	s.call.m[1].coverage = 0.9; /* one is known: it is said, for the card alone */
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(1, s.call.n);
	T_STR("n1/1", s.call.f[0].subject_id);

	s = scene_of(2);
	s.call.m[0].max = s.call.m[1].max = NAN; /* no activity was collected */
	T_INT(TT_ENODATA, run(&s, &defaults));

	s = scene_of(2);
	s.node.alive_s = 3600;
	T_INT(TT_ENODATA, run(&s, &defaults));

	s = scene_of(2);
	s.call.m[0].p99 = s.call.m[1].p99 = 1; /* not below */
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(0, s.call.n);

	s = scene_of(0); /* a CPU node */
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(0, s.call.n);
}

/* Slices are one card: idle only when each of them is. */
static void test_slices(void)
{
	struct scene s = scene_of(3);

	s.node.gpus = 1;
	for (int i = 0; i < 3; i++) {
		s.cards[i].gpu = "0";
		s.cards[i].slice = i == 0 ? "1" : i == 1 ? "2" : "3";
		s.cards[i].id = i == 0 ? "n1/0/1" : i == 1 ? "n1/0/2" : "n1/0/3";
		s.cards[i].cost_micro = 300000 + i;
	}
	s.node.cost_micro = 900003;
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(1, s.call.n);
	T_STR("release node:\"n1\"", s.call.change[0]);

	s.node.gpus = 2; /* the other card is not known */
	T_INT(TT_OK, run(&s, &defaults));
	T_STR("n1/0", s.call.f[0].subject_id);
	T_STR("release card:\"n1/0\"", s.call.change[0]);
	T_INT(900003, s.call.f[0].spend_concerned_micro);

	s.call.m[0].fb_mib = s.call.m[1].fb_mib = s.call.m[2].fb_mib = 800; /* 2.0 % each */
	T_INT(TT_OK, run(&s, &defaults));
	T_STR("holding", s.call.f[0].verdict);

	s.call.m[2].p95 = s.call.m[2].p99 = s.call.m[2].max = 50;
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(0, s.call.n);
}

/* Without a price there is a finding without a spend, not one for nothing. */
static void test_unknown_price(void)
{
	struct scene s = scene_of(1);

	s.node.cost_micro = s.cards[0].cost_micro = TT_MONEY_UNKNOWN;
	T_INT(TT_OK, run(&s, &defaults));
	T_INT(1, s.call.n);
	T_OK(s.call.f[0].spend_concerned_micro == TT_MONEY_UNKNOWN);
}

/* The host's memory may end anywhere: an error then, and nothing half said. */
static void test_out_of_memory(void)
{
	struct scene s = scene_of(2);
	size_t enough;

	s.cards[1].pod = "p";
	s.call.m[1].fb_mib = 4096;
	T_INT(TT_OK, run(&s, &defaults));
	enough = s.call.used;
	for (size_t taken = sizeof s.call.memory; taken > sizeof s.call.memory - enough;
	     taken -= 16) {
		s.node.cards = s.cards;
		s.call.n = 0;
		s.call.used = taken;
		int rc = detect(&host, &s.call, &(tt_subject){ .size = sizeof(tt_subject),
			.scope = TT_SCOPE_NODE, .id = "n1", .window = &s.window,
			.node = &s.node }, &defaults);
		T_OK((rc == TT_ENOMEM && s.call.n == 0) || (rc == TT_OK && s.call.n == 1));
	}
}

int main(void)
{
	struct params from_table = { 0 };

	for (size_t i = 0; i < sizeof params / sizeof *params; i++)
		memcpy((char *)&from_table + params[i].offset, &params[i].def, sizeof(double));
	T_INT(0, memcmp(&from_table, &defaults, sizeof defaults));
	test_node();
	test_cards();
	test_holding();
	test_without_framebuffer();
	test_bursts();
	test_silence();
	test_slices();
	test_unknown_price();
	test_out_of_memory();
	return T_END();
}
