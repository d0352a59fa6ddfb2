load helpers

# A filter is written for the program: whatever it says about the calls of the runtime, the program starts. The program
# here needs two calls, and so does the hook that goes before it.

local_setup() {
  "${CC:-cc}" -O1 -static -nostdlib -fno-stack-protector -Wall -Wextra -Werror -o "$BUNDLE/rootfs/bin/bare" \
    "$BATS_TEST_DIRNAME/tools/bare.c"
  config '.process.user = {uid: 1000, gid: 1000, additionalGids: [1001]} | .process.cwd = "/tmp" | .process.args = ["/bin/bare"]
    | .hooks.startContainer = [{path: "/bin/bare"}]'
}

# The calls of the program, and the one that makes a process it.
own='execve write exit_group ppoll'

# deny CONFIG DIR: how a profile fares in each way to a program, in `run`, `create` with `start`, and `exec`; prints the ways
# that fail. Commands as quick as they can be: this happens some hundred times.
deny() {
  local bad=() id=$ID-${2##*/} root=$2/root
  mkdir -p -m 700 "$root"
  ln -sfn "$BUNDLE/rootfs" "$2/rootfs"
  at() { "$tested" --root "$root" "$@" </dev/null >"$dir/out" 2>"$dir/err" 3>&-; }
  local dir=$2
  printf '%s' "${1//@ARGS@/'"/bin/bare"'}" >"$dir/config.json"
  { at run --bundle "$dir" "$id" && [ "$(<"$dir/out")" = fine ]; } || bad+=(run)
  printf '%s' "${1//@ARGS@/'"/bin/bare", "wait"'}" >"$dir/config.json"
  if at create --bundle "$dir" "$id"; then
    at start "$id" || bad+=(start)
    { at exec "$id" /bin/bare && [ "$(<"$dir/out")" = fine ]; } || bad+=(exec)
  else
    bad+=(create)
  fi
  at delete --force "$id" || bad+=(delete)
  echo "${bad[*]}"
}

# matrix RUNTIME CALL…: a line for each profile that keeps the program from starting.
matrix() {
  local tested=$1 template action nnp call failed dir
  shift
  dir=$(mktemp -d "$BATS_TEST_TMPDIR/matrix.XXXX")
  for nnp in true false; do
    template=$(jq -c '.process.args = ["@ARGS@"] | .process.noNewPrivileges = $n | .linux.cgroupsPath += $c
      | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["@CALL@"], "action": "@ACTION@"}]}' \
      --argjson n "$nnp" --arg c "-${dir##*.}" "$BUNDLE/config.json")
    template=${template//'"@ARGS@"'/@ARGS@}
    for action in 'SCMP_ACT_ERRNO' 'SCMP_ACT_ERRNO", "errnoRet": 38, "comment": "' 'SCMP_ACT_KILL_PROCESS'; do
      for call in "$@"; do
        echo >>"$BATS_TEST_TMPDIR/tried"
        failed=$(deny "$(sed "s/@CALL@/$call/; s/@ACTION@/$action/" <<<"$template")" "$dir")
        [ -z "$failed" ] || echo "$call: ${action%%\"*}$([[ $action != *38* ]] || echo ' ENOSYS'), noNewPrivileges $nnp: $failed"
      done
    done
  done
}

# All calls that the runtime makes, by strace.
calls_of_the_runtime() {
  local trace=$BATS_TEST_TMPDIR/trace nnp call
  for nnp in true false; do
    config '.process.noNewPrivileges = $n | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"} | .process.args = ["/bin/bare"]' --argjson n $nnp
    strace -f -qq -o "$trace.$nnp.1" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >/dev/null
    args /bin/bare wait
    strace -f -qq -o "$trace.$nnp.2" timeout 20 "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- &
    eventually has_status created
    rt start "$ID" 3>&-
    strace -f -qq -o "$trace.$nnp.3" "$RUNTIME" --root "$ROOT" exec "$ID" /bin/bare >/dev/null
    rt delete --force "$ID"
  done
  for call in $(sed -nE 's/^[0-9]+ +([a-z][a-z0-9_]*)\(.*/\1/p' "$trace".* | sort -u); do
    # What strace has no name for, nobody has.
    [[ " $own " == *" $call "* || $call == syscall_* ]] || echo "$call"
  done
}

