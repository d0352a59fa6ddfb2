# config.md: what holds on every platform, and the process.
load lib

@test "bundle.md: a bundle without config.json is an error" {
  rm "$BUNDLE/config.json"
  try create --bundle "$BUNDLE" "$ID"
  [ "$status" -ne 0 ]
}

@test "config.md Specification version: a version of another major, or none, is an error" {
  config '.ociVersion = "2.0.0"'
  refused
}

@test "config.md Specification version: a missing version is an error" {
  config 'del(.ociVersion)'
  refused
}

@test "config.md Extensibility: an unknown property is ignored" {
  config '.unknownProperty = {"a": [1]} | .linux.unknownProperty = true | .process.unknownProperty = "x"'
  yields ran 'echo ran'
}

@test "config.md Valid values: an unknown value of an enumeration is an error" {
  config '.linux.namespaces += [{type: "unknown"}]'
  refused
}

@test "config.md: text that is no JSON is an error" {
  echo '{"ociVersion": ' >"$BUNDLE/config.json"
  refused
}

@test "config.md Annotations: an annotation with any name is accepted, and is in the state" {
  config '.annotations = {"com.example.unknown": ""}'
  create
  is "$(state '.annotations | has("com.example.unknown")')" true
}

@test "config.md Root: path relative to the bundle is the container's root" {
  echo mark >"$BUNDLE/rootfs/data/mark"
  yields mark 'cat /data/mark'
}

@test "config.md Root: an absolute path" {
  echo mark >"$BUNDLE/rootfs/data/mark"
  config '.root.path = $path' --arg path "$BUNDLE/rootfs"
  yields mark 'cat /data/mark'
}

@test "config.md Root: a path that does not exist is an error" {
  config '.root.path = "nonexistent"'
  refused
}

@test "config.md Root: readonly" {
  config '.root.readonly = true'
  yields "read-only" 'touch /data/x 2>/dev/null || echo read-only'
}

@test "config.md Root: not readonly by default" {
  outcome 'touch /data/x'
  [ -e "$BUNDLE/rootfs/data/x" ]
}

@test "config.md Mounts: are made in the order of the list" {
  mkdir -p "$BUNDLE/a" "$BUNDLE/b"
  echo a >"$BUNDLE/a/file"
  echo b >"$BUNDLE/b/file"
  mounts "$(jq -nc --arg s "$BUNDLE/a" '{destination: "/data", type: "bind", source: $s, options: ["bind"]}')"
  mounts "$(jq -nc --arg s "$BUNDLE/b" '{destination: "/data", type: "bind", source: $s, options: ["bind"]}')"
  yields b 'cat /data/file'
}

@test "config.md Mounts: a relative source of a bind mount is relative to the bundle" {
  mkdir -p "$BUNDLE/source"
  echo mark >"$BUNDLE/source/file"
  mounts '{"destination": "/data", "type": "bind", "source": "source", "options": ["bind"]}'
  yields mark 'cat /data/file'
}

@test "config.md Mounts: a file is bound onto a file that need not exist" {
  echo mark >"$BUNDLE/file"
  mounts "$(jq -nc --arg s "$BUNDLE/file" '{destination: "/data/new", type: "bind", source: $s, options: ["bind", "ro"]}')"
  yields "$(printf 'mark\nread-only')" 'cat /data/new; echo x 2>/dev/null >/data/new || echo read-only'
}

@test "config.md Mounts: a destination that does not exist is made" {
  mounts '{"destination": "/new/deep", "type": "tmpfs", "source": "tmpfs"}'
  yields tmpfs 'stat -f -c %T /new/deep'
}

@test "config.md Mounts: a destination that is a link is followed inside the root" {
  ln -s /etc "$BUNDLE/rootfs/data/link"
  mounts '{"destination": "/data/link", "type": "tmpfs", "source": "tmpfs"}'
  yields tmpfs 'stat -f -c %T /etc'
}

@test "config.md Mounts: a source that does not exist is an error" {
  mounts '{"destination": "/data", "type": "bind", "source": "/nonexistent", "options": ["bind"]}'
  refused
}

@test "config.md Mounts: a filesystem that the kernel does not have is an error" {
  mounts '{"destination": "/data", "type": "no-such-filesystem", "source": "x"}'
  refused
}

@test "config.md Mounts: options of a filesystem reach it" {
  mounts '{"destination": "/data", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k", "mode=0701"]}'
  yields "$(printf '701\n16')" 'stat -c %a /data; stat -f -c %b /data'
}

