load helpers

MIB=1048576

# The devices have weights where the kernel shares them out by cost.
weigh() {
  echo "254:64 enable=1" >"$CGROUP_MOUNT/io.cost.qos"
}

local_teardown() {
  echo "254:64 enable=0" >"$CGROUP_MOUNT/io.cost.qos"
}

# update OPTION…: changes limits, without a word of the manager.
update() {
  rt update "$@" "$ID" 3>&-
}

@test "1.12: update changes what it names and nothing else, and the change is felt" {
  shell 'while :; do :; done'
  resources "{\"memory\": {\"limit\": $((64 * MIB)), \"swap\": $((96 * MIB))}, \"pids\": {\"limit\": 50}}"
  launch
  update --cpu-quota 10000 --cpu-period 50000
  is "$(file cpu.max)" "10000 50000"
  is "$(file memory.max)" $((64 * MIB))
  is "$(file pids.max)" 50
  eventually '[ "$(value nr_throttled cpu.stat)" -gt 2 ]'
  # The other half is the last one that was given.
  update --cpu-quota 20000
  is "$(file cpu.max)" "20000 50000"
  update --memory $((80 * MIB))
  is "$(file memory.max) $(file memory.swap.max)" "$((80 * MIB)) $((16 * MIB))"
  update --memory -1
  is "$(file memory.max) $(file memory.swap.max)" "max max"
  update --cpu-quota -1
  is "$(file cpu.max)" "max 50000"
}

# bats test_tags=kernel
@test "1.12: every option of update reaches its file" {
  create
  update --memory-reservation 32m --pids-limit 7 --cpu-share 512 --cpuset-cpus 0-1 --cpuset-mems 0 \
    --cpu-burst 1000 --cpu-quota 50000 --blkio-weight 500 --kernel-memory 1m --kernel-memory-tcp 1m
  is "$(file memory.low) $(file pids.max) $(file cpu.weight) $(file cpu.max.burst)" "$((32 * MIB)) 7 59 1000"
  is "$(file cpuset.cpus) $(file cpuset.mems) $(file io.weight)" "0-1 0 default 4950"
  update --memory 64m --memory-swap 80m
  is "$(file memory.max) $(file memory.swap.max)" "$((64 * MIB)) $((16 * MIB))"
  update --cpu-idle 1
  is "$(file cpu.idle)" 1
  update --cpu-idle 0 --cpu-share 1024
  is "$(file cpu.idle) $(file cpu.weight)" "0 100"
  local option
  for option in --cpu-rt-period=1000000 --cpu-rt-runtime=950000 --l3-cache-schema=L3:0=f --mem-bw-schema=MB:0=70; do
    attempt update "$option" "$ID"
    exits 1
    no_phrase
  done
}

@test "1.12 k: update takes a resources object from a file or from standard input" {
  create
  echo '{"pids": {"limit": 9}, "unified": {"memory.high": "33554432"}}' >"$BATS_TEST_TMPDIR/r.json"
  update --resources "$BATS_TEST_TMPDIR/r.json"
  is "$(file pids.max) $(file memory.high)" "9 33554432"
  echo '{"cpu": {"shares": 512}}' | rt update --resources=- "$ID"
  is "$(file cpu.weight) $(file pids.max)" "59 9"
  echo '{"cpu": {"shares": 2}}' | rt update --resources - "$ID"
  is "$(file cpu.weight)" 1
}

@test "1.12: an update that fails takes back what it changed, and is not recorded" {
  resources "{\"pids\": {\"limit\": 50}, \"cpu\": {\"cpus\": \"0\"}}"
  create
  try "$RUNTIME" --root "$ROOT" update --pids-limit 9 --memory 64m --cpuset-cpus 77 "$ID"
  exits 1
  has "$stderr" /cpu/cpus
  no_phrase
  is "$(file pids.max) $(file memory.max) $(file cpuset.cpus)" "50 max 0"
  update --cpu-share 512
  is "$(file pids.max)" 50
}

# bats test_tags=kernel
@test "1.12: an update that fails restores the weight of a container that became idle, a device's and systemd's" {
  weigh
  resources '{"cpu": {"shares": 512}}'
  create
  local before
  before=$(file io.weight; file cpuset.cpus.effective)
  # The last one is what the kernel refuses.
  echo '{"cpu": {"idle": 1, "cpus": "0"}, "memory": {"limit": 67108864},
    "blockIO": {"weight": 500, "weightDevice": [{"major": 254, "minor": 64, "weight": 700}]},
    "unified": {"memory.high": "many"}}' >"$BATS_TEST_TMPDIR/r.json"
  attempt update --resources "$BATS_TEST_TMPDIR/r.json" "$ID"
  exits 1
  has "$stderr" /unified/memory.high
  is "$(file cpu.idle) $(file cpu.weight) $(file memory.max)" "0 59 max"
  is "$(file io.weight; file cpuset.cpus.effective)" "$before"
  if [ "$MANAGER" = systemd ]; then
    has "$(systemctl show --property CPUWeight,MemoryMax,AllowedCPUs,IOWeight "t-$ID.scope")" \
      CPUWeight=59 MemoryMax=infinity IOWeight=100
    is "$(systemctl show --property AllowedCPUs "t-$ID.scope")" AllowedCPUs=
    systemctl daemon-reload
    is "$(file cpu.idle) $(file cpu.weight) $(file memory.max)" "0 59 max"
  fi
}

