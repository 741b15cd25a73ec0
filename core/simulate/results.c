#include "simulate/results.h"
#include "base/memory.h"

int tt_results_make(tt_results *r, tt_err *err)
{
	const size_t n = r->worlds + 1;

	r->baseline = tt_zalloc(n, sizeof *r->baseline);
	r->after = tt_zalloc(n, sizeof *r->after);
	r->saving = tt_zalloc(n, sizeof *r->saving);
	r->lever = tt_zalloc(n * 2, sizeof *r->lever);
	r->month_baseline = tt_zalloc(n * r->n_months, sizeof *r->month_baseline);
	r->month_after = tt_zalloc(n * r->n_months, sizeof *r->month_after);
	r->pool_baseline = tt_zalloc(n * (r->n_names + 1), sizeof *r->pool_baseline);
	r->pool_after = tt_zalloc(n * (r->n_names + 1), sizeof *r->pool_after);
	r->standalone = tt_zalloc(n * (r->n_changes + 1), sizeof *r->standalone);
	r->in_set = tt_zalloc(n * (r->n_changes + 1), sizeof *r->in_set);
	r->adopted = tt_zalloc(n * (r->n_changes + 1), 1);
	r->budget_baseline = tt_zalloc(n * (r->n_budgets * r->n_months + 1),
				       sizeof *r->budget_baseline);
	r->budget_after = tt_zalloc(n * (r->n_budgets * r->n_months + 1),
				    sizeof *r->budget_after);
	if (r->with_service)
		r->interruptions = tt_zalloc(n * (r->n_changes + 1), sizeof *r->interruptions);
	if (r->baseline && r->after && r->saving && r->lever && r->month_baseline &&
	    r->month_after && r->pool_baseline && r->pool_after && r->standalone && r->in_set &&
	    r->adopted && r->budget_baseline && r->budget_after &&
	    (r->interruptions || !r->with_service))
		return TT_OK;
	tt_results_free(r);
	return tt_no_memory(err);
}

int tt_results_pieces(tt_results *r, size_t pieces, size_t weeks, tt_err *err)
{
	r->piece_baseline = tt_zalloc(pieces + 1, sizeof *r->piece_baseline);
	r->piece_after = tt_zalloc(pieces + 1, sizeof *r->piece_after);
	r->piece_instances = tt_zalloc(pieces + 1, sizeof *r->piece_instances);
	r->piece_instances_after = tt_zalloc(pieces + 1, sizeof *r->piece_instances_after);
	r->block = tt_zalloc(weeks + 1, sizeof *r->block);
	return r->piece_baseline && r->piece_after && r->piece_instances &&
	       r->piece_instances_after && r->block ? TT_OK : tt_no_memory(err);
}

void tt_results_free(tt_results *r)
{
	tt_free(r->piece_baseline);
	tt_free(r->piece_after);
	tt_free(r->piece_instances);
	tt_free(r->piece_instances_after);
	tt_free(r->block);
	tt_free(r->baseline);
	tt_free(r->after);
	tt_free(r->saving);
	tt_free(r->lever);
	tt_free(r->month_baseline);
	tt_free(r->month_after);
	tt_free(r->pool_baseline);
	tt_free(r->pool_after);
	tt_free(r->standalone);
	tt_free(r->in_set);
	tt_free(r->adopted);
	tt_free(r->interruptions);
	tt_free(r->budget_baseline);
	tt_free(r->budget_after);
	*r = (tt_results){ 0 };
}
