/* out.h - a buffered file with number formatting of its own.
 *
 * printf is too slow for millions of rows and knows a locale; these few writers do what the
 * tables need and no more. A failure sticks and is told once, by out_close(). */
#ifndef FLEET_OUT_H
#define FLEET_OUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct out {
	int fd;
	int error;     /* errno of the first failure, 0 while well */
	size_t n;
	char *buf;
	char path[4096];
};

/* Create `folder`/`name`. Returns false with the reason in o->error. */
bool out_open(struct out *o, const char *folder, const char *name);

/* Write what is left and close; returns false with the reason in o->error. */
bool out_close(struct out *o);

void out_bytes(struct out *o, const char *s, size_t n);
void out_text(struct out *o, const char *s);
void out_char(struct out *o, char c);
void out_int(struct out *o, int64_t v);

/* `v` counts units of 10^-decimals; all decimals are written: (985, 1) gives 98.5. */
void out_fixed(struct out *o, int64_t v, int decimals);

/* The same in the shortest form: (250, 3) gives 0.25 and (8000, 3) gives 8. */
void out_short(struct out *o, int64_t v, int decimals);

/* YYYY-MM-DDTHH:MM:SSZ, 20 characters, without a terminator. */
#define OUT_TIME_SIZE 20
void time_text(int64_t t_s, char *ret);
void out_time(struct out *o, int64_t t_s);
#endif
