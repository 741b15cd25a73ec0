/* market.c - prices, commitments, spot capacity, quotas, budgets and volumes. */
#include "money.h"
#include "plan.h"
#include "tables.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void market_prices(const struct fleet *f, struct out *o)
{
	out_text(o, "provider,region,instance_type,gpu_model,gpus,pricing,payment,"
		"price_per_hour,as_of,egress_per_gib,interruptions_per_h\n");
	for (int i = 0; i < n_prices; i++) {
		const struct price *p = &prices[i];

		if (p->every_kind && !f->o.every_kind)
			continue;
		out_text(o, p->region ? "example,south," : "example,north,");
		out_text(o, p->instance_type);
		out_char(o, ',');
		out_text(o, p->gpu_model);
		out_char(o, ',');
		out_int(o, p->gpus);
		out_char(o, ',');
		out_text(o, p->pricing);
		out_char(o, ',');
		out_text(o, p->payment);
		out_char(o, ',');
		out_text(o, p->price_per_hour);
		out_char(o, ',');
		if (p->as_of)
			out_text(o, p->as_of);
		else
			out_time(o, f->end_s + 30 * DAY_S);
		out_text(o, ",0.05,");
		if (p->interruptions_per_h)
			out_text(o, p->interruptions_per_h);
		out_char(o, '\n');
	}
}

static void reservation(struct out *o, const char *name, int group, int units, const char *term)
{
	const struct group *g = &groups[group];
	int64_t price = money_node_price(&(struct node){ .group = group, .pricing = "reserved" });

	out_text(o, name);
	out_text(o, ",reserved_instance,example,north,");
	out_text(o, g->instance_type);
	out_char(o, ',');
	out_text(o, g->gpu_model);
	out_char(o, ',');
	out_int(o, units);
	out_text(o, ",,");
	out_text(o, term);
	out_text(o, ",none,0,");
	out_fixed(o, price / 10000, 2);
	out_char(o, '\n');
}

void market_commitments(const struct fleet *f, struct out *o)
{
	int a100 = f->count[GROUP_A100];

	out_text(o, "commitment,kind,provider,region,instance_type,gpu_model,units,"
		"commitment_per_hour,starts_at,ends_at,payment,upfront,price_per_hour\n");
	reservation(o, "res-h100", GROUP_H100, f->count[GROUP_H100] - plan_idle_h100(f),
		"2025-09-01T00:00:00Z,2026-09-01T00:00:00Z");
	reservation(o, "res-a100", GROUP_A100, f->o.clean ? a100 : 2 * a100,
		"2025-06-01T00:00:00Z,2026-06-01T00:00:00Z");
	if (f->count[GROUP_TERM] > 0) {
		char term[2 * TIME_TEXT + 1];

		fleet_time(f->start_s - 300 * DAY_S, term);
		term[TIME_TEXT - 1] = ',';
		fleet_time(f->end_s + TERM_LEFT_DAYS * DAY_S, term + TIME_TEXT);
		reservation(o, "res-rtx", GROUP_TERM, f->count[GROUP_TERM], term);
	}
	for (int i = 0; i < N_GROUPS; i++) {
		char name[48];

		snprintf(name, sizeof name, "res-%s", groups[i].name);
		if (f->o.clean && plan_committed(i))
			reservation(o, name, i, f->count[i],
				"2025-10-01T00:00:00Z,2026-10-01T00:00:00Z");
	}
}

/* What a probe that asks for one instance every ten minutes sees in each zone. */
void market_spot(const struct fleet *f, struct out *o)
{
	int at[N_ZONES] = { 0 };

	out_text(o, "time,provider,region,zone,instance_type,available_units\n");
	for (int64_t t = f->start_s; t < f->end_s && !o->error; t += 600) {
		for (int z = 0; z < N_ZONES; z++) {
			const struct runs *runs = &f->spot[z];

			while (at[z] < runs->n && runs->v[at[z]].to_s <= t)
				at[z]++;
			out_time(o, t);
			out_text(o, ",example,north,");
			out_text(o, zone_names[z]);
			out_char(o, ',');
			out_text(o, groups[GROUP_A10].instance_type);
			out_text(o, at[z] < runs->n && runs->v[at[z]].from_s <= t ?
				",1\n" : ",0\n");
		}
	}
}

/* Whole hours from the window's start until `t_s`, up to `most`. */
static int64_t hours_until(const struct fleet *f, int64_t t_s, int64_t most)
{
	if (t_s <= f->start_s)
		return 0;
	return t_s >= f->end_s ? most : (t_s - f->start_s + HOUR_S - 1) / HOUR_S;
}

