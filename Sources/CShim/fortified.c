// What Debian's archives of libseccomp and libcap expect of glibc and musl does not have: the checked forms of printf.
// Tests/archives.tsv lists all that the archives take from a libc.
#ifdef APUS_MUSL
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

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
#endif
