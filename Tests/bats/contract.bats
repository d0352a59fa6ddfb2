# The contract with engines and tools, where no other file has it: the number of a requirement, or the letter of an
# acceptance check, begins the title.
load helpers

@test "EN-1: the command line of conmon-rs: options of the whole repeated, exec with plain arguments" {
  config '.root.readonly = false'
  args sleep 100
  detached "$RUNTIME" --root="$ROOT" --root="$ROOT" create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
  rt start "$ID"
  detached "$RUNTIME" --root="$ROOT" --root="$ROOT" exec -d --pid-file="$BATS_TEST_TMPDIR/exec-pid" "$ID" sh -c 'echo "$PATH" >/tmp/path; sleep 100'
  eventually test -s "$BUNDLE/rootfs/tmp/path"
  is "$(cat "/proc/$(cat "$BATS_TEST_TMPDIR/exec-pid")/comm")" sleep
}

@test "EN-1: the command line of NVIDIA's toolkit: the bundle in every spelling" {
  local option
  for option in --bundle "-bundle" -b; do
    try "$RUNTIME" --root "$ROOT" --log /dev/null --log-format json run $option "$BUNDLE" "$ID" </dev/null
    exits 0
    try "$RUNTIME" --root "$ROOT" run $option="$BUNDLE" "$ID" </dev/null
    exits 0
  done
}

@test "EN-1: the command line of BuildKit: run --keep in the foreground, exec in the foreground, delete" {
  config '.root.readonly = false'
  shell 'while [ ! -e /tmp/stop ]; do sleep 0.02; done; exit 5'
  rt --log "$BATS_TEST_TMPDIR/log" --log-format json run --bundle "$BUNDLE" --keep "$ID" </dev/null >"$OUT" 2>&1 3>&- &
  local runtime=$!
  eventually has_status running
  echo '{"args": ["sh", "-c", "touch /tmp/stop; exit 3"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}' \
    >"$BATS_TEST_TMPDIR/process.json"
  attempt exec --process "$BATS_TEST_TMPDIR/process.json" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
  exits 3
  local code=0
  eventually '! kill -0 '"$runtime"
  wait "$runtime" || code=$?
  is "$code" 5
  has_status stopped
  rt delete "$ID"
}

@test "EN-1 EN-21: what Inspektor Gadget relies on: the pid file is new, a plain number, of a process with its own mounts" {
  args sleep 100
  create --pid-file "$BATS_TEST_TMPDIR/pid"
  matches "$(cat "$BATS_TEST_TMPDIR/pid")" '^[0-9]{1,32}$'
  [ "$(readlink "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ]
}

@test "EN-4: features and --version work for anybody, silently, and without a state root" {
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/apus"
  try setpriv --reuid 65534 --regid 65534 --clear-groups env -i "$BATS_TEST_TMPDIR/apus" --root /nonexistent features
  exits 0
  is "$stderr" ""
  try setpriv --reuid 65534 --regid 65534 --clear-groups env -i "$BATS_TEST_TMPDIR/apus" --version
  exits 0
  is "$stderr" ""
}

@test "EN-8: exit statuses: the program's, 128 and a signal's number, 1 for failures, 255 for those of exec" {
  shell 'exit 42'
  foreground
  exits 42
  config '.linux.namespaces |= map(select(.type != "pid"))'
  shell 'kill -KILL $$'
  foreground
  exits 137
  shell 'kill -SEGV $$'
  foreground
  exits 139
  attempt start unknown
  exits 1
  attempt exec unknown true
  exits 255
  attempt --no-such-option
  exits 1
}

@test "EN-9: create is complete when it returns: state, cgroup, pid file, hooks" {
  config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "sleep 0.2; cat >$mark"], env: ["mark=\($mark)"]}]' \
    --arg mark "$BATS_TEST_TMPDIR/mark"
  args sleep 100
  create --pid-file "$BATS_TEST_TMPDIR/pid"
  is "$(jq -r .id "$BATS_TEST_TMPDIR/mark")" "$ID"
  has_status created
  local pid
  pid=$(cat "$BATS_TEST_TMPDIR/pid")
  is "$(pid_of)" "$pid"
  has "$(cat "$CGROUP/cgroup.procs")" "$pid"
  [ -c "/proc/$pid/root/dev/null" ]
}

