// What Debian's archives of libseccomp, libcap and libyajl expect of a libc and musl does not have, or has with more than apus
// needs: printf with its floating point and strtod are for functions that apus never calls, and stand here so that the
// linker leaves musl's out. Debian 13 has C23's form of strtoul, which reads binary numbers too, and a name of fopen's
// that musl dropped in 1.2.4. Tests/archives*.tsv list all that the archives take from a libc.
#ifdef APUS_MUSL
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// cap_to_text(3)
int __sprintf_chk(char *text, int flag, size_t size, const char *format, ...) { __builtin_trap(); }
int __asprintf_chk(char **text, int flag, const char *format, ...) { __builtin_trap(); }
// seccomp_export_pfc(3): libseccomp's own function, so that its file stays out.
int gen_pfc_generate(const void *collection, int fd) { __builtin_trap(); }
int __fprintf_chk(FILE *file, int flag, const char *format, ...) { __builtin_trap(); }
// Numbers are taken as they are spelled: yajl_number.
double strtod(const char *text, char **end) { __builtin_trap(); }

// musl's own brings printf.
_Noreturn void __assert_fail(const char *what, const char *file, int line, const char *function) {
  ssize_t ignored = write(2, what, strlen(what));
  ignored += write(2, ": assertion failed, a defect of apus\n", 37);
  (void)ignored;
  abort();
}
unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
#undef fopen64
FILE *fopen64(const char *path, const char *mode) { return fopen(path, mode); }
#endif
