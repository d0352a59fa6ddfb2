# containerd and its shim on the runtime, through ctr: acceptance check n.
load lib
load containerd

setup_file() { containerd_setup; }
teardown_file() { containerd_teardown; }
teardown() { containerd_left_nothing; }

status_of() {
  ctr task ls | awk -v id="$1" '$1 == id { print $3 }'
}

pid_of() {
  ctr task ls | awk -v id="$1" '$1 == id { print $2 }'
}

sleeper() {
  attempt run_container --detach "$@" "$IMAGE" c sh -c 'trap "exit 7" TERM; while :; do sleep 0.05; done'
  exits 0
  eventually 'catches TERM "$(pid_of c)"'
}

@test "EN-N containerd: run relays output and the exit status" {
  shown "$(printf 'out\nerr')" run_container --rm "$IMAGE" c sh -c 'echo out; echo err >&2; cat; exit 5'
  exits 5
  is "$output" out
  is "$stderr" err
}

@test "EN-N containerd: a program that is missing is an error that a person can read" {
  attempt run_container --rm "$IMAGE" c no-such-program
  [ "$status" -ne 0 ]
  has "$stderr" no-such-program "not found"
  lacks "$stderr" "unable to retrieve OCI runtime error"
  unlike crun "says operation not permitted"
  attempt run_container --rm "$IMAGE" c /etc/not-executable
  [ "$status" -ne 0 ]
  has "$stderr" not-executable "ermission denied"
}

@test "EN-N containerd: a terminal" {
  attempt script -qec "run_container --rm --tty $IMAGE c tty" /dev/null
  exits 0
  has "$output" /dev/pts/0
}

@test "EN-N containerd: exec relays output and status, on a terminal too, and in the background" {
  sleeper
  shown in-exec ctr task exec --exec-id e1 c sh -c 'echo in-exec; cat'
  exits 0
  attempt ctr task exec --exec-id e2 c sh -c 'exit 5'
  exits 5
  attempt ctr task exec --exec-id e3 c no-such-program
  [ "$status" -ne 0 ]
  has "$stderr" no-such-program "not found"
  attempt script -qec "ctr task exec --tty --exec-id e4 c tty" /dev/null
  exits 0
  has "$output" /dev/pts/
  attempt ctr task exec --detach --exec-id e5 c touch /tmp/was-here
  exits 0
  eventually ctr task exec --exec-id "e$RANDOM" c test -e /tmp/was-here
  shown "1000 /tmp" ctr task exec --exec-id e6 --user 1000 --cwd /tmp c sh -c 'echo $(id -u) $PWD; cat'
  exits 0
}

@test "EN-N containerd: the list of processes has those of exec too" {
  sleeper
  ctr task exec --detach --exec-id e1 c sleep 1000
  attempt ctr task ps c
  exits 0
  has "$output" "$(pid_of c)" e1
}

@test "EN-N containerd: metrics are read from the container's cgroup" {
  sleeper
  attempt ctr task metrics c
  exits 0
  has "$output" "ID" "c"
  is "$(cgroup_of "$(pid_of c)")" /sys/fs/cgroup/default/c
}

@test "EN-N containerd: pause and resume" {
  sleeper
  attempt ctr task pause c
  exits 0
  is "$(status_of c)" PAUSED
  is "$(cat /sys/fs/cgroup/default/c/cgroup.freeze)" 1
  attempt ctr task resume c
  exits 0
  is "$(status_of c)" RUNNING
}

@test "EN-N containerd: kill, the status of the program, rm" {
  sleeper
  attempt ctr task kill --signal SIGTERM c
  exits 0
  eventually '[ "$(status_of c)" = STOPPED ]'
  attempt ctr task kill --signal SIGKILL c
  [ "$status" -ne 0 ]
  has "$stderr" "not found"
  attempt ctr task rm c
  has "$stderr" "exit code 7"
  attempt ctr container rm c
  exits 0
}

