load helpers

@test "AN-5: run.oci.keep_original_groups keeps the caller's groups, and no others are added" {
  config '.annotations = {"run.oci.keep_original_groups": "1"}'
  args grep '^Groups:' /proc/self/status
  try setpriv --groups 7,8 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$(tr -d ' \t' <<<"$output")" Groups:78
  config '.process.user.additionalGids = [9]'
  refused /process/user/additionalGids
}

# --- terminal ----------------------------------------------------------------------------------

console() {
  CONSOLE=$BATS_TEST_TMPDIR/console
  "$SUITE/probe" recvtty "$CONSOLE" >"$BATS_TEST_TMPDIR/tty" 2>&1 3>&- &
  BACKGROUND+=($!)
  eventually test -S "$CONSOLE"
}

@test "PR-2 PR-3 EN-J: the console socket gets one descriptor, sized before it is sent, then end of file" {
  config '.process.terminal = true | .process.consoleSize = {height: 33, width: 101}'
  shell 'tty; stty size; stat -c %t:%T /dev/console; echo done'
  console
  create --console-socket "$CONSOLE"
  eventually grep -q then= "$BATS_TEST_TMPDIR/tty"
  grep -qx 'fds=1 data=yes rows=33 cols=101' "$BATS_TEST_TMPDIR/tty"
  grep -qx 'then=eof' "$BATS_TEST_TMPDIR/tty"
  start
  eventually grep -q done "$BATS_TEST_TMPDIR/tty"
  tr -d '\r' <"$BATS_TEST_TMPDIR/tty" | grep -qx '33 101'
  tr -d '\r' <"$BATS_TEST_TMPDIR/tty" | grep -q '^/dev/'
  is "$(cat "$OUT")" ""
}

@test "PR-2: the terminal is the container's own devpts, the controlling terminal, and belongs to the user" {
  config '.process.terminal = true | .process.user = {uid: 1000, gid: 1000}'
  shell 'stat -f -c %t /dev/pts/0; stat -c %u:%g /dev/pts/0; stat -c %t:%T /proc/self/fd/0 /dev/console 2>/dev/null
    echo hello >/dev/tty; echo done'
  console
  create --console-socket "$CONSOLE"
  start
  eventually grep -q done "$BATS_TEST_TMPDIR/tty"
  run tr -d '\r' <"$BATS_TEST_TMPDIR/tty"
  has "$output" 1cd1 1000:5 hello
}

@test "PR-2: /dev/console is a bind mount of the terminal" {
  unlike crun "makes a symbolic link"
  config '.process.terminal = true'
  shell 'grep -c " /dev/console .* devpts " /proc/self/mountinfo; echo x >/dev/console; echo done'
  console
  launch --console-socket "$CONSOLE"
  eventually grep -q done "$BATS_TEST_TMPDIR/tty"
  run tr -d '\r' <"$BATS_TEST_TMPDIR/tty"
  has "$output" $'\n1\nx\n'
}

@test "PR-2: a terminal without a console socket, or a socket without a terminal, is refused" {
  unlike crun "ignores the socket"
  config '.process.terminal = true'
  refused console
  config '.process.terminal = false'
  console
  attempt create --bundle "$BUNDLE" --console-socket "$CONSOLE" "$ID"
  exits 1
  nothing_left
}

@test "PR-2: a console socket that nobody listens on fails create" {
  config '.process.terminal = true'
  attempt create --bundle "$BUNDLE" --console-socket "$BATS_TEST_TMPDIR/nobody" "$ID"
  exits 1
  nothing_left
}

@test "PR-2: a console socket with a path longer than a socket address takes is reached" {
  unlike "runc crun" "cannot"
  local long=$BATS_TEST_TMPDIR/$(printf 'd%.0s' {1..120})
  mkdir "$long"
  config '.process.terminal = true'
  shell 'echo done'
  (cd "$long" && exec "$SUITE/probe" recvtty console >"$BATS_TEST_TMPDIR/tty" 2>&1 3>&-) &
  BACKGROUND+=($!)
  eventually test -S "$long/console"
  launch --console-socket "$long/console"
  eventually grep -q done "$BATS_TEST_TMPDIR/tty"
}

