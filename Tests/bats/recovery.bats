load helpers

# What is left of a container when its record says nothing of it.

local_setup() {
  args sleep 100
}

# annotation KILOBYTES KEY…
annotations() {
  local size=$1 key
  shift
  head -c "$((size * 1000))" /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/long"
  for key in "$@"; do
    config '.annotations[$k] = ($v | sub("\n$"; ""))' --arg k "$key" --rawfile v "$BATS_TEST_TMPDIR/long"
  done
}

@test "whatever create records can be read: 600 kB in an annotation" {
  unlike "runc crun" "is not asked"
  annotations 600 long
  create
  has_status created
  is "$(rt list -q)" "$ID"
  start
  has_status running
  rt delete --force "$ID"
  nothing_left
}

@test "ER-1: what could not be read again is refused by create" {
  unlike "runc crun" "is not asked"
  # With its name, as the tools that read the record want it, this is more than a text may have.
  annotations 1048 "$(head -c 700 /dev/zero | tr '\0' k)"
  refused "annotations"
}

# damaged HOW: does it to the record of a container, and has delete --force take that away.
damaged() {
  local record=$ROOT/$ID/state.json
  case $1 in
  empty) : >"$record" ;;
  garbage) head -c 3000 /dev/urandom >"$record" ;;
  cut) truncate -s 500 "$record" ;;
  later) jq -c '.apusVersion = 99' "$record" >"$record.new" && mv "$record.new" "$record" ;;
  gone) rm "$record" ;;
  directory) rm "$record" && mkdir "$record" ;;
  esac
  attempt delete "$ID"
  exits 1
  attempt delete --force "$ID"
  exits 0
  nothing_left || fail "$1"
}

@test "OP-14: delete --force of a damaged, later or missing record leaves no process and no cgroup" {
  unlike "runc crun" "leaves them"
  local how
  for how in empty garbage cut later gone directory; do
    launch
    damaged "$how"
    create
    damaged "$how"
  done
}

@test "OP-14: without a cgroup too" {
  unlike "runc crun" "leaves it"
  local how
  for how in empty later gone; do
    detached rt --cgroup-manager=disabled create --bundle "$BUNDLE" "$ID"
    start
    damaged "$how"
  done
}

@test "OP-14: delete --force finds the cgroup of a container whose state directory is gone" {
  unlike "runc crun" "does not"
  launch
  mv "$ROOT/$ID" "$BATS_TEST_TMPDIR/aside"
  rt delete --force "$ID-other"
  [ "$(processes | wc -l)" = 1 ]
  rt --root "$BATS_TEST_TMPDIR" delete --force "$ID"
  [ "$(processes | wc -l)" = 1 ]
  rt delete --force "$ID"
  nothing_left
}

@test "OP-14: delete --force says what is left when the state root is gone" {
  unlike "runc crun" "does not"
  launch
  mv "$ROOT" "$BATS_TEST_TMPDIR/aside"
  attempt delete --force "$ID"
  exits 1
  has "$stderr" "$CGROUP_PARENT/$ID"
  attempt delete --force "$ID-other"
  exits 0
  mv "$BATS_TEST_TMPDIR/aside" "$ROOT"
  rt delete --force "$ID"
}

@test "T29: a number in a record that no number of its kind can be ends no command, nor list for the others" {
  unlike "runc crun" "their records are others"
  create
  local record=$ROOT/$ID/state.json member value
  jq -c '.liveMounts = [] | .addedMounts = 0 | .cgroupBase = 1' "$record" >"$BATS_TEST_TMPDIR/whole"
  local reached=0
  for member in $(jq -r 'to_entries[] | select(.value | type == "number").key' "$BATS_TEST_TMPDIR/whole"); do
    for value in -1 4294967297 9223372036854775808 18446744073709551615 18446744073709551616; do
      # jq would round them.
      jq -c --arg m "$member" '.[$m] = "@"' "$BATS_TEST_TMPDIR/whole" | sed "s/\"@\"/$value/" >"$record"
      attempt state "$ID"
      [[ $status = [01] ]] || fail "$member $value: state ended with $status"
      lacks "$stderr" "ended by signal"
      attempt list
      [[ $status = [01] ]] || fail "$member $value: list ended with $status"
      has "$output" "$ID"
      lacks "$stderr" "ended by signal"
      reached=$((reached + 1))
    done
  done
  [ "$reached" -ge 40 ]
  jq -c '.addedMounts = "@" | .liveMounts = []' "$BATS_TEST_TMPDIR/whole" | sed 's/"@"/18446744073709551615/' >"$record"
  attempt delete --force "$ID"
  exits 0
  nothing_left
}

