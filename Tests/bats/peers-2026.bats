load helpers

# Faults that crun and runc had, introduced or mended in 2026, each as a test: crun 1.27 to 1.29.1, runc 1.4 to 1.5.

userns() {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' \
    --argjson m '[{"containerID": 0, "hostID": 100000, "size": 65536}]'
}

@test "crun 1.29.1: the root of a new procfs, sysfs, mqueue and tmpfs has the mode that it should, whatever it covers" {
  mkdir -p "$BUNDLE"/rootfs/{proc,sys,t,u,dev}
  mkdir -m 700 "$BUNDLE/rootfs/q"
  chmod 700 "$BUNDLE"/rootfs/{proc,sys,t,u}
  mounts '{"destination": "/q", "type": "mqueue", "source": "mqueue"}' \
    '{"destination": "/t", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]}' \
    '{"destination": "/u", "type": "tmpfs", "source": "tmpfs", "options": ["mode=0751"]}'
  shell 'stat -c "%n %a" /proc /sys /q /t /u'
  prints $'/proc 555\n/sys 555\n/q 1777\n/t 1777\n/u 751'
  is "$(stat -c %a "$BUNDLE/rootfs/t")" 700
}

@test "crun 1.29.1: /sys that is bound in a user namespace without a network namespace is read-only, with all below" {
  unlike runc "cannot start such a container"
  userns
  config '.linux.namespaces |= map(select(.type != "network"))'
  shell 'awk "\$5 ~ /^\/sys/ { split(\$6, o, \",\"); if (o[1] != \"ro\") print \$5 }" /proc/self/mountinfo
    awk "\$5 == \"/sys\" { print \$6 }" /proc/self/mountinfo | tr , "\n" | grep -x -e nosuid -e nodev -e noexec | sort | tr "\n" " "'
  foreground
  exits 0
  is "${output% }" "nodev noexec nosuid"
}

@test "crun 1.29.1: device nodes that are bound in a user namespace are nosuid and noexec" {
  unlike "runc" "binds them as they are"
  userns
  shell 'awk "\$5 ~ /^\/dev\/(null|zero|full|tty|random|urandom)$/ { print \$5, \$6 }" /proc/self/mountinfo'
  foreground
  exits 0
  local line
  while read -r line; do
    [ -z "$line" ] || has "$line" nosuid noexec
  done <<<"$output"
}

@test "crun 1.29.1: a kill that fails leaves nothing frozen" {
  args sleep 1000
  launch
  attempt kill --all "$ID" 9999
  exits 1
  attempt kill --all "$ID" NOSIGNAL
  exits 1
  is "$(cat "$CGROUP/cgroup.freeze")" 0
  is "$(rt exec "$ID" echo alive 3>&-)" alive
  has_status running
}

@test "crun 1.29.1: a profile whose name begins with unconfined is a profile, and not left out" {
  [ ! -e /sys/kernel/security/apparmor ] || skip "this machine has AppArmor"
  unlike runc "has other words"
  config '.process.apparmorProfile = "unconfined-not"'
  refused apparmor
}

@test "crun 1.29.1: a memory policy without nodes, and with empty ones" {
  local mode nodes
  args true
  for mode in MPOL_DEFAULT MPOL_LOCAL; do
    for nodes in '{}' '{"nodes": ""}'; do
      config '.linux.memoryPolicy = {mode: $mode} + $nodes' --arg mode "$mode" --argjson nodes "$nodes"
      foreground
      exits 0
    done
  done
  for nodes in '{}' '{"nodes": ""}'; do
    config '.linux.memoryPolicy = {mode: "MPOL_BIND"} + $nodes' --argjson nodes "$nodes"
    refused nodes
  done
}

@test "crun 1.28: a chain of links with long names at a destination ends in an answer, not in a crash" {
  local n name
  name=$(printf 'x%.0s' $(seq 200))
  mkdir "$BUNDLE/rootfs/deep"
  for n in $(seq 1 45); do ln -s "/deep/./././$name-$((n + 1))" "$BUNDLE/rootfs/deep/$name-$n"; done
  mounts "$(jq -cn --arg d "/deep/$name-1/end" '{destination: $d, type: "tmpfs", source: "tmpfs"}')"
  args true
  foreground
  [ "$status" -lt 128 ]
  # Short enough to be followed.
  mkdir "$BUNDLE/rootfs/deep/$name-46"
  config '.mounts[-1].destination = $d' --arg d "/deep/$name-20/end"
  prints ""
}

@test "crun 1.28: an id that begins with a dot or has another character is refused" {
  local id
  for id in .x ..  -x/ 'a b' 'a@b' 'é'; do
    attempt create --bundle "$BUNDLE" -- "$id"
    [ "$status" -ne 0 ] || fail "it took $id"
  done
}

@test "crun 1.28: exec --env adds to the environment of the container" {
  config '.process.env += ["KEPT=yes"]'
  args sleep 1000
  launch
  is "$(rt exec --env ADDED=1 "$ID" sh -c 'echo $KEPT $ADDED $PATH' 3>&-)" "yes 1 $(jq -r '.process.env[] | select(startswith("PATH=")) | .[5:]' "$BUNDLE/config.json")"
}

@test "runc 1.5: a process file without env gets HOME" {
  args sleep 1000
  launch
  echo '{"cwd": "/", "args": ["sh", "-c", "echo $HOME"], "user": {"uid": 0, "gid": 0}}' >"$BATS_TEST_TMPDIR/process.json"
  attempt exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
  exits 0
  [ -n "$output" ]
}

@test "crun 1.29: the state that a hook reads is one line, with slashes as they are" {
  unlike crun "1.28 writes ten lines"
  local state=$BATS_TEST_TMPDIR/state
  config '.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "cat >" + $f]}]} | .annotations = {"a/b": "c/d"}' --arg f "$state"
  args true
  foreground
  exits 0
  is "$(wc -l <"$state" | tr -d ' ')" 0
  has "$(cat "$state")" '"a/b":"c/d"' "\"bundle\":\"$BUNDLE\""
  lacks "$(cat "$state")" '\/'
}

@test "crun 1.29: an unknown capability is a warning, and the container starts without it" {
  unlike crun "refuses it"
  config '.process.capabilities.bounding += ["CAP_FROM_THE_FUTURE"]'
  args echo started
  foreground
  exits 0
  is "$output" started
  is_peer || has "$stderr" warning CAP_FROM_THE_FUTURE
}

@test "runc 1.5: sysctls of user namespaces are set in a container that has one" {
  userns
  config '.linux.sysctl = {"user.max_uts_namespaces": "7"}'
  args cat /proc/sys/user/max_uts_namespaces
  local before
  before=$(cat /proc/sys/user/max_uts_namespaces)
  prints 7
  is "$(cat /proc/sys/user/max_uts_namespaces)" "$before"
}

@test "runc 1.5: no value of features ends with a line feed" {
  attempt features
  exits 0
  is "$(jq -c '[.. | strings | select(endswith("\n"))]' <<<"$output")" '[]'
}

@test "runc: a CPU beyond 1024 in an affinity is no error where others of it exist" {
  config '.process.execCPUAffinity = {initial: "0,2000", final: "0,4000"}'
  args sleep 1000
  launch
  is "$(rt exec "$ID" sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status 3>&-)" 0
}

@test "runc 1.4: an empty poststart list, and a hook list that is null, are no error" {
  config '.hooks = {poststart: [], poststop: null}'
  args true
  prints ""
}
