/* What worlds make of held commitments: at the point, where nothing is assumed, they are the
 * bill of the window, of the baseline and of any changes; terms that begin and end in the
 * horizon; sales; what lapses. */
#include "held_fleet.h"
#include "simulate/simulation.h"
#include <math.h>

enum { WEEK = 168 * H, MOST = 4 };

struct setup {
	tt_scenario scenario;
	tt_bound_scenario bound;
	tt_bound_change changes[MOST];
	tt_assumed adoption, realisation, delay;
};

/* From the window's end for so long. */
static void set_up(struct setup *u, const fleet *f, const tt_change *const *v, size_t n,
		   int64_t length_s)
{
	*u = (struct setup){ .scenario = { .path = "s.yaml", .name = "s", .note = "" },
			     .adoption = tt_assumed_fixed(TT_ADOPTION, 1),
			     .realisation = tt_assumed_fixed(TT_REALISATION, 1),
			     .delay = tt_assumed_fixed(TT_START_DELAY, 0) };
	for (int i = 0; i < TT_ASSUMPTIONS; i++)
		u->scenario.assumed[i] = tt_assumed_default((enum tt_assumption)i);
	u->bound = (tt_bound_scenario){ .scenario = &u->scenario, .snapshot = &f->s,
					.from_s = f->s.end_s, .until_s = f->s.end_s + length_s,
					.changes = u->changes, .n_changes = n };
	for (size_t i = 0; i < n; i++)
		u->changes[i] = (tt_bound_change){ .change = *v[i], .adoption_ratio = &u->adoption,
						   .realisation_ratio = &u->realisation,
						   .start_delay_days = &u->delay };
}

static tt_simulation *simulate(const struct setup *u, const fleet *f)
{
	const tt_sim_options o = { .seed = 1, .most_worlds = 16, .threads = 1 };
	tt_simulation *s = NULL;
	tt_err err = { 0 };
	tt_bill *b = bill(f, NULL);

	T_INT(TT_OK, tt_simulate(&u->bound, b, settings, &o, &s, &err));
	T_STR("", err.text);
	if (!s)
		exit(1);
	s->bill = NULL;
	tt_bill_free(b);
	return s;
}

/* --- Whatever is held, and whatever is done ----------------------------------------------- */

static uint64_t seed = 7;

static int below(int n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int)((seed >> 33) % (uint64_t)n);
}

/* A window that begins within an hour, of three kinds of nodes; some of them were there for a
 * part of it. What is held is held all the time, and longer. */
static void open_random(fleet *f)
{
	static const char *const types[] = { "x1", "x2", "x4" };
	static const char *const list[] = { "3.3333", "7", "13.000001" };
	static const char *const rate[] = { "2.1", "4.77", "7.000007" };
	static const char *const pricing[] = { "on_demand", "reserved", "spot", "", "owned" };
	const int nodes = 3 + below(10), held = below(5);
	const int64_t window_s = below(4) ? 30 * H : 2 * WEEK;

	fleet_open(f, 1234, 1234 + window_s);
	for (int i = 0; i < 3; i++) {
		price(f, types[i], "on_demand", "", list[i]);
		price(f, types[i], "commit_1y", "none", rate[i]);
		price(f, types[i], "commit_3y", "none", rate[2 - i]);
		price(f, types[i], "spot", "", "1.5")->interruptions_per_h = 0.01;
	}
	for (int i = 0; i < nodes; i++) {
		tt_node_row *n = node(f, types[below(3)], pricing[below(5)],
				      below(4) ? NULL : "5.55");

		n->node_group = n->instance_type;
		if (below(3) == 0)
			n->started_at = 1234 + below(20 * H);
		if (below(3) == 0)
			n->ended_at = n->started_at == TT_TIME_MISSING ? 5 * H :
				      n->started_at + below(15 * H) + 1;
	}
	for (int i = 0; i < held; i++) {
		const char *id = fleet_text(f, "c%d", i);

		if (below(3) == 0) {
			plan(f, id, below(2) ? "" : types[below(3)], below(2) ? "8" : "3.21")->
				ends_at = below(2) ? 90000 * H : 2000 * H;
			continue;
		}
		tt_commitment_row *c = units(f, id, below(4) ? types[below(3)] : "", 1 + below(4),
					     below(2) ? "2.7" : "4.1");
		c->ends_at = f->s.end_s + window_s + below(1000 * H);
		if (below(3) == 0) {
			c->payment = "partial";
			c->upfront = dec("1000.01");
		}
	}
	fleet_ready(f);
}

