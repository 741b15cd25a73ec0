/* catalogue.h - what is known of GPUs, models and instances wherever they run: data in CSV
 * files with a source and a date on every row, not code.
 *
 * A fleet's own tables say more of that fleet, and come first. A GPU is found by the names
 * that its row lists, whatever their case, and by no other: a model that is not listed is
 * not found, and nothing is taken from one that looks like it. What a row leaves empty is
 * not known. Prices are not here, they are the fleet's.
 *
 * Read-only once loaded: any thread. */
#ifndef TT_SNAPSHOT_CATALOGUE_H
#define TT_SNAPSHOT_CATALOGUE_H
#include "snapshot/tables.h"

/* On every row: where the values are from; the day on which they were taken from there; and
 * whether they were then held against it (1) or written from memory (0). */
#define TT_CATALOGUE_SOURCE \
	const char *source; \
	int64_t as_of;      \
	double checked

enum { TT_MIG_SLICES_MAX = 16 };

typedef struct tt_gpu_row { /* gpus.csv */
	const char *gpu, *aliases; /* other names, split by | */
	double memory_gb;          /* as sold, 10^9 bytes */
	double fp16_tflops, bf16_tflops, fp8_tflops; /* tensor cores, dense */
	double dram_gb_per_s, power_w;
	double mig_memory_slices, mig_compute_slices, sms_per_slice; /* NaN: no MIG known */
	TT_CATALOGUE_SOURCE;
} tt_gpu_row;

typedef struct tt_mig_row { /* mig_profiles.csv */
	const char *gpu, *profile; /* "a100-40gb", "1g.5gb" */
	double compute_slices, memory_slices; /* the latter NaN only without `starts` */
	const char *starts;        /* memory slices that it can begin at, split by |; "": where
	                            * it can be is not known, and layouts can't be planned */
	double instances;          /* the most on one card, by themselves */
	double memory_mib;         /* usable: less than the profile's name says */
	TT_CATALOGUE_SOURCE;
	uint32_t start_bits;       /* from `starts`: bit s is memory slice s */
} tt_mig_row;

typedef struct tt_model_row { /* models.csv */
	const char *model, *aliases;
	double parameters_1e9, layers, kv_heads, head_dim;
	TT_CATALOGUE_SOURCE;
} tt_model_row;

typedef struct tt_throughput_row { /* throughput.csv */
	const char *model, *gpu;
	double gpus;             /* that work together on one request */
	const char *precision;
	double input_tokens, output_tokens; /* of each request */
	double tokens_per_s;     /* output, of all gpus together, at full load */
	TT_CATALOGUE_SOURCE;
} tt_throughput_row;

typedef struct tt_sharing_row { /* sharing.csv */
	const char *mode, *measured_on, *workload;
	double pods;             /* on one card */
	const char *measure;     /* throughput, or a time */
	double alone, shared;    /* in the source's unit */
	TT_CATALOGUE_SOURCE;
} tt_sharing_row;

typedef struct tt_family_row { /* families.csv */
	const char *provider, *family;
	double size_flexible;
	TT_CATALOGUE_SOURCE;
} tt_family_row;

typedef struct tt_size_row { /* sizes.csv */
	const char *provider, *size;
	double units;
	TT_CATALOGUE_SOURCE;
} tt_size_row;

typedef struct tt_spot_band_row { /* spot_bands.csv */
	const char *provider, *band;
	double low_ratio, high_ratio; /* of machines interrupted; NaN: no limit is given */
	TT_CATALOGUE_SOURCE;
} tt_spot_band_row;

typedef struct tt_catalogue_name { /* of a row that has several */
	const char *name;
	size_t row;
} tt_catalogue_name;

typedef struct tt_catalogue_names {
	tt_catalogue_name *v; /* [n] by name, whatever its case */
	size_t n, cap;
} tt_catalogue_names;

/* Rows are sorted by their keys; TT_ROW() reads them. */
typedef struct tt_catalogue {
	tt_rows gpus, mig_profiles, models, throughput, sharing, families, sizes, spot_bands;
	tt_catalogue_names gpu_names, model_names;
	tt_arena *text; /* the names */
} tt_catalogue;

/* Where the program's own files are: share/trimtab/catalogue of its tree. */
int tt_catalogue_default_folder(char *buf, size_t size, tt_err *err);

/* Read every file of the folder.
 *
 * ret  (out) the caller's, tt_catalogue_free()
 *
 * Errors: TT_EIO (a file is missing), TT_EDATA "file:line:column: ..." (a value out of its
 * range, an unknown column, a name that stands for two rows, a row of a GPU or model that has
 * none), TT_ENOMEM. */
int tt_catalogue_load(const char *folder, tt_catalogue **ret, tt_err *err);
void tt_catalogue_free(tt_catalogue *c);
void tt_catalogue_freep(tt_catalogue **c);

/* --- Questions. NULL, and NaN, is "not listed". --- */

/* By any of its names: "a100-80gb", "NVIDIA A100-SXM4-80GB". */
const tt_gpu_row *tt_catalogue_gpu(const tt_catalogue *c, const char *name);
/* Dense tensor TFLOPS in "fp16", "bf16" or "fp8". */
double tt_catalogue_tflops(const tt_gpu_row *gpu, const char *precision);
/* Its MIG profiles: the first of *ret_n rows in a row. */
const tt_mig_row *tt_catalogue_mig(const tt_catalogue *c, const tt_gpu_row *gpu,
                                   size_t *ret_n);
const tt_mig_row *tt_catalogue_mig_profile(const tt_catalogue *c, const tt_gpu_row *gpu,
                                           const char *profile);
const tt_model_row *tt_catalogue_model(const tt_catalogue *c, const char *name);
/* What was measured of a model on a GPU: the first of *ret_n rows in a row, fewest cards
 * first. Rows of one precision or length say nothing of another. */
const tt_throughput_row *tt_catalogue_throughput(const tt_catalogue *c,
                                                 const tt_model_row *model,
                                                 const tt_gpu_row *gpu, size_t *ret_n);

/* Whether a commitment to one size of this type's family covers other sizes: only where a
 * row says so. The family is what stands before the point of "g5.xlarge". */
bool tt_catalogue_size_flexible(const tt_catalogue *c, const char *provider,
                                const char *instance_type);
/* Normalised units of the size that stands behind the point. */
double tt_catalogue_size_units(const tt_catalogue *c, const char *provider,
                               const char *instance_type);
const tt_spot_band_row *tt_catalogue_spot_band(const tt_catalogue *c, const char *provider,
                                               const char *band);
#endif
