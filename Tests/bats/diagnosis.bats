#!/usr/bin/env bats
# Why it failed: each code that `apus explain` knows, with a failure that has it.

load helpers

# says CODE PART…: the last attempt failed with this code, and its one line has every PART.
says() {
  local code=$1 record
  shift
  [ "$status" -ne 0 ] || { fail "it was accepted: $output $stderr"; return; }
  record=$(grep '"level":"error"' <<<"$stderr" | tail -n 1)
  is "$(jq -r .code <<<"$record")" "$code"
  has "$(jq -r .msg <<<"$record")" "$@"
  is "$(apus explain "$code" | head -n 1)" "$code"
}

apus() { "$RUNTIME" "$@"; }

# fails CODE PART…: a run in the foreground.
fails() {
  unlike "runc crun" "has no codes"
  attempt --log-format json run --bundle "$BUNDLE" "$ID"
  says "$@"
}

file() {
  mkdir -p "$(dirname "$BUNDLE/rootfs$1")"
  printf "$2" >"$BUNDLE/rootfs$1"
  chmod "${3:-755}" "$BUNDLE/rootfs$1"
}

raw() { printf '%s' "$1" >"$BUNDLE/config.json"; }

user_namespace() {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: $size}] | .linux.gidMappings = .linux.uidMappings' --argjson size "${1:-65536}"
}

@test "config-*: a document is refused with what is wrong in it, where, and what was meant" {
  cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
  raw $'{\n "ociVersion": "1.3.0",\n}'
  fails config-syntax "line 2, column 23" "trailing comma"
  raw '{"a": {"b": 1, "b": 2}}'
  fails config-duplicate "column 16" '`b`'
  raw '{"architecture": "amd64", "config": {}, "rootfs": {"type": "layers"}}'
  fails config-image "configuration of an image"
  raw '{"schemaVersion": 2, "layers": []}'
  fails config-image "manifest"
  cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
  config '.process.arg = .process.args | del(.process.args)'
  fails config-missing /process/args 'did you mean `args`'
  config '.process.args = "/bin/true"'
  fails config-type "/process/args: expected an array, found a string" '["/bin/true"]'
  config '.process.args = ["true"] | .process.noNewPrivileges = "true"'
  fails config-type "without quotes"
  config 'del(.process.noNewPrivileges) | .linux.namespaces += [{type: "net"}]'
  fails config-word 'did you mean `network`'
  config '.linux.namespaces |= map(select(.type != "net")) | .process.user.uid = -1'
  fails config-number "0 to 4294967295"
  config '.process.user.uid = 0 | .linux.timeOffsets = {boottime: {secs: 1}}'
  fails config-rule /linux/timeOffsets
  rm "$BUNDLE/config.json"
  fails config-absent "is \`$BUNDLE\` the bundle?"
}

@test "config-type: notes below the line point into the document; without a terminal there are none" {
  unlike "runc crun" "has no notes"
  config '.process.args = "/bin/true"'
  attempt run --bundle "$BUNDLE" "$ID"
  is "$(wc -l <<<"$stderr")" 1
  attempt --explain always run --bundle "$BUNDLE" "$ID"
  line=$(grep -n '"args": "/bin/true"' "$BUNDLE/config.json" | cut -d: -f1)
  has "$stderr" " --> $BUNDLE/config.json:$line:" "| " "^^^^^^^^^^^" "= help: " "apus explain config-type"
  attempt --explain never --log-format json run --bundle "$BUNDLE" "$ID"
  is "$(jq -c '[.pointer, .line]' <<<"$stderr")" "[\"/process/args\",$line]"
  has "$(jq -r .hint <<<"$stderr")" '["/bin/true"]'
}

