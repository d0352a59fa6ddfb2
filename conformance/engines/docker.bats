# Docker on the runtime, by name and as the default: acceptance check p.
load lib
load docker

setup_file() { docker_setup; }
teardown_file() { docker_teardown; }
setup() { docker_can_be_used; }
teardown() { docker_left_nothing; }

sleeper() {
  attempt run_container --detach --name cc "$@" busybox:1 sh -c 'trap "exit 7" TERM; while :; do sleep 0.05; done'
  exits 0
}

field() {
  docker inspect --format "{{$1}}" "${2:-cc}"
}

@test "EN-P docker: the daemon knows the runtime and its version" {
  attempt docker info --format '{{.DefaultRuntime}}'
  is "$output" under-test
  attempt docker info
  has "$output" under-test
}

@test "EN-P docker: the exit status of run is the program's, by name and by default" {
  attempt run_container --rm busybox:1 sh -c 'echo out; echo err >&2; exit 5'
  exits 5
  is "$output" out
  is "$stderr" err
  prints named run_container --rm --runtime under-test busybox:1 echo named
}

@test "EN-P docker: a program that is missing is 127, one that cannot be executed 126" {
  attempt run_container --rm busybox:1 no-such-program
  exits 127
  has "$stderr" no-such-program
  attempt run_container --rm busybox:1 /no/such/program
  exits 127
  attempt run_container --rm busybox:1 /etc/not-executable
  exits 126
  attempt run_container --rm busybox:1 /etc
  exits 126
}

@test "EN-P docker: a terminal, and stdin to its end" {
  attempt script -qec 'run_container --rm --interactive --tty busybox:1 tty' /dev/null
  exits 0
  has "$output" /dev/pts/0
  is "$(printf 'one\ntwo\n' | run_container --rm --interactive busybox:1 wc -l 3>&-)" 2
}

@test "EN-P docker: exec relays output and status, with user, directory and environment, and in the background" {
  sleeper
  prints in-exec docker exec cc echo in-exec
  attempt docker exec --user 1000 --workdir /tmp --env A=b cc sh -c 'echo $A $(id -u) $PWD; exit 5'
  exits 5
  is "$output" "b 1000 /tmp"
  attempt docker exec cc no-such-program
  matches "$status" '12[67]'
  attempt script -qec 'docker exec --tty cc tty' /dev/null
  exits 0
  has "$output" /dev/pts/
  attempt docker exec --detach cc touch /tmp/was-here
  exits 0
  eventually docker exec cc test -e /tmp/was-here
}

@test "EN-P docker: top lists the processes, stats reads the cgroup" {
  sleeper
  docker exec --detach cc sleep 1000
  attempt docker top cc
  exits 0
  has "$output" "sleep 1000" "trap"
  attempt docker stats --no-stream --format '{{.PIDs}} {{.CPUPerc}}' cc
  exits 0
  matches "$output" '%'
}

@test "EN-P docker: pause and unpause" {
  sleeper
  attempt docker pause cc
  exits 0
  is "$(field .State.Status)" paused
  is "$(cat "$(cgroup_of "$(field .State.Pid)")/cgroup.freeze")" 1
  attempt docker unpause cc
  exits 0
  prints thawed docker exec cc echo thawed
}

@test "EN-P docker: kill, stop with the program's own status, wait, logs, start again, restart, rm -f" {
  attempt run_container --detach --name cc busybox:1 sh -c 'trap "echo got" USR1; trap "exit 7" TERM; echo line; while :; do sleep 0.05; done'
  exits 0
  eventually '[ "$(docker logs cc)" = line ]'
  attempt docker kill --signal USR1 cc
  exits 0
  eventually '[ "$(docker logs cc | tail -1)" = got ]'
  attempt docker stop --time 60 cc
  exits 0
  prints 7 docker wait cc
  attempt docker start cc
  exits 0
  is "$(field .State.Status)" running
  attempt docker restart --time 1 cc
  exits 0
  is "$(field .State.Status)" running
  attempt docker kill cc
  exits 0
  prints 137 docker wait cc
  attempt docker start cc
  exits 0
  attempt docker rm --force cc
  exits 0
}

@test "EN-P docker: update of what the machine can limit" {
  needs_controller memory
  sleeper --memory 64m
  local cgroup
  cgroup=$(cgroup_of "$(field .State.Pid)")
  is "$(cat "$cgroup/memory.max")" 67108864
  attempt docker update --memory 32m --memory-swap 32m --cpus 0.5 --pids-limit 40 cc
  exits 0
  is "$(cat "$cgroup/memory.max" "$cgroup/cpu.max" "$cgroup/pids.max")" "$(printf '33554432\n50000 100000\n40')"
  attempt run_container --rm --memory 20m busybox:1 sh -c 'tail /dev/zero'
  exits 137
}

@test "EN-P docker: update that concerns the daemon alone" {
  sleeper
  attempt docker update --restart on-failure:2 cc
  exits 0
}

@test "EN-P docker: a restart policy starts a program that fails again" {
  attempt run_container --detach --name cc --restart on-failure:2 busybox:1 sh -c 'echo once; exit 3'
  exits 0
  eventually '[ "$(docker inspect --format "{{.RestartCount}} {{.State.Status}}" cc)" = "2 exited" ]'
  is "$(docker logs cc | grep -c once)" 3
}

