/* fleet.c - see fleet.h. */
#include "fleet.h"
#include "out.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const zone_names[N_ZONES] = { "north-a", "north-b", "north-c" };

/* Room for one more of `size` bytes behind the n that *v holds. */
static bool grow(struct fleet *f, void **v, int n, int *cap, size_t size)
{
	if (n < *cap)
		return true;

	int more = *cap ? *cap * 2 : 64;
	void *p = f->failed ? NULL : realloc(*v, (size_t)more * size);

	if (!p) {
		f->failed = true;
		return false;
	}
	*v = p;
	*cap = more;
	return true;
}

struct node *fleet_add_node(struct fleet *f, int group)
{
	void *v = f->nodes;
	bool ok = grow(f, &v, f->n_nodes, &f->cap_nodes, sizeof *f->nodes);

	f->nodes = v;

	struct node *n = ok ? &f->nodes[f->n_nodes] : &f->spare_node;

	*n = (struct node){ .group = group, .pricing = groups[group].pricing,
		.zone = zone_names[0], .started_s = ALWAYS, .ended_s = FOREVER,
		.key = rng_key((uint64_t)f->o.seed, "node", (uint64_t)f->n_nodes) };
	f->n_nodes += ok;
	return n;
}

struct pod *fleet_add_pod(struct fleet *f, int workload, int node, unsigned cards)
{
	void *v = f->pods;
	bool ok = grow(f, &v, f->n_pods, &f->cap_pods, sizeof *f->pods);

	f->pods = v;

	struct pod *p = ok ? &f->pods[f->n_pods] : &f->spare_pod;
	int number = f->next_name[workload]++, n = 0;

	for (unsigned left = cards; left; left &= left - 1)
		n++;

	const struct group *g = n && node >= 0 && ok ? &groups[f->nodes[node].group] : NULL;
	int cpus_milli = 8000, memory_mib = 65536; /* for each card, where the node has it */

	if (g && (g->cpus * 1000 - 2000) / g->gpus < cpus_milli)
		cpus_milli = (g->cpus * 1000 - 2000) / g->gpus;
	if (g && g->memory_mib / 10 * 9 / g->gpus < memory_mib)
		memory_mib = g->memory_mib / 10 * 9 / g->gpus;
	*p = (struct pod){ .workload = workload, .node = node, .cards = (uint8_t)cards,
		.sharing = n ? "none" : "", .gpus_milli = n * 1000, .cpus_milli = n * cpus_milli,
		.memory_mib = n * memory_mib, .submitted_s = ALWAYS, .started_s = ALWAYS,
		.ended_s = FOREVER, .run = -1 };
	snprintf(p->name, sizeof p->name, "%s-%05d", workloads[workload].name, number);

	struct rng r = { rng_key((uint64_t)f->o.seed, p->name, 0) };

	p->key = rng_next(&r);
	p->rank = (int)rng_below(&r, 65536);
	p->fb_milli = (int)rng_between(&r, 620, 940);
	f->n_pods += ok;
	return p;
}

void fleet_add_run(struct fleet *f, int zone, int64_t from_s, int64_t to_s)
{
	struct runs *runs = &f->spot[zone];
	void *v = runs->v;
	bool ok = grow(f, &v, runs->n, &runs->cap, sizeof *runs->v);

	runs->v = v;
	if (ok)
		runs->v[runs->n++] = (struct run){ from_s, to_s };
}

void fleet_tell(struct fleet *f, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	for (const char *c = line; *c; c++) {
		void *v = f->truth;

		if (!grow(f, &v, f->n_truth, &f->cap_truth, 1))
			return;
		f->truth = v;
		f->truth[f->n_truth++] = *c;
	}
}

/* "12.340000", or "null" below 0. */
static void amount(int64_t micro, char ret[32])
{
	if (micro < 0)
		snprintf(ret, 32, "null");
	else
		snprintf(ret, 32, "%" PRId64 ".%06" PRId64, micro / 1000000, micro % 1000000);
}

void fleet_plant(struct fleet *f, const struct planted *p, const char *fmt, ...)
{
	char more[512], spend[32], saving[32];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(more, sizeof more, fmt, ap);
	va_end(ap);
	amount(p->spend_micro, spend);
	amount(p->saving_micro, saving);
	fleet_tell(f, "  - { detector: %s, kind: %s, subject_kind: %s, subject: %s, "
		"threshold_factor: %d.%03d, spend: %s, saving: %s, %s }\n", p->detector, p->kind,
		p->subject_kind, p->subject, (int)(p->factor_milli / 1000),
		(int)(p->factor_milli % 1000), spend, saving, more);
}

void fleet_free(struct fleet *f)
{
	for (int z = 0; z < N_ZONES; z++)
		free(f->spot[z].v);
	free(f->nodes);
	free(f->pods);
	free(f->truth);
	*f = (struct fleet){ 0 };
}

int64_t fleet_within(const struct fleet *f, int64_t from_s, int64_t to_s)
{
	if (from_s < f->start_s)
		from_s = f->start_s;
	if (to_s > f->end_s)
		to_s = f->end_s;
	return to_s > from_s ? to_s - from_s : 0;
}

void fleet_time(int64_t t_s, char ret[TIME_TEXT])
{
	time_text(t_s, ret);
	ret[OUT_TIME_SIZE] = '\0';
}

/* Hours since Monday midnight. */
static int64_t hour_of_week(int64_t t_s)
{
	int64_t h = (t_s - WINDOW_START_S) / HOUR_S % 168;

	return h < 0 ? h + 168 : h;
}

int fleet_load(int64_t t_s)
{
	static const int by_hour[25] = { 250, 200, 160, 150, 160, 200, 300, 420, 550, 680, 750,
		780, 760, 740, 750, 740, 720, 700, 680, 660, 600, 500, 400, 320, 250 };
	int64_t h = hour_of_week(t_s), s = (t_s - WINDOW_START_S) % HOUR_S;
	int from = by_hour[h % 24], to = by_hour[h % 24 + 1];
	int load = from + (int)((to - from) * s / HOUR_S);

	return h / 24 >= 5 ? load * 6 / 10 : load;
}

bool fleet_work_hours(int64_t t_s)
{
	int64_t h = hour_of_week(t_s);

	return h / 24 < 5 && h % 24 >= 9 && h % 24 < 18;
}
