#include "simulate/notes.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NOTES_MOST = 16 };

static int add_note(tt_simulation *s, const char **notes, const char *fmt, ...) TT_PRINTF(3, 4);
static int add_note(tt_simulation *s, const char **notes, const char *fmt, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	notes[s->n_notes] = tt_arena_text(s->arena, text, strlen(text));
	return notes[s->n_notes] ? (s->n_notes++, TT_OK) : TT_ENOMEM;
}

/* How many rows end in the window, and how many begin and end in the horizon. */
static void count_terms(const tt_calendar *c, const tt_snapshot *s, size_t *ret_over,
			size_t *ret_begin, size_t *ret_end)
{
	const tt_rows *t = &s->table[TT_COMMITMENTS];

	for (size_t i = 0; i < t->n; i++) {
		const tt_commitment_row *r = TT_ROW(t, tt_commitment_row, i);
		const bool ends = r->ends_at != TT_TIME_MISSING;

		*ret_over += ends && r->ends_at > s->start_s && r->ends_at < s->end_s;
		*ret_begin += r->starts_at > c->from_s && r->starts_at < c->until_s;
		*ret_end += ends && !tt_held_is_block(r) && r->ends_at >= s->end_s &&
			    r->ends_at < c->until_s;
	}
}

static int note_commitments(const tt_calendar *c, tt_simulation *s, const char **notes)
{
	size_t over = 0, begin = 0, end = 0;
	int rc = TT_OK;

	count_terms(c, s->scenario->snapshot, &over, &begin, &end);
	if (over)
		rc = add_note(s, notes, "%zu commitment%s ended within the window: in the horizon "
			      "%s nothing", over, over == 1 ? "" : "s",
			      over == 1 ? "it covers" : "they cover");
	if (rc == TT_OK && begin)
		rc = add_note(s, notes, "%zu commitment%s within the horizon, and count%s from "
			      "then", begin, begin == 1 ? " begins" : "s begin",
			      begin == 1 ? "s" : "");
	if (rc < 0 || !end)
		return rc;
	if (s->scenario->scenario->horizon.not_renewed)
		return add_note(s, notes, "%zu commitment%s within the horizon and %s not renewed: "
				"what %s covered is on demand from then on", end,
				end == 1 ? " ends" : "s end", end == 1 ? "is" : "are",
				end == 1 ? "it" : "they");
	return add_note(s, notes, "%zu commitment%s whose term ends within the horizon %s taken to "
			"be renewed as %s (renew: false in the scenario ends them), unless a "
			"change lets %s lapse", end, end == 1 ? "" : "s",
			end == 1 ? "is" : "are", end == 1 ? "it is" : "they are",
			end == 1 ? "it" : "them");
}

static int note_known_prices(size_t rows, tt_simulation *s, const char **notes)
{
	return !rows ? TT_OK :
	       add_note(s, notes, "%zu price%s of prices.csv dated after the window hold%s from "
			"%s date (known_prices: false in the scenario leaves them out)", rows,
			rows == 1 ? "" : "s", rows == 1 ? "s" : "", rows == 1 ? "its" : "their");
}

static int note_service(tt_simulation *s, const char **notes)
{
	const size_t n = s->service_unknown;

	return !n ? TT_OK : add_note(s, notes, "of %zu change%s it is not known what users wait "
				     "for: cold starts and overload are at least what is said", n,
				     n == 1 ? "" : "s");
}

static int note_interruptions(tt_simulation *s, const char **notes)
{
	const size_t n = s->interruptions_untold;

	return !n ? TT_OK :
	       add_note(s, notes, "%zu change%s what is on spot already, and how often that is "
			"interrupted nobody says: at most as many interruptions are added as is "
			"said", n, n == 1 ? " touches" : "s touch");
}

static int note_latency(tt_simulation *s, const char **notes)
{
	size_t endless = 0;

	for (size_t i = 0; i < s->n_changes; i++)
		endless += (size_t)(isinf(s->changes[i].service.p95_after_ms) != 0);
	if (endless && add_note(s, notes, "p95 latency has no limit with %zu change%s: more than "
				"5 %% of the requests come while more is asked for than is served",
				endless, endless == 1 ? "" : "s") < 0)
		return TT_ENOMEM;
	return !s->latency_unknown ? TT_OK :
	       add_note(s, notes, "of %zu change%s it is not known what p95 latency becomes: it "
			"takes requests of each service (traffic.csv), its capacity_per_replica "
			"(workloads.csv) and a change of its replicas or their speed",
			s->latency_unknown, s->latency_unknown == 1 ? "" : "s");
}

static int note_budgets(tt_simulation *s, const char **notes)
{
	size_t owners = 0, of_table = 0;

	for (size_t i = 0; i < s->n_budgets; i++) {
		owners += *s->budgets[i].of->owner != '\0';
		of_table += !s->budgets[i].of->at.file;
	}
	if (of_table && add_note(s, notes, "budgets of budgets.csv are taken to go on as they are, "
				 "asked to hold in 90 %% of months") < 0)
		return TT_ENOMEM;
	return !owners ? TT_OK :
	       add_note(s, notes, "an owner has of each pool the share of the window's bill, and "
			"of what a change saves the share of what it touches");
}

static int note_unused(tt_simulation *s, const char **notes)
{
	char text[64];

	return s->bill->unused_micro <= 0 ? TT_OK :
	       add_note(s, notes, "held commitments that nothing used cost %s in the window, "
			"and are in the baseline as such",
			tt_money_text(s->bill->unused_micro, 2, text, sizeof text));
}

int tt_simulation_notes(const tt_setup *u, tt_simulation *s, tt_err *err)
{
	const tt_calendar *c = &u->calendar;
	const char **notes = tt_arena_alloc(s->arena, NOTES_MOST * sizeof *notes);
	const size_t weeks = c->whole_weeks;
	const tt_snapshot *of = s->scenario->snapshot;
	const int64_t rest_h = (of->end_s - of->start_s) / 3600 - (int64_t)weeks * 168;
	int rc = notes ? TT_OK : TT_ENOMEM;

	s->notes = notes;
	if (rc == TT_OK && !weeks)
		rc = add_note(s, notes, "the window is shorter than a week: it is repeated as it "
			      "is, so weekdays and weekends are not told apart");
	else if (rc == TT_OK && weeks < 4)
		rc = add_note(s, notes, "futures are drawn from %zu measured week%s only: what "
			      "never happened in them is not in the range", weeks,
			      weeks == 1 ? "" : "s");
	if (rc == TT_OK && weeks && rest_h > 0)
		rc = add_note(s, notes, "the last %lld h of the window make no whole week and are "
			      "not drawn", (long long)rest_h);
	if (rc == TT_OK && s->bill->unknown_gpu_hours > 0)
		rc = add_note(s, notes, "%.0f GPU-hours of the window have no price and are in no "
			      "amount", s->bill->unknown_gpu_hours);
	if (rc == TT_OK)
		rc = note_commitments(c, s, notes);
	if (rc == TT_OK)
		rc = note_known_prices(u->known_prices, s, notes);
	if (rc == TT_OK)
		rc = note_unused(s, notes);
	if (rc == TT_OK)
		rc = note_service(s, notes);
	if (rc == TT_OK)
		rc = note_interruptions(s, notes);
	if (rc == TT_OK)
		rc = note_latency(s, notes);
	if (rc == TT_OK)
		rc = note_budgets(s, notes);
	return rc < 0 ? tt_no_memory(err) : TT_OK;
}
