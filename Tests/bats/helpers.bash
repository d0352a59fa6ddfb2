# What every file loads: a bundle, a state root and an id for each test, and nothing of them after it.
bats_require_minimum_version 1.5.0

setup() {
  ROOT=$BATS_TEST_TMPDIR/root
  BUNDLE=$BATS_TEST_TMPDIR/bundle
  ID=t$$-$BATS_TEST_NUMBER
  OUT=$BATS_TEST_TMPDIR/out
  ERR=$BATS_TEST_TMPDIR/err
  CGROUP=$CGROUP_MOUNT$CGROUP_PARENT/$ID
  BACKGROUND=()
  mkdir -m 700 "$ROOT"
  bundle "$BUNDLE" "$ID"
  HOST_BEFORE=$(host_snapshot)
  if declare -F local_setup >/dev/null; then local_setup; fi
}

teardown() {
  # bats looks at the status of the whole function only.
  local id pid code=0
  if declare -F local_teardown >/dev/null; then local_teardown || code=1; fi
  for pid in "${BACKGROUND[@]}"; do kill -KILL "$pid" 2>/dev/null || :; done
  for id in "$ROOT"/*/; do
    [ -d "$id" ] || continue
    rt delete --force "$(basename "$id")" 2>&1 || { echo "delete --force failed: $id" >&2; code=1; }
  done
  if is_peer; then rmdir "$CGROUP"* 2>/dev/null || :; fi
  eventually nothing_left || { nothing_left || code=1; }
  is "$(host_snapshot)" "$HOST_BEFORE" || code=1
  return "$code"
}

# --- saying what should hold -------------------------------------------------------------------

# Seconds that a command may take, and that something may take to become true.
: "${ATTEMPT_SECONDS:=${PATIENCE:-20}}" "${PATIENCE:=6}"
source "${BASH_SOURCE[0]%/*}/../../conformance/lib/assert.bash"

needs_capability() {
  local bit=$1 name=$2 effective
  effective=$(sed -n 's/^CapEff:\t//p' /proc/self/status)
  (((16#$effective >> bit) & 1)) || skip "this machine grants no $name"
}

# --- bundles -----------------------------------------------------------------------------------

# bundle DIR ID: a bundle of the runtime's own default configuration, without a terminal.
bundle() {
  mkdir -p "$1"
  cp -al "$SUITE/rootfs" "$1/rootfs"
  jq --arg cgroup "$CGROUP_PARENT/$2" '.process.terminal = false | .linux.cgroupsPath = $cgroup' \
    "$SUITE/base/config.json" >"$1/config.json"
}

# config FILTER [JQ OPTION…]: edits the configuration.
config() {
  local filter=$1
  shift
  jq "$filter" "$@" <"$BUNDLE/config.json" >"$BUNDLE/.config.json"
  mv "$BUNDLE/.config.json" "$BUNDLE/config.json"
}

# words WORD…: a JSON array of them, whatever they look like to jq.
words() {
  local IFS=$'\x1f'
  [ $# -gt 0 ] || { echo '[]'; return; }
  printf '%s' "$*" | jq -cRs 'split("\u001f")'
}

# args WORD…: what the container runs.
args() {
  config '.process.args = $args' --argjson args "$(words "$@")"
}

shell() {
  args sh -c "$1"
}

# mount JSON…: adds mounts.
mounts() {
  local entry
  for entry in "$@"; do config '.mounts += [$m]' --argjson m "$entry"; done
}

# --- the runtime -------------------------------------------------------------------------------

rt() {
  "$RUNTIME" --root "$ROOT" "$@"
}

# A container outlives the command that made it, so it must not hold what `run` reads from.
detached() {
  "$@" </dev/null >>"$OUT" 2>>"$ERR" 3>&- || {
    local code=$?
    cat "$ERR" >&2
    return "$code"
  }
}

create() {
  detached rt create --bundle "$BUNDLE" "$@" "$ID"
}

start() {
  rt start "$ID" 3>&-
}

launch() {
  create "$@"
  start
}

# Runs a command of the runtime to its end: sets status, output and stderr. Unlike `run` it does not
# wait for a container that has the same output, and it does not wait for ever.
attempt() {
  try "$RUNTIME" --root "$ROOT" "$@" </dev/null
}

try() {
  status=0
  timeout -s KILL "$ATTEMPT_SECONDS" "$@" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- || status=$?
  output=$(cat "$BATS_TEST_TMPDIR/stdout")
  stderr=$(cat "$BATS_TEST_TMPDIR/stderr")
}

# In the foreground, to the end.
foreground() {
  attempt run --bundle "$BUNDLE" "$@" "$ID"
}

# prints WANT: the container runs in the foreground, succeeds and prints this.
prints() {
  foreground
  exits 0
  is "$output" "$1"
}

# The runtimes that ours is compared with have other words, and sometimes leave a cgroup.
is_peer() {
  case $RUNTIME_NAME in runc | crun) ;; *) return 1 ;; esac
}

# refused PART…: create fails with one line that contains every PART, and leaves nothing.
refused() {
  attempt create --bundle "$BUNDLE" "$ID"
  if is_peer; then
    [ "$status" -ne 0 ] || fail "it was accepted"
    return
  fi
  exits 1
  is "$output" ""
  has "$stderr" "$@"
  is "$(grep -vc '^warning: ' "$BATS_TEST_TMPDIR/stderr")" 1
  nothing_left
}

status_of() {
  rt state "${1:-$ID}" | jq -r .status
}

has_status() {
  [ "$(status_of "${2:-$ID}")" = "$1" ]
}

pid_of() {
  rt state "${1:-$ID}" | jq -r .pid
}

# --- what a container leaves behind ------------------------------------------------------------

# No state, no cgroup and no process of any container that this test made.
nothing_left() {
  local left
  left=$(find "$ROOT" -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null)
  [ -z "$left" ] || { fail "state left: $left"; return; }
  left=$(compgen -G "$CGROUP*" || :)
  [ -z "$left" ] || { fail "cgroup left: $left"; return; }
  left=$(processes)
  [ -z "$left" ] || fail "processes left: $left"
}

# The processes that live in this test's rootfs.
processes() {
  grep -ls -- "$BATS_TEST_TMPDIR/" /proc/[0-9]*/mountinfo | sed 's|^/proc/||; s|/mountinfo$||'
}

# follows SCHEMA: the output is what docs/schema says of it.
follows() {
  printf '%s' "$output" >"$BATS_TEST_TMPDIR/document"
  python3 -c 'import json, sys, jsonschema; jsonschema.Draft4Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))' \
    "$BATS_TEST_DIRNAME/../../docs/schema/$1.json" "$BATS_TEST_TMPDIR/document"
}

# What a container must never change on the host.
host_snapshot() {
  stat -c '%n %u:%g %a %t:%T' /dev/null /dev/zero /dev/full /dev/tty /dev/ptmx
  cat /proc/self/mountinfo /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname
  stat -c '%Y %s %a' "$RUNTIME"
}

# What engines search an error for: in a message about anything else it would mislead them.
no_phrase() {
  lacks "${stderr,,}" "no such file or directory" "executable file not found" "permission denied" \
    "operation not permitted" "not a directory" "is a directory" "does not exist" "no such process"
}