@test "a profile that refuses or kills any call of the runtime starts the program" {
  is_peer && skip "no peer does"
  command -v strace >/dev/null || skip "strace is not installed"
  local calls runtime
  mapfile -t calls < <(calls_of_the_runtime)
  [ "${#calls[@]}" -gt 60 ] || fail "strace saw ${#calls[@]} calls: ${calls[*]}"
  # As many at a time as there are processors.
  local slice slices
  slices=$(nproc)
  for ((slice = 0; slice < slices; slice++)); do
    local mine=()
    for ((i = slice; i < ${#calls[@]}; i += slices)); do mine+=("${calls[i]}"); done
    matrix "$RUNTIME" "${mine[@]}" >"$BATS_TEST_TMPDIR/rows.$slice" &
  done
  wait
  # Each call, refused in two ways and killed, with no_new_privs and without.
  is "$(wc -l <"$BATS_TEST_TMPDIR/tried")" $((${#calls[@]} * 6))
  if [ -n "${PEERS:-}" ]; then
    for runtime in crun runc; do matrix "$PEERS/$runtime" "${calls[@]}" | sed "s/^/# $runtime: /" >&3; done
  fi
  is "$(cat "$BATS_TEST_TMPDIR"/rows.*)" ""
}

@test "a profile that allows execve and what the program needs, and nothing else, starts it" {
  is_peer && skip "no peer does"
  local action nnp failed
  mkdir "$BATS_TEST_TMPDIR/allow"
  tested=$RUNTIME
  for action in SCMP_ACT_ERRNO SCMP_ACT_KILL_PROCESS; do
    for nnp in true false; do
      config '.process.noNewPrivileges = $n | .process.args = ["@ARGS@"]
        | .linux.seccomp = {defaultAction: $a, syscalls: [{names: $own, action: "SCMP_ACT_ALLOW"}]}' \
        --argjson n $nnp --arg a $action --argjson own "$(words $own)"
      failed=$(deny "$(sed 's/"@ARGS@"/@ARGS@/' "$BUNDLE/config.json")" "$BATS_TEST_TMPDIR/allow")
      is "$action $nnp: $failed" "$action $nnp: "
    done
  done
}

# sets_of UID NNP BOUNDING PERMITTED INHERITABLE AMBIENT: what execve makes of them (capabilities(7)): Inh Prm Eff Bnd Amb.
sets_of() {
  local permitted=$(($6))
  # Root's files have all capabilities; no_new_privs gives no more than there was.
  [ "$1" != 0 ] || permitted=$((($3 | $5) & ($2 ? $4 : ~0) | $6))
  printf '%x %x %x %x %x\n' "$5" "$permitted" "$permitted" "$3" "$6"
}

@test "CA-1: a filter changes nothing in the sets of capabilities, for any user, namespace and no_new_privs" {
  local row user nnp userns seccomp bounding permitted inheritable ambient numbers admin=$((1 << 21))
  # Bounding, permitted and effective, inheritable, ambient, as in capabilities.bats.
  local rows=(
    '[]|[]|[]|[]|0 0 0 0'
    '["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"]|["CAP_CHOWN", "CAP_KILL"]|[]|[]|0x2021 0x21 0 0'
    '["CAP_CHOWN", "CAP_NET_RAW"]|["CAP_CHOWN", "CAP_NET_RAW"]|["CAP_NET_RAW"]|["CAP_NET_RAW"]|0x2001 0x2001 0x2000 0x2000'
    "[\"CAP_CHOWN\", \"CAP_SYS_ADMIN\"]|[\"CAP_CHOWN\"]|[]|[]|$((admin | 1)) 1 0 0"
    "[\"CAP_CHOWN\", \"CAP_SYS_ADMIN\"]|[\"CAP_CHOWN\"]|[\"CAP_SYS_ADMIN\"]|[]|$((admin | 1)) 1 $admin 0"
    "[\"CAP_SYS_ADMIN\"]|[\"CAP_SYS_ADMIN\"]|[\"CAP_SYS_ADMIN\"]|[\"CAP_SYS_ADMIN\"]|$admin $admin $admin $admin"
  )
  config '.process.args = ["/bin/grep", "-E", "^Cap|^NoNewPrivs|^Seccomp:", "/proc/self/status"]'
  cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/plain.json"
  for row in "${rows[@]}"; do
    IFS='|' read -r bounding permitted inheritable ambient numbers <<<"$row"
    for user in 0 1000; do for nnp in 0 1; do for userns in 0 1; do for seccomp in 0 1; do
      jq '.process.user = {uid: $u, gid: $u} | .process.noNewPrivileges = ($n == 1)
        | .process.capabilities = {bounding: $b, permitted: $p, effective: $p, inheritable: $i, ambient: $a}
        | if $ns == 1 then .linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m else . end
        | if $s == 1 then .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO"}]}
          else del(.linux.seccomp) end' \
        --argjson u $user --argjson n $nnp --argjson b "$bounding" --argjson p "$permitted" --argjson i "$inheritable" \
        --argjson a "$ambient" --argjson ns $userns --argjson s $seccomp \
        --argjson m '[{"containerID": 0, "hostID": 100000, "size": 65536}]' \
        "$BATS_TEST_TMPDIR/plain.json" >"$BUNDLE/config.json"
      foreground
      local which="uid $user, no_new_privs $nnp, user namespace $userns, filter $seccomp, $row"
      exits 0 || fail "$which"
      is "$which: $(awk '{ print $2 }' <<<"$output" | sed -E 's/^0+(.)/\1/' | tr '\n' ' ')" \
        "$which: $(sets_of $user $nnp $numbers) $nnp $((seccomp * 2)) "
    done; done; done; done
  done
}

# each_way WORDS…: `run`, `start` and `exec` fail, in time and with these words; a process that waits is there for exec.
each_way() {
  attempt run --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" "$@"
  create
  attempt start "$ID"
  exits 1
  has "$stderr" "$@"
  rt delete --force "$ID"
  config '.hooks = {} | .process.args = ["/bin/bare", "wait"]'
  launch
  attempt exec "$ID" /bin/odd
  exits 255
  has "$stderr" "$@"
  rt delete --force "$ID"
}

@test "a program that execve refuses is told of, and ends, under a filter that lets nothing be told and nobody end" {
  is_peer && skip "no peer does"
  local action
  printf '#!/no/such/interpreter\n' >"$BUNDLE/rootfs/bin/odd"
  chmod 755 "$BUNDLE/rootfs/bin/odd"
  cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/config.json"
  for action in SCMP_ACT_ERRNO SCMP_ACT_KILL_PROCESS; do
    cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/config.json"
    args /bin/odd
    config '.linux.seccomp = {defaultAction: $a, syscalls: [{names: ["execve", "ppoll"], action: "SCMP_ACT_ALLOW"}]} | .hooks = {}' --arg a $action
    each_way 'exec: "/bin/odd": no such file or directory'
    nothing_left
  done
  # The same errors where the filter does not mind.
  cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/config.json"
  args /bin/odd
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["exit_group", "exit"], action: "SCMP_ACT_ERRNO"}]} | .hooks = {}'
  each_way 'exec: "/bin/odd": no such file or directory'
  config 'del(.linux.seccomp)'
  args /bin/odd
  each_way 'exec: "/bin/odd": no such file or directory'
}

@test "a filter that refuses execve is named with its rule, before there is a process" {
  is_peer && skip "has other words"
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO"}, {names: ["execve"], action: "SCMP_ACT_ERRNO"}]}'
  refused 'exec: "/bin/bare": permission denied: seccomp rule 1 answers execve with EPERM [/linux/seccomp/syscalls/1]'
  config '.linux.seccomp.syscalls[1] += {errnoRet: 38}'
  refused 'permission denied: seccomp rule 1 answers execve with ENOSYS'
  config '.linux.seccomp.syscalls[1] = {names: ["execve"], action: "SCMP_ACT_KILL_PROCESS"}'
  refused 'permission denied: seccomp rule 1 answers execve with SCMP_ACT_KILL_PROCESS'
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", syscalls: [{names: ["write"], action: "SCMP_ACT_ALLOW"}]}'
  refused 'permission denied: the seccomp default action answers execve with EPERM [/linux/seccomp/defaultAction]'
}

@test "HK-12: a startContainer hook that cannot be executed is told of under a filter that lets nothing be told" {
  is_peer && skip "has other words"
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", syscalls: [{names: ["execve"], action: "SCMP_ACT_ALLOW"}]}
    | .hooks.startContainer = [{path: "/bin/missing"}]'
  attempt run --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" /hooks/startContainer/0 'execve of `/bin/missing` failed with ENOENT'
  nothing_left
}

@test "a filter that the kernel would not take is refused before there is a process" {
  is_peer && skip "has other words"
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid", "getppid", "personality", "kcmp", "sync", "getgid", "getegid"], action: "SCMP_ACT_ERRNO"}]}'
  # Under the filters of a runtime around this one there is room for so many.
  try "$SUITE/probe" crowded "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" "load the seccomp filter" ENOMEM /linux/seccomp
  nothing_left
  # And where nobody may load one.
  try "$SUITE/probe" without seccomp 1 "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" "load the seccomp filter" EPERM /linux/seccomp
  nothing_left
}

@test "SE-8: a rule against a call that the library does not know is a warning, or on request an error" {
  is_peer && skip "has other words"
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["no_such_call"], action: "SCMP_ACT_ERRNO"}]}'
  attempt --log-level warning run --bundle "$BUNDLE" "$ID"
  exits 0
  is "$output" fine
  has "$stderr" "does not block" no_such_call
  config '.annotations = {"run.oci.seccomp_fail_unknown_syscall": "1"}'
  refused /linux/seccomp/syscalls no_such_call
}

