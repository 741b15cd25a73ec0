/* The catalogue as it is shipped, row by row where somebody relies on it; and what is refused
 * of one that is not right. */
#include "snapshot/catalogue.h"
#include "base/file.h"
#include "base/prefix.h"
#include "maths/checkpoint.h"
#include "maths/gpu_fit.h"
#include "t.h"

static char shipped[900], scratch[256];
static tt_catalogue *c;

/* --- As shipped -------------------------------------------------------------------------- */

static void test_names(void)
{
	static const char *const same[][2] = {
		{ "a100-80gb", "NVIDIA A100-SXM4-80GB" }, { "a100-80gb", "nvidia a100-sxm4-80gb" },
		{ "a100-80gb", "NVIDIA-A100-SXM4-80GB" }, { "a100-80gb", "A100-80GB" },
		{ "a100-40gb", "NVIDIA A100-SXM4-40GB" }, { "h100", "NVIDIA H100 80GB HBM3" },
		{ "h100", "H100" }, { "t4", "Tesla T4" }, { "a10g", "NVIDIA A10G" },
		{ "l40s", "nvidia l40s" }, { "l4", "L4" }, { "h200", "NVIDIA H200" },
		{ "b200", "NVIDIA B200" }, { "b300", "NVIDIA B300 SXM6 AC" },
	};
	/* Cards of other memory or with less bandwidth, and what is no name at all. */
	static const char *const others[] = { "A100", "NVIDIA A100 80GB PCIe", "NVIDIA H100 PCIe",
		"NVIDIA H100 NVL", "V100", "a100-80", "h100 ", " h100", "", "|", "L40", "gpu",
		"a100-80gb|NVIDIA A100-SXM4-80GB" };

	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		const tt_gpu_row *gpu = tt_catalogue_gpu(c, same[i][1]);

		T_OK(gpu);
		if (gpu)
			T_STR(same[i][0], gpu->gpu);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		T_OK(!tt_catalogue_gpu(c, others[i]));
}

