/* SPDX-License-Identifier: MIT
 * summary: the account of a run at its end, on standard error. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

struct run;

/* Prints loglines by event type and handler, rejects by reason, rows by table, time;
 * and for a run that stopped, what is published. */
void summary_print(const struct run *run);

#endif
