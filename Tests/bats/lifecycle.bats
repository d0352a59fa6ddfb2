load helpers

@test "OP-3 OP-8 OP-11 OP-13 ST-3: a container goes from created over running to stopped and away" {
  shell 'echo ran; exec sleep 100'
  create
  is "$(status_of)" created
  is "$(cat "$OUT")" ""
  start
  is "$(status_of)" running
  eventually grep -qx ran "$OUT"
  rt kill "$ID" KILL
  eventually has_status stopped
  rt delete "$ID"
  attempt state "$ID"
  exits 1
  nothing_left
}

@test "OP-4 LC-2: the program does not run before start" {
  shell 'echo ran'
  create
  sleep 0.2
  is "$(cat "$OUT")" ""
  is "$(status_of)" created
  start
  eventually has_status stopped
  is "$(cat "$OUT")" ran
}

@test "OP-6 LC-2: an edit of config.json after create changes nothing, nor does its loss" {
  shell 'echo first'
  create
  shell 'echo second'
  start
  eventually has_status stopped
  is "$(cat "$OUT")" first
  rm "$BUNDLE/config.json"
  rt delete "$ID"
}

@test "OP-1 OP-2: an unknown container is an error of every operation that names one" {
  unlike crun "has other words for it"
  local command
  for command in state start kill pause resume delete ps "exec nobody true"; do
    [[ $command == exec* ]] || command="$command nobody"
    # shellcheck disable=SC2086
    attempt $command
    [ "$status" -ne 0 ] || fail "$command succeeded"
    is "$output" ""
    has "$stderr" "does not exist"
  done
}

@test "OP-1: a missing id is an error of every operation that needs one" {
  unlike runc "prints its usage to stdout"
  local command
  for command in create start run state kill delete pause resume exec ps; do
    attempt $command
    [ "$status" -ne 0 ] || fail "$command succeeded"
    is "$output" ""
    [ -n "$stderr" ] || fail "$command says nothing"
  done
}

@test "OP-3: an id is claimed once; the container that has it stays as it is" {
  shell 'echo mine; sleep 100'
  create
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" "already exists"
  is "$(status_of)" created
  start
  eventually grep -qx mine "$OUT"
}

@test "OP-3 T29: an id outside the grammar is refused by every command, before any file is touched" {
  unlike crun "refuses a slash only"
  local id command long
  long=$(printf 'x%.0s' {1..256})
  for id in "" . .. a/b ../x "a b" $'a\nb' é "$long"; do
    for command in create run state start kill delete "delete --force" pause resume ps exec; do
      # shellcheck disable=SC2086
      attempt $command "$id" true
      [[ $command == exec || $command == kill || $command == ps ]] ||
        attempt $command "$id"
      [ "$status" -ne 0 ] || fail "$command took the id '$id'"
      [ "$status" -ne 137 ] || fail "$command hangs on the id '$id'"
    done
  done
  is "$(ls -A "$ROOT")" ""
}

@test "OP-3: the ids that engines make are accepted" {
  local id
  args true
  for id in "$(printf '0123456789abcdef%.0s' {1..4})" buildah-buildah123 a_b.c+d-e; do
    config '.linux.cgroupsPath = $c' --arg c "$CGROUP_PARENT/$ID"
    attempt run --bundle "$BUNDLE" "$id"
    exits 0
  done
}

@test "OP-8: start is an error unless the container is created, and runs nothing twice" {
  shell 'echo ran; exec sleep 100'
  launch
  attempt start "$ID"
  exits 1
  eventually has_status running
  rt kill "$ID" KILL
  eventually has_status stopped
  attempt start "$ID"
  exits 1
  is "$(cat "$OUT")" ran
}

@test "OP-9 PR-1: a container without a process is created, and cannot be started" {
  unlike "runc crun" "refuses at create"
  config 'del(.process)'
  create
  is "$(status_of)" created
  attempt start "$ID"
  exits 1
  has "$stderr" process
  rt delete "$ID"
}

@test "OP-10: an execve that fails after create is an error of start" {
  unlike "runc crun" "start returns before the execve"
  printf 'no program at all' >"$BUNDLE/rootfs/bin/broken"
  printf '#!/no/interpreter\n' >"$BUNDLE/rootfs/bin/orphan"
  chmod 755 "$BUNDLE/rootfs/bin/broken" "$BUNDLE/rootfs/bin/orphan"
  local program
  for program in broken orphan; do
    args "/bin/$program"
    create
    attempt start "$ID"
    exits 1
    has "$stderr" "/bin/$program"
    eventually has_status stopped
    rt delete "$ID"
  done
}

