#!/bin/bash
# Measures apus beside crun, runc and the floor in one run: medians of wall time, processor time and page
# faults, ratios, peak memory, system calls. Then at scale (scale.sh), unless SCALE=no.
# Usage: run.sh APUS. PEERS names a directory with crun and runc; without it Debian's newest are fetched.
# RUNS is the number of runs of each (60). Raw results: .build/bench/*.json. Needs root and a quiet machine.
set -eu
here=$(realpath "$(dirname "$0")")
apus=$(realpath "$1")
out=$PWD/.build/bench
peers=${PEERS:-$PWD/.build/peers}
mkdir -p "$out"
[ -n "${PEERS:-}" ] || "$here/peers.sh" "$peers"
if [ -z "${BENCH_VIEW:-}" ]; then
  # All of them on the same kind of host: a pure cgroup v2 one.
  BENCH_VIEW=1 PEERS=$peers exec "$here/../Tests/bats/v2view" "$here/run.sh" "$apus"
fi

# In rounds of ten, one runtime after the other: what disturbs the machine disturbs all of them.
rounds=$(((${RUNS:-60} + 9) / 10))
work=$(mktemp -d -p /dev/shm)
trap 'idle stop >/dev/null 2>&1; rm -rf "$work"' EXIT
labels=(apus crun runc)
declare -A runtime=([apus]=$apus [crun]=$peers/crun [runc]=$peers/runc)

make_bundles() {
  mkdir -p "$work/rootfs"/{bin,dev,proc,sys} "$work"/{run,seccomp,idle}
  cp "$(command -v busybox)" "$work/rootfs/bin/true"
  # Another file than what is measured: of one that a thousand processes have mapped the kernel takes longer to map each
  # page, for whoever starts it.
  cp "$work/rootfs/bin/true" "$work/rootfs/bin/sleep"
  gcc -O2 -static -o "$work/floor" "$here/floor.c"
  gcc -O2 -o "$work/usage" "$here/usage.c"
  echo 'int main(void) { return 0; }' | gcc -O2 -static -x c -o "$work/empty" -
  (cd "$work" && "$apus" spec && mv config.json spec.json)
  local base='.process.terminal = false | .root.path = $root'
  jq --arg root "$work/rootfs" "$base"' | .process.args = ["/bin/true"]' "$work/spec.json" >"$work/run/config.json"
  jq --arg root "$work/rootfs" "$base"' | .process.args = ["/bin/sleep", "6000"]' "$work/spec.json" >"$work/idle/config.json"
  jq --slurpfile profile /usr/share/containers/seccomp.json -f "$here/profile.jq" \
    "$work/run/config.json" >"$work/seccomp/config.json"
}

# measure NAME LABEL COMMAND…: ten runs more of this, without a shell.
measure() {
  local name=$1 label=$2
  shift 2
  timeout -s KILL 300 "$work/usage" 10 "$@" >"$work/round.json" 2>"$work/log" ||
    { echo "$name $label failed:"; cat "$work/log"; exit 1; }
  jq -c --arg name "$name" --arg who "$label" '{name: $name, who: $who} + .' "$work/round.json" >>"$work/times"
}

measure_all() {
  local label bin
  measure start-up empty "$work/empty"
  measure run floor "$work/floor" "$work/rootfs" /sys/fs/cgroup
  for label in "${labels[@]}"; do
    bin="${runtime[$label]} --root $work/state-$label"
    measure start-up "$label" "${runtime[$label]}" --version
    measure run "$label" $bin run --bundle "$work/run" bench
    measure seccomp "$label" $bin run --bundle "$work/seccomp" bench
    printf '#!/bin/sh\n%s\n%s\n%s\n' "$bin create --bundle $work/run bench" "$bin start bench" \
      "exec $bin delete --force bench" >"$work/lifecycle-$label"
    chmod +x "$work/lifecycle-$label"
    measure lifecycle "$label" "$work/lifecycle-$label"
    measure exec "$label" $bin exec "idle-$label" /bin/true
  done
}

idle() {
  local label
  for label in "${labels[@]}"; do
    case $1 in
    start) "${runtime[$label]}" --root "$work/state-$label" run --detach --bundle "$work/idle" "idle-$label" </dev/null >"$work/log" 2>&1 || { cat "$work/log"; exit 1; } ;;
    stop) "${runtime[$label]}" --root "$work/state-$label" delete --force "idle-$label" ;;
    esac
  done
}

# Of the runtime and everything it waited for.
peak_memory() {
  /usr/bin/time -f %M -o "$work/peak" "${runtime[$1]}" --root "$work/state-$1" run --bundle "$work/run" bench
  tail -n 1 "$work/peak"
}

system_calls() {
  timeout -s KILL 60 strace -f -c -U calls,name -o "$work/calls" "${runtime[$1]}" --root "$work/state-$1" run --bundle "$work/run" bench
  awk '$2 == "total" {print $1}' "$work/calls"
}

report() {
  jq -s --argjson extra "$(cat "$work/extra")" '
    def median: sort | (.[length / 2 | floor] + .[(length - 1) / 2 | floor]) / 2;
    def medians(what): group_by(.name) | map({key: .[0].name, value: (group_by(.who)
      | map({key: .[0].who, value: (map(what[]) | median)}) | from_entries)}) | from_entries;
    def milliseconds: map_values(map_values(. * 1e6 | round / 1e3));
    {medians: (medians(.times) | milliseconds), processor: (medians(.processor) | milliseconds),
      faults: medians(.faults)} + $extra' "$work/times" >"$out/summary.json"
  jq -s 'group_by([.name, .who]) | map({name: .[0].name, runtime: .[0].who, times: map(.times[]),
    processor: map(.processor[]), faults: map(.faults[])})' \
    "$work/times" >"$out/times.json"
  jq -r '
    def ratio($row; $peer): if $row[$peer] then "\($row.apus / $row[$peer] * 100 | round / 100) x \($peer)" else empty end;
    . as $all | (.medians | to_entries[] | .key as $name | .value as $row
      | "\($name): apus \($row.apus) ms, processor \($all.processor[$name].apus) ms, \($all.faults[$name].apus) page faults",
      (["empty", "floor", "crun", "runc"][] | select($row[.])
      | "  \(.) \($row[.]) ms, processor \($all.processor[$name][.]) ms, \($all.faults[$name][.]) page faults: apus takes "
        + "\(ratio($row; .)), \(ratio($all.processor[$name]; .)) of the processor")),
    (.memory | "peak memory of run (KiB): \(tojson), apus \(ratio(.; "crun"))"),
    (.calls | "system calls of run: \(tojson), apus \(ratio(.; "crun"))"),
    "binary: \(.binary) bytes"' "$out/summary.json"
}

make_bundles
idle start
for ((round = 0; round < rounds; round++)); do measure_all; done

for label in "${labels[@]}"; do
  jq -cn --arg who "$label" --argjson memory "$(peak_memory "$label")" --argjson calls "$(system_calls "$label")" \
    '{memory: {($who): $memory}, calls: {($who): $calls}}'
done | jq -s --argjson binary "$(stat -c %s "$apus")" \
  '{memory: (map(.memory) | add), calls: (map(.calls) | add), binary: $binary}' >"$work/extra"
report
idle stop >/dev/null
[ "${SCALE:-}" = no ] || "$here/scale.sh" "$work" "$apus" "$peers/crun" "$peers/runc" | tee "$out/scale.txt"
echo "raw results: $out"
