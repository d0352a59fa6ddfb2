load helpers
load criu

# `checkpoint` and `restore` with a real criu.

@test "a container goes on where it was dumped, in a cgroup and namespaces of its own" {
  running
  local old
  old=$(pid_of)
  dumped
  [ ! -e "$ROOT/$ID" ] && [ ! -e "$CGROUP" ] || fail "the container is still there"
  is "$(jq -c 'map(type)' "$IMAGES/descriptors.json")" '["string","string","string"]'
  [ -f "$IMAGES/inventory.img" ] && [ -f "$IMAGES/dump.log" ]
  restored --pid-file "$BATS_TEST_TMPDIR/pid"
  goes_on
  is "$(cat "$BATS_TEST_TMPDIR/pid")" "$(pid_of)"
  is "$(jq .init_process_start "$ROOT/$ID/state.json")" "$(cut -d' ' -f22 "/proc/$(pid_of)/stat")"
  is "$(sed -n 's/^0:://p' "/proc/$(pid_of)/cgroup")" "$CGROUP_PARENT/$ID"
  is "$(rt exec "$ID" sed -n 's/^0:://p' /proc/self/cgroup)" /
  [ "$(readlink "/proc/$(pid_of)/ns/net")" != "$(readlink /proc/self/ns/net)" ]
  has "$(rt exec "$ID" ip link show lo)" UP
  rt delete --force "$ID"
}

@test "a container is dumped once more after it was restored, and stays with --leave-running" {
  running
  dumped
  restored
  goes_on
  rm -r "$IMAGES"
  dumped --leave-running
  has_status running
  goes_on
}

@test "pipes of the caller are replaced by those of who restores" {
  local first=$BATS_TEST_TMPDIR/first second=$BATS_TEST_TMPDIR/second
  rt run -d --bundle "$BUNDLE" "$ID" </dev/null 3>&- 2>&1 | cat >"$first" 3>&- &
  BACKGROUND+=($!)
  eventually counts
  dumped
  matches "$(jq -r '.[1]' "$IMAGES/descriptors.json")" '^pipe:'
  rt --criu "$CRIU" restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID" </dev/null 3>&- 2>&1 | cat >"$second" 3>&- &
  BACKGROUND+=($!)
  eventually test -s "$second"
  [ "$(head -n 1 "$second")" -gt 3 ]
  is "$(head -n 1 "$first")" 1
}

@test "what criu loses of a mount is there again before the processes run" {
  config '.linux.maskedPaths = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/acpi"]'
  mkdir "$BATS_TEST_TMPDIR/volume"
  config '.mounts += [{destination: "/out", type: "bind", source: $s, options: ["rbind", "ro", "nosuid", "nodev", "noexec"]}]' --arg s "$BATS_TEST_TMPDIR/volume"
  running
  flags() { awk '{ n = split($6, f, ","); s = ""; for (i = 1; i <= n; i++) if (f[i] !~ /time$/) s = s f[i] ","; print $5, s }' "/proc/$(pid_of)/mountinfo" | sort; }
  local before
  before=$(flags)
  dumped
  restored
  is "$(flags)" "$before"
  grep -q '^NoNewPrivs:.1' "/proc/$(pid_of)/status"
}

@test "bind mounts, also below others, are the host's again, and missing mount points are made" {
  mkdir -p "$BATS_TEST_TMPDIR"/{outer,inner}
  echo host >"$BATS_TEST_TMPDIR/inner/file"
  config '.mounts += [{destination: "/made/outer", type: "bind", source: $o, options: ["bind"]},
    {destination: "/made/outer/inner", type: "bind", source: $i, options: ["bind"]}]' \
    --arg o "$BATS_TEST_TMPDIR/outer" --arg i "$BATS_TEST_TMPDIR/inner"
  running
  dumped
  rmdir "$BATS_TEST_TMPDIR/outer/inner"
  rm -r "$BUNDLE/rootfs/made"
  restored
  goes_on
  is "$(rt exec "$ID" cat /made/outer/inner/file)" host
}

@test "a link that leads to a mount point is refused, and nothing of the host is touched" {
  mkdir -p "$BATS_TEST_TMPDIR"/{volume,victim}
  config '.mounts += [{destination: "/srv/data", type: "bind", source: $v, options: ["bind"]}]' --arg v "$BATS_TEST_TMPDIR/volume"
  running
  dumped
  rm -r "$BUNDLE/rootfs/srv"
  ln -s "$BATS_TEST_TMPDIR/victim" "$BUNDLE/rootfs/srv"
  cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "a link leads to the mount point" /srv/data
  is "$(ls "$BATS_TEST_TMPDIR/victim")" ""
  nothing_left
}