@test "config-type config-syntax: a document of update has lines and columns, too" {
  unlike "runc crun" "has no codes"
  args sleep 100
  create
  printf '{\n "memory": {\n  "limit": "many"\n }\n}' >"$BATS_TEST_TMPDIR/limits"
  attempt --log-format json update -r "$BATS_TEST_TMPDIR/limits" "$ID"
  says config-type "/memory/limit" "write a whole number"
  is "$(jq -c '[.line, .column, .pointer]' <<<"$stderr")" '[3,12,"/memory/limit"]'
  attempt --explain always update -r "$BATS_TEST_TMPDIR/limits" "$ID"
  has "$stderr" "$BATS_TEST_TMPDIR/limits:3:12" "^^^^^^"
  printf '{\n "memory": {,}}' >"$BATS_TEST_TMPDIR/limits"
  attempt --log-format json update -r "$BATS_TEST_TMPDIR/limits" "$ID"
  says config-syntax "line 2"
  printf '{\n "memory": {"limit": 1,\n  "swap": -7}}' >"$BATS_TEST_TMPDIR/limits"
  attempt --log-format json update -r "$BATS_TEST_TMPDIR/limits" "$ID"
  is "$(jq -c '[.line, .pointer]' <<<"$stderr")" '[3,"/memory/swap"]'
}

@test "config-warning config-unknown-member cgroup-form preserved-hole: a warning has its code in the log" {
  unlike "runc crun" "has no codes"
  config '.root.readOnly = true | del(.process.user.uid) | .process.user.gid = 0'
  args true
  attempt --log "$BATS_TEST_TMPDIR/log" --log-format json run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$(jq -sc 'map([.code, .pointer])' "$BATS_TEST_TMPDIR/log")" \
    '[["config-warning","/process/user/uid"],["config-unknown-member","/root/readOnly"]]'
  try bash -c 'exec "$@" 3</etc/passwd 4<&-' - "$RUNTIME" --root "$ROOT" --log "$BATS_TEST_TMPDIR/log" --log-format json run --bundle "$BUNDLE" --preserve-fds 2 "$ID" </dev/null
  is "$(jq -sr 'map(.code) | contains(["preserved-hole"])' "$BATS_TEST_TMPDIR/log")" true
  for code in $(jq -r .code "$BATS_TEST_TMPDIR/log"); do is "$(apus explain "$code" | head -n 1)" "$code"; done
}

@test "hook-exit: the hook's arguments and how long it ran are in the line" {
  config '.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "sleep 0.2; echo timed out; exit 3"]}]}'
  fails hook-exit 'hook /hooks/createRuntime/0 `/bin/sh` `-c` `sleep 0.2; echo timed out; exit 3`: exited with status 3 after '
  [[ $stderr =~ after\ ([0-9]+)\ ms:\ timed ]] || fail "$stderr"
  [ "${BASH_REMATCH[1]}" -ge 190 ] || fail "$stderr"
}

@test "config-unknown-member mount-hidden device-rule cgroup-form capability-left-out: warnings fail nothing" {
  unlike "runc crun" "has other words"
  config '.root.readOnly = true | .hooks = {createruntime: []} | .linux.capabilities = {}
    | .process.capabilities.bounding += ["CAP_NOSUCH"]
    | .mounts += [{destination: "/tmp/in", type: "tmpfs"}, {destination: "/tmp", type: "tmpfs"}]
    | .linux.devices = [{path: "/dev/fuse", type: "c", major: 10, minor: 229}]
    | .linux.resources.devices = [{allow: false, access: "rwm"}]'
  args true
  foreground
  exits 0
  has "$stderr" "warning: config.json /root/readOnly: unknown member without effect: did you mean \`readonly\`? The root filesystem stays writable" \
    '/hooks/createruntime: unknown member without effect: did you mean `createRuntime`?' \
    "/linux/capabilities: unknown member without effect: it belongs to /process" "CAP_NOSUCH" \
    '`/tmp` hides /mounts/' "/linux/devices/0: \`/dev/fuse\` is made, but no rule"
  attempt --log "$BATS_TEST_TMPDIR/log" run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$stderr" ""
  config 'del(.root.readOnly, .hooks, .linux.capabilities, .linux.devices) | .mounts |= .[:-2]'
  config '.process.capabilities.bounding |= map(select(. != "CAP_NOSUCH")) | .linux.cgroupsPath = $path' --arg path "x:y:$ID"
  foreground
  has "$stderr" "systemd's form"
}

