# Podman and conmon on the runtime: acceptance check m, and what else Podman asks of a runtime.
load lib
load podman

setup_file() { podman_setup; }
teardown_file() { podman_teardown; }
teardown() { podman_left_nothing; }

SLEEPER=(busybox:1 sh -c 'trap "exit 7" TERM; while :; do sleep 0.05; done')

@test "EN-M podman: the exit status of run is the program's" {
  attempt run_container --rm busybox:1 true
  exits 0
  attempt run_container --rm busybox:1 sh -c 'echo out; echo err >&2; exit 5'
  exits 5
  is "$output" out
  is "$stderr" err
}

@test "EN-M podman: a program that is missing is 127, one that cannot be executed 126, a bad option 125" {
  attempt run_container --rm busybox:1 no-such-program
  exits 127
  has "$stderr" no-such-program
  attempt run_container --rm busybox:1 /no/such/program
  exits 127
  attempt run_container --rm busybox:1 /etc/not-executable
  exits 126
  attempt run_container --rm busybox:1 /etc
  exits 126
  attempt run_container --no-such-option busybox:1 true
  exits 125
}

@test "EN-M podman: stdin reaches the program to its end" {
  is "$(printf 'one\ntwo\n' | run_container --rm --interactive busybox:1 wc -l)" 2
}

@test "EN-M podman: a terminal, of the size that was asked for, with the program in a session of its own" {
  attempt script -qec "run_container --rm --tty busybox:1 sh -c 'tty; stty size'" /dev/null
  exits 0
  has "$output" /dev/pts/0
}

@test "EN-M podman: exec relays output and status, in the background too" {
  podman_sleeper
  prints in-exec podman exec c echo in-exec
  attempt podman exec c sh -c 'exit 5'
  exits 5
  attempt podman exec c sh -c 'kill -KILL $$'
  exits 137
  attempt podman exec c no-such-program
  exits 127
  attempt podman exec c /etc/not-executable
  exits 126
  attempt podman exec --detach c touch /tmp/was-here
  exits 0
  eventually podman exec c test -e /tmp/was-here
  prints "b 1000:1000 /tmp" podman exec --user user --workdir /tmp --env A=b c sh -c 'echo $A $(id -u):$(id -g) $PWD'
}

@test "EN-M podman: exec on a terminal" {
  podman_sleeper
  attempt script -qec "podman exec --tty c tty" /dev/null
  exits 0
  has "$output" /dev/pts/
  is "$(printf 'text\n' | podman exec --interactive c cat)" text
}

@test "EN-M podman: create, start, inspect, top, logs, stop with the program's own status, start again, restart" {
  attempt create_container --name c busybox:1 sh -c 'trap "exit 7" TERM; echo line; while :; do sleep 0.05; done'
  exits 0
  attempt podman start c
  exits 0
  is "$(podman inspect -f '{{.State.Status}}' c)" running
  eventually '[ "$(podman logs c)" = line ]'
  has "$(podman top c pid comm)" sh
  attempt podman stop --time 60 c
  exits 0
  is "$(podman inspect -f '{{.State.Status}} {{.State.ExitCode}}' c)" "exited 7"
  attempt podman start c
  exits 0
  attempt podman restart --time 0 c
  exits 0
  is "$(podman inspect -f '{{.State.Status}}' c)" running
  attempt podman rm --force --time 0 c
  exits 0
}

@test "EN-M podman: kill delivers the signal, wait tells the status" {
  attempt run_container --detach --name c busybox:1 sh -c 'trap "exit 9" USR1; while :; do sleep 0.05; done'
  exits 0
  eventually 'catches USR1 "$(podman inspect -f "{{.State.Pid}}" c)"'
  attempt podman kill --signal USR1 c
  exits 0
  prints 9 podman wait c
  attempt podman kill c
  [ "$status" -ne 0 ]
  podman_sleeper d
  attempt podman kill d
  exits 0
  prints 137 podman wait d
}

@test "EN-M podman: stop of a program that ignores the signal ends in KILL" {
  attempt run_container --detach --name c busybox:1 sh -c 'trap "" TERM; while :; do sleep 0.05; done'
  exits 0
  attempt podman stop --time 1 c
  exits 0
  is "$(podman inspect -f '{{.State.ExitCode}}' c)" 137
}

@test "EN-M podman: pause freezes, unpause thaws, and both can be seen" {
  podman_sleeper
  attempt podman pause c
  exits 0
  is "$(podman inspect -f '{{.State.Status}}' c)" paused
  is "$(cat "$(cgroup_of "$(podman inspect -f '{{.State.Pid}}' c)")/cgroup.freeze")" 1
  attempt podman exec c true
  [ "$status" -ne 0 ]
  attempt podman unpause c
  exits 0
  prints thawed podman exec c echo thawed
}

