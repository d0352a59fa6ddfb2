load helpers

local_setup() {
  args sleep 100
}

# ex WORD…: exec in the foreground, to the end.
ex() {
  attempt exec "$@"
}

# process JQ: the file for --process.
process() {
  jq -n "{args: [\"true\"], cwd: \"/\", env: [\"PATH=/bin\"], user: {uid: 0, gid: 0}} + $1" >"$BATS_TEST_TMPDIR/process"
}

@test "EN-16: exec runs a command in the container and gives its exit status" {
  launch
  ex "$ID" hostname
  exits 0
  is "$output" "$(jq -r .hostname "$BUNDLE/config.json")"
  ex "$ID" sh -c 'echo out; echo err >&2; exit 7'
  exits 7
  is "$output/$stderr" out/err
  ex "$ID" probe stop 9
  exits 137
  ex "$ID" probe stop 15
  exits 143
}

@test "EN-16: what follows the id belongs to the command, and -- is dropped" {
  unlike "runc crun" "runs --"
  launch
  ex "$ID" -- echo --tty -d
  exits 0
  is "$output" "--tty -d"
  ex "$ID" echo --user 5
  is "$output" "--user 5"
}

@test "EN-16: the process joins every namespace and the cgroup of the container" {
  launch
  local pid name
  pid=$(pid_of)
  ex "$ID" sh -c 'for n in mnt pid net ipc uts cgroup user; do readlink /proc/self/ns/$n; done; cat /proc/self/cgroup | grep ^0::'
  exits 0
  is "$(head -n 7 <<<"$output")" "$(for name in mnt pid net ipc uts cgroup user; do readlink "/proc/$pid/ns/$name"; done)"
  detached rt exec -d "$ID" sleep 55
  is "$(wc -l <"$CGROUP/cgroup.procs")" 2
}

@test "T19: a process of exec has the confinement of init: filter, capabilities, groups, flags, limits" {
  unlike "crun" "drops some of it"
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO"}]}
    | .process.oomScoreAdj = 77 | .process.user = {uid: 1000, gid: 1000, additionalGids: [7], umask: 63} | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 55, hard: 66}]'
  launch
  local script='grep -E "^(Uid|Gid|Groups|Cap.*|NoNewPrivs|Seccomp):" /proc/self/status; cat /proc/self/limits | grep "open files"; probe call getsid; cat /proc/self/oom_score_adj; umask'
  local exec_says
  ex "$ID" sh -c "$script"
  exits 0
  exec_says=$output
  rt delete --force "$ID"
  shell "$script"
  foreground
  exits 0
  is "$exec_says" "$output"
}

@test "EN-16: env, cwd and user come from the container, and options change them" {
  unlike crun "replaces the environment"
  config '.process.env += ["FROM=container"] | .process.cwd = "/tmp"'
  launch
  ex "$ID" sh -c 'echo "$FROM $(pwd) $(id -u):$(id -g)"'
  is "$output" "container /tmp 0:0"
  ex --env FROM=option --env MORE=a,b --cwd /bin --user 12:34 "$ID" sh -c 'echo "$FROM $MORE $(pwd) $(id -u):$(id -g)"'
  is "$output" "option a,b /bin 12:34"
  ex -e X=1 -u 1000 "$ID" sh -c 'echo "$X $FROM $(id -u) $HOME"'
  is "$output" "1 container 1000 /home/user"
}

@test "EN-16: additional groups, capabilities and no_new_privs can be asked for" {
  unlike "runc crun" "has other rules"
  config '.process.noNewPrivileges = false | .process.user.additionalGids = [3] | .process.capabilities = {bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"]}'
  launch
  ex --additional-gids 7 -g 8 "$ID" grep Groups /proc/self/status
  has "$output" "7 8"
  ex --cap CAP_CHOWN "$ID" grep -E '^Cap' /proc/self/status
  is "$(sed 's/\t0*/ /' <<<"$output" | tr '\n' ' ')" "CapInh:  CapPrm: 21 CapEff: 21 CapBnd: 21 CapAmb:  "
  ex --no-new-privs "$ID" grep NoNewPrivs /proc/self/status
  is "$output" $'NoNewPrivs:\t1'
}

