/* audit.c - `trimtab audit FLEET`: from the fleet through bill, detectors and plan to a
 * report on stdout and, with --out, into a folder. */
#include "base/file.h"
#include "cli/command.h"
#include "cli/run.h"
#include "report/audit_csv.h"
#include "report/audit_json.h"
#include "report/audit_table.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void write_as(const tt_audit *a, const char *format, int color, tt_buf *out)
{
	if (strcmp(format, "json") == 0)
		tt_audit_json(a, out);
	else if (strcmp(format, "csv") == 0)
		tt_audit_csv(a, out);
	else
		tt_audit_table(a, color, out);
}

/* --- Into a folder --------------------------------------------------------------------- */

static const struct { const char *format, *file; } outputs[] = {
	{ "json", "audit.json" }, { "csv", "audit.csv" }, { "table", "audit.txt" },
};

enum { N_OUTPUTS = sizeof outputs / sizeof *outputs };

static int write_file(const tt_audit *a, const char *folder, size_t i, tt_err *err)
{
	char path[4096];
	tt_buf out = { 0 };
	int rc = tt_path_join(folder, outputs[i].file, path, sizeof path, err);

	if (rc == TT_OK) {
		write_as(a, outputs[i].format, 0, &out);
		rc = out.failed ? tt_no_memory(err)
		                : tt_file_write(path, tt_buf_text(&out), out.n, err);
	}
	tt_buf_free(&out);
	return rc;
}

static int write_folder(const tt_options *o, const tt_audit *a, tt_err *err)
{
	if (!tt_is_folder(o->out) && mkdir(o->out, 0777) != 0)
		return tt_fail(err, TT_EIO, "--out: folder %s can't be made: %s", o->out,
		               strerror(errno));
	for (size_t i = 0; i < N_OUTPUTS; i++)
		TT_TRY(write_file(a, o->out, i, err));
	tt_remark(o, "wrote audit.json, audit.csv and audit.txt into %s", o->out);
	return TT_OK;
}

/* --- Verdicts --------------------------------------------------------------------------- */

static int rank_of(const char *severity)
{
	static const char *const order[] = { "low", "medium", "high", "critical" };

	for (int i = 0; i < 4; i++)
		if (strcmp(order[i], severity) == 0)
			return i;
	return -1;
}

static int is_too_severe(const tt_options *o, const tt_plan *p)
{
	size_t n = 0;

	if (!o->fail_on)
		return 0;
	for (size_t i = 0; i < p->n; i++)
		n += rank_of(p->v[i]->severity) >= rank_of(o->fail_on);
	if (n)
		tt_remark(o, "--fail-on %s: %zu finding%s at least that severe", o->fail_on, n,
		          n == 1 ? " is" : "s are");
	return n > 0;
}

static int is_incomplete(const tt_options *o, const tt_audit *a)
{
	const tt_findings *f = a->findings;
	int bad = 0;

	if (!o->strict)
		return 0;
	if (a->snapshot->rejects.n && ++bad)
		tt_remark(o, "--strict: %lld row%s rejected", (long long)a->snapshot->rejects.n,
		          a->snapshot->rejects.n == 1 ? " was" : "s were");
	for (size_t i = 0; i < f->n_failed && ++bad; i++)
		tt_remark(o, "--strict: detector %s failed: %s", f->failed[i].detector,
		          f->failed[i].why);
	for (size_t i = 0; a->rules && i < a->rules->n_failed && ++bad; i++)
		tt_remark(o, "--strict: rule %s failed: %s", a->rules->failed[i].rule.id,
		          a->rules->failed[i].why);
	for (size_t i = 0; i < f->n_unexamined && ++bad; i++)
		tt_remark(o, "--strict: detector %s lacks data: %s", f->unexamined[i].detector,
		          f->unexamined[i].why);
	if (a->bill->unknown_nodes > 0 && ++bad)
		tt_remark(o, "--strict: %lld node%s no price, so the money is not all of it",
		          (long long)a->bill->unknown_nodes,
		          a->bill->unknown_nodes == 1 ? " has" : "s have");
	for (size_t i = 0; i < a->gaps.n && ++bad; i++)
		tt_remark(o, "--strict: %s", a->gaps.v[i]);
	return bad > 0;
}

int tt_cmd_audit(const tt_options *o, tt_err *err)
{
	TT_CLEANUP(tt_run_close) tt_audit_run r = { 0 };
	tt_buf out = { 0 };

	TT_TRY(tt_run_make(&r, o, err));
	if (o->out)
		TT_TRY(write_folder(o, &r.audit, err));
	write_as(&r.audit, o->format, tt_wants_color(o), &out);

	int rc = tt_print(&out, err);

	tt_buf_free(&out);
	if (rc < 0)
		return rc;

	int severe = is_too_severe(o, r.plan), incomplete = is_incomplete(o, &r.audit);

	return severe || incomplete ? TT_EXIT_NEGATIVE : TT_EXIT_DONE;
}
