/* pack.h - how series, histograms and curves look as bytes in the snapshot file; the
 * only file that includes zstd.h.
 *
 * Numbers are LEB128 varints. Arrays of 16-bit codes are stored as differences, low
 * bytes apart from high bytes, under zstd; before them how many there are, how many are missing
 * in front, and how many follow. Unpacking checks every length: a damaged file
 * gives TT_EDATA, never a crash. Pure functions, any thread. */
#ifndef TT_SNAPSHOT_PACK_H
#define TT_SNAPSHOT_PACK_H
#include "base/text.h"
#include "snapshot/usage_series.h"

/* n codes; equal input gives equal bytes. Codes that are missing at both ends take no room, and
 * are not unpacked: what is between goes into ret[ret_kept->first .. end), all else stays. */
int tt_pack_codes(const uint16_t *v, size_t n, tt_buf *out, tt_err *err);
int tt_unpack_codes(const void *p, size_t bytes, uint16_t *ret, size_t n, tt_stretch *ret_kept,
                    tt_err *err);

/* The same of hours, where those that are all zero are missing. */
int tt_pack_hours(const tt_packed_hour *v, size_t n, tt_buf *out, tt_err *err);
int tt_unpack_hours(const void *p, size_t bytes, tt_packed_hour *ret, size_t n,
                    tt_stretch *ret_kept, tt_err *err);

/* Non-zero codes with count and seconds; `step_s` is what a reading mostly stands for. */
void tt_pack_histogram(const tt_histogram *h, int64_t step_s, tt_buf *out);
/* Into ret[n_codes], which is cleared first. */
int tt_unpack_histogram(const void *p, size_t bytes, tt_weight *ret, size_t n_codes,
                        tt_err *err);

/* step_s > 0 */
void tt_pack_bins(const uint32_t *v, size_t n, int64_t step_s, tt_buf *out);
int tt_unpack_bins(const void *p, size_t bytes, uint32_t *ret, size_t n, tt_err *err);

/* Whether `bytes` at `p` say that they hold n eight-byte numbers: a length from a damaged
 * file is held against this before there is memory for it. */
int tt_packed_words(const void *p, size_t bytes, uint64_t n);
/* Times ascending; values with their bytes apart, under zstd. NaN stays NaN. */
int tt_pack_times(const int64_t *v, size_t n, tt_buf *out, tt_err *err);
int tt_unpack_times(const void *p, size_t bytes, int64_t *ret, size_t n, tt_err *err);
int tt_pack_f64(const double *v, size_t n, tt_buf *out, tt_err *err);
int tt_unpack_f64(const void *p, size_t bytes, double *ret, size_t n, tt_err *err);

/* Rows as columns. Each column is written by tt_pack_column(), one behind the other, and all
 * of them are then packed as one piece with a checksum: nothing but the rows themselves can
 * tell that one of them is damaged. INT64_MIN is a missing value. */
#define TT_PACK_ROWS 1024 /* at most */
void tt_pack_column(const int64_t *v, size_t n, tt_buf *out);
int tt_pack_piece(const tt_buf *columns, tt_buf *out, tt_err *err);
/* The other way round: into buf[cap], then column by column from *at, which moves on. */
int tt_unpack_piece(const void *p, size_t bytes, void *buf, size_t cap, size_t *ret_n,
                    tt_err *err);
int tt_unpack_column(const unsigned char **at, const unsigned char *end, int64_t *ret, size_t n,
                     tt_err *err);
#endif
