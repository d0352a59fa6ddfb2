# What Kubernetes asks of a runtime since 1.33, through the CRI of containerd 2: pods with a user namespace, mounts read-only
# to their depth, probes, sidecars, restarts. CONTAINERD is a directory with that one.
load lib
load cri
load checkpoint

setup_file() { cri_setup; }
teardown_file() { cri_teardown; }
teardown() { cri_left_nothing; }

SLEEP='trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done'
MAPPED='{mode: "POD", uids: [{host_id: 200000, length: 65536}], gids: [{host_id: 300000, length: 65536}]}'
# What a kubelet sends for `procMount: Default`.
MASKED='["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi", "/sys/firmware"]'
READONLY='["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]'

# with JQ: it, evaluated, as JSON.
with() {
  jq -nc --arg work "$WORK" --argjson masked "$MASKED" --argjson readonly "$READONLY" "$1"
}

# logged: what the container printed.
logged() {
  cut -d' ' -f4- "$WORK/logs/c.log"
}

ended() {
  eventually '[ "$(container_status .state)" = CONTAINER_EXITED ]'
}

@test "pods: the handler is known to have user namespaces and recursive read-only mounts" {
  is "$(cri Status | jq -c '.runtime_handlers[] | select(.name == "under-test").features')" \
    '{"recursive_read_only_mounts":true,"user_namespaces":true}'
}

