#include "call.h"
#include "include/CShim.h"
#include "include/seccomp_shim.h"
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

// Of the thread that closes the listener. It shares the memory, the descriptors and, with no storage of its own, the errno of
// this one, which neither of its calls sets: they do not fail. A filter is in force for the thread that loads it alone.
static _Atomic int32_t listener;
static _Atomic int32_t isClosed;
static char stack[16384] __attribute__((aligned(16), section(".bss.stack")));

static void close_listener(void) {
  while (!apus_flag_raised() || atomic_load(&listener) < 0) {
    struct timespec pause = {0, 200000};
    syscall(SYS_nanosleep, &pause, NULL);
  }
  syscall(SYS_close, atomic_load(&listener));
  atomic_store(&isClosed, 1);
  for (;;) syscall(SYS_exit, 0);
}

// The C library's clone(3) makes no threads in musl.
static int64_t start_thread(void) {
  uint64_t flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES;
  int64_t answer = -ENOSYS;
#if defined(__x86_64__)
  register uint64_t r10 __asm__("r10") = 0;
  register uint64_t r8 __asm__("r8") = 0;
  register void (*entry)(void) __asm__("r9") = close_listener;
  __asm__ volatile(
      "syscall\n test %%rax, %%rax\n jnz 1f\n xor %%ebp, %%ebp\n call *%%r9\n hlt\n 1:"
      : "=a"(answer)
      : "a"(SYS_clone), "D"(flags), "S"(stack + sizeof stack), "d"(0), "r"(r10), "r"(r8), "r"(entry)
      : "rcx", "r11", "memory", "cc");
#elif defined(__aarch64__)
  register uint64_t x8 __asm__("x8") = SYS_clone;
  register uint64_t x0 __asm__("x0") = flags;
  register void *x1 __asm__("x1") = stack + sizeof stack;
  register uint64_t x2 __asm__("x2") = 0;
  register uint64_t x3 __asm__("x3") = 0;
  register uint64_t x4 __asm__("x4") = 0;
  register void (*entry)(void) __asm__("x9") = close_listener;
  __asm__ volatile(
      "svc #0\n cbnz x0, 1f\n mov x29, xzr\n blr x9\n brk #1\n 1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(entry)
      : "memory", "cc");
  answer = (int64_t)x0;
#endif
  return answer;
}

int64_t apus_seccomp_load_listening(const void *instructions, uint16_t count, uint32_t flags, int64_t seconds) {
  atomic_store(&listener, -1);
  int64_t thread = start_thread();
  int64_t loaded = apus_seccomp_load(instructions, count, flags);
  if (loaded < 0) return loaded;
  atomic_store(&listener, (int32_t)loaded);
  // No system call from here on: each may be one that nobody answers yet.
  if (!apus_flag_wait(seconds)) return 0;
  if (thread < 0) return 2;
  while (!atomic_load(&isClosed)) {
  }
  return 1;
}
