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

int main(void)
{
	tt_err err = { 0 };

	T_INT(TT_OK, tt_settings_load(NULL, &settings, &err));
	arena = tt_arena_new();
	test_random();
	tt_settings_free(settings);
	tt_arena_free(arena);
	return T_END();
}