@test "pods: a pod with a user namespace: its root is nobody outside, and its volumes keep their owners" {
  mkdir -p "$WORK/volume"
  echo mine >"$WORK/volume/file"
  sandbox ".linux.security_context.namespace_options.userns_options = $MAPPED"
  container "cat /proc/self/uid_map /proc/self/gid_map; stat -c %u:%g / /mnt/file; echo new >/mnt/new; $SLEEP" "$(with "
    $MAPPED as \$map | {mounts: [{container_path: \"/mnt\", host_path: \"\(\$work)/volume\", uidMappings: \$map.uids, gidMappings: \$map.gids}]}")"
  start_container
  eventually 'grep -q ready "$WORK/logs/c.log"'
  is "$(logged | tr -s ' ' | sed 's/^ //')" "$(printf '0 200000 65536\n0 300000 65536\n0:0\n0:0\nready')"
  is "$(stat -c %u:%g "$WORK/volume/new")" 0:0
  local pid
  pid=$(cri ContainerStatus "$(of_container '. + {verbose: true}')" | jq -r '.info.info | fromjson.pid')
  is "$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")" 200000
  is "$(exec_sync sh -c 'id -u; readlink /proc/self/ns/user')" "$(printf '0\n%s' "$(readlink "/proc/$pid/ns/user")")"
}

@test "pods: a second container of a pod with a user namespace is in the same one" {
  sandbox ".linux.security_context.namespace_options.userns_options = $MAPPED"
  container "$SLEEP"
  start_container
  local first
  first=$(exec_sync sh -c 'for n in user net ipc; do readlink /proc/self/ns/$n; done')
  container "$SLEEP"
  start_container
  is "$(exec_sync sh -c 'for n in user net ipc; do readlink /proc/self/ns/$n; done')" "$first"
}

@test "pods: recursively read-only is read-only to the depth; plainly read-only is not" {
  mkdir -p "$WORK/deep/below"
  mount -t tmpfs tmpfs "$WORK/deep/below"
  sandbox
  container 'for d in rro ro; do for f in x below/x; do touch /$d/$f 2>/dev/null && echo $d/$f; done; done; true' "$(with '
    {mounts: [{container_path: "/rro", host_path: "\($work)/deep", readonly: true, recursive_read_only: true},
      {container_path: "/ro", host_path: "\($work)/deep", readonly: true}]}')"
  start_container
  ended
  is "$(logged)" ro/below/x
  umount "$WORK/deep/below"
}

@test "pods: procMount Unmasked lets a user namespace mount a proc of its own; by default none may" {
  sandbox ".linux.security_context.namespace_options.userns_options = $MAPPED"
  container 'unshare -Urmpf mount -t proc proc /proc && echo mounted'
  start_container
  ended
  is "$(logged)" mounted
  container 'unshare -Urmpf mount -t proc proc /proc || echo refused' \
    "$(with '{linux: {security_context: {masked_paths: $masked, readonly_paths: $readonly}}}')"
  start_container
  ended
  has "$(logged)" refused
}

@test "pods: an image is a volume" {
  sandbox
  container 'ls /image/bin/busybox; ! touch /image/x 2>/dev/null && echo read-only' \
    "$(with '{mounts: [{container_path: "/image", readonly: true, image: {image: "docker.io/library/busybox:1"}}]}')"
  start_container
  ended
  is "$(logged)" "$(printf '/image/bin/busybox\nread-only')"
}

@test "pods: two hundred probes, ten at a time, all answer and leave nothing" {
  sandbox
  container "$SLEEP"
  start_container
  attempt cri ExecSync "$(of_container '. + {timeout: 60, cmd: ["sh", "-c", "echo alive; exit 3"]}')" 200
  exits 0
  is "$(sort <<<"$output" | uniq -c | tr -s ' ')" " 200 3 b'alive\\n'"
  is "$(exec_sync ps -o comm | grep -cvE '^(COMMAND|ps)$|^sleep$')" 1
  is "$(container_status .state)" CONTAINER_RUNNING
}

@test "pods: a sidecar runs before the program, beside it and after its end, and is started anew alone" {
  sandbox
  container "$SLEEP"
  start_container
  local sidecar=$CONTAINER
  eventually 'grep -q ready "$WORK/logs/c.log"'
  container 'echo program; exit 4'
  start_container
  ended
  is "$(container_status .exit_code)" 4
  CONTAINER=$sidecar
  is "$(exec_sync echo beside)" beside
  attempt cri StopContainer "$(of_container '. + {timeout: 60}')"
  exits 0
  is "$(container_status .exit_code)" 9
  attempt cri RemoveContainer "$(of_container)"
  exits 0
  container "$SLEEP" '{"metadata": {"attempt": 1}}'
  start_container
  is "$(exec_sync echo again)" again
}

@test "pods: containers outlive a restart of containerd, and end with their status after it" {
  sandbox
  container "$SLEEP"
  start_container
  eventually 'grep -q ready "$WORK/logs/c.log"'
  end_daemon containerd
  start_containerd
  eventually cri Status
  is "$(container_status .state)" CONTAINER_RUNNING
  is "$(exec_sync echo alive)" alive
  attempt cri StopContainer "$(of_container '. + {timeout: 60}')"
  exits 0
  is "$(container_status .exit_code)" 9
}

@test "pods: the handler of a RuntimeClass makes the pod and its containers" {
  : >"$WORK/second.calls"
  HANDLER=second sandbox
  container "$SLEEP"
  start_container
  is "$(grep -c ' create ' "$WORK/second.calls")" 2
  is "$(cri PodSandboxStatus "{\"pod_sandbox_id\": \"$SANDBOX\"}" | jq -r .status.runtime_handler)" second
}

@test "pods: an update of a file of the cgroup by its own name" {
  needs_controller hugetlb
  sandbox
  container "$SLEEP"
  start_container
  attempt cri UpdateContainerResources "$(of_container '. + {linux: {unified: {"hugetlb.2MB.max": "4194304"}}}')"
  exits 0
  local pid
  pid=$(cri ContainerStatus "$(of_container '. + {verbose: true}')" | jq -r '.info.info | fromjson.pid')
  is "$(cat "$(cgroup_of "$pid")/hugetlb.2MB.max")" 4194304
}

@test "pods: a container is checkpointed into an archive, and goes on" {
  dumps_without_harm
  criu_setup
  sandbox
  container "$COUNT"
  start_container
  eventually '[ "$(exec_sync cat /count)" -ge 3 ]'
  local now
  attempt cri CheckpointContainer "$(of_container ". + {location: \"$WORK/cc.tar\"}")"
  exits 0
  now=$(exec_sync cat /count)
  eventually "[ \"\$(exec_sync cat /count)\" -gt $now ]"
  has "$(tar -tf "$WORK/cc.tar")" checkpoint/inventory.img
}
