/* simulate_figures.h - what the parts of a simulation's page share: amounts in one number of
 * decimals, per month where that is said, and the figures of the whole with their spread.
 *
 * Only for people; simulate_json and simulate_csv have every digit. */
#ifndef TT_REPORT_SIMULATE_FIGURES_H
#define TT_REPORT_SIMULATE_FIGURES_H
#include "report/layout.h"
#include "simulate/simulation.h"

enum { TT_SIM_NAME_END = 28, TT_SIM_AMOUNT = 13, TT_SIM_LOSS = 7 };

typedef struct tt_sim_page {
	tt_page page;
	const tt_simulation *s;
	int decimals;            /* of all amounts: none where cents are noise */
} tt_sim_page;

void tt_sim_page_make(tt_sim_page *p, const tt_simulation *s, int color, tt_buf *out);

/* "USD", or "units" where prices are not money. */
const char *tt_sim_unit(const tt_simulation *s);
/* The horizon for people: "12 months" (of 730 h), "9.5 days". Into buf[TT_CELL_TEXT]. */
char *tt_sim_span(const tt_simulation *s, char *buf);
/* What an amount of the horizon is per month of 730 hours; unknown stays so. */
int64_t tt_sim_monthly(const tt_simulation *s, int64_t micro);
/* Into buf[TT_CELL_TEXT]. */
char *tt_sim_money(const tt_sim_page *p, int64_t micro, char *buf);
/* A share as "2.1 %"; "" for NaN. */
char *tt_sim_pct(double ratio, char *buf);
/* n things of one kind: "1 world", "4,096 worlds". */
char *tt_sim_count(size_t n, const char *one, const char *many, char *buf);
/* How a saving looks: good where P10 is above 0, bad where P50 is below. */
enum tt_tone tt_sim_tone(const tt_worlds *w);

/* An amount right in its column. */
void tt_sim_cell(tt_sim_page *p, enum tt_tone tone, int64_t micro);
/* P10, P50, P90 of a saving, a month or as they are, and the probability of a loss, from the
 * present column on. */
void tt_sim_saving(tt_sim_page *p, const tt_worlds *w, int monthly);
void tt_sim_more(tt_sim_page *p, size_t n, const char *one, const char *many);

/* What is saved in a sentence, the whole as a table, and service beside it. */
void tt_sim_put_figures(tt_sim_page *p);
void tt_sim_put_service(tt_sim_page *p);
/* The savings of all worlds as bars. */
void tt_sim_put_spread(tt_sim_page *p);
#endif
