/* pty [OPTION…] -- COMMAND…: the command with a terminal of its own, whose output goes to our standard
 * output; its exit status. -s ROWS COLUMNS: the terminal's size. -n: the command's streams are
 * non-blocking. -w: they are read slowly. -q: they are not read at all (Ctrl-S). -i, -o: standard input,
 * output are ours, not the terminal's. -p FILE: the command's pid. -b: it is a background job.
 * -c: what is in standard input is typed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int slow, silent, types, keep_input, keep_output, background;

static void pass(int master) {
    char buffer[4096];
    ssize_t count = read(master, buffer, slow ? 128 : sizeof buffer);
    if (count > 0 && write(1, buffer, count) != count) exit(125);
}

int main(int argc, char **argv) {
    int master = posix_openpt(O_RDWR | O_NOCTTY), nonblocking = 0, i = 1;
    if (master < 0 || grantpt(master) || unlockpt(master)) { perror("pty"); return 125; }
    int peer = open(ptsname(master), O_RDWR | O_NOCTTY);
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    const char *pid_file = NULL;
    for (; i < argc && strcmp(argv[i], "--"); i++) {
        switch (argv[i][1]) {
        case 's': size.ws_row = atoi(argv[i + 1]); size.ws_col = atoi(argv[i + 2]); i += 2; break;
        case 'n': nonblocking = 1; break;
        case 'w': slow = 1; break;
        case 'q': silent = 1; break;
        case 'i': keep_input = 1; break;
        case 'o': keep_output = 1; break;
        case 'b': background = 1; break;
        case 'c': types = 1; break;
        case 'p': pid_file = argv[++i]; break;
        }
    }
    ioctl(peer, TIOCSWINSZ, &size);
    if (nonblocking) fcntl(peer, F_SETFL, O_NONBLOCK);
    struct termios before = {0}, after = {0};
    tcgetattr(peer, &before);
    pid_t leader = fork();
    if (leader == 0) {
        setsid();
        ioctl(peer, TIOCSCTTY, 0);
        pid_t job = background ? fork() : 0;
        if (job > 0) {
            int status;
            waitpid(job, &status, 0);
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        }
        if (background) setpgid(0, 0);
        if (pid_file) {
            FILE *file = fopen(pid_file, "w");
            fprintf(file, "%d\n", getpid());
            fclose(file);
        }
        if (!keep_input) dup2(peer, 0);
        if (!keep_output) dup2(peer, 1);
        if (!keep_output) dup2(peer, 2);
        close(master);
        close(peer);
        execvp(argv[i + 1], argv + i + 1);
        _exit(127);
    }
    if (types) {
        char text[1024];
        ssize_t count = read(0, text, sizeof text);
        if (count > 0 && write(master, text, count) != count) return 125;
    }
    for (int status, done = 0;;) {
        struct pollfd watched = {.fd = silent ? -1 : master, .events = POLLIN};
        poll(&watched, 1, 10);
        if (watched.revents & POLLIN) {
            pass(master);
            if (slow) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
            continue;
        }
        if (done) {
            tcgetattr(peer, &after);
            if (memcmp(&before, &after, offsetof(struct termios, c_cc))) { fprintf(stderr, "pty: the settings are not as before\n"); return 124; }
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        done = waitpid(leader, &status, WNOHANG) == leader;
    }
}
