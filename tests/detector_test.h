/* detector_test.h - a detector against a made-up fleet, through the real core: tables as
 * CSV text, read by the builder into a snapshot, billed, and the detector called by way of
 * its plugin entry with the host's own services, as `trimtab audit` does it.
 *
 *   dt d;
 *   dt_open(&d, 14, 3600);                      14 days of one-hour steps
 *   dt_table(&d, "nodes", "node,gpus,price_per_hour\n"
 *                         "n1,1,2.5\n");
 *   dt_usage(&d, "n1/0", "", 0, DT_END, 0.2, 400);
 *   T_INT(1, dt_run(&d, ""));
 *   T_STR("release node:n1", dt_change(&d, dt_about(&d, "node", "n1"), 0));
 *   dt_close(&d);
 *
 * A fleet may be changed and run again: dt_table() takes the place of the table's text,
 * dt_usage() of what that card did in those steps. What a test has got wrong itself (a
 * fleet that can't be read, a finding that is not there) ends it with a line that says so.
 * The plugin's sources are linked with the test, one detector a program. */
#ifndef DETECTOR_TEST_H
#define DETECTOR_TEST_H
#include "host/detect.h"
#include "t.h"

#define DT_START_S 1767571200 /* 2026-01-05T00:00:00Z, a Monday */
#define DT_END SIZE_MAX
enum { DT_CARDS_MAX = 32, DT_TABLES_MAX = 16 };

typedef struct dt_card {
	char id[64];             /* "node/gpu" or "node/gpu/slice"                   */
	struct dt_step { char pod[48]; int has_row; double pct, fb_mib; } *step;
} dt_card;

typedef struct dt {
	size_t n_steps;
	int64_t step_s;
	int aligned;             /* 0: the snapshot gets no aligned series           */
	const char *activity;    /* column that usage goes to: "gpu_util_pct" at first,
	                          * or "sm_active_ratio"                             */
	struct { const char *name; tt_buf csv; } table[DT_TABLES_MAX];
	dt_card card[DT_CARDS_MAX]; size_t n_cards;
	int may_fail;            /* else a detector that fails ends the test         */
	/* of the last dt_run() */
	char folder[256];
	tt_settings *settings;
	tt_snapshot *snapshot;
	tt_case baseline;
	tt_bill *bill;
	tt_findings *found;
	const char *why;         /* it could not look; "" when it could              */
	const char *failed;      /* how the detector failed; "" when it did not      */
	tt_buf text;             /* of the last dt_change()                          */
} dt;

void dt_open(dt *d, double days, int64_t step_s);
void dt_close(dt *d);

/* The rows of a table, header first; "" for none. gpu_usage comes from dt_usage() where
 * that is called. */
void dt_table(dt *d, const char *table, const char *csv);
/* One more row, as printf() has it. */
void dt_row(dt *d, const char *table, const char *fmt, ...) TT_PRINTF(3, 4);

/* What a card did in steps [from, to): which pod held it, its activity, its framebuffer.
 * NaN: not measured. Steps never named have no row. */
void dt_usage(dt *d, const char *card, const char *pod, size_t from, size_t to, double pct,
              double fb_mib);

/* Build, bill, detect; `settings` is the text of a trimtab.yaml. Returns how many findings
 * there are. */
size_t dt_run(dt *d, const char *settings);

/* The one finding about that subject. */
const tt_found *dt_about(const dt *d, const char *kind, const char *id);
/* Canonical text of change or alternative i; "" past the last. */
const char *dt_change(dt *d, const tt_found *f, size_t i);
const char *dt_alternative(dt *d, const tt_found *f, size_t i);
/* Evidence, which has to be there. */
double dt_number(const tt_found *f, const char *key);
const char *dt_text(const tt_found *f, const char *key);

/* The last fleet again, with ever less scratch memory for the detector: each time it has to
 * fail for that reason, and to leave no finding. Returns how often that was tried; 0 when
 * once it was otherwise. */
size_t dt_starve(dt *d);
#endif
