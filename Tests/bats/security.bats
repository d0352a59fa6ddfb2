load helpers

# A place outside every root filesystem that no container may touch.
local_setup() {
  CANARY=$BATS_TEST_TMPDIR/canary
  mkdir "$CANARY"
  echo precious >"$CANARY/ptmx"
  echo precious >"$CANARY/file"
  CANARY_BEFORE=$(canary)
}

local_teardown() {
  is "$(canary)" "$CANARY_BEFORE"
}

canary() {
  find "$CANARY" -printf '%P %y %m %U:%G %s %T@ %l\n' | sort
  cat "$CANARY"/*
}

# The mounts of the default configuration below a directory go away.
without() {
  config '.mounts |= map(select(.destination | startswith($d) | not)) | .root.readonly = false' --arg d "$1"
}

# harmless: the container may run or be refused, within a short time; the canary is looked at afterwards.
harmless() {
  foreground
  [ "$status" -le 1 ] || fail "exit status $status: $stderr"
  nothing_left
}

@test "T1: a /dev that is a link never leads outside (CVE-2026-41579, CVE-2026-47766)" {
  unlike crun "before 1.28 it does"
  without /dev
  rm -rf "$BUNDLE/rootfs/dev"
  config '.linux.maskedPaths = []'
  args true
  local target
  for target in "$CANARY" "../../../../../../../../$CANARY" /dev / nowhere ../../..; do
    ln -sfn "$target" "$BUNDLE/rootfs/dev"
    harmless
  done
}

@test "T1: links below /dev, and on the way to a device, never lead outside" {
  without /dev
  config '.linux.maskedPaths = [] | .linux.devices = [{type: "c", path: "/nodes/sub/null", major: 1, minor: 3}]'
  args true
  mkdir -p "$BUNDLE/rootfs/dev"
  ln -s "$CANARY" "$BUNDLE/rootfs/dev/pts"
  ln -s "$CANARY" "$BUNDLE/rootfs/dev/shm"
  ln -s "$CANARY" "$BUNDLE/rootfs/nodes"
  config '.mounts += [{destination: "/dev/pts", type: "devpts", source: "devpts"}, {destination: "/dev/shm", type: "tmpfs", source: "shm"}]'
  harmless
}

@test "T1: a long chain of links, and one that bites its tail, end in an error or inside" {
  local i
  for i in {1..45}; do ln -s "/l$((i + 1))" "$BUNDLE/rootfs/l$i"; done
  ln -s "$CANARY" "$BUNDLE/rootfs/l46"
  ln -s loop "$BUNDLE/rootfs/loop"
  args true
  local destination
  for destination in /l1/x /loop /loop/x /l46/x; do
    config '.mounts += [{destination: $d, type: "tmpfs", source: "t"}]' --arg d "$destination"
    harmless
    config 'del(.mounts[-1])'
  done
}

@test "T2: procfs and sysfs are mounted on real directories only (CVE-2019-19921, CVE-2023-27561, CVE-2025-54867)" {
  args true
  local place target
  for place in proc sys; do
    rm -rf "${BUNDLE:?}/rootfs/$place"
    mkdir -p "$BUNDLE/rootfs/evil"
    for target in evil / ../../.. "$CANARY" /evil; do
      ln -sfn "$target" "$BUNDLE/rootfs/$place"
      foreground
      [ "$status" -ne 0 ] || fail "/$place -> $target was accepted"
      nothing_left
    done
    rm "$BUNDLE/rootfs/$place"
    touch "$BUNDLE/rootfs/$place"
    foreground
    [ "$status" -ne 0 ] || fail "/$place as a file was accepted"
    rm "$BUNDLE/rootfs/$place"
    mkfifo "$BUNDLE/rootfs/$place"
    foreground
    [ "$status" -ne 0 ] || fail "/$place as a fifo was accepted"
    rm "$BUNDLE/rootfs/$place"
    mkdir "$BUNDLE/rootfs/$place"
  done
}

# A volume in which a directory and a link to the canary change places all the time.
swapping() {
  VOLUME=$BATS_TEST_TMPDIR/volume
  mkdir -p "$VOLUME/a"
  ln -s "$CANARY" "$VOLUME/b"
  "$SUITE/probe" swap "$VOLUME/a" "$VOLUME/b" 3>&- &
  BACKGROUND+=($!)
  config '.mounts += [{destination: "/vol", source: $v, type: "none", options: ["rbind"]}]' --arg v "$VOLUME"
}

@test "T3: a mount target that is exchanged for a link never moves a mount outside (CVE-2021-30465)" {
  swapping
  config '.mounts += [{destination: "/vol/a", type: "tmpfs", source: "inner"}, {destination: "/vol/a/x", source: "/etc", type: "none", options: ["rbind", "ro"]}]'
  # A mount that landed outside is in nobody's table after the change of root.
  shell 'grep -c " - tmpfs inner " /proc/self/mountinfo; grep -c " /etc /.*/x " /proc/self/mountinfo'
  local i started=0
  for i in {1..60}; do
    foreground
    [ "$status" -le 1 ] || fail "exit status $status: $stderr"
    [ "$status" -eq 0 ] || continue
    is "$output" $'1\n1'
    started=$((started + 1))
  done
  [ "$started" -gt 0 ]
}

