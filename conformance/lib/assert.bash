# How a check says what should hold. Every helper fails with what it got beside what it wanted.

fail() {
  printf '%s\n' "$@" >&2
  return 1
}

is() {
  [ "$1" = "$2" ] || fail "got:  $1" "want: $2"
}

# has TEXT PART…: TEXT contains every PART.
has() {
  local text=$1 part
  shift
  for part in "$@"; do
    [[ $text == *"$part"* ]] || { fail "missing: $part" "in: $text"; return; }
  done
}

lacks() {
  local text=$1 part
  shift
  for part in "$@"; do
    [[ $text != *"$part"* ]] || { fail "unwanted: $part" "in: $text"; return; }
  done
}

matches() {
  [[ $1 =~ $2 ]] || fail "does not match: $2" "text: $1"
}

# fails COMMAND…: with any status but 0. A line that begins with `!` fails no test, unless it is the last one.
fails() {
  if "$@"; then fail "it succeeds: $*"; fi
}

# finds_nothing ARGUMENT…: grep looks at what there is, and finds nothing. An error of its own is none.
finds_nothing() {
  local code=0
  grep "$@" >&2 || code=$?
  [ "$code" = 1 ] || fail "grep $*: exit status $code"
}

# After `attempt`: the exit status, 0 if none is named.
exits() {
  [ "$status" -eq "${1:-0}" ] || fail "exit status $status, not ${1:-0}" "stdout: $output" "stderr: ${stderr-}"
}

# eventually COMMAND…, or one text to be evaluated anew each time: at most PATIENCE seconds, for the busiest machine.
eventually() {
  local until=$((SECONDS + ${PATIENCE:-120}))
  while ((SECONDS <= until)); do
    if [ $# = 1 ]; then eval "$1" 2>/dev/null && return; else "$@" 2>/dev/null && return; fi
    sleep 0.05
  done
  fail "never became true: $*"
}

# attempt COMMAND…: to its end, at most three minutes: sets status, output and stderr. Unlike `run` it does not wait for
# what the command leaves behind with the same output.
attempt() {
  local base=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}
  status=0
  timeout -s KILL "${ATTEMPT_SECONDS:-180}" "$@" </dev/null >"$base/stdout" 2>"$base/stderr" 3>&- || status=$?
  output=$(cat "$base/stdout")
  stderr=$(cat "$base/stderr")
}

# prints WANT COMMAND…: it succeeds and prints this.
prints() {
  local want=$1
  shift
  attempt "$@"
  exits 0
  is "$output" "$want"
}

# unlike NAMES REASON: these runtimes do what the check asks for otherwise; it tells nothing there.
unlike() {
  case " $1 " in *" $RUNTIME_NAME "*) skip "$RUNTIME_NAME: $2" ;; esac
}
