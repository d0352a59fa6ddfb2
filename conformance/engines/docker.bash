# A private dockerd with the runtime under test, by name and as its default, and no bridge.

docker_setup() {
  engine_sandbox
  echo '{}' >"$WORK/daemon.json"
  # An own containerd comes with it, below the execution root.
  daemon dockerd /usr/sbin/dockerd --config-file "$WORK/daemon.json" --data-root "$WORK/data" --exec-root "$WORK/exec" \
    --pidfile "$WORK/docker.pid" --host "unix://$WORK/docker.sock" \
    --bridge none --iptables=false --ip6tables=false --ip-forward=false --storage-driver overlay2 \
    --exec-opt "native.cgroupdriver=${CGROUP_MANAGER:-cgroupfs}" \
    --add-runtime "under-test=$RUNTIME" --default-runtime under-test
  client docker /usr/bin/docker --host "unix://$WORK/docker.sock"
  client run_container docker run --network none
  client create_container docker create --network none
  eventually docker version
  docker load --quiet --input "$WORK/busybox.tar" >/dev/null
}

# Docker always sends an empty blockIO, which asks for nothing.
docker_can_be_used() {
  grep -qw io /sys/fs/cgroup/cgroup.controllers || unlike crun "needs the io controller for an empty blockIO"
}

docker_teardown() {
  end_daemon dockerd
}

docker_left_nothing() {
  local left
  left=$(docker ps --all --quiet)
  [ -z "$left" ] || docker rm --force $left >/dev/null
  eventually '[ -z "$(container_processes)" ]'
  eventually '! pgrep -f "containerd-shim.*$WORK" >/dev/null'
  is "$(find "$WORK/exec/runtime-runc/moby" -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null)" ""
  is "$(find /sys/fs/cgroup/docker -mindepth 1 -type d 2>/dev/null)" ""
}
