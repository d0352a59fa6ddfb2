#include "call.h"
#include "include/CShim.h"

int64_t apus_bpf(int32_t command, void *attributes, uint32_t size) { return KERNEL(syscall(SYS_bpf, command, attributes, size)); }
