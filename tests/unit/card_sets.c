/* Which pods get a card together: MIG demands that come at once against the fewest cards that
 * there can be, pods that come and go, and a fleet without series. */
#include "change/card_sets.h"
#include "change/apply.h"
#include "fleet.h"
#include "maths/mig_cover.h"

enum { PODS = 16, END = 3600 };

/* An A100: 1g, 1g with double memory, 2g, 3g, 4g, 7g. */
static const tt_mig_profile profiles[] = {
	{ 0x7f, 1, 1, 7, 4864 },  { 0x55, 2, 1, 4, 9856 },  { 0x15, 2, 2, 3, 9856 },
	{ 0x11, 4, 3, 2, 19968 }, { 0x01, 4, 4, 1, 19968 }, { 0x01, 8, 7, 1, 40192 },
};
enum { PROFILES = sizeof profiles / sizeof *profiles };
static const tt_mig_geometry geometry = { profiles, PROFILES, 8, 7 };
static tt_mig_layouts layouts;
static tt_needs *needs;
static fleet f;

static void open_fleet(void)
{
	fleet_open(&f, 0, END);
	fleet_node(&f, "n", PODS)->price_per_hour = TT_DECIMAL_ONE;
	for (int i = 0; i < PODS; i++) {
		const char *pod = fleet_text(&f, "p%02d", i);

		fleet_pod(&f, pod, "n", 1)->workload = "w";
		fleet_hold(&f, fleet_card(&f, "n", fleet_text(&f, "%d", i), ""), pod, 0, END, 60,
			   1);
	}
	fleet_ready(&f);
}

static size_t sets_of(tt_sharer *v, size_t n)
{
	const tt_card_rules rules = { .most = 64, .memory_mib = 40960, .cpus = (double)NAN,
				      .host_mib = (double)NAN, .mig = &geometry,
				      .layouts = &layouts, .overhead_ratio = (double)NAN };
	uint64_t most = 0;
	tt_card_sums worst;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_card_sets_make(&f.s, needs, &rules, v, n, &worst, &err));
	for (size_t i = 0; i < n; i++)
		most = v[i].set > most ? v[i].set : most;
	T_F64(1, worst.slowdown_ratio, 0);
	return most;
}

static void test_at_once(void)
{
	static const struct { uint32_t demand[PROFILES]; size_t cards; } cases[] = {
		{ { 1, 0, 0, 2, 0, 0 }, 2 }, { { 9, 0, 0, 0, 0, 0 }, 2 },
		{ { 4, 0, 3, 2, 0, 0 }, 3 }, { { 4, 4, 0, 0, 0, 0 }, 2 },
		{ { 0, 0, 0, 2, 2, 0 }, 2 }, { { 5, 0, 5, 1, 0, 0 }, 3 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		tt_mig_cover cover = { 0 };
		tt_sharer v[PODS];
		size_t n = 0;

		for (size_t k = 0; k < PROFILES; k++) {
			for (uint32_t j = 0; j < cases[i].demand[k]; j++, n++)
				v[n] = (tt_sharer){ .pod = (uint32_t)n, .when = { 0, END },
						    .memory_mib = profiles[k].mib, .profile = k };
		}
		T_INT(TT_OK, tt_mig_cover_make(&geometry, &layouts, cases[i].demand,
					       TT_MIG_STATES, &cover, NULL));
		T_INT(cases[i].cards, cover.n_cards);
		T_INT(cover.n_cards, sets_of(v, n));
		tt_mig_cover_free(&cover);
	}
}

/* 4g and 3g have a card; 7g that comes then has one of its own, 3g that comes last has the
 * place of the one that left. A card that is empty is not the one that is opened next. */
static void test_sticky(void)
{
	tt_sharer v[] = {
		{ .pod = 0, .when = { 0, 900 }, .profile = 3 },
		{ .pod = 1, .when = { 0, END }, .profile = 4 },
		{ .pod = 2, .when = { 600, 1200 }, .profile = 5 },
		{ .pod = 3, .when = { 900, END }, .profile = 3 },
		{ .pod = 4, .when = { 1800, END }, .profile = 5 },
	};

	T_INT(3, sets_of(v, 5));
	T_INT(1, v[0].set);
	T_INT(1, v[1].set);
	T_INT(2, v[2].set);
	T_INT(1, v[3].set);
	T_INT(3, v[4].set);
}

static void test_no_series(void)
{
	static const char why[] =
		"share: of no pod with a card of its own both memory and activity were measured";
	tt_settings *settings = NULL;
	tt_arena *arena = tt_arena_new();
	tt_change change;
	const tt_change *changes = &change;
	int64_t micro;
	tt_err err = { 0 };

	T_INT(TT_OK, tt_settings_load(NULL, &settings, NULL));
	T_INT(TT_OK, tt_change_parse("share workload:w mode=mps", arena, &change, NULL));
	T_INT(TT_ENODATA, tt_changes_cost(&f.s, settings, &changes, 1, &micro, &err));
	T_STR(why, err.text);
	tt_settings_free(settings);
	tt_arena_free(arena);
}

int main(void)
{
	open_fleet();
	if (tt_mig_layouts_make(&geometry, true, &layouts, NULL) < 0 ||
	    tt_needs_open(&f.s, &needs, NULL) < 0)
		return 1;
	test_at_once();
	test_sticky();
	test_no_series();
	tt_needs_close(needs);
	tt_mig_layouts_free(&layouts);
	fleet_close(&f);
	return T_END();
}
