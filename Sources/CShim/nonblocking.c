#include "call.h"
#include "include/fork_shim.h"
#include <fcntl.h>

int64_t apus_set_nonblocking(int32_t fd) {
  int64_t flags = KERNEL(fcntl(fd, F_GETFL));
  return flags < 0 ? flags : KERNEL(fcntl(fd, F_SETFL, (int)flags | O_NONBLOCK));
}