@test "EN-M podman: the pids of the host: nothing outlives the container" {
  attempt run_container --detach --name c --pid host busybox:1 sh -c 'sleep 1000 & sleep 1000 & wait'
  exits 0
  eventually '[ "$(container_processes | wc -l)" -ge 3 ]'
  attempt podman stop --time 1 c
  exits 0
  eventually '[ -z "$(container_processes)" ]'
  attempt run_container --rm --pid host busybox:1 sh -c 'sleep 1000 & exit 4'
  exits 4
  eventually '[ -z "$(container_processes)" ]'
}

@test "EN-M podman: without cgroups" {
  unlike runc "has no --cgroup-manager"
  attempt podman run --rm --network none --cgroups disabled busybox:1 sh -c 'echo ran; exit 3'
  exits 3
  is "$output" ran
}

@test "EN-M podman: a bind mount, a volume and a tmpfs, with their options" {
  mkdir -p "$WORK/shared"
  echo shared >"$WORK/shared/file"
  attempt run_container --rm --volume "$WORK/shared:/shared:ro" --volume named:/named --tmpfs /scratch:size=64k,mode=700 \
    busybox:1 sh -c 'cat /shared/file; ! touch /shared/no 2>/dev/null && echo read-only; echo kept >/named/file
      stat -c %a /scratch; ! dd if=/dev/zero of=/scratch/f bs=1k count=100 2>/dev/null && echo full'
  exits 0
  is "$output" "$(printf 'shared\nread-only\n700\nfull')"
  prints kept run_container --rm --volume named:/named busybox:1 cat /named/file
  podman volume rm named >/dev/null
}

@test "EN-M podman: --init reaps, and passes signals on" {
  command -v catatonit >/dev/null || [ -x /usr/libexec/podman/catatonit ] || skip "catatonit is not installed"
  attempt run_container --rm --init busybox:1 sh -c 'cat /proc/1/comm; exit 6'
  exits 6
  is "$output" podman-init
}

@test "EN-M podman: a secret is a file in the container" {
  printf hidden | podman secret create s - >/dev/null
  prints hidden run_container --rm --secret s busybox:1 cat /run/secrets/s
  podman secret rm s >/dev/null
}

@test "EN-M podman: privileges: capabilities, no-new-privileges, a read-only root, masked paths" {
  attempt run_container --rm --cap-drop all --cap-add chown --security-opt no-new-privileges --read-only \
    busybox:1 sh -c 'grep -E "CapEff|CapBnd|NoNewPrivs" /proc/self/status; ! touch /x 2>/dev/null && echo read-only; ls /sys/firmware | wc -l'
  exits 0
  is "$output" "$(printf 'CapEff:\t0000000000000001\nCapBnd:\t0000000000000001\nNoNewPrivs:\t1\nread-only\n0')"
  attempt run_container --rm --privileged busybox:1 sh -c 'test -e /dev/null && ls /dev | wc -l'
  exits 0
  [ "$output" -gt 20 ]
}

@test "EN-M podman: the default seccomp profile refuses what it should, unconfined does not" {
  attempt run_container --rm busybox:1 grep Seccomp: /proc/self/status
  is "$output" "$(printf 'Seccomp:\t2')"
  echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}' \
    >"$WORK/seccomp.json"
  attempt run_container --rm --security-opt seccomp="$WORK/seccomp.json" busybox:1 sh -c 'touch /tmp/file && mkdir /tmp/dir'
  exits 1
  has "$stderr" "Operation not permitted"
  attempt run_container --rm --security-opt seccomp=unconfined busybox:1 grep Seccomp: /proc/self/status
  is "$output" "$(printf 'Seccomp:\t0')"
}

@test "EN-M podman: names, users, environment, sysctls, limits, devices" {
  attempt run_container --rm --hostname name --user 1000:1000 --env A=b --workdir /tmp --ulimit core=0:0 --ulimit nofile=900:1000 --ulimit nproc=500:500 \
    --sysctl net.ipv4.ip_forward=1 --device /dev/zero:/dev/nought:r --group-add 44 \
    busybox:1 sh -c 'hostname; id -u; id -G; echo $A; pwd; ulimit -c; ulimit -n; cat /proc/sys/net/ipv4/ip_forward; head -c 3 /dev/nought | wc -c'
  exits 0
  is "$output" "$(printf 'name\n1000\n1000 44\nb\n/tmp\n0\n900\n1\n3')"
}

@test "EN-M podman: containers share the network and the ipc namespace of another" {
  podman_sleeper
  is "$(run_container --rm --ipc container:c busybox:1 readlink /proc/self/ns/ipc)" \
    "$(podman exec c readlink /proc/self/ns/ipc)"
  is "$(run_networked --rm --network container:c busybox:1 readlink /proc/self/ns/net)" \
    "$(podman exec c readlink /proc/self/ns/net)"
}

