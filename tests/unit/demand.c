/* Demand by the hour: what of a pool was in use, by whom, and what is not known. */
#include "bill_check.h"

static int64_t share(const tt_bill *b, enum tt_bucket bucket, enum tt_reason reason,
		     const char *owner)
{
	int64_t sum = 0;

	for (size_t i = 0; i < b->n_cells[0]; i++) {
		const tt_cell *c = &b->cells[0][i];

		if (c->bucket == bucket && c->reason == reason && strcmp(c->owner, owner) == 0)
			sum += c->cost_micro;
	}
	return sum;
}

static void demand(fleet *f, int64_t hour, const char *model, const char *owner, double units)
{
	tt_demand_row *d = fleet_row(f, TT_DEMAND);

	d->time = hour * 3600;
	d->provider = "p";
	d->instance_type = "t";
	d->gpu_model = model;
	d->owner = owner;
	d->units = units;
}

static tt_node_row *pool_node(fleet *f, const char *name, const char *labels)
{
	tt_node_row *n = fleet_node(f, name, 8);

	n->price_per_hour = 98320000000000; /* 98.32 an hour: 98320000 micro-units */
	n->provider = "p";
	n->instance_type = "t";
	n->gpu_model = "V100";
	n->labels = labels;
	return n;
}

static void test_shared_pool(void)
{
	fleet f;

	/* 4 hours: 4 and 12 cards of 16, none, unknown */
	fleet_open(&f, 0, 4 * 3600);
	pool_node(&f, "a", "");
	pool_node(&f, "b", "");
	demand(&f, 0, "v100", "ml", 4);
	demand(&f, 1, "v100", "ml", 4);
	demand(&f, 1, "v100", "web", 8);
	demand(&f, 2, "other", "ml", 1);
	tt_bill *b = make(&f);
	T_INT(98320000, share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "ml"));
	T_INT(98320000, share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "web"));
	T_INT(98320000 * 4, b->bucket_micro[0][TT_UNALLOCATED_IDLE]);
	T_INT(98320000 * 2, b->reason_micro[0][TT_NO_ALLOCATION_DATA]);
	T_INT(b->nodes[0].n_cells[0], b->nodes[1].n_cells[0]);
	tt_bill_free(b);
	fleet_close(&f);
}

static void test_other_pools(void)
{
	fleet f;
	tt_bill *b;

	/* owners on both sides: each has a pool of its own; more than there is, is all */
	fleet_open(&f, 0, 3600);
	pool_node(&f, "a", "team=ml");
	pool_node(&f, "b", "team=web");
	demand(&f, 0, "v100", "ml", 2);
	demand(&f, 0, "V100", "web", 12);
	b = make(&f);
	T_INT(98320000 / 4, share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "ml"));
	T_INT(98320000, share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "web"));
	T_INT(98320000 / 4 * 3, share(b, TT_UNALLOCATED_IDLE, TT_REASON_NONE, "ml"));
	tt_bill_free(b);
	fleet_close(&f);

	/* instances; a node that comes half way through an hour; demand without an owner */
	fleet_open(&f, 0, 7200);
	pool_node(&f, "a", "");
	pool_node(&f, "b", "")->started_at = 1800;
	demand(&f, 0, "", "", 0.75);
	demand(&f, 1, "", "", 1);
	b = make(&f);
	/* 0.75 of 1.5 instance-hours, then 1 of 2: half of everything */
	T_INT(98320000 / 2 * 7 / 2, share(b, TT_UNATTRIBUTED, TT_NO_OWNER, ""));
	T_INT(98320000 / 2 * 7 / 2, b->bucket_micro[0][TT_UNALLOCATED_IDLE]);
	tt_bill_free(b);
	fleet_close(&f);

	/* a pool nobody speaks of */
	fleet_open(&f, 0, 3600);
	pool_node(&f, "n", "")->instance_type = "u";
	demand(&f, 0, "v100", "ml", 2);
	b = make(&f);
	T_INT(98320000, b->reason_micro[0][TT_NO_ALLOCATION_DATA]);
	tt_bill_free(b);
	fleet_close(&f);
}

/* Hours that the window cuts. */
static void test_edges(void)
{
	fleet f;
	tt_bill *b;

	/* a window from half past: half an hour and an hour, all 8 cards in use in both */
	for (int own = 0; own < 2; own++) {
		fleet_open(&f, 1800, 7200);
		pool_node(&f, "a", own ? "team=ml" : "");
		demand(&f, 0, "v100", "ml", 8);
		demand(&f, 1, "v100", "ml", own ? 8 : 4);
		if (!own)
			demand(&f, 1, "v100", "web", 4);
		b = make(&f);
		T_INT(98320000 * 3 / 2, b->total_micro);
		T_INT(98320000 * 3 / 2, b->reason_micro[0][TT_NO_TELEMETRY]);
		T_INT(0, b->bucket_micro[0][TT_UNALLOCATED_IDLE]);
		tt_bill_free(b);
		fleet_close(&f);
	}

	/* and one to half past */
	fleet_open(&f, 0, 5400);
	pool_node(&f, "a", "");
	demand(&f, 0, "v100", "ml", 8);
	demand(&f, 1, "v100", "ml", 4);
	b = make(&f);
	T_INT(98320000 * 5 / 4, share(b, TT_UNATTRIBUTED, TT_NO_TELEMETRY, "ml"));
	T_INT(98320000 / 4, b->bucket_micro[0][TT_UNALLOCATED_IDLE]);
	tt_bill_free(b);
	fleet_close(&f);
}

int main(void)
{
	if (tt_settings_load(NULL, &settings, NULL) < 0)
		return 1;
	test_shared_pool();
	test_other_pools();
	test_edges();
	tt_settings_free(settings);
	return T_END();
}
