# Swarm on the sandbox's loopback: one node, whose daemon has the runtime as its default.
load docker

swarm_setup() {
  docker_setup
  docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:2377 --data-path-addr 127.0.0.1 >/dev/null
  # Without a registry an image has no digest to resolve; the network of the host needs no ingress.
  client create_service docker service create --quiet --detach --network host --no-resolve-image
  client update_service docker service update --quiet --detach --no-resolve-image
}

swarm_teardown() {
  docker swarm leave --force >/dev/null
  docker_teardown
}

swarm_left_nothing() {
  local left
  left=$(docker service ls --quiet)
  [ -z "$left" ] || docker service rm $left >/dev/null
  eventually '[ -z "$(docker ps --quiet)" ]'
  docker_left_nothing
}

# The tasks of a service that run.
running() {
  docker service ps --filter desired-state=running --format '{{.CurrentState}}' "$1" | grep -c ^Running
}
