# The words of the files that checkpoint and restore with a real criu: the one of CRIU, else Debian's newest in
# .build/criu, else the machine's.

local_setup() {
  unlike "runc crun" "are measured elsewhere"
  : "${CRIU:=$PWD/.build/criu/criu}"
  [ -x "$CRIU" ] || CRIU=$(command -v criu) || skip "there is no criu: bench/peers.sh .build/criu criu"
  IMAGES=$BATS_TEST_TMPDIR/images
  # It counts, in a file of its own tmpfs and on standard output.
  shell 'i=0; while :; do i=$((i + 1)); echo $i >/tmp/n; echo $i; sleep 0.05; done'
  mounts '{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid"]}'
}

cr() {
  attempt --criu "$CRIU" "$@"
}

# The count as the container has it.
count() {
  rt exec "$ID" cat /tmp/n
}

# Without a file of the host among its streams, which criu does not dump.
running() {
  quietly run -d --bundle "$BUNDLE" "$@" "$ID"
  eventually counts
}

counts() {
  [ "$(count)" -gt 3 ]
}

quietly() {
  rt --log "$ERR" --criu "$CRIU" "$@" </dev/null >/dev/null 2>&1 3>&- || fail "$(cat "$ERR")"
}

dumped() {
  cr checkpoint --image-path "$IMAGES" "$@" "$ID"
  exits 0
}

restored() {
  quietly restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$@" "$ID"
  has_status running
}

goes_on() {
  local before
  before=$(count)
  [ "$before" -gt 3 ] || fail "it began anew: $before"
  eventually later "$before"
}

later() {
  [ "$(count)" -gt "$1" ]
}
