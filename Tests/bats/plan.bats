load helpers

@test "plan: prints the steps in their order with their places, and makes nothing" {
  rmdir "$ROOT"
  attempt plan --bundle "$BUNDLE"
  [ "$status" = 0 ]
  [[ $output == *$'\n1. '*"mount the root filesystem [/root/path]"*"mount \`proc\` on \`/proc\`"*"switch to the new root"*"find the program "*"execute the program"* ]]
  [ ! -e "$ROOT" ]
  [ ! -e "$CGROUP" ]
  mkdir -m 700 "$ROOT"
}

@test "plan: as JSON each step is an object with its pointer" {
  attempt plan --bundle "$BUNDLE" --format json
  [ "$status" = 0 ]
  is "$(jq -r '[.steps[] | select(.pointer == "/mounts/0")] | length' <<<"$output")" 1
  [ "$(jq '.steps | length' <<<"$output")" -gt 30 ]
}

@test "plan: shows the host's steps among init's, in order of time, and what each of them is for" {
  attempt plan --bundle "$BUNDLE" --format json
  is "$(jq -r '[.steps[] | select(.by == "host") | .effect] | unique | join(" ")' <<<"$output")" "looks makes"
  is "$(jq -r '[.steps[] | select(.by == "host" and .why == null)] | length' <<<"$output")" 0
  # Nothing is made before the last look, but init, whose start time is looked at.
  is "$(jq -r '[.steps[] | select(.step | startswith("look at init") | not) | .effect] | index("makes") as $first | .[$first:] | index("looks")' <<<"$output")" null
  is "$(jq -r '[.steps[].step] | index("record init") > index("switch to the new root")' <<<"$output")" true
  is "$(jq -r '.steps[-1].step | startswith("execute the program")' <<<"$output")" true
}

@test "plan: a configuration that cannot be planned is refused with its place" {
  config '.hostname = 5'
  attempt plan --bundle "$BUNDLE"
  [ "$status" = 1 ]
  [[ $stderr == *'/hostname: expected a string, found a number'* ]]
}

@test "plan: the difference of two bundles is what differs, and the exit status says whether anything does" {
  cp -r "$BUNDLE" "$BATS_TEST_TMPDIR/other"
  local base=$BUNDLE
  attempt plan --diff "$base" "$BATS_TEST_TMPDIR/other"
  [ "$status" = 1 ]
  # The root itself lies elsewhere, and so is what is opened.
  is "$(wc -l <<<"$output")" 4
  BUNDLE=$BATS_TEST_TMPDIR/other config '.root.path = $r' --arg r "$base/rootfs"
  attempt plan --diff "$base" "$BATS_TEST_TMPDIR/other"
  [ "$status" = 0 ]
  is "$output" ""
  BUNDLE=$BATS_TEST_TMPDIR/other config '.hostname = "other"'
  attempt plan --diff "$base" "$BATS_TEST_TMPDIR/other"
  [ "$status" = 1 ]
  is "$(wc -l <<<"$output")" 2
  [[ $output == '- set hostname'*$'\n+ set hostname'*'`other`'* ]]
}

@test "plan: a comparison that fails is told apart from one that finds a difference" {
  attempt plan --diff "$BUNDLE" "$BATS_TEST_TMPDIR/nothing"
  [ "$status" = 2 ]
  attempt plan --diff "$BUNDLE"
  [ "$status" = 2 ]
}

# --- run --break -------------------------------------------------------------------------------

# stopped WORD: run has stopped before a step whose description has the word.
stopped_at() {
  eventually grep -qF "$1" "$ERR"
}

# broken OPTION…: run in the background; its pid is in RUN.
broken() {
  "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$@" "$ID" </dev/null >"$OUT" 2>"$ERR" 3>&- &
  RUN=$!
  BACKGROUND+=("$RUN")
}

@test "run --break stops before a step of init, says how to look, and goes on at SIGCONT" {
  shell 'echo ran'
  broken --break 'switch to the new root'
  stopped_at "stopped before a step of init: switch to the new root"
  local pid
  pid=$(sed -n 's/.*init is process \([0-9]*\),.*/\1/p' "$ERR")
  # Every mount is made, and the root is still the host's.
  grep -q "$BUNDLE/rootfs/proc " "/proc/$pid/mountinfo"
  has "$(cat "$ERR")" "kill -CONT $RUN" "undo:    kill $RUN"
  is "$($(sed -n 's/ *look: *\(nsenter.*\) sh$/\1/p' "$ERR") readlink /proc/self/ns/uts)" "$(readlink "/proc/$pid/ns/uts")"
  is "$(cat "$OUT")" ""
  kill -CONT "$RUN"
  wait "$RUN"
  is "$(cat "$OUT")" ran
}

@test "run --break takes pointers, numbers and steps of the host, one after the other" {
  local number count=0
  number=$(rt plan --bundle "$BUNDLE" | sed -n 's/^\([0-9]*\)\. execute the program.*/\1/p')
  args echo ran
  broken --break /mounts/1 --break "$number" --break 'make the cgroup' --break 'set RLIMIT_NOFILE'
  local step
  for step in "the host: make the cgroup" "init: mount \`tmpfs\` on \`/dev\` [/mounts/1]" "the host: set RLIMIT_NOFILE" "init: execute the program"; do
    stopped_at "stopped before a step of $step"
    is "$(grep -c 'stopped before' "$ERR")" "$((++count))"
    kill -CONT "$RUN"
  done
  has "$(cat "$ERR")" "there is no init yet"
  wait "$RUN"
  is "$(cat "$OUT")" ran
}

@test "run --break undoes everything at an interruption, at whichever step it stands" {
  local step
  for step in 'make the cgroup' 'switch to the new root' 'set RLIMIT_NOFILE' 'execute the program'; do
    broken --break "$step"
    stopped_at "$step"
    kill -TERM "$RUN"
    local code=0
    wait "$RUN" || code=$?
    is "$code" 143
    nothing_left
  done
}

@test "run --break goes on at Enter on a terminal, and leaves a pipe to the program" {
  shell 'cat'
  broken --break 'switch to the new root'
  stopped_at switch
  kill -KILL "$RUN"
  wait "$RUN" || :
  rt delete --force "$ID"
  args echo ran
  # script(1) gives a terminal.
  { eventually grep -q stopped "$OUT"; echo; sleep 0.5; } | timeout 20 script -qec "$RUNTIME --root $ROOT run --bundle $BUNDLE --break 'switch to' $ID" /dev/null >"$OUT" 3>&-
  has "$(cat "$OUT")" "Enter, or kill -CONT" ran
}

@test "run --break before no step of the plan is refused" {
  local step
  for step in 'no such step' 0 99999 /nowhere -1; do
    attempt run --bundle "$BUNDLE" --break="$step" "$ID"
    exits 1
    has "$stderr" "--break: no step has the number, the pointer or the beginning"
    nothing_left
  done
}
