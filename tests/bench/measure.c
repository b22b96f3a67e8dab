/* SPDX-License-Identifier: MIT
 * measure: runs a command and writes "seconds, peak memory in KiB, exit status" of it as a line to a file. A program of its own
 * because the peak that the system reports of a process counts from its fork on: what forks must be small.
 *
 *   measure RESULT COMMAND [ARGUMENT...] */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    if (argc < 3) return 2;
    double start = now();
    pid_t child = fork();
    if (!child) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) return perror("measure"), 1;
    double seconds = now() - start;
    FILE *result = fopen(argv[1], "w");
    if (!result) return perror(argv[1]), 1;
    fprintf(result, "%.6f %ld %d\n", seconds, usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return fclose(result) ? 1 : 0;
}
