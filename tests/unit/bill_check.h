/* bill_check.h - makes the bill of a fleet.h and checks what holds for every bill. */
#ifndef BILL_CHECK_H
#define BILL_CHECK_H
#include "bill/bill.h"
#include "fleet.h"

static tt_settings *settings; /* of the program; loaded by its main() */

/* Buckets, reasons and cells add up, by node and in all, under both rules; the cheap
 * total is the same one. */
static inline void bill_check(const tt_bill *b)
{
	tt_case c;
	int64_t total = 0;

	tt_case_init(&c, b->snapshot, settings);
	T_INT(TT_OK, tt_bill_total(&c, &total, NULL));
	T_INT(b->total_micro, total);
	for (int r = 0; r < TT_RULES; r++) {
		int64_t buckets = 0, cells = 0, reasons = 0;

		for (int i = 0; i < TT_BUCKETS; i++)
			buckets += b->bucket_micro[r][i];
		for (int i = 1; i < TT_REASONS; i++)
			reasons += b->reason_micro[r][i];
		T_INT(b->total_micro, buckets);
		T_INT(b->bucket_micro[r][TT_UNATTRIBUTED], reasons);
		for (size_t n = 0; n < b->snapshot->table[TT_NODES].n; n++) {
			const tt_node_bill *nb = &b->nodes[n];
			int64_t sum = 0;

			for (size_t i = 0; i < nb->n_cells[r]; i++) {
				const tt_cell *cell = &b->cells[r][nb->first_cell[r] + i];

				sum += cell->cost_micro;
				T_((cell->reason == TT_REASON_NONE) ==
				   (cell->bucket != TT_UNATTRIBUTED), "a reason out of place");
				T_(cell->cost_micro >= 0, "a cell below 0");
			}
			if (nb->cost_micro != TT_MONEY_UNKNOWN)
				T_INT(nb->cost_micro, sum);
			else
				T_INT(0, sum);
			cells += sum;
		}
		T_INT(b->total_micro, cells);
	}
}

static inline tt_bill *make(fleet *f)
{
	tt_bill *b = NULL;
	tt_err err = { 0 };
	tt_case c;

	fleet_ready(f);
	tt_case_init(&c, &f->s, settings);
	T_INT(TT_OK, tt_bill_make(&c, settings, &b, &err));
	T_STR("", err.text);
	if (!b)
		exit(1);
	bill_check(b);
	return b;
}
#endif
