load helpers

# How long one sweep over the points of a command may take. A quick machine reaches every point; a slow
# one takes every seventh first, then those beside them.
SECONDS_EACH=${SHOT_SECONDS:-15}

local_setup() {
  PID_FILE=$BATS_TEST_TMPDIR/pid
  SHOT=$BATS_TEST_TMPDIR/shot
  # What create does before it claims the id has no effect.
  FROM=mkdirat
  args sleep 100
}

# shot HOW N RUNTIME-ARG…: sets `at`, `call` and `end` from what the probe says.
shot() {
  local how=$1 n=$2 line
  shift 2
  timeout -s KILL 30 "$SUITE/probe" shot "$how" "$n" "$FROM" "$RUNTIME" --root "$ROOT" "$@" \
    </dev/null >"$SHOT" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- || fail "$how $n: the command hangs"
  line=$(tail -n 1 "$SHOT")
  stderr=$(cat "$BATS_TEST_TMPDIR/stderr")
  of=${line#*of=} of=${of%% *}
  at=${line#*at=} at=${at%% *}
  call=${line#*call=} call=${call%% *}
  end=${line##* }
}

# sweep CHECK HOW RUNTIME-ARG…: shoots at every point from the first call FROM on, and has each outcome
# checked.
sweep() {
  local check=$1 how=$2 stride=7 offset n total deadline shots=0
  shift 2
  shot "$how" 0 "$@"
  is "$end" exit=0
  total=$of
  "$check" || return
  [ "$total" -gt 50 ] || fail "only $total calls were seen"
  deadline=$((SECONDS + SECONDS_EACH))
  for ((offset = 1; offset <= stride; offset++)); do
    for ((n = offset; n <= total; n += stride)); do
      [ "$SECONDS" -lt "$deadline" ] || break 2
      if [ "$how" = error ]; then
        # EIO EACCES ENOMEM ENOSYS EPERM EMFILE ENOSPC
        local errors=(5 13 12 38 1 24 28)
        shot "${errors[n % 7]}" "$n" "$@"
      else
        shot "$how" "$n" "$@"
      fi
      shots=$((shots + 1))
      "$check" || { fail "point $n of $total: $how before call $call of the $at, then $end" "$stderr"; return; }
    done
  done
  echo "$shots of $total points" >&3
}

# After any end: state answers, delete --force succeeds, and then nothing is there.
deletable() {
  local status=0
  timeout -s KILL 5 "$RUNTIME" --root "$ROOT" state "$ID" >/dev/null 2>&1 3>&- || status=$?
  [ "$status" -le 1 ] || { fail "state: $status"; return; }
  [ ! -e "$PID_FILE" ] || matches "$(cat "$PID_FILE")" '^[0-9]+$' || return
  rt delete --force "$ID" 3>&- || { fail "delete --force failed"; return; }
  rm -f "$PID_FILE"
  [ -z "$(compgen -G "$BATS_TEST_TMPDIR/.pid*")" ] || { fail "a draft of the pid file is left"; return; }
  eventually nothing_left
}

# After an error that the command saw: nothing is there, not even for delete. After a success the
# container is one like any other.
undone() {
  case $end in
  exit=0) deletable ;;
  exit=*)
    [ ! -e "$PID_FILE" ] || { fail "the pid file is left"; return; }
    [ -n "$stderr" ] || { fail "no message"; return; }
    eventually nothing_left
    ;;
  *) fail "the command crashed" ;;
  esac
}

# When it was the runtime itself that was killed, only delete can clean up.
undone_or_killed() {
  if [ "$at" = parent ]; then deletable; else undone; fi
}

@test "ER-1: after kill -9 of create at any system call delete --force removes everything" {
  unlike "runc crun" "leaves a cgroup or a process"
  sweep deletable parent create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
  args true
  foreground
  exits 0
}

@test "ER-1: without a cgroup too: an init whose create was killed ends itself" {
  unlike "runc crun" "leaves a process"
  SECONDS_EACH=${SHOT_SECONDS:-8} sweep deletable parent --cgroup-manager=disabled create --bundle "$BUNDLE" "$ID"
}

@test "ER-1: an init that is another user by now ends with its create, and what it waits for too" {
  unlike "runc crun" "leaves a process"
  config '.hooks.createContainer = [{path: "/bin/sleep", args: ["sleep", $s]}] | .linux.namespaces += [{type: "user"}]
    | .linux.uidMappings = $m | .linux.gidMappings = $m' --argjson m '[{"containerID": 0, "hostID": 100000, "size": 65536}]' --arg s "9$$"
  local manager hook="sleep 9$$"
  for manager in cgroupfs disabled; do
    "$RUNTIME" --root "$ROOT" --cgroup-manager=$manager create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- &
    eventually pgrep -fx "$hook"
    kill -KILL $!
    wait $! || :
    eventually '! pgrep -fx "$hook"'
    eventually '[ -z "$(processes)" ]'
    rt delete --force "$ID"
    eventually nothing_left
  done
}

@test "k6 ER-1: create undoes everything when init is killed at any system call" {
  unlike "runc crun" "leaves a cgroup"
  sweep undone_or_killed caller create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
}

@test "k15 ER-1 OP-5: create completes or leaves nothing whichever system call fails" {
  unlike "runc crun" "leaves a cgroup"
  sweep undone error create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
}

# Where it is the removal at the end that fails, the record stays, so that delete finds the rest.
undone_or_deletable() {
  case $end in exit=*) deletable ;; *) fail "the command crashed" ;; esac
}

