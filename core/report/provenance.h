/* provenance.h - where the numbers of an explanation are from: tables with their files and
 * rows, the metric and statistic behind evidence, and the prices of the nodes. */
#ifndef TT_REPORT_PROVENANCE_H
#define TT_REPORT_PROVENANCE_H
#include "report/explain.h"

/* Fill evidence_from, sources and prices; the rest is made. Errors: TT_ENOMEM. */
int tt_provenance_make(tt_explanation *e, tt_err *err);
#endif
