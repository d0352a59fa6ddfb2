load helpers

# --- parsing -----------------------------------------------------------------------------

@test "every command explains itself on stdout with --help and -h" {
  unlike crun "has no -h"
  local command
  for command in "" create run start state list kill delete pause resume exec ps spec features; do
    # shellcheck disable=SC2086
    attempt $command --help
    exits 0
    has "${output,,}" usage
    is "$stderr" ""
    # shellcheck disable=SC2086
    attempt $command -h
    exits 0
  done
}

@test "without a command the usage is shown, and it is a mistake; help COMMAND explains one" {
  unlike "runc crun" "asks for a command, or shows its help"
  try "$RUNTIME"
  exits 1
  is "$output" ""
  has "${stderr,,}" usage "no command"
  try "$RUNTIME" help create
  exits 0
  has "$output" --bundle
}

@test "--version names the version once, without root, and in every spelling" {
  unlike "runc crun" "lacks a spelling or says more"
  local option
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/runtime"
  chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$BATS_TEST_TMPDIR/runtime"
  for option in --version -v -V; do
    try setpriv --reuid 1000 --clear-groups "$BATS_TEST_TMPDIR/runtime" $option
    exits 0
    is "$stderr" ""
    matches "$(head -n 1 <<<"$output")" '^[a-z]+ version [0-9]+\.[0-9]+'
    is "$(grep -c version <<<"$output")" 1
    has "$output" 'spec: 1.'
  done
}

@test "an option may be written with one dash, with =, and more than once" {
  unlike crun "knows two dashes only"
  args true
  try "$RUNTIME" -root=/nonexistent --root "$ROOT" run -bundle="$BUNDLE" --no-pivot=false "$ID" </dev/null
  exits 0
  try "$RUNTIME" --root="$ROOT" --debug=false --systemd-cgroup=false run -b "$BUNDLE" "$ID" </dev/null
  exits 0
}

@test "options may follow the id where nothing else can" {
  unlike crun "takes none there"
  args sleep 100
  launch
  attempt delete "$ID" --force
  exits 0
  nothing_left
}

@test "an unknown option, command, or a value that is none fails with the usage on stderr" {
  unlike "runc crun" "prints to stdout or exits otherwise"
  local command
  for command in "create --nosuch $ID" "--nosuch list" nosuch "list extra" "create" "create a b" "run --preserve-fds x $ID" \
    "run --preserve-fds -1 $ID" "list --format nosuch" "--log-format nosuch list" "kill" "state a b" "create --pid-file"; do
    # shellcheck disable=SC2086
    attempt $command
    exits 1
    is "$output" ""
    [ -n "$stderr" ]
  done
}

@test "an option that lacks its argument says so in the words that engines look for" {
  attempt create --bundle
  [ "$status" -ne 0 ]
  matches "$stderr$output" 'flag needs an argument|requires an argument'
}

@test "EN-22: an empty XDG_RUNTIME_DIR is unset, and root never uses it" {
  unlike crun "uses it"
  [ ! -e "/run/$RUNTIME_NAME/$ID" ]
  args sleep 100
  local dir=$BATS_TEST_TMPDIR/xdg
  mkdir -m 700 "$dir"
  XDG_RUNTIME_DIR=$dir try "$RUNTIME" create --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  XDG_RUNTIME_DIR= try "$RUNTIME" state "$ID"
  exits 0
  [ -d "/run/$RUNTIME_NAME/$ID" ]
  is "$(ls "$dir")" ""
  is "$(stat -c %a "/run/$RUNTIME_NAME")" 700
  env -i "$RUNTIME" delete --force "$ID"
  [ ! -e "/run/$RUNTIME_NAME/$ID" ]
}

@test "EN-3: relative paths are the caller's, wherever the bundle is" {
  unlike crun "takes them from the bundle"
  cd "$BATS_TEST_TMPDIR"
  args true
  detached "$RUNTIME" --root ./root --log ./log.json --log-format json create --bundle bundle --pid-file ./pid "$ID"
  [ -s pid ] && [ -d "root/$ID" ]
  is "$(find "$BUNDLE" -maxdepth 1 -type f)" "$BUNDLE/config.json"
  cd /
  rt delete --force "$ID"
}

# --- list, state, spec, features ---------------------------------------------------------------

@test "EN-5: list prints containers as a table, as JSON and by id; nothing is [] and not null" {
  unlike "runc crun" "prints null, or fewer members"
  attempt list --format json
  exits 0
  is "$(jq -c . <<<"$output")" "[]"
  args sleep 100
  launch
  attempt list
  exits 0
  matches "$(head -n 1 <<<"$output")" '^ID +PID +STATUS +BUNDLE +CREATED +OWNER *$'
  matches "$(tail -n 1 <<<"$output")" "^$ID +$(pid_of) +running +$BUNDLE +20.* root *\$"
  attempt list -q
  is "$output" "$ID"
  attempt list -f json
  is "$(jq -r '.[0] | .id, .pid, .status, .bundle, .owner' <<<"$output" | tr '\n' ' ')" "$ID $(pid_of) running $BUNDLE root "
}

