#include "snapshot/catalogue.h"
#include "base/file.h"
#include "base/prefix.h"
#include "snapshot/table_csv.h"
#include "snapshot/table_sort.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- Tables ------------------------------------------------------------------------------ */

#define REQ TT_FIELD_REQUIRED
#define KEY TT_FIELD_KEY
#define WHOLE TT_FIELD_WHOLE
#define MOST 1e12
#define TEXT(T, f, flags) { #f, TT_FIELD_TEXT, flags, TT_FIELD_(T, f, const char *), 0, 0, NULL }
#define WORD(T, f, flags, words) \
	{ #f, TT_FIELD_WORD, flags, TT_FIELD_(T, f, const char *), 0, 0, words }
#define F64(T, f, flags, lo, hi) { #f, TT_FIELD_F64, flags, TT_FIELD_(T, f, double), lo, hi, NULL }
#define BOOL(T, f) { #f, TT_FIELD_BOOL, REQ, TT_FIELD_(T, f, double), 0, 1, NULL }
#define SOURCE(T)                                                                          \
	TEXT(T, source, REQ),                                                              \
	{ "as_of", TT_FIELD_TIME, REQ, TT_FIELD_(T, as_of, int64_t), 0, 0, NULL },         \
	BOOL(T, checked)

static const char *const precisions[] = { "fp16", "bf16", "fp8", "fp4", "int8", NULL };
static const char *const modes[] = { "time_slice", "mps", "mig", NULL };

static const tt_field gpus[] = {
	TEXT(tt_gpu_row, gpu, REQ | KEY),
	TEXT(tt_gpu_row, aliases, 0),
	F64(tt_gpu_row, memory_gb, 0, 1e-3, MOST),
	F64(tt_gpu_row, fp16_tflops, 0, 1e-3, MOST),
	F64(tt_gpu_row, bf16_tflops, 0, 1e-3, MOST),
	F64(tt_gpu_row, fp8_tflops, 0, 1e-3, MOST),
	F64(tt_gpu_row, dram_gb_per_s, 0, 1e-3, MOST),
	F64(tt_gpu_row, power_w, 0, 0, MOST),
	F64(tt_gpu_row, mig_memory_slices, WHOLE, 1, TT_MIG_SLICES_MAX),
	F64(tt_gpu_row, mig_compute_slices, WHOLE, 1, TT_MIG_SLICES_MAX),
	F64(tt_gpu_row, sms_per_slice, WHOLE, 1, MOST),
	SOURCE(tt_gpu_row),
};

static const tt_field mig_profiles[] = {
	TEXT(tt_mig_row, gpu, REQ | KEY),
	TEXT(tt_mig_row, profile, REQ | KEY),
	F64(tt_mig_row, compute_slices, REQ | WHOLE, 1, TT_MIG_SLICES_MAX),
	F64(tt_mig_row, memory_slices, WHOLE, 1, TT_MIG_SLICES_MAX),
	TEXT(tt_mig_row, starts, 0),
	F64(tt_mig_row, instances, REQ | WHOLE, 1, TT_MIG_SLICES_MAX),
	F64(tt_mig_row, memory_mib, 0, 1, MOST),
	SOURCE(tt_mig_row),
};

static const tt_field models[] = {
	TEXT(tt_model_row, model, REQ | KEY),
	TEXT(tt_model_row, aliases, 0),
	F64(tt_model_row, parameters_1e9, 0, 1e-6, MOST),
	F64(tt_model_row, layers, WHOLE, 1, MOST),
	F64(tt_model_row, kv_heads, WHOLE, 1, MOST),
	F64(tt_model_row, head_dim, WHOLE, 1, MOST),
	SOURCE(tt_model_row),
};

static const tt_field throughput[] = {
	TEXT(tt_throughput_row, model, REQ | KEY),
	TEXT(tt_throughput_row, gpu, REQ | KEY),
	F64(tt_throughput_row, gpus, REQ | KEY | WHOLE, 1, MOST),
	WORD(tt_throughput_row, precision, REQ | KEY, precisions),
	F64(tt_throughput_row, input_tokens, REQ | KEY, 1, MOST),
	F64(tt_throughput_row, output_tokens, REQ | KEY, 1, MOST),
	F64(tt_throughput_row, tokens_per_s, REQ, 1e-3, MOST),
	SOURCE(tt_throughput_row),
};

static const tt_field sharing[] = {
	WORD(tt_sharing_row, mode, REQ | KEY, modes),
	TEXT(tt_sharing_row, measured_on, KEY),
	TEXT(tt_sharing_row, workload, KEY),
	F64(tt_sharing_row, pods, KEY | WHOLE, 1, MOST),
	TEXT(tt_sharing_row, measure, REQ | KEY),
	F64(tt_sharing_row, alone, 0, 1e-9, MOST),
	F64(tt_sharing_row, shared, REQ, 0, MOST),
	SOURCE(tt_sharing_row),
};

static const tt_field families[] = {
	TEXT(tt_family_row, provider, REQ | KEY),
	TEXT(tt_family_row, family, REQ | KEY),
	BOOL(tt_family_row, size_flexible),
	SOURCE(tt_family_row),
};

static const tt_field sizes[] = {
	TEXT(tt_size_row, provider, REQ | KEY),
	TEXT(tt_size_row, size, REQ | KEY),
	F64(tt_size_row, units, REQ, 1e-3, MOST),
	SOURCE(tt_size_row),
};

static const tt_field spot_bands[] = {
	TEXT(tt_spot_band_row, provider, REQ | KEY),
	TEXT(tt_spot_band_row, band, REQ | KEY),
	F64(tt_spot_band_row, low_ratio, REQ, 0, 1),
	F64(tt_spot_band_row, high_ratio, 0, 0, 1),
	SOURCE(tt_spot_band_row),
};

#define TABLE(t, row) \
	{ { #t, sizeof(row), t, sizeof(t) / sizeof *(t), 0, 0 }, offsetof(tt_catalogue, t) }
static const struct {
	tt_table_def def;
	size_t rows; /* its tt_rows in a catalogue */
} tables[] = {
	TABLE(gpus, tt_gpu_row),
	TABLE(mig_profiles, tt_mig_row),
	TABLE(models, tt_model_row),
	TABLE(throughput, tt_throughput_row),
	TABLE(sharing, tt_sharing_row),
	TABLE(families, tt_family_row),
	TABLE(sizes, tt_size_row),
	TABLE(spot_bands, tt_spot_band_row),
};
enum { N_TABLES = sizeof tables / sizeof *tables };

static tt_rows *rows_of(tt_catalogue *c, size_t table)
{
	return (tt_rows *)(void *)((char *)c + tables[table].rows);
}

/* --- Loading ----------------------------------------------------------------------------- */

/* What the reader of a fleet's tables only notes, a column that it does not know or a row
 * that is there twice, is a fault here: nobody else's file is read. */
static int load_table(tt_catalogue *c, size_t table, const char *folder, tt_err *err)
{
	const tt_table_def *def = &tables[table].def;
	tt_rows *rows = rows_of(c, table);
	tt_rejects rejects = { 0 };
	tt_buf notes = { 0 };
	char file[64], path[4096];

	*rows = (tt_rows){ .def = def, .text = tt_arena_new() };
	if (!rows->text)
		return tt_no_memory(err);
	snprintf(file, sizeof file, "%s.csv", def->name);
	TT_TRY(tt_path_join(folder, file, path, sizeof path, err));

	int rc = tt_table_read_csv(path, def, NULL, 0, rows, &rejects, &notes, err);

	if (rc == TT_OK && notes.n)
		rc = tt_fail(err, TT_EDATA, "%.*s", (int)strcspn(notes.p, "\n"), notes.p);
	tt_rejects_free(&rejects);
	tt_buf_free(&notes);
	return rc;
}

static int fault(const tt_rows *rows, size_t i, const char *field, const char *value,
                 const char *expected, tt_err *err)
{
	char place[TT_ROW_PLACE];

	return tt_fail(err, TT_EDATA, "%s: %s is \"%.*s\", expected %s",
	               tt_row_place(rows, i, place), field,
	               tt_utf8_shown(value, strlen(value)), value, expected);
}

/* The next item of a list split by '|'; false at the end. *at is NULL before the first and
 * after the last. */
static bool next_item(const char **list, size_t *ret_n)
{
	const char *s = *list;

	if (!s)
		return false;
	*ret_n = strcspn(s, "|");
	*list = s[*ret_n] ? s + *ret_n + 1 : NULL;
	return true;
}

static int by_name(const void *pa, const void *pb)
{
	const tt_catalogue_name *a = pa, *b = pb;
	int by = strcasecmp(a->name, b->name);

	return by ? by : (a->row > b->row) - (a->row < b->row);
}

static int add_name(tt_catalogue *c, tt_catalogue_names *names, const char *s, size_t n,
                    size_t row, tt_err *err)
{
	const char *name = tt_arena_text(c->text, s, n);

	if (!name || !TT_GROW(names->v, names->n, names->cap))
		return tt_no_memory(err);
	names->v[names->n++] = (tt_catalogue_name){ name, row };
	return TT_OK;
}

static const char *text_of(const tt_rows *rows, size_t i, size_t field)
{
	const char *row = rows->p + i * rows->def->row_size;

	return *(const char *const *)(const void *)(row + rows->def->fields[field].offset);
}

/* The names of all rows, whose first two fields are the name and the others. */
static int name_rows(tt_catalogue *c, const tt_rows *rows, tt_catalogue_names *names,
                     tt_err *err)
{
	char one[TT_ROW_PLACE], other[TT_ROW_PLACE];

	for (size_t i = 0; i < rows->n; i++) {
		const char *name = text_of(rows, i, 0), *aliases = text_of(rows, i, 1);
		const char *list = *aliases ? aliases : NULL, *item = list;
		size_t n;

		TT_TRY(add_name(c, names, name, strlen(name), i, err));
		for (; next_item(&list, &n); item = list) {
			if (n == 0)
				return fault(rows, i, "aliases", aliases, "names split by |",
				             err);
			TT_TRY(add_name(c, names, item, n, i, err));
		}
	}
	if (names->n)
		qsort(names->v, names->n, sizeof *names->v, by_name);
	for (size_t k = 1; k < names->n; k++) {
		const tt_catalogue_name *a = &names->v[k - 1], *b = &names->v[k];

		if (strcasecmp(a->name, b->name) == 0)
			return tt_fail(err, TT_EDATA, "%s: the name \"%.*s\" is taken by %s",
			               tt_row_place(rows, b->row, one),
			               tt_utf8_shown(b->name, strlen(b->name)), b->name,
			               tt_row_line(rows, a->row, other));
	}
	return TT_OK;
}

static const void *find_named(const tt_rows *rows, const tt_catalogue_names *names,
                              const char *name)
{
	size_t low = 0, high = names->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int by = strcasecmp(names->v[middle].name, name);

		if (by == 0)
			return rows->p + names->v[middle].row * rows->def->row_size;
		if (by < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int place_profile(const tt_rows *rows, size_t i, const tt_gpu_row *gpu, tt_err *err)
{
	tt_mig_row *row = TT_ROW(rows, tt_mig_row, i);
	const char *list = *row->starts ? row->starts : NULL, *item = list;
	char expected[96];
	size_t n;

	if (!list)
		return TT_OK;
	if (isnan(gpu->mig_memory_slices) || isnan(row->memory_slices))
		return fault(rows, i, "starts", row->starts, "nothing where memory_slices of the "
		             "profile or mig_memory_slices in gpus.csv are not known", err);
	for (; next_item(&list, &n); item = list) {
		int64_t start = -1;

		if (!tt_parse_i64(item, n, &start) || start < 0 ||
		    (double)start + row->memory_slices > gpu->mig_memory_slices ||
		    row->start_bits >> start) {
			snprintf(expected, sizeof expected, "rising memory slices from 0 to %.0f, "
			         "split by |", gpu->mig_memory_slices - row->memory_slices);
			return fault(rows, i, "starts", row->starts, expected, err);
		}
		row->start_bits |= UINT32_C(1) << start;
	}
	return TT_OK;
}

static int check_references(tt_catalogue *c, tt_err *err)
{
	static const char gpu_expected[] = "the name of a row of gpus.csv";

	for (size_t i = 0; i < c->mig_profiles.n; i++) {
		const tt_mig_row *row = TT_ROW(&c->mig_profiles, tt_mig_row, i);
		const tt_gpu_row *gpu = tt_catalogue_gpu(c, row->gpu);

		if (!gpu || strcmp(gpu->gpu, row->gpu) != 0)
			return fault(&c->mig_profiles, i, "gpu", row->gpu, gpu_expected, err);
		TT_TRY(place_profile(&c->mig_profiles, i, gpu, err));
	}
	for (size_t i = 0; i < c->throughput.n; i++) {
		const tt_throughput_row *row = TT_ROW(&c->throughput, tt_throughput_row, i);
		const tt_gpu_row *gpu = tt_catalogue_gpu(c, row->gpu);
		const tt_model_row *model = tt_catalogue_model(c, row->model);

		if (!gpu || strcmp(gpu->gpu, row->gpu) != 0)
			return fault(&c->throughput, i, "gpu", row->gpu, gpu_expected, err);
		if (!model || strcmp(model->model, row->model) != 0)
			return fault(&c->throughput, i, "model", row->model,
			             "the name of a row of models.csv", err);
	}
	for (size_t i = 0; i < c->spot_bands.n; i++) {
		const tt_spot_band_row *row = TT_ROW(&c->spot_bands, tt_spot_band_row, i);

		if (row->low_ratio >= row->high_ratio)
			return fault(&c->spot_bands, i, "band", row->band,
			             "one whose low_ratio is below its high_ratio", err);
	}
	return TT_OK;
}

int tt_catalogue_default_folder(char *buf, size_t size, tt_err *err)
{
	return tt_prefix_path("share/trimtab/catalogue", buf, size, err);
}

static int load(tt_catalogue *c, const char *folder, tt_err *err)
{
	c->text = tt_arena_new();
	if (!c->text)
		return tt_no_memory(err);
	for (size_t i = 0; i < N_TABLES; i++)
		TT_TRY(load_table(c, i, folder, err));
	TT_TRY(name_rows(c, &c->gpus, &c->gpu_names, err));
	TT_TRY(name_rows(c, &c->models, &c->model_names, err));
	return check_references(c, err);
}

int tt_catalogue_load(const char *folder, tt_catalogue **ret, tt_err *err)
{
	TT_CLEANUP(tt_catalogue_freep) tt_catalogue *c = tt_zalloc(1, sizeof *c);

	if (!c)
		return tt_no_memory(err);
	if (load(c, folder, err) < 0)
		return tt_context(err, "%s", folder);
	*ret = c;
	c = NULL;
	return TT_OK;
}

void tt_catalogue_free(tt_catalogue *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < N_TABLES; i++)
		tt_rows_free(rows_of(c, i));
	tt_free(c->gpu_names.v);
	tt_free(c->model_names.v);
	tt_arena_free(c->text);
	tt_free(c);
}

void tt_catalogue_freep(tt_catalogue **c)
{
	tt_catalogue_free(*c);
}

/* --- Questions --------------------------------------------------------------------------- */

const tt_gpu_row *tt_catalogue_gpu(const tt_catalogue *c, const char *name)
{
	return find_named(&c->gpus, &c->gpu_names, name);
}

double tt_catalogue_tflops(const tt_gpu_row *gpu, const char *precision)
{
	return strcmp(precision, "fp16") == 0 ? gpu->fp16_tflops
		: strcmp(precision, "bf16") == 0 ? gpu->bf16_tflops
		: strcmp(precision, "fp8") == 0 ? gpu->fp8_tflops : (double)NAN;
}

const tt_mig_row *tt_catalogue_mig(const tt_catalogue *c, const tt_gpu_row *gpu, size_t *ret_n)
{
	const tt_mig_row *first = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < c->mig_profiles.n; i++) {
		const tt_mig_row *row = TT_ROW(&c->mig_profiles, tt_mig_row, i);

		if (strcmp(row->gpu, gpu->gpu) != 0)
			continue;
		first = first ? first : row;
		++*ret_n;
	}
	return first;
}

const tt_mig_row *tt_catalogue_mig_profile(const tt_catalogue *c, const tt_gpu_row *gpu,
                                           const char *profile)
{
	size_t n;
	const tt_mig_row *v = tt_catalogue_mig(c, gpu, &n);

	for (size_t i = 0; i < n; i++)
		if (strcasecmp(v[i].profile, profile) == 0)
			return &v[i];
	return NULL;
}

const tt_model_row *tt_catalogue_model(const tt_catalogue *c, const char *name)
{
	return find_named(&c->models, &c->model_names, name);
}

const tt_throughput_row *tt_catalogue_throughput(const tt_catalogue *c,
                                                 const tt_model_row *model,
                                                 const tt_gpu_row *gpu, size_t *ret_n)
{
	const tt_throughput_row *first = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < c->throughput.n; i++) {
		const tt_throughput_row *row = TT_ROW(&c->throughput, tt_throughput_row, i);

		if (strcmp(row->model, model->model) != 0 || strcmp(row->gpu, gpu->gpu) != 0)
			continue;
		first = first ? first : row;
		++*ret_n;
	}
	return first;
}

bool tt_catalogue_size_flexible(const tt_catalogue *c, const char *provider,
                                const char *instance_type)
{
	size_t n = strcspn(instance_type, ".");

	for (size_t i = 0; i < c->families.n; i++) {
		const tt_family_row *row = TT_ROW(&c->families, tt_family_row, i);

		if (strcasecmp(row->provider, provider) == 0 && strlen(row->family) == n &&
		    strncasecmp(row->family, instance_type, n) == 0)
			return row->size_flexible == 1;
	}
	return false;
}

double tt_catalogue_size_units(const tt_catalogue *c, const char *provider,
                               const char *instance_type)
{
	const char *point = strchr(instance_type, '.');

	for (size_t i = 0; point && i < c->sizes.n; i++) {
		const tt_size_row *row = TT_ROW(&c->sizes, tt_size_row, i);

		if (strcasecmp(row->provider, provider) == 0 &&
		    strcasecmp(row->size, point + 1) == 0)
			return row->units;
	}
	return (double)NAN;
}

const tt_spot_band_row *tt_catalogue_spot_band(const tt_catalogue *c, const char *provider,
                                               const char *band)
{
	for (size_t i = 0; i < c->spot_bands.n; i++) {
		const tt_spot_band_row *row = TT_ROW(&c->spot_bands, tt_spot_band_row, i);

		if (strcasecmp(row->provider, provider) == 0 && strcmp(row->band, band) == 0)
			return row;
	}
	return NULL;
}