/* The most cards of a model that labelled pods of a team had at the begin of any hour. */
static int64_t peak_use(const struct fleet *f, int team, const char *gpu_model)
{
	int64_t hours = f->o.days * 24, most_milli = 0, now = 0;
	int64_t *more = calloc((size_t)hours + 2, sizeof *more);

	for (int i = 0; more && i < f->n_pods; i++) {
		const struct pod *p = &f->pods[i];
		const struct workload *w = &workloads[p->workload];
		if (p->node < 0 || w->team != team || !w->labelled ||
			fleet_within(f, p->started_s, p->ended_s) == 0 ||
			strcmp(groups[f->nodes[p->node].group].gpu_model, gpu_model) != 0)
			continue;
		more[hours_until(f, p->started_s, hours)] += p->gpus_milli;
		more[hours_until(f, p->ended_s, hours)] -= p->gpus_milli;
	}
	for (int64_t h = 0; more && h < hours; h++) {
		now += more[h];
		most_milli = now > most_milli ? now : most_milli;
	}
	free(more);
	return most_milli / 1000;
}

static void quota_row(struct out *o, int team, const char *gpu_model, int64_t gpus)
{
	out_text(o, teams[team].name);
	out_char(o, ',');
	out_text(o, gpu_model);
	out_char(o, ',');
	out_int(o, gpus);
	out_text(o, ",2026-01-01T00:00:00Z,2026-04-01T00:00:00Z\n");
}

/* Everybody has a quota of what they use at most; the planted one is nobody's use, while research
 * has a node's worth, and waits. */
void market_quotas(const struct fleet *f, struct out *o)
{
	static const int quota_groups[] = { GROUP_H100, GROUP_A100 };

	out_text(o, "owner,gpu_model,gpus,starts_at,ends_at\n");
	for (int i = 0; i < N_TEAMS; i++) {
		for (int k = 0; k < 2; k++) {
			const char *model = groups[quota_groups[k]].gpu_model;
			int64_t gpus = peak_use(f, i, model);

			if (gpus > 8 && i == TEAM_RESEARCH && k == 0 && !f->o.clean)
				gpus = 8;
			if (gpus > 0)
				quota_row(o, i, model, gpus);
		}
	}
	if (!f->o.clean)
		quota_row(o, TEAM_FORECASTING, groups[GROUP_H100].gpu_model, IDLE_QUOTA);
}

void market_budgets(const struct fleet *f, struct out *o)
{
	out_text(o, "owner,starts_at,ends_at,amount\n");
	for (int i = 0; i < N_TEAMS; i++) {
		/* about 3.00 for each of the fleet's card-hours, in thousands */
		int64_t month = f->o.gpus * 730 * 3 * teams[i].budget_pct / 100;

		out_text(o, teams[i].name);
		out_text(o, ",2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,");
		out_int(o, (month / 1000 + 1) * 1000);
		out_text(o, ".00\n");
	}
}

int64_t market_n_volumes(const struct fleet *f)
{
	return 6 + f->o.gpus / 16;
}

/* Every third volume is left over from a run of last autumn and attached to nothing. */
bool market_orphan(const struct fleet *f, int64_t i)
{
	return i % 3 == 2 && !f->o.clean;
}

static struct rng volume_rng(const struct fleet *f, int64_t i)
{
	return (struct rng){ rng_key((uint64_t)f->o.seed, "volume", (uint64_t)i) };
}

int64_t market_volume_gib(const struct fleet *f, int64_t i)
{
	struct rng r = volume_rng(f, i);

	return 512 * rng_between(&r, 1, 16);
}

static int64_t last_read_s(const struct fleet *f, int64_t i, struct rng *r)
{
	int64_t read = market_orphan(f, i) ? f->start_s - rng_between(r, 70, 120) * DAY_S :
		f->end_s - rng_between(r, 60, 80000);

	return i == FORGOTTEN && !f->o.clean ? f->end_s - 200 * DAY_S : read;
}

int market_volume_team(const struct fleet *f, int64_t i)
{
	struct rng r = volume_rng(f, i);

	rng_next(&r); /* its size */
	last_read_s(f, i, &r);
	return (int)rng_below(&r, N_TEAMS);
}

void market_volumes(const struct fleet *f, struct out *o)
{
	out_text(o, "volume,owner,size_mib,storage_class,price_per_hour,last_read_at,"
		"last_written_at,attached_to\n");
	for (int64_t i = 0; i < market_n_volumes(f); i++) {
		struct rng r = volume_rng(f, i);
		int64_t gib = 512 * rng_between(&r, 1, 16), read = last_read_s(f, i, &r);

		out_text(o, "vol-");
		out_int(o, 1000 + i);
		out_char(o, ',');
		out_text(o, teams[market_volume_team(f, i)].name);
		out_char(o, ',');
		out_int(o, gib * 1024);
		out_text(o, ",ssd,");
		out_fixed(o, gib, 4); /* 0.0001 a GiB and hour */
		out_char(o, ',');
		out_time(o, read);
		out_char(o, ',');
		out_time(o, read - 3600);
		out_char(o, ',');
		if (!market_orphan(f, i))
			out_text(o, f->nodes[i % f->count[GROUP_H100]].name);
		out_char(o, '\n');
	}
}
