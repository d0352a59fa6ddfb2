#!/usr/bin/env bats
# How a container ended, told while it is there and after it is gone.

load helpers

local_setup() { unlike "runc crun" "does not tell it"; }

# story FILTER: what `explain` says of the container, as JSON.
story() { rt explain --format json "${2:-$ID}" | jq -c "$1"; }

kept() { find "$ROOT/.failures" -mindepth 1 "$@" | wc -l; }

without_pid_namespace() {
  config '.linux.namespaces |= map(select(.type != "pid")) | .mounts |= map(select(.type != "proc"))
    | del(.linux.maskedPaths, .linux.readonlyPaths)'
}

@test "a failed run is told after it is gone: the error, its code, where it stands, what to do" {
  args /bin/nosuch
  attempt run --bundle "$BUNDLE" "$ID"
  exits 1
  line=$stderr
  is "$(rt list -q)" ""
  attempt explain "$ID"
  exits 0
  has "$output" "container \`$ID\` is gone" "run failed" "error    exec: \"/bin/nosuch\"" "exec-absent" "bundle   $BUNDLE"
  is "$(story '[.status, .records[0].command, .records[0].failure.code]')" '["gone","run","exec-absent"]'
  is "$(rt explain --format json "$ID" | jq -r '.records[0].failure.msg')" "$line"
  config '.process.args = "true"'
  attempt create --bundle "$BUNDLE" "$ID"
  is "$(story '[.records[1].failure | .pointer, .code, .line > 1, .column > 1]')" '["/process/args","config-type",true,true]'
  is "$(stat -c '%a %u' "$ROOT/.failures")" "700 0"
  is "$(stat -c '%a' "$ROOT"/.failures/* | sort -u)" 600
}

@test "a failed start and a failed exec are told, of the container that is there" {
  printf '#!/bin/nosuch\n' >"$BUNDLE/rootfs/script"
  chmod 755 "$BUNDLE/rootfs/script"
  args /script
  create
  attempt start "$ID"
  exits 1
  attempt explain "$ID"
  has "$output" "is stopped" "start failed" exec-interpreter
  is "$(rt state "$ID" | jq -r .end.failure.code)" exec-interpreter
  rt delete "$ID"
  args sleep 100
  launch
  for ((i = 0; i < 5; i++)); do
    attempt exec "$ID" /bin/nosuch
    exits 255
  done
  # A probe that fails every few seconds keeps one record.
  is "$(story '[.status, ([.records[] | select(.command == "exec")] | length)]')" '["running",1]'
  is "$(rt state "$ID" | jq .end)" null
}

@test "a program that ended with a status or by a signal: which, when and how long it ran" {
  shell 'sleep 0.1; exit 3'
  foreground
  exits 3
  is "$stderr" ""
  is "$(story '.records[0] | [.end.exitStatus, .end.milliseconds >= 90, .end.milliseconds < 20000, (.end.started < .end.ended), (.created | length > 20)]')" \
    '[3,true,true,true,true]'
  without_pid_namespace
  shell 'kill -SEGV $$'
  foreground
  exits 139
  [[ $stderr =~ ^"warning: the program was killed by SIGSEGV after "[0-9]+" ms"$ ]] || fail "$stderr"
  is "$(story '.records[1].end | [.signal, .signalName, .coreDumped]')" '[11,"SIGSEGV",false]'
  has "$(rt explain "$ID")" "killed by SIGSEGV after "
}

@test "a program that left a core is said to have left one" {
  [[ $(cat /proc/sys/kernel/core_pattern) != '|'* ]] || skip "cores go to a program here"
  without_pid_namespace
  config '.process.rlimits = [{type: "RLIMIT_CORE", soft: 1048576, hard: 1048576}] | .process.cwd = "/tmp"'
  shell 'kill -ABRT $$'
  foreground
  exits 134
  [ -n "$(find "$BUNDLE/rootfs" -name 'core*')" ] || skip "this kernel writes no core here"
  has "$stderr" "killed by SIGABRT after " "core dumped"
  is "$(story '.records[0].end.coreDumped')" true
}

