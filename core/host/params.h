/* params.h - the parameters that plugins declare: checked when a plugin is loaded,
 * filled from defaults and configuration before it runs. Knows no plugin and no key. */
#ifndef TT_HOST_PARAMS_H
#define TT_HOST_PARAMS_H
#include "base/memory.h"
#include "base/yaml.h"
#include "base/error.h"

/* Whether what the plugin declares is sound: keys well-formed and distinct, texts
 * there, defaults within bounds, fields inside the struct, aligned and apart. TT_EABI. */
int tt_params_check(const tt_plugin_info *info, tt_err *err);

/* Fill a fresh struct of info->params_size (in arena) from defaults and from `map` (a
 * MAP of key: value; NULL none). `file` goes into messages. TT_EDATA
 * "file:line:column: idle_gpu.idle_below_pct is 200, expected a number from 0 to 100";
 * unknown keys name the known ones. */
int tt_params_bind(const tt_plugin_info *info, const char *file, const tt_yaml *map,
                   tt_arena *arena, void **ret, tt_err *err);
#endif
