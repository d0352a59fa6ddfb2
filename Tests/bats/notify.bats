load helpers

# Filters that notify: somebody outside answers for the calls of the container.

local_setup() {
  AGENT=$BATS_FILE_TMPDIR/agent
  SOCKET=$BATS_TEST_TMPDIR/agent.sock
  # mkdir(2) under both of its names.
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $p, listenerMetadata: "for the agent", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY"}]}' --arg p "$SOCKET"
}

setup_file() {
  "${CC:-cc}" -O1 -Wall -Wextra -Werror -o "$BATS_FILE_TMPDIR/agent" "$BATS_TEST_DIRNAME/tools/agent.c"
}

agent() {
  "$AGENT" "$SOCKET" "$@" 3>&- &
  BACKGROUND+=($!)
  eventually test -S "$SOCKET"
}

member() {
  head -"${2:-1}" "$SOCKET.state" | tail -1 | jq -c "$1"
}

@test "SN-1 SN-2 SN-6: the agent gets one state with the descriptor, and its answer counts" {
  agent
  config '.annotations = {"org.example.a": "b"}'
  shell 'mkdir /tmp/x 2>&1; echo done'
  foreground
  exits 0
  has "$output" "argument" done
  is "$(wc -l <"$SOCKET.state")" 1
  is "$(member '[.ociVersion, .fds, .metadata, .state.status, .state.id, .state.bundle, .state.annotations]')" \
    "[\"1.3.0\",[\"seccompFd\"],\"for the agent\",\"creating\",\"$ID\",\"$BUNDLE\",{\"org.example.a\":\"b\"}]"
}

@test "SN-5: the pid is init's as the runtime sees it, in both places" {
  agent
  args sleep 100
  launch
  is "$(member '[.pid, .state.pid]')" "[$(pid_of),$(pid_of)]"
}

@test "with and without no_new_privs" {
  agent
  local value
  for value in true false; do
    config '.process.noNewPrivileges = $v | .process.capabilities = {}' --argjson v $value
    shell 'mkdir /tmp/x 2>/dev/null || echo refused'
    prints refused
  done
}

@test "SN-5: the runtime is not held up by a filter that notifies of its own calls" {
  agent
  config '.linux.seccomp.syscalls = [{names: ["prctl", "chdir", "close_range", "capset", "setgroups", "getcwd", "read", "fcntl", "dup3"], action: "SCMP_ACT_NOTIFY"}] | .process.noNewPrivileges = true | .process.args = ["/bin/probe"]'
  # The agent refuses them all, so it does not succeed: but it ends.
  attempt create --bundle "$BUNDLE" "$ID"
  [ "$status" -ne 137 ] || fail "it hangs"
}

@test "exec sends its own listener, with the container's state" {
  agent
  args sleep 100
  launch
  attempt exec "$ID" sh -c 'mkdir /tmp/x 2>/dev/null || echo refused'
  exits 0
  is "$output" refused
  is "$(member '[.state.status, .state.pid, .metadata]' 2)" "[\"running\",$(pid_of),\"for the agent\"]"
  [ "$(member .pid 2)" != "$(pid_of)" ]
}

@test "SN-3: nobody listens: the container is not created" {
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" listenerPath
  nothing_left
}

@test "AN-5: an annotation or the caller's environment names the agent, and listenerPath comes before both" {
  unlike runc "does not know them"
  agent
  shell 'mkdir /tmp/x 2>/dev/null || echo refused'
  config '.annotations = {"run.oci.seccomp.receiver": .linux.seccomp.listenerPath} | del(.linux.seccomp.listenerPath)'
  RUN_OCI_SECCOMP_RECEIVER=/nobody prints refused
  config 'del(.annotations)'
  RUN_OCI_SECCOMP_RECEIVER=$SOCKET prints refused
  config '.annotations = {"run.oci.seccomp.receiver": "/nobody"} | .linux.seccomp.listenerPath = $p' --arg p "$SOCKET"
  unlike crun "asks the annotation first"
  prints refused
  args sleep 100
  config '.annotations["run.oci.seccomp.receiver"] = $p | del(.linux.seccomp.listenerPath)' --arg p "$SOCKET"
  launch
  attempt exec "$ID" sh -c 'mkdir /tmp/x 2>/dev/null || echo refused'
  exits 0
  is "$output" refused
}