@test "a seccomp filter that kills: the system call that it killed for" {
  [ -r /dev/kmsg ] && dmesg >/dev/null || skip "the kernel's log cannot be read here"
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_KILL_PROCESS"}]}'
  args mkdir /tmp/x
  foreground
  exits 159
  has "$stderr" "killed by SIGSYS" "killed it for the call mkdir"
  is "$(story '.records[0].end.seccompCall | startswith("mkdir")')" true
}

@test "success leaves nothing, and what people send to end a program is no warning" {
  args true
  foreground
  exits 0
  launch
  rt delete --force "$ID"
  [ ! -e "$ROOT/.failures" ] || fail "something is kept"
  attempt explain "$ID"
  exits 1
  has "$stderr" "neither a code nor a container below $ROOT"
  without_pid_namespace
  shell 'kill -TERM $$'
  foreground
  exits 143
  is "$stderr" ""
}

@test "a container that was kept says how it ended, in state and in explain" {
  shell 'exit 4'
  attempt run --keep --bundle "$BUNDLE" "$ID"
  exits 4
  is "$(rt state "$ID" | jq -c '[.status, .end.exitStatus, (.end.ended | length > 20)]')" '["stopped",4,true]'
  has "$(rt explain "$ID")" "is stopped" "exit status 4 after "
  rt delete "$ID"
  args true
  attempt run --keep --bundle "$BUNDLE" "$ID"
  exits 0
  is "$(rt state "$ID" | jq -c .end.exitStatus)" 0
}

@test "a detached container: its status while its parent has not asked for it, and else that nobody knows" {
  shell 'exit 5'
  # A parent that does not wait, as an engine that hangs.
  cat >"$BATS_TEST_TMPDIR/parent.py" <<'PY'
import ctypes, subprocess, sys, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, check=True)
time.sleep(60)
PY
  python3 "$BATS_TEST_TMPDIR/parent.py" "$RUNTIME" --root "$ROOT" run --detach --bundle "$BUNDLE" "$ID" 3>&- &
  BACKGROUND+=($!)
  eventually has_status stopped
  is "$(rt state "$ID" | jq .end.exitStatus)" 5
  rt delete "$ID"
  is "$(story '.records[0] | [.command, .end.exitStatus]')" '["delete",5]'
  python3 - "$RUNTIME" --root "$ROOT" run --detach --bundle "$BUNDLE" "$ID-b" <<'PY' 3>&-
import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, check=True)
os.wait()
PY
  is "$(rt state "$ID-b" | jq -c '[.status, .end.exitStatus, (.end.note | length > 20)]')" '["stopped",null,true]'
  has "$(rt explain "$ID-b")" "the exit status is not known"
  rt delete "$ID-b"
}

@test "the 64 newest records are kept, each of 4096 bytes at most, whoever writes at the same time" {
  mkdir -m 700 "$ROOT/.failures"
  printf '{}' >"$ROOT/.failures/0-0-0"
  config '.process.args = ["/" + "x" * 3000, "y" * 5000] | .hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "printf %4000s x >&2; exit 1"]}]}'
  for ((i = 0; i < 8; i++)); do
    for ((j = 0; j < 9; j++)); do
      detached rt create --bundle "$BUNDLE" "$ID-$i-$j" 2>/dev/null || :
    done &
  done
  wait
  is "$(kept)" 64
  is "$(kept -size +4096c)" 0
  is "$(kept -name '*.new')" 0
  [ ! -e "$ROOT/.failures/0-0-0" ] || fail "the oldest is still there"
  is "$(story '.records | length' "$ID-7-8")" 1
}

@test "neither a stranger's directory nor records of a moment to come keep the newest from being kept" {
  local i
  mkdir -m 700 "$ROOT/.failures"
  mkdir -p "$ROOT/.failures/000dir/x" "$ROOT/.failures/00000000000000000000-1-1"
  # As after the clock was set back.
  for ((i = 100; i < 170; i++)); do printf '{}' >"$ROOT/.failures/09999999999999999$i-00000000000000000001-$i"; done
  for ((i = 0; i < 70; i++)); do printf '{}' >"$ROOT/.failures/00000000000000000$i-00000000000000000001-$i"; done
  args /bin/nosuch
  attempt run --bundle "$BUNDLE" "$ID"
  exits 1
  is "$(kept -maxdepth 1 -type f)" 64
  is "$(story '.records | length' "$ID")" 1
  is "$(kept -name '09999*')" 0
  [ -d "$ROOT/.failures/000dir/x" ]
}

