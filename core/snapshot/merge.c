#include "snapshot/merge.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static int compare_shards(const void *pa, const void *pb)
{
	const tt_shard *a = *(tt_shard *const *)pa, *b = *(tt_shard *const *)pb;

	if (a->window.start_s != b->window.start_s)
		return a->window.start_s < b->window.start_s ? -1 : 1;
	if (a->window.end_s != b->window.end_s)
		return a->window.end_s < b->window.end_s ? -1 : 1;
	const int by_name = strcmp(last_part(a->label), last_part(b->label));
	return by_name ? by_name : strcmp(a->label, b->label);
}

/* --- Of one fleet ------------------------------------------------------------------------ */

static int differ(const tt_shard *s, const tt_shard *first, const char *what, const char *its,
                  const char *other, tt_err *err)
{
	const char *a = *its ? "\"" : "", *b = *other ? "\"" : "";

	return tt_fail(err, TT_EDATA, "%s: its %s is %s%.100s%s, that of %s is %s%.100s%s; only "
	               "shards of one fleet can be joined", s->label, what, a,
	               *its ? its : "not given", a, first->label, b,
	               *other ? other : "not given", b);
}

static const char *step_text(const tt_shard *s, char *buf, size_t size)
{
	buf[0] = 0;
	if (s->window.step_s > 0)
		snprintf(buf, size, "%llds", (long long)s->window.step_s);
	return buf;
}

static int check_alike(const tt_shard *s, const tt_shard *first, tt_err *err)
{
	const tt_snapshot_window *a = &s->window, *b = &first->window;
	char here[32], there[32];

	if (strcmp(a->name, b->name) != 0)
		return differ(s, first, "name", a->name, b->name, err);
	if (strcmp(a->currency, b->currency) != 0)
		return differ(s, first, "currency", a->currency, b->currency, err);
	if (a->step_s != b->step_s)
		return differ(s, first, "step", step_text(s, here, sizeof here),
		              step_text(first, there, sizeof there), err);
	return TT_OK;
}

/* The window that holds all of theirs. */
static int join_windows(tt_shard *const *shards, size_t n, tt_snapshot_window *w,
                        tt_merge_report *report, tt_err *err)
{
	*w = shards[0]->window;
	for (size_t i = 1; i < n; i++) {
		const tt_snapshot_window *x = &shards[i]->window;
		TT_TRY(check_alike(shards[i], shards[0], err));
		if (x->start_s > w->end_s && report->gaps++ == 0) {
			report->gap_from_s = w->end_s;
			report->gap_to_s = x->start_s;
		}
		w->end_s = x->end_s > w->end_s ? x->end_s : w->end_s;
		if (w->end_s - w->start_s > TT_WINDOW_MOST_S ||
		    x->start_s - w->start_s >= TT_USAGE_ROWS_BEFORE_S)
			return tt_fail(err, TT_EDATA, "%s: its window starts %lld days after that "
			               "of %s, expected windows less than 17 years apart",
			               shards[i]->label,
			               (long long)((x->start_s - w->start_s) / 86400),
			               shards[0]->label);
	}
	return TT_OK;
}

/* --- What is said of the whole ------------------------------------------------------------ */

/* Different texts of all shards, each once: mostly there is one. */
static int join_texts(const char **text, size_t n, const char *between, tt_buf *ret, tt_err *err)
{
	qsort(text, n, sizeof *text, tt_compare_texts);
	for (size_t i = 0; i < n; i++)
		if (*text[i] && (i == 0 || strcmp(text[i - 1], text[i]) != 0))
			tt_buf_printf(ret, "%s%s", ret->n ? between : "", text[i]);
	return ret->failed ? tt_no_memory(err) : TT_OK;
}

static int join(tt_builder *b, tt_shard *const *shards, size_t n, tt_snapshot_window *w,
                tt_merge_report *report, tt_build_times *times, tt_err *err)
{
	TT_CLEANUP(tt_freep) const char **text = tt_zalloc(n, sizeof *text);
	tt_buf note = { 0 }, source = { 0 };
	int rc = text ? TT_OK : tt_no_memory(err);

	for (size_t i = 0; rc == TT_OK && i < n; i++)
		text[i] = shards[i]->window.note;
	if (rc == TT_OK)
		rc = join_texts(text, n, "; ", &note, err);
	for (size_t i = 0; rc == TT_OK && i < n; i++)
		text[i] = shards[i]->source;
	if (rc == TT_OK)
		rc = join_texts(text, n, ", ", &source, err);
	w->note = tt_buf_text(&note);
	if (rc == TT_OK) {
		tt_builder_source(b, tt_buf_text(&source));
		rc = tt_builder_join(b, w, (const tt_shard *const *)shards, n, &report->copies,
		                     err);
	}
	if (rc == TT_OK)
		rc = tt_builder_finish(b, times, err);
	tt_buf_free(&note);
	tt_buf_free(&source);
	return rc;
}

int tt_merge(tt_shard **shards, size_t n, const char *out, const tt_build_options *o,
             tt_merge_report *ret, tt_build_times *ret_times, tt_err *err)
{
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;
	tt_snapshot_window w;

	if (n == 0)
		return tt_fail(err, TT_EINVAL, "%s: no shards to join", out);
	*ret = (tt_merge_report){ .copies = 0 };
	qsort(shards, n, sizeof *shards, compare_shards);
	for (size_t i = 0; i < n && o->lenient; i++)
		shards[i]->label = last_part(shards[i]->label);
	TT_TRY(join_windows(shards, n, &w, ret, err));
	TT_TRY(tt_builder_open(out, o, &b, err));
	return join(b, shards, n, &w, ret, ret_times, err);
}
