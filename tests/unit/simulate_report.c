/* What a simulation looks like: the table, the JSON and the CSV of one that is filled by
 * hand, and how amounts are put into bins. What the engine fills in is in tests/golden. */
#include "report/histogram.h"
#include "report/simulate_csv.h"
#include "report/simulate_json.h"
#include "report/simulate_table.h"
#include "t.h"

#define UNIT INT64_C(1000000)
#define MONTH_S (730 * 3600)
#define START_S INT64_C(1767225600) /* 2026-01-01 */

enum { WORLDS = 512, CHANGES = 3, POOLS = 3 };

typedef struct made {
	tt_simulation s;
	tt_snapshot snapshot;
	tt_scenario scenario;
	tt_bound_scenario bound;
	tt_scenario_change items[CHANGES];
	tt_bound_change of[CHANGES];
	tt_change_subject subject;
	tt_arena *arena;
	tt_scenario_budget asked[2];
	tt_scenario_growth growth;
	tt_bound_growth bound_growth;
	tt_scenario_cut cut;
	tt_bound_cut bound_cut;
	tt_left_out left_out;
	tt_sim_change changes[CHANGES];
	tt_sim_lost lost[2];
	tt_sim_part pools[POOLS], months[2];
	tt_sim_budget budgets[2];
	const char *notes[1];
	int64_t savings[WORLDS], room[WORLDS];
	tt_buf out;
} made;

/* Evenly from low to high, in an order that is not sorted. */
static tt_sim_range spread(made *m, int64_t low, int64_t high, int64_t point)
{
	tt_sim_range r = { .point = point * UNIT };
	int64_t v[WORLDS];

	for (int64_t i = 0; i < WORLDS; i++)
		v[i * 37 % WORLDS] = low * UNIT + (high - low) * UNIT / (WORLDS - 1) * i;
	tt_worlds_summarise(v, WORLDS, m->room, &r.worlds);
	memcpy(m->savings, v, sizeof v);
	return r;
}

static void make_scenario(made *m)
{
	static const char *const texts[] = {
		"reprice node_group:train-h100 pricing=spot interruptions_per_h=0.05 risk=low",
		"release node:a effort_days=1", "label node:b owner=ml effort_days=2" };

	m->snapshot = (tt_snapshot){ .name = "example", .currency = "USD", .start_s = 0,
		                     .end_s = START_S };
	for (int i = 0; i < TT_ASSUMPTIONS; i++)
		m->scenario.assumed[i] = tt_assumed_default((enum tt_assumption)i);
	m->scenario.name = "spot training";
	m->scenario.note = "training on spot, a checkpoint every 20 minutes";
	for (size_t i = 0; i < CHANGES; i++) {
		m->items[i] = (tt_scenario_change){ .name = i == 0 ? "to spot" : "" };
		m->of[i].from = &m->items[i];
		T_INT(TT_OK, tt_change_parse(texts[i], m->arena, &m->of[i].change, NULL));
		m->changes[i] = (tt_sim_change){ .of = &m->of[i], .text = texts[i],
			                         .adopted_ratio = 1, .note = "" };
	}
	m->bound = (tt_bound_scenario){ .scenario = &m->scenario, .snapshot = &m->snapshot,
		                        .from_s = START_S, .until_s = START_S + 2 * MONTH_S };
}

static void make_parts(made *m)
{
	static const char *const pools[] = { "train-h100 (on_demand)", "serve", "legacy" };

	for (size_t i = 0; i < POOLS; i++)
		m->pools[i] = (tt_sim_part){
			.name = pools[i], .from_s = START_S, .to_s = START_S + 2 * MONTH_S,
			.baseline = spread(m, 30000, 40000, 35000),
			.after = spread(m, 29000, 39000, 34000),
			.saving = spread(m, i ? 0 : -200, i ? 0 : 1800, i ? 0 : 900),
		};
	for (size_t i = 0; i < 2; i++)
		m->months[i] = (tt_sim_part){
			.name = i ? "2026-02" : "2026-01", .from_s = START_S + 31 * 86400 * (int)i,
			.to_s = i ? START_S + 2 * MONTH_S : START_S + 31 * 86400,
			.baseline = spread(m, 50000, 60000, 55000),
			.after = spread(m, 49000, 59000, 54000),
			.saving = spread(m, -100, 900, 450),
		};
}