@test "EN-9: create that fails, early or late, leaves nothing, and no pid file" {
  unlike crun "leaves the cgroup"
  args sleep 100
  cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good.json"
  local filter
  for filter in '.mounts += [{destination: "/data", type: "no-such-filesystem", source: "none"}]' \
    '.linux.resources.unified = {"cgroup.no-such-file": "1"}' '.process.args = ["no-such-program"]' \
    '.hooks.createRuntime = [{path: "/bin/false"}]' '.hooks.createContainer = [{path: "/bin/false"}]'; do
    config "$filter"
    attempt create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
    exits 1
    eventually nothing_left
    [ ! -e "$BATS_TEST_TMPDIR/pid" ]
    cp "$BATS_TEST_TMPDIR/good.json" "$BUNDLE/config.json"
  done
  attempt create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/no/such/directory/pid" "$ID"
  exits 1
  eventually nothing_left
  # The id is free again.
  create
}

@test "EN-17 EN-K: update reads standard input however it is named, or a file, and changes only what they name" {
  unlike runc "leaves limits of huge pages out"
  grep -qw hugetlb "$CGROUP_MOUNT/cgroup.controllers" || skip "this host has no hugetlb controller on cgroup2"
  [ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "this host has no huge pages of 2 MB"
  limits() { find "$CGROUP" -name '*.max' ! -name 'hugetlb.2MB.*' -o -name '*.weight' | sort | xargs grep -H .; }
  resources() { echo "{\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": $1}]}"; }
  args sleep 100
  create
  resources 2097152 | rt update --resources=- "$ID"
  is "$(cat "$CGROUP/hugetlb.2MB.max")" 2097152
  local before
  before=$(limits)
  resources 4194304 | rt update --resources - "$ID"
  is "$(cat "$CGROUP/hugetlb.2MB.max")" 4194304
  resources 6291456 | rt update -r - "$ID"
  is "$(cat "$CGROUP/hugetlb.2MB.max")" 6291456
  resources 8388608 >"$BATS_TEST_TMPDIR/file"
  rt update --resources "$BATS_TEST_TMPDIR/file" "$ID"
  is "$(cat "$CGROUP/hugetlb.2MB.max")" 8388608
  is "$(limits)" "$before"
}

@test "EN-18 EN-C: create that is killed at any moment is repaired by delete --force" {
  args sleep 100
  local i pid
  for ((i = 0; i < 40; i++)); do
    "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" </dev/null >/dev/null 2>&1 3>&- &
    pid=$!
    sleep "0.00$((i % 10))$((RANDOM % 10))"
    kill -KILL "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || :
    attempt delete --force "$ID"
    exits 0
    is "$stderr" ""
    eventually nothing_left
  done
}

@test "EN-20: nothing of the environment or of the descriptors of the runtime is in the container, nor in its files" {
  export SECRET_OF_THE_CALLER=leak
  exec 8</dev/null
  shell 'env; ls /proc/self/fd; cat /proc/1/environ'
  foreground
  exec 8<&-
  exits 0
  lacks "$output" leak
  create
  finds_nothing -rq leak "$ROOT"
}

@test "EN-23: state.json has what tools read: id, pid, start time, cgroup, namespaces, mounts, labels" {
  config '.annotations = {"org.example.key": "value"}'
  args sleep 100
  launch
  local record=$ROOT/$ID/state.json
  is "$(jq -r .id "$record")" "$ID"
  is "$(jq -r .init_process_pid "$record")" "$(pid_of)"
  # The 22nd field, counted behind the name.
  is "$(jq -r .init_process_start "$record")" "$(sed 's/.*) //' "/proc/$(pid_of)/stat" | cut -d' ' -f20)"
  is "$(jq -r '.cgroup_paths[""]' "$record")" "$CGROUP"
  is "$(jq -r .namespace_paths.NEWNET "$record")" "/proc/$(pid_of)/ns/net"
  is "$(jq -r .config.rootfs "$record")" "$BUNDLE/rootfs"
  jq -e '.config.labels | (index("org.example.key=value") and any(startswith("bundle=")))' "$record" >/dev/null
  jq -e '.config.mounts | any(.destination == "/proc")' "$record" >/dev/null
}

@test "EN-24: under another name it does the same" {
  ln -s "$RUNTIME" "$BATS_TEST_TMPDIR/runc"
  shell 'echo named; cat /proc/self/cgroup'
  foreground
  local want=$output
  try "$BATS_TEST_TMPDIR/runc" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  is "$output" "$want"
}

@test "EN-D EN-14: delete --force needs neither an environment nor options of create" {
  args sleep 100
  launch
  rm -r "$BUNDLE/config.json"
  try env -i XDG_RUNTIME_DIR= "$RUNTIME" --root "$ROOT" delete -f "$ID"
  exits 0
  is "$output$stderr" ""
  nothing_left
}
