#include "call.h"
#include "include/CShim.h"
#include <linux/capability.h>

int64_t apus_setgroups(uint64_t count, const uint32_t *groups) { return KERNEL(syscall(SYS_setgroups, count, groups)); }
int64_t apus_getgroups(uint64_t count, uint32_t *groups) { return KERNEL(syscall(SYS_getgroups, count, groups)); }
int64_t apus_setresuid(uint32_t uid) { return KERNEL(syscall(SYS_setresuid, uid, uid, uid)); }
int64_t apus_setresgid(uint32_t gid) { return KERNEL(syscall(SYS_setresgid, gid, gid, gid)); }
int64_t apus_geteuid(void) { return syscall(SYS_geteuid); }
int64_t apus_getegid(void) { return syscall(SYS_getegid); }
int64_t apus_getuid(void) { return syscall(SYS_getuid); }
int64_t apus_getgid(void) { return syscall(SYS_getgid); }
int64_t apus_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {
      {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
      {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)}};
  return KERNEL(syscall(SYS_capset, &header, data));
}
int64_t apus_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  int64_t result = KERNEL(syscall(SYS_capget, &header, data));
  if (result < 0) return result;
  *effective = (uint64_t)data[1].effective << 32 | data[0].effective;
  *permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
  *inheritable = (uint64_t)data[1].inheritable << 32 | data[0].inheritable;
  return 0;
}
