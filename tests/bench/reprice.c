/* reprice.c - how long it takes to price one change more: all of the fleet anew, and only what
 * the change touches. Prints medians in milliseconds.
 *
 *   reprice SNAPSHOT.tt RUNS */
#include "change/apply.h"
#include "rank/pricer.h"
#include "simulate/effects.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(int rc, const tt_err *err)
{
	if (rc < 0) {
		fprintf(stderr, "reprice: %s\n", err->text);
		exit(1);
	}
}

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, ascending);
	return v[n / 2];
}

/* The release of a node that is there and cost something, the i-th of all. */
static tt_change *release_of(const tt_snapshot *s, const tt_bill *b, size_t i, tt_arena *arena)
{
	tt_change *c = tt_arena_alloc(arena, sizeof *c);
	tt_err err = { 0 };
	char text[1200];

	for (size_t k = 0; k < s->table[TT_NODES].n; k++) {
		const size_t node = (i * 7919 + k) % s->table[TT_NODES].n;

		if (b->nodes[node].cost_micro <= 0)
			continue;
		snprintf(text, sizeof text, "release node:\"%s\"", tt_node_at(s, node)->node);
		must(tt_change_parse(text, arena, c, &err), &err);
		return c;
	}
	exit(1);
}

struct fleet {
	tt_snapshot *s;
	tt_settings *settings;
	tt_bill *bill;
	tt_case baseline;
	tt_arena *arena;
	int runs;
};

/* The bill: of all nodes with the change, and what it saves of those it touches. */
static void time_bill(const struct fleet *f, double *all, double *one)
{
	tt_pricer *p = NULL;
	tt_err err = { 0 };

	must(tt_pricer_open(f->bill, f->settings, NULL, &p, &err), &err);
	for (int i = 0; i < f->runs; i++) {
		const tt_change *c = release_of(f->s, f->bill, (size_t)i, f->arena);
		int64_t total;
		tt_saving saving;
		double t = now_ms();

		must(tt_changes_cost(f->s, f->settings, &c, 1, &total, &err), &err);
		all[i] = now_ms() - t;
		t = now_ms();
		must(tt_pricer_try(p, &c, 1, &saving, &err), &err);
		one[i] = now_ms() - t;
		if (f->bill->total_micro - total != saving.known_micro)
			exit(1);
	}
	tt_pricer_close(p);
}

/* The simulator: capacity of all pools with the change, and what the change is of it. */
static void time_capacity(const struct fleet *f, double *all, double *one)
{
	const tt_residents r = tt_residents_of(f->s);
	tt_pools pools = { 0 };
	tt_capacity base = { 0 };
	tt_epochs epochs = { 0 };
	tt_err err = { 0 };

	must(tt_epochs_find(f->s, f->s->end_s, f->s->end_s + 365 * 86400, true, NULL, 0, f->arena,
			    &epochs, &err), &err);
	must(tt_capacity_baseline(f->bill, &f->baseline, &r, &epochs, false, &pools, &base,
				  &err), &err);
	for (int i = 0; i < f->runs; i++) {
		tt_capacity delta = { 0 }, whole = { 0 };
		tt_pools again = { 0 };
		tt_case c;

		tt_case_init(&c, f->s, f->settings);
		must(tt_change_apply(release_of(f->s, f->bill, (size_t)i, f->arena), &c, &err),
		     &err);
		double t = now_ms();
		must(tt_capacity_delta(f->bill, &f->baseline, &c, &r, &pools, &delta, &err), &err);
		one[i] = now_ms() - t;
		t = now_ms();
		must(tt_capacity_baseline(f->bill, &c, &r, &epochs, false, &again, &whole, &err),
		     &err);
		all[i] = now_ms() - t;
		tt_capacity_free(&delta);
		tt_capacity_free(&whole);
		tt_pools_free(&again);
		tt_case_reset(&c);
	}
	tt_capacity_free(&base);
	tt_pools_free(&pools);
}

int main(int argc, char **argv)
{
	struct fleet f = { .runs = argc > 2 ? atoi(argv[2]) : 21 };
	double *all, *one;
	tt_err err = { 0 };

	if (argc < 2 || f.runs < 1 || !(f.arena = tt_arena_new())) {
		fputs("usage: reprice SNAPSHOT.tt RUNS\n", stderr);
		return 2;
	}
	must(tt_snapshot_load(argv[1], &f.s, &err), &err);
	must(tt_settings_load(NULL, &f.settings, &err), &err);
	tt_case_init(&f.baseline, f.s, f.settings);
	must(tt_bill_make(&f.baseline, f.settings, &f.bill, &err), &err);
	all = calloc((size_t)f.runs, sizeof *all);
	one = calloc((size_t)f.runs, sizeof *one);
	if (!all || !one)
		return 4;
	printf("nodes=%zu pods=%zu days=%lld", f.s->table[TT_NODES].n, f.s->table[TT_PODS].n,
	       (long long)((f.s->end_s - f.s->start_s) / 86400));
	time_bill(&f, all, one);
	printf(" bill_all_ms=%.4f bill_one_ms=%.4f", median(all, f.runs), median(one, f.runs));
	time_capacity(&f, all, one);
	printf(" capacity_all_ms=%.4f capacity_one_ms=%.4f\n", median(all, f.runs),
	       median(one, f.runs));
	free(all);
	free(one);
	tt_bill_free(f.bill);
	tt_settings_free(f.settings);
	tt_snapshot_close(f.s);
	tt_arena_free(f.arena);
	return 0;
}
