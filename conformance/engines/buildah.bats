# Buildah on the runtime, with OCI isolation: acceptance check o.
load lib
load buildah

setup_file() { buildah_setup; }
teardown_file() { buildah_teardown; }
teardown() { buildah_left_nothing; }

@test "EN-O buildah: run relays output and the exit status" {
  attempt run_step sh -c 'echo out; echo err >&2; exit 5'
  exits 5
  is "$output" out
  has "$stderr" err
  prints fine run_step echo fine
}

@test "EN-O buildah: a program that is missing, or cannot be executed, is an error that names it" {
  attempt run_step no-such-program
  [ "$status" -ne 0 ]
  has "$stderr" no-such-program
  attempt run_step /etc/not-executable
  [ "$status" -ne 0 ]
  has "$stderr" not-executable
}

@test "EN-O buildah: a terminal" {
  attempt script -qec "buildah run --tty --isolation oci --runtime $RUNTIME --network none work -- tty" /dev/null
  exits 0
  has "$output" /dev/pts/0
}

@test "EN-O buildah: stdin reaches the program" {
  is "$(printf 'one\ntwo\n' | run_step wc -l)" 2
}

@test "EN-O buildah: what a step writes is there in the next" {
  attempt run_step sh -c 'echo kept >/etc/kept'
  exits 0
  prints kept run_step cat /etc/kept
}

@test "EN-O buildah: user, volume, environment and capabilities of a step" {
  mkdir -p "$WORK/shared"
  echo shared >"$WORK/shared/file"
  attempt buildah run --isolation oci --runtime "$RUNTIME" --network none --user user --env A=b --cap-drop all \
    --volume "$WORK/shared:/shared:ro" work -- sh -c 'id -u; echo $A; cat /shared/file; grep CapEff /proc/self/status'
  exits 0
  is "$output" "$(printf '1000\nb\nshared\nCapEff:\t0000000000000000')"
}

@test "EN-O buildah: a build of several steps" {
  cat >"$WORK/Containerfile" <<'FILE'
FROM docker.io/library/busybox:1
RUN mkdir /app && echo one >/app/file
RUN echo two >>/app/file
USER user
WORKDIR /tmp
RUN id -u >/tmp/who && pwd >>/tmp/who
CMD ["cat", "/app/file", "/tmp/who"]
FILE
  attempt build --tag built --file "$WORK/Containerfile" "$WORK/shared"
  exits 0
  buildah from --pull-never --name built localhost/built >/dev/null
  prints "$(printf 'one\ntwo\n1000\n/tmp')" \
    buildah run --isolation oci --runtime "$RUNTIME" --network none built -- cat /app/file /tmp/who
}

@test "EN-O buildah: a step that fails ends the build with its status" {
  printf 'FROM docker.io/library/busybox:1\nRUN echo before; exit 5\nRUN echo never\n' >"$WORK/Failing"
  attempt build --file "$WORK/Failing" "$WORK/shared"
  exits 5
  has "$output$stderr" before
  lacks "$output" "never
"
}

@test "EN-O buildah: a build that is interrupted leaves no container" {
  run_step sleep 100 </dev/null >/dev/null 2>&1 3>&- &
  local pid=$!
  eventually '[ -n "$(container_processes)" ]'
  sleep 0.3
  kill -INT "$pid"
  wait "$pid" || :
  eventually '[ -z "$(container_processes)" ]'
}
