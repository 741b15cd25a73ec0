/* verbs.c - the words of the language and the tables behind the nine verbs.
 *
 * A verb takes what the pricing of any remedy needs to know and nothing that the
 * snapshot already says: prices, shapes and the way a pool works today come from
 * there, so a change stays one short line. Limits are far beyond any fleet; they
 * are there so that a slip of the pen (a ratio of 45, a delay in milliseconds) is
 * an error and not a saving. */
#include "change/verbs.h"
#include <string.h>

static const char *const verbs[TT_VERB_END] = {
	[TT_RELEASE] = "release", [TT_RESIZE] = "resize", [TT_SCHEDULE] = "schedule",
	[TT_RETYPE] = "retype",   [TT_SHARE] = "share",   [TT_SCALE] = "scale",
	[TT_REPRICE] = "reprice", [TT_COMMIT] = "commit", [TT_LABEL] = "label",
};
static const char *const subject_kinds[TT_SUBJECT_END] = {
	[TT_SUBJECT_CARD] = "card",
	[TT_SUBJECT_NODE] = "node",
	[TT_SUBJECT_NODE_GROUP] = "node_group",
	[TT_SUBJECT_POD] = "pod",
	[TT_SUBJECT_WORKLOAD] = "workload",
	[TT_SUBJECT_NAMESPACE] = "namespace",
	[TT_SUBJECT_COMMITMENT] = "commitment",
	[TT_SUBJECT_OFFER] = "offer",
	[TT_SUBJECT_CHARGE] = "charge",
	[TT_SUBJECT_FLEET] = "fleet",
};
static const char *const risks[] = { "none", "low", "medium", "high" };

const char *tt_verb_text(enum tt_verb v)
{
	return verbs[v];
}

enum tt_lever tt_verb_lever(enum tt_verb v)
{
	if (v == TT_LABEL)
		return TT_LEVER_NONE;
	return v == TT_REPRICE || v == TT_COMMIT ? TT_LEVER_RATE : TT_LEVER_USAGE;
}

const char *tt_subject_kind_text(enum tt_subject_kind k)
{
	return subject_kinds[k];
}

static int find(const char *const *words, int first, int end, const char *s, size_t n)
{
	for (int i = first; i < end; i++)
		if (strlen(words[i]) == n && memcmp(words[i], s, n) == 0)
			return i;
	return -1;
}

int tt_verb_find(const char *s, size_t n)
{
	return find(verbs, 1, TT_VERB_END, s, n);
}

int tt_subject_kind_find(const char *s, size_t n)
{
	return find(subject_kinds, 1, TT_SUBJECT_END, s, n);
}

const char *tt_risk_text(int risk)
{
	return risk >= TT_RISK_NONE && risk <= TT_RISK_HIGH ? risks[risk] : "unknown";
}

int tt_risk_find(const char *s, size_t n)
{
	return find(risks, 0, sizeof risks / sizeof risks[0], s, n);
}

#define BIT(kind) (1u << TT_SUBJECT_##kind)

enum {
	POOL = BIT(NODE_GROUP),
	WORK = BIT(WORKLOAD),
	PODS = BIT(POD) | BIT(WORKLOAD),
	MACHINES = BIT(NODE) | BIT(NODE_GROUP),
	RELEASED = BIT(CARD) | MACHINES | PODS,
	RESIZED = POOL | WORK,
	SCHEDULED = MACHINES | PODS | BIT(NAMESPACE),
	RETYPED = MACHINES | PODS,
	SHARED = PODS,
	SCALED = WORK | BIT(NAMESPACE) | BIT(CHARGE) | BIT(FLEET),
	REPRICED = MACHINES | PODS | BIT(CHARGE) | BIT(FLEET),
	RUNNING = MACHINES | PODS, /* what spot capacity can take away */
	COMMITTED = BIT(COMMITMENT) | BIT(OFFER),
	LABELLED = MACHINES | PODS | BIT(NAMESPACE)
};

unsigned tt_verb_kinds(enum tt_verb v)
{
	static const unsigned kinds[TT_VERB_END] = {
		[TT_RELEASE] = RELEASED, [TT_RESIZE] = RESIZED,   [TT_SCHEDULE] = SCHEDULED,
		[TT_RETYPE] = RETYPED,   [TT_SHARE] = SHARED,     [TT_SCALE] = SCALED,
		[TT_REPRICE] = REPRICED, [TT_COMMIT] = COMMITTED, [TT_LABEL] = LABELLED,
	};

	return kinds[v];
}

