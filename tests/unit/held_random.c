/* Random fleets that hold commitments: whole bills, their totals and the pricer, which looks
 * only at what changes, agree on any set of changes. */
#include "held_fleet.h"

enum { STEPS = 5 };

static uint64_t seed;

/* Arguments are evaluated in any order, so draw one value at a time. */
static int below(int n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int)((seed >> 33) % (uint64_t)n);
}

static const char *const types[] = { "x1", "x2", "x4" };

/* --- A fleet ----------------------------------------------------------------------------- */

static void random_prices(fleet *f)
{
	static const char *const list[] = { "3.3333", "7", "13.000001" };
	static const char *const rate[] = { "2.1", "4.77", "7.000007" };
	static const char *const south[] = { "3", "8.000003", "11" };

	for (int i = 0; i < 3; i++) {
		price(f, types[i], "on_demand", "", list[i])->egress_per_gib = dec("0.090001");
		price(f, types[i], "commit_1y", "none", rate[i]);
		price(f, types[i], "commit_3y", "none", rate[2 - i]);
		price(f, types[i], "spot", "", "1.5")->interruptions_per_h = 0.01;
		price(f, types[i], "on_demand", "", south[i])->region = "south";
	}
}

static void random_node(fleet *f)
{
	static const char *const pricing[] = { "on_demand", "reserved", "spot", "", "owned" };
	const int type = below(3), paid = below(5), own = below(4);
	tt_node_row *n = node(f, types[type], pricing[paid], own ? NULL : "5.55");

	n->node_group = n->instance_type; /* a group of each */
	if (below(3) == 0)
		n->started_at = 1000 + below(20 * H);
	if (below(3) == 0)
		n->ended_at = n->started_at == TT_TIME_MISSING ? 5 * H :
			      n->started_at + below(15 * H) + 1;
}

static void random_plan(fleet *f, const char *id)
{
	const int any = below(2), type = below(3), much = below(2), far = below(2);

	plan(f, id, any ? "" : types[type], much ? "8" : "3.21")->ends_at =
		(far ? 90000 : 100) * (int64_t)H;
}

static void random_units(fleet *f, const char *id)
{
	const int some = below(4), type = below(3), n = 1 + below(4), cheap = below(2);
	tt_commitment_row *c = units(f, id, some ? types[type] : "", n, cheap ? "2.7" : "4.1");

	if (below(3) == 0) {
		c->payment = "partial";
		c->upfront = dec("1000.01");
	}
	if (below(3) == 0)
		c->ends_at = 1000 + below(25 * H) + 1;
}

static void open_random(fleet *f)
{
	const int nodes = 3 + below(10), held = 1 + below(5);

	fleet_open(f, 1000, 1000 + 30 * H);
	random_prices(f);
	for (int i = 0; i < nodes; i++)
		random_node(f);
	for (int i = 0; i < held; i++) {
		const char *id = fleet_text(f, "c%d", i);

		if (below(3) == 0)
			random_plan(f, id);
		else
			random_units(f, id);
	}
	fleet_ready(f);
}

/* --- A change ---------------------------------------------------------------------------- */

static const char *random_release(fleet *f, int a, int b)
{
	const int hour = 1 + below(8);

	switch (below(5)) {
	case 0:
		return fleet_text(f, "release node:n%05d from=1970-01-01T0%d:10:00Z", a, hour);
	case 1:
		return fleet_text(f, "release node:n%05d until=1970-01-01T1%d:20:00Z", a, hour);
	case 2:
		return fleet_text(f, "schedule node:n%05d hours=\"0%d:30-17:00\"", a, hour);
	default:
		return fleet_text(f, "release node:n%05d,node:n%05d", a, b);
	}
}

