/* Moving maxima: replicas of a week by published figures, and every window by hand. */
#include "maths/sliding.h"
#include "t.h"

enum { WEEK = 168 };

static void test_week(void)
{
	int64_t need[WEEK], got[WEEK], sum, lacking;
	size_t room[WEEK];
	static const int64_t leads[] = { 0, 1, 3 }, ahead[] = { 1558, 1652, 1808 };
	static const int64_t reactive[] = { 1803, 1971, 2139 }, lacks[] = { 59, 37, 27 };

	for (int t = 0; t < WEEK; t++) {
		int load = 50 + (t % 24 >= 9 && t % 24 < 18 ? 30 : 0) + 37 * t % 17 +
			   (t % 41 == 13 ? 60 : 0);

		need[t] = (load + 7) / 8;
	}
	for (int k = 0; k < 3; k++) {
		tt_sliding_max(need, WEEK, 0, leads[k], room, got);
		sum = 0;
		for (int t = 0; t < WEEK; t++)
			sum += got[t];
		T_INT(ahead[k], sum);
	}
	/* seen an hour late, and kept for three */
	tt_sliding_max(need, WEEK, -4, -1, room, got);
	for (int k = 0; k < 3; k++) {
		sum = lacking = 0;
		for (int t = 0; t < WEEK; t++) {
			sum += got[t] + k;
			lacking += need[t] > got[t] + k ? need[t] - got[t] - k : 0;
		}
		T_INT(reactive[k], sum);
		T_INT(lacks[k], lacking);
	}
}

static void test_all_windows(void)
{
	int64_t v[23], got[23];
	size_t room[23];

	for (int i = 0; i < 23; i++)
		v[i] = (i * 7 + 3) % 11 * (i % 3 ? 1 : -1);
	for (int n = 0; n <= 23; n++) {
		for (int from = -25; from <= 25; from++) {
			for (int to = from; to <= 25; to++) {
				tt_sliding_max(v, (size_t)n, from, to, room, got);
				for (int i = 0; i < n; i++) {
					int64_t want = INT64_MIN;

					for (int j = i + from; j <= i + to; j++)
						if (j >= 0 && j < n && v[j] > want)
							want = v[j];
					if (want == INT64_MIN)
						want = v[i];
					if (want != got[i]) {
						T_INT(want, got[i]);
						return;
					}
				}
			}
		}
	}
	tt_sliding_max(v, 23, INT64_MIN, INT64_MAX, room, got);
	T_INT(10, got[0]);
	T_OK(1);
}

int main(void)
{
	test_week();
	test_all_windows();
	return T_END();
}
