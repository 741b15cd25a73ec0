#include "change/pace.h"
#include "base/memory.h"
#include "change/there.h"
#include "snapshot/catalogue.h"
#include "snapshot/labels.h"
#include <math.h>
#include <string.h>

static const double BUSY_QUANTILE = 0.95;

bool tt_pace_is_service(const tt_pod_row *p)
{
	return strcmp(p->workload_kind, "inference") == 0;
}

bool tt_pace_is_paid_longer(const tt_pod_row *p)
{
	return !tt_pace_is_service(p) && strcmp(p->workload_kind, "notebook") != 0 &&
	       strcmp(p->workload_kind, "system") != 0;
}

/* --- The catalogue's table ------------------------------------------------------------- */

static bool same_setup(const tt_throughput_row *a, const tt_throughput_row *b)
{
	return a->gpus == b->gpus && strcmp(a->precision, b->precision) == 0 &&
	       a->input_tokens == b->input_tokens && a->output_tokens == b->output_tokens;
}

/* Work of a card there over one here, by the least of what was measured in the same way of
 * the model that the pod's label names. */
static double by_table(const tt_catalogue *c, const tt_pod_row *p, const tt_gpu_row *here,
                       const tt_gpu_row *there)
{
	char name[256];
	tt_label label;
	const tt_model_row *model;
	const tt_throughput_row *a, *b;
	double ratio = (double)NAN;
	size_t n_a = 0, n_b = 0;

	if (!tt_labels_find(p->labels, "model", &label))
		return ratio;
	model = tt_catalogue_model(c, tt_label_value(&label, name, sizeof name));
	if (!model)
		return ratio;
	a = tt_catalogue_throughput(c, model, here, &n_a);
	b = tt_catalogue_throughput(c, model, there, &n_b);
	for (size_t i = 0; i < n_a; i++)
		for (size_t k = 0; k < n_b; k++)
			if (same_setup(&a[i], &b[k]))
				ratio = fmin(ratio, b[k].tokens_per_s / a[i].tokens_per_s);
	return ratio;
}

double tt_pace_listed(const tt_case *cs, const tt_pod_row *p, const char *here,
                      const char *there)
{
	const tt_catalogue *c = cs->settings->catalogue;
	const tt_gpu_row *a = c ? tt_catalogue_gpu(c, here) : NULL;
	const tt_gpu_row *b = c ? tt_catalogue_gpu(c, there) : NULL;

	return a && b ? by_table(c, p, a, b) : (double)NAN;
}

/* --- The bound ----------------------------------------------------------------------------- */

static tt_gpu_speed speed_of(const tt_gpu_row *g)
{
	return (tt_gpu_speed){ .tensor_tflops = tt_catalogue_tflops(g, "fp16"),
		               .dram_gb_per_s = g->dram_gb_per_s };
}

/* By what keeps the cards busy. A bound says of no card that it is faster. */
static int by_activity(tt_needs *needs, const uint32_t *pods, size_t n, const tt_gpu_row *here,
                       const tt_gpu_row *there, tt_pace *ret, tt_err *err)
{
	TT_CLEANUP(tt_freep) tt_needs_busy *busy = tt_zalloc(1, sizeof *busy);
	const tt_gpu_speed a = speed_of(here), b = speed_of(there);

	if (!busy)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		TT_TRY(tt_needs_add_busy(needs, pods[i], &a, &b, busy, err));
	if (!busy->steps)
		return TT_OK;
	ret->paid_ratio = ret->cards_ratio =
		busy->here > 0 ? fmax(1, busy->there / busy->here) : 1;
	ret->pods_ratio = fmax(1, tt_needs_busy_quantile(busy, BUSY_QUANTILE) /
	                          TT_GPU_BUSY_MOST_RATIO);
	if (isinf(ret->pods_ratio)) /* beyond what was counted */
		ret->pods_ratio = (double)NAN;
	return TT_OK;
}

/* --- All ------------------------------------------------------------------------------------ */

int tt_pace_find(const tt_case *cs, tt_needs *needs, const uint32_t *pods, size_t n,
                 const char *here, const char *there, double throughput_ratio, tt_pace *ret,
                 tt_err *err)
{
	const tt_catalogue *c = cs->settings->catalogue;
	const tt_pod_row *p = tt_pod_at(cs->snapshot, pods[0]);
	const tt_gpu_row *a, *b;

	*ret = (tt_pace){ (double)NAN, (double)NAN, (double)NAN };
	if (isnan(throughput_ratio) && tt_there_same_gpu(cs, here, there))
		throughput_ratio = 1;
	a = c ? tt_catalogue_gpu(c, here) : NULL;
	b = c ? tt_catalogue_gpu(c, there) : NULL;
	if (isnan(throughput_ratio))
		throughput_ratio = tt_pace_listed(cs, p, here, there);
	if (!isnan(throughput_ratio))
		ret->paid_ratio = ret->pods_ratio = ret->cards_ratio = 1 / throughput_ratio;
	else if (a && b)
		TT_TRY(by_activity(needs, pods, n, a, b, ret, err));
	if (!tt_pace_is_paid_longer(p))
		ret->paid_ratio = 1;
	if (!tt_pace_is_service(p))
		ret->pods_ratio = 1;
	if (!tt_pace_is_paid_longer(p) && !tt_pace_is_service(p))
		ret->cards_ratio = 1;
	return TT_OK;
}
