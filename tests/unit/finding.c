/* Findings: each rule of the check, ids that stay, and bytes that may be damaged. */
#include "finding/finding.h"
#include "t.h"
#include <stddef.h>

static tt_arena *arena;

static const tt_evidence evidence[] = {
	{ .key = "p99_activity_pct", .value = 0.4 },
	{ .key = "fb_used_mib", .value = NAN },
	{ .key = "metric", .value = 7, .text = "sm_active" },
};
static const char *const changes[] = { "release node:b,node:a", "label pod:\"x y\" owner=ml" };
static const char *const alternatives[] = { "schedule pod:x idle_timeout_s=1800", NULL };

static tt_finding good(void)
{
	return (tt_finding){
		.size = sizeof(tt_finding),
		.verdict = "idle",
		.title = "8 cards idle for 6 days",
		.subject_kind = "node",
		.subject_id = "gpu-a-01",
		.owner = "",
		.spend_concerned_micro = 123456789,
		.coverage_ratio = 0.97,
		.confidence_ratio = 1,
		.effort_days = 0.5,
		.risk = TT_RISK_LOW,
		.risk_note = "",
		.evidence = evidence,
		.n_evidence = 3,
		.changes = changes,
		.n_changes = 2,
		.alternatives = alternatives,
	};
}

static void test_good(void)
{
	tt_finding f = good();
	tt_found r;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_found_check("idle_gpu", &f, arena, &r, &err));
	T_STR("", err.text);
	T_STR("idle_gpu", r.detector);
	T_STR("idle", r.verdict);
	T_STR("8 cards idle for 6 days", r.title);
	T_INT(TT_SUBJECT_NODE, r.subject_kind);
	T_STR("gpu-a-01", r.subject_id);
	T_STR("", r.owner);
	T_INT(123456789, r.spend_concerned_micro);
	T_F64(0.97, r.coverage_ratio, 0);
	T_F64(1, r.confidence_ratio, 0);
	T_F64(0.5, r.effort_days, 0);
	T_INT(TT_RISK_LOW, r.risk);
	T_INT(3, r.n_evidence);
	T_STR("p99_activity_pct", r.evidence[0].key);
	T_F64(0.4, r.evidence[0].value, 0);
	T_OK(!r.evidence[0].text);
	T_F64(NAN, r.evidence[1].value, 0);
	T_F64(NAN, r.evidence[2].value, 0);
	T_STR("sm_active", r.evidence[2].text);
	T_INT(2, r.n_changes);
	T_INT(TT_RELEASE, r.changes[0].verb);
	T_STR("a", r.changes[0].subjects[0].id);
	T_INT(1, r.n_alternatives);
	T_INT(TT_SCHEDULE, r.alternatives[0].verb);
	T_OK(r.title != f.title); /* a copy: the plugin's own goes away */

	f.subject_kind = "fleet";
	f.subject_id = "";
	f.evidence = NULL;
	f.n_evidence = 0;
	f.changes = NULL;
	f.n_changes = 0;
	f.alternatives = NULL;
	f.spend_concerned_micro = TT_MONEY_UNKNOWN;
	T_INT(TT_OK, tt_found_check("idle_gpu", &f, arena, &r, &err));
	T_OK(r.spend_concerned_micro == TT_MONEY_UNKNOWN);
	T_INT(0, r.n_alternatives);
	f.subject_id = "creator alice";
	T_INT(TT_OK, tt_found_check("idle_gpu", &f, arena, &r, &err));
}

static void refused(const char *part, tt_finding f)
{
	tt_found r = { .n_changes = 77 };
	tt_err err = { 0 };

	T_INT(TT_EINVAL, tt_found_check("idle_gpu", &f, arena, &r, &err));
	T_HAS(part, err.text);
	T_INT(77, r.n_changes);
}

/* One field of a good finding set to something else. */
#define REFUSED(part, field, value)     \
	do {                            \
		tt_finding f_ = good(); \
		f_.field = (value);     \
		refused(part, f_);      \
	} while (0)