@test "T4: making a missing mount target never follows a link that appears (CVE-2024-45310)" {
  swapping
  config '.mounts += [{destination: "/vol/a/d1/d2", type: "tmpfs", source: "tmpfs"}, {destination: "/vol/a/f1", source: "/etc/hostname", type: "none", options: ["bind"]}]'
  args true
  local i
  for i in {1..60}; do
    foreground
    [ "$status" -le 1 ] || fail "exit status $status: $stderr"
  done
}

@test "T5: what covers a masked file is the host's null device, whatever the image says it is (CVE-2025-31133)" {
  unlike runc "refuses in other cases"
  without /dev
  mkdir -p "$BUNDLE/rootfs/dev" "$BATS_TEST_TMPDIR/vol"
  echo attacker >"$BATS_TEST_TMPDIR/vol/f"
  config '.mounts += [{destination: "/vol", source: $v, type: "none", options: ["rbind"]}] | .linux.maskedPaths = ["/proc/keys", "/proc/timer_list"]' --arg v "$BATS_TEST_TMPDIR/vol"
  shell 'stat -c %t:%T /proc/keys /proc/timer_list | sort -u; awk "\$5 == \"/proc/keys\" { print \$6 }" /proc/self/mountinfo'
  local null
  for null in link sysctl missing other directory; do
    rm -rf "$BUNDLE/rootfs/dev/null"
    case $null in
    link) ln -s /vol/f "$BUNDLE/rootfs/dev/null" ;;
    sysctl) ln -s /proc/sys/kernel/hostname "$BUNDLE/rootfs/dev/null" ;;
    other) mknod "$BUNDLE/rootfs/dev/null" c 1 5 ;;
    directory) mkdir "$BUNDLE/rootfs/dev/null" ;;
    esac
    foreground
    [ "$status" -le 1 ] || fail "exit status $status: $stderr"
    if [ "$status" -eq 0 ]; then
      is "$(head -n 1 <<<"$output")" 1:3
      matches "$(tail -n 1 <<<"$output")" '^ro'
    fi
    is "$(cat "$BATS_TEST_TMPDIR/vol/f")" attacker
  done
}

@test "T6: what is to be masked is never visible while its directory changes places" {
  mkdir -p "$BATS_TEST_TMPDIR/volume/"{a,b}
  echo secret | tee "$BATS_TEST_TMPDIR/volume/a/secret" >"$BATS_TEST_TMPDIR/volume/b/secret"
  "$SUITE/probe" swap "$BATS_TEST_TMPDIR/volume/a" "$BATS_TEST_TMPDIR/volume/b" 3>&- &
  local swapper=$!
  BACKGROUND+=($!)
  config '.mounts += [{destination: "/vol", source: $v, type: "none", options: ["rbind"]}] | .linux.maskedPaths = ["/vol/a/secret", "/vol/b/secret"]' --arg v "$BATS_TEST_TMPDIR/volume"
  shell 'cat /vol/a/secret /vol/b/secret | wc -c'
  kill -STOP "$swapper"
  prints 0
}

