/* Plans of money per hour: published hours, the published week by its curve and as a ladder, and
 * stacked plans against what can be had. */
#include "bill/metering.h"
#include "commit/ladder.h"
#include "maths/money_curve.h"
#include "maths/money_search.h"
#include "t.h"

enum { T = 168, ITEMS = 3 };

static tt_err err;

static tt_decimal money(double v)
{
	return (tt_decimal)llround(v * 1e9) * 1000;
}

/* One row under one plan: what is left on demand, unused, total. */
static void bill_row(const double *item, size_t n, double commitment, double ret[3])
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_decimal price[8], rate[8];
	int64_t used[8], micro = llround(commitment * 1e6), unused;
	tt_money_usage u = { price, rate, n, 1, used, NULL, 1, 1 };
	tt_money_biller b;
	tt_money_bill bill;

	for (size_t i = 0; i < n; i++) {
		used[i] = (int64_t)item[3 * i];
		price[i] = money(item[3 * i + 1]);
		rate[i] = money(item[3 * i + 2]);
	}
	T_INT(TT_OK, tt_money_biller_make(&u, arena, &b, &err));
	T_INT(TT_OK, tt_money_bill_all(&b, &micro, &unused, &bill, &err));
	ret[0] = (double)bill.on_demand_micro / 1e6;
	ret[1] = (double)unused / 1e6;
	ret[2] = (double)bill.total_micro / 1e6;
}

static void test_published_hours(void)
{
	static const double hour[] = { 4, 1, .7, 1, 10, 8.2, 400, .04, .03, 1600, .004, .003,
		1.5e6, .000015, .00001275 };
	static const double older[] = { 1, 4, 2, 1, 10, 8, 10, 1.5, 1, 5, 2, 1 };
	double b[3];

	bill_row(hour, 5, 50, b);
	T_F64(0, b[0], 0);
	T_F64(46.925, 50 - b[1], 1e-9); /* and 0.20 of requests: 47.13 as printed */
	bill_row(hour, 5, 2, b);
	T_F64(56.242857, b[0] + .2, 5e-7);
	T_F64(58.242857, b[2] + .2, 5e-7);
	T_F64(0, b[1], 0);
	bill_row(older, 4, 25, b);
	T_F64(0, b[0], 0);
	T_F64(0, b[1], 0);
	bill_row(older, 4, 24.5, b);
	T_F64(.5 * 10 / 8, b[0], 1e-9); /* the least discount is covered last */
}

typedef struct week {
	int64_t used[T * ITEMS];
	tt_decimal price[ITEMS], rates[2 * ITEMS];
	tt_money_usage u;
} week;

static void make(week *w)
{
	*w = (week){ .price = { money(4), money(10), money(1) },
		     .rates = { money(2.4), money(7), money(.8) } };
	for (int t = 0; t < T; t++) {
		w->used[ITEMS * t] = 3 + t % 5;
		w->used[ITEMS * t + 1] = t % 24 >= 8 && t % 24 < 18 ? 2 : 1;
		w->used[ITEMS * t + 2] = 10 + 7 * t % 13;
	}
	w->u = (tt_money_usage){ w->price, w->rates, ITEMS, 1, w->used, NULL, T, 1 };
}

static tt_i128 cost(tt_money_biller *b, int64_t micro)
{
	tt_money_bill bill;

	T_INT(TT_OK, tt_money_bill_all(b, &micro, NULL, &bill, &err));
	return bill.exact;
}

