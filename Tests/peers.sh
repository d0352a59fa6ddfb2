#!/bin/bash
# peers.sh TAP: the conformance suite on crun and runc, beside what it gave for apus: .build/conformance-results.md. What
# does not hold there is told, and is no failure of this project; that the suite breaks off is, and a table in docs/
# that does not name every check. PEERS is a directory with the two; without them Debian's newest are fetched.
set -eu
cd "$(dirname "$0")/.."
peers=${PEERS:-.build/peers}
bench/peers.sh "$peers" || peers=/usr/bin
TAP_DIR=$(mktemp -d) SUITE_SECONDS=700
export TAP_DIR SUITE_SECONDS
trap 'rm -rf "$TAP_DIR"' EXIT
cp "$1" "$TAP_DIR/apus.tap"
conformance/results .build/release/apus "$peers/crun" "$peers/runc" >.build/conformance-results.md
checks() { sed -nE '/^## Every check/,$s/^\| ([^|]*) \|.*/\1/p' "$1"; }
diff <(checks docs/conformance-results.md) <(checks .build/conformance-results.md)
