#include "call.h"
#include "include/CShim.h"
#include <linux/mount.h>
#include <string.h>

// Debian 12's headers know neither call; the numbers are the same on every architecture.
#define AT_EMPTY_PATH_ 0x1000
#define STATX_MNT_ID_UNIQUE_ 0x4000U

int64_t apus_fsopen(const char *type) { return KERNEL(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)); }
int64_t apus_fsconfig(int32_t fd, uint32_t command, const char *key, const char *value, int32_t aux) {
  return KERNEL(syscall(SYS_fsconfig, fd, command, key, value, aux));
}
int64_t apus_fsmount(int32_t fd, uint32_t attributes) { return KERNEL(syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attributes)); }
int64_t apus_open_tree(int32_t directory, const char *path, uint32_t flags) {
  return KERNEL(syscall(SYS_open_tree, directory, path, flags));
}
int64_t apus_move_mount(int32_t from, const char *from_path, int32_t to, const char *to_path, uint32_t flags) {
  return KERNEL(syscall(SYS_move_mount, from, from_path, to, to_path, flags));
}
int64_t apus_mount_setattr(int32_t directory, const char *path, uint32_t flags, uint64_t set, uint64_t clear,
                           uint64_t propagation, uint64_t user_namespace) {
  uint64_t attributes[4] = {set, clear, propagation, user_namespace};
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
  return KERNEL(syscall(SYS_mount_setattr, directory, path, flags, attributes, sizeof attributes));
}
int64_t apus_mount(const char *source, const char *target, const char *type, uint64_t flags, const char *data) {
  return KERNEL(syscall(SYS_mount, source, target, type, flags, data));
}
int64_t apus_umount(const char *target, uint32_t flags) { return KERNEL(syscall(SYS_umount2, target, flags)); }
int64_t apus_pivot_root(const char *new_root, const char *put_old) {
  return KERNEL(syscall(SYS_pivot_root, new_root, put_old));
}
int64_t apus_unique_mount_id(int32_t fd, uint64_t *id) {
  unsigned char status[256];
  memset(status, 0, sizeof status);
  int64_t result = KERNEL(syscall(SYS_statx, fd, "", AT_EMPTY_PATH_, STATX_MNT_ID_UNIQUE_, status));
  if (result < 0) return result;
  uint32_t mask;
  memcpy(&mask, status, sizeof mask);
  if (!(mask & STATX_MNT_ID_UNIQUE_)) return -ENOSYS;
  memcpy(id, status + 0x90, sizeof *id);
  return 0;
}
int64_t apus_is_mount_root(int32_t fd) {
  unsigned char status[256];
  int64_t result = KERNEL(syscall(SYS_statx, fd, "", AT_EMPTY_PATH_, 0, status));
  if (result < 0) return result;
  uint64_t attributes;
  memcpy(&attributes, status + 8, sizeof attributes);
  return attributes & 0x2000 ? 1 : 0;  // STATX_ATTR_MOUNT_ROOT
}
