/* Memory runs out in an audit of a built snapshot, step by step: settings, plugins, load,
 * bill, detectors, plan, and each of the reports. */
#include "base/file.h"
#include "host/fleet.h"
#include "oom.h"
#include "oom_fleet.h"
#include "report/audit_csv.h"
#include "report/audit_json.h"
#include "report/audit_table.h"
#include "report/snapshot_info.h"
#include <sys/stat.h>

static char folder[512], fleet[600], file[700], config[700], of_plugins[700];

/* What the steps make: `real` once, for the steps behind it, `got` in each run. */
static struct things {
	tt_settings *settings;
	tt_plugins *plugins;
	tt_snapshot *snapshot;
	tt_bill *bill;
	tt_findings *findings;
	tt_plan *plan;
	tt_audit audit;
	tt_snapshot_info info;
	tt_buf text;
} real, got;
static tt_case baseline;

static void release(struct things *t)
{
	tt_buf_free(&t->text);
	if (t->audit.snapshot)
		tt_audit_reset(&t->audit);
	tt_plan_free(t->plan);
	tt_findings_free(t->findings);
	tt_bill_free(t->bill);
	tt_snapshot_close(t->snapshot);
	tt_plugins_free(t->plugins);
	tt_settings_free(t->settings);
	*t = (struct things){ 0 };
}

static void reset(void)
{
	release(&got);
	if (real.snapshot) /* so that each run has to open the file for its series */
		tt_series_readers_close(real.snapshot->readers);
}

/* --- Settings and plugins ---------------------------------------------------------------- */

static int settings(tt_err *err)
{
	return tt_settings_load(config, &got.settings, err);
}

static void put_list(tt_buf *out, const char *const *v)
{
	for (; *v; v++)
		tt_buf_printf(out, "%s,", *v);
	tt_buf_putc(out, '\n');
}

static void settings_answer(tt_buf *out)
{
	const tt_settings *s = got.settings;

	put_list(out, s->owner_keys);
	put_list(out, s->creator_keys);
	put_list(out, s->system_namespaces);
	put_list(out, s->namespace_owner);
	for (size_t i = 0; i < TT_WORKLOAD_KINDS; i++)
		tt_buf_printf(out, "%d ", s->busy_above_pct[i]);
	tt_buf_printf(out, "%d %d %zu", (int)s->rule, s->risk_allowed, s->detectors->n);
}

static int plugins(tt_err *err)
{
	return tt_plugins_load((const char *const[]){ of_plugins, folder, NULL }, &got.plugins,
	                       err);
}

static void plugins_answer(tt_buf *out)
{
	for (size_t i = 0; i < got.plugins->n; i++)
		tt_buf_printf(out, "%s\n", got.plugins->v[i].info.id);
	for (size_t i = 0; i < got.plugins->n_refused; i++)
		tt_buf_printf(out, "%s\n", got.plugins->refused[i]);
}

/* --- The snapshot ------------------------------------------------------------------------ */

static int load(tt_err *err)
{
	return tt_snapshot_load(file, &got.snapshot, err);
}

static void put_field(tt_buf *out, const tt_field *f, const void *row)
{
	const char *at = (const char *)row + f->offset;

	if (f->type == TT_FIELD_F64 || f->type == TT_FIELD_BOOL)
		tt_buf_printf(out, "%a,", *(const double *)(const void *)at);
	else if (f->type == TT_FIELD_TIME)
		tt_buf_printf(out, "%lld,", (long long)*(const int64_t *)(const void *)at);
	else if (f->type == TT_FIELD_DECIMAL)
		tt_buf_add(out, at, sizeof(tt_decimal));
	else
		tt_buf_printf(out, "%s,", *(const char *const *)(const void *)at);
}

static void put_rows(tt_buf *out, const tt_rows *r)
{
	tt_buf_printf(out, "%s: %zu\n", r->def->name, r->n);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->def->n_fields; k++)
			put_field(out, &r->def->fields[k], r->p + i * r->def->row_size);
}

static void load_answer(tt_buf *out)
{
	const tt_snapshot *s = got.snapshot;

	tt_buf_printf(out, "%s %s %s %zu %zu\n", s->name, s->currency, s->note, s->n_notes,
	              s->n_cards);
	for (int i = 0; i < TT_TABLE_COUNT; i++)
		put_rows(out, &s->table[i]);
	for (size_t i = 0; i < s->n_carriers; i++)
		tt_buf_printf(out, "%s %zu\n", s->carriers[i].id, s->carriers[i].n_holdings);
	for (size_t i = 0; i < s->n_measures; i++) {
		tt_buf_add(out, (const char *)s->measures[i].histogram,
		           s->measures[i].histogram_bytes);
		tt_buf_add(out, (const char *)s->measures[i].hourly,
		           s->measures[i].hourly_bytes);
	}
	for (size_t i = 0; i < s->n_holdings; i++)
		tt_buf_printf(out, "%s %lld %lld\n", s->holdings[i].pod,
		              (long long)s->holdings[i].from_s, (long long)s->holdings[i].to_s);
}

