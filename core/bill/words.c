/* words.c - interns words, ranks them, and numbers the combinations that occur. */
#include "words.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

enum { OWNER, NAMESPACE, CREATOR, KIND, WORDS };

struct combination {
	uint32_t word[WORDS];   /* ranks of the names */
	uint32_t number;        /* in the order of first sight */
};

struct making {
	const tt_case *c;
	const tt_snapshot *s;
	const tt_settings *st;
	const tt_residents *r;
	tt_arena *arena;
	tt_names *names;        /* the words */
	tt_names *combinations; /* the bytes of WORDS numbers of names */
	int failed;
};

static uint32_t word(struct making *m, const char *text)
{
	int64_t at = text ? tt_names_add(m->names, text, strlen(text)) : -1;

	if (at < 0 || at > UINT32_MAX - 1)
		m->failed = 1;
	return at < 0 ? 0 : (uint32_t)at;
}

static uint32_t combine(struct making *m, const char *owner, const char *namespace_,
			const char *creator, const char *kind)
{
	const uint32_t number[WORDS] = { [OWNER] = word(m, owner),
					 [NAMESPACE] = word(m, namespace_),
					 [CREATOR] = word(m, creator), [KIND] = word(m, kind) };
	int64_t at = tt_names_add(m->combinations, (const char *)number, sizeof number);

	if (at < 0)
		m->failed = 1;
	return at < 0 ? 0 : (uint32_t)at;
}

static const char *first_of(const char *a, const char *b)
{
	return a ? a : b;
}

/* What the case says of a pod before, and of its surroundings after, its own labels. */
static const char *relabelled_owner(const struct making *m, size_t pod)
{
	const tt_pod_row *p = tt_pod_at(m->s, pod);
	const char *owner = tt_case_owner(m->c, TT_RELABEL_POD, p->pod);

	if (!owner && *p->workload)
		owner = tt_case_owner(m->c, TT_RELABEL_WORKLOAD, p->workload);
	if (!owner)
		owner = tt_settings_told(m->st, p->labels, p->namespace_);
	if (!owner) /* no namespace here: a case's label of it goes before the settings' */
		owner = tt_settings_label_owner(m->st, p->labels, m->arena);
	if (!owner || *owner)
		return owner;
	owner = first_of(tt_case_owner(m->c, TT_RELABEL_NAMESPACE, p->namespace_),
			 tt_settings_owner(m->st, p->labels, p->namespace_, m->arena));
	if (!owner || *owner || m->r->node_of_pod[pod] == UINT32_MAX)
		return owner;

	const tt_node_row *node = tt_node_at(m->s, m->r->node_of_pod[pod]);
	owner = first_of(tt_case_owner(m->c, TT_RELABEL_NODE, node->node),
			 tt_case_owner(m->c, TT_RELABEL_NODE_GROUP, node->node_group));
	return first_of(owner, "");
}

static const char *kind_of_workload(const tt_snapshot *s, const char *workload)
{
	const tt_workload_row *row = tt_workload_row_of(s, workload);

	return row ? row->workload_kind : "";
}

static const char *kind_of_pod(const struct making *m, const tt_pod_row *p)
{
	const char *kind = p->workload_kind;

	if (!*kind && *p->workload)
		kind = kind_of_workload(m->s, p->workload);
	if (*kind)
		return kind;
	return tt_settings_is_system(m->st, p->namespace_) ? "system" : "unknown";
}

static void add_pods(struct making *m, uint32_t *of_pod)
{
	for (size_t i = 0; i < m->s->table[TT_PODS].n; i++) {
		const tt_pod_row *p = tt_pod_at(m->s, i);
		const char *owner = m->c->n_relabels ?
			relabelled_owner(m, i) :
			tt_settings_owner(m->st, p->labels, p->namespace_, m->arena);

		of_pod[i] = combine(m, owner, p->namespace_,
				    tt_settings_creator(m->st, p->labels, m->arena),
				    kind_of_pod(m, p));
	}
}

static void add_nodes(struct making *m, uint32_t *of_node, const char **node_owner)
{
	for (size_t i = 0; i < m->s->table[TT_NODES].n; i++) {
		const tt_node_row *n = tt_node_at(m->s, i);
		const char *own = tt_settings_owner(m->st, n->labels, "", m->arena);
		const char *owner = tt_case_owner(m->c, TT_RELABEL_NODE, n->node);

		if (!owner && own && !*own && *n->node_group)
			owner = tt_case_owner(m->c, TT_RELABEL_NODE_GROUP, n->node_group);
		node_owner[i] = own;
		of_node[i] = combine(m, first_of(owner, own), "", "", "");
	}
}

struct name {
	const char *text;
	size_t number;
};

static int compare_names(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return strcmp(x->text, y->text);
}