@test "preserved-hole: a descriptor that is promised and not open is named" {
  unlike "runc crun" "has other words"
  args true
  try bash -c 'exec "$@" 3</etc/passwd 4<&-' - "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" --preserve-fds 2 "$ID" </dev/null
  exits 0
  has "$stderr" "warning: --preserve-fds: descriptor 4 is not open"
}

@test "exec-absent exec-not-in-path exec-one-string exec-other-prefix exec-dangling-link: a program that is not there" {
  args /bin/busybux
  file /bin/busybuy ""
  fails exec-absent "no such file or directory" 'did you mean `/bin/busybu'
  args /rootfs/opt/tool
  file /opt/tool '#!/bin/sh\n'
  fails exec-other-prefix 'inside the container it is `/opt/tool`'
  args tool
  fails exec-not-in-path 'executable file not found in $PATH' "it is /opt/tool"
  config '.process.env = []'
  fails exec-not-in-path "process.env has no PATH"
  args "/bin/sh -c true"
  fails exec-one-string '["/bin/sh", "-c", "true"]'
  ln -s /opt/nowhere "$BUNDLE/rootfs/opt/link"
  args /opt/link
  fails exec-dangling-link '`/opt/link` is a link to `/opt/nowhere`'
}

@test "exec-empty-root root-absent: a root filesystem without files, or none at all" {
  mkdir -p "$BUNDLE/empty/proc" "$BUNDLE/empty/dev" "$BUNDLE/empty/sys"
  config '.root.path = "empty"'
  args sh
  fails exec-empty-root "the root filesystem is empty"
  config '.root.path = "emptyy"'
  fails root-absent "did you mean \`$BUNDLE/empty\`"
}

@test "exec-interpreter exec-shebang exec-no-shebang: a script whose first line leads nowhere" {
  file /opt/s '#!/bin/nosuch\n'
  args /opt/s
  fails exec-interpreter '`/bin/nosuch`, the interpreter in line 1 of `/opt/s`' "no such file or directory"
  file /opt/i '' 644
  file /opt/s '#!/opt/i\n'
  fails exec-interpreter "mode 0644" "permission denied"
  file /opt/s '#!/bin/sh\r\necho\r\n'
  fails exec-shebang "ends in CR"
  file /opt/s '\xef\xbb\xbf#!/bin/sh\n'
  fails exec-shebang "byte order mark"
  file /opt/s '# a comment\n#!/bin/sh\n'
  fails exec-shebang "first two bytes"
  file /opt/s 'echo hi\n'
  fails exec-no-shebang "exec format error" "without a #! line"
}

@test "exec-loader exec-architecture exec-truncated: a binary that this machine or this image cannot run" {
  file /opt/b "" 755
  args /opt/b
  fails exec-truncated "empty file"
  printf '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xf3\0' >"$BUNDLE/rootfs/opt/b"
  head -c 200 /dev/zero >>"$BUNDLE/rootfs/opt/b"
  fails exec-architecture "built for riscv64"
  head -c 2000 /bin/ls >"$BUNDLE/rootfs/opt/b"
  fails exec-truncated "cut short"
  cp /bin/ls "$BUNDLE/rootfs/opt/b"
  rm -rf "$BUNDLE/rootfs/lib64" "$BUNDLE/rootfs/lib/ld-linux-aarch64.so.1"
  fails exec-loader "ld-linux" "no such file or directory" "glibc"
}

