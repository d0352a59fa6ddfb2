load helpers

# debug in a container that is short of something: the tools go beside it. helpers.bash says how a container is made.

# left: cgroups of debug that are still there.
left() {
  find "$CGROUP_MOUNT" -type d -name '*apus-debug*'
}

# bats test_tags=kernel
@test "debug looks into a container that may have no more processes, and takes none of them" {
  resources '{"pids": {"limit": 1}}'
  args sleep 100
  launch
  attempt debug "$ID" sh -c 'ls / | wc -l >/dev/null; cat /proc/1/comm; cat /proc/self/cgroup'
  exits 0
  has "$output" sleep
  is "$(file pids.current)" 1
  is "$(value max pids.events)" 0
  is "$(left)" ""
}

# bats test_tags=kernel
@test "debug of a container near its limit of memory ends nothing in it, whatever the tools need" {
  resources '{"memory": {"limit": 25165824, "swap": 25165824}}'
  shell 'dd if=/dev/zero of=/dev/shm/x bs=1M count=20 2>/dev/null; exec sleep 100'
  launch
  eventually '[ "$(value shmem memory.stat)" -ge $((20 * 1048576)) ]'
  attempt debug "$ID" sh -c 'dd if=/dev/zero of=/dev/null bs=16M count=1 2>/dev/null && echo fits'
  exits 0
  is "$output" fits
  is "$(value oom_kill memory.events)" 0
  is "$(rt state "$ID" | jq -r .status)" running
  is "$(left)" ""
}

# bats test_tags=kernel
@test "debug of a container with room to spare counts against its limits" {
  resources '{"memory": {"limit": 100663296, "swap": 100663296}, "pids": {"limit": 100}}'
  args sleep 100
  launch
  attempt debug "$ID" sh -c 'dd if=/dev/zero of=/dev/null bs=160M count=1 2>/dev/null && echo fits'
  is "$output" ""
  is "$(rt state "$ID" | jq -r .status)" running
  is "$(left)" ""
}