static void test_week(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_money_curve c;
	tt_money_biller b;
	tt_money_bill bill;
	int64_t none = 0, best, unused;
	week w;

	make(&w);
	T_INT(TT_OK, tt_money_curve_make(&w.u, 0, arena, &c, &err));
	T_OK(tt_money_curve_best(&c) == money(29.4));
	T_INT(TT_OK, tt_money_biller_make(&w.u, arena, &b, &err));
	T_INT(TT_OK, tt_money_bill_all(&b, &none, NULL, &bill, &err));
	T_INT(8416000000, bill.total_micro);
	best = 29400000;
	T_INT(TT_OK, tt_money_bill_all(&b, &best, &unused, &bill, &err));
	T_INT(6147700000, bill.total_micro);
	T_F64(26.952234, 100 * (1 - (double)bill.total_micro / 8416e6), 5e-7);
	T_F64(98.420797, 100 * (1 - (double)unused / (29.4e6 * T)), 5e-7);
	/* no other commitment is cheaper, and the bill is convex */
	const tt_i128 rounding = (tt_i128)1000 << b.shift; /* a thousandth of a micro-unit */
	tt_i128 last = cost(&b, 0), step = cost(&b, 100000) - last;

	for (int64_t micro = 0; micro <= 60000000; micro += 100000) {
		const tt_i128 now = cost(&b, micro);

		T_OK(now >= bill.exact);
		T_OK(micro < 200000 || now - last >= step - rounding);
		step = now - last;
		last = now;
	}
	for (size_t i = 1; i < c.n; i++)
		T_OK(c.v[i].slope < c.v[i - 1].slope);
}

/* As layers of 0.001 an hour the curve saves what the bill says, and a ladder buys the best. */
static void test_layers(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	static tt_ladder_layer layers[T * (ITEMS + 1) * 2];
	tt_money_curve c;
	tt_layer_curve l;
	tt_money_biller b;
	week w;

	make(&w);
	T_INT(TT_OK, tt_money_curve_make(&w.u, 0, arena, &c, &err));
	T_INT(TT_OK, tt_money_curve_layers(&c, money(.001), arena, &l, &err));
	T_INT(TT_OK, tt_money_biller_make(&w.u, arena, &b, &err));
	const tt_i128 none = cost(&b, 0), micro = (tt_i128)1000000 << b.shift;
	int64_t units = 0, saved = 0;

	for (size_t i = 0; i < l.n; i++) {
		layers[i] = (tt_ladder_layer){ l.v[i].units, l.v[i].busy };
		units += l.v[i].units;
		saved += l.v[i].units * l.v[i].busy;
		T_OK(!i || l.v[i].busy < l.v[i - 1].busy);
		T_F64((double)((none - cost(&b, units * 1000)) / micro) +
		      (double)(units * 1000 * T), (double)saved, (double)units / 2 + 1);
	}
	T_INT(units, l.units);
	T_F64(8416e6, (double)saved, (double)units / 2);

	const tt_ladder_segment s[] = { { layers, l.n }, { layers, l.n } };
	const tt_ladder_offer offers[] = { { 0, 2, 2 * T * 1000, TT_FLOW_MANY, 0 } };
	const tt_ladder ladder = { s, 2, offers, 1, NULL, 0 };
	tt_ladder_plan plan;

	T_INT(TT_OK, tt_ladder_solve(&ladder, arena, &plan, &err));
	T_INT(29400, plan.bought[0]);
	T_F64(2 * 6147.7e6, (double)plan.cost_micro, 60000);
	/* coarser steps, in which breakpoints fall */
	T_INT(TT_OK, tt_money_curve_layers(&c, money(7), arena, &l, &err));
	for (size_t i = 0, k = 0; i < l.n; i++)
		for (int64_t j = 0; j < l.v[i].units; j++, k++)
			T_INT((cost(&b, (int64_t)k * 7000000) -
			       cost(&b, (int64_t)(k + 1) * 7000000) + micro * 7000000 * T +
			       micro / 2) / micro, l.v[i].busy);
}

/* A plan that applies first takes what another was for. */
static void test_precedence(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	const tt_decimal third = (tt_decimal)20 * 1000000000000 / 11;
	const tt_decimal price[] = { money(2), third };
	tt_decimal rates[] = { money(1), money(1), money(1.04), third * 19 / 20 };
	const int64_t used[] = { 1000, 1000 }, commitment[] = { 1000000, 1040000 };
	tt_money_usage u = { price, rates, 2, 2, used, NULL, 1, 1000 };
	tt_money_biller b;
	tt_money_bill bill;
	tt_money_found f;

	T_INT(TT_OK, tt_money_biller_make(&u, arena, &b, &err));
	T_INT(TT_OK, tt_money_bill_all(&b, commitment, NULL, &bill, &err));
	T_F64(2.76344498, (double)bill.total_micro / 1e6, 5e-7);
	T_INT(TT_OK, tt_money_search(&u, 1000, arena, &f, &err));
	T_OK(f.bill.total_micro <= 2000000); /* both under the first */
	T_OK(f.bill.exact <= bill.exact);
	rates[0] = rates[3] = 0; /* the best assignment, if it could be had */
	T_INT(TT_OK, tt_money_biller_make(&u, arena, &b, &err));
	T_INT(TT_OK, tt_money_bill_all(&b, commitment, NULL, &bill, &err));
	T_INT(2040000, bill.total_micro);
}