@test "an init that somebody kills is told of without a guess at memory or a filter" {
  unlike "runc crun" "has other words"
  config '.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "kill -KILL $(jq .pid)"], env: ["PATH=/bin:/usr/bin"]}]}'
  attempt create --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" "init was killed by signal 9"
  lacks "$stderr" memory filter seccomp
  nothing_left
}

@test "an unprivileged caller's profile needs no more" {
  is_peer && skip "no peer does"
  local nnp root=$BATS_TEST_TMPDIR/user
  cp "$RUNTIME" "$BATS_TEST_TMPDIR/apus"
  install -d -o 65534 -g 65534 "$root"
  config 'del(.linux.cgroupsPath, .linux.resources) | .linux.namespaces |= map(select(.type != "network")) + [{type: "user"}]
    | .linux.uidMappings = $m | .linux.gidMappings = $m | (.mounts[] | select(.type == "devpts") | .options) -= ["gid=5"]
    | .process.user = {uid: 0, gid: 0} | .linux.seccomp = {defaultAction: "SCMP_ACT_KILL_PROCESS", syscalls: [{names: $own, action: "SCMP_ACT_ALLOW"}]}' \
    --argjson m '[{"containerID": 0, "hostID": 65534, "size": 1}]' --argjson own "$(words $own)"
  as_nobody() { try setpriv --reuid 65534 --regid 65534 --clear-groups env XDG_RUNTIME_DIR="$root" "$BATS_TEST_TMPDIR/apus" "$@" </dev/null; }
  for nnp in true false; do
    config '.process.noNewPrivileges = $n | .process.args = ["/bin/bare"]' --argjson n $nnp
    as_nobody run --bundle "$BUNDLE" "$ID"
    exits 0
    is "$output" fine
    args /bin/bare wait
    as_nobody run --detach --bundle "$BUNDLE" "$ID"
    exits 0
    as_nobody exec "$ID" /bin/bare
    exits 0
    is "$output" fine
    as_nobody delete --force "$ID"
    exits 0
  done
}
