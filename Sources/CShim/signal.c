#include "call.h"
#include "include/CShim.h"
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

// The kernel's sigset is 64 bits; libc's hides its own two real-time signals, so the raw call is used.
int64_t apus_signal_block(uint64_t mask, uint64_t *old) {
  return KERNEL(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, old, 8));
}
int64_t apus_signal_set_mask(uint64_t mask) {
  return KERNEL(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8));
}
void apus_signal_reset_all(void) {
  // struct kernel_sigaction of zeroes is SIG_DFL without flags on every architecture.
  uint64_t zero[4] = {0}, old[4];
  for (int signal = 1; signal <= 64; signal++) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    old[0] = 0;
    // Only what is not the default already costs a second call.
    if (syscall(SYS_rt_sigaction, signal, NULL, old, 8) == 0 && old[0] == 0) continue;
    syscall(SYS_rt_sigaction, signal, zero, NULL, 8);
  }
}
int64_t apus_signal_ignore(int32_t signal_number) {
  return signal(signal_number, SIG_IGN) == SIG_ERR ? -(int64_t)errno : 0;
}
int64_t apus_signalfd(uint64_t mask) {
  return KERNEL(syscall(SYS_signalfd4, -1, &mask, 8, SFD_CLOEXEC | SFD_NONBLOCK));
}
int64_t apus_poll(int32_t *fds, int16_t *events, int16_t *revents, uint32_t count, int32_t milliseconds) {
  struct pollfd set[16];
  if (count > 16) return -EINVAL;
  for (uint32_t i = 0; i < count; i++) set[i] = (struct pollfd){.fd = fds[i], .events = events[i]};
  int64_t result = KERNEL(poll(set, count, milliseconds));
  for (uint32_t i = 0; i < count; i++) revents[i] = set[i].revents;
  return result;
}