static void test_stacked(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	const int64_t published[] = { 7333333, 21400000 }, grid[] = { 7500000, 21500000 };
	tt_money_biller b;
	tt_money_bill bill;
	tt_money_found f;
	week w;

	make(&w);
	memmove(w.rates + ITEMS, w.rates, ITEMS * sizeof *w.rates);
	w.rates[0] = money(2);
	w.rates[1] = w.rates[2] = 0;
	w.u.n_plans = 2;
	T_INT(TT_OK, tt_money_biller_make(&w.u, arena, &b, &err));
	T_INT(TT_OK, tt_money_bill_all(&b, published, NULL, &bill, &err));
	T_F64(5941.2, (double)bill.total_micro / 1e6, 5e-5);
	T_INT(TT_OK, tt_money_bill_all(&b, grid, NULL, &bill, &err));
	T_F64(5941.625, (double)bill.total_micro / 1e6, 1e-6);
	/* no plan is below 5941.2, the bound of a free assignment: so this one is the best */
	T_INT(TT_OK, tt_money_search(&w.u, 1, arena, &f, &err));
	T_F64(5941.2, (double)f.bill.total_micro / 1e6, 5e-5);
	T_OK(f.bill.total_micro >= 5941200000);
	T_INT(8416000000, f.none.total_micro);
	T_INT(TT_OK, tt_money_search(&w.u, 1000, arena, &f, &err));
	T_F64(5941.2, (double)f.bill.total_micro / 1e6, .1);
	T_INT(0, f.commitment_micro[0] % 1000);
	T_OK(f.n_bills < 3000);
	/* one plan: the search is the curve */
	make(&w);
	T_INT(TT_OK, tt_money_search(&w.u, 1000, arena, &f, &err));
	T_INT(29400000, f.commitment_micro[0]);
	/* rows that are alike are one */
	int64_t hours[2 * T], used[2 * T * ITEMS];

	memcpy(used, w.used, sizeof w.used);
	memcpy(used + T * ITEMS, w.used, sizeof w.used);
	for (int t = 0; t < T; t++)
		hours[t] = 2;
	w.u.hours = hours;
	T_INT(TT_OK, tt_money_search(&w.u, 1000, arena, &f, &err));
	T_INT(2 * 6147700000, f.bill.total_micro);
	w.u.hours = NULL;
	w.u.used = used;
	w.u.n_rows = 2 * T;
	T_INT(TT_OK, tt_money_search(&w.u, 1000, arena, &f, &err));
	T_INT(2 * 6147700000, f.bill.total_micro);
	T_INT(29400000, f.commitment_micro[0]);
}

