/* claims.c - see claims.h. */
#include "host/claims.h"
#include <math.h>
#include <string.h>
#include <strings.h>

static const struct unit {
	const char *ending, *name;
	double max;              /* of the evidence; from 0. INFINITY: any number */
} units[] = {
	{ "_pct", "pct", 100 }, { "_ratio", "ratio", 1 }, { "_h", "h", INFINITY },
	{ "_s", "s", INFINITY }, { "_ms", "ms", INFINITY }, { "_d", "d", INFINITY },
	{ "_days", "d", INFINITY }, { "_mib", "MiB", INFINITY }, { "_w", "W", INFINITY },
};

/* NULL where the key's ending says none; "_per_s" and the like are units of their own. */
static const struct unit *unit_of(const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < TT_COUNT(units) && !strstr(key, "_per_"); i++) {
		size_t k = strlen(units[i].ending);

		if (n > k && strcmp(key + n - k, units[i].ending) == 0)
			return &units[i];
	}
	return NULL;
}

static int same_unit(const char *said, const struct unit *u)
{
	return strcasecmp(said, u->name) == 0 || strcasecmp(said, u->ending + 1) == 0;
}

/* --- What is declared ------------------------------------------------------------------ */

int tt_claims_declared(const tt_detector *d, tt_err *err)
{
	for (uint32_t i = 0; i < d->info.n_params; i++) {
		const tt_param *p = &d->info.params[i];
		const struct unit *u = unit_of(p->key);

		if (p->type != TT_STR && u && !same_unit(p->unit, u))
			return tt_fail(err, TT_EINVAL, "parameter %s: its unit is \"%.*s\", "
			               "expected \"%s\", which its key ends in", p->key,
			               TT_SHOWN(p->unit), u->name);
	}
	for (uint32_t i = 0; i < d->n_grounds; i++) {
		const tt_ground *g = &d->grounds[i];
		const struct unit *a = unit_of(g->evidence), *b = unit_of(g->param);

		if (a && b && strcmp(a->name, b->name) != 0)
			return tt_fail(err, TT_EINVAL, "ground %u: evidence %.48s is held against "
			               "%s, which is in another unit", i + 1, g->evidence,
			               g->param);
	}
	return TT_OK;
}

/* --- What is said ---------------------------------------------------------------------- */

int tt_ground_is_about(const tt_ground *g, const char *verdict)
{
	return !g->verdict || strcmp(g->verdict, verdict) == 0;
}

double tt_claims_number(const tt_detector *d, const void *params, const char *key)
{
	double number = NAN;
	int64_t whole;

	for (uint32_t i = 0; i < d->info.n_params; i++) {
		const tt_param *p = &d->info.params[i];
		const char *at = (const char *)params + p->offset;

		if (strcmp(p->key, key) != 0)
			continue;
		if (p->type == TT_F64) {
			memcpy(&number, at, sizeof number);
		} else if (p->type == TT_I64) {
			memcpy(&whole, at, sizeof whole);
			number = (double)whole;
		}
	}
	return number;
}

static int check_ranges(const tt_found *f, tt_err *err)
{
	char is[64], max[32];

	for (size_t i = 0; i < f->n_evidence; i++) {
		const tt_found_evidence *e = &f->evidence[i];
		const struct unit *u = unit_of(e->key);
		const double slack = 1e-9; /* of sums that should give the whole */

		if (!u || isinf(u->max) || isnan(e->value) ||
		    (e->value >= -slack && e->value <= u->max + slack))
			continue;
		return tt_fail(err, TT_EINVAL, "evidence %s is %s, expected a number from 0 to "
		               "%s, as its key ends in _%s", e->key,
		               tt_format_f64(e->value, 6, is, sizeof is),
		               tt_format_f64(u->max, 0, max, sizeof max), u->name);
	}
	return TT_OK;
}

static int holds(double a, const char *relation, double b)
{
	return strcmp(relation, "<") == 0    ? a < b
	       : strcmp(relation, "<=") == 0 ? a <= b
	       : strcmp(relation, ">") == 0  ? a > b
	                                     : a >= b;
}

/* Evidence that is not known neither holds nor fails. */
static int check_ground(const tt_ground *g, uint32_t i, double threshold, const tt_found *f,
                        tt_err *err)
{
	const tt_found_evidence *e = NULL;
	char is[64], than[64];

	for (size_t k = 0; k < f->n_evidence && !e; k++)
		if (strcmp(f->evidence[k].key, g->evidence) == 0)
			e = &f->evidence[k];
	if (!e || e->text)
		return tt_fail(err, TT_EINVAL, "ground %u rests on the evidence \"%.48s\", which "
		               "is %s", i + 1, g->evidence, e ? "a text" : "not among it");
	if (isnan(e->value) || isnan(threshold) || holds(e->value, g->relation, threshold))
		return TT_OK;
	return tt_fail(err, TT_EINVAL, "ground %u does not hold: %s %s %s %s %s", i + 1, e->key,
	               tt_format_f64(e->value, 9, is, sizeof is), g->relation, g->param,
	               tt_format_f64(threshold, 9, than, sizeof than));
}

/* What is not in a fleet by nature: offers are to be bought, charges to come. */
static int is_of_fleet(enum tt_subject_kind k)
{
	return k != TT_SUBJECT_OFFER && k != TT_SUBJECT_CHARGE;
}

static int check_named(const tt_change *v, size_t n, const tt_subjects *s, tt_err *err)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].n_subjects; k++) {
			const tt_change_subject *to = &v[i].subjects[k];

			if (is_of_fleet(to->kind) && !tt_subjects_has(s, to->kind, to->id))
				return tt_fail(err, TT_EINVAL, "its change is to %s \"%.*s\", "
				               "which the fleet does not have",
				               tt_subject_kind_text(to->kind),
				               TT_SHOWN(to->id));
		}
	return TT_OK;
}

static int check_found(const tt_detector *d, const void *params, const tt_subjects *s,
                       const tt_found *f, tt_err *err)
{
	TT_TRY(check_ranges(f, err));
	for (uint32_t i = 0; i < d->n_grounds; i++) {
		const tt_ground *g = &d->grounds[i];

		if (tt_ground_is_about(g, f->verdict))
			TT_TRY(check_ground(g, i, tt_claims_number(d, params, g->param), f, err));
	}
	TT_TRY(check_named(f->changes, f->n_changes, s, err));
	return check_named(f->alternatives, f->n_alternatives, s, err);
}

int tt_claims_found(const tt_detector *d, const void *params, const tt_subjects *s,
                    const tt_found *f, tt_err *err)
{
	tt_err why = { 0 };

	if (check_found(d, params, s, f, &why) == TT_OK)
		return TT_OK;
	return tt_fail(err, TT_EINVAL, "finding \"%s\" about %s \"%.*s\": %s", f->verdict,
	               tt_subject_kind_text(f->subject_kind),
	               TT_SHOWN(f->subject_id), why.text);
}
