#include "near.h"
#include <stdint.h>
#include <string.h>

enum { LONGEST = 32 };

/* How many letters have to be added, dropped or changed. */
static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST + 1], na = strlen(a), nb = strlen(b);

	if (na > LONGEST || nb > LONGEST)
		return SIZE_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t best = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[nb];
}

/* In small letters and without blanks at its ends; false when it is too long. */
static int plain(const char *s, char to[LONGEST + 1])
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n > 0 && strchr(" \t", s[n - 1]))
		n--;
	if (n > LONGEST)
		return 0;
	for (size_t i = 0; i < n; i++)
		to[i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] - 'A' + 'a') : s[i];
	to[n] = '\0';
	return 1;
}

const char *tt_nearest_word(const char *s, const char *const *words)
{
	char is[LONGEST + 1];
	const char *best = NULL;

	if (!plain(s, is))
		return NULL;

	size_t least = strlen(is) / 2 + 1; /* further away it is another word */

	for (; *words; words++) {
		size_t d = distance(is, *words);

		if (d < least || (strlen(is) >= 3 && strncmp(is, *words, strlen(is)) == 0)) {
			least = d < least ? d : least;
			best = *words;
		}
	}
	return best;
}
