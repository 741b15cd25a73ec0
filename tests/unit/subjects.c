/* subjects.c - what detectors are called for, and what a node is decoded to. */
#include "fleet.h"
#include "host/subjects.h"
#include "t.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define START (100 * DAY)

typedef struct listed {
	tt_settings *settings;
	tt_case baseline;
	tt_bill *bill;
	tt_arena *arena;
	tt_subjects subjects;
} listed;

static void list(listed *l, fleet *f, unsigned scopes)
{
	tt_err err = { 0 };

	*l = (listed){ .arena = tt_arena_new() };
	T_INT(TT_OK, tt_settings_load(NULL, &l->settings, &err));
	tt_case_init(&l->baseline, &f->s, l->settings);
	T_INT(TT_OK, tt_bill_make(&l->baseline, l->settings, &l->bill, &err));
	T_INT(TT_OK, tt_subjects_make(l->bill, l->settings, scopes, l->arena, &l->subjects, &err));
	T_STR("", err.text);
}

static void list_free(listed *l)
{
	tt_bill_free(l->bill);
	tt_case_reset(&l->baseline);
	tt_settings_free(l->settings);
	tt_arena_free(l->arena);
}

/* Ids of all subjects, apart by blanks. */
static const char *ids(const listed *l)
{
	static char text[1000];
	tt_decoder d = { .subjects = &l->subjects };
	tt_err err = { 0 };
	tt_subject s;

	text[0] = '\0';
	for (size_t i = 0; i < l->subjects.n; i++) {
		T_INT(TT_OK, tt_decode(&d, i, &s, &err));
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
		         s.id);
	}
	tt_decoder_reset(&d);
	return text;
}

static void only_what_was_there(void)
{
	TT_CLEANUP(list_free) listed l;
	TT_CLEANUP(fleet_close) fleet f;

	fleet_open(&f, START, START + DAY);
	fleet_node(&f, "n", 1);
	fleet_pod(&f, "always", "n", 0);
	fleet_pod(&f, "before", "n", 0)->ended_at = START;
	fleet_pod(&f, "last", "n", 0)->ended_at = START + 1;
	fleet_pod(&f, "later", "n", 0)->started_at = START + DAY;
	fleet_pod(&f, "waits", "", 0)->submitted_at = START + HOUR;

	tt_pod_row *gave_up = fleet_pod(&f, "waited_before", "", 0);
	gave_up->submitted_at = START - DAY;
	gave_up->ended_at = START - HOUR;

	tt_commitment_row *c = fleet_row(&f, TT_COMMITMENTS);
	c->commitment = "held";
	c->starts_at = START - DAY;
	c = fleet_row(&f, TT_COMMITMENTS);
	c->commitment = "over";
	c->ends_at = START;
	c = fleet_row(&f, TT_COMMITMENTS);
	c->commitment = "to_come";
	c->starts_at = START + DAY;
	fleet_ready(&f);
	list(&l, &f, 1u << TT_SCOPE_POD | 1u << TT_SCOPE_COMMITMENT);
	T_STR("always last waits held", ids(&l));
}

/* Which pods without cards keep a node: those that are there, which one that has never
 * started is not, whatever became of it. */
static void pods_that_keep(void)
{
	static const struct { const char *outcome; int64_t submitted, started; size_t keeps; }
	cases[] = {
		{ "running", TT_TIME_MISSING, TT_TIME_MISSING, 1 },
		{ "running", START, START + HOUR, 1 },
		{ "pending", TT_TIME_MISSING, TT_TIME_MISSING, 0 },
		{ "pending", START, TT_TIME_MISSING, 0 },
		{ "cancelled", START, TT_TIME_MISSING, 0 },
		{ "running", START, START + DAY, 0 },
	};

	for (size_t i = 0; i < TT_COUNT(cases); i++) {
		TT_CLEANUP(list_free) listed l;
		TT_CLEANUP(fleet_close) fleet f;

		fleet_open(&f, START, START + DAY);
		fleet_node(&f, "n", 1);

		tt_pod_row *p = fleet_pod(&f, "p", "n", 0);
		p->outcome = cases[i].outcome;
		p->submitted_at = cases[i].submitted;
		p->started_at = cases[i].started;
		fleet_ready(&f);
		list(&l, &f, 1u << TT_SCOPE_NODE);
		T_INT(cases[i].keeps, l.subjects.n_other_pods[0]);
	}
}

/* Cards and slices cost what their node costs, however they were measured. */
static void cost_of_cards(void)
{
	static const char *const carriers[][5][2] = {
		{ { "0", "" }, { "1", "" } },
		{ { "0", "" }, { "0", "a" }, { "0", "b" }, { "1", "" } }, /* both ways */
		{ { "0", "a" }, { "1", "a" }, { "1", "b" }, { "1", "c" } },
	};

	for (size_t i = 0; i < TT_COUNT(carriers); i++) {
		TT_CLEANUP(list_free) listed l;
		TT_CLEANUP(fleet_close) fleet f;
		tt_decoder d = { 0 };
		tt_subject s;
		tt_err err = { 0 };
		int64_t sum = 0;

		fleet_open(&f, START, START + DAY);
		fleet_node(&f, "n", 2)->price_per_hour = TT_DECIMAL_ONE * 10;
		fleet_node(&f, "unpriced", 2);
		for (size_t k = 0; k < 5 && carriers[i][k][0]; k++) {
			fleet_card(&f, "n", carriers[i][k][0], carriers[i][k][1]);
			fleet_card(&f, "unpriced", carriers[i][k][0], carriers[i][k][1]);
		}
		fleet_ready(&f);
		list(&l, &f, 1u << TT_SCOPE_NODE);
		d.subjects = &l.subjects;
		T_INT(TT_OK, tt_decode(&d, 0, &s, &err));
		T_INT(240000000, s.node->cost_micro);
		for (size_t k = 0; k < s.node->n_cards; k++)
			sum += s.node->cards[k].cost_micro;
		T_INT(240000000, sum);
		T_INT(TT_OK, tt_decode(&d, 1, &s, &err));
		for (size_t k = 0; k < s.node->n_cards; k++)
			T_OK(s.node->cards[k].cost_micro == TT_MONEY_UNKNOWN);
		tt_decoder_reset(&d);
	}
}

/* Names that strcmp() sorts otherwise than a person does. */
static void cards_by_name(void)
{
	TT_CLEANUP(list_free) listed l;
	TT_CLEANUP(fleet_close) fleet f;

	fleet_open(&f, START, START + DAY);
	fleet_node(&f, "2", 1);
	fleet_node(&f, "10", 1);
	fleet_node(&f, "1a", 1);
	fleet_card(&f, "2", "0", "");
	fleet_card(&f, "10", "0", "");
	fleet_card(&f, "1a", "0", "");
	fleet_card(&f, "1a", "1", "");
	fleet_ready(&f);
	list(&l, &f, 1u << TT_SCOPE_CARD);
	T_STR("10/0 1a/0 1a/1 2/0", ids(&l));
	T_OK(tt_subjects_has(&l.subjects, TT_SUBJECT_CARD, "2/0"));
	T_OK(!tt_subjects_has(&l.subjects, TT_SUBJECT_CARD, "2/1"));
}

int main(void)
{
	only_what_was_there();
	pods_that_keep();
	cost_of_cards();
	cards_by_name();
	return T_END();
}