@test "T7: a console that is not of the container's devpts is refused, whatever lies there (CVE-2025-52565)" {
  mkdir "$BATS_TEST_TMPDIR/pts"
  mknod "$BATS_TEST_TMPDIR/pts/ptmx" c 5 2
  ln -s /proc/sysrq-trigger "$BATS_TEST_TMPDIR/pts/0"
  ln -s /proc/sys/kernel/hostname "$BATS_TEST_TMPDIR/pts/1"
  config '.process.terminal = true | .mounts |= map(if .destination == "/dev/pts" then {destination: "/dev/pts", source: $s, type: "none", options: ["bind"]} else . end)' --arg s "$BATS_TEST_TMPDIR/pts"
  "$SUITE/probe" recvtty "$BATS_TEST_TMPDIR/console" >"$BATS_TEST_TMPDIR/tty" 2>&1 3>&- &
  BACKGROUND+=($!)
  eventually test -S "$BATS_TEST_TMPDIR/console"
  attempt create --bundle "$BUNDLE" --console-socket "$BATS_TEST_TMPDIR/console" "$ID"
  [ "$status" -ne 0 ] || [ "$RUNTIME_NAME" = crun ]
}

@test "T8: stdio on the host's null device survives an image with its own idea of it (CVE-2026-88265)" {
  without /dev
  rm -rf "$BUNDLE/rootfs/dev"
  mkdir "$BUNDLE/rootfs/dev"
  ln -s /vol/f "$BUNDLE/rootfs/dev/null"
  mkdir "$BATS_TEST_TMPDIR/vol"
  echo attacker >"$BATS_TEST_TMPDIR/vol/f"
  config '.mounts += [{destination: "/vol", source: $v, type: "none", options: ["rbind"]}] | .linux.maskedPaths = [] | .process.user = {uid: 1000, gid: 1000}' --arg v "$BATS_TEST_TMPDIR/vol"
  args echo output
  "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 2>/dev/null 3>&- | cat >"$OUT"
  is_peer || [ ! -s "$OUT" ] || is "$(cat "$OUT")" output
  is "$(stat -c %u "$BATS_TEST_TMPDIR/vol/f") $(cat "$BATS_TEST_TMPDIR/vol/f")" "0 attacker"
  is "$(stat -c '%u:%g %a' /dev/null)" "0:0 666"
}

@test "T42: root in the container cannot change the host's null device through its stdin" {
  unlike "runc crun" "passes the host's on where /dev has no mount"
  config '.process.capabilities.bounding += ["CAP_CHOWN", "CAP_FOWNER"] | .process.capabilities.effective += ["CAP_CHOWN", "CAP_FOWNER"] | .process.capabilities.permitted += ["CAP_CHOWN", "CAP_FOWNER"]'
  shell 'chmod 600 /proc/self/fd/0; chown 7 /proc/self/fd/0'
  foreground
  is "$(stat -c '%u:%g %a' /dev/null)" "0:0 666"
}

@test "T9: /dev/console is never made through a link (CVE-2026-88264)" {
  unlike crun "before 1.30 it is"
  without /dev
  mkdir -p "$BUNDLE/rootfs/dev/pts"
  ln -s "$CANARY/new" "$BUNDLE/rootfs/dev/console"
  config '.process.terminal = true | .mounts += [{destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]}]'
  args true
  local readonly
  for readonly in false true; do
    config ".root.readonly = $readonly"
    "$SUITE/probe" recvtty "$BATS_TEST_TMPDIR/console-$readonly" >/dev/null 2>&1 3>&- &
    BACKGROUND+=($!)
    eventually test -S "$BATS_TEST_TMPDIR/console-$readonly"
    attempt create --bundle "$BUNDLE" --console-socket "$BATS_TEST_TMPDIR/console-$readonly" "$ID"
    rt delete --force "$ID"
    [ ! -e "$CANARY/new" ]
  done
}

@test "T12: no working directory leads to the host through a descriptor (CVE-2024-21626)" {
  args sh -c 'pwd; ls -di /'
  ln -s /proc/self/fd/7 "$BUNDLE/rootfs/w"
  local cwd
  for cwd in /proc/self/fd/{3..20} /proc/1/cwd /proc/self/root/.. /proc/self/cwd /w /proc/thread-self/fd/9; do
    config '.process.cwd = $c' --arg c "$cwd"
    foreground
    [ "$status" -ne 0 ] || matches "$(head -n 1 <<<"$output")" '^/'
    lacks "$output" "$BATS_TEST_TMPDIR" unreachable
    if [ "$status" -eq 0 ]; then [ "$(wc -l <<<"$output")" = 2 ]; fi
  done
}