@test "exec-mode exec-directory exec-not-a-file exec-closed-directory exec-noexec: a file that may not be executed" {
  file /opt/p '#!/bin/sh\n' 644
  args /opt/p
  fails exec-mode "permission denied" "mode 0644" "chmod +x"
  chmod 700 "$BUNDLE/rootfs/opt/p"
  config '.process.user = {uid: 1000, gid: 1000} | .process.capabilities.effective = [] | .process.capabilities.permitted = []'
  fails exec-mode "uid 1000 may not execute it"
  chmod 755 "$BUNDLE/rootfs/opt/p"
  chmod 700 "$BUNDLE/rootfs/opt"
  fails exec-closed-directory 'uid 1000 may not search `/opt` (mode 0700, owner 0:0)'
  chmod 755 "$BUNDLE/rootfs/opt"
  args /opt
  fails exec-directory "is a directory"
  args /dev/null
  fails exec-not-a-file "character device"
  cp "$BUNDLE/rootfs/opt/p" "$BUNDLE/p"
  mkdir "$BUNDLE/data"
  mv "$BUNDLE/p" "$BUNDLE/data/p"
  config '.mounts += [{destination: "/data", type: "bind", source: $source, options: ["bind", "noexec"]}]' --arg source "$BUNDLE/data"
  args /data/p
  fails exec-noexec '`/data` is mounted noexec (/mounts/'
}

@test "exec-failed: a program that somebody writes to" {
  cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/opt-true"
  args /opt-true
  sleep 60 3>>"$BUNDLE/rootfs/opt-true" &
  BACKGROUND+=($!)
  fails exec-failed "ETXTBSY"
}

@test "exec-absent: exec and start name the cause too" {
  unlike "runc crun" "has no codes"
  file /opt/s '#!/bin/nosuch\n'
  args sleep 100
  create
  start
  attempt --log-format json exec "$ID" /opt/nosuch
  exits 255
  says exec-absent '`/opt/nosuch` is not in the root filesystem'
  attempt --log-format json exec --cwd /nosuch "$ID" true
  says cwd '`/nosuch`'
  rt delete --force "$ID"
  args /opt/s
  create
  attempt --log-format json start "$ID"
  says exec-interpreter '`/bin/nosuch`'
}

@test "cwd: a working directory that is none" {
  config '.process.cwd = "/bin/busybox"'
  fails cwd '`/bin/busybox` is a file'
}

@test "mount-source mount-kinds mount-filesystem mount-option mount-overlay: a mount that cannot be made" {
  add() { config '.mounts = [.mounts[] | select(.destination != "/data" and .destination != "/bin/busybox")] + [$mount]' --argjson mount "$1"; }
  mkdir -p "$BUNDLE/source" "$BUNDLE/up" "$BUNDLE/work"
  add "{\"destination\": \"/data\", \"type\": \"bind\", \"source\": \"$BUNDLE/sourse\", \"options\": [\"bind\"]}"
  fails mount-source "is not on the host" "did you mean \`$BUNDLE/source\`"
  add "{\"destination\": \"/bin/busybox\", \"type\": \"bind\", \"source\": \"$BUNDLE/source\", \"options\": [\"bind\"]}"
  fails mount-kinds "the source is the directory" "the destination the file"
  add '{"destination": "/data", "type": "tmpfz", "source": "x"}'
  fails mount-filesystem 'did you mean `tmpfs`'
  add '{"destination": "/data", "type": "tmpfs", "source": "x", "options": ["siez=1m"]}'
  fails mount-option '`siez`' 'did you mean `size`'
  add "{\"destination\": \"/data\", \"type\": \"overlay\", \"source\": \"overlay\", \"options\": [\"lowerdir=$BUNDLE/nosuch\", \"upperdir=$BUNDLE/up\", \"workdir=$BUNDLE/work\"]}"
  fails mount-overlay "lowerdir \`$BUNDLE/nosuch\` is not there"
  add '{"destination": "/bin/busybox/x", "type": "tmpfs", "source": "x"}'
  fails mount-kinds '`/bin/busybox` on the way to the destination is a file'
  config '.mounts = [{"destination": "/tmp", "options": ["remount", "ro"]}]'
  fails mount-failed "no mount is there"
}

