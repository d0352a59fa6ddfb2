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

@test "T14: without an overlay the executable is a sealed file in memory" {
  unlike "runc crun" "are not asked"
  args sleep 100
  # An overlay needs a directory without a colon in its name.
  mkdir "$BATS_TEST_TMPDIR/a:b"
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/a:b/apus"
  detached "$BATS_TEST_TMPDIR/a:b/apus" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
  matches "$(readlink "/proc/$(pid_of)/exe")" '^/memfd:apus'
  if sh -c ': >/proc/'"$(pid_of)"'/exe' 2>/dev/null; then fail "it can be written"; fi
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