static void test_refused(void)
{
	static char text[1100];
	static const tt_evidence no_key[] = { { .key = "P99" } };
	static const tt_evidence twice[] = { { .key = "a" }, { .key = "b" }, { .key = "a" } };
	static const tt_evidence infinite[] = { { .key = "a", .value = -INFINITY } };
	static const tt_evidence lines[] = { { .key = "a", .text = "b\nc" } };
	static const char *const bad[] = { "release node:a", "release node" };
	static const char *const null[] = { "release node:a", NULL };
	tt_finding f;

	memset(text, 'x', 1025);
	REFUSED("verdict is NULL, expected a text", verdict, NULL);
	REFUSED("verdict is \"Idle\", expected [a-z_]+", verdict, "Idle");
	REFUSED("verdict is empty", verdict, "");
	REFUSED("verdict has more than 1024 bytes", verdict, text);
	REFUSED("verdict is \"xxxx", verdict, text + 1025 - 49);
	REFUSED("title is NULL", title, NULL);
	REFUSED("title is empty", title, "");
	REFUSED("title has more than 1024 bytes: \"xxx", title, text);
	REFUSED("title: byte 0x0a at 2, expected UTF-8 text of one line", title, "a\nb");
	REFUSED("title: byte 0xff at 1, expected UTF-8", title, "\xff");
	REFUSED("subject_kind is \"vm\", expected card, node, ", subject_kind, "vm");
	REFUSED("subject_kind is \"offer\", expected card", subject_kind, "offer");
	REFUSED("subject_kind is \"\", expected card", subject_kind, NULL);
	REFUSED("subject_id is empty", subject_id, "");
	REFUSED("owner is NULL", owner, NULL);
	REFUSED("risk_note is NULL", risk_note, NULL);
	REFUSED("coverage_ratio is 1.5, expected a number from 0 to 1", coverage_ratio, 1.5);
	REFUSED("coverage_ratio is NaN, expected", coverage_ratio, NAN);
	REFUSED("confidence_ratio is -0.1, expected", confidence_ratio, -0.1);
	REFUSED("effort_days is infinite, expected a number from 0 to 100000", effort_days,
	        INFINITY);
	REFUSED("risk is 4, expected 0 to 3", risk, 4);
	REFUSED("risk is -1, expected", risk, -1);
	REFUSED("evidence is NULL, expected 3", evidence, NULL);
	REFUSED("evidence: 65 of them, expected at most 64", n_evidence, 65);
	REFUSED("changes is NULL, expected 2", changes, NULL);
	REFUSED("changes: 257 of them", n_changes, 257);
	REFUSED("changes[1]: column 13: expected ':' and an id after node", changes, bad);
	REFUSED("changes[1] is NULL, expected a change", changes, null);
	REFUSED("alternatives[1]: column 13", alternatives,
	        ((const char *const[]){ bad[0], bad[1], NULL }));
	f = good();
	f.evidence = no_key;
	f.n_evidence = 1;
	refused("key of evidence is \"P99\", expected [a-z][a-z0-9_]*", f);
	f.evidence = twice;
	f.n_evidence = 3;
	refused("evidence \"a\" is there twice", f);
	f.evidence = infinite;
	f.n_evidence = 1;
	refused("evidence \"a\" is infinite", f);
	f.evidence = lines;
	refused("a: byte 0x0a at 2", f);

	static const char *many[258];
	for (size_t i = 0; i < 257; i++)
		many[i] = "release node:a";
	REFUSED("alternatives: 257 of them, expected at most 256", alternatives, many);

	tt_found r;
	tt_err err = { 0 };
	f = good();
	T_INT(TT_EINVAL, tt_found_check("Idle GPU", &f, arena, &r, &err));
	T_HAS("detector is \"Idle GPU\", expected an id", err.text);
}

/* A plugin of an older header hands over less; nothing past its end is read. */
static void test_older(void)
{
	size_t size = offsetof(tt_finding, alternatives);
	tt_finding f = good();
	tt_found r;

	f.size = (uint32_t)size;
	void *shorter = malloc(size);
	memcpy(shorter, &f, size);
	T_INT(TT_OK, tt_found_check("idle_gpu", shorter, arena, &r, NULL));
	T_INT(2, r.n_changes);
	T_INT(0, r.n_alternatives);
	free(shorter);

	f.size = 4;
	refused("size is 4, expected sizeof(tt_finding), which is ", f);
	f.size = 0; /* TT_FINDING_OF() left out */
	refused("size is 0, expected sizeof(tt_finding)", f);
	f.size = UINT32_MAX; /* a newer one: what we know of it */
	T_INT(TT_OK, tt_found_check("idle_gpu", &f, arena, &r, NULL));
	T_INT(1, r.n_alternatives);
}

