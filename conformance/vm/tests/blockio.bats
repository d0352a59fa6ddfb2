load helpers

# /dev/vdd and /dev/vde, which nothing else uses. The second is slow: who reads it waits for it, however slow the machine is.
DISK=254:48 SLOW=254:64

# allow DISK: the container's program has it as /dev/disk.
allow() {
  config '.linux.devices = [{"path": "/dev/disk", "type": "b", "major": 254, "minor": $n, "fileMode": 438}]
    | .linux.resources.devices += [{"allow": true, "type": "b", "major": 254, "minor": $n, "access": "rw"}]' --argjson n "${1#*:}"
}

# moves OPTION…: the container's program reads the disk past the page cache, writes as much, and tells the time before,
# between and after.
moves() {
  allow "$DISK"
  shell "now() { cut -d ' ' -f 1 /proc/uptime; }
    now; dd if=/dev/disk of=/dev/null iflag=direct $* 2>/dev/null
    now; dd if=/dev/zero of=/dev/disk oflag=direct $* 2>/dev/null
    now; exec sleep 100"
}

# slowly: neither took less than a second and a half.
slowly() {
  eventually '[ "$(wc -l <"$OUT")" = 3 ]'
  awk 'NR > 1 && $1 - last < 1.5 { exit 1 } { last = $1 }' "$OUT" || fail "read and written at $(tr '\n' ' ' <"$OUT")"
}

# moved DISK KEY [CGROUP]: what io.stat counted for the disk.
moved() {
  sed -n "s/^$1 .*$2=\([0-9]*\).*/\1/p" "${3:-$CGROUP}/io.stat"
}

# reader: the container's program reads the slow disk for ever.
reader() {
  allow "$SLOW"
  shell 'while :; do dd if=/dev/disk of=/dev/null bs=16k iflag=direct 2>/dev/null; done'
}

# compare: how often two containers read in the same five seconds: OWN and OTHER.
compare() {
  eventually '[ "$(moved "$SLOW" rios)" -gt 0 ] && [ "$(moved "$SLOW" rios "$SECOND")" -gt 0 ]'
  local own other
  own=$(moved "$SLOW" rios) other=$(moved "$SLOW" rios "$SECOND")
  sleep 5
  OWN=$(($(moved "$SLOW" rios) - own)) OTHER=$(($(moved "$SLOW" rios "$SECOND") - other))
}

# What weighs, where a test chose it; without BFQ again the weights are io.weight's.
local_teardown() {
  echo none >/sys/block/vde/queue/scheduler
  echo "$SLOW enable=0" >"$CGROUP_MOUNT/io.cost.qos"
  modprobe -r bfq
}

# bats test_tags=kernel
@test "RS-19: throttles are lines of io.max, and reads and writes take their time" {
  moves bs=64k count=32
  resources '{"blockIO": {"throttleReadBpsDevice": [{"major": 254, "minor": 48, "rate": 1048576}],
    "throttleWriteBpsDevice": [{"major": 254, "minor": 48, "rate": 1048576}],
    "throttleReadIOPSDevice": [{"major": 254, "minor": 48, "rate": 1000}],
    "throttleWriteIOPSDevice": [{"major": 254, "minor": 48, "rate": 2000}]}}'
  create
  is "$(file io.max)" "$DISK rbps=1048576 wbps=1048576 riops=1000 wiops=2000"
  start
  slowly
  is "$(moved "$DISK" rbytes) $(moved "$DISK" wbytes)" "2097152 2097152"
}

# bats test_tags=kernel
@test "RS-19: operations are throttled as well as bytes" {
  moves bs=4k count=40
  resources '{"blockIO": {"throttleReadIOPSDevice": [{"major": 254, "minor": 48, "rate": 20}],
    "throttleWriteIOPSDevice": [{"major": 254, "minor": 48, "rate": 20}]}}'
  launch
  slowly
}

@test "RS-19: a throttle of a device that is not there is refused" {
  resources '{"blockIO": {"throttleReadBpsDevice": [{"major": 240, "minor": 7, "rate": 1048576}]}}'
  refused /linux/resources/blockIO/throttleReadBpsDevice/0 "no such device: "
}

# bats test_tags=kernel
@test "RS-16 RS-18: without BFQ weights are io.weight's, and the cost model divides the disk by them" {
  # A disk that does six operations a second, whatever they are.
  echo "$SLOW ctrl=user model=linear rbps=10485760 rseqiops=6 rrandiops=6 wbps=10485760 wseqiops=6 wrandiops=6" \
    >"$CGROUP_MOUNT/io.cost.model"
  echo "$SLOW enable=1 ctrl=user rpct=0 rlat=0 wpct=0 wlat=0 min=100.00 max=100.00" >"$CGROUP_MOUNT/io.cost.qos"
  reader
  resources '{"blockIO": {"weight": 500, "weightDevice": [{"major": 254, "minor": 64, "weight": 1000}]}}'
  launch
  is "$(file io.weight)" $'default 4950\n'"$SLOW 10000"
  second reader '{"blockIO": {"weight": 100}}'
  is "$(cat "$SECOND/io.weight")" "default 910"
  outweighs 3
}

# bats test_tags=kernel
@test "RS-16 RS-18: weights are BFQ's where it is there, for each device and for the others" {
  modprobe bfq
  echo bfq >/sys/block/vde/queue/scheduler
  # In milliseconds: how long it waits for the next operation of the one whose turn it is. Who just began is not preferred.
  echo 300 >/sys/block/vde/queue/iosched/slice_idle
  echo 0 >/sys/block/vde/queue/iosched/low_latency
  reader
  resources '{"blockIO": {"weight": 300, "weightDevice": [{"major": 254, "minor": 64, "weight": 1000}]}}'
  launch
  has "$(file io.bfq.weight)" "default 300" "$SLOW 1000"
  second reader '{"blockIO": {"weight": 50}}'
  has "$(cat "$SECOND/io.bfq.weight")" "default 50"
  outweighs 2
}

@test "RS-17: a weight for leaves is refused, and one out of range" {
  resources '{"blockIO": {"leafWeight": 500}}'
  refused /linux/resources/blockIO/leafWeight
  config 'del(.linux.resources.blockIO)'
  resources '{"blockIO": {"weight": 5}}'
  refused /linux/resources/blockIO/weight "10 to 1000"
}

@test "RS-0: an empty blockIO asks for nothing" {
  resources '{"blockIO": {}}'
  create
}