static const tt_change *random_change(fleet *f)
{
	const int n = (int)f->s.table[TT_NODES].n, held = (int)f->s.table[TT_COMMITMENTS].n;
	const char *text = NULL;

	switch (below(9)) {
	case 0:
		text = fleet_text(f, "schedule node:n%05d hours=\"0%d:30-17:00\"", below(n),
				  below(9));
		break;
	case 1:
		text = fleet_text(f, "reprice node:n%05d discount_ratio=0.%d", below(n),
				  1 + below(8));
		break;
	case 2:
		text = fleet_text(f, "reprice node:n%05d pricing=on_demand", below(n));
		break;
	case 3:
		text = fleet_text(f, "commit offer:\"cloud/north/x%d commit_1y none\" action=buy "
				  "units=%d", 1 + below(2), 1 + below(3));
		break;
	case 4:
		text = fleet_text(f, "commit commitment:c%d action=sell proceeds=0",
				  below(held + 1));
		break;
	case 5:
	case 6:
		text = fleet_text(f, "retype node:n%05d,node:n%05d instance_type=x%d", below(n),
				  below(n), 1 << below(3));
		break;
	case 7:
		text = fleet_text(f, "resize node_group:x%d nodes=%d", 1 << below(3), below(12));
		break;
	default:
		text = fleet_text(f, "release node:n%05d,node:n%05d", below(n), below(n));
	}
	return parse(text);
}

static bool applies(const fleet *f, const tt_change *c)
{
	tt_err err = { 0 };
	tt_case cs;

	tt_case_init(&cs, &f->s, settings);
	const int rc = tt_change_apply(c, &cs, &err);
	tt_case_reset(&cs);
	return rc == TT_OK;
}

static void test_random(void)
{
	for (int i = 0; i < 300; i++) {
		const tt_change *v[MOST];
		struct setup u;
		size_t n = 0;
		fleet f;

		open_random(&f);
		for (int k = 0; k < MOST; k++) {
			v[n] = random_change(&f);
			n += applies(&f, v[n]);
			for (size_t j = 0; j + 1 < n; j++) {
				if (tt_change_hash(v[j]) == tt_change_hash(v[n - 1]))
					n--;
			}
		}
		set_up(&u, &f, v, n, f.s.end_s - f.s.start_s);
		tt_simulation *s = simulate(&u, &f);

		T_INT(cost(&f, NULL), s->baseline.point);
		if (cost_of(&f, v, n) != TT_MONEY_UNKNOWN)
			T_INT(cost_of(&f, v, n), s->after.point);
		for (size_t k = 0; k < n; k++) {
			if (cost_of(&f, &v[k], 1) != TT_MONEY_UNKNOWN)
				T_INT(cost(&f, NULL) - cost_of(&f, &v[k], 1),
				      s->changes[k].standalone.point);
		}
		tt_simulation_free(s);
		fleet_close(&f);
	}
}

/* --- Terms -------------------------------------------------------------------------------- */

/* So many nodes that are on demand all through a week, at 10 an hour as listed. */
static void open_week(fleet *f, int nodes)
{
	fleet_open(f, 0, WEEK);
	for (int i = 0; i < nodes; i++)
		node(f, "x2", "on_demand", NULL);
	price(f, "x2", "on_demand", "", "10")->as_of = 0;
	price(f, "x2", "commit_1y", "none", "6")->as_of = 0;
}

static char said[256];           /* of the change */

