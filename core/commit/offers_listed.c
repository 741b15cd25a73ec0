#include "commit/offers_listed.h"
#include "base/near.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* --- Scopes -------------------------------------------------------------------------------- */

enum { WORDS = 4 };
static const char *const word_names[WORDS] = { "provider", "region", "instance_type", "gpu_model" };

static const char *word_of(const tt_node_row *like, size_t i)
{
	return i == 0 ? like->provider : i == 1 ? like->region :
	       i == 2 ? like->instance_type : like->gpu_model;
}

static const char *wanted(const tt_offer_scope *s, size_t i)
{
	return i == 0 ? s->provider : i == 1 ? s->region :
	       i == 2 ? s->instance_type : s->gpu_model;
}

bool tt_offer_is_for(const tt_offer_scope *scope, const tt_eligible_pool *p)
{
	for (size_t i = 0; i < p->n_likes; i++)
		if (!tt_offer_scope_has(scope, &p->likes[i]))
			return false;
	return !*scope->owner || strcmp(scope->owner, p->owner) == 0;
}

/* All words of one kind in the fleet, NULL-terminated; `ret_has`: `text` is one. */
static const char **all_words(const tt_eligible *e, size_t kind, const char *text, bool *ret_has)
{
	size_t n = 1;
	const char **v;

	for (size_t i = 0; i < e->n; i++)
		n += e->v[i].n_likes;
	v = tt_zalloc(n, sizeof *v);
	*ret_has = false;
	n = 0;
	for (size_t i = 0; v && i < e->n; i++)
		for (size_t k = 0; k < e->v[i].n_likes; k++) {
			v[n] = word_of(&e->v[i].likes[k], kind);
			*ret_has = *ret_has || strcasecmp(v[n++], text) == 0;
		}
	return v;
}

static int no_pool(const tt_strict *r, const tt_eligible *e, const char *id, tt_at at,
                   const tt_offer_scope *scope)
{
	for (size_t i = 0; i < WORDS; i++) {
		const char *text = wanted(scope, i);
		bool has;

		if (!*text)
			continue;
		TT_CLEANUP(tt_freep) const char **words = all_words(e, i, text, &has);

		if (!words)
			return tt_no_memory(r->err);
		if (has)
			continue;
		const char *near = tt_nearest_word(text, words);

		return tt_strict_fail(r, at, "\"%s\" is for no pool of this fleet, which has no "
		                      "%s \"%.*s\"%s%.*s%s", id, word_names[i], TT_SHOWN(text),
		                      near ? "; did you mean \"" : "",
		                      TT_SHOWN(near ? near : ""), near ? "\"?" : "");
	}
	return tt_strict_fail(r, at, "\"%s\" is for no pool of this fleet: none has all of what "
	                      "it says it is for", id);
}

static int check_scope(const tt_strict *r, const tt_eligible *e, bool by_owner, const char *id,
                       tt_at at, const tt_offer_scope *scope)
{
	bool any = false, owned = false;

	if (*scope->owner && !by_owner)
		return tt_strict_fail(r, at, "\"%s\" is for owner \"%.*s\" alone, expected "
		                      "--pool-by owner with it", id, TT_SHOWN(scope->owner));
	for (size_t i = 0; i < e->n; i++) {
		owned = owned || strcmp(scope->owner, e->v[i].owner) == 0;
		for (size_t k = 0; k < e->v[i].n_likes; k++)
			any = any || tt_offer_scope_has(scope, &e->v[i].likes[k]);
	}
	if (*scope->owner && !owned)
		return tt_strict_fail(r, at, "\"%s\" is for owner \"%.*s\", who uses nothing in "
		                      "this fleet", id, TT_SHOWN(scope->owner));
	return any ? TT_OK : no_pool(r, e, id, at, scope);
}

