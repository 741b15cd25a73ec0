/* oom_fleet.h - the fleet that memory runs out on: small, with every table of a snapshot,
 * written as the files that a user has. */
#ifndef OOM_FLEET_H
#define OOM_FLEET_H
#include "t.h"

#define OOM_START_S 1767571200 /* 2026-01-05T00:00:00Z */
enum { OOM_HOURS = 15 * 24 };

static const struct { const char *name, *text; } oom_files[] = {
	{ "snapshot.yaml", "name: small\nstart: 2026-01-05T00:00:00Z\nend: 2026-01-20T00:00:00Z\n"
	  "currency: USD\nstep: 1h\nnote: \"every table\"\n" },
	{ "nodes.csv", "node,cluster,node_group,provider,region,instance_type,gpu_model,gpus,cpus,"
	  "memory_mib,pricing,price_per_hour,ended_at,labels,extra\n"
	  "a,main,train,cloud,north,g2,a100,2,32,262144,on_demand,12.5,,team=ml,x\n"
	  "b,main,serve,cloud,north,g2,a100,2,32,262144,on_demand,,,,x\n"
	  "c,main,serve,cloud,north,g1,l4,1,8,65536,spot,0.75,2026-01-15T00:00:00Z,\"z=1;a=2\",x\n"
	  "d,main,burst,cloud,north,g1,l4,1,8,65536,on_demand,1.5,,,x\n" },
	{ "pods.csv", "pod,namespace,cluster,node,workload,workload_kind,gpus,gpu_sharing,cpus,"
	  "memory_mib,node_selector,started_at,outcome,labels\n"
	  "train-0,research,main,a,train,training,1,none,8,65536,g=1,2026-01-05T00:00:00Z,running,"
	  "team=ml\n"
	  "book-0,lab,main,b,book,notebook,0.5,time_slice,4,1024,,2026-01-05T00:00:00Z,running,"
	  "user=eve\n"
	  "book-1,lab,main,b,book,notebook,0.5,time_slice,4,1024,,2026-01-05T00:00:00Z,running,\n"
	  "web-0,web,main,c,web,inference,1,none,4,1024,,2026-01-05T00:00:00Z,running,\n"
	  "exporter-0,kube-system,main,a,exporter,system,,,1,512,,,running,\n" },
	{ "prices.csv", "provider,region,instance_type,gpu_model,gpus,pricing,payment,"
	  "price_per_hour,as_of\ncloud,north,g2,a100,2,on_demand,,8,2026-01-01T00:00:00Z\n"
	  "cloud,north,g2,a100,2,on_demand,,9,2026-02-01T00:00:00Z\n" },
	{ "commitments.csv", "commitment,kind,provider,region,instance_type,units,starts_at,"
	  "ends_at,price_per_hour\n"
	  "ri-1,reserved_instance,cloud,north,g2,1,2026-01-01T00:00:00Z,2026-06-01T00:00:00Z,6\n"
	  "ri-2,reserved_instance,cloud,north,g2,1,2026-01-01T00:00:00Z,2026-06-01T00:00:00Z,\n"
	},
	{ "demand.csv", "time,instance_type,units\n2026-01-05T00:00:00Z,g2,4\n"
	  "2026-01-05T01:00:00Z,g2,5\n2026-01-05T01:00:00Z,g1,1\n" },
	{ "traffic.csv", "time,workload,requests,latency_p95_ms\n2026-01-05T00:00:00Z,web,100,80\n"
	  "2026-01-05T01:00:00Z,web,50,70\n" },
	{ "spot_availability.csv", "time,instance_type,available_units\n"
	  "2026-01-05T00:00:00Z,g1,3\n" },
	{ "node_groups.csv", "node_group,autoscaler,min_nodes,max_nodes,boot_s,consolidates\n"
	  "serve,karpenter,0,10,180,true\n" },
	{ "workloads.csv", "workload,workload_kind,min_replicas,max_replicas\n"
	  "web,inference,1,4\n" },
	{ "quotas.csv", "owner,gpu_model,gpus\nml,a100,4\n" },
	{ "budgets.csv", "owner,starts_at,amount\nml,2026-01-01T00:00:00Z,1000\n" },
	{ "revenue.csv", "time,workload,amount\n2026-01-05T00:00:00Z,web,12.25\n"
	  "2026-01-05T01:00:00Z,web,-0.25\n" },
	{ "volumes.csv", "volume,owner,size_mib,price_per_hour\nv1,ml,1024,0.01\n" },
	{ "trimtab.yaml", "owner_keys: [team]\nnamespace_owners:\n  web: web-team\n"
	  "system_namespaces: [kube-*]\nbusy_above_pct:\n  training: 30\n"
	  "detectors:\n  idle_gpu:\n    idle_below_pct: 5\n" },
};
enum { OOM_FILES = sizeof oom_files / sizeof *oom_files, OOM_FEW = 3 };

/* A card by the hour: (node, gpu, pod, percent of it that is busy). */
static const struct { const char *node, *gpu, *pod; int pct; } oom_cards[] = {
	{ "a", "0", "train-0", 90 }, { "a", "1", "", 0 }, { "b", "0", "book-0", 1 },
	{ "b", "0", "book-1", 2 }, { "b", "1", "", 0 }, { "c", "0", "web-0", 40 },
	{ "d", "0", "", 0 },
};

/* Row i of gpu_usage.csv, of `n` rows that come in the order of time. */
static inline void oom_usage_row(FILE *f, size_t i)
{
	const size_t cards = sizeof oom_cards / sizeof *oom_cards, card = i % cards;
	const size_t hour = i / cards;
	const int pct = oom_cards[card].pct;

	if (hour / 24 < 10 || *oom_cards[card].node != 'c')
		fprintf(f, "%zu,%s,%s,%s,%d,%d\n", OOM_START_S + 3600 * hour, oom_cards[card].node,
		        oom_cards[card].gpu, oom_cards[card].pod,
		        pct ? pct + (int)(hour % 7) : 0, pct ? 4096 : 0);
}

/* The first `n_files` files and usage into `folder`; `jump`: the rows of gpu_usage.csv in
 * leaps of that many. */
static inline void oom_fleet(const char *folder, size_t n_files, size_t jump)
{
	const size_t n = OOM_HOURS * (sizeof oom_cards / sizeof *oom_cards);
	char path[1024];
	FILE *f;

	for (size_t i = 0; i < n_files; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, oom_files[i].name);
		f = fopen(path, "w");
		T_OK(f && fputs(oom_files[i].text, f) >= 0 && fclose(f) == 0);
	}
	snprintf(path, sizeof path, "%s/gpu_usage.csv", folder);
	f = fopen(path, "w");
	fputs("time,node,gpu,pod,gpu_util_pct,fb_used_mib\n", f);
	for (size_t first = 0; first < jump; first++)
		for (size_t i = first; i < n; i += jump)
			oom_usage_row(f, i);
	T_OK(fclose(f) == 0);
	snprintf(path, sizeof path, "%s/node_usage.csv", folder);
	f = fopen(path, "w");
	fputs("time,node,cpu_util_ratio\n", f);
	for (size_t hour = 0; hour < 48; hour++)
		fprintf(f, "%zu,%s,0.25\n", OOM_START_S + 3600 * hour, hour % 2 ? "a" : "b");
	T_OK(fclose(f) == 0);
}
#endif