static int64_t ahead(const fleet *f, const char *text, int weeks, bool renew, int64_t *after)
{
	const tt_change *change = text ? parse(text) : NULL;
	struct setup u;

	set_up(&u, f, &change, text ? 1 : 0, (int64_t)weeks * WEEK);
	u.scenario.horizon.not_renewed = !renew;
	tt_simulation *s = simulate(&u, f);
	const int64_t baseline = s->baseline.point;

	if (after)
		*after = s->after.point;
	snprintf(said, sizeof said, "%s", text ? s->changes[0].note : "");
	tt_simulation_free(s);
	return baseline;
}

/* In dollars an hour over a week. */
static int64_t an_hour(int64_t dollars)
{
	return dollars * 168 * UNIT;
}

/* One change lets lapse what ends after one week and after two, each from its own end. */
static void test_lapses(void)
{
	static const char both[] = "commit commitment:a,commitment:b action=lapse";
	int64_t after;
	fleet f;

	open_week(&f, 2);
	units(&f, "a", "x2", 1, "6")->ends_at = 2 * WEEK;
	units(&f, "b", "x2", 1, "5")->ends_at = 3 * WEEK;
	fleet_ready(&f);
	T_INT(an_hour(4 * 11), ahead(&f, both, 4, true, &after));
	T_INT(an_hour(11 + 15 + 20 + 20), after);
	/* that is what comes by itself where nothing is renewed */
	T_INT(an_hour(11 + 15 + 20 + 20), ahead(&f, both, 4, false, &after));
	T_HAS("not renewed in this scenario anyway", said);
	T_INT(an_hour(11 + 15 + 20 + 20), after);
	/* an end within an hour counts from the next */
	TT_ROW(&f.s.table[TT_COMMITMENTS], tt_commitment_row, 0)->ends_at -= H / 2;
	T_INT(an_hour(11 + 15 + 20 + 20), ahead(&f, NULL, 4, false, NULL));
	fleet_close(&f);
}

/* What ended within the window covers nothing; what begins later counts from then on. */
static void test_terms(void)
{
	fleet f;

	open_week(&f, 1);
	units(&f, "c", "x2", 1, "6")->ends_at = WEEK / 2;
	fleet_ready(&f);
	T_INT(an_hour(8), cost(&f, NULL));
	T_INT(an_hour(10), ahead(&f, NULL, 1, true, NULL));
	fleet_close(&f);

	open_week(&f, 1);
	tt_commitment_row *d = units(&f, "d", "x2", 1, "6");
	d->starts_at = 2 * WEEK;
	d->ends_at = 3 * WEEK;
	fleet_ready(&f);
	T_INT(an_hour(10), cost(&f, NULL));
	T_INT(an_hour(10 + 6 + 6), ahead(&f, NULL, 3, true, NULL));
	T_INT(an_hour(10 + 6 + 10), ahead(&f, NULL, 3, false, NULL));
	fleet_close(&f);

	/* a block of three days for 72.00, paid before: never renewed */
	open_week(&f, 1);
	tt_commitment_row *block = units(&f, "block", "x2", 1, "0");
	block->kind = "capacity_block";
	block->payment = "all";
	block->upfront = dec("72");
	block->starts_at = WEEK + 24 * H;
	block->ends_at = WEEK + 96 * H;
	fleet_ready(&f);
	T_INT(96 * 10 * UNIT + 72 * UNIT, ahead(&f, NULL, 1, true, NULL));
	fleet_close(&f);
}

/* A reserved node is on demand once its commitment is gone. */
static void test_reserved(void)
{
	fleet f;

	open_week(&f, 0);
	node(&f, "x2", "reserved", NULL);
	units(&f, "ri", "x2", 1, "6")->ends_at = 2 * WEEK;
	fleet_ready(&f);
	T_INT(an_hour(6 + 10), ahead(&f, NULL, 2, false, NULL));
	T_INT(an_hour(6 + 6), ahead(&f, NULL, 2, true, NULL));
	fleet_close(&f);
}

