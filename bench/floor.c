/* The floor under any runtime: a program that makes the container of the default bundle and does nothing
 * else. It reads no configuration, keeps no state, checks nothing that could be left out. What it takes
 * is what the kernel takes. Usage: floor ROOTFS CGROUP */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void expect(int held, const char *what) {
  if (held) return;
  perror(what);
  _exit(1);
}

static const struct filesystem {
  const char *target, *type, *data;
  unsigned long flags;
} filesystems[] = {
    {"proc", "proc", 0, 0},
    {"dev", "tmpfs", "mode=755,size=65536k", MS_NOSUID | MS_STRICTATIME},
    {"dev/pts", "devpts", "newinstance,ptmxmode=0666,mode=0620,gid=5", MS_NOSUID | MS_NOEXEC},
    {"dev/shm", "tmpfs", "mode=1777,size=65536k", MS_NOSUID | MS_NOEXEC | MS_NODEV},
    {"dev/mqueue", "mqueue", 0, MS_NOSUID | MS_NOEXEC | MS_NODEV},
    {"sys", "sysfs", 0, MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY},
    {"sys/fs/cgroup", "cgroup2", 0, MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY},
};

static const struct device {
  const char *path;
  unsigned minor;
} devices[] = {{"dev/null", 3},   {"dev/zero", 5},    {"dev/full", 7},
               {"dev/random", 8}, {"dev/urandom", 9}, {"dev/tty", 0}};

static const char *const links[][2] = {{"/proc/self/fd", "dev/fd"},
                                       {"/proc/self/fd/0", "dev/stdin"},
                                       {"/proc/self/fd/1", "dev/stdout"},
                                       {"/proc/self/fd/2", "dev/stderr"},
                                       {"pts/ptmx", "dev/ptmx"}};

static const char *const masked_files[] = {"/proc/kcore", "/proc/keys", "/proc/latency_stats",
                                           "/proc/timer_list", "/proc/sched_debug"};
static const char *const masked_directories[] = {"/proc/acpi", "/proc/asound", "/proc/scsi",
                                                 "/sys/firmware"};
static const char *const read_only[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                        "/proc/sysrq-trigger"};

static void make_root(const char *rootfs) {
  expect(!mount("", "/", 0, MS_SLAVE | MS_REC, 0), "slave");
  expect(!mount(rootfs, rootfs, 0, MS_BIND | MS_REC, 0) && !chdir(rootfs), "root");
  for (size_t i = 0; i < COUNT(filesystems); i++) {
    const struct filesystem *f = &filesystems[i];
    // Directories of /dev do not exist before; where one does, mkdir is refused and nothing is lost.
    mkdir(f->target, 0755);
    expect(!mount(f->type, f->target, f->type, f->flags, f->data), f->target);
  }
  umask(0);
  for (size_t i = 0; i < COUNT(devices); i++)
    expect(!mknod(devices[i].path, S_IFCHR | 0666, makedev(devices[i].minor ? 1 : 5, devices[i].minor)),
           devices[i].path);
  for (size_t i = 0; i < COUNT(links); i++) expect(!symlink(links[i][0], links[i][1]), links[i][1]);
  expect(!syscall(SYS_pivot_root, ".", ".") && !umount2(".", MNT_DETACH) && !chdir("/"), "pivot_root");
}

static void hide(void) {
  // A kernel that lacks one of these files has nothing to hide there.
  for (size_t i = 0; i < COUNT(read_only); i++)
    if (!mount(read_only[i], read_only[i], 0, MS_BIND | MS_REC, 0))
      expect(!mount(0, read_only[i], 0, MS_BIND | MS_REMOUNT | MS_RDONLY, 0), read_only[i]);
  for (size_t i = 0; i < COUNT(masked_files); i++) mount("/dev/null", masked_files[i], 0, MS_BIND, 0);
  for (size_t i = 0; i < COUNT(masked_directories); i++)
    mount("tmpfs", masked_directories[i], "tmpfs", MS_RDONLY, "nr_blocks=1,nr_inodes=1");
  expect(!mount("", "/", 0, MS_BIND | MS_REMOUNT | MS_RDONLY, 0), "read-only root");
}

static void drop_privileges(void) {
  const uint64_t kept = 1ull << CAP_KILL | 1ull << CAP_NET_BIND_SERVICE | 1ull << CAP_AUDIT_WRITE;
  for (int number = 0; number <= CAP_LAST_CAP; number++)
    if (!(kept >> number & 1)) prctl(PR_CAPBSET_DROP, number);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2] = {{kept, kept, 0}, {kept >> 32, kept >> 32, 0}};
  expect(!syscall(SYS_capset, &header, sets), "capset");
  expect(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

static void init(const char *rootfs) {
  make_root(rootfs);
  hide();
  sethostname("floor", 5);
  struct rlimit files = {1024, 1024};
  expect(!setrlimit(RLIMIT_NOFILE, &files), "rlimit");
  drop_privileges();
  syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC);
  execl("/bin/true", "true", (char *)0);
  _exit(127);
}

// Allows every device: what a filter costs is its loading.
static void attach_device_program(int cgroup) {
  struct bpf_insn program[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1}, {.code = BPF_JMP | BPF_EXIT}};
  union bpf_attr load = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                         .insns = (uintptr_t)program,
                         .insn_cnt = COUNT(program),
                         .license = (uintptr_t) "GPL"};
  int loaded = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
  expect(loaded >= 0, "device program");
  union bpf_attr attach = {.target_fd = cgroup,
                           .attach_bpf_fd = loaded,
                           .attach_type = BPF_CGROUP_DEVICE,
                           .attach_flags = BPF_F_ALLOW_MULTI};
  expect(!syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach), "attach");
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  char path[4096];
  snprintf(path, sizeof path, "%s/floor-%d", arguments[2], getpid());
  expect(!mkdir(path, 0755), path);
  int cgroup = open(path, O_DIRECTORY | O_CLOEXEC);
  attach_device_program(cgroup);
  struct clone_args clone = {.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                                      CLONE_NEWCGROUP | CLONE_INTO_CGROUP,
                             .exit_signal = SIGCHLD,
                             .cgroup = cgroup};
  long pid = syscall(SYS_clone3, &clone, sizeof clone);
  expect(pid >= 0, "clone3");
  if (pid == 0) init(arguments[1]);
  int status;
  expect(waitpid(pid, &status, 0) == pid, "wait");
  while (rmdir(path)) usleep(50);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
