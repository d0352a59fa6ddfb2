# What becomes of a command that is told to end while it makes a container, or a process in one.
load helpers

local_setup() {
  REACHED=$BATS_TEST_TMPDIR/reached
  config '.mounts += [{destination: "/out", source: $s, type: "none", options: ["rbind"]}]' --arg s "$BATS_TEST_TMPDIR"
  args sleep 100
}

# hangs KIND: a hook of this kind says that it was reached and does not end by itself.
hangs() {
  local file=$REACHED
  if [ "$1" = startContainer ]; then file=/out/reached; fi
  cp "$BUNDLE/config.json" "$BUNDLE/.plain.json"
  config '.hooks[$kind] = [{path: "/bin/sh", args: ["sh", "-c", $script]}]' \
    --arg kind "$1" --arg script "trap '' TERM INT HUP QUIT; echo >$file; for i in \$(seq 25); do sleep 1; done; echo >$file.late"
}

# interrupted SIGNAL ARGUMENT…: the command got this far, is sent the signal and ends because of it, soon.
interrupted() {
  local signal=$1 code=0 number
  number=$(kill -l "$signal")
  shift
  rm -f "$REACHED"
  # The shell has the runtime ignore INT and QUIT, as a job in the background.
  env --default-signal=INT,QUIT timeout -s KILL 20 "$RUNTIME" --root "$ROOT" "$@" </dev/null >"$OUT" 2>"$ERR" 3>&- &
  local runtime=$!
  BACKGROUND+=("$runtime")
  eventually "${IS_THERE:-test -e $REACHED}" || { cat "$ERR" >&2; return 1; }
  # Not to timeout(1), which hands on some signals only.
  kill -"$signal" "$(pgrep -P "$runtime")"
  wait "$runtime" || code=$?
  is "$code" "$((128 + number))"
  is "$(cat "$ERR")" "interrupted by SIG$signal"
}

# ended SIGNAL ARGUMENT…: and nothing is left of what it began.
ended() {
  interrupted "$@"
  eventually nothing_left || nothing_left
  [ ! -e "$BATS_TEST_TMPDIR/pid" ] || fail "a pid file is left"
}

@test "a signal in the middle of create, whichever step it waits in, ends it and leaves nothing" {
  unlike "runc crun" "leaves a container or hangs"
  local kind signal
  for kind in prestart createRuntime createContainer; do
    hangs $kind
    for signal in TERM INT HUP QUIT; do
      echo "create, $kind, $signal" >&2
      ended $signal create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
    done
    mv "$BUNDLE/.plain.json" "$BUNDLE/config.json"
  done
}

@test "a signal in the middle of run, until poststart hooks have run, ends it and leaves nothing" {
  unlike "runc crun" "leaves a container or hangs"
  local kind signal detach
  for kind in createRuntime createContainer startContainer poststart; do
    hangs $kind
    for signal in TERM INT HUP; do
      for detach in '' --detach; do
        echo "run $detach, $kind, $signal" >&2
        ended $signal run $detach --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
      done
    done
    mv "$BUNDLE/.plain.json" "$BUNDLE/config.json"
  done
}

@test "a signal in the middle of start ends it and the container" {
  unlike "runc crun" "leaves a container that goes on starting, or hangs"
  local kind signal
  for kind in startContainer poststart; do
    hangs $kind
    for signal in TERM INT HUP; do
      create
      interrupted $signal start "$ID"
      eventually has_status stopped
      rt delete "$ID"
      nothing_left
    done
    mv "$BUNDLE/.plain.json" "$BUNDLE/config.json"
  done
}

@test "a signal to an exec that cannot go on ends it and its process" {
  unlike "runc crun" "has another way to hang"
  launch
  rt pause "$ID"
  local signal detach
  # Born in the frozen cgroup, it does not reach its first step.
  IS_THERE='[ "$(wc -l <$CGROUP/cgroup.procs)" = 2 ]'
  for signal in TERM INT HUP; do
    for detach in '' --detach; do
      interrupted $signal exec $detach --ignore-paused --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" true
      eventually '[ "$(wc -l <$CGROUP/cgroup.procs)" = 1 ]'
      [ ! -e "$BATS_TEST_TMPDIR/pid" ]
    done
  done
  rt resume "$ID"
}

@test "a signal at any system call of a create or a run in the foreground leaves nothing" {
  unlike "runc crun" "leaves a container"
  command -v strace >/dev/null || skip "strace is not installed"
  args true
  local command calls call left=''
  for command in run create; do
    try strace -qq -o "$BATS_TEST_TMPDIR/calls" "$RUNTIME" --root "$ROOT" $command --bundle "$BUNDLE" "$ID" </dev/null
    rt delete --force "$ID" 2>/dev/null || :
    calls=$(wc -l <"$BATS_TEST_TMPDIR/calls")
    for ((call = 3; call < calls; call += calls / 40 + 1)); do
      try strace -qq -o /dev/null -e trace=all -e inject=all:signal=TERM:when="$call" "$RUNTIME" --root "$ROOT" $command --bundle "$BUNDLE" "$ID" </dev/null
      # One that came too late to end the command.
      [ "$status" != 0 ] || [ $command = run ] || rt delete --force "$ID"
      nothing_left || left+=" $command:$call"
      rt delete --force "$ID" 2>/dev/null || :
    done
  done
  is "$left" ""
}