@test "OP-10 EN-12: start of a container whose init died in between fails and does not hang" {
  args true
  create
  rt kill "$ID" KILL
  eventually has_status stopped
  attempt start "$ID"
  exits 1
}

@test "OP-11: kill delivers exactly the signal that was asked for, however it is spelled" {
  unlike crun "takes upper case only"
  unlike runc "knows no real-time names"
  args probe trap
  launch
  eventually grep -qx ready "$OUT"
  local spelled
  for spelled in 10:USR1 12:SIGUSR2 1:hup 2:sigint 3:3 34:34 35:RTMIN+1 37:SIGRTMIN+3; do
    rt kill "$ID" "${spelled#*:}"
    eventually grep -qx "signal ${spelled%%:*}" "$OUT"
  done
  rt kill "$ID"
  eventually grep -qx "signal 15" "$OUT"
  eventually has_status stopped
}

@test "OP-11: a signal that does not exist is an error, and signal 0 only asks" {
  args sleep 100
  launch
  local signal
  unlike crun "takes what begins with digits"
  for signal in NOSUCH SIG 65 -1 9x RTMIN+40; do
    attempt kill -- "$ID" "$signal"
    [ "$status" -ne 0 ] || fail "kill took $signal"
  done
  rt kill "$ID" 0
  is "$(status_of)" running
}

@test "OP-11 EN-13 EN-E: kill of a stopped container fails with the phrase, kill --all succeeds" {
  args true
  launch
  eventually has_status stopped
  attempt kill "$ID" TERM
  exits 1
  [ "$RUNTIME_NAME" = crun ] || has "$stderr" "container not running"
  rt kill --all "$ID" KILL
  rt kill -a "$ID" 9
}

@test "OP-11: a created container can be killed" {
  args sleep 100
  create
  rt kill "$ID" 9
  eventually has_status stopped
  rt delete "$ID"
}

@test "OP-12 EN-13: without an own pid namespace KILL reaches every process of the container" {
  unlike crun "kills init only"
  config '.linux.namespaces |= map(select(.type != "pid"))'
  shell 'sleep 100 & sleep 101 & echo ready; wait'
  launch
  eventually grep -qx ready "$OUT"
  [ "$(wc -l <"$CGROUP/cgroup.procs")" -ge 3 ]
  rt kill "$ID" KILL
  eventually '[ -z "$(cat "$CGROUP/cgroup.procs")" ]'
  eventually has_status stopped
}

@test "OP-12 EN-13: kill --all sends any signal to every process of the container" {
  unlike runc "reaches init only"
  config '.linux.namespaces |= map(select(.type != "pid"))'
  shell 'probe trap & probe trap & wait'
  launch
  eventually '[ "$(grep -cx ready "$OUT")" = 2 ]'
  rt kill --all "$ID" USR1 || :
  eventually '[ "$(grep -cx "signal 10" "$OUT")" = 2 ]'
}

@test "OP-16 EN-14: delete kills what init left behind in a shared pid namespace" {
  config '.linux.namespaces |= map(select(.type != "pid"))'
  shell 'sleep 100 & sleep 101 & exit 0'
  launch
  eventually has_status stopped
  rt delete "$ID"
  nothing_left
}

@test "OP-13: delete of a running container is an error and changes nothing" {
  args sleep 100
  launch
  attempt delete "$ID"
  exits 1
  [ "$RUNTIME_NAME" = crun ] || has "$stderr" "not stopped"
  is "$(status_of)" running
}

@test "OP-13: delete right after kill KILL takes the container, whose init is on its way out" {
  unlike "runc crun" "does not wait for it"
  # Some hundred processes, which the kernel ends before init.
  shell 'i=0; while [ $i -lt 300 ]; do sleep 100 & i=$((i + 1)); done; echo ready; wait'
  local i
  for i in 1 2 3 4 5; do
    : >"$OUT"
    launch
    eventually grep -q ready "$OUT"
    rt kill "$ID" KILL
    rt delete "$ID" || { fail "delete $i"; return; }
  done
  nothing_left
}

@test "OP-13: delete after a signal that init survives is an error still" {
  shell 'trap : TERM; echo ready; while :; do sleep 0.1; done'
  launch
  eventually grep -q ready "$OUT"
  rt kill "$ID" TERM
  attempt delete "$ID"
  exits 1
  has "$stderr" "not stopped"
  has_status running
}

@test "OP-13: delete takes a created container with it" {
  args sleep 100
  create
  rt delete "$ID"
  nothing_left
}

