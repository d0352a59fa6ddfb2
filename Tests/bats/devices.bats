load helpers

devices() {
  config '.root.readonly = false'
  config ".linux.devices = $1"
}

@test "DV-1: the default devices exist with their numbers and modes" {
  shell 'cd /dev; stat -c "%n %F %t:%T %a %u:%g" null zero full random urandom tty'
  prints 'null character special file 1:3 666 0:0
zero character special file 1:5 666 0:0
full character special file 1:7 666 0:0
random character special file 1:8 666 0:0
urandom character special file 1:9 666 0:0
tty character special file 5:0 666 0:0'
}

@test "DV-1: the default devices work" {
  shell 'echo x >/dev/null && head -c 3 /dev/zero | od -An -c && head -c 1 /dev/urandom | wc -c; echo x >/dev/full'
  foreground
  exits 1
  has "$output" '\0  \0  \0' 1
  has "$stderr" "No space left"
}

@test "DV-L: the standard links exist" {
  shell 'cd /dev; for l in fd stdin stdout stderr ptmx; do echo "$l $(readlink $l)"; done; ls console 2>/dev/null'
  foreground
  is "$output" 'fd /proc/self/fd
stdin /proc/self/fd/0
stdout /proc/self/fd/1
stderr /proc/self/fd/2
ptmx pts/ptmx'
}

@test "DV-1 DV-2 DV-3: nodes are made anywhere, of every type, below directories that are missing" {
  devices '[{type: "c", path: "/dev/one", major: 1, minor: 3}, {type: "b", path: "/made/for/block", major: 7, minor: 9},
    {type: "u", path: "/made/unbuffered", major: 1, minor: 5}, {type: "p", path: "/made/pipe"}]'
  shell 'stat -c "%n %F %t:%T" /dev/one /made/for/block /made/unbuffered /made/pipe; stat -c %a /made'
  prints '/dev/one character special file 1:3
/made/for/block block special file 7:9
/made/unbuffered character special file 1:5
/made/pipe fifo 0:0
755'
}

@test "DV-4 DV-5: mode and owner are the configured ones, whatever the umask; 0666 and 0 by default" {
  devices '[{type: "c", path: "/dev/a", major: 1, minor: 3}, {type: "c", path: "/dev/b", major: 1, minor: 3,
    fileMode: 418, uid: 12, gid: 34}, {type: "c", path: "/dev/c", major: 1, minor: 3, fileMode: 0}]'
  shell 'stat -c "%a %u:%g" /dev/a /dev/b /dev/c'
  (umask 077 && prints '666 0:0
642 12:34
0 0:0')
}

@test "DV-1 DV-3 VV-1: an unknown type, a missing or impossible number is refused" {
  unlike "runc crun" "accepts some of them"
  local device
  for device in '{type: "x", path: "/dev/a", major: 1, minor: 3}' '{type: "c", path: "/dev/a", minor: 3}' \
    '{type: "c", path: "/dev/a", major: -1, minor: 3}' '{type: "c", path: "/dev/a", major: 1, minor: 4294967296}' \
    '{type: "c", major: 1, minor: 3}' '{type: "c", path: "dev/a", major: 1, minor: 3}'; do
    devices "[$device]"
    refused /linux/devices/0
  done
}

@test "DV-6: a file that is there and is another device is an error" {
  unlike "runc crun" "keeps what is there"
  mkdir "$BUNDLE/rootfs/nodes"
  touch "$BUNDLE/rootfs/nodes/file"
  mknod "$BUNDLE/rootfs/nodes/zero" c 1 5
  local path
  for path in file zero; do
    devices '[{type: "c", path: "/nodes/'$path'", major: 1, minor: 3}]'
    refused "/nodes/$path"
  done
  is "$(stat -c '%t:%T' "$BUNDLE/rootfs/nodes/zero")" 1:5
}

@test "DV-6: a node that is there and is the right one is kept" {
  mkdir "$BUNDLE/rootfs/nodes"
  mknod -m 600 "$BUNDLE/rootfs/nodes/null" c 1 3
  devices '[{type: "c", path: "/nodes/null", major: 1, minor: 3, fileMode: 438}]'
  shell 'stat -c "%t:%T %a" /nodes/null'
  foreground
  exits 0
  has "$output" 1:3
  is_peer || is "$output" "1:3 666"
}

@test "DV-7: an entry with the path of a default device takes its place" {
  devices '[{type: "c", path: "/dev/zero", major: 1, minor: 5, fileMode: 384, uid: 7}]'
  shell 'stat -c "%t:%T %a %u" /dev/zero'
  prints '1:5 600 7'
}

