# Buildah with OCI isolation, with storage of its own.

buildah_setup() {
  engine_sandbox
  echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$WORK/policy.json"
  client buildah /usr/bin/buildah --root "$WORK/storage" --runroot "$WORK/run" --storage-driver overlay
  # What runs a command in the working container "work"; its network is the sandbox's loopback.
  client run_step buildah run --isolation oci --runtime "$RUNTIME" --network none work --
  client build buildah bud --isolation oci --runtime "$RUNTIME" --network none \
    --signature-policy "$WORK/policy.json" --pull-never
  buildah pull --signature-policy "$WORK/policy.json" "docker-archive:$WORK/busybox.tar" >/dev/null
  buildah from --signature-policy "$WORK/policy.json" --pull-never --name work localhost/busybox:1 >/dev/null ||
    buildah from --signature-policy "$WORK/policy.json" --pull-never --name work docker.io/library/busybox:1 >/dev/null
}

buildah_teardown() {
  buildah rm --all >/dev/null
}

buildah_left_nothing() {
  eventually '[ -z "$(container_processes)" ]'
  is "$(find "/run/$RUNTIME_NAME" -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null)" ""
  is "$(find /sys/fs/cgroup -path '*buildah-*' -name cgroup.procs)" ""
}