/* What is bought is held for its term. */
static void test_bought(void)
{
	static const char buy[] = "commit offer:\"cloud/north/x2 commit_1y none\" action=buy "
				  "units=1 from=1970-01-15T00:00:00Z"; /* one week ahead */
	int64_t after;
	fleet f;

	open_week(&f, 1);
	fleet_ready(&f);
	T_INT(an_hour(60 * 10), ahead(&f, buy, 60, true, &after));
	T_INT(an_hour(10 + 59 * 6), after);
	T_STR("binds to 52,560 over its term, 0 of it after the horizon", said);
	T_INT(an_hour(60 * 10), ahead(&f, buy, 60, false, &after));
	T_INT(an_hour(60 * 10) - INT64_C(8760) * 4 * UNIT, after);
	fleet_close(&f);
}

/* The same bought twice at two times is two units, as two changes (here both before the horizon
 * begins) and as one, which is in force from the later. */
static void test_bought_twice(void)
{
	static const char offer[] = "commit offer:\"cloud/north/x2 commit_1y none\" action=buy "
				    "units=1";
	const tt_change *both[] = { parse(offer), NULL };
	struct setup u;
	fleet f;

	open_week(&f, 2);
	fleet_ready(&f);
	both[1] = parse(fleet_text(&f, "%s from=1970-01-05T00:00:00Z", offer));
	set_up(&u, &f, both, 2, 2 * WEEK);
	tt_simulation *s = simulate(&u, &f);
	T_INT(an_hour(2 * (6 + 6)), s->after.point);
	T_INT(an_hour(2 * (4 + 4)), s->saving.point);
	tt_simulation_free(s);

	const tt_change *later = parse(fleet_text(&f, "%s from=1970-01-15T00:00:00Z", offer));
	set_up(&u, &f, both, 1, 2 * WEEK);
	u.changes[0].also = &later;
	u.changes[0].n_also = 1;
	s = simulate(&u, &f);
	T_INT(an_hour(20 + 6 + 6), s->after.point);
	T_HAS("binds to 105,120 over its term", s->changes[0].note);
	tt_simulation_free(s);
	fleet_close(&f);
}

/* What is added twice is there twice, also where something held could cover it. */
static void test_added_twice(void)
{
	const tt_change *both[2];
	struct setup u;
	fleet f;

	open_week(&f, 1);
	TT_ROW(&f.s.table[TT_NODES], tt_node_row, 0)->node_group = "g";
	units(&f, "ri", "x2", 1, "6")->ends_at = 9 * WEEK;
	fleet_ready(&f);
	both[0] = parse("resize node_group:g nodes=2");
	both[1] = parse("resize node_group:g nodes=2 from=1970-01-15T00:00:00Z");
	set_up(&u, &f, both, 2, 2 * WEEK);
	tt_simulation *s = simulate(&u, &f);
	T_INT(an_hour(6 + 10 + 6 + 20), s->after.point);
	tt_simulation_free(s);
	fleet_close(&f);
}

/* --- Demand --------------------------------------------------------------------------- */

/* What the point costs an hour before and after `text` (NULL: nothing) at a level of demand. */
static void at_level(fleet *f, const char *text, double level, double *before, double *after)
{
	const tt_change *change = text ? parse(text) : NULL;
	struct setup u;

	set_up(&u, f, &change, text ? 1 : 0, WEEK);
	u.scenario.assumed[TT_DEMAND_LEVEL] = tt_assumed_fixed(TT_DEMAND_LEVEL, level);
	tt_simulation *s = simulate(&u, f);
	*before = (double)s->baseline.point / 168e6;
	*after = (double)s->after.point / 168e6;
	T_INT(s->baseline.point - s->after.point, s->saving.point);
	tt_simulation_free(s);
}

/* Nodes of a group with an autoscaler, at 10 an hour; the others stay as many as they are. */
static void open_scaled(fleet *f, int scaled, int others)
{
	open_week(f, scaled + others);
	for (int i = 0; i < scaled; i++)
		TT_ROW(&f->s.table[TT_NODES], tt_node_row, (size_t)i)->node_group = "g";
	tt_node_group_row *g = fleet_row(f, TT_NODE_GROUPS);
	g->node_group = "g";
	g->autoscaler = "karpenter";
}

