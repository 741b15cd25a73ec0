#include "maths/nth.h"

/* Parted around a value until one is left. */
double tt_nth_largest(double *v, size_t n, size_t rank)
{
	size_t low = 0, high = n - 1;

	while (low < high) {
		const double pivot = v[low + (high - low) / 2];
		size_t i = low, j = high;

		for (;;) {
			while (v[i] > pivot)
				i++;
			while (v[j] < pivot)
				j--;
			if (i >= j)
				break;
			const double swapped = v[i];

			v[i++] = v[j];
			v[j--] = swapped;
		}
		/* all up to j are at least the pivot, all after it at most */
		j -= i == j && v[j] < pivot;
		if (rank <= j)
			high = j;
		else
			low = j + 1;
	}
	return v[rank];
}
