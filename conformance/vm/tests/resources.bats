load helpers

# bats test_tags=kernel
@test "RS-15: pids.limit is pids.max, and a fork past it fails" {
  # A shell that cannot fork ends.
  shell '(for i in 1 2 3 4 5 6; do sleep 100 & done; echo all); exec sleep 100'
  resources '{"pids": {"limit": 4}}'
  create
  is "$(file pids.max)" 4
  start
  eventually '[ "$(value max pids.events)" -gt 0 ]'
  lacks "$(cat "$OUT")" all
  [ "$(file pids.peak 2>/dev/null || echo 4)" -le 4 ]
}

@test "RS-15: a pids.limit of 0 lets nothing fork, a negative one is none" {
  shell 'sleep 0 & echo forked'
  resources '{"pids": {"limit": 0}}'
  create
  # systemd knows no limit of no tasks.
  case $MANAGER in systemd) is "$(file pids.max)" 1 ;; *) is "$(file pids.max)" 0 ;; esac
  start
  eventually has_status stopped
  is "$(cat "$OUT")" ""
  rt delete --force "$ID"
  resources '{"pids": {"limit": -1}}'
  create
  is "$(file pids.max)" max
}

# bats test_tags=kernel
@test "RS-20: hugepageLimits limit use and reservations, and a page past them cannot be had" {
  echo 8 >/proc/sys/vm/nr_hugepages
  mounts '{"destination": "/huge", "type": "hugetlbfs", "source": "hugetlbfs"}'
  shell 'fallocate -l 2M /huge/one && echo one; fallocate -l 4M /huge/two && echo two; exec sleep 100'
  resources '{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}'
  create
  is "$(file hugetlb.2MB.max)" 4194304
  is "$(file hugetlb.2MB.rsvd.max)" 4194304
  start
  eventually grep -qx one "$OUT"
  eventually '[ "$(value max hugetlb.2MB.events)" -gt 0 ]'
  lacks "$(cat "$OUT")" two
}

@test "RS-20: a huge page that the machine does not have is refused" {
  resources '{"hugepageLimits": [{"pageSize": "3MB", "limit": 1}]}'
  refused /linux/resources/hugepageLimits/0
}

@test "RS-21: rdma is rdma.max, and a handle of the device past it cannot be had" {
  modprobe -a rdma_rxe ib_uverbs dummy 2>/dev/null || skip "this kernel has no RDMA device that is made of software"
  ip link add rdma-test type dummy
  ip link set rdma-test up
  rdma link add rxe0 type rxe netdev rdma-test
  local number
  number=$(cat /sys/class/infiniband_verbs/uverbs0/dev)
  config '.linux.devices = [{"path": "/dev/uverbs", "type": "c", "major": $major, "minor": $minor, "fileMode": 438}]
    | .linux.resources.devices += [{"allow": true, "type": "c", "major": $major, "minor": $minor, "access": "rw"}]' \
    --argjson major "${number%:*}" --argjson minor "${number#*:}"
  resources '{"rdma": {"rxe0": {"hcaHandles": 2, "hcaObjects": 10000}}}'
  args /bin/probe uverbs /dev/uverbs 3
  create
  has "$(file rdma.max)" "rxe0 hca_handle=2 hca_object=10000"
  start
  eventually has_status stopped
  rdma link delete rxe0
  ip link delete rdma-test
  is "$(cat "$OUT")" $'opened\nopened\nResource temporarily unavailable'
}

@test "RS-21: an rdma device that is not there is refused" {
  resources '{"rdma": {"mlx5_9": {"hcaHandles": 3, "hcaObjects": 10000}}}'
  refused /linux/resources/rdma/mlx5_9
}

@test "RS-22: network limits are refused with a reason" {
  resources '{"network": {"classID": 1048577}}'
  refused /linux/resources/network/classID "cgroup v2 has no such limit"
  config 'del(.linux.resources.network)'
  resources '{"network": {"priorities": [{"name": "eth0", "priority": 500}]}}'
  refused /linux/resources/network/priorities
}

