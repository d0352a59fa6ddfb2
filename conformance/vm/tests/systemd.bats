load helpers
# bats file_tags=systemd

# show PROPERTY…: what systemd says of the container's unit, a line each.
show() {
  local IFS=,
  systemctl show --property "$*" "t-$ID.scope"
}

@test "16.1 16.2: systemd knows the limits of the scope, and sets the same when it loads its units anew" {
  config '.linux.devices = [{"path": "/dev/swap", "type": "b", "major": 254, "minor": 32, "fileMode": 438},
    {"path": "/dev/disk", "type": "b", "major": 254, "minor": 48, "fileMode": 438}]'
  resources '{"devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "b", "major": 254, "minor": 32, "access": "r"}],
    "memory": {"limit": 67108864, "reservation": 33554432, "swap": 100663296}, "pids": {"limit": 20},
    "cpu": {"shares": 512, "quota": 20000, "period": 50000, "cpus": "1", "mems": "0"}, "blockIO": {"weight": 500},
    "unified": {"memory.high": "50331648"}}'
  shell 'exec sleep 100'
  launch
  has "$(show Slice Delegate MemoryMax MemoryLow MemorySwapMax MemoryHigh TasksMax CPUWeight CPUQuotaPerSecUSec \
    CPUQuotaPeriodUSec AllowedCPUs AllowedMemoryNodes IOWeight DevicePolicy DeviceAllow)" \
    Slice=apus-test.slice Delegate=yes MemoryMax=67108864 MemoryLow=33554432 MemorySwapMax=33554432 MemoryHigh=50331648 \
    TasksMax=20 CPUWeight=59 CPUQuotaPerSecUSec=400ms CPUQuotaPeriodUSec=50ms AllowedCPUs=1 AllowedMemoryNodes=0 \
    IOWeight=4950 DevicePolicy=strict "/dev/block/254:32 r"
  local files=(memory.max memory.low memory.swap.max memory.high pids.max cpu.weight cpu.max cpuset.cpus cpuset.mems io.weight)
  local before
  before=$(cd "$CGROUP" && cat "${files[@]}")
  systemctl daemon-reload
  is "$(cd "$CGROUP" && cat "${files[@]}")" "$before"
  try "$RUNTIME" --root "$ROOT" exec "$ID" sh -c 'head -c 1 /dev/swap | wc -c; head -c 1 /dev/disk'
  is "$output" 1
  has "$stderr" "/dev/disk: Operation not permitted"
  rt delete --force "$ID"
  is "$(show LoadState)" LoadState=not-found
}

@test "16.1: without a cgroupsPath the scope is named like the container, in system.slice" {
  config 'del(.linux.cgroupsPath)'
  CGROUP=$CGROUP_MOUNT/system.slice/apus-$ID.scope
  create
  is "$(sed -n 's/^0:://p' "/proc/$(pid_of)/cgroup")" "${CGROUP#"$CGROUP_MOUNT"}"
}

@test "16.3: annotations are properties of the unit, and one that systemd does not take is refused" {
  config '.annotations = {"org.systemd.property.TimeoutStopSec": "uint64 7", "org.systemd.property.After": "[\u0027dbus.service\u0027]"}'
  create
  has "$(show TimeoutStopUSec After)" TimeoutStopUSec=7s dbus.service
  rt delete --force "$ID"
  config '.annotations = {"org.systemd.property.NoSuchThing": "true"}'
  refused systemd NoSuchThing
}

@test "16.2: a unit of that name that failed before is dropped" {
  systemd-run --quiet --scope --unit "t-$ID" --slice apus-test.slice -p RuntimeMaxSec=300ms sleep 100 || :
  eventually systemctl is-failed --quiet "t-$ID.scope"
  create
  is "$(show ActiveState)" ActiveState=active
}

@test "16.2: a unit of that name that is there is left alone" {
  systemd-run --quiet --scope --unit "t-$ID" --slice apus-test.slice sleep 100 3>&- &
  BACKGROUND+=($!)
  eventually systemctl is-active --quiet "t-$ID.scope"
  attempt --cgroup-manager=systemd create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" "t-$ID.scope"
  no_phrase
  is "$(show ActiveState)" ActiveState=active
  systemctl stop "t-$ID.scope"
  BACKGROUND=()
}

@test "2.1: commands know from the record that systemd is the manager" {
  shell 'exec sleep 100'
  launch
  rt update --pids-limit 7 "$ID" 3>&-
  is "$(show TasksMax)" TasksMax=7
  rt pause "$ID"
  is "$(value frozen cgroup.events)" 1
  rt resume "$ID"
  rt exec "$ID" true
  rt delete --force "$ID"
  is "$(show LoadState)" LoadState=not-found
}
