load helpers

local_setup() {
  LOG=$BATS_TEST_TMPDIR/log
  : >"$LOG"
  # The container's own hook writes to the same place through a mount.
  config '.mounts += [{destination: "/out", source: $s, type: "none", options: ["rbind"]}]' --arg s "$BATS_TEST_TMPDIR"
  args sleep 100
}

# hook KIND SCRIPT [JSON]: adds a hook that runs a shell script.
hook() {
  config '.hooks[$kind] += [{path: "/bin/sh", args: ["sh", "-c", $script]} + $more]' \
    --arg kind "$1" --arg script "$2" --argjson more "${3-{\}}"
}

logged() {
  is "$(tr '\n' ' ' <"$LOG")" "$1"
}

@test "LC-3 LC-4 LC-5 LC-7 LC-9 LC-13 HK-6: the hooks of each kind run in their order, when their time has come" {
  unlike "runc crun" "runs poststart too early"
  local kind
  for kind in prestart createRuntime createContainer poststart poststop; do
    hook $kind "echo $kind.1 >>$LOG"
    hook $kind "echo $kind.2 >>$LOG"
  done
  hook startContainer 'echo startContainer >>/out/log'
  create
  logged 'prestart.1 prestart.2 createRuntime.1 createRuntime.2 createContainer.1 createContainer.2 '
  : >"$LOG"
  start
  logged 'startContainer poststart.1 poststart.2 '
  : >"$LOG"
  rt delete --force "$ID"
  logged 'poststop.1 poststop.2 '
}

@test "LC-8: a run goes through all hooks" {
  args true
  hook prestart "echo prestart >>$LOG"
  hook poststart "echo poststart >>$LOG"
  hook poststop "echo poststop >>$LOG"
  foreground
  exits 0
  logged 'prestart poststart poststop '
}

@test "HK-6 ST-3 ST-4 ST-5 ST-6: each hook reads the state on its stdin, with status and pid as it sees them" {
  unlike "runc crun" "has another status or pid for some of them"
  config '.annotations = {"key": "value"}'
  local kind
  for kind in prestart createRuntime createContainer poststart poststop; do
    hook $kind "cat >$BATS_TEST_TMPDIR/$kind"
  done
  hook startContainer 'cat >/out/startContainer'
  launch
  local pid
  pid=$(pid_of)
  rt delete --force "$ID"
  local want
  for want in prestart:creating:$pid createRuntime:creating:$pid createContainer:creating:1 startContainer:created:1 \
    poststart:running:$pid poststop:stopped:0; do
    is "${want%%:*}:$(jq -r '"\(.status):\(.pid // 0)"' "$BATS_TEST_TMPDIR/${want%%:*}")" "$want"
    is "$(jq -r '.id, .bundle, .annotations.key' "$BATS_TEST_TMPDIR/${want%%:*}")" "$ID
$BUNDLE
value"
    matches "$(jq -r .ociVersion "$BATS_TEST_TMPDIR/${want%%:*}")" '^1\.[0-9]+\.[0-9]+'
  done
}

@test "LC-4 LC-5 HK-11: createRuntime stands on the host, createContainer in the container, both before the change of root" {
  hook createRuntime "echo \"\$(readlink /proc/self/ns/mnt) \$(hostname)\" >>$LOG; test -e $BUNDLE/config.json"
  hook createContainer "echo \"\$(readlink /proc/self/ns/mnt) \$(hostname)\" >>$LOG; test -e $BUNDLE/config.json; cat /proc/self/mountinfo >$BATS_TEST_TMPDIR/seen"
  config '.hostname = "inside"'
  create
  local host container
  host=$(readlink /proc/self/ns/mnt)
  container=$(readlink "/proc/$(pid_of)/ns/mnt")
  is "$(sed -n '1s/ .*//p' "$LOG")" "$host"
  is "$(sed -n '2s/ .*//p' "$LOG")" "$container"
  grep -q "$BUNDLE/rootfs/proc" "$BATS_TEST_TMPDIR/seen"
}

@test "LC-7 HK-12: startContainer stands inside, as the user, with the program's directory and environment" {
  config '.process.user = {uid: 1000, gid: 1000} | .process.cwd = "/home/user" | .process.env += ["MINE=1"]'
  mkdir -m 777 "$BATS_TEST_TMPDIR/open"
  hook startContainer 'id -u >/out/open/id; pwd >/out/open/cwd; hostname >/out/open/name; echo "$MINE" >/out/open/env'
  config '.hostname = "inside"'
  launch
  is "$(cat "$BATS_TEST_TMPDIR"/open/{id,cwd,name,env})" '1000
/home/user
inside
1'
}

@test "HK-12: startContainer runs under the container's seccomp filter" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]}'
  hook startContainer 'mkdir /out/made 2>/dev/null; true'
  launch
  [ ! -e "$BATS_TEST_TMPDIR/made" ]
}