static void test_gpus(void)
{
	static const struct {
		const char *gpu;
		double fp16, fp8, gb_per_s, gb, w;
	} known[] = {
		{ "t4", 65, (double)NAN, 320, 16, 70 },
		{ "l4", 121, 242, 300, 24, 72 },
		{ "a10g", 70, (double)NAN, 600, 24, 300 },
		{ "l40s", 362, 733, 864, 48, 350 },
		{ "a100-80gb", 312, (double)NAN, 2039, 80, 400 },
		{ "h100", 989, 1979, 3350, 80, 700 },
		{ "h200", 989, 1979, 4800, 141, 700 },
		{ "b200", 2250, 4500, 8000, 180, 1000 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const tt_gpu_row *g = tt_catalogue_gpu(c, known[i].gpu);

		T_F64(known[i].fp16, tt_catalogue_tflops(g, "fp16"), 0);
		T_F64(known[i].fp8, tt_catalogue_tflops(g, "fp8"), 0);
		T_F64(known[i].gb_per_s, g->dram_gb_per_s, 0);
		T_F64(known[i].gb, g->memory_gb, 0);
		T_F64(known[i].w, g->power_w, 0);
		T_OK(isnan(tt_catalogue_tflops(g, "fp64")));
	}
	/* Turing has no bfloat16; of the 40 GB card no speed is listed. */
	T_OK(isnan(tt_catalogue_tflops(tt_catalogue_gpu(c, "t4"), "bf16")));
	T_OK(isnan(tt_catalogue_gpu(c, "a100-40gb")->dram_gb_per_s));

	const tt_gpu_row *h100 = tt_catalogue_gpu(c, "h100"), *l40s = tt_catalogue_gpu(c, "l40s");
	const tt_gpu_speed src = { h100->bf16_tflops, h100->dram_gb_per_s };
	const tt_gpu_speed dst = { l40s->bf16_tflops, l40s->dram_gb_per_s };
	const tt_gpu_busy busy = { 0.12, 0.15, 0.30 };
	T_F64(0.581597, tt_gpu_busy_ratio(&busy, &src, &dst), 5e-7);
}

/* Every value has a source and a day. */
static void test_sources(void)
{
	const tt_rows *const all[] = { &c->gpus, &c->mig_profiles, &c->models, &c->throughput,
		&c->sharing, &c->families, &c->sizes, &c->spot_bands };

	for (size_t t = 0; t < sizeof all / sizeof *all; t++) {
		size_t dated = 0;

		T_OK(all[t]->n > 0);
		for (size_t k = 0; k < all[t]->def->n_fields; k++) {
			const tt_field *f = &all[t]->def->fields[k];
			dated += (f->flags & TT_FIELD_REQUIRED) &&
				(strcmp(f->name, "source") == 0 || strcmp(f->name, "as_of") == 0 ||
				 strcmp(f->name, "checked") == 0);
		}
		T_INT(3, dated);
	}
}

/* --- MIG ------------------------------------------------------------------------------------ */

typedef struct layouts {
	const tt_mig_row *profile[32];
	unsigned slices[32];         /* bit mask of each placement */
	size_t n;
	uint64_t kinds[128];         /* multisets found, a byte each profile */
	size_t n_maximal, n_kinds;
	const tt_mig_row *first;
} layouts;

/* Sets of placements that do not overlap and leave no room for another. */
static void search(layouts *l, size_t next, unsigned taken, uint64_t kinds)
{
	if (next < l->n) {
		if (!(taken & l->slices[next]))
			search(l, next + 1, taken | l->slices[next],
			       kinds + (UINT64_C(1) << (8 * (l->profile[next] - l->first))));
		search(l, next + 1, taken, kinds);
		return;
	}
	for (size_t i = 0; i < l->n; i++)
		if (!(taken & l->slices[i]))
			return;
	l->n_maximal++;
	for (size_t i = 0; i < l->n_kinds; i++)
		if (l->kinds[i] == kinds)
			return;
	l->kinds[l->n_kinds++] = kinds;
}

static void test_layouts(const char *gpu, bool with_double, size_t want, size_t want_kinds)
{
	layouts l = { 0 };
	size_t n;

	l.first = tt_catalogue_mig(c, tt_catalogue_gpu(c, gpu), &n);
	T_INT(6, n);
	for (size_t i = 0; i < n; i++) {
		const tt_mig_row *p = &l.first[i];

		if (!with_double && p->compute_slices == 1 && p->memory_slices == 2)
			continue;
		T_F64(p->instances, __builtin_popcount(p->start_bits), 0);
		for (unsigned k = 0; k < TT_MIG_SLICES_MAX; k++) {
			if (!(p->start_bits >> k & 1))
				continue;
			l.profile[l.n] = p;
			l.slices[l.n++] = ((1u << (unsigned)p->memory_slices) - 1) << k;
		}
	}
	search(&l, 0, 0, 0);
	T_INT(want, l.n_maximal);
	T_INT(want_kinds, l.n_kinds);
}

static void test_mig(void)
{
	static const char *const cards[] = { "a100-40gb", "a100-80gb", "h100", "h200", "b200",
		"gb200", "b300" };
	static const struct {
		const char *gpu, *profile;
		double compute, memory, mib;
	} known[] = {
		{ "a100-40gb", "1g.5gb", 1, 1, 4864 }, { "a100-40gb", "1g.10gb", 1, 2, 9856 },
		{ "a100-40gb", "3g.20gb", 3, 4, 19968 }, { "a100-40gb", "7g.40gb", 7, 8, 40192 },
		{ "a100-80gb", "1g.10gb", 1, 1, 9856 }, { "a100-80gb", "1g.20gb", 1, 2, 19968 },
		{ "a100-80gb", "3g.40gb", 3, 4, 40192 }, { "a100-80gb", "7G.80GB", 7, 8, 80384 },
		{ "h100", "1g.10gb", 1, 1, 9984 }, { "h100", "7g.80gb", 7, 8, 81152 },
		{ "h200", "1g.18gb", 1, 1, 16384 }, { "h200", "3g.71gb", 3, 4, (double)NAN },
		{ "b200", "2g.45gb", 2, 2, (double)NAN }, { "b300", "7g.269gb", 7, 8, (double)NAN },
		{ "gb200", "4g.93gb", 4, 4, (double)NAN },
	};
	size_t n;

	for (size_t i = 0; i < sizeof cards / sizeof *cards; i++) {
		test_layouts(cards[i], false, 19, 14);
		test_layouts(cards[i], true, 78, 38);
	}
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const tt_mig_row *p = tt_catalogue_mig_profile(
			c, tt_catalogue_gpu(c, known[i].gpu), known[i].profile);

		T_OK(p);
		if (!p)
			continue;
		T_F64(known[i].compute, p->compute_slices, 0);
		T_F64(known[i].memory, p->memory_slices, 0);
		T_F64(known[i].mib, p->memory_mib, 0);
	}
	const tt_gpu_row *rtx = tt_catalogue_gpu(c, "rtx-pro-6000");
	T_OK(tt_catalogue_mig(c, rtx, &n));
	T_INT(3, n);
	T_INT(0, tt_catalogue_mig_profile(c, rtx, "1g.24gb")->start_bits);
	const tt_gpu_row *h100 = tt_catalogue_gpu(c, "h100");
	T_INT(0x11, tt_catalogue_mig_profile(c, h100, "3g.40gb")->start_bits);
	T_F64(4, tt_catalogue_mig_profile(c, rtx, "1g.24gb")->instances, 0);
	T_OK(!tt_catalogue_mig(c, tt_catalogue_gpu(c, "t4"), &n));
	T_INT(0, n);
	T_OK(!tt_catalogue_mig_profile(c, rtx, "1g.5gb"));
}