@test "SE-5: a listener that no rule needs is not asked" {
  config '.linux.seccomp.syscalls = []'
  shell 'mkdir /dev/x && echo made'
  prints made
}

@test "SN-4 SE-6: what a filter that notifies needs" {
  config 'del(.linux.seccomp.listenerPath)'
  refused /linux/seccomp/listenerMetadata
  config 'del(.linux.seccomp.listenerMetadata)'
  refused /linux/seccomp listenerPath
  config '.linux.seccomp.listenerPath = "relative"'
  refused /linux/seccomp/listenerPath
  config '.linux.seccomp |= (.listenerPath = "/x" | .defaultAction = "SCMP_ACT_NOTIFY")'
  refused /linux/seccomp/defaultAction
}

@test "SN-2: a long state reaches the agent whole" {
  agent
  config '.annotations = {"org.example.long": ("x" * 60000)}'
  shell 'mkdir /tmp/x 2>/dev/null || echo refused'
  prints refused
  is "$(member '.state.annotations["org.example.long"] | length')" 60000
}

@test "in a user namespace too" {
  agent
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' --argjson m '[{"containerID": 0, "hostID": 100000, "size": 10}]'
  shell 'mkdir /tmp/x 2>/dev/null || echo refused'
  prints refused
}

@test "an unprivileged caller's container" {
  SOCKET=$BATS_TEST_TMPDIR/agent.sock
  agent
  chmod 777 "$SOCKET"
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/apus"
  install -d -o 65534 -g 65534 "$BATS_TEST_TMPDIR/user"
  config 'del(.linux.cgroupsPath, .linux.resources) | .linux.namespaces |= map(select(.type != "network")) | .linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m | (.mounts[] | select(.type == "devpts") | .options) -= ["gid=5"]' \
    --argjson m '[{"containerID": 0, "hostID": 65534, "size": 1}]'
  shell 'mkdir /tmp/x 2>/dev/null || echo refused'
  try setpriv --reuid 65534 --regid 65534 --clear-groups env XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR/user" "$BATS_TEST_TMPDIR/apus" run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$output" refused
}

@test "an agent that takes the listener and dies: whatever init asks it for, every command ends, and soon" {
  unlike "runc crun" "hangs"
  local call
  args sleep 100
  for call in prctl sendto read write close rt_sigaction close_range execve; do
    rm -f "$SOCKET"
    agent die
    config '.linux.seccomp.syscalls = [{names: [$call], action: "SCMP_ACT_NOTIFY"}]' --arg call $call
    attempt create --bundle "$BUNDLE" "$ID"
    [ "$status" -ne 137 ] || fail "create hangs for $call"
    if [ "$status" -eq 0 ]; then
      attempt start "$ID"
      [ "$status" -ne 137 ] || fail "start hangs for $call"
    else
      has "$stderr" "asks the agent at"
    fi
    rt delete --force "$ID"
  done
  # What init does not need may still be asked: the program is told that there is no such call.
  rm -f "$SOCKET"
  agent die
  config '.linux.seccomp.syscalls = [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY"}]'
  shell 'mkdir /tmp/x 2>/dev/null || echo refused'
  prints refused
}

@test "the filter is in force for the program, which has no listener and one thread" {
  agent
  shell 'ls -l /proc/self/fd /proc/1/fd; ls /proc/1/task; grep -h ^Seccomp: /proc/1/status'
  foreground
  exits 0
  lacks "$output" seccomp
  has "$output" "Seccomp:	2"
  create
  is "$(ls "/proc/$(pid_of)/task" | wc -l)" 1
  lacks "$(ls -l "/proc/$(pid_of)/fd")" "seccomp notify"
}

@test "an agent that never answers what init asks is given up after a while" {
  unlike "runc crun" "waits for ever"
  agent silent
  args sleep 100
  config '.linux.seccomp.syscalls = [{names: ["sendto", "prctl"], action: "SCMP_ACT_NOTIFY"}]'
  refused "seccomp agent" "10 seconds" /linux/seccomp/listenerPath
}
