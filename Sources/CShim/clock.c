#include "call.h"
#include "include/CShim.h"
#include <time.h>

int64_t apus_clock(int32_t clock, int64_t *seconds, int64_t *nanoseconds) {
  struct timespec time = {0};
  int64_t result = KERNEL(clock_gettime(clock, &time));
  *seconds = time.tv_sec;
  *nanoseconds = time.tv_nsec;
  return result;
}
int64_t apus_sleep(int64_t nanoseconds) {
  struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  return KERNEL(nanosleep(&time, NULL));
}