# bats test_tags=kernel
@test "1.12 RS-14: a container that is no longer idle has its weight again" {
  resources '{"cpu": {"shares": 512}}'
  create
  update --cpu-idle 1
  is "$(file cpu.idle)" 1
  update --cpu-idle 0
  is "$(file cpu.idle) $(file cpu.weight)" "0 59"
  if [ "$MANAGER" = systemd ]; then
    systemctl daemon-reload
    is "$(file cpu.idle) $(file cpu.weight)" "0 59"
  fi
}

# bats test_tags=kernel
@test "1.12 RS-18 RS-19: weights and rates of single devices are changed and taken back" {
  weigh
  create
  echo '{"blockIO": {"weightDevice": [{"major": 254, "minor": 64, "weight": 500}],
    "throttleReadIOPSDevice": [{"major": 254, "minor": 48, "rate": 100}],
    "throttleWriteIOPSDevice": [{"major": 254, "minor": 48, "rate": 200}]}}' | rt update --resources - "$ID"
  has "$(file io.weight)" "254:64 4950"
  is "$(file io.max)" "254:48 rbps=max wbps=max riops=100 wiops=200"
  echo '{"blockIO": {"weightDevice": [{"major": 254, "minor": 64, "weight": 0}],
    "throttleReadIOPSDevice": [{"major": 254, "minor": 48, "rate": 0}]}}' | rt update --resources - "$ID"
  lacks "$(file io.weight)" 254:64
  is "$(file io.max)" "254:48 rbps=max wbps=max riops=max wiops=200"
}

@test "RS-8: with checkBeforeUpdate a limit below what is in use is refused" {
  shell 'dd if=/dev/zero of=/dev/shm/x bs=1M count=24 2>/dev/null; echo full; exec sleep 100'
  launch
  eventually grep -qx full "$OUT"
  echo '{"memory": {"limit": 8388608, "checkBeforeUpdate": true}}' >"$BATS_TEST_TMPDIR/r.json"
  try "$RUNTIME" --root "$ROOT" update --resources "$BATS_TEST_TMPDIR/r.json" "$ID"
  exits 1
  has "$stderr" /memory/limit "in use"
  is "$(file memory.max)" max
}

@test "1.12: a stopped container has no limits to change" {
  args true
  launch
  eventually has_status stopped
  try "$RUNTIME" --root "$ROOT" update --pids-limit 5 "$ID"
  exits 1
  has "$stderr" "container not running"
}

# bats test_tags=kernel
@test "1.11: events --stats is one object of runc's shape" {
  shell 'while :; do :; done'
  resources "{\"memory\": {\"limit\": $((64 * MIB))}, \"pids\": {\"limit\": 50},
    \"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 4194304}]}"
  launch
  rt events --stats "$ID" >"$OUT.stats"
  is "$(wc -l <"$OUT.stats")" 1
  is "$(jq -c '[.type, .data.memory.usage.limit, .data.pids.limit, .data.pids.current]' "$OUT.stats")" \
    "[\"stats\",$((64 * MIB)),50,1]"
  jq -e '.data | .cpu.usage.total > 0 and .memory.usage.usage > 0 and (.memory.raw | has("anon"))
    and (.cpu.psi.some.avg10 | type == "number") and (.hugetlb | has("2MB"))' "$OUT.stats"
}

# bats test_tags=kernel
@test "1.11: events tells each kill for memory, samples at every interval, and ends with the container" {
  resources "{\"memory\": {\"limit\": $((16 * MIB)), \"swap\": $((16 * MIB))}}"
  shell 'read x </tmp/go; dd if=/dev/zero of=/dev/null bs=48M count=1; sleep 2'
  mkfifo "$BUNDLE/rootfs/tmp/go"
  launch
  rt events --interval 500ms "$ID" >"$OUT.events" 3>&- &
  BACKGROUND+=($!)
  eventually grep -q '"stats"' "$OUT.events"
  echo >"$BUNDLE/rootfs/tmp/go"
  eventually grep -q '"oom"' "$OUT.events"
  is "$(grep -c '"oom"' "$OUT.events")" 1
  wait "${BACKGROUND[0]}"
  BACKGROUND=()
}
