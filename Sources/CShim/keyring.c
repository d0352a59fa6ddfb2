#include "call.h"
#include "include/CShim.h"
#include <linux/keyctl.h>

int64_t apus_keyctl_join_session(const char *name) { return KERNEL(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name)); }
int64_t apus_keyctl_set_permissions(int32_t key, uint32_t permissions) {
  return KERNEL(syscall(SYS_keyctl, KEYCTL_SETPERM, key, permissions));
}
int64_t apus_keyctl_describe(int32_t key, char *buffer, uint64_t size) {
  return KERNEL(syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, buffer, size));
}
int64_t apus_random(void *buffer, uint64_t size) { return KERNEL(syscall(SYS_getrandom, buffer, size, 0)); }
