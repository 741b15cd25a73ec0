/* generate.c - a fleet's gpu_usage.csv of any size, the same for the same arguments.
 *
 * Cards sample once a minute, in the order in which a scraper would write them: all
 * cards of one minute, then the next minute. Readings look like those of training,
 * inference, notebook, batch, forgotten and spare cards, in tenths of a percent; pods
 * come and go; about one sample in 300 is missing. A hole is at least six minutes
 * long, so that every row stands for one minute and quantiles by rows and by seconds
 * agree: a rival that counts rows must get the same answers.
 *
 * The first days of a longer fleet are those of a shorter one. No fleet to draw
 * conclusions from: examples/fleet makes those. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define START_S 1748736000 /* 2025-06-01T00:00:00Z */
#define CARDS_A_NODE 8
#define BUFFER_BYTES (4u << 20)
#define ROW_MOST (64u << 10)

enum kind { TRAINING, INFERENCE, NOTEBOOK, BATCH, FORGOTTEN, SPARE };
enum form { ORDERED, QUOTED, UNKNOWN, SIX, SHUFFLED, FORMS };
static const char *const form_name[FORMS] = { "ordered", "quoted", "unknown", "six",
	"shuffled" };

typedef struct card {
	uint64_t rng;
	enum kind kind;
	int job_left, gap_left, burst_left, hole_left; /* minutes */
	unsigned job;
	double base, phase, drift;
	int fb_mib;
	char pod[64];          /* "": nobody holds the card */
} card;

