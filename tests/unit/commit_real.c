/* One purchase for the whole window, against what is known of the real fleets: as a whole, by
 * region, type and owner, at ratios and at real prices, in cards and whole instances. */
#include "commit/once.h"
#include "commit/replay.h"
#include "real_fleet.h"

static tt_once once(const fleet *f, enum tt_pool_by by, tt_once_options o, tt_arena *arena)
{
	tt_eligible *e = NULL;
	tt_once r = { 0 };
	tt_err err = { 0 };

	o.least_coverage_ratio = o.least_utilization_ratio = (double)NAN;
	T_INT(TT_OK, tt_eligible_make(f->s, by, &e, &err));
	if (e)
		T_INT(TT_OK, tt_once_make(f->s, e, &o, arena, &r, &err));
	T_STR("", err.text);
	/* the pools must outlive the answer: names are all that is looked at */
	for (size_t i = 0; i < r.n; i++) {
		tt_eligible_pool *p = tt_arena_alloc(arena, sizeof *p);

		p->name = tt_arena_text(arena, r.v[i].pool->name, strlen(r.v[i].pool->name));
		r.v[i].pool = p;
	}
	tt_eligible_free(e);
	return r;
}

/* Of the pool `name`; NULL: of the only one. */
static const tt_once_pool *pool(const tt_once *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (!name || strcmp(r->v[i].pool->name, name) == 0)
			return &r->v[i];
	printf("there is no pool %s\n", name ? name : "at all");
	exit(1);
}

static const tt_once_answer *of_offer(const tt_once_pool *p, const char *offer)
{
	for (size_t i = 0; i < p->offers.n; i++)
		if (strcmp(p->offers.v[i].name, offer) == 0)
			return &p->answers[i];
	printf("there is no offer %s\n", offer);
	exit(1);
}

/* Facts PATH.C, .cost, .saving_pct, .used_pct, .covered_pct; in units of `cards` cards. */
static void same_answer(const fleet *f, const char *at, const tt_once_pool *p, const char *offer,
                        int64_t cards)
{
	const tt_once_answer *a = of_offer(p, offer);
	char path[400];

	same(f, PATH(path, "%s.C", at), (double)(a->best.units * cards), 0);
	same(f, PATH(path, "%s.cost", at), (double)a->best.cost_micro / 1e6, 0);
	same(f, PATH(path, "%s.saving_pct", at),
	     100 * (1 - (double)a->best.cost_micro / (double)p->on_demand_micro), 0);
	same(f, PATH(path, "%s.covered_pct", at), 100 * a->best.coverage_ratio, 0);
	if (a->best.units)
		same(f, PATH(path, "%s.used_pct", at), 100 * a->best.utilization_ratio, 0);
	else
		T_OK(isnan(a->best.utilization_ratio));
	T_OK(a->one_more_micro >= 0 && a->last_micro <= 0);
}

static void same_ratios(const fleet *f, const char *at, const tt_once_pool *p)
{
	char path[400];

	same(f, PATH(path, "%s.on_demand_cost", at), (double)p->on_demand_micro / 1e6, 0);
	same_answer(f, PATH(path, "%s.\"r0.63\"", at), p, "0.63", 1);
	same_answer(f, PATH(path, "%s.\"r0.35\"", at), p, "0.35", 1);
}

static const tt_once_options at_ratios = { .keep_gaps = true, .ratios = "0.63,0.35" };

/* The month has a day of which nothing was collected, and an hour. Who counts them as no use
 * commits to five cards less. */
static void see_outages(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_once_options o = { .ratios = "0.63" };
	tt_eligible *e = NULL;
	tt_err err = { 0 };
	fleet f;

	open_fleet(&f, "helios");
	T_INT(TT_OK, tt_eligible_make(f.s, TT_POOL_BY_FLEET, &e, &err));
	T_INT(2, e->n_stretches);
	T_INT(9 * 24, e->stretches[0].from);
	T_INT(10 * 24, e->stretches[0].to);
	T_INT(11 * 24 + 15, e->stretches[1].from);
	T_INT(11 * 24 + 16, e->stretches[1].to);
	T_OK(!e->stretches[0].usual && !e->stretches[1].usual);
	tt_eligible_free(e);
	tt_once dropped = once(&f, TT_POOL_BY_FLEET, o, arena);

	o.keep_gaps = true;
	tt_once kept = once(&f, TT_POOL_BY_FLEET, o, arena);

	T_INT(5, of_offer(pool(&dropped, NULL), "0.63")->best.units -
	         of_offer(pool(&kept, NULL), "0.63")->best.units);
	close_fleet(&f);
}