@test "images that want a mount which the configuration does not have are refused" {
  mkdir "$BATS_TEST_TMPDIR/volume"
  config '.mounts += [{destination: "/srv", type: "bind", source: $v, options: ["bind"]}]' --arg v "$BATS_TEST_TMPDIR/volume"
  running
  dumped
  config 'del(.mounts[-1])'
  cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "the images have a mount" /srv
  nothing_left
}

@test "processes with more rights than the configuration are not let run" {
  running
  dumped
  config '.process.capabilities.bounding = [] | .process.capabilities.effective = [] | .process.capabilities.permitted = [] | .process.capabilities.inheritable = [] | .process.capabilities.ambient = []'
  cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "more capabilities" "/process/capabilities/bounding"
  nothing_left
}

# edited FILE FIELD.FIELD… VALUE: puts a number, or bytes in hexadecimal digits, into each message of an image.
edited() {
  python3 - "$IMAGES/$1" "$2" "$3" <<'END'
import struct, sys

def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128: return value, at

def encoded(value):
    out = b''
    while value > 127: out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])

def change(message, path):
    out, at, seen = b'', 0, set()
    while at < len(message):
        key, at = varint(message, at)
        if key & 7 == 0:
            value, at = varint(message, at)
            # Of a field that comes more than once the first.
            if key >> 3 == path[0] and len(path) == 1 and key not in seen: value = int(new, 0)
            seen.add(key)
            out += encoded(key) + encoded(value)
        else:
            size, at = varint(message, at)
            value, at = message[at:at + size], at + size
            if key >> 3 == path[0]:
                value = change(value, path[1:]) if len(path) > 1 else packed(value)
            out += encoded(key) + encoded(len(value)) + value
    return out

def packed(value):
    return bytes.fromhex(new)

name, path, new = sys.argv[1], [int(n) for n in sys.argv[2].split('.')], sys.argv[3]
data = open(name, 'rb').read()
out, at = data[:8], 8
while at < len(data):
    size = struct.unpack('<I', data[at:at + 4])[0]
    message = change(data[at + 4:at + 4 + size], path)
    out, at = out + struct.pack('<I', len(message)) + message, at + 4 + size
open(name, 'wb').write(out)
END
}

@test "T64: images in which a process has more rights than the configuration gives are refused" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}'
  running
  dumped
  cp -a "$IMAGES" "$IMAGES-kept"
  # One capability more than the three, CAP_SYS_ADMIN, permitted (creds_entry).
  edited core-1.img 5.10.10 0x20200420
  cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "more capabilities (CapPrm): CAP_SYS_ADMIN" "/process/capabilities"
  nothing_left
  rm -r "$IMAGES"
  cp -a "$IMAGES-kept" "$IMAGES"
  # A filter that lets everything through (seccomp_entry).
  edited seccomp.img 1.1 060000000000ff7f
  cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "another seccomp filter" "/linux/seccomp"
  nothing_left
  rm -r "$IMAGES"
  cp -a "$IMAGES-kept" "$IMAGES"
  restored
  goes_on
}

@test "directories that hold no checkpoint, or a damaged one, are an error in one line" {
  cr restore --detach --bundle "$BUNDLE" --image-path "$BATS_TEST_TMPDIR" "$ID"
  exits 1
  has "$stderr" "inventory.img"
  running
  dumped
  local file
  for file in inventory.img pstree.img core-1.img descriptors.json; do
    mv "$IMAGES/$file" "$IMAGES/kept"
    head -c 20 /dev/urandom >"$IMAGES/$file"
    cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
    exits 1
    is "$(wc -l <"$BATS_TEST_TMPDIR/stderr")" 1
    nothing_left
    mv "$IMAGES/kept" "$IMAGES/$file"
  done
  restored
  goes_on
}

