load helpers

# Every claim of `features`: what it lists works, and what it does not list is refused. The words that it might list are
# those of the specification's schema.

local_setup() {
  unlike "runc crun" "lists others"
  "$RUNTIME" features >"$BATS_TEST_TMPDIR/features"
  args true
}

# listed PATH: the words there, one a line.
listed() {
  jq -r "$1 | if type == \"array\" then .[] else . end" "$BATS_TEST_TMPDIR/features"
}

# unlisted PATH DEFINITION: the words of the schema's definition that are not there, and one that nobody has.
unlisted() {
  jq -r --slurpfile features "$BATS_TEST_TMPDIR/features" ".definitions.$2.enum - (\$features[0] | $1) | .[]" \
    "$BATS_TEST_DIRNAME/../../spec-fixtures/schema/defs-linux.json"
  echo UNHEARD_OF
}

works() {
  foreground
  exits 0
}

# each WORDS JQ COMMAND…: for each word the command, with the configuration changed by the filter, in which it is $word.
each() {
  local words=$1 filter=$2 word
  shift 2
  cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/plain.json"
  for word in $words; do
    config "$filter" --arg word "$word"
    "$@" || fail "with $word"
    cp "$BATS_TEST_TMPDIR/plain.json" "$BUNDLE/config.json"
  done
}

# A profile of one rule.
RULE='.linux.seccomp = ({defaultAction: "SCMP_ACT_ALLOW", syscalls: [
  {names: ["kcmp"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 99, valueTwo: 99, op: "SCMP_CMP_EQ"}]}]}'

@test "FT-3: every hook that is listed runs, and no other" {
  config '.mounts += [{destination: "/out", source: $s, type: "none", options: ["bind"]}]' --arg s "$BATS_TEST_TMPDIR"
  config '[$f[0].hooks[], "prestop"] as $kinds | .hooks = ([$kinds[] | {key: ., value: [{path: "/bin/sh",
    args: ["sh", "-c", "echo " + . + " >>\(if . == "startContainer" then "/out" else $dir end)/log"]}]}] | from_entries)' \
    --slurpfile f "$BATS_TEST_TMPDIR/features" --arg dir "$BATS_TEST_TMPDIR"
  works
  is "$(sort "$BATS_TEST_TMPDIR/log")" "$(listed .hooks | sort)"
}

@test "FT-4: every mount option that is listed is taken" {
  local source=$BATS_TEST_TMPDIR/source
  mkdir "$source"
  # Each on a mount of its own; what is for one kind of mount only, on that kind.
  config '$f[0].mountOptions as $all | .root.readonly = false | .mounts += [$all[] | select(. != "remount") |
    {destination: "/tmp/\(.)", source: $source, type: "none", options: (["bind", .] | unique)} |
    if .options | contains(["tmpcopyup"]) then .type = "tmpfs" | .options = ["tmpcopyup"] else . end |
    if .options | any(test("^r?idmap$")) then
      .uidMappings = [{containerID: 0, hostID: 1000, size: 10}] | .gidMappings = .uidMappings else . end]
    + [{destination: "/tmp/ro", type: "none", options: ["remount", "bind", "ro"]}]' \
    --slurpfile f "$BATS_TEST_TMPDIR/features" --arg source "$source"
  shell 'ls /tmp | sort; grep -c " /tmp/" /proc/self/mountinfo'
  works
  is "$(sed '$d' <<<"$output")" "$(listed .mountOptions | grep -vx remount | sort)"
  # The remount is of another one of these.
  is "$(tail -1 <<<"$output")" "$(listed .mountOptions | wc -l)"
}

@test "FT-4: a mount option that is not listed is refused" {
  each "RO rox rrelatim no-exec bindx r mode=755 UNHEARD_OF" \
    '.mounts += [{destination: "/tmp", source: "/etc", type: "none", options: ["bind", $word]}]' \
    refused "config.json /mounts/" /options
}

