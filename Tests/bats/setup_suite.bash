# Runs once before all files: what every test starts from, built once.

setup_suite() {
  export RUNTIME=${RUNTIME:-$PWD/.build/release/apus}
  RUNTIME=$(realpath "$RUNTIME")
  RUNTIME_NAME=$("$RUNTIME" --version | sed -n '1s/ .*//p')
  export RUNTIME_NAME
  [ "$(id -u)" = 0 ] || { echo "the suites need root" >&2; return 1; }

  # The caller's environment and open files must not decide what a test sees.
  unset NOTIFY_SOCKET LISTEN_FDS LISTEN_PID XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS
  umask 022

  export SUITE=$BATS_SUITE_TMPDIR
  # A container that runs as another user must be able to reach its rootfs.
  chmod 755 "$BATS_RUN_TMPDIR" "$SUITE"
  local tool
  for tool in probe pty racer; do
    "${CC:-cc}" -O1 -static -Wall -Wextra -Werror -o "$SUITE/$tool" "$BATS_TEST_DIRNAME/tools/$tool.c"
  done
  make_rootfs "$SUITE/rootfs"
  mkdir "$SUITE/base"
  (cd "$SUITE/base" && "$RUNTIME" spec)

  # One cgroup above those of all tests of this run, to see at the end that it is empty.
  CGROUP_MOUNT=$(awk '$(NF-2) == "cgroup2" || $0 ~ / - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
  [ -n "$CGROUP_MOUNT" ] || { echo "no cgroup2 hierarchy is mounted here" >&2; return 1; }
  export CGROUP_MOUNT
  export CGROUP_PARENT=/apus-test-$$
  mkdir "$CGROUP_MOUNT$CGROUP_PARENT"
}

teardown_suite() {
  rmdir "$CGROUP_MOUNT$CGROUP_PARENT"
}

make_rootfs() {
  mkdir -p "$1"/{bin,dev,proc,sys,etc,tmp,root,home/user,out}
  cp "$(command -v busybox)" "$1/bin/busybox"
  cp "$SUITE/probe" "$SUITE/racer" "$1/bin"
  local applet
  for applet in $("$1/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"
  done
  chmod 1777 "$1/tmp" "$1/out"
  chown 1000:1000 "$1/home/user"
  # The second name is a number, which must never be taken for the user of that number.
  cat >"$1/etc/passwd" <<'PASSWD'
root:x:0:0:root:/root:/bin/sh
1001:x:0:0:trap:/trap:/bin/sh
user:x:1000:1000:user:/home/user:/bin/sh
PASSWD
  echo 'root:x:0:' >"$1/etc/group"
}
