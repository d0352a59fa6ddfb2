load helpers

# busy: the container's program computes for ever.
busy() {
  shell 'while :; do :; done'
}

# used CGROUP: the processor time that it used, in microseconds.
used() {
  sed -n 's/^usage_usec //p' "$1/cpu.stat"
}

# compare: how much the two containers compute in the same two seconds: OWN and OTHER.
compare() {
  local own other
  own=$(used "$CGROUP") other=$(used "$SECOND")
  sleep 2
  OWN=$(($(used "$CGROUP") - own)) OTHER=$(($(used "$SECOND") - other))
}

@test "RS-9 13.4: cpu.shares is cpu.weight by the curve of the kernel's defaults" {
  local shares weight
  while read -r shares weight; do
    resources "{\"cpu\": {\"shares\": $shares}}"
    create
    is "$(file cpu.weight)" "$weight"
    rt delete --force "$ID"
  done <<<'2 1
512 59
1024 100
262144 10000'
}

# bats test_tags=kernel
@test "RS-9: of two containers on one processor the one with more shares computes more" {
  busy
  resources '{"cpu": {"shares": 4096, "cpus": "0"}}'
  launch
  second busy '{"cpu": {"shares": 256, "cpus": "0"}}'
  outweighs 3
}

# bats test_tags=kernel
@test "RS-10: cpu.quota and cpu.period are cpu.max, and a loop gets its share" {
  busy
  resources '{"cpu": {"quota": 20000, "period": 100000}}'
  launch
  is "$(file cpu.max)" "20000 100000"
  local before
  before=$(used "$CGROUP")
  sleep 2
  local part=$((($(used "$CGROUP") - before) / 20000))
  { [ "$part" -ge 8 ] && [ "$part" -le 32 ]; } || fail "$part per cent of a processor"
  [ "$(value nr_throttled cpu.stat)" -gt 5 ]
}

@test "RS-10: a period alone has no quota, and a negative quota is none" {
  resources '{"cpu": {"period": 50000}}'
  create
  is "$(file cpu.max)" "max 50000"
  rt delete --force "$ID"
  resources '{"cpu": {"quota": -1, "period": 50000}}'
  create
  is "$(file cpu.max)" "max 50000"
}

# bats test_tags=kernel
@test "RS-11: cpu.burst is cpu.max.burst, and what an idle time saved is used" {
  shell 'sleep 1; while :; do :; done'
  resources '{"cpu": {"quota": 20000, "period": 100000, "burst": 20000}}'
  launch
  is "$(file cpu.max.burst)" 20000
  eventually '[ "$(value nr_bursts cpu.stat)" -gt 0 ]'
}

@test "RS-11: a burst above the quota is refused" {
  resources '{"cpu": {"quota": 20000, "period": 100000, "burst": 30000}}'
  refused /linux/resources/cpu/burst
}

# bats test_tags=kernel
@test "RS-14: an idle container computes when no other does" {
  busy
  resources '{"cpu": {"cpus": "0"}}'
  launch
  second busy '{"cpu": {"idle": 1, "cpus": "0"}}'
  is "$(cat "$SECOND/cpu.idle")" 1
  outweighs 10
  # Beside a busy one it would hardly get to its end.
  rt delete --force "$ID"
}

# bats test_tags=kernel
@test "RS-13: cpu.cpus and cpu.mems are cpuset's, and the program sees them" {
  shell 'grep _allowed_list: /proc/self/status'
  resources '{"cpu": {"cpus": "1", "mems": "0"}}'
  create
  is "$(file cpuset.cpus)" 1
  is "$(file cpuset.mems)" 0
  start
  eventually has_status stopped
  has "$(cat "$OUT")" $'Cpus_allowed_list:\t1' $'Mems_allowed_list:\t0'
}

@test "RS-13: a processor that is not there is refused" {
  resources '{"cpu": {"cpus": "7"}}'
  refused /linux/resources/cpu/cpus
}

@test "RS-12: realtime limits are refused with a reason" {
  resources '{"cpu": {"realtimeRuntime": 950000}}'
  refused /linux/resources/cpu/realtimeRuntime "cgroup v2 has no such limit"
  config 'del(.linux.resources.cpu)'
  resources '{"cpu": {"realtimePeriod": 1000000}}'
  refused /linux/resources/cpu/realtimePeriod "cgroup v2 has no such limit"
}
