#include "call.h"
#include "include/CShim.h"
#include <linux/sockios.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

enum { MOST_DESCRIPTORS = 8 };

int64_t apus_socketpair(int32_t type, int32_t *ends) { return KERNEL(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends)); }
int64_t apus_socket(int32_t family, int32_t type, int32_t protocol) {
  return KERNEL(socket(family, type | SOCK_CLOEXEC, protocol));
}
static int64_t unix_address(const char *path, struct sockaddr_un *address, socklen_t *length) {
  size_t count = strlen(path);
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (count == 0 || count >= sizeof address->sun_path) return -ENAMETOOLONG;
  memcpy(address->sun_path, path, count);
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + count + 1);
  return 0;
}
int64_t apus_connect_unix(int32_t fd, const char *path) {
  struct sockaddr_un address;
  socklen_t length;
  int64_t result = unix_address(path, &address, &length);
  return result < 0 ? result : KERNEL(connect(fd, (struct sockaddr *)&address, length));
}
int64_t apus_connect_abstract(int32_t fd, const char *name) {
  struct sockaddr_un address;
  socklen_t length;
  int64_t result = unix_address(name, &address, &length);
  if (result < 0) return result;
  // What the first byte stands for; and the name has no byte of zero at its end.
  address.sun_path[0] = 0;
  return KERNEL(connect(fd, (struct sockaddr *)&address, length - 1));
}
int64_t apus_bind_unix(int32_t fd, const char *path) {
  struct sockaddr_un address;
  socklen_t length;
  int64_t result = unix_address(path, &address, &length);
  return result < 0 ? result : KERNEL(bind(fd, (struct sockaddr *)&address, length));
}
int64_t apus_listen(int32_t fd, int32_t backlog) { return KERNEL(listen(fd, backlog)); }
int64_t apus_accept(int32_t fd) { return KERNEL(accept4(fd, NULL, NULL, SOCK_CLOEXEC)); }
int64_t apus_send(int32_t fd, const void *bytes, uint64_t count, uint32_t flags) {
  return KERNEL(send(fd, bytes, count, (int)flags | MSG_NOSIGNAL));
}
int64_t apus_receive(int32_t fd, void *buffer, uint64_t size, uint32_t flags) {
  return KERNEL(recv(fd, buffer, size, (int)flags));
}
int64_t apus_send_descriptors(int32_t fd, const void *bytes, uint64_t size, const int32_t *fds, uint32_t count) {
  if (count == 0 || count > MOST_DESCRIPTORS) return -EINVAL;
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int32_t))];
  } control;
  memset(&control, 0, sizeof control);
  struct iovec data = {.iov_base = (void *)bytes, .iov_len = size};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(count * sizeof(int32_t))};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(count * sizeof(int32_t));
  memcpy(CMSG_DATA(header), fds, count * sizeof(int32_t));
  return KERNEL(sendmsg(fd, &message, MSG_NOSIGNAL));
}
int64_t apus_receive_descriptors(int32_t fd, void *buffer, uint64_t size, int32_t *fds, uint32_t *count) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int32_t))];
  } control;
  struct iovec data = {.iov_base = buffer, .iov_len = size};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  *count = 0;
  int64_t result = KERNEL(recvmsg(fd, &message, MSG_CMSG_CLOEXEC));
  if (result < 0) return result;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    *count = (uint32_t)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int32_t));
    memcpy(fds, CMSG_DATA(header), *count * sizeof(int32_t));
  }
  if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
    for (uint32_t i = 0; i < *count; i++) close(fds[i]);
    *count = 0;
    return -EMSGSIZE;
  }
  return result;
}
int64_t apus_socket_timeout(int32_t fd, int64_t milliseconds) {
  struct timeval time = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
  int64_t result = KERNEL(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
  return result < 0 ? result : KERNEL(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time));
}
int64_t apus_loopback_up(int32_t socket) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  return KERNEL(ioctl(socket, SIOCSIFFLAGS, &request));
}
int64_t apus_network_of(int32_t socket) { return KERNEL(ioctl(socket, SIOCGSKNS)); }
