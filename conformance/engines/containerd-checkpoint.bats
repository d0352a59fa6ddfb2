# containerd's checkpoints of containers on the runtime, through ctr.
load lib
load containerd
load checkpoint

setup_file() { containerd_setup; criu_setup; }
teardown_file() { containerd_teardown; }
setup() { dumps_without_harm; }
teardown() { containerd_left_nothing; }

count() {
  ctr task exec --exec-id "e$RANDOM" "${1:-cc}" cat /count </dev/null
}

counting() {
  attempt run_container --detach "$IMAGE" cc sh -c "$COUNT"
  exits 0
  eventually '[ "$(count)" -ge 3 ]'
  BEFORE=$(count)
}

@test "containerd: a checkpoint with its files is an image, and is restored under another name" {
  counting
  attempt ctr container checkpoint --image --task --rw cc checkpoint/cc:1
  exits 0
  attempt ctr task rm --force cc
  attempt ctr container rm cc
  exits 0
  attempt ctr container restore --rw --live restored checkpoint/cc:1
  exits 0
  is "$(ctr task ls | awk '$1 == "restored" { print $3 }')" RUNNING
  local now
  now=$(count restored)
  [ "$now" -ge "$BEFORE" ] || fail "begun anew: $now after $BEFORE"
  eventually "[ \"\$(count restored)\" -gt $now ]"
}

@test "containerd: a checkpoint into a directory leaves the task running" {
  counting
  mkdir -p "$WORK/images" "$WORK/work"
  attempt ctr task checkpoint --image-path "$WORK/images" --work-path "$WORK/work" cc
  exits 0
  [ -e "$WORK/images/inventory.img" ]
  [ -e "$WORK/work/dump.log" ]
  local now
  now=$(count)
  eventually "[ \"\$(count)\" -gt $now ]"
}
