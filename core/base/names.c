/* names.c - distinct texts and their numbers: the tt_names half of text.h.
 *
 * Open addressing with linear probing, doubled when it is half full; the texts
 * themselves are in an arena, so they never move. */
#include "text.h"
#include "memory.h"
#include <string.h>

struct name {
	const char *text;
	size_t n;
};

struct slot {
	uint32_t hash;
	uint32_t number; /* from 1; 0: free */
};

struct tt_names {
	tt_arena *arena;
	struct name *names;
	size_t count, cap;
	struct slot *slots;
	size_t n_slots;  /* a power of two */
};

/* Only for finding slots, and so free to be faster than tt_hash(). */
static uint32_t slot_hash(const char *s, size_t n)
{
	const uint64_t k = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h = n * k, word;

	for (; n >= sizeof word; s += sizeof word, n -= sizeof word) {
		memcpy(&word, s, sizeof word);
		h = (h ^ word) * k;
		h ^= h >> 29;
	}
	if (n) {
		word = 0;
		memcpy(&word, s, n);
		h = (h ^ word) * k;
		h ^= h >> 29;
	}
	h *= k;
	return (uint32_t)(h >> 32);
}

/* The slot of the text, or the free one where it belongs. */
static struct slot *look_up(const tt_names *t, uint32_t hash, const char *s, size_t n)
{
	for (size_t i = hash & (t->n_slots - 1);; i = (i + 1) & (t->n_slots - 1)) {
		struct slot *slot = &t->slots[i];

		if (slot->number == 0)
			return slot;
		if (slot->hash != hash)
			continue;

		const struct name *name = &t->names[slot->number - 1];
		if (name->n == n && (n == 0 || memcmp(name->text, s, n) == 0))
			return slot;
	}
}

static bool double_slots(tt_names *t)
{
	size_t n_slots = t->n_slots * 2;
	struct slot *slots = tt_zalloc(n_slots, sizeof *slots);

	if (!slots)
		return false;
	for (size_t i = 0; i < t->n_slots; i++) {
		if (t->slots[i].number == 0)
			continue;
		size_t at = t->slots[i].hash & (n_slots - 1);
		while (slots[at].number)
			at = (at + 1) & (n_slots - 1);
		slots[at] = t->slots[i];
	}
	tt_free(t->slots);
	t->slots = slots;
	t->n_slots = n_slots;
	return true;
}

tt_names *tt_names_new(void)
{
	tt_names *t = tt_zalloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->n_slots = 16;
	t->slots = tt_zalloc(t->n_slots, sizeof *t->slots);
	t->arena = tt_arena_new();
	if (!t->slots || !t->arena) {
		tt_names_free(t);
		return NULL;
	}
	return t;
}

void tt_names_free(tt_names *s)
{
	if (!s)
		return;
	tt_arena_free(s->arena);
	tt_free(s->names);
	tt_free(s->slots);
	tt_free(s);
}

int64_t tt_names_add(tt_names *t, const char *s, size_t n)
{
	uint32_t hash = slot_hash(s, n);
	struct slot *slot = look_up(t, hash, s, n);

	if (slot->number)
		return (int64_t)slot->number - 1;
	if (t->count >= UINT32_MAX - 1 || !TT_GROW(t->names, t->count, t->cap))
		return -1;
	if (t->count >= t->n_slots / 2) {
		if (!double_slots(t))
			return -1;
		slot = look_up(t, hash, s, n);
	}
	char *copy = tt_arena_text(t->arena, s, n);
	if (!copy)
		return -1;
	t->names[t->count++] = (struct name){ copy, n };
	*slot = (struct slot){ hash, (uint32_t)t->count };
	return (int64_t)t->count - 1;
}

int64_t tt_names_find(const tt_names *t, const char *s, size_t n)
{
	return (int64_t)look_up(t, slot_hash(s, n), s, n)->number - 1;
}

const char *tt_names_at(const tt_names *t, size_t i)
{
	return t->names[i].text;
}

size_t tt_names_count(const tt_names *t)
{
	return t->count;
}
