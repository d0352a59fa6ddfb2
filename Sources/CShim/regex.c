#include "call.h"
#include "include/CShim.h"
#include <regex.h>

int64_t apus_regex_match(const char *pattern, const char *text) {
  regex_t compiled;
  if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0) return -EINVAL;
  int matched = regexec(&compiled, text, 0, NULL, 0) == 0;
  regfree(&compiled);
  return matched;
}