@test "T29: a record that leads to the root of the cgroups, or out of it, does not keep delete --force from ending" {
  unlike "runc crun" "their records are others"
  local record=$ROOT/$ID/state.json path manager
  for manager in cgroupfs systemd; do
    for path in / "" // /.. /a/../..; do
      launch
      jq -c --arg p "$path" --arg m "$manager" '.cgroupPath = $p | .cgroupManager = $m' "$record" >"$OUT.record"
      cat "$OUT.record" >"$record"
      attempt delete --force "$ID"
      exits 0
      nothing_left || fail "left by $path of $manager"
    done
  done
  launch
  jq -c '.resctrlDirectory = "/.."' "$record" >"$OUT.record"
  cat "$OUT.record" >"$record"
  attempt delete --force "$ID"
  exits 0
  nothing_left
}

@test "list shows a container whose record is damaged, and the others" {
  unlike "runc crun" "omits it"
  launch
  config '.linux.cgroupsPath += "-2"'
  detached rt create --bundle "$BUNDLE" "$ID-2"
  echo garbage >"$ROOT/$ID/state.json"
  is "$(rt list -q | xargs)" "$ID $ID-2"
  is "$(rt list -f json | jq -c '[.[] | [.id, .status]]')" "[[\"$ID\",\"unknown\"],[\"$ID-2\",\"created\"]]"
  attempt --log-level warning list
  exits 0
  has "$stderr" "is damaged"
}

@test "list asks the kernel some fifteen times for a container, and nothing twice" {
  unlike "runc crun" "asks otherwise"
  local n counts=()
  for n in 1 2 3 4; do
    config '.linux.cgroupsPath = $p' --arg p "$CGROUP_PARENT/$ID-$n"
    detached rt create --bundle "$BUNDLE" "$ID-$n"
    counts+=("$("$SUITE/probe" shot parent 0 execve "$RUNTIME" --root "$ROOT" list 2>/dev/null | sed -n 's/^shot of=\([0-9]*\).*/\1/p')")
  done
  ((counts[3] - counts[2] == counts[2] - counts[1]))
  ((counts[3] - counts[2] <= 18)) || fail "${counts[*]}"
}

@test "CG-1 ER-1: after kill -9 of create at any system call the parents of its cgroup are removed too" {
  unlike "runc crun" "leaves them"
  config '.linux.cgroupsPath = $p' --arg p "$CGROUP_PARENT/$ID/a/b/c"
  local n total=400
  for ((n = 1; n < total; n++)); do
    timeout -s KILL 30 "$SUITE/probe" shot parent "$n" mkdirat "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&-
    # The last directory is made: what comes then is not about it.
    [ -d "$CGROUP/a/b/c" ] && total=$((n + 6 < total ? n + 6 : total))
    rt delete --force "$ID"
    nothing_left || { fail "point $n"; return; }
  done
  ((n < 400))
}

@test "CG-1 ER-1: a create that the kernel allows no further cgroup leaves no parent of it" {
  unlike "runc crun" "leaves them"
  config '.linux.cgroupsPath = $p' --arg p "$CGROUP_PARENT/$ID/a/b/c"
  mkdir "$CGROUP"
  echo 1 >"$CGROUP/cgroup.max.depth"
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  is "$(find "$CGROUP" -mindepth 1 -type d)" ""
  rmdir "$CGROUP"
  nothing_left
}

@test "OP-14: delete --force removes a tree of any depth that lies in the state directory" {
  unlike "runc crun" "their directories are others"
  launch
  local deep=$ROOT/$ID/tree
  deep+=$(printf '/d%.0s' {1..600})
  mkdir -p "$deep"
  touch "$deep/file" "$ROOT/$ID/tree/file"
  ln -s /etc "$deep/link"
  attempt delete --force "$ID"
  exits 0
  nothing_left
}
