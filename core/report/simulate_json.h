/* simulate_json.h - a simulation for machines: schema trimtab.simulate/1, described in
 * README.md. */
#ifndef TT_REPORT_SIMULATE_JSON_H
#define TT_REPORT_SIMULATE_JSON_H
#include "base/text.h"
#include "simulate/simulation.h"

/* Append the document and a newline; out->failed when memory runs out. */
void tt_simulate_json(const tt_simulation *s, tt_buf *out);
#endif
