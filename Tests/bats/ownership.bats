#!/usr/bin/env bats
# What a command did not make, it neither ends nor removes: cgroups of others, and directories.

load helpers

local_setup() {
  unlike "runc crun" "keep no marks"
  args sleep 100
  OTHER=$BATS_TEST_TMPDIR/other-root
  mkdir -m 700 "$OTHER"
}

local_teardown() {
  local id
  for id in "$OTHER"/*/; do
    [ -d "$id" ] || continue
    "$RUNTIME" --root "$OTHER" delete --force "$(basename "$id")" || :
  done
  if [ -d "$CGROUP" ]; then
    echo 0 >"$CGROUP/cgroup.freeze"
    echo 1 >"$CGROUP/cgroup.kill"
    eventually 'rmdir "$CGROUP"'
  fi
}

# Of another root, and in the same cgroup: as other ID.
other() {
  detached "$RUNTIME" --root "$OTHER" run -d --bundle "$BUNDLE" "$1"
}

lives() {
  [ "$("$RUNTIME" --root "$OTHER" state "$1" | jq -r .status)" = running ] || fail "it was ended"
}

# Nothing that may be used after a refused create of $ID takes what is in the cgroup.
takes_nothing() {
  local verb
  for verb in "gc" "delete --force $ID" "delete --force $ID-2" "gc --all-roots" "kill --all $ID KILL"; do
    # shellcheck disable=SC2086
    attempt $verb
    [ -d "$CGROUP" ] || { fail "removed by $verb"; return; }
    ! grep -q "populated 0" "$CGROUP/cgroup.events" || { fail "ended by $verb"; return; }
  done
}

mark() {
  getfattr --only-values -n user.apus.container "$CGROUP" 2>/dev/null || :
}

# foreign: a process of nobody's container in the cgroup.
foreign() {
  sleep 50 3>&- &
  BACKGROUND+=($!)
  echo $! >"$CGROUP/cgroup.procs"
}

@test "a refused create leaves the cgroup of a container of another root to that, also with delete --force and gc" {
  other "$ID"
  local before
  before=$(mark)
  refused_in_use
  is "$(mark)" "$before"
  takes_nothing
  lives "$ID"
}

refused_in_use() {
  attempt create --bundle "$BUNDLE" "${1:-$ID}"
  exits 1
  has "$stderr" "container's cgroup is not empty"
  [ ! -e "$ROOT/${1:-$ID}" ]
}

@test "so does one with another id of the same root" {
  detached rt run -d --bundle "$BUNDLE" "$ID"
  refused_in_use "$ID-2"
  rt delete --force "$ID-2"
  attempt gc
  has_status running
}

@test "a refused create leaves a cgroup that no runtime made, whether processes are in it or it is frozen" {
  mkdir "$CGROUP"
  foreign
  refused_in_use
  is "$(mark)" ""
  takes_nothing
  kill -KILL $!
  wait $! || :
  echo 1 >"$CGROUP/cgroup.freeze"
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" frozen
  attempt delete --force "$ID"
  attempt gc
  [ -d "$CGROUP" ]
  is "$(mark)" ""
}

@test "the empty cgroup of a container that is stopped is not taken from it" {
  other "$ID"
  kill -KILL "$(head -n 1 "$CGROUP/cgroup.procs")"
  eventually 'grep -q "populated 0" "$CGROUP/cgroup.events"'
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" "container's cgroup is that of container \`$ID\` of the state root \`$OTHER\`"
  "$RUNTIME" --root "$OTHER" delete "$ID"
  create
}

@test "the cgroup of a container that is no more is made anew" {
  detached "$RUNTIME" --root "$OTHER" create --bundle "$BUNDLE" "$ID"
  local inode
  inode=$(stat -c %i "$CGROUP")
  kill -KILL "$(head -n 1 "$CGROUP/cgroup.procs")"
  eventually 'grep -q "populated 0" "$CGROUP/cgroup.events"'
  mv "$OTHER/$ID" "$BATS_TEST_TMPDIR/aside"
  create
  [ "$(stat -c %i "$CGROUP")" != "$inode" ]
  # And the old one does not end the new one when it comes back.
  mv "$BATS_TEST_TMPDIR/aside" "$OTHER/$ID"
  "$RUNTIME" --root "$OTHER" delete --force "$ID" 2>"$ERR"
  has "$(cat "$ERR")" "$CGROUP_PARENT/$ID"
  has_status created
}

@test "delete and kill --all of a stopped container leave what is at its path by now" {
  local how
  config '.linux.namespaces |= map(select(.type != "pid"))'
  for how in delete "delete --force" "kill --all"; do
    launch
    kill -KILL "$(pid_of)"
    eventually 'has_status stopped'
    eventually 'rmdir "$CGROUP"'
    mkdir "$CGROUP"
    foreign
    # shellcheck disable=SC2086
    attempt $how "$ID"
    grep -q "populated 1" "$CGROUP/cgroup.events" || { fail "$how"; return; }
    attempt delete --force "$ID"
    exits 0
    kill -KILL $!
    wait $! || :
    eventually 'rmdir "$CGROUP"'
  done
}

@test "after kill -9 of create at any system call, delete --force and gc leave the cgroup of others" {
  mkdir "$CGROUP"
  foreign
  local n
  # The refusal follows within these.
  for ((n = 0; n < 25; n++)); do
    timeout -s KILL 30 "$SUITE/probe" shot parent "$n" mkdirat "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" \
      </dev/null >"$OUT" 2>&1 3>&- || :
    attempt gc
    attempt delete --force "$ID"
    grep -q "populated 1" "$CGROUP/cgroup.events" || { fail "point $n"; return; }
    [ ! -e "$ROOT/$ID" ] || { fail "state left at point $n"; return; }
  done
}

@test "of two creates in one cgroup at one time one is refused, and takes nothing with it" {
  local i ids=() id
  for i in 1 2 3 4; do
    (detached rt create --bundle "$BUNDLE" "$ID-$i-a" || :) &
    BACKGROUND+=($!)
    (detached rt create --bundle "$BUNDLE" "$ID-$i-b" || :) &
    BACKGROUND+=($!)
    wait "${BACKGROUND[@]: -1}" "${BACKGROUND[@]: -2:1}" || :
    mapfile -t ids < <(rt list -q)
    is "${#ids[@]}" 1
    is "$(wc -l <"$CGROUP/cgroup.procs")" 1
    for id in "$ID-$i-a" "$ID-$i-b"; do
      [ "$id" = "${ids[0]}" ] || rt delete --force "$id"
    done
    has_status created "${ids[0]}"
    rt delete --force "${ids[0]}"
  done
}

@test "delete --force keeps its hands off a directory in its root that apus has not made" {
  mkdir -m 700 "$ROOT/papers"
  echo text >"$ROOT/papers/letter"
  mkdir -m 700 "$ROOT/runc"
  echo '{"id":"runc","init_process_pid":1,"config":{}}' >"$ROOT/runc/state.json"
  local id
  for id in papers runc; do
    attempt delete "$id"
    exits 1
    attempt delete --force "$id"
    exits 1
    has "$stderr" "is not what apus has made"
  done
  is "$(cat "$ROOT/papers/letter")" text
  [ -s "$ROOT/runc/state.json" ]
  rm -r "$ROOT/papers" "$ROOT/runc"
}
