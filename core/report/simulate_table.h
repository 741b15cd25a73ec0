/* simulate_table.h - a simulation for people: what would be saved and how surely, what it does
 * to service, and which change, pool and month it comes from. At most 100 columns; colours
 * only when asked for. */
#ifndef TT_REPORT_SIMULATE_TABLE_H
#define TT_REPORT_SIMULATE_TABLE_H
#include "base/text.h"
#include "simulate/simulation.h"

/* Append the report; out->failed when memory runs out. */
void tt_simulate_table(const tt_simulation *s, int color, tt_buf *out);
#endif
