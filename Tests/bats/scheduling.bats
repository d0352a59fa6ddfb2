load helpers

# What the kernel keeps of a process and config.json says: scheduler, I/O priority, personality, memory.

# Policy, real-time priority and, where the policy has one, nice value: of a program that does not fork.
scheduled() {
  args awk '{ print $41, $40, ($41 == 0 || $41 == 3 ? $19 : "-") }' /proc/self/stat
}

# exec with a process file of the container's own, changed by a filter.
exec_with() {
  jq "$1" <<<"{\"cwd\": \"/\", \"args\": $(jq -c .process.args "$BUNDLE/config.json"), \"env\": [\"PATH=/bin\"]}" >"$BATS_TEST_TMPDIR/process"
  attempt exec --process "$BATS_TEST_TMPDIR/process" "$ID"
}

@test "SC-1 SC-2: policy and nice value, of init and of a process of exec" {
  scheduled
  config '.process.scheduler = {policy: "SCHED_BATCH", nice: 5}'
  prints '3 0 5'
  config '.process.scheduler = {policy: "SCHED_IDLE"}'
  prints '5 0 -'
  args sleep 100
  launch
  scheduled
  exec_with '.scheduler = {policy: "SCHED_OTHER", nice: 7}'
  exits 0
  is "$output" '0 0 7'
}

@test "SC-3: a real-time policy and its priority" {
  unlike runc "sets it after it gave up the right to"
  needs_capability 23 CAP_SYS_NICE
  scheduled
  config '.process.scheduler = {policy: "SCHED_FIFO", priority: 10, flags: ["SCHED_FLAG_RESET_ON_FORK"]}'
  prints '1 10 -'
  config '.process.scheduler = {policy: "SCHED_RR", priority: 99}'
  prints '2 99 -'
}

@test "SC-4 SC-5: a deadline, with its flags" {
  needs_capability 23 CAP_SYS_NICE
  scheduled
  local flags
  for flags in '[]' '["SCHED_FLAG_RESET_ON_FORK"]' '["SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN"]'; do
    config '.process.scheduler = {policy: "SCHED_DEADLINE", flags: $f, runtime: 1000000, deadline: 5000000, period: 10000000}' --argjson f "$flags"
    prints '6 0 -'
  done
}

@test "SC-4: a clamp of utilization, or the kernel's word that it has none" {
  scheduled
  config '.process.scheduler = {policy: "SCHED_OTHER", nice: 3, flags: ["SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX"]}'
  if [ -e /proc/sys/kernel/sched_util_clamp_min ]; then prints '0 0 3'; else is_peer || refused /process/scheduler EOPNOTSUPP; fi
}

@test "IO-1: the I/O priority, of init and of a process of exec" {
  args ionice
  config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 3}'
  prints 'best-effort: prio 3'
  config '.process.ioPriority.class = "IOPRIO_CLASS_IDLE"'
  foreground
  has "$output" idle
  args sleep 100
  launch
  args ionice
  exec_with '.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
  exits 0
  is "$output" 'best-effort: prio 6'
}

@test "LX-6: the personality, of init and of a process of exec" {
  local name
  name=$(setarch linux32 uname -m)
  [ "$name" != "$(uname -m)" ] || skip "this machine has one name"
  config '.linux.personality = {domain: "LINUX32"}'
  args uname -m
  prints "$name"
  args sleep 100
  launch
  attempt exec "$ID" uname -m
  is "$output" "$name"
}

@test "LX-8 MP-1: the memory policy, of init and of a process of exec" {
  unlike runc "does not know it before 1.4"
  [ -e /proc/self/numa_maps ] || skip "this kernel has no memory policies"
  args awk 'NR == 1 { print $2 }' /proc/self/numa_maps
  config '.linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: "0"}'
  prints interleave:0
  config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
  prints bind=static:0
  config '.linux.memoryPolicy = {mode: "MPOL_PREFERRED", nodes: "0"}'
  args sleep 100
  launch
  attempt exec "$ID" awk 'NR == 1 { print $2 }' /proc/self/numa_maps
  is "$output" prefer:0
}
