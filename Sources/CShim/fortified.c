// What Debian's archives of libseccomp and libcap expect of glibc and musl does not have: the checked forms of printf and,
// on Debian 13, C23's form of strtoul, which reads binary numbers too, and a name of fopen's that musl dropped in 1.2.4.
// Tests/archives*.tsv list all that the archives take from a libc.
#ifdef APUS_MUSL
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

int __sprintf_chk(char *text, int flag, size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, size, format, arguments);
  va_end(arguments);
  if (length >= 0 && (size_t)length >= size) __builtin_trap();
  return length;
}
int __fprintf_chk(FILE *file, int flag, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vfprintf(file, format, arguments);
  va_end(arguments);
  return length;
}
int __asprintf_chk(char **text, int flag, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vasprintf(text, format, arguments);
  va_end(arguments);
  return length;
}
unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
#undef fopen64
FILE *fopen64(const char *path, const char *mode) { return fopen(path, mode); }
#endif
