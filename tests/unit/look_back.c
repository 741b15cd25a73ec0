/* Since when a demand is what it is: jumps that stay, and what is none. */
#include "base/memory.h"
#include "maths/look_back.h"
#include "t.h"
#include <math.h>

enum { WEEK_H = 168, N = 60 * WEEK_H, AT = 40 * WEEK_H + 3 * 24 };

static tt_err err;
static double y[N];

/* A week with quiet nights and a quiet end, and something that looks like noise. */
static double shape(int t)
{
	const double work = t % 24 >= 8 && t % 24 < 20 && t / 24 % 7 < 5 ? 1.5 : 1;

	return work * (1 + .02 * (double)(7919 * t % 11 - 5)) *
		(1 + .03 * sin(40 * (double)(t / WEEK_H)));
}

static tt_look_back find(size_t n)
{
	tt_look_back b = { 0 };

	T_INT(TT_OK, tt_look_back_find(y, n, WEEK_H, &b, &err));
	return b;
}

/* In the middle of a week, by that factor. */
static void jump(double factor)
{
	for (int t = 0; t < N; t++)
		y[t] = shape(t) * (t < AT ? 100 : 100 * factor);
}

static void test_jumps(void)
{
	static const double factors[] = { .1, .5, .65, 1.6, 4 };

	for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
		jump(factors[i]);
		const tt_look_back b = find(N);

		T_INT(AT, b.from);
		T_F64(factors[i], b.after / b.before, .05 * factors[i]);
	}
	jump(.5);
	/* a fleet of which parts are not known */
	for (int t = AT - 50; t < AT - 20; t++)
		y[t] = (double)NAN;
	T_INT(AT, find(N).from);
	/* two jumps: the last one counts */
	for (int t = AT + 8 * WEEK_H; t < N; t++)
		y[t] *= 3;
	T_INT(AT + 8 * WEEK_H, find(N).from);
	/* two weeks behind it are enough, one is not */
	T_INT(AT + 8 * WEEK_H, find((size_t)AT + 10 * WEEK_H).from);
	T_OK(find((size_t)AT + 9 * WEEK_H).from != AT + 8 * WEEK_H);
}

static void test_none(void)
{
	jump(1);
	T_INT(0, find(N).from);
	T_OK(isnan(find(N).before));
	jump(.8); /* a fifth is not far enough */
	T_INT(0, find(N).from);
	for (int t = 0; t < N; t++) /* grows fivefold by and by */
		y[t] = shape(t) * 100 * pow(5, (double)t / N);
	T_INT(0, find(N).from);
	jump(.3); /* and comes back after three weeks */
	for (int t = AT + 3 * WEEK_H; t < N; t++)
		y[t] = shape(t) * 100;
	T_INT(0, find(N).from);
	jump(1); /* noise of such a kind that a third is nothing */
	for (int t = 0; t < N; t++)
		y[t] *= 1 + .9 * sin(40 * (double)(t / WEEK_H));
	T_INT(0, find(N).from);
	jump(.5); /* what is before a week without demand is none of it */
	for (int t = 45 * WEEK_H; t < 46 * WEEK_H; t++)
		y[t] = 0;
	T_INT(0, find(N).from);
	T_INT(0, find(3 * WEEK_H).from);
	T_INT(0, find(0).from);
	for (int t = 0; t < N; t++)
		y[t] = (double)NAN;
	T_INT(0, find(N).from);
}

static void test_rules(void)
{
	tt_look_back b;

	T_INT(TT_EINVAL, tt_look_back_find(y, N, 100, &b, &err));
	T_STR("seasons of 100 h, expected whole days", err.text);
	T_INT(TT_EINVAL, tt_look_back_find(y, N, 0, &b, &err));
	jump(.5);
	for (uint64_t nth = 1; nth < 6; nth++) {
		tt_alloc_fail_at(nth, 0);
		T_INT(TT_ENOMEM, tt_look_back_find(y, N, WEEK_H, &b, &err));
		tt_alloc_fail_at(0, 0);
	}
}

int main(void)
{
	test_jumps();
	test_none();
	test_rules();
	return T_END();
}
