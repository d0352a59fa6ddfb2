load helpers

# A filter that a process of the runtime answers for: `run --explain-denials` and `seccomp learn`.

# profile JQ: the filter.
profile() {
  config ".linux.seccomp = $1"
}

explained() { foreground --explain-denials "$@"; }

learn() { attempt seccomp learn "$@" -- run --bundle "$BUNDLE" "$ID"; }

# The processes of the runtime beside the container of a run with the pid $1.
supervisor() {
  local pid
  for pid in $(pgrep -P "$1"); do
    [ "$(readlink "/proc/$pid/exe")" = "$(readlink "/proc/$1/exe")" ] && echo "$pid"
  done
}

@test "run --explain-denials tells each refused call, how often and by which rule, and the program notices nothing" {
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO", errnoRet: 5},
    {names: ["sync"], action: "SCMP_ACT_ERRNO"}, {names: ["personality"], action: "SCMP_ACT_ERRNO", errnoRet: 10, args: [{index: 0, value: 8, op: "SCMP_CMP_EQ"}]}]}'
  shell 'probe call getsid; probe call sync; probe call getsid; probe call personality 8; probe call personality 0xffffffff; exit 3'
  foreground
  exits 3
  local before=$output
  explained
  exits 3
  is "$output" "$before"
  has "$output" 'getsid: Input/output error' 'sync: Operation not permitted' 'personality = 0'
  is "$(sed -E 's/ {2,}/ /g' <<<"$stderr")" 'seccomp: refused calls
 getsid x2 SCMP_ACT_ERRNO EIO /linux/seccomp/syscalls/0
 sync x1 SCMP_ACT_ERRNO EPERM /linux/seccomp/syscalls/1
 personality x1 SCMP_ACT_ERRNO ECHILD /linux/seccomp/syscalls/2'
  is "$(rt list -q)" ''
}

@test "run --explain-denials counts what the default action and the age of a call refuse, for a user without rights too" {
  profile "{defaultAction: \"SCMP_ACT_ERRNO\", syscalls: [{names: [$(allowed_calls)], action: \"SCMP_ACT_ALLOW\"}]}"
  args probe call getppid
  for user in 0 1000; do
    config ".process.user = {uid: $user, gid: $user} | .process.noNewPrivileges = ($user != 0)"
    explained
    has "$output" 'getppid: Operation not permitted'
    matches "$stderr" 'getppid +x1 +SCMP_ACT_ERRNO EPERM +/linux/seccomp/defaultAction'
  done
  profile '{defaultAction: "SCMP_ACT_ALLOW"}'
  args true
  explained
  exits 0
  is "$stderr" 'seccomp: no call was refused with an errno'
}

# What a static program and the way to it need.
allowed_calls() {
  printf '"%s",' read write close fstat newfstatat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask ioctl \
    access execve exit uname fcntl readlink getuid prctl arch_prctl futex set_tid_address set_robust_list prlimit64 \
    getrandom rseq clock_gettime openat writev
  printf '"exit_group"'
}

@test "what kills, traps and is logged does so as before under --explain-denials" {
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["add_key"], action: "SCMP_ACT_KILL_PROCESS"},
    {names: ["kcmp"], action: "SCMP_ACT_TRAP"}, {names: ["personality"], action: "SCMP_ACT_LOG"}, {names: ["getsid"], action: "SCMP_ACT_ERRNO"}]}'
  shell 'probe call add_key; echo $?; probe call kcmp; echo $?; probe call personality 0xffffffff; probe call getsid'
  explained
  is "$(grep -v '^Bad' <<<"$output")" '159
159
personality = 0
getsid: Operation not permitted'
  args probe call add_key
  explained
  exits 159
  has "$stderr" 'the program ended with SIGSYS' "apus explain $ID"
}

@test "the container has no listener, and without who answers a refused call is not let through" {
  local run pid
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["chdir"], action: "SCMP_ACT_ERRNO", errnoRet: 5}]}'
  # Afterwards nothing is executed any more either.
  shell 'for f in /proc/1/fd/*; do readlink "$f"; done; cd /tmp; echo ready; until [ -e /tmp/go ]; do :; done; cd /tmp; /bin/probe call getppid; exit 0'
  mkdir -p "$BATS_TEST_TMPDIR/tmp"
  mounts '{"destination": "/tmp", "type": "bind", "source": "'"$BATS_TEST_TMPDIR/tmp"'", "options": ["bind"]}'
  "$RUNTIME" --root "$ROOT" run --explain-denials --bundle "$BUNDLE" "$ID" >"$OUT" 2>"$ERR" </dev/null 3>&- &
  run=$!
  BACKGROUND+=("$run")
  eventually 'grep -q ready "$OUT"'
  eventually '[ -n "$(supervisor '"$run"')" ]'
  pid=$(supervisor "$run")
  [ "$(wc -w <<<"$pid")" = 1 ]
  kill -KILL "$pid"
  touch "$BATS_TEST_TMPDIR/tmp/go"
  wait "$run" || :
  has "$(cat "$ERR")" "can't cd to /tmp: Input/output error" "can't cd to /tmp: Function not implemented" 'probe: Function not implemented'
  has "$(cat "$OUT")" /dev/null
  lacks "$(cat "$OUT")" 'seccomp'
  has "$(cat "$ERR")" 'was killed, and calls failed with ENOSYS'
  is "$(pgrep -P "$run" || :)" ''
}

