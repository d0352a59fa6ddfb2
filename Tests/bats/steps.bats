load helpers

# Every step of both halves of a plan, killed and failed: what a step leaves is known to `delete --force`.
# The stops are in debug builds only: the one beside the release that is tested, unless that is one itself.

local_setup() {
  unlike "runc crun" "has no such plan"
  PID_FILE=$BATS_TEST_TMPDIR/pid
  local debug
  for debug in "${RUNTIME%/release/apus}/debug/apus" "$RUNTIME"; do
    [ -f "$debug" ] && [ -x "$debug" ] || continue
    APUS_PROBE=host:1:fail "$debug" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>"$ERR" 3>&- || :
    if grep -q EIO "$ERR"; then PROBED=$debug; fi
    "$debug" --root "$ROOT" delete --force "$ID"
    [ -z "${PROBED:-}" ] || break
  done
  [ -n "${PROBED:-}" ] || skip "there is no debug build"
  args sleep 100
}

# steps HALF: how many steps of the plan that half performs.
steps() {
  "$PROBED" plan --bundle "$BUNDLE" --format json | jq "[.steps[] | select(.by == \"$1\")] | length"
}

# the runtime with a stop
probed() {
  local stop=$1
  shift
  APUS_PROBE=$stop timeout -s KILL 30 "$PROBED" --root "$ROOT" "$@" </dev/null >"$OUT" 2>"$ERR" 3>&-
}

# held STOP RUNTIME-ARG…: starts the command, and sets `holder` to the process that waits at the stop; to
# nothing if the command came to its end.
held() {
  local stop=$1
  shift
  APUS_PROBE=$stop "$PROBED" --root "$ROOT" "$@" </dev/null >"$OUT" 2>"$ERR" 3>&- &
  runtime=$!
  holder=
  while kill -0 "$runtime" 2>/dev/null; do
    holder=$(probes) && [ -n "$holder" ] && return
    sleep 0.01
  done
}

# Which of our processes wait at a stop: others run tests too.
probes() {
  local pid
  for pid in $(pgrep -x apus-probe); do
    if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qx "BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR" ||
      [ "$(cut -d' ' -f4 "/proc/$pid/stat" 2>/dev/null)" = "$runtime" ]; then
      echo "$pid"
    fi
  done
}

# After the runtime's end: delete --force succeeds and then nothing is there.
deletable() {
  rt delete --force "$ID" 3>&- || { fail "delete --force failed"; return; }
  rm -f "$PID_FILE"
  eventually nothing_left
}

# An error that the command saw leaves nothing, not even for delete.
undone() {
  [ ! -e "$PID_FILE" ] || { fail "the pid file is left"; return; }
  [ -s "$ERR" ] || { fail "no message"; return; }
  eventually nothing_left
}

# killed HALF AT WHOM COMMAND…: kills at each step of a half.
killed() {
  local half=$1 at=$2 whom=$3 n total victim reached=0
  shift 3
  total=$(steps "$half")
  for ((n = 1; n <= total; n++)); do
    held "$half:$n:$at" "$@"
    if [ -n "$holder" ]; then
      reached=$((reached + 1))
      victim=$runtime
      [ "$whom" = runtime ] || victim=$holder
      kill -KILL "$victim"
    fi
    wait "$runtime" 2>/dev/null || :
    if [ "$whom" = runtime ] || [ -z "$holder" ]; then deletable; else undone; fi ||
      { fail "$half step $n of $total, $at: $(cat "$ERR")"; return; }
  done
  # The last steps of init come after create's end.
  [ "$reached" -gt $((total * 3 / 4)) ] || fail "only $reached of $total steps were reached"
}

# failed HALF COMMAND…: has each step of a half fail.
failed() {
  local half=$1 n total reached=0
  shift
  total=$(steps "$half")
  for ((n = 1; n <= total; n++)); do
    if probed "$half:$n:fail" "$@"; then
      deletable
    else
      reached=$((reached + 1))
      has "$(cat "$ERR")" EIO && undone
    fi || { fail "$half step $n of $total: $(cat "$ERR")"; return; }
  done
  [ "$reached" -gt $((total * 3 / 4)) ] || fail "only $reached of $total steps failed"
}

# What else there is to undo: hooks, ids, a filter.
full() {
  config '.hooks = {prestart: [{path: "/bin/true"}], poststop: [{path: "/bin/true"}]}
    | .linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m
    | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}' \
    --argjson m '[{"containerID": 0, "hostID": 100000, "size": 65536}]'
}

@test "ER-1: whichever step of the host fails, create leaves nothing" {
  failed host create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
  full
  failed host create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
}

@test "ER-1: whichever step of init fails, create leaves nothing" {
  failed init create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
}

@test "ER-1: whichever step of the host fails, run leaves nothing" {
  args true
  failed host run --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
}

@test "ER-1: kill -9 of create before and after any step of the host leaves nothing that delete does not find" {
  killed host before runtime create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
  killed host after runtime create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
  full
  killed host before runtime create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
}

@test "ER-1: kill -9 of create at any step of init leaves nothing that delete does not find" {
  killed init before runtime create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
}

@test "ER-1: kill -9 of init before any of its steps undoes the create" {
  killed init before init create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
}