@test "k8 LC-12: run leaves nothing, or what delete removes, whichever system call fails" {
  unlike "runc crun" "leaves a cgroup"
  args true
  sweep undone_or_deletable error run --bundle "$BUNDLE" "$ID"
}

@test "k9: exec that is killed at any system call leaves the container unharmed" {
  unlike "runc crun" "is not asked"
  FROM=pidfd_open
  launch
  local before
  before=$(pid_of)
  unharmed() {
    has_status running && eventually '[ "$(rt ps -f json "$ID" | jq -c .)" = "[$(pid_of)]" ]'
  }
  SECONDS_EACH=${SHOT_SECONDS:-8} sweep unharmed parent exec "$ID" true
  is "$(pid_of)" "$before"
}

@test "k11 OP-14: a delete that is killed at any system call is finished by the next" {
  unlike "runc crun" "is not asked"
  local n total
  FROM=execve
  launch
  shot parent 0 delete --force "$ID"
  total=$of
  for ((n = 1; n <= total; n += 3)); do
    launch
    shot parent "$n" delete --force "$ID"
    deletable || { fail "point $n of $total, before call $call"; return; }
  done
}

@test "k10: a pause that is killed at any system call leaves a container that can be resumed and killed" {
  unlike "runc crun" "is not asked"
  local n total
  FROM=execve
  launch
  shot parent 0 pause "$ID"
  total=$of
  rt resume "$ID"
  for ((n = 1; n <= total; n += 5)); do
    shot parent "$n" pause "$ID"
    rt resume "$ID" || { fail "point $n of $total"; return; }
    has_status running
  done
  shot parent "$((total - 5))" pause "$ID"
  rt kill "$ID" KILL
  eventually has_status stopped
}

@test "k5: a hook does not outlive a create that is killed, nor does it keep the container locked" {
  unlike "runc crun" "leaves the hook"
  local kind manager mark="sleep 1$(printf %05d $((RANDOM)))$$"
  for kind in prestart createRuntime createContainer; do
    for manager in cgroupfs disabled; do
      config '.hooks = {($k): [{path: "/bin/sleep", args: ($m | split(" "))}]}' --arg k "$kind" --arg m "$mark"
      "$RUNTIME" --root "$ROOT" --cgroup-manager=$manager create --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&- &
      local runtime=$!
      eventually pgrep -f "^$mark"
      kill -KILL "$runtime"
      wait "$runtime" || :
      local began=$SECONDS
      rt delete --force "$ID" || { fail "$kind, $manager: delete failed"; return; }
      ((SECONDS - began < 5)) || { fail "$kind, $manager: delete waited"; return; }
      eventually nothing_left
      eventually "! pgrep -f '^$mark'" || { fail "$kind, $manager: the hook is left"; return; }
    done
  done
}

# together N COMMAND…: runs it N times at once and sets `won` to the number of successes.
together() {
  local n=$1 i
  shift
  local pids=()
  for ((i = 0; i < n; i++)); do
    timeout -s KILL 30 "$@" </dev/null >>"$OUT" 2>>"$ERR" 3>&- &
    pids+=($!)
  done
  won=0
  for i in "${pids[@]}"; do ! wait "$i" || won=$((won + 1)); done
}

