#include "call.h"
#include "include/CShim.h"
#include <sys/xattr.h>

int64_t apus_fsetxattr(
    int32_t fd, const char *name, const void *value, uint64_t size, int32_t is_new) {
  return KERNEL(fsetxattr(fd, name, value, size, is_new ? XATTR_CREATE : 0));
}
int64_t apus_fremovexattr(int32_t fd, const char *name) {
  return KERNEL(fremovexattr(fd, name));
}
int64_t apus_fgetxattr(int32_t fd, const char *name, void *value, uint64_t size) {
  return KERNEL(fgetxattr(fd, name, value, size));
}