/* All of it but what a test puts on top: two months, three changes of which one is lost to
 * another and one moves no money. */
static made *make(void)
{
	made *m = calloc(1, sizeof *m);

	if (!m || !(m->arena = tt_arena_new()))
		exit(1);
	make_scenario(m);
	make_parts(m);
	m->changes[0].standalone = spread(m, -1000, 9000, 4000);
	m->changes[0].in_set = spread(m, -2000, 6000, 3000);
	m->changes[0].adopted_ratio = 0.75;
	m->lost[0] = (tt_sim_lost){ .to = 1, .why = "the node goes anyway", .micro = 900 * UNIT };
	m->lost[1] = (tt_sim_lost){ .to = 2, .why = "with it more fits", .micro = 100 * UNIT };
	m->changes[0].lost = m->lost;
	m->changes[0].n_lost = 1;
	m->changes[0].together = m->lost + 1;
	m->changes[0].n_together = 1;
	m->changes[1].standalone = m->changes[1].in_set = spread(m, 500, 500, 500);
	m->changes[2].standalone = m->changes[2].in_set = spread(m, 0, 0, 0);
	m->changes[2].note = "owners move money between buckets, not the bill";
	m->s = (tt_simulation){
		.scenario = &m->bound, .seed = 7, .n_worlds = WORLDS, .enough = true,
		.from_s = START_S, .until_s = START_S + 2 * MONTH_S, .weeks_measured = 2,
		.baseline = spread(m, 100000, 120000, 110000),
		.after = spread(m, 96000, 116000, 106500),
		.by_lever = { [TT_LEVER_USAGE] = spread(m, 500, 500, 500),
		              [TT_LEVER_RATE] = spread(m, -2000, 6000, 3000) },
		.months = m->months, .n_months = 2, .pools = m->pools, .n_pools = POOLS,
		.changes = m->changes, .n_changes = CHANGES,
		.baseline_service = { .interruptions = 0, .cold_starts = NAN,
		                      .overload_service_minutes = 10, .p95_latency_ms = 12 },
		.after_service = { .interruptions = 40.5, .cold_starts = NAN,
		                   .overload_service_minutes = 9, .p95_latency_ms = 40 },
		.added_service = { .interruptions = 40.5, .cold_starts = NAN,
		                   .overload_service_minutes = -1, .p95_latency_ms = 28 },
		.savings = m->savings,
	};
	m->s.saving = spread(m, -1500, 6500, 3500); /* last: its worlds stay in `savings` */
	return m;
}

static void drop(made *m)
{
	tt_buf_free(&m->out);
	tt_arena_free(m->arena);
	free(m);
}

static const char *table(made *m)
{
	tt_buf_free(&m->out);
	m->out = (tt_buf){ 0 };
	tt_simulate_table(&m->s, 0, &m->out);
	T_OK(!m->out.failed);
	return tt_buf_text(&m->out);
}

static const char *json(made *m)
{
	tt_buf_free(&m->out);
	m->out = (tt_buf){ 0 };
	tt_simulate_json(&m->s, &m->out);
	T_OK(!m->out.failed);
	return tt_buf_text(&m->out);
}

static const char *csv(made *m)
{
	tt_buf_free(&m->out);
	m->out = (tt_buf){ 0 };
	tt_simulate_csv(&m->s, &m->out);
	T_OK(!m->out.failed);
	return tt_buf_text(&m->out);
}

/* How often `part` is in `text`. */
static int times(const char *part, const char *text)
{
	int n = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		n++;
	return n;
}

/* --- Bins -------------------------------------------------------------------------------- */

static void test_bins(void)
{
	const int64_t few[] = { -7, -1, 0, 3, 4, 9, 10, 19 };
	tt_histogram h;
	size_t n = 0;

	tt_histogram_make(few, 8, &h);
	T_INT(5, h.step); /* 2 would make 14 bins */
	T_INT(-10, h.from);
	T_INT(6, h.bins);
	T_INT(1, h.n[0]);
	T_INT(1, h.n[1]); /* no bin has losses and gains */
	T_INT(3, h.n[2]);
	T_INT(1, h.n[4]); /* 10 is in the bin that begins with it */
	for (size_t i = 0; i < h.bins; i++)
		n += h.n[i];
	T_INT(8, n);
	T_OK(!h.below && !h.above);
	T_INT(0, tt_histogram_edge(&h, 2));
	T_INT(20, tt_histogram_edge(&h, h.bins));
	T_INT(0, tt_histogram_bin(&h, -1000));
	T_INT(5, tt_histogram_bin(&h, 1000));
}

