load helpers

# check [OPTION…]: sets status, output and stderr.
check() {
  attempt check --bundle "$BUNDLE" "$@"
}

# codes: the findings as `severity code pointer`, one a line.
codes() {
  "$RUNTIME" --root "$ROOT" check --bundle "$BUNDLE" --format json "$@" |
    jq -r '.findings[] | "\(.severity) \(.code) \(.pointer)"'
}

@test "check: a bundle that can be run has no findings" {
  check
  [ "$status" = 0 ]
  is "$output" "0 errors, 0 warnings, 0 notes"
}

@test "check: nothing is made, neither state root nor cgroup nor a file in the bundle" {
  local before
  rmdir "$ROOT"
  before=$(find "$BUNDLE" | sort | sha256sum)
  check
  [ "$status" = 0 ]
  check --security
  [ ! -e "$ROOT" ]
  [ ! -e "$CGROUP" ]
  is "$(find "$BUNDLE" | sort | sha256sum)" "$before"
  mkdir -m 700 "$ROOT"
}

@test "check: it makes no system call that changes anything" {
  command -v strace >/dev/null || skip "no strace here"
  config '.linux.sysctl = {"net.ipv4.nothing": "1"} | .mounts += [{"destination": "/x", "source": "/nope", "options": ["bind"]}]'
  strace -f -qq -o "$BATS_TEST_TMPDIR/trace" "$RUNTIME" --root "$ROOT" check --bundle "$BUNDLE" || :
  # It was traced.
  grep -qE '^[0-9]+ +(openat2?|read)\(' "$BATS_TEST_TMPDIR/trace"
  finds_nothing -E '^[0-9]+ +(mkdir|mkdirat|mknod|mknodat|mount|umount2|unshare|setns|clone3?|fork|vfork|unlink|unlinkat|rename[a-z0-9]*|move_mount|open_tree|fsopen|chmod|fchmod[a-z]*|chown|fchown[a-z]*|setuid|capset|kill|flock)\(' "$BATS_TEST_TMPDIR/trace"
  finds_nothing -E 'open(at2?)?\(.*(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)' "$BATS_TEST_TMPDIR/trace"
}

@test "check: all that is wrong is told at once, and the exit status says that there are errors" {
  config '.hostname = 5 | .process.cwd = "x" | .process.rlimits = [{type: "RLIMIT_X", soft: 1, hard: 1}]
    | .mounts += [{destination: "/data", source: "/nope", options: ["bind"]}]'
  check
  [ "$status" = 1 ]
  [[ $output == *'error[config-type] /hostname: expected a string, found a number'* ]]
  [[ $output == *'/process/cwd'* ]]
  [[ $output == *'error[config-word] /process/rlimits/0/type: unknown resource limit `RLIMIT_X`'* ]]
  [[ $output == *'error[mount-source] /mounts/7/source: the source `/nope` does not exist on the host'* ]]
  [[ $output == *'4 errors, 0 warnings, 0 notes' ]]
}

@test "check: warnings fail with --strict only" {
  config '.linux.cgroupsPath = "system.slice:a:b"'
  check
  [ "$status" = 0 ]
  [[ $output == *'warning[cgroup-form]'* ]]
  check --strict
  [ "$status" = 1 ]
}

@test "check: a wrong call is told apart from a wrong bundle by its exit status" {
  check --nonsense
  [ "$status" = 2 ]
  check --threshold 101
  [ "$status" = 2 ]
  attempt check --bundle "$BATS_TEST_TMPDIR/nothing"
  [ "$status" = 1 ]
  [[ $output == *'error[config-absent]'* ]]
}

@test "check: what create would stumble over on this host is found before" {
  mkdir -p "$BATS_TEST_TMPDIR/dir"
  printf '#!/bin/sh\n' >"$BATS_TEST_TMPDIR/hook"
  config '.mounts += [
      {destination: "/bin/busybox", source: $dir, options: ["bind"]},
      {destination: "/a", type: "nosuchfs", source: "x"},
      {destination: "/b", type: "tmpfs", source: "x", options: ["nosuidd"]},
      {destination: "/c", type: "overlay", source: "x", options: ["lowerdir=/nolower"]}]
    | .hooks.prestart = [{path: "/usr/bin/nohook"}, {path: $hook}]
    | .linux.sysctl = {"net.ipv4.ip_forwardx": "1"}
    | .process.cwd = "/bin/probe"
    | .linux.namespaces |= map(if .type == "ipc" then .path = "/proc/4194300/ns/ipc" else . end)' \
    --arg dir "$BATS_TEST_TMPDIR/dir" --arg hook "$BATS_TEST_TMPDIR/hook"
  local found
  found=$(codes)
  for line in "error mount-kinds /mounts/7/destination" "error cwd /process/cwd" "error mount-filesystem /mounts/8/type" \
    "error mount-option /mounts/9/options" "error mount-overlay /mounts/10/options" \
    "error hook-absent /hooks/prestart/0/path" "error hook-mode /hooks/prestart/1/path" \
    "error sysctl-unknown /linux/sysctl/net.ipv4.ip_forwardx" \
    "error namespace-path /linux/namespaces/"; do
    [[ $found == *"$line"* ]] || { echo "not found: $line in $found" >&2; return 1; }
  done
}