/* All that is unpacked when it is asked for. */
static int unpack(tt_err *err)
{
	const tt_snapshot *s = real.snapshot;
	size_t steps = tt_snapshot_steps(s), hours = tt_snapshot_hours(s);
	double *mean = calloc(steps, sizeof *mean), *max = calloc(steps, sizeof *max);
	tt_hour *hour = calloc(hours, sizeof *hour);
	int rc = TT_OK;

	for (size_t i = 0; i < s->n_measures && rc == TT_OK; i++) {
		tt_stats stats;

		rc = tt_measure_stats(&s->measures[i], &stats, err);
		if (rc == TT_OK)
			rc = tt_measure_hourly(s, &s->measures[i], hour, err);
		if (rc == TT_OK)
			rc = tt_snapshot_series(s, &s->measures[i], mean, max, err);
		tt_buf_printf(&got.text, "%a %a %a %a\n", stats.p95, hour[0].mean, mean[0],
		              max[steps - 1]);
	}
	free(mean);
	free(max);
	free(hour);
	return got.text.failed ? tt_no_memory(err) : rc;
}

static void text_answer(tt_buf *out)
{
	tt_buf_add(out, tt_buf_text(&got.text), got.text.n);
}

/* --- Bill, detectors, plan --------------------------------------------------------------- */

static int bill(tt_err *err)
{
	tt_case c;

	tt_case_init(&c, real.snapshot, real.settings);
	int rc = tt_bill_make(&c, real.settings, &got.bill, err);
	tt_spend *lines = NULL;
	if (rc == TT_OK) {
		tt_bill_lines(got.bill, real.settings, &lines, err);
		rc = lines ? TT_OK : err->status;
	}
	tt_case_reset(&c);
	return rc;
}

static void bill_answer(tt_buf *out)
{
	const tt_bill *b = got.bill;

	tt_buf_printf(out, "%lld %a\n", (long long)b->total_micro, b->gpu_hours);
	for (int r = 0; r < TT_RULES; r++)
		for (size_t i = 0; i < b->n_cells[r]; i++) {
			const tt_cell *c = &b->cells[r][i];

			tt_buf_printf(out, "%u %d %d %s %s %lld %a\n", c->node, (int)c->bucket,
			              (int)c->reason, c->owner, c->namespace_,
			              (long long)c->cost_micro, c->gpu_hours);
		}
}

static int detect(tt_err *err)
{
	const tt_detect_options o = { .in_process = 1 };

	return tt_detect(real.plugins, real.snapshot, real.bill, real.settings, &o, &got.findings,
	                 err);
}

static int detect_forked(tt_err *err)
{
	const tt_detect_options o = { .workers = 2 };

	return tt_detect(real.plugins, real.snapshot, real.bill, real.settings, &o, &got.findings,
	                 err);
}

static void detect_answer(tt_buf *out)
{
	const tt_findings *f = got.findings;

	for (size_t i = 0; i < f->n; i++)
		tt_found_write(&f->v[i], out);
	for (size_t i = 0; i < f->n_unexamined; i++)
		tt_buf_printf(out, "%s: %s\n", f->unexamined[i].detector, f->unexamined[i].why);
	for (size_t i = 0; i < f->n_failed; i++)
		tt_buf_printf(out, "%s: %s\n", f->failed[i].detector, f->failed[i].why);
}

static size_t n_of(const tt_findings *f, const char *detector)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += strcmp(f->v[i].detector, detector) == 0;
	return n;
}

/* A worker has no more memory than it is allowed: a detector that would need more loses
 * all of its findings, and is named; the others have theirs. */
static int lost_whole(void)
{
	size_t lost = 0, n = 0;

	for (size_t i = 0; i < got.findings->n_failed; i++) {
		if (!strstr(got.findings->failed[i].why, "out of memory"))
			return 0;
		lost += n_of(real.findings, got.findings->failed[i].detector);
		n += n_of(got.findings, got.findings->failed[i].detector);
	}
	return n == 0 && lost + got.findings->n == real.findings->n;
}

static int plan(tt_err *err)
{
	const tt_plan_options o = { .seed = 1, .most_worlds = 32, .threads = 1 };

	return tt_plan_make(real.bill, real.settings, real.findings, &o, &got.plan, err);
}