int tt_offers_check_scopes(const tt_offer_file *f, const tt_snapshot *s, const tt_eligible *e,
                           bool by_owner, tt_err *err)
{
	const tt_strict r = { f->path, NULL, err };

	if (*f->currency && strcmp(f->currency, s->currency) != 0)
		return tt_fail(err, TT_EDATA, "%s: currency is \"%.*s\", expected that of the "
		               "fleet, %s", f->path, TT_SHOWN(f->currency), s->currency);
	for (size_t i = 0; i < f->n; i++)
		TT_TRY(check_scope(&r, e, by_owner, f->v[i].id, f->v[i].at, &f->v[i].scope));
	for (size_t i = 0; i < f->n_needs; i++)
		TT_TRY(check_scope(&r, e, by_owner, f->needs[i].id, f->needs[i].at,
		                   &f->needs[i].scope));
	return TT_OK;
}

/* --- Units --------------------------------------------------------------------------------- */

bool tt_offer_units(const tt_snapshot *s, const tt_eligible_pool *p, const tt_offers *to,
                    const tt_offer_scope *scope, int64_t gpus, int64_t *ret_n, int64_t *ret_of)
{
	const bool instances = *scope->instance_type;
	const int64_t cards = gpus ? gpus : tt_offers_cards(s, p);

	*ret_n = *ret_of = 1;
	if (p->cards)
		*ret_of = to->unit_cards;
	if (p->cards && instances)
		*ret_n = cards;
	else if (!p->cards && !instances)
		*ret_of = cards;
	return *ret_n > 0 && *ret_of > 0;
}

static int64_t common(int64_t a, int64_t b)
{
	while (b) {
		const int64_t c = a % b;

		a = b;
		b = c;
	}
	return a;
}

static int note(const tt_listed_offer *o, const char *why, tt_arena *arena, const char **notes,
                size_t *n_notes, tt_err *err)
{
	TT_CLEANUP(tt_buf_free) tt_buf text = { 0 };

	tt_buf_printf(&text, "Offer %s is left out: %s.", o->id, why);
	for (size_t i = 0; i < *n_notes; i++)
		if (strcmp(notes[i], tt_buf_text(&text)) == 0)
			return TT_OK;
	notes[*n_notes] = tt_arena_text(arena, tt_buf_text(&text), text.n);
	return notes[(*n_notes)++] ? TT_OK : tt_no_memory(err);
}

tt_offer tt_offer_in_units(const tt_listed_offer *o, int64_t n, int64_t of)
{
	const int64_t lot = o->lot > 1 ? o->lot * n / common(o->lot * n, of) : 0;

	return (tt_offer){ .name = o->id, .pricing = o->kind, .payment = o->payment,
		.term_h = o->term_h, .as_of_s = o->as_of_s, .listed = o,
		.rate_per_hour = tt_div_half_even(o->rate_per_hour * of, n),
		.upfront = tt_div_half_even(o->upfront * of, n),
		.least = (o->least * n + of - 1) / of, .most = o->most * n / of, .lot = lot };
}

int tt_offers_add_listed(const tt_offer_file *f, const tt_snapshot *s, const tt_eligible_pool *p,
                         tt_arena *arena, tt_offers *to, const char **notes, size_t *n_notes,
                         tt_err *err)
{
	for (size_t i = 0; i < f->n; i++) {
		const tt_listed_offer *o = &f->v[i];
		int64_t n, of;

		if (o->sold != TT_SOLD_IN_UNITS || !tt_offer_is_for(&o->scope, p) || !to->unit ||
		    to->price_per_hour == TT_DECIMAL_MISSING)
			continue;
		if (o->rate_per_hour == TT_DECIMAL_MISSING) {
			TT_TRY(note(o, "it has no price", arena, notes, n_notes, err));
			continue;
		}
		if (!tt_offer_units(s, p, to, &o->scope, o->gpus, &n, &of)) {
			TT_TRY(note(o, "how many cards its instances have is not known; gpus can "
			            "say so", arena, notes, n_notes, err));
			continue;
		}
		const tt_offer offer = tt_offer_in_units(o, n, of);

		if (o->most && offer.most < (offer.lot ? offer.lot : 1))
			TT_TRY(note(o, "the most that can be had of it is less than one unit",
			            arena, notes, n_notes, err));
		else
			TT_TRY(tt_offers_add(to, arena, &offer, err));
	}
	if (to->n && to->price_per_hour != TT_DECIMAL_MISSING)
		to->why = NULL;
	return TT_OK;
}
