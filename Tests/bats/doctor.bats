#!/usr/bin/env bats
# What this host lacks, found out by doing.

load helpers

local_setup() { unlike "runc crun" "has no such command"; }

# row NAME: its verdict and what was found, after `attempt doctor --format json`.
verdict() { jq -r --arg n "$1" '.rows[] | select(.name == $n).verdict' <<<"$output"; }

cgroups() { find "$CGROUP_MOUNT" -maxdepth 2 -name 'apus-doctor*'; }

@test "what this suite runs on is good, and nothing of the trials is left" {
  attempt doctor --format json
  [ "$status" = 0 ] || [ "$(jq .failed <<<"$output")" -gt 0 ]
  local name
  for name in "clone3 with a pidfd" openat2 "mounts by descriptor" "seccomp filters" "pid namespace" "mount namespace" \
    "network namespace" "make a cgroup" "cgroup: freeze" "state root"; do
    is "$name $(verdict "$name")" "$name good"
  done
  is "$(jq '[.rows[] | select(.verdict != "good" and (.remedy // "") == "")] | length' <<<"$output")" 0
  is "$(jq '[.rows[] | select(.verdict == "bad")] | length' <<<"$output")" "$(jq .failed <<<"$output")"
  is "$(cgroups)" ""
  follows doctor
}

@test "a call that a sandbox refuses is found, with the exit status 1" {
  try "$SUITE/probe" without openat2 38 "$RUNTIME" --root "$ROOT" doctor --format json
  exits 1
  is "$(verdict openat2)" bad
  try "$SUITE/probe" without mount_setattr 38 "$RUNTIME" --root "$ROOT" doctor --format json
  is "$(verdict mount_setattr)" note
}

@test "what a use needs counts, and of another use it does not" {
  try unshare -m sh -c 'mount -t tmpfs none /etc && exec "$0" --root "$1" doctor --format json --for rootless' "$RUNTIME" "$ROOT"
  exits 1
  is "$(verdict /etc/subuid)" bad
  try unshare -m sh -c 'mount -t tmpfs none /etc && exec "$0" --root "$1" doctor --format json --for docker' "$RUNTIME" "$ROOT"
  is "$(verdict /etc/subuid)" note
  attempt doctor --for nonsense
  exits 1
  has "$stderr" "rootless, kubernetes, docker, podman"
}

@test "an engine in whose configuration apus stands is told from one without" {
  try unshare -m sh -c 'mount -t tmpfs none /etc && mount -t tmpfs none /usr/local && mkdir -p /usr/local/bin /etc/docker &&
    touch /usr/local/bin/dockerd && printf "%s" "{\"runtimes\": {\"apus\": {}}}" >/etc/docker/daemon.json &&
    exec "$0" --root "$1" doctor --format json --for docker' "$RUNTIME" "$ROOT"
  is "$(verdict dockerd)" good
  try unshare -m sh -c 'mount -t tmpfs none /etc && mount -t tmpfs none /usr/local && mkdir -p /usr/local/bin /etc/docker &&
    touch /usr/local/bin/dockerd && mkfifo /etc/docker/daemon.json &&
    exec "$0" --root "$1" doctor --format json --for docker' "$RUNTIME" "$ROOT"
  exits 1
  is "$(verdict dockerd)" bad
}

@test "a state root that cannot be used is found, and one that is a link is followed" {
  chmod 777 "$ROOT"
  attempt doctor --format json
  exits 1
  is "$(verdict "state root")" bad
  chmod 700 "$ROOT"
  ln -s "$ROOT" "$BATS_TEST_TMPDIR/link"
  attempt --root "$BATS_TEST_TMPDIR/link" doctor --format json
  is "$(verdict "state root")" good
  is "$(find "$ROOT" -mindepth 1)" ""
}

@test "as text each row has its mark, what is missing has what mends it, and no colour is in a file" {
  attempt doctor
  has "$output" "✓ openat2" " looked at, "
  lacks "$output" $'\e'
}
