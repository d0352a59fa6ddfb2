#pragma once
#include <stdint.h>

// seccomp.c
// Loads `count` instructions of classic BPF; a descriptor if `flags` ask for a listener, else 0.
int64_t apus_seccomp_load(const void *instructions, uint16_t count, uint32_t flags);
