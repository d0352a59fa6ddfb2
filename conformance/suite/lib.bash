# What every file of the suite loads. A check makes containers with the operations of the specification only; it looks
# at them from inside, through what the program writes to the file $OUT, and from outside, through /proc and cgroups.
bats_require_minimum_version 1.5.0
load "${BASH_SOURCE[0]%/*}/../lib/assert.bash"

setup() {
  RUNTIME_NAME=$(basename "$RUNTIME")
  ROOT=/run/suite/$BATS_SUITE_TEST_NUMBER/root
  BUNDLE=/run/suite/$BATS_SUITE_TEST_NUMBER/bundle
  ID=t$BATS_SUITE_TEST_NUMBER
  OUT=$BUNDLE/out
  CGROUP=/sys/fs/cgroup/suite/$ID
  mkdir -p "$BUNDLE/rootfs"/{bin,dev,proc,sys,etc,tmp,root,data} "$ROOT"
  chmod 1777 "$BUNDLE/rootfs/tmp"
  cp "$(command -v busybox)" "$BUNDLE/rootfs/bin/busybox"
  local applet
  for applet in sh cat id ls stat readlink sleep true grep env pwd touch mkdir rm hostname kill mknod dd wc head \
    mount umount awk chmod ln ip test date sort tail; do
    ln -s busybox "$BUNDLE/rootfs/bin/$applet"
  done
  printf 'root:x:0:0:root:/root:/bin/sh\n' >"$BUNDLE/rootfs/etc/passwd"
  : >"$BUNDLE/rootfs/etc/plain"
  jq --arg cgroup "/suite/$ID" '.linux.cgroupsPath = $cgroup' "$BATS_TEST_DIRNAME/config.json" >"$BUNDLE/config.json"
}

teardown() {
  local directory
  for directory in "$ROOT"/*/; do
    [ ! -d "$directory" ] || operation delete --force "$(basename "$directory")" || :
  done
  find /sys/fs/cgroup/suite -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null || :
  rm -rf "/run/suite/$BATS_SUITE_TEST_NUMBER"
}

# operation WORD…: one call of the runtime, its standard streams not the container's.
operation() {
  timeout -s KILL 120 "$RUNTIME" --root "$ROOT" "$@" </dev/null 3>&-
}

try() {
  attempt "$RUNTIME" --root "$ROOT" "$@"
}

# config FILTER [JQ OPTION…]: edits the configuration.
config() {
  local filter=$1
  shift
  jq "$filter" "$@" <"$BUNDLE/config.json" >"$BUNDLE/config.new"
  mv "$BUNDLE/config.new" "$BUNDLE/config.json"
}

shell() {
  config '.process.args = ["sh", "-c", $text]' --arg text "$1"
}

create() {
  timeout -s KILL 120 "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$@" "${NAME:-$ID}" </dev/null >>"$OUT" 2>&1 3>&- || {
    local code=$?
    cat "$OUT" >&2
    return "$code"
  }
}

launch() {
  create "$@"
  operation start "$ID"
}

# outcome [SCRIPT]: the container runs to its end; sets output to what it wrote.
outcome() {
  [ $# = 0 ] || shell "$1"
  launch
  eventually stopped
  # A runtime may warn of what it was asked for; that is not what the script wrote.
  output=$(sed '/^warning: /d' "$OUT")
}

# yields WANT SCRIPT: what the script writes inside the container.
yields() {
  outcome "$2"
  is "$output" "$1"
}

# state FILTER [ID]
state() {
  operation state "${2:-$ID}" | jq -r "$1"
}

stopped() {
  [ "$(state .status)" = stopped ]
}

# The process of the container, as the host sees it.
pid() {
  state .pid
}

# refused: create generates an error and leaves no container.
refused() {
  if create 2>/dev/null; then
    # What is only noticed when the program would run may be an error of start.
    ! operation start "$ID" 2>/dev/null || fail "it was accepted"
    return
  fi
  ! operation state "$ID" 2>/dev/null || fail "the container is there"
}

running_sleep() {
  shell 'while :; do sleep 0.05; done'
  launch
}

mounts() {
  config '.mounts += [$m]' --argjson m "$1"
}

# hook KIND SCRIPT: adds a hook. It takes its input to the end, whatever it does: that a runtime writes to a pipe that
# nobody reads is another matter, and a race.
hook() {
  config '.hooks[$kind] += [{path: "/bin/sh", args: ["sh", "-c", ("trap \"cat >/dev/null\" EXIT; " + $text)]}]' \
    --arg kind "$1" --arg text "$2"
}

feature() {
  operation features | jq -e "$1" >/dev/null 2>&1
}