@test "PR-3: a console size that no terminal can have is refused" {
  unlike "runc crun" "cuts it to 16 bits"
  config '.process.terminal = true | .process.consoleSize = {height: 65536, width: 80}'
  refused /process/consoleSize
}

# --- the program -------------------------------------------------------------------------------

@test "PR-4: the program starts in cwd, which is made if it is missing" {
  config '.process.cwd = "/tmp"'
  args pwd
  prints /tmp
  config '.process.cwd = "/new/sub/directory"'
  shell 'pwd; stat -c "%a %u:%g" .'
  prints '/new/sub/directory
755 0:0'
}

@test "PR-4: a relative or empty cwd is refused" {
  unlike crun "takes ./tmp"
  local cwd
  for cwd in tmp ./tmp ""; do
    config '.process.cwd = $cwd' --arg cwd "$cwd"
    refused /process/cwd
  done
}

@test "PR-4: a cwd that only the user may enter is entered" {
  mkdir "$BUNDLE/rootfs/home/private"
  chown 1000:1000 "$BUNDLE/rootfs/home/private"
  chmod 700 "$BUNDLE/rootfs/home/private"
  config '.process.user = {uid: 1000, gid: 1000} | .process.cwd = "/home/private" | .process.capabilities = {}'
  args pwd
  prints /home/private
}

@test "PR-4: a cwd that is a file is refused" {
  touch "$BUNDLE/rootfs/file"
  config '.process.cwd = "/file"'
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  nothing_left
}

@test "PR-5: the program gets the environment of the configuration and nothing else" {
  config '.process.env = ["PATH=/bin", "A=1", "B=two words", "C=x=y", "EMPTY="]'
  args env
  LEAK=secret foreground
  exits 0
  is "$(sort <<<"$output")" 'A=1
B=two words
C=x=y
EMPTY=
HOME=/root
PATH=/bin'
}

@test "PR-5: of two values of one variable the last one wins" {
  unlike crun "keeps both"
  config '.process.env = ["PATH=/bin", "A=1", "HOME=/h", "A=2"]'
  args env
  foreground
  exits 0
  is "$(sort <<<"$output")" 'A=2
HOME=/h
PATH=/bin'
}

@test "PR-5: an entry that is no assignment is refused with its place" {
  unlike "runc crun" "accepts it or explains at length"
  local entry
  for entry in WORD =value ""; do
    config '.process.env = ["PATH=/bin", $e]' --arg e "$entry"
    refused /process/env/1
  done
}

@test "PR-5: HOME comes from the container's passwd file by number, and is / without an entry" {
  shell 'echo "$HOME"'
  local uid
  for uid in 0:/root 1000:/home/user 1001:/ 4242:/; do
    config '.process.user = {uid: $u, gid: 0}' --argjson u "${uid%%:*}"
    prints "${uid#*:}"
  done
  config '.process.env += ["HOME=/own"]'
  prints /own
}

@test "PR-5: a passwd file that is a fifo, a directory or endless is not waited for" {
  unlike "runc crun" "waits for the fifo"
  shell 'echo "$HOME"'
  rm "$BUNDLE/rootfs/etc/passwd"
  mkfifo "$BUNDLE/rootfs/etc/passwd"
  attempt run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$output" /
  rm "$BUNDLE/rootfs/etc/passwd"
  mkdir "$BUNDLE/rootfs/etc/passwd"
  attempt run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$output" /
}

@test "PR-6: args are passed as they are, and the program is found in the container's PATH" {
  cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/tmp/printf"
  args printf '[%s]' 'a b' '' '*' '$HOME' $'tab\there'
  prints $'[a b][][*][$HOME][tab\there]'
  config '.process.env = ["PATH=/nowhere:/tmp"]'
  prints $'[a b][][*][$HOME][tab\there]'
}

