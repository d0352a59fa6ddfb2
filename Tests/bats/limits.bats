load helpers

# What can be seen of limits on any host; conformance/vm has the others, where every controller is at hand.

huge_pages() {
  grep -qw hugetlb "$CGROUP_MOUNT/cgroup.controllers" || skip "this host has no hugetlb controller on cgroup2"
  [ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "this host has no huge pages of 2 MB"
}

@test "EN-17 EN-K: update limits what create did not, records it, and takes everything back when one part fails" {
  unlike "runc crun" "differ in what they record"
  huge_pages
  args sleep 100
  launch
  echo '{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}' | rt update --resources=- "$ID"
  is "$(cat "$CGROUP/hugetlb.2MB.max")" 4194304
  echo '{"hugepageLimits": [{"pageSize": "2MB", "limit": 2097152}], "unified": {"hugetlb.2MB.nothing": "1"}}' \
    >"$BATS_TEST_TMPDIR/bad.json"
  attempt update --resources "$BATS_TEST_TMPDIR/bad.json" "$ID"
  exits 1
  has "$stderr" /unified/hugetlb.2MB.nothing
  no_phrase
  is "$(cat "$CGROUP/hugetlb.2MB.max")" 4194304
  is "$(jq -c .resources.hugepageLimits "$ROOT/$ID/state.json")" '[{"pageSize":"2MB","limit":4194304}]'
}

@test "EN-17: the rules for devices that the container has may come with every update; others are a warning" {
  unlike "runc crun" "differ in what they say"
  args sleep 100
  launch
  jq '{devices: .linux.resources.devices}' "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/same.json"
  for _ in 1 2; do
    attempt --log-level warning update --resources "$BATS_TEST_TMPDIR/same.json" "$ID"
    exits 0
    is "$stderr" ""
  done
  jq -c '.devices += [{allow: true, type: "a"}]' "$BATS_TEST_TMPDIR/same.json" >"$BATS_TEST_TMPDIR/other.json"
  attempt --log-level warning update --resources "$BATS_TEST_TMPDIR/other.json" "$ID"
  exits 0
  has "$stderr" "resources /devices: device rules are not changed by an update"
}

@test "an update of a stopped container, or with what is no resources object, is refused" {
  unlike "runc crun" "have other words"
  args true
  launch
  eventually has_status stopped
  attempt update --pids-limit 5 "$ID"
  exits 1
  has "$stderr" "container not running"
  echo '{"pids": {"limit": "5"}}' >"$BATS_TEST_TMPDIR/bad.json"
  attempt update --resources "$BATS_TEST_TMPDIR/bad.json" "$ID"
  exits 1
  has "$stderr" "resources /pids/limit"
}

@test "events is one JSON object a line, at every interval, and ends with the container" {
  unlike crun "has no such command"
  args sleep 100
  launch
  attempt events --stats "$ID"
  exits 0
  is "$(jq -c '[.type, .data.cpu.usage.total > 0]' <<<"$output")" '["stats",true]'
  rt events --interval 100ms "$ID" >"$OUT.events" 3>&- &
  BACKGROUND+=($!)
  eventually '[ "$(wc -l <"$OUT.events")" -ge 2 ]'
  rt kill "$ID" KILL
  wait "${BACKGROUND[0]}"
  BACKGROUND=()
}

@test "times and sizes that no limit and no clock has are refused, not a trap" {
  unlike "runc crun" "have other options"
  args sleep 100
  launch
  local value option
  for value in 9223372036854775807ns 2562047h 8760h1ns; do
    attempt events --interval "$value" "$ID"
    exits 1
    has "$stderr" "--interval" "up to a year"
  done
  for option in $(rt update --help | sed -n 's/^ .* --\([a-z0-9-]*\) \(BYTES\|USEC\|N\|0|1\) .*/\1/p'); do
    for value in 0 -1 -2 1 9223372036854775807 -9223372036854775808 18446744073709551615 8388607t; do
      attempt update "--$option" "$value" "$ID"
      [[ $status = [01] ]] || fail "--$option $value: exit status $status"
      lacks "$stderr" "ended by signal"
      # Both at once, where one is reckoned from the other.
      attempt update --memory 1m --memory-swap -1 --cpu-period 100000 --cpu-quota -1 "--$option" "$value" "$ID"
      [[ $status = [01] ]] || fail "--$option $value: exit status $status"
      lacks "$stderr" "ended by signal"
    done
  done
  [ -n "$option" ]
}

@test "without a bus the systemd manager says so, and nothing is left" {
  unlike "runc crun" "have other words"
  args true
  config '.linux.cgroupsPath = ":apus:" + $id' --arg id "$ID"
  export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent
  attempt --systemd-cgroup create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" systemd "message bus"
  no_phrase
  nothing_left
  config '.linux.cgroupsPath = "/no/unit"'
  attempt --cgroup-manager=systemd create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" /linux/cgroupsPath slice:prefix:name
}

@test "a bus that accepts nobody is given up, and a signal ends the wait for it" {
  unlike "runc crun" "wait for ever"
  local bus=$BATS_TEST_TMPDIR/bus began=$SECONDS
  python3 -c '
import socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(0)
callers = []
try:
    while True:
        callers.append(socket.socket(socket.AF_UNIX))
        callers[-1].setblocking(False)
        callers[-1].connect(sys.argv[1])
except BlockingIOError:
    open(sys.argv[1] + ".full", "w")
    time.sleep(60)' "$bus" 3>&- &
  BACKGROUND+=($!)
  eventually test -e "$bus.full"
  args true
  config '.linux.cgroupsPath = ":apus:" + $id' --arg id "$ID"
  export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$bus
  try timeout --preserve-status 1 "$RUNTIME" --root "$ROOT" --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null
  exits 143
  [ $((SECONDS - began)) -lt 8 ]
  nothing_left
  attempt --systemd-cgroup create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" "message bus" ETIMEDOUT
  nothing_left
}

@test "update of the schemata of a container without a resctrl group of its own is refused, and changes nothing" {
  unlike "runc crun" "say that the host has none"
  args sleep 1000
  launch
  attempt update --l3-cache-schema 'L3:0=f' --pids-limit 7 "$ID"
  exits 1
  has "$stderr" /linux/intelRdt "no group of resctrl"
  echo '{"pids": {"limit": 7}}' >"$BATS_TEST_TMPDIR/r"
  attempt update --mem-bw-schema 'MB:0=10' --resources "$BATS_TEST_TMPDIR/r" "$ID"
  exits 1
  lacks "$(cat "$ROOT/$ID/state.json")" '"limit":7'
}

@test "a list that cannot be read is an error, and not empty" {
  is_peer && skip "needs other numbers of descriptors"
  args sleep 100
  launch
  local most
  for most in 4 5 6 7; do
    try prlimit --nofile="$most:$most" "$RUNTIME" --root "$ROOT" list --format json
    [ "$status" -ne 0 ] || [ "$(jq length <<<"$output")" = 1 ] || fail "$most: $status $output"
  done
}

@test "a caller whose own cgroup cannot be read gets no container at the root of the hierarchy" {
  is_peer && skip "answers a call of apus"
  command -v strace >/dev/null || skip "strace is not installed"
  config 'del(.linux.cgroupsPath)'
  for error in EMFILE ENFILE EIO ENOMEM; do
    try strace -qq -o /dev/null -P /proc/self/cgroup -e trace=openat,openat2 -e inject=openat,openat2:error="$error" \
      "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null
    [ "$status" -ne 0 ] || fail "$error: created"
    has "$stderr" /proc/self/cgroup
  done
}
