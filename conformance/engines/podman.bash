# Podman with conmon, with storage of its own.

podman_setup() {
  engine_sandbox
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

# A user without privileges, with ids of its own to map: clients "rootless" and "run_rootless".
rootless_setup() {
  [ -n "${IN_SANDBOX-}" ] || skip "users are only made up inside a sandbox"
  command -v newuidmap >/dev/null || skip "newuidmap is not installed"
  "$RUNTIME" features | jq -e '.linux.namespaces | index("user")' >/dev/null || skip "the runtime names no user namespaces"
  [ -x "$WORK/bin/rootless" ] && return
  local home=$WORK/home
  mkdir -p "$home" /run/user/1000
  chown 1000:1000 "$home" /run/user/1000
  chmod 700 /run/user/1000
  printf 'root:x:0:0:root:/root:/bin/sh\nrootless:x:1000:1000::%s:/bin/sh\n' "$home" >"$WORK/passwd"
  printf 'root:x:0:\nrootless:x:1000:\n' >"$WORK/group"
  echo rootless:100000:65536 >"$WORK/subid"
  mount --bind "$WORK/passwd" /etc/passwd
  mount --bind "$WORK/group" /etc/group
  mount --bind "$WORK/subid" /etc/subuid
  mount --bind "$WORK/subid" /etc/subgid
  # The sandbox's cgroups are delegated to the user.
  (cd /sys/fs/cgroup && chown 1000 . cgroup.procs cgroup.subtree_control engines/cgroup.procs)
  client rootless setpriv --reuid 1000 --regid 1000 --clear-groups env -i -C / PATH="$PATH" HOME="$home" \
    XDG_RUNTIME_DIR=/run/user/1000 CONTAINERS_CONF="$CONTAINERS_CONF" /usr/bin/podman --storage-driver vfs
  local options=()
  grep -qw pids /sys/fs/cgroup/cgroup.controllers || options=(--pids-limit 0)
  client run_rootless rootless run --network none "${options[@]}"
  rootless load --signature-policy "$WORK/policy.json" -i "$WORK/busybox.tar" >/dev/null
}
