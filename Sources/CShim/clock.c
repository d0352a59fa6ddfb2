#include "call.h"
#include "include/CShim.h"
#include <time.h>

// By a system call: the vDSO costs two page faults, and a command asks once or twice.
int64_t apus_clock(int32_t clock, int64_t *seconds, int64_t *nanoseconds) {
  struct timespec time = {0};
  int64_t result = KERNEL(syscall(SYS_clock_gettime, clock, &time));
  *seconds = time.tv_sec;
  *nanoseconds = time.tv_nsec;
  return result;
}
int64_t apus_sleep(int64_t nanoseconds) {
  struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  return KERNEL(nanosleep(&time, NULL));
}