static const char *random_price(fleet *f, int a)
{
	const int n = 1 + below(8);

	switch (below(3)) {
	case 0:
		return fleet_text(f, "reprice node:n%05d discount_ratio=0.%d", a, n);
	case 1:
		return fleet_text(f, "reprice node:n%05d pricing=on_demand "
				  "from=1970-01-01T0%d:10:00Z", a, n);
	default:
		return fleet_text(f, "reprice node:n%05d region=south egress_gib=%d", a, n);
	}
}

static const char *random_capacity(fleet *f, int a, int b)
{
	const int hour = 1 + below(8), type = 1 << below(3), nodes = below(12);

	if (below(2))
		return fleet_text(f, "resize node_group:x%d nodes=%d", type, nodes);
	return fleet_text(f, "retype node:n%05d,node:n%05d instance_type=x%d "
			  "from=1970-01-01T0%d:10:00Z", a, b, type, hour);
}

static const char *random_deal(fleet *f)
{
	const int held = below((int)f->s.table[TT_COMMITMENTS].n), hour = 1 + below(8);
	const int type = 1 << below(3), some = 1 + below(50);

	switch (below(4)) {
	case 0:
		return fleet_text(f, "commit offer:\"cloud/north/x%d commit_1y none\" action=buy "
				  "units=%d", type, 1 + some % 3);
	case 1:
		return fleet_text(f, "commit commitment:c%d action=exchange units=1 "
				  "into_offer=\"cloud/north/x%d commit_3y none\"", held, type);
	case 2:
		return fleet_text(f, "commit commitment:c%d action=lapse "
				  "from=1970-01-01T0%d:00:00Z", held, hour);
	default:
		return fleet_text(f, "commit commitment:c%d action=sell proceeds=%d "
				  "from=1970-01-01T0%d:00:00Z", held, some, hour);
	}
}

static const char *random_text(fleet *f)
{
	const int n = (int)f->s.table[TT_NODES].n, kind = below(10), a = below(n), b = below(n);

	return kind < 4 ? random_release(f, a, b) : kind < 6 ? random_price(f, a) :
	       kind < 8 ? random_capacity(f, a, b) : random_deal(f);
}

/* NULL: it can't be priced; what is not offered there and what has ended can't. */
static const tt_change *random_change(fleet *f)
{
	const tt_change *c = parse(random_text(f));
	tt_err err = { 0 };
	tt_case cs;

	tt_case_init(&cs, &f->s, settings);
	const int rc = tt_change_apply(c, &cs, &err);
	tt_case_reset(&cs);
	return rc == TT_OK ? c : NULL;
}

/* --- All ways agree ------------------------------------------------------------------------ */

/* To or by what has no cells. */
static bool any_moves(const tt_case *c)
{
	for (size_t i = 0; i < c->n_releases; i++) {
		if (c->releases[i].leave == TT_MOVES)
			return true;
	}
	return false;
}

/* The whole bill of the n changes: `want`, where all that they cost has cells. */
static void check_bill(fleet *f, const tt_change *const *v, size_t n, int64_t want)
{
	tt_err err = { 0 };
	tt_case c;

	tt_case_init(&c, &f->s, settings);
	for (size_t i = 0; i < n; i++)
		T_INT(TT_OK, tt_change_apply(v[i], &c, &err));
	if (!c.n_added && !any_moves(&c)) {
		tt_bill *after = bill(f, &c);

		for (size_t i = 0; i < c.n_charges; i++)
			want -= c.charges[i].micro;
		T_INT(want, after->total_micro);
		tt_bill_free(after);
	}
	tt_case_reset(&c);
}

/* The last m of n changes, tried on top of the others, which are kept and cost `was`, save the
 * difference of two bills; what all cost. */
static int64_t check_try(fleet *f, tt_pricer *p, const tt_change *const *v, size_t n, size_t m,
			 int64_t was)
{
	const int64_t is = cost_of(f, v, n);
	tt_err err = { 0 };
	tt_saving s = { 0 };

	T_INT(TT_OK, tt_pricer_try(p, v + n - m, m, &s, &err));
	T_STR("", err.text);
	T_INT(was - is, s.known_micro);
	return is;
}

