/* The bill of random fleets: sums are exact, the order of rows has no effect, splitting
 * a pod's time moves next to nothing, and more activity is never more idle. */
#include "bill_check.h"

static uint64_t seed;

static int64_t draw(int64_t n) /* 0 .. n - 1 */
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (int64_t)((z ^ z >> 31) % (uint64_t)n);
}

static int64_t window; /* a day's shift, two weeks, a quarter, a year: weights of any width */
static const int64_t windows[] = { 7 * 3600 + 17, 14 * 86400, 90 * 86400, 366 * 86400 };

struct run { /* one pod on one card */
	const char *name, *owner, *node, *card, *slice;
	int64_t from_s, to_s;
	double gpus, pct;
	int told;       /* in pods.csv, not only in telemetry */
};

static void add_run(fleet *f, const struct run *r, int64_t from_s, int64_t to_s,
		    const char *name)
{
	if (r->told) {
		tt_pod_row *p = fleet_pod(f, name, r->node, r->gpus);

		p->labels = *r->owner ? fleet_text(f, "team=%s", r->owner) : "";
		p->namespace_ = strcmp(r->owner, "sys") == 0 ? "kube-system" : "apps";
		p->started_at = from_s;
		p->ended_at = to_s;
	}
	if (r->pct >= 0)
		fleet_hold(f, fleet_card(f, r->node, r->card, r->slice), name, from_s, to_s,
			   to_s - from_s, r->pct);
}

static void random_run(fleet *f, struct run *r, int i)
{
	static const char *const owners[] = { "ml", "web", "", "sys", "ads" };

	*r = (struct run){ .name = fleet_text(f, "p%03d", i), .owner = owners[draw(5)],
			   .node = fleet_text(f, "n%d", (int)draw(3)),
			   .card = fleet_text(f, "%d", (int)draw(4)),
			   .slice = draw(6) ? "" : "1", .told = draw(5) != 0,
			   .gpus = draw(3) ? 1 : (double)(1 + draw(7)) / 8,
			   .pct = (double)(draw(1200) - 200) / 10 };
	if (r->pct > 100)
		r->pct = 100;
	r->from_s = draw(window - 2);
	r->to_s = r->from_s + 2 + draw(window - 2 - r->from_s + 1);
	if (r->to_s > window)
		r->to_s = window;
}

static void random_nodes(fleet *f)
{
	fleet_open(f, 0, window);
	for (int i = 0; i < 3; i++) {
		tt_node_row *n = fleet_node(f, fleet_text(f, "n%d", i), (double)(1 + draw(4)));

		n->price_per_hour = (1 + draw(99999)) * (TT_DECIMAL_ONE / 1000);
		n->labels = draw(2) ? "team=infra" : "";
		if (draw(3) == 0)
			n->started_at = draw(window);
	}
}

static void by_owner(const tt_bill *b, int64_t ret[TT_RULES][TT_BUCKETS][8])
{
	static const char *const owners[] = { "ml", "web", "", "sys", "ads", "infra" };

	for (int r = 0; r < TT_RULES; r++) {
		for (size_t i = 0; i < b->n_cells[r]; i++) {
			const tt_cell *c = &b->cells[r][i];
			size_t o = 0;

			while (strcmp(owners[o], c->owner) != 0)
				o++;
			ret[r][c->bucket][o] += c->cost_micro;
		}
	}
}

/* Cells of the bill as one text. */
static void describe(const tt_bill *b, tt_buf *out)
{
	for (int r = 0; r < TT_RULES; r++) {
		for (size_t i = 0; i < b->n_cells[r]; i++) {
			const tt_cell *c = &b->cells[r][i];

			tt_buf_printf(out, "%u %d %d %s/%s/%s %lld %lld\n", c->node, c->bucket,
				      c->reason, c->owner, c->namespace_, c->workload_kind,
				      (long long)c->cost_micro, (long long)c->pods);
		}
	}
}

