# What a container sees of the runtime while a process joins it, or while another container is made in
# its sight: attackers that race with `exec` and `create`.
load helpers

local_setup() {
  CANARY=$BATS_TEST_TMPDIR/canary
  echo host >"$CANARY"
  OTHER=$BATS_TEST_TMPDIR/other
  PEER=$ID-peer
  MAPS='[{"containerID": 0, "hostID": 100000, "size": 65536}]'
}

# capable CAPABILITY…: what the payload has.
capable() {
  config '.process.capabilities = ([$c, $c, $c] | {bounding: .[0], effective: .[1], permitted: .[2]})' --argjson c "$(words "$@")"
}

# attacker WORD…: launches it as the container's payload.
attacker() {
  args racer "$@"
  launch
  eventually grep -q watching "$OUT"
}

# The attacker has to be as fast as the exec: the more often it tries, the surer it is.
execs() {
  local i
  for ((i = 0; i < $1; i++)); do rt exec --env TOKEN=secret-word "$ID" true </dev/null 3>&-; done
}

got_nothing() {
  lacks "$(cat "$OUT")" READ LEAK
}

@test "T39 exec: a payload that may trace everybody, and stops whoever comes, reaches no file of the host" {
  unlike crun "holds its cgroup's directory"
  capable CAP_SYS_PTRACE CAP_KILL
  attacker steal "$CANARY"
  execs 100
  got_nothing
}

@test "T40 exec: a payload without a capability reads nothing of the host or of the caller in /proc" {
  unlike crun "shows its command line"
  config '.process.user = {uid: 1000, gid: 1000} | .process.noNewPrivileges = true'
  capable
  config '.process.env += ["WORD=secret-word"]'
  attacker leak
  execs 60
  got_nothing
}

@test "T39 T40 exec: the same in a container with a user namespace of its own" {
  unlike "runc crun" "hangs where a process is stopped, or shows its command line"
  config '.process.env += ["WORD=secret-word"] | .linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' --argjson m "$MAPS"
  capable CAP_SYS_PTRACE CAP_KILL
  shell "racer steal $CANARY & exec racer leak"
  launch
  eventually eval '[ "$(grep -c watching "$OUT")" = 2 ]'
  execs 60
  got_nothing
}

# other JQ: a second bundle, of a container that ends at once.
other() {
  bundle "$OTHER" "$PEER"
  jq '.process.args = ["true"] | '"$1" --argjson m "$MAPS" --arg pid "/proc/$(pid_of)/ns/pid" "$OTHER/config.json" >"$OTHER/new"
  mv "$OTHER/new" "$OTHER/config.json"
}

@test "T41 create: a container that joins another one's pid namespace and has new ids is out of its root's reach" {
  unlike crun "is seen into"
  capable
  attacker look "$CANARY"
  other '.linux.namespaces |= (map(select(.type != "pid")) + [{type: "user"}, {type: "pid", path: $pid}]) | .linux.uidMappings = $m | .linux.gidMappings = $m
    | .mounts |= map(select(.destination != "/proc"))'
  local i
  for i in {1..60}; do rt run --bundle "$OTHER" "$PEER" </dev/null >/dev/null 3>&-; done
  got_nothing
}

@test "T40 create: the command line is not shown to a container whose pid namespace is joined" {
  unlike crun "shows it"
  config '.process.user = {uid: 1000, gid: 1000}'
  capable
  config '.process.env += ["WORD=secret-word"]'
  attacker leak
  other '.linux.namespaces |= (map(select(.type != "pid")) + [{type: "pid", path: $pid}])'
  ln -s "$OTHER" "$BATS_TEST_TMPDIR/secret-word"
  local i
  for i in {1..30}; do rt run --bundle "$BATS_TEST_TMPDIR/secret-word" "$PEER" </dev/null >/dev/null 3>&-; done
  lacks "$(cat "$OUT")" "LEAK cmdline"
}

@test "T41 create: root without a capability in the runtime's pid namespace sees into no container that gets new ids" {
  unlike "runc crun" "is seen into"
  capable
  config '.linux.namespaces |= map(select(.type != "pid")) | .process.args = ["racer", "look", $c] | .mounts |= map(if .destination == "/proc" then {destination: "/proc", source: "/proc", type: "none", options: ["rbind"]} else . end)' --arg c "$CANARY"
  bundle "$OTHER" "$PEER"
  jq '.process.args = ["true"] | .linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' \
    --argjson m "$MAPS" "$OTHER/config.json" >"$OTHER/new"
  mv "$OTHER/new" "$OTHER/config.json"
  # A pid namespace around them all: whatever else the machine does is none of this test's.
  try unshare --pid --fork --mount-proc bash -c '
    "$1" --root "$2" run -d --bundle "$3" "$4" </dev/null >"$5" 2>&1
    until grep -q watching "$5"; do sleep 0.1; done
    for i in {1..80}; do "$1" --root "$2" run --bundle "$6" "$7" </dev/null >/dev/null; done
    "$1" --root "$2" delete --force "$4"' - "$RUNTIME" "$ROOT" "$BUNDLE" "$ID" "$OUT" "$OTHER" "$PEER"
  exits 0
  got_nothing
}

@test "T43 exec: an init that moved to namespaces of its own is not followed there" {
  unlike "runc crun" "follows it"
  [ "$(cat /proc/sys/user/max_user_namespaces)" -gt 0 ] || skip "no user namespaces here"
  config '.process.user = {uid: 1000, gid: 1000} | .root.readonly = false'
  capable
  touch "$BUNDLE/rootfs/bin/target"
  chmod 755 "$BUNDLE/rootfs/bin/target"
  args racer stray /bin/target
  launch
  eventually grep -q strayed "$OUT"
  attempt exec --user 0:0 --cap CAP_SYS_ADMIN "$ID" target
  exits 255
  lacks "$output" owned
  has "$stderr" "init has left the" "namespace"
  no_phrase
}

@test "T43 exec: an init that moved to a mount namespace of its own is not followed there" {
  unlike "runc crun" "follows it"
  capable CAP_SYS_ADMIN
  launch_sleeping='unshare -m sh -c "echo moved; sleep 100"'
  shell "exec $launch_sleeping"
  launch
  eventually grep -q moved "$OUT"
  attempt exec "$ID" true
  exits 255
  has "$stderr" "init has left the mount namespace"
}

@test "T44 exec: a payload that stops whoever comes cannot hold the caller for ever" {
  unlike "runc crun" "hangs"
  capable CAP_SYS_PTRACE CAP_KILL
  attacker halt
  local i started=$SECONDS
  # The stop may come too late: when the program is there already it is the payload's to stop.
  for i in 1 2 3 4; do
    attempt exec -d "$ID" true
    [ "$status" = 0 ] || break
  done
  [ $((SECONDS - started)) -lt 15 ]
  if [ "$status" != 0 ]; then has "$stderr" "stopped the one that joins it"; fi
  is "$(status_of)" running
}

@test "T44 exec: it ends with its program's status also where a process of the container traces that and never takes its end" {
  config '.process.env += ["WORD=secret-word"] | .linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' --argjson m "$MAPS"
  capable CAP_SYS_PTRACE CAP_KILL
  attacker keep
  try timeout 20 "$RUNTIME" --root "$ROOT" exec "$ID" sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done; exit 7'
  exits 7
  has "$(cat "$OUT")" kept
}
