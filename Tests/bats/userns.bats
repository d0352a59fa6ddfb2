load helpers

local_setup() {
  # What an unprivileged caller must be able to write, and to execute.
  USER_ROOT=$BATS_TEST_TMPDIR/user-root
  USER_BUNDLE=$BATS_TEST_TMPDIR/user-bundle
  local nobody=65534
  NOBODY=(setpriv --reuid $nobody --regid $nobody --clear-groups env XDG_RUNTIME_DIR="$USER_ROOT" HOME=/ "$BATS_TEST_TMPDIR/apus")
  MAPS='[{"containerID": 0, "hostID": 100000, "size": 65536}]'
  PEER=$ID-peer
  OTHER=$BATS_TEST_TMPDIR/other
}

local_teardown() {
  if [ -d "$USER_ROOT" ]; then
    as_nobody delete --force "$ID" 2>/dev/null || :
  fi
}

# The container gets a new user namespace.
new_user() {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' --argjson m "${1:-$MAPS}"
}

# namespace TYPE JSON: replaces the entry of that type; without JSON it is taken away.
namespace() {
  config '.linux.namespaces |= map(select(.type != $t))' --arg t "$1"
  [ $# = 1 ] || config '.linux.namespaces += [{type: $t} + $n]' --arg t "$1" --argjson n "$2"
}

# A second container, with a user namespace, whose namespaces can be joined.
neighbour() {
  bundle "$OTHER" "$PEER"
  jq '.process.args = ["sleep", "100"] | .linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' \
    --argjson m "$MAPS" "$OTHER/config.json" >"$OTHER/new" && mv "$OTHER/new" "$OTHER/config.json"
  detached rt run -d --bundle "$OTHER" "$PEER"
  NEIGHBOUR=$(pid_of "$PEER")
}

# --- by root -----------------------------------------------------------------------------------

@test "NS-1 UM-4 PR-7: root of a new user namespace is who the maps say" {
  new_user
  shell 'id -u; id -g; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups'
  prints "$(printf '0\n0\n         0     100000      65536\n         0     100000      65536\nallow')"
}

@test "PR-7 PR-9: the user and the groups are those of the namespace" {
  new_user
  config '.process.user = {uid: 7, gid: 8, additionalGids: [9]}'
  args sleep 100
  launch
  is "$(stat -c %u:%g "/proc/$(pid_of)")" 100007:100008
  is "$(awk '/^Groups:/ {print $2, NF}' "/proc/$(pid_of)/status")" "100009 2"
}

@test "NS-8: what is new belongs to the user namespace" {
  new_user
  # Setting a hostname, an address and a mount asks for rights over the owner.
  config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"])'
  shell 'hostname changed && hostname && mount -t tmpfs t /tmp && ifconfig lo 127.0.0.2 && echo all'
  prints "$(printf 'changed\nall')"
}

@test "DV-8: where no node can be made the host's is bound" {
  new_user
  shell 'for d in null zero full random urandom tty; do [ -c /dev/$d ] || echo no $d; done; echo x >/dev/null; head -c 2 /dev/zero | wc -c; ls -l /dev/null | cut -c1-10'
  prints "$(printf '2\ncrw-rw-rw-')"
}

@test "PR-19: the streams belong to the container's user, who can open them again" {
  new_user
  config '.process.user = {uid: 5, gid: 5}'
  shell 'echo one >/dev/stdout; echo two >/proc/self/fd/1'
  # A pipe: a file in a directory of root's would be out of reach.
  status=0
  output=$(rt run --bundle "$BUNDLE" "$ID" 2>&1 </dev/null 3>&- | cat)
  is "$output" "$(printf 'one\ntwo')"
}

@test "PR-2: a terminal in a user namespace is the user's" {
  new_user
  config '.process.terminal = true | .process.user = {uid: 5, gid: 5}'
  shell 'tty; stat -c %u /dev/console; echo hi >/dev/tty'
  try script -qec "'$RUNTIME' --root '$ROOT' run --bundle '$BUNDLE' '$ID'" /dev/null
  exits 0
  has "$(tr -d "\r" <<<"$output" | sed "s/\^@//")" "$(printf '/dev/pts/0\n5\nhi')"
}

@test "ids without a map are refused with their place" {
  new_user '[{"containerID": 0, "hostID": 100000, "size": 10}]'
  config '.process.user.uid = 10'
  refused /process/user/uid 10
  config '.process.user = {uid: 0, gid: 11}'
  refused /process/user/gid 11
  config '.process.user = {uid: 0, gid: 0, additionalGids: [3, 12]}'
  refused /process/user/additionalGids/1 12
  new_user '[{"containerID": 1, "hostID": 100000, "size": 10}]'
  config '.linux.namespaces |= unique | .process.user = {uid: 1, gid: 1}'
  refused /linux/uidMappings
}

@test "UM-2: a new user namespace needs maps, and maps need one" {
  config '.linux.namespaces += [{type: "user"}]'
  refused /linux/uidMappings
  namespace user
  config '.linux.uidMappings = $m' --argjson m "$MAPS"
  refused /linux/uidMappings
}

@test "UM-4: several ranges, and what the kernel refuses" {
  new_user '[{"containerID": 0, "hostID": 100000, "size": 1}, {"containerID": 1, "hostID": 7, "size": 5}]'
  shell 'cat /proc/self/uid_map'
  prints "$(printf '         0     100000          1\n         1          7          5')"
  config '.linux.uidMappings[1].containerID = 0'
  refused /linux/uidMappings/1/containerID
}

@test "UM-1: no file is given to another owner" {
  new_user
  local before
  before=$(find "$BUNDLE/rootfs" -printf '%p %U %G\n' | sort | md5sum)
  shell 'true'
  prints ""
  is "$(find "$BUNDLE/rootfs" -printf '%p %U %G\n' | sort | md5sum)" "$before"
}

@test "RT-2: the namespace's root need not be able to walk to the root filesystem" {
  new_user
  chmod 755 "$BUNDLE/rootfs"
  mkdir -m 700 "$BATS_TEST_TMPDIR/closed"
  mv "$BUNDLE" "$BATS_TEST_TMPDIR/closed/bundle"
  BUNDLE=$BATS_TEST_TMPDIR/closed/bundle
  shell 'echo inside'
  prints inside
}

@test "NS-8: namespaces of outside are joined with the rights of outside" {
  unshare --net sleep 100 3>&- &
  BACKGROUND+=($!)
  local outside=/proc/$!/ns/net
  eventually '[ "$(readlink '$outside')" != "$(readlink /proc/self/ns/net)" ]'
  new_user
  namespace network "{\"path\": \"$outside\"}"
  args sleep 100
  launch
  is "$(readlink "/proc/$(pid_of)/ns/net")" "$(readlink "$outside")"
}

@test "NS-3 NS-7: a user namespace is joined, what is new belongs to it" {
  neighbour
  namespace user "{\"path\": \"/proc/$NEIGHBOUR/ns/user\"}"
  config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
  shell 'cat /proc/self/uid_map; hostname changed && hostname; echo $$'
  prints "$(printf '         0     100000      65536\nchanged\n1')"
}

@test "NS-3 NS-7: a user namespace is joined with others that it owns" {
  neighbour
  local type
  for type in user network ipc uts pid; do
    namespace $type "{\"path\": \"/proc/$NEIGHBOUR/ns/${type/network/net}\"}"
  done
  args sleep 100
  launch
  for type in user net ipc uts pid; do
    is "$(readlink "/proc/$(pid_of)/ns/$type")" "$(readlink "/proc/$NEIGHBOUR/ns/$type")"
  done
  is "$(grep -c . "/proc/$(pid_of)/uid_map")" 1
}

@test "UM-3: maps of a joined user namespace must be its own" {
  neighbour
  namespace user "{\"path\": \"/proc/$NEIGHBOUR/ns/user\"}"
  config '.linux.uidMappings = $m | .linux.gidMappings = $m' --argjson m "$MAPS"
  shell 'echo same'
  prints same
  config '.linux.uidMappings[0].size = 10'
  attempt run --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" /linux/uidMappings
}

@test "exec enters the user namespace" {
  new_user
  args sleep 100
  launch
  attempt exec "$ID" sh -c 'id -u; cat /proc/self/uid_map; hostname'
  exits 0
  has "$output" "100000"
  is "$(head -1 <<<"$output")" 0
  attempt exec --user 9:9 "$ID" id
  is "$output" "uid=9 gid=9"
}

@test "PR-13: oom_score_adj is set from outside a user namespace" {
  new_user
  config '.process.oomScoreAdj = 321'
  shell 'cat /proc/self/oom_score_adj'
  prints 321
}

@test "LX-1: sysctls of namespaces that the user namespace owns" {
  new_user
  config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "4096", "kernel.domainname": "dom"}'
  shell 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax /proc/sys/kernel/domainname'
  prints "$(printf '1\n4096\ndom')"
}

