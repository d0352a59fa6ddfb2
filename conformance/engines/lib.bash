# What every engine's tests load: the runtime under test, a place for the engine's files, and an image.
bats_require_minimum_version 1.5.0
load "${BASH_SOURCE[0]%/*}/../lib/assert.bash"

# Sets what a test file needs; every engine's setup_file begins with it.
engine_sandbox() {
  [ -n "${RUNTIME-}" ] || { echo "RUNTIME names no runtime" >&2; return 1; }
  # What these tests mount, and whose cgroups they give away, would otherwise stay with the machine.
  [ -n "${IN_SANDBOX-}" ] || [ "${SANDBOX-}" = none ] || { echo "run the engines' tests by conformance/engines/run" >&2; return 1; }
  RUNTIME=$(realpath "$RUNTIME")
  RUNTIME_NAME=$(basename "$RUNTIME")
  # Sockets have short paths, and what is below /run ends with the sandbox.
  WORK=/run/engines/$BATS_SUITE_TEST_NUMBER$(basename "$BATS_TEST_FILENAME" .bats)
  export RUNTIME RUNTIME_NAME WORK
  unset NOTIFY_SOCKET LISTEN_FDS LISTEN_PID XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS
  # A client for another daemon must not get in the way.
  export PATH=$WORK/bin:/usr/sbin:/usr/bin:/sbin:/bin
  mkdir -p "$WORK/bin"
  image_archive "$WORK/busybox.tar" docker.io/library/busybox:1 '["sh"]' null
}

# image_archive FILE NAME CMD ENTRYPOINT: an image of busybox and nothing else, in the form that `docker save` writes:
# every engine loads it, and no registry is needed.
image_archive() {
  local dir=$WORK/image sum
  mkdir -p "$dir"
  if [ ! -e "$dir/layer.tar" ]; then
    mkdir -p "$dir/rootfs"/{bin,dev,proc,sys,etc,tmp,root,run,home/user,var/lib}
    cp "$(command -v busybox)" "$dir/rootfs/bin/busybox"
    local applet
    for applet in $(busybox --list); do
      [ "$applet" = busybox ] || ln -s busybox "$dir/rootfs/bin/$applet"
    done
    chmod 1777 "$dir/rootfs/tmp"
    printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n' >"$dir/rootfs/etc/passwd"
    printf 'root:x:0:\nuser:x:1000:\n' >"$dir/rootfs/etc/group"
    : >"$dir/rootfs/etc/not-executable"
    tar -C "$dir/rootfs" --numeric-owner --owner 0 --group 0 -cf "$dir/layer.tar" .
  fi
  sum=$(sha256sum "$dir/layer.tar" | cut -d' ' -f1)
  jq -n --argjson cmd "$3" --argjson entry "$4" --arg sum "sha256:$sum" \
    '{architecture: "amd64", os: "linux", created: "2026-01-01T00:00:00Z",
      config: ({Env: ["PATH=/bin"], Cmd: $cmd} + if $entry then {Entrypoint: $entry} else {} end),
      rootfs: {type: "layers", diff_ids: [$sum]}, history: [{created: "2026-01-01T00:00:00Z"}]}' >"$dir/config.json"
  jq -n --arg name "$2" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' >"$dir/manifest.json"
  tar -C "$dir" -cf "$1" manifest.json config.json layer.tar
}

# client NAME COMMAND…: a command of this name that runs the engine's client with what always belongs to it.
client() {
  local name=$1
  shift
  printf '#!/bin/sh\nexec %s "$@"\n' "$(printf "'%s' " "$@")" >"$WORK/bin/$name"
  chmod +x "$WORK/bin/$name"
}

# daemon NAME COMMAND…: starts it, its output in a file of the engine's place.
daemon() {
  local name=$1
  shift
  "$@" </dev/null >"$WORK/$name.log" 2>&1 3>&- &
  echo $! >"$WORK/$name.pid"
}

# Ends a daemon that was started here, and waits for its end.
end_daemon() {
  local pid
  pid=$(cat "$WORK/$1.pid") || return 0
  kill -TERM "$pid" 2>/dev/null || return 0
  eventually "! kill -0 $pid" || kill -KILL "$pid"
}

# The limits of a controller are tested where the machine has it.
needs_controller() {
  grep -qw "$1" /sys/fs/cgroup/cgroup.controllers || skip "this machine's cgroup v2 has no $1 controller"
}

# The cgroup of a process, as a directory.
cgroup_of() {
  echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
}

# catches SIGNAL PID: the program has come so far that it handles this signal.
catches() {
  (((16#$(sed -n 's/^SigCgt:\t//p' "/proc/$2/status") >> ($(kill -l "$1") - 1)) & 1))
}

# Processes in a mount namespace of their own that has something of this engine: none may outlive its container.
container_processes() {
  local own process namespace
  own=$(readlink /proc/self/ns/mnt)
  for process in /proc/[0-9]*; do
    namespace=$(readlink "$process/ns/mnt") || continue
    [ "$namespace" = "$own" ] || ! grep -qs -- "$WORK/" "$process/mountinfo" || echo "${process#/proc/}"
  done
}