@test "DV-10: a /dev that is a bind mount is left as it is" {
  mkdir "$BATS_TEST_TMPDIR/dev"
  touch "$BATS_TEST_TMPDIR/dev/mine"
  mknod -m 666 "$BATS_TEST_TMPDIR/dev/null" c 1 3
  config '.mounts |= map(select(.destination | startswith("/dev") | not)) | .root.readonly = false'
  config '.mounts += [{destination: "/dev", source: $s, options: ["rbind"], type: "bind"}] | .linux.maskedPaths = []' \
    --arg s "$BATS_TEST_TMPDIR/dev"
  args ls /dev
  foreground
  exits 0
  is "$output" 'mine
null'
  is "$(ls "$BATS_TEST_TMPDIR/dev")" 'mine
null'
}

@test "DV-10: without a mount on /dev the nodes are made in the root filesystem" {
  config '.mounts |= map(select(.destination | startswith("/dev") | not)) | .root.readonly = false'
  shell 'stat -c %t:%T /dev/null; readlink /dev/fd'
  prints '1:3
/proc/self/fd'
}

@test "DV-9 DR-5: what is neither listed nor default cannot be opened, though its node can be made" {
  devices '[]'
  config '.process.capabilities |= map_values(. + ["CAP_MKNOD"]) | .process.capabilities.inheritable = [] | .process.capabilities.ambient = []'
  shell 'mknod /tmp/loop b 7 0 && mknod /tmp/kmsg c 1 11 && mknod /tmp/null c 1 3 && echo x >/tmp/null && echo made
    cat /tmp/loop /tmp/kmsg'
  foreground
  exits 1
  is "$output" made
  has "$stderr" "/tmp/loop': Operation not permitted" "/tmp/kmsg': Operation not permitted"
}

access() {
  config '.root.readonly = false | .process.capabilities |= map_values(. + ["CAP_MKNOD"]) |
    .process.capabilities.inheritable = [] | .process.capabilities.ambient = []'
  config ".linux.resources.devices = $1"
}

@test "the device rules hold for a createContainer hook, which is in the container's cgroup already" {
  config '.hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", $s]}]' \
    --arg s "head -c 0 /dev/zero; (exec 3</dev/kmsg) && echo read >$BATS_TEST_TMPDIR/kmsg; exit 0"
  : 3</dev/kmsg
  args true
  foreground
  exits 0
  [ ! -e "$BATS_TEST_TMPDIR/kmsg" ] || fail "the hook has opened /dev/kmsg"
}

@test "DR-1 DR-2 DR-3: the rules apply in their order, and the later one decides" {
  access '[{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, access: "r"},
    {allow: false, type: "c", major: 1, minor: 11, access: "r"}, {allow: true, type: "b", major: 7, minor: 1, access: "rw"}]'
  shell 'mknod /tmp/port c 1 4; mknod /tmp/kmsg c 1 11; mknod /tmp/loop1 b 7 1; mknod /tmp/loop2 b 7 2
    for d in port kmsg loop1 loop2; do
      dd if=/tmp/$d of=/dev/null count=0 2>&1 | grep -q "not permitted" && echo "$d no" || echo "$d yes"
    done; dd if=/dev/zero of=/tmp/port count=0 2>&1 | grep -c "not permitted"'
  unlike runc "cannot take a part of a wildcard back"
  foreground
  is "$output" 'port yes
kmsg no
loop1 yes
loop2 no
1'
}

@test "DR-6: the default devices stay usable, whatever the rules say" {
  access '[{allow: false, access: "rwm"}, {allow: false, type: "c", major: 1, minor: 3, access: "rwm"}]'
  shell 'echo x >/dev/null && head -c 1 /dev/zero >/dev/null && head -c 1 /dev/urandom >/dev/null && echo fine'
  prints fine
}

@test "DR-2: a rule that allows everything does" {
  access '[{allow: true, access: "rwm"}]'
  shell 'mknod /tmp/loop b 7 0; dd if=/tmp/loop of=/dev/null count=0 2>&1 | grep -c "not permitted"; mknod /tmp/x c 10 237 && echo made'
  foreground
  is "$output" '0
made'
}

@test "DR-2: a rule with an unknown type is refused" {
  unlike "runc crun" "has other limits"
  access '[{allow: true, type: "x", access: "rwm"}]'
  refused devices
}

@test "DR-4: a letter of access that means nothing is warned of, and allows nothing" {
  unlike "runc crun" "does not warn"
  # /dev/fuse has a number that no default rule allows.
  access '[{allow: false, access: "rwm"}, {allow: true, type: "c", major: 10, minor: 229, access: "mx"}]'
  shell 'mknod /tmp/fuse c 10 229 && cat 2>/dev/null /tmp/fuse || echo refused'
  attempt --log-level warning --log "$BATS_TEST_TMPDIR/log" run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$output" refused
  has "$(cat "$BATS_TEST_TMPDIR/log")" /linux/resources/devices/1/access
}

