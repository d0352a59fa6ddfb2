load helpers

# without CALL[,CALL…] ERRNO RUNTIME-ARG…: the runtime where these calls fail, as on an older kernel or
# in a sandbox.
without() {
  local calls=$1 errno=$2
  shift 2
  try "$SUITE/probe" without "$calls" "$errno" "$RUNTIME" --root "$ROOT" "$@" </dev/null
}

ENOSYS=38 EPERM=1

@test "on Linux 5.10, without mount_setattr mounts have the same options, and recursive ones are refused" {
  unlike "runc crun" "are not asked"
  mkdir "$BATS_TEST_TMPDIR/source"
  config '.mounts += [
    {destination: "/tmp", type: "none", source: $s, options: ["rbind", "ro", "nosuid", "noexec"]},
    {destination: "/out", type: "tmpfs", source: "t", options: ["ro", "nodev"]}]' --arg s "$BATS_TEST_TMPDIR/source"
  shell 'awk "{ print \$5, \$6, \$7 ~ /shared/ }" /proc/self/mountinfo | sort; touch /tmp/x /out/x /proc/sys/x; cat /proc/keys | wc -c'
  foreground
  exits 0
  local expected=$output
  has "$expected" "/tmp ro,nosuid,noexec" "/out ro,nodev"
  without mount_setattr $ENOSYS run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$output" "$expected"
  config '.mounts[-2].options = ["rbind", "rro"]'
  without mount_setattr $ENOSYS run --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" mount_setattr ENOSYS
  nothing_left
}

@test "T14: a runtime that its caller has on a read-only overlay trusts it no more than another file" {
  unlike "runc crun" "are not asked"
  args sleep 100
  mkdir "$BATS_TEST_TMPDIR"/{lower,upper,work,merged}
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/lower/apus"
  # Its mount is one that the runtime does not see, and somebody may remount.
  detached unshare --mount --propagation private bash -c '
    cd "$1" && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work o merged || exit 97
    mount -o remount,bind,ro merged
    exec 5<merged/apus
    umount -l merged
    exec /proc/self/fd/5 "${@:2}"' bash "$BATS_TEST_TMPDIR" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
  matches "$(readlink "/proc/$(pid_of)/exe")" '^/memfd:apus'
}

@test "T14: the executable of what waits in a container is a sealed file in memory without a program" {
  unlike "runc crun" "are not asked"
  args sleep 100
  create
  local exe
  exe=/proc/$(pid_of)/exe
  matches "$(readlink "$exe")" '^/memfd:apus'
  [ "$(stat -L -c %s "$exe")" -lt 4096 ]
  if sh -c ": >$exe" 2>/dev/null; then fail "it can be written"; fi
  exec 7<"$exe"
  rt delete --force "$ID"
  # Nobody executes it any more.
  if sh -c ': >/proc/self/fd/7' 2>/dev/null; then fail "it can be truncated"; fi
  if sh -c 'echo x >>/proc/self/fd/7' 2>/dev/null; then fail "it can be appended to"; fi
  exec 7<&-
}

@test "T14: where no file in memory may be executed, the executable is a read-only overlay" {
  unlike "runc crun" "are not asked"
  args sleep 100
  [ -e /proc/sys/vm/memfd_noexec ] || skip "Linux 6.3"
  # The setting belongs to the pid namespace.
  try unshare --pid --fork --mount-proc sh -c '
    bundle=$1 id=$2
    shift 2
    echo 2 >/proc/sys/vm/memfd_noexec
    "$@" create --bundle "$bundle" "$id" >/dev/null 2>&1 </dev/null || exit 1
    pid=$("$@" state "$id" | jq .pid)
    readlink "/proc/$pid/exe"
    : >"/proc/$pid/exe"
    "$@" delete --force "$id"' sh "$BUNDLE" "$ID" "$RUNTIME" --root "$ROOT"
  is "$output" "/${RUNTIME##*/}"
  has "$stderr" "Read-only file system"
}

@test "on Linux 5.10, without anything that came later a container is made, entered, stopped and deleted" {
  unlike "runc crun" "are not asked"
  # The sealed file in memory, which has flags of its own.
  mkdir "$BATS_TEST_TMPDIR/a:b"
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/a:b/apus"
  local old=("$SUITE/probe" linux510 "$BATS_TEST_TMPDIR/a:b/apus" --root "$ROOT")
  args sleep 100
  detached "${old[@]}" create --bundle "$BUNDLE" "$ID"
  matches "$(readlink "/proc/$(pid_of)/exe")" '^/memfd:apus'
  "${old[@]}" start "$ID" 3>&-
  try "${old[@]}" exec "$ID" sh -c 'ls /proc/self/fd | wc -l; : >/proc/sys/kernel/panic' </dev/null
  # The fourth is the directory that ls reads.
  is "$output" 4
  has "$stderr" "Read-only file system"
  "${old[@]}" pause "$ID"
  "${old[@]}" resume "$ID"
  "${old[@]}" kill "$ID" KILL
  eventually has_status stopped
  "${old[@]}" delete "$ID"
  nothing_left
}

@test "what the runtime cannot do without is named" {
  unlike "runc crun" "are not asked"
  args true
  local call
  for call in openat2 clone3 fsopen move_mount close_range pidfd_open; do
    without $call $ENOSYS run --bundle "$BUNDLE" "$ID"
    [ "$call" = pidfd_open ] && [ "$status" -eq 0 ] && continue
    exits 1
    has "$stderr" "$call" ENOSYS
    nothing_left
  done
}

@test "keyring: without keyctl the caller's session keyring stays, and nothing else changes" {
  unlike "runc crun" "are not asked"
  args true
  without keyctl,add_key $ENOSYS run --bundle "$BUNDLE" "$ID"
  exits 0
}
