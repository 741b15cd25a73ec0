/* What is taken together, what is left of it, and the true reason for what is not taken. */
#include "plan_check.h"

#define ALL (HOURS * UNIT)      /* of one node in the window */

static void open_all(fleet *f, book *b)
{
	open_fleet(f, 6); /* n0004 has no price, n0005 is reserved */
	book_open(b);
}

static void close_all(run *r, fleet *f, book *b)
{
	check_joint(r, f);
	run_close(r);
	book_close(b);
	fleet_close(f);
}

/* The risk that counts is the larger of the finding's and that of what would be done. */
static void test_risk_of_changes(void)
{
	fleet f;
	book b;
	run r;

	open_all(&f, &b);
	add(&b, "risky", "n0000", "release node:n0000 risk=high", NULL, NULL);
	add(&b, "second", "n0001", "release node:n0001", "release node:n0002 risk=medium", NULL);
	add(&b, "other", "n0003", "release card:n0003/0 repack=true risk=high", NULL,
	    "release node:n0003 risk=none");
	run_open(&r, &f, &b);
	T_INT(TT_RISK_HIGH, of(&r, "risky")->risk);
	T_STR("risk high is above the allowed low", of(&r, "risky")->why);
	T_INT(ALL, of(&r, "risky")->standalone_micro);
	T_STR("risk medium is above the allowed low", of(&r, "second")->why);
	T_INT(TT_IN_PLAN, of(&r, "other")->place); /* the risk of the way that is taken */
	T_INT(TT_RISK_LOW, of(&r, "other")->risk);
	close_all(&r, &f, &b);
}

/* A risk keeps out what would pay; what would not is left out for that. */
static void test_true_reasons(void)
{
	fleet f;
	book b;
	run r;

	open_all(&f, &b);
	add(&b, "lone", "n0000", "release card:n0000/0", NULL, NULL)->risk = TT_RISK_MEDIUM;
	add(&b, "same", "n0001", "release node:n0001", NULL, NULL)->risk = TT_RISK_MEDIUM;
	add(&b, "has", "n0001", "release node:n0001", NULL, NULL);
	add(&b, "paid", "n0005", "release node:n0005", NULL, NULL)->risk = TT_RISK_MEDIUM;
	/* one of two cards is barred: the other waits for it */
	add(&b, "left", "n0002", "release card:n0002/0", NULL, NULL);
	add(&b, "right", "n0002", "release card:n0002/1", NULL, NULL)->risk = TT_RISK_MEDIUM;
	/* both are */
	add(&b, "one", "n0003", "release card:n0003/0", NULL, NULL)->risk = TT_RISK_MEDIUM;
	add(&b, "two", "n0003", "release card:n0003/1", NULL, NULL)->risk = TT_RISK_HIGH;
	run_open(&r, &f, &b);
	T_STR("saves nothing alone or with the others: the node does not empty",
	      of(&r, "lone")->why);
	T_STR("the plan releases the node already", of(&r, "same")->why);
	T_INT(1, of(&r, "same")->n_lost);
	T_STR("has", of(&r, "same")->lost[0].to->found->detector);
	T_STR("saves nothing: the node stays paid for (reserved)", of(&r, "paid")->why);
	T_STR("saves nothing alone or with the others: the node does not empty",
	      of(&r, "left")->why);
	T_STR("risk medium is above the allowed low", of(&r, "right")->why);
	T_STR("risk medium is above the allowed low", of(&r, "one")->why);
	T_STR("risk high is above the allowed low", of(&r, "two")->why);
	T_INT(ALL, r.plan->saving_micro);
	close_all(&r, &f, &b);
}