#define YEAR_S 31622400.0
#define MANY   1e6  /* nodes, replicas, cards */
#define MUCH   1e12 /* units of demand, GiB, money */
#define TINY   1e-9 /* the smallest number above 0 that is kept */

/* clang-format off */
#define WHOLE(v, key, kinds, min, max) { v, key, TT_ARG_WHOLE, kinds, min, max, NULL }
#define NUMBER(v, key, kinds, min, max) { v, key, TT_ARG_NUMBER, kinds, min, max, NULL }
#define DECIMAL(v, key, kinds) { v, key, TT_ARG_DECIMAL, kinds, 0, 1e15, NULL }
#define WORD(v, key, kinds, words) { v, key, TT_ARG_WORD, kinds, 0, 0, words }
#define TEXT(v, key, kinds) { v, key, TT_ARG_TEXT, kinds, 0, 0, NULL }
#define LIST(v, key, kinds, split) { v, key, TT_ARG_LIST, kinds, 0, 0, split }
#define HOURS(v, key, kinds) { v, key, TT_ARG_HOURS, kinds, 0, 0, NULL }
#define TIME(v, key) { v, key, TT_ARG_TIME, ~0u, 0, 0, NULL }
/* clang-format on */

const tt_arg_def tt_arg_defs[] = {
	HOURS(TT_RELEASE, "hours", RELEASED),
	WORD(TT_RELEASE, "repack", RELEASED, "true"),

	WHOLE(TT_RESIZE, "replicas", WORK, 0, MANY),
	WORD(TT_RESIZE, "policy", WORK, "lead|quantile|queue|reactive|slo"),
	WHOLE(TT_RESIZE, "min_replicas", WORK, 0, MANY),
	WHOLE(TT_RESIZE, "max_replicas", WORK, 0, MANY),
	WHOLE(TT_RESIZE, "headroom_replicas", WORK, 0, MANY),
	NUMBER(TT_RESIZE, "lead_s", WORK, 0, YEAR_S),
	NUMBER(TT_RESIZE, "ready_s", WORK, 0, YEAR_S),
	NUMBER(TT_RESIZE, "scale_down_s", WORK, 0, YEAR_S),
	NUMBER(TT_RESIZE, "queue_per_replica", WORK, TINY, MUCH),
	NUMBER(TT_RESIZE, "slo_wait_ms", WORK, 0, 1e9),
	NUMBER(TT_RESIZE, "served_ratio", WORK, 0, 1),
	WHOLE(TT_RESIZE, "nodes", POOL, 0, MANY),
	WORD(TT_RESIZE, "autoscaler", POOL, "none|cluster_autoscaler|karpenter|other"),
	WHOLE(TT_RESIZE, "min_nodes", POOL, 0, MANY),
	WHOLE(TT_RESIZE, "max_nodes", POOL, 0, MANY),
	NUMBER(TT_RESIZE, "boot_s", POOL, 0, YEAR_S),
	NUMBER(TT_RESIZE, "drain_s", POOL, 0, YEAR_S),
	NUMBER(TT_RESIZE, "idle_timeout_s", POOL, 0, YEAR_S),
	WORD(TT_RESIZE, "consolidates", POOL, "true|false"),
	NUMBER(TT_RESIZE, "target_ratio", RESIZED, TINY, 1),

	HOURS(TT_SCHEDULE, "hours", SCHEDULED),
	NUMBER(TT_SCHEDULE, "idle_timeout_s", SCHEDULED, 0, YEAR_S),
	NUMBER(TT_SCHEDULE, "cold_start_s", SCHEDULED, 0, YEAR_S),

	TEXT(TT_RETYPE, "gpu_model", RETYPED),
	TEXT(TT_RETYPE, "instance_type", RETYPED),
	NUMBER(TT_RETYPE, "gpus", PODS, 0, MANY),
	NUMBER(TT_RETYPE, "cpus", PODS, 0, MANY),
	NUMBER(TT_RETYPE, "memory_mib", PODS, 0, MUCH),
	NUMBER(TT_RETYPE, "throughput_ratio", RETYPED, TINY, 1e3),

	WORD(TT_SHARE, "mode", SHARED, "time_slice|mps|mig"),
	LIST(TT_SHARE, "profile", SHARED, "|"),
	TEXT(TT_SHARE, "gpu_model", SHARED),
	WHOLE(TT_SHARE, "pods_per_card", SHARED, 2, 64),
	NUMBER(TT_SHARE, "slowdown_ratio", SHARED, 1, 1e3),

	NUMBER(TT_SCALE, "factor", SCALED, 0, 1e6),
	TEXT(TT_SCALE, "profile", BIT(WORKLOAD) | BIT(NAMESPACE) | BIT(FLEET)),
	NUMBER(TT_SCALE, "gpus", BIT(WORKLOAD) | BIT(NAMESPACE) | BIT(FLEET), 0, MANY),
	TEXT(TT_SCALE, "gpu_model", BIT(WORKLOAD) | BIT(NAMESPACE) | BIT(FLEET)),
	WORD(TT_SCALE, "stream", BIT(WORKLOAD) | BIT(NAMESPACE) | BIT(FLEET),
	     "requests|input_tokens|output_tokens|cached_tokens|storage|egress"),

	WORD(TT_REPRICE, "pricing", RUNNING | BIT(FLEET), "on_demand|spot"),
	TEXT(TT_REPRICE, "provider", RUNNING | BIT(FLEET)),
	TEXT(TT_REPRICE, "region", RUNNING | BIT(FLEET)),
	DECIMAL(TT_REPRICE, "price_per_hour", MACHINES | BIT(CHARGE)),
	NUMBER(TT_REPRICE, "discount_ratio", REPRICED, 0, 1),
	NUMBER(TT_REPRICE, "interruptions_per_h", RUNNING, 0, 1e3),
	NUMBER(TT_REPRICE, "zone_interruptions_per_h", RUNNING, 0, 1e3),
	NUMBER(TT_REPRICE, "checkpoint_interval_s", RUNNING, 1, YEAR_S),
	NUMBER(TT_REPRICE, "checkpoint_s", RUNNING, 0, YEAR_S),
	NUMBER(TT_REPRICE, "recovery_s", RUNNING, 0, YEAR_S),
	NUMBER(TT_REPRICE, "wait_s", RUNNING, 0, YEAR_S),
	NUMBER(TT_REPRICE, "egress_gib", RUNNING, 0, MUCH),
	NUMBER(TT_REPRICE, "egress_gib_per_month", RUNNING, 0, MUCH),

	WORD(TT_COMMIT, "action", COMMITTED, "buy|sell|exchange|lapse"),
	NUMBER(TT_COMMIT, "units", COMMITTED, TINY, MUCH),
	DECIMAL(TT_COMMIT, "commitment_per_hour", COMMITTED),
	WHOLE(TT_COMMIT, "term_months", BIT(OFFER), 1, 120),
	WORD(TT_COMMIT, "payment", BIT(OFFER), "none|partial|all"),
	TEXT(TT_COMMIT, "into_offer", BIT(COMMITMENT)),
	DECIMAL(TT_COMMIT, "proceeds", BIT(COMMITMENT)),

	TEXT(TT_LABEL, "owner", LABELLED),

	TIME(TT_VERB_END, "from"),
	TIME(TT_VERB_END, "until"),
	NUMBER(TT_VERB_END, "effort_days", ~0u, 0, 1e5),
	NUMBER(TT_VERB_END, "adoption_ratio", ~0u, 0, 1),
	NUMBER(TT_VERB_END, "realisation_ratio", ~0u, 0, 1),
	WORD(TT_VERB_END, "risk", ~0u, "none|low|medium|high"),
	LIST(TT_VERB_END, "excludes", ~0u, ","),
};
const size_t tt_arg_defs_n = sizeof tt_arg_defs / sizeof tt_arg_defs[0];
_Static_assert(sizeof tt_arg_defs / sizeof tt_arg_defs[0] <= TT_ARG_DEFS_MAX, "room for all");