static void die(const char *what)
{
	fprintf(stderr, "generate: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- Numbers ------------------------------------------------------------------------ */

static uint64_t next(uint64_t *state) /* splitmix64 */
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static double uniform(card *c)
{
	return (double)(next(&c->rng) >> 11) * 0x1.0p-53;
}

static double bell(card *c) /* near enough to normal: four uniforms */
{
	double sum = 0;

	for (int i = 0; i < 4; i++)
		sum += uniform(c);
	return (sum - 2) * 1.7320508;
}

/* Triangle of one day's length between -1 and 1: a daily cycle without libm. */
static double wave(double minutes)
{
	double x = minutes / 1440 - (double)(int64_t)(minutes / 1440);

	return x < 0.5 ? 4 * x - 1 : 3 - 4 * x;
}

/* --- A card ------------------------------------------------------------------------- */

static void job_start(card *c, size_t number)
{
	static const struct { int shortest, spread, gap; double base, range; } of[] = {
		[TRAINING] = { 240, 5760, 144, 70, 28 }, [INFERENCE] = { 2880, 20000, 0, 20, 40 },
		[NOTEBOOK] = { 60, 1440, 600, 5, 50 },   [BATCH] = { 20, 400, 240, 40, 55 },
		[FORGOTTEN] = { 5000, 20000, 0, 0, 0 },  [SPARE] = { 1 << 30, 0, 0, 0, 0 },
	};
	static const char *const what[] = { "train", "serve", "notebook", "batch", "old", "" };
	static const char *const team[] = { "research", "search", "ads", "vision", "speech",
		"platform", "robotics", "risk" };

	c->job_left = of[c->kind].shortest + (int)(uniform(c) * of[c->kind].spread);
	c->gap_left = (int)(uniform(c) * of[c->kind].gap);
	c->base = of[c->kind].base + of[c->kind].range * uniform(c);
	c->phase = uniform(c) * 200;
	c->drift = 0;
	c->burst_left = 0;
	c->fb_mib = 2000 + (int)(uniform(c) * 76000);
	c->pod[0] = 0;
	if (c->kind != SPARE)
		snprintf(c->pod, sizeof c->pod, "%s-%s-%05x-%u", what[c->kind],
		         team[number / CARDS_A_NODE % 8], (unsigned)(next(&c->rng) & 0xfffff),
		         c->job++ % 16);
}

static void card_start(card *c, size_t number)
{
	*c = (card){ .rng = 0xc0ffee + number * UINT64_C(0x9e3779b97f4a7c15) };
	next(&c->rng);
	double x = uniform(c);
	c->kind = x < 0.35 ? TRAINING : x < 0.60 ? INFERENCE : x < 0.75 ? NOTEBOOK
		: x < 0.88 ? BATCH : x < 0.95 ? FORGOTTEN : SPARE;
	job_start(c, number);
}

static double reading(card *c, int minute)
{
	c->drift = 0.9 * c->drift + 1.2 * bell(c);
	switch (c->kind) {
	case TRAINING: /* dips where it saves its state */
		return (c->base + c->drift) * (c->job_left % 60 < 2 ? 0.25 : 1);
	case INFERENCE:
		return c->base * (0.6 + 0.5 * wave(minute + c->phase)) *
			(minute / 1440 % 7 >= 5 ? 0.6 : 1) + c->drift;
	case NOTEBOOK:
		if (c->burst_left > 0)
			return c->burst_left--, c->base + 2 * c->drift;
		if (uniform(c) < 0.02)
			c->burst_left = 3 + (int)(uniform(c) * 25);
		return 0;
	case BATCH:
		return c->base + 1.5 * c->drift;
	case FORGOTTEN:
	case SPARE:
		break;
	}
	return uniform(c) < 0.01 ? uniform(c) * 4 : 0;
}

/* The reading of this minute in tenths of a percent; -1: there is none. */
static int card_step(card *c, size_t number, int minute)
{
	if (c->job_left == 0 && c->gap_left == 0)
		job_start(c, number);
	double x = 0;
	if (c->job_left > 0) {
		x = reading(c, minute);
		c->job_left--;
	} else {
		c->gap_left--;
		c->pod[0] = 0;
	}
	if (c->hole_left == 0 && uniform(c) < 1.0 / 14400)
		c->hole_left = 6 + (int)(uniform(c) * 74);
	if (c->hole_left > 0) {
		c->hole_left--;
		return -1;
	}
	return x <= 0 ? 0 : x >= 100 ? 1000 : (int)(x * 10 + 0.5);
}

/* --- Text ----------------------------------------------------------------------------- */

typedef struct out {
	int fd;
	size_t n;
	char *buf;             /* [BUFFER_BYTES + ROW_MOST] */
} out;

static void flush(out *o)
{
	for (size_t at = 0; at < o->n;) {
		ssize_t w = write(o->fd, o->buf + at, o->n - at);
		if (w < 0)
			die("write");
		at += (size_t)w;
	}
	o->n = 0;
}

static inline void put(out *o, const char *s, size_t n)
{
	memcpy(o->buf + o->n, s, n);
	o->n += n;
}

static inline void puts_out(out *o, const char *s)
{
	put(o, s, strlen(s));
}

/* v / scale (a power of ten), without zeros at the end of the fraction. */
static void put_number(out *o, unsigned v, unsigned scale)
{
	char text[16];
	size_t at = sizeof text;
	unsigned whole = v / scale;

	do
		text[--at] = (char)('0' + whole % 10);
	while ((whole /= 10) > 0);
	put(o, text + at, sizeof text - at);
	if (v % scale > 0)
		put(o, ".", 1);
	for (unsigned rest = v % scale; rest > 0; rest %= scale) {
		scale /= 10;
		char digit = (char)('0' + rest / scale);
		put(o, &digit, 1);
	}
}

#define SIX_HEADER "time,node,gpu,pod,gpu_util_pct,sm_active_ratio,tensor_active_ratio," \
	"dram_active_ratio,fb_used_mib,power_w\n"
static const char *const header[FORMS] = {
	[ORDERED] = "time,node,gpu,pod,gpu_util_pct\n",
	[QUOTED] = "\"time\",\"node\",\"gpu\",\"pod\",\"gpu_util_pct\"\n",
	[UNKNOWN] = "time,cluster,node,gpu,model_name,pod,gpu_util_pct,driver_version\n",
	[SIX] = SIX_HEADER,
};

static void put_row(out *o, enum form form, const char *time, const char *node, size_t gpu,
                    const card *c, int tenths)
{
	const char *comma = form == QUOTED ? "\",\"" : ",";
	char index[2] = { (char)('0' + gpu), 0 };
	unsigned v = (unsigned)tenths;

	if (form == QUOTED)
		puts_out(o, "\"");
	puts_out(o, time);
	puts_out(o, form == UNKNOWN ? ",west-1," : comma);
	puts_out(o, node);
	puts_out(o, comma);
	puts_out(o, index);
	puts_out(o, form == UNKNOWN ? ",NVIDIA H100 80GB HBM3," : comma);
	puts_out(o, c->pod);
	puts_out(o, comma);
	put_number(o, v, 10);
	if (form == SIX) {
		unsigned of[] = { v * 8, v * 5, v * 6 }; /* of ten thousandths */
		for (int i = 0; i < 3; i++) {
			puts_out(o, ",");
			put_number(o, of[i], 10000);
		}
		puts_out(o, ",");
		put_number(o, c->pod[0] ? (unsigned)c->fb_mib + v % 7 : 4, 1);
		puts_out(o, ",");
		put_number(o, 700 + 6 * v, 10);
	}
	puts_out(o, form == QUOTED ? "\"\n" : form == UNKNOWN ? ",550.54.15\n" : "\n");
}

/* --- Files ------------------------------------------------------------------------------ */

static int create(const char *folder, const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0)
		die(path);
	return fd;
}

static void write_usage(out *o, enum form form, size_t cards, int minutes)
{
	card *c = calloc(cards, sizeof *c);

	if (!c)
		die("cards");
	for (size_t i = 0; i < cards; i++)
		card_start(&c[i], i);
	puts_out(o, header[form]);
	for (int minute = 0; minute < minutes; minute++) {
		char time[32], node[32] = "";
		struct tm tm;
		time_t at = START_S + 60 * (time_t)minute;
		gmtime_r(&at, &tm);
		strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &tm);
		for (size_t i = 0; i < cards; i++) {
			if (i % CARDS_A_NODE == 0)
				snprintf(node, sizeof node, "gpu-node-%03zu", i / CARDS_A_NODE);
			int tenths = card_step(&c[i], i, minute);
			if (tenths >= 0)
				put_row(o, form, time, node, i % CARDS_A_NODE, &c[i], tenths);
			if (o->n >= BUFFER_BYTES)
				flush(o);
		}
	}
	free(c);
}

