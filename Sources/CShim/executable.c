#include "call.h"
#include "include/CShim.h"
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define MFD_EXEC_ 0x0010U // since Linux 6.3

extern char **environ;

typedef ElfW(Phdr) segment;

static uintptr_t page_down(uintptr_t address) { return address & ~((uintptr_t)getauxval(AT_PAGESZ) - 1); }
static uintptr_t page_up(uintptr_t address) { return page_down(address + (uintptr_t)getauxval(AT_PAGESZ) - 1); }

// One system call of the mover.
struct call {
  uint64_t number, arguments[6];
  int64_t result;
  uint64_t must_succeed; // or the process ends: its code would be missing
};

// While its code is not mapped, a process makes system calls from here: a function of the calls and their number, which lies in
// the new executable. It is copied, so it refers to nothing outside.
extern const char apus_mover[], apus_mover_end[];
#define CALL_SIZE "72"
_Static_assert(sizeof(struct call) == 72, "the mover steps over it");
__asm__(".pushsection .rodata\n"
        ".hidden apus_mover\n"
        ".globl apus_mover\n"
        ".hidden apus_mover_end\n"
        ".globl apus_mover_end\n"
        ".balign 16\n"
        "apus_mover:\n"
#if defined(__x86_64__)
        "  pushq %rbx\n"
        "  pushq %rbp\n"
        "  movq %rdi, %rbx\n"
        "  movq %rsi, %rbp\n"
        "1: movq (%rbx), %rax\n"
        "  movq 8(%rbx), %rdi\n"
        "  movq 16(%rbx), %rsi\n"
        "  movq 24(%rbx), %rdx\n"
        "  movq 32(%rbx), %r10\n"
        "  movq 40(%rbx), %r8\n"
        "  movq 48(%rbx), %r9\n"
        "  syscall\n"
        "  movq %rax, 56(%rbx)\n"
        "  cmpq $-4095, %rax\n"
        "  jb 2f\n"
        "  cmpq $0, 64(%rbx)\n"
        "  je 2f\n"
        "  movl $231, %eax\n" // exit_group
        "  movl $1, %edi\n"
        "  syscall\n"
        "2: addq $" CALL_SIZE ", %rbx\n"
        "  decq %rbp\n"
        "  jnz 1b\n"
        "  popq %rbp\n"
        "  popq %rbx\n"
        "  ret\n"
#elif defined(__aarch64__)
        "  mov x10, x0\n"
        "  mov x11, x1\n"
        "1: ldr x8, [x10]\n"
        "  ldp x0, x1, [x10, #8]\n"
        "  ldp x2, x3, [x10, #24]\n"
        "  ldp x4, x5, [x10, #40]\n"
        "  svc #0\n"
        "  str x0, [x10, #56]\n"
        "  cmn x0, #4095\n"
        "  b.lo 2f\n"
        "  ldr x12, [x10, #64]\n"
        "  cbz x12, 2f\n"
        "  mov x8, #94\n" // exit_group
        "  mov x0, #1\n"
        "  svc #0\n"
        "2: add x10, x10, #" CALL_SIZE "\n"
        "  subs x11, x11, #1\n"
        "  b.ne 1b\n"
        "  ret\n"
#endif
        "apus_mover_end:\n"
        ".popsection\n");

// Copies what can be written of a segment to memory without a file, in its own place.
static int64_t detach(uintptr_t start, uint64_t length) {
  void *copy = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return -errno;
  memcpy(copy, (void *)start, length);
  return KERNEL(mremap(copy, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)start));
}

static uintptr_t text_end(const char *text) { return (uintptr_t)text + strlen(text) + 1; }

int64_t apus_replace_executable(int32_t own, int32_t fd) {
  const segment *parts = (const segment *)getauxval(AT_PHDR);
  uint64_t count = getauxval(AT_PHNUM);
  if (!parts || apus_argument_count() < 1) return -ENOTSUP;
  uintptr_t base = 0;
  for (uint64_t i = 0; i < count; i++)
    if (parts[i].p_type == PT_PHDR) base = (uintptr_t)parts - parts[i].p_vaddr;

  // The kernel only changes these together with the executable; ps(1) shows arguments and environment from them.
  struct prctl_mm_map map = {.exe_fd = (uint32_t)fd};
  enum { most = 8 };
  struct call unmapped[most], calls[2 * most + 1] = {0};
  uint64_t mapped = 0;
  for (uint64_t i = 0; i < count; i++) {
    if (parts[i].p_type != PT_LOAD) continue;
    uintptr_t start = base + parts[i].p_vaddr, end = start + parts[i].p_filesz;
    if (parts[i].p_flags & PF_X) map.start_code = start, map.end_code = end;
    if (parts[i].p_flags & PF_W) map.start_data = start, map.end_data = end;
    uint64_t first = page_down(start), length = page_up(end) - first;
    if (parts[i].p_flags & PF_W) {
      int64_t result = detach(first, length);
      if (result < 0 && result > -4096) return result;
      continue;
    }
    if (mapped == most) return -ENOTSUP;
    uint64_t protection = (parts[i].p_flags & PF_R ? PROT_READ : 0) | (parts[i].p_flags & PF_X ? PROT_EXEC : 0);
    unmapped[mapped] = (struct call){
        SYS_mmap, {first, length, protection, MAP_PRIVATE | MAP_FIXED, (uint64_t)own, page_down(parts[i].p_offset)}, 0, 1};
    calls[mapped++] = (struct call){SYS_munmap, {first, length}, 0, 1};
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
  struct call *replace = &calls[mapped];
  *replace = (struct call){SYS_prctl, {PR_SET_MM, PR_SET_MM_MAP, (uintptr_t)&map, sizeof map, 0}, 0, 0};
  memcpy(replace + 1, unmapped, mapped * sizeof *unmapped);

  if (own == fd) { // Through another mount: each segment takes the place of the one that executes.
    for (uint64_t i = 0; i < mapped; i++) {
      const uint64_t *with = unmapped[i].arguments;
      if (mmap((void *)with[0], with[1], (int)with[2], (int)with[3], fd, (off_t)with[5]) == MAP_FAILED) return -errno;
    }
    return KERNEL(prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0));
  }
  uint64_t size = (uint64_t)getauxval(AT_PAGESZ);
  void *mover = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
  if (mover == MAP_FAILED) return -errno;
  ((void (*)(struct call *, uint64_t))mover)(calls, 2 * mapped + 1);
  munmap(mover, size);
  return replace->result;
}

int64_t apus_mover_file(const char *name) {
  int64_t fd = apus_memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC_);
  if (fd == -EINVAL) fd = apus_memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return fd;
  uint64_t length = (uint64_t)(apus_mover_end - apus_mover);
  int64_t written = KERNEL(write((int32_t)fd, apus_mover, length));
  // Since Linux 6.6 it cannot be opened for writing either; without that, only not be written.
  int32_t immutable = FS_IMMUTABLE_FL;
  if (written == (int64_t)length && fchmod((int32_t)fd, 0555) == 0 &&
      fcntl((int32_t)fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0) {
    (void)ioctl((int32_t)fd, FS_IOC_SETFLAGS, &immutable);
    return fd;
  }
  int64_t error = written < 0 ? written : -errno;
  close((int32_t)fd);
  return error == 0 ? -EIO : error;
}
