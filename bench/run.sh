#!/bin/bash
# Times apus beside the peers in one run and prints medians and ratios. Usage: run.sh APUS
# PEERS names a directory with crun and runc; without it those in PATH are taken. RUNS defaults to 50.
set -eu
apus=$(realpath "$1")
runs=${RUNS:-50}
out=$PWD/.build/bench
work=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/bundle/rootfs"/{bin,dev,proc,sys}
cp "$(command -v busybox)" "$work/bundle/rootfs/bin/true"
echo 'int main(void) { return 0; }' >"$work/c.c"
gcc -O2 -static -o "$work/c" "$work/c.c"
cd "$work/bundle"
"$apus" spec
jq '.process.terminal = false | .process.args = ["/bin/true"]' config.json >next
mv next config.json

declare -A runtime=([apus]=$apus)
for name in crun runc; do
  if [ -n "${PEERS:-}" ] && [ -x "$PEERS/$name" ]; then runtime[$name]=$PEERS/$name
  elif command -v "$name" >/dev/null; then runtime[$name]=$(command -v "$name"); fi
done

# measure NAME LABEL COMMAND…: hyperfine without a shell, raw JSON kept.
measure() {
  local name=$1 label=$2
  shift 2
  hyperfine -N --warmup 5 --runs "$runs" --export-json "$out/$name-$label.json" "$*" >/dev/null 2>&1 || { echo "$name $label: failed"; return; }
  jq -r --arg n "$name" --arg l "$label" '"\($n) \($l): median \(.results[0].median * 1e5 | round / 100) ms"' "$out/$name-$label.json"
}

measure start-up c "$work/c"
for label in "${!runtime[@]}"; do
  bin=${runtime[$label]}
  measure start-up "$label" "$bin" --version
  measure run "$label" "$bin" --root "$work/$label" run bench
  jq '.process.args = ["/bin/sleep", "600"]' config.json >"$work/sleep.json"
done
ln -s true rootfs/bin/sleep
mkdir "$work/idle"
jq '.root.path = "'"$PWD"'/rootfs"' "$work/sleep.json" >"$work/idle/config.json"
for label in "${!runtime[@]}"; do
  bin=${runtime[$label]}
  "$bin" --root "$work/$label" run -d --bundle "$work/idle" idle </dev/null >/dev/null 2>&1 || continue
  measure exec "$label" "$bin" --root "$work/$label" exec idle /bin/true
  "$bin" --root "$work/$label" delete --force idle
done
for name in start-up run exec; do
  for peer in c crun runc; do
    [ -f "$out/$name-$peer.json" ] && [ -f "$out/$name-apus.json" ] || continue
    jq -rn --slurpfile a "$out/$name-apus.json" --slurpfile q "$out/$name-$peer.json" --arg n "$name" --arg peer "$peer" \
      '"\($n): apus takes \((100 * $a[0].results[0].median / $q[0].results[0].median) | round / 100) times \($peer)"'
  done
done
stat -c 'binary: %s bytes' "$apus"
