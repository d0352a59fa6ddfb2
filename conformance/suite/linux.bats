# config-linux.md and features.md.
load lib

@test "config-linux.md Default filesystems: proc, sys, dev, pts and shm are what they should be" {
  yields "$(printf 'proc\nsysfs\ntmpfs\ndevpts\ntmpfs')" 'for d in /proc /sys /dev /dev/pts /dev/shm; do
    awk -v d=$d "\$5 == d { for (i = 7; i < NF; i++) if (\$i == \"-\") print \$(i + 1) }" /proc/self/mountinfo | tail -1; done'
}

@test "config-linux.md Namespaces: each type that is listed is a new one" {
  outcome 'for n in pid net ipc uts mnt cgroup; do readlink /proc/self/ns/$n; done'
  local line
  while read -r line; do
    lacks "$(readlink /proc/self/ns/*)" "$line"
  done <<<"$output"
  is "$(wc -l <<<"$output")" 6
}

@test "config-linux.md Namespaces: a type that is not listed is the runtime's" {
  config '.linux.namespaces = [{type: "mount"}] | .mounts |= map(select(.type != "sysfs"))'
  yields "$(for n in pid net ipc uts; do readlink "/proc/self/ns/$n"; done)" \
    'for n in pid net ipc uts; do readlink /proc/self/ns/$n; done'
}

@test "config-linux.md Namespaces: the program is process 1 of its pid namespace" {
  yields 1 'echo $$'
}

@test "config-linux.md Namespaces: a path joins an existing one" {
  unshare --ipc --uts sleep 30 3>&- &
  local keeper=$!
  eventually '[ "$(readlink /proc/'"$keeper"'/ns/ipc)" != "$(readlink /proc/self/ns/ipc)" ]'
  config '(.linux.namespaces[] | select(.type == "ipc")).path = "/proc/\($pid)/ns/ipc" | (.linux.namespaces[] | select(.type == "uts")).path = "/proc/\($pid)/ns/uts"' --argjson pid "$keeper"
  outcome 'readlink /proc/self/ns/ipc; readlink /proc/self/ns/uts'
  is "$output" "$(readlink "/proc/$keeper/ns/ipc" "/proc/$keeper/ns/uts")"
  kill "$keeper"
}

@test "config-linux.md Namespaces: a path that is no namespace of that type is an error" {
  config '(.linux.namespaces[] | select(.type == "ipc")).path = "/proc/self/ns/net"'
  refused
}

@test "config-linux.md Namespaces: a path to nothing is an error" {
  config '(.linux.namespaces[] | select(.type == "ipc")).path = "/nonexistent"'
  refused
}

@test "config-linux.md Namespaces: a type that is listed twice is an error" {
  config '.linux.namespaces += [{type: "pid"}]'
  refused
}

@test "config-linux.md User namespace mappings: ids inside are the mapped ones outside" {
  feature '.linux.namespaces | index("user")' || skip "features does not name user namespaces"
  chown -R 100000:100000 "$BUNDLE/rootfs"
  chmod 755 "$BUNDLE" "$ROOT"
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}]
    | .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 1000}] | .mounts |= map(select(.type != "sysfs"))'
  shell 'cat /proc/self/uid_map /proc/self/gid_map; while :; do sleep 0.05; done'
  launch
  eventually '[ "$(wc -l <"$OUT")" = 2 ]'
  is "$(tr -s ' ' <"$OUT")" "$(printf ' 0 100000 1000\n 0 200000 1000')"
  is "$(stat -c '%u %g' "/proc/$(pid)")" "100000 200000"
}

@test "config-linux.md Offset for time namespace: the clocks of the container are set" {
  feature '.linux.namespaces | index("time")' || skip "features does not name time namespaces"
  config '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 1000000}}'
  outcome 'cat /proc/uptime'
  [ "${output%%.*}" -ge 1000000 ]
}

@test "config-linux.md Devices: a node has its type, numbers, mode and owner" {
  config '.linux.devices = [{path: "/dev/mine", type: "c", major: 1, minor: 5, fileMode: 416, uid: 7, gid: 8}]'
  yields "character special file 1 5 640 7 8" 'stat -c "%F %t %T %a %u %g" /dev/mine'
}

@test "config-linux.md Devices: a fifo" {
  config '.linux.devices = [{path: "/dev/pipe", type: "p", fileMode: 438}]'
  yields fifo 'stat -c %F /dev/pipe'
}

@test "config-linux.md Devices: a type that is unknown is an error" {
  config '.linux.devices = [{path: "/dev/mine", type: "x", major: 1, minor: 5}]'
  refused
}

@test "config-linux.md Default devices: are there with their numbers, and work" {
  yields "$(printf '1 3\n1 5\n1 7\n1 8\n1 9\n5 0\n3')" \
    'for d in null zero full random urandom tty; do stat -c "%t %T" /dev/$d; done; dd if=/dev/zero bs=1 count=3 2>/dev/null | wc -c'
}

