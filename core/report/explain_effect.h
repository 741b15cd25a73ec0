/* explain_effect.h - the part of an explanation for people that is about the change: the
 * nodes and hours that go, what they cost before and after, alone and in the plan, or
 * what keeps them. */
#ifndef TT_REPORT_EXPLAIN_EFFECT_H
#define TT_REPORT_EXPLAIN_EFFECT_H
#include "report/explain.h"
#include "report/layout.h"

void tt_explain_effect(tt_page *p, const tt_explanation *e);
#endif
