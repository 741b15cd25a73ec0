/* file.h - reading files (plain or .gz) in blocks, and writing so that nothing
 * half-written is ever seen: to a temporary name beside the target, then rename. */
#ifndef TT_BASE_FILE_H
#define TT_BASE_FILE_H
#include "error.h"
#include <stdbool.h>
#include <stdint.h>

/* A stream of bytes from a plain or gzip file. */
typedef struct tt_reader tt_reader;
/* Opens `path`. Errors: TT_EIO "path: No such file or directory". Gzip is told by
 * its first two bytes, not by the name. */
int tt_reader_open(const char *path, tt_reader **ret, tt_err *err);
/* Up to `cap` bytes; fewer only at the end; 0 at the end. A .gz that is cut off or
 * damaged is TT_EDATA. */
int tt_reader_read(tt_reader *r, char *buf, size_t cap, size_t *ret_n, tt_err *err);
/* The descriptor of a plain file, for pread() from several threads; -1 for gzip. */
int tt_reader_fd(const tt_reader *r);
int64_t tt_reader_size_bytes(const tt_reader *r); /* of the file as stored */
int64_t tt_reader_offset_bytes(const tt_reader *r); /* consumed, as stored */
void tt_reader_close(tt_reader *r);
void tt_reader_closep(tt_reader **r);

/* Whole small file into a fresh tt_alloc'd NUL-terminated buffer; TT_EDATA when over `max`. */
int tt_file_read(const char *path, size_t max, char **ret, size_t *ret_n, tt_err *err);

/* A path beside `target` to write to: "target.tmp-PID-N", in buf. */
int tt_temp_path(const char *target, char *buf, size_t size, tt_err *err);
/* fsync `temp`, rename it to `target`, fsync the folder. On failure temp is removed. */
int tt_commit_file(const char *temp, const char *target, tt_err *err);
/* Write n bytes to `target` by way of a temporary file. */
int tt_file_write(const char *target, const char *s, size_t n, tt_err *err);

bool tt_is_folder(const char *path);
bool tt_is_file(const char *path);
/* "a/b" from "a" and "b" into buf; TT_EINVAL when too long. */
int tt_path_join(const char *a, const char *b, char *buf, size_t size, tt_err *err);
/* CRC-32 of n bytes, continued from `crc` (start with 0). */
uint32_t tt_crc32(uint32_t crc, const void *p, size_t n);
#endif
