/* What the suites need and a shell cannot do. Built static, so that it runs inside a bare rootfs
 * too. `probe VERB ARGS…`; every verb prints plain lines that a test compares. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <rdma/ib_user_verbs.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) { perror(what); exit(1); }

static void nap(int milliseconds) {
    struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&t, 0);
}

static const struct { const char *name; long number; } calls[] = {
    {"getpid", SYS_getpid}, {"getuid", SYS_getuid}, {"getppid", SYS_getppid}, {"gettid", SYS_gettid},
    {"getgid", SYS_getgid}, {"getsid", SYS_getsid}, {"kcmp", SYS_kcmp}, {"personality", SYS_personality},
    {"sync", SYS_sync}, {"openat2", SYS_openat2}, {"clone3", SYS_clone3}, {"close_range", SYS_close_range},
    {"mount_setattr", SYS_mount_setattr}, {"open_tree", SYS_open_tree}, {"move_mount", SYS_move_mount},
    {"fsopen", SYS_fsopen}, {"bpf", SYS_bpf}, {"pidfd_open", SYS_pidfd_open}, {"add_key", SYS_add_key},
    {"keyctl", SYS_keyctl}, {"unshare", SYS_unshare}, {"fchmodat2", 452}, {"setns", SYS_setns},
    {"setresuid", SYS_setresuid}, {"setresgid", SYS_setresgid}, {"setgroups", SYS_setgroups}, {"capset", SYS_capset},
    {"pivot_root", SYS_pivot_root}, {"umount2", SYS_umount2}, {"prctl", SYS_prctl}, {"sethostname", SYS_sethostname},
    {"setsid", SYS_setsid}, {"prlimit64", SYS_prlimit64}, {"seccomp", SYS_seccomp}, {"mknodat", SYS_mknodat},
    {"mkdirat", SYS_mkdirat}, {"statmount", 457}, {"execve", SYS_execve}, {"execveat", SYS_execveat},
};

static long number(const char *name) {
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (!strcmp(calls[i].name, name)) return calls[i].number;
    fprintf(stderr, "probe: no call named %s\n", name);
    exit(2);
}

/* socketed FILE CMD…: CMD with a socket as standard input, on which FILE is sent. */
static int socketed(char **argv) {
    int ends[2], file = open(argv[0], O_RDONLY);
    if (file < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) die("socketed");
    if (fork() == 0) {
        char buffer[4096];
        ssize_t count;
        close(ends[0]);
        while ((count = read(file, buffer, sizeof buffer)) > 0)
            if (write(ends[1], buffer, count) != count) _exit(1);
        _exit(0);
    }
    dup2(ends[0], 0);
    close(ends[0]);
    close(ends[1]);
    close(file);
    execv(argv[1], argv + 1);
    die(argv[1]);
    return 1;
}

/* reap CMD…: runs CMD as a subreaper does and prints how all that it left behind ended. */
static int reap(char **argv) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t child = fork(), pid;
    if (!child) {
        execvp(argv[0], argv);
        die(argv[0]);
    }
    int status;
    while ((pid = wait(&status)) > 0)
        if (pid != child) printf(WIFEXITED(status) ? "exit %d\n" : "signal %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return 0;
}

/* fds: the descriptors that are open, without opening one to find out. */
static int fds(void) {
    for (int fd = 0; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) >= 0) {
            struct stat s;
            fstat(fd, &s);
            printf("%d %s\n", fd, S_ISDIR(s.st_mode) ? "dir" : S_ISREG(s.st_mode) ? "file" : "other");
        }
    return 0;
}

/* call NAME ARG…: makes one system call and prints its result or the errno's text. */
static int call(int argc, char **argv) {
    long a[6] = {0};
    for (int i = 1; i < argc && i < 7; i++) a[i - 1] = strtol(argv[i], 0, 0);
    long r = syscall(number(argv[0]), a[0], a[1], a[2], a[3], a[4], a[5]);
    if (r < 0) printf("%s: %s\n", argv[0], strerror(errno));
    else printf("%s = %ld\n", argv[0], r);
    return 0;
}

