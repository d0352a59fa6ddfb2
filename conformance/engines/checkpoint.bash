# A criu for the engines and the runtime: CRIU is a directory with one, which bench/peers.sh makes. It is put where the
# runtime looks for it, for this sandbox alone; engines look along PATH.
criu_setup() {
  [ -x "${CRIU-}/criu" ] || { echo "CRIU names no directory with a criu" >&2; return 1; }
  [ -e /usr/local/sbin/criu ] || mount --bind "$CRIU" /usr/local/sbin
  ln -sf "$CRIU/criu" "$WORK/bin/criu"
}

# What counts in a file of the container's, so that it can be seen to go on.
COUNT='n=0; while :; do n=$((n + 1)); echo $n >/count; sleep 0.1; done'

# goes_on COMMAND…: reads the count twice; it grew past what it was at the checkpoint, from there and not from the beginning.
goes_on() {
  local now
  now=$("$@" cat /count)
  [ "$now" -ge "$BEFORE" ] || fail "begun anew: $now after $BEFORE"
  eventually "[ \"\$($* cat /count)\" -gt $now ]"
}

# The peers leave cgroups to criu, which takes options off the host's cgroup2 mount (criu#3029).
dumps_without_harm() {
  [ "${SANDBOX-}" = none ] || unlike "crun runc" "changes the host's cgroup2 mount when it checkpoints"
}
