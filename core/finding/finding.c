/* finding.c - the gate between a detector and the core.
 *
 * Whatever comes in, from a plugin's struct or from the bytes of a worker that may
 * have been damaged, goes through one check; behind it every string is one line of
 * UTF-8, every number is in its range and every change has parsed. */
#include "finding/finding.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
	TEXT_MAX = 1024,      /* bytes of one string */
	NAME_LENGTH_MAX = 48, /* of a verdict or evidence key; as tt_id_ok() has it */
	EVIDENCE_MAX = 64,
	CHANGES_MAX = 256,
	EFFORT_MAX_DAYS = 100000
};

/* --- Checks -------------------------------------------------------------------- */

/* Check one string and copy it; `least` 1 where it may not be empty. */
static int take_text(const char *field, const char *s, size_t least, tt_arena *arena,
                     const char **ret, tt_err *err)
{
	if (!s)
		return tt_fail(err, TT_EINVAL, "%s is NULL, expected a text", field);

	size_t n = strnlen(s, TEXT_MAX + 1);
	if (n > TEXT_MAX)
		return tt_fail(err, TT_EINVAL, "%s has more than %d bytes: \"%.*s...\"", field,
		               TEXT_MAX, TT_SHOWN(s));
	size_t good = tt_line_span(s, n);
	if (good < n)
		return tt_fail(err, TT_EINVAL,
		               "%s: byte 0x%02x at %zu, expected UTF-8 text of one line", field,
		               (unsigned)(unsigned char)s[good], good + 1);
	if (n < least)
		return tt_fail(err, TT_EINVAL, "%s is empty", field);
	*ret = tt_arena_text(arena, s, n);
	return *ret ? TT_OK : tt_no_memory(err);
}

static int check_range(const char *field, double v, double max, tt_err *err)
{
	char got[64], limit[32];

	if (v >= 0 && v <= max)
		return TT_OK;
	return tt_fail(err, TT_EINVAL, "%s is %s, expected a number from 0 to %s", field,
	               isnan(v)   ? "NaN"
	               : isinf(v) ? "infinite"
	                          : tt_format_f64(v, 9, got, sizeof got),
	               tt_format_f64(max, 0, limit, sizeof limit));
}

static int check_count(const char *field, size_t n, const void *p, size_t max, tt_err *err)
{
	if (n > max)
		return tt_fail(err, TT_EINVAL, "%s: %zu of them, expected at most %zu", field, n,
		               max);
	if (n && !p)
		return tt_fail(err, TT_EINVAL, "%s is NULL, expected %zu of them", field, n);
	return TT_OK;
}

static bool verdict_ok(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz_");

	return n > 0 && n <= NAME_LENGTH_MAX && !s[n];
}

static int take_subject(const tt_finding *f, tt_arena *arena, tt_found *to, tt_err *err)
{
	const char *kind = f->subject_kind;
	int k = kind ? tt_subject_kind_find(kind, strnlen(kind, TEXT_MAX)) : -1;

	/* an offer is something to buy, not something that a fleet has */
	if (k < 0 || k == TT_SUBJECT_OFFER)
		return tt_fail(err, TT_EINVAL,
		               "subject_kind is \"%.*s\", expected card, node, node_group, pod, "
		               "workload, namespace, commitment, charge or fleet",
		               TT_SHOWN(kind ? kind : ""));
	to->subject_kind = (enum tt_subject_kind)k;
	/* of the fleet the id may say which part: detectors of fleet scope have several */
	return take_text("subject_id", f->subject_id, k != TT_SUBJECT_FLEET, arena, &to->subject_id,
	                 err);
}

static int take_evidence(const tt_finding *f, tt_arena *arena, tt_found *to, tt_err *err)
{
	TT_TRY(check_count("evidence", f->n_evidence, f->evidence, EVIDENCE_MAX, err));
	to->n_evidence = f->n_evidence;
	to->evidence = tt_arena_alloc(arena, f->n_evidence * sizeof *to->evidence);
	if (!to->evidence)
		return tt_no_memory(err);
	for (size_t i = 0; i < f->n_evidence; i++) {
		const tt_evidence *from = &f->evidence[i];
		tt_found_evidence *e = &to->evidence[i];

		TT_TRY(take_text("key of evidence", from->key, 1, arena, &e->key, err));
		if (!tt_id_ok(e->key))
			return tt_fail(
				err, TT_EINVAL,
				"key of evidence is \"%.*s\", expected [a-z][a-z0-9_]* of at "
				"most %d bytes",
				TT_SHOWN(e->key), NAME_LENGTH_MAX);
		for (size_t j = 0; j < i; j++)
			if (strcmp(to->evidence[j].key, e->key) == 0)
				return tt_fail(err, TT_EINVAL, "evidence \"%s\" is there twice",
				               e->key);
		if (isinf(from->value))
			return tt_fail(err, TT_EINVAL,
			               "evidence \"%s\" is infinite, expected a number or NaN",
			               e->key);
		e->value = from->text ? NAN : from->value;
		if (from->text)
			TT_TRY(take_text(e->key, from->text, 0, arena, &e->text, err));
	}
	return TT_OK;
}

