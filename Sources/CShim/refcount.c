// The release's reference counts. Those of Embedded Swift's library are atomic, which a process with one thread pays for with
// twenty cycles each time; the linker takes these in their place. (The second thread of an init that closes its seccomp
// listener is C alone.)
#ifdef APUS_MUSL
#include <stddef.h>
#include <stdint.h>

typedef __attribute__((swiftcall)) void destroyer(__attribute__((swift_context)) void *);
struct metadata {
  const void *superclass;
  destroyer *destroy;
};
// The highest bit of the count says that the memory is not to be freed; with all others set, the object lives for ever.
struct object {
  const struct metadata *metadata;
  int64_t count;
};

// A pointer with the highest bit set is no object's.
static inline int is_counted(const struct object *object) {
  return (intptr_t)object > 0 && (object->count & INT64_MAX) != INT64_MAX;
}

void *swift_retain_n(struct object *object, uint32_t n) {
  if (is_counted(object)) object->count += n;
  return object;
}
void *swift_retain(struct object *object) {
  if (is_counted(object)) object->count++;
  return object;
}
void swift_release_n(struct object *object, uint32_t n) {
  if (!is_counted(object)) return;
  int64_t left;
  if (__builtin_sub_overflow(object->count, (int64_t)n, &left)) __builtin_trap();
  if (left & INT64_MAX) {
    object->count = left;
    return;
  }
  // Whatever retains and releases it while it is destroyed has no effect.
  object->count |= INT64_MAX;
  object->metadata->destroy(object);
}
void swift_release(struct object *object) { swift_release_n(object, 1); }
#endif