/* self: what a program inherits that no file of procfs tells. */
static int self(void) {
    int death = -1, reaper = -1;
    prctl(PR_GET_PDEATHSIG, &death);
    prctl(PR_GET_CHILD_SUBREAPER, &reaper);
    printf("leader=%d group=%d pdeathsig=%d subreaper=%d keepcaps=%d securebits=%d\n", getsid(0) == getpid(),
           getpgrp() == getpid(), death, reaper, prctl(PR_GET_KEEPCAPS), prctl(PR_GET_SECUREBITS));
    return 0;
}

/* adopt CMD…: runs CMD, then stays as the parent of all that CMD left behind and reaps nothing. */
static _Noreturn void adopt(char **argv) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t child = fork();
    if (!child) {
        execvp(argv[0], argv);
        die(argv[0]);
    }
    int status;
    waitpid(child, &status, 0);
    printf("adopted %d\n", WEXITSTATUS(status));
    fflush(stdout);
    for (;;) pause();
}

/* without CALL[:FIRST][,CALL…] ERRNO CMD…: runs CMD where these calls (with this first argument) fail, as on an older kernel. */
static int without(char **argv) {
    struct sock_filter f[64];
    int n = 0, error = atoi(argv[1]);
    for (char *name = strtok(argv[0], ","); name; name = strtok(0, ",")) {
        char *first = strchr(name, ':');
        if (first) *first++ = 0;
        f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
        f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number(name), 0, first ? 3 : 1);
        if (first) {
            f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]));
            f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, atoi(first), 0, 1);
        }
        f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
    }
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {n, f};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) die("seccomp");
    execvp(argv[2], argv + 2);
    die(argv[2]);
    return 1;
}

/* crowded CMD…: runs CMD under so many filters that the kernel takes no more of any use: 32768 instructions in all. */
static int crowded(char **argv) {
    struct sock_filter f[4000];
    for (int size = sizeof f / sizeof *f; size >= 4; size /= 10) {
        for (int n = 0; n < size; n++) f[n] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
        f[size - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        struct sock_fprog program = {size, f};
        while (!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) continue;
        if (errno != ENOMEM) die("seccomp");
    }
    execvp(argv[0], argv);
    die(argv[0]);
    return 1;
}

/* linux510 CMD…: runs CMD without what came after Linux 5.10: calls by their number, flags of calls by their bits. */
static int linux510(char **argv) {
    enum { epoll_pwait2 = 441, cloexec = 4, exec_or_noexec_seal = 0x18 };
    struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, epoll_pwait2, 5, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, cloexec, 3, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, exec_or_noexec_seal, 1, 2),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof f / sizeof *f, f};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) die("seccomp");
    execvp(argv[0], argv);
    die(argv[0]);
    return 1;
}

/* masked CMD…: every signal blocked, SIGPIPE and SIGCHLD ignored, as some callers leave them. */
static int masked(char **argv) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    execvp(argv[0], argv);
    die(argv[0]);
    return 1;
}

/* uverbs DEVICE N: takes N handles of an RDMA device and keeps them, until one cannot be had. */
static int uverbs(const char *path, int n) {
    while (n-- > 0) {
        struct ib_uverbs_get_context_resp answer;
        struct {
            struct ib_uverbs_cmd_hdr header;
            struct ib_uverbs_get_context command;
        } question = {{IB_USER_VERBS_CMD_GET_CONTEXT, sizeof question / 4, sizeof answer / 4}, {(unsigned long)&answer}};
        int device = open(path, O_RDWR);
        if (device < 0) die(path);
        if (write(device, &question, sizeof question) < 0) return puts(strerror(errno)), 1;
        puts("opened");
    }
    return 0;
}

