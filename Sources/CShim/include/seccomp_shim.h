#pragma once
#include <stdint.h>

// seccomp.c
// Instructions of classic BPF and flags of seccomp(2).
struct apus_filter {
  const void *instructions;
  uint16_t count;
  uint32_t flags;
};
// Loads `count` instructions of classic BPF; a descriptor if `flags` ask for a listener, else 0.
int64_t apus_seccomp_load(const void *instructions, uint16_t count, uint32_t flags);
// Loads a filter with a listener, which is not left in this process: a thread that the filter does not hold closes it once
// the shared flag is raised, since the filter may have close(2) wait for an agent that is gone by then. Waits for that. 1 if
// it is closed, 2 if the thread could not be made and it is open still, 0 when `seconds` have passed, else a negative errno.
int64_t apus_seccomp_load_listening(const void *instructions, uint16_t count, uint32_t flags, int64_t seconds);
// What the kernel answers to a program of `count` instructions that it cannot read: EFAULT if there was nothing else.
int64_t apus_seccomp_probe(uint16_t count, uint32_t flags);

// A word that a process shares with its children, and with whoever opens the file `fd`; -1: with children only. It holds
// the errno of an execve(2) that failed under a filter, 0 before.
int64_t apus_word_make(int32_t fd);
int32_t apus_word_exists(void);
uint32_t apus_word_read(void);

// What becomes of a process whose execve(2) failed: the errno is put into the second and third byte of `record`, which is
// written to `fd` unless that is -1, and the process ends with `status`.
struct apus_failure_message {
  int32_t fd;
  int32_t status;
  uint8_t *record;
  uint64_t size;
};
// Loads the filter and executes `path`. Comes back only with what seccomp(2) answered: under the filter, which was written
// for the program and may forbid everything else, nothing is called but execve(2), and nothing but this function runs.
int64_t apus_seccomp_execute(struct apus_filter filter, const char *path, char *const argv[], char *const envp[],
                             struct apus_failure_message message);

// A call under a filter with a listener, which waits for its answer.
struct apus_call {
  uint64_t id;
  uint32_t number;
  uint32_t architecture;
  uint64_t arguments[6];
};
int64_t apus_seccomp_receive(int32_t listener, struct apus_call *call);
// The call fails with `error`, a positive errno or 0, or is made if `proceeds`.
int64_t apus_seccomp_answer(int32_t listener, uint64_t id, int32_t error, int32_t proceeds);
