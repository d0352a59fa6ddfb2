# Podman's checkpoints of containers on the runtime.
load lib
load podman
load checkpoint

setup_file() { podman_setup; criu_setup; }
teardown_file() { podman_teardown; }
setup() { dumps_without_harm; }
teardown() { podman_left_nothing; }

counting() {
  attempt run_container --detach --name cc "$@" busybox:1 sh -c "$COUNT"
  exits 0
  eventually '[ "$(podman exec cc cat /count)" -ge 3 ]'
}

@test "podman: a container is checkpointed, and goes on where it was" {
  counting
  BEFORE=$(podman exec cc cat /count)
  attempt podman container checkpoint cc
  exits 0
  is "$(podman inspect --format '{{.State.Status}} {{.State.Checkpointed}}' cc)" "exited true"
  eventually '[ -z "$(container_processes)" ]'
  attempt podman container restore cc
  exits 0
  is "$(podman inspect --format '{{.State.Status}}' cc)" running
  goes_on podman exec cc
  attempt podman stop --time 0 cc
  exits 0
}

@test "podman: a checkpoint that was exported is restored under another name, twice" {
  counting
  BEFORE=$(podman exec cc cat /count)
  attempt podman container checkpoint --compress none --export "$WORK/cc.tar" cc
  exits 0
  podman rm cc >/dev/null
  local name
  for name in one two; do
    attempt podman container restore --import "$WORK/cc.tar" --name $name
    exits 0
    goes_on podman exec $name
  done
}

@test "podman: with --leave-running the container goes on beside its checkpoint" {
  counting
  BEFORE=$(podman exec cc cat /count)
  attempt podman container checkpoint --leave-running --compress none --export "$WORK/cc.tar" cc
  exits 0
  goes_on podman exec cc
  is "$(podman inspect --format '{{.State.Status}}' cc)" running
  has "$(tar -tf "$WORK/cc.tar")" checkpoint/inventory.img
}

@test "podman: a restored container has its rights and its mounts" {
  mkdir -p "$WORK/shared"
  counting --cap-drop net_raw --security-opt no-new-privileges --volume "$WORK/shared:/mnt:ro"
  local look='grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/1/status; sed "s/^[0-9]* [0-9]* [0-9:]* //" /proc/1/mountinfo | cut -d" " -f2,3 | sort'
  local before
  before=$(podman exec cc sh -c "$look")
  attempt podman container checkpoint cc
  exits 0
  attempt podman container restore cc
  exits 0
  is "$(podman exec cc sh -c "$look")" "$before"
}

@test "podman: a terminal is restored" {
  counting --tty
  BEFORE=$(podman exec cc cat /count)
  attempt podman container checkpoint cc
  exits 0
  attempt podman container restore cc
  exits 0
  goes_on podman exec cc
  is "$(podman exec cc readlink /proc/1/fd/0)" /dev/pts/0
}

@test "podman: an init is restored" {
  counting --init
  BEFORE=$(podman exec cc cat /count)
  attempt podman container checkpoint cc
  exits 0
  attempt podman container restore cc
  exits 0
  goes_on podman exec cc
}