@test "FT-4: every namespace that is listed is a new one, and no other is" {
  local kind name
  for kind in $(listed .linux.namespaces); do
    case $kind in network) name=net ;; mount) name=mnt ;; *) name=$kind ;; esac
    cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/plain.json"
    config '.linux.namespaces |= (map(select(.type != $k)) + [{type: $k}]) | .process.args = ["readlink", $link]' \
      --arg k "$kind" --arg link "/proc/self/ns/$name"
    if [ "$kind" = user ]; then
      config '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    fi
    works
    matches "$output" "^$name:"
    [ "$output" != "$(readlink "/proc/self/ns/$name")" ] || fail "the host's own $kind namespace"
    cp "$BATS_TEST_TMPDIR/plain.json" "$BUNDLE/config.json"
  done
  each "$(unlisted .linux.namespaces NamespaceType) net mnt Pid" '.linux.namespaces += [{type: $word}]' \
    refused "/linux/namespaces/" "unknown namespace"
}

@test "FT-4: every capability that is listed can be had, and no other is taken for one" {
  local all
  all=$(sed -n 's/^CapPrm:\t//p' /proc/self/status)
  # Of root, execve would drop the ambient ones.
  config '.process.user = {uid: 1000, gid: 1000} | .process.capabilities =
    ({bounding, effective, inheritable, permitted, ambient} | map_values($f[0].linux.capabilities))' \
    --slurpfile f "$BATS_TEST_TMPDIR/features"
  args grep '^Cap' /proc/self/status
  works
  # Bit n is the nth name, and the machine need not grant them all.
  local known=$(((1 << $(listed .linux.capabilities | wc -l)) - 1))
  is "$(cut -f 2 <<<"$output" | sort -u)" "$(printf %016x $((16#$all & known)))"
  config '.process.capabilities |= map_values(["CAP_UNHEARD_OF", "cap_kill", "KILL"])'
  attempt --debug run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$(cut -f 2 <<<"$output" | sort -u)" 0000000000000000
  has "$stderr" CAP_UNHEARD_OF cap_kill '`KILL`'
}

@test "FT-4: every action of seccomp that is listed is taken, NOTIFY where somebody answers, and no other" {
  each "$(listed .linux.seccomp.actions | grep -v NOTIFY)" "$RULE | .syscalls[0].action = \$word)" works
  each SCMP_ACT_NOTIFY "$RULE | .syscalls[0].action = \$word)" refused "SCMP_ACT_NOTIFY is used without listenerPath"
  each "$(unlisted .linux.seccomp.actions SeccompAction)" "$RULE | .syscalls[0].action = \$word)" refused /action "unknown seccomp action"
}

@test "FT-4: every operator of seccomp that is listed is taken, and no other" {
  each "$(listed .linux.seccomp.operators)" "$RULE | .syscalls[0].args[0].op = \$word)" works
  each "$(unlisted .linux.seccomp.operators SeccompOperators)" "$RULE | .syscalls[0].args[0].op = \$word)" refused /op "unknown seccomp operator"
}

@test "FT-4: every architecture of seccomp that is listed is taken, and no other" {
  each "$(listed .linux.seccomp.archs)" "$RULE | .architectures = [\$word])" works
  each "$(unlisted .linux.seccomp.archs SeccompArch)" "$RULE | .architectures = [\$word])" refused /linux/seccomp/architectures
}

@test "FT-4: every flag of seccomp that is supported is taken, and no other" {
  is "$(listed '.linux.seccomp.supportedFlags - .linux.seccomp.knownFlags')" ""
  each "$(listed .linux.seccomp.supportedFlags)" "$RULE | .flags = [\$word])" works
  each "$(unlisted .linux.seccomp.supportedFlags SeccompFlag)" "$RULE | .flags = [\$word])" refused /flags/0 "unknown seccomp flag"
}

@test "FT-4: every memory policy that is listed is asked for, and no other" {
  asked() {
    foreground
    # A kernel without NUMA, or older than the mode, says so itself.
    [ "$status" = 0 ] || has "$stderr" "set the memory policy"
  }
  each "$(listed .linux.memoryPolicy.modes)" \
    '.linux.memoryPolicy = {mode: $word} + if $word | test("DEFAULT|LOCAL") then {} else {nodes: "0"} end' asked
  each "$(listed .linux.memoryPolicy.flags)" '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: [$word]}' asked
  each "$(unlisted .linux.memoryPolicy.modes MemoryPolicyMode)" '.linux.memoryPolicy = {mode: $word}' refused /linux/memoryPolicy/mode
  each "$(unlisted .linux.memoryPolicy.flags MemoryPolicyFlag)" \
    '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: [$word]}' refused /linux/memoryPolicy/flags/0
}

