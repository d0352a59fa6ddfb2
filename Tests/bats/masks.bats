load helpers

# --- sysctl ------------------------------------------------------------------------------------

@test "LX-1: a sysctl of the container's own namespaces is set, and the host's stays" {
  config '.linux.sysctl = {"kernel.shmmni": "1234", "net.ipv4.ip_forward": "1", "fs.mqueue.queues_max": "99", "kernel.msgmax": "4321"}'
  local before
  before=$(cat /proc/sys/kernel/shmmni /proc/sys/net/ipv4/ip_forward)
  shell 'cat /proc/sys/kernel/shmmni /proc/sys/net/ipv4/ip_forward /proc/sys/fs/mqueue/queues_max /proc/sys/kernel/msgmax'
  prints '1234
1
99
4321'
  is "$(cat /proc/sys/kernel/shmmni /proc/sys/net/ipv4/ip_forward)" "$before"
}

@test "LX-1: a key may be spelled with slashes, as sysctl(8) does" {
  unlike crun "refuses it"
  config '.linux.sysctl = {"net/ipv4/conf/lo/forwarding": "1", "net/ipv4/ip_forward": "1"}'
  args cat /proc/sys/net/ipv4/conf/lo/forwarding
  prints 1
}

@test "LX-1 T30: a key outside the container's namespaces is refused before anything happens" {
  local key
  for key in kernel.core_pattern kernel/core_pattern net/../kernel/core_pattern net.ipv4/../../kernel/core_pattern \
    kernel.hostname vm.swappiness fs.file-max kernel net. .net ../net kernel.sem.x; do
    config '.linux.sysctl = {($k): "1"}' --arg k "$key"
    refused ""
    is_peer || has "$stderr" sysctl
  done
}

@test "LX-1 T30: a key needs the namespace it belongs to" {
  config '.linux.namespaces |= map(select(.type != "ipc")) | .mounts |= map(select(.type != "mqueue"))'
  config '.linux.sysctl = {"kernel.shmmni": "1234"}'
  refused shmmni
  config '.linux.sysctl = {"fs.mqueue.queues_max": "9"}'
  refused mqueue
  config '.linux.namespaces |= map(select(.type != "network")) | .linux.sysctl = {"net.ipv4.ip_forward": "1"}'
  refused ip_forward
}

@test "LX-1 T30: a path to the host's own network namespace does not open its sysctls" {
  unlike crun "looks at the entry only"
  config '.linux.namespaces |= map(if .type == "network" then . + {path: $p} else . end) | .linux.sysctl = {"net.ipv4.ip_forward": "1"}' --arg p "/proc/$$/ns/net"
  refused ip_forward
}

@test "LX-1: a key or value that the kernel does not take is an error that names it" {
  config '.linux.sysctl = {"net.nosuch.key": "1"}'
  refused ""
  is_peer || has "$stderr" nosuch
  config '.linux.sysctl = {"kernel.shmmni": "many"}'
  refused ""
}

# --- masked and read-only paths ----------------------------------------------------------------

@test "LX-3: a masked file is empty and takes no write, a masked directory is empty" {
  mkdir "$BUNDLE/rootfs/secret"
  echo secret | tee "$BUNDLE/rootfs/secret/file" >"$BUNDLE/rootfs/plain"
  config '.root.readonly = false | .linux.maskedPaths = ["/secret", "/plain", "/proc/uptime"]'
  shell 'ls /secret; cat /plain; stat -c "%t:%T" /plain /proc/uptime; touch /secret/new 2>&1'
  foreground
  is "$(head -n 2 <<<"$output")" '1:3
1:3'
  has "$output" "Read-only file system"
  lacks "$output" secret$'\n'
}

@test "LX-3 T6: a missing path is skipped, a duplicate is no error, a link masks what it names inside" {
  echo secret >"$BUNDLE/rootfs/target"
  ln -s /target "$BUNDLE/rootfs/link"
  config '.linux.maskedPaths = ["/missing", "/proc/missing/deep", "/target", "/target", "/link"]'
  shell 'cat /target /link | wc -c'
  prints 0
}

@test "LX-3 T6: a path below a file is skipped or refused, but never created" {
  touch "$BUNDLE/rootfs/plain"
  config '.linux.maskedPaths = ["/plain/below"]'
  args true
  foreground
  [ "$status" -le 1 ]
  [ -f "$BUNDLE/rootfs/plain" ]
}

@test "LX-3 LX-4: a relative path is refused" {
  unlike "runc crun" "takes it"
  config '.linux.maskedPaths = ["proc/kcore"]'
  refused /linux/maskedPaths/0
  config '.linux.maskedPaths = [] | .linux.readonlyPaths = ["proc/sys"]'
  refused /linux/readonlyPaths/0
}

