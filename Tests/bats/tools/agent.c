// Answers for a seccomp filter that notifies: listens on the socket PATH, writes the container process
// state that it is sent to PATH.state, and lets every call fail with EDOM, a word that nothing else says.
// With a second argument it does less: `close` accepts connections and closes them at once, `die` takes a listener and ends,
// `silent` takes it and never answers.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int take(int connection, const char *path) {
  static char text[1 << 20];
  char control[CMSG_SPACE(8 * sizeof(int))];
  struct iovec data = {text, sizeof text};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t size = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  if (size <= 0) return -1;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int))) return -1;
  int listener;
  memcpy(&listener, CMSG_DATA(header), sizeof listener);
  for (ssize_t more; (more = read(connection, text + size, sizeof text - (size_t)size)) > 0;) size += more;
  char name[256];
  snprintf(name, sizeof name, "%s.state", path);
  int file = open(name, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (write(file, text, (size_t)size) != size || write(file, "\n", 1) != 1) return -1;
  close(file);
  return listener;
}

static void answer(int listener) {
  struct seccomp_notif question;
  struct seccomp_notif_resp reply;
  struct pollfd asked = {.fd = listener, .events = POLLIN};
  // Hung up: nobody is left who could ask.
  while (poll(&asked, 1, -1) == 1 && !(asked.revents & POLLHUP)) {
    memset(&question, 0, sizeof question);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question) != 0) {
      // Who asked was killed meanwhile.
      if (errno == EINTR || errno == ENOENT) continue;
      return;
    }
    memset(&reply, 0, sizeof reply);
    reply.id = question.id;
    reply.error = -EDOM;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
  }
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, arguments[1], sizeof address.sun_path - 1);
  int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 8) != 0) return 1;
  for (;;) {
    int connection = accept(server, NULL, NULL);
    if (connection < 0) return 1;
    const char *less = count > 2 ? arguments[2] : "";
    int listener = strcmp(less, "close") == 0 ? -1 : take(connection, arguments[1]);
    if (strcmp(less, "die") == 0) return 0;
    if (strcmp(less, "silent") == 0) for (;;) pause();
    close(connection);
    if (listener < 0) continue;
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      answer(listener);
      _exit(0);
    }
    close(listener);
  }
}