@test "k16 OP-3: of many creates of one id exactly one wins" {
  local round
  for round in {1..8}; do
    together 12 "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
    is "$won" 1
    has_status created
    is "$(processes | wc -l)" 1
    rt delete --force "$ID"
    nothing_left
  done
  is_peer || is "$(grep -vc 'container with given ID already exists' "$ERR")" 0
}

@test "OP-3: a create that is overtaken by a delete and another create loses nobody's container" {
  unlike "runc crun" "has other system calls"
  local n pid
  export HELD="$RUNTIME --root $ROOT delete $ID; exec $RUNTIME --root $ROOT create --bundle $BUNDLE $ID </dev/null >/dev/null 2>&1"
  # mkdir, open of the name, open and flock of what was opened.
  for n in 1 2 3 4; do
    shot hold "$n" create --bundle "$BUNDLE" "$ID"
    is "$at" parent
    is "$end" exit=1
    has "$stderr" "container with given ID already exists"
    pid=$(pid_of)
    is "$(processes)" "$pid"
    has_status created
    rt delete --force "$ID"
    nothing_left
  done
}

@test "OP-3 OP-13: creates and deletes of one id at the same time never lose a container" {
  unlike "runc crun" "loses one"
  local round i pids
  for round in {1..10}; do
    pids=()
    for i in {1..14}; do
      if ((i % 2)); then
        timeout -s KILL 30 "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- &
      else
        timeout -s KILL 30 "$RUNTIME" --root "$ROOT" delete "$ID" >/dev/null 2>&1 3>&- &
      fi
      pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i" || :; done
    if [ -e "$ROOT/$ID" ]; then
      is "$(processes)" "$(pid_of)"
      rt delete "$ID"
    fi
    nothing_left
  done
}

# A foreground `run` that does not see the end of its container before something else has happened.
stopped_run() {
  "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>"$ERR.run" 3>&- &
  RUN=$!
  BACKGROUND+=("$RUN")
  eventually has_status running
  kill -STOP "$RUN"
}

@test "LC-12 LC-13: poststop hooks run once when a delete meets the end of a run" {
  unlike "runc crun" "runs them twice, or has other words"
  config '.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", $c]}]' --arg c "echo x >>$BATS_TEST_TMPDIR/poststop"
  args sleep 100
  stopped_run
  rt delete --force "$ID"
  kill -CONT "$RUN"
  status=0
  wait "$RUN" || status=$?
  exits 137
  is "$(grep -v 'warning: the program was killed by SIGKILL' "$ERR.run")" ""
  is "$(wc -l <"$BATS_TEST_TMPDIR/poststop")" 1
}

@test "LC-12 OP-13: the end of a run leaves alone who has its id by then" {
  unlike "runc crun" "removes the other"
  args sleep 100
  stopped_run
  rt delete --force "$ID"
  launch
  local pid
  pid=$(pid_of)
  kill -CONT "$RUN"
  wait "$RUN" || :
  is "$(grep -v 'warning: the program was killed by SIGKILL' "$ERR.run")" ""
  has_status running
  is "$(processes)" "$pid"
}

@test "a pid file that another command wrote outlives a command that fails" {
  unlike runc "removes it"
  local file=$BATS_TEST_TMPDIR/pid before
  args sleep 100
  create --pid-file "$file"
  before=$(cat "$file")
  attempt create --bundle "$BUNDLE" --pid-file "$file" "$ID"
  exits 1
  is "$(cat "$file")" "$before"
  attempt exec --pid-file "$file" "$ID-none" true
  is "$(cat "$file")" "$before"
  args /no/such/program
  attempt create --bundle "$BUNDLE" --pid-file "$file" "$ID-other"
  exits 1
  is "$(cat "$file")" "$before"
}

@test "k16 OP-8: of many starts exactly one wins, and the program runs once" {
  unlike "runc crun" "lets two win, or hangs"
  shell 'echo x >>/out/ran; sleep 100'
  config '.root.readonly = false'
  rm -rf "$BUNDLE/rootfs/out"
  mkdir "$BUNDLE/rootfs/out"
  local round
  for round in {1..8}; do
    rm -f "$BUNDLE/rootfs/out/ran"
    create
    together 8 "$RUNTIME" --root "$ROOT" start "$ID"
    is "$won" 1
    has_status running
    eventually test -s "$BUNDLE/rootfs/out/ran"
    is "$(wc -l <"$BUNDLE/rootfs/out/ran")" 1
    rt delete --force "$ID"
  done
}

