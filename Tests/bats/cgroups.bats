load helpers

@test "CG-1 CG-3 CG-5: an absolute cgroupsPath is taken from the root of the hierarchy, and made" {
  config '.linux.cgroupsPath = $p' --arg p "$CGROUP_PARENT/$ID/deep/er"
  args sleep 100
  launch
  is "$(grep '^0::' "/proc/$(pid_of)/cgroup")" "0::$CGROUP_PARENT/$ID/deep/er"
  grep -qx "$(pid_of)" "$CGROUP/deep/er/cgroup.procs"
  is "$(stat -c %a "$CGROUP/deep/er")" 755
  rt delete --force "$ID"
  [ ! -e "$CGROUP/deep/er" ]
  # What was made above the container's own cgroup may stay.
  rmdir "$CGROUP/deep" "$CGROUP" 2>/dev/null || :
}

@test "CG-3: without a cgroupsPath the container has a cgroup of its own, named like it" {
  config 'del(.linux.cgroupsPath)'
  args sleep 100
  launch
  local path
  path=$(sed -n 's/^0:://p' "/proc/$(pid_of)/cgroup")
  has "$path" "$ID"
  [ "$path" != "$(sed -n 's/^0:://p' /proc/self/cgroup)" ]
  rt delete --force "$ID"
  [ ! -e "$CGROUP_MOUNT$path" ]
}

@test "CG-2: a relative cgroupsPath is placed beside the runtime's own cgroup" {
  config '.linux.cgroupsPath = $p' --arg p "relative-$ID"
  args sleep 100
  launch
  local path
  path=$(sed -n 's/^0:://p' "/proc/$(pid_of)/cgroup")
  has "$path" "relative-$ID"
  rt delete --force "$ID"
  [ ! -e "$CGROUP_MOUNT$path" ]
}

@test "CG-2 T22: no path leads out of the hierarchy" {
  unlike "runc crun" "cleans some of them"
  local path
  for path in /../../x "/a/../../../x" "$CGROUP_PARENT/../../../etc" "/$(printf 'a%.0s' {1..300})"; do
    config '.linux.cgroupsPath = $p' --arg p "$path"
    attempt create --bundle "$BUNDLE" "$ID"
    if [ "$status" -eq 0 ]; then
      matches "$(grep '^0::' "/proc/$(pid_of)/cgroup")" '^0::/[^.]'
      path=$(sed -n 's/^0:://p' "/proc/$(pid_of)/cgroup")
      rt delete --force "$ID"
      [ ! -e "$CGROUP_MOUNT$path" ]
    else
      exits 1
    fi
    [ ! -e "$CGROUP_MOUNT/../x" ] && [ ! -e /x ]
  done
}

@test "CG-8 EN-1: init is in its final cgroup when create returns, and was never anywhere else" {
  args sleep 100
  create
  is "$(grep '^0::' "/proc/$(pid_of)/cgroup")" "0::$CGROUP_PARENT/$ID"
  is "$(cat "$CGROUP/cgroup.procs")" "$(pid_of)"
}

@test "OP-7 EN-7: a cgroup that has processes is refused" {
  mkdir "$CGROUP"
  sleep 50 3>&- &
  BACKGROUND+=($!)
  echo $! >"$CGROUP/cgroup.procs"
  args true
  attempt create --bundle "$BUNDLE" "$ID"
  [ "$RUNTIME_NAME" = crun ] || exits 1
  [ "$RUNTIME_NAME" != apus ] || has "$stderr" "not empty"
  kill -KILL $!
  wait $! || :
  rt delete --force "$ID"
  eventually '[ ! -d "$CGROUP" ] || rmdir "$CGROUP"'
}

@test "OP-7 EN-7: a cgroup that is frozen is refused, and not thawed" {
  unlike crun "waits in it"
  mkdir "$CGROUP"
  echo 1 >"$CGROUP/cgroup.freeze"
  args true
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" frozen
  is "$(cat "$CGROUP/cgroup.freeze")" 1
  rmdir "$CGROUP"
}

@test "OP-7 ER-1: a cgroup that was there before is used, and one that is refused stays" {
  mkdir "$CGROUP"
  args true
  foreground
  exits 0
  [ ! -e "$CGROUP" ] || rmdir "$CGROUP"
}

@test "EN-13: KILL of a container whose processes multiply ends them all" {
  config '.linux.namespaces |= map(select(.type != "pid")) | del(.process.rlimits)'
  shell 'trap "" TERM; for i in 1 2 3 4 5 6 7 8; do (while :; do sleep 0.01 & wait; done) & done; echo ready; wait'
  launch
  eventually grep -q ready "$OUT"
  rt delete --force "$ID"
  nothing_left
}

@test "EN-15: what the container froze itself is killed and removed, and never left frozen" {
  args sleep 100
  launch
  mkdir "$CGROUP/inner"
  pid_of >"$CGROUP/inner/cgroup.procs"
  echo 1 >"$CGROUP/inner/cgroup.freeze"
  rt delete --force "$ID"
  nothing_left
}

