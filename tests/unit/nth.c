/* Every rank of many small arrays with equals, beside sorting them; and a long run of equals. */
#include "maths/nth.h"
#include "t.h"
#include <stdint.h>
#include <stdlib.h>

static int falling(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

int main(void)
{
	static double big[20000];
	uint64_t state = 3;

	for (int round = 0; round < 20000; round++) {
		double v[12], sorted[12];
		size_t n = 0, rank;

		do {
			state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
			v[n] = sorted[n] = (double)((state >> 33) % 7) - 3;
		} while (++n < 12 && (state >> 60) != 5);
		rank = (size_t)(state >> 40) % n;
		qsort(sorted, n, sizeof *sorted, falling);
		const double found = tt_nth_largest(v, n, rank);

		if (found != sorted[rank] || v[rank] != found)
			T_F64(sorted[rank], found, 0);
		for (size_t i = 0; i < n; i++)
			if (i < rank ? v[i] < found : v[i] > found)
				T_INT(round, -1);
	}
	T_F64(1, tt_nth_largest((double[]){ 1 }, 1, 0), 0);
	for (size_t i = 0; i < 20000; i++)
		big[i] = (double)(i / 10000);
	T_F64(1, tt_nth_largest(big, 20000, 9999), 0);
	T_F64(0, tt_nth_largest(big, 20000, 10000), 0);
	return T_END();
}