/* What is excluded goes before what is left is priced: no step is for nothing. */
static void test_excluded_member(void)
{
	char change[160];
	fleet f;
	book b;
	run r;

	open_all(&f, &b);
	add(&b, "left", "n0002", "release card:n0002/0", NULL, NULL);
	tt_found *right = add(&b, "right", "n0002", "release card:n0002/1", NULL, NULL);
	snprintf(change, sizeof change, "release node:n0000 excludes=%s", right->id);
	add(&b, "first", "n0000", change, NULL, NULL)->effort_days = 0.1;
	/* two that exclude each other and a third that goes with either */
	snprintf(change, sizeof change, "release card:n0003/0");
	tt_found *a = add(&b, "a", "n0003", change, NULL, NULL);
	snprintf(change, sizeof change, "release card:n0003/0 excludes=%s", a->id);
	add(&b, "b", "n0003", change, NULL, NULL)->effort_days = 3;
	add(&b, "c", "n0003", "release card:n0003/1", NULL, NULL);
	run_open(&r, &f, &b);
	T_STR("a finding in the plan excludes it", of(&r, "right")->why);
	T_INT(TT_LEFT_OUT, of(&r, "left")->place);
	T_STR("saves nothing alone or with the others: the node does not empty",
	      of(&r, "left")->why);
	T_INT(TT_IN_PLAN, of(&r, "a")->place);
	T_INT(TT_IN_PLAN, of(&r, "c")->place);
	T_HAS("it excludes a-", of(&r, "b")->why);
	T_INT(3, r.plan->n_steps);
	T_F64(2.1, r.plan->effort_days, 1e-9);
	check_steps(&r, &f);
	close_all(&r, &f, &b);
}

/* Of what overlaps, only what is needed is done, and the cheapest of that. */
static void test_spare_member(void)
{
	fleet f;
	book b;
	run r;

	open_all(&f, &b);
	add(&b, "a", "n0000", "release card:n0000/0", NULL, NULL);
	add(&b, "b", "n0000", "release card:n0000/1", NULL, NULL);
	add(&b, "part", "n0000", "release card:n0000/0 from=1970-01-05T00:00:00Z", NULL, NULL)
		->effort_days = 7;
	add(&b, "dear", "n0000", "release card:n0000/1", NULL, NULL)->effort_days = 2;
	run_open(&r, &f, &b);
	T_INT(2, r.plan->n_steps);
	T_F64(2, r.plan->effort_days, 1e-9);
	T_INT(ALL, r.plan->saving_micro);
	T_STR("the plan releases the node already", of(&r, "part")->why);
	T_STR("the plan releases the node already", of(&r, "dear")->why);
	T_INT(1, of(&r, "part")->n_lost);
	T_INT(0, of(&r, "part")->lost[0].micro);
	check_steps(&r, &f);
	close_all(&r, &f, &b);
}

/* A card of a node that the plan releases anyway. */
static void test_gone_already(void)
{
	fleet f;
	book b;
	run r;

	open_all(&f, &b);
	add(&b, "whole", "n0000", "release node:n0000", NULL, NULL);
	add(&b, "card", "n0000", "release card:n0000/0", NULL, NULL);
	add(&b, "later", "n0001", "release node:n0001 from=1970-01-05T00:00:00Z", NULL, NULL);
	add(&b, "kept", "n0001", "release card:n0001/0", NULL, NULL);
	run_open(&r, &f, &b);
	T_STR("the plan releases the node already", of(&r, "card")->why);
	T_INT(1, of(&r, "card")->n_lost);
	T_STR("whole", of(&r, "card")->lost[0].to->found->detector);
	T_STR("saves nothing alone or with the others: the node does not empty",
	      of(&r, "kept")->why); /* before that day it doesn't */
	close_all(&r, &f, &b);
}