@test "EN-4: state, pause, kill and exec work from the container's record, whatever the later command says of cgroups" {
  unlike "runc" "has no such option"
  args sleep 100
  launch
  rt --cgroup-manager=disabled pause "$ID"
  is "$(status_of)" paused
  rt resume "$ID"
  rt --systemd-cgroup kill "$ID" KILL
  eventually has_status stopped
}

@test "--cgroup-manager=disabled makes no cgroup" {
  unlike runc "has no such option"
  args sleep 100
  detached rt --cgroup-manager=disabled create --bundle "$BUNDLE" "$ID"
  start
  is "$(cat "/proc/$(pid_of)/cgroup")" "$(cat /proc/self/cgroup)"
  [ ! -e "$CGROUP" ]
  is "$(status_of)" running
  rt kill "$ID" KILL
  eventually has_status stopped
  rt delete "$ID"
}

@test "NS-1 CG-8: in a cgroup namespace the container's cgroup is the root" {
  config '.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}])'
  shell 'grep ^0:: /proc/self/cgroup'
  prints 0::/
}

@test "T21: without a cgroup namespace the cgroup mount is there and cannot be written" {
  config '.linux.namespaces |= map(select(.type != "cgroup"))'
  shell 'ls /sys/fs/cgroup/cgroup.procs && mkdir /sys/fs/cgroup/mine 2>&1'
  foreground
  exits 1
  has "$output" cgroup.procs "Read-only file system"
}

@test "ps: the processes of the container, below its sub-cgroups too, as JSON and as a table" {
  unlike "runc" "prints null"
  shell 'sleep 100 & exec sleep 101'
  launch
  eventually '[ "$(wc -l <"$CGROUP/cgroup.procs")" = 2 ]'
  mkdir "$CGROUP/sub"
  local child
  child=$(grep -vx "$(pid_of)" "$CGROUP/cgroup.procs")
  echo "$child" >"$CGROUP/sub/cgroup.procs"
  attempt ps --format json "$ID"
  exits 0
  is "$stderr" ""
  is "$(jq -c sort <<<"$output")" "$(jq -cn '[$a, $b] | sort' --argjson a "$child" --argjson b "$(pid_of)")"
  attempt ps "$ID"
  exits 0
  matches "$(head -n 1 <<<"$output")" PID
  has "$output" "$child" "$(pid_of)"
  rt kill "$ID" KILL
  eventually has_status stopped
  attempt ps -f json "$ID"
  exits 0
  is "$(jq -c . <<<"$output")" "[]"
}

@test "ps: arguments for ps(1) choose the columns" {
  unlike crun "has none"
  args sleep 100
  launch
  attempt ps "$ID" -o pid,comm
  exits 0
  matches "$(tail -n 1 <<<"$output")" "^ *$(pid_of) +sleep\$"
}

@test "CO-4 CO-6: the delegated files go to the container's user, three of them where the kernel lists none" {
  unlike "runc crun" "differs with its version"
  export RUNTIME ROOT BUNDLE ID
  args sleep 100
  config '.process.user = {uid: 1000, gid: 1000} | .linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}])
    | .mounts |= map(if .type == "cgroup" or .type == "cgroup2" then .options -= ["ro"] | .type = "cgroup" | .source = "cgroup" else . end)'
  create
  is "$(stat -c %u:%g "$CGROUP")" 1000:0
  has "$(find "$CGROUP" -maxdepth 1 -type f -user 1000 -printf '%f ')" cgroup.procs
  is "$(find "$CGROUP" -maxdepth 1 -type f -user 1000 -printf '%f\n' | sort)" \
    "$(for f in $(</sys/kernel/cgroup/delegate); do [ ! -e "$CGROUP/$f" ] || echo "$f"; done | sort)"
  rt delete --force "$ID"
  detached unshare --mount --propagation private bash -c '
    mount -t tmpfs none /sys/kernel/cgroup && "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID"'
  is "$(find "$CGROUP" -maxdepth 1 -type f -user 1000 -printf '%f\n' | sort | xargs)" \
    "cgroup.procs cgroup.subtree_control cgroup.threads"
}

@test "without a cgroup namespace both names of the type bind the host's mount, whose options a new one would change" {
  unlike "runc crun" "have no plan"
  local type
  for type in cgroup cgroup2; do
    config '.linux.namespaces |= map(select(.type != "cgroup"))
      | .mounts |= map(select(.destination != "/sys/fs/cgroup"))
      | .mounts += [{"destination": "/sys/fs/cgroup", "type": $t, "source": "cgroup", "options": ["ro"]}]' --arg t "$type"
    attempt plan --bundle "$BUNDLE"
    exits 0
    has "$output" "on \`/sys/fs/cgroup\` from \`$CGROUP_MOUNT\`" || fail "$type"
    shell 'test -e /sys/fs/cgroup/cgroup.procs && grep " /sys/fs/cgroup " /proc/self/mountinfo'
    foreground
    exits 0
    has "$output" " - cgroup2 "
  done
}