@test "runtime-linux.md Dev symbolic links: fd, stdin, stdout and stderr" {
  yields "$(printf '/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2')" \
    'readlink /dev/fd; readlink /dev/stdin; readlink /dev/stdout; readlink /dev/stderr'
}

@test "runtime-linux.md File descriptors: the program has the first three and no other" {
  exec 9</dev/null
  outcome 'ls /proc/$$/fd; true'
  exec 9<&-
  is "$(grep -vc '^[012]$' <<<"$output")" 0
}

@test "config-linux.md Control groups: the container is in the cgroup of cgroupsPath" {
  running_sleep
  is "$(sed -n 's/^0:://p' "/proc/$(pid)/cgroup")" "/suite/$ID"
}

@test "config-linux.md Control groups: two containers without cgroupsPath have cgroups of their own" {
  config 'del(.linux.cgroupsPath)'
  running_sleep
  local first
  first=$(sed -n 's/^0:://p' "/proc/$(pid)/cgroup")
  NAME=$ID-second create
  [ "$(sed -n 's/^0:://p' "/proc/$(state .pid "$ID-second")/cgroup")" != "$first" ]
}

@test "config-linux.md Cgroup namespace: the container's cgroup is the root" {
  yields "0::/" 'grep ^0:: /proc/self/cgroup'
}

@test "config-linux.md Allowed device list: what no rule allows cannot be opened, the default devices can" {
  config '.linux.devices = [{path: "/dev/loop-control", type: "c", major: 10, minor: 237}]'
  yields "$(printf 'refused\nok')" '2>/dev/null </dev/loop-control || echo refused; head -c 1 /dev/zero >/dev/null && echo ok'
}

@test "config-linux.md Allowed device list: the later rule decides" {
  config '.linux.devices = [{path: "/dev/memory", type: "c", major: 1, minor: 11}]
    | .linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "r"},
      {allow: true, type: "c", major: 1, minor: 11, access: "w"}, {allow: false, type: "c", major: 1, minor: 11, access: "w"}]'
  outcome '</dev/memory && echo read; 2>/dev/null >/dev/memory || echo refused'
  has "$output" refused
}

needs() {
  grep -qw "$1" /sys/fs/cgroup/suite/cgroup.controllers 2>/dev/null || grep -qw "$1" /sys/fs/cgroup/cgroup.controllers ||
    skip "this machine's cgroup v2 has no $1 controller"
}

@test "config-linux.md Memory: limit and swap" {
  needs memory
  config '.linux.resources.memory = {limit: 67108864, swap: 134217728}'
  create
  is "$(cat "$CGROUP/memory.max")" 67108864
  is "$(cat "$CGROUP/memory.swap.max" 2>/dev/null || echo 67108864)" 67108864
}

@test "config-linux.md CPU: quota and period" {
  needs cpu
  config '.linux.resources.cpu = {quota: 50000, period: 100000}'
  create
  is "$(cat "$CGROUP/cpu.max")" "50000 100000"
}

@test "config-linux.md CPU: cpus" {
  needs cpuset
  config '.linux.resources.cpu = {cpus: "0"}'
  create
  is "$(cat "$CGROUP/cpuset.cpus")" 0
}

@test "config-linux.md PIDs: limit" {
  needs pids
  config '.linux.resources.pids = {limit: 20}'
  create
  is "$(cat "$CGROUP/pids.max")" 20
}

@test "config-linux.md Huge page limits" {
  needs hugetlb
  [ -e /sys/fs/cgroup/engines/hugetlb.2MB.max ] || skip "this machine has no pages of 2MB"
  config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]'
  create
  is "$(cat "$CGROUP/hugetlb.2MB.max")" 4194304
}

@test "config-linux.md Unified: a file of the cgroup gets its value verbatim" {
  needs hugetlb
  [ -e /sys/fs/cgroup/engines/hugetlb.2MB.max ] || skip "this machine has no pages of 2MB"
  config '.linux.resources.unified = {"hugetlb.2MB.max": "2097152"}'
  create
  is "$(cat "$CGROUP/hugetlb.2MB.max")" 2097152
}

@test "config-linux.md Unified: a file that does not exist is an error" {
  config '.linux.resources.unified = {"no.such.file": "1"}'
  refused
}

@test "config-linux.md Sysctl: is set in the container, and not on the host" {
  local before
  before=$(cat /proc/sys/net/ipv4/ip_forward)
  config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shmmni": "77"}'
  yields "$(printf '1\n77')" 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni'
  is "$(cat /proc/sys/net/ipv4/ip_forward)" "$before"
}

@test "config-linux.md Sysctl: of the host is an error" {
  config '.linux.sysctl = {"vm.swappiness": "1"}'
  refused
}