@test "NS-5: without a network namespace the host's sysfs is bound, read-only" {
  new_user
  namespace network
  shell 'ls /sys/class >/dev/null && { mkdir /sys/fs/cgroup/x 2>/dev/null || echo read-only; }'
  prints read-only
}

@test "TO-1: clocks of a user namespace's own time namespace" {
  new_user
  config '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 5000000}, monotonic: {secs: 7, nanosecs: 5}}'
  shell 'awk "{exit !(\$1 > 5000000)}" /proc/uptime && awk "{print \$2, \$3}" /proc/self/timens_offsets'
  prints "$(printf '7 5\n5000000 0')"
}

@test "MT-3: root of the namespace need not be able to walk to a source" {
  new_user
  mkdir -m 700 "$BATS_TEST_TMPDIR/secret"
  mkdir -m 755 "$BATS_TEST_TMPDIR/secret/volume"
  echo text >"$BATS_TEST_TMPDIR/secret/volume/file"
  mounts "{\"destination\": \"/tmp\", \"source\": \"$BATS_TEST_TMPDIR/secret/volume\", \"options\": [\"rbind\", \"ro\"]}"
  shell 'cat /tmp/file; echo x 2>/dev/null >/tmp/file || echo read-only'
  prints "$(printf 'text\nread-only')"
}

