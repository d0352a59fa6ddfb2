load helpers

# The caller's terminal, and the relay between it and the container's.

# pty OPTION… -- COMMAND…: see tools/pty.c.
pty() {
  try "$SUITE/pty" "$@"
}

in_terminal() {
  config '.process.terminal = true'
  pty "$@" -- "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
}

# ends_with STATUS JOB: soon.
ends_with() {
  timeout 5 tail --pid="$2" -f /dev/null || fail "it goes on"
  status=0
  wait "$2" || status=$?
  exits "$1"
}

@test "nothing is lost where the caller's terminal is non-blocking and slow" {
  shell 'i=0; while [ $i -lt 2000 ]; do echo "$i 0123456789012345678901234567890123456789"; i=$((i+1)); done; exit 4'
  in_terminal -n -w
  exits 4
  is "$(wc -l <"$BATS_TEST_TMPDIR/stdout")" 2000
  is "$(tail -n 1 "$BATS_TEST_TMPDIR/stdout" | tr -d '\r')" "1999 0123456789012345678901234567890123456789"
}

@test "a terminal that nobody reads holds up neither signals nor the end" {
  config '.process.terminal = true'
  shell 'yes & trap "kill -9 -1" TERM; while :; do sleep 0.05; done'
  "$SUITE/pty" -q -p "$BATS_TEST_TMPDIR/pid" -- "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&- &
  BACKGROUND+=($!)
  local job=$!
  eventually has_status running
  sleep 0.5
  attempt kill "$ID" KILL
  exits 0
  ends_with 137 "$job"
}

@test "a signal reaches the program while nobody reads the terminal" {
  config '.process.terminal = true'
  shell 'yes & trap "exit 9" TERM; while :; do sleep 0.05; done'
  "$SUITE/pty" -q -p "$BATS_TEST_TMPDIR/pid" -- "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&- &
  BACKGROUND+=($!)
  local job=$!
  eventually has_status running
  sleep 0.5
  kill -TERM "$(cat "$BATS_TEST_TMPDIR/pid")"
  eventually has_status stopped
  # The next one ends the wait for a reader.
  sleep 0.2
  kill -TERM "$(cat "$BATS_TEST_TMPDIR/pid")"
  ends_with 9 "$job"
}

@test "the program finds the caller's size at its first look, in run and exec" {
  unlike "runc crun" "sets it when the program runs"
  shell 'stty size'
  config '.process.terminal = true | .process.consoleSize = {height: 5, width: 6}'
  # Every ioctl of the runtime's takes a while: whoever sets the size after the start comes too late.
  local late=(strace -f -o /dev/null -e trace=ioctl -e inject=ioctl:delay_enter=60000)
  pty -s 33 101 -- "${late[@]}" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
  exits 0
  is "${output%$'\r'}" "33 101"
  config '.process.terminal = false'
  args sleep 100
  launch
  pty -s 44 55 -- "${late[@]}" "$RUNTIME" --root "$ROOT" exec --tty "$ID" stty size
  exits 0
  is "${output%$'\r'}" "44 55"
}

@test "a terminal may be asked for where standard input is none: a pipe is typed, with its end" {
  unlike "runc crun" "refuses it, or never ends the input"
  config '.process.terminal = true'
  shell 'stty -echo; test -t 0 && test -t 1 && cat; exit 5'
  status=0
  output=$(printf 'one\ntwo' | timeout 20 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 2>&1 3>&-) || status=$?
  exits 5
  # Without a terminal on the other end a script gets plain lines.
  has "$output" $'one\n' two
  lacks "$output" $'\r'
  args sh -c 'test -t 1 && exit 6'
  in_terminal -i
  exits 6
}

@test "lines end as they should: plain for a script, and as a terminal wants them" {
  unlike crun "has a carriage return for scripts too"
  shell 'echo one; stty raw; printf "two\nthree\n"'
  in_terminal -o
  exits 0
  is "$output" $'one\ntwo\nthree'
  unlike runc "adds one to what a full-screen program writes"
  in_terminal
  exits 0
  is "$output" $'one\r\ntwo\nthree'
}

@test "a background job neither reads the terminal nor changes its settings" {
  unlike "runc crun" "stops, or takes it"
  shell 'cat </dev/tty & sleep 0.5; kill $! && echo no end of input; exit 3'
  in_terminal -b -c <<<"typed"
  exits 3
  has "$output" "no end of input"
  is "$(grep -c typed <<<"$output")" 1
}

@test "the end of standard input reaches a program that threw away what was typed before it" {
  unlike "runc crun" "the program waits for ever, or there is no container"
  config '.process.terminal = true | .process.args = ["probe", "late"]'
  foreground
  exits 0
  is "$output" ready
}
