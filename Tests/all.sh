#!/bin/bash
# Every test there is, each part's result kept, and one line at the end that says how many held.
set -u
cd "$(dirname "$0")/.."
logs=.build/test-logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0

# runs NAME COMMAND…: with its output kept, which is shown where it fails.
runs() {
  local name=$1
  shift
  echo "== $name"
  if timeout -s KILL 1500 "$@" >"$logs/$name.log" 2>&1 </dev/null; then return; fi
  echo "-- $name failed:"
  tail -n 60 "$logs/$name.log"
  return 1
}

# part NAME COMMAND…: one check that passes or fails as a whole.
part() {
  if runs "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# needs NAME COMMAND…: what the checks below are made with, which is none: only where it fails it counts.
needs() {
  runs "$@" || failed=$((failed + 1))
}

# suite NAME COMMAND…: TAP on standard output, counted line by line.
suite() {
  local name=$1 ok bad skip
  shift
  echo "== $name"
  timeout -s KILL 1500 "$@" >"$logs/$name.tap" 2>"$logs/$name.err" </dev/null
  ok=$(grep -c '^ok ' "$logs/$name.tap")
  bad=$(grep -c '^not ok ' "$logs/$name.tap")
  skip=$(grep -c '^ok .*# skip' "$logs/$name.tap")
  # Fewer lines than announced: the suite itself broke off.
  local plan
  plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$logs/$name.tap")
  if [ $((ok + bad)) -ne "${plan:-1}" ]; then
    bad=$((bad + 1))
    echo "-- $name broke off after $((ok + bad - 1)) of ${plan:-an unknown number of} tests"
    tail -n 20 "$logs/$name.err"
  fi
  passed=$((passed + ok - skip)) failed=$((failed + bad)) skipped=$((skipped + skip))
  grep '# skip' "$logs/$name.tap"
  sed -n '/^not ok /,/^ok /{/^ok /!p}' "$logs/$name.tap" | head -n 200
}

part lint swift format lint --strict -r Sources Tests Package.swift
part requirements Tests/requirements.py
part archives Tests/archives.sh
part unit swift test
# Tests that were skipped, with their reasons.
skipped=$((skipped + $(grep -cE '^[^ ]+ (Suite|Test) .* skipped' "$logs/unit.log")))
grep -E '^[^ ]+ (Suite|Test) .* skipped' "$logs/unit.log"
part allocator Tests/allocator.sh
part release swift build -c release --product apus
part full-runtime env APUS_RUNTIME=full swift build -c release --product apus --scratch-path .build-full
# What is kept, without luck: `make fuzz` looks for more.
part fuzz Tests/Fuzz/run 0
part schema Tests/schema.py .build/release/apus
part hello Tests/hello.sh .build/release/apus
part package packaging/test .build/release/apus
part costs Tests/costs .build/release/apus
needs criu bench/peers.sh .build/criu criu
suite bats bats --tap Tests/bats
suite faults conformance/faults/run .build/release/apus
suite bats-v2 Tests/bats/v2view bats --tap Tests/bats/lifecycle.bats
suite bats-5.10 Tests/bats/linux510 bats --tap Tests/bats/lifecycle.bats Tests/bats/namespaces.bats
suite vm conformance/vm/test .build/release/apus
for engine in podman buildah containerd cri docker swarm; do
  suite "$engine" conformance/engines/run "$engine"
done
# Kubernetes drives a containerd that is newer than this Debian's.
needs containerd-2 bench/peers.sh .build/containerd containerd
suite cri-2 env CONTAINERD="$PWD/.build/containerd" CRIU="$PWD/.build/criu" conformance/engines/run cri pods
suite checkpoints env CRIU="$PWD/.build/criu" conformance/engines/run podman-checkpoint containerd-checkpoint
suite conformance conformance/run
part peers Tests/peers.sh "$logs/conformance.tap"
sed -n '/^| runtime |/,/^$/p' .build/conformance-results.md

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