@test "rootless: what hides a part of the host's procfs is named" {
  new_user
  # shellcheck disable=SC2016
  try unshare -m sh -c 'mount --bind /dev/null /proc/timer_list && exec "$@"' - \
    "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" /proc/timer_list /mounts/0
}

# --- by anybody --------------------------------------------------------------------------------

# as_nobody ARG…: the runtime, by an unprivileged caller.
as_nobody() {
  "${NOBODY[@]}" "$@"
}

# A bundle as `spec --rootless` makes it.
rootless() {
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/apus"
  install -d -o 65534 -g 65534 -m 700 "$USER_ROOT"
  install -d -o 65534 -g 65534 "$USER_BUNDLE"
  cp -al "$SUITE/rootfs" "$USER_BUNDLE/rootfs"
  (cd "$USER_BUNDLE" && as_nobody spec --rootless)
  BUNDLE=$USER_BUNDLE
  config '.process.terminal = false'
  ROOT=$BATS_TEST_TMPDIR/none
}

# In the foreground, by nobody.
by_nobody() {
  try "${NOBODY[@]}" run --bundle "$BUNDLE" "$ID" </dev/null
}

@test "rootless: an unprivileged caller runs what spec --rootless wrote" {
  rootless
  shell 'id -u; cat /proc/self/setgroups /proc/self/uid_map; echo again >&2; hostname; echo $$'
  by_nobody
  exits 0
  is "$output" "$(printf '0\ndeny\n         0      65534          1\napus\n1')"
  is "$stderr" again
  is "$(ls "$USER_ROOT/apus")" ""
}