static void see_helios(void)
{
	static const char *const offers[] = { "commit_1y none", "commit_1y partial",
		"commit_1y all", "commit_3y none", "commit_3y partial", "commit_3y all" };
	static const char *const teams[] = { "vc3sl", "vc8Sj", "vcJkd", "vcLJZ", "vcSoL", "vcTJs",
		"vcdI0", "vcvlY" };
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	char path[300];
	fleet f;

	open_fleet(&f, "helios");
	tt_once r = once(&f, TT_POOL_BY_FLEET, at_ratios, arena);

	same_ratios(&f, "commitment_total.value", pool(&r, NULL));
	r = once(&f, TT_POOL_BY_FLEET, (tt_once_options){ .ratios = "0.63,0.35" }, arena);
	same_ratios(&f, "commitment_total_without_zero_hours.value", pool(&r, NULL));
	T_INT(744 - 25, r.hours);
	r = once(&f, TT_POOL_BY_OWNER, at_ratios, arena);
	T_INT(8, r.n);
	for (size_t i = 0; i < 8; i++)
		same_ratios(&f, PATH(path, "commitment_by_owner.value.%s", teams[i]),
		            pool(&r, teams[i]));
	for (size_t i = 0; i < 6; i++) {
		r = once(&f, TT_POOL_BY_FLEET, (tt_once_options){ .keep_gaps = true }, arena);
		same_answer(&f, PATH(path, "commitment_total_usd.value.\"%s\"", offers[i]),
		            pool(&r, NULL), offers[i], 1);
		r = once(&f, TT_POOL_BY_FLEET,
		         (tt_once_options){ .keep_gaps = true, .whole = true }, arena);
		PATH(path, "commitment_total_usd_instances.value.\"%s\"", offers[i]);
		same_answer(&f, path, pool(&r, NULL), offers[i], 8);
	}
	close_fleet(&f);
}

static void see_dlrm(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	double cost63 = 0, cost35 = 0;
	char path[300];
	fleet f;

	open_fleet(&f, "dlrm");
	tt_once r = once(&f, TT_POOL_BY_FLEET, at_ratios, arena);

	same_ratios(&f, "commitment_total.value", pool(&r, NULL));
	r = once(&f, TT_POOL_BY_OWNER, at_ratios, arena);
	T_INT(156, r.n);
	for (size_t i = 0; i < r.n; i++) {
		const tt_once_pool *p = &r.v[i];
		const tt_once_answer *a = of_offer(p, "0.63"), *b = of_offer(p, "0.35");
		const char *app = p->pool->name;
		char at[200];

		PATH(at, "commitment_by_owner.value.%s", app);
		same(&f, PATH(path, "%s.C63", at), (double)a->best.units, 0);
		same(&f, PATH(path, "%s.C35", at), (double)b->best.units, 0);
		same(&f, PATH(path, "%s.saving63", at),
		     100 * (1 - (double)a->best.cost_micro / (double)p->on_demand_micro), 2e-6);
		same(&f, PATH(path, "%s.saving35", at),
		     100 * (1 - (double)b->best.cost_micro / (double)p->on_demand_micro), 2e-6);
		cost63 += (double)a->best.cost_micro / 1e6;
		cost35 += (double)b->best.cost_micro / 1e6;
	}
	same(&f, "commitment_sum_of_owners.value.\"r0.63\"", cost63, 1e-4);
	same(&f, "commitment_sum_of_owners.value.\"r0.35\"", cost35, 1e-4);
	close_fleet(&f);
}

static void see_shavedice(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	double cost[2][2] = { { 0 } };
	char path[300];
	fleet f;

	open_fleet(&f, "shavedice");
	tt_once r = once(&f, TT_POOL_BY_REGION, at_ratios, arena);

	same_ratios(&f, "commitment_by_region.value.r1", pool(&r, "shavedice r1"));
	same_ratios(&f, "commitment_by_region.value.r2", pool(&r, "shavedice r2"));
	r = once(&f, TT_POOL_BY_INSTANCE_TYPE, at_ratios, arena);
	T_INT(23, r.n);
	for (size_t i = 0; i < r.n; i++) {
		const tt_once_pool *p = &r.v[i];
		const int region = p->pool->name[strlen("shavedice r")] - '1';

		same_ratios(&f, PATH(path, "commitment_by_region_and_type.value.\"%s\"",
		                     p->pool->name + strlen("shavedice ")), p);
		cost[region][0] += (double)of_offer(p, "0.63")->best.cost_micro / 1e6;
		cost[region][1] += (double)of_offer(p, "0.35")->best.cost_micro / 1e6;
	}
	for (int i = 0; i < 2; i++) {
		same(&f, PATH(path, "commitment_sum_of_types.value.r%d.\"r0.63\"", i + 1),
		     cost[i][0], 0);
		same(&f, PATH(path, "commitment_sum_of_types.value.r%d.\"r0.35\"", i + 1),
		     cost[i][1], 0);
	}
	/* the price book says the same as the ratios */
	r = once(&f, TT_POOL_BY_REGION, (tt_once_options){ .keep_gaps = true }, arena);
	same_answer(&f, "commitment_by_region.value.r1.\"r0.63\"", pool(&r, "shavedice r1"),
	            "commit_1y none", 1);
	close_fleet(&f);
}

