#!/bin/bash
# What a runtime takes with many containers, many creates at once and many mounts. Usage: scale.sh WORK RUNTIME…
# Part of run.sh, which makes WORK: bundles `run` and `idle`, the rootfs, and the program `usage`. CONTAINERS is their number (1000).
set -eu
work=$1
shift
count=${CONTAINERS:-1000}

median() { jq '.times | sort | .[length / 2 | floor] * 1e5 | round / 1e2'; }
milliseconds() { echo $((($(date +%s%N) - $1) / 10000)) | sed -E 's/(..)$/.\1/'; }

mkdir -p "$work/mounts" "$work/source"
jq --arg source "$work/source" '.mounts += [range(1000) | {destination: "/mnt/\(.)", type: "bind", source: $source, options: ["rbind", "ro"]}]' \
  "$work/run/config.json" >"$work/mounts/config.json"

# creates NAME COMMAND…: how long a hundred creates at once take, and how many failed.
creates() {
  local start i failed=0 pids=()
  start=$(date +%s%N)
  for i in {1..100}; do
    "$@" create --bundle "$work/idle" "many-$i" </dev/null >/dev/null 2>&1 &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i" || failed=$((failed + 1)); done
  echo "  100 creates at once: $(milliseconds "$start") ms, $failed failed"
  for i in {1..100}; do "$@" delete --force "many-$i" >/dev/null 2>&1 || :; done
}

commands() {
  local what
  for what in state "kill WINCH" exec; do
    case $what in
    state) set -- "$@" state c-1 ;;
    kill*) set -- "${@:1:3}" kill c-1 WINCH ;;
    exec) set -- "${@:1:3}" exec c-1 /bin/true ;;
    esac
    echo "    ${what% *}: $("$work/usage" 50 "$@" | median) ms" >&2
  done >/dev/null
}

# containers COMMAND…: state, kill and exec beside one container and beside many, and list of them.
containers() {
  local i
  "$@" run --detach --bundle "$work/idle" c-1 </dev/null >/dev/null 2>&1
  echo "  with one container:"
  commands "$@" 2>&1
  for ((i = 2; i <= count; i++)); do "$@" run --detach --bundle "$work/idle" "c-$i" </dev/null >/dev/null 2>&1; done
  echo "  with $count containers:"
  commands "$@" 2>&1
  "$work/usage" 5 "$@" list >"$work/listing"
  echo "    list: $(tail -n 1 "$work/listing" | median) ms"
  for ((i = 1; i <= count; i++)); do "$@" delete --force "c-$i" >/dev/null 2>&1 || :; done
}

for runtime in "$@"; do
  echo "$(basename "$runtime"):"
  command=("$runtime" --root "$work/scale-$(basename "$runtime")")
  echo "  run with 1,000 mounts: $("$work/usage" 3 "${command[@]}" run --bundle "$work/mounts" many | median) ms"
  creates "${command[@]}"
  containers "${command[@]}"
done
