/* net.h - which accepted changes a plan's demand is net of, or that it is gross (commit/net.h). */
#ifndef TT_REPORT_NET_H
#define TT_REPORT_NET_H
#include "base/json.h"
#include "base/text.h"
#include "commit/net.h"

/* A sentence or a few, after a blank; `net` NULL: gross. `of_nodes`: an audit could say more. */
void tt_net_text(const tt_net *net, bool of_nodes, tt_buf *out);
/* "net_of": null where demand is gross. */
void tt_net_json(const tt_net *net, tt_json *j);
#endif