@test "rootless: create, state, start, exec, kill and delete by an unprivileged caller" {
  rootless
  args sleep 100
  detached as_nobody create --bundle "$BUNDLE" "$ID"
  is "$(as_nobody state "$ID" | jq -r .status)" created
  try "${NOBODY[@]}" exec "$ID" sh -c 'id -u; hostname'
  exits 0
  is "$output" "$(printf '0\napus')"
  as_nobody start "$ID" 3>&-
  is "$(as_nobody state "$ID" | jq -r .status)" running
  is "$(as_nobody list -q)" "$ID"
  try "${NOBODY[@]}" exec "$ID" sh -c 'id -u; tr "\0" " " </proc/1/cmdline; cat /proc/self/uid_map'
  exits 0
  is "$output" "$(printf '0\nsleep 100          0      65534          1')"
  as_nobody kill "$ID" KILL
  eventually '[ "$(as_nobody state "$ID" | jq -r .status)" = stopped ]'
  as_nobody delete "$ID"
  is "$(ls "$USER_ROOT/apus")" ""
}

@test "rootless: a /proc that hides the processes of others hides no container from its user" {
  rootless
  args sleep 100
  NOBODY=(unshare -m --propagation private sh -c 'mount -t proc -o hidepid=2 proc /proc && exec "$@"' - "${NOBODY[@]}")
  detached as_nobody create --bundle "$BUNDLE" "$ID"
  is "$(as_nobody state "$ID" | jq -r .status)" created
  as_nobody start "$ID" 3>&-
  is "$(as_nobody state "$ID" | jq -r .status)" running
  try "${NOBODY[@]}" exec "$ID" echo inside
  exits 0
  is "$output" inside
  as_nobody delete --force "$ID"
  is "$(ls "$USER_ROOT/apus")" ""
}

@test "T46 rootless: a process of the container that holds the start's descriptors open does not hold start up" {
  rootless
  args sleep 100
  detached as_nobody create --bundle "$BUNDLE" "$ID"
  detached as_nobody exec -d "$ID" racer hold
  eventually grep -q holding "$OUT"
  # Without any it would hold nothing up.
  lacks "$(cat "$OUT")" "holding 0"
  try "${NOBODY[@]}" start "$ID" </dev/null
  exits 0
  is "$(as_nobody state "$ID" | jq -r .status)" running
}

@test "T43 rootless: an init that moved to a mount namespace of its own is not followed there by exec" {
  rootless
  config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
  shell 'exec unshare -m sh -c "echo moved; sleep 100"'
  detached as_nobody create --bundle "$BUNDLE" "$ID"
  as_nobody start "$ID" 3>&-
  eventually grep -q moved "$OUT"
  try "${NOBODY[@]}" exec "$ID" true
  exits 255
  has "$stderr" "init has left the mount namespace"
}

@test "rootless: a terminal for an unprivileged caller, of run and of exec" {
  rootless
  config '.process.terminal = true'
  shell 'tty && echo hi >/dev/tty && sleep 0.1'
  try script -qec "${NOBODY[*]} run --bundle '$BUNDLE' '$ID'" /dev/null
  exits 0
  has "$(tr -d "\r" <<<"$output" | sed "s/\^@//")" "$(printf '/dev/pts/0\nhi')"
}

