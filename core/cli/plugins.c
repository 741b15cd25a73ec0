/* plugins.c - `trimtab plugins list | describe ID`. */
#include "cli/command.h"
#include "cli/session.h"
#include "host/subjects.h"
#include "report/layout.h"
#include "snapshot/snapshot.h"
#include <stdio.h>
#include <string.h>

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
	return tt_fail(err, TT_EINVAL, "no plugin is called \"%.60s\"; there are: %s", id,
	               n ? list : "none");
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
	}
	put_params(&page, &one->info);

	int rc = tt_print(&out, err);

	tt_buf_free(&out);
	return rc;
}