static int take_changes(const char *field, const char *const *texts, size_t n, tt_arena *arena,
                        tt_change **ret, tt_err *err)
{
	TT_TRY(check_count(field, n, texts, CHANGES_MAX, err));

	tt_change *v = tt_arena_alloc(arena, n * sizeof *v);
	if (!v)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		tt_err why = { 0 };

		if (!texts[i])
			return tt_fail(err, TT_EINVAL, "%s[%zu] is NULL, expected a change", field,
			               i);
		int rc = tt_change_parse(texts[i], arena, &v[i], &why);
		if (rc < 0) /* bad text in a finding is a bad argument of its detector */
			return tt_fail(err, rc == TT_EDATA ? TT_EINVAL : rc, "%s[%zu]: %s", field,
			               i, why.text);
	}
	*ret = v;
	return TT_OK;
}

int tt_found_check(const char *detector, const tt_finding *f, tt_arena *arena, tt_found *ret,
                   tt_err *err)
{
	tt_finding in = { 0 };
	tt_found to = { 0 };
	uint32_t size;

	memcpy(&size, f, sizeof size); /* all that is sure to be there */
	if (size < offsetof(tt_finding, alternatives))
		return tt_fail(err, TT_EINVAL, "size is %u, expected sizeof(tt_finding), which is "
		               "%zu", size, sizeof in);
	memcpy(&in, f, size < sizeof in ? size : sizeof in);
	if (!tt_id_ok(detector))
		return tt_fail(err, TT_EINVAL, "detector is \"%.*s\", expected an id",
		               TT_SHOWN(detector));
	TT_TRY(take_text("detector", detector, 1, arena, &to.detector, err));
	TT_TRY(take_text("verdict", in.verdict, 1, arena, &to.verdict, err));
	if (!verdict_ok(to.verdict))
		return tt_fail(err, TT_EINVAL,
		               "verdict is \"%.*s\", expected [a-z_]+ of at most %d bytes",
		               TT_SHOWN(to.verdict), NAME_LENGTH_MAX);
	TT_TRY(take_text("title", in.title, 1, arena, &to.title, err));
	TT_TRY(take_subject(&in, arena, &to, err));
	TT_TRY(take_text("owner", in.owner, 0, arena, &to.owner, err));
	TT_TRY(check_range("coverage_ratio", in.coverage_ratio, 1, err));
	TT_TRY(check_range("confidence_ratio", in.confidence_ratio, 1, err));
	TT_TRY(check_range("effort_days", in.effort_days, EFFORT_MAX_DAYS, err));
	if (in.risk < TT_RISK_NONE || in.risk > TT_RISK_HIGH)
		return tt_fail(err, TT_EINVAL, "risk is %" PRId32 ", expected %d to %d", in.risk,
		               TT_RISK_NONE, TT_RISK_HIGH);
	TT_TRY(take_text("risk_note", in.risk_note, 0, arena, &to.risk_note, err));
	to.spend_concerned_micro = in.spend_concerned_micro;
	to.coverage_ratio = in.coverage_ratio;
	to.confidence_ratio = in.confidence_ratio;
	to.effort_days = in.effort_days;
	to.risk = in.risk;
	TT_TRY(take_evidence(&in, arena, &to, err));

	to.n_changes = in.n_changes;
	TT_TRY(take_changes("changes", in.changes, in.n_changes, arena, &to.changes, err));
	while (in.alternatives && to.n_alternatives <= CHANGES_MAX &&
	       in.alternatives[to.n_alternatives])
		to.n_alternatives++;
	TT_TRY(take_changes("alternatives", in.alternatives, to.n_alternatives, arena,
	                    &to.alternatives, err));
	tt_found_id(to.detector, to.verdict, to.subject_kind, to.subject_id, to.id);
	*ret = to;
	return TT_OK;
}

