/* Changes: the canonical text of each verb, what is refused and how it is said, and
 * that the README's examples and tables are what the code takes. */
#include "change/change.h"
#include "change/verbs.h"
#include "t.h"
#include <inttypes.h>

static tt_arena *arena;

/* Canonical text of `s`, or the message. */
static const char *canonical(const char *s)
{
	static char text[4096];
	tt_buf out = { 0 };
	tt_err err = { 0 };
	tt_change c;

	if (tt_change_parse(s, arena, &c, &err) == TT_OK)
		tt_change_text(&c, &out);
	snprintf(text, sizeof text, "%s", err.status < 0 ? err.text : tt_buf_text(&out));
	tt_buf_free(&out);
	return text;
}

static const char *const canonical_pairs[][2] = {
	{ "  release   node:b,node:a,card:\"a/0\",node:a  ", "release card:a/0,node:a,node:b" },
	{ "release pod:\"a b\" hours=00:00-24:00",
	  "release pod:\"a b\" hours=\"mon-sun 00:00-24:00\"" },
	{ "release pod:\"q\\\"b\\\\s,c\"", "release pod:\"q\\\"b\\\\s,c\"" },
	{ "release pod:\"größe\"", "release pod:\"größe\"" },
	{ "release pod:\"100.0\"", "release pod:100.0" },
	{ "resize node_group:x boot_s=1e2 nodes=007", "resize node_group:x nodes=7 boot_s=100" },
	{ "schedule pod:x cold_start_s=0.10 idle_timeout_s=-0",
	  "schedule pod:x idle_timeout_s=0 cold_start_s=0.1" },
	{ "schedule pod:x idle_timeout_s=123456.7", "schedule pod:x idle_timeout_s=123456.7" },
	{ "schedule pod:x idle_timeout_s=0.12345678949",
	  "schedule pod:x idle_timeout_s=0.123456789" },
	{ "share pod:x mode=mig profile=\"3g.40gb|1g.10gb+me|3g.40gb\"",
	  "share pod:x mode=mig profile=\"1g.10gb+me|3g.40gb\"" },
	{ "scale fleet,workload:x factor=0.50", "scale workload:x,fleet factor=0.5" },
	{ "reprice node:a price_per_hour=98.320000000001",
	  "reprice node:a price_per_hour=98.320000000001" },
	{ "reprice node:a price_per_hour=012.300", "reprice node:a price_per_hour=12.3" },
	{ "commit commitment:arn:aws:ri/1 action=\"lapse\"",
	  "commit commitment:arn:aws:ri/1 action=lapse" },
	{ "label pod:x owner=ml risk=none effort_days=0 adoption_ratio=1.0 "
	  "realisation_ratio=1",
	  "label pod:x owner=ml" },
	{ "label pod:x excludes=\"b,a,b\" risk=high until=86400 from=0 owner=ml",
	  "label pod:x owner=ml from=1970-01-01T00:00:00Z until=1970-01-02T00:00:00Z "
	  "risk=high excludes=\"a,b\"" },
};

static void test_canonical(void)
{
	for (size_t i = 0; i < sizeof canonical_pairs / sizeof canonical_pairs[0]; i++) {
		T_STR(canonical_pairs[i][1], canonical(canonical_pairs[i][0]));
		T_STR(canonical_pairs[i][1], canonical(canonical_pairs[i][1]));
	}
}