@test "check: a cgroup that is in use, or frozen, is found" {
  mkdir "$CGROUP"
  sleep 60 3>&- &
  BACKGROUND+=($!)
  echo $! >"$CGROUP/cgroup.procs"
  is "$(codes)" "error cgroup-busy /linux/cgroupsPath"
  kill -KILL "${BACKGROUND[0]}"
  eventually rmdir "$CGROUP"
  mkdir "$CGROUP"
  echo 1 >"$CGROUP/cgroup.freeze"
  is "$(codes)" "error cgroup-frozen /linux/cgroupsPath"
  echo 0 >"$CGROUP/cgroup.freeze"
  rmdir "$CGROUP"
}

@test "check: a fifo in the place of any file does not hold it up" {
  mkfifo "$BUNDLE/fifo"
  config '.mounts += [{destination: "/x", source: $f, options: ["bind"]}] | .hooks.poststop = [{path: $f}]
    | .linux.namespaces |= map(if .type == "ipc" then .path = $f else . end)' --arg f "$BUNDLE/fifo"
  try timeout 5 "$RUNTIME" --root "$ROOT" check --bundle "$BUNDLE"
  [ "$status" = 1 ]
}

@test "check: another user's call is judged by what that user may do" {
  mkdir -m 700 "$BATS_TEST_TMPDIR/closed"
  touch "$BATS_TEST_TMPDIR/closed/file"
  config 'del(.linux.cgroupsPath) | .mounts += [{destination: "/x", source: $f, options: ["bind"]}]' \
    --arg f "$BATS_TEST_TMPDIR/closed/file"
  is "$(codes)" ""
  [[ $(codes --as-user 1000) == *"error config-rule /linux/namespaces"* ]]
  config '.linux.namespaces += [{type: "user"}]
    | .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}] | .linux.gidMappings = .linux.uidMappings
    | .mounts |= map(select(.type != "devpts"))'
  [[ $(codes --as-user 1000) == *"error mount-closed /mounts/6/source"* ]]
}

@test "check: --security prints a table with one score, and --threshold fails above it" {
  check --security
  [ "$status" = 0 ]
  [[ $output == *'no seccomp filter'* ]]
  [[ $output == *'exposure '*' of 100: '* ]]
  config '.mounts += [{destination: "/s", source: "/run/docker.sock", options: ["bind", "ro"]}]
    | .linux.namespaces |= map(select(.type != "pid"))'
  local score
  score=$("$RUNTIME" check --bundle "$BUNDLE" --security --format json | jq .exposure.score)
  [ "$score" -gt 90 ]
  touch "$BATS_TEST_TMPDIR/docker.sock"
  config '.mounts[-1].source = $f' --arg f "$BATS_TEST_TMPDIR/docker.sock"
  check --threshold 90
  [ "$status" = 1 ]
  [[ $output == *'engine-socket'* ]]
  check --threshold 100
  [ "$status" = 0 ]
}

@test "check: as JSON it is one document with counts" {
  config '.hostname = 5'
  is "$("$RUNTIME" check --bundle "$BUNDLE" --format json | jq -c '[.errors, .warnings, .notes, (.findings | length)]')" '[1,0,0,1]'
}

@test "check: a program that execve would refuse is found, with what is in its way" {
  args /bin/nothing
  is "$(codes)" "error exec-absent /process/args/0"
  printf '#!/bin/absent\n' >"$BUNDLE/rootfs/bin/script"
  chmod 755 "$BUNDLE/rootfs/bin/script"
  args script
  is "$(codes)" "error exec-interpreter /process/args/0"
  args /etc
  is "$(codes)" "error exec-directory /process/args/0"
}

@test "check: a finding shows the line of the configuration that it is about" {
  config '.root.readOnly = true'
  check
  [ "$status" = 0 ]
  [[ $output == *'warning[config-unknown-member] /root/readOnly'*'did you mean `readonly`'* ]]
  [[ $output == *"--> $BUNDLE/config.json:"*'"readOnly": true'*'^^^^'* ]]
  local at
  at=$("$RUNTIME" check --bundle "$BUNDLE" --format json | jq '.findings[0].line')
  is "$(sed -n "${at}p" "$BUNDLE/config.json" | tr -d ' ')" '"readOnly":true'
}

