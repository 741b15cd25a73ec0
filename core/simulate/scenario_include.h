/* scenario_include.h - where the file is that a scenario includes.
 *
 * A path is relative to the file that names it and stays in the folder of the scenario that
 * was asked for, so that a folder of scenarios can be given away as a whole and a file from
 * elsewhere can't read what it likes. Only texts are compared: a link that leads elsewhere
 * was put there by the folder's owner. */
#ifndef TT_SIMULATE_SCENARIO_INCLUDE_H
#define TT_SIMULATE_SCENARIO_INCLUDE_H
#include "base/memory.h"
#include <stdbool.h>

enum tt_include_fault {
	TT_INCLUDE_OK, TT_INCLUDE_NO_MEMORY,
	TT_INCLUDE_ABSOLUTE,    /* "/etc/x.yaml" */
	TT_INCLUDE_OUTSIDE,     /* "../x.yaml" from the folder itself */
	TT_INCLUDE_NO_FILE      /* "", "sub/", "." */
};

/* Path of `path` as written in the file `from`, both within the folder: without "." and
 * "..", in `arena`. "b/../c.yaml" of "sub/a.yaml" is "sub/c.yaml". */
enum tt_include_fault tt_include_resolve(const char *from, const char *path, tt_arena *arena,
                                         const char **ret);
/* What was expected, for messages. */
const char *tt_include_fault_text(enum tt_include_fault f);
#endif
