/* spending.c - lines of the bill for detectors: chosen by their words, summed by others;
 * and what nobody's spend was spent by, as lists that a change can hold. */
#include "host/detector_services.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Subjects in a list: at 2 KiB for the longest name it fits into a change (1 MiB). */
enum { SUBJECTS_MAX = 400 };

enum { WORDS = 7 };

/* In the order of TT_WORD_*. */
static const size_t word_at[WORDS] = {
	offsetof(tt_spend, owner), offsetof(tt_spend, namespace_), offsetof(tt_spend, node_group),
	offsetof(tt_spend, creator), offsetof(tt_spend, workload_kind), offsetof(tt_spend, bucket),
	offsetof(tt_spend, reason),
};

static const char *word(const tt_spend *s, int w)
{
	const char *text;

	memcpy(&text, (const char *)s + word_at[w], sizeof text);
	return text;
}

static void set_word(tt_spend *s, int w, const char *text)
{
	memcpy((char *)s + word_at[w], &text, sizeof text);
}

static int is_meant(const tt_spend *line, const tt_spend *where)
{
	for (int w = 0; where && w < WORDS; w++)
		if (word(where, w) && strcmp(word(where, w), word(line, w)) != 0)
			return 0;
	return 1;
}

static int compare_words(const tt_spend *a, const tt_spend *b, uint32_t by)
{
	for (int w = 0; w < WORDS; w++) {
		int order = by & 1u << w ? strcmp(word(a, w), word(b, w)) : 0;

		if (order)
			return order;
	}
	return 0;
}

/* Lines of one sum keep the bill's order, so that it does not depend on qsort_r(). */
static int compare(const void *pa, const void *pb, void *by)
{
	const tt_spend *a, *b;
	uint32_t words;

	memcpy(&a, pa, sizeof a);
	memcpy(&b, pb, sizeof b);
	memcpy(&words, by, sizeof words);

	int order = compare_words(a, b, words);

	return order ? order : (a > b) - (a < b); /* both are in the bill's array */
}

static size_t count_sums(const tt_spend *const *lines, size_t n, uint32_t by)
{
	size_t sums = n > 0;

	for (size_t i = 1; i < n; i++)
		sums += compare_words(lines[i], lines[i - 1], by) != 0;
	return sums;
}

/* Add a line to a sum; its words are those of the costliest line so far. */
static void add(tt_spend *to, const tt_spend *line, int64_t *top_micro)
{
	for (int w = 0; line->cost_micro > *top_micro && w < WORDS; w++)
		set_word(to, w, word(line, w));
	if (line->cost_micro > *top_micro)
		*top_micro = line->cost_micro;
	to->cost_micro += line->cost_micro;
	to->gpu_hours += line->gpu_hours;
	to->pods += line->pods;
}

/* Sums of sorted lines into out[], which has room for all of them. */
static size_t sum_up(const tt_spend *const *lines, size_t n, uint32_t by, tt_spend *out)
{
	int64_t top_micro = 0;
	size_t sums = 0;

	for (size_t i = 0; i < n; i++) {
		if (i && compare_words(lines[i], lines[i - 1], by) == 0) {
			add(&out[sums - 1], lines[i], &top_micro);
			continue;
		}
		out[sums++] = *lines[i];
		top_micro = lines[i]->cost_micro;
	}
	return sums;
}

static int of_fleet(tt_call *c, const char *service)
{
	TT_TRY(tt_call_of_detector(c, service));
	return c->scope == TT_SCOPE_FLEET ? TT_OK
		: tt_call_break(c, TT_EINVAL, "called %s(), which is for scope fleet", service);
}

int tt_lend_spend(tt_call *c, uint32_t by, const tt_spend *where, const tt_spend **ret,
                  size_t *ret_n)
{
	TT_CLEANUP(tt_freep) const tt_spend **lines = NULL;
	tt_spend *out;
	size_t n = 0;

	*ret = NULL;
	*ret_n = 0;
	TT_TRY(of_fleet(c, "spend"));
	if (by >> WORDS)
		return tt_call_break(c, TT_EINVAL, "called spend() by %#x, which are no words",
		                     (unsigned)by);
	lines = tt_alloc((c->n_lines + 1) * sizeof *lines);
	if (!lines)
		return tt_call_break(c, TT_ENOMEM, "%s", tt_status_text(TT_ENOMEM));
	for (size_t i = 0; i < c->n_lines; i++)
		if (is_meant(&c->lines[i], where))
			lines[n++] = &c->lines[i];
	if (n)
		qsort_r(lines, n, sizeof *lines, compare, &by);
	out = tt_call_alloc(c, (count_sums(lines, n, by) + 1) * sizeof *out);
	if (!out)
		return TT_ENOMEM;
	*ret_n = sum_up(lines, n, by, out);
	*ret = out;
	return TT_OK;
}

const char *tt_lend_plain_owner(tt_call *c, const tt_spend *where, double ratio)
{
	double most = 0, all = 0;
	const char *owner = "";
	const tt_spend *v;
	size_t n, priced = 0;

	if (tt_lend_spend(c, TT_WORD_OWNER, where, &v, &n) < 0)
		return "";
	for (size_t i = 0; i < c->n_lines && !priced; i++)
		priced = c->lines[i].cost_micro > 0;
	for (size_t i = 0; i < n; i++) {
		double weight = priced ? (double)v[i].cost_micro : v[i].gpu_hours;

		if (!*v[i].owner)
			continue;
		all += weight;
		if (weight > most) {
			most = weight;
			owner = v[i].owner;
		}
	}
	return most >= ratio * all ? owner : "";
}

static int make_spenders(tt_call *c)
{
	int rc = TT_ENOMEM;

	if (c->spenders_arena)
		return TT_OK;
	c->spenders_arena = tt_arena_new();
	if (c->spenders_arena)
		rc = tt_spenders_make(c->subjects->snapshot, c->subjects->settings,
		                      c->spenders_arena, &c->spenders, NULL);
	return rc < 0 ? tt_call_break(c, rc, "%s", tt_status_text(rc)) : TT_OK;
}

int tt_lend_spenders(tt_call *c, const char *namespace_, const char *creator, size_t k,
                     const char **ret)
{
	*ret = "";
	TT_TRY(of_fleet(c, "spenders"));
	if (!namespace_ || !creator)
		return tt_call_break(c, TT_EINVAL, "called spenders() with NULL for a word");
	TT_TRY(make_spenders(c));
	for (size_t i = 0; i < SUBJECTS_MAX && k < SIZE_MAX / SUBJECTS_MAX; i++) {
		const char *one = tt_spenders_at(&c->spenders, namespace_, creator,
		                                 k * SUBJECTS_MAX + i);

		if (!one)
			break;
		*ret = tt_call_append(c, *ret, one);
	}
	return **ret ? TT_OK : TT_ENODATA;
}
