// Runs a program by single steps and counts the instructions that it executes in user space, with those of its children, until
// they execute another program. No load of the machine and no processor changes the figure.
//
// steps [-o FILE] COMMAND…: the figure goes to standard error. A stage is one start of the program, or one process of it. FILE gets
// the address of every instruction that was executed, in the order of the first time, and how often: "STAGE ADDRESS COUNT". From it
// packaging/order makes the order of the functions in the binary, which must be linked to a fixed address.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { base = 0x200000, span = 8 << 20, stages = 8, most = 64 };

static struct process {
  pid_t pid;
  int stage;
} processes[most];
static int process_count, stage_count;
static uint32_t *seen[stages], *order[stages], order_count[stages];
static uint64_t counts[stages];
static FILE *output;

static void fail(const char *what) {
  perror(what);
  exit(1);
}
static int next_stage(void) {
  if (stage_count == stages) {
    fprintf(stderr, "steps: more starts and processes than it counts\n");
    exit(1);
  }
  seen[stage_count] = calloc(span, sizeof *seen[0]);
  order[stage_count] = calloc(span, sizeof *order[0]);
  return stage_count++;
}
static struct process *find(pid_t pid) {
  for (int i = 0; i < process_count; i++)
    if (processes[i].pid == pid) return &processes[i];
  if (process_count == most) exit(1);
  processes[process_count] = (struct process){.pid = pid, .stage = next_stage()};
  return &processes[process_count++];
}
static void forget(pid_t pid) {
  for (int i = 0; i < process_count; i++)
    if (processes[i].pid == pid) processes[i] = processes[--process_count];
}
static void note(struct process *process, pid_t pid) {
  uint64_t address = (uint64_t)ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user_regs_struct, rip), 0);
  counts[process->stage]++;
  if (address - base >= span) return;
  int stage = process->stage;
  if (!seen[stage][address - base]++) order[stage][order_count[stage]++] = address - base;
}
// A container that was created lives on: its init is let go where it waits.
static void let_go(void) {
  for (int i = 0; i < process_count; i++) {
    int status;
    if (kill(processes[i].pid, SIGSTOP) || waitpid(processes[i].pid, &status, __WALL) < 0) continue;
    if (WIFSTOPPED(status)) ptrace(PTRACE_DETACH, processes[i].pid, 0, 0);
    kill(processes[i].pid, SIGCONT);
  }
}
// The name of the program, which the protected copy shares.
static int is_same_program(pid_t pid, const char *name) {
  char path[64], program[4096];
  snprintf(path, sizeof path, "/proc/%d/exe", pid);
  ssize_t length = readlink(path, program, sizeof program - 1);
  if (length < 0) return 0;
  program[length] = 0;
  const char *last = strrchr(program, '/');
  return !strcmp(last ? last + 1 : program, name) || !strncmp(program, "/memfd:", 7);
}

int main(int argc, char **argv) {
  int first = 1;
  if (argc > 3 && !strcmp(argv[1], "-o")) {
    if (!(output = fopen(argv[2], "w"))) fail(argv[2]);
    first = 3;
  }
  if (first >= argc) return 2;
  const char *name = strrchr(argv[first], '/');
  name = name ? name + 1 : argv[first];
  pid_t root = fork();
  if (root < 0) fail("fork");
  if (!root) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execv(argv[first], argv + first);
    fail(argv[first]);
  }
  int status, result = 1;
  if (waitpid(root, &status, 0) != root || !WIFSTOPPED(status)) fail("wait");
  long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SETOPTIONS, root, 0, options)) fail("ptrace");
  find(root);
  if (ptrace(PTRACE_SINGLESTEP, root, 0, 0)) fail("ptrace");
  pid_t pid;
  while ((pid = waitpid(-1, &status, __WALL)) > 0) {
    if (!WIFSTOPPED(status)) {
      forget(pid);
      if (pid != root) continue;
      result = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
      let_go();
      break;
    }
    int event = status >> 16, sent = WSTOPSIG(status), deliver = 0;
    struct process *process = find(pid);
    if (event == PTRACE_EVENT_EXEC) {
      if (!is_same_program(pid, name)) {
        ptrace(PTRACE_DETACH, pid, 0, 0);
        forget(pid);
        continue;
      }
      process->stage = next_stage();
    } else if (event == 0 && sent == SIGTRAP) {
      note(process, pid);
    } else if (event == 0 && sent != SIGSTOP) {
      deliver = sent;
    }
    ptrace(PTRACE_SINGLESTEP, pid, 0, deliver);
  }
  uint64_t total = 0;
  for (int i = 0; i < stage_count; i++) {
    fprintf(stderr, "stage %d: %lu\n", i, counts[i]);
    total += counts[i];
    for (uint32_t n = 0; output && n < order_count[i]; n++)
      fprintf(output, "%d %x %u\n", i, base + order[i][n], seen[i][order[i][n]]);
  }
  fprintf(stderr, "%lu instructions\n", total);
  return result;
}