static const char *const refused_pairs[][2] = {
	{ "", "column 1: no verb \"\"; expected release, resize, schedule, retype, share, "
	      "scale, reprice, commit or label" },
	{ " drop node:a", "column 2: no verb \"drop\"; expected release, " },
	{ "release", "column 8: expected what to release, as kind:id" },
	{ "release vm:a", "column 9: release takes no \"vm\"; it takes card, node, "
	                  "node_group, pod, workload" },
	{ "release namespace:a", "column 9: release takes no \"namespace\"; it takes card" },
	{ "release node", "column 13: expected ':' and an id after node" },
	{ "release node:", "column 14: id is empty" },
	{ "release node:\"\"", "column 14: id is empty" },
	{ "release node:a,", "column 16: release takes no \"\"; it takes card, node, " },
	{ "release node:a, node:b", "column 16: release takes no \"\"; it takes card" },
	{ "release node:a(b", "column 15: \"(\" in id, expected the whole in double quotes" },
	{ "release node:é", "column 14: \"é\" in id, expected the whole in" },
	{ "release node:\"a\"b", "column 17: \"b\" in id, expected the whole in" },
	{ "release node:\"a", "column 14: quote is not closed" },
	{ "release node:\"a\\", "column 16: '\\' alone, expected \\\" or \\\\" },
	{ "release node:\"a\\n\"", "column 16: '\\' alone, expected \\\" or \\\\" },
	{ "release node:\"a\tb\"", "column 16: byte 0x09, expected UTF-8 text of one line" },
	{ "release node:\"a\xff\"", "column 16: byte 0xff, expected UTF-8 text of one line" },
	{ "release node:\"\xe2\x80\xa8\"", "column 15: byte 0xe2, expected UTF-8 text" },
	{ "reprice fleet:x discount_ratio=0.1", "column 14: fleet takes no id" },
	{ "release node:a b", "column 16: \"b\", expected key=value" },
	{ "release node:a =1", "column 16: \"=1\", expected key=value" },
	{ "release node:a hours", "column 16: \"hours\", expected key=value" },
	{ "release node:a hours=", "column 22: hours is empty" },
	{ "release node:a repack=true,b", "column 27: \",\" in repack, expected the whole" },
	{ "release node:a repack=true repack=true",
	  "column 28: repack is there twice, first in column 16" },
	{ "resize node_group:x hours=1",
	  "column 21: resize takes no \"hours\"; it takes nodes, autoscaler, min_nodes, "
	  "max_nodes, boot_s, drain_s, idle_timeout_s, consolidates, target_ratio and what "
	  "every verb takes" },
	{ "resize workload:x nodes=2", "column 19: resize takes no \"nodes\" for workload; it "
	                               "takes replicas, policy, " },
	{ "resize workload:x,node_group:y nodes=2",
	  "takes no \"nodes\" for node_group, workload; it takes target_ratio and what" },
	{ "resize workload:x", "column 1: resize needs one of replicas, policy, min_replicas" },
	{ "resize workload:x effort_days=1", "column 1: resize needs one of replicas" },
	{ "resize workload:x replicas=-3",
	  "column 28: replicas is \"-3\", expected a whole number from 0 to 1000000" },
	{ "resize workload:x replicas=2.5", "replicas is \"2.5\", expected a whole number" },
	{ "resize workload:x replicas=1000001", "from 0 to 1000000" },
	{ "resize workload:x replicas=3 max_replicas=4",
	  "column 30: resize takes no max_replicas together with replicas" },
	{ "resize workload:x min_replicas=5 max_replicas=4",
	  "column 34: max_replicas is \"4\", expected at least min_replicas of 5" },
	{ "resize workload:x min_replicas=5 lead_s=60",
	  "column 34: resize with lead_s needs policy=lead" },
	{ "resize workload:x policy=queue",
	  "column 19: resize with policy=queue needs queue_per_replica" },
	{ "resize workload:x policy=magic", "column 26: policy is \"magic\", expected one "
	                                    "of lead|quantile|queue|reactive|slo" },
	{ "resize workload:x policy=lea", "policy is \"lea\", expected one of" },
	{ "resize node_group:x nodes=3 min_nodes=2",
	  "column 29: resize takes no min_nodes together with nodes" },
	{ "resize node_group:x min_nodes=3 max_nodes=2", "max_nodes is \"2\", expected at" },
	{ "schedule pod:x cold_start_s=3",
	  "column 1: schedule needs one of hours, idle_timeout_s" },
	{ "schedule pod:x hours=\"mon-fri 08:00\"",
	  "column 22: hours is \"mon-fri 08:00\", expected '-' and the end of the range at "
	  "its byte 14" },
	{ "schedule pod:x idle_timeout_s=nan", "expected a number from 0 to 31622400" },
	{ "schedule pod:x idle_timeout_s=inf", "expected a number from 0 to 31622400" },
	{ "schedule pod:x idle_timeout_s=1s", "expected a number from 0 to 31622400" },
	{ "retype pod:x gpus=1", "column 1: retype needs one of gpu_model, instance_type" },
	{ "share pod:x,pod:y profile=1g.10gb", "column 1: share needs mode" },
	{ "share pod:x mode=mps profile=1g.10gb", "column 22: share with profile needs mode=mig" },
	{ "share pod:x mode=mig profile=\"1g.10gb||2g.20gb\"",
	  "column 30: profile is \"1g.10gb||2g.20gb\", expected names like 1g.10gb split "
	  "by "
	  "'|'" },
	{ "share pod:x mode=mig pods_per_card=2", "takes no pods_per_card together with mode" },
	{ "scale workload:x", "column 1: scale needs one of factor, profile" },
	{ "scale workload:x factor=2 gpus=4", "column 27: scale with gpus needs profile" },
	{ "reprice fleet egress_gib=1", "reprice takes no \"egress_gib\" for fleet" },
	{ "reprice node:a egress_gib=1", "column 1: reprice needs one of pricing, provider" },
	{ "reprice node:a price_per_hour=1 discount_ratio=0.1",
	  "column 33: reprice takes no discount_ratio together with price_per_hour" },
	{ "reprice node:a price_per_hour=0.0000000000001",
	  "column 31: price_per_hour is \"0.0000000000001\", expected " },
	{ "reprice node:a price_per_hour=-1", "expected a number from 0 to 1000000000000000" },
	{ "reprice node:a discount_ratio=45", "expected a number from 0 to 1" },
	{ "commit offer:x units=3", "column 1: commit needs action" },
	{ "commit offer:x action=buy",
	  "column 16: commit with action=buy needs one of units, commitment_per_hour" },
	{ "commit commitment:x action=buy units=1",
	  "column 21: commit with action=buy is for offer only" },
	{ "commit offer:x action=sell", "commit with action=sell is for commitment only" },
	{ "commit commitment:x action=exchange", "with action=exchange needs into_offer" },
	{ "commit commitment:x action=sell into_offer=y",
	  "column 33: commit with into_offer needs action=exchange" },
	{ "commit commitment:x action=lapse units=2", "takes no units together with action=l" },
	{ "label pod:x", "column 1: label needs owner" },
	{ "label pod:x owner=a risk=severe",
	  "column 26: risk is \"severe\", expected one of none|low|medium|high" },
	{ "label pod:x owner=a from=2026-02-30T00:00:00Z",
	  "column 26: from is \"2026-02-30T00:00:00Z\", expected a time like 2026-01-05T" },
	{ "label pod:x owner=a from=100 until=100", "column 1: until is not after from" },
	{ "label pod:x owner=a excludes=\"a b\"", "expected ids like idle_gpu-1f3a9c2e4b7d" },
	{ "label pod:x owner=a adoption_ratio=1.1", "expected a number from 0 to 1" },
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof refused_pairs / sizeof refused_pairs[0]; i++)
		T_HAS(refused_pairs[i][1], canonical(refused_pairs[i][0]));
}

