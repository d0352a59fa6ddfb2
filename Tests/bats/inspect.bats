#!/usr/bin/env bats
# What is configured beside what is in force.

load helpers

local_setup() {
  unlike "runc crun" "has no such command"
  args sleep 100
}

# rows FILTER: of what differs, as JSON.
rows() { rt inspect --drift --format json "$ID" | jq -c "[.rows[] | $1]"; }

# as_configured: nothing differs, and everything could be looked at.
as_configured() {
  attempt inspect --drift --format json "$ID"
  exits 0
  is "$(jq -c '[.differences, .unknown, .rows]' <<<"$output")" '[0,0,[]]'
}

# drifts POINTER: this differs, and it is all that does.
drifts() {
  attempt inspect --drift --format json "$ID"
  exits 1
  is "$(jq -r '[.rows[] | select(.differs).pointer] | unique | join(" ")' <<<"$output")" "$1"
}

inside() { nsenter -t "$(pid_of)" -m -u -n -i "$@"; }

@test "nothing differs in a container that is created, runs or is paused" {
  config '.linux.sysctl = {"net.ipv4.ip_unprivileged_port_start": "80"} | .process.oomScoreAdj = 7
    | .process.rlimits += [{type: "RLIMIT_CORE", soft: 5, hard: 6}] | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}
    | .process.user = {uid: 7, gid: 8, additionalGids: [9, 3]} | .linux.devices = [{path: "/dev/seven", type: "c", major: 1, minor: 7, fileMode: 384, uid: 5}]'
  mkdir "$BATS_TEST_TMPDIR/source"
  mounts "{\"destination\": \"/mnt\", \"type\": \"none\", \"source\": \"$BATS_TEST_TMPDIR/source\", \"options\": [\"rbind\", \"ro\", \"nodev\", \"rslave\"]}" \
    '{"destination": "/srv", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k", "mode=0751", "noexec"]}'
  create
  as_configured
  start
  as_configured
  rt pause "$ID"
  as_configured
  rt resume "$ID"
  attempt inspect "$ID"
  exits 0
  has "$output" "IN FORCE" "no differences" "/linux/maskedPaths/0" "tmpfs rw,noexec,relatime"
  lacks "$output" $'\e'
}

@test "nothing differs in a container with a user namespace, nor after an update" {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' \
    --argjson m '[{"containerID": 0, "hostID": 100000, "size": 65536}]'
  launch
  as_configured
  [ -e "$CGROUP/hugetlb.2MB.max" ] || return 0
  jq -n '{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}' | rt update --resources - "$ID"
  as_configured
  is "$(rt inspect --format json "$ID" | jq -r '.rows[] | select(.what == "hugetlb.2MB.max").found')" 4194304
  echo 0 >"$CGROUP/hugetlb.2MB.max"
  drifts /linux/resources/hugepageLimits/0
}

@test "nothing differs in a container of a user without privileges" {
  chmod 755 "$BATS_TEST_TMPDIR"
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/apus"
  local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_TEST_TMPDIR/apus" --root "$ROOT")
  rm "$BUNDLE/config.json"
  # The files are linked to those of other tests.
  cp -a "$BUNDLE/rootfs" "$BATS_TEST_TMPDIR/copy"
  rm -r "$BUNDLE/rootfs"
  mv "$BATS_TEST_TMPDIR/copy" "$BUNDLE/rootfs"
  chown -R 65534:65534 "$BUNDLE" "$ROOT"
  "${nobody[@]}" spec --rootless --bundle "$BUNDLE"
  config '.process.terminal = false | .process.args = ["sleep", "100"]'
  detached "${nobody[@]}" run -d --bundle "$BUNDLE" "$ID"
  try "${nobody[@]}" inspect --drift --format json "$ID"
  exits 0
  is "$(jq -c '[.rows[] | select(.differs)]' <<<"$output")" '[]'
  try "${nobody[@]}" delete --force "$ID"
  exits 0
  chown -R 0:0 "$ROOT"
}