/* Arguments that go together. `when`, `needs` and `never` name them as "key" or
 * "key=word", several split by blanks. */
typedef struct rule {
	enum tt_verb verb;
	const char *when;  /* the rule holds where this is given; NULL: always */
	const char *needs; /* then one of these has to be given; "*": any; NULL */
	const char *never; /* and none of these; NULL */
	unsigned kinds;    /* and every subject is one of these; 0: any */
} rule;

static const rule rules[] = {
	{ TT_RESIZE, NULL, "*", NULL, 0 },
	/* a fixed number follows no policy */
	{ TT_RESIZE, "replicas", NULL,
	  "policy min_replicas max_replicas headroom_replicas lead_s scale_down_s target_ratio",
	  0 },
	{ TT_RESIZE, "nodes", NULL,
	  "autoscaler min_nodes max_nodes idle_timeout_s consolidates target_ratio", 0 },
	{ TT_RESIZE, "lead_s", "policy=lead", NULL, 0 },
	{ TT_RESIZE, "policy=lead", "lead_s", NULL, 0 },
	{ TT_RESIZE, "queue_per_replica", "policy=queue", NULL, 0 },
	{ TT_RESIZE, "policy=queue", "queue_per_replica", NULL, 0 },
	{ TT_RESIZE, "slo_wait_ms", "policy=slo", NULL, 0 },
	{ TT_RESIZE, "served_ratio", "policy=slo policy=quantile", NULL, 0 },
	{ TT_RESIZE, "policy=quantile", "served_ratio", NULL, 0 },

	{ TT_SCHEDULE, NULL, "hours idle_timeout_s", NULL, 0 },

	{ TT_RETYPE, NULL, "gpu_model instance_type", NULL, 0 },

	{ TT_SHARE, NULL, "mode", NULL, 0 },
	{ TT_SHARE, "profile", "mode=mig", NULL, 0 },
	/* a MIG slice is a fixed part of the card: its profile says how many fit */
	{ TT_SHARE, "mode=mig", NULL, "pods_per_card", 0 },

	{ TT_SCALE, NULL, "factor profile", NULL, 0 },
	{ TT_SCALE, "gpus", "profile", NULL, 0 },
	{ TT_SCALE, "gpu_model", "profile", NULL, 0 },
	{ TT_SCALE, "stream", "factor", NULL, 0 },

	{ TT_REPRICE, NULL,
	  "pricing provider region price_per_hour discount_ratio checkpoint_interval_s", NULL, 0 },
	{ TT_REPRICE, "price_per_hour", NULL, "discount_ratio", 0 },
	{ TT_REPRICE, "interruptions_per_h", NULL, "pricing=on_demand", 0 },
	{ TT_REPRICE, "zone_interruptions_per_h", NULL, "pricing=on_demand", 0 },
	{ TT_REPRICE, "wait_s", NULL, "pricing=on_demand", 0 },
	{ TT_REPRICE, "egress_gib", "provider region", NULL, 0 },
	{ TT_REPRICE, "egress_gib_per_month", "provider region", NULL, 0 },

	{ TT_COMMIT, NULL, "action", NULL, 0 },
	{ TT_COMMIT, "action=buy", "units commitment_per_hour", NULL, BIT(OFFER) },
	{ TT_COMMIT, "action=sell", NULL, NULL, BIT(COMMITMENT) },
	{ TT_COMMIT, "action=exchange", "into_offer", NULL, BIT(COMMITMENT) },
	{ TT_COMMIT, "action=lapse", NULL, "units commitment_per_hour", BIT(COMMITMENT) },
	{ TT_COMMIT, "units", NULL, "commitment_per_hour", 0 },
	{ TT_COMMIT, "into_offer", "action=exchange", NULL, 0 },
	{ TT_COMMIT, "proceeds", "action=sell", NULL, 0 },

	{ TT_LABEL, NULL, "owner", NULL, 0 },
};