@test "a signal that the caller ignores, as nohup has it, does not end a create" {
  unlike "runc crun" "has another disposition"
  local signal runtime
  config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $script]}]' \
    --arg script "echo >$REACHED; while [ ! -e $REACHED.go ]; do sleep 0.05; done"
  for signal in HUP INT QUIT TERM; do
    rm -f "$REACHED" "$REACHED.go"
    env --ignore-signal="$signal" "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>"$ERR" 3>&- &
    runtime=$!
    BACKGROUND+=("$runtime")
    eventually test -e "$REACHED"
    kill -"$signal" "$runtime"
    : >"$REACHED.go"
    wait "$runtime" || { cat "$ERR" >&2; fail "SIG$signal ended it"; }
    has_status created
    rt delete "$ID"
  done
}

@test "a poststop hook that hangs is ended by a signal, and the container is gone all the same" {
  unlike "runc crun" "waits for it"
  hangs poststop
  args true
  "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>"$ERR" 3>&- &
  local runtime=$! code=0
  BACKGROUND+=("$runtime")
  eventually test -e "$REACHED"
  kill -TERM "$runtime"
  wait "$runtime" || code=$?
  is "$code" 0
  [ ! -e "$REACHED.late" ] || fail "the hook came to its own end"
  eventually nothing_left || nothing_left
}

@test "a signal during delete ends a poststop hook that hangs, and the container is gone all the same" {
  unlike "runc crun" "dies of it, and leaves the container"
  local signal runtime code
  hangs poststop
  for signal in TERM INT HUP; do
    rm -f "$REACHED"
    create
    env --default-signal=INT "$RUNTIME" --root "$ROOT" delete --force "$ID" </dev/null >"$OUT" 2>"$ERR" 3>&- &
    runtime=$! code=0
    BACKGROUND+=("$runtime")
    eventually test -e "$REACHED"
    kill -"$signal" "$runtime"
    wait "$runtime" || code=$?
    is "$code" 0
    [ ! -e "$REACHED.late" ] || fail "the hook came to its own end"
    nothing_left
  done
}

# slow: a poststop hook that says that it was reached, and that it came to its end two seconds later.
slow() {
  config '.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", $script]}]' \
    --arg script "echo >$REACHED; sleep 2; echo >$REACHED.end"
}

# spared ARGUMENT…: a signal to this command while the hook runs leaves the hook time for its end.
spared() {
  local code=0
  rm -f "$REACHED" "$REACHED.end"
  env --default-signal=INT,QUIT "$RUNTIME" --root "$ROOT" "$@" </dev/null >"$OUT" 2>"$ERR" 3>&- &
  local runtime=$!
  BACKGROUND+=("$runtime")
  eventually test -e "$REACHED"
  kill -TERM "$runtime"
  wait "$runtime" || code=$?
  [ -e "$REACHED.end" ] || fail "the hook was killed: $(cat "$ERR")"
  lacks "$(cat "$ERR")" poststop
  eventually nothing_left || nothing_left
  ended=$code
}

@test "a signal while a container is taken apart leaves a poststop hook that does not hang the time for its end" {
  unlike "runc crun" "has another disposition"
  slow
  create
  spared delete "$ID"
  is "$ended" 0
  args true
  spared run --bundle "$BUNDLE" "$ID"
  is "$ended" 0
  # A create that fails, with hooks reached.
  args sleep 100
  config '.hooks.createRuntime = [{path: "/bin/false"}]'
  spared create --bundle "$BUNDLE" "$ID"
  is "$ended" 1
  # One that was killed.
  config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $script]}]' --arg script "echo >$REACHED; sleep 100"
  rm -f "$REACHED"
  "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>"$ERR" 3>&- &
  BACKGROUND+=("$!")
  eventually test -e "$REACHED"
  kill -KILL "$!"
  wait "$!" || :
  spared delete --force "$ID"
  is "$ended" 0
}

@test "the second signal ends a poststop hook at once" {
  unlike "runc crun" "has another disposition"
  hangs poststop
  create
  "$RUNTIME" --root "$ROOT" delete "$ID" </dev/null >"$OUT" 2>"$ERR" 3>&- &
  local runtime=$! before=$EPOCHREALTIME
  BACKGROUND+=("$runtime")
  eventually test -e "$REACHED"
  kill -TERM "$runtime"
  sleep 0.3
  kill -0 "$runtime"
  kill -TERM "$runtime"
  wait "$runtime"
  # Sooner than a single signal ends it.
  [ "$((${EPOCHREALTIME%.*} - ${before%.*}))" -lt 5 ]
  nothing_left
}

@test "init is waited for by its descriptor: one that dies beside the process it cloned ends the create" {
  unlike "runc crun" "has other processes"
  command -v strace >/dev/null || skip "strace is not installed"
  config '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {monotonic: {secs: 100}}'
  # The first message with a descriptor is the one that tells the parent of the new process.
  attempt_as() { try strace -f -qq -o /dev/null -e trace=sendmsg -e inject=sendmsg:error=EIO:signal=KILL:when=1 "$@" </dev/null; }
  attempt_as "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" "killed by signal 9"
  eventually nothing_left || nothing_left
}
