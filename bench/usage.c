// usage RUNS COMMAND…: runs the command twice, then RUNS times more, and prints what each of those took, as JSON: seconds of wall time,
// seconds of processor time and page faults, of the command and of everything that it waited for.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most = 1000 };
static struct {
  double wall, processor;
  long faults;
} run[most];
static int null;

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }
static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}
static void measure(char **command, int n) {
  struct rusage before, after;
  int status;
  getrusage(RUSAGE_CHILDREN, &before);
  double start = now();
  pid_t pid = vfork();
  if (pid == 0) {
    dup2(null, 1);
    execvp(command[0], command);
    _exit(127);
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
    fprintf(stderr, "usage: %s failed\n", command[0]);
    exit(1);
  }
  run[n].wall = now() - start;
  getrusage(RUSAGE_CHILDREN, &after);
  run[n].processor = seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) - seconds(before.ru_stime);
  run[n].faults = after.ru_minflt + after.ru_majflt - before.ru_minflt - before.ru_majflt;
}
int main(int argc, char **argv) {
  int runs = argc > 2 ? atoi(argv[1]) : 0;
  if (runs < 1 || runs > most) return 2;
  // What the command prints is not looked at.
  null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null < 0) return 1;
  for (int n = -2; n < runs; n++) measure(argv + 2, n < 0 ? 0 : n);
  printf("{\"times\":[");
  for (int n = 0; n < runs; n++) printf("%s%.6f", n ? "," : "", run[n].wall);
  printf("],\"processor\":[");
  for (int n = 0; n < runs; n++) printf("%s%.6f", n ? "," : "", run[n].processor);
  printf("],\"faults\":[");
  for (int n = 0; n < runs; n++) printf("%s%ld", n ? "," : "", run[n].faults);
  printf("]}\n");
}