/* What is bought covers what there is at each level, and is paid for where there is less. */
static void test_demand(void)
{
	static const char one[] = "commit offer:\"cloud/north/x2 commit_1y none\" action=buy "
				  "units=1";
	static const char two[] = "commit offer:\"cloud/north/x2 commit_1y none\" action=buy "
				  "units=2";
	static const struct { double level, before, with_one, with_two; } cases[] = {
		{ 1, 20, 16, 12 }, { 2, 40, 36, 32 }, { 1.2, 30, 26, 22 }, { 3.5, 70, 66, 62 },
		{ .5, 10, 6, 12 }, { .3, 10, 6, 12 }, { 7, 140, 136, 132 },
	};
	double before, after;
	fleet f;

	open_scaled(&f, 2, 0);
	fleet_ready(&f);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		at_level(&f, one, cases[i].level, &before, &after);
		T_F64(cases[i].before, before, 1e-6);
		T_F64(cases[i].with_one, after, 1e-6);
		at_level(&f, two, cases[i].level, &before, &after);
		T_F64(cases[i].with_two, after, 1e-6);
	}
	fleet_close(&f);
}

/* Where something is held already, beside nodes that demand does not move: they use it, too. */
static void test_demand_held(void)
{
	double before, after;
	fleet f;

	open_scaled(&f, 3, 1);
	tt_commitment_row *ri = units(&f, "ri", "x2", 2, "6");
	ri->ends_at = 9 * WEEK;
	fleet_ready(&f);
	at_level(&f, "release node:n00000", 1, &before, &after);
	T_F64(12 + 20, before, 1e-6);
	T_F64(12 + 10, after, 1e-6);
	at_level(&f, "release node:n00000", 2, &before, &after);
	T_F64(12 + 50, before, 1e-6);
	T_F64(12 + 30, after, 1e-6);
	at_level(&f, "release node:n00000", 1. / 3, &before, &after); /* one, and the other */
	T_F64(12, before, 1e-6);
	T_F64(12, after, 1e-6);
	/* nodes that no autoscaler runs stay */
	at_level(&f, "release node:n00003", 2, &before, &after);
	T_F64(12 + 40, after, 1e-6);
	at_level(&f, "resize node_group:g nodes=4", 2, &before, &after);
	T_F64(12 + 70, after, 1e-6);
	fleet_close(&f);

	/* a clock hour that is two of the window's, and a term that ends in the horizon */
	open_scaled(&f, 1, 0);
	f.s.start_s += H / 4;
	f.s.end_s += H / 4;
	units(&f, "ri", "x2", 1, "6")->ends_at = 9 * WEEK;
	fleet_ready(&f);
	at_level(&f, NULL, 3, &before, &after);
	T_F64(6 + 20, before, 1e-3);
	fleet_close(&f);
}

/* Random nodes and commitments; those of the group with an autoscaler are there `times` times. */
static void open_times(fleet *f, uint64_t from, int times)
{
	static const char *const types[] = { "x1", "x2", "x4" };
	static const char *const list[] = { "3.3333", "7", "13.000001" };
	static const char *const rate[] = { "2.1", "4.77", "7.000007" };

	seed = from;
	const int nodes = 3 + below(8), held = below(5);
	fleet_open(f, 0, 30 * H);
	for (int i = 0; i < 3; i++) {
		price(f, types[i], "on_demand", "", list[i]);
		price(f, types[i], "commit_1y", "none", rate[i]);
	}
	for (int i = 0; i < nodes; i++) {
		const int type = below(3), scaled = below(3), late = below(3), soon = below(3);
		const int at_s = below(20 * H), for_s = 1 + below(9 * H);

		for (int k = 0; k < (scaled ? times : 1); k++) {
			tt_node_row *n = node(f, types[type], scaled || late ? "on_demand" :
					      "reserved", NULL);

			n->node_group = scaled ? "g" : "";
			n->started_at = late ? TT_TIME_MISSING : at_s;
			n->ended_at = soon ? TT_TIME_MISSING : at_s + for_s;
		}
	}
	for (int i = 0; i < held; i++) {
		const char *id = fleet_text(f, "c%d", i);
		const int type = below(3), n = 1 + below(6), money = below(3);

		(money ? units(f, id, types[type], n, rate[type]) : plan(f, id, "", "6.5"))
			->ends_at = 9000 * H;
	}
	tt_node_group_row *g = fleet_row(f, TT_NODE_GROUPS);
	g->node_group = "g";
	g->autoscaler = "karpenter";
	fleet_ready(f);
}