/* A few far away are in the outer bins; where all but a few are one amount, the few count. */
static void test_outer_bins(void)
{
	static int64_t v[1000];
	tt_histogram h;

	for (size_t i = 0; i < 1000; i++)
		v[i] = (int64_t)i;
	v[0] = -1000000;
	v[999] = 1000000;
	tt_histogram_make(v, 1000, &h);
	T_INT(100, h.step);
	T_INT(0, h.from);
	T_INT(10, h.bins);
	T_OK(h.below && h.above);
	T_INT(100, h.n[0]);
	T_INT(100, h.n[9]);
	for (size_t i = 0; i < 1000; i++)
		v[i] = i == 999 ? 48 : 7;
	tt_histogram_make(v, 1000, &h);
	T_INT(9, h.bins); /* of 5, from 5 */
	T_INT(999, h.n[0]);
	T_INT(1, h.n[8]);
	v[999] = 7;
	tt_histogram_make(v, 1000, &h);
	T_INT(0, h.bins);
}

static void test_widest_bins(void)
{
	const int64_t ends[] = { INT64_MIN + 1, 0, INT64_MAX };
	tt_histogram h;

	tt_histogram_make(ends, 3, &h);
	T_OK(h.bins >= 2 && h.bins <= TT_HISTOGRAM_BINS);
	T_INT(1, h.n[0]);
	T_INT(1, h.n[h.bins - 1]);
	T_INT(INT64_MAX, tt_histogram_edge(&h, h.bins));
}

/* --- For people ---------------------------------------------------------------------------- */

static void test_table(void)
{
	made *m = make();
	const char *t = table(m);

	T_HAS("spot training  training on spot, a checkpoint every 20 minutes\nexample · 2 months "
	      "from 2026-01-01 · 512 worlds, seed 7 · demand drawn from 2 whole weeks\n",
	      t);
	T_HAS("saves 1,246 USD a month, 2.3 % of the baseline; -351 to 2,851 in eight worlds of "
	      "ten; a loss in\n  18.8 % of worlds. It takes 3 engineer-days, at low risk.\n", t);
	T_HAS("\n  saving                            -351         1,246         2,851         1,250"
	      "         1,750\n", t);
	T_HAS("\n  saving                            -702         2,492         5,702         2,500"
	      "         3,500\n", t);
	/* what is not known is no 0 */
	T_HAS("  interruptions                        0          40.5         +40.5         +20.3\n"
	      "  overload service-minutes            10             9            -1          -0.5\n"
	      "  p95 latency (ms)                    12            40           +28\n"
	      "  not known: cold starts\n", t);
	T_HAS("           -500 to 0", t);
	T_HAS("  12.5 %  P50\n", t);
	T_HAS("      alone                                                      -1        1,995"
	      "        4,001 10.2 %\n"
	      "      in the set                                               -601          996"
	      "        2,601 25.0 %\n"
	      "        loses 450 a month to change 2: the node goes anyway\n"
	      "        saves 50 a month more together with change 3: with it more fits\n"
	      "      effort 0 d · risk low · adopted in 75.0 % of worlds\n", t);
	T_HAS("      alone and in the set                                      250", t);
	T_HAS("\n  as planned: each alone, added up, 2,250 a month; all together 1,750\n", t);
	T_HAS("  2 pools stay as they are\n", t);
	T_HAS("  2026-02   29.8 days ", t);
	T_OK(!strstr(t, "wider than asked"));
	T_OK(!strstr(t, "Budgets"));
	T_OK(!strstr(t, "What is assumed"));
	m->s.enough = false;
	m->s.weeks_measured = 0;
	m->s.until_s -= 86400;
	t = table(m);
	T_HAS("± 20, with 95 % certainty; that is wider than asked", t);
	T_HAS("seed 7 · demand as in the window\n", t);
	T_HAS("\nOver 59.8 days ", t);
	m->s.until_s = m->s.from_s + MONTH_S;
	T_OK(!strstr(table(m), "\nOver "));
	drop(m);
}