/* Two regions, the last eight quarters, one-year terms bought quarterly: what each rule keeps
 * of the saving of who had known it all, in percent, as published. */
static void see_replay(void)
{
	static const char *const rates[] = { "0.63", "0.47619" };
	static const double shares[2][TT_REPLAY_RULES] = {
		{ [TT_REPLAY_AWS_7D] = 98.52, [TT_REPLAY_AWS_30D] = 98.75,
		  [TT_REPLAY_AWS_60D] = 98.11, [TT_REPLAY_AZURE] = 96.73,
		  [TT_REPLAY_GCP] = 70.04, [TT_REPLAY_ONLINE] = 71.91,
		  [TT_REPLAY_CLAIRVOYANT] = 100 },
		{ [TT_REPLAY_AWS_7D] = 98.96, [TT_REPLAY_AWS_30D] = 99.04,
		  [TT_REPLAY_AWS_60D] = 98.52, [TT_REPLAY_AZURE] = 97.37,
		  [TT_REPLAY_GCP] = 66.07, [TT_REPLAY_ONLINE] = 78.62,
		  [TT_REPLAY_CLAIRVOYANT] = 100 },
	};
	static const int64_t known[2][8] = { { 265, 51, 23, 27, 337, 52, 64, 53 },
		{ 358, 64, 16, 26, 371, 99, 78, 79 } };
	static const int64_t optimum[2] = { 5861812300000, 6671052400000 };
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	tt_eligible *e = NULL;
	tt_err err = { 0 };
	fleet f;

	open_fleet(&f, "shavedice");
	T_INT(TT_OK, tt_eligible_make(f.s, TT_POOL_BY_REGION, &e, &err));
	double *y = tt_zalloc(e->hours, sizeof *y);

	for (size_t k = 0; k < 2; k++) {
		double cost[TT_REPLAY_RULES] = { 0 };

		for (size_t i = 0; i < 2; i++) {
			tt_replay_task t = { .y = y, .n = e->hours, .segment_h = 2190,
				.segments = 8, .term = 4, .price_per_hour = TT_DECIMAL_ONE,
				.level = tt_level_usual() };
			tt_replay r;

			tt_decimal_parse(rates[k], strlen(rates[k]), &t.rate_per_hour);
			for (size_t h = 0; h < e->hours; h++)
				y[h] = (double)e->v[i].used[h] / (double)TT_ELIGIBLE_ONE;
			T_INT(TT_OK, tt_replay_run(&t, arena, &r, &err));
			for (int j = 0; j < TT_REPLAY_RULES; j++)
				cost[j] += (double)r.cost_micro[j];
			for (size_t q = 0; !k && q < 8; q++)
				T_INT(known[i][q], r.bought[TT_REPLAY_CLAIRVOYANT][q]);
			if (!k)
				T_INT(optimum[i], r.cost_micro[TT_REPLAY_CLAIRVOYANT]);
		}
		for (int j = 0; j < TT_REPLAY_RULES; j++) {
			const double share = 100 * (cost[TT_REPLAY_NOTHING] - cost[j]) /
				(cost[TT_REPLAY_NOTHING] - cost[TT_REPLAY_CLAIRVOYANT]);

			if (shares[k][j] > 0)
				T_F64(shares[k][j], share, 0.3);
			if (j == TT_REPLAY_PLANNER) /* better than any rule that looks back */
				T_OK(share > (k ? 99.5 : 99.3));
		}
	}
	tt_free(y);
	tt_eligible_free(e);
	close_fleet(&f);
}

int main(void)
{
	find_fleets();
	see_helios();
	see_outages();
	see_dlrm();
	see_shavedice();
	see_replay();
	t_folder_remove(scratch);
	return T_END();
}