static void test_limits(void)
{
	tt_buf text = { 0 };
	tt_change c;
	tt_err err = { 0 };

	tt_buf_puts(&text, "release pod:");
	for (int i = 0; i < TT_CHANGE_VALUE_MAX; i++)
		tt_buf_putc(&text, 'x');
	T_INT(TT_OK, tt_change_parse(tt_buf_text(&text), arena, &c, &err));
	tt_buf_putc(&text, 'x');
	T_INT(TT_EDATA, tt_change_parse(tt_buf_text(&text), arena, &c, &err));
	T_STR("column 13: id of 1025 bytes, expected at most 1024", err.text);
	tt_buf_free(&text);

	tt_buf_puts(&text, "release pod:a");
	while (text.n + 6 <= TT_CHANGE_TEXT_MAX)
		tt_buf_puts(&text, ",pod:b");
	T_INT(TT_OK, tt_change_parse(tt_buf_text(&text), arena, &c, NULL));
	T_INT(2, c.n_subjects);
	while (text.n <= TT_CHANGE_TEXT_MAX)
		tt_buf_putc(&text, ' ');
	T_INT(TT_EDATA, tt_change_parse(tt_buf_text(&text), arena, &c, NULL));
	tt_buf_free(&text);

	/* within the limit as written, over it once the time is written out */
	tt_buf_puts(&text, "release ");
	for (int i = 0; text.n + 40 < TT_CHANGE_TEXT_MAX; i++)
		tt_buf_printf(&text, "%spod:%07d", i ? "," : "", i);
	tt_buf_puts(&text, " from=1 until=2 ");
	while (text.n < TT_CHANGE_TEXT_MAX)
		tt_buf_putc(&text, ' ');
	err = (tt_err){ 0 };
	T_INT(TT_EDATA, tt_change_parse(tt_buf_text(&text), arena, &c, &err));
	T_HAS("bytes, expected at most 1048576", err.text);
	tt_buf_free(&text);
}