/* What is billed: the metering of the bill, on random hours under two plans. */
static void test_billed(void)
{
	enum { KINDS = 4, HOUR_S = 3600 };
	static const char *const id[] = { "a", "b", "c", "d" };
	uint64_t state = 31;

	for (int round = 0; round < 500; round++) {
		TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
		TT_CLEANUP(tt_metering_freep) tt_metering *m = NULL;
		TT_CLEANUP(tt_metering_sums_freep) tt_metering_sums *sums = NULL;
		tt_decimal price[KINDS], rates[2 * KINDS];
		int64_t used[KINDS], metered[KINDS], commitment[2], total;
		tt_metering_item items[KINDS] = { 0 };
		tt_metering_commitment c[2] = { 0 };

		for (int i = 0; i < 2 * KINDS; i++) {
			state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
			price[i % KINDS] = (1 + (tt_decimal)(state >> 60)) * TT_DECIMAL_ONE / 4;
			used[i % KINDS] = (int64_t)(state >> 40 & 7) * 500;
		}
		for (int i = 0; i < 2 * KINDS; i++) {
			state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
			rates[i] = price[i % KINDS] * (tt_decimal)(state >> 61) / 8;
		}
		for (int i = 0; i < KINDS; i++) {
			items[i] = (tt_metering_item){ .id = id[i], .price_per_hour = price[i] };
			metered[i] = used[i] * 1000 * HOUR_S;
		}
		for (int k = 0; k < 2; k++) {
			commitment[k] = (int64_t)(state >> (20 + 9 * k) & 511) * 10000;
			c[k] = (tt_metering_commitment){ .id = id[k],
				.kind = k ? TT_METERING_COMPUTE_PLAN : TT_METERING_INSTANCE_PLAN,
				.starts_s = 0, .ends_s = HOUR_S,
				.commitment_per_hour = (tt_decimal)commitment[k] * 1000000,
				.rates = rates + k * KINDS };
		}
		tt_money_usage u = { price, rates, KINDS, 2, used, NULL, 1, 1000 };
		tt_money_biller b;
		tt_money_bill bill;

		T_INT(TT_OK, tt_metering_make(items, KINDS, c, 2, &m, &err));
		T_INT(TT_OK, tt_metering_sums_make(m, &sums, &err));
		T_INT(TT_OK, tt_metering_add(sums, metered, 0, HOUR_S, &err));
		T_INT(TT_OK, tt_metering_total(sums, &total, &err));
		T_INT(TT_OK, tt_money_biller_make(&u, arena, &b, &err));
		T_INT(TT_OK, tt_money_bill_all(&b, commitment, NULL, &bill, &err));
		T_F64((double)total, (double)bill.total_micro, 2); /* it rounds item by item */
	}
}

static void test_refused(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	int64_t micro = -1;
	tt_money_biller b;
	tt_money_bill bill;
	tt_money_curve c;
	tt_money_found f;
	tt_layer_curve l;
	week w;

	make(&w);
	T_INT(TT_OK, tt_money_biller_make(&w.u, arena, &b, &err));
	T_INT(TT_EINVAL, tt_money_bill_all(&b, &micro, NULL, &bill, &err));
	micro = INT64_MAX;
	T_INT(TT_EINVAL, tt_money_bill_all(&b, &micro, NULL, &bill, &err));
	T_INT(TT_EINVAL, tt_money_search(&w.u, 0, arena, &f, &err));
	T_INT(TT_OK, tt_money_curve_make(&w.u, 0, arena, &c, &err));
	T_INT(TT_EINVAL, tt_money_curve_layers(&c, 0, arena, &l, &err));
	w.rates[1] = 1;
	T_INT(TT_EINVAL, tt_money_curve_make(&w.u, 0, arena, &c, &err));
	make(&w);
	w.price[0] = money(1) * -1;
	T_INT(TT_EINVAL, tt_money_biller_make(&w.u, arena, &b, &err));
	make(&w);
	w.used[5] = -1;
	T_INT(TT_EINVAL, tt_money_biller_make(&w.u, arena, &b, &err));
	w.used[5] = INT64_MAX;
	T_INT(TT_EDATA, tt_money_biller_make(&w.u, arena, &b, &err));
	make(&w);
	w.u.unit = 0;
	T_INT(TT_EINVAL, tt_money_biller_make(&w.u, arena, &b, &err));
	make(&w);
	w.u.n_rows = 0; /* nothing is used: nothing is bought */
	T_INT(TT_OK, tt_money_search(&w.u, 1000, arena, &f, &err));
	T_INT(0, f.commitment_micro[0]);
	T_INT(0, f.bill.total_micro);
	w.u.n_rows = 1;
	w.u.n_plans = 0;
	T_INT(TT_OK, tt_money_search(&w.u, 1000, arena, &f, &err));
	T_OK(f.bill.total_micro > 0);
}

int main(void)
{
	test_published_hours();
	test_week();
	test_layers();
	test_precedence();
	test_stacked();
	test_billed();
	test_refused();
	return T_END();
}
