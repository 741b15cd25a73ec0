/* verify_fields.h - one field of a plan that is read back; errors name path, line and column. */
#ifndef TT_COMMIT_VERIFY_FIELDS_H
#define TT_COMMIT_VERIFY_FIELDS_H
#include "base/yaml.h"
#include <stdint.h>

/* TT_EDATA: `what` is `y` (NULL: missing), and something else was expected. */
int tt_verify_wrong(const char *path, const tt_yaml *y, const char *what, const char *expected,
                    tt_err *err);

/* NULL where it is not there, null or no scalar. */
const char *tt_verify_text_of(const tt_yaml *map, const char *key);

/* What has to be there. TT_EDATA where it is not, or is something else. */
int tt_verify_text(const char *path, const tt_yaml *map, const char *key, const char *expected,
                   const char **ret, tt_err *err);
int tt_verify_whole(const char *path, const tt_yaml *map, const char *key, int64_t most,
                    int64_t *ret, tt_err *err);
int tt_verify_money(const char *path, const tt_yaml *map, const char *key, int64_t *ret,
                    tt_err *err);
int tt_verify_list(const char *path, const tt_yaml *map, const char *key, const tt_yaml **ret,
                   tt_err *err); /* of objects */
#endif
