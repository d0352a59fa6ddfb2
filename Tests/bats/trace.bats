load helpers

local_setup() {
  TRACE=$BATS_TEST_TMPDIR/trace.json
  LINES_FILE=$BATS_TEST_TMPDIR/trace.jsonl
  args true
}

# spans SIDE: the names of its spans.
spans() {
  jq -r --arg side "$1" '.traceEvents[] | select(.cat == $side) | .name' "$TRACE"
}

# otlp FILTER: over all spans of all lines.
otlp() {
  jq -s "[.[].resourceSpans[].scopeSpans[].spans[]] | $1" "$LINES_FILE"
}

# --- what is in it -----------------------------------------------------------------------------

@test "--trace has a span for each step of the plan, of the host and of init, in one document" {
  attempt --trace "$TRACE" run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$stderr" ""
  local name planned
  exec 4< <(rt plan --bundle "$BUNDLE" --format json | jq -r '.steps[] | select(.by == "init") | .step')
  while read -r name; do
    read -r planned <&4
    # The id in a keyring's name is the container's.
    [[ $planned == "$name"* || $name == *keyring* ]] || fail "planned: $planned" "traced: $name"
  done < <(spans init)
  read -r planned <&4 && fail "not traced: $planned"
  has "$(spans host)" "protect the runtime's executable" "make the cgroup" "clone init" "let init start the program" "remove the state directory"
  is "$(spans command)" "apus run $ID"
  is "$(spans program)" "the program of the container"
  is "$(stat -c %a "$TRACE")" 600
}

@test "both sides of --trace are on one clock, and inside of the command" {
  attempt --trace "$TRACE" run --bundle "$BUNDLE" "$ID"
  jq -e '
    ([.traceEvents[] | select(.cat == "command")][0]) as $whole
    | [.traceEvents[] | select(.ph == "X" and .cat != "command")] as $spans
    | ($spans | all(.ts >= $whole.ts and .ts + .dur <= $whole.ts + $whole.dur + 1))
      and ([$spans[] | select(.cat == "init")] | . == sort_by(.ts))
      and ([$spans[] | select(.name | startswith("set RLIMIT"))][0]) as $served
      | [$spans[] | select(.name | startswith("sync with the parent: limits"))][0] as $sync
      | $served.ts >= $sync.ts and $served.ts + $served.dur <= $sync.ts + $sync.dur' "$TRACE"
}

@test "--trace tells where in the configuration a step comes from, and with which error it failed" {
  mounts '{"destination": "/x", "type": "none", "source": "/nowhere", "options": ["bind"]}'
  attempt --trace "$TRACE" run --bundle "$BUNDLE" "$ID"
  exits 1
  has "$(jq -c '.traceEvents[] | select(.args.error) | [.cat, .args.pointer, .args.error]' "$TRACE")" '"ENOENT"'
  # A step of init.
  config '.mounts = [{destination: "/x", type: "tmpfs", source: "tmpfs", options: ["size=nonsense"]}]'
  attempt --trace "$TRACE" run --bundle "$BUNDLE" "$ID"
  exits 1
  is "$(jq -c '[.traceEvents[] | select(.args.error and .cat == "init")] | map([.args.pointer, .args.error])' "$TRACE")" '[["/mounts/0","EINVAL"]]'
  has "$(spans host)" "kill init and wait for its end"
  nothing_left
}

