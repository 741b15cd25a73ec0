/* simulate_parts.h - the parts of a simulation's page: by lever, pool and month, and each
 * change alone and in the set, with what it loses to others. */
#ifndef TT_REPORT_SIMULATE_PARTS_H
#define TT_REPORT_SIMULATE_PARTS_H
#include "report/simulate_figures.h"

void tt_sim_put_levers(tt_sim_page *p);
void tt_sim_put_pools(tt_sim_page *p);
void tt_sim_put_months(tt_sim_page *p);
void tt_sim_put_changes(tt_sim_page *p);
/* What packing the pools that are touched would save by itself. */
void tt_sim_put_repacking(tt_sim_page *p);
/* A change's number, its name and its text, which may be cut: lines at column 6. */
void tt_sim_put_what(tt_page *p, size_t number, const tt_bound_change *c);
#endif