@test "OP-13 EN-14 EN-E: delete twice is an error, delete --force is not, whatever the state" {
  args sleep 100
  launch
  rt delete --force "$ID"
  nothing_left
  attempt delete "$ID"
  exits 1
  [ "$RUNTIME_NAME" = crun ] || has "$stderr" "does not exist"
  attempt delete --force "$ID"
  exits 0
  is "$output$stderr" ""
  launch
  rt pause "$ID"
  rt delete -f "$ID"
  nothing_left
}

@test "OP-14 EN-14: delete works without PATH and HOME, and without the bundle" {
  args sleep 100
  launch
  mv "$BUNDLE" "$BUNDLE.gone"
  env -i XDG_RUNTIME_DIR= "$RUNTIME" --root "$ROOT" delete --force "$ID"
  mv "$BUNDLE.gone" "$BUNDLE"
  nothing_left
}

@test "OP-14 OP-16: delete removes the cgroups that were made below the container's" {
  args sleep 100
  launch
  mkdir -p "$CGROUP/a/b/c" "$CGROUP/d"
  rt delete --force "$ID"
  nothing_left
}

@test "OP-15: an id is free again after delete" {
  args true
  local i
  for i in 1 2 3; do
    launch
    eventually has_status stopped
    rt delete "$ID"
  done
}