static void test_id(void)
{
	char a[64], b[64];

	/* decisions are kept by this id: it is what it is for ever */
	tt_found_id("idle_gpu", "idle", TT_SUBJECT_NODE, "gpu-a-01", a);
	T_STR("idle_gpu-2b205ab94797", a);
	tt_found_id("idle_gpu", "holding", TT_SUBJECT_NODE, "gpu-a-01", b);
	T_OK(strcmp(a, b) != 0);
	tt_found_id("idle_gpu", "idle", TT_SUBJECT_POD, "gpu-a-01", b);
	T_OK(strcmp(a, b) != 0);
	tt_found_id("idle_gpu", "idle", TT_SUBJECT_NODE, "gpu-a-02", b);
	T_OK(strcmp(a, b) != 0);

	tt_finding f = good();
	tt_found r, s;
	T_INT(TT_OK, tt_found_check("idle_gpu", &f, arena, &r, NULL));
	T_STR(a, r.id);
	f.title = "7 cards idle for 9 days"; /* a week later */
	f.effort_days = 3;
	f.n_changes = 1;
	T_INT(TT_OK, tt_found_check("idle_gpu", &f, arena, &s, NULL));
	T_STR(r.id, s.id);
	T_OK(tt_found_compare(&r, &s) > 0 && tt_found_compare(&s, &r) < 0);
	T_INT(0, tt_found_compare(&r, &r));
	f.subject_id = "z";
	T_INT(TT_OK, tt_found_check("idle_gpu", &f, arena, &s, NULL));
	T_OK((strcmp(r.id, s.id) < 0) == (tt_found_compare(&r, &s) < 0));
}

static void write_good(tt_buf *out)
{
	tt_finding f = good();
	tt_found r;

	T_INT(TT_OK, tt_found_check("idle_gpu", &f, arena, &r, NULL));
	tt_found_write(&r, out);
	T_OK(!out->failed);
}

static void test_bytes(void)
{
	tt_buf one = { 0 }, two = { 0 };
	tt_found r;
	tt_err err = { 0 };

	write_good(&one);
	T_INT(TT_OK, tt_found_read(one.p, one.n, arena, &r, &err));
	T_STR("", err.text);
	T_STR("idle_gpu-2b205ab94797", r.id);
	T_INT(3, r.n_evidence);
	T_F64(NAN, r.evidence[1].value, 0);
	T_STR("sm_active", r.evidence[2].text);
	T_INT(123456789, r.spend_concerned_micro);
	T_INT(1, r.n_alternatives);
	tt_found_write(&r, &two);
	T_INT(one.n, two.n);
	T_INT(0, memcmp(one.p, two.p, one.n));

	tt_buf_putc(&one, 'x');
	T_INT(TT_EDATA, tt_found_read(one.p, one.n, arena, &r, &err));
	T_HAS("of a finding: more bytes than the finding has", err.text);
	tt_buf_free(&one);
	tt_buf_free(&two);
}

/* Every cut and many damaged bytes: refused or a finding that keeps the rules. */
static void test_damaged(void)
{
	tt_buf bytes = { 0 };
	uint64_t x = 88172645463325252;

	write_good(&bytes);
	for (size_t n = 0; n < bytes.n; n++) {
		char *cut = malloc(n ? n : 1); /* on its own, so that a byte too far is seen */
		tt_found r;
		tt_err err = { 0 };

		memcpy(cut, bytes.p, n);
		T_INT(TT_EDATA, tt_found_read(cut, n, arena, &r, &err));
		T_HAS("of a finding: ", err.text);
		free(cut);
	}
	for (int round = 0; round < 20000; round++) {
		char *damaged = malloc(bytes.n);
		tt_arena *own = tt_arena_new();
		tt_found r;

		memcpy(damaged, bytes.p, bytes.n);
		for (int k = 0; k <= round % 3; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			damaged[(x >> 8) % bytes.n] = (char)(x >> 56);
		}
		int rc = tt_found_read(damaged, bytes.n, own, &r, NULL);
		T_OK(rc == TT_OK || rc == TT_EDATA || rc == TT_EINVAL);
		if (rc == TT_OK) {
			tt_buf again = { 0 };

			T_OK(r.coverage_ratio >= 0 && r.coverage_ratio <= 1);
			T_OK(r.risk >= 0 && r.risk <= 3);
			tt_found_write(&r, &again);
			T_INT(TT_OK, tt_found_read(again.p, again.n, own, &r, NULL));
			tt_buf_free(&again);
		}
		tt_arena_free(own);
		free(damaged);
	}
	tt_buf_free(&bytes);
}

