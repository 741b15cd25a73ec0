/* detector_test.c - see detector_test.h. */
#include "detector_test.h"
#include "host/services.h"
#include "base/file.h"
#include "base/text.h"
#include "bill/case.h"
#include "snapshot/builder.h"
#include <stdarg.h>

/* What the plugin's detect() is called through, so that a test can take its memory. There
 * is one detector and one thread in a program of these. */
static const tt_detector *detector;
static size_t memory_bytes = TT_CALL_BYTES_MAX, most_used_bytes;

static int limited(const tt_host *h, tt_call *c, const tt_subject *s, const void *params)
{
	size_t had = c->left_bytes < memory_bytes ? c->left_bytes : memory_bytes;

	c->left_bytes = had;

	int rc = detector->detect(h, c, s, params);

	if (had - c->left_bytes > most_used_bytes)
		most_used_bytes = had - c->left_bytes;
	return rc;
}

static void give_up(const char *what, const char *why)
{
	printf("detector_test: %s: %s\n", what, why);
	exit(1);
}

static void must(int rc, const char *what, const tt_err *err)
{
	if (rc < 0)
		give_up(what, err->text);
}

/* --- The fleet ------------------------------------------------------------------- */

void dt_open(dt *d, double days, int64_t step_s)
{
	*d = (dt){ .n_steps = (size_t)llround(days * 86400 / (double)step_s), .step_s = step_s,
		   .aligned = 1, .activity = "gpu_util_pct", .why = "", .failed = "" };
}

static void forget(dt *d)
{
	tt_findings_free(d->found);
	tt_bill_free(d->bill);
	if (d->snapshot)
		tt_case_reset(&d->baseline);
	tt_snapshot_close(d->snapshot);
	tt_settings_free(d->settings);
	d->found = NULL;
	d->bill = NULL;
	d->snapshot = NULL;
	d->settings = NULL;
	d->why = d->failed = "";
	if (*d->folder)
		t_folder_remove(d->folder); /* series are read from the file there */
	*d->folder = '\0';
}

void dt_close(dt *d)
{
	forget(d);
	for (size_t i = 0; i < d->n_cards; i++)
		free(d->card[i].step);
	for (size_t i = 0; i < DT_TABLES_MAX; i++)
		tt_buf_free(&d->table[i].csv);
	tt_buf_free(&d->text);
}

static tt_buf *table(dt *d, const char *name)
{
	for (size_t i = 0; i < DT_TABLES_MAX; i++) {
		if (!d->table[i].name)
			d->table[i].name = name;
		if (strcmp(d->table[i].name, name) == 0)
			return &d->table[i].csv;
	}
	give_up(name, "one table too many");
	return NULL;
}

void dt_table(dt *d, const char *name, const char *csv)
{
	tt_buf *b = table(d, name);

	tt_buf_free(b);
	*b = (tt_buf){ 0 };
	tt_buf_puts(b, csv);
}