/* Twice the demand of a group costs what twice its nodes do, with what is bought and without. */
static void test_demand_random(void)
{
	for (uint64_t i = 1; i <= 60; i++) {
		const tt_change *buy = parse("commit offer:\"cloud/north/x2 commit_1y none\" "
					     "action=buy units=3");
		struct setup u;
		fleet once, twice;

		open_times(&once, i, 1);
		open_times(&twice, i, 2);
		set_up(&u, &once, &buy, i % 2, 30 * H);
		u.scenario.assumed[TT_DEMAND_LEVEL] = tt_assumed_fixed(TT_DEMAND_LEVEL, 2);
		tt_simulation *s = simulate(&u, &once);
		T_F64((double)cost(&twice, NULL), (double)s->baseline.point, 2000);
		T_F64((double)cost_of(&twice, &buy, i % 2), (double)s->after.point, 2000);
		tt_simulation_free(s);
		fleet_close(&once);
		fleet_close(&twice);
	}
}

/* A sale: what recurs ends, what was paid stays paid, and what it brings is due at its start. */
static void test_sale(void)
{
	static const char sale[] = "commit commitment:ri action=sell proceeds=500 units=1";
	int64_t after;
	fleet f;

	open_week(&f, 2);
	tt_commitment_row *ri = units(&f, "ri", "x2", 2, "4");
	ri->payment = "partial";
	ri->upfront = dec("3360"); /* 1.00 an hour of each */
	ri->starts_at = -WEEK;
	ri->ends_at = 9 * WEEK;
	fleet_ready(&f);
	T_INT(an_hour(2 * 10), ahead(&f, sale, 2, true, &after));
	T_INT(an_hour(2 * (5 + 1 + 10)) - 500 * UNIT, after);
	T_HAS("500 of it falls due at its start, though what is sold would have been held until "
	      "1970-03-05", said);
	/* but for when the proceeds come, that is the bill of the window twice */
	T_INT(an_hour(5 + 1 + 10), cost(&f, "commit commitment:ri action=sell proceeds=0 units=1"));
	/* at the end of the term nothing is left of what was paid */
	ahead(&f, sale, 10, false, &after);
	T_INT(an_hour(8 * 16 + 2 * 20) - 500 * UNIT, after);
	fleet_close(&f);

	open_week(&f, 1);
	units(&f, "ri", "x2", 1, "6")->ends_at = WEEK / 2;
	fleet_ready(&f);
	const tt_sim_options o = { .seed = 1, .most_worlds = 16, .threads = 1 };
	const tt_change *change = parse("commit commitment:ri action=sell proceeds=1");
	tt_simulation *s = NULL;
	tt_err err = { 0 };
	struct setup u;
	tt_bill *b = bill(&f, NULL);
	set_up(&u, &f, &change, 1, WEEK);
	T_INT(TT_EINVAL, tt_simulate(&u.bound, b, settings, &o, &s, &err));
	T_HAS("\"ri\" is not in force when it is given up", err.text);
	tt_bill_free(b);
	fleet_close(&f);
}

/* --- Prices that are known already -------------------------------------------------------- */