@test "exec --cap makes a capability ambient that the container's processes may inherit, as runc does" {
  unlike crun "does not"
  config '.process.capabilities |= (.inheritable = ["CAP_SYS_CHROOT"] | .bounding += ["CAP_SYS_CHROOT", "CAP_SYS_PTRACE"] | .ambient = [])'
  args sleep 100
  launch
  # CAP_SYS_CHROOT is 18, CAP_SYS_PTRACE 19.
  ex --cap CAP_SYS_CHROOT "$ID" grep CapAmb /proc/self/status
  is "$output" $'CapAmb:\t0000000000040000'
  is_peer || {
    ex --cap CAP_SYS_CHROOT --cap CAP_SYS_PTRACE --user 1000:1000 "$ID" grep CapAmb /proc/self/status
    is "$output" $'CapAmb:\t0000000000040000'
  }
  ex "$ID" grep CapAmb /proc/self/status
  is "$output" $'CapAmb:\t0000000000000000'
}

@test "T16: exec --cap makes nothing inheritable (CVE-2022-29162)" {
  config '.process.capabilities = {bounding: ["CAP_NET_RAW"]}'
  launch
  ex --user 1000:1000 --cap CAP_NET_RAW "$ID" grep -E '^Cap(Inh|Amb)' /proc/self/status
  exits 0
  is "$(sed 's/\t0*/ /' <<<"$output" | tr '\n' ' ')" "CapInh:  CapAmb:  "
}

@test "T17: --user takes plain numbers only (CVE-2026-30892)" {
  unlike "runc crun" "takes some of them for root"
  launch
  local user
  for user in 01 +1 -1 1x 1: :1 4294967295 4294967296 1:4294967296 1:-1 "" user 0x1 " 1" 1001x; do
    ex --user="$user" "$ID" id -u
    [ "$status" -ne 0 ] || fail "took $user"
    is "$output" ""
  done
  ex --user 1 "$ID" id -u
  is "$output" 1
  ex --user 1001 "$ID" id -u
  is "$output" 1001
}

@test "EN-16: --process takes a whole process, and nothing else counts" {
  launch
  process '{args: ["sh", "-c", "echo $A $B; pwd; id -u; id -g; grep NoNew /proc/self/status"], cwd: "/tmp", env: ["PATH=/bin", "A=1"],
    user: {uid: 5, gid: 6}, noNewPrivileges: true}'
  ex --process "$BATS_TEST_TMPDIR/process" --env B=2 "$ID"
  exits 0
  is "$output" $'1\n/tmp\n5\n6\nNoNewPrivs:\t1'
}

@test "EN-16 PR-4 PR-5: --process without env, user or capabilities takes the container's" {
  unlike runc "runs with an empty environment as root"
  config '.process.env += ["FROM=container"] | .process.user = {uid: 1000, gid: 1000}'
  launch
  jq -n '{args: ["sh", "-c", "echo $FROM; id -u"], cwd: "/"}' >"$BATS_TEST_TMPDIR/process"
  ex -p "$BATS_TEST_TMPDIR/process" "$ID"
  exits 0
  is "$output" $'container\n1000'
}

@test "EN-16: --process that lacks args or cwd, or is no JSON, is refused" {
  unlike "crun" "takes an empty one"
  launch
  local text
  for text in '{"cwd": "/"}' '{"args": [], "cwd": "/"}' '{"args": ["true"]}' '{"args": ["true"], "cwd": "tmp"}' '{' '[]' ''; do
    printf '%s' "$text" >"$BATS_TEST_TMPDIR/process"
    ex --process "$BATS_TEST_TMPDIR/process" "$ID"
    [ "$RUNTIME_NAME" = crun ] || exits 255
    [ "$status" -ne 0 ]
  done
  ex --process /no/such/file "$ID"
  [ "$status" -ne 0 ]
}