void dt_row(dt *d, const char *name, const char *fmt, ...)
{
	char row[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(row, sizeof row, fmt, args);
	va_end(args);
	tt_buf_puts(table(d, name), row);
	tt_buf_putc(table(d, name), '\n');
}

static dt_card *card(dt *d, const char *id)
{
	size_t i = 0;

	while (i < d->n_cards && strcmp(d->card[i].id, id) != 0)
		i++;
	if (i == DT_CARDS_MAX || strlen(id) >= sizeof d->card[i].id || !strchr(id, '/'))
		give_up(id, "no card, or one too many");
	if (i == d->n_cards) {
		snprintf(d->card[i].id, sizeof d->card[i].id, "%s", id);
		d->card[i].step = calloc(d->n_steps, sizeof *d->card[i].step);
		d->n_cards++;
	}
	if (!d->card[i].step)
		give_up(id, "out of memory");
	return &d->card[i];
}

void dt_usage(dt *d, const char *id, const char *pod, size_t from, size_t to, double pct,
              double fb_mib)
{
	dt_card *k = card(d, id);

	for (size_t i = from; i < to && i < d->n_steps; i++) {
		k->step[i] = (struct dt_step){ .has_row = 1, .pct = pct, .fb_mib = fb_mib };
		snprintf(k->step[i].pod, sizeof k->step[i].pod, "%s", pod);
	}
}

static void put_number(tt_buf *out, double v)
{
	char text[64];

	tt_buf_putc(out, ',');
	tt_buf_puts(out, tt_format_f64(v, 8, text, sizeof text)); /* NaN: nothing */
}

static void put_quoted(tt_buf *out, const char *s)
{
	tt_buf_puts(out, ",\"");
	for (; *s; s++)
		tt_buf_printf(out, *s == '"' ? "\"%c" : "%c", *s);
	tt_buf_putc(out, '"');
}

static void make_usage(dt *d)
{
	tt_buf *out = table(d, "gpu_usage");
	int ratio = strcmp(d->activity, "sm_active_ratio") == 0;

	if (!d->n_cards)
		return;
	dt_table(d, "gpu_usage", "time,node,gpu,slice,pod,");
	tt_buf_printf(out, "%s,fb_used_mib\n", d->activity);
	for (size_t i = 0; i < d->n_steps; i++)
		for (size_t k = 0; k < d->n_cards; k++) {
			const struct dt_step *s = &d->card[k].step[i];
			char node[64] = "", gpu[64] = "", slice[64] = "";

			if (!s->has_row)
				continue;
			sscanf(d->card[k].id, "%63[^/]/%63[^/]/%63[^/]", node, gpu, slice);
			tt_buf_printf(out, "%lld,%s,%s,%s",
			              (long long)(DT_START_S + (int64_t)i * d->step_s), node, gpu,
			              slice);
			put_quoted(out, s->pod);
			put_number(out, ratio ? s->pct / 100 : s->pct);
			put_number(out, s->fb_mib);
			tt_buf_putc(out, '\n');
		}
}

/* --- Running ---------------------------------------------------------------------- */

static void write_text(const char *folder, const char *name, const char *text, char path[512])
{
	tt_err err = { 0 };

	snprintf(path, 512, "%s/%s", folder, name);
	must(tt_file_write(path, text, strlen(text), &err), name, &err);
}

static void build(dt *d, const char *folder, const char *out)
{
	TT_CLEANUP(tt_builder_closep) tt_builder *b = NULL;
	const tt_build_options o = { .threads = 1 };
	char path[512], name[64], window[256];
	tt_err err = { 0 };

	make_usage(d);
	snprintf(window, sizeof window, "name: test\nstart: %lld\nend: %lld\ncurrency: USD\n"
	         "step: %llds\n", (long long)DT_START_S,
	         (long long)(DT_START_S + (int64_t)d->n_steps * d->step_s), (long long)d->step_s);
	must(tt_builder_open(out, &o, &b, &err), "opening", &err);
	write_text(folder, "snapshot.yaml", window, path);
	must(tt_builder_window(b, path, &err), "the window", &err);
	for (size_t i = 0; i < DT_TABLES_MAX && d->table[i].name; i++) {
		if (!d->table[i].csv.n)
			continue;
		snprintf(name, sizeof name, "%s.csv", d->table[i].name);
		write_text(folder, name, tt_buf_text(&d->table[i].csv), path);
		must(tt_builder_read_csv(b, path, d->table[i].name, NULL, 0, &err), name, &err);
	}
	must(tt_builder_finish(b, NULL, &err), "building", &err);
}

static void detect(dt *d)
{
	const tt_head *head = tt_plugin_entry();
	const tt_detect_options o = { .in_process = 1 };
	tt_plugin plugin = { .path = "", .kind = TT_KIND_DETECTOR };
	const tt_plugins plugins = { .v = &plugin, .n = 1 };
	tt_err err = { 0 };

	if (head->magic != TT_ABI_MAGIC || head->kind != TT_KIND_DETECTOR ||
	    head->size != sizeof *detector)
		give_up("the plugin", "is no detector");
	detector = (const tt_detector *)(const void *)head;
	must(tt_params_check(&detector->info, &err), "parameters", &err);
	plugin.info = detector->info;
	plugin.d.detector = *detector;
	plugin.d.detector.detect = limited;
	tt_findings_free(d->found);
	d->found = NULL;
	must(tt_detect(&plugins, d->snapshot, d->bill, d->settings, &o, &d->found, &err),
	     "detecting", &err);
	d->why = d->found->n_unexamined ? d->found->unexamined[0].why : "";
	d->failed = d->found->n_failed ? d->found->failed[0].why : "";
}

/* What trimtab ships of GPUs, as every command has it. */
static void load_catalogue(tt_settings *to)
{
	const char *source = getenv("TT_SOURCE");
	char folder[1024];
	tt_err err = { 0 };

	snprintf(folder, sizeof folder, "%s/core/snapshot/catalogue", source ? source : ".");
	must(tt_catalogue_load(folder, &to->catalogue, &err), "the catalogue", &err);
}

size_t dt_run(dt *d, const char *settings)
{
	char path[512], out[300];
	tt_err err = { 0 };

	forget(d);
	t_folder(d->folder, sizeof d->folder);
	snprintf(out, sizeof out, "%s/fleet.db", d->folder);
	build(d, d->folder, out);
	write_text(d->folder, "trimtab.yaml", settings, path);
	must(tt_settings_load(*settings ? path : NULL, &d->settings, &err), "settings", &err);
	load_catalogue(d->settings);
	must(tt_snapshot_load(out, &d->snapshot, &err), "loading", &err);
	if (!d->aligned)
		d->snapshot->step_s = 0;
	tt_case_init(&d->baseline, d->snapshot, d->settings);
	must(tt_bill_make(&d->baseline, d->settings, &d->bill, &err), "the bill", &err);
	detect(d);
	if (*d->failed && !d->may_fail)
		give_up("the detector failed", d->failed);
	return d->found->n;
}

size_t dt_starve(dt *d)
{
	size_t tries = 0, enough, right = 0;

	most_used_bytes = 0;
	detect(d);
	enough = most_used_bytes;
	for (size_t bytes = 0; bytes < enough; bytes += enough / 256 + 1, tries++) {
		memory_bytes = bytes;
		detect(d);
		right += d->found->n == 0 && strstr(d->failed, "asked for more than") != NULL;
	}
	memory_bytes = TT_CALL_BYTES_MAX;
	detect(d);
	return right == tries ? right : 0;
}

/* --- What came out ------------------------------------------------------------------ */

const tt_found *dt_about(const dt *d, const char *kind, const char *id)
{
	const tt_found *it = NULL;

	for (size_t i = 0; i < d->found->n; i++) {
		const tt_found *f = &d->found->v[i];

		if (strcmp(tt_subject_kind_text(f->subject_kind), kind) != 0 ||
		    strcmp(f->subject_id, id) != 0)
			continue;
		if (it)
			give_up(id, "there are two findings about it");
		it = f;
	}
	for (size_t i = 0; !it && i < d->found->n; i++)
		printf("about %s %s: %s\n", tt_subject_kind_text(d->found->v[i].subject_kind),
		       d->found->v[i].subject_id, d->found->v[i].title);
	if (!it)
		give_up(id, "there is no finding about it");
	return it;
}

static const char *change_text(dt *d, const tt_change *v, size_t n, size_t i)
{
	tt_buf_free(&d->text);
	d->text = (tt_buf){ 0 };
	if (i < n)
		tt_change_text(&v[i], &d->text);
	return tt_buf_text(&d->text);
}

const char *dt_change(dt *d, const tt_found *f, size_t i)
{
	return change_text(d, f->changes, f->n_changes, i);
}

const char *dt_alternative(dt *d, const tt_found *f, size_t i)
{
	return change_text(d, f->alternatives, f->n_alternatives, i);
}

static const tt_found_evidence *evidence(const tt_found *f, const char *key)
{
	for (size_t i = 0; i < f->n_evidence; i++)
		if (strcmp(f->evidence[i].key, key) == 0)
			return &f->evidence[i];
	give_up(key, "no evidence is called so");
	return NULL;
}

double dt_number(const tt_found *f, const char *key)
{
	return evidence(f, key)->value;
}

const char *dt_text(const tt_found *f, const char *key)
{
	return evidence(f, key)->text;
}
