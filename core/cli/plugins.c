/* plugins.c - `trimtab plugins list | describe ID | check FILE`. */
#include "cli/command.h"
#include "cli/session.h"
#include "host/conformance.h"
#include "host/subjects.h"
#include "report/layout.h"
#include "snapshot/snapshot.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *kind_of(const tt_plugin *p)
{
	return p->kind == TT_KIND_DETECTOR ? "detector" : "source";
}

int tt_cmd_plugins_list(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(tt_plugins_freep) tt_plugins *p = NULL;
	tt_buf out = { 0 };
	tt_page page = { .out = &out };

	TT_TRY(tt_session_plugins(o, &p, err));
	for (size_t i = 0; i < p->n; i++) {
		const tt_plugin *one = &p->v[i];

		tt_page_left(&page, TT_TONE_PLAIN, one->info.id, 20);
		tt_page_to(&page, 21);
		tt_page_left(&page, TT_TONE_PLAIN, kind_of(one), 9);
		tt_page_left(&page, TT_TONE_PLAIN, one->info.version, 8);
		tt_page_wrap(&page, TT_TONE_PLAIN, one->info.summary, 38, TT_PAGE_COLUMNS);
		tt_page_line(&page);
		tt_page_to(&page, 38);
		tt_page_text(&page, TT_TONE_PLAIN, one->path);
		tt_page_line(&page);
	}

	int rc = tt_print(&out, err);

	tt_buf_free(&out);
	return rc;
}

/* --- One plugin ------------------------------------------------------------------------- */

static void put_needs(tt_buf *out, const tt_detector *d)
{
	for (uint32_t i = 0; i < d->n_needs; i++) {
		const tt_need *n = &d->needs[i];

		tt_buf_printf(out, "%s%s%s%s", i ? "            " : "needs       ",
		              n->table ? n->table : tt_metric_text(n->metric),
		              n->table ? " (table)" : n->series ? " (aligned series)" : "",
		              n->required ? "" : ", where it is there");
		if (n->metric == TT_ACTIVITY_PCT)
			tt_buf_puts(out, ": sm_active_ratio, else gpu_util_pct");
		tt_buf_putc(out, '\n');
	}
}

/* What its verdicts rest on: one line for each ground. */
static void put_grounds(tt_buf *out, const tt_detector *d)
{
	for (uint32_t i = 0; i < d->n_grounds; i++) {
		const tt_ground *g = &d->grounds[i];

		tt_buf_printf(out, "%s%s: %s %s %s\n", i ? "            " : "rests on    ",
		              g->verdict ? g->verdict : "all", g->evidence, g->relation,
		              g->param);
	}
}

static const char *default_of(const tt_param *p, char *buf, size_t size)
{
	if (p->type == TT_STR)
		snprintf(buf, size, "\"%s\"", p->def_str);
	else
		tt_format_f64(p->def, 6, buf, size);
	return buf;
}

static void put_params(tt_page *page, const tt_plugin_info *info)
{
	char def[64], low[48], high[48], range[100];

	if (!info->n_params)
		return;
	tt_page_line(page);
	tt_page_text(page, TT_TONE_PLAIN, "Parameters, set in trimtab.yaml under detectors: ");
	tt_page_text(page, TT_TONE_PLAIN, info->id);
	tt_page_line(page);
	for (uint32_t i = 0; i < info->n_params; i++) {
		const tt_param *p = &info->params[i];

		tt_page_to(page, 2);
		tt_page_left(page, TT_TONE_PLAIN, p->key, 26);
		tt_page_to(page, 29);
		snprintf(range, sizeof range, "%s%s%s", default_of(p, def, sizeof def),
		         *p->unit ? " " : "", p->unit);
		tt_page_left(page, TT_TONE_PLAIN, range, 16);
		if (p->type != TT_STR) {
			snprintf(range, sizeof range, "from %s to %s",
			         tt_format_f64(p->min, 6, low, sizeof low),
			         tt_format_f64(p->max, 6, high, sizeof high));
			tt_page_text(page, TT_TONE_PLAIN, range);
		}
		tt_page_line(page);
		tt_page_to(page, 6);
		tt_page_wrap(page, TT_TONE_PLAIN, p->help, 6, TT_PAGE_COLUMNS);
		tt_page_line(page);
	}
}

/* The ids that there are, for the message about one that there is not. */
static int no_such_plugin(const tt_plugins *p, const char *id, tt_err *err)
{
	char list[512] = "";
	size_t n = 0;

	for (size_t i = 0; i < p->n && n < sizeof list; i++)
		n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "",
		                      p->v[i].info.id);
	return tt_fail(err, TT_EINVAL, "no plugin is called \"%.*s\"; there are: %s",
	               TT_SHOWN(id), n ? list : "none");
}