@test "if what answers for the filter is killed before the program is executed, the run ends" {
  local run
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["chdir"], action: "SCMP_ACT_ERRNO"}]}'
  args true
  # Time for it: the filter is loaded after the hook.
  config '.hooks.startContainer = [{path: "/bin/sleep", args: ["sleep", "2"]}]'
  "$RUNTIME" --root "$ROOT" run --explain-denials --bundle "$BUNDLE" "$ID" >"$OUT" 2>"$ERR" </dev/null 3>&- &
  run=$!
  BACKGROUND+=("$run")
  # Init is the runtime, too, and older.
  eventually '[ "$(supervisor '"$run"' | wc -l)" = 2 ]'
  kill -KILL "$(supervisor "$run" | sort -n | tail -n 1)"
  eventually '! kill -0 '"$run"' 2>/dev/null'
  status=0
  wait "$run" || status=$?
  exits 1
  has "$(cat "$ERR")" "what answers for the filter was killed before the program was executed"
  nothing_left
}

@test "a program that cannot be executed fails under --explain-denials as without it, and nobody waits" {
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getppid", "write"], action: "SCMP_ACT_ERRNO"}]}'
  args /nope
  explained
  exits 1
  has "$stderr" 'no such file or directory'
  printf 'nothing' >"$BUNDLE/rootfs/bin/nothing"
  chmod 755 "$BUNDLE/rootfs/bin/nothing"
  args /bin/nothing
  foreground
  local before=$stderr code=$status
  explained
  exits "$code"
  is "${stderr%% *}" "${before%% *}"
  has "$stderr" 'exec format error'
}

@test "startContainer hooks run under the filter itself, and are not counted" {
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getppid"], action: "SCMP_ACT_ERRNO"}]}'
  config '.hooks.startContainer = [{path: "/bin/probe", args: ["probe", "call", "getppid"]}] | .process.args = ["true"]'
  explained
  is "$stderr" 'seccomp: no call was refused with an errno'
}

@test "--explain-denials needs a filter, a wait and the place of the listener" {
  explained
  exits 1
  has "$stderr" 'config.json /linux/seccomp: missing: no filter refuses anything'
  profile '{defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/run/agent", syscalls: [{names: ["getppid"], action: "SCMP_ACT_NOTIFY"}]}'
  explained
  exits 1
  has "$stderr" '/linux/seccomp/listenerPath'
  attempt run --detach --explain-denials --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" 'leave --detach out'
  is "$(rt list -q)" ''
}

@test "seccomp learn writes the profile that a program needs, and with it the program runs" {
  shell 'cat /proc/self/status >/dev/null; (kill -TERM $$) & trap "echo caught" TERM; wait; ls / >/dev/null; echo done'
  learn --output "$BATS_TEST_TMPDIR/learnt.json"
  exits 0
  is "$output" 'caught
done'
  local learnt
  learnt=$(cat "$BATS_TEST_TMPDIR/learnt.json")
  is "$(jq -c '[.defaultAction, .defaultErrnoRet, .syscalls[0].action, (.syscalls | length)]' <<<"$learnt")" '["SCMP_ACT_ERRNO",1,"SCMP_ACT_ALLOW",1]'
  is "$(jq -c '.syscalls[0].names | . == (sort | unique)' <<<"$learnt")" true
  is "$(jq -c '.architectures | length' <<<"$learnt")" 1
  has "$(jq -c .syscalls[0].names <<<"$learnt")" '"execve"' '"exit_group"' '"write"'
  # Nothing of the runtime's.
  lacks "$(jq -c .syscalls[0].names <<<"$learnt")" pivot_root mount seccomp unshare setns close_range
  has "$stderr" 'not in it is what this run did not do'
  config '.linux.seccomp = $p' --argjson p "$learnt"
  foreground
  exits 0
  is "$output" 'caught
done'
}

@test "seccomp learn under a filter leaves it in force, and what it refuses out" {
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO"}, {names: ["add_key"], action: "SCMP_ACT_KILL_PROCESS"}]}'
  shell 'probe call getsid; probe call add_key; echo $?'
  learn
  exits 0
  has "$output" 'getsid: Operation not permitted' 159
  local learnt=${output#*$'159\n'}
  lacks "$(jq -c .syscalls[0].names <<<"$learnt")" getsid add_key
  matches "$stderr" 'getsid +x1 +SCMP_ACT_ERRNO EPERM +/linux/seccomp/syscalls/0'
}

@test "seccomp learn takes a run in the foreground, a new file and the program's status" {
  args sh -c 'exit 7'
  learn
  exits 7
  attempt seccomp learn -- exec "$ID" true
  exits 2
  has "$stderr" '`seccomp learn` takes a `run`, not `exec`'
  attempt seccomp learn -- run --detach --bundle "$BUNDLE" "$ID"
  exits 2
  attempt seccomp learn -- run --no-such --bundle "$BUNDLE" "$ID"
  exits 2
  has "$stderr" 'unknown option `--no-such`'
  attempt seccomp learn
  exits 2
  attempt seccomp learn -- run --rootfs "$BUNDLE/rootfs" --set "/linux/cgroupsPath=$CGROUP_PARENT/$ID" -- echo fine
  exits 0
  has "$output" fine '"defaultAction"'
}

@test "signals that come while calls wait for their answers do not make a program under seccomp learn wait for ever" {
  # Each end of a child is a SIGCHLD to a shell that has a handler and makes calls. One that comes before a call was
  # received ends that call with EINTR, as the help says; the shell may then give up, but it does not hang.
  shell 'i=0; while [ $i -lt 40 ]; do (cd /; cd /tmp; cd /) & i=$((i+1)); done; wait; echo all'
  learn --output "$BATS_TEST_TMPDIR/learnt.json"
  [ "$status" = 0 ] || has "$stderr" 'Interrupted system call'
  has "$(cat "$BATS_TEST_TMPDIR/learnt.json")" '"rt_sigreturn"'
}