@test "FT-4: cgroups of version 2 are had, by both managers, and none of version 1" {
  is "$(listed '.linux.cgroup | [.v1, .v2, .systemd, .systemdUser, .rdma] | map(tostring) | join(" ")')" "false true true true true"
  args grep -c . /proc/self/cgroup
  config '.linux.namespaces |= map(select(.type != "cgroup")) | .linux.resources.rdma = {}'
  launch
  grep -q "^0::$CGROUP_PARENT/$ID" "/proc/$(pid_of)/cgroup" || has_status stopped
  # What only version 1 has.
  rt delete --force "$ID"
  config '.linux.resources = {network: {classID: 1}}'
  refused /linux/resources/network/classID "cgroup v2 has no such limit"
}

@test "FT-4: AppArmor and SELinux are known: where the kernel lacks one, it is the kernel that does" {
  is "$(listed '[.linux.apparmor.enabled, .linux.selinux.enabled] | map(tostring) | join(" ")')" "true true"
  if [ ! -e /sys/kernel/security/apparmor ]; then
    config '.process.apparmorProfile = "unheard-of"'
    refused "AppArmor is not in force on this kernel" /process/apparmorProfile
    config 'del(.process.apparmorProfile)'
  fi
  if [ ! -e /sys/fs/selinux/enforce ]; then
    config '.process.selinuxLabel = "system_u:system_r:container_t:s0"'
    refused "SELinux is not in force on this kernel" /process/selinuxLabel
  fi
}

@test "FT-4: Intel RDT is refused unless it is listed" {
  config '.linux.intelRdt = {closID: "class"}'
  case $(listed .linux.intelRdt.enabled) in
    false) refused /linux/intelRdt "not supported" ;;
    true) [ -e /sys/fs/resctrl/schemata ] || refused "no resctrl filesystem" ;;
  esac
}

@test "FT-4: idmapped mounts are listed, and show the owners of their maps" {
  is "$(listed .linux.mountExtensions.idmap.enabled)" true
  mkdir "$BATS_TEST_TMPDIR/source"
  chown 5:6 "$BATS_TEST_TMPDIR/source"
  config '.mounts += [{destination: "/tmp", source: $s, options: ["bind", "idmap"], uidMappings: $m, gidMappings: $m}]' \
    --arg s "$BATS_TEST_TMPDIR/source" --argjson m '[{"containerID": 0, "hostID": 1000, "size": 10}]'
  args stat -c %u:%g /tmp
  prints 1005:1006
}

@test "FT-4: network devices are listed, and one that is not there is missed" {
  is "$(listed .linux.netDevices.enabled)" true
  config '.linux.netDevices = {"unheard-of": {}}'
  refused unheard-of
}

@test "FT-4: the annotations that are listed as unsafe change something, and none that are spelled otherwise" {
  args grep '^Groups:' /proc/self/status
  listed .potentiallyUnsafeConfigAnnotations | grep -qx run.oci.keep_original_groups
  config '.annotations = {"run.oci.keep_original_groups": "1"}'
  try setpriv --groups 7,8 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$(tr -d ' \t' <<<"$output")" Groups:78
  listed .potentiallyUnsafeConfigAnnotations | grep -qx org.systemd.property.
  config 'del(.linux.cgroupsPath) | .annotations = {"org.systemd.property.TimeoutStopUSec": "nonsense"}'
  attempt --systemd-cgroup create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" /annotations/org.systemd.property.TimeoutStopUSec
  config '.annotations = ($f[0].potentiallyUnsafeConfigAnnotations | map({key: "x\(.)", value: "1"}) | from_entries)' \
    --slurpfile f "$BATS_TEST_TMPDIR/features"
  try setpriv --groups 7,8 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$(tr -d ' \t' <<<"$output")" Groups:
}