static void plan_answer(tt_buf *out)
{
	const tt_plan *p = got.plan;

	tt_buf_printf(out, "%zu %zu %zu %lld\n", p->n_steps, p->n_enablers, p->n_left_out,
	              (long long)p->saving_micro);
	for (size_t i = 0; i < p->n; i++) {
		const tt_ranked *r = p->v[i];

		tt_buf_printf(out, "%s %d %s %lld %lld %s %s\n", r->found->id, (int)r->place,
		              r->why, (long long)r->standalone_micro,
		              (long long)r->in_plan_micro, r->severity, r->wave);
		for (size_t k = 0; k < r->n_lost; k++)
			tt_buf_printf(out, "%s %lld\n", r->lost[k].to->found->id,
			              (long long)r->lost[k].micro);
	}
}

/* --- Reports ------------------------------------------------------------------------------ */

static void table(const tt_audit *a, tt_buf *out)
{
	tt_audit_table(a, 1, out);
}

static void (*write_as)(const tt_audit *a, tt_buf *out);

static int report(tt_err *err)
{
	got.audit = (tt_audit){ .snapshot = real.snapshot, .settings = real.settings,
		.bill = real.bill, .findings = real.findings, .plan = real.plan, .seed = 1 };
	TT_TRY(tt_audit_make(&got.audit, err));
	write_as(&got.audit, &got.text);
	return got.text.failed ? tt_no_memory(err) : TT_OK;
}

static int info(tt_err *err)
{
	TT_TRY(tt_snapshot_info_make(real.snapshot, &got.info, err));
	tt_snapshot_info_table(&got.info, 1, &got.text);
	tt_snapshot_info_json(&got.info, &got.text);
	return got.text.failed ? tt_no_memory(err) : TT_OK;
}

/* --- All of them -------------------------------------------------------------------------- */

static void try(const char *what, int (*run)(tt_err *err), void (*answer)(tt_buf *out))
{
	oom((oom_try){ .what = what, .run = run, .answer = answer, .reset = reset,
	               .folder = folder });
}

static void prepare(void)
{
	const char *built = getenv("TT_BUILD");
	const tt_build_options o = { .threads = 1 };
	tt_err err = { 0 };
	FILE *f;

	t_folder(folder, sizeof folder);
	snprintf(fleet, sizeof fleet, "%s/fleet", folder);
	snprintf(file, sizeof file, "%s/fleet.db", folder);
	snprintf(config, sizeof config, "%s/trimtab.yaml", fleet);
	snprintf(of_plugins, sizeof of_plugins, "%s/refused.so", folder);
	f = fopen(of_plugins, "w");
	T_OK(f && fputs("no plugin", f) >= 0 && fclose(f) == 0);
	snprintf(of_plugins, sizeof of_plugins, "%s/lib/trimtab/plugins", built ? built : ".");
	mkdir(fleet, 0777);
	oom_fleet(fleet, OOM_FILES, 1);
	T_INT(TT_OK, plugins(&err));
	real.plugins = got.plugins;
	got.plugins = NULL;
	T_INT(TT_OK, tt_fleet_build(real.plugins, fleet, file, &o, NULL, &err));
	T_STR("", err.text);
}

/* ThreadSanitizer's own memory counts against a worker's, which then now and then loses more
 * detectors than the one that failed; and what it looks for is not in processes of one thread. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif
#ifdef UNDER_TSAN
static const bool in_workers = false;
#else
static const bool in_workers = true;
#endif

int main(void)
{
	tt_err err = { 0 };

	prepare();
	try("settings", settings, settings_answer);
	T_INT(TT_OK, tt_settings_load(config, &real.settings, &err));
	try("plugins", plugins, plugins_answer);
	try("load", load, load_answer);
	T_INT(TT_OK, tt_snapshot_load(file, &real.snapshot, &err));
	try("series", unpack, text_answer);
	try("snapshot info", info, text_answer);
	try("bill", bill, bill_answer);
	tt_case_init(&baseline, real.snapshot, real.settings);
	T_INT(TT_OK, tt_bill_make(&baseline, real.settings, &real.bill, &err));
	try("detectors", detect, detect_answer);
	T_INT(TT_OK, detect(&err));
	real.findings = got.findings;
	got.findings = NULL;
	T_OK(real.findings && real.findings->n > 2 && real.findings->n_failed == 0);
	if (in_workers)
		oom((oom_try){ .what = "detectors in workers", .run = detect_forked,
		               .answer = detect_answer, .reset = reset, .folder = folder,
		               .also_good = lost_whole, .at_least = 120 });
	else
		puts("skip: detectors in workers, under a thread sanitizer");
	try("plan", plan, plan_answer);
	T_INT(TT_OK, plan(&err));
	real.plan = got.plan;
	got.plan = NULL;
	T_OK(real.plan && real.plan->n_steps > 0 && real.plan->n_enablers > 0);
	write_as = table;
	try("audit as table", report, text_answer);
	write_as = tt_audit_json;
	try("audit as json", report, text_answer);
	write_as = tt_audit_csv;
	try("audit as csv", report, text_answer);
	tt_case_reset(&baseline);
	release(&real);
	t_folder_remove(folder);
	return T_END();
}