/* Whatever was tried in between, and tried again. */
static void check_pricer(fleet *f, const tt_bill *b)
{
	const tt_change *v[STEPS + 3];
	size_t n = 0;
	tt_pricer *p = NULL;
	tt_err err = { 0 };
	int64_t was = b->total_micro;

	T_INT(TT_OK, tt_pricer_open(b, settings, NULL, &p, &err));
	for (int i = 0; i < STEPS; i++) {
		const tt_change *next = random_change(f), *one = random_change(f);
		const tt_change *other = random_change(f);

		if (one && other) {
			v[n] = one;
			v[n + 1] = other;
			check_try(f, p, v, n + 2, 2, was);
			v[n] = v[0]; /* it is kept already, or beside itself */
			check_try(f, p, v, n + 2, 2, was);
		}
		if (!next)
			continue;
		v[n++] = next;
		was = check_try(f, p, v, n, 1, was);
		T_INT(TT_OK, tt_pricer_keep(p, &err));
	}
	tt_pricer_close(p);
	check_bill(f, v, n, was);
}

static void test_stream(uint64_t from, int fleets)
{
	seed = from;
	for (int i = 0; i < fleets; i++) {
		fleet f;

		open_random(&f);
		tt_bill *b = bill(&f, NULL);
		T_INT(b->total_micro, cost(&f, NULL));
		check_pricer(&f, b);
		/* a commitment more costs at most what it costs; one less saves no more */
		T_OK(b->unused_micro >= 0);
		/* all prices on demand fall alike: nothing gets dearer */
		if (f.s.table[TT_COMMITMENTS].n == 1)
			T_OK(cost(&f, "reprice fleet discount_ratio=0.3") <= b->total_micro);
		tt_bill_free(b);
		fleet_close(&f);
	}
}

/* The same change once more, written as another finding would, does nothing more. */
static void test_twice(const char *text, int64_t saves)
{
	const tt_change *first = parse(text), *again = parse(text), *both[] = { first, again };
	tt_pricer *p = NULL;
	tt_err err = { 0 };
	tt_saving s;
	fleet f;

	fleet_open(&f, 0, 10 * H);
	node(&f, "x2", "on_demand", "10");
	price(&f, "x2", "on_demand", "", "10")->egress_per_gib = dec("0.1");
	price(&f, "x2", "on_demand", "", "9")->region = "south";
	units(&f, "c0", "x2", 1, "6")->ends_at = 20 * H;
	fleet_ready(&f);
	tt_bill *b = bill(&f, NULL);
	T_INT(60 * UNIT - saves, cost(&f, text));
	T_INT(60 * UNIT - saves, cost_of(&f, both, 2));
	T_INT(TT_OK, tt_pricer_open(b, settings, NULL, &p, &err));
	T_INT(TT_OK, tt_pricer_try(p, both, 2, &s, &err));
	T_INT(saves, s.known_micro);
	T_INT(TT_OK, tt_pricer_keep(p, &err));
	T_INT(TT_OK, tt_pricer_try(p, &again, 1, &s, &err));
	T_INT(0, s.known_micro);
	tt_pricer_close(p);
	tt_bill_free(b);
	fleet_close(&f);
}

int main(void)
{
	tt_err err = { 0 };

	T_INT(TT_OK, tt_settings_load(NULL, &settings, &err));
	arena = tt_arena_new();
	/* half of the 30.00 falls into the window; what was covered is on demand */
	test_twice("commit commitment:c0 action=sell proceeds=30", -25 * UNIT);
	test_twice("reprice node:n00000 region=south egress_gib=50", -95 * UNIT);
	for (uint64_t i = 1; i <= 3; i++)
		test_stream(i, 60);
	tt_settings_free(settings);
	tt_arena_free(arena);
	return T_END();
}
