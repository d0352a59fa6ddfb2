load helpers

local_setup() {
  args sleep 100
  NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups env XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR/user-root" HOME=/ "$BATS_TEST_TMPDIR/apus")
  MAPS='[{"containerID": 0, "hostID": 100000, "size": 65536}]'
}

local_teardown() {
  [ ! -d "$BATS_TEST_TMPDIR/user-root" ] || as_nobody delete --force "$ID" 2>/dev/null || :
}

# dbg WORD…: debug in the foreground, to the end.
dbg() {
  attempt debug "$@"
}

# A rootfs with one program and nothing else, not even a directory that is not a mount point.
bare() {
  rm -r "$BUNDLE/rootfs"
  mkdir "$BUNDLE/rootfs"
  cp "$SUITE/probe" "$BUNDLE/rootfs/program"
  args /program stay
}

user_namespace() {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' --argjson m "$MAPS"
}

# What a container can see change of itself. Queued signals are counted for the user, whatever else it runs.
inside() {
  cat "/proc/$1/mountinfo" "/proc/$1/cgroup" "/proc/$1/status" "/proc/$1/limits" | grep -Ev 'ctxt|^SigQ'
  find "$BUNDLE/rootfs" -printf '%p %m %u %s %T@\n' | sort
  find "$CGROUP" -type d
}

# --- what it is for ----------------------------------------------------------------------------

@test "debug brings tools into a container that has one program and no shell, and changes nothing of it" {
  bare
  launch
  local pid before
  pid=$(pid_of)
  before=$(inside "$pid")
  dbg "$ID" sh -c 'ls / | tr "\n" " "; cat /proc/1/comm; readlink /.apus/bin/ls; echo ok | grep -c ok'
  exits 0
  is "$output" $'dev proc program sys program\nbusybox\n1'
  is "$stderr" ""
  is "$(inside "$pid")" "$before"
  [ ! -e "/proc/$pid/root/.apus" ]
}

@test "debug is in the container's namespaces, but for a copy of its mounts" {
  user_namespace
  launch
  local pid name
  pid=$(pid_of)
  dbg "$ID" sh -c 'for n in user pid net ipc uts cgroup; do readlink /proc/self/ns/$n; done; readlink /proc/self/ns/mnt; cat /proc/self/uid_map'
  exits 0
  is "$(head -n 6 <<<"$output")" "$(for name in user pid net ipc uts cgroup; do readlink "/proc/$pid/ns/$name"; done)"
  lacks "$output" "$(readlink "/proc/$pid/ns/mnt")"
  has "$output" 100000
}

@test "debug sees the container's files where they are, with its links and mounts" {
  config '.root.readonly = false'
  mounts '{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"}'
  ln -s bin/busybox "$BUNDLE/rootfs/link"
  echo text >"$BUNDLE/rootfs/file"
  mkfifo "$BUNDLE/rootfs/fifo"
  launch
  dbg "$ID" sh -c 'readlink /link; cat /file; [ -p /fifo ] && echo fifo; echo new >/tmp/of-debug; touch /x 2>&1'
  has "$output" $'bin/busybox\ntext\nfifo' "/x: Read-only file system"
  attempt exec "$ID" cat /tmp/of-debug
  is "$output" new
}

@test "debug works in a container that is created and not started, which then starts" {
  bare
  create
  dbg "$ID" sh -c 'echo in; ls /proc/1/fd >/dev/null && echo looked'
  exits 0
  has "$output" in
  is "$(status_of)" created
  start
  is "$(status_of)" running
}

@test "debug works in a paused container, which stays paused, in a cgroup beside its own" {
  launch
  rt pause "$ID"
  dbg "$ID" sh -c 'cat /proc/1/comm; echo $$ >/dev/null; grep ^0:: /proc/self/cgroup'
  exits 0
  has "$output" sleep "/../$ID.apus-debug-"
  is "$(status_of)" paused
  rt resume "$ID"
  is "$(status_of)" running
}