/* The rows of the file `from` in an order of chance. */
static void write_shuffled(out *o, const char *from)
{
	struct stat st;
	uint64_t rng = 4711;
	size_t n = 0, cap = 0;
	size_t *row = NULL;
	int fd = open(from, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) != 0)
		die(from);
	const char *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		die(from);
	const char *end = p + st.st_size, *first = memchr(p, '\n', (size_t)st.st_size);
	for (const char *s = first + 1; s < end; s = (const char *)rawmemchr(s, '\n') + 1) {
		if (n == cap) {
			cap = cap ? 2 * cap : 1 << 20;
			row = realloc(row, cap * sizeof *row);
			if (!row)
				die("rows");
		}
		row[n++] = (size_t)(s - p);
	}
	put(o, p, (size_t)(first - p) + 1);
	for (size_t i = n; i > 0; i--) {
		size_t k = next(&rng) % i, at = row[k];
		row[k] = row[i - 1];
		put(o, p + at, (size_t)((const char *)rawmemchr(p + at, '\n') - (p + at)) + 1);
		if (o->n >= BUFFER_BYTES)
			flush(o);
	}
	free(row);
	munmap((void *)(uintptr_t)p, (size_t)st.st_size);
	close(fd);
}

static void write_small(const char *folder, size_t cards, long days)
{
	time_t end = START_S + 86400 * days;
	char text[32];
	struct tm tm;

	gmtime_r(&end, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	dprintf(create(folder, "snapshot.yaml"), "name: bench-%zu-%ld\nstart: "
	        "2025-06-01T00:00:00Z\nend: %s\ncurrency: USD\nstep: 60s\n", cards, days, text);
	int fd = create(folder, "nodes.csv");
	dprintf(fd, "node,gpu_model,gpus,price_per_hour\n");
	for (size_t i = 0; i < cards; i += CARDS_A_NODE)
		dprintf(fd, "gpu-node-%03zu,H100,%d,98.32\n", i / CARDS_A_NODE, CARDS_A_NODE);
}

int main(int argc, char **argv)
{
	enum form form = ORDERED;
	out o = { .buf = malloc(BUFFER_BYTES + ROW_MOST) };

	while (argc >= 5 && form < FORMS && strcmp(argv[4], form_name[form]) != 0)
		form++;
	long cards = argc >= 5 ? strtol(argv[2], NULL, 10) : 0;
	long days = argc >= 5 ? strtol(argv[3], NULL, 10) : 0;
	if (cards < 1 || cards > 8000 || days < 1 || days > 365 || form == FORMS ||
	    (form == SHUFFLED) != (argc == 6)) {
		fprintf(stderr, "usage: generate FOLDER CARDS DAYS ordered|quoted|unknown|six\n"
		        "       generate FOLDER CARDS DAYS shuffled ORDERED.csv\n");
		return 2;
	}
	if (!o.buf)
		die("buffer");
	if (mkdir(argv[1], 0777) != 0 && errno != EEXIST)
		die(argv[1]);
	write_small(argv[1], (size_t)cards, days);
	o.fd = create(argv[1], "gpu_usage.csv");
	if (form == SHUFFLED)
		write_shuffled(&o, argv[5]);
	else
		write_usage(&o, form, (size_t)cards, (int)days * 1440);
	flush(&o);
	if (close(o.fd) != 0)
		die("gpu_usage.csv");
	free(o.buf);
	return 0;
}
