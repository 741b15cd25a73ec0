/* store.c - opening a database of ours, and what its errors mean. */
#include "snapshot/store.h"
#include <stdio.h>

int tt_store_error(sqlite3 *db, const char *path, tt_err *err)
{
	int code = db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;

	if (code == SQLITE_NOMEM)
		return tt_fail(err, TT_ENOMEM, "out of memory");
	if (code == SQLITE_NOTADB)
		return tt_fail(err, TT_EDATA, "%s: not a trimtab snapshot (not a database)", path);
	if (code == SQLITE_CORRUPT)
		return tt_fail(err, TT_EDATA, "%s: damaged: %s", path, sqlite3_errmsg(db));
	return tt_fail(err, TT_EIO, "%s: %s", path, sqlite3_errmsg(db));
}

int tt_store_prepare(sqlite3 *db, const char *path, const char *sql, sqlite3_stmt **ret,
                     tt_err *err)
{
	return sqlite3_prepare_v2(db, sql, -1, ret, NULL) == SQLITE_OK
		? TT_OK : tt_store_error(db, path, err);
}

void tt_store_closep(sqlite3 **db)
{
	sqlite3_close(*db);
}

void tt_store_finalizep(sqlite3_stmt **s)
{
	sqlite3_finalize(*s);
}

static int pragma(sqlite3 *db, const char *path, const char *name, int *ret, tt_err *err)
{
	TT_CLEANUP(tt_store_finalizep) sqlite3_stmt *s = NULL;
	char sql[64];

	snprintf(sql, sizeof sql, "PRAGMA %s", name);
	TT_TRY(tt_store_prepare(db, path, sql, &s, err));
	if (sqlite3_step(s) != SQLITE_ROW)
		return tt_store_error(db, path, err);
	*ret = sqlite3_column_int(s, 0);
	return TT_OK;
}

/* What a database of ours that is not the one wanted is good for. */
static int other_kind(const char *path, int application, tt_err *err)
{
	if (application == TT_STORE_SHARD)
		return tt_fail(err, TT_EDATA, "%s: a shard, the rows of a part of a fleet; "
		               "`trimtab snapshot merge` makes a snapshot out of all its shards",
		               path);
	if (application == TT_STORE_APPLICATION)
		return tt_fail(err, TT_EDATA, "%s: a snapshot without the rows it was made from, "
		               "so it can't be joined; build it with --shard", path);
	return tt_fail(err, TT_EDATA, "%s: a database, but not a trimtab snapshot", path);
}

static int open_as(const char *path, int wanted, sqlite3 **ret, tt_err *err)
{
	TT_CLEANUP(tt_store_closep) sqlite3 *db = NULL;
	const int how = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
	int application = 0, version = 0;

	if (sqlite3_open_v2(path, &db, how, NULL) != SQLITE_OK)
		return tt_store_error(db, path, err);
	TT_TRY(pragma(db, path, "application_id", &application, err));
	TT_TRY(pragma(db, path, "user_version", &version, err));
	if (application != wanted)
		return other_kind(path, application, err);
	if (version > TT_STORE_VERSION)
		return tt_fail(err, TT_EDATA, "%s: made by a newer trimtab (schema %d, this one "
		               "knows up to %d)", path, version, TT_STORE_VERSION);
	if (version < TT_STORE_VERSION)
		return tt_fail(err, TT_EDATA, "%s: made by an older trimtab (schema %d, this one "
		               "has %d): build it again from its source", path, version,
		               TT_STORE_VERSION);
	*ret = db;
	db = NULL;
	return TT_OK;
}

int tt_store_open(const char *path, sqlite3 **ret, tt_err *err)
{
	return open_as(path, TT_STORE_APPLICATION, ret, err);
}

int tt_store_open_shard(const char *path, sqlite3 **ret, tt_err *err)
{
	return open_as(path, TT_STORE_SHARD, ret, err);
}
