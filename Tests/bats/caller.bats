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

# runs DOCUMENT-LIKE ARGUMENTS…: in a bash that opens what the script says.
with_bash() {
  local script=$1
  shift
  try bash -c "$script" - "$RUNTIME" --root "$ROOT" "$@" </dev/null
}

@test "a document may be a pipe, a descriptor, a socket or behind links" {
  unlike "runc crun" "has no --config, or reads a part"
  shell 'echo fine'
  local config=$BUNDLE/config.json kept=$BATS_TEST_TMPDIR/kept.json
  mv "$config" "$kept"
  with_bash "\"\$@\" --config <(sleep 0.2; head -c 100 $kept; sleep 0.2; tail -c +101 $kept)" run --bundle "$BUNDLE" "$ID"
  is "$stderr$output" fine
  with_bash "\"\$1\" \"\$2\" \"\$3\" run --bundle $BUNDLE --config <(cat $kept) $ID"
  is "$stderr$output" fine
  local path
  for path in /dev/stdin /dev/fd/0 /proc/self/fd/0; do
    with_bash "cat $kept | \"\$@\"" run --bundle "$BUNDLE" --config "$path" "$ID"
    is "$stderr$output" fine
  done
  with_bash "exec 9<$kept; exec \"\$@\"" run --bundle "$BUNDLE" --config /proc/self/fd/9 "$ID"
  is "$stderr$output" fine
  ln -s "$kept" "$BATS_TEST_TMPDIR/link"
  with_bash 'exec "$@"' run --bundle "$BUNDLE" --config "$BATS_TEST_TMPDIR/link" "$ID"
  is "$stderr$output" fine
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  with_bash "(sleep 0.5; cat $kept >$BATS_TEST_TMPDIR/fifo) & exec \"\$@\"" run --bundle "$BUNDLE" --config "$BATS_TEST_TMPDIR/fifo" "$ID"
  is "$stderr$output" fine
  try "$SUITE/probe" socketed "$kept" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" --config /dev/stdin "$ID"
  is "$stderr$output" fine
  mv "$kept" "$config"
}

@test "exec and update read a pipe, and no program gets its descriptor" {
  unlike "runc crun" "hands the descriptor on, or has no --process from a pipe"
  args sleep 100
  launch
  with_bash "exec \"\$@\" --process <(echo '{\"cwd\": \"/\", \"args\": [\"probe\", \"fds\"]}') $ID" exec
  exits 0
  is "$(cut -d' ' -f1 <<<"$output" | tr '\n' ' ')" "0 1 2 "
  with_bash "exec \"\$@\" -r <(sleep 0.2; echo '{}') $ID" update
  exits 0
  with_bash "\"\$1\" --log >(sleep 0.3; cat >&2) \"\$2\" \"\$3\" exec $ID nosuch; sleep 0.6"
  is "$(grep -c nosuch <<<"$stderr")" 2
}

@test "root, log, pid file and bundle may be links, or descriptors" {
  unlike "runc crun" "replaces the link, or keeps the path of a descriptor"
  args sleep 100
  local there=$BATS_TEST_TMPDIR/there here=$BATS_TEST_TMPDIR/here
  mkdir "$there"
  ln -s "$ROOT" "$here"
  ln -s "$there/log" "$BATS_TEST_TMPDIR/log"
  ln -s "$there/pid" "$BATS_TEST_TMPDIR/pid"
  with_bash "exec 7<$BUNDLE; exec \$1 --root $here --log $BATS_TEST_TMPDIR/log create --bundle /proc/self/fd/7 --pid-file $BATS_TEST_TMPDIR/pid $ID >/dev/null 2>&1"
  exits 0
  [ -L "$BATS_TEST_TMPDIR/pid" ] && [ -f "$there/log" ]
  is "$(cat "$there/pid")" "$(pid_of)"
  is "$(rt state "$ID" | jq -r .bundle)" "$BUNDLE"
  start
  attempt delete --force "$ID"
  exits 0
  # In a place of its own, since a runtime that replaces it would replace the machine's.
  try unshare -m bash -c 'mount -t tmpfs t /dev/shm; ln -s /proc/self/fd/1 /dev/shm/out; exec "$@"' - \
    "$RUNTIME" --root "$ROOT" run --detach --bundle "$BUNDLE" --pid-file /dev/shm/out "$ID" </dev/null
  exits 0
  is "$output" "$(pid_of)"
  attempt exec --detach --pid-file /dev/fd/1 "$ID" sleep 50
  exits 0
  matches "$output" '^[0-9]+$'
}

@test "every file that a command takes may be a descriptor of the caller's" {
  unlike "runc crun" "has no mounts, tools or --rootfs"
  args sleep 100
  mkdir "$BUNDLE/rootfs/data" "$BATS_TEST_TMPDIR/source"
  launch
  echo here >"$BATS_TEST_TMPDIR/source/file"
  local entry="{\"destination\": \"/data\", \"source\": \"$BATS_TEST_TMPDIR/source\", \"options\": [\"bind\"]}"
  with_bash "exec \"\$@\" $ID <(echo '[$entry]')" mounts add
  exits 0
  is "$(rt exec "$ID" cat /data/file)" here
  with_bash "exec \"\$@\" $ID <(echo '[{\"destination\": \"/data\"}]')" mounts remove
  exits 0
  with_bash "exec 9<$BATS_TEST_TMPDIR/source; exec \"\$@\" --tools /dev/fd/9 $ID cat /.apus/tools/file" debug
  has "$output" here
  with_bash "exec 9<$BUNDLE/rootfs; exec \"\$@\" --rootfs /dev/fd/9 -- /bin/sh -c 'echo fine'" run
  is "$stderr$output" fine
}