@test "k16 OP-13: delete beside create, start, kill, exec and delete leaves nothing" {
  unlike "runc crun" "leaves something now and then"
  local round command
  for round in {1..6}; do
    for command in create start kill exec delete state pause; do
      [ "$command" = create ] || create
      case $command in
      create) together 1 "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" & ;;
      exec) together 1 "$RUNTIME" --root "$ROOT" exec "$ID" true & ;;
      delete) together 1 "$RUNTIME" --root "$ROOT" delete --force "$ID" & ;;
      *) together 1 "$RUNTIME" --root "$ROOT" "$command" "$ID" & ;;
      esac
      [ "$round" -lt 3 ] || sleep "0.00$round"
      timeout -s KILL 20 "$RUNTIME" --root "$ROOT" delete --force "$ID" 2>>"$ERR" 3>&-
      wait
      timeout -s KILL 20 "$RUNTIME" --root "$ROOT" delete --force "$ID" 2>>"$ERR" 3>&-
      nothing_left || { fail "after $command"; return; }
    done
  done
}

@test "k16: containers that are made at the same time do not meet" {
  args true
  config '.linux.cgroupsPath = null'
  local i pids=()
  for i in {1..40}; do
    timeout -s KILL 60 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID-$i" </dev/null >>"$OUT" 2>>"$ERR" 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i" || fail "$(cat "$ERR")"; done
  is "$(cat "$ERR")" ""
  nothing_left
  is "$(find "$CGROUP_MOUNT" -name "$ID*")" ""
}

@test "LC-12 OP-16: a thousand runs leave nothing" {
  args true
  config '.linux.cgroupsPath = null'
  local i count=1000
  # A peer shows the same in fewer.
  if is_peer; then count=50; fi
  for ((i = 0; i < count; i++)); do
    "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >>"$OUT" 2>&1 3>&- || fail "run $i: $(cat "$OUT")"
  done
  is "$(cat "$OUT")" ""
  nothing_left
  is "$(find "$ROOT" -mindepth 1)" ""
  is "$(find "$CGROUP_MOUNT" -name "$ID*")" ""
}

@test "LC-12 EN-13: a hundred create, start, kill and delete leave nothing" {
  local i
  for i in {1..100}; do
    launch
    rt kill "$ID" KILL
    eventually has_status stopped
    rt delete "$ID" 3>&-
  done
  nothing_left
}

@test "k15: a state root that is full or cannot be written is an error that leaves nothing" {
  unlike "runc crun" "has other words"
  mkdir "$BATS_TEST_TMPDIR/full"
  mount -t tmpfs -o size=4k,nr_inodes=3,mode=700 full "$BATS_TEST_TMPDIR/full"
  try "$RUNTIME" --root "$BATS_TEST_TMPDIR/full" create --bundle "$BUNDLE" "$ID" </dev/null
  local full=$status message=$stderr left
  # Where there is room for it, the failure is kept for `explain`.
  left=$(find "$BATS_TEST_TMPDIR/full" -mindepth 1 -not -path '*/.failures*')
  mount -o remount,ro "$BATS_TEST_TMPDIR/full"
  try "$RUNTIME" --root "$BATS_TEST_TMPDIR/full" create --bundle "$BUNDLE" "$ID" </dev/null
  umount "$BATS_TEST_TMPDIR/full"
  exits 1
  has "$stderr" EROFS
  is "$full" 1
  has "$message" ENOSPC
  is "$left" ""
}

@test "a state root that becomes full at any file is told as that" {
  unlike "runc crun" "has other words"
  local full=$BATS_TEST_TMPDIR/full option
  mkdir "$full"
  for option in size=4k size=8k nr_inodes={1..7}; do
    mount -t tmpfs -o "$option,mode=700" full "$full"
    try "$RUNTIME" --root "$full" create --bundle "$BUNDLE" "$ID" </dev/null
    umount "$full"
    exits 1
    has "$stderr" "(ENOSPC): the filesystem of the state root is full" || { fail "with $option"; return; }
    nothing_left
  done
}

@test "a command that holds the lock for ever makes others fail in time" {
  unlike "runc crun" "has no such lock"
  launch
  flock --no-fork "$ROOT/$ID" sleep 60 3>&- &
  BACKGROUND+=($!)
  eventually '! flock --nonblock "$ROOT/$ID" true'
  attempt state "$ID"
  exits 0
  local began=$SECONDS
  attempt delete --force "$ID"
  exits 1
  has "$stderr" busy
  ((SECONDS - began < 19))
  kill "${BACKGROUND[0]}"
}

