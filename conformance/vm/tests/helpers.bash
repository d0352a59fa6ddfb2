# The helpers of Tests/bats, for a container whose cgroup is made by $MANAGER.
load ../../../Tests/bats/helpers

local_setup() {
  if [ "$MANAGER" = systemd ]; then
    CGROUP=$CGROUP_MOUNT$CGROUP_PARENT/t-$ID.scope
    config '.linux.cgroupsPath = "apus-test.slice:t:" + $id' --arg id "$ID"
  fi
}

create() {
  detached rt --cgroup-manager="$MANAGER" create --bundle "$BUNDLE" "$@" "$ID"
}

foreground() {
  attempt --cgroup-manager="$MANAGER" run --bundle "$BUNDLE" "$@" "$ID"
}

# The machine lasts as long as the tests, and each process takes its time.
host_snapshot() {
  cat /proc/self/mountinfo
}

# refused PART…: as in Tests/bats, with this manager.
refused() {
  attempt --cgroup-manager="$MANAGER" create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" "$@"
  is "$(wc -l <"$BATS_TEST_TMPDIR/stderr")" 1
  no_phrase
  nothing_left
}

# resources JSON: what the container's limits are, beside the device rules.
resources() {
  config '.linux.resources += $r' --argjson r "$1"
}

# file NAME: a file of the container's cgroup.
file() {
  cat "$CGROUP/$1"
}

# value KEY NAME: the value of KEY in a flat keyed file of the container's cgroup.
value() {
  sed -n "s/^$1 //p" "$CGROUP/$2"
}

# second PROGRAM JSON: another container beside the test's own, with these resources, configured by the function
# PROGRAM; SECOND is its cgroup.
second() {
  local id=$ID-2 cgroup=$CGROUP
  bundle "$BUNDLE-2" "$id"
  (
    ID=$id BUNDLE=$BUNDLE-2
    local_setup
    "$1"
    resources "$2"
    launch
  )
  case $MANAGER in
    systemd) SECOND=${cgroup%.scope}-2.scope ;;
    *) SECOND=$cgroup-2 ;;
  esac
}

# outweighs FACTOR: the file's function `compare` gives OWN more than FACTOR times as much as OTHER. A machine that is short of
# time itself compares nothing, so there are several tries.
outweighs() {
  local i
  for i in 1 2 3 4 5; do
    compare
    [ "$OWN" -ge 10 ] && [ "$OWN" -gt $((OTHER * $1)) ] && return
  done
  fail "$OWN and $OTHER"
}
