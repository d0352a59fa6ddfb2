load helpers
load criu

# The options of `checkpoint` and `restore` with a real criu: what is refused without one goes with it.

# The count as the last line of what the container has written.
count() {
  rt exec "$ID" tail -n 1 /tmp/n
}

# needs OPTION CAUSE: no dump without the option, for this cause; the container runs on.
needs() {
  cr checkpoint --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "$2" "$1"
  goes_on
}

@test "--file-locks: a lock is held again" {
  config '.root.readonly = false'
  shell 'exec probe lock /root/lock >/tmp/n'
  running
  needs --file-locks "file locks"
  dumped --file-locks
  restored --file-locks
  goes_on
  attempt exec "$ID" probe lock /root/lock
  exits 1
}

# Both ends in the container; `end` is there when the client's is closed.
connected() {
  config '.root.readonly = false'
  shell 'mkfifo /root/f; nc -l -p 5000 >/tmp/n </root/f & exec 8>/root/f; sleep 0.2
    (i=0; while :; do i=$((i + 1)); echo $i; sleep 0.05; done) | nc 127.0.0.1 5000; echo >/tmp/end; sleep 100'
  running
}

@test "--tcp-established: a connection goes on, whatever --network-lock holds packets back" {
  connected
  needs --tcp-established "Connected TCP socket"
  local lock
  for lock in "" "--network-lock=skip"; do
    rm -rf "$IMAGES"
    # shellcheck disable=SC2086
    dumped --tcp-established $lock
    # shellcheck disable=SC2086
    restored --tcp-established $lock
    eventually goes_on
    absent /tmp/end
  done
}

absent() {
  attempt exec "$ID" test -e "$1"
  exits 1
}

@test "--tcp-close: a connection is closed after the restore" {
  connected
  dumped --tcp-established
  cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "Connected TCP socket in image"
  lacks "$stderr" cgroupd
  nothing_left
  restored --tcp-close
  eventually rt exec "$ID" test -e /tmp/end
}

@test "--ext-unix-sk: a socket whose peer is outside is connected again" {
  local volume=$BATS_TEST_TMPDIR/volume
  mkdir "$volume"
  # At the host's path, by which criu knows the peer, and in its network: sockets of another are not seen.
  mounts "{\"destination\": \"$volume\", \"type\": \"bind\", \"source\": \"$volume\", \"options\": [\"bind\"]}"
  config '.linux.namespaces |= map(select(.type != "network"))'
  shell "exec probe datagrams $volume/socket >/tmp/n"
  python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True: print(s.recv(64).decode(), end="", flush=True)' "$volume/socket" >"$BATS_TEST_TMPDIR/heard" 3>&- &
  BACKGROUND+=($!)
  eventually test -S "$volume/socket"
  running
  needs --ext-unix-sk "External socket is used"
  dumped --ext-unix-sk
  local before
  before=$(tail -n 1 "$BATS_TEST_TMPDIR/heard")
  restored --ext-unix-sk
  goes_on
  eventually '[ "$(tail -n 1 "$BATS_TEST_TMPDIR/heard")" -gt '"$before"' ]'
}

# at_terminal COMMAND…: with a terminal that stays.
at_terminal() {
  "$SUITE/pty" -- sh -c '"$@"; sleep 100' sh "$RUNTIME" --root "$ROOT" --criu "$CRIU" "$@" </dev/null >>"$OUT" 3>&- &
  BACKGROUND+=($!)
}

@test "--shell-job: the terminal of who restores takes the place of the first one" {
  at_terminal run -d --bundle "$BUNDLE" "$ID"
  count() { rt exec "$ID" cat /tmp/n; }
  eventually counts
  cr checkpoint --image-path "$IMAGES" "$ID"
  exits 1
  goes_on
  dumped --shell-job
  at_terminal restore -d --shell-job --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
  eventually has_status running
  goes_on
  matches "$(readlink "/proc/$(pid_of)/fd/0")" '^/dev/pts/'
}

@test "--link-remap: an open file whose name is gone is open again, and no name is left of it" {
  config '.root.readonly = false'
  shell 'echo kept >/root/a; ln /root/a /root/b; exec 5<>/root/a; rm /root/a
    i=0; while :; do i=$((i + 1)); echo $i >/tmp/n; sleep 0.05; done'
  running
  needs link-remap "/root/a"
  dumped --link-remap
  restored
  goes_on
  is "$(rt exec "$ID" cat /proc/1/fd/5)" kept
  is "$(ls "$BUNDLE/rootfs/root")" b
}

@test "--pre-dump and --parent-path: memory is dumped before, or the kernel cannot" {
  running
  mkdir "$IMAGES"
  cr checkpoint --pre-dump --image-path "$BATS_TEST_TMPDIR/before" "$ID"
  if [ "$status" -ne 0 ]; then
    has "$stderr" "the kernel does not track written memory (CONFIG_MEM_SOFT_DIRTY)"
    mkdir -p "$BATS_TEST_TMPDIR/before"
    cr checkpoint --parent-path ../before --image-path "$IMAGES" "$ID"
    exits 1
    has "$stderr" CONFIG_MEM_SOFT_DIRTY
    is "$(ls "$IMAGES")" ""
    goes_on
    skip "this kernel has no CONFIG_MEM_SOFT_DIRTY"
  fi
  goes_on
  dumped --parent-path ../before
  is "$(readlink "$IMAGES/parent")" ../before
  restored
  goes_on
}

@test "--page-server and --auto-dedup: pages go to who listens, and from the images as they are read" {
  local pages=$BATS_TEST_TMPDIR/pages port=$((20000 + RANDOM % 10000))
  mkdir "$pages"
  "$CRIU" page-server --images-dir "$pages" --address 127.0.0.1 --port "$port" >/dev/null 2>&1 3>&- &
  BACKGROUND+=($!)
  eventually grep -q "$(printf ': 0100007F:%04X 00000000:0000 0A' "$port")" /proc/net/tcp
  running
  dumped --page-server "127.0.0.1:$port"
  [ -z "$(compgen -G "$IMAGES/pages-*")" ] || fail "pages among the images"
  eventually '! kill -0 '"${BACKGROUND[-1]}"
  cp "$pages"/*.img "$IMAGES"
  [ "$(cat "$IMAGES"/pages-*.img | wc -c)" -gt 0 ]
  restored --auto-dedup
  goes_on
  is "$(du -ck "$IMAGES"/pages-*.img | tail -n 1 | cut -f1)" 0
}

@test "what engines send beside is accepted, and another cgroup takes what is restored" {
  running
  dumped --empty-ns network --empty-ns network --network-lock nftables --leave-running --leave-running
  rt delete --force "$ID"
  config '.linux.cgroupsPath += "-other"'
  restored --parent-path ../nothing --no-pivot -no-subreaper --no-new-keyring --preserve-fds 0 --empty-ns network
  goes_on
  is "$(sed -n 's/^0:://p' "/proc/$(pid_of)/cgroup")" "$CGROUP_PARENT/$ID-other"
  [ ! -e "$CGROUP" ]
  cr restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
  exits 1
  has "$stderr" "already exists" "apus delete --force $ID"
}
