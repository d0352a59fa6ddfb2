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
  uint64_t zero[4] = {0};
  for (int signal = 1; signal <= 64; signal++) {
    if (signal != SIGKILL && signal != SIGSTOP) syscall(SYS_rt_sigaction, signal, zero, NULL, 8);
  }
}
// A write(2) of its own, since there may be no memory or no stack left for anything else.
static void report_fault(int number) {
  char text[] = "apus ended by signal ??: memory or stack ran out (see `ulimit -a`), or it is a defect of apus\n";
  char *digits = strchr(text, '?');
  digits[0] = (char)('0' + number / 10);
  digits[1] = (char)('0' + number % 10);
  ssize_t ignored = write(2, text, sizeof text - 1);
  (void)ignored;
  _exit(1);
}
void apus_signals_take_over(void) {
  static char stack[16384] __attribute__((aligned(16), section(".bss.stack")));
  // With SIGCHLD ignored, nobody could wait for a child. A full pipe and a full disk are errors of a call.
  signal(SIGCHLD, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction fault = {.sa_handler = report_fault, .sa_flags = SA_ONSTACK};
  if (sigaltstack(&other, NULL) == 0) {
    sigaction(SIGSEGV, &fault, NULL);
    sigaction(SIGILL, &fault, NULL);
    sigaction(SIGTRAP, &fault, NULL);
    sigaction(SIGBUS, &fault, NULL);
  }
  apus_signal_set_mask(0);
}
int64_t apus_signal_ignore(int32_t signal_number) {
  return signal(signal_number, SIG_IGN) == SIG_ERR ? -(int64_t)errno : 0;
}
uint64_t apus_signals_ignored(uint64_t mask) {
  uint64_t ignored = 0, old[4];
  for (int signal = 1; signal <= 64; signal++) {
    uint64_t bit = UINT64_C(1) << (signal - 1);
    if (!(mask & bit)) continue;
    old[0] = 0;
    if (syscall(SYS_rt_sigaction, signal, NULL, old, 8) == 0 && old[0] == (uint64_t)SIG_IGN) ignored |= bit;
  }
  return ignored;
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