/* recvtty SOCKET: takes the console of one container, says what came with it, prints its output. */
static int recvtty(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4)) die(path);
    int peer = accept(listener, 0, 0);
    char data[4096], control[CMSG_SPACE(16 * sizeof(int))];
    struct iovec iov = {data, sizeof data};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(peer, &message, 0);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    int count = c ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0, master = -1;
    if (c) memcpy(&master, CMSG_DATA(c), sizeof master);
    struct winsize size = {0};
    ioctl(master, TIOCGWINSZ, &size);
    printf("fds=%d data=%s rows=%d cols=%d\n", count, n > 0 ? "yes" : "no", size.ws_row, size.ws_col);
    printf("then=%s\n", recv(peer, data, 1, 0) == 0 ? "eof" : "more");
    fflush(stdout);
    while ((n = read(master, data, sizeof data)) > 0) {
        fwrite(data, 1, n, stdout);
        fflush(stdout);
    }
    return 0;
}

/* recvpid SOCKET: takes the descriptor of one process, says what came with it and which process it is. */
static int recvpid(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd = -1;
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 1)) die(path);
    char data[64] = "", control[CMSG_SPACE(sizeof fd)], line[256];
    struct iovec iov = {data, sizeof data - 1};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(accept(listener, 0, 0), &message, 0) < 0) die("recvmsg");
    if (CMSG_FIRSTHDR(&message)) memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    snprintf(line, sizeof line, "/proc/self/fdinfo/%d", fd);
    FILE *info = fopen(line, "r");
    if (!info) die(line);
    while (fgets(line, sizeof line, info))
        if (!strncmp(line, "Pid:", 4)) printf("%s %d\n", data, atoi(line + 4));
    return 0;
}

/* Sends TEXT to the socket that NOTIFY_SOCKET names, with one descriptor unless it is -1. */
static void say(const char *text, int fd) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || !*path) {
        fprintf(stderr, "probe: no NOTIFY_SOCKET\n");
        exit(1);
    }
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    char control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec iov = {(void *)text, strlen(text)};
    struct msghdr message = {.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &iov, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    if (sendmsg(socket(AF_UNIX, SOCK_DGRAM, 0), &message, 0) < 0) die("sendmsg");
}

/* tell LINE…: tells the service manager. */
static int tell(char **argv) {
    char text[4096] = "";
    for (; *argv; argv++) snprintf(text + strlen(text), sizeof text - strlen(text), "%s\n", *argv);
    say(text, -1);
    return 0;
}

/* notify LINE…: tells it, and then says whether it was read (sd_notify_barrier(3)). */
static int notify(char **argv) {
    tell(argv);
    int ends[2];
    if (pipe(ends)) die("pipe");
    say("BARRIER=1", ends[1]);
    close(ends[1]);
    struct pollfd end = {.fd = ends[0]};
    printf(poll(&end, 1, 5000) == 1 ? "heard\n" : "unheard\n");
    return 0;
}

/* manager SOCKET: the service manager: a line for each message, with its lines joined by blanks. `@` begins an abstract name. */
static _Noreturn void manager(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    socklen_t length = sizeof address;
    if (*path == '@') {
        address.sun_path[0] = 0;
        length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    }
    int own = socket(AF_UNIX, SOCK_DGRAM, 0), yes = 1;
    setsockopt(own, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
    if (bind(own, (void *)&address, length)) die(path);
    for (;;) {
        char data[4096], control[256];
        struct iovec iov = {data, sizeof data - 1};
        struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        ssize_t n = recvmsg(own, &message, 0);
        if (n < 0) die("recvmsg");
        data[n] = 0;
        for (char *c = data; *c; c++)
            if (*c == '\n') *c = ' ';
        int sender = 0;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
            struct ucred who;
            int fd;
            if (c->cmsg_type == SCM_CREDENTIALS) {
                memcpy(&who, CMSG_DATA(c), sizeof who);
                sender = who.pid;
            } else {
                memcpy(&fd, CMSG_DATA(c), sizeof fd);
                close(fd);
            }
        }
        printf("%d: %s\n", sender, data);
        fflush(stdout);
    }
}

/* swap A B: exchanges two names until it is killed. */
static _Noreturn void swap(char **argv) {
    for (;;)
        if (syscall(SYS_renameat2, AT_FDCWD, argv[0], AT_FDCWD, argv[1], 2 /* RENAME_EXCHANGE */)) die("renameat2");
}