@test "EN-16 EN-F: --detach returns at once; the pid file names the process, and is absent if it never ran" {
  launch
  local file=$BATS_TEST_TMPDIR/pid
  detached rt exec --detach --pid-file "$file" "$ID" sleep 77
  grep -q 77 "/proc/$(cat "$file")/cmdline"
  matches "$(od -An -c "$file" | tr -d ' \n')" '^[0-9]+$'
  rm "$file"
  attempt exec -d --pid-file "$file" "$ID" /no/such/program
  [ "$status" -ne 0 ]
  [ "$RUNTIME_NAME" = crun ] || exits 255
  matches "${stderr,,}" 'executable file not found in|no such file or directory|open executable'
  [ ! -e "$file" ]
}

@test "EN-16: an execve that fails is an error also when detached, and leaves no pid file" {
  unlike "runc crun" "is seen on stderr only"
  printf 'no program' >"$BUNDLE/rootfs/bin/broken"
  chmod 755 "$BUNDLE/rootfs/bin/broken"
  launch
  attempt exec -d --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" broken
  exits 255
  [ ! -e "$BATS_TEST_TMPDIR/pid" ]
}

@test "EN-16: a program that is missing or cannot be executed is told in words that engines know" {
  touch "$BUNDLE/rootfs/tmp/plain"
  launch
  ex "$ID" nosuchprogram
  [ "$status" -ne 0 ]
  is_peer || exits 255
  matches "${stderr,,}" 'executable file not found in|no such file or directory|open executable'
  ex "$ID" /tmp/plain
  is_peer || exits 255
  [ "$RUNTIME_NAME" = crun ] || has "${stderr,,}" "permission denied"
}

@test "EN-16: exec needs a container that lives and is not paused, unless told to wait" {
  launch
  rt pause "$ID"
  ex "$ID" true
  [ "$status" -ne 0 ]
  has "${stderr,,}" paused
  if [ "$RUNTIME_NAME" != crun ]; then
    detached rt exec --ignore-paused -d "$ID" sleep 33 &
    BACKGROUND+=($!)
    sleep 0.3
  fi
  rt resume "$ID"
  rt kill "$ID" KILL
  eventually has_status stopped
  ex "$ID" true
  [ "$status" -ne 0 ]
  is_peer || exits 255
}

@test "EN-16: exec into a created container works" {
  create
  ex "$ID" hostname
  exits 0
  is "$(status_of)" created
}

@test "EN-16 PR-2 EN-J: --tty gives a terminal over the console socket, and makes no /dev/console" {
  launch
  "$SUITE/probe" recvtty "$BATS_TEST_TMPDIR/console" >"$BATS_TEST_TMPDIR/tty" 2>&1 3>&- &
  BACKGROUND+=($!)
  eventually test -S "$BATS_TEST_TMPDIR/console"
  process '{args: ["sh", "-c", "tty; stty size; ls /dev/console 2>&1; echo done"], terminal: true, consoleSize: {height: 11, width: 44}}'
  detached rt exec -d --process "$BATS_TEST_TMPDIR/process" --console-socket "$BATS_TEST_TMPDIR/console" "$ID"
  eventually grep -q done "$BATS_TEST_TMPDIR/tty"
  run tr -d '\r' <"$BATS_TEST_TMPDIR/tty"
  has "$output" 'fds=1 data=yes rows=11 cols=44' /dev/ '11 44'
}

@test "EN-16 PR-2: a terminal without a socket is refused when detached" {
  launch
  process '{terminal: true}'
  attempt exec -d --process "$BATS_TEST_TMPDIR/process" "$ID"
  [ "$status" -ne 0 ]
}

@test "EN-16: exec passes stdin on, and signals to the process" {
  launch
  try "$RUNTIME" --root "$ROOT" exec "$ID" cat <<<"to the end"
  is "$output" "to the end"
  "$RUNTIME" --root "$ROOT" exec "$ID" probe trap </dev/null >"$BATS_TEST_TMPDIR/trap" 2>&1 3>&- &
  local runtime=$!
  BACKGROUND+=("$runtime")
  eventually grep -qx ready "$BATS_TEST_TMPDIR/trap"
  kill -TERM "$runtime"
  local code=0
  wait "$runtime" || code=$?
  is "$code" 7
}

