/* missing_owner with made-up lines of a bill. */
#include "missing_owner.c"
#include "t.h"
#include <stdarg.h>
#include <stdio.h>

struct tt_call {
	const tt_spend *lines;
	size_t n_lines;
	size_t used;
	_Alignas(16) char memory[262144];
	int n;
	tt_finding f[16];
	char change[16][256];
	double places[16], hours[16];
	const char *const *spenders; /* of ann in chat; NULL-terminated */
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

static int host_spend(tt_call *c, size_t i, tt_spend *ret)
{
	if (i >= c->n_lines)
		return TT_ENODATA;
	*ret = c->lines[i];
	return TT_OK;
}

static int host_spender(tt_call *c, const char *namespace_, const char *creator, size_t k,
                        const char **ret)
{
	size_t n = 0;

	if (!c->spenders || strcmp(namespace_, "chat") != 0 || strcmp(creator, "ann") != 0)
		return TT_ENODATA;
	while (n <= k && c->spenders[n])
		n++;
	*ret = n > k ? c->spenders[k] : NULL;
	return *ret ? TT_OK : TT_ENODATA;
}

static int host_emit(tt_call *c, const tt_finding *f)
{
	T_OK(c->n < 16);
	c->f[c->n] = *f;
	c->hours[c->n] = f->evidence[0].value;
	c->places[c->n] = f->evidence[3].value;
	snprintf(c->change[c->n], 256, "%s", f->n_changes ? f->changes[0] : "");
	c->n++;
	return TT_OK;
}

static const tt_host host = {
	.size = sizeof host, .abi_major = 1, .alloc = host_alloc, .text = host_text,
	.quote = host_quote,
	.spend = host_spend, .spender = host_spender, .emit = host_emit,
};

static const struct params defaults = { 0.95, 0.001, 0.25 };

static tt_spend line(const char *owner, const char *ns, const char *group, const char *creator,
                     int64_t micro, double hours)
{
	return (tt_spend){ .size = sizeof(tt_spend), .owner = owner, .namespace_ = ns,
		           .node_group = group, .creator = creator, .workload_kind = "batch",
		           .bucket = *owner ? "productive" : "unattributed",
		           .reason = *owner ? "" : "no_owner", .cost_micro = micro,
		           .gpu_hours = hours, .pods = 1 };
}

static int run(tt_call *c, const tt_spend *lines, size_t n)
{
	const tt_subject fleet = { .size = sizeof fleet, .scope = TT_SCOPE_FLEET, .id = "" };

	c->lines = lines;
	c->n_lines = n;
	c->n = 0;
	c->used = 0;
	return detect(&host, c, &fleet, &defaults);
}

static tt_call call; /* large */

static void test_places(void)
{
	const tt_spend lines[] = {
		line("", "", "", "", 3000, 3),             /* neither namespace nor group */
		line("", "", "g-spot", "", 4000, 4),
		line("", "runs", "g-a", "ann", 1000, 1),
		line("", "runs", "g-b", "bob", 2500, 2.5), /* the costliest of runs */
		line("ml", "other", "g-a", "", 90000, 90),
	};

	T_INT(TT_OK, run(&call, lines, 5));
	T_INT(3, call.n);
	T_STR("fleet", call.f[0].subject_kind);
	T_STR("", call.f[0].subject_id);
	T_INT(3000, call.f[0].spend_concerned_micro);
	T_STR("namespace", call.f[1].subject_kind);
	T_STR("runs", call.f[1].subject_id);
	T_INT(3500, call.f[1].spend_concerned_micro);
	T_STR("nobody owns 3.5 GPU-hours of 2 pods in namespace runs (owner not plain)",
	      call.f[1].title);
	T_INT(0, call.f[1].n_changes);
	T_STR("node_group", call.f[2].subject_kind);
	T_STR("g-spot", call.f[2].subject_id);
	for (int i = 0; i < 3; i++) {
		T_STR("no_owner", call.f[i].verdict);
		T_INT(TT_RISK_NONE, call.f[i].risk);
		T_STR("", call.f[i].owner);
		T_F64(0.25, call.f[i].effort_days, 0);
	}
}

static void test_plain_owner(void)
{
	tt_spend lines[] = {
		line("", "chat", "g", "", 1000, 1),
		line("search", "chat", "g", "", 950, 1),
		line("ads", "chat", "g", "", 50, 1),
	};

	T_INT(TT_OK, run(&call, lines, 3)); /* 95 of 100: just enough */
	T_STR("label namespace:\"chat\" owner=\"search\"", call.change[0]);
	T_HAS("(1.0 of them plainly of search)", call.f[0].title);
	lines[2].cost_micro = 51;
	T_INT(TT_OK, run(&call, lines, 3));
	T_STR("", call.change[0]);
	T_HAS("owner not plain", call.f[0].title);

	/* nobody else in the namespace, but its creator's other pods have an owner */
	lines[0].creator = lines[1].creator = "ann";
	lines[1].namespace_ = lines[2].namespace_ = "elsewhere";
	call.spenders = (const char *const[]){ "pod:\"p 1\"", "workload:\"w\"", NULL };
	T_INT(TT_OK, run(&call, lines, 3));
	T_STR("label pod:\"p 1\",workload:\"w\" owner=\"search\"", call.change[0]);
	call.spenders = NULL; /* there is nothing that a label could be put on */
	T_INT(TT_OK, run(&call, lines, 3));
	T_STR("", call.change[0]);
}

static void test_small(void)
{
	const tt_spend lines[] = {
		line("", "a", "", "", 10, 1),
		line("", "b", "", "", 20, 1),
		line("ml", "b", "", "", 5, 1),
		line("", "large", "", "", 5000, 1),
		line("ml", "rest", "", "", 1000000, 1000),
	};

	T_INT(TT_OK, run(&call, lines, 5));
	T_INT(2, call.n);
	T_STR("label namespace:\"b\" owner=\"ml\"", call.change[1]); /* plain is plain */
	T_STR("large", call.f[0].subject_id);
	T_STR("no_owner_small", call.f[1].verdict);
	T_STR("fleet", call.f[1].subject_kind);
	T_INT(30, call.f[1].spend_concerned_micro);
	T_F64(2, call.places[1], 0);
	T_HAS("2 small places", call.f[1].title);
	T_F64(0.5, call.f[1].effort_days, 0);
}

/* Card-hours take the place of money where there are no prices; 0 is never said. */
static void test_without_prices(void)
{
	const tt_spend lines[] = {
		line("", "a", "", "", 0, 400),
		line("search", "a", "", "", 0, 300),
		line("", "tiny", "", "", 0, 0.1),
	};

	T_INT(TT_OK, run(&call, lines, 3));
	T_INT(2, call.n);
	T_OK(call.f[0].spend_concerned_micro == TT_MONEY_UNKNOWN);
	T_F64(400, call.hours[0], 0);
	T_STR("label namespace:\"a\" owner=\"search\"", call.change[0]);
	T_STR("no_owner_small", call.f[1].verdict);
}

static void test_all_owned(void)
{
	const tt_spend owned[] = { line("ml", "a", "g", "", 100, 1) };

	T_INT(TT_OK, run(&call, owned, 1));
	T_INT(0, call.n);
	T_INT(TT_OK, run(&call, NULL, 0));
	T_INT(0, call.n);
}

static void test_out_of_memory(void)
{
	const tt_spend lines[] = { line("", "a", "g", "", 100, 1), line("o", "a", "g", "", 9, 1) };

	T_INT(TT_OK, run(&call, lines, 2));
	for (size_t left = call.used; left > 0; left -= 8) {
		call.n = 0;
		call.used = sizeof call.memory - left + 8;
		int rc = detect(&host, &call, &(tt_subject){ .scope = TT_SCOPE_FLEET }, &defaults);
		T_OK((rc == TT_ENOMEM && call.n == 0) || (rc == TT_OK && call.n == 1));
		if (left < 8)
			break;
	}
}

int main(void)
{
	struct params from_table = { 0 };

	for (size_t i = 0; i < sizeof params / sizeof *params; i++)
		memcpy((char *)&from_table + params[i].offset, &params[i].def, sizeof(double));
	T_INT(0, memcmp(&from_table, &defaults, sizeof defaults));
	test_places();
	test_plain_owner();
	test_small();
	test_without_prices();
	test_all_owned();
	test_out_of_memory();
	return T_END();
}
