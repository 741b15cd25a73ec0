/* simulate_csv.h - a simulation for spreadsheets and warehouses: one long table of amounts,
 * changes, budgets and notes. Columns and records: README.md. */
#ifndef TT_REPORT_SIMULATE_CSV_H
#define TT_REPORT_SIMULATE_CSV_H
#include "base/text.h"
#include "simulate/simulation.h"

/* Append a header line and the rows; out->failed when memory runs out. */
void tt_simulate_csv(const tt_simulation *s, tt_buf *out);
#endif