@test "EN-M podman: a container in a pod" {
  attempt podman pod create --name p --infra=false --share ""
  exits 0
  attempt run_container --rm --pod p busybox:1 echo in-pod
  exits 0
  is "$output" in-pod
  podman pod rm --force p >/dev/null
}

@test "EN-M podman: a healthcheck runs in the container" {
  attempt run_container --detach --name c --health-cmd 'test -e /tmp/healthy' --health-interval disable "${SLEEPER[@]}"
  exits 0
  attempt podman healthcheck run c
  exits 1
  podman exec c touch /tmp/healthy
  attempt podman healthcheck run c
  exits 0
}

@test "EN-M podman: copy and commit of a container" {
  podman_sleeper
  echo copied >"$WORK/file"
  attempt podman cp "$WORK/file" c:/tmp/file
  exits 0
  prints copied podman exec c cat /tmp/file
  attempt podman commit --quiet c committed
  exits 0
  prints copied run_container --rm committed cat /tmp/file
  podman rmi --force committed >/dev/null
}

@test "EN-M podman: passed descriptors" {
  attempt bash -c 'run_container --rm --preserve-fds 2 busybox:1 sh -c "cat <&3; cat <&4; ls /proc/self/fd" 3<<<three 4<<<four'
  exits 0
  has "$output" three four
}

@test "EN-M podman: limits of memory, processes and cpu are in force, and update changes them" {
  needs_controller memory
  needs_controller pids
  attempt run_container --detach --name c --memory 64m --pids-limit 40 --cpus 0.5 "${SLEEPER[@]}"
  exits 0
  local cgroup
  cgroup=$(cgroup_of "$(podman inspect -f '{{.State.Pid}}' c)")
  is "$(cat "$cgroup/memory.max" "$cgroup/pids.max" "$cgroup/cpu.max")" "$(printf '67108864\n40\n50000 100000')"
  attempt podman update --memory 48m c
  exits 0
  is "$(cat "$cgroup/memory.max")" 50331648
  attempt run_container --rm --memory 24m busybox:1 sh -c 'tail /dev/zero'
  exits 137
}

@test "EN-M podman: root of a user namespace" {
  "$RUNTIME" features | jq -e '.linux.namespaces | index("user")' >/dev/null || skip "the runtime names no user namespaces"
  attempt run_container --rm --uidmap 0:100000:1000 --gidmap 0:100000:1000 busybox:1 sh -c 'cat /proc/self/uid_map; id -u'
  exits 0
  matches "$output" '0 +100000 +1000'
}

@test "EN-M podman: a hundred containers, four at a time" {
  run_many() {
    local i
    for ((i = 0; i < 25; i++)); do run_container --rm busybox:1 sh -c 'exit 5' && return 1 || [ $? = 5 ] || return 1; done
  }
  local pids=() i
  for ((i = 0; i < 4; i++)); do
    run_many </dev/null >/dev/null 2>&1 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i"; done
}

podman_sleeper() {
  attempt run_container --detach --name "${1:-c}" "${SLEEPER[@]}"
  exits 0
}

@test "EN-M podman rootless: run, with the user as root of the container" {
  rootless_setup
  attempt run_rootless --rm busybox:1 sh -c 'id -u; tr -s " " </proc/self/uid_map; exit 5'
  exits 5
  is "$output" "$(printf '0\n 0 1000 1\n 1 100000 65536')"
  attempt run_rootless --rm busybox:1 no-such-program
  exits 127
}

@test "EN-M podman rootless: --userns=keep-id" {
  rootless_setup
  prints 1000 run_rootless --rm --userns keep-id busybox:1 id -u
}

@test "EN-M podman rootless: exec, pause, stop, rm" {
  rootless_setup
  attempt run_rootless --detach --name c "${SLEEPER[@]}"
  exits 0
  prints "in-exec 0" rootless exec c sh -c 'echo in-exec $(id -u)'
  attempt script -qec "rootless exec --tty c tty" /dev/null
  has "$output" /dev/pts/
  eventually 'catches TERM "$(rootless inspect --format "{{.State.Pid}}" c)"'
  attempt rootless stop --time 60 c
  exits 0
  is "$(rootless inspect --format '{{.State.ExitCode}}' c)" 7
  attempt rootless rm c
  exits 0
}

@test "EN-M podman rootless: without cgroups" {
  unlike runc "has no --cgroup-manager"
  rootless_setup
  attempt rootless run --rm --network none --cgroups disabled busybox:1 sh -c 'exit 3'
  exits 3
}
