/* net_read.h - the accepted changes of a plan, read back from its JSON (net.h). */
#ifndef TT_COMMIT_NET_READ_H
#define TT_COMMIT_NET_READ_H
#include "base/yaml.h"
#include "commit/net.h"

/* `y` is the value of "net_of"; NULL or null: gross, and *ret_is_net is false. In `arena`.
 * Errors: TT_EDATA with path:line:column, TT_ENOMEM. */
int tt_net_read(const char *path, const tt_yaml *y, tt_arena *arena, tt_net *ret,
                bool *ret_is_net, tt_err *err);
#endif
