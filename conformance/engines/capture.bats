# No test of the runtime: what the engines are asked for while `capture` takes their configs.
load lib
load podman
load buildah
load containerd
load cri
load docker

label() { echo "$1" >"$CAPTURED/label"; }

# Whether the container runs here is of no concern, its config has been written: so the clients are not those of the
# tests, which ask for no limits where the machine has no controllers.
captured() { [ -s "$CAPTURED/configs/$1.json" ]; }

# A container with something of everything that one is usually given.
USUAL=(--hostname box --user 1000:1000 --workdir /tmp --env A=b --cap-drop ALL --cap-add NET_BIND_SERVICE
  --security-opt no-new-privileges --device /dev/fuse --sysctl kernel.msgmax=4096 --ulimit nofile=512:1024
  --tmpfs /scratch:size=1m --read-only --init --tty --interactive --annotation org.example=yes)

@test "podman" {
  podman_setup
  mkdir "$WORK/volume"
  label podman
  podman run --rm --network none busybox:1 true || :
  captured podman
  label podman-options
  podman create --name c --network none "${USUAL[@]}" --volume "$WORK/volume:/data:ro,Z" --memory 64m --cpus 0.5 \
    --pids-limit 100 busybox:1 true
  podman start c || :
  captured podman-options
  label podman-privileged
  podman run --rm --network none --privileged --pid host --ipc host --cgroupns host busybox:1 true || :
  captured podman-privileged
  label podman-systemd
  podman run --rm --network none --systemd always busybox:1 true || :
  captured podman-systemd
  label podman-userns
  podman run --rm --network none --uidmap 0:100000:65536 --gidmap 0:100000:65536 \
    --volume "$WORK/volume:/data:idmap" busybox:1 true || :
  captured podman-userns
  podman_teardown
}

@test "podman without privileges" {
  podman_setup
  rootless_setup
  label podman-rootless
  rootless run --rm --network none busybox:1 true || :
  captured podman-rootless
  label podman-rootless-keep-id
  rootless run --rm --network none --userns keep-id busybox:1 true || :
  captured podman-rootless-keep-id
}

@test "buildah" {
  buildah_setup
  label buildah
  run_step true || :
  captured buildah
  buildah_teardown
}

@test "containerd" {
  containerd_setup
  label containerd
  ctr run --runc-binary "$RUNTIME" --rm "$IMAGE" c true || :
  captured containerd
  containerd_left_nothing
  containerd_teardown
}

@test "the Container Runtime Interface" {
  cri_setup
  label cri-sandbox
  sandbox
  captured cri-sandbox
  label cri
  container true '{"linux": {"resources": {"memory_limit_in_bytes": 67108864, "oom_score_adj": 900}}}'
  start_container || :
  captured cri
  cri_left_nothing
  cri_teardown
}

@test "docker" {
  docker_setup
  label docker
  run_container --rm busybox:1 true || :
  captured docker
  label docker-options
  docker create --name cc --network none "${USUAL[@]/--annotation/--label}" --memory 64m busybox:1 true
  docker start cc || :
  captured docker-options
  label docker-privileged
  run_container --rm --privileged busybox:1 true || :
  captured docker-privileged
  docker_left_nothing
  docker_teardown
}