/* comm_of: the name of a process, empty when it has gone. */
static void comm_of(int pid, char comm[32]) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    memset(comm, 0, 32);
    int fd = open(path, O_RDONLY);
    if (fd < 0) return;
    ssize_t n = read(fd, comm, 31);
    close(fd);
    if (n > 0) comm[n - 1] = 0;
}

/* reach: whether this way into another process is open. */
static int reach(int pid, const char *way) {
    char path[64];
    if (!strcmp(way, "ptrace")) {
        if (ptrace(PTRACE_SEIZE, pid, 0, 0)) return 0;
        ptrace(PTRACE_INTERRUPT, pid, 0, 0);
        /* Only a stopped process can be let go. */
        waitpid(pid, 0, __WALL);
        ptrace(PTRACE_DETACH, pid, 0, 0);
        return 1;
    }
    snprintf(path, sizeof path, "/proc/%d/%s", pid, way);
    int fd = open(path, O_PATH);
    if (fd < 0) return 0;
    close(fd);
    return 1;
}

/* watch: container root that tries to get into a process that enters the container. It is fair game
 * until it executes its program, which changes its name first. */
static _Noreturn void watch(void) {
    static const char *ways[] = {"exe", "root", "cwd", "fd/0", "fd/3", "ptrace"};
    int seen = 0;
    printf("watching\n");
    fflush(stdout);
    for (;;) {
        DIR *proc = opendir("/proc");
        for (struct dirent *e; (e = readdir(proc));) {
            int pid = atoi(e->d_name);
            char before[32], after[32];
            if (pid <= 1) continue;
            comm_of(pid, before);
            if (!*before || !strcmp(before, "true")) continue;
            if (!seen++) printf("seen %s\n", before);
            for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
                if (!reach(pid, ways[i])) continue;
                comm_of(pid, after);
                if (!strcmp(before, after)) printf("REACHED %s of %s\n", ways[i], before);
            }
            fflush(stdout);
        }
        closedir(proc);
    }
}

/* catch: container root that keeps the executable of an entering process open and, when nobody runs
 * it any more, tries to write to it. Prints one line for each inode it could reach that is not ours. */
static _Noreturn void catch(void) {
    struct stat self, s;
    stat("/proc/self/exe", &self);
    printf("watching\n");
    fflush(stdout);
    for (;;) {
        DIR *proc = opendir("/proc");
        for (struct dirent *e; (e = readdir(proc));) {
            int pid = atoi(e->d_name);
            if (pid <= 1) continue;
            char path[64];
            snprintf(path, sizeof path, "/proc/%d/exe", pid);
            int fd = open(path, O_PATH | O_CLOEXEC);
            if (fd < 0) continue;
            struct stat root;
            if (fstat(fd, &s) || (s.st_dev == self.st_dev && s.st_ino == self.st_ino) ||
                (!stat("/bin/busybox", &root) && root.st_dev == s.st_dev && root.st_ino == s.st_ino)) {
                close(fd);
                continue;
            }
            const char *result = "busy";
            for (int i = 0; i < 200 && !strcmp(result, "busy"); i++) {
                snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
                int w = open(path, O_WRONLY | O_CLOEXEC);
                result = w >= 0 ? "WRITABLE" : errno == ETXTBSY ? "busy" : strerror(errno);
                if (w >= 0) close(w);
                else if (errno == ETXTBSY) nap(10);
            }
            printf("caught %s\n", result);
            fflush(stdout);
            close(fd);
        }
        closedir(proc);
    }
}

/* place FD NUMBER: moves a descriptor to a number that everything we execute inherits. */
static void place(int fd, int number) {
    if (fd < 0 || dup2(fd, number) < 0) die("dup2");
    close(fd);
}

