/* SPDX-License-Identifier: MIT
 * Reads and writes that wait on non-blocking descriptors, and identities. */
#include "base/descriptor.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

bool descriptor_write(int descriptor, const char *data, size_t size)
{
    for (const char *end = data + size; data < end;) {
        ssize_t written = write(descriptor, data, (size_t)(end - data));
        if (written > 0) data += written;
        else if (written < 0 && would_block())
            poll(&(struct pollfd){.fd = descriptor, .events = POLLOUT}, 1, -1);
        else if (written < 0 && errno != EINTR) return false;
    }
    return true;
}

ssize_t descriptor_read(int descriptor, void *data, size_t size)
{
    for (;;) {
        ssize_t count = read(descriptor, data, size);
        if (count >= 0 || !would_block()) return count;
        if (poll(&(struct pollfd){.fd = descriptor, .events = POLLIN}, 1, -1) < 0) return -1;
    }
}

struct identity identity_of(const struct stat *status)
{
    return (struct identity){status->st_dev, status->st_rdev, status->st_ino, status->st_mode & S_IFMT};
}

bool identity_holds(const struct identity *identity, int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status)) return false;
    struct identity now = identity_of(&status);
    return now.device == identity->device && now.special == identity->special &&
           now.inode == identity->inode && now.kind == identity->kind;
}
