#include "call.h"
#include "include/fork_shim.h"
#include <fcntl.h>

int64_t apus_set_nonblocking(int32_t fd, int32_t on) {
  int64_t flags = KERNEL(fcntl(fd, F_GETFL));
  if (flags < 0) return flags;
  return KERNEL(fcntl(fd, F_SETFL, on ? (int)flags | O_NONBLOCK : (int)flags & ~O_NONBLOCK));
}