@test "--trace has the hooks of both sides with their arguments, inside of the step that runs them" {
  config '.hooks = {
    createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "exit 0", "of host"]}],
    createContainer: [{path: "/bin/sh", args: ["sh", "-c", "exit 0", "of init"]}],
    startContainer: [{path: "/bin/sh", args: ["sh", "-c", "exit 0", "inside"]}],
    poststop: [{path: "/bin/sh", args: ["sh", "-c", "exit 3", "at the end"]}]}'
  attempt --trace "$TRACE" run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$(jq -r '.traceEvents[] | select(.cat == "hook") | .args.argv[3] + " " + (.tid | tostring)' "$TRACE" | sort)" $'at the end 1\ninside 2\nof host 1\nof init 2'
  has "$(jq -r '.traceEvents[] | select(.cat == "hook" and .args.error) | .args.error' "$TRACE")" "exited with status 3"
  attempt --trace "$LINES_FILE" --trace-format otlp run --bundle "$BUNDLE" "$ID"
  is "$(otlp '. as $all | [.[] | select(any(.attributes[]; .value.stringValue == "hook"))] | map(.parentSpanId as $p | $all[] | select(.spanId == $p) | .name)' | jq -c .)" \
    '["run createRuntime hooks","run createContainer hooks","run startContainer hooks","run poststop hooks"]'
}

@test "--trace is taken by every command" {
  args sleep 100
  local t=(--trace "$LINES_FILE" --trace-format otlp)
  detached rt "${t[@]}" create --bundle "$BUNDLE" "$ID"
  rt "${t[@]}" start "$ID" 3>&-
  rt "${t[@]}" exec "$ID" true
  rt "${t[@]}" debug "$ID" true
  rt "${t[@]}" pause "$ID"
  rt "${t[@]}" resume "$ID"
  rt "${t[@]}" state "$ID" >/dev/null
  rt "${t[@]}" list >/dev/null
  rt "${t[@]}" update --pids-limit 100 "$ID" 2>/dev/null || :
  rt "${t[@]}" kill "$ID" KILL
  eventually has_status stopped
  rt "${t[@]}" delete "$ID"
  attempt "${t[@]}" state "$ID"
  exits 1
  is "$(otlp '.[] | select(any(.attributes[]; .value.stringValue == "command")) | .name' | tr -d '"')" \
    "$(for c in create start exec debug pause resume state list update kill delete state; do echo "apus $c $ID"; done | sed 's/^apus list .*/apus list/')"
  is "$(otlp '[.[] | select(.name == "execute the program")] | length')" 2
  has "$(otlp '.[] | select(.status.code == 2) | .name')" "state $ID"
  has "$(otlp '.[].name')" "freeze" "join the pid namespace" "attach the tools" "kill init and wait"
  rt trace "$LINES_FILE" | grep -q "delete $ID"
}

# --- the context of a trace --------------------------------------------------------------------

@test "spans belong to the trace of TRACEPARENT, and hooks get the span that they are" {
  local trace=0123456789abcdef0123456789abcdef
  for kind in createRuntime createContainer poststop; do
    config '.hooks[$k] = [{path: "/bin/sh", args: ["sh", "-c", "echo $TRACEPARENT $APUS_TRACE_BEGAN >" + $f], env: ["A=1"]}]' \
      --arg k "$kind" --arg f "$BATS_TEST_TMPDIR/$kind"
  done
  TRACEPARENT=00-$trace-00f067aa0ba902b7-01 attempt --trace "$LINES_FILE" --trace-format otlp run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$(otlp '[.[].traceId] | unique | .[0]')" "\"$trace\""
  is "$(otlp '[.[] | select(.parentSpanId == "00f067aa0ba902b7") | .name] | join(",")')" "\"apus run $ID\""
  is "$(otlp '(map(.spanId) | unique | length) == length')" true
  for kind in createRuntime createContainer poststop; do
    local id
    id=$(sed -n "s/^00-$trace-\([0-9a-f]\{16\}\)-01\$/\1/p" "$BATS_TEST_TMPDIR/$kind")
    [ -n "$id" ] || fail "$kind got: $(cat "$BATS_TEST_TMPDIR/$kind")"
    is "$(otlp ".[] | select(.spanId == \"$id\") | any(.attributes[]; .value.stringValue == \"hook\")")" true
  done
}

