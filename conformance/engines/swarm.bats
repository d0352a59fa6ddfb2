# Services of Docker Swarm on the runtime.
load lib
load swarm

setup_file() { swarm_setup; }
teardown_file() { swarm_teardown; }
setup() { docker_can_be_used; }
teardown() { swarm_left_nothing; }

SERVICE=(busybox:1 sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done')

@test "swarm: a service runs its replicas, with a secret and a config" {
  echo hidden | docker secret create secret - >/dev/null
  echo plain | docker config create config - >/dev/null
  attempt create_service --name svc --replicas 2 --secret secret --config source=config,target=/config \
    busybox:1 sh -c 'cat /run/secrets/secret /config; trap "exit 0" TERM; while :; do sleep 0.1; done'
  exits 0
  eventually '[ "$(running svc)" = 2 ]'
  eventually '[ "$(docker service logs --raw svc 2>/dev/null | sort | uniq -c | tr -s " ")" = "$(printf " 2 hidden\n 2 plain")" ]'
  local task
  for task in $(docker ps --quiet); do
    is "$(docker inspect --format '{{.HostConfig.Runtime}}' "$task" | sed 's/^$/under-test/')" under-test
  done
}

@test "swarm: a service is scaled up and down" {
  attempt create_service --name svc --replicas 1 "${SERVICE[@]}"
  exits 0
  eventually '[ "$(running svc)" = 1 ]'
  docker service scale --detach svc=3 >/dev/null
  eventually '[ "$(running svc)" = 3 ]'
  docker service scale --detach svc=1 >/dev/null
  eventually '[ "$(docker ps --quiet | wc -l)" = 1 ]'
}

@test "swarm: a rolling update replaces every task" {
  attempt create_service --name svc --replicas 2 --update-delay 0s --stop-grace-period 2s "${SERVICE[@]}"
  exits 0
  eventually '[ "$(running svc)" = 2 ]'
  local before
  before=$(docker ps --quiet | sort)
  attempt update_service --env-add A=b --update-parallelism 2 svc
  exits 0
  eventually '[ "$(docker ps --quiet | wc -l)" = 2 ] && [ -z "$(comm -12 <(docker ps --quiet | sort) <(echo "'"$before"'"))" ]'
  local task
  for task in $(docker ps --quiet); do prints b docker exec "$task" sh -c 'echo $A'; done
}

@test "swarm: a task that fails is started again" {
  attempt create_service --name svc --restart-delay 0s busybox:1 sh -c 'sleep 0.2; exit 3'
  exits 0
  eventually '[ "$(docker service ps --format "{{.CurrentState}}" svc | grep -c ^Failed)" -ge 2 ]'
}

@test "swarm: a program that is missing is told in the task's error" {
  attempt create_service --name svc --restart-condition none busybox:1 no-such-program
  exits 0
  eventually 'docker service ps --no-trunc --format "{{.Error}}" svc | grep -q no-such-program'
}

@test "swarm: limits of a service are in force" {
  needs_controller memory
  attempt create_service --name svc --limit-memory 64m "${SERVICE[@]}"
  exits 0
  eventually '[ "$(running svc)" = 1 ]'
  is "$(cat "$(cgroup_of "$(docker inspect --format '{{.State.Pid}}' "$(docker ps --quiet)")")/memory.max")" 67108864
}