void tt_found_id(const char *detector, const char *verdict, enum tt_subject_kind kind,
                 const char *subject_id, char ret[64])
{
	uint64_t h = TT_HASH_START;

	/* with their NULs, so that "ab","c" is not "a","bc" */
	h = tt_hash(h, detector, strlen(detector) + 1);
	h = tt_hash(h, verdict, strlen(verdict) + 1);
	h = tt_hash(h, tt_subject_kind_text(kind), strlen(tt_subject_kind_text(kind)) + 1);
	h = tt_hash(h, subject_id, strlen(subject_id));
	snprintf(ret, 64, "%.48s-%012" PRIx64, detector, h >> 16);
}

/* --- Over the pipe -------------------------------------------------------------- *
 * Fixed order, little-endian: u32 counts and kinds, i64 money, f64 numbers by their
 * bits, texts as u32 length and bytes. The id is not sent: it follows from the rest. */

static void put_u64(tt_buf *out, uint64_t v, size_t bytes)
{
	char b[8];

	for (size_t i = 0; i < bytes; i++)
		b[i] = (char)(unsigned char)(v >> (8 * i));
	tt_buf_add(out, b, bytes);
}

static void put_f64(tt_buf *out, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof bits);
	put_u64(out, bits, 8);
}

static void put_text(tt_buf *out, const char *s)
{
	size_t n = strlen(s);

	put_u64(out, n, 4);
	tt_buf_add(out, s, n);
}

static void put_changes(tt_buf *out, const tt_change *v, size_t n)
{
	put_u64(out, n, 4);
	for (size_t i = 0; i < n; i++) {
		size_t at = out->n;

		put_u64(out, 0, 4); /* length, known afterwards */
		tt_change_text(&v[i], out);
		for (size_t k = 0; !out->failed && k < 4; k++)
			out->p[at + k] = (char)(unsigned char)((out->n - at - 4) >> (8 * k));
	}
}

void tt_found_write(const tt_found *f, tt_buf *out)
{
	put_text(out, f->detector);
	put_text(out, f->verdict);
	put_text(out, f->title);
	put_text(out, tt_subject_kind_text(f->subject_kind));
	put_text(out, f->subject_id);
	put_text(out, f->owner);
	put_u64(out, (uint64_t)f->spend_concerned_micro, 8);
	put_f64(out, f->coverage_ratio);
	put_f64(out, f->confidence_ratio);
	put_f64(out, f->effort_days);
	put_u64(out, (uint64_t)f->risk, 4);
	put_text(out, f->risk_note);
	put_u64(out, f->n_evidence, 4);
	for (size_t i = 0; i < f->n_evidence; i++) {
		const tt_found_evidence *e = &f->evidence[i];

		put_text(out, e->key);
		put_f64(out, e->value);
		put_u64(out, e->text != NULL, 1);
		if (e->text)
			put_text(out, e->text);
	}
	put_changes(out, f->changes, f->n_changes);
	put_changes(out, f->alternatives, f->n_alternatives);
}

/* Reads on after a fault give zeros and empty texts; `rc` is looked at in the end
 * and before anything of a size that was read is allocated. */
typedef struct input {
	const char *p;
	size_t n, at;
	tt_arena *arena;
	int rc;
	tt_err *err;
} input;

static void fault(input *in, int status, const char *reason)
{
	if (in->rc == TT_OK)
		in->rc = tt_fail(in->err, status, "byte %zu of a finding: %s", in->at, reason);
}

static uint64_t get_u64(input *in, size_t bytes)
{
	uint64_t v = 0;

	if (in->rc < 0 || in->n - in->at < bytes) {
		fault(in, TT_EDATA, "cut off");
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t)(unsigned char)in->p[in->at + i] << (8 * i);
	in->at += bytes;
	return v;
}