/* Where part of what is freed has no price, the figure is a least one, and says so. */
static void test_no_price(void)
{
	fleet f;
	book b;
	run r;

	open_all(&f, &b);
	add(&b, "both", "n0000", "release node:n0000,node:n0004", NULL, NULL);
	/* these two empty n0004 together as well, and n0001 and n0002 alone */
	add(&b, "x", "n0001", "release node:n0001,card:n0004/0", NULL, NULL);
	add(&b, "y", "n0002", "release node:n0002,card:n0004/1", NULL, NULL);
	run_open(&r, &f, &b);
	T_INT(ALL, of(&r, "both")->standalone_micro);
	T_STR("at least: 1 node that it frees has no price", of(&r, "both")->note);
	T_STR("", of(&r, "x")->note);
	T_INT(ALL, of(&r, "x")->in_plan_micro);
	T_INT(ALL, of(&r, "y")->in_plan_micro);
	T_INT(0, of(&r, "y")->n_lost);
	T_INT(3 * ALL, r.plan->saving_micro);
	close_all(&r, &f, &b);

	open_all(&f, &b); /* without the first, the second of the two frees it */
	add(&b, "x", "n0001", "release node:n0001,card:n0004/0", NULL, NULL);
	add(&b, "y", "n0002", "release node:n0002,card:n0004/1", NULL, NULL);
	add(&b, "p", "n0004", "release card:n0004/0", NULL, NULL);
	run_open(&r, &f, &b);
	T_INT(2 * ALL, r.plan->saving_micro);
	T_INT(0, of(&r, "y")->n_lost);
	close_all(&r, &f, &b);

	open_all(&f, &b); /* nothing else: not known, rather than nothing */
	add(&b, "p", "n0004", "release card:n0004/0", NULL, NULL);
	add(&b, "q", "n0004", "release card:n0004/1", NULL, NULL);
	run_open(&r, &f, &b);
	T_INT(0, r.plan->n_steps);
	T_STR("its saving is not known: what it frees has no price", of(&r, "p")->why);
	close_all(&r, &f, &b);
}

/* What would have to go too, for a node to empty: at most three by name. */
static void test_keepers(void)
{
	fleet f;
	book b;
	run r;

	fleet_open(&f, 0, HOURS * 3600);
	fleet_node(&f, "n", 8)->price_per_hour = TT_DECIMAL_ONE;
	fleet_node(&f, "m", 1)->price_per_hour = TT_DECIMAL_ONE;
	for (int i = 0; i < 8; i++) {
		uint32_t card = fleet_card(&f, "n", fleet_text(&f, "%d", i), "");
		const char *pod = fleet_text(&f, "p%d", i);

		if (i < 4)
			fleet_hold(&f, card, pod, 0, (9 - i) * 3600, 3600, 1);
		if (i < 4)
			fleet_pod(&f, pod, "n", 1)->ended_at = (9 - i) * 3600;
	}
	fleet_pod(&f, "web", "m", 0)->ended_at = 7200;
	fleet_pod(&f, "dns", "m", 0)->namespace_ = "kube-system";
	fleet_card(&f, "m", "0", "");
	fleet_ready(&f);
	book_open(&b);
	add(&b, "all", "n", "release card:n/4,card:n/5,card:n/6,pod:p0", NULL, NULL);
	add(&b, "one", "n", "release pod:p3", NULL, NULL);
	add(&b, "web", "m", "release card:m/0 until=1970-01-01T02:00:00Z", NULL, NULL);
	run_open(&r, &f, &b);
	T_STR("card n/7, card n/3, card n/2 and 5 more", of(&r, "all")->kept_by); /* longest */
	T_STR("pod p0, pod p1, pod p2 and 4 more", of(&r, "one")->kept_by);
	T_STR("pod web", of(&r, "web")->kept_by);
	T_STR("saves nothing alone or with the others: the node does not empty",
	      of(&r, "web")->why);
	close_all(&r, &f, &b);
}

/* --- Commitments ------------------------------------------------------------------------- */

static tt_node_row *place(tt_node_row *n, const char *type)
{
	n->provider = "cloud";
	n->region = "north";
	n->instance_type = type;
	n->gpu_model = "a100";
	n->pricing = "on_demand";
	return n;
}

static tt_price_row *price(fleet *f, const char *type, const char *pricing, int dollars)
{
	tt_price_row *p = fleet_row(f, TT_PRICES);

	p->provider = "cloud";
	p->region = "north";
	p->instance_type = type;
	p->gpu_model = "a100";
	p->pricing = pricing;
	p->payment = "none";
	p->gpus = 2;
	p->price_per_hour = dollars * TT_DECIMAL_ONE;
	return p;
}