@test "a dump that fails says criu's cause and where its log is, and the container runs on" {
  rt run -d --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>"$ERR" 3>&-
  eventually counts
  cr checkpoint --image-path "$IMAGES" --work-path "$BATS_TEST_TMPDIR/work" "$ID"
  exits 1
  is "$(wc -l <"$BATS_TEST_TMPDIR/stderr")" 1
  has "$stderr" "criu failed to checkpoint" "mount" "(log: $BATS_TEST_TMPDIR/work/dump.log)"
  lacks "$stderr" RLIMIT_NOFILE
  [ ! -e "$IMAGES/descriptors.json" ]
  has_status running
  goes_on
}

@test "--check says what stands in the way of a dump, and dumps nothing" {
  rt run -d --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>"$ERR" 3>&-
  eventually counts
  cr checkpoint --check --image-path "$IMAGES" "$ID"
  exits 1
  has "$output" "descriptor 1 of process" "$OUT" "a file of the host"
  has "$stderr" "cannot be checkpointed"
  [ ! -e "$IMAGES" ]
  goes_on
  rt delete --force "$ID"
  running
  cr checkpoint --check "$ID"
  exits 0
  is "$output$stderr" ""
}

@test "a log that an engine has put there keeps its place, and is written" {
  running
  mkdir "$BATS_TEST_TMPDIR/work"
  : >"$BATS_TEST_TMPDIR/work/dump.log"
  local inode
  inode=$(stat -c %i "$BATS_TEST_TMPDIR/work/dump.log")
  dumped --work-path "$BATS_TEST_TMPDIR/work"
  is "$(stat -c %i "$BATS_TEST_TMPDIR/work/dump.log")" "$inode"
  [ -s "$BATS_TEST_TMPDIR/work/dump.log" ] && [ -s "$BATS_TEST_TMPDIR/work/stats-dump" ]
  [ ! -e "$IMAGES/dump.log" ]
}

@test "a paused container stays paused while it is dumped, and a created one is refused" {
  quietly create --bundle "$BUNDLE" "$ID"
  cr checkpoint --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "cannot be checkpointed in the created state"
  start
  eventually counts
  rt pause "$ID"
  dumped --leave-running
  has_status paused
  rt resume "$ID"
  goes_on
}

@test "hooks of the host run when the namespaces are there, and poststop when the container is gone" {
  local log=$BATS_TEST_TMPDIR/log
  config '.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "jq -r .status >>" + $l + "; echo createRuntime >>" + $l]}],
    poststart: [{path: "/bin/sh", args: ["sh", "-c", "jq -r .status >>" + $l + "; echo poststart >>" + $l]}],
    poststop: [{path: "/bin/sh", args: ["sh", "-c", "echo poststop >>" + $l]}]}' --arg l "$log"
  running
  : >"$log"
  dumped
  is "$(cat "$log")" poststop
  : >"$log"
  restored
  is "$(tr '\n' ' ' <"$log")" "creating createRuntime running poststart "
}

@test "a hook that fails takes the restored processes with it" {
  running
  dumped
  config '.hooks = {createRuntime: [{path: "/bin/false", args: ["false"]}]}'
  cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" createRuntime
  nothing_left
}

@test "criu that is killed while it dumps leaves a container that runs" {
  running
  # It dies as soon as it has begun to write.
  cat >"$BATS_TEST_TMPDIR/criu" <<CRIU
#!/bin/sh
"$CRIU" "\$@" & p=\$!
(while [ ! -s "$IMAGES/dump.log" ]; do sleep 0.01; done; kill -KILL \$p) & w=\$!
wait \$p
kill \$w
CRIU
  chmod +x "$BATS_TEST_TMPDIR/criu"
  attempt --criu "$BATS_TEST_TMPDIR/criu" checkpoint --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "criu failed to checkpoint"
  has_status running
  goes_on
}

@test "in the foreground restore relays the end and deletes the container" {
  shell 'i=0; while [ ! -e /tmp/end ]; do i=$((i + 1)); echo $i >/tmp/n; sleep 0.05; done; exit 7'
  running
  dumped
  "$RUNTIME" --root "$ROOT" --criu "$CRIU" restore --bundle "$BUNDLE" --image-path "$IMAGES" "$ID" </dev/null >"$OUT" 2>"$ERR" 3>&- &
  local job=$!
  BACKGROUND+=("$job")
  eventually has_status running
  rt exec "$ID" touch /tmp/end
  status=0
  wait "$job" || status=$?
  exits 7
  nothing_left
}