@test "without descriptors enough to undo a container, none is begun" {
  unlike "runc crun" "begins one"
  local limit
  config 'del(.process.rlimits)'
  for limit in 7 8 9 10 11 12 13 16 20 23; do
    try prlimit --nofile=$limit:$limit "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null
    [ "$status" -ne 0 ] || fail "created with $limit descriptors"
    nothing_left
  done
  has "$stderr" RLIMIT_NOFILE "ulimit -n"
  args true
  try prlimit --nofile=24:24 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
}

@test "whatever number of descriptors the caller allows, create makes a container or leaves nothing" {
  unlike "runc crun" "leave what they made"
  local limit made=0 refused=0
  config '.process.args = ["true"] | del(.process.rlimits)
    | .linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m
    | .mounts += [range(25) | {destination: "/b\(.)", source: "/tmp", options: ["rbind", "ro"]}]' \
    --argjson m '[{"containerID": 0, "hostID": 100000, "size": 65536}]'
  mkdir "$BUNDLE"/rootfs/b{0..24}
  for limit in {20..56}; do
    try prlimit --nofile="$limit:$limit" "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null
    if [ "$status" = 0 ]; then
      made=$((made + 1))
      rt delete --force "$ID" 3>&-
    fi
    nothing_left || { fail "with $limit descriptors: $stderr"; return; }
    [ "$status" = 0 ] || { refused=$((refused + 1)); has "$stderr" RLIMIT_NOFILE "ulimit -n" || return; }
  done
  [ "$made" -gt 2 ] && [ "$refused" -gt 20 ]
}

@test "a soft limit of descriptors that is too low is raised for the runtime alone" {
  unlike "runc crun" "do not raise it"
  config 'del(.process.rlimits)
    | .mounts += [range(30) | {destination: "/b\(.)", source: "/proc/self/root/tmp", options: ["rbind"]}]'
  mkdir "$BUNDLE"/rootfs/b{0..29}
  shell 'ulimit -Sn; ulimit -Hn'
  try prlimit --nofile=30:300 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  is "$output" "$(printf '30\n300')"
  config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 50, hard: 200}]'
  try prlimit --nofile=30:300 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  is "$output" "$(printf '50\n200')"
}

@test "what create could not undo is named in its error" {
  unlike "runc crun" "have other words"
  local mount="$ROOT/$ID/held"
  printf '#!/bin/sh\nmkdir %s && mount -t tmpfs held %s\nexit 1\n' "$mount" "$mount" >"$BATS_TEST_TMPDIR/hook"
  chmod +x "$BATS_TEST_TMPDIR/hook"
  config '.hooks.createRuntime = [{path: $hook}]' --arg hook "$BATS_TEST_TMPDIR/hook"
  attempt create --bundle "$BUNDLE" "$ID"
  umount "$mount"
  exits 1
  has "$stderr" "left behind: the record (" "\`apus delete --force $ID\`"
  is "$(wc -l <"$BATS_TEST_TMPDIR/stderr")" 1
  rt delete --force "$ID" 3>&-
  nothing_left
}

@test "ER-1: what makes the ids of a mount ends with the create that is killed meanwhile" {
  unlike "runc crun" "make them in another way"
  local n
  FROM=clone3
  config '.mounts += [{destination: "/mnt", source: "/tmp", options: ["bind", "idmap"]} + {uidMappings: $m, gidMappings: $m}]' \
    --argjson m '[{"containerID": 0, "hostID": 1000, "size": 100}]'
  for n in {1..9}; do
    shot kill "$n" create --bundle "$BUNDLE" "$ID"
    eventually '! pgrep -f -- "--root $ROOT create" >/dev/null' || { BACKGROUND+=($(pgrep -f -- "--root $ROOT create")); fail "killed before $call"; return; }
    deletable
  done
}

@test "a ps of the host that does not end is given up" {
  unlike "runc crun" "wait for it"
  args sleep 100
  launch
  printf '#!/bin/sh\necho "    PID CMD"\nexec sleep 100\n' >"$BATS_TEST_TMPDIR/ps"
  chmod +x "$BATS_TEST_TMPDIR/ps"
  export ROOT RUNTIME ID BATS_TEST_TMPDIR
  try unshare -m bash -c 'mount --bind "$BATS_TEST_TMPDIR/ps" "$(readlink -f /usr/bin/ps)" && exec "$RUNTIME" --root "$ROOT" ps "$ID"' </dev/null
  exits 1
  has "$stderr" ETIMEDOUT
}
