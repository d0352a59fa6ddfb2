#pragma once
#include <stdint.h>

// xattr.c: extended attributes of an open file.
int64_t apus_fsetxattr(
    int32_t fd, const char *name, const void *value, uint64_t size, int32_t is_new);
int64_t apus_fremovexattr(int32_t fd, const char *name);
int64_t apus_fgetxattr(int32_t fd, const char *name, void *value, uint64_t size);