/* The median is 0 because most worlds take nothing up. */
static void test_taken_up(void)
{
	made *m = make();

	for (int i = 0; i < WORLDS; i++)
		m->savings[i] = i % 5 < 3 ? 0 : 2000 * UNIT;
	m->s.saving.point = 2000 * UNIT;
	tt_worlds_summarise(m->savings, WORLDS, m->room, &m->s.saving.worlds);
	T_HAS("saves 0 USD a month", table(m));
	T_HAS("Nothing of it is taken up in 60.2 % of worlds; taken up as planned,", table(m));
	drop(m);
}

static void test_repacking(void)
{
	made *m = make();
	tt_repack_group groups[] = {
		{ "serve", { .nodes = 2, .moves = 30, .saving_micro = 100 * UNIT,
		             .gap_micro = 20 * UNIT }, "" },
		{ "packed", { .proven = true }, "" },
		{ "blind", { .saving_micro = TT_MONEY_UNKNOWN }, "it is not known who was there" },
	};

	T_OK(!strstr(table(m), "Packing by itself"));
	m->s.repacking = (tt_repack_groups){ groups, 3 };
	T_HAS("\nPacking by itself, a month: in no saving above\n", table(m));
	T_HAS("2 nodes at times without pods, 30 pods move; at most ", table(m));
	T_HAS("not known  it is not known who was there\n", table(m));
	T_OK(!strstr(table(m), "  packed "));
	T_HAS("{ \"node_group\": \"blind\", \"saving_per_month\": null, \"gap_per_month\": null, ",
	      json(m));
	T_HAS("\nrepacking,", csv(m));
	drop(m);
}

/* A saving that is none, one that is certain, and a cost. */
static void test_sentences(void)
{
	made *m = make();

	m->s.saving = spread(m, 0, 0, 0);
	T_HAS("\n  saves nothing in any world. It takes", table(m));
	T_OK(!strstr(table(m), "The saving a month in"));
	T_OK(!strstr(table(m), "with 95 % certainty"));
	m->s.saving = spread(m, 500, 500, 500);
	T_HAS("saves 250 USD a month, 0.5 % of the baseline, the same in every world; a loss in no "
	      "world", table(m));
	m->savings[3]++;
	T_HAS("the same in eight worlds of ten", table(m));
	m->s.saving = spread(m, -900, -100, -500);
	T_HAS("costs 250 USD a month more, 0.5 % of the baseline; 90 to 410 in eight worlds of "
	      "ten; a loss in\n  every world.", table(m));
	drop(m);
}

/* Nothing saved is no little saving: it has a row of its own, between losses and savings. */
static void test_nothing_saved(void)
{
	made *m = make();

	m->s.saving = spread(m, -1500, 6500, 3500);
	for (size_t i = 0; i < WORLDS; i++)
		if (m->savings[i] > 0 && i % 2)
			m->savings[i] = 0;
	tt_worlds_summarise(m->savings, WORLDS, m->room, &m->s.saving.worlds);
	table(m);
	T_HAS("           -500 to 0 ", tt_buf_text(&m->out));
	T_HAS("\n        nothing                   ████████████████████████████████████████  40.6 %"
	      "  P50\n              0 to 500 ", tt_buf_text(&m->out));
	drop(m);
}

/* Cents are shown of small bills only, and money that is none has no currency. */
static void test_units(void)
{
	made *m = make();

	m->s.baseline = m->s.after = spread(m, 94, 95, 94);
	m->snapshot.currency = "XXX";
	m->s.saving = spread(m, 1, 2, 1);
	T_HAS("saves 0.75 units a month", table(m));
	drop(m);
}

