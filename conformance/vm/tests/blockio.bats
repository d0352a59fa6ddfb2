load helpers

# /dev/vdd, the disk that nothing else uses.
DISK=254:48

allow_disk() {
  config '.linux.devices = [{"path": "/dev/disk", "type": "b", "major": 254, "minor": 48, "fileMode": 438}]
    | .linux.resources.devices += [{"allow": true, "type": "b", "major": 254, "minor": 48, "access": "rw"}]'
}

# reads OPTION…: the container's program reads the disk past the page cache.
reads() {
  allow_disk
  shell "dd if=/dev/disk of=/dev/null iflag=direct $* 2>/dev/null; echo done; exec sleep 100"
}

# moved KEY: what io.stat counted for the disk.
moved() {
  sed -n "s/^$DISK .*$1=\([0-9]*\).*/\1/p" "$CGROUP/io.stat"
}

@test "RS-19: throttles are lines of io.max, and a read takes its time" {
  reads bs=64k count=32
  resources '{"blockIO": {"throttleReadBpsDevice": [{"major": 254, "minor": 48, "rate": 1048576}],
    "throttleWriteBpsDevice": [{"major": 254, "minor": 48, "rate": 2097152}],
    "throttleReadIOPSDevice": [{"major": 254, "minor": 48, "rate": 1000}],
    "throttleWriteIOPSDevice": [{"major": 254, "minor": 48, "rate": 2000}]}}'
  create
  is "$(file io.max)" "$DISK rbps=1048576 wbps=2097152 riops=1000 wiops=2000"
  local before=${EPOCHREALTIME/./}
  start
  eventually grep -qx done "$OUT"
  local took=$((${EPOCHREALTIME/./} - before))
  [ "$took" -ge 1500000 ] || fail "2 MiB at 1 MiB a second took $took microseconds"
  is "$(moved rbytes)" 2097152
}

@test "RS-19: operations are throttled as well as bytes" {
  reads bs=4k count=40
  resources '{"blockIO": {"throttleReadIOPSDevice": [{"major": 254, "minor": 48, "rate": 20}]}}'
  local before=${EPOCHREALTIME/./}
  launch
  eventually grep -qx done "$OUT"
  local took=$((${EPOCHREALTIME/./} - before))
  [ "$took" -ge 1500000 ] || fail "40 reads at 20 a second took $took microseconds"
}

@test "RS-19: a throttle of a device that is not there is refused" {
  resources '{"blockIO": {"throttleReadBpsDevice": [{"major": 240, "minor": 7, "rate": 1048576}]}}'
  refused /linux/resources/blockIO/throttleReadBpsDevice/0 "no such device: "
}

@test "RS-16: without BFQ the weight is io.weight's" {
  [ ! -d /sys/module/bfq ] || skip "BFQ is loaded, and takes the weight"
  resources '{"blockIO": {"weight": 500}}'
  create
  is "$(file io.weight)" "default 4950"
}

@test "RS-16 RS-18: weights are BFQ's where it is there, for each device and for the others" {
  modprobe bfq
  echo bfq >/sys/block/vdd/queue/scheduler
  reads bs=64k count=100000
  resources '{"blockIO": {"weight": 300, "weightDevice": [{"major": 254, "minor": 48, "weight": 500}]}}'
  create
  has "$(file io.bfq.weight)" "default 300" "$DISK 500"
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