@test "T12: nor does one of exec, or of a link planted for it" {
  args sleep 100
  ln -s /proc/self/fd/7 "$BUNDLE/rootfs/w"
  launch
  local cwd
  for cwd in /proc/self/fd/{3..12} /proc/self/cwd /w; do
    attempt exec --cwd "$cwd" "$ID" pwd
    [ "$status" -ne 0 ] || matches "$output" '^/'
    lacks "$output" "$BATS_TEST_TMPDIR" unreachable
  done
}

@test "T12: no program is executed through a descriptor of the runtime" {
  local i
  for i in {3..20}; do
    args "/proc/self/fd/$i" --version
    foreground
    [ "$status" -ne 0 ] || fail "ran /proc/self/fd/$i: $output"
  done
}

@test "T13: a directory of the caller does not become visible by --preserve-fds of fewer" {
  args probe fds
  try "$SUITE/probe" holds / "$RUNTIME" --root "$ROOT" run --preserve-fds 2 --bundle "$BUNDLE" "$ID" </dev/null 4>&-
  is "$(cut -d' ' -f1 <<<"$output" | tr '\n' ' ')" "0 1 2 "
}

@test "T14: the runtime's executable cannot be written from a container that runs it (CVE-2019-5736)" {
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/runtime"
  printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/bin/entry"
  chmod 755 "$BUNDLE/rootfs/bin/entry"
  local sum
  sum=$(sha256sum <"$BATS_TEST_TMPDIR/runtime")
  config '.root.readonly = false'
  args probe catch
  local rt=("$BATS_TEST_TMPDIR/runtime" --root "$ROOT")
  detached "${rt[@]}" run -d --bundle "$BUNDLE" "$ID"
  eventually grep -q watching "$OUT"
  local i
  for i in {1..40}; do try "${rt[@]}" exec "$ID" /bin/entry --help </dev/null; done
  try "${rt[@]}" exec "$ID" /proc/self/exe --help </dev/null
  sleep 0.3
  lacks "$(cat "$OUT")" WRITABLE
  is "$(sha256sum <"$BATS_TEST_TMPDIR/runtime")" "$sum"
}

@test "T14: a runtime on an image that nobody can write executes itself once, and stays as it is" {
  unlike crun runc "they have no such case"
  mkdir "$BATS_TEST_TMPDIR/files" "$BATS_TEST_TMPDIR/image"
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/files/runtime"
  mkfs.erofs "$BATS_TEST_TMPDIR/image.erofs" "$BATS_TEST_TMPDIR/files" >/dev/null
  printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/bin/entry"
  chmod 755 "$BUNDLE/rootfs/bin/entry"
  config '.root.readonly = false'
  args probe catch
  export OUT
  try unshare --mount --propagation private bash -c '
    cd "$1" && mount -o loop image.erofs image || exit 97
    shift
    strace -e trace=execve,execveat -o calls image/runtime "$@" </dev/null >"$OUT" 2>&1
    for i in {1..50}; do grep -q watching "$OUT" && break; sleep 0.1; done
    for i in {1..20}; do image/runtime "${@:1:2}" exec "${@: -1}" /bin/entry --help </dev/null; done
    sleep 0.3' bash "$BATS_TEST_TMPDIR" --root "$ROOT" run -d --bundle "$BUNDLE" "$ID"
  [ "$status" -ne 97 ] || fail "the image cannot be mounted: $output"
  grep -q watching "$OUT"
  lacks "$(cat "$OUT")" WRITABLE
  lacks "$(cat "$BATS_TEST_TMPDIR/calls")" execveat
  grep -q execve "$BATS_TEST_TMPDIR/calls"
}

@test "T14: a runtime that may replace its executable executes itself once, one that may not twice" {
  unlike "crun runc" "they have no such case"
  args true
  strace -f -e trace=execve,execveat -o "$BATS_TEST_TMPDIR/once" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  is "$(grep -c 'execve.*= 0' "$BATS_TEST_TMPDIR/once")" 2
  # PR_SET_MM (35) is refused, as to a caller without CAP_CHECKPOINT_RESTORE.
  strace -f -e trace=execve,execveat -o "$BATS_TEST_TMPDIR/twice" \
    "$SUITE/probe" without prctl:35 1 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  is "$(grep -c 'execve.*= 0' "$BATS_TEST_TMPDIR/twice")" 4 # probe, runtime, its copy, true
  has "$(cat "$BATS_TEST_TMPDIR/twice")" 'execveat('
}