@test "HK-10 AN-5: annotations name files for what hooks of the host write" {
  unlike runc "does not know them"
  unlike crun "has the others in them too"
  local kind
  for kind in prestart createRuntime poststart poststop; do hook $kind "echo $kind; echo $kind >&2"; done
  hook createContainer 'echo inside'
  config '.annotations = {"run.oci.hooks.stdout": $log, "run.oci.hooks.stderr": ($log + ".errors")}' --arg log "$LOG"
  launch
  rt delete --force "$ID"
  logged 'prestart createRuntime poststart poststop '
  is "$(cat "$LOG.errors")" "$(cat "$LOG")"
  config '.annotations["run.oci.hooks.stdout"] = "/no/such/directory/file"'
  refused /hooks/prestart/0 /no/such/directory/file
  no_phrase
}

@test "HK-1: a path that is not absolute is refused, and none is looked up in PATH" {
  unlike "crun" "takes it"
  config '.hooks.prestart = [{path: "sh", args: ["sh", "-c", "true"]}]'
  if [ "$RUNTIME_NAME" = runc ]; then refused; else refused hooks; fi
}

@test "HK-1 HK-7: a hook that does not exist, or cannot be executed, fails create" {
  config '.hooks.createRuntime = [{path: "/no/such/hook"}]'
  refused /no/such/hook
  # engines would take these words for a missing program of the container
  is_peer || lacks "${stderr,,}" "executable file not found"
  touch "$BATS_TEST_TMPDIR/plain"
  config '.hooks.createRuntime = [{path: $p}]' --arg p "$BATS_TEST_TMPDIR/plain"
  refused "$BATS_TEST_TMPDIR/plain"
}

@test "HK-2: args are the whole argv; without them argv is the path" {
  cat >"$BATS_TEST_TMPDIR/show" <<'END'
#!/bin/sh
tr '\0' '|' </proc/$$/cmdline >>"${0%/*}/log"
END
  chmod 755 "$BATS_TEST_TMPDIR/show"
  config '.hooks.createRuntime = [{path: $p, args: ["other name", "a b", ""]}, {path: $p}]' --arg p "$BATS_TEST_TMPDIR/show"
  create
  has "$(cat "$LOG")" "$BATS_TEST_TMPDIR/show|a b||" "/bin/sh|$BATS_TEST_TMPDIR/show|"
}

@test "HK-3: env is the whole environment, also when it is empty" {
  local kind
  for kind in prestart createContainer poststart; do
    hook $kind "env | grep -v -e ^PWD -e ^_ -e ^SHLVL -e ^OLDPWD | sort | tr '\n' ' ' >>$LOG; echo >>$LOG" '{"env": ["A=1", "B=2"]}'
    hook $kind "env | grep -v -e ^PWD -e ^_ -e ^SHLVL -e ^OLDPWD | sort | tr '\n' ' ' >>$LOG; echo >>$LOG" '{"env": []}'
  done
  HOSTSECRET=1 launch
  is "$(cat "$LOG")" 'A=1 B=2 

A=1 B=2 

A=1 B=2 '
}