@test "LX-3 LX-4: without a mount namespace they are refused" {
  unlike crun "ignores them"
  config '.linux.namespaces |= map(select(.type != "mount"))'
  refused ""
}

@test "LX-3: every default path is masked" {
  shell 'for p in /proc/kcore /proc/keys /proc/timer_list; do [ ! -e $p ] || [ -c $p ] || echo "$p is bare"; done
    for p in /proc/acpi /proc/scsi /proc/asound /sys/firmware; do [ ! -e $p ] || [ -z "$(ls -A $p)" ] || echo "$p is bare"; done; echo end'
  prints end
}

@test "LX-4: a read-only path takes no write, and keeps its other flags" {
  mkdir "$BUNDLE/rootfs/fixed"
  config '.root.readonly = false | .linux.readonlyPaths = ["/fixed", "/proc/sys", "/missing", "/tmp"]'
  config '.mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "noexec"]}]'
  shell 'touch /fixed/x 2>&1; echo 1 2>&1 >/proc/sys/kernel/domainname; touch /tmp/x 2>&1
    awk "\$5 == \"/tmp\" { print \$6 }" /proc/self/mountinfo | tail -n 1; touch /free && echo free'
  foreground
  is "$(grep -c 'Read-only file system' "$BATS_TEST_TMPDIR/stdout" "$BATS_TEST_TMPDIR/stderr" | cut -d: -f2 | paste -sd+ | bc)" 3
  has "$output" free ro,nosuid,nodev,noexec
}

@test "LX-4: a mount below a read-only path stays as it is" {
  config '.linux.readonlyPaths = ["/dev"]'
  shell 'touch /dev/shm/x && echo fine; touch /dev/x 2>&1'
  foreground
  has "$output" fine
}

@test "LX-4: every default read-only path takes no write" {
  shell 'for p in /proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger; do
      [ ! -e $p ] || awk "\$5 == \"$p\" { print \$6 }" /proc/self/mountinfo | tail -n 1 | grep -q ^ro || echo "$p is writable"
    done; (echo x >/proc/sys/kernel/domainname) 2>&1'
  foreground
  is "$output" "sh: can't create /proc/sys/kernel/domainname: Read-only file system"
}

# --- propagation of the root -------------------------------------------------------------------

@test "LX-2: the root has the configured propagation" {
  unlike "crun" "reports another one"
  local kind
  shell 'awk "\$5 == \"/\" { print \$7 }" /proc/self/mountinfo'
  for kind in shared:shared: private:- slave: unbindable:unbindable; do
    config '.linux.rootfsPropagation = $k' --arg k "${kind%%:*}"
    foreground
    exits 0
    has "$output" "${kind#*:}"
  done
}

@test "LX-2 VV-1: an unknown propagation is refused" {
  unlike crun "takes it for private"
  config '.linux.rootfsPropagation = "everywhere"'
  refused ropagation
}

@test "LX-2: with a shared root nothing of the container reaches the host" {
  config '.linux.rootfsPropagation = "shared" | .process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"]) |
    .process.capabilities.inheritable = [] | .process.capabilities.ambient = []'
  mkdir "$BUNDLE/rootfs/mnt"
  shell 'mount -t tmpfs tmpfs /mnt && echo mounted; sleep 100'
  launch
  eventually grep -q mounted "$OUT"
  is "$(grep -c "$BUNDLE" /proc/self/mountinfo)" 0
}

@test "after the change of root nothing of the host's tree is left in the container" {
  shell 'cut -d" " -f5 /proc/self/mountinfo | sort | tr "\n" " "; ls / | tr "\n" " "'
  foreground
  exits 0
  lacks "$output" "$BATS_TEST_TMPDIR" .pivot oldroot
  is "$(head -n 1 <<<"$output" | tr ' ' '\n' | grep -c '^/$')" 1
}

@test "T45: --no-pivot does not expose a bare /proc" {
  shell 'stat -c %t:%T /proc/timer_list; pwd; ls /; awk "\$5 == \"/proc/sys\" { print \$6 }" /proc/self/mountinfo'
  foreground --no-pivot
  exits 0
  has "$output" 1:3 bin ro
  lacks "$output" lost+found
}

@test "T45: --no-pivot keeps the container's own /proc and /sys, however the root's path is written" {
  local path
  shell 'stat -f -c %t /proc /sys; stat -c %t:%T /proc/timer_list'
  ln -s rootfs "$BUNDLE/link"
  for path in rootfs/ ./rootfs rootfs/../rootfs link; do
    config '.root.path = $p' --arg p "$path"
    foreground --no-pivot
    exits 0
    is "$output" $'9fa0\n62656572\n1:3'
  done
  ln -s "$BUNDLE" "$BATS_TEST_TMPDIR/linked"
  attempt run --no-pivot --bundle "$BATS_TEST_TMPDIR/linked" "$ID"
  is "$output" $'9fa0\n62656572\n1:3'
}