@test "debug finds room beside a container that has used up its processes or its memory" {
  grep -qw pids "$CGROUP_MOUNT/cgroup.controllers" || skip "no pids controller here"
  config '.linux.resources.pids = {limit: 3}'
  launch
  detached rt exec -d "$ID" sleep 55
  dbg "$ID" sh -c 'echo a | cat | cat | cat'
  exits 0
  is "$output" a
  grep -q '^max 0' "$CGROUP/pids.events"
}

@test "debug beside a paused container has no device that the container's rules forbid" {
  launch
  rt pause "$ID"
  dbg --privileged "$ID" sh -c 'mknod /dev/kmsg c 1 11; mknod /dev/zeros c 1 5; cat /dev/kmsg 2>&1; head -c 1 /dev/zeros | wc -c'
  is "$output" $'cat: can\'t open \'/dev/kmsg\': Operation not permitted\n1'
}

@test "the filter, the capabilities and the user of the container hold for its tools" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["sync"], action: "SCMP_ACT_KILL_PROCESS"}]}
    | .process.user = {uid: 1000, gid: 1000} | .process.oomScoreAdj = 77'
  launch
  dbg "$ID" sh -c 'id -u; grep -E "^(CapEff|Seccomp|NoNewPrivs):" /proc/self/status; cat /proc/self/oom_score_adj; sync; echo $?'
  exits 0
  has "$output" $'1000\n' $'CapEff:\t0000000000000000' $'Seccomp:\t2' $'\n77\n' $'\n159'
}

@test "--privileged, --cap and --user ask for other rights" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["sync"], action: "SCMP_ACT_KILL_PROCESS"}]}
    | .process.user = {uid: 1000, gid: 1000} | .process.noNewPrivileges = true'
  launch
  dbg --privileged "$ID" sh -c 'id -u; grep -E "^(Seccomp|NoNewPrivs):" /proc/self/status; grep CapEff /proc/self/status; sync; echo $?'
  exits 0
  has "$output" $'0\nNoNewPrivs:\t0\nSeccomp:\t0' $'\n0'
  [[ $output != *CapEff:$'\t'0000000000000000* ]]
  # CAP_KILL is bit 5.
  dbg --user 7:8 --cap CAP_KILL "$ID" sh -c 'id -u; id -g; grep CapEff /proc/self/status'
  is "$output" $'7\n8\nCapEff:\t0000000000000020'
}

@test "--tools attaches a directory of the host, read-only and without set-user-id" {
  local tools=$BATS_TEST_TMPDIR/tools
  mkdir -p "$tools/bin"
  cp "$SUITE/probe" "$tools/bin/mytool"
  chmod u+s "$tools/bin/mytool"
  bare
  launch
  dbg --tools "$tools" "$ID" sh -c 'which mytool; touch /.apus/tools/x 2>&1; grep /.apus/tools /proc/self/mountinfo'
  has "$output" "/.apus/tools/bin/mytool" "Read-only file system" nosuid
  dbg --tools "$BATS_TEST_TMPDIR/missing" "$ID" true
  exits 255
  has "$stderr" "--tools" "$BATS_TEST_TMPDIR/missing"
  dbg --tools /etc/passwd "$ID" true
  exits 255
}

@test "T63: in a user namespace not even --privileged makes the tools writable" {
  local tools=$BATS_TEST_TMPDIR/tools
  mkdir -m 777 "$tools"
  user_namespace
  launch
  dbg --tools "$tools" --privileged "$ID" sh -c 'mount -o remount,rw,bind /.apus/tools; mount -o remount,rw /; touch /.apus/tools/x'
  exits 1
  has "$stderr" "mount: permission denied" "Read-only file system"
  is "$(ls "$tools")" ""
}

@test "debug gives the status of its command, and needs one that exists" {
  launch
  dbg "$ID" sh -c 'echo out; echo err >&2; exit 7'
  exits 7
  is "$output/$stderr" out/err
  dbg "$ID" sh -c 'kill -9 $$'
  exits 137
  dbg "$ID" no-such-tool
  exits 255
  has "$stderr" 'exec: "no-such-tool": executable file not found in $PATH'
}

@test "a shell of debug has a terminal if asked for, and reads commands from a pipe" {
  launch
  dbg --tty "$ID" tty
  has "$output" /dev/pts/
  output=$(echo 'echo from-pipe; exit 3' | rt debug "$ID" 3>&-) || status=$?
  is "$output/$status" from-pipe/3
}