/* --- The rest ---------------------------------------------------------------------------- */

static void test_tokens(void)
{
	const tt_model_row *m70 = tt_catalogue_model(c, "Llama-3.3-70B-Instruct");
	const tt_model_row *m8 = tt_catalogue_model(c, "llama-3.1-8b");
	const tt_gpu_row *h100 = tt_catalogue_gpu(c, "h100"), *b200 = tt_catalogue_gpu(c, "b200");
	const tt_throughput_row *a, *b;
	size_t n;

	T_OK(!tt_catalogue_model(c, "llama-3.1-405b"));
	T_F64(327680, tt_gpu_kv_bytes_per_token(m70->layers, m70->kv_heads, m70->head_dim, 2), 0);
	T_F64(131072, tt_gpu_kv_bytes_per_token(m8->layers, m8->kv_heads, m8->head_dim, 2), 0);
	T_F64(206.9042, tt_gpu_decode_tokens_per_s(h100->dram_gb_per_s * 1e9,
	      m8->parameters_1e9 * 2e9, 1, 1000, 131072), 5e-5);

	a = tt_catalogue_throughput(c, m70, b200, &n);
	T_INT(1, n);
	T_STR("fp4", a->precision);
	b = tt_catalogue_throughput(c, m70, h100, &n);
	T_INT(1, n);
	T_F64(3.332699, tt_gpu_break_even_ratio(a->tokens_per_s, a->gpus, b->tokens_per_s, b->gpus),
	      5e-7);
	T_F64(1000, b->input_tokens, 0);
	T_OK(!tt_catalogue_throughput(c, m8, b200, &n));
	T_INT(0, n);
}

static void test_sharing(void)
{
	double least = 2, most = 0;

	for (size_t i = 0; i < c->sharing.n; i++) {
		const tt_sharing_row *r = TT_ROW(&c->sharing, tt_sharing_row, i);

		if (strcmp(r->measure, "throughput") != 0 || isnan(r->alone))
			continue;
		least = fmin(least, r->shared / r->alone);
		most = fmax(most, r->shared / r->alone);
	}
	T_F64(38.0 / 45, least, 0);
	T_F64(0.925, most, 1e-15);
}

static void test_instances(void)
{
	T_OK(!tt_catalogue_size_flexible(c, "aws", "g5.xlarge"));
	T_OK(!tt_catalogue_size_flexible(c, "aws", "p5.48xlarge"));
	T_OK(!tt_catalogue_size_flexible(c, "aws", "m5.xlarge")); /* not listed */
	T_F64(0.25, tt_catalogue_size_units(c, "aws", "t3.nano"), 0);
	T_F64(8, tt_catalogue_size_units(c, "AWS", "g5.xlarge"), 0);
	T_F64(256, tt_catalogue_size_units(c, "aws", "c6i.32xlarge"), 0);
	T_OK(isnan(tt_catalogue_size_units(c, "aws", "p5.48xlarge")));
	T_OK(isnan(tt_catalogue_size_units(c, "aws", "xlarge")));
	T_OK(isnan(tt_catalogue_size_units(c, "gcp", "a.xlarge")));
}

static void test_bands(void)
{
	const tt_spot_band_row *b = tt_catalogue_spot_band(c, "aws", "5-10%");

	T_F64(6928.5918, tt_checkpoint_exposed_mtti_h(b->high_ratio, 730), 5e-5);
	T_F64(14231.8798, tt_checkpoint_exposed_mtti_h(b->low_ratio, 730), 5e-5);
	T_OK(isnan(tt_catalogue_spot_band(c, "aws", ">20%")->high_ratio));
	T_OK(!tt_catalogue_spot_band(c, "aws", "20%"));
	T_OK(!tt_catalogue_spot_band(c, "azure", "<5%"));
}

/* --- Refused ----------------------------------------------------------------------------- */