/* holds PATH CMD…: runs CMD with a descriptor of PATH at 9, one of / at 10 and a socket at 250. */
static int holds(char **argv) {
    place(open(argv[0], O_RDONLY | O_DIRECTORY), 9);
    place(open("/", O_RDONLY | O_DIRECTORY), 10);
    place(socket(AF_UNIX, SOCK_STREAM, 0), 250);
    execvp(argv[1], argv + 1);
    die(argv[1]);
    return 1;
}

#ifdef __x86_64__
/* Calls whose failure no program survives, or that cannot fail: close(2) gives the descriptor back whatever it says. */
static int is_vital(long call) {
    static const long vital[] = {SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk, SYS_exit,
                                 SYS_exit_group, SYS_futex, SYS_rt_sigreturn, SYS_set_tid_address, SYS_arch_prctl,
                                 SYS_close};
    for (size_t i = 0; i < sizeof vital / sizeof *vital; i++)
        if (vital[i] == call) return 1;
    return 0;
}

/* shot HOW N FROM CMD…: counts the system calls of CMD and its children, from its first call FROM to
 * its end. Before the Nth, `parent` kills CMD, `caller` kills whoever makes the call, a number makes the call fail
 * with this errno, and `hold` has the call wait for the shell command in $HELD. Says at the end which call that was, of whom, and how CMD ended. */
static int shot(char **argv) {
    const char *how = argv[0], *who = "nobody";
    long at = atol(argv[1]), count = 0, call = -1;
    int error = atoi(how), status, started = 0;
    long from = number(argv[2]);
    pid_t first = fork(), pid;
    if (!first) {
        raise(SIGSTOP);
        execvp(argv[3], argv + 3);
        die(argv[3]);
    }
    waitpid(first, &status, WUNTRACED);
    if (ptrace(PTRACE_SEIZE, first, 0,
               PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC))
        die("ptrace");
    kill(first, SIGCONT);
    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        if (!WIFSTOPPED(status)) {
            if (pid == first) break;
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (signal == (SIGTRAP | 0x80)) {
            struct user_regs_struct regs;
            ptrace(PTRACE_GETREGS, pid, 0, &regs);
            /* At the entry the result is preset to this. */
            int entry = (long)regs.rax == -ENOSYS;
            if (entry && (long)regs.orig_rax == from) started = 1;
            if (entry && started && !(error && is_vital(regs.orig_rax)) && ++count == at) {
                call = regs.orig_rax;
                who = pid == first ? "parent" : "child";
                if (*how == 'h') {
                    if (system(getenv("HELD"))) who = "failed";
                } else if (error) {
                    regs.orig_rax = -1;
                    regs.rax = -error;
                    ptrace(PTRACE_SETREGS, pid, 0, &regs);
                } else {
                    kill(*how == 'p' ? first : pid, SIGKILL);
                }
            }
        }
        int deliver = event || signal == (SIGTRAP | 0x80) || signal == SIGSTOP ? 0 : signal;
        ptrace(PTRACE_SYSCALL, pid, 0, deliver);
    }
    printf("shot of=%ld at=%s call=%ld ", count, who, call);
    printf(WIFEXITED(status) ? "exit=%d\n" : "signal=%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    /* Whoever is left goes on untraced when we end. */
    return 0;
}
#else
static int shot(char **argv) {
    fprintf(stderr, "probe: %s: registers of this machine are unknown\n", *argv);
    return 2;
}
#endif

/* stop N: ends itself with signal N, as a program that crashes does. */
static _Noreturn void stop(int signal) {
    kill(getpid(), signal);
    for (;;) pause();
}

/* trap: says when it is ready and which signals arrive, until SIGTERM. */
static volatile sig_atomic_t last;
static void note(int signal) { last = signal; }
static int trap(void) {
    sigset_t all, none;
    for (int i = 1; i < 65; i++) signal(i, note);
    signal(SIGCHLD, SIG_DFL);
    sigfillset(&all);
    sigemptyset(&none);
    sigprocmask(SIG_BLOCK, &all, 0);
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        sigsuspend(&none);
        printf("signal %d\n", (int)last);
        fflush(stdout);
        if (last == SIGTERM) return 7;
    }
}