@test "UM-4: newuidmap and newgidmap map ids that were set aside" {
  command -v newuidmap >/dev/null || skip "no newuidmap on this machine"
  rootless
  echo "nobody:200000:1000" >"$BATS_TEST_TMPDIR/sub"
  config '.linux.uidMappings = $m | .linux.gidMappings = $m | .process.user = {uid: 3, gid: 4, additionalGids: [5]}' \
    --argjson m '[{"containerID": 0, "hostID": 65534, "size": 1}, {"containerID": 1, "hostID": 200000, "size": 1000}]'
  shell 'id -u; id -G; cat /proc/self/uid_map'
  # shellcheck disable=SC2016
  try unshare -m sh -c 'mount --bind "$1" /etc/subuid; mount --bind "$1" /etc/subgid; shift; exec "$@"' - \
    "$BATS_TEST_TMPDIR/sub" "${NOBODY[@]}" run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$output" "$(printf '3\n4 5\n         0      65534          1\n         1     200000       1000')"
}

@test "UM-4: ids that nobody set aside are refused" {
  rootless
  config '.linux.uidMappings = $m | .linux.gidMappings = $m' --argjson m "$MAPS"
  by_nobody
  exits 1
  has "$stderr" /linux/gidMappings "newgidmap refused" "not allowed" '/etc/subgid needs `65534:100000:65536`'
  is "$(ls "$USER_ROOT/apus")" ""
}

# with_helpers SCRIPT: nobody runs the container where SCRIPT has changed the programs that map ids, for us alone.
with_helpers() {
  # shellcheck disable=SC2016
  try unshare -m sh -euc '
    echo nobody:200000:1000 >$1/sub; mount --bind $1/sub /etc/subuid; mount --bind $1/sub /etc/subgid
    # A /usr/bin to change.
    mkdir -p $1/over; mount -t tmpfs t $1/over; mkdir $1/over/upper $1/over/work
    mount -t overlay -o lowerdir=/usr/bin,upperdir=$1/over/upper,workdir=$1/over/work o /usr/bin
    mount -t tmpfs -o mode=755 t /usr/local/bin
    cd /usr/bin; eval "$2"; shift 2; exec "$@"' - "$BATS_TEST_TMPDIR" "$1" "${NOBODY[@]}" run --bundle "$BUNDLE" "$ID"
}

@test "UM-4: a helper that is elsewhere, absent, not root's or failing is told apart, in its own words" {
  unlike "runc crun" "has other words"
  command -v newuidmap >/dev/null || skip "no newuidmap on this machine"
  rootless
  config '.linux.uidMappings = $m | .linux.gidMappings = $m' \
    --argjson m '[{"containerID": 0, "hostID": 65534, "size": 1}, {"containerID": 1, "hostID": 200000, "size": 1000}]'
  shell 'id -u'
  with_helpers 'cp -a newuidmap newgidmap /usr/local/bin; rm newuidmap newgidmap'
  exits 0
  is "$output" 0
  with_helpers 'rm newuidmap newgidmap'
  exits 1
  has "$stderr" "newgidmap is needed" "not installed" /linux/gidMappings
  no_phrase
  with_helpers 'chown 65534 newuidmap'
  exits 1
  has "$stderr" '`/usr/bin/newuidmap` is not a file that only root can write' /linux/uidMappings
  with_helpers 'cp false newuidmap'
  exits 1
  has "$stderr" "newuidmap exited with status 1" /linux/uidMappings
  # One that may not write the map.
  with_helpers 'chmod u-s newuidmap; setcap -r newuidmap 2>/dev/null || :'
  exits 1
  has "$stderr" "newuidmap exited with status 1: newuidmap: " /linux/uidMappings
  is "$(ls "$USER_ROOT/apus")" ""
}

@test "PR-9: groups that cannot be had are refused, not left out" {
  rootless
  config '.process.user.additionalGids = [0]'
  by_nobody
  exits 1
  has "$stderr" /process/user/additionalGids
}

@test "rootless: without root a container needs a user namespace" {
  rootless
  config '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings)'
  by_nobody
  exits 1
  has "$stderr" /linux/namespaces
}

@test "ND-7: an unprivileged caller cannot move a network device" {
  rootless
  config '.linux.namespaces += [{type: "network"}] | .linux.netDevices = {eth9: {}}'
  by_nobody
  exits 1
  has "$stderr" /linux/netDevices
}

