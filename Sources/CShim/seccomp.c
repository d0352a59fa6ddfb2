#include "call.h"
#include "include/CShim.h"
#include "include/seccomp_shim.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

int64_t apus_seccomp_load(const void *instructions, uint16_t count, uint32_t flags) {
  struct sock_fprog program = {count, (struct sock_filter *)instructions};
  return KERNEL(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

int64_t apus_seccomp_probe(uint16_t count, uint32_t flags) {
  // The last address there is: no process has a program there. That NULL is none the kernel says too early.
  return apus_seccomp_load((const void *)(UINTPTR_MAX & ~(uintptr_t)7), count, flags);
}

static _Atomic uint32_t *word;

int64_t apus_word_make(int32_t fd) {
  void *page = mmap(NULL, sizeof *word, PROT_READ | PROT_WRITE, fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return -errno;
  word = page;
  return 0;
}
int32_t apus_word_exists(void) { return word != NULL; }
uint32_t apus_word_read(void) { return word ? atomic_load(word) : 0; }

int64_t apus_seccomp_execute(struct apus_filter filter, const char *path, char *const argv[], char *const envp[],
                             struct apus_failure_message message) {
  int64_t loaded = apus_seccomp_load(filter.instructions, filter.count, filter.flags);
  if (loaded < 0) return loaded;
  uint32_t error = (uint32_t)-KERNEL(syscall(SYS_execve, path, argv, envp));
  // A filter can make a call fail without an errno.
  if (error == 0) error = EPERM;
  if (word) atomic_store(word, error);
  if (message.fd >= 0) {
    message.record[1] = (uint8_t)error;
    message.record[2] = (uint8_t)(error >> 8);
    syscall(SYS_write, message.fd, message.record, message.size);
  }
  apus_exit(message.status);
}

int64_t apus_seccomp_receive(int32_t listener, struct apus_call *call) {
  // The kernel writes as much as it knows, which may be more than these headers say; it insists on zeros before.
  union {
    struct seccomp_notif notification;
    char room[512];
  } received = {.room = {0}};
  int64_t answer = KERNEL(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &received));
  if (answer < 0) return answer;
  const struct seccomp_data *data = &received.notification.data;
  call->id = received.notification.id;
  call->number = (uint32_t)data->nr;
  call->architecture = data->arch;
  for (int i = 0; i < 6; i++) call->arguments[i] = data->args[i];
  return 0;
}

int64_t apus_seccomp_answer(int32_t listener, uint64_t id, int32_t error, int32_t proceeds) {
  struct seccomp_notif_resp answer = {.id = id, .error = -error, .flags = proceeds ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0};
  return KERNEL(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer));
}
