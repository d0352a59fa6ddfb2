# A private containerd without its CRI plugin, driven through ctr.

containerd_setup() {
  engine_sandbox
  # What needs a device or a filesystem that is not there only fills the log.
  cat >"$WORK/config.toml" <<CONF
version = 2
root = "$WORK/root"
state = "$WORK/state"
disabled_plugins = [
  "io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs", "io.containerd.internal.v1.opt",
  "io.containerd.tracing.processor.v1.otlp",
]
[grpc]
  address = "$WORK/containerd.sock"
[ttrpc]
  address = "$WORK/containerd.sock.ttrpc"
CONF
  daemon containerd /usr/bin/containerd --config "$WORK/config.toml"
  client ctr /usr/bin/ctr --address "$WORK/containerd.sock"
  # ctr asks for 1024 cpu shares unless told not to, which needs the controller.
  local options=()
  grep -qw cpu /sys/fs/cgroup/cgroup.controllers || options=(--cpu-shares 0)
  client run_container ctr run --runc-binary "$RUNTIME" "${options[@]}"
  eventually ctr version
  ctr images import "$WORK/busybox.tar" >/dev/null
  IMAGE=docker.io/library/busybox:1
  export IMAGE
}

# shown TEXT COMMAND…: the command's output and status, with TEXT first. ctr opens a program's streams while it runs, and
# what a program wrote that ended sooner is lost; so the program has to read its input to the end, which comes when the
# text was seen on both streams.
shown() {
  local want=$1 base=$BATS_TEST_TMPDIR writer client
  shift
  rm -f "$base/input"
  mkfifo "$base/input"
  "$@" <"$base/input" >"$base/stdout" 2>"$base/stderr" 3>&- &
  client=$!
  exec {writer}>"$base/input"
  eventually '[ "$(cat "$base/stdout" "$base/stderr")" = "$want" ]'
  exec {writer}>&-
  status=0
  wait "$client" || status=$?
  output=$(cat "$base/stdout")
  stderr=$(cat "$base/stderr")
}

containerd_teardown() {
  end_daemon containerd
}

containerd_left_nothing() {
  local id
  for id in $(ctr container ls --quiet); do
    ctr task rm --force "$id" >/dev/null 2>&1 || :
    ctr container rm "$id" >/dev/null
  done
  eventually '[ -z "$(container_processes)" ]'
  eventually '! pgrep -f "containerd-shim.*$WORK" >/dev/null'
  is "$(find /run/containerd/runc/default -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null)" ""
  is "$(find /sys/fs/cgroup/default -mindepth 1 -type d 2>/dev/null)" ""
}
