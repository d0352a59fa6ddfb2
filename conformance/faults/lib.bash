# The words that the cases are written in. Each case has a bundle, a state root and an id of its own; everything that it
# makes lies below $DIR, in mount and cgroup trees of its own.

# config FILTER [JQ OPTION…]: edits the configuration.
config() {
  local filter=$1
  shift
  jq "$filter" "$@" <"$BUNDLE/config.json" >"$BUNDLE/.new"
  mv "$BUNDLE/.new" "$BUNDLE/config.json"
}

args() {
  config '.process.args = $ARGS.positional' --args -- "$@"
}

# file PATH TEXT [MODE]: in the root filesystem; TEXT is a format of printf.
file() {
  mkdir -p "$(dirname "$ROOTFS$1")"
  # shellcheck disable=SC2059
  printf "$2" >"$ROOTFS$1"
  chmod "${3:-755}" "$ROOTFS$1"
}

# mount_at DESTINATION JSON: adds a mount.
mount_at() {
  config '.mounts += [{destination: $d} + $m]' --arg d "$1" --argjson m "$2"
}

# namespace TYPE [PATH]
namespace() {
  config '.linux.namespaces |= map(select(.type != $t)) + [{type: $t} + (if $p == "" then {} else {path: $p} end)]' \
    --arg t "$1" --arg p "${2:-}"
}

without_namespace() {
  config '.linux.namespaces |= map(select(.type != $t))' --arg t "$1"
}

# user_namespace [HOST ID] [SIZE]
user_namespace() {
  namespace user
  config '.linux.uidMappings = [{containerID: 0, hostID: $h, size: $s}] | .linux.gidMappings = .linux.uidMappings' \
    --argjson h "${1:-100000}" --argjson s "${2:-65536}"
}

# hook KIND PATH [ARG…]
hook() {
  config '.hooks[$ARGS.positional[0]] = [{path: $ARGS.positional[1], args: $ARGS.positional[1:]}]' --args -- "$@"
}

rt() {
  "$RUNTIME" ${JSON:+--log-format json} --root "$ROOT" "$@" </dev/null
}

# A container that runs.
running() {
  args sleep 60
  rt create --bundle "$BUNDLE" "$ID" && rt start "$ID"
}

# as_user COMMAND…: as somebody without rights, who can read the bundle.
as_user() {
  mkdir -p "$DIR/state"
  chown -R 65534:65534 "$DIR/state"
  chmod -R a+rX "$DIR"
  ROOT=$DIR/state setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# inside SCRIPT: in a user and mount namespace of its own, as its root.
inside() {
  unshare -Urm --propagation private bash -c "set -e; $1"'; exec "${@}"' - "${@:2}"
}

# What a case does in the end, unless it says otherwise.
go() { rt run --bundle "$BUNDLE" "$ID"; }

# start_of_bundle: a neutral one, whose program is in its place.
start_of_bundle() {
  mkdir -p "$ROOTFS"/{bin,dev,proc,sys,etc,tmp} "$ROOT"
  chmod 700 "$ROOT"
  cp "$(command -v busybox)" "$ROOTFS/bin/busybox"
  local applet
  for applet in sh true sleep cat kill; do ln -s busybox "$ROOTFS/bin/$applet"; done
  jq --arg c "/$ID" '.ociVersion = "1.2.0" | .process.args = ["true"] | .linux.cgroupsPath = $c' "$FAULTS/../suite/config.json" \
    >"$BUNDLE/config.json"
}

end_of_case() {
  local id pid
  local started
  started=$(jobs -p)
  # Or bash tells of each that was killed.
  disown -a
  for pid in $started; do kill -KILL "$pid" 2>/dev/null || :; done
  for id in "$ROOT"/*/ "$DIR"/state/*/; do
    [ ! -d "$id" ] || "$RUNTIME" --root "$(dirname "$id")" delete --force "$(basename "$id")" >/dev/null 2>&1 </dev/null || :
  done
  umount -R -l "$DIR"/* 2>/dev/null || :
  clear_cgroups
  rm -rf "$DIR" || :
}

# Also of a runtime that was killed because it hung in a frozen one.
clear_cgroups() {
  local cgroup try
  for cgroup in "/sys/fs/cgroup/$ID" "/sys/fs/cgroup/above-$ID"; do
    for ((try = 0; try < 50; try++)); do
      [ -d "$cgroup" ] || break
      echo 0 >"$cgroup/cgroup.freeze" || :
      echo 1 >"$cgroup/cgroup.kill" || :
      find "$cgroup" -depth -type d -exec rmdir {} + && break
      sleep 0.1
    done
  done 2>/dev/null
}
