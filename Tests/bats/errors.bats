load helpers

# raw TEXT: the configuration as it is, byte for byte.
raw() {
  printf '%s' "$1" >"$BUNDLE/config.json"
}

@test "JS-1 JS-2: what is no JSON is refused with its byte offset" {
  unlike "runc crun" "has other words"
  raw '{"ociVersion": "1.0.2", }'
  refused config.json 'line 1, column 23 (byte 23)' 'trailing comma'
  raw '{"ociVersion": "1.0.2"'
  refused config.json
  raw ''
  refused config.json
  raw $'{"ociVersion": "1.0.2\xff"}'
  refused config.json
  raw '[]'
  refused config.json
  raw '{"ociVersion": "1.0.2"} {}'
  refused config.json
}

@test "JS-2 T36: a duplicate key is refused wherever it is" {
  unlike "runc crun" "takes the first or the last one"
  sed -i 's/"process": *{/"process": {"user": {"uid": 1000, "gid": 1000},/' "$BUNDLE/config.json"
  refused config.json byte duplicate
}

@test "JS-3: null means absent" {
  config '.process.rlimits = null | .linux.resources = null | .hooks = null | .annotations = null | .mounts[0].options = null'
  args echo fine
  prints fine
}

@test "JS-4 VV-1: a number of the wrong kind or width is refused with its place" {
  unlike "runc crun" "takes some of them"
  local value
  for value in 1.5 1e2 -1 4294967296 99999999999999999999999 '"1"' true '{}' '[]'; do
    config '.process.user.gid = 4242'
    sed -i "s/\"gid\": *4242/\"gid\": $value/" "$BUNDLE/config.json"
    refused /process/user/gid
    config '.process.user.gid = 4242' 2>/dev/null || bundle "$BUNDLE" "$ID"
  done
}

@test "JS-5 EX-1: unknown properties, other platforms and other spellings are ignored" {
  config '.unknown = {a: [1, 2]} | .process.username = "x" |  .process.CWD = 5 | .linux.intelRdtX = 1
    | .mounts[0].extra = true | .annotations = {"org.opencontainers.unknown": "x"}'
  [ "$RUNTIME_NAME" != runc ] || config 'del(.process.CWD)'
  args echo fine
  prints fine
}

@test "VE-1 VE-2: a version is needed, of major 1" {
  unlike "runc crun" "does not look"
  local version
  for version in 1.0.2-dev 1.3.0+dev 1.99.0 1.0.0; do
    config '.ociVersion = $v' --arg v "$version"
    args true
    foreground
    exits 0
  done
  for version in 2.0.0 0.9.0 "" one 1 1.2; do
    config '.ociVersion = $v' --arg v "$version"
    refused /ociVersion
  done
  config 'del(.ociVersion)'
  refused ociVersion
}

@test "AN-1 AN-3 AN-4: annotations are strings under names, and an empty name is refused" {
  unlike "runc crun" "takes it"
  config '.annotations = {"": "x"}'
  refused /annotations
  config '.annotations = {"key": 1}'
  refused /annotations/key
}

@test "ER-2: a warning of a command that succeeds is shown, and changes nothing else" {
  unlike "runc crun" "warns of other things"
  config '.process.capabilities.bounding += ["CAP_NOSUCH"]'
  shell 'echo fine; exit 3'
  foreground
  exits 3
  is "$output" fine
  is "$stderr" "warning: /process/capabilities/bounding/$(jq '.process.capabilities.bounding | length - 1' "$BUNDLE/config.json"): \`CAP_NOSUCH\` is not a capability of this kernel"
  attempt --log-level error run --bundle "$BUNDLE" "$ID"
  exits 3
  is "$stderr" ""
  # Engines read the log of a command that failed as one record, and show the first line of stderr.
  config '.process.args = ["/no/such"]'
  refused /no/such
  attempt --log "$BATS_TEST_TMPDIR/failed" --log-format json create --bundle "$BUNDLE" "$ID"
  exits 1
  is "$(jq -r .level "$BATS_TEST_TMPDIR/failed")" error
  shell 'echo fine; exit 3'
  attempt --log "$BATS_TEST_TMPDIR/log"  --log-format json run --bundle "$BUNDLE" "$ID"
  exits 3
  is "$output" fine
  is "$stderr" ""
  is "$(jq -r .level "$BATS_TEST_TMPDIR/log")" warning
  has "$(cat "$BATS_TEST_TMPDIR/log")" CAP_NOSUCH
}

