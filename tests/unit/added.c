/* Capacity that changes add: kept without order, each once, and one amount per change. */
#include "bill/added.h"
#include "bill/bill.h"
#include "fleet.h"

static tt_settings *settings;

enum { END = 36000 };

static tt_terms terms_at(const char *type, const char *price)
{
	tt_terms t;

	tt_terms_init(&t);
	t.instance_type = type;
	if (price)
		T_INT(0, tt_decimal_parse(price, strlen(price), &t.price_per_hour));
	return t;
}

static int64_t cost_of(const tt_case *c)
{
	tt_err err = { 0 };
	int64_t micro = -1;

	T_INT(TT_OK, tt_case_added_cost(c, NULL, &micro, &err));
	T_STR("", err.text);
	return micro;
}

/* Rows come in any order and more than once. */
static void test_order(const fleet *f)
{
	const tt_terms a = terms_at("x2", "10"), b = terms_at("x2", "10"), c = terms_at("x4", "30");
	const tt_added rows[] = {
		{ 7, 0, &a, "", 0, 3600, 2 },     /* 20 */
		{ 7, 1, &c, "g", 1800, 3600, 1 }, /* 15 */
		{ 7, 0, &a, "", 3600, 7200, 1 },  /* 10 */
		{ 9, 0, &a, "", 0, 3600, 2 },     /* 20: another change */
	};
	tt_case one, two;
	tt_segments s = { 0 };

	tt_case_init(&one, &f->s, settings);
	tt_case_init(&two, &f->s, settings);
	for (int i = 0; i < 4; i++)
		T_INT(TT_OK, tt_case_add(&one, &rows[i], NULL));
	for (int i = 3; i >= 0; i--) {
		tt_added same = rows[i];

		same.terms = same.terms == &a ? &b : same.terms; /* compared by content */
		T_INT(TT_OK, tt_case_add(&two, &same, NULL));
		T_INT(TT_OK, tt_case_add(&two, &rows[i], NULL));
	}
	T_INT(4, one.n_added);
	T_INT(4, two.n_added);
	for (size_t i = 0; i < 4 && i < two.n_added; i++)
		T_INT(0, tt_added_compare(&one.added[i], &two.added[i]));
	T_INT(65000000, cost_of(&one));
	T_INT(65000000, cost_of(&two));

	T_INT(TT_OK, tt_case_added(&one, &s, NULL));
	T_INT(4, s.n);
	T_INT(2 * 3600 + 1800 + 3600 + 2 * 3600, tt_segments_length_s(&s));
	T_OK(s.n == 4 && s.v[0].terms == &a && s.v[0].nodes == 2 && s.v[0].paid_u9 == TT_U9_ONE);
	tt_segments_free(&s);

	/* and put together */
	T_INT(TT_OK, tt_case_join(&two, &one, NULL));
	T_INT(4, two.n_added);
	tt_case_reset(&two);
	T_INT(TT_OK, tt_case_join(&two, &one, NULL));
	T_INT(65000000, cost_of(&two));

	/* beside the nodes of the fleet: one at 10 for ten hours */
	int64_t total = 0;
	T_INT(TT_OK, tt_bill_total(&one, &total, NULL));
	T_INT(165000000, total);
	tt_case_reset(&one);
	T_INT(0, cost_of(&one));
	tt_case_reset(&two);
}

/* A third of a micro-unit three times is one of them where a change adds it all, and nothing
 * where three changes do. */
static void test_rounding(const fleet *f)
{
	const tt_terms t = terms_at("x", "0.0000012");
	tt_case c;

	tt_case_init(&c, &f->s, settings);
	for (uint32_t i = 0; i < 3; i++)
		T_INT(TT_OK, tt_case_add(&c, &(tt_added){ 1, i, &t, "", 0, 1000, 1 }, NULL));
	T_INT(1, cost_of(&c));
	tt_case_reset(&c);
	for (uint64_t i = 0; i < 3; i++)
		T_INT(TT_OK, tt_case_add(&c, &(tt_added){ i, 0, &t, "", 0, 1000, 1 }, NULL));
	T_INT(0, cost_of(&c));
	tt_case_reset(&c);
}

static void test_limits(const fleet *f)
{
	const tt_terms t = terms_at("x2", "10"), without = terms_at("x2", NULL);
	tt_terms cheaper = terms_at("x2", "10"), many = terms_at("x2", "900000000000000");
	tt_err err = { 0 };
	int64_t micro = 0;
	tt_case c;

	tt_case_init(&c, &f->s, settings);
	/* cut to the window; nothing is nothing */
	T_INT(TT_OK, tt_case_add(&c, &(tt_added){ 1, 0, &t, "", -3600, 3600, 1 }, NULL));
	T_INT(TT_OK, tt_case_add(&c, &(tt_added){ 1, 1, &t, "", END, END + 10, 1 }, NULL));
	T_INT(TT_OK, tt_case_add(&c, &(tt_added){ 1, 2, &t, "", 0, 3600, 0 }, NULL));
	T_INT(10000000, cost_of(&c));
	/* a discount, and paid for longer */
	cheaper.price_u9 = TT_U9_ONE / 2;
	cheaper.paid_u9 = TT_U9_ONE / 5 * 6;
	T_INT(TT_OK, tt_case_add(&c, &(tt_added){ 2, 0, &cheaper, "", 0, 3600, 1 }, NULL));
	T_INT(16000000, cost_of(&c));
	/* a price that is not known is not free */
	T_INT(TT_ENODATA, tt_case_add(&c, &(tt_added){ 3, 0, &without, "", 0, 3600, 1 }, &err));
	T_STR("what one more x2 costs is not known", err.text);
	T_INT(2, c.n_added);
	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_case_add(&c, &(tt_added){ 3, 0, &many, "", 0, 3600, 1000000 }, &err));
	T_INT(TT_EDATA, tt_case_added_cost(&c, NULL, &micro, &err));
	T_HAS("more money than can be counted", err.text);
	tt_case_reset(&c);
}

int main(void)
{
	fleet f;

	if (tt_settings_load(NULL, &settings, NULL) < 0)
		return 1;
	fleet_open(&f, 0, END);
	fleet_node(&f, "n", 2)->price_per_hour = 10 * TT_DECIMAL_ONE;
	fleet_ready(&f);
	test_order(&f);
	test_rounding(&f);
	test_limits(&f);
	fleet_close(&f);
	tt_settings_free(settings);
	return T_END();
}
