/* leftovers.h - files and folders that exist only while we work, so that an interrupt
 * (Ctrl-C, SIGTERM, SIGHUP), or the end of whoever read our output (SIGPIPE, as in
 * `trimtab audit fleet | head`), takes them away as well. What is removed on every ordinary
 * way out is removed there; this is only for the way that runs no code of ours. A kill
 * can't be answered: the next build sweeps what that leaves.
 *
 * Threads: add and done from any; watch once, by main. A forked child keeps the list
 * but removes nothing: the files are its parent's. */
#ifndef TT_LEFTOVERS_H
#define TT_LEFTOVERS_H

/* From here on an interrupt removes what is on the list, newest first, and ends the
 * process as it would have ended. An interrupt that is ignored (nohup) stays so. */
void tt_leftovers_watch(void);

/* `path` goes on the list, copied: a file, or a folder that is removed when empty. A full
 * list (8) or a path over 4095 bytes is no error: it then stays behind an interrupt. */
void tt_leftover_add(const char *path);

/* It has been removed or renamed. A path that is not on the list is passed over. */
void tt_leftover_done(const char *path);

#endif