/* Hours that fit as they are written, and not once each day stands by itself. */
static void test_long_hours(void)
{
	tt_buf text = { 0 };

	tt_buf_puts(&text, "schedule pod:x hours=\"mon-sun ");
	for (int m = 0; m < 60; m++)
		tt_buf_printf(&text, "%s%02d:%02d-%02d:%02d", m ? "," : "", m / 3, m % 3 * 20,
		              m / 3, m % 3 * 20 + 10);
	for (int d = 0; d < 7; d++)
		tt_buf_printf(&text, "; %.3s 23:00-23:%02d", &"montuewedthufrisatsun"[3 * d],
		              d + 1);
	tt_buf_putc(&text, '"');
	T_HAS("expected fewer ranges: day by day they are over 1024 bytes",
	      canonical(tt_buf_text(&text)));
	tt_buf_free(&text);
}

static void test_fields(void)
{
	tt_change c;
	tt_arena *own = tt_arena_new();

	T_INT(TT_OK, tt_change_parse("resize workload:b,workload:a replicas=3 from=86400 "
	                             "effort_days=2.5 adoption_ratio=0.8 realisation_ratio=0.9 "
	                             "risk=medium excludes=x",
	                             own, &c, NULL));
	T_INT(TT_RESIZE, c.verb);
	T_INT(2, c.n_subjects);
	T_INT(TT_SUBJECT_WORKLOAD, c.subjects[0].kind);
	T_STR("a", c.subjects[0].id);
	T_STR("b", c.subjects[1].id);
	T_INT(1, c.n_args);
	T_STR("3", tt_change_get(&c, "replicas")->text);
	T_F64(3, tt_change_get(&c, "replicas")->number, 0);
	T_OK(!tt_change_get(&c, "nodes"));
	T_INT(86400, c.from_s);
	T_OK(c.until_s == TT_TIME_MISSING);
	T_F64(2.5, c.effort_days, 0);
	T_F64(0.8, c.adoption_ratio, 0);
	T_F64(0.9, c.realisation_ratio, 0);
	T_INT(TT_RISK_MEDIUM, c.risk);
	T_STR("x", c.excludes);

	T_INT(TT_OK, tt_change_parse("label pod:p owner=ml", own, &c, NULL));
	T_F64(NAN, tt_change_get(&c, "owner")->number, 0);
	T_F64(1, c.adoption_ratio, 0);
	T_STR("", c.excludes);
	T_INT(TT_OK, tt_change_parse("reprice fleet discount_ratio=0.5", own, &c, NULL));
	T_STR("", c.subjects[0].id);
	tt_arena_free(own);
}

static void test_words(void)
{
	T_STR("release", tt_verb_text(TT_RELEASE));
	T_INT(TT_LEVER_USAGE, tt_verb_lever(TT_SCALE));
	T_INT(TT_LEVER_RATE, tt_verb_lever(TT_COMMIT));
	T_INT(TT_LEVER_RATE, tt_verb_lever(TT_REPRICE));
	T_INT(TT_LEVER_NONE, tt_verb_lever(TT_LABEL));
	for (int k = 1; k < TT_SUBJECT_END; k++) {
		const char *word = tt_subject_kind_text((enum tt_subject_kind)k);

		T_INT(k, tt_subject_kind_find(word, strlen(word)));
	}
	T_INT(-1, tt_subject_kind_find("nod", 3));
	T_INT(TT_SUBJECT_NODE, tt_subject_kind_find("node_group", 4));
	T_STR("medium", tt_risk_text(TT_RISK_MEDIUM));
	T_STR("unknown", tt_risk_text(7));
	T_INT(4, tt_line_span("a\xc3\xa9z\n", 5));
	T_INT(1, tt_line_span("a\xc2\x85", 3));
	T_INT(2, tt_line_span("ab\0c", 4));
}

static void test_hash(void)
{
	const char *text = "release node:a risk=low";
	tt_change c;

	T_INT(TT_OK, tt_change_parse(text, arena, &c, NULL));
	T_OK(tt_change_hash(&c) == tt_hash(TT_HASH_START, text, strlen(text)));
	/* draws made once stay what they are: the value is fixed for ever */
	T_OK(tt_change_hash(&c) == UINT64_C(0x32b51c8e4830dbc9));
	c.risk = TT_RISK_HIGH;
	T_OK(tt_change_hash(&c) != tt_hash(TT_HASH_START, text, strlen(text)));
}

