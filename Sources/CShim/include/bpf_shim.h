#pragma once
#include <stdint.h>

// bpf.c
int64_t apus_bpf(int32_t command, void *attributes, uint32_t size);
