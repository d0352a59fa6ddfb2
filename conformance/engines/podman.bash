# Podman with conmon, with storage of its own.

podman_setup() {
  engine_room
  # A raised limit needs CAP_SYS_RESOURCE, which a machine need not grant: stay below what this shell may have.
  local files processes
  files=$(ulimit -Hn)
  processes=$(ulimit -Hu)
  [ "$files" != unlimited ] && [ "$files" -lt 20000 ] || files=20000
  [ "$processes" != unlimited ] && [ "$processes" -lt 8192 ] || processes=8192
  cat >"$WORK/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=$files:$files", "nproc=$processes:$processes"]
[engine]
cgroup_manager = "${CGROUP_MANAGER:-cgroupfs}"
events_logger = "file"
runtime = "$RUNTIME_NAME"
# Podman knows what a runtime can do by its name. The second key is singular up to Podman 4.
runtime_supports_json = ["apus", "crun", "runc"]
runtime_supports_nocgroup = ["apus", "crun", "runc"]
runtime_supports_nocgroups = ["apus", "crun", "runc"]
[engine.runtimes]
$RUNTIME_NAME = ["$RUNTIME"]
CONF
  export CONTAINERS_CONF=$WORK/containers.conf
  echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$WORK/policy.json"
  # Podman's default limit of processes needs the controller.
  local options=()
  grep -qw pids /sys/fs/cgroup/cgroup.controllers || options=(--pids-limit 0)
  client podman /usr/bin/podman --root "$WORK/storage" --runroot "$WORK/run" --tmpdir "$WORK/tmp" \
    --storage-driver overlay
  client run_networked podman run "${options[@]}"
  client run_container podman run --network none "${options[@]}"
  client create_container podman create --network none "${options[@]}"
  podman load --signature-policy "$WORK/policy.json" -i "$WORK/busybox.tar" >/dev/null
}

podman_teardown() {
  podman rm --all --force --time 0 >/dev/null
  podman pod rm --all --force >/dev/null
}

# What no test may leave: a container, a process of one, or a directory of the runtime's.
podman_left_nothing() {
  podman rm --all --force --time 0 >/dev/null
  is "$(podman ps --all --quiet)" ""
  eventually '[ -z "$(container_processes)" ]'
  is "$(find "/run/$RUNTIME_NAME" -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null)" ""
  is "$(find /sys/fs/cgroup -path '*libpod-*' -name cgroup.procs)" ""
}