@test "EN-16: the process leads a session, has default signals, and only its own descriptors" {
  unlike "runc crun" "keeps the mask or ignored signals"
  launch
  try "$SUITE/probe" masked "$RUNTIME" --root "$ROOT" exec "$ID" grep '^Sig[BI]' /proc/self/status </dev/null
  is "$output" $'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000'
  ex "$ID" probe self
  is "$output" "leader=1 group=1 pdeathsig=0 subreaper=0 keepcaps=0 securebits=0"
  try "$SUITE/probe" holds / "$RUNTIME" --root "$ROOT" exec "$ID" probe fds </dev/null
  is "$(cut -d' ' -f1 <<<"$output" | tr '\n' ' ')" "0 1 2 "
}

@test "EN-16 EN-H: --preserve-fds passes descriptors to the process" {
  launch
  try bash -c 'exec "$@" 3</etc/passwd' - "$RUNTIME" --root "$ROOT" exec --preserve-fds 1 "$ID" probe fds </dev/null
  is "$(cut -d' ' -f1 <<<"$output" | tr '\n' ' ')" "0 1 2 3 "
}

@test "EN-16 T57: --cgroup places the process in an existing cgroup below the container's, and nowhere else" {
  unlike crun "makes it"
  launch
  mkdir "$CGROUP/sub"
  detached rt exec --cgroup sub -d --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" sleep 44
  grep -qx "$(cat "$BATS_TEST_TMPDIR/pid")" "$CGROUP/sub/cgroup.procs"
  local path
  for path in ../.. .. nosuch /../..; do
    ex --cgroup "$path" "$ID" true
    [ "$status" -ne 0 ] || fail "took $path"
  done
}

@test "EN-16: init moved to a sub-cgroup does not keep exec away" {
  launch
  mkdir "$CGROUP/init"
  pid_of >"$CGROUP/init/cgroup.procs"
  ex "$ID" true
  exits 0
}

@test "EN-16 EN-11: a detached process goes on when the runtime has gone, and nothing stands between" {
  launch
  run "$SUITE/probe" reap "$RUNTIME" --root "$ROOT" exec -d "$ID" sh -c 'exit 6'
  has "$output" "exit 6"
}

@test "OP-6: exec uses the configuration that create saw, and needs no bundle" {
  unlike runc "reads the bundle again"
  config '.process.env += ["FROM=create"]'
  launch
  config '.process.env += ["FROM=edited"]'
  ex "$ID" sh -c 'echo $FROM'
  is "$output" create
  rm "$BUNDLE/config.json"
  ex "$ID" sh -c 'echo $FROM'
  is "$output" create
}

@test "T13: a hundred processes of exec leave nothing" {
  launch
  local i
  for i in {1..100}; do rt exec "$ID" true; done
  is "$(wc -l <"$CGROUP/cgroup.procs")" 1
  is "$(status_of)" running
}

@test "exec: a null device of the caller's among the streams is replaced by the container's own, as in run" {
  unlike "runc crun" "passes it on"
  mknod -m 666 "$BATS_TEST_TMPDIR/null" c 1 3
  launch
  try "$RUNTIME" --root "$ROOT" exec "$ID" sh -c 'chmod 600 /proc/self/fd/0; stat -c %a /dev/null' <"$BATS_TEST_TMPDIR/null"
  is "$output" 600
  is "$(stat -c %a "$BATS_TEST_TMPDIR/null")" 666
}

@test "exec: a container whose null device is gone, or is none, does not get the host's" {
  unlike "runc crun" "passes it on"
  launch
  local change
  for change in 'rm /dev/null' 'touch /dev/null' 'rm /dev/null; mkfifo /dev/null' 'rm /dev/null; ln -s zero /dev/null'; do
    rt exec "$ID" sh -c "$change" </dev/zero 2>&1 | cat
    ex "$ID" true
    exits 255
    has "$stderr" "no null device"
    no_phrase
  done
  try "$RUNTIME" --root "$ROOT" exec "$ID" echo on </dev/zero
  is "$output" on
}