static double get_f64(input *in)
{
	uint64_t bits = get_u64(in, 8);
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

static const char *get_text(input *in)
{
	size_t n = (size_t)get_u64(in, 4);

	if (in->rc < 0)
		return "";
	if (n > in->n - in->at || memchr(in->p + in->at, '\0', n)) {
		fault(in, TT_EDATA, "text is cut off or holds a NUL");
		return "";
	}
	const char *s = tt_arena_text(in->arena, in->p + in->at, n);
	if (!s) {
		fault(in, TT_ENOMEM, "out of memory");
		return "";
	}
	in->at += n;
	return s;
}

/* A count of at most `max` and a zeroed array for it and one more. */
static void *get_array(input *in, size_t max, size_t size, size_t *ret_n)
{
	size_t n = (size_t)get_u64(in, 4);
	void *v = NULL;

	*ret_n = 0;
	if (n > max)
		fault(in, TT_EDATA, "more parts than a finding can have");
	if (in->rc == TT_OK && !(v = tt_arena_alloc(in->arena, (n + 1) * size)))
		fault(in, TT_ENOMEM, "out of memory");
	if (v)
		*ret_n = n;
	return v;
}

static const char *const *get_texts(input *in, size_t *ret_n)
{
	const char **v = get_array(in, CHANGES_MAX, sizeof *v, ret_n);

	for (size_t i = 0; i < *ret_n; i++)
		v[i] = get_text(in);
	return (const char *const *)v;
}

static const tt_evidence *get_evidence(input *in, size_t *ret_n)
{
	tt_evidence *v = get_array(in, EVIDENCE_MAX, sizeof *v, ret_n);

	for (size_t i = 0; i < *ret_n; i++) {
		v[i].key = get_text(in);
		v[i].value = get_f64(in);
		if (get_u64(in, 1))
			v[i].text = get_text(in);
	}
	return v;
}

int tt_found_read(const char *p, size_t n, tt_arena *arena, tt_found *ret, tt_err *err)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *scratch = tt_arena_new();
	input in = { .p = p, .n = n, .arena = scratch, .err = err };
	tt_finding f = { .size = sizeof f };
	size_t n_alternatives;

	if (!scratch)
		return tt_no_memory(err);
	const char *detector = get_text(&in);
	f.verdict = get_text(&in);
	f.title = get_text(&in);
	f.subject_kind = get_text(&in);
	f.subject_id = get_text(&in);
	f.owner = get_text(&in);
	f.spend_concerned_micro = (int64_t)get_u64(&in, 8);
	f.coverage_ratio = get_f64(&in);
	f.confidence_ratio = get_f64(&in);
	f.effort_days = get_f64(&in);
	f.risk = (int32_t)(uint32_t)get_u64(&in, 4);
	f.risk_note = get_text(&in);
	f.evidence = get_evidence(&in, &f.n_evidence);
	f.changes = get_texts(&in, &f.n_changes);
	f.alternatives = get_texts(&in, &n_alternatives);
	if (in.rc == TT_OK && in.at != n)
		fault(&in, TT_EDATA, "more bytes than the finding has");
	if (in.rc < 0)
		return in.rc;
	return tt_found_check(detector, &f, arena, ret, err);
}

/* --- For reports ---------------------------------------------------------------- */

int tt_found_compare(const void *a, const void *b)
{
	const tt_found *x = a, *y = b;
	int by_id = strcmp(x->id, y->id);

	return by_id ? by_id : strcmp(x->title, y->title);
}

enum { UNDONE, UNDONE_PARTLY, NOT_UNDONE };

static int undone(const tt_change *c)
{
	const tt_change_arg *factor = tt_change_get(c, "factor"), *action;

	switch (c->verb) {
	case TT_RELEASE:
		return UNDONE_PARTLY;
	case TT_SCALE: /* what is paid for no more is deleted */
		return c->n_subjects && c->subjects[0].kind == TT_SUBJECT_CHARGE && factor &&
			factor->number <= 0 ? NOT_UNDONE : UNDONE;
	case TT_REPRICE:
		return tt_change_get(c, "provider") || tt_change_get(c, "region") ? UNDONE_PARTLY
			: UNDONE;
	case TT_COMMIT:
		action = tt_change_get(c, "action");
		return action && strcmp(action->text, "lapse") == 0 ? UNDONE : NOT_UNDONE;
	case TT_RESIZE:
	case TT_SCHEDULE:
	case TT_RETYPE:
	case TT_SHARE:
	case TT_LABEL:
	case TT_VERB_END:
		break;
	}
	return UNDONE;
}

const char *tt_found_reversible(const tt_found *f)
{
	static const char *const words[] = { "yes", "partly", "no" };
	int least = UNDONE;

	for (size_t i = 0; i < f->n_changes; i++)
		least = undone(&f->changes[i]) > least ? undone(&f->changes[i]) : least;
	return f->n_changes ? words[least] : "";
}

const char *tt_wave(double effort_days)
{
	return effort_days <= 5 ? "quick_win" : effort_days <= 20 ? "medium" : "long";
}

const char *tt_severity(int64_t larger_micro, int64_t total_micro)
{
	tt_i128 part = larger_micro, total = total_micro;

	if (larger_micro == TT_MONEY_UNKNOWN || total_micro == TT_MONEY_UNKNOWN || total <= 0)
		return "low";
	if (part * 10 >= total)
		return "critical";
	if (part * 100 >= total * 3)
		return "high";
	return part * 200 >= total ? "medium" : "low";
}
