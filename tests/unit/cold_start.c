/* From asking for a replica until it serves: published figures, and what is not known. */
#include "maths/cold_start.h"
#include "t.h"
#include <stddef.h>

static const tt_cold_start known = {
	.node_s = 90, .image_bytes = 15e9, .image_bytes_per_s = .5e9, .model_bytes = 140e9,
	.read_bytes_per_s = 2e9, .copy_bytes_per_s = 25e9, .init_s = 20,
};

static void test_published(void)
{
	tt_cold_start c = known;
	tt_cold_start_parts p;

	T_F64(215.6, tt_cold_start_s(&c, &p), 1e-12);
	T_F64(90, p.node_s, 0);
	T_F64(30, p.image_s, 0);
	T_F64(70, p.read_s, 0); /* the disk has most of it */
	T_F64(5.6, p.copy_s, 1e-12);
	T_F64(75.6, p.load_s, 1e-12);
	T_F64(20, p.init_s, 0);
	c.streamed = true;
	T_F64(210, tt_cold_start_s(&c, &p), 0);
	T_F64(70, p.load_s, 0);
	c.read_bytes_per_s = 100e9; /* then the card is what is slow */
	T_F64(145.6, tt_cold_start_s(&c, NULL), 1e-12);
}

static void test_there_already(void)
{
	tt_cold_start c = { 0 };

	T_F64(0, tt_cold_start_s(&c, NULL), 0);
	c = known;
	c.node_s = 0;
	c.image_bytes = 0;
	c.image_bytes_per_s = (double)NAN; /* pulls nothing */
	T_F64(95.6, tt_cold_start_s(&c, NULL), 1e-12);
	c.model_bytes = 0;
	T_F64(20, tt_cold_start_s(&c, NULL), 0);
}

/* Each of the figures in turn; streaming hides none of them. */
static void test_not_known(void)
{
	static const size_t at[] = {
		offsetof(tt_cold_start, node_s), offsetof(tt_cold_start, image_bytes),
		offsetof(tt_cold_start, image_bytes_per_s), offsetof(tt_cold_start, model_bytes),
		offsetof(tt_cold_start, read_bytes_per_s),
		offsetof(tt_cold_start, copy_bytes_per_s), offsetof(tt_cold_start, init_s),
	};
	static const double bad[] = { (double)NAN, -1 };

	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		for (int k = 0; k < 4; k++) {
			tt_cold_start c = known;

			c.streamed = k & 1;
			memcpy((char *)&c + at[i], &bad[k / 2], sizeof *bad);
			T_F64((double)NAN, tt_cold_start_s(&c, NULL), 0);
		}
	}

	tt_cold_start c = known;

	c.read_bytes_per_s = 0; /* never comes */
	T_F64((double)INFINITY, tt_cold_start_s(&c, NULL), 0);
	c.copy_bytes_per_s = (double)NAN;
	c.streamed = true;
	T_F64((double)NAN, tt_cold_start_s(&c, NULL), 0);
}

int main(void)
{
	test_published();
	test_there_already();
	test_not_known();
	return T_END();
}
