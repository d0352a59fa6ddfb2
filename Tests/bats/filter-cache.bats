load helpers

# A section that was read and compiled before is not read again. Nobody may notice but by the clock.

local_setup() {
  is_peer && skip "about the files of apus"
  # Only of a longer text the section is looked for.
  config '.annotations.pad = "x" * 4096'
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO", errnoRet: 5}]}'
  shell 'grep NoNewPrivs /proc/self/status; probe call getsid'
}

profile() {
  config ".linux.seccomp = $1"
}

entries() {
  find "$ROOT/.seccomp" -type f -printf '%f %i %T@\n' | sort
}

# twice COMMAND…: with an empty cache and with a full one, to the same end.
twice() {
  local first
  rm -rf "$ROOT/.seccomp"
  "$@"
  first="$status $output $stderr"
  "$@"
  is "$status $output $stderr" "$first"
}

@test "a profile that was met before filters as it did, whatever else the configuration says" {
  prints $'NoNewPrivs:\t1\ngetsid: Input/output error'
  local before
  before=$(entries)
  [ "$(wc -l <<<"$before")" -eq 1 ]
  prints $'NoNewPrivs:\t1\ngetsid: Input/output error'
  config '.process.noNewPrivileges = false | .hostname = "other"'
  prints $'NoNewPrivs:\t0\ngetsid: Input/output error'
  is "$(entries)" "$before"
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO", errnoRet: 6}]}'
  prints $'NoNewPrivs:\t0\ngetsid: No such device or address'
}

@test "exec joins under the filter of a profile that was met before, or was not" {
  args sleep 100
  launch
  attempt exec "$ID" probe call getsid
  is "$output" "getsid: Input/output error"
  rm "$ROOT/.seccomp"/*
  attempt exec "$ID" probe call getsid
  is "$output" "getsid: Input/output error"
  is "$(entries | wc -l)" 1
}

@test "what is to be said of a profile is said each time" {
  profile '{defaultAction: "SCMP_ACT_LOG", syscalls: [{names: ["no_such_call", "getsid"], action: "SCMP_ACT_ERRNO"},
    {names: ["no_other_call"], action: "SCMP_ACT_ALLOW"}]}'
  twice foreground
  has "$stderr" "does not block them: no_such_call"
  lacks "$stderr" no_other_call
  twice attempt --log-level debug run --bundle "$BUNDLE" "$ID"
  has "$stderr" "as strict without them: no_other_call"
  config '.annotations["run.oci.seccomp_fail_unknown_syscall"] = "1"'
  twice foreground
  has "$stderr" "libseccomp does not know no_such_call, no_other_call"

  profile '{defaultAction: "SCMP_ACT_ALLOW", defaultAktion: "SCMP_ACT_KILL", syscalls: []}'
  twice foreground
  has "$stderr" "/linux/seccomp/defaultAktion: unknown member"

  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["execve"], action: "SCMP_ACT_ERRNO"}]}'
  twice foreground
  has "$stderr" "seccomp rule 0 answers execve with EPERM"
}

@test "a profile that was met before hides nothing that is wrong with the rest" {
  local text change
  foreground
  exits 0
  text=$(<"$BUNDLE/config.json")
  for change in 's/^}$/}}/' 's/"seccomp": {/"secc\\u006fmp": {}, &/' 's/"seccomp": {/"seccomp": {}, &/' \
    's/"ociVersion": "/&x/' 's/"x/"\x01x/' 's/"linux": {/&,/' '1s/^/\x0b/' '$d' 's/"terminal": false/"terminal": 0/'; do
    sed -e "$change" <<<"$text" >"$BUNDLE/config.json"
    ! cmp -s "$BUNDLE/config.json" <(cat <<<"$text") || fail "not changed: $change"
    # As far as the id of the container, the only difference.
    twice foreground
    exits 1
  done
}

@test "a profile that was met before is none at another place" {
  foreground
  exits 0
  # The text of the section stands there twice, and does not count at either.
  config '.other = {seccomp: .linux.seccomp} | .linux.other = {seccomp: .linux.seccomp} | .linux.seccomp.syscalls[0].errnoRet = 6'
  foreground
  has "$output" "getsid: No such device or address"
  has "$stderr" "/other: unknown member" "/linux/other: unknown member"
  config 'del(.linux.seccomp) | .linux = {other, maskedPaths} + .linux'
  foreground
  has "$output" "getsid = "
}

@test "a rule that refuses is named also for a profile that was met before" {
  foreground
  exits 0
  foreground --explain-denials
  has "$stderr" getsid /linux/seccomp/syscalls/0
  attempt plan --bundle "$BUNDLE"
  has "$output" "filter SCMP_ACT_ERRNO(5) getsid"
}

@test "an entry that is cut, changed, open to others or a link is made anew" {
  local entry want=$'NoNewPrivs:\t1\ngetsid: Input/output error' at
  foreground
  entry=$(echo "$ROOT"/.seccomp/*)
  cp "$entry" "$OUT"
  for at in 0 14 15 60 100 200 $(($(stat -c %s "$entry") - 30)) $(($(stat -c %s "$entry") - 1)); do
    # shellcheck disable=SC2059
    printf "\\x$(printf %02x $((0x$(xxd -s "$at" -l 1 -p "$OUT") ^ 4)))" | dd of="$entry" bs=1 seek="$at" conv=notrunc status=none
    fails cmp -s "$entry" "$OUT"
    prints "$want"
    cmp "$entry" "$OUT"
  done
  truncate -s -1 "$entry"
  prints "$want"
  cmp "$entry" "$OUT"
  echo >>"$entry"
  prints "$want"
  cmp "$entry" "$OUT"
  chmod 666 "$entry"
  prints "$want"
  is "$(stat -c %a "$entry")" 600
  ln -sf "$OUT" "$entry"
  prints "$want"
  [ ! -L "$entry" ]
}

@test "what a filter did is told with its place, of a profile that was met before too" {
  local action call
  for call in "SCMP_ACT_KILL write" "SCMP_ACT_TRAP write" "SCMP_ACT_TRACE execve"; do
    action=${call% *}
    profile "{defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"getsid\"], action: \"SCMP_ACT_ERRNO\"}, {names: [\"${call#* }\"], action: \"$action\"}]}"
    args echo fine
    place() {
      attempt run --bundle "$BUNDLE" "$ID"
      output= stderr=$(grep -o '\[/linux/seccomp[^]]*' <<<"$stderr")
      is "$stderr" '[/linux/seccomp/syscalls/1'
    }
    twice place
  done
}