@test "a command that makes a container holds no file that its caller leaked" {
  unlike "crun runc" "they do"
  args sleep 100
  detached "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 9</etc/passwd 20</etc/passwd &
  eventually has_status running
  local pid
  pid=$(ps -o ppid= -p "$(pid_of)" | tr -d ' ')
  lacks "$(ls -l "/proc/$pid/fd")" passwd
  rt kill "$ID" KILL
  wait
}

@test "T14: what runs in a container is not the file on the host" {
  unlike crun "it is, mounted read-only"
  args sleep 100
  create
  [ "$(stat -L -c %d:%i "/proc/$(pid_of)/exe")" != "$(stat -L -c %d:%i "$RUNTIME")" ]
}

@test "T15: nothing of a process that enters is within reach of the container (CVE-2016-9962)" {
  args probe watch
  launch
  eventually grep -q watching "$OUT"
  local i
  for i in {1..60}; do rt exec "$ID" true 3>&-; done
  grep -q ^seen "$OUT" || fail "it saw no process at all"
  lacks "$(cat "$OUT")" REACHED
}

@test "T23: files that the runtime makes in the image are never opened through what lies there" {
  without /dev
  mkdir -p "$BUNDLE/rootfs/dev" "$BUNDLE/rootfs/x"
  mkfifo "$BUNDLE/rootfs/x/fifo"
  ln -s "$CANARY/made" "$BUNDLE/rootfs/x/dangling"
  ln -s "$CANARY/file" "$BUNDLE/rootfs/x/link"
  mkfifo "$BUNDLE/rootfs/dev/zero"
  ln -s "$CANARY/made" "$BUNDLE/rootfs/dev/full"
  args true
  harmless
  rm "$BUNDLE"/rootfs/dev/*
  local name
  for name in fifo dangling link; do
    config '.mounts += [{destination: $d, source: "/etc/hostname", type: "none", options: ["bind"]}]' --arg d "/x/$name"
    harmless
    config 'del(.mounts[-1])'
  done
}

@test "T28: delete touches nothing outside, whatever became of the bundle" {
  args sleep 100
  launch
  mv "$BUNDLE/rootfs" "$BUNDLE/moved"
  ln -s "$CANARY" "$BUNDLE/rootfs"
  rt delete --force "$ID"
  rm "$BUNDLE/rootfs"
  mv "$BUNDLE/moved" "$BUNDLE/rootfs"
}

@test "T29: a state root that somebody else can change is refused" {
  unlike "runc crun" "takes it"
  args true
  local root=$BATS_TEST_TMPDIR/odd
  mkdir -m 777 "$root"
  try "$RUNTIME" --root "$root" create --bundle "$BUNDLE" "$ID" </dev/null
  exits 1
  has "$stderr" "$root"
  chmod 700 "$root"
  chown 1000 "$root"
  try "$RUNTIME" --root "$root" create --bundle "$BUNDLE" "$ID" </dev/null
  exits 1
  rmdir "$root"
  # The caller's link is followed, and what it leads to is held to the same rules.
  mkdir -m 777 "$root.target"
  ln -s "$root.target" "$root"
  try "$RUNTIME" --root "$root" create --bundle "$BUNDLE" "$ID" </dev/null
  exits 1
  touch "$BATS_TEST_TMPDIR/plain"
  try "$RUNTIME" --root "$BATS_TEST_TMPDIR/plain" create --bundle "$BUNDLE" "$ID" </dev/null
  exits 1
}

@test "T29: a damaged record is an error, is never followed, and can be deleted" {
  unlike "runc crun" "keeps other files"
  local damage file
  args sleep 100
  for damage in truncated empty garbage fifo link huge directory; do
    launch
    local pid
    pid=$(pid_of)
    file=$ROOT/$ID/state.json
    [ -f "$file" ]
    case $damage in
    truncated) truncate -s 20 "$file" ;;
    empty) : >"$file" ;;
    garbage) head -c 500 /dev/urandom >"$file" ;;
    fifo) rm "$file" && mkfifo "$file" ;;
    link) rm "$file" && ln -s "$CANARY/file" "$file" ;;
    huge) truncate -s 1G "$file" ;;
    directory) rm "$file" && mkdir "$file" ;;
    esac
    attempt state "$ID"
    [ "$status" -eq 1 ] || fail "$damage: state exits with $status"
    attempt delete --force "$ID"
    exits 0
    [ ! -e "$ROOT/$ID" ] || fail "$damage: the directory is left"
    # The record was the only thing that named the process.
    kill -KILL "$pid" 2>/dev/null || :
    eventually '[ ! -d "$CGROUP" ] || rmdir "$CGROUP"'
  done
}

@test "T37: a pid that now belongs to another process is never signalled" {
  unlike "runc crun" "keeps other files"
  args true
  launch
  eventually has_status stopped
  sleep 50 3>&- &
  local bystander=$!
  BACKGROUND+=("$bystander")
  local file=$ROOT/$ID/state.json
  jq --argjson pid "$bystander" 'walk(if type == "object" and has("init_process_pid") then .init_process_pid = $pid else . end) | walk(if type == "object" and has("pid") then .pid = $pid else . end)' "$file" >"$BATS_TEST_TMPDIR/state"
  cat "$BATS_TEST_TMPDIR/state" >"$file"
  is "$(status_of)" stopped
  attempt kill "$ID" KILL
  exits 1
  rt delete --force "$ID"
  kill -0 "$bystander"
}

@test "T26: after the change of root nothing is opened or executed but what the configuration names" {
  unlike "runc crun" "opens more"
  command -v strace >/dev/null || skip "strace is not installed"
  args /bin/true
  config '.process.env = ["PATH=/bin", "HOME=/"]'
  strace -f -qq -e trace=openat,open,execve,execveat,pivot_root -o "$BATS_TEST_TMPDIR/trace" \
    "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&-
  local after
  after=$(sed -n '/pivot_root/,$p' "$BATS_TEST_TMPDIR/trace")
  [ -n "$after" ]
  lacks "$after" ld.so nsswitch.conf locale zoneinfo libc.so
}

@test "T51: nothing of the caller's environment steers the runtime" {
  args echo fine
  mkdir "$BATS_TEST_TMPDIR/evil"
  try env SWIFT_BACKTRACE=enable=yes,output-to="$CANARY/trace" MALLOC_TRACE="$CANARY/malloc" \
    LD_PRELOAD=/no/such/library.so TMPDIR="$CANARY" PATH="$BATS_TEST_TMPDIR/evil" \
    "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  is "$output" fine
}

@test "T50: a call of the confinement that fails is never passed over" {
  unlike "runc crun" "are not asked"
  config '.process.user = {uid: 1000, gid: 1000, additionalGids: [5]} | .process.noNewPrivileges = true
    | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["kcmp"], action: "SCMP_ACT_ERRNO"}]}'
  args echo ran
  foreground
  is "$output" ran
  local call errno
  for call in setresuid setresgid setgroups capset prctl pivot_root umount2 mount_setattr move_mount fsopen sethostname setsid \
    prlimit64 close_range bpf openat2; do
    for errno in 1 22; do
      try "$SUITE/probe" without "$call" "$errno" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
      [ "$status" -ne 0 ] || fail "$call fails with $errno: nobody noticed"
      lacks "$output" ran
      nothing_left
    done
  done
}

@test "T11: a /proc that changes places never leads a sysctl elsewhere (CVE-2025-52881)" {
  mkdir "$BATS_TEST_TMPDIR/place"
  ln -s "$CANARY" "$BUNDLE/rootfs/link"
  [ -d "$BUNDLE/rootfs/proc" ] || mkdir "$BUNDLE/rootfs/proc"
  "$SUITE/probe" swap "$BUNDLE/rootfs/proc" "$BUNDLE/rootfs/link" 3>&- &
  BACKGROUND+=($!)
  config '.linux.sysctl = {"kernel.msgmax": "65432", "net.ipv4.ip_forward": "1"} | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
  local host i
  host=$(cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward)
  shell 'cat /proc/sys/kernel/msgmax 2>/dev/null || echo hidden'
  for i in {1..40}; do
    foreground
    [ "$status" -le 1 ] || fail "exit status $status: $stderr"
    [ "$status" -ne 0 ] || matches "$output" '^(65432|hidden)$'
    is "$(cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward)" "$host"
  done
}

@test "T25: annotations of other runtimes have no effect" {
  unlike "runc crun" "act on theirs"
  config '.annotations = {"run.oci.keep_original_groups": "maybe", "run.oci.systemd.subgroup": "../..", "run.oci.delegate-cgroup": "../..",
    "run.oci.pidfd_receiver": $c, "run.oci.seccomp.plugins": $c, "run.oci.systemd.force_cgroup_v1": "/sys/fs/cgroup",
    "io.katacontainers.config.hypervisor.path": "/bin/sh", "org.criu.config": $c, "module.wasm.image/variant": "compat"}' \
    --arg c "$CANARY/file"
  shell 'id -G; echo fine'
  foreground
  exits 0
  has "$output" fine
  is "$("$RUNTIME" features | jq -c '[.potentiallyUnsafeConfigAnnotations[]? | select(startswith("io.kata") or startswith("run.oci.systemd"))]')" '[]'
}

@test "T25 AN-5: an annotation that asks for other protection, or is no value of its kind, is refused" {
  unlike "runc crun" "act on theirs"
  local key
  while IFS='|' read -r key value; do
    config '.annotations = {($key): $value}' --arg key "$key" --arg value "$value"
    refused "/annotations/$key"
  done <<'END'
run.oci.handler|krun
run.oci.seccomp_bpf_data|AAAA
run.oci.mount_context_type|x
run.oci.hooks.stdout|relative
run.oci.hooks.stderr|
END
}

@test "T31: device nodes are made by descriptor: no link is followed, nothing odd is accepted" {
  ln -s "$CANARY" "$BUNDLE/rootfs/linked"
  config '.linux.devices = [{type: "c", path: "/linked/sub/node", major: 1, minor: 3, fileMode: 438, uid: 0, gid: 0}]'
  shell "test -c $CANARY/sub/node && echo inside"
  foreground
  [ "$status" -ne 0 ] || is "$output" inside
  [ ! -e "$CANARY/sub" ]
  local entry
  for entry in '{type: "u", path: "/dev/x", major: -1, minor: 3}' '{type: "c", path: "/dev/x", major: 2147483648, minor: 3}' \
    '{type: "bogus", path: "/dev/x", major: 1, minor: 3}' '{type: "c", path: "/dev/../../../x/..", major: 1, minor: 3}' '{type: "c", path: "", major: 1, minor: 3}'; do
    config ".linux.devices = [$entry]"
    foreground
    [ "$status" -ne 0 ] || [ "$RUNTIME_NAME" != apus ] || fail "accepted: $entry"
    nothing_left
  done
}

@test "T32: a runtime that somebody made setuid refuses to run" {
  unlike "runc crun" "runs"
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/setuid"
  chmod 4755 "$BATS_TEST_TMPDIR/setuid"
  chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.."
  try setpriv --reuid 1000 --regid 1000 --clear-groups "$BATS_TEST_TMPDIR/setuid" --root "$ROOT" list </dev/null
  exits 1
  has "$stderr" setuid
}

@test "T52: a link that another user left in a shared directory is followed by neither pid file nor log" {
  [ "$(cat /proc/sys/fs/protected_symlinks)" = 1 ] || skip "this machine follows links of others everywhere"
  args sleep 100
  local shared=$BATS_TEST_TMPDIR/shared odd
  mkdir -m 1777 "$shared"
  ln -s "$CANARY/file" "$shared/link"
  chown -h 1000:1000 "$shared/link"
  unlike "runc crun" "replaces it"
  attempt create --bundle "$BUNDLE" --pid-file "$shared/link" "$ID"
  exits 1
  nothing_left
  attempt --log "$shared/link" state "$ID"
  exits 1
  has "$stderr" "cannot open the log"
}

@test "T54: a log or a console socket that nobody is behind is refused at once" {
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  ln -s "$CANARY/file" "$BATS_TEST_TMPDIR/link"
  local odd
  if ! is_peer; then
    attempt --log "$BATS_TEST_TMPDIR/fifo" state "$ID"
    exits 1
    has "$stderr" "cannot open the log"
  fi
  config '.process.terminal = true'
  for odd in fifo link "canary/file"; do
    attempt create --bundle "$BUNDLE" --console-socket "$BATS_TEST_TMPDIR/$odd" "$ID"
    exits 1
    has "$stderr" console-socket
    nothing_left
  done
}
