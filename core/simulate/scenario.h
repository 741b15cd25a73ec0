/* scenario.h - a scenario file: what would be changed, what is assumed about the future and
 * how sure that is, read strictly from YAML into plain data.
 *
 * Reading knows no fleet: selectors stay data until bind.h makes changes of them. Every
 * fault is one line: file:line:column, the value and what was expected. The documented
 * example of every key is scenarios/README.md. Everything in a scenario is owned by its
 * arena and never changes once it is read; any thread may read it. */
#ifndef TT_SIMULATE_SCENARIO_H
#define TT_SIMULATE_SCENARIO_H
#include "simulate/profiles.h"
#include "simulate/select.h"

/* Limits beside those of base/yaml.h (each file: 1 MiB, 32 deep, 100,000 values). */
#define TT_SCENARIO_FILES 64     /* with all that is included */
#define TT_SCENARIO_DEPTH 8      /* of includes within includes */
#define TT_SCENARIO_ITEMS 1000   /* of each list: changes, profiles, budgets ... */

typedef struct tt_horizon {      /* the time that is simulated */
	int64_t from_s;          /* TT_TIME_MISSING: the end of the snapshot's window     */
	int64_t until_s;         /* not included; TT_TIME_MISSING: from + months          */
	double months;           /* of 730 hours; 12 where nothing is said                */
	bool not_renewed;        /* `renew: false`: commitments end with their terms      */
	bool prices_stay;        /* `known_prices: false`: rows of prices.csv dated after the
	                          * window's end count for nothing                        */
	tt_at at;
} tt_horizon;

typedef struct tt_scenario_arg {
	const char *key, *text;  /* as in a change, without quotes */
	tt_at key_at, at;
} tt_scenario_arg;

/* What the words `standing` and `quota` stand for is known with the fleet. */
#define TT_UNITS_STANDING "standing" /* commit offer units=: nodes that stood all the time */
#define TT_GPUS_QUOTA "quota"        /* scale gpus=: in its highest hour the profile has the
                                      * cards of all quotas of the model */

/* One item of `changes`: a text, or a verb with a selector and arguments. */
typedef struct tt_scenario_change {
	tt_at at;
	const char *name;            /* for people; "": none                             */
	const char *text;            /* as written; NULL: by verb                        */
	enum tt_verb verb;
	tt_change change;            /* of `text`                                        */
	tt_select select;            /* by verb                                          */
	bool each;                   /* one change for each match; else one for all      */
	bool optional;               /* left out of a fleet where nothing matches        */
	tt_scenario_arg *args; size_t n_args;
	const tt_assumed *assumed[TT_ASSUMPTIONS]; /* own TT_ADOPTION, TT_REALISATION,
	                                            * TT_START_DELAY; NULL: not said     */
} tt_scenario_change;

typedef struct tt_scenario_growth {  /* demand of a part of the fleet, beside the whole's */
	tt_at at;
	tt_select select;            /* workloads, namespaces or node groups             */
	tt_assumed ratio_per_month;  /* 0.02: 2 % more each month, compounded            */
} tt_scenario_growth;

typedef struct tt_scenario_cut {     /* market prices fall at a date, and stay there     */
	tt_at at;
	tt_select select;            /* prices                                           */
	tt_when when;
	tt_assumed cut_ratio;        /* 0.3: 30 % off what it was then                   */
} tt_scenario_cut;

typedef struct tt_scenario_budget {
	tt_at at;
	const char *owner;           /* ""  : the whole fleet                            */
	tt_decimal amount_per_month; /* in the snapshot's currency                       */
	double probability_ratio;    /* asked: that a month stays within it              */
} tt_scenario_budget;

typedef struct tt_scenario {
	const char *path, *name, *note; /* name: as said, else the file's; note "": none */
	tt_horizon horizon;
	tt_scenario_change *changes; size_t n_changes; /* those of includes first        */
	tt_assumed assumed[TT_ASSUMPTIONS];            /* all; defaults have at.file NULL */
	tt_scenario_growth *growth; size_t n_growth;
	tt_scenario_cut *cuts; size_t n_cuts;          /* as written, not by date        */
	tt_scenario_budget *budgets; size_t n_budgets;
	tt_profile *profiles; size_t n_profiles;       /* by name                        */
	const char **files; size_t n_files; /* as in messages; the scenario's own first  */
	tt_arena *arena;
} tt_scenario;

/* Read `path` and what it includes.
 * Errors: TT_EIO (a file can't be read), TT_EDATA (not a scenario), TT_ENOMEM. */
int tt_scenario_load(const char *path, tt_scenario **ret, tt_err *err);
void tt_scenario_free(tt_scenario *s);
void tt_scenario_freep(tt_scenario **s);

/* NULL: there is none of that name. */
const tt_profile *tt_scenario_profile(const tt_scenario *s, const char *name);
#endif