@test "rootless: limits that no cgroup can be made for are refused, not left out" {
  rootless
  config '.linux.resources = {pids: {limit: 10}}'
  by_nobody
  exits 1
  has "$stderr" cgroup
}

@test "rootless: in a container's own user namespace the runtime makes containers too" {
  rootless
  shell 'echo nested; cat /proc/self/uid_map'
  # Root of a namespace that maps a range: newer ones are made with its rights.
  config '.linux.uidMappings = $m | .linux.gidMappings = $m' --argjson m '[{"containerID": 0, "hostID": 10, "size": 100}]'
  chown -R 0:0 "$USER_ROOT" "$USER_BUNDLE"
  mkfifo "$BATS_TEST_TMPDIR/go"
  # shellcheck disable=SC2016
  unshare -U -m sh -c 'read -r _ <"$1"; shift; exec "$@"' - "$BATS_TEST_TMPDIR/go" setpriv --reuid 0 --regid 0 --clear-groups \
    "$BATS_TEST_TMPDIR/apus" --root "$USER_ROOT/nested" run --bundle "$BUNDLE" "$ID" >"$OUT" 2>"$ERR" 3>&- &
  local outer=$!
  eventually '[ "$(readlink "/proc/'$outer'/ns/user")" != "$(readlink /proc/self/ns/user)" ]'
  echo "0 0 65536" >"/proc/$outer/uid_map"
  echo "0 0 65536" >"/proc/$outer/gid_map"
  echo >"$BATS_TEST_TMPDIR/go"
  wait $outer || fail "$(cat "$ERR")"
  is "$(cat "$OUT")" "$(printf 'nested\n         0         10        100')"
}

@test "EN-16 rootless: exec works where the caller's pid namespace belongs to a user namespace above, as in a rootless engine" {
  rootless
  config 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))'
  args sleep 100
  try "${NOBODY[@]:0:${#NOBODY[@]}-1}" unshare --user --map-root-user sh -euc '
    "$1" run --detach --bundle "$2" "$3" >/dev/null
    trap "\"$1\" delete --force \"$3\"" EXIT
    "$1" exec "$3" sh -c "echo in \$(readlink /proc/self/ns/pid); exit 5" || echo "$?"' \
    sh "$BATS_TEST_TMPDIR/apus" "$BUNDLE" "$ID"
  exits 0
  matches "$output" '^in pid:'
  has "$output" 5
}

@test "rootless: mounts add, list and remove by an unprivileged caller" {
  rootless
  config '.root.readonly = false'
  args sleep 100
  detached as_nobody create --bundle "$BUNDLE" "$ID"
  as_nobody start "$ID" 3>&-
  mkdir "$BATS_TEST_TMPDIR/data"
  echo text >"$BATS_TEST_TMPDIR/data/file"
  jq -cn --arg s "$BATS_TEST_TMPDIR/data" '[{destination: "/tmp/t", type: "tmpfs"},
    {destination: "/tmp/t/data", source: $s, options: ["rbind", "ro"]}]' >"$BATS_TEST_TMPDIR/m"
  as_nobody mounts add "$ID" - <"$BATS_TEST_TMPDIR/m" 3>&-
  is "$(as_nobody exec "$ID" cat /tmp/t/data/file 3>&-)" text
  is "$(as_nobody exec "$ID" stat -c %u /tmp/t 3>&-)" 0
  jq 'reverse' <"$BATS_TEST_TMPDIR/m" >"$BATS_TEST_TMPDIR/r"
  as_nobody mounts remove "$ID" - <"$BATS_TEST_TMPDIR/r" 3>&-
  is "$(as_nobody mounts list --format json "$ID" | jq -c '[.[] | select(.origin == "live")]')" '[]'
  as_nobody delete --force "$ID"
}