@test "--init-view prints how to enter by hand, and runs nothing" {
  launch
  local pid
  pid=$(pid_of)
  dbg --init-view "$ID" ps
  exits 0
  has "$output" "nsenter --target $pid --mount" --pid --net --ipc --uts "/proc/$pid/root"
  is "$(eval "$(grep -- '--mount' <<<"$output" | sed 's/ps$/cat \/proc\/1\/comm/')")" sleep
}

@test "debug in a container without namespaces of its own sees its root" {
  config '.linux.namespaces = [] | del(.hostname, .linux.maskedPaths, .linux.readonlyPaths) | .mounts = [] | .root.readonly = false'
  launch
  dbg "$ID" sh -c 'ls -d /out; ls /.apus/bin | head -n 1; pwd'
  exits 0
  is "$output" $'/out\n[\n/'
}

@test "debug is refused where there is nothing to look into" {
  dbg none true
  exits 255
  has "$stderr" "container does not exist"
  create
  rt kill "$ID" KILL
  eventually has_status stopped
  dbg "$ID" true
  exits 255
  has "$stderr" "stopped container"
  attempt debug
  exits 1
}

# --- what is left of it ------------------------------------------------------------------------

@test "nothing of debug is left when it ends: what it started is dead, and its cgroup is gone" {
  launch
  dbg "$ID" sh -c 'sleep 77 & (setsid sleep 78 &) ; echo started'
  exits 0
  is "$(cat "$CGROUP/cgroup.procs" | wc -l)" 1
  is "$(find "$CGROUP" -mindepth 1 -type d)" ""
  is "$(pgrep -f '^sleep 7[78]' | wc -l)" 0
}

@test "nothing of debug is left when the runtime is killed" {
  launch
  rt pause "$ID"
  local paused
  for paused in yes no; do
    "$RUNTIME" --root "$ROOT" debug "$ID" sh -c 'setsid sleep 88 & sleep 89' </dev/null >/dev/null 2>&1 3>&- &
    local pid=$!
    BACKGROUND+=("$pid")
    eventually pgrep -f '^sleep 88'
    kill -KILL "$pid"
    eventually '! pgrep -f "^sleep 8[89]"'
    eventually '[ -z "$(compgen -G "$CGROUP*apus-debug*")$(find "$CGROUP" -mindepth 1 -type d)" ]'
    [ $paused = no ] || rt resume "$ID"
  done
  is "$(status_of)" running
}

@test "a signal to debug reaches its command" {
  launch
  "$RUNTIME" --root "$ROOT" debug "$ID" sh -c 'trap "echo caught; exit 5" TERM; echo ready; while :; do sleep 0.1; done' </dev/null >"$OUT" 2>&1 3>&- &
  local pid=$!
  BACKGROUND+=("$pid")
  eventually grep -q ready "$OUT"
  kill -TERM "$pid"
  local code=0
  wait "$pid" || code=$?
  is "$code" 5
  has "$(cat "$OUT")" caught
}

@test "debug ends when its container is deleted" {
  launch
  "$RUNTIME" --root "$ROOT" debug "$ID" sleep 99 </dev/null >/dev/null 2>&1 3>&- &
  local pid=$! code=0
  BACKGROUND+=("$pid")
  eventually pgrep -f '^sleep 99'
  rt delete --force "$ID"
  wait "$pid" || code=$?
  is "$code" 137
  eventually nothing_left
}

# --- against an attacker inside ----------------------------------------------------------------

@test "T63: root of the container's user namespace, with every capability, gets into no part of debug, before or after it executes" {
  user_namespace
  config '.process.capabilities |= map_values($all)' --argjson all "$(rt features | jq .linux.capabilities)"
  args probe watch
  launch
  eventually grep -q watching "$OUT"
  local i
  for i in 1 2 3; do dbg "$ID" sh -c 'sleep 0.3'; exits 0; done
  has "$(cat "$OUT")" seen
  lacks "$(cat "$OUT")" REACHED
}