static void test_prices(void)
{
	struct setup u;
	fleet f;

	open_week(&f, 2);
	node(&f, "x2", "on_demand", "9.5"); /* its own price stays */
	price(&f, "x2", "on_demand", "", "8")->as_of = 2 * WEEK;
	price(&f, "x2", "commit_1y", "none", "3")->as_of = 2 * WEEK;
	fleet_ready(&f);
	set_up(&u, &f, NULL, 0, 2 * WEEK);
	tt_simulation *s = simulate(&u, &f);
	T_INT(an_hour(20 + 16 + 19), s->baseline.point);
	T_INT(2, s->n_notes);
	T_HAS("1 price of prices.csv dated after the window holds from its date", s->notes[1]);
	tt_simulation_free(s);
	u.scenario.horizon.prices_stay = true;
	s = simulate(&u, &f);
	T_INT(an_hour(20 + 20 + 19), s->baseline.point);
	T_INT(1, s->n_notes);
	tt_simulation_free(s);

	/* beside a commitment: what it leaves costs what is listed then */
	units(&f, "ri", "x2", 1, "6")->ends_at = 9 * WEEK;
	fleet_ready(&f);
	u.scenario.horizon.prices_stay = false;
	s = simulate(&u, &f);
	T_INT(an_hour(2 * 6 + 10 + 8 + 19), s->baseline.point);
	tt_simulation_free(s);
	fleet_close(&f);
}

/* The price of a type that a change moves to counts from its date, too. */
static void test_prices_there(void)
{
	const tt_change *change = parse("retype node_group:g instance_type=x4");
	struct setup u;
	fleet f;

	open_week(&f, 1);
	tt_node_row *n = TT_ROW(&f.s.table[TT_NODES], tt_node_row, 0);
	n->node_group = "g";
	price(&f, "x4", "on_demand", "", "6")->as_of = 0;
	price(&f, "x4", "on_demand", "", "3")->as_of = WEEK + 24 * H;
	price(&f, "x9", "on_demand", "", "3")->as_of = WEEK + 48 * H; /* nobody's */
	for (int i = 0; i < 3; i++)
		TT_ROW(&f.s.table[TT_PRICES], tt_price_row, f.s.table[TT_PRICES].n - 1 - (size_t)i)
			->gpus = 2;
	fleet_ready(&f);
	set_up(&u, &f, &change, 1, WEEK);
	tt_simulation *s = simulate(&u, &f);
	T_INT((24 * 6 + 144 * 3) * UNIT, s->after.point);
	T_HAS("1 price of prices.csv dated after the window holds from its date", s->notes[1]);
	tt_simulation_free(s);
	fleet_close(&f);
}

/* A price cut of nodes reaches what commitments leave of them, and what is added to them. */
static void test_cuts(void)
{
	static uint32_t cut_nodes[] = { 0 };
	tt_scenario_cut half = { .cut_ratio = tt_assumed_fixed(TT_ADOPTION, 0.5) };
	const tt_change *change = parse("resize node_group:g nodes=3");
	struct setup u;
	fleet f;

	fleet_open(&f, 0, WEEK);
	for (int i = 0; i < 2; i++)
		node(&f, "x2", "on_demand", "10")->node_group = "g"; /* listed nowhere */
	units(&f, "ri", "x2", 1, "6")->ends_at = 9 * WEEK;
	fleet_ready(&f);
	tt_bound_cut cut = { .from = &half, .at_s = 2 * WEEK,
			     .prices = { .nodes = cut_nodes, .n_nodes = 1 } };
	set_up(&u, &f, &change, 1, 2 * WEEK);
	u.bound.cuts = &cut;
	u.bound.n_cuts = 1;
	tt_simulation *s = simulate(&u, &f);
	T_INT(an_hour(6 + 10 + 6 + 5), s->baseline.point);
	T_INT(an_hour(6 + 20 + 6 + 10), s->after.point);
	tt_simulation_free(s);
	fleet_close(&f);
}

int main(void)
{
	tt_err err = { 0 };

	T_INT(TT_OK, tt_settings_load(NULL, &settings, &err));
	arena = tt_arena_new();
	test_random();
	test_lapses();
	test_terms();
	test_reserved();
	test_bought();
	test_bought_twice();
	test_added_twice();
	test_demand();
	test_demand_held();
	test_demand_random();
	test_sale();
	test_prices();
	test_prices_there();
	test_cuts();
	tt_settings_free(settings);
	tt_arena_free(arena);
	return T_END();
}
