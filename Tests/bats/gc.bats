#!/usr/bin/env bats
# What killed commands leave, and its removal.

load helpers

local_setup() {
  unlike "runc crun" "has no such command"
  args sleep 100
}

# swept FILTER: what gc did, as JSON.
swept() {
  attempt gc --format json "${@:2}"
  exits 0
  jq -c "$1" <<<"$output"
}

finds_nothing() {
  is "$(swept '[.removed, .failed]')" '[0,0]'
}

@test "one gc after creates that were killed at any point leaves only the containers that were complete" {
  config '.linux.cgroupsPath = $p' --arg p "$CGROUP_PARENT/$ID/deep/a"
  # The last call before which there is something to be killed.
  local total n i id
  total=$("$SUITE/probe" shot parent 100000 mkdirat "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID-0" </dev/null 3>&- >"$OUT" 2>&1; sed -n 's/^shot of=\([0-9]*\).*/\1/p' "$OUT")
  rt delete --force "$ID-0"
  for ((i = 1; i <= ${KILLED_CREATES:-60}; i++)); do
    id=$ID-$i
    n=$((RANDOM % ${total:-150}))
    config '.linux.cgroupsPath = $p' --arg p "$CGROUP_PARENT/$id/deep/a"
    timeout -s KILL 30 "$SUITE/probe" shot parent "$n" mkdirat "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$id" \
      </dev/null >"$OUT" 2>&1 3>&- || :
  done
  attempt gc
  exits 0
  has "$output" "its create was killed"
  finds_nothing
  # What is there waits for its start.
  for id in $(rt list -q); do
    is "$(status_of "$id")" created
    rt delete "$id"
  done
  nothing_left
  is "$(find "$ROOT" -mindepth 1 ! -path '*/.seccomp*' ! -path '*/.failures*')" ""
}

@test "a dry run says what would go, and changes nothing" {
  mkdir -m 700 "$ROOT/$ID-dead"
  mkdir -p "$CGROUP-gone"
  local before
  before=$(find "$ROOT" -printf '%p %T@\n' | sort)
  attempt gc --dry-run
  exits 0
  has "$output" "would remove container \`$ID-dead\`" "before it recorded anything" "1 would be removed"
  is "$(find "$ROOT" -printf '%p %T@\n' | sort)" "$before"
  rmdir "$CGROUP-gone"
  is "$(swept '[.removed, .items[0].name]')" "[1,\"$ID-dead\"]"
  finds_nothing
}

@test "a container that lives stays, a stopped one stays while its bundle is there" {
  launch
  finds_nothing
  has_status running
  kill -KILL "$(pid_of)"
  eventually 'has_status stopped'
  is "$(swept '[.removed, .kept, .items[0].help]')" "[0,1,\"apus --root $ROOT delete $ID\"]"
  has_status stopped
  mv "$BUNDLE" "$BUNDLE-moved"
  is "$(swept '[.removed, .items[0].reason]')" '[1,"it is stopped, and its bundle is gone"]'
  mv "$BUNDLE-moved" "$BUNDLE"
  nothing_left
}

@test "one that died before its start goes, and so does one of another boot" {
  create
  kill -KILL "$(pid_of)"
  eventually 'has_status stopped'
  is "$(swept '[.removed, .items[0].reason]')" '[1,"it ended before it was started"]'
  nothing_left
  launch
  kill -KILL "$(pid_of)"
  eventually 'has_status stopped'
  jq -c '.bootID = "00000000-0000-0000-0000-000000000000"' "$ROOT/$ID/state.json" >"$BATS_TEST_TMPDIR/record"
  cp "$BATS_TEST_TMPDIR/record" "$ROOT/$ID/state.json"
  is "$(swept '[.removed, .items[0].reason]')" '[1,"it is of another boot of this machine"]'
  nothing_left
}

@test "what may live, or be another's, stays: a damaged record, a process without a record, a foreign directory" {
  launch
  local record=$ROOT/$ID/state.json
  cp "$record" "$BATS_TEST_TMPDIR/record"
  echo garbage >"$record"
  is "$(swept '[.removed, .kept, .items[0].reason]')" '[0,1,"its record is damaged"]'
  attempt gc --format json
  follows gc
  rm "$record"
  is "$(swept '[.removed, .kept, .items[0].reason]')" '[0,1,"it has no record, but a process"]'
  # Of another container: it must not lead to that one's cgroup.
  jq -c '.id = "other"' "$BATS_TEST_TMPDIR/record" >"$record"
  is "$(swept '[.removed, .kept]')" '[0,1]'
  # A pid that another process has by now.
  sleep 100 3>&- &
  BACKGROUND+=($!)
  jq -c --argjson pid $! '.init_process_pid = $pid' "$BATS_TEST_TMPDIR/record" >"$record"
  is "$(swept '[.removed, .kept, .failed]')" '[0,0,0]'
  kill -0 $!
  cp "$BATS_TEST_TMPDIR/record" "$record"
  has_status running
  mkdir -m 700 "$ROOT/foreign"
  echo '{}' >"$ROOT/foreign/other.json"
  ln -s "$BUNDLE" "$ROOT/link"
  is "$(swept '[.removed, .kept, .items[0].name]')" '[0,1,"foreign"]'
  [ -e "$BUNDLE/config.json" ]
  rm -r "$ROOT/foreign" "$ROOT/link"
}

