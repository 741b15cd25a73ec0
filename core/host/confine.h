/* confine.h - what a process that runs plugins may do: nothing to read, nowhere to print,
 * limits on time and memory. And how it died, in words. */
#ifndef TT_HOST_CONFINE_H
#define TT_HOST_CONFINE_H
#include <stdint.h>

/* For a forked child, before the first plugin runs: a second line behind the checks of
 * services.c. It dies with its parent. */
void tt_confine(int64_t cpu_limit_s, int64_t memory_limit_mib);

/* From now on SIGPROF comes after that much CPU time of this process; 0: never. It counts
 * CPU time alone, so a busy machine blames nobody. */
void tt_confine_timer(int64_t ns);

/* "crashed: signal 11 (Segmentation fault)", from what waitpid() gave, for a process that
 * had `cpu_limit_s` for what it did. */
void tt_confine_death(int status, int64_t cpu_limit_s, char why[512]);
#endif
