load helpers

# NOTIFY_SOCKET: a service manager waits until the container says that it is ready.

local_setup() {
  unlike crun "has another path in the container, and hands on less"
  HEARD=$BATS_TEST_TMPDIR/heard
  "$SUITE/probe" manager "$BATS_TEST_TMPDIR/manager" >"$HEARD" 3>&- &
  BACKGROUND+=($!)
  eventually test -S "$BATS_TEST_TMPDIR/manager"
  export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/manager
}

# What the manager heard, without who said it.
heard() {
  sed 's/^[0-9]*: //; s/ *$//' "$HEARD"
}

@test "start returns when the container is ready, and the manager knows its init" {
  shell 'echo "$NOTIFY_SOCKET"; until [ -e /out/go ]; do sleep 0.05; done; probe notify READY=1 STATUS=fine; exec sleep 100'
  create
  start &
  local starting=$!
  eventually has_status running
  sleep 0.3
  kill -0 "$starting"
  [ ! -s "$HEARD" ]
  touch "$BUNDLE/rootfs/out/go"
  wait "$starting"
  is "$(head -1 "$OUT")" /run/notify/notify.sock
  if [ "$RUNTIME_NAME" = runc ]; then has "$(heard)" READY=1 "MAINPID=$(pid_of)"; return; fi
  is "$(heard)" "READY=1 STATUS=fine MAINPID=$(pid_of)
BARRIER=1"
  # It is the command that the manager knows.
  is "$(cut -d: -f1 "$HEARD" | sort -u | wc -l)" 1
}

@test "T53: a container may not say which process or which descriptors the service has" {
  unlike runc "hands on READY alone"
  shell 'probe notify MAINPID=1 FDSTORE=1 FDNAME=x; probe notify MAINPID=1 READY=1 NOTIFYACCESS=all BUSERROR=x; exec sleep 100'
  launch
  is "$(heard)" "READY=1 MAINPID=$(pid_of)
BARRIER=1"
}

@test "in the foreground the service is the runtime, which hands on until the end" {
  unlike runc "hands on READY alone"
  shell 'probe notify READY=1; probe notify STATUS=busy; probe notify STOPPING=1'
  foreground
  exits 0
  is "$output" "heard
heard
heard"
  local pid
  pid=$(sed -n 's/.*MAINPID=\([0-9]*\).*/\1/p' "$HEARD")
  is "$(cat "$HEARD")" "$pid: READY=1 MAINPID=$pid
$pid: STATUS=busy
$pid: STOPPING=1"
}

@test "in the foreground the last words are heard too" {
  unlike runc "hands on READY alone"
  shell 'until [ -e /out/go ]; do sleep 0.05; done; for i in 1 2 3; do probe tell STATUS=$i; done'
  "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 3>&- &
  local runtime=$!
  eventually has_status running
  kill -STOP "$runtime"
  touch "$BUNDLE/rootfs/out/go"
  eventually has_status stopped
  kill -CONT "$runtime"
  wait "$runtime"
  eventually '[ "$(heard | tr "\n" " ")" = "STATUS=1 STATUS=2 STATUS=3 " ]'
}

@test "run --detach returns when the container is ready" {
  shell 'sleep 0.3; probe notify READY=1; exec sleep 100'
  detached rt run --detach --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
  has "$(heard)" READY=1 "MAINPID=$(cat "$BATS_TEST_TMPDIR/pid")"
}

@test "a container that ends before it is ready ends the wait" {
  args true
  create
  timeout -s KILL 10 "$RUNTIME" --root "$ROOT" start "$ID" 3>&-
  [ ! -s "$HEARD" ]
}

