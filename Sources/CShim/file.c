#include "call.h"
#include "include/CShim.h"
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#ifndef STATX_TYPE  // musl before 1.2.4 has no statx
#include <linux/stat.h>
#endif

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000U
#endif

int64_t apus_openat2(int32_t directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
  return KERNEL(syscall(SYS_openat2, directory, path, &how, sizeof how));
}
int64_t apus_openat(int32_t directory, const char *path, uint32_t flags, uint32_t mode) {
  return KERNEL(openat(directory, path, (int)flags, mode));
}
int64_t apus_close(int32_t fd) { return KERNEL(close(fd)); }
int64_t apus_dup_above(int32_t fd, int32_t least) { return KERNEL(fcntl(fd, F_DUPFD_CLOEXEC, least)); }
int64_t apus_dup3(int32_t fd, int32_t number, uint32_t flags) { return KERNEL(dup3(fd, number, (int)flags)); }
int64_t apus_set_close_on_exec(int32_t fd, int32_t on) { return KERNEL(fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0)); }
int64_t apus_is_open(int32_t fd) { return KERNEL(fcntl(fd, F_GETFD)) < 0 ? -(int64_t)errno : 1; }
int64_t apus_status_flags(int32_t fd) { return KERNEL(fcntl(fd, F_GETFL)); }
int64_t apus_statx(int32_t directory, const char *path, uint32_t flags, struct apus_status *out) {
  struct statx status;
  int64_t result = KERNEL(syscall(SYS_statx, directory, path, flags, STATX_BASIC_STATS | STATX_MNT_ID, &status));
  if (result < 0) return result;
  // stx_mnt_id follows the two device numbers; old headers call it spare.
  uint64_t mount_id = *(const uint64_t *)((const char *)&status + 0x90);
  *out = (struct apus_status){
      .inode = status.stx_ino, .size = status.stx_size, .mount_id = mount_id,
      .mode = status.stx_mode, .uid = status.stx_uid, .gid = status.stx_gid, .links = status.stx_nlink,
      .device_major = status.stx_dev_major, .device_minor = status.stx_dev_minor,
      .special_major = status.stx_rdev_major, .special_minor = status.stx_rdev_minor,
      .mask = status.stx_mask};
  return 0;
}
int64_t apus_fstatfs(int32_t fd, struct apus_statfs *out) {
  struct statfs status;
  int64_t result = KERNEL(fstatfs(fd, &status));
  if (result < 0) return result;
  *out = (struct apus_statfs){.type = (uint64_t)status.f_type, .flags = (uint64_t)status.f_flags};
  return 0;
}
int64_t apus_read(int32_t fd, void *buffer, uint64_t count) { return KERNEL(read(fd, buffer, count)); }
int64_t apus_write(int32_t fd, const void *buffer, uint64_t count) { return KERNEL(write(fd, buffer, count)); }
int64_t apus_lseek(int32_t fd, int64_t offset, int32_t whence) { return KERNEL(lseek(fd, offset, whence)); }
int64_t apus_mkdirat(int32_t directory, const char *path, uint32_t mode) { return KERNEL(mkdirat(directory, path, mode)); }
int64_t apus_mknodat(int32_t directory, const char *path, uint32_t mode, uint32_t major, uint32_t minor) {
  return KERNEL(mknodat(directory, path, mode, makedev(major, minor)));
}
int64_t apus_symlinkat(const char *target, int32_t directory, const char *path) {
  return KERNEL(symlinkat(target, directory, path));
}
int64_t apus_linkat(const char *source, int32_t directory, const char *path) {
  return KERNEL(linkat(AT_FDCWD, source, directory, path, AT_SYMLINK_FOLLOW));
}
int64_t apus_unlinkat(int32_t directory, const char *path, uint32_t flags) {
  return KERNEL(unlinkat(directory, path, (int)flags));
}
int64_t apus_renameat2(int32_t from, const char *old, int32_t to, const char *new_name, uint32_t flags) {
  return KERNEL(syscall(SYS_renameat2, from, old, to, new_name, flags));
}
int64_t apus_readlinkat(int32_t directory, const char *path, char *buffer, uint64_t size) {
  return KERNEL(readlinkat(directory, path, buffer, size));
}
int64_t apus_fchownat(int32_t directory, const char *path, uint32_t uid, uint32_t gid, uint32_t flags) {
  return KERNEL(fchownat(directory, path, uid, gid, (int)flags));
}
int64_t apus_fchmod(int32_t fd, uint32_t mode) { return KERNEL(fchmod(fd, mode)); }
int64_t apus_fchmodat(int32_t directory, const char *path, uint32_t mode) {
  return KERNEL(fchmodat(directory, path, mode, 0));
}
int64_t apus_faccessat(int32_t directory, const char *path, uint32_t mode, uint32_t flags) {
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
  return KERNEL(syscall(SYS_faccessat2, directory, path, mode, flags));
}
int64_t apus_ftruncate(int32_t fd, int64_t size) { return KERNEL(ftruncate(fd, size)); }
int64_t apus_flock(int32_t fd, int32_t operation) { return KERNEL(flock(fd, operation)); }
int64_t apus_getdents(int32_t fd, void *buffer, uint64_t size) { return KERNEL(syscall(SYS_getdents64, fd, buffer, size)); }
int64_t apus_chdir(const char *path) { return KERNEL(chdir(path)); }
int64_t apus_fchdir(int32_t fd) { return KERNEL(fchdir(fd)); }
int64_t apus_chroot(const char *path) { return KERNEL(chroot(path)); }
// The raw call: libc's version hides an unreachable directory behind ENOENT.
int64_t apus_getcwd(char *buffer, uint64_t size) { return KERNEL(syscall(SYS_getcwd, buffer, size)); }
int64_t apus_pipe(int32_t *ends, uint32_t flags) { return KERNEL(pipe2(ends, (int)flags)); }
int64_t apus_memfd_create(const char *name, uint32_t flags) { return KERNEL(memfd_create(name, flags)); }
int64_t apus_add_seals(int32_t fd, uint32_t seals) { return KERNEL(fcntl(fd, F_ADD_SEALS, seals)); }
int64_t apus_get_seals(int32_t fd) { return KERNEL(fcntl(fd, F_GET_SEALS)); }
int64_t apus_sendfile(int32_t out, int32_t in, uint64_t count) { return KERNEL(sendfile(out, in, NULL, count)); }
int64_t apus_ioctl_number(int32_t fd, uint64_t request, uint64_t argument) { return KERNEL(ioctl(fd, request, argument)); }
int64_t apus_copy_times(int32_t from, int32_t to, const char *name) {
  struct stat status;
  int64_t result = KERNEL(fstatat(from, "", &status, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
  if (result < 0) return result;
  struct timespec times[2] = {status.st_atim, status.st_mtim};
  return KERNEL(utimensat(to, name, times, AT_SYMLINK_NOFOLLOW));
}
