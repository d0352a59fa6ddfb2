load helpers

@test "plan: prints the steps in their order with their places, and makes nothing" {
  rmdir "$ROOT"
  attempt plan --bundle "$BUNDLE"
  [ "$status" = 0 ]
  [[ $output == *$'\n1. '*"mount the root filesystem [/root/path]"*"mount \`proc\` on \`/proc\`"*"switch to the new root"*"find the program "*"execute the program"* ]]
  [ ! -e "$ROOT" ]
  [ ! -e "$CGROUP" ]
  mkdir -m 700 "$ROOT"
}

@test "plan: as JSON each step is an object with its pointer" {
  attempt plan --bundle "$BUNDLE" --format json
  [ "$status" = 0 ]
  is "$(jq -r '[.steps[] | select(.pointer == "/mounts/0")] | length' <<<"$output")" 1
  [ "$(jq '.steps | length' <<<"$output")" -gt 30 ]
}

@test "plan: shows the host's steps among init's, in order of time, and what each of them is for" {
  attempt plan --bundle "$BUNDLE" --format json
  is "$(jq -r '[.steps[] | select(.by == "host") | .effect] | unique | join(" ")' <<<"$output")" "looks makes"
  is "$(jq -r '[.steps[] | select(.by == "host" and .why == null)] | length' <<<"$output")" 0
  # Nothing is made before the last look.
  is "$(jq -r '[.steps[] | .effect] | index("makes") as $first | .[$first:] | index("looks")' <<<"$output")" null
  is "$(jq -r '[.steps[].step] | index("record init") > index("switch to the new root")' <<<"$output")" true
  is "$(jq -r '.steps[-1].step | startswith("execute the program")' <<<"$output")" true
}

@test "plan: a configuration that cannot be planned is refused with its place" {
  config '.hostname = 5'
  attempt plan --bundle "$BUNDLE"
  [ "$status" = 1 ]
  [[ $stderr == *'/hostname: expected a string, found a number'* ]]
}

@test "plan: the difference of two bundles is what differs, and the exit status says whether anything does" {
  cp -r "$BUNDLE" "$BATS_TEST_TMPDIR/other"
  local base=$BUNDLE
  attempt plan --diff "$base" "$BATS_TEST_TMPDIR/other"
  [ "$status" = 1 ]
  # The root itself lies elsewhere, and so is what is opened.
  is "$(wc -l <<<"$output")" 4
  BUNDLE=$BATS_TEST_TMPDIR/other config '.root.path = $r' --arg r "$base/rootfs"
  attempt plan --diff "$base" "$BATS_TEST_TMPDIR/other"
  [ "$status" = 0 ]
  is "$output" ""
  BUNDLE=$BATS_TEST_TMPDIR/other config '.hostname = "other"'
  attempt plan --diff "$base" "$BATS_TEST_TMPDIR/other"
  [ "$status" = 1 ]
  is "$(wc -l <<<"$output")" 2
  [[ $output == '- set hostname'*$'\n+ set hostname'*'`other`'* ]]
}

@test "plan: a comparison that fails is told apart from one that finds a difference" {
  attempt plan --diff "$BUNDLE" "$BATS_TEST_TMPDIR/nothing"
  [ "$status" = 2 ]
  attempt plan --diff "$BUNDLE"
  [ "$status" = 2 ]
}