@test "exec: in a container without a mount namespace the root is the container's" {
  unlike "runc crun" "has another way, or none"
  config 'del(.linux.maskedPaths, .linux.readonlyPaths, .root.readonly) | .mounts = [] | .linux.namespaces |= map(select(.type != "mount"))'
  touch "$BUNDLE/rootfs/tmp/inside"
  launch
  ex "$ID" sh -c 'ls /tmp; pwd'
  exits 0
  is "$output" $'inside\n/'
}

@test "T57 exec: where the recorded cgroup is gone the process goes where init is, and never to the caller's" {
  unlike crun "goes to the caller's"
  launch
  mkdir "$CGROUP-moved"
  pid_of >"$CGROUP-moved/cgroup.procs"
  rmdir "$CGROUP"
  ex "$ID" grep ^0:: /proc/self/cgroup
  exits 0
  detached rt exec -d --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" sleep 44
  is "$(grep ^0:: "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/cgroup")" "0::$CGROUP_PARENT/$ID-moved"
  rt delete --force "$ID" || :
  eventually rmdir "$CGROUP-moved"
}

@test "exec: where init divided its cgroup up the process goes to init's part" {
  unlike crun "fails"
  grep -qw hugetlb "$CGROUP_MOUNT/cgroup.controllers" || skip "the controller that this test uses is not on cgroup v2 here"
  # A limit has the controller handed down to the container.
  config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]'
  launch
  mkdir "$CGROUP/init.scope"
  pid_of >"$CGROUP/init.scope/cgroup.procs"
  echo +hugetlb >"$CGROUP/cgroup.subtree_control"
  detached rt exec -d --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" sleep 44
  is "$(grep ^0:: "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/cgroup")" "0::$CGROUP_PARENT/$ID/init.scope"
}

@test "exec: a process that is ready before the runtime knows it waits for that, and does not run if it never comes" {
  unlike "runc crun" "has other processes"
  command -v strace >/dev/null || skip "strace is not installed"
  config ".root.readonly = false"
  launch
  joins_with() { try strace -f -qq -o /dev/null -e trace=sendmsg -e inject=sendmsg:"$1" "$RUNTIME" --root "$ROOT" exec "$ID" touch /tmp/ran </dev/null; }
  joins_with delay_enter=300000
  exits 0
  [ -e "$BUNDLE/rootfs/tmp/ran" ]
  rm "$BUNDLE/rootfs/tmp/ran"
  joins_with error=EIO:signal=KILL
  exits 255
  has "$stderr" "killed by signal 9"
  [ ! -e "$BUNDLE/rootfs/tmp/ran" ]
}

@test "a program that is not there is told also where the runtime hears of it late" {
  command -v strace >/dev/null || skip "strace is not installed"
  args sleep 100
  launch
  try strace -qq -o /dev/null -e inject=recvmsg:delay_enter=100ms "$RUNTIME" --root "$ROOT" exec "$ID" nosuch
  exits 255
  has "$stderr" nosuch "not found"
}

# paused_in_exec: ID, paused while the first process of an exec is in the cgroup and has not told of the second one.
paused_in_exec() {
  args sleep 100
  launch
  strace -f -qq -o /dev/null -e trace=clone3 -e inject=clone3:delay_exit=1500ms \
    "$RUNTIME" --root "$ROOT" exec "$ID" true </dev/null >/dev/null 2>&1 3>&- &
  tracer=$!
  eventually '[ "$(wc -l <"$CGROUP/cgroup.procs")" -gt 1 ]'
  rt pause "$ID"
  sleep 1.6
}

@test "delete --force ends a container that was paused while an exec was on its way, with its record and without" {
  is_peer && skip "delays a call of apus"
  command -v strace >/dev/null || skip "strace is not installed"
  local tracer damage
  for damage in : 'printf { >"$ROOT/$ID/state.json"'; do
    paused_in_exec
    eval "$damage"
    try timeout 20 "$RUNTIME" --root "$ROOT" delete --force "$ID"
    exits 0
    [ ! -e "$CGROUP" ] && [ ! -e "$ROOT/$ID" ]
    wait "$tracer" || :
  done
}
