load helpers

local_setup() {
  PEER=$ID-peer
  OTHER=$BATS_TEST_TMPDIR/other
}

# A second container whose namespaces can be joined.
neighbour() {
  bundle "$OTHER" "$PEER"
  jq '.process.args = ["sleep", "100"]' "$OTHER/config.json" >"$OTHER/new" && mv "$OTHER/new" "$OTHER/config.json"
  detached rt run -d --bundle "$OTHER" "$PEER"
  NEIGHBOUR=$(pid_of "$PEER")
}

# namespace TYPE JSON: replaces the entry of that type; without JSON it is taken away.
namespace() {
  config '.linux.namespaces |= map(select(.type != $t))' --arg t "$1"
  [ $# = 1 ] || config '.linux.namespaces += [{type: $t} + $n]' --arg t "$1" --argjson n "$2"
}

declare -gA FILE=([mount]=mnt [pid]=pid [network]=net [ipc]=ipc [uts]=uts [cgroup]=cgroup [user]=user [time]=time)

@test "NS-1 NS-2: each type that is listed is a new namespace" {
  namespace cgroup '{}'
  args sleep 100
  launch
  local type pid
  pid=$(pid_of)
  for type in mount pid network ipc uts cgroup; do
    [ "$(readlink "/proc/$pid/ns/${FILE[$type]}")" != "$(readlink "/proc/self/ns/${FILE[$type]}")" ] || fail "$type is the host's"
  done
  is "$(readlink "/proc/$pid/ns/user")" "$(readlink /proc/self/ns/user)"
}

@test "NS-5: a type that is not listed is the caller's namespace" {
  config '.linux.namespaces = [{type: "mount"}, {type: "pid"}] | del(.hostname) | .mounts |= map(select(.type != "sysfs" and .type != "cgroup" and .type != "mqueue"))'
  args sleep 100
  launch
  local type pid
  pid=$(pid_of)
  for type in network ipc uts cgroup; do
    is "$(readlink "/proc/$pid/ns/${FILE[$type]}")" "$(readlink "/proc/self/ns/${FILE[$type]}")"
  done
}

@test "NS-1: in a pid namespace of its own the program is process 1" {
  shell 'echo $$'
  prints 1
}

@test "NS-2: an empty path means a new namespace" {
  unlike crun "tries to open it"
  namespace ipc '{"path": ""}'
  args sleep 100
  launch
  [ "$(readlink "/proc/$(pid_of)/ns/ipc")" != "$(readlink /proc/self/ns/ipc)" ]
}

@test "NS-3: a path joins the namespace that it names, of every type" {
  neighbour
  local type
  args sleep 100
  for type in network ipc uts pid; do
    namespace $type "{\"path\": \"/proc/$NEIGHBOUR/ns/${FILE[$type]}\"}"
  done
  config '.hostname = "joined"'
  launch
  for type in network ipc uts pid; do
    is "$(readlink "/proc/$(pid_of)/ns/${FILE[$type]}")" "$(readlink "/proc/$NEIGHBOUR/ns/${FILE[$type]}")"
  done
  is "$(rt exec "$PEER" hostname)" joined
}

@test "NS-3: what was joined is not destroyed by delete" {
  neighbour
  namespace network "{\"path\": \"/proc/$NEIGHBOUR/ns/net\"}"
  namespace pid "{\"path\": \"/proc/$NEIGHBOUR/ns/pid\"}"
  args sleep 100
  launch
  rt delete --force "$ID"
  is "$(status_of "$PEER")" running
}

@test "NS-3 OP-12: with a joined pid namespace kill ends the container's processes only" {
  neighbour
  namespace pid "{\"path\": \"/proc/$NEIGHBOUR/ns/pid\"}"
  shell 'sleep 50 & exec sleep 51'
  launch
  eventually '[ "$(wc -l <"$CGROUP/cgroup.procs")" = 2 ]'
  rt kill --all "$ID" KILL
  eventually has_status stopped
  eventually '[ -z "$(cat "$CGROUP/cgroup.procs")" ]'
  is "$(status_of "$PEER")" running
}

@test "NS-4 T33: a path of another type, of no namespace, or of nothing is refused, and a fifo is not waited for" {
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  local path
  for path in /proc/self/ns/uts /proc/self/ns/mnt /dev/null /etc /no/such/path "$BATS_TEST_TMPDIR/fifo"; do
    namespace network "{\"path\": \"$path\"}"
    attempt create --bundle "$BUNDLE" "$ID"
    [ "$status" -ne 137 ] || { is_peer && continue; fail "hangs on $path"; }
    [ "$status" -ne 0 ] || fail "took $path"
    is_peer || { exits 1; has "$stderr" /linux/namespaces/; nothing_left; }
  done
}

@test "NS-3: a relative path is refused" {
  unlike "runc crun" "takes it"
  namespace network '{"path": "proc/self/ns/net"}'
  refused /linux/namespaces/
}

@test "NS-6: a type that is listed twice is refused" {
  unlike crun "takes it"
  config '.linux.namespaces += [{type: "uts"}]'
  if is_peer; then refused; else refused /linux/namespaces/; fi
}

@test "NS-1 VV-1: an unknown type is refused by its name and place" {
  config '.linux.namespaces += [{type: "nosuch"}]'
  if is_peer; then refused nosuch; else refused nosuch "/linux/namespaces/$(($(jq '.linux.namespaces | length' "$BUNDLE/config.json") - 1))"; fi
}

@test "HN-1 HN-2: host and domain name are set in the container and nowhere else" {
  config '.hostname = "inside" | .domainname = "example.org"'
  shell 'hostname; cat /proc/sys/kernel/domainname'
  prints 'inside
example.org'
}

@test "HN-1 HN-2: a name without a uts namespace of the container is refused" {
  namespace uts
  config 'del(.hostname)'
  args true
  foreground
  exits 0
  config '.hostname = "inside"'
  refused hostname
  config 'del(.hostname) | .domainname = "inside"'
  refused ""
}

@test "HN-1: a name that is too long is refused" {
  config '.hostname = ("x" * 65)'
  refused ""
  config '.hostname = ("x" * 64)'
  args hostname
  prints "$(printf 'x%.0s' {1..64})"
}

@test "NS-1: a new network namespace has its loopback up" {
  shell 'cat /sys/class/net/lo/flags; ping -c 1 127.0.0.1 >/dev/null 2>&1; grep -c 127.0.0.1 /proc/net/fib_trie'
  foreground
  has "$output" 0x9
}

@test "NS-5: without a network namespace the host's is used" {
  namespace network
  config '.mounts |= map(if .type == "sysfs" then {destination: "/sys", source: "/sys", options: ["rbind", "ro"]} else . end)'
  args readlink /proc/self/ns/net
  prints "$(readlink /proc/self/ns/net)"
}

@test "NS-5: without a pid namespace the container's processes are the caller's neighbours" {
  namespace pid
  args sleep 100
  launch
  is "$(readlink "/proc/$(pid_of)/ns/pid")" "$(readlink /proc/self/ns/pid)"
}

@test "the environment of a namespace is the container's: ipc objects are not shared" {
  shell 'cat /proc/sysvipc/shm | wc -l'
  prints 1
}

# with_link COMMAND…: in a network namespace that stands for the host's, with a pair of devices.
with_link() {
  command -v ip >/dev/null || skip "iproute2 is not installed"
  unshare -n bash -c '
    ip link add host0 type veth peer name host1 2>/dev/null || exit 77
    ip address add 192.0.2.7/24 dev host0
    ip address add 2001:db8::7/64 dev host0 nodad
    ip link set host0 mtu 1400 up
    ip link set host1 up
    "$@"; code=$?
    ip -o link >"$OUT.links"
    exit $code' with_link "$@" || { [ $? -ne 77 ] || skip "this machine makes no veth devices"; fail "$(cat "$OUT")"; }
}

@test "ND-1 ND-2 ND-3 ND-4: a network device moves with its permanent addresses, under its new name, and is up" {
  unlike "runc crun" "is older than this"
  export OUT ROOT RUNTIME BUNDLE ID
  config '.linux.netDevices = {host0: {name: "eth7"}}'
  shell 'ip -o link show eth7; ip -o address show eth7'
  with_link bash -c '"$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1'
  has "$(cat "$OUT")" "eth7" "mtu 1400" "<BROADCAST,MULTICAST,UP" "inet 192.0.2.7/24" "inet6 2001:db8::7/64"
  lacks "$(cat "$OUT")" host0
  lacks "$(cat "$OUT.links")" host0
}

@test "ND-5: the runtime never takes a network device back" {
  unlike "runc crun" "is older than this"
  export OUT ROOT RUNTIME BUNDLE ID
  config '.linux.netDevices = {host0: {}}'
  args sleep 100
  with_link bash -c '
    "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 || exit
    "$RUNTIME" --root "$ROOT" start "$ID" && "$RUNTIME" --root "$ROOT" delete --force "$ID"
    for i in {1..100}; do ip link show host1 >/dev/null 2>&1 || exit 0; sleep 0.02; done'
  # A virtual device ends with its namespace, and its other end with it.
  lacks "$(cat "$OUT.links")" host0 host1
}

@test "a runtime that cannot leave the network namespace of a container does nothing in it, and says so" {
  unlike "runc crun" "do not enter it"
  command -v strace >/dev/null || skip "strace is not installed"
  printf '#!/bin/sh\nreadlink /proc/self/ns/net >>"%s"\n' "$BATS_TEST_TMPDIR/poststop" >"$BATS_TEST_TMPDIR/hook"
  chmod +x "$BATS_TEST_TMPDIR/hook"
  config '.hooks.poststop = [{path: $hook}] | .linux.netDevices = {host0: {}}' --arg hook "$BATS_TEST_TMPDIR/hook"
  export OUT ROOT RUNTIME BUNDLE ID BATS_TEST_TMPDIR
  # Out of the one that it made, into init's, and out of that.
  with_link bash -c '
    for call in 1 3; do
      rm -f "$BATS_TEST_TMPDIR/poststop"
      strace -f -qq -o /dev/null -e trace=setns -e "inject=setns:error=ENOMEM:when=$call+" \
        "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$OUT.$call" 2>&1 && exit 1
      [ ! -e "$BATS_TEST_TMPDIR/poststop" ] || { echo "$call: poststop in $(cat "$BATS_TEST_TMPDIR/poststop")" >"$OUT"; exit 1; }
      "$RUNTIME" --root "$ROOT" delete --force "$ID" || exit 1
    done; true' </dev/null
  has "$(cat "$OUT.1")" "cannot return from the container's network namespace" ENOMEM "apus delete --force $ID"
  has "$(cat "$OUT.3")" "cannot return from the container's network namespace" ENOMEM "apus delete --force $ID"
}

@test "NS-5: without a mount namespace nothing is mounted, for it would be on the host" {
  unlike "runc crun" "mount on the host, and leave it there"
  config '.linux.namespaces |= map(select(.type != "mount")) | .linux.maskedPaths = [] | .linux.readonlyPaths = [] | .root.readonly = false'
  refused /mounts "mount namespace"
  config '.mounts = []'
  args true
  foreground
  exits 0
}
