/* store_check.c - a checksum over what a snapshot file holds, so that damage inside a row is
 * seen as well: SQLite checks its own structure and no more. */
#include "snapshot/store.h"
#include "base/file.h"
#include <stdio.h>
#include <string.h>

/* Type, length and bytes of each value, so that nothing can pass for another. */
static uint32_t add_row(uint32_t crc, sqlite3_stmt *s)
{
	for (int i = 0; i < sqlite3_column_count(s); i++) {
		const int type = sqlite3_column_type(s, i);
		unsigned char head[9] = { (unsigned char)type };
		uint64_t word = 0;

		if (type == SQLITE_INTEGER) {
			word = (uint64_t)sqlite3_column_int64(s, i);
		} else if (type == SQLITE_FLOAT) {
			double v = sqlite3_column_double(s, i);
			memcpy(&word, &v, sizeof word);
		}
		/* as bytes first: asking for a length may change what a value is */
		const void *p = type == SQLITE_TEXT ? (const void *)sqlite3_column_text(s, i)
			: type == SQLITE_BLOB ? sqlite3_column_blob(s, i) : NULL;
		size_t n = p ? (size_t)sqlite3_column_bytes(s, i) : 0;
		word = p ? n : word;
		for (int k = 0; k < 8; k++)
			head[1 + k] = (unsigned char)(word >> (8 * k));
		crc = tt_crc32(crc, head, sizeof head);
		if (n > 0)
			crc = tt_crc32(crc, p, n);
	}
	return crc;
}

static int add_query(sqlite3 *db, const char *path, const char *sql, uint32_t *crc, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	int rc;

	TT_TRY(tt_store_prepare(db, path, sql, &s, err));
	while ((rc = sqlite3_step(s)) == SQLITE_ROW)
		*crc = add_row(*crc, s);
	return rc == SQLITE_DONE ? TT_OK : tt_store_error(db, path, err);
}

/* Every table but the row that says the sum, and the schema. */
int tt_store_checksum(sqlite3 *db, const char *path, char ret[TT_STORE_SUM], tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	uint32_t crc = 0;
	char sql[256];
	int rc;

	TT_TRY(add_query(db, path, "SELECT type, name, sql FROM sqlite_schema "
	                 "WHERE sql IS NOT NULL ORDER BY name", &crc, err));
	TT_TRY(tt_store_prepare(db, path, "SELECT name FROM sqlite_schema WHERE type = 'table' "
	                        "AND name NOT LIKE 'sqlite%' ORDER BY name", &s, err));
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(s, 0);
		snprintf(sql, sizeof sql, "SELECT * FROM \"%.100s\"%s ORDER BY rowid",
		         name ? name : "", name && strcmp(name, "about") == 0
		         ? " WHERE key IS NOT 'checksum'" : "");
		TT_TRY(add_query(db, path, sql, &crc, err));
	}
	snprintf(ret, TT_STORE_SUM, "%08x", crc);
	return rc == SQLITE_DONE ? TT_OK : tt_store_error(db, path, err);
}

/* The first column of the first row as text; "" when there is none. */
static int first_text(sqlite3 *db, const char *path, const char *sql, char *buf, size_t size,
                      tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;

	TT_TRY(tt_store_prepare(db, path, sql, &s, err));
	int rc = sqlite3_step(s);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return tt_store_error(db, path, err);
	const char *text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
	snprintf(buf, size, "%s", text ? text : "");
	return TT_OK;
}

int tt_snapshot_verify(const tt_snapshot *s, tt_err *err)
{
	TT_CLEANUP(tt_store_closep) sqlite3 *db = NULL;
	char is[TT_STORE_SUM], said[64], found[200];

	TT_TRY(tt_store_open(s->path, &db, err));
	TT_TRY(first_text(db, s->path, "PRAGMA integrity_check(1)", found, sizeof found, err));
	if (strcmp(found, "ok") != 0)
		return tt_fail(err, TT_EDATA, "%s: damaged: %s", s->path, found);
	TT_TRY(first_text(db, s->path, "SELECT value FROM about WHERE key = 'checksum'", said,
	                  sizeof said, err));
	TT_TRY(tt_store_checksum(db, s->path, is, err));
	if (strcmp(is, said) != 0)
		return tt_fail(err, TT_EDATA, "%s: damaged, or edited: its checksum is %s, and "
		               "it says %s", s->path, is, said[0] ? said : "none");
	return TT_OK;
}
