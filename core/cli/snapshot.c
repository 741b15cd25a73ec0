/* snapshot.c - `trimtab snapshot build | merge | info | check`. */
#include "base/clock.h"
#include "base/file.h"
#include "base/money.h"
#include "cli/command.h"
#include "cli/session.h"
#include "report/snapshot_info.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A slip of the hand must not replace somebody's table, or database, by ours. */
static int check_target(const char *path, tt_err *err)
{
	if (tt_is_folder(path))
		return tt_fail(err, TT_EIO, "%s: is a folder, expected the name of a file", path);
	if (tt_is_file(path) && access(path, R_OK) != 0)
		return tt_fail(err, TT_EIO, "%s: is there and can't be read, so it is not "
		               "replaced: %s", path, strerror(errno));
	if (tt_is_file(path) && !tt_snapshot_is_ours(path))
		return tt_fail(err, TT_EIO, "%s: is there and is no snapshot, so it is not "
		               "replaced", path);
	return TT_OK;
}

static void remark_written(const tt_options *o, const tt_build_times *times)
{
	char read_s[32], write_s[32];

	tt_remark(o, "wrote %s", o->out);
	if (o->timings)
		tt_remark(o, "reading took %s s, writing %s s",
		          tt_format_f64(times->answers_s, 3, read_s, sizeof read_s),
		          tt_format_f64(times->write_s, 3, write_s, sizeof write_s));
}

int tt_cmd_snapshot_build(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(tt_plugins_freep) tt_plugins *p = NULL;
	tt_build_times times = { 0 };
	tt_progress progress;

	if (!o->out)
		return tt_fail(err, TT_EINVAL, "snapshot build needs -o FILE");
	TT_TRY(check_target(o->out, err));
	TT_TRY(tt_session_plugins(o, &p, err));
	tt_progress_open(&progress, o);
	tt_build_options b = tt_session_build(o, &progress);
	b.shard = o->shard;
	int rc = tt_fleet_build(p, o->args[0], o->out, &b, &times, err);
	tt_progress_close(&progress);
	if (rc < 0)
		return rc;
	remark_written(o, &times);
	return TT_EXIT_DONE;
}

/* What a merge finds that is no fault, but may be a mistake. */
static void remark_merge(const tt_options *o, const tt_merge_report *r)
{
	char from[TT_TIME_TEXT], to[TT_TIME_TEXT];

	if (r->copies)
		tt_remark(o, "%" PRId64 " row%s of tables are in several shards and count once",
		          r->copies, r->copies == 1 ? "" : "s");
	if (r->gaps)
		tt_remark(o, "no shard covers %s to %s%s", tt_time_format(r->gap_from_s, from),
		          tt_time_format(r->gap_to_s, to), r->gaps > 1 ? ", and more" : "");
}

int tt_cmd_snapshot_merge(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(tt_plugins_freep) tt_plugins *p = NULL;
	tt_build_times times = { 0 };
	tt_merge_report report;
	tt_progress progress;

	if (!o->out)
		return tt_fail(err, TT_EINVAL, "snapshot merge needs -o FILE");
	TT_TRY(check_target(o->out, err));
	TT_TRY(tt_session_plugins(o, &p, err));
	tt_progress_open(&progress, o);
	tt_build_options b = tt_session_build(o, &progress);
	int rc = tt_fleet_merge(p, o->args, o->n_args, o->out, &b, &report, &times, err);
	tt_progress_close(&progress);
	if (rc < 0)
		return rc;
	remark_merge(o, &report);
	remark_written(o, &times);
	return TT_EXIT_DONE;
}

int tt_cmd_snapshot_info(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(tt_plugins_freep) tt_plugins *p = NULL;
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;
	tt_snapshot_info info;
	tt_buf out = { 0 };

	TT_TRY(tt_session_plugins(o, &p, err));
	TT_TRY(tt_session_fleet(o, p, &s, err));
	if (tt_snapshot_info_make(s, &info, err) < 0)
		return tt_context(err, "%s", o->args[0]);
	if (strcmp(o->format, "json") == 0)
		tt_snapshot_info_json(&info, &out);
	else
		tt_snapshot_info_table(&info, tt_wants_color(o), &out);

	int rc = tt_print(&out, err);

	tt_buf_free(&out);
	return rc;
}

/* Everything packed is unpacked once. */
static int check_measures(const tt_snapshot *s, tt_err *err)
{
	size_t steps = tt_snapshot_steps(s), hours = tt_snapshot_hours(s);
	TT_CLEANUP(tt_freep) double *mean = tt_zalloc(steps + 1, sizeof *mean);
	TT_CLEANUP(tt_freep) double *max = tt_zalloc(steps + 1, sizeof *max);
	TT_CLEANUP(tt_freep) tt_hour *hour = tt_zalloc(hours + 1, sizeof *hour);
	TT_CLEANUP(tt_series_reader_closep) tt_series_reader *reader = NULL;
	tt_stats stats = { .size = sizeof stats };

	if (!mean || !max || !hour)
		return tt_no_memory(err);
	TT_TRY(tt_series_reader_open(s, &reader, err));
	for (size_t i = 0; i < s->n_measures; i++) {
		const tt_measure *m = &s->measures[i];
		const char *id = s->carriers[m->carrier].id, *metric = tt_metric_text(m->metric);

		if (tt_measure_stats(m, &stats, err) < 0 ||
		    tt_measure_hourly(s, m, hour, err) < 0 ||
		    (steps && tt_series_read(reader, m, mean, max, err) < 0))
			return tt_context(err, "%s of %s", metric, id);
	}
	return TT_OK;
}

int tt_cmd_snapshot_check(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(tt_plugins_freep) tt_plugins *p = NULL;
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;
	tt_buf out = { 0 };
	int64_t rows;

	TT_TRY(tt_session_plugins(o, &p, err));
	TT_TRY(tt_session_fleet(o, p, &s, err));
	if (check_measures(s, err) < 0)
		return tt_context(err, "%s", o->args[0]);
	TT_TRY(tt_snapshot_verify(s, err));
	rows = s->usage_rows + s->node_usage_rows;
	for (int i = 0; i < TT_TABLE_COUNT; i++)
		rows += (int64_t)s->table[i].n;
	tt_buf_printf(&out, "%s: sound; %" PRId64 " rows, %zu measured series, %" PRId64
	              " rows rejected\n", o->args[0], rows, s->n_measures, s->rejects.n);
	for (size_t i = 0; i < s->n_notes; i++)
		tt_buf_printf(&out, "  - %s\n", s->notes[i]);

	int rc = tt_print(&out, err);

	tt_buf_free(&out);
	return rc;
}
