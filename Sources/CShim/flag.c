#include "call.h"
#include "include/CShim.h"
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

static _Atomic uint32_t *flag;

int64_t apus_flag_make(void) {
  void *page = mmap(NULL, sizeof *flag, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return -errno;
  flag = page;
  return 0;
}
void apus_flag_raise(void) {
  if (flag) atomic_store(flag, 1);
}
int32_t apus_flag_raised(void) { return !flag || atomic_load(flag); }
int64_t apus_flag_wait(int64_t seconds) {
  struct timespec start, now;
  // Answered by the vDSO, without a system call.
  clock_gettime(CLOCK_MONOTONIC, &start);
  do {
    for (int i = 0; i < 1000; i++) {
      if (apus_flag_raised()) return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (now.tv_sec - start.tv_sec < seconds);
  return 0;
}