@test "a cgroup whose container has no directory goes if nothing is in it" {
  launch
  mv "$ROOT/$ID" "$BATS_TEST_TMPDIR/aside"
  is "$(swept '[.removed, .kept, .items[0].kind]')" '[0,1,"cgroup"]'
  [ -d "$CGROUP" ]
  kill -KILL "$(cat "$CGROUP/cgroup.procs")"
  eventually '[ -z "$(cat "$CGROUP/cgroup.procs")" ]'
  is "$(swept '[.removed, .kept, .items[0].kind]')" '[1,0,"cgroup"]'
  [ ! -d "$CGROUP" ]
  finds_nothing
}

@test "half-written files, a FIFO that nobody uses and old failures go" {
  launch
  echo half >"$ROOT/$ID/.state.json.new"
  mkfifo "$ROOT/$ID/exec-result.fifo"
  mkdir -m 700 "$ROOT/.failures"
  local old new
  old=$(printf '%020d-%020d-%020d' "$((($(date +%s) - 31 * 86400) * 1000000000))" 1 1)
  new=$(printf '%020d-%020d-%020d' "$(date +%s%N)" 1 1)
  touch "$ROOT/.failures/"{"$old","$new","$new.new"}
  is "$(swept '[.removed, .failed]')" '[3,0]'
  is "$(ls "$ROOT/.failures")" "$new"$'\n'"$new.new"
  is "$(ls -A "$ROOT/$ID" | grep -e new -e fifo)" ""
  has_status running
  finds_nothing
}

@test "creates, starts and deletes beside it succeed" {
  local i
  for ((i = 0; i < 40; i++)); do rt gc >/dev/null || touch "$BATS_TEST_TMPDIR/failed"; done 3>&- &
  local sweeper=$!
  BACKGROUND+=("$sweeper")
  for ((i = 0; i < 12; i++)); do
    launch
    has_status running
    rt delete --force "$ID"
  done
  wait "$sweeper"
  [ ! -e "$BATS_TEST_TMPDIR/failed" ]
  nothing_left
}

@test "what is deleted beside it is not what it removed, and its id can be used again at once" {
  local n gc
  args sleep 1000
  (while [ ! -e "$BATS_TEST_TMPDIR/end" ]; do rt gc; done) >"$BATS_TEST_TMPDIR/gc" 2>&1 3>&- &
  gc=$!
  BACKGROUND+=("$gc")
  for n in $(seq 30); do
    launch
    rt delete --force "$ID"
  done
  touch "$BATS_TEST_TMPDIR/end"
  wait "$gc" || :
  lacks "$(cat "$BATS_TEST_TMPDIR/gc")" "has no state directory"
}

@test "one that a command is at work on is passed over" {
  mkdir -m 700 "$ROOT/$ID-held"
  flock "$ROOT/$ID-held" sleep 100 3>&- &
  BACKGROUND+=($!)
  eventually '! flock -n "$ROOT/$ID-held" true'
  finds_nothing
  [ -d "$ROOT/$ID-held" ]
  pkill -KILL -P $! || :
  kill -KILL $! || :
  eventually 'flock -n "$ROOT/$ID-held" true'
  is "$(swept .removed)" 1
}

@test "another state root is swept if it is asked for, and found by the marks of its cgroups" {
  mkdir -m 700 "$BATS_TEST_TMPDIR/empty"
  create
  kill -KILL "$(pid_of)"
  eventually 'has_status stopped'
  attempt --root "$BATS_TEST_TMPDIR/empty" gc
  exits 0
  has "$output" "nothing to remove"
  has_status stopped
  # With the roots of other tests out of sight, and perhaps the directory of the runtime.
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/apus"
  try unshare -m sh -c 'mount --bind "$1" /mnt && mount -t tmpfs none /tmp && mount -t tmpfs none /run && mkdir -p "$1" &&
    mount --bind /mnt "$1" && exec "$1/apus" --root "$1/empty" gc --all-roots --format json' - "$BATS_TEST_TMPDIR"
  exits 0
  is "$(jq -c --arg root "$ROOT" '[.items[] | select(.root == $root) | [.action, .reason]]' <<<"$output")" '[["removed","it ended before it was started"]]'
  nothing_left
}

@test "a state root that others can write is refused, a link to one is followed" {
  mkdir -m 700 "$ROOT/$ID-dead"
  chmod 777 "$ROOT"
  attempt gc
  exits 1
  has "$stderr" "can be written by others"
  chmod 700 "$ROOT"
  ln -s "$ROOT" "$BATS_TEST_TMPDIR/link"
  attempt --root "$BATS_TEST_TMPDIR/link" gc
  exits 0
  has "$output" "removed container \`$ID-dead\`"
}
