#!/usr/bin/env bats
# What is advised: for each kind of mistake the cause, the place and the remedy, from `run` and, where it
# can be seen before a start, from `check`.

load helpers

local_setup() { cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"; }

# wrong FILTER CODE PART…: with the configuration changed by FILTER, `run` fails with CODE and every PART
# in its line.
wrong() {
  local filter=$1 code=$2 record
  shift 2
  jq --arg bundle "$BUNDLE" "$filter" "$BATS_TEST_TMPDIR/good" >"$BUNDLE/config.json"
  attempt --log-format json run --bundle "$BUNDLE" "$ID"
  [ "$status" -ne 0 ] || { fail "it was accepted: $filter"; return; }
  record=$(grep '"level":"error"' <<<"$stderr" | tail -n 1)
  is "$(jq -r .code <<<"$record")" "$code"
  has "$(jq -r .msg <<<"$record")" "$@"
}

# seen FILTER CODE PART…: as `wrong`, and `check` finds it too, with the same code.
seen() {
  local found
  wrong "$@"
  found=$("$RUNTIME" --root "$ROOT" check --bundle "$BUNDLE" --format json |
    jq -r '.findings[] | select(.severity == "error") | .code' | sort -u)
  has " ${found//$'\n'/ } " " $2 "
}

# says FILTER PART…: `check` has every PART in what it prints.
checks() {
  local filter=$1
  shift
  jq --arg bundle "$BUNDLE" "$filter" "$BATS_TEST_TMPDIR/good" >"$BUNDLE/config.json"
  attempt check --bundle "$BUNDLE"
  has "$output" "$@"
}

@test "advice: a value of the wrong type is shown as it should be written" {
  unlike "runc crun" "has no codes"
  seen '.linux.resources = {memory: {limit: "512m"}}' config-type "write the number of bytes: 536870912"
  seen '.linux.resources = {memory: {limit: "1GiB"}}' config-type 1073741824
  seen '.process.user.uid = "1000"' config-type "without quotes: 1000"
  seen '.process.user.uid = "root"' config-type "write 0"
  seen '.process.user = "root"' config-type '{"uid": 0, "gid": 0}'
  seen '.process.user.umask = "0022"' config-type "decimal number: 18"
  seen '.linux.devices = [{path: "/dev/x", type: "c", major: 1, minor: 3, fileMode: "0666"}]' config-type "decimal number: 438"
  seen '.process.rlimits = [{type: "RLIMIT_CORE", soft: "unlimited", hard: 1}]' config-type 18446744073709551615
  seen '.process.rlimits = [{type: "RLIMIT_CORE", soft: -1, hard: -1}]' config-number 18446744073709551615
  seen '.process.env = {A: "b", N: 1}' config-type '["A=b", "N=1"]'
  seen '.process.args = "sh -c \"echo hi\""' config-type '["sh", "-c", "echo hi"]'
  seen '.mounts[0].options = "ro,size=1m"' config-type '["ro", "size=1m"]'
  seen '.annotations = ["a=b"]' config-type '{"a": "b"}'
  seen '.linux.sysctl = {"net.ipv4.ip_forward": 1}' config-type 'in quotes: "1"'
  seen '.linux.namespaces[0] = "pid"' config-type '{"type": "pid"}'
  seen '.hooks = {prestart: ["/bin/true"]}' config-type '{"path": "/bin/true"}'
  seen '.process.capabilities = ["CAP_KILL"]' config-type '"bounding": ["CAP_KILL"]'
  seen '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["bpf"], action: "SCMP_ACT_ERRNO", errnoRet: "EPERM"}]}' \
    config-type "write its number: 1"
}

@test "advice: a word from elsewhere is told in the specification's" {
  unlike "runc crun" "has no codes"
  seen '.process.rlimits = [{type: "NOFILE", soft: 1, hard: 1}]' config-word 'did you mean `RLIMIT_NOFILE`'
  seen '.linux.seccomp = {defaultAction: "ALLOW"}' config-word 'did you mean `SCMP_ACT_ALLOW`'
  seen '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["amd64"]}' config-word SCMP_ARCH_X86_64
  seen '.process.ioPriority = {class: "best-effort", priority: 1}' config-word IOPRIO_CLASS_BE
  seen '.process.scheduler = {policy: "FIFO"}' config-word 'did you mean `SCHED_FIFO`'
  seen '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boot: {secs: 1}}' config-word 'did you mean `boottime`'
}

@test "advice: a rule that is broken says what to write" {
  unlike "runc crun" "has no codes"
  seen '.process.cwd = "app"' config-rule 'write the whole path: "/app"'
  seen '.process.env = ["FOO"]' config-rule '"NAME=value"'
  seen '.ociVersion = "1.0"' config-rule '"1.2.0"'
  seen '.linux.namespaces |= map(select(.type != "uts"))' config-rule 'add {"type": "uts"}'
  seen '.linux.namespaces |= map(select(.type != "network")) | .linux.sysctl = {"net.ipv4.ip_forward": "1"}' \
    config-rule 'add {"type": "network"}'
  seen '.linux.sysctl = {"vm.swappiness": "10"}' config-rule "sysctl -w vm.swappiness=10"
  seen '.linux.sysctl = {"nett.ipv4.ip_forward": "1"}' config-rule 'did you mean `net.ipv4.ip_forward`'
  seen '.linux.cgroupsPath = "/a/../../b"' config-rule 'without `..`'
  seen '.linux.namespaces += [{type: "user"}]' config-rule '{"containerID": 0, "hostID": 100000, "size": 65536}'
  seen '.process.rlimits = [{type: "RLIMIT_CORE", soft: 2, hard: 1}]' config-rule "raise hard"
  seen '.mounts += [{destination: "/x", type: "bind", source: "/tmp", options: ["bind", "readonly"]}]' \
    config-rule 'did you mean `ro`'
}

@test "advice: a misspelt or misplaced member explains the failure that it leads to" {
  unlike "runc crun" "has no codes"
  seen '.proces = .process | del(.process)' config-missing 'did you mean `process` by `proces`'
  seen '.linx = .linux | del(.linux)' config-rule 'did you mean `linux` by `linx`'
  seen '.linux.namespace = .linux.namespaces | del(.linux.namespaces)' config-rule 'did you mean `namespaces`'
  seen '.args = .process.args | del(.process.args)' config-missing 'move `args` to /process'
  seen '.mounts += [{destination: "/x", type: "bind", source: "/tmp", optinos: ["rbind"]}]' config-rule \
    'did you mean `options` by `optinos`'
  wrong 'del(.process)' config-missing "there is no program to run"
  checks 'del(.process)' "note[config-missing] /process" "0 errors"
  attempt --explain always run --bundle "$BUNDLE" "$ID"
  has "$stderr" "code: config-missing"
}

@test "advice: on failure the notes tell what the document was warned of" {
  unlike "runc crun" "has no notes"
  config '.root.readOnly = true | .process.args = ["/nosuch"]'
  attempt --explain always run --bundle "$BUNDLE" "$ID"
  has "$stderr" 'warning: config.json /root/readOnly: unknown member'
  attempt run --bundle "$BUNDLE" "$ID"
  is "$(wc -l <<<"$stderr")" 1
}

@test "advice: a document of another kind is named, and nothing else is said of it" {
  unlike "runc crun" "has no codes"
  for document in '[{"Id": "x", "Config": {"Cmd": ["sh"]}, "HostConfig": {}, "State": {}}]' \
    '[{"Id": "x", "RepoTags": [], "RootFS": {}}]' '{"ociVersion": "1.0.2", "id": "x", "status": "running", "bundle": "/x"}' \
    '{"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {}, "history": []}'; do
    printf '%s' "$document" >"$BUNDLE/config.json"
    attempt --log-format json run --bundle "$BUNDLE" "$ID"
    is "$(jq -r .code <<<"$stderr")" config-image
    attempt check --bundle "$BUNDLE"
    has "$output" "error[config-image]" "1 error, 0 warnings, 0 notes"
  done
}

@test "advice: the caret stands below the name that is misspelt" {
  unlike "runc crun" "has no notes"
  printf '{"ociVersion": "1.2.0",\n "rooot": {"path": "rootfs"}}' >"$BUNDLE/config.json"
  attempt --explain always run --bundle "$BUNDLE" "$ID"
  has "$stderr" 'config.json:2:2' "|  ^^^^^^^
"
}

@test "advice: check says nothing of a program that it put there itself" {
  for change in 'del(.process.args)' '.process.args = "x"' '.process.args = []' '.process.args = ["sh", 1]'; do
    checks "$change" "1 error, 0 warnings, 0 notes"
  done
}

@test "advice: a hook that cannot be executed is told by its path and what is in its way" {
  unlike "runc crun" "has no codes"
  seen '.hooks = {createRuntime: [{path: "/opt/h/nohook"}]}' hook-absent "execve failed with ENOENT" \
    '`/opt/h` is not on the host' "install it, or correct /hooks/createRuntime/0/path"
  lacks "$stderr" "args[0]" "in the container" "status 127"
  no_phrase
  printf '#!/usr/bin/pythonX\n' >"$BUNDLE/hook"
  chmod 755 "$BUNDLE/hook"
  seen '.hooks = {createRuntime: [{path: ($bundle + "/hook")}]}' hook-mode '`/usr/bin/pythonX`, the interpreter in line 1'
  printf 'echo\n' >"$BUNDLE/hook"
  seen '.hooks = {poststart: [{path: ($bundle + "/hook")}]}' hook-mode "without a #! line"
  chmod 644 "$BUNDLE/hook"
  seen '.hooks = {createContainer: [{path: ($bundle + "/hook")}]}' hook-mode "mode 0644" "chmod +x"
  wrong '.hooks = {startContainer: [{path: ($bundle + "/hook")}]}' hook-absent "is not in the root filesystem" \
    "the host has it"
  printf '#!/bin/sh\n' >"$BUNDLE/rootfs/hook"
  chmod 755 "$BUNDLE/rootfs/hook"
  wrong '.hooks = {createContainer: [{path: "/hook"}]}' hook-absent "the root filesystem has it"
  wrong '.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "nosuchtool"]}]}' hook-exit "status 127" nosuchtool
}

@test "advice: a program is explained as what was meant by it" {
  unlike "runc crun" "has no codes"
  seen '.process.args = ["sh -c \"echo hi there\""]' exec-one-string '["sh", "-c", "echo hi there"]'
  seen ".process.args = [\"/bin/sh -c 'echo hi'\"]" exec-one-string '["/bin/sh", "-c", "echo hi"]'
  seen '.process.args = ["\"/bin/true\""]' exec-one-string 'quotes or blanks' '["/bin/true"]'
  seen '.process.args = ["/bin/true "]' exec-one-string '["/bin/true"]'
  seen '.process.args = ["FOO=bar", "/bin/true"]' exec-absent 'add "FOO=bar" to process.env'
  seen '.process.args = ["cd", "/tmp"]' exec-absent "a command of the shell itself" '"/bin/sh", "-c", "cd /tmp"'
  seen '.process.args = ["$SHELL"]' exec-absent "no shell reads"
  seen '.process.args = ["tool"] | .process.env = ["PATH=/bin;/opt"]' exec-not-in-path "semicolons"
  ln -s ../lib/nothing "$BUNDLE/rootfs/bin/linked"
  seen '.process.args = ["linked"]' exec-dangling-link '`/bin/linked` is a link to `../lib/nothing`'
  mkdir "$BUNDLE/rootfs/opt"
  printf '#!/nope\n' >"$BUNDLE/rootfs/opt/inner"
  printf '#!/opt/inner\n' >"$BUNDLE/rootfs/opt/outer"
  chmod 755 "$BUNDLE/rootfs/opt/inner" "$BUNDLE/rootfs/opt/outer"
  seen '.process.args = ["/opt/outer"]' exec-interpreter '`/nope`, the interpreter in line 1 of `/opt/inner`'
}

@test "advice: a mount is explained by its type, its values and its layers" {
  unlike "runc crun" "has no codes"
  mkdir -p "$BUNDLE/low" "$BUNDLE/up/work"
  add() { seen ".mounts += [{destination: \"/x\"} + $1]" "${@:2}"; }
  add '{type: "none", source: "/tmp"}' mount-filesystem 'add "rbind" to /mounts/7/options'
  add '{type: "tmpfs", source: "t", options: ["size=lots"]}' mount-option "size=64m"
  add '{type: "tmpfs", source: "t", options: ["size=10MB"]}' mount-option "size=64m"
  add '{type: "tmpfs", source: "t", options: ["mode=rwx"]}' mount-option "octal"
  add '{type: "tmpfs", source: "t", options: ["uid=root"]}' mount-option "names are not looked up"
  add '{type: "tmpfs", source: "t", options: ["ro,nosuid"]}' mount-option '["ro", "nosuid"]'
  add '{type: "overlay", source: "o", options: ["lowerdir=" + $bundle + "/low"]}' mount-overlay "two directories"
  add '{type: "overlay", source: "o", options: ["lowerdir=" + $bundle + "/low", "upperdir=" + $bundle + "/up"]}' \
    mount-overlay "workdir"
  add '{type: "overlay", source: "o", options: ["lowerdir=" + $bundle + "/low", "upperdir=" + $bundle + "/up", "workdir=" + $bundle + "/up/work"]}' \
    mount-overlay "lies in upperdir"
  if grep -q '^	ext4$' /proc/filesystems; then
    : >"$BUNDLE/image"
    add '{type: "ext4", source: ($bundle + "/image")}' mount-source "no block device"
  fi
}

@test "advice: limits and settings say what the kernel takes" {
  unlike "runc crun" "has no codes"
  seen '.process.rlimits = [{type: "RLIMIT_CORE", soft: 1, hard: 1}, {type: "RLIMIT_NOFILE", soft: 1099511627776, hard: 1099511627776}]' \
    limit-hard "above fs.nr_open, $(cat /proc/sys/fs/nr_open)" /process/rlimits/1
  lacks "$stderr" "CAP_SYS_RESOURCE"
  has "$("$RUNTIME" check --bundle "$BUNDLE")" "error[limit-hard] /process/rlimits/1:"
  seen '.linux.sysctl = {"net.ipv4.ip_forward": "yes"}' sysctl-value '`yes`'
  [ -e /sys/fs/resctrl/schemata ] ||
    checks '.linux.intelRdt = {closID: "x", l3CacheSchema: "L3:0=ff"}' "error[config-rule] /linux/intelRdt" "resctrl"
}

@test "advice: check finds what lies in the way of mounts and devices" {
  unlike "runc crun" "has no codes"
  seen '.mounts += [{destination: "/x", type: "overlay", source: "o", options: ["lowerdir=/tmp:/etc", "metacpy=on"]}]' \
    mount-option 'did you mean `metacopy`'
  seen '.mounts += [{destination: "/bin/busybox/x", type: "bind", source: "/tmp", options: ["bind"]}]' \
    mount-kinds '`/bin/busybox` on the way to the destination is a file'
  echo x >"$BUNDLE/rootfs/taken"
  checks '.linux.devices = [{path: "/taken", type: "c", major: 1, minor: 3}]' "error[mount-target] /linux/devices/0/path"
  checks '.linux.sysctl = {"net.ipv4.tcp_available_congestion_control": "x"}' "error[sysctl-value]" "nobody can write it"
}

@test "advice: a poststop hook that is missing is a warning, as run does not fail of it" {
  checks '.hooks = {poststop: [{path: "/opt/nohook"}]}' "warning[hook-absent] /hooks/poststop/0/path" "0 errors"
}

@test "advice: a sysfs that run binds from the host is no error of check" {
  wrong_alarm='.linux.namespaces = [.linux.namespaces[] | select(.type != "network")] + [{type: "user"}]
    | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
  jq "$wrong_alarm" "$BATS_TEST_TMPDIR/good" >"$BUNDLE/config.json"
  attempt check --bundle "$BUNDLE"
  lacks "$output" "sysfs"
}

@test "advice: a file or socket of the command line that cannot be had says what to give" {
  unlike "runc crun" "has no codes"
  args echo ran
  attempt run --bundle "$BUNDLE" --pid-file "$BUNDLE/no/pid" "$ID"
  has "$stderr" "cannot write the pid file" "a directory that is there"
  lacks "$output" ran
  attempt run --bundle "$BUNDLE/config.json" "$ID"
  has "$stderr" ENOTDIR "give the directory of the bundle"
  config '.process.terminal = true'
  attempt create --bundle "$BUNDLE" --console-socket "$BUNDLE/$(printf 'x%.0s' {1..120})" "$ID"
  has "$stderr" "at most 107 bytes"
}

@test "advice: without a command, or with one that is misspelt, apus fails and says what was meant" {
  unlike "runc crun" "has other words"
  try "$RUNTIME"
  exits 1
  has "$stderr" "no command is given" "usage: apus"
  try "$RUNTIME" --root list
  exits 1
  has "$stderr" 'took `list` as its value'
  try "$RUNTIME" strat x
  has "$stderr" 'did you mean `start`'
  attempt kill "$ID" SIGTREM
  has "$stderr" 'did you mean `SIGTERM`'
}

@test "advice: the security table names a remedy once, and says when the score is above the threshold" {
  attempt check --bundle "$BUNDLE" --threshold 0
  exits 1
  has "$output" "above the threshold, 0"
  lacks "$output" "set: set"
}

@test "advice: a capability that is misspelt names the one that was meant" {
  unlike "runc crun" "has other words"
  config '.process.capabilities.bounding += ["CAP_SYS_ADMN", "KILL"] | .process.args = ["true"]'
  foreground
  exits 0
  has "$stderr" 'did you mean `CAP_SYS_ADMIN`?' 'did you mean `CAP_KILL`?'
}

@test "advice: what other tools write as one string is taken apart" {
  unlike "runc crun" "has no codes"
  seen '.process.user = "1000:1001"' config-type '{"uid": 1000, "gid": 1001}'
  seen '.process.args = ["cd /app && ls"]' exec-one-string '["/bin/sh", "-c", "cd /app && ls"]'
  seen '.process.args = "cd /app && ls"' config-type '["/bin/sh", "-c", "cd /app && ls"]'
  seen '.process.args = ["sh -c \"a; b\""]' exec-one-string '["sh", "-c", "a; b"]'
  seen '.mounts += ["/tmp/x:/data:ro"]' config-type \
    '{"destination": "/data", "source": "/tmp/x", "type": "bind", "options": ["bind", "ro"]}'
  seen '.linux.uidMappings = "0:100000:65536"' config-type \
    '[{"containerID": 0, "hostID": 100000, "size": 65536}]'
  seen '.linux.uidMappings = ["0:100000:65536"]' config-type \
    '{"containerID": 0, "hostID": 100000, "size": 65536}'
  seen '.linux.namespaces += [{type: "host"}]' config-word "leave the entry out"
  seen '.linux.namespaces = [{type: "mount"}, {type: "network", path: "host"}]' config-rule "leave the entry out"
  seen '.linux.seccomp = "default.json"' config-type 'write an object: {"defaultAction": "SCMP_ACT_ALLOW"}'
  seen '.process.user.additionalGids = 10' config-type 'write a list: [10]'
  seen '.hooks = {createRuntime: [{path: "/bin/sh -c true"}]}' hook-absent '"path": "/bin/sh", "args": ["sh", "-c", "true"]'
  seen '.hooks = {startContainer: [{path: "/bin/sh -c true"}]}' hook-absent '"path": "/bin/sh", "args": ["sh", "-c", "true"]'
}

@test "advice: a directory is not suggested as the program" {
  unlike "runc crun" "has no codes"
  mkdir "$BUNDLE/rootfs/app"
  seen '.process.args = ["./app.sh"]' exec-absent "app.sh"
  lacks "$output$stderr" "did you mean"
}

@test "advice: two mounts on the same place: one is to be removed" {
  unlike "runc crun" "has no codes"
  checks '.mounts += [{destination: "/proc", type: "proc", source: "proc"}]' mount-hidden "same destination" "remove one of them"
  attempt --log-format json run --bundle "$BUNDLE" "$ID"
  has "$stderr" "remove one of them"
  lacks "$stderr" "put it after"
}

@test "advice: what a mount hides is in the root filesystem, and the mount is named" {
  unlike "runc crun" "has no codes"
  mkdir "$BATS_TEST_TMPDIR/empty"
  seen '.mounts += [{destination: "/bin", type: "bind", source: "'"$BATS_TEST_TMPDIR/empty"'", options: ["bind"]}] | .process.args = ["/bin/sh"]' \
    exec-absent "hidden by the mount /mounts/"
}

@test "advice: the path to chmod can be pasted" {
  unlike "runc crun" "has no codes"
  printf '#!/bin/sh\n' >"$BUNDLE/rootfs/run.sh"
  chmod 644 "$BUNDLE/rootfs/run.sh"
  seen '.process.args = ["/run.sh"]' exec-mode "chmod +x $BUNDLE/rootfs/run.sh"
  seen '.hooks = {startContainer: [{path: "/run.sh"}]}' hook-mode "chmod +x $BUNDLE/rootfs/run.sh"
  cp "$BUNDLE/rootfs/run.sh" "$BATS_TEST_TMPDIR/hook.sh"
  seen ".hooks = {createRuntime: [{path: \"$BATS_TEST_TMPDIR/hook.sh\"}]}" hook-mode "chmod +x $BATS_TEST_TMPDIR/hook.sh"
}

@test "advice: what an option of exec asks for is told by the option, and not by the configuration" {
  unlike "runc crun" "has no codes"
  args sleep 100
  launch
  attempt exec --cwd /nope2 "$ID" true
  has "$stderr" "[--cwd]" "correct --cwd"
  lacks "$stderr" config.json "[/process/cwd]"
  attempt exec --cwd nope "$ID" true
  has "$stderr" "--cwd:"
  lacks "$stderr" config.json
  try setpriv --bounding-set=-net_admin "$RUNTIME" --root "$ROOT" exec --cap CAP_NET_ADMIN "$ID" true
  has "$stderr" "--cap:"
  attempt exec "$ID" 'ls -l'
  has "$stderr" "write \`apus exec $ID ls -l\`"
  attempt exec "$ID" 'cd /bin && ls'
  has "$stderr" "write \`apus exec $ID /bin/sh -c 'cd /bin && ls'\`"
}

@test "advice: a container whose record is gone or damaged can be deleted by what is advised" {
  unlike "runc crun" "has no codes"
  args sleep 100
  launch
  mv "$ROOT/$ID/state.json" "$BATS_TEST_TMPDIR/state.json"
  attempt state "$ID"
  has "$stderr" "its record is gone" "apus delete --force $ID"
  lacks "$stderr" "did you mean"
  printf '{' >"$ROOT/$ID/state.json"
  attempt state "$ID"
  has "$stderr" "damaged" "apus delete --force $ID"
  cp "$BATS_TEST_TMPDIR/state.json" "$ROOT/$ID/state.json"
  attempt delete "$ID"
  has "$stderr" "apus kill $ID KILL"
  attempt create --bundle "$BUNDLE" "$ID"
  has "$stderr" "apus delete --force $ID"
  rt kill "$ID" KILL
  eventually 'has_status stopped'
  for command in kill pause; do
    attempt "$command" "$ID"
    has "$stderr" "container not running: it is stopped"
  done
}

@test "advice: check tells of a slip once, and not of what follows from it" {
  unlike "runc crun" "has no check"
  checks '.mounts += [{destination: "/d", type: "bind", source: "/tmp", options: ["bind", "readonly"]}]' 'did you mean `ro`?'
  lacks "$output" "add \"rbind\""
  checks '.mounts += [{destination: "/d", source: "/tmp", options: ["bind", "ro,nosuid"]}]' '["ro", "nosuid"]'
  lacks "$output" "add \"bind\""
  checks '.root = "rootfs"' '{"path": "rootfs"}'
  lacks "$output" "/root/path"
  checks '.linux.seccomp = {defaultAction: "SCMP_ACT_EROR", syscalls: [{names: ["execve"], action: "SCMP_ACT_ALOW"}]}' \
    "/linux/seccomp/defaultAction:" "/linux/seccomp/syscalls/0/action:"
  lacks "$output" exec-filter
  checks '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", syscalls: [{names: ["execve"], action: "SCMP_ACT_ALOW"}]}' ALLOW
  lacks "$output" exec-filter
}

@test "advice: a detached container with a terminal and no socket: two remedies" {
  config '.process.terminal = true'
  unlike "runc crun" "has no such advice"
  attempt create --bundle "$BUNDLE" "$ID"
  has "$stderr" "set /process/terminal to false"
}

@test "advice: check names the filesystem that was meant, as run does" {
  unlike "runc crun" "has no check"
  checks '.mounts += [{destination: "/d", type: "tmpsf", source: "t"}]' 'did you mean `tmpfs`?'
  checks '.root.path = $bundle + "/rootf"' 'did you mean `'"$BUNDLE/rootfs"'`?'
}

@test "advice: what a command did not find to do is said" {
  unlike "runc crun" "say nothing"
  args sleep 100
  rt create --bundle "$BUNDLE" "$ID"
  attempt --log-level warning update "$ID"
  exits 0
  has "$stderr" "nothing was asked for"
  echo '{"linux": {"resources": {}}}' >"$BATS_TEST_TMPDIR/limits"
  attempt --log-level warning update -r "$BATS_TEST_TMPDIR/limits" "$ID"
  has "$stderr" "no limit in it"
  # Whether or not this host has the controller.
  attempt --log-level warning update --pids-limit 100 "$ID"
  lacks "$stderr" "nothing was asked for"
  attempt --log-level warning kill -r 'no-such-[0-9]+id' KILL
  exits 0
  has "$stderr" "no container's id matches"
  attempt kill "$ID" FOO
  lacks "$stderr" "SIGFPE"
  attempt kill "$ID" HIP
  has "$stderr" 'did you mean `SIGHUP`'
}

@test "advice: a file that is in the way of a profile is seen before the program runs" {
  unlike "runc crun" "learn no profiles"
  shell 'echo ran >/ran'
  config '.root.readonly = false'
  touch "$BATS_TEST_TMPDIR/profile"
  attempt seccomp learn --output "$BATS_TEST_TMPDIR/profile" -- run --bundle "$BUNDLE" "$ID"
  [ "$status" -ne 0 ]
  has "$stderr" "exists. Remove it first"
  [ ! -e "$BUNDLE/rootfs/ran" ]
}

@test "advice: a program or a hook that fails has its place in the log" {
  unlike "runc crun" "have no pointers"
  config '.process.args = ["/nosuch"]'
  attempt --log-format json run --bundle "$BUNDLE" "$ID"
  is "$(jq -r .pointer <<<"$stderr")" /process/args
  attempt --explain always run --bundle "$BUNDLE" "$ID"
  has "$stderr" '^' '"args"'
  args true
  config '.hooks = {createRuntime: [{path: "/nosuch"}]}'
  attempt --log-format json run --bundle "$BUNDLE" "$ID"
  is "$(jq -r .pointer <<<"$stderr")" /hooks/createRuntime/0
}

@test "advice: a profile in an engine's form is named once" {
  unlike "runc crun" "say nothing"
  args true
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", archMap: [], syscalls: [
    {names: ["mkdir"], action: "SCMP_ACT_ALLOW", includes: {}, excludes: {}, comment: ""},
    {names: ["chown"], action: "SCMP_ACT_ALLOW", includes: {}}]}'
  attempt --log-level warning run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$(grep -c "unknown member" <<<"$stderr")" 1
  has "$stderr" "in an engine's form"
}
