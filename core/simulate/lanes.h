/* lanes.h - one week of demand in 16 worlds at a time: the loop that worlds are made of.
 *
 * Draws are those of draws.h (world w's hour h is in block h / 4 of TT_DRAW_HOUR_LEVEL), only
 * computed side by side. They become normals by Box and Muller, in single precision and by
 * polynomials of our own: 24 bits are plenty for what is then rounded to whole units. Lanes
 * never mix, and every operation is exact by the standard and never contracted, so a world
 * has the same bits in any lane, for AVX2 or without. Not for scalars of a world, which are
 * inverted in double precision. */
#ifndef TT_SIMULATE_LANES_H
#define TT_SIMULATE_LANES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TT_LANES 16
#define TT_WEEK_H 168

typedef struct tt_lanes_model {
	uint32_t key[2];
	float hour_carry, hour_sd, week_carry, week_sd;
	float most;
} tt_lanes_model;

typedef struct tt_lanes {            /* from one week to the next */
	uint64_t world;              /* of lane 0; lane l is world + l */
	float hour_level[TT_LANES], week_level[TT_LANES];
	float tilt[TT_LANES];        /* this week's, logarithm: set by the caller */
	int32_t peak[TT_LANES];      /* largest demand so far */
	float week_normal[4 * TT_LANES];
	uint32_t bits[TT_WEEK_H * TT_LANES];
	float normal[TT_WEEK_H * TT_LANES]; /* this week's, [hour][lane] */
	int32_t demand[TT_WEEK_H * TT_LANES]; /* the result, [hour][lane] */
} tt_lanes;

/* Which code: the best this processor has, or one of them (a test compares their bits). */
enum tt_lanes_code { TT_LANES_BEST, TT_LANES_PLAIN, TT_LANES_AVX2 };
bool tt_lanes_usable(enum tt_lanes_code code);

/* Week number `week`, weeks in order from 0, of demand scale[h] e^(levels and tilt), h =
 * 0 .. 167, rounded to whole units and at most `most`. */
typedef void tt_lanes_week(const tt_lanes_model *m, uint32_t week, const float *scale,
                           tt_lanes *lanes);
tt_lanes_week *tt_lanes_find(enum tt_lanes_code code);
#endif
