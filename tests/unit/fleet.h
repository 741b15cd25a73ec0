/* fleet.h - a small fleet in memory for tests: fill it in any order, then fleet_ready().
 *
 *   fleet f;
 *   fleet_open(&f, 0, 3600);
 *   fleet_node(&f, "n", 8)->price_per_hour = 98 * TT_DECIMAL_ONE;
 *   fleet_pod(&f, "p", "n", 1)->labels = "team=ml";
 *   fleet_hold(&f, fleet_card(&f, "n", "0", ""), "p", 0, 3600, 3600, 81.2);
 *   fleet_ready(&f);
 *   ... &f.s ...
 *   fleet_close(&f);
 *
 * Rows start out with every field missing; a pointer to one is good until the next of
 * its table. Texts that are not literals go through fleet_text(). */
#ifndef FLEET_H
#define FLEET_H
#include "snapshot/snapshot.h"
#include "t.h"
#include <stdarg.h>

typedef struct fleet {
	tt_snapshot s;
	tt_carrier *carriers; size_t n_carriers, cap_carriers;
	tt_holding *holdings; size_t n_holdings, cap_holdings;
	tt_measure *measures; size_t n_measures, cap_measures;
} fleet;

#define FLEET_MUST(x)                                              \
	do {                                                       \
		if (!(x)) {                                        \
			printf("fleet.h: failed: %s\n", #x);       \
			exit(1);                                   \
		}                                                  \
	} while (0)

static inline void fleet_open(fleet *f, int64_t start_s, int64_t end_s)
{
	*f = (fleet){ .s = { .path = "", .name = "test", .currency = "USD", .note = "",
			     .source = "test", .start_s = start_s, .end_s = end_s } };
	FLEET_MUST(f->s.arena = tt_arena_new());
	for (int i = 0; i < TT_TABLE_COUNT; i++)
		FLEET_MUST(tt_rows_init(&f->s.table[i], (enum tt_table_id)i, NULL) == TT_OK);
}

static inline void fleet_close(fleet *f)
{
	for (int i = 0; i < TT_TABLE_COUNT; i++)
		tt_rows_free(&f->s.table[i]);
	tt_arena_free(f->s.arena);
	tt_free(f->s.carriers);
	tt_free(f->s.holdings);
	tt_free(f->carriers);
	tt_free(f->holdings);
	tt_free(f->measures);
}

static inline const char *fleet_text(fleet *f, const char *fmt, ...) TT_PRINTF(2, 3);
static inline const char *fleet_text(fleet *f, const char *fmt, ...)
{
	char text[256];
	const char *copy;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	FLEET_MUST(copy = tt_arena_text(f->s.arena, text, strlen(text)));
	return copy;
}

static inline void *fleet_row(fleet *f, enum tt_table_id table)
{
	void *row = tt_rows_add(&f->s.table[table], (int64_t)f->s.table[table].n + 2);

	FLEET_MUST(row);
	return row;
}

static inline tt_node_row *fleet_node(fleet *f, const char *node, double gpus)
{
	tt_node_row *r = fleet_row(f, TT_NODES);

	r->node = node;
	r->gpus = gpus;
	return r;
}

/* One that was there before the window and still is at its end. */
static inline tt_pod_row *fleet_pod(fleet *f, const char *pod, const char *node, double gpus)
{
	tt_pod_row *r = fleet_row(f, TT_PODS);

	r->pod = pod;
	r->node = node;
	r->gpus = gpus;
	r->outcome = "running";
	return r;
}

/* Number of the card (slice "") or slice, for fleet_hold() and fleet_measure(); a node
 * itself with gpu "". */
static inline uint32_t fleet_card(fleet *f, const char *node, const char *gpu, const char *slice)
{
	const char *id = *slice ? fleet_text(f, "%s/%s/%s", node, gpu, slice) :
			 *gpu ? fleet_text(f, "%s/%s", node, gpu) : node;

	for (size_t i = 0; i < f->n_carriers; i++) {
		if (strcmp(f->carriers[i].id, id) == 0)
			return (uint32_t)i;
	}
	FLEET_MUST(TT_GROW(f->carriers, f->n_carriers, f->cap_carriers));
	f->carriers[f->n_carriers] = (tt_carrier){ .id = id, .node = node, .gpu = gpu,
						   .slice = slice };
	return (uint32_t)f->n_carriers++;
}

/* Readings of `metric` for `seconds`, all of them `value` (percent). */
static inline tt_measure *fleet_measure(fleet *f, uint32_t carrier, int metric, int64_t seconds,
					double value)
{
	const int64_t micro = llround(value * 1e6);

	FLEET_MUST(TT_GROW(f->measures, f->n_measures, f->cap_measures));
	f->measures[f->n_measures] = (tt_measure){
		.carrier = carrier, .metric = metric, .n = seconds / 60, .seconds = seconds,
		.sum_micro = (tt_i128)micro * (seconds / 60),
		.sum_micro_s = (tt_i128)micro * seconds, .min_micro = micro, .max_micro = micro
	};
	f->carriers[carrier].measure[metric] = (uint32_t)++f->n_measures;
	return &f->measures[f->n_measures - 1];
}

/* `pod` held the card in [from, to), of which measured_s have readings of `pct`
 * GPU utilisation. A measure of the whole window is made with the first. */
static inline tt_holding *fleet_hold(fleet *f, uint32_t carrier, const char *pod, int64_t from_s,
				     int64_t to_s, int64_t measured_s, double pct)
{
	const int64_t micro = llround(pct * 1e6);
	uint32_t *bins = tt_arena_alloc(f->s.arena, TT_BUSY_BINS * sizeof *bins);

	FLEET_MUST(bins && TT_GROW(f->holdings, f->n_holdings, f->cap_holdings));
	bins[(size_t)ceil(pct)] = (uint32_t)measured_s;
	f->holdings[f->n_holdings] = (tt_holding){
		.carrier = carrier, .pod = pod, .from_s = from_s, .to_s = to_s,
		.measured_s = { [TT_BUSY_GPU_UTIL] = measured_s },
		.busy_micro_s = { [TT_BUSY_GPU_UTIL] = (tt_i128)micro * measured_s },
		.bins_s = { [TT_BUSY_GPU_UTIL] = measured_s ? bins : NULL }
	};
	if (!f->carriers[carrier].measure[TT_GPU_UTIL_PCT])
		fleet_measure(f, carrier, TT_GPU_UTIL_PCT, f->s.end_s - f->s.start_s, pct);
	f->s.usage_has_pods = 1;
	return &f->holdings[f->n_holdings++];
}

static inline int fleet_compare_rows_(const void *a, const void *b, void *def)
{
	return tt_row_compare_all(def, a, b);
}

static inline int fleet_compare_carriers_(const void *pa, const void *pb, void *ctx)
{
	const tt_carrier *c = ctx, *a = &c[*(const uint32_t *)pa], *b = &c[*(const uint32_t *)pb];
	int by = !*a->gpu - !*b->gpu;

	if (!by)
		by = strcmp(a->node, b->node);
	if (!by)
		by = strcmp(a->gpu, b->gpu);
	return by ? by : strcmp(a->slice, b->slice);
}

static inline int fleet_compare_holdings_(const void *pa, const void *pb)
{
	const tt_holding *a = pa, *b = pb;

	if (a->carrier != b->carrier)
		return a->carrier < b->carrier ? -1 : 1;
	if (a->from_s != b->from_s)
		return a->from_s < b->from_s ? -1 : 1;
	return strcmp(a->pod, b->pod);
}

/* Sort everything as a loaded snapshot has it, and tie it together. May be called again
 * after more was added or a row was changed. */
static inline void fleet_ready(fleet *f)
{
	uint32_t *order = tt_zalloc(f->n_carriers + 1, sizeof *order);
	uint32_t *place = tt_zalloc(f->n_carriers + 1, sizeof *place);

	FLEET_MUST(order && place);
	for (int i = 0; i < TT_TABLE_COUNT; i++) {
		tt_rows *r = &f->s.table[i];

		if (r->n)
			qsort_r(r->p, r->n, r->def->row_size, fleet_compare_rows_,
				(void *)(uintptr_t)r->def);
	}
	tt_free(f->s.carriers);
	tt_free(f->s.holdings);
	FLEET_MUST(f->s.carriers = tt_zalloc(f->n_carriers + 1, sizeof *f->s.carriers));
	FLEET_MUST(f->s.holdings = tt_zalloc(f->n_holdings + 1, sizeof *f->s.holdings));
	for (size_t i = 0; i < f->n_carriers; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, f->n_carriers, sizeof *order, fleet_compare_carriers_, f->carriers);
	f->s.n_carriers = f->n_carriers;
	f->s.n_cards = 0;
	for (size_t i = 0; i < f->n_carriers; i++) {
		place[order[i]] = (uint32_t)i;
		f->s.carriers[i] = f->carriers[order[i]];
		f->s.carriers[i].node_index = tt_snapshot_find_node(&f->s,
								    f->s.carriers[i].node);
		f->s.n_cards += *f->s.carriers[i].gpu != '\0';
	}
	f->s.n_holdings = f->n_holdings;
	for (size_t i = 0; i < f->n_holdings; i++) {
		f->s.holdings[i] = f->holdings[i];
		f->s.holdings[i].carrier = place[f->holdings[i].carrier];
		f->s.holdings[i].pod_index = tt_snapshot_find_pod(&f->s, f->holdings[i].pod);
	}
	if (f->n_holdings)
		qsort(f->s.holdings, f->n_holdings, sizeof *f->s.holdings,
		      fleet_compare_holdings_);
	for (size_t i = f->n_holdings; i-- > 0;) {
		tt_carrier *c = &f->s.carriers[f->s.holdings[i].carrier];

		c->first_holding = i;
		c->n_holdings++;
	}
	f->s.measures = f->measures;
	f->s.n_measures = f->n_measures;
	FLEET_MUST(tt_billed_make(&f->s, NULL) == TT_OK);
	FLEET_MUST(tt_placed_make(&f->s, f->s.arena, &f->s.placed, NULL) == TT_OK);
	tt_free(order);
	tt_free(place);
}
#endif