static void test_no_memory(void)
{
	tt_buf bytes = { 0 };
	int rc = TT_ENOMEM, n = 0;

	write_good(&bytes);
	for (; rc == TT_ENOMEM && n < 1000; n++) {
		tt_arena *own = tt_arena_new();
		tt_found r;
		tt_err err = { 0 };

		tt_alloc_fail_at((uint64_t)n + 1, 1);
		rc = tt_found_read(bytes.p, bytes.n, own, &r, &err);
		tt_alloc_fail_at(0, 0);
		T_OK(rc == TT_OK || rc == TT_ENOMEM);
		T_INT(rc, err.status);
		tt_arena_free(own);
	}
	T_INT(TT_OK, rc);
	T_OK(n > 1);

	tt_found r;
	T_INT(TT_OK, tt_found_read(bytes.p, bytes.n, arena, &r, NULL));
	for (n = 1; n < 8; n++) {
		tt_buf out = { 0 };

		tt_alloc_fail_at((uint64_t)n, 1);
		tt_found_write(&r, &out);
		tt_alloc_fail_at(0, 0);
		T_OK(out.failed || out.n == bytes.n);
		tt_buf_free(&out);
	}
	tt_buf_free(&bytes);
}

static void test_words(void)
{
	T_STR("quick_win", tt_wave(0));
	T_STR("quick_win", tt_wave(5));
	T_STR("medium", tt_wave(5.01));
	T_STR("medium", tt_wave(20));
	T_STR("long", tt_wave(20.5));

	static const struct { const char *changes, *answer; } undone[] = {
		{ "", "" }, { "label workload:a owner=b", "yes" },
		{ "release node:n1", "partly" }, { "scale charge:v1,charge:v2 factor=0", "no" },
		{ "scale charge:v1 factor=0.4", "yes" }, { "scale workload:w factor=0", "yes" },
		{ "reprice node:n1 pricing=spot", "yes" },
		{ "reprice node:n1 region=south", "partly" },
		{ "commit offer:o action=buy units=1", "no" },
		{ "commit commitment:c action=lapse", "yes" },
	};

	for (size_t i = 0; i < TT_COUNT(undone); i++) {
		tt_change c[2] = { { 0 }, { 0 } };
		tt_found f = { .changes = c, .n_changes = *undone[i].changes != '\0' };

		if (f.n_changes)
			T_INT(TT_OK, tt_change_parse(undone[i].changes, arena, &c[0], NULL));
		T_STR(undone[i].answer, tt_found_reversible(&f));
		if (f.n_changes) { /* the least of several */
			f.n_changes = 2;
			T_INT(TT_OK, tt_change_parse("commit offer:o action=buy units=1", arena,
			                             &c[1], NULL));
			T_STR("no", tt_found_reversible(&f));
		}
	}
	T_STR("critical", tt_severity(100, 1000));
	T_STR("high", tt_severity(99, 1000));
	T_STR("high", tt_severity(30, 1000));
	T_STR("medium", tt_severity(29, 1000));
	T_STR("medium", tt_severity(5, 1000));
	T_STR("low", tt_severity(4, 1000));
	T_STR("low", tt_severity(0, 0));
	T_STR("low", tt_severity(5, 0));
	T_STR("low", tt_severity(-5, 1000));
	T_STR("low", tt_severity(TT_MONEY_UNKNOWN, 1000));
	T_STR("low", tt_severity(5, TT_MONEY_UNKNOWN));
	T_STR("critical", tt_severity(INT64_MAX, INT64_MAX));
	T_STR("low", tt_severity(INT64_MAX / 201, INT64_MAX));
}

int main(void)
{
	arena = tt_arena_new();
	test_good();
	test_refused();
	test_older();
	test_id();
	test_bytes();
	test_damaged();
	test_no_memory();
	test_words();
	tt_arena_free(arena);
	return T_END();
}