static const char *const files[] = { "gpus", "mig_profiles", "models", "throughput", "sharing",
	"families", "sizes", "spot_bands" };

static void copy(const char *file)
{
	char from[1000], to[320], *text = NULL;
	size_t n;
	tt_err err = { 0 };

	snprintf(from, sizeof from, "%s/%s.csv", shipped, file);
	snprintf(to, sizeof to, "%s/%s.csv", scratch, file);
	T_INT(TT_OK, tt_file_read(from, 1 << 20, &text, &n, &err));
	T_INT(TT_OK, tt_file_write(to, text, n, &err));
	tt_free(text);
}

#define END "x,2026-11-21T00:00:00Z,true\n"
#define GPUS "gpu,aliases,mig_memory_slices,source,as_of,checked\n"
#define MIG "gpu,profile,compute_slices,memory_slices,starts,instances,source,as_of,checked\n"
#define RUNS "model,gpu,gpus,precision,input_tokens,output_tokens,tokens_per_s,source,as_of," \
	"checked\n"

static void test_refused(void)
{
	static const struct {
		const char *file, *text, *want;
	} bad[] = {
		{ "gpus", GPUS "a,,8,,2026-11-21T00:00:00Z,true\n",
		  "gpus.csv:2:6: source is \"\", expected a value" },
		{ "gpus", GPUS "a,,8,x,yesterday,true\n", "gpus.csv:2:8: as_of is \"yesterday\"" },
		{ "gpus", GPUS "a,,8,x,2026-11-21T00:00:00Z,\n",
		  "gpus.csv:2:29: checked is \"\", expected a value" },
		{ "gpus", GPUS "a,,2.5," END, "gpus.csv:2:4: mig_memory_slices is \"2.5\"" },
		{ "gpus", GPUS "a,,99," END, "expected a whole number of at most 16" },
		{ "gpus", "gpu,memory,source,as_of,checked\na,80," END,
		  "gpus.csv: column \"memory\" is not known" },
		{ "gpus", "gpu,source,as_of\na,x,2026-11-21T00:00:00Z\n", "no column \"checked\"" },
		{ "gpus", GPUS "a,b|c,8," END "d,C,8," END,
		  "gpus.csv:3: the name \"C\" is taken by line 2" },
		{ "gpus", GPUS "a,A,8," END, "gpus.csv:2: the name \"A\" is taken by line 2" },
		{ "gpus", GPUS "a,b||c,8," END,
		  "gpus.csv:2: aliases is \"b||c\", expected names split by |" },
		{ "gpus", GPUS "a,,8," END "a,,8," END, "equal to another" },
		{ "gpus", GPUS "a,,8," END "a,,7," END, "gpus.csv:" },
		{ "mig_profiles", MIG "none,1g,1,1,0,1," END,
		  "mig_profiles.csv:2: gpu is \"none\", expected the name of a row of gpus.csv" },
		{ "mig_profiles", MIG "H100,1g,1,1,0,1," END, "gpu is \"H100\"" },
		{ "mig_profiles", MIG "h100,3g,3,4,0|5,1," END, "mig_profiles.csv:2: starts is "
		  "\"0|5\", expected rising memory slices from 0 to 4, split by |" },
		{ "mig_profiles", MIG "h100,3g,3,4,4|0,1," END, "starts is \"4|0\"" },
		{ "mig_profiles", MIG "h100,3g,3,4,a,1," END, "starts is \"a\"" },
		{ "mig_profiles", MIG "h100,3g,3,4,0|,1," END, "starts is \"0|\"" },
		{ "mig_profiles", MIG "t4,1g,1,1,0,1," END, "mig_profiles.csv:2: starts is \"0\", "
		  "expected nothing where memory_slices of the profile or mig_memory_slices" },
		{ "mig_profiles", MIG "h100,1g,1,,0,1," END, "expected nothing where" },
		{ "throughput", RUNS "llama-3.1-8b,x,1,fp8,1,1,5," END, "gpu is \"x\"" },
		{ "throughput", RUNS "y,h100,1,fp8,1,1,5," END,
		  "throughput.csv:2: model is \"y\"" },
		{ "throughput", RUNS "llama-3.1-8b,h100,1,fp6,1,1,5," END,
		  "throughput.csv:2:21: precision is \"fp6\", expected fp16, bf16" },
		{ "throughput", RUNS "llama-3.1-8b,h100,1,fp8,1,1,-5," END,
		  "throughput.csv:2:29: tokens_per_s is \"-5\"" },
		{ "spot_bands", "provider,band,low_ratio,high_ratio,source,as_of,checked\n"
		  "aws,b,0.2,0.1," END, "low_ratio is below its high_ratio" },
		{ "families", "provider,family,size_flexible,source,as_of,checked\naws,m5,perhaps,"
		  END, "families.csv:2:8: size_flexible is \"perhaps\", expected true or false" },
		{ "sizes", "", "sizes.csv" },
	};
	char path[320];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		copy(files[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		tt_catalogue *none = NULL;
		tt_err err = { 0 };

		snprintf(path, sizeof path, "%s/%s.csv", scratch, bad[i].file);
		T_INT(TT_OK, tt_file_write(path, bad[i].text, strlen(bad[i].text), &err));
		T_INT(TT_EDATA, tt_catalogue_load(scratch, &none, &err));
		T_HAS(bad[i].want, err.text);
		T_OK(strncmp(scratch, err.text, strlen(scratch)) == 0);
		T_OK(!none);
		copy(bad[i].file);
	}
	snprintf(path, sizeof path, "%s/models.csv", scratch);
	remove(path);
	tt_catalogue *none = NULL;
	tt_err err = { 0 };
	T_INT(TT_EIO, tt_catalogue_load(scratch, &none, &err));
	T_HAS("models.csv", err.text);
	copy("models");
}

static void test_family_said(void)
{
	static const char text[] = "provider,family,size_flexible,source,as_of,checked\n"
		"aws,m5,true," END "aws,m5n,false," END;
	tt_catalogue *own = NULL;
	tt_err err = { 0 };
	char path[320];

	snprintf(path, sizeof path, "%s/families.csv", scratch);
	T_INT(TT_OK, tt_file_write(path, text, strlen(text), &err));
	T_INT(TT_OK, tt_catalogue_load(scratch, &own, &err));
	T_OK(tt_catalogue_size_flexible(own, "aws", "M5.xlarge"));
	T_OK(!tt_catalogue_size_flexible(own, "aws", "m5n.xlarge"));
	T_OK(!tt_catalogue_size_flexible(own, "aws", "m5a.xlarge"));
	T_OK(!tt_catalogue_size_flexible(own, "aws", "m.xlarge"));
	T_OK(!tt_catalogue_size_flexible(own, "gcp", "m5.xlarge"));
	tt_catalogue_free(own);
}

static void test_memory(void)
{
	uint64_t nth = 0;
	int rc;

	do {
		tt_catalogue *one = NULL;
		tt_err err = { 0 };

		tt_alloc_fail_at(++nth, 0);
		rc = tt_catalogue_load(shipped, &one, &err);
		tt_alloc_fail_at(0, 0);
		T_OK(rc == TT_OK ? one != NULL : rc == TT_ENOMEM && !one);
		tt_catalogue_free(one);
	} while (rc != TT_OK && nth < 10000);
	T_OK(nth > 20);
	tt_catalogue_free(NULL);
}

static void test_folder(void)
{
	char path[900], small[4], want[900];
	tt_err err = { 0 };

	T_INT(TT_OK, tt_catalogue_default_folder(path, sizeof path, &err));
	T_HAS("/share/trimtab/catalogue", path);
	T_INT(TT_OK, tt_prefix_path("share/trimtab/catalogue", want, sizeof want, &err));
	T_STR(want, path);
	T_OK(tt_catalogue_default_folder(small, sizeof small, &err) < 0);

	/* The build tree has it where the program looks for it. */
	const char *build = getenv("TT_BUILD");
	if (!build)
		return;
	tt_catalogue *built = NULL;
	snprintf(path, sizeof path, "%s/share/trimtab/catalogue", build);
	err = (tt_err){ 0 };
	T_INT(TT_OK, tt_catalogue_load(path, &built, &err));
	T_STR("", err.text);
	T_INT(c->mig_profiles.n, built ? built->mig_profiles.n : 0);
	tt_catalogue_free(built);
}

int main(void)
{
	const char *source = getenv("TT_SOURCE");
	tt_err err = { 0 };

	t_folder(scratch, sizeof scratch);
	snprintf(shipped, sizeof shipped, "%s/core/snapshot/catalogue", source ? source : ".");
	T_INT(TT_OK, tt_catalogue_load(shipped, &c, &err));
	T_STR("", err.text);
	if (!c)
		return T_END();
	test_names();
	test_gpus();
	test_sources();
	test_mig();
	test_tokens();
	test_sharing();
	test_instances();
	test_bands();
	test_refused();
	test_family_said();
	test_memory();
	test_folder();
	tt_catalogue_free(c);
	t_folder_remove(scratch);
	return T_END();
}