# bats test_tags=kernel
@test "UN-1: unified is written last, whatever its files are" {
  resources '{"pids": {"limit": 10}, "unified": {"pids.max": "5", "cgroup.max.descendants": "3", "cpuset.cpus.partition": "member"}}'
  create
  is "$(file pids.max)" 5
  is "$(file cgroup.max.descendants)" 3
}

@test "UN-2 UN-3: a file of unified that is not there, or lies elsewhere, is refused" {
  resources '{"unified": {"memory.nothing": "1"}}'
  refused /linux/resources/unified/memory.nothing
  local key
  for key in ../pids.max a/pids.max cgroup.procs cgroup.kill pids 'pids.max '; do
    config '.linux.resources.unified = {($k): "1"}' --arg k "$key"
    refused /linux/resources/unified/
  done
}

# bats test_tags=kernel
@test "DR-1: a device that no rule allows is refused, one that a rule allows opens" {
  config '.linux.devices = [{"path": "/dev/swap", "type": "b", "major": 254, "minor": 32, "fileMode": 438},
    {"path": "/dev/disk", "type": "b", "major": 254, "minor": 48, "fileMode": 438}]'
  resources '{"devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "b", "major": 254, "minor": 32, "access": "r"}]}'
  shell 'head -c 1 /dev/disk; head -c 1 /dev/swap | wc -c; (: >/dev/swap); head -c 1 /dev/zero | wc -c'
  foreground
  has "$stderr" "/dev/disk: Operation not permitted" "/dev/swap: Operation not permitted"
  is "$output" $'1\n1'
}

# bats test_tags=cgroupfs
@test "CG-6: a controller that an ancestor keeps is named with that ancestor and what to do" {
  local parent=$CGROUP_MOUNT$CGROUP_PARENT/threaded-$ID
  mkdir -p "$parent"
  # The kernel passes nothing on from a cgroup with processes of its own.
  sleep 100 3>&- &
  BACKGROUND+=($!)
  echo $! >"$parent/cgroup.procs"
  config '.linux.cgroupsPath = $p' --arg p "$CGROUP_PARENT/threaded-$ID/box"
  resources '{"memory": {"limit": 67108864}}'
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  no_phrase
  has "$stderr" "controller memory is not available" "$CGROUP_PARENT/threaded-$ID\`" "cgroup.subtree_control"
  kill "${BACKGROUND[@]}"
  BACKGROUND=()
  eventually rmdir "$parent"
}

# bats test_tags=kernel
@test "5.x: pause stops every process, resume lets them go on" {
  shell 'while :; do :; done'
  launch
  rt pause "$ID"
  is "$(status_of)" paused
  is "$(value frozen cgroup.events)" 1
  local before
  before=$(value usage_usec cpu.stat)
  sleep 0.3
  is "$(value usage_usec cpu.stat)" "$before"
  rt resume "$ID"
  is "$(status_of)" running
  eventually '[ "$(value usage_usec cpu.stat)" -gt '"$before"' ]'
}

# bats test_tags=kernel
@test "OP-14: delete removes what the container made below its cgroup, and what lives there" {
  mounts '{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["rw"]}'
  config '.linux.namespaces |= map(select(.type != "pid")) | .mounts |= map(select(.destination != "/sys/fs/cgroup" or (.options | index("rw"))))'
  shell 'mkdir -p /sys/fs/cgroup/a/b /sys/fs/cgroup/c; sleep 1000 & echo $! >/sys/fs/cgroup/a/b/cgroup.procs; echo made; exec sleep 1000'
  launch
  eventually grep -qx made "$OUT"
  eventually grep -q . "$CGROUP/a/b/cgroup.procs"
  rt delete --force "$ID"
  nothing_left
}

# bats test_tags=cgroupfs
@test "OP-14: delete ends a process that was put into the cgroup and does not go by itself" {
  args true
  launch
  sleep 1000 3>&- &
  BACKGROUND+=($!)
  echo $! >"$CGROUP/cgroup.procs"
  eventually has_status stopped
  rt delete "$ID"
  nothing_left
}