@test "a terminal is sent to the console socket again" {
  config '.process.terminal = true'
  "$SUITE/probe" recvtty "$BATS_TEST_TMPDIR/first" >/dev/null 3>&- &
  BACKGROUND+=($!)
  eventually test -S "$BATS_TEST_TMPDIR/first"
  running --console-socket "$BATS_TEST_TMPDIR/first"
  dumped
  "$SUITE/probe" recvtty "$BATS_TEST_TMPDIR/second" >"$BATS_TEST_TMPDIR/got" 3>&- &
  BACKGROUND+=($!)
  eventually test -S "$BATS_TEST_TMPDIR/second"
  restored --console-socket "$BATS_TEST_TMPDIR/second"
  goes_on
  rt kill "$ID" KILL
  eventually grep -q '[0-9]' "$BATS_TEST_TMPDIR/got"
}

differs() {
  [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

@test "an existing network namespace is joined again" {
  local path
  unshare -n sleep 100 3>&- &
  BACKGROUND+=($!)
  eventually differs "$!"
  path=/proc/$!/ns/net
  config '.linux.namespaces |= map(if .type == "network" then .path = $p else . end)' --arg p "$path"
  running
  dumped
  restored
  goes_on
  is "$(stat -Lc %i "/proc/$(pid_of)/ns/net")" "$(stat -Lc %i "$path")"
}

@test "a user namespace is restored with its devices" {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 200000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
  chown -hR 200000:200000 "$BUNDLE/rootfs/tmp" "$BUNDLE/rootfs/dev"
  running
  dumped
  restored
  goes_on
  is "$(awk '{ print $2 }' "/proc/$(pid_of)/uid_map")" 200000
  rt exec "$ID" sh -c 'echo x >/dev/null && head -c 1 /dev/zero >/dev/null'
}

@test "without criu, or with one that is none, it is one sentence that names the package" {
  running
  attempt --criu /nowhere/criu checkpoint --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "criu 3.15 or newer" "package criu"
  has_status running
  PATH=$BATS_TEST_TMPDIR "$RUNTIME" --root "$ROOT" checkpoint --image-path "$IMAGES" "$ID" 2>"$ERR" && fail "it worked"
  has "$(cat "$ERR")" "criu is not installed (not found in PATH)" "--criu PATH" "package criu"
  attempt --criu "$(command -v true)" checkpoint --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" criu
  cr checkpoint --parent-path nothing --image-path "$IMAGES" "$ID"
  exits 1
  cr checkpoint --status-fd 77 --lazy-pages --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "--status-fd"
}

@test "criu that hangs after it has failed is ended, and the error has its cause, not that of an earlier log" {
  running
  dumped
  echo '(00.1) Error (criu/x.c:1): of an earlier attempt' >"$IMAGES/restore.log"
  # Its processes lack a capability that they had, and criu waits for ever for them to end.
  try setpriv --bounding-set=-kill "$RUNTIME" --root "$ROOT" --criu "$CRIU" \
    restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID" </dev/null
  exits 1
  has "$stderr" "criu failed to restore" "Unable to restore capabilities" "did nothing" "(log: $IMAGES/restore.log)"
  nothing_left
  echo '(00.1) Error (criu/x.c:1): of an earlier attempt' >"$IMAGES/restore.log"
  # criu does not even begin: it cannot have a mount namespace.
  try setpriv --bounding-set=-sys_admin "$RUNTIME" --root "$ROOT" --criu "$CRIU" \
    restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID" </dev/null
  exits 1
  has "$stderr" unshare EPERM
  lacks "$stderr" earlier
  nothing_left
  restored
  goes_on
}

@test "an image that is a FIFO is refused, and nobody waits for it" {
  running
  dumped
  local image
  for image in seccomp.img mountpoints-9.img; do
    mv "$IMAGES/$image" "$IMAGES/kept" 2>/dev/null || :
    mkfifo "$IMAGES/$image"
    sleep 30 3<>"$IMAGES/$image" &
    BACKGROUND+=($!)
    config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}'
    cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
    exits 1
    has "$stderr" "$image" "not a regular file"
    nothing_left
    rm "$IMAGES/$image"
    mv "$IMAGES/kept" "$IMAGES/$image" 2>/dev/null || :
  done
}

# refused POINTER COMMAND…: images that the command has changed are not restored.
refused() {
  local pointer=$1
  shift
  rm -rf "$IMAGES"
  cp -a "$IMAGES-kept" "$IMAGES"
  "$@"
  cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
  [ "$status" = 1 ] || fail "accepted: $*"
  has "$stderr" "the images have" "[$pointer"
  nothing_left
}

# In the images of all processes but init.
edited_others() {
  local file
  for file in "$IMAGES"/core-*.img; do
    file=${file##*/}
    [ "$file" = core-1.img ] || edited "$file" "$@"
  done
}

edited_ids() {
  local file
  for file in "$IMAGES"/ids-*.img; do edited "${file##*/}" "$@"; done
}

moved_mount() {
  sed -i "s#$1#$2#" "$IMAGES"/mountpoints-*.img
}

@test "T64: edited images give no process of a container more than its configuration, and none of its namespaces and mounts less" {
  config '.process.user.additionalGids = [5, 6] | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}'
  shell 'sleep 1000 & i=0; while :; do i=$((i + 1)); echo $i >/tmp/n; sleep 0.05; done'
  running
  dumped
  mv "$IMAGES" "$IMAGES-kept"
  # creds_entry of a thread: real and filesystem user, group, a supplementary group, no_new_privs.
  local who
  for who in "edited core-1.img" edited_others; do
    refused /process/user/uid $who 5.10.1 1000
    refused /process/user/additionalGids $who 5.10.14 9
    refused /process/noNewPrivileges $who 5.10.18 0
  done
  refused /process/user/uid edited core-1.img 5.10.7 1000
  refused /process/user/gid edited core-1.img 5.10.2 7
  # Its seccomp mode; a nice value of -20; hard limits.
  refused /linux/seccomp edited_others 5.11 0
  refused /process/scheduler edited core-1.img 5.3 0x27
  refused /process/rlimits/0 edited core-1.img 3.8.1.2 0xffffffffffffffff
  # Namespaces that inventory.img says criu itself is in: the host's.
  refused /linux/namespaces edited_ids 6 2
  refused /linux/namespaces edited_ids 7 3
  refused /linux/namespaces edited_ids 8 4
  # A mask and a read-only path that cover something else, and a filesystem with another limit.
  refused /linux/maskedPaths moved_mount /proc/keys /proc/misc
  refused /linux/readonlyPaths moved_mount /proc/irq /proc/tty
  refused /mounts moved_mount size=65536k size=95536k
  cp -a "$IMAGES-kept/." "$IMAGES"
  restored
  goes_on
}

@test "T64: edited images map no other users and groups of the host into a container" {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 200000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
  chown -hR 200000:200000 "$BUNDLE/rootfs/tmp" "$BUNDLE/rootfs/dev"
  running
  dumped
  mv "$IMAGES" "$IMAGES-kept"
  local maps
  maps=$(basename "$IMAGES-kept"/userns-*.img)
  refused /process/user/uid edited "$maps" 1.2 0
  refused /linux/uidMappings edited "$maps" 1.3 65537
  refused /linux/gidMappings edited "$maps" 2.3 65537
  # The host's user namespace.
  refused /process/user/uid edited_ids 10 7
}

@test "a root filesystem that is read-only on the host is restored if it has a /tmp, and else the error says so" {
  local own inside
  config '.mounts |= map(select(.destination != "/tmp")) | .process.args[2] |= gsub("/tmp/n"; "/dev/shm/n")'
  count() { rt exec "$ID" cat /dev/shm/n; }
  # In a mount namespace of its own.
  unshare -m sleep 100 3>&- &
  own=$!
  BACKGROUND+=("$own")
  eventually '[ "$(readlink /proc/'"$own"'/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ]'
  inside="nsenter -m -t $own --"
  printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$inside" "$RUNTIME" >"$BATS_TEST_TMPDIR/runtime"
  chmod +x "$BATS_TEST_TMPDIR/runtime"
  $inside mount --bind "$BUNDLE/rootfs" "$BUNDLE/rootfs"
  $inside mount -o remount,bind,ro "$BUNDLE/rootfs"
  (
    RUNTIME=$BATS_TEST_TMPDIR/runtime
    running
    dumped
    restored
    goes_on
    rt delete --force "$ID"
    rmdir "$BUNDLE/rootfs/tmp"
    cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
    exits 1
    has "$stderr" "Read-only file system" "criu changes the root by way of /tmp" "make an empty directory"
    is "$(wc -l <"$BATS_TEST_TMPDIR/stderr")" 1
    [ ! -e "$ROOT/$ID" ] && [ ! -e "$CGROUP" ]
  )
}
