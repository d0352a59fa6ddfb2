# Pods and containers on the runtime through the Container Runtime Interface, as a kubelet makes them.
load lib
load cri

setup_file() { cri_setup; }
teardown_file() { cri_teardown; }
teardown() { cri_left_nothing; }

SLEEP='trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done'

@test "cri: the runtime is ready" {
  attempt cri Version
  exits 0
  is "$(jq -r .runtime_name <<<"$output")" containerd
  is "$(cri Status | jq -r '.status.conditions[] | select(.type == "RuntimeReady") | .status')" true
}

@test "cri: a pod runs a container with its log, its status and its end" {
  sandbox
  is "$(cri PodSandboxStatus "{\"pod_sandbox_id\": \"$SANDBOX\"}" | jq -r '.status | .state, .runtime_handler')" \
    "$(printf 'SANDBOX_READY\nunder-test')"
  container 'echo out; echo err >&2; exit 5'
  is "$(container_status .state)" CONTAINER_CREATED
  start_container
  eventually '[ "$(container_status .state)" = CONTAINER_EXITED ]'
  is "$(container_status .exit_code)" 5
  eventually 'grep -q "stdout F out" "$WORK/logs/c.log"'
  eventually 'grep -q "stderr F err" "$WORK/logs/c.log"'
  attempt cri RemoveContainer "$(of_container)"
  exits 0
}

@test "cri: exec relays output and status, and is ended after its time" {
  sandbox
  container "$SLEEP"
  start_container
  attempt cri ExecSync "$(of_container '. + {cmd: ["sh", "-c", "echo out; echo err >&2; exit 5"]}')"
  exits 5
  is "$output" out
  is "$stderr" err
  attempt cri ExecSync "$(of_container '. + {cmd: ["no-such-program"]}')"
  [ "$status" -ne 0 ]
  has "$stderr" no-such-program
  attempt cri ExecSync "$(of_container '. + {timeout: 1, cmd: ["tail", "-f", "/dev/null"]}')"
  [ "$status" -ne 0 ]
  has "$stderr" "timeout"
  is "$(exec_sync pgrep -x tail || :)" ""
}

@test "cri: stop gives the program its time, and its own status" {
  sandbox
  container "$SLEEP"
  start_container
  eventually 'grep -q ready "$WORK/logs/c.log"'
  attempt cri StopContainer "$(of_container '. + {timeout: 60}')"
  exits 0
  is "$(container_status '"\(.state) \(.exit_code)"')" "CONTAINER_EXITED 9"
}

@test "cri: a program that ignores the signal is killed after its time" {
  sandbox
  container 'trap "" TERM; while :; do sleep 0.05; done'
  start_container
  sleep 0.2
  attempt cri StopContainer "$(of_container '. + {timeout: 1}')"
  exits 0
  is "$(container_status .exit_code)" 137
}

@test "cri: a program that is missing is a start error that a person can read" {
  sandbox
  container unused '{"command": ["no-such-program"]}'
  attempt cri StartContainer "$(of_container)"
  [ "$status" -ne 0 ]
  has "$stderr" no-such-program "not found"
  is "$(container_status .reason)" StartError
}

@test "cri: the containers of a pod share its network, ipc and host name, and each has its own pids" {
  sandbox
  container "$SLEEP"
  start_container
  local first
  first=$(exec_sync sh -c 'hostname; for n in net ipc uts; do readlink /proc/1/ns/$n; done')
  local pid
  pid=$(exec_sync readlink /proc/1/ns/pid)
  container "$SLEEP"
  start_container
  is "$(exec_sync sh -c 'hostname; for n in net ipc uts; do readlink /proc/1/ns/$n; done')" "$first"
  has "$first" pod
  [ "$(exec_sync readlink /proc/1/ns/pid)" != "$pid" ]
}

@test "cri: with the pids of the pod in common the first process is the pod's" {
  sandbox '.linux.security_context.namespace_options.pid = "POD"'
  container "sleep 1000 & $SLEEP"
  start_container
  is "$(exec_sync cat /proc/1/comm)" tail
  sleep 0.2
  attempt cri StopContainer "$(of_container '. + {timeout: 5}')"
  exits 0
  attempt cri RemoveContainer "$(of_container)"
  exits 0
}

@test "cri: a pod of the host's network, pids and ipc" {
  sandbox '.linux.security_context.namespace_options = {network: "NODE", pid: "NODE", ipc: "NODE"} | .hostname = ""'
  container "sleep 1000 & $SLEEP"
  start_container
  is "$(exec_sync sh -c 'for n in net ipc pid; do readlink /proc/self/ns/$n; done')" \
    "$(for n in net ipc pid; do readlink "/proc/self/ns/$n"; done)"
  attempt cri StopContainer "$(of_container)"
  exits 0
  attempt cri RemoveContainer "$(of_container)"
  exits 0
  eventually '[ "$(container_processes | wc -l)" -le 1 ]'
}

