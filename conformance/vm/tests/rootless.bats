load helpers

MIB=1048576

# as USER COMMAND…: what a login of this user would run, with the bus of his own systemd if he has one.
as() {
  local user=$1 number
  shift
  number=$(id -u "$user")
  try runuser -u "$user" -- env "XDG_RUNTIME_DIR=/run/user/$number" \
    "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$number/bus" "$@" </dev/null
}

# bundle_of USER: a bundle of the rootless default in that user's hands, and a state root.
bundle_of() {
  HOME_OF=$BATS_TEST_TMPDIR/home
  mkdir "$HOME_OF"
  chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.."
  mkdir "$HOME_OF/state" "$HOME_OF/bundle"
  cp -a "$SUITE/rootfs" "$HOME_OF/bundle/rootfs"
  chown -R "$1:$1" "$HOME_OF"
  (cd "$HOME_OF/bundle" && as "$1" "$RUNTIME" spec --rootless)
  BUNDLE=$HOME_OF/bundle
  config '.process.terminal = false | del(.linux.resources)'
  chown "$1:$1" "$BUNDLE/config.json"
}

# His systemd, which also mounts his runtime directory, is up before a test looks at the host.
setup_file() {
  [ "$MANAGER" = cgroupfs ] || systemctl start "user@$(id -u user).service"
}

manager_of() {
  BASE=$CGROUP_MOUNT/user.slice/user-$(id -u "$1").slice/user@$(id -u "$1").service
}

# bats test_tags=systemd
@test "17: a user with delegation: limits by his own systemd, from outside of what it delegates" {
  bundle_of user
  manager_of user
  resources "{\"memory\": {\"limit\": $((64 * MIB))}, \"pids\": {\"limit\": 20}}"
  shell 'cat /proc/self/cgroup; exec sleep 100'
  config '.linux.cgroupsPath = ":t:one"'
  as user "$RUNTIME" --root "$HOME_OF/state" --systemd-cgroup run --detach --bundle "$BUNDLE" one
  exits 0
  CGROUP=$BASE/user.slice/t-one.scope
  is "$(file memory.max) $(file pids.max)" "$((64 * MIB)) 20"
  is "$(file cgroup.procs | wc -l)" 1
  as user "$RUNTIME" --root "$HOME_OF/state" exec one cat /proc/self/cgroup
  exits 0
  as user "$RUNTIME" --root "$HOME_OF/state" update --pids-limit 10 one
  exits 0
  is "$(file pids.max)" 10
  as user "$RUNTIME" --root "$HOME_OF/state" delete --force one
  exits 0
  [ ! -e "$CGROUP" ]
}

# bats test_tags=systemd
@test "17: a user with delegation: cgroupfs, inside of a scope of his" {
  bundle_of user
  manager_of user
  resources "{\"memory\": {\"limit\": $((64 * MIB))}}"
  shell 'exec sleep 100'
  as user systemd-run --user --scope -p Delegate=yes "$RUNTIME" --root "$HOME_OF/state" \
    run --detach --bundle "$BUNDLE" two
  exits 0
  local pid
  pid=$(as user "$RUNTIME" --root "$HOME_OF/state" state two && jq -r .pid <<<"$output")
  CGROUP=$CGROUP_MOUNT$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
  has "$CGROUP" "$BASE/" /two
  is "$(file memory.max)" $((64 * MIB))
  as user "$RUNTIME" --root "$HOME_OF/state" delete --force two
  exits 0
}

# bats test_tags=cgroupfs
@test "17: a user without delegation: no cgroup without limits, and a reason with them" {
  bundle_of other
  shell 'echo ran'
  as other "$RUNTIME" --root "$HOME_OF/state" run --bundle "$BUNDLE" three
  exits 0
  is "$output" ran
  resources "{\"memory\": {\"limit\": $((64 * MIB))}}"
  as other "$RUNTIME" --root "$HOME_OF/state" run --bundle "$BUNDLE" three
  exits 1
  no_phrase
  has "$stderr" cgroup
  as other "$RUNTIME" --root "$HOME_OF/state" --systemd-cgroup run --bundle "$BUNDLE" three
  exits 1
  no_phrase
  has "$stderr" systemd
}

# bats test_tags=cgroupfs
@test "17: a user with a delegated subtree of cgroupfs" {
  bundle_of other
  local tree=$CGROUP_MOUNT$CGROUP_PARENT/tree-$ID
  mkdir -p "$tree/shell"
  echo "+memory +pids" >"$tree/../cgroup.subtree_control"
  chown other "$tree" "$tree/shell" "$tree"/{,shell/}cgroup.{procs,subtree_control,threads}
  shell 'exec sleep 100'
  resources "{\"memory\": {\"limit\": $((64 * MIB))}}"
  (
    echo "$BASHPID" >"$tree/shell/cgroup.procs"
    as other "$RUNTIME" --root "$HOME_OF/state" run --detach --bundle "$BUNDLE" four
    exits 0
  )
  CGROUP=$tree/four
  is "$(file memory.max)" $((64 * MIB))
  is "$(file cgroup.procs | wc -l)" 1
  as other "$RUNTIME" --root "$HOME_OF/state" delete --force four
  exits 0
  [ ! -e "$CGROUP" ]
  rmdir "$tree/shell" "$tree"
}
