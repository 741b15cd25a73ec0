/* scenario_change.h - one item of a scenario's `changes`: read, and made into a change once
 * its subjects are known.
 *
 * A change is always made by writing its text and parsing that, so what a scenario can say is
 * what the language of core/change says, and in the same form. */
#ifndef TT_SIMULATE_SCENARIO_CHANGE_H
#define TT_SIMULATE_SCENARIO_CHANGE_H
#include "simulate/scenario.h"

/* Read one item, with its arguments checked as far as that needs no fleet.
 * Errors: TT_EDATA, TT_ENOMEM. */
int tt_scenario_change_read(const tt_strict *r, const tt_yaml *y, tt_scenario_change *ret);

/* What is known with a fleet. */
typedef struct tt_change_setting {
	int64_t from_s;       /* the horizon's begin, which relative times count from;
	                       * TT_TIME_MISSING: not known, and they are left out */
	size_t standing;      /* for units=standing */
	double quota_gpus;    /* for gpus=quota */
} tt_change_setting;

/* The change of an item by verb, about these subjects, in `arena`.
 * Errors: TT_EDATA "file:1:2: ..." at the argument that is wrong, TT_ENOMEM. */
int tt_scenario_change_make(const tt_scenario_change *c, const tt_change_subject *subjects,
                            size_t n, const tt_change_setting *setting, tt_arena *arena,
                            tt_change *ret, tt_err *err);

/* Argument `key`; NULL when it is not given. */
const tt_scenario_arg *tt_scenario_change_arg(const tt_scenario_change *c, const char *key);
/* Whether it is given as this word, which has to be found out with the fleet. */
bool tt_scenario_change_asks(const tt_scenario_change *c, const char *key, const char *word);
#endif