@test "T63: root of a container gets into no part of debug, before or after it executes, unless it has CAP_SYS_PTRACE" {
  args probe watch
  launch
  eventually grep -q watching "$OUT"
  local i
  for i in {1..5}; do dbg "$ID" sleep 0.2; exits 0; done
  has "$(cat "$OUT")" seen
  lacks "$(cat "$OUT")" REACHED
}

@test "T63: root of a container with CAP_SYS_PTRACE cannot write what it executes (CVE-2019-5736)" {
  local tools=$BATS_TEST_TMPDIR/tools
  mkdir "$tools"
  cp "$SUITE/probe" "$tools/mytool"
  local sum
  sum=$(sha256sum "$tools/mytool" "$(command -v busybox)" "$RUNTIME")
  config '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE"])'
  args probe catch
  launch
  eventually grep -q watching "$OUT"
  local i
  for i in 1 2 3; do
    dbg "$ID" sleep 0.3
    dbg --tools "$tools" "$ID" mytool stay 300
  done
  has "$(cat "$OUT")" "caught Read-only file system"
  lacks "$(cat "$OUT")" WRITABLE
  is "$(sha256sum "$tools/mytool" "$(command -v busybox)" "$RUNTIME")" "$sum"
}

@test "T63: a container cannot put programs in the place of the tools" {
  config '.root.readonly = false'
  mkdir -p "$BUNDLE/rootfs/.apus/bin"
  printf '#!/bin/sh\necho evil\n' >"$BUNDLE/rootfs/.apus/bin/id"
  chmod +x "$BUNDLE/rootfs/.apus/bin/id"
  cp "$BUNDLE/rootfs/.apus/bin/id" "$BUNDLE/rootfs/tmp/id"
  shell 'while :; do mv /.apus /.x; mv /tmp /mnt; mv /.x /.apus; mv /mnt /tmp; done 2>/dev/null'
  config '.process.env = ["PATH=/tmp:/.apus/bin:/bin"]'
  launch
  local i
  for i in {1..10}; do
    dbg "$ID" id -u
    # An entry that is gone for the moment is not there.
    exits 0
    is "$output" 0
  done
}

@test "debug takes a root directory as odd as the image has it" {
  local i root=$BUNDLE/rootfs
  ln -s / "$root/loop"
  ln -s /proc/self/exe "$root/magic"
  mknod "$root/null" c 1 3
  mkdir -m 0 "$root/closed" "$root/a b" "$root/"$'new\nline'
  python3 -c 'import socket,os,sys; os.chdir(sys.argv[1]); socket.socket(socket.AF_UNIX).bind("socket")' "$root"
  for i in {1..800}; do : >"$root/.many-$i"; done
  launch
  dbg "$ID" sh -c 'ls -a / | grep -c many'
  exits 0
  [ "$output" -gt 300 ]
}

# --- by others than root -----------------------------------------------------------------------

as_nobody() { "${NOBODY[@]}" "$@"; }

@test "rootless: an unprivileged caller looks into its container, with a copy of its tools" {
  local user_root=$BATS_TEST_TMPDIR/user-root bundle=$BATS_TEST_TMPDIR/user-bundle tools=$BATS_TEST_TMPDIR/tools
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/apus"
  install -d -o 65534 -g 65534 -m 700 "$user_root"
  install -d -o 65534 -g 65534 "$bundle"
  cp -al "$SUITE/rootfs" "$bundle/rootfs"
  rm -r "$bundle/rootfs/bin"
  mkdir "$bundle/rootfs/bin" "$tools"
  cp "$SUITE/probe" "$bundle/rootfs/bin/program"
  cp "$SUITE/probe" "$tools/mytool"
  (cd "$bundle" && as_nobody spec --rootless)
  BUNDLE=$bundle
  config '.process.terminal = false'
  args /bin/program stay
  detached as_nobody run -d --bundle "$BUNDLE" "$ID"
  try "${NOBODY[@]}" debug "$ID" sh -c 'id -u; cat /proc/1/comm; ls /bin'
  exits 0
  is "$output" $'0\nprogram\nprogram'
  try "${NOBODY[@]}" debug --tools "$tools" "$ID" sh -c 'which mytool; touch /.apus/tools/x 2>&1'
  has "$output" /.apus/tools/mytool "Read-only file system"
  as_nobody delete --force "$ID"
}
