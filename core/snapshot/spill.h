/* spill.h - bytes that do not fit in memory: an unlinked temporary file that is only
 * appended to. Every piece knows the piece before it, so a chain of them needs one
 * number in memory however long it grows. One thread writes a spill; after
 * tt_spill_flush() any thread may read it. */
#ifndef TT_SNAPSHOT_SPILL_H
#define TT_SNAPSHOT_SPILL_H
#include "base/error.h"

typedef struct tt_spill tt_spill;

/* In `folder`; the file has no name, so nothing stays behind whatever happens. */
int tt_spill_open(const char *folder, tt_spill **ret, tt_err *err);
void tt_spill_close(tt_spill *s);

/* Append n bytes to the chain that `*chain` is the end of (0: empty) and make it the
 * new end. */
int tt_spill_put(tt_spill *s, uint64_t *chain, const void *p, uint32_t n, tt_err *err);
int tt_spill_flush(tt_spill *s, tt_err *err);

/* Read the piece at `chain` into buf[cap]; *ret_prev is the piece before it (0: none).
 * TT_EINTERNAL when it is larger than cap. */
int tt_spill_get(const tt_spill *s, uint64_t chain, void *buf, uint32_t cap, uint32_t *ret_n,
                 uint64_t *ret_prev, tt_err *err);

/* Plain bytes without a chain, for sorted runs: append, and read back by offset. */
int tt_spill_append(tt_spill *s, const void *p, size_t n, uint64_t *ret_offset, tt_err *err);
int tt_spill_read(const tt_spill *s, uint64_t offset, void *buf, size_t n, tt_err *err);
#endif
