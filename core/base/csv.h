/* csv.h - reads CSV (RFC 4180, UTF-8, one header line) record by record, in bounded
 * memory, from a plain or .gz file.
 *
 * A UTF-8 BOM, CRLF line ends and a missing last newline are normal; blank lines are
 * passed over at the end of the file only. It knows nothing of types: what a field
 * means is the caller's business. Every fault is TT_EDATA "name:line:column: ..." with
 * line and column (in bytes) from 1. */
#ifndef TT_BASE_CSV_H
#define TT_BASE_CSV_H
#include "error.h"
#include <stdbool.h>

#define TT_CSV_RECORD_MAX ((size_t)1 << 20) /* bytes of one record */

typedef struct tt_csv tt_csv;

typedef struct tt_csv_field {
	const char *p;        /* [n] without its quotes, not NUL-terminated; valid until
	                       * the next call                                       */
	size_t n;
	int64_t line, column; /* of its first byte in the file, a quote included     */
	bool quoted;
} tt_csv_field;

/* Open `path` and read its header.
 *
 * name  what messages call the file; NULL: `path`
 * ret   (out) the caller's, tt_csv_close()
 *
 * Errors: TT_EIO, TT_ENOMEM, TT_EDATA (empty file, no header line, two columns of one
 * name, and every fault of a record). */
int tt_csv_open(const char *path, const char *name, tt_csv **ret, tt_err *err);
void tt_csv_close(tt_csv *c);
void tt_csv_closep(tt_csv **c);

size_t tt_csv_columns(const tt_csv *c);
const char *tt_csv_column(const tt_csv *c, size_t i); /* name; "" when it has none */

/* The next record: [tt_csv_columns()] fields into *ret.
 *
 * Returns 1, or 0 at the end. After TT_EDATA tt_csv_resumable() tells whether the next
 * call goes on with the record after the bad one. A blank line between records of a
 * file of one column is a record with an empty field. */
int tt_csv_next(tt_csv *c, const tt_csv_field **ret, tt_err *err);
bool tt_csv_resumable(const tt_csv *c);
/* First line of the record that tt_csv_next() gave or refused last. */
int64_t tt_csv_line(const tt_csv *c);
#endif
