// For the shim's own sources: turns libc's -1 and errno into the kernel's -errno.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>
#define KERNEL(expression)                      \
  ({                                            \
    int64_t result_ = (int64_t)(expression);    \
    result_ == -1 ? -(int64_t)errno : result_;  \
  })
