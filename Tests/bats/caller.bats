load helpers

# What the caller hands down beside the arguments: dispositions, mask, umask, limits, streams, and paths
# that lead elsewhere.

# by HOW COMMAND…: the runtime's command, called by a process that is set up like this.
by() {
  local how=$1
  shift
  case $how in
    umask*) try bash -c "$how"'; exec "$@"' - "$RUNTIME" --root "$ROOT" "$@" </dev/null ;;
    *) try env "$how" "$RUNTIME" --root "$ROOT" "$@" </dev/null ;;
  esac
}

@test "every command does the same whatever its caller ignores, blocks or masks" {
  unlike "runc crun" "hands a mask or a disposition on"
  local how hook=$BATS_TEST_TMPDIR/hook
  config '.hooks = {createRuntime: [$h], poststart: [$h], poststop: [$h]}' \
    --argjson h "{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"echo >>$hook; exit 0\"]}"
  for how in --ignore-signal=CHLD --ignore-signal=PIPE --ignore-signal --block-signal=CHLD --block-signal "umask 0777" "umask 0"; do
    : >"$hook"
    shell 'umask; grep -E "^Sig(Ign|Blk)" /proc/self/status; exit 3'
    by "$how" run --bundle "$BUNDLE" "$ID"
    exits 3
    is "$output$stderr" $'0022\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000'
    args sleep 100
    by "$how" run --detach --bundle "$BUNDLE" "$ID"
    exits 0
    by "$how" exec "$ID" sh -c 'grep -c "0000000000000000$" <<X
$(grep -E "^Sig(Ign|Blk)" /proc/self/status)
X
kill -9 $$'
    exits 137
    is "$output$stderr" 2
    by "$how" exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" true
    exits 0
    is "$(stat -c %A "$BATS_TEST_TMPDIR/pid" | cut -c2-3,6,9)" rw--
    by "$how" ps "$ID"
    exits 0
    has "$output" sleep
    by "$how" delete --force "$ID"
    exits 0
    is "$(wc -l <"$hook")" 6
    nothing_left
  done
}
