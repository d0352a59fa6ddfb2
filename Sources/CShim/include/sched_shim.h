#pragma once
#include <stdint.h>

// sched.c
struct apus_sched_attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
  uint32_t clamp_least, clamp_most;
};
int64_t apus_sched_setattr(int32_t pid, const struct apus_sched_attributes *attributes);
int64_t apus_sched_getattr(int32_t pid, struct apus_sched_attributes *attributes);
int64_t apus_sched_setaffinity(int32_t pid, uint64_t size, const uint64_t *mask);
int64_t apus_ioprio_set(int32_t which, int32_t who, int32_t priority);
int64_t apus_ioprio_get(int32_t which, int32_t who);
int64_t apus_personality(uint64_t persona);
int64_t apus_set_mempolicy(int32_t mode, const uint64_t *mask, uint64_t bits);