/* Names in order into text[], and where each went into rank[]. */
static int rank_names(struct making *m, const char **text, uint32_t *rank, tt_err *err)
{
	size_t n = tt_names_count(m->names);
	TT_CLEANUP(tt_freep) struct name *names = tt_zalloc(n + 1, sizeof *names);

	if (!names)
		return tt_no_memory(err);
	for (size_t i = 0; i < n; i++)
		names[i] = (struct name){ tt_names_at(m->names, i), i };
	qsort(names, n, sizeof *names, compare_names);
	for (size_t i = 0; i < n; i++) {
		rank[names[i].number] = (uint32_t)i;
		text[i] = tt_arena_text(m->arena, names[i].text, strlen(names[i].text));
		if (!text[i])
			return tt_no_memory(err);
	}
	return TT_OK;
}

static int compare_combinations(const void *a, const void *b)
{
	const struct combination *x = a, *y = b;

	for (size_t w = 0; w < WORDS; w++) {
		if (x->word[w] != y->word[w])
			return x->word[w] < y->word[w] ? -1 : 1;
	}
	return 0;
}

/* Distinct combinations in order into ret->v, and the new number of each into place[]. */
static int number(struct making *m, tt_word_book *ret, uint32_t *place, tt_err *err)
{
	const size_t names = tt_names_count(m->names), n = tt_names_count(m->combinations);
	TT_CLEANUP(tt_freep) const char **text = tt_zalloc(names + 1, sizeof *text);
	TT_CLEANUP(tt_freep) uint32_t *rank = tt_zalloc(names + 1, sizeof *rank);
	TT_CLEANUP(tt_freep) struct combination *v = tt_zalloc(n + 1, sizeof *v);

	ret->n = n;
	ret->v = tt_arena_alloc(m->arena, n * sizeof *ret->v);
	if (!text || !rank || !v || !ret->v)
		return tt_no_memory(err);
	TT_TRY(rank_names(m, text, rank, err));
	for (size_t i = 0; i < n; i++) {
		memcpy(v[i].word, tt_names_at(m->combinations, i), sizeof v[i].word);
		for (size_t w = 0; w < WORDS; w++)
			v[i].word[w] = rank[v[i].word[w]];
		v[i].number = (uint32_t)i;
	}
	qsort(v, n, sizeof *v, compare_combinations);
	for (size_t i = 0; i < n; i++) {
		const uint32_t *w = v[i].word;

		place[v[i].number] = (uint32_t)i;
		ret->v[i] = (tt_words){ .owner = text[w[OWNER]], .namespace_ = text[w[NAMESPACE]],
					.creator = text[w[CREATOR]],
					.workload_kind = text[w[KIND]],
					.system = tt_settings_is_system(m->st,
									text[w[NAMESPACE]]) };
	}
	return TT_OK;
}

static void renumber(uint32_t *v, size_t n, const uint32_t *place)
{
	for (size_t i = 0; i < n; i++)
		v[i] = place[v[i]];
}

static int make(struct making *m, tt_word_book *ret, tt_err *err)
{
	const tt_snapshot *s = m->s;
	const size_t pods = s->table[TT_PODS].n, nodes = s->table[TT_NODES].n;
	/* without nodes there is nobody to give a demand's money to */
	const size_t demand = nodes ? s->table[TT_DEMAND].n : 0;

	add_pods(m, ret->of_pod);
	add_nodes(m, ret->of_node, ret->node_owner);
	for (size_t i = 0; i < demand; i++)
		ret->of_demand[i] = combine(
			m, TT_ROW(&s->table[TT_DEMAND], tt_demand_row, i)->owner, "", "", "");
	ret->nobody = combine(m, "", "", "", "");
	if (m->failed)
		return tt_no_memory(err);

	TT_CLEANUP(tt_freep) uint32_t *place =
		tt_zalloc(tt_names_count(m->combinations) + 1, sizeof *place);
	if (!place)
		return tt_no_memory(err);
	TT_TRY(number(m, ret, place, err));
	renumber(ret->of_pod, pods, place);
	renumber(ret->of_node, nodes, place);
	renumber(ret->of_demand, demand, place);
	renumber(&ret->nobody, 1, place);
	return TT_OK;
}

int tt_words_make(const tt_case *c, const tt_residents *r, tt_arena *arena,
		  tt_word_book *ret, tt_err *err)
{
	const tt_snapshot *s = c->snapshot;
	const size_t pods = s->table[TT_PODS].n, nodes = s->table[TT_NODES].n;
	const size_t demand = s->table[TT_DEMAND].n;
	struct making m = { .c = c, .s = s, .st = c->settings, .r = r, .arena = arena,
			    .names = tt_names_new(), .combinations = tt_names_new() };
	tt_word_book book = {
		.of_pod = tt_arena_alloc(arena, pods * sizeof *book.of_pod),
		.of_node = tt_arena_alloc(arena, nodes * sizeof *book.of_node),
		.of_demand = tt_arena_alloc(arena, demand * sizeof *book.of_demand),
		.node_owner = tt_arena_alloc(arena, nodes * sizeof *book.node_owner)
	};
	int rc;

	if (!m.names || !m.combinations || !book.of_pod || !book.of_node || !book.of_demand ||
	    !book.node_owner)
		rc = tt_no_memory(err);
	else
		rc = make(&m, &book, err);
	tt_names_free(m.names);
	tt_names_free(m.combinations);
	if (rc == TT_OK)
		*ret = book;
	return rc;
}
