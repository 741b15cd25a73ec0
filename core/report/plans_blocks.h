/* plans_blocks.h - capacity blocks for what is needed at dates (commit/blocks.h), as parts of the
 * reports of plans.h. */
#ifndef TT_REPORT_PLANS_BLOCKS_H
#define TT_REPORT_PLANS_BLOCKS_H
#include "base/json.h"
#include "commit/blocks.h"
#include "report/layout.h"

/* A section; nothing where nothing is needed. */
void tt_plans_blocks_table(const tt_blocks *b, tt_page *p);
/* Key "blocks"; null where nothing is needed. */
void tt_plans_blocks_json(const tt_blocks *b, tt_json *j);
#endif