@test "EN-P docker: a healthcheck runs in the container" {
  sleeper --health-cmd 'test -e /tmp/healthy' --health-interval 200ms --health-retries 1
  docker exec cc touch /tmp/healthy
  eventually '[ "$(docker inspect --format "{{.State.Health.Status}}" cc)" = healthy ]'
  docker exec cc rm /tmp/healthy
  eventually '[ "$(docker inspect --format "{{.State.Health.Status}}" cc)" = unhealthy ]'
}

@test "EN-P docker: with the pids of the host nothing outlives the container" {
  attempt run_container --rm --pid host busybox:1 sh -c 'sleep 1000 & sleep 1000 & exit 4'
  exits 4
  eventually '[ -z "$(container_processes)" ]'
  sleeper --pid host
  attempt docker rm --force cc
  exits 0
  eventually '[ -z "$(container_processes)" ]'
}

@test "EN-P docker: containers share namespaces of another" {
  sleeper --ipc shareable
  is "$(docker run --rm --network container:cc --ipc container:cc --pid container:cc busybox:1 \
    sh -c 'readlink /proc/self/ns/net /proc/self/ns/ipc /proc/self/ns/pid' 3>&-)" \
    "$(docker exec cc sh -c 'readlink /proc/self/ns/net /proc/self/ns/ipc /proc/self/ns/pid')"
}

@test "EN-P docker: --init reaps" {
  [ -x /usr/bin/docker-init ] || [ -x /usr/libexec/docker/docker-init ] || skip "docker-init is not installed"
  attempt run_container --rm --init busybox:1 sh -c 'cat /proc/1/comm; exit 6'
  exits 6
  is "$output" docker-init
}

@test "EN-P docker: privileges: capabilities, no-new-privileges, a read-only root, a tmpfs, seccomp" {
  attempt run_container --rm --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /scratch:size=64k \
    busybox:1 sh -c 'grep -E "CapEff|NoNewPrivs|Seccomp:" /proc/self/status; touch /scratch/x; ! touch /x 2>/dev/null && echo read-only'
  exits 0
  is "$output" "$(printf 'CapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nread-only')"
  attempt run_container --rm --security-opt seccomp=unconfined busybox:1 grep Seccomp: /proc/self/status
  is "$output" "$(printf 'Seccomp:\t0')"
}

@test "EN-P docker: a privileged container" {
  (((16#$(sed -n 's/^CapEff:\t//p' /proc/self/status) >> 24) & 1)) || unlike "crun runc" "needs every capability, which this machine does not grant"
  attempt run_container --rm --privileged busybox:1 sh -c 'ls /dev | wc -l'
  exits 0
  [ "$output" -gt 20 ]
}

@test "EN-P docker: mounts, a device, a sysctl, a limit, a name, a group, shared memory" {
  mkdir -p "$WORK/shared"
  echo shared >"$WORK/shared/file"
  attempt run_container --rm --hostname name --volume "$WORK/shared:/mnt:ro" --device /dev/zero:/dev/nought:r --shm-size 1m \
    --sysctl net.ipv4.ip_forward=1 --ulimit nofile=900:1000 --group-add 44 --oom-score-adj 500 busybox:1 \
    sh -c 'hostname; cat /mnt/file; head -c 3 /dev/nought | wc -c; df -k /dev/shm | awk "END { print \$2 }"
      cat /proc/sys/net/ipv4/ip_forward; ulimit -n; id -G; cat /proc/self/oom_score_adj'
  exits 0
  is "$output" "$(printf 'name\nshared\n3\n1024\n1\n900\n0 44\n500')"
}

@test "EN-P docker: copy, diff, commit, and a build of several steps" {
  sleeper
  echo copied >"$WORK/file"
  attempt docker cp "$WORK/file" cc:/tmp/file
  exits 0
  prints copied docker exec cc cat /tmp/file
  attempt docker commit cc committed
  exits 0
  prints copied run_container --rm committed cat /tmp/file
  mkdir -p "$WORK/context"
  printf 'FROM busybox:1\nRUN echo one >/file\nRUN echo two >>/file\nCMD ["cat", "/file"]\n' >"$WORK/context/Dockerfile"
  attempt env DOCKER_BUILDKIT=0 docker build --network none --tag built "$WORK/context"
  exits 0
  prints "$(printf 'one\ntwo')" run_container --rm built
  printf 'FROM busybox:1\nRUN exit 5\n' >"$WORK/context/Dockerfile"
  attempt env DOCKER_BUILDKIT=0 docker build --network none "$WORK/context"
  [ "$status" -ne 0 ]
  has "$output$stderr" "code: 5"
}

@test "EN-P docker: a shim that is killed leaves neither process nor state" {
  sleeper
  local pid
  pid=$(field .State.Pid)
  kill -KILL "$(pgrep -f "containerd-shim.*$WORK")"
  eventually "! kill -0 $pid"
  eventually '[ "$(docker inspect --format "{{.State.Status}}" cc)" = exited ]'
}

@test "EN-P docker: forty containers, four at a time" {
  run_many() {
    local i
    for ((i = 0; i < 10; i++)); do
      run_container --rm busybox:1 sh -c 'exit 5' && return 1 || [ $? = 5 ] || return 1
    done
  }
  local pids=() i
  for ((i = 0; i < 4; i++)); do
    run_many </dev/null >/dev/null 2>&1 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i"; done
}
