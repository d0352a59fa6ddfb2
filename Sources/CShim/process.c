#include "call.h"
#include "include/CShim.h"
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <string.h>

int64_t apus_clone3(struct apus_clone_args args) {
  struct clone_args kernel = {
      .flags = args.flags, .exit_signal = (uint64_t)args.exit_signal, .cgroup = (uint64_t)args.cgroup, .pidfd = (uintptr_t)args.pidfd};
  if (args.pidfd) kernel.flags |= CLONE_PIDFD;
  // Without CLONE_INTO_CGROUP the kernel wants the short structure's zero here.
  if (!(kernel.flags & CLONE_INTO_CGROUP)) kernel.cgroup = 0;
  return KERNEL(syscall(SYS_clone3, &kernel, sizeof kernel));
}
_Noreturn void apus_exit(int32_t status) {
  syscall(SYS_exit_group, status);
  syscall(SYS_exit, status);
  // A filter refused both: no call can end us, so the processor does.
  __builtin_trap();
}
int64_t apus_getpid(void) { return syscall(SYS_getpid); }
int64_t apus_getppid(void) { return syscall(SYS_getppid); }
int64_t apus_pidfd_open(int32_t pid) { return KERNEL(syscall(SYS_pidfd_open, pid, 0)); }
int64_t apus_pidfd_getfd(int32_t pidfd, int32_t number) { return KERNEL(syscall(SYS_pidfd_getfd, pidfd, number, 0)); }
int64_t apus_pidfd_send_signal(int32_t pidfd, int32_t signal) {
  return KERNEL(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}
int64_t apus_kill(int32_t pid, int32_t signal) { return KERNEL(kill(pid, signal)); }
int64_t apus_wait_pidfd(int32_t pidfd, int32_t options, int32_t *code, int32_t *status) {
  siginfo_t info = {0};
  int64_t result = KERNEL(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | options));
  *code = info.si_pid == 0 ? 0 : info.si_code;
  *status = info.si_status;
  return result;
}
// pidfd_info as Linux 6.15 has it (PIDFD_INFO_SIZE_VER1 is 72): older headers do not know it.
struct pidfd_info_6_15 {
  uint64_t mask, cgroup;
  uint32_t ids[11];
  int32_t status;
  uint64_t core;
};
static int64_t pidfd_info(int32_t pidfd, struct pidfd_info_6_15 *info) {
  return KERNEL(ioctl(pidfd, _IOC(_IOC_READ | _IOC_WRITE, 0xff, 11, sizeof *info), info));
}
int64_t apus_pidfd_end(int32_t pidfd, int32_t *status) {
  const uint64_t exit_known = 1 << 3;
  struct pidfd_info_6_15 info = {.mask = exit_known};
  int64_t result = pidfd_info(pidfd, &info);
  if (result < 0) return result;
  if (!(info.mask & exit_known)) return -ENODATA;
  *status = info.status;
  return 0;
}
int64_t apus_pidfd_number(int32_t pidfd) {
  struct pidfd_info_6_15 info = {.mask = 0};
  int64_t result = pidfd_info(pidfd, &info);
  if (result < 0) return result;
  return info.ids[0] > 0 ? info.ids[0] : -ESRCH;
}
int64_t apus_kernel_log(void *buffer, uint64_t size) {
  const int read_all = 3;
  return KERNEL(syscall(SYS_syslog, read_all, buffer, (int)size));
}
int64_t apus_wait_any(int32_t options, int32_t *status) {
  int raw = 0;
  int64_t result = KERNEL(waitpid(-1, &raw, options));
  *status = raw;
  return result;
}
int64_t apus_execve(const char *path, char *const argv[], char *const envp[]) {
  return KERNEL(syscall(SYS_execve, path, argv, envp));
}
int64_t apus_execveat(int32_t directory, const char *path, char *const argv[], char *const envp[], int32_t flags) {
  return KERNEL(syscall(SYS_execveat, directory, path, argv, envp, flags));
}
int64_t apus_prctl(int32_t option, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
  return KERNEL(syscall(SYS_prctl, option, a, b, c, d));
}
int64_t apus_setns(int32_t fd, uint64_t flags) { return KERNEL(syscall(SYS_setns, fd, (int)flags)); }
int64_t apus_unshare(uint64_t flags) { return KERNEL(syscall(SYS_unshare, flags)); }
int64_t apus_setsid(void) { return KERNEL(setsid()); }
int64_t apus_setpgid(int32_t pid, int32_t group) { return KERNEL(setpgid(pid, group)); }
int64_t apus_sethostname(const char *name, uint64_t length) { return KERNEL(sethostname(name, length)); }
int64_t apus_setdomainname(const char *name, uint64_t length) { return KERNEL(setdomainname(name, length)); }
int64_t apus_prlimit(int32_t pid, int32_t resource, const uint64_t *soft_hard, uint64_t *old_soft_hard) {
  return KERNEL(syscall(SYS_prlimit64, pid, resource, soft_hard, old_soft_hard));
}
int64_t apus_close_range(uint32_t first, uint32_t last, uint32_t flags) {
  return KERNEL(syscall(SYS_close_range, first, last, flags));
}
int64_t apus_umask(uint32_t mask) { return umask(mask); }
int64_t apus_getauxval(uint64_t type) { return (int64_t)getauxval(type); }
int64_t apus_uname_release(char *buffer, uint64_t size) {
  struct utsname name;
  int64_t result = KERNEL(uname(&name));
  if (result < 0) return result;
  strncpy(buffer, name.release, size - 1);
  buffer[size - 1] = 0;
  return 0;
}