@test "T35: bombs are refused at once: depth, size, counts" {
  unlike "runc crun" "has no bounds"
  local deep
  deep=$(printf '[%.0s' {1..100000})
  raw "{\"ociVersion\": \"1.0.2\", \"x\": $deep"
  local began=${EPOCHREALTIME/./}
  refused config.json
  (((${EPOCHREALTIME/./} - began) < 10000000)) || fail "too slow"
  head -c 20000000 /dev/zero | tr '\0' ' ' >"$BUNDLE/config.json"
  refused config.json
  bundle "$BATS_TEST_TMPDIR/again" "$ID"
  cp "$BATS_TEST_TMPDIR/again/config.json" "$BUNDLE/config.json"
  config '.mounts += [range(5000) | {destination: "/x\(.)", type: "tmpfs", source: "t"}]'
  refused /mounts
  bundle "$BATS_TEST_TMPDIR/once" "$ID"
}

@test "T35: a config.json that is a fifo without a writer, a directory or endless is refused soon" {
  rm "$BUNDLE/config.json"
  mkfifo "$BUNDLE/config.json"
  unlike "runc crun" "waits"
  refused config.json
  rm "$BUNDLE/config.json"
  mkdir "$BUNDLE/config.json"
  refused config.json
  rmdir "$BUNDLE/config.json"
  ln -s /dev/zero "$BUNDLE/config.json"
  refused config.json
}

@test "T20: a text that is too long for the kernel is refused by name, and is not repeated" {
  unlike "runc crun" "repeats it, or lets the kernel say so"
  local field
  for field in '.process.cwd = "/" + $t' '.process.args = ["true", $t]' '.process.env += ["X=" + $t]' '.hostname = $t' \
    '.linux.namespaces[0].path = "/" + $t' '.root.path = $t' '.mounts[0].destination = "/" + $t' '.process.args[0] = $t'; do
    jq "(\"x\" * 140000) as \$t | $field" "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/long"
    cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/kept"
    cp "$BATS_TEST_TMPDIR/long" "$BUNDLE/config.json"
    refused /
    [ "${#stderr}" -lt 1000 ] || fail "the message has ${#stderr} bytes"
    cp "$BATS_TEST_TMPDIR/kept" "$BUNDLE/config.json"
  done
}

@test "T20 MT-8: a NUL byte in a text is refused with its place" {
  unlike "runc crun" "cuts the text there"
  local place
  for place in process/cwd hostname root/path; do
    jq ".${place//\//.} = \"a\\u0000b\"" "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/nul"
    cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/kept"
    cp "$BATS_TEST_TMPDIR/nul" "$BUNDLE/config.json"
    refused config.json byte NUL
    cp "$BATS_TEST_TMPDIR/kept" "$BUNDLE/config.json"
  done
}

@test "T56: a message escapes what a terminal would act on" {
  unlike "runc crun" "prints it"
  config '.process.rlimits = [{type: "RLIMIT_\u001b[31m\nred", soft: 1, hard: 1}]'
  refused /process/rlimits/0/type
  lacks "$stderr" $'\x1b'
}