@test "PR-6: a name with a slash is a path, relative to cwd" {
  ln -s /bin/busybox "$BUNDLE/rootfs/tmp/pwd"
  config '.process.cwd = "/tmp"'
  args ./pwd
  prints /tmp
  args ../bin/pwd
  prints /tmp
}

@test "PR-6: empty args are refused" {
  unlike crun "takes a missing list for an empty word"
  config '.process.args = []'
  refused args
  config 'del(.process.args)'
  refused args
}

@test "PR-6 EN-10 EN-A: a program that is missing fails create, in words that engines take for 127" {
  local program
  for program in nosuchprogram /no/such/program ./nosuch; do
    args "$program"
    attempt create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
    exits 1
    has "$stderr" "$program"
    # podman and dockerd look for one of these, in any case
    matches "${stderr,,}" 'executable file not found in|no such file or directory|open executable'
    lacks "${stderr,,}" "permission denied" "operation not permitted"
    [ ! -e "$BATS_TEST_TMPDIR/pid" ]
    nothing_left
  done
}

@test "PR-6 EN-10: a program that cannot be executed fails create, in words that engines take for 126" {
  unlike crun "says Operation not permitted"
  touch "$BUNDLE/rootfs/tmp/plain"
  mkdir "$BUNDLE/rootfs/tmp/directory"
  local program
  for program in /tmp/plain /tmp/directory /tmp; do
    args "$program"
    refused "$program"
    matches "${stderr,,}" 'permission denied|is a directory'
    is_peer || lacks "${stderr,,}" "no such file"
  done
}

@test "PR-6: a program that only the user may execute is found" {
  unlike crun "looks as root"
  mkdir "$BUNDLE/rootfs/opt"
  cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/opt/echo"
  chown -R 1000:1000 "$BUNDLE/rootfs/opt"
  chmod 500 "$BUNDLE/rootfs/opt" "$BUNDLE/rootfs/opt/echo"
  config '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
  args /opt/echo here
  prints here
}

# --- the user ----------------------------------------------------------------------------------

@test "PR-7: uid and gid are the configured ones, real, effective, saved and for files" {
  config '.process.user = {uid: 1234, gid: 5678}'
  args grep -E '^[UG]id:' /proc/self/status
  prints $'Uid:\t1234\t1234\t1234\t1234
Gid:\t5678\t5678\t5678\t5678'
}

@test "PR-7 T17: only numbers that a user can have are accepted" {
  unlike "runc crun" "takes some of them"
  local id
  for id in -1 1.5 1e3 4294967295 4294967296 '"0"' true '[]'; do
    # jq would rewrite some of these
    sed "s/\"uid\": *[0-9]*/\"uid\": $id/" "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/edited"
    cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
    cp "$BATS_TEST_TMPDIR/edited" "$BUNDLE/config.json"
    refused /process/user/uid
    cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
  done
}

@test "PR-8: umask is the configured one, and 0022 without one" {
  shell umask
  (umask 077 && prints 0022)
  config '.process.user.umask = 23'
  prints 0027
}

@test "PR-9 T18: the groups are exactly the additional ones; none of the caller's stay" {
  args grep ^Groups: /proc/self/status
  try setpriv --groups 4,24,27 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  is "$(tr -s ' \t' ' ' <<<"$output" | sed 's/ *$//')" "Groups:"
  config '.process.user.additionalGids = [7, 4242, 9]'
  foreground
  exits 0
  is "$(tr -s ' \t' ' ' <<<"$output" | sed 's/ *$//')" "Groups: 7 9 4242"
}

# --- limits, flags, inheritance ----------------------------------------------------------------

