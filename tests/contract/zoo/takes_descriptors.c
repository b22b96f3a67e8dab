/* SPDX-License-Identifier: MIT */
#include "zoo.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Closes what the host writes to, and opens files of its own in its stead. */
ZOO_HANDLER
{
    struct stat status;
    for (int number = 3; number < 64; number++)
        if (!fstat(number, &status) && S_ISREG(status.st_mode) && (fcntl(number, F_GETFL) & O_ACCMODE) == O_WRONLY) {
            close(number);
            open("mine.so", O_WRONLY | O_CREAT, 0666);
        }
    return emit_position(context, t);
}