void tt_kinds_list(unsigned kinds, tt_buf *out)
{
	for (int k = 1; k < TT_SUBJECT_END; k++)
		if (kinds >> k & 1)
			tt_buf_printf(out, "%s%s", out->n ? ", " : "",
			              tt_subject_kind_text((enum tt_subject_kind)k));
}

size_t tt_arg_find(const tt_arg_set *a, const char *key, size_t n)
{
	for (size_t i = 0; i < tt_arg_defs_n; i++) {
		const tt_arg_def *d = &tt_arg_defs[i];

		if ((d->verb == a->verb || d->verb == TT_VERB_END) && strlen(d->key) == n &&
		    memcmp(d->key, key, n) == 0)
			return i;
	}
	return tt_arg_defs_n;
}

bool tt_arg_fits(const tt_arg_set *a, size_t i)
{
	return (tt_arg_defs[i].kinds & a->kinds) == a->kinds;
}

void tt_arg_list(const tt_arg_set *a, tt_buf *out)
{
	for (size_t i = 0; i < tt_arg_defs_n; i++)
		if (tt_arg_defs[i].verb == a->verb && tt_arg_fits(a, i))
			tt_buf_printf(out, "%s%s", out->n ? ", " : "", tt_arg_defs[i].key);
}

/* The argument that the n bytes of `term`, "key" or "key=word", name and that is
 * given; tt_arg_defs_n: it is not. */
