#include "call.h"
#include "include/CShim.h"
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>

extern char **environ;

typedef ElfW(Phdr) segment;

static uintptr_t page_down(uintptr_t address) { return address & ~((uintptr_t)getauxval(AT_PAGESZ) - 1); }
static uintptr_t page_up(uintptr_t address) { return page_down(address + (uintptr_t)getauxval(AT_PAGESZ) - 1); }

// Maps a segment once more in its own place, from `fd`. What can be written is copied to memory without a file.
static int64_t map_again(const segment *part, uintptr_t base, int32_t fd) {
  uintptr_t start = page_down(base + part->p_vaddr), end = page_up(base + part->p_vaddr + part->p_filesz);
  uint64_t length = end - start;
  int protection = (part->p_flags & PF_R ? PROT_READ : 0) | (part->p_flags & PF_X ? PROT_EXEC : 0);
  if (!(part->p_flags & PF_W))
    return KERNEL(mmap((void *)start, length, protection, MAP_PRIVATE | MAP_FIXED, fd, (off_t)page_down(part->p_offset)));
  void *copy = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return -errno;
  memcpy(copy, (void *)start, length);
  return KERNEL(mremap(copy, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)start));
}

static uintptr_t text_end(const char *text) { return (uintptr_t)text + strlen(text) + 1; }

int64_t apus_replace_executable(int32_t fd) {
  const segment *parts = (const segment *)getauxval(AT_PHDR);
  uint64_t count = getauxval(AT_PHNUM);
  if (!parts || apus_argument_count() < 1) return -ENOTSUP;
  uintptr_t base = 0;
  for (uint64_t i = 0; i < count; i++)
    if (parts[i].p_type == PT_PHDR) base = (uintptr_t)parts - parts[i].p_vaddr;

  // The kernel only changes these together with the executable; ps(1) shows arguments and environment from them.
  struct prctl_mm_map map = {.exe_fd = (uint32_t)fd};
  for (uint64_t i = 0; i < count; i++) {
    if (parts[i].p_type != PT_LOAD) continue;
    int64_t result = map_again(&parts[i], base, fd);
    if (result < 0 && result > -4096) return result;
    uintptr_t start = base + parts[i].p_vaddr, end = start + parts[i].p_filesz;
    if (parts[i].p_flags & PF_X) map.start_code = start, map.end_code = end;
    if (parts[i].p_flags & PF_W) map.start_data = start, map.end_data = end;
  }
  for (uint64_t i = 0; i < count; i++) {
    if (parts[i].p_type != PT_GNU_RELRO) continue;
    uintptr_t start = page_down(base + parts[i].p_vaddr), end = page_down(base + parts[i].p_vaddr + parts[i].p_memsz);
    if (mprotect((void *)start, end - start, PROT_READ) < 0) return -errno;
  }

  int32_t variables = 0;
  while (apus_environment(variables)) variables++;
  map.start_brk = map.brk = (uintptr_t)sbrk(0);
  map.start_stack = (uintptr_t)environ;
  map.arg_start = (uintptr_t)apus_argument(0);
  map.arg_end = map.env_start = map.env_end = text_end(apus_argument(apus_argument_count() - 1));
  if (variables > 0) {
    map.env_start = (uintptr_t)apus_environment(0);
    map.env_end = text_end(apus_environment(variables - 1));
  }
  return KERNEL(syscall(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0));
}
