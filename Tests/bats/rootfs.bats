load helpers

# Trying something by hand: `--rootfs` without a bundle, and `--set`.

local_setup() {
  DIR=$BUNDLE/rootfs
  GROUP=(--set "/linux/cgroupsPath=$CGROUP_PARENT/$ID")
}

# in_dir OPTION… -- COMMAND…
in_dir() { attempt run --rootfs "$DIR" "${GROUP[@]}" "$@"; }

@test "run --rootfs runs a command in a directory and leaves nothing, in it or beside it" {
  local before
  before=$(find "$DIR" "$BUNDLE" | sort)
  in_dir -- sh -c 'echo $0 $1 "$(id -u)" "$(hostname)"' a --b
  exits 0
  is "$output" 'a --b 0 apus'
  is "$(find "$DIR" "$BUNDLE" | sort)" "$before"
  is "$(find "$ROOT" -mindepth 1 -maxdepth 1 -type d ! -name '.*')" ''
  in_dir -- sh -c 'exit 7'
  exits 7
  # Nothing is written to what was given.
  in_dir -- sh -c 'echo x >/nope'
  exits 1
  has "$stderr" 'ead-only file system'
}

@test "--set changes one value, JSON or a string, makes what is missing, and appends" {
  in_dir --set /hostname=other --set /process/user/uid=1000 --set '/process/env/-=A=b=c' --set '/mounts/-={"destination":"/tmp","type":"tmpfs"}' \
    --set /linux/sysctl/kernel.domainname=example --set /annotations/a~1b~01=x \
    -- sh -c 'echo "$(hostname) $(id -u) $A $(cat /proc/sys/kernel/domainname)"; echo x >/tmp/x && cat /tmp/x'
  exits 0
  is "$output" 'other 1000 b=c example
x'
  attempt plan --rootfs "$DIR" --set /root/readonly=false --set /process/args='["a","b"]'
  exits 0
  has "$output" 'a b'
}

@test "--set also changes the configuration of a bundle, which stays as it is" {
  local before
  before=$(cat "$BUNDLE/config.json")
  args hostname
  before=$(cat "$BUNDLE/config.json")
  attempt run --bundle "$BUNDLE" --set /hostname=changed "$ID"
  exits 0
  is "$output" changed
  is "$(cat "$BUNDLE/config.json")" "$before"
}

@test "run --rootfs --detach prints the id it made, and delete takes everything away" {
  attempt run --detach --rootfs "$DIR" "${GROUP[@]}" -- sleep 60
  exits 0
  matches "$output" '^run-[0-9]+-[0-9a-f]{4}$'
  is "$(rt state "$output" | jq -r .status)" running
  is "$(rt exec "$output" hostname)" apus
  rt delete --force "$output"
  is "$(find "$ROOT" -mindepth 1 -maxdepth 1 -type d ! -name '.*')" ''
}

@test "run --rootfs has the caller's terminal, and none without one" {
  in_dir -- sh -c 'test -t 0 || echo none'
  is "$output" none
  command -v script >/dev/null || skip "script is not installed"
  try script -qec "TERM=vt220 $RUNTIME --root $ROOT run --rootfs $DIR ${GROUP[*]} -- sh -c 'test -t 0 && echo terminal \$TERM'" /dev/null
  has "$output" 'terminal vt220'
}

@test "check and plan take the same, and name the place of what is wrong" {
  attempt check --rootfs "$DIR" -- nope
  exits 1
  has "$output" 'nope' '/process/args'
  attempt check --rootfs "$DIR" --set /root/readonly=maybe
  exits 1
  has "$output" '/root/readonly' 'expected true or false, found a string'
  attempt plan --rootfs "$DIR" --set '/mounts/-={"destination":"relative"}'
  exits 1
  has "$stderr" '/mounts/7'
  attempt run --rootfs "$BATS_TEST_TMPDIR/absent"
  exits 1
  has "$stderr" '/absent'
}

@test "what --rootfs and --set cannot take is a usage error, or says where" {
  in_dir --set hostname=x
  exits 1
  has "$stderr" '`hostname=x` is not POINTER=VALUE'
  in_dir --set '/process/args=["a"'
  exits 1
  has "$stderr" 'VALUE is broken JSON'
  in_dir --set /mounts/99/type=x
  exits 1
  has "$stderr" 'config.json /mounts: has 7 elements, and no `99`'
  in_dir --set /hostname/x=1
  exits 1
  has "$stderr" '/hostname: is neither an object nor an array, and has no `x`'
  attempt run --rootfs "$DIR" --bundle "$BUNDLE" -- true
  exits 1
  has "$stderr" '`--rootfs` stands for a bundle'
  attempt run --rootfs "$BUNDLE/config.json" -- true
  exits 1
  attempt run
  exits 1
  has "$stderr" '`run` needs ID'
  attempt run a b
  exits 1
  has "$stderr" '`run` got an unexpected argument: `b`'
  # One that is hostile is data.
  in_dir --set $'/a\n\x1b[2J/b=1' -- true
  exits 0
  lacks "$stderr" $'\x1b'
}