@test "OP-13: delete takes a stopped container whose number is that of a thread by now" {
  shell 'exec sleep 100'
  launch
  rt kill "$ID" KILL
  eventually has_status stopped
  python3 -c 'import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); time.sleep(60)' 3>&- &
  BACKGROUND+=($!)
  local pid=$! tasks
  has_threads() { tasks=("/proc/$pid/task"/*) && [ ${#tasks[@]} -gt 1 ]; }
  eventually has_threads
  jq -c --argjson pid "${tasks[-1]##*/}" '.init_process_pid = $pid' "$ROOT/$ID/state.json" >"$BATS_TEST_TMPDIR/record"
  cp "$BATS_TEST_TMPDIR/record" "$ROOT/$ID/state.json"
  has_status stopped
  attempt delete "$ID"
  exits 0
  nothing_left
  kill -0 "$pid"
}

@test "OP-13: a directory without a state record is removed by delete --force" {
  mkdir -m 700 "$ROOT/$ID"
  rt delete --force "$ID"
  nothing_left
}

@test "ST-1 ST-2 ST-4 ST-5 ST-6 ST-7: state says what the specification asks for" {
  args sleep 100
  config '.annotations = {"org.example.key": "value", "empty": ""}'
  launch --pid-file "$BATS_TEST_TMPDIR/pid"
  rt state "$ID" >"$BATS_TEST_TMPDIR/state"
  run jq -r '[.ociVersion, .id, .status, .bundle, .rootfs, .annotations["org.example.key"], .annotations.empty]
    | @tsv' "$BATS_TEST_TMPDIR/state"
  matches "$output" $'^1\\.[0-9]+\\.[0-9]+[^\t]*\t'"$ID"$'\trunning\t'"$BUNDLE"$'\t'
  has "$output" $'\tvalue\t'
  is "$(jq -r .pid "$BATS_TEST_TMPDIR/state")" "$(cat "$BATS_TEST_TMPDIR/pid")"
  matches "$(jq -r .created "$BATS_TEST_TMPDIR/state")" '^20[0-9-]+T[0-9:]+(\.[0-9]+)?Z$'
  grep -qs "$BUNDLE/rootfs" "/proc/$(pid_of)/mountinfo"
}

@test "ST-5 EN-3: bundle and rootfs are absolute, wherever the caller stood" {
  unlike crun "reports the rootfs as configured"
  args sleep 100
  cd "$BATS_TEST_TMPDIR"
  detached "$RUNTIME" --root root create --bundle ./bundle/. --pid-file pid "$ID"
  cd /
  [ -s "$BATS_TEST_TMPDIR/pid" ]
  is "$(rt state "$ID" | jq -r '.bundle, .rootfs')" "$BUNDLE
$BUNDLE/rootfs"
}

@test "ST-3 ST-4: the pid of a stopped container is 0" {
  args true
  launch
  eventually has_status stopped
  is "$(rt state "$ID" | jq '.pid // 0')" 0
}

@test "ST-3: an init that nobody has reaped yet counts as stopped" {
  args true
  "$SUITE/probe" adopt "$RUNTIME" --root "$ROOT" run -d --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&- &
  BACKGROUND+=($!)
  eventually has_status stopped
  rt delete "$ID"
  nothing_left
}

@test "ST-3 EN-15: pause returns when everything is frozen, resume when it runs again" {
  shell 'while :; do echo tick; sleep 0.02; done'
  launch
  eventually grep -q tick "$OUT"
  rt pause "$ID"
  is "$(status_of)" paused
  grep -qx 'frozen 1' "$CGROUP/cgroup.events"
  local size
  size=$(stat -c %s "$OUT")
  sleep 0.1
  is "$(stat -c %s "$OUT")" "$size"
  rt resume "$ID"
  is "$(status_of)" running
  grep -qx 'frozen 0' "$CGROUP/cgroup.events"
  eventually '[ "$(stat -c %s "$OUT")" -gt "$size" ]'
}

@test "EN-15: pause and resume may be repeated" {
  unlike runc "reports an error"
  args sleep 100
  launch
  rt pause "$ID"
  rt pause "$ID"
  rt resume "$ID"
  rt resume "$ID"
  is "$(status_of)" running
}

@test "EN-15: a container that does not run cannot be paused or resumed" {
  unlike crun "succeeds"
  args true
  launch
  eventually has_status stopped
  attempt pause "$ID"
  exits 1
  has "$stderr" "container not running"
  attempt resume "$ID"
  exits 1
}

@test "OP-12: KILL reaches a paused container at once" {
  args sleep 100
  launch
  rt pause "$ID"
  rt kill "$ID" KILL
  eventually has_status stopped
  rt delete "$ID"
  nothing_left
}

@test "OP-8: a created container that is paused is not started before it is resumed" {
  unlike crun "reports created and starts it frozen"
  shell 'echo ran'
  create
  rt pause "$ID"
  is "$(status_of)" paused
  attempt start "$ID"
  exits 1
  rt resume "$ID"
  is "$(status_of)" created
  start
  eventually grep -qx ran "$OUT"
}

@test "LC-8: run gives the program's exit status, or 128 and the signal that ended it" {
  local code
  for code in 0 1 3 255; do
    shell "exit $code"
    foreground
    exits "$code"
  done
  local signal
  for signal in 9 15 11; do
    config '.linux.namespaces |= map(select(.type != "pid"))'
    args probe stop "$signal"
    foreground
    exits $((128 + signal))
  done
  nothing_left
}

@test "LC-12: run leaves nothing; run --keep leaves a stopped container" {
  args true
  foreground
  exits 0
  nothing_left
  foreground --keep
  exits 0
  is "$(status_of)" stopped
  rt delete "$ID"
}

@test "LC-8 EN-I: run passes stdin on to its end, and stdout and stderr apart" {
  shell 'cat; echo problem >&2'
  try "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" <<<"hello there"
  exits 0
  is "$output" "hello there"
  is "$stderr" problem
}

@test "LC-8 EN-I: run passes signals on to the program" {
  args probe trap
  "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>"$ERR" 3>&- &
  local runtime=$!
  BACKGROUND+=("$runtime")
  eventually grep -qx ready "$OUT"
  kill -USR1 "$runtime"
  eventually grep -qx 'signal 10' "$OUT"
  kill -TERM "$runtime"
  local code=0
  wait "$runtime" || code=$?
  is "$code" 7
  grep -qx 'signal 15' "$OUT"
}

@test "LC-8 EN-11: run --detach returns at once and leaves the container running" {
  args sleep 100
  detached rt run --detach --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
  is "$(status_of)" running
  is "$(cat "$BATS_TEST_TMPDIR/pid")" "$(pid_of)"
}

@test "EN-11: init passes to the caller's subreaper, which gets its exit status" {
  shell 'exit 5'
  run "$SUITE/probe" reap "$RUNTIME" --root "$ROOT" run -d --bundle "$BUNDLE" "$ID"
  has "$output" "exit 5"
}

@test "LC-2 EN-11: nothing but init keeps the caller's stdio open" {
  args sleep 100
  rt run -d --bundle "$BUNDLE" "$ID" </dev/null 2>&1 3>&- | cat >"$OUT" &
  local reader=$!
  BACKGROUND+=("$reader")
  eventually has_status running
  is "$(for fd in /proc/[0-9]*/fd/1; do [ "$(readlink "$fd")" = "$(readlink "/proc/$(pid_of)/fd/1")" ] && echo x; done | wc -l)" 1
}

@test "EN-21 EN-B: the pid file holds digits only, replaces what was there, and is absent after a failure" {
  unlike crun "leaves the file as it was"
  local file=$BATS_TEST_TMPDIR/pid
  echo old >"$file"
  args sleep 100
  create --pid-file "$file"
  matches "$(od -An -c "$file" | tr -d ' \n')" '^[0-9]+$'
  is "$(cat "$file")" "$(pid_of)"
  is "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name '.pid*')" ""
  rt delete --force "$ID"
  rm "$file"
  args /no/such/program
  attempt create --bundle "$BUNDLE" --pid-file "$file" "$ID"
  exits 1
  [ ! -e "$file" ]
}