@test "config-linux.md Seccomp: a call that a rule refuses fails with its errno" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
    syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28}]}'
  outcome 'mkdir /data/d; touch /data/ran'
  has "$output" "No space left"
  [ -e "$BUNDLE/rootfs/data/ran" ]
}

@test "config-linux.md Seccomp: the default action" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_LOG", architectures: ["SCMP_ARCH_X86_64"]}'
  yields "$(printf 'Seccomp:\t2')" 'grep Seccomp: /proc/self/status'
}

@test "config-linux.md Seccomp: arguments are compared" {
  # kill(pid, 0) is refused, other signals are not.
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
    syscalls: [{names: ["kill"], action: "SCMP_ACT_ERRNO", errnoRet: 1, args: [{index: 1, value: 0, op: "SCMP_CMP_EQ"}]}]}'
  outcome 'kill -0 $$ 2>/dev/null || echo refused; kill -CONT $$ && echo passed'
  is "$output" "$(printf 'refused\npassed')"
}

@test "config-linux.md Seccomp: an unknown action is an error" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_UNKNOWN"}'
  refused
}

@test "config-linux.md Rootfs mount propagation: of the root mount" {
  config '.linux.rootfsPropagation = "shared"'
  outcome 'cat /proc/self/mountinfo'
  matches "$(awk '$5 == "/" { print $7 }' <<<"$output")" '^shared:'
}

@test "config-linux.md Rootfs mount propagation: an unknown one is an error" {
  config '.linux.rootfsPropagation = "unknown"'
  refused
}

@test "config-linux.md Masked paths: a file is empty, a directory is too" {
  echo text >"$BUNDLE/rootfs/data/file"
  mkdir -p "$BUNDLE/rootfs/data/dir/sub"
  config '.linux.maskedPaths = ["/data/file", "/data/dir", "/nonexistent"]'
  yields "$(printf '0\n0')" 'cat /data/file | wc -c; ls /data/dir | wc -l'
}

@test "config-linux.md Readonly paths: cannot be written" {
  config '.linux.readonlyPaths = ["/data", "/nonexistent"]'
  yields read-only 'touch /data/x 2>/dev/null || echo read-only'
}

@test "config-linux.md Personality: the 32 bit one shows in uname" {
  ln -s busybox "$BUNDLE/rootfs/bin/uname"
  [ "$(uname -m)" = x86_64 ] || skip "the names are those of x86_64"
  config '.linux.personality = {domain: "LINUX32"}'
  yields i686 'uname -m'
}

@test "config-linux.md Network devices: a device of the host moves in, with its name, address and state" {
  feature '.linux.netDevices.enabled' || skip "features does not name network devices"
  ip link add conf0 type dummy || skip "the kernel has no dummy devices"
  ip address add 10.88.9.1/24 dev conf0
  config '.linux.netDevices = {"conf0": {"name": "inside0"}}'
  outcome 'ip -4 -o address show inside0'
  ip link delete conf0 2>/dev/null || :
  has "$output" 10.88.9.1/24
}

@test "config-linux.md Memory policy: is the program's" {
  feature '.linux.memoryPolicy.modes | index("MPOL_INTERLEAVE")' || skip "features does not name memory policies"
  config '.linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: "0"}'
  outcome 'head -1 /proc/self/numa_maps'
  has "$output" "interleave:0"
}

@test "config.md idmapped mounts: a bind mount shows mapped owners" {
  feature '.linux.mountExtensions.idmap.enabled' || skip "features does not name id-mapped mounts"
  mkdir -p "$BUNDLE/source"
  touch "$BUNDLE/source/file"
  mounts "$(jq -nc --arg s "$BUNDLE/source" '{destination: "/data", type: "bind", source: $s, options: ["bind", "idmap"],
    uidMappings: [{containerID: 0, hostID: 5000, size: 10}], gidMappings: [{containerID: 0, hostID: 6000, size: 10}]}')"
  outcome 'stat -c "%u %g" /data/file'
  is "$output" "5000 6000"
}

@test "features.md: versions, hooks, mount options, namespaces, capabilities, cgroup and seccomp" {
  try features
  exits 0
  is "$stderr" ""
  jq -e '(.ociVersionMin | startswith("1.")) and (.ociVersionMax | startswith("1."))
    and (.hooks | index("createRuntime")) and (.mountOptions | index("ro"))
    and (.linux.namespaces | index("pid")) and (.linux.capabilities | index("CAP_CHOWN"))
    and (.linux.cgroup.v2 == true) and (.linux.seccomp.enabled == true)' <<<"$output" >/dev/null
}

@test "features.md: every hook kind and mount option that is named is known to create" {
  config '.hooks = ([$kinds[] | {(.): [{path: "/bin/true"}]}] | add)' --argjson kinds "$(operation features | jq -c .hooks)"
  create
}
