/* labels.h - labels as one text: "key=value;key=value".
 *
 * A ';' or '\' in a value is escaped with '\'; keys hold none of ";=\". The canonical
 * form is sorted by key, each key once, so that equal sets are equal texts; it is what
 * rows of a snapshot hold. Nothing here knows what a key means. Any thread. */
#ifndef TT_SNAPSHOT_LABELS_H
#define TT_SNAPSHOT_LABELS_H
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

typedef struct tt_label {
	const char *key; size_t key_n;     /* [key_n]                            */
	const char *value; size_t value_n; /* [value_n] as written, with escapes */
} tt_label;

/* Append the canonical form of the n bytes at `s` to `ret`; empty gives nothing.
 *
 * Errors: TT_EDATA with the reason alone ("there is no \"=\" in \"x\"", "key \"a\" is
 * there twice"), TT_ENOMEM. */
int tt_labels_canonical(const char *s, size_t n, tt_buf *ret, tt_err *err);

/* The next label of a canonical text at *at, which moves on; false at the end. */
bool tt_labels_next(const char **at, tt_label *ret);
/* The label `key` of a canonical text; false when it has none. */
bool tt_labels_find(const char *labels, const char *key, tt_label *ret);

/* The value without its escapes, cut to fit into `buf` of `size` > 0, which is returned. */
char *tt_label_value(const tt_label *l, char *buf, size_t size);
/* Value of `key` without its escapes, owned by `arena`; NULL when `labels` has no such
 * key or memory ran out (*ret_failed tells; may be NULL). */
const char *tt_labels_get(const char *labels, const char *key, tt_arena *arena,
                          bool *ret_failed);
#endif