@test "list passes over what is no container" {
  unlike crun "fails"
  touch "$ROOT/file"
  mkdir "$ROOT/.hidden"
  mkdir -m 700 "$ROOT/half"
  attempt list --quiet
  exits 0
  is "$output" ""
  rm "$ROOT/file"
}

@test "list of a state root that was named and does not exist is empty, as runc 1.5 has it, and does not make it" {
  unlike "crun runc" "makes it, or is older"
  try "$RUNTIME" --root "$BATS_TEST_TMPDIR/none" list --quiet
  exits 0
  is "$output" ""
  [ ! -e "$BATS_TEST_TMPDIR/none" ]
}

@test "spec writes the defaults, and nothing over a file that is there" {
  cd "$BATS_TEST_TMPDIR"
  mkdir new
  attempt spec --bundle new
  exits 0
  is "$(jq -c '[.process.terminal, .process.args, .process.cwd, .process.noNewPrivileges, .root.path, .root.readonly,
    ([.linux.namespaces[].type] | sort), [.mounts[].destination]]' new/config.json)" \
    '[true,["sh"],"/",true,"rootfs",true,["cgroup","ipc","mount","network","pid","uts"],["/proc","/dev","/dev/pts","/dev/shm","/dev/mqueue","/sys","/sys/fs/cgroup"]]'
  is_peer || is "$(jq -c '[.process.capabilities.bounding, .process.rlimits, .linux.resources.devices, (.linux.maskedPaths | length), .linux.readonlyPaths]' new/config.json)" \
    '[["CAP_AUDIT_WRITE","CAP_KILL","CAP_NET_BIND_SERVICE"],[{"type":"RLIMIT_NOFILE","hard":1024,"soft":1024}],[{"allow":false,"access":"rwm"}],10,["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"]]'
  attempt spec --bundle new
  exits 1
  has "$stderr" config.json
}

@test "spec --rootless asks for a user namespace" {
  unlike "crun" "writes other ones"
  cd "$BATS_TEST_TMPDIR"
  attempt spec --rootless
  exits 0
  is "$(jq -c '[([.linux.namespaces[].type] | contains(["user"])), .linux.uidMappings[0].size, .linux.resources]' config.json)" '[true,1,null]'
}

@test "FT-1 FT-2 FT-3 EN-5: features prints what the specification defines, silently, for any user" {
  chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.."
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/runtime"
  is_peer || try setpriv --reuid 1000 --clear-groups "$BATS_TEST_TMPDIR/runtime" features
  if is_peer; then attempt features; fi
  exits 0
  is "$stderr" ""
  is "$(jq -r '.ociVersionMin' <<<"$output")" 1.0.0
  matches "$(jq -r '.ociVersionMax' <<<"$output")" '^1\.[0-9]+\.[0-9]+'
  is "$(jq -c '[(.hooks | sort), (.mountOptions | contains(["ro", "rbind", "rro", "nosuid"])), .linux.seccomp.enabled,
    (.linux.capabilities | contains(["CAP_SYS_ADMIN"])), (.linux.namespaces | contains(["pid", "cgroup"]))]' <<<"$output")" \
    '[["createContainer","createRuntime","poststart","poststop","prestart","startContainer"],true,true,true,true]'
}

@test "FT-1 AN-5: features lists the annotations that change something, and the document explains each" {
  unlike "runc crun" "lists others"
  local names name
  names=$("$RUNTIME" features | jq -r '.potentiallyUnsafeConfigAnnotations[]')
  is "$(wc -l <<<"$names")" 8
  for name in $names; do grep -q "^| .*\`$name" "$BATS_TEST_DIRNAME/../../docs/differences.md" || fail "not in the table: $name"; done
}

# --- the log -----------------------------------------------------------------------------------

@test "EN-6 EN-A: a command that fails writes one JSON line to the log and the same text once to stderr" {
  args /no/such/program
  local log=$BATS_TEST_TMPDIR/log.json
  attempt --log "$log" --log-format json create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
  exits 1
  is "$output" ""
  is_peer || is "$(wc -l <"$log")" 1
  is "$(jq -r 'select(.level == "error") | .level' "$log")" error
  matches "$(jq -r 'select(.level == "error") | .time' "$log")" '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z'
  is_peer || is "$(jq -r .msg "$log")" "$stderr"
  has "$stderr" /no/such/program
  [ ! -e "$BATS_TEST_TMPDIR/pid" ]
  nothing_left
}

@test "EN-6: the log is appended to, and exists after every command" {
  unlike "runc crun" "writes other lines too"
  local log=$BATS_TEST_TMPDIR/log.json
  args true
  attempt --log "$log" --log-format json run --bundle "$BUNDLE" "$ID"
  exits 0
  [ -f "$log" ] && [ ! -s "$log" ]
  is "$output$stderr" ""
  attempt --log "$log" --log-format json start nobody
  attempt --log "$log" --log-format json delete nobody
  attempt --log "$log" --log-format json exec nobody true
  is "$(jq -s -c '[.[].level]' "$log")" '["error","error","error"]'
}

