#include "cli/commit_options.h"
#include <math.h>
#include <string.h>

enum { USUAL_TAIL = 900000 };

int tt_commit_ratio(const char *name, const char *text, double *ret, tt_err *err)
{
	*ret = (double)NAN;
	if (text && (!tt_parse_f64(text, strlen(text), ret) || !(*ret > 0) || *ret > 1))
		return tt_fail(err, TT_EINVAL, "--%s is \"%.*s\", expected a number above 0 and up "
		               "to 1", name, TT_SHOWN(text));
	return TT_OK;
}

/* In millionths: nothing that a plan is made with is rounded in its JSON. */
static int millionths(const char *name, const char *text, uint32_t usual, uint32_t most,
                      uint32_t *ret, tt_err *err)
{
	double v;

	*ret = usual;
	if (!text)
		return TT_OK;
	if (!tt_parse_f64(text, strlen(text), &v) || !(v >= 0 && v <= 1) ||
	    lround(v * TT_CAUTION_ALL) > most)
		return tt_fail(err, TT_EINVAL, "--%s is \"%.*s\", expected a number from 0 to %s",
		               name, TT_SHOWN(text), most == TT_CAUTION_ALL ? "1" : "less than 1");
	*ret = (uint32_t)lround(v * TT_CAUTION_ALL);
	return TT_OK;
}

static int amount(const char *name, const char *text, int64_t *ret, tt_err *err)
{
	tt_decimal d;

	*ret = TT_MONEY_UNKNOWN;
	if (!text)
		return TT_OK;
	if (tt_decimal_parse(text, strlen(text), &d) || d < 0 || d / 1000000 > INT64_MAX)
		return tt_fail(err, TT_EINVAL, "--%s is \"%.*s\", expected an amount like 25000",
		               name, TT_SHOWN(text));
	*ret = (int64_t)(d / 1000000);
	return TT_OK;
}

const char *tt_commit_of_plans(const tt_options *o)
{
	const struct { const char *name; bool given; } all[] = {
		{ "stranding-weight", o->stranding_weight != NULL },
		{ "stranding-tail", o->stranding_tail != NULL },
		{ "migration-hazard", o->migration_hazard != NULL },
		{ "stranded-over", o->stranded_over != NULL },
		{ "discount-rate", o->discount_rate != NULL },
		{ "resale-ratio", o->resale_ratio != NULL },
		{ "chart", o->chart != NULL },
		{ "risk", o->risk != 0 },
		{ "accept", o->accept != NULL },
		{ "scenario", o->scenario != NULL },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].given)
			return all[i].name;
	return NULL;
}

int tt_commit_asked(const tt_options *o, const tt_once_options *oo, tt_plans_options *ret,
                    tt_err *err)
{
	tt_plans_options to = { .keep_gaps = oo->keep_gaps, .whole = oo->whole,
		.ratios = oo->ratios, .quarters = (size_t)o->quarters, .seed = (uint64_t)o->seed,
		.worlds = (size_t)o->worlds, .threads = (int)o->threads, .risk = o->risk,
		.by_owner = strcmp(o->pool_by, "owner") == 0 };
	tt_caution *c = &to.caution;

	if ((o->once || o->replay) && tt_commit_of_plans(o))
		return tt_fail(err, TT_EINVAL, "--%s is for plans over quarters, not for --%s",
		               tt_commit_of_plans(o), o->once ? "once" : "replay");
	if (o->verify && (o->accept || o->scenario))
		return tt_fail(err, TT_EINVAL, "--%s is for a plan that is made: --verify takes "
		               "what was accepted from the plan",
		               o->accept ? "accept" : "scenario");
	if (o->verify && o->chart)
		return tt_fail(err, TT_EINVAL, "--chart draws a plan that is made, --verify makes "
		               "none");
	TT_TRY(millionths("stranding-weight", o->stranding_weight, 0, TT_CAUTION_ALL,
	                  &c->weight_millionths, err));
	TT_TRY(millionths("stranding-tail", o->stranding_tail, USUAL_TAIL, TT_CAUTION_ALL - 1,
	                  &c->level_millionths, err));
	TT_TRY(millionths("migration-hazard", o->migration_hazard, 0, TT_CAUTION_ALL,
	                  &c->moves_millionths, err));
	TT_TRY(millionths("discount-rate", o->discount_rate, 0, TT_CAUTION_ALL,
	                  &to.discount_millionths, err));
	TT_TRY(millionths("resale-ratio", o->resale_ratio, 0, TT_CAUTION_ALL,
	                  &to.resale_millionths, err));
	to.resale = o->resale_ratio != NULL;
	TT_TRY(amount("stranded-over", o->stranded_over, &to.over_micro, err));
	*ret = to;
	return TT_OK;
}