@test "EN-N containerd: kill of every process" {
  attempt run_container --detach "$IMAGE" c sh -c 'trap "" TERM; sleep 1000 & wait; wait; sleep 1000'
  exits 0
  sleep 0.2
  attempt ctr task kill --all --signal SIGKILL c
  exits 0
  eventually '[ "$(status_of c)" = STOPPED ]'
  attempt ctr task rm c
  has "$stderr" "exit code 137"
}

@test "EN-N containerd: rm --force of a running task" {
  sleeper
  attempt ctr task rm --force c
  is "$(ctr task ls --quiet)" ""
}

@test "EN-N containerd: with the pids of the host nothing outlives the container" {
  attempt run_container --rm --with-ns "pid:/proc/1/ns/pid" "$IMAGE" c sh -c 'sleep 1000 & sleep 1000 & exit 4'
  exits 4
  eventually '[ -z "$(container_processes)" ]'
}

@test "EN-N containerd: a shim that is killed leaves neither process nor state" {
  sleeper
  local pid shim
  pid=$(pid_of c)
  shim=$(pgrep -f "containerd-shim.*$WORK")
  kill -KILL "$shim"
  eventually "! kill -0 $pid"
  eventually '[ -z "$(ctr task ls --quiet)" ]'
  eventually '[ ! -e /run/containerd/runc/default/c ]'
}

@test "EN-N containerd: a shim that is killed while it creates leaves nothing" {
  unlike crun "leaves the cgroup"
  local i shim
  for ((i = 0; i < 10; i++)); do
    # The shim that starts the shim may be the one that is killed: then the container just runs to its end.
    timeout -s KILL 15 run_container --rm "$IMAGE" "k$i" sleep 3 </dev/null >/dev/null 2>&1 3>&- &
    local client=$!
    eventually 'shim=$(pgrep -f "containerd-shim-runc-v2 -namespace.*$WORK" ); [ -n "$shim" ]'
    sleep "0.0$i"
    kill -KILL $shim 2>/dev/null || :
    wait "$client" || :
    ctr task rm --force "k$i" >/dev/null 2>&1 || :
    ctr container rm "k$i" >/dev/null 2>&1 || :
  done
}

@test "EN-N containerd: mounts, environment, a read-only root, an own hostname" {
  mkdir -p "$WORK/shared"
  echo shared >"$WORK/shared/file"
  shown "$(printf 'shared\nb\n/tmp\nread-only\nread-only')" \
    run_container --rm --read-only --env A=b --cwd /tmp --mount "type=bind,src=$WORK/shared,dst=/mnt,options=rbind:ro" "$IMAGE" c \
    sh -c 'cat /mnt/file; echo $A; pwd; for f in /x /mnt/x; do touch $f 2>/dev/null || echo read-only; done; cat'
  exits 0
}

@test "EN-N containerd: the default seccomp profile; a privileged container" {
  shown "$(printf 'Seccomp:\t2')" run_container --rm --seccomp "$IMAGE" c sh -c 'grep Seccomp: /proc/self/status; cat'
  exits 0
  shown "$(printf 'Seccomp:\t0')" run_container --rm "$IMAGE" c sh -c 'grep Seccomp: /proc/self/status; cat'
  exits 0
}

@test "EN-N containerd: limits are in force, and update changes them" {
  needs_controller memory
  sleeper --memory-limit 67108864
  is "$(cat /sys/fs/cgroup/default/c/memory.max)" 67108864
}

@test "EN-N containerd: fifty containers, four at a time" {
  run_many() {
    local i
    for ((i = 0; i < 12; i++)); do
      run_container --rm "$IMAGE" "m$1-$i" sh -c 'exit 5' && return 1 || [ $? = 5 ] || return 1
    done
  }
  local pids=() i
  for ((i = 0; i < 4; i++)); do
    run_many "$i" </dev/null >/dev/null 2>&1 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i"; done
}