@test "--log /dev/stderr and /dev/stdout are the caller's streams" {
  unlike "runc crun" "opens them anew"
  attempt --log /dev/stderr --log-format json state nobody
  exits 1
  is "$(head -n 1 <<<"$stderr" | jq -r .level)" error
  attempt --log /dev/stdout state nobody
  exits 1
  has "$output" "does not exist"
}

@test "the text log has one line a message, and JSON goes to stderr without a log file" {
  unlike "runc crun" "has another form"
  attempt --log "$BATS_TEST_TMPDIR/log" state nobody
  exits 1
  is "$(wc -l <"$BATS_TEST_TMPDIR/log")" 1
  has "$(cat "$BATS_TEST_TMPDIR/log")" "does not exist"
  attempt --log-format json state nobody
  is "$(jq -r .level <<<"$stderr")" error
}

@test "what a program of the container prints is no part of the log, and success is silent" {
  shell 'echo out; echo err >&2'
  attempt --log "$BATS_TEST_TMPDIR/log" --log-format json run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$output/$stderr" out/err
  is "$(cat "$BATS_TEST_TMPDIR/log")" ""
  args sleep 100
  launch
  is "$(cat "$OUT" "$ERR")" ""
  local command
  for command in pause resume "kill $ID 0" "exec $ID true" "delete --force"; do
    [[ $command == *" $ID"* ]] || command+=" $ID"
    # shellcheck disable=SC2086
    attempt $command
    exits 0
    is "$output$stderr" ""
  done
}

@test "EN-L: features claims checkpoint only where there is a criu" {
  unlike "runc crun" "know their criu at build time"
  local key='.annotations["org.opencontainers.runc.checkpoint.enabled"]'
  is "$("$RUNTIME" --criu /nowhere/criu features | jq -r "$key")" false
  is "$("$RUNTIME" --criu "$(command -v sh)" features | jq -r "$key")" true
  attempt checkpoint --help
  exits 0
  attempt restore --lsm-mount-context
  exits 1
  has "$stderr" "requires an argument"
}

@test "EN-2: options of engines that mean nothing here are accepted" {
  unlike "runc crun" "knows fewer"
  args true
  try "$RUNTIME" --root "$ROOT" --criu /x --rootless=false --log-level=warning run --bundle "$BUNDLE" --no-subreaper "$ID" </dev/null
  exits 0
}

@test "--pidfd-socket hands over a pidfd of init, or of the process of exec" {
  unlike crun "has no such option"
  args sleep 100
  receiver() {
    "$SUITE/probe" recvpid "$1" >"$BATS_TEST_TMPDIR/got" 2>&1 3>&- &
    BACKGROUND=($!)
    eventually test -S "$1"
  }
  receiver "$BATS_TEST_TMPDIR/init"
  create --pidfd-socket "$BATS_TEST_TMPDIR/init"
  wait "${BACKGROUND[0]}"
  is "$(cat "$BATS_TEST_TMPDIR/got")" "standard $(pid_of)"
  start
  receiver "$BATS_TEST_TMPDIR/exec"
  detached rt exec --detach --pidfd-socket "$BATS_TEST_TMPDIR/exec" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" sleep 100
  wait "${BACKGROUND[0]}"
  is "$(cat "$BATS_TEST_TMPDIR/got")" "setns $(cat "$BATS_TEST_TMPDIR/pid")"
}

@test "--config names another file of the bundle" {
  unlike "crun" "looks elsewhere"
  unlike runc "has no such option"
  args echo other
  mv "$BUNDLE/config.json" "$BUNDLE/other.json"
  attempt run --bundle "$BUNDLE" --config other.json "$ID"
  exits 0
  is "$output" other
}

@test "BU-1: a bundle that is not there, or has no config.json, is refused and named" {
  attempt create --bundle /no/such/bundle "$ID"
  exits 1
  has "$stderr" /no/such/bundle
  rm "$BUNDLE/config.json"
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" config.json
  nothing_left
}

@test "BU-1: the bundle is the current directory by default" {
  args echo here
  cd "$BUNDLE"
  attempt run "$ID"
  exits 0
  is "$output" here
}

@test "bash completes subcommands, codes, commands to explain and what generate prints" {
  unlike "runc crun" "has other completions"
  local line
  "$RUNTIME" generate completion-bash >"$BATS_TEST_TMPDIR/completion"
  completes() {
    bash -c 'source "$1"; COMP_WORDS=(apus "${@:2}"); COMP_CWORD=$(($# - 1)); _apus; printf "%s " "${COMPREPLY[@]}"' \
      bash "$BATS_TEST_TMPDIR/completion" "$@"
  }
  is "$(completes seccomp d)" "diff "
  is "$(completes mounts a)" "add "
  is "$(completes trace s)" "summary "
  is "$(completes help crea)" "create "
  is "$(completes explain exec-int)" "exec-interpreter "
  is "$(completes explain seccomp-st)" "seccomp-start "
  is "$(completes generate completion-z)" "completion-zsh "
  is "$(completes gen)" "generate "
}
