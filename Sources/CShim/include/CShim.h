// CShim: system calls in the widths that Swift sees, and the constants of the kernel's headers.
//
// No logic lives here. Every call returns the kernel's answer, `-errno` for a failure, so that errno
// is never read from Swift. No libc header is included and `_GNU_SOURCE` is not defined: with either,
// clang's modules clash over types such as `fd_set`.
#pragma once
#include <stdint.h>
#include "constants.h"

// process.c
struct apus_clone_args {
  uint64_t flags;
  int32_t exit_signal;
  int32_t cgroup;  // descriptor of the cgroup to be born in; used when flags say CLONE_INTO_CGROUP
  int32_t *pidfd;  // out
};
int64_t apus_clone3(struct apus_clone_args args);
_Noreturn void apus_exit(int32_t status);
int64_t apus_getpid(void);
int64_t apus_getppid(void);
int64_t apus_pidfd_getfd(int32_t pidfd, int32_t number);
int64_t apus_pidfd_open(int32_t pid);
int64_t apus_pidfd_send_signal(int32_t pidfd, int32_t signal);
int64_t apus_kill(int32_t pid, int32_t signal);
// Waits for the end of the child behind `pidfd`: 0 and its wait status in `status`. `options` 0 or WNOHANG.
int64_t apus_wait_pidfd(int32_t pidfd, int32_t options, int32_t *code, int32_t *status);
// How a reaped process ended, as its pidfd still knows (Linux 6.15): 0 and its wait status in `status`.
int64_t apus_pidfd_end(int32_t pidfd, int32_t *status);
// The number in our pid namespace of the process behind `pidfd` (Linux 6.13).
int64_t apus_pidfd_number(int32_t pidfd);
// The newest bytes of the kernel's log: how many.
int64_t apus_kernel_log(void *buffer, uint64_t size);
// Reaps any child: pid, or 0 with WNOHANG and none ready.
int64_t apus_wait_any(int32_t options, int32_t *status);
int64_t apus_execve(const char *path, char *const argv[], char *const envp[]);
int64_t apus_execveat(int32_t directory, const char *path, char *const argv[], char *const envp[], int32_t flags);
// Maps the running program anew from `fd`, the same file through another mount, and makes it /proc/self/exe.
int64_t apus_replace_executable(int32_t fd);
int64_t apus_prctl(int32_t option, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
int64_t apus_setns(int32_t fd, uint64_t flags);
int64_t apus_unshare(uint64_t flags);
int64_t apus_setsid(void);
int64_t apus_setpgid(int32_t pid, int32_t group);
int64_t apus_sethostname(const char *name, uint64_t length);
int64_t apus_setdomainname(const char *name, uint64_t length);
int64_t apus_prlimit(int32_t pid, int32_t resource, const uint64_t *soft_hard, uint64_t *old_soft_hard);
int64_t apus_close_range(uint32_t first, uint32_t last, uint32_t flags);
int64_t apus_umask(uint32_t mask);
int64_t apus_getauxval(uint64_t type);
int64_t apus_uname_release(char *buffer, uint64_t size);

// signal.c
int64_t apus_signal_block(uint64_t mask, uint64_t *old);
int64_t apus_signal_set_mask(uint64_t mask);
// Every catchable signal gets its default disposition.
void apus_signal_reset_all(void);
void apus_signals_take_over(void);
int64_t apus_signal_ignore(int32_t signal);
// Those of `mask` whose disposition is to be ignored.
uint64_t apus_signals_ignored(uint64_t mask);
int64_t apus_signalfd(uint64_t mask);
int64_t apus_poll(int32_t *fds, int16_t *events, int16_t *revents, uint32_t count, int32_t milliseconds);

// credentials.c (raw calls: libc's would signal threads that we do not have)
int64_t apus_setgroups(uint64_t count, const uint32_t *groups);
int64_t apus_getgroups(uint64_t count, uint32_t *groups);
int64_t apus_setresuid(uint32_t uid);
int64_t apus_setresgid(uint32_t gid);
int64_t apus_geteuid(void);
int64_t apus_getegid(void);
int64_t apus_getuid(void);
int64_t apus_getgid(void);
// Sets as 64-bit masks, bit n = capability n.
int64_t apus_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable);
int64_t apus_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable);