static void test_no_memory(void)
{
	static const char text[] = "share pod:\"a b\",pod:c mode=mig profile=\"1g.10gb|2g.20gb\" "
				   "from=0 effort_days=1";
	int rc = TT_ENOMEM, n = 0;

	for (; rc == TT_ENOMEM && n < 1000; n++) {
		tt_arena *own = tt_arena_new();
		tt_change c = { .n_args = 77 };
		tt_err err = { 0 };

		tt_alloc_fail_at((uint64_t)n + 1, 1);
		rc = tt_change_parse(text, own, &c, &err);
		tt_alloc_fail_at(0, 0);
		T_OK(rc == TT_OK || rc == TT_ENOMEM);
		T_INT(rc, err.status);
		T_OK(rc == TT_OK || c.n_args == 77);
		tt_arena_free(own);
	}
	T_INT(TT_OK, rc);
	T_OK(n > 1);
}

/* --- The README is what the code takes ------------------------------------------ */

static char *readme(void)
{
	const char *source = getenv("TT_SOURCE");
	char path[4096];
	static char text[65536];
	const char *cut = strstr(__FILE__, "tests/unit/");

	if (source)
		snprintf(path, sizeof path, "%s/core/change/README.md", source);
	else
		snprintf(path, sizeof path, "%.*score/change/README.md", (int)(cut - __FILE__),
		         __FILE__);
	FILE *f = fopen(path, "rb");
	T_(f, "%s can't be opened", path);
	if (!f)
		return text;
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void test_examples(char *text)
{
	int seen[TT_VERB_END] = { 0 };
	char *at = text;

	while ((at = strstr(at, "```change\n"))) {
		at += strlen("```change\n");
		while (*at && strncmp(at, "```", 3) != 0) {
			size_t n = strcspn(at, "\n");
			char line[512];

			snprintf(line, sizeof line, "%.*s", (int)n, at);
			T_STR(line, canonical(line));
			int verb = tt_verb_find(line, strcspn(line, " "));
			if (verb > 0)
				seen[verb]++;
			at += n + (at[n] == '\n');
		}
		at += strcspn(at, "\n");
	}
	for (int v = 1; v < TT_VERB_END; v++)
		T_(seen[v] > 0, "no example of %s", tt_verb_text((enum tt_verb)v));
}

static void put_type(const tt_arg_def *d, tt_buf *out)
{
	char min[32], max[32];

	tt_format_f64(d->min, 9, min, sizeof min);
	tt_format_f64(d->max, 9, max, sizeof max);
	switch (d->type) {
	case TT_ARG_WHOLE: tt_buf_printf(out, "whole number, %s to %s", min, max); break;
	case TT_ARG_NUMBER: tt_buf_printf(out, "number, %s to %s", min, max); break;
	case TT_ARG_DECIMAL: tt_buf_puts(out, "money"); break;
	case TT_ARG_WORD:
		tt_buf_putc(out, '`');
		for (const char *w = d->words; *w; w++)
			tt_buf_puts(out, *w == '|' ? "` `" : (char[]){ *w, '\0' });
		tt_buf_putc(out, '`');
		break;
	case TT_ARG_TEXT: tt_buf_puts(out, "text"); break;
	case TT_ARG_LIST:
		tt_buf_puts(out,
		            d->words[0] == ',' ? "ids split by commas" : "names split by bars");
		break;
	case TT_ARG_HOURS: tt_buf_puts(out, "hours"); break;
	case TT_ARG_TIME: tt_buf_puts(out, "time"); break;
	}
}

/* Each argument is one row of its verb's table, and no table has another. */
static void test_tables(char *text)
{
	size_t rows = 0;

	for (size_t i = 0; i < tt_arg_defs_n; i++) {
		const tt_arg_def *d = &tt_arg_defs[i];
		bool common = d->verb == TT_VERB_END;
		tt_buf head = { 0 }, row = { 0 }, kinds = { 0 };

		tt_buf_printf(&head, "\n## %s\n",
		              common ? "For every verb" : tt_verb_text(d->verb));
		tt_buf_printf(&row, "\n| `%s` | ", d->key);
		put_type(d, &row);
		if (!common && d->kinds == tt_verb_kinds(d->verb))
			tt_buf_puts(&kinds, "all");
		else
			tt_kinds_list(d->kinds, &kinds);
		if (!common)
			tt_buf_printf(&row, " | %s |", tt_buf_text(&kinds));

		const char *section = strstr(text, tt_buf_text(&head));
		const char *found = section ? strstr(section, tt_buf_text(&row)) : NULL;
		const char *next = section ? strstr(section + 1, "\n## ") : NULL;
		T_(found && (!next || found < next), "no row%s in%s", tt_buf_text(&row),
		   tt_buf_text(&head));
		tt_buf_free(&head);
		tt_buf_free(&row);
		tt_buf_free(&kinds);
	}
	for (const char *s = strstr(text, "\n## For every verb"); s; rows++)
		s = strstr(s + 1, "\n| `");
	T_INT(tt_arg_defs_n, rows - 1);

	for (int v = 1; v < TT_VERB_END; v++) {
		tt_buf line = { 0 };

		tt_buf_puts(&line, "Subjects: ");
		tt_buf kinds = { 0 };
		tt_kinds_list(tt_verb_kinds((enum tt_verb)v), &kinds);
		tt_buf_printf(&line, "%s.\n", tt_buf_text(&kinds));
		T_HAS(tt_buf_text(&line), text);
		tt_buf_free(&line);
		tt_buf_free(&kinds);
	}
}

/* A change has room for every argument that its subjects can have. */
static void test_room(void)
{
	for (int v = 1; v < TT_VERB_END; v++)
		for (unsigned k = 1; k < TT_SUBJECT_END; k++) {
			size_t n = 0;

			for (size_t i = 0; i < tt_arg_defs_n; i++)
				n += (int)tt_arg_defs[i].verb == v && tt_arg_defs[i].kinds >> k & 1;
			T_OK(n <= TT_CHANGE_ARGS);
		}
}

/* --- Property: random changes ---------------------------------------------------- */

static uint64_t state = 20260105;

static unsigned roll(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 20) % n);
}

