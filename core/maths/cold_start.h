/* cold_start.h - how long a replica takes from being asked for until it serves.
 *
 * A node comes up, the image is pulled, the weights of the model are read from disk or
 * network and copied to the card, the engine starts. Nothing here knows what that costs or
 * who waits meanwhile. Pure functions, any thread. */
#ifndef TT_MATHS_COLD_START_H
#define TT_MATHS_COLD_START_H
#include <stdbool.h>

/* NaN where something is not known: then so is the time. What is there already (a warm node,
 * an image in the cache) takes 0 s or has 0 bytes, and a speed that moves 0 bytes is not
 * looked at. */
typedef struct tt_cold_start {
	double node_s;              /* from asking for a node until it takes pods */
	double image_bytes, image_bytes_per_s;
	double model_bytes;         /* the weights */
	double read_bytes_per_s;    /* from where they lie */
	double copy_bytes_per_s;    /* from memory to the card */
	double init_s;              /* the engine: graphs, caches, warm-up */
	bool streamed;              /* copies while it reads: takes the longer of the two */
} tt_cold_start;

typedef struct tt_cold_start_parts {
	double node_s, image_s;
	double read_s, copy_s;      /* each alone */
	double load_s;              /* both: their sum, or the longer when streamed */
	double init_s;
} tt_cold_start_parts;

/* Seconds in all, and of each part into `ret_parts` (may be NULL). NaN when a part is not
 * known or negative, INFINITY when something has to come at 0 bytes/s. */
double tt_cold_start_s(const tt_cold_start *c, tt_cold_start_parts *ret_parts);
#endif
