/* Stranded hours and work elsewhere: what is nearest moves first, an hour is filled once, and
 * every saving is that of the bill. */
#include "held_fleet.h"
#include "rank/stranded.h"

enum { TEN = 10 * H };

typedef struct made {
	fleet f;
	tt_bill *b;
	tt_positions *x;
	tt_stranded s;
} made;

static void make(made *m)
{
	tt_err err = { 0 };

	fleet_ready(&m->f);
	m->b = bill(&m->f, NULL);
	T_INT(TT_OK, tt_positions_make(m->b, settings, &m->x, &err));
	T_INT(TT_OK, tt_stranded_make(m->b, settings, m->x, arena, &m->s, &err));
	T_STR("", err.text);

	const tt_change **all = tt_arena_alloc(arena, (m->s.n + 1) * sizeof *all);
	int64_t sum = 0;

	for (size_t i = 0; i < m->s.n; i++) {
		all[i] = parse(m->s.v[i].change);
		sum += m->s.v[i].saving_micro;
		T_INT(m->b->total_micro - cost(&m->f, m->s.v[i].change), m->s.v[i].alone_micro);
	}
	T_INT(sum, m->s.saving_micro);
	T_INT(m->b->total_micro - cost_of(&m->f, all, m->s.n), sum);
}

static void done(made *m)
{
	tt_positions_free(m->x);
	tt_bill_free(m->b);
	fleet_close(&m->f);
}

static void at_south(tt_price_row *p)
{
	p->region = "south";
}

/* Two units of the north stand free; three nodes in the south, of which one ran for half of the
 * time: the two that ran longest fill them, the third would be on demand again. */
static void test_region(void)
{
	made m;

	fleet_open(&m.f, 0, TEN);
	for (int i = 0; i < 3; i++)
		node(&m.f, "x2", "on_demand", NULL)->region = "south";
	TT_ROW(&m.f.s.table[TT_NODES], tt_node_row, 0)->ended_at = 5 * H;
	price(&m.f, "x2", "on_demand", "", "10");
	at_south(price(&m.f, "x2", "on_demand", "", "9"));
	units(&m.f, "ri", "x2", 2, "6");
	make(&m);
	/* all three: 225 less 50 that are on demand in the north; the half (one node): 90 */
	T_INT(1, m.s.n);
	T_INT(TT_NEAR_REGION, m.s.v[0].near);
	T_INT(3, m.s.v[0].nodes);
	T_STR("reprice node:n00000,node:n00001,node:n00002 region=north", m.s.v[0].change);
	T_INT(225 * UNIT, m.s.v[0].before_micro);
	T_INT(175 * UNIT, m.s.v[0].saving_micro);
	done(&m);

	/* with one unit alone one node is worth it: of two, the one that ran longest */
	fleet_open(&m.f, 0, TEN);
	for (int i = 0; i < 2; i++)
		node(&m.f, "x2", "on_demand", NULL)->region = "south";
	TT_ROW(&m.f.s.table[TT_NODES], tt_node_row, 0)->ended_at = 9 * H;
	price(&m.f, "x2", "on_demand", "", "10");
	at_south(price(&m.f, "x2", "on_demand", "", "9"));
	units(&m.f, "ri", "x2", 1, "6");
	make(&m);
	T_INT(1, m.s.n);
	T_STR("reprice node:n00001 region=north", m.s.v[0].change);
	T_INT(2, m.s.v[0].of_nodes);
	T_INT(90 * UNIT, m.s.v[0].saving_micro);
	done(&m);
}

/* One unit is free. Another size of the same card is nearer than another card, and fills it:
 * the other card, though dearer, is left. Spot and what is covered already are no candidates. */
static void test_near(void)
{
	made m;
	tt_price_row *p;

	fleet_open(&m.f, 0, TEN);
	node(&m.f, "x4", "on_demand", "12")->node_group = "near";
	node(&m.f, "x9", "on_demand", "15")->node_group = "far";
	TT_ROW(&m.f.s.table[TT_NODES], tt_node_row, 1)->gpu_model = "v100";
	node(&m.f, "x4", "spot", "4");
	node(&m.f, "x2", "reserved", NULL);
	p = price(&m.f, "x2", "on_demand", "", "14");
	p->gpus = 2;
	units(&m.f, "ri", "x2", 2, "6");
	make(&m);
	T_INT(1, m.s.n);
	T_INT(TT_NEAR_SIZE, m.s.v[0].near);
	T_STR("retype node_group:near instance_type=x2", m.s.v[0].change);
	T_INT(120 * UNIT, m.s.v[0].saving_micro);
	T_INT(1, m.s.n_left);
	T_INT(TT_NEAR_CARD, m.s.left[0].near);
	T_STR("far", m.s.left[0].like->node_group);
	done(&m);
}

/* Both would have to change, another provider, and nothing free: nothing is proposed. */
static void test_none(void)
{
	made m;

	fleet_open(&m.f, 0, TEN);
	node(&m.f, "x4", "on_demand", "12")->region = "south";
	node(&m.f, "x2", "on_demand", "12")->provider = "other";
	price(&m.f, "x2", "on_demand", "", "14");
	units(&m.f, "ri", "x2", 2, "6");
	make(&m);
	T_INT(0, m.s.n);
	T_INT(0, m.s.n_left);
	done(&m);

	fleet_open(&m.f, 0, TEN);
	node(&m.f, "x2", "reserved", NULL);
	node(&m.f, "x2", "on_demand", NULL)->region = "south";
	price(&m.f, "x2", "on_demand", "", "14");
	at_south(price(&m.f, "x2", "on_demand", "", "14"));
	units(&m.f, "ri", "x2", 1, "6");
	make(&m);
	T_INT(0, m.s.n + m.s.n_left);
	done(&m);

	/* too little: 10 of 120 */
	fleet_open(&m.f, 0, TEN);
	node(&m.f, "x2", "on_demand", NULL)->region = "south";
	price(&m.f, "x2", "on_demand", "", "14");
	at_south(price(&m.f, "x2", "on_demand", "", "12"));
	units(&m.f, "ri", "x2", 1, "6")->ends_at = H;
	make(&m);
	T_INT(0, m.s.n + m.s.n_left); /* it has ended */
	done(&m);
}

int main(void)
{
	tt_err err = { 0 };

	arena = tt_arena_new();
	if (!arena || tt_settings_load(NULL, &settings, &err) != TT_OK)
		return 1;
	test_region();
	test_near();
	test_none();
	tt_settings_free(settings);
	tt_arena_free(arena);
	return T_END();
}