static void test_order_of_rows(uint64_t s)
{
	TT_CLEANUP(tt_buf_free) tt_buf first = { 0 }, second = { 0 };

	for (int turn = 0; turn < 2; turn++) {
		struct run runs[24];
		fleet f;

		seed = s;
		random_nodes(&f);
		for (int i = 0; i < 24; i++)
			random_run(&f, &runs[i], i);
		for (int i = 0; i < 24; i++) {
			int at = turn ? (i * 7 + 5) % 24 : i;

			add_run(&f, &runs[at], runs[at].from_s, runs[at].to_s, runs[at].name);
		}
		tt_bill *b = make(&f);
		describe(b, turn ? &second : &first);
		tt_bill_free(b);
		fleet_close(&f);
	}
	T_STR(tt_buf_text(&first), tt_buf_text(&second));
}

/* Splitting one pod's time in two moves no owner by more than a micro-unit per cell. */
static void test_split(uint64_t s)
{
	int64_t sums[2][TT_RULES][TT_BUCKETS][8] = { 0 };

	for (int turn = 0; turn < 2; turn++) {
		struct run runs[16];
		fleet f;

		seed = s;
		random_nodes(&f);
		for (int i = 0; i < 16; i++)
			random_run(&f, &runs[i], i);
		runs[0].told = 1;
		for (int i = 0; i < 16; i++) {
			int64_t at = runs[i].from_s + 1 +
				     (int64_t)(s % (uint64_t)(runs[i].to_s - runs[i].from_s - 1));

			if (i || !turn) {
				add_run(&f, &runs[i], runs[i].from_s, runs[i].to_s, runs[i].name);
				continue;
			}
			add_run(&f, &runs[i], runs[i].from_s, at, runs[i].name);
			add_run(&f, &runs[i], at, runs[i].to_s, "p000-again");
		}
		tt_bill *b = make(&f);
		by_owner(b, sums[turn]);
		tt_bill_free(b);
		fleet_close(&f);
	}
	for (int r = 0; r < TT_RULES; r++) {
		for (int k = 0; k < TT_BUCKETS; k++) {
			for (int o = 0; o < 8; o++) {
				int64_t by = sums[1][r][k][o] - sums[0][r][k][o];

				T_(by >= -3 && by <= 3, "seed %llu: %d/%d/%d moved by %lld",
				   (unsigned long long)s, r, k, o, (long long)by);
			}
		}
	}
}

/* More activity is never more idle. */
static void test_activity(uint64_t s)
{
	int64_t idle[2][TT_RULES];

	for (int turn = 0; turn < 2; turn++) {
		struct run runs[16];
		fleet f;

		seed = s;
		random_nodes(&f);
		for (int i = 0; i < 16; i++)
			random_run(&f, &runs[i], i);
		if (runs[3].pct < 0)
			runs[3].pct = 30;
		if (turn)
			runs[3].pct = fmin(100, runs[3].pct + 10);
		for (int i = 0; i < 16; i++)
			add_run(&f, &runs[i], runs[i].from_s, runs[i].to_s, runs[i].name);
		tt_bill *b = make(&f);
		for (int r = 0; r < TT_RULES; r++)
			idle[turn][r] = b->bucket_micro[r][TT_ALLOCATED_IDLE];
		tt_bill_free(b);
		fleet_close(&f);
	}
	for (int r = 0; r < TT_RULES; r++)
		T_(idle[1][r] <= idle[0][r], "seed %llu: idle rose from %lld to %lld",
		   (unsigned long long)s, (long long)idle[0][r], (long long)idle[1][r]);
}

/* More cards in the telemetry than nodes.csv says, held by pods that no table has, by
 * several at once: still no more than there is. */
static void test_strangers(uint64_t s)
{
	fleet f;

	seed = s;
	random_nodes(&f);
	for (size_t i = 0; i < 3; i++)
		TT_ROW(&f.s.table[TT_NODES], tt_node_row, i)->gpus = 1;
	for (int i = 0; i < 24; i++) {
		struct run r;

		random_run(&f, &r, i);
		r.told = draw(4) == 0;
		r.pct = (double)draw(101);
		add_run(&f, &r, r.from_s, r.to_s, r.name);
	}
	tt_bill_free(make(&f));
	fleet_close(&f);
}