@test "PR-10: every limit is the configured one exactly, soft and hard" {
  config '.process.rlimits = [
    {type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_CORE", soft: 0, hard: 0},
    {type: "RLIMIT_STACK", soft: 1048576, hard: 4194304}, {type: "RLIMIT_NPROC", soft: 500, hard: 501},
    {type: "RLIMIT_FSIZE", soft: 1000000, hard: 2000000}, {type: "RLIMIT_MEMLOCK", soft: 4096, hard: 8192}]'
  args cat /proc/self/limits
  foreground
  exits 0
  has "$(tr -s ' ' <<<"$output")" "Max open files 100 200" "Max core file size 0 0" "Max stack size 1048576 4194304" \
    "Max processes 500 501" "Max file size 1000000 2000000" "Max locked memory 4096 8192"
}

@test "PR-10 JS-4: a limit may be as large as 64 bits hold" {
  args cat /proc/self/limits
  sed -i 's/"rlimits": *\[/"rlimits": [{"type": "RLIMIT_AS", "soft": 18446744073709551615, "hard": 18446744073709551615},/' \
    "$BUNDLE/config.json"
  foreground
  exits 0
  has "$(tr -s ' ' <<<"$output")" "Max address space unlimited unlimited"
}

@test "PR-10: a raised hard limit is in force" {
  needs_capability 24 CAP_SYS_RESOURCE
  config '.process.rlimits = [{type: "RLIMIT_MSGQUEUE", soft: 1000000, hard: 2000000}]'
  args cat /proc/self/limits
  foreground
  exits 0
  has "$(tr -s ' ' <<<"$output")" "Max msgqueue size 1000000 2000000"
}

@test "PR-10: a limit that cannot be set is an error in words that no engine takes for something else" {
  unlike "runc crun" "shows the raw errno"
  (($(sed -n 's/^CapEff:\t/16#/p' /proc/self/status) >> 24 & 1)) && skip "this machine lets root raise limits"
  config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 99999999, hard: 99999999}]'
  refused RLIMIT_NOFILE
  lacks "${stderr,,}" "operation not permitted" "permission denied" "no such file"
}

@test "PR-10 VV-1: a limit unknown or soft above hard is refused" {
  config '.process.rlimits = [{type: "RLIMIT_NOSUCH", soft: 1, hard: 1}]'
  refused NOSUCH
  config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 200, hard: 100}]'
  refused imit
}

@test "PR-10: a limit that is given twice is refused" {
  unlike "runc crun" "lets the last one win"
  config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 10, hard: 10}, {type: "RLIMIT_NOFILE", soft: 20, hard: 20}]'
  refused /process/rlimits/1
}

@test "PR-12: no_new_privs is set if the configuration says so, and only then" {
  args grep NoNewPrivs /proc/self/status
  config '.process.noNewPrivileges = true'
  prints $'NoNewPrivs:\t1'
  config '.process.noNewPrivileges = false'
  prints $'NoNewPrivs:\t0'
  config 'del(.process.noNewPrivileges)'
  prints $'NoNewPrivs:\t0'
}

@test "PR-13: oom_score_adj is the configured one, and is left alone without one" {
  args cat /proc/self/oom_score_adj
  config '.process.oomScoreAdj = 321'
  prints 321
  config 'del(.process.oomScoreAdj)'
  try choom -n 123 -- "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  is "$output" 123
}

@test "PR-13 VV-1: an oom_score_adj that the kernel does not have is refused" {
  config '.process.oomScoreAdj = 1001'
  refused oom
}

@test "PR-14 PR-15: a label is refused where its security module is absent" {
  [ ! -e /sys/kernel/security/apparmor ] || skip "this kernel has AppArmor"
  unlike crun "ignores it"
  config '.process.apparmorProfile = "profile"'
  refused apparmor
  config 'del(.process.apparmorProfile) | .process.selinuxLabel = "system_u:system_r:container_t:s0"'
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  has "${stderr,,}" selinux
  nothing_left
}

@test "PR-19: the user may open what the program writes to" {
  config '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
  shell 'echo out >/dev/stdout; echo err >/dev/stderr'
  foreground
  exits 0
  is "$output" out
  is "$stderr" err
}