@test "mount-unmapped mount-namespace: what a user namespace may not mount" {
  user_namespace 1
  mkdir "$BUNDLE/rootfs/mq"
  fails mount-unmapped "gid 5 is not mapped" "/linux/gidMappings"
  config 'del(.mounts[] | select(.type == "devpts")) | .linux.namespaces |= map(select(.type != "ipc")) | .mounts = [.mounts[] | select(.type != "mqueue")] + [{destination: "/mq", type: "mqueue", source: "mqueue"}]'
  fails mount-namespace "needs an ipc namespace"
}

@test "namespace-path sysctl-unknown sysctl-value network-device: what the kernel does not have" {
  cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
  config '.linux.namespaces |= map(select(.type != "network")) + [{type: "network", path: "/proc/4194000/ns/net"}]'
  fails namespace-path "there is no process 4194000"
  config '.linux.namespaces[-1].path = "/etc/passwd"'
  fails namespace-path "not a namespace"
  cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
  config '.linux.sysctl = {"net.ipv4.ip_forwad": "1"}'
  fails sysctl-unknown 'did you mean `net.ipv4.ip_forward`'
  config '.linux.sysctl = {"net.ipv4.ip_forward": "yes"}'
  fails sysctl-value 'the value `yes`'
  config 'del(.linux.sysctl) | .linux.netDevices = {"lp": {}}'
  fails network-device 'did you mean `lo`'
}

@test "limit-hard: a limit above what the runtime has, with both numbers" {
  unlike "runc crun" "has no codes"
  config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 5000, hard: 5000}]'
  try prlimit --nofile=1000:1000 setpriv --bounding-set=-sys_resource "$RUNTIME" --root "$ROOT" --log-format json run --bundle "$BUNDLE" "$ID" </dev/null
  says limit-hard "5000 is above the hard limit of the runtime, 1000"
}

@test "namespace-refused descriptors: a caller without rights, or without descriptors" {
  unlike "runc crun" "has no codes"
  try prlimit --nofile=12:12 "$RUNTIME" --root "$ROOT" --log-format json run --bundle "$BUNDLE" "$ID" </dev/null
  says descriptors "RLIMIT_NOFILE"
}

@test "hook-absent hook-mode hook-exit hook-timeout: what became of a hook" {
  config '.hooks = {createRuntime: [{path: "/opt/nosuch-hook"}]}'
  fails hook-absent '`/opt/nosuch-hook` is not on the host'
  printf '#!/bin/sh\n' >"$BUNDLE/hook"
  chmod 644 "$BUNDLE/hook"
  config '.hooks.createRuntime[0].path = $hook' --arg hook "$BUNDLE/hook"
  fails hook-mode "mode 0644"
  config '.hooks.createRuntime[0] = {path: "/bin/sh", args: ["sh", "-c", "echo boom >&2; exit 3"]}'
  fails hook-exit "status 3" boom
  config '.hooks.createRuntime[0] = {path: "/bin/sleep", args: ["sleep", "30"], timeout: 1}'
  fails hook-timeout "timed out after 1 s" /hooks/createRuntime/0/timeout
}

@test "container-absent container-exists container-state: an id that is not what was expected" {
  unlike "runc crun" "has no codes"
  args sleep 100
  create
  start
  attempt --log-format json create --bundle "$BUNDLE" "$ID"
  says container-exists "already exists" "it is running, pid " "$BUNDLE"
  attempt --log-format json delete "$ID"
  says container-state "running" "--force"
  try "$RUNTIME" --root "$ROOT-other" --log-format json state "$ID" </dev/null
  says container-absent "container does not exist" "there is one below $ROOT" "give --root $ROOT"
}

@test "state-root: a state root that cannot be had" {
  unlike "runc crun" "has no codes"
  printf x >"$BATS_TEST_TMPDIR/plain"
  try "$RUNTIME" --root "$BATS_TEST_TMPDIR/plain/root" --log-format json run --bundle "$BUNDLE" "$ID" </dev/null
  says state-root "$BATS_TEST_TMPDIR/plain"
}