static void test_long_texts(void)
{
	made *m = make();
	tt_buf text = { 0 };

	tt_buf_puts(&text, "release ");
	for (int i = 0; i < 400; i++)
		tt_buf_printf(&text, "%snode:train-h100-%04d", i ? "," : "", i);
	tt_buf_puts(&text, " from=2026-02-01T00:00:00Z effort_days=3 excludes=\"a,b\"");
	T_INT(TT_OK, tt_change_parse(tt_buf_text(&text), m->arena, &m->of[1].change, NULL));
	m->pools[0].name = "a-node-group-with-a-very-long-name-indeed (on_demand)";
	table(m);
	T_HAS("   2  release node:train-h100-0000, node:train-h100-0001, node:train-h100-0002,\n"
	      "      node:train-h100-0003, node:train-h100-0004 and 395 more "
	      "from=2026-02-01T00:00:00Z\n      excludes=", tt_buf_text(&m->out));
	T_HAS("      effort 3 d", tt_buf_text(&m->out));
	T_HAS("  a-node-group-with-a-very…        17,495", tt_buf_text(&m->out));
	tt_buf_free(&text);
	drop(m);
}

/* --- Budgets, assumptions, what was left out ------------------------------------------------- */

static void say_more(made *m)
{
	m->asked[0] = (tt_scenario_budget){ .owner = "", .probability_ratio = 0.9,
		                            .amount_per_month = 120000 * TT_DECIMAL_ONE };
	m->asked[1] = (tt_scenario_budget){ .owner = "=research", .probability_ratio = 0.5,
		                            .amount_per_month = 99 * TT_DECIMAL_ONE / 2 };
	m->budgets[0] = (tt_sim_budget){ .of = &m->asked[0], .within_ratio = 0.875,
		                         .baseline_within_ratio = 0.5,
		                         .p90_per_month = 121000 * UNIT };
	m->budgets[1] = (tt_sim_budget){ .of = &m->asked[1], .within_ratio = NAN,
		                         .baseline_within_ratio = NAN,
		                         .p90_per_month = TT_MONEY_UNKNOWN };
	m->s.budgets = m->budgets;
	m->s.n_budgets = 2;
	m->scenario.assumed[TT_SPOT_PRICE] = (tt_assumed){
		.spec = { .kind = TT_DIST_LOGNORMAL, .a = 1, .b = 0.25, .min = 0.4, .max = 100 },
		.at = { .file = "s.yaml", .line = 1, .column = 1 },
	};
	m->growth.ratio_per_month = (tt_assumed){
		.spec = { .kind = TT_DIST_TRIANGULAR, .a = 0, .b = 0.02, .c = 0.1 } };
	m->subject = (tt_change_subject){ .kind = TT_SUBJECT_NAMESPACE, .id = "chat" };
	m->bound_growth = (tt_bound_growth){ .from = &m->growth, .subjects = &m->subject,
		                             .n_subjects = 1 };
	m->bound.growth = &m->bound_growth;
	m->bound.n_growth = 1;
	m->cut.cut_ratio = (tt_assumed){ .spec = { .kind = TT_DIST_FIXED, .a = 0.3 } };
	m->bound_cut = (tt_bound_cut){ .from = &m->cut, .at_s = START_S,
		                       .prices = { .n_nodes = 1, .n_prices = 2 } };
	m->bound.cuts = &m->bound_cut;
	m->bound.n_cuts = 1;
	m->items[2].name = "notebooks";
	m->left_out = (tt_left_out){ .from = &m->items[2], .why = "s.yaml:9:3: no workload" };
	m->bound.left_out = &m->left_out;
	m->bound.n_left_out = 1;
	m->notes[0] = "=a note, \"quoted\"";
	m->s.notes = m->notes;
	m->s.n_notes = 1;
}

static void test_more_table(void)
{
	made *m = make();
	const char *t;

	say_more(m);
	t = table(m);
	T_HAS("  the whole fleet                120,000         121,000  90.0 %      50.0 %      "
	      "87.5 %   broken\n", t);
	T_HAS("  =research                           50         unknown  50.0 %               not "
	      "known\n", t);
	T_HAS("  - spot_price_ratio: lognormal, median 1, sigma 0.25, at least 0.4\n", t);
	T_HAS("  - demand of namespace chat, ratio per month: triangular, 0 to 0.1, most likely "
	      "0.02\n", t);
	T_HAS("  - price cut on 2026-01-01, 1 node, 2 prices, cut_ratio: 0.3\n", t);
	T_HAS("  - notebooks: s.yaml:9:3: no workload\n", t);
	m->budgets[0].within_ratio = 0.9;
	T_HAS("      90.0 %     kept\n", table(m));
	drop(m);
}

