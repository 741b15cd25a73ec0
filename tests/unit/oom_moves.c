/* Memory that runs out while pods and nodes are moved: changes that retype and share, priced
 * alone and together, and taken into a plan one on top of the other. */
#include "change/apply.h"
#include "measured.h"
#include "oom.h"
#include "rank/pricer.h"

enum { END = 7200, STEP = 600, PODS = 8 };

static const char *const texts[] = {
	"retype workload:w gpu_model=l4 throughput_ratio=0.5",
	"retype node:n0 instance_type=g1 throughput_ratio=0.5",
	"share workload:w mode=time_slice pods_per_card=4",
	"share workload:w mode=mig",
	"release workload:w",
};
enum { TEXTS = sizeof texts / sizeof *texts };

static tt_settings *settings;
static tt_snapshot *s;
static tt_arena *arena;
static tt_bill *bill;
static const tt_change *changes[TEXTS];
static int64_t found[TEXTS + 1];

static void open_fleet(measured *m)
{
	measured_open(m, END, STEP);
	measured_head(m, "nodes", "node,provider,region,instance_type,gpu_model,gpu_memory_mib,"
				  "gpus,pricing,price_per_hour");
	measured_head(m, "pods", "pod,node,workload,workload_kind,gpus");
	measured_head(m, "gpu_usage", "time,node,gpu,pod,sm_active_ratio,fb_used_mib");
	for (int i = 0; i < PODS / 2; i++)
		measured_put(m, "nodes", "n%d,cloud,north,a2,a100-80gb,81920,2,on_demand,10", i);
	for (int i = 0; i < PODS; i++)
		measured_put(m, "pods", "p%d,n%d,w,notebook,1", i, i / 2);
	for (int64_t t = 0; t < END; t += STEP)
		for (int i = 0; i < PODS; i++)
			measured_put(m, "gpu_usage", "%lld,n%d,%d,p%d,0.1,5000",
				     (long long)(MEASURED_START + t), i / 2, i % 2, i);
	measured_put(m, "prices", "cloud,north,g1,l4,1,on_demand,1");
	s = measured_ready(m);
}

static int run_costs(tt_err *err)
{
	for (size_t i = 0; i < TEXTS; i++)
		TT_TRY(tt_changes_cost(s, settings, &changes[i], 1, &found[i], err));
	return tt_changes_cost(s, settings, changes, TEXTS, &found[TEXTS], err);
}

/* Each on top of those before; the sum is that of all together. */
static int run_pricer(tt_err *err)
{
	TT_CLEANUP(tt_pricer_closep) tt_pricer *p = NULL;

	found[TEXTS] = bill->total_micro;
	TT_TRY(tt_pricer_open(bill, settings, NULL, &p, err));
	for (size_t i = 0; i < TEXTS; i++) {
		tt_saving saving;

		TT_TRY(tt_pricer_try(p, &changes[i], 1, &saving, err));
		found[i] = saving.known_micro;
		found[TEXTS] -= saving.known_micro;
		TT_TRY(tt_pricer_keep(p, err));
	}
	return TT_OK;
}

static void answer(tt_buf *out)
{
	for (size_t i = 0; i <= TEXTS; i++)
		tt_buf_printf(out, "%lld ", (long long)found[i]);
}

static void reset(void)
{
	memset(found, 0, sizeof found);
}

int main(void)
{
	const char *source = getenv("TT_SOURCE");
	char folder[1024];
	tt_case baseline;
	int64_t all;
	measured m;

	snprintf(folder, sizeof folder, "%s/core/snapshot/catalogue", source ? source : ".");
	if (tt_settings_load(NULL, &settings, NULL) < 0 || !(arena = tt_arena_new()) ||
	    tt_catalogue_load(folder, &settings->catalogue, NULL) < 0)
		return 1;
	open_fleet(&m);
	tt_case_init(&baseline, s, settings);
	if (tt_bill_make(&baseline, settings, &bill, NULL) < 0)
		return 1;
	for (size_t i = 0; i < TEXTS; i++) {
		tt_change *change = tt_arena_alloc(arena, sizeof *change);

		T_INT(TT_OK, tt_change_parse(texts[i], arena, change, NULL));
		changes[i] = change;
	}
	T_INT(TT_OK, run_costs(NULL));
	all = found[TEXTS];
	T_INT(TT_OK, run_pricer(NULL));
	T_INT(all, found[TEXTS]);
	oom((oom_try){ .what = "costs", .run = run_costs, .answer = answer, .reset = reset });
	oom((oom_try){ .what = "pricer", .run = run_pricer, .answer = answer, .reset = reset });
	tt_bill_free(bill);
	measured_close(&m);
	tt_arena_free(arena);
	tt_settings_free(settings);
	return T_END();
}