@test "OP-5 EN-7: errors of the configuration name their place and nothing that an engine would misread" {
  unlike "runc crun" "has other words"
  local filter place
  while IFS='|' read -r place filter; do
    cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/kept"
    config "$filter"
    refused "config.json $place"
    no_phrase
    cp "$BATS_TEST_TMPDIR/kept" "$BUNDLE/config.json"
  done <<'END'
/linux/namespaces/0/type|.linux.namespaces[0].type = "nosuch"
/process/cwd|.process.cwd = "tmp"
/process/args|.process.args = []
/process/rlimits/0/type|.process.rlimits[0].type = "NOSUCH"
/mounts/0/destination|del(.mounts[0].destination)
/linux/seccomp/defaultAction|.linux.seccomp = {defaultAction: "NOSUCH"}
/linux/rootfsPropagation|.linux.rootfsPropagation = "nosuch"
/linux/sysctl/vm.swappiness|.linux.sysctl = {"vm.swappiness": "1"}
/hooks/prestart/0/path|.hooks.prestart = [{path: "relative"}]
/linux/devices/0/type|.linux.devices = [{type: "x", path: "/dev/x"}]
END
}

@test "OP-5 EN-7: errors of the host name the step, its subject, the call, and mislead no engine" {
  unlike "runc crun" "has other words"
  config '.mounts += [{destination: "/mnt", type: "tmpfs", source: "t", options: ["size=nonsense"]}]'
  refused '`/mnt`' 'tmpfs' EINVAL
  no_phrase
  config 'del(.mounts[-1]) | .linux.namespaces[0].path = "/no/such/namespace"'
  refused /no/such/namespace
  no_phrase
  config 'del(.linux.namespaces[0].path) | .mounts += [{destination: "/mnt", source: "/no/such/source", options: ["bind"]}]'
  refused /no/such/source
  no_phrase
}

@test "RD-1: without a resctrl filesystem intelRdt is refused, whatever lies in its place" {
  unlike "runc crun" "has other words"
  [ "$(stat -fc %t /sys/fs/resctrl 2>/dev/null)" != 7655821 ] || skip "this machine has resctrl"
  config '.linux.intelRdt = {}'
  refused "/linux/intelRdt" "no resctrl filesystem is mounted on /sys/fs/resctrl"
  no_phrase
}

@test "OP-1: a program that cannot be found is not confused with a bundle that cannot" {
  unlike "runc crun" "has other words"
  attempt create --bundle /no/such/bundle "$ID"
  exits 1
  no_phrase
}

@test "a program that could not be looked up is not called absent" {
  unlike "runc crun" "has other words"
  command -v strace >/dev/null || skip "strace is not installed"
  local name error
  # By its path, and in PATH.
  for name in /bin/sleep sleep; do
    args "$name" 100
    for error in EMFILE ENFILE ENOMEM EIO; do
      try strace -f -qq -o /dev/null -P /bin/sleep -e trace=openat,open -e "inject=openat,open:error=$error" \
        "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
      exits 1
      has "$stderr" "exec: \"$name\"" "($error)"
      no_phrase
      nothing_left
    done
  done
}

@test "a command without a descriptor more is told to have more, not another state root" {
  unlike "runc crun" "have other words"
  local limit command seen=0
  for command in "state $ID" "start $ID" "create --bundle $BUNDLE $ID"; do
    for limit in {4..9}; do
      try prlimit --nofile="$limit:$limit" "$RUNTIME" --root "$ROOT" $command </dev/null
      [ "$status" -ne 0 ] || fail "$command with $limit"
      lacks "$stderr" "--root a directory" || return
      [[ $stderr != *"(EMFILE)"*"ulimit -n"* ]] || seen=$((seen + 1))
    done
  done
  [ "$seen" -gt 0 ]
}

@test "too few descriptors for the look at the program are told as that" {
  unlike "runc crun" "has other words"
  config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 3, hard: 3}]'
  args /bin/sleep 100
  foreground
  exits 1
  has "$stderr" EMFILE RLIMIT_NOFILE
  no_phrase
}

@test "an id that cannot be one is refused with what an id consists of" {
  unlike "runc crun" "has other words"
  local id
  for id in "a b" "a:b" "$(printf 'x%.0s' {1..300})"; do
    attempt create --bundle "$BUNDLE" "$id"
    exits 1
    has "$stderr" "invalid container ID format" "letters, digits" "at most 255"
  done
}
