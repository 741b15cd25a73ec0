/* capacity_lines.c - lines of the bill that are of no node, as pools whose instances are bits of
 * money, so that worlds price them as everything else. */
#include "simulate/capacity_parts.h"
#include <math.h>
#include <string.h>

/* An instance costs a thousandth an hour: a second of it less than a third of a micro-unit. */
#define BIT_PER_HOUR (TT_DECIMAL_ONE / 1000)
enum { BIT_SECONDS = 18, PER_MICRO = 5 };  /* 3.6 s of it cost a micro-unit */

/* Streams that grow with what users ask for. */
static bool follows(enum tt_billed_stream s)
{
	return s == TT_BILLED_REQUESTS || s == TT_BILLED_INPUT_TOKENS ||
	       s == TT_BILLED_OUTPUT_TOKENS || s == TT_BILLED_CACHED_TOKENS ||
	       s == TT_BILLED_TOKENS || s == TT_BILLED_EGRESS;
}

static const char *or_else(const char *s, const char *none)
{
	return *s ? s : none;
}

static tt_pool pool_of(const tt_billed_line *l)
{
	const char *stream = tt_billed_stream_text(l->stream);

	return (tt_pool){ .node_group = or_else(l->service, or_else(l->category, "charges")),
			  .provider = "", .region = "", .instance_type = "", .gpu_model = "",
			  .pricing = l->kind == TT_BILLED_TAX ? "tax" :
				     l->kind == TT_BILLED_UNUSED ? "committed" :
				     or_else(stream, "charged"),
			  .price_per_hour = BIT_PER_HOUR, .paid_u9 = TT_U9_ONE, .epoch = TT_ALWAYS,
			  .follows_demand = follows(l->stream), .is_charge = true };
}

/* `micro` evenly over [from, to), rounded from its begin on so that hours add up. */
static int spread(const tt_pools *p, int64_t micro, int64_t from_s, int64_t to_s,
		  tt_pool_hours *to, tt_err *err)
{
	const tt_i128 all = (tt_i128)micro * BIT_SECONDS;
	int64_t before = 0;

	for (int64_t at_s = from_s, next_s; at_s < to_s; at_s = next_s) {
		const int64_t hour = (at_s - p->start_s) / 3600;

		next_s = p->start_s + (hour + 1) * 3600;
		next_s = next_s < to_s ? next_s : to_s;
		const int64_t now = (int64_t)tt_div_half_even(all * (next_s - from_s),
			(tt_i128)(to_s - from_s) * PER_MICRO);
		const int64_t nodes = to->nodes[hour] + (now - before) / 3600;

		if (nodes > INT32_MAX || nodes < -INT32_MAX)
			return tt_fail(err, TT_EDATA, "charges of an hour are more money than can "
				       "be counted");
		to->seconds[hour] += now - before;
		to->nodes[hour] = (int32_t)nodes;
		before = now;
	}
	return TT_OK;
}

struct sum {                    /* of the lines of one pool */
	uint32_t pool;
	int64_t micro;
};

static int add_sum(struct sum **v, size_t *n, size_t *cap, uint32_t pool, int64_t micro,
		   tt_err *err)
{
	size_t i = 0;

	while (i < *n && (*v)[i].pool != pool)
		i++;
	if (i == *n) {
		if (!TT_GROW(*v, *n, *cap))
			return tt_no_memory(err);
		(*v)[(*n)++] = (struct sum){ .pool = pool };
	}
	return tt_money_add(&(*v)[i].micro, micro, "charges", err);
}

static bool same_words(const tt_billed_line *a, const tt_billed_line *b)
{
	return a->stream == b->stream && a->kind == b->kind &&
	       strcmp(a->service, b->service) == 0 && strcmp(a->category, b->category) == 0;
}

static int sum_lines(const tt_case *c, tt_pools *p, struct sum **v, size_t *n, tt_err *err)
{
	const tt_billed *b = &c->snapshot->billed;
	uint32_t pool = 0;
	size_t cap = 0;

	for (size_t i = 0; i < b->n; i++) {
		const tt_pool like = pool_of(&b->lines[i]);

		if (!i || !same_words(&b->lines[i - 1], &b->lines[i]))
			TT_TRY(tt_pools_find(p, &like, &pool, err));
		TT_TRY(add_sum(v, n, &cap, pool, b->lines[i].micro, err));
	}
	return TT_OK;
}

int tt_capacity_lines(const tt_case *c, tt_pools *p, tt_capacity *to, tt_err *err)
{
	TT_CLEANUP(tt_freep) struct sum *v = NULL;
	tt_pool_hours *hours = NULL;
	size_t n = 0;

	TT_TRY(sum_lines(c, p, &v, &n, err));
	for (size_t i = 0; i < n; i++) {
		TT_TRY(tt_capacity_hours(to, p, v[i].pool, &hours, err));
		TT_TRY(spread(p, v[i].micro, p->start_s, p->end_s, hours, err));
	}
	return TT_OK;
}

static int add_parts(const tt_case *c, size_t line, tt_pools *p, tt_capacity *to, tt_err *err)
{
	const tt_billed_line *l = &c->snapshot->billed.lines[line];
	const tt_pool like = pool_of(l);
	TT_CLEANUP(tt_freep) tt_line_part *parts = NULL;
	tt_pool_hours *hours = NULL;
	uint32_t pool;
	size_t n;

	TT_TRY(tt_pools_find(p, &like, &pool, err));
	TT_TRY(tt_capacity_hours(to, p, pool, &hours, err));
	TT_TRY(tt_line_parts(c, line, &parts, &n, err));
	for (size_t i = 0; i < n; i++) {
		const double more = (double)l->micro * ((double)parts[i].factor_u9 / 1e9 - 1) *
				    (double)(parts[i].to_s - parts[i].from_s) /
				    (double)(p->end_s - p->start_s);

		if (fabs(more) > 9e18)
			return tt_fail(err, TT_EDATA, "charges are more money than can be counted");
		TT_TRY(spread(p, llround(more), parts[i].from_s, parts[i].to_s, hours, err));
	}
	return TT_OK;
}

int tt_capacity_lines_delta(const tt_case *c, tt_pools *p, tt_capacity *to, tt_err *err)
{
	for (size_t i = 0; i < c->n_rescales; i++) {
		if (!i || c->rescales[i - 1].line != c->rescales[i].line)
			TT_TRY(add_parts(c, c->rescales[i].line, p, to, err));
	}
	return TT_OK;
}
