/* Capacity blocks: against what is needed at dates and nothing else. */
#include "commit/blocks.h"
#include "fleet.h"

enum { DAYS = 28 };

static tt_err err;
static bool whole;                  /* plans are of instances */

static void price(fleet *f, const char *type, const char *pricing, int64_t micro)
{
	tt_price_row *p = fleet_row(f, TT_PRICES);

	p->provider = "p";
	p->region = "r";
	p->instance_type = type;
	p->gpu_model = "h";
	p->gpus = 8;
	p->pricing = pricing;
	p->price_per_hour = (tt_decimal)micro * 1000000;
}

/* Forty cards of each of t and u at 5 an hour each, for four weeks from 1970 on; then a plan. */
static tt_plans make(fleet *f, const char *text, tt_eligible **e)
{
	tt_offer_file file = { .path = "" };
	const tt_plans_options o = { .quarters = 8, .seed = 1, .worlds = 64, .listed = &file,
		.whole = whole,
		.over_micro = TT_MONEY_UNKNOWN };
	tt_plans x = { 0 };
	FILE *out = fopen("offers.yaml", "w");

	err = (tt_err){ 0 };
	fleet_open(f, 0, DAYS * 86400);
	for (int64_t t = 0; t < 2 * DAYS * 24; t++) {
		tt_demand_row *d = fleet_row(f, TT_DEMAND);

		d->time = t / 2 * 3600;
		d->provider = "p";
		d->region = "r";
		d->instance_type = t % 2 ? "u" : "t";
		d->gpu_model = "h";
		d->units = 40;
	}
	price(f, "t", "on_demand", 40000000);
	price(f, "u", "on_demand", 40000000);
	fleet_ready(f);
	T_OK(out && fputs(text, out) >= 0 && fclose(out) == 0);
	T_INT(TT_OK, tt_offer_file_read("offers.yaml", f->s.arena, &file, &err));
	*e = NULL;
	T_INT(TT_OK, tt_eligible_make(&f->s, TT_POOL_BY_INSTANCE_TYPE, e, &err));
	if (*e)
		T_INT(TT_OK, tt_plans_make(&f->s, *e, &o, f->s.arena, &x, &err));
	T_STR("", err.text);
	return x;
}

#define BLOCK "- {id: %s, kind: capacity_block, gpu_model: h, starts_at: 1970-02-%02dT00:00:00Z, " \
	"days: %d, price_per_hour: %s%s}\n"
#define NEED "needs:\n- {id: n, gpu_model: h, units: 16, from: 1970-02-03T00:00:00Z, " \
	"until: 1970-02-13T00:00:00Z}\n"

/* Ten days of sixteen cards. A block of fourteen at 4 costs 1344 a card, on demand 1200; one of
 * seven 672 for 840, with three more days on demand. */
static void test_needs(void)
{
	tt_eligible *e;
	char text[1024];
	fleet f;

	snprintf(text, sizeof text, "offers:\n" BLOCK BLOCK NEED, "long", 1, 14, "4", "", "week",
	         3, 7, "4", ", most_units: 12");
	tt_plans x = make(&f, text, &e);
	const tt_blocks *b = x.blocks;

	T_OK(b != NULL);
	T_INT(1, b->n_needs);
	T_INT(1, b->n);
	T_STR("week", b->v[0].offer->id);
	T_INT(12, b->v[0].units);
	T_INT(12 * INT64_C(672000000), b->v[0].cost_micro);
	T_INT(33 * 86400, b->v[0].starts_s);
	T_INT(40 * 86400, b->v[0].ends_s);
	T_INT(16 * INT64_C(1200000000), b->none_micro);
	T_INT(16 * INT64_C(1200000000) - 12 * INT64_C(168000000), b->cost_micro);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* Forty cards are forecast, and no block is bought for them; what is left out says why. */
static void test_nothing(void)
{
	tt_eligible *e;
	char text[1024];
	fleet f;

	snprintf(text, sizeof text, "offers:\n" BLOCK
	         "- {id: late, kind: capacity_block, gpu_model: h, days: 3, price_per_hour: 1, "
	         "starts_at: 1970-01-20T00:00:00Z}\n"
	         "- {id: open, kind: capacity_block, gpu_model: h, days: 3, "
	         "starts_at: 1970-02-20T00:00:00Z}\n", "free", 1, 14, "0.1", "");
	tt_plans x = make(&f, text, &e);

	T_INT(0, x.blocks->n_needs);
	T_INT(0, x.blocks->n);
	T_INT(2, x.blocks->n_notes);
	T_STR("Offer late is left out: it begins before what is planned.", x.blocks->notes[0]);
	T_STR("Offer open is left out: it has no price.", x.blocks->notes[1]);
	tt_eligible_free(e);
	fleet_close(&f);
}

/* Of a block there are twelve cards, ten of which t needs: u, which needs as many, has the two that
 * are left. Four are less than an instance, which is not the same as no limit. */
static void test_most(void)
{
	tt_eligible *e;
	char text[1024];
	fleet f;

	snprintf(text, sizeof text, "offers:\n" BLOCK
	         "needs:\n- {id: a, instance_type: u, units: %d, from: 1970-02-03T00:00:00Z, "
	         "until: 1970-02-06T00:00:00Z}\n"
	         "- {id: b, gpu_model: h, units: 10, from: 1970-02-03T00:00:00Z, "
	         "until: 1970-02-06T00:00:00Z}\n", "few", 3, 3, "1", ", most_units: 12", 2);
	tt_plans x = make(&f, text, &e);

	T_INT(2, x.blocks->n_needs);
	T_INT(2, x.blocks->n);
	T_INT(10, x.blocks->v[0].units);
	T_INT(2, x.blocks->v[1].units);
	T_OK(x.blocks->v[0].pool != x.blocks->v[1].pool);
	tt_eligible_free(e);
	fleet_close(&f);

	snprintf(text, sizeof text, "offers:\n" BLOCK NEED, "few", 3, 3, "1", ", most_units: 4");
	whole = true;
	x = make(&f, text, &e);
	whole = false;
	T_INT(1, x.blocks->n_needs);
	T_INT(0, x.blocks->n);
	T_INT(1, x.blocks->n_notes);
	tt_eligible_free(e);
	fleet_close(&f);
}

int main(void)
{
	test_needs();
	test_nothing();
	test_most();
	return T_END();
}
