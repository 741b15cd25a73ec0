/* pack_html.h - one page for talks about a commitment (commit/pack.h), to be sent on: HTML without
 * anything from elsewhere, and without a script. */
#ifndef TT_REPORT_PACK_HTML_H
#define TT_REPORT_PACK_HTML_H
#include "base/text.h"
#include "commit/expiries.h"
#include "commit/pack.h"
#include "commit/positions.h"

typedef struct tt_pack_report {
	const tt_snapshot *snapshot;
	const tt_eligible *eligible;
	const tt_pack *pack;
	const tt_expiries *expiries;
	const tt_position_owners *owners; /* to be named, where the pack has none; NULL: nobody */
} tt_pack_report;

/* Append it; out->failed when memory runs out. */
void tt_pack_html(const tt_pack_report *r, tt_buf *out);
#endif