@test "cri: user, groups, environment, directory, a read-only root and mount, no new privileges, capabilities" {
  mkdir -p "$WORK/shared"
  echo shared >"$WORK/shared/file"
  sandbox
  container 'id -u; id -g; id -G; echo $A; pwd; cat /mnt/file; grep -E "CapEff|NoNewPrivs|Seccomp:" /proc/self/status
    touch /x 2>/dev/null || touch /mnt/x 2>/dev/null || echo read-only' "$(jq -nc --arg shared "$WORK/shared" '
    {envs: [{key: "A", value: "b"}], working_dir: "/tmp",
     mounts: [{container_path: "/mnt", host_path: $shared, readonly: true}],
     linux: {security_context: {run_as_user: {value: 1000}, run_as_group: {value: 1000}, supplemental_groups: [44],
       readonly_rootfs: true, no_new_privs: true, capabilities: {drop_capabilities: ["ALL"]},
       seccomp: {profile_type: "RuntimeDefault"}}}}')"
  start_container
  eventually '[ "$(container_status .state)" = CONTAINER_EXITED ]'
  eventually 'grep -q read-only "$WORK/logs/c.log"'
  is "$(cut -d' ' -f4- "$WORK/logs/c.log")" \
    "$(printf '1000\n1000\n1000 44\nb\n/tmp\nshared\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nread-only')"
}

@test "cri: a terminal" {
  sandbox
  container 'tty; sleep 0.2' '{"tty": true}'
  start_container
  eventually 'grep -q /dev/pts/0 "$WORK/logs/c.log"'
}

@test "cri: a privileged container" {
  (((16#$(sed -n 's/^CapEff:\t//p' /proc/self/status) >> 24) & 1)) || unlike "crun runc" "needs every capability, which this machine does not grant"
  sandbox '.linux.security_context.privileged = true'
  container 'ls /dev | wc -l; sleep 1000' '{"linux": {"security_context": {"privileged": true}}}'
  start_container
  eventually '[ "$(cut -d" " -f4 "$WORK/logs/c.log")" -gt 20 ]'
}

@test "cri: sysctls of the pod" {
  sandbox '.linux.sysctls = {"net.ipv4.ip_forward": "1"}'
  container "$SLEEP"
  start_container
  is "$(exec_sync cat /proc/sys/net/ipv4/ip_forward)" 1
}

@test "cri: limits are in force, and update changes them" {
  needs_controller memory
  sandbox
  container "$SLEEP" '{"linux": {"resources": {"cpu_period": 100000, "cpu_quota": 50000, "cpu_shares": 512, "memory_limit_in_bytes": 67108864}}}'
  start_container
  is "$(exec_sync cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max)" "$(printf '67108864\n50000 100000')"
  attempt cri UpdateContainerResources "$(of_container '. + {linux: {memory_limit_in_bytes: 50331648}}')"
  exits 0
  is "$(exec_sync cat /sys/fs/cgroup/memory.max)" 50331648
}

@test "cri: a resize changes memory and processor in one call, up and down, while the program runs" {
  needs_controller memory
  sandbox
  container "$SLEEP" '{"linux": {"resources": {"cpu_period": 100000, "cpu_quota": 20000, "cpu_shares": 256, "memory_limit_in_bytes": 67108864}}}'
  start_container
  local size
  for size in 134217728:50000 67108864:20000; do
    attempt cri UpdateContainerResources "$(of_container ". + {linux: {cpu_period: 100000, cpu_quota: ${size#*:}, memory_limit_in_bytes: ${size%:*}}}")"
    exits 0
    is "$(exec_sync cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max)" "$(printf '%s\n%s 100000' "${size%:*}" "${size#*:}")"
  done
  is "$(container_status .state)" CONTAINER_RUNNING
}

@test "cri: a container that was ended for its memory says OOMKilled" {
  needs_controller memory
  sandbox
  container 'tail /dev/zero' '{"linux": {"resources": {"memory_limit_in_bytes": 25165824, "memory_swap_limit_in_bytes": 25165824}}}'
  start_container
  eventually '[ "$(container_status .state)" = CONTAINER_EXITED ]'
  is "$(container_status '"\(.reason) \(.exit_code)"')" "OOMKilled 137"
}

@test "cri: a handler that does not exist is refused" {
  attempt cri RunPodSandbox '{"config": {"metadata": {"name": "p", "uid": "u", "namespace": "d"}}, "runtime_handler": "none"}'
  [ "$status" -ne 0 ]
}
