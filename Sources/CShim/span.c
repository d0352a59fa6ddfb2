#include "call.h"
#include "include/CShim.h"
#include <sys/mman.h>
#include <time.h>

// Answered by the vDSO, without a system call: a seccomp filter may be in force.
int64_t apus_now(void) {
  struct timespec now = {0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}
int64_t apus_share(uint64_t size, int64_t **memory) {
  void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return -errno;
  *memory = pages;
  return 0;
}