@test "PR-20: the container has a session keyring of its own, unless told not to" {
  args probe call keyctl 0 -3 0
  local own
  own=$(keyctl_id)
  foreground
  exits 0
  [ "$output" != "$own" ] || fail "the caller's keyring"
  foreground --no-new-keyring
  exits 0
  is "$output" "$own"
}

@test "T47: the session keyring has a name that nobody could make beforehand" {
  unlike "runc crun" "has one that can be guessed"
  args probe call keyctl 0 -3 0
  # Joined and so made by the caller, searchable for everybody: runc's name, which was ours.
  local planted
  planted=$("$SUITE/probe" keyring "_ses.$ID" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 3>&-)
  lacks " ${planted%% *} " " ${planted##* } "
  config '.process.args = ["sleep", "100"]'
  create
  matches "$(jq -r .keyring "$ROOT/$ID/state.json")" "^_ses\\.$ID\\.[0-9]+$"
}

@test "the session keyring gets the label of the program, as which SELinux lets the program use it" {
  unlike "runc crun" "writes it elsewhere"
  command -v strace >/dev/null || skip "strace is not installed"
  config '.process.selinuxLabel = "system_u:system_r:container_t:s0:c1,c2"'
  has "$(rt plan --bundle "$BUNDLE")" "labelled \`system_u:system_r:container_t:s0:c1,c2\`"
  try strace -f -qq -s 200 -o "$BATS_TEST_TMPDIR/trace" -e trace=openat2,write,keyctl "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  # Here SELinux may be absent: then the step that labels the program says so.
  has "$(tr '\n' ' ' <"$BATS_TEST_TMPDIR/trace" | grep -o 'keycreate.*KEYCTL_JOIN[^)]*')" '"system_u:system_r:container_t:s0:c1,c2"'
  if ! [ -e /sys/fs/selinux/enforce ]; then has "$stderr" "SELinux is not in force" /process/selinuxLabel; fi
}

keyctl_id() {
  "$SUITE/probe" call keyctl 0 -3 0
}

@test "T27: the program leads a session, and inherits no signal to die by and no subreaper" {
  args probe self
  prints "leader=1 group=1 pdeathsig=0 subreaper=0 keepcaps=0 securebits=0"
}

@test "EN-19 EN-G: the program starts with default signal dispositions and an empty mask" {
  unlike runc "keeps the mask"
  args grep -E '^Sig(Ign|Blk|Cgt)' /proc/self/status
  try "$SUITE/probe" masked "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  is "$output" $'SigBlk:\t0000000000000000
SigIgn:\t0000000000000000
SigCgt:\t0000000000000000'
}

@test "FD-1 T13: the program has stdin, stdout and stderr and nothing else of what the caller had open" {
  args probe fds
  try "$SUITE/probe" holds / "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  is "$(cut -d' ' -f1 <<<"$output" | tr '\n' ' ')" "0 1 2 "
}

@test "FD-1 T13: with 0, 1 or 2 closed nothing of the runtime takes their place" {
  unlike "runc crun" "opens a pipe there, or hands a closed 0 on"
  shell 'readlink /proc/self/fd/0 >/out/0; readlink /proc/self/fd/2 >/out/2; probe fds >/out/fds'
  mounts '{"destination": "/out", "source": "'"$BATS_TEST_TMPDIR"'", "type": "none", "options": ["bind"]}'
  "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" <&- 2>&- 3>&- || [ "$?" -eq 1 ]
  [ ! -e "$BATS_TEST_TMPDIR/fds" ] || {
    is "$(cat "$BATS_TEST_TMPDIR/0")" /dev/null
    is "$(cat "$BATS_TEST_TMPDIR/2")" /dev/null
  }
  nothing_left
}

# with REDIRECTIONS COMMAND…: the command with just these descriptors beside its stdio.
with() {
  local redirections=$1
  shift
  try bash -c "exec \"\$@\" $redirections" - "$@" </dev/null
}

