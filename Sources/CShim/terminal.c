#include "call.h"
#include "include/CShim.h"
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif
_Static_assert(sizeof(struct termios) <= sizeof(struct apus_termios), "room for termios");

int64_t apus_terminal_peer(int32_t master, uint32_t flags) { return KERNEL(ioctl(master, TIOCGPTPEER, flags)); }
int64_t apus_terminal_unlock(int32_t master) {
  int unlock = 0;
  return KERNEL(ioctl(master, TIOCSPTLCK, &unlock));
}
int64_t apus_terminal_set_size(int32_t fd, uint16_t rows, uint16_t columns) {
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  return KERNEL(ioctl(fd, TIOCSWINSZ, &size));
}
int64_t apus_terminal_size(int32_t fd, uint16_t *rows, uint16_t *columns) {
  struct winsize size = {0};
  int64_t result = KERNEL(ioctl(fd, TIOCGWINSZ, &size));
  *rows = size.ws_row;
  *columns = size.ws_col;
  return result;
}
int64_t apus_terminal_control(int32_t fd) { return KERNEL(ioctl(fd, TIOCSCTTY, 0)); }
int64_t apus_terminal_get(int32_t fd, struct apus_termios *out) {
  struct termios state;
  int64_t result = KERNEL(tcgetattr(fd, &state));
  memset(out, 0, sizeof *out);
  if (result == 0) memcpy(out, &state, sizeof state);
  return result;
}
int64_t apus_terminal_set(int32_t fd, const struct apus_termios *in) {
  struct termios state;
  memcpy(&state, in, sizeof state);
  // Not TCSADRAIN: a terminal without a reader would block us. What was written is processed already.
  return KERNEL(tcsetattr(fd, TCSANOW, &state));
}
void apus_terminal_keep_newlines(struct apus_termios *out) {
  struct termios state;
  memcpy(&state, out, sizeof state);
  state.c_oflag &= ~(tcflag_t)ONLCR;
  memcpy(out, &state, sizeof state);
}
int32_t apus_terminal_foreground(int32_t fd) {
  pid_t group = tcgetpgrp(fd);
  return group < 0 || group == getpgrp();
}
void apus_terminal_make_raw(struct apus_termios *out) {
  struct termios state;
  memcpy(&state, out, sizeof state);
  cfmakeraw(&state);
  memcpy(out, &state, sizeof state);
}