@test "a config of ten megabytes works, an argument too long for the kernel is refused in its words" {
  unlike "runc crun" "says it in other words"
  args sleep 100
  config '.annotations = ([range(1000) | {key: "k\(.)", value: ("x" * 10000)}] | from_entries)'
  launch
  is "$(rt state "$ID" | jq '.annotations | length')" 1000
  attempt exec "$ID" echo ex
  is "$output" ex
  attempt delete --force "$ID"
  exits 0
  nothing_left
  bundle "$BATS_TEST_TMPDIR/b" "$ID"
  cp "$BATS_TEST_TMPDIR/b/config.json" "$BUNDLE/config.json"
  head -c 140000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/x"
  config '.process.args = ["true", $x]' --rawfile x "$BATS_TEST_TMPDIR/x"
  refused /process/args/1 "argument list too long"
}

@test "list shows a name with odd bytes on one line" {
  unlike "runc crun" "breaks the line"
  local odd=$BATS_TEST_TMPDIR/$'a "b"\nc\td'
  mv "$BUNDLE" "$odd"
  ln -s "$odd" "$BUNDLE"
  BUNDLE=$odd
  args sleep 100
  launch
  is "$(rt list | wc -l)" 2
  has "$(rt list)" '\x0ac\x09d'
  is "$(rt list --format json | jq -r '.[0].bundle')" "$odd"
}

@test "whatever the caller's limits, a command works or says why it does not, and ends with a status" {
  unlike "runc crun" "ends by a signal"
  args true
  local limit
  for limit in "-f 0" "-f 1" "-v 300" "-v 1500" "-v 4000" "-s 16" "-s 64" "-n 4" "-n 8" "-n 16" "-u 1" "-l 0" "-c 0" "-t 1"; do
    try bash -c "(ulimit $limit || exit 0; exec \"\$@\") 2>&1 | cat; exit \${PIPESTATUS[0]}" - \
      "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
    case $status in
      0) ;;
      # The kernel's own: no memory to load a program into.
      137 | 139) [[ $limit == -v* ]] && [ "$output" = "" ] || fail "$limit: $status $output" ;;
      *) [ "$status" -lt 128 ] && [ -n "$output" ] || fail "$limit: $status $output" ;;
    esac
    rt delete --force "$ID"
    nothing_left
  done
}

@test "the allocator keeps what is in its blocks, refuses what is too large, and ends where it is damaged" {
  local tool=$BATS_TEST_TMPDIR/allocator case
  "${CC:-cc}" -O1 -Wall -Wextra -Werror -Wno-alloc-size-larger-than -fno-builtin -o "$tool" "$BATS_TEST_DIRNAME/tools/allocator.c"
  try "$tool" work
  is "$output" fine
  try "$tool" huge
  is "$output" refused
  for case in overflow twice foreign; do
    try "$tool" "$case"
    exits 1
    has "$stderr" damaged
  done
}

@test "a fault that the kernel tells by a signal ends in a line that says so, whichever signal it is" {
  unlike "runc crun" "end by the signal"
  args sleep 100
  launch
  local signal watcher code
  for signal in SEGV ILL TRAP BUS; do
    "$RUNTIME" --root "$ROOT" events --interval 1h "$ID" 2>"$ERR" >"$OUT" 3>&- &
    watcher=$!
    BACKGROUND+=("$watcher")
    eventually 'ls -l "/proc/'"$watcher"'/fd" | grep -q cgroup.events'
    kill "-$signal" "$watcher"
    code=0
    wait "$watcher" || code=$?
    is "$code" 1 || fail "$signal"
    has "$(cat "$ERR")" "ended by signal $(printf %02d "$(kill -l "$signal")")"
  done
  BACKGROUND=()
}

@test "a system log that takes no more holds up no command" {
  unlike "runc crun" "have no such log"
  local log=$BATS_TEST_TMPDIR/log began
  python3 -c '
import socket, sys, time
reader = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
reader.bind(sys.argv[1])
writer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
writer.setblocking(False)
try:
    while True:
        writer.sendto(b"full", sys.argv[1])
except BlockingIOError:
    open(sys.argv[1] + ".full", "w")
    time.sleep(60)' "$log" 3>&- &
  BACKGROUND+=($!)
  eventually test -e "$log.full"
  began=$SECONDS
  export RUNTIME ROOT BUNDLE ID log
  # /dev/log is another one in a mount namespace of its own.
  try unshare -m bash -c '
    mkdir "$log.dev" && mount -t tmpfs dev "$log.dev" && ln -s "$log" "$log.dev/log"
    for file in null zero full random urandom tty; do touch "$log.dev/$file" && mount --bind "/dev/$file" "$log.dev/$file"; done
    mount --move "$log.dev" /dev
    for sink in syslog:apus journald:apus; do
      "$RUNTIME" --root "$ROOT" --log "$sink" --log-level debug create --bundle /nowhere "$ID" </dev/null
      [ $? = 1 ] || exit 3
    done' </dev/null
  exits 0
  has "$stderr" /nowhere
  [ $((SECONDS - began)) -lt 10 ]
}
