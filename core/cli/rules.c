/* rules.c - `trimtab rules check FILE|FOLDER...`: whether rules can be loaded, and what they
 * are. */
#include "rules/rules.h"
#include "cli/command.h"
#include "report/layout.h"
#include <stdio.h>

/* Of each file its rules: line, kind, id and what it is for. */
static void put_rules(tt_page *p, const tt_rules *r)
{
	const char *file = "";

	for (size_t i = 0; i < tt_rules_count(r); i++) {
		const tt_rule_name name = tt_rules_name(r, i);
		char line[32];

		if (name.file != file) {
			file = name.file;
			tt_page_text(p, TT_TONE_PLAIN, file);
			tt_page_line(p);
		}
		snprintf(line, sizeof line, "%d", name.line);
		tt_page_to(p, 2);
		tt_page_right(p, TT_TONE_PLAIN, line, 4);
		tt_page_to(p, 8);
		tt_page_left(p, TT_TONE_PLAIN, name.kind, 6);
		tt_page_to(p, 16);
		tt_page_left(p, TT_TONE_PLAIN, name.id, 22);
		tt_page_to(p, 39);
		tt_page_wrap(p, TT_TONE_PLAIN, tt_rules_about(r, i), 39, TT_PAGE_COLUMNS);
		tt_page_line(p);
	}
}

int tt_cmd_rules_check(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf out = { 0 };
	tt_page page = { .out = &out };
	size_t rules = 0, bad = 0;
	char n[TT_CELL_TEXT];

	for (size_t i = 0; i < o->n_args; i++) {
		TT_CLEANUP(tt_rules_freep) tt_rules *r = NULL;
		tt_err why = { 0 };
		int rc = tt_rules_load(&o->args[i], 1, &r, &why);

		if (rc == TT_ENOMEM || rc == TT_EIO)
			return tt_fail(err, rc, "%s", why.text);
		if (rc < 0) {
			tt_buf_printf(&out, "%s\n", why.text);
			bad++;
			continue;
		}
		put_rules(&page, r);
		rules += tt_rules_count(r);
	}
	tt_buf_printf(&out, "%s rule%s", tt_cell_count((int64_t)rules, n), rules == 1 ? "" : "s");
	if (bad)
		tt_buf_printf(&out, "; %zu of %zu argument%s can't be loaded", bad, o->n_args,
		              o->n_args == 1 ? "" : "s");
	tt_buf_putc(&out, '\n');
	TT_TRY(tt_print(&out, err));
	return bad ? TT_EXIT_NEGATIVE : TT_EXIT_DONE;
}
