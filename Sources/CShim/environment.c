#include "call.h"
#include "include/CShim.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// The arguments as the kernel gave them: libc hands them to every constructor.
static int argument_count;
static char **arguments;
extern char **environ;

__attribute__((constructor)) static void remember(int argc, char **argv) {
  argument_count = argc;
  arguments = argv;
}
int32_t apus_argument_count(void) { return argument_count; }
const char *apus_argument(int32_t index) { return index < argument_count ? arguments[index] : NULL; }
const char *apus_environment(int32_t index) { return environ ? environ[index] : NULL; }
const char *apus_variable(const char *name) { return getenv(name); }
uint64_t apus_text_length(const char *text) { return strlen(text); }