@test "config.md Linux mount options: nosuid nodev noexec ro noatime nodiratime" {
  local option
  for option in nosuid nodev noexec ro noatime nodiratime; do
    mounts "{\"destination\": \"/data/$option\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"$option\"]}"
  done
  outcome 'cat /proc/self/mountinfo'
  for option in nosuid nodev noexec ro noatime nodiratime; do
    matches "$(awk -v d="/data/$option" '$5 == d { print $6 }' <<<"$output")" "(^|,)$option(,|\$)"
  done
}

@test "config.md Linux mount options: rbind takes what lies below, bind does not" {
  mkdir -p "$BUNDLE/tree/sub"
  mount -t tmpfs tmpfs "$BUNDLE/tree/sub"
  echo mark >"$BUNDLE/tree/sub/file"
  mounts "$(jq -nc --arg s "$BUNDLE/tree" '{destination: "/data/all", type: "bind", source: $s, options: ["rbind"]}')"
  mounts "$(jq -nc --arg s "$BUNDLE/tree" '{destination: "/data/one", type: "bind", source: $s, options: ["bind"]}')"
  outcome 'ls /data/all/sub; ls /data/one/sub'
  umount "$BUNDLE/tree/sub"
  is "$output" file
}

@test "config.md Linux mount options: rro is recursive, ro is not" {
  feature '.mountOptions | index("rro")' || skip "features does not name rro"
  mkdir -p "$BUNDLE/tree/sub"
  mount -t tmpfs tmpfs "$BUNDLE/tree/sub"
  mounts "$(jq -nc --arg s "$BUNDLE/tree" '{destination: "/data/ro", type: "bind", source: $s, options: ["rbind", "ro"]}')"
  mounts "$(jq -nc --arg s "$BUNDLE/tree" '{destination: "/data/rro", type: "bind", source: $s, options: ["rbind", "rro"]}')"
  outcome 'touch /data/ro/x 2>/dev/null || echo top; touch /data/ro/sub/x && echo below
    touch /data/rro/sub/y 2>/dev/null || echo all'
  umount "$BUNDLE/tree/sub"
  is "$output" "$(printf 'top\nbelow\nall')"
}

@test "config.md Linux mount options: propagation" {
  local mode
  for mode in private slave shared unbindable; do
    mounts "{\"destination\": \"/data/$mode\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"$mode\"]}"
  done
  outcome 'cat /proc/self/mountinfo'
  matches "$(awk '$5 == "/data/shared" { print $7 }' <<<"$output")" '^shared:'
  is "$(awk '$5 == "/data/private" { print $7 }' <<<"$output")" -
  is "$(awk '$5 == "/data/unbindable" { print $7 }' <<<"$output")" unbindable
}

@test "config.md Mounts: nothing that is mounted for the container is seen on the host" {
  local before
  before=$(cat /proc/self/mountinfo)
  mounts '{"destination": "/data", "type": "tmpfs", "source": "tmpfs"}'
  running_sleep
  is "$(cat /proc/self/mountinfo)" "$before"
}

@test "config.md Process: args, and the program is found in the PATH of env" {
  config '.process.args = ["echo-link", "a b", ""]'
  printf '#!/bin/sh\nfor a in "$@"; do echo "[$a]"; done\n' >"$BUNDLE/rootfs/data/echo-link"
  chmod +x "$BUNDLE/rootfs/data/echo-link"
  config '.process.env = ["PATH=/nonexistent:/data:/bin"]'
  outcome
  is "$output" "$(printf '[a b]\n[]')"
}

@test "config.md Process: a program that does not exist is an error" {
  config '.process.args = ["no-such-program"]'
  refused
}

@test "config.md Process: no args are an error" {
  config '.process.args = []'
  refused
}

@test "config.md Process: cwd" {
  config '.process.cwd = "/data"'
  yields /data 'pwd'
}

@test "config.md Process: a cwd that is not absolute is an error" {
  config '.process.cwd = "data"'
  refused
}

@test "config.md Process: env is what the program has, and nothing of the runtime's" {
  config '.process.env = ["PATH=/bin", "A=b=c", "EMPTY="]'
  export LEAK=leak
  outcome env
  has "$output" "A=b=c" "EMPTY="
  lacks "$output" LEAK
}