@test "DR-5: without a rule everything but the defaults is denied" {
  unlike crun "loads no program"
  config 'del(.linux.resources)'
  devices '[]'
  config '.process.capabilities |= map_values(. + ["CAP_MKNOD"]) | .process.capabilities.inheritable = [] | .process.capabilities.ambient = []'
  shell 'mknod /tmp/loop b 7 0; cat /tmp/loop'
  foreground
  exits 1
  has "$stderr" "not permitted"
}

@test "T48: an image whose /dev leads into a bind mount gets nothing made in the host's directory" {
  unlike "runc crun" "make their nodes there"
  mkdir "$BATS_TEST_TMPDIR/volume" "$BATS_TEST_TMPDIR/volume/below"
  echo mine >"$BATS_TEST_TMPDIR/volume/ptmx"
  mknod "$BATS_TEST_TMPDIR/volume/null" c 1 3
  rmdir "$BUNDLE/rootfs/dev"
  ln -s /volume "$BUNDLE/rootfs/dev"
  config '.root.readonly = false | .linux.devices = [{type: "c", path: "/dev/one", major: 1, minor: 3},
      {type: "c", path: "/dev/new/one", major: 1, minor: 3}]
    | .mounts += [{destination: "/volume", type: "none", source: $s, options: ["rbind"]}]' --arg s "$BATS_TEST_TMPDIR/volume"
  args cat /dev/ptmx
  prints mine
  is "$(cd "$BATS_TEST_TMPDIR/volume" && echo *)" "below null ptmx"
  config '.linux.devices = [{type: "c", path: "/elsewhere/one", major: 1, minor: 3}]'
  ln -s /volume "$BUNDLE/rootfs/elsewhere"
  refused /elsewhere/one
  is "$(cd "$BATS_TEST_TMPDIR/volume" && echo *)" "below null ptmx"
  # What the configuration itself names is the caller's wish.
  config '.linux.devices = [{type: "c", path: "/volume/one", major: 1, minor: 3}]'
  foreground
  exits 0
  is "$(stat -c %t:%T "$BATS_TEST_TMPDIR/volume/one")" 1:3
}

@test "in a user namespace a device has the number, the mode and the owner asked for, wherever it is to be" {
  unlike runc "binds the host's node of the same path"
  devices '[{type: "c", path: "/dev/other", major: 1, minor: 3, fileMode: 416, uid: 5, gid: 6},
    {type: "c", path: "/made/zero", major: 1, minor: 5}, {type: "p", path: "/made/pipe"}]'
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
    | .linux.gidMappings = .linux.uidMappings'
  shell 'stat -c "%F %t:%T %a %u:%g" /dev/other /made/zero; head -c 2 /made/zero | wc -c; test -p /made/pipe && echo pipe'
  prints 'character special file 1:3 640 5:6
character special file 1:5 666 0:0
2
pipe'
}

@test "a console is bound over the host's own only where a bind mount on /dev has one" {
  unlike "runc crun" "leave a file there"
  mkdir "$BATS_TEST_TMPDIR/dev"
  config '.process.terminal = true | .mounts |= (map(select(.destination | startswith("/dev") | not))
    + [{destination: "/dev", type: "none", source: $s, options: ["rbind"]}])' --arg s "$BATS_TEST_TMPDIR/dev"
  mkdir "$BATS_TEST_TMPDIR/dev/pts"
  mounts '{"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance"]}'
  shell 'test -t 0 && ls /dev; stat -c %F /dev/console'
  terminal
  has "$output" "pts" "No such file"
  is "$(ls "$BATS_TEST_TMPDIR/dev")" pts
  touch "$BATS_TEST_TMPDIR/dev/console"
  shell 'stat -c %F /dev/console'
  terminal
  has "$output" "character special file"
  is "$(stat -c %F "$BATS_TEST_TMPDIR/dev/console")" "regular empty file"
}

# In the foreground, with a terminal.
terminal() {
  try script -qec "'$RUNTIME' --root '$ROOT' run --bundle '$BUNDLE' $ID" /dev/null </dev/null
}

@test "what lies below /sys and leads to /dev hides no device" {
  mkdir "$BATS_TEST_TMPDIR/source"
  ln -s /dev "$BATS_TEST_TMPDIR/source/link"
  config '.mounts = [.mounts[] | select(.destination | startswith("/sys") | not)] + [
    {destination: "/sys", type: "sysfs", source: "sysfs"},
    {destination: "/sys/fs/cgroup", type: "bind", source: $source, options: ["bind"]},
    {destination: "/sys/fs/cgroup/link", type: "tmpfs", source: "tmpfs"}]' --arg source "$BATS_TEST_TMPDIR/source"
  shell 'ls /dev'
  attempt run --bundle "$BUNDLE" "$ID"
  exits 0
  has "$output" full null random tty urandom zero
}