@test "FD-1: closed descriptors of --preserve-fds are one warning, however many" {
  unlike "runc crun" "says nothing, or refuses them"
  args true
  try bash -c 'exec 5</dev/null 8</dev/null; exec "$@"' - "$RUNTIME" --root "$ROOT" run --preserve-fds 500 --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  is "$(wc -l <"$BATS_TEST_TMPDIR/stderr")" 1
  matches "$stderr" "^warning: --preserve-fds: descriptors 3[0-9, -]*, 6-7, 9[0-9, -]*-502 are not open"
}

@test "FD-1 EN-H: --preserve-fds passes what is open of its range, and a hole stays a hole" {
  unlike "runc crun" "fills the holes with descriptors of its own"
  args probe fds
  with '3</etc/passwd 4<&- 5<&-' "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" --preserve-fds 3 "$ID"
  exits 0
  is "$(cut -d' ' -f1 <<<"$output" | tr '\n' ' ')" "0 1 2 3 "
  with '3<&- 4<&- 5</etc/passwd 6</etc/passwd' "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" --preserve-fds 3 "$ID"
  exits 0
  is "$(cut -d' ' -f1 <<<"$output" | tr '\n' ' ')" "0 1 2 5 "
}

@test "FD-1: LISTEN_FDS passes its descriptors on, addressed to the program" {
  unlike crun "does not ask for whom they are"
  shell 'probe fds | cut -d" " -f1 | tr "\n" " "; echo "$LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES"'
  # The variable names the process that is meant, which is the runtime itself.
  cat >"$BATS_TEST_TMPDIR/activate" <<'END'
export LISTEN_FDS=2 LISTEN_FDNAMES=a:b LISTEN_PID=${MEANT:-$$}
exec "$@" 3</etc/passwd 4</etc/group 5</etc/passwd
END
  local activate=(bash "$BATS_TEST_TMPDIR/activate" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID")
  try timeout -s KILL 20 "${activate[@]}" </dev/null
  exits 0
  if [ "$RUNTIME_NAME" = runc ]; then has "$output" "0 1 2 3 4 2 1"; else is "$output" "0 1 2 3 4 2 1 a:b"; fi
  MEANT=1 try "${activate[@]}" </dev/null
  exits 0
  is "$output" "0 1 2   "
}

@test "what engines put into the runtime's environment does not reach the program" {
  config '.process.env = ["PATH=/bin"]'
  args env
  _OCI_SYNCPIPE=7 CONTAINERD_X=1 GOMAXPROCS=2 NOTIFY= foreground
  exits 0
  is "$(sort <<<"$output")" "HOME=/root
PATH=/bin"
}

@test "AF-3: the caller's CPU affinity does not reach the program" {
  [ "$(nproc --all)" -gt 1 ] || skip "this machine has one CPU"
  shell 'sed -n "s/^Cpus_allowed_list:.//p" /proc/self/status'
  local own
  own=$(sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status)
  try taskset -c 0 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  is "$output" "$own"
}

@test "AF-1 AF-2 AF-4: execCPUAffinity is for processes of exec: final decides, initial alone stays" {
  [ "$(nproc --all)" -gt 1 ] || skip "this machine has one CPU"
  unlike "runc crun" "differs with its version"
  args sleep 100
  local case
  for case in '{"initial": "0"} 0' '{"initial": "0", "final": "1"} 1' '{"final": "1,,"} 1' '{"initial": ""} 0-1'; do
    config '.process.execCPUAffinity = $a' --argjson a "${case% *}"
    launch
    attempt exec "$ID" sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status
    exits 0
    [ "${case##* }" = 0-1 ] && [ "$(nproc --all)" != 2 ] || is "$output" "${case##* }"
    is "$(sed -n 's/^Cpus_allowed_list:.//p' "/proc/$(pid_of)/status")" "$(sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status)"
    rt delete --force "$ID"
  done
  config '.process.execCPUAffinity = {initial: "1-0"}'
  refused /process/execCPUAffinity/initial
}
