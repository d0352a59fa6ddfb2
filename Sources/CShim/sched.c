#include "call.h"
#include "include/sched_shim.h"

_Static_assert(sizeof(struct apus_sched_attributes) == 56, "SCHED_ATTR_SIZE_VER1");

int64_t apus_sched_setattr(int32_t pid, const struct apus_sched_attributes *attributes) {
  return KERNEL(syscall(SYS_sched_setattr, pid, attributes, 0));
}
int64_t apus_sched_getattr(int32_t pid, struct apus_sched_attributes *attributes) {
  return KERNEL(syscall(SYS_sched_getattr, pid, attributes, sizeof *attributes, 0));
}
int64_t apus_sched_setaffinity(int32_t pid, uint64_t size, const uint64_t *mask) {
  return KERNEL(syscall(SYS_sched_setaffinity, pid, size, mask));
}
int64_t apus_ioprio_set(int32_t which, int32_t who, int32_t priority) {
  return KERNEL(syscall(SYS_ioprio_set, which, who, priority));
}
int64_t apus_ioprio_get(int32_t which, int32_t who) { return KERNEL(syscall(SYS_ioprio_get, which, who)); }
int64_t apus_personality(uint64_t persona) { return KERNEL(syscall(SYS_personality, persona)); }
int64_t apus_set_mempolicy(int32_t mode, const uint64_t *mask, uint64_t bits) {
  return KERNEL(syscall(SYS_set_mempolicy, mode, mask, bits));
}