@test "a TRACEPARENT that is none starts a trace of its own, and a hook's own stays" {
  config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "echo $TRACEPARENT >" + $f], env: ["TRACEPARENT=mine"]}]' --arg f "$BATS_TEST_TMPDIR/hook"
  local bad
  for bad in "" x 00-0-0-01 "00-00000000000000000000000000000000-00f067aa0ba902b7-01" "00-0123456789abcdef0123456789abcdef-0000000000000000-01" \
    "ff-0123456789abcdef0123456789abcdef-00f067aa0ba902b7-01" "00-0123456789ABCDEF0123456789abcdef-00f067aa0ba902b7-01" \
    "00-0123456789abcdef0123456789abcdef-00f067aa0ba902b7-01-x"; do
    rm -f "$LINES_FILE"
    TRACEPARENT=$bad attempt --trace "$LINES_FILE" --trace-format otlp run --bundle "$BUNDLE" "$ID"
    exits 0
    matches "$(otlp '[.[].traceId] | unique | join(",")')" '^"[0-9a-f]{32}"$'
    lacks "$(otlp '.[0].traceId')" 0123456789
    is "$(otlp '.[0].parentSpanId')" null
    is "$(cat "$BATS_TEST_TMPDIR/hook")" mine
  done
}

@test "without --trace a hook gets no TRACEPARENT but the caller's" {
  config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "echo got $TRACEPARENT >" + $f]}]' --arg f "$BATS_TEST_TMPDIR/hook"
  TRACEPARENT=of-caller foreground
  exits 0
  is "$(cat "$BATS_TEST_TMPDIR/hook")" "got of-caller"
  foreground
  is "$(cat "$BATS_TEST_TMPDIR/hook")" "got"
}

# --- its file ----------------------------------------------------------------------------------

@test "nothing of --trace is in the container" {
  args probe fds
  attempt run --bundle "$BUNDLE" "$ID"
  local before=$output
  attempt --trace "$TRACE" run --bundle "$BUNDLE" "$ID"
  is "$output" "$before"
  shell 'env; tr "\0" "\n" </proc/1/environ'
  attempt --trace "$TRACE" run --bundle "$BUNDLE" "$ID"
  lacks "$output" TRACE
  args sleep 100
  launch
  attempt exec "$ID" probe fds
  before=$output
  attempt --trace "$TRACE" exec "$ID" probe fds
  is "$output" "$before"
}

@test "a file of --trace that cannot be opened fails the command before it does anything" {
  local file
  for file in "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/none/x" "$RUNTIME/x"; do
    attempt --trace "$file" run --bundle "$BUNDLE" "$ID"
    exits 1
    has "$stderr" "--trace: cannot open \`$file\`: E"
    is "$(wc -l <<<"$stderr")" 1
    nothing_left
  done
  attempt --trace
  exits 1
  attempt --trace "$TRACE" --trace-format xml list
  exits 1
}

@test "a full disk costs the trace, and not the container" {
  [ -e /dev/full ] || skip "no /dev/full"
  attempt --trace /dev/full --log-level warning run --bundle "$BUNDLE" "$ID"
  exits 0
  has "$stderr" "--trace: cannot write"
}

@test "--trace replaces what was in its file, and --trace-format otlp adds to it" {
  attempt --trace "$TRACE" run --bundle "$BUNDLE" "$ID"
  attempt --trace "$TRACE" list
  is "$(jq '[.traceEvents[] | select(.ph == "X")] | length' "$TRACE")" 1
  attempt --trace "$LINES_FILE" --trace-format otlp list
  attempt --trace "$LINES_FILE" --trace-format otlp list
  is "$(wc -l <"$LINES_FILE")" 2
}

# --- apus trace --------------------------------------------------------------------------------

