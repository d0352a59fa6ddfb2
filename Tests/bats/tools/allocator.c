/* allocator CASE: the release's own malloc under another name. `work` allocates, grows, aligns and frees at
 * random and compares what is in the blocks; the others do what must not be survived or must be refused. */
#define APUS_MUSL
#define malloc own_malloc
#define free own_free
#define calloc own_calloc
#define realloc own_realloc
#define posix_memalign own_posix_memalign
#define aligned_alloc own_aligned_alloc
#include "../../../Sources/CShim/allocator.c"
#undef malloc
#undef free
#include <stdio.h>

static int work(void) {
  enum { count = 200, rounds = 200000 };
  static unsigned char *blocks[count];
  static size_t sizes[count];
  uint32_t seed = 1;
  for (int i = 0; i < rounds; i++) {
    seed = seed * 1664525 + 1013904223;
    int slot = seed >> 8 & 0xff;
    size_t size = 1 + (seed >> 16) % (seed & 1 ? 64 : 20000);
    if (slot >= count) continue;
    if (blocks[slot]) {
      for (size_t at = 0; at < sizes[slot]; at++)
        if (blocks[slot][at] != (unsigned char)slot) return printf("block %d changed\n", slot), 1;
      if (seed & 2) {
        own_free(blocks[slot]);
        blocks[slot] = NULL;
        continue;
      }
      size_t kept = size < sizes[slot] ? size : sizes[slot];
      blocks[slot] = own_realloc(blocks[slot], size);
      for (size_t at = 0; at < kept; at++)
        if (blocks[slot][at] != (unsigned char)slot) return puts("lost in realloc"), 1;
    } else if (seed & 4) {
      size_t alignment = 16UL << (seed >> 3 & 7);
      if (own_posix_memalign((void **)&blocks[slot], alignment, size)) return puts("posix_memalign"), 1;
      if ((uintptr_t)blocks[slot] & (alignment - 1)) return puts("not aligned"), 1;
    } else {
      blocks[slot] = own_malloc(size);
    }
    if ((uintptr_t)blocks[slot] & 15) return puts("not aligned"), 1;
    sizes[slot] = size;
    memset(blocks[slot], slot, size);
  }
  puts("fine");
  return 0;
}

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "";
  if (!strcmp(name, "work")) return work();
  if (!strcmp(name, "huge")) {
    // Classes end at 48 GiB; the sizes above were an index past the end.
    for (int bits = 37; bits < 64; bits++)
      if (own_malloc(3UL << (bits - 1)) || own_realloc(NULL, SIZE_MAX >> (63 - bits))) return puts("given"), 1;
    void *block;
    if (own_posix_memalign(&block, 64, SIZE_MAX - 8) != ENOMEM || own_calloc(SIZE_MAX / 2, 3)) return puts("given"), 1;
    puts("refused");
    return 0;
  }
  char *volatile first = own_malloc(24), *volatile second = own_malloc(24);
  if (!strcmp(name, "overflow")) memset(first, 0x41, 48);
  if (!strcmp(name, "twice")) own_free(second);
  if (!strcmp(name, "foreign")) second += 16;
  own_free(second);
  puts("survived");
  return 0;
}