int tt_cmd_plugins_describe(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(tt_plugins_freep) tt_plugins *p = NULL;
	const tt_plugin *one;
	tt_buf out = { 0 };
	tt_page page = { .out = &out };

	TT_TRY(tt_session_plugins(o, &p, err));
	one = tt_plugins_find(p, o->args[0]);
	if (!one)
		return no_such_plugin(p, o->args[0], err);
	tt_buf_printf(&out, "%s %s, a %s\n", one->info.id, one->info.version, kind_of(one));
	tt_page_wrap(&page, TT_TONE_PLAIN, one->info.summary, 0, TT_PAGE_COLUMNS);
	tt_page_line(&page);
	if (one->kind == TT_KIND_DETECTOR) {
		tt_buf_printf(&out, "\nlooks at    each %s\n",
		              tt_scope_text(one->d.detector.scope));
		put_needs(&out, &one->d.detector);
		put_grounds(&out, &one->d.detector);
	}
	put_params(&page, &one->info);

	int rc = tt_print(&out, err);

	tt_buf_free(&out);
	return rc;
}

/* --- Whether a plugin keeps to the contract ------------------------------------------------ */

static void put_line(tt_page *page, const tt_check_line *l)
{
	enum { VERDICT = 28, TEXT = 36 };

	tt_page_to(page, 2);
	tt_page_left(page, TT_TONE_PLAIN, l->what, VERDICT - 3);
	tt_page_to(page, VERDICT);
	if (l->verdict == TT_CHECK_OK)
		tt_page_text(page, TT_TONE_GOOD, "ok");
	else if (l->verdict == TT_CHECK_FAILED)
		tt_page_text(page, TT_TONE_BAD, "FAILED");
	else
		tt_page_text(page, TT_TONE_DIM, "-");
	if (*l->text) {
		tt_page_to(page, TEXT);
		tt_page_wrap(page, TT_TONE_PLAIN, l->text, TEXT, TT_PAGE_COLUMNS);
	}
	tt_page_line(page);
}

static void put_checks(tt_page *page, const char *path, const tt_conformance *c)
{
	const char *kind = c->loaded ? kind_of(&c->plugin) : "";

	if (c->loaded)
		tt_buf_printf(page->out, "%s %s, a %s\n\n", c->plugin.info.id,
		              c->plugin.info.version, kind);
	else
		tt_buf_printf(page->out, "%s\n\n", path);
	for (size_t i = 0; i < c->n; i++)
		put_line(page, &c->v[i]);
	if (c->n_failed)
		tt_buf_printf(page->out, "\n%zu of %zu checks failed: it does not keep to "
		              "trimtab/plugin.h\n", c->n_failed, c->n);
	else if (c->n_left_out)
		tt_buf_printf(page->out, "\n%zu of %zu checks passed, the rest was not tried\n",
		              c->n - c->n_left_out, c->n);
	else
		tt_buf_printf(page->out, "\nall %zu checks passed\n", c->n);
}

/* `fleet` is a snapshot file, or NULL. */
static int check_file(const tt_options *o, const char *path, const char *fleet, tt_err *err)
{
	tt_conformance c;
	tt_buf out = { 0 };
	tt_page page = { .out = &out, .color = tt_wants_color(o) };
	int rc = tt_conformance_check(path, fleet, &c, err);

	if (rc == TT_OK) {
		put_checks(&page, path, &c);
		rc = tt_print(&out, err);
	}
	if (rc == TT_OK && c.n_calls)
		tt_remark(o, "a call took at most %.1f ms of CPU time and %.1f KiB",
		          (double)c.most_cpu_ns / 1e6, (double)c.most_bytes / 1024);
	tt_buf_free(&out);
	if (rc == TT_OK && c.n_failed)
		rc = TT_EXIT_NEGATIVE;
	tt_conformance_free(&c);
	return rc;
}

int tt_cmd_plugins_check(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(tt_snapshot_closep) tt_snapshot *s = NULL;
	TT_CLEANUP(tt_plugins_freep) tt_plugins *p = NULL;
	const char *path = o->args[0];
	struct stat st;

	if (stat(path, &st) != 0)
		return tt_fail(err, TT_EIO, "%s: %s", path, strerror(errno));
	if (o->fleet) {
		TT_TRY(tt_session_plugins(o, &p, err));
		TT_TRY(tt_session_open(o, p, o->fleet, &s, err));
	}
	return check_file(o, path, s ? s->path : NULL, err);
}
