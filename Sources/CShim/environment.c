#include "call.h"
#include "include/CShim.h"
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// The kernel lays them out as count, arguments, NULL, environment; not every libc hands them to constructors.
static intptr_t argument_count;
static char **arguments;
extern char **environ;

__attribute__((constructor)) static void remember(void) {
  arguments = environ - 1;
  while ((intptr_t)arguments[-1] != argument_count) {
    arguments--;
    argument_count++;
  }
}
int32_t apus_argument_count(void) { return (int32_t)argument_count; }
const char *apus_argument(int32_t index) { return index < argument_count ? arguments[index] : NULL; }
const char *apus_environment(int32_t index) { return environ ? environ[index] : NULL; }
const char *apus_variable(const char *name) { return getenv(name); }
static void wipe(char *text) { memset(text, 0, strlen(text)); }
void apus_forget_arguments(const char *name) {
  uint64_t room = argument_count > 0 ? strlen(arguments[0]) : 0;
  for (intptr_t index = 0; index < argument_count; index++) wipe(arguments[index]);
  if (room >= strlen(name)) memcpy(arguments[0], name, strlen(name));
  for (char **entry = environ; entry && *entry; entry++) wipe(*entry);
}
uint64_t apus_text_length(const char *text) { return strlen(text); }
