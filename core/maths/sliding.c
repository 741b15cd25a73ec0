#include "maths/sliding.h"

static int64_t clamp(int64_t v, int64_t most)
{
	return v < -most ? -most : v > most ? most : v;
}

/* `room` is a queue of indices whose values fall: the first is the maximum, and what is
 * not above a later one can never become it. */
void tt_sliding_max(const int64_t *v, size_t n, int64_t from, int64_t to, size_t *room,
                    int64_t *ret)
{
	const int64_t count = (int64_t)n;
	size_t head = 0, tail = 0;
	int64_t next = 0;

	from = clamp(from, count); /* farther than n is outside for every i */
	to = clamp(to, count);
	for (int64_t i = 0; i < count; i++) {
		for (; next < count && next <= i + to; next++) {
			while (tail > head && v[room[tail - 1]] <= v[next])
				tail--;
			room[tail++] = (size_t)next;
		}
		while (head < tail && (int64_t)room[head] < i + from)
			head++;
		ret[i] = head < tail ? v[room[head]] : v[i];
	}
}
