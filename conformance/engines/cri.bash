# containerd's CRI plugin, which is what Kubernetes drives, with the runtime as a handler. CONTAINERD is a directory with
# another containerd than the system's, with its ctr and its shim.

cri_setup() {
  engine_sandbox
  image_archive "$WORK/pause.tar" docker.io/library/pause:1 null '["tail", "-f", "/dev/null"]'
  # The plugin always asks for cpu shares; without the controller it has to be told to leave cgroups to the runtime.
  local disable_cgroup=false
  grep -qw cpu /sys/fs/cgroup/cgroup.controllers || disable_cgroup=true
  local systemd=false
  [ "${CGROUP_MANAGER-}" != systemd ] || systemd=true
  mkdir -p "$WORK/cni" "$WORK/logs"
  cat >"$WORK/config.toml" <<CONF
version = 2
root = "$WORK/root"
state = "$WORK/state"
disabled_plugins = [
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.opt",
]
[grpc]
  address = "$WORK/containerd.sock"
[ttrpc]
  address = "$WORK/containerd.sock.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/pause:1"
  # A sandbox asks for -998, which needs CAP_SYS_RESOURCE.
  restrict_oom_score_adj = true
  disable_cgroup = $disable_cgroup
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$WORK/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "under-test"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.under-test]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.under-test.options]
        BinaryName = "$WORK/bin/under-test"
        SystemdCgroup = $systemd
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.second]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.second.options]
        BinaryName = "$WORK/bin/second"
        SystemdCgroup = $systemd
CONF
  printf '#!/bin/sh\necho "$@" >>%s\nexec %s "$@"\n' "$WORK/second.calls" "$WORK/bin/under-test" >"$WORK/bin/second"
  cri_runtime >"$WORK/bin/under-test"
  chmod +x "$WORK/bin/second" "$WORK/bin/under-test"
  cat >"$WORK/cni/10-loop.conflist" <<CONF
{"cniVersion": "0.4.0", "name": "sandbox", "plugins": [{"type": "bridge", "bridge": "sandbox0", "isGateway": true,
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.88.7.0/24"}]], "dataDir": "$WORK/ipam"}}]}
CONF
  export CONTAINERD=${CONTAINERD:-/usr/bin}
  start_containerd
  client ctr "$CONTAINERD/ctr" --address "$WORK/containerd.sock" --namespace k8s.io
  local here=${BASH_SOURCE[0]%/*}
  protoc --proto_path "$here" --python_out "$WORK/bin" "$here/cri.proto"
  client cri env PYTHONPATH="$WORK/bin" PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$(realpath "$here/cri.py")" \
    "$WORK/containerd.sock"
  eventually ctr version
  ctr images import "$WORK/busybox.tar" >/dev/null
  ctr images import "$WORK/pause.tar" >/dev/null
  eventually cri Status
}

# The runtime under test, as a script. containerd 2 has no `disable_cgroup`: without a cpu controller the shares of a pod, which
# nobody asked for, are taken out of what it is given.
cri_runtime() {
  echo '#!/bin/bash'
  $disable_cgroup && cat <<'STRIP'
for ((i = 1; i < $#; i++)); do
  if [ "${!i}" = --bundle ]; then
    at=$((i + 1)) file=${!at}/config.json
    without=$(jq -c 'del(.linux.resources.cpu)' "$file") && echo "$without" >"$file"
  fi
done
STRIP
  echo "exec $RUNTIME \"\$@\""
}

start_containerd() {
  PATH=$CONTAINERD:$PATH daemon containerd "$CONTAINERD/containerd" --config "$WORK/config.toml"
}

cri_teardown() {
  end_daemon containerd
}

# sandbox [JQ]: a pod, edited, of the handler HANDLER; sets SANDBOX and CONFIG.
sandbox() {
  local uid=u$RANDOM$RANDOM parent
  parent=/kubepods/$uid
  # systemd's are named after their ancestors.
  [ "${CGROUP_MANAGER-}" != systemd ] || parent=kubepods-$uid.slice
  CONFIG=$(jq -nc --arg uid "$uid" --arg parent "$parent" --arg logs "$WORK/logs" '
    {metadata: {name: "p", uid: $uid, namespace: "default"}, hostname: "pod", log_directory: $logs,
     linux: {cgroup_parent: $parent, security_context: {namespace_options: {pid: "CONTAINER"}}}}' | jq -c "${1:-.}")
  attempt cri RunPodSandbox "$(jq -nc --argjson config "$CONFIG" --arg handler "${HANDLER:-under-test}" '{config: $config, runtime_handler: $handler}')"
  exits 0
  SANDBOX=$(jq -r .pod_sandbox_id <<<"$output")
}

# container COMMAND [JQ]: created in the pod, its configuration edited; sets CONTAINER.
container() {
  local request
  request=$(jq -nc --arg sandbox "$SANDBOX" --argjson pod "$CONFIG" --arg command "$1" '
    {pod_sandbox_id: $sandbox, sandbox_config: $pod, config: {metadata: {name: "c\(now)"},
      image: {image: "docker.io/library/busybox:1"}, command: ["sh", "-c", $command], log_path: "c.log",
      linux: {security_context: {namespace_options: $pod.linux.security_context.namespace_options}}}}' |
    jq -c --argjson extra "${2:-null}" '.config *= ($extra // {})')
  rm -f "$WORK/logs/c.log"
  attempt cri CreateContainer "$request"
  exits 0
  CONTAINER=$(jq -r .container_id <<<"$output")
}

start_container() {
  attempt cri StartContainer "$(of_container)"
  exits 0
}

# of_container [JQ]: a request about the container.
of_container() {
  jq -nc --arg id "$CONTAINER" '{container_id: $id}' | jq -c "${1:-.}"
}

# exec_sync WORD…: in the container; its output and status are the command's.
exec_sync() {
  local IFS=$'\x1f'
  cri ExecSync "$(printf %s "$*" | jq -cRs --arg id "$CONTAINER" '{container_id: $id, timeout: 120, cmd: split("\u001f")}')"
}

container_status() {
  cri ContainerStatus "$(of_container)" | jq -r ".status | $1"
}

cri_left_nothing() {
  local id
  for id in $(cri ListPodSandbox | jq -r '.items[].id'); do
    cri StopPodSandbox "{\"pod_sandbox_id\": \"$id\"}" >/dev/null
    cri RemovePodSandbox "{\"pod_sandbox_id\": \"$id\"}" >/dev/null
  done
  eventually '[ -z "$(container_processes)" ]'
  eventually '! pgrep -f "containerd-shim.*$WORK" >/dev/null'
  is "$(find /run/containerd/runc/k8s.io -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null)" ""
}