@test "config.md Process: terminal with a console socket is a terminal" {
  skip_without_python
  config '.process.terminal = true | .process.consoleSize = {height: 21, width: 84} | .process.args = ["sh", "-c", "stat -L -c %t /dev/fd/0; sleep 1"]'
  python3 - "$BUNDLE/socket" >"$OUT.terminal" 3>&- <<'PYTHON' &
import array, fcntl, os, socket, struct, sys, termios
server = socket.socket(socket.AF_UNIX); server.bind(sys.argv[1]); server.listen(1); server.settimeout(20)
peer, _ = server.accept()
_, control, _, _ = peer.recvmsg(4096, 64)
fd = array.array("i", control[0][2])[0]
print(os.isatty(fd), struct.unpack("HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, b"\0" * 8))[:2], flush=True)
try: print(os.read(fd, 100))
except OSError: pass
PYTHON
  eventually test -S "$BUNDLE/socket"
  launch --console-socket "$BUNDLE/socket"
  eventually 'grep -q 88 "$OUT.terminal"'
  has "$(cat "$OUT.terminal")" "True (21, 84)"
}

skip_without_python() {
  command -v python3 >/dev/null || skip "python3, which receives the terminal, is not installed"
}

@test "config.md User: uid, gid and additionalGids" {
  config '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 6]}'
  yields "$(printf '1000\n1001\n1001 5 6')" 'id -u; id -g; id -G'
}

@test "config.md User: no group of the caller is left" {
  yields 0 'id -G'
}

@test "config.md User: umask" {
  config '.process.user.umask = 63'
  outcome 'touch /data/x'
  is "$(stat -c %a "$BUNDLE/rootfs/data/x")" 600
}

@test "config.md Capabilities: each set is the configured one" {
  config '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL"], permitted: ["CAP_CHOWN", "CAP_KILL"],
    effective: ["CAP_CHOWN"], inheritable: [], ambient: []} | .process.user = {uid: 0, gid: 0} | .process.noNewPrivileges = false'
  outcome 'grep Cap /proc/self/status'
  has "$output" "$(printf 'CapBnd:\t0000000000000021')"
  has "$output" "$(printf 'CapInh:\t0000000000000000')" "$(printf 'CapAmb:\t0000000000000000')"
}

@test "config.md Capabilities: ambient ones survive for a user other than root" {
  config '.process.user.uid = 1000 | .process.capabilities = ({bounding: ["CAP_KILL"]} | . + {permitted: .bounding, effective: .bounding, inheritable: .bounding, ambient: .bounding})'
  outcome 'grep Cap /proc/self/status'
  has "$output" "$(printf 'CapAmb:\t0000000000000020')" "$(printf 'CapEff:\t0000000000000020')"
}

@test "config.md Process: noNewPrivileges" {
  yields "$(printf 'NoNewPrivs:\t1')" 'grep NoNewPrivs /proc/self/status'
}

@test "config.md Process: noNewPrivileges is off by default" {
  config 'del(.process.noNewPrivileges)'
  yields "$(printf 'NoNewPrivs:\t0')" 'grep NoNewPrivs /proc/self/status'
}

@test "config.md Process: rlimits are set to their values" {
  config '.process.rlimits = [{type: "RLIMIT_CORE", soft: 1024, hard: 2048}, {type: "RLIMIT_NOFILE", soft: 100, hard: 200}]'
  outcome 'grep -E "core file|open files" /proc/self/limits'
  matches "$output" 'core file size +1024 +2048'
  matches "$output" 'open files +100 +200'
}

@test "config.md Process: a limit that is unknown, or given twice, is an error" {
  config '.process.rlimits = [{type: "RLIMIT_UNKNOWN", soft: 1, hard: 1}]'
  refused
}

@test "config.md Process: oomScoreAdj" {
  config '.process.oomScoreAdj = 500'
  yields 500 'cat /proc/self/oom_score_adj'
}

@test "config.md Process: without oomScoreAdj it is left as it is" {
  yields "$(cat /proc/self/oom_score_adj)" 'cat /proc/self/oom_score_adj'
}

@test "config.md Scheduler: policy and nice" {
  config '.process.scheduler = {policy: "SCHED_BATCH", nice: 5}'
  outcome 'cat /proc/self/stat'
  # The fields behind the name: nice is the 19th, the policy the 41st.
  is "$(sed 's/.*) //' <<<"$output" | awk '{ print $17, $39 }')" "5 3"
}

@test "config.md IO Priority: class and priority" {
  command -v ionice >/dev/null || skip "ionice is not installed"
  config '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}'
  running_sleep
  is "$(ionice -p "$(pid)")" idle
}

@test "config.md Hostname: is set in the container and nowhere else" {
  local before
  before=$(hostname)
  config '.hostname = "conformance"'
  yields conformance hostname
  is "$(hostname)" "$before"
}

@test "config.md Domainname: is set in the container" {
  config '.domainname = "example.org"'
  yields example.org 'cat /proc/sys/kernel/domainname'
}

@test "config.md Hostname: without a uts namespace of the container is an error" {
  config '.hostname = "conformance" | .linux.namespaces |= map(select(.type != "uts"))'
  refused
}