// keyring NAME COMMAND…: joins the session keyring NAME, lets everybody search it, prints its number and goes on.
static int keyring(char **args) {
    long key = syscall(SYS_keyctl, 1, args[0]);
    if (key < 0 || syscall(SYS_keyctl, 5, key, 0x3f3f3f3f) < 0) return 1;
    printf("%ld ", key);
    fflush(stdout);
    execvp(args[1], args + 1);
    return 127;
}

/* As a shell that sets its terminal up: what was typed before is thrown away, then all is read to the end. */
static int late(void) {
    char buffer[64];
    usleep(300000);
    tcflush(0, TCIFLUSH);
    if (write(1, "ready\n", 6) != 6) return 1;
    while (read(0, buffer, sizeof buffer) > 0) continue;
    return 0;
}

/* lock FILE, datagrams SOCKET: holds the one (flock(2)) or is connected to the other, and counts on standard output and
 * in what it sends. */
static _Noreturn void hold(const char *what, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int locks = !strcmp(what, "lock");
    int fd = locks ? open(path, O_RDWR | O_CREAT, 0600) : socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0 || (locks ? flock(fd, LOCK_EX | LOCK_NB) : connect(fd, (void *)&address, sizeof address))) die(path);
    for (int i = 1;; nap(50)) {
        char text[16];
        int size = snprintf(text, sizeof text, "%d\n", i++);
        if (write(1, text, size) != size || (!locks && write(fd, text, size) != size)) die(what);
    }
}

int main(int argc, char **argv) {
    const char *verb = argc > 1 ? argv[1] : "";
    char **rest = argv + 2;
    if (!strcmp(verb, "fds")) return fds();
    if (!strcmp(verb, "self")) return self();
    if (!strcmp(verb, "reap") && argc > 2) return reap(rest);
    if (!strcmp(verb, "socketed") && argc > 3) return socketed(rest);
    if (!strcmp(verb, "adopt") && argc > 2) adopt(rest);
    if (!strcmp(verb, "call") && argc > 2) return call(argc - 2, rest);
    if (!strcmp(verb, "keyring") && argc > 3) return keyring(rest);
    if (!strcmp(verb, "without") && argc > 4) return without(rest);
    if (!strcmp(verb, "crowded") && argc > 2) return crowded(rest);
    if (!strcmp(verb, "linux510") && argc > 2) return linux510(rest);
    if (!strcmp(verb, "masked") && argc > 2) return masked(rest);
    if (!strcmp(verb, "uverbs") && argc == 4) return uverbs(rest[0], atoi(rest[1]));
    if (!strcmp(verb, "recvtty") && argc == 3) return recvtty(rest[0]);
    if (!strcmp(verb, "recvpid") && argc == 3) return recvpid(rest[0]);
    if (!strcmp(verb, "tell") && argc > 2) return tell(rest);
    if (!strcmp(verb, "notify") && argc > 2) return notify(rest);
    if (!strcmp(verb, "manager") && argc == 3) manager(rest[0]);
    if (!strcmp(verb, "swap") && argc == 4) swap(rest);
    if (!strcmp(verb, "watch")) watch();
    if (!strcmp(verb, "catch")) catch();
    if (!strcmp(verb, "holds") && argc > 3) return holds(rest);
    if (!strcmp(verb, "shot") && argc > 5) return shot(rest);
    if (!strcmp(verb, "stop") && argc == 3) stop(atoi(rest[0]));
    if (!strcmp(verb, "trap")) return trap();
    if (!strcmp(verb, "late")) return late();
    if ((!strcmp(verb, "lock") || !strcmp(verb, "datagrams")) && argc == 3) hold(verb, rest[0]);
    if (!strcmp(verb, "stay")) return nap(argc > 2 ? atoi(rest[0]) : 100000), 0;
    fprintf(stderr, "probe: fds | self | reap | adopt | call | without | linux510 | masked | uverbs | recvtty | recvpid | tell | notify | manager | swap | watch | catch | holds | shot | stop | trap | late | lock | datagrams\n");
    return 2;
}