@test "HK-3 T24: without env a hook on the host never sees the program's environment (CVE-2025-23266)" {
  config '.process.env += ["LD_PRELOAD=/evil.so", "EVIL=1"]'
  local kind
  for kind in prestart createRuntime createContainer poststart poststop; do
    hook $kind "env >>$LOG"
  done
  launch
  rt delete --force "$ID"
  lacks "$(cat "$LOG")" EVIL LD_PRELOAD
}

@test "HK-4: a timeout that is not above zero is refused" {
  unlike "runc crun" "takes it"
  local timeout
  for timeout in 0 -1; do
    config '.hooks.prestart = [{path: "/bin/true", timeout: $t}]' --argjson t "$timeout"
    refused /hooks/prestart/0/timeout
  done
}

@test "HK-5: a hook that does not end in time is killed, and counts as failed" {
  unlike "runc" "waits for what the hook left behind"
  hook prestart 'trap "" TERM; sleep 30' '{"timeout": 1}'
  local began=$SECONDS
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  ((SECONDS - began < 10)) || fail "waited $((SECONDS - began)) seconds"
  is_peer || has "$stderr" prestart
}

@test "HK-6: a hook that does not read its stdin does no harm, however large the state is" {
  config '.annotations = {"big": ("x" * 300000)}'
  hook createRuntime true
  hook createRuntime "wc -c >$LOG"
  create
  [ "$(cat "$LOG")" -gt 300000 ]
}

@test "HK-7 HK-8 LC-F: a hook that fails in create undoes it, runs poststop, and is named with its status" {
  unlike "runc crun" "does not run poststop, or says less"
  local kind
  for kind in prestart createRuntime createContainer; do
    config '.hooks = {}'
    : >"$LOG"
    hook $kind "echo first >>$LOG"
    hook $kind 'echo what went wrong >&2; exit 7'
    hook $kind "echo third >>$LOG"
    hook poststop "echo poststop >>$LOG"
    attempt create --bundle "$BUNDLE" "$ID"
    exits 1
    has "$stderr" "$kind" 7
    is "$(wc -l <"$BATS_TEST_TMPDIR/stderr")" 1
    logged 'first poststop '
    nothing_left
  done
}

@test "HK-7: a hook that a signal ends has failed" {
  hook createRuntime 'kill -KILL $$'
  refused createRuntime
}

@test "HK-8 LC-7: a startContainer hook that fails keeps the program from running and reaches start" {
  unlike "runc crun" "start does not see it"
  args touch /out/ran
  hook startContainer 'exit 3'
  hook poststop "echo poststop >>$LOG"
  create
  attempt start "$ID"
  exits 1
  has "$stderr" startContainer
  [ ! -e "$BATS_TEST_TMPDIR/ran" ]
  rt delete --force "$ID"
  logged 'poststop '
}

@test "LC-9 OP-13: a container whose start failed is stopped when start returns, so that delete takes it" {
  unlike "runc crun" "has other words"
  # Memory takes a while to be given back.
  config '.hooks.poststart = [{path: "/bin/sh", args: ["sh", "-c", "sleep 0.4; false"]}]'
  args dd if=/dev/zero of=/dev/null bs=400M
  local i
  for i in {1..3}; do
    create
    attempt start "$ID"
    exits 1
    rt delete "$ID" || { fail "delete $i"; return; }
  done
}

@test "HK-8 LC-9: a poststart hook that fails stops the container and fails start" {
  unlike "runc crun" "has other ways to fail"
  hook poststart 'exit 3'
  hook poststop "echo poststop >>$LOG"
  create
  attempt start "$ID"
  exits 1
  [ "$RUNTIME_NAME" = runc ] || has "$stderr" "ost"
  eventually '[ ! -d "$CGROUP" ] || [ -z "$(cat "$CGROUP/cgroup.procs")" ]'
  rt delete --force "$ID"
  logged 'poststop '
}

@test "HK-9 LC-13: a poststop hook that fails is a warning; the next one runs and delete succeeds" {
  unlike "crun" "dies of a closed pipe"
  unlike runc "stops at the first one"
  hook poststop "echo first >>$LOG; exit 1"
  hook poststop "echo second >>$LOG"
  launch
  rt kill "$ID" KILL
  eventually has_status stopped
  attempt delete "$ID"
  exits 0
  logged 'first second '
  nothing_left
}

