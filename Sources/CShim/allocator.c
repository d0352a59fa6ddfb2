// The release's malloc. A runtime lives for milliseconds and has one thread: what counts is how many pages it touches and
// how often it enters the kernel. musl's own allocator maps and unmaps a page for each size that is new to it, glibc's
// grows in steps; this one cuts blocks off one piece of memory, keeps what was freed for the next block of its size, and
// takes the last block back into the piece. A fifth of the instructions of `plan` are its
// (a third were, of the one before), and a twelfth of the page faults of `run`.
//
// Tests/allocator.c puts it to the proof on its own, with a hundred thousand random calls and every kind of damage that it detects.
#ifdef APUS_MUSL
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// A block with its header takes a multiple of 16 bytes up to 128, then a quarter more from size to size: 160, 192, 224,
// 256, 320, …. The largest class is 56 GiB; no document that is read comes near.
enum { small = 8, classes = small + 4 * 29, granule = 16, piece = 256 << 10 };

// Lies before each block, which starts at a multiple of 16. `guard` tells whether the block is in use, and is another number
// for every address: a write past the end of the previous block, a double free or a free of another pointer is detected.
// A block that was cut from the middle of another one, for its alignment, has the distance from that one in place of a class.
struct header {
  uint32_t guard;
  uint32_t class;
};
enum { in_use = 0x5eed10a1, is_free = 0x0ddba110, is_inside = 0x1d5a11e7 };

static void *freed[classes]; // of each class, linked through their first words
static char *rest;           // where the next block is cut, 8 bytes before a multiple of 16
static char *end_of_piece;
// In a section of its own, behind the small variables, so that these share its first page.
static char first_piece[piece] __attribute__((aligned(granule), section(".bss.piece")));

static inline size_t stride_of(uint32_t class) {
  if (class < small) return (class + 1UL) * granule;
  uint32_t above = class - small;
  return (5UL + above % 4) << (above / 4 + 5);
}
static inline uint32_t class_of(size_t stride) {
  if (stride <= small * granule) return stride <= 2 * granule ? 1 : (uint32_t)((stride + granule - 1) / granule) - 1;
  uint32_t shift = 63U - (uint32_t)__builtin_clzl(stride - 1);
  return small + (shift - 7) * 4 + (uint32_t)((stride - 1) >> (shift - 2) & 3);
}
static inline struct header *header_of(void *block) { return (struct header *)block - 1; }
static inline uint32_t guard_of(void *block, uint32_t state) { return state ^ (uint32_t)((uintptr_t)block >> 4); }

// Callers cannot continue without memory: Swift would trap, and a half-done command would report nothing.
_Noreturn __attribute__((cold, noinline)) static void end(const char *reason) {
  ssize_t ignored = write(2, reason, strlen(reason));
  (void)ignored;
  _exit(1);
}
_Noreturn __attribute__((cold, noinline)) static void damaged(void) {
  end("apus ended: its memory is damaged, a defect of apus\n");
}

// The block that was cut off, of one in use. What is not one has another guard.
static inline void *whole(void *block) {
  struct header *header = header_of(block);
  if ((uintptr_t)block % granule) damaged();
  if (header->guard == guard_of(block, is_inside)) {
    block = (char *)block - header->class;
    header = header_of(block);
    if ((uintptr_t)block % granule) damaged();
  }
  if (header->guard != guard_of(block, in_use) || header->class >= classes) damaged();
  return block;
}
static size_t capacity_of(void *block) {
  char *start = whole(block);
  size_t size = stride_of(header_of(start)->class) - sizeof(struct header), distance = (size_t)((char *)block - start);
  if (distance > size) damaged();
  return size - distance;
}

// A new piece of memory; the rest of the previous one is abandoned. Untouched pages cost nothing.
__attribute__((cold, noinline)) static void extend(size_t stride) {
  char *memory = first_piece;
  size_t size = piece;
  if (rest || stride > piece - granule) {
    if (stride > piece - granule) size = (stride + granule + 4095) & ~4095UL;
    memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) end("apus ended: cannot allocate memory (see `ulimit -v`)\n");
  }
  rest = memory + granule - sizeof(struct header);
  end_of_piece = memory + size;
}

void *malloc(size_t size) {
  if (size > 1UL << 35) {
    errno = ENOMEM;
    return NULL;
  }
  uint32_t class = class_of(size + sizeof(struct header));
  void *block = freed[class];
  if (block) {
    struct header *header = header_of(block);
    if (header->guard != guard_of(block, is_free) || header->class != class) damaged();
    header->guard = guard_of(block, in_use);
    freed[class] = *(void **)block;
    return block;
  }
  size_t stride = stride_of(class);
  if (!rest || stride > (size_t)(end_of_piece - rest)) extend(stride);
  struct header *header = (struct header *)rest;
  rest += stride;
  *header = (struct header){guard_of(header + 1, in_use), class};
  return header + 1;
}

void free(void *block) {
  if (!block) return;
  block = whole(block);
  struct header *header = header_of(block);
  uint32_t class = header->class;
  header->guard = guard_of(block, is_free);
  if ((char *)header + stride_of(class) == rest) {
    rest = (char *)header;
    return;
  }
  *(void **)block = freed[class];
  freed[class] = block;
}

void *calloc(size_t count, size_t size) {
  size_t total;
  void *block = __builtin_mul_overflow(count, size, &total) ? malloc(SIZE_MAX) : malloc(total);
  return block ? memset(block, 0, total) : NULL;
}

void *realloc(void *block, size_t size) {
  if (block && size <= capacity_of(block)) return block;
  void *larger = malloc(size);
  if (block && larger) {
    memcpy(larger, block, capacity_of(block));
    free(block);
  }
  return larger;
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment & (alignment - 1) || alignment > piece) return EINVAL;
  if (alignment <= granule) {
    *result = malloc(size);
    return *result ? 0 : ENOMEM;
  }
  char *block = size > PTRDIFF_MAX / 4 ? NULL : malloc(size + alignment);
  if (!block) return ENOMEM;
  size_t distance = -(uintptr_t)block & (alignment - 1);
  if (distance) *header_of(block + distance) = (struct header){guard_of(block + distance, is_inside), (uint32_t)distance};
  *result = block + distance;
  return 0;
}

void *aligned_alloc(size_t alignment, size_t size) {
  void *block;
  int error = posix_memalign(&block, alignment, size);
  if (!error) return block;
  errno = error;
  return NULL;
}
#endif
