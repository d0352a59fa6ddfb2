// For the shim's own sources: turns libc's -1 and errno into the kernel's -errno.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>
// flag.c, for listener.c
int32_t apus_flag_raised(void);
int64_t apus_flag_wait(int64_t seconds);  // 1 once it is raised, 0 when the time has passed

#define KERNEL(expression)                      \
  ({                                            \
    int64_t result_ = (int64_t)(expression);    \
    result_ == -1 ? -(int64_t)errno : result_;  \
  })