static size_t given(const tt_arg_set *a, const char *term, size_t n)
{
	const char *equals = memchr(term, '=', n);
	size_t i = tt_arg_find(a, term, equals ? (size_t)(equals - term) : n);

	if (i == tt_arg_defs_n || !a->args[i].key)
		return tt_arg_defs_n;
	if (!equals)
		return i;

	size_t word_n = n - (size_t)(equals + 1 - term);
	bool same = strlen(a->args[i].text) == word_n &&
	            memcmp(a->args[i].text, equals + 1, word_n) == 0;
	return same ? i : tt_arg_defs_n;
}

/* The first of the terms that is given; tt_arg_defs_n: none. */
static size_t first_given(const tt_arg_set *a, const char *terms)
{
	for (const char *t = terms; *t;) {
		size_t n = strcspn(t, " "), i = given(a, t, n);

		if (i < tt_arg_defs_n)
			return i;
		t += n + (t[n] == ' ');
	}
	return tt_arg_defs_n;
}

static int refuse_lack(const tt_arg_set *a, const rule *r, size_t column, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf wanted = { 0 };

	if (strcmp(r->needs, "*") == 0)
		tt_arg_list(a, &wanted);
	else
		for (const char *t = r->needs; *t;) {
			size_t n = strcspn(t, " ");

			tt_buf_printf(&wanted, "%s%.*s", t == r->needs ? "" : ", ", (int)n, t);
			t += n + (t[n] == ' ');
		}
	if (wanted.failed)
		return tt_no_memory(err);
	return tt_fail(err, TT_EDATA, "column %zu: %s%s%s needs %s%s", column,
	               tt_verb_text(a->verb), r->when ? " with " : "", r->when ? r->when : "",
	               strchr(tt_buf_text(&wanted), ',') ? "one of " : "", tt_buf_text(&wanted));
}

static int check_rule(const tt_arg_set *a, const rule *r, tt_err *err)
{
	const char *verb = tt_verb_text(a->verb);
	size_t when = r->when ? first_given(a, r->when) : tt_arg_defs_n;
	size_t column = when < tt_arg_defs_n ? a->columns[when] : 1;

	if (r->when && when == tt_arg_defs_n)
		return TT_OK;
	if (r->kinds && a->kinds & ~r->kinds) {
		TT_CLEANUP(tt_buf_free) tt_buf kinds = { 0 };

		tt_kinds_list(r->kinds, &kinds);
		if (kinds.failed)
			return tt_no_memory(err);
		return tt_fail(err, TT_EDATA, "column %zu: %s with %s is for %s only", column, verb,
		               r->when, tt_buf_text(&kinds));
	}
	if (r->needs && strcmp(r->needs, "*") == 0) {
		for (size_t i = 0; i < tt_arg_defs_n; i++)
			if (a->args[i].key && tt_arg_defs[i].verb == a->verb)
				return TT_OK;
		return refuse_lack(a, r, column, err);
	}
	if (r->needs && first_given(a, r->needs) == tt_arg_defs_n)
		return refuse_lack(a, r, column, err);

	size_t never = r->never ? first_given(a, r->never) : tt_arg_defs_n;
	if (never == tt_arg_defs_n)
		return TT_OK;
	return tt_fail(err, TT_EDATA, "column %zu: %s takes no %s together with %s",
	               a->columns[never], verb, tt_arg_defs[never].key, r->when);
}

static int check_order(const tt_arg_set *a, const char *low, const char *high, tt_err *err)
{
	size_t x = given(a, low, strlen(low)), y = given(a, high, strlen(high));

	if (x == tt_arg_defs_n || y == tt_arg_defs_n || a->args[x].number <= a->args[y].number)
		return TT_OK;
	return tt_fail(err, TT_EDATA, "column %zu: %s is \"%s\", expected at least %s of %s",
	               a->columns[y], high, a->args[y].text, low, a->args[x].text);
}

int tt_arg_check(const tt_arg_set *a, tt_err *err)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].verb == a->verb)
			TT_TRY(check_rule(a, &rules[i], err));
	TT_TRY(check_order(a, "min_replicas", "max_replicas", err));
	return check_order(a, "min_nodes", "max_nodes", err);
}
