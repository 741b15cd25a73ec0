#include "rank/rescaled.h"

static const char what[] = "the saving of changes";

void tt_rescaled_init(tt_rescaled *r, const tt_snapshot *s, const tt_settings *st)
{
	tt_case_init(&r->kept, s, st);
	tt_case_init(&r->tried, s, st);
}

void tt_rescaled_free(tt_rescaled *r)
{
	tt_case_reset(&r->kept);
	tt_case_reset(&r->tried);
}

void tt_rescaled_begin(tt_rescaled *r)
{
	r->tried.n_rescales = r->tried.n_charges = 0;
}

int tt_rescaled_add(tt_rescaled *r, const tt_rescale *v, size_t n, tt_err *err)
{
	for (size_t i = 0; i < n; i++)
		TT_TRY(tt_case_rescale(&r->tried, &v[i], err));
	return TT_OK;
}

int tt_rescaled_charge(tt_rescaled *r, const tt_charge *v, size_t n, tt_err *err)
{
	for (size_t i = 0; i < n; i++)
		TT_TRY(tt_case_charge(&r->tried, &v[i], err));
	return TT_OK;
}

/* Into *sum what the case charges, with that sign. */
static int add_charges(const tt_case *c, int sign, int64_t *sum, tt_err *err)
{
	for (size_t i = 0; i < c->n_charges; i++)
		TT_TRY(tt_money_add(sum, sign * c->charges[i].micro, what, err));
	return TT_OK;
}

static int sum_savings(const tt_rescaled *r, const tt_case *both, int64_t *ret, tt_err *err)
{
	for (size_t i = 0; i < r->tried.n_rescales; i++) {
		const uint32_t line = r->tried.rescales[i].line;
		int64_t was, is;

		if (i && r->tried.rescales[i - 1].line == line)
			continue;
		TT_TRY(tt_line_cost(&r->kept, line, &was, err));
		TT_TRY(tt_line_cost(both, line, &is, err));
		TT_TRY(tt_money_add(ret, was, what, err));
		TT_TRY(tt_money_add(ret, -is, what, err));
	}
	TT_TRY(add_charges(&r->kept, 1, ret, err));
	return add_charges(both, -1, ret, err);
}

int tt_rescaled_try(const tt_rescaled *r, int64_t *ret_micro, tt_err *err)
{
	tt_case both;
	int rc;

	*ret_micro = 0;
	if (!r->tried.n_rescales && !r->tried.n_charges)
		return TT_OK;
	tt_case_init(&both, r->kept.snapshot, r->kept.settings);
	rc = tt_case_join(&both, &r->kept, err);
	if (rc == TT_OK)
		rc = tt_case_join(&both, &r->tried, err);
	if (rc == TT_OK)
		rc = sum_savings(r, &both, ret_micro, err);
	tt_case_reset(&both);
	return rc;
}

int tt_rescaled_keep(tt_rescaled *r, tt_err *err)
{
	return tt_case_join(&r->kept, &r->tried, err);
}