@test "trace summary lists the steps, the dearest first, and what the whole took" {
  config '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "0.3"]}]'
  attempt --trace "$TRACE" run --bundle "$BUNDLE" "$ID"
  attempt trace summary "$TRACE"
  exits 0
  matches "$(sed -n 1p <<<"$output")" "^apus run $ID: [0-9]+\.[0-9]{3} ms in [0-9]+ steps, and its program ran [0-9.]+ ms$"
  matches "$(sed -n 4p <<<"$output")" '^ *[0-9]+\.[0-9]{3} +[0-9.]+  #+ +hook: sleep 0.3$'
  is "$(sed -n '4,$p' <<<"$output" | sort -rn -s -k1,1)" "$(sed -n '4,$p' <<<"$output")"
  # What is within another step counts once.
  lacks "$output" ' 0.0  '
  matches "$(tail -n 1 <<<"$output")" '^and [0-9]+ below 0\.1 %, together [0-9]+\.[0-9]{3} ms'
  attempt trace --format json summary "$TRACE"
  follows trace
  is "$(jq -r '.steps[0].step' <<<"$output")" "sleep 0.3"
  jq -e 'any(.steps[]; (.step | contains("run createRuntime hooks")) and .nanoseconds < 200000000)' <<<"$output"
  jq -e '(.steps | map(.nanoseconds) | . == (sort | reverse)) and .nanoseconds > 300000000' <<<"$output"
}

@test "trace lists the spans of both forms alike, in their order" {
  attempt --trace "$TRACE" run --bundle "$BUNDLE" "$ID"
  attempt --trace "$LINES_FILE" --trace-format otlp run --bundle "$BUNDLE" "$ID"
  attempt trace "$TRACE"
  exits 0
  local first
  first=$(sed 's/^[ 0-9.]*//; s/[0-9]\{6,\}//g' <<<"$output" | sort)
  attempt trace "$LINES_FILE"
  is "$(sed 's/^[ 0-9.]*//; s/[0-9]\{6,\}//g' <<<"$output" | sort)" "$first"
}

@test "trace refuses what is no trace, and takes what is odd" {
  local file=$BATS_TEST_TMPDIR/file
  refuse() {
    printf '%s' "$1" >"$file"
    for form in trace "trace summary"; do
      attempt $form "$file"
      exits 1
      has "$stderr" "$2"
      is "$(wc -l <<<"$stderr")" 1
    done
  }
  refuse "" "is no trace"
  refuse "text" "is no trace"
  refuse '{"traceEvents":' "is no trace"
  refuse '{}' "has no spans"
  refuse '[1, 2]' "has no spans"
  refuse '{"traceEvents": [1, null, {"ph": "X"}, {"ph": "X", "name": 1, "ts": 1, "dur": 1}, {"ph": "X", "name": "n", "ts": -5, "dur": 1}, {"ph": "X", "name": "n", "ts": 1e300, "dur": 1}, {"ph": "X", "name": "n", "ts": 99999999999999999999999, "dur": 1}]}' "has no spans"
  refuse '{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "n", "startTimeUnixNano": "9", "endTimeUnixNano": "8"}]}]}]}' "has no spans"
  attempt trace "$BATS_TEST_TMPDIR/none"
  exits 1
  attempt trace summary
  exits 1
  attempt trace other "$file"
  exits 1
  # Another program's: spans that overlap, and names with what a terminal obeys.
  printf '{"traceEvents": [{"ph": "X", "name": "a\\u001b[31m\\nb", "ts": 1, "dur": 5}, {"ph": "X", "name": "c", "ts": 3, "dur": 10.5}, {"ph": "B", "name": "d", "ts": 1}]}' >"$file"
  attempt trace summary "$file"
  exits 0
  lacks "$output" $'\e'
  is "$(wc -l <<<"$output")" 5
  attempt trace "$file"
  exits 0
  lacks "$output" $'\e'
}

@test "a trace whose times are of no machine is shown all the same" {
  unlike "runc crun" "have no trace"
  local file=$BATS_TEST_TMPDIR/odd.json verb
  for text in \
    '{"traceEvents":[{"ph":"X","name":"a","cat":"command","ts":1,"dur":1},{"ph":"X","name":"b","cat":"host","ts":5,"dur":1000000}]}' \
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a","startTimeUnixNano":"0","endTimeUnixNano":"9223372036854775807"},{"name":"b","startTimeUnixNano":"0","endTimeUnixNano":"9223372036854775807"}]}]}]}'; do
    echo "$text" >"$file"
    for verb in "" summary; do
      attempt trace $verb "$file"
      exits 0
      has "$output" "a"
    done
  done
}