@test "slips that are taken as they are written: a cgroup named by its file, an argument for a name, a list of calls too short" {
  unlike "runc crun" "has no check"
  config '.linux.cgroupsPath = "/sys/fs/cgroup/x" | .hooks.createRuntime = [{path: "/bin/true", args: ["-x"]}]
    | .linux.seccomp = {defaultAction: "SCMP_ACT_KILL", syscalls: [{names: ["execve", "mmap", "read", "write"], action: "SCMP_ACT_ALLOW"}]}'
  attempt check --bundle "$BUNDLE" --format json
  is "$(jq -c '[.findings[] | select(.severity == "warning") | [.code, .pointer]]' <<<"$output")" \
    '[["cgroup-form","/linux/cgroupsPath"],["hook-arguments","/hooks/createRuntime/0/args/0"],["seccomp-start","/linux/seccomp"]]'
  has "$output" "brk, mprotect, openat, close, exit_group,"
}

@test "what to do about a bundle that is not there is said once" {
  unlike "runc crun" "has no check"
  attempt check --bundle "$BATS_TEST_TMPDIR/nosuch"
  exits 1
  is "$(grep -c "with --bundle" <<<"$output")" 1
}

@test "check: a cgroup that cannot be made is found before: frozen above, as many as are allowed, another page size" {
  mkdir "$CGROUP"
  echo 1 >"$CGROUP/cgroup.freeze"
  config '.linux.cgroupsPath += "/in"'
  codes | grep -x 'error cgroup-frozen /linux/cgroupsPath'
  echo 0 >"$CGROUP/cgroup.freeze"
  echo 0 >"$CGROUP/cgroup.max.descendants"
  config '.linux.resources.hugepageLimits = [{pageSize: "3MB", limit: 0}]'
  codes | grep -x 'error cgroup-failed /linux/cgroupsPath'
  codes | grep -x 'error cgroup-failed /linux/resources/hugepageLimits/0/pageSize'
  rmdir "$CGROUP"
}

@test "check: limits that hardly a program starts with and an agent that is not there are found before" {
  config '.process.rlimits = [{type: "RLIMIT_AS", soft: 4096, hard: 4096}, {type: "RLIMIT_NOFILE", soft: 3, hard: 3}]
    | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/nosuch/agent",
        syscalls: [{names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]}'
  is "$(codes)" 'error limit-hard /process/rlimits/0
error limit-hard /process/rlimits/1
error config-rule /linux/seccomp/listenerPath'
}

@test "check: what leads the wrong way is found before: links, variables, near names, the words of engines" {
  rmdir "$BUNDLE/rootfs/proc"
  ln -s etc "$BUNDLE/rootfs/proc"
  ln -s loop "$BUNDLE/rootfs/loop"
  mkdir "$BUNDLE/data"
  config '.mounts += [
      {destination: "/loop", type: "tmpfs"},
      {destination: "/a", source: "dta", options: ["bind"]},
      {destination: "/b", source: "~/data", options: ["bind"]},
      {destination: "/c", type: "volume", source: ($bundle + "/data")},
      {destination: "/d", type: "overlay", options: ["lowerdir=" + $bundle + "/dta:/nolower"]}]' --arg bundle "$BUNDLE"
  check
  [ "$status" = 1 ]
  has "$output" 'error[mount-target] /mounts/0/destination: `/proc` in the root filesystem is a link, and leads to `/etc`' \
    'error[mount-target] /mounts/7/destination: the links at `/loop` lead in a circle' \
    "did you mean \`$BUNDLE/data\`?" 'no shell reads it: write out what `~` stands for' \
    'error[mount-filesystem] /mounts/10/type: `volume` is no filesystem, and the source is a directory of the host'
  [ "$(grep -c 'did you mean' <<<"$output")" = 2 ]
}

@test "check: what is taken without a word is noted: ambient alone, misspelt paths, no procfs, a directory that is made, env and its interpreter" {
  mkdir "$BUNDLE/rootfs/opt"
  printf '#!/bin/env nosuch\n' >"$BUNDLE/rootfs/opt/run"
  chmod +x "$BUNDLE/rootfs/opt/run"
  [ -e "$BUNDLE/rootfs/bin/env" ] || ln -s busybox "$BUNDLE/rootfs/bin/env"
  config '.process.capabilities.ambient = ["CAP_KILL"] | .process.cwd = "/nosuch/work" | .process.args = ["/opt/run"]
    | .process.user.umask = 22 | .linux.maskedPaths = ["/proc/kcor", "/proc/acpi"]
    | .linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 5}]
    | .mounts |= map(select(.type != "proc"))'
  is "$(codes | sort)" 'error exec-interpreter /process/args/0
note capability-left-out /process/capabilities/ambient/0
note config-warning /linux/maskedPaths/0
note config-warning /mounts
note cwd /process/cwd
warning config-warning /linux/devices/0
warning config-warning /process/user/umask'
}
