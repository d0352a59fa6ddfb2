#include "call.h"
#include "include/seccomp_shim.h"
#include <linux/filter.h>
#include <linux/seccomp.h>

int64_t apus_seccomp_load(const void *instructions, uint16_t count, uint32_t flags) {
  struct sock_fprog program = {count, (struct sock_filter *)instructions};
  return KERNEL(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}
