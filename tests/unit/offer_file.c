/* Offers that are written by hand: what is read, and each fault with its place. */
#include "commit/offer_file.h"
#include "t.h"
#include <stdio.h>
#include <string.h>

static const char head[] = "offers:\n  - id: a\n    kind: reserved_instance\n"
			   "    instance_type: t\n    term_months: 12\n";
static tt_arena *arena;
static tt_err err;

static int load(const char *text, tt_offer_file *ret)
{
	FILE *f = fopen("offers.yaml", "w");

	err = (tt_err){ 0 };
	T_OK(f && fputs(text, f) >= 0 && fclose(f) == 0);
	return tt_offer_file_read("offers.yaml", arena, ret, &err);
}

static void test_prices(void)
{
	static const char text[] = "as_of: 2026-01-01T00:00:00Z\noffers:\n"
		"- {id: a, kind: reserved_instance, instance_type: t, term_months: 12,"
		" price_per_hour: 2.5, payment: all, as_of: 2026-02-01T00:00:00Z}\n"
		"- {id: b, kind: reserved_instance, instance_type: t, term_months: 12,"
		" upfront: 876, monthly: 730}\n"
		"- {id: c, kind: committed_use, gpu_model: h, term_months: 1, least_units: 4,"
		" most_units: 12, units_per_purchase: 4, until: 2026-03-01T00:00:00Z}\n"
		"- {id: d, kind: capacity_block, gpu_model: h, starts_at: 2026-05-01T00:00:00Z,"
		" days: 10, upfront: 480}\n"
		"- {id: e, kind: savings_plan, term_months: 12, most_per_hour: 10,"
		" rates: [{gpu_model: h, discount_ratio: 0.28}, {price_per_hour: 7}]}\n"
		"- {id: f, kind: committed_use, term_months: 12, rates: [{price_per_hour: 7}]}\n"
		"needs:\n- {id: a, gpu_model: h, units: 64, from: 2026-05-02T00:00:00Z,"
		" until: 2026-05-04T00:00:00Z}\n";
	tt_offer_file f;

	T_INT(TT_OK, load(text, &f));
	T_STR("", err.text);
	T_INT(6, f.n);
	T_INT(16, strlen(f.digest));
	T_OK(f.v[0].rate_per_hour == TT_DECIMAL_ONE / 2 * 5);
	T_OK(f.v[0].upfront == TT_DECIMAL_ONE * 21900);
	T_INT(8760, f.v[0].term_h);
	T_INT(1769904000, f.v[0].as_of_s);
	T_INT(1767225600, f.v[1].as_of_s);
	T_OK(f.v[1].rate_per_hour == TT_DECIMAL_ONE / 10 * 11); /* 0.1 upfront and 1 */
	T_STR("partial", f.v[1].payment);
	T_OK(f.v[2].rate_per_hour == TT_DECIMAL_MISSING); /* none is said */
	T_INT(4, f.v[2].lot);
	T_INT(12, f.v[2].most);
	T_OK(f.v[2].from_s == TT_TIME_MISSING && f.v[2].until_s == 1772323200);
	T_INT(TT_SOLD_IN_DAYS, f.v[3].sold);
	T_INT(240, f.v[3].term_h);
	T_OK(f.v[3].rate_per_hour == TT_DECIMAL_ONE * 2);
	T_INT(TT_SOLD_IN_MONEY, f.v[4].sold);
	T_INT(2, f.v[4].n_rates);
	T_OK(f.v[4].rates[0].discount_ratio == TT_DECIMAL_ONE / 100 * 28);
	T_OK(f.v[4].rates[1].price_per_hour == TT_DECIMAL_ONE * 7);
	T_INT(TT_SOLD_IN_MONEY, f.v[5].sold);
	T_INT(64, f.needs[0].units);
}

static void test_faults(void)
{
	static const struct { const char *lines, *says; } of_units[] = {
		{ "    price_per_hour: -2\n", "offers.yaml:6:21: price_per_hour is \"-2\"" },
		{ "    price_per_hour: 2\n    upfront: 5\n", "price_per_hour beside upfront" },
		{ "    price_per_hour: 2\n    payment: half\n", ":7:14: payment is \"half\"" },
		{ "    upfront: 2\n    payment: all\n", "which say it" },
		{ "    price_per_hour: 2\n    until: 2026-01-01T00:00:00Z\n"
		  "    from: 2026-01-01T00:00:00Z\n", "offers.yaml:7:12: \"a\" ends before it" },
		{ "    price_per_huor: 2\n", ":6:5: \"price_per_huor\" is no key of an offer of "
		  "units; did you mean \"price_per_hour\"?" },
		{ "    most_units: 3\n    units_per_purchase: 4\n", "most_units is \"3\"" },
		{ "    least_units: 0\n", "least_units is \"0\"" },
		{ "    from: tomorrow\n", "from is \"tomorrow\"" },
		{ "  - id: a\n    kind: savings_plan\n    term_months: 12\n",
		  ":6:5: id \"a\" is there twice, first in line 2" },
	};
	static const struct { const char *text, *says; } whole[] = {
		{ "offers: []\n", "has no offers" },
		{ "offer: []\n", "did you mean \"offers\"?" },
		{ "offers:\n- {id: a b}\n", ":2:8: id is \"a b\"" },
		{ "offers:\n- {id: a, kind: saving_plan}\n", "did you mean \"savings_plan\"?" },
		{ "offers:\n- {id: a, kind: committed_use, term_months: 12}\n",
		  "neither instance_type nor gpu_model" },
		{ "offers:\n- {id: a, kind: reserved_instance, gpu_model: h}\n",
		  "an offer has no \"term_months\"" },
		{ "offers:\n- {id: a, kind: savings_plan, term_months: 1, rates: [{region: r}]}\n",
		  "a rate has neither of price_per_hour and discount_ratio" },
		{ "offers:\n- {id: a, kind: savings_plan, term_months: 1, rates: "
		  "[{discount_ratio: 28}]}\n", "expected a number between 0 and 1" },
		{ "offers:\n- {id: a, kind: capacity_block, gpu_model: h, days: 3}\n",
		  "a capacity block has no \"starts_at\"" },
		{ "needs:\n- {id: a, units: 3, from: 2026-01-02T00:00:00Z, "
		  "until: 2026-01-01T00:00:00Z}\n", "\"a\" ends before it starts" },
		{ "offers:\n- 5\n", "an offer is \"5\", expected keys with values" },
	};
	char text[1024];
	tt_offer_file f;

	for (size_t i = 0; i < sizeof of_units / sizeof *of_units; i++) {
		snprintf(text, sizeof text, "%s%s", head, of_units[i].lines);
		T_INT(TT_EDATA, load(text, &f));
		T_HAS(of_units[i].says, err.text);
	}
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
		T_INT(TT_EDATA, load(whole[i].text, &f));
		T_HAS(whole[i].says, err.text);
	}
	T_INT(TT_EIO, tt_offer_file_read("nowhere.yaml", arena, &f, &err));
}

int main(void)
{
	arena = tt_arena_new();
	T_OK(arena != NULL);
	test_prices();
	test_faults();
	tt_arena_free(arena);
	return T_END();
}