/* Demand by the card and by the instance for one pool, more than there is at times, in a
 * window that begins anywhere. */
static void test_demand(uint64_t s)
{
	fleet f;

	seed = s;
	fleet_open(&f, 1 + draw(7200), window);
	for (int i = 0; i < 3; i++) {
		tt_node_row *n = fleet_node(&f, fleet_text(&f, "n%d", i), (double)(1 + draw(8)));

		n->price_per_hour = (1 + draw(99999)) * (TT_DECIMAL_ONE / 1000);
		n->provider = "p";
		n->instance_type = "t";
		n->gpu_model = "H100";
		n->labels = draw(3) ? "" : "team=ml";
		n->started_at = draw(3) ? TT_TIME_MISSING : draw(window);
	}
	for (int i = 0; i < 200; i++) {
		tt_demand_row *d = fleet_row(&f, TT_DEMAND);

		d->time = draw(window / 3600) * 3600;
		d->provider = "p";
		d->instance_type = "t";
		d->gpu_model = draw(2) ? "H100" : "";
		d->owner = draw(2) ? "ml" : draw(2) ? "web" : "";
		d->units = (double)draw(12000) / 1000;
	}
	tt_bill_free(make(&f));
	fleet_close(&f);
}

/* Cards and pods that go, at random: the bill of that is exact too, no dearer, and the
 * same whichever was said first. */
static void test_releases(uint64_t s)
{
	struct run runs[12];
	int64_t total = 0, base = 0;
	fleet f;
	tt_case c, d;

	seed = s;
	random_nodes(&f);
	for (int i = 0; i < 12; i++) {
		random_run(&f, &runs[i], i);
		add_run(&f, &runs[i], runs[i].from_s, runs[i].to_s, runs[i].name);
	}
	fleet_ready(&f);
	tt_case_init(&c, &f.s, settings);
	tt_case_init(&d, &f.s, settings);
	T_INT(TT_OK, tt_bill_total(&c, &base, NULL));
	const int64_t kept = (int64_t)seed;
	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < 10; i++) {
			seed = (uint64_t)kept + (uint64_t)(turn ? 9 - i : i) * 77;

			tt_case *to = turn ? &d : &c;
			const int64_t from_s = draw(window), to_s = from_s + draw(window);
			const int64_t pods = (int64_t)f.s.table[TT_PODS].n;
			if (draw(2) && pods)
				T_INT(TT_OK, tt_case_release_pod(to, (size_t)draw(pods), from_s,
								 to_s, NULL));
			else if (draw(3))
				T_INT(TT_OK, tt_case_release_card(
						     to, (size_t)draw(3),
						     fleet_text(&f, "%d", (int)draw(4)), from_s,
						     to_s, NULL));
			else
				T_INT(TT_OK, tt_case_release_node(to, (size_t)draw(3), from_s,
								  to_s, NULL));
		}
	}
	for (int turn = 0; turn < 2; turn++) {
		tt_case *of = turn ? &d : &c;
		tt_bill *b = NULL;
		int64_t sum = 0;

		T_INT(TT_OK, tt_bill_make(of, settings, &b, NULL));
		T_INT(TT_OK, tt_bill_total(of, &sum, NULL));
		T_INT(sum, b->total_micro);
		T_OK(sum <= base);
		for (int r = 0; r < TT_RULES; r++) {
			int64_t cells = 0;

			for (size_t i = 0; i < b->n_cells[r]; i++)
				cells += b->cells[r][i].cost_micro;
			T_INT(sum, cells);
		}
		if (turn)
			T_INT(total, sum);
		total = sum;
		tt_bill_free(b);
		tt_case_reset(of);
	}
	fleet_close(&f);
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0)
		return 1;
	for (uint64_t s = 1; s <= 80; s++) {
		window = windows[s % 4];
		test_order_of_rows(s * 1000003);
		test_split(s * 1000003);
		test_activity(s * 1000003);
		test_strangers(s * 1000003);
		test_demand(s * 1000003);
		test_releases(s * 1000003);
	}
	tt_settings_free(settings);
	return T_END();
}