@test "terminal: a socket that nobody made" {
  unlike "runc crun" "has no codes"
  config '.process.terminal = true'
  attempt --log-format json create --bundle "$BUNDLE" --console-socket "$BUNDLE/nosock" "$ID"
  says terminal "ENOENT" "is not there"
}

@test "program-killed: a program that a signal ended is told from one that exited" {
  unlike "runc crun" "says nothing"
  config '.linux.namespaces |= map(select(.type != "pid")) | .mounts |= map(select(.type != "proc"))
    | del(.linux.maskedPaths, .linux.readonlyPaths)'
  shell 'kill -SEGV $$'
  foreground
  exits 139
  has "$stderr" "warning: the program was killed by SIGSEGV after "
}

@test "explain: every code has three sentences, and one that is misspelt finds its word" {
  unlike "runc crun" "has no codes"
  apus explain --list | while read -r code _; do
    is "$(apus explain "$code" | head -n 1)" "$code"
  done
  [ "$(apus explain --list | wc -l)" -gt 50 ]
  try "$RUNTIME" explain exec-interpretr
  exits 1
  has "$stderr" 'did you mean `exec-interpreter`'
  has "$(apus generate man explain)" 'exec\-interpreter'
}

@test "diagnosis: the caret stands below what is meant, behind tabs and wide characters and in a long line" {
  unlike "runc crun" "has no notes"
  local line width
  printf '{"ociVersion": "1.2.0",\r\n\t\t"root": {"path": 5}}\r\n' >"$BUNDLE/config.json"
  attempt --explain always run --bundle "$BUNDLE" "$ID"
  has "$stderr" "config.json:2:20" '2 |         "root": {"path": 5}}
  |                          ^
'
  printf '{"a": "日本é\xcc\x81", "root": {"path": 5}, "ociVersion": "1.2.0"}' >"$BUNDLE/config.json"
  attempt --explain always run --bundle "$BUNDLE" "$ID"
  has "$stderr" '"path": 5}, "ociVersion": "1.2.0"}
  |                                 ^
'
  # Cut at every place that a character of three bytes has.
  for width in 60 61 62; do
    line=$(printf '%*s' "$width" | tr ' ' x)日本語日本語日本語日本語日本語日本語日本語日本語
    printf '{"ociVersion": "1.2.0", "a": "%s", "root": {"path": 5}, "b": "%s"}' "$line" "$line" >"$BUNDLE/config.json"
    attempt --explain always run --bundle "$BUNDLE" "$ID"
    line=$(grep '^1 | ' <<<"$stderr")
    [[ $line == '1 | ...'*'...' ]] || { echo "$line" && false; }
    iconv -f UTF-8 -t UTF-8 <<<"$line" >/dev/null
    python3 - "$stderr" <<'END'
import sys, unicodedata
lines = sys.argv[1].split("\n")
at = next(i for i, line in enumerate(lines) if line.startswith("1 | "))
columns = sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in lines[at][:lines[at].index("5}")])
assert lines[at + 1].index("^") == columns, lines[at:at + 2]
END
  done
}

@test "diagnosis: what the notes say stands once" {
  unlike "runc crun" "has no notes"
  config '.process.args = "/bin/true"'
  attempt --explain always run --bundle "$BUNDLE" "$ID"
  is "$(grep -c 'write a list of strings' <<<"$stderr")" 1
  is "$(grep -c 'found a string: `"/bin/true"`' <<<"$stderr")" 1
  lacks "$stderr" "= note:"
  config '.process.args = ["/nosuch"]'
  attempt --explain always run --bundle "$BUNDLE" "$ID"
  is "$(grep -c 'not in the root filesystem' <<<"$stderr")" 1
  # The log has the whole line, for whoever reads only that.
  attempt --explain always --log "$BATS_TEST_TMPDIR/log" run --bundle "$BUNDLE" "$ID"
  attempt --explain never run --bundle "$BUNDLE" "$ID"
  has "$(<"$BATS_TEST_TMPDIR/log")" "${stderr%%\"*}"
}