static void put_id(tt_buf *out)
{
	static const char *const ids[] = { "a",       "b-1",           "ns/pod.0",
		                           "\"x y\"", "\"q\\\"\\\\\"", "\"größe\"",
		                           "\"a\"",   "n:1@z+",        "\"=,=\"",
		                           "\"\\\\\"" };

	tt_buf_puts(out, ids[roll(sizeof ids / sizeof ids[0])]);
}

static void put_value(const tt_arg_def *d, tt_buf *out)
{
	static const char *const hours[] = { "08:00-18:00", "\"mon 22:00-06:00; sun 1\"",
		                             "\"sat-mon 00:00-24:00\"",
		                             "\"mon-fri 08:00-12:00,13:00-18:00\"" };
	char buf[64];
	double span = d->max - d->min;

	switch (d->type) {
	case TT_ARG_WHOLE:
		tt_buf_puts(out, roll(4) ? "" : "00");
		tt_buf_printf(out, "%.0f", d->min + roll(1000) * (span < 1000 ? 0 : 1));
		break;
	case TT_ARG_NUMBER:
	case TT_ARG_DECIMAL: {
		double v = d->min + span * roll(1u << 30) / (1u << 30);

		tt_buf_puts(out, tt_format_f64(v, (int)roll(13), buf, sizeof buf));
		break;
	}
	case TT_ARG_WORD: {
		size_t n = strcspn(d->words, "|");

		tt_buf_add(out, d->words, n);
		break;
	}
	case TT_ARG_TEXT: put_id(out); break;
	case TT_ARG_LIST:
		tt_buf_printf(out, "\"c%cb%ca%cb\"", d->words[0], d->words[0], d->words[0]);
		break;
	case TT_ARG_HOURS: tt_buf_puts(out, hours[roll(4)]); break;
	case TT_ARG_TIME: tt_buf_printf(out, "%u", roll(2000000000)); break;
	}
}

