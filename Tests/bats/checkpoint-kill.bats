load helpers
load criu

# Nothing half done is left where apus or criu is ended at any moment of a checkpoint or a restore: the container
# runs, or `delete --force` takes what there is of it, and the images are still good.

: "${ROUNDS:=6}"

# Milliseconds that a command takes here and now.
timed() {
  local before=${EPOCHREALTIME/./}
  "$@"
  TOOK=$(((${EPOCHREALTIME/./} - before) / 1000))
}

# ended SIGNAL WHO COMMAND…: apus or its criu gets the signal at a random moment, now and then after the end.
ended() {
  local signal=$1 who=$2 moment=$((RANDOM % (TOOK * 11 / 10 + 1))) job
  shift 2
  "$RUNTIME" --root "$ROOT" --log "$ERR" --criu "$CRIU" "$@" </dev/null >/dev/null 2>&1 3>&- &
  job=$!
  sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
  if [ "$who" = apus ]; then
    kill "-$signal" "$job" 2>/dev/null || :
  else
    # What it restores is a child of apus, too, and younger.
    read -r who _ 2>/dev/null <"/proc/$job/task/$job/children" || :
    [ -z "$who" ] || kill "-$signal" "$who" || :
  fi
  wait "$job" 2>/dev/null || :
  echo "SIG$signal for ${who:-nobody} after $moment ms of $TOOK" >&2
}

# What is there of the container is taken, or runs on.
taken_or_runs() {
  if has_status running 2>/dev/null; then
    goes_on
    echo "it runs" >&2
  fi
  [ ! -e "$ROOT/$ID" ] || rt delete --force "$ID"
  eventually nothing_left
}

@test "apus or criu that is killed while it restores leaves a container that runs, or what delete --force takes" {
  running
  dumped
  timed restored
  rt delete --force "$ID"
  local who round
  for who in apus criu; do
    for ((round = 0; round < ROUNDS; round++)); do
      ended KILL "$who" restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
      taken_or_runs
    done
  done
  restored
  goes_on
}

@test "apus that is ended while it dumps leaves a container that runs, or images that are whole" {
  running
  timed dumped
  restored
  local signal round
  for signal in KILL TERM; do
    for ((round = 0; round < ROUNDS; round++)); do
      rm -rf "$IMAGES"
      ended "$signal" apus checkpoint --image-path "$IMAGES" "$ID"
      # criu sees that nobody listens any more, and lets go of the container.
      eventually '[ "$(status_of || echo gone)" != paused ]'
      if has_status running 2>/dev/null && goes_on; then continue; fi
      echo "it is gone" >&2
      [ ! -e "$ROOT/$ID" ] || rt delete --force "$ID"
      eventually nothing_left
      restored
      goes_on
    done
  done
  eventually no_writer
}

# Neither criu nor a child of it has the images open.
no_writer() {
  [ -z "$(find /proc/[0-9]*/fd -lname "$IMAGES*" 2>/dev/null)" ]
}