@test "any user of the container, in a user namespace too, and a root that cannot be written" {
  config '.root.readonly = true | .process.user = {uid: 1000, gid: 1000}'
  mkdir -p "$BUNDLE/rootfs/run/notify"
  shell 'touch /run/notify/x; probe notify READY=1'
  foreground
  exits 0
  has "$output" heard
  has "$stderr" "Read-only"
  has "$(heard)" READY=1
  : >"$HEARD"
  config '.root.readonly = false | .linux.namespaces += [{type: "user"}]
    | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
  chown -R 100000:100000 "$BUNDLE/rootfs/out"
  shell 'probe notify READY=1'
  foreground
  exits 0
  has "$output" heard
  has "$(heard)" READY=1
}

@test "with the variable for start alone, or for create alone, nobody waits" {
  unlike runc "fails"
  args sleep 100
  NOTIFY_SOCKET= create
  timeout -s KILL 10 "$RUNTIME" --root "$ROOT" start "$ID" 3>&-
  rt delete --force "$ID"
  create
  NOTIFY_SOCKET= start
  [ ! -s "$HEARD" ]
}

@test "NOTIFY_SOCKET that leads nowhere is a warning, and the container starts" {
  args sleep 100
  local socket
  : >"$BATS_TEST_TMPDIR/file"
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  for socket in nobody file fifo; do
    export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/$socket
    create
    try "$RUNTIME" --root "$ROOT" --log "$BATS_TEST_TMPDIR/log" --log-level warning start "$ID"
    exits 0
    has_status running
    is_peer || has "$(cat "$BATS_TEST_TMPDIR/log")" NOTIFY_SOCKET "$NOTIFY_SOCKET"
    rt delete --force "$ID"
    detached rt run --detach --bundle "$BUNDLE" "$ID"
    rt delete --force "$ID"
    : >"$BATS_TEST_TMPDIR/log"
  done
}

@test "a container that is deleted while it is waited for is an error" {
  unlike "runc crun" "takes it for success"
  args sleep 100
  local command waiting
  for command in run start; do
    if [ $command = run ]; then
      "$RUNTIME" --root "$ROOT" run --detach --bundle "$BUNDLE" "$ID" </dev/null >>"$OUT" 2>"$ERR" 3>&- &
    else
      create
      "$RUNTIME" --root "$ROOT" start "$ID" 2>"$ERR" 3>&- &
    fi
    waiting=$!
    eventually has_status running
    rt delete --force "$ID"
    ! wait "$waiting" || fail "$command succeeds"
    has "$(cat "$ERR")" "deleted before it was ready"
  done
}

@test "a manager with a name in the abstract namespace, and one that cannot be reached" {
  unlike "runc crun" "has other words"
  "$SUITE/probe" manager "@apus-$$" >"$HEARD" 3>&- &
  BACKGROUND+=($!)
  eventually grep -q "@apus-$$" /proc/net/unix
  shell 'probe notify READY=1; exec sleep 100'
  NOTIFY_SOCKET=@apus-$$ detached rt run --detach --bundle "$BUNDLE" "$ID"
  is "$(heard)" "READY=1 MAINPID=$(pid_of)
BARRIER=1"
  rt delete --force "$ID"
  shell 'echo "<$NOTIFY_SOCKET>"'
  NOTIFY_SOCKET=vsock:2:1234 foreground
  exits 0
  is "$output" "<>"
  is "$stderr" 'warning: NOTIFY_SOCKET: readiness cannot be reported to `vsock:2:1234`, which is neither a path nor an abstract name'
}

@test "the socket for the container is everybody's from the moment that it has a name" {
  unlike "runc crun" "make it in their own way"
  command -v strace >/dev/null || skip "strace is not installed"
  local trace=$BATS_TEST_TMPDIR/trace
  shell 'probe notify READY=1; exec sleep 100'
  create
  (umask 077 && exec strace -qq -o "$trace" -e 'trace=/^(chmod|fchmodat2?)$' "$RUNTIME" --root "$ROOT" start "$ID" 3>&-)
  # Changed by its name, it would be whatever the container has put there meanwhile.
  is "$(cat "$trace")" ""
  is "$(stat -c %a "$ROOT/$ID/notify/notify.sock")" 777
}