static void test_json(void)
{
	made *m = make();
	const char *t;

	say_more(m);
	t = json(m);
	T_HAS("\"schema\": \"trimtab.simulate/1\"", t);
	T_HAS("\"probability_of_loss\": 0.1875, \"point\": \"3500.000000\" }", t);
	T_HAS("\"saving_per_month\": { \"p10\": \"-350.782786\", \"p50\": \"1246.086068\"", t);
	T_HAS("\"cold_starts\": null", t);
	T_HAS("{ \"change\": 2, \"why\": \"the node goes anyway\", \"p50\": \"900.000000\" }", t);
	T_HAS("{ \"owner\": null, \"source\": \"budgets.csv\", "
	      "\"amount_per_month\": \"120000.000000\", "
	      "\"probability_ratio\": 0.9, \"within_ratio\": 0.875", t);
	T_HAS("{ \"owner\": \"=research\", \"source\": \"budgets.csv\", "
	      "\"amount_per_month\": \"49.500000\", "
	      "\"probability_ratio\": 0.5, \"within_ratio\": null, "
	      "\"baseline_within_ratio\": null, \"p90_per_month\": null }", t);
	T_HAS("\"lever\": null", t);
	T_HAS("\"half_width\": \"39.7", t);
	/* few worlds have no interval, and the largest budget is no int64 of micro-units */
	m->s.saving.worlds.half_width = NAN;
	m->asked[0].amount_per_month = (tt_decimal)99999999999999 * TT_DECIMAL_ONE;
	t = json(m);
	T_HAS("\"half_width\": null", t);
	T_HAS("\"amount_per_month\": \"99999999999999\"", t);
	T_HAS("      99,999,999,99", table(m)); /* cut, not wrapped */
	drop(m);
}

static void test_csv(void)
{
	made *m = make();
	const char *t, *line;
	int columns = 0, rows = 0;

	say_more(m);
	t = csv(m);
	line = strchr(t, '\n');
	for (const char *p = t; p < line; p++)
		columns += *p == ',';
	for (line = t; *line; rows++) {
		int n = 0, quoted = 0;

		for (; *line != '\n'; line++) {
			quoted ^= *line == '"';
			n += *line == ',' && !quoted;
		}
		T_INT(columns, n);
		line++;
	}
	/* header, fleet 3, levers 2, pools 9, months 6, changes 6, lost 1, together 1, service 12
	 * and 4 of each of 3 changes, budgets 2, assumed 3, left out 1, note 1 */
	T_INT(60, rows);
	T_INT(1, times("\nlost,", t));
	T_INT(1, times("\ntogether,", t));
	T_HAS(",fleet,,2026-01-01T00:00:00Z,2026-03-02T20:00:00Z,saving,-701.565573,2492.172135,"
	      "5701.565420,2499.999924,3500.000000,0.1875,,", t);
	T_HAS(",'=research,", t);
	T_HAS("\"'=a note, \"\"quoted\"\"\"", t);
	T_OK(!strstr(t, "nan") && !strstr(t, "unknown"));
	drop(m);
}

/* What runs out of memory says so and does not end the process. */
static void test_no_memory(void)
{
	made *m = make();

	say_more(m);
	for (int format = 0; format < 3; format++) {
		uint64_t nth = 0, failed;

		do {
			tt_buf out = { 0 };

			tt_alloc_fail_at(++nth, 0);
			if (format == 0)
				tt_simulate_table(&m->s, 0, &out);
			else if (format == 1)
				tt_simulate_json(&m->s, &out);
			else
				tt_simulate_csv(&m->s, &out);
			failed = tt_alloc_failed();
			tt_alloc_fail_at(0, 0);
			T_((failed > 0) == out.failed, "format %d, allocation %d", format,
			   (int)nth);
			tt_buf_free(&out);
		} while (failed);
		T_OK(nth > 10);
	}
	drop(m);
}

int main(void)
{
	test_bins();
	test_outer_bins();
	test_widest_bins();
	test_table();
	test_taken_up();
	test_repacking();
	test_sentences();
	test_nothing_saved();
	test_units();
	test_long_texts();
	test_more_table();
	test_json();
	test_csv();
	test_no_memory();
	return T_END();
}
