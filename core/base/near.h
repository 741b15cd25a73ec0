/* near.h - which of a list of words somebody may have meant, for messages. */
#ifndef TT_BASE_NEAR_H
#define TT_BASE_NEAR_H

/* The word of the NULL-terminated list that is nearest to `s`, or that `s` begins; NULL
 * when none is near. Blanks around `s` and the case of its letters are no difference. */
const char *tt_nearest_word(const char *s, const char *const *words);
#endif