@test "what is kept is read as what a stranger may have written" {
  args /bin/nosuch
  foreground
  file=$(echo "$ROOT"/.failures/*)
  cp "$file" "$BATS_TEST_TMPDIR/good"
  # A text that would move the cursor, and forge a line.
  jq -c '.failure.msg = "\u001b[2J\nforged" | .command = "\u001b[1m" | .time = "\nx"' "$BATS_TEST_TMPDIR/good" >"$file"
  attempt explain "$ID"
  exits 0
  lacks "$output" $'\e' $'\nforged'
  for what in 'mkfifo "$file"' 'ln -s "$BATS_TEST_TMPDIR/good" "$file"' 'mkdir "$file"' \
    'head -c 4097 /dev/zero >"$file"' 'printf "[[[[" >"$file"' 'printf 1 >"$file"' 'printf "{\"end\": 3}" >"$file"' \
    'jq ".id = \"other\"" "$BATS_TEST_TMPDIR/good" >"$file"'; do
    rm -rf "$file"
    eval "$what"
    attempt explain "$ID"
    [ "$status" -eq 1 ] || fail "$what: $status $output"
    rmdir "$file" 2>/dev/null || :
  done
  # A directory that is not ours alone, or a link to one.
  rm -rf "$ROOT/.failures"
  mkdir -m 777 "$BATS_TEST_TMPDIR/elsewhere"
  ln -s "$BATS_TEST_TMPDIR/elsewhere" "$ROOT/.failures"
  foreground
  exits 1
  has "$stderr" "/bin/nosuch"
  rm "$ROOT/.failures"
  mkdir "$ROOT/.failures"
  chmod 777 "$ROOT/.failures"
  foreground
  is "$(ls -A "$ROOT/.failures" "$BATS_TEST_TMPDIR/elsewhere" | grep -v :)" ""
}

@test "a state root that is full or read-only does not hide the first error" {
  mkdir "$BATS_TEST_TMPDIR/small"
  args /bin/nosuch
  # shellcheck disable=SC2016
  try unshare -m bash -c 'mount -t tmpfs -o size=64k,mode=700 tmpfs "$1" && mkdir -m 700 "$1/root" || exit 9
    cat /dev/zero >"$1/full" 2>/dev/null
    exec "$2" --root "$1/root" run --bundle "$3" x </dev/null' - "$BATS_TEST_TMPDIR/small" "$RUNTIME" "$BUNDLE"
  exits 1
  has "$stderr" "the filesystem of the state root is full"
  is "$(wc -l <<<"$stderr")" 1
  rm -f "$BUNDLE/config.json"
  # shellcheck disable=SC2016
  try unshare -m bash -c 'mount -t tmpfs -o ro,mode=700 tmpfs "$1" && "$2" --root "$1" run --bundle "$3" x </dev/null' - \
    "$BATS_TEST_TMPDIR/small" "$RUNTIME" "$BUNDLE"
  exits 1
  has "$stderr" "config.json" "is \`$BUNDLE\` the bundle?"
  is "$(wc -l <<<"$stderr")" 1
}

@test "a word that is a code is explained as one, also where a container is called so" {
  args /bin/nosuch
  attempt run --bundle "$BUNDLE" exec-mode
  attempt explain exec-mode
  has "$output" "The mode of the file"
  is "$(rt explain --format json exec-mode | jq -r .code)" exec-mode
  [ "$(rt explain --format json --list | jq length)" = "$(rt explain --list | wc -l)" ] || fail "the lists differ"
  has "$(rt explain --help)" "[CODE|ID]" "Any other argument is the"
}

@test "of a container whose create was killed explain and state say that its program was never started" {
  config '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "5"]}]'
  "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- &
  local pid=$!
  eventually has_status creating
  kill -KILL "$pid"
  wait "$pid" || :
  eventually has_status stopped
  has "$(rt explain "$ID")" "its create was killed, and the program was never started"
  has "$(rt state "$ID" | jq -r .end.note)" "its create was killed"
  rt delete --force "$ID"
}
