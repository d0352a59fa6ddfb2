// The release's malloc. A runtime lives for milliseconds and has one thread: what counts is how many pages it touches and
// how often it enters the kernel. musl's own allocator maps and unmaps a page for each size that is new to it, glibc's
// grows in steps; this one cuts blocks off one piece of memory, and keeps what was freed for the next block of its size.
#ifdef APUS_MUSL
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Sizes are 16, 24, 32, 48, 64, 96, …: no block is more than half again what was asked for.
enum { classes = 64, granule = 16, piece = 256 << 10 };

// Lies before each block. `distance` is how far an aligned block lies behind the one that it was cut from. `guard`
// tells whether the block is in use, and is another number for every address: who wrote past the end of the block
// before, frees a block twice or frees what is none does not get far.
struct header {
  uint32_t guard;
  uint32_t class;
  uint64_t distance;
};
enum { in_use = 0x5eed10a1, is_free = 0x0ddba110 };

static void *freed[classes]; // of each class, linked through their first words
static char first_piece[piece] __attribute__((aligned(granule)));
static char *rest = first_piece;
static size_t rest_size = piece;

static size_t size_of(uint64_t class) { return (class & 1 ? 24UL : 16UL) << (class >> 1); }
static struct header *header_of(void *block) { return (struct header *)block - 1; }
static uint32_t guard_of(void *block, uint32_t state) { return state ^ (uint32_t)((uintptr_t)block >> 4); }

// Whoever asks has no way to go on without: Swift traps, a command that did half its work would say nothing.
_Noreturn static void end(const char *reason) {
  ssize_t ignored = write(2, reason, strlen(reason));
  (void)ignored;
  _exit(1);
}

// The header of a block that is in use and whole.
static struct header *checked(void *block) {
  struct header *header = header_of(block);
  if (header->guard != guard_of(block, in_use) || header->class >= classes || header->distance >= size_of(header->class))
    end("apus ended: its memory is damaged, a defect of apus\n");
  return header;
}
static size_t capacity_of(void *block) {
  struct header *header = checked(block);
  return size_of(header->class) - header->distance;
}

// A new piece of memory; what is left of the one before is given up. Pages that nobody touches cost nothing.
static void extend(size_t needed) {
  size_t size = needed > piece ? (needed + 4095) & ~4095UL : piece;
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) end("apus ended: cannot allocate memory (see `ulimit -v`)\n");
  rest = memory;
  rest_size = size;
}

void *malloc(size_t size) {
  if (size > PTRDIFF_MAX / 4) {
    errno = ENOMEM;
    return NULL;
  }
  uint32_t class = 0;
  while (class < classes && size_of(class) < size) class++;
  // 48 GiB; no document that is read comes near.
  if (class == classes) {
    errno = ENOMEM;
    return NULL;
  }
  void *block = freed[class];
  if (block) {
    if (header_of(block)->guard != guard_of(block, is_free)) end("apus ended: its memory is damaged, a defect of apus\n");
    header_of(block)->guard = guard_of(block, in_use);
    memcpy(&freed[class], block, sizeof freed[class]);
    return block;
  }
  size_t needed = sizeof(struct header) + ((size_of(class) + granule - 1) & ~(granule - 1UL));
  if (needed > rest_size) extend(needed);
  struct header *header = (struct header *)rest;
  rest += needed;
  rest_size -= needed;
  *header = (struct header){.guard = guard_of(header + 1, in_use), .class = class};
  return header + 1;
}

void free(void *block) {
  if (!block) return;
  block = (char *)block - checked(block)->distance;
  struct header *header = checked(block);
  uint32_t class = header->class;
  header->guard = guard_of(block, is_free);
  memcpy(block, &freed[class], sizeof freed[class]);
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
  if (size > PTRDIFF_MAX / 4) return ENOMEM;
  char *block = malloc(alignment <= granule ? size : size + alignment);
  if (!block) return ENOMEM;
  size_t distance = -(uintptr_t)block & (alignment - 1);
  if (distance) *header_of(block + distance) = (struct header){guard_of(block + distance, in_use), header_of(block)->class, distance};
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