static void commitment(fleet *f, const char *id, const char *type, int dollars)
{
	tt_commitment_row *c = fleet_row(f, TT_COMMITMENTS);

	c->commitment = id;
	c->kind = "reserved_instance";
	c->provider = "cloud";
	c->region = "north";
	c->instance_type = type;
	c->gpu_model = "a100";
	c->units = 1;
	c->payment = "none";
	c->price_per_hour = dollars * TT_DECIMAL_ONE;
	c->starts_at = 0;
	c->ends_at = 2 * HOURS * 3600;
}

/* What is bought is for what the others leave: so it is no reason against them. */
static void test_bought(void)
{
	fleet f;
	book b;
	run r;

	fleet_open(&f, 0, HOURS * 3600);
	place(fleet_node(&f, "n", 2), "x2");
	place(fleet_node(&f, "m", 2), "x3")->price_per_hour = TT_DECIMAL_ONE;
	price(&f, "x2", "on_demand", 10);
	price(&f, "x2", "commit_1y", 6);
	price(&f, "x4", "on_demand", 3);
	fleet_ready(&f);
	book_open(&b);
	add(&b, "buy", "n", "commit offer:\"cloud/north/x2 commit_1y none\" action=buy units=1",
	    NULL, NULL);
	add(&b, "again", "n", "commit offer:\"cloud/north/x2 commit_1y none\" action=buy units=1 "
	    "term_months=12", NULL, NULL)->effort_days = 2;
	add(&b, "move", "n", "retype node:n instance_type=x4 risk=medium", NULL, NULL);
	add(&b, "dear", "m", "reprice node:m price_per_hour=2", NULL, NULL);
	run_open(&r, &f, &b);
	T_INT(TT_IN_PLAN, of(&r, "buy")->place);
	T_INT(4 * ALL, r.plan->saving_micro);
	T_INT(7 * ALL, of(&r, "move")->standalone_micro);
	T_STR("risk medium is above the allowed low", of(&r, "move")->why);
	T_STR("saves nothing on what the plan leaves", of(&r, "again")->why);
	T_STR("saves nothing: it costs more than it saves", of(&r, "dear")->why);
	close_all(&r, &f, &b);
}

/* What is held covers a node once another has gone: then moving that costs what it moves to,
 * also where that is metered, too. */
static void test_strands(void)
{
	fleet f;
	book b;
	run r;

	fleet_open(&f, 0, HOURS * 3600);
	place(fleet_node(&f, "a", 2), "x2");
	place(fleet_node(&f, "b", 2), "x2");
	place(fleet_node(&f, "c", 2), "x4");
	price(&f, "x2", "on_demand", 10);
	price(&f, "x4", "on_demand", 3);
	commitment(&f, "ri-2", "x2", 6);
	commitment(&f, "ri-4", "x4", 2);
	fleet_ready(&f);
	book_open(&b);
	add(&b, "go", "b", "release node:b", NULL, NULL)->effort_days = 0.1;
	add(&b, "move", "a", "retype node:a instance_type=x4", NULL, NULL);
	run_open(&r, &f, &b);
	T_INT(10 * ALL, r.plan->saving_micro);
	T_INT(7 * ALL, of(&r, "move")->standalone_micro);
	T_STR("saves nothing: the commitment that covers the node stays paid for",
	      of(&r, "move")->why);
	close_all(&r, &f, &b);
}

int main(void)
{
	FLEET_MUST(tt_settings_load(NULL, &settings, NULL) == TT_OK);
	test_risk_of_changes();
	test_true_reasons();
	test_excluded_member();
	test_spare_member();
	test_gone_already();
	test_no_price();
	test_keepers();
	test_bought();
	test_strands();
	tt_settings_free(settings);
	return T_END();
}