@test "every kind of drift is found, with its place" {
  config '.linux.sysctl = {"net.ipv4.ip_unprivileged_port_start": "80"} | .process.oomScoreAdj = 7 | .root.readonly = false
    | .process.rlimits = [{type: "RLIMIT_CORE", soft: 5, hard: 6}]'
  mounts '{"destination": "/srv", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k", "noexec"]}'
  launch
  local pid masked
  pid=$(pid_of)
  as_configured
  echo 8 >"/proc/$pid/oom_score_adj"
  drifts /process/oomScoreAdj
  echo 7 >"/proc/$pid/oom_score_adj"
  prlimit --pid "$pid" --core=4:6
  drifts /process/rlimits/0
  prlimit --pid "$pid" --core=5:6
  inside hostname other
  drifts /hostname
  inside hostname "$(jq -r .hostname "$BUNDLE/config.json")"
  nsenter -t "$pid" -n sh -c 'echo 81 >/proc/sys/net/ipv4/ip_unprivileged_port_start'
  drifts /linux/sysctl/net.ipv4.ip_unprivileged_port_start
  nsenter -t "$pid" -n sh -c 'echo 80 >/proc/sys/net/ipv4/ip_unprivileged_port_start'
  nsenter -t "$pid" -m -p /bin/mount -o remount,size=128k /srv
  drifts "/mounts/$(jq '.mounts | length - 1' "$BUNDLE/config.json")"
  nsenter -t "$pid" -m -p /bin/mount -o remount,size=64k /srv
  nsenter -t "$pid" -m -p /bin/mount -o remount,bind,ro /
  drifts /root/readonly
  nsenter -t "$pid" -m -p /bin/mount -o remount,bind,rw /
  masked=$(jq -r '.linux.maskedPaths | index("/proc/keys")' "$BUNDLE/config.json")
  nsenter -t "$pid" -m -p /bin/umount /proc/keys
  drifts "/linux/maskedPaths/$masked"
  nsenter -t "$pid" -m -p /bin/mount --bind /dev/null /proc/keys
  nsenter -t "$pid" -m -p /bin/mount -o remount,bind,rw /proc/sys
  drifts "/linux/readonlyPaths/$(jq -r '.linux.readonlyPaths | index("/proc/sys")' "$BUNDLE/config.json")"
  nsenter -t "$pid" -m -p /bin/mount -o remount,bind,ro /proc/sys
  nsenter -t "$pid" -m -p /bin/chmod 600 /dev/zero
  drifts /linux/devices
  nsenter -t "$pid" -m -p /bin/chmod 666 /dev/zero
  nsenter -t "$pid" -m -p /bin/mount -t tmpfs none /tmp
  drifts /mounts
  has "$(rt inspect --drift "$ID" || :)" "! /mounts" "/tmp" "no entry of the configuration mounts it"
}

@test "a program that gives capabilities up, or changes its umask, is seen" {
  shell 'umask 077; exec sleep 100'
  launch
  eventually 'grep -q "^Umask:.0077" "/proc/$(pid_of)/status"'
  drifts /process/user/umask
  follows inspect
}

@test "a source that was replaced on the host is not the one that the container still has" {
  echo old >"$BATS_TEST_TMPDIR/file"
  mounts "{\"destination\": \"/etc/file\", \"type\": \"none\", \"source\": \"$BATS_TEST_TMPDIR/file\", \"options\": [\"bind\"]}"
  launch
  as_configured
  echo new >"$BATS_TEST_TMPDIR/file.new"
  mv "$BATS_TEST_TMPDIR/file.new" "$BATS_TEST_TMPDIR/file"
  drifts "/mounts/$(jq '.mounts | length - 1' "$BUNDLE/config.json")"
  is "$(rows '.note | test("replaced")')" '[true]'
}

@test "a mount that was added later is shown as that, and is no drift" {
  launch
  mkdir -p "$BATS_TEST_TMPDIR/later" "$BUNDLE/rootfs/mnt"
  jq -n --arg s "$BATS_TEST_TMPDIR/later" '[{destination: "/mnt", source: $s, options: ["bind"]}]' | rt mounts add "$ID" -
  as_configured
  is "$(rt inspect --format json "$ID" | jq -r '.rows[] | select(.what == "/mnt").note')" "added after the container was made"
}

