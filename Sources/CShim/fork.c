#include "call.h"
#include "include/fork_shim.h"
#include <linux/sched.h>
#include <signal.h>

int64_t apus_fork(int32_t *pidfd) {
  // The fourth and fifth argument trade places between architectures, but both are unused.
  return KERNEL(syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, pidfd, 0, 0));
}