// file.c
struct apus_status {
  uint64_t inode, size, mount_id;
  uint32_t mode, uid, gid, links;
  uint32_t device_major, device_minor;      // of the filesystem
  uint32_t special_major, special_minor;    // of a device node
  uint32_t mask;
  uint32_t reserved;
};
struct apus_statfs {
  uint64_t type, flags;
};
int64_t apus_openat2(int32_t directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
int64_t apus_openat(int32_t directory, const char *path, uint32_t flags, uint32_t mode);
int64_t apus_close(int32_t fd);
int64_t apus_dup_above(int32_t fd, int32_t least);  // with close-on-exec
int64_t apus_dup3(int32_t fd, int32_t number, uint32_t flags);
int64_t apus_set_close_on_exec(int32_t fd, int32_t on);
int64_t apus_is_open(int32_t fd);                   // 1, or -EBADF
int64_t apus_status_flags(int32_t fd);
int64_t apus_statx(int32_t directory, const char *path, uint32_t flags, struct apus_status *out);
int64_t apus_fstatfs(int32_t fd, struct apus_statfs *out);
int64_t apus_read(int32_t fd, void *buffer, uint64_t count);
int64_t apus_write(int32_t fd, const void *buffer, uint64_t count);
int64_t apus_lseek(int32_t fd, int64_t offset, int32_t whence);
int64_t apus_mkdirat(int32_t directory, const char *path, uint32_t mode);
int64_t apus_mknodat(int32_t directory, const char *path, uint32_t mode, uint32_t major, uint32_t minor);
int64_t apus_symlinkat(const char *target, int32_t directory, const char *path);
int64_t apus_linkat(const char *source, int32_t directory, const char *path);
int64_t apus_unlinkat(int32_t directory, const char *path, uint32_t flags);
int64_t apus_renameat2(int32_t from, const char *old, int32_t to, const char *new_name, uint32_t flags);
int64_t apus_readlinkat(int32_t directory, const char *path, char *buffer, uint64_t size);
int64_t apus_fchownat(int32_t directory, const char *path, uint32_t uid, uint32_t gid, uint32_t flags);
int64_t apus_fchmod(int32_t fd, uint32_t mode);
int64_t apus_fchmodat(int32_t directory, const char *path, uint32_t mode);
int64_t apus_faccessat(int32_t directory, const char *path, uint32_t mode, uint32_t flags);
int64_t apus_ftruncate(int32_t fd, int64_t size);
int64_t apus_flock(int32_t fd, int32_t operation);
int64_t apus_getdents(int32_t fd, void *buffer, uint64_t size);
int64_t apus_chdir(const char *path);
int64_t apus_fchdir(int32_t fd);
int64_t apus_chroot(const char *path);
int64_t apus_getcwd(char *buffer, uint64_t size);
int64_t apus_pipe(int32_t *ends, uint32_t flags);
int64_t apus_memfd_create(const char *name, uint32_t flags);
int64_t apus_add_seals(int32_t fd, uint32_t seals);
int64_t apus_get_seals(int32_t fd);
int64_t apus_sendfile(int32_t out, int32_t in, uint64_t count);
int64_t apus_ioctl_number(int32_t fd, uint64_t request, uint64_t argument);
int64_t apus_copy_times(int32_t from, int32_t to, const char *name);

// mount.c
int64_t apus_fsopen(const char *type);
int64_t apus_fsconfig(int32_t fd, uint32_t command, const char *key, const char *value, int32_t aux);
int64_t apus_fsmount(int32_t fd, uint32_t attributes);
int64_t apus_open_tree(int32_t directory, const char *path, uint32_t flags);
int64_t apus_move_mount(int32_t from, const char *from_path, int32_t to, const char *to_path, uint32_t flags);
int64_t apus_mount_setattr(int32_t directory, const char *path, uint32_t flags, uint64_t set, uint64_t clear,
                           uint64_t propagation, uint64_t user_namespace);
int64_t apus_mount(const char *source, const char *target, const char *type, uint64_t flags, const char *data);
int64_t apus_umount(const char *target, uint32_t flags);
int64_t apus_pivot_root(const char *new_root, const char *put_old);
// 1 if the mount with this id is reachable in our mount namespace, 0 if not.
// Into `id`: the unique mount id (Linux 6.8) of an open file.
int64_t apus_unique_mount_id(int32_t fd, uint64_t *id);
// 1 if the open file is the root of the mount that it was reached through.
int64_t apus_is_mount_root(int32_t fd);

// socket.c
int64_t apus_socketpair(int32_t type, int32_t *ends);
int64_t apus_socket(int32_t family, int32_t type, int32_t protocol);
int64_t apus_connect_unix(int32_t fd, const char *path);
int64_t apus_connect_abstract(int32_t fd, const char *name);  // with `@` for its first byte
int64_t apus_bind_unix(int32_t fd, const char *path);
int64_t apus_listen(int32_t fd, int32_t backlog);
int64_t apus_accept(int32_t fd);
int64_t apus_send(int32_t fd, const void *bytes, uint64_t count, uint32_t flags);
int64_t apus_receive(int32_t fd, void *buffer, uint64_t size, uint32_t flags);
// One message with `count` descriptors (at most 8).
int64_t apus_send_descriptors(int32_t fd, const void *bytes, uint64_t size, const int32_t *fds, uint32_t count);
// Up to 8 descriptors into `fds`, their number into `count`; -EMSGSIZE if anything was cut off.
int64_t apus_receive_descriptors(int32_t fd, void *buffer, uint64_t size, int32_t *fds, uint32_t *count);
int64_t apus_socket_timeout(int32_t fd, int64_t milliseconds);
int64_t apus_loopback_up(int32_t socket);
int64_t apus_network_of(int32_t socket);

// terminal.c
int64_t apus_terminal_peer(int32_t master, uint32_t flags);
int64_t apus_terminal_unlock(int32_t master);
int64_t apus_terminal_set_size(int32_t fd, uint16_t rows, uint16_t columns);
int64_t apus_terminal_size(int32_t fd, uint16_t *rows, uint16_t *columns);
int64_t apus_terminal_control(int32_t fd);
struct apus_termios {
  uint8_t bytes[64];
};
int64_t apus_terminal_get(int32_t fd, struct apus_termios *out);
int64_t apus_terminal_set(int32_t fd, const struct apus_termios *in);
void apus_terminal_make_raw(struct apus_termios *state);
void apus_terminal_keep_newlines(struct apus_termios *state);
int32_t apus_terminal_foreground(int32_t fd);

// keyring.c
int64_t apus_keyctl_join_session(const char *name);
int64_t apus_keyctl_set_permissions(int32_t key, uint32_t permissions);
int64_t apus_keyctl_describe(int32_t key, char *buffer, uint64_t size);
int64_t apus_random(void *buffer, uint64_t size);

// flag.c: one word that a process shares with its children
int64_t apus_flag_make(void);
void apus_flag_raise(void);

// span.c
int64_t apus_now(void);  // CLOCK_MONOTONIC in nanoseconds
int64_t apus_share(uint64_t size, int64_t **memory);

// clock.c
int64_t apus_clock(int32_t clock, int64_t *seconds, int64_t *nanoseconds);
int64_t apus_sleep(int64_t nanoseconds);

// environment.c
int32_t apus_argument_count(void);
const char *apus_argument(int32_t index);
const char *apus_environment(int32_t index);  // null after the last
const char *apus_variable(const char *name);  // null if it is not set
uint64_t apus_text_length(const char *text);
// Overwrites what /proc/PID/cmdline and environ show, in this process alone; leaves `name` if there is room.
void apus_forget_arguments(const char *name);

#include "bpf_shim.h"
#include "fork_shim.h"
#include "sched_shim.h"
#include "seccomp_shim.h"
#include "xattr_shim.h"
