/* SPDX-License-Identifier: MIT
 * supervisor: a small parent of the process that does the work. A plugin shares that process and can end it without a word:
 * by _exit(), by another program in its place, by using up the memory. The parent outlives it, names what ran, removes
 * temporary files, and ends as the work ended: with its exit status, or by its signal. */
#ifndef RUN_SUPERVISOR_H
#define RUN_SUPERVISOR_H

/* Does `work` in a child process and returns the exit status of all. The child is to call guard_conclude() where its end is
 * in order; an end without that, or without a report of guard's, is a failure. Where the system allows no child, the work is
 * done here, with a warning. Once a process, before it has threads or text to be written. [main thread] */
int supervisor_run(int (*work)(void *data), void *data);

#endif
