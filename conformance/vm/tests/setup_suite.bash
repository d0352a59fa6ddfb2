# Runs once in the machine before all files: what the tests of Tests/bats start from, and who makes the cgroups.

setup_suite() {
  export RUNTIME SUITE=$BATS_SUITE_TMPDIR
  RUNTIME_NAME=$("$RUNTIME" --version | sed -n '1s/ .*//p')
  export RUNTIME_NAME
  # `cgroupfs` or `systemd`.
  export MANAGER=${MANAGER:-cgroupfs}
  # Everything takes long here, and now and then very long.
  export PATIENCE=60
  chmod 755 "$BATS_RUN_TMPDIR" "$SUITE"
  cp -a "$BATS_TEST_DIRNAME/../../../rootfs" "$SUITE/rootfs"
  mkdir "$SUITE/base"
  (cd "$SUITE/base" && "$RUNTIME" spec)
  export CGROUP_MOUNT=/sys/fs/cgroup
  if [ "$MANAGER" = systemd ]; then
    export CGROUP_PARENT=/apus.slice/apus-test.slice
  else
    export CGROUP_PARENT=/apus-test
    mkdir -p "$CGROUP_MOUNT$CGROUP_PARENT"
  fi
  # One disk for swap, one for input and output, and one, the last, that is slow.
  mkswap /dev/vdc >/dev/null
  swapon /dev/vdc
}

teardown_suite() {
  swapoff /dev/vdc
  if [ "$MANAGER" = cgroupfs ]; then rmdir "$CGROUP_MOUNT$CGROUP_PARENT"; fi
}