@test "a descriptor of the host that init holds is shown" {
  shell 'exec sleep 100'
  rt run -d --preserve-fds 1 --bundle "$BUNDLE" "$ID" 3<"$BATS_TEST_TMPDIR" </dev/null >"$OUT" 2>&1
  eventually 'has_status running'
  is "$(rows 'select(.differs) | [.pointer, .what, .found]')" "[[\"/process\",\"descriptor 3\",\"$BATS_TEST_TMPDIR\"]]"
}

@test "a container that puts its own files on /proc and changes its root fools nobody" {
  needs_capability 21 CAP_SYS_ADMIN
  config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"]) | .root.readonly = false'
  shell 'mkdir -p /fake/1 /new/bin && cp /bin/busybox /new/bin/sh && cp /bin/busybox /new/bin/sleep
    printf "Uid:\t0 0 0 0\nCapEff:\t0\n" >/fake/1/status; mount -o bind /fake /proc; touch /ready; exec chroot /new /bin/sleep 100'
  launch
  eventually '[ "$(cat /proc/$(pid_of)/comm)" = sleep ]'
  attempt inspect --drift --format json "$ID"
  exits 1
  # The masks of the real one are out of sight.
  is "$(jq -c '[.rows[] | select(.differs).pointer | select(startswith("/mounts"))]' <<<"$output")" '["/mounts/0"]'
  is "$(rt inspect --format json "$ID" | jq -r '.rows[] | select(.pointer == "/process/capabilities/effective").found | test("CAP_SYS_ADMIN")')" true
}

@test "nothing in the container sees the process that looks" {
  shell 'while [ ! -e /tmp/stop ]; do ls /proc | grep "^[0-9]" >>/tmp/seen; done'
  config '.root.readonly = false'
  launch
  local i
  for ((i = 0; i < 10; i++)); do rt inspect "$ID" >/dev/null; done
  touch "/proc/$(pid_of)/root/tmp/stop"
  eventually 'has_status stopped'
  # The shell, and for a moment the two of its pipeline and what it forks for them.
  is "$(sort -un "$BUNDLE/rootfs/tmp/seen" | head -n 1)" 1
  [ "$(wc -l <"$BUNDLE/rootfs/tmp/seen")" -gt 20 ]
  # ls is the only child beside grep: two a round.
  lacks "$(awk '{n[$1]++} END {for (p in n) if (p > 1 && n[p] > 2) print p}' "$BUNDLE/rootfs/tmp/seen")" 1
}

@test "a container that is stopped, a pid that another process has, and a record that is damaged: exit 2, one line" {
  attempt inspect "$ID"
  exits 2
  has "$stderr" "container does not exist"
  launch
  local record=$ROOT/$ID/state.json
  cp "$record" "$BATS_TEST_TMPDIR/record"
  jq -c '.init_process_pid = 1' "$BATS_TEST_TMPDIR/record" >"$record"
  attempt inspect --drift "$ID"
  exits 2
  has "$stderr" "container not running"
  echo garbage >"$record"
  attempt inspect "$ID"
  exits 2
  has "$stderr" "damaged"
  cp "$BATS_TEST_TMPDIR/record" "$record"
  mv "$ROOT/$ID/config.json" "$BATS_TEST_TMPDIR/config"
  mkfifo "$ROOT/$ID/config.json"
  attempt inspect "$ID"
  exits 2
  is "$output" ""
  rm "$ROOT/$ID/config.json"
  mv "$BATS_TEST_TMPDIR/config" "$ROOT/$ID/config.json"
  kill -KILL "$(pid_of)"
  eventually 'has_status stopped'
  attempt inspect "$ID"
  exits 2
  has "$stderr" "container not running"
}

@test "a state root that is a link is followed, one that others can write is refused" {
  launch
  ln -s "$ROOT" "$BATS_TEST_TMPDIR/link"
  attempt --root "$BATS_TEST_TMPDIR/link" inspect "$ID"
  exits 0
  chmod 777 "$ROOT"
  attempt inspect "$ID"
  exits 2
  chmod 700 "$ROOT"
  has "$stderr" "can be written by others"
}
