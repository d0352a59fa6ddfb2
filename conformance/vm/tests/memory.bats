load helpers

MIB=1048576

# eats MIB: a process of the container touches so much memory at once, and tells how it went.
eats() {
  shell "dd if=/dev/zero of=/dev/null bs=${1}M count=1 2>/dev/null && echo fits || echo killed; exec sleep 100"
}

# runs WORD: starts the container, whose process says WORD in the end.
runs() {
  start
  eventually grep -qx "$1" "$OUT"
}

# bats test_tags=kernel
@test "RS-1: memory.limit is memory.max, and a program that needs more is killed" {
  resources '{"memory": {"limit": 25165824, "swap": 25165824}}'
  eats 48
  create
  is "$(file memory.max)" 25165824
  runs killed
  [ "$(value oom_kill memory.events)" -ge 1 ]
}

# Without a limit the kernel charges 64 pages at a time, 256 KiB, for each processor: a limit below that, set when init had begun,
# had it killed for them every other time.
# bats test_tags=cgroupfs
@test "RS-1: a memory.limit smaller than what the kernel charges ahead ends no init" {
  local i
  resources '{"memory": {"limit": 245760, "swap": 245760}}'
  args /bin/busybox true
  for i in {1..12}; do
    foreground
    exits 0
  done
}

@test "RS-1: a program that needs less than memory.limit runs" {
  resources '{"memory": {"limit": 67108864}}'
  eats 40
  create
  runs fits
}

@test "RS-1: a memory.limit of -1 or 0 is none" {
  resources '{"memory": {"limit": -1}}'
  create
  is "$(file memory.max)" max
  is "$(file memory.swap.max)" max
  rt delete --force "$ID"
  resources '{"memory": {"limit": 0, "swap": 0, "reservation": 0}}'
  create
  is "$(file memory.max)" max
}

# holds: the container's program keeps 24 MiB, which could be swapped out.
holds() {
  shell 'dd if=/dev/zero of=/dev/shm/x bs=1M count=24 2>/dev/null; exec sleep 100'
}

# bats test_tags=kernel
@test "RS-2: memory.reservation is memory.low, and what it protects stays when memory is taken from those beside it" {
  holds
  resources '{"memory": {"reservation": 33554432}}'
  launch
  is "$(file memory.low)" 33554432
  second holds '{}'
  eventually '[ "$(value shmem memory.stat)" -ge $((24 * MIB)) ]'
  eventually '[ "$(sed -n "s/^shmem //p" "$SECOND/memory.stat")" -ge $((24 * MIB)) ]'
  # As if there were too little of it above the two.
  echo 12M >"${CGROUP%/*}/memory.reclaim"
  local other
  other=$(cat "$SECOND/memory.swap.current")
  [ "$other" -ge $((8 * MIB)) ] || fail "only $other bytes were taken from the other"
  is "$(file memory.swap.current)" 0
}

# bats test_tags=kernel
@test "RS-3: memory.swap less memory.limit is memory.swap.max, and that much more fits" {
  resources "{\"memory\": {\"limit\": $((24 * MIB)), \"swap\": $((72 * MIB))}}"
  eats 40
  create
  is "$(file memory.swap.max)" $((48 * MIB))
  runs fits
  is "$(value oom_kill memory.events)" 0
}

@test "RS-3: a memory.swap that equals memory.limit is no swap" {
  resources "{\"memory\": {\"limit\": $((24 * MIB)), \"swap\": $((24 * MIB))}}"
  eats 40
  create
  is "$(file memory.swap.max)" 0
  runs killed
  [ "$(value oom_kill memory.events)" -ge 1 ]
}

@test "RS-3: a memory.swap of -1 is swap without a limit, one below memory.limit is refused, and one alone too" {
  resources "{\"memory\": {\"limit\": $((24 * MIB)), \"swap\": -1}}"
  create
  is "$(file memory.swap.max)" max
  rt delete --force "$ID"
  resources '{"memory": {"limit": 8388608, "swap": 4194304}}'
  refused /linux/resources/memory/swap "less than"
  resources '{"memory": {"swap": 4194304}}'
  refused /linux/resources/memory/swap limit
}

@test "RS-0 RS-4 RS-5 RS-6: what cgroup v2 cannot limit is refused by name" {
  local member
  for member in '"kernel": 1048576' '"kernelTCP": 1048576' '"swappiness": 60' '"disableOOMKiller": true'; do
    config '.linux.resources.memory = $m' --argjson m "{$member}"
    refused "/linux/resources/memory/$(cut -d'"' -f2 <<<"$member")"
  done
}

# bats test_tags=kernel
@test "UN-1: memory.high in unified holds a program up, memory.oom.group ends a container whole" {
  resources '{"unified": {"memory.high": "16777216"}, "memory": {"limit": 67108864}}'
  eats 32
  create
  is "$(file memory.high)" 16777216
  start
  eventually '[ "$(value high memory.events)" -gt 0 ]'
  # What is held up may take long to die.
  echo max >"$CGROUP/memory.high"
  rt delete --force "$ID"
  resources '{"unified": {"memory.oom.group": "1"}, "memory": {"limit": 25165824, "swap": 25165824}}'
  eats 48
  : >"$OUT"
  create
  is "$(file memory.oom.group)" 1
  start
  eventually has_status stopped
  is "$(cat "$OUT")" ""
}

# bats test_tags=kernel
@test "2.3: a container that was OOM-killed says which limit it was, in state and when its start fails" {
  # systemd removes the cgroup of a container that ended, and what it counted.
  if [ "$MANAGER" = cgroupfs ]; then
    resources "{\"memory\": {\"limit\": $((16 * MIB)), \"swap\": $((16 * MIB))}}"
    args dd if=/dev/zero of=/dev/null bs=64M count=1
    launch
    eventually has_status stopped
    has "$(rt state "$ID" | jq -r .outOfMemory)" "${CGROUP#"$CGROUP_MOUNT"}" "limit of $((16 * MIB)) bytes"
    rt delete "$ID"
  fi
  resources '{"memory": {"limit": 65536, "swap": 65536}}'
  attempt --cgroup-manager="$MANAGER" run --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" "the OOM killer killed" "limit of 65536 bytes"
}
