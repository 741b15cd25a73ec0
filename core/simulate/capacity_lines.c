/* capacity_lines.c - lines of the bill that are of no node, as pools whose instances are bits of
 * money, so that worlds price them as everything else. */
#include "simulate/capacity_parts.h"
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

/* `micro` evenly over [from, to), rounded from its begin on so that hours add up; what is left
 * of it goes beside them. */
static int spread(const tt_pools *p, int64_t micro, int64_t from_s, int64_t to_s,
		  tt_pool_hours *to, tt_err *err)
{
	const tt_i128 all = (tt_i128)micro * BIT_SECONDS;
	int64_t before = 0, hour = 0;

	for (int64_t at_s = from_s, next_s; at_s < to_s; at_s = next_s) {
		hour = (at_s - p->start_s) / 3600;
		next_s = p->start_s + (hour + 1) * 3600;
		next_s = next_s < to_s ? next_s : to_s;
		const tt_i128 now = tt_div_half_even(all * (next_s - from_s),
			(tt_i128)(to_s - from_s) * PER_MICRO);
		const tt_i128 nodes = to->nodes[hour] + (now - before) / 3600;

		if (nodes > INT32_MAX || nodes < -INT32_MAX || now > INT64_MAX || now < -INT64_MAX)
			return tt_fail(err, TT_EDATA, "charges of an hour are more money than can "
				       "be counted");
		to->seconds[hour] += (int64_t)(now - before);
		to->nodes[hour] = (int32_t)nodes;
		before = (int64_t)now;
	}
	return tt_capacity_extra(p, to, (size_t)hour, micro * TT_CAPACITY_MICRO -
				 before * BIT_PER_HOUR * (tt_i128)TT_U9_ONE, err);
}

struct sum {                    /* of the lines of one pool, in one stretch */
	uint32_t pool;
	int64_t from_s, to_s, micro;
};

struct sums {
	struct sum *v;
	size_t n, cap;
};

static int add_sum(struct sums *to, const struct sum *one, tt_err *err)
{
	size_t i = 0;

	while (i < to->n && (to->v[i].pool != one->pool || to->v[i].from_s != one->from_s ||
			     to->v[i].to_s != one->to_s))
		i++;
	if (i == to->n) {
		if (!TT_GROW(to->v, to->n, to->cap))
			return tt_no_memory(err);
		to->v[to->n++] = (struct sum){ one->pool, one->from_s, one->to_s, 0 };
	}
	return tt_money_add(&to->v[i].micro, one->micro, "charges", err);
}

static int spread_sums(const tt_pools *p, const struct sums *sums, tt_capacity *to, tt_err *err)
{
	tt_pool_hours *hours = NULL;

	for (size_t i = 0; i < sums->n; i++) {
		const struct sum *x = &sums->v[i];

		TT_TRY(tt_capacity_hours(to, p, x->pool, &hours, err));
		TT_TRY(spread(p, x->micro, x->from_s, x->to_s, hours, err));
	}
	return TT_OK;
}

static bool same_words(const tt_billed_line *a, const tt_billed_line *b)
{
	return a->stream == b->stream && a->kind == b->kind &&
	       strcmp(a->service, b->service) == 0 && strcmp(a->category, b->category) == 0;
}

int tt_pools_of_line(tt_pools *p, const tt_billed_line *l, uint32_t *ret, tt_err *err)
{
	const tt_pool like = pool_of(l);

	return tt_pools_find(p, &like, ret, err);
}

static int sum_lines(const tt_case *c, tt_pools *p, struct sums *to, tt_err *err)
{
	const tt_billed *b = &c->snapshot->billed;
	struct sum one = { .from_s = p->start_s, .to_s = p->end_s };

	for (size_t i = 0; i < b->n; i++) {
		if (!i || !same_words(&b->lines[i - 1], &b->lines[i]))
			TT_TRY(tt_pools_of_line(p, &b->lines[i], &one.pool, err));
		one.micro = b->lines[i].micro;
		TT_TRY(add_sum(to, &one, err));
	}
	return TT_OK;
}

int tt_capacity_lines(const tt_case *c, tt_pools *p, tt_capacity *to, tt_err *err)
{
	struct sums sums = { 0 };
	int rc = sum_lines(c, p, &sums, err);

	if (rc == TT_OK)
		rc = spread_sums(p, &sums, to, err);
	tt_free(sums.v);
	return rc;
}

static int sum_parts(const tt_case *c, size_t line, tt_pools *p, struct sums *to, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_line_part *parts = NULL;
	struct sum one = { 0 };
	size_t n;

	TT_TRY(tt_pools_of_line(p, &c->snapshot->billed.lines[line], &one.pool, err));
	TT_TRY(tt_line_parts(c, line, &parts, &n, err));
	for (size_t i = 0; i < n; i++) {
		one = (struct sum){ one.pool, parts[i].from_s, parts[i].to_s,
				    parts[i].more_micro };
		TT_TRY(add_sum(to, &one, err));
	}
	return TT_OK;
}

int tt_capacity_lines_delta(const tt_case *c, tt_pools *p, tt_capacity *to, tt_err *err)
{
	struct sums sums = { 0 };
	int rc = TT_OK;

	for (size_t i = 0; i < c->n_rescales && rc == TT_OK; i++) {
		if (!i || c->rescales[i - 1].line != c->rescales[i].line)
			rc = sum_parts(c, c->rescales[i].line, p, &sums, err);
	}
	if (rc == TT_OK)
		rc = spread_sums(p, &sums, to, err);
	tt_free(sums.v);
	return rc;
}