static void put_random(tt_buf *out)
{
	enum tt_verb v = (enum tt_verb)(1 + roll(TT_VERB_END - 1));
	unsigned used = 0;

	tt_buf_puts(out, tt_verb_text(v));
	for (unsigned i = 0, n = 1 + roll(3); i < n; i++) {
		unsigned k = 1 + roll(TT_SUBJECT_END - 1);

		while (!(tt_verb_kinds(v) >> k & 1))
			k = 1 + k % (TT_SUBJECT_END - 1);
		used |= 1u << k;
		tt_buf_printf(out, "%s%s", i ? "," : " ",
		              tt_subject_kind_text((enum tt_subject_kind)k));
		if (k != TT_SUBJECT_FLEET) {
			tt_buf_putc(out, ':');
			put_id(out);
		}
	}
	for (size_t i = tt_arg_defs_n; i-- > 0;) {
		const tt_arg_def *d = &tt_arg_defs[i];

		if ((d->verb != v && d->verb != TT_VERB_END) || (d->kinds & used) != used ||
		    !roll(3) == (d->verb == TT_LABEL))
			continue;
		tt_buf_printf(out, "%s%s=", roll(2) ? " " : "  ", d->key);
		put_value(d, out);
	}
}

static bool same(const tt_change *a, const tt_change *b)
{
	bool ok = a->verb == b->verb && a->n_subjects == b->n_subjects && a->n_args == b->n_args &&
	          a->from_s == b->from_s && a->until_s == b->until_s && a->risk == b->risk &&
	          a->effort_days == b->effort_days && a->adoption_ratio == b->adoption_ratio &&
	          a->realisation_ratio == b->realisation_ratio &&
	          strcmp(a->excludes, b->excludes) == 0;

	for (size_t i = 0; ok && i < a->n_subjects; i++)
		ok = a->subjects[i].kind == b->subjects[i].kind &&
		     strcmp(a->subjects[i].id, b->subjects[i].id) == 0;
	for (size_t i = 0; ok && i < a->n_args; i++)
		ok = a->args[i].key == b->args[i].key &&
		     strcmp(a->args[i].text, b->args[i].text) == 0 &&
		     (a->args[i].number == b->args[i].number ||
		      (isnan(a->args[i].number) && isnan(b->args[i].number)));
	return ok;
}

/* Whatever parses, prints to what parses to the same change and prints the same. */
static bool check_stable(const char *s)
{
	tt_arena *own = tt_arena_new();
	tt_change a, b;
	tt_buf one = { 0 }, two = { 0 };
	tt_err err = { 0 };
	bool parsed = tt_change_parse(s, own, &a, NULL) == TT_OK;

	if (parsed) {
		tt_change_text(&a, &one);
		int rc = tt_change_parse(tt_buf_text(&one), own, &b, &err);
		T_(rc == TT_OK, "\"%s\" gave \"%s\": %s", s, tt_buf_text(&one), err.text);
		if (rc == TT_OK) {
			tt_change_text(&b, &two);
			T_STR(tt_buf_text(&one), tt_buf_text(&two));
			T_(same(&a, &b), "differs from its text: %s", tt_buf_text(&one));
			T_OK(tt_change_hash(&a) == tt_change_hash(&b));
		}
	}
	tt_buf_free(&one);
	tt_buf_free(&two);
	tt_arena_free(own);
	return parsed;
}

static void test_random(void)
{
	int parsed = 0;

	for (int round = 0; round < 6000; round++) {
		tt_buf text = { 0 };

		put_random(&text);
		bool ok = check_stable(tt_buf_text(&text));
		parsed += ok;
		if (ok && round % 8 == 0) {
			tt_arena *own = tt_arena_new();
			tt_change c;
			char cut[2048];

			T_INT(TT_OK, tt_change_parse(tt_buf_text(&text), own, &c, NULL));
			tt_buf line = { 0 };
			tt_change_text(&c, &line);
			for (size_t n = 0; n < line.n && n < sizeof cut; n++) {
				snprintf(cut, sizeof cut, "%.*s", (int)n, tt_buf_text(&line));
				check_stable(cut);
			}
			for (int k = 0; k < 20; k++) { /* and with one byte of it changed */
				snprintf(cut, sizeof cut, "%s", tt_buf_text(&line));
				cut[roll((unsigned)strlen(cut))] = (char)(1 + roll(255));
				check_stable(cut);
			}
			tt_buf_free(&line);
			tt_arena_free(own);
		}
		tt_buf_free(&text);
	}
	T_(parsed > 600, "only %d random changes parsed", parsed);
}

int main(void)
{
	arena = tt_arena_new();
	test_canonical();
	test_refused();
	test_limits();
	test_long_hours();
	test_fields();
	test_words();
	test_hash();
	test_no_memory();

	char *text = readme();
	test_examples(text);
	test_tables(text);
	test_room();
	test_random();
	tt_arena_free(arena);
	return T_END();
}
