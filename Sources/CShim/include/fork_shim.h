// For programs that run beside the container, hooks and the host's `ps`, and for the relay between the
// caller's terminal and the container's.
#pragma once
#include <stdint.h>

// clone(2) as fork(2) with a pidfd. Not clone3: filters of engines answer ENOSYS to that, and where a
// filter notifies, startContainer hooks are forked under it.
int64_t apus_fork(int32_t *pidfd);
int64_t apus_set_nonblocking(int32_t fd, int32_t on);