@test "HK-9 LC-13: a deletion that fails after the poststop hooks does not run them again when it is repeated" {
  unlike "runc crun" "has no record of them"
  hook poststop "echo poststop.1 >>$LOG"
  # What is mounted there is not the runtime's to remove.
  hook poststop "echo poststop.2 >>$LOG; mkdir $ROOT/$ID/1; mount -t tmpfs held $ROOT/$ID/1"
  create
  attempt delete "$ID"
  exits 1
  attempt delete "$ID"
  exits 1
  umount "$ROOT/$ID/1"
  rt delete "$ID"
  logged 'poststop.1 poststop.2 '
}

@test "HK-9 LC-13: after a deletion that was killed only the poststop hook that was running runs again" {
  unlike "runc crun" "has no record of them"
  hook poststop "echo poststop.1 >>$LOG"
  hook poststop "echo poststop.2 >>$LOG; [ ! -e $LOG.first ] || exit 0; echo >$LOG.first; sleep 100"
  create
  "$RUNTIME" --root "$ROOT" delete "$ID" </dev/null >"$OUT" 2>"$ERR" 3>&- &
  BACKGROUND+=("$!")
  eventually test -e "$LOG.first"
  kill -KILL "$!"
  wait "$!" || :
  rt delete "$ID"
  logged 'poststop.1 poststop.2 poststop.2 '
}

@test "HK-10 T24: a hook has its stdio and no descriptor of the runtime, and default signals" {
  unlike "runc crun" "keeps ignored signals"
  cp "$SUITE/probe" "$BATS_TEST_TMPDIR/probe"
  local kind
  for kind in prestart createContainer poststart; do
    config '.hooks[$k] = [{path: $p, args: ["probe", "fds"]}, {path: "/bin/sh", args: ["sh", "-c", $s]}]' --arg k $kind \
      --arg p "$BATS_TEST_TMPDIR/probe" --arg s "$BATS_TEST_TMPDIR/probe fds | cut -d' ' -f1 | tr '\n' ' ' >>$LOG; grep ^Sig[BI] /proc/self/status >>$LOG"
  done
  try "$SUITE/probe" masked "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  start
  is "$(grep -c '^0 1 2 Sig' "$LOG")" 3
  is "$(grep -c ':.*[1-9a-f]' "$LOG")" 0
}

@test "HK-11: the network of the container is there for createRuntime, with a state pid that names it" {
  hook createRuntime "pid=\$(sed -n 's/.*\"pid\": *\([0-9]*\).*/\1/p'); readlink /proc/\$pid/ns/net >>$LOG"
  create
  is "$(cat "$LOG")" "$(readlink "/proc/$(pid_of)/ns/net")"
  [ "$(cat "$LOG")" != "$(readlink /proc/self/ns/net)" ]
}

@test "startContainer hooks have the HOME that the program gets" {
  unlike "runc crun" "have none"
  hook startContainer 'echo "$HOME" >/out/home'
  local home
  for home in '' HOME=; do
    config '.process.env = ["PATH=/bin", "LISTEN=1"] + ($h | if . == "" then [] else [.] end)' --arg h "$home"
    shell 'echo "$HOME"'
    prints /root
    is "$(cat "$BATS_TEST_TMPDIR/home")" /root
  done
}

@test "T54: a hook's output file that is a FIFO without a reader is an error, and with one takes what hooks say" {
  unlike "runc crun" "waits for one"
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  config '.annotations["run.oci.hooks.stdout"] = $f' --arg f "$BATS_TEST_TMPDIR/fifo"
  hook createRuntime 'echo said'
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" /hooks/createRuntime/0 "$BATS_TEST_TMPDIR/fifo" ENXIO
  nothing_left
  exec {reader}<>"$BATS_TEST_TMPDIR/fifo"
  create
  local line
  read -r -t 5 line <&"$reader"
  is "$line" said
  exec {reader}<&-
}
