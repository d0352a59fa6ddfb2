// The release's allocator by itself, under other names: random calls whose blocks must keep what was written into them and
// never overlap, and every kind of damage, each in a child that must end with one line. Usage: allocator.sh
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define malloc tested_malloc
#define free tested_free
#define calloc tested_calloc
#define realloc tested_realloc
#define posix_memalign tested_posix_memalign
#define aligned_alloc tested_aligned_alloc
void *malloc(size_t);
void free(void *);
#include "../Sources/CShim/allocator.c"

static int failures;
static void expect(int holds, const char *what) {
  if (holds) return;
  failures++;
  fprintf(stderr, "allocator: %s\n", what);
}

enum { slots = 500, calls = 200000 };
static struct {
  unsigned char *block;
  size_t size;
  unsigned char mark;
} slot[slots];

static int is_whole(int i) {
  for (size_t n = 0; n < slot[i].size; n++)
    if (slot[i].block[n] != slot[i].mark) return 0;
  return 1;
}
static size_t random_size(void) {
  size_t size = (size_t)rand() % 200;
  if (rand() % 20 == 0) size = (size_t)rand() % 5000;
  if (rand() % 2000 == 0) size = (size_t)rand() % 600000;
  return size;
}
static void fill(int i, void *block, size_t size) {
  expect(block && (uintptr_t)block % granule == 0, "a block is not aligned");
  slot[i].block = block;
  slot[i].size = size;
  slot[i].mark = (unsigned char)rand();
  memset(block, slot[i].mark, size);
}
static void random_calls(void) {
  for (int n = 0; n < calls; n++) {
    int i = rand() % slots;
    size_t size = random_size();
    expect(is_whole(i), "a block lost what was in it");
    switch (rand() % 8) {
    case 0: {
      size_t kept = slot[i].size < size ? slot[i].size : size;
      unsigned char *block = tested_realloc(slot[i].block, size);
      for (size_t at = 0; at < kept; at++) expect(block[at] == slot[i].mark, "realloc lost what was in a block");
      fill(i, block, size);
      break;
    }
    case 1: {
      tested_free(slot[i].block);
      unsigned char *block = tested_calloc(size, 1);
      for (size_t at = 0; at < size; at++) expect(block[at] == 0, "calloc gave a block that is not zero");
      fill(i, block, size);
      break;
    }
    case 2: {
      size_t alignment = granule << rand() % 9;
      void *block;
      tested_free(slot[i].block);
      expect(tested_posix_memalign(&block, alignment, size) == 0, "posix_memalign failed");
      expect((uintptr_t)block % alignment == 0, "posix_memalign did not align");
      fill(i, block, size);
      break;
    }
    case 3:
      tested_free(slot[i].block);
      slot[i].block = NULL;
      slot[i].size = 0;
      break;
    default:
      tested_free(slot[i].block);
      fill(i, tested_malloc(size), size);
    }
  }
  for (int i = 0; i < slots; i++) expect(is_whole(i), "a block lost what was in it");
}
static void sizes(void) {
  uint32_t last = 0;
  for (size_t stride = 16; stride < 1UL << 35; stride += stride < 100000 ? 1 : stride / 7) {
    uint32_t class = class_of(stride);
    expect(class < classes && class >= last, "classes are not in order of their sizes");
    expect(stride_of(class) >= stride, "a class is smaller than what it is for");
    expect(stride <= 32 || stride_of(class - 1) < stride, "a smaller class would do");
    expect(stride_of(class) % granule == 0, "a class is no multiple of 16");
    last = class;
  }
  expect(!tested_malloc(SIZE_MAX) && errno == ENOMEM, "malloc gave more than there is");
  expect(!tested_calloc(SIZE_MAX / 2, 3) && errno == ENOMEM, "calloc gave more than there is");
  void *block;
  expect(tested_posix_memalign(&block, 24, 8) == EINVAL, "posix_memalign took an odd alignment");
  expect(tested_posix_memalign(&block, 64, SIZE_MAX - 8) == ENOMEM, "posix_memalign gave more than there is");
}

// A block, and one behind it that keeps it from being given back to the piece.
static char *block_of(size_t size) {
  char *block = tested_malloc(size);
  tested_malloc(size);
  return block;
}
static void frees_twice(void) {
  char *block = block_of(40);
  tested_free(block);
  tested_free(block);
}
static void frees_the_last_twice(void) {
  char *block = tested_malloc(1 << 18);
  tested_free(block);
  tested_free(block);
}
static void frees_the_middle(void) { tested_free(block_of(400) + 64); }
static void frees_an_odd_place(void) { tested_free(block_of(400) + 8); }
static void frees_the_stack(void) {
  char place[64] __attribute__((aligned(16))) = {0};
  tested_free(place + 16);
}
static void writes_past_the_end(void) {
  char *block = tested_malloc(24), *next = tested_malloc(24);
  memset(block, 'x', 32);
  tested_free(next);
}
static void writes_a_class(void) {
  char *block = block_of(24);
  header_of(block)->class = 1 << 20;
  tested_free(block);
}
static void writes_before_a_free_block(void) {
  char *before = tested_malloc(24), *block = block_of(24);
  tested_free(block);
  memset(before, 'x', 32);
  tested_malloc(24);
}
static void moves_the_start(void) {
  void *block = NULL;
  if (tested_posix_memalign(&block, 256, 64)) return;
  header_of(block)->class += 16;
  tested_free(block);
}
static void grows_what_is_none(void) { tested_realloc(block_of(400) + 64, 500); }

static void ends(void (*damage)(void), const char *name) {
  int pipes[2], status;
  if (pipe(pipes)) _exit(1);
  pid_t child = fork();
  if (!child) {
    dup2(pipes[1], 2);
    damage();
    _exit(0);
  }
  close(pipes[1]);
  char text[200] = {0};
  ssize_t length = read(pipes[0], text, sizeof text - 1);
  waitpid(child, &status, 0);
  close(pipes[0]);
  expect(length > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 1 && strstr(text, "memory is damaged"), name);
}

int main(void) {
  srand(14);
  sizes();
  ends(frees_twice, "a block was freed twice");
  ends(frees_the_last_twice, "the last block was freed twice");
  ends(frees_the_middle, "the middle of a block was freed");
  ends(frees_an_odd_place, "an odd address was freed");
  ends(frees_the_stack, "the stack was freed");
  ends(writes_past_the_end, "a block was written past its end");
  ends(writes_a_class, "a class was damaged");
  ends(writes_before_a_free_block, "a free block was damaged");
  ends(moves_the_start, "an aligned block was damaged");
  ends(grows_what_is_none, "the middle of a block was made larger");
  random_calls();
  return failures != 0;
}
